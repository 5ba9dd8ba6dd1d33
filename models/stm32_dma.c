/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * DMA controller of the STM32L4/L0 (RM0351 chapter 11), CSELR included.
 *
 * Modelled: seven channels, requests as levels, arbitration by PL then by number, both directions, increments,
 * widths that differ, half, complete and error flags with their interrupts, circular reload, memory to memory,
 * EN cleared by a bus error and held off until TEIF is cleared, registers frozen while EN = 1.
 *
 * Time: a transfer takes TRANSFER_CYCLES of HCLK after the request. Memory-to-memory transfers are carried out in
 * batches that end where a flag is due; a register access or a request brings them up to date first, so that CNDTR and
 * flags are exact, while memory may be up to a batch behind.
 *
 * Not modelled, silently: bus cycles that a transfer takes from the core, replication of bytes on APB writes.
 */
#include "stm32_dma.h"

#include "model.h"

#define DMA_ISR         0x00u
#define DMA_IFCR        0x04u
#define DMA_CHANNEL1    0x08u
#define DMA_CHANNEL_GAP 0x14u
#define DMA_CSELR       0xa8u
#define DMA_WORDS       43u

/* Words of a channel from DMA_CHANNEL1 on. */
enum channel_register {
    DMA_CCR,
    DMA_CNDTR,
    DMA_CPAR,
    DMA_CMAR,
    DMA_NO_REGISTER,
};

#define DMA_CCR_EN      0x00000001u
#define DMA_CCR_TCIE    0x00000002u
#define DMA_CCR_HTIE    0x00000004u
#define DMA_CCR_TEIE    0x00000008u
#define DMA_CCR_DIR     0x00000010u
#define DMA_CCR_CIRC    0x00000020u
#define DMA_CCR_PINC    0x00000040u
#define DMA_CCR_MINC    0x00000080u
#define DMA_CCR_MEM2MEM 0x00004000u
/* RM0351 11.6.3: read-only while EN = 1 (the interrupt enables and CIRC are not). */
#define DMA_CCR_FROZEN 0x00007fd0u

/* ISR and IFCR: four bits a channel; TCIE, HTIE and TEIE sit where these do (RM0351 11.6.1). */
#define DMA_FLAG_G  0x1u
#define DMA_FLAG_TC 0x2u
#define DMA_FLAG_HT 0x4u
#define DMA_FLAG_TE 0x8u
#define DMA_FLAGS   0xeu

/* Request, arbitration, read and write; no figure is published for every pair of slaves: AN2548 counts about as many.
 */
#define TRANSFER_CYCLES 5u
#define BATCH           256u
#define NO_CHANNEL      STM32_DMA_CHANNELS

#define CHANNEL_REGS(n, offset)                                                                                        \
    {(offset), "CCR" #n, 0, 0x00007fffu, 0, 0, 0}, {(offset) + 4u, "CNDTR" #n, 0, 0x0000ffffu, 0, 0, 0},               \
        {(offset) + 8u, "CPAR" #n, 0, 0xffffffffu, 0, 0, 0},                                                           \
    {                                                                                                                  \
        (offset) + 12u, "CMAR" #n, 0, 0xffffffffu, 0, 0, 0                                                             \
    }

/* RM0351 11.6 */
static const struct reg_desc dma_regs[] = {
    {DMA_ISR, "ISR", 0, 0, 0, 0, 0x0fffffffu},
    {DMA_IFCR, "IFCR", 0, 0, 0, 0, 0},
    CHANNEL_REGS(1, 0x08u),
    CHANNEL_REGS(2, 0x1cu),
    CHANNEL_REGS(3, 0x30u),
    CHANNEL_REGS(4, 0x44u),
    CHANNEL_REGS(5, 0x58u),
    CHANNEL_REGS(6, 0x6cu),
    CHANNEL_REGS(7, 0x80u),
    {DMA_CSELR, "CSELR", 0, 0x0fffffffu, 0, 0, 0},
};

#define REQUESTS(c) c "s0", c "s1", c "s2", c "s3", c "s4", c "s5", c "s6", c "s7"
static const char *const dma_inputs[] = {"clk",          "rst",          REQUESTS("c1"), REQUESTS("c2"), REQUESTS("c3"),
                                         REQUESTS("c4"), REQUESTS("c5"), REQUESTS("c6"), REQUESTS("c7"), NULL};
#define LEFT(c) c "s0_left", c "s1_left", c "s2_left", c "s3_left", c "s4_left", c "s5_left", c "s6_left", c "s7_left"
static const char *const dma_outputs[] = {"irq1",     "irq2",     "irq3",     "irq4",     "irq5",     "irq6",
                                          "irq7",     "done1",    "done2",    "done3",    "done4",    "done5",
                                          "done6",    "done7",    LEFT("c1"), LEFT("c2"), LEFT("c3"), LEFT("c4"),
                                          LEFT("c5"), LEFT("c6"), LEFT("c7"), NULL};

enum dma_input {
    DMA_IN_CLK,
    DMA_IN_RST,
    DMA_IN_REQUESTS, /* eight a channel */
};

/* Outputs irqN: interrupts; doneN: a pulse after the last transfer of a channel that does not circulate. */
#define DMA_OUT_DONE 7u
#define DMA_OUT_LEFT 14u /* cNsM_left: eight a channel, enum dma_left */

enum dma_event {
    DMA_EVENT_TRANSFER,
    DMA_EVENT_COUNT,
};

struct dma_state {
    uint64_t since_ps;                     /* the transfer or batch under way began then */
    uint64_t risen_ps[STM32_DMA_CHANNELS]; /* its request rose last */
    uint32_t word[DMA_WORDS];              /* CPAR and CMAR as written */
    uint32_t peripheral_at[STM32_DMA_CHANNELS], memory_at[STM32_DMA_CHANNELS]; /* of the next transfer */
    uint32_t reload[STM32_DMA_CHANNELS];                                       /* CNDTR as written */
    uint32_t hclk_hz;                                                          /* while what is under way began */
    uint32_t active;  /* channel of the transfer or batch under way, plus 1; 0: none */
    uint32_t batch;   /* transfers in it */
    uint32_t moving;  /* 1: inside a transfer, requests wait for its end */
    uint32_t latched; /* for each channel: a pulse of its request waits; timers give no level */
};
_Static_assert(sizeof(struct dma_state) == 8 + 56 + 43 * 4 + 3 * 28 + 5 * 4 + 4, "state of a DMA controller");

static uint32_t *channel_word(struct dma_state *s, uint32_t channel, enum channel_register reg)
{
    return &s->word[(DMA_CHANNEL1 + channel * DMA_CHANNEL_GAP) / 4u + (uint32_t)reg];
}

/** Which register of which channel an offset is. */
static enum channel_register find_channel(uint32_t offset, uint32_t *channel)
{
    if (offset < DMA_CHANNEL1 || offset >= DMA_CSELR)
        return DMA_NO_REGISTER;
    *channel = (offset - DMA_CHANNEL1) / DMA_CHANNEL_GAP;
    return (enum channel_register)((offset - DMA_CHANNEL1) % DMA_CHANNEL_GAP / 4u);
}

static uint32_t selection(const struct dma_state *s, uint32_t channel)
{
    return bits(s->word[DMA_CSELR / 4u], 4u * channel, 4u * channel + 3u);
}

/* --- flags --------------------------------------------------------------------------------- */
static uint32_t flags_of(const struct dma_state *s, uint32_t channel)
{
    return s->word[DMA_ISR / 4u] >> (4u * channel) & DMA_FLAGS;
}

static void update_irq(struct device *dev, uint32_t channel)
{
    struct dma_state *s = dev->state;
    uint32_t enabled = *channel_word(s, channel, DMA_CCR) & (DMA_CCR_TCIE | DMA_CCR_HTIE | DMA_CCR_TEIE);
    dev_output(dev, channel, (flags_of(s, channel) & enabled) != 0);
}

static void raise(struct device *dev, uint32_t channel, uint32_t flags)
{
    struct dma_state *s = dev->state;
    s->word[DMA_ISR / 4u] |= flags << (4u * channel);
    update_irq(dev, channel);
}

/** RM0351 11.6.2: CTCIF, CHTIF and CTEIF clear one flag each, CGIF all of the channel. */
static void write_ifcr(struct device *dev, uint32_t value)
{
    struct dma_state *s = dev->state;

    for (uint32_t channel = 0; channel < STM32_DMA_CHANNELS; channel++) {
        uint32_t cleared = value >> (4u * channel) & 0xfu;
        if (cleared == 0)
            continue;
        if ((cleared & DMA_FLAG_G) != 0)
            cleared = DMA_FLAGS;
        s->word[DMA_ISR / 4u] &= ~(cleared << (4u * channel));
        update_irq(dev, channel);
    }
}

static uint32_t read_isr(const struct dma_state *s)
{
    uint32_t isr = s->word[DMA_ISR / 4u];
    for (uint32_t channel = 0; channel < STM32_DMA_CHANNELS; channel++)
        if (flags_of(s, channel) != 0)
            isr |= DMA_FLAG_G << (4u * channel);
    return isr;
}

/* --- transfers ----------------------------------------------------------------------------- */
/** The private bus and the bit-band aliases (ARM DDI 0403E B3.1): another master finds nothing there. */
static bool is_inside_core(uint32_t address)
{
    uint32_t alias = address & 0xfe000000u;
    return address >= 0xe0000000u || alias == 0x22000000u || alias == 0x42000000u;
}

/** RM0351 table 43: the low part of a wider source, zeros above a narrower one; addresses lose what is below the width.
 * False: bus error. */
static bool copy_item(struct device *dev, uint32_t from, uint32_t from_size, uint32_t to, uint32_t to_size)
{
    if (is_inside_core(from) || is_inside_core(to))
        return false;
    uint32_t value;
    if (!dev_bus_read(dev, from & ~(from_size - 1u), from_size, &value))
        return false;
    if (to_size < 4u)
        value &= (1u << (8u * to_size)) - 1u;
    return dev_bus_write(dev, to & ~(to_size - 1u), to_size, value);
}

/** Tells the peripheral whose request the channel serves how much is left; `on`: the channel is. */
static void tell_left(struct device *dev, uint32_t channel, bool on)
{
    struct dma_state *s = dev->state;
    uint32_t left = *channel_word(s, channel, DMA_CNDTR);
    enum dma_left code = !on || left > 1u ? DMA_LEFT_MORE : left == 1u ? DMA_LEFT_ONE : DMA_LEFT_NONE;

    if (selection(s, channel) < 8u)
        dev_output(dev, DMA_OUT_LEFT + 8u * channel + selection(s, channel), code);
}

/** One item. False: the channel stopped. */
static bool transfer(struct device *dev, uint32_t channel)
{
    struct dma_state *s = dev->state;
    uint32_t *ccr = channel_word(s, channel, DMA_CCR);
    uint32_t *cndtr = channel_word(s, channel, DMA_CNDTR);
    /* Width code 3 is reserved; taken as words. */
    uint32_t psize = bits(*ccr, 8, 9) < 2u ? 1u << bits(*ccr, 8, 9) : 4u;
    uint32_t msize = bits(*ccr, 10, 11) < 2u ? 1u << bits(*ccr, 10, 11) : 4u;
    uint32_t p = s->peripheral_at[channel];
    uint32_t m = s->memory_at[channel];

    bool done = (*ccr & DMA_CCR_DIR) != 0 ? copy_item(dev, m, msize, p, psize) : copy_item(dev, p, psize, m, msize);
    if (!done) {
        /* RM0351 11.4.5: the hardware clears EN */
        *ccr &= ~DMA_CCR_EN;
        raise(dev, channel, DMA_FLAG_TE);
        return false;
    }
    if ((*ccr & DMA_CCR_PINC) != 0)
        s->peripheral_at[channel] += psize;
    if ((*ccr & DMA_CCR_MINC) != 0)
        s->memory_at[channel] += msize;
    *cndtr -= 1u;
    uint32_t flags = *cndtr == s->reload[channel] / 2u ? DMA_FLAG_HT : 0;
    if (*cndtr == 0) {
        flags |= DMA_FLAG_TC;
        if ((*ccr & DMA_CCR_CIRC) != 0) {
            *cndtr = s->reload[channel];
            s->peripheral_at[channel] = *channel_word(s, channel, DMA_CPAR);
            s->memory_at[channel] = *channel_word(s, channel, DMA_CMAR);
        }
    }
    if (flags != 0)
        raise(dev, channel, flags);
    if (*cndtr == 0)
        dev_pulse(dev, DMA_OUT_DONE + channel, 1);
    if (*cndtr <= 1u || flags != 0)
        tell_left(dev, channel, true);
    return *cndtr != 0;
}

static bool is_ready(const struct device *dev, uint32_t channel)
{
    struct dma_state *s = dev->state;
    uint32_t ccr = *channel_word(s, channel, DMA_CCR);

    if ((ccr & DMA_CCR_EN) == 0 || *channel_word(s, channel, DMA_CNDTR) == 0)
        return false;
    if ((ccr & DMA_CCR_MEM2MEM) != 0)
        return true;
    uint32_t select = selection(s, channel);
    if (s->latched >> channel & 1u)
        return true;
    return select < 8u && dev_input(dev, DMA_IN_REQUESTS + 8u * channel + select) != 0;
}

/** RM0351 11.4.4: the highest PL, then the lowest number. */
static uint32_t arbitrate(const struct device *dev)
{
    struct dma_state *s = dev->state;
    uint32_t best = NO_CHANNEL, best_priority = 0;

    for (uint32_t channel = 0; channel < STM32_DMA_CHANNELS; channel++) {
        uint32_t priority = bits(*channel_word(s, channel, DMA_CCR), 12, 13);
        if (is_ready(dev, channel) && (best == NO_CHANNEL || priority > best_priority)) {
            best = channel;
            best_priority = priority;
        }
    }
    return best;
}

static uint64_t transfers_ps(const struct dma_state *s, uint64_t count)
{
    return mul_div_ceil(count * TRANSFER_CYCLES, PS_PER_S, s->hclk_hz);
}

/** Items until the next flag, at most BATCH: software is told of nothing in between. */
static uint32_t batch_of(struct dma_state *s, uint32_t channel)
{
    uint32_t left = *channel_word(s, channel, DMA_CNDTR);
    uint32_t half = s->reload[channel] / 2u;

    if ((*channel_word(s, channel, DMA_CCR) & DMA_CCR_MEM2MEM) == 0)
        return 1;
    if (left > half)
        left -= half;
    return left < BATCH ? left : BATCH;
}

/** Lets the best channel begin, if nothing is under way. */
static void begin(struct device *dev)
{
    struct dma_state *s = dev->state;

    if (s->moving != 0 || s->active != 0)
        return;
    s->hclk_hz = (uint32_t)dev_input(dev, DMA_IN_CLK);
    uint32_t channel = s->hclk_hz != 0 ? arbitrate(dev) : NO_CHANNEL;
    if (channel == NO_CHANNEL)
        return;
    s->latched &= ~(1u << channel);
    s->active = channel + 1u;
    s->batch = batch_of(s, channel);
    s->since_ps = dev_now_ps(dev);
    dev_event_after(dev, DMA_EVENT_TRANSFER, transfers_ps(s, s->batch));
}

/** Carries out what was under way, as far as it got by now. */
static void catch_up(struct device *dev)
{
    struct dma_state *s = dev->state;
    uint32_t channel = s->active - 1u;

    if (s->moving != 0 || s->active == 0)
        return;
    uint64_t cycles = mul_div_floor(dev_now_ps(dev) - s->since_ps, s->hclk_hz, PS_PER_S);
    uint64_t count = dev_event_due(dev, DMA_EVENT_TRANSFER) == TIME_NEVER ? s->batch : cycles / TRANSFER_CYCLES;
    if (count > s->batch)
        count = s->batch;
    s->moving = 1;
    bool running = true;
    for (uint64_t i = 0; i < count && running; i++)
        running = transfer(dev, channel);
    s->moving = 0;
    s->batch -= (uint32_t)count;
    s->since_ps += transfers_ps(s, count);
    if (s->batch == 0 || !running) {
        dev_event_cancel(dev, DMA_EVENT_TRANSFER);
        s->active = 0;
    }
}

/** A batch gives way after the item under way to whoever is more urgent. */
static void reconsider(struct device *dev)
{
    struct dma_state *s = dev->state;

    if (s->moving != 0)
        return;
    if (s->active != 0 && s->batch > 1u && arbitrate(dev) + 1u != s->active) {
        s->batch = 1;
        dev_event_at(dev, DMA_EVENT_TRANSFER, s->since_ps + transfers_ps(s, 1));
    }
    begin(dev);
}

/* --- registers ----------------------------------------------------------------------------- */
static void drop_active(struct device *dev, uint32_t channel)
{
    struct dma_state *s = dev->state;

    s->latched &= ~(1u << channel);
    if (s->active != channel + 1u)
        return;
    dev_event_cancel(dev, DMA_EVENT_TRANSFER);
    s->active = 0;
}

static void enable_channel(struct device *dev, uint32_t channel, uint32_t ccr)
{
    struct dma_state *s = dev->state;
    const struct stm32_dma_params *params = dev->params;
    uint32_t select = selection(s, channel);

    /* The transfer starts from the addresses programmed, whatever an earlier one left. */
    s->peripheral_at[channel] = *channel_word(s, channel, DMA_CPAR);
    s->memory_at[channel] = *channel_word(s, channel, DMA_CMAR);
    if ((ccr & (DMA_CCR_MEM2MEM | DMA_CCR_CIRC)) == (DMA_CCR_MEM2MEM | DMA_CCR_CIRC))
        dev_guest_error(dev, DMA_CHANNEL1, "DMA_CCR: MEM2MEM together with CIRC");
    if (bits(ccr, 8, 9) == 3u || bits(ccr, 10, 11) == 3u)
        dev_guest_error(dev, DMA_CHANNEL1, "DMA_CCR: reserved width in PSIZE or MSIZE");
    if ((ccr & DMA_CCR_MEM2MEM) == 0 && (select >= 8u || (params->requests[channel] & (1u << select)) == 0))
        dev_guest_error(dev, DMA_CSELR, "DMA channel enabled with a CSELR value that has no request");
    if (*channel_word(s, channel, DMA_CNDTR) == 0)
        dev_guest_error(dev, DMA_CHANNEL1, "DMA channel enabled with CNDTR = 0: nothing will move");
    else
        tell_left(dev, channel, true);
}

static void write_ccr(struct device *dev, uint32_t channel, uint32_t new)
{
    struct dma_state *s = dev->state;
    uint32_t *ccr = channel_word(s, channel, DMA_CCR);
    uint32_t old = *ccr;

    if ((old & DMA_CCR_EN) != 0 && ((old ^ new) & DMA_CCR_FROZEN) != 0) {
        if ((new &DMA_CCR_EN) != 0)
            dev_guest_error(dev, DMA_CHANNEL1 + channel * DMA_CHANNEL_GAP, "DMA_CCR changed while EN is 1");
        new = (new & ~DMA_CCR_FROZEN) | (old & DMA_CCR_FROZEN);
    }
    if ((new &DMA_CCR_EN) != 0 && (flags_of(s, channel) & DMA_FLAG_TE) != 0)
        new &= ~DMA_CCR_EN; /* RM0351 11.6.3: not while TEIF is set */
    *ccr = new;
    if ((new & ~old &DMA_CCR_EN) != 0)
        enable_channel(dev, channel, new);
    if ((old & ~new &DMA_CCR_EN) != 0) {
        drop_active(dev, channel);
        tell_left(dev, channel, false);
    }
    update_irq(dev, channel);
}

static void write_channel(struct device *dev, uint32_t channel, enum channel_register reg, uint32_t new)
{
    struct dma_state *s = dev->state;

    if (reg == DMA_CCR) {
        write_ccr(dev, channel, new);
        return;
    }
    if ((*channel_word(s, channel, DMA_CCR) & DMA_CCR_EN) != 0) {
        dev_guest_error(dev, DMA_CHANNEL1 + channel * DMA_CHANNEL_GAP + 4u * (uint32_t)reg,
                        "DMA_CNDTR, CPAR or CMAR written while EN is 1");
        return;
    }
    *channel_word(s, channel, reg) = new;
    if (reg == DMA_CNDTR)
        s->reload[channel] = new;
}

static uint32_t dma_read(struct device *dev, uint32_t offset, unsigned size)
{
    struct dma_state *s = dev->state;

    if (model_register(dev, offset) == NULL)
        return 0;
    catch_up(dev);
    begin(dev);
    uint32_t word = (offset & ~3u) == DMA_ISR ? read_isr(s) : s->word[offset / 4u];
    return reg_lane_read(word, offset, size);
}

static void dma_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct dma_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);
    uint32_t channel = 0;

    if (reg == NULL)
        return;
    catch_up(dev);
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t new = reg_written(reg, s->word[offset / 4u], word, reg_lane_mask(offset, size));
    enum channel_register kind = find_channel(reg->offset, &channel);
    if (kind != DMA_NO_REGISTER)
        write_channel(dev, channel, kind, new);
    else if (reg->offset == DMA_IFCR)
        write_ifcr(dev, word);
    else if (reg->offset == DMA_CSELR)
        s->word[DMA_CSELR / 4u] = new;
    reconsider(dev);
}

static void dma_reset(struct device *dev, enum reset_kind kind)
{
    struct dma_state *s = dev->state;
    (void)kind;

    dev_event_cancel(dev, DMA_EVENT_TRANSFER);
    for (uint32_t channel = 0; channel < STM32_DMA_CHANNELS; channel++)
        tell_left(dev, channel, false);
    model_reset_words(dev, s->word);
    s->active = 0;
    s->moving = 0;
    s->latched = 0;
    for (uint32_t channel = 0; channel < STM32_DMA_CHANNELS; channel++) {
        s->reload[channel] = 0;
        update_irq(dev, channel);
    }
}

/** A request that falls at the moment it rises is a pulse: it waits for its transfer. One that falls later was
 * withdrawn. */
static void latch(struct device *dev, uint32_t request, bool rises)
{
    struct dma_state *s = dev->state;
    uint32_t channel = request / 8u;

    if (request % 8u != selection(s, channel) || (*channel_word(s, channel, DMA_CCR) & DMA_CCR_EN) == 0)
        return;
    if (rises) {
        s->latched |= 1u << channel;
        s->risen_ps[channel] = dev_now_ps(dev);
    } else if (dev_now_ps(dev) != s->risen_ps[channel]) {
        s->latched &= ~(1u << channel);
    }
}

static void dma_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    struct dma_state *s = dev->state;

    if (input == DMA_IN_CLK) {
        /* What is under way goes on from here at the new frequency; without a clock it waits. */
        catch_up(dev);
        if (s->moving == 0 && s->active != 0)
            drop_active(dev, s->active - 1u);
        begin(dev);
    } else if (input >= DMA_IN_REQUESTS) {
        latch(dev, input - DMA_IN_REQUESTS, value != 0);
        if (value == 0)
            return;
        catch_up(dev);
        reconsider(dev);
    }
}

static void dma_on_event(struct device *dev, uint32_t event)
{
    (void)event;
    catch_up(dev);
    begin(dev);
}

const struct device_model stm32_dma_model = {
    .name = "stm32_dma",
    .state_size = sizeof(struct dma_state),
    .regs = dma_regs,
    .reg_count = ARRAY_LENGTH(dma_regs),
    .inputs = dma_inputs,
    .outputs = dma_outputs,
    .event_count = DMA_EVENT_COUNT,
    .reset = dma_reset,
    .read = dma_read,
    .write = dma_write,
    .on_input = dma_on_input,
    .on_event = dma_on_event,
};
