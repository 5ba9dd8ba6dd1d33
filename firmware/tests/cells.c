// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "cells.h"

#include <string.h>

#include "journal/store.h"

struct cells cells;

static struct {
    bool asked, running, failed;
    unsigned polls;
} now;

void cells_erase_all(void)
{
    memset(&cells, 0, sizeof cells);
    memset(cells.words, 0xff, sizeof cells.words);
    memset(&now, 0, sizeof now);
}

void cells_forget(void)
{
    memset(cells.reads, 0, sizeof cells.reads);
    cells.op_count = 0;
}

bool journal_store_read(unsigned bank, unsigned index, uint32_t words[2])
{
    cells.reads[bank - 1u][index]++;
    memcpy(words, cells.words[bank - 1u][index], 8u);
    return !cells.unreadable[bank - 1u][index];
}

// Counts the operation; false if it fails.
static bool start(struct cells_op op)
{
    if (!now.asked || now.running) {
        cells.unready++;
    }
    now.asked = false;
    now.running = true;
    now.polls = cells.polls;
    now.failed = cells.failing > 0;
    cells.failing -= now.failed ? 1u : 0u;
    if (cells.op_count < CELLS_OPS) {
        cells.ops[cells.op_count++] = op;
    }
    return !now.failed;
}

void journal_store_program(unsigned bank, unsigned index, const uint32_t words[2])
{
    uint32_t *cell = cells.words[bank - 1u][index];
    bool zeros = words[0] == 0 && words[1] == 0;

    if (!start((struct cells_op){.bank = bank, .index = index, .words = {words[0], words[1]}}) ||
        cells.stuck[bank - 1u][index]) {
        return;
    }
    if (!zeros && (cells.unreadable[bank - 1u][index] || (cell[0] & cell[1]) != UINT32_MAX)) {
        now.failed = true;
        return;
    }
    memcpy(cell, words, 8u);
    cells.unreadable[bank - 1u][index] = false;
}

void journal_store_erase(unsigned bank)
{
    if (!start((struct cells_op){.erase = true, .bank = bank})) {
        return;
    }
    for (unsigned i = 0; i < CELLS_INDEXES; i++) {
        if (!cells.stuck[bank - 1u][i]) {
            memset(cells.words[bank - 1u][i], 0xff, 8u);
            cells.unreadable[bank - 1u][i] = false;
        }
    }
}

enum journal_store_status journal_store_poll(void)
{
    if (now.polls > 0) {
        now.polls--;
        return STORE_BUSY;
    }
    now.running = false;
    return now.failed ? STORE_FAILED : STORE_DONE;
}

bool journal_store_ready(void)
{
    now.asked = cells.low == 0;
    cells.low -= cells.low > 0 ? 1u : 0u;
    return now.asked;
}
