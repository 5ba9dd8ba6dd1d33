/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * More than 100 million instructions of mixed code, then some of it again under a short odd tick.
 */
#include <stdint.h>

#define REG32(address) (*(volatile uint32_t *)(address))
#define SYST_CSR       REG32(0xe000e010u)
#define SYST_RVR       REG32(0xe000e014u)
#define SYST_CVR       REG32(0xe000e018u)

uint32_t it_mix(uint32_t rounds, uint32_t seed);
uint32_t page_walk(uint32_t rounds);
uint32_t soft_crc(uint32_t crc, const void *bytes, uint32_t count);
void copy16(void *to, const void *from, uint32_t bytes);
uint32_t fibonacci(uint32_t n);
uint32_t dispatch(uint32_t selector, uint32_t value);

volatile uint32_t ticks, progress;
uint32_t quiet_value, ticking_value;
static uint8_t source[4096], target[4096];

static uint32_t mixed(uint32_t rounds)
{
    uint32_t value = 1;
    for (uint32_t i = 0; i < rounds; i++) {
        for (uint32_t k = 0; k < sizeof source; k += 7u)
            source[k] = (uint8_t)(value >> (k & 15u));
        value ^= it_mix(4000, value | 1u);
        value += page_walk(40);
        copy16(target, source, sizeof target);
        value = soft_crc(value, target, 1024);
        value += fibonacci(13);
        for (uint32_t k = 0; k < 500u; k++)
            value = dispatch(value + k, value);
    }
    return value;
}

void run_quiet(void)
{
    quiet_value = mixed(420);
}

void run_ticking(void)
{
    SYST_RVR = 996; /* a tick every 997 cycles */
    SYST_CVR = 0;
    SYST_CSR = 7;
    ticking_value = mixed(20);
    SYST_CSR = 0;
}
