// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "image/crc32.h"

// remainder[n]: what four shifts make of the low bits n, for the reversed polynomial 0xedb88320.
static const uint32_t remainder[16] = {
    0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
    0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
};

uint32_t crc32_by_table(const uint32_t *words, uint32_t count)
{
    uint32_t crc = 0xffffffffu;

    for (uint32_t i = 0; i < count; i++) {
        crc ^= words[i];
        for (unsigned nibble = 0; nibble < 8u; nibble++) {
            crc = (crc >> 4) ^ remainder[crc & 0xfu];
        }
    }
    return ~crc;
}
