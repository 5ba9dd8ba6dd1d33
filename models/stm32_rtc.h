/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Real-time clock of the STM32L4 (the IP with WUTR, SSR and 32 backup registers). */
#ifndef TWINBANK_MODELS_STM32_RTC_H
#define TWINBANK_MODELS_STM32_RTC_H

#include "sim/device.h"

extern const struct device_model stm32_rtc_model;

#endif
