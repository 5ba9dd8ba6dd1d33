/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
    .syntax unified
    .cpu cortex-m4
    .thumb
    .section .vectors, "a"
    .global vectors
vectors:
    .word stack_top
    .word reset_handler
    .word nmi_handler
    .word hard_fault_handler
    .rept 10
    .word default_handler
    .endr
    .word pendsv_handler
    .word systick_handler
    .rept 82
    .word default_handler
    .endr
