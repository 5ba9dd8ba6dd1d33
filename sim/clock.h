/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Virtual time: picoseconds and HCLK cycles. One instruction is one cycle; stalls and sleep add cycles. Plain data.
 */
#ifndef TWINBANK_SIM_CLOCK_H
#define TWINBANK_SIM_CLOCK_H

#include "base.h"

struct clock {
    uint64_t base_ps; /* time at base_cycles */
    uint64_t base_cycles;
    uint64_t extra_cycles; /* cycles that were not instructions */
    uint64_t hz;
};

static inline uint64_t clock_ps(const struct clock *clock, uint64_t cycles)
{
    return clock->base_ps + mul_div_floor(cycles - clock->base_cycles, PS_PER_S, clock->hz);
}

/** First cycle whose time is at or after time_ps; never before base_cycles. TIME_NEVER stays TIME_NEVER. */
static inline uint64_t clock_cycles(const struct clock *clock, uint64_t time_ps)
{
    if (time_ps == TIME_NEVER)
        return TIME_NEVER;
    if (time_ps <= clock->base_ps)
        return clock->base_cycles;
    uint64_t cycles = mul_div_ceil(time_ps - clock->base_ps, clock->hz, PS_PER_S);
    return cycles > TIME_NEVER - clock->base_cycles ? TIME_NEVER : clock->base_cycles + cycles;
}

/** The frequency is `hz` from `cycles` on. */
static inline void clock_set_hz(struct clock *clock, uint64_t cycles, uint64_t hz)
{
    clock->base_ps = clock_ps(clock, cycles);
    clock->base_cycles = cycles;
    clock->hz = hz;
}

#endif
