/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Usage faults: what the processor refuses to execute.
 */
#include "torture.h"

void probe_udf(void);
void probe_invstate(void);
void probe_fp_disabled(void);
void probe_divide(void);
uint32_t probe_divide_value(void);
void probe_unaligned_ldr(void);
uint32_t probe_unaligned_value(const void *at);
void probe_unaligned_ldrd(void);
void probe_unaligned_ldm(void);
void probe_after_pend(void);
void probe_it_fault(void);
uint32_t probe_it_svc(void);
extern const char probe_resume[];

static void undefinstr(void)
{
    provoke(probe_udf);
    record_fault();
    record(seen.xpsr & 0x0700fdffu);
    record(seen.exc_return);
    record(seen.shcsr & 0xffu); /* USGFAULTACT */
    record(CFSR);               /* cleared by writing ones */
}

static void invstate(void)
{
    provoke(probe_invstate);
    record_fault();
    record(seen.xpsr & XPSR_T);
}

static uint32_t bad_return;
static uint32_t on_bad_return(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    mark(1);
    (void)exc_return;
    return bad_return;
}

/* The usage fault is entered by tail-chaining, with the bad value in LR: leave with a good one. */
static uint32_t good_return;
static uint32_t on_invpc(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    mark(2);
    seen.cfsr = CFSR;
    seen.hfsr = HFSR;
    CFSR = seen.cfsr;
    record(NVIC_IABR0);
    return good_return;
}

static void record_invpc(void)
{
    record(order);
    record(seen.exception);
    record(seen.cfsr);
    record(seen.hfsr);
    record(seen.exc_return);
    record(NVIC_IABR0);
}

static void invpc_value(void)
{
    hooks[EXC_USAGEFAULT] = on_invpc;
    bad_return = 0xfffffff3u;
    good_return = 0xfffffff9u;
    irq_setup(3, 0x40, on_bad_return);
    irq_pend(3);
    record_invpc();
}

static uint32_t on_pends_bad(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    irq_pend(3);
    mark(3);
    return exc_return;
}

/* Back to Thread mode while another exception is active, without NONBASETHRDENA. */
static void invpc_nesting(void)
{
    hooks[EXC_USAGEFAULT] = on_invpc;
    bad_return = 0xfffffff9u;
    good_return = 0xfffffff1u;
    irq_setup(3, 0x40, on_bad_return);
    irq_setup(4, 0x80, on_pends_bad);
    irq_pend(4);
    record_invpc();
}

static uint32_t on_corrupt_ipsr(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)exception;
    mark(1);
    frame->xpsr |= 5u;
    return exc_return;
}

static uint32_t on_invpc_ipsr(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    mark(2);
    seen.cfsr = CFSR;
    seen.hfsr = HFSR;
    CFSR = seen.cfsr;
    frame->xpsr = XPSR_T;
    frame->pc = (uint32_t)probe_resume & ~1u;
    record(NVIC_IABR0);
    return exc_return;
}

/* Return to Thread mode with a stacked IPSR that is not zero. */
static void invpc_ipsr(void)
{
    hooks[EXC_USAGEFAULT] = on_invpc_ipsr;
    irq_setup(3, 0x40, on_corrupt_ipsr);
    probe_after_pend();
    record_invpc();
}

static void nocp(void)
{
    CPACR = 0;
    barrier();
    provoke(probe_fp_disabled);
    CPACR = 0xfu << 20;
    barrier();
    record_fault();
}

static void divbyzero(void)
{
    CCR = CCR_STKALIGN | CCR_DIV_0_TRP;
    barrier();
    provoke(probe_divide);
    record_fault();
}

static void divide_no_trap(void)
{
    record(probe_divide_value());
    record(seen.count);
}

static void unalign_trap(void)
{
    CCR = CCR_STKALIGN | CCR_UNALIGN_TRP;
    barrier();
    provoke(probe_unaligned_ldr);
    CCR = CCR_STKALIGN;
    record_fault();
}

static void unaligned_allowed(void)
{
    static const uint8_t bytes[8] __attribute__((aligned(4))) = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88};
    record(probe_unaligned_value(bytes + 1));
    record(seen.count);
}

static void unaligned_ldrd(void)
{
    provoke(probe_unaligned_ldrd);
    record_fault();
}

static void unaligned_ldm(void)
{
    provoke(probe_unaligned_ldm);
    record_fault();
}

static void it_fault(void)
{
    provoke(probe_it_fault);
    record_fault();
    record(seen.xpsr & XPSR_IT);
}

static void it_svc(void)
{
    hooks[EXC_SVCALL] = note;
    record(probe_it_svc());
    record(seen.xpsr & XPSR_IT);
    record(seen.count);
}

const struct torture_step fault_cases[] = {
    {CASE_UNDEFINSTR, undefinstr},
    {CASE_INVSTATE, invstate},
    {CASE_INVPC_VALUE, invpc_value},
    {CASE_INVPC_NESTING, invpc_nesting},
    {CASE_INVPC_IPSR, invpc_ipsr},
    {CASE_NOCP, nocp},
    {CASE_DIVBYZERO, divbyzero},
    {CASE_DIVIDE_NO_TRAP, divide_no_trap},
    {CASE_UNALIGN_TRAP, unalign_trap},
    {CASE_UNALIGNED_ALLOWED, unaligned_allowed},
    {CASE_UNALIGNED_LDRD, unaligned_ldrd},
    {CASE_UNALIGNED_LDM, unaligned_ldm},
    {CASE_IT_FAULT, it_fault},
    {CASE_IT_SVC, it_svc},
    {CASE_COUNT, 0},
};
