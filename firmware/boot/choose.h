// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// What to start: decided from the journal, the cause of the reset and a check of the slots. No hardware here.
#ifndef TWINBANK_BOOT_CHOOSE_H
#define TWINBANK_BOOT_CHOOSE_H

#include <stdbool.h>

#include "image/header.h"
#include "journal/journal.h"

// How the decision looks at the board and writes down what it found.
struct choose_hands {
    // True if the slot of the bank (1 or 2) holds the image that the journal names, whole, so that it can be entered.
    bool (*holds)(unsigned bank, const struct journal_slot *slot);
    // Returns when the record is settled (JOURNAL_OK) or cannot be.
    enum journal_status (*append)(const struct journal_state *state);
};

// The state to begin with on a board whose journal was never written: valid[0] and valid[1] are the headers of the
// images in bank 1 and bank 2, checked with their bodies, or NULL. The newest becomes current, bank 1 on a tie.
void choose_factory(struct journal_state *state, const struct image_header *const valid[2]);

// The bank whose image is to be entered, 1 or 2; 0: none. What changes is in *state, and in the journal before this
// returns. If the journal takes no record, a candidate is not started, but an image that is known to be good is.
unsigned choose_bank(struct journal_state *state, bool by_watchdog, const struct choose_hands *hands);

#endif
