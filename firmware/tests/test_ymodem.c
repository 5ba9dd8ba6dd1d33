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
    static const uint8_t noise[] = {CAN, 0x55, CAN, 0x55, CAN, 0x55};

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
    assert_int_equal(send_bytes((const uint8_t *)"\x01@@@@@", 6), YMODEM_NONE);
    assert_int_equal(pass_ms(1000), YMODEM_NONE);
    assert_string_equal(said(), "C"); // the sender still waits for one; a NAK would ask it for checksums
    assert_int_equal(send_block(1, 1024, 0x11, NULL, 0, 1), YMODEM_NONE);
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
}

static void noise_before_the_last_block_is_answered_with_a_start(void **state)
{
    (void)state;
    assert_int_equal(send_bytes((const uint8_t *)"\x01@@@@@", 6), YMODEM_NONE);
    assert_int_equal(pass_ms(1000), YMODEM_NONE);
    assert_string_equal(said(), "C");
    assert_int_equal(send_block(0, 128, 0, NULL, 0, 1), YMODEM_NONE);
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_int_equal(send_data(0, 128, 0), YMODEM_DONE);
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
        cmocka_unit_test_setup(a_damaged_block_is_refused_once_the_line_is_silent_and_taken_when_repeated,
                               a_receiver_in_the_data),
        cmocka_unit_test_setup(a_block_whose_number_and_complement_disagree_is_refused, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_block_with_a_lost_byte_is_refused_after_a_pause, a_receiver_in_the_data),
        cmocka_unit_test_setup(control_bytes_inside_a_damaged_block_mean_nothing, a_receiver_in_the_data),
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
        cmocka_unit_test_setup(four_cancel_bytes_before_a_lost_rest_are_data, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_false_end_of_file_does_not_lose_the_next_block, a_receiver_in_the_data),
        cmocka_unit_test_setup(an_end_of_file_whose_answer_was_lost_is_answered_again, a_receiver_in_the_data),
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
        cmocka_unit_test_setup(nothing_is_heard_or_timed_while_an_event_is_held, a_receiver_in_the_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
