// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Block 0: a file's name and its size, as senders write them and as they should not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ymodem_sender.h"

// Without their name, "app" and its NUL.
static const struct {
    const char *fields;
    uint32_t file_bytes;
} good_sizes[] = {
    {"", 0}, // unknown
    {"0", 0},
    {"66048", 66048},
    {"00066048", 66048},
    {" 66048", 66048},
    {"66048 14567 100644 0 1 66048", 66048},
    {"66048 ", 66048},
    {"4294967295", 4294967295u},
    {" ", 0},
};

static enum ymodem_event send_fields(const char *fields)
{
    char text[128] = "app";

    memcpy(text + 4, fields, strlen(fields));
    return send_name(text, sizeof text);
}

static void sizes_are_decimal_and_what_follows_them_is_skipped(void **state)
{
    for (size_t i = 0; i < sizeof good_sizes / sizeof good_sizes[0]; i++) {
        a_started_receiver(state);
        assert_int_equal(send_fields(good_sizes[i].fields), YMODEM_FILE);
        assert_int_equal(ymodem.file_bytes, good_sizes[i].file_bytes);
    }
}

static void sizes_that_are_none_end_the_transfer(void **state)
{
    static const char *const fields[] = {"-1",
                                         "+66048",
                                         "0x10200",
                                         "10200h",
                                         "66048k",
                                         "1,024",
                                         "size",
                                         "1e5",
                                         ("\xef\xbb\xbf"
                                          "66048")};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        a_started_receiver(state);
        assert_int_equal(send_fields(fields[i]), YMODEM_NOT_YMODEM);
        assert_string_equal(said(), CANCEL);
        assert_over();
    }
}

static void sizes_beyond_32_bits_end_the_transfer(void **state)
{
    static const char *const fields[] = {"4294967296", "42949672950", "18446744073709551616 0 0",
                                         "99999999999999999999999999999999999999999999999999"};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        a_started_receiver(state);
        assert_int_equal(send_fields(fields[i]), YMODEM_TOO_LONG);
        assert_string_equal(said(), CANCEL);
        assert_over();
    }
}

static void a_name_may_be_as_long_as_its_block(void **state)
{
    static char name[1024];

    memset(name, 'n', sizeof name);
    name[127] = '\0';
    assert_int_equal(send_name(name, 128), YMODEM_FILE);
    assert_int_equal(ymodem.file_bytes, 0);

    a_started_receiver(state);
    name[127] = 'n';
    name[1018] = '\0';
    memcpy(name + 1019, "66048", 5); // the size ends with the block
    assert_int_equal(send_block(0, 1024, 0, name, sizeof name, 0), YMODEM_FILE);
    assert_int_equal(ymodem.file_bytes, 66048);
}

static void a_name_that_never_ends_ends_the_transfer(void **state)
{
    assert_int_equal(send_data(0, 128, 'n'), YMODEM_NOT_YMODEM);
    assert_string_equal(said(), CANCEL);
    assert_over();
    a_started_receiver(state);
    assert_int_equal(send_data(0, 1024, 'n'), YMODEM_NOT_YMODEM);
}

static void an_empty_batch_ends_the_session(void **state)
{
    (void)state;
    assert_int_equal(send_data(0, 128, 0), YMODEM_CANCELLED);
    assert_string_equal(said(), "A");
    assert_over();
}

static void an_empty_name_with_a_size_is_an_empty_batch(void **state)
{
    (void)state;
    assert_int_equal(send_name("\00066048", 7), YMODEM_CANCELLED);
    assert_string_equal(said(), "A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sizes_are_decimal_and_what_follows_them_is_skipped, a_started_receiver),
        cmocka_unit_test_setup(sizes_that_are_none_end_the_transfer, a_started_receiver),
        cmocka_unit_test_setup(sizes_beyond_32_bits_end_the_transfer, a_started_receiver),
        cmocka_unit_test_setup(a_name_may_be_as_long_as_its_block, a_started_receiver),
        cmocka_unit_test_setup(a_name_that_never_ends_ends_the_transfer, a_started_receiver),
        cmocka_unit_test_setup(an_empty_batch_ends_the_session, a_started_receiver),
        cmocka_unit_test_setup(an_empty_name_with_a_size_is_an_empty_batch, a_started_receiver),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
