/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file The boards of this build: their tables are beside this file. */
#ifndef TWINBANK_MODELS_BOARDS_BOARDS_H
#define TWINBANK_MODELS_BOARDS_BOARDS_H

#include "sim/chip.h"

extern const struct board board_nucleo_l476rg;
extern const struct board board_nucleo_l476rg_mco;

#endif
