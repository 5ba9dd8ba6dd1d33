// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The cells of the journal's pages as arrays, with every read, program and erase on record. A cell takes a program only
// while it is erased, or of all zeros.
#ifndef TWINBANK_FIRMWARE_TESTS_CELLS_H
#define TWINBANK_FIRMWARE_TESTS_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#define CELLS_BANKS   2u
#define CELLS_INDEXES 256u
#define CELLS_OPS     2048u

struct cells_op {
    bool erase;
    unsigned bank, index; // index 0 for an erase
    uint32_t words[2];
};

struct cells {
    uint32_t words[CELLS_BANKS][CELLS_INDEXES][2];
    bool unreadable[CELLS_BANKS][CELLS_INDEXES]; // double ECC error, until it is programmed with zeros or erased
    bool stuck[CELLS_BANKS][CELLS_INDEXES];      // operations report success and change nothing
    unsigned reads[CELLS_BANKS][CELLS_INDEXES];
    struct cells_op ops[CELLS_OPS];
    unsigned op_count;
    unsigned failing; // so many operations fail from now on, and change nothing
    unsigned polls;   // how often journal_store_poll() says STORE_BUSY of each operation
    unsigned low;     // so many times from now on journal_store_ready() says no
    unsigned unready; // operations started without asking, or before the last one ended
};
extern struct cells cells;

void cells_erase_all(void);
void cells_forget(void); // reads and operations so far

#endif
