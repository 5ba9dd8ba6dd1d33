/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What the CPU does to be quick must not show: pages of devices that are not trapped for a while, and frames of flash
 * whose numbers are used again.
 */
#include "whole.h"

#include <string.h>

#define PLAIN   FIRMWARE("plain")
#define READRUN FIRMWARE("readrun")

#define DONE 0x600d600du
#define MOST 200000u /* instructions */

/* --- devices seen plainly ------------------------------------------------------------------------------------------
 */

#define MISTAKES_MAX 16u

struct mistakes {
    uint32_t pcs[MISTAKES_MAX];
    uint32_t count;
};

static void on_mistake(void *context, const struct obs *obs)
{
    struct mistakes *mistakes = context;
    ck_assert_uint_lt(mistakes->count, MISTAKES_MAX);
    mistakes->pcs[mistakes->count++] = obs->pc;
}

struct outcome {
    uint64_t trace, digest, instructions, spans, accesses;
    uint32_t result, read;
    struct mistakes mistakes;
};

/** Runs the firmware to its end, stopping every `interval` instructions (0: not at all). */
static struct outcome run_plain(unsigned interval)
{
    struct outcome outcome = {0};
    struct machine_counters counters;
    struct machine *machine = whole_create();
    uint32_t done = whole_symbol(PLAIN, "done");
    whole_load(machine, PLAIN, 0);
    machine_add_observer(machine, OBS_BIT(OBS_GUEST_ERROR), on_mistake, &outcome.mistakes);
    machine_power_on(machine);
    for (uint64_t stops = 0; whole_word(machine, done) != DONE || machine_instructions(machine) < MOST; stops++) {
        uint64_t step = interval > 0 ? 1u + mix64(stops) % interval : MOST;
        ck_assert_uint_lt(machine_instructions(machine), 2u * MOST);
        uint64_t to = machine_instructions(machine) + step;
        (void)machine_run(machine, (struct run_limit){100u * PS_PER_S, to < MOST ? to : MOST});
    }
    machine_get_counters(machine, &counters);
    outcome.trace = machine_trace_digest(machine);
    outcome.digest = machine_digest(machine);
    outcome.instructions = machine_instructions(machine);
    outcome.spans = counters.plain_spans;
    outcome.accesses = counters.mmio_accesses;
    outcome.result = whole_variable(machine, PLAIN, "result");
    outcome.read = whole_word(machine, whole_symbol(PLAIN, "result") + 4u);
    machine_destroy(machine);
    return outcome;
}

/** RM0351 15.3.3: polynomial 0x04c11db7, most significant bit first, begun with all ones. */
static uint32_t crc_of_1_to(uint32_t last)
{
    uint32_t crc = 0xffffffffu;
    for (uint32_t word = 1; word <= last; word++) {
        crc ^= word;
        for (unsigned bit = 0; bit < 32u; bit++)
            crc = crc << 1 ^ ((crc & 0x80000000u) != 0 ? 0x04c11db7u : 0);
    }
    return crc;
}

START_TEST(a_device_seen_plainly_computes_the_same)
{
    struct outcome outcome = run_plain(0);
    ck_assert_uint_eq(outcome.result, crc_of_1_to(200));
    ck_assert_uint_ge(outcome.spans, 10); /* left at each of what is not plain, and at interrupts */
}
END_TEST

START_TEST(mistakes_are_told_with_their_instruction)
{
    static const char *const places[] = {"even_polynomial",    "narrow_write", "write_without_clock",
                                         "read_without_clock", "reserved",     "narrow_on_condition"};
    struct outcome outcome = run_plain(0);
    ck_assert_uint_eq(outcome.mistakes.count, ARRAY_LENGTH(places));
    for (uint32_t i = 0; i < ARRAY_LENGTH(places); i++)
        ck_assert_msg(outcome.mistakes.pcs[i] == (whole_symbol(PLAIN, places[i]) & ~1u),
                      "mistake %u at 0x%08x, not at %s", i, outcome.mistakes.pcs[i], places[i]);
}
END_TEST

static const unsigned intervals[] = {1, 2, 5, 37, 300};

START_TEST(whether_it_is_trapped_does_not_show)
{
    struct outcome whole = run_plain(0), pieces = run_plain(intervals[_i]);
    ck_assert_uint_eq(pieces.instructions, whole.instructions);
    ck_assert_uint_eq(pieces.accesses, whole.accesses);
    ck_assert_uint_eq(pieces.result, whole.result);
    ck_assert_uint_eq(pieces.read, whole.read);
    ck_assert_uint_eq(pieces.trace, whole.trace);
    ck_assert_uint_eq(pieces.digest, whole.digest);
}
END_TEST

/* --- frames used again ---------------------------------------------------------------------------------------------
 */

#define FLASH_STORE 0u
#define BANK_2      0x80000u

/** Thumb code: movs r0, #value, behind so many no-operations, and back. */
static void function_cells(struct cell cells[FRAME_CELLS], uint8_t value, unsigned nops)
{
    uint16_t code[FRAME_SIZE / 2u];
    memset(code, 0xff, sizeof code);
    for (unsigned i = 0; i < nops; i++)
        code[i] = 0xbf00u;
    code[nops] = (uint16_t)(0x2000u | value);
    code[nops + 1u] = 0x4770u; /* bx lr */
    for (uint32_t i = 0; i < FRAME_CELLS; i++) {
        cells[i] = (struct cell){0};
        memcpy(&cells[i].data, &code[4u * i], 8);
        cells[i].check = ecc_check(cells[i].data);
    }
}

struct called {
    uint32_t result;
    uint64_t instructions;
};

static struct called call(struct machine *machine, uint8_t value, unsigned nops)
{
    struct cell cells[FRAME_CELLS];
    function_cells(cells, value, nops);
    machine_set_page(machine, FLASH_STORE, BANK_2 / FRAME_SIZE, cells);
    machine_power_on(machine);
    ck_assert(whole_run_until(machine, READRUN, "done", DONE, 1000000u));
    struct called called = {whole_variable(machine, READRUN, "result"), machine_instructions(machine)};
    machine_power_off(machine, TEAR_OLD, 0);
    return called;
}

static struct called call_first(uint8_t value, unsigned nops)
{
    struct machine *machine = whole_create();
    whole_load(machine, READRUN, 0);
    struct called called = call(machine, value, nops);
    machine_destroy(machine);
    return called;
}

/* The page is read before it is run: its frame counts as executed all the same, so that what was translated and counted
 * from it does not outlive it. */
START_TEST(code_that_was_read_before_it_ran_is_forgotten_with_its_page)
{
    struct machine *machine = whole_create();
    whole_load(machine, READRUN, 0);
    for (unsigned i = 1; i <= 40u; i++) {
        struct called first = call_first((uint8_t)i, i % 7u), called = call(machine, (uint8_t)i, i % 7u);
        ck_assert_uint_eq(called.result, i);
        ck_assert_uint_eq(called.instructions, first.instructions);
    }
    machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine");
    TCase *tcase = tcase_create("plain");
    tcase_add_test(tcase, a_device_seen_plainly_computes_the_same);
    tcase_add_test(tcase, mistakes_are_told_with_their_instruction);
    tcase_add_loop_test(tcase, whether_it_is_trapped_does_not_show, 0, (int)ARRAY_LENGTH(intervals));
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("frames");
    tcase_add_test(tcase, code_that_was_read_before_it_ran_is_forgotten_with_its_page);
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
