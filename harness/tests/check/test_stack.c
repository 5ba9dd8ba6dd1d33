/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The stack that the product firmware takes, against the bound that its build computes.
 *
 * RAM under the stack is painted, the program runs, and the lowest word that has changed tells the depth. It must stay
 * within the bound; and the bound must be near enough to mean something.
 */
#include "harness/session.h"
#include "whole.h"

#include <stdio.h>

#define CONSOLE   STACK_DATA_DIR "/console-and-updates.yaml"
#define RECOVERY  STACK_DATA_DIR "/recovery.yaml"
#define BOUNDS    STACK_IMAGES_DIR "/../stack.txt"
#define SP_OF_APP 0x08004200u /* its vectors: 512 bytes of header behind pages 0-7 */

#define PAINT         0xc0dec0deu
#define PAINTED_BYTES 0x4000u
/* The bound counts every handler at once, and the deepest chain whether or not it comes about. */
#define BOUND_PER_DEPTH 2u
#define BOOT_PIECE      1000u /* instructions; the app's start-up code is still clearing its variables after as many */
#define BOOT_MOST       100000000u

static struct scenario *scenario;
static struct result result;
static struct run_options options = {.images_dir = STACK_IMAGES_DIR};
static struct session session;

static void start(const char *path)
{
    struct error err = {""};
    ck_assert_msg(scenario_load(&scenario, path, STACK_IMAGES_DIR, &err) == TB_OK, "%s", err.text);
    session = (struct session){.scenario = scenario, .options = &options, .result = &result};
    ck_assert_msg(session_open(&session, &err) == TB_OK, "%s", err.text);
}

static void finish(void)
{
    session_close(&session);
    scenario_free(scenario);
}

/* As firmware/image/stack.py wrote it: a line "PROGRAM BYTES". */
static uint32_t bound_of(const char *program)
{
    char line[1000], name[64];
    unsigned bytes = 0;
    bool found = false;
    FILE *file = fopen(BOUNDS, "r");
    ck_assert_msg(file != NULL, "no %s", BOUNDS);
    while (!found && fgets(line, sizeof line, file) != NULL)
        found = sscanf(line, "%63s %u", name, &bytes) == 2 && strcmp(name, program) == 0;
    fclose(file);
    ck_assert_msg(found, "%s has no line of %s", BOUNDS, program);
    return bytes;
}

/* Of flash; power may be off. */
static uint32_t first_word(uint32_t vectors)
{
    struct error err = {""};
    uint32_t word = 0;
    ck_assert_msg(machine_peek(session.machine, vectors, &word, sizeof word, &err) == TB_OK, "%s", err.text);
    return word;
}

/* From the stack pointer down. Nothing else lives there: the linker script keeps variables at the other end. */
static void paint(uint32_t top)
{
    struct error err = {""};
    uint32_t registers[17];
    machine_registers(session.machine, registers);
    ck_assert_uint_gt(registers[13], top - PAINTED_BYTES);
    ck_assert_uint_le(registers[13], top);
    machine_halt(session.machine, true);
    for (uint32_t at = top - PAINTED_BYTES; at < registers[13]; at += 4u)
        ck_assert_msg(machine_debug_write(session.machine, at, 4, PAINT, &err) == TB_OK, "%s", err.text);
    machine_halt(session.machine, false);
}

static uint32_t depth_below(uint32_t top)
{
    uint32_t at = top - PAINTED_BYTES;
    ck_assert_msg(whole_word(session.machine, at) == PAINT, "more than %u bytes of stack", PAINTED_BYTES);
    while (at < top && whole_word(session.machine, at) == PAINT)
        at += 4u;
    return top - at;
}

static void assert_fits(const char *program, uint32_t depth)
{
    uint32_t bound = bound_of(program);
    printf("%s: %u bytes of stack taken, %u are its bound\n", program, depth, bound);
    ck_assert_uint_gt(depth, 0);
    ck_assert_msg(depth <= bound, "%s takes %u bytes of stack; expected at most %u", program, depth, bound);
    ck_assert_msg(bound <= BOUND_PER_DEPTH * depth, "%s takes %u bytes of stack; a bound of %u says nothing", program,
                  depth, bound);
}

static bool is_in_app(uint32_t pc)
{
    return pc >= SP_OF_APP && pc < 0x08080000u;
}

/* From power-on to the first instructions of the app; the stack is painted before. */
static void run_boot(uint32_t top)
{
    machine_power_on(session.machine);
    paint(top);
    while (!is_in_app(machine_pc(session.machine))) {
        whole_run_to(session.machine, machine_instructions(session.machine) + BOOT_PIECE);
        ck_assert_uint_lt(machine_instructions(session.machine), BOOT_MOST);
    }
}

START_TEST(boot_stays_within_the_bound_of_its_stack)
{
    start(CONSOLE);
    uint32_t top = first_word(0x08000000u);
    run_boot(top);
    assert_fits("boot", depth_below(top));
    finish();
}
END_TEST

START_TEST(boot_stays_within_the_bound_of_its_stack_over_an_update)
{
    start(RECOVERY);
    uint32_t top = first_word(0x08000000u);
    machine_power_on(session.machine);
    paint(top);
    session_steps(&session, 0, scenario->steps_count);
    ck_assert_msg(!session_is_over(&session), "%s", result.reason);
    ck_assert(!is_in_app(machine_pc(session.machine)));
    assert_fits("boot", depth_below(top));
    finish();
}
END_TEST

START_TEST(the_product_stays_within_the_bound_of_its_stack_over_updates)
{
    start(CONSOLE);
    run_boot(first_word(0x08000000u));
    uint32_t top = first_word(SP_OF_APP);
    paint(top);
    step_wait(&session, scenario->start->until, "start");
    session_steps(&session, 0, scenario->steps_count);
    ck_assert_msg(!session_is_over(&session), "%s", result.reason);
    ck_assert(is_in_app(machine_pc(session.machine)));
    assert_fits("app-1.1.0", depth_below(top));
    finish();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stack");
    TCase *tcase = tcase_create("stack");
    tcase_add_test(tcase, boot_stays_within_the_bound_of_its_stack);
    tcase_add_test(tcase, boot_stays_within_the_bound_of_its_stack_over_an_update);
    tcase_add_test(tcase, the_product_stays_within_the_bound_of_its_stack_over_updates);
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
