/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The exception torture firmware against what the ARMv7-M Architecture Reference Manual says.
 *
 * Every expectation in expected_*.h was typed from ARM DDI 0403E; its section stands beside it.
 * "M4" is the Cortex-M4 manual (ARM 100166 / DDI 0439), "L4" the STM32L4's choice, "time" this
 * emulator's rule that one instruction is one cycle and that entry and return cost none, "sync"
 * its rule that a pending interrupt is taken right behind the CPS or MSR that lets it through
 * (B5.2.1 and B5.2.3 allow that and later).
 */
#include "torture/cases.h"
#include "whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TORTURE FIRMWARE("torture")

struct expectation {
    enum torture_case id;
    unsigned index;
    uint32_t value;
    const char *symbol; /* its address is added to value */
    const char *what;
    const char *source;
};

#define VALUE(id, index, value, what, source)         {CASE_##id, index, value, NULL, what, source}
#define PLACE(id, index, symbol, value, what, source) {CASE_##id, index, value, symbol, what, source}
/** Six values of record_fault(): how many, which exception, CFSR, HFSR, stacked PC, BFAR. */
#define FAULT(id, first, exception, cfsr, hfsr, symbol, pc, bfar, source)                                              \
    VALUE(id, (first) + 0u, 1u, "exactly one fault is taken", source),                                                 \
        VALUE(id, (first) + 1u, exception, "the fault's exception number", source),                                    \
        VALUE(id, (first) + 2u, cfsr, "CFSR", source " B3.2.15"),                                                      \
        VALUE(id, (first) + 3u, hfsr, "HFSR", source " B3.2.16"),                                                      \
        PLACE(id, (first) + 4u, symbol, pc, "the stacked PC", "B1.5.6"),                                               \
        VALUE(id, (first) + 5u, bfar, "BFAR while BFARVALID, else 0", "B3.2.18")

static const struct expectation core_rules[] = {
#include "expected_core.h"
};
static const struct expectation fault_rules[] = {
#include "expected_faults.h"
};
static const struct expectation mpu_rules[] = {
#include "expected_mpu.h"
};
/** What the manual says and the emulator is known not to do. */
struct limit {
    enum torture_case id;
    unsigned index;
    uint32_t manual, here;
    const char *what;
    const char *source;
};
#define LIMIT(id, index, manual, here, what, source) {CASE_##id, index, manual, here, what, source}
static const struct limit engine_limits[] = {
#include "expected_engine_limits.h"
};

static struct torture_result results[CASE_COUNT];
static struct machine *machine;
static uint32_t done, lockups;
static struct obs lockup;

static void on_lockup(void *context, const struct obs *obs)
{
    (void)context;
    lockup = *obs;
    lockups++;
}

/* Once for the whole suite: the tests below only look. */
static void run_torture(void)
{
    machine = whole_start(TORTURE);
    machine_add_observer(machine, OBS_BIT(OBS_LOCKUP), on_lockup, NULL);
    struct run_limit limit = {.time_ps = 20u * PS_PER_S, .instructions = 50000000u};
    (void)machine_run(machine, limit);
    done = whole_variable(machine, TORTURE, "done");
    whole_read(machine, whole_symbol(TORTURE, "results"), results, sizeof results);
    if (getenv("TB_TORTURE_DUMP") == NULL)
        return;
    for (unsigned i = 0; i < CASE_COUNT; i++) {
        printf("case %u:%s", i, results[i].id == i + 1u ? "" : " never ended:");
        for (unsigned k = 0; k < results[i].count && k < RESULT_VALUES; k++)
            printf(" %x", results[i].value[k]);
        printf("\n");
    }
}

static void judge(const struct expectation *rule)
{
    const struct torture_result *result = &results[rule->id];
    ck_assert_msg(result->id == rule->id + 1u, "case %u never ended (done is 0x%08x): %s", rule->id, done, rule->what);
    ck_assert_msg(result->count > rule->index, "case %u recorded only %u values: %s", rule->id, result->count,
                  rule->what);
    uint32_t expected = rule->value;
    if (rule->symbol != NULL)
        expected += whole_symbol(TORTURE, rule->symbol) & ~1u;
    uint32_t got = result->value[rule->index];
    ck_assert_msg(got == expected, "case %u value %u: %s: expected 0x%08x (%s), got 0x%08x", rule->id, rule->index,
                  rule->what, expected, rule->source, got);
}

START_TEST(each_rule_of_the_exception_model_holds)
{
    judge(&core_rules[_i]);
}
END_TEST

START_TEST(each_fault_reports_what_the_manual_says)
{
    judge(&fault_rules[_i]);
}
END_TEST

START_TEST(the_mpu_allows_and_denies_what_the_manual_says)
{
    judge(&mpu_rules[_i]);
}
END_TEST

START_TEST(the_known_limits_are_still_the_documented_ones)
{
    const struct limit *limit = &engine_limits[_i];
    const struct expectation here = {limit->id, limit->index, limit->here, NULL, limit->what, "docs/fidelity.md"};
    ck_assert_uint_ne(limit->manual, limit->here);
    judge(&here);
}
END_TEST

START_TEST(every_case_runs_to_its_end)
{
    ck_assert_msg(done == TORTURE_DONE, "done is 0x%08x", done);
    for (unsigned i = 0; i < CASE_COUNT; i++)
        ck_assert_msg(results[i].id == i + 1u, "case %u never ended", i);
}
END_TEST

START_TEST(every_case_has_an_expectation)
{
    bool covered[CASE_COUNT] = {false};
    for (size_t i = 0; i < ARRAY_LENGTH(core_rules); i++)
        covered[core_rules[i].id] = true;
    for (size_t i = 0; i < ARRAY_LENGTH(fault_rules); i++)
        covered[fault_rules[i].id] = true;
    for (size_t i = 0; i < ARRAY_LENGTH(mpu_rules); i++)
        covered[mpu_rules[i].id] = true;
    for (size_t i = 0; i < ARRAY_LENGTH(engine_limits); i++)
        covered[engine_limits[i].id] = true;
    for (unsigned i = 0; i < CASE_COUNT; i++)
        ck_assert_msg(covered[i], "case %u is judged by nothing", i);
}
END_TEST

/* DDI 0403E B1.5.15: a fault at priority -1; the PC reads 0xfffffffe then. */
START_TEST(an_undefined_instruction_inside_hardfault_locks_the_core_up)
{
    ck_assert_uint_eq(done, TORTURE_DONE);
    ck_assert(machine_is_locked_up(machine));
    ck_assert_uint_eq(machine_pc(machine), 0xfffffffeu);
    ck_assert_uint_eq(lockups, 1);
    ck_assert_uint_eq(lockup.a, 0x00010000u); /* CFSR.UNDEFINSTR */
    ck_assert_uint_eq(lockup.b, 0x40000000u); /* HFSR.FORCED: the first one, UsageFault was off */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exceptions");
    TCase *tcase = tcase_create("torture");
    tcase_add_unchecked_fixture(tcase, run_torture, NULL);
    tcase_add_test(tcase, every_case_runs_to_its_end);
    tcase_add_test(tcase, every_case_has_an_expectation);
    tcase_add_loop_test(tcase, each_rule_of_the_exception_model_holds, 0, (int)ARRAY_LENGTH(core_rules));
    tcase_add_loop_test(tcase, each_fault_reports_what_the_manual_says, 0, (int)ARRAY_LENGTH(fault_rules));
    tcase_add_loop_test(tcase, the_mpu_allows_and_denies_what_the_manual_says, 0, (int)ARRAY_LENGTH(mpu_rules));
    tcase_add_test(tcase, an_undefined_instruction_inside_hardfault_locks_the_core_up);
    tcase_add_loop_test(tcase, the_known_limits_are_still_the_documented_ones, 0, (int)ARRAY_LENGTH(engine_limits));
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
