/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Who may interrupt whom: priorities, masks and what is pending. Section numbers: ARM DDI 0403E. */
#include "exception_bits.h"

#define PRIORITY_NONE 256 /* below every priority: thread mode with nothing masked */

static uint32_t exception_count(const struct exception_unit *unit)
{
    return EXC_IRQ0 + unit->chip->irq_count;
}

/* --- priorities: B1.5.4 ------------------------------------------------------------------------------------------ */

int exception_raw_priority(const struct exception_unit *unit, uint32_t number)
{
    if (number == EXC_NMI)
        return -2;
    if (number == EXC_HARD_FAULT)
        return -1;
    return unit->state.priority[number];
}

/** The part of a priority that decides preemption. */
int exception_group_priority(const struct exception_unit *unit, int priority)
{
    if (priority < 0 || priority > 255)
        return priority;
    return priority & ~((2 << unit->state.aircr_prigroup) - 1);
}

static int active_priority(const struct exception_unit *unit)
{
    int best = PRIORITY_NONE;
    uint32_t words = (exception_count(unit) + 31u) / 32u;
    for (uint32_t w = 0; w < words; w++)
        for (uint32_t left = unit->state.active[w]; left; left &= left - 1u) {
            int priority =
                exception_group_priority(unit, exception_raw_priority(unit, w * 32u + (uint32_t)__builtin_ctz(left)));
            if (priority < best)
                best = priority;
        }
    return best;
}

/** Bits of a priority byte that the chip implements; the engine keeps all eight in BASEPRI. */
static uint32_t implemented_bits(const struct exception_unit *unit)
{
    return (0xff00u >> unit->chip->priority_bits) & 0xffu;
}

/** The mask registers. The engine hides them from an unprivileged thread, which cannot change them either. */
struct exception_masks exception_masks_now(const struct exception_unit *unit)
{
    const struct cpu *cpu = unit->cpu;
    if ((cpu_get(cpu, CPU_CONTROL) & CONTROL_NPRIV) && !(cpu_get(cpu, CPU_XPSR) & XPSR_IPSR))
        return unit->unprivileged_masks;
    return (struct exception_masks){.primask = cpu_get(cpu, CPU_PRIMASK) & 1u,
                                    .faultmask = cpu_get(cpu, CPU_FAULTMASK) & 1u,
                                    .basepri = cpu_get(cpu, CPU_BASEPRI) & implemented_bits(unit)};
}

int exception_masked_priority(const struct exception_unit *unit, struct exception_masks masks)
{
    int priority = active_priority(unit);
    if (masks.basepri && exception_group_priority(unit, (int)masks.basepri) < priority)
        priority = exception_group_priority(unit, (int)masks.basepri);
    if (masks.primask && priority > 0)
        priority = 0;
    if (masks.faultmask && priority > -1)
        priority = -1;
    return priority;
}

/** The priority that the processor executes at, masks included. */
int exception_execution_priority(const struct exception_unit *unit)
{
    return exception_masked_priority(unit, exception_masks_now(unit));
}

/* Ties go to the lower number. */
uint32_t exception_highest_pending(const struct exception_unit *unit)
{
    uint32_t best = 0;
    int best_priority = PRIORITY_NONE;
    uint32_t words = (exception_count(unit) + 31u) / 32u;
    for (uint32_t w = 0; w < words; w++) {
        uint32_t left = unit->state.pending[w] & (w ? unit->state.enabled[w] : unit->state.enabled[0] | 0xffffu);
        for (; left; left &= left - 1u) {
            uint32_t number = w * 32u + (uint32_t)__builtin_ctz(left);
            if (exception_raw_priority(unit, number) < best_priority) {
                best = number;
                best_priority = exception_raw_priority(unit, number);
            }
        }
    }
    return best;
}

bool exception_any_pending(const struct exception_unit *unit)
{
    return exception_highest_pending(unit) != 0;
}

uint32_t exception_takeable(const struct exception_unit *unit)
{
    uint32_t number = exception_highest_pending(unit);
    if (number == 0)
        return 0;
    return exception_group_priority(unit, exception_raw_priority(unit, number)) < exception_execution_priority(unit)
               ? number
               : 0;
}

bool exception_ignores_data_fault(void *context)
{
    const struct exception_unit *unit = context;
    return (unit->state.ccr & CCR_BFHFNMIGN) && exception_execution_priority(unit) < 0;
}

void exception_send_event(struct exception_unit *unit)
{
    unit->state.event_register = 1;
}

bool exception_correct_masks(struct exception_unit *unit)
{
    struct cpu *cpu = unit->cpu;
    cpu_set(cpu, CPU_BASEPRI, cpu_get(cpu, CPU_BASEPRI) & implemented_bits(unit));
    if (active_priority(unit) <= -1) /* there FAULTMASK cannot be changed (B5.2.3) */
        cpu_set(cpu, CPU_FAULTMASK, unit->state.faultmask_kept);
    return exception_mpu_follow(unit);
}

/* --- pending ----------------------------------------------------------------------------------------------------- */

void exception_pend(struct exception_unit *unit, uint32_t number)
{
    if (!get_bit(unit->state.pending, number) && (unit->state.scr & SCR_SEVONPEND))
        unit->state.event_register = 1;
    put_bit(unit->state.pending, number, true);
    unit->host.changed(unit->host.context);
}

void exception_set_irq(struct exception_unit *unit, uint32_t irq, bool level)
{
    TB_ASSERT(irq < unit->chip->irq_count);
    bool before = get_bit(unit->state.level, EXC_IRQ0 + irq);
    put_bit(unit->state.level, EXC_IRQ0 + irq, level);
    if (level && !before)
        exception_pend(unit, EXC_IRQ0 + irq);
}

void exception_set_nmi(struct exception_unit *unit, bool level)
{
    bool before = get_bit(unit->state.level, EXC_NMI);
    put_bit(unit->state.level, EXC_NMI, level);
    if (level && !before)
        exception_pend(unit, EXC_NMI);
}

void exception_pend_irq(struct exception_unit *unit, uint32_t irq)
{
    if (irq < unit->chip->irq_count)
        exception_pend(unit, EXC_IRQ0 + irq);
}
