/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What a sweep asks of a machine: a log of reads that changes nothing but itself, and unstable cells that read the same
 * way in every run from the same state.
 */
#include "whole.h"

#include <string.h>

#define COUNTER FIRMWARE("counter")
#define FLASH   "flash"
#define STORE   0u       /* flash is the first of the chip table */
#define NUMBERS 0x80000u /* bank 2: where the counting firmware keeps them, offset in the store */
#define LONG    60000u   /* instructions: boot and some waiting for an order */

static const uint32_t three[6] = {0, ~0u, 1, ~1u, 2, ~2u};

/** The counting firmware with numbers 0 to 2 in its page. */
static struct machine *counting(void)
{
    struct error err;
    struct machine *machine = whole_create();
    whole_load(machine, COUNTER, 0);
    ck_assert_int_eq(machine_load(machine, 0x08000000u + NUMBERS, three, sizeof three, &err), TB_OK);
    return machine;
}

struct seen {
    uint64_t digest, trace, time_ps;
};

static struct seen run(struct machine *machine)
{
    machine_power_on(machine);
    whole_run_to(machine, LONG);
    return (struct seen){machine_digest(machine), machine_trace_digest(machine), machine_time_ps(machine)};
}

static void assert_same(struct seen a, struct seen b)
{
    ck_assert_uint_eq(a.digest, b.digest);
    ck_assert_uint_eq(a.trace, b.trace);
    ck_assert_uint_eq(a.time_ps, b.time_ps);
}

static bool is_noted(struct machine *machine, uint32_t offset, uint32_t length)
{
    uint32_t count;
    const struct read_mark *marks = machine_reads(machine, &count);
    for (uint32_t i = 0; i < count; i++)
        if (marks[i].store == STORE && marks[i].offset == offset && marks[i].length == length)
            return true;
    return false;
}

START_TEST(a_boot_with_the_log_on_is_the_same_boot)
{
    struct machine *plain = counting(), *logged = counting();
    machine_log_reads(logged, true);
    assert_same(run(plain), run(logged));
    ck_assert(is_noted(logged, 0, FRAME_SIZE)); /* vectors and code */
    ck_assert(is_noted(logged, NUMBERS, FRAME_SIZE));
    ck_assert(!is_noted(logged, NUMBERS + FRAME_SIZE, FRAME_SIZE)); /* the other half of the page: nobody looks */
    machine_destroy(plain);
    machine_destroy(logged);
}
END_TEST

START_TEST(a_page_watched_finely_changes_nothing_but_the_log)
{
    struct machine *plain = counting(), *fine = counting();
    ck_assert(machine_watch_finely(fine, STORE, NUMBERS / FRAME_SIZE));
    ck_assert(!machine_watch_finely(fine, STORE, NUMBERS / FRAME_SIZE));
    machine_log_reads(fine, true);
    assert_same(run(plain), run(fine));
    ck_assert(!is_noted(fine, NUMBERS, FRAME_SIZE));
    for (uint32_t i = 0; i < 4u; i++) /* three numbers and the blank one behind them */
        ck_assert(is_noted(fine, NUMBERS + 8u * i, 8));
    ck_assert(!is_noted(fine, NUMBERS + 32u, 8));
    machine_destroy(plain);
    machine_destroy(fine);
}
END_TEST

START_TEST(code_in_a_page_watched_finely_runs_the_same)
{
    struct machine *plain = counting(), *fine = counting();
    ck_assert(machine_watch_finely(fine, STORE, 0));
    machine_log_reads(fine, true);
    assert_same(run(plain), run(fine));
    ck_assert(is_noted(fine, 0, 8) || is_noted(fine, 0, FRAME_SIZE)); /* the vectors */
    machine_destroy(plain);
    machine_destroy(fine);
}
END_TEST

START_TEST(the_log_begins_anew_and_forgets_no_first_read)
{
    struct machine *machine = counting();
    machine_log_reads(machine, true);
    (void)run(machine);
    uint32_t count, again;
    (void)machine_reads(machine, &count);
    machine_power_off(machine, TEAR_OLD, 1);
    machine_log_reads(machine, true);
    (void)run(machine);
    (void)machine_reads(machine, &again);
    ck_assert_uint_gt(count, 1);
    ck_assert_uint_eq(again, count);
    ck_assert(is_noted(machine, NUMBERS, FRAME_SIZE));
    machine_destroy(machine);
}
END_TEST

/* Numbers 0 and 1, then a word that is neither blank nor the next: the firmware erases the page and writes 0 and 1. */
START_TEST(what_decided_an_erase_is_noted_and_what_is_read_behind_it_is_not)
{
    struct machine *machine = counting();
    struct error err;
    ck_assert_int_eq(machine_load(machine, 0x08000000u + NUMBERS + 16u, "nonsense", 8, &err), TB_OK);
    ck_assert(machine_watch_finely(machine, STORE, NUMBERS / FRAME_SIZE));
    machine_log_reads(machine, true);
    machine_power_on(machine);
    whole_run_to(machine, 400000u); /* polls through an erase of 22 ms: DS10198 table 54 */
    struct machine_counters counters;
    machine_get_counters(machine, &counters);
    ck_assert_uint_eq(counters.ops[OP_ERASE], 1);
    ck_assert_uint_eq(counters.ops[OP_PROGRAM], 2);
    for (uint32_t i = 0; i < 3u; i++)
        ck_assert(is_noted(machine, NUMBERS + 8u * i, 8));
    ck_assert(!is_noted(machine, NUMBERS + 24u, 8));
    ck_assert(!is_noted(machine, NUMBERS, FRAME_SIZE));
    machine_destroy(machine);
}
END_TEST

/* --- unstable cells ---------------------------------------------------------------------------- */

#define WORD_OFFSET 0x90000u
#define NEW         0x1111222233334444ull

/* ldr r0, =0x08090000; ldr r3, =0x20000100; ldr r1, [r0]; ldr r2, [r0]; str r1, [r3]; str r2, [r3, #4]; ldr r1, [r0];
 * str r1, [r3, #8]; b .   (encodings: ARM DDI 0403E A7.7.43, A7.7.44, A7.7.161, A7.7.12) */
static const uint16_t looks_thrice[] = {0x1000, 0x2000, 0x0009, 0x0800, 0x4804, 0x4b05, 0x6801, 0x6802, 0x6019,
                                        0x605a, 0x6801, 0x6099, 0xe7fe, 0xbf00, 0x0000, 0x0809, 0x0100, 0x2000};

static struct machine *looking(enum cell_state state, uint32_t first, uint32_t cells)
{
    struct error err;
    struct machine *machine = whole_create();
    ck_assert_int_eq(machine_load(machine, 0x08000000u, looks_thrice, sizeof looks_thrice, &err), TB_OK);
    struct cell cell = cell_make(NEW, ecc_check(NEW), state);
    cell.old = UINT64_MAX;
    cell.old_check = 0xff;
    for (uint32_t i = 0; i < cells; i++)
        ck_assert_int_eq(machine_set_cell(machine, FLASH, first + 8u * i, cell, &err), TB_OK);
    return machine;
}

static void assert_looks(enum cell_state state, const uint32_t expected[3], bool watched)
{
    struct machine *machine = looking(state, WORD_OFFSET, 1);
    uint32_t got[3];
    if (watched) {
        (void)machine_watch_finely(machine, STORE, WORD_OFFSET / FRAME_SIZE);
        machine_log_reads(machine, true);
    }
    machine_power_on(machine);
    whole_run_to(machine, 50);
    whole_read(machine, 0x20000100u, got, sizeof got);
    for (uint32_t i = 0; i < 3u; i++)
        ck_assert_msg(got[i] == expected[i], "state %u, look %u: 0x%08x, expected 0x%08x", (unsigned)state, i, got[i],
                      expected[i]);
    machine_destroy(machine);
}

START_TEST(a_cell_that_reads_new_then_old_does_so_on_a_machine)
{
    static const uint32_t new_old[3] = {0x33334444u, ~0u, ~0u}, old_new[3] = {~0u, 0x33334444u, 0x33334444u};
    static const uint32_t always_new[3] = {0x33334444u, 0x33334444u, 0x33334444u}, always_old[3] = {~0u, ~0u, ~0u};
    for (int watched = 0; watched < 2; watched++) {
        assert_looks(CELL_UNSTABLE_NEW_OLD, new_old, watched);
        assert_looks(CELL_UNSTABLE_OLD_NEW, old_new, watched);
        assert_looks(CELL_UNSTABLE_NEW, always_new, watched);
        assert_looks(CELL_UNSTABLE_OLD, always_old, watched);
    }
}
END_TEST

#define CELLS  40u
#define UNREAD (WORD_OFFSET + 8u) /* by the program: it has no handler for the NMI of ECCD */

static void read_modes(struct machine *machine, uint8_t modes[CELLS])
{
    struct error err;
    struct cell cell;
    for (uint32_t i = 0; i < CELLS; i++) {
        ck_assert_int_eq(machine_cell(machine, FLASH, UNREAD + 8u * i, &cell, &err), TB_OK);
        ck_assert(cell_is_unstable(cell));
        modes[i] = cell.state;
    }
}

static void restart(struct machine *machine, uint32_t round)
{
    if (round % 2u == 0) {
        machine_power_off(machine, TEAR_OLD, round);
        machine_power_on(machine);
    } else {
        machine_reset(machine, RESET_PIN);
    }
    whole_run_to(machine, machine_instructions(machine) + 1000u);
}

START_TEST(unstable_cells_read_in_another_mode_after_each_reset_and_the_same_one_again)
{
    struct machine *machine = looking(CELL_UNSTABLE_NEW, UNREAD, CELLS),
                   *again = looking(CELL_UNSTABLE_NEW, UNREAD, CELLS);
    uint8_t before[CELLS], modes[CELLS], others[CELLS];
    uint32_t all = 0;
    machine_power_on(machine);
    machine_power_on(again);
    whole_run_to(machine, 1000);
    whole_run_to(again, 2000); /* when it comes makes no difference */
    for (uint32_t round = 0; round < 12u; round++) {
        read_modes(machine, before);
        restart(machine, round);
        restart(again, round);
        read_modes(machine, modes);
        read_modes(again, others);
        ck_assert(memcmp(modes, others, sizeof modes) == 0);
        for (uint32_t i = 0; i < CELLS; i++) {
            ck_assert_uint_ne(modes[i], before[i]);
            all |= 1u << modes[i];
        }
    }
    ck_assert_uint_eq(all, 1u << CELL_UNSTABLE_OLD | 1u << CELL_UNSTABLE_NEW | 1u << CELL_UNSTABLE_ECCD |
                               1u << CELL_UNSTABLE_NEW_OLD | 1u << CELL_UNSTABLE_OLD_NEW);
    machine_destroy(machine);
    machine_destroy(again);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read log");
    TCase *tcase = tcase_create("read log");
    tcase_add_test(tcase, a_boot_with_the_log_on_is_the_same_boot);
    tcase_add_test(tcase, a_page_watched_finely_changes_nothing_but_the_log);
    tcase_add_test(tcase, code_in_a_page_watched_finely_runs_the_same);
    tcase_add_test(tcase, the_log_begins_anew_and_forgets_no_first_read);
    tcase_add_test(tcase, what_decided_an_erase_is_noted_and_what_is_read_behind_it_is_not);
    tcase_add_test(tcase, a_cell_that_reads_new_then_old_does_so_on_a_machine);
    tcase_add_test(tcase, unstable_cells_read_in_another_mode_after_each_reset_and_the_same_one_again);
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
