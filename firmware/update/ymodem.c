// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
// Protocol: Forsberg, "XMODEM/YMODEM protocol reference" (1988), chapters 4-6 and 8; behaviour of
// real senders: lrzsz 0.12.
#include "update/ymodem.h"

#include <stddef.h>

#define SOH 0x01u // 128 bytes follow
#define STX 0x02u // 1024 bytes follow
#define EOT 0x04u
#define ACK 0x06u
#define NAK 0x15u
#define CAN 0x18u
#define CRC 0x43u // 'C': start, with CRC-16

#define START_PERIOD_MS 1000u // between two 'C'
#define START_RETRIES   60u
#define BYTE_MS         1000u // longest gap inside a block
#define BLOCK_MS        5000u // longest wait for a block, shorter than the senders' own 10 s
#define BLOCK_RETRIES   10u
#define PURGE_MS        200u // silence after a damaged block, before asking again

void ymodem_start(struct ymodem *ymodem, ymodem_put_fn put, uint32_t now_ms)
{
    ymodem->put = put;
    ymodem->state = YMODEM_WAIT_FILE;
    ymodem->held = YMODEM_NONE;
    ymodem->since_ms = now_ms;
    ymodem->retries = 0;
    ymodem->block_bytes = 0;
    ymodem->frame_fill = 0;
    ymodem->expected = 0;
    ymodem->cancels = 0;
    ymodem->purging = false;
    ymodem->file_bytes = 0;
    ymodem->data = NULL;
    ymodem->data_bytes = 0;
    put(CRC);
}

bool ymodem_holding(const struct ymodem *ymodem)
{
    return ymodem->state == YMODEM_HOLDING;
}

// CRC-16 of XMODEM: polynomial 0x1021, initial value 0, most significant bit first.
static uint16_t crc16(const uint8_t *data, uint32_t bytes)
{
    uint32_t crc = 0;

    for (uint32_t i = 0; i < bytes; i++) {
        uint32_t t = ((crc >> 8) ^ data[i]) & 0xffu;

        t ^= t >> 4;
        crc = (crc << 8) ^ (t << 12) ^ (t << 5) ^ t;
    }
    return (uint16_t)crc;
}

static enum ymodem_event finish(struct ymodem *ymodem, enum ymodem_event event)
{
    ymodem->state = YMODEM_IDLE;
    return event;
}

static enum ymodem_event hold(struct ymodem *ymodem, enum ymodem_event event)
{
    ymodem->state = YMODEM_HOLDING;
    ymodem->held = event;
    return event;
}

static void cancel_sender(struct ymodem *ymodem)
{
    // Two are enough; more survive a damaged byte. The backspaces clean a human's terminal.
    for (unsigned i = 0; i < 5u; i++) {
        ymodem->put(CAN);
    }
    for (unsigned i = 0; i < 5u; i++) {
        ymodem->put('\b');
    }
}

static bool is_starting(const struct ymodem *ymodem)
{
    return ymodem->state == YMODEM_WAIT_FILE || ymodem->state == YMODEM_WAIT_DATA || ymodem->state == YMODEM_WAIT_EMPTY;
}

// Ask again for what is expected, up to a limit.
static enum ymodem_event ask_again(struct ymodem *ymodem, uint32_t now_ms)
{
    const uint32_t limit = ymodem->state == YMODEM_WAIT_FILE ? START_RETRIES : BLOCK_RETRIES;
    const bool damaged = ymodem->purging;

    ymodem->purging = false;
    ymodem->block_bytes = 0;
    ymodem->since_ms = now_ms;
    if (++ymodem->retries > limit) {
        cancel_sender(ymodem);
        return finish(ymodem, damaged ? YMODEM_BROKEN : YMODEM_TIMEOUT);
    }
    // Before a sender has started, a NAK would ask it for checksums instead of CRCs.
    ymodem->put(ymodem->state == YMODEM_WAIT_FILE || (is_starting(ymodem) && !damaged) ? CRC : NAK);
    return YMODEM_NONE;
}

// What follows a damaged block may look like anything: let the line fall silent first.
static enum ymodem_event purge(struct ymodem *ymodem, uint32_t now_ms)
{
    ymodem->purging = true;
    ymodem->block_bytes = 0;
    ymodem->since_ms = now_ms;
    return YMODEM_NONE;
}

// The size is the first word behind the file's name (chapter 5). A missing size stays 0.
static bool parse_file_block(struct ymodem *ymodem, const uint8_t *data, uint32_t bytes)
{
    uint32_t at = 0;
    uint32_t size_bytes = 0;

    while (at < bytes && data[at] != 0) {
        at++;
    }
    for (at++; at < bytes && data[at] >= '0' && data[at] <= '9'; at++) {
        const uint32_t digit = (uint32_t)(data[at] - '0');

        if (size_bytes > (UINT32_MAX - digit) / 10u) {
            return false;
        }
        size_bytes = size_bytes * 10u + digit;
    }
    ymodem->file_bytes = size_bytes;
    return true;
}

static enum ymodem_event on_file_block(struct ymodem *ymodem, const uint8_t *data, uint8_t number, uint32_t now_ms)
{
    if (number != 0) {
        return purge(ymodem, now_ms);
    }
    if (data[0] == 0) { // an empty batch: the sender has nothing to send
        ymodem->put(ACK);
        return finish(ymodem, YMODEM_CANCELLED);
    }
    if (!parse_file_block(ymodem, data, ymodem->block_bytes)) {
        return purge(ymodem, now_ms);
    }
    return hold(ymodem, YMODEM_FILE);
}

static enum ymodem_event on_data_block(struct ymodem *ymodem, const uint8_t *data, uint8_t number, uint32_t now_ms)
{
    if (number == (uint8_t)(ymodem->expected - 1u)) {
        // Our ACK was lost: acknowledge the repeat, use nothing of it.
        ymodem->put(ACK);
        if (ymodem->state == YMODEM_WAIT_DATA) {
            ymodem->put(CRC);
        }
        ymodem->since_ms = now_ms;
        return YMODEM_NONE;
    }
    if (number != ymodem->expected) {
        // A block was lost for good: no retry of the sender brings it back.
        cancel_sender(ymodem);
        return finish(ymodem, YMODEM_BROKEN);
    }
    ymodem->data = data;
    ymodem->data_bytes = ymodem->block_bytes;
    return hold(ymodem, YMODEM_DATA);
}

static enum ymodem_event on_last_block(struct ymodem *ymodem, const uint8_t *data, uint8_t number, uint32_t now_ms)
{
    if (number != 0) {
        return purge(ymodem, now_ms);
    }
    if (data[0] != 0) { // a second file: one update at a time, the first one stands
        cancel_sender(ymodem);
    } else {
        ymodem->put(ACK);
    }
    return finish(ymodem, YMODEM_DONE);
}

static enum ymodem_event on_frame(struct ymodem *ymodem, uint32_t now_ms)
{
    const uint8_t *data = &ymodem->frame[2];
    const uint8_t *crc = &data[ymodem->block_bytes];
    const uint8_t number = ymodem->frame[0];
    enum ymodem_event event;

    if ((number ^ ymodem->frame[1]) != 0xff || crc16(data, ymodem->block_bytes) != (uint16_t)(crc[0] << 8 | crc[1])) {
        return purge(ymodem, now_ms);
    }
    if (ymodem->state == YMODEM_WAIT_FILE) {
        event = on_file_block(ymodem, data, number, now_ms);
    } else if (ymodem->state == YMODEM_WAIT_EMPTY) {
        event = on_last_block(ymodem, data, number, now_ms);
    } else {
        event = on_data_block(ymodem, data, number, now_ms);
    }
    ymodem->block_bytes = 0;
    return event;
}

static enum ymodem_event on_eot(struct ymodem *ymodem, uint32_t now_ms)
{
    switch (ymodem->state) {
    case YMODEM_WAIT_DATA:
    case YMODEM_IN_DATA:
        // Refuse the first one: noise can look like an EOT, hardly twice.
        ymodem->state = YMODEM_WAIT_EOT2;
        ymodem->put(NAK);
        break;
    case YMODEM_WAIT_EOT2:
        return hold(ymodem, YMODEM_END);
    case YMODEM_WAIT_EMPTY:
        ymodem->put(ACK); // our ACK was lost
        ymodem->put(CRC);
        break;
    default:
        break;
    }
    ymodem->since_ms = now_ms;
    return YMODEM_NONE;
}

static enum ymodem_event on_first_byte(struct ymodem *ymodem, uint8_t byte, uint32_t now_ms)
{
    ymodem->cancels = byte == CAN ? (uint8_t)(ymodem->cancels + 1u) : 0u;
    if (ymodem->cancels >= 2u) {
        return finish(ymodem, YMODEM_CANCELLED);
    }
    switch (byte) {
    case SOH:
    case STX:
        ymodem->block_bytes = byte == SOH ? 128u : YMODEM_BLOCK_BYTES;
        ymodem->frame_fill = 0;
        ymodem->since_ms = now_ms;
        break;
    case EOT:
        return on_eot(ymodem, now_ms);
    case CAN:
        break;
    default:
        if (!is_starting(ymodem)) {
            return purge(ymodem, now_ms); // perhaps a block whose first byte was damaged
        }
        break;
    }
    return YMODEM_NONE;
}

enum ymodem_event ymodem_byte(struct ymodem *ymodem, uint8_t byte, uint32_t now_ms)
{
    if (ymodem->state == YMODEM_IDLE || ymodem->state == YMODEM_HOLDING) {
        return YMODEM_NONE;
    }
    if (ymodem->purging) {
        ymodem->since_ms = now_ms;
        return YMODEM_NONE;
    }
    if (ymodem->block_bytes == 0) {
        return on_first_byte(ymodem, byte, now_ms);
    }
    ymodem->frame[ymodem->frame_fill++] = byte;
    ymodem->since_ms = now_ms;
    if (ymodem->frame_fill == 2u + ymodem->block_bytes + 2u) {
        return on_frame(ymodem, now_ms);
    }
    return YMODEM_NONE;
}

// A sender that is stopped in mid-block says so inside it: five CAN or more, then backspaces.
static bool cut_short_by_cancel(const struct ymodem *ymodem)
{
    uint32_t end = ymodem->frame_fill;
    uint32_t cancels = 0;

    while (end > 0 && ymodem->frame[end - 1u] == '\b') {
        end--;
    }
    while (end > cancels && ymodem->frame[end - 1u - cancels] == CAN) {
        cancels++;
    }
    return cancels >= 5u;
}

enum ymodem_event ymodem_tick(struct ymodem *ymodem, uint32_t now_ms)
{
    uint32_t limit_ms = BLOCK_MS;

    if (ymodem->state == YMODEM_IDLE || ymodem->state == YMODEM_HOLDING) {
        return YMODEM_NONE;
    }
    if (ymodem->purging) {
        limit_ms = PURGE_MS;
    } else if (ymodem->block_bytes != 0) {
        limit_ms = BYTE_MS;
    } else if (is_starting(ymodem)) {
        limit_ms = START_PERIOD_MS;
    }
    if (now_ms - ymodem->since_ms < limit_ms) {
        return YMODEM_NONE;
    }
    if (ymodem->block_bytes != 0 && cut_short_by_cancel(ymodem)) {
        return finish(ymodem, YMODEM_CANCELLED);
    }
    return ask_again(ymodem, now_ms);
}

void ymodem_accept(struct ymodem *ymodem, uint32_t now_ms)
{
    if (ymodem->state != YMODEM_HOLDING) {
        return;
    }
    ymodem->since_ms = now_ms;
    ymodem->retries = 0;
    ymodem->cancels = 0;
    ymodem->put(ACK);
    switch (ymodem->held) {
    case YMODEM_FILE:
        ymodem->state = YMODEM_WAIT_DATA;
        ymodem->expected = 1;
        ymodem->put(CRC);
        break;
    case YMODEM_DATA:
        ymodem->state = YMODEM_IN_DATA;
        ymodem->expected++;
        break;
    default: // YMODEM_END
        ymodem->state = YMODEM_WAIT_EMPTY;
        ymodem->put(CRC);
        break;
    }
}

void ymodem_cancel(struct ymodem *ymodem)
{
    cancel_sender(ymodem);
    ymodem->state = YMODEM_IDLE;
}
