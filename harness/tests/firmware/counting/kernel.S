/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Code that is hard to count: IT blocks of every length with both outcomes, 16-bit and 32-bit
 * encodings mixed, 32-bit instructions across 1 KiB page ends, IT blocks across page ends.
 */
    .syntax unified
    .cpu cortex-m4
    .thumb
    .text

    .macro function name
    .balign 4
    .global \name
    .type \name, %function
    .thumb_func
\name:
    .endm

/* Fills up to `left` bytes before the next page end, running. */
    .macro before_page_end left
    .balignw 1024, 0xbf00
    .rept (1024 - \left) / 2
    nop
    .endr
    .endm

/* r0: rounds, r1: seed; returns a value that depends on every instruction. */
    function it_mix
    push {r4-r8, lr}
    mov r4, r1
    movw r5, #0x6789
    movt r5, #0x12
    movs r6, #0
1:  lsrs r2, r4, #1
    it cs
    eorcs r2, r2, #0xa3000000
    mov r4, r2
    tst r4, #8
    ite eq
    addeq r6, #1
    addne.w r6, r6, r4, lsr #28
    cmp r6, r5
    itt hi
    subhi r6, r6, r5
    eorhi r4, r4, r6, lsl #3
    tst r4, #0x10
    itet ne
    movne r7, r4
    moveq r7, r6
    addne r7, r7, r6
    tst r4, #0x20
    itete eq
    addeq.w r6, r6, r7, asr #7
    rorne r6, r6, r7
    eoreq r6, r7
    mvnne r7, r7
    cmp r7, #0
    itttt mi
    rsbmi r7, r7, #0
    lsrmi r7, r7, #3
    addmi.w r6, r6, #3
    ubfxmi r7, r7, #4, #12
    add r4, r4, #1
    subs r0, r0, #1
    bne.w 1b
    add r0, r6, r7
    pop {r4-r8, pc}

/* One pass of two pages; r0 rounds. */
    function page_walk
    push {r4, lr}
    movs r1, #0
    movs r4, #5
    b.w walk_loop
    before_page_end 2
    movw r2, #0x1234            /* two bytes before the end: straddles */
walk_loop:
    adds r1, r1, r0
    tst r0, #1
    before_page_end 4
    it ne
    addne.w r1, r1, #0x10000    /* IT is the last half-word but one; its instruction straddles */
    tst r0, #2
    before_page_end 2
    it eq                       /* IT alone before the end */
    addeq r1, r1, #7
    cmp r1, r4
    before_page_end 6
    itete hi                    /* a block of four across the end */
    subhi r1, #1
    addls.w r1, r1, #2
    eorhi.w r1, r1, r0, ror #5
    addls r1, #9
    before_page_end 2
    bl leaf                     /* a call across the end */
    subs r0, r0, #1
    beq 2f
    b.w walk_loop
2:  mov r0, r1
    pop {r4, pc}

    function leaf
    cbz r1, 1f
    adds r1, r1, #1
1:  bx lr

/* r0 value, r1 bytes, r2 count: CRC-32 bit by bit. */
    function soft_crc
    push {r4, lr}
    ldr r4, =0xedb88320
1:  ldrb r3, [r1], #1
    eors r0, r3
    movs r3, #8
2:  lsrs r0, r0, #1
    it cs
    eorcs r0, r4
    subs r3, #1
    bne 2b
    subs r2, #1
    bne 1b
    pop {r4, pc}

/* r0 to, r1 from, r2 bytes (multiple of 16). */
    function copy16
    push {r4-r6, lr}
1:  ldmia r1!, {r3-r6}
    stmia r0!, {r3-r6}
    subs r2, #16
    bne 1b
    pop {r4-r6, pc}

    function fibonacci
    cmp r0, #2
    it lo
    bxlo lr
    push {r4, r5, lr}
    sub r4, r0, #1
    subs r0, r0, #2
    bl fibonacci
    mov r5, r0
    mov r0, r4
    bl fibonacci
    add r0, r5
    pop {r4, r5, pc}

/* Table branch: r0 selects. */
    function dispatch
    and r0, r0, #3
    tbb [pc, r0]
table:
    .byte (case0 - table) / 2, (case1 - table) / 2, (case2 - table) / 2, (case3 - table) / 2
case0:
    adds r1, #1
    b 1f
case1:
    add.w r1, r1, r1, lsl #1
    b 1f
case2:
    eor r1, r1, #0xff
case3:
    ror r1, r1, r0
1:  mov r0, r1
    bx lr
    .pool
