// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/iwdg.h"

#include "chip/stm32l476.h"

void iwdg_start(uint32_t timeout_ms)
{
    const uint32_t ticks = timeout_ms / 8u; // 32 kHz / 256

    // It stands still while a debugger holds the core: else each look at a trial would end it.
    DBGMCU->APB1FZR1 |= DBGMCU_APB1FZR1_DBG_IWDG_STOP;
    IWDG->KR = IWDG_KR_START;
    IWDG->KR = IWDG_KR_UNLOCK;
    IWDG->PR = IWDG_PR_DIV256;
    IWDG->RLR = ticks > 0xfffu ? 0xfffu : ticks;
    // RM0351 37.3.1: wait for the LSI domain to take both, a few LSI periods.
    for (uint32_t polls = 0; polls < 100000u; polls++) {
        if ((IWDG->SR & (IWDG_SR_PVU | IWDG_SR_RVU)) == 0) {
            break;
        }
    }
    IWDG->KR = IWDG_KR_RELOAD;
}

void iwdg_feed(void)
{
    IWDG->KR = IWDG_KR_RELOAD;
}
