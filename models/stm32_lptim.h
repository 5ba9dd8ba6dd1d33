/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Low-power timer of the STM32L4. Inputs besides clk and rst: ker (kernel clock, Hz), in1, in2, etr
 * (enum pin_level; PIN_RELEASED is ignored, so that pins can share a wire), alarm_a, alarm_b, tamp1 to tamp3 (0 or 1),
 * comp1, comp2 (enum pin_level; nothing driven: a gap when selected), freeze (1: the debugger stopped it).
 * Outputs: irq, out.
 */
#ifndef TWINBANK_MODELS_STM32_LPTIM_H
#define TWINBANK_MODELS_STM32_LPTIM_H

#include "sim/device.h"

extern const struct device_model stm32_lptim_model;
extern const struct device_model stm32_lptim_plain_model; /* without encoder mode */

#endif
