/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file RCC of the STM32L4x6. */
#ifndef TWINBANK_MODELS_STM32_RCC_L4_H
#define TWINBANK_MODELS_STM32_RCC_L4_H

#include "sim/device.h"

extern const struct device_model stm32_rcc_l4_model;

#endif
