/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Receiver of the STM32L4/L0 USART: a frame on the wire is sampled bit by bit in the receiver's own
 * time, so that another baud rate or format garbles it as it would on silicon.
 */
#include "stm32_usart_v3_private.h"

/* RM0351 40.5.5: depending on the format, 3 to 4.8 % are tolerated; the least of it is taken. */
#define TOLERATED_PERCENT 3u

/** Level of the line in bit n of a frame, the start bit being 0; idle high after the last. */
static uint32_t line_bit(uint64_t frame, uint32_t n)
{
    uint32_t data_bits = 7u + ((uint32_t)(frame >> 14) & 3u);
    uint32_t parity = (uint32_t)(frame >> 12) & 3u;
    uint32_t data = serial_data(frame);

    if (n == 0)
        return 0;
    if ((frame & SERIAL_BREAK) != 0)
        return n > data_bits + (parity != 0) + 1u;
    if (n <= data_bits)
        return data >> (n - 1u) & 1u;
    if (n == data_bits + 1u && parity != 0) {
        uint32_t ones = (uint32_t)__builtin_popcount(data & ((1u << data_bits) - 1u));
        return (ones + (parity == 3u)) & 1u;
    }
    return 1;
}

/** What a receiver at rx_baud sees in the middle of its bit n. */
static uint32_t sampled_bit(uint64_t frame, uint32_t n, uint64_t tx_baud, uint64_t rx_baud)
{
    return line_bit(frame, (uint32_t)((2u * n + 1u) * tx_baud / (2u * rx_baud)));
}

/** Samples the frame: the word with its parity bit in *word; returns the flags it raises. */
static uint32_t sample(const struct device *dev, uint64_t frame, uint32_t *word)
{
    const struct usart_state *s = dev->state;
    uint32_t cr1 = s->word[USART_CR1 / 4u];
    uint32_t word_bits = usart_word_bits(s);
    uint64_t rx_baud = usart_baud(dev);
    uint64_t tx_baud = serial_baud(frame) != 0 ? serial_baud(frame) : rx_baud;
    uint64_t difference = tx_baud > rx_baud ? tx_baud - rx_baud : rx_baud - tx_baud;
    uint32_t flags = 0;

    *word = 0;
    for (uint32_t n = 1; n <= word_bits; n++)
        *word |= sampled_bit(frame, n, tx_baud, rx_baud) << (n - 1u);
    if (sampled_bit(frame, word_bits + 1u, tx_baud, rx_baud) == 0)
        flags |= USART_ISR_FE;
    if (difference * 100u > rx_baud * TOLERATED_PERCENT) {
        flags |= USART_ISR_FE;
        if (*word == (serial_data(frame) & ((1u << word_bits) - 1u)))
            *word ^= 1u << (word_bits - 1u); /* the last bit is the first to go wrong */
    }
    if ((cr1 & USART_CR1_PCE) != 0) {
        uint32_t odd = (cr1 & USART_CR1_PS) != 0;
        if (((uint32_t)__builtin_popcount(*word) & 1u) != odd)
            flags |= USART_ISR_PE;
    }
    return flags;
}

/** IDLE if the line was quiet for a frame before the one that ends now began. */
static void note_gap(struct device *dev, uint64_t frame_ps)
{
    struct usart_state *s = dev->state;

    if (s->idle_armed != 0 && dev_now_ps(dev) >= s->last_rx_ps + 2u * frame_ps)
        s->word[USART_ISR / 4u] |= USART_ISR_IDLE;
    s->idle_armed = 1;
    s->last_rx_ps = dev_now_ps(dev);
    /* A frame is known when it ends: IDLE comes up to one frame late, never wrongly. */
    dev_event_after(dev, USART_EVENT_IDLE, 2u * frame_ps);
}

void usart_line_idle(struct device *dev)
{
    struct usart_state *s = dev->state;

    if (s->idle_armed == 0)
        return;
    s->idle_armed = 0;
    s->word[USART_ISR / 4u] |= USART_ISR_IDLE;
    usart_update_irq(dev);
}

void usart_receive(struct device *dev, uint64_t frame)
{
    struct usart_state *s = dev->state;
    const struct stm32_usart_v3_params *params = dev->params;
    uint32_t cr1 = s->word[USART_CR1 / 4u];
    uint32_t *isr = &s->word[USART_ISR / 4u];
    uint64_t frame_ps = usart_frame_ps(dev);
    uint32_t word;

    if ((cr1 & USART_CR1_UE) == 0 || (cr1 & USART_CR1_RE) == 0 || frame_ps == TIME_NEVER ||
        !usart_pin_selected(dev, USART_IN_RX_AF, params->rx_af))
        return;
    uint32_t flags = sample(dev, frame, &word);
    note_gap(dev, frame_ps);
    if ((*isr & USART_ISR_RXNE) != 0 && (s->word[USART_CR3 / 4u] & USART_CR3_OVRDIS) == 0) {
        *isr |= USART_ISR_ORE; /* RM0351 40.5.3: RDR keeps the byte before, this one is lost */
        usart_update_irq(dev);
        return;
    }
    uint32_t data_bits = usart_word_bits(s) - ((cr1 & USART_CR1_PCE) != 0);
    s->word[USART_RDR / 4u] = word;
    *isr |= flags | USART_ISR_RXNE;
    if ((word & 0xffu) == bits(s->word[USART_CR2 / 4u], 24, 31))
        *isr |= USART_ISR_CMF;
    dev_observe(dev, OBS_UART_RX, word & ((1u << data_bits) - 1u), serial_baud(frame), flags, NULL);
    usart_update_irq(dev);
}
