/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Operational amplifiers of the STM32L47x/L48x (RM0351 chapter 23).
 *
 * Modelled: follower and PGA with gains 2 to 16 between 0 V and VDDA, standalone without feedback (the output is at one
 * end), inputs from pins and DAC channels, output to the pin, factory and user trimming, calibration with CALOUT.
 *
 * Stored only: low-power mode, OPA_RANGE. Not modelled, silently: feedback by parts outside, offsets that a wrong
 * trimming leaves, bandwidth, wake-up time.
 *
 * Not confirmed: OTR and LPOTR read the factory's values while USERTRIM = 0; CALOUT does not depend on time.
 */
#include "stm32_opamp.h"

#include "model.h"

#define OPAMP_COUNT 2u
#define OPAMP_BLOCK 0x10u
#define OPAMP_CSR   0x00u
#define OPAMP_OTR   0x04u
#define OPAMP_LPOTR 0x08u

#define OPAMP_CSR_OPAEN    0x00000001u
#define OPAMP_CSR_OPALPM   0x00000002u
#define OPAMP_CSR_VP_SEL   0x00000400u
#define OPAMP_CSR_CALON    0x00001000u
#define OPAMP_CSR_CALSEL   0x00002000u
#define OPAMP_CSR_USERTRIM 0x00004000u
#define OPAMP_CSR_CALOUT   0x00008000u

/* RM0351 23.5; OTR and LPOTR reset to the factory's values */
static const struct reg_desc opamp_regs[] = {
    {0x00u, "OPAMP1_CSR", 0, 0x8000773fu, 0, 0, OPAMP_CSR_CALOUT},
    {0x04u, "OPAMP1_OTR", 0, 0x00001f1fu, 0, 0, 0},
    {0x08u, "OPAMP1_LPOTR", 0, 0x00001f1fu, 0, 0, 0},
    {0x10u, "OPAMP2_CSR", 0, 0x0000773fu, 0, 0, OPAMP_CSR_CALOUT},
    {0x14u, "OPAMP2_OTR", 0, 0x00001f1fu, 0, 0, 0},
    {0x18u, "OPAMP2_LPOTR", 0, 0x00001f1fu, 0, 0, 0},
};

/* Microvolts in and, as PIN_VOLTAGE, out. */
enum opamp_input {
    OPAMP_IN_CLK,
    OPAMP_IN_RST,
    OPAMP_IN_DAC,
    OPAMP_IN_PLUS = OPAMP_IN_DAC + 2u,
    OPAMP_IN_MINUS = OPAMP_IN_PLUS + 2u,
    OPAMP_IN_COUNT = OPAMP_IN_MINUS + 2u,
};
static const char *const opamp_inputs[] = {"clk", "rst", "dac1", "dac2", "plus1", "plus2", "minus1", "minus2", NULL};
static const char *const opamp_outputs[] = {"out1", "out2", NULL};
_Static_assert(ARRAY_LENGTH(opamp_inputs) == OPAMP_IN_COUNT + 1u, "inputs of the amplifiers");

struct opamp_state {
    uint64_t driven[OPAMP_COUNT];
    uint32_t word[OPAMP_COUNT][4]; /* CSR, OTR, LPOTR as written */
};
_Static_assert(sizeof(struct opamp_state) == 48, "state of the amplifiers");

static uint32_t output_uv(const struct device *dev, uint32_t n)
{
    const struct opamp_state *s = dev->state;
    uint32_t csr = s->word[n][0];
    uint64_t plus = (uint32_t)dev_input(dev, ((csr & OPAMP_CSR_VP_SEL) != 0 ? OPAMP_IN_DAC : OPAMP_IN_PLUS) + n);
    uint64_t minus = (uint32_t)dev_input(dev, OPAMP_IN_MINUS + n);
    uint64_t out;

    switch (bits(csr, 2, 3)) { /* OPAMODE */
    case 3:
        out = plus;
        break;
    case 2:
        out = plus << (1u + bits(csr, 4, 5)); /* PGA_GAIN: 2, 4, 8, 16 */
        break;
    default:
        out = plus > minus ? SUPPLY_UV : 0;
        break;
    }
    return out < SUPPLY_UV ? (uint32_t)out : SUPPLY_UV;
}

static void drive(struct device *dev)
{
    struct opamp_state *s = dev->state;

    for (uint32_t n = 0; n < OPAMP_COUNT; n++) {
        bool on = (s->word[n][0] & (OPAMP_CSR_OPAEN | OPAMP_CSR_CALON)) == OPAMP_CSR_OPAEN;
        uint64_t wire = on ? pin_voltage(output_uv(dev, n)) : 0;
        if (wire == s->driven[n])
            continue;
        s->driven[n] = wire;
        dev_output(dev, n, wire);
    }
}

static uint32_t factory_trim(const struct device *dev, uint32_t n, bool low_power)
{
    const struct stm32_opamp_params *params = dev->params;
    return low_power ? params->trim_lp[n] : params->trim[n];
}

/**
 * RM0351 23.3.6: CALOUT changes where the trimming value corrects the offset: to 1 for the N pair, to 0 for the P pair,
 * as vendor drivers search it.
 */
static bool calibration_output(const struct device *dev, uint32_t n)
{
    const struct opamp_state *s = dev->state;
    uint32_t csr = s->word[n][0];
    bool low_power = (csr & OPAMP_CSR_OPALPM) != 0;
    uint32_t factory = factory_trim(dev, n, low_power);
    uint32_t trim = (csr & OPAMP_CSR_USERTRIM) != 0 ? s->word[n][low_power ? 2 : 1] : factory;

    if ((csr & (OPAMP_CSR_OPAEN | OPAMP_CSR_CALON)) != (OPAMP_CSR_OPAEN | OPAMP_CSR_CALON))
        return false;
    if ((csr & OPAMP_CSR_CALSEL) != 0)
        return bits(trim, 8, 12) < bits(factory, 8, 12);
    return bits(trim, 0, 4) >= bits(factory, 0, 4);
}

static uint32_t opamp_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct opamp_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return 0;
    uint32_t n = reg->offset / OPAMP_BLOCK;
    uint32_t in_block = reg->offset % OPAMP_BLOCK;
    uint32_t word = s->word[n][in_block / 4u];
    if (in_block == OPAMP_CSR)
        word |= calibration_output(dev, n) ? OPAMP_CSR_CALOUT : 0;
    else if ((s->word[n][0] & OPAMP_CSR_USERTRIM) == 0)
        word = factory_trim(dev, n, in_block == OPAMP_LPOTR);
    return reg_lane_read(word, offset, size);
}

static void opamp_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct opamp_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t *word = &s->word[reg->offset / OPAMP_BLOCK][reg->offset % OPAMP_BLOCK / 4u];
    *word = reg_written(reg, *word, reg_lane_merge(0, offset, size, value), reg_lane_mask(offset, size));
    drive(dev);
}

static void opamp_reset(struct device *dev, enum reset_kind kind)
{
    struct opamp_state *s = dev->state;
    (void)kind;

    for (uint32_t n = 0; n < OPAMP_COUNT; n++) {
        s->word[n][0] = 0;
        s->word[n][1] = factory_trim(dev, n, false);
        s->word[n][2] = factory_trim(dev, n, true);
    }
    drive(dev);
}

static void opamp_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    (void)value;
    if (input >= OPAMP_IN_DAC)
        drive(dev);
}

const struct device_model stm32_opamp_model = {
    .name = "stm32_opamp",
    .state_size = sizeof(struct opamp_state),
    .regs = opamp_regs,
    .reg_count = ARRAY_LENGTH(opamp_regs),
    .inputs = opamp_inputs,
    .outputs = opamp_outputs,
    .reset = opamp_reset,
    .read = opamp_read,
    .write = opamp_write,
    .on_input = opamp_on_input,
};
