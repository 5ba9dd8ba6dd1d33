/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * machine_instructions() against a reference that counts each instruction by itself.
 *
 * The reference is a bare engine with a CODE hook. The hook is not called for instructions that an
 * IT block skips, so those are found by decoding the bytes between one call and the next: a skipped
 * run lies between two instructions that were called in ascending order, inside an IT block.
 */
#include "sim/loader.h"
#include "whole.h"

#include <string.h>
#include <unicorn/unicorn.h>

#define COUNTING FIRMWARE("counting")

#define FLASH_BASE  0x08000000u
#define FLASH_BYTES 0x100000u
#define SRAM_BASE   0x20000000u
#define SRAM_BYTES  0x18000u
#define PPB_BASE    0xe000e000u

/* tick_handler of the counting firmware, counted by hand in its source. */
#define HANDLER_INSTRUCTIONS 6u
#define TICK_CYCLES          997u

struct reference {
    uint8_t flash[FLASH_BYTES];
    uint64_t executed, skipped;
    uint32_t next;    /* address behind the last instruction that was called */
    uint32_t it_left; /* instructions of the IT block that may still be skipped */
    uint32_t quiet_end, ticking_end;
    uint64_t quiet_count;
};

static uint32_t size_at(const struct reference *reference, uint32_t address)
{
    uint32_t offset = address - FLASH_BASE;
    uint32_t half = reference->flash[offset] | (uint32_t)reference->flash[offset + 1u] << 8;
    return half >= 0xe800u ? 4u : 2u; /* DDI 0403E A5.1 */
}

/** Instructions that an IT instruction makes conditional; 0 if there is none at address. */
static uint32_t it_length(const struct reference *reference, uint32_t address)
{
    uint32_t offset = address - FLASH_BASE;
    uint32_t half = reference->flash[offset] | (uint32_t)reference->flash[offset + 1u] << 8;
    if ((half & 0xff00u) != 0xbf00u || (half & 0xfu) == 0u)
        return 0;
    return 4u - (uint32_t)__builtin_ctz(half & 0xfu); /* mask's lowest one: A7.3.2 */
}

static void on_code(uc_engine *uc, uint64_t address64, uint32_t size, void *user)
{
    struct reference *reference = user;
    uint32_t address = (uint32_t)address64;
    (void)size;
    while (reference->it_left > 0u && reference->next != address) {
        reference->next += size_at(reference, reference->next);
        reference->it_left--;
        reference->skipped++;
    }
    if (reference->it_left > 0u)
        reference->it_left--;
    if (address == reference->quiet_end)
        reference->quiet_count = reference->executed + reference->skipped;
    if (address == reference->ticking_end) {
        uc_emu_stop(uc);
        return;
    }
    uint32_t length = it_length(reference, address);
    if (length > 0u)
        reference->it_left = length;
    reference->next = address + size_at(reference, address);
    reference->executed++;
}

static void must(uc_err err)
{
    ck_assert_msg(err == UC_ERR_OK, "%s", uc_strerror(err));
}

static void load_reference(uc_engine *uc, struct reference *reference)
{
    struct image image;
    struct error err;
    ck_assert_msg(image_load(&image, COUNTING, 0, &err) == TB_OK, "%s", err.text);
    memset(reference->flash, 0xff, sizeof reference->flash);
    for (uint32_t i = 0; i < image.part_count; i++) {
        uint32_t offset = image.parts[i].address - FLASH_BASE;
        memcpy(reference->flash + offset, image.parts[i].bytes, image.parts[i].size);
    }
    image_free(&image);
    must(uc_mem_map(uc, FLASH_BASE, FLASH_BYTES, UC_PROT_READ | UC_PROT_EXEC));
    must(uc_mem_map(uc, SRAM_BASE, SRAM_BYTES, UC_PROT_READ | UC_PROT_WRITE));
    must(uc_mem_map(uc, PPB_BASE, 0x1000, UC_PROT_READ | UC_PROT_WRITE));
    must(uc_mem_write(uc, FLASH_BASE, reference->flash, FLASH_BYTES));
}

/** Runs everything without interrupts: SysTick's registers are plain memory here. */
static void run_reference(struct reference *reference)
{
    uc_engine *uc = NULL;
    must(uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &uc));
    must(uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_M4));
    load_reference(uc, reference);
    reference->quiet_end = whole_symbol(COUNTING, "quiet_end") & ~1u;
    reference->ticking_end = whole_symbol(COUNTING, "ticking_end") & ~1u;
    uint32_t vector[2];
    memcpy(vector, reference->flash, sizeof vector);
    must(uc_reg_write(uc, UC_ARM_REG_SP, &vector[0]));
    uc_hook hook;
    /* The engine takes a function of any type here. */
    union {
        void (*function)(uc_engine *, uint64_t, uint32_t, void *);
        void *pointer;
    } callback = {.function = on_code};
    must(uc_hook_add(uc, &hook, UC_HOOK_CODE, callback.pointer, reference, 1, 0));
    reference->next = vector[1] & ~1u;
    must(uc_emu_start(uc, vector[1] | 1u, 0, 0, 0));
    must(uc_close(uc));
}

static struct reference reference;

START_TEST(the_count_is_exact_over_a_hundred_million_instructions)
{
    run_reference(&reference);
    ck_assert_uint_ge(reference.quiet_count, 100000000u);
    ck_assert_uint_gt(reference.skipped, 5000000u);

    struct machine *machine = whole_start(COUNTING);
    uint32_t last = whole_symbol(COUNTING, "quiet_last") & ~1u;
    whole_run_to(machine, reference.quiet_count - 1u);
    ck_assert_uint_eq(machine_pc(machine), last);
    ck_assert_uint_eq(whole_variable(machine, COUNTING, "progress"), 0);
    whole_run_to(machine, reference.quiet_count);
    ck_assert_uint_eq(machine_pc(machine), reference.quiet_end);
    ck_assert_uint_eq(whole_variable(machine, COUNTING, "progress"), 1);

    /* Under a tick the program executes what it does without, and six instructions a tick. */
    uint64_t quiet_total = reference.executed + reference.skipped;
    ck_assert(whole_run_until(machine, COUNTING, "progress", 2, 2u * quiet_total));
    uint32_t ticks = whole_variable(machine, COUNTING, "ticks");
    uint64_t expected = quiet_total + (uint64_t)ticks * HANDLER_INSTRUCTIONS;
    uint64_t under_tick = expected - reference.quiet_count;
    ck_assert_uint_gt(ticks, 1000);
    ck_assert_uint_le(ticks, under_tick / TICK_CYCLES);
    ck_assert_uint_ge(ticks + 1u, under_tick / TICK_CYCLES);
    machine_destroy(machine);

    machine = whole_start(COUNTING);
    whole_run_to(machine, expected - 1u);
    ck_assert_uint_eq(machine_pc(machine), whole_symbol(COUNTING, "ticking_last") & ~1u);
    whole_run_to(machine, expected);
    ck_assert_uint_eq(machine_pc(machine), reference.ticking_end);
    ck_assert_uint_eq(whole_variable(machine, COUNTING, "progress"), 2);
    ck_assert_uint_eq(whole_variable(machine, COUNTING, "ticks"), ticks);
    machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("counting");
    TCase *tcase = tcase_create("counting");
    tcase_add_test(tcase, the_count_is_exact_over_a_hundred_million_instructions);
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
