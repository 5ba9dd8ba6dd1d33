/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Knobs by name: "flash.stale-cache" and one of its values, as a board's chip offers them. */
#ifndef TWINBANK_HARNESS_KNOBS_H
#define TWINBANK_HARNESS_KNOBS_H

#include "sim/machine.h"

#include <stdio.h>

#define KNOBS_MAX 32u

struct yamldoc;

/** TB_ERR_INPUT names the knobs, or the values, that there are. */
enum status knob_find(struct machine_knob *knob, const struct board *board, const char *name, const char *value,
                      struct error *err) MUST_CHECK;
/** The same for "NAME=VALUE". */
enum status knob_parse(struct machine_knob *knob, const struct board *board, const char *text,
                       struct error *err) MUST_CHECK;
/** What a scenario's mapping `knobs` chooses: at most KNOBS_MAX. */
enum status knobs_load(struct machine_knob *knobs, uint32_t *count, const struct board *board, struct yamldoc *doc,
                       struct error *err) MUST_CHECK;
/** One line a knob, its values first among them what holds when nobody asks. */
void knobs_print(FILE *out, const struct chip *chip);

#endif
