/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Caches of the STM32L476's flash interface as the knobs show them: RM0440 3.3.4 (sizes; a program updates the data
 * cache, an erase does not touch it), 3.7.1 (reset bits), ES0250 2.2.3 (read while write corrupts the data cache).
 */
#include "flash_fixture.h"

#define DCEN  0x0400u
#define ICEN  0x0200u
#define DCRST 0x1000u
#define ICRST 0x0800u

enum {
    STALE_CACHE,
    RWW_CORRUPTS_CACHE,
};

static struct fake_host *with_knob(uint32_t knob)
{
    struct fake_host *h = locked();
    h->knobs[knob] = 1;
    fake_reset(h, RESET_SOFTWARE);
    fake_write(h, 0x08, 0x45670123u);
    fake_write(h, 0x08, 0xcdef89abu);
    h->cells[STORE_FLASH_ARRAY][0x1000u / 8u] = op_program(op_erase(), 0x1111111122222222ull);
    h->cells[STORE_FLASH_ARRAY][0x1018u / 8u] = op_program(op_erase(), 0x3333333344444444ull);
    h->cells[STORE_FLASH_ARRAY][(BANK + 0x1000u) / 8u] = op_program(op_erase(), 0x5555555566666666ull);
    return h;
}

static void without_knobs_the_caches_never_show_and_trap_nothing(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    h->cells[STORE_FLASH_ARRAY][0x1000u / 8u] = op_program(op_erase(), 5);
    assert_int_equal(load_at(h, 0x1000), 5);
    erase_page(h, 2);
    assert_int_equal(load_at(h, 0x1000), UINT32_MAX);
    assert_int_equal(h->trap[0][4], TRAP_NONE);
    fake_destroy(h);
}

static void a_line_read_before_an_erase_is_read_after_it_until_the_cache_is_reset(void **state)
{
    (void)state;
    struct fake_host *h = with_knob(STALE_CACHE);
    assert_int_equal(h->trap[0][0], TRAP_READ);
    assert_int_equal(load_at(h, 0x1004), 0x11111111u);
    erase_page(h, 2);
    assert_int_equal(load_at(h, 0x1000), 0x22222222u);
    assert_int_equal(load_at(h, 0x1018), 0x44444444u); /* all of the line was there */
    assert_int_equal(load_at(h, 0x1020), UINT32_MAX);  /* the next one was not */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 2);
    fake_write(h, 0x00, ICEN); /* passed by while DCEN is clear, but not empty */
    assert_int_equal(load_at(h, 0x1000), UINT32_MAX);
    assert_int_equal(h->trap[0][0], TRAP_NONE);
    fake_write(h, 0x00, ICEN | DCEN);
    assert_int_equal(load_at(h, 0x1000), 0x22222222u);
    fake_write(h, 0x00, ICEN | DCEN | DCRST); /* no effect while it is enabled */
    assert_int_equal(load_at(h, 0x1000), 0x22222222u);
    fake_write(h, 0x00, ICEN);
    fake_write(h, 0x00, ICEN | DCRST);
    fake_write(h, 0x00, ICEN | DCEN);
    assert_int_equal(load_at(h, 0x1000), UINT32_MAX);
    fake_destroy(h);
}

static void a_program_updates_its_line_only_while_the_cache_is_on(void **state)
{
    (void)state;
    for (uint32_t on = 0; on < 2u; on++) {
        struct fake_host *h = with_knob(STALE_CACHE);
        assert_int_equal(load_at(h, 0x1008), UINT32_MAX);
        fake_write(h, 0x00, ICEN | (on != 0 ? DCEN : 0));
        fake_write(h, 0x14, 1);
        program(h, 0x1008, 7);
        fake_run(h, MS);
        fake_write(h, 0x00, ICEN | DCEN);
        assert_int_equal(load_at(h, 0x1008), on != 0 ? 7u : UINT32_MAX);
        fake_destroy(h);
    }
}

static void eight_lines_are_kept_and_the_oldest_makes_room_unless_it_is_stale(void **state)
{
    (void)state;
    struct fake_host *h = with_knob(STALE_CACHE);
    (void)load_at(h, 0x1000);
    for (uint32_t line = 0; line < 8u; line++)
        (void)load_at(h, 0x8000u + 32u * line);
    erase_page(h, 2);
    assert_int_equal(load_at(h, 0x1000), UINT32_MAX); /* was pushed out in time */
    fake_destroy(h);

    h = with_knob(STALE_CACHE);
    (void)load_at(h, 0x1000);
    erase_page(h, 2);
    for (uint32_t line = 0; line < 100u; line++)
        (void)load_at(h, 0x8000u + 32u * line);
    assert_int_equal(load_at(h, 0x1000), 0x22222222u);
    fake_destroy(h);
}

static void with_nothing_but_stale_lines_reads_pass_by(void **state)
{
    (void)state;
    struct fake_host *h = with_knob(STALE_CACHE);
    for (uint32_t line = 0; line < 8u; line++) {
        h->cells[STORE_FLASH_ARRAY][0x1000u / 8u + 4u * line] = op_program(op_erase(), line);
        (void)load_at(h, 0x1000u + 32u * line);
    }
    erase_page(h, 2);
    h->cells[STORE_FLASH_ARRAY][0x8000u / 8u] = op_program(op_erase(), 0x77);
    assert_int_equal(load_at(h, 0x8000), 0x77);
    assert_int_equal(load_at(h, 0x10e0), 7);
    fake_destroy(h);
}

static void a_line_outlives_a_bank_swap(void **state)
{
    (void)state;
    struct fake_host *h = with_knob(STALE_CACHE);
    uint32_t value = 0;
    assert_int_equal(load_at(h, 0x1000), 0x22222222u);
    /* banks swapped: 0x08001000 shows bank 2 */
    h->device.model->array_read(&h->device, STORE_FLASH_ARRAY, BANK + 0x1000u, 0x08001000u, 4, &value);
    assert_int_equal(value, 0x22222222u);
    /* the alias at 0 is the same place */
    h->device.model->array_read(&h->device, STORE_FLASH_ARRAY, BANK + 0x1000u, 0x00001000u, 4, &value);
    assert_int_equal(value, 0x22222222u);
    fake_write(h, 0x00, ICEN);
    fake_write(h, 0x00, ICEN | DCRST);
    fake_write(h, 0x00, ICEN | DCEN);
    h->device.model->array_read(&h->device, STORE_FLASH_ARRAY, BANK + 0x1000u, 0x08001000u, 4, &value);
    assert_int_equal(value, 0x66666666u);
    fake_destroy(h);
}

static void a_reset_empties_the_caches(void **state)
{
    (void)state;
    struct fake_host *h = with_knob(STALE_CACHE);
    (void)load_at(h, 0x1000);
    erase_page(h, 2);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(load_at(h, 0x1000), UINT32_MAX);
    fetch(h, 0x1000);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_destroy(h);
}

static void code_of_a_changed_page_is_told_once_unless_the_instruction_cache_was_reset(void **state)
{
    (void)state;
    struct fake_host *h = with_knob(STALE_CACHE);
    erase_page(h, 2);
    assert_int_equal(h->trap[0][4] & TRAP_FETCH, TRAP_FETCH);
    assert_int_equal(h->trap[0][5] & TRAP_FETCH, TRAP_FETCH);
    assert_int_equal(h->trap[0][6] & TRAP_FETCH, 0);
    fetch(h, 0x800);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fetch(h, 0x17f8);
    fetch(h, 0x1000);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    assert_int_equal(h->trap[0][4] & TRAP_FETCH, 0);
    fake_destroy(h);

    h = with_knob(STALE_CACHE);
    erase_page(h, 2);
    fake_write(h, 0x00, DCEN);
    assert_int_equal(h->trap[0][4] & TRAP_FETCH, 0);
    fetch(h, 0x1000); /* the cache is off */
    fake_write(h, 0x00, DCEN | ICRST);
    fake_write(h, 0x00, DCEN | ICEN);
    fetch(h, 0x1000);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_destroy(h);
}

static void a_read_of_the_other_bank_during_an_operation_corrupts_its_line_under_the_erratum(void **state)
{
    (void)state;
    static const struct {
        uint32_t cr, expected; /* what the double word of bank 2 reads afterwards */
    } cases[] = {{0x00000001u, 0x12345678u}, {0x00010002u, UINT32_MAX}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = with_knob(RWW_CORRUPTS_CACHE);
        fake_write(h, 0x14, cases[i].cr);
        if (cases[i].cr == 1u)
            program(h, 0x4000, 0x12345678u);
        assert_int_equal(load_at(h, BANK + 0x1008u), UINT32_MAX);
        assert_int_equal(load_at(h, BANK + 0x1000u), 0x66666666u);
        fake_run(h, 30u * MS);
        assert_int_equal(load_at(h, BANK + 0x1008u), UINT32_MAX); /* only the last one */
        assert_int_equal(load_at(h, BANK + 0x1000u), cases[i].expected);
        assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
        fake_write(h, 0x00, ICEN);
        fake_write(h, 0x00, ICEN | DCRST);
        fake_write(h, 0x00, ICEN | DCEN);
        assert_int_equal(load_at(h, BANK + 0x1000u), 0x66666666u);
        fake_destroy(h);
    }
}

static void the_erratum_needs_the_data_cache_and_a_read_of_the_other_bank(void **state)
{
    (void)state;
    struct fake_host *h = with_knob(RWW_CORRUPTS_CACHE);
    (void)load_at(h, BANK + 0x1000u); /* before: in the cache, but not read meanwhile */
    fake_write(h, 0x14, 1);
    program(h, 0x4000, 1);
    fake_run(h, MS);
    assert_int_equal(load_at(h, BANK + 0x1000u), 0x66666666u);
    fake_write(h, 0x00, ICEN); /* the vendor's way: off for the time of the operation */
    program(h, 0x4008, 1);
    (void)load_at(h, BANK + 0x1000u);
    fake_run(h, MS);
    fake_write(h, 0x00, ICEN | DCRST);
    fake_write(h, 0x00, ICEN | DCEN);
    assert_int_equal(load_at(h, BANK + 0x1000u), 0x66666666u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_destroy(h);
}

static void the_erratum_alone_leaves_no_stale_lines(void **state)
{
    (void)state;
    struct fake_host *h = with_knob(RWW_CORRUPTS_CACHE);
    uint32_t value = 0;
    assert_int_equal(load_at(h, 0x1000), 0x22222222u);
    h->device.model->array_read(&h->device, STORE_FLASH_ARRAY, BANK + 0x1000u, 0x08001000u, 4, &value);
    assert_int_equal(value, 0x66666666u);
    erase_page(h, 2);
    assert_int_equal(load_at(h, 0x1000), UINT32_MAX);
    fetch(h, 0x1000);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_destroy(h);
}

static void a_line_raises_ecc_flags_for_the_double_word_that_was_asked_for_only(void **state)
{
    (void)state;
    struct fake_host *h = with_knob(STALE_CACHE);
    h->cells[STORE_FLASH_ARRAY][0x1008u / 8u] = op_program(op_erase(), 0);
    h->cells[STORE_FLASH_ARRAY][0x1008u / 8u].data ^= 3u;
    (void)load_at(h, 0x1000);
    assert_int_equal(fake_read(h, 0x18), 0);
    (void)load_at(h, 0x1008);
    assert_int_equal(fake_read(h, 0x18), 0x80001008u);
    fake_write(h, 0x18, 0x80000000u);
    (void)load_at(h, 0x1008); /* such a double word is never kept */
    assert_int_equal(fake_read(h, 0x18), 0x80001008u);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(without_knobs_the_caches_never_show_and_trap_nothing),
        T(a_line_read_before_an_erase_is_read_after_it_until_the_cache_is_reset),
        T(a_program_updates_its_line_only_while_the_cache_is_on),
        T(eight_lines_are_kept_and_the_oldest_makes_room_unless_it_is_stale),
        T(with_nothing_but_stale_lines_reads_pass_by),
        T(a_line_outlives_a_bank_swap),
        T(a_reset_empties_the_caches),
        T(code_of_a_changed_page_is_told_once_unless_the_instruction_cache_was_reset),
        T(a_read_of_the_other_bank_during_an_operation_corrupts_its_line_under_the_erratum),
        T(the_erratum_needs_the_data_cache_and_a_read_of_the_other_bank),
        T(the_erratum_alone_leaves_no_stale_lines),
        T(a_line_raises_ecc_flags_for_the_double_word_that_was_asked_for_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
