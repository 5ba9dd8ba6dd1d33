/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * I2C of the STM32L4/L0 (RM0351 chapter 39): registers, interrupts, requests. The lines are in stm32_i2c_v2_line.c, the
 * protocol in stm32_i2c_v2_byte.c.
 *
 * Modelled: master and slave on two open-drain lines, bit by bit, with the times of TIMINGR and the kernel clock; 7 and
 * 10 bits, repeated START, AUTOEND, RELOAD, NBYTES, SBC, clock stretching by all sides, NOSTRETCH with overrun and
 * underrun, own addresses and masks, general call, SMBus host and device addresses, arbitration, misplaced START and
 * STOP, PEC, time-outs of SCL low and of the idle bus, DMA requests, wake-up from Stop by an address.
 *
 * Not modelled, reported as gaps: SMBus alert (ALERTEN), the extended time-outs (TEXTEN).
 * Not modelled, silently: filters (DNF, ANFOFF are stored), slopes and the clocks that synchronising the lines takes:
 * SCL's period is SCLL + 1 + SCLH + 1 prescaled clocks; the start of HSI16 in Stop.
 *
 * Not confirmed: a master that is refused sends STOP even if AUTOEND is 0; one that waits with TC sends
 * STOP when AUTOEND is set without START; CR2.STOP stays set when the unit is no
 * master, until a STOP is seen; a byte of PEC goes into RXDR as any other.
 *
 * Wires: scl and sda out are what the unit drives (PIN_HIGH: released, if the pin is open drain); scl and sda in are
 * the levels of the pins, and count as high while no pin is in the function.
 */
#include "stm32_i2c_v2_private.h"

/* RM0351 39.7.1: what only PE = 0 lets software change; TIMINGR too. */
#define I2C_CR1_FROZEN (I2C_CR1_DNF | I2C_CR1_ANFOFF | I2C_CR1_NOSTRETCH)
/* RM0351 39.7.2: not to be changed while START is set. */
#define I2C_CR2_ADDRESS (0x000003ffu | I2C_CR2_RD_WRN | I2C_CR2_ADD10 | I2C_CR2_HEAD10R | I2C_CR2_NBYTES)
/* Set by software, cleared by hardware. */
#define I2C_CR2_ORDERS (I2C_CR2_START | I2C_CR2_STOP | I2C_CR2_NACK | I2C_CR2_PECBYTE)

/* RM0351 39.7 */
static const struct reg_desc i2c_regs[] = {
    {I2C_CR1, "CR1", 0, 0x00ffdfffu, 0, 0, 0},
    {I2C_CR2, "CR2", 0, 0x03ff1fffu, 0, I2C_CR2_ORDERS, 0},
    {I2C_OAR1, "OAR1", 0, 0x000087ffu, 0, 0, 0},
    {I2C_OAR2, "OAR2", 0, 0x000087feu, 0, 0, 0},
    {I2C_TIMINGR, "TIMINGR", 0, 0xf0ffffffu, 0, 0, 0},
    {I2C_TIMEOUTR, "TIMEOUTR", 0, 0x8fff9fffu, 0, 0, 0},
    {I2C_ISR, "ISR", 0x00000001u, 0, 0, I2C_ISR_TXE | I2C_ISR_TXIS, 0x00ffbffcu},
    {I2C_ICR, "ICR", 0, 0, 0, 0, 0},
    {I2C_PECR, "PECR", 0, 0, 0, 0, 0x000000ffu},
    {I2C_RXDR, "RXDR", 0, 0, 0, 0, 0x000000ffu},
    {I2C_TXDR, "TXDR", 0, 0x000000ffu, 0, 0, 0},
};

static const char *const i2c_inputs[] = {"clk", "rst", "ker", "scl", "sda", "stop", NULL};
static const char *const i2c_outputs[] = {"scl", "sda", "irq_ev", "irq_er", "dma_tx", "dma_rx", NULL};

_Static_assert(sizeof(struct i2c_state) == 64, "state of an I2C");

void i2c_update(struct device *dev)
{
    struct i2c_state *s = dev->state;
    uint32_t isr = *i2c_isr(s);
    uint32_t cr1 = i2c_cr1(s);
    /* RM0351 39.6 */
    bool event = ((isr & I2C_ISR_TXIS) != 0 && (cr1 & I2C_CR1_TXIE) != 0) ||
                 ((isr & I2C_ISR_RXNE) != 0 && (cr1 & I2C_CR1_RXIE) != 0) ||
                 ((isr & I2C_ISR_ADDR) != 0 && (cr1 & I2C_CR1_ADDRIE) != 0) ||
                 ((isr & I2C_ISR_NACKF) != 0 && (cr1 & I2C_CR1_NACKIE) != 0) ||
                 ((isr & I2C_ISR_STOPF) != 0 && (cr1 & I2C_CR1_STOPIE) != 0) ||
                 ((isr & (I2C_ISR_TC | I2C_ISR_TCR)) != 0 && (cr1 & I2C_CR1_TCIE) != 0);

    dev_output(dev, I2C_OUT_IRQ_EV, event);
    dev_output(dev, I2C_OUT_IRQ_ER, (isr & I2C_ISR_ERRORS) != 0 && (cr1 & I2C_CR1_ERRIE) != 0);
    dev_output(dev, I2C_OUT_DMA_TX, (isr & I2C_ISR_TXIS) != 0 && (cr1 & I2C_CR1_TXDMAEN) != 0);
    dev_output(dev, I2C_OUT_DMA_RX, (isr & I2C_ISR_RXNE) != 0 && (cr1 & I2C_CR1_RXDMAEN) != 0);
}

/** RM0351 39.4.6: PE = 0 lets the lines go, and brings flags and orders to their reset values. */
static void switch_off(struct device *dev)
{
    struct i2c_state *s = dev->state;

    *i2c_isr(s) = I2C_ISR_TXE;
    *i2c_cr2(s) &= ~I2C_CR2_ORDERS;
    s->involved = 0;
    s->addressed_10 = 0;
    dev_event_cancel(dev, I2C_EVENT_TIMEOUT);
    i2c_release(dev);
    dev_output(dev, I2C_OUT_SDA, PIN_RELEASED);
    dev_output(dev, I2C_OUT_SCL, PIN_RELEASED);
}

static void write_cr1(struct device *dev, uint32_t old, uint32_t new)
{
    struct i2c_state *s = dev->state;
    bool on = (new &I2C_CR1_PE) != 0;

    if ((old & I2C_CR1_PE) != 0 && ((old ^ new) & I2C_CR1_FROZEN) != 0 && on) {
        dev_guest_error(dev, I2C_CR1, "I2C_CR1: filters or NOSTRETCH changed while PE is 1");
        new = (new & ~I2C_CR1_FROZEN) | (old & I2C_CR1_FROZEN);
    }
    if ((new &I2C_CR1_WUPEN) != 0 && (new &I2C_CR1_DNF) != 0 && (old & I2C_CR1_WUPEN) == 0)
        dev_guest_error(dev, I2C_CR1, "I2C_CR1: WUPEN set while DNF is not 0");
    if ((new & ~old &I2C_CR1_ALERTEN) != 0)
        dev_gap(dev, I2C_CR1, true, new, "I2C_CR1.ALERTEN: SMBus alert");
    s->word[I2C_CR1 / 4u] = new;
    if ((old & I2C_CR1_PE) != 0 && !on) {
        switch_off(dev);
    } else if ((old & I2C_CR1_PE) == 0 && on) {
        i2c_drive_sda(dev, true);
        i2c_drive_scl(dev, true);
    }
}

static void write_cr2(struct device *dev, uint32_t old, uint32_t new)
{
    struct i2c_state *s = dev->state;

    if ((i2c_cr1(s) & I2C_CR1_PE) == 0)
        new &= ~I2C_CR2_ORDERS;
    if ((old & I2C_CR2_START) != 0 && ((old ^ new) & I2C_CR2_ADDRESS) != 0)
        dev_guest_error(dev, I2C_CR2, "I2C_CR2: address or count changed while START is 1");
    s->word[I2C_CR2 / 4u] = new;
    i2c_count_written(dev);
    if ((new & ~old &(I2C_CR2_START | I2C_CR2_STOP)) != 0)
        i2c_end_wanted(dev);
}

/** RM0351 39.7.3 to 39.7.6 */
static void write_config(struct device *dev, const struct reg_desc *reg, uint32_t old, uint32_t new)
{
    struct i2c_state *s = dev->state;
    uint32_t frozen = 0;

    if (reg->offset == I2C_TIMINGR && (i2c_cr1(s) & I2C_CR1_PE) != 0)
        frozen = UINT32_MAX;
    else if ((reg->offset == I2C_OAR1 || reg->offset == I2C_OAR2) && (old & new &I2C_OAR_OAEN) != 0)
        frozen = ~I2C_OAR_OAEN;
    else if (reg->offset == I2C_TIMEOUTR)
        frozen = ((old & new &I2C_TIMEOUTR_TIMOUTEN) != 0 ? 0x00001fffu : 0u) |
                 ((old & new &I2C_TIMEOUTR_TEXTEN) != 0 ? 0x0fff0000u : 0u);
    if (((old ^ new) & frozen) != 0) {
        dev_guest_error(dev, reg->offset, "I2C: timing or own address changed while it is in use");
        new = (new & ~frozen) | (old & frozen);
    }
    if (reg->offset == I2C_TIMEOUTR && (new & ~old &I2C_TIMEOUTR_TEXTEN) != 0)
        dev_gap(dev, reg->offset, true, new, "I2C_TIMEOUTR.TEXTEN: extended clock time-out");
    s->word[reg->offset / 4u] = new;
    i2c_watch_timeout(dev);
}

/** TXE empties TXDR; TXIS asks for a byte, which only NOSTRETCH needs (RM0351 39.7.7). */
static void write_isr(struct i2c_state *s, uint32_t word)
{
    if ((word & I2C_ISR_TXE) != 0)
        *i2c_isr(s) |= I2C_ISR_TXE;
    if ((word & I2C_ISR_TXIS) != 0 &&
        (i2c_cr1(s) & (I2C_CR1_NOSTRETCH | I2C_CR1_PE)) == (I2C_CR1_NOSTRETCH | I2C_CR1_PE))
        *i2c_isr(s) |= I2C_ISR_TXIS;
}

static uint32_t i2c_read(struct device *dev, uint32_t offset, unsigned size)
{
    struct i2c_state *s = dev->state;

    if (model_register(dev, offset) == NULL)
        return 0;
    uint32_t value = reg_lane_read(s->word[offset / 4u], offset, size);
    if (offset == I2C_RXDR) {
        i2c_rxdr_read(dev);
        i2c_update(dev);
    }
    return value;
}

static void i2c_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct i2c_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t old = s->word[offset / 4u];
    uint32_t new = reg_written(reg, old, word, reg_lane_mask(offset, size));

    switch (reg->offset) {
    case I2C_CR1:
        write_cr1(dev, old, new);
        break;
    case I2C_CR2:
        write_cr2(dev, old, new);
        break;
    case I2C_ISR:
        write_isr(s, word);
        break;
    case I2C_ICR:
        *i2c_isr(s) &= ~(word & I2C_ICR_CLEARS);
        if ((word & I2C_ISR_ADDR) != 0)
            i2c_address_cleared(dev);
        break;
    case I2C_TXDR:
        s->word[I2C_TXDR / 4u] = new;
        if (offset == I2C_TXDR)
            i2c_txdr_written(dev);
        break;
    case I2C_PECR:
    case I2C_RXDR:
        break;
    default:
        write_config(dev, reg, old, new);
        break;
    }
    i2c_update(dev);
}

static void i2c_reset(struct device *dev, enum reset_kind kind)
{
    struct i2c_state *s = dev->state;
    (void)kind;

    model_reset_words(dev, s->word);
    s->scl = dev_input(dev, I2C_IN_SCL) != PIN_LOW;
    s->sda = dev_input(dev, I2C_IN_SDA) != PIN_LOW;
    s->frozen = 0;
    switch_off(dev);
    i2c_update(dev);
}

static void i2c_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    if (input == I2C_IN_SCL || input == I2C_IN_SDA)
        i2c_line_changed(dev, (enum i2c_input)input);
    else if (input == I2C_IN_KER)
        i2c_clock_changed(dev, value != 0);
}

static void i2c_on_event(struct device *dev, uint32_t event)
{
    i2c_line_event(dev, (enum i2c_event)event);
}

const struct device_model stm32_i2c_v2_model = {
    .name = "stm32_i2c_v2",
    .state_size = sizeof(struct i2c_state),
    .regs = i2c_regs,
    .reg_count = ARRAY_LENGTH(i2c_regs),
    .inputs = i2c_inputs,
    .outputs = i2c_outputs,
    .event_count = I2C_EVENT_COUNT,
    .reset = i2c_reset,
    .read = i2c_read,
    .write = i2c_write,
    .on_input = i2c_on_input,
    .on_event = i2c_on_event,
};
