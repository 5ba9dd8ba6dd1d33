// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// YMODEM receiver: what `sb` and `sz --ymodem` send, one file, CRC-16, blocks of 128 and 1024 bytes.
// Driven by bytes and a clock, without hardware. An event holds the sender (nothing is acknowledged)
// until ymodem_accept() or ymodem_cancel(): flash work happens in between.
//
// Every transfer ends, whatever the sender does: after a minute of silence (half a minute once the file is complete),
// after ten answers in a row that brought it no further (sixty before the first block of data, thirty after the last),
// at a block behind the file's end, and after YMODEM_WHOLE_MS in any case. No call waits.
#ifndef TWINBANK_UPDATE_YMODEM_H
#define TWINBANK_UPDATE_YMODEM_H

#include <stdbool.h>
#include <stdint.h>

#define YMODEM_BLOCK_BYTES 1024u
#define YMODEM_FILE_BYTES  0x100000u // more than any image: the most that is taken of a file
#define YMODEM_WHOLE_MS    600000u   // the longest that a transfer may take, from ymodem_start()

enum ymodem_event {
    YMODEM_NONE,
    YMODEM_FILE, // block 0: file_bytes is known; accept or cancel
    YMODEM_DATA, // data, data_bytes: accept or cancel
    YMODEM_END,  // the file is complete: accept or cancel
    YMODEM_DONE, // the batch is closed; nothing more will happen
    // The ends below come instead of any event above. After an accepted YMODEM_END they take nothing back: the file is
    // complete. But for the first, the sender has been sent CANs.
    YMODEM_CANCELLED,  // by the sender, or it had no file to send
    YMODEM_TIMEOUT,    // the sender is gone
    YMODEM_BROKEN,     // too many bad blocks or repeats, a block out of order, or no end within YMODEM_WHOLE_MS
    YMODEM_TOO_LONG,   // a block behind the end of the file, or a size of 4 GiB or more
    YMODEM_NOT_YMODEM, // data without a file's name before it (XMODEM), or a name block that makes no sense
};

enum ymodem_state {
    YMODEM_IDLE,
    YMODEM_WAIT_FILE,  // sending 'C', expecting block 0
    YMODEM_WAIT_DATA,  // sending 'C' until block 1 starts
    YMODEM_IN_DATA,    // expecting block `expected`
    YMODEM_WAIT_EOT2,  // the first EOT was refused, expecting it again
    YMODEM_WAIT_EMPTY, // sending 'C', expecting the empty block 0
    YMODEM_HOLDING,    // an event waits for accept or cancel
};

typedef void (*ymodem_put_fn)(uint8_t byte);

struct ymodem {
    ymodem_put_fn put;
    enum ymodem_state state;
    enum ymodem_event held;
    uint32_t started_ms;
    uint32_t since_ms;    // of the last byte or the last thing sent
    uint32_t began_ms;    // of the block, or of the damage, that is being read
    uint32_t retries;     // since the last good block
    uint32_t block_bytes; // 0 between blocks
    uint32_t frame_fill;
    uint8_t expected;     // block number, modulo 256
    uint8_t cancels;      // CAN bytes in a row
    uint16_t last_crc;    // of the last good block: what a repeat of it must have
    bool purging;         // something was damaged: wait for a silent line, then ask again
    uint32_t file_bytes;  // from block 0; 0 if it did not say: set it as soon as it is known
    uint32_t taken_bytes; // of the file, accepted
    const uint8_t *data;
    uint32_t data_bytes;
    uint8_t frame[2u + YMODEM_BLOCK_BYTES + 2u]; // number, complement, data, CRC
};

void ymodem_start(struct ymodem *ymodem, ymodem_put_fn put, uint32_t now_ms);
enum ymodem_event ymodem_byte(struct ymodem *ymodem, uint8_t byte, uint32_t now_ms);
enum ymodem_event ymodem_tick(struct ymodem *ymodem, uint32_t now_ms);
void ymodem_accept(struct ymodem *ymodem, uint32_t now_ms);
void ymodem_cancel(struct ymodem *ymodem);

// True while an event is held: bytes that arrive now repeat what is already here; drop them.
bool ymodem_holding(const struct ymodem *ymodem);

#endif
