/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Running and stopping exactly: what the engine stopped for, and the heads of blocks that a deadline cuts. */
#include "cpu_state.h"

/** Executes the head of the block that was not started, up to the instruction at stop, exactly. */
static bool run_head(struct cpu *cpu, uint32_t pc, uint32_t stop)
{
    bool mid_it = cpu_get(cpu, CPU_XPSR) & XPSR_IT_BITS;
    const struct code_page *page = cpu_find_code(cpu, pc);
    uint32_t alias = cpu_alias_of(pc);
    if (alias && page && page->counts != cpu->no_counts && !mid_it &&
        decode_is_relocatable(pc, stop, cpu_read_code, cpu)) {
        cpu->stepping = true;
        cpu->step_stop = cpu_alias_of(stop);
        bool good = cpu_engine_start(cpu, alias, 0);
        cpu->stepping = false;
        cpu_set_pc(cpu, cpu_current_pc(cpu));
        return good;
    }
    cpu_engine_forget(cpu, pc, pc + 2u);
    /* the bus has heard of this block already, when it was to start whole */
    cpu->announced_now = cpu->fetch_traps && pc == cpu->announced_from;
    return cpu_engine_start(cpu, pc, stop);
}

static struct cpu_result stopped(enum cpu_stop stop)
{
    return (struct cpu_result){.stop = stop};
}

static bool is_hint(struct cpu *cpu, uint32_t behind, uint32_t number)
{
    return cpu_read_code(cpu, behind - 2u) == (0xbf00u | number << 4) ||
           (cpu_read_code(cpu, behind - 4u) == 0xf3afu && cpu_read_code(cpu, behind - 2u) == (0x8000u | number));
}

/** The block, or its part before pc, has been executed: count it. */
static void retire_before(struct cpu *cpu, uint32_t pc)
{
    if (cpu->block_count == 0)
        return;
    if (pc - cpu->block < cpu->block_size)
        cpu->base += cpu_count_between(cpu, cpu->block, pc);
    else
        cpu->base += cpu->block_count;
    cpu->block_count = 0;
}

static struct cpu_result fetch_fault(struct cpu *cpu, uint32_t pc)
{
    struct bus_target target = bus_find(cpu->bus, pc);
    uint32_t region = pc >> 29;
    /* Execute-never by the default memory map: peripherals, devices, system (ARM DDI 0403E B3.1). */
    bool xn = region == 2u || region >= 5u;
    if (cpu->protection && !(cpu->client.rights(cpu->client.context, pc, 2) & MPU_EXECUTE)) {
        xn = true;
    } else if (target.kind == BUS_FRAME || target.kind == BUS_RAM) { /* the second half of a straddling instruction */
        pc = (pc | PAGE_MASK) + 1u;
        xn = false;
    }
    return (struct cpu_result){.stop = CPU_STOP_FETCH_FAULT, .value = pc, .xn = xn};
}

static struct cpu_result classify_invalid(struct cpu *cpu, uint32_t pc)
{
    if (!cpu_is_thumb(cpu)) {
        retire_before(cpu, pc);
        return stopped(CPU_STOP_NO_STATE);
    }
    bool behind_block = cpu->block_count && pc == cpu->block + cpu->block_size;
    retire_before(cpu, pc);
    if (behind_block && is_hint(cpu, pc, 2))
        return stopped(CPU_STOP_WFE);
    if (behind_block && is_hint(cpu, pc, 1)) /* YIELD: nothing to yield to */
        return stopped(CPU_STOP_DEADLINE);
    return stopped(CPU_STOP_UNDEFINED);
}

static uint32_t divisor_register(struct cpu *cpu, uint32_t pc)
{
    return cpu_read_code(cpu, pc + 2u) & 15u;
}

/**
 * Runs the first `count` instructions, [pc, stop), of the block that was stopped. Afterwards block_count is 0 if they
 * all retired; otherwise it describes them, for classify.
 */
static bool run_part(struct cpu *cpu, uint32_t pc, uint32_t stop, uint32_t count)
{
    uint64_t base = cpu->base;
    cpu->block = pc;
    cpu->block_size = stop - pc;
    cpu->block_count = 0;
    bool good = run_head(cpu, pc, stop);
    /* the fallback went through the block hook, which counts; the alias did not */
    cpu->base = base;
    cpu->block = pc;
    cpu->block_size = stop - pc;
    cpu->block_count = count;
    if (cpu->pending == PENDING_NONE && good && cpu_current_pc(cpu) == stop) {
        cpu->base = base + count;
        cpu->block_count = 0;
    }
    return good;
}

/**
 * The block has properties that matter: runs up to the first instruction concerned (through it for a harmless
 * division), or returns true and says what is wrong with it. When the deadline comes first, nothing is run and pending
 * stays.
 */
static bool handle_special(struct cpu *cpu, struct cpu_result *result, bool *good)
{
    uint32_t pc = cpu->block;
    uint32_t end = pc + cpu->block_size;
    uint32_t wanted = cpu->special_mask & ~BLOCK_NOTED;
    uint32_t at = pc;
    uint32_t property = 0;
    while (at < end) {
        uint16_t first = cpu_read_code(cpu, at);
        property = decode_property(first, cpu_insn_length(first) == 4u ? cpu_read_code(cpu, at + 2u) : 0) & wanted;
        if (property)
            break;
        at += cpu_insn_length(first);
    }
    if (property == BLOCK_SELF_LOOP) {
        *result = stopped(CPU_STOP_SELF_LOOP);
        return true;
    }
    if (at == pc && property == BLOCK_FP) {
        *result = stopped(CPU_STOP_NO_FPU);
        return true;
    }
    if (at == pc) { /* a division, first in its block */
        if (cpu_get(cpu, (enum cpu_reg)divisor_register(cpu, at)) == 0) {
            *result = stopped(CPU_STOP_DIV0);
            return true;
        }
        at += 4u;
    }
    uint32_t count = cpu_count_between(cpu, pc, at);
    if (cpu->base + count <= cpu->deadline) { /* else the deadline comes first */
        cpu->pending = PENDING_NONE;
        *good = run_part(cpu, pc, at, count);
    }
    return false;
}

static bool run_to_deadline(struct cpu *cpu)
{
    uint32_t stop = cpu->block;
    uint32_t count = (uint32_t)(cpu->deadline - cpu->base);
    for (uint32_t left = count; left > 0; left--)
        stop += cpu_insn_length(cpu_read_code(cpu, stop));
    cpu->pending = PENDING_NONE;
    return run_part(cpu, cpu->block, stop, count);
}

static struct cpu_result classify(struct cpu *cpu, bool good)
{
    uint32_t pc = cpu_current_pc(cpu);
    switch (cpu->pending) {
    case PENDING_SVC:
        retire_before(cpu, UINT32_MAX);
        return stopped(CPU_STOP_SVC);
    case PENDING_BKPT:
        retire_before(cpu, pc);
        return stopped(CPU_STOP_BKPT);
    case PENDING_DATA_FAULT:
        retire_before(cpu, pc);
        return (struct cpu_result){.stop = CPU_STOP_DATA_FAULT,
                                   .value = cpu->fault_address,
                                   .write = cpu->fault_write,
                                   .denied = cpu->fault_denied};
    case PENDING_INVALID:
        return classify_invalid(cpu, pc);
    case PENDING_EXCEPTION:
    default:
        break;
    }
    if (good && cpu->pending == PENDING_NONE) {
        bool behind = cpu->block_count && pc == cpu->block + cpu->block_size;
        retire_before(cpu, pc);
        return stopped(behind && is_hint(cpu, pc, 3) ? CPU_STOP_WFI : CPU_STOP_DEADLINE);
    }
    /* only a branch returns from an exception: a vector or a stacked PC with such a value is a fetch like any other */
    bool branched = cpu->block_size != 0;
    retire_before(cpu, pc);
    if (branched && pc >= 0xf0000000u && (cpu_get(cpu, CPU_XPSR) & 0x1ffu))
        return (struct cpu_result){.stop = CPU_STOP_EXC_RETURN, .value = pc | 1u};
    return fetch_fault(cpu, pc);
}

struct cpu_result cpu_run(struct cpu *cpu, uint64_t deadline, uint64_t forced)
{
    cpu->forced = forced;
    cpu->deadline = deadline < forced ? deadline : forced;
    if (cpu->ram_stale)
        cpu_drop_stale_code(cpu);
    for (;;) {
        if (cpu->dead)
            return stopped(CPU_STOP_DEAD);
        if (cpu->base >= cpu->deadline)
            return stopped(CPU_STOP_DEADLINE);
        if (!cpu_is_thumb(cpu)) /* the engine would start in Thumb state all the same */
            return stopped(CPU_STOP_NO_STATE);
        cpu->pending = PENDING_NONE;
        cpu->block_count = 0;
        cpu->block_size = 0;
        bool good = cpu_engine_start(cpu, cpu_current_pc(cpu), 0);
        struct cpu_result result;
        if (cpu->plain)
            cpu_see_plainly(cpu, false);
        switch (cpu->pending) {
        case PENDING_PLAIN:
            cpu_set_pc(cpu, cpu->block);
            if (cpu->plain_wanted)
                cpu_see_plainly(cpu, true);
            continue;
        case PENDING_AGAIN:
            retire_before(cpu, cpu_current_pc(cpu));
            continue;
        case PENDING_FETCH:
            cpu_set_pc(cpu, cpu->block);
            cpu->announced_from = cpu->block;
            cpu->announced_to = decode_run_end(cpu->block, cpu_read_code, cpu);
            cpu->announced_now = true;
            if (!bus_fetch(cpu->bus, cpu->block, cpu->announced_to - cpu->announced_from))
                return fetch_fault(cpu, cpu->block);
            return stopped(CPU_STOP_DEADLINE); /* time may have passed: let the machine look */
        case PENDING_SPECIAL:
            cpu_set_pc(cpu, cpu->block);
            if (handle_special(cpu, &result, &good))
                return result;
            if (cpu->pending == PENDING_SPECIAL)
                break; /* the deadline comes first */
            if (cpu->block_count)
                return classify(cpu, good);
            continue;
        case PENDING_BLOCK:
            cpu_set_pc(cpu, cpu->block);
            break;
        default:
            return classify(cpu, good);
        }
        if (cpu->dead)
            continue;
        if (cpu->flush_due) {
            cpu->flush_due = false;
            cpu_flush(cpu);
            continue;
        }
        if (cpu->housekeeping) {
            cpu_mend_tlb(cpu);
            continue;
        }
        if (cpu->attention && cpu->client.takeable(cpu->client.context))
            return stopped(CPU_STOP_ATTENTION);
        if (cpu->base >= cpu->deadline || !cpu_is_thumb(cpu))
            continue;
        good = run_to_deadline(cpu);
        if (cpu->block_count)
            return classify(cpu, good);
    }
}
