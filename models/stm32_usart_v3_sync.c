/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Synchronous mode of the STM32L4 USART, always the master (RM0351 40.5.11): CK clocks the data bits of each frame, not
 * its start and stop bits, and RX is sampled with it. The clock goes as bursts (sim/device.h, sync_start).
 *
 * Not confirmed: without LBCL the bit that is not clocked is received as 0.
 */
#include "stm32_usart_v3_private.h"

static uint32_t data_mask(uint32_t count)
{
    return (1u << count) - 1u;
}

void usart_sync_drive(struct device *dev)
{
    const struct usart_state *s = dev->state;
    bool on = usart_is_synchronous(s) && (usart_cr1(s) & USART_CR1_UE) != 0;

    if (s->cycles != 0)
        return; /* the frames stay on the lines until the burst ends */
    dev_output(dev, USART_OUT_CK, !on ? PIN_RELEASED : (usart_cr2(s) & USART_CR2_CPOL) != 0 ? PIN_HIGH : PIN_LOW);
    dev_output(dev, USART_OUT_TX_PIN,
               !on || !usart_transmitter_on(s)         ? PIN_RELEASED
               : (usart_cr2(s) & USART_CR2_TXINV) != 0 ? PIN_LOW
                                                       : PIN_HIGH);
}

void usart_sync_frame_begins(struct device *dev, uint64_t start_delay_ps)
{
    dev_event_after(dev, USART_EVENT_CLOCK, start_delay_ps + usart_halves_ps(dev, 2)); /* the start bit */
}

/** All bits of the frame between start and stop bit, the first at bit 0. */
static uint32_t sent_line(const struct device *dev)
{
    const struct usart_state *s = dev->state;
    uint32_t word_bits = usart_word_bits(s);
    bool parity = (usart_cr1(s) & USART_CR1_PCE) != 0;
    uint64_t frame = usart_frame_on_line(dev, word_bits - (parity ? 1u : 0u), parity);
    uint32_t line = 0;

    for (uint32_t n = 0; n < word_bits; n++)
        line |= usart_line_bit(frame, n + 1u) << n;
    return (usart_cr2(s) & USART_CR2_TXINV) != 0 ? line ^ data_mask(word_bits) : line;
}

static void begin_burst(struct device *dev)
{
    struct usart_state *s = dev->state;
    uint32_t cr2 = usart_cr2(s);
    uint32_t mode = ((cr2 & USART_CR2_CPOL) != 0 ? SYNC_CPOL : 0) | ((cr2 & USART_CR2_CPHA) != 0 ? SYNC_CPHA : 0);
    uint32_t line = sent_line(dev);

    /* RM0351 40.8.2, LBCL: the clock of the last data bit */
    s->cycles = usart_word_bits(s) - ((cr2 & USART_CR2_LBCL) != 0 ? 0u : 1u);
    dev_event_after(dev, USART_EVENT_CLOCK, usart_halves_ps(dev, 2ull * s->cycles));
    dev_pulse(dev, USART_OUT_CK, sync_start(s->cycles, mode, usart_baud(dev)));
    dev_pulse(dev, USART_OUT_TX_PIN, sync_bits(line & data_mask(s->cycles), s->cycles));
}

static void end_burst(struct device *dev)
{
    struct usart_state *s = dev->state;
    uint32_t line = sync_line_bits(dev_input(dev, USART_IN_RX_PIN), s->cycles);

    dev_pulse(dev, USART_OUT_CK, sync_end(s->cycles));
    s->cycles = 0;
    usart_sync_drive(dev);
    usart_receive_line(dev, line);
}

void usart_sync_clock_due(struct device *dev)
{
    const struct usart_state *s = dev->state;

    if (s->cycles != 0)
        end_burst(dev);
    else if (s->sending == SENDING_DATA)
        begin_burst(dev);
}
