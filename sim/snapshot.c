/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Snapshots and digests of the whole state: tables of frame numbers, plain state, RAM, and the engine's registers. No
 * code of any model is involved.
 */
#include "machine_state.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct snapshot {
    struct cpu_context *cpu;
    struct machine_core core;
    struct exception_state exceptions;
    struct exception_masks masks;
    uint8_t *states;
    uint64_t *wires, *driven;
    uint32_t *choices, *next_choices;
    uint8_t **traps, **next_traps; /* one array a store */
    uint8_t **ram;                 /* RAM stores */
    frame_id **frames;             /* others; each entry holds a reference */
};

static void *copy_of(const void *bytes, size_t size)
{
    void *copy = malloc(size ? size : 1u);
    if (copy)
        memcpy(copy, bytes, size);
    return copy;
}

static bool save_store(const struct machine *machine, struct snapshot *snapshot, uint32_t s)
{
    struct store *store = &machine->stores[s];
    uint32_t pages = store->desc->size / FRAME_SIZE;
    snapshot->traps[s] = copy_of(machine->bus.traps[s], pages);
    snapshot->next_traps[s] = copy_of(machine->next_traps[s], pages);
    if (!snapshot->traps[s] || !snapshot->next_traps[s])
        return false;
    if (store->desc->kind == STORE_RAM) {
        snapshot->ram[s] = copy_of(store->ram, store->desc->size);
        return snapshot->ram[s];
    }
    store_seal(store);
    snapshot->frames[s] = copy_of(store->frames, store->frame_count * sizeof *store->frames);
    for (uint32_t i = 0; snapshot->frames[s] && i < store->frame_count; i++)
        frame_ref(machine->pool, store->frames[i]);
    return snapshot->frames[s];
}

static bool save_tables(struct machine *machine, struct snapshot *snapshot)
{
    uint32_t stores = machine->chip->store_count;
    size_t choices_size = machine->chip->window_count * sizeof *machine->next_choices;
    snapshot->states = copy_of(machine->states, machine->states_size);
    snapshot->wires = copy_of(machine->wires.values, machine->wires.value_count * sizeof *machine->wires.values);
    snapshot->driven = copy_of(machine->driven, machine->wires.value_count * sizeof *machine->driven);
    snapshot->choices = copy_of(machine->bus.choices, choices_size);
    snapshot->next_choices = copy_of(machine->next_choices, choices_size);
    snapshot->traps = calloc(stores + 1u, sizeof *snapshot->traps);
    snapshot->next_traps = calloc(stores + 1u, sizeof *snapshot->next_traps);
    snapshot->ram = calloc(stores + 1u, sizeof *snapshot->ram);
    snapshot->frames = calloc(stores + 1u, sizeof *snapshot->frames);
    bool good = snapshot->states && snapshot->wires && snapshot->driven && snapshot->choices &&
                snapshot->next_choices && snapshot->traps && snapshot->next_traps && snapshot->ram && snapshot->frames;
    for (uint32_t s = 0; good && s < stores; s++)
        good = save_store(machine, snapshot, s);
    return good;
}

enum status machine_save(struct machine *machine, struct snapshot **out, struct error *err)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return error_set(err, TB_ERR_MEMORY, "out of memory for a snapshot");
    if (!save_tables(machine, snapshot)) {
        snapshot_free(machine, snapshot);
        return error_set(err, TB_ERR_MEMORY, "out of memory for a snapshot");
    }
    enum status status = cpu_context_save(machine->cpu, &snapshot->cpu, err);
    if (status != TB_OK) {
        snapshot_free(machine, snapshot);
        return status;
    }
    snapshot->core = machine->core;
    snapshot->exceptions = machine->exceptions.state;
    snapshot->masks = machine->exceptions.unprivileged_masks;
    *out = snapshot;
    return TB_OK;
}

static void restore_store(struct machine *machine, const struct snapshot *snapshot, uint32_t s)
{
    struct store *store = &machine->stores[s];
    uint32_t pages = store->desc->size / FRAME_SIZE;
    memcpy(machine->bus.traps[s], snapshot->traps[s], pages);
    memcpy(machine->next_traps[s], snapshot->next_traps[s], pages);
    machine->fetch_traps[s] = machine_any_fetch(machine->bus.traps[s], pages);
    if (store->desc->kind == STORE_RAM) {
        cpu_replace_ram(machine->cpu, s, snapshot->ram[s]);
        return;
    }
    for (uint32_t i = 0; i < store->frame_count; i++) {
        frame_id wanted = snapshot->frames[s][i];
        if (store->frames[i] != wanted)
            store_show(store, i, wanted);
    }
}

void machine_restore(struct machine *machine, const struct snapshot *snapshot)
{
    size_t choices_size = machine->chip->window_count * sizeof *machine->next_choices;
    for (uint32_t s = 0; s < machine->chip->store_count; s++)
        restore_store(machine, snapshot, s);
    memcpy(machine->states, snapshot->states, machine->states_size);
    memcpy(machine->wires.values, snapshot->wires, machine->wires.value_count * sizeof *machine->wires.values);
    memcpy(machine->driven, snapshot->driven, machine->wires.value_count * sizeof *machine->driven);
    memcpy(machine->bus.choices, snapshot->choices, choices_size);
    memcpy(machine->next_choices, snapshot->next_choices, choices_size);
    machine->core = snapshot->core;
    machine->exceptions.state = snapshot->exceptions;
    machine->exceptions.unprivileged_masks = snapshot->masks;
    cpu_context_restore(machine->cpu, snapshot->cpu);
    exception_restored(&machine->exceptions);
    machine->flush_wanted = true; /* windows or traps may differ, and the engine's registers came from elsewhere */
    machine_refresh(machine);
}

void snapshot_free(struct machine *machine, struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (uint32_t s = 0; s < machine->chip->store_count; s++) {
        if (snapshot->frames && snapshot->frames[s])
            for (uint32_t i = 0; i < machine->stores[s].frame_count; i++)
                frame_unref(machine->pool, snapshot->frames[s][i]);
        free(snapshot->frames ? snapshot->frames[s] : NULL);
        free(snapshot->ram ? snapshot->ram[s] : NULL);
        free(snapshot->traps ? snapshot->traps[s] : NULL);
        free(snapshot->next_traps ? snapshot->next_traps[s] : NULL);
    }
    free(snapshot->frames);
    free(snapshot->ram);
    free(snapshot->traps);
    free(snapshot->next_traps);
    free(snapshot->states);
    free(snapshot->wires);
    free(snapshot->driven);
    free(snapshot->choices);
    free(snapshot->next_choices);
    cpu_context_free(snapshot->cpu);
    free(snapshot);
}

/* --- digest ---------------------------------------------------------------------------------------------------------
 */

uint64_t machine_digest(struct machine *machine)
{
    uint32_t registers[CPU_REG_COUNT];
    for (int i = 0; i < (int)CPU_REG_COUNT; i++)
        registers[i] = cpu_get(machine->cpu, (enum cpu_reg)i);
    uint32_t fp[32];
    cpu_get_fp(machine->cpu, 0, 32, fp);
    uint64_t count = cpu_count(machine->cpu);
    XXH3_state_t *state = XXH3_createState();
    TB_ASSERT(state);
    (void)XXH3_64bits_reset(state);
    (void)XXH3_64bits_update(state, registers, sizeof registers);
    (void)XXH3_64bits_update(state, fp, sizeof fp);
    (void)XXH3_64bits_update(state, &count, sizeof count);
    (void)XXH3_64bits_update(state, &machine->exceptions.state, sizeof machine->exceptions.state);
    (void)XXH3_64bits_update(state, &machine->core.clock, sizeof machine->core.clock);
    (void)XXH3_64bits_update(state, machine->core.sched.due_ps, sizeof machine->core.sched.due_ps);
    const struct machine_core *core = &machine->core;
    const uint8_t flags[] = {core->op_in_flight, core->powered, core->halted, core->reset_requested};
    const uint64_t hold = cpu_hold(machine->cpu);
    (void)XXH3_64bits_update(state, &core->op_ordinal, sizeof core->op_ordinal);
    (void)XXH3_64bits_update(state, flags, sizeof flags);
    (void)XXH3_64bits_update(state, &hold, sizeof hold);
    if (core->op_in_flight)
        (void)XXH3_64bits_update(state, &core->op, sizeof core->op);
    (void)XXH3_64bits_update(state, machine->states, machine->states_size);
    (void)XXH3_64bits_update(state, machine->wires.values, machine->wires.value_count * sizeof *machine->wires.values);
    (void)XXH3_64bits_update(state, machine->next_choices, machine->chip->window_count * sizeof *machine->next_choices);
    for (uint32_t s = 0; s < machine->chip->store_count; s++) {
        uint64_t digest = store_digest(&machine->stores[s]);
        (void)XXH3_64bits_update(state, &digest, sizeof digest);
    }
    uint64_t digest = XXH3_64bits_digest(state);
    (void)XXH3_freeState(state);
    return digest;
}
