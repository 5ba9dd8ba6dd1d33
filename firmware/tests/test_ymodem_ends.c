// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// How transfers end that do not end well: each in a named result, and within a time, whatever the sender does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ymodem_sender.h"

// ---- Other protocols ----------------------------------------------------------------------------

static void an_xmodem_sender_is_refused_at_its_first_block(void **state)
{
    (void)state;
    assert_int_equal(send_data(1, 128, 0x11), YMODEM_NOT_YMODEM);
    assert_string_equal(said(), CANCEL);
    assert_over();
}

static void the_middle_of_another_transfer_is_refused(void **state)
{
    (void)state;
    assert_int_equal(send_data(37, 1024, 0x11), YMODEM_BROKEN);
    assert_string_equal(said(), CANCEL);
    assert_over();
}

// It starts at a NAK only, which the receiver never sends before a file.
static void an_xmodem_sender_of_checksums_ends_in_a_timeout(void **state)
{
    (void)state;
    assert_int_equal(pass_ms(60999), YMODEM_NONE);
    assert_int_equal(strspn(said(), "C"), 60);
    assert_int_equal(pass_ms(1), YMODEM_TIMEOUT);
    assert_string_equal(said(), CANCEL);
}

static uint8_t streamed_block(uint32_t i)
{
    static uint8_t frame[1029];

    if (i % sizeof frame == 0) {
        make_block(frame, (uint8_t)(i / sizeof frame + 2), 1024, 0x22, NULL, 0);
    }
    return frame[i % sizeof frame];
}

// YMODEM-g: blocks without waiting for an ACK. What comes during flash work is lost.
static void a_sender_that_does_not_wait_is_stopped_by_the_first_block_it_lost(void **state)
{
    (void)state;
    assert_int_equal(keep_sending(streamed_block, 1000), YMODEM_DATA);
    assert_int_equal(send_data(3, 1024, 0x22), YMODEM_NONE); // while block 2 is held
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "A");
    assert_int_equal(send_data(4, 1024, 0x22), YMODEM_BROKEN);
    assert_string_equal(said(), CANCEL);
    assert_over();
}

// ---- Order --------------------------------------------------------------------------------------

static void a_block_that_jumps_ahead_ends_the_transfer(void **state)
{
    (void)state;
    assert_int_equal(send_data(3, 1024, 0x33), YMODEM_BROKEN);
    assert_string_equal(said(), CANCEL);
    assert_over();
}

static void a_block_from_before_the_last_ends_the_transfer(void **state)
{
    (void)state;
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    said();
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_BROKEN);
    assert_string_equal(said(), CANCEL);
}

static void a_repeat_that_differs_ends_the_transfer(void **state)
{
    (void)state;
    assert_int_equal(send_data(1, 1024, 0x12), YMODEM_BROKEN);
    assert_string_equal(said(), CANCEL);
    a_receiver_in_the_data(state);
    assert_int_equal(send_data(1, 128, 0x11), YMODEM_BROKEN); // cut into short blocks
}

static void a_sender_that_starts_over_ends_the_transfer(void **state)
{
    (void)state;
    assert_int_equal(send_file_block(), YMODEM_BROKEN);
    assert_string_equal(said(), CANCEL);
}

// ---- Silence ------------------------------------------------------------------------------------

// Asked as `asked` says, then cancelled, `ms` after the start.
static void assert_timeout(const char *asked, uint32_t ms)
{
    assert_int_equal(pass_ms(ms - 1u), YMODEM_NONE);
    assert_string_equal(said(), asked);
    assert_int_equal(pass_ms(1), YMODEM_TIMEOUT);
    assert_string_equal(said(), CANCEL);
    assert_over();
}

#define TEN_C "CCCCCCCCCC"

static void nobody_there_is_a_timeout_after_a_minute(void **state)
{
    (void)state;
    assert_timeout(TEN_C TEN_C TEN_C TEN_C TEN_C TEN_C, 61000);
}

static void silence_in_block_0_is_a_timeout(void **state)
{
    (void)state;
    assert_int_equal(send_bytes((const uint8_t *)"\x01\x00\xff"
                                                 "app",
                                6),
                     YMODEM_NONE);
    assert_timeout(TEN_C TEN_C TEN_C TEN_C TEN_C TEN_C, 61000);
}

static void silence_before_block_1_is_a_timeout(void **state)
{
    (void)state;
    assert_timeout(TEN_C TEN_C TEN_C TEN_C TEN_C TEN_C, 61000);
}

static void silence_in_a_block_is_a_timeout(void **state)
{
    (void)state;
    assert_int_equal(send_bytes((const uint8_t *)"\x02\x02\xfd\x22", 4), YMODEM_NONE);
    assert_timeout("NNNNNNNNNN", 51000);
}

static void silence_between_blocks_is_a_timeout(void **state)
{
    (void)state;
    assert_timeout("NNNNNNNNNN", 55000);
}

static void silence_after_the_first_end_of_file_is_a_timeout(void **state)
{
    (void)state;
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_string_equal(said(), "N");
    assert_timeout("NNNNNNNNN", 50000); // the answer to the EOT was the first of the ten
}

static void silence_after_the_file_is_a_timeout(void **state)
{
    (void)state;
    assert_timeout(TEN_C TEN_C TEN_C, 31000);
}

// ---- Senders that never end ---------------------------------------------------------------------

static uint8_t noise(uint32_t i)
{
    return (uint8_t)(0x80u | (i * 37u ^ i >> 5)); // no control byte
}

static uint8_t starts_of_blocks(uint32_t i)
{
    (void)i;
    return STX;
}

static uint8_t any_byte(uint32_t i)
{
    static uint32_t x;

    x = i == 0 ? 2463534242u : x;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return (uint8_t)(x >> 11);
}

static uint8_t ends_of_file(uint32_t i)
{
    (void)i;
    return EOT;
}

static uint8_t single_cancels(uint32_t i)
{
    return i % 2 == 0 ? CAN : 0xaa;
}

static uint8_t repeats_of_block_1(uint32_t i)
{
    static uint8_t frame[1029];

    if (i == 0) {
        make_block(frame, 1, 1024, 0x11, NULL, 0);
    }
    return frame[i % sizeof frame];
}

static uint8_t repeats_of_block_0(uint32_t i)
{
    static const char text[] = "app-2.0.0.bin\0"
                               "66048 14567 0";
    static uint8_t frame[1029];

    if (i == 0) {
        make_block(frame, 0, 128, 0, text, sizeof text);
    }
    return frame[i % 133u];
}

static uint8_t repeats_between_ends_of_file(uint32_t i)
{
    return i % 1030u == 0 ? EOT : repeats_of_block_1(i % 1030u - 1u);
}

static uint8_t damaged_blocks(uint32_t i)
{
    return i % 1029u == 1028u ? 0x77 : repeats_of_block_1(i % 1029u);
}

// Each from each place, at the full pace of the line, and what ends it. A question takes up to 2.2 s: a block to see
// that it is damaged, and 2 s in which the line does not fall silent.
static const struct {
    uint8_t (*next)(uint32_t i);
    enum ymodem_event in_start, in_wait_data, in_data, in_last;
} endless[] = {
    {noise, YMODEM_TIMEOUT, YMODEM_TIMEOUT, YMODEM_BROKEN, YMODEM_TIMEOUT},
    {starts_of_blocks, YMODEM_BROKEN, YMODEM_BROKEN, YMODEM_BROKEN, YMODEM_BROKEN},
    {any_byte, YMODEM_BROKEN, YMODEM_BROKEN, YMODEM_BROKEN, YMODEM_BROKEN},
    {ends_of_file, YMODEM_TIMEOUT, YMODEM_END, YMODEM_END, YMODEM_BROKEN},
    {single_cancels, YMODEM_TIMEOUT, YMODEM_TIMEOUT, YMODEM_BROKEN, YMODEM_TIMEOUT},
    {repeats_of_block_0, YMODEM_FILE, YMODEM_BROKEN, YMODEM_BROKEN, YMODEM_DONE},
    {repeats_of_block_1, YMODEM_NOT_YMODEM, YMODEM_DATA, YMODEM_BROKEN, YMODEM_BROKEN},
    {repeats_between_ends_of_file, YMODEM_NOT_YMODEM, YMODEM_DATA, YMODEM_BROKEN, YMODEM_BROKEN},
    {damaged_blocks, YMODEM_BROKEN, YMODEM_BROKEN, YMODEM_BROKEN, YMODEM_BROKEN},
};
#define ENDLESS (sizeof endless / sizeof endless[0])

static void assert_ends(int (*set_up)(void **state), uint8_t (*next)(uint32_t i), enum ymodem_event event,
                        uint32_t limit_ms)
{
    set_up(NULL);
    assert_int_equal(keep_sending(next, limit_ms), event);
    if (event == YMODEM_BROKEN || event == YMODEM_TIMEOUT) {
        const char *end = said();
        const size_t length = strlen(end);

        assert_true(length >= strlen(CANCEL));
        assert_string_equal(end + length - strlen(CANCEL), CANCEL);
        assert_over();
    }
}

static void no_endless_sender_keeps_a_receiver_that_has_no_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDLESS; i++) {
        assert_ends(a_started_receiver, endless[i].next, endless[i].in_start, 140000);
    }
}

static void no_endless_sender_keeps_a_receiver_before_block_1(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDLESS; i++) {
        assert_ends(a_receiver_that_waits_for_block_1, endless[i].next, endless[i].in_wait_data, 140000);
    }
}

static void no_endless_sender_keeps_a_receiver_in_the_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDLESS; i++) {
        assert_ends(a_receiver_in_the_data, endless[i].next, endless[i].in_data, 25000);
    }
}

static void no_endless_sender_keeps_a_receiver_that_has_the_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDLESS; i++) {
        assert_ends(a_receiver_that_waits_for_the_last_block, endless[i].next, endless[i].in_last, 70000);
    }
}

static void a_repeat_is_acknowledged_ten_times_and_no_more(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(send_data(1, 1024, 0x11), YMODEM_NONE);
        assert_string_equal(said(), "A");
    }
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_BROKEN);
    assert_string_equal(said(), CANCEL);
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
    assert_string_equal(said(), CANCEL);
}

static void a_block_that_never_gets_done_is_refused_after_5_s(void **state)
{
    (void)state;
    send_byte(STX);
    for (int i = 0; i < 5; i++) { // no gap is a second long
        assert_int_equal(pass_ms(900), YMODEM_NONE);
        assert_int_equal(send_byte(0x22), YMODEM_NONE);
    }
    assert_int_equal(pass_ms(499), YMODEM_NONE);
    assert_string_equal(said(), "");
    assert_int_equal(pass_ms(1), YMODEM_NONE);
    assert_string_equal(said(), "N");
}

static void a_sender_that_creeps_through_blocks_ends(void **state)
{
    enum ymodem_event event = YMODEM_NONE;
    const uint32_t start_ms = now_ms;

    (void)state;
    while (event == YMODEM_NONE) {
        assert_int_equal(send_byte(STX), YMODEM_NONE);
        event = pass_ms(400);
    }
    assert_int_equal(event, YMODEM_BROKEN);
    assert_in_range(now_ms - start_ms, 54000, 61000); // eleven blocks of 5 s
}

// Blocks 2, 3, ... until something happens; how many were taken.
static uint32_t take_blocks(size_t bytes, enum ymodem_event *event)
{
    uint32_t taken = 0;

    while ((*event = send_data((uint8_t)(taken + 2u), bytes, 0x22)) == YMODEM_DATA) {
        ymodem_accept(&ymodem, now_ms);
        said();
        taken++;
    }
    return taken;
}

static void blocks_behind_the_end_of_the_file_end_the_transfer(void **state)
{
    enum ymodem_event event;

    (void)state;
    assert_int_equal(take_blocks(1024, &event), 64); // with block 1, 65 KiB: the last one is half empty
    assert_int_equal(event, YMODEM_TOO_LONG);
    assert_string_equal(said(), CANCEL);
    assert_over();
}

static void a_block_right_behind_the_end_of_the_file_ends_the_transfer(void **state)
{
    enum ymodem_event event;

    a_started_receiver(state);
    assert_int_equal(send_name("app\0003072", 8), YMODEM_FILE);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(take_blocks(1024, &event), 2);
    assert_int_equal(event, YMODEM_TOO_LONG);
}

static void a_file_of_unknown_size_ends_at_1_mib(void **state)
{
    enum ymodem_event event;

    a_started_receiver(state);
    assert_int_equal(send_name("app", 4), YMODEM_FILE);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(take_blocks(1024, &event), 1023);
    assert_int_equal(event, YMODEM_TOO_LONG);
    assert_string_equal(said(), CANCEL);
}

static void a_file_that_claims_4_gib_ends_at_1_mib(void **state)
{
    enum ymodem_event event;

    a_started_receiver(state);
    assert_int_equal(send_name("app\0004294967295", 14), YMODEM_FILE);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(send_data(1, 128, 0x11), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_int_equal(take_blocks(128, &event), 8191);
    assert_int_equal(event, YMODEM_TOO_LONG);
}

// Nine of ten blocks damaged, for ever: each good one renews the patience.
static void a_transfer_that_creeps_ends_after_ten_minutes(void **state)
{
    const uint32_t start_ms = now_ms;
    enum ymodem_event event = YMODEM_NONE;
    uint8_t number = 2;

    (void)state;
    while (event == YMODEM_NONE && now_ms - start_ms < 700000u) {
        for (int i = 0; i < 9 && event == YMODEM_NONE; i++) {
            assert_int_equal(send_block(number, 128, 0x22, NULL, 0, 1), YMODEM_NONE);
            event = pass_ms(5000);
        }
        if (event == YMODEM_NONE) {
            assert_int_equal(send_data(number++, 128, 0x22), YMODEM_DATA);
            ymodem_accept(&ymodem, now_ms);
        }
        said();
    }
    assert_int_equal(event, YMODEM_BROKEN);
    assert_int_equal(now_ms - start_ms, 600000u);
}

// ---- Our own doing ------------------------------------------------------------------------------

static void a_refusal_cancels_with_more_than_two_can(void **state)
{
    (void)state;
    assert_int_equal(send_data(2, 1024, 0x22), YMODEM_DATA);
    ymodem_cancel(&ymodem);
    assert_string_equal(said(), CANCEL);
    assert_over();
}

static void a_second_file_is_cancelled_and_the_first_stands(void **state)
{
    (void)state;
    assert_int_equal(send_file_block(), YMODEM_DONE);
    assert_string_equal(said(), CANCEL);
    assert_over();
}

static void a_second_file_that_makes_no_sense_is_cancelled_too(void **state)
{
    (void)state;
    assert_int_equal(send_data(0, 128, 'n'), YMODEM_DONE);
    assert_string_equal(said(), CANCEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_xmodem_sender_is_refused_at_its_first_block, a_started_receiver),
        cmocka_unit_test_setup(the_middle_of_another_transfer_is_refused, a_started_receiver),
        cmocka_unit_test_setup(an_xmodem_sender_of_checksums_ends_in_a_timeout, a_started_receiver),
        cmocka_unit_test_setup(a_sender_that_does_not_wait_is_stopped_by_the_first_block_it_lost,
                               a_receiver_in_the_data),
        cmocka_unit_test_setup(a_block_that_jumps_ahead_ends_the_transfer, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_block_from_before_the_last_ends_the_transfer, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_repeat_that_differs_ends_the_transfer, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_sender_that_starts_over_ends_the_transfer, a_receiver_in_the_data),
        cmocka_unit_test_setup(nobody_there_is_a_timeout_after_a_minute, a_started_receiver),
        cmocka_unit_test_setup(silence_in_block_0_is_a_timeout, a_started_receiver),
        cmocka_unit_test_setup(silence_before_block_1_is_a_timeout, a_receiver_that_waits_for_block_1),
        cmocka_unit_test_setup(silence_in_a_block_is_a_timeout, a_receiver_in_the_data),
        cmocka_unit_test_setup(silence_between_blocks_is_a_timeout, a_receiver_in_the_data),
        cmocka_unit_test_setup(silence_after_the_first_end_of_file_is_a_timeout, a_receiver_in_the_data),
        cmocka_unit_test_setup(silence_after_the_file_is_a_timeout, a_receiver_that_waits_for_the_last_block),
        cmocka_unit_test(no_endless_sender_keeps_a_receiver_that_has_no_file),
        cmocka_unit_test(no_endless_sender_keeps_a_receiver_before_block_1),
        cmocka_unit_test(no_endless_sender_keeps_a_receiver_in_the_data),
        cmocka_unit_test(no_endless_sender_keeps_a_receiver_that_has_the_file),
        cmocka_unit_test_setup(a_repeat_is_acknowledged_ten_times_and_no_more, a_receiver_in_the_data),
        cmocka_unit_test_setup(ten_damaged_blocks_are_borne_and_the_eleventh_is_not, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_block_that_never_gets_done_is_refused_after_5_s, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_sender_that_creeps_through_blocks_ends, a_receiver_in_the_data),
        cmocka_unit_test_setup(blocks_behind_the_end_of_the_file_end_the_transfer, a_receiver_in_the_data),
        cmocka_unit_test(a_block_right_behind_the_end_of_the_file_ends_the_transfer),
        cmocka_unit_test(a_file_of_unknown_size_ends_at_1_mib),
        cmocka_unit_test(a_file_that_claims_4_gib_ends_at_1_mib),
        cmocka_unit_test_setup(a_transfer_that_creeps_ends_after_ten_minutes, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_refusal_cancels_with_more_than_two_can, a_receiver_in_the_data),
        cmocka_unit_test_setup(a_second_file_is_cancelled_and_the_first_stands,
                               a_receiver_that_waits_for_the_last_block),
        cmocka_unit_test_setup(a_second_file_that_makes_no_sense_is_cancelled_too,
                               a_receiver_that_waits_for_the_last_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
