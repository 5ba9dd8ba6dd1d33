/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Loops to be timed. The host writes the words at `selector` and `rounds` before it loads this.
 * bench.c knows each loop's length in instructions: whoever changes one changes it there too.
 */
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
    .global selector
selector:
    .word 0
    .global rounds
rounds:
    .word 1

    .macro function name
    .balign 4
    .global \name
    .type \name, %function
    .thumb_func
\name:
    .endm

    .text
/* Six instructions to the loop. */
    function reset_handler
    ldr r0, =rounds
    ldr r7, [r0]
    ldr r1, [r0, #-4]
    ldr r2, =loops
    ldr r2, [r2, r1, lsl #2]
    bx r2
    .balign 4
loops:
    .word bench_crc, bench_memcpy, bench_calls, bench_crc_dr, bench_gpio, bench_crc_ticking

    function stuck
    b stuck
    function tick_handler
    bx lr
    .global bench_done
bench_done:
    b bench_done
    .pool

/* Two to begin, per round 4 + 256 * 45, the final branch. */
    function bench_crc
    ldr r6, =0xedb88320
    mvn r0, #0
1:  ldr r1, =0x08000000
    mov r2, #256
2:  ldrb r3, [r1], #1
    eors r0, r3
    movs r3, #8
3:  lsrs r0, r0, #1
    it cs
    eorcs r0, r6
    subs r3, #1
    bne 3b
    subs r2, #1
    bne 2b
    subs r7, #1
    bne 1b
    b bench_done

/* Per round 5 + 512 * 6, the final branch. */
    function bench_memcpy
1:  ldr r0, =0x20004000
    ldr r1, =0x08000000
    movw r2, #512
2:  ldr r3, [r1], #4
    str r3, [r0], #4
    ldr r4, [r1], #4
    str r4, [r0], #4
    subs r2, #1
    bne 2b
    subs r7, #1
    bne 1b
    b bench_done

/* Fibonacci's twelfth: 233 leaves of 3, 232 inner calls of 12; 4 a round, the final branch. */
    function bench_calls
1:  movs r0, #12
    bl fibonacci
    subs r7, #1
    bne 1b
    b bench_done
    function fibonacci
    cmp r0, #2
    it lo
    bxlo lr
    push {r4, r5, lr}
    subs r4, r0, #1
    subs r0, #2
    bl fibonacci
    mov r5, r0
    mov r0, r4
    bl fibonacci
    add r0, r5
    pop {r4, r5, pc}

/* RCC_AHB1ENR.CRCEN is bit 12; CRC_DR is at 0x40023000 (RM0351). Eight writes a round. */
    function bench_crc_dr
    ldr r0, =0x40021048
    ldr r1, [r0]
    orr r1, r1, #0x1000
    str r1, [r0]
    ldr r0, =0x40023000
1:  .rept 8
    str r1, [r0]
    .endr
    subs r7, #1
    bne 1b
    b bench_done

/* RCC_AHB2ENR.GPIOCEN is bit 2; GPIOC_IDR is at 0x48000810 (RM0351). One read a round. */
    function bench_gpio
    ldr r0, =0x4002104c
    ldr r1, [r0]
    orr r1, r1, #4
    str r1, [r0]
    ldr r0, =0x48000810
1:  ldr r1, [r0]
    subs r7, #1
    bne 1b
    b bench_done

/* bench_crc with a tick every 1000 cycles; seven more to begin, one a tick. */
    function bench_crc_ticking
    ldr r0, =0xe000e010
    movw r1, #999
    str r1, [r0, #4]
    str r1, [r0, #8]
    movs r1, #7
    str r1, [r0]
    b.w bench_crc
    .pool
