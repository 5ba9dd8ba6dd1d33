/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Data watchpoint and trace unit, ARM DDI 0403E C1.8; registers of the Cortex-M4: DDI 0439B 9.2.
 *
 * Modelled: CYCCNT with CYCCNTENA (one instruction is one cycle, plus stalls and sleep; docs/fidelity.md).
 * Not modelled: the comparators, the other counters and every trace packet: writing anything but the cycle counter's
 * bit is a gap. Without DEMCR.TRCENA the counter stands still.
 */
#include "arm_dwt.h"

#define DWT_CTRL   0x00u
#define DWT_CYCCNT 0x04u

#define DWT_CTRL_CYCCNTENA (1u << 0)
#define DWT_CTRL_RESET     0x40000000u /* NUMCOMP 4 */
#define DWT_CTRL_RW        0x007f1fffu /* C1.8.7: bits 15:13 and 23 are reserved, 27:24 say what is missing */

struct dwt_state {
    uint64_t start_cycle; /* while enabled: the cycle at which CYCCNT was 0, modulo 2^32 */
    uint32_t stopped;     /* while disabled: its value */
    uint32_t ctrl;
    uint32_t running;
    uint32_t reserved;
};
_Static_assert(sizeof(struct dwt_state) == 24, "saved state has changed: check snapshots");

static const struct reg_desc dwt_regs[] = {
    {DWT_CTRL, "CTRL", DWT_CTRL_RESET, DWT_CTRL_RW, 0, 0, 0xff000000u},
    {DWT_CYCCNT, "CYCCNT", 0, UINT32_MAX, 0, 0, 0},
};

static const char *const dwt_inputs[] = {"trcena", NULL};

static uint32_t counter(const struct device *dev)
{
    const struct dwt_state *state = dev->state;
    if (!state->running)
        return state->stopped;
    return (uint32_t)(dev_now_cycles(dev) - state->start_cycle);
}

static void set_counter(struct device *dev, uint32_t value)
{
    struct dwt_state *state = dev->state;
    state->stopped = value;
    state->start_cycle = dev_now_cycles(dev) - value;
}

/** CYCCNTENA or TRCENA changed: counts on from where it is. */
static void follow_enables(struct device *dev)
{
    struct dwt_state *state = dev->state;
    uint32_t now = counter(dev);
    state->running = (state->ctrl & DWT_CTRL_CYCCNTENA) && dev_input(dev, 0);
    set_counter(dev, now);
}

static void dwt_input(struct device *dev, uint32_t input, uint64_t value)
{
    (void)input;
    (void)value;
    follow_enables(dev);
}

static void dwt_reset(struct device *dev, enum reset_kind kind)
{
    struct dwt_state *state = dev->state;
    if (kind != RESET_POWER_ON) /* debug registers keep their values over system resets (C1.2.7) */
        return;
    state->ctrl = DWT_CTRL_RESET;
    set_counter(dev, 0);
}

static uint32_t dwt_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct dwt_state *state = dev->state;
    switch (offset & ~3u) {
    case DWT_CTRL:
        return reg_lane_read(state->ctrl, offset, size);
    case DWT_CYCCNT:
        return reg_lane_read(counter(dev), offset, size);
    default:
        dev_gap(dev, offset, false, 0, "DWT comparators and counters other than CYCCNT");
        return 0;
    }
}

static void dwt_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct dwt_state *state = dev->state;
    switch (offset & ~3u) {
    case DWT_CTRL: {
        uint32_t word = reg_lane_merge(state->ctrl, offset, size, value);
        state->ctrl = DWT_CTRL_RESET | (word & DWT_CTRL_RW);
        follow_enables(dev);
        if (word & DWT_CTRL_RW & ~DWT_CTRL_CYCCNTENA)
            dev_gap(dev, offset, true, value, "DWT_CTRL: event counters and trace packets");
        break;
    }
    case DWT_CYCCNT:
        set_counter(dev, reg_lane_merge(counter(dev), offset, size, value));
        break;
    default:
        dev_gap(dev, offset, true, value, "DWT comparators and counters other than CYCCNT");
        break;
    }
}

const struct device_model arm_dwt_model = {
    .name = "dwt",
    .state_size = sizeof(struct dwt_state),
    .regs = dwt_regs,
    .reg_count = ARRAY_LENGTH(dwt_regs),
    .inputs = dwt_inputs,
    .reset = dwt_reset,
    .read = dwt_read,
    .write = dwt_write,
    .on_input = dwt_input,
};
