/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * SysTick to the instruction, VTOR, AIRCR and SHCSR.
 */
#include "torture.h"

uint32_t *systick_log;
static uint32_t tick_pc[8];
static uint32_t ram_vectors[128] __attribute__((aligned(512)));

uint32_t probe_cvr_10_nops(void);
void probe_cvr_sequence(uint32_t out[8]);
void fill_nops(void);
void svc_5a(void);

static void systick_cvr(void)
{
    systick_start(0xffffu, 5);
    record(probe_cvr_10_nops());
    record(SYST_RVR);
    record(SYST_CSR);
    systick_stop();
    SYST_RVR = 0xffffffffu;
    record(SYST_RVR); /* 24 bits */
    SYST_CVR = 0x1234u;
    record(SYST_CVR); /* any write clears */
}

/* Reload 3: the counter runs 3, 2, 1, 0, 3, ...; eight LDRs in a row are eight cycles. */
static void systick_sequence(void)
{
    static uint32_t value[8];
    uint32_t wrong = 0;
    uint32_t seen_values = 0;
    systick_start(3, 5);
    probe_cvr_sequence(value);
    systick_stop();
    for (unsigned i = 0; i < 8u; i++) {
        seen_values |= 1u << (value[i] & 31u);
        if (i > 0u && value[i] != ((value[i - 1u] + 3u) & 3u))
            wrong++;
    }
    record(wrong);
    record(seen_values);
}

static void systick_countflag(void)
{
    systick_start(300, 5);
    SYST_CVR = 0; /* clears the flag, sets none */
    record(SYST_CSR);
    fill_nops();
    record(SYST_CSR); /* 400 instructions later it has counted to zero */
    record(SYST_CSR); /* and reading cleared the flag */
    fill_nops();
    SYST_CVR = 0;
    record(SYST_CSR); /* writing CVR cleared it */
    systick_stop();
    SYST_RVR = 0;
    SYST_CVR = 0;
    SYST_CSR = 5;
    fill_nops();
    record(SYST_CVR); /* reload 0: stays at zero */
    record(SYST_CSR);
    systick_stop();
}

/* Period 100: 7 instructions of the handler, so 93 nops of two bytes between two ticks. */
static void systick_period(void)
{
    for (unsigned i = 0; i < 8u; i++)
        tick_pc[i] = 0;
    systick_log = tick_pc;
    systick_start(99, 7);
    fill_nops();
    systick_stop();
    systick_log = 0;
    record(tick_pc[1] - tick_pc[0]);
    record(tick_pc[2] - tick_pc[1]);
    record(tick_pc[3] - tick_pc[2]);
}

static void systick_pending(void)
{
    hooks[EXC_SYSTICK] = on_mark;
    set_primask(1);
    systick_start(50, 7);
    fill_nops();
    SYST_CSR = 4;
    record(ICSR & ICSR_PENDSTSET);
    record(order);
    set_primask(0);
    barrier();
    record(order);
    record(ICSR & ICSR_PENDSTSET);
    /* TICKINT off: counts, never pends. */
    systick_start(50, 5);
    fill_nops();
    record(ICSR & ICSR_PENDSTSET);
    systick_stop();
    record(order);
}

static uint32_t moved;
static void moved_handler(void)
{
    moved++;
}

static void vtor(void)
{
    const uint32_t *flash_vectors = (const uint32_t *)0x08000000u;
    for (unsigned i = 0; i < 98u; i++)
        ram_vectors[i] = flash_vectors[i];
    ram_vectors[EXC_IRQ(3)] = (uint32_t)moved_handler;
    moved = 0;
    irq_setup(3, 0, on_mark);
    irq_setup(4, 0, on_mark);
    VTOR = (uint32_t)ram_vectors;
    barrier();
    record(VTOR - (uint32_t)ram_vectors);
    irq_pend(3);
    record(moved);
    irq_pend(4);
    record(order);
    VTOR = 0x08000000u;
    barrier();
    irq_pend(3);
    record(moved);
    record(order);
    VTOR = 0x2000007fu; /* bits 6:0 are reserved */
    record(VTOR);
    VTOR = 0x08000000u;
    barrier();
}

static void aircr(void)
{
    record(AIRCR);
    AIRCR = 0x00000700u; /* no key: ignored */
    record(AIRCR);
    AIRCR = 0xfa050700u; /* what is read is not the key */
    record(AIRCR);
    AIRCR = 0x05fa0300u;
    record(AIRCR);
    AIRCR = 0x05fa0000u;
    record(AIRCR);
}

static uint32_t on_record_shcsr(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    record(SHCSR & ~(7u << 16));
    return exc_return;
}

static uint32_t on_svc_pends_pendsv(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    ICSR = ICSR_PENDSVSET; /* higher priority: nests, and sees both active */
    barrier();
    record(SHCSR & ~(7u << 16));
    return exc_return;
}

static void shcsr(void)
{
    record(SHCSR);
    SHCSR = SHCSR_USGFAULTENA;
    record(SHCSR);
    SHCSR = SHCSR_USGFAULTENA | SHCSR_BUSFAULTENA | SHCSR_MEMFAULTENA;
    hooks[EXC_SVCALL] = on_svc_pends_pendsv;
    hooks[EXC_PENDSV] = on_record_shcsr;
    hooks[EXC_SYSTICK] = on_record_shcsr;
    SHPR2 = 0x80000000u;
    svc_5a();
    ICSR = ICSR_PENDSTSET;
    barrier();
    record(SHCSR & ~(7u << 16));
}

/* Pending bits of SHCSR are writable: software may pend a fault. */
static void shcsr_pended(void)
{
    hooks[EXC_USAGEFAULT] = on_mark;
    hooks[EXC_SVCALL] = on_mark;
    SHCSR |= 1u << 12;
    barrier();
    record(seen.exception);
    record(CFSR);
    set_primask(1);
    SHCSR |= 1u << 15;
    record(SHCSR & 0x0000f000u);
    record(order);
    set_primask(0);
    barrier();
    record(order);
    record(SHCSR & 0x0000f000u);
}

const struct torture_step timer_cases[] = {
    {CASE_SYSTICK_CVR, systick_cvr},
    {CASE_SYSTICK_SEQUENCE, systick_sequence},
    {CASE_SYSTICK_COUNTFLAG, systick_countflag},
    {CASE_SYSTICK_PERIOD, systick_period},
    {CASE_SYSTICK_PENDING, systick_pending},
    {CASE_VTOR, vtor},
    {CASE_AIRCR, aircr},
    {CASE_SHCSR, shcsr},
    {CASE_SHCSR_PENDED, shcsr_pended},
    {CASE_COUNT, 0},
};
