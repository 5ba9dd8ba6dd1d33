/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What the bytes on an I2C bus mean to a master and to a slave (RM0351 39.4.7 to 39.4.12). */
#include "stm32_i2c_v2_private.h"

#define GENERAL_CALL   0x00u
#define SMBUS_HOST     0x08u /* RM0351 39.4.11: host, device default */
#define SMBUS_DEVICE   0x61u
#define HEADER_10      0x1eu /* 11110: the first five bits of a 10-bit address */
#define NOT_COUNTED    0xffu
#define PEC_POLYNOMIAL 0x07u /* RM0351 39.4.11: x8 + x2 + x + 1 */

/* --- counting ------------------------------------------------------------------------------ */
static bool has_pec(struct i2c_state *s)
{
    return (i2c_cr1(s) & I2C_CR1_PECEN) != 0 && (*i2c_cr2(s) & I2C_CR2_PECBYTE) != 0;
}

static bool is_last(const struct i2c_state *s)
{
    return s->counted != 0 && s->left == 1u;
}

/** The byte that comes is the PEC, not data. */
static bool is_pec(struct i2c_state *s)
{
    return has_pec(s) && is_last(s);
}

static void start_count(struct i2c_state *s, bool counted)
{
    uint8_t count = (uint8_t)bits(*i2c_cr2(s), 16, 23);

    s->counted = counted;
    s->left = counted ? count : NOT_COUNTED;
    s->to_load = s->left;
    if (counted && has_pec(s) && s->to_load > 0)
        s->to_load--;
    if (s->to_load > 0 && counted && !i2c_is_set(s, I2C_ISR_TXE))
        s->to_load--; /* TXDR was written before */
}

static void add_pec(struct i2c_state *s, uint8_t byte)
{
    uint8_t pec = (uint8_t)s->word[I2C_PECR / 4u] ^ byte;

    if ((i2c_cr1(s) & I2C_CR1_PECEN) == 0)
        return;
    for (uint32_t i = 0; i < 8u; i++)
        pec = (uint8_t)((uint32_t)pec << 1 ^ ((pec & 0x80u) != 0 ? PEC_POLYNOMIAL : 0u));
    s->word[I2C_PECR / 4u] = pec;
}

/* --- sending ------------------------------------------------------------------------------- */
/** TXDR goes into the shift register; then the next one is wanted, if there is one. */
static void load(struct i2c_state *s)
{
    s->byte = (uint8_t)s->word[I2C_TXDR / 4u];
    *i2c_isr(s) |= I2C_ISR_TXE;
    if (s->to_load > 0)
        *i2c_isr(s) |= I2C_ISR_TXIS;
}

static void next_to_send(struct device *dev)
{
    struct i2c_state *s = dev->state;

    s->sending = 1;
    if (is_pec(s)) {
        s->byte = (uint8_t)s->word[I2C_PECR / 4u];
        *i2c_cr2(s) &= ~I2C_CR2_PECBYTE;
        return;
    }
    if (!i2c_is_set(s, I2C_ISR_TXE)) {
        load(s);
        return;
    }
    if (i2c_never_stretches(s)) { /* RM0351 39.4.8: underrun */
        *i2c_isr(s) |= I2C_ISR_OVR | I2C_ISR_TXIS;
        s->byte = 0xff;
        return;
    }
    *i2c_isr(s) |= I2C_ISR_TXIS;
    i2c_hold(dev, I2C_HOLD_TX);
}

static void next_to_receive(struct i2c_state *s)
{
    s->sending = 0;
    s->ack = 1;
}

void i2c_txdr_written(struct device *dev)
{
    struct i2c_state *s = dev->state;

    *i2c_isr(s) &= ~(I2C_ISR_TXE | I2C_ISR_TXIS);
    if (s->counted != 0 && s->to_load > 0)
        s->to_load--;
    if ((s->held & I2C_HOLD_TX) == 0)
        return;
    s->held &= (uint8_t)~I2C_HOLD_TX;
    load(s);
    i2c_resume(dev);
}

/* --- master -------------------------------------------------------------------------------- */
void i2c_first_byte(struct device *dev)
{
    struct i2c_state *s = dev->state;
    uint32_t cr2 = *i2c_cr2(s);
    uint32_t read = (cr2 & I2C_CR2_RD_WRN) != 0;
    uint32_t header = HEADER_10 << 3 | bits(cr2, 8, 9) << 1;

    s->sending = 1;
    if (s->kind == I2C_BYTE_ADDRESS_READ) {
        s->byte = (uint8_t)(header | 1u);
        return;
    }
    s->kind = I2C_BYTE_ADDRESS;
    if ((cr2 & I2C_CR2_ADD10) == 0)
        s->byte = (uint8_t)((cr2 & 0xfeu) | read);
    else /* RM0351 39.4.9: HEAD10R sends only the first byte, for reading */
        s->byte = (uint8_t)(header | (read != 0 && (cr2 & I2C_CR2_HEAD10R) != 0));
}

static void send_stop(struct i2c_state *s)
{
    s->next = I2C_NEXT_STOP;
    *i2c_isr(s) &= ~(I2C_ISR_TC | I2C_ISR_TCR | I2C_ISR_TXIS);
}

static void send_restart(struct i2c_state *s)
{
    s->next = I2C_NEXT_RESTART;
    s->kind = I2C_BYTE_ADDRESS;
    *i2c_isr(s) &= ~I2C_ISR_TC;
}

/** All bytes are through, or software wants an end. */
static void end_of_count(struct device *dev)
{
    struct i2c_state *s = dev->state;
    uint32_t cr2 = *i2c_cr2(s);

    if ((cr2 & I2C_CR2_STOP) != 0) {
        send_stop(s);
    } else if ((cr2 & I2C_CR2_RELOAD) != 0) {
        *i2c_isr(s) |= I2C_ISR_TCR;
        i2c_hold(dev, I2C_HOLD_TC);
    } else if ((cr2 & I2C_CR2_AUTOEND) != 0) {
        send_stop(s);
    } else if ((cr2 & I2C_CR2_START) != 0) {
        send_restart(s);
    } else {
        *i2c_isr(s) |= I2C_ISR_TC;
        i2c_hold(dev, I2C_HOLD_TC);
    }
}

static void next_of_master(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->left == 0 || (*i2c_cr2(s) & I2C_CR2_STOP) != 0)
        end_of_count(dev);
    else if ((*i2c_cr2(s) & I2C_CR2_RD_WRN) == 0)
        next_to_send(dev);
    else
        next_to_receive(s);
}

/** Not confirmed: STOP follows whether AUTOEND is set or not. */
static void refused(struct device *dev)
{
    struct i2c_state *s = dev->state;

    *i2c_isr(s) |= I2C_ISR_NACKF;
    *i2c_cr2(s) &= ~I2C_CR2_START;
    send_stop(s);
}

static void after_ack_of_master(struct device *dev)
{
    struct i2c_state *s = dev->state;
    uint32_t cr2 = *i2c_cr2(s);
    bool reads = (cr2 & I2C_CR2_RD_WRN) != 0;

    if (s->sending != 0 && s->ack == 0) {
        refused(dev);
        return;
    }
    if (s->kind == I2C_BYTE_DATA) {
        s->left--;
        next_of_master(dev);
        return;
    }
    if (s->kind == I2C_BYTE_ADDRESS && (cr2 & I2C_CR2_ADD10) != 0 && !(reads && (cr2 & I2C_CR2_HEAD10R) != 0)) {
        s->kind = I2C_BYTE_ADDRESS_LOW;
        s->byte = (uint8_t)cr2;
        return;
    }
    if (s->kind == I2C_BYTE_ADDRESS_LOW && reads) {
        s->kind = I2C_BYTE_ADDRESS_READ;
        s->next = I2C_NEXT_RESTART;
        return;
    }
    *i2c_cr2(s) &= ~I2C_CR2_START; /* RM0351 39.7.2: START and the address are sent */
    s->kind = I2C_BYTE_DATA;
    start_count(s, true);
    next_of_master(dev);
}

void i2c_end_wanted(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->role != I2C_MASTER) {
        if ((*i2c_cr2(s) & I2C_CR2_START) != 0)
            i2c_want_start(dev);
        return;
    }
    if ((s->held & (I2C_HOLD_TC | I2C_HOLD_TX)) == 0)
        return;
    bool through = i2c_is_set(s, I2C_ISR_TC);
    if ((*i2c_cr2(s) & I2C_CR2_STOP) != 0)
        send_stop(s);
    else if (through && (*i2c_cr2(s) & I2C_CR2_START) != 0)
        send_restart(s);
    else if (through && (*i2c_cr2(s) & I2C_CR2_AUTOEND) != 0)
        send_stop(s); /* not confirmed, but seen: AUTOEND set a write before START costs the repeated START */
    else
        return; /* START waits until the bytes are through */
    s->held = 0;
    i2c_resume(dev);
}

void i2c_give_up(struct device *dev)
{
    struct i2c_state *s = dev->state;

    s->held = 0;
    send_stop(s);
    i2c_resume(dev);
}

/* --- slave --------------------------------------------------------------------------------- */
/** RM0351 39.7.4, OA2MSK: that many low bits are not compared; then reserved addresses are not answered to. */
static bool is_second_address(const struct i2c_state *s, uint32_t address)
{
    uint32_t oar2 = s->word[I2C_OAR2 / 4u];
    uint32_t mask = bits(oar2, 8, 10);
    uint32_t top = address >> 3;

    if ((oar2 & I2C_OAR_OAEN) == 0)
        return false;
    if (mask != 0 && (top == 0 || top == 0xfu))
        return false;
    return bits(oar2, 1, 7) >> mask == address >> mask;
}

static bool is_our_address(const struct i2c_state *s, uint32_t byte)
{
    uint32_t oar1 = s->word[I2C_OAR1 / 4u];
    uint32_t cr1 = i2c_cr1(s);
    uint32_t address = byte >> 1;

    if ((oar1 & I2C_OAR_OAEN) != 0 && (oar1 & I2C_OAR1_OA1MODE) == 0 && bits(oar1, 1, 7) == address)
        return true;
    if ((cr1 & I2C_CR1_GCEN) != 0 && byte == GENERAL_CALL)
        return true;
    if (((cr1 & I2C_CR1_SMBHEN) != 0 && address == SMBUS_HOST) ||
        ((cr1 & I2C_CR1_SMBDEN) != 0 && address == SMBUS_DEVICE))
        return true;
    return is_second_address(s, address);
}

/** The first byte of our own 10-bit address. */
static bool is_our_header(const struct i2c_state *s, uint32_t byte)
{
    uint32_t oar1 = s->word[I2C_OAR1 / 4u];
    return (oar1 & I2C_OAR_OAEN) != 0 && (oar1 & I2C_OAR1_OA1MODE) != 0 && byte >> 3 == HEADER_10 &&
           bits(byte, 1, 2) == bits(oar1, 8, 9);
}

/** Decides on the acknowledge of an address byte; false: it is not for us. */
static bool take_address(struct i2c_state *s)
{
    uint32_t oar1 = s->word[I2C_OAR1 / 4u];

    if (s->kind == I2C_BYTE_ADDRESS_LOW) {
        s->addressed_10 = s->shift == bits(oar1, 0, 7);
        return s->addressed_10 != 0;
    }
    if (!is_our_header(s, s->shift))
        return is_our_address(s, s->shift);
    if ((s->shift & 1u) != 0)
        return s->addressed_10 != 0;
    s->kind = I2C_BYTE_ADDRESS_LOW;
    s->byte = s->shift; /* keeps the header for ADDCODE */
    s->addressed_10 = 0;
    return true;
}

/** RM0351 39.4.8: our address is acknowledged. */
static void addressed(struct device *dev)
{
    struct i2c_state *s = dev->state;
    bool low = s->kind == I2C_BYTE_ADDRESS_LOW;
    uint32_t first = low ? s->byte : s->shift;

    s->role = I2C_SLAVE;
    s->kind = I2C_BYTE_DATA;
    s->involved = 1;
    *i2c_isr(s) &= ~(I2C_ISR_ADDCODE | I2C_ISR_DIR);
    *i2c_isr(s) |= (first >> 1) << 17 | I2C_ISR_ADDR | ((first & 1u) != 0 && !low ? I2C_ISR_DIR : 0u);
    *i2c_cr2(s) &= ~(I2C_CR2_START | I2C_CR2_NACK | I2C_CR2_PECBYTE);
    if (i2c_never_stretches(s))
        i2c_address_cleared(dev);
    else
        i2c_hold(dev, I2C_HOLD_ADDR);
}

void i2c_address_cleared(struct device *dev)
{
    struct i2c_state *s = dev->state;
    bool held = (s->held & I2C_HOLD_ADDR) != 0;

    if (!held && !i2c_never_stretches(s))
        return;
    s->held &= (uint8_t)~I2C_HOLD_ADDR;
    start_count(s, (i2c_cr1(s) & I2C_CR1_SBC) != 0);
    if (i2c_is_set(s, I2C_ISR_DIR))
        next_to_send(dev);
    else
        next_to_receive(s);
    if (held)
        i2c_resume(dev);
}

static void after_ack_of_slave(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->kind == I2C_BYTE_ADDRESS_LOW && s->addressed_10 == 0) {
        s->sending = 0; /* the header was ours, the rest of the address comes */
        s->ack = 0;
        return;
    }
    if (s->role == I2C_LISTENER) {
        addressed(dev);
        return;
    }
    if (s->ack == 0) { /* whoever refused: STOP or START comes */
        if (s->sending != 0)
            *i2c_isr(s) |= I2C_ISR_NACKF;
        *i2c_isr(s) &= ~I2C_ISR_TXIS;
        *i2c_cr2(s) &= ~I2C_CR2_NACK;
        i2c_release(dev);
        return;
    }
    if (s->sending != 0) {
        if (s->counted != 0 && s->left > 0)
            s->left--;
        next_to_send(dev);
    } else {
        next_to_receive(s);
    }
}

/* --- receiving ----------------------------------------------------------------------------- */
/** RXDR is free: the byte goes there, and the acknowledge is decided (RM0351 39.4.7). */
static void deliver(struct device *dev)
{
    struct i2c_state *s = dev->state;
    uint32_t cr2 = *i2c_cr2(s);
    bool pec_wrong = is_pec(s) && s->shift != (uint8_t)s->word[I2C_PECR / 4u];

    s->word[I2C_RXDR / 4u] = s->shift;
    *i2c_isr(s) |= I2C_ISR_RXNE;
    if (pec_wrong)
        *i2c_isr(s) |= I2C_ISR_PECERR;
    if (is_pec(s))
        *i2c_cr2(s) &= ~I2C_CR2_PECBYTE;
    add_pec(s, s->shift);
    if (s->role == I2C_MASTER) {
        s->ack = s->left > 1u || (cr2 & I2C_CR2_RELOAD) != 0;
        return;
    }
    s->ack = (cr2 & I2C_CR2_NACK) == 0 && !pec_wrong;
    if (s->counted == 0 || s->left == 0)
        return;
    s->left--;
    if (s->left == 0 && (cr2 & I2C_CR2_RELOAD) != 0) { /* RM0351 39.4.8, SBC: software decides on the acknowledge */
        *i2c_isr(s) |= I2C_ISR_TCR;
        i2c_hold(dev, I2C_HOLD_TC);
    }
}

void i2c_rxdr_read(struct device *dev)
{
    struct i2c_state *s = dev->state;

    *i2c_isr(s) &= ~I2C_ISR_RXNE;
    if ((s->held & I2C_HOLD_RX) == 0)
        return;
    s->held &= (uint8_t)~I2C_HOLD_RX;
    deliver(dev);
    i2c_resume(dev);
}

void i2c_count_written(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (!i2c_is_set(s, I2C_ISR_TCR) || (*i2c_cr2(s) & I2C_CR2_NBYTES) == 0)
        return;
    *i2c_isr(s) &= ~I2C_ISR_TCR;
    s->held &= (uint8_t)~I2C_HOLD_TC;
    start_count(s, true);
    if (s->role == I2C_MASTER)
        next_of_master(dev);
    else if (s->bit == I2C_BIT_ACK)
        s->ack = (*i2c_cr2(s) & I2C_CR2_NACK) == 0;
    i2c_resume(dev);
}

void i2c_before_ack(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->sending != 0) {
        add_pec(s, s->byte);
        return;
    }
    if (s->role == I2C_LISTENER) {
        s->ack = take_address(s);
        if (s->ack == 0)
            i2c_release(dev);
        else
            add_pec(s, s->shift);
        return;
    }
    if (!i2c_is_set(s, I2C_ISR_RXNE)) {
        deliver(dev);
    } else if (i2c_never_stretches(s)) { /* RM0351 39.4.8: overrun, the byte is lost and refused */
        *i2c_isr(s) |= I2C_ISR_OVR;
        s->ack = 0;
    } else {
        i2c_hold(dev, I2C_HOLD_RX);
    }
}

void i2c_after_ack(struct device *dev)
{
    if (i2c_state(dev)->role == I2C_MASTER)
        after_ack_of_master(dev);
    else
        after_ack_of_slave(dev);
}
