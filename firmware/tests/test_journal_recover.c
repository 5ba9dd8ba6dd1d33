// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// What boot makes solid, how it makes room, and what is read for that.
#include "journal_fixture.h"

static void boot_waits_for_the_supply(void **state)
{
    (void)state;
    records(25);
    cells.low = 1000;
    assert_recovers(24);
    assert_int_equal(cells.low, 0);
    assert_int_equal(cells.op_count, 9);
}

static void a_full_page_takes_nothing_until_the_next_boot(void **state)
{
    struct journal_state next = numbered(32);

    (void)state;
    records(32);
    assert_int_equal(journal_free(), 0);
    assert_int_equal(journal_append_now(&next), JOURNAL_FULL);
    assert_int_equal(cells.op_count, 0);
    assert_recovers(31);
    append(32);
    assert_recovers(32);
}

static void boot_leaves_8_free_records(void **state)
{
    (void)state;
    records(24);
    assert_recovers(23);
    assert_int_equal(cells.op_count, 0);
    assert_int_equal(journal_free(), 8);
    append(24);
    cells_forget();
    assert_recovers(24);
    assert_int_equal(cells.op_count, 9);
    assert_op(0, true, 2, 0); // though it is blank: it may be weak
    assert_writes_record(1, 2, 0);
    assert_int_equal(journal_epoch(), 2);
    assert_int_equal(journal_free(), 31);
}

static void the_app_goes_on_where_boot_recycled(void **state)
{
    struct journal_state found, expected = numbered(24);

    (void)state;
    records(25);
    assert_recovers(24);
    assert_int_equal(journal_open(&found), JOURNAL_OK);
    assert_state(&found, &expected);
    cells_forget();
    append(25);
    assert_writes_record(0, 2, 1);
}

static void a_clean_journal_costs_a_boot_no_operation(void **state)
{
    (void)state;
    records(5);
    assert_recovers(4);
    assert_int_equal(cells.op_count, 0);
}

static void a_record_that_is_not_settled_is_copied(void **state)
{
    (void)state;
    records(5);
    blank(1, S(4));
    assert_recovers(4);
    assert_int_equal(cells.op_count, 8);
    assert_writes_record(0, 1, 5);
    cells_forget();
    assert_recovers(4);
    assert_int_equal(cells.op_count, 0);
}

static void a_record_below_another_one_is_copied(void **state)
{
    (void)state;
    for (unsigned index = Z(4); index <= C(4); index++) {
        a_new_board(NULL);
        records(5);
        for (unsigned i = index + 1u; i <= S(4); i++) {
            blank(1, i);
        }
        if (index > Z(4)) {
            cells.words[0][index][0] ^= 1u; // torn
        }
        assert_recovers(3);
        assert_int_equal(cells.op_count, 8);
        assert_writes_record(0, 1, 5);
    }
}

static void a_record_of_which_only_c_reads_is_not_blank(void **state)
{
    (void)state;
    records(4);
    cells.unreadable[0][C(4)] = true; // reads as all ones
    assert_recovers(3);
    assert_writes_record(0, 1, 5);
}

static void what_cannot_be_read_is_not_relied_on(void **state)
{
    (void)state;
    for (unsigned index = Z(4); index <= S(4); index++) {
        a_new_board(NULL);
        records(5);
        cells.unreadable[0][index] = true;
        // Z says nothing; without S it is whole, but not settled.
        assert_recovers(index == Z(4) || index == S(4) ? 4 : 3);
        assert_int_equal(cells.op_count, index == Z(4) ? 0 : 8);
    }
}

static void a_snapshot_that_is_whole_rules_without_s(void **state)
{
    (void)state;
    records(25);
    assert_recovers(24);
    blank(2, S(0));
    cells_forget();
    assert_recovers(24);
    assert_int_equal(cells.op_count, 8);
    assert_writes_record(0, 2, 1);
}

static void a_cut_snapshot_is_killed_before_it_is_erased(void **state)
{
    (void)state;
    records(25);
    assert_recovers(24);
    blank(2, S(0));
    cells.unreadable[1][C(0)] = true;
    cells.words[1][Z(3)][0] = 0; // and something in two other places
    cells.words[1][S(7)][1] = 1;
    cells_forget();
    assert_recovers(24);
    assert_int_equal(cells.op_count, 3 + 1 + 9);
    for (unsigned i = 0; i < 3u; i++) {
        static const unsigned places[] = {0, 3, 7};

        assert_op(i, false, 2, C(places[i]));
        assert_true(cells.ops[i].words[0] == 0 && cells.ops[i].words[1] == 0);
    }
    assert_op(3, true, 2, 0);
    assert_op(4, true, 2, 0); // the recycling's own
    assert_writes_record(5, 2, 0);
}

static void what_is_left_of_a_first_record_makes_no_journal(void **state)
{
    struct journal_state found;

    (void)state;
    cells.words[0][C(0)][0] ^= 1u;
    cells.words[1][Z(0)][0] = 0;
    assert_int_equal(journal_recover(&found), JOURNAL_FACTORY);
    assert_int_equal(found.current, 0);
    assert_int_equal(cells.op_count, 4);
    assert_op(0, false, 1, C(0));
    assert_op(1, true, 1, 0);
    assert_op(2, false, 2, C(0));
    assert_op(3, true, 2, 0);
}

static void a_full_page_without_a_free_place_for_the_copy_is_recycled(void **state)
{
    (void)state;
    records(32);
    blank(1, S(31));
    assert_recovers(31);
    assert_int_equal(cells.op_count, 9);
    assert_op(0, true, 2, 0);
    assert_writes_record(1, 2, 0);
}

static void a_full_page_with_one_settled_record_is_recycled(void **state)
{
    (void)state;
    records(32);
    for (unsigned place = 0; place < 32u; place++) {
        if (place != 30u) {
            blank(1, S(place));
        }
    }
    cells.words[0][C(31)][0] ^= 1u;
    assert_recovers(30);
    assert_int_equal(cells.op_count, 9);
    assert_writes_record(1, 2, 0);
}

static void a_full_page_that_nobody_went_by_is_given_up(void **state)
{
    (void)state;
    records(25);
    assert_recovers(24);
    for (uint32_t n = 25; n < 56u; n++) {
        append(n);
    }
    for (unsigned place = 0; place < 32u; place++) {
        blank(2, S(place));
    }
    cells_forget();
    assert_recovers(24);
    assert_int_equal(cells.op_count, 32 + 1 + 9);
    assert_op(0, false, 2, C(0));
    assert_op(31, false, 2, C(31));
    assert_op(32, true, 2, 0);
    assert_writes_record(34, 2, 0);
}

static void repairs_are_tried_three_times(void **state)
{
    struct journal_state found, expected = numbered(24);

    (void)state;
    records(25);
    cells.failing = 2;
    assert_recovers(24);
    assert_int_equal(cells.op_count, 2 + 9);
    a_new_board(NULL);
    records(25);
    cells.failing = 3;
    assert_int_equal(journal_recover(&found), JOURNAL_FAILED);
    assert_state(&found, &expected);
    assert_int_equal(journal_append_now(&expected), JOURNAL_FAILED);
    assert_int_equal(cells.op_count, 3);
    assert_recovers(24); // the next boot
}

static void a_page_that_does_not_take_the_snapshot_is_erased_again(void **state)
{
    (void)state;
    records(25);
    cells.stuck[1][S(0)] = true;
    cells.polls = 1;
    struct journal_state found, expected = numbered(24);
    assert_int_equal(journal_recover(&found), JOURNAL_FAILED);
    assert_state(&found, &expected);
    assert_int_equal(cells.op_count, 3 * 9);
    cells.stuck[1][S(0)] = false; // what is there now is whole and holds the same
    assert_recovers(24);
    append(25);
    assert_recovers(25);
}

static void a_page_that_cannot_be_forgotten_stops_appends(void **state)
{
    struct journal_state found, expected = numbered(4);

    (void)state;
    records(5);
    cells.words[1][Z(0)][0] = 0;
    cells.failing = 3;
    assert_int_equal(journal_recover(&found), JOURNAL_FAILED);
    assert_state(&found, &expected);
    assert_int_equal(cells.op_count, 3); // not erased without a kill
    assert_int_equal(journal_append_now(&expected), JOURNAL_FAILED);
}

static void blank_pages_that_cannot_be_written_are_no_journal(void **state)
{
    struct journal_state zero = numbered(0);

    (void)state;
    cells.failing = 3;
    assert_int_equal(journal_create(&zero), JOURNAL_FAILED);
    assert_int_equal(journal_append_now(&zero), JOURNAL_FAILED);
    cells.failing = 2;
    assert_int_equal(journal_create(&zero), JOURNAL_OK);
}

// Each double word from this place up was read once, and nothing below.
static void assert_reads(unsigned bank, unsigned lowest_place)
{
    for (unsigned i = 0; i < CELLS_INDEXES; i++) {
        assert_int_equal(cells.reads[bank - 1u][i], i >= Z(lowest_place) ? 1 : 0);
    }
}

static void a_clean_page_is_read_once_down_to_its_last_record(void **state)
{
    struct journal_state found;

    (void)state;
    records(11);
    assert_recovers(10);
    assert_reads(1, 10);
    assert_reads(2, 0);
    cells_forget();
    assert_int_equal(journal_open(&found), JOURNAL_OK);
    assert_reads(1, 10);
    assert_reads(2, 0);
}

static void an_old_page_is_read_down_to_its_last_record(void **state)
{
    (void)state;
    records(25);
    assert_recovers(24);
    append(25);
    cells_forget();
    assert_recovers(25);
    assert_reads(1, 24);
    assert_reads(2, 1);
}

static void below_a_torn_record_one_more_is_read(void **state)
{
    (void)state;
    records(11);
    cells.words[0][C(10)][0] ^= 1u;
    assert_recovers(9);
    for (unsigned i = 0; i < Z(9); i++) {
        assert_int_equal(cells.reads[0][i], 0);
    }
    assert_int_equal(cells.reads[0][Z(9)], 1);
}

static void the_app_relies_on_what_boot_took_over(void **state)
{
    struct journal_state found, expected = numbered(4);

    (void)state;
    records(5);
    blank(1, S(4)); // another reading of what boot took for settled
    assert_int_equal(journal_open(&found), JOURNAL_OK);
    assert_state(&found, &expected);
    append(5);
    assert_writes_record(0, 1, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(a_new_board, boot_waits_for_the_supply),
        ON(a_new_board, a_full_page_takes_nothing_until_the_next_boot),
        ON(a_new_board, boot_leaves_8_free_records),
        ON(a_new_board, the_app_goes_on_where_boot_recycled),
        ON(a_new_board, a_clean_journal_costs_a_boot_no_operation),
        ON(a_new_board, a_record_that_is_not_settled_is_copied),
        ON(a_new_board, a_record_below_another_one_is_copied),
        ON(a_new_board, a_record_of_which_only_c_reads_is_not_blank),
        ON(a_new_board, what_cannot_be_read_is_not_relied_on),
        ON(a_new_board, a_snapshot_that_is_whole_rules_without_s),
        ON(a_new_board, a_cut_snapshot_is_killed_before_it_is_erased),
        ON(a_new_board, what_is_left_of_a_first_record_makes_no_journal),
        ON(a_new_board, a_full_page_without_a_free_place_for_the_copy_is_recycled),
        ON(a_new_board, a_full_page_with_one_settled_record_is_recycled),
        ON(a_new_board, a_full_page_that_nobody_went_by_is_given_up),
        ON(a_new_board, repairs_are_tried_three_times),
        ON(a_new_board, a_page_that_does_not_take_the_snapshot_is_erased_again),
        ON(a_new_board, a_page_that_cannot_be_forgotten_stops_appends),
        ON(blank_pages, blank_pages_that_cannot_be_written_are_no_journal),
        ON(a_new_board, a_clean_page_is_read_once_down_to_its_last_record),
        ON(a_new_board, an_old_page_is_read_down_to_its_last_record),
        ON(a_new_board, below_a_torn_record_one_more_is_read),
        ON(a_new_board, the_app_relies_on_what_boot_took_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
