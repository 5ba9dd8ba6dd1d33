/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file The three ADCs of the STM32L47x/L48x with their common registers, as one device. */
#ifndef TWINBANK_MODELS_STM32_ADC_V2_H
#define TWINBANK_MODELS_STM32_ADC_V2_H

#include "sim/device.h"

struct stm32_adc_v2_params {
    uint32_t vrefint_uv;
    uint32_t temperature_uv; /* of the sensor */
    uint32_t vbat_uv;
    uint32_t calfact; /* what a calibration ends with */
};

extern const struct device_model stm32_adc_v2_model;

#endif
