// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The bank swap: runs from RAM, because the flash under it changes.
#ifndef TWINBANK_BOOT_REMAP_H
#define TWINBANK_BOOT_REMAP_H

#include <stdint.h>

// Show a physical bank at 0x08000000, then enter the image there as a reset would.
__attribute__((noreturn)) void remap_and_enter(unsigned bank, uint32_t vectors, uint32_t initial_sp, uint32_t entry);

#endif
