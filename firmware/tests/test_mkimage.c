// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crc32.h"
#include "image/header.h"

#define CODE_BYTES 1001u
#define BOOT_BYTES 100u

static char **arguments; // python, mkimage.py, a directory

static void write_file(const char *name, uint8_t first, size_t bytes)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", arguments[3], name);
    file = fopen(path, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < bytes; i++) {
        assert_int_not_equal(fputc((int)(uint8_t)(first + i), file), EOF);
    }
    assert_int_equal(fclose(file), 0);
}

static size_t read_file(const char *name, uint8_t *data, size_t limit)
{
    char path[512];
    FILE *file;
    size_t bytes;

    snprintf(path, sizeof path, "%s/%s", arguments[3], name);
    file = fopen(path, "rb");
    assert_non_null(file);
    bytes = fread(data, 1, limit, file);
    assert_int_equal(fclose(file), 0);
    return bytes;
}

static int images_of_small_files(void **state)
{
    char command[2048];

    (void)state;
    write_file("mkimage-code", 7, CODE_BYTES);
    write_file("mkimage-boot", 3, BOOT_BYTES);
    snprintf(command, sizeof command,
             "'%s' '%s' app --version 1.2.3 --minimum 1.1.0 --code '%s/mkimage-code' --boot '%s/mkimage-boot' "
             "--output '%s'",
             arguments[1], arguments[2], arguments[3], arguments[3], arguments[3]);
    return system(command);
}

static void the_header_is_accepted_and_says_what_was_asked(void **state)
{
    static union {
        struct image_header header;
        uint8_t bytes[8192];
    } app;
    const size_t bytes = read_file("app-1.2.3.bin", app.bytes, sizeof app.bytes);

    (void)state;
    assert_int_equal(bytes, 512u + 1008u); // 1001 padded to 8
    assert_int_equal(header_check(&app.header, crc32_words), HEADER_OK);
    assert_int_equal(app.header.version, 0x00010203u);
    assert_int_equal(app.header.minimum_version, 0x00010100u);
    assert_int_equal(app.header.image_bytes, 1008u);
    assert_int_equal(app.header.image_crc, crc32_bytes(app.bytes + 512, 1008));
    assert_int_equal(app.bytes[512], 7);
    assert_int_equal(app.bytes[512 + 1001], 0xff);
}

static void a_bank_is_boot_then_blank_then_the_app_at_0x4000(void **state)
{
    static uint8_t app[8192], bank1[32768], bank2[32768];
    const size_t app_bytes = read_file("app-1.2.3.bin", app, sizeof app);
    const size_t bank_bytes = read_file("bank1-1.2.3.bin", bank1, sizeof bank1);

    (void)state;
    assert_int_equal(bank_bytes, 0x4000u + app_bytes);
    assert_int_equal(read_file("bank2-1.2.3.bin", bank2, sizeof bank2), bank_bytes);
    assert_memory_equal(bank1, bank2, bank_bytes);
    assert_int_equal(bank1[0], 3);
    for (size_t at = BOOT_BYTES; at < 0x4000u; at++) {
        assert_int_equal(bank1[at], 0xff);
    }
    assert_memory_equal(bank1 + 0x4000, app, app_bytes);
}

static void a_minimum_above_the_version_is_refused(void **state)
{
    char command[2048];

    (void)state;
    snprintf(command, sizeof command,
             "'%s' '%s' app --version 1.2.3 --minimum 1.2.4 --code '%s/mkimage-code' --boot '%s/mkimage-boot' "
             "--output '%s' 2>/dev/null",
             arguments[1], arguments[2], arguments[3], arguments[3], arguments[3]);
    assert_int_not_equal(system(command), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_is_accepted_and_says_what_was_asked),
        cmocka_unit_test(a_bank_is_boot_then_blank_then_the_app_at_0x4000),
        cmocka_unit_test(a_minimum_above_the_version_is_refused),
    };

    if (argc != 4) {
        fprintf(stderr, "usage: test_mkimage PYTHON MKIMAGE DIRECTORY\n");
        return 2;
    }
    arguments = argv;
    return cmocka_run_group_tests(tests, images_of_small_files, NULL);
}
