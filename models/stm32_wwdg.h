/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Window watchdog of the STM32L4/L0. */
#ifndef TWINBANK_MODELS_STM32_WWDG_H
#define TWINBANK_MODELS_STM32_WWDG_H

#include "sim/device.h"

extern const struct device_model stm32_wwdg_model;

#endif
