/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Long because: one case a line of the manual's table of flags. */
/**
 * @file
 * Flash interface of the STM32L476: keys, programming, erasing, flags, stalls and ECC, by the text
 * of RM0440 chapter 3 (same IP) and the register map of RM0351 chapter 3.
 */
#include "flash_fixture.h"

/* --- registers ----------------------------------------------------------------------------- */
static void every_register_has_its_reset_value_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect while_locked[] = {
        {"ACR", 0x00, 0x600, 0x5f07 & ~0x1800u, 0},
        {"PDKEYR", 0x04, 0, 0, 0},
        {"SR", 0x10, 0, 0, 0},
        {"CR", 0x14, 0xc0000000u, 0xc0000000u, 0xc0000000u},
        {"ECCR", 0x18, 0, 0x01000000u, 0},
        {"OPTR", 0x20, 0xffeff8aau, 0xffeff8aau, 0xffeff8aau},
    };
    static const struct reg_expect while_open[] = {
        {"OPTR", 0x20, 0xffeff8aau, 0xffffffffu, 0xfc408800u},
        {"PCROP1SR", 0x24, 0xffffffffu, 0xffffffffu, 0xffff0000u},
        {"PCROP1ER", 0x28, 0x0fff0000u, 0x8fffffffu, 0x8fff0000u}, /* PCROP_RDP: set only */
        {"WRP1AR", 0x2c, 0xff00ffffu, 0xffffffffu, 0xff00ff00u},
        {"WRP1BR", 0x30, 0xff00ffffu, 0xffffffffu, 0xff00ff00u},
        {"PCROP2SR", 0x44, 0xffffffffu, 0xffffffffu, 0xffff0000u},
        {"PCROP2ER", 0x48, 0xffff0000u, 0xffffffffu, 0xffff0000u},
        {"WRP2AR", 0x4c, 0xff00ffffu, 0xffffffffu, 0xff00ff00u},
        {"WRP2BR", 0x50, 0xff00ffffu, 0xffffffffu, 0xff00ff00u},
    };
    check_registers(locked, while_locked, ARRAY_LENGTH(while_locked));
    check_registers(options_unlocked, while_open, ARRAY_LENGTH(while_open));
}

static void the_cache_reset_bits_can_be_written_only_while_the_cache_is_off(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    fake_write(h, 0x00, 0x1e00u);
    assert_int_equal(fake_read(h, 0x00), 0x0600u);
    fake_write(h, 0x00, 0x0000u);
    fake_write(h, 0x00, 0x1800u);
    assert_int_equal(fake_read(h, 0x00), 0x1800u);
    fake_destroy(h);
}

/* --- keys ---------------------------------------------------------------------------------- */
static void the_two_keys_in_order_unlock_and_lock_locks_again(void **state)
{
    (void)state;
    struct fake_host *h = options_unlocked();
    assert_int_equal(h->faults, 0);
    fake_write(h, 0x14, 0x80000000u);
    assert_int_equal(fake_read(h, 0x14), 0xc0000000u); /* LOCK takes OPTLOCK along */
    fake_destroy(h);
}

static void a_wrong_key_is_a_bus_error_and_locks_until_the_next_reset(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    fake_write(h, 0x08, 0xcdef89abu); /* the second key first */
    assert_int_equal(h->faults, 1);
    fake_write(h, 0x08, 0x45670123u);
    fake_write(h, 0x08, 0xcdef89abu);
    assert_int_equal(h->faults, 3);
    assert_int_equal(fake_read(h, 0x14), 0xc0000000u);
    fake_reset(h, RESET_SOFTWARE);
    fake_write(h, 0x08, 0x45670123u);
    fake_write(h, 0x08, 0xcdef89abu);
    assert_int_equal(h->faults, 3);
    assert_int_equal(fake_read(h, 0x14), 0x40000000u);
    fake_destroy(h);
}

static void the_keys_once_more_while_unlocked_are_a_wrong_sequence(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x08, 0x45670123u);
    assert_int_equal(h->faults, 1);
    assert_int_equal(fake_read(h, 0x14) & 0x80000000u, 0x80000000u);
    fake_destroy(h);
}

static void option_keys_before_the_flash_keys_lock_the_options_until_reset(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    fake_write(h, 0x0c, 0x08192a3bu);
    fake_write(h, 0x08, 0x45670123u);
    fake_write(h, 0x08, 0xcdef89abu);
    fake_write(h, 0x0c, 0x08192a3bu);
    fake_write(h, 0x0c, 0x4c5d6e7fu);
    assert_int_equal(fake_read(h, 0x14), 0x40000000u);
    fake_destroy(h);
}

static void control_bits_cannot_be_set_while_locked(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    fake_write(h, 0x14, 0x00000001u);
    assert_int_equal(fake_read(h, 0x14), 0xc0000000u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

/* --- programming --------------------------------------------------------------------------- */
static void two_words_program_a_double_word_in_81_69_us(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    program(h, 0x1008, 0x1122334455667788ull);
    assert_int_equal(fake_read(h, 0x10), BSY);
    assert_true(h->op_in_flight);
    fake_run(h, 81689999ull);
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_run(h, 1);
    assert_int_equal(fake_read(h, 0x10), 0); /* no EOP without EOPIE */
    assert_int_equal(cell_at(h, 0x1008), 0x1122334455667788ull);
    assert_int_equal(h->op_count, 1);
    assert_int_equal(h->ops[0].kind, OP_PROGRAM);
    fake_destroy(h);
}

static void eop_is_set_and_interrupts_only_with_eopie(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x01000001u);
    program(h, 0, 1);
    fake_run(h, 1u * MS);
    assert_int_equal(fake_read(h, 0x10), 0x1u);
    assert_int_equal(h->output[0], 1);
    fake_write(h, 0x10, 0x1u);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(h->output[0], 0);
    fake_destroy(h);
}

/** Expects the flags of one refused write and that no operation began; extra CR and SR set-up. */
static void expect_refusal(struct fake_host *h, uint32_t flags)
{
    assert_int_equal(fake_read(h, 0x10), flags);
    assert_false(h->op_in_flight);
    fake_destroy(h);
}

static void a_write_without_pg_is_pgserr(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    store_word(h, STORE_FLASH_ARRAY, 0, 1);
    expect_refusal(h, 0x80u);
}

static void a_first_word_off_a_double_word_boundary_is_pgaerr(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    store_word(h, STORE_FLASH_ARRAY, 4, 1);
    expect_refusal(h, 0x20u);
}

static void a_second_word_in_another_double_word_is_pgaerr(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    store_word(h, STORE_FLASH_ARRAY, 0, 1);
    store_word(h, STORE_FLASH_ARRAY, 12, 1);
    expect_refusal(h, 0x20u);
}

static void a_byte_write_with_pg_is_sizerr(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    h->device.model->array_write(&h->device, STORE_FLASH_ARRAY, 0, 0, 1, 0);
    expect_refusal(h, 0x40u);
}

static void programming_over_something_is_progerr_and_changes_nothing(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    h->cells[STORE_FLASH_ARRAY][0] = op_program(op_erase(), 0xffffffffffffff00ull);
    fake_write(h, 0x14, 0x00000001u);
    program(h, 0, 0xffffffffffff0000ull);
    assert_int_equal(cell_at(h, 0), 0xffffffffffffff00ull);
    expect_refusal(h, 0x08u);
}

static void all_zeros_may_overwrite_anything(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    h->cells[STORE_FLASH_ARRAY][0] = op_program(op_erase(), 0x123456789abcdef0ull);
    fake_write(h, 0x14, 0x00000001u);
    program(h, 0, 0);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(cell_at(h, 0), 0);
    fake_destroy(h);
}

static void a_double_word_programmed_with_all_ones_is_no_longer_erased(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    program(h, 0, UINT64_MAX);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, 0x10), 0);
    program(h, 0, 1);
    expect_refusal(h, 0x08u);
}

static void an_old_error_refuses_the_next_operation_with_pgserr(void **state)
{
    (void)state;
    /* PROGERR, WRPERR, PGAERR, SIZERR, PGSERR: raised for real, then a proper program tried. */
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    store_word(h, STORE_FLASH_ARRAY, 4, 1); /* PGAERR */
    program(h, 0, 1);
    assert_int_equal(fake_read(h, 0x10), 0xa0u);
    assert_false(h->op_in_flight);
    fake_write(h, 0x14, 0x00000002u);
    fake_write(h, 0x14, 0x00010002u);
    assert_false(h->op_in_flight);
    fake_write(h, 0x10, 0xa0u);
    fake_write(h, 0x14, 0x00000001u);
    program(h, 0, 1);
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_destroy(h);
}

static void operr_comes_only_with_errie(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x02000001u);
    store_word(h, STORE_FLASH_ARRAY, 4, 1);
    assert_int_equal(fake_read(h, 0x10), 0x22u);
    assert_int_equal(h->output[0], 1);
    fake_destroy(h);
}

static void a_write_while_busy_waits_and_is_then_done(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    program(h, 0, 1);
    program(h, 8, 2);
    assert_int_equal(h->stalled_ps, 81690000ull);
    fake_run(h, MS);
    assert_int_equal(cell_at(h, 0), 1);
    assert_int_equal(cell_at(h, 8), 2);
    fake_destroy(h);
}

static void a_write_of_cr_while_busy_waits_until_the_end(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    program(h, 0, 1);
    fake_write(h, 0x14, 0);
    assert_int_equal(h->stalled_ps, 81690000ull);
    assert_int_equal(fake_read(h, 0x14), 0x40000000u);
    fake_destroy(h);
}

static void an_otp_double_word_is_closed_once_it_holds_a_zero_bit(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    store_word(h, STORE_OTP_AREA, 0, 0xfffffffeu);
    store_word(h, STORE_OTP_AREA, 4, 0xffffffffu);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, 0x10), 0);
    store_word(h, STORE_OTP_AREA, 0, 0);
    store_word(h, STORE_OTP_AREA, 4, 0);
    expect_refusal(h, 0x10u);
}

static void a_program_of_system_memory_or_option_bytes_is_wrperr(void **state)
{
    (void)state;
    for (uint32_t store = STORE_OPTION_1; store <= STORE_SYSTEM_2; store++) {
        struct fake_host *h = unlocked();
        fake_write(h, 0x14, 0x00000001u);
        store_word(h, store, 0x100, 0);
        store_word(h, store, 0x104, 0);
        expect_refusal(h, 0x10u);
    }
}

/* --- erasing ------------------------------------------------------------------------------- */
static void bker_and_pnb_name_a_page_of_a_physical_bank(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    for (uint32_t bank = 0; bank < 2u; bank++) {
        h->cells[STORE_FLASH_ARRAY][(bank * BANK + 0x1800u) / 8u].data = 0;
        uint32_t cr = 0x2u | 3u << 3 | bank << 11;
        fake_write(h, 0x14, cr);
        fake_write(h, 0x14, cr | 0x10000u);
        assert_int_equal(fake_read(h, 0x14), 0x40010000u | cr);
        fake_run(h, ERASE - 1u);
        assert_int_equal(fake_read(h, 0x10), BSY);
        fake_run(h, 1);
        assert_int_equal(fake_read(h, 0x10), 0);
        assert_int_equal(fake_read(h, 0x14), 0x40000000u | cr); /* STRT gone, PER stays */
        assert_int_equal(cell_at(h, bank * BANK + 0x1800u), UINT64_MAX);
        assert_int_equal(h->ops[bank].offset, bank * BANK + 0x1800u);
        assert_int_equal(h->ops[bank].length, 2048);
    }
    fake_destroy(h);
}

static void mer1_and_mer2_erase_their_bank_or_both_at_once(void **state)
{
    (void)state;
    static const struct {
        uint32_t cr, offset, length;
    } cases[] = {{0x0004u, 0, BANK}, {0x8000u, BANK, BANK}, {0x8004u, 0, 2u * BANK}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = unlocked();
        fake_write(h, 0x14, cases[i].cr | 0x10000u);
        fake_run(h, 22130000000ull);
        assert_int_equal(h->op_count, 1);
        assert_int_equal(h->ops[0].offset, cases[i].offset);
        assert_int_equal(h->ops[0].length, cases[i].length);
        fake_destroy(h);
    }
}

static void per_with_mer_is_pgserr_and_strt_alone_is_told(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x10006u);
    assert_int_equal(fake_read(h, 0x10), 0x80u);
    assert_false(h->op_in_flight);
    fake_write(h, 0x10, 0x80u);
    fake_write(h, 0x14, 0x10000u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    assert_false(h->op_in_flight);
    fake_destroy(h);
}

/* --- stalls -------------------------------------------------------------------------------- */
static void the_busy_bank_stalls_reads_and_fetches_and_the_other_does_not(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x10002u | 1u << 11); /* page 0 of bank 2 */
    assert_int_equal(h->trap[0][0], TRAP_NONE);
    assert_int_equal(h->trap[0][BANK / FAKE_PAGE], TRAP_READ | TRAP_FETCH);
    (void)load(h, STORE_FLASH_ARRAY, 0x100);
    h->device.model->array_fetch(&h->device, STORE_FLASH_ARRAY, 0x100, 16);
    assert_int_equal(h->stalled_ps, 0);
    (void)load(h, STORE_FLASH_ARRAY, BANK + 0x4000u);
    assert_int_equal(h->stalled_ps, ERASE);
    assert_int_equal(h->trap[0][BANK / FAKE_PAGE], TRAP_NONE);
    fake_write(h, 0x14, 0x10002u);
    h->device.model->array_fetch(&h->device, STORE_FLASH_ARRAY, 0x100, 16);
    assert_int_equal(h->stalled_ps, 2u * ERASE);
    fake_destroy(h);
}

static void reads_are_trapped_in_both_banks_while_pg_is_set(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x00000001u);
    assert_int_equal(h->trap[0][0], TRAP_READ);
    assert_int_equal(h->trap[0][1023], TRAP_READ);
    program(h, 0, 0x55);
    assert_int_equal(load(h, STORE_FLASH_ARRAY, 0), 0x55);
    assert_int_equal(h->stalled_ps, 81690000ull);
    fake_write(h, 0x14, 0);
    assert_int_equal(h->trap[0][0], TRAP_NONE);
    fake_destroy(h);
}

static void a_reset_in_an_operation_leaves_the_interface_idle_and_locked(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x10002u);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(fake_read(h, 0x14), 0xc0000000u);
    assert_int_equal(h->trap[0][0], TRAP_NONE);
    fake_run(h, 100u * MS);
    assert_int_equal(h->op_count, 0);
    fake_destroy(h);
}

/* --- fast programming ---------------------------------------------------------------------- */
static struct fake_host *mass_erased(uint32_t mer)
{
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, mer | 0x10000u);
    fake_run(h, 30u * MS);
    fake_write(h, 0x14, 0x40000u);
    return h;
}

static void a_row_of_32_double_words_is_programmed_in_1_91_ms(void **state)
{
    (void)state;
    struct fake_host *h = mass_erased(0x0004u);
    uint64_t start_ps = h->now_ps;
    for (uint32_t i = 0; i < 32u; i++)
        program(h, 0x300u + 8u * i, 0x1000u + i);
    while ((fake_read(h, 0x10) & BSY) != 0)
        fake_run(h, US);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_in_range(h->now_ps - start_ps, 1910000000ull - 2u * US, 1910000000ull + 2u * US);
    assert_int_equal(cell_at(h, 0x300), 0x1000);
    assert_int_equal(cell_at(h, 0x3f8), 0x101f);
    assert_int_equal(h->op_count, 33); /* the erase, and each double word: a cut can hit any */
    fake_destroy(h);
}

static void a_row_in_a_bank_that_was_not_mass_erased_is_pgserr(void **state)
{
    (void)state;
    struct fake_host *h = mass_erased(0x0004u);
    store_word(h, STORE_FLASH_ARRAY, BANK, 1);
    assert_int_equal(fake_read(h, 0x10), 0x80u);
    store_word(h, STORE_FLASH_ARRAY, BANK + 4u, 1);
    expect_refusal(h, 0x2a0u); /* the value that G0 boards show then */
}

static void a_standard_program_ends_the_permission_for_fast_rows(void **state)
{
    (void)state;
    struct fake_host *h = mass_erased(0x0004u);
    fake_write(h, 0x14, 0x1u);
    program(h, 0, 1);
    fake_run(h, MS);
    fake_write(h, 0x14, 0x40000u);
    store_word(h, STORE_FLASH_ARRAY, 0x100, 1);
    expect_refusal(h, 0x80u);
}

static void a_row_that_starts_off_a_row_boundary_is_pgaerr_and_fasterr(void **state)
{
    (void)state;
    struct fake_host *h = mass_erased(0x0004u);
    program(h, 8, 1);
    /* the second word, then, finds the error uncleared: PGSERR besides */
    expect_refusal(h, 0x2a0u);
}

static void a_late_double_word_is_miserr_and_fasterr(void **state)
{
    (void)state;
    struct fake_host *h = mass_erased(0x0004u);
    program(h, 0, 1);
    fake_run(h, 59690000ull + 50u * US - 1u);
    assert_int_equal(fake_read(h, 0x10), BSY);
    fake_run(h, 1);
    assert_int_equal(cell_at(h, 0), 1);
    expect_refusal(h, 0x300u);
}

static void a_read_of_the_bank_ends_the_row_without_a_flag(void **state)
{
    (void)state;
    struct fake_host *h = mass_erased(0x0004u);
    program(h, 0, 1);
    program(h, 8, 2);
    (void)load(h, STORE_FLASH_ARRAY, 0x2000);
    assert_int_equal(fake_read(h, 0x10), 0);
    assert_int_equal(cell_at(h, 0), 1);
    assert_int_equal(cell_at(h, 8), 2);
    fake_destroy(h);
}

/* --- ECC ----------------------------------------------------------------------------------- */
static void a_single_bit_error_is_corrected_and_latched(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    uint32_t offset = BANK + 0x12348u;
    struct cell *cell = &h->cells[STORE_FLASH_ARRAY][offset / 8u];
    *cell = op_program(op_erase(), 0x1122334455667788ull);
    cell->data ^= 1u;
    fake_write(h, 0x18, 0x01000000u);
    assert_int_equal(load(h, STORE_FLASH_ARRAY, offset), 0x55667788u);
    assert_int_equal(fake_read(h, 0x18), 0x41000000u | 0x00080000u | 0x12348u);
    assert_int_equal(h->output[0], 1);
    assert_int_equal(h->output[1], 0);
    fake_write(h, 0x18, 0x41000000u);
    assert_int_equal(fake_read(h, 0x18) & 0xc0000000u, 0);
    assert_int_equal(h->output[0], 0);
    fake_destroy(h);
}

static void a_double_bit_error_requests_an_nmi_until_eccd_is_cleared(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    struct cell *cell = &h->cells[STORE_FLASH_ARRAY][0x100u / 8u];
    *cell = op_program(op_erase(), 0);
    cell->data ^= 3u;
    h->device.model->array_fetch(&h->device, STORE_FLASH_ARRAY, 0x0fc, 8);
    assert_int_equal(fake_read(h, 0x18), 0x80000100u);
    assert_int_equal(h->output[1], 1);
    fake_write(h, 0x18, 0);
    assert_int_equal(h->output[1], 1);
    fake_write(h, 0x18, 0x80000000u);
    assert_int_equal(h->output[1], 0);
    fake_destroy(h);
}

static void the_ecc_address_stays_that_of_the_first_error(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    for (uint32_t offset = 0x200; offset <= 0x208; offset += 8u) {
        h->cells[STORE_FLASH_ARRAY][offset / 8u] = op_program(op_erase(), 0);
        h->cells[STORE_FLASH_ARRAY][offset / 8u].data ^= 1u;
        (void)load(h, STORE_FLASH_ARRAY, offset);
    }
    assert_int_equal(fake_read(h, 0x18), 0x40000200u);
    fake_write(h, 0x18, 0x40000000u);
    (void)load(h, STORE_FLASH_ARRAY, 0x208);
    assert_int_equal(fake_read(h, 0x18), 0x40000208u);
    fake_destroy(h);
}

static void an_error_outside_main_flash_sets_sysf_ecc(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    h->cells[STORE_OTP_AREA][1] = op_program(op_erase(), 0);
    h->cells[STORE_OTP_AREA][1].data ^= 1u;
    (void)load(h, STORE_OTP_AREA, 8);
    assert_int_equal(fake_read(h, 0x18), 0x40100008u);
    fake_destroy(h);
}

static void narrow_reads_deliver_their_part_of_the_double_word(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    uint32_t value = 0;
    h->cells[STORE_FLASH_ARRAY][0] = op_program(op_erase(), 0x8877665544332211ull);
    h->cells[STORE_FLASH_ARRAY][1] = op_program(op_erase(), 0x00000000ccbbaa99ull);
    h->device.model->array_read(&h->device, STORE_FLASH_ARRAY, 5, 0, 1, &value);
    assert_int_equal(value, 0x66);
    h->device.model->array_read(&h->device, STORE_FLASH_ARRAY, 2, 0, 2, &value);
    assert_int_equal(value, 0x4433);
    h->device.model->array_read(&h->device, STORE_FLASH_ARRAY, 6, 0, 4, &value);
    assert_int_equal(value, 0xaa998877u);
    fake_destroy(h);
}

static void a_wrong_option_key_is_a_bus_error_where_the_chip_says_so(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x0c, 0x4c5d6e7fu);
    assert_int_equal(h->faults, 1);
    fake_destroy(h);
}

static void the_error_interrupt_goes_with_errie(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x02000001u);
    assert_int_equal(h->output[0], 0);
    store_word(h, STORE_FLASH_ARRAY, 4, 1);
    assert_int_equal(h->output[0], 1);
    fake_write(h, 0x14, 0);
    assert_int_equal(h->output[0], 0);
    fake_destroy(h);
}

static void an_error_inside_a_row_lets_the_double_word_finish_and_ends_the_row(void **state)
{
    (void)state;
    struct fake_host *h = mass_erased(0x0004u);
    fake_write(h, 0x14, 0x02040000u); /* ERRIE */
    program(h, 0, 1);
    store_word(h, STORE_FLASH_ARRAY, 0x10, 2); /* not the next one */
    assert_int_equal(fake_read(h, 0x10), BSY | 0x222u);
    fake_run(h, 59690000ull);
    assert_int_equal(fake_read(h, 0x10), 0x222u);
    assert_int_equal(cell_at(h, 0), 1);
    assert_int_equal(h->op_count, 2);
    fake_destroy(h);
}

static void fast_programming_below_8_mhz_is_told(void **state)
{
    (void)state;
    static const struct {
        uint64_t hclk_hz;
        uint32_t told;
    } cases[] = {{4000000, 1}, {8000000, 0}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = unlocked();
        h->input[2] = cases[i].hclk_hz;
        fake_write(h, 0x14, 0x40000u);
        assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), cases[i].told);
        fake_destroy(h);
    }
}

static void an_operation_in_voltage_range_2_is_told(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    h->input[3] = 2;
    fake_write(h, 0x14, 0x10002u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void a_bank_that_is_being_programmed_traps_fetches_too(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x1u);
    program(h, 0, 1);
    assert_int_equal(h->trap[0][0], TRAP_READ | TRAP_FETCH);
    assert_int_equal(h->trap[0][BANK / FAKE_PAGE], TRAP_READ);
    fake_run(h, MS);
    assert_int_equal(h->trap[0][0], TRAP_READ);
    fake_destroy(h);
}

static void a_fetch_looks_at_its_own_cells_only(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    h->cells[STORE_FLASH_ARRAY][0x100u / 8u] = op_program(op_erase(), 0);
    h->cells[STORE_FLASH_ARRAY][0x100u / 8u].data ^= 3u;
    h->device.model->array_fetch(&h->device, STORE_FLASH_ARRAY, 0x0f0, 16);
    assert_int_equal(fake_read(h, 0x18), 0);
    h->device.model->array_fetch(&h->device, STORE_FLASH_ARRAY, 0x0f0, 18);
    assert_int_equal(fake_read(h, 0x18), 0x80000100u);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_register_has_its_reset_value_and_bits),
        T(the_cache_reset_bits_can_be_written_only_while_the_cache_is_off),
        T(the_two_keys_in_order_unlock_and_lock_locks_again),
        T(a_wrong_key_is_a_bus_error_and_locks_until_the_next_reset),
        T(the_keys_once_more_while_unlocked_are_a_wrong_sequence),
        T(option_keys_before_the_flash_keys_lock_the_options_until_reset),
        T(control_bits_cannot_be_set_while_locked),
        T(two_words_program_a_double_word_in_81_69_us),
        T(eop_is_set_and_interrupts_only_with_eopie),
        T(a_write_without_pg_is_pgserr),
        T(a_first_word_off_a_double_word_boundary_is_pgaerr),
        T(a_second_word_in_another_double_word_is_pgaerr),
        T(a_byte_write_with_pg_is_sizerr),
        T(programming_over_something_is_progerr_and_changes_nothing),
        T(all_zeros_may_overwrite_anything),
        T(a_double_word_programmed_with_all_ones_is_no_longer_erased),
        T(an_old_error_refuses_the_next_operation_with_pgserr),
        T(operr_comes_only_with_errie),
        T(a_write_while_busy_waits_and_is_then_done),
        T(a_write_of_cr_while_busy_waits_until_the_end),
        T(an_otp_double_word_is_closed_once_it_holds_a_zero_bit),
        T(a_program_of_system_memory_or_option_bytes_is_wrperr),
        T(bker_and_pnb_name_a_page_of_a_physical_bank),
        T(mer1_and_mer2_erase_their_bank_or_both_at_once),
        T(per_with_mer_is_pgserr_and_strt_alone_is_told),
        T(the_busy_bank_stalls_reads_and_fetches_and_the_other_does_not),
        T(reads_are_trapped_in_both_banks_while_pg_is_set),
        T(a_reset_in_an_operation_leaves_the_interface_idle_and_locked),
        T(a_row_of_32_double_words_is_programmed_in_1_91_ms),
        T(a_row_in_a_bank_that_was_not_mass_erased_is_pgserr),
        T(a_standard_program_ends_the_permission_for_fast_rows),
        T(a_row_that_starts_off_a_row_boundary_is_pgaerr_and_fasterr),
        T(a_late_double_word_is_miserr_and_fasterr),
        T(a_read_of_the_bank_ends_the_row_without_a_flag),
        T(a_single_bit_error_is_corrected_and_latched),
        T(a_double_bit_error_requests_an_nmi_until_eccd_is_cleared),
        T(the_ecc_address_stays_that_of_the_first_error),
        T(an_error_outside_main_flash_sets_sysf_ecc),
        T(narrow_reads_deliver_their_part_of_the_double_word),
        T(a_wrong_option_key_is_a_bus_error_where_the_chip_says_so),
        T(the_error_interrupt_goes_with_errie),
        T(an_error_inside_a_row_lets_the_double_word_finish_and_ends_the_row),
        T(fast_programming_below_8_mhz_is_told),
        T(an_operation_in_voltage_range_2_is_told),
        T(a_bank_that_is_being_programmed_traps_fetches_too),
        T(a_fetch_looks_at_its_own_cells_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
