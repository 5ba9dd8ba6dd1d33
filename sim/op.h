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
    uint32_t kind;       /* enum op_kind */
    uint32_t store;      /* index in the chip's store table */
    uint32_t offset;     /* bytes from the start of the store, multiple of 8 */
    uint32_t length;     /* bytes touched: 8 for a program */
    uint64_t value;      /* OP_PROGRAM, OP_OPTION_PROGRAM: the new double word */
    uint64_t ordinal;    /* 1 for the first operation since power-up, counted over resets */
    uint32_t low_supply; /* 1: begun while the supply was low */
    uint32_t unsure;     /* 1: and so its cells are not to be trusted, even if it is completed */
};

/**
 * What an interrupted operation left in a cell. The unstable ones lie between two words, `old` and the new one in
 * `data`; how they read is drawn anew at every reset (cell_after_reset) and is part of the state, so that equal cells
 * have equal futures.
 */
enum cell_state {
    CELL_SOLID = 0,
    CELL_WEAK,         /* reads as it is (erased); once programmed it is unstable */
    CELL_UNSTABLE_OLD, /* until the next reset reads: the old word, */
    CELL_UNSTABLE_NEW,
    CELL_UNSTABLE_ECCD,
    CELL_UNSTABLE_NEW_OLD, /* the new word once, then the old one */
    CELL_UNSTABLE_OLD_NEW,
    CELL_UNSTABLE_NEW_PAST, /* NEW_OLD after its first read: old */
    CELL_UNSTABLE_OLD_PAST, /* OLD_NEW after its first read: new */
};
#define CELL_UNSTABLE_MODES 5u /* that a reset chooses from */

struct cell {
    uint64_t data;
    uint8_t check;
    uint8_t state; /* enum cell_state */
    uint8_t old_check;
    uint8_t reserved[5];
    uint64_t old; /* unstable cells: what the operation was to replace; else 0, like old_check */
};

static inline struct cell cell_make(uint64_t data, uint8_t check, enum cell_state state)
{
    return (struct cell){.data = data, .check = check, .state = (uint8_t)state};
}

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

/** What the read path delivers for a cell in its state. */
enum ecc_result cell_read(struct cell cell, uint64_t *delivered);
/** The cell after it was read. */
struct cell cell_after_read(struct cell cell);
/** The cell after a reset or power-up: an unstable one reads in another mode. `seed` chooses, and belongs to the cell's
 * place; same cell, same seed, same result. */
struct cell cell_after_reset(struct cell cell, uint64_t seed);
bool cell_is_unstable(struct cell cell);
bool cell_equal(struct cell a, struct cell b);

/** True if all 72 cells read one now, that is, a program is accepted. */
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
    TEAR_MISCORRECTED,  /* program: neither the old nor the new word is delivered, and no ECCD */
    TEAR_LOW_HALF,      /* program: the same, aimed: the low 32 bits are delivered as new, the high ones are not */
    TEAR_HIGH_HALF,     /* and the other way round */
    TEAR_UNSTABLE_OLD,  /* program: unstable, and how it reads in the next boot */
    TEAR_UNSTABLE_NEW,
    TEAR_UNSTABLE_ECCD,
    TEAR_UNSTABLE_NEW_OLD,
    TEAR_UNSTABLE_OLD_NEW,
    TEAR_MARGINAL, /* program: reads blank, unstable once programmed */
    TEAR_PARTIAL,  /* erase: a seeded mixture of old and erased bits, cell by cell */
    TEAR_WEAK,     /* erase: reads erased, unstable once programmed */
    TEAR_FADING,   /* erase: reads old in the next boot; unstable */
    TEAR_COUNT
};
/** "corrected"; the name in case ids and reports. */
const char *tear_name(enum tear tear);
/** True if sweeps use this class for programs (erases). */
bool tear_fits(enum tear tear, bool erase);

/** The cell after a program of value, or an erase, was cut with this tear. `seed` picks the bits;
 * same seed, same cell. A class that this word cannot reach gives the nearest one that it can. */
struct cell op_tear_program(struct cell old, uint64_t value, enum tear tear, uint64_t seed);
struct cell op_tear_erase(struct cell old, enum tear tear, uint64_t seed);
bool op_is_erase(const struct op *op);
/** The cell at `offset` of the operation's store after the operation was completed there, or cut short. Of an unsure
 * one: a programmed cell reads well until the next reset and is unstable from then on, an erased one is weak. */
struct cell op_complete_cell(const struct op *op, struct cell old);
struct cell op_tear_cell(const struct op *op, uint32_t offset, struct cell old, enum tear tear, uint64_t seed);
/** The tear of a reset inside an operation, the worst reading for the firmware: bits that do not read back. */
enum tear op_reset_tear(const struct op *op);
uint64_t op_reset_seed(const struct op *op, uint64_t machine_seed);
/** The seed for cell_after_reset of the cell at this place. */
uint64_t cell_mode_seed(uint64_t machine_seed, uint32_t store, uint32_t offset);

#endif
