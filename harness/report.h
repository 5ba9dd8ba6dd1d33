/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Results for people (terminal) and for machines (JUnit XML, JSON).
 */
#ifndef TWINBANK_HARNESS_REPORT_H
#define TWINBANK_HARNESS_REPORT_H

#include "harness/runner.h"

#include <stdio.h>

struct report {
    FILE *out;
    bool is_terminal; /* a progress line may be drawn and erased */
    bool legend_printed;
    struct result *results;
    uint32_t count;
    uint32_t verdicts[VERDICT_ERROR + 1u];
};

enum status report_begin(struct report *report, FILE *out, uint32_t expected, struct error *err) MUST_CHECK;
/** Prints a result at once and keeps it for the files. */
void report_add(struct report *report, const struct result *result);
/** Prints what came of one case of a sweep. */
void report_case(struct report *report, const struct result *result, const char *id);
void report_progress(struct report *report, uint32_t done, uint32_t total);
/** A progress line for the chunks of a sweep. */
void report_sweep_progress(struct report *report, const char *name, uint32_t done, uint32_t total, uint64_t cases);
/** The last line; returns the exit code: 0 all pass, 1 a failure, 2 could not be run, 3 no verdict. */
int report_end(struct report *report, uint64_t wall_ns);
void report_free(struct report *report);

/** A result as twinbank.json has it, without what a sweep found; and back. */
struct json_t *report_result_json(const struct result *result);
void report_result_from_json(struct result *result, const struct json_t *json);
/** Makes a directory if it is not there. */
enum status report_make_directory(const char *directory, struct error *err) MUST_CHECK;
/** One page for people, with all that it needs. */
enum status report_write_html(const struct report *report, const char *path, struct error *err) MUST_CHECK;
/** Writes twinbank.xml (JUnit), twinbank.json and report.html into a directory, which is made if need be. */
enum status report_write_files(const struct report *report, const char *directory, struct error *err) MUST_CHECK;

#endif
