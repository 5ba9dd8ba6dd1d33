/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Bus and memory faults, escalation, privilege.
 */
#include "torture.h"

void probe_load_device(void);
void probe_load_sram(void);
void probe_store(void);
void probe_branch_unmapped(void);
void probe_branch_peripheral(void);
void probe_branch_system(void);
void probe_psp_broken(void);
void probe_return_broken(void);
void probe_after_pend20(void);
void probe_bkpt(void);
void probe_load_icsr(void);
void probe_store_stir(void);
uint32_t probe_ignored_load(void);
void probe_unprivileged_writes(uint32_t out[4]);
void call_unprivileged(void (*run)(void *), void *argument);
extern const char probe_psp_resume[];

static uint32_t psp_stack[32] __attribute__((aligned(8)));

static void precise_load(void)
{
    provoke(probe_load_device);
    record_fault();
    seen.count = 0;
    provoke(probe_load_sram);
    record_fault();
}

/* DISDEFWBUF makes store faults precise on a Cortex-M4 (its TRM, ACTLR). */
static void precise_store(void)
{
    ACTLR = 2;
    barrier();
    provoke(probe_store);
    ACTLR = 0;
    record_fault();
}

static void ibuserr(void)
{
    provoke(probe_branch_unmapped);
    record_fault();
}

static void iaccviol_peripheral(void)
{
    provoke(probe_branch_peripheral);
    record_fault();
}

static void iaccviol_system(void)
{
    provoke(probe_branch_system);
    record_fault();
}

/** Gives the process stack a sound frame to return to. */
static void repair_psp(void)
{
    uint32_t *frame = psp_stack + 32 - 8;
    for (unsigned i = 0; i < 8u; i++)
        frame[i] = 0;
    frame[6] = (uint32_t)probe_psp_resume & ~1u;
    frame[7] = XPSR_T;
    set_psp((uint32_t)frame);
}

static uint32_t on_stack_fault(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    seen.count++;
    seen.exception = exception;
    seen.exc_return = exc_return;
    seen.cfsr = CFSR;
    seen.hfsr = HFSR;
    CFSR = seen.cfsr;
    mark(1);
    repair_psp();
    return exc_return;
}

static uint32_t on_svc_mark(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    mark(2);
    return exc_return;
}

/* BusFault outranks SVCall: it comes first, the SVCall whose stacking failed follows. */
static void stkerr(void)
{
    hooks[EXC_BUSFAULT] = on_stack_fault;
    hooks[EXC_SVCALL] = on_svc_mark;
    SHPR2 = 0x80000000u;
    probe_psp_broken();
    record(order);
    record(seen.count);
    record(seen.exception);
    record(seen.cfsr);
    record(seen.hfsr);
    record(seen.exc_return);
}

static uint32_t on_svc_breaks_psp(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    mark(2);
    set_psp(UNMAPPED_SRAM);
    return exc_return;
}

static void unstkerr(void)
{
    hooks[EXC_BUSFAULT] = on_stack_fault;
    hooks[EXC_SVCALL] = on_svc_breaks_psp;
    SHPR2 = 0x80000000u;
    set_psp((uint32_t)(psp_stack + 32));
    probe_return_broken();
    record(order);
    record(seen.count);
    record(seen.exception);
    record(seen.cfsr);
    record(seen.hfsr);
    record(seen.exc_return);
    record(SHCSR & 0xfffu);
}

static void escalate_disabled(void)
{
    SHCSR = 0;
    provoke(probe_load_device);
    record_fault();
    SHCSR = SHCSR_USGFAULTENA | SHCSR_BUSFAULTENA | SHCSR_MEMFAULTENA;
}

static uint32_t on_faulting_irq(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    provoke(probe_load_device);
    return exc_return;
}

static void escalate_priority(void)
{
    SHPR1 = 0x00004000u; /* BusFault at 0x40, as the handler that faults */
    irq_setup(3, 0x40, on_faulting_irq);
    irq_pend(3);
    record_fault();
    record(seen.exc_return);
}

static uint32_t on_vector_fault(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    seen.cfsr = CFSR;
    seen.hfsr = HFSR;
    HFSR = seen.hfsr;
    VTOR = 0x08000000u;
    NVIC_ICER0 = 1u << 20;
    NVIC_ICPR0 = 1u << 20;
    barrier();
    return exc_return;
}

#ifndef SRAM1_END
#define SRAM1_END 0x20018000u
#endif

/* The table lies so that entries from 32 on are behind the end of SRAM1. */
static void vecttbl(void)
{
    uint32_t *table = (uint32_t *)(SRAM1_END - 128u);
    const uint32_t *flash_vectors = (const uint32_t *)0x08000000u;
    for (unsigned i = 0; i < 32u; i++)
        table[i] = flash_vectors[i];
    hooks[EXC_HARDFAULT] = on_vector_fault;
    irq_setup(20, 0x40, on_mark);
    VTOR = (uint32_t)table;
    barrier();
    probe_after_pend20();
    record(seen.count);
    record(seen.exception);
    record(seen.hfsr);
    record(seen.cfsr);
    record(order);
}

static void bkpt(void)
{
    provoke(probe_bkpt);
    record_fault();
}

static void bfhfnmign(void)
{
    CCR = CCR_STKALIGN | CCR_BFHFNMIGN;
    set_faultmask(1);
    barrier();
    record(probe_ignored_load());
    set_faultmask(0);
    barrier();
    record(seen.count);
    CFSR = 0xffffffffu;
}

static uint32_t on_privilege(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    set_control(get_control() & ~1u);
    return exc_return;
}

static void run_provoke(void *probe)
{
    ((void (*)(void))(uint32_t)probe)();
}

static void provoke_unprivileged(void (*probe)(void))
{
    extern const char probe_resume[];
    hooks[EXC_SVCALL] = on_privilege;
    hooks[EXC_BUSFAULT] = on_fault;
    resume_pc = (uint32_t)probe_resume;
    call_unprivileged(run_provoke, (void *)(uint32_t)probe);
}

static void unprivileged_scb(void)
{
    provoke_unprivileged(probe_load_icsr);
    record_fault();
    record(seen.control & 1u);
}

static void run_unprivileged_writes(void *out)
{
    probe_unprivileged_writes(out);
}

static void unprivileged_msr(void)
{
    static uint32_t out[4];
    hooks[EXC_SVCALL] = on_privilege;
    call_unprivileged(run_unprivileged_writes, out);
    record(out[0]);
    record(out[1]);
    record(out[2]);
    record(out[3]);
    record(get_primask());
    record(get_basepri());
}

static void unprivileged_stir(void)
{
    irq_setup(9, 0, on_mark);
    provoke_unprivileged(probe_store_stir);
    record_fault();
    record(order);
    CCR = CCR_STKALIGN | CCR_USERSETMPEND;
    barrier();
    seen.count = 0;
    provoke_unprivileged(probe_store_stir);
    record(order);
    record(seen.cfsr);
}

const struct torture_step bus_cases[] = {
    {CASE_PRECISE_LOAD, precise_load},
    {CASE_PRECISE_STORE, precise_store},
    {CASE_IBUSERR, ibuserr},
    {CASE_IACCVIOL_PERIPHERAL, iaccviol_peripheral},
    {CASE_IACCVIOL_SYSTEM, iaccviol_system},
    {CASE_STKERR, stkerr},
    {CASE_UNSTKERR, unstkerr},
    {CASE_ESCALATE_DISABLED, escalate_disabled},
    {CASE_ESCALATE_PRIORITY, escalate_priority},
    {CASE_VECTTBL, vecttbl},
    {CASE_BKPT, bkpt},
    {CASE_BFHFNMIGN, bfhfnmign},
    {CASE_UNPRIVILEGED_SCB, unprivileged_scb},
    {CASE_UNPRIVILEGED_MSR, unprivileged_msr},
    {CASE_UNPRIVILEGED_STIR, unprivileged_stir},
    {CASE_COUNT, 0},
};
