/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Jumper wires: pins of a board that are connected with each other. */
#ifndef TWINBANK_HARNESS_PEERS_JUMPER_H
#define TWINBANK_HARNESS_PEERS_JUMPER_H

#include "sim/device.h"

#define JUMPER_PINS 16u

extern const struct device_model jumper_model;

#endif
