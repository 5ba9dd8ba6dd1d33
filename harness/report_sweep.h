/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What a sweep found, read from its JSON for those who show it, and its print on the terminal.
 */
#ifndef TWINBANK_HARNESS_REPORT_SWEEP_H
#define TWINBANK_HARNESS_REPORT_SWEEP_H

#include "harness/report.h"
#include "sim/op.h"

/** A member of an object; 0 and "" if it is not there. */
long long report_number(const struct json_t *object, const char *key);
const char *report_text(const struct json_t *object, const char *key);

/** "1,234,567". */
struct count_text {
    char text[40];
};
struct count_text count_text(uint64_t count);

/** Cuts in one kind of operation in one phase, by what they tore. */
struct coverage_row {
    const char *phase, *kind;
    uint64_t counts[TEAR_COUNT], total;
    bool fits[TEAR_COUNT]; /* the class exists for this kind of operation */
};
/** All rows of a sweep, to be freed; NULL if there are none. */
/** True if it injected faults other than power cuts: their classes are no tears. */
bool sweep_is_faults(const struct json_t *sweep);
struct coverage_row *coverage_rows(const struct json_t *sweep, uint32_t *count);

/** Failures in the order in which people want them: unexpected ones, inconclusive ones, known ones. An array of what
 * "failures" holds, to be freed. */
struct json_t **failures_in_order(const struct json_t *sweep, uint32_t *count);
bool failure_is_known(const struct json_t *failure);
/** Where its first cut is: "cut in line 10: send v2, at 0x08005010 flash_program_start firmware/drivers/flash.c:73". */
void failure_place(const struct json_t *failure, char *text, size_t size);
/** "1 case", "1,200 cases". */
struct count_text cases_text(const struct json_t *failure);

/** Cuts judged in a second, all workers together; 0: not known. */
double sweep_rate(const struct result *result);

/** Behind the line of the verdict. */
void report_print_sweep(struct report *report, const struct result *result);

#endif
