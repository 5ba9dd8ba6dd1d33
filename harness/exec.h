/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file twinbank exec: runs a program as a board would and prints what it observed. */
#ifndef TWINBANK_HARNESS_EXEC_H
#define TWINBANK_HARNESS_EXEC_H

#include "harness/options.h"

/** *exit_code: 0, or 3 if the program used what is not modelled. */
enum status exec_command(const struct options *options, int *exit_code, struct error *err) MUST_CHECK;

#endif
