// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Flash programming without blocking: start one operation, poll it from the main loop.
// Banks and pages are physical (BKER does not follow FB_MODE); addresses are as mapped.
#ifndef TWINBANK_DRIVERS_FLASH_H
#define TWINBANK_DRIVERS_FLASH_H

#include <stdbool.h>
#include <stdint.h>

enum flash_status {
    FLASH_OK,
    FLASH_BUSY,
    FLASH_LOCKED,          // the keys were not taken
    FLASH_NOT_ERASED,      // PROGERR
    FLASH_WRITE_PROTECTED, // WRPERR
    FLASH_SEQUENCE_ERROR,  // PGSERR, PGAERR, SIZERR
    FLASH_OTHER_ERROR,
};

// Unlock and switch the data cache off. Each call wants its flash_lock(), after FLASH_LOCKED as well; the last one
// locks, empties both caches and switches on again what was on before.
enum flash_status flash_unlock(void);
void flash_lock(void);

void flash_erase_start(unsigned bank, unsigned page);
void flash_erase_bank_start(unsigned bank); // all of it, in the time of one page; WRPERR if any page is protected
void flash_program_start(uint32_t address, uint32_t low, uint32_t high);

// FLASH_BUSY until the started operation has ended, then how it ended.
enum flash_status flash_poll(void);
bool flash_is_busy(void);

// Unlock the option bytes as well (after flash_unlock()), write FLASH_OPTR, reload them.
enum flash_status flash_write_optr(uint32_t optr);
__attribute__((noreturn)) void flash_launch_options(void);

#endif
