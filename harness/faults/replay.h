/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * One case of a sweep, run from power-on as it would happen, with nothing looked up.
 */
#ifndef TWINBANK_HARNESS_FAULTS_REPLAY_H
#define TWINBANK_HARNESS_FAULTS_REPLAY_H

#include "harness/faults/explore.h"

/** id: as a failure names it. TB_ERR_INPUT if it is no case of this scenario; what was expected is in err. */
enum status replay_case(const struct scenario *scenario, const struct run_options *options, const char *id,
                        struct result *result, struct error *err) MUST_CHECK;

/** One cut of a run from power-on, judged on the same machine: RAM and all that is no cell are as they were. `list` is
 * the rehearsal's. */
const struct judgement *replay_judge(struct legs *legs, struct explorer *explorer, const struct op_list *list,
                                     struct cut cut);
/** A cut as its name says it. */
struct named_cut {
    bool at_end;
    bool behind_boot;      /* no cut: the boot wrote, and power is switched off behind it */
    uint32_t kind, number; /* enum op_kind, and which of them */
    struct cut cut;
};
/** "erase#37/partial:1", "boot" or "end"; false: it is no such name. */
bool cut_parse(const char *text, struct named_cut *cut);

#endif
