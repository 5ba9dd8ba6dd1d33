/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The rehearsal: the run without faults, which must pass, and what it offers to cut. Plain data: it outlives the
 * machine.
 */
#ifndef TWINBANK_HARNESS_FAULTS_PLAN_H
#define TWINBANK_HARNESS_FAULTS_PLAN_H

#include "harness/faults/explore.h"

/** Instructions [from, to), all power-ons together, in which every one is a place to cut. */
struct cut_range {
    uint64_t from, to;
};

/** How far the rehearsal was when a step began. */
struct plan_mark {
    uint64_t time_ps;
    uint64_t bytes[LINE_WAYS]; /* on the port of faults.bytes */
};

struct plan {
    const struct scenario *scenario;
    struct result rehearsal;
    struct op_list list;
    uint32_t first;            /* operations before it belong to start.until */
    uint32_t out_at_end;       /* pairs of never_back whose `after` came, bits */
    uint64_t first_ps, end_ps; /* of what may be cut */
    uint64_t first_instructions, end_instructions;
    struct cut_range *ranges;
    uint32_t range_count;
    struct plan_place {
        uint32_t pc;
        char text[120];
    } *places;
    uint32_t place_count;
    struct plan_mark *marks; /* for each step, and the end */
};

/** Rehearses. A rehearsal that does not pass is in plan->rehearsal, and no error. */
enum status plan_make(struct plan *plan, const struct scenario *scenario, const struct run_options *options,
                      struct error *err) MUST_CHECK;
void plan_free(struct plan *plan);

/** True if cuts inside this operation were asked for. */
bool plan_cuts_inside(const struct plan *plan, uint32_t op);
/** Asked for by time or instruction: how many places lie in the gap before an operation (op == list.count: behind the
 * last one), and how many inside it. */
uint64_t plan_instants_before(const struct plan *plan, uint32_t op);
uint64_t plan_instants_inside(const struct plan *plan, uint32_t op);
/** What a cut inside an operation, or behind the last one (op == list.count), leads to besides its cells. Between two
 * operations it is that of the next one, as are the cells. */
struct situation plan_situation(const struct plan *plan, uint32_t op);
/** Where an operation was begun: function and line. */
const char *plan_place(const struct plan *plan, uint32_t op);

#endif
