/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Instructions whose function and line a test asks for: each has a label, and its line a MARK that the test looks for
 * in this file. It is never run.
 */
#include "lines.h"

void stumble(void);

__attribute__((always_inline)) static inline void between(void)
{
    inlined_twice();
}

__attribute__((noinline)) void stumble(void)
{
    __asm__ volatile("nop");
    __asm__ volatile(".global at_plain\nat_plain: nop"); /* MARK plain */
    __asm__ volatile("nop");
    inlined_from_a_header(); /* MARK call-of-inlined */
    between();               /* MARK call-of-between */
}
