/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file USART, UART and LPUART of the STM32L4/L0 (the IP with ISR, ICR, RDR and TDR). */
#ifndef TWINBANK_MODELS_STM32_USART_V3_H
#define TWINBANK_MODELS_STM32_USART_V3_H

#include "sim/device.h"

struct stm32_usart_v3_params {
    uint32_t tx_af; /* alternate function that carries TX and RX on any of the chip's pins */
    uint32_t rx_af;
    uint32_t low_power; /* 1: an LPUART, BRR counts 1/256 of the kernel clock */
};

extern const struct device_model stm32_usart_v3_model;
extern const struct device_model stm32_uart_v3_model; /* without synchronous and smartcard mode */
extern const struct device_model stm32_lpuart_v3_model;

#endif
