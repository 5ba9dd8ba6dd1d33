// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Independent watchdog on LSI (about 32 kHz). Feeding one that was never started does nothing.
#ifndef TWINBANK_DRIVERS_IWDG_H
#define TWINBANK_DRIVERS_IWDG_H

#include <stdint.h>

void iwdg_start(uint32_t timeout_ms); // up to 32 s, in steps of 8 ms
void iwdg_feed(void);

#endif
