/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file How long the host takes: for people only, no verdict and no digest knows it. */
#ifndef TWINBANK_HARNESS_WALL_CLOCK_H
#define TWINBANK_HARNESS_WALL_CLOCK_H

#include <stdint.h>

/** Nanoseconds from some moment on. */
uint64_t wall_clock_ns(void);

#endif
