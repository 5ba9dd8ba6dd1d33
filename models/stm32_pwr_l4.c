/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Power control of the STM32L4x6 (RM0351 chapter 5).
 *
 * Modelled: voltage scaling with VOSF, DBP, LPMS as an output, standby flag, wake-up and pull
 * registers as storage that survives Standby.
 *
 * Not modelled, reported as gaps: low-power run (LPR), the voltage detectors (PVDE, PVME), applied
 * pulls (APC), battery charging (VBE), the external SMPS. Entering a low-power mode is reported by
 * whoever sleeps, who has the LPMS output for it. USV and IOSV are stored only.
 */
#include "stm32_pwr_l4.h"

#include "model.h"

#define PWR_CR1   0x00u
#define PWR_CR2   0x04u
#define PWR_CR3   0x08u
#define PWR_CR4   0x0cu
#define PWR_SR1   0x10u
#define PWR_SR2   0x14u
#define PWR_SCR   0x18u
#define PWR_PUCRA 0x20u
#define PWR_WORDS 24u

#define PWR_CR1_LPMS    0x00000007u
#define PWR_CR1_DBP     0x00000100u
#define PWR_CR1_VOS     0x00000600u
#define PWR_CR1_LPR     0x00004000u
#define PWR_CR2_DETECT  0x000000f1u
#define PWR_CR3_APC     0x00000400u
#define PWR_CR4_GAPS    0x00002100u
#define PWR_SR1_SBF     0x00000100u
#define PWR_SR1_CLEARED 0x0000011fu
#define PWR_SR2_VOSF    0x00000400u

/* Regulator from range 2 to range 1: 20 us typical (DS10198, wake-up and VOS times: unconfirmed). */
#define VOS_RAISE_PS (20u * PS_PER_US)

enum pwr_output {
    PWR_OUT_DBP,
    PWR_OUT_VOS,
    PWR_OUT_LPMS,
};

/* RM0351 5.4; PUCRx and PDCRx pairs by port. SR2 reads 0x100 on a NUCLEO-L476RG after reset. */
static const struct reg_desc pwr_regs[] = {
    {PWR_CR1, "CR1", 0x00000200u, 0x00004707u, 0, 0, 0},
    {PWR_CR2, "CR2", 0, 0x000006ffu, 0, 0, 0},
    {PWR_CR3, "CR3", 0x00008000u, 0x0000851fu, 0, 0, 0},
    {PWR_CR4, "CR4", 0, 0x0000231fu, 0, 0, 0},
    {PWR_SR1, "SR1", 0, 0, 0, 0, 0x0000a11fu},
    {PWR_SR2, "SR2", 0x00000100u, 0, 0, 0, 0x0000ff00u},
    {PWR_SCR, "SCR", 0, 0, 0, 0, 0},
    {0x20u, "PUCRA", 0, 0x0000bfffu, 0, 0, 0},
    {0x24u, "PDCRA", 0, 0x00005fffu, 0, 0, 0},
    {0x28u, "PUCRB", 0, 0x0000ffffu, 0, 0, 0},
    {0x2cu, "PDCRB", 0, 0x0000ffefu, 0, 0, 0},
    {0x30u, "PUCRC", 0, 0x0000ffffu, 0, 0, 0},
    {0x34u, "PDCRC", 0, 0x0000ffffu, 0, 0, 0},
    {0x38u, "PUCRD", 0, 0x0000ffffu, 0, 0, 0},
    {0x3cu, "PDCRD", 0, 0x0000ffffu, 0, 0, 0},
    {0x40u, "PUCRE", 0, 0x0000ffffu, 0, 0, 0},
    {0x44u, "PDCRE", 0, 0x0000ffffu, 0, 0, 0},
    {0x48u, "PUCRF", 0, 0x0000ffffu, 0, 0, 0},
    {0x4cu, "PDCRF", 0, 0x0000ffffu, 0, 0, 0},
    {0x50u, "PUCRG", 0, 0x0000ffffu, 0, 0, 0},
    {0x54u, "PDCRG", 0, 0x0000ffffu, 0, 0, 0},
    {0x58u, "PUCRH", 0, 0x00000003u, 0, 0, 0},
    {0x5cu, "PDCRH", 0, 0x00000003u, 0, 0, 0},
};

static const char *const pwr_inputs[] = {"clk", "rst", NULL};
static const char *const pwr_outputs[] = {"dbp", "vos", "lpms", NULL};

struct pwr_state {
    uint32_t word[PWR_WORDS];
};
_Static_assert(sizeof(struct pwr_state) == 96, "state of PWR");

static void drive(struct device *dev)
{
    const struct pwr_state *s = dev->state;
    uint32_t cr1 = s->word[PWR_CR1 / 4u];
    dev_output(dev, PWR_OUT_DBP, (cr1 & PWR_CR1_DBP) != 0);
    dev_output(dev, PWR_OUT_VOS, bits(cr1, 9, 10));
    dev_output(dev, PWR_OUT_LPMS, cr1 & PWR_CR1_LPMS);
}

static void pwr_reset(struct device *dev, enum reset_kind kind)
{
    struct pwr_state *s = dev->state;
    /* RM0351 5.4: CR3, CR4, SR1 and the pull registers keep their values over Standby and over
     * PWRRST. */
    bool keep = kind == RESET_STANDBY || kind == RESET_PERIPHERAL;

    for (uint32_t i = 0; i < ARRAY_LENGTH(pwr_regs); i++) {
        uint32_t offset = pwr_regs[i].offset;
        bool kept = offset == PWR_CR3 || offset == PWR_CR4 || offset == PWR_SR1 || offset >= PWR_PUCRA;
        if (!keep || !kept)
            s->word[offset / 4u] = pwr_regs[i].reset;
    }
    if (kind == RESET_STANDBY)
        s->word[PWR_SR1 / 4u] |= PWR_SR1_SBF;
    dev_event_cancel(dev, 0);
    drive(dev);
}

static uint32_t pwr_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct pwr_state *s = dev->state;
    if (model_register(dev, offset) == NULL)
        return 0;
    return reg_lane_read(s->word[offset / 4u], offset, size);
}

static void write_cr1(struct device *dev, uint32_t old, uint32_t value)
{
    struct pwr_state *s = dev->state;
    uint32_t vos = value & PWR_CR1_VOS;

    if (vos == 0 || vos == PWR_CR1_VOS) {
        dev_guest_error(dev, PWR_CR1, "PWR_CR1.VOS: reserved value");
        value = (value & ~PWR_CR1_VOS) | (old & PWR_CR1_VOS);
    } else if (vos < (old & PWR_CR1_VOS)) {
        /* Up to range 1: VOSF until the regulator is there. Down: no flag worth waiting for. */
        s->word[PWR_SR2 / 4u] |= PWR_SR2_VOSF;
        dev_event_after(dev, 0, VOS_RAISE_PS);
    }
    if ((value & ~old & PWR_CR1_LPR) != 0)
        dev_gap(dev, PWR_CR1, true, value, "PWR_CR1.LPR: low-power run");
    s->word[PWR_CR1 / 4u] = value;
    drive(dev);
}

static void pwr_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct pwr_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t old = s->word[offset / 4u];
    uint32_t new = reg_written(reg, old, word, reg_lane_mask(offset, size));

    switch (reg->offset) {
    case PWR_CR1:
        write_cr1(dev, old, new);
        return;
    case PWR_SCR:
        s->word[PWR_SR1 / 4u] &= ~(word & PWR_SR1_CLEARED);
        return;
    case PWR_CR2:
        if ((new & ~old &PWR_CR2_DETECT) != 0)
            dev_gap(dev, offset, true, new, "PWR_CR2: voltage detectors");
        break;
    case PWR_CR3:
        if ((new & ~old &PWR_CR3_APC) != 0)
            dev_gap(dev, offset, true, new, "PWR_CR3.APC: applied pulls");
        break;
    case PWR_CR4:
        if ((new & ~old &PWR_CR4_GAPS) != 0)
            dev_gap(dev, offset, true, new, "PWR_CR4: VBAT charging, external SMPS");
        break;
    default:
        break;
    }
    s->word[offset / 4u] = new;
}

static void pwr_on_event(struct device *dev, uint32_t event)
{
    struct pwr_state *s = dev->state;
    (void)event;
    s->word[PWR_SR2 / 4u] &= ~PWR_SR2_VOSF;
}

const struct device_model stm32_pwr_l4_model = {
    .name = "stm32_pwr_l4",
    .state_size = sizeof(struct pwr_state),
    .regs = pwr_regs,
    .reg_count = ARRAY_LENGTH(pwr_regs),
    .inputs = pwr_inputs,
    .outputs = pwr_outputs,
    .event_count = 1,
    .reset = pwr_reset,
    .read = pwr_read,
    .write = pwr_write,
    .on_event = pwr_on_event,
};
