/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * CRC calculation unit of the STM32L4/L0 (RM0351 chapter 15).
 *
 * Modelled: polynomials of 7, 8, 16 and 32 bits, writes of 8, 16 and 32 bits, input reversal by
 * byte, half-word and word, output reversal, INIT, RESET, the independent data register.
 *
 * Not modelled: the cycles a computation takes. Not confirmed: a reversal unit wider than the write
 * reverses what was written; output reversal of a short polynomial turns round its own bits only.
 */
#include "stm32_crc.h"

#include "model.h"

#define CRC_DR    0x00u
#define CRC_IDR   0x04u
#define CRC_CR    0x08u
#define CRC_INIT  0x10u
#define CRC_POL   0x14u
#define CRC_WORDS 6u

#define CRC_CR_RESET    0x00000001u
#define CRC_CR_POLYSIZE 0x00000018u
#define CRC_CR_REV_OUT  0x00000080u

/* RM0351 15.4 */
static const struct reg_desc crc_regs[] = {
    {CRC_DR, "DR", 0xffffffffu, 0xffffffffu, 0, 0, 0},   {CRC_IDR, "IDR", 0, 0x000000ffu, 0, 0, 0},
    {CRC_CR, "CR", 0, 0x000000f8u, 0, CRC_CR_RESET, 0},  {CRC_INIT, "INIT", 0xffffffffu, 0xffffffffu, 0, 0, 0},
    {CRC_POL, "POL", 0x04c11db7u, 0xffffffffu, 0, 0, 0},
};

static const char *const crc_inputs[] = {"clk", "rst", NULL};
static const char *const crc_outputs[] = {NULL};

struct crc_state {
    uint32_t word[CRC_WORDS]; /* DR before output reversal, in its low bits */
};
_Static_assert(sizeof(struct crc_state) == 24, "state of the CRC unit");

static uint32_t width(const struct crc_state *s)
{
    static const uint8_t widths[] = {32, 16, 8, 7}; /* RM0351 15.4.3, POLYSIZE */
    return widths[bits(s->word[CRC_CR / 4u], 3, 4)];
}

static uint32_t mask(uint32_t width_bits)
{
    return UINT32_MAX >> (32u - width_bits);
}

/** The lowest width_bits bits of value, back to front. */
static uint32_t reversed(uint32_t value, uint32_t width_bits)
{
    value = (value & 0x55555555u) << 1 | (value >> 1 & 0x55555555u);
    value = (value & 0x33333333u) << 2 | (value >> 2 & 0x33333333u);
    value = (value & 0x0f0f0f0fu) << 4 | (value >> 4 & 0x0f0f0f0fu);
    return __builtin_bswap32(value) >> (32u - width_bits);
}

static uint32_t reversed_input(const struct crc_state *s, uint32_t value, uint32_t size_bits)
{
    uint32_t rev_in = bits(s->word[CRC_CR / 4u], 5, 6);
    uint32_t unit = rev_in == 0 ? 0 : 4u << rev_in; /* 8, 16, 32 */
    uint32_t result = 0;

    if (unit == 0)
        return value;
    if (unit > size_bits)
        unit = size_bits;
    for (uint32_t bit = 0; bit < size_bits; bit += unit)
        result |= reversed(value >> bit & mask(unit), unit) << bit;
    return result;
}

/** What eight bits do to a register of 32 bits with this polynomial. Most firmware uses one all its life. */
static const uint32_t *table_of(uint32_t polynomial)
{
    static uint32_t table[256], made_for; /* 0: no polynomial, nothing made */
    if (made_for == polynomial)
        return table;
    for (uint32_t byte = 0; byte < 256u; byte++) {
        uint32_t crc = byte << 24;
        for (unsigned bit = 0; bit < 8u; bit++)
            crc = (crc << 1) ^ ((crc & 0x80000000u) != 0 ? polynomial : 0);
        table[byte] = crc;
    }
    made_for = polynomial;
    return table;
}

/** Most significant bit first, as RM0351 15.3.3 draws it. Narrow registers are worked on in the upper bits. */
static void feed(struct crc_state *s, uint32_t value, uint32_t size_bits)
{
    uint32_t shift = 32u - width(s);
    uint32_t crc = s->word[CRC_DR / 4u] << shift;
    const uint32_t *table = table_of(s->word[CRC_POL / 4u] << shift);

    value = reversed_input(s, value, size_bits);
    for (uint32_t bit = size_bits; bit > 0; bit -= 8u)
        crc = (crc << 8) ^ table[crc >> 24 ^ (value >> (bit - 8u) & 0xffu)];
    s->word[CRC_DR / 4u] = crc >> shift;
}

static void crc_reset(struct device *dev, enum reset_kind kind)
{
    struct crc_state *s = dev->state;
    (void)kind;
    model_reset_words(dev, s->word);
}

static uint32_t crc_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct crc_state *s = dev->state;

    if (model_register(dev, offset) == NULL)
        return 0;
    uint32_t value = s->word[offset / 4u];
    if ((offset & ~3u) == CRC_DR) {
        value &= mask(width(s));
        if ((s->word[CRC_CR / 4u] & CRC_CR_REV_OUT) != 0)
            value = reversed(value, width(s));
    }
    return reg_lane_read(value, offset, size);
}

static void crc_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct crc_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    if (reg->offset == CRC_DR) {
        /* RM0351 15.3.3: the width of the write is the width of the data, right-aligned. */
        if (offset != CRC_DR)
            dev_guest_error(dev, offset, "CRC_DR: narrow writes go to its first byte");
        feed(s, value & mask(size * 8u), size * 8u);
        return;
    }
    uint32_t word = reg_lane_merge(0, offset, size, value);
    s->word[offset / 4u] = reg_written(reg, s->word[offset / 4u], word, reg_lane_mask(offset, size));
    if (reg->offset == CRC_POL && (s->word[CRC_POL / 4u] & 1u) == 0)
        dev_guest_error(dev, offset, "CRC_POL: even polynomials are not supported");
    /* RM0351 15.3.3: a write to INIT loads DR at once, and so does RESET. */
    if (reg->offset == CRC_INIT || (s->word[CRC_CR / 4u] & CRC_CR_RESET) != 0)
        s->word[CRC_DR / 4u] = s->word[CRC_INIT / 4u];
    s->word[CRC_CR / 4u] &= ~CRC_CR_RESET;
}

/** Feeding and reading the result are what takes a boot's time. */
static bool crc_is_plain(const struct device *dev, enum access_kind kind, uint32_t offset, unsigned size)
{
    (void)dev;
    (void)kind;
    return offset == CRC_DR && size == 4u;
}

const struct device_model stm32_crc_model = {
    .name = "stm32_crc",
    .state_size = sizeof(struct crc_state),
    .regs = crc_regs,
    .reg_count = ARRAY_LENGTH(crc_regs),
    .inputs = crc_inputs,
    .outputs = crc_outputs,
    .reset = crc_reset,
    .read = crc_read,
    .write = crc_write,
    .is_plain = crc_is_plain,
};
