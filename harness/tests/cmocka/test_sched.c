/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "cmocka_tests.h"
#include "sim/sched.h"

#include <string.h>

static void an_empty_schedule_is_never_due(void **state)
{
    (void)state;
    struct sched sched;
    sched_init(&sched);
    assert_true(sched_next_due(&sched) == TIME_NEVER);
    assert_int_equal(sched_pop(&sched, TIME_NEVER), SCHED_SLOTS);
    sched_cancel(&sched, 3);
    assert_int_equal(sched_pop(&sched, TIME_NEVER), SCHED_SLOTS);
}

static void events_fire_by_time_and_not_before(void **state)
{
    (void)state;
    struct sched sched;
    sched_init(&sched);
    sched_set(&sched, 1, 300);
    sched_set(&sched, 2, 100);
    sched_set(&sched, 3, 200);
    assert_true(sched_next_due(&sched) == 100);
    assert_int_equal(sched_pop(&sched, 99), SCHED_SLOTS);
    assert_int_equal(sched_pop(&sched, 100), 2);
    assert_int_equal(sched_pop(&sched, 250), 3);
    assert_int_equal(sched_pop(&sched, 250), SCHED_SLOTS);
    assert_int_equal(sched_pop(&sched, 300), 1);
    assert_true(sched_next_due(&sched) == TIME_NEVER);
}

static void events_of_one_time_fire_in_slot_order_however_they_were_set(void **state)
{
    (void)state;
    static const uint32_t orders[][5] = {{0, 7, 31, 200, 255}, {255, 200, 31, 7, 0}, {31, 255, 0, 200, 7}};
    for (size_t o = 0; o < ARRAY_LENGTH(orders); o++) {
        struct sched sched;
        sched_init(&sched);
        for (size_t i = 0; i < 5; i++)
            sched_set(&sched, orders[o][i], 1000);
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(sched_pop(&sched, 1000), orders[0][i]);
    }
}

static void an_event_that_is_set_again_moves(void **state)
{
    (void)state;
    struct sched sched;
    sched_init(&sched);
    sched_set(&sched, 1, 100);
    sched_set(&sched, 2, 200);
    sched_set(&sched, 1, 300);
    assert_int_equal(sched_pop(&sched, 1000), 2);
    assert_int_equal(sched_pop(&sched, 1000), 1);
    assert_int_equal(sched_pop(&sched, 1000), SCHED_SLOTS);
}

static void a_cancelled_event_does_not_fire(void **state)
{
    (void)state;
    struct sched sched;
    sched_init(&sched);
    for (uint32_t slot = 0; slot < 10; slot++)
        sched_set(&sched, slot, 100u + slot);
    sched_cancel(&sched, 0);
    sched_cancel(&sched, 5);
    sched_set(&sched, 9, TIME_NEVER);
    static const uint32_t left[] = {1, 2, 3, 4, 6, 7, 8, SCHED_SLOTS};
    for (size_t i = 0; i < ARRAY_LENGTH(left); i++)
        assert_int_equal(sched_pop(&sched, 1000), left[i]);
}

static void every_change_is_counted(void **state)
{
    (void)state;
    struct sched sched;
    sched_init(&sched);
    uint32_t before = sched.changes;
    sched_set(&sched, 4, 10);
    sched_set(&sched, 4, 20);
    sched_cancel(&sched, 4);
    assert_int_equal(sched.changes - before, 3);
    sched_set(&sched, 4, 10);
    before = sched.changes;
    assert_int_equal(sched_pop(&sched, 10), 4);
    assert_int_equal(sched.changes - before, 1);
}

static void a_copied_schedule_goes_on_alone(void **state)
{
    (void)state;
    struct sched sched, copy;
    sched_init(&sched);
    sched_set(&sched, 8, 10);
    sched_set(&sched, 9, 20);
    copy = sched;
    assert_int_equal(sched_pop(&sched, 10), 8);
    assert_true(sched_next_due(&sched) == 20);
    assert_true(sched_next_due(&copy) == 10);
}

/** The slot that is to fire: by scanning all of them. */
static uint32_t naive_next(const uint64_t due[SCHED_SLOTS])
{
    uint32_t best = SCHED_SLOTS;
    for (uint32_t slot = 0; slot < SCHED_SLOTS; slot++) {
        if (due[slot] != TIME_NEVER && (best == SCHED_SLOTS || due[slot] < due[best]))
            best = slot;
    }
    return best;
}

static void random_changes_agree_with_a_scan_of_all_slots(void **state)
{
    (void)state;
    struct sched sched;
    uint64_t due[SCHED_SLOTS], seed = 20261122, fired = 0;
    sched_init(&sched);
    memset(due, 0xff, sizeof(due));
    for (unsigned i = 0; i < 200000; i++) {
        uint64_t random = next_random(&seed);
        uint32_t slot = random >> 8 & 0xffu;
        uint32_t expected = naive_next(due);
        assert_true(sched_next_due(&sched) == (expected < SCHED_SLOTS ? due[expected] : TIME_NEVER));
        switch (random & 3u) {
        case 0:
        case 1:
            due[slot] = random >> 16 & 0x3fu; /* few times, many ties */
            sched_set(&sched, slot, due[slot]);
            break;
        case 2:
            due[slot] = TIME_NEVER;
            sched_cancel(&sched, slot);
            break;
        default:
            assert_int_equal(sched_pop(&sched, 63), expected);
            if (expected < SCHED_SLOTS) {
                due[expected] = TIME_NEVER;
                fired++;
            }
        }
    }
    assert_true(fired > 10000);
    assert_memory_equal(sched.due_ps, due, sizeof(due));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_schedule_is_never_due),
        cmocka_unit_test(events_fire_by_time_and_not_before),
        cmocka_unit_test(events_of_one_time_fire_in_slot_order_however_they_were_set),
        cmocka_unit_test(an_event_that_is_set_again_moves),
        cmocka_unit_test(a_cancelled_event_does_not_fire),
        cmocka_unit_test(every_change_is_counted),
        cmocka_unit_test(a_copied_schedule_goes_on_alone),
        cmocka_unit_test(random_changes_agree_with_a_scan_of_all_slots),
    };
    return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
