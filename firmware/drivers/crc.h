// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// CRC unit set up as CRC-32 of Ethernet and zlib: initial value all ones, bits reflected in and out,
// result inverted. One calculation at a time; it may be fed in slices.
#ifndef TWINBANK_DRIVERS_CRC_H
#define TWINBANK_DRIVERS_CRC_H

#include <stdint.h>

void crc_begin(void);
void crc_feed(const uint32_t *words, uint32_t count);
uint32_t crc_value(void);

#endif
