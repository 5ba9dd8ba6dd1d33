// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// CRC-32 of zlib, bit by bit: the tests' own, checked against its published check value.
#ifndef TWINBANK_FIRMWARE_TESTS_CRC32_H
#define TWINBANK_FIRMWARE_TESTS_CRC32_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t crc32_bytes(const uint8_t *data, size_t bytes)
{
    uint32_t crc = 0xffffffffu;

    for (size_t i = 0; i < bytes; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1u) != 0 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
        }
    }
    return ~crc;
}

static inline uint32_t crc32_words(const uint32_t *words, uint32_t count)
{
    return crc32_bytes((const uint8_t *)words, count * 4u);
}

#endif
