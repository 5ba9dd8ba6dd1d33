/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * DAC of the STM32L47x/L48x (RM0351 chapter 19).
 *
 * Modelled: both channels, data formats, software and hardware triggers with their APB cycles, noise and triangle
 * waves, DMA requests with underrun and its interrupt, output modes (pin, on-chip), buffer calibration (CEN, CAL_FLAG),
 * BWST.
 *
 * The requests share lines with those of TIM6 and TIM7 (RM0351 tables 44 and 45): alsoN comes in and goes out at dmaN.
 *
 * Stored only: sample and hold times; the output is as in normal mode, as with a good capacitor. Not modelled,
 * silently: settling and wake-up times, limits of the output buffer.
 *
 * Not confirmed: the sum of wave and data stops at 4095; a wave advances before it is added; a DAC that is enabled
 * without trigger takes the data at once; BWST lasts three cycles of LSI and is not set
 * while LSI is off.
 */
#include "stm32_dac_v2.h"

#include "model.h"

#define DAC_CR       0x00u
#define DAC_SWTRIGR  0x04u
#define DAC_DHR12R1  0x08u
#define DAC_DHR12L1  0x0cu
#define DAC_DHR8R1   0x10u
#define DAC_DHR12R2  0x14u
#define DAC_DHR12L2  0x18u
#define DAC_DHR8R2   0x1cu
#define DAC_DHR12RD  0x20u
#define DAC_DHR12LD  0x24u
#define DAC_DHR8RD   0x28u
#define DAC_DOR1     0x2cu
#define DAC_SR       0x34u
#define DAC_CCR      0x38u
#define DAC_MCR      0x3cu
#define DAC_SHSR1    0x40u
#define DAC_SHSR2    0x44u
#define DAC_WORDS    20u
#define DAC_CHANNELS 2u

/* of channel 1; those of channel 2 are 16 bits higher */
#define DAC_CR_EN       0x0001u
#define DAC_CR_TEN      0x0004u
#define DAC_CR_DMAEN    0x1000u
#define DAC_CR_DMAUDRIE 0x2000u
#define DAC_CR_CEN      0x4000u
#define DAC_SR_DMAUDR   0x2000u
#define DAC_SR_CAL_FLAG 0x4000u
#define DAC_SR_BWST     0x8000u

#define DAC_TRIGGERS    7u
#define DAC_TSEL_SW     7u
#define DAC_LFSR_START  0xaaau /* RM0351 19.4.9 */
#define DAC_CODES       4096u
#define SOFTWARE_CYCLES 1u /* of APB1, RM0351 19.4.6 */
#define HARDWARE_CYCLES 3u
#define BWST_CYCLES     3u /* of LSI */

/* RM0351 19.6. CCR resets to the factory's trimming values. */
static const struct reg_desc dac_regs[] = {
    {DAC_CR, "CR", 0, 0x7ffd7ffdu, 0, 0, 0},
    {DAC_SWTRIGR, "SWTRIGR", 0, 0, 0, 0x00000003u, 0},
    {DAC_DHR12R1, "DHR12R1", 0, 0x00000fffu, 0, 0, 0},
    {DAC_DHR12L1, "DHR12L1", 0, 0x0000fff0u, 0, 0, 0},
    {DAC_DHR8R1, "DHR8R1", 0, 0x000000ffu, 0, 0, 0},
    {DAC_DHR12R2, "DHR12R2", 0, 0x00000fffu, 0, 0, 0},
    {DAC_DHR12L2, "DHR12L2", 0, 0x0000fff0u, 0, 0, 0},
    {DAC_DHR8R2, "DHR8R2", 0, 0x000000ffu, 0, 0, 0},
    {DAC_DHR12RD, "DHR12RD", 0, 0x0fff0fffu, 0, 0, 0},
    {DAC_DHR12LD, "DHR12LD", 0, 0xfff0fff0u, 0, 0, 0},
    {DAC_DHR8RD, "DHR8RD", 0, 0x0000ffffu, 0, 0, 0},
    {DAC_DOR1, "DOR1", 0, 0, 0, 0, 0x00000fffu},
    {DAC_DOR1 + 4u, "DOR2", 0, 0, 0, 0, 0x00000fffu},
    {DAC_SR, "SR", 0, 0, 0x20002000u, 0, 0xc000c000u},
    {DAC_CCR, "CCR", 0, 0x001f001fu, 0, 0, 0},
    {DAC_MCR, "MCR", 0, 0x00070007u, 0, 0, 0},
    {DAC_SHSR1, "SHSR1", 0, 0x000003ffu, 0, 0, 0},
    {DAC_SHSR2, "SHSR2", 0, 0x000003ffu, 0, 0, 0},
    {0x48u, "SHHR", 0x00010001u, 0x03ff03ffu, 0, 0, 0},
    {0x4cu, "SHRR", 0x00010001u, 0x00ff00ffu, 0, 0, 0},
};

enum dac_input {
    DAC_IN_CLK,
    DAC_IN_RST,
    DAC_IN_VREF,   /* microvolts; 0 when not connected: VDDA */
    DAC_IN_LSI,    /* Hz */
    DAC_IN_SHARED, /* one a channel: requests of the timer that shares its DMA line */
    DAC_IN_TRIGGERS = DAC_IN_SHARED + 2u,
};

enum dac_output {
    DAC_OUT_IRQ,
    DAC_OUT_DMA,                         /* one a channel */
    DAC_OUT_PIN = DAC_OUT_DMA + 2u,      /* PIN_VOLTAGE; 0: the channel is not connected to its pin */
    DAC_OUT_INTERNAL = DAC_OUT_PIN + 2u, /* microvolts to on-chip peripherals */
    DAC_OUT_COUNT = DAC_OUT_INTERNAL + 2u,
};

static const char *const dac_inputs[] = {"clk",  "rst",  "vref", "lsi",  "also1", "also2", "trg0",
                                         "trg1", "trg2", "trg3", "trg4", "trg5",  "trg6",  NULL};
static const char *const dac_outputs[] = {"irq", "dma1", "dma2", "pin1", "pin2", "out1", "out2", NULL};
_Static_assert(ARRAY_LENGTH(dac_inputs) == DAC_IN_TRIGGERS + DAC_TRIGGERS + 1u, "inputs of the DAC");
_Static_assert(ARRAY_LENGTH(dac_outputs) == DAC_OUT_COUNT + 1u, "outputs of the DAC");

enum dac_event {
    DAC_EVENT_LOAD, /* one a channel */
    DAC_EVENT_BWST = DAC_EVENT_LOAD + 2u,
    DAC_EVENT_COUNT = DAC_EVENT_BWST + 2u,
};

struct dac_state {
    uint64_t pin[DAC_CHANNELS], internal[DAC_CHANNELS]; /* as driven */
    uint32_t word[DAC_WORDS];
    uint32_t dhr[DAC_CHANNELS];  /* data, 12 bits right-aligned */
    uint32_t next[DAC_CHANNELS]; /* what DOR gets at the event */
    uint32_t lfsr[DAC_CHANNELS];
    uint32_t count[DAC_CHANNELS], falling[DAC_CHANNELS]; /* triangle */
    uint32_t requested[DAC_CHANNELS];                    /* DMA requests as driven */
    uint32_t levels;                                     /* of the triggers */
    uint32_t irq;
};
_Static_assert(sizeof(struct dac_state) == 32 + 4 * DAC_WORDS + 56, "state of the DAC");

static uint32_t channel_bits(const struct dac_state *s, uint32_t offset, uint32_t channel)
{
    return s->word[offset / 4u] >> (16u * channel) & 0xffffu;
}

/* --- outputs ------------------------------------------------------------------------------- */
static void drive(struct device *dev)
{
    struct dac_state *s = dev->state;
    uint64_t vref = dev_input(dev, DAC_IN_VREF);
    bool irq = false;

    if (vref == 0)
        vref = SUPPLY_UV;
    for (uint32_t i = 0; i < DAC_CHANNELS; i++) {
        uint32_t cr = channel_bits(s, DAC_CR, i);
        uint32_t mode = channel_bits(s, DAC_MCR, i) & 7u;
        bool on = (cr & DAC_CR_EN) != 0;
        uint32_t uv = (uint32_t)(vref * s->word[DAC_DOR1 / 4u + i] / DAC_CODES);
        /* RM0351 19.6.16: modes 3 and 7 are not on the pin; 0, 2 and 4 are not inside */
        uint64_t pin = on && mode != 3u && mode != 7u ? pin_voltage(uv) : 0;
        uint64_t internal = on && (mode == 1u || mode == 3u || mode >= 5u) ? uv : 0;
        irq = irq || ((cr & DAC_CR_DMAUDRIE) != 0 && (channel_bits(s, DAC_SR, i) & DAC_SR_DMAUDR) != 0);
        if (pin != s->pin[i]) {
            s->pin[i] = pin;
            dev_output(dev, DAC_OUT_PIN + i, pin);
        }
        if (internal != s->internal[i]) {
            s->internal[i] = internal;
            dev_output(dev, DAC_OUT_INTERNAL + i, internal);
        }
    }
    if ((uint32_t)irq != s->irq) {
        s->irq = irq;
        dev_output(dev, DAC_OUT_IRQ, irq);
    }
}

static void request(struct device *dev, uint32_t channel, uint32_t level)
{
    struct dac_state *s = dev->state;
    if (s->requested[channel] == level)
        return;
    s->requested[channel] = level;
    dev_output(dev, DAC_OUT_DMA + channel, level != 0 || dev_input(dev, DAC_IN_SHARED + channel) != 0);
}

/* --- conversions --------------------------------------------------------------------------- */
/** RM0351 19.4.9: shifts right; bits 0, 1, 4 and 6 feed bit 11, and so does a register of all zeros. */
static uint32_t step_lfsr(uint32_t lfsr)
{
    uint32_t in = (lfsr ^ lfsr >> 1 ^ lfsr >> 4 ^ lfsr >> 6) & 1u;
    if (lfsr == 0)
        in = 1;
    return lfsr >> 1 | in << 11;
}

/** RM0351 19.4.10: up to the amplitude, down to 0. */
static void step_triangle(struct dac_state *s, uint32_t channel, uint32_t top)
{
    if (s->count[channel] >= top)
        s->falling[channel] = 1;
    else if (s->count[channel] == 0)
        s->falling[channel] = 0;
    s->count[channel] += s->falling[channel] != 0 ? UINT32_MAX : 1u;
}

/** What the next conversion gives: data, and a step of the wave. */
static uint32_t next_code(struct dac_state *s, uint32_t channel)
{
    uint32_t cr = channel_bits(s, DAC_CR, channel);
    uint32_t wave = bits(cr, 6, 7);
    uint32_t mamp = bits(cr, 8, 11);
    uint32_t top = mamp >= 11u ? DAC_CODES - 1u : (2u << mamp) - 1u;
    uint32_t code = s->dhr[channel];

    if (wave == 1u) {
        s->lfsr[channel] = step_lfsr(s->lfsr[channel]);
        code += s->lfsr[channel] & top;
    } else if (wave >= 2u) {
        step_triangle(s, channel, top);
        code += s->count[channel];
    }
    return code < DAC_CODES ? code : DAC_CODES - 1u;
}

static void load_after(struct device *dev, uint32_t channel, uint32_t cycles)
{
    struct dac_state *s = dev->state;
    uint64_t hz = dev_input(dev, DAC_IN_CLK);

    s->next[channel] = next_code(s, channel);
    if (hz != 0)
        dev_event_after(dev, DAC_EVENT_LOAD + channel, mul_div_ceil(cycles, PS_PER_S, hz));
}

static void new_data(struct device *dev, uint32_t channel, uint32_t data)
{
    struct dac_state *s = dev->state;
    uint32_t cr = channel_bits(s, DAC_CR, channel);

    s->dhr[channel] = data & 0xfffu;
    request(dev, channel, 0);
    if ((cr & (DAC_CR_EN | DAC_CR_TEN)) == DAC_CR_EN)
        load_after(dev, channel, SOFTWARE_CYCLES);
}

static void hardware_trigger(struct device *dev, uint32_t channel)
{
    struct dac_state *s = dev->state;
    uint32_t cr = channel_bits(s, DAC_CR, channel);
    uint32_t *sr = &s->word[DAC_SR / 4u];
    uint32_t underrun = DAC_SR_DMAUDR << (16u * channel);

    load_after(dev, channel, HARDWARE_CYCLES);
    if ((cr & DAC_CR_DMAEN) == 0 || (*sr & underrun) != 0)
        return;
    if (s->requested[channel] != 0) {
        *sr |= underrun; /* RM0351 19.4.8: the request before was not served; there are no more */
        drive(dev);
    } else {
        request(dev, channel, 1);
    }
}

/* --- registers ----------------------------------------------------------------------------- */
static void write_cr(struct device *dev, uint32_t new)
{
    struct dac_state *s = dev->state;
    uint32_t old = s->word[DAC_CR / 4u];

    s->word[DAC_CR / 4u] = new;
    for (uint32_t i = 0; i < DAC_CHANNELS; i++) {
        uint32_t cr = new >> (16u * i);
        uint32_t rises = cr & ~(old >> (16u * i));
        if ((cr & 0xc0u) == 0) { /* RM0351 19.4.9, 19.4.10: waves start anew */
            s->lfsr[i] = DAC_LFSR_START;
            s->count[i] = 0;
            s->falling[i] = 0;
        }
        if ((cr & DAC_CR_DMAEN) == 0)
            request(dev, i, 0);
        if ((cr & DAC_CR_EN) == 0)
            dev_event_cancel(dev, DAC_EVENT_LOAD + i);
        else if ((rises & DAC_CR_EN) != 0 && (cr & DAC_CR_TEN) == 0)
            load_after(dev, i, SOFTWARE_CYCLES);
        if ((cr & (DAC_CR_EN | DAC_CR_CEN)) == (DAC_CR_EN | DAC_CR_CEN))
            dev_guest_error(dev, DAC_CR, "DAC_CR: EN together with CEN");
    }
}

static void write_swtrigr(struct device *dev, uint32_t set)
{
    struct dac_state *s = dev->state;

    for (uint32_t i = 0; i < DAC_CHANNELS; i++) {
        uint32_t cr = channel_bits(s, DAC_CR, i);
        if ((set >> i & 1u) == 0 || (cr & (DAC_CR_EN | DAC_CR_TEN)) != (DAC_CR_EN | DAC_CR_TEN) ||
            bits(cr, 3, 5) != DAC_TSEL_SW)
            continue;
        s->word[DAC_SWTRIGR / 4u] |= 1u << i; /* the hardware clears it with the load */
        load_after(dev, i, SOFTWARE_CYCLES);
    }
}

static void write_data(struct device *dev, uint32_t offset, uint32_t word)
{
    switch (offset) {
    case DAC_DHR12R1:
    case DAC_DHR12R2:
        new_data(dev, offset == DAC_DHR12R2, word);
        break;
    case DAC_DHR12L1:
    case DAC_DHR12L2:
        new_data(dev, offset == DAC_DHR12L2, word >> 4);
        break;
    case DAC_DHR8R1:
    case DAC_DHR8R2:
        new_data(dev, offset == DAC_DHR8R2, (word & 0xffu) << 4);
        break;
    case DAC_DHR12RD:
        new_data(dev, 0, word);
        new_data(dev, 1, word >> 16);
        break;
    case DAC_DHR12LD:
        new_data(dev, 0, word >> 4);
        new_data(dev, 1, word >> 20);
        break;
    default: /* DHR8RD */
        new_data(dev, 0, (word & 0xffu) << 4);
        new_data(dev, 1, (word >> 8 & 0xffu) << 4);
        break;
    }
}

static void write_shsr(struct device *dev, uint32_t channel)
{
    struct dac_state *s = dev->state;
    uint64_t hz = dev_input(dev, DAC_IN_LSI);

    if ((channel_bits(s, DAC_MCR, channel) & 4u) == 0 || hz == 0)
        return;
    s->word[DAC_SR / 4u] |= DAC_SR_BWST << (16u * channel);
    dev_event_after(dev, DAC_EVENT_BWST + channel, mul_div_ceil(BWST_CYCLES, PS_PER_S, hz));
}

static uint32_t read_sr(const struct device *dev)
{
    const struct dac_state *s = dev->state;
    const struct stm32_dac_v2_params *params = dev->params;
    uint32_t sr = s->word[DAC_SR / 4u];

    /* RM0351 19.4.12: set from the value on that corrects the offset */
    for (uint32_t i = 0; i < DAC_CHANNELS; i++)
        if ((channel_bits(s, DAC_CR, i) & DAC_CR_CEN) != 0 && (channel_bits(s, DAC_CCR, i) & 0x1fu) >= params->trim)
            sr |= DAC_SR_CAL_FLAG << (16u * i);
    return sr;
}

static uint32_t dac_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct dac_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return 0;
    return reg_lane_read(reg->offset == DAC_SR ? read_sr(dev) : s->word[offset / 4u], offset, size);
}

/** RM0351 19.6.16: a mode may change only while its channel is off. */
static uint32_t writable_modes(struct device *dev, uint32_t new)
{
    const struct dac_state *s = dev->state;
    uint32_t old = s->word[DAC_MCR / 4u];

    for (uint32_t i = 0; i < DAC_CHANNELS; i++) {
        uint32_t mask = 7u << (16u * i);
        if (((new ^ old) & mask) == 0 || (channel_bits(s, DAC_CR, i) & (DAC_CR_EN | DAC_CR_CEN)) == 0)
            continue;
        dev_guest_error(dev, DAC_MCR, "DAC_MCR.MODE written while the channel is on");
        new = (new & ~mask) | (old & mask);
    }
    return new;
}

static void dac_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct dac_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t lanes = reg_lane_mask(offset, size);

    if (reg == NULL)
        return;
    uint32_t new = reg_written(reg, s->word[offset / 4u], word, lanes);
    if (reg->offset == DAC_CR) {
        write_cr(dev, new);
    } else if (reg->offset == DAC_SWTRIGR) {
        write_swtrigr(dev, word & lanes);
    } else if (reg->offset == DAC_MCR) {
        s->word[DAC_MCR / 4u] = writable_modes(dev, new);
    } else {
        s->word[offset / 4u] = new;
        if (reg->offset >= DAC_DHR12R1 && reg->offset <= DAC_DHR8RD)
            write_data(dev, reg->offset, new);
        else if (reg->offset == DAC_SHSR1 || reg->offset == DAC_SHSR2)
            write_shsr(dev, reg->offset == DAC_SHSR2);
    }
    drive(dev);
}

/* --- reset, wires, events ------------------------------------------------------------------ */
static void dac_reset(struct device *dev, enum reset_kind kind)
{
    struct dac_state *s = dev->state;
    const struct stm32_dac_v2_params *params = dev->params;
    (void)kind;

    model_reset_words(dev, s->word);
    s->word[DAC_CCR / 4u] = params->trim | params->trim << 16;
    for (uint32_t i = 0; i < DAC_CHANNELS; i++) {
        s->dhr[i] = 0;
        s->next[i] = 0;
        s->lfsr[i] = DAC_LFSR_START;
        s->count[i] = 0;
        s->falling[i] = 0;
        request(dev, i, 0);
    }
    for (uint32_t event = 0; event < DAC_EVENT_COUNT; event++)
        dev_event_cancel(dev, event);
    drive(dev);
}

static void dac_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    struct dac_state *s = dev->state;

    if (input == DAC_IN_VREF)
        drive(dev);
    if (input >= DAC_IN_SHARED && input < DAC_IN_TRIGGERS)
        dev_output(dev, DAC_OUT_DMA + input - DAC_IN_SHARED, value != 0 || s->requested[input - DAC_IN_SHARED] != 0);
    if (input < DAC_IN_TRIGGERS)
        return;
    uint32_t index = input - DAC_IN_TRIGGERS;
    bool was = (s->levels >> index & 1u) != 0;
    bool high = pin_is_high(value);
    s->levels = (s->levels & ~(1u << index)) | (uint32_t)high << index;
    if (value != TRIGGER_PULSE && (was || !high))
        return;
    for (uint32_t i = 0; i < DAC_CHANNELS; i++) {
        uint32_t cr = channel_bits(s, DAC_CR, i);
        if ((cr & (DAC_CR_EN | DAC_CR_TEN)) == (DAC_CR_EN | DAC_CR_TEN) && bits(cr, 3, 5) == index)
            hardware_trigger(dev, i);
    }
}

static void dac_on_event(struct device *dev, uint32_t event)
{
    struct dac_state *s = dev->state;

    if (event >= DAC_EVENT_BWST) {
        s->word[DAC_SR / 4u] &= ~(DAC_SR_BWST << (16u * (event - DAC_EVENT_BWST)));
        return;
    }
    uint32_t channel = event - DAC_EVENT_LOAD;
    s->word[DAC_DOR1 / 4u + channel] = s->next[channel];
    s->word[DAC_SWTRIGR / 4u] &= ~(1u << channel);
    drive(dev);
}

const struct device_model stm32_dac_v2_model = {
    .name = "stm32_dac_v2",
    .state_size = sizeof(struct dac_state),
    .regs = dac_regs,
    .reg_count = ARRAY_LENGTH(dac_regs),
    .inputs = dac_inputs,
    .outputs = dac_outputs,
    .event_count = DAC_EVENT_COUNT,
    .reset = dac_reset,
    .read = dac_read,
    .write = dac_write,
    .on_input = dac_on_input,
    .on_event = dac_on_event,
};
