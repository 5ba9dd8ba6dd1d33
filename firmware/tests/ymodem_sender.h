// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The other end of the line, for the tests of the receiver: sends what a test wants, and notes what the receiver says.
#ifndef TWINBANK_FIRMWARE_TESTS_YMODEM_SENDER_H
#define TWINBANK_FIRMWARE_TESTS_YMODEM_SENDER_H

#include <stddef.h>
#include <stdint.h>

#include "update/ymodem.h"

#define SOH 0x01
#define STX 0x02
#define EOT 0x04
#define ACK 0x06
#define NAK 0x15
#define CAN 0x18

// Bytes that 115200 baud carry in a millisecond, rounded down.
#define BYTES_A_MS 11u

extern struct ymodem ymodem;
extern uint32_t now_ms;

// What the receiver has sent since the last call: A, N, X for CAN, C; b for the backspaces behind the CANs.
const char *said(void);

// What it says when it wants no more.
#define CANCEL "XXXXXbbbbb"

// Nothing that comes later is heard or answered.
void assert_over(void);

uint16_t crc16_bit_by_bit(const uint8_t *data, size_t bytes);

enum ymodem_event send_byte(uint8_t byte);
enum ymodem_event send_bytes(const uint8_t *bytes, size_t count);

// A frame as it is on the line, 3 + bytes + 2 long: `data` and zeros, or all `fill` if data is NULL.
size_t make_block(uint8_t frame[1029], uint8_t number, size_t bytes, int fill, const char *data, size_t data_bytes);

// The event of the last byte; no other may have one.
enum ymodem_event send_block(uint8_t number, size_t bytes, int fill, const char *data, size_t data_bytes,
                             uint16_t crc_flip);
enum ymodem_event send_data(uint8_t number, size_t bytes, int fill);
enum ymodem_event send_file_block(void);                              // "app-2.0.0.bin", 66048 bytes
enum ymodem_event send_name(const char *name_and_size, size_t bytes); // block 0, as given and filled up with zeros

// The clock goes on in 1 ms ticks; the first event, if any.
enum ymodem_event pass_ms(uint32_t ms);

// Sends what next(i) gives, i = 0, 1, ..., at the pace of the line, until an event or `limit_ms` are over.
enum ymodem_event keep_sending(uint8_t (*next)(uint32_t i), uint32_t limit_ms);

// Set-up functions of tests. The clock wraps in every test that waits.
int a_started_receiver(void **state);
int a_receiver_that_waits_for_block_1(void **state);
int a_receiver_in_the_data(void **state); // block 1, 1024 bytes of 0x11, was accepted
int a_receiver_that_waits_for_the_last_block(void **state);

#endif
