/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Reads of what an erase, or a bank swap, changed behind the data cache.
 *
 * RM0440 3.3.4 and 3.3.6: an erase does not invalidate the caches, so that silicon can deliver old data until DCRST.
 * Stale lines are not modelled (docs/fidelity.md): here every read agrees with the array, flushed or not.
 */
#include "mistakes.h"

#define BANK_1_HAS 0x11111111u
#define BANK_2_HAS 0x22222222u
#define ERASED     0xffffffffu
#define FB_MODE    0x00000100u /* RM0351 9.2.1 */

static struct machine *run(enum mistake mistake, uint32_t flush)
{
    struct machine *machine = mistakes_board(OPTR_FACTORY);
    mistakes_load(machine, 1, mistake, flush);
    mistakes_load(machine, 2, mistake, flush);
    mistakes_mark(machine, OWN_PAGE, 0x1111111111111111ull);
    mistakes_mark(machine, OTHER_PAGE, 0x2222222222222222ull);
    machine_power_on(machine);
    mistakes_run_ms(machine, 100);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_value(machine, 0), BANK_2_HAS);
    return machine;
}

/* _i: whether the firmware resets the data cache in between. */
START_TEST(an_erased_page_reads_erased_flushed_or_not)
{
    struct machine *machine = run(MISTAKE_STALE_CACHE, (uint32_t)_i);
    ck_assert_uint_eq(mistakes_value(machine, 1), 0); /* no flag in FLASH_SR */
    ck_assert_uint_eq(mistakes_value(machine, 2), ERASED);
    ck_assert_uint_eq(mistakes_cell(machine, OTHER_PAGE), ~0ull);
    machine_destroy(machine);
}
END_TEST

START_TEST(the_other_bank_reads_as_it_is_after_a_swap_flushed_or_not)
{
    struct machine *machine = run(MISTAKE_STALE_SWAP, (uint32_t)_i);
    ck_assert_uint_eq(mistakes_value(machine, 1), FB_MODE);
    ck_assert_uint_eq(mistakes_value(machine, 2), BANK_1_HAS);
    machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mistakes with caches");
    TCase *tcase = tcase_create("caches");
    tcase_add_loop_test(tcase, an_erased_page_reads_erased_flushed_or_not, 0, 2);
    tcase_add_loop_test(tcase, the_other_bank_reads_as_it_is_after_a_swap_flushed_or_not, 0, 2);
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
