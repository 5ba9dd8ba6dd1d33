// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/bank.h"

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"

void bank_init(void)
{
    RCC->APB2ENR |= RCC_APB2ENR_SYSCFGEN;
    // RM0351 6.2.18: two cycles pass before the peripheral answers; a read back is enough.
    (void)RCC->APB2ENR;
}

unsigned get_active_bank(void)
{
    return (SYSCFG->MEMRMP & SYSCFG_MEMRMP_FB_MODE) != 0 ? 2u : 1u;
}

uint32_t bank_address(unsigned bank)
{
    return bank == get_active_bank() ? FLASH_BASE : FLASH_OTHER_BASE;
}
