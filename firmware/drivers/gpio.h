// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Pins of port A.
#ifndef TWINBANK_DRIVERS_GPIO_H
#define TWINBANK_DRIVERS_GPIO_H

#include "chip/stm32l476.h"

enum gpio_mode {
    GPIO_INPUT = 0,
    GPIO_OUTPUT = 1,
    GPIO_ALTERNATE = 2,
    GPIO_ANALOG = 3,
};

void gpio_a_mode(unsigned pin, enum gpio_mode mode);
void gpio_a_alternate(unsigned pin, unsigned function);

static inline void gpio_a_toggle(unsigned pin)
{
    const uint32_t bit = 1u << pin;

    // BSRR: the low half sets, the high half clears, in one write.
    GPIOA->BSRR = (GPIOA->ODR & bit) != 0 ? bit << 16 : bit;
}

#endif
