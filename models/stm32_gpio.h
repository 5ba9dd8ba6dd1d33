/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file GPIO port of the STM32L4/L0 generation: what differs between ports. */
#ifndef TWINBANK_MODELS_STM32_GPIO_H
#define TWINBANK_MODELS_STM32_GPIO_H

#include "sim/device.h"

struct stm32_gpio_params {
    uint32_t port;  /* 0: port A */
    uint32_t pins;  /* mask of the pins that exist */
    uint32_t moder; /* reset values, RM0351 8.4 */
    uint32_t ospeedr;
    uint32_t pupdr;
    uint32_t has_ascr; /* 1 on chips with the ADC switch register (STM32L47x/L48x) */
};

extern const struct device_model stm32_gpio_model;

#endif
