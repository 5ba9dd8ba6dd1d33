/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The mistake of not flushing the data cache: with the knob flash.stale-cache what was read before an erase, or before
 * a bank swap, is read again.
 *
 * RM0440 3.3.4 and 3.3.6: an erase does not invalidate the caches. Whether lines outlive a swap by FB_MODE is not
 * published: the worse reading is taken. Without the knob the caches always agree with the array.
 */
#include "harness/knobs.h"
#include "mistakes.h"

#define OLD_WORD   0x22222222u /* what bank 2 holds in the page */
#define BANK_1_HAS 0x11111111u
#define ERASED     0xffffffffu
#define FB_MODE    0x00000100u /* RM0351 9.2.1 */

static struct machine *run(enum mistake mistake, uint32_t flush, const char *stale_cache)
{
    struct error err;
    struct machine_knob knob;
    ck_assert(knob_find(&knob, board_find("nucleo-l476rg"), "flash.stale-cache", stale_cache, &err) == TB_OK);
    struct machine *machine = mistakes_board_with(OPTR_FACTORY, &knob);
    mistakes_load(machine, 1, mistake, flush);
    mistakes_load(machine, 2, mistake, flush);
    mistakes_mark(machine, OWN_PAGE, 0x1111111111111111ull);
    mistakes_mark(machine, OTHER_PAGE, 0x2222222222222222ull);
    machine_power_on(machine);
    mistakes_run_ms(machine, 100);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_value(machine, 0), OLD_WORD);
    return machine;
}

START_TEST(an_erased_page_reads_as_before_while_the_data_cache_is_not_reset)
{
    struct machine *machine = run(MISTAKE_STALE_CACHE, 0, "on");
    ck_assert_uint_eq(mistakes_value(machine, 1), 0); /* no flag tells */
    ck_assert_uint_eq(mistakes_value(machine, 2), OLD_WORD);
    ck_assert_uint_eq(mistakes_cell(machine, OTHER_PAGE), ~0ull);
    ck_assert_uint_ge(mistakes_log.guest_errors, 1u);
    machine_destroy(machine);
}
END_TEST

START_TEST(an_erased_page_reads_erased_once_the_data_cache_is_reset)
{
    struct machine *machine = run(MISTAKE_STALE_CACHE, 1, "on");
    ck_assert_uint_eq(mistakes_value(machine, 2), ERASED);
    ck_assert_uint_eq(mistakes_log.guest_errors, 0);
    machine_destroy(machine);
}
END_TEST

START_TEST(the_other_bank_reads_as_before_a_swap_while_the_data_cache_is_not_reset)
{
    struct machine *machine = run(MISTAKE_STALE_SWAP, 0, "on");
    ck_assert_uint_eq(mistakes_value(machine, 1), FB_MODE);
    ck_assert_uint_eq(mistakes_value(machine, 2), OLD_WORD);
    ck_assert_uint_ge(mistakes_log.guest_errors, 1u);
    machine_destroy(machine);
}
END_TEST

START_TEST(the_other_bank_reads_as_it_is_once_the_data_cache_is_reset)
{
    struct machine *machine = run(MISTAKE_STALE_SWAP, 1, "on");
    ck_assert_uint_eq(mistakes_value(machine, 2), BANK_1_HAS);
    machine_destroy(machine);
}
END_TEST

START_TEST(without_the_knob_the_caches_agree_with_the_array)
{
    struct machine *machine = run(MISTAKE_STALE_CACHE, 0, "off");
    ck_assert_uint_eq(mistakes_value(machine, 2), ERASED);
    machine_destroy(machine);
    machine = run(MISTAKE_STALE_SWAP, 0, "off");
    ck_assert_uint_eq(mistakes_value(machine, 2), BANK_1_HAS);
    machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mistakes with caches");
    TCase *tcase = tcase_create("caches");
    tcase_add_test(tcase, an_erased_page_reads_as_before_while_the_data_cache_is_not_reset);
    tcase_add_test(tcase, an_erased_page_reads_erased_once_the_data_cache_is_reset);
    tcase_add_test(tcase, the_other_bank_reads_as_before_a_swap_while_the_data_cache_is_not_reset);
    tcase_add_test(tcase, the_other_bank_reads_as_it_is_once_the_data_cache_is_reset);
    tcase_add_test(tcase, without_the_knob_the_caches_agree_with_the_array);
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
