/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * WFI, WFE, SEV, sleep on exit, the exclusive monitor, and IT blocks that ticks fall into.
 */
#include "torture.h"

void probe_wfi(void);
void probe_sev_wfe(void);
uint32_t probe_wfe_cycles(void);
uint32_t probe_svc_wfe_cycles(void);
uint32_t probe_exclusive(uint32_t *at, uint32_t kind);
uint32_t probe_it_loop(uint32_t rounds);

static void wfi_masked(void)
{
    hooks[EXC_SYSTICK] = on_mark;
    set_primask(1);
    systick_start(1000, 7);
    probe_wfi(); /* wakes for what would preempt were PRIMASK clear, and does not take it */
    record(order);
    record(ICSR & ICSR_PENDSTSET);
    SYST_CSR = 4;
    set_primask(0);
    barrier();
    record(order);
    systick_stop();
}

static void wfi_taken(void)
{
    hooks[EXC_SYSTICK] = on_mark;
    systick_start(1000, 7);
    probe_wfi();
    systick_stop();
    record(order);
    record(seen.pc);
    record(seen.exc_return);
    /* One that is pending already: WFI does not wait. */
    order = 0;
    irq_setup(3, 0, on_mark);
    set_primask(1);
    irq_pend(3);
    systick_start(100000, 5);
    uint32_t before = SYST_CVR;
    probe_wfi();
    record(before - SYST_CVR < 20u);
    systick_stop();
    set_primask(0);
    barrier();
    record(order);
}

static void wfe(void)
{
    hooks[EXC_SYSTICK] = on_mark;
    hooks[EXC_SVCALL] = note;
    systick_start(5000, 7);
    probe_sev_wfe(); /* leaves the event register clear */
    __asm__ volatile("sev");
    record(probe_wfe_cycles()); /* event set: falls through */
    record(order);
    (void)probe_wfe_cycles(); /* event clear: sleeps until the tick is taken */
    record(order);
    systick_start(5000, 7);
    probe_sev_wfe();
    record(probe_svc_wfe_cycles() < 200u); /* exception return set the event */
    record(order);
    systick_stop();
}

static void sevonpend(void)
{
    hooks[EXC_SYSTICK] = on_mark;
    SCR = SCR_SEVONPEND;
    systick_start(5000, 7);
    probe_sev_wfe();
    irq_pend(5); /* disabled: cannot be taken, but its pending is an event */
    record(probe_wfe_cycles());
    record(order);
    NVIC_ICPR0 = 1u << 5;
    SCR = 0;
    systick_start(5000, 7);
    probe_sev_wfe();
    irq_pend(5);
    (void)probe_wfe_cycles(); /* without SEVONPEND it is none: sleeps until the tick */
    record(order);
    systick_stop();
    NVIC_ICPR0 = 1u << 5;
}

static uint32_t exit_pc[3];
static uint32_t on_sleepy_tick(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)exception;
    exit_pc[seen.count < 3u ? seen.count : 2u] = frame->pc;
    seen.count++;
    if (seen.count == 3u) {
        SCR = 0;
        systick_stop();
    }
    return exc_return;
}

static void sleeponexit(void)
{
    hooks[EXC_SYSTICK] = on_sleepy_tick;
    SCR = SCR_SLEEPONEXIT;
    systick_start(500, 7);
    probe_wfi();
    record(seen.count);
    record(exit_pc[0]);
    record(exit_pc[1]);
    record(exit_pc[2]);
}

static void exclusive(void)
{
    static uint32_t word;
    hooks[EXC_SVCALL] = note;
    word = 7;
    record(probe_exclusive(&word, 0)); /* nothing between: stored */
    record(word);
    word = 7;
    record(probe_exclusive(&word, 1)); /* CLREX between */
    record(word);
    record(probe_exclusive(&word, 2)); /* an exception between */
    record(word);
    record(seen.count);
}

static uint32_t it_hits;
static uint32_t on_it_tick(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)exception;
    seen.count++;
    if ((frame->xpsr & XPSR_IT) != 0u)
        it_hits++;
    return exc_return;
}

static void it_interrupted(void)
{
    hooks[EXC_SYSTICK] = on_it_tick;
    uint32_t undisturbed = probe_it_loop(400);
    uint32_t different = 0;
    it_hits = 0;
    for (uint32_t reload = 150; reload < 214u; reload++) {
        systick_start(reload, 7);
        different += probe_it_loop(400) != undisturbed;
        systick_stop();
    }
    record(different);
    record(it_hits > 50u);
    record(seen.count > 1000u);
}

const struct torture_step sleep_cases[] = {
    {CASE_WFI_MASKED, wfi_masked},
    {CASE_WFI_TAKEN, wfi_taken},
    {CASE_WFE, wfe},
    {CASE_SEVONPEND, sevonpend},
    {CASE_SLEEPONEXIT, sleeponexit},
    {CASE_EXCLUSIVE, exclusive},
    {CASE_IT_INTERRUPTED, it_interrupted},
    {CASE_COUNT, 0},
};
