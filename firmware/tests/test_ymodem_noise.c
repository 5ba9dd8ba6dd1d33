// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// A bad line: what it does to a transfer costs repeats, not the transfer.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ymodem_sender.h"

static void assert_c_after(const char *noise, size_t bytes)
{
    assert_int_equal(send_bytes((const uint8_t *)noise, bytes), YMODEM_NONE);
    assert_int_equal(pass_ms(1000), YMODEM_NONE);
    assert_string_equal(said(), "C"); // the sender still waits for one; a NAK would ask it for checksums
}

static void a_damaged_block_is_refused_once_the_line_is_silent_and_taken_when_repeated(void **state)
{
    (void)state;
    assert_int_equal(send_block(2, 1024, 0x22, NULL, 0, 0x0100), YMODEM_NONE);
    assert_string_equal(said(), "");
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
}

static void a_block_whose_number_and_complement_disagree_is_refused(void **state)
{
    (void)state;
    send_byte(SOH);
    send_byte(2);
    send_byte(0xfc);
    for (int i = 0; i < 130; i++) {
        assert_int_equal(send_byte(0), YMODEM_NONE); // CRC of zeros is zero
    }
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "N");
}

static void a_block_with_a_lost_byte_is_refused_after_a_pause(void **state)
{
    (void)state;
    send_byte(STX);
    send_byte(2);
    for (int i = 0; i < 1000; i++) {
        send_byte(0xfd);
    }
    assert_int_equal(pass_ms(1100), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
}

static void control_bytes_inside_a_damaged_block_mean_nothing(void **state)
{
    (void)state;
    send_byte(0x42); // the STX, damaged
    send_byte(2);
    send_byte(0xfd);
    for (int i = 0; i < 1024; i++) {
        assert_int_equal(send_byte(i % 2 == 0 ? CAN : EOT), YMODEM_NONE);
        assert_int_equal(send_byte(CAN), YMODEM_NONE);
    }
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
}

static void a_false_end_of_file_does_not_lose_the_next_block(void **state)
{
    (void)state;
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "A");
    assert_int_equal(send_byte(EOT), YMODEM_NONE); // refused once again
    assert_string_equal(said(), "N");
}

static void an_end_of_file_that_a_repeat_follows_was_none(void **state)
{
    (void)state;
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_NONE);
    assert_string_equal(said(), "NA");
    assert_int_equal(send_byte(EOT), YMODEM_NONE); // the first again, not the second
    assert_string_equal(said(), "N");
}

static void an_end_of_file_that_noise_follows_was_none(void **state)
{
    (void)state;
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_byte(0x55), YMODEM_NONE);
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_byte(EOT), YMODEM_END);
}

static void two_ends_of_file_in_noise_before_block_1_are_none(void **state)
{
    (void)state;
    assert_int_equal(send_bytes((const uint8_t *)"\x04\x55\x04\x55", 4), YMODEM_NONE);
    assert_string_equal(said(), "CC");
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
}

static void a_false_end_of_file_before_block_1_asks_for_the_start_again(void **state)
{
    (void)state;
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_string_equal(said(), "C");
    assert_int_equal(pass_ms(1000), YMODEM_NONE); // as often as before
    assert_string_equal(said(), "C");
    assert_int_equal(send_file_block(), YMODEM_NONE);
    assert_string_equal(said(), "AC");
    assert_int_equal(pass_ms(1000), YMODEM_NONE);
    assert_string_equal(said(), "C");
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
}

static void ends_of_file_before_a_file_mean_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(send_byte(EOT), YMODEM_NONE);
    }
    assert_string_equal(said(), "");
    assert_int_equal(send_file_block(), YMODEM_FILE);
}

static void garbage_before_a_file_means_nothing(void **state)
{
    (void)state;
    assert_int_equal(send_bytes((const uint8_t *)"update\r\nsb: 3.2\xff\x80", 18), YMODEM_NONE);
    assert_int_equal(send_file_block(), YMODEM_FILE);
}

static void garbage_that_looks_like_a_block_costs_one_repeat_of_the_file_block(void **state)
{
    (void)state;
    send_byte(STX);
    assert_int_equal(send_file_block(), YMODEM_NONE);
    assert_int_equal(pass_ms(1000), YMODEM_NONE);
    assert_string_equal(said(), "C");
    assert_int_equal(send_file_block(), YMODEM_FILE);
}

static void garbage_between_blocks_costs_one_repeat(void **state)
{
    (void)state;
    assert_int_equal(pass_ms(3000), YMODEM_NONE);
    assert_int_equal(send_bytes((const uint8_t *)"\xff\xc3", 2), YMODEM_NONE);
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_NONE); // right behind it: nobody knows where it begins
    assert_int_equal(pass_ms(199), YMODEM_NONE);
    assert_string_equal(said(), "");
    assert_int_equal(pass_ms(1), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
}

static void noise_before_block_1_is_answered_with_a_start_and_a_damaged_block_1_is_refused(void **state)
{
    (void)state;
    assert_c_after("\x01\x01", 2);
    assert_c_after("\x01\x01\x01@@@", 6);
    assert_c_after("\x01\x02\xfd@@@", 6);
    assert_int_equal(send_block(1, 1024, 0x11, NULL, 0, 1), YMODEM_NONE);
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
}

static void noise_before_the_last_block_is_answered_with_a_start(void **state)
{
    (void)state;
    assert_c_after("\x01@@@@@", 6);
    assert_int_equal(send_block(0, 128, 0, NULL, 0, 1), YMODEM_NONE);
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(0, 128, 0), YMODEM_DONE);
}

static void a_slow_block_after_a_long_wait_is_taken(void **state)
{
    uint8_t frame[1029];
    const size_t count = make_block(frame, 2, 1024, 0x22, NULL, 0);

    (void)state;
    assert_int_equal(pass_ms(4900), YMODEM_NONE);
    assert_int_equal(send_bytes(frame, 500), YMODEM_NONE);
    assert_int_equal(pass_ms(999), YMODEM_NONE);
    assert_string_equal(said(), "");
    assert_int_equal(send_bytes(frame + 500, count - 500), YMODEM_DATA);
}

static void a_cable_that_is_out_in_mid_block_for_40_s_costs_repeats(void **state)
{
    uint8_t frame[1029];
    const size_t count = make_block(frame, 2, 1024, 0x22, NULL, 0);

    (void)state;
    assert_int_equal(send_bytes(frame, count / 2), YMODEM_NONE);
    assert_int_equal(pass_ms(40000), YMODEM_NONE);
    assert_string_equal(said(), "NNNNNNNN"); // after 1 s, then every 5
    assert_int_equal(send_bytes(frame, count), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(pass_ms(40000), YMODEM_NONE); // the patience is whole again
}

static void a_cable_that_is_put_back_in_mid_block_costs_one_repeat(void **state)
{
    uint8_t frame[1029];
    const size_t count = make_block(frame, 2, 1024, 0x22, NULL, 0);

    (void)state;
    assert_int_equal(send_bytes(frame, 300), YMODEM_NONE);
    assert_int_equal(pass_ms(500), YMODEM_NONE);
    assert_int_equal(send_bytes(frame + 700, count - 700), YMODEM_NONE);
    assert_int_equal(pass_ms(1000), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_bytes(frame, count), YMODEM_DATA);
}

static void a_cable_that_is_out_for_40_s_before_block_1_costs_nothing(void **state)
{
    (void)state;
    assert_int_equal(pass_ms(40000), YMODEM_NONE);
    assert_int_equal(strspn(said(), "C"), 40);
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
}

static void a_cable_that_is_out_for_40_s_at_the_end_of_the_file_costs_nothing(void **state)
{
    (void)state;
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_int_equal(pass_ms(40000), YMODEM_NONE);
    said();
    assert_int_equal(send_byte(EOT), YMODEM_END);
}

static void a_cable_that_is_out_for_20_s_after_the_file_costs_nothing(void **state)
{
    (void)state;
    assert_int_equal(pass_ms(20000), YMODEM_NONE);
    said();
    assert_int_equal(send_byte(EOT), YMODEM_NONE); // the ACK of the last one went into the air
    assert_string_equal(said(), "AC");
    assert_int_equal(send_data(0, 128, 0), YMODEM_DONE);
}

static void a_sender_without_a_pause_after_a_refusal_is_asked_again_every_two_seconds(void **state)
{
    (void)state;
    send_byte(0x55);
    for (int ms = 1; ms < 2000; ms++) {
        assert_int_equal(pass_ms(1), YMODEM_NONE);
        assert_int_equal(send_byte(0x55), YMODEM_NONE);
    }
    assert_string_equal(said(), "");
    assert_int_equal(pass_ms(1), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_damaged_block_is_refused_once_the_line_is_silent_and_taken_when_repeated,
                               a_receiver_in_the_data),
        cmocka_unit_test_setup(a_block_whose_number_and_complement_disagree_is_refused, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_block_with_a_lost_byte_is_refused_after_a_pause, a_receiver_in_the_data),
        cmocka_unit_test_setup(control_bytes_inside_a_damaged_block_mean_nothing, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_false_end_of_file_does_not_lose_the_next_block, a_receiver_in_the_data),
        cmocka_unit_test_setup(an_end_of_file_that_a_repeat_follows_was_none, a_receiver_in_the_data),
        cmocka_unit_test_setup(an_end_of_file_that_noise_follows_was_none, a_receiver_in_the_data),
        cmocka_unit_test_setup(two_ends_of_file_in_noise_before_block_1_are_none, a_receiver_that_waits_for_block_1),
        cmocka_unit_test_setup(a_false_end_of_file_before_block_1_asks_for_the_start_again,
                               a_receiver_that_waits_for_block_1),
        cmocka_unit_test_setup(ends_of_file_before_a_file_mean_nothing, a_started_receiver),
        cmocka_unit_test_setup(garbage_before_a_file_means_nothing, a_started_receiver),
        cmocka_unit_test_setup(garbage_that_looks_like_a_block_costs_one_repeat_of_the_file_block, a_started_receiver),
        cmocka_unit_test_setup(garbage_between_blocks_costs_one_repeat, a_receiver_in_the_data),
        cmocka_unit_test_setup(noise_before_block_1_is_answered_with_a_start_and_a_damaged_block_1_is_refused,
                               a_receiver_that_waits_for_block_1),
        cmocka_unit_test_setup(noise_before_the_last_block_is_answered_with_a_start,
                               a_receiver_that_waits_for_the_last_block),
        cmocka_unit_test_setup(a_slow_block_after_a_long_wait_is_taken, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_cable_that_is_out_in_mid_block_for_40_s_costs_repeats, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_cable_that_is_put_back_in_mid_block_costs_one_repeat, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_cable_that_is_out_for_40_s_before_block_1_costs_nothing,
                               a_receiver_that_waits_for_block_1),
        cmocka_unit_test_setup(a_cable_that_is_out_for_40_s_at_the_end_of_the_file_costs_nothing,
                               a_receiver_in_the_data),
        cmocka_unit_test_setup(a_cable_that_is_out_for_20_s_after_the_file_costs_nothing,
                               a_receiver_that_waits_for_the_last_block),
        cmocka_unit_test_setup(a_sender_without_a_pause_after_a_refusal_is_asked_again_every_two_seconds,
                               a_receiver_in_the_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
