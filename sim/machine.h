/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * A board with power: CPU, bus, devices, stores and virtual time, run deterministically. The only
 * door for the harness.
 */
#ifndef TWINBANK_SIM_MACHINE_H
#define TWINBANK_SIM_MACHINE_H

#include "chip.h"
#include "reads.h"

struct machine;

/** What RAM holds when power comes up. */
enum ram_policy {
    RAM_NOISE, /* seeded: the worst reading, and the default */
    RAM_ZERO,
    RAM_RETAINED,
};

/** An outside device that the harness adds to a board: a terminal, a sender. Wires as in struct
 * chip_wire. */
struct machine_part {
    struct chip_device device;
    const struct chip_wire *wires;
    uint32_t wire_count;
};

/** A knob of a chip's device that is not left as it is. Indices of the chip's table. */
struct machine_knob {
    uint32_t device, knob, value;
};

struct machine_config {
    uint64_t seed;
    enum ram_policy ram_policy;
    const struct machine_part *parts;
    uint32_t part_count;
    const struct machine_knob *knobs;
    uint32_t knob_count;
    uint32_t pool_frames; /* 0: default (64 Ki frames = 64 MiB) */
};

enum status machine_create(struct machine **out, const struct board *board, const struct machine_config *config,
                           struct error *err) MUST_CHECK;
void machine_destroy(struct machine *machine);

/* --- contents
 * ------------------------------------------------------------------------------------------------------
 */
/** Factory programming at addresses of the unswapped map, without operations or time. Power may be
 * off. */
enum status machine_load(struct machine *machine, uint32_t address, const void *bytes, uint32_t size,
                         struct error *err) MUST_CHECK;
/** What the CPU would read at addresses of the unswapped map, corrected, without side effects. */
enum status machine_peek(struct machine *machine, uint32_t address, void *bytes, uint32_t size,
                         struct error *err) MUST_CHECK;
/** The same at addresses as mapped now (RAM included). */
enum status machine_peek_mapped(struct machine *machine, uint32_t address, void *bytes, uint32_t size,
                                struct error *err) MUST_CHECK;
/** One cell of a store, raw; and replacing it (fault injection: bit flips, ECC errors). */
enum status machine_cell(struct machine *machine, const char *store, uint32_t offset, struct cell *cell,
                         struct error *err) MUST_CHECK;
enum status machine_set_cell(struct machine *machine, const char *store, uint32_t offset, struct cell cell,
                             struct error *err) MUST_CHECK;

/* --- for fault sweeps: cells by number of store, and what a run depends on --- */
/** Starts an empty log of reads, or stops logging. Between runs. */
void machine_log_reads(struct machine *machine, bool on);
/** What was read since then before it was rewritten, in the order of the first reads. Valid until the next run. */
const struct read_mark *machine_reads(const struct machine *machine, uint32_t *count);
/** From now on reads of this page (of FRAME_SIZE) are noted cell by cell, and become slow. False: it is so already. */
bool machine_watch_finely(struct machine *machine, uint32_t store, uint32_t page);
struct cell machine_cell_at(const struct machine *machine, uint32_t store, uint32_t offset);
/** Replaces all cells of a page. Power is off. */
void machine_set_page(struct machine *machine, uint32_t store, uint32_t page, const struct cell cells[FRAME_CELLS]);

/* --- power, reset, pins
 * -------------------------------------------------------------------------------------------- */
/** Virtual time restarts at zero; options are loaded; the reset vector is fetched. Below the brown-out level that the
 * options ask for, power is lost again at once: machine_is_powered tells. */
void machine_power_on(struct machine *machine);
/** The machine is dead at once; an operation in flight is torn: `tear` and `seed` say how. */
void machine_power_off(struct machine *machine, enum tear tear, uint64_t seed);
/**
 * As a debugger starts a program that it loaded: SP and PC from the vector table at `vectors` (as mapped now), VTOR
 * pointing there. Power is on; vectors is a multiple of 128. TB_ERR_INPUT if there is no memory, or PC is not Thumb
 * code.
 */
enum status machine_start_program(struct machine *machine, uint32_t vectors, struct error *err) MUST_CHECK;
bool machine_is_powered(const struct machine *machine);
/** Requested now, performed before the next instruction: for the NRST pin. */
void machine_reset(struct machine *machine, enum reset_kind kind);
/** In the instant in which OP_GATE_CUT made the machine die: power stays, a reset of this kind tears the operation as
 * `tear` and `seed` say. */
void machine_reset_dead(struct machine *machine, enum reset_kind kind, enum tear tear, uint64_t seed);
/** Drives a pin ("PC13" or the board's name for it) from outside; level -1 releases it. */
enum status machine_drive_pin(struct machine *machine, const char *pin, int level, struct error *err) MUST_CHECK;
/** The same with a voltage, for analog inputs; a digital input takes it as a level. A supply ("VDD") below the
 * brown-out level takes power away at once; only machine_power_on brings it back. */
enum status machine_drive_voltage(struct machine *machine, const char *pin, uint32_t microvolts,
                                  struct error *err) MUST_CHECK;
/** A part added by the config, or a chip device, by instance name; NULL if there is none. */
struct device *machine_device(struct machine *machine, const char *name);
const struct device *machine_device_at(const struct machine *machine, uint16_t index);

/* --- running
 * -------------------------------------------------------------------------------------------------------
 */
enum run_end {
    RUN_TIME,         /* limit.time_ps reached */
    RUN_INSTRUCTIONS, /* limit.instructions reached (a forced stop: leaves no trace in any result)
                       */
    RUN_REQUESTED,    /* machine_request_stop took effect, at a sync point */
    RUN_DEAD,         /* power is off */
    RUN_IDLE,         /* asleep or locked up, and nothing scheduled before the limit: time has not advanced
                         to it */
};

struct run_limit {
    uint64_t time_ps;      /* absolute virtual time; TIME_NEVER: none */
    uint64_t instructions; /* absolute count; UINT64_MAX: none */
};

enum run_end machine_run(struct machine *machine, struct run_limit limit);
/** From inside an observer: stop at the next point that does not depend on how the run was cut into
 * pieces. */
void machine_request_stop(struct machine *machine);
/** Halted by a debugger: time can pass (machine_run) but no instruction executes. */
void machine_halt(struct machine *machine, bool halted);

uint64_t machine_time_ps(const struct machine *machine);
uint64_t machine_instructions(const struct machine *machine);
/** Program counter; 0xfffffffe in lockup. */
uint32_t machine_pc(const struct machine *machine);
bool machine_is_locked_up(const struct machine *machine);
/** r0-r12, sp, lr, pc, xpsr. */
void machine_registers(const struct machine *machine, uint32_t registers[17]);

/** Bus accesses of a debug port: as the CPU would do them, side effects included, CPU halted. size
 * 1, 2 or 4. TB_ERR_INPUT when the bus answers with a fault. */
enum status machine_debug_read(struct machine *machine, uint32_t address, unsigned size, uint32_t *value,
                               struct error *err) MUST_CHECK;
enum status machine_debug_write(struct machine *machine, uint32_t address, unsigned size, uint32_t value,
                                struct error *err) MUST_CHECK;

/* --- watching
 * ------------------------------------------------------------------------------------------------------
 */
/** At most 4 sinks; they are called in the order of adding. */
void machine_add_observer(struct machine *machine, obs_mask mask, obs_sink sink, void *context);
void machine_remove_observer(struct machine *machine, obs_sink sink, void *context);
/**
 * Asked when an operation begins. Returns OP_GATE_CONTINUE, or OP_GATE_CUT to lose power inside
 * this operation (the caller of machine_run then gets RUN_DEAD and decides the tear with
 * machine_power_off, or with machine_reset_dead), or OP_GATE_FAIL: it ends in its time with an error, and no cell
 * changes.
 */
enum op_gate_answer {
    OP_GATE_CONTINUE,
    OP_GATE_CUT,
    OP_GATE_FAIL
};
typedef enum op_gate_answer (*op_gate)(void *context, const struct op *op);
void machine_set_op_gate(struct machine *machine, op_gate gate, void *context);

struct machine_counters {
    uint64_t ops[OP_KIND_COUNT]; /* committed, since creation */
    uint64_t ops_in_low_supply;  /* begun while the supply was low, completed or not */
    uint64_t resets[RESET_KIND_COUNT];
    uint64_t power_ons;
    uint64_t exceptions;
    uint64_t mmio_accesses;
    uint64_t timed_events;
    uint64_t remaps; /* windows retargeted */
    uint64_t tlb_flushes;
    uint64_t plain_spans;        /* how often a device was seen plainly, for a while */
    uint64_t flash_copied_bytes; /* written into flash frames by anything but operations and loading: a remap copies
                                    nothing */
    uint32_t frames_used, frames_peak;
};
void machine_get_counters(const struct machine *machine, struct machine_counters *counters);

/** Digest of the whole state: registers, RAM, cells, devices, schedule, time, instruction count.
 * Equal digest, equal future. */
uint64_t machine_digest(struct machine *machine);
/** Digest of every observation since power-up, OBS_EXC_* included: the event trace. */
uint64_t machine_trace_digest(const struct machine *machine);

/* --- snapshots
 * -----------------------------------------------------------------------------------------------------
 */
struct snapshot;
/** Everything machine_digest covers. The machine must be between runs. */
enum status machine_save(struct machine *machine, struct snapshot **out, struct error *err) MUST_CHECK;
void machine_restore(struct machine *machine, const struct snapshot *snapshot);
void snapshot_free(struct machine *machine, struct snapshot *snapshot);

#endif
