/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * The same program for both banks, linked at 0x08000000; only `bank_mark` differs. Code in RAM
 * swaps the banks by SYSCFG_MEMRMP.FB_MODE (RM0351, SYSCFG_MEMRMP bit 8): by a plain store, and
 * back by the bit-band alias, and looks each time at what 0x08000000, 0x08080000 and 0 show.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb
#ifdef IN_BANK_2
    .equ MARK, 0xbbbb2222
    .equ VECTOR_MARK, 2
#else
    .equ MARK, 0xaaaa1111
    .equ VECTOR_MARK, 1
#endif
    .equ RCC_APB2ENR, 0x40021060    /* SYSCFGEN is bit 0 */
    .equ SYSCFG_MEMRMP, 0x40010000
    .equ FB_MODE_ALIAS, 0x42200020  /* 0x42000000 + 0x10000 * 32 + 8 * 4 */
    .equ ICSR, 0xe000ed04

    .section .vectors, "a"
    .word stack_top
    .word reset_handler
    .rept 12
    .word stuck
    .endr
    .word pendsv_handler
    .rept 83
    .word stuck
    .endr
    .global bank_mark
bank_mark:
    .word MARK

    .text
    .thumb_func
    .global reset_handler
reset_handler:
    ldr r0, =code_load
    ldr r1, =code_start
    ldr r2, =code_end
1:  cmp r1, r2
    bhs 2f
    ldr r3, [r0], #4
    str r3, [r1], #4
    b 1b
2:  ldr r0, =RCC_APB2ENR
    ldr r1, [r0]
    orr r1, r1, #1
    str r1, [r0]
    ldr r1, [r0]
    ldr r7, =seen
    movs r0, #0
    str r0, [r7, #60]
    ldr r0, =in_ram
    bx r0

/* Same address and same bytes around it in both banks, another immediate: which one runs? */
    .balign 4
    .thumb_func
    .global where
where:
    movs r0, #VECTOR_MARK
    bx lr

    .thumb_func
pendsv_handler:
    ldr r0, =seen
    movs r1, #VECTOR_MARK
    str r1, [r0, #60]
    bx lr
    .thumb_func
stuck:
    b stuck
    .pool

    .section .ramcode, "ax"
    .balign 4
    .macro look
    ldr r0, =bank_mark
    ldr r1, [r0]                    /* as linked */
    stmia r7!, {r1}
    add r2, r0, #0x80000            /* the other bank's place */
    ldr r1, [r2]
    stmia r7!, {r1}
    bic r2, r0, #0x08000000         /* the alias at 0 */
    ldr r1, [r2]
    stmia r7!, {r1}
    ldr r2, =where
    blx r2                          /* code that was run before, from the bank that shows now */
    stmia r7!, {r0}
    ldr r0, =ICSR                   /* vector fetch with VTOR 0: from the bank at 0 */
    mov r1, #0x10000000
    str r1, [r0]
    dsb
    isb
    ldr r0, =seen
    ldr r1, [r0, #60]
    stmia r7!, {r1}
    .endm

    .thumb_func
in_ram:
    look
    ldr r0, =SYSCFG_MEMRMP
    ldr r1, [r0]
    orr r1, r1, #0x100
    str r1, [r0]
    dsb
    isb
    look
    ldr r0, =FB_MODE_ALIAS
    movs r1, #0
    str r1, [r0]
    dsb
    isb
    ldr r7, =seen
    add r7, r7, #64
    look
    ldr r0, =FB_MODE_ALIAS
    movs r1, #1
    str r1, [r0]
    dsb
    isb
    ldr r1, [r0]                    /* the alias reads the bit */
    stmia r7!, {r1}
    ldr r0, =SYSCFG_MEMRMP
    ldr r1, [r0]
    stmia r7!, {r1}
    ldr r0, =0x600d600d
    ldr r1, =done
    str r0, [r1]
    .global done_loop
done_loop:
    b done_loop
    .pool

    .bss
    .balign 4
    .global seen
seen:
    .space 128
    .global done
done:
    .space 4
