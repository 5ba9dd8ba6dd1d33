/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Always inlined: its instruction is written here, and belongs to whoever calls it. */
#ifndef TEST_FIRMWARE_LINES_H
#define TEST_FIRMWARE_LINES_H

__attribute__((always_inline)) static inline void inlined_from_a_header(void)
{
    __asm__ volatile(".global at_inlined\nat_inlined: nop"); /* MARK inlined */
}

__attribute__((always_inline)) static inline void inlined_twice(void)
{
    __asm__ volatile("nop");
    __asm__ volatile(".global at_twice\nat_twice: nop"); /* MARK twice */
}

#endif
