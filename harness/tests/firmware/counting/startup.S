/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
    .syntax unified
    .cpu cortex-m4
    .thumb

    .section .vectors, "a"
    .word stack_top
    .word reset_handler
    .rept 13
    .word stuck
    .endr
    .word tick_handler
    .rept 82
    .word stuck
    .endr

    .text
    .thumb_func
    .global reset_handler
reset_handler:
    ldr r1, =bss_start
    ldr r2, =bss_end
    movs r3, #0
1:  cmp r1, r2
    bhs 2f
    str r3, [r1], #4
    b 1b
2:  bl run_quiet
    ldr r0, =progress
    movs r1, #1
/* The instruction before quiet_end is the last one of the part without interrupts. */
    .global quiet_last
quiet_last:
    str r1, [r0]
    .global quiet_end
quiet_end:
    bl run_ticking
    ldr r0, =progress
    movs r1, #2
    .global ticking_last
ticking_last:
    str r1, [r0]
    .global ticking_end
ticking_end:
    b ticking_end

/* Exactly six instructions a tick. */
    .thumb_func
tick_handler:
    ldr r0, =ticks
    ldr r1, [r0]
    adds r1, r1, #1
    str r1, [r0]
    nop.w
    bx lr

    .thumb_func
stuck:
    b stuck
    .pool
