// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/gpio.h"

static void gpio_a_clock(void)
{
    RCC->AHB2ENR |= RCC_AHB2ENR_GPIOAEN;
    (void)RCC->AHB2ENR;
}

void gpio_a_mode(unsigned pin, enum gpio_mode mode)
{
    gpio_a_clock();
    GPIOA->MODER = (GPIOA->MODER & ~(3u << (2u * pin))) | ((uint32_t)mode << (2u * pin));
}

void gpio_a_alternate(unsigned pin, unsigned function)
{
    const unsigned shift = 4u * (pin % 8u);

    gpio_a_clock();
    GPIOA->AFR[pin / 8u] = (GPIOA->AFR[pin / 8u] & ~(0xfu << shift)) | (function << shift);
    gpio_a_mode(pin, GPIO_ALTERNATE);
}
