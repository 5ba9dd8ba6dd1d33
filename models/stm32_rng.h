/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Random number generator of the STM32L4. */
#ifndef TWINBANK_MODELS_STM32_RNG_H
#define TWINBANK_MODELS_STM32_RNG_H

#include "sim/device.h"

struct stm32_rng_params {
    uint64_t seed; /* of the numbers: number n since power-on is a function of it and of n */
};

extern const struct device_model stm32_rng_model;

#endif
