// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/systick.h"

#include "chip/cortex_m4.h"

static volatile uint32_t now_ms;

void SysTick_Handler(void);

void SysTick_Handler(void)
{
    now_ms++;
    systick_on_tick();
}

void systick_start(uint32_t cpu_hz)
{
    SYST->RVR = cpu_hz / 1000u - 1u;
    SYST->CVR = 0;
    SYST->CSR = SYST_CSR_CLKSOURCE | SYST_CSR_TICKINT | SYST_CSR_ENABLE;
}

uint32_t systick_now_ms(void)
{
    return now_ms;
}
