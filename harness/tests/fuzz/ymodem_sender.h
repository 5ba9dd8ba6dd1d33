/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * An honest sender of YMODEM, as lrzsz's sb behaves, on a line with noise, against the receiver under watch.
 */
#ifndef TWINBANK_YMODEM_SENDER_H
#define TWINBANK_YMODEM_SENDER_H

#include "harness/tests/fuzz/ymodem_watch.h"

#define LINE_EVENTS 16u

enum line_kind {
    LINE_CHANGE, /* the bits of `value` */
    LINE_LOSE,
    LINE_DOUBLE,
    LINE_ADD, /* the byte `value` before it */
    LINE_OUT, /* the cable, for value * 100 ms */
    LINE_KINDS
};

/** Noise that hits the byte number `after`, counted in both directions from the last one that was hit. */
struct line_event {
    uint32_t after;
    enum line_kind kind;
    uint8_t value;
};

struct transfer {
    const uint8_t *file;
    uint32_t file_bytes;
    bool announce;    /* the size in block 0 */
    uint32_t hold_ms; /* what the receiver's flash work takes, each time */
    uint32_t event_count;
    struct line_event events[LINE_EVENTS];
};

enum transfer_result {
    TRANSFER_WHOLE,    /* both ends agree that all of it was taken */
    TRANSFER_ENDED,    /* otherwise, or they disagree */
    TRANSFER_COLLIDED, /* damage got past a CRC-16, which one damaged block in 65,536 may: broken off */
};

/** Runs a whole transfer. What the receiver takes is compared with the file. */
enum transfer_result transfer_run(const struct transfer *transfer);

#endif
