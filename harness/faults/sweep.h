/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * A scenario's cases, swept by worker processes. Finished chunks go to a journal, line by line: an interrupted sweep
 * goes on from there, and the journals of shards join to that of the whole.
 */
#ifndef TWINBANK_HARNESS_FAULTS_SWEEP_H
#define TWINBANK_HARNESS_FAULTS_SWEEP_H

#include "harness/faults/chunk.h"

struct sweep_options {
    uint32_t jobs;
    uint32_t shard, shards; /* 1..shards; 0 of 0: all */
    uint64_t sample;        /* cases; 0: all */
    uint64_t sample_seed;
    const char *report_dir; /* NULL: no journal */
    bool resume;
    bool no_equivalence;
    uint64_t run;       /* digest of all scenarios of the run, by name, */
    uint32_t scenarios; /* and their number: what merge must find */
};

/** For a progress line: chunks, and cases so far. */
typedef void (*sweep_on_progress)(void *context, const char *name, uint32_t done, uint32_t total, uint64_t cases);

/**
 * Rehearses and sweeps. *out: what was found, an object as in twinbank.json ("sweep"); NULL if the rehearsal did not
 * pass. The result has the verdict of all.
 */
enum status sweep_run(const struct scenario *scenario, const struct run_options *options,
                      const struct sweep_options *sweep, sweep_on_progress on_progress, void *context,
                      struct result *result, json_t **out, struct error *err) MUST_CHECK;

/** The journal of a scenario in a report directory. */
void journal_path(char *path, size_t size, const char *directory, const char *name);
/** The journal of a scenario without cuts, or of one that did not get to them: its result. Without a report directory
 * nothing is written. */
enum status journal_write_plain(const struct scenario *scenario, const struct result *result,
                                const struct sweep_options *options, struct error *err) MUST_CHECK;
/** The first line of a journal; NULL if there is none. */
json_t *journal_header(const char *path);
/** Joins headers and chunks of several journals of one plan and the same images; the first error names the file. */
enum status journal_join(json_t **header, json_t **chunks, const char *path, struct error *err) MUST_CHECK;
/** Verdict and report of chunks that belong to a header. */
json_t *sweep_conclude(const json_t *header, const json_t *chunks, struct result *result);

#endif
