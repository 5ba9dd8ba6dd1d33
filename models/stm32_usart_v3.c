/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * USART, UART and LPUART of the STM32L4/L0 (RM0351 chapters 40 and 41): registers, requests, interrupts. The
 * transmitter is in stm32_usart_v3_tx.c, the receiver in stm32_usart_v3_rx.c, the clock of synchronous mode in
 * stm32_usart_v3_sync.c.
 *
 * Modelled: asynchronous frames of 7, 8 and 9 bits with parity and 0.5 to 2 stop bits, byte timing from the kernel
 * clock, the idle preamble after TE, break, polling and interrupts of every flag the asynchronous mode sets, DMA
 * requests, character match, overrun (OVRDIS too), automatic baud rate, receiver time-out, mute mode, LIN breaks, half
 * duplex, CTS, RTS and driver enable as wires, SWAP, inverted lines, DATAINV, MSBFIRST, wake-up from Stop, enable
 * acknowledges, flush requests, configuration frozen while UE = 1; synchronous mode on the pins CK, TX and RX.
 *
 * Not modelled, reported as gaps: smartcard, IrDA, 6 data bits (7-bit words with parity). GTPR is
 * stored only, because only those modes use it.
 * Not modelled, silently: noise (NE is never set), BUSY (a frame is known only when it has ended: IDLE, RTOF and WUF
 * come up to a frame late), the time from the last stop bit to the end of driver enable (DEDT).
 *
 * Pins: tx_af, tx_af2, ... and rx_af, ... carry what GPIO ports say of the pins (AF_WIRE in model.h). While no wire of
 * a signal is driven the board does not say which pins it has: then the frame passes.
 */
#include "stm32_usart_v3_private.h"

/* RM0351 40.8.1 to 40.8.3: what only UE = 0 lets software change. */
#define USART_CR1_FROZEN (USART_CR1_M0 | USART_CR1_M1 | USART_CR1_OVER8 | USART_CR1_PCE | USART_CR1_PS | 0x03ff0800u)
#define USART_CR2_FREE   (USART_CR2_RTOEN | USART_CR2_ABREN | USART_CR2_LBDIE)
#define USART_CR3_FREE   (USART_CR3_EIE | USART_CR3_WUFIE | USART_CR3_CTSIE | USART_CR3_DMAT | USART_CR3_DMAR)
#define USART_CR3_GAPS   (USART_CR3_IREN | USART_CR3_SCEN)

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

/* UART4 and UART5: no synchronous and no smartcard mode, and no bits for them (RM0351 40.4). */
static const struct reg_desc uart_regs[] = {
    {USART_CR1, "CR1", 0, 0x1fffffffu, 0, 0, 0},
    {USART_CR2, "CR2", 0, 0xfffff070u, 0, 0, 0},
    {USART_CR3, "CR3", 0, 0x00f0ffcfu, 0, 0, 0},
    {USART_BRR, "BRR", 0, 0x0000ffffu, 0, 0, 0},
    {USART_GTPR, "GTPR", 0, 0x000000ffu, 0, 0, 0},
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

static const char *const usart_inputs[] = {"clk",        "rst",    "ker",    "rx",     "tx_af",
                                           "rx_af",      "tx_af2", "tx_af3", "rx_af2", "rx_af3",
                                           "rx_swapped", "cts",    "stop",   "rx_pin", NULL};
static const char *const usart_outputs[] = {"tx",  "irq", "dma_tx", "dma_rx", "tx_swapped",
                                            "rts", "de",  "ck",     "tx_pin", NULL};

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

uint64_t usart_halves_ps(const struct device *dev, uint64_t halves)
{
    uint32_t scale;
    uint32_t div = divider(dev, &scale);
    uint64_t ker_hz = dev_input(dev, USART_IN_KER);

    if (div == 0 || ker_hz == 0)
        return TIME_NEVER;
    return mul_div_floor(halves * PS_PER_S, div, 2u * scale * ker_hz);
}

uint64_t usart_frame_ps(const struct device *dev)
{
    /* RM0351 40.8.2, STOP: 1, 0.5, 2, 1.5 bits; here in halves. */
    static const uint8_t stop_halves[] = {2, 1, 4, 3};
    const struct usart_state *s = dev->state;
    return usart_halves_ps(dev, 2u * (1u + usart_word_bits(s)) + stop_halves[bits(usart_cr2(s), 12, 13)]);
}

uint32_t usart_reverse(uint32_t value, uint32_t count)
{
    uint32_t result = value >> count << count;
    for (uint32_t i = 0; i < count; i++)
        result |= (value >> i & 1u) << (count - 1u - i);
    return result;
}

bool usart_pin_selected(const struct device *dev, enum usart_signal signal)
{
    static const uint8_t pins[2][3] = {
        {USART_IN_TX_AF, USART_IN_TX_AF2, USART_IN_TX_AF3},
        {USART_IN_RX_AF, USART_IN_RX_AF2, USART_IN_RX_AF3},
    };
    const struct usart_state *s = dev->state;
    const struct stm32_usart_v3_params *params = dev->params;
    /* In half duplex the receiver listens on the pin of TX; SWAP exchanges the pins. */
    bool of_rx = signal == USART_SIGNAL_RX && (usart_cr3(s) & USART_CR3_HDSEL) == 0;
    if ((usart_cr2(s) & USART_CR2_SWAP) != 0)
        of_rx = !of_rx;
    uint32_t function = of_rx ? params->rx_af : params->tx_af;
    bool driven = false;

    for (uint32_t i = 0; i < 3u; i++) {
        uint64_t wire = dev_input(dev, pins[of_rx][i]);
        if (wire == AF_WIRE(function))
            return true;
        driven = driven || wire != 0;
    }
    return !driven;
}

/* --- what leaves the unit ------------------------------------------------------------------ */
static bool interrupts(const struct usart_state *s)
{
    uint32_t isr = s->word[USART_ISR / 4u];
    uint32_t cr1 = usart_cr1(s);
    uint32_t cr2 = usart_cr2(s);
    uint32_t cr3 = usart_cr3(s);
    /* RM0351 40.7: each flag with its enable; bits 4 to 7 of CR1 sit where they do in ISR. */
    return (isr & cr1 & (USART_ISR_IDLE | USART_ISR_RXNE | USART_ISR_TC | USART_ISR_TXE)) != 0 ||
           ((isr & USART_ISR_ORE) != 0 && (cr1 & USART_CR1_RXNEIE) != 0) ||
           ((isr & USART_ISR_PE) != 0 && (cr1 & USART_CR1_PEIE) != 0) ||
           ((isr & USART_ISR_CMF) != 0 && (cr1 & USART_CR1_CMIE) != 0) ||
           ((isr & USART_ISR_RTOF) != 0 && (cr1 & USART_CR1_RTOIE) != 0) ||
           ((isr & USART_ISR_LBDF) != 0 && (cr2 & USART_CR2_LBDIE) != 0) ||
           ((isr & USART_ISR_CTSIF) != 0 && (cr3 & USART_CR3_CTSIE) != 0) ||
           ((isr & USART_ISR_WUF) != 0 && (cr3 & USART_CR3_WUFIE) != 0) ||
           ((isr & (USART_ISR_FE | USART_ISR_NE | USART_ISR_ORE)) != 0 && (cr3 & USART_CR3_EIE) != 0);
}

static bool wants_rx_transfer(const struct usart_state *s)
{
    uint32_t isr = s->word[USART_ISR / 4u];
    uint32_t cr3 = usart_cr3(s);
    /* RM0351 40.8.3, DDRE: an error masks the request until its flag is cleared. */
    if ((cr3 & USART_CR3_DDRE) != 0 && (isr & (USART_ISR_PE | USART_ISR_FE | USART_ISR_NE | USART_ISR_ORE)) != 0)
        return false;
    return (cr3 & USART_CR3_DMAR) != 0 && (isr & USART_ISR_RXNE) != 0;
}

static enum pin_level active_low(bool active)
{
    return active ? PIN_LOW : PIN_HIGH;
}

void usart_update(struct device *dev)
{
    struct usart_state *s = dev->state;
    uint32_t *isr = &s->word[USART_ISR / 4u];
    uint32_t cr3 = usart_cr3(s);
    bool on = (usart_cr1(s) & USART_CR1_UE) != 0;

    *isr &= ~USART_ISR_CTS;
    if (on && (cr3 & USART_CR3_CTSE) != 0 && usart_cts_allows(dev))
        *isr |= USART_ISR_CTS;
    bool listening = on && (usart_cr1(s) & USART_CR1_RE) != 0 && (*isr & USART_ISR_RXNE) == 0;
    bool driving = on && s->de_on != 0;
    dev_output(dev, USART_OUT_RTS, (cr3 & USART_CR3_RTSE) != 0 ? active_low(listening) : PIN_RELEASED);
    dev_output(dev, USART_OUT_DE,
               (cr3 & USART_CR3_DEM) != 0 ? active_low(driving == ((cr3 & USART_CR3_DEP) != 0)) : PIN_RELEASED);
    usart_sync_drive(dev);
    dev_output(dev, USART_OUT_IRQ, interrupts(s));
    dev_output(dev, USART_OUT_DMA_RX, wants_rx_transfer(s));
    dev_output(dev, USART_OUT_DMA_TX,
               usart_transmitter_on(s) && (cr3 & USART_CR3_DMAT) != 0 && (*isr & USART_ISR_TXE) != 0);
}

/* --- registers ----------------------------------------------------------------------------- */
/** RM0351 40.8.8: UE = 0 stops everything and brings the flags to their reset values. */
static void switch_off(struct device *dev)
{
    struct usart_state *s = dev->state;

    dev_event_cancel(dev, USART_EVENT_TX);
    dev_event_cancel(dev, USART_EVENT_IDLE);
    dev_event_cancel(dev, USART_EVENT_TIMEOUT);
    dev_event_cancel(dev, USART_EVENT_CLOCK);
    s->cycles = 0;
    s->word[USART_ISR / 4u] = USART_ISR_TXE | USART_ISR_TC;
    s->tdr_full = 0;
    s->sending = SENDING_NOTHING;
    s->preamble = 0;
    s->idle_armed = 0;
    s->de_on = 0;
}

static void write_cr1(struct device *dev, uint32_t old, uint32_t new)
{
    struct usart_state *s = dev->state;
    uint32_t *isr = &s->word[USART_ISR / 4u];
    bool was_on = usart_transmitter_on(s);

    if ((old & USART_CR1_UE) != 0 && ((old ^ new) & USART_CR1_FROZEN) != 0) {
        dev_guest_error(dev, USART_CR1, "USART_CR1: format changed while UE is 1");
        new = (new & ~USART_CR1_FROZEN) | (old & USART_CR1_FROZEN);
    }
    if ((new & ~old &USART_CR1_EOBIE) != 0)
        dev_gap(dev, USART_CR1, true, new, "USART_CR1.EOBIE: smartcard mode");
    if ((new &USART_CR1_MME) == 0)
        *isr &= ~USART_ISR_RWU;
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
    if (!was_on && usart_transmitter_on(s)) {
        s->preamble = 1; /* RM0351 40.5.2: TE sends an idle frame first */
        usart_next_frame(dev);
    }
}

/** Bits of a configuration register that cannot change now. */
static uint32_t frozen_bits(const struct usart_state *s, const struct reg_desc *reg)
{
    uint32_t frozen = reg->rw;

    if ((usart_cr1(s) & USART_CR1_UE) == 0 || reg->offset == USART_RTOR)
        return 0;
    if (reg->offset == USART_CR2) {
        frozen &= ~USART_CR2_FREE;
        if ((usart_cr1(s) & USART_CR1_RE) == 0)
            frozen &= ~USART_CR2_ADD;
        if ((usart_cr2(s) & USART_CR2_ABREN) == 0)
            frozen &= ~USART_CR2_ABRMODE;
    } else if (reg->offset == USART_CR3) {
        frozen &= ~USART_CR3_FREE;
    }
    return frozen;
}

static void write_config(struct device *dev, const struct reg_desc *reg, uint32_t old, uint32_t new)
{
    struct usart_state *s = dev->state;
    uint32_t frozen = frozen_bits(s, reg);

    if (((old ^ new) & frozen) != 0) {
        dev_guest_error(dev, reg->offset, "USART configuration changed while UE is 1");
        new = (new & ~frozen) | (old & frozen);
    }
    if (reg->offset == USART_CR3 && (new & ~old &USART_CR3_GAPS) != 0)
        dev_gap(dev, reg->offset, true, new, "USART_CR3: IrDA or smartcard mode");
    s->word[reg->offset / 4u] = new;
    if (usart_is_synchronous(s) && (usart_cr2(s) & USART_CR2_SWAP) != 0 && old != new)
        dev_gap(dev, reg->offset, true, new, "USART_CR2.SWAP in synchronous mode");
    s->clock_told = 0;
}

static void write_rqr(struct device *dev, uint32_t value)
{
    struct usart_state *s = dev->state;
    uint32_t *isr = &s->word[USART_ISR / 4u];

    if ((value & USART_RQR_ABRRQ) != 0)
        *isr &= ~(USART_ISR_ABRE | USART_ISR_ABRF);
    if ((value & USART_RQR_MMRQ) != 0)
        usart_request_mute(dev);
    if ((value & USART_RQR_SBKRQ) != 0) {
        *isr |= USART_ISR_SBKF;
        usart_next_frame(dev);
    }
    if ((value & USART_RQR_RXFRQ) != 0)
        *isr &= ~USART_ISR_RXNE;
    if ((value & USART_RQR_TXFRQ) != 0 && s->tdr_full != 0) {
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
        usart_update(dev);
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
            usart_write_tdr(dev, word);
        break;
    case USART_ISR:
    case USART_RDR:
        break;
    default:
        write_config(dev, reg, old, new);
        break;
    }
    usart_update(dev);
}

static void usart_reset(struct device *dev, enum reset_kind kind)
{
    struct usart_state *s = dev->state;
    (void)kind;

    model_reset_words(dev, s->word);
    s->pin_told = 0;
    s->clock_told = 0;
    switch_off(dev);
    usart_update(dev);
}

static void usart_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    struct usart_state *s = dev->state;
    bool swapped = (usart_cr2(s) & USART_CR2_SWAP) != 0;

    switch (input) {
    case USART_IN_RX:
        if (!swapped)
            usart_receive(dev, value);
        break;
    case USART_IN_RX_SWAPPED:
        if (swapped)
            usart_receive(dev, value);
        break;
    case USART_IN_KER:
        if (value != 0)
            usart_next_frame(dev);
        break;
    case USART_IN_CTS:
        usart_cts_changed(dev);
        break;
    default:
        break;
    }
}

static void usart_on_event(struct device *dev, uint32_t event)
{
    switch ((enum usart_event)event) {
    case USART_EVENT_TX:
        usart_frame_sent(dev);
        break;
    case USART_EVENT_IDLE:
        usart_line_idle(dev);
        break;
    case USART_EVENT_TIMEOUT:
        usart_receiver_timeout(dev);
        break;
    case USART_EVENT_CLOCK:
        usart_sync_clock_due(dev);
        break;
    case USART_EVENT_COUNT:
        break;
    }
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

const struct device_model stm32_uart_v3_model = {
    .name = "stm32_uart_v3",
    .state_size = sizeof(struct usart_state),
    .regs = uart_regs,
    .reg_count = ARRAY_LENGTH(uart_regs),
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
