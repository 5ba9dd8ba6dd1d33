/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/facts.h"

#include <stdlib.h>
#include <string.h>

static void *must_have(void *memory)
{
    TB_ASSERT(memory != NULL); /* a memo with holes would only cost time, but nothing goes on without memory */
    return memory;
}

void facts_free(struct facts *facts)
{
    for (uint32_t i = 0; i < facts->set_count; i++) {
        free(facts->sets[i].marks);
        free(facts->sets[i].keys);
        free(facts->sets[i].values);
    }
    free(facts->sets);
    free(facts->order);
    memset(facts, 0, sizeof *facts);
}

/** What the world holds at the places of a set, never 0. */
static uint64_t key_of(const struct read_set *set, const struct world *world, uint64_t apart)
{
    uint64_t key = set->count ^ apart;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct read_mark *mark = &set->marks[i];
        if (world->first[mark->store] == WORLD_NO_CELLS) /* ROM: always the same */
            continue;
        uint32_t index = world_index(world, mark->store, mark->offset);
        uint64_t held =
            mark->length == FRAME_SIZE ? world->page_hashes[index / FRAME_CELLS] : world_cell_hash(world, index);
        key = (key ^ held) * 0x9e3779b97f4a7c15u;
        key ^= key >> 29;
    }
    return key != 0 ? key : 1u;
}

static bool set_find(const struct read_set *set, uint64_t key, uint32_t *value)
{
    for (uint32_t i = (uint32_t)key & (set->capacity - 1u); set->keys[i] != 0; i = (i + 1u) & (set->capacity - 1u)) {
        if (set->keys[i] == key) {
            *value = set->values[i];
            return true;
        }
    }
    return false;
}

static void set_put(struct read_set *set, uint64_t key, uint32_t value)
{
    uint32_t i = (uint32_t)key & (set->capacity - 1u);
    while (set->keys[i] != 0 && set->keys[i] != key)
        i = (i + 1u) & (set->capacity - 1u);
    set->used += set->keys[i] == 0;
    set->keys[i] = key;
    set->values[i] = value;
}

static void set_grow(struct read_set *set)
{
    struct read_set old = *set;
    set->capacity = old.capacity > 0 ? 2u * old.capacity : 64u;
    set->used = 0;
    set->keys = must_have(calloc(set->capacity, sizeof *set->keys));
    set->values = must_have(calloc(set->capacity, sizeof *set->values));
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.keys[i] != 0)
            set_put(set, old.keys[i], old.values[i]);
    free(old.keys);
    free(old.values);
}

static void move_to_front(struct facts *facts, uint32_t at)
{
    uint32_t set = facts->order[at];
    memmove(facts->order + 1, facts->order, at * sizeof *facts->order);
    facts->order[0] = set;
}

bool facts_find(struct facts *facts, const struct world *world, uint64_t apart, uint32_t *value, uint32_t *set)
{
    for (uint32_t i = 0; i < facts->set_count; i++) {
        const struct read_set *candidate = &facts->sets[facts->order[i]];
        if (!set_find(candidate, key_of(candidate, world, apart), value))
            continue;
        *set = facts->order[i];
        move_to_front(facts, i);
        return true;
    }
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct read_mark *x = a, *y = b;
    if (x->store != y->store)
        return x->store < y->store ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->length > y->length) - (x->length < y->length);
}

static uint32_t find_or_make_set(struct facts *facts, struct read_mark *sorted, uint32_t count)
{
    for (uint32_t i = 0; i < facts->set_count; i++) {
        if (facts->sets[i].count == count &&
            (count == 0 || memcmp(facts->sets[i].marks, sorted, count * sizeof *sorted) == 0)) {
            free(sorted);
            return i;
        }
    }
    if (facts->set_count == facts->set_capacity) {
        facts->set_capacity = facts->set_capacity > 0 ? 2u * facts->set_capacity : 16u;
        facts->sets = must_have(realloc(facts->sets, facts->set_capacity * sizeof *facts->sets));
        facts->order = must_have(realloc(facts->order, facts->set_capacity * sizeof *facts->order));
    }
    uint32_t made = facts->set_count++;
    facts->sets[made] = (struct read_set){.marks = sorted, .count = count};
    set_grow(&facts->sets[made]);
    facts->order[made] = made;
    move_to_front(facts, made);
    return made;
}

uint32_t facts_add(struct facts *facts, const struct world *world, uint64_t apart, const struct read_mark *marks,
                   uint32_t count, uint32_t value)
{
    struct read_mark *sorted = must_have(malloc((count + 1u) * sizeof *sorted));
    if (count > 0)
        memcpy(sorted, marks, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_place);
    uint32_t index = find_or_make_set(facts, sorted, count);
    struct read_set *set = &facts->sets[index];
    if (2u * set->used >= set->capacity)
        set_grow(set);
    set_put(set, key_of(set, world, apart), value);
    return index;
}

/* --- places ------------------------------------------------------------------------------------ */

enum status places_init(struct places *places, const struct world *world, struct error *err)
{
    memset(places, 0, sizeof *places);
    places->page_count = world->page_count;
    places->cell_count = world->cell_count;
    places->pages = calloc(world->page_count, 1);
    places->cells = calloc(world->cell_count, 1);
    if (places->pages != NULL && places->cells != NULL)
        return TB_OK;
    places_free(places);
    return error_set(err, TB_ERR_MEMORY, "no memory for a list of places");
}

void places_free(struct places *places)
{
    free(places->marks);
    free(places->pages);
    free(places->cells);
    memset(places, 0, sizeof *places);
}

static uint8_t *flag_of(struct places *places, const struct world *world, const struct read_mark *mark)
{
    uint32_t index = world_index(world, mark->store, mark->offset);
    return mark->length == FRAME_SIZE ? &places->pages[index / FRAME_CELLS] : &places->cells[index];
}

void places_clear(struct places *places, const struct world *world)
{
    for (uint32_t i = 0; i < places->count; i++)
        *flag_of(places, world, &places->marks[i]) = 0;
    places->count = 0;
}

void places_add(struct places *places, const struct world *world, const struct read_mark *marks, uint32_t count,
                const uint8_t *erased)
{
    for (uint32_t i = 0; i < count; i++) {
        if (world->first[marks[i].store] == WORLD_NO_CELLS)
            continue;
        uint32_t page = world_index(world, marks[i].store, marks[i].offset) / FRAME_CELLS;
        uint8_t *flag = flag_of(places, world, &marks[i]);
        if (places->pages[page] != 0 || *flag != 0 || (erased != NULL && erased[page] != 0))
            continue;
        *flag = 1;
        if (places->count == places->capacity) {
            places->capacity = places->capacity > 0 ? 2u * places->capacity : 256u;
            places->marks = must_have(realloc(places->marks, places->capacity * sizeof *places->marks));
        }
        places->marks[places->count++] = marks[i];
    }
}
