/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The error code of a double word, and what operations and their interruptions do to its 72 cells.
 *
 * The code. H is an 8 x 72 parity-check matrix whose columns are distinct bytes of odd weight: the
 * check bit k has the column 1 << k, the 64 data bits have the 56 bytes of weight 3 in ascending
 * order (bits 0 to 55) and the 8 rotations of 0x1f, of weight 5 (bits 56 to 63). The check byte is
 * the sum (xor) of the columns of the data bits that are one; the syndrome of a stored word is its
 * check byte plus that of its data. Odd columns make it a SECDED code (M. Y. Hsiao, 1970): a single
 * error has an odd syndrome equal to one column, a double error an even one that is not zero, and
 * the distance of two code words is at least 4.
 *
 * The erased word, 72 ones, is no code word: the 56 columns of weight 3 add up to 0xff, so do the 8
 * of weight 5, so ecc_check(all ones) is 0x00 and the erased word has the syndrome 0xff. How near
 * code words come to it is settled by counting: for an even syndrome s the 128 odd bytes fall into
 * 64 pairs {v, v ^ s}, and 72 columns in 64 pairs fill at least 8 of them, so every odd-weight
 * (72,64) code has at least 8 code words two bits away from the erased word. This one has exactly
 * 8, the least possible: check byte 0xff, and data all ones but for bit 56 + r and the bit whose
 * column is the complement of bit 56 + r's. They are programmed and read like all others; only of
 * their single errors the two that lie one bit from the erased word read as erased.
 *
 * The silicon's code is not published; what ST does say is kept: ecc(0) = 0 is needed for the
 * overwrite with zero (RM0351 3.3.7), a double word of ones that was programmed is no longer
 * erased, and in the erased word one error is corrected and two are not detected (RM0440 3.3.3).
 */
#include "op.h"

#define CODE_BITS 72u

static const uint8_t data_columns[64] = {
    0x07, 0x0b, 0x0d, 0x0e, 0x13, 0x15, 0x16, 0x19, /* bits 0-7 */
    0x1a, 0x1c, 0x23, 0x25, 0x26, 0x29, 0x2a, 0x2c, /* bits 8-15 */
    0x31, 0x32, 0x34, 0x38, 0x43, 0x45, 0x46, 0x49, /* bits 16-23 */
    0x4a, 0x4c, 0x51, 0x52, 0x54, 0x58, 0x61, 0x62, /* bits 24-31 */
    0x64, 0x68, 0x70, 0x83, 0x85, 0x86, 0x89, 0x8a, /* bits 32-39 */
    0x8c, 0x91, 0x92, 0x94, 0x98, 0xa1, 0xa2, 0xa4, /* bits 40-47 */
    0xa8, 0xb0, 0xc1, 0xc2, 0xc4, 0xc8, 0xd0, 0xe0, /* bits 48-55 */
    0x1f, 0x3e, 0x7c, 0xf8, 0xf1, 0xe3, 0xc7, 0x8f, /* bits 56-63 */
};

uint8_t ecc_check(uint64_t data)
{
    uint8_t check = 0;
    for (; data != 0; data &= data - 1u)
        check ^= data_columns[__builtin_ctzll(data)];
    return check;
}

static unsigned zeros_of(uint64_t data, uint8_t check)
{
    return (unsigned)(__builtin_popcountll(~data) + __builtin_popcount((uint8_t)~check));
}

enum ecc_result ecc_read(uint64_t data, uint8_t check, uint64_t *delivered)
{
    *delivered = data;
    uint8_t syndrome = (uint8_t)(check ^ ecc_check(data));
    if (syndrome == 0)
        return ECC_OK;
    unsigned zeros = zeros_of(data, check);
    if (zeros == 0 || zeros == 2)
        return ECC_OK;
    if (zeros == 1) {
        *delivered = CELL_ERASED_DATA;
        return ECC_CORRECTED;
    }
    if (__builtin_popcount(syndrome) % 2 == 0)
        return ECC_UNCORRECTABLE;
    if ((syndrome & (syndrome - 1u)) == 0)
        return ECC_CORRECTED; /* the wrong bit is a check bit */
    for (unsigned bit = 0; bit < 64u; bit++) {
        if (data_columns[bit] == syndrome) {
            *delivered = data ^ 1ull << bit;
            return ECC_CORRECTED;
        }
    }
    return ECC_UNCORRECTABLE;
}

bool cell_is_erased(struct cell cell)
{
    return cell.data == CELL_ERASED_DATA && cell.check == CELL_ERASED_CHECK;
}

struct cell op_program(struct cell old, uint64_t value)
{
    struct cell cell = {
        .data = old.data & value,
        .check = old.check & ecc_check(value),
        .state = old.state == CELL_SOLID ? CELL_SOLID : CELL_UNSTABLE,
    };
    /* Every cell is driven to 0, whatever it held: this is how firmware retires a bad word. */
    if (value == 0)
        cell.state = CELL_SOLID;
    return cell;
}

struct cell op_erase(void)
{
    return (struct cell){CELL_ERASED_DATA, CELL_ERASED_CHECK, CELL_SOLID};
}

/* --- tears ------------------------------------------------------------------------------------ */

/** The cells that an operation moves, as positions in the code word: 0-63 data, 64-71 check. */
struct movers {
    uint8_t position[CODE_BITS];
    unsigned count;
};

static struct movers movers_between(struct cell a, struct cell b)
{
    struct movers movers = {.count = 0};
    uint64_t data = a.data ^ b.data;
    uint8_t check = a.check ^ b.check;
    for (unsigned i = 0; i < CODE_BITS; i++) {
        bool moves = i < 64u ? data >> i & 1u : check >> (i - 64u) & 1u;
        if (moves)
            movers.position[movers.count++] = (uint8_t)i;
    }
    return movers;
}

static struct cell flipped(struct cell cell, unsigned position)
{
    if (position < 64u)
        cell.data ^= 1ull << position;
    else
        cell.check ^= (uint8_t)(1u << (position - 64u));
    return cell;
}

static enum ecc_result read_cell(struct cell cell, uint64_t *delivered)
{
    return ecc_read(cell.data, cell.check, delivered);
}

/** From target, the cell with one mover left behind that reads ECC_CORRECTED and delivers what the
 * target does. Tried from a seeded start; false if no mover gives that. */
static bool leave_one(struct cell target, const struct movers *movers, uint64_t seed, struct cell *result)
{
    uint64_t wanted, got;
    (void)read_cell(target, &wanted);
    unsigned start = movers->count ? (unsigned)(mix64(seed) % movers->count) : 0;
    for (unsigned i = 0; i < movers->count; i++) {
        *result = flipped(target, movers->position[(start + i) % movers->count]);
        if (read_cell(*result, &got) == ECC_CORRECTED && got == wanted)
            return true;
    }
    return false;
}

/** From target, the cell with two movers left behind that reads ECC_UNCORRECTABLE. */
static bool leave_two(struct cell target, const struct movers *movers, uint64_t seed, struct cell *result)
{
    unsigned n = movers->count;
    if (n < 2)
        return false;
    unsigned start = (unsigned)(mix64(seed) % n);
    unsigned step = (unsigned)(mix64(seed ^ 1u) % (n - 1u));
    uint64_t delivered;
    for (unsigned i = 0; i < n; i++) {
        unsigned first = (start + i) % n;
        for (unsigned j = 0; j < n - 1u; j++) {
            unsigned second = (first + 1u + (step + j) % (n - 1u)) % n;
            *result = flipped(flipped(target, movers->position[first]), movers->position[second]);
            if (read_cell(*result, &delivered) == ECC_UNCORRECTABLE)
                return true;
        }
    }
    return false;
}

/** Each mover stays behind or not, as the seed says. */
static struct cell leave_some(struct cell target, const struct movers *movers, uint64_t seed)
{
    uint64_t low = mix64(seed);
    uint64_t high = mix64(seed ^ 0x8000000000000000u);
    for (unsigned i = 0; i < movers->count; i++) {
        unsigned position = movers->position[i];
        if ((position < 64u ? low >> position : high >> (position - 64u)) & 1u)
            target = flipped(target, position);
    }
    return target;
}

/*
 * Classes that a word cannot reach give the nearest one instead: UNCORRECTABLE falls back to
 * CORRECTED, CORRECTED to NEW. That happens when too few cells move, or when the word differs from
 * the erased one in so few bits that the erased special case hides its errors.
 */
struct cell op_tear_program(struct cell old, uint64_t value, enum tear tear, uint64_t seed)
{
    struct cell new_cell = op_program(old, value);
    struct movers movers = movers_between(old, new_cell);
    struct cell torn = new_cell;
    switch (tear) {
    case TEAR_OLD:
        return old;
    case TEAR_NEW:
        return new_cell;
    case TEAR_UNCORRECTABLE:
        if (leave_two(new_cell, &movers, seed, &torn))
            break;
        /* fall through */
    case TEAR_CORRECTED:
        if (leave_one(new_cell, &movers, seed, &torn))
            break;
        return new_cell;
    case TEAR_PARTIAL:
        torn = leave_some(new_cell, &movers, seed);
        break;
    case TEAR_COUNT:
        TB_ASSERT(!"a tear class");
    }
    /* Unlike a complete overwrite with zero, an interrupted one heals nothing. */
    torn.state = old.state == CELL_SOLID ? CELL_SOLID : CELL_UNSTABLE;
    return torn;
}

/** Tries seeded mixtures of old and erased bits for one that reads ECC_UNCORRECTABLE. Half of all
 * mixtures of more than a few bits do. */
static struct cell mixture_uncorrectable(struct cell erased, const struct movers *movers, uint64_t seed)
{
    uint64_t delivered;
    for (unsigned attempt = 0; attempt < 64u; attempt++) {
        struct cell torn = leave_some(erased, movers, mix64(seed + attempt));
        if (read_cell(torn, &delivered) == ECC_UNCORRECTABLE)
            return torn;
    }
    return leave_some(erased, movers, seed);
}

/*
 * PARTIAL is the class that sweeps use. CORRECTED is an erase that left one cell behind and falls
 * back to NEW when nothing moves; UNCORRECTABLE is a mixture that raises ECCD, and falls back to
 * PARTIAL when 64 mixtures do not (which takes an old word with hardly a zero in it).
 */
struct cell op_tear_erase(struct cell old, enum tear tear, uint64_t seed)
{
    struct cell erased = op_erase();
    struct movers movers = movers_between(old, erased);
    struct cell torn = erased;
    switch (tear) {
    case TEAR_OLD:
        return old;
    case TEAR_NEW:
        return erased;
    case TEAR_CORRECTED:
        if (!leave_one(erased, &movers, seed, &torn))
            return erased;
        break;
    case TEAR_UNCORRECTABLE:
        torn = mixture_uncorrectable(erased, &movers, seed);
        break;
    case TEAR_PARTIAL:
        torn = leave_some(erased, &movers, seed);
        break;
    case TEAR_COUNT:
        TB_ASSERT(!"a tear class");
    }
    /* What was disturbed stays so: an interrupted erase is no complete one. */
    torn.state = old.state == CELL_FADING ? CELL_UNSTABLE : old.state;
    return torn;
}
