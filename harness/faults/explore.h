/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Judges what power cuts leave, to any depth. States with equal cells are one case; states that agree in all that the
 * outcome depends on share it; a state whose whole future is known inherits the cases in it by count.
 */
#ifndef TWINBANK_HARNESS_FAULTS_EXPLORE_H
#define TWINBANK_HARNESS_FAULTS_EXPLORE_H

#include "harness/faults/legs.h"

/** One cut: inside an operation of a run, or at its end. */
struct cut {
    uint32_t op; /* index in the run's op_list; its count: after the last operation */
    uint8_t tear;
    uint8_t seed; /* 1..seeds for tears that are mixtures, else 1 */
};

/** What a case's verdict depends on besides the cells. */
struct situation {
    uint32_t step;    /* that a retry begins with */
    uint32_t out;     /* pairs of never_back whose `after` came before power was cut, bits */
    uint32_t repairs; /* boots that wrote and were switched off behind it, since the cut */
};

/**
 * A boot that wrote is switched off and on again before the interrupted action is repeated, so often at most in a row.
 * What it tidied up is then the same for most cuts, and so is all that follows.
 */
#define REPAIRS_MAX 3u

/** What follows from a state when nothing more happens to it. */
struct judgement {
    uint32_t verdict; /* enum verdict */
    uint32_t cause;   /* number of explorer.causes; NO_CAUSE */
    uint32_t set;     /* of explorer.verdict_facts: the places that decide */
    const struct op_list
        *ops; /* of the boot and the retry: where the next cut can hit; of the boot alone before `next` */
    /* The boot wrote: what follows when power is switched off behind it. NULL: the retry came in that power-on. */
    const struct judgement *next;
    struct never_run never; /* of these, too: for the cut behind them */
    const char *last_seen;
    uint64_t digest; /* of all legs */
};
#define NO_CAUSE UINT32_MAX

/** Failing cases behind a state: how many of a cause, and the first. */
#define CASE_ID_MAX 256u
struct found {
    uint32_t cause;
    uint64_t cases;
    char id[CASE_ID_MAX]; /* of the first, from that state on */
    uint32_t length;      /* in cuts */
    const struct judgement *verdict;
};

/** All cases that lie one or more cuts behind a state. */
struct summary {
    uint64_t cases;
    struct found *found;
    uint32_t found_count;
    uint64_t digest; /* of every verdict, in order */
};

struct explorer {
    struct legs *legs;
    const struct scenario *scenario;
    char **causes;
    uint32_t cause_count;
    struct judgement **verdicts;
    uint32_t verdict_count, verdict_capacity;
    struct facts verdict_facts;             /* kept apart by situation */
    struct facts deep_facts[CUT_DEPTH_MAX]; /* summaries by cuts left, likewise */
    struct summary **summaries;
    uint32_t summary_count, summary_capacity;
    uint64_t *state_keys; /* hash table: cells and situation -> number of a verdict */
    uint32_t *state_values;
    uint32_t state_used, state_capacity;
    struct places touched[REPAIRS_MAX + 1u]; /* of the verdicts that are being made, by repairs */
    uint8_t *erased[REPAIRS_MAX + 1u];       /* pages, likewise */
    struct places deep[CUT_DEPTH_MAX];       /* of the summaries that are being made, by cuts left */
    uint8_t *deep_erased[CUT_DEPTH_MAX];
    uint32_t *deep_sets[CUT_DEPTH_MAX];     /* read sets that are in deep already */
    uint64_t cases_inherited, cases_judged; /* behind a first cut */
};

enum status explorer_open(struct explorer *explorer, struct legs *legs, struct error *err) MUST_CHECK;
void explorer_close(struct explorer *explorer);

/** What the board does with these cells. The result lives as long as the explorer. */
const struct judgement *explorer_judge(struct explorer *explorer, struct world *world, struct situation at);
/** Where one stands behind a boot that wrote, with verdict->next. */
struct situation situation_next(struct situation at, const struct judgement *verdict);

/** Where a cut in the operations of a verdict, or behind them (cut.op is their count), leads from a situation. */
struct situation situation_behind(struct situation at, const struct judgement *verdict, uint32_t op);
/** A leg is over and power is off: what it did to the cells. */
void explorer_switch_off(struct explorer *explorer, struct world *world, uint32_t repairs, const struct outcome *leg);
/** Cells, and the machine that a cut left, are again as they were at the mark. */
void explorer_back_to_cut(struct explorer *explorer, struct world *world, uint32_t repairs, uint32_t mark);

/** All further cuts behind a state that passes; `cuts` left, at least 1. */
const struct summary *explorer_deepen(struct explorer *explorer, struct world *world, struct situation at,
                                      uint32_t cuts, const struct judgement *verdict);

/** Calls for each distinct state that a cut inside an operation can leave, with the world in it. */
typedef void (*explorer_on_tear)(void *context, struct cut cut);
/** Returns the number of states. Cells are as before the operation, and are so again afterwards. */
uint32_t explorer_tear(struct explorer *explorer, struct world *world, const struct leg_op *op, uint32_t index,
                       explorer_on_tear on_tear, void *context);
#define CUT_NAME_BOOT "boot" /* no cut: power is switched off behind a boot that wrote */
/** "erase#37/partial:1"; "end" behind the last operation. Operations are numbered from 1, each kind for itself. */
void cut_name(char *text, size_t size, const struct op_list *list, struct cut cut);
/** The seed for world_cut and machine_power_off: of the scenario, not of a case. */
uint64_t cut_seed(const struct scenario *scenario, struct cut cut);

#endif
