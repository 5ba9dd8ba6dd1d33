/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file SPI of the STM32L4 (the IP with 4-byte FIFOs and a data size of 4 to 16 bits). */
#ifndef TWINBANK_MODELS_STM32_SPI_V2_H
#define TWINBANK_MODELS_STM32_SPI_V2_H

#include "sim/device.h"

/* Pins: sck, miso, mosi, nss, each as input and output, levels (enum pin_level) or synchronous frames. */
extern const struct device_model stm32_spi_v2_model;

#endif
