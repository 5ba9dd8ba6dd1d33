// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// A 1 ms time base. The program defines systick_on_tick(), called in the interrupt.
#ifndef TWINBANK_DRIVERS_SYSTICK_H
#define TWINBANK_DRIVERS_SYSTICK_H

#include <stdint.h>

void systick_start(uint32_t cpu_hz);
uint32_t systick_now_ms(void);

void systick_on_tick(void);

#endif
