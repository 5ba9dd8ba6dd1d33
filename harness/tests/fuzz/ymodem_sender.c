/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/tests/fuzz/ymodem_sender.h"

#define BYTES_A_MS  11u /* 115200 baud */
#define ANSWER_MS   10000u
#define RETRIES     10u
#define START_TRIES 3u
#define SHORT_BELOW 897u /* what is left goes in short blocks from here on */
#define PAD         0x1au
#define LONGEST_MS  2000000u

enum stage {
    NAME_START, /* each start waits for a C */
    NAME,
    DATA_START,
    DATA,
    END,
    LAST_START,
    LAST,
    DONE,
    FAILED,
};

static struct {
    const struct transfer *transfer;
    enum stage stage;
    uint32_t sent_bytes, block_bytes;
    uint8_t number;
    uint32_t attempts, waited_ms;
    uint8_t last;
    uint32_t frame_at, frame_bytes;
    uint8_t frame[WATCH_FRAME_BYTES];
    uint32_t inbox_count;
    uint8_t inbox[WATCH_SAID_BYTES];
    uint32_t next_event, bytes; /* on the line since the last event */
    uint32_t out_until_ms;
    bool out;
    uint32_t frame_heard; /* watch.heard_count when the frame began */
    bool frame_hit;
    bool collided;
    uint32_t hold_left_ms;
} tx;

/* --- the line -------------------------------------------------------------------------------------- */

/** What is left of a byte: 0 to 2 bytes in `out`. */
static uint32_t pass(uint8_t byte, uint8_t out[2])
{
    const struct transfer *transfer = tx.transfer;
    out[0] = out[1] = byte;
    if (tx.out && (int32_t)(watch.now_ms - tx.out_until_ms) < 0) {
        tx.frame_hit = true;
        return 0;
    }
    tx.out = false;
    if (tx.next_event >= transfer->event_count || tx.bytes++ < transfer->events[tx.next_event].after)
        return 1;
    const struct line_event *event = &transfer->events[tx.next_event++];
    tx.bytes = 0;
    tx.frame_hit = true;
    switch (event->kind) {
    case LINE_CHANGE:
        out[0] ^= event->value;
        return 1;
    case LINE_DOUBLE:
        return 2;
    case LINE_ADD:
        out[0] = event->value;
        return 2;
    case LINE_OUT:
        tx.out = true;
        tx.out_until_ms = watch.now_ms + 100u * event->value;
        return 0;
    default:
        return 0;
    }
}

/* --- the sender ------------------------------------------------------------------------------------ */

static void send(uint32_t bytes)
{
    if (tx.stage == DATA || tx.stage == END)
        tx.inbox_count = 0; /* answers to what went before */
    tx.frame_at = 0;
    tx.frame_bytes = bytes;
    tx.waited_ms = 0;
    tx.last = 0;
}

static void send_frame(uint8_t number, const uint8_t *data, uint32_t bytes)
{
    send((uint32_t)watch_make_frame(tx.frame, number, data, bytes));
}

static void send_data(void)
{
    uint32_t left = tx.transfer->file_bytes - tx.sent_bytes;
    uint8_t data[1024];
    tx.block_bytes = left < SHORT_BELOW ? 128u : 1024u;
    memset(data, PAD, sizeof data);
    memcpy(data, tx.transfer->file + tx.sent_bytes, left < tx.block_bytes ? left : tx.block_bytes);
    send_frame(++tx.number, data, tx.block_bytes);
}

static void enter(enum stage stage)
{
    uint8_t data[128] = {0};
    tx.stage = stage;
    tx.attempts = 0;
    tx.waited_ms = 0;
    tx.last = 0;
    switch (stage) {
    case NAME:
        snprintf((char *)data, sizeof data, "app.bin");
        if (tx.transfer->announce)
            snprintf((char *)data + 8, sizeof data - 8, "%u 0 100644", tx.transfer->file_bytes);
        send_frame(0, data, sizeof data);
        break;
    case DATA:
        send_data();
        break;
    case END:
        tx.frame[0] = YMODEM_EOT;
        send(1);
        break;
    case LAST:
        send_frame(0, data, sizeof data);
        break;
    default:
        break;
    }
}

static void on_acknowledged(void)
{
    uint32_t size = tx.transfer->file_bytes;
    if (tx.stage == DATA) {
        tx.sent_bytes = size - tx.sent_bytes < tx.block_bytes ? size : tx.sent_bytes + tx.block_bytes;
        enter(tx.sent_bytes < size ? DATA : END);
    } else {
        enter(tx.stage == LAST ? DONE : tx.stage + 1);
    }
}

static void repeat(void)
{
    if (tx.attempts++ >= RETRIES)
        tx.stage = FAILED;
    else
        send(tx.frame_bytes);
}

static void on_answer(uint8_t byte)
{
    bool starting = tx.stage == NAME_START || tx.stage == DATA_START || tx.stage == LAST_START;
    tx.waited_ms = 0;
    if (byte == YMODEM_CAN && tx.last == YMODEM_CAN)
        tx.stage = FAILED;
    else if (starting && byte == 'C')
        enter(tx.stage == DATA_START && tx.transfer->file_bytes == 0 ? END : tx.stage + 1);
    else if (!starting && byte == YMODEM_ACK)
        on_acknowledged();
    else if (!starting && (byte == YMODEM_NAK || byte == 'C'))
        repeat();
    else
        tx.last = byte;
}

static void on_timeout(void)
{
    tx.waited_ms = 0;
    if (tx.stage == DATA_START)
        enter(tx.transfer->file_bytes == 0 ? END : DATA); /* perhaps the C was lost */
    else if (tx.stage != NAME_START && tx.stage != LAST_START)
        repeat();
    else if (++tx.attempts >= START_TRIES)
        tx.stage = FAILED;
}

static bool is_sending(void)
{
    return tx.frame_at < tx.frame_bytes && tx.stage < DONE;
}

/** Reads what came when it has written, as the real one does. */
static void read_answers(void)
{
    while (tx.inbox_count > 0 && !is_sending() && tx.stage < DONE) {
        uint8_t byte = tx.inbox[0];
        memmove(tx.inbox, tx.inbox + 1, --tx.inbox_count);
        on_answer(byte);
    }
}

/* --- the receiver's owner ---------------------------------------------------------------------------- */

/** Is what is handed over what the file has there? */
static void compare(void)
{
    const struct ymodem *receiver = &watch.receiver;
    uint32_t size = tx.transfer->file_bytes;
    for (uint32_t i = 0; i < receiver->data_bytes && !tx.collided; i++) {
        uint32_t at = watch.taken_bytes + i;
        if (receiver->data[i] == (at < size ? tx.transfer->file[at] : PAD))
            continue;
        /* Damage that the CRC lets pass is excused; a block that nobody sent is not. */
        FUZZ_CHECK(tx.frame_hit && watch.heard_count - tx.frame_heard == receiver->data_bytes + 5u);
        tx.collided = true;
    }
}

static void on_event(enum ymodem_event event)
{
    if (event == YMODEM_DATA)
        compare();
    if (event != YMODEM_NONE)
        tx.hold_left_ms = tx.transfer->hold_ms;
}

static void own_receiver(void)
{
    if (watch.held == YMODEM_NONE || tx.hold_left_ms > 0)
        return;
    if (watch.held == YMODEM_END && watch.taken_bytes < tx.transfer->file_bytes)
        watch_cancel(); /* as the updater does it */
    else
        watch_accept();
}

static void send_bytes(void)
{
    for (uint32_t i = 0; i < BYTES_A_MS && is_sending(); i++) {
        uint8_t out[2];
        if (tx.frame_at == 0) {
            tx.frame_heard = watch.heard_count;
            tx.frame_hit = false;
        }
        uint32_t count = pass(tx.frame[tx.frame_at++], out);
        for (uint32_t k = 0; k < count; k++)
            on_event(watch_byte(out[k]));
    }
}

static void carry_answers(void)
{
    for (uint32_t i = 0; i < watch.said_count; i++) {
        uint8_t out[2];
        uint32_t count = pass(watch.said[i], out);
        for (uint32_t k = 0; k < count && tx.inbox_count < sizeof tx.inbox; k++)
            tx.inbox[tx.inbox_count++] = out[k];
    }
    watch.said_count = 0;
}

enum transfer_result transfer_run(const struct transfer *transfer)
{
    memset(&tx, 0, sizeof tx);
    tx.transfer = transfer;
    while (tx.stage < DONE && !tx.collided) {
        bool idle = !is_sending();
        uint32_t step_ms = idle ? 20u : 1u;
        FUZZ_CHECK(watch.now_ms - watch.start_ms < LONGEST_MS);
        send_bytes();
        on_event(watch_wait(step_ms));
        own_receiver();
        tx.hold_left_ms -= tx.hold_left_ms < step_ms ? tx.hold_left_ms : step_ms;
        carry_answers();
        read_answers();
        if (idle && !is_sending() && (tx.waited_ms += step_ms) >= ANSWER_MS)
            on_timeout();
    }
    if (tx.collided)
        return TRANSFER_COLLIDED;
    bool whole = watch.over && watch.end == YMODEM_DONE && watch.taken_bytes >= transfer->file_bytes;
    return whole && tx.stage == DONE ? TRANSFER_WHOLE : TRANSFER_ENDED;
}
