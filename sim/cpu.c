/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Long because: it is the only file that may include unicorn.h.
 *
 * The engine wrapper. Why it is built this way (measured, docs/decisions/0001-unicorn.md):
 *  - The virtual TLB asks fill() for every page; a bank swap is another answer and a TLB flush. Blocks are keyed by
 * physical address, frames never move, so translations stay valid.
 *  - The block hook counts. A block that would pass the deadline is not started; its head is run alone.
 *  - Devices live on pages without permissions: the PROT hook runs first and has the exact PC; it decides bus faults
 * before any side effect. The engine is never stopped from inside an access.
 */
#include "cpu_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unicorn/unicorn.h>

#if UC_API_MAJOR < 2 || (UC_API_MAJOR == 2 && (UC_API_MINOR < 1 || (UC_API_MINOR == 1 && UC_API_PATCH < 4)))
#error "Unicorn 2.1.4 or newer is needed: older ones run Cortex-M code wrongly"
#endif

/* The engine's physical space. Everything below PHYS_POOL is identity: RAM or trapped. */
#define PHYS_POOL 0xf0000000u
#define PHYS_TWIN 0xf4000000u
#define PHYS_TOP  0xf0000000u /* trapped up to here */
/* Guest addresses from here on collapse onto one trapped page: the M profile has nothing there that could answer. */
#define VENDOR_FOLD 0xefffff00u
/* Code seen a second time, for cheap exact stops: 16 MiB each for what starts at 0x00, 0x08 and 0x1f. */
#define ALIAS_BASE 0xf8000000u
#define ALIAS_SIZE 0x03000000u
/* The page of a device whose plain accesses are not trapped. */
#define PLAIN_BASE 0xfd000000u
#define PLAIN_SIZE 0x00001000u
/* While the MPU is on, RAM pages whose accesses must be looked at one by one are seen in the vendor space: what starts
 * at 0x10000000 at 0xe1000000, what starts at 0x20000000 at 0xe2000000. */
#define SHADOW_BASE 0xe1000000u
#define SHADOW_SIZE 0x02000000u
/* From here on fill() shows the engine's own space while translations are dropped and dummy fills are made. */
#define IDENTITY_BASE 0xf0000000u

/* The engine's interface takes every callback as void *, which ISO C cannot convert a function to. */
#define CALLBACK(function) ((union callback_pointer){.code = (void (*)(void))(function)}.data)
union callback_pointer {
    void (*code)(void);
    void *data;
};

/* --- registers --------------------------------------------------------------------------------------------------- */

static const int engine_reg[CPU_REG_COUNT] = {
    UC_ARM_REG_R0,  UC_ARM_REG_R1,      UC_ARM_REG_R2,      UC_ARM_REG_R3,        UC_ARM_REG_R4,      UC_ARM_REG_R5,
    UC_ARM_REG_R6,  UC_ARM_REG_R7,      UC_ARM_REG_R8,      UC_ARM_REG_R9,        UC_ARM_REG_R10,     UC_ARM_REG_R11,
    UC_ARM_REG_R12, UC_ARM_REG_SP,      UC_ARM_REG_LR,      UC_ARM_REG_PC,        UC_ARM_REG_XPSR,    UC_ARM_REG_MSP,
    UC_ARM_REG_PSP, UC_ARM_REG_PRIMASK, UC_ARM_REG_BASEPRI, UC_ARM_REG_FAULTMASK, UC_ARM_REG_CONTROL, UC_ARM_REG_FPSCR,
};

static uint32_t read_reg(const struct cpu *cpu, int reg)
{
    uint32_t value = 0;
    (void)uc_reg_read(cpu->engine, reg, &value);
    return value;
}

static void write_reg(struct cpu *cpu, int reg, uint32_t value)
{
    (void)uc_reg_write(cpu->engine, reg, &value);
}

uint32_t cpu_alias_of(uint32_t address)
{
    uint32_t top = address >> 24;
    if (top == 0x00u || top == 0x08u || top == 0x1fu) {
        uint32_t slot = top == 0x00u ? 0u : top == 0x08u ? 1u : 2u;
        return ALIAS_BASE + (slot << 24) + (address & 0x00ffffffu);
    }
    return 0;
}

static uint32_t unalias(uint32_t address)
{
    static const uint32_t tops[3] = {0x00000000u, 0x08000000u, 0x1f000000u};
    if (address - ALIAS_BASE >= ALIAS_SIZE)
        return address;
    return tops[(address - ALIAS_BASE) >> 24] | (address & 0x00ffffffu);
}

uint32_t cpu_current_pc(const struct cpu *cpu)
{
    return unalias(read_reg(cpu, UC_ARM_REG_PC));
}

/** The engine takes the T bit from bit 0: keep it as it is. */
void cpu_set_pc(struct cpu *cpu, uint32_t pc)
{
    write_reg(cpu, UC_ARM_REG_PC, pc | (cpu_is_thumb(cpu) ? 1u : 0u));
}

uint32_t cpu_get(const struct cpu *cpu, enum cpu_reg reg)
{
    return reg == CPU_PC ? cpu_current_pc(cpu) & ~1u : read_reg(cpu, engine_reg[reg]);
}

void cpu_set(struct cpu *cpu, enum cpu_reg reg, uint32_t value)
{
    if (reg == CPU_PC)
        value |= 1u;
    write_reg(cpu, engine_reg[reg], value);
    if (reg == CPU_XPSR) /* the engine's XPSR write leaves the GE bits alone */
        write_reg(cpu, UC_ARM_REG_XPSR_NZCVQG, value);
}

void cpu_get_fp(const struct cpu *cpu, unsigned first, unsigned count, uint32_t *values)
{
    for (unsigned i = 0; i < count; i++)
        values[i] = read_reg(cpu, (int)(UC_ARM_REG_S0 + first + i));
}

void cpu_set_fp(struct cpu *cpu, unsigned first, unsigned count, const uint32_t *values)
{
    for (unsigned i = 0; i < count; i++)
        write_reg(cpu, (int)(UC_ARM_REG_S0 + first + i), values[i]);
}

void cpu_reset(struct cpu *cpu)
{
    static const uint32_t zeros[32];
    /* an unprivileged thread may write almost nothing: become a handler first */
    write_reg(cpu, UC_ARM_REG_XPSR, XPSR_T | 3u);
    write_reg(cpu, UC_ARM_REG_CONTROL, 0);
    write_reg(cpu, UC_ARM_REG_XPSR, XPSR_T);
    write_reg(cpu, UC_ARM_REG_CONTROL, 0);
    cpu_set(cpu, CPU_XPSR, XPSR_T);
    for (int reg = CPU_R0; reg <= CPU_R12; reg++)
        write_reg(cpu, engine_reg[reg], 0);
    write_reg(cpu, UC_ARM_REG_LR, 0xffffffffu);
    write_reg(cpu, UC_ARM_REG_PSP, 0);
    write_reg(cpu, UC_ARM_REG_PRIMASK, 0);
    write_reg(cpu, UC_ARM_REG_BASEPRI, 0);
    write_reg(cpu, UC_ARM_REG_FAULTMASK, 0);
    write_reg(cpu, UC_ARM_REG_FPSCR, 0);
    cpu_set_fp(cpu, 0, 32, zeros);
    write_reg(cpu, UC_ARM_REG_CONTROL, 0);
    cpu_clear_exclusive(cpu);
}

/* --- hooks ------------------------------------------------------------------------------------------------------- */

static void stop_before_block(struct cpu *cpu, enum pending_stop pending)
{
    cpu->pending = pending;
    cpu->block_count = 0;
    (void)uc_emu_stop(cpu->engine);
}

static bool must_announce(struct cpu *cpu, uint32_t address)
{
    bool known = address == cpu->announced_from
                     ? cpu->announced_now
                     : address - cpu->announced_from < cpu->announced_to - cpu->announced_from;
    cpu->announced_now = false;
    if (known)
        return false;
    struct bus_target target = bus_find(cpu->bus, address);
    return target.kind == BUS_FRAME && target.trap & TRAP_FETCH;
}

/** The rare half of the block hook: decides whether the block may start. */
static void look_at_block(struct cpu *cpu, uint32_t address, uint32_t entry)
{
    if (cpu->masks_written) {
        cpu->masks_written = false;
        cpu_update_look(cpu);
        cpu->flush_due = cpu->client.correct_masks(cpu->client.context);
    }
    if (entry & BLOCK_EXCLUSIVE)
        cpu->monitor_open = true;
    if (entry & BLOCK_SEV)
        cpu->client.send_event(cpu->client.context);
    if (entry & BLOCK_MASKS) { /* the instruction ends this block: correct before the next one */
        cpu->masks_written = true;
        cpu_update_look(cpu);
    }
    if (cpu->dead || cpu->housekeeping || cpu->flush_due || cpu->base >= cpu->deadline ||
        (cpu->attention && cpu->client.takeable(cpu->client.context)))
        stop_before_block(cpu, PENDING_BLOCK);
    else if (cpu->plain ? entry & BLOCK_INTRICATE : cpu->plain_wanted != NULL)
        stop_before_block(cpu, PENDING_PLAIN);
    else if (cpu->fetch_traps && must_announce(cpu, address))
        stop_before_block(cpu, PENDING_FETCH);
    else if (entry & cpu->special_mask & ~(BLOCK_NOTED | BLOCK_INTRICATE))
        stop_before_block(cpu, PENDING_SPECIAL);
    else if (cpu->base + cpu->block_count > cpu->deadline)
        stop_before_block(cpu, PENDING_BLOCK);
}

/** A block whose count is not known, or that needs a look. */
__attribute__((noinline)) static void on_unusual_block(struct cpu *cpu, uint32_t address, uint32_t size)
{
    if (cpu->stepping)
        return;
    const struct code_page *page = cpu_find_code(cpu, address);
    uint32_t entry = page ? page->counts[(address & PAGE_MASK) / 2u] : 0;
    if ((entry & SIZE_MASK) != size)
        entry = cpu_block_entry(cpu, address, size);
    cpu->base += cpu->block_count;
    cpu->block = address;
    cpu->block_size = size;
    cpu->block_count = (entry >> COUNT_SHIFT) & COUNT_MASK;
    if (cpu->base + cpu->block_count > cpu->deadline || cpu->look || (entry & cpu->special_mask))
        look_at_block(cpu, address, entry);
}

/* The hottest code of the emulator: called for every block that runs. Everything unusual is elsewhere. */
static void on_block(uc_engine *uc, uint64_t address64, uint32_t size, void *context)
{
    (void)uc;
    struct cpu *cpu = context;
    uint32_t address = (uint32_t)address64;
    const struct code_page *page = &cpu->pages[(address >> PAGE_BITS) % CODE_PAGES];
    if (page->page == address >> PAGE_BITS) {
        uint32_t entry = page->counts[(address & PAGE_MASK) / 2u];
        uint32_t count = (entry >> COUNT_SHIFT) & COUNT_MASK;
        uint64_t base = cpu->base + cpu->block_count;
        if ((entry & SIZE_MASK) == size && base + count <= cpu->deadline && !cpu->look &&
            !(entry & cpu->special_mask)) {
            cpu->base = base;
            cpu->block = address;
            cpu->block_size = size;
            cpu->block_count = count;
            return;
        }
    }
    on_unusual_block(cpu, address, size);
}

/** Bounded to the alias: ends a step. */
static void on_step(uc_engine *uc, uint64_t address, uint32_t size, void *context)
{
    (void)size;
    struct cpu *cpu = context;
    if ((uint32_t)address == cpu->step_stop)
        (void)uc_emu_stop(uc);
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *context)
{
    struct cpu *cpu = context;
    cpu->pending = number == 2u ? PENDING_SVC : number == 7u ? PENDING_BKPT : PENDING_EXCEPTION;
    (void)uc_emu_stop(uc);
}

static bool on_invalid(uc_engine *uc, void *context)
{
    (void)uc;
    struct cpu *cpu = context;
    cpu->pending = PENDING_INVALID;
    return false;
}

/**
 * The engine leaves ITSTATE set when it finds the PC of an access inside an IT block, and would run the next block
 * conditionally. Blocks set ITSTATE themselves when they end inside an IT block, so clearing it here is right.
 */
static void clear_it(struct cpu *cpu)
{
    if (read_reg(cpu, UC_ARM_REG_XPSR) & XPSR_IT_BITS)
        write_reg(cpu, UC_ARM_REG_EPSR, XPSR_T);
}

static uint32_t shadow_of(uint32_t address)
{
    return (0xe0u + (address >> 28)) << 24 | (address & 0x00ffffffu);
}

/** Guest address of a trapped one. */
static uint32_t unshadow(const struct cpu *cpu, uint32_t address)
{
    if (!cpu->protection || address - SHADOW_BASE >= SHADOW_SIZE)
        return address;
    return ((address >> 24) - 0xe0u) << 28 | (address & 0x00ffffffu);
}

static bool is_denied(struct cpu *cpu, uint32_t address, unsigned size, bool write)
{
    if (!cpu->protection)
        return false;
    return !(cpu->client.rights(cpu->client.context, address, size) & (write ? MPU_WRITE : MPU_READ));
}

static bool on_protected(uc_engine *uc, uc_mem_type type, uint64_t address64, int size, int64_t value, void *context)
{
    (void)uc;
    struct cpu *cpu = context;
    cpu->access_pc = cpu_current_pc(cpu);
    bool write = type == UC_MEM_WRITE_PROT;
    uint32_t address = unshadow(cpu, (uint32_t)address64);
    bool denied = !cpu->dead && is_denied(cpu, address, (unsigned)size, write);
    bool faults = !cpu->dead && !denied &&
                  bus_faults(cpu->bus, write ? ACCESS_WRITE : ACCESS_READ, address, (unsigned)size, (uint32_t)value) &&
                  !cpu->client.ignores_data_fault(cpu->client.context);
    if (denied || faults) {
        if (faults && write) {
            cpu->in_access = true;
            bus_faulted_write(cpu->bus, address, (unsigned)size, (uint32_t)value);
            cpu->in_access = false;
        }
        cpu->pending = PENDING_DATA_FAULT;
        cpu->fault_address = address;
        cpu->fault_write = write;
        cpu->fault_denied = denied;
        return false;
    }
    clear_it(cpu);
    return true;
}

/**
 * A page that was trapped again and again: when all that it holds is a device with plain accesses, it may be seen
 * plainly from the next block on.
 */
static void note_trapped(struct cpu *cpu, uint32_t address)
{
    bool same = cpu->hot_page == address >> PAGE_BITS;
    cpu->hot_page = address >> PAGE_BITS;
    cpu->hot_count = same ? cpu->hot_count + 1u : 0;
    if (cpu->hot_count < HOT_ACCESSES)
        return;
    cpu->hot_count = 0;
    if (cpu->protection || cpu_block_entry(cpu, cpu->block, cpu->block_size) & BLOCK_INTRICATE)
        return;
    cpu->plain_wanted = bus_plain_device(cpu->bus, address);
    cpu->plain_page = address >> PAGE_BITS;
    cpu_update_look(cpu);
}

static uint64_t on_mmio_read(uc_engine *uc, uint64_t offset, unsigned size, void *context)
{
    (void)uc;
    const struct trap_region *region = context;
    struct cpu *cpu = region->cpu;
    if (cpu->dead)
        return 0;
    cpu->in_access = true;
    uint32_t value = bus_read(cpu->bus, unshadow(cpu, region->base + (uint32_t)offset), size);
    cpu->in_access = false;
    note_trapped(cpu, region->base + (uint32_t)offset);
    return value;
}

static void on_mmio_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *context)
{
    (void)uc;
    const struct trap_region *region = context;
    struct cpu *cpu = region->cpu;
    if (cpu->dead)
        return;
    cpu->in_access = true;
    bus_write(cpu->bus, unshadow(cpu, region->base + (uint32_t)offset), size, (uint32_t)value);
    cpu->in_access = false;
    note_trapped(cpu, region->base + (uint32_t)offset);
}

/**
 * What is not plain must come again, trapped. The engine stops at the instruction when it is asked inside an access of
 * it, and that is right here only: nothing of the instruction was done yet, and no IT block is open, because blocks
 * with BLOCK_INTRICATE do not run meanwhile.
 */
static void trap_again(struct cpu *cpu)
{
    cpu->pending = PENDING_AGAIN;
    (void)uc_emu_stop(cpu->engine);
}

static uint64_t on_plain_read(uc_engine *uc, uint64_t offset, unsigned size, void *context)
{
    (void)uc;
    struct cpu *cpu = context;
    uint32_t value = 0;
    if (!cpu->dead && !bus_plain_read(cpu->bus, cpu->plain, (uint32_t)offset, size, &value))
        trap_again(cpu);
    return value;
}

static void on_plain_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *context)
{
    (void)uc;
    struct cpu *cpu = context;
    if (!cpu->dead && !bus_plain_write(cpu->bus, cpu->plain, (uint32_t)offset, size, (uint32_t)value))
        trap_again(cpu);
}

/** Device pages that were filled before and had to be filled again; see cpu_mend_tlb. */
static void note_device_fill(struct cpu *cpu, uint32_t address)
{
    uint32_t *seen = &cpu->device_pages[(address >> PAGE_BITS) % DEVICE_PAGES];
    if (*seen == address >> PAGE_BITS && ++cpu->device_refills >= REFILL_LIMIT) {
        cpu->housekeeping = true;
        cpu_update_look(cpu);
    }
    *seen = address >> PAGE_BITS;
}

/** What the current mode may do with the page; for a fetch, EXECUTE is decided by the very address. */
static uint32_t page_rights(struct cpu *cpu, uint32_t address, uc_mem_type type)
{
    if (!cpu->protection)
        return MPU_READ | MPU_WRITE | MPU_EXECUTE;
    uint32_t rights = cpu->client.rights(cpu->client.context, address & ~PAGE_MASK, PAGE_SIZE);
    if (type == UC_MEM_FETCH)
        rights = (rights & ~MPU_EXECUTE) | (cpu->client.rights(cpu->client.context, address & ~1u, 2) & MPU_EXECUTE);
    return rights;
}

static void fill_frame(struct cpu *cpu, const struct bus_target *target, uint32_t address, uc_mem_type type, bool alias,
                       uc_tlb_entry *entry)
{
    frame_id frame = cpu->bus->stores[target->store].frames[target->offset / FRAME_SIZE];
    uint32_t rights = page_rights(cpu, address, type);
    bool trapped_read = (target->trap & TRAP_READ) || !(rights & MPU_READ);
    if (type == UC_MEM_WRITE || (type == UC_MEM_READ && trapped_read)) {
        entry->paddr = address;
        entry->perms = type == UC_MEM_WRITE ? UC_PROT_WRITE : UC_PROT_READ;
        return;
    }
    if (type == UC_MEM_FETCH && (rights & MPU_EXECUTE))
        frame_mark_executed(cpu->pool, frame);
    else if (!frame_was_executed(cpu->pool, frame))
        rights &= ~MPU_EXECUTE; /* its first fetch must be seen: else the frame would be reused under translated code */
    reads_note_page(&cpu->bus->reads, target->store, target->offset / FRAME_SIZE);
    entry->paddr = (alias ? PHYS_TWIN : PHYS_POOL) + (uint64_t)frame * FRAME_SIZE + (address & PAGE_MASK);
    entry->perms = (trapped_read ? 0 : UC_PROT_READ) | (rights & MPU_EXECUTE ? UC_PROT_EXEC : 0);
}

static void fill_ram(struct cpu *cpu, const struct bus_target *target, uint32_t address, uc_mem_type type,
                     uc_tlb_entry *entry)
{
    uint32_t rights = page_rights(cpu, address, type);
    if ((type == UC_MEM_READ && !(rights & MPU_READ)) || (type == UC_MEM_WRITE && !(rights & MPU_WRITE))) {
        entry->paddr = shadow_of(address);
        entry->perms = type == UC_MEM_READ ? UC_PROT_READ : UC_PROT_WRITE;
        return;
    }
    bool execute = type == UC_MEM_FETCH && (rights & MPU_EXECUTE);
    cpu->ram_executed[target->store] |= execute;
    entry->paddr = cpu->ram_base[target->store] + target->offset;
    entry->perms = (rights & MPU_READ ? UC_PROT_READ : 0) | (rights & MPU_WRITE ? UC_PROT_WRITE : 0) |
                   (execute ? UC_PROT_EXEC : 0);
}

static bool on_fill(uc_engine *uc, uint64_t address64, uc_mem_type type, uc_tlb_entry *entry, void *context)
{
    (void)uc;
    struct cpu *cpu = context;
    uint32_t address = (uint32_t)address64;
    cpu->fills++;
    if (type != UC_MEM_FETCH)
        clear_it(cpu);
    if (cpu->identity && address >= IDENTITY_BASE) {
        entry->paddr = address;
        entry->perms = UC_PROT_READ | UC_PROT_EXEC;
        return true;
    }
    bool alias = cpu->stepping && address - ALIAS_BASE < ALIAS_SIZE;
    if (alias)
        address = unalias(address);
    if (address >= 0xfffff000u && type == UC_MEM_FETCH) { /* EXC_RETURN: let the engine recognise it */
        entry->paddr = address;
        entry->perms = UC_PROT_EXEC;
        return true;
    }
    struct bus_target target = bus_find(cpu->bus, address);
    if (target.kind == BUS_FRAME) {
        fill_frame(cpu, &target, address, type, alias, entry);
    } else if (target.kind == BUS_RAM) {
        fill_ram(cpu, &target, address, type, entry);
    } else if (cpu->plain && address >> PAGE_BITS == cpu->plain_page) {
        entry->paddr = PLAIN_BASE + (address & PAGE_MASK);
        entry->perms = UC_PROT_READ | UC_PROT_WRITE;
    } else {
        note_device_fill(cpu, address);
        bool folds = address >= PHYS_TOP || (cpu->protection && address - SHADOW_BASE < SHADOW_SIZE);
        entry->paddr = !folds ? address : (VENDOR_FOLD & ~PAGE_MASK) | (address & PAGE_MASK);
        entry->perms = UC_PROT_READ | UC_PROT_WRITE; /* never EXEC: a fetch is reported as an exception */
    }
    return true;
}

/* --- the engine for cpu_run.c ------------------------------------------------------------------------------------ */

bool cpu_engine_start(struct cpu *cpu, uint32_t pc, uint32_t until)
{
    return uc_emu_start(cpu->engine, pc | 1u, until, 0, 0) == UC_ERR_OK;
}

void cpu_engine_forget(struct cpu *cpu, uint32_t from, uint32_t to)
{
    (void)uc_ctl_remove_cache(cpu->engine, from, to);
}

/* --- translations ------------------------------------------------------------------------------------------------ */

/**
 * The engine counts used TLB entries wrongly when a device page and a memory page share an index: each refill of the
 * device page counts one down, and once the count wraps below zero the TLB doubles at every flush until a flush costs
 * milliseconds. Filling unused entries before the flush lifts the count above zero again.
 */
static void dummy_fills(struct cpu *cpu)
{
    cpu->identity = true;
    for (uint32_t i = 0; i < DUMMY_FILLS; i++)
        (void)uc_ctl_remove_cache(cpu->engine, SCRATCH_BASE + i * PAGE_SIZE, SCRATCH_BASE + i * PAGE_SIZE + 2u);
    cpu->identity = false;
}

void cpu_set_protection(struct cpu *cpu, bool on)
{
    cpu->protection = on;
}

void cpu_flush(struct cpu *cpu)
{
    if (2u * cpu->device_refills >= cpu->fills)
        dummy_fills(cpu);
    (void)uc_ctl_flush_tlb(cpu->engine);
    cpu->flushes++;
    cpu->fills = cpu->device_refills = 0;
    memset(cpu->device_pages, 0, sizeof cpu->device_pages);
    cpu_forget_code(cpu);
}

/**
 * Most of an access's time goes into finding out which instruction makes it. Where a loop feeds a device whose accesses
 * depend on nothing (device_model.is_plain), the page is shown without traps for as long as this start of the engine
 * lasts.
 */
void cpu_see_plainly(struct cpu *cpu, bool on)
{
    cpu->plain = on && !cpu->protection ? cpu->plain_wanted : NULL;
    cpu->plain_wanted = NULL;
    cpu->plain_spans += on;
    cpu_set_traps(cpu, cpu->fpu_enabled, cpu->div0_trap);
    cpu_update_look(cpu);
    cpu_flush(cpu);
}

void cpu_mend_tlb(struct cpu *cpu)
{
    cpu->housekeeping = false;
    cpu_update_look(cpu);
    cpu->fills = 0; /* force the dummy fills */
    cpu_flush(cpu);
}

uint64_t cpu_flushes(const struct cpu *cpu)
{
    return cpu->flushes;
}

uint64_t cpu_plain_spans(const struct cpu *cpu)
{
    return cpu->plain_spans;
}

/** Frames are about to hold other contents: drop what was translated and counted from the old ones. */
static void on_recycle(void *context, const frame_id *frames, size_t count)
{
    struct cpu *cpu = context;
    cpu->identity = true;
    for (size_t i = 0; i < count; i++) {
        uint64_t offset = (uint64_t)frames[i] * FRAME_SIZE;
        (void)uc_ctl_remove_cache(cpu->engine, PHYS_POOL + offset, PHYS_POOL + offset + FRAME_SIZE);
        (void)uc_ctl_remove_cache(cpu->engine, PHYS_TWIN + offset, PHYS_TWIN + offset + FRAME_SIZE);
        memset(cpu->counts + (size_t)frames[i] * (PAGE_SIZE / 2u), 0, PAGE_SIZE / 2u * sizeof *cpu->counts);
    }
    cpu->identity = false;
    cpu_flush(cpu); /* else the guest could read the pool */
}

static void drop_ram_code(struct cpu *cpu, uint32_t store, uint32_t offset, uint32_t length)
{
    uint32_t base = cpu->ram_base[store] + offset;
    (void)uc_ctl_remove_cache(cpu->engine, base, base + length);
}

void cpu_write_ram(struct cpu *cpu, uint32_t store, uint32_t offset, const void *bytes, uint32_t length)
{
    uint8_t *ram = cpu->bus->stores[store].ram + offset;
    if (cpu->ram_executed[store] && memcmp(ram, bytes, length) != 0) {
        if (cpu->in_access) { /* the engine is running: not now */
            cpu->ram_stale = true;
            cpu_request_sync(cpu);
        } else {
            drop_ram_code(cpu, store, offset, length);
        }
    }
    memcpy(ram, bytes, length);
}

void cpu_replace_ram(struct cpu *cpu, uint32_t store, const void *bytes)
{
    uint32_t size = cpu->bus->chip->stores[store].size;
    if (cpu->ram_executed[store])
        drop_ram_code(cpu, store, 0, size);
    cpu->ram_executed[store] = false; /* with the TLB flushed, the next fetch from there is seen */
    if (bytes)
        memcpy(cpu->bus->stores[store].ram, bytes, size);
    else
        memset(cpu->bus->stores[store].ram, 0, size);
}

void cpu_drop_stale_code(struct cpu *cpu)
{
    const struct chip *chip = cpu->bus->chip;
    for (uint32_t store = 0; store < chip->store_count; store++)
        if (cpu->ram_executed[store])
            drop_ram_code(cpu, store, 0, chip->stores[store].size);
    cpu->ram_stale = false;
}

void cpu_clear_exclusive(struct cpu *cpu)
{
    if (!cpu->monitor_open)
        return;
    /* no call of the engine clears the monitor: let it run a CLREX of ours */
    uint32_t pc = read_reg(cpu, UC_ARM_REG_PC);
    cpu->identity = cpu->stepping = true;
    (void)uc_emu_start(cpu->engine, SCRATCH_BASE | 1u, SCRATCH_BASE + 4u, 0, 0);
    cpu->identity = cpu->stepping = false;
    cpu_set_pc(cpu, pc);
    cpu->monitor_open = false;
}

/* --- life -------------------------------------------------------------------------------------------------------- */

static uint32_t ram_window(const struct bus *bus, const char *store)
{
    for (uint32_t w = 0; w < bus->chip->window_count; w++) {
        const struct window *window = &bus->chip->windows[w];
        if (window->choice_count == 1 && window->choices[0].segments[0].store &&
            strcmp(window->choices[0].segments[0].store, store) == 0)
            return window->base;
    }
    return UINT32_MAX;
}

static enum status engine_error(struct error *err, const char *what, uc_err code)
{
    return error_set(err, TB_ERR_ENGINE, "the CPU engine refused to %s: %s", what, uc_strerror(code));
}

static enum status trap_range(struct cpu *cpu, uint32_t start, uint32_t end, struct error *err)
{
    if (start >= end)
        return TB_OK;
    TB_ASSERT(cpu->region_count < MAX_REGIONS);
    struct trap_region *region = &cpu->regions[cpu->region_count++];
    *region = (struct trap_region){.cpu = cpu, .base = start};
    uc_hook hook;
    uc_err code = uc_mmio_map(cpu->engine, start, end - start, on_mmio_read, region, on_mmio_write, region);
    if (code == UC_ERR_OK)
        code = uc_mem_protect(cpu->engine, start, end - start, UC_PROT_NONE);
    if (code == UC_ERR_OK)
        code = uc_hook_add(cpu->engine, &hook, UC_HOOK_MEM_READ_PROT | UC_HOOK_MEM_WRITE_PROT, CALLBACK(on_protected),
                           cpu, start, end - 1u);
    return code == UC_ERR_OK ? TB_OK : engine_error(err, "map the device space", code);
}

/** Traps everything between the RAM stores. */
static enum status trap_rest(struct cpu *cpu, struct error *err)
{
    const struct chip *chip = cpu->bus->chip;
    uint32_t next = 0;
    for (;;) { /* the RAM store with the lowest base not below next */
        uint32_t found = UINT32_MAX;
        for (uint32_t i = 0; i < chip->store_count; i++)
            if (cpu->ram_base[i] != UINT32_MAX && cpu->ram_base[i] >= next &&
                (found == UINT32_MAX || cpu->ram_base[i] < cpu->ram_base[found]))
                found = i;
        if (found == UINT32_MAX)
            break;
        enum status status = trap_range(cpu, next, cpu->ram_base[found], err);
        if (status != TB_OK)
            return status;
        next = cpu->ram_base[found] + chip->stores[found].size;
    }
    enum status status = trap_range(cpu, next, PHYS_TOP, err);
    if (status != TB_OK)
        return status;
    uc_err code = uc_mmio_map(cpu->engine, PLAIN_BASE, PLAIN_SIZE, on_plain_read, cpu, on_plain_write, cpu);
    return code == UC_ERR_OK ? TB_OK : engine_error(err, "map the device space", code);
}

struct block {
    uint32_t base;
    size_t size;
    uint32_t perms;
    void *bytes;
};

static int by_size(const void *a, const void *b)
{
    const struct block *x = a, *y = b;
    return x->size != y->size ? (x->size < y->size) - (x->size > y->size) : (x->base > y->base) - (x->base < y->base);
}

/**
 * Maps all memory, the largest block first: the engine numbers the bytes of all its memory, and gives a block that is
 * larger than the smallest one so far numbers that others have already. Dropping the code of one drops that of the
 * others then, too.
 */
static enum status map_memory(struct cpu *cpu, struct error *err)
{
    const struct chip *chip = cpu->bus->chip;
    const uint32_t code_perms = UC_PROT_READ | UC_PROT_EXEC;
    size_t size = frame_pool_size(cpu->pool);
    uint32_t count = 0;
    if (size > PHYS_TWIN - PHYS_POOL)
        return error_set(err, TB_ERR_UNSUPPORTED, "the frame pool has %zu bytes, the engine's window for it %u", size,
                         PHYS_TWIN - PHYS_POOL);
    struct block *blocks = calloc(chip->store_count + 3u, sizeof *blocks);
    if (!blocks)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the CPU's tables");
    blocks[count++] = (struct block){PHYS_POOL, size, code_perms, frame_pool_data(cpu->pool)};
    blocks[count++] = (struct block){PHYS_TWIN, size, code_perms, frame_pool_twin(cpu->pool)};
    blocks[count++] = (struct block){SCRATCH_BASE, SCRATCH_SIZE, code_perms, cpu->scratch};
    for (uint32_t s = 0; s < chip->store_count; s++)
        if (cpu->ram_base[s] != UINT32_MAX)
            blocks[count++] =
                (struct block){cpu->ram_base[s], chip->stores[s].size, UC_PROT_ALL, cpu->bus->stores[s].ram};
    qsort(blocks, count, sizeof *blocks, by_size);
    uc_err code = UC_ERR_OK;
    for (uint32_t i = 0; i < count && code == UC_ERR_OK; i++)
        code = uc_mem_map_ptr(cpu->engine, blocks[i].base, blocks[i].size, blocks[i].perms, blocks[i].bytes);
    free(blocks);
    return code == UC_ERR_OK ? TB_OK : engine_error(err, "map memory", code);
}

static bool never(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *context)
{
    (void)uc, (void)type, (void)address, (void)size, (void)value, (void)context;
    return false;
}

static enum status add_hooks(struct cpu *cpu, struct error *err)
{
    uc_hook hook;
    uc_err code = uc_hook_add(cpu->engine, &hook, UC_HOOK_TLB_FILL, CALLBACK(on_fill), cpu, 1, 0);
    if (code == UC_ERR_OK)
        code = uc_hook_add(cpu->engine, &hook, UC_HOOK_BLOCK, CALLBACK(on_block), cpu, 1, 0);
    if (code == UC_ERR_OK)
        code = uc_hook_add(cpu->engine, &hook, UC_HOOK_INTR, CALLBACK(on_interrupt), cpu, 1, 0);
    if (code == UC_ERR_OK)
        code = uc_hook_add(cpu->engine, &hook, UC_HOOK_INSN_INVALID, CALLBACK(on_invalid), cpu, 1, 0);
    if (code == UC_ERR_OK)
        code = uc_hook_add(cpu->engine, &hook, UC_HOOK_CODE, CALLBACK(on_step), cpu, ALIAS_BASE,
                           ALIAS_BASE + ALIAS_SIZE - 1u);
    /* never called: with it the engine translates without searching its TLBs (33 % less time a block) */
    if (code == UC_ERR_OK)
        code = uc_hook_add(cpu->engine, &hook, UC_HOOK_MEM_WRITE_PROT, CALLBACK(never), cpu, ALIAS_BASE,
                           ALIAS_BASE + ALIAS_SIZE - 1u);
    return code == UC_ERR_OK ? TB_OK : engine_error(err, "add a hook", code);
}

static enum status allocate(struct cpu *cpu, struct error *err)
{
    const struct chip *chip = cpu->bus->chip;
    size_t frames = frame_pool_size(cpu->pool) / FRAME_SIZE;
    cpu->counts_size = frames * (PAGE_SIZE / 2u) * sizeof *cpu->counts;
    cpu->counts =
        mmap(NULL, cpu->counts_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    cpu->scratch = mmap(NULL, SCRATCH_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cpu->ram_base = calloc(chip->store_count + 1u, sizeof *cpu->ram_base);
    cpu->ram_executed = calloc(chip->store_count + 1u, sizeof *cpu->ram_executed);
    if (!cpu->ram_executed || cpu->counts == MAP_FAILED || cpu->scratch == MAP_FAILED || !cpu->ram_base)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the CPU's tables");
    for (uint32_t i = 0; i < chip->store_count; i++)
        cpu->ram_base[i] = chip->stores[i].kind == STORE_RAM ? ram_window(cpu->bus, chip->stores[i].name) : UINT32_MAX;
    static const uint16_t clrex[2] = {0xf3bfu, 0x8f2fu};
    memcpy(cpu->scratch, clrex, sizeof clrex);
    return TB_OK;
}

static enum status open_engine(struct cpu *cpu, struct error *err)
{
    static const int models[] = {[CPU_CORTEX_M4F] = UC_CPU_ARM_CORTEX_M4, [CPU_CORTEX_M0PLUS] = UC_CPU_ARM_CORTEX_M0};
    unsigned major, minor;
    unsigned version = uc_version(&major, &minor);
    if (version < UC_MAKE_VERSION(2, 1))
        return error_set(err, TB_ERR_ENGINE, "Unicorn %u.%u is too old: 2.1.4 or newer is needed (run ci/setup)", major,
                         minor);
    /* never UC_MODE_MCLASS: it forces another core */
    uc_err code = uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &cpu->engine);
    if (code == UC_ERR_OK)
        code = uc_ctl_set_tcg_buffer_size(cpu->engine, TCG_BUFFER_MB << 20);
    if (code == UC_ERR_OK)
        code = uc_ctl_set_cpu_model(cpu->engine, models[cpu->bus->chip->cpu]);
    if (code == UC_ERR_OK)
        code = uc_ctl_tlb_mode(cpu->engine, UC_TLB_VIRTUAL);
    return code == UC_ERR_OK ? TB_OK : engine_error(err, "start", code);
}

enum status cpu_create(struct cpu **out, struct bus *bus, struct frame_pool *pool, const struct cpu_client *client,
                       struct error *err)
{
    struct cpu *cpu = calloc(1, sizeof *cpu);
    if (!cpu)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the CPU");
    cpu->bus = bus;
    cpu->pool = pool;
    cpu->client = *client;
    cpu->hold = UINT64_MAX;
    cpu->announced_from = cpu->announced_to = 1;
    cpu_set_traps(cpu, false, false);
    cpu_forget_code(cpu);
    enum status status = allocate(cpu, err);
    if (status == TB_OK)
        status = open_engine(cpu, err);
    if (status == TB_OK)
        status = map_memory(cpu, err);
    if (status == TB_OK)
        status = trap_rest(cpu, err);
    if (status == TB_OK)
        status = add_hooks(cpu, err);
    if (status != TB_OK) {
        cpu_destroy(cpu);
        return status;
    }
    frame_pool_set_recycler(pool, on_recycle, cpu);
    *out = cpu;
    return TB_OK;
}

void cpu_destroy(struct cpu *cpu)
{
    if (!cpu)
        return;
    frame_pool_set_recycler(cpu->pool, NULL, NULL);
    if (cpu->engine)
        (void)uc_close(cpu->engine);
    if (cpu->counts && cpu->counts != MAP_FAILED)
        (void)munmap(cpu->counts, cpu->counts_size);
    if (cpu->scratch && cpu->scratch != MAP_FAILED)
        (void)munmap(cpu->scratch, SCRATCH_SIZE);
    free(cpu->ram_base);
    free(cpu->ram_executed);
    free(cpu);
}

/* --- saved contexts ---------------------------------------------------------------------------------------------- */

struct cpu_context {
    uc_context *engine;
    uint64_t base, hold;
    uint32_t announced_from, announced_to;
    bool monitor_open, announced_now;
};

enum status cpu_context_save(struct cpu *cpu, struct cpu_context **out, struct error *err)
{
    struct cpu_context *context = calloc(1, sizeof *context);
    if (!context)
        return error_set(err, TB_ERR_MEMORY, "out of memory for a snapshot");
    uc_err code = uc_context_alloc(cpu->engine, &context->engine);
    if (code == UC_ERR_OK)
        code = uc_context_save(cpu->engine, context->engine);
    if (code != UC_ERR_OK) {
        cpu_context_free(context);
        return engine_error(err, "save its registers", code);
    }
    context->base = cpu->base;
    context->hold = cpu->hold;
    context->announced_from = cpu->announced_from;
    context->announced_to = cpu->announced_to;
    context->announced_now = cpu->announced_now;
    context->monitor_open = cpu->monitor_open;
    *out = context;
    return TB_OK;
}

void cpu_context_restore(struct cpu *cpu, const struct cpu_context *context)
{
    uc_err code = uc_context_restore(cpu->engine, context->engine);
    TB_ASSERT(code == UC_ERR_OK);
    cpu->base = context->base;
    cpu->block_count = 0;
    cpu->hold = context->hold;
    cpu->announced_from = context->announced_from;
    cpu->announced_to = context->announced_to;
    cpu->announced_now = context->announced_now;
    cpu->monitor_open = context->monitor_open;
    cpu->dead = false;
    cpu_update_look(cpu);
}

void cpu_context_free(struct cpu_context *context)
{
    if (!context)
        return;
    if (context->engine)
        (void)uc_context_free(context->engine);
    free(context);
}
