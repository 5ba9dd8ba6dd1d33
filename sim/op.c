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

/** Check bits of each byte of a word alone: the code is linear, so a word's are their sum. */
static uint8_t byte_checks[8][256];

__attribute__((constructor)) static void make_byte_checks(void)
{
    for (unsigned byte = 0; byte < 8u; byte++)
        for (unsigned value = 0; value < 256u; value++)
            for (unsigned bit = 0; bit < 8u; bit++)
                if (value >> bit & 1u)
                    byte_checks[byte][value] ^= data_columns[byte * 8u + bit];
}

uint8_t ecc_check(uint64_t data)
{
    uint8_t check = 0;
    for (unsigned byte = 0; byte < 8u; byte++)
        check ^= byte_checks[byte][data >> (byte * 8u) & 0xffu];
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

/* --- cells as they read ------------------------------------------------------------------------- */

bool cell_is_unstable(struct cell cell)
{
    return cell.state >= CELL_UNSTABLE_OLD;
}

bool cell_equal(struct cell a, struct cell b)
{
    return a.data == b.data && a.check == b.check && a.state == b.state && a.old == b.old && a.old_check == b.old_check;
}

/** True while an unstable cell reads as the word that was to be replaced. */
static bool reads_old(struct cell cell)
{
    return cell.state == CELL_UNSTABLE_OLD || cell.state == CELL_UNSTABLE_OLD_NEW ||
           cell.state == CELL_UNSTABLE_NEW_PAST;
}

enum ecc_result cell_read(struct cell cell, uint64_t *delivered)
{
    if (cell.state == CELL_UNSTABLE_ECCD) {
        *delivered = cell.data ^ 0x3u; /* undefined (RM0440 3.3.3): neither word */
        return ECC_UNCORRECTABLE;
    }
    return reads_old(cell) ? ecc_read(cell.old, cell.old_check, delivered) : ecc_read(cell.data, cell.check, delivered);
}

struct cell cell_after_read(struct cell cell)
{
    if (cell.state == CELL_UNSTABLE_NEW_OLD)
        cell.state = CELL_UNSTABLE_NEW_PAST;
    else if (cell.state == CELL_UNSTABLE_OLD_NEW)
        cell.state = CELL_UNSTABLE_OLD_PAST;
    return cell;
}

struct cell cell_after_reset(struct cell cell, uint64_t seed)
{
    if (!cell_is_unstable(cell))
        return cell;
    uint32_t mode = cell.state - CELL_UNSTABLE_OLD;
    if (cell.state == CELL_UNSTABLE_NEW_PAST)
        mode = CELL_UNSTABLE_NEW_OLD - CELL_UNSTABLE_OLD;
    else if (cell.state == CELL_UNSTABLE_OLD_PAST)
        mode = CELL_UNSTABLE_OLD_NEW - CELL_UNSTABLE_OLD;
    /* Never the same twice: what a boot decided must not be what the next one sees. */
    uint32_t step = 1u + (uint32_t)(mix64(seed ^ mix64(mode)) % (CELL_UNSTABLE_MODES - 1u));
    cell.state = (uint8_t)(CELL_UNSTABLE_OLD + (mode + step) % CELL_UNSTABLE_MODES);
    return cell;
}

bool cell_is_erased(struct cell cell)
{
    if (cell.state == CELL_UNSTABLE_ECCD)
        return false;
    uint64_t data = reads_old(cell) ? cell.old : cell.data;
    uint8_t check = reads_old(cell) ? cell.old_check : cell.check;
    return data == CELL_ERASED_DATA && check == CELL_ERASED_CHECK;
}

/** A cell between two words. `next` says how it reads: a mode. */
static struct cell unstable(struct cell old, struct cell target, enum cell_state next)
{
    target.old = cell_is_unstable(old) ? old.old : old.data;
    target.old_check = cell_is_unstable(old) ? old.old_check : old.check;
    target.state = (uint8_t)next;
    return target;
}

struct cell op_program(struct cell old, uint64_t value)
{
    struct cell cell = {.data = old.data & value, .check = old.check & ecc_check(value), .state = CELL_SOLID};
    /* Every cell is driven to 0, whatever it held: this is how firmware retires a bad word. */
    if (value == 0 || old.state == CELL_SOLID)
        return cell;
    /* It reads well in this power session, the next ones are another matter: what a verification just saw is no
     * promise (worst reading). */
    return unstable(old, cell, CELL_UNSTABLE_NEW);
}

struct cell op_erase(void)
{
    return (struct cell){.data = CELL_ERASED_DATA, .check = CELL_ERASED_CHECK, .state = CELL_SOLID};
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

static enum ecc_result read_raw(struct cell cell, uint64_t *delivered)
{
    return ecc_read(cell.data, cell.check, delivered);
}

/** From target, the cell with one mover left behind that reads ECC_CORRECTED and delivers what the
 * target does. Tried from a seeded start; false if no mover gives that. */
static bool leave_one(struct cell target, const struct movers *movers, uint64_t seed, struct cell *result)
{
    uint64_t wanted, got;
    (void)read_raw(target, &wanted);
    unsigned start = movers->count ? (unsigned)(mix64(seed) % movers->count) : 0;
    for (unsigned i = 0; i < movers->count; i++) {
        *result = flipped(target, movers->position[(start + i) % movers->count]);
        if (read_raw(*result, &got) == ECC_CORRECTED && got == wanted)
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
            if (read_raw(*result, &delivered) == ECC_UNCORRECTABLE)
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

/** From target, three movers left behind that the code takes for another single error: a word is delivered that was
 * never written. */
static bool leave_three(struct cell old, struct cell target, const struct movers *movers, uint64_t seed,
                        struct cell *result)
{
    uint64_t new_word, old_word, got;
    unsigned n = movers->count;
    if (n < 3u)
        return false;
    (void)read_raw(target, &new_word);
    (void)read_raw(old, &old_word);
    for (unsigned attempt = 0; attempt < 256u; attempt++) {
        uint64_t pick = mix64(seed + attempt);
        unsigned a = (unsigned)(pick % n);
        unsigned b = (a + 1u + (unsigned)(pick >> 20) % (n - 1u)) % n;
        unsigned c = (unsigned)(pick >> 40) % n;
        while (c == a || c == b)
            c = (c + 1u) % n;
        *result = flipped(flipped(flipped(target, movers->position[a]), movers->position[b]), movers->position[c]);
        enum ecc_result read = read_raw(*result, &got);
        if (read != ECC_UNCORRECTABLE && got != new_word && got != old_word)
            return true;
    }
    return false;
}

/** One half of the word complete and delivered as new, of the other some bits left behind, and no ECCD. */
static bool leave_half(struct cell target, const struct movers *movers, bool low, uint64_t seed, struct cell *result)
{
    const uint64_t half = low ? 0xffffffffull : 0xffffffff00000000ull;
    uint64_t new_word, got;
    (void)read_raw(target, &new_word);
    for (unsigned attempt = 0; attempt < 1024u; attempt++) {
        /* first the whole other half, then seeded parts of it; always with seeded check bits */
        uint64_t stay = attempt < 256u ? UINT64_MAX : mix64(seed + attempt);
        uint64_t checks = mix64(~seed + attempt);
        *result = target;
        for (unsigned i = 0; i < movers->count; i++) {
            unsigned position = movers->position[i];
            bool is_check = position >= 64u;
            if (is_check ? checks >> (position - 64u) & 1u : (~half & stay) >> position & 1u)
                *result = flipped(*result, position);
        }
        enum ecc_result read = read_raw(*result, &got);
        if (read != ECC_UNCORRECTABLE && (got & half) == (new_word & half) && got != new_word)
            return true;
    }
    return false;
}

/*
 * Classes that a word cannot reach give the nearest one instead: MISCORRECTED and the halves fall
 * back to UNCORRECTABLE, that to CORRECTED, CORRECTED to NEW; MARGINAL of a word that was not
 * erased to OLD. That happens when too few cells move, or when the word differs from the erased one
 * in so few bits that the erased special case hides its errors.
 */
struct cell op_tear_program(struct cell old, uint64_t value, enum tear tear, uint64_t seed)
{
    struct cell new_cell = op_program(old, value);
    struct movers movers = movers_between(old, new_cell);
    struct cell torn = new_cell;
    if (tear == TEAR_OLD || movers.count == 0)
        return tear == TEAR_OLD ? old : new_cell;
    switch (tear) {
    case TEAR_NEW:
        return new_cell;
    case TEAR_UNSTABLE_OLD:
    case TEAR_UNSTABLE_NEW:
    case TEAR_UNSTABLE_ECCD:
    case TEAR_UNSTABLE_NEW_OLD:
    case TEAR_UNSTABLE_OLD_NEW:
        return unstable(old, new_cell, CELL_UNSTABLE_OLD + (tear - TEAR_UNSTABLE_OLD));
    case TEAR_MARGINAL:
        if (cell_is_erased(old) && !cell_is_unstable(old))
            old.state = CELL_WEAK;
        return old;
    case TEAR_MISCORRECTED:
        if (leave_three(old, new_cell, &movers, seed, &torn))
            break;
        return op_tear_program(old, value, TEAR_UNCORRECTABLE, seed);
    case TEAR_LOW_HALF:
    case TEAR_HIGH_HALF:
        if (leave_half(new_cell, &movers, tear == TEAR_LOW_HALF, seed, &torn))
            break;
        return op_tear_program(old, value, TEAR_UNCORRECTABLE, seed);
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
    default:
        TB_ASSERT(!"a tear class of programs");
    }
    /* Unlike a complete overwrite with zero, an interrupted one heals nothing. */
    torn.state = CELL_SOLID;
    return old.state == CELL_SOLID ? torn : unstable(old, torn, CELL_UNSTABLE_NEW);
}

/** Tries seeded mixtures of old and erased bits for one that reads ECC_UNCORRECTABLE. Half of all
 * mixtures of more than a few bits do. */
static struct cell mixture_uncorrectable(struct cell erased, const struct movers *movers, uint64_t seed)
{
    uint64_t delivered;
    for (unsigned attempt = 0; attempt < 64u; attempt++) {
        struct cell torn = leave_some(erased, movers, mix64(seed + attempt));
        if (read_raw(torn, &delivered) == ECC_UNCORRECTABLE)
            return torn;
    }
    return leave_some(erased, movers, seed);
}

/*
 * PARTIAL, WEAK and FADING are the classes that sweeps use. CORRECTED is an erase that left one
 * cell behind and falls back to NEW when nothing moves; UNCORRECTABLE is a mixture that raises
 * ECCD, and falls back to PARTIAL when 64 mixtures do not (which takes an old word with hardly a
 * zero in it).
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
    case TEAR_WEAK:
        torn.state = CELL_WEAK;
        return torn;
    case TEAR_FADING:
        return movers.count == 0 && old.state == CELL_SOLID ? old : unstable(old, erased, CELL_UNSTABLE_OLD);
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
    default:
        TB_ASSERT(!"a tear class of erases");
    }
    /* What was disturbed stays so: an interrupted erase is no complete one. */
    torn.state = CELL_SOLID;
    return old.state == CELL_SOLID ? torn : unstable(old, torn, CELL_UNSTABLE_NEW);
}

const char *tear_name(enum tear tear)
{
    static const char *const names[] = {
        [TEAR_OLD] = "old",
        [TEAR_NEW] = "new",
        [TEAR_CORRECTED] = "corrected",
        [TEAR_UNCORRECTABLE] = "uncorrectable",
        [TEAR_MISCORRECTED] = "miscorrected",
        [TEAR_LOW_HALF] = "low-half",
        [TEAR_HIGH_HALF] = "high-half",
        [TEAR_UNSTABLE_OLD] = "unstable-old",
        [TEAR_UNSTABLE_NEW] = "unstable-new",
        [TEAR_UNSTABLE_ECCD] = "unstable-eccd",
        [TEAR_UNSTABLE_NEW_OLD] = "unstable-new-old",
        [TEAR_UNSTABLE_OLD_NEW] = "unstable-old-new",
        [TEAR_MARGINAL] = "marginal",
        [TEAR_PARTIAL] = "partial",
        [TEAR_WEAK] = "weak",
        [TEAR_FADING] = "fading",
    };
    return names[tear];
}

bool tear_fits(enum tear tear, bool erase)
{
    if (tear == TEAR_OLD || tear == TEAR_NEW)
        return true;
    return erase ? tear >= TEAR_PARTIAL : tear < TEAR_PARTIAL;
}

bool op_is_erase(const struct op *op)
{
    return op->kind == OP_ERASE || op->kind == OP_OPTION_ERASE;
}

struct cell op_complete_cell(const struct op *op, struct cell old)
{
    if (op->unsure) {
        struct cell cell = op_is_erase(op) ? op_erase() : op_program(old, op->value);
        cell.state = CELL_WEAK;
        return op_is_erase(op) ? cell : unstable(old, cell, CELL_UNSTABLE_NEW);
    }
    return op_is_erase(op) ? op_erase() : op_program(old, op->value);
}

struct cell op_tear_cell(const struct op *op, uint32_t offset, struct cell old, enum tear tear, uint64_t seed)
{
    uint64_t here = mix64(seed ^ offset);
    if (tear == TEAR_NEW)
        return op_complete_cell(op, old);
    return op_is_erase(op) ? op_tear_erase(old, tear, here) : op_tear_program(old, op->value, tear, here);
}

enum tear op_reset_tear(const struct op *op)
{
    return op_is_erase(op) ? TEAR_PARTIAL : TEAR_UNCORRECTABLE;
}

uint64_t op_reset_seed(const struct op *op, uint64_t machine_seed)
{
    return mix64(machine_seed ^ op->ordinal);
}

uint64_t cell_mode_seed(uint64_t machine_seed, uint32_t store, uint32_t offset)
{
    return mix64(machine_seed ^ mix64((uint64_t)store << 32 | offset));
}
