/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Comparators of the STM32L47x/L48x (RM0351 chapter 22).
 *
 * Modelled: inputs (pins, VREFINT and its fractions with the scaler, DAC channels), hysteresis, polarity, window mode,
 * VALUE, lock, outputs to EXTI, pins, timers and low-power timers, start-up time by power mode.
 *
 * Not modelled, reported as a gap: output blanking. Silently: propagation delay, start-up of the scaler.
 *
 * Not confirmed: hysteresis is symmetric about the negative input, with the typical values of DS10198; equal voltages
 * keep the output; a comparator that is off or starts up gives 0 before the polarity.
 */
#include "stm32_comp.h"

#include "model.h"

#define COMP_COUNT 2u
#define COMP1_CSR  0x00u
#define COMP2_CSR  0x04u

#define COMP_CSR_EN       0x00000001u
#define COMP_CSR_INPSEL   0x00000080u
#define COMP_CSR_WINMODE  0x00000200u
#define COMP_CSR_POLARITY 0x00008000u
#define COMP_CSR_BLANKING 0x001c0000u
#define COMP_CSR_BRGEN    0x00400000u
#define COMP_CSR_SCALEN   0x00800000u
#define COMP_CSR_VALUE    0x40000000u
#define COMP_CSR_LOCK     0x80000000u

static const struct reg_desc comp_regs[] = {
    {COMP1_CSR, "COMP1_CSR", 0, 0x00df80fdu, 0, COMP_CSR_LOCK, COMP_CSR_VALUE},
    {COMP2_CSR, "COMP2_CSR", 0, 0x00df82fdu, 0, COMP_CSR_LOCK, COMP_CSR_VALUE},
};

enum comp_input {
    COMP_IN_CLK,
    COMP_IN_RST,
    COMP_IN_DAC1, /* microvolts, as of all below */
    COMP_IN_DAC2,
    COMP_IN_PLUS,                      /* by INPSEL, two a comparator */
    COMP_IN_MINUS = COMP_IN_PLUS + 4u, /* by INMSEL 6 and 7, two a comparator */
    COMP_IN_COUNT = COMP_IN_MINUS + 4u,
};

static const char *const comp_inputs[] = {"clk",      "rst",      "dac1",    "dac2",     "c1plus0",
                                          "c1plus1",  "c2plus0",  "c2plus1", "c1minus0", "c1minus1",
                                          "c2minus0", "c2minus1", NULL};
/* out1, out2: enum pin_level; exti1, exti2: 0 or 1 */
static const char *const comp_outputs[] = {"out1", "out2", "exti1", "exti2", NULL};
#define COMP_OUT_EXTI 2u
_Static_assert(ARRAY_LENGTH(comp_inputs) == COMP_IN_COUNT + 1u, "inputs of the comparators");

struct comp_state {
    uint32_t csr[COMP_COUNT];
    uint32_t above[COMP_COUNT];   /* the positive input is higher; with hysteresis this has a memory */
    uint32_t started[COMP_COUNT]; /* 1: the start-up time is over */
    uint32_t driven[COMP_COUNT];  /* enum pin_level */
};
_Static_assert(sizeof(struct comp_state) == 32, "state of the comparators");

static uint32_t microvolts(const struct device *dev, uint32_t input)
{
    return (uint32_t)dev_input(dev, input);
}

static uint32_t plus_uv(const struct device *dev, uint32_t comp)
{
    const struct comp_state *s = dev->state;
    /* RM0351 22.3.4: in window mode COMP2 compares what COMP1 does */
    if (comp == 1u && (s->csr[1] & COMP_CSR_WINMODE) != 0)
        comp = 0;
    return microvolts(dev, COMP_IN_PLUS + 2u * comp + ((s->csr[comp] & COMP_CSR_INPSEL) != 0 ? 1u : 0));
}

/** RM0351 22.6.1, INMSEL: quarters of VREFINT need the scaler and its bridge. */
static uint32_t minus_uv(const struct device *dev, uint32_t comp)
{
    const struct comp_state *s = dev->state;
    const struct stm32_comp_params *params = dev->params;
    uint32_t csr = s->csr[comp];
    uint32_t select = bits(csr, 4, 6);

    if (select >= 6u)
        return microvolts(dev, COMP_IN_MINUS + 2u * comp + select - 6u);
    if (select >= 4u)
        return microvolts(dev, COMP_IN_DAC1 + select - 4u);
    /* one scaler for both: either comparator switches it on */
    uint32_t either = s->csr[0] | s->csr[1];
    if ((either & COMP_CSR_SCALEN) == 0)
        return 0;
    if (select == 3u || (either & COMP_CSR_BRGEN) == 0)
        return params->vrefint_uv; /* without the bridge all taps carry VREFINT */
    return params->vrefint_uv / 4u * (select + 1u);
}

static void update_one(struct device *dev, uint32_t comp)
{
    /* DS10198, comparator characteristics: 0, 8, 15, 27 mV from one threshold to the other */
    static const uint32_t hysteresis_uv[] = {0, 8000u, 15000u, 27000u};
    struct comp_state *s = dev->state;
    uint32_t csr = s->csr[comp];
    bool on = (csr & COMP_CSR_EN) != 0 && s->started[comp] != 0;
    uint32_t half = hysteresis_uv[bits(csr, 16, 17)] / 2u;

    if (!on) {
        s->above[comp] = 0;
    } else {
        uint32_t plus = plus_uv(dev, comp);
        uint32_t minus = minus_uv(dev, comp);
        if (plus > minus + half)
            s->above[comp] = 1;
        else if (plus + half < minus)
            s->above[comp] = 0;
    }
    bool high = (s->above[comp] != 0) != ((csr & COMP_CSR_POLARITY) != 0);
    uint32_t level = high ? PIN_HIGH : PIN_LOW;
    if (level == s->driven[comp])
        return;
    s->driven[comp] = level;
    dev_output(dev, comp, level);
    dev_output(dev, COMP_OUT_EXTI + comp, high);
}

static void update(struct device *dev)
{
    for (uint32_t comp = 0; comp < COMP_COUNT; comp++)
        update_one(dev, comp);
}

static uint32_t comp_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct comp_state *s = dev->state;

    if (model_register(dev, offset) == NULL)
        return 0;
    uint32_t comp = offset / 4u;
    return reg_lane_read(s->csr[comp] | (s->driven[comp] == PIN_HIGH ? COMP_CSR_VALUE : 0), offset, size);
}

static void comp_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    /* DS10198: the longest start-up of high-speed, medium (two codes) and ultra-low power mode */
    static const uint64_t startup_ps[] = {5u * PS_PER_US, 15u * PS_PER_US, 15u * PS_PER_US, 80u * PS_PER_US};
    struct comp_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t comp = reg->offset / 4u;
    uint32_t old = s->csr[comp];
    uint32_t new = reg_written(reg, old, reg_lane_merge(0, offset, size, value), reg_lane_mask(offset, size));
    if ((old & COMP_CSR_LOCK) != 0) { /* RM0351 22.3.6: until the next system reset */
        if (new != old)
            dev_guest_error(dev, reg->offset, "COMP_CSR written while it is locked");
        return;
    }
    s->csr[comp] = new;
    if ((new & ~old &COMP_CSR_BLANKING) != 0)
        dev_gap(dev, reg->offset, true, new, "COMP_CSR.BLANKING: blanking by timers");
    if ((new & ~old &COMP_CSR_EN) != 0) {
        s->started[comp] = 0;
        dev_event_after(dev, comp, startup_ps[bits(new, 2, 3)]);
    }
    update(dev);
}

static void comp_reset(struct device *dev, enum reset_kind kind)
{
    struct comp_state *s = dev->state;
    (void)kind;

    for (uint32_t comp = 0; comp < COMP_COUNT; comp++) {
        s->csr[comp] = 0;
        s->started[comp] = 0;
        s->driven[comp] = PIN_RELEASED; /* drives anew */
        dev_event_cancel(dev, comp);
    }
    update(dev);
}

static void comp_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    (void)value;
    if (input >= COMP_IN_DAC1)
        update(dev);
}

static void comp_on_event(struct device *dev, uint32_t event)
{
    struct comp_state *s = dev->state;
    s->started[event] = 1;
    update(dev);
}

const struct device_model stm32_comp_model = {
    .name = "stm32_comp",
    .state_size = sizeof(struct comp_state),
    .regs = comp_regs,
    .reg_count = ARRAY_LENGTH(comp_regs),
    .inputs = comp_inputs,
    .outputs = comp_outputs,
    .event_count = COMP_COUNT,
    .reset = comp_reset,
    .read = comp_read,
    .write = comp_write,
    .on_input = comp_on_input,
    .on_event = comp_on_event,
};
