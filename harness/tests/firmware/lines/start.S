/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Vectors, and instructions of an assembly file that a test asks for. */
    .syntax unified
    .cpu cortex-m4
    .thumb

    .section .vectors, "a"
    .word stack_top
    .word reset_handler

    .text
    .thumb_func
    .type reset_handler, %function
    .global reset_handler
reset_handler:
    nop
    .global at_assembly
at_assembly:
    bl stumble          /* MARK assembly */
    b at_assembly
    .size reset_handler, . - reset_handler
