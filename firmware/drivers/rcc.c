// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/rcc.h"

#include <stdbool.h>

#include "chip/stm32l476.h"

#define RCC_WAIT_POLLS 100000u

static bool wait_for(volatile const uint32_t *reg, uint32_t mask, uint32_t value)
{
    for (uint32_t polls = 0; polls < RCC_WAIT_POLLS; polls++) {
        if ((*reg & mask) == value) {
            return true;
        }
    }
    return false;
}

static bool switch_to(uint32_t sw)
{
    RCC->CFGR = (RCC->CFGR & ~RCC_CFGR_SW_Msk) | sw;
    return wait_for(&RCC->CFGR, RCC_CFGR_SW_Msk << RCC_CFGR_SWS_Pos, sw << RCC_CFGR_SWS_Pos);
}

uint32_t rcc_run_from_hsi(void)
{
    // RM0351 3.3.3: up to 16 MHz in range 1 (the range after reset) needs no wait state.
    RCC->CR |= RCC_CR_HSION;
    if (!wait_for(&RCC->CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY) || !switch_to(RCC_CFGR_SW_HSI)) {
        return RCC_MSI_HZ;
    }
    return RCC_HSI_HZ;
}

void rcc_back_to_reset_clock(void)
{
    if (switch_to(RCC_CFGR_SW_MSI)) {
        RCC->CR &= ~RCC_CR_HSION;
    }
}

uint32_t rcc_run_from_pll(void)
{
    RCC->APB1ENR1 |= RCC_APB1ENR1_PWREN;
    (void)RCC->APB1ENR1;
    PWR->CR1 = (PWR->CR1 & ~PWR_CR1_VOS_Msk) | PWR_CR1_VOS_RANGE1;
    if (!wait_for(&PWR->SR2, PWR_SR2_VOSF, 0)) {
        return RCC_MSI_HZ;
    }

    // RM0351 3.3.3: one wait state for each 16 MHz in range 1; raised, and seen raised, first.
    FLASH->ACR = (FLASH->ACR & ~FLASH_ACR_LATENCY_Msk) | FLASH_ACR_LATENCY_4WS;
    if (!wait_for(&FLASH->ACR, FLASH_ACR_LATENCY_Msk, FLASH_ACR_LATENCY_4WS)) {
        return RCC_MSI_HZ;
    }

    // RM0351 6.4.4: 4 MHz / 1 * 40 / 2 = 80 MHz.
    RCC->PLLCFGR = RCC_PLLCFGR_PLLSRC_MSI | (0u << RCC_PLLCFGR_PLLM_Pos) | (40u << RCC_PLLCFGR_PLLN_Pos) |
                   (0u << RCC_PLLCFGR_PLLR_Pos) | RCC_PLLCFGR_PLLREN;
    RCC->CR |= RCC_CR_PLLON;
    if (!wait_for(&RCC->CR, RCC_CR_PLLRDY, RCC_CR_PLLRDY) || !switch_to(RCC_CFGR_SW_PLL)) {
        return RCC_MSI_HZ;
    }
    return RCC_PLL_HZ;
}

bool rcc_reset_by_watchdog(void)
{
    return (RCC->CSR & RCC_CSR_IWDGRSTF) != 0;
}

void rcc_clear_reset_flags(void)
{
    RCC->CSR |= RCC_CSR_RMVF;
}
