// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// USART2 on PA2 (TX) and PA3 (RX), 115200 8N1: the NUCLEO's virtual COM port.
#ifndef TWINBANK_DRIVERS_USART_H
#define TWINBANK_DRIVERS_USART_H

#include <stdbool.h>
#include <stdint.h>

// With interrupts: rings in SRAM on both sides, filled and drained by USART2_IRQHandler.
void usart_init(uint32_t pclk_hz);
bool usart_read(uint8_t *byte);
bool usart_rx_empty(void);
void usart_write(uint8_t byte); // dropped when the ring is full: nothing here waits
void usart_print(const char *text);
bool usart_tx_done(void); // the last stop bit has left the pin

#endif
