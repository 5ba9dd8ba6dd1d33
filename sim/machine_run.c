/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* The run loop: sync points, timed events, exceptions, sleep. Its order is what makes runs deterministic. */
#include "machine_state.h"

#include <string.h>

bool machine_any_fetch(const uint8_t *traps, uint32_t pages)
{
    uint32_t any = 0;
    for (uint32_t page = 0; page < pages; page++)
        any |= traps[page];
    return any & TRAP_FETCH;
}

/** True if code of some page must be announced before it runs: trapped by a device, or holding bad cells. */
static bool any_fetch_trap(const struct machine *machine)
{
    for (uint32_t s = 0; s < machine->chip->store_count; s++)
        if (machine->fetch_traps[s] || machine->stores[s].flagged > 0)
            return true;
    return false;
}

void machine_refresh(struct machine *machine)
{
    bool changed = machine->flush_wanted;
    for (uint32_t s = 0; s < machine->chip->store_count; s++) {
        changed = changed || machine->stores[s].changes != machine->store_changes[s];
        machine->store_changes[s] = machine->stores[s].changes;
    }
    if (!changed)
        return;
    machine->flush_wanted = false;
    frame_pool_reclaim(machine->pool);
    cpu_set_fetch_traps(machine->cpu, any_fetch_trap(machine));
    cpu_flush(machine->cpu);
}

static void apply_windows(struct machine *machine)
{
    for (uint32_t w = 0; w < machine->chip->window_count; w++) {
        if (machine->bus.choices[w] == machine->next_choices[w])
            continue;
        machine->bus.choices[w] = machine->next_choices[w];
        machine->counters.remaps++;
        machine->flush_wanted = true;
        struct obs obs = {.kind = OBS_REMAP, .device = OBS_NO_DEVICE, .a = w, .b = machine->next_choices[w]};
        machine_observe(machine, &obs);
    }
}

static void apply_traps(struct machine *machine)
{
    if (!machine->core.traps_changed)
        return;
    machine->core.traps_changed = 0;
    for (uint32_t s = 0; s < machine->chip->store_count; s++) {
        uint32_t pages = machine->chip->stores[s].size / FRAME_SIZE;
        if (memcmp(machine->bus.traps[s], machine->next_traps[s], pages) == 0)
            continue;
        memcpy(machine->bus.traps[s], machine->next_traps[s], pages);
        machine->fetch_traps[s] = machine_any_fetch(machine->bus.traps[s], pages);
        machine->flush_wanted = true;
    }
}

void machine_draw_modes(struct machine *machine)
{
    for (uint32_t s = 0; s < machine->chip->store_count; s++) {
        struct store *store = &machine->stores[s];
        for (uint32_t page = 0; store->flagged > 0 && page < store->frame_count; page++) {
            if (!frame_is_flagged(machine->pool, store->frames[page]))
                continue;
            for (uint32_t at = page * FRAME_SIZE; at < (page + 1u) * FRAME_SIZE; at += 8u)
                store_set_cell(store, at,
                               cell_after_reset(store_cell(store, at), cell_mode_seed(machine->config.seed, s, at)));
        }
    }
}

static void perform_reset(struct machine *machine, enum reset_kind kind, enum tear tear, uint64_t seed)
{
    machine->core.reset_requested = NO_RESET;
    if (kind != RESET_POWER_ON) /* then machine_power_off did both */
        machine_draw_modes(machine);
    machine_abort_op(machine, tear, seed);
    for (uint32_t d = 0; d < machine->chip_devices; d++) {
        struct device *device = &machine->devices[d];
        for (uint32_t event = 0; event < device->model->event_count; event++)
            sched_cancel(&machine->core.sched, device->first_slot + event);
    }
    for (uint32_t d = 0; d < machine->chip_devices; d++)
        machine->devices[d].model->reset(&machine->devices[d], kind);
    apply_windows(machine);
    apply_traps(machine);
    machine->counters.resets[kind]++;
    machine->core.deadline_stale = 1;
    struct obs reset = {.kind = OBS_RESET, .device = OBS_NO_DEVICE, .a = kind, .c = machine->core.reset_asked_ps};
    machine_observe(machine, &reset);
    machine_refresh(machine);
    exception_reset(&machine->exceptions);
    struct obs boot = {.kind = OBS_BOOT, .device = OBS_NO_DEVICE, .a = cpu_get(machine->cpu, CPU_PC)};
    machine_observe(machine, &boot);
}

void machine_perform_reset(struct machine *machine, enum reset_kind kind)
{
    const struct op *op = &machine->core.op;
    perform_reset(machine, kind, op_reset_tear(op), op_reset_seed(op, machine->config.seed));
}

void machine_reset_dead(struct machine *machine, enum reset_kind kind, enum tear tear, uint64_t seed)
{
    TB_ASSERT(machine->core.powered && cpu_is_dead(machine->cpu));
    cpu_revive(machine->cpu);
    cpu_clear_hold(machine->cpu);
    machine->core.sync_wanted = 0;
    machine->core.reset_asked_ps = machine_time_ps(machine);
    perform_reset(machine, kind, tear, seed);
}

void machine_sync(struct machine *machine)
{
    cpu_clear_hold(machine->cpu);
    machine->core.sync_wanted = 0;
    apply_windows(machine);
    apply_traps(machine);
    if (machine->core.protection_changed) {
        machine->core.protection_changed = 0;
        exception_mpu_apply(&machine->exceptions);
        machine->flush_wanted = true;
    }
    if (machine->core.reset_requested != NO_RESET)
        machine_perform_reset(machine, (enum reset_kind)machine->core.reset_requested);
}

static uint64_t minimum(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/** Cycle converted to an instruction count, were all cycles from now on instructions. */
static uint64_t as_count(const struct machine *machine, uint64_t cycle)
{
    if (cycle == TIME_NEVER)
        return UINT64_MAX;
    uint64_t extra = machine->core.clock.extra_cycles;
    return cycle > extra ? cycle - extra : 0;
}

/** Asleep, halted or locked up: jumps to the next event or the limit. False if there is neither. */
static bool pass_time(struct machine *machine, uint64_t limit_cycle)
{
    uint64_t target = minimum(machine->core.deadline_cycle, limit_cycle);
    if (target == TIME_NEVER)
        return false;
    uint64_t now = machine_cycles(machine);
    if (target > now)
        machine->core.clock.extra_cycles += target - now;
    return true;
}

/** The next instruction is `b .`: executes it as often as fits. False if it would be for ever. */
static bool spin(struct machine *machine, uint64_t limit_count)
{
    uint64_t target = minimum(as_count(machine, machine->core.deadline_cycle), limit_count);
    target = minimum(target, cpu_hold(machine->cpu));
    if (target == UINT64_MAX)
        return false;
    cpu_set_count(machine->cpu, target);
    return true;
}

static bool is_idle(struct machine *machine)
{
    struct exception_state *state = &machine->exceptions.state;
    if (machine->core.halted || state->locked_up)
        return true;
    return state->sleeping && !exception_wakes(&machine->exceptions);
}

/** Everything that can be due between two instructions. Returns false when it has to be looked at again. */
static bool settle(struct machine *machine)
{
    struct machine_core *core = &machine->core;
    uint64_t hold = cpu_hold(machine->cpu);
    bool open = hold != UINT64_MAX && cpu_count(machine->cpu) < hold;
    if (!open && (hold != UINT64_MAX || core->sync_wanted)) {
        machine_sync(machine);
        core->deadline_stale = 1;
    }
    if (!open && core->deadline_stale) {
        core->deadline_cycle = machine_next_event_cycle(machine);
        core->deadline_stale = 0;
    }
    if (machine_cycles(machine) >= core->deadline_cycle) {
        machine_fire_due(machine);
        core->deadline_cycle = machine_next_event_cycle(machine);
        core->deadline_stale = 0;
        return false;
    }
    machine_refresh(machine);
    if (!open && !core->halted)
        exception_take(&machine->exceptions);
    cpu_set_attention(machine->cpu, exception_any_pending(&machine->exceptions));
    return true;
}

enum run_end machine_run(struct machine *machine, struct run_limit limit)
{
    struct machine_core *core = &machine->core;
    for (;;) {
        if (!core->powered || cpu_is_dead(machine->cpu))
            return RUN_DEAD;
        if (!settle(machine))
            continue;
        if (machine_brown_out(machine)) /* an option load has raised the level */
            return RUN_DEAD;
        uint64_t count = cpu_count(machine->cpu);
        if (core->stop_requested && cpu_hold(machine->cpu) == UINT64_MAX) {
            core->stop_requested = 0;
            return RUN_REQUESTED;
        }
        uint64_t limit_cycle = clock_cycles(&core->clock, limit.time_ps);
        if (machine_cycles(machine) >= limit_cycle)
            return RUN_TIME;
        if (count >= limit.instructions)
            return RUN_INSTRUCTIONS;
        if (is_idle(machine)) {
            if (!pass_time(machine, limit_cycle))
                return RUN_IDLE;
            continue;
        }
        uint64_t forced = minimum(limit.instructions, as_count(machine, limit_cycle));
        uint64_t deadline = minimum(as_count(machine, core->deadline_cycle), cpu_hold(machine->cpu));
        struct cpu_result result = cpu_run(machine->cpu, deadline, forced);
        if (result.stop == CPU_STOP_SELF_LOOP) {
            if (!spin(machine, forced))
                return RUN_IDLE;
        } else if (result.stop != CPU_STOP_DEAD) {
            exception_on_stop(&machine->exceptions, result);
        }
    }
}

enum status machine_start_program(struct machine *machine, uint32_t vectors, struct error *err)
{
    uint32_t words[2];
    enum status status = machine_peek_mapped(machine, vectors, words, sizeof words, err);
    if (status != TB_OK)
        return status;
    if (vectors % 128u || !(words[1] & 1u))
        return error_set(
            err, TB_ERR_INPUT,
            "cannot start at 0x%08x: expected a vector table at a multiple of 128, and an odd address in its "
            "second word (it is 0x%08x)",
            vectors, words[1]);
    exception_start(&machine->exceptions, vectors, words[0], words[1]);
    return TB_OK;
}
