/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * A sweep's work in pieces: a chunk is a run of operations of the rehearsal, with all that cuts inside them can leave.
 * Chunks do not depend on each other, so that processes, shards and interrupted runs put them together in any way.
 */
#ifndef TWINBANK_HARNESS_FAULTS_CHUNK_H
#define TWINBANK_HARNESS_FAULTS_CHUNK_H

#include "harness/faults/plan.h"

#include <jansson.h>

#define CHUNK_OPS 4u

/** A worker's machine and memory; they end with its process. */
struct chunk_worker {
    const struct plan *plan;
    struct legs legs;
    struct explorer explorer;
    struct world world; /* as before operation `at` of the rehearsal */
    uint32_t at;
    struct legs raw_legs; /* another machine: see check.h */
    struct explorer raw_explorer;
    uint64_t sample_limit; /* cases with a higher lot are left out */
    uint64_t sample_seed;
};

uint32_t chunk_count(const struct plan *plan);
enum status chunk_worker_open(struct chunk_worker *worker, const struct plan *plan, const struct run_options *options,
                              bool no_equivalence, struct error *err) MUST_CHECK;
/** Does one chunk; the result is an object for the journal. Chunks in rising order are the quickest. */
json_t *chunk_run(struct chunk_worker *worker, uint32_t index);

/** The worker's other machine, made when it is needed first: everything is executed on it. */
struct explorer *chunk_raw(struct chunk_worker *worker);
/** Brings the worker's cells to where they were before an operation of the rehearsal. */
void chunk_go_to(struct chunk_worker *worker, uint32_t op);

/** The lot of a first cut in a sample. */
uint64_t case_lot(uint64_t seed, struct cut cut);
/** The lot up to which `sample` cases are drawn. */
uint64_t sample_limit(const struct plan *plan, uint64_t sample, uint64_t seed);

#endif
