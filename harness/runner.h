/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Runs one scenario on one machine and says what came of it.
 */
#ifndef TWINBANK_HARNESS_RUNNER_H
#define TWINBANK_HARNESS_RUNNER_H

#include "harness/scenario.h"

enum verdict {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_VACUOUS,      /* nothing was checked */
    VERDICT_INCONCLUSIVE, /* the firmware used something that is not modelled */
    VERDICT_ERROR,        /* the scenario could not be run: our trouble or the user's */
};
const char *verdict_name(enum verdict verdict);

#define RESULT_NOTES 8u

struct json_t; /* jansson's */

/** Plain data: workers send it through pipes. */
struct result {
    char name[80];
    char path[256];
    char title[208];
    uint32_t verdict; /* enum verdict */
    uint32_t note_count;
    char reason[400];                  /* empty for PASS */
    char last_seen[400];               /* where the machine ended */
    char notes[RESULT_NOTES][280];     /* gaps, then guest errors */
    uint64_t virtual_ps, instructions; /* of all power-ons together */
    uint64_t digest, trace_digest;
    uint64_t wall_ns; /* for people only */
    uint64_t programs, erases, remaps, flash_copied_bytes;
    struct json_t *sweep; /* what a sweep found, see docs/scenarios.md; NULL: none. Never sent by a worker */
};

struct run_options {
    const char *images_dir; /* where ELF files for names of functions are */
    uint64_t stop_seed;     /* cut the run into pieces at pseudo-random instruction counts */
    uint64_t stop_interval; /* mean length of a piece; 0: one piece */
    const char *trace_path; /* of a VCD file; NULL: none */
};

void scenario_run(const struct scenario *scenario, const struct run_options *options, struct result *result);

#endif
