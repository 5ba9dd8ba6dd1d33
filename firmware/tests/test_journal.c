// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cells.h"
#include "crc32.h"
#include "image/crc32.h"
#include "journal/journal.h"
#include "journal/store.h"

// Both slots good, bank 1 runs: what boot writes first on a new board.
static const struct journal_state FACTORY = {
    .current = 1,
    .slot = {{.mark = MARK_GOOD, .header_crc = 0x11111111u, .bytes = 4096u, .version = 0x010000u}, {.mark = MARK_VOID}},
};

// The n-th state of a long life: no two are alike.
static struct journal_state numbered(uint32_t n)
{
    struct journal_state state = FACTORY;

    state.minimum_version = n;
    return state;
}

static void assert_state(const struct journal_state *is, const struct journal_state *expected)
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

static void assert_recovers(uint32_t n)
{
    struct journal_state state, expected = numbered(n);

    assert_int_equal(journal_recover(&state), JOURNAL_OK);
    assert_state(&state, &expected);
}

static void append(uint32_t n)
{
    struct journal_state state = numbered(n);

    assert_int_equal(journal_append_now(&state), JOURNAL_OK);
}

static int blank_pages(void **state)
{
    (void)state;
    cells_erase_all();
    return 0;
}

// A board that booted once: record 0 of bank 1 holds state 0.
static int a_new_board(void **state)
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

static int every_operation_was_asked_for(void **state)
{
    (void)state;
    return cells.unready == 0 ? 0 : -1;
}

static void the_software_crc_has_its_published_check_value(void **state)
{
    uint32_t words[2];

    (void)state;
    memcpy(words, "12345678", 8u);
    assert_int_equal(crc32_by_table(words, 2u), 0x9ae0daafu); // zlib.crc32(b"12345678")
    assert_int_equal(crc32_by_table(words, 2u), crc32_words(words, 2u));
}

static void blank_pages_are_a_factory(void **state)
{
    struct journal_state found;

    (void)state;
    assert_int_equal(journal_recover(&found), JOURNAL_FACTORY);
    assert_int_equal(cells.op_count, 0);
    assert_int_equal(journal_open(&found), JOURNAL_FACTORY);
    assert_int_equal(found.current, 0);
}

static void what_is_appended_is_found_again(void **state)
{
    struct journal_state found;

    (void)state;
    for (uint32_t n = 1; n <= 20u; n++) {
        struct journal_state expected = numbered(n);

        append(n);
        assert_recovers(n);
        assert_int_equal(journal_open(&found), JOURNAL_OK);
        assert_state(&found, &expected);
    }
}

int main(void)
{
#define JOURNAL_TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, every_operation_was_asked_for)
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(the_software_crc_has_its_published_check_value, blank_pages),
        JOURNAL_TEST(blank_pages_are_a_factory, blank_pages),
        JOURNAL_TEST(what_is_appended_is_found_again, a_new_board),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
