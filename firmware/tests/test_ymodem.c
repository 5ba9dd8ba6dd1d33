// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ymodem_sender.h"

static void the_tests_crc16_has_its_published_check_value(void **state)
{
    (void)state;
    assert_int_equal(crc16_bit_by_bit((const uint8_t *)"123456789", 9), 0x31c3);
}

static void a_whole_file_goes_through_as_a_sender_expects(void **state)
{
    (void)state;
    assert_int_equal(send_name("app\000306304 14567 100644", 24), YMODEM_FILE); // 299 blocks of 1024 and one of 128
    assert_int_equal(ymodem.file_bytes, 306304);
    assert_string_equal(said(), "");
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "AC");
    for (unsigned number = 1; number <= 300; number++) { // block numbers wrap at 256
        const size_t bytes = number == 300 ? 128 : 1024;

        assert_int_equal(send_data((uint8_t)number, bytes, (int)(number & 0xff)), YMODEM_DATA);
        assert_int_equal(ymodem.data_bytes, bytes);
        assert_int_equal(ymodem.data[0], number & 0xff);
        assert_int_equal(ymodem.data[bytes - 1], number & 0xff);
        assert_string_equal(said(), ""); // held until accepted
        ymodem_accept(&ymodem, now_ms);
        assert_string_equal(said(), "A");
    }
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_byte(EOT), YMODEM_END);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "AC");
    assert_int_equal(send_data(0, 128, 0), YMODEM_DONE);
    assert_string_equal(said(), "A");
}

static void blocks_of_128_and_1024_bytes_may_be_mixed(void **state)
{
    static const size_t sizes[] = {128, 1024, 1024, 128, 128, 1024, 128};

    (void)state;
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(send_data((uint8_t)(i + 1), sizes[i], (int)i + 0x30), YMODEM_DATA);
        assert_int_equal(ymodem.data_bytes, sizes[i]);
        assert_int_equal(ymodem.data[0], i + 0x30);
        assert_int_equal(ymodem.data[sizes[i] - 1], i + 0x30);
        ymodem_accept(&ymodem, now_ms);
        assert_string_equal(said(), "A");
    }
}

static void the_filling_of_the_last_block_is_handed_over_with_it(void **state)
{
    char last[1024];

    (void)state;
    memset(last, 0x1a, sizeof last);
    memset(last, 0x22, 512);
    assert_int_equal(send_name("app\0001536", 9), YMODEM_FILE);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(send_block(2, 1024, 0, last, sizeof last, 0), YMODEM_DATA);
    assert_int_equal(ymodem.file_bytes, 1536); // tells the two apart
    assert_int_equal(ymodem.data_bytes, 1024);
    assert_memory_equal(ymodem.data, last, sizeof last);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "ACAA");
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_int_equal(send_byte(EOT), YMODEM_END);
}

static void a_file_of_no_bytes_ends_without_data(void **state)
{
    (void)state;
    assert_int_equal(send_name("empty\0000", 8), YMODEM_FILE);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "AC");
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_string_equal(said(), "C"); // a NAK would ask a sender that has not begun for checksums
    assert_int_equal(send_byte(EOT), YMODEM_END);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "AC");
    assert_int_equal(send_data(0, 128, 0), YMODEM_DONE);
    assert_string_equal(said(), "A");
}

static void a_repeated_block_is_acknowledged_and_not_used(void **state)
{
    (void)state;
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_NONE);
    assert_string_equal(said(), "A");
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
}

static void a_repeated_file_block_is_acknowledged_with_another_start(void **state)
{
    (void)state;
    assert_int_equal(send_file_block(), YMODEM_NONE);
    assert_string_equal(said(), "AC");
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
}

static void a_repeat_where_block_numbers_wrap_asks_for_no_start(void **state)
{
    (void)state;
    for (unsigned number = 2; number <= 256; number++) {
        assert_int_equal(send_data((uint8_t)number, 128, 0x22), YMODEM_DATA);
        ymodem_accept(&ymodem, now_ms);
    }
    said();
    assert_int_equal(send_data(0, 128, 0x22), YMODEM_NONE);
    assert_string_equal(said(), "A");
    assert_int_equal(send_data(1, 128, 0x33), YMODEM_DATA); // block 257
}

static void two_cancels_end_the_transfer_and_one_does_not(void **state)
{
    (void)state;
    assert_int_equal(send_byte(CAN), YMODEM_NONE);
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(send_byte(CAN), YMODEM_NONE);
    assert_int_equal(send_byte(CAN), YMODEM_CANCELLED);
}

static void two_cancels_far_apart_do_not_end_the_transfer(void **state)
{
    (void)state;
    assert_int_equal(send_byte(CAN), YMODEM_NONE);
    assert_int_equal(pass_ms(5500), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_byte(CAN), YMODEM_NONE);
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
}

static void two_cancels_with_noise_between_do_not_end_the_transfer(void **state)
{
    static const uint8_t noise[] = {CAN, 0x55, CAN, '\b', CAN, 0x55};

    (void)state;
    assert_int_equal(send_bytes(noise, sizeof noise), YMODEM_NONE);
    assert_int_equal(send_file_block(), YMODEM_FILE);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "ACA");
    assert_int_equal(send_bytes(noise, sizeof noise), YMODEM_NONE);
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "N");
}

static void cancel_bytes_inside_a_block_are_data(void **state)
{
    (void)state;
    assert_int_equal(send_data(2, 1024, CAN), YMODEM_DATA);
    assert_int_equal(ymodem.data[7], CAN);
}

static void a_sender_stopped_in_mid_block_is_understood_after_a_pause(void **state)
{
    (void)state;
    send_byte(STX);
    send_byte(2);
    send_byte(0xfd);
    for (int i = 0; i < 500; i++) {
        send_byte(0x22);
    }
    for (int i = 0; i < 8; i++) { // what lrzsz sends when interrupted
        send_byte(CAN);
    }
    for (int i = 0; i < 10; i++) {
        send_byte('\b');
    }
    assert_int_equal(pass_ms(1100), YMODEM_CANCELLED);
    assert_string_equal(said(), "");
}

static void a_sender_stopped_at_the_end_of_a_block_is_understood_after_a_pause(void **state)
{
    (void)state;
    send_byte(SOH);
    send_byte(2);
    send_byte(0xfd);
    for (int i = 0; i < 126; i++) {
        send_byte(0x22);
    }
    for (int i = 0; i < 8; i++) { // four of them end the block, with a wrong CRC
        assert_int_equal(send_byte(CAN), YMODEM_NONE);
    }
    for (int i = 0; i < 10; i++) {
        assert_int_equal(send_byte('\b'), YMODEM_NONE);
    }
    assert_int_equal(pass_ms(300), YMODEM_CANCELLED);
    assert_string_equal(said(), "");
}

static void a_sender_stopped_after_a_damaged_block_is_understood_after_a_pause(void **state)
{
    (void)state;
    assert_int_equal(send_block(2, 128, 0x22, NULL, 0, 1), YMODEM_NONE);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(send_byte(CAN), YMODEM_NONE);
    }
    assert_int_equal(pass_ms(300), YMODEM_CANCELLED);
}

static void a_good_block_that_ends_in_cancel_bytes_is_no_reason_to_end(void **state)
{
    (void)state;
    assert_int_equal(send_data(2, 1024, CAN), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(send_byte(CAN), YMODEM_NONE);
    assert_int_equal(pass_ms(5500), YMODEM_NONE);
    assert_string_equal(said(), "AN");
}

static void a_repeat_whose_crc_ends_in_a_cancel_byte_is_no_reason_to_end(void **state)
{
    uint8_t frame[1029];
    uint16_t text = 0;

    (void)state;
    do {
        assert_true(text < UINT16_MAX);
        text++;
        make_block(frame, 2, 128, 0, (const char *)&text, sizeof text);
    } while (frame[132] != CAN);
    assert_int_equal(send_bytes(frame, 133), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(send_byte(CAN), YMODEM_NONE);
    assert_int_equal(send_bytes(frame, 133), YMODEM_NONE);
    assert_int_equal(send_byte(CAN), YMODEM_NONE);
    assert_string_equal(said(), "AA");
}

static void a_sender_that_does_not_stop_stopping_is_understood_too(void **state)
{
    (void)state;
    send_bytes((const uint8_t *)"\x02\x02\xfd", 3);
    for (int i = 0; i < 256; i++) {
        assert_int_equal(send_byte(CAN), YMODEM_NONE);
    }
    assert_int_equal(pass_ms(1100), YMODEM_CANCELLED);
}

static void four_cancel_bytes_before_a_lost_rest_are_data(void **state)
{
    (void)state;
    send_byte(STX);
    send_byte(2);
    send_byte(0xfd);
    for (int i = 0; i < 4; i++) {
        send_byte(CAN);
    }
    assert_int_equal(pass_ms(1100), YMODEM_NONE);
    assert_string_equal(said(), "N");
}

static void an_end_of_file_whose_answer_was_lost_is_answered_again(void **state)
{
    (void)state;
    send_byte(EOT);
    assert_int_equal(send_byte(EOT), YMODEM_END);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "NAC");
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_string_equal(said(), "AC");
    assert_int_equal(send_data(0, 128, 0), YMODEM_DONE);
}

static void a_last_block_of_number_0_is_not_taken_for_the_empty_one(void **state)
{
    (void)state;
    for (unsigned number = 1; number <= 256; number++) {
        assert_int_equal(send_data((uint8_t)number, 128, 0x22), YMODEM_DATA);
        ymodem_accept(&ymodem, now_ms);
    }
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_int_equal(send_byte(EOT), YMODEM_END);
    ymodem_accept(&ymodem, now_ms);
    said();
    assert_int_equal(pass_ms(1000), YMODEM_NONE);
    assert_string_equal(said(), "C");
}

static void a_start_forgets_what_went_before(void **state)
{
    for (int i = 0; i < 3; i++) {
        a_receiver_in_the_data(state);
        send_byte(i == 0 ? CAN : i == 1 ? STX : 0x55);
        ymodem_start(&ymodem, ymodem.put, now_ms);
        assert_string_equal(said(), "C");
        assert_int_equal(send_byte(CAN), YMODEM_NONE);
        assert_int_equal(send_file_block(), YMODEM_FILE);
    }
}

static void nothing_is_heard_or_timed_while_an_event_is_held(void **state)
{
    (void)state;
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
    said();
    assert_int_equal(pass_ms(100000), YMODEM_NONE);
    assert_int_equal(send_byte(CAN), YMODEM_NONE);
    assert_int_equal(send_byte(CAN), YMODEM_NONE);
    assert_int_equal(send_data(3, 1024, 0x33), YMODEM_NONE);
    assert_string_equal(said(), "");
    assert_int_equal(ymodem.data[0], 0x22);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "A");
    assert_int_equal(pass_ms(4999), YMODEM_NONE); // the wait starts anew
    assert_string_equal(said(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tests_crc16_has_its_published_check_value),
        cmocka_unit_test_setup(a_whole_file_goes_through_as_a_sender_expects, a_started_receiver),
        cmocka_unit_test_setup(blocks_of_128_and_1024_bytes_may_be_mixed, a_receiver_that_waits_for_block_1),
        cmocka_unit_test_setup(the_filling_of_the_last_block_is_handed_over_with_it, a_started_receiver),
        cmocka_unit_test_setup(a_file_of_no_bytes_ends_without_data, a_started_receiver),
        cmocka_unit_test_setup(a_repeated_block_is_acknowledged_and_not_used, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_repeated_file_block_is_acknowledged_with_another_start,
                               a_receiver_that_waits_for_block_1),
        cmocka_unit_test_setup(a_repeat_where_block_numbers_wrap_asks_for_no_start, a_receiver_in_the_data),
        cmocka_unit_test_setup(two_cancels_end_the_transfer_and_one_does_not, a_receiver_in_the_data),
        cmocka_unit_test_setup(two_cancels_far_apart_do_not_end_the_transfer, a_receiver_in_the_data),
        cmocka_unit_test_setup(two_cancels_with_noise_between_do_not_end_the_transfer, a_started_receiver),
        cmocka_unit_test_setup(cancel_bytes_inside_a_block_are_data, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_sender_stopped_in_mid_block_is_understood_after_a_pause, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_sender_stopped_at_the_end_of_a_block_is_understood_after_a_pause,
                               a_receiver_in_the_data),
        cmocka_unit_test_setup(a_sender_stopped_after_a_damaged_block_is_understood_after_a_pause,
                               a_receiver_in_the_data),
        cmocka_unit_test_setup(a_good_block_that_ends_in_cancel_bytes_is_no_reason_to_end, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_repeat_whose_crc_ends_in_a_cancel_byte_is_no_reason_to_end, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_sender_that_does_not_stop_stopping_is_understood_too, a_receiver_in_the_data),
        cmocka_unit_test_setup(four_cancel_bytes_before_a_lost_rest_are_data, a_receiver_in_the_data),
        cmocka_unit_test_setup(an_end_of_file_whose_answer_was_lost_is_answered_again, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_last_block_of_number_0_is_not_taken_for_the_empty_one,
                               a_receiver_that_waits_for_block_1),
        cmocka_unit_test(a_start_forgets_what_went_before),
        cmocka_unit_test_setup(nothing_is_heard_or_timed_while_an_event_is_held, a_receiver_in_the_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
