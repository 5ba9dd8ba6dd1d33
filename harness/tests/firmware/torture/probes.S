/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Long because: every faulting instruction has its probe here. */
/*
 * Instruction sequences whose every address matters. Labels without a type have bit 0 clear: they
 * are what a stacked PC is compared with.
 */
    .syntax unified
    .cpu cortex-m4
    .fpu fpv4-sp-d16
    .thumb
    .text

    .macro function name
    .balign 4
    .global \name
    .type \name, %function
    .thumb_func
\name:
    .endm

    .macro point name
    .global \name
\name:
    .endm

    .macro accessor name, special
    function get_\name
    mrs r0, \special
    bx lr
    function set_\name
    msr \special, r0
    isb
    bx lr
    .endm

    accessor control, control
    accessor primask, primask
    accessor basepri, basepri
    accessor faultmask, faultmask
    accessor psp, psp
    function set_basepri_max
    msr basepri_max, r0
    isb
    bx lr

    function case_call
    push {r3-r11, lr}
    ldr r1, =case_sp
    mov r2, sp
    str r2, [r1]
    blx r0
    pop {r3-r11, pc}

    function case_abort
    movs r0, #0
    msr control, r0
    isb
    ldr r1, =case_sp
    ldr r2, [r1]
    mov sp, r2
    pop {r3-r11, pc}
    .pool

    function fill_nops
    .rept 400
    nop
    .endr
    bx lr

/* Stacking: every register a value of its own, flags N, C, Q and GE 5. */
    function probe_stack
    push {r4-r11, lr}
    mov r4, sp
    bic r5, r4, #7
    sub r5, r5, #8
    sub r5, r5, r0
    mov sp, r5
    ldr r6, =probe_sp
    str r5, [r6]
    ldr r6, =probe_after
    ldr r7, =0xa8050000
    ldr r0, =0x10101010
    ldr r1, =0x21212121
    ldr r2, =0x32323232
    ldr r3, =0x43434343
    ldr r12, =0xcccccccc
    ldr lr, =0x1e1e1e1f
    msr apsr_nzcvqg, r7
    svc #1
    point probe_stack_after
    stmia r6!, {r0-r3}
    str r12, [r6], #4
    str lr, [r6], #4
    mrs r7, apsr
    str r7, [r6], #4
    mov r7, sp
    str r7, [r6]
    mov sp, r4
    pop {r4-r11, pc}

    function probe_psp
    push {r4-r11, lr}
    msr psp, r0
    movs r1, #2
    msr control, r1
    isb
    svc #1
    point probe_psp_after
    mrs r0, control
    movs r3, #0
    msr control, r3
    isb
    pop {r4-r11, pc}

    function probe_fp
    push {r4-r11, lr}
    mov r4, sp
    bic r5, r4, #7
    sub r5, r5, #8
    mov sp, r5
    ldr r6, =probe_sp
    str r5, [r6]
    vmsr fpscr, r1
    vldmia r0, {s0-s15}
    mrs r2, control
    ldr r6, =probe_fp_control_before
    str r2, [r6]
    svc #2
    mrs r2, control
    ldr r6, =probe_fp_control_after
    str r2, [r6]
    ldr r6, =probe_fp_after_s
    vstmia r6, {s0-s15}
    vmrs r1, fpscr
    ldr r6, =probe_fp_after_fpscr
    str r1, [r6]
    mov sp, r4
    pop {r4-r11, pc}

/* The FPSCR that a new context starts with; then nothing of the old one is left in s0-s15. */
    function fp_clobber
    vmrs r0, fpscr
    ldr r1, =0xdeadbeef
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmov s\n, r1
    .endr
    movs r2, #0
    vmsr fpscr, r2
    bx lr
    .pool

/* Two tasks that pend PendSV themselves and look at all their registers when they are back. */
    function run_tasks
    push {r4-r11, lr}
    msr psp, r0
    movs r0, #2
    msr control, r0
    isb
    movs r0, #0
    bl task_entry
    movs r0, #0
    msr control, r0
    isb
    pop {r4-r11, pc}

    function task_entry
    push {r4-r11, lr}
    mov r4, r0
    ldr r1, =0x55550000
    add r1, r1, r0, lsl #8
    add r5, r1, #1
    add r6, r1, #2
    add r7, r1, #3
    add r8, r1, #4
    add r9, r1, #5
    add r10, r1, #6
    add r11, r1, #7
    ldr r2, =task_pattern
    add r2, r2, r0, lsl #7
    vldmia r2, {s0-s31}
1:  vadd.f32 s4, s4, s5
    ldr r0, =0xe000ed04
    mov r1, #0x10000000
    str r1, [r0]
    dsb
    isb
    ldr r0, =task_regs
    stmia r0, {r4-r11}
    ldr r0, =task_fp
    vstmia r0, {s0-s31}
    mov r0, r4
    bl task_check
    cmp r4, #0
    bne 1b
    cmp r0, #0
    bne 1b
    pop {r4-r11, pc}
    .pool

    function svc_5a
    svc #0x5a
    bx lr

    function probe_svc_in_handler
    point probe_svc_in_handler_at
    svc #3
    bx lr

    function probe_cpsie
    cpsie i
    point probe_cpsie_after
    nop
    bx lr

    function probe_msr_primask
    movs r0, #0
    msr primask, r0
    point probe_msr_primask_after
    nop
    bx lr

    function probe_msr_basepri
    movs r0, #0
    msr basepri, r0
    point probe_msr_basepri_after
    nop
    bx lr

/* LDR to LDR: eleven instructions, eleven cycles. */
    function probe_cvr_10_nops
    ldr r1, =0xe000e018
    ldr r2, [r1]
    .rept 10
    nop
    .endr
    ldr r3, [r1]
    subs r0, r2, r3
    bx lr

    function probe_cvr_sequence
    push {r4-r9, lr}
    ldr r1, =0xe000e018
    ldr r2, [r1]
    ldr r3, [r1]
    ldr r4, [r1]
    ldr r5, [r1]
    ldr r6, [r1]
    ldr r7, [r1]
    ldr r8, [r1]
    ldr r9, [r1]
    stmia r0, {r2-r9}
    pop {r4-r9, pc}

/* Faults. All of them resume at probe_resume with LR untouched. */
    function probe_resume
    bx lr

    function probe_udf
    nop
    point probe_udf_at
    udf #0
    bx lr

    function probe_lockup
    udf #1
    bx lr

    function probe_invstate
    ldr r0, =probe_invstate_target
    bx r0
    .balign 4
    point probe_invstate_target
    bx lr

    function probe_after_pend
    ldr r0, =0xe000e200
    movs r1, #8
    str r1, [r0]
    dsb
    isb
    bx lr

    function probe_after_pend20
    ldr r0, =0xe000e200
    mov r1, #0x00100000
    str r1, [r0]
    dsb
    isb
    bx lr

    function probe_fp_disabled
    nop
    point probe_fp_disabled_at
    vmov s0, r0
    bx lr

    function probe_divide
    movs r0, #5
    movs r1, #0
    point probe_divide_at
    udiv r0, r0, r1
    bx lr

    function probe_divide_value
    movs r0, #5
    movs r1, #0
    sdiv r0, r0, r1
    bx lr

    function probe_unaligned_ldr
    ldr r0, =probe_after + 1
    point probe_unaligned_ldr_at
    ldr r1, [r0]
    bx lr

    function probe_unaligned_value
    ldr r0, [r0]
    bx lr

    function probe_unaligned_ldrd
    ldr r0, =probe_after + 2
    point probe_unaligned_ldrd_at
    ldrd r2, r3, [r0]
    bx lr

    function probe_unaligned_ldm
    ldr r0, =probe_after + 2
    point probe_unaligned_ldm_at
    ldmia r0, {r2, r3}
    bx lr

    function probe_load_device
    ldr r0, =0xc0000000
    point probe_load_device_at
    ldr r1, [r0]
    bx lr

    function probe_load_sram
    ldr r0, =0x20040000
    point probe_load_sram_at
    ldrh r1, [r0, #6]
    bx lr

    function probe_store
    ldr r0, =0xc0000000
    point probe_store_at
    str r1, [r0, #16]
    bx lr

    function probe_branch_unmapped
    ldr r0, =0x20040001
    bx r0

    function probe_branch_peripheral
    ldr r0, =0x40000001
    bx r0

    function probe_branch_system
    ldr r0, =0xe0000001
    bx r0
    .pool

/* The process stack points to nothing: pushing the frame fails. */
    function probe_psp_broken
    push {r4-r11, lr}
    ldr r0, =0x20040000
    msr psp, r0
    movs r0, #2
    msr control, r0
    isb
    svc #4
    b probe_psp_resume

    function probe_return_broken
    push {r4-r11, lr}
    movs r0, #2
    msr control, r0
    isb
    svc #5
    b probe_psp_resume

    function probe_psp_resume
    movs r0, #0
    msr control, r0
    isb
    pop {r4-r11, pc}

    function probe_bkpt
    nop
    point probe_bkpt_at
    bkpt #0x11
    bx lr

    function probe_ignored_load
    ldr r0, =0xc0000000
    movs r1, #0
    ldr r2, [r0]
    adds r1, r1, #1
    mov r0, r1
    bx lr

    function probe_load_icsr
    ldr r0, =0xe000ed04
    point probe_load_icsr_at
    ldr r1, [r0]
    bx lr

    function probe_store_stir
    ldr r0, =0xe000ef00
    movs r1, #9
    point probe_store_stir_at
    str r1, [r0]
    dsb
    isb
    bx lr

    function call_unprivileged
    push {r4, lr}
    mov r2, r0
    mov r0, r1
    mrs r3, control
    orr r3, r3, #1
    msr control, r3
    isb
    blx r2
    svc #9
    pop {r4, pc}

    function probe_unprivileged_writes
    movs r1, #1
    msr primask, r1
    mrs r2, primask
    str r2, [r0]
    movs r1, #0x40
    msr basepri, r1
    mrs r2, basepri
    str r2, [r0, #4]
    movs r1, #0
    msr control, r1
    isb
    mrs r2, control
    str r2, [r0, #8]
    cpsid i
    mrs r2, primask
    str r2, [r0, #12]
    bx lr

    function probe_it_fault
    movs r1, #0
    ldr r0, =0xc0000000
    cmp r1, #0
    itte eq
    addeq r1, r1, #1
    point probe_it_fault_at
    ldreq r0, [r0]
    movne r1, #9
    bx lr

    function probe_it_svc
    movs r0, #0
    cmp r0, #0
    itte eq
    addeq r0, r0, #1
    svceq #6
    movne r0, #99
    bx lr
    .pool

    function probe_wfi
    wfi
    point probe_wfi_after
    nop
    bx lr

    function probe_sev_wfe
    sev
    wfe
    bx lr

    function probe_wfe_cycles
    ldr r1, =0xe000e018
    ldr r2, [r1]
    wfe
    ldr r3, [r1]
    subs r0, r2, r3
    bx lr

    function probe_svc_wfe_cycles
    ldr r1, =0xe000e018
    ldr r2, [r1]
    svc #7
    wfe
    ldr r3, [r1]
    subs r0, r2, r3
    bx lr

/* r1: 0 nothing, 1 CLREX, 2 an exception between LDREX and STREX; returns STREX's status. */
    function probe_exclusive
    movs r3, #42
    cmp r1, #1
    beq 1f
    bhi 2f
    ldrex r2, [r0]
    strex r1, r3, [r0]
    b 3f
1:  ldrex r2, [r0]
    clrex
    strex r1, r3, [r0]
    b 3f
2:  ldrex r2, [r0]
    svc #8
    strex r1, r3, [r0]
3:  mov r0, r1
    bx lr

/* Mostly IT blocks: a tick falls into one of them more often than not. */
    function probe_it_loop
    push {r4-r7, lr}
    movs r1, #0
    movs r4, #3
1:  tst r0, #1
    ittee ne
    addne r1, r1, #3
    eorne r1, r1, r0, lsl #2
    subeq r1, r1, #5
    addeq.w r1, r1, r0
    cmp r1, r0
    itete hi
    subhi r4, r4, r0
    addls r4, r4, #7
    eorhi r1, r1, r4, ror #3
    orrls r5, r4, r1
    tst r1, #4
    itttt eq
    addeq r1, r1, r1, lsl #1
    moveq r6, r1
    eoreq.w r6, r6, r4
    addeq r4, r4, r6
    cmp r4, r1
    iteee ge
    mvnge r7, r4
    movlt r7, #0
    sublt r1, r1, #1
    rorlt r1, r1, r7
    adds r1, r1, r7
    subs r0, r0, #1
    bne 1b
    add r0, r1, r4
    pop {r4-r7, pc}
    .pool

/* Single accesses under the MPU; r0 is the address, and what was loaded. */
    function mpu_load
    point mpu_load_at
    ldr r0, [r0]
    bx lr

    function mpu_load_byte
    ldrb r0, [r0]
    bx lr

    function mpu_store
    point mpu_store_at
    str r1, [r0]
    bx lr

    function mpu_store_byte
    strb r1, [r0]
    bx lr

    function mpu_load_unprivileged
    ldrt r0, [r0]
    bx lr

    function mpu_store_unprivileged
    strt r1, [r0]
    bx lr

/* Four words from r0 on, with writeback. */
    function mpu_store_multiple
    mov r2, r1
    mov r3, r1
    mov r12, r1
    point mpu_store_multiple_at
    stmia.w r0!, {r1, r2, r3, r12}
    bx lr

    function mpu_load_multiple
    movs r1, #1
    movs r2, #2
    point mpu_load_multiple_at
    ldmia.w r0!, {r1, r2, r3, r12}
    bx lr

    function mpu_store_double
    mov r2, r1
    point mpu_store_double_at
    strd r1, r2, [r0]
    bx lr

/* 32 bytes of data amid code, for a region of their own, and 32 bytes of code for another. */
    .balign 32
    point mpu_flash_data
    .rept 8
    .word 0x600dda7a
    .endr
    function mpu_flash_next
    movs r0, #77
    bx lr
    .balign 32
    function mpu_flash_code
    point mpu_flash_code_at
    movs r0, #78
    bx lr
    .balign 32
    function mpu_flash_after
    movs r0, #79
    bx lr

/* The process stack r0 holds an SVCall's frame, if it can be written. */
    function mpu_svc_on_psp
    push {r4-r11, lr}
    msr psp, r0
    movs r0, #2
    msr control, r0
    isb
    svc #10
    b probe_psp_resume

    .bss
    .balign 4
    .irp name, case_sp, probe_sp, probe_fp_after_fpscr, probe_fp_control_before, probe_fp_control_after
    .global \name
\name:
    .space 4
    .endr
    .global probe_after
probe_after:
    .space 32
    .global probe_fp_after_s
probe_fp_after_s:
    .space 64
