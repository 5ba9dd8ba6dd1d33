/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Option bytes that a scenario starts with: names from its file, places from the chip's table. */
#ifndef TWINBANK_HARNESS_OPTION_BYTES_H
#define TWINBANK_HARNESS_OPTION_BYTES_H

#include "harness/scenario_loader.h"

/** Refuses what the scenario's chip does not have. */
enum status option_bytes_check(struct loader *loader, const struct start_options *options);
/** Writes them as production would have left them; power is off. */
enum status option_bytes_load(struct machine *machine, const struct chip *chip, const struct start_options *options,
                              struct error *err) MUST_CHECK;

#endif
