/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Runs scenarios in worker processes. Results come in the order of the scenarios, whatever the
 * number of workers.
 */
#ifndef TWINBANK_HARNESS_SUITE_H
#define TWINBANK_HARNESS_SUITE_H

#include "harness/faults/sweep.h"

/** Called in the order of the scenarios. */
typedef void (*suite_on_result)(void *context, const struct result *result);
/** Called whenever a scenario ended, in any order: for a progress line. */
typedef void (*suite_on_progress)(void *context, uint32_t done, uint32_t total);

struct suite {
    struct scenario **scenarios;
    uint32_t count;
    uint32_t jobs;
    struct run_options options;
    struct sweep_options sweep; /* jobs: as above; run, scenarios: the suite's own */
    suite_on_result on_result;
    suite_on_progress on_progress;
    sweep_on_progress on_sweep;
    void *context;
    json_t *passed; /* gets what passed_images_note takes; NULL: nobody asks */
};

#define SUITE_MAX_SCENARIOS 4096u

/** Adds a file, or all .yaml files of a directory in the order of their names, to the list. */
enum status suite_add(struct suite *suite, const char *path, struct error *err) MUST_CHECK;
enum status suite_run(struct suite *suite, struct error *err) MUST_CHECK;
void suite_free(struct suite *suite);

#endif
