/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Checks what a sweep did not execute: seeded cases are run again as they would happen, with nothing looked up, and
 * must come to the same cells and the same verdict.
 */
#ifndef TWINBANK_HARNESS_FAULTS_CHECK_H
#define TWINBANK_HARNESS_FAULTS_CHECK_H

#include "harness/faults/chunk.h"

/** Batches of a plan; they are numbered behind the chunks. 0 for samples. */
uint32_t check_count(const struct plan *plan);
/** Does a batch with a worker's memory; the result is an object for the journal. */
json_t *check_run(struct chunk_worker *worker, uint32_t batch);

#endif
