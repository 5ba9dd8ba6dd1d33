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
#define CLOSE_RETRIES   30u   // of a batch whose file is complete: some senders never close it
#define BYTE_MS         1000u // longest gap inside a block
#define BLOCK_MS        5000u // longest block, and longest wait for one: shorter than the senders' own 10 s
#define BLOCK_RETRIES   10u
#define PURGE_MS        200u  // silence after a damaged block, before asking again
#define PURGE_MAX_MS    2000u // asking again although there is none
#define STOP_CANCELS    5u    // in the middle of a block: a sender that is stopped, not data

void ymodem_start(struct ymodem *ymodem, ymodem_put_fn put, uint32_t now_ms)
{
    ymodem->put = put;
    ymodem->state = YMODEM_WAIT_FILE;
    ymodem->held = YMODEM_NONE;
    ymodem->started_ms = now_ms;
    ymodem->since_ms = now_ms;
    ymodem->began_ms = now_ms;
    ymodem->retries = 0;
    ymodem->block_bytes = 0;
    ymodem->frame_fill = 0;
    ymodem->expected = 0;
    ymodem->cancels = 0;
    ymodem->last_crc = 0;
    ymodem->purging = false;
    ymodem->file_bytes = 0;
    ymodem->taken_bytes = 0;
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

static enum ymodem_event give_up(struct ymodem *ymodem, enum ymodem_event event)
{
    cancel_sender(ymodem);
    return finish(ymodem, event);
}

// True while the sender may be waiting for a 'C'. Noise that looks like an end of file changes nothing of that.
static bool is_starting(const struct ymodem *ymodem)
{
    return ymodem->state == YMODEM_WAIT_FILE || ymodem->state == YMODEM_WAIT_DATA ||
           ymodem->state == YMODEM_WAIT_EMPTY || (ymodem->state == YMODEM_WAIT_EOT2 && ymodem->taken_bytes == 0);
}

static uint32_t retry_limit(const struct ymodem *ymodem)
{
    if (ymodem->state == YMODEM_WAIT_EMPTY) {
        return CLOSE_RETRIES;
    }
    return is_starting(ymodem) ? START_RETRIES : BLOCK_RETRIES;
}

// Counts an answer that brings the transfer no further; false if it is one too many.
static bool is_patient(struct ymodem *ymodem, uint32_t now_ms)
{
    ymodem->since_ms = now_ms;
    return ++ymodem->retries <= retry_limit(ymodem);
}

// A NAK would ask a sender that waits for its start for checksums instead of CRCs: not before the block that is
// expected has begun. Before a file a 'C' says the same.
static void ask(struct ymodem *ymodem)
{
    const bool begun = ymodem->frame_fill >= 2u && ymodem->frame[0] == ymodem->expected &&
                       (ymodem->frame[0] ^ ymodem->frame[1]) == 0xff;

    ymodem->put(ymodem->state == YMODEM_WAIT_FILE || (is_starting(ymodem) && !begun) ? CRC : NAK);
}

// Ask again for what is expected, up to a limit that ends in `event`.
static enum ymodem_event ask_again(struct ymodem *ymodem, enum ymodem_event event, uint32_t now_ms)
{
    ymodem->purging = false;
    ymodem->block_bytes = 0;
    ymodem->cancels = 0;
    if (!is_patient(ymodem, now_ms)) {
        return give_up(ymodem, event);
    }
    ask(ymodem);
    return YMODEM_NONE;
}

// Something else came behind what looked like the end of the file.
static void forget_eot(struct ymodem *ymodem)
{
    if (ymodem->state == YMODEM_WAIT_EOT2) {
        ymodem->state = ymodem->taken_bytes == 0 ? YMODEM_WAIT_DATA : YMODEM_IN_DATA;
    }
}

// What follows a damaged block may look like anything: let the line fall silent first.
static enum ymodem_event purge(struct ymodem *ymodem, uint32_t now_ms)
{
    forget_eot(ymodem);
    ymodem->purging = true;
    ymodem->block_bytes = 0;
    ymodem->since_ms = now_ms;
    ymodem->began_ms = now_ms;
    return YMODEM_NONE;
}

// The size is the first word behind the file's name (chapter 5). A missing size stays 0. No repeat makes a block better
// whose CRC is right.
static enum ymodem_event parse_file_block(struct ymodem *ymodem, const uint8_t *data, uint32_t bytes)
{
    uint32_t at = 0;
    uint32_t size_bytes = 0;

    while (at < bytes && data[at] != 0) {
        at++;
    }
    if (at == bytes) {
        return YMODEM_NOT_YMODEM;
    }
    for (at++; at < bytes && data[at] == ' '; at++) {
    }
    for (; at < bytes && data[at] >= '0' && data[at] <= '9'; at++) {
        const uint32_t digit = (uint32_t)(data[at] - '0');

        if (size_bytes > (UINT32_MAX - digit) / 10u) {
            return YMODEM_TOO_LONG;
        }
        size_bytes = size_bytes * 10u + digit;
    }
    if (at < bytes && data[at] != 0 && data[at] != ' ') {
        return YMODEM_NOT_YMODEM;
    }
    ymodem->file_bytes = size_bytes;
    return YMODEM_FILE;
}

static enum ymodem_event on_file_block(struct ymodem *ymodem, const uint8_t *data, uint8_t number)
{
    enum ymodem_event event;

    if (number != 0) { // XMODEM starts with block 1; others belong to a transfer that nobody takes any more
        return give_up(ymodem, number == 1u ? YMODEM_NOT_YMODEM : YMODEM_BROKEN);
    }
    if (data[0] == 0) { // an empty batch: the sender has nothing to send
        ymodem->put(ACK);
        return finish(ymodem, YMODEM_CANCELLED);
    }
    event = parse_file_block(ymodem, data, ymodem->block_bytes);
    return event == YMODEM_FILE ? hold(ymodem, event) : give_up(ymodem, event);
}

// Our ACK was lost: acknowledge the repeat, use nothing of it.
static enum ymodem_event acknowledge_again(struct ymodem *ymodem, uint32_t now_ms)
{
    if (!is_patient(ymodem, now_ms)) {
        return give_up(ymodem, YMODEM_BROKEN);
    }
    ymodem->put(ACK);
    if (is_starting(ymodem)) {
        ymodem->put(CRC);
    }
    forget_eot(ymodem);
    return YMODEM_NONE;
}

static bool is_behind_the_end(const struct ymodem *ymodem)
{
    return ymodem->taken_bytes >= YMODEM_FILE_BYTES ||
           (ymodem->file_bytes != 0 && ymodem->taken_bytes >= ymodem->file_bytes);
}

static enum ymodem_event on_data_block(struct ymodem *ymodem, const uint8_t *data, uint8_t number, uint16_t crc,
                                       uint32_t now_ms)
{
    if (number == (uint8_t)(ymodem->expected - 1u) && crc == ymodem->last_crc) {
        return acknowledge_again(ymodem, now_ms);
    }
    if (number != ymodem->expected) {
        // A block was lost for good: no retry of the sender brings it back.
        return give_up(ymodem, YMODEM_BROKEN);
    }
    if (is_behind_the_end(ymodem)) {
        return give_up(ymodem, YMODEM_TOO_LONG);
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
        return give_up(ymodem, YMODEM_DONE);
    }
    ymodem->put(ACK);
    return finish(ymodem, YMODEM_DONE);
}

static enum ymodem_event on_frame(struct ymodem *ymodem, uint32_t now_ms)
{
    const uint8_t *data = &ymodem->frame[2];
    const uint16_t crc = crc16(data, ymodem->block_bytes);
    const uint8_t *sent_crc = &data[ymodem->block_bytes];
    const uint8_t number = ymodem->frame[0];
    enum ymodem_event event;

    if ((number ^ ymodem->frame[1]) != 0xff || crc != (uint16_t)(sent_crc[0] << 8 | sent_crc[1])) {
        return purge(ymodem, now_ms);
    }
    ymodem->cancels = 0;
    if (ymodem->state == YMODEM_WAIT_FILE) {
        event = on_file_block(ymodem, data, number);
    } else if (ymodem->state == YMODEM_WAIT_EMPTY) {
        event = on_last_block(ymodem, data, number, now_ms);
    } else {
        event = on_data_block(ymodem, data, number, crc, now_ms);
    }
    ymodem->last_crc = crc; // of a repeat it is the same
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
        return ask_again(ymodem, YMODEM_BROKEN, now_ms);
    case YMODEM_WAIT_EOT2:
        return hold(ymodem, YMODEM_END);
    case YMODEM_WAIT_EMPTY:
        return acknowledge_again(ymodem, now_ms);
    default:
        return YMODEM_NONE;
    }
}

static enum ymodem_event on_first_byte(struct ymodem *ymodem, uint8_t byte, uint32_t now_ms)
{
    if (ymodem->cancels >= 2u) {
        return finish(ymodem, YMODEM_CANCELLED);
    }
    switch (byte) {
    case SOH:
    case STX:
        ymodem->block_bytes = byte == SOH ? 128u : YMODEM_BLOCK_BYTES;
        ymodem->frame_fill = 0;
        ymodem->since_ms = now_ms;
        ymodem->began_ms = now_ms;
        break;
    case EOT:
        return on_eot(ymodem, now_ms);
    case CAN:
        forget_eot(ymodem);
        break;
    default:
        if (!is_starting(ymodem)) {
            return purge(ymodem, now_ms); // perhaps a block whose first byte was damaged
        }
        forget_eot(ymodem);
        break;
    }
    return YMODEM_NONE;
}

// A sender that is stopped in mid-block says so inside it: five CAN or more, then backspaces.
static void count_cancels(struct ymodem *ymodem, uint8_t byte)
{
    const bool between_blocks = ymodem->block_bytes == 0 && !ymodem->purging;

    if (byte == CAN) {
        ymodem->cancels += ymodem->cancels < UINT8_MAX;
    } else if (byte != '\b' || between_blocks) {
        ymodem->cancels = 0;
    }
}

enum ymodem_event ymodem_byte(struct ymodem *ymodem, uint8_t byte, uint32_t now_ms)
{
    if (ymodem->state == YMODEM_IDLE || ymodem->state == YMODEM_HOLDING) {
        return YMODEM_NONE;
    }
    count_cancels(ymodem, byte);
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

enum ymodem_event ymodem_tick(struct ymodem *ymodem, uint32_t now_ms)
{
    const uint32_t gap_ms = now_ms - ymodem->since_ms;
    const uint32_t lasted_ms = now_ms - ymodem->began_ms;
    bool due;

    if (ymodem->state == YMODEM_IDLE || ymodem->state == YMODEM_HOLDING) {
        return YMODEM_NONE;
    }
    if (now_ms - ymodem->started_ms >= YMODEM_WHOLE_MS) {
        return give_up(ymodem, YMODEM_BROKEN);
    }
    if (ymodem->purging) {
        due = gap_ms >= PURGE_MS || lasted_ms >= PURGE_MAX_MS;
    } else if (ymodem->block_bytes != 0) {
        due = gap_ms >= BYTE_MS || lasted_ms >= BLOCK_MS;
    } else {
        due = gap_ms >= (is_starting(ymodem) ? START_PERIOD_MS : BLOCK_MS);
    }
    if (!due) {
        return YMODEM_NONE;
    }
    if (ymodem->cancels >= STOP_CANCELS) {
        return finish(ymodem, YMODEM_CANCELLED);
    }
    return ask_again(ymodem, ymodem->purging || gap_ms < BYTE_MS ? YMODEM_BROKEN : YMODEM_TIMEOUT, now_ms);
}

void ymodem_accept(struct ymodem *ymodem, uint32_t now_ms)
{
    if (ymodem->state != YMODEM_HOLDING) {
        return;
    }
    ymodem->since_ms = now_ms;
    ymodem->retries = 0;
    ymodem->frame_fill = 0; // nothing of the next block has come
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
        ymodem->taken_bytes += ymodem->data_bytes;
        break;
    default: // YMODEM_END
        ymodem->state = YMODEM_WAIT_EMPTY;
        ymodem->expected = 0;
        ymodem->put(CRC);
        break;
    }
}

void ymodem_cancel(struct ymodem *ymodem)
{
    cancel_sender(ymodem);
    ymodem->state = YMODEM_IDLE;
}
