/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Entry, return, faults and sleep; priorities are in exception_priority.c, registers in exception_regs.c. Section
 * numbers: ARM DDI 0403E. */
#include "exception.h"

#include "exception_bits.h"

#include <string.h>

/* --- sleep: B1.5.18 ----------------------------------------------------------------------------------------------- */

/** Sleep; with SLEEPDEEP HCLK stops too, and SysTick with it. */
static void fall_asleep(struct exception_unit *unit, uint8_t how)
{
    unit->state.sleeping = how;
    unit->host.asleep(unit->host.context, true);
    if (!(unit->state.scr & SCR_SLEEPDEEP))
        return;
    unit->state.deep = 1;
    exception_systick_freeze(unit, true);
    if (!unit->host.deep_sleep(unit->host.context, true))
        exception_gap(unit, SCR_OFFSET, false, unit->state.scr, "Stop, Standby and Shutdown modes (SCR.SLEEPDEEP)");
}

static void wake_up(struct exception_unit *unit)
{
    if (!unit->state.sleeping)
        return;
    unit->state.sleeping = 0;
    unit->host.asleep(unit->host.context, false);
    if (!unit->state.deep)
        return;
    unit->state.deep = 0;
    (void)unit->host.deep_sleep(unit->host.context, false);
    exception_systick_freeze(unit, false);
}

/* --- lockup: B1.5.15 --------------------------------------------------------------------------------------------- */

static void lock_up(struct exception_unit *unit)
{
    if (unit->state.locked_up)
        return;
    unit->state.locked_up = 1;
    struct obs obs = {.kind = OBS_LOCKUP, .device = OBS_NO_DEVICE, .a = unit->state.cfsr, .b = unit->state.hfsr};
    unit->host.observe(unit->host.context, &obs);
}

/* --- entry: B1.5.6, B1.5.7 --------------------------------------------------------------------------------------- */

/** Sets CONTROL.SPSEL and FPCA to 0 and the exception number to n, whatever mode the core is in. */
static void become_handler(struct exception_unit *unit, uint32_t xpsr, uint32_t n)
{
    struct cpu *cpu = unit->cpu;
    uint32_t control = cpu_get(cpu, CPU_CONTROL);
    uint32_t handler = (xpsr & XPSR_KEPT) | XPSR_T_BIT | n;
    if ((control & CONTROL_NPRIV) && !(xpsr & XPSR_IPSR)) {
        /* the engine lets an unprivileged thread change nothing: become a handler, drop nPRIV, come back */
        cpu_set(cpu, CPU_XPSR, handler);
        cpu_set(cpu, CPU_CONTROL, control & ~CONTROL_NPRIV);
        cpu_set(cpu, CPU_XPSR, handler & ~XPSR_IPSR);
    }
    cpu_set(cpu, CPU_CONTROL, control & ~(CONTROL_SPSEL | CONTROL_FPCA | CONTROL_NPRIV));
    cpu_set(cpu, CPU_XPSR, handler);
    if (control & CONTROL_NPRIV)
        cpu_set(cpu, CPU_CONTROL, control & ~(CONTROL_SPSEL | CONTROL_FPCA));
}

/** Writes the frame at `frame`; false if some word of it cannot be written (B1.5.7 PushStack). */
static bool write_frame(struct exception_unit *unit, uint32_t frame, uint32_t xpsr, uint32_t return_address, bool fp)
{
    struct cpu *cpu = unit->cpu;
    uint32_t words[26];
    for (int i = 0; i < 4; i++)
        words[i] = cpu_get(cpu, (enum cpu_reg)(CPU_R0 + i));
    words[4] = cpu_get(cpu, CPU_R12);
    words[5] = cpu_get(cpu, CPU_LR);
    words[6] = return_address;
    words[7] = xpsr;
    uint32_t count = 8;
    if (fp) {
        cpu_get_fp(cpu, 0, 16, &words[8]);
        words[24] = cpu_get(cpu, CPU_FPSCR);
        words[25] = 0;
        count = 25; /* the 26th is reserved: not written */
    }
    bool good = true;
    uint8_t *ram = bus_ram(unit->bus, frame, 4u * count);
    if (ram)
        memcpy(ram, words, 4u * count);
    for (uint32_t i = 0; !ram && i < count; i++) /* what can be written of it is */
        good = bus_core_write(unit->bus, frame + 4u * i, words[i]) && good;
    if (fp)
        unit->state.fpcar = frame + 0x20u;
    return good;
}

static bool read_vector(struct exception_unit *unit, uint32_t number, uint32_t *vector)
{
    return bus_core_read(unit->bus, unit->state.vtor + 4u * number, vector);
}

static void observe_exception(struct exception_unit *unit, enum obs_kind kind, uint32_t number, uint32_t address)
{
    struct obs obs = {.kind = (uint16_t)kind, .device = OBS_NO_DEVICE, .a = number, .b = address};
    unit->host.observe(unit->host.context, &obs);
}

/** Stack and mode are already those of a handler: activate `number` and go to its vector (ExceptionTaken). */
static void activate(struct exception_unit *unit, uint32_t number, uint32_t xpsr)
{
    put_bit(unit->state.pending, number, false);
    put_bit(unit->state.active, number, true);
    become_handler(unit, xpsr, number);
    cpu_clear_exclusive(unit->cpu);
    unit->state.event_register = 1;
    wake_up(unit);
    if (exception_mpu_follow(unit))
        cpu_flush(unit->cpu);
    unit->taken++;
    uint32_t vector = 0;
    if (!read_vector(unit, number, &vector)) {
        unit->state.hfsr |= HFSR_VECTTBL;
        if (number == EXC_HARD_FAULT || number == EXC_NMI) {
            lock_up(unit);
            return;
        }
        /* the HardFault is entered on top of the exception whose vector could not be read */
        put_bit(unit->state.active, number, false);
        activate(unit, EXC_HARD_FAULT, xpsr);
        return;
    }
    if (!(vector & 1u)) /* no Thumb bit: INVSTATE on the first instruction */
        cpu_set(unit->cpu, CPU_XPSR, cpu_get(unit->cpu, CPU_XPSR) & ~XPSR_T_BIT);
    cpu_set(unit->cpu, CPU_PC, vector & ~1u);
    if (!(vector & 1u))
        cpu_set(unit->cpu, CPU_XPSR, ((xpsr & XPSR_KEPT) & ~XPSR_T_BIT) | number);
}

static uint32_t derived_fault(struct exception_unit *unit, uint32_t cfsr);

/**
 * Stacking failed: the derived fault and the exception that is being entered compete like late arrivals (B1.5.11); the
 * loser stays pending. Returns the winner.
 */
static uint32_t derived_on_entry(struct exception_unit *unit, uint32_t number)
{
    uint32_t derived = derived_fault(unit, CFSR_STKERR);
    bool wins = exception_group_priority(unit, exception_raw_priority(unit, derived)) <
                exception_group_priority(unit, exception_raw_priority(unit, number));
    put_bit(unit->state.pending, wins ? number : derived, true);
    return wins ? derived : number;
}

static void enter(struct exception_unit *unit, uint32_t number)
{
    struct cpu *cpu = unit->cpu;
    uint32_t xpsr = cpu_get(cpu, CPU_XPSR);
    uint32_t control = cpu_get(cpu, CPU_CONTROL);
    uint32_t return_address = cpu_get(cpu, CPU_PC);
    bool thread = !(xpsr & XPSR_IPSR);
    /* without ASPEN the core would not have set FPCA; the engine always does */
    bool fp = (control & CONTROL_FPCA) && (unit->state.fpccr & FPCCR_ASPEN) && unit->chip->cpu == CPU_CORTEX_M4F;
    uint32_t sp = cpu_get(cpu, CPU_SP);
    uint32_t frame = sp - (fp ? 0x68u : 0x20u);
    uint32_t align = 0;
    if ((unit->state.ccr & CCR_STKALIGN) || fp) {
        align = frame & 4u ? XPSR_STACK_ALIGN : 0;
        frame &= ~4u;
    }
    bool stacked = write_frame(unit, frame, (xpsr & ~XPSR_STACK_ALIGN) | align, return_address, fp);
    uint32_t exc_return = thread ? (control & CONTROL_SPSEL ? 0xfffffffdu : 0xfffffff9u) : 0xfffffff1u;
    if (fp)
        exc_return &= ~EXC_RETURN_NO_FP;
    cpu_set(cpu, CPU_SP, frame);
    if (!stacked)
        number = derived_on_entry(unit, number);
    if (number == EXC_NMI || number == EXC_HARD_FAULT)
        unit->state.faultmask_kept = (uint8_t)exception_masks_now(unit).faultmask;
    observe_exception(unit, OBS_EXC_ENTRY, number, return_address);
    activate(unit, number, xpsr);
    cpu_set(cpu, CPU_LR, exc_return);
}

void exception_take(struct exception_unit *unit)
{
    uint32_t number;
    while (!unit->state.locked_up && (number = exception_takeable(unit)) != 0)
        enter(unit, number);
    if (unit->state.locked_up && exception_takeable(unit) == EXC_NMI && !get_bit(unit->state.active, EXC_NMI)) {
        unit->state.locked_up = 0; /* an NMI leaves the lockup of a HardFault */
        enter(unit, EXC_NMI);
    }
}

/* --- faults: B1.5.14 --------------------------------------------------------------------------------------------- */

static bool fault_enabled(const struct exception_unit *unit, uint32_t number)
{
    switch (number) {
    case EXC_MEM_MANAGE:
        return unit->state.shcsr & SHCSR_MEMFAULTENA;
    case EXC_BUS_FAULT:
        return unit->state.shcsr & SHCSR_BUSFAULTENA;
    case EXC_USAGE_FAULT:
        return unit->state.shcsr & SHCSR_USGFAULTENA;
    case EXC_DEBUG_MONITOR:
        return unit->state.demcr & DEMCR_MON_EN;
    default:
        return true;
    }
}

/** The exception that a synchronous exception really becomes now: itself, a HardFault, or 0 for lockup. */
static uint32_t escalate(struct exception_unit *unit, uint32_t number)
{
    int now = exception_execution_priority(unit);
    if (fault_enabled(unit, number) && exception_group_priority(unit, exception_raw_priority(unit, number)) < now)
        return number;
    if (now <= -1)
        return 0;
    unit->state.hfsr |= number == EXC_DEBUG_MONITOR ? HFSR_DEBUGEVT : HFSR_FORCED;
    return EXC_HARD_FAULT;
}

static void raise(struct exception_unit *unit, uint32_t number, uint32_t cfsr)
{
    unit->state.cfsr |= cfsr;
    uint32_t becomes = escalate(unit, number);
    if (becomes == 0)
        lock_up(unit);
    else
        enter(unit, becomes);
}

/** A bus fault while entering or leaving: the exception that it becomes. */
static uint32_t derived_fault(struct exception_unit *unit, uint32_t cfsr)
{
    unit->state.cfsr |= cfsr;
    if (fault_enabled(unit, EXC_BUS_FAULT))
        return EXC_BUS_FAULT;
    unit->state.hfsr |= HFSR_FORCED;
    return EXC_HARD_FAULT;
}

/* --- return: B1.5.8 ---------------------------------------------------------------------------------------------- */

static uint32_t active_count(const struct exception_unit *unit)
{
    uint32_t count = 0;
    for (uint32_t w = 0; w < EXCEPTION_MAX / 32u; w++)
        count += (uint32_t)__builtin_popcount(unit->state.active[w]);
    return count;
}

static void deactivate(struct exception_unit *unit, uint32_t number)
{
    put_bit(unit->state.active, number, false);
    if (number != EXC_NMI)
        cpu_set(unit->cpu, CPU_FAULTMASK, 0);
    /* a line that is still high pends again (B3.4.1) */
    if (get_bit(unit->state.level, number))
        put_bit(unit->state.pending, number, true);
}

/** A return that cannot be done: the fault is tail-chained onto the frame, which stays where it is (B1.5.8, B1.5.11).
 */
static void failed_return(struct exception_unit *unit, uint32_t exc_return, uint32_t fault, uint32_t cfsr)
{
    uint32_t xpsr = cpu_get(unit->cpu, CPU_XPSR);
    unit->state.cfsr |= cfsr;
    uint32_t becomes = escalate(unit, fault);
    if (becomes == 0) {
        lock_up(unit);
        return;
    }
    activate(unit, becomes, xpsr);
    cpu_set(unit->cpu, CPU_LR, 0xf0000000u | (exc_return & 0x0fffffffu));
}

static bool return_is_valid(const struct exception_unit *unit, uint32_t exc_return, uint32_t number)
{
    uint32_t kind = exc_return & 0xfu;
    if ((exc_return & 0x0fffffe0u) != 0x0fffffe0u || !get_bit(unit->state.active, number))
        return false;
    if (!(exc_return & EXC_RETURN_NO_FP) && unit->chip->cpu != CPU_CORTEX_M4F)
        return false;
    if (kind == 0x1u)
        return active_count(unit) > 1u;
    if (kind == 0x9u || kind == 0xdu)
        return active_count(unit) == 1u || (unit->state.ccr & CCR_NONBASETHRDENA);
    return false;
}

/** Pops the frame into the registers except the stack pointer. False if it cannot be read. */
static bool read_frame(struct exception_unit *unit, uint32_t frame, bool fp, uint32_t words[26])
{
    uint32_t count = fp ? 25u : 8u;
    const uint8_t *ram = bus_ram(unit->bus, frame, 4u * count);
    if (ram)
        memcpy(words, ram, 4u * count);
    for (uint32_t i = 0; !ram && i < count; i++)
        if (!bus_core_read(unit->bus, frame + 4u * i, &words[i]))
            return false;
    return true;
}

static void pop_registers(struct exception_unit *unit, const uint32_t words[26], bool fp)
{
    struct cpu *cpu = unit->cpu;
    for (int i = 0; i < 4; i++)
        cpu_set(cpu, (enum cpu_reg)(CPU_R0 + i), words[i]);
    cpu_set(cpu, CPU_R12, words[4]);
    cpu_set(cpu, CPU_LR, words[5]);
    if (fp) {
        cpu_set_fp(cpu, 0, 16, &words[8]);
        cpu_set(cpu, CPU_FPSCR, words[24]);
    }
    cpu_set(cpu, CPU_PC, words[6] & ~1u);
    cpu_set(cpu, CPU_XPSR, words[7] & ~XPSR_STACK_ALIGN);
}

static void return_from_exception(struct exception_unit *unit, uint32_t exc_return)
{
    struct cpu *cpu = unit->cpu;
    uint32_t number = cpu_get(cpu, CPU_XPSR) & XPSR_IPSR;
    bool valid = return_is_valid(unit, exc_return, number);
    deactivate(unit, number);
    if (!valid) {
        failed_return(unit, exc_return, EXC_USAGE_FAULT, CFSR_INVPC);
        return;
    }
    bool to_thread = exc_return & 8u, use_psp = exc_return & 4u, fp = !(exc_return & EXC_RETURN_NO_FP);
    uint32_t frame = cpu_get(cpu, use_psp ? CPU_PSP : CPU_MSP);
    uint32_t words[26] = {0};
    if (!read_frame(unit, frame, fp, words)) {
        failed_return(unit, exc_return, EXC_BUS_FAULT, CFSR_UNSTKERR);
        return;
    }
    if (((words[7] & XPSR_IPSR) == 0) != to_thread) {
        failed_return(unit, exc_return, EXC_USAGE_FAULT, CFSR_INVPC);
        return;
    }
    uint32_t sp = frame + (fp ? 0x68u : 0x20u);
    if ((words[7] & XPSR_STACK_ALIGN) && ((unit->state.ccr & CCR_STKALIGN) || fp))
        sp |= 4u;
    uint32_t control = cpu_get(cpu, CPU_CONTROL) & CONTROL_NPRIV;
    if (to_thread) { /* nPRIV last: without privilege the engine ignores the other bits */
        cpu_set(cpu, CPU_CONTROL, 0);
        cpu_set(cpu, CPU_XPSR, XPSR_T_BIT);
        cpu_set(cpu, CPU_CONTROL, (use_psp ? CONTROL_SPSEL : 0) | (fp ? CONTROL_FPCA : 0));
    } else {
        cpu_set(cpu, CPU_CONTROL, control | (fp ? CONTROL_FPCA : 0));
    }
    cpu_set(cpu, CPU_SP, sp);
    pop_registers(unit, words, fp);
    unit->unprivileged_masks = exception_masks_now(unit);
    if (to_thread && control)
        cpu_set(cpu, CPU_CONTROL, (use_psp ? CONTROL_SPSEL : 0) | (fp ? CONTROL_FPCA : 0) | CONTROL_NPRIV);
    if (exception_mpu_follow(unit))
        cpu_flush(cpu);
    cpu_clear_exclusive(cpu);
    unit->state.event_register = 1;
    observe_exception(unit, OBS_EXC_RETURN, number, words[6] & ~1u);
    if (to_thread && active_count(unit) == 0 && (unit->state.scr & SCR_SLEEPONEXIT))
        fall_asleep(unit, SLEEP_WFI);
    unit->host.changed(unit->host.context);
}

/* --- what the CPU stopped for ------------------------------------------------------------------------------------ */

static void bus_or_memory_fault(struct exception_unit *unit, struct cpu_result result)
{
    if (result.stop == CPU_STOP_FETCH_FAULT) {
        if (result.xn)
            raise(unit, EXC_MEM_MANAGE, CFSR_IACCVIOL);
        else
            raise(unit, EXC_BUS_FAULT, CFSR_IBUSERR);
        return;
    }
    if (result.denied) {
        unit->state.mmfar = result.value;
        raise(unit, EXC_MEM_MANAGE, CFSR_DACCVIOL | CFSR_MMARVALID);
        return;
    }
    unit->state.bfar = result.value;
    raise(unit, EXC_BUS_FAULT, CFSR_PRECISERR | CFSR_BFARVALID);
}

void exception_on_stop(struct exception_unit *unit, struct cpu_result result)
{
    switch (result.stop) {
    case CPU_STOP_SVC:
        raise(unit, EXC_SVCALL, 0);
        break;
    case CPU_STOP_BKPT:
        unit->state.dfsr |= DFSR_BKPT;
        raise(unit, EXC_DEBUG_MONITOR, 0);
        break;
    case CPU_STOP_EXC_RETURN:
        return_from_exception(unit, result.value);
        break;
    case CPU_STOP_UNDEFINED:
        raise(unit, EXC_USAGE_FAULT, CFSR_UNDEFINSTR);
        break;
    case CPU_STOP_NO_STATE:
        raise(unit, EXC_USAGE_FAULT, CFSR_INVSTATE);
        break;
    case CPU_STOP_NO_FPU:
        raise(unit, EXC_USAGE_FAULT, CFSR_NOCP);
        break;
    case CPU_STOP_DIV0:
        raise(unit, EXC_USAGE_FAULT, CFSR_DIVBYZERO);
        break;
    case CPU_STOP_DATA_FAULT:
    case CPU_STOP_FETCH_FAULT:
        bus_or_memory_fault(unit, result);
        break;
    case CPU_STOP_WFI:
        fall_asleep(unit, SLEEP_WFI);
        break;
    case CPU_STOP_WFE:
        if (unit->state.event_register)
            unit->state.event_register = 0;
        else
            fall_asleep(unit, SLEEP_WFE);
        break;
    default:
        break;
    }
}

bool exception_wakes(struct exception_unit *unit)
{
    uint32_t number = exception_highest_pending(unit);
    bool wakes = false;
    if (number) { /* PRIMASK does not keep the core asleep, BASEPRI does (B1.5.19) */
        struct exception_masks masks = exception_masks_now(unit);
        masks.primask = 0;
        wakes = exception_group_priority(unit, exception_raw_priority(unit, number)) <
                exception_masked_priority(unit, masks);
    }
    if (unit->state.sleeping == SLEEP_WFE && unit->state.event_register) {
        unit->state.event_register = 0;
        wakes = true;
    }
    if (wakes)
        wake_up(unit);
    return wakes;
}

/* --- life -------------------------------------------------------------------------------------------------------- */

void exception_init(struct exception_unit *unit, struct cpu *cpu, struct bus *bus, const struct chip *chip,
                    const struct exception_host *host)
{
    memset(unit, 0, sizeof *unit);
    unit->cpu = cpu;
    unit->bus = bus;
    unit->chip = chip;
    unit->host = *host;
}

void exception_reset(struct exception_unit *unit)
{
    struct exception_state *state = &unit->state;
    if (state->sleeping)
        unit->host.asleep(unit->host.context, false);
    if (state->deep)
        (void)unit->host.deep_sleep(unit->host.context, false);
    uint32_t level[EXCEPTION_MAX / 32u];
    memcpy(level, state->level, sizeof level);
    uint32_t demcr = state->demcr; /* a power-on reset clears it, others do not (C1.6.5) */
    memset(state, 0, sizeof *state);
    memcpy(state->level, level, sizeof level);
    state->demcr = demcr;
    state->ccr = CCR_STKALIGN;
    state->fpccr = FPCCR_ASPEN | FPCCR_LSPEN;
    state->systick_zero_cycle = TIME_NEVER;
    cpu_reset(unit->cpu);
    exception_apply_traps(unit);
    exception_mpu_apply(unit);
    unit->host.protection_changed(unit->host.context);
    uint32_t sp = 0, pc = 0;
    if (!bus_core_read(unit->bus, 0, &sp) || !bus_core_read(unit->bus, 4, &pc)) {
        state->hfsr |= HFSR_VECTTBL;
        lock_up(unit);
        return;
    }
    cpu_set(unit->cpu, CPU_MSP, sp & ~3u);
    cpu_set(unit->cpu, CPU_PC, pc & ~1u);
    if (!(pc & 1u))
        cpu_set(unit->cpu, CPU_XPSR, 0);
    for (uint32_t irq = 0; irq < unit->chip->irq_count; irq++)
        if (get_bit(level, EXC_IRQ0 + irq))
            put_bit(state->pending, EXC_IRQ0 + irq, true);
    if (get_bit(level, EXC_NMI))
        put_bit(state->pending, EXC_NMI, true);
}

void exception_restored(struct exception_unit *unit)
{
    exception_apply_traps(unit);
    exception_mpu_resume(unit);
}

void exception_start(struct exception_unit *unit, uint32_t vtor, uint32_t sp, uint32_t pc)
{
    unit->state.locked_up = 0;
    unit->state.vtor = vtor;
    cpu_set(unit->cpu, CPU_XPSR, XPSR_T_BIT);
    cpu_set(unit->cpu, CPU_MSP, sp & ~3u);
    cpu_set(unit->cpu, CPU_PC, pc & ~1u);
}
