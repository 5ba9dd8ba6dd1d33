/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Code bytes, instruction counts, and the sync points that are decoded from them. */
#include "cpu_state.h"

#include <string.h>

/* --- code bytes and counts --------------------------------------------------------------------------------------- */

void cpu_forget_code(struct cpu *cpu)
{
    for (uint32_t i = 0; i < CODE_PAGES; i++)
        cpu->pages[i].page = UINT32_MAX;
}

struct code_page *cpu_find_code(struct cpu *cpu, uint32_t address)
{
    struct code_page *page = &cpu->pages[(address >> PAGE_BITS) % CODE_PAGES];
    if (page->page == address >> PAGE_BITS)
        return page;
    struct bus_target target = bus_find(cpu->bus, address & ~PAGE_MASK);
    if (target.kind != BUS_FRAME && target.kind != BUS_RAM)
        return NULL;
    page->page = address >> PAGE_BITS;
    struct store *store = &cpu->bus->stores[target.store];
    if (target.kind == BUS_RAM) {
        page->counts = cpu->no_counts;
        cpu->page_bytes[page - cpu->pages] = store->ram + target.offset;
    } else {
        frame_id frame = store->frames[target.offset / FRAME_SIZE];
        page->counts = cpu->counts + (size_t)frame * (PAGE_SIZE / 2u);
        cpu->page_bytes[page - cpu->pages] = frame_pool_data(cpu->pool) + (size_t)frame * FRAME_SIZE;
    }
    return page;
}

uint16_t cpu_read_code(void *context, uint32_t address)
{
    struct cpu *cpu = context;
    struct code_page *page = cpu_find_code(cpu, address);
    if (!page)
        return 0;
    uint16_t value;
    memcpy(&value, cpu->page_bytes[page - cpu->pages] + (address & PAGE_MASK), 2);
    return value;
}

uint32_t cpu_block_entry(struct cpu *cpu, uint32_t address, uint32_t size)
{
    uint32_t properties;
    uint32_t count = decode_block(address, address + size, cpu_read_code, cpu, &properties);
    uint32_t entry = properties | count << COUNT_SHIFT | size;
    struct code_page *page = cpu_find_code(cpu, address);
    if (page && page->counts != cpu->no_counts)
        page->counts[(address & PAGE_MASK) / 2u] = entry;
    return entry;
}

uint32_t cpu_count_between(struct cpu *cpu, uint32_t start, uint32_t end)
{
    uint32_t count = 0;
    for (uint32_t pc = start; pc < end; count++)
        pc += cpu_insn_length(cpu_read_code(cpu, pc));
    return count;
}

uint64_t cpu_count(const struct cpu *cpu)
{
    if (!cpu->in_access || cpu->access_pc - cpu->block >= cpu->block_size)
        return cpu->base;
    return cpu->base + cpu_count_between((struct cpu *)(uintptr_t)cpu, cpu->block, cpu->access_pc);
}

void cpu_set_count(struct cpu *cpu, uint64_t count)
{
    cpu->base = count;
    cpu->block_count = 0;
}

/* --- sync points ------------------------------------------------------------------------------------------------- */

void cpu_request_sync(struct cpu *cpu)
{
    if (!cpu->in_access || cpu->hold != UINT64_MAX)
        return;
    uint32_t end = decode_run_end(cpu->access_pc, cpu_read_code, cpu);
    cpu->hold = cpu_count(cpu) + cpu_count_between(cpu, cpu->access_pc, end);
    if (cpu->deadline > cpu->hold)
        cpu->deadline = cpu->hold;
}

void cpu_defer_events(struct cpu *cpu)
{
    if (cpu->in_access)
        cpu->deadline = cpu->forced < cpu->hold ? cpu->forced : cpu->hold;
}

uint64_t cpu_hold(const struct cpu *cpu)
{
    return cpu->hold;
}

void cpu_clear_hold(struct cpu *cpu)
{
    cpu->hold = UINT64_MAX;
    cpu->announced_from = cpu->announced_to = 1; /* what the run caused may concern its own code */
}

bool cpu_in_access(const struct cpu *cpu)
{
    return cpu->in_access;
}

void cpu_update_look(struct cpu *cpu)
{
    cpu->look =
        cpu->attention || cpu->fetch_traps || cpu->dead || cpu->housekeeping || cpu->masks_written || cpu->plain_wanted;
}

void cpu_set_attention(struct cpu *cpu, bool attention)
{
    cpu->attention = attention;
    cpu_update_look(cpu);
}

void cpu_set_fetch_traps(struct cpu *cpu, bool any)
{
    cpu->fetch_traps = any;
    cpu_update_look(cpu);
}

void cpu_kill(struct cpu *cpu)
{
    cpu->dead = true;
    cpu_update_look(cpu);
}

bool cpu_is_dead(const struct cpu *cpu)
{
    return cpu->dead;
}

void cpu_revive(struct cpu *cpu)
{
    cpu->dead = false;
    cpu_update_look(cpu);
}

void cpu_set_traps(struct cpu *cpu, bool fpu_enabled, bool div0_trap)
{
    cpu->fpu_enabled = fpu_enabled;
    cpu->div0_trap = div0_trap;
    cpu->special_mask = BLOCK_SELF_LOOP | BLOCK_NOTED | (fpu_enabled ? 0 : BLOCK_FP) | (div0_trap ? BLOCK_DIVIDE : 0) |
                        (cpu->plain ? BLOCK_INTRICATE : 0);
}
