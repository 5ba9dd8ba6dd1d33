// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Journals for tests, and what was done to their cells.
#ifndef TWINBANK_FIRMWARE_TESTS_JOURNAL_FIXTURE_H
#define TWINBANK_FIRMWARE_TESTS_JOURNAL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cells.h"
#include "crc32.h"
#include "journal/journal.h"

// Both slots good, bank 1 runs: what boot writes first on a new board.
static const struct journal_state FACTORY = {
    .current = 1,
    .slot = {{.mark = MARK_GOOD, .header_crc = 0x11111111u, .bytes = 4096u, .version = 0x010000u}, {.mark = MARK_VOID}},
};

// The n-th state of a long life: no two are alike.
static inline struct journal_state numbered(uint32_t n)
{
    struct journal_state state = FACTORY;

    state.minimum_version = n;
    return state;
}

static inline void assert_state(const struct journal_state *is, const struct journal_state *expected)
{
    assert_int_equal(is->current, expected->current);
    assert_int_equal(is->attempts, expected->attempts);
    assert_int_equal(is->minimum_version, expected->minimum_version);
    for (unsigned i = 0; i < 2u; i++) {
        assert_int_equal(is->slot[i].mark, expected->slot[i].mark);
        assert_int_equal(is->slot[i].header_crc, expected->slot[i].header_crc);
        assert_int_equal(is->slot[i].bytes, expected->slot[i].bytes);
        assert_int_equal(is->slot[i].version, expected->slot[i].version);
    }
}

static inline void assert_recovers(uint32_t n)
{
    struct journal_state state, expected = numbered(n);

    assert_int_equal(journal_recover(&state), JOURNAL_OK);
    assert_state(&state, &expected);
}

static inline void append(uint32_t n)
{
    struct journal_state state = numbered(n);

    assert_int_equal(journal_append_now(&state), JOURNAL_OK);
}

static inline int blank_pages(void **state)
{
    (void)state;
    cells_erase_all();
    return 0;
}

// A board that booted once: record 0 of bank 1 holds state 0.
static inline int a_new_board(void **state)
{
    struct journal_state zero = numbered(0), found;

    (void)state;
    cells_erase_all();
    if (journal_recover(&found) != JOURNAL_FACTORY || journal_create(&zero) != JOURNAL_OK) {
        return -1;
    }
    cells_forget();
    return 0;
}

// A page of `count` settled records, states 0 to count - 1, and a blank other one; boot was here.
static inline void records(unsigned count)
{
    for (uint32_t n = 1; n < count; n++) {
        append(n);
    }
    cells_forget();
}

#define Z(place)          ((place) * 8u)
#define PAYLOAD(place, i) ((place) * 8u + 1u + (i))
#define C(place)          ((place) * 8u + 6u)
#define S(place)          ((place) * 8u + 7u)

static inline void blank(unsigned bank, unsigned index)
{
    memset(cells.words[bank - 1u][index], 0xff, 8u);
}

// The payload is another one, and C fits it.
static inline void change_payload(unsigned bank, unsigned place, unsigned word, uint32_t value)
{
    uint32_t *payload = cells.words[bank - 1u][PAYLOAD(place, 0)];
    uint32_t *c = cells.words[bank - 1u][C(place)];

    payload[word] = value;
    c[0] = crc32_words(payload, 10u);
    c[1] = ~c[0];
}

static inline void assert_op(unsigned i, bool erase, unsigned bank, unsigned index)
{
    assert_true(i < cells.op_count);
    assert_int_equal(cells.ops[i].erase, erase);
    assert_int_equal(cells.ops[i].bank, bank);
    assert_int_equal(cells.ops[i].index, index);
}

// Operations first to first + 7 write this place in order.
static inline void assert_writes_record(unsigned first, unsigned bank, unsigned place)
{
    for (unsigned i = 0; i < 8u; i++) {
        assert_op(first + i, false, bank, place * 8u + i);
        if (i == 0u || i == 7u) {
            assert_true(cells.ops[first + i].words[0] == 0 && cells.ops[first + i].words[1] == 0);
        }
    }
}

static inline int every_operation_was_asked_for(void **state)
{
    (void)state;
    return cells.unready == 0 ? 0 : -1;
}

#define ON(setup, name) cmocka_unit_test_setup_teardown(name, setup, every_operation_was_asked_for)

#endif
