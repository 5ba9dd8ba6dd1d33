/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The cells under the firmware's journal (journal/store.h), as bad as the axioms of docs/fidelity.md allow: a double
 * word that was being programmed or erased when power went is *weak*; from then on each read of it gives what was
 * there, what was to be there, blank, a double error, or bits of both. Zeros programmed over it to the end, or an erase
 * to the end, make it solid again.
 */
#ifndef TWINBANK_FLASH_CELLS_H
#define TWINBANK_FLASH_CELLS_H

#include <setjmp.h>

#include "firmware/journal/journal.h"
#include "harness/tests/fuzz/fuzz.h"

#define CELL_INDEXES 256u

struct cell {
    uint32_t words[2];
    uint32_t before[2], earlier[2]; /* of a weak one: what was there, and before another cut, if there was one */
    bool weak;
    bool unreadable; /* double ECC error, always */
    bool stuck;      /* takes nothing, and nobody is told */
};

struct flash_cells {
    struct cell page[2][CELL_INDEXES];
    uint32_t ops, reads;
    uint32_t page_reads[2][CELL_INDEXES];
    uint32_t cut_at;  /* power goes in this operation, from 1; 0: never */
    uint32_t failing; /* so many operations fail from now on */
    uint32_t low;     /* so many times the supply is too low */
    uint32_t seed;    /* of what weak cells read */
    bool per_boot;    /* they read the same until power goes */
    uint32_t boots;
    bool asked, running, failed;
    uint32_t busy;
    jmp_buf power_lost;
};
extern struct flash_cells cells;

void cells_erase_all(void);
/** New power session: counts from 0 again. */
void cells_power_on(uint32_t cut_at);
bool cells_page_is_blank(unsigned bank);

#endif
