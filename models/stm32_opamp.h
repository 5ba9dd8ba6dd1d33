/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file The two operational amplifiers of the STM32L47x/L48x, as one device. */
#ifndef TWINBANK_MODELS_STM32_OPAMP_H
#define TWINBANK_MODELS_STM32_OPAMP_H

#include "sim/device.h"

struct stm32_opamp_params {
    uint32_t trim[2];    /* OTR of the factory, at which calibration ends: bits 4-0 N, 12-8 P */
    uint32_t trim_lp[2]; /* LPOTR */
};

extern const struct device_model stm32_opamp_model;

#endif
