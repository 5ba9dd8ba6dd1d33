/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What a good scenario file becomes; malformed ones are in ../data/bad. */
#include "cmocka_tests.h"
#include "harness/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/twinbank-scenario-XXXXXX";

static void put_file(const char *name, const void *bytes, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static struct scenario *load(const char *text)
{
    static char path[64];
    struct scenario *scenario = NULL;
    struct error err = {""};
    put_file("a-test.yaml", text, strlen(text));
    snprintf(path, sizeof path, "%s/a-test.yaml", directory);
    if (scenario_load(&scenario, path, directory, &err) != TB_OK)
        fail_msg("%s", err.text);
    return scenario;
}

static int make_images(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    put_file("one.bin", "\x01\x02\x03", 3);
    put_file("two.bin", "12345678", 8);
    return 0;
}

static int remove_images(void **state)
{
    static const char *const names[] = {"one.bin", "two.bin", "a-test.yaml"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        remove(path);
    }
    return rmdir(directory);
}

static void knobs_are_found_among_those_of_the_chip(void **state)
{
    (void)state;
    struct scenario *scenario =
        load("title: t\nboard: nucleo-l476rg\nknobs: {flash.rww-corrupts-cache: on, flash.stale-cache: off}\n");
    assert_int_equal(scenario->knob_count, 2);
    assert_string_equal(scenario->board->chip->devices[scenario->knobs[0].device].name, "flash");
    assert_int_equal(scenario->knobs[0].knob, 1);
    assert_int_equal(scenario->knobs[0].value, 1);
    assert_int_equal(scenario->knobs[1].knob, 0);
    assert_int_equal(scenario->knobs[1].value, 0);
    scenario_free(scenario);
}

static void a_scenario_is_named_after_its_file_and_knows_its_board(void **state)
{
    (void)state;
    struct scenario *scenario = load("title: t\nboard: nucleo-l476rg\n");
    assert_string_equal(scenario->name, "a-test");
    assert_string_equal(scenario->board->name, "nucleo-l476rg");
    assert_int_equal(scenario->seed_value, 1);
    assert_int_equal(scenario->steps_count, 0);
    assert_null(scenario->check);
    scenario_free(scenario);
}

static void images_are_read_and_placed_in_banks_or_at_addresses(void **state)
{
    (void)state;
    struct scenario *scenario = load("title: t\nboard: nucleo-l476rg\nimages: {a: one.bin, b: two.bin}\nstart:\n"
                                     "  flash: [{image: b, at: bank2}, {image: a, at: 0x08004000}]\n");
    assert_int_equal(scenario->image_count, 2);
    assert_int_equal(scenario->images[0].size, 3);
    assert_memory_equal(scenario->images[1].bytes, "12345678", 8);
    assert_int_equal(scenario->start->flash_count, 2);
    assert_ptr_equal(scenario->start->flash[0].image, &scenario->images[1]);
    /* STM32L476: 1 MiB in two banks of 512 KiB, DS10198 figure 16 */
    assert_int_equal(scenario->start->flash[0].address, 0x08080000);
    assert_int_equal(scenario->start->flash[1].address, 0x08004000);
    scenario_free(scenario);
}

static void steps_keep_their_order_line_and_meaning(void **state)
{
    (void)state;
    struct scenario *scenario =
        load("title: t\nboard: nucleo-l476rg\nimages: {a: one.bin}\nsteps:\n"
             "  - send: {uart: usart2, protocol: ymodem, image: a, command: \"update\\r\", outcome: cancelled}\n"
             "  - wait: {uart: usart2, text: \"x\", within: 250 us}\n"
             "  - power: cycle\n"
             "  - reset: pin\n"
             "  - pin: {name: PC13, level: released}\n"
             "  - wait_time: 3 ms\n"
             "  - corrupt: {at: bank2, offset: 0x10, kind: ecc}\n"
             "  - expect: {active_bank: 2}\n");
    assert_int_equal(scenario->steps_count, 8);
    const struct scenario_step *steps = scenario->steps;
    assert_string_equal(steps[0].send->command, "update\r");
    assert_int_equal(steps[0].send->outcome, SEND_CANCELLED);
    assert_true(steps[0].send->within_ps == 120u * PS_PER_S);
    assert_int_equal(steps[0].line, 5);
    assert_true(steps[1].wait->within_ps == 250u * PS_PER_US);
    assert_int_equal(steps[2].power, RESTART_POWER);
    assert_int_equal(steps[3].reset, RESTART_PIN);
    assert_int_equal(steps[4].pin->level, -1);
    assert_true(steps[5].wait_time_ps == 3u * PS_PER_MS);
    assert_int_equal(steps[6].corrupt->address, 0x08080010);
    assert_int_equal(steps[6].corrupt->kind, CORRUPT_ECC);
    assert_int_equal(steps[7].expect->active_bank, BANK_2);
    assert_int_equal(steps[7].line, 12);
    scenario_free(scenario);
}

static void checks_keep_ranges_and_the_pin_behind_a_board_name(void **state)
{
    (void)state;
    struct scenario *scenario = load("title: t\nboard: nucleo-l476rg\nimages: {a: one.bin}\nseed: 0x10\ncheck:\n"
                                     "  text: [x, y]\n"
                                     "  heartbeat: {pin: LD2, max_gap: 5 ms}\n"
                                     "  slot_equals: [{bank: bank2, image: a}]\n"
                                     "  ops: {programs: at most 4, erases: 0}\n"
                                     "  no_flash_copied: true\n");
    const struct scenario_check *check = scenario->check;
    assert_int_equal(scenario->seed_value, 16);
    assert_int_equal(check->text_count, 2);
    assert_string_equal(check->text[1], "y");
    /* LD2 of the NUCLEO-L476RG is PA5: UM1724 6.4 */
    assert_int_equal(check->heartbeat_count, 1);
    assert_int_equal(check->heartbeats[0].pin_number, 5);
    assert_true(check->heartbeats[0].max_gap_ps == 5u * PS_PER_MS);
    assert_int_equal(check->slot_equals[0].bank, BANK_2);
    assert_true(check->ops->programs.range.least == 0 && check->ops->programs.range.most == 4);
    assert_true(check->ops->erases.range.most == 0);
    assert_null(check->ops->option_erases.text);
    assert_true(check->no_flash_copied);
    scenario_free(scenario);
}

static void heartbeats_are_one_mapping_or_a_list_and_each_pin_is_watched_once(void **state)
{
    (void)state;
    struct scenario *scenario = load("title: t\nboard: nucleo-l476rg\nsteps:\n"
                                     "  - expect: {heartbeat: {pin: PB3, max_gap: 1 s}}\n"
                                     "check:\n  heartbeat:\n    - {pin: LD2, max_gap: 1200 us}\n"
                                     "    - {pin: PA6, max_gap: 2 ms}\n    - {pin: PB3, max_gap: 3 ms}\n");
    const struct scenario_check *check = scenario->check;
    assert_int_equal(check->heartbeat_count, 3);
    assert_string_equal(check->heartbeats[0].pin, "LD2");
    assert_true(check->heartbeats[0].max_gap_ps == 1200u * PS_PER_US);
    assert_int_equal(check->heartbeats[1].pin_number, 6);
    assert_true(check->heartbeats[1].max_gap_ps == 2u * PS_PER_MS);
    assert_string_equal(check->heartbeats[1].max_gap, "2 ms");
    assert_int_equal(scenario->steps[0].expect->heartbeat_count, 1);
    /* PB3: port 1, pin 3 */
    assert_int_equal(scenario->steps[0].expect->heartbeats[0].pin_number, 19);
    assert_int_equal(scenario->heartbeat_pin_count, 3);
    scenario_free(scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knobs_are_found_among_those_of_the_chip),
        cmocka_unit_test(a_scenario_is_named_after_its_file_and_knows_its_board),
        cmocka_unit_test(images_are_read_and_placed_in_banks_or_at_addresses),
        cmocka_unit_test(steps_keep_their_order_line_and_meaning),
        cmocka_unit_test(checks_keep_ranges_and_the_pin_behind_a_board_name),
        cmocka_unit_test(heartbeats_are_one_mapping_or_a_list_and_each_pin_is_watched_once),
    };
    return cmocka_run_group_tests(tests, make_images, remove_images);
}
