/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file The lines of the STM32L476's table for the synchronous mode of USART1 to USART3: DS10198 table 17, AF7. */
#ifndef TWINBANK_MODELS_CHIPS_STM32L476_USART_H
#define TWINBANK_MODELS_CHIPS_STM32L476_USART_H

#define USART_CK(name, port, pin) {name ".ck", "gpio" port ".af7out" pin}
#define USART_TX(name, port, pin) {name ".tx_pin", "gpio" port ".af7out" pin}
#define USART_RX(name, port, pin) {"gpio" port ".af7in" pin, name ".rx_pin"}

#define STM32L476_USART_PIN_WIRES                                                                                      \
    USART_CK("usart1", "a", "8"), USART_CK("usart1", "b", "5"), USART_CK("usart1", "g", "13"),                         \
        USART_TX("usart1", "a", "9"), USART_TX("usart1", "b", "6"), USART_TX("usart1", "g", "9"),                      \
        USART_RX("usart1", "a", "10"), USART_RX("usart1", "b", "7"), USART_RX("usart1", "g", "10"),                    \
        USART_CK("usart2", "a", "4"), USART_CK("usart2", "d", "7"), USART_TX("usart2", "a", "2"),                      \
        USART_TX("usart2", "d", "5"), USART_RX("usart2", "a", "3"), USART_RX("usart2", "d", "6"),                      \
        USART_CK("usart3", "b", "0"), USART_CK("usart3", "b", "12"), USART_CK("usart3", "c", "12"),                    \
        USART_CK("usart3", "d", "10"), USART_TX("usart3", "b", "10"), USART_TX("usart3", "c", "4"),                    \
        USART_TX("usart3", "c", "10"), USART_TX("usart3", "d", "8"), USART_RX("usart3", "b", "11"),                    \
        USART_RX("usart3", "c", "5"), USART_RX("usart3", "c", "11"), USART_RX("usart3", "d", "9")

#endif
