/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Transmitter of the STM32L4/L0 USART. */
#include "stm32_usart_v3_private.h"

bool usart_transmitter_on(const struct usart_state *s)
{
    return (usart_cr1(s) & USART_CR1_UE) != 0 && (usart_cr1(s) & USART_CR1_TE) != 0;
}

bool usart_cts_allows(const struct device *dev)
{
    const struct usart_state *s = dev->state;
    uint64_t level = dev_input(dev, USART_IN_CTS);
    return (usart_cr3(s) & USART_CR3_CTSE) == 0 || !pin_is_driven(level) || !pin_is_high(level);
}

void usart_cts_changed(struct device *dev)
{
    struct usart_state *s = dev->state;
    if ((usart_cr3(s) & USART_CR3_CTSE) == 0 || (usart_cr1(s) & USART_CR1_UE) == 0)
        return;
    s->word[USART_ISR / 4u] |= USART_ISR_CTSIF; /* RM0351 40.8.8: on any change of nCTS */
    usart_next_frame(dev);
    usart_update(dev);
}

/** Time from driver enable to the start bit, for the first frame after a pause: DEAT counts samples (RM0351 40.8.1). */
static uint64_t driver_delay_ps(const struct device *dev)
{
    const struct usart_state *s = dev->state;
    uint32_t samples = (usart_cr1(s) & USART_CR1_OVER8) != 0 ? 8u : 16u;

    if ((usart_cr3(s) & USART_CR3_DEM) == 0 || s->de_on != 0)
        return 0;
    return usart_halves_ps(dev, 2u) * bits(usart_cr1(s), 21, 25) / samples;
}

static uint64_t duration_ps(const struct device *dev)
{
    const struct usart_state *s = dev->state;
    uint64_t frame_ps = usart_frame_ps(dev);

    if (s->sending == SENDING_BREAK && (usart_cr2(s) & USART_CR2_LINEN) != 0)
        return usart_halves_ps(dev, 28u); /* RM0351 40.5.10: 13 low bits, then a stop bit */
    return frame_ps + (s->sending == SENDING_DATA ? driver_delay_ps(dev) : 0);
}

void usart_next_frame(struct device *dev)
{
    struct usart_state *s = dev->state;
    uint32_t *isr = &s->word[USART_ISR / 4u];

    if (s->sending != SENDING_NOTHING || !usart_transmitter_on(s))
        return;
    bool wanted = (*isr & USART_ISR_SBKF) != 0 || s->preamble != 0 || s->tdr_full != 0;
    if (wanted && usart_frame_ps(dev) == TIME_NEVER) {
        if (s->tdr_full != 0 && s->clock_told == 0) {
            s->clock_told = 1;
            dev_guest_error(dev, USART_BRR, "transmission without a clock, or with BRR too small");
        }
        return;
    }
    if (wanted && !usart_cts_allows(dev))
        return;
    if (s->preamble != 0) {
        s->preamble = 0;
        s->sending = SENDING_IDLE;
    } else if ((*isr & USART_ISR_SBKF) != 0) {
        s->sending = SENDING_BREAK;
    } else if (s->tdr_full != 0) {
        s->shift = s->word[USART_TDR / 4u];
        s->tdr_full = 0;
        *isr |= USART_ISR_TXE;
        s->sending = SENDING_DATA;
    } else {
        *isr |= USART_ISR_TC;
        s->de_on = 0;
    }
    if (s->sending == SENDING_NOTHING)
        return;
    if (s->sending == SENDING_DATA && usart_is_synchronous(s))
        usart_sync_frame_begins(dev, driver_delay_ps(dev));
    dev_event_after(dev, USART_EVENT_TX, duration_ps(dev));
    if (s->sending != SENDING_IDLE)
        s->de_on = 1;
}

uint64_t usart_frame_on_line(const struct device *dev, uint32_t data_bits, bool parity)
{
    const struct usart_state *s = dev->state;
    uint32_t cr2 = usart_cr2(s);
    uint32_t mask = (1u << data_bits) - 1u;
    uint32_t data = s->shift & mask;
    bool odd = (usart_cr1(s) & USART_CR1_PS) != 0;

    if ((cr2 & USART_CR2_MSBFIRST) != 0)
        data = usart_reverse(data, data_bits);
    if ((cr2 & USART_CR2_DATAINV) != 0) {
        data ^= mask;
        /* All bits and their parity bit flip: an even count of them in all leaves the parity as it was. */
        odd = odd != (data_bits % 2u == 0);
    }
    uint32_t parity_code = !parity ? 0u : odd ? 3u : 2u;
    return serial_frame(data, data_bits, parity_code, usart_baud(dev)) | (uint64_t)bits(cr2, 12, 13) << 10;
}

static void put_frame(struct device *dev)
{
    struct usart_state *s = dev->state;
    bool parity = (usart_cr1(s) & USART_CR1_PCE) != 0;
    uint32_t data_bits = usart_word_bits(s) - (parity ? 1u : 0u);

    if (!usart_pin_selected(dev, USART_SIGNAL_TX)) {
        if (s->pin_told == 0)
            dev_guest_error(dev, USART_TDR, "sent to a pin that is not in the alternate function of TX");
        s->pin_told = 1;
        return;
    }
    s->pin_told = 0;
    if (data_bits < 7u) {
        dev_gap(dev, USART_CR1, true, usart_cr1(s), "USART_CR1: 7-bit words with parity");
        return;
    }
    uint64_t frame = usart_frame_on_line(dev, data_bits, parity);
    if (s->sending == SENDING_BREAK)
        frame = (frame & ~0x1ffull) | SERIAL_BREAK;
    else
        dev_observe(dev, OBS_UART_TX, s->shift & ((1u << data_bits) - 1u), usart_baud(dev), 0, NULL);
    /* In half duplex the receiver hears what is sent (RM0351 40.5.13: the lines are connected inside). */
    if ((usart_cr3(s) & USART_CR3_HDSEL) != 0)
        usart_receive(dev, frame);
    /* A line with TXINV idles low: who listens in the usual polarity finds no stop bit. */
    if ((usart_cr2(s) & USART_CR2_TXINV) != 0)
        frame = (frame & ~0x1ffull) | SERIAL_BREAK;
    dev_pulse(dev, (usart_cr2(s) & USART_CR2_SWAP) != 0 ? USART_OUT_TX_SWAPPED : USART_OUT_TX, frame);
}

void usart_frame_sent(struct device *dev)
{
    struct usart_state *s = dev->state;

    if (s->sending != SENDING_IDLE)
        put_frame(dev);
    if (s->sending == SENDING_BREAK)
        s->word[USART_ISR / 4u] &= ~USART_ISR_SBKF;
    s->sending = SENDING_NOTHING;
    usart_next_frame(dev);
    usart_update(dev);
}

void usart_write_tdr(struct device *dev, uint32_t value)
{
    struct usart_state *s = dev->state;

    if ((usart_cr1(s) & USART_CR1_UE) == 0)
        dev_guest_error(dev, USART_TDR, "USART_TDR written while UE is 0");
    else if (s->tdr_full != 0)
        dev_guest_error(dev, USART_TDR, "USART_TDR written while TXE is 0: a byte is lost");
    s->word[USART_TDR / 4u] = value & 0x1ffu;
    if ((usart_cr1(s) & USART_CR1_UE) == 0)
        return;
    s->tdr_full = 1;
    s->word[USART_ISR / 4u] &= ~(USART_ISR_TXE | USART_ISR_TC);
    usart_next_frame(dev);
}
