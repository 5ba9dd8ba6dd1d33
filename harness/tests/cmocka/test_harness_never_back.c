/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What was acknowledged and came back: only in a later boot, and only until somebody asks for something. */
#include "cmocka_tests.h"
#include "harness/never_back.h"

#include <string.h>

static char new_runs[] = "running 2.0.0", old_runs[] = "running 1.0.0", on_trial[] = "trial 2.0.0";
static const struct never_pair pairs[] = {{new_runs, old_runs}, {new_runs, on_trial}};
#define OLD   1u /* the pair that forbids the old version */
#define TRIAL 2u

static struct never_back watch;
static char heard[400];

static int set_up(void **state)
{
    (void)state;
    watch = (struct never_back){.pairs = pairs, .count = 2};
    heard[0] = '\0';
    never_back_restart(&watch);
    never_back_reset(&watch);
    return 0;
}

static void say(const char *text)
{
    for (; *text != '\0'; text++) {
        size_t length = strlen(heard);
        heard[length] = *text;
        heard[length + 1u] = '\0';
        never_back_hear(&watch, heard, (uint32_t)length + 1u);
    }
}

static void boot(void)
{
    never_back_reset(&watch);
    heard[0] = '\0';
}

static void assert_run(uint32_t said, uint32_t back, uint32_t broken, bool asked)
{
    assert_int_equal(watch.run.said, said);
    assert_int_equal(watch.run.back, back);
    assert_int_equal(watch.run.broken, broken);
    assert_int_equal(watch.run.asked, asked);
}

static void a_text_is_out_when_it_is_complete(void **state)
{
    (void)state;
    say("running 2.0.");
    assert_run(0, 0, 0, false);
    say("0");
    assert_run(OLD | TRIAL, 0, 0, false);
}

static void a_text_that_a_reset_cuts_is_not_out(void **state)
{
    (void)state;
    say("running ");
    boot();
    say("2.0.0");
    assert_run(0, 0, 0, false);
}

static void in_the_same_boot_nothing_comes_back(void **state)
{
    (void)state;
    say("running 2.0.0\r\nrunning 1.0.0");
    assert_run(OLD | TRIAL, OLD, 0, false);
    assert_null(never_broken(pairs, 0, &watch.run));
}

static void in_a_later_boot_of_the_run_it_does(void **state)
{
    (void)state;
    say("running 2.0.0");
    boot();
    say("trial 2.0.0");
    assert_run(OLD | TRIAL, TRIAL, TRIAL, false);
    assert_ptr_equal(never_broken(pairs, 0, &watch.run), &pairs[1]);
}

static void what_was_out_before_the_run_decides_afterwards(void **state)
{
    (void)state;
    say("running 1.0.0");
    assert_run(0, OLD, 0, false);
    assert_null(never_broken(pairs, TRIAL, &watch.run));
    assert_ptr_equal(never_broken(pairs, OLD | TRIAL, &watch.run), &pairs[0]);
    assert_int_equal(never_out(TRIAL, &watch.run), TRIAL);
}

static void whoever_asks_for_something_gets_it(void **state)
{
    (void)state;
    say("running 2.0.0");
    boot();
    never_back_ask(&watch);
    assert_run(0, 0, 0, true);
    say("running 1.0.0"); /* neither by what this run said, nor by what was out before it */
    assert_run(0, 0, 0, true);
    assert_null(never_broken(pairs, OLD | TRIAL, &watch.run));
    say("running 2.0.0");
    assert_int_equal(never_out(0, &watch.run), OLD | TRIAL);
    boot();
    say("running 1.0.0");
    assert_run(OLD | TRIAL, 0, OLD, true);
}

static void what_came_back_before_somebody_asked_stays_wrong(void **state)
{
    (void)state;
    say("running 1.0.0");
    never_back_ask(&watch);
    assert_run(0, OLD, 0, true);
    assert_ptr_equal(never_broken(pairs, OLD, &watch.run), &pairs[0]);
    assert_int_equal(never_out(OLD | TRIAL, &watch.run), 0);
}

static void it_is_told_in_words(void **state)
{
    (void)state;
    char text[NEVER_TEXT_MAX];
    never_text(text, sizeof text, &pairs[0]);
    assert_string_equal(text, "after \"running 2.0.0\" it printed \"running 1.0.0\" again");
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_text_is_out_when_it_is_complete),
        TEST(a_text_that_a_reset_cuts_is_not_out),
        TEST(in_the_same_boot_nothing_comes_back),
        TEST(in_a_later_boot_of_the_run_it_does),
        TEST(what_was_out_before_the_run_decides_afterwards),
        TEST(whoever_asks_for_something_gets_it),
        TEST(what_came_back_before_somebody_asked_stays_wrong),
        TEST(it_is_told_in_words),
    };
    return cmocka_run_group_tests_name("never_back", tests, NULL, NULL);
}
