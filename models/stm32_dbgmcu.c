/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Debug support of the STM32L4x6 (RM0351 48.6).
 *
 * Modelled: IDCODE; freezing of timers and watchdogs while a debugger holds the core (input halted), one output each.
 * Stored only: freezing of the RTC, of CAN and of the time-outs of I2C, which run on; CR: low-power modes stop their
 * clocks whatever it says, trace pins stay unused.
 */
#include "stm32_dbgmcu.h"

#include "model.h"

#define DBGMCU_IDCODE 0x00u
#define DBGMCU_WORDS  5u

#define DBGMCU_IN_HALTED 0u

/* RM0351 48.6; IDCODE resets to what the parameters say. */
static const struct reg_desc dbgmcu_regs[] = {
    {DBGMCU_IDCODE, "IDCODE", 0, 0, 0, 0, 0xffff0fffu}, {0x04u, "CR", 0, 0x000000e7u, 0, 0, 0},
    {0x08u, "APB1FZR1", 0, 0x82e01c3fu, 0, 0, 0},       {0x0cu, "APB1FZR2", 0, 0x00000020u, 0, 0, 0},
    {0x10u, "APB2FZ", 0, 0x00072800u, 0, 0, 0},
};

static const char *const dbgmcu_inputs[] = {"halted", NULL};
static const char *const dbgmcu_outputs[] = {
    "tim2_stop",   "tim3_stop",   "tim4_stop", "tim5_stop", "tim6_stop",  "tim7_stop",  "wwdg_stop",  "iwdg_stop",
    "lptim1_stop", "lptim2_stop", "tim1_stop", "tim8_stop", "tim15_stop", "tim16_stop", "tim17_stop", NULL};

/* RM0351 48.6.3 to 48.6.5, in the order of the outputs. */
static const struct {
    uint8_t offset, bit;
} stop_bits[] = {{0x08u, 0},  {0x08u, 1}, {0x08u, 2},  {0x08u, 3},  {0x08u, 4},  {0x08u, 5},  {0x08u, 11}, {0x08u, 12},
                 {0x08u, 31}, {0x0cu, 5}, {0x10u, 11}, {0x10u, 13}, {0x10u, 16}, {0x10u, 17}, {0x10u, 18}};
_Static_assert(ARRAY_LENGTH(dbgmcu_outputs) == ARRAY_LENGTH(stop_bits) + 1u, "outputs of DBGMCU");

struct dbgmcu_state {
    uint32_t word[DBGMCU_WORDS];
    uint32_t reserved;
};
_Static_assert(sizeof(struct dbgmcu_state) == 24, "state of DBGMCU");

static void drive(struct device *dev)
{
    const struct dbgmcu_state *s = dev->state;
    bool halted = dev_input(dev, DBGMCU_IN_HALTED) != 0;

    for (uint32_t i = 0; i < ARRAY_LENGTH(stop_bits); i++)
        dev_output(dev, i, halted && (s->word[stop_bits[i].offset / 4u] & 1u << stop_bits[i].bit) != 0);
}

static void dbgmcu_reset(struct device *dev, enum reset_kind kind)
{
    struct dbgmcu_state *s = dev->state;
    const struct stm32_dbgmcu_params *params = dev->params;

    if (kind != RESET_POWER_ON)
        return; /* RM0351 48.6.2: only power-on resets these */
    model_reset_words(dev, s->word);
    s->word[DBGMCU_IDCODE / 4u] = params->idcode;
    drive(dev);
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

    if (reg == NULL)
        return;
    s->word[offset / 4u] = reg_written(reg, s->word[offset / 4u], word, reg_lane_mask(offset, size));
    drive(dev);
}

static void dbgmcu_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    (void)input;
    (void)value;
    drive(dev);
}

const struct device_model stm32_dbgmcu_model = {
    .name = "stm32_dbgmcu",
    .state_size = sizeof(struct dbgmcu_state),
    .regs = dbgmcu_regs,
    .reg_count = ARRAY_LENGTH(dbgmcu_regs),
    .inputs = dbgmcu_inputs,
    .outputs = dbgmcu_outputs,
    .reset = dbgmcu_reset,
    .read = dbgmcu_read,
    .write = dbgmcu_write,
    .on_input = dbgmcu_on_input,
};
