/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * CRC of the STM32L4 SPI (RM0351 42.4.14). Both registers start at 0 and take the bits in the order of the line, the
 * polynomial's highest power first. Not confirmed: with LSBFIRST the CRC is sent with its lowest bit first, too.
 */
#include "stm32_spi_v2_private.h"

static bool calculates(const struct spi_state *s)
{
    return (spi_cr1(s) & SPI_CR1_CRCEN) != 0;
}

static bool crc_is_next(const struct spi_state *s)
{
    bool asked = (spi_cr1(s) & SPI_CR1_CRCNEXT) != 0 || s->crc_dma != 0;
    return calculates(s) && asked && s->crc_phase == 0;
}

static uint32_t crc_bits(const struct spi_state *s)
{
    return (spi_cr1(s) & SPI_CR1_CRCL) != 0 ? 16u : 8u;
}

uint32_t spi_reorder(const struct spi_state *s, uint32_t frame)
{
    uint32_t size = spi_frame_bits(s);
    uint32_t result = 0;

    if ((spi_cr1(s) & SPI_CR1_LSBFIRST) != 0)
        return frame;
    for (uint32_t i = 0; i < size; i++)
        result |= (frame >> i & 1u) << (size - 1u - i);
    return result;
}

void spi_crc_clear(struct spi_state *s)
{
    s->word[SPI_RXCRCR / 4u] = 0;
    s->word[SPI_TXCRCR / 4u] = 0;
    s->crc_phase = 0;
    s->crc_tx_left = 0;
    s->crc_rx_left = 0;
    s->crc_received = 0;
    s->crc_dma = 0;
    s->crc_restart = 0;
}

/* RM0351 42.4.14: with DMA the CRC follows the last data without CRCNEXT. A unit that only receives has to know while
 * the last frame is on its way. */
void spi_crc_dma(struct device *dev)
{
    struct spi_state *s = dev->state;
    uint32_t cr2 = spi_cr2(s);
    bool sent = (cr2 & SPI_CR2_TXDMAEN) != 0 && dev_input(dev, SPI_IN_TX_LEFT) == DMA_LEFT_NONE;
    bool last = (cr2 & SPI_CR2_RXDMAEN) != 0 && dev_input(dev, SPI_IN_RX_LEFT) == DMA_LEFT_ONE;

    if (calculates(s) && (spi_transmits(s) ? sent : last))
        s->crc_dma = 1;
}

static void begin_phase(struct spi_state *s)
{
    uint32_t frames = crc_bits(s) > spi_frame_bits(s) ? 2u : 1u;
    s->crc_phase = 1;
    s->crc_tx_left = spi_transmits(s) ? frames : 0;
    s->crc_rx_left = spi_receives(s) ? frames : 0;
    s->crc_received = 0;
}

static void add_bits(const struct spi_state *s, uint32_t *crc, uint32_t line)
{
    uint32_t top = 1u << (crc_bits(s) - 1u);
    uint32_t mask = 2u * top - 1u;

    for (uint32_t i = 0; i < spi_frame_bits(s); i++) {
        uint32_t out = (*crc & top) != 0;
        *crc = *crc << 1 & mask;
        if (out != (line >> i & 1u))
            *crc ^= s->word[SPI_CRCPR / 4u] & mask;
    }
}

/** A data frame after a CRC starts the next one. */
static void restart(struct spi_state *s)
{
    if (s->crc_restart == 0)
        return;
    spi_crc_clear(s);
}

/** Part of a CRC that goes into one frame: frame `left` from the end, the high part first, with LSBFIRST the low. */
static uint32_t part_shift(const struct spi_state *s, uint32_t left)
{
    bool lsb_first = (spi_cr1(s) & SPI_CR1_LSBFIRST) != 0;
    bool two = crc_bits(s) > spi_frame_bits(s);
    return two && (left == 2u) != lsb_first ? 8u : 0u;
}

bool spi_crc_next(struct spi_state *s, uint32_t *line)
{
    uint32_t *crc = &s->word[SPI_TXCRCR / 4u];
    uint32_t mask = (1u << spi_frame_bits(s)) - 1u;

    if (crc_is_next(s) && !spi_has_frame(s))
        begin_phase(s);
    if (s->crc_tx_left != 0) {
        *line = spi_reorder(s, *crc >> part_shift(s, s->crc_tx_left) & mask);
        s->crc_tx_left--;
        return true;
    }
    if (!spi_has_frame(s))
        return false;
    *line = spi_reorder(s, spi_take_frame(s));
    restart(s);
    if (calculates(s))
        add_bits(s, crc, *line);
    return true;
}

static void compare(struct spi_state *s)
{
    if (s->crc_received != s->word[SPI_RXCRCR / 4u])
        s->word[SPI_SR / 4u] |= SPI_SR_CRCERR;
}

void spi_crc_frame_ends(struct spi_state *s, uint32_t line)
{
    if (!calculates(s))
        return;
    if (s->crc_phase == 0) {
        if (spi_receives(s)) {
            restart(s);
            add_bits(s, &s->word[SPI_RXCRCR / 4u], line);
        }
        if (!spi_transmits(s) && crc_is_next(s))
            begin_phase(s);
        return;
    }
    if (s->crc_rx_left != 0) {
        s->crc_received |= spi_reorder(s, line) << part_shift(s, s->crc_rx_left);
        s->crc_rx_left--;
        if (s->crc_rx_left == 0)
            compare(s);
    }
    if (s->crc_tx_left == 0 && s->crc_rx_left == 0) {
        s->crc_phase = 0;
        s->crc_restart = 1;
        s->crc_dma = 0;
        s->word[SPI_CR1 / 4u] &= ~SPI_CR1_CRCNEXT;
    }
}
