/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Stores: arrays of cells, and the pool of frames that hold the contents of non-volatile ones.
 *
 * A frame is FRAME_SIZE bytes of what the CPU reads, with check bits and cell states beside it.
 * Sealed frames are immutable and content-addressed: equal ids mean equal cells. A store page that
 * is being programmed lives in a private frame that only this store shows; sealing (at a snapshot)
 * interns it. The pool's memory is mapped into the CPU engine once, so showing another frame in a
 * window costs no copy and keeps translated code valid.
 */
#ifndef TWINBANK_SIM_STORE_H
#define TWINBANK_SIM_STORE_H

#include "op.h"

#define FRAME_SIZE  1024u /* the engine's TLB page; every erase unit is a multiple of it or lies inside one */
#define FRAME_CELLS (FRAME_SIZE / 8u)
#define FRAME_NONE  UINT32_MAX

typedef uint32_t frame_id;

/* --- frame pool
 * -------------------------------------------------------------------------------------------------
 */
struct frame_pool;

/** frame_count frames, backed by anonymous shared memory that can be mapped more than once. */
enum status frame_pool_create(struct frame_pool **out, uint32_t frame_count, struct error *err) MUST_CHECK;
void frame_pool_destroy(struct frame_pool *pool);

/** Host address and size in bytes of the pool's data, and of its second mapping (same bytes, other
 * address). */
uint8_t *frame_pool_data(struct frame_pool *pool);
uint8_t *frame_pool_twin(struct frame_pool *pool);
size_t frame_pool_size(const struct frame_pool *pool);
/** Frames in use now (dead ones that wait for the recycler included), and the most ever. */
uint32_t frame_pool_used(const struct frame_pool *pool);
uint32_t frame_pool_peak(const struct frame_pool *pool);

/** The CPU marks frames that code was translated from; they are never changed in place and leave
 * the pool only through the recycler. */
void frame_mark_executed(struct frame_pool *pool, frame_id frame);
bool frame_was_executed(const struct frame_pool *pool, frame_id frame);
/**
 * Called with a batch of dead executed frames before their numbers are used again, so that the CPU
 * can drop translations. Must be called at a time when the engine is stopped: the pool asks only
 * from frame_pool_reclaim.
 */
typedef void (*frame_recycler)(void *context, const frame_id *frames, size_t count);
void frame_pool_set_recycler(struct frame_pool *pool, frame_recycler recycler, void *context);
/** Makes dead executed frames usable again, and those freed since the last call. Call between runs, where the engine's
 * TLB is flushed: until then it may still read frames that no page shows. Cheap when there is nothing to do. */
void frame_pool_reclaim(struct frame_pool *pool);

void frame_ref(struct frame_pool *pool, frame_id frame);
void frame_unref(struct frame_pool *pool, frame_id frame);
/** True if some cell of the frame does not read back clean (ECC error or disturbed state): reads
 * must be trapped. */
bool frame_is_flagged(const struct frame_pool *pool, frame_id frame);
/** Bytes written into frames since creation, by operations, loading and copying alike. */
uint64_t frame_pool_written_bytes(const struct frame_pool *pool);

/* --- stores
 * -----------------------------------------------------------------------------------------------------
 */
enum store_kind {
    STORE_RAM,   /* host memory, read and written directly */
    STORE_FLASH, /* frames with check bits; changed by operations only */
    STORE_ROM,   /* frames without operations: system memory, engineering bytes */
};

struct store_desc {
    const char *name;              /* "flash", "sram1", "option1" */
    uint32_t kind;                 /* enum store_kind */
    uint32_t size;                 /* bytes; multiple of FRAME_SIZE */
    uint32_t erase_size;           /* bytes of a page; 0 for RAM and ROM */
    uint32_t bank_size;            /* bytes of a physical bank, 0 if there are none */
    const uint8_t *contents;       /* initial contents or NULL (erased; RAM: by policy) */
    const uint32_t *contents_size; /* bytes in contents */
};

struct store {
    const struct store_desc *desc;
    struct frame_pool *pool;
    uint8_t *ram;     /* STORE_RAM only */
    frame_id *frames; /* others: one a page of FRAME_SIZE, each holding one reference */
    uint32_t frame_count;
    uint32_t changes; /* counts frame-table changes, so that the bus knows when to flush; wraps */
    uint32_t flagged; /* pages that show a flagged frame */
};

enum status store_create(struct store *store, const struct store_desc *desc, struct frame_pool *pool,
                         struct error *err) MUST_CHECK;
void store_destroy(struct store *store);

/** Makes a page of FRAME_SIZE show another frame (restoring a snapshot): takes a reference of its
 * own and gives up that of the frame shown before. */
void store_show(struct store *store, uint32_t page, frame_id frame);

/** Raw cell access; offset is a multiple of 8 inside the store. */
struct cell store_cell(const struct store *store, uint32_t offset);
/**
 * Replaces one cell. Copies the page's frame when it is sealed or executed (then `changes` counts
 * up and the page shows a new frame); otherwise edits it in place. `changes` counts up as well
 * when the frame becomes flagged, or is no longer.
 */
void store_set_cell(struct store *store, uint32_t offset, struct cell cell);
/** Replaces all cells of a page at once, and seals the frame: equal pages share one. */
void store_set_page(struct store *store, uint32_t page, const struct cell cells[FRAME_CELLS]);
/** Erases length bytes from offset, both multiples of FRAME_SIZE or inside one frame. */
void store_erase(struct store *store, uint32_t offset, uint32_t length);

/** Factory access: writes bytes with correct check bits whatever was there, without operations
 * (image loading). A double word of all ones is left erased. */
void store_load(struct store *store, uint32_t offset, const void *bytes, uint32_t length);
/** Copies what the CPU would read (corrected data) without side effects. */
void store_peek(const struct store *store, uint32_t offset, void *bytes, uint32_t length);

/** Interns every private frame: after it, equal frame ids mean equal cells. Frames may change:
 * `changes` counts up. */
void store_seal(struct store *store);

/** FNV-free 64-bit digest of all cells (data, check bits, states) of the store, or of the RAM
 * bytes. */
uint64_t store_digest(const struct store *store);

#endif
