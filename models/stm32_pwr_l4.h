/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file PWR of the STM32L4x6. */
#ifndef TWINBANK_MODELS_STM32_PWR_L4_H
#define TWINBANK_MODELS_STM32_PWR_L4_H

#include "sim/device.h"

struct stm32_pwr_l4_params {
    uint32_t store_sram1; /* loses its contents in Standby and Shutdown */
    uint32_t store_sram2; /* in Standby only without PWR_CR3.RRS */
};

extern const struct device_model stm32_pwr_l4_model;

#endif
