// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "update/ymodem.h"

#define SOH 0x01
#define STX 0x02
#define EOT 0x04
#define ACK 0x06
#define NAK 0x15
#define CAN 0x18

static struct ymodem ymodem;
static uint32_t now_ms;
static uint8_t sent[256];
static size_t sent_count;

static void put(uint8_t byte)
{
    assert_true(sent_count < sizeof sent);
    sent[sent_count++] = byte;
}

// What the receiver has sent since the last call, as a C string.
static const char *said(void)
{
    static char text[257];
    size_t fill = 0;

    for (size_t i = 0; i < sent_count; i++) {
        const char *name = sent[i] == ACK   ? "A"
                           : sent[i] == NAK ? "N"
                           : sent[i] == CAN ? "X"
                           : sent[i] == 'C' ? "C"
                                            : "";
        if (*name != '\0') {
            text[fill++] = *name;
        }
    }
    text[fill] = '\0';
    sent_count = 0;
    return text;
}

static uint16_t crc16_bit_by_bit(const uint8_t *data, size_t bytes)
{
    uint16_t crc = 0;

    for (size_t i = 0; i < bytes; i++) {
        crc = (uint16_t)(crc ^ data[i] << 8);
        for (int bit = 0; bit < 8; bit++) {
            crc = (uint16_t)((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1);
        }
    }
    return crc;
}

static enum ymodem_event send_byte(uint8_t byte)
{
    return ymodem_byte(&ymodem, byte, now_ms);
}

// A block of `bytes` filled with `fill`, or with `text` and zeros; the event of its last byte.
static enum ymodem_event send_block(uint8_t number, size_t bytes, int fill, const char *text, size_t text_bytes,
                                    uint16_t crc_flip)
{
    uint8_t data[1024];
    uint16_t crc;

    memset(data, fill, sizeof data);
    if (text != NULL) {
        memset(data, 0, sizeof data);
        memcpy(data, text, text_bytes);
    }
    crc = crc16_bit_by_bit(data, bytes) ^ crc_flip;
    send_byte(bytes == 128 ? SOH : STX);
    send_byte(number);
    send_byte((uint8_t)~number);
    for (size_t i = 0; i < bytes; i++) {
        assert_int_equal(send_byte(data[i]), YMODEM_NONE);
    }
    send_byte((uint8_t)(crc >> 8));
    return send_byte((uint8_t)crc);
}

static enum ymodem_event send_file_block(void)
{
    static const char text[] = "app-2.0.0.bin\0"
                               "66048 14567 0";

    return send_block(0, 128, 0, text, sizeof text, 0);
}

static enum ymodem_event send_data(uint8_t number, size_t bytes, int fill)
{
    return send_block(number, bytes, fill, NULL, 0, 0);
}

// The clock goes on in 1 ms ticks; the first event, if any.
static enum ymodem_event pass_ms(uint32_t ms)
{
    for (uint32_t i = 0; i < ms; i++) {
        enum ymodem_event event;

        now_ms++;
        event = ymodem_tick(&ymodem, now_ms);
        if (event != YMODEM_NONE) {
            return event;
        }
    }
    return YMODEM_NONE;
}

static int a_started_receiver(void **state)
{
    (void)state;
    now_ms = 0xffffff00u; // the clock wraps in every test that waits
    sent_count = 0;
    ymodem_start(&ymodem, put, now_ms);
    assert_string_equal(said(), "C");
    return 0;
}

static int a_receiver_that_waits_for_block_1(void **state)
{
    a_started_receiver(state);
    assert_int_equal(send_file_block(), YMODEM_FILE);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "AC");
    return 0;
}

static int a_receiver_in_the_data(void **state)
{
    a_receiver_that_waits_for_block_1(state);
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "A");
    return 0;
}

static void the_tests_crc16_has_its_published_check_value(void **state)
{
    (void)state;
    assert_int_equal(crc16_bit_by_bit((const uint8_t *)"123456789", 9), 0x31c3);
}

static void a_whole_file_goes_through_as_a_sender_expects(void **state)
{
    (void)state;
    assert_int_equal(send_file_block(), YMODEM_FILE);
    assert_int_equal(ymodem.file_bytes, 66048);
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

static void a_file_block_without_a_size_leaves_it_unknown(void **state)
{
    (void)state;
    assert_int_equal(send_block(0, 128, 0, "name", 5, 0), YMODEM_FILE);
    assert_int_equal(ymodem.file_bytes, 0);
}

static void a_file_block_of_1024_bytes_is_understood(void **state)
{
    (void)state;
    assert_int_equal(send_block(0, 1024, 0,
                                "n\0"
                                "4294967295",
                                12, 0),
                     YMODEM_FILE);
    assert_int_equal(ymodem.file_bytes, 4294967295u);
}

static void a_size_of_more_than_32_bits_is_asked_for_again(void **state)
{
    (void)state;
    assert_int_equal(send_block(0, 128, 0,
                                "n\0"
                                "4294967296",
                                12, 0),
                     YMODEM_NONE);
    assert_int_equal(pass_ms(300), YMODEM_NONE);
    assert_string_equal(said(), "C");
}

static void an_empty_batch_ends_the_session(void **state)
{
    (void)state;
    assert_int_equal(send_data(0, 128, 0), YMODEM_CANCELLED);
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

static void a_block_that_jumps_ahead_ends_the_transfer(void **state)
{
    (void)state;
    assert_int_equal(send_data(3, 1024, 0x33), YMODEM_BROKEN);
    assert_string_equal(said(), "XXXXX");
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

static void a_second_file_is_cancelled_and_the_first_stands(void **state)
{
    (void)state;
    send_byte(EOT);
    assert_int_equal(send_byte(EOT), YMODEM_END);
    ymodem_accept(&ymodem, now_ms);
    said();
    assert_int_equal(send_file_block(), YMODEM_DONE);
    assert_string_equal(said(), "XXXXX");
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

static void without_a_sender_c_is_repeated_every_second_for_a_minute(void **state)
{
    (void)state;
    assert_int_equal(pass_ms(60500), YMODEM_NONE);
    assert_int_equal(strspn(said(), "C"), 60);
    assert_int_equal(pass_ms(1000), YMODEM_TIMEOUT);
    assert_string_equal(said(), "XXXXX");
}

static void a_sender_that_falls_silent_is_asked_ten_times_and_then_cancelled(void **state)
{
    (void)state;
    assert_int_equal(pass_ms(50500), YMODEM_NONE);
    assert_string_equal(said(), "NNNNNNNNNN");
    assert_int_equal(pass_ms(5000), YMODEM_TIMEOUT);
    assert_string_equal(said(), "XXXXX");
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_NONE);
}

static void ten_damaged_blocks_are_borne_and_the_eleventh_is_not(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(send_block(2, 128, 0x22, NULL, 0, 1), YMODEM_NONE);
        assert_int_equal(pass_ms(300), YMODEM_NONE);
        assert_string_equal(said(), "N");
    }
    assert_int_equal(send_block(2, 128, 0x22, NULL, 0, 1), YMODEM_NONE);
    assert_int_equal(pass_ms(300), YMODEM_BROKEN);
    assert_string_equal(said(), "XXXXX");
}

static void a_refusal_cancels_with_more_than_two_can(void **state)
{
    (void)state;
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
    ymodem_cancel(&ymodem);
    assert_string_equal(said(), "XXXXX");
    assert_int_equal(pass_ms(100000), YMODEM_NONE);
    assert_string_equal(said(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tests_crc16_has_its_published_check_value),
        cmocka_unit_test_setup(a_whole_file_goes_through_as_a_sender_expects, a_started_receiver),
        cmocka_unit_test_setup(a_file_block_without_a_size_leaves_it_unknown, a_started_receiver),
        cmocka_unit_test_setup(a_file_block_of_1024_bytes_is_understood, a_started_receiver),
        cmocka_unit_test_setup(a_size_of_more_than_32_bits_is_asked_for_again, a_started_receiver),
        cmocka_unit_test_setup(an_empty_batch_ends_the_session, a_started_receiver),
        cmocka_unit_test_setup(a_damaged_block_is_refused_once_the_line_is_silent_and_taken_when_repeated,
                               a_receiver_in_the_data),
        cmocka_unit_test_setup(a_block_whose_number_and_complement_disagree_is_refused, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_block_with_a_lost_byte_is_refused_after_a_pause, a_receiver_in_the_data),
        cmocka_unit_test_setup(control_bytes_inside_a_damaged_block_mean_nothing, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_repeated_block_is_acknowledged_and_not_used, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_repeated_file_block_is_acknowledged_with_another_start,
                               a_receiver_that_waits_for_block_1),
        cmocka_unit_test_setup(a_block_that_jumps_ahead_ends_the_transfer, a_receiver_in_the_data),
        cmocka_unit_test_setup(two_cancels_end_the_transfer_and_one_does_not, a_receiver_in_the_data),
        cmocka_unit_test_setup(cancel_bytes_inside_a_block_are_data, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_sender_stopped_in_mid_block_is_understood_after_a_pause, a_receiver_in_the_data),
        cmocka_unit_test_setup(four_cancel_bytes_before_a_lost_rest_are_data, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_false_end_of_file_does_not_lose_the_next_block, a_receiver_in_the_data),
        cmocka_unit_test_setup(an_end_of_file_whose_answer_was_lost_is_answered_again, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_second_file_is_cancelled_and_the_first_stands, a_receiver_in_the_data),
        cmocka_unit_test_setup(nothing_is_heard_or_timed_while_an_event_is_held, a_receiver_in_the_data),
        cmocka_unit_test_setup(without_a_sender_c_is_repeated_every_second_for_a_minute, a_started_receiver),
        cmocka_unit_test_setup(a_sender_that_falls_silent_is_asked_ten_times_and_then_cancelled,
                               a_receiver_in_the_data),
        cmocka_unit_test_setup(ten_damaged_blocks_are_borne_and_the_eleventh_is_not, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_refusal_cancels_with_more_than_two_can, a_receiver_in_the_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
