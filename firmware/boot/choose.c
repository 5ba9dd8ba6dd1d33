// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "boot/choose.h"

#include <stddef.h>
#include <string.h>

static struct journal_slot good_slot(const struct image_header *header)
{
    return (struct journal_slot){
        .mark = MARK_GOOD,
        .header_crc = header->header_crc,
        .bytes = header->image_bytes,
        .version = header->version,
    };
}

void choose_factory(struct journal_state *state, const struct image_header *const valid[2])
{
    memset(state, 0, sizeof *state);
    for (unsigned i = 0; i < 2u; i++) {
        if (valid[i] == NULL) {
            state->slot[i].mark = MARK_VOID;
            continue;
        }
        state->slot[i] = good_slot(valid[i]);
        if (state->current == 0 || state->slot[i].version > state->slot[state->current - 1u].version) {
            state->current = (uint8_t)(i + 1u);
        }
    }
    if (state->current == 0) {
        return;
    }
    // Production's word is as good as the image's own: its minimum holds as if it had confirmed itself.
    state->minimum_version = valid[state->current - 1u]->minimum_version;
    for (unsigned i = 0; i < 2u; i++) {
        if (state->slot[i].mark == MARK_GOOD && state->slot[i].version < state->minimum_version) {
            state->slot[i].mark = MARK_FAILED;
        }
    }
}

static bool startable(const struct journal_state *state, unsigned bank, const struct choose_hands *hands)
{
    const struct journal_slot *slot = &state->slot[bank - 1u];

    return slot->version >= state->minimum_version && hands->holds(bank, slot);
}

static bool trial_goes_on(const struct journal_state *state, unsigned bank, bool by_watchdog,
                          const struct choose_hands *hands)
{
    // Only an image that was entered can have hung. A power cut loses the flag: attempts count without it.
    if (by_watchdog && state->attempts > 0) {
        return false;
    }
    return state->attempts < JOURNAL_TRIAL_ATTEMPTS && startable(state, bank, hands);
}

// True if the candidate in this bank is to be entered now; the attempt is in the journal then, so that nothing it does
// can keep it from being counted.
static bool begin_attempt(struct journal_state *state, unsigned bank, bool by_watchdog,
                          const struct choose_hands *hands, bool *changed)
{
    if (!trial_goes_on(state, bank, by_watchdog, hands)) {
        state->slot[bank - 1u].mark = MARK_FAILED;
        state->attempts = 0;
        *changed = true;
        return false;
    }
    state->attempts++;
    if (hands->append(state) == JOURNAL_OK) {
        return true;
    }
    state->attempts--;
    return false;
}

// The current image if it still is what it was, else the other one if it was good, too. 0: neither.
static unsigned fall_back(struct journal_state *state, const struct choose_hands *hands, bool *changed)
{
    const unsigned first = state->current == 2u ? 2u : 1u;

    for (unsigned turn = 0; turn < 2u; turn++) {
        const unsigned bank = turn == 0 ? first : 3u - first;

        if (state->slot[bank - 1u].mark != MARK_GOOD) {
            continue;
        }
        if (startable(state, bank, hands)) {
            return bank;
        }
        // For good: a cell that reads well again at the next reset must not bring this image back.
        state->slot[bank - 1u].mark = MARK_FAILED;
        *changed = true;
    }
    return 0;
}

unsigned choose_bank(struct journal_state *state, bool by_watchdog, const struct choose_hands *hands)
{
    bool changed = false;
    unsigned bank;

    for (bank = 1u; bank <= 2u; bank++) {
        if (state->slot[bank - 1u].mark == MARK_CANDIDATE && begin_attempt(state, bank, by_watchdog, hands, &changed)) {
            return bank;
        }
    }
    bank = fall_back(state, hands, &changed);
    if (bank != state->current) {
        state->current = (uint8_t)bank;
        changed = true;
    }
    if (changed) {
        (void)hands->append(state); // if it fails, this is decided again at the next reset
    }
    return bank;
}
