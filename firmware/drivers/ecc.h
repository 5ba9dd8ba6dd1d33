// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Reads of flash that may be torn. A double ECC error raises an NMI; between ecc_guard_begin() and
// ecc_guard_end() it means "what was read is bad", anywhere else it resets the chip. What is read in
// between comes from the cells, never from the data cache.
#ifndef TWINBANK_DRIVERS_ECC_H
#define TWINBANK_DRIVERS_ECC_H

#include <stdbool.h>

void ecc_guard_begin(void);

// True if a double word read since ecc_guard_begin() had a double error. Blame what was read, not
// FLASH_ECCR: its BK_ECC says too little while the banks are swapped.
bool ecc_guard_end(void);

#endif
