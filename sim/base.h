/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What every part of the simulator shares: status codes, error texts, assertions, small arithmetic.
 *
 * Four kinds of trouble are kept apart everywhere:
 *  - guest error: the firmware broke a rule of the hardware. Modelled (fault, flag) and observed.
 *  - model gap: the firmware touched something the chip has and we do not model. Observed by name.
 *  - user input: a bad file or command line. A `status` other than TB_OK and a text naming the
 * place.
 *  - our own bug: TB_ASSERT.
 */
#ifndef TWINBANK_SIM_BASE_H
#define TWINBANK_SIM_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define ARRAY_LENGTH(a)   (sizeof(a) / sizeof((a)[0]))

enum status {
    TB_OK = 0,
    TB_ERR_INPUT,       /* a file or an argument is malformed; the text says where */
    TB_ERR_IO,          /* the operating system refused; the text holds its reason */
    TB_ERR_MEMORY,      /* out of memory */
    TB_ERR_UNSUPPORTED, /* well-formed, but not something this chip or build can do */
    TB_ERR_ENGINE,      /* the CPU engine refused or is too old */
};

/** A message for a person: what is wrong, where, and what was expected. */
struct error {
    char text[512];
};

/** Formats a message into err (which may be NULL) and returns status, so that callers can `return
 * error_set(...)`. */
enum status error_set(struct error *err, enum status status, const char *format, ...) PRINTF_LIKE(3, 4);
#ifdef __clang_analyzer__ /* it looks at one file at a time: tell it what is returned */
#define error_set(err, status, ...) (error_set((err), (status), __VA_ARGS__), (status))
#endif

/** Stops the process on a broken invariant of our own. Never used for input or guest behaviour. */
#define TB_ASSERT(condition) ((condition) ? (void)0 : assertion_failed(#condition, __FILE__, __LINE__))
void assertion_failed(const char *condition, const char *file, int line) __attribute__((noreturn));

#define PS_PER_US 1000000ull
#define PS_PER_MS 1000000000ull
#define PS_PER_S  1000000000000ull

#define TIME_NEVER UINT64_MAX

/** floor(a * b / divisor) without overflow in the product; saturates at UINT64_MAX. */
uint64_t mul_div_floor(uint64_t a, uint64_t b, uint64_t divisor);
/** ceil(a * b / divisor) without overflow in the product; saturates at UINT64_MAX. */
uint64_t mul_div_ceil(uint64_t a, uint64_t b, uint64_t divisor);

/** One step of a 64-bit mixing function (same input, same output, on every host): for seeded noise,
 * never for hashing. */
uint64_t mix64(uint64_t x);

/** Bits first..last of value, right-aligned. */
static inline uint32_t bits(uint32_t value, unsigned first, unsigned last)
{
    return (value >> first) & (uint32_t)((1ull << (last - first + 1u)) - 1u);
}

#endif
