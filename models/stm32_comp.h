/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file The two comparators of the STM32L47x/L48x, as one device. */
#ifndef TWINBANK_MODELS_STM32_COMP_H
#define TWINBANK_MODELS_STM32_COMP_H

#include "sim/device.h"

struct stm32_comp_params {
    uint32_t vrefint_uv;
};

extern const struct device_model stm32_comp_model;

#endif
