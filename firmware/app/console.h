// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The console on USART2, and the update that is started from it.
#ifndef TWINBANK_APP_CONSOLE_H
#define TWINBANK_APP_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "journal/journal.h"

// *journal is what the journal says; an update keeps it up to date.
void console_start(struct journal_state *journal);

void console_prompt(void); // if nothing is going on that prints one at its end

// One turn of the main loop; far less than 1 ms. Never returns from a reboot.
void console_step(uint32_t now_ms);

// True if only an interrupt can bring news; ask with interrupts masked, then WFI.
bool console_may_sleep(void);

#endif
