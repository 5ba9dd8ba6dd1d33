/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Somebody at the other end of a board's serial port: types text, and sends files by YMODEM-1K.
 *
 * Modelled: 8N1 frames with the time of every byte; the sender's side of YMODEM with 1 KiB blocks,
 * CRC-16, retries, timeouts and cancelling, as the common Unix sender does it (lrzsz 0.12, sb); a byte that the line
 * loses, doubles or corrupts; a cable that is out for a time.
 * Not modelled: YMODEM-g, checksum mode, several files in a batch.
 */
#ifndef TWINBANK_HARNESS_SERIAL_PEER_H
#define TWINBANK_HARNESS_SERIAL_PEER_H

#include "sim/device.h"

struct peer_image {
    const char *name; /* sent in block 0 */
    const uint8_t *bytes;
    uint32_t size;
};

enum line_way {
    LINE_TO_BOARD,
    LINE_FROM_BOARD,
    LINE_WAYS
};

/** What a bad line does to a byte. */
enum line_fault {
    LINE_GOOD,
    LINE_LOST,
    LINE_DOUBLED,
    LINE_CORRUPTED,
    LINE_FAULTS
};

/**
 * The cable of a port, with at most one fault on it. It belongs to the bench, not to the board: it counts and times
 * through power cycles, and a snapshot does not hold it.
 */
struct serial_line {
    uint64_t bytes[LINE_WAYS]; /* sent so far, what was lost included */
    uint32_t fault;            /* enum line_fault */
    uint32_t way;              /* enum line_way */
    uint64_t number;           /* of the byte that the fault hits, from 1 */
    uint8_t mask;              /* LINE_CORRUPTED: the bits that change */
    bool fired;
    uint64_t out_from_ps, out_to_ps; /* the cable is out: nothing passes, either way; equal: never */
    const uint64_t *past_ps;         /* time before the last power-on; NULL: 0 */
};

struct serial_peer_params {
    uint32_t baud; /* until the board has sent something: then the rate of its last frame, as a person would set it */
    const struct peer_image *images;
    uint32_t image_count;
    bool fixed_baud;          /* `baud` all the time; frames of another rate are not read */
    struct serial_line *line; /* NULL: a good one */
};

/** What became of a transfer; also member `a` of its OBS_PEER. */
enum peer_outcome {
    PEER_NONE, /* no transfer yet; as an observation: a remark */
    PEER_BUSY,
    PEER_DONE,      /* the receiver acknowledged everything, the end included */
    PEER_CANCELLED, /* the receiver sent CAN CAN */
    PEER_GAVE_UP,   /* the receiver did not answer, or refused a block too often */
};

#define PEER_TEXT_MAX 1024u

/** Wires: input "rx" (what the board sends), output "tx". */
extern const struct device_model serial_peer_model;

/** Types text after what is being typed; TB_ERR_INPUT if it does not fit. Between runs only. */
enum status serial_peer_type(struct device *peer, const char *text) MUST_CHECK;
enum status serial_peer_type_bytes(struct device *peer, const char *bytes, size_t length) MUST_CHECK;
/** Sends an image of the table once all text is typed. Between runs only. */
void serial_peer_send(struct device *peer, uint32_t image);
/** Somebody stops a transfer by hand and takes back what is not typed yet. Between runs only. */
void serial_peer_stop(struct device *peer);
enum peer_outcome serial_peer_outcome(const struct device *peer);

#endif
