/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The same firmware, run twice, cut into pieces, or continued from a snapshot, does the same.
 */
#include "whole.h"

#define TORTURE  FIRMWARE("torture")
#define COUNTING FIRMWARE("counting")

/* The counting firmware is stopped in this window around the place where its tick starts
 * (test_counting proves the number). */
#define TICK_STARTS  148925615u
#define WINDOW_BEGIN (TICK_STARTS - 100000u)
#define WINDOW_END   (TICK_STARTS + 400000u)

static const unsigned intervals[] = {5, 37, 300};
/* The torture firmware is also stopped behind every single instruction. */
static const unsigned torture_intervals[] = {1, 2, 5, 37, 300};

struct outcome {
    uint64_t trace, digest, instructions, time_ps;
    uint64_t stops;
};

static struct outcome outcome_of(struct machine *machine, uint64_t stops)
{
    return (struct outcome){
        .trace = machine_trace_digest(machine),
        .digest = machine_digest(machine),
        .instructions = machine_instructions(machine),
        .time_ps = machine_time_ps(machine),
        .stops = stops,
    };
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
    ck_assert_uint_eq(a->instructions, b->instructions);
    ck_assert_uint_eq(a->time_ps, b->time_ps);
    ck_assert_uint_eq(a->trace, b->trace);
    ck_assert_uint_eq(a->digest, b->digest);
}

/** Runs to `end`, stopping every 1..interval instructions (0: not at all); how often it stopped. */
static uint64_t run_in_pieces(struct machine *machine, uint64_t end, unsigned interval)
{
    uint64_t stops = 0;
    for (;;) {
        struct run_limit limit = {.time_ps = 100u * PS_PER_S, .instructions = end};
        if (interval > 0u) {
            uint64_t next = machine_instructions(machine) + 1u + mix64(stops) % interval;
            limit.instructions = next < end ? next : end;
        }
        enum run_end reason = machine_run(machine, limit);
        if (reason != RUN_INSTRUCTIONS || machine_instructions(machine) >= end)
            return stops;
        stops++;
    }
}

/* The torture firmware ends in lockup, before any of these limits. */
static struct outcome run_torture(unsigned interval)
{
    struct machine *machine = whole_start(TORTURE);
    uint64_t stops = run_in_pieces(machine, 50000000u, interval);
    struct outcome outcome = outcome_of(machine, stops);
    ck_assert_uint_eq(whole_variable(machine, TORTURE, "done"), 0x600d600du);
    ck_assert(machine_is_locked_up(machine));
    machine_destroy(machine);
    return outcome;
}

static struct outcome run_counting(unsigned interval)
{
    struct machine *machine = whole_start(COUNTING);
    (void)run_in_pieces(machine, WINDOW_BEGIN, 0);
    uint64_t stops = run_in_pieces(machine, WINDOW_END, interval);
    struct outcome outcome = outcome_of(machine, stops);
    ck_assert_uint_gt(whole_variable(machine, COUNTING, "ticks"), 300);
    machine_destroy(machine);
    return outcome;
}

START_TEST(the_torture_firmware_does_the_same_when_run_twice)
{
    struct outcome first = run_torture(0);
    struct outcome second = run_torture(0);
    ck_assert_uint_gt(first.instructions, 1000000u);
    assert_same(&first, &second);
}
END_TEST

START_TEST(the_torture_firmware_does_the_same_with_forced_stops)
{
    struct outcome whole = run_torture(0);
    struct outcome pieces = run_torture(torture_intervals[_i]);
    ck_assert_uint_gt(2u * pieces.stops, whole.instructions / torture_intervals[_i]);
    assert_same(&whole, &pieces);
}
END_TEST

/** Turns a bit of the first double word of each page, so that its code is announced to the bus before it runs. */
static struct machine *start_with_bad_cells(const char *elf)
{
    struct machine *machine = whole_create();
    struct error err;
    whole_load(machine, elf, 0);
    for (uint32_t offset = 0; offset < 0x10000u; offset += FRAME_SIZE) {
        struct cell cell;
        ck_assert_msg(machine_cell(machine, "flash", offset, &cell, &err) == TB_OK, "%s", err.text);
        cell.check ^= 1u;
        ck_assert_msg(machine_set_cell(machine, "flash", offset, cell, &err) == TB_OK, "%s", err.text);
    }
    machine_power_on(machine);
    return machine;
}

static struct outcome run_torture_on_bad_cells(unsigned interval)
{
    struct machine *machine = start_with_bad_cells(TORTURE);
    uint64_t stops = run_in_pieces(machine, 50000000u, interval);
    struct outcome outcome = outcome_of(machine, stops);
    ck_assert_uint_eq(whole_variable(machine, TORTURE, "done"), 0x600d600du);
    machine_destroy(machine);
    return outcome;
}

/* A stop inside the first block of an announced run must neither announce it again nor be a fault. */
START_TEST(code_in_pages_with_bad_cells_does_the_same_with_forced_stops)
{
    struct outcome whole = run_torture_on_bad_cells(0);
    struct outcome pieces = run_torture_on_bad_cells(intervals[_i]);
    assert_same(&whole, &pieces);
}
END_TEST

START_TEST(its_checksum_is_the_same_with_forced_stops)
{
    struct machine *machine = whole_start(TORTURE);
    (void)run_in_pieces(machine, 50000000u, 0);
    uint32_t whole = whole_variable(machine, TORTURE, "checksum");
    machine_destroy(machine);
    machine = whole_start(TORTURE);
    (void)run_in_pieces(machine, 50000000u, 37);
    ck_assert_uint_ne(whole, 0);
    ck_assert_uint_eq(whole_variable(machine, TORTURE, "checksum"), whole);
    machine_destroy(machine);
}
END_TEST

START_TEST(the_counting_firmware_does_the_same_when_run_twice)
{
    struct outcome first = run_counting(0);
    struct outcome second = run_counting(0);
    assert_same(&first, &second);
}
END_TEST

START_TEST(the_counting_firmware_does_the_same_with_forced_stops)
{
    struct outcome whole = run_counting(0);
    struct outcome pieces = run_counting(intervals[_i]);
    ck_assert_uint_gt(pieces.stops, (WINDOW_END - WINDOW_BEGIN) / intervals[_i]);
    assert_same(&whole, &pieces);
}
END_TEST

/** Folds every observation, so that two futures of one machine can be compared. */
static void on_any(void *context, const struct obs *obs)
{
    uint64_t *fold = context;
    const uint64_t fields[] = {obs->time_ps, obs->instructions, obs->c,     obs->pc, obs->a,
                               obs->b,       obs->kind,         obs->device};
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        *fold = mix64(*fold ^ fields[i]) + i;
}

/* Snapshots at many places, in handlers and asleep among them. */
START_TEST(a_restored_snapshot_has_the_same_future)
{
    uint64_t total = run_torture(0).instructions;
    struct machine *machine = whole_start(TORTURE);
    uint64_t fold = 0;
    unsigned saved_with_mpu_on = 0;
    machine_add_observer(machine, OBS_ALL, on_any, &fold);
    for (uint64_t k = 1; k < 20u; k++) {
        uint64_t middle = total / 20u * k + mix64(k) % 1000u;
        (void)run_in_pieces(machine, middle, 0);
        uint64_t digest = machine_digest(machine);
        saved_with_mpu_on += whole_variable(machine, TORTURE, "mpu_on") == 1u;
        struct snapshot *snapshot = NULL;
        struct error err;
        ck_assert_msg(machine_save(machine, &snapshot, &err) == TB_OK, "%s", err.text);
        fold = 0;
        (void)run_in_pieces(machine, 50000000u, 0);
        struct outcome first = outcome_of(machine, 0);
        uint64_t first_fold = fold;
        ck_assert_uint_ne(first.digest, digest);

        machine_restore(machine, snapshot);
        ck_assert_uint_eq(machine_digest(machine), digest);
        fold = 0;
        (void)run_in_pieces(machine, 50000000u, k % 2u == 0u ? 300 : 0);
        struct outcome second = outcome_of(machine, 0);
        ck_assert_uint_eq(first.instructions, second.instructions);
        ck_assert_uint_eq(first.time_ps, second.time_ps);
        ck_assert_uint_eq(first.digest, second.digest);
        ck_assert_uint_eq(first_fold, fold);

        machine_restore(machine, snapshot);
        snapshot_free(machine, snapshot);
    }
    ck_assert_uint_gt(saved_with_mpu_on, 0);
    machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("determinism");
    TCase *tcase = tcase_create("determinism");
    tcase_add_test(tcase, the_torture_firmware_does_the_same_when_run_twice);
    tcase_add_loop_test(tcase, the_torture_firmware_does_the_same_with_forced_stops, 0,
                        (int)ARRAY_LENGTH(torture_intervals));
    tcase_add_test(tcase, its_checksum_is_the_same_with_forced_stops);
    tcase_add_test(tcase, the_counting_firmware_does_the_same_when_run_twice);
    tcase_add_loop_test(tcase, the_counting_firmware_does_the_same_with_forced_stops, 0, (int)ARRAY_LENGTH(intervals));
    tcase_add_test(tcase, a_restored_snapshot_has_the_same_future);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("bad cells");
    tcase_add_loop_test(tcase, code_in_pages_with_bad_cells_does_the_same_with_forced_stops, 1,
                        (int)ARRAY_LENGTH(intervals)); /* from 37 on: announced code is slow */
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
