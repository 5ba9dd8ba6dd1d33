/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The inside of the I2C model: stm32_i2c_v2.c has the registers, stm32_i2c_v2_line.c the two lines, bit by bit,
 * stm32_i2c_v2_byte.c what bytes mean.
 */
#ifndef TWINBANK_MODELS_STM32_I2C_V2_PRIVATE_H
#define TWINBANK_MODELS_STM32_I2C_V2_PRIVATE_H

#include "model.h"
#include "stm32_i2c_v2.h"

/* RM0351 39.7 */
#define I2C_CR1      0x00u
#define I2C_CR2      0x04u
#define I2C_OAR1     0x08u
#define I2C_OAR2     0x0cu
#define I2C_TIMINGR  0x10u
#define I2C_TIMEOUTR 0x14u
#define I2C_ISR      0x18u
#define I2C_ICR      0x1cu
#define I2C_PECR     0x20u
#define I2C_RXDR     0x24u
#define I2C_TXDR     0x28u
#define I2C_WORDS    11u

#define I2C_CR1_PE        0x00000001u
#define I2C_CR1_TXIE      0x00000002u
#define I2C_CR1_RXIE      0x00000004u
#define I2C_CR1_ADDRIE    0x00000008u
#define I2C_CR1_NACKIE    0x00000010u
#define I2C_CR1_STOPIE    0x00000020u
#define I2C_CR1_TCIE      0x00000040u
#define I2C_CR1_ERRIE     0x00000080u
#define I2C_CR1_DNF       0x00000f00u
#define I2C_CR1_ANFOFF    0x00001000u
#define I2C_CR1_TXDMAEN   0x00004000u
#define I2C_CR1_RXDMAEN   0x00008000u
#define I2C_CR1_SBC       0x00010000u
#define I2C_CR1_NOSTRETCH 0x00020000u
#define I2C_CR1_WUPEN     0x00040000u
#define I2C_CR1_GCEN      0x00080000u
#define I2C_CR1_SMBHEN    0x00100000u
#define I2C_CR1_SMBDEN    0x00200000u
#define I2C_CR1_ALERTEN   0x00400000u
#define I2C_CR1_PECEN     0x00800000u

#define I2C_CR2_RD_WRN  0x00000400u
#define I2C_CR2_ADD10   0x00000800u
#define I2C_CR2_HEAD10R 0x00001000u
#define I2C_CR2_START   0x00002000u
#define I2C_CR2_STOP    0x00004000u
#define I2C_CR2_NACK    0x00008000u
#define I2C_CR2_NBYTES  0x00ff0000u
#define I2C_CR2_RELOAD  0x01000000u
#define I2C_CR2_AUTOEND 0x02000000u
#define I2C_CR2_PECBYTE 0x04000000u

#define I2C_OAR1_OA1MODE 0x00000400u
#define I2C_OAR_OAEN     0x00008000u /* OA1EN, OA2EN */

#define I2C_TIMEOUTR_TIDLE    0x00001000u
#define I2C_TIMEOUTR_TIMOUTEN 0x00008000u
#define I2C_TIMEOUTR_TEXTEN   0x80000000u

#define I2C_ISR_TXE     0x00000001u
#define I2C_ISR_TXIS    0x00000002u
#define I2C_ISR_RXNE    0x00000004u
#define I2C_ISR_ADDR    0x00000008u
#define I2C_ISR_NACKF   0x00000010u
#define I2C_ISR_STOPF   0x00000020u
#define I2C_ISR_TC      0x00000040u
#define I2C_ISR_TCR     0x00000080u
#define I2C_ISR_BERR    0x00000100u
#define I2C_ISR_ARLO    0x00000200u
#define I2C_ISR_OVR     0x00000400u
#define I2C_ISR_PECERR  0x00000800u
#define I2C_ISR_TIMEOUT 0x00001000u
#define I2C_ISR_ALERT   0x00002000u
#define I2C_ISR_BUSY    0x00008000u
#define I2C_ISR_DIR     0x00010000u
#define I2C_ISR_ADDCODE 0x00fe0000u
#define I2C_ISR_ERRORS  (I2C_ISR_BERR | I2C_ISR_ARLO | I2C_ISR_OVR | I2C_ISR_PECERR | I2C_ISR_TIMEOUT | I2C_ISR_ALERT)
/* ICR clears what stands at the same place in ISR; TXE, TXIS and the like it does not. */
#define I2C_ICR_CLEARS (I2C_ISR_ADDR | I2C_ISR_NACKF | I2C_ISR_STOPF | I2C_ISR_ERRORS)

enum i2c_input {
    I2C_IN_CLK,
    I2C_IN_RST,
    I2C_IN_KER, /* Hz of the kernel clock */
    I2C_IN_SCL,
    I2C_IN_SDA,
    I2C_IN_STOP, /* pwr.mode */
};

enum i2c_output {
    I2C_OUT_SCL,
    I2C_OUT_SDA,
    I2C_OUT_IRQ_EV,
    I2C_OUT_IRQ_ER,
    I2C_OUT_DMA_TX,
    I2C_OUT_DMA_RX,
};

enum i2c_event {
    I2C_EVENT_CLOCK, /* a phase of SCL ends */
    I2C_EVENT_DATA,  /* SDA changes, some time after SCL fell */
    I2C_EVENT_TIMEOUT,
    I2C_EVENT_COUNT,
};

enum i2c_role {
    I2C_IDLE,
    I2C_MASTER,
    I2C_LISTENER, /* takes in an address that may be its own */
    I2C_SLAVE,    /* is addressed */
};

/** What SCL of a master does. */
enum i2c_phase {
    I2C_PHASE_NONE,
    I2C_PHASE_FREE,  /* START is wanted: the bus must be free for a while */
    I2C_PHASE_SETUP, /* before a repeated START: both high */
    I2C_PHASE_START, /* SDA low, SCL still high */
    I2C_PHASE_LOW,
    I2C_PHASE_HELD, /* low until software has done something */
    I2C_PHASE_RISE, /* released; somebody else may hold it */
    I2C_PHASE_HIGH,
    I2C_PHASE_STOP, /* SCL high, SDA still low */
};

/** What comes behind a master's low phase. */
enum i2c_next {
    I2C_NEXT_BIT,
    I2C_NEXT_STOP,
    I2C_NEXT_RESTART,
};

enum i2c_byte {
    I2C_BYTE_ADDRESS,      /* the first one after START */
    I2C_BYTE_ADDRESS_LOW,  /* the second one of a 10-bit address */
    I2C_BYTE_ADDRESS_READ, /* the first one again, for reading from a 10-bit address */
    I2C_BYTE_DATA,
};

/* Why SCL is held low. */
#define I2C_HOLD_ADDR 1u
#define I2C_HOLD_TX   2u
#define I2C_HOLD_RX   4u
#define I2C_HOLD_TC   8u

#define I2C_BIT_NONE 0xffu /* no bit yet: SCL has not fallen since START */
#define I2C_BIT_ACK  8u

struct i2c_state {
    uint32_t word[I2C_WORDS];
    uint8_t scl, sda;         /* levels of the lines */
    uint8_t scl_out, sda_out; /* 1: released */
    uint8_t role;             /* enum i2c_role */
    uint8_t phase;            /* enum i2c_phase */
    uint8_t next;             /* enum i2c_next */
    uint8_t kind;             /* enum i2c_byte */
    uint8_t bit;              /* of the byte, 0 the first, or I2C_BIT_* */
    uint8_t shift;            /* bits seen */
    uint8_t byte;             /* that is sent */
    uint8_t sending;          /* 1: the eight bits are ours, 0: the acknowledge is */
    uint8_t ack;              /* to give, or that came */
    uint8_t held;             /* I2C_HOLD_* */
    uint8_t left;             /* bytes of NBYTES that are not through */
    uint8_t to_load;          /* of these, bytes that TXDR has not been given */
    uint8_t counted;          /* 1: left and to_load count: a master, or a slave with SBC */
    uint8_t involved;         /* addressed, or master, since the bus was free */
    uint8_t addressed_10;     /* a 10-bit address was ours since then */
    uint8_t frozen;           /* events that wait for the kernel clock, 1 << enum i2c_event */
};

static inline struct i2c_state *i2c_state(const struct device *dev)
{
    return dev->state;
}
static inline uint32_t i2c_cr1(const struct i2c_state *s)
{
    return s->word[I2C_CR1 / 4u];
}
static inline uint32_t *i2c_cr2(struct i2c_state *s)
{
    return &s->word[I2C_CR2 / 4u];
}
static inline uint32_t *i2c_isr(struct i2c_state *s)
{
    return &s->word[I2C_ISR / 4u];
}
static inline bool i2c_is_set(const struct i2c_state *s, uint32_t flag)
{
    return (s->word[I2C_ISR / 4u] & flag) != 0;
}
static inline bool i2c_is_slave(const struct i2c_state *s)
{
    return s->role == I2C_LISTENER || s->role == I2C_SLAVE;
}
/** A slave that may not hold SCL low. */
static inline bool i2c_never_stretches(const struct i2c_state *s)
{
    return s->role != I2C_MASTER && (i2c_cr1(s) & I2C_CR1_NOSTRETCH) != 0;
}

/* stm32_i2c_v2.c */
/** Drives interrupts and requests. */
void i2c_update(struct device *dev);

/* stm32_i2c_v2_line.c */
/** True if the unit sees the lines: on, clocked, and in Stop only if an address may wake the chip. */
bool i2c_is_awake(const struct device *dev);
/** Lets both lines go and forgets what went on. */
void i2c_release(struct device *dev);
void i2c_drive_scl(struct device *dev, bool released);
void i2c_drive_sda(struct device *dev, bool released);
/** START is set: begins as soon as the bus is free. */
void i2c_want_start(struct device *dev);
/** SCL is low: keeps it there. */
void i2c_hold(struct device *dev, uint32_t why);
/** What held SCL is gone: goes on with the bit, if nothing else holds it. */
void i2c_resume(struct device *dev);
void i2c_line_changed(struct device *dev, enum i2c_input line);
void i2c_line_event(struct device *dev, enum i2c_event event);
void i2c_clock_changed(struct device *dev, bool running);
void i2c_watch_timeout(struct device *dev);

/* stm32_i2c_v2_byte.c */
/** A master has sent START: prepares the first byte. */
void i2c_first_byte(struct device *dev);
/** Eight bits are through, SCL is low: what the acknowledge will be. */
void i2c_before_ack(struct device *dev);
/** The acknowledge is through, SCL is low: what comes next. */
void i2c_after_ack(struct device *dev);
/** Software has done what SCL was held for. */
void i2c_address_cleared(struct device *dev);
void i2c_txdr_written(struct device *dev);
void i2c_rxdr_read(struct device *dev);
void i2c_count_written(struct device *dev);
/** START, STOP or AUTOEND was set. */
void i2c_end_wanted(struct device *dev);
/** A master gives up: STOP as soon as possible. */
void i2c_give_up(struct device *dev);

#endif
