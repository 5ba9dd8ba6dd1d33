/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file DMA controller of the STM32L4/L0: seven channels, each with a request chosen by CSELR. */
#ifndef TWINBANK_MODELS_STM32_DMA_H
#define TWINBANK_MODELS_STM32_DMA_H

#include "sim/device.h"

#define STM32_DMA_CHANNELS 7u

struct stm32_dma_params {
    uint8_t requests[STM32_DMA_CHANNELS]; /* bit n: the channel has a request at CSELR value n */
};

/* Inputs c1s0 to c7s7: the request lines, level 1 while a peripheral wants a transfer; channel and CSELR value.
 * Outputs irq1 to irq7, and for each request c1s0_left to c7s7_left (enum dma_left in model.h). */
extern const struct device_model stm32_dma_model;

#endif
