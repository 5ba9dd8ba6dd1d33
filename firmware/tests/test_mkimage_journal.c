// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Two implementations of one format: the page that mkimage.py writes from its description, read by journal.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cells.h"
#include "journal/journal.h"

#define PAGE_BYTES 2048u

static char **arguments; // python, mkimage.py, a directory

// An app image as far as anybody looks: magic, size, version, and a header CRC that names it.
static void write_app(const char *name, uint32_t bytes, uint32_t version, uint32_t header_crc)
{
    uint32_t header[128];
    char path[512];
    FILE *file;

    memset(header, 0xff, sizeof header);
    memcpy(header, "TBIM", 4);
    header[4] = bytes;
    header[5] = version;
    header[127] = header_crc;
    snprintf(path, sizeof path, "%s/%s", arguments[3], name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(header, 1, sizeof header, file), sizeof header);
    assert_int_equal(fclose(file), 0);
}

static int mkimage_journal(const char *options)
{
    char command[4096];

    snprintf(command, sizeof command, "cd '%s' && '%s' '%s' journal %s --output journal-page 2>/dev/null", arguments[3],
             arguments[1], arguments[2], options);
    return system(command);
}

// The page that mkimage.py writes, put into a bank.
static void load_page(unsigned bank, const char *options)
{
    static uint8_t page[PAGE_BYTES + 1u];
    char path[512];
    FILE *file;

    assert_int_equal(mkimage_journal(options), 0);
    snprintf(path, sizeof path, "%s/journal-page", arguments[3]);
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(page, 1, sizeof page, file), PAGE_BYTES);
    assert_int_equal(fclose(file), 0);
    memcpy(cells.words[bank - 1u], page, PAGE_BYTES);
}

static int two_apps_and_blank_pages(void **state)
{
    (void)state;
    cells_erase_all();
    write_app("mkimage-app-one", 65536, 0x00010203u, 0x11223344u);
    write_app("mkimage-app-two", 2048, 0x00020000u, 0xfedcba98u);
    return 0;
}

static void a_page_is_recovered_without_an_operation_and_says_what_was_asked(void **state)
{
    struct journal_state found;

    (void)state;
    load_page(1, "--records 23 --epoch 7 --current 1 --attempts 3 --minimum 1.1.0 "
                 "--bank1 good:mkimage-app-one --bank2 candidate:mkimage-app-two");
    assert_int_equal(journal_recover(&found), JOURNAL_OK);
    assert_int_equal(cells.op_count, 0);
    assert_int_equal(found.current, 1);
    assert_int_equal(found.attempts, 3);
    assert_int_equal(found.minimum_version, 0x00010100u);
    assert_int_equal(found.slot[0].mark, MARK_GOOD);
    assert_int_equal(found.slot[0].header_crc, 0x11223344u);
    assert_int_equal(found.slot[0].bytes, 65536);
    assert_int_equal(found.slot[0].version, 0x00010203u);
    assert_int_equal(found.slot[1].mark, MARK_CANDIDATE);
    assert_int_equal(found.slot[1].header_crc, 0xfedcba98u);
    assert_int_equal(found.slot[1].bytes, 2048);
    assert_int_equal(found.slot[1].version, 0x00020000u);
    assert_int_equal(journal_epoch(), 7);
    assert_int_equal(journal_free(), 32 - 23);
}

static void void_and_failed_slots_are_understood_in_either_bank(void **state)
{
    struct journal_state found;

    (void)state;
    load_page(2, "--records 1 --current 0 --bank1 failed:mkimage-app-one --bank2 void");
    assert_int_equal(journal_open(&found), JOURNAL_OK);
    assert_int_equal(found.current, 0);
    assert_int_equal(found.attempts, 0);
    assert_int_equal(found.slot[0].mark, MARK_FAILED);
    assert_int_equal(found.slot[0].version, 0x00010203u);
    assert_int_equal(found.slot[1].mark, MARK_VOID);
    assert_int_equal(found.slot[1].version, 0);
    assert_int_equal(journal_epoch(), 1);
}

// journal.c would write the same cells.
static void the_record_of_journal_c_has_the_same_cells(void **state)
{
    struct journal_state found;
    uint32_t of_mkimage[8][2];

    (void)state;
    load_page(1, "--records 4 --epoch 9 --current 2 --bank1 good:mkimage-app-one --bank2 good:mkimage-app-two");
    memcpy(of_mkimage, cells.words[0][24], sizeof of_mkimage);
    memset(cells.words[0][24], 0xff, sizeof of_mkimage);
    assert_int_equal(journal_open(&found), JOURNAL_OK);
    assert_int_equal(journal_append_now(&found), JOURNAL_OK);
    assert_memory_equal(cells.words[0][24], of_mkimage, sizeof of_mkimage);
}

static void boot_recycles_a_page_when_fewer_than_8_records_are_free(void **state)
{
    struct journal_state found;

    (void)state;
    load_page(1, "--records 24 --current 1 --bank1 good:mkimage-app-one --bank2 void");
    assert_int_equal(journal_recover(&found), JOURNAL_OK);
    assert_int_equal(cells.op_count, 0);
    load_page(1, "--records 25 --current 1 --bank1 good:mkimage-app-one --bank2 void");
    assert_int_equal(journal_recover(&found), JOURNAL_OK);
    assert_int_not_equal(cells.op_count, 0);
    assert_int_equal(journal_epoch(), 2);
    assert_int_equal(found.slot[0].header_crc, 0x11223344u);
}

static void wrong_orders_are_refused(void **state)
{
    static const char *const wrong[] = {
        "--records 0 --current 1 --bank1 void --bank2 void",
        "--records 33 --current 1 --bank1 void --bank2 void",
        "--records 1 --current 3 --bank1 void --bank2 void",
        "--records 1 --current 1 --attempts 7 --bank1 void --bank2 void",
        "--records 1 --current 1 --bank1 fine --bank2 void",
        "--records 1 --current 1 --bank1 good --bank2 void",
        "--records 1 --current 1 --bank1 void:mkimage-app-one --bank2 void",
        "--records 1 --current 1 --bank1 good:journal-page --bank2 void",
        "--records 1 --current 1 --bank1 good:not-there --bank2 void",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_not_equal(mkimage_journal(wrong[i]), 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_page_is_recovered_without_an_operation_and_says_what_was_asked,
                               two_apps_and_blank_pages),
        cmocka_unit_test_setup(void_and_failed_slots_are_understood_in_either_bank, two_apps_and_blank_pages),
        cmocka_unit_test_setup(the_record_of_journal_c_has_the_same_cells, two_apps_and_blank_pages),
        cmocka_unit_test_setup(boot_recycles_a_page_when_fewer_than_8_records_are_free, two_apps_and_blank_pages),
        cmocka_unit_test_setup(wrong_orders_are_refused, two_apps_and_blank_pages),
    };

    if (argc != 4) {
        fprintf(stderr, "usage: test_mkimage_journal PYTHON MKIMAGE DIRECTORY\n");
        return 2;
    }
    arguments = argv;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
