// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/crc.h"

#include "chip/stm32l476.h"

void crc_begin(void)
{
    RCC->AHB1ENR |= RCC_AHB1ENR_CRCEN;
    (void)RCC->AHB1ENR;
    // RM0351 15.3.3: INIT = 0xffffffff and POL = 0x04c11db7 are the reset values. A little-endian word
    // whose bits are reversed goes in byte by byte, least significant bit first.
    CRC->CR = CRC_CR_REV_IN_WORD | CRC_CR_REV_OUT | CRC_CR_RESET;
}

void crc_feed(const uint32_t *words, uint32_t count)
{
    const uint32_t *end = words + (count & ~7u);

    // Eight words a turn: this loop is what a boot spends its time on.
    while (words != end) {
        CRC->DR = words[0];
        CRC->DR = words[1];
        CRC->DR = words[2];
        CRC->DR = words[3];
        CRC->DR = words[4];
        CRC->DR = words[5];
        CRC->DR = words[6];
        CRC->DR = words[7];
        words += 8;
    }
    for (end = words + (count & 7u); words != end; words++) {
        CRC->DR = *words;
    }
}

uint32_t crc_value(void)
{
    return ~CRC->DR;
}
