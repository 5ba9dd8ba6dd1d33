/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file I2C of the STM32L4/L0 (the IP with TIMINGR). */
#ifndef TWINBANK_MODELS_STM32_I2C_V2_H
#define TWINBANK_MODELS_STM32_I2C_V2_H

#include "sim/device.h"

struct stm32_i2c_v2_params {
    uint32_t wakes_from_stop2; /* 1: an address wakes the chip from Stop 2, not only from Stop 0 and 1 */
};

extern const struct device_model stm32_i2c_v2_model;

#endif
