/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file DAC of the STM32L47x/L48x: two channels. */
#ifndef TWINBANK_MODELS_STM32_DAC_V2_H
#define TWINBANK_MODELS_STM32_DAC_V2_H

#include "sim/device.h"

struct stm32_dac_v2_params {
    uint32_t trim; /* OTRIM of the factory, at which calibration ends */
};

extern const struct device_model stm32_dac_v2_model;

#endif
