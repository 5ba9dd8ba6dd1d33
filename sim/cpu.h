/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The instruction engine: executes, counts and stops exactly. It knows instructions and registers, not exceptions:
 * whatever needs the exception model is returned as a stop. The only user of Unicorn; the facts about it that shape
 * this interface are in docs/decisions/0001-unicorn.md.
 *
 * Linear runs and sync points: an access that causes something for the CPU (an interrupt pended, a window retargeted)
 * must not show before the end of its linear run, which is decoded from the code bytes. cpu_request_sync, called during
 * an access, lowers the deadline of the current run to that point; cpu_hold tells where it is.
 */
#ifndef TWINBANK_SIM_CPU_H
#define TWINBANK_SIM_CPU_H

#include "bus.h"

struct cpu;

enum cpu_stop {
    CPU_STOP_DEADLINE,  /* the count is what cpu_run was given, or the sync point if that came first */
    CPU_STOP_ATTENTION, /* an exception can be taken before the next instruction */
    CPU_STOP_SELF_LOOP, /* the next instruction is a branch to itself */
    CPU_STOP_WFI,
    CPU_STOP_WFE,
    CPU_STOP_SVC,         /* PC is behind it */
    CPU_STOP_BKPT,        /* PC is at it */
    CPU_STOP_EXC_RETURN,  /* value: EXC_RETURN */
    CPU_STOP_UNDEFINED,   /* PC is at it */
    CPU_STOP_NO_STATE,    /* T bit clear */
    CPU_STOP_NO_FPU,      /* a floating-point instruction with the FPU disabled; PC is at it */
    CPU_STOP_DIV0,        /* a division by zero with its trap enabled; PC is at it */
    CPU_STOP_DATA_FAULT,  /* address, write */
    CPU_STOP_FETCH_FAULT, /* address; xn tells an execute-never region from an empty one */
    CPU_STOP_DEAD,        /* cpu_kill was called: the run's effects are to be discarded */
};

struct cpu_result {
    enum cpu_stop stop;
    uint32_t value; /* EXC_RETURN, fault address */
    bool write;
    bool denied; /* DATA_FAULT: by the MPU */
    bool xn;     /* FETCH_FAULT: execute never, by the memory map or the MPU */
};

enum cpu_reg {
    CPU_R0,
    CPU_R12 = 12,
    CPU_SP,
    CPU_LR,
    CPU_PC, /* without the T bit */
    CPU_XPSR,
    CPU_MSP,
    CPU_PSP,
    CPU_PRIMASK,
    CPU_BASEPRI,
    CPU_FAULTMASK,
    CPU_CONTROL,
    CPU_FPSCR,
    CPU_REG_COUNT
};

/** Questions that the engine asks while running. */
struct cpu_client {
    /** While attention is set, before each block: can an exception be taken now? May clear attention through
     * cpu_set_attention. */
    bool (*takeable)(void *context);
    /** A load or store is about to fault: shall it be ignored (CCR.BFHFNMIGN at priority -1 or -2)? */
    bool (*ignores_data_fault)(void *context);
    /** SEV was executed. */
    void (*send_event)(void *context);
    /** BASEPRI or FAULTMASK was written by an instruction: bring them to what the chip would hold. True: flush first.
     */
    bool (*correct_masks)(void *context);
    /** While protection is on: MPU_* rights of the current mode on all of [address, address + length). */
    uint32_t (*rights)(void *context, uint32_t address, uint32_t length);
    void *context;
};
#define MPU_READ    1u
#define MPU_WRITE   2u
#define MPU_EXECUTE 4u

enum status cpu_create(struct cpu **out, struct bus *bus, struct frame_pool *pool, const struct cpu_client *client,
                       struct error *err) MUST_CHECK;
void cpu_destroy(struct cpu *cpu);

/**
 * Runs until the instruction count is `deadline`, or until something else stops it first. `forced` is a second deadline
 * that leaves no trace (debugger, job control); the result does not tell which one it was.
 */
struct cpu_result cpu_run(struct cpu *cpu, uint64_t deadline, uint64_t forced);

/** Instructions retired since cpu_set_count; exact inside accesses too. */
uint64_t cpu_count(const struct cpu *cpu);
void cpu_set_count(struct cpu *cpu, uint64_t count);
/** During an access: the effects of this access show at the end of its linear run. Elsewhere: at once. */
void cpu_request_sync(struct cpu *cpu);
/** During an access, besides cpu_request_sync: no event before the sync point either (time jumped or its rate changed).
 */
void cpu_defer_events(struct cpu *cpu);
/** Count at which the open sync point lies; UINT64_MAX when none is open. */
uint64_t cpu_hold(const struct cpu *cpu);
void cpu_clear_hold(struct cpu *cpu);
bool cpu_in_access(const struct cpu *cpu);
/** Something is pending: ask takeable before each block. */
void cpu_set_attention(struct cpu *cpu, bool attention);
/** Code in the busy or faulty pages must be announced to the bus before it runs. Set whenever any page has TRAP_FETCH.
 */
void cpu_set_fetch_traps(struct cpu *cpu, bool any);
/** The machine lost power inside an access: stop as soon as possible; further accesses have no effect. */
void cpu_kill(struct cpu *cpu);
bool cpu_is_dead(const struct cpu *cpu);
void cpu_revive(struct cpu *cpu);
/** CPACR lets floating-point instructions run; CCR.DIV_0_TRP. */
void cpu_set_traps(struct cpu *cpu, bool fpu_enabled, bool div0_trap);

/** Ask client.rights before showing memory. Flush after a change. */
void cpu_set_protection(struct cpu *cpu, bool on);

/** Page tables or traps changed: forget translations of addresses (not of code). Between runs only. */
void cpu_flush(struct cpu *cpu);
uint64_t cpu_flushes(const struct cpu *cpu);
/** How often a device was seen without traps since creation. */
uint64_t cpu_plain_spans(const struct cpu *cpu);

/** Writes RAM from outside the core. Code translated from there is dropped: at once, or at the sync point inside an
 * access. */
void cpu_write_ram(struct cpu *cpu, uint32_t store, uint32_t offset, const void *bytes, uint32_t length);
/** All of a RAM store becomes `bytes` (NULL: zeros). Between runs only; flush before the next one. */
void cpu_replace_ram(struct cpu *cpu, uint32_t store, const void *bytes);

uint32_t cpu_get(const struct cpu *cpu, enum cpu_reg reg);
/** Writing XPSR writes all of it; writing IPSR != 0 switches to the main stack. */
void cpu_set(struct cpu *cpu, enum cpu_reg reg, uint32_t value);
void cpu_get_fp(const struct cpu *cpu, unsigned first, unsigned count, uint32_t *values);
void cpu_set_fp(struct cpu *cpu, unsigned first, unsigned count, const uint32_t *values);
/** Registers as after a reset of the core, except PC and MSP. */
void cpu_reset(struct cpu *cpu);
/** Clears the exclusive monitor (exception entry and return do). */
void cpu_clear_exclusive(struct cpu *cpu);

/** The engine's registers, hidden ones included. Valid in this process only. */
struct cpu_context;
enum status cpu_context_save(struct cpu *cpu, struct cpu_context **out, struct error *err) MUST_CHECK;
void cpu_context_restore(struct cpu *cpu, const struct cpu_context *context);
void cpu_context_free(struct cpu_context *context);

/** Length in bytes, 2 or 4, of the instruction that starts with this half-word. */
static inline uint32_t cpu_insn_length(uint16_t first_halfword)
{
    return first_halfword >= 0xe800u ? 4u : 2u;
}

#endif
