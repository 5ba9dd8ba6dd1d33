/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Debug support of the MCU: identification. */
#ifndef TWINBANK_MODELS_STM32_DBGMCU_H
#define TWINBANK_MODELS_STM32_DBGMCU_H

#include "sim/device.h"

struct stm32_dbgmcu_params {
    uint32_t idcode;
};

extern const struct device_model stm32_dbgmcu_model;

#endif
