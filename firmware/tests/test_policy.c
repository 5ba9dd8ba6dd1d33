// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// What the updater takes and refuses, and what the journal says after each step of an image's life.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crc32.h"
#include "update/policy.h"

#define V1 0x00010000u
#define V2 0x00020000u
#define V3 0x00030000u

static struct image_header image(uint32_t version, uint32_t minimum)
{
    struct image_header header;

    memset(&header, 0xff, sizeof header);
    header.magic = 0x4d494254u;
    header.header_version = 1;
    header.chip_id = 0x415;
    header.board_id = 0x1136;
    header.image_bytes = 4096;
    header.version = version;
    header.image_crc = 0x12345678;
    header.flags = 0;
    header.minimum_version = minimum;
    header.header_crc = crc32_words((const uint32_t *)&header, 127);
    return header;
}

// 2.0.0 runs in bank 1, 1.0.0 is in bank 2 and was good.
static struct journal_state journal;
static struct update_request request;

static int two_runs_and_one_was_good(void **state)
{
    (void)state;
    journal = (struct journal_state){
        .current = 1,
        .slot = {{.mark = MARK_GOOD, .header_crc = 22, .bytes = 2008, .version = V2},
                 {.mark = MARK_GOOD, .header_crc = 11, .bytes = 1008, .version = V1}},
    };
    request = (struct update_request){.bank = 2, .running_version = V2, .journal = &journal};
    return 0;
}

static enum update_result judged(uint32_t version)
{
    const struct image_header header = image(version, 0);

    return policy_judge_image(&request, &header, 0, crc32_words);
}

static void assert_slot(unsigned bank, uint8_t mark, uint32_t header_crc, uint32_t bytes, uint32_t version)
{
    const struct journal_slot *slot = &journal.slot[bank - 1u];

    assert_int_equal(slot->mark, mark);
    assert_int_equal(slot->header_crc, header_crc);
    assert_int_equal(slot->bytes, bytes);
    assert_int_equal(slot->version, version);
}

// ---- Taken or refused ---------------------------------------------------------------------------

static void an_update_is_refused_while_the_running_image_is_on_trial(void **state)
{
    (void)state;
    assert_int_equal(policy_judge_start(&request), UPDATE_RUNNING);
    journal.slot[0].mark = MARK_CANDIDATE;
    assert_int_equal(policy_judge_start(&request), UPDATE_REFUSED_TRIAL);
    request.allow_older = true;
    assert_int_equal(policy_judge_start(&request), UPDATE_REFUSED_TRIAL);
}

static void what_the_target_holds_is_no_reason_to_refuse(void **state)
{
    (void)state;
    for (unsigned mark = MARK_VOID; mark <= MARK_FAILED; mark++) {
        journal.slot[1].mark = (uint8_t)mark;
        assert_int_equal(policy_judge_start(&request), UPDATE_RUNNING);
    }
    request.bank = 1; // the other way round
    journal.slot[1].mark = MARK_CANDIDATE;
    assert_int_equal(policy_judge_start(&request), UPDATE_REFUSED_TRIAL);
}

static void only_a_newer_image_is_an_update(void **state)
{
    (void)state;
    assert_int_equal(judged(V3), UPDATE_RUNNING);
    assert_int_equal(judged(V2 + 1u), UPDATE_RUNNING);
    assert_int_equal(judged(V2), UPDATE_REFUSED_SAME);
    assert_int_equal(judged(V2 - 1u), UPDATE_REFUSED_OLDER);
    assert_int_equal(judged(V1), UPDATE_REFUSED_OLDER);
}

static void a_downgrade_may_be_older_but_not_the_same(void **state)
{
    (void)state;
    request.allow_older = true;
    assert_int_equal(judged(V1), UPDATE_RUNNING);
    assert_int_equal(judged(V2), UPDATE_REFUSED_SAME);
    assert_int_equal(judged(V3), UPDATE_RUNNING);
}

static void nothing_goes_below_the_minimum(void **state)
{
    (void)state;
    journal.minimum_version = V1 + 5u;
    request.allow_older = true;
    assert_int_equal(judged(V1 + 4u), UPDATE_REFUSED_MINIMUM);
    assert_int_equal(judged(V1 + 5u), UPDATE_RUNNING);
    request.allow_older = false;
    assert_int_equal(judged(V1 + 4u), UPDATE_REFUSED_MINIMUM);
    request.running_version = 0; // nor in recovery
    assert_int_equal(judged(V1 + 4u), UPDATE_REFUSED_MINIMUM);
    assert_int_equal(judged(V1 + 5u), UPDATE_RUNNING);
}

static void recovery_takes_any_version(void **state)
{
    (void)state;
    request.running_version = 0;
    assert_int_equal(judged(1), UPDATE_RUNNING);
    assert_int_equal(judged(V2), UPDATE_RUNNING);
}

static void a_file_of_another_length_is_refused(void **state)
{
    const struct image_header header = image(V3, 0);

    (void)state;
    assert_int_equal(policy_judge_image(&request, &header, 512u + 4096u, crc32_words), UPDATE_RUNNING);
    assert_int_equal(policy_judge_image(&request, &header, 512u + 4095u, crc32_words), UPDATE_REFUSED_SIZE);
    assert_int_equal(policy_judge_image(&request, &header, 512u + 4104u, crc32_words), UPDATE_REFUSED_SIZE);
}

static void what_is_no_image_is_refused_before_its_version_is_read(void **state)
{
    struct image_header header = image(V1, 0);

    (void)state;
    header.image_bytes++; // the checksum is wrong now
    assert_int_equal(policy_judge_image(&request, &header, 0, crc32_words), UPDATE_REFUSED_BOARD);
    header = image(V1, 0);
    header.board_id++;
    header.header_crc = crc32_words((const uint32_t *)&header, 127);
    assert_int_equal(policy_judge_image(&request, &header, 0, crc32_words), UPDATE_REFUSED_BOARD);
    header = image(V1, 0);
    header.image_bytes = 247u * 2048u; // with its header it would reach into the journal
    header.header_crc = crc32_words((const uint32_t *)&header, 127);
    assert_int_equal(policy_judge_image(&request, &header, 0, crc32_words), UPDATE_REFUSED_SIZE);
}

// ---- What the journal says ----------------------------------------------------------------------

static void a_void_slot_names_no_image(void **state)
{
    (void)state;
    policy_void(&journal, 2);
    assert_slot(2, MARK_VOID, 0, 0, 0);
    assert_slot(1, MARK_GOOD, 22, 2008, V2);
    assert_int_equal(journal.current, 1);
}

static void voiding_a_candidate_forgets_its_attempts(void **state)
{
    (void)state;
    journal.slot[1].mark = MARK_CANDIDATE;
    journal.attempts = 3;
    policy_void(&journal, 2);
    assert_int_equal(journal.attempts, 0);
}

static void voiding_what_is_current_falls_back_on_what_is_good(void **state)
{
    (void)state;
    policy_void(&journal, 1);
    assert_int_equal(journal.current, 2);
    policy_void(&journal, 2);
    assert_int_equal(journal.current, 0);
}

static void a_candidate_is_named_by_its_header_and_changes_nothing_else(void **state)
{
    const struct image_header header = image(V3, V2);

    (void)state;
    policy_void(&journal, 2);
    policy_candidate(&journal, 2, &header);
    assert_slot(2, MARK_CANDIDATE, header.header_crc, 4096, V3);
    assert_slot(1, MARK_GOOD, 22, 2008, V2);
    assert_int_equal(journal.current, 1);
    assert_int_equal(journal.attempts, 0);
    assert_int_equal(journal.minimum_version, 0); // rises with the confirmation, not before
}

static void a_confirmed_image_is_current_and_its_fallback_stays(void **state)
{
    (void)state;
    journal.slot[1] = (struct journal_slot){.mark = MARK_CANDIDATE, .header_crc = 33, .bytes = 3008, .version = V3};
    journal.attempts = 2;
    policy_confirm(&journal, 2, 0);
    assert_int_equal(journal.current, 2);
    assert_int_equal(journal.attempts, 0);
    assert_int_equal(journal.minimum_version, 0);
    assert_slot(2, MARK_GOOD, 33, 3008, V3);
    assert_slot(1, MARK_GOOD, 22, 2008, V2);
}

static void a_minimum_that_rises_takes_older_fallbacks_away(void **state)
{
    (void)state;
    journal.slot[1] = (struct journal_slot){.mark = MARK_CANDIDATE, .header_crc = 33, .bytes = 3008, .version = V3};
    policy_confirm(&journal, 2, V2);
    assert_int_equal(journal.minimum_version, V2);
    assert_int_equal(journal.slot[0].mark, MARK_GOOD); // not older than the minimum
    policy_confirm(&journal, 2, V2 + 1u);
    assert_int_equal(journal.minimum_version, V2 + 1u);
    assert_slot(1, MARK_FAILED, 22, 2008, V2);
}

static void a_minimum_never_falls(void **state)
{
    (void)state;
    journal.minimum_version = V2;
    journal.slot[1] = (struct journal_slot){.mark = MARK_CANDIDATE, .version = V3};
    policy_confirm(&journal, 2, V1);
    assert_int_equal(journal.minimum_version, V2);
    policy_void(&journal, 1);
    policy_confirm(&journal, 2, V3);
    assert_slot(1, MARK_VOID, 0, 0, 0); // a void slot is not an image that failed
}

static void without_a_journal_the_running_image_is_good_and_the_other_unknown(void **state)
{
    const struct image_header header = image(V3, V1);

    (void)state;
    memset(&journal, 0xa5, sizeof journal);
    policy_factory(&journal, 2, &header);
    assert_int_equal(journal.current, 2);
    assert_int_equal(journal.attempts, 0);
    assert_int_equal(journal.minimum_version, V1);
    assert_slot(2, MARK_GOOD, header.header_crc, 4096, V3);
    // Not void: an update would erase it without a record then.
    assert_int_not_equal(journal.slot[0].mark, MARK_VOID);
    assert_int_not_equal(journal.slot[0].mark, MARK_CANDIDATE);
}

#define TEST(name) cmocka_unit_test_setup(name, two_runs_and_one_was_good)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_update_is_refused_while_the_running_image_is_on_trial),
        TEST(what_the_target_holds_is_no_reason_to_refuse),
        TEST(only_a_newer_image_is_an_update),
        TEST(a_downgrade_may_be_older_but_not_the_same),
        TEST(nothing_goes_below_the_minimum),
        TEST(recovery_takes_any_version),
        TEST(a_file_of_another_length_is_refused),
        TEST(what_is_no_image_is_refused_before_its_version_is_read),
        TEST(a_void_slot_names_no_image),
        TEST(voiding_a_candidate_forgets_its_attempts),
        TEST(voiding_what_is_current_falls_back_on_what_is_good),
        TEST(a_candidate_is_named_by_its_header_and_changes_nothing_else),
        TEST(a_confirmed_image_is_current_and_its_fallback_stays),
        TEST(a_minimum_that_rises_takes_older_fallbacks_away),
        TEST(a_minimum_never_falls),
        TEST(without_a_journal_the_running_image_is_good_and_the_other_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
