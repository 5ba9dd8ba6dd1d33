/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Random number generator of the STM32L4x6 (RM0351 chapter 24).
 *
 * Modelled: a number every 40 cycles of the 48 MHz clock, DRDY, clock errors from a missing or slow clock, seed errors
 * on request (input "fault"), interrupt. The numbers are a fixed function of a seed and of their ordinal since
 * power-on.
 *
 * Not modelled: the analog source and its tests; a number is worked out after the last one was read, not ahead.
 *
 * Not confirmed: the ratio of clocks at which CECS is set (HCLK / 32 here).
 */
#include "stm32_rng.h"

#include "model.h"

#define RNG_CR    0x00u
#define RNG_SR    0x04u
#define RNG_DR    0x08u
#define RNG_WORDS 3u

#define RNG_CR_RNGEN 0x00000004u
#define RNG_CR_IE    0x00000008u
#define RNG_SR_DRDY  0x00000001u
#define RNG_SR_CECS  0x00000002u
#define RNG_SR_SECS  0x00000004u
#define RNG_SR_CEIS  0x00000020u
#define RNG_SR_SEIS  0x00000040u

#define CYCLES_A_NUMBER 40u /* RM0351 24.3 */
#define SLOWEST_RATIO   32u

enum rng_input {
    RNG_IN_CLK,
    RNG_IN_RST,
    RNG_IN_KER,   /* 48 MHz clock, Hz */
    RNG_IN_FAULT, /* 1: the source fails */
};

/* RM0351 24.6; CEIS and SEIS are cleared by writing 0, which no mask of the table says. */
static const struct reg_desc rng_regs[] = {
    {RNG_CR, "CR", 0, RNG_CR_RNGEN | RNG_CR_IE, 0, 0, 0},
    {RNG_SR, "SR", 0, 0, 0, 0, 0x00000067u},
    {RNG_DR, "DR", 0, 0, 0, 0, 0xffffffffu},
};

static const char *const rng_inputs[] = {"clk", "rst", "ker", "fault", NULL};
static const char *const rng_outputs[] = {"irq", NULL};

struct rng_state {
    uint64_t ordinal; /* numbers made since power-on: no reset begins anew */
    uint32_t word[RNG_WORDS];
    uint32_t reserved;
};
_Static_assert(sizeof(struct rng_state) == 24, "state of the RNG");

static uint32_t *sr(struct rng_state *s)
{
    return &s->word[RNG_SR / 4u];
}

/** Follows clocks and faults; starts the next number when one is due to be made. */
static void update(struct device *dev)
{
    struct rng_state *s = dev->state;
    bool on = (s->word[RNG_CR / 4u] & RNG_CR_RNGEN) != 0;
    uint64_t clk_hz = dev_input(dev, RNG_IN_CLK);
    uint64_t ker_hz = dev_input(dev, RNG_IN_KER);

    if (on && (ker_hz == 0 || ker_hz * SLOWEST_RATIO < clk_hz)) {
        if ((*sr(s) & RNG_SR_CECS) == 0)
            *sr(s) |= RNG_SR_CECS | RNG_SR_CEIS;
    } else {
        *sr(s) &= ~RNG_SR_CECS;
    }
    if (on && dev_input(dev, RNG_IN_FAULT) != 0 && (*sr(s) & RNG_SR_SECS) == 0)
        *sr(s) |= RNG_SR_SECS | RNG_SR_SEIS;
    bool working = on && ker_hz != 0 && (*sr(s) & (RNG_SR_DRDY | RNG_SR_SECS)) == 0;
    if (!working)
        dev_event_cancel(dev, 0);
    else if (dev_event_due(dev, 0) == TIME_NEVER)
        dev_event_after(dev, 0, CYCLES_A_NUMBER * PS_PER_S / ker_hz);
    bool flags = (*sr(s) & (RNG_SR_DRDY | RNG_SR_CEIS | RNG_SR_SEIS)) != 0;
    dev_output(dev, 0, flags && (s->word[RNG_CR / 4u] & RNG_CR_IE) != 0);
}

static void rng_reset(struct device *dev, enum reset_kind kind)
{
    (void)kind;
    struct rng_state *s = dev->state;
    model_reset_words(dev, s->word);
    dev_event_cancel(dev, 0);
    update(dev);
}

static uint32_t rng_read(struct device *dev, uint32_t offset, unsigned size)
{
    struct rng_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return 0;
    uint32_t value = s->word[offset / 4u];
    if (reg->offset == RNG_DR) {
        if ((*sr(s) & RNG_SR_DRDY) == 0)
            dev_guest_error(dev, offset, "RNG_DR read while DRDY is 0");
        s->word[RNG_DR / 4u] = 0; /* RM0351 24.6.3: reads 0 until the next number is there */
        *sr(s) &= ~RNG_SR_DRDY;
        update(dev);
    }
    return reg_lane_read(value, offset, size);
}

static void rng_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct rng_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);
    uint32_t lanes = reg_lane_mask(offset, size);
    uint32_t word = reg_lane_merge(0, offset, size, value);

    if (reg == NULL)
        return;
    if (reg->offset == RNG_SR) {
        *sr(s) &= word | ~(lanes & (RNG_SR_CEIS | RNG_SR_SEIS));
    } else if (reg->offset == RNG_CR) {
        uint32_t old = s->word[RNG_CR / 4u];
        s->word[RNG_CR / 4u] = reg_written(reg, old, word, lanes);
        /* RM0351 24.3.7: switching off and on is how firmware recovers from a seed error. */
        if ((s->word[RNG_CR / 4u] & RNG_CR_RNGEN) == 0) {
            *sr(s) &= ~(RNG_SR_SECS | RNG_SR_DRDY);
            s->word[RNG_DR / 4u] = 0;
        }
    }
    update(dev);
}

static void rng_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    (void)value;
    if (input != RNG_IN_RST)
        update(dev);
}

static void rng_on_event(struct device *dev, uint32_t event)
{
    struct rng_state *s = dev->state;
    const struct stm32_rng_params *params = dev->params;
    (void)event;

    s->word[RNG_DR / 4u] = (uint32_t)mix64(mix64(params->seed) + ++s->ordinal);
    *sr(s) |= RNG_SR_DRDY;
    update(dev);
}

const struct device_model stm32_rng_model = {
    .name = "stm32_rng",
    .state_size = sizeof(struct rng_state),
    .regs = rng_regs,
    .reg_count = ARRAY_LENGTH(rng_regs),
    .inputs = rng_inputs,
    .outputs = rng_outputs,
    .event_count = 1,
    .reset = rng_reset,
    .read = rng_read,
    .write = rng_write,
    .on_input = rng_on_input,
    .on_event = rng_on_event,
};
