/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * All non-volatile cells of a board as plain data with a hash: what is left of a machine when its power is cut.
 * Operations, tears and resets change it by the same functions that the machine uses (sim/op.h), without running
 * anything; every change can be taken back.
 */
#ifndef TWINBANK_HARNESS_FAULTS_WORLD_H
#define TWINBANK_HARNESS_FAULTS_WORLD_H

#include "sim/machine.h"

#define WORLD_STORES   32u
#define WORLD_NO_CELLS UINT32_MAX

struct world_change {
    uint32_t index;
    struct cell before;
};

struct world {
    uint32_t store_count;
    uint32_t first[WORLD_STORES]; /* index of a store's first cell; WORLD_NO_CELLS: RAM or ROM */
    uint32_t cell_count, page_count;
    uint64_t seed; /* the machine's */
    struct cell *cells;
    uint64_t *page_hashes; /* of FRAME_CELLS cells each: equal hash, equal cells */
    uint16_t *page_unstable;
    uint32_t unstable; /* cells that read otherwise in the next boot */
    uint64_t hash;     /* of all cells */
    struct world_change *changes;
    uint32_t change_count, change_capacity;
};

/** The cells of a machine now. */
enum status world_init(struct world *world, const struct machine *machine, const struct chip *chip, uint64_t seed,
                       struct error *err) MUST_CHECK;
/** Cells in this world's stores as another world has them now; nothing to take back. */
enum status world_copy(struct world *to, const struct world *from, struct error *err) MUST_CHECK;
void world_free(struct world *world);

/** Index of a cell; its page is index / FRAME_CELLS. */
uint32_t world_index(const struct world *world, uint32_t store, uint32_t offset);
uint64_t world_cell_hash(const struct world *world, uint32_t index);

/** Changes from here on are taken back by world_rewind. */
uint32_t world_mark(const struct world *world);
void world_rewind(struct world *world, uint32_t mark);
/** What was changed up to now stays. */
void world_settle(struct world *world);

void world_complete(struct world *world, const struct op *op);
/** Power is lost inside the operation (or without one: op is NULL), or a reset comes there. */
void world_cut(struct world *world, const struct op *op, enum tear tear, uint64_t seed);

/** Puts the cells into a machine that holds those of `base` and is without power. */
void world_show(const struct world *world, const struct world *base, struct machine *machine);

#endif
