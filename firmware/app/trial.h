// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// A new image is on trial until it has shown that it lives, and said so in the journal.
#ifndef TWINBANK_APP_TRIAL_H
#define TWINBANK_APP_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "journal/journal.h"

// Reads the journal into *journal, which stays in use, and prints how the app starts: "trial 2.0.0" if it has to
// confirm itself, else "running 2.0.0". True if it runs for good.
bool trial_start(struct journal_state *journal);

// To be called in each turn of the main loop. True once, when the trial is over: the confirmation is settled and
// "running 2.0.0" printed.
bool trial_step(uint32_t now_ms);

#endif
