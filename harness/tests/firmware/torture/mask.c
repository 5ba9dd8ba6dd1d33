/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Mask registers, NMI, ICSR and the NVIC's set and clear registers.
 */
#include "torture.h"

void probe_cpsie(void);
void probe_msr_primask(void);
void probe_msr_basepri(void);
void fill_nops(void);

/* EXC_IRQ(n) & 15 == n: on_mark leaves the IRQ number. */
static void masked_window(void (*unmask)(void))
{
    irq_setup(3, 0, on_mark);
    set_primask(1);
    irq_pend(3);
    fill_nops();
    mark(1);
    record(order);
    record(NVIC_ISPR0);
    record(ICSR & 0x007ff000u);
    record(get_primask());
    unmask();
    mark(2);
    record(order);
    record(seen.pc);
    record(NVIC_ISPR0);
}

static void primask_cps(void)
{
    masked_window(probe_cpsie);
}

static void primask_msr(void)
{
    masked_window(probe_msr_primask);
}

static void basepri(void)
{
    irq_setup(3, 0x40, on_mark);
    irq_setup(4, 0x30, on_mark);
    set_basepri(0x4f);
    barrier();
    record(get_basepri());
    NVIC_ISPR0 = 1u << 3 | 1u << 4;
    barrier();
    mark(1);
    record(order);
    record(ICSR & 0x00400000u);
    probe_msr_basepri();
    mark(2);
    record(order);
    record(seen.pc);
}

static void basepri_max(void)
{
    set_basepri_max(0x80);
    record(get_basepri());
    set_basepri_max(0xa0);
    record(get_basepri());
    set_basepri_max(0x20);
    record(get_basepri());
    set_basepri_max(0);
    record(get_basepri());
    set_basepri(0);
    record(get_basepri());
}

static void faultmask(void)
{
    irq_setup(3, 0, on_mark);
    hooks[EXC_NMI] = on_mark;
    set_faultmask(1);
    barrier();
    irq_pend(3);
    mark(1);
    ICSR = ICSR_NMIPENDSET;
    barrier();
    mark(4);
    record(order); /* NMI came between 1 and 4 */
    record(get_faultmask());
    set_faultmask(0);
    barrier();
    record(order);
}

static uint32_t mask_inside;
static uint32_t on_set_faultmask(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    set_faultmask(1);
    mask_inside = get_faultmask();
    return exc_return;
}

static void faultmask_return(void)
{
    irq_setup(3, 0x40, on_set_faultmask);
    irq_pend(3);
    record(mask_inside);
    record(get_faultmask());
    hooks[EXC_NMI] = on_set_faultmask; /* CPSID f has no effect at priority -2 */
    ICSR = ICSR_NMIPENDSET;
    barrier();
    record(seen.exception);
    record(mask_inside);
    record(get_faultmask());
}

static void nmi(void)
{
    hooks[EXC_NMI] = on_mark;
    irq_setup(3, 0, on_mark);
    set_primask(1);
    set_basepri(0x10);
    ICSR = ICSR_NMIPENDSET;
    NVIC_ISPR0 = 1u << 3;
    barrier();
    record(order);
    record(seen.exception);
    record(ICSR & ICSR_NMIPENDSET);
    set_basepri(0);
    set_primask(0);
    barrier();
    record(order);
}

static uint32_t on_inner_icsr(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    record(ICSR);
    return exc_return;
}

static uint32_t on_outer_icsr(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    irq_pend(5); /* lower: waits */
    record(ICSR);
    record(NVIC_IABR0);
    irq_pend(1); /* higher: nests and sees both */
    record(ICSR);
    return exc_return;
}

static void icsr(void)
{
    irq_setup(1, 0x20, on_inner_icsr);
    irq_setup(2, 0x40, on_outer_icsr);
    irq_setup(5, 0x60, on_mark);
    irq_pend(2);
    record(ICSR & 0x007ff1ffu);
    record(order);
}

static void pend_clear(void)
{
    hooks[EXC_PENDSV] = on_mark;
    hooks[EXC_SYSTICK] = on_mark;
    set_primask(1);
    ICSR = ICSR_PENDSVSET;
    record(ICSR & 0x1c000000u);
    ICSR = ICSR_PENDSTSET;
    record(ICSR & 0x1c000000u);
    record((ICSR >> 12) & 0x1ffu); /* equal priority: the lower number is first */
    ICSR = ICSR_PENDSVCLR;
    record(ICSR & 0x1c000000u);
    ICSR = ICSR_PENDSTCLR;
    record(ICSR & 0x1c000000u);
    set_primask(0);
    barrier();
    record(order);
}

static uint32_t on_repend(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    record(NVIC_IABR0);
    record(NVIC_ISPR0);
    if (seen.count == 1u)
        irq_pend(6);
    return exc_return;
}

static void nvic_registers(void)
{
    hooks[EXC_IRQ(6)] = on_repend;
    NVIC_ISER0 = 0x00000041u;
    NVIC_ISER0 = 0x00000080u; /* writing zeros clears nothing */
    record(NVIC_ISER0);
    record(NVIC_ICER0);
    NVIC_ICER0 = 0x000000c0u;
    record(NVIC_ISER0);
    irq_pend(6); /* disabled: pends, is not taken */
    record(NVIC_ISPR0);
    record(NVIC_ICPR0);
    record(seen.count);
    NVIC_ICPR0 = 1u << 6;
    record(NVIC_ISPR0);
    irq_pend(6);
    NVIC_ISER0 = 1u << 6; /* enabling a pending one takes it; it pends itself once more */
    barrier();
    record(seen.count);
    record(NVIC_IABR0);
    record(NVIC_ISPR0);
}

static void stir(void)
{
    irq_setup(9, 0, on_mark);
    STIR = 9;
    barrier();
    record(order);
    record(seen.exception);
}

const struct torture_step mask_cases[] = {
    {CASE_PRIMASK_CPS, primask_cps},
    {CASE_PRIMASK_MSR, primask_msr},
    {CASE_BASEPRI, basepri},
    {CASE_BASEPRI_MAX, basepri_max},
    {CASE_FAULTMASK, faultmask},
    {CASE_FAULTMASK_RETURN, faultmask_return},
    {CASE_NMI, nmi},
    {CASE_ICSR, icsr},
    {CASE_PEND_CLEAR, pend_clear},
    {CASE_NVIC_REGISTERS, nvic_registers},
    {CASE_STIR, stir},
    {CASE_COUNT, 0},
};
