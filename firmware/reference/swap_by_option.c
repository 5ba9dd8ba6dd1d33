// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The swap of the vendor's examples: BFB2 tells the ROM which bank to start, and each swap writes it.
//
// One bit changes, but the hardware erases both pages of option bytes and programs all nine option words again
// (RM0440 3.4.2). A power cut in those 45 ms leaves words that do not match their complements.
#include "reference/swap.h"

#include "chip/stm32l476.h"
#include "drivers/flash.h"

const bool swap_first_double_word_last = false;
const char swap_error_text[] = "option bytes not written";

void toggle_bank_and_reset(void)
{
    if (flash_unlock() == FLASH_OK && flash_write_optr(FLASH->OPTR ^ FLASH_OPTR_BFB2) == FLASH_OK) {
        flash_launch_options();
    }
    flash_lock();
}
