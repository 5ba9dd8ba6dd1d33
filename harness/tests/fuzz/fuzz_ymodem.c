/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * libFuzzer: no sender may make the YMODEM receiver hand over what was not sent, answer without end, or never end.
 * The first byte chooses who sends: 0, a script of bytes, blocks, pauses and decisions; 1, an honest sender on a line
 * with noise. Whatever came before, a clean transfer after it is taken whole:
 *
 *     make_corpus_ymodem.py corpus && fuzz_ymodem -max_len=2048 corpus
 */
#include "harness/tests/fuzz/ymodem_sender.h"

#define WORK_BYTES 60000u /* sent in a run at most */
#define BYTES_A_MS 11u

enum op {
    OP_RAW,    /* count, bytes */
    OP_PAUSE,  /* 10 ms units */
    OP_WAIT,   /* 250 ms units */
    OP_ACCEPT, /* what is held; from now on at once if the byte is odd */
    OP_CANCEL,
    OP_BLOCK,  /* what is wrong with it, filling */
    OP_REPEAT, /* a byte, 16 times so often */
    OP_EOT,
    OP_CAN,     /* so many, and backspaces */
    OP_NAME,    /* length, bytes: block 0 */
    OP_NO_NAME, /* the empty block 0 */
    OP_BLOCKS,  /* so many good ones */
    OP_CUT,     /* 4 * so many bytes of a good block */
    OP_START,   /* the receiver again */
    OPS
};

/* What may be wrong with a block, in the first byte of OP_BLOCK; its low two bits add to the number. */
#define BLOCK_LONG       0x04u
#define BLOCK_CRC        0x08u
#define BLOCK_COMPLEMENT 0x10u
#define BLOCK_FAR        0x20u /* the number is the filling */

static uint32_t work;
static bool at_once; /* accept */

static void send(uint8_t byte)
{
    if (work == 0)
        return;
    work--;
    (void)watch_byte(byte);
    if (work % BYTES_A_MS == 0)
        (void)watch_wait(1);
    if (at_once)
        watch_accept();
}

static void send_frame(const uint8_t *frame, size_t count)
{
    for (size_t i = 0; i < count; i++)
        send(frame[i]);
}

static uint8_t next_number(void)
{
    return (uint8_t)(watch.named ? watch.blocks + 1u : 0);
}

static void send_block(uint32_t wrong, uint8_t fill)
{
    uint8_t data[1024], frame[WATCH_FRAME_BYTES];
    size_t bytes = (wrong & BLOCK_LONG) != 0 ? 1024u : 128u;
    uint8_t number = (wrong & BLOCK_FAR) != 0 ? fill : (uint8_t)(next_number() + (wrong & 3u) - 1u);
    memset(data, fill, bytes);
    size_t count = watch_make_frame(frame, number, data, bytes);
    frame[2] ^= (wrong & BLOCK_COMPLEMENT) != 0 ? 1u : 0;
    frame[count - 1] ^= (wrong & BLOCK_CRC) != 0 ? 1u : 0;
    send_frame(frame, count);
}

static void send_name(struct fuzz_input *in)
{
    uint8_t data[1024], frame[WATCH_FRAME_BYTES];
    uint32_t count = fuzz_take(in, 1);
    (void)fuzz_take_bytes(in, data, sizeof data < in->left && count == 255u ? sizeof data : count);
    size_t bytes = count > 128u ? 1024u : 128u;
    if (count < bytes && count != 255u)
        memset(data + count, 0, bytes - count);
    send_frame(frame, watch_make_frame(frame, 0, data, bytes));
}

static void send_no_name(void)
{
    uint8_t data[128] = {0}, frame[WATCH_FRAME_BYTES];
    send_frame(frame, watch_make_frame(frame, 0, data, sizeof data));
}

static void send_cut_block(uint32_t quarter)
{
    uint8_t data[1024], frame[WATCH_FRAME_BYTES];
    memset(data, 0x33, sizeof data);
    size_t count = watch_make_frame(frame, next_number(), data, sizeof data);
    send_frame(frame, 4u * quarter < count ? 4u * quarter : count);
}

static void send_cancels(uint32_t count)
{
    for (uint32_t i = 0; i < count % 16u; i++)
        send(YMODEM_CAN);
    for (uint32_t i = 0; i < count / 16u; i++)
        send('\b');
}

static void obey(enum op op, struct fuzz_input *in)
{
    uint32_t argument;
    switch (op) {
    case OP_RAW:
        for (argument = fuzz_take(in, 1); argument > 0 && in->left > 0; argument--)
            send((uint8_t)fuzz_take(in, 1));
        break;
    case OP_PAUSE:
        (void)watch_wait(10u * fuzz_take(in, 1));
        break;
    case OP_WAIT:
        (void)watch_wait(250u * fuzz_take(in, 1));
        break;
    case OP_ACCEPT:
        at_once = (fuzz_take(in, 1) & 1u) != 0;
        watch_accept();
        break;
    case OP_CANCEL:
        watch_cancel();
        break;
    case OP_BLOCK:
        argument = fuzz_take(in, 1);
        send_block(argument, (uint8_t)fuzz_take(in, 1));
        break;
    case OP_REPEAT:
        argument = fuzz_take(in, 2);
        for (uint32_t i = 0; i < 16u * (argument >> 8); i++)
            send((uint8_t)argument);
        break;
    case OP_EOT:
        send(YMODEM_EOT);
        break;
    case OP_CAN:
        send_cancels(fuzz_take(in, 1));
        break;
    case OP_NAME:
        send_name(in);
        break;
    case OP_NO_NAME:
        send_no_name();
        break;
    case OP_BLOCKS:
        for (argument = fuzz_take(in, 1); argument > 0; argument--)
            send_block(1, (uint8_t)argument);
        break;
    case OP_CUT:
        send_cut_block(fuzz_take(in, 1));
        break;
    default:
        watch_start(watch.now_ms);
        break;
    }
}

static void run_script(struct fuzz_input *in)
{
    work = WORK_BYTES;
    at_once = false;
    while (in->left > 0)
        obey(fuzz_take(in, 1) % OPS, in);
    watch_to_the_end();
}

/* --- honest senders ------------------------------------------------------------------------------------ */

#define FILE_BYTES 6000u

/** Noise, or, harder: what a capture of a transfer would hold, blocks in a file. */
static void make_file(uint8_t file[FILE_BYTES], uint32_t seed)
{
    uint8_t data[128], frame[WATCH_FRAME_BYTES];
    for (uint32_t i = 0; i < FILE_BYTES; i++)
        file[i] = (uint8_t)fuzz_hash(seed, i);
    if ((seed & 1u) == 0)
        return;
    memset(data, (int)seed, sizeof data);
    size_t at = 0;
    for (uint32_t block = 0; at + 133u <= FILE_BYTES; block++) {
        size_t count = watch_make_frame(frame, (uint8_t)(seed >> 1) + (uint8_t)(block / 8u), data, sizeof data);
        memcpy(file + at, frame, count);
        at += count;
    }
}

static void run_honest(struct fuzz_input *in)
{
    static uint8_t file[FILE_BYTES];
    struct transfer transfer = {.file = file};
    uint32_t how = fuzz_take(in, 1);
    make_file(file, fuzz_take(in, 1));
    transfer.file_bytes = fuzz_take(in, 2) % FILE_BYTES;
    transfer.announce = (how & 1u) == 0;
    transfer.hold_ms = how >> 1;
    while (in->left > 0 && transfer.event_count < LINE_EVENTS) {
        struct line_event *event = &transfer.events[transfer.event_count++];
        event->after = fuzz_take(in, 2) % (2u * FILE_BYTES);
        event->kind = fuzz_take(in, 1) % LINE_KINDS;
        event->value = (uint8_t)fuzz_take(in, 1);
        if (event->kind == LINE_OUT)
            event->value %= 200u;
    }
    enum transfer_result result = transfer_run(&transfer);
    FUZZ_CHECK(result != TRANSFER_ENDED || transfer.event_count > 1);
    watch_to_the_end();
}

static void run_clean(void)
{
    static uint8_t file[1500];
    struct transfer transfer = {.file = file, .file_bytes = sizeof file, .announce = true};
    for (uint32_t i = 0; i < sizeof file; i++)
        file[i] = (uint8_t)fuzz_hash(1, i);
    watch_start(watch.now_ms);
    FUZZ_CHECK(transfer_run(&transfer) == TRANSFER_WHOLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    uint32_t mode = fuzz_take(&in, 1);
    memset(&watch, 0, sizeof watch);
    watch_start(0xffffff00u); /* the clock wraps soon */
    if (mode % 2u == 0)
        run_script(&in);
    else
        run_honest(&in);
    run_clean();
    return 0;
}
