/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/tests/journal/cells.h"

#include "firmware/journal/store.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define BANKS     2u
#define PAGE      256u
#define CELLS     (BANKS * PAGE)
#define ALL_CELLS 3u /* so many unstable ones are drawn in all combinations */

struct change {
    uint32_t index;
    struct cell before;
};

static struct {
    struct cell cell[CELLS];
    uint64_t hash;
    unsigned unstable;
    struct change *changes;
    uint32_t change_count, change_capacity;
    struct cells_ops *ops;
    uint64_t op_count, refused, erases;
    enum journal_store_status ended;
} now;

struct cells_image {
    struct cell cell[CELLS];
    uint64_t hash;
    unsigned unstable;
};

static uint64_t hash_of(struct cell cell, uint32_t index)
{
    return XXH3_64bits_withSeed(&cell, sizeof cell, index);
}

static void put(uint32_t index, struct cell cell)
{
    now.hash ^= hash_of(now.cell[index], index) ^ hash_of(cell, index);
    now.unstable += (unsigned)cell_is_unstable(cell) - (unsigned)cell_is_unstable(now.cell[index]);
    now.cell[index] = cell;
}

static void set(uint32_t index, struct cell cell)
{
    if (cell_equal(now.cell[index], cell))
        return;
    if (now.change_count == now.change_capacity) {
        now.change_capacity = now.change_capacity > 0 ? 2u * now.change_capacity : 4096u;
        struct change *grown = realloc(now.changes, now.change_capacity * sizeof *grown);
        TB_ASSERT(grown != NULL);
        now.changes = grown;
    }
    now.changes[now.change_count++] = (struct change){index, now.cell[index]};
    put(index, cell);
}

static uint32_t index_of(unsigned bank, unsigned index)
{
    TB_ASSERT(bank >= 1u && bank <= BANKS && index < PAGE);
    return (bank - 1u) * PAGE + index;
}

void cells_reset(void)
{
    now.hash = 0;
    for (uint32_t i = 0; i < CELLS; i++) {
        now.cell[i] = op_erase();
        now.hash ^= hash_of(now.cell[i], i);
    }
    now.unstable = 0;
    now.change_count = 0;
}

void cells_log(struct cells_ops *ops)
{
    now.ops = ops;
    if (ops != NULL)
        ops->count = 0;
}

uint64_t cells_programs_refused(void)
{
    return now.refused;
}

uint64_t cells_erases(void)
{
    return now.erases;
}

uint32_t cells_mark(void)
{
    return now.change_count;
}

void cells_rewind(uint32_t mark)
{
    while (now.change_count > mark) {
        now.change_count--;
        put(now.changes[now.change_count].index, now.changes[now.change_count].before);
    }
}

struct cells_image *cells_save(void)
{
    struct cells_image *image = malloc(sizeof *image);
    TB_ASSERT(image != NULL);
    memcpy(image->cell, now.cell, sizeof image->cell);
    image->hash = now.hash;
    image->unstable = now.unstable;
    return image;
}

void cells_restore(struct cells_image *image)
{
    memcpy(now.cell, image->cell, sizeof image->cell);
    now.hash = image->hash;
    now.unstable = image->unstable;
    now.change_count = 0;
    free(image);
}

uint64_t cells_hash(void)
{
    return now.hash;
}

unsigned cells_unstable(void)
{
    return now.unstable;
}

/* --- what the firmware does ----------------------------------------------------------------------- */

bool journal_store_read(unsigned bank, unsigned index, uint32_t words[2])
{
    uint32_t i = index_of(bank, index);
    uint64_t delivered;
    if (now.cell[i].state == CELL_SOLID && now.cell[i].data == CELL_ERASED_DATA &&
        now.cell[i].check == CELL_ERASED_CHECK) { /* most are: not through the decoder */
        words[0] = words[1] = UINT32_MAX;
        return true;
    }
    enum ecc_result result = cell_read(now.cell[i], &delivered);
    if (cell_is_unstable(now.cell[i]))
        set(i, cell_after_read(now.cell[i]));
    words[0] = (uint32_t)delivered;
    words[1] = (uint32_t)(delivered >> 32);
    return result != ECC_UNCORRECTABLE;
}

static void note(struct op op)
{
    op.ordinal = ++now.op_count;
    now.ended = STORE_DONE;
    if (now.ops == NULL)
        return;
    TB_ASSERT(now.ops->count < CELLS_MAX_OPS);
    now.ops->op[now.ops->count++] = (struct cells_op){op, now.change_count};
}

void journal_store_program(unsigned bank, unsigned index, const uint32_t words[2])
{
    uint32_t i = index_of(bank, index);
    uint64_t value = (uint64_t)words[1] << 32 | words[0];
    if (value != 0 && !cell_is_erased(now.cell[i])) { /* PROGERR: nothing is started */
        now.refused++;
        now.ended = STORE_FAILED;
        return;
    }
    struct op op = {.kind = OP_PROGRAM, .store = bank, .offset = index * 8u, .length = 8u, .value = value};
    note(op);
    set(i, op_complete_cell(&op, now.cell[i]));
}

void journal_store_erase(unsigned bank)
{
    struct op op = {.kind = OP_ERASE, .store = bank, .offset = 0, .length = PAGE * 8u};
    note(op);
    now.erases++;
    for (uint32_t i = 0; i < PAGE; i++)
        set(index_of(bank, i), op_complete_cell(&op, now.cell[index_of(bank, i)]));
}

enum journal_store_status journal_store_poll(void)
{
    return now.ended;
}

bool journal_store_ready(void)
{
    return true;
}

/* --- resets and cuts ------------------------------------------------------------------------------ */

/** Outcomes that are gone through in full: of a few cells all combinations, of more all in the same mode. */
static unsigned full_draws(bool all)
{
    unsigned count = 1;
    if (!all || now.unstable > ALL_CELLS)
        return all ? CELL_UNSTABLE_MODES : 0;
    for (unsigned i = 0; i < now.unstable; i++)
        count *= CELL_UNSTABLE_MODES;
    return count;
}

unsigned cells_draw_count(bool all, unsigned some)
{
    if (now.unstable == 0)
        return 1;
    return all && now.unstable <= ALL_CELLS ? full_draws(all) : full_draws(all) + some;
}

void cells_draw(bool all, unsigned draw, uint64_t seed)
{
    bool full = draw < full_draws(all);
    bool same = now.unstable > ALL_CELLS;
    unsigned left = now.unstable;
    for (uint32_t i = 0; left > 0 && i < CELLS; i++) {
        struct cell cell = now.cell[i];
        if (!cell_is_unstable(cell))
            continue;
        left--;
        if (full) {
            cell.state = (uint8_t)(CELL_UNSTABLE_OLD + draw % CELL_UNSTABLE_MODES);
            draw = same ? draw : draw / CELL_UNSTABLE_MODES;
        } else {
            cell = cell_after_reset(cell, cell_mode_seed(mix64(seed ^ draw), i / PAGE, i % PAGE));
        }
        set(i, cell);
    }
}

/**
 * Two readings that are worse than those of sim/op.h, each in half of the cases: of an unstable cell either of its two
 * words may be what a cut erase leaves behind; and an erase that fades leaves weak what was erased already.
 */
static struct cell torn_erase(const struct op *op, uint32_t offset, struct cell old, enum tear tear, uint64_t seed)
{
    if (cell_is_unstable(old) && (mix64(seed ^ 1u) & 1u) != 0) {
        old.old = old.data;
        old.old_check = old.check;
    }
    struct cell torn = op_tear_cell(op, offset, old, tear, seed);
    if (tear == TEAR_FADING && torn.state == CELL_SOLID && (mix64(seed ^ 2u) & 1u) != 0)
        torn.state = CELL_WEAK;
    return torn;
}

void cells_tear(const struct cells_op *op, enum tear tear, uint64_t seed)
{
    for (uint32_t offset = op->op.offset; offset < op->op.offset + op->op.length; offset += 8u) {
        uint32_t i = index_of(op->op.store, offset / 8u);
        set(i, op_is_erase(&op->op) ? torn_erase(&op->op, offset, now.cell[i], tear, seed)
                                    : op_tear_cell(&op->op, offset, now.cell[i], tear, seed));
    }
}
