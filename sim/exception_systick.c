/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * SysTick, ARM DDI 0403E B3.3, exact to the cycle: while it runs, nothing is counted; the state holds the cycle at
 * which the counter reaches zero.
 */
#include "exception_bits.h"

#define SYSTICK_ENABLE           1u
#define SYSTICK_TICKINT          2u
#define SYSTICK_CLKSOURCE        4u
#define SYSTICK_COUNTFLAG        (1u << 16)
#define SYSTICK_COUNTER          0x00ffffffu
#define SYSTICK_EXTERNAL_DIVIDER 8u /* the external reference is HCLK / 8 (RM0351, SysTick calibration) */

static uint64_t systick_unit(const struct exception_state *state)
{
    return state->systick_ctrl & SYSTICK_CLKSOURCE ? 1u : SYSTICK_EXTERNAL_DIVIDER;
}

static uint32_t systick_value(const struct exception_unit *unit)
{
    const struct exception_state *state = &unit->state;
    if (!(state->systick_ctrl & SYSTICK_ENABLE) || state->systick_zero_cycle == TIME_NEVER)
        return state->systick_stopped;
    uint64_t now = unit->host.now_cycles(unit->host.context);
    if (now >= state->systick_zero_cycle)
        return 0;
    uint64_t step = systick_unit(state);
    uint64_t left = (state->systick_zero_cycle - now + step - 1u) / step;
    return left == state->systick_load + 1ull ? 0 : (uint32_t)left;
}

/** The counter holds `value` now: when does it reach zero? From 0 it reloads first. */
static void systick_start(struct exception_unit *unit, uint32_t value)
{
    struct exception_state *state = &unit->state;
    uint64_t now = unit->host.now_cycles(unit->host.context);
    if (value == 0 && state->systick_load == 0)
        state->systick_zero_cycle = TIME_NEVER;
    else
        state->systick_zero_cycle = now + (value ? value : state->systick_load + 1ull) * systick_unit(state);
    unit->host.systick_moved(unit->host.context);
}

uint64_t exception_systick_due(const struct exception_unit *unit)
{
    return unit->state.systick_ctrl & SYSTICK_ENABLE ? unit->state.systick_zero_cycle : TIME_NEVER;
}

void exception_systick_expire(struct exception_unit *unit)
{
    struct exception_state *state = &unit->state;
    state->systick_ctrl |= SYSTICK_COUNTFLAG;
    if (state->systick_load == 0)
        state->systick_zero_cycle = TIME_NEVER, state->systick_stopped = 0;
    else
        state->systick_zero_cycle += (state->systick_load + 1ull) * systick_unit(state);
    if (state->systick_ctrl & SYSTICK_TICKINT)
        exception_pend(unit, EXC_SYSTICK);
    unit->host.systick_moved(unit->host.context);
}

void exception_systick_freeze(struct exception_unit *unit, bool frozen)
{
    struct exception_state *state = &unit->state;
    if (!(state->systick_ctrl & SYSTICK_ENABLE) || (frozen && state->systick_zero_cycle == TIME_NEVER))
        return;
    if (frozen) {
        state->systick_stopped = systick_value(unit);
        state->systick_zero_cycle = TIME_NEVER;
        unit->host.systick_moved(unit->host.context);
    } else {
        systick_start(unit, state->systick_stopped);
    }
}

static void write_systick_control(struct exception_unit *unit, uint32_t value)
{
    struct exception_state *state = &unit->state;
    uint32_t counter = systick_value(unit);
    bool was_enabled = state->systick_ctrl & SYSTICK_ENABLE;
    bool same_clock = !((state->systick_ctrl ^ value) & SYSTICK_CLKSOURCE);
    state->systick_ctrl = (state->systick_ctrl & SYSTICK_COUNTFLAG) | (value & 7u);
    if (!(value & SYSTICK_ENABLE)) {
        state->systick_stopped = counter;
        state->systick_zero_cycle = TIME_NEVER;
        unit->host.systick_moved(unit->host.context);
    } else if (!was_enabled || !same_clock || state->systick_zero_cycle == TIME_NEVER) {
        systick_start(unit, counter);
    }
}

uint32_t exception_systick_read(struct exception_unit *unit, uint32_t offset)
{
    struct exception_state *state = &unit->state;
    uint32_t value;
    switch (offset) {
    case SYST_CSR:
        value = state->systick_ctrl;
        state->systick_ctrl &= ~SYSTICK_COUNTFLAG;
        return value;
    case SYST_RVR:
        return state->systick_load;
    case SYST_CVR:
        return systick_value(unit);
    default: /* CALIB: no reference value is documented; NOREF and SKEW clear, TENMS 0 = unknown */
        return 0;
    }
}

void exception_systick_write(struct exception_unit *unit, uint32_t offset, uint32_t value)
{
    struct exception_state *state = &unit->state;
    switch (offset) {
    case SYST_CSR:
        write_systick_control(unit, value);
        break;
    case SYST_RVR:
        state->systick_load = value & SYSTICK_COUNTER;
        if ((state->systick_ctrl & SYSTICK_ENABLE) && state->systick_zero_cycle == TIME_NEVER)
            systick_start(unit, 0);
        break;
    case SYST_CVR: /* any write clears the counter and COUNTFLAG */
        state->systick_ctrl &= ~SYSTICK_COUNTFLAG;
        state->systick_stopped = 0;
        if (state->systick_ctrl & SYSTICK_ENABLE)
            systick_start(unit, 0);
        break;
    default:
        break;
    }
}
