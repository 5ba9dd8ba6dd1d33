/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/tests/fuzz/ymodem_watch.h"

#define FILE_MAX_BYTES (1024u * 1024u)
#define WHOLE_MS       600000u
#define SILENCE_MS     70000u /* a minute, and what 60 steps of the clock may add */
#define ANSWERS_MAX    140u   /* 60 times ACK and C, and ten bytes of cancelling */
#define STEP_MS        50u

struct watch watch;

uint16_t watch_crc16(const uint8_t *bytes, size_t count)
{
    static uint16_t table[256];
    uint16_t crc = 0;
    if (table[1] == 0) {
        for (uint32_t i = 0; i < 256u; i++) {
            uint32_t value = i << 8;
            for (unsigned bit = 0; bit < 8u; bit++)
                value = (value & 0x8000u) != 0 ? (value << 1) ^ 0x1021u : value << 1;
            table[i] = (uint16_t)value;
        }
    }
    for (size_t i = 0; i < count; i++)
        crc = (uint16_t)(crc << 8) ^ table[(crc >> 8 ^ bytes[i]) & 0xffu];
    return crc;
}

size_t watch_make_frame(uint8_t frame[WATCH_FRAME_BYTES], uint8_t number, const uint8_t *data, size_t bytes)
{
    frame[0] = bytes == 128u ? YMODEM_SOH : YMODEM_STX;
    frame[1] = number;
    frame[2] = (uint8_t)~number;
    memcpy(frame + 3, data, bytes);
    uint16_t crc = watch_crc16(data, bytes);
    frame[3 + bytes] = (uint8_t)(crc >> 8);
    frame[4 + bytes] = (uint8_t)crc;
    return bytes + 5u;
}

static void put(uint8_t byte)
{
    FUZZ_CHECK(!watch.over);
    FUZZ_CHECK(byte == YMODEM_ACK || byte == YMODEM_NAK || byte == YMODEM_CAN || byte == 'C' || byte == '\b');
    watch.answers++;
    FUZZ_CHECK(watch.answers <= ANSWERS_MAX);
    if (watch.said_count < WATCH_SAID_BYTES)
        watch.said[watch.said_count++] = byte;
}

void watch_start(uint32_t now_ms)
{
    /* Not all of it: what the receiver's own start forgets must be found. */
    struct ymodem left_over = watch.receiver;
    memset(&watch, 0, sizeof watch);
    watch.receiver = left_over;
    watch.now_ms = watch.start_ms = watch.active_ms = now_ms;
    ymodem_start(&watch.receiver, put, now_ms);
    FUZZ_CHECK(watch.said_count == 1 && watch.said[0] == 'C');
}

/* --- what was heard last ------------------------------------------------------------------------------ */

static uint8_t heard_before(uint32_t count)
{
    return count < watch.heard_count ? watch.heard[(watch.heard_count - 1u - count) % WATCH_FRAME_BYTES] : 0;
}

static bool is_frame(uint32_t bytes, uint8_t frame[WATCH_FRAME_BYTES])
{
    uint32_t count = bytes + 5u;
    if (watch.heard_count < count)
        return false;
    for (uint32_t i = 0; i < count; i++)
        frame[i] = heard_before(count - 1u - i);
    return frame[0] == (bytes == 128u ? YMODEM_SOH : YMODEM_STX) && (frame[1] ^ frame[2]) == 0xff &&
           watch_crc16(frame + 3, bytes) == (frame[3 + bytes] << 8 | frame[4 + bytes]);
}

/** The size of the undamaged block that was heard last; 0 if it was none. */
static uint32_t heard_block(uint8_t frame[WATCH_FRAME_BYTES])
{
    if (is_frame(128, frame))
        return 128;
    return is_frame(1024, frame) ? 1024 : 0;
}

/** The words of a sender that stops: two CAN, or, in the middle of something, five and perhaps backspaces. */
static bool heard_cancel(void)
{
    uint32_t at = 0, cancels = 0;
    if (heard_before(0) == YMODEM_CAN && heard_before(1) == YMODEM_CAN)
        return true;
    while (at < WATCH_FRAME_BYTES && heard_before(at) == '\b')
        at++;
    while (at < WATCH_FRAME_BYTES && (heard_before(at) == YMODEM_CAN || heard_before(at) == '\b'))
        cancels += heard_before(at++) == YMODEM_CAN ? 1u : 0;
    return cancels >= 5u;
}

/* --- events ------------------------------------------------------------------------------------------- */

/** What was handed over is what has just been heard, whole and undamaged, and the next in line. */
static void check_data(void)
{
    uint8_t frame[WATCH_FRAME_BYTES];
    uint32_t bytes = watch.receiver.data_bytes;
    FUZZ_CHECK(bytes == 128u || bytes == 1024u);
    FUZZ_CHECK(is_frame(bytes, frame));
    FUZZ_CHECK(frame[1] == (uint8_t)(watch.blocks + 1u));
    FUZZ_CHECK(memcmp(watch.receiver.data, frame + 3, bytes) == 0);
    FUZZ_CHECK(watch.taken_bytes < FILE_MAX_BYTES);
    FUZZ_CHECK(watch.receiver.file_bytes == 0 || watch.taken_bytes < watch.receiver.file_bytes);
}

/** Block 0, with a name that ends and a size that is one. */
static void check_file(void)
{
    uint8_t frame[WATCH_FRAME_BYTES + 1u];
    uint32_t bytes = heard_block(frame);
    FUZZ_CHECK(bytes != 0 && frame[1] == 0 && frame[3] != 0);
    frame[3 + bytes] = 0;
    const char *size = memchr(frame + 3, 0, bytes);
    FUZZ_CHECK(size != NULL);
    size += size + 1 < (const char *)frame + 3 + bytes ? 1 : 0;
    size += strspn(size, " ");
    size_t digits = strspn(size, "0123456789");
    FUZZ_CHECK(size[digits] == 0 || size[digits] == ' ');
    FUZZ_CHECK(strtoull(size, NULL, 10) == watch.receiver.file_bytes || digits == 0);
    FUZZ_CHECK(digits != 0 || watch.receiver.file_bytes == 0);
}

static void check_end(enum ymodem_event event)
{
    uint8_t frame[WATCH_FRAME_BYTES];
    uint32_t bytes = heard_block(frame);
    switch (event) {
    case YMODEM_DONE:
        FUZZ_CHECK(watch.ended && bytes != 0 && frame[1] == 0);
        break;
    case YMODEM_CANCELLED:
        FUZZ_CHECK(heard_cancel() || (!watch.named && bytes != 0 && frame[1] == 0 && frame[3] == 0));
        break;
    case YMODEM_TOO_LONG:
        FUZZ_CHECK(!watch.ended && bytes != 0);
        FUZZ_CHECK(!watch.named || watch.taken_bytes >= FILE_MAX_BYTES ||
                   (watch.receiver.file_bytes != 0 && watch.taken_bytes >= watch.receiver.file_bytes));
        break;
    case YMODEM_NOT_YMODEM:
        FUZZ_CHECK(!watch.named && bytes != 0 && frame[1] <= 1u);
        break;
    default:
        FUZZ_CHECK(event == YMODEM_TIMEOUT || event == YMODEM_BROKEN);
        break;
    }
}

static enum ymodem_event check_event(enum ymodem_event event)
{
    switch (event) {
    case YMODEM_NONE:
        return event;
    case YMODEM_FILE:
        FUZZ_CHECK(!watch.named);
        check_file();
        watch.held = event;
        break;
    case YMODEM_DATA:
        FUZZ_CHECK(watch.named && !watch.ended);
        check_data();
        watch.held = event;
        break;
    case YMODEM_END:
        FUZZ_CHECK(watch.named && !watch.ended);
        FUZZ_CHECK(heard_before(0) == YMODEM_EOT && heard_before(1) == YMODEM_EOT);
        watch.held = event;
        break;
    default:
        check_end(event);
        watch.over = true;
        watch.end = event;
        break;
    }
    FUZZ_CHECK(ymodem_holding(&watch.receiver) == !watch.over);
    return event;
}

enum ymodem_event watch_byte(uint8_t byte)
{
    bool deaf = watch.over || watch.held != YMODEM_NONE;
    uint32_t answers = watch.answers;
    if (!deaf) {
        watch.heard[watch.heard_count++ % WATCH_FRAME_BYTES] = byte;
        watch.active_ms = watch.now_ms;
    }
    enum ymodem_event event = ymodem_byte(&watch.receiver, byte, watch.now_ms);
    FUZZ_CHECK(!deaf || (event == YMODEM_NONE && watch.answers == answers));
    return check_event(event);
}

static enum ymodem_event tick(void)
{
    bool deaf = watch.over || watch.held != YMODEM_NONE;
    uint32_t answers = watch.answers;
    enum ymodem_event event = ymodem_tick(&watch.receiver, watch.now_ms);
    FUZZ_CHECK(!deaf || (event == YMODEM_NONE && watch.answers == answers));
    FUZZ_CHECK(event != YMODEM_DATA && event != YMODEM_FILE && event != YMODEM_END && event != YMODEM_DONE);
    (void)check_event(event);
    if (!watch.over && !deaf) {
        FUZZ_CHECK(watch.now_ms - watch.active_ms <= SILENCE_MS);
        FUZZ_CHECK(watch.now_ms - watch.start_ms < WHOLE_MS);
    }
    return event;
}

enum ymodem_event watch_wait(uint32_t ms)
{
    enum ymodem_event event = YMODEM_NONE;
    while (ms > 0 && event == YMODEM_NONE) {
        uint32_t step_ms = ms < STEP_MS ? ms : STEP_MS;
        watch.now_ms += step_ms;
        ms -= step_ms;
        event = tick();
    }
    return event;
}

void watch_accept(void)
{
    enum ymodem_event held = watch.held;
    uint32_t answers = watch.answers;
    if (held != YMODEM_NONE) {
        watch.answers = answers = 0;
        watch.active_ms = watch.now_ms;
        watch.named |= held == YMODEM_FILE;
        watch.ended |= held == YMODEM_END;
        watch.blocks += held == YMODEM_DATA ? 1u : 0;
        watch.taken_bytes += held == YMODEM_DATA ? watch.receiver.data_bytes : 0;
        watch.held = YMODEM_NONE;
    }
    ymodem_accept(&watch.receiver, watch.now_ms);
    /* An ACK; before the first block and the last one also a C. Nothing if nothing was held. */
    uint32_t expected = held == YMODEM_NONE ? 0 : held == YMODEM_DATA ? 1u : 2u;
    FUZZ_CHECK(watch.answers - answers == expected);
    FUZZ_CHECK(!ymodem_holding(&watch.receiver));
}

void watch_cancel(void)
{
    if (watch.over)
        return;
    uint32_t answers = watch.answers;
    ymodem_cancel(&watch.receiver);
    FUZZ_CHECK(watch.answers - answers >= 2u);
    FUZZ_CHECK(!ymodem_holding(&watch.receiver));
    watch.held = YMODEM_NONE;
    watch.over = true;
    watch.end = YMODEM_NONE;
}

void watch_to_the_end(void)
{
    for (uint32_t waited = 0; !watch.over; waited++) {
        FUZZ_CHECK(waited <= 4u); /* what was held when the sender fell silent, and the silence */
        watch_accept();
        (void)watch_wait(SILENCE_MS);
    }
    (void)watch_wait(1000);
}
