// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Clocks. Every wait is bounded; the answer is the frequency that was reached. And what caused the last reset.
#ifndef TWINBANK_DRIVERS_RCC_H
#define TWINBANK_DRIVERS_RCC_H

#include <stdbool.h>
#include <stdint.h>

#define RCC_MSI_HZ 4000000u // after reset, MSI range 6
#define RCC_HSI_HZ 16000000u
#define RCC_PLL_HZ 80000000u

uint32_t rcc_run_from_hsi(void);    // 16 MHz, no flash wait states
uint32_t rcc_run_from_pll(void);    // 80 MHz from MSI, four wait states
void rcc_back_to_reset_clock(void); // MSI, HSI16 off: what an image expects at its entry

// True if the independent watchdog caused a reset since the flags were cleared or power came.
bool rcc_reset_by_watchdog(void);
void rcc_clear_reset_flags(void);

#endif
