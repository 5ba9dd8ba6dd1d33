/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The frame pool.
 *
 * The pool's data is what the CPU reads, that is, corrected. Check bits stand beside it. Raw bits
 * states are kept only for flagged frames (those with a cell that does not read back clean): in
 * all others the raw bits are the data and every state is CELL_SOLID. The side arrays are reserved
 * for the whole pool and cost memory only once touched.
 *
 * A frame is free, private (edited in place by its one owner), sealed (in the index, never changed
 * again) or dead: without references, but code was translated from it. A dead sealed frame stays in
 * the index, so equal contents that come back get the old frame and its translations. Only the
 * recycler makes a dead frame's number usable again.
 *
 * A frame that never executed is free at once, but until the next frame_pool_reclaim its number is
 * used again only when no other is left: up to its next flush the engine may still read the old
 * frame where a page already shows a new one.
 *
 * The memory is shared by fork(): a process that forks workers creates its pools after the fork.
 */
#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#define RECYCLE_BATCH 64u
#define LINK_NONE     UINT32_MAX
#define RAW_BYTES     (FRAME_CELLS * sizeof(struct cell))

enum frame_phase {
    FRAME_FREE,
    FRAME_LIVE,
    FRAME_DEAD,
};

struct frame {
    uint32_t references;
    uint32_t next;      /* free list */
    uint32_t older;     /* dead list */
    uint32_t newer;     /* dead list */
    uint32_t chain;     /* index bucket, sealed frames */
    uint16_t disturbed; /* cells that do not read back clean */
    uint8_t phase;      /* enum frame_phase */
    bool sealed;        /* in the index */
    bool executed;
    uint64_t digest; /* sealed frames */
};

struct frame_pool {
    uint8_t *data;
    uint8_t *twin;
    uint8_t *checks;  /* FRAME_CELLS a frame */
    struct cell *raw; /* FRAME_CELLS a frame, valid for flagged frames */
    struct frame *frames;
    uint32_t *buckets; /* index: digest -> chain of sealed frames */
    uint32_t bucket_mask;
    uint32_t capacity;
    uint32_t fresh; /* frames from here on were never used */
    uint32_t free_head, free_count;
    uint32_t cooling_oldest, cooling_newest, cooling_count; /* freed since the last reclaim */
    uint32_t dead_oldest, dead_newest, dead_count;
    uint32_t used, peak;
    frame_id erased;
    frame_recycler recycler;
    void *recycler_context;
    uint64_t written_bytes; /* into frames, copies included */
};

static struct frame *at(const struct frame_pool *pool, frame_id frame)
{
    TB_ASSERT(frame < pool->capacity);
    return &pool->frames[frame];
}

static uint8_t *checks_of(const struct frame_pool *pool, frame_id frame)
{
    return pool->checks + (size_t)frame * FRAME_CELLS;
}

static struct cell *raw_of(const struct frame_pool *pool, frame_id frame)
{
    return pool->raw + (size_t)frame * FRAME_CELLS;
}

static uint8_t *data_of(const struct frame_pool *pool, frame_id frame)
{
    return pool->data + (size_t)frame * FRAME_SIZE;
}

/* --- life ------------------------------------------------------------------------------------- */

static void *reserve(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void release(void *memory, size_t size)
{
    if (memory)
        munmap(memory, size);
}

/** Maps the data twice; the descriptor is not needed afterwards. */
static enum status map_data(struct frame_pool *pool, struct error *err)
{
    size_t size = frame_pool_size(pool);
    int fd = memfd_create("twinbank-frames", MFD_CLOEXEC);
    if (fd < 0)
        return error_set(err, TB_ERR_IO, "frame pool: memfd_create: %s", strerror(errno));
    enum status status = TB_OK;
    if (ftruncate(fd, (off_t)size) != 0) {
        status =
            error_set(err, TB_ERR_IO, "frame pool: cannot size %zu bytes of shared memory: %s", size, strerror(errno));
    } else {
        uint8_t **maps[] = {&pool->data, &pool->twin};
        for (size_t i = 0; i < ARRAY_LENGTH(maps) && status == TB_OK; i++) {
            void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
            if (memory == MAP_FAILED)
                status = error_set(err, TB_ERR_MEMORY, "frame pool: cannot map %zu bytes: %s", size, strerror(errno));
            else
                *maps[i] = memory;
        }
    }
    close(fd);
    return status;
}

static void create_erased(struct frame_pool *pool);

enum status frame_pool_create(struct frame_pool **out, uint32_t frame_count, struct error *err)
{
    *out = NULL;
    /* FRAME_NONE is no frame; the engine maps whole host pages of 4 KiB. */
    if (frame_count == 0 || frame_count > 1u << 22)
        return error_set(err, TB_ERR_INPUT, "frame pool: %u frames; expected 1 to %u", frame_count, 1u << 22);
    frame_count = (frame_count + 3u) & ~3u;
    struct frame_pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        return error_set(err, TB_ERR_MEMORY, "frame pool: out of memory");
    pool->capacity = frame_count;
    uint32_t bucket_count = 1;
    while (bucket_count < frame_count)
        bucket_count *= 2u;
    pool->bucket_mask = bucket_count - 1u;
    pool->free_head = pool->cooling_oldest = pool->cooling_newest = LINK_NONE;
    pool->dead_oldest = pool->dead_newest = LINK_NONE;
    pool->checks = reserve((size_t)frame_count * FRAME_CELLS);
    pool->raw = reserve((size_t)frame_count * RAW_BYTES);
    pool->frames = calloc(frame_count, sizeof(*pool->frames));
    pool->buckets = malloc(bucket_count * sizeof(*pool->buckets));
    enum status status = TB_OK;
    if (!pool->checks || !pool->raw || !pool->frames || !pool->buckets)
        status = error_set(err, TB_ERR_MEMORY, "frame pool: out of memory for %u frames", frame_count);
    if (status == TB_OK)
        status = map_data(pool, err);
    if (status != TB_OK) {
        frame_pool_destroy(pool);
        return status;
    }
    memset(pool->buckets, 0xff, bucket_count * sizeof(*pool->buckets)); /* LINK_NONE */
    create_erased(pool);
    *out = pool;
    return TB_OK;
}

void frame_pool_destroy(struct frame_pool *pool)
{
    if (!pool)
        return;
    release(pool->data, frame_pool_size(pool));
    release(pool->twin, frame_pool_size(pool));
    release(pool->checks, (size_t)pool->capacity * FRAME_CELLS);
    release(pool->raw, (size_t)pool->capacity * RAW_BYTES);
    free(pool->frames);
    free(pool->buckets);
    free(pool);
}

uint8_t *frame_pool_data(struct frame_pool *pool)
{
    return pool->data;
}

uint8_t *frame_pool_twin(struct frame_pool *pool)
{
    return pool->twin;
}

size_t frame_pool_size(const struct frame_pool *pool)
{
    return (size_t)pool->capacity * FRAME_SIZE;
}

uint32_t frame_pool_used(const struct frame_pool *pool)
{
    return pool->used;
}

uint32_t frame_pool_peak(const struct frame_pool *pool)
{
    return pool->peak;
}

/* --- index ------------------------------------------------------------------------------------ */

static uint32_t *bucket_of(struct frame_pool *pool, uint64_t digest)
{
    return &pool->buckets[digest & pool->bucket_mask];
}

static void index_add(struct frame_pool *pool, frame_id frame, uint64_t digest)
{
    struct frame *f = at(pool, frame);
    uint32_t *bucket = bucket_of(pool, digest);
    f->digest = digest;
    f->sealed = true;
    f->chain = *bucket;
    *bucket = frame;
}

static void index_remove(struct frame_pool *pool, frame_id frame)
{
    struct frame *f = at(pool, frame);
    uint32_t *link = bucket_of(pool, f->digest);
    while (*link != frame) {
        TB_ASSERT(*link != LINK_NONE);
        link = &pool->frames[*link].chain;
    }
    *link = f->chain;
    f->sealed = false;
}

static bool cells_equal(const struct frame_pool *pool, frame_id a, frame_id b)
{
    bool flagged = frame_is_flagged(pool, a);
    if (flagged != frame_is_flagged(pool, b) || memcmp(checks_of(pool, a), checks_of(pool, b), FRAME_CELLS) != 0)
        return false;
    if (!flagged)
        return memcmp(data_of(pool, a), data_of(pool, b), FRAME_SIZE) == 0;
    return memcmp(raw_of(pool, a), raw_of(pool, b), RAW_BYTES) == 0;
}

uint64_t frame_digest(const struct frame_pool *pool, frame_id frame)
{
    const struct frame *f = at(pool, frame);
    if (f->sealed)
        return f->digest;
    uint64_t digest = XXH3_64bits_withSeed(checks_of(pool, frame), FRAME_CELLS, 0);
    if (f->disturbed == 0)
        return XXH3_64bits_withSeed(data_of(pool, frame), FRAME_SIZE, digest);
    return XXH3_64bits_withSeed(raw_of(pool, frame), RAW_BYTES, digest);
}

/* --- allocation and references ---------------------------------------------------------------- */

static void dead_remove(struct frame_pool *pool, frame_id frame)
{
    struct frame *f = at(pool, frame);
    if (f->older != LINK_NONE)
        pool->frames[f->older].newer = f->newer;
    else
        pool->dead_oldest = f->newer;
    if (f->newer != LINK_NONE)
        pool->frames[f->newer].older = f->older;
    else
        pool->dead_newest = f->older;
    pool->dead_count--;
}

static void dead_append(struct frame_pool *pool, frame_id frame)
{
    struct frame *f = at(pool, frame);
    f->phase = FRAME_DEAD;
    f->older = pool->dead_newest;
    f->newer = LINK_NONE;
    if (pool->dead_newest != LINK_NONE)
        pool->frames[pool->dead_newest].newer = frame;
    else
        pool->dead_oldest = frame;
    pool->dead_newest = frame;
    pool->dead_count++;
}

static void free_frame(struct frame_pool *pool, frame_id frame)
{
    struct frame *f = at(pool, frame);
    if (f->sealed)
        index_remove(pool, frame);
    *f = (struct frame){.phase = FRAME_FREE, .next = LINK_NONE};
    if (pool->cooling_newest != LINK_NONE)
        pool->frames[pool->cooling_newest].next = frame;
    else
        pool->cooling_oldest = frame;
    pool->cooling_newest = frame;
    pool->cooling_count++;
    pool->used--;
}

/** Puts what was freed since the last reclaim on the free list. */
static void end_cooling(struct frame_pool *pool)
{
    if (pool->cooling_count == 0)
        return;
    pool->frames[pool->cooling_newest].next = pool->free_head;
    pool->free_head = pool->cooling_oldest;
    pool->free_count += pool->cooling_count;
    pool->cooling_oldest = pool->cooling_newest = LINK_NONE;
    pool->cooling_count = 0;
}

static uint32_t available(const struct frame_pool *pool)
{
    return pool->free_count + pool->cooling_count + (pool->capacity - pool->fresh);
}

static void recycle_oldest(struct frame_pool *pool)
{
    frame_id batch[RECYCLE_BATCH];
    size_t count = 0;
    while (count < RECYCLE_BATCH && pool->dead_oldest != LINK_NONE) {
        batch[count] = pool->dead_oldest;
        dead_remove(pool, batch[count++]);
    }
    if (pool->recycler)
        pool->recycler(pool->recycler_context, batch, count);
    for (size_t i = 0; i < count; i++)
        free_frame(pool, batch[i]);
}

void frame_pool_reclaim(struct frame_pool *pool)
{
    /* Whole batches only, the oldest first: dead frames are worth keeping, because the same
     * contents often come back. When a run could use up what is left, all of them go. */
    bool scarce = available(pool) < pool->capacity / 4u;
    while (pool->dead_count >= RECYCLE_BATCH || (scarce && pool->dead_count > 0))
        recycle_oldest(pool);
    end_cooling(pool);
}

static frame_id allocate(struct frame_pool *pool)
{
    /* In the middle of a run the recycler must not be called; without one nobody minds. */
    if (available(pool) == 0 && !pool->recycler) {
        while (pool->dead_count > 0)
            recycle_oldest(pool);
    }
    bool frame_pool_has_room = available(pool) > 0;
    TB_ASSERT(frame_pool_has_room && "raise machine_config.pool_frames or free snapshots");
    if (pool->free_head == LINK_NONE && pool->fresh == pool->capacity)
        end_cooling(pool);
    frame_id frame;
    if (pool->free_head != LINK_NONE) {
        frame = pool->free_head;
        pool->free_head = at(pool, frame)->next;
        pool->free_count--;
    } else {
        frame = pool->fresh++;
    }
    *at(pool, frame) = (struct frame){.references = 1, .phase = FRAME_LIVE};
    if (++pool->used > pool->peak)
        pool->peak = pool->used;
    return frame;
}

void frame_ref(struct frame_pool *pool, frame_id frame)
{
    struct frame *f = at(pool, frame);
    TB_ASSERT(f->phase == FRAME_LIVE && f->references < UINT32_MAX);
    f->references++;
}

void frame_unref(struct frame_pool *pool, frame_id frame)
{
    struct frame *f = at(pool, frame);
    TB_ASSERT(f->phase == FRAME_LIVE && f->references > 0);
    if (--f->references > 0)
        return;
    if (f->executed)
        dead_append(pool, frame);
    else
        free_frame(pool, frame);
}

void frame_mark_executed(struct frame_pool *pool, frame_id frame)
{
    TB_ASSERT(at(pool, frame)->phase == FRAME_LIVE);
    at(pool, frame)->executed = true;
}

bool frame_was_executed(const struct frame_pool *pool, frame_id frame)
{
    return at(pool, frame)->executed;
}

void frame_pool_set_recycler(struct frame_pool *pool, frame_recycler recycler, void *context)
{
    pool->recycler = recycler;
    pool->recycler_context = context;
}

/* --- contents --------------------------------------------------------------------------------- */

static void create_erased(struct frame_pool *pool)
{
    pool->erased = allocate(pool);
    memset(data_of(pool, pool->erased), 0xff, FRAME_SIZE);
    memset(checks_of(pool, pool->erased), CELL_ERASED_CHECK, FRAME_CELLS);
    index_add(pool, pool->erased, frame_digest(pool, pool->erased));
}

frame_id frame_erased(const struct frame_pool *pool)
{
    return pool->erased;
}

bool frame_is_flagged(const struct frame_pool *pool, frame_id frame)
{
    return at(pool, frame)->disturbed > 0;
}

uint64_t frame_pool_written_bytes(const struct frame_pool *pool)
{
    return pool->written_bytes;
}

bool frame_is_private(const struct frame_pool *pool, frame_id frame)
{
    const struct frame *f = at(pool, frame);
    return f->references == 1 && !f->sealed && !f->executed;
}

const uint8_t *frame_bytes(const struct frame_pool *pool, frame_id frame)
{
    TB_ASSERT(at(pool, frame)->phase == FRAME_LIVE);
    return data_of(pool, frame);
}

frame_id frame_copy(struct frame_pool *pool, frame_id from)
{
    frame_id to = allocate(pool);
    pool->written_bytes += FRAME_SIZE;
    memcpy(data_of(pool, to), data_of(pool, from), FRAME_SIZE);
    memcpy(checks_of(pool, to), checks_of(pool, from), FRAME_CELLS);
    if (frame_is_flagged(pool, from)) {
        memcpy(raw_of(pool, to), raw_of(pool, from), RAW_BYTES);
        at(pool, to)->disturbed = at(pool, from)->disturbed;
    }
    return to;
}

frame_id frame_seal(struct frame_pool *pool, frame_id frame)
{
    if (at(pool, frame)->sealed)
        return frame;
    uint64_t digest = frame_digest(pool, frame);
    for (uint32_t other = *bucket_of(pool, digest); other != LINK_NONE; other = pool->frames[other].chain) {
        struct frame *o = at(pool, other);
        if (o->digest != digest || !cells_equal(pool, frame, other))
            continue;
        if (o->phase == FRAME_DEAD) {
            dead_remove(pool, other);
            o->phase = FRAME_LIVE;
        }
        o->references++;
        frame_unref(pool, frame);
        return other;
    }
    index_add(pool, frame, digest);
    return frame;
}

struct cell frame_cell(const struct frame_pool *pool, frame_id frame, uint32_t index)
{
    TB_ASSERT(index < FRAME_CELLS);
    if (frame_is_flagged(pool, frame))
        return raw_of(pool, frame)[index];
    struct cell cell = {.check = checks_of(pool, frame)[index], .state = CELL_SOLID};
    memcpy(&cell.data, data_of(pool, frame) + index * 8u, 8);
    return cell;
}

static bool reads_clean(struct cell cell, uint64_t *delivered)
{
    return cell_read(cell, delivered) == ECC_OK && cell.state == CELL_SOLID;
}

void frame_set_cell(struct frame_pool *pool, frame_id frame, uint32_t index, struct cell cell)
{
    TB_ASSERT(index < FRAME_CELLS && frame_is_private(pool, frame));
    struct frame *f = at(pool, frame);
    uint64_t delivered;
    bool was_clean = reads_clean(frame_cell(pool, frame, index), &delivered);
    bool is_clean = reads_clean(cell, &delivered);
    pool->written_bytes += sizeof cell.data;
    if (!is_clean && f->disturbed == 0)
        for (uint32_t i = 0; i < FRAME_CELLS; i++)
            raw_of(pool, frame)[i] = frame_cell(pool, frame, i);
    if (was_clean != is_clean)
        f->disturbed = (uint16_t)(is_clean ? f->disturbed - 1u : f->disturbed + 1u);
    memcpy(data_of(pool, frame) + index * 8u, &delivered, 8);
    checks_of(pool, frame)[index] = cell.check;
    if (f->disturbed > 0)
        raw_of(pool, frame)[index] = cell;
}
