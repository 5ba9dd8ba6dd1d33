/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Priorities, nesting, tail-chaining, PendSV and SVC.
 */
#include "torture.h"

uint32_t switching, current_task, switch_count, task_sp[2];
volatile uint32_t task_regs[8];
uint32_t task_fp[32];
uint32_t task_pattern[2][32], task_sum[2], task_errors, task_rounds_left;
static uint32_t task_stack[2][128] __attribute__((aligned(8)));

void run_tasks(uint32_t psp);
void task_entry(void);
void svc_5a(void);
uint32_t probe_svc_in_handler(void);
extern const char probe_svc_in_handler_at[];

static void priority_bits(void)
{
    NVIC_IPR0 = 0xffffffffu;
    SHPR1 = 0xffffffffu;
    SHPR2 = 0xffffffffu;
    SHPR3 = 0xffffffffu;
    record(NVIC_IPR0);
    record(SHPR1 & 0x00ffffffu);
    record(SHPR2);
    record(SHPR3 & 0xffff0000u);
    NVIC_IPR[1] = 0x5f;
    record(NVIC_IPR0);
}

/** Runs IRQ 0, whose handler pends the bits of `pend_inside` between its marks 1 and 3. */
static uint32_t pend_inside;
static uint32_t on_pending_handler(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    mark(1);
    NVIC_ISPR0 = pend_inside;
    barrier();
    mark(3);
    return exc_return;
}

static void nesting(void)
{
    irq_setup(3, 0x40, on_pending_handler);
    irq_setup(2, 0x20, on_mark);
    irq_setup(4, 0x60, on_mark);
    pend_inside = 1u << 2 | 1u << 4;
    irq_pend(3);
    mark(5);
    record(order);
}

static void same_priority(void)
{
    irq_setup(3, 0x40, on_pending_handler);
    irq_setup(2, 0x40, on_mark);
    irq_setup(4, 0x40, on_mark);
    pend_inside = 1u << 2 | 1u << 4;
    irq_pend(3);
    mark(5);
    record(order);
}

/* PRIGROUP 5: bits 7:6 preempt, bits 5:0 order (DDI 0403E B1.5.4, table of group priority). */
static void prigroup(void)
{
    AIRCR = 0x05fa0500u;
    barrier();
    record(AIRCR);
    irq_setup(3, 0x50, on_pending_handler);
    irq_setup(4, 0x40, on_mark); /* same group: waits, although numerically higher in priority */
    irq_setup(2, 0x30, on_mark); /* higher group: nests */
    pend_inside = 1u << 4 | 1u << 2;
    irq_pend(3);
    mark(5);
    record(order);
    order = 0;
    irq_setup(6, 0x50, on_mark);
    irq_setup(7, 0x40, on_mark); /* sub-priority decides between pending ones of a group */
    set_primask(1);
    NVIC_ISPR0 = 1u << 6 | 1u << 7;
    barrier();
    set_primask(0);
    record(order);
}

static uint32_t chained_pc[2], chained_return[2], chained_frame[2];
static uint32_t on_chained(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    uint32_t i = exception == EXC_IRQ(1u) ? 0u : 1u;
    chained_pc[i] = frame->pc;
    chained_return[i] = exc_return;
    chained_frame[i] = (uint32_t)frame;
    mark(i + 1u);
    return exc_return;
}

static void tail_chain(void)
{
    irq_setup(1, 0x40, on_chained);
    irq_setup(2, 0x40, on_chained);
    set_primask(1);
    NVIC_ISPR0 = 1u << 1 | 1u << 2;
    barrier();
    set_primask(0);
    record(order);
    record(chained_pc[1] - chained_pc[0]);
    record(chained_frame[1] - chained_frame[0]);
    record(chained_return[0]);
    record(chained_return[1]);
}

/* The last thing this handler does is to pend another one; both were entered from one frame. */
static uint32_t on_pend_at_end(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    on_chained(exc_return, frame, exception);
    NVIC_ISPR0 = 1u << 2;
    return exc_return;
}

static void late_pending(void)
{
    irq_setup(1, 0x40, on_pend_at_end);
    irq_setup(2, 0x60, on_chained);
    irq_pend(1);
    record(order);
    record(chained_pc[1] - chained_pc[0]);
    record(chained_frame[1] - chained_frame[0]);
    order = 0;
    irq_setup(5, 0x20, on_mark);
    irq_setup(6, 0x10, on_mark);
    set_primask(1);
    irq_pend(5);
    irq_pend(6); /* arrives later, is of higher priority, is taken first */
    set_primask(0);
    record(order);
}

static uint32_t on_pends_pendsv(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    mark(1);
    ICSR = ICSR_PENDSVSET;
    NVIC_ISPR0 = 1u << 7;
    barrier();
    mark(2);
    return exc_return;
}

static void pendsv_lowest(void)
{
    hooks[EXC_PENDSV] = on_mark;
    SHPR3 = 0x00f00000u;
    irq_setup(3, 0x40, on_pends_pendsv);
    irq_setup(7, 0xe0, on_mark);
    irq_pend(3);
    record(order);
    record(seen.exc_return);
}

/** Compares what task `id` holds after being switched back in; false ends the run. */
uint32_t task_check(uint32_t id)
{
    task_sum[id] = task_fp[4];
    for (uint32_t i = 0; i < 32u; i++)
        if (i != 4u && task_fp[i] != task_pattern[id][i])
            task_errors++;
    for (uint32_t i = 1; i < 8u; i++)
        if (task_regs[i] != 0x55550000u + (id << 8) + i)
            task_errors++;
    if (id == 0u)
        task_rounds_left--;
    return task_rounds_left;
}

static void task_switch(void)
{
    for (uint32_t id = 0; id < 2u; id++) {
        for (uint32_t i = 0; i < 32u; i++)
            task_pattern[id][i] = 0x41000000u + (id << 16) + i;
        task_pattern[id][4] = 0;
        task_pattern[id][5] = id == 0u ? 0x3f000000u : 0x3e800000u; /* 0.5, 0.25 */
    }
    /* Task 1 starts from a frame that looks as if it had been switched out. */
    uint32_t *sp = task_stack[1] + 128 - 17;
    for (uint32_t i = 0; i < 17u; i++)
        sp[i] = 0;
    sp[8] = 0xfffffffdu;
    sp[9] = 1; /* r0: task number */
    sp[15] = (uint32_t)task_entry & ~1u;
    sp[16] = XPSR_T;
    task_sp[1] = (uint32_t)sp;
    current_task = 0;
    switch_count = 0;
    task_errors = 0;
    task_rounds_left = 500;
    SHPR3 = 0x00f00000u;
    switching = 1;
    run_tasks((uint32_t)(task_stack[0] + 128));
    switching = 0;
    record(switch_count);
    record(task_errors);
    record(task_sum[0]);
    record(task_sum[1]);
    record(get_control() & 3u);
}

static uint32_t on_svc_number(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    record(*(const uint8_t *)(frame->pc - 2u));
    record(*(const uint8_t *)(frame->pc - 1u));
    return exc_return;
}

static void svc_number(void)
{
    hooks[EXC_SVCALL] = on_svc_number;
    svc_5a();
    record(seen.count);
}

static uint32_t on_irq_calls_svc(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    mark(1);
    probe_svc_in_handler();
    mark(2);
    return exc_return;
}

static void svc_nested(void)
{
    hooks[EXC_SVCALL] = on_mark;
    SHPR2 = 0x40000000u;
    irq_setup(1, 0x80, on_irq_calls_svc);
    irq_pend(1);
    record(order);
    record(seen.exc_return);
    record(seen.xpsr & 0x1ffu);
}

/* Leaves the stacked PC alone if it is behind the SVC, steps over it if it is at the SVC. */
static uint32_t on_escalated_svc(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    note(exc_return, frame, exception);
    seen.hfsr = HFSR;
    seen.cfsr = CFSR;
    HFSR = seen.hfsr;
    frame->pc = (uint32_t)probe_svc_in_handler_at + 2u;
    mark(3);
    return exc_return;
}

static void svc_escalates(void)
{
    hooks[EXC_SVCALL] = on_mark;
    hooks[EXC_HARDFAULT] = on_escalated_svc;
    SHPR2 = 0x40000000u;
    irq_setup(1, 0x40, on_irq_calls_svc); /* same priority is enough: it cannot preempt */
    irq_pend(1);
    record(order);
    record(seen.exception);
    record(seen.hfsr);
    record(seen.cfsr);
    record(seen.exc_return);
    record(SHCSR & (1u << 15)); /* not left pending */
}

const struct torture_step priority_cases[] = {
    {CASE_PRIORITY_BITS, priority_bits}, {CASE_NESTING, nesting},
    {CASE_SAME_PRIORITY, same_priority}, {CASE_PRIGROUP, prigroup},
    {CASE_TAIL_CHAIN, tail_chain},       {CASE_LATE_PENDING, late_pending},
    {CASE_PENDSV_LOWEST, pendsv_lowest}, {CASE_TASK_SWITCH, task_switch},
    {CASE_SVC_NUMBER, svc_number},       {CASE_SVC_NESTED, svc_nested},
    {CASE_SVC_ESCALATES, svc_escalates}, {CASE_COUNT, 0},
};
