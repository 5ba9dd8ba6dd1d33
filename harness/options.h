/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The command line. One table holds every option: parsing and help come from it.
 */
#ifndef TWINBANK_HARNESS_OPTIONS_H
#define TWINBANK_HARNESS_OPTIONS_H

#include "sim/base.h"

#include <stdio.h>

enum command {
    COMMAND_RUN,
    COMMAND_MERGE,
    COMMAND_EXEC,
    COMMAND_LIST,
    COMMAND_HELP,
    COMMAND_VERSION
};

#define OPTIONS_LIST_MAX 64u

struct options_list {
    const char *values[OPTIONS_LIST_MAX];
    uint32_t count;
};

struct options {
    enum command command;
    char **words; /* what is no option: files, "boards" */
    uint32_t word_count;
    const char *trace_path; /* run, exec; NULL: none */

    /* run */
    uint32_t jobs;
    const char *report_dir;
    const char *images_dir; /* NULL: environment or build directory */
    uint64_t stop_seed, stop_interval;
    const char *case_id;    /* NULL: all */
    uint32_t shard, shards; /* 0: not divided */
    uint32_t sample, seed;  /* 0: all */
    bool resume, no_equivalence;

    /* exec */
    const char *board;
    struct options_list loads, uarts, pins, types, bauds, wires, knobs;
    uint64_t for_ps;
    bool json, verbose;
};

/** Pointers go into argv, whose words may be reordered. */
enum status options_parse(struct options *options, int argc, char **argv, struct error *err) MUST_CHECK;
void options_print_help(FILE *out);

#endif
