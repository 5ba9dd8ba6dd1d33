/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 u128;

enum status(error_set)(struct error *err, enum status status, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof(err->text), format, args);
        va_end(args);
    }
    return status;
}

void assertion_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "twinbank: internal error: %s:%d: assertion failed: %s\n", file, line, condition);
    fflush(stderr);
    abort();
}

static uint64_t saturate(u128 value)
{
    return value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
}

uint64_t mul_div_floor(uint64_t a, uint64_t b, uint64_t divisor)
{
    TB_ASSERT(divisor != 0);
    return saturate((u128)a * b / divisor);
}

uint64_t mul_div_ceil(uint64_t a, uint64_t b, uint64_t divisor)
{
    TB_ASSERT(divisor != 0);
    /* The largest product is (2^64 - 1)^2: adding a 64-bit number cannot overflow 128 bits. */
    return saturate(((u128)a * b + (divisor - 1u)) / divisor);
}

uint64_t mix64(uint64_t x)
{
    /* The step and the three constants of SplitMix64 (Steele, Lea, Flood: Fast splittable
     * pseudorandom number generators, 2014; variant 13 of Stafford's mixers). */
    x += 0x9e3779b97f4a7c15u;
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}
