// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// CRC-32 (zlib's) by software, for a few words: the CRC unit belongs to the slot scan in progress. A crc32_fn.
#ifndef TWINBANK_IMAGE_CRC32_H
#define TWINBANK_IMAGE_CRC32_H

#include <stdint.h>

uint32_t crc32_by_table(const uint32_t *words, uint32_t count);

#endif
