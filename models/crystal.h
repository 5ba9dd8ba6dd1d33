/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file A crystal or oscillator soldered to a board. */
#ifndef TWINBANK_MODELS_CRYSTAL_H
#define TWINBANK_MODELS_CRYSTAL_H

#include "sim/device.h"

struct crystal_params {
    uint32_t frequency_hz;
};

extern const struct device_model crystal_model;

#endif
