// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The cells of the journal's two pages, as journal.c reaches them: flash in the firmware (store_flash.c), arrays in
// host tests. `bank` is the physical bank, 1 or 2; `index` the double word in its journal page, 0 to 255.
#ifndef TWINBANK_JOURNAL_STORE_H
#define TWINBANK_JOURNAL_STORE_H

#include <stdbool.h>
#include <stdint.h>

// False if the double word has a double ECC error; words[] is then undefined. Never from a cache.
bool journal_store_read(unsigned bank, unsigned index, uint32_t words[2]);

// Start an operation; journal_store_poll() tells its end. One at a time.
void journal_store_program(unsigned bank, unsigned index, const uint32_t words[2]);
void journal_store_erase(unsigned bank);

enum journal_store_status {
    STORE_DONE,
    STORE_BUSY,
    STORE_FAILED,
};
enum journal_store_status journal_store_poll(void);

// False while the supply is too low to program: whatever is written now cannot be relied on. Ask before each operation.
bool journal_store_ready(void);

#endif
