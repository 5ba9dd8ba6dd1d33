// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "ymodem_sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct ymodem ymodem;
uint32_t now_ms;

static char sent[1024];
static size_t sent_count;

static void put(uint8_t byte)
{
    assert_true(sent_count + 1 < sizeof sent);
    sent[sent_count++] = byte == ACK    ? 'A'
                         : byte == NAK  ? 'N'
                         : byte == CAN  ? 'X'
                         : byte == 'C'  ? 'C'
                         : byte == '\b' ? 'b'
                                        : '?';
}

const char *said(void)
{
    sent[sent_count] = '\0';
    sent_count = 0;
    return sent;
}

uint16_t crc16_bit_by_bit(const uint8_t *data, size_t bytes)
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

enum ymodem_event send_byte(uint8_t byte)
{
    return ymodem_byte(&ymodem, byte, now_ms);
}

enum ymodem_event send_bytes(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++) {
        assert_int_equal(send_byte(bytes[i]), YMODEM_NONE);
    }
    return send_byte(bytes[count - 1]);
}

size_t make_block(uint8_t frame[1029], uint8_t number, size_t bytes, int fill, const char *data, size_t data_bytes)
{
    uint16_t crc;

    frame[0] = bytes == 128 ? SOH : STX;
    frame[1] = number;
    frame[2] = (uint8_t)~number;
    memset(frame + 3, data == NULL ? fill : 0, bytes);
    if (data != NULL) {
        memcpy(frame + 3, data, data_bytes);
    }
    crc = crc16_bit_by_bit(frame + 3, bytes);
    frame[3 + bytes] = (uint8_t)(crc >> 8);
    frame[3 + bytes + 1] = (uint8_t)crc;
    return 3 + bytes + 2;
}

enum ymodem_event send_block(uint8_t number, size_t bytes, int fill, const char *data, size_t data_bytes,
                             uint16_t crc_flip)
{
    uint8_t frame[1029];
    const size_t count = make_block(frame, number, bytes, fill, data, data_bytes);

    frame[count - 2] ^= (uint8_t)(crc_flip >> 8);
    frame[count - 1] ^= (uint8_t)crc_flip;
    return send_bytes(frame, count);
}

enum ymodem_event send_data(uint8_t number, size_t bytes, int fill)
{
    return send_block(number, bytes, fill, NULL, 0, 0);
}

enum ymodem_event send_name(const char *name_and_size, size_t bytes)
{
    return send_block(0, 128, 0, name_and_size, bytes, 0);
}

enum ymodem_event send_file_block(void)
{
    static const char text[] = "app-2.0.0.bin\0"
                               "66048 14567 0";

    return send_name(text, sizeof text);
}

enum ymodem_event pass_ms(uint32_t ms)
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

enum ymodem_event keep_sending(uint8_t (*next)(uint32_t i), uint32_t limit_ms)
{
    uint32_t i = 0;

    for (uint32_t ms = 0; ms < limit_ms; ms++) {
        enum ymodem_event event = YMODEM_NONE;

        for (uint32_t n = 0; n < BYTES_A_MS && event == YMODEM_NONE; n++) {
            event = send_byte(next(i++));
        }
        if (event == YMODEM_NONE) {
            event = pass_ms(1);
        }
        if (event != YMODEM_NONE) {
            return event;
        }
    }
    return YMODEM_NONE;
}

int a_started_receiver(void **state)
{
    (void)state;
    now_ms = 0xffffff00u;
    sent_count = 0;
    ymodem_start(&ymodem, put, now_ms);
    assert_string_equal(said(), "C");
    return 0;
}

int a_receiver_that_waits_for_block_1(void **state)
{
    a_started_receiver(state);
    assert_int_equal(send_file_block(), YMODEM_FILE);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "AC");
    return 0;
}

int a_receiver_in_the_data(void **state)
{
    a_receiver_that_waits_for_block_1(state);
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_DATA);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "A");
    return 0;
}

int a_receiver_that_waits_for_the_last_block(void **state)
{
    a_receiver_in_the_data(state);
    assert_int_equal(send_byte(EOT), YMODEM_NONE);
    assert_int_equal(send_byte(EOT), YMODEM_END);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "NAC");
    return 0;
}

void assert_over(void)
{
    said();
    assert_int_equal(send_file_block(), YMODEM_NONE);
    assert_int_equal(send_data(1, 1024, 0x11), YMODEM_NONE);
    assert_int_equal(pass_ms(100000), YMODEM_NONE);
    ymodem_accept(&ymodem, now_ms);
    assert_string_equal(said(), "");
}
