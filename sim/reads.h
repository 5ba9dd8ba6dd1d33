/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Which non-volatile cells a run depends on: what was read (by the guest, by hardware, by the harness) before it was
 * rewritten. Pages are noted whole, because the engine reports only its first touch of one; of pages watched finely
 * every read is trapped, and single cells are noted.
 */
#ifndef TWINBANK_SIM_READS_H
#define TWINBANK_SIM_READS_H

#include "store.h"

/** Part of a store that was read: a frame, or a cell (8 bytes). */
struct read_mark {
    uint32_t store;
    uint32_t offset;
    uint32_t length;
};

struct reads {
    bool on;
    uint32_t store_count;
    uint8_t **pages; /* a byte for each frame of each store that has frames; NULL for others */
    uint8_t **cells; /* a byte for each cell: noted */
    struct read_mark *marks;
    uint32_t count, capacity;
    uint32_t fine_count; /* pages watched finely */
};

enum status reads_init(struct reads *reads, const struct store *stores, uint32_t store_count,
                       struct error *err) MUST_CHECK;
void reads_free(struct reads *reads);
/** Starts an empty log. Pages stay watched finely. */
void reads_begin(struct reads *reads, const struct store *stores);
void reads_watch_finely(struct reads *reads, uint32_t store, uint32_t page);
bool reads_is_fine(const struct reads *reads, uint32_t store, uint32_t page);
/** The whole page was, or may have been, read. */
void reads_note_page(struct reads *reads, uint32_t store, uint32_t page);
/** A cell was read through a trap: the page, if it is not watched finely. */
void reads_note_cell(struct reads *reads, uint32_t store, uint32_t offset);
/** The page was erased: nothing that is read of it from now on was there before. */
void reads_note_erase(struct reads *reads, uint32_t store, uint32_t offset, uint32_t length);

#endif
