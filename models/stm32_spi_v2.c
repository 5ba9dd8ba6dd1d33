/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * SPI of the STM32L4 (RM0351 chapter 42): registers, FIFOs, flags, requests. What is on the pins is in
 * stm32_spi_v2_line.c, the CRC in stm32_spi_v2_crc.c.
 *
 * Modelled: master and slave, full duplex, half duplex and simplex, data of 4 to 16 bits, both FIFOs with their levels,
 * FRXTH, data packing, TXE, RXNE, BSY, OVR, MODF and CRCERR with their clear sequences, all clock modes and bit orders,
 * the baud rate from the bus clock, NSS by software, as an input and as an output, NSS pulses, CRC of 8 and 16 bits,
 * DMA requests with LDMATX, LDMARX and the CRC that follows the last transfer, interrupts, a receive-only master that
 * clocks until SPE is cleared.
 *
 * Not modelled, reported as gaps: TI mode (FRE is never set, then).
 * Not modelled, silently: what a line shows between bursts (data lines are low then; on silicon they keep the last
 * bit).
 *
 * Not confirmed, taken as worst for the firmware: MODF needs SPE = 1; NSS as an input without a pin in its function is
 * low for a master (MODF) and high for a slave (deaf); a slave without data repeats the last frame; its bit counter is
 * reset by SPE = 0 only, not by NSS; OVR shows once more in the read of SR that clears it; the write of CR1 that clears
 * MODF cannot set SPE or MSTR; SPE = 0 keeps both FIFOs.
 */
#include "stm32_spi_v2_private.h"

/* RM0351 42.6.1: "must be written only when SPI is disabled", or not while it communicates. */
#define SPI_CR1_FROZEN                                                                                                 \
    (SPI_CR1_CPHA | SPI_CR1_CPOL | SPI_CR1_MSTR | SPI_CR1_BR | SPI_CR1_LSBFIRST | SPI_CR1_CRCL | SPI_CR1_CRCEN)
#define SPI_CR2_FROZEN (SPI_CR2_NSSP | SPI_CR2_FRF | SPI_CR2_DS)

/* RM0351 42.6; no I2SCFGR on this chip. */
static const struct reg_desc spi_regs[] = {
    {SPI_CR1, "CR1", 0, 0x0000ffffu, 0, 0, 0},
    {SPI_CR2, "CR2", 0x00000700u, 0x00007fffu, 0, 0, 0},
    {SPI_SR, "SR", 0x00000002u, 0, 0, 0, 0x00001ff3u},
    {SPI_DR, "DR", 0, 0, 0, 0, 0x0000ffffu},
    {SPI_CRCPR, "CRCPR", 0x00000007u, 0x0000ffffu, 0, 0, 0},
    {SPI_RXCRCR, "RXCRCR", 0, 0, 0, 0, 0x0000ffffu},
    {SPI_TXCRCR, "TXCRCR", 0, 0, 0, 0, 0x0000ffffu},
};

static const char *const spi_inputs[] = {"clk", "rst", "sck", "miso", "mosi", "nss", "tx_left", "rx_left", NULL};
static const char *const spi_outputs[] = {"sck", "miso", "mosi", "nss", "irq", "dma_tx", "dma_rx", NULL};

_Static_assert(sizeof(struct spi_state) == 108, "state of an SPI");

/* --- FIFOs --------------------------------------------------------------------------------- */
static uint32_t frame_bytes(const struct spi_state *s)
{
    return spi_frame_bits(s) > 8u ? 2u : 1u;
}

static bool fifo_put(struct spi_fifo *fifo, uint32_t value, uint32_t bytes)
{
    if (fifo->count + bytes > SPI_FIFO_BYTES)
        return false;
    for (uint32_t i = 0; i < bytes; i++)
        fifo->byte[fifo->count++] = (uint8_t)(value >> (8u * i));
    return true;
}

/** The oldest bytes, the first of them lowest; fewer if there are not as many. */
static uint32_t fifo_take(struct spi_fifo *fifo, uint32_t bytes)
{
    uint32_t count = bytes < fifo->count ? bytes : fifo->count;
    uint32_t value = 0;

    for (uint32_t i = 0; i < count; i++)
        value |= (uint32_t)fifo->byte[i] << (8u * i);
    for (uint32_t i = count; i < fifo->count; i++)
        fifo->byte[i - count] = fifo->byte[i];
    fifo->count -= count;
    return value;
}

bool spi_has_frame(const struct spi_state *s)
{
    return s->tx.count >= frame_bytes(s);
}

uint32_t spi_take_frame(struct spi_state *s)
{
    return fifo_take(&s->tx, frame_bytes(s)) & ((1u << spi_frame_bits(s)) - 1u);
}

void spi_store_frame(struct spi_state *s, uint32_t frame)
{
    /* RM0351 42.4.10, OVR: what does not fit is lost, what was there stays. */
    if (!fifo_put(&s->rx, frame, frame_bytes(s)))
        s->word[SPI_SR / 4u] |= SPI_SR_OVR;
}

/* --- flags --------------------------------------------------------------------------------- */
/** RM0351 42.6.3, FRLVL and FTLVL: quarters, 3 of them counting as full. */
static uint32_t level_code(const struct spi_fifo *fifo)
{
    return fifo->count < 3u ? fifo->count : 3u;
}

/** RM0351 42.4.9: the last of an odd number of packed data comes alone. */
static bool is_odd_end(const struct device *dev, uint32_t dma_enable, uint32_t odd, enum spi_input left)
{
    const struct spi_state *s = dev->state;
    uint32_t both = dma_enable | odd;
    return (spi_cr2(s) & both) == both && frame_bytes(s) == 1u && dev_input(dev, left) == DMA_LEFT_ONE;
}

static bool is_odd_tx(const struct device *dev)
{
    return is_odd_end(dev, SPI_CR2_TXDMAEN, SPI_CR2_LDMATX, SPI_IN_TX_LEFT);
}

static bool is_odd_rx(const struct device *dev)
{
    return is_odd_end(dev, SPI_CR2_RXDMAEN, SPI_CR2_LDMARX, SPI_IN_RX_LEFT);
}

static uint32_t status(const struct spi_state *s)
{
    uint32_t sr = s->word[SPI_SR / 4u];
    uint32_t threshold = (spi_cr2(s) & SPI_CR2_FRXTH) != 0 ? 1u : 2u;

    if (s->rx.count >= threshold)
        sr |= SPI_SR_RXNE;
    if (s->tx.count <= SPI_FIFO_BYTES / 2u)
        sr |= SPI_SR_TXE;
    if (s->cycles != 0 || s->pulse != 0)
        sr |= SPI_SR_BSY;
    return sr | level_code(&s->rx) << 9 | level_code(&s->tx) << 11;
}

void spi_update(struct device *dev)
{
    struct spi_state *s = dev->state;
    uint32_t sr = status(s);
    uint32_t cr2 = spi_cr2(s);
    bool error = (sr & (SPI_SR_CRCERR | SPI_SR_MODF | SPI_SR_OVR)) != 0;
    bool irq = ((sr & SPI_SR_TXE) != 0 && (cr2 & SPI_CR2_TXEIE) != 0) ||
               ((sr & SPI_SR_RXNE) != 0 && (cr2 & SPI_CR2_RXNEIE) != 0) || (error && (cr2 & SPI_CR2_ERRIE) != 0);

    dev_output(dev, SPI_OUT_IRQ, irq);
    dev_output(dev, SPI_OUT_DMA_TX, (cr2 & SPI_CR2_TXDMAEN) != 0 && (sr & SPI_SR_TXE) != 0);
    bool received = (sr & SPI_SR_RXNE) != 0 || (is_odd_rx(dev) && s->rx.count != 0);
    dev_output(dev, SPI_OUT_DMA_RX, (cr2 & SPI_CR2_RXDMAEN) != 0 && received);
}

/** RM0351 42.4.10, MODF: a master whose NSS is low, unless it drives NSS itself, is one no more. */
static void check_mode_fault(struct device *dev)
{
    struct spi_state *s = dev->state;
    uint32_t both = SPI_CR1_SPE | SPI_CR1_MSTR;
    bool drives_nss = (spi_cr1(s) & SPI_CR1_SSM) == 0 && (spi_cr2(s) & SPI_CR2_SSOE) != 0;

    if ((spi_cr1(s) & both) != both || drives_nss || spi_nss_is_high(dev))
        return;
    s->word[SPI_SR / 4u] |= SPI_SR_MODF;
    s->word[SPI_CR1 / 4u] &= ~both;
    s->modf_step = 0;
    spi_line_off(dev);
}

/* --- registers ----------------------------------------------------------------------------- */
static void tell_gaps(struct device *dev)
{
    struct spi_state *s = dev->state;
    uint32_t cr1 = spi_cr1(s);
    uint32_t cr2 = spi_cr2(s);
    uint32_t size = spi_frame_bits(s);

    if ((cr2 & SPI_CR2_FRF) != 0)
        dev_gap(dev, SPI_CR2, true, cr2, "SPI_CR2.FRF: TI mode");
    if ((cr1 & SPI_CR1_CRCEN) != 0 && size != 8u && size != 16u)
        dev_guest_error(dev, SPI_CR1, "SPI_CR1.CRCEN with data of other than 8 or 16 bits");
}

static void write_cr1(struct device *dev, uint32_t new)
{
    struct spi_state *s = dev->state;
    uint32_t *sr = &s->word[SPI_SR / 4u];
    uint32_t old = spi_cr1(s);
    uint32_t both_on = old & new &SPI_CR1_SPE;

    if (both_on != 0 && ((old ^ new) & SPI_CR1_FROZEN) != 0)
        dev_guest_error(dev, SPI_CR1, "SPI_CR1: format changed while SPE is 1");
    if ((*sr & SPI_SR_MODF) != 0) {
        new &= ~(SPI_CR1_SPE | SPI_CR1_MSTR);
        if (s->modf_step != 0)
            *sr &= ~SPI_SR_MODF;
        s->modf_step = 0;
    }
    if ((new & ~old &SPI_CR1_CRCEN) != 0)
        spi_crc_clear(s);
    s->word[SPI_CR1 / 4u] = new;
    if ((old & ~new &SPI_CR1_SPE) != 0)
        spi_line_off(dev);
    if ((new & ~old &SPI_CR1_SPE) != 0)
        tell_gaps(dev);
    check_mode_fault(dev);
    spi_drive_pins(dev);
    spi_master_next(dev);
}

static void write_cr2(struct device *dev, uint32_t new)
{
    struct spi_state *s = dev->state;
    uint32_t old = spi_cr2(s);

    /* RM0351 42.6.2, DS: the codes below 4 bits are taken as 8. */
    if (bits(new, 8, 11) < 3u)
        new = (new & ~SPI_CR2_DS) | 0x0700u;
    if (spi_enabled(s) && ((old ^ new) & SPI_CR2_FROZEN) != 0)
        dev_guest_error(dev, SPI_CR2, "SPI_CR2: format changed while SPE is 1");
    s->word[SPI_CR2 / 4u] = new;
    if ((new & ~old &SPI_CR2_RXDMAEN) != 0) /* the channel may be on already */
        spi_crc_dma(dev);
    if (spi_enabled(s) && (new & ~old) != 0)
        tell_gaps(dev);
    check_mode_fault(dev);
    spi_drive_pins(dev);
    spi_master_next(dev);
}

/** RM0351 42.4.9: an access of 16 bits packs two frames of up to 8; wider frames need such an access. */
static uint32_t access_bytes(struct device *dev, unsigned size, bool odd)
{
    struct spi_state *s = dev->state;
    if (odd)
        return 1u;
    if (size == 1u && spi_frame_bits(s) > 8u)
        dev_guest_error(dev, SPI_DR, "SPI_DR: access of 8 bits with longer data");
    return size == 1u && spi_frame_bits(s) <= 8u ? 1u : 2u;
}

static void write_dr(struct device *dev, unsigned size, uint32_t value)
{
    struct spi_state *s = dev->state;
    if (!fifo_put(&s->tx, value, access_bytes(dev, size, is_odd_tx(dev))))
        dev_guest_error(dev, SPI_DR, "SPI_DR written while the transmit FIFO is full: data is lost");
    spi_master_next(dev);
}

static uint32_t read_dr(struct device *dev, unsigned size)
{
    struct spi_state *s = dev->state;

    if (s->rx.count != 0)
        s->word[SPI_DR / 4u] = fifo_take(&s->rx, access_bytes(dev, size, is_odd_rx(dev)));
    s->ovr_step = (s->word[SPI_SR / 4u] & SPI_SR_OVR) != 0;
    spi_update(dev);
    return s->word[SPI_DR / 4u];
}

static uint32_t read_sr(struct device *dev)
{
    struct spi_state *s = dev->state;
    uint32_t sr = status(s);

    if (s->ovr_step != 0)
        s->word[SPI_SR / 4u] &= ~SPI_SR_OVR;
    s->ovr_step = 0;
    s->modf_step = (sr & SPI_SR_MODF) != 0;
    spi_update(dev);
    return sr;
}

static uint32_t spi_read(struct device *dev, uint32_t offset, unsigned size)
{
    struct spi_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return 0;
    if (offset == SPI_DR)
        return reg_lane_read(read_dr(dev, size), offset, size);
    if (reg->offset == SPI_SR)
        return reg_lane_read(read_sr(dev), offset, size);
    return reg_lane_read(s->word[offset / 4u], offset, size);
}

static void spi_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct spi_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t lanes = reg_lane_mask(offset, size);
    uint32_t new = reg_written(reg, s->word[offset / 4u], word, lanes);

    if (size == 1u && reg->offset != SPI_DR) /* RM0351 42.6 */
        dev_guest_error(dev, offset, "access of 8 bits to a register of an SPI that is not DR");
    switch (reg->offset) {
    case SPI_CR1:
        write_cr1(dev, new);
        break;
    case SPI_CR2:
        write_cr2(dev, new);
        break;
    case SPI_SR:
        s->word[SPI_SR / 4u] &= word | ~(lanes & SPI_SR_CRCERR); /* cleared by writing 0 */
        s->modf_step = (s->word[SPI_SR / 4u] & SPI_SR_MODF) != 0;
        break;
    case SPI_DR:
        if (offset == SPI_DR)
            write_dr(dev, size, value);
        break;
    default:
        s->word[offset / 4u] = new;
        break;
    }
    spi_update(dev);
}

static void spi_reset(struct device *dev, enum reset_kind kind)
{
    struct spi_state *s = dev->state;
    (void)kind;

    model_reset_words(dev, s->word);
    s->word[SPI_SR / 4u] = 0;
    s->tx.count = 0;
    s->rx.count = 0;
    s->ovr_step = 0;
    s->modf_step = 0;
    s->clock_told = 0;
    spi_crc_clear(s);
    spi_line_off(dev);
    spi_drive_pins(dev);
    spi_update(dev);
}

static void spi_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    switch (input) {
    case SPI_IN_CLK:
        if (value != 0)
            spi_master_next(dev);
        break;
    case SPI_IN_SCK:
        spi_slave_clock(dev, value);
        break;
    case SPI_IN_NSS:
        check_mode_fault(dev);
        spi_drive_pins(dev);
        break;
    case SPI_IN_TX_LEFT:
    case SPI_IN_RX_LEFT:
        spi_crc_dma(dev);
        spi_master_next(dev);
        break;
    default:
        return; /* data is looked at when the clock says so */
    }
    spi_update(dev);
}

static void spi_on_event(struct device *dev, uint32_t event)
{
    if (event == SPI_EVENT_FRAME)
        spi_master_frame_ends(dev);
    else
        spi_master_pulse_ends(dev);
    spi_update(dev);
}

const struct device_model stm32_spi_v2_model = {
    .name = "stm32_spi_v2",
    .state_size = sizeof(struct spi_state),
    .regs = spi_regs,
    .reg_count = ARRAY_LENGTH(spi_regs),
    .inputs = spi_inputs,
    .outputs = spi_outputs,
    .event_count = SPI_EVENT_COUNT,
    .reset = spi_reset,
    .read = spi_read,
    .write = spi_write,
    .on_input = spi_on_input,
    .on_event = spi_on_event,
};
