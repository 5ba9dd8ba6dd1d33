/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Faults other than lost power, one in a run: a byte or the cable of a serial line, a reset inside an operation, bits
 * that turn over, an operation that ends with an error. Each case is run from power-on: it depends on more than cells.
 */
#ifndef TWINBANK_HARNESS_FAULTS_FAULTS_H
#define TWINBANK_HARNESS_FAULTS_FAULTS_H

#include "harness/faults/plan.h"

#include <jansson.h>

#define FAULTS_PER_CHUNK 4u
#define NO_BIT           0xffu

enum fault_kind {
    FAULT_BYTE,
    FAULT_CABLE,
    FAULT_RESET,
    FAULT_FLIP,
    FAULT_OP_ERROR
};

struct fault {
    uint8_t kind;     /* enum fault_kind */
    uint8_t what;     /* FAULT_BYTE: enum line_fault; FAULT_RESET: enum reset_kind */
    uint8_t way;      /* enum line_way */
    uint8_t op_kind;  /* enum op_kind */
    uint8_t tear;     /* enum tear */
    uint8_t bits[2];  /* 0..63 data, 64..71 check; NO_BIT */
    uint32_t number;  /* of a byte, an operation, a pulled cable, from 1 */
    uint32_t address; /* of a flip, in the unswapped map */
    uint32_t step;    /* in which the rehearsal gets there */
};

struct fault_list {
    struct fault *faults;
    uint32_t count, capacity;
};

/* faults_list.c */
/** All that the scenario asks for, in a fixed order; `sample` (0: all) of them are drawn by `seed`. */
void faults_list_make(struct fault_list *list, const struct plan *plan, uint64_t sample, uint64_t seed);
void faults_list_free(struct fault_list *list);
uint32_t faults_chunk_count(const struct fault_list *list);
/** "byte#123/lost", "answer#4/doubled", "cable#4", "pin-reset@erase#37/partial:1", "flip@0x08004010/bit5+check2",
 * "op-error@program#12". */
void fault_name(char *text, size_t size, const struct fault *fault);
/** Kind and class for the table of what was covered. */
void fault_classes(const struct fault *fault, const char **kind, const char **class_name);
/** The fault with this name. */
enum status fault_parse(struct fault *fault, const char *id, struct error *err) MUST_CHECK;

/* faults_play.c */
struct fault_verdict {
    uint32_t verdict; /* enum verdict */
    char cause[700];  /* empty: it passed */
    char last_seen[400];
    uint64_t digest;
};
/** One case, run as it would happen. `legs` and `explorer` are those of the scenario. TB_ERR_INPUT: the run has no such
 * place. */
enum status fault_play(struct legs *legs, struct explorer *explorer, const struct fault *fault,
                       struct fault_verdict *verdict, struct error *err) MUST_CHECK;
/** `--case` of a scenario with faults. */
enum status fault_replay(const struct scenario *scenario, const struct run_options *options, const char *id,
                         struct result *result, struct error *err) MUST_CHECK;

/* faults_chunk.c */
/** A worker's answer for the journal, as chunk_run's. NULL: no memory, or a bug. */
json_t *faults_chunk_run(struct legs *legs, struct explorer *explorer, const struct plan *plan,
                         const struct fault_list *list, uint32_t index);

#endif
