/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Extended interrupts and events controller of the STM32L4. */
#ifndef TWINBANK_MODELS_STM32_EXTI_H
#define TWINBANK_MODELS_STM32_EXTI_H

#include "sim/device.h"

extern const struct device_model stm32_exti_model;

#endif
