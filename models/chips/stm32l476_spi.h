/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file The lines of the STM32L476's table for SPI1 to SPI3. */
#ifndef TWINBANK_MODELS_CHIPS_STM32L476_SPI_H
#define TWINBANK_MODELS_CHIPS_STM32L476_SPI_H

#include "../stm32_spi_v2.h"

#define STM32L476_SPI_DEVICES                                                                                          \
    {"spi1", &stm32_spi_v2_model, 0x40013000u, KIB, NULL}, {"spi2", &stm32_spi_v2_model, 0x40003800u, KIB, NULL},      \
    {                                                                                                                  \
        "spi3", &stm32_spi_v2_model, 0x40003c00u, KIB, NULL                                                            \
    }

/* A signal on a pin, in an alternate function, both ways: DS10198 tables 17 and 18. */
#define SPI_PIN(signal, port, af, pin)                                                                                 \
    {signal, "gpio" port ".af" af "out" pin},                                                                          \
    {                                                                                                                  \
        "gpio" port ".af" af "in" pin, signal                                                                          \
    }

#define STM32L476_SPI_PIN_WIRES                                                                                        \
    SPI_PIN("spi1.sck", "a", "5", "5"), SPI_PIN("spi1.sck", "b", "5", "3"), SPI_PIN("spi1.sck", "e", "5", "13"),       \
        SPI_PIN("spi1.sck", "g", "5", "2"), SPI_PIN("spi1.miso", "a", "5", "6"), SPI_PIN("spi1.miso", "b", "5", "4"),  \
        SPI_PIN("spi1.miso", "e", "5", "14"), SPI_PIN("spi1.miso", "g", "5", "3"),                                     \
        SPI_PIN("spi1.mosi", "a", "5", "7"), SPI_PIN("spi1.mosi", "b", "5", "5"),                                      \
        SPI_PIN("spi1.mosi", "e", "5", "15"), SPI_PIN("spi1.mosi", "g", "5", "4"), SPI_PIN("spi1.nss", "a", "5", "4"), \
        SPI_PIN("spi1.nss", "a", "5", "15"), SPI_PIN("spi1.nss", "e", "5", "12"), SPI_PIN("spi1.nss", "g", "5", "5"),  \
        SPI_PIN("spi2.sck", "b", "5", "10"), SPI_PIN("spi2.sck", "b", "5", "13"), SPI_PIN("spi2.sck", "d", "5", "1"),  \
        SPI_PIN("spi2.miso", "b", "5", "14"), SPI_PIN("spi2.miso", "c", "5", "2"),                                     \
        SPI_PIN("spi2.miso", "d", "5", "3"), SPI_PIN("spi2.mosi", "b", "5", "15"),                                     \
        SPI_PIN("spi2.mosi", "c", "5", "3"), SPI_PIN("spi2.mosi", "d", "5", "4"), SPI_PIN("spi2.nss", "b", "5", "9"),  \
        SPI_PIN("spi2.nss", "b", "5", "12"), SPI_PIN("spi2.nss", "d", "5", "0"), SPI_PIN("spi3.sck", "b", "6", "3"),   \
        SPI_PIN("spi3.sck", "c", "6", "10"), SPI_PIN("spi3.sck", "g", "6", "9"), SPI_PIN("spi3.miso", "b", "6", "4"),  \
        SPI_PIN("spi3.miso", "c", "6", "11"), SPI_PIN("spi3.miso", "g", "6", "10"),                                    \
        SPI_PIN("spi3.mosi", "b", "6", "5"), SPI_PIN("spi3.mosi", "c", "6", "12"),                                     \
        SPI_PIN("spi3.mosi", "g", "6", "11"), SPI_PIN("spi3.nss", "a", "6", "4"), SPI_PIN("spi3.nss", "a", "6", "15"), \
        SPI_PIN("spi3.nss", "g", "6", "12")

/* RM0351 tables 44 and 45 (DMA controller, channel, CSELR value), table 58. */
#define STM32L476_SPI_WIRES                                                                                            \
    {"spi1.dma_rx", "dma1.c2s1"}, {"spi1.dma_tx", "dma1.c3s1"}, {"spi2.dma_rx", "dma1.c4s1"},                          \
        {"spi2.dma_tx", "dma1.c5s1"}, {"spi3.dma_rx", "dma2.c1s3"}, {"spi3.dma_tx", "dma2.c2s3"},                      \
        {"spi1.dma_rx", "dma2.c3s4"}, {"spi1.dma_tx", "dma2.c4s4"}, {"dma1.c2s1_left", "spi1.rx_left"},                \
        {"dma1.c3s1_left", "spi1.tx_left"}, {"dma1.c4s1_left", "spi2.rx_left"}, {"dma1.c5s1_left", "spi2.tx_left"},    \
        {"dma2.c1s3_left", "spi3.rx_left"}, {"dma2.c2s3_left", "spi3.tx_left"}, {"dma2.c3s4_left", "spi1.rx_left"},    \
        {"dma2.c4s4_left", "spi1.tx_left"}, {"spi1.irq", "nvic.35"}, {"spi2.irq", "nvic.36"},                          \
    {                                                                                                                  \
        "spi3.irq", "nvic.51"                                                                                          \
    }

#endif
