/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Words as people write them in scenario files and on the command line: durations, addresses,
 * counts, and the nearest known word to one that is not known.
 */
#ifndef TWINBANK_HARNESS_TEXT_H
#define TWINBANK_HARNESS_TEXT_H

#include "sim/base.h"

/** "1.65V" or "900mV": a number with up to six digits behind the point, no sign; up to 5 V. */
#define VOLTAGE_MOST_UV 5000000u
enum status parse_voltage(const char *text, size_t length, uint32_t *microvolts) MUST_CHECK;
/** "500 ms", "2 s", "100 us", "3ns"; a unit is required. No sign, no fraction. */
enum status parse_duration(const char *text, uint64_t *ps) MUST_CHECK;
/** What parse_duration and parse_number want, for messages. */
#define DURATION_EXPECTED "a number and a unit (ns, us, ms, s), as in \"500 ms\""
#define NUMBER_EXPECTED   "a number, as in 4096 or 0x08080000"

/** Decimal or 0x hexadecimal, 0..UINT32_MAX, nothing behind it. */
enum status parse_number(const char *text, uint32_t *value) MUST_CHECK;

/** How many of something are allowed. */
struct count_range {
    uint64_t least, most;
};
/** "3", "at least 3", "at most 3". */
enum status parse_count(const char *text, struct count_range *range) MUST_CHECK;
#define COUNT_EXPECTED "a count, as in 3, \"at least 3\" or \"at most 3\""

/** Insertions, deletions, replacements and swaps of neighbours that lead from a to b. */
unsigned edit_distance(const char *a, const char *b);
/** Keeps the nearer of two words; start with *best = NULL. */
void nearest_word(const char *word, const char *candidate, const char **best, unsigned *distance);
/** "; did you mean 'x'?" or "" when best is NULL or too far to be meant. The text is static. */
const char *did_you_mean(const char *best, unsigned distance);

#endif
