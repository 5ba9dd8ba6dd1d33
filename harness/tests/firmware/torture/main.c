/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Runs every case on the bare core and leaves what was seen in `results`; judges nothing.
 */
#include "torture.h"

struct torture_result results[CASE_COUNT];
volatile uint32_t done;
uint32_t checksum;

hook hooks[64];
struct seen seen;
volatile uint32_t order;
volatile uint32_t resume_pc;
static uint32_t unexpected;
static struct torture_result *current;

void case_call(void (*run)(void));
extern const char probe_resume[], case_abort[];
void probe_lockup(void);

void record(uint32_t value)
{
    if (current->count < RESULT_VALUES)
        current->value[current->count++] = value;
}

void record_fault(void)
{
    record(seen.count);
    record(seen.exception);
    record(seen.cfsr);
    record(seen.hfsr);
    record(seen.pc);
    record(seen.bfar);
}

void mark(uint32_t digit)
{
    order = order << 4 | digit;
}

void barrier(void)
{
    __asm__ volatile("dsb\n isb" ::: "memory");
}

uint32_t note(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    seen.count++;
    seen.exception = exception;
    seen.exc_return = exc_return;
    seen.frame_address = (uint32_t)frame;
    seen.control = get_control();
    seen.r0 = frame->r0;
    seen.r1 = frame->r1;
    seen.r2 = frame->r2;
    seen.r3 = frame->r3;
    seen.r12 = frame->r12;
    seen.lr = frame->lr;
    seen.pc = frame->pc;
    seen.xpsr = frame->xpsr;
    return exc_return;
}

static void note_fault_status(void)
{
    seen.cfsr = CFSR;
    seen.hfsr = HFSR;
    seen.shcsr = SHCSR;
    seen.bfar = (seen.cfsr & 0x8000u) != 0u ? BFAR : 0u;
    CFSR = seen.cfsr; /* write one to clear */
    HFSR = seen.hfsr;
}

uint32_t on_fault(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    note_fault_status();
    frame->pc = resume_pc & ~1u;
    frame->xpsr = (frame->xpsr & ~XPSR_IT) | XPSR_T;
    return exc_return;
}

/** Marks the low digit of the exception number: IRQ n as n, SVCall b, PendSV e, SysTick f. */
uint32_t on_mark(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    mark(exception & 15u);
    return exc_return;
}

/** Anything that a case did not ask for: counted; a fault ends the case. */
static uint32_t on_unexpected(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    unexpected++;
    if (exception > EXC_USAGEFAULT) {
        NVIC_ICPR0 = 1u << (exception & 15u);
        return exc_return;
    }
    note_fault_status();
    record(0xbad00000u | exception);
    record(seen.cfsr);
    record(seen.hfsr);
    record(frame->pc);
    if ((exc_return & 8u) == 0u) {
        done = 0xdead0000u | (uint32_t)current->id;
        for (;;) {
        }
    }
    frame->pc = (uint32_t)case_abort & ~1u;
    frame->xpsr = XPSR_T;
    return exc_return;
}

void irq_setup(uint32_t irq, uint32_t priority, hook handler)
{
    hooks[EXC_IRQ(irq)] = handler;
    NVIC_IPR[irq] = (uint8_t)priority;
    NVIC_ISER0 = 1u << irq;
}

void irq_pend(uint32_t irq)
{
    NVIC_ISPR0 = 1u << irq;
    barrier();
}

void systick_start(uint32_t reload, uint32_t csr)
{
    SYST_CSR = 0;
    SYST_RVR = reload;
    SYST_CVR = 0;
    ICSR = ICSR_PENDSTCLR;
    SYST_CSR = csr;
}

void systick_stop(void)
{
    SYST_CSR = 0;
    ICSR = ICSR_PENDSTCLR;
    barrier();
}

void provoke(void (*probe)(void))
{
    for (unsigned i = EXC_HARDFAULT; i <= EXC_USAGEFAULT; i++)
        hooks[i] = on_fault;
    resume_pc = (uint32_t)probe_resume;
    probe();
}

/** Brings the core back to what every case starts from. */
static void reset_core(void)
{
    set_primask(1);
    MPU_CTRL = 0;
    barrier();
    set_faultmask(0);
    set_basepri(0);
    set_control(0);
    systick_stop();
    NVIC_ICER0 = 0xffffffffu;
    NVIC_ICPR0 = 0xffffffffu;
    ICSR = ICSR_PENDSVCLR | ICSR_PENDSTCLR;
    for (unsigned i = 0; i < 32u; i++)
        NVIC_IPR[i] = 0;
    SHPR1 = 0;
    SHPR2 = 0;
    SHPR3 = 0;
    AIRCR = 0x05fa0000u;
    SCR = 0;
    CCR = CCR_STKALIGN;
    VTOR = 0x08000000u;
    CPACR = 0xfu << 20;
    FPCCR = FPCCR_ASPEN | FPCCR_LSPEN;
    FPDSCR = 0;
    SHCSR = SHCSR_MEMFAULTENA | SHCSR_BUSFAULTENA | SHCSR_USGFAULTENA;
    CFSR = 0xffffffffu;
    HFSR = 0xffffffffu;
    for (unsigned i = 0; i < 64u; i++)
        hooks[i] = on_unexpected;
    seen = (struct seen){0};
    order = 0;
    set_primask(0);
    barrier();
}

static void run_cases(const struct torture_step *step)
{
    for (; step->run != 0; step++) {
        current = &results[step->id];
        current->id = step->id;
        if (step->id != CASE_RESET_VALUES)
            reset_core();
        case_call(step->run);
        current->id = step->id + 1u;
    }
}

/** Adler's shape of sum over every result word: order matters, nothing is lost. */
static uint32_t sum_results(void)
{
    const uint32_t *word = (const uint32_t *)results;
    uint32_t a = 1;
    uint32_t b = 0;
    for (uint32_t i = 0; i < sizeof results / 4u; i++) {
        a += word[i] ^ (word[i] >> 15);
        b = (b << 1 | b >> 31) + a;
    }
    return b;
}

static uint32_t lockup_in_hardfault(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    probe_lockup();
    return exc_return;
}

int main(void)
{
    hooks[EXC_HARDFAULT] = on_unexpected;
    run_cases(stacking_cases);
    run_cases(priority_cases);
    run_cases(mask_cases);
    run_cases(timer_cases);
    run_cases(fault_cases);
    run_cases(bus_cases);
    run_cases(sleep_cases);
    run_cases(mpu_cases);
    reset_core();
    current = &results[CASE_SUMMARY];
    current->id = CASE_SUMMARY + 1u;
    record(unexpected);
    checksum = sum_results();
    done = TORTURE_DONE;
    barrier();
    SHCSR = 0;
    hooks[EXC_HARDFAULT] = lockup_in_hardfault;
    probe_lockup();
    return 0;
}
