// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Records: how they are written, what is one, and cells that do not take them.
#include "journal_fixture.h"

#include "image/crc32.h"

static void the_software_crc_has_its_published_check_value(void **state)
{
    uint32_t words[2];

    (void)state;
    memcpy(words, "12345678", 8u);
    assert_int_equal(crc32_by_table(words, 2u), 0x9ae0daafu); // zlib.crc32(b"12345678")
    assert_int_equal(crc32_by_table(words, 2u), crc32_words(words, 2u));
}

static void blank_pages_are_a_factory(void **state)
{
    struct journal_state found;

    (void)state;
    assert_int_equal(journal_recover(&found), JOURNAL_FACTORY);
    assert_int_equal(cells.op_count, 0);
    assert_int_equal(journal_open(&found), JOURNAL_FACTORY);
    assert_int_equal(found.current, 0);
}

static void what_is_appended_is_found_again(void **state)
{
    struct journal_state found;

    (void)state;
    for (uint32_t n = 1; n <= 100u; n++) {
        struct journal_state expected = numbered(n);

        append(n);
        assert_recovers(n);
        assert_int_equal(journal_open(&found), JOURNAL_OK);
        assert_state(&found, &expected);
    }
}

// Typed from the format as journal.h describes it.
static void a_record_has_the_cells_that_the_format_says(void **state)
{
    const struct journal_state all_fields = {
        .current = 2,
        .attempts = 5,
        .minimum_version = 0x00010203u,
        .slot = {{.mark = MARK_CANDIDATE, .header_crc = 0xa1a2a3a4u, .bytes = 0x1000u, .version = 0x00020304u},
                 {.mark = MARK_FAILED, .header_crc = 0xffffffffu, .bytes = 0x7b600u, .version = 0xffffffffu}},
    };
    const uint32_t payload[10] = {1u,       0x00010203u, 0xa1a2a3a4u, 0x1000u,     0xffffffffu,
                                  0x7b600u, 0x00020304u, 0x00315201u, 0xffffffffu, 0x314a4254u};
    const uint32_t crc = crc32_words(payload, 10u);
    struct journal_state found;

    (void)state;
    assert_int_equal(journal_append_now(&all_fields), JOURNAL_OK);
    const uint32_t *cell = cells.words[0][Z(1)];
    assert_true(cell[0] == 0 && cell[1] == 0);
    assert_memory_equal(cell + 2, payload, sizeof payload);
    assert_true(cell[12] == crc && cell[13] == ~crc);
    assert_true(cell[14] == 0 && cell[15] == 0);
    assert_int_equal(journal_recover(&found), JOURNAL_OK);
    assert_state(&found, &all_fields);
}

static void the_first_record_goes_to_a_page_that_was_just_erased(void **state)
{
    struct journal_state zero = numbered(0);

    (void)state;
    assert_int_equal(journal_create(&zero), JOURNAL_OK);
    assert_int_equal(cells.op_count, 9);
    assert_op(0, true, 1, 0);
    assert_writes_record(1, 1, 0);
    assert_int_equal(journal_epoch(), 1);
    assert_int_equal(journal_free(), 31);
}

static void a_record_is_written_in_order_to_the_next_place(void **state)
{
    (void)state;
    append(1);
    assert_int_equal(cells.op_count, 8);
    assert_writes_record(0, 1, 1);
    for (unsigned i = 0; i < 8u; i++) {
        assert_int_equal(cells.reads[0][Z(1) + i], 1); // each read back
    }
}

static void a_poll_starts_one_operation_at_most_and_never_waits(void **state)
{
    struct journal_state one = numbered(1);
    unsigned polls = 0;

    (void)state;
    cells.polls = 3;
    journal_append(&one);
    assert_int_equal(cells.op_count, 0);
    for (enum journal_status status = JOURNAL_BUSY; status == JOURNAL_BUSY; polls++) {
        unsigned before = cells.op_count;

        status = journal_poll();
        assert_true(cells.op_count <= before + 1u);
        assert_true(status == JOURNAL_BUSY || status == JOURNAL_OK);
    }
    assert_int_equal(polls, 8u * (1u + 3u + 1u));
    assert_int_equal(journal_poll(), JOURNAL_OK);
    assert_recovers(1);
}

static void nothing_is_started_while_the_supply_is_low(void **state)
{
    struct journal_state one = numbered(1);

    (void)state;
    journal_append(&one);
    cells.low = 1000;
    for (unsigned i = 0; i < 1000u; i++) {
        assert_int_equal(journal_poll(), JOURNAL_BUSY);
    }
    assert_int_equal(cells.op_count, 0);
    assert_int_equal(journal_append_now(&one), JOURNAL_OK);
}

static void a_record_in_another_place_is_none(void **state)
{
    (void)state;
    records(3);
    memcpy(cells.words[0][Z(3)], cells.words[0][Z(1)], 64u);
    assert_recovers(2);
}

static void fields_out_of_range_make_no_record(void **state)
{
    // Of record 3: a tag word is position 3, current 1, attempts 0, marks 2 and 0.
    static const struct {
        unsigned word;
        uint32_t value;
        bool valid;
    } cases[] = {
        {7, 0x00020103u, true},  {7, 0x00020303u, false}, {7, 0x00026103u, true},  {7, 0x00027103u, false},
        {7, 0x00330203u, true},  {7, 0x00340103u, false}, {7, 0x00430103u, false}, {7, 0x01020103u, false},
        {7, 0x00020104u, false}, {3, 0x0007b600u, true},  {3, 0x0007b601u, false}, {5, 0x0007b600u, true},
        {5, 0x0007b601u, false}, {9, 0x314a4255u, false}, {0, 0u, false},          {0, 0xffffffffu, false},
    };
    struct journal_state found;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        a_new_board(NULL);
        records(4);
        change_payload(1, 3, cases[i].word, cases[i].value);
        assert_int_equal(journal_recover(&found), JOURNAL_OK);
        assert_int_equal(found.minimum_version, cases[i].valid ? 3 : 2);
    }
}

static void a_state_out_of_range_is_never_written(void **state)
{
    struct journal_state wrong[5];

    (void)state;
    for (unsigned i = 0; i < 5u; i++) {
        wrong[i] = numbered(1);
    }
    wrong[0].current = 3;
    wrong[1].attempts = JOURNAL_TRIAL_ATTEMPTS + 1u;
    wrong[2].slot[0].mark = 4;
    wrong[3].slot[1].mark = 4;
    wrong[4].slot[1].bytes = 0x7b601u;
    for (unsigned i = 0; i < 5u; i++) {
        assert_int_equal(journal_append_now(&wrong[i]), JOURNAL_FAILED);
    }
    assert_int_equal(cells.op_count, 0);
    append(1);
}

static void the_page_with_the_highest_epoch_rules(void **state)
{
    (void)state;
    records(25);
    assert_recovers(24);
    append(25);
    assert_recovers(25); // bank 2, epoch 2
    change_payload(1, 24, 0, 3);
    assert_recovers(24); // bank 1, epoch 3, which has no room
    assert_int_equal(journal_epoch(), 4);
}

static void a_place_that_fails_is_given_up_for_the_next(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 16u; i++) {
        a_new_board(NULL);
        if (i < 8u) {
            cells.stuck[0][Z(1) + i] = true; // does not read back
        } else {
            cells.stuck[0][Z(1) + i - 8u] = cells.stuck[0][Z(2) + i - 8u] = true;
        }
        append(1);
        assert_int_equal(journal_free(), i < 8u ? 29 : 28);
        assert_recovers(1);
    }
}

static void an_operation_that_fails_gives_its_place_up(void **state)
{
    (void)state;
    cells.failing = 2;
    append(1);
    assert_op(0, false, 1, Z(1));
    assert_op(1, false, 1, Z(2));
    assert_writes_record(2, 1, 3);
    assert_recovers(1);
}

static void a_third_place_that_fails_is_the_last(void **state)
{
    struct journal_state one = numbered(1);

    (void)state;
    cells.failing = 3;
    assert_int_equal(journal_append_now(&one), JOURNAL_FAILED);
    assert_int_equal(cells.op_count, 3);
    append(1); // it was a passing trouble
    assert_recovers(1);
}

static void places_can_run_out_while_they_are_given_up(void **state)
{
    struct journal_state next = numbered(31);

    (void)state;
    records(31);
    cells.failing = 1;
    assert_int_equal(journal_append_now(&next), JOURNAL_FULL);
    assert_recovers(30);
}

static void s_is_not_written_before_all_else_read_back(void **state)
{
    (void)state;
    cells.stuck[0][C(1)] = true;
    append(1);
    for (unsigned i = 0; i < cells.op_count; i++) {
        assert_false(!cells.ops[i].erase && cells.ops[i].index == S(1));
    }
}

static void nothing_is_appended_to_no_journal(void **state)
{
    struct journal_state found, one = numbered(1);

    (void)state;
    assert_int_equal(journal_open(&found), JOURNAL_FACTORY);
    assert_int_equal(journal_append_now(&one), JOURNAL_FAILED);
    assert_int_equal(cells.op_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(blank_pages, the_software_crc_has_its_published_check_value),
        ON(blank_pages, blank_pages_are_a_factory),
        ON(a_new_board, what_is_appended_is_found_again),
        ON(a_new_board, a_record_has_the_cells_that_the_format_says),
        ON(blank_pages, the_first_record_goes_to_a_page_that_was_just_erased),
        ON(a_new_board, a_record_is_written_in_order_to_the_next_place),
        ON(a_new_board, a_poll_starts_one_operation_at_most_and_never_waits),
        ON(a_new_board, nothing_is_started_while_the_supply_is_low),
        ON(a_new_board, a_record_in_another_place_is_none),
        ON(a_new_board, fields_out_of_range_make_no_record),
        ON(a_new_board, a_state_out_of_range_is_never_written),
        ON(a_new_board, the_page_with_the_highest_epoch_rules),
        ON(a_new_board, a_place_that_fails_is_given_up_for_the_next),
        ON(a_new_board, an_operation_that_fails_gives_its_place_up),
        ON(a_new_board, a_third_place_that_fails_is_the_last),
        ON(a_new_board, places_can_run_out_while_they_are_given_up),
        ON(a_new_board, s_is_not_written_before_all_else_read_back),
        ON(blank_pages, nothing_is_appended_to_no_journal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
