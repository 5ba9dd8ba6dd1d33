/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "reads.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_READ   1u
#define PAGE_ERASED 2u
#define PAGE_FINE   4u

enum status reads_init(struct reads *reads, const struct store *stores, uint32_t store_count, struct error *err)
{
    memset(reads, 0, sizeof *reads);
    reads->store_count = store_count;
    reads->pages = calloc(store_count + 1u, sizeof *reads->pages);
    reads->cells = calloc(store_count + 1u, sizeof *reads->cells);
    bool good = reads->pages && reads->cells;
    for (uint32_t s = 0; good && s < store_count; s++) {
        if (stores[s].desc->kind == STORE_RAM)
            continue;
        reads->pages[s] = calloc(stores[s].frame_count, 1);
        reads->cells[s] = calloc((size_t)stores[s].frame_count * FRAME_CELLS, 1);
        good = reads->pages[s] && reads->cells[s];
    }
    if (good)
        return TB_OK;
    reads_free(reads);
    return error_set(err, TB_ERR_MEMORY, "out of memory for the log of reads");
}

void reads_free(struct reads *reads)
{
    for (uint32_t s = 0; s < reads->store_count; s++) {
        free(reads->pages ? reads->pages[s] : NULL);
        free(reads->cells ? reads->cells[s] : NULL);
    }
    free(reads->pages);
    free(reads->cells);
    free(reads->marks);
    memset(reads, 0, sizeof *reads);
}

void reads_begin(struct reads *reads, const struct store *stores)
{
    reads->on = true;
    for (uint32_t i = 0; i < reads->count; i++)
        if (reads->marks[i].length == 8u)
            reads->cells[reads->marks[i].store][reads->marks[i].offset / 8u] = 0;
    reads->count = 0;
    for (uint32_t s = 0; s < reads->store_count; s++)
        for (uint32_t page = 0; reads->pages[s] && page < stores[s].frame_count; page++)
            reads->pages[s][page] &= PAGE_FINE;
}

static void append(struct reads *reads, struct read_mark mark)
{
    if (reads->count == reads->capacity) {
        reads->capacity = reads->capacity ? 2u * reads->capacity : 256u;
        struct read_mark *grown = realloc(reads->marks, reads->capacity * sizeof *grown);
        TB_ASSERT(grown); /* a log with holes would make wrong verdicts */
        reads->marks = grown;
    }
    reads->marks[reads->count++] = mark;
}

void reads_watch_finely(struct reads *reads, uint32_t store, uint32_t page)
{
    reads->fine_count += !(reads->pages[store][page] & PAGE_FINE);
    reads->pages[store][page] |= PAGE_FINE;
}

bool reads_is_fine(const struct reads *reads, uint32_t store, uint32_t page)
{
    return reads->pages[store][page] & PAGE_FINE;
}

void reads_note_page(struct reads *reads, uint32_t store, uint32_t page)
{
    if (!reads->on || !reads->pages[store] || reads->pages[store][page] & (PAGE_READ | PAGE_ERASED))
        return;
    reads->pages[store][page] |= PAGE_READ;
    append(reads, (struct read_mark){store, page * FRAME_SIZE, FRAME_SIZE});
}

void reads_note_cell(struct reads *reads, uint32_t store, uint32_t offset)
{
    uint32_t page = offset / FRAME_SIZE, cell = offset / 8u;
    if (!reads->on || reads->pages[store][page] & (PAGE_READ | PAGE_ERASED))
        return;
    if (!(reads->pages[store][page] & PAGE_FINE)) {
        reads_note_page(reads, store, page);
        return;
    }
    if (reads->cells[store][cell])
        return;
    reads->cells[store][cell] = 1;
    append(reads, (struct read_mark){store, cell * 8u, 8u});
}

void reads_note_erase(struct reads *reads, uint32_t store, uint32_t offset, uint32_t length)
{
    for (uint32_t at = offset; reads->on && at + FRAME_SIZE <= offset + length; at += FRAME_SIZE)
        reads->pages[store][at / FRAME_SIZE] |= PAGE_ERASED;
}
