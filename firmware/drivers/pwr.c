// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/pwr.h"

#include "chip/stm32l476.h"

bool pwr_supply_ok(void)
{
    // PWR may not be asked while its clock is off: that counts as off, too.
    if ((RCC->APB1ENR1 & RCC_APB1ENR1_PWREN) == 0 || (PWR->CR2 & PWR_CR2_PVDE) == 0) {
        RCC->APB1ENR1 |= RCC_APB1ENR1_PWREN;
        (void)RCC->APB1ENR1;
        PWR->CR2 = PWR_CR2_PLS_2V8;
        PWR->CR2 = PWR_CR2_PLS_2V8 | PWR_CR2_PVDE;
        return false;
    }
    return (PWR->SR2 & PWR_SR2_PVDO) == 0;
}
