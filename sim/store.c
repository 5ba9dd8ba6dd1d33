/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "store.h"

#include "frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "cells are copied to and from the little-endian guest's bytes as they are");

static bool has_frames(const struct store *store)
{
    return store->desc->kind != STORE_RAM;
}

static void check_range(const struct store *store, uint32_t offset, uint32_t length)
{
    TB_ASSERT(offset <= store->desc->size && length <= store->desc->size - offset);
}

static enum status create_ram(struct store *store, struct error *err)
{
    /* The CPU engine maps whole host pages. */
    void *memory =
        mmap(NULL, store->desc->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return error_set(err, TB_ERR_MEMORY, "store %s: cannot map %u bytes: %s", store->desc->name, store->desc->size,
                         strerror(errno));
    store->ram = memory;
    return TB_OK;
}

static enum status create_frames(struct store *store, struct error *err)
{
    store->frame_count = store->desc->size / FRAME_SIZE;
    store->frames = malloc(store->frame_count * sizeof(*store->frames));
    if (!store->frames)
        return error_set(err, TB_ERR_MEMORY, "store %s: out of memory", store->desc->name);
    for (uint32_t page = 0; page < store->frame_count; page++) {
        store->frames[page] = frame_erased(store->pool);
        frame_ref(store->pool, store->frames[page]);
    }
    return TB_OK;
}

enum status store_create(struct store *store, const struct store_desc *desc, struct frame_pool *pool, struct error *err)
{
    *store = (struct store){.desc = desc, .pool = pool};
    TB_ASSERT(desc->size > 0 && desc->size % FRAME_SIZE == 0);
    enum status status = has_frames(store) ? create_frames(store, err) : create_ram(store, err);
    if (status != TB_OK)
        return status;
    if (desc->contents && desc->contents_size) {
        uint32_t size = *desc->contents_size;
        if (size > desc->size) {
            store_destroy(store);
            return error_set(err, TB_ERR_INPUT, "store %s: its contents have %u bytes; at most %u expected", desc->name,
                             size, desc->size);
        }
        store_load(store, 0, desc->contents, size);
        store_seal(store);
    }
    return TB_OK;
}

void store_destroy(struct store *store)
{
    for (uint32_t page = 0; page < store->frame_count; page++)
        frame_unref(store->pool, store->frames[page]);
    free(store->frames);
    if (store->ram)
        munmap(store->ram, store->desc->size);
    *store = (struct store){0};
}

/** Hands the caller's reference to a page. */
static void show(struct store *store, uint32_t page, frame_id frame)
{
    frame_id old = store->frames[page];
    store->flagged += frame_is_flagged(store->pool, frame);
    store->flagged -= frame_is_flagged(store->pool, old);
    store->frames[page] = frame;
    frame_unref(store->pool, old);
    if (old != frame)
        store->changes++;
}

void store_show(struct store *store, uint32_t page, frame_id frame)
{
    TB_ASSERT(page < store->frame_count);
    frame_ref(store->pool, frame);
    show(store, page, frame);
}

struct cell store_cell(const struct store *store, uint32_t offset)
{
    TB_ASSERT(has_frames(store) && offset % 8u == 0);
    check_range(store, offset, 8);
    return frame_cell(store->pool, store->frames[offset / FRAME_SIZE], offset % FRAME_SIZE / 8u);
}

void store_set_cell(struct store *store, uint32_t offset, struct cell cell)
{
    struct cell old = store_cell(store, offset);
    if (cell_equal(old, cell))
        return;
    uint32_t page = offset / FRAME_SIZE;
    if (!frame_is_private(store->pool, store->frames[page]))
        show(store, page, frame_copy(store->pool, store->frames[page]));
    frame_id frame = store->frames[page];
    bool was_flagged = frame_is_flagged(store->pool, frame);
    frame_set_cell(store->pool, frame, offset % FRAME_SIZE / 8u, cell);
    if (frame_is_flagged(store->pool, frame) == was_flagged)
        return;
    /* The page's reads are to be trapped from now on, or no longer. */
    store->changes++;
    store->flagged += was_flagged ? UINT32_MAX : 1u;
}

void store_set_page(struct store *store, uint32_t page, const struct cell cells[FRAME_CELLS])
{
    TB_ASSERT(has_frames(store) && page < store->frame_count);
    frame_id frame = frame_copy(store->pool, frame_erased(store->pool));
    for (uint32_t i = 0; i < FRAME_CELLS; i++)
        frame_set_cell(store->pool, frame, i, cells[i]);
    show(store, page, frame_seal(store->pool, frame));
}

void store_erase(struct store *store, uint32_t offset, uint32_t length)
{
    TB_ASSERT(has_frames(store) && offset % 8u == 0 && length % 8u == 0);
    check_range(store, offset, length);
    if (length % FRAME_SIZE != 0 || offset % FRAME_SIZE != 0) {
        TB_ASSERT(offset % FRAME_SIZE + length <= FRAME_SIZE);
        for (uint32_t end = offset + length; offset < end; offset += 8u)
            store_set_cell(store, offset, op_erase());
        return;
    }
    for (uint32_t page = offset / FRAME_SIZE; page < (offset + length) / FRAME_SIZE; page++)
        store_show(store, page, frame_erased(store->pool));
}

/** The solid cell that a programmer leaves for a double word. One of all ones stays erased, as
 * programming tools leave it: the firmware may still program it. */
static struct cell cell_of(uint64_t data)
{
    if (data == CELL_ERASED_DATA)
        return op_erase();
    return (struct cell){.data = data, .check = ecc_check(data), .state = CELL_SOLID};
}

void store_load(struct store *store, uint32_t offset, const void *bytes, uint32_t length)
{
    check_range(store, offset, length);
    if (!has_frames(store)) {
        if (length > 0)
            memcpy(store->ram + offset, bytes, length);
        return;
    }
    const uint8_t *from = bytes;
    while (length > 0) {
        uint32_t skip = offset % 8u;
        uint32_t count = length < 8u - skip ? length : 8u - skip;
        uint8_t word[8];
        uint64_t data;
        store_peek(store, offset - skip, word, 8);
        memcpy(word + skip, from, count);
        memcpy(&data, word, 8);
        store_set_cell(store, offset - skip, cell_of(data));
        from += count;
        offset += count;
        length -= count;
    }
}

void store_peek(const struct store *store, uint32_t offset, void *bytes, uint32_t length)
{
    check_range(store, offset, length);
    if (!has_frames(store)) {
        if (length > 0)
            memcpy(bytes, store->ram + offset, length);
        return;
    }
    uint8_t *to = bytes;
    while (length > 0) {
        uint32_t skip = offset % FRAME_SIZE;
        uint32_t count = length < FRAME_SIZE - skip ? length : FRAME_SIZE - skip;
        memcpy(to, frame_bytes(store->pool, store->frames[offset / FRAME_SIZE]) + skip, count);
        to += count;
        offset += count;
        length -= count;
    }
}

void store_seal(struct store *store)
{
    for (uint32_t page = 0; page < store->frame_count; page++) {
        frame_id sealed = frame_seal(store->pool, store->frames[page]);
        if (sealed != store->frames[page]) {
            store->frames[page] = sealed;
            store->changes++;
        }
    }
}

uint64_t store_digest(const struct store *store)
{
    if (!has_frames(store))
        return XXH3_64bits(store->ram, store->desc->size);
    /* A chunk of frame digests at a time, so that nothing is allocated. */
    uint64_t digests[64];
    uint64_t digest = store->desc->size;
    for (uint32_t page = 0; page < store->frame_count;) {
        uint32_t count = 0;
        while (count < ARRAY_LENGTH(digests) && page < store->frame_count)
            digests[count++] = frame_digest(store->pool, store->frames[page++]);
        digest = XXH3_64bits_withSeed(digests, count * sizeof(digests[0]), digest);
    }
    return digest;
}
