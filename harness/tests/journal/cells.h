/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The two journal pages of a board as cells, behind the firmware's journal/store.h: the same functions as in the
 * emulator say what operations, cuts and resets do to them (sim/op.h). Every change can be taken back.
 */
#ifndef TWINBANK_JOURNAL_CELLS_H
#define TWINBANK_JOURNAL_CELLS_H

#include "sim/op.h"

#define CELLS_MAX_OPS 160u /* of one action: twice 32 kills and what else a boot does */

/** An operation that power can be cut in, and where the changes of it begin. */
struct cells_op {
    struct op op; /* op.store is the bank, 1 or 2 */
    uint32_t mark;
};
struct cells_ops {
    unsigned count;
    struct cells_op op[CELLS_MAX_OPS];
};

/** Both pages erased and solid; nothing to take back. */
void cells_reset(void);

/** Operations from now on are put in this list (NULL: in none). */
void cells_log(struct cells_ops *ops);
uint64_t cells_programs_refused(void); /* of double words that were not erased, since the start */
uint64_t cells_erases(void);

uint32_t cells_mark(void);
void cells_rewind(uint32_t mark);

struct cells_image;
/** All cells as they are now, to be put back; marks taken before cells_restore() mean nothing after it. */
struct cells_image *cells_save(void);
void cells_restore(struct cells_image *image); /* and frees it */

uint64_t cells_hash(void); /* equal: the cells are */
unsigned cells_unstable(void);

/**
 * A reset or power-up: unstable cells read anew. draw_count() is how many outcomes there are: all of them for a few
 * cells if `all`, else `some` seeded ones (one if no cell is unstable).
 */
unsigned cells_draw_count(bool all, unsigned some);
void cells_draw(bool all, unsigned draw, uint64_t seed);
/** What the operation leaves that power was cut in, after cells_rewind to its mark and cells_draw. */
void cells_tear(const struct cells_op *op, enum tear tear, uint64_t seed);

#endif
