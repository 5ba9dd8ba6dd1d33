/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What must hold for the journal after power cuts, checked for every case below a given one: boots, appends and cuts in
 * the operations of both, down to a depth. Equal cells with equal demands are looked at once.
 */
#ifndef TWINBANK_JOURNAL_EXPLORE_H
#define TWINBANK_JOURNAL_EXPLORE_H

#include "firmware/journal/journal.h"
#include "harness/tests/journal/cells.h"

/** What the next boot may say; once it said one of them, all later ones must say the same. */
struct belief {
    bool factory; /* no record yet: the boot creates one of state[0] */
    unsigned count;
    struct journal_state state[2];
};

struct explore_options {
    unsigned depth;   /* cuts in a row, the first included */
    unsigned boots;   /* undisturbed ones after the last cut or append */
    unsigned appends; /* after the first cut */
    unsigned draws;   /* of unstable cells at a boot */
    bool all_draws;   /* all of them where that is feasible */
    uint64_t seed;
};

struct explore_figures {
    uint64_t cuts, boots, appends, states, known;
};
extern struct explore_figures explore_figures;

/** What one power session does: a boot, or the start of an app after a boot; then perhaps an append. */
struct action {
    const char *name;
    bool boot;
    bool appends;
    struct journal_state append;
};

struct run {
    struct belief before, decided, after; /* the session, what it began with, and its append */
    struct journal_state append;
    struct cells_ops ops;
    unsigned first_append; /* index in ops */
};

/** Runs a session that begins with a belief (an app: of one state). False after what is wrong was printed. */
bool run_action(const struct action *action, const struct belief *before, struct run *run) MUST_CHECK;
/** What holds after a cut in operation `index` of it. */
struct belief run_belief(const struct run *run, unsigned index);

/** Cuts power in each operation of the session that just ran, with each tear, and looks at all that may follow. The
 * cells are left as before its first operation. False after the first failure, which was printed. */
bool explore_cuts(const struct run *run, const struct explore_options *options) MUST_CHECK;

/** The same for the next boot, with the cells as they read now: it may be cut `depth` times. */
bool explore_boot(const struct belief *belief, const struct explore_options *options) MUST_CHECK;

/** What led here, printed with a failure: how many lines there are, to go back to. */
unsigned trail_mark(void);
void trail_back(unsigned mark);
void trail_add(const char *format, ...) PRINTF_LIKE(1, 2);
void trail_cut(const struct cells_op *op, enum tear tear);

#endif
