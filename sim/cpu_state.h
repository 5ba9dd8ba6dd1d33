/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Inside of the CPU, shared by cpu.c, cpu_code.c and cpu_run.c only. */
#ifndef TWINBANK_SIM_CPU_STATE_H
#define TWINBANK_SIM_CPU_STATE_H

#include "cpu.h"

#include "cpu_decode.h"

#define PAGE_BITS 10u
#define PAGE_SIZE (1u << PAGE_BITS)
#define PAGE_MASK (PAGE_SIZE - 1u)

#define CODE_PAGES  256u
#define COUNT_SHIFT 16u
#define COUNT_MASK  0x3ffu
#define SIZE_MASK   0x7fffu
/* properties that are noted and do not stop the block */
#define BLOCK_NOTED   (BLOCK_EXCLUSIVE | BLOCK_SEV | BLOCK_MASKS)
#define XPSR_IT_BITS  0x0600fc00u
#define XPSR_T        0x01000000u
#define TCG_BUFFER_MB 64u
/* Refills of device pages after which the engine's TLB statistics need mending; see cpu_mend_tlb. */
#define REFILL_LIMIT 96u
#define DUMMY_FILLS  128u
#define DEVICE_PAGES 64u
#define MAX_REGIONS  8u

/* 128 KiB of engine memory that the guest cannot reach: dummy fills, and an instruction of our own. */
#define SCRATCH_BASE 0xfc000000u
#define SCRATCH_SIZE (DUMMY_FILLS * PAGE_SIZE)

/* Accesses to one page in a row behind which it is worth the while to see it plainly; see cpu_see_plainly. */
#define HOT_ACCESSES 16u

struct cpu;

/** A trapped range of the engine's physical space; its callbacks get offsets from base. */
struct trap_region {
    struct cpu *cpu;
    uint32_t base;
};

/** Code bytes and instruction counts of a guest page. */
struct code_page {
    uint32_t *counts; /* by half-word: BLOCK_* | count << 16 | size; for RAM an array that stays zero */
    uint32_t page;    /* address >> PAGE_BITS; UINT32_MAX: empty */
};

enum pending_stop {
    PENDING_NONE,
    PENDING_BLOCK,   /* stopped before a block: deadline, attention, death or housekeeping */
    PENDING_FETCH,   /* stopped before a block that the bus must hear of */
    PENDING_SPECIAL, /* stopped before a block with BLOCK_* properties that matter now */
    PENDING_PLAIN,   /* stopped before a block because a device is to be seen plainly from now on, or no longer */
    PENDING_AGAIN,   /* stopped at an access that is not plain: nothing happened */
    PENDING_SVC,
    PENDING_BKPT,
    PENDING_EXCEPTION, /* engine exception 3 or 8: EXC_RETURN or a fetch fault */
    PENDING_INVALID,   /* undefined, WFE, YIELD or ARM state */
    PENDING_DATA_FAULT,
};

struct cpu {
    struct uc_struct *engine; /* Unicorn's handle; only cpu.c looks into it */
    struct bus *bus;
    struct frame_pool *pool;
    struct cpu_client client;

    /* counting */
    uint64_t base;     /* instructions retired before the current block */
    uint64_t deadline; /* a block may not pass it */
    uint64_t forced;
    uint64_t hold;  /* count of the open sync point or UINT64_MAX */
    uint32_t block; /* current block */
    uint32_t block_size;
    uint32_t block_count;  /* its instructions, 0 if it did not start */
    uint32_t special_mask; /* BLOCK_* that matter now */
    bool attention;        /* client has something pending */
    bool fetch_traps;
    bool dead;
    bool look; /* attention | fetch_traps | dead | housekeeping */
    bool housekeeping;
    bool masks_written;
    bool flush_due; /* rights changed with the masks */
    bool monitor_open;
    bool fpu_enabled;
    bool div0_trap;

    /* running */
    enum pending_stop pending;
    uint32_t fault_address;
    bool fault_write;
    bool fault_denied;
    bool protection; /* client.rights decides */
    bool in_access;
    uint32_t access_pc;
    bool stepping;      /* running in the alias */
    uint32_t step_stop; /* alias address at which stepping ends */
    /* [announced_from, announced_to): the linear run that the bus has heard of; a stop inside it must not announce
     * again */
    uint32_t announced_from, announced_to;
    bool announced_now; /* just announced: its first block may start */
    bool identity;      /* fill() shows the pool itself */

    /* code */
    struct code_page pages[CODE_PAGES];
    const uint8_t *page_bytes[CODE_PAGES];
    uint32_t no_counts[PAGE_SIZE / 2u]; /* RAM may change under us: its blocks are counted each time */
    uint32_t *counts;                   /* for each frame PAGE_SIZE / 2 entries */
    size_t counts_size;

    uint8_t *scratch;
    struct trap_region regions[MAX_REGIONS];
    uint32_t region_count;

    /* a device whose plain accesses are not trapped; see cpu_see_plainly */
    const struct bus_device *plain, *plain_wanted; /* NULL: none */
    uint32_t plain_page;                           /* address >> PAGE_BITS */
    uint32_t hot_page, hot_count;                  /* of the last trapped access, and how many before it */
    uint64_t plain_spans;
    bool ram_stale;     /* such code was overwritten while the engine ran */
    bool *ram_executed; /* for each RAM store: code was translated from it */
    uint32_t *ram_base; /* engine-physical base of each RAM store */

    /* TLB statistics, see cpu_mend_tlb */
    uint32_t fills, device_refills;
    uint32_t device_pages[DEVICE_PAGES];
    uint64_t flushes;
};

/* cpu.c: the engine */
/** Starts the engine at pc (Thumb) until something stops it; `until` is an address to stop at, or 0. False: it reported
 * an error. */
bool cpu_engine_start(struct cpu *cpu, uint32_t pc, uint32_t until);
/** Drops what was translated from the addresses [from, to) as mapped now. */
void cpu_engine_forget(struct cpu *cpu, uint32_t from, uint32_t to);
/** Where the address is seen a second time for exact stops, or 0. */
uint32_t cpu_alias_of(uint32_t address);
uint32_t cpu_current_pc(const struct cpu *cpu);
/** Keeps the T bit as it is. */
void cpu_set_pc(struct cpu *cpu, uint32_t pc);
/** Lets the device that was asked for be seen plainly, or (false) no longer. */
void cpu_see_plainly(struct cpu *cpu, bool on);
/** Mends the engine's TLB statistics. */
void cpu_mend_tlb(struct cpu *cpu);
/** RAM with translated code was overwritten during a run: drops all code of RAM. */
void cpu_drop_stale_code(struct cpu *cpu);

static inline bool cpu_is_thumb(const struct cpu *cpu)
{
    return cpu_get(cpu, CPU_XPSR) & XPSR_T;
}

/* cpu_code.c: code bytes, counts, sync points */
void cpu_forget_code(struct cpu *cpu);
/** NULL if there is no memory. */
struct code_page *cpu_find_code(struct cpu *cpu, uint32_t address);
/** A code_reader; 0 where there is no memory. */
uint16_t cpu_read_code(void *cpu, uint32_t address);
/** Counts a block and remembers it. */
uint32_t cpu_block_entry(struct cpu *cpu, uint32_t address, uint32_t size);
uint32_t cpu_count_between(struct cpu *cpu, uint32_t start, uint32_t end);
void cpu_update_look(struct cpu *cpu);

#endif
