// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The journal's cells in flash, unlocked for one operation at a time.
#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/ecc.h"
#include "drivers/flash.h"
#include "drivers/iwdg.h"
#include "drivers/pwr.h"
#include "journal/journal.h"
#include "journal/store.h"

static enum flash_status unlocked; // what became of unlocking for the operation under way

static uint32_t cell_address(unsigned bank, unsigned index)
{
    return bank_address(bank) + JOURNAL_PAGE * FLASH_PAGE_BYTES + index * 8u;
}

bool journal_store_read(unsigned bank, unsigned index, uint32_t words[2])
{
    const volatile uint32_t *word = (volatile uint32_t *)cell_address(bank, index);

    ecc_guard_begin();
    words[0] = word[0];
    words[1] = word[1];
    return !ecc_guard_end();
}

void journal_store_program(unsigned bank, unsigned index, const uint32_t words[2])
{
    unlocked = flash_unlock();
    if (unlocked == FLASH_OK) {
        flash_program_start(cell_address(bank, index), words[0], words[1]);
    }
}

void journal_store_erase(unsigned bank)
{
    unlocked = flash_unlock();
    // Locked, it would do nothing and report no error.
    if (unlocked == FLASH_OK) {
        flash_erase_start(bank, JOURNAL_PAGE);
    }
}

enum journal_store_status journal_store_poll(void)
{
    const enum flash_status status = unlocked == FLASH_OK ? flash_poll() : unlocked;

    if (status == FLASH_BUSY) {
        return STORE_BUSY;
    }
    flash_lock();
    return status == FLASH_OK ? STORE_DONE : STORE_FAILED;
}

bool journal_store_ready(void)
{
    if (pwr_supply_ok()) {
        return true;
    }
    iwdg_feed(); // boot asks in a loop, for as long as it takes
    return false;
}
