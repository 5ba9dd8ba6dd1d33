/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Operations on non-volatile cells: the unit that a power cut can hit, and what is left when it
 * does.
 *
 * A cell here is one programmable double word: 64 data bits, 8 check bits, and a disturbance left
 * by an interrupted operation. Everything in this header is a pure function of old cells and the
 * operation.
 */
#ifndef TWINBANK_SIM_OP_H
#define TWINBANK_SIM_OP_H

#include "base.h"

enum op_kind {
    OP_PROGRAM, /* one double word */
    OP_ERASE,   /* `length` bytes to the erased state: a page, a bank, several banks (one op each page
                   group) */
    OP_OPTION_ERASE,
    OP_OPTION_PROGRAM,
    OP_KIND_COUNT
};

/** An operation in flight: plain data, saved in snapshots. */
struct op {
    uint32_t kind;    /* enum op_kind */
    uint32_t store;   /* index in the chip's store table */
    uint32_t offset;  /* bytes from the start of the store, multiple of 8 */
    uint32_t length;  /* bytes touched: 8 for a program */
    uint64_t value;   /* OP_PROGRAM, OP_OPTION_PROGRAM: the new double word */
    uint64_t ordinal; /* 1 for the first operation of this machine, counted over resets and power
                         cycles */
};

/** What an interrupted operation left in a cell. Read behaviour is defined by ecc_read and the
 * class. */
enum cell_state {
    CELL_SOLID = 0,
    CELL_UNSTABLE, /* reads old, new or an uncorrectable error, chosen anew each boot */
    CELL_WEAK,     /* reads erased; once programmed it is unstable */
    CELL_FADING,   /* reads old; unstable */
    CELL_MARGINAL, /* reads blank; once reprogrammed it is unstable */
};

struct cell {
    uint64_t data;
    uint8_t check;
    uint8_t state; /* enum cell_state */
};

#define CELL_ERASED_DATA  0xffffffffffffffffull
#define CELL_ERASED_CHECK 0xffu

enum ecc_result {
    ECC_OK,
    ECC_CORRECTED,     /* one bit was wrong: data corrected (ECCC) */
    ECC_UNCORRECTABLE, /* two bits were wrong (ECCD): data as stored */
};

/**
 * The 8 check bits of a double word. A (72,64) SECDED code with odd-weight columns; linear, so
 * ecc_check(0) == 0, which the hardware needs for the one allowed overwrite (all zero).
 * ecc_check(all ones) != 0xff: a double word programmed with all ones is no longer erased. The
 * silicon's own code is not published: docs/fidelity.md.
 */
uint8_t ecc_check(uint64_t data);

/**
 * What the read path delivers for the stored bits. The erased word (all 72 bits one) is a special
 * case: one error is corrected, two are not detected (RM0440 3.3.3).
 */
enum ecc_result ecc_read(uint64_t data, uint8_t check, uint64_t *delivered);

/** True if all 72 cells read one, that is, a program is accepted. */
bool cell_is_erased(struct cell cell);

/** The cell after a completed program of value: only 1 -> 0 transitions happen, in data and check
 * bits. */
struct cell op_program(struct cell old, uint64_t value);

/** The cell after a completed erase. */
struct cell op_erase(void);

/** Tear classes: what an operation cut short can leave, see design section 5. */
enum tear {
    TEAR_OLD,           /* nothing moved */
    TEAR_NEW,           /* all moved */
    TEAR_CORRECTED,     /* program: one bit off the new word: ECCC */
    TEAR_UNCORRECTABLE, /* program: two bits off: ECCD */
    TEAR_PARTIAL,       /* erase: a seeded mixture of old and erased bits, cell by cell */
    TEAR_COUNT
};

/** The cell after a program of value, or an erase, was cut with this tear. `seed` picks the bits;
 * same seed, same cell. */
struct cell op_tear_program(struct cell old, uint64_t value, enum tear tear, uint64_t seed);
struct cell op_tear_erase(struct cell old, enum tear tear, uint64_t seed);

#endif
