// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "app/trial.h"

#include "app/app.h"
#include "chip/cortex_m4.h"
#include "drivers/bank.h"
#include "drivers/pwr.h"
#include "drivers/usart.h"
#include "image/slot.h"
#include "update/policy.h"

#define TRIAL_MS 100u // of a main loop that turns at least once in TURN_MS
#define TURN_MS  5u
#define HANGS    1 // images that spoil their trial on purpose: see CMakeLists.txt
#define FAULTS   2
#define MUTE     3
#ifndef TB_TRIAL
#define TB_TRIAL 0
#endif

static enum {
    TRIAL_NONE,
    TRIAL_ALIVE,   // showing that it lives
    TRIAL_CONFIRM, // the journal takes it
    TRIAL_SPOILT,  // it cannot be confirmed: as it is, boot ends it after some attempts
} trial;

static struct journal_state *journal;
static struct journal_state confirmed;
static bool begun;
static uint32_t alive_since_ms;
static uint32_t last_turn_ms;

static void print_start(const char *how)
{
    usart_print(how);
    print_version(RUNNING_VERSION);
    usart_print("\r\n");
}

// Why this image runs and not that one.
static void print_failed(unsigned bank, const struct journal_slot *slot)
{
    if (slot->mark == MARK_FAILED) {
        usart_print(bank == 1u ? "bank 1: " : "bank 2: ");
        print_version(slot->version);
        usart_print(" failed\r\n");
    }
}

static void spoil_on_purpose(void)
{
    if (TB_TRIAL != HANGS && TB_TRIAL != FAULTS) {
        return;
    }
    while (!usart_tx_done()) {
    }
    if (TB_TRIAL == FAULTS) {
        __asm volatile("udf #0"); // the default handler resets
    }
    cpu_irq_disable();
    for (;;) {
    }
}

bool trial_start(struct journal_state *state)
{
    const unsigned bank = get_active_bank();
    struct journal_slot *slot = &state->slot[bank - 1u];
    struct slot_scan scan;

    journal = state;
    (void)pwr_supply_ok(); // switches the detector on
    const enum journal_status found = journal_open(state);
    const enum slot_status status = slot_scan_begin(&scan, bank);

    if (found != JOURNAL_OK) {
        policy_factory(state, bank, &scan.header);
    }
    if (slot->mark != MARK_CANDIDATE) {
        if (found == JOURNAL_OK) {
            print_failed(bank_other(bank), &state->slot[bank_other(bank) - 1u]);
        }
        print_start("running ");
        return true;
    }
    print_start("trial ");
    spoil_on_purpose();
    confirmed = *state;
    policy_confirm(&confirmed, bank, scan.header.minimum_version);
    trial = status == SLOT_SCANNING ? TRIAL_ALIVE : TRIAL_SPOILT;
    return false;
}

static void alive_step(uint32_t now_ms)
{
    if (!begun || now_ms - last_turn_ms > TURN_MS) {
        begun = true;
        alive_since_ms = now_ms;
    }
    last_turn_ms = now_ms;
    if (now_ms - alive_since_ms >= TRIAL_MS && TB_TRIAL != MUTE) {
        journal_append(&confirmed);
        trial = TRIAL_CONFIRM;
    }
}

static bool confirm_step(void)
{
    switch (journal_poll()) {
    case JOURNAL_BUSY:
        return false;
    case JOURNAL_OK:
        *journal = confirmed;
        trial = TRIAL_NONE;
        print_start("running ");
        return true;
    case JOURNAL_FULL:
        usart_print("trial: journal full, reboot first\r\n");
        break;
    default:
        usart_print("trial: journal error\r\n");
        break;
    }
    trial = TRIAL_SPOILT;
    return false;
}

bool trial_step(uint32_t now_ms)
{
    switch (trial) {
    case TRIAL_ALIVE:
        alive_step(now_ms);
        break;
    case TRIAL_CONFIRM:
        return confirm_step();
    case TRIAL_NONE:
    case TRIAL_SPOILT:
        break;
    }
    return false;
}
