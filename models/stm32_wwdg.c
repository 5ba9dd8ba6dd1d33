/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Window watchdog of the STM32L4/L0 (RM0351 chapter 37).
 *
 * Modelled: the counter at PCLK / 4096 / 2^WDGTB, reset at 0x3f, by a refresh above the window and by a refresh without
 * T6, early wake-up interrupt, start by option (input wwdg_sw = 0). It stands still without its clock, and while the
 * debugger freezes it.
 *
 * Not modelled: the counter does not run before WDGA is set; the phase of the divider by 4096, which runs freely on
 * silicon: here a refresh begins a full tick.
 */
#include "stm32_wwdg.h"

#include "model.h"

#define WWDG_CR    0x00u
#define WWDG_CFR   0x04u
#define WWDG_SR    0x08u
#define WWDG_WORDS 3u

#define WWDG_CR_T     0x0000007fu
#define WWDG_CR_WDGA  0x00000080u
#define WWDG_CFR_W    0x0000007fu
#define WWDG_CFR_EWI  0x00000200u
#define WWDG_SR_EWIF  0x00000001u
#define EARLY_WAKE_UP 0x40u

enum wwdg_input {
    WWDG_IN_CLK,
    WWDG_IN_RST,
    WWDG_IN_WWDG_SW, /* option: 1 started by software, 0 started by hardware */
    WWDG_IN_FREEZE,  /* 1: the debugger stopped it */
};

/* RM0351 37.4; EWIF is cleared by writing 0, which no mask of the table says. WDGA and EWI are set only. */
static const struct reg_desc wwdg_regs[] = {
    {WWDG_CR, "CR", 0x0000007fu, WWDG_CR_T, 0, WWDG_CR_WDGA, 0},
    {WWDG_CFR, "CFR", 0x0000007fu, 0x000001ffu, 0, WWDG_CFR_EWI, 0},
    {WWDG_SR, "SR", 0, 0, 0, 0, WWDG_SR_EWIF},
};

static const char *const wwdg_inputs[] = {"clk", "rst", "wwdg_sw", "freeze", NULL};
static const char *const wwdg_outputs[] = {"irq", NULL};

struct wwdg_state {
    uint64_t since_ps; /* when `cycles` was right */
    uint64_t cycles;   /* of PCLK since T was as in CR */
    uint64_t hz;
    uint32_t word[WWDG_WORDS];
    uint32_t reserved;
};
_Static_assert(sizeof(struct wwdg_state) == 40, "state of the WWDG");

static bool is_on(const struct wwdg_state *s)
{
    return (s->word[WWDG_CR / 4u] & WWDG_CR_WDGA) != 0;
}

/** RM0351 37.3.4 */
static uint64_t cycles_a_tick(const struct wwdg_state *s)
{
    return 4096ull << bits(s->word[WWDG_CFR / 4u], 7, 8);
}

/** Cycles of PCLK since T was as in CR. */
static uint64_t cycles_now(const struct device *dev)
{
    const struct wwdg_state *s = dev->state;
    uint64_t elapsed_ps = dev_now_ps(dev) - s->since_ps;
    if (!is_on(s) || s->hz == 0)
        return s->cycles;
    return s->cycles + elapsed_ps / PS_PER_S * s->hz + elapsed_ps % PS_PER_S * s->hz / PS_PER_S;
}

/** CR as it reads after so many cycles. */
static uint32_t counted(const struct wwdg_state *s, uint64_t cycles)
{
    uint32_t cr = s->word[WWDG_CR / 4u];
    uint64_t ticks = cycles / cycles_a_tick(s);
    uint32_t t = cr & WWDG_CR_T;
    return (cr & WWDG_CR_WDGA) | (ticks < t ? t - (uint32_t)ticks : 0);
}

/** Brings T and `cycles`, less than a tick then, to now. */
static void catch_up(struct device *dev)
{
    struct wwdg_state *s = dev->state;
    uint64_t cycles = cycles_now(dev);
    s->word[WWDG_CR / 4u] = counted(s, cycles);
    s->cycles = cycles % cycles_a_tick(s);
    s->since_ps = dev_now_ps(dev);
}

/** Plans the next moment that matters: T = 0x40, then the reset a tick later. Call when caught up. */
static void plan(struct device *dev)
{
    struct wwdg_state *s = dev->state;
    uint32_t t = s->word[WWDG_CR / 4u] & WWDG_CR_T;

    s->hz = dev_input(dev, WWDG_IN_FREEZE) != 0 ? 0 : dev_input(dev, WWDG_IN_CLK);
    dev_event_cancel(dev, 0);
    if (!is_on(s) || s->hz == 0 || t < EARLY_WAKE_UP)
        return;
    uint64_t ticks = t > EARLY_WAKE_UP ? t - EARLY_WAKE_UP : 1u;
    uint64_t cycles = ticks * cycles_a_tick(s) - s->cycles;
    /* Rounded up: at that time the cycles are full. */
    dev_event_after(dev, 0, cycles / s->hz * PS_PER_S + (cycles % s->hz * PS_PER_S + s->hz - 1u) / s->hz);
}

static void update_irq(struct device *dev)
{
    const struct wwdg_state *s = dev->state;
    dev_output(dev, 0, (s->word[WWDG_SR / 4u] & WWDG_SR_EWIF) != 0 && (s->word[WWDG_CFR / 4u] & WWDG_CFR_EWI) != 0);
}

static void wwdg_reset(struct device *dev, enum reset_kind kind)
{
    struct wwdg_state *s = dev->state;
    (void)kind;

    model_reset_words(dev, s->word);
    s->cycles = 0;
    s->since_ps = dev_now_ps(dev);
    if (dev_input(dev, WWDG_IN_WWDG_SW) == 0)
        s->word[WWDG_CR / 4u] |= WWDG_CR_WDGA;
    plan(dev);
    update_irq(dev);
}

static uint32_t wwdg_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct wwdg_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);
    if (reg == NULL)
        return 0;
    uint32_t value = reg->offset == WWDG_CR ? counted(s, cycles_now(dev)) : s->word[offset / 4u];
    return reg_lane_read(value, offset, size);
}

/** RM0351 37.3.2: allowed while T is not above the window, and never without T6. */
static void refresh(struct device *dev, uint32_t old, uint32_t new)
{
    struct wwdg_state *s = dev->state;
    bool was_on = (old & WWDG_CR_WDGA) != 0;

    s->word[WWDG_CR / 4u] = new;
    s->cycles = 0;
    if (!is_on(s))
        return;
    if (was_on && (old & WWDG_CR_T) > (s->word[WWDG_CFR / 4u] & WWDG_CFR_W)) {
        dev_guest_error(dev, WWDG_CR, "window watchdog refreshed above its window");
        dev_request_reset(dev, RESET_WWDG);
    } else if ((new &WWDG_CR_T) < EARLY_WAKE_UP) {
        dev_guest_error(dev, WWDG_CR, "window watchdog written with T6 = 0");
        dev_request_reset(dev, RESET_WWDG);
    }
}

static void wwdg_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct wwdg_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);
    uint32_t word = reg_lane_merge(0, offset, size, value);

    if (reg == NULL)
        return;
    catch_up(dev);
    uint32_t old = s->word[offset / 4u];
    uint32_t new = reg_written(reg, old, word, reg_lane_mask(offset, size));
    if (reg->offset == WWDG_CR)
        refresh(dev, old, new);
    else if (reg->offset == WWDG_CFR)
        s->word[WWDG_CFR / 4u] = new;
    else if ((word & WWDG_SR_EWIF) == 0)
        s->word[WWDG_SR / 4u] = 0;
    plan(dev);
    update_irq(dev);
}

static void wwdg_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    (void)value;
    if (input != WWDG_IN_CLK && input != WWDG_IN_FREEZE)
        return;
    catch_up(dev);
    plan(dev);
}

static void wwdg_on_event(struct device *dev, uint32_t event)
{
    struct wwdg_state *s = dev->state;
    (void)event;

    catch_up(dev);
    if ((s->word[WWDG_CR / 4u] & WWDG_CR_T) < EARLY_WAKE_UP) {
        dev_request_reset(dev, RESET_WWDG);
        return;
    }
    if ((s->word[WWDG_CR / 4u] & WWDG_CR_T) == EARLY_WAKE_UP)
        s->word[WWDG_SR / 4u] |= WWDG_SR_EWIF; /* RM0351 37.4.3: with the interrupt enabled or not */
    plan(dev);
    update_irq(dev);
}

const struct device_model stm32_wwdg_model = {
    .name = "stm32_wwdg",
    .state_size = sizeof(struct wwdg_state),
    .regs = wwdg_regs,
    .reg_count = ARRAY_LENGTH(wwdg_regs),
    .inputs = wwdg_inputs,
    .outputs = wwdg_outputs,
    .event_count = 1,
    .reset = wwdg_reset,
    .read = wwdg_read,
    .write = wwdg_write,
    .on_input = wwdg_on_input,
    .on_event = wwdg_on_event,
};
