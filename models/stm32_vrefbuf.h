/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Voltage reference buffer of the STM32L4. */
#ifndef TWINBANK_MODELS_STM32_VREFBUF_H
#define TWINBANK_MODELS_STM32_VREFBUF_H

#include "sim/device.h"

struct stm32_vrefbuf_params {
    uint32_t trim; /* TRIM of the factory */
};

extern const struct device_model stm32_vrefbuf_model;

#endif
