/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * USART, UART and LPUART of the STM32L4/L0 (RM0351 chapters 40 and 41): registers and transmitter.
 * The receiver is in stm32_usart_v3_rx.c.
 *
 * Modelled: asynchronous frames of 7, 8 and 9 bits with parity and 0.5 to 2 stop bits, byte timing
 * from the kernel clock, the idle preamble after TE, break, polling and interrupts of every flag the
 * asynchronous mode sets, character match, overrun (OVRDIS too), enable acknowledges, flush
 * requests, configuration frozen while UE = 1.
 *
 * Not modelled, reported as gaps: DMA, auto-baud, LIN, smartcard, IrDA, synchronous mode, half
 * duplex, hardware flow control, driver enable, receiver time-out, mute mode, wake-up from Stop,
 * swapped or inverted lines, MSB first, 6 data bits (7-bit words with parity).
 * Not modelled, silently: noise (NE is never set), BUSY (a frame is known only when it has ended).
 *
 * Pins: tx_af and rx_af carry what a GPIO port says of the pin (AF_WIRE in model.h). A wire that
 * nobody drives means that the board does not say which pin: then the frame passes.
 */
#include "stm32_usart_v3_private.h"

#define USART_CR1_FROZEN (USART_CR1_M0 | USART_CR1_M1 | USART_CR1_OVER8 | USART_CR1_PCE | USART_CR1_PS | 0x03ff0800u)
#define USART_CR1_GAPS   0x0c002002u /* EOBIE, RTOIE, MME, UESM */
#define USART_CR2_GAPS   0x009fc840u /* LBDIE, CLKEN, LINEN to MSBFIRST, ABREN, RTOEN */
#define USART_CR3_GAPS   0x004047eau /* IREN, HDSEL, SCEN, DMA, RTS/CTS, DEM, WUFIE */

/* RM0351 40.8 */
static const struct reg_desc usart_regs[] = {
    {USART_CR1, "CR1", 0, 0x1fffffffu, 0, 0, 0},
    {USART_CR2, "CR2", 0, 0xffffff70u, 0, 0, 0},
    {USART_CR3, "CR3", 0, 0x00feffffu, 0, 0, 0},
    {USART_BRR, "BRR", 0, 0x0000ffffu, 0, 0, 0},
    {USART_GTPR, "GTPR", 0, 0x0000ffffu, 0, 0, 0},
    {USART_RTOR, "RTOR", 0, 0xffffffffu, 0, 0, 0},
    {USART_RQR, "RQR", 0, 0, 0, 0, 0},
    {USART_ISR, "ISR", 0x000000c0u, 0, 0, 0, 0x007fdfffu},
    {USART_ICR, "ICR", 0, 0, 0, 0, 0},
    {USART_RDR, "RDR", 0, 0, 0, 0, 0x000001ffu},
    {USART_TDR, "TDR", 0, 0x000001ffu, 0, 0, 0},
};

/* RM0351 41.7 */
static const struct reg_desc lpuart_regs[] = {
    {USART_CR1, "CR1", 0, 0x13ff7fffu, 0, 0, 0}, {USART_CR2, "CR2", 0, 0xff0fb010u, 0, 0, 0},
    {USART_CR3, "CR3", 0, 0x00f0f7c9u, 0, 0, 0}, {USART_BRR, "BRR", 0, 0x000fffffu, 0, 0, 0},
    {USART_RQR, "RQR", 0, 0, 0, 0, 0},           {USART_ISR, "ISR", 0x000000c0u, 0, 0, 0, 0x007f06ffu},
    {USART_ICR, "ICR", 0, 0, 0, 0, 0},           {USART_RDR, "RDR", 0, 0, 0, 0, 0x000001ffu},
    {USART_TDR, "TDR", 0, 0x000001ffu, 0, 0, 0},
};

static const char *const usart_inputs[] = {"clk", "rst", "ker", "rx", "tx_af", "rx_af", NULL};
static const char *const usart_outputs[] = {"tx", "irq", NULL};

_Static_assert(sizeof(struct usart_state) == 88, "state of a USART");

/* --- line parameters ----------------------------------------------------------------------- */
uint32_t usart_word_bits(const struct usart_state *s)
{
    uint32_t cr1 = s->word[USART_CR1 / 4u];
    if ((cr1 & USART_CR1_M1) != 0)
        return 7;
    return (cr1 & USART_CR1_M0) != 0 ? 9 : 8;
}

/** Kernel clocks in `scale` bits; 0 if BRR is below what the unit accepts. */
static uint32_t divider(const struct device *dev, uint32_t *scale)
{
    const struct usart_state *s = dev->state;
    const struct stm32_usart_v3_params *params = dev->params;
    uint32_t brr = s->word[USART_BRR / 4u];

    *scale = 1;
    if (params->low_power != 0) {
        *scale = 256; /* RM0351 41.4.5 */
        return brr >= 0x300u ? brr : 0;
    }
    if ((s->word[USART_CR1 / 4u] & USART_CR1_OVER8) != 0) {
        *scale = 2; /* RM0351 40.5.4 */
        brr = (brr & ~0xfu) | (brr & 7u) << 1;
    }
    return brr >= 16u ? brr : 0;
}

uint32_t usart_baud(const struct device *dev)
{
    uint32_t scale;
    uint32_t div = divider(dev, &scale);
    uint64_t ker_hz = dev_input(dev, USART_IN_KER);
    return div == 0 ? 0 : (uint32_t)((ker_hz * scale + div / 2u) / div);
}

uint64_t usart_frame_ps(const struct device *dev)
{
    /* RM0351 40.8.2, STOP: 1, 0.5, 2, 1.5 bits; here in halves. */
    static const uint8_t stop_halves[] = {2, 1, 4, 3};
    const struct usart_state *s = dev->state;
    uint32_t scale;
    uint32_t div = divider(dev, &scale);
    uint64_t ker_hz = dev_input(dev, USART_IN_KER);
    uint32_t halves = 2u * (1u + usart_word_bits(s)) + stop_halves[bits(s->word[USART_CR2 / 4u], 12, 13)];

    if (div == 0 || ker_hz == 0)
        return TIME_NEVER;
    return mul_div_floor(halves * PS_PER_S, div, 2u * scale * ker_hz);
}

bool usart_pin_selected(const struct device *dev, uint32_t input, uint32_t function)
{
    uint64_t wire = dev_input(dev, input);
    return wire == 0 || wire == AF_WIRE(function);
}

void usart_update_irq(struct device *dev)
{
    const struct usart_state *s = dev->state;
    uint32_t isr = s->word[USART_ISR / 4u];
    uint32_t cr1 = s->word[USART_CR1 / 4u];
    uint32_t cr3 = s->word[USART_CR3 / 4u];
    /* RM0351 40.7: each flag with its enable; bits 4 to 7 of CR1 sit where they do in ISR. */
    bool irq = (isr & cr1 & (USART_ISR_IDLE | USART_ISR_RXNE | USART_ISR_TC | USART_ISR_TXE)) ||
               ((isr & USART_ISR_ORE) != 0 && (cr1 & USART_CR1_RXNEIE) != 0) ||
               ((isr & USART_ISR_PE) != 0 && (cr1 & USART_CR1_PEIE) != 0) ||
               ((isr & USART_ISR_CMF) != 0 && (cr1 & USART_CR1_CMIE) != 0) ||
               ((isr & (USART_ISR_FE | USART_ISR_NE | USART_ISR_ORE)) != 0 && (cr3 & USART_CR3_EIE) != 0);
    dev_output(dev, USART_OUT_IRQ, irq);
}

/* --- transmitter --------------------------------------------------------------------------- */
static bool transmitter_on(const struct usart_state *s)
{
    uint32_t cr1 = s->word[USART_CR1 / 4u];
    return (cr1 & USART_CR1_UE) != 0 && (cr1 & USART_CR1_TE) != 0;
}

/** Moves on to what is to be sent next: a break, the data register, or nothing. */
static void next_frame(struct device *dev)
{
    struct usart_state *s = dev->state;
    uint32_t *isr = &s->word[USART_ISR / 4u];

    if (s->sending != SENDING_NOTHING || !transmitter_on(s))
        return;
    uint64_t frame_ps = usart_frame_ps(dev);
    bool wanted = (*isr & USART_ISR_SBKF) != 0 || s->preamble != 0 || s->tdr_full != 0;
    if (wanted && frame_ps == TIME_NEVER) {
        if (s->tdr_full != 0 && s->clock_told == 0) {
            s->clock_told = 1;
            dev_guest_error(dev, USART_BRR, "transmission without a clock, or with BRR too small");
        }
        return;
    }
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
    }
    if (s->sending != SENDING_NOTHING)
        dev_event_after(dev, USART_EVENT_TX, frame_ps);
}

static void put_frame(struct device *dev)
{
    struct usart_state *s = dev->state;
    const struct stm32_usart_v3_params *params = dev->params;
    uint32_t cr1 = s->word[USART_CR1 / 4u];
    bool parity = (cr1 & USART_CR1_PCE) != 0;
    uint32_t data_bits = usart_word_bits(s) - (parity ? 1u : 0u);
    uint32_t data = s->shift & ((1u << data_bits) - 1u);
    uint32_t baud = usart_baud(dev);

    if (!usart_pin_selected(dev, USART_IN_TX_AF, params->tx_af)) {
        if (s->pin_told == 0)
            dev_guest_error(dev, USART_TDR, "sent to a pin that is not in the alternate function of TX");
        s->pin_told = 1;
        return;
    }
    s->pin_told = 0;
    if (data_bits < 7u) {
        dev_gap(dev, USART_CR1, true, cr1, "USART_CR1: 7-bit words with parity");
        return;
    }
    uint32_t parity_code = !parity ? 0u : (cr1 & USART_CR1_PS) != 0 ? 3u : 2u;
    uint64_t frame = serial_frame(data, data_bits, parity_code, baud) | (uint64_t)bits(s->word[USART_CR2 / 4u], 12, 13)
                                                                            << 10;
    if (s->sending == SENDING_BREAK) {
        dev_pulse(dev, USART_OUT_TX, (frame & ~0x1ffull) | SERIAL_BREAK);
        return;
    }
    dev_observe(dev, OBS_UART_TX, data, baud, 0, NULL);
    dev_pulse(dev, USART_OUT_TX, frame);
}

static void frame_sent(struct device *dev)
{
    struct usart_state *s = dev->state;

    if (s->sending != SENDING_IDLE)
        put_frame(dev);
    if (s->sending == SENDING_BREAK)
        s->word[USART_ISR / 4u] &= ~USART_ISR_SBKF;
    s->sending = SENDING_NOTHING;
    next_frame(dev);
    usart_update_irq(dev);
}

static void write_tdr(struct device *dev, uint32_t value)
{
    struct usart_state *s = dev->state;

    if ((s->word[USART_CR1 / 4u] & USART_CR1_UE) == 0)
        dev_guest_error(dev, USART_TDR, "USART_TDR written while UE is 0");
    else if (s->tdr_full != 0)
        dev_guest_error(dev, USART_TDR, "USART_TDR written while TXE is 0: a byte is lost");
    s->word[USART_TDR / 4u] = value & 0x1ffu;
    if ((s->word[USART_CR1 / 4u] & USART_CR1_UE) == 0)
        return;
    s->tdr_full = 1;
    s->word[USART_ISR / 4u] &= ~(USART_ISR_TXE | USART_ISR_TC);
    next_frame(dev);
}

/* --- registers ----------------------------------------------------------------------------- */
/** RM0351 40.8.8: UE = 0 stops everything and brings the flags to their reset values. */
static void switch_off(struct device *dev)
{
    struct usart_state *s = dev->state;

    dev_event_cancel(dev, USART_EVENT_TX);
    dev_event_cancel(dev, USART_EVENT_IDLE);
    s->word[USART_ISR / 4u] = USART_ISR_TXE | USART_ISR_TC;
    s->tdr_full = 0;
    s->sending = SENDING_NOTHING;
    s->preamble = 0;
    s->idle_armed = 0;
}

static void write_cr1(struct device *dev, uint32_t old, uint32_t new)
{
    struct usart_state *s = dev->state;
    uint32_t *isr = &s->word[USART_ISR / 4u];
    bool was_on = transmitter_on(s);

    if ((old & USART_CR1_UE) != 0 && ((old ^ new) & USART_CR1_FROZEN) != 0) {
        dev_guest_error(dev, USART_CR1, "USART_CR1: format changed while UE is 1");
        new = (new & ~USART_CR1_FROZEN) | (old & USART_CR1_FROZEN);
    }
    if ((new & ~old &USART_CR1_GAPS) != 0)
        dev_gap(dev, USART_CR1, true, new, "USART_CR1: mute mode, time-out, block end, Stop");
    s->word[USART_CR1 / 4u] = new;
    if ((old & ~new &USART_CR1_UE) != 0)
        switch_off(dev);
    *isr &= ~(USART_ISR_TEACK | USART_ISR_REACK);
    if ((new &USART_CR1_UE) == 0)
        return;
    if ((new &USART_CR1_TE) != 0)
        *isr |= USART_ISR_TEACK;
    if ((new &USART_CR1_RE) != 0)
        *isr |= USART_ISR_REACK;
    if (!was_on && transmitter_on(s)) {
        s->preamble = 1; /* RM0351 40.5.2: TE sends an idle frame first */
        next_frame(dev);
    }
}

static void write_config(struct device *dev, const struct reg_desc *reg, uint32_t old, uint32_t new)
{
    struct usart_state *s = dev->state;
    uint32_t frozen = reg->rw;

    /* RM0351 40.8.2, 40.8.3: these may change while UE = 1. */
    if (reg->offset == USART_CR2)
        frozen &= ~0x00800000u; /* RTOEN */
    else if (reg->offset == USART_CR3)
        frozen &= ~(USART_CR3_EIE | 0x004004c0u); /* WUFIE, CTSIE, DMAT, DMAR */
    if ((s->word[USART_CR1 / 4u] & USART_CR1_UE) != 0 && ((old ^ new) & frozen) != 0) {
        dev_guest_error(dev, reg->offset, "USART configuration changed while UE is 1");
        new = (new & ~frozen) | (old & frozen);
    }
    uint32_t gaps = reg->offset == USART_CR2   ? USART_CR2_GAPS
                    : reg->offset == USART_CR3 ? USART_CR3_GAPS
                    : reg->offset == USART_BRR ? 0
                                               : UINT32_MAX;
    if ((new & ~old &gaps) != 0) {
        const char *text = reg->offset == USART_CR2    ? "USART_CR2: mode not modelled"
                           : reg->offset == USART_CR3  ? "USART_CR3: mode not modelled"
                           : reg->offset == USART_GTPR ? "USART_GTPR"
                                                       : "USART_RTOR";
        dev_gap(dev, reg->offset, true, new, text);
    }
    s->word[reg->offset / 4u] = new;
    s->clock_told = 0;
}

static void write_rqr(struct device *dev, uint32_t value)
{
    struct usart_state *s = dev->state;
    uint32_t *isr = &s->word[USART_ISR / 4u];

    if ((value & 0x05u) != 0) /* ABRRQ, MMRQ */
        dev_gap(dev, USART_RQR, true, value, "USART_RQR: auto-baud or mute request");
    if ((value & 0x02u) != 0) { /* SBKRQ */
        *isr |= USART_ISR_SBKF;
        next_frame(dev);
    }
    if ((value & 0x08u) != 0) /* RXFRQ */
        *isr &= ~USART_ISR_RXNE;
    if ((value & 0x10u) != 0 && s->tdr_full != 0) { /* TXFRQ */
        s->tdr_full = 0;
        *isr |= USART_ISR_TXE;
    }
}

static uint32_t usart_read(struct device *dev, uint32_t offset, unsigned size)
{
    struct usart_state *s = dev->state;

    if (model_register(dev, offset) == NULL)
        return 0;
    uint32_t value = reg_lane_read(s->word[offset / 4u], offset, size);
    if (offset == USART_RDR) {
        s->word[USART_ISR / 4u] &= ~USART_ISR_RXNE;
        usart_update_irq(dev);
    }
    return value;
}

static void usart_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct usart_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t old = s->word[offset / 4u];
    uint32_t new = reg_written(reg, old, word, reg_lane_mask(offset, size));

    switch (reg->offset) {
    case USART_CR1:
        write_cr1(dev, old, new);
        break;
    case USART_ICR:
        s->word[USART_ISR / 4u] &= ~(word & USART_ICR_CLEARS);
        break;
    case USART_RQR:
        write_rqr(dev, word);
        break;
    case USART_TDR:
        if (offset == USART_TDR)
            write_tdr(dev, word);
        break;
    case USART_ISR:
    case USART_RDR:
        break;
    default:
        write_config(dev, reg, old, new);
        break;
    }
    usart_update_irq(dev);
}

static void usart_reset(struct device *dev, enum reset_kind kind)
{
    struct usart_state *s = dev->state;
    (void)kind;

    model_reset_words(dev, s->word);
    s->pin_told = 0;
    s->clock_told = 0;
    switch_off(dev);
    usart_update_irq(dev);
}

static void usart_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    if (input == USART_IN_RX)
        usart_receive(dev, value);
    else if (input == USART_IN_KER && value != 0)
        next_frame(dev);
}

static void usart_on_event(struct device *dev, uint32_t event)
{
    if (event == USART_EVENT_TX)
        frame_sent(dev);
    else
        usart_line_idle(dev);
}

const struct device_model stm32_usart_v3_model = {
    .name = "stm32_usart_v3",
    .state_size = sizeof(struct usart_state),
    .regs = usart_regs,
    .reg_count = ARRAY_LENGTH(usart_regs),
    .inputs = usart_inputs,
    .outputs = usart_outputs,
    .event_count = USART_EVENT_COUNT,
    .reset = usart_reset,
    .read = usart_read,
    .write = usart_write,
    .on_input = usart_on_input,
    .on_event = usart_on_event,
};

const struct device_model stm32_lpuart_v3_model = {
    .name = "stm32_lpuart_v3",
    .state_size = sizeof(struct usart_state),
    .regs = lpuart_regs,
    .reg_count = ARRAY_LENGTH(lpuart_regs),
    .inputs = usart_inputs,
    .outputs = usart_outputs,
    .event_count = USART_EVENT_COUNT,
    .reset = usart_reset,
    .read = usart_read,
    .write = usart_write,
    .on_input = usart_on_input,
    .on_event = usart_on_event,
};
