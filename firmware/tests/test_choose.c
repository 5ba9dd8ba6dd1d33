// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// What boot starts. A board is two slots that hold what the journal says or do not, and a journal that takes records
// or does not; `log` is what was done to it: 1 or 2 for a slot that was looked at, a for a record.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boot/choose.h"

#define V1 0x00010000u
#define V2 0x00020000u
#define V3 0x00030000u

static struct {
    bool whole[2];
    bool journal_takes;
    struct journal_state written; // the last record
    char log[16];
} board;

static void note(char what)
{
    const size_t fill = strlen(board.log);

    assert_true(fill + 1u < sizeof board.log);
    board.log[fill] = what;
}

static bool holds(unsigned bank, const struct journal_slot *slot)
{
    assert_true(bank == 1u || bank == 2u);
    assert_int_not_equal(slot->version, 0);
    note((char)('0' + bank));
    return board.whole[bank - 1u];
}

static enum journal_status append(const struct journal_state *state)
{
    note('a');
    if (!board.journal_takes) {
        return JOURNAL_FAILED;
    }
    board.written = *state;
    return JOURNAL_OK;
}

static const struct choose_hands hands = {.holds = holds, .append = append};

// 1.0.0 is current in bank 1, 2.0.0 in bank 2 as marked; both slots are as the journal says.
static struct journal_state one_and(enum journal_mark mark_of_two)
{
    struct journal_state state = {.current = 1};

    state.slot[0] = (struct journal_slot){.mark = MARK_GOOD, .header_crc = 11, .bytes = 1008, .version = V1};
    state.slot[1] = (struct journal_slot){.mark = (uint8_t)mark_of_two, .header_crc = 22, .bytes = 2008, .version = V2};
    board.written = state;
    return state;
}

static int a_whole_board(void **state)
{
    (void)state;
    memset(&board, 0, sizeof board);
    board.whole[0] = board.whole[1] = board.journal_takes = true;
    return 0;
}

// The next reset finds what the last record says.
static unsigned boot(bool by_watchdog)
{
    struct journal_state state = board.written;

    memset(board.log, 0, sizeof board.log);
    return choose_bank(&state, by_watchdog, &hands);
}

// ---- A board that was never written to ----------------------------------------------------------

static struct image_header header_of(uint32_t version, uint32_t minimum)
{
    struct image_header header;

    memset(&header, 0xff, sizeof header);
    header.version = version;
    header.minimum_version = minimum;
    header.image_bytes = 4096;
    header.header_crc = 0xc0ffee00u + version;
    return header;
}

static void from_production_the_newest_is_current(void **unused)
{
    const struct image_header old = header_of(V1, 0), new = header_of(V2, 0);
    struct journal_state state;

    (void)unused;
    choose_factory(&state, (const struct image_header *[2]){&old, &new});
    assert_int_equal(state.current, 2);
    choose_factory(&state, (const struct image_header *[2]){&new, &old});
    assert_int_equal(state.current, 1);
    assert_int_equal(state.attempts, 0);
    assert_int_equal(state.minimum_version, 0);
    assert_int_equal(state.slot[0].mark, MARK_GOOD);
    assert_int_equal(state.slot[0].version, V2);
    assert_int_equal(state.slot[0].bytes, 4096);
    assert_int_equal(state.slot[0].header_crc, 0xc0ffee00u + V2);
    assert_int_equal(state.slot[1].mark, MARK_GOOD);
    assert_int_equal(state.slot[1].version, V1);
}

static void from_production_equal_versions_start_in_bank_1(void **unused)
{
    const struct image_header one = header_of(V1, 0), two = header_of(V1, 0);
    struct journal_state state;

    (void)unused;
    choose_factory(&state, (const struct image_header *[2]){&one, &two});
    assert_int_equal(state.current, 1);
}

static void from_production_an_empty_slot_is_void(void **unused)
{
    const struct image_header one = header_of(V1, 0);
    struct journal_state state;

    (void)unused;
    choose_factory(&state, (const struct image_header *[2]){NULL, &one});
    assert_int_equal(state.current, 2);
    assert_int_equal(state.slot[0].mark, MARK_VOID);
    assert_int_equal(state.slot[1].mark, MARK_GOOD);
}

static void from_production_no_image_is_no_current_one(void **unused)
{
    struct journal_state state;

    (void)unused;
    memset(&state, 0x5a, sizeof state);
    choose_factory(&state, (const struct image_header *[2]){NULL, NULL});
    assert_int_equal(state.current, 0);
    assert_int_equal(state.attempts, 0);
    assert_int_equal(state.minimum_version, 0);
    assert_int_equal(state.slot[0].mark, MARK_VOID);
    assert_int_equal(state.slot[1].mark, MARK_VOID);
}

static void from_production_the_minimum_of_the_newest_holds(void **unused)
{
    const struct image_header old = header_of(V1, V1), new = header_of(V3, V2);
    struct journal_state state;

    (void)unused;
    choose_factory(&state, (const struct image_header *[2]){&old, &new});
    assert_int_equal(state.current, 2);
    assert_int_equal(state.minimum_version, V2);
    assert_int_equal(state.slot[0].mark, MARK_FAILED);
    assert_int_equal(state.slot[1].mark, MARK_GOOD);
}

// ---- The current image ----------------------------------------------------------------------------

static void the_current_image_starts_and_nothing_else_is_looked_at(void **unused)
{
    (void)unused;
    (void)one_and(MARK_GOOD);
    assert_int_equal(boot(false), 1);
    assert_string_equal(board.log, "1");
    board.written.current = 2;
    assert_int_equal(boot(false), 2);
    assert_string_equal(board.log, "2");
}

static void void_and_failed_slots_are_never_looked_at(void **unused)
{
    (void)unused;
    (void)one_and(MARK_VOID);
    board.whole[0] = false;
    assert_int_equal(boot(false), 0);
    assert_string_equal(board.log, "1a");
    (void)one_and(MARK_FAILED);
    assert_int_equal(boot(false), 0);
    assert_string_equal(board.log, "1a");
}

static void a_damaged_current_image_gives_way_to_the_other_for_good(void **unused)
{
    (void)unused;
    (void)one_and(MARK_GOOD);
    board.whole[0] = false;
    assert_int_equal(boot(false), 2);
    assert_string_equal(board.log, "12a");
    assert_int_equal(board.written.current, 2);
    assert_int_equal(board.written.slot[0].mark, MARK_FAILED);
    assert_int_equal(board.written.slot[1].mark, MARK_GOOD);

    board.whole[0] = true; // it reads well again: too late
    assert_int_equal(boot(false), 2);
    assert_string_equal(board.log, "2");
}

static void the_same_from_bank_2(void **unused)
{
    (void)unused;
    (void)one_and(MARK_GOOD);
    board.written.current = 2;
    board.whole[1] = false;
    assert_int_equal(boot(false), 1);
    assert_string_equal(board.log, "21a");
    assert_int_equal(board.written.current, 1);
    assert_int_equal(board.written.slot[1].mark, MARK_FAILED);
}

static void with_both_images_damaged_nothing_starts_until_one_is_replaced(void **unused)
{
    (void)unused;
    (void)one_and(MARK_GOOD);
    board.whole[0] = board.whole[1] = false;
    assert_int_equal(boot(false), 0);
    assert_string_equal(board.log, "12a");
    assert_int_equal(board.written.current, 0);
    assert_int_equal(board.written.slot[0].mark, MARK_FAILED);
    assert_int_equal(board.written.slot[1].mark, MARK_FAILED);

    board.whole[0] = board.whole[1] = true;
    assert_int_equal(boot(false), 0);
    assert_string_equal(board.log, "");
}

static void the_other_image_does_not_start_below_the_minimum(void **unused)
{
    (void)unused;
    (void)one_and(MARK_GOOD);
    board.written.current = 2;
    board.written.minimum_version = V2;
    board.whole[1] = false;
    assert_int_equal(boot(false), 0);
    assert_string_equal(board.log, "2a");
    assert_int_equal(board.written.current, 0);
}

static void an_image_at_the_minimum_starts(void **unused)
{
    (void)unused;
    (void)one_and(MARK_GOOD);
    board.written.current = 2;
    board.written.minimum_version = V2;
    assert_int_equal(boot(false), 2);
}

static void a_journal_that_takes_nothing_does_not_stop_a_good_image(void **unused)
{
    (void)unused;
    (void)one_and(MARK_GOOD);
    board.whole[0] = board.journal_takes = false;
    assert_int_equal(boot(false), 2);
    assert_string_equal(board.log, "12a");
    assert_int_equal(boot(false), 2); // and so at each reset
    assert_string_equal(board.log, "12a");
}

// ---- Trials ---------------------------------------------------------------------------------------

static void a_candidate_starts_once_the_attempt_is_written(void **unused)
{
    (void)unused;
    (void)one_and(MARK_CANDIDATE);
    assert_int_equal(boot(false), 2);
    assert_string_equal(board.log, "2a");
    assert_int_equal(board.written.attempts, 1);
    assert_int_equal(board.written.current, 1);
    assert_int_equal(board.written.slot[1].mark, MARK_CANDIDATE);
}

static void a_candidate_in_bank_1_starts_as_well(void **unused)
{
    (void)unused;
    (void)one_and(MARK_GOOD);
    board.written.current = 2;
    board.written.slot[0].mark = MARK_CANDIDATE;
    assert_int_equal(boot(false), 1);
    assert_string_equal(board.log, "1a");
    assert_int_equal(board.written.attempts, 1);
}

static void a_candidate_that_never_confirms_has_so_many_attempts(void **unused)
{
    (void)unused;
    (void)one_and(MARK_CANDIDATE);
    for (unsigned attempt = 1; attempt <= JOURNAL_TRIAL_ATTEMPTS; attempt++) {
        assert_int_equal(boot(false), 2);
        assert_int_equal(board.written.attempts, attempt);
    }
    assert_int_equal(boot(false), 1);
    assert_string_equal(board.log, "1a"); // no need to look at it again
    assert_int_equal(board.written.slot[1].mark, MARK_FAILED);
    assert_int_equal(board.written.attempts, 0);
    assert_int_equal(board.written.current, 1);
    assert_int_equal(boot(false), 1);
    assert_string_equal(board.log, "1");
}

static void the_attempts_exceed_any_sweep(void **unused)
{
    (void)unused;
    assert_true(JOURNAL_TRIAL_ATTEMPTS > 3u); // the deepest power_cut
}

static void a_candidate_that_hangs_fails_at_once(void **unused)
{
    (void)unused;
    (void)one_and(MARK_CANDIDATE);
    assert_int_equal(boot(false), 2);
    assert_int_equal(boot(true), 1);
    assert_string_equal(board.log, "1a");
    assert_int_equal(board.written.slot[1].mark, MARK_FAILED);
    assert_int_equal(board.written.attempts, 0);
    assert_int_equal(boot(true), 1);
    assert_string_equal(board.log, "1");
}

static void a_watchdog_before_the_first_attempt_was_somebody_elses(void **unused)
{
    (void)unused;
    (void)one_and(MARK_CANDIDATE);
    assert_int_equal(boot(true), 2);
    assert_int_equal(board.written.attempts, 1);
    assert_int_equal(board.written.slot[1].mark, MARK_CANDIDATE);
}

static void a_watchdog_does_not_touch_a_good_image(void **unused)
{
    (void)unused;
    (void)one_and(MARK_GOOD);
    assert_int_equal(boot(true), 1);
    assert_string_equal(board.log, "1");
}

static void a_damaged_candidate_fails(void **unused)
{
    (void)unused;
    (void)one_and(MARK_CANDIDATE);
    board.whole[1] = false;
    assert_int_equal(boot(false), 1);
    assert_string_equal(board.log, "21a");
    assert_int_equal(board.written.slot[1].mark, MARK_FAILED);
    board.whole[1] = true;
    assert_int_equal(boot(false), 1);
}

static void a_candidate_below_the_minimum_fails(void **unused)
{
    (void)unused;
    (void)one_and(MARK_CANDIDATE);
    board.written.slot[0].version = V3;
    board.written.minimum_version = V3;
    assert_int_equal(boot(false), 1);
    assert_string_equal(board.log, "1a");
    assert_int_equal(board.written.slot[1].mark, MARK_FAILED);
}

static void an_attempt_that_cannot_be_written_is_not_made(void **unused)
{
    (void)unused;
    (void)one_and(MARK_CANDIDATE);
    board.journal_takes = false;
    assert_int_equal(boot(false), 1);
    assert_string_equal(board.log, "2a1");
    board.journal_takes = true; // and is not counted
    assert_int_equal(boot(false), 2);
    assert_int_equal(board.written.attempts, 1);
}

static void a_failed_candidate_and_a_damaged_current_image_are_one_record(void **unused)
{
    (void)unused;
    (void)one_and(MARK_CANDIDATE);
    board.whole[0] = board.whole[1] = false;
    assert_int_equal(boot(false), 0);
    assert_string_equal(board.log, "21a");
    assert_int_equal(board.written.current, 0);
    assert_int_equal(board.written.slot[0].mark, MARK_FAILED);
    assert_int_equal(board.written.slot[1].mark, MARK_FAILED);
}

static void what_recovery_installed_is_tried_without_a_current_image(void **unused)
{
    (void)unused;
    (void)one_and(MARK_CANDIDATE);
    board.written.current = 0;
    board.written.slot[0].mark = MARK_FAILED;
    assert_int_equal(boot(false), 2);
    assert_int_equal(board.written.attempts, 1);
    assert_int_equal(board.written.current, 0);
    assert_int_equal(boot(true), 0);
    assert_int_equal(board.written.slot[1].mark, MARK_FAILED);
    assert_int_equal(board.written.current, 0);
}

#define FRESH(test) cmocka_unit_test_setup(test, a_whole_board)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(from_production_the_newest_is_current),
        FRESH(from_production_equal_versions_start_in_bank_1),
        FRESH(from_production_an_empty_slot_is_void),
        FRESH(from_production_no_image_is_no_current_one),
        FRESH(from_production_the_minimum_of_the_newest_holds),
        FRESH(the_current_image_starts_and_nothing_else_is_looked_at),
        FRESH(void_and_failed_slots_are_never_looked_at),
        FRESH(a_damaged_current_image_gives_way_to_the_other_for_good),
        FRESH(the_same_from_bank_2),
        FRESH(with_both_images_damaged_nothing_starts_until_one_is_replaced),
        FRESH(the_other_image_does_not_start_below_the_minimum),
        FRESH(an_image_at_the_minimum_starts),
        FRESH(a_journal_that_takes_nothing_does_not_stop_a_good_image),
        FRESH(a_candidate_starts_once_the_attempt_is_written),
        FRESH(a_candidate_in_bank_1_starts_as_well),
        FRESH(a_candidate_that_never_confirms_has_so_many_attempts),
        FRESH(the_attempts_exceed_any_sweep),
        FRESH(a_candidate_that_hangs_fails_at_once),
        FRESH(a_watchdog_before_the_first_attempt_was_somebody_elses),
        FRESH(a_watchdog_does_not_touch_a_good_image),
        FRESH(a_damaged_candidate_fails),
        FRESH(a_candidate_below_the_minimum_fails),
        FRESH(an_attempt_that_cannot_be_written_is_not_made),
        FRESH(a_failed_candidate_and_a_damaged_current_image_are_one_record),
        FRESH(what_recovery_installed_is_tried_without_a_current_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
