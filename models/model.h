/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What the models share besides sim/device.h: reading pin wires, and what every register file
 * does with an address that has no register.
 */
#ifndef TWINBANK_MODELS_MODEL_H
#define TWINBANK_MODELS_MODEL_H

#include "sim/device.h"

static inline bool pin_is_driven(uint64_t wire)
{
    return (wire >= PIN_HIGH_PLAIN && wire <= PIN_HIGH) || pin_is_voltage(wire);
}

/* VDD and VDDA of the boards; a digital input is high from 0.7 VDD on (DS10198 table 70), what is below counts as low.
 */
#define SUPPLY_UV     3300000u
#define INPUT_HIGH_UV (SUPPLY_UV / 10u * 7u)

static inline bool pin_is_high(uint64_t wire)
{
    if (pin_is_voltage(wire))
        return (uint32_t)wire >= INPUT_HIGH_UV;
    return wire == PIN_HIGH || wire == PIN_HIGH_PLAIN;
}

/** The voltage of a pin wire, which may carry a level: high is VDD, low and released are 0 V. */
static inline uint32_t pin_microvolts(uint64_t wire)
{
    if (pin_is_voltage(wire))
        return (uint32_t)wire;
    return pin_is_high(wire) ? SUPPLY_UV : 0;
}

/*
 * What an alternate-function wire (gpioX.afN) carries: AF_WIRE(n) while the pin is in alternate
 * function n, AF_WIRE_NONE while it is in another mode. 0, a wire nobody drives, is neither.
 */
#define AF_WIRE(function) (0x10u | (function))
#define AF_WIRE_NONE      0xffu

/* On wires that trigger converters besides levels: a pulse, as TIM_TRGO_PULSE of stm32_tim.h. */
#define TRIGGER_PULSE 4u

/* What a DMA controller tells the peripheral of a request, on its output cNsM_left: how many transfers are left. */
enum dma_left {
    DMA_LEFT_MORE, /* or the channel is off */
    DMA_LEFT_ONE,
    DMA_LEFT_NONE,
};

/** The register at offset, or NULL after telling that firmware touched an address without one. */
static inline const struct reg_desc *model_register(struct device *dev, uint32_t offset)
{
    const struct reg_desc *reg = reg_find(dev->model, offset);
    if (reg == NULL)
        dev_guest_error(dev, offset, "access to a reserved address of the register block");
    return reg;
}

/** Brings the words of a register file (indexed by offset / 4) to their reset values. */
static inline void model_reset_words(const struct device *dev, uint32_t *words)
{
    for (uint32_t i = 0; i < dev->model->reg_count; i++)
        words[dev->model->regs[i].offset / 4u] = dev->model->regs[i].reset;
}

#endif
