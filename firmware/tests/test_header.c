// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crc32.h"
#include "image/header.h"

static struct image_header header;

static void seal(void)
{
    header.header_crc = crc32_words((const uint32_t *)&header, 127u);
}

// A header typed from its description: 2.0.0 for the NUCLEO-L476RG, 64 KiB.
static int a_good_header(void **state)
{
    (void)state;
    memset(&header, 0xff, sizeof header);
    memcpy(&header, "TBIM", 4);
    header.header_version = 1;
    header.chip_id = 0x415;
    header.board_id = 0x1136;
    header.image_bytes = 65536;
    header.version = 0x00020000;
    header.image_crc = 0x12345678;
    header.flags = 0;
    header.minimum_version = 0;
    seal();
    return 0;
}

static void the_tests_crc32_has_its_published_check_value(void **state)
{
    (void)state;
    assert_int_equal(crc32_bytes((const uint8_t *)"123456789", 9), 0xcbf43926u);
}

static void a_good_header_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(header_check(&header, crc32_words), HEADER_OK);
}

static void an_erased_header_is_blank(void **state)
{
    (void)state;
    memset(&header, 0xff, sizeof header);
    assert_int_equal(header_check(&header, crc32_words), HEADER_BLANK);
}

static void a_header_with_another_magic_is_refused(void **state)
{
    (void)state;
    header.magic ^= 1u;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_MAGIC);
}

static void every_single_wrong_bit_is_noticed(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 512u * 8u; bit++) {
        ((uint8_t *)&header)[bit / 8u] ^= (uint8_t)(1u << (bit % 8u));
        assert_int_not_equal(header_check(&header, crc32_words), HEADER_OK);
        ((uint8_t *)&header)[bit / 8u] ^= (uint8_t)(1u << (bit % 8u));
    }
}

static void every_missing_double_word_is_noticed(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 512u; at += 8u) {
        uint8_t saved[8];

        memcpy(saved, (uint8_t *)&header + at, 8);
        memset((uint8_t *)&header + at, 0xff, 8);
        if (memcmp(saved, (uint8_t *)&header + at, 8) != 0) {
            assert_int_not_equal(header_check(&header, crc32_words), HEADER_OK);
        }
        memcpy((uint8_t *)&header + at, saved, 8);
    }
}

static void an_unknown_header_version_is_refused(void **state)
{
    (void)state;
    header.header_version = 2;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_FORMAT);
}

static void a_flag_that_nobody_knows_is_refused(void **state)
{
    (void)state;
    header.flags = 1;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_FORMAT);
    header.flags = 0x80000000u;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_FORMAT);
}

static void a_version_of_more_than_three_bytes_is_refused(void **state)
{
    (void)state;
    header.version = 0x00ffffffu; // 255.255.255
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_OK);
    header.version = 0x01000000u; // would print as 0.0.0 and be newer than everything
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_FORMAT);
}

static void an_image_for_another_chip_is_refused(void **state)
{
    (void)state;
    header.chip_id = 0x461; // STM32L496
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_CHIP);
}

static void an_image_for_another_board_is_refused(void **state)
{
    (void)state;
    header.board_id++;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_BOARD);
}

static void an_image_larger_than_the_slot_is_refused(void **state)
{
    (void)state;
    header.image_bytes = 247u * 2048u - 512u;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_OK);
    header.image_bytes += 8u;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_SIZE);
}

static void an_image_of_no_size_or_an_odd_size_is_refused(void **state)
{
    (void)state;
    header.image_bytes = 0;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_SIZE);
    header.image_bytes = 65540;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_SIZE);
}

static void an_image_below_its_own_minimum_is_refused(void **state)
{
    (void)state;
    header.minimum_version = header.version;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_OK);
    header.minimum_version = header.version + 1u;
    seal();
    assert_int_equal(header_check(&header, crc32_words), HEADER_WRONG_MINIMUM);
}

static void the_minimum_version_is_the_ninth_word(void **state)
{
    (void)state;
    header.minimum_version = 0x00010203u;
    assert_memory_equal((const uint8_t *)&header + 32, "\x03\x02\x01\x00", 4);
}

static void versions_are_printed_in_decimal_without_leading_zeros(void **state)
{
    char text[VERSION_TEXT_BYTES];

    (void)state;
    assert_string_equal(version_text(0x00010000u, text), "1.0.0");
    assert_string_equal(version_text(0x000a0164u, text), "10.1.100");
    assert_string_equal(version_text(0x00ffffffu, text), "255.255.255");
    assert_string_equal(version_text(0x00006e05u, text), "0.110.5");
}

static void versions_compare_as_numbers(void **state)
{
    (void)state;
    assert_true(VERSION_WORD(1, 10, 0) > VERSION_WORD(1, 9, 255));
    assert_true(VERSION_WORD(2, 0, 0) > VERSION_WORD(1, 255, 255));
    assert_true(VERSION_WORD(1, 0, 1) > VERSION_WORD(1, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tests_crc32_has_its_published_check_value),
        cmocka_unit_test_setup(a_good_header_is_accepted, a_good_header),
        cmocka_unit_test_setup(an_erased_header_is_blank, a_good_header),
        cmocka_unit_test_setup(a_header_with_another_magic_is_refused, a_good_header),
        cmocka_unit_test_setup(every_single_wrong_bit_is_noticed, a_good_header),
        cmocka_unit_test_setup(every_missing_double_word_is_noticed, a_good_header),
        cmocka_unit_test_setup(an_unknown_header_version_is_refused, a_good_header),
        cmocka_unit_test_setup(a_flag_that_nobody_knows_is_refused, a_good_header),
        cmocka_unit_test_setup(a_version_of_more_than_three_bytes_is_refused, a_good_header),
        cmocka_unit_test_setup(an_image_for_another_chip_is_refused, a_good_header),
        cmocka_unit_test_setup(an_image_for_another_board_is_refused, a_good_header),
        cmocka_unit_test_setup(an_image_larger_than_the_slot_is_refused, a_good_header),
        cmocka_unit_test_setup(an_image_of_no_size_or_an_odd_size_is_refused, a_good_header),
        cmocka_unit_test_setup(an_image_below_its_own_minimum_is_refused, a_good_header),
        cmocka_unit_test_setup(the_minimum_version_is_the_ninth_word, a_good_header),
        cmocka_unit_test(versions_are_printed_in_decimal_without_leading_zeros),
        cmocka_unit_test(versions_compare_as_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
