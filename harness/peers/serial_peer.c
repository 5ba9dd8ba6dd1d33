/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Protocol: Forsberg, "XMODEM/YMODEM protocol reference" (1988), chapters 4 to 6. Numbers of
 * retries, timeouts and the short blocks at the end of a file: as observed of lrzsz 0.12 sb.
 */
#include "harness/peers/serial_peer.h"

#include <stdio.h>
#include <string.h>

#define SOH 0x01u
#define STX 0x02u
#define EOT 0x04u
#define ACK 0x06u
#define NAK 0x15u
#define CAN 0x18u
#define CRC 0x43u /* 'C' */
#define PAD 0x1au

#define BLOCK_BYTES  1024u
#define SHORT_BYTES  128u
#define SHORT_BELOW  897u /* what is left goes in short blocks from here on */
#define RETRIES      10u
#define START_TRIES  3u
#define ANSWER_PS    (10u * PS_PER_S)
#define FRAME_BITS   10u /* start, 8 data, stop */
#define INBOX_BYTES  64u
#define AGAIN        0x100u
#define BAUD_PERCENT 4u /* more difference than this and a receiver sees noise */

enum peer_stage {
    STAGE_IDLE,
    STAGE_TYPING,     /* a transfer begins when the text is out */
    STAGE_NAME_START, /* 'C' asked for before block 0 */
    STAGE_NAME,
    STAGE_DATA_START, /* 'C' asked for before block 1 */
    STAGE_DATA,
    STAGE_END,        /* EOT */
    STAGE_LAST_START, /* 'C' asked for before the empty block 0 */
    STAGE_LAST,
};

enum {
    IN_RX
};
enum {
    OUT_TX
};
enum {
    EVENT_BYTE,
    EVENT_TIMEOUT,
    EVENT_COUNT
};

struct peer_state {
    uint32_t stage; /* enum peer_stage */
    uint32_t outcome;
    uint32_t image;
    uint32_t sent_bytes;  /* of the image, acknowledged */
    uint32_t block_bytes; /* payload of the block in `frame` */
    uint32_t number;
    uint32_t attempts;
    uint32_t last_received;
    uint32_t baud_noted;
    uint32_t heard_baud;          /* of the board's last frame; 0: none yet */
    uint32_t typed_at, typed_end; /* ring positions, counted up */
    uint32_t frame_at, frame_end;
    uint32_t inbox_count;
    uint32_t again; /* a byte that the line doubles, and AGAIN; 0: none */
    uint8_t typed[PEER_TEXT_MAX];
    uint8_t inbox[INBOX_BYTES]; /* what arrived while a block was on its way */
    uint8_t frame[3u + BLOCK_BYTES + 2u];
};
_Static_assert(sizeof(struct peer_state) == 16u * 4u + PEER_TEXT_MAX + INBOX_BYTES + 1029u + 3u,
               "state has no hidden parts; 3 bytes of tail padding");

static const char *const peer_inputs[] = {"rx", NULL};
static const char *const peer_outputs[] = {"tx", NULL};

static const struct serial_peer_params *peer_params(const struct device *dev)
{
    return dev->params;
}

static const struct peer_image *peer_image(const struct device *dev)
{
    const struct peer_state *s = dev->state;
    return &peer_params(dev)->images[s->image];
}

/* --- sending bytes ----------------------------------------------------------------------------- */

static bool is_sending(const struct device *dev)
{
    return dev_event_due(dev, EVENT_BYTE) != TIME_NEVER;
}

static uint32_t peer_baud(const struct device *dev)
{
    const struct peer_state *s = dev->state;
    const struct serial_peer_params *params = peer_params(dev);
    return params->fixed_baud || s->heard_baud == 0 ? params->baud : s->heard_baud;
}

static void start_byte(struct device *dev)
{
    dev_event_after(dev, EVENT_BYTE, mul_div_ceil(FRAME_BITS, PS_PER_S, peer_baud(dev)));
}

static bool next_byte(struct peer_state *s, uint8_t *byte)
{
    if (s->again != 0) {
        *byte = (uint8_t)s->again;
        return true;
    }
    if (s->frame_at < s->frame_end) {
        *byte = s->frame[s->frame_at++];
        return true;
    }
    if (s->typed_at < s->typed_end) {
        *byte = s->typed[s->typed_at++ % PEER_TEXT_MAX];
        return true;
    }
    return false;
}

static bool has_byte(const struct peer_state *s)
{
    return s->again != 0 || s->frame_at < s->frame_end || s->typed_at < s->typed_end;
}

/** A byte enters the line, and may change there; what becomes of it. */
static enum line_fault pass_line(struct device *dev, enum line_way way, uint8_t *byte)
{
    struct serial_line *line = peer_params(dev)->line;
    if (line == NULL)
        return LINE_GOOD;
    line->bytes[way]++;
    uint64_t now_ps = dev_now_ps(dev) + (line->past_ps != NULL ? *line->past_ps : 0);
    if (now_ps >= line->out_from_ps && now_ps < line->out_to_ps) {
        line->fired = true;
        return LINE_LOST;
    }
    if (line->fault == LINE_GOOD || line->way != way || line->number != line->bytes[way])
        return LINE_GOOD;
    line->fired = true;
    if (line->fault == LINE_CORRUPTED)
        *byte ^= line->mask;
    return (enum line_fault)line->fault;
}

/** What was put into `frame` leaves now; answers are waited for when it is out. */
static void send_frame(struct device *dev, uint32_t bytes)
{
    struct peer_state *s = dev->state;
    s->frame_at = 0;
    s->frame_end = bytes;
    dev_event_cancel(dev, EVENT_TIMEOUT);
    if (!is_sending(dev))
        start_byte(dev);
}

/* --- blocks ------------------------------------------------------------------------------------- */

/* XMODEM's CRC-16: polynomial 0x1021, starts at 0, most significant bit first. */
static uint32_t crc16(const uint8_t *bytes, uint32_t count)
{
    uint32_t crc = 0;
    for (uint32_t i = 0; i < count; i++) {
        crc ^= (uint32_t)bytes[i] << 8;
        for (unsigned bit = 0; bit < 8u; bit++)
            crc = (crc & 0x8000u) != 0 ? (crc << 1) ^ 0x1021u : crc << 1;
    }
    return crc & 0xffffu;
}

static void send_block(struct device *dev)
{
    struct peer_state *s = dev->state;
    uint8_t *payload = &s->frame[3];
    uint32_t crc = crc16(payload, s->block_bytes);
    s->frame[0] = s->block_bytes == BLOCK_BYTES ? STX : SOH;
    s->frame[1] = (uint8_t)s->number;
    s->frame[2] = (uint8_t)~s->number;
    payload[s->block_bytes] = (uint8_t)(crc >> 8);
    payload[s->block_bytes + 1u] = (uint8_t)crc;
    s->last_received = 0;
    send_frame(dev, 3u + s->block_bytes + 2u);
}

static void send_eot(struct device *dev)
{
    struct peer_state *s = dev->state;
    s->frame[0] = EOT;
    s->inbox_count = 0;
    send_frame(dev, 1);
}

/** Block 0: name, NUL, size and what Unix senders add (time 0, mode, serial, files and bytes left). */
static void make_name_block(struct device *dev)
{
    struct peer_state *s = dev->state;
    const struct peer_image *image = peer_image(dev);
    char *payload = (char *)&s->frame[3];
    memset(payload, 0, SHORT_BYTES);
    int length = snprintf(payload, SHORT_BYTES / 2u, "%s", image->name);
    size_t at = (size_t)length < SHORT_BYTES / 2u ? (size_t)length + 1u : SHORT_BYTES / 2u;
    snprintf(payload + at, SHORT_BYTES - at, "%u 0 100644 0 1 %u", image->size, image->size);
    s->number = 0;
    s->block_bytes = SHORT_BYTES;
}

static void make_data_block(struct device *dev)
{
    struct peer_state *s = dev->state;
    const struct peer_image *image = peer_image(dev);
    uint32_t left = image->size - s->sent_bytes;
    s->block_bytes = left < SHORT_BELOW ? SHORT_BYTES : BLOCK_BYTES;
    uint32_t filled = left < s->block_bytes ? left : s->block_bytes;
    memcpy(&s->frame[3], image->bytes + s->sent_bytes, filled);
    memset(&s->frame[3u + filled], PAD, s->block_bytes - filled);
    s->number++;
}

/* --- the transfer -------------------------------------------------------------------------------- */

static void enter(struct device *dev, enum peer_stage stage)
{
    struct peer_state *s = dev->state;
    s->stage = stage;
    s->attempts = 0;
    s->last_received = 0;
    switch (stage) {
    case STAGE_NAME:
        make_name_block(dev);
        send_block(dev);
        break;
    case STAGE_DATA:
        s->inbox_count = 0;
        make_data_block(dev);
        send_block(dev);
        break;
    case STAGE_LAST:
        memset(&s->frame[3], 0, SHORT_BYTES);
        s->number = 0;
        s->block_bytes = SHORT_BYTES;
        send_block(dev);
        break;
    case STAGE_END:
        send_eot(dev);
        break;
    default:
        dev_event_after(dev, EVENT_TIMEOUT, ANSWER_PS);
        break;
    }
}

static void finish(struct device *dev, enum peer_outcome outcome)
{
    static const char *const texts[] = {
        [PEER_DONE] = "ymodem: the receiver took the file",
        [PEER_CANCELLED] = "ymodem: cancelled by the receiver",
        [PEER_GAVE_UP] = "ymodem: gave up, the receiver does not answer as it should",
    };
    struct peer_state *s = dev->state;
    s->stage = STAGE_IDLE;
    s->outcome = outcome;
    s->frame_at = s->frame_end;
    s->inbox_count = 0;
    dev_event_cancel(dev, EVENT_TIMEOUT);
    dev_observe(dev, OBS_PEER, outcome, s->sent_bytes, 0, texts[outcome]);
}

static void on_acknowledged(struct device *dev)
{
    struct peer_state *s = dev->state;
    uint32_t size = peer_image(dev)->size;
    switch (s->stage) {
    case STAGE_NAME:
        enter(dev, STAGE_DATA_START);
        break;
    case STAGE_DATA:
        s->sent_bytes += s->block_bytes;
        if (s->sent_bytes > size)
            s->sent_bytes = size;
        enter(dev, s->sent_bytes < size ? STAGE_DATA : STAGE_END);
        break;
    case STAGE_END:
        enter(dev, STAGE_LAST_START);
        break;
    default:
        finish(dev, PEER_DONE);
        break;
    }
}

static void repeat(struct device *dev)
{
    struct peer_state *s = dev->state;
    uint32_t limit = s->stage == STAGE_END ? RETRIES - 1u : RETRIES;
    if (s->attempts++ >= limit)
        finish(dev, PEER_GAVE_UP);
    else if (s->stage == STAGE_END)
        send_eot(dev);
    else
        send_block(dev);
}

static void on_timeout(struct device *dev)
{
    struct peer_state *s = dev->state;
    switch (s->stage) {
    case STAGE_NAME_START:
    case STAGE_LAST_START:
        if (++s->attempts >= START_TRIES)
            finish(dev, PEER_GAVE_UP);
        else
            dev_event_after(dev, EVENT_TIMEOUT, ANSWER_PS);
        break;
    case STAGE_DATA_START:
        enter(dev, STAGE_DATA); /* perhaps the 'C' was lost */
        break;
    default:
        repeat(dev);
        break;
    }
}

static void on_start_answer(struct device *dev, uint8_t byte)
{
    struct peer_state *s = dev->state;
    dev_event_after(dev, EVENT_TIMEOUT, ANSWER_PS);
    if (byte == CRC)
        enter(dev, s->stage + 1u);
    else if (byte == CAN && (s->last_received == CAN || s->stage == STAGE_DATA_START))
        finish(dev, PEER_CANCELLED);
    else
        s->last_received = byte;
}

static void on_block_answer(struct device *dev, uint8_t byte)
{
    struct peer_state *s = dev->state;
    dev_event_after(dev, EVENT_TIMEOUT, ANSWER_PS);
    if (byte == ACK)
        on_acknowledged(dev);
    else if (byte == NAK || (byte == CRC && s->stage != STAGE_END))
        repeat(dev);
    else if (byte == CAN && s->last_received == CAN)
        finish(dev, PEER_CANCELLED);
    else
        s->last_received = byte;
}

static void on_byte(struct device *dev, uint8_t byte)
{
    struct peer_state *s = dev->state;
    switch (s->stage) {
    case STAGE_IDLE:
    case STAGE_TYPING:
        break; /* a person reads along; observers see the board's own frames */
    case STAGE_NAME_START:
    case STAGE_DATA_START:
    case STAGE_LAST_START:
        on_start_answer(dev, byte);
        break;
    default:
        on_block_answer(dev, byte);
        break;
    }
}

/** All bytes are out: now look at what came in meanwhile, as a sender that reads when it has written. */
static void on_all_sent(struct device *dev)
{
    struct peer_state *s = dev->state;
    uint32_t taken = 0;
    if (s->stage == STAGE_IDLE)
        return;
    if (s->stage == STAGE_TYPING)
        enter(dev, STAGE_NAME_START);
    else
        dev_event_after(dev, EVENT_TIMEOUT, ANSWER_PS);
    while (taken < s->inbox_count && !is_sending(dev))
        on_byte(dev, s->inbox[taken++]);
    s->inbox_count = taken < s->inbox_count ? s->inbox_count - taken : 0;
    memmove(s->inbox, s->inbox + taken, s->inbox_count);
}

/* --- the model ----------------------------------------------------------------------------------- */

static void peer_reset(struct device *dev, enum reset_kind kind)
{
    /* The board's resets are not ours; power-up has zeroed the state. */
    (void)dev;
    (void)kind;
}

static void hear(struct device *dev, uint8_t byte)
{
    struct peer_state *s = dev->state;
    if (!is_sending(dev))
        on_byte(dev, byte);
    else if (s->stage != STAGE_TYPING && s->inbox_count < INBOX_BYTES)
        s->inbox[s->inbox_count++] = byte;
}

static void peer_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    struct peer_state *s = dev->state;
    if (input != IN_RX || (value & SERIAL_BREAK) != 0)
        return;
    uint8_t byte = (uint8_t)serial_data(value);
    enum line_fault fault = pass_line(dev, LINE_FROM_BOARD, &byte);
    if (fault == LINE_LOST)
        return;
    s->heard_baud = serial_baud(value);
    uint32_t baud = peer_baud(dev);
    uint32_t difference = serial_baud(value) > baud ? serial_baud(value) - baud : baud - serial_baud(value);
    if ((uint64_t)difference * 100u > (uint64_t)baud * BAUD_PERCENT) {
        if (s->baud_noted == 0)
            dev_observe(dev, OBS_PEER, PEER_NONE, serial_baud(value), 0, "the board sends at another baud rate");
        s->baud_noted = 1;
        return;
    }
    hear(dev, byte);
    if (fault == LINE_DOUBLED)
        hear(dev, byte);
}

static void peer_on_event(struct device *dev, uint32_t event)
{
    struct peer_state *s = dev->state;
    uint8_t byte;
    if (event == EVENT_TIMEOUT) {
        on_timeout(dev);
        return;
    }
    if (!next_byte(s, &byte))
        return; /* the transfer ended while a block was on its way */
    enum line_fault fault = s->again != 0 ? LINE_GOOD : pass_line(dev, LINE_TO_BOARD, &byte);
    s->again = fault == LINE_DOUBLED ? AGAIN | byte : 0;
    if (has_byte(s))
        start_byte(dev);
    if (fault != LINE_LOST)
        dev_pulse(dev, OUT_TX, serial_frame(byte, 8, 0, peer_baud(dev)));
    if (!has_byte(s))
        on_all_sent(dev);
}

const struct device_model serial_peer_model = {
    .name = "serial-peer",
    .state_size = sizeof(struct peer_state),
    .inputs = peer_inputs,
    .outputs = peer_outputs,
    .event_count = EVENT_COUNT,
    .reset = peer_reset,
    .on_input = peer_on_input,
    .on_event = peer_on_event,
};

enum status serial_peer_type_bytes(struct device *peer, const char *bytes, size_t length)
{
    struct peer_state *s = peer->state;
    if (length > PEER_TEXT_MAX - (s->typed_end - s->typed_at))
        return TB_ERR_INPUT;
    for (size_t i = 0; i < length; i++)
        s->typed[s->typed_end++ % PEER_TEXT_MAX] = (uint8_t)bytes[i];
    if (length > 0 && !is_sending(peer))
        start_byte(peer);
    return TB_OK;
}

enum status serial_peer_type(struct device *peer, const char *text)
{
    return serial_peer_type_bytes(peer, text, strlen(text));
}

void serial_peer_send(struct device *peer, uint32_t image)
{
    struct peer_state *s = peer->state;
    TB_ASSERT(image < peer_params(peer)->image_count);
    s->image = image;
    s->sent_bytes = 0;
    s->number = 0;
    s->inbox_count = 0;
    s->outcome = PEER_BUSY;
    if (is_sending(peer))
        s->stage = STAGE_TYPING;
    else
        enter(peer, STAGE_NAME_START);
}

void serial_peer_stop(struct device *peer)
{
    struct peer_state *s = peer->state;
    s->stage = STAGE_IDLE;
    s->outcome = PEER_NONE;
    s->frame_at = s->frame_end;
    s->typed_at = s->typed_end;
    s->again = s->inbox_count = 0;
    dev_event_cancel(peer, EVENT_TIMEOUT);
    dev_event_cancel(peer, EVENT_BYTE);
}

enum peer_outcome serial_peer_outcome(const struct device *peer)
{
    const struct peer_state *s = peer->state;
    return s->outcome;
}
