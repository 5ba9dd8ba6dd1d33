/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/world.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static uint64_t hash_of(const struct cell *cell, uint32_t index)
{
    return XXH3_64bits_withSeed(cell, sizeof *cell, index);
}

static enum status allocate(struct world *world, struct error *err)
{
    world->cells = calloc(world->cell_count, sizeof *world->cells);
    world->page_hashes = calloc(world->page_count, sizeof *world->page_hashes);
    world->page_unstable = calloc(world->page_count, sizeof *world->page_unstable);
    if (world->cells != NULL && world->page_hashes != NULL && world->page_unstable != NULL)
        return TB_OK;
    world_free(world);
    return error_set(err, TB_ERR_MEMORY, "no memory for %u cells", world->cell_count);
}

static void put(struct world *world, uint32_t index, struct cell cell)
{
    uint32_t page = index / FRAME_CELLS;
    uint64_t change = hash_of(&world->cells[index], index) ^ hash_of(&cell, index);
    int unstable = (int)cell_is_unstable(cell) - (int)cell_is_unstable(world->cells[index]);
    world->page_hashes[page] ^= change;
    world->hash ^= change;
    world->page_unstable[page] = (uint16_t)(world->page_unstable[page] + unstable);
    world->unstable = (uint32_t)((int)world->unstable + unstable);
    world->cells[index] = cell;
}

static void set(struct world *world, uint32_t index, struct cell cell)
{
    if (cell_equal(world->cells[index], cell))
        return;
    if (world->change_count == world->change_capacity) {
        uint32_t capacity = world->change_capacity > 0 ? 2u * world->change_capacity : 4096u;
        struct world_change *grown = realloc(world->changes, capacity * sizeof *grown);
        TB_ASSERT(grown != NULL); /* without it nothing could be taken back */
        world->changes = grown;
        world->change_capacity = capacity;
    }
    world->changes[world->change_count++] = (struct world_change){index, world->cells[index]};
    put(world, index, cell);
}

enum status world_init(struct world *world, const struct machine *machine, const struct chip *chip, uint64_t seed,
                       struct error *err)
{
    memset(world, 0, sizeof *world);
    world->seed = seed;
    world->store_count = chip->store_count;
    if (chip->store_count > WORLD_STORES)
        return error_set(err, TB_ERR_UNSUPPORTED, "%s has more than %u stores", chip->name, WORLD_STORES);
    for (uint32_t s = 0; s < chip->store_count; s++) {
        world->first[s] = chip->stores[s].kind == STORE_FLASH ? world->cell_count : WORLD_NO_CELLS;
        if (chip->stores[s].kind == STORE_FLASH)
            world->cell_count += chip->stores[s].size / 8u;
    }
    world->page_count = world->cell_count / FRAME_CELLS;
    enum status status = allocate(world, err);
    if (status != TB_OK)
        return status;
    for (uint32_t i = 0; i < world->cell_count; i++) {
        uint64_t hash = hash_of(&world->cells[i], i);
        world->page_hashes[i / FRAME_CELLS] ^= hash;
        world->hash ^= hash;
    }
    for (uint32_t s = 0; s < chip->store_count; s++)
        for (uint32_t offset = 0; world->first[s] != WORLD_NO_CELLS && offset < chip->stores[s].size; offset += 8u)
            put(world, world->first[s] + offset / 8u, machine_cell_at(machine, s, offset));
    return TB_OK;
}

enum status world_copy(struct world *to, const struct world *from, struct error *err)
{
    *to = *from;
    to->changes = NULL;
    to->change_count = to->change_capacity = 0;
    enum status status = allocate(to, err);
    if (status != TB_OK)
        return status;
    memcpy(to->cells, from->cells, from->cell_count * sizeof *from->cells);
    memcpy(to->page_hashes, from->page_hashes, from->page_count * sizeof *from->page_hashes);
    memcpy(to->page_unstable, from->page_unstable, from->page_count * sizeof *from->page_unstable);
    return TB_OK;
}

void world_free(struct world *world)
{
    free(world->cells);
    free(world->page_hashes);
    free(world->page_unstable);
    free(world->changes);
    world->cells = NULL;
    world->page_hashes = NULL;
    world->page_unstable = NULL;
    world->changes = NULL;
}

uint32_t world_index(const struct world *world, uint32_t store, uint32_t offset)
{
    TB_ASSERT(world->first[store] != WORLD_NO_CELLS);
    return world->first[store] + offset / 8u;
}

uint64_t world_cell_hash(const struct world *world, uint32_t index)
{
    return hash_of(&world->cells[index], index);
}

uint32_t world_mark(const struct world *world)
{
    return world->change_count;
}

void world_rewind(struct world *world, uint32_t mark)
{
    while (world->change_count > mark) {
        const struct world_change *change = &world->changes[--world->change_count];
        put(world, change->index, change->before);
    }
}

void world_settle(struct world *world)
{
    world->change_count = 0;
}

void world_complete(struct world *world, const struct op *op)
{
    uint32_t first = world_index(world, op->store, op->offset);
    for (uint32_t i = first; i < first + op->length / 8u; i++)
        set(world, i, op_complete_cell(op, world->cells[i]));
}

/** The page behind a store's last one. Stores lie one behind the other, in their order. */
static uint32_t end_page(const struct world *world, uint32_t store)
{
    while (++store < world->store_count)
        if (world->first[store] != WORLD_NO_CELLS)
            return world->first[store] / FRAME_CELLS;
    return world->page_count;
}

/** Every unstable cell reads in another mode from now on: as the machine at each reset. */
static void draw_modes(struct world *world)
{
    for (uint32_t s = 0; world->unstable > 0 && s < world->store_count; s++) {
        if (world->first[s] == WORLD_NO_CELLS)
            continue;
        for (uint32_t page = world->first[s] / FRAME_CELLS; page < end_page(world, s); page++) {
            if (world->page_unstable[page] == 0)
                continue;
            for (uint32_t i = page * FRAME_CELLS; i < (page + 1u) * FRAME_CELLS; i++) {
                uint32_t offset = (i - world->first[s]) * 8u;
                set(world, i, cell_after_reset(world->cells[i], cell_mode_seed(world->seed, s, offset)));
            }
        }
    }
}

void world_cut(struct world *world, const struct op *op, enum tear tear, uint64_t seed)
{
    draw_modes(world);
    if (op == NULL)
        return;
    uint32_t first = world_index(world, op->store, op->offset);
    for (uint32_t i = 0; i < op->length / 8u; i++)
        set(world, first + i, op_tear_cell(op, op->offset + i * 8u, world->cells[first + i], tear, seed));
}

void world_show(const struct world *world, const struct world *base, struct machine *machine)
{
    for (uint32_t s = 0; s < world->store_count; s++) {
        if (world->first[s] == WORLD_NO_CELLS)
            continue;
        uint32_t first = world->first[s] / FRAME_CELLS;
        for (uint32_t page = first; page < end_page(world, s); page++)
            if (world->page_hashes[page] != base->page_hashes[page])
                machine_set_page(machine, s, page - first, &world->cells[page * FRAME_CELLS]);
    }
}
