/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Reads a word of bank 2's first page, then calls the function that the page begins with. */
    .syntax unified
    .cpu cortex-m4
    .thumb
    .equ PAGE, 0x08080000

    .section .vectors, "a"
    .word stack_top
    .word reset_handler
    .rept 14
    .word stuck
    .endr

    .text
    .thumb_func
stuck:
    b stuck

    .thumb_func
    .global reset_handler
reset_handler:
    ldr r0, =PAGE
    ldr r1, [r0, #64]
    adds r0, #1
    blx r0
    ldr r1, =result
    str r0, [r1]
    ldr r0, =0x600d600d
    ldr r1, =done
    str r0, [r1]
    b stuck
    .pool

    .bss
    .global done, result
done:
    .space 4
result:
    .space 4
