/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Debug support of the STM32L4x6 (RM0351 48.6).
 *
 * Modelled: IDCODE. Stored only: all else; peripherals run on while the core is halted, low-power modes stop their
 * clocks whatever DBGMCU_CR says, trace pins stay unused.
 */
#include "stm32_dbgmcu.h"

#include "model.h"

#define DBGMCU_IDCODE 0x00u
#define DBGMCU_WORDS  5u

/* RM0351 48.6; IDCODE resets to what the parameters say. */
static const struct reg_desc dbgmcu_regs[] = {
    {DBGMCU_IDCODE, "IDCODE", 0, 0, 0, 0, 0xffff0fffu}, {0x04u, "CR", 0, 0x000000e7u, 0, 0, 0},
    {0x08u, "APB1FZR1", 0, 0x82e01c3fu, 0, 0, 0},       {0x0cu, "APB1FZR2", 0, 0x00000020u, 0, 0, 0},
    {0x10u, "APB2FZ", 0, 0x00072800u, 0, 0, 0},
};

struct dbgmcu_state {
    uint32_t word[DBGMCU_WORDS];
    uint32_t reserved;
};
_Static_assert(sizeof(struct dbgmcu_state) == 24, "state of DBGMCU");

static void dbgmcu_reset(struct device *dev, enum reset_kind kind)
{
    struct dbgmcu_state *s = dev->state;
    const struct stm32_dbgmcu_params *params = dev->params;

    if (kind != RESET_POWER_ON)
        return; /* RM0351 48.6.2: only power-on resets these */
    model_reset_words(dev, s->word);
    s->word[DBGMCU_IDCODE / 4u] = params->idcode;
}

static uint32_t dbgmcu_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct dbgmcu_state *s = dev->state;
    if (model_register(dev, offset) == NULL)
        return 0;
    return reg_lane_read(s->word[offset / 4u], offset, size);
}

static void dbgmcu_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct dbgmcu_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);
    uint32_t word = reg_lane_merge(0, offset, size, value);

    if (reg != NULL)
        s->word[offset / 4u] = reg_written(reg, s->word[offset / 4u], word, reg_lane_mask(offset, size));
}

const struct device_model stm32_dbgmcu_model = {
    .name = "stm32_dbgmcu",
    .state_size = sizeof(struct dbgmcu_state),
    .regs = dbgmcu_regs,
    .reg_count = ARRAY_LENGTH(dbgmcu_regs),
    .reset = dbgmcu_reset,
    .read = dbgmcu_read,
    .write = dbgmcu_write,
};
