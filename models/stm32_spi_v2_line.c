/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Pins of the STM32L4 SPI: the master's bursts of clock cycles, and the slave that follows the clock of another.
 * A burst of a master is one frame; a slave takes its bits as they come, whatever its own frame size is, so that a
 * master with another size, or one that gives up in the middle, shifts all that follows.
 *
 * A slave in another clock mode samples or drives at the wrong edges. Which bits then arrive depends on delays of
 * silicon; here: with the wrong sampling edge (CPOL == CPHA on one side only) each bit is received one cycle late, and
 * in any other mode each bit is sent one cycle late.
 */
#include "stm32_spi_v2_private.h"

static uint32_t clock_mode(const struct spi_state *s)
{
    uint32_t cr1 = spi_cr1(s);
    return ((cr1 & SPI_CR1_CPOL) != 0 ? SYNC_CPOL : 0) | ((cr1 & SPI_CR1_CPHA) != 0 ? SYNC_CPHA : 0);
}

/** True if bits are sampled at rising edges. */
static bool samples_rising(uint32_t mode)
{
    return ((mode & SYNC_CPOL) != 0) == ((mode & SYNC_CPHA) != 0);
}

static uint64_t cycles_ps(const struct device *dev, uint32_t cycles)
{
    const struct spi_state *s = dev->state;
    uint64_t hz = dev_input(dev, SPI_IN_CLK);
    /* RM0351 42.6.1, BR: 2 to 256 */
    return mul_div_floor(PS_PER_S, (uint64_t)cycles << (bits(spi_cr1(s), 3, 5) + 1u), hz);
}

bool spi_nss_is_high(const struct device *dev)
{
    const struct spi_state *s = dev->state;
    uint64_t pin = dev_input(dev, SPI_IN_NSS);

    if ((spi_cr1(s) & SPI_CR1_SSM) != 0)
        return (spi_cr1(s) & SPI_CR1_SSI) != 0;
    if (!pin_is_driven(pin)) /* no pin is in the function of NSS */
        return !spi_is_master(s);
    return pin_is_high(pin);
}

static bool is_selected(const struct device *dev)
{
    return spi_enabled(dev->state) && !spi_is_master(dev->state) && !spi_nss_is_high(dev);
}

/* --- levels -------------------------------------------------------------------------------- */
static bool pulses_nss(const struct spi_state *s)
{
    /* RM0351 42.4.12: Motorola frames that are sampled at first edges */
    return (spi_cr2(s) & SPI_CR2_NSSP) != 0 && (spi_cr2(s) & SPI_CR2_FRF) == 0 && (spi_cr1(s) & SPI_CR1_CPHA) == 0;
}

static enum pin_level nss_level(const struct spi_state *s)
{
    if (!spi_enabled(s) || !spi_is_master(s) || (spi_cr1(s) & SPI_CR1_SSM) != 0 || (spi_cr2(s) & SPI_CR2_SSOE) == 0)
        return PIN_RELEASED;
    return pulses_nss(s) && s->cycles == 0 ? PIN_HIGH : PIN_LOW;
}

void spi_drive_pins(struct device *dev)
{
    struct spi_state *s = dev->state;
    bool master = spi_enabled(s) && spi_is_master(s);
    bool sends = spi_transmits(s);

    dev_output(dev, SPI_OUT_NSS, nss_level(s));
    if (s->cycles != 0)
        return; /* the frames stay on the other lines until the burst ends */
    dev_output(dev, SPI_OUT_SCK, !master ? PIN_RELEASED : (spi_cr1(s) & SPI_CR1_CPOL) != 0 ? PIN_HIGH : PIN_LOW);
    dev_output(dev, SPI_OUT_MOSI, master && sends ? PIN_LOW : PIN_RELEASED);
    dev_output(dev, SPI_OUT_MISO, is_selected(dev) && sends ? PIN_LOW : PIN_RELEASED);
}

void spi_line_off(struct device *dev)
{
    struct spi_state *s = dev->state;

    /* RM0351 42.4.8: a receive-only master completes the frame under way. */
    if (dev_event_due(dev, SPI_EVENT_FRAME) != TIME_NEVER && !spi_transmits(s) && spi_is_master(s))
        return;
    /* Of one that sends, the manual guarantees nothing: the frame is lost. */
    if (s->cycles != 0 && spi_is_master(s))
        dev_guest_error(dev, SPI_CR1, "SPI_CR1.SPE cleared while BSY is 1: the frame is cut off");
    dev_event_cancel(dev, SPI_EVENT_FRAME);
    dev_event_cancel(dev, SPI_EVENT_PULSE);
    s->cycles = 0;
    s->pulse = 0;
    s->tx_left = 0;
    s->rx_bits = 0;
    s->rx_frame = 0;
    spi_drive_pins(dev);
}

/* --- master -------------------------------------------------------------------------------- */
static bool has_clock(struct device *dev)
{
    return dev_input(dev, SPI_IN_CLK) != 0;
}

void spi_master_next(struct device *dev)
{
    struct spi_state *s = dev->state;
    uint32_t line = 0;

    if (!spi_enabled(s) || !spi_is_master(s) || s->cycles != 0 || s->pulse != 0 || !has_clock(dev))
        return;
    if (spi_transmits(s) && !spi_crc_next(s, &line))
        return;
    s->cycles = spi_frame_bits(s);
    s->tx_frame = line;
    spi_drive_pins(dev); /* NSS, if it pulses */
    dev_event_after(dev, SPI_EVENT_FRAME, cycles_ps(dev, s->cycles));
    uint32_t hz = (uint32_t)(dev_input(dev, SPI_IN_CLK) >> (bits(spi_cr1(s), 3, 5) + 1u));
    dev_pulse(dev, SPI_OUT_SCK, sync_start(s->cycles, clock_mode(s), hz));
    if (spi_transmits(s))
        dev_pulse(dev, SPI_OUT_MOSI, sync_bits(line, s->cycles));
}

/** What the data input showed, in the order of the line. */
static uint32_t sample(const struct device *dev, uint32_t cycles)
{
    const struct spi_state *s = dev->state;
    /* RM0351 42.4.3: with one line, a master uses MOSI and a slave MISO. */
    bool one_line = (spi_cr1(s) & SPI_CR1_BIDIMODE) != 0;
    bool from_mosi = one_line == spi_is_master(s);
    return sync_line_bits(dev_input(dev, from_mosi ? SPI_IN_MOSI : SPI_IN_MISO), cycles);
}

static void receive(struct spi_state *s, uint32_t line)
{
    if (spi_receives(s))
        spi_store_frame(s, spi_reorder(s, line));
    spi_crc_frame_ends(s, line);
}

void spi_master_frame_ends(struct device *dev)
{
    struct spi_state *s = dev->state;
    uint32_t line = sample(dev, s->cycles);

    dev_pulse(dev, SPI_OUT_SCK, sync_end(s->cycles));
    s->cycles = 0;
    receive(s, line);
    if (pulses_nss(s) && spi_enabled(s)) {
        s->pulse = 1;
        dev_event_after(dev, SPI_EVENT_PULSE, cycles_ps(dev, 1));
    }
    spi_master_next(dev);
    spi_drive_pins(dev);
}

void spi_master_pulse_ends(struct device *dev)
{
    struct spi_state *s = dev->state;
    s->pulse = 0;
    spi_master_next(dev);
}

/* --- slave --------------------------------------------------------------------------------- */
/** The bits that the slave sends in a burst; what it has not got it makes up from its last frame. */
static uint32_t bits_to_send(struct spi_state *s)
{
    uint32_t size = spi_frame_bits(s);
    uint32_t line = 0;

    for (uint32_t i = 0; i < s->cycles; i++) {
        if (s->tx_left == 0) {
            (void)spi_crc_next(s, &s->tx_frame);
            s->tx_left = size;
        }
        line |= (s->tx_frame >> (size - s->tx_left) & 1u) << i;
        s->tx_left--;
    }
    return s->mode == clock_mode(s) ? line : line << 1;
}

static void slave_starts(struct device *dev, uint64_t clock)
{
    struct spi_state *s = dev->state;

    s->cycles = sync_cycles(clock);
    s->mode = sync_mode(clock);
    if (!spi_transmits(s))
        return;
    uint32_t line = bits_to_send(s);
    dev_pulse(dev, SPI_OUT_MISO, sync_bits(line, s->cycles));
}

static void slave_ends(struct device *dev)
{
    struct spi_state *s = dev->state;
    uint32_t size = spi_frame_bits(s);
    uint32_t line = sample(dev, s->cycles);

    if (samples_rising(s->mode) != samples_rising(clock_mode(s)))
        line <<= 1;
    for (uint32_t i = 0; i < s->cycles; i++) {
        s->rx_frame |= (line >> i & 1u) << s->rx_bits++;
        if (s->rx_bits < size)
            continue;
        receive(s, s->rx_frame);
        s->rx_frame = 0;
        s->rx_bits = 0;
    }
    s->cycles = 0;
    spi_drive_pins(dev);
}

void spi_slave_clock(struct device *dev, uint64_t clock)
{
    struct spi_state *s = dev->state;
    uint64_t kind = clock & SYNC_KIND;

    if (spi_is_master(s))
        return;
    if (kind == SYNC_START && is_selected(dev)) {
        slave_starts(dev, clock);
    } else if (kind == SYNC_END && s->cycles != 0 && is_selected(dev)) {
        slave_ends(dev);
    } else if (s->cycles != 0) { /* the master gave up, or chose another slave */
        s->cycles = 0;
        spi_drive_pins(dev);
    }
}
