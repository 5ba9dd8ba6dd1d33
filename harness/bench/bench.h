/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The loops that both sides of the comparison run.
 */
#ifndef TWINBANK_BENCH_H
#define TWINBANK_BENCH_H

#include "sim/base.h"

#define BENCH_FLASH_BASE 0x08000000u

/** The order of the table `loops` in firmware.S. */
enum bench_loop {
    LOOP_CRC,
    LOOP_MEMCPY,
    LOOP_CALLS,
    LOOP_CRC_DR,
    LOOP_GPIO,
    LOOP_CRC_TICKING,
};

/** The benchmark firmware with its two words written. */
struct bench_image {
    uint8_t *bytes;
    uint32_t size;
    uint32_t end; /* where every loop ends */
};

/** Seconds of the host's monotonic clock: only here may anybody look at it. */
double bench_now_s(void);

/** Runs the image on an engine with nothing around it; seconds it took, negative on error. */
double bench_bare_run(const struct bench_image *image);

#endif
