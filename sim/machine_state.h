/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Inside of the machine, shared by machine*.c and snapshot.c only. */
#ifndef TWINBANK_SIM_MACHINE_STATE_H
#define TWINBANK_SIM_MACHINE_STATE_H

#include "clock.h"
#include "cpu.h"
#include "exception.h"
#include "machine.h"
#include "sched.h"
#include "wires.h"

#define MAX_OBSERVERS 4u
#define NO_RESET      RESET_KIND_COUNT

struct observer {
    obs_mask mask;
    obs_sink sink;
    void *context;
};

/** State of the machine itself: plain data, saved as it is. */
struct machine_core {
    struct clock clock;
    struct sched sched;
    /* Cycle at which the next timed event fires, as known at the last point that every run has. It is not computed anew
     * when a run is cut into pieces: events armed since then wait for the sync point. */
    uint64_t deadline_cycle;
    uint64_t op_ordinal;
    uint64_t trace_digest;
    uint64_t reset_asked_ps; /* when reset_requested was asked for */
    struct op op;
    uint8_t op_in_flight;
    uint8_t powered;
    uint8_t halted;
    uint8_t deadline_stale;
    uint8_t sync_wanted; /* window, trap, reset or stop requests wait for a sync point */
    uint8_t stop_requested;
    uint8_t traps_changed;
    uint8_t reset_requested; /* enum reset_kind or NO_RESET */
    uint8_t protection_changed;
    uint8_t op_fails;  /* the operation in flight will end with an error */
    uint8_t brown_out; /* the supply is too low: power is about to be lost */
    uint8_t reserved[5];
};

struct machine {
    const struct board *board;
    const struct chip *chip;
    struct machine_config config;
    struct machine_core core;
    struct exception_unit exceptions;
    struct frame_pool *pool;
    struct store *stores;
    uint32_t *store_changes; /* store.changes as of the last flush */
    struct bus bus;
    struct cpu *cpu;
    struct wires wires;
    uint64_t *driven; /* for each input what is driven from outside the board (enum pin_level): survives power loss */
    struct device *devices;
    uint32_t device_count;
    uint32_t chip_devices; /* the first ones; the rest are board and harness parts */
    uint8_t *states;       /* one block for all devices' states */
    size_t states_size;
    uint8_t **noise;        /* for each RAM store what it holds at power-up; NULL: zeros */
    uint32_t *knobs;        /* of all devices, back to back */
    uint32_t *next_choices; /* what windows will show from the next sync point on */
    uint8_t **next_traps;
    bool *fetch_traps; /* for each store: some page has TRAP_FETCH */
    bool flush_wanted;
    struct observer observers[MAX_OBSERVERS];
    uint32_t observer_count;
    op_gate gate;
    void *gate_context;
    struct machine_counters counters;
    uint64_t accounted_bytes; /* written into frames by operations and loading */
};

extern const struct device_host machine_device_host;
extern const struct exception_host machine_exception_host;

uint64_t machine_cycles(const struct machine *machine);
void machine_observe(void *machine, const struct obs *obs);
/** Applies what was requested: windows, traps, resets. Not inside an access. */
void machine_sync(struct machine *machine);
/** Brings the CPU's view of the address space up to date; cheap when nothing changed. Not inside an access. */
void machine_refresh(struct machine *machine);
/** Time passes without instructions; due events fire on the way. */
void machine_advance(struct machine *machine, uint64_t target_cycle);
void machine_fire_due(struct machine *machine);
/** Lets the wire "cpu.halted" carry what the core's state is. */
void machine_drive_halted(struct machine *machine);
/** Gives every device its knobs: what the configuration asks for, else the first value. */
enum status machine_create_knobs(struct machine *machine, struct error *err) MUST_CHECK;
/** True if some page of a trap table has TRAP_FETCH. */
bool machine_any_fetch(const uint8_t *traps, uint32_t pages);
uint64_t machine_next_event_cycle(const struct machine *machine);
/** What was written into frames since their count was `before` is an operation's or loading's, not a copy. */
void machine_account_written(struct machine *machine, uint64_t before);
/** Every unstable cell gets another mode, as at each reset: before an operation in flight is torn, whose cells read as
 * the tear says. */
void machine_draw_modes(struct machine *machine);
void machine_abort_op(struct machine *machine, enum tear tear, uint64_t seed);
void machine_perform_reset(struct machine *machine, enum reset_kind kind);
/** Power is lost if the supply is too low; an operation in flight is torn as by a reset. True if it was so. */
bool machine_brown_out(struct machine *machine);

#endif
