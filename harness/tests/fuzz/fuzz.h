/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What the fuzzers share: an input that is eaten from its front, and checks that end the program.
 *
 * A fuzzer runs under libFuzzer (-DTB_FUZZ=ON, clang) or under fuzz_main.c (any compiler, a fixed number of runs).
 */
#ifndef TWINBANK_FUZZ_H
#define TWINBANK_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))

static inline void __attribute__((noreturn)) fuzz_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

/** Little-endian; what is not there any more reads 0. */
static inline uint32_t fuzz_take(struct fuzz_input *in, size_t bytes)
{
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (in->left > 0) {
            value |= (uint32_t)*in->at++ << 8 * i;
            in->left--;
        }
    }
    return value;
}

/** Up to `count` bytes into `to`, zeros behind them; how many there were. */
static inline size_t fuzz_take_bytes(struct fuzz_input *in, void *to, size_t count)
{
    size_t taken = count < in->left ? count : in->left;
    memset(to, 0, count);
    if (taken > 0)
        memcpy(to, in->at, taken);
    in->at += taken;
    in->left -= taken;
    return taken;
}

/** Bytes that depend on `seed` and `i` only, and do not repeat nearby. */
static inline uint32_t fuzz_hash(uint32_t seed, uint32_t i)
{
    uint32_t x = seed * 2654435761u ^ (i + 0x9e3779b9u) * 2246822519u;
    x ^= x >> 15;
    x *= 0x2c1b3c6du;
    x ^= x >> 12;
    x *= 0x297a2d39u;
    return x ^ x >> 15;
}

#endif
