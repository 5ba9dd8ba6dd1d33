/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file twinbank list: what this build can emulate, read from the chip and board tables. */
#ifndef TWINBANK_HARNESS_LIST_H
#define TWINBANK_HARNESS_LIST_H

#include "harness/options.h"

enum status list_command(const struct options *options, struct error *err) MUST_CHECK;

#endif
