/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Receiver of the STM32L4/L0 USART: a frame on the wire is sampled bit by bit in the receiver's own
 * time, so that another baud rate or format garbles it as it would on silicon.
 *
 * Not confirmed: BRR after an automatic baud rate that failed (kept here), MSBFIRST with parity (the parity bit stays
 * last).
 */
#include "stm32_usart_v3_private.h"

/* RM0351 40.5.5: depending on the format, 3 to 4.8 % are tolerated; the least of it is taken. */
#define TOLERATED_PERCENT 3u
#define STOP_2            3u /* on the wire "stop" */

uint32_t usart_line_bit(uint64_t frame, uint32_t n)
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
    return usart_line_bit(frame, (uint32_t)((2u * n + 1u) * tx_baud / (2u * rx_baud)));
}

/** What the line means as a word, its parity bit on top: RXINV, DATAINV and MSBFIRST undone. */
static uint32_t line_to_word(const struct usart_state *s, uint32_t line)
{
    uint32_t cr2 = usart_cr2(s);
    uint32_t word_bits = usart_word_bits(s);
    uint32_t word = line;

    if (((cr2 & USART_CR2_RXINV) != 0) != ((cr2 & USART_CR2_DATAINV) != 0))
        word ^= (1u << word_bits) - 1u;
    if ((cr2 & USART_CR2_MSBFIRST) != 0)
        word = usart_reverse(word, word_bits - ((usart_cr1(s) & USART_CR1_PCE) != 0));
    return word;
}

static uint32_t parity_flag(const struct usart_state *s, uint32_t word)
{
    uint32_t odd = (usart_cr1(s) & USART_CR1_PS) != 0;
    if ((usart_cr1(s) & USART_CR1_PCE) == 0 || ((uint32_t)__builtin_popcount(word) & 1u) == odd)
        return 0;
    return USART_ISR_PE;
}

/** Samples the frame: the word with its parity bit in *word; returns the flags it raises. */
static uint32_t sample(const struct device *dev, uint64_t frame, uint32_t *word)
{
    const struct usart_state *s = dev->state;
    uint32_t word_bits = usart_word_bits(s);
    uint64_t rx_baud = usart_baud(dev);
    uint64_t tx_baud = serial_baud(frame) != 0 ? serial_baud(frame) : rx_baud;
    uint64_t difference = tx_baud > rx_baud ? tx_baud - rx_baud : rx_baud - tx_baud;
    uint32_t flags = 0;
    uint32_t line = 0;

    TB_ASSERT(word_bits > 0);
    for (uint32_t n = 1; n <= word_bits; n++)
        line |= sampled_bit(frame, n, tx_baud, rx_baud) << (n - 1u);
    /* A line that is not inverted idles low for a receiver that expects it to be: no stop bit. */
    if (sampled_bit(frame, word_bits + 1u, tx_baud, rx_baud) == 0 || (usart_cr2(s) & USART_CR2_RXINV) != 0)
        flags |= USART_ISR_FE;
    if (difference * 100u > rx_baud * TOLERATED_PERCENT) {
        flags |= USART_ISR_FE;
        if (line == (serial_data(frame) & ((1u << word_bits) - 1u)))
            line ^= 1u << (word_bits - 1u); /* the last bit is the first to go wrong */
    }
    *word = line_to_word(s, line);
    return flags | parity_flag(s, *word);
}

/* --- automatic baud rate ------------------------------------------------------------------- */
/** Bits of the line up to the first of value `level` from bit `from` on. */
static uint32_t bits_until(uint64_t frame, uint32_t from, uint32_t level)
{
    uint32_t n = from;
    while (n < 12u && usart_line_bit(frame, n) != level)
        n++;
    return n;
}

/** RM0351 40.5.6: true if the character is one that the mode can measure. */
static bool suits_mode(const struct usart_state *s, uint64_t frame)
{
    if ((frame & SERIAL_BREAK) != 0)
        return false;
    switch (bits(usart_cr2(s), 21, 22)) {
    case 0: /* the start bit: a 1 follows */
        return bits_until(frame, 1, 1) == 1u;
    case 1: /* from falling edge to falling edge: 1, 0 follow */
        return bits_until(frame, 1, 1) == 1u && bits_until(frame, 1, 0) == 2u;
    case 2:
        return serial_data(frame) == 0x7fu;
    default:
        return serial_data(frame) == 0x55u;
    }
}

/** Sets BRR from the first character, if asked to. Returns the flags that this raises. */
static uint32_t measure_baud(struct device *dev, uint64_t frame)
{
    struct usart_state *s = dev->state;
    uint64_t ker_hz = dev_input(dev, USART_IN_KER);
    uint64_t baud = serial_baud(frame) != 0 ? serial_baud(frame) : usart_baud(dev);

    if ((usart_cr2(s) & USART_CR2_ABREN) == 0 || (s->word[USART_ISR / 4u] & USART_ISR_ABRF) != 0)
        return 0;
    bool over8 = (usart_cr1(s) & USART_CR1_OVER8) != 0;
    uint64_t div = ((over8 ? 2u : 1u) * ker_hz + baud / 2u) / baud;
    if (!suits_mode(s, frame) || div < 16u || div > 0xffffu)
        return USART_ISR_ABRF | USART_ISR_ABRE | USART_ISR_FE;
    uint32_t brr = (uint32_t)div;
    s->word[USART_BRR / 4u] = over8 ? (brr & ~0xfu) | (brr & 0xfu) >> 1 : brr;
    return USART_ISR_ABRF;
}

/* --- pauses -------------------------------------------------------------------------------- */
static bool is_muted(const struct usart_state *s)
{
    return (s->word[USART_ISR / 4u] & USART_ISR_RWU) != 0;
}

/** RM0351 40.5.7: an idle line ends mute mode, without IDLE, unless an address is to end it. */
static void idle_seen(struct usart_state *s)
{
    s->idle_armed = 0;
    if (!is_muted(s))
        s->word[USART_ISR / 4u] |= USART_ISR_IDLE;
    else if ((usart_cr1(s) & USART_CR1_WAKE) == 0)
        s->word[USART_ISR / 4u] &= ~USART_ISR_RWU;
}

/** RTOR in time; TIME_NEVER while the time-out is off. */
static uint64_t timeout_ps(const struct device *dev)
{
    const struct usart_state *s = dev->state;
    if ((usart_cr2(s) & USART_CR2_RTOEN) == 0)
        return TIME_NEVER;
    return usart_halves_ps(dev, 2u * (uint64_t)bits(s->word[USART_RTOR / 4u], 0, 23));
}

/** Looks at the pause before the frame that ends now; waits for the end of the one after it. */
static void note_gap(struct device *dev, uint64_t frame_ps)
{
    struct usart_state *s = dev->state;
    uint64_t now_ps = dev_now_ps(dev);
    uint64_t limit_ps = timeout_ps(dev);

    if (s->idle_armed != 0 && now_ps >= s->last_rx_ps + 2u * frame_ps)
        idle_seen(s);
    s->idle_armed = 1;
    s->last_rx_ps = now_ps;
    /* A frame is known when it ends: IDLE and RTOF come up to one frame late, never wrongly. */
    dev_event_after(dev, USART_EVENT_IDLE, 2u * frame_ps);
    if (limit_ps != TIME_NEVER)
        dev_event_after(dev, USART_EVENT_TIMEOUT, limit_ps + frame_ps);
    else
        dev_event_cancel(dev, USART_EVENT_TIMEOUT);
}

void usart_line_idle(struct device *dev)
{
    struct usart_state *s = dev->state;

    if (s->idle_armed == 0)
        return;
    idle_seen(s);
    usart_update(dev);
}

void usart_receiver_timeout(struct device *dev)
{
    struct usart_state *s = dev->state;

    if ((usart_cr2(s) & USART_CR2_RTOEN) == 0)
        return;
    s->word[USART_ISR / 4u] |= USART_ISR_RTOF;
    usart_update(dev);
}

/* --- mute mode, Stop ----------------------------------------------------------------------- */
void usart_request_mute(struct device *dev)
{
    struct usart_state *s = dev->state;
    bool line_was_idle = s->idle_armed == 0;

    if ((usart_cr1(s) & USART_CR1_MME) == 0)
        return;
    /* RM0351 40.5.7: not once the idle frame that would end it has passed. */
    if ((usart_cr1(s) & USART_CR1_WAKE) != 0 || !line_was_idle)
        s->word[USART_ISR / 4u] |= USART_ISR_RWU;
}

/** The word is an address (its top bit is set) and it is ours: 4 bits of ADD, or all that fit with ADDM7. */
static bool is_our_address(const struct usart_state *s, uint32_t word)
{
    uint32_t top = 1u << (usart_word_bits(s) - 1u);
    uint32_t mask = (usart_cr2(s) & USART_CR2_ADDM7) != 0 ? top - 1u : 0xfu;
    return (word & top) != 0 && ((word ^ usart_cr2(s) >> 24) & mask) == 0;
}

/** True if mute mode swallows the word. */
static bool swallowed(struct usart_state *s, uint32_t word)
{
    uint32_t *isr = &s->word[USART_ISR / 4u];
    uint32_t top = 1u << (usart_word_bits(s) - 1u);

    if ((usart_cr1(s) & USART_CR1_MME) == 0)
        return false;
    if ((usart_cr1(s) & USART_CR1_WAKE) != 0 && (word & top) != 0) {
        if (is_our_address(s, word))
            *isr &= ~USART_ISR_RWU;
        else
            *isr |= USART_ISR_RWU;
    }
    return is_muted(s);
}

/** RM0351 40.8.3, WUS: an address, a start bit, or a byte received; code 1 is reserved. */
static void wake_up(struct device *dev, uint32_t word)
{
    struct usart_state *s = dev->state;
    uint32_t event = bits(usart_cr3(s), 20, 21);

    if (usart_in_stop(dev) && (event >= 2u || (event == 0 && is_our_address(s, word))))
        s->word[USART_ISR / 4u] |= USART_ISR_WUF;
}

/* --- frames -------------------------------------------------------------------------------- */
static bool is_listening(const struct device *dev)
{
    const struct usart_state *s = dev->state;
    uint32_t cr1 = usart_cr1(s);

    if ((cr1 & USART_CR1_UE) == 0 || (cr1 & USART_CR1_RE) == 0 || usart_frame_ps(dev) == TIME_NEVER)
        return false;
    /* RM0351 40.8.1, 40.4: in Stop only with UESM, in Stop 2 only an LPUART. */
    const struct stm32_usart_v3_params *params = dev->params;
    uint64_t stop = dev_input(dev, USART_IN_STOP);
    if (stop != 0 && ((cr1 & USART_CR1_UESM) == 0 || (stop == STOP_2 && params->low_power == 0)))
        return false;
    return usart_pin_selected(dev, USART_SIGNAL_RX);
}

/** Puts the word where software finds it, or loses it to an overrun. */
static void deliver(struct device *dev, uint32_t word, uint32_t flags, uint32_t baud)
{
    struct usart_state *s = dev->state;
    uint32_t *isr = &s->word[USART_ISR / 4u];
    uint32_t cr3 = usart_cr3(s);
    uint32_t data_bits = usart_word_bits(s) - ((usart_cr1(s) & USART_CR1_PCE) != 0);

    if ((*isr & USART_ISR_RXNE) != 0 && (cr3 & USART_CR3_OVRDIS) == 0) {
        *isr |= USART_ISR_ORE; /* RM0351 40.5.3: RDR keeps the byte before, this one is lost */
        return;
    }
    s->word[USART_RDR / 4u] = word;
    *isr |= flags;
    /* RM0351 40.8.3, DDRE = 0: with DMA a bad byte sets its flag only, and is not transferred. */
    bool dropped = (cr3 & (USART_CR3_DMAR | USART_CR3_DDRE)) == USART_CR3_DMAR &&
                   (flags & (USART_ISR_PE | USART_ISR_FE | USART_ISR_NE)) != 0;
    if (!dropped)
        *isr |= USART_ISR_RXNE;
    if ((word & 0xffu) == bits(usart_cr2(s), 24, 31))
        *isr |= USART_ISR_CMF;
    dev_observe(dev, OBS_UART_RX, word & ((1u << data_bits) - 1u), baud, flags, NULL);
}

void usart_receive(struct device *dev, uint64_t frame)
{
    struct usart_state *s = dev->state;
    uint32_t word;

    if (!is_listening(dev) || usart_is_synchronous(s))
        return;
    uint32_t flags = measure_baud(dev, frame);
    flags |= sample(dev, frame, &word);
    note_gap(dev, usart_frame_ps(dev));
    if (!swallowed(s, word)) {
        if ((frame & SERIAL_BREAK) != 0 && (usart_cr2(s) & USART_CR2_LINEN) != 0)
            s->word[USART_ISR / 4u] |= USART_ISR_LBDF;
        deliver(dev, word, flags, serial_baud(frame));
    }
    wake_up(dev, word);
    usart_update(dev);
}

void usart_receive_line(struct device *dev, uint32_t line)
{
    struct usart_state *s = dev->state;

    if (!is_listening(dev))
        return;
    uint32_t word = line_to_word(s, line);
    deliver(dev, word, parity_flag(s, word), usart_baud(dev));
    usart_update(dev);
}
