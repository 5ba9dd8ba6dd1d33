/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The engine alone, in its fastest fair configuration: virtual TLB, RAM not executable, no hook
 * but the TLB's own. It counts nothing and stops at an address.
 */
#include "bench.h"

#include <string.h>
#include <unicorn/unicorn.h>

#define FLASH_BYTES (1u << 20)
#define SRAM_BASE   0x20000000u
#define SRAM_BYTES  0x18000u

static bool on_tlb_fill(uc_engine *uc, uint64_t address, uc_mem_type type, uc_tlb_entry *entry, void *user)
{
    (void)uc;
    (void)type;
    (void)user;
    entry->paddr = address & ~(uint64_t)0x3ffu;
    entry->perms = UC_PROT_READ;
    if (address >= BENCH_FLASH_BASE && address < BENCH_FLASH_BASE + FLASH_BYTES)
        entry->perms |= UC_PROT_EXEC;
    else
        entry->perms |= UC_PROT_WRITE;
    return true;
}

static uc_err prepare(uc_engine *uc, const struct bench_image *image)
{
    union {
        bool (*function)(uc_engine *, uint64_t, uc_mem_type, uc_tlb_entry *, void *);
        void *pointer;
    } callback = {.function = on_tlb_fill};
    uc_hook hook;
    uc_err err = uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_M4);
    if (err == UC_ERR_OK)
        err = uc_ctl_tlb_mode(uc, UC_TLB_VIRTUAL);
    if (err == UC_ERR_OK)
        err = uc_hook_add(uc, &hook, UC_HOOK_TLB_FILL, callback.pointer, NULL, 1, 0);
    if (err == UC_ERR_OK)
        err = uc_mem_map(uc, BENCH_FLASH_BASE, FLASH_BYTES, UC_PROT_READ | UC_PROT_EXEC);
    if (err == UC_ERR_OK)
        err = uc_mem_map(uc, SRAM_BASE, SRAM_BYTES, UC_PROT_READ | UC_PROT_WRITE);
    if (err == UC_ERR_OK)
        err = uc_mem_write(uc, BENCH_FLASH_BASE, image->bytes, image->size);
    return err;
}

double bench_bare_run(const struct bench_image *image)
{
    uint32_t vector[2];
    memcpy(vector, image->bytes, sizeof vector);
    uc_engine *uc = NULL;
    if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &uc) != UC_ERR_OK)
        return -1;
    uc_err err = prepare(uc, image);
    if (err == UC_ERR_OK)
        err = uc_reg_write(uc, UC_ARM_REG_SP, &vector[0]);
    double start = bench_now_s();
    if (err == UC_ERR_OK)
        err = uc_emu_start(uc, vector[1] | 1u, image->end, 0, 0);
    double seconds = bench_now_s() - start;
    (void)uc_close(uc);
    return err == UC_ERR_OK ? seconds : -1;
}
