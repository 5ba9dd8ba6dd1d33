/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/tests/fuzz/flash_cells.h"

#include "firmware/journal/store.h"

struct flash_cells cells;

void cells_erase_all(void)
{
    memset(&cells, 0, sizeof cells);
    for (unsigned bank = 0; bank < 2u; bank++)
        for (unsigned i = 0; i < CELL_INDEXES; i++)
            memset(cells.page[bank][i].words, 0xff, 8);
}

void cells_power_on(uint32_t cut_at)
{
    cells.boots++;
    cells.ops = cells.reads = 0;
    cells.cut_at = cut_at;
    cells.asked = cells.running = cells.failed = false;
    memset(cells.page_reads, 0, sizeof cells.page_reads);
}

bool cells_page_is_blank(unsigned bank)
{
    for (unsigned i = 0; i < CELL_INDEXES; i++) {
        const struct cell *cell = &cells.page[bank - 1u][i];
        if (cell->weak || cell->unreadable || (cell->words[0] & cell->words[1]) != UINT32_MAX)
            return false;
    }
    return true;
}

static struct cell *cell_of(unsigned bank, unsigned index)
{
    FUZZ_CHECK((bank == 1u || bank == 2u) && index < CELL_INDEXES);
    return &cells.page[bank - 1u][index];
}

/** What all weak cells of a page read in this boot, if they agree. */
enum mood {
    MOOD_EARLIER,
    MOOD_BEFORE,
    MOOD_AFTER,
    MOOD_EITHER, /* one of the three, each cell for itself */
    MOOD_ANY,    /* or worse */
    MOODS = 8    /* MOOD_ANY from 4 on */
};

static bool read_weak(const struct cell *cell, unsigned bank, unsigned index, uint32_t words[2])
{
    const uint32_t *const was[3] = {cell->earlier, cell->before, cell->words};
    uint32_t when = cells.per_boot ? 0 : cells.reads;
    uint32_t mood = fuzz_hash(cells.seed + cells.boots, bank) % MOODS;
    uint32_t choice = fuzz_hash(cells.seed + cells.boots, when << 9 | (bank - 1u) << 8 | index);
    uint32_t mix = fuzz_hash(choice, 1);
    if (mood < MOOD_EITHER)
        choice = 12u + mood;
    else if (mood == MOOD_EITHER)
        choice = 12u + choice % 3u;
    switch (choice % 16u) {
    case 0:
    case 1:
        memset(words, 0xff, 8);
        return true;
    case 2:
    case 3:
        words[0] = (cell->before[0] & mix) | (cell->words[0] & ~mix);
        words[1] = (cell->before[1] & ~mix) | (cell->words[1] & mix);
        return true;
    case 4:
    case 5:
    case 6:
        return false;
    default:
        memcpy(words, was[choice % 16u % 3u], 8); /* 12 is divisible by 3 */
        return true;
    }
}

bool journal_store_read(unsigned bank, unsigned index, uint32_t words[2])
{
    const struct cell *cell = cell_of(bank, index);
    FUZZ_CHECK(!cells.running);
    cells.reads++;
    cells.page_reads[bank - 1u][index]++;
    memcpy(words, cell->words, 8);
    if (cell->weak)
        return read_weak(cell, bank, index, words);
    return !cell->unreadable;
}

/** True if the operation is done now, false if power goes in the middle of it. */
static bool start(void)
{
    FUZZ_CHECK(cells.asked && !cells.running);
    cells.asked = false;
    cells.running = true;
    cells.busy = cells.ops % 3u;
    cells.failed = cells.failing > 0;
    cells.failing -= cells.failed ? 1u : 0;
    return ++cells.ops != cells.cut_at;
}

static void take(struct cell *cell, const uint32_t words[2], bool whole, bool solid)
{
    if (cell->stuck)
        return;
    memcpy(cell->earlier, cell->weak ? cell->before : cell->words, 8);
    memcpy(cell->before, cell->words, 8);
    memcpy(cell->words, words, 8);
    cell->unreadable = false;
    cell->weak = !whole || (cell->weak && !solid);
}

void journal_store_program(unsigned bank, unsigned index, const uint32_t words[2])
{
    struct cell *cell = cell_of(bank, index);
    bool zeros = words[0] == 0 && words[1] == 0, whole = start();
    uint32_t now[2];
    /* All ones would be programmed for good, and read as blank. */
    FUZZ_CHECK((words[0] & words[1]) != UINT32_MAX);
    if (!zeros && !cells.failed) {
        bool readable = cell->weak ? read_weak(cell, bank, index, now) : !cell->unreadable;
        if (!cell->weak)
            memcpy(now, cell->words, 8);
        cells.failed = !readable || (now[0] & now[1]) != UINT32_MAX;
    }
    if (!cells.failed)
        take(cell, words, whole, zeros);
    if (!whole)
        longjmp(cells.power_lost, 1);
}

void journal_store_erase(unsigned bank)
{
    static const uint32_t blank[2] = {UINT32_MAX, UINT32_MAX};
    bool whole = start();
    for (unsigned i = 0; i < CELL_INDEXES && !cells.failed; i++)
        take(cell_of(bank, i), blank, whole, true);
    if (!whole)
        longjmp(cells.power_lost, 1);
}

enum journal_store_status journal_store_poll(void)
{
    if (cells.busy > 0) {
        cells.busy--;
        return STORE_BUSY;
    }
    cells.running = false;
    return cells.failed ? STORE_FAILED : STORE_DONE;
}

bool journal_store_ready(void)
{
    cells.asked = cells.low == 0;
    cells.low -= cells.low > 0 ? 1u : 0;
    return cells.asked;
}
