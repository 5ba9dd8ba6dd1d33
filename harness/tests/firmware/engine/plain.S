/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * A loop that feeds the CRC unit, so that the engine sees it plainly, and now and then what is not plain: mistakes that
 * must be told with the very instruction, its clock switched off between two accesses, instructions that access it more
 * than once or on a condition, interrupts. Registers: RM0351 15.4 (CRC), 6.4.16 (RCC_AHB1ENR).
 */
    .syntax unified
    .cpu cortex-m4
    .thumb
    .equ CRC, 0x40023000
    .equ CRC_IDR, 0x04
    .equ CRC_CR, 0x08
    .equ CRC_RESERVED, 0x0c
    .equ CRC_POL, 0x14
    .equ RCC_AHB1ENR, 0x40021048
    .equ FLASHEN, 0x100
    .equ CRCEN, 0x1000 + FLASHEN
    .equ SYSTICK, 0xe000e010
    .equ TURNS, 3000

    .section .vectors, "a"
    .word stack_top
    .word reset_handler
    .rept 13
    .word stuck
    .endr
    .word tick

    .text
    .thumb_func
stuck:
    b stuck

    .thumb_func
tick:                                   /* feeds as well */
    ldr r0, =CRC
    ldr r1, =ticks
    ldr r2, [r1]
    adds r2, #1
    str r2, [r1]
    str r2, [r0]
    bx lr

    .thumb_func
    .global reset_handler
reset_handler:
    ldr r0, =CRC
    ldr r4, =RCC_AHB1ENR
    mov r5, #FLASHEN
    ldr r6, =CRCEN
    str r6, [r4]
    ldr r7, [r4]
    ldr r1, =SYSTICK
    ldr r2, =976
    str r2, [r1, #4]
    movs r2, #7
    str r2, [r1]
    movs r7, #0                         /* what was read */
    ldr r1, =ticks
    str r7, [r1]
    movs r1, #1
    ldr r2, =TURNS
turn:
    str r1, [r0]
    str r1, [r0]
    adds r1, #3
    cmp r2, #2816
    beq with_even_polynomial
    cmp r2, #2560
    beq with_narrow_write
    cmp r2, #2304
    beq without_clock
    cmp r2, #2048
    beq with_reserved
    cmp r2, #1792
    beq with_reads
    cmp r2, #1536
    beq with_doubles
    cmp r2, #1280
    beq with_lists
    cmp r2, #1024
    beq on_condition
    cmp r2, #768
    beq with_bytes
back:
    subs r2, #1
    bne turn

    ldr r1, =SYSTICK
    movs r2, #0
    str r2, [r1]
    ldr r3, =0x04c11db7
    str r3, [r0, #CRC_POL]
    movs r3, #1
    str r3, [r0, #CRC_CR]
    movs r1, #1                         /* 1 to 200 */
1:  str r1, [r0]
    adds r1, #1
    cmp r1, #201
    bne 1b
    ldr r1, [r0]
    ldr r2, =result
    str r1, [r2]
    str r7, [r2, #4]
    ldr r1, =0x600d600d
    ldr r2, =done
    str r1, [r2]
    b stuck

with_even_polynomial:
    movs r3, #2
    .global even_polynomial
even_polynomial:
    str r3, [r0, #CRC_POL]
    ldr r3, =0x04c11db7
    str r3, [r0, #CRC_POL]
    b back
with_narrow_write:
    .global narrow_write
narrow_write:
    strb r1, [r0, #1]
    b back
without_clock:                          /* one linear run: it shows at once */
    str r5, [r4]
    .global write_without_clock
write_without_clock:
    str r1, [r0]
    .global read_without_clock
read_without_clock:
    ldr r3, [r0]
    str r6, [r4]
    str r1, [r0]
    b back
with_reserved:
    .global reserved
reserved:
    str r1, [r0, #CRC_RESERVED]
    b back
with_reads:
    ldr r3, [r0]
    eors r7, r3
    str r3, [r0, #CRC_IDR]
    ldr r3, [r0, #CRC_CR]
    eors r7, r3
    ldr r3, [r0, #CRC_IDR]
    eors r7, r3
    ldrh r3, [r0]
    eors r7, r3
    str r1, [r0]
    b back
    .pool
with_doubles:
    strd r1, r2, [r0]
    ldrd r3, r12, [r0]
    eor r7, r7, r3
    eor r7, r7, r12
    b back
with_lists:                             /* DR, IDR */
    stmia r0, {r1, r2}
    ldmia r0, {r3, r12}
    eor r7, r7, r3
    eor r7, r7, r12
    b back
on_condition:
    cmp r1, #0
    ite eq
    streq r5, [r0]
    strne r1, [r0]
    it ne
    .global narrow_on_condition
narrow_on_condition:
    strbne r1, [r0, #2]
    b back
with_bytes:
    strb r1, [r0]
    strh r1, [r0]
    ldrb r3, [r0]
    eors r7, r3
    b back
    .pool

    .bss
    .global done, ticks, result
done:
    .space 4
ticks:
    .space 4
result:
    .space 8
