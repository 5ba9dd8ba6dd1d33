// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The swap without option bytes. BFB2 is set once, in production; from then on the ROM starts bank 2 if its first word,
// the initial stack pointer, is an address in RAM, and bank 1 otherwise. So bank 2's first double word decides, alone:
//
//   bank 1 runs: bank 2 is erased and written, its first double word last. With the next reset it starts.
//   bank 2 runs: bank 1 is erased and written, its first double word last; then bank 2's first double word is
//                overwritten with zeros, the one overwrite that flash takes. With the next reset bank 1 starts.
//
// It looks right: at each instant one bank is whole, and a single program operation goes from one to the other. What it
// trusts is that such an operation, cut short, leaves the old double word or the new one. Flash promises neither: it
// can hold a stack pointer that the ROM likes and no reset vector, or read otherwise each time.
#include "reference/swap.h"

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/flash.h"

const bool swap_first_double_word_last = true;
const char swap_error_text[] = "first double word not written";

static enum flash_status disable_this_bank(void)
{
    enum flash_status status = flash_unlock();

    if (status == FLASH_OK) {
        // The vectors of this bank, but neither of these two is used before the next reset.
        flash_program_start(FLASH_BASE, 0, 0);
        do {
            status = flash_poll();
        } while (status == FLASH_BUSY);
    }
    flash_lock();
    return status;
}

void toggle_bank_and_reset(void)
{
    if (get_active_bank() == 1u || disable_this_bank() == FLASH_OK) {
        cpu_system_reset();
    }
}
