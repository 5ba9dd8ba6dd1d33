// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Physical banks are numbered 1 and 2, as in the manual; FB_MODE only decides where they show.
#ifndef TWINBANK_DRIVERS_BANK_H
#define TWINBANK_DRIVERS_BANK_H

#include <stdint.h>

// SYSCFG reads as zero while its clock is off, so call this before get_active_bank().
void bank_init(void);

// The physical bank that shows at 0x08000000: the one whose code is running.
unsigned get_active_bank(void);

static inline unsigned bank_other(unsigned bank)
{
    return bank == 1u ? 2u : 1u;
}

// Where a physical bank shows now.
uint32_t bank_address(unsigned bank);

#endif
