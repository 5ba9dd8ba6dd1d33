/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file SYSCFG of the STM32L4: the windows of a chip table that it retargets. */
#ifndef TWINBANK_MODELS_STM32_SYSCFG_L4_H
#define TWINBANK_MODELS_STM32_SYSCFG_L4_H

#include "sim/device.h"

/* Choices of the two windows, in the order of the chip table. */
enum syscfg_main_choice {
    SYSCFG_MAIN_UNSWAPPED,
    SYSCFG_MAIN_SWAPPED,
};
enum syscfg_alias_choice {
    SYSCFG_ALIAS_MAIN_UNSWAPPED,
    SYSCFG_ALIAS_MAIN_SWAPPED,
    SYSCFG_ALIAS_SYSTEM_MEMORY,
    SYSCFG_ALIAS_SRAM1,
    SYSCFG_ALIAS_FMC,
    SYSCFG_ALIAS_QUADSPI,
};

struct stm32_syscfg_l4_params {
    uint32_t window_main;  /* 0x08000000 */
    uint32_t window_alias; /* 0x00000000 */
    uint32_t store_sram2;
};

extern const struct device_model stm32_syscfg_l4_model;

#endif
