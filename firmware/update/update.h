// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Installs a new image in a bank that does not run while another one does (in recovery: boot). Called from the main
// loop; no call takes longer than 1 ms.
//
// Order, and what makes each step safe against a power cut:
//   1. the header, the first 512 bytes of the file, is judged in RAM: a refusal touches no flash;
//   2. the journal says that the slot is void: boot does not read it from here on;
//   3. each page of the slot is erased, blank ones too: a cut may have left them only just blank, and only cells that
//      were erased in this power session hold for certain what is programmed. ERASE_AHEAD pages per received block,
//      before it is acknowledged, so that no sender waits longer than about 110 ms, and always ahead of the body; the
//      rest before step 5;
//   4. the body is programmed and read back, block by block, each before its ACK;
//   5. the header is programmed;
//   6. the slot is checked as boot does it, past the data cache;
//   7. the journal names the image a candidate. This record commits: only now does boot start it. Then the last EOT is
//      acknowledged.
// The supply is asked before each operation.
#ifndef TWINBANK_UPDATE_UPDATE_H
#define TWINBANK_UPDATE_UPDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "journal/journal.h"

enum update_result {
    UPDATE_RUNNING,
    UPDATE_INSTALLED,
    // Refused: nothing was touched.
    UPDATE_REFUSED_TRIAL,   // an image is on trial, and the other one is its fallback
    UPDATE_REFUSED_BOARD,   // not an image, or one for another chip or board
    UPDATE_REFUSED_SIZE,    // the file is not as long as its header says, or too long for the slot
    UPDATE_REFUSED_MINIMUM, // below the minimum version
    UPDATE_REFUSED_OLDER,
    UPDATE_REFUSED_SAME,
    // Failed: the slot is void, unless the journal still says that it holds what it held.
    UPDATE_FAILED_CANCELLED,
    UPDATE_FAILED_TIMEOUT,
    UPDATE_FAILED_TRANSFER,
    UPDATE_FAILED_PROTOCOL, // not YMODEM
    UPDATE_FAILED_SHORT,    // the file ended early
    UPDATE_FAILED_LONG,     // blocks came behind its end
    UPDATE_FAILED_UNLOCK,
    UPDATE_FAILED_ERASE,
    UPDATE_FAILED_PROGRAM,
    UPDATE_FAILED_PROTECTED,
    UPDATE_FAILED_VERIFY, // what was written does not read back
    UPDATE_FAILED_CRC,
    UPDATE_FAILED_SUPPLY, // too low to program, for 2 s
    UPDATE_FAILED_JOURNAL,
    UPDATE_FAILED_JOURNAL_FULL, // the next boot makes room
};

struct update_request {
    unsigned bank;                 // physical, 1 or 2: the one to write, never the one that runs
    uint32_t running_version;      // 0: none runs; then no version is too old or the same
    bool allow_older;              // than the running one; never than the minimum
    struct journal_state *journal; // what the journal says; kept up to date from here on
    void (*put)(uint8_t byte);     // to the sender
    uint32_t now_ms;
};

// Asks for the image, on the console too, and returns UPDATE_RUNNING; or says why nobody is asked.
enum update_result update_start(const struct update_request *request);

// One step. UPDATE_RUNNING until it is over.
enum update_result update_poll(uint32_t now_ms);

// True if only an interrupt can bring news; ask with interrupts masked, then WFI.
bool update_may_sleep(void);

// The line that tells a human how it ended, on the console: "update: 2.0.0 installed in bank 2".
void update_report(enum update_result result);

#endif
