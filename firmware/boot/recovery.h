// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// When there is nothing to start: a new image comes over the UART.
#ifndef TWINBANK_BOOT_RECOVERY_H
#define TWINBANK_BOOT_RECOVERY_H

#include <stdint.h>

#include "journal/journal.h"

// Takes images by YMODEM on USART2, for bank 2 only, until one is installed; then resets, and it is tried. The clock is
// that of the core and of USART2. *state is what the journal says.
__attribute__((noreturn)) void recovery_run(uint32_t clock_hz, struct journal_state *state);

#endif
