/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Long because: one case a rule of the manual's sections on options and protections. */
/**
 * @file
 * Option bytes and protections of the STM32L476's flash interface, by RM0440 3.4 and 3.5 (same IP).
 */
#include "fake_host.h"
#include "models/stm32_flash_l4.h"

enum {
    MAIN,
    OTP,
    OPTION_1,
    OPTION_2,
    SYSTEM_1,
    SYSTEM_2,
};

#define BANK 0x80000u
#define MS   1000000000ull
#define BSY  0x10000u

static const struct stm32_flash_l4_params params = {
    .store_flash = MAIN,
    .store_otp = OTP,
    .store_option1 = OPTION_1,
    .store_option2 = OPTION_2,
    .store_system1 = SYSTEM_1,
    .store_system2 = SYSTEM_2,
    .bank_size = BANK,
    .page_size = 2048,
    .program_ps = 81690000ull,
    .page_erase_ps = 22020000000ull,
    .mass_erase_ps = 22130000000ull,
    .option_erase_ps = 22020000000ull,
    .option_program_ps = 81690000ull,
    .pcrop_read_value = 0,
    .option_stalls_banks = 1,
};

static uint32_t output(const struct fake_host *h, const char *name)
{
    for (uint32_t i = 0; h->device.model->outputs[i] != NULL; i++)
        if (strcmp(h->device.model->outputs[i], name) == 0)
            return (uint32_t)h->output[i];
    fail_msg("no output %s", name);
    return 0;
}

static void set_option(struct fake_host *h, uint32_t store, uint32_t offset, uint32_t value)
{
    h->cells[store][offset / 8u] = op_program(op_erase(), (uint64_t)~value << 32 | value);
}

static struct fake_host *factory(void)
{
    struct fake_host *h = fake_create(&stm32_flash_l4_model, &params);
    fake_add_store(h, MAIN, 2u * BANK);
    for (uint32_t store = OTP; store <= SYSTEM_2; store++)
        fake_add_store(h, store, 1024);
    set_option(h, OPTION_1, 0x00, 0xffeff8aau);
    for (uint32_t store = OPTION_1; store <= OPTION_2; store++) {
        set_option(h, store, 0x08, 0xffffffffu);
        set_option(h, store, 0x10, 0x00000000u);
        set_option(h, store, 0x18, 0x000000ffu);
        set_option(h, store, 0x20, 0x000000ffu);
    }
    return h;
}

static void unlock(struct fake_host *h)
{
    fake_write(h, 0x08, 0x45670123u);
    fake_write(h, 0x08, 0xcdef89abu);
    fake_write(h, 0x0c, 0x08192a3bu);
    fake_write(h, 0x0c, 0x4c5d6e7fu);
    assert_int_equal(fake_read(h, 0x14), 0);
}

static void write_options(struct fake_host *h)
{
    fake_write(h, 0x14, 0x20000u);
    fake_run(h, 200u * MS);
    assert_int_equal(fake_read(h, 0x10) & BSY, 0);
}

static void program(struct fake_host *h, uint32_t offset)
{
    fake_write(h, 0x14, 1u);
    h->device.model->array_write(&h->device, MAIN, offset, 0, 4, 1);
    h->device.model->array_write(&h->device, MAIN, offset + 4u, 0, 4, 1);
}

static void factory_options_are_level_0_without_any_protection(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    fake_power_on(h);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(output(h, "rdp"), 0);
    assert_int_equal(output(h, "bfb2"), 0);
    assert_int_equal(output(h, "nboot1"), 1);
    assert_int_equal(output(h, "dualbank"), 1);
    assert_int_equal(output(h, "iwdg_sw"), 1);
    assert_int_equal(output(h, "wwdg_sw"), 1);
    assert_int_equal(output(h, "sram2_rst"), 1);
    assert_int_equal(output(h, "bor_lev"), 0);
    unlock(h);
    program(h, 0);
    fake_run(h, MS);
    program(h, 2u * BANK - 8u);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(h->op_count, 2);
    fake_destroy(h);
}

static void an_option_word_unlike_its_complement_forces_the_safe_defaults(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    h->cells[OPTION_1][0] = op_program(op_erase(), 0x00100754ffeff8aaull); /* bit 0 differs */
    fake_power_on(h);
    assert_int_equal(fake_read(h, 0x10), 0x8000u);
    assert_int_equal(output(h, "rdp"), 1);
    assert_int_equal(output(h, "bfb2"), 1);
    assert_int_equal(output(h, "nboot1"), 1);
    assert_int_equal(output(h, "iwdg_sw"), 1);
    assert_int_equal(output(h, "bor_lev"), 0);
    assert_int_equal(fake_read(h, 0x20) & 0x03bf7700u, 0x03bf7000u); /* USER ones, BOR_LEV 0 */
    fake_destroy(h);
}

static void optverr_comes_back_with_every_reset_while_the_mismatch_lasts(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    h->cells[OPTION_2][1] = op_erase(); /* all ones: not a complement pair */
    fake_power_on(h);
    fake_write(h, 0x10, 0x8000u);
    assert_int_equal(fake_read(h, 0x10), 0);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, 0x10), 0x8000u);
    set_option(h, OPTION_2, 0x08, 0xffffffffu);
    fake_reset(h, RESET_PIN); /* does not load options */
    assert_int_equal(fake_read(h, 0x10), 0x8000u);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(fake_read(h, 0x10), 0);
    fake_destroy(h);
}

static void erased_option_pages_protect_all_memory_by_pcrop(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    uint32_t value = 1;
    for (uint32_t i = 0; i < 128u; i++)
        h->cells[OPTION_1][i] = h->cells[OPTION_2][i] = op_erase();
    h->cells[MAIN][0] = op_program(op_erase(), 0x55);
    fake_power_on(h);
    assert_int_equal(h->trap[MAIN][0], TRAP_READ);
    assert_int_equal(h->trap[MAIN][1023], TRAP_READ);
    h->device.model->array_read(&h->device, MAIN, 0, 0, 4, &value);
    assert_int_equal(value, 0);
    assert_int_equal(fake_read(h, 0x10), 0xc000u); /* RDERR, OPTVERR */
    unlock(h);
    program(h, BANK + 0x100u);
    assert_int_equal(fake_read(h, 0x10), 0xc010u);
    fake_destroy(h);
}

static void an_uncorrectable_option_double_word_counts_as_mismatch(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    h->cells[OPTION_1][0].check ^= 3u;
    fake_power_on(h);
    assert_int_equal(fake_read(h, 0x10), 0x8000u);
    assert_int_equal(output(h, "rdp"), 1);
    fake_destroy(h);
}

static void optstrt_erases_both_pages_then_programs_nine_double_words(void **state)
{
    (void)state;
    static const struct {
        uint32_t kind, store, offset;
    } expected[] = {
        {OP_OPTION_ERASE, OPTION_1, 0},      {OP_OPTION_ERASE, OPTION_2, 0},      {OP_OPTION_PROGRAM, OPTION_1, 0x00},
        {OP_OPTION_PROGRAM, OPTION_1, 0x08}, {OP_OPTION_PROGRAM, OPTION_1, 0x10}, {OP_OPTION_PROGRAM, OPTION_1, 0x18},
        {OP_OPTION_PROGRAM, OPTION_1, 0x20}, {OP_OPTION_PROGRAM, OPTION_2, 0x08}, {OP_OPTION_PROGRAM, OPTION_2, 0x10},
        {OP_OPTION_PROGRAM, OPTION_2, 0x18}, {OP_OPTION_PROGRAM, OPTION_2, 0x20},
    };
    struct fake_host *h = factory();
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x20, 0xfffff8aau); /* BFB2 = 1 */
    fake_write(h, 0x14, 0x20000u);
    fake_run(h, 2u * 22020000000ull + 9u * 81690000ull - 1u);
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_run(h, 1);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(fake_read(h, 0x14), 0); /* OPTSTRT is gone */
    assert_int_equal(h->op_count, ARRAY_LENGTH(expected));
    for (uint32_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        assert_int_equal(h->ops[i].kind, expected[i].kind);
        assert_int_equal(h->ops[i].store, expected[i].store);
        assert_int_equal(h->ops[i].offset, expected[i].offset);
    }
    assert_true(h->cells[OPTION_1][0].data == 0x00000755fffff8aaull);
    fake_destroy(h);
}

static void new_options_take_effect_only_when_they_are_loaded(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x20, 0xfffff8aau);
    write_options(h);
    assert_int_equal(output(h, "bfb2"), 0);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(output(h, "bfb2"), 0);
    unlock(h);
    fake_write(h, 0x14, 0x08000000u);
    assert_int_equal(h->reset_count, 1);
    assert_int_equal(h->reset_kind[0], RESET_OPTION_LOAD);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(output(h, "bfb2"), 1);
    assert_int_equal(fake_read(h, 0x20), 0xfffff8aau);
    assert_int_equal(fake_read(h, 0x10), 0);
    fake_destroy(h);
}

static void optstrt_and_obl_launch_need_the_options_unlocked(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    fake_power_on(h);
    fake_write(h, 0x08, 0x45670123u);
    fake_write(h, 0x08, 0xcdef89abu);
    fake_write(h, 0x14, 0x20000u);
    fake_write(h, 0x14, 0x08000000u);
    assert_false(h->op_in_flight);
    assert_int_equal(h->reset_count, 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 2);
    fake_destroy(h);
}

static void wrp_pages_can_be_neither_erased_nor_programmed(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    set_option(h, OPTION_2, 0x18, 0x00020001u); /* WRP2A: pages 1 to 2 of bank 2 */
    fake_power_on(h);
    unlock(h);
    static const struct {
        uint32_t page;
        bool is_protected;
    } cases[] = {{0, false}, {1, true}, {2, true}, {3, false}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        fake_write(h, 0x14, 0x10802u | cases[i].page << 3);
        assert_int_equal(fake_read(h, 0x10), cases[i].is_protected ? 0x10u : BSY);
        assert_int_equal(fake_read(h, 0x14) & 0x10000u, cases[i].is_protected ? 0 : 0x10000u);
        fake_run(h, 30u * MS);
        fake_write(h, 0x10, 0xc3fbu);
    }
    fake_write(h, 0x14, 0x10002u | 1u << 3); /* the same page of bank 1 is free */
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_run(h, 30u * MS);
    program(h, BANK + 0x800u);
    assert_int_equal(fake_read(h, 0x10), 0x10u);
    fake_destroy(h);
}

static void one_protected_page_spares_all_banks_from_a_mass_erase(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    set_option(h, OPTION_2, 0x20, 0x00ff00ffu); /* WRP2B: page 255 of bank 2 */
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x14, 0x18004u);
    assert_int_equal(fake_read(h, 0x10), 0x10u);
    assert_false(h->op_in_flight);
    fake_write(h, 0x10, 0x10u);
    fake_write(h, 0x14, 0x10004u); /* bank 1 alone */
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_destroy(h);
}

static void a_data_read_of_a_pcrop_area_is_rderr_and_a_fetch_is_not(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    uint32_t value = 1;
    set_option(h, OPTION_1, 0x08, 0xffff0010u); /* PCROP1: double words 0x10 to 0x1f */
    set_option(h, OPTION_1, 0x10, 0x0000001fu);
    h->cells[MAIN][0x20] = op_program(op_erase(), 0x55);
    h->cells[MAIN][0x0f] = op_program(op_erase(), 0x66);
    fake_power_on(h);
    h->device.model->array_fetch(&h->device, MAIN, 0x80, 64);
    h->device.model->array_read(&h->device, MAIN, 0x100, 0, 4, &value);
    assert_int_equal(value, 0x55);
    h->device.model->array_read(&h->device, MAIN, 0x78, 0, 4, &value);
    assert_int_equal(value, 0x66);
    assert_int_equal(fake_read(h, 0x10), 0);
    h->device.model->array_read(&h->device, MAIN, 0xff, 0, 1, &value);
    assert_int_equal(value, 0);
    assert_int_equal(fake_read(h, 0x10), 0x4000u);
    assert_int_equal(h->output[0], 0);
    unlock(h);
    fake_write(h, 0x14, 0x04000000u);
    assert_int_equal(h->output[0], 1); /* RDERRIE */
    fake_destroy(h);
}

static void going_back_to_level_0_erases_all_flash_first(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    set_option(h, OPTION_1, 0x00, 0xffeff8bbu);
    h->cells[MAIN][5] = op_program(op_erase(), 1);
    fake_power_on(h);
    assert_int_equal(output(h, "rdp"), 1);
    unlock(h);
    fake_write(h, 0x20, 0xffeff8aau);
    write_options(h);
    assert_int_equal(h->op_count, 12);
    assert_int_equal(h->ops[0].kind, OP_ERASE);
    assert_int_equal(h->ops[0].length, 2u * BANK);
    assert_true(h->cells[MAIN][5].data == UINT64_MAX);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(output(h, "rdp"), 0);
    fake_destroy(h);
}

static void going_up_to_level_1_erases_nothing(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    h->cells[MAIN][5] = op_program(op_erase(), 1);
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x20, 0xffeff8bbu);
    write_options(h);
    assert_int_equal(h->op_count, 11);
    assert_int_equal(h->cells[MAIN][5].data, 1);
    fake_destroy(h);
}

static void options_cannot_be_changed_at_level_2(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    set_option(h, OPTION_1, 0x00, 0xffeff8ccu);
    fake_power_on(h);
    assert_int_equal(output(h, "rdp"), 2);
    unlock(h);
    fake_write(h, 0x20, 0xffeff8aau);
    fake_write(h, 0x14, 0x20000u);
    assert_int_equal(fake_read(h, 0x10), 0x10u);
    assert_false(h->op_in_flight);
    fake_destroy(h);
}

static void nothing_follows_after_power_was_lost_in_an_operation(void **state)
{
    (void)state;
    /* A dead machine commits nothing; the fake host asserts that no second operation begins. */
    struct fake_host *h = factory();
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x14, 0x20000u);
    h->due_ps[0] = TIME_NEVER; /* its end is never told */
    fake_write(h, 0x14, 0x10002u);
    program(h, 0);
    assert_int_equal(h->op.kind, OP_OPTION_ERASE);
    assert_int_equal(h->op_count, 0);
    fake_destroy(h);
}

/** Level 1, with PCROP areas of bank 1 and bank 2 as the words say, and something in every page. */
static struct fake_host *level_1(uint32_t start1, uint32_t end1, uint32_t start2, uint32_t end2)
{
    struct fake_host *h = factory();
    set_option(h, OPTION_1, 0x00, 0xffeff8bbu);
    set_option(h, OPTION_1, 0x08, start1);
    set_option(h, OPTION_1, 0x10, end1);
    set_option(h, OPTION_2, 0x08, start2);
    set_option(h, OPTION_2, 0x10, end2);
    for (uint32_t page = 0; page < 512u; page++)
        h->cells[MAIN][256u * page] = op_program(op_erase(), page);
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x20, 0xffeff8aau);
    return h;
}

static bool page_is_kept(const struct fake_host *h, uint32_t page)
{
    return h->cells[MAIN][256u * page].data != UINT64_MAX;
}

static void a_regression_erases_all_unless_pcrop_rdp_is_0_and_there_is_an_area(void **state)
{
    (void)state;
    static const struct {
        uint32_t start, end;
        bool spares;
    } cases[] = {
        {0xffffffffu, 0x00000000u, false}, /* no area */
        {0xffff0000u, 0x00000010u, true},  /* an area, PCROP_RDP = 0 */
        {0xffff0000u, 0x80000010u, false}, /* an area that goes, too */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = level_1(cases[i].start, cases[i].end, 0xffffffffu, 0);
        fake_write(h, 0x14, 0x20000u);
        fake_run(h, 10000u * MS);
        assert_int_equal(fake_read(h, 0x10), 0);
        assert_int_equal(page_is_kept(h, 0), cases[i].spares);
        for (uint32_t page = 1; page < 512u; page++)
            assert_false(page_is_kept(h, page));
        assert_int_equal(h->ram_fills, 1); /* SRAM2 */
        assert_int_equal(h->ram_fill.value, 0);
        assert_int_equal(h->pulse_count, 1); /* the backup registers */
        assert_int_equal(output(h, "erase_backup"), 1);
        assert_int_equal(fake_count_obs(h, OBS_GAP), 0);
        fake_reset(h, RESET_OPTION_LOAD);
        assert_int_equal(output(h, "rdp"), 0);
        /* PCROP is disabled by a full erase and stays with a partial one (RM0440 3.5.1) */
        assert_int_equal(fake_read(h, 0x24), cases[i].spares ? cases[i].start : 0xffffffffu);
        assert_int_equal(fake_read(h, 0x28), cases[i].spares ? 0x0fff0010u : 0x0fff0000u);
        fake_destroy(h);
    }
}

static void a_partial_regression_takes_page_erases_only_in_banks_with_an_area(void **state)
{
    (void)state;
    /* bank 2: double words 0x300 to 0x4ff, in pages 3 and 4 */
    struct fake_host *h = level_1(0xffffffffu, 0, 0xffff0300u, 0xffff04ffu);
    fake_write(h, 0x14, 0x20000u);
    fake_run(h, 22130000000ull + 254u * 22020000000ull + 2u * 22020000000ull + 9u * 81690000ull - 1u);
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_run(h, 1);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(h->op_count, 1u + 254u + 2u + 9u);
    assert_int_equal(h->ops[100].length, 2048);
    for (uint32_t page = 0; page < 512u; page++)
        assert_int_equal(page_is_kept(h, page), page == 256u + 3u || page == 256u + 4u);
    fake_destroy(h);
}

static void a_partial_regression_with_pcrop_over_all_memory_erases_nothing(void **state)
{
    (void)state;
    struct fake_host *h = level_1(0xffff0000u, 0x0fffffffu, 0xffff0000u, 0xffffffffu);
    fake_write(h, 0x14, 0x20000u);
    fake_run(h, 100u * MS);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(h->op_count, 11);
    assert_true(page_is_kept(h, 0));
    assert_true(page_is_kept(h, 511));
    fake_destroy(h);
}

static void a_write_of_cr_waits_for_all_of_a_partial_regression(void **state)
{
    (void)state;
    struct fake_host *h = level_1(0xffff0000u, 0x0fff0010u, 0xffffffffu, 0);
    fake_write(h, 0x14, 0x20000u);
    fake_write(h, 0x14, 0);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(h->stalled_ps, 255u * 22020000000ull + 22130000000ull + 2u * 22020000000ull + 9u * 81690000ull);
    fake_destroy(h);
}

static void a_pcrop_area_can_grow_but_neither_shrink_nor_go(void **state)
{
    (void)state;
    static const struct {
        uint32_t start, end, start_then, end_then;
    } cases[] = {
        {0x00, 0x3f, 0x00, 0x3f},   /* grows at both ends */
        {0x10, 0x1f, 0x10, 0x1f},   /* as it is */
        {0x11, 0x1f, 0x10, 0x1f},   /* starts later */
        {0x10, 0x1e, 0x10, 0x1f},   /* ends earlier */
        {0xffff, 0x00, 0x10, 0x1f}, /* none */
        {0x00, 0x1e, 0x10, 0x1f},   /* moves */
    };
    for (uint32_t i = 0; i < 2u * ARRAY_LENGTH(cases); i++) {
        uint32_t store = i % 2u == 0 ? OPTION_1 : OPTION_2;
        uint32_t reg = i % 2u == 0 ? 0x24u : 0x44u;
        struct fake_host *h = factory();
        set_option(h, store, 0x08, 0xffff0010u);
        set_option(h, store, 0x10, 0x0000001fu);
        fake_power_on(h);
        unlock(h);
        fake_write(h, reg, cases[i / 2u].start);
        fake_write(h, reg + 4u, cases[i / 2u].end);
        write_options(h);
        assert_int_equal(fake_read(h, reg) & 0xffffu, cases[i / 2u].start); /* as written, until it is loaded */
        fake_reset(h, RESET_OPTION_LOAD);
        assert_int_equal(fake_read(h, reg) & 0xffffu, cases[i / 2u].start_then);
        assert_int_equal(fake_read(h, reg + 4u) & 0xffffu, cases[i / 2u].end_then);
        assert_int_equal(fake_read(h, 0x10), 0);
        fake_destroy(h);
    }
}

static void pcrop_rdp_is_set_only_and_belongs_to_bank_1(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x48, 0x80000000u); /* no such bit in PCROP2ER */
    write_options(h);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(fake_read(h, 0x28), 0x0fff0000u);
    assert_int_equal(fake_read(h, 0x48), 0xffff0000u);
    unlock(h);
    fake_write(h, 0x28, 0x80000000u);
    write_options(h);
    fake_reset(h, RESET_OPTION_LOAD);
    unlock(h);
    fake_write(h, 0x28, 0);
    write_options(h);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(fake_read(h, 0x28), 0x8fff0000u);
    fake_destroy(h);
}

/* --- loading, word by word --------------------------------------------------------------------- */
static void each_word_is_checked_against_its_complement_and_has_its_default(void **state)
{
    (void)state;
    static const struct {
        uint32_t store, offset, reg, expected;
    } cases[] = {
        {OPTION_1, 0x00, 0x20, 0xfffff8ffu}, {OPTION_1, 0x08, 0x24, 0xffff0000u}, {OPTION_1, 0x10, 0x28, 0x8fffffffu},
        {OPTION_1, 0x18, 0x2c, 0xff00ffffu}, {OPTION_1, 0x20, 0x30, 0xff00ffffu}, {OPTION_2, 0x08, 0x44, 0xffff0000u},
        {OPTION_2, 0x10, 0x48, 0xffffffffu}, {OPTION_2, 0x18, 0x4c, 0xff00ffffu}, {OPTION_2, 0x20, 0x50, 0xff00ffffu},
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = factory();
        uint64_t data = h->cells[cases[i].store][cases[i].offset / 8u].data;
        h->cells[cases[i].store][cases[i].offset / 8u] = op_program(op_erase(), data ^ 1ull << 48);
        fake_power_on(h);
        assert_int_equal(fake_read(h, 0x10), 0x8000u);
        assert_int_equal(fake_read(h, cases[i].reg), cases[i].expected);
        /* the words that are good are in force */
        assert_int_equal(output(h, "rdp"), cases[i].reg == 0x20u ? 1 : 0);
        assert_int_equal(output(h, "bfb2"), cases[i].reg == 0x20u ? 1 : 0);
        fake_destroy(h);
    }
}

static void an_unused_option_double_word_is_not_checked(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    h->cells[OPTION_2][0] = op_program(op_erase(), 0x1234567800000000ull);
    h->cells[OPTION_1][5] = op_program(op_erase(), 0x1234567800000000ull);
    fake_power_on(h);
    assert_int_equal(fake_read(h, 0x10), 0);
    fake_destroy(h);
}

static void registers_show_what_was_written_between_optstrt_and_the_load(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x2c, 0x00030001u);
    assert_int_equal(fake_read(h, 0x2c), 0xff03ff01u);
    write_options(h);
    assert_int_equal(fake_read(h, 0x2c), 0xff03ff01u);
    fake_write(h, 0x14, 0x10002u | 1u << 3); /* not yet in force */
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_run(h, 30u * MS);
    fake_reset(h, RESET_SOFTWARE); /* loads nothing: what is in force shows again */
    assert_int_equal(fake_read(h, 0x2c), 0xff00ffffu);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(fake_read(h, 0x2c), 0xff03ff01u);
    fake_destroy(h);
}

static void written_but_not_started_options_are_lost_at_reset(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x20, 0xfffff8aau);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(fake_read(h, 0x20), 0xffeff8aau);
    assert_int_equal(output(h, "bfb2"), 0);
    fake_destroy(h);
}

/* --- read-out protection ----------------------------------------------------------------------- */
static void level_2_is_reached_without_an_erase_and_never_left(void **state)
{
    (void)state;
    static const uint32_t from[] = {0xffeff8aau, 0xffeff8bbu};
    for (uint32_t i = 0; i < ARRAY_LENGTH(from); i++) {
        struct fake_host *h = factory();
        set_option(h, OPTION_1, 0x00, from[i]);
        h->cells[MAIN][5] = op_program(op_erase(), 1);
        fake_power_on(h);
        unlock(h);
        fake_write(h, 0x20, 0xffeff8ccu);
        write_options(h);
        assert_int_equal(h->cells[MAIN][5].data, 1);
        assert_int_equal(h->ram_fills, 0);
        fake_reset(h, RESET_OPTION_LOAD);
        assert_int_equal(output(h, "rdp"), 2);
        unlock(h);
        fake_write(h, 0x20, 0xfffff8ccu); /* no other option either */
        fake_write(h, 0x14, 0x20000u);
        assert_int_equal(fake_read(h, 0x10), 0x10u);
        assert_false(h->op_in_flight);
        fake_destroy(h);
    }
}

static void code_in_flash_erases_and_programs_at_levels_1_and_2(void **state)
{
    (void)state;
    static const uint32_t levels[] = {0xffeff8bbu, 0xffeff8ccu};
    for (uint32_t i = 0; i < ARRAY_LENGTH(levels); i++) {
        struct fake_host *h = factory();
        set_option(h, OPTION_1, 0x00, levels[i]);
        fake_power_on(h);
        unlock(h);
        fake_write(h, 0x14, 0x10002u);
        fake_run(h, 30u * MS);
        program(h, 0);
        fake_run(h, MS);
        assert_int_equal(fake_read(h, 0x10), 0);
        assert_int_equal(h->op_count, 2);
        fake_destroy(h);
    }
}

static void a_mass_erase_of_a_bank_with_a_pcrop_area_is_wrperr(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    set_option(h, OPTION_2, 0x08, 0xffff00ffu);
    set_option(h, OPTION_2, 0x10, 0x000000ffu);
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x14, 0x18000u);
    assert_int_equal(fake_read(h, 0x10), 0x10u);
    assert_false(h->op_in_flight);
    fake_destroy(h);
}

static void a_page_erased_option_area_comes_back_by_a_full_regression(void **state)
{
    (void)state;
    /* power was cut between the erase and the program: level 1, PCROP over everything, PCROP_RDP = 1 */
    struct fake_host *h = factory();
    for (uint32_t i = 0; i < 128u; i++)
        h->cells[OPTION_1][i] = h->cells[OPTION_2][i] = op_erase();
    h->cells[MAIN][0] = op_program(op_erase(), 0x55);
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x20, 0xffeff8aau);
    fake_write(h, 0x24, 0xffffu);
    fake_write(h, 0x28, 0);
    write_options(h);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(output(h, "rdp"), 0);
    assert_int_equal(fake_read(h, 0x24), 0xffffffffu);
    assert_int_equal(fake_read(h, 0x28), 0x0fff0000u);
    assert_true(h->cells[MAIN][0].data == UINT64_MAX);
    fake_destroy(h);
}

static void sram2_rst_decides_whether_a_reset_erases_sram2(void **state)
{
    (void)state;
    for (uint32_t keeps = 0; keeps < 2u; keeps++) {
        struct fake_host *h = factory();
        set_option(h, OPTION_1, 0x00, keeps != 0 ? 0xffeff8aau : 0xfdeff8aau);
        fake_power_on(h);
        fake_reset(h, RESET_STANDBY);
        assert_int_equal(h->ram_fills, 0);
        fake_reset(h, RESET_SOFTWARE);
        fake_reset(h, RESET_PIN);
        assert_int_equal(h->ram_fills, keeps != 0 ? 0 : 2);
        fake_destroy(h);
    }
}

static void option_operations_stall_the_bank_beside_their_page(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    uint32_t value;
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x14, 0x20000u); /* the page of bank 1 is being erased */
    h->device.model->array_read(&h->device, MAIN, BANK, 0, 4, &value);
    h->device.model->array_read(&h->device, OPTION_2, 0, 0, 4, &value);
    h->device.model->array_read(&h->device, SYSTEM_2, 0, 0, 4, &value);
    assert_int_equal(h->stalled_ps, 0);
    h->device.model->array_read(&h->device, OPTION_1, 0, 0, 4, &value);
    assert_int_not_equal(h->stalled_ps, 0);
    fake_destroy(h);
}

static void flags_and_interrupt_enables_survive_the_start_of_an_operation(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    h->cells[OPTION_2][4] = op_erase(); /* WRP2B: mismatch, no protection */
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x14, 0x01020000u);
    assert_int_equal(fake_read(h, 0x10), BSY | 0x8000u);
    assert_int_equal(fake_read(h, 0x14), 0x01020000u);
    fake_run(h, 200u * MS);
    assert_int_equal(fake_read(h, 0x10), 0x8001u);
    fake_destroy(h);
}

static void one_bad_end_of_a_pcrop_area_takes_its_whole_bank(void **state)
{
    (void)state;
    for (uint32_t bank = 0; bank < 2u; bank++) {
        struct fake_host *h = factory();
        uint32_t value;
        h->cells[bank == 0 ? OPTION_1 : OPTION_2][1] = op_erase(); /* PCROPxSR */
        fake_power_on(h);
        h->device.model->array_read(&h->device, MAIN, (bank + 1u) * BANK - 4u, 0, 4, &value);
        assert_int_equal(fake_read(h, 0x10), 0xc000u);
        fake_write(h, 0x10, 0x4000u);
        h->device.model->array_read(&h->device, MAIN, (1u - bank) * BANK, 0, 4, &value);
        assert_int_equal(fake_read(h, 0x10), 0x8000u);
        fake_destroy(h);
    }
}

static void a_page_with_one_pcrop_double_word_cannot_be_erased(void **state)
{
    (void)state;
    struct fake_host *h = factory();
    set_option(h, OPTION_1, 0x08, 0xffff00ffu); /* the last double word of page 0 */
    set_option(h, OPTION_1, 0x10, 0x800000ffu);
    fake_power_on(h);
    unlock(h);
    fake_write(h, 0x14, 0x10002u);
    assert_int_equal(fake_read(h, 0x10), 0x10u);
    fake_write(h, 0x10, 0x10u);
    fake_write(h, 0x14, 0x1000au);
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(factory_options_are_level_0_without_any_protection),
        T(an_option_word_unlike_its_complement_forces_the_safe_defaults),
        T(optverr_comes_back_with_every_reset_while_the_mismatch_lasts),
        T(erased_option_pages_protect_all_memory_by_pcrop),
        T(an_uncorrectable_option_double_word_counts_as_mismatch),
        T(optstrt_erases_both_pages_then_programs_nine_double_words),
        T(new_options_take_effect_only_when_they_are_loaded),
        T(optstrt_and_obl_launch_need_the_options_unlocked),
        T(wrp_pages_can_be_neither_erased_nor_programmed),
        T(one_protected_page_spares_all_banks_from_a_mass_erase),
        T(a_data_read_of_a_pcrop_area_is_rderr_and_a_fetch_is_not),
        T(going_back_to_level_0_erases_all_flash_first),
        T(going_up_to_level_1_erases_nothing),
        T(options_cannot_be_changed_at_level_2),
        T(nothing_follows_after_power_was_lost_in_an_operation),
        T(a_regression_erases_all_unless_pcrop_rdp_is_0_and_there_is_an_area),
        T(a_partial_regression_takes_page_erases_only_in_banks_with_an_area),
        T(a_partial_regression_with_pcrop_over_all_memory_erases_nothing),
        T(a_write_of_cr_waits_for_all_of_a_partial_regression),
        T(a_pcrop_area_can_grow_but_neither_shrink_nor_go),
        T(pcrop_rdp_is_set_only_and_belongs_to_bank_1),
        T(each_word_is_checked_against_its_complement_and_has_its_default),
        T(an_unused_option_double_word_is_not_checked),
        T(registers_show_what_was_written_between_optstrt_and_the_load),
        T(written_but_not_started_options_are_lost_at_reset),
        T(level_2_is_reached_without_an_erase_and_never_left),
        T(code_in_flash_erases_and_programs_at_levels_1_and_2),
        T(a_mass_erase_of_a_bank_with_a_pcrop_area_is_wrperr),
        T(a_page_erased_option_area_comes_back_by_a_full_regression),
        T(sram2_rst_decides_whether_a_reset_erases_sram2),
        T(option_operations_stall_the_bank_beside_their_page),
        T(flags_and_interrupt_enables_survive_the_start_of_an_operation),
        T(one_bad_end_of_a_pcrop_area_takes_its_whole_bank),
        T(a_page_with_one_pcrop_double_word_cannot_be_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
