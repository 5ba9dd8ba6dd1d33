// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Boot code: do what the journal says. Start an image, its bank shown at 0x08000000, or wait for one on the UART.
// The same bytes sit in pages 0-7 of both banks and run from either, whatever BFB2 and FB_MODE say.
#include <stdbool.h>
#include <stddef.h>

#include "boot/choose.h"
#include "boot/recovery.h"
#include "boot/remap.h"
#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/iwdg.h"
#include "drivers/rcc.h"
#include "image/slot.h"

#define BOOT_IWDG_MS 1000u // of the watchdog that every image runs under: the app's main loop feeds it

static struct slot_scan scans[2]; // of bank 1, bank 2: what was checked is what is entered

static void caches_off(void)
{
    // A cached repeat of a bad double word would not raise ECCD again. Reset while disabled.
    FLASH->ACR &= ~(FLASH_ACR_ICEN | FLASH_ACR_DCEN | FLASH_ACR_PRFTEN);
    FLASH->ACR |= FLASH_ACR_ICRST | FLASH_ACR_DCRST;
    FLASH->ACR &= ~(FLASH_ACR_ICRST | FLASH_ACR_DCRST);
}

static bool slot_holds(unsigned bank, const struct journal_slot *journalled)
{
    struct slot_scan *scan = &scans[bank - 1u];

    (void)slot_scan_begin_as(scan, bank, journalled);
    return slot_scan_step(scan, IMAGE_MAX_BYTES) == SLOT_VALID;
}

// As production left the board: headers decide, this once. If the journal takes no record they do so again next time.
static void begin_journal(struct journal_state *state)
{
    const struct image_header *valid[2];

    for (unsigned i = 0; i < 2u; i++) {
        (void)slot_scan_begin(&scans[i], i + 1u);
        valid[i] = slot_scan_step(&scans[i], IMAGE_MAX_BYTES) == SLOT_VALID ? &scans[i].header : NULL;
    }
    choose_factory(state, valid);
    (void)journal_create(state);
}

__attribute__((noreturn)) static void enter(const struct slot_scan *image)
{
    nvic_disable(FLASH_IRQn); // the journal's; nothing else was switched on
    rcc_back_to_reset_clock();
    iwdg_start(BOOT_IWDG_MS);
    remap_and_enter(image->bank, FLASH_BASE + IMAGE_OFFSET, image->initial_sp, image->entry);
}

int main(void)
{
    static const struct choose_hands hands = {.holds = slot_holds, .append = journal_append_now};
    struct journal_state state;

    bank_init();
    caches_off();
    const uint32_t clock_hz = rcc_run_from_hsi();

    if (journal_recover(&state) == JOURNAL_FACTORY) {
        begin_journal(&state);
    }
    const unsigned bank = choose_bank(&state, rcc_reset_by_watchdog(), &hands);

    rcc_clear_reset_flags(); // used up: what they led to is in the journal
    if (bank == 0) {
        recovery_run(clock_hz, &state);
    }
    enter(&scans[bank - 1u]);
}
