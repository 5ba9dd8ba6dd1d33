/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The I2Cs of the STM32L476: parameters, and their wires to pins, interrupts and DMA.
 * Included by stm32l476.c alone.
 */
#ifndef TWINBANK_MODELS_CHIPS_STM32L476_I2C_H
#define TWINBANK_MODELS_CHIPS_STM32L476_I2C_H

#include "../stm32_i2c_v2.h"

/* RM0351 5.3.8: of the three only I2C3 wakes the chip from Stop 2. */
static const struct stm32_i2c_v2_params i2c1_params = {0};
static const struct stm32_i2c_v2_params i2c3_params = {1};

#define STM32L476_I2C_DEVICES                                                                                          \
    {"i2c1", &stm32_i2c_v2_model, 0x40005400u, KIB, &i2c1_params},                                                     \
        {"i2c2", &stm32_i2c_v2_model, 0x40005800u, KIB, &i2c1_params},                                                 \
    {                                                                                                                  \
        "i2c3", &stm32_i2c_v2_model, 0x40005c00u, KIB, &i2c3_params                                                    \
    }

/* Each pin both ways: the unit sees its own drive, and what others do to the line. */
#define I2C_PIN(signal, port, pin)                                                                                     \
    {signal, "gpio" port ".af4out" pin},                                                                               \
    {                                                                                                                  \
        "gpio" port ".af4in" pin, signal                                                                               \
    }
#define I2C_UNIT(name, event, error)                                                                                   \
    {"rcc." name "_ker", name ".ker"}, {"pwr.mode", name ".stop"}, {name ".irq_ev", "nvic." event},                    \
    {                                                                                                                  \
        name ".irq_er", "nvic." error                                                                                  \
    }

/* Pins: DS10198 tables 17 and 18, all in AF4. Interrupts: RM0351 table 58. Requests: RM0351 tables 44 and 45. */
#define STM32L476_I2C_WIRES                                                                                            \
    I2C_UNIT("i2c1", "31", "32"), I2C_PIN("i2c1.scl", "b", "6"), I2C_PIN("i2c1.scl", "b", "8"),                        \
        I2C_PIN("i2c1.scl", "g", "14"), I2C_PIN("i2c1.sda", "b", "7"), I2C_PIN("i2c1.sda", "b", "9"),                  \
        I2C_PIN("i2c1.sda", "g", "13"), I2C_UNIT("i2c2", "33", "34"), I2C_PIN("i2c2.scl", "b", "10"),                  \
        I2C_PIN("i2c2.scl", "b", "13"), I2C_PIN("i2c2.scl", "f", "1"), I2C_PIN("i2c2.sda", "b", "11"),                 \
        I2C_PIN("i2c2.sda", "b", "14"), I2C_PIN("i2c2.sda", "f", "0"), I2C_UNIT("i2c3", "72", "73"),                   \
        I2C_PIN("i2c3.scl", "c", "0"), I2C_PIN("i2c3.scl", "g", "7"), I2C_PIN("i2c3.sda", "c", "1"),                   \
        I2C_PIN("i2c3.sda", "g", "8"), {"i2c1.dma_tx", "dma1.c6s3"}, {"i2c1.dma_rx", "dma1.c7s3"},                     \
        {"i2c1.dma_tx", "dma2.c7s5"}, {"i2c1.dma_rx", "dma2.c6s5"}, {"i2c2.dma_tx", "dma1.c4s3"},                      \
        {"i2c2.dma_rx", "dma1.c5s3"}, {"i2c3.dma_tx", "dma1.c2s3"},                                                    \
    {                                                                                                                  \
        "i2c3.dma_rx", "dma1.c3s3"                                                                                     \
    }

#endif
