/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What is known to follow from cells: "whenever these pages and cells hold this, the outcome is that". An outcome
 * depends on nothing but the cells that were read before they were rewritten, so one run answers for all worlds that
 * agree there.
 *
 * Facts with the same list of places share a read set and are found by one hash of what a world holds there. Where the
 * outcome depends on more than cells, that comes with every call as `apart`: facts of one are none of another.
 */
#ifndef TWINBANK_HARNESS_FAULTS_FACTS_H
#define TWINBANK_HARNESS_FAULTS_FACTS_H

#include "harness/faults/world.h"

struct read_set {
    struct read_mark *marks; /* sorted */
    uint32_t count;
    uint64_t *keys; /* open hash table: what a world holds there; 0: empty */
    uint32_t *values;
    uint32_t used, capacity;
};

struct facts {
    struct read_set *sets;
    uint32_t *order; /* sets by last use, the latest first */
    uint32_t set_count, set_capacity;
};

void facts_free(struct facts *facts);
/** True if something is known of this world: its value, and the read set that tells. */
bool facts_find(struct facts *facts, const struct world *world, uint64_t apart, uint32_t *value, uint32_t *set);
/** marks may be in any order; returns the read set. */
uint32_t facts_add(struct facts *facts, const struct world *world, uint64_t apart, const struct read_mark *marks,
                   uint32_t count, uint32_t value);

/** A growing list of places without repetition. */
struct places {
    struct read_mark *marks;
    uint32_t count, capacity;
    uint8_t *pages; /* noted whole */
    uint8_t *cells;
    uint32_t page_count, cell_count;
};
enum status places_init(struct places *places, const struct world *world, struct error *err) MUST_CHECK;
void places_free(struct places *places);
void places_clear(struct places *places, const struct world *world);
/** Adds what is not there yet, except in pages with erased[page] != 0 (NULL: none): what stands there was written by
 * the run itself. */
void places_add(struct places *places, const struct world *world, const struct read_mark *marks, uint32_t count,
                const uint8_t *erased);

#endif
