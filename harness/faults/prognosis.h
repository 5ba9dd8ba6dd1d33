/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What a failure comes to. A case fails at the first thing that does not hold; whether the board is lost then, or only
 * late, is told by trying again.
 */
#ifndef TWINBANK_HARNESS_FAULTS_PROGNOSIS_H
#define TWINBANK_HARNESS_FAULTS_PROGNOSIS_H

#include "harness/faults/explore.h"

#define PROGNOSIS_TEXT 100u

/**
 * Somebody repeats the interrupted action, once and after each of the `reboots`, from the cells that the cut left:
 *  "a retry mends it": one of these brings what after_retry wants, for good;
 *  "no retry mends it": none does, though an app of each_boot runs at times;
 *  "bricked": none ever runs.
 * Behind it, ", first double word of bank 2 torn" if it is: boot ROMs trip over it. All that was read is noted as what
 * the verdict depends on.
 */
void prognosis(struct explorer *explorer, struct world *world, struct situation at, struct judgement *verdict,
               char *text, size_t size);

#endif
