/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Shared by the files of the SPI model, and by nobody else. */
#ifndef TWINBANK_MODELS_STM32_SPI_V2_PRIVATE_H
#define TWINBANK_MODELS_STM32_SPI_V2_PRIVATE_H

#include "model.h"
#include "stm32_spi_v2.h"

#define SPI_CR1    0x00u
#define SPI_CR2    0x04u
#define SPI_SR     0x08u
#define SPI_DR     0x0cu
#define SPI_CRCPR  0x10u
#define SPI_RXCRCR 0x14u
#define SPI_TXCRCR 0x18u
#define SPI_WORDS  7u

#define SPI_CR1_CPHA     0x0001u
#define SPI_CR1_CPOL     0x0002u
#define SPI_CR1_MSTR     0x0004u
#define SPI_CR1_BR       0x0038u
#define SPI_CR1_SPE      0x0040u
#define SPI_CR1_LSBFIRST 0x0080u
#define SPI_CR1_SSI      0x0100u
#define SPI_CR1_SSM      0x0200u
#define SPI_CR1_RXONLY   0x0400u
#define SPI_CR1_CRCL     0x0800u
#define SPI_CR1_CRCNEXT  0x1000u
#define SPI_CR1_CRCEN    0x2000u
#define SPI_CR1_BIDIOE   0x4000u
#define SPI_CR1_BIDIMODE 0x8000u
#define SPI_CR2_RXDMAEN  0x0001u
#define SPI_CR2_TXDMAEN  0x0002u
#define SPI_CR2_SSOE     0x0004u
#define SPI_CR2_NSSP     0x0008u
#define SPI_CR2_FRF      0x0010u
#define SPI_CR2_ERRIE    0x0020u
#define SPI_CR2_RXNEIE   0x0040u
#define SPI_CR2_TXEIE    0x0080u
#define SPI_CR2_DS       0x0f00u
#define SPI_CR2_FRXTH    0x1000u
#define SPI_CR2_LDMARX   0x2000u
#define SPI_CR2_LDMATX   0x4000u

#define SPI_SR_RXNE   0x0001u
#define SPI_SR_TXE    0x0002u
#define SPI_SR_CRCERR 0x0010u
#define SPI_SR_MODF   0x0020u
#define SPI_SR_OVR    0x0040u
#define SPI_SR_BSY    0x0080u

#define SPI_FIFO_BYTES 4u

enum spi_input {
    SPI_IN_CLK, /* of the bus, which is the kernel clock, too */
    SPI_IN_RST,
    SPI_IN_SCK,
    SPI_IN_MISO,
    SPI_IN_MOSI,
    SPI_IN_NSS,
    SPI_IN_TX_LEFT, /* of the DMA transfer that feeds DR (enum dma_left) */
    SPI_IN_RX_LEFT,
};

enum spi_output {
    SPI_OUT_SCK,
    SPI_OUT_MISO,
    SPI_OUT_MOSI,
    SPI_OUT_NSS,
    SPI_OUT_IRQ,
    SPI_OUT_DMA_TX, /* requests, as levels */
    SPI_OUT_DMA_RX,
};

enum spi_event {
    SPI_EVENT_FRAME, /* the master's frame ends */
    SPI_EVENT_PULSE, /* and the pulse on NSS after it */
    SPI_EVENT_COUNT,
};

struct spi_fifo {
    uint8_t byte[SPI_FIFO_BYTES]; /* the oldest first */
    uint32_t count;
};

struct spi_state {
    uint32_t word[SPI_WORDS]; /* of SR only the flags that are stored: CRCERR, MODF, OVR */
    struct spi_fifo tx, rx;
    uint32_t cycles;      /* of the burst under way, 0: none */
    uint32_t mode;        /* slave: SYNC_CPOL and SYNC_CPHA of its master */
    uint32_t pulse;       /* 1: NSS is high between two frames */
    uint32_t tx_frame;    /* the last frame taken to be sent, in the order of the line */
    uint32_t tx_left;     /* slave: bits of it that are still to be sent */
    uint32_t rx_frame;    /* slave: the bits received so far of a frame */
    uint32_t rx_bits;     /* and how many */
    uint32_t crc_phase;   /* 1: frames carry the CRC */
    uint32_t crc_tx_left; /* frames of it */
    uint32_t crc_rx_left;
    uint32_t crc_received; /* so far */
    uint32_t crc_dma;      /* 1: the end of a DMA transfer has asked for it, as CRCNEXT does */
    uint32_t crc_restart;  /* 1: the next data frame starts a new CRC */
    uint32_t ovr_step;     /* 1: DR was read, SR is to follow */
    uint32_t modf_step;    /* 1: SR was accessed, CR1 is to follow */
    uint32_t clock_told;   /* 1: firmware was told of the missing clock */
};

static inline uint32_t spi_cr1(const struct spi_state *s)
{
    return s->word[SPI_CR1 / 4u];
}
static inline uint32_t spi_cr2(const struct spi_state *s)
{
    return s->word[SPI_CR2 / 4u];
}
static inline bool spi_enabled(const struct spi_state *s)
{
    return (spi_cr1(s) & SPI_CR1_SPE) != 0;
}
static inline bool spi_is_master(const struct spi_state *s)
{
    return (spi_cr1(s) & SPI_CR1_MSTR) != 0;
}
static inline uint32_t spi_frame_bits(const struct spi_state *s)
{
    return bits(spi_cr2(s), 8, 11) + 1u;
}
/** RM0351 42.4.5: who drives its data output, who looks at its data input. */
static inline bool spi_transmits(const struct spi_state *s)
{
    uint32_t cr1 = spi_cr1(s);
    return (cr1 & SPI_CR1_BIDIMODE) != 0 ? (cr1 & SPI_CR1_BIDIOE) != 0 : (cr1 & SPI_CR1_RXONLY) == 0;
}
static inline bool spi_receives(const struct spi_state *s)
{
    return (spi_cr1(s) & SPI_CR1_BIDIMODE) == 0 || (spi_cr1(s) & SPI_CR1_BIDIOE) == 0;
}

/* stm32_spi_v2.c */
/** Interrupt and requests, after whatever may have changed them. */
void spi_update(struct device *dev);
/** True if the transmit FIFO holds a whole frame. */
bool spi_has_frame(const struct spi_state *s);
uint32_t spi_take_frame(struct spi_state *s);
/** Puts a frame into the receive FIFO, or sets OVR. */
void spi_store_frame(struct spi_state *s, uint32_t frame);

/* stm32_spi_v2_line.c */
/** Drives the levels that the pins have between bursts. */
void spi_drive_pins(struct device *dev);
/** Level of NSS inside the unit. */
bool spi_nss_is_high(const struct device *dev);
/** The master goes on to its next frame, if it has one to send and none is under way. */
void spi_master_next(struct device *dev);
void spi_master_frame_ends(struct device *dev);
void spi_master_pulse_ends(struct device *dev);
/** The clock of another master. */
void spi_slave_clock(struct device *dev, uint64_t clock);
/** SPE went from 1 to 0. */
void spi_line_off(struct device *dev);

/* stm32_spi_v2_crc.c */
/** A DMA transfer came closer to its end. */
void spi_crc_dma(struct device *dev);
void spi_crc_clear(struct spi_state *s);
/** The next frame to send, data or CRC, in the order of the line; false: there is none. */
bool spi_crc_next(struct spi_state *s, uint32_t *line);
/** A frame ended that carried `line`. */
void spi_crc_frame_ends(struct spi_state *s, uint32_t line);
/** In the order of the line as a number, or the other way round. */
uint32_t spi_reorder(const struct spi_state *s, uint32_t frame);

#endif
