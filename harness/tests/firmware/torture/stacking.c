/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What exception entry pushes and what return restores, with and without floating point.
 */
#include "torture.h"

extern uint32_t probe_sp, probe_after[8], probe_fp_after_s[16], probe_fp_after_fpscr;
extern uint32_t probe_fp_control_before, probe_fp_control_after;
volatile uint32_t return_count;

void probe_stack(uint32_t misalign);
uint32_t probe_psp(uint32_t psp);
void probe_fp(const uint32_t pattern[16], uint32_t fpscr);
uint32_t fp_clobber(void);

static uint32_t fp_pattern[16];
static uint32_t psp_stack[64] __attribute__((aligned(8)));

static void reset_values(void)
{
    record(CPUID);
    record(CCR);
    record(get_control());
    record(get_primask() | get_faultmask() | get_basepri());
    record(FPCCR & (FPCCR_ASPEN | FPCCR_LSPEN | 1u));
    record(CPACR & (0xfu << 20));
    record(SHCSR);
    record(SYST_CSR);
    record(NVIC_ISER0);
    record(AIRCR);
    record(ICSR & ~(1u << 11));
    record(VTOR);
}

static void record_stack(void)
{
    record(seen.r0);
    record(seen.r1);
    record(seen.r2);
    record(seen.r3);
    record(seen.r12);
    record(seen.lr);
    record(seen.pc);
    record(seen.xpsr);
    record(probe_sp - seen.frame_address);
    record(seen.exc_return);
    record(seen.exception);
    for (unsigned i = 0; i < 7u; i++)
        record(probe_after[i]);
    record(probe_after[7] - probe_sp);
}

static void stack_aligned(void)
{
    hooks[EXC_SVCALL] = note;
    probe_stack(0);
    record_stack();
}

static void stack_misaligned(void)
{
    hooks[EXC_SVCALL] = note;
    probe_stack(4);
    record_stack();
}

static void stack_no_stkalign(void)
{
    hooks[EXC_SVCALL] = note;
    CCR = 0;
    barrier();
    probe_stack(4);
    CCR = CCR_STKALIGN;
    record(seen.xpsr);
    record(probe_sp - seen.frame_address);
    record(probe_after[7] - probe_sp);
}

/* SPSEL cannot be set in Handler mode: the attempt must leave the main stack in use. */
static uint32_t on_psp_svc(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    set_control(2);
    record(get_control());
    return exc_return;
}

static void stack_psp(void)
{
    hooks[EXC_SVCALL] = on_psp_svc;
    uint32_t top = (uint32_t)(psp_stack + 64);
    uint32_t control = probe_psp(top);
    record(seen.exc_return);
    record(top - seen.frame_address);
    record(seen.control);
    record(control);
    record(get_psp() - top);
    record(seen.pc);
}

static uint32_t on_outer(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    irq_pend(1);
    record(exc_return);
    return exc_return;
}

static void stack_nested(void)
{
    irq_setup(0, 0x80, on_outer);
    irq_setup(1, 0x40, note);
    irq_pend(0);
    record(seen.exc_return);
    record(seen.exception);
    record(seen.xpsr & 0x010001ffu);
}

static void return_forms(void)
{
    return_count = 0;
    for (uint32_t irq = 12; irq < 16u; irq++) {
        irq_setup(irq, 0, 0);
        irq_pend(irq);
        record(return_count);
        record(NVIC_IABR0);
    }
}

static uint32_t on_fp_svc(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    record(FPCCR & 9u);
    record(FPCAR - seen.frame_address);
    record(fp_clobber() & 0x07c00000u);
    record(FPCCR & 1u);
    record(get_control());
    record(frame->s[0]);
    record(frame->s[7]);
    record(frame->s[15]);
    record(frame->fpscr);
    return exc_return;
}

static void run_fp(uint32_t fpscr)
{
    for (uint32_t i = 0; i < 16u; i++)
        fp_pattern[i] = 0x40490000u + i;
    hooks[EXC_SVCALL] = on_fp_svc;
    probe_fp(fp_pattern, fpscr);
    record(probe_fp_control_before);
    record(seen.exc_return);
    record(probe_sp - seen.frame_address);
    record(seen.control);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 16u; i++)
        wrong += probe_fp_after_s[i] != fp_pattern[i];
    record(wrong);
    record(probe_fp_after_fpscr);
    record(probe_fp_control_after);
}

static void fp_lazy(void)
{
    run_fp(0x81c00000u);
}

static void fp_not_lazy(void)
{
    FPCCR = FPCCR_ASPEN;
    barrier();
    run_fp(0x40400000u);
}

static uint32_t on_fp_off(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    return note(exc_return, frame, exception);
}

static void fp_off(void)
{
    FPCCR = 0;
    barrier();
    hooks[EXC_SVCALL] = on_fp_off;
    probe_fp(fp_pattern, 0);
    record(probe_fp_control_before);
    record(seen.exc_return);
    record(probe_sp - seen.frame_address);
}

static void fp_new_context(void)
{
    FPDSCR = 0x02000000u; /* default NaN: DDI 0403E B3.2.23 */
    barrier();
    run_fp(0x00c00000u);
}

const struct torture_step stacking_cases[] = {
    {CASE_RESET_VALUES, reset_values},
    {CASE_STACK_ALIGNED, stack_aligned},
    {CASE_STACK_MISALIGNED, stack_misaligned},
    {CASE_STACK_NO_STKALIGN, stack_no_stkalign},
    {CASE_STACK_PSP, stack_psp},
    {CASE_STACK_NESTED, stack_nested},
    {CASE_RETURN_FORMS, return_forms},
    {CASE_FP_LAZY, fp_lazy},
    {CASE_FP_NOT_LAZY, fp_not_lazy},
    {CASE_FP_OFF, fp_off},
    {CASE_FP_NEW_CONTEXT, fp_new_context},
    {CASE_COUNT, 0},
};
