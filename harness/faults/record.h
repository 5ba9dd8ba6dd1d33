/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The operations of one run, in order: where power can be cut, and what the run did to the cells.
 */
#ifndef TWINBANK_HARNESS_FAULTS_RECORD_H
#define TWINBANK_HARNESS_FAULTS_RECORD_H

#include "harness/faults/world.h"
#include "harness/session.h"

enum leg_event {
    LEG_OP_DONE,
    LEG_OP_OPEN,  /* under way when the run ended: cells are as before */
    LEG_OP_RESET, /* a reset tore it */
    LEG_RESET,    /* between operations */
};

struct leg_op {
    struct op op;                   /* all zero for LEG_RESET */
    uint64_t time_ps, instructions; /* when it began, all power-ons together */
    uint64_t end_ps, end_instructions;
    uint32_t pc;
    uint32_t number; /* among the operations of its kind, from 1 */
    uint16_t step;   /* of the scenario */
    uint8_t event;   /* enum leg_event */
    bool asked;      /* of the run's never_run when it began */
    uint32_t said;   /* likewise */
};

/** Pairs of never_back whose `after` is out when an operation begins, if `before` were out before the run. */
static inline uint32_t leg_op_out(uint32_t before, const struct leg_op *op)
{
    return never_out(before, &(struct never_run){.said = op->said, .asked = op->asked});
}

struct op_list {
    struct leg_op *ops;
    uint32_t count, capacity;
};

struct recorder {
    const struct session *session;
    struct op_list list;
    uint32_t counts[OP_KIND_COUNT];
    bool reset_noted;   /* the reset under way tore an operation, which is noted */
    uint32_t power_ons; /* since the run began */
    /* Power is lost inside this operation of the run, numbered among its kind from 1; number 0: nowhere. */
    uint32_t cut_kind, cut_number;
    bool cut_done;
    bool cut_once;                  /* the run goes on after it */
    enum op_gate_answer cut_answer; /* then: how; else power is lost */
};

/** Records from now on; at most one recorder a machine. */
void recorder_attach(struct recorder *recorder, const struct session *session);
/** Forgets what was recorded, and where to cut. */
void recorder_restart(struct recorder *recorder);
void recorder_detach(struct recorder *recorder);
void op_list_free(struct op_list *list);
/** What the events first..last-1 did to the cells. erased (NULL: not wanted): set to 1 for pages erased on the way. */
void op_list_play(const struct op_list *list, uint32_t first, uint32_t last, struct world *world, uint8_t *erased);
/** The part of "erase#37": program, erase, option-erase, option-program. */
const char *op_kind_name(enum op_kind kind);

#endif
