/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file `twinbank merge`: the reports of shards become that of the whole. */
#ifndef TWINBANK_HARNESS_MERGE_H
#define TWINBANK_HARNESS_MERGE_H

#include "harness/options.h"

/** Reads the journals in the directories named, prints and writes the report. Missing parts are an error. */
enum status merge_command(const struct options *options, int *exit_code, struct error *err) MUST_CHECK;

#endif
