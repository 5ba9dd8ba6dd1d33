/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "cmocka_tests.h"
#include "sim/base.h"
#include "sim/obs.h"

#include <string.h>

static void mul_div_rounds_down_and_up(void **state)
{
    (void)state;
    assert_int_equal(mul_div_floor(7, 3, 2), 10); /* 10.5 */
    assert_int_equal(mul_div_ceil(7, 3, 2), 11);
    assert_int_equal(mul_div_floor(6, 3, 2), 9);
    assert_int_equal(mul_div_ceil(6, 3, 2), 9);
    assert_int_equal(mul_div_floor(0, 5, 7), 0);
    assert_int_equal(mul_div_ceil(0, 5, 7), 0);
}

static void mul_div_survives_products_beyond_64_bits(void **state)
{
    (void)state;
    /* 10^13 cycles at 80 MHz are 125,000 s = 1.25 * 10^17 ps; the product is 10^25. */
    assert_true(mul_div_floor(10000000000000ull, PS_PER_S, 80000000u) == 125000000000000000ull);
    /* (2^64 - 1)^2 / (2^64 - 1) */
    assert_true(mul_div_floor(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
    assert_true(mul_div_ceil(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
    /* 2^63 * 3 / 2 = 1.5 * 2^63 */
    assert_true(mul_div_floor(1ull << 63, 3, 2) == 0xc000000000000000ull);
}

static void mul_div_saturates(void **state)
{
    (void)state;
    assert_true(mul_div_floor(UINT64_MAX, 2, 1) == UINT64_MAX);
    assert_true(mul_div_ceil(UINT64_MAX, UINT64_MAX, 1) == UINT64_MAX);
    /* (2^64 - 1) (2^64 - 2) / (2^64 - 1): just below the limit nothing saturates */
    assert_true(mul_div_ceil(UINT64_MAX, UINT64_MAX - 1u, UINT64_MAX) == UINT64_MAX - 1u);
}

static void mix64_gives_the_published_splitmix64_sequence(void **state)
{
    (void)state;
    /* The first outputs for the seeds 0 and 1234567, as published with the algorithm. */
    assert_true(mix64(0) == 0xe220a8397b1dcdafull);
    assert_true(mix64(1234567) == 6457827717110365317ull);
}

static void an_error_text_is_formatted_cut_to_size_and_optional(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(error_set(&err, TB_ERR_INPUT, "%s:%u: bad", "a.hex", 7u), TB_ERR_INPUT);
    assert_string_equal(err.text, "a.hex:7: bad");
    assert_int_equal(error_set(NULL, TB_ERR_IO, "nobody listens"), TB_ERR_IO);
    char longer[2000];
    memset(longer, 'x', sizeof(longer) - 1u);
    longer[sizeof(longer) - 1u] = '\0';
    assert_int_equal(error_set(&err, TB_ERR_MEMORY, "%s", longer), TB_ERR_MEMORY);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1u);
}

static void bits_cuts_a_field_out(void **state)
{
    (void)state;
    assert_int_equal(bits(0x12345678u, 8, 15), 0x56);
    assert_int_equal(bits(0xffffffffu, 0, 31), 0xffffffffu);
    assert_int_equal(bits(0x80000000u, 31, 31), 1);
}

static void every_observation_has_a_name_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(obs_kind_name(OBS_UART_TX), "uart-tx");
    assert_string_equal(obs_kind_name(OBS_GAP), "gap");
    for (int a = 0; a < OBS_KIND_COUNT; a++) {
        for (int b = 0; b < a; b++)
            assert_string_not_equal(obs_kind_name(a), obs_kind_name(b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mul_div_rounds_down_and_up),
        cmocka_unit_test(mul_div_survives_products_beyond_64_bits),
        cmocka_unit_test(mul_div_saturates),
        cmocka_unit_test(mix64_gives_the_published_splitmix64_sequence),
        cmocka_unit_test(an_error_text_is_formatted_cut_to_size_and_optional),
        cmocka_unit_test(bits_cuts_a_field_out),
        cmocka_unit_test(every_observation_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
