// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/usart.h"

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"
#include "drivers/gpio.h"

#define USART_BAUD     115200u
#define USART_AF       7u    // DS10198 table 16: USART2 on PA2 and PA3
#define USART_RX_BYTES 2048u // a 1 KiB YMODEM block and a repeat of it while an erase is awaited
#define USART_TX_BYTES 1024u

// One writer and one reader each; free-running indexes, sizes are powers of two.
static uint8_t rx_ring[USART_RX_BYTES];
static uint8_t tx_ring[USART_TX_BYTES];
static volatile uint32_t rx_head, rx_tail, tx_head, tx_tail;

void USART2_IRQHandler(void);

void USART2_IRQHandler(void)
{
    const uint32_t isr = USART2->ISR;

    if ((isr & USART_ISR_RXNE) != 0) {
        const uint8_t byte = (uint8_t)USART2->RDR;
        const uint32_t head = rx_head;

        if (head - rx_tail < USART_RX_BYTES) {
            rx_ring[head % USART_RX_BYTES] = byte;
            rx_head = head + 1u;
        }
    }
    // An overrun left set would raise this interrupt for ever.
    USART2->ICR = USART_ICR_ORECF | USART_ICR_FECF | USART_ICR_NCF | USART_ICR_PECF;

    if ((isr & USART_ISR_TXE) != 0 && (USART2->CR1 & USART_CR1_TXEIE) != 0) {
        const uint32_t tail = tx_tail;

        if (tail != tx_head) {
            USART2->TDR = tx_ring[tail % USART_TX_BYTES];
            tx_tail = tail + 1u;
        } else {
            USART2->CR1 &= ~USART_CR1_TXEIE;
        }
    }
}

void usart_init(uint32_t pclk_hz)
{
    RCC->APB1ENR1 |= RCC_APB1ENR1_USART2EN;
    (void)RCC->APB1ENR1;
    gpio_a_alternate(2u, USART_AF);
    gpio_a_alternate(3u, USART_AF);
    USART2->BRR = (pclk_hz + USART_BAUD / 2u) / USART_BAUD;
    USART2->CR1 = USART_CR1_UE | USART_CR1_RE | USART_CR1_TE | USART_CR1_RXNEIE;
    nvic_enable(USART2_IRQn);
}

bool usart_read(uint8_t *byte)
{
    const uint32_t tail = rx_tail;

    if (tail == rx_head) {
        return false;
    }
    *byte = rx_ring[tail % USART_RX_BYTES];
    rx_tail = tail + 1u;
    return true;
}

bool usart_rx_empty(void)
{
    return rx_tail == rx_head;
}

void usart_write(uint8_t byte)
{
    const uint32_t head = tx_head;

    if (head - tx_tail >= USART_TX_BYTES) {
        return;
    }
    tx_ring[head % USART_TX_BYTES] = byte;
    tx_head = head + 1u;
    cpu_irq_disable(); // the handler clears TXEIE in the same register
    USART2->CR1 |= USART_CR1_TXEIE;
    cpu_irq_enable();
}

void usart_print(const char *text)
{
    while (*text != '\0') {
        usart_write((uint8_t)*text++);
    }
}

bool usart_tx_done(void)
{
    return tx_tail == tx_head && (USART2->ISR & USART_ISR_TC) != 0;
}
