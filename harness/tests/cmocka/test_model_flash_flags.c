/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What a mistake of the firmware shows in SR of the STM32L476, cause by cause (RM0440 3.3.8, 3.7.5, same IP), and what
 * locks, stalls and ECC flags do (3.3.3 to 3.3.7). The plain cases are in test_model_flash.c.
 */
#include "flash_fixture.h"

#define PG     0x00000001u
#define PER    0x00000002u
#define MER1   0x00000004u
#define MER2   0x00008000u
#define STRT   0x00010000u
#define FSTPG  0x00040000u
#define STICKY 0x000003f8u

static struct fake_host *mass_erased(void)
{
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, MER1 | STRT);
    fake_run(h, 30u * MS);
    fake_write(h, 0x14, FSTPG);
    return h;
}

static void half_word(struct fake_host *h, uint32_t offset)
{
    assert_int_equal(h->device.model->array_write(&h->device, STORE_FLASH_ARRAY, offset, 0, 2, 0), ARRAY_OK);
}

/* --- EOP, OPERR -------------------------------------------------------------------------------- */
static void an_operation_that_was_refused_sets_no_eop(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x01000000u | PG);
    store_word(h, STORE_FLASH_ARRAY, 4, 1);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, 0x10), 0x20u);
    assert_int_equal(fake_read(h, 0x14), 0x41000000u | PG); /* PG stays: software clears it */
    fake_destroy(h);
}

static void an_erase_sets_eop_with_eopie_and_clears_strt_with_bsy(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x01000000u | PER | STRT);
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_run(h, ERASE);
    assert_int_equal(fake_read(h, 0x10), 0x1u);
    assert_int_equal(fake_read(h, 0x14), 0x41000000u | PER);
    fake_destroy(h);
}

static void operr_comes_with_every_error_while_errie_is_set(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    h->cells[STORE_FLASH_ARRAY][0] = op_program(op_erase(), 5);
    fake_write(h, 0x14, 0x02000000u | PG);
    program(h, 0, 6);
    assert_int_equal(fake_read(h, 0x10), 0x0au);
    fake_write(h, 0x10, 0x02u); /* clearing it leaves the cause */
    assert_int_equal(fake_read(h, 0x10), 0x08u);
    fake_destroy(h);
}

/* --- PROGERR, SIZERR, PGAERR, FASTERR ---------------------------------------------------------- */
static void a_second_try_over_something_shows_0xa8_as_boards_do(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    h->cells[STORE_FLASH_ARRAY][0] = op_program(op_erase(), 5);
    fake_write(h, 0x14, PG);
    program(h, 0, 6);
    assert_int_equal(fake_read(h, 0x10), 0x08u);
    store_word(h, STORE_FLASH_ARRAY, 0, 6);
    assert_int_equal(fake_read(h, 0x10), 0x88u);
    store_word(h, STORE_FLASH_ARRAY, 4, 0); /* its first half was refused: now it is off its place */
    assert_int_equal(fake_read(h, 0x10), 0xa8u);
    fake_destroy(h);
}

static void half_words_are_sizerr_with_pg_and_fasterr_besides_with_fstpg(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, PG);
    half_word(h, 0);
    assert_int_equal(fake_read(h, 0x10), 0x40u);
    fake_destroy(h);

    h = mass_erased();
    half_word(h, 0);
    assert_int_equal(fake_read(h, 0x10), 0x240u);
    fake_destroy(h);
}

static void a_half_word_after_a_first_word_is_sizerr_and_forgets_it(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, PG);
    store_word(h, STORE_FLASH_ARRAY, 0, 1);
    half_word(h, 4);
    assert_int_equal(fake_read(h, 0x10), 0x40u);
    fake_write(h, 0x10, 0x40u);
    store_word(h, STORE_FLASH_ARRAY, 4, 1);
    assert_int_equal(fake_read(h, 0x10), 0x20u);
    assert_false(h->op_in_flight);
    fake_destroy(h);
}

static void a_double_word_out_of_row_order_is_pgaerr_and_fasterr(void **state)
{
    (void)state;
    struct fake_host *h = mass_erased();
    program(h, 0, 1);
    store_word(h, STORE_FLASH_ARRAY, 0x100, 1); /* the next row, too early */
    fake_run(h, MS);
    assert_int_equal(fake_read(h, 0x10), 0x220u);
    fake_destroy(h);
}

static void a_row_in_otp_is_wrperr_and_fasterr(void **state)
{
    (void)state;
    struct fake_host *h = mass_erased();
    store_word(h, STORE_OTP_AREA, 0, 1);
    store_word(h, STORE_OTP_AREA, 4, 1);
    assert_int_equal(fake_read(h, 0x10), 0x210u);
    fake_destroy(h);
}

static void a_row_that_takes_7_ms_is_fasterr_without_miserr(void **state)
{
    (void)state;
    struct stm32_flash_l4_params slow = flash_fixture_params;
    slow.row_gap_ps = MS;
    struct fake_host *h = mass_erased();
    h->device.params = &slow;
    uint64_t start_ps = h->now_ps;
    for (uint32_t i = 0; i < 20u && (fake_read(h, 0x10) & STICKY) == 0; i++) {
        program(h, 8u * i, i);
        fake_run(h, MS - US);
    }
    fake_run(h, MS);
    assert_int_equal(fake_read(h, 0x10) & ~0xa0u, 0x200u);
    assert_in_range(h->now_ps - start_ps, 7u * MS, 9u * MS);
    fake_destroy(h);
}

/* --- PGSERR ------------------------------------------------------------------------------------ */
static void a_program_mode_together_with_any_erase_is_pgserr(void **state)
{
    (void)state;
    static const uint32_t modes[] = {PG, FSTPG};
    static const uint32_t erases[] = {PER, MER1, MER2};
    for (uint32_t i = 0; i < ARRAY_LENGTH(modes) * ARRAY_LENGTH(erases); i++) {
        struct fake_host *h = unlocked();
        fake_write(h, 0x14, modes[i / 3u] | erases[i % 3u]);
        store_word(h, STORE_FLASH_ARRAY, 0, 1);
        assert_int_equal(fake_read(h, 0x10), 0x80u);
        store_word(h, STORE_FLASH_ARRAY, 4, 1); /* boards show 0xa0 after PG with MER1 */
        assert_int_equal(fake_read(h, 0x10), modes[i / 3u] == PG ? 0xa0u : 0x2a0u);
        assert_int_equal(h->op_count, 0);
        assert_false(h->op_in_flight);
        fake_destroy(h);
    }
}

static void pg_and_fstpg_together_are_pgserr(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, PG | FSTPG);
    store_word(h, STORE_FLASH_ARRAY, 0, 1);
    assert_int_equal(fake_read(h, 0x10), 0x80u);
    fake_destroy(h);
}

static void an_erase_started_with_two_kinds_selected_is_pgserr(void **state)
{
    (void)state;
    static const uint32_t cases[] = {PER | PG,  PER | FSTPG,  PER | MER1,   PER | MER2,      MER1 | PG,
                                     MER2 | PG, MER1 | FSTPG, MER2 | FSTPG, MER1 | MER2 | PG};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = unlocked();
        fake_write(h, 0x14, cases[i] | STRT);
        assert_int_equal(fake_read(h, 0x10), 0x80u);
        assert_int_equal(fake_read(h, 0x14) & STRT, 0);
        assert_false(h->op_in_flight);
        fake_destroy(h);
    }
}

static void strt_without_any_erase_raises_no_flag(void **state)
{
    (void)state;
    static const uint32_t cases[] = {0, PG, FSTPG};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = unlocked();
        fake_write(h, 0x14, cases[i] | STRT);
        assert_int_equal(fake_read(h, 0x10), 0);
        assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
        assert_false(h->op_in_flight);
        fake_destroy(h);
    }
}

/** A device with this error flag (and what comes with it) raised for real. */
static struct fake_host *left_behind(uint32_t flag)
{
    struct fake_host *h = flag == 0x100u || flag == 0x200u ? mass_erased() : unlocked();
    switch (flag) {
    case 0x08u:
        h->cells[STORE_FLASH_ARRAY][0x8000u / 8u] = op_program(op_erase(), 5);
        fake_write(h, 0x14, PG);
        program(h, 0x8000, 6);
        break;
    case 0x10u:
        fake_write(h, 0x14, PG);
        store_word(h, STORE_SYSTEM_1, 0, 0);
        store_word(h, STORE_SYSTEM_1, 4, 0);
        break;
    case 0x20u:
        fake_write(h, 0x14, PG);
        store_word(h, STORE_FLASH_ARRAY, 4, 1);
        break;
    case 0x40u:
        fake_write(h, 0x14, PG);
        half_word(h, 0);
        break;
    case 0x80u:
        store_word(h, STORE_FLASH_ARRAY, 0, 1);
        break;
    default: /* MISERR with FASTERR */
        program(h, 0x8000, 1);
        fake_run(h, MS);
        fake_write(h, 0x10, 0x300u & ~flag);
        break;
    }
    fake_write(h, 0x14, 0);
    assert_int_equal(fake_read(h, 0x10), flag);
    return h;
}

static void each_error_left_behind_refuses_each_kind_of_operation(void **state)
{
    (void)state;
    uint32_t cases = 0;
    for (uint32_t flag = 0x08u; flag <= 0x200u; flag <<= 1)
        for (uint32_t kind = 0; kind < 5u; kind++, cases++) {
            static const uint32_t starts[] = {PG, PER | STRT, MER2 | STRT, FSTPG, 0x20000u};
            struct fake_host *h = left_behind(flag);
            uint32_t done = h->op_count;
            if (kind == 4u) {
                fake_write(h, 0x0c, 0x08192a3bu);
                fake_write(h, 0x0c, 0x4c5d6e7fu);
            }
            fake_write(h, 0x14, starts[kind]);
            if (kind == 0 || kind == 3u)
                store_word(h, STORE_FLASH_ARRAY, 0, 1);
            assert_int_equal(fake_read(h, 0x10), flag | 0x80u);
            assert_false(h->op_in_flight);
            assert_int_equal(h->op_count, done);
            fake_write(h, 0x10, STICKY); /* cleared: it works */
            fake_write(h, 0x14, PER | STRT);
            assert_int_equal(fake_read(h, 0x10), BSY);
            fake_destroy(h);
        }
    assert_int_equal(cases, 35);
}

static void eop_operr_rderr_and_optverr_left_behind_refuse_nothing(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    h->cells[STORE_OPTION_1][1] = op_erase(); /* PCROP1SR: mismatch, PCROP over bank 1 */
    fake_power_on(h);
    (void)load(h, STORE_FLASH_ARRAY, 0);
    assert_int_equal(fake_read(h, 0x10), 0xc000u);
    fake_write(h, 0x08, 0x45670123u);
    fake_write(h, 0x08, 0xcdef89abu);
    fake_write(h, 0x14, 0x03000000u | PG);
    store_word(h, STORE_FLASH_ARRAY, 4, 1); /* PGAERR, OPERR */
    fake_write(h, 0x10, 0x20u);
    assert_int_equal(fake_read(h, 0x10), 0xc002u);
    program(h, BANK, 1);
    assert_int_equal(fake_read(h, 0x10), BSY | 0xc002u);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, 0x10), 0xc003u);
    program(h, BANK + 8u, 1); /* EOP still there */
    assert_int_equal(fake_read(h, 0x10), BSY | 0xc003u);
    fake_destroy(h);
}

/* --- locks and stalls -------------------------------------------------------------------------- */
static void acr_flags_and_ecc_enable_can_be_written_while_cr_is_locked(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    store_word(h, STORE_FLASH_ARRAY, 0, 1);
    assert_int_equal(fake_read(h, 0x10), 0x80u);
    fake_write(h, 0x10, 0x80u);
    fake_write(h, 0x00, 0x704u);
    fake_write(h, 0x18, 0x01000000u);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(fake_read(h, 0x00), 0x704u);
    assert_int_equal(fake_read(h, 0x18), 0x01000000u);
    fake_destroy(h);
}

static void the_option_keys_once_more_while_open_lock_the_options(void **state)
{
    (void)state;
    struct fake_host *h = options_unlocked();
    fake_write(h, 0x0c, 0x08192a3bu);
    assert_int_equal(fake_read(h, 0x14), 0x40000000u);
    fake_write(h, 0x0c, 0x08192a3bu);
    fake_write(h, 0x0c, 0x4c5d6e7fu);
    assert_int_equal(fake_read(h, 0x14), 0x40000000u);
    fake_destroy(h);
}

static void option_registers_wait_for_bsy_and_sr_does_not(void **state)
{
    (void)state;
    struct fake_host *h = options_unlocked();
    fake_write(h, 0x14, PER | STRT);
    assert_int_equal(fake_read(h, 0x10), BSY);
    assert_int_equal(fake_read(h, 0x14), PER | STRT);
    fake_write(h, 0x10, 0);
    assert_int_equal(h->stalled_ps, 0);
    fake_write(h, 0x2c, 0);
    assert_int_equal(h->stalled_ps, ERASE);
    fake_destroy(h);
}

static void a_program_of_the_other_bank_waits_for_the_first(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, PG);
    program(h, 0, 1);
    program(h, BANK, 2); /* there is one BSY for both banks */
    assert_int_equal(h->stalled_ps, 81690000ull);
    assert_int_equal(h->op_count, 1);
    fake_destroy(h);
}

static void an_access_to_the_other_bank_between_the_two_words_changes_nothing(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, PG);
    store_word(h, STORE_FLASH_ARRAY, 0x40, 1);
    (void)load(h, STORE_FLASH_ARRAY, BANK);
    (void)load(h, STORE_FLASH_ARRAY, 0x40);
    store_word(h, STORE_FLASH_ARRAY, 0x44, 2);
    fake_run(h, MS);
    assert_int_equal(cell_at(h, 0x40), 0x200000001ull);
    fake_destroy(h);
}

static void pg_cleared_or_a_reset_between_the_two_words_forgets_the_first(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, PG);
    store_word(h, STORE_FLASH_ARRAY, 0x40, 1);
    fake_write(h, 0x14, 0);
    fake_write(h, 0x14, PG);
    store_word(h, STORE_FLASH_ARRAY, 0x44, 1);
    assert_int_equal(fake_read(h, 0x10), 0x20u);
    fake_write(h, 0x10, 0x20u);
    store_word(h, STORE_FLASH_ARRAY, 0x40, 1);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(h->op_count, 0);
    assert_int_equal(cell_at(h, 0x40), UINT64_MAX);
    fake_destroy(h);
}

static void bker_left_set_does_not_matter_to_a_program(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, PG | 0x800u);
    program(h, 0x40, 7);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(cell_at(h, 0x40), 7);
    fake_destroy(h);
}

/* --- ECC --------------------------------------------------------------------------------------- */
static void the_ecc_address_is_free_again_only_when_both_flags_are_cleared(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    for (uint32_t i = 0; i < 3u; i++)
        h->cells[STORE_FLASH_ARRAY][i] = op_program(op_erase(), 0);
    h->cells[STORE_FLASH_ARRAY][0].data ^= 1u;
    h->cells[STORE_FLASH_ARRAY][1].data ^= 3u;
    h->cells[STORE_FLASH_ARRAY][2].data ^= 1u;
    (void)load(h, STORE_FLASH_ARRAY, 0);
    (void)load(h, STORE_FLASH_ARRAY, 8);
    assert_int_equal(fake_read(h, 0x18), 0xc0000000u);
    fake_write(h, 0x18, 0x40000000u);
    (void)load(h, STORE_FLASH_ARRAY, 16);
    assert_int_equal(fake_read(h, 0x18), 0xc0000000u);
    fake_write(h, 0x18, 0xc0000000u);
    (void)load(h, STORE_FLASH_ARRAY, 16);
    assert_int_equal(fake_read(h, 0x18), 0x40000010u);
    fake_destroy(h);
}

static void eccie_gates_the_interrupt_and_never_the_nmi(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    h->cells[STORE_FLASH_ARRAY][0] = op_program(op_erase(), 0);
    h->cells[STORE_FLASH_ARRAY][0].data ^= 1u;
    (void)load(h, STORE_FLASH_ARRAY, 0);
    assert_int_equal(h->output[0], 0);
    fake_write(h, 0x18, 0x01000000u);
    assert_int_equal(h->output[0], 1);
    fake_write(h, 0x18, 0x40000000u);
    h->cells[STORE_FLASH_ARRAY][0].data ^= 2u;
    (void)load(h, STORE_FLASH_ARRAY, 0);
    assert_int_equal(h->output[0], 0);
    assert_int_equal(h->output[1], 1);
    fake_destroy(h);
}

static void an_erased_double_word_reads_all_ones_without_a_flag(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    assert_int_equal(load(h, STORE_FLASH_ARRAY, 0x100), UINT32_MAX);
    assert_int_equal(fake_read(h, 0x18), 0);
    h->cells[STORE_FLASH_ARRAY][0x100u / 8u].data ^= 4u; /* one error in it is seen */
    (void)load(h, STORE_FLASH_ARRAY, 0x100);
    assert_int_not_equal(fake_read(h, 0x18) & 0xc0000000u, 0);
    fake_destroy(h);
}

/* --- an operation that a test lets fail -------------------------------------------------------- */
static void an_operation_that_fails_says_so_in_its_time_and_changes_no_cell(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    h->op_fails = true;
    fake_write(h, 0x14, PG | 0x01000000u); /* EOPIE */
    program(h, 0, 5);
    fake_run(h, 81689999ull);
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_run(h, 1);
    assert_int_equal(fake_read(h, 0x10), 0x08u); /* PROGERR; neither BSY nor EOP */
    assert_true(cell_is_erased(h->cells[STORE_FLASH_ARRAY][0]));
    fake_write(h, 0x10, 0x08u);
    h->op_fails = false;
    program(h, 0, 5);
    fake_run(h, 81690000ull);
    assert_int_equal(fake_read(h, 0x10), 0x01u);
    fake_write(h, 0x10, 0x01u);
    h->op_fails = true;
    fake_write(h, 0x14, PER | 0x03000000u); /* EOPIE, ERRIE */
    fake_write(h, 0x14, PER | 0x03000000u | STRT);
    fake_run(h, ERASE);
    assert_int_equal(fake_read(h, 0x10), 0x12u); /* WRPERR, OPERR */
    assert_int_equal(fake_read(h, 0x14) & STRT, 0);
    assert_true(h->cells[STORE_FLASH_ARRAY][0].data == 5);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_operation_that_was_refused_sets_no_eop),
        T(an_erase_sets_eop_with_eopie_and_clears_strt_with_bsy),
        T(operr_comes_with_every_error_while_errie_is_set),
        T(a_second_try_over_something_shows_0xa8_as_boards_do),
        T(half_words_are_sizerr_with_pg_and_fasterr_besides_with_fstpg),
        T(a_half_word_after_a_first_word_is_sizerr_and_forgets_it),
        T(a_double_word_out_of_row_order_is_pgaerr_and_fasterr),
        T(a_row_in_otp_is_wrperr_and_fasterr),
        T(a_row_that_takes_7_ms_is_fasterr_without_miserr),
        T(a_program_mode_together_with_any_erase_is_pgserr),
        T(pg_and_fstpg_together_are_pgserr),
        T(an_erase_started_with_two_kinds_selected_is_pgserr),
        T(strt_without_any_erase_raises_no_flag),
        T(each_error_left_behind_refuses_each_kind_of_operation),
        T(eop_operr_rderr_and_optverr_left_behind_refuse_nothing),
        T(acr_flags_and_ecc_enable_can_be_written_while_cr_is_locked),
        T(the_option_keys_once_more_while_open_lock_the_options),
        T(option_registers_wait_for_bsy_and_sr_does_not),
        T(a_program_of_the_other_bank_waits_for_the_first),
        T(an_access_to_the_other_bank_between_the_two_words_changes_nothing),
        T(pg_cleared_or_a_reset_between_the_two_words_forgets_the_first),
        T(bker_left_set_does_not_matter_to_a_program),
        T(the_ecc_address_is_free_again_only_when_both_flags_are_cleared),
        T(eccie_gates_the_interrupt_and_never_the_nmi),
        T(an_erased_double_word_reads_all_ones_without_a_flag),
        T(an_operation_that_fails_says_so_in_its_time_and_changes_no_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
