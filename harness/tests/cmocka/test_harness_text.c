/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "cmocka_tests.h"
#include "harness/text.h"

#include <string.h>

static void durations_have_a_unit_and_become_picoseconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ps;
    } cases[] = {
        {"500 ms", 500000000000u}, {"2 s", 2000000000000u}, {"100 us", 100000000u}, {"3ns", 3000u}, {"0 s", 0u},
        {"2s", 2000000000000u}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        uint64_t ps = 1;
        assert_int_equal(parse_duration(cases[i].text, &ps), TB_OK);
        assert_true(ps == cases[i].ps);
    }
}

static void what_is_no_duration_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",      "5",       "s",     "-1 s",       "1.5 s",
                                        "1 sec", "1 s ",    " 1 s",  "1 m",        "0x1 s",
                                        "1\ts",  "1 s; rm", "1e3 s", "99999999 s", "18446744073709551616 ns"};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        uint64_t ps;
        assert_int_equal(parse_duration(cases[i], &ps), TB_ERR_INPUT);
    }
}

static void numbers_are_decimal_or_hexadecimal_and_fit_32_bits(void **state)
{
    (void)state;
    uint32_t value;
    assert_int_equal(parse_number("0", &value), TB_OK);
    assert_int_equal(value, 0);
    assert_int_equal(parse_number("4294967295", &value), TB_OK);
    assert_true(value == 0xffffffffu);
    assert_int_equal(parse_number("0x08080000", &value), TB_OK);
    assert_int_equal(value, 0x08080000);
    assert_int_equal(parse_number("0XaBcD", &value), TB_OK);
    assert_int_equal(value, 0xabcd);
    static const char *const wrong[] = {"", "0x", "4294967296", "0x100000000", "010", "1 ", "12g", "-1", "0xfg"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(parse_number(wrong[i], &value), TB_ERR_INPUT);
}

static void counts_are_exact_or_have_one_open_end(void **state)
{
    (void)state;
    struct count_range range;
    assert_int_equal(parse_count("3", &range), TB_OK);
    assert_true(range.least == 3 && range.most == 3);
    assert_int_equal(parse_count("at least 3", &range), TB_OK);
    assert_true(range.least == 3 && range.most == UINT64_MAX);
    assert_int_equal(parse_count("at most 3", &range), TB_OK);
    assert_true(range.least == 0 && range.most == 3);
    assert_int_equal(parse_count("at most", &range), TB_ERR_INPUT);
    assert_int_equal(parse_count("3 or so", &range), TB_ERR_INPUT);
    assert_int_equal(parse_count("", &range), TB_ERR_INPUT);
}

static void the_edit_distance_counts_a_swap_of_neighbours_as_one(void **state)
{
    (void)state;
    assert_int_equal(edit_distance("wait", "wait"), 0);
    assert_int_equal(edit_distance("wiat", "wait"), 1);
    assert_int_equal(edit_distance("", "abc"), 3);
    assert_int_equal(edit_distance("withn", "within"), 1);
    assert_int_equal(edit_distance("kitten", "sitting"), 3);
}

static void a_word_that_is_quite_another_is_not_suggested(void **state)
{
    (void)state;
    const char *best = NULL;
    unsigned distance = 0;
    nearest_word("wiat", "send", &best, &distance);
    nearest_word("wiat", "wait", &best, &distance);
    nearest_word("wiat", "type", &best, &distance);
    assert_string_equal(best, "wait");
    assert_string_equal(did_you_mean(best, distance), "; did you mean 'wait'?");
    assert_string_equal(did_you_mean("send", edit_distance("power_cut", "send")), "");
    assert_string_equal(did_you_mean(NULL, 0), "");
}

static void voltages_have_a_unit_and_become_microvolts(void **state)
{
    (void)state;
    uint32_t uv = 0;
    assert_int_equal(parse_voltage("1.65V@10ms", 5, &uv), TB_OK);
    assert_int_equal(uv, 1650000u);
    assert_int_equal(parse_voltage("900mV", 5, &uv), TB_OK);
    assert_int_equal(uv, 900000u);
    assert_int_equal(parse_voltage("0V", 2, &uv), TB_OK);
    assert_int_equal(uv, 0);
    static const char *const wrong[] = {"", "1", "V", ".5V", "-1V", "1.65", "1 V", "5.1V", "1.65Vx", "1e3mV"};
    for (uint32_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(parse_voltage(wrong[i], strlen(wrong[i]), &uv), TB_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_a_unit_and_become_picoseconds),
        cmocka_unit_test(voltages_have_a_unit_and_become_microvolts),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(numbers_are_decimal_or_hexadecimal_and_fit_32_bits),
        cmocka_unit_test(counts_are_exact_or_have_one_open_end),
        cmocka_unit_test(the_edit_distance_counts_a_swap_of_neighbours_as_one),
        cmocka_unit_test(a_word_that_is_quite_another_is_not_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
