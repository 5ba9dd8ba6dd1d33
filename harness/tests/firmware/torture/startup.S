/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Vector table, reset, and the exception entries of the torture firmware. */
    .syntax unified
    .cpu cortex-m4
    .fpu fpv4-sp-d16
    .thumb

    .section .vectors, "a"
    .global vectors
vectors:
    .word stack_top
    .word reset_handler
    .rept 9                     /* 2..10 */
    .word common_handler
    .endr
    .word common_handler        /* SVCall */
    .word common_handler
    .word common_handler
    .word pendsv_entry
    .word systick_entry
    .rept 12                    /* IRQ 0..11 */
    .word common_handler
    .endr
    .word return_bx             /* IRQ 12..15: one form of exception return each */
    .word return_pop
    .word return_ldr
    .word return_ldm
    .rept 66                    /* IRQ 16..81 */
    .word common_handler
    .endr

    .text
    .thumb_func
    .global reset_handler
reset_handler:
    ldr r0, =data_load
    ldr r1, =data_start
    ldr r2, =data_end
1:  cmp r1, r2
    bhs 2f
    ldr r3, [r0], #4
    str r3, [r1], #4
    b 1b
2:  ldr r1, =bss_start
    ldr r2, =bss_end
    movs r3, #0
3:  cmp r1, r2
    bhs 4f
    str r3, [r1], #4
    b 3b
4:  bl main
    .global end_loop
end_loop:
    b end_loop
    .pool

    .thumb_func
    .global common_handler
common_handler:
    mov r0, lr
    tst lr, #4
    ite eq
    mrseq r1, msp
    mrsne r1, psp
    mrs r2, ipsr
    ldr r3, =hooks
    ldr r3, [r3, r2, lsl #2]
    push {r4, lr}
    blx r3
    pop {r4, lr}
    bx r0

/* PendSV switches tasks when asked to, with every register that AAPCS lets a handler forget. */
    .thumb_func
pendsv_entry:
    ldr r0, =switching
    ldr r0, [r0]
    cmp r0, #0
    beq common_handler
    mrs r0, psp
    tst lr, #0x10
    it eq
    vstmdbeq r0!, {s16-s31}
    stmdb r0!, {r4-r11, lr}
    ldr r1, =current_task
    ldr r2, [r1]
    ldr r3, =task_sp
    str r0, [r3, r2, lsl #2]
    eor r2, r2, #1
    str r2, [r1]
    ldr r0, [r3, r2, lsl #2]
    ldr r1, =switch_count
    ldr r2, [r1]
    adds r2, r2, #1
    str r2, [r1]
    ldmia r0!, {r4-r11, lr}
    tst lr, #0x10
    it eq
    vldmiaeq r0!, {s16-s31}
    msr psp, r0
    bx lr

/* With systick_log set: exactly 7 instructions that append the stacked PC to the log. */
    .thumb_func
systick_entry:
    ldr r0, =systick_log
    ldr r1, [r0]
    cbz r1, 1f
    ldr r2, [sp, #24]
    str r2, [r1], #4
    str r1, [r0]
    bx lr
1:  b common_handler

    .macro count_return
    ldr r0, =return_count
    ldr r1, [r0]
    adds r1, r1, #1
    str r1, [r0]
    .endm

    .thumb_func
return_bx:
    count_return
    bx lr
    .thumb_func
return_pop:
    push {r4, lr}
    count_return
    pop {r4, pc}
    .thumb_func
return_ldr:
    push {lr}
    count_return
    ldr pc, [sp], #4
    .thumb_func
return_ldm:
    push {r4-r9, lr}
    count_return
    ldmia.w sp!, {r4-r9, pc}
    .pool
