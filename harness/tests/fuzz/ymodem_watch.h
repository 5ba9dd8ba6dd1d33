/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The firmware's YMODEM receiver under watch: each call is made through here, and what ymodem.h promises of it is
 * checked. The limits are typed a second time, not taken from the code under test.
 */
#ifndef TWINBANK_YMODEM_WATCH_H
#define TWINBANK_YMODEM_WATCH_H

#include "firmware/update/ymodem.h"
#include "harness/tests/fuzz/fuzz.h"

#define YMODEM_SOH 0x01u
#define YMODEM_STX 0x02u
#define YMODEM_EOT 0x04u
#define YMODEM_ACK 0x06u
#define YMODEM_NAK 0x15u
#define YMODEM_CAN 0x18u

#define WATCH_FRAME_BYTES 1029u /* start, number, complement, 1 KiB, CRC */
#define WATCH_SAID_BYTES  64u

struct watch {
    struct ymodem receiver;
    uint32_t now_ms, start_ms;
    uint32_t active_ms;     /* when something was heard or accepted last */
    bool over;              /* an end was told */
    enum ymodem_event end;  /* which */
    enum ymodem_event held; /* YMODEM_NONE: nothing is */
    bool named, ended;      /* YMODEM_FILE, YMODEM_END were accepted */
    uint32_t blocks;        /* accepted */
    uint32_t taken_bytes;
    uint32_t answers;     /* bytes sent since something was accepted */
    uint32_t heard_count; /* bytes that the receiver did not have to drop */
    uint8_t heard[WATCH_FRAME_BYTES];
    uint32_t said_count;
    uint8_t said[WATCH_SAID_BYTES]; /* for a sender, which empties it; what does not fit is lost */
};
extern struct watch watch;

void watch_start(uint32_t now_ms);
enum ymodem_event watch_byte(uint8_t byte);
/** Time passes in steps of at most 50 ms; stops at an event. */
enum ymodem_event watch_wait(uint32_t ms);
void watch_accept(void);
void watch_cancel(void);
/** Nobody sends any more: accepts what is held, and waits for the end. */
void watch_to_the_end(void);

uint16_t watch_crc16(const uint8_t *bytes, size_t count);
/** A block as it is on the line; its length. */
size_t watch_make_frame(uint8_t frame[WATCH_FRAME_BYTES], uint8_t number, const uint8_t *data, size_t bytes);

#endif
