/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The frame pool as store.c sees it; all others use store.h.
 */
#ifndef TWINBANK_SIM_FRAME_H
#define TWINBANK_SIM_FRAME_H

#include "store.h"

/** The one sealed frame whose cells are all erased. The pool keeps it alive; callers take their own
 * reference. */
frame_id frame_erased(const struct frame_pool *pool);

/** A new private frame with the cells of `from`, holding one reference. */
frame_id frame_copy(struct frame_pool *pool, frame_id from);
/** True if the frame may be edited in place: one reference, not sealed, not executed. */
bool frame_is_private(const struct frame_pool *pool, frame_id frame);
/** Interns a frame: gives the id of the sealed frame with equal cells, which may be this one. Takes
 * over the caller's reference. */
frame_id frame_seal(struct frame_pool *pool, frame_id frame);

struct cell frame_cell(const struct frame_pool *pool, frame_id frame, uint32_t index);
/** Edits a private frame. */
void frame_set_cell(struct frame_pool *pool, frame_id frame, uint32_t index, struct cell cell);

/** What the CPU reads. */
const uint8_t *frame_bytes(const struct frame_pool *pool, frame_id frame);
/** Digest of all cells: data, check bits, states. Free for sealed frames. */
uint64_t frame_digest(const struct frame_pool *pool, frame_id frame);

#endif
