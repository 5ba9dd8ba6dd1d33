/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What follows a power cut, in legs that each begin with power-up: a boot until the board says what it runs, or a boot
 * and the interrupted action once more. Legs are looked up before they are run: a leg depends only on the cells that it
 * read before it rewrote them.
 */
#ifndef TWINBANK_HARNESS_FAULTS_LEGS_H
#define TWINBANK_HARNESS_FAULTS_LEGS_H

#include "harness/faults/facts.h"
#include "harness/faults/record.h"
#include "harness/session.h"

#define LEG_WATCHDOGS 8u /* that the board may wait for before it says what is waited for */

enum leg_kind {
    LEG_BOOT,
    LEG_RETRY
};

#define OPTIONS_TEXT 120u

/** How a leg ended. */
struct outcome {
    uint32_t verdict; /* enum verdict */
    uint32_t text;    /* index in each_boot.any_of: what the board said first */
    const struct op_list *ops;
    uint64_t digest;        /* of all observations */
    struct never_run never; /* texts of never_back that came */
    uint64_t time_ps, instructions;
    bool booted;                /* it said something of each_boot.any_of */
    char options[OPTIONS_TEXT]; /* describe_options() at the end of it */
    char *cause;                /* what failed and where it ended; NULL: nothing */
    char *last_seen;            /* likewise, in detail */
};

struct legs {
    const struct scenario *scenario;
    const struct run_options *options;
    bool no_equivalence;  /* run everything */
    struct snapshot *cut; /* not NULL: judge this machine as the cut left it, RAM and all, and no world */
    struct session session;
    struct result result;
    struct snapshot *off; /* the board before its first power-on */
    struct world base;    /* its cells */
    struct recorder recorder;

    struct facts boots;
    struct facts *retries; /* for each step that a retry begins with */
    struct outcome **outcomes;
    uint32_t outcome_count, outcome_capacity;
    const char **texts; /* each_boot.any_of */

    uint32_t torn[16][2]; /* store and page that the cuts in question tore: watched finely when boots read them */
    uint32_t torn_count;

    uint64_t boots_run, retries_run, instructions_run; /* a retry is not counted as a boot */
    uint64_t boots_ns, retries_ns;                     /* of the host, for people only */
};

enum status legs_open(struct legs *legs, const struct scenario *scenario, const struct run_options *options,
                      struct error *err) MUST_CHECK;
void legs_close(struct legs *legs);

/** What the board does with these cells. `set` (NULL: not wanted) gets the places that decide. The outcome lives as
 * long as legs. */
const struct outcome *legs_run(struct legs *legs, const struct world *world, enum leg_kind kind, uint32_t step,
                               const struct read_set **set);
/** Live only: power is off behind a leg; and back to the moment of the cut. */
void legs_switch_off(struct legs *legs);
void legs_back_to_cut(struct legs *legs);
/** The same on a machine as it is, without power, with nothing looked up; the caller frees cause and last_seen, and the
 * operations are in legs->recorder. */
void legs_play(struct legs *legs, enum leg_kind kind, uint32_t step, struct outcome *outcome);
/** From these cells a boot and the interrupted action, until power is lost inside an operation of it. Nothing is looked
 * up; the cells are the machine's then. */
void legs_cut(struct legs *legs, const struct world *world, uint32_t step, const struct leg_op *op, enum tear tear,
              uint64_t seed);
/** Plays the steps from `step` on, and waits for what after_retry wants. */
void legs_repeat(struct legs *legs, uint32_t step);
/** What failed, without what differs from case to case: the function where it ended, not the address. */
void legs_name_cause(struct session *session, char *cause, size_t size);
/** The step that somebody repeats after power was lost in `step`: the last one before it that does something. */
uint32_t legs_retry_step(const struct scenario *scenario, uint32_t step);
/** True if this text is the one that after_retry wants: nothing is left to do. */
bool legs_is_final(const struct scenario *scenario, uint32_t text);

#endif
