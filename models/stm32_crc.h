/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file CRC unit of the STM32L4/L0. */
#ifndef TWINBANK_MODELS_STM32_CRC_H
#define TWINBANK_MODELS_STM32_CRC_H

#include "sim/device.h"

extern const struct device_model stm32_crc_model;

#endif
