// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Receives an image by YMODEM into the other bank while this one runs, as vendors' loaders do it: the bank is erased
// when the sender has named the file, and each block is programmed, and read back, before it is acknowledged. What
// the image is, nobody asks before it is there: no header, no checksum but that of each block.
#ifndef TWINBANK_REFERENCE_RECEIVE_H
#define TWINBANK_REFERENCE_RECEIVE_H

#include <stdbool.h>
#include <stdint.h>

enum receive_result {
    RECEIVE_RUNNING,
    RECEIVE_DONE, // the file is in the other bank, all but a first double word that is held back
    // From here on the other bank holds part of an image, or nothing.
    RECEIVE_CANCELLED, // by the sender
    RECEIVE_TIMEOUT,
    RECEIVE_BROKEN, // too many damaged blocks, or one out of order
    RECEIVE_SHORT,
    RECEIVE_SIZE, // too long for a bank, or the sender does not say
    RECEIVE_UNLOCK,
    RECEIVE_ERASE,
    RECEIVE_PROGRAM,
    RECEIVE_PROTECTED,
    RECEIVE_VERIFY,
};

void receive_start(void (*put)(uint8_t byte), uint32_t now_ms);
// One step; no call waits for flash. RECEIVE_RUNNING until it is over.
enum receive_result receive_poll(uint32_t now_ms);
// True if only an interrupt can bring news; ask with interrupts masked, then WFI.
bool receive_may_sleep(void);

// The double word that swap_first_double_word_last holds back: false if there is none (any more).
bool receive_held_back(uint32_t *low, uint32_t *high);
// Programs it, and waits for that (82 us). True if there is none, or it reads back.
bool receive_write_held_back(void);

const char *receive_error_text(enum receive_result result);

#endif
