/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * The lines that are expected are looked up in the sources of harness/tests/firmware/lines, by the MARK in a comment;
 * addresses are those of labels.
 */
#include "harness/source_line.h"

#include "cmocka_tests.h"
#include "sim/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ELF          TEST_FIRMWARE_DIR "/lines.elf"
#define STRIPPED_ELF TEST_FIRMWARE_DIR "/lines-stripped.elf"

static uint32_t address_of(const char *label)
{
    uint32_t address, size;
    struct error err;
    if (elf_symbol(ELF, label, &address, &size, &err) != TB_OK)
        fail_msg("%s", err.text);
    return address;
}

static int line_of(const char *file, const char *mark)
{
    char path[512], wanted[64], line[256];
    int number = 0, found = 0;
    snprintf(path, sizeof path, "%s/lines/%s", TEST_FIRMWARE_SOURCE_DIR, file);
    snprintf(wanted, sizeof wanted, "/* MARK %s */", mark);
    FILE *source = fopen(path, "r");
    assert_non_null(source);
    while (fgets(line, sizeof line, source) != NULL) {
        number++;
        if (strstr(line, wanted) != NULL)
            found = number;
    }
    fclose(source);
    assert_int_not_equal(found, 0);
    return found;
}

static void assert_described(const char *path, uint32_t address, const char *expected)
{
    struct source_cache cache = {0};
    char text[256];
    source_describe(&cache, path, address, text, sizeof text);
    assert_string_equal(text, expected);
    source_cache_free(&cache);
}

static void an_instruction_has_its_function_and_line(void **state)
{
    (void)state;
    char expected[256];
    snprintf(expected, sizeof expected, "stumble test-firmware/lines/lines.c:%d", line_of("lines.c", "plain"));
    assert_described(ELF, address_of("at_plain"), expected);
}

static void an_inlined_instruction_has_the_line_of_the_call_and_its_own(void **state)
{
    (void)state;
    char expected[256];
    snprintf(expected, sizeof expected, "stumble test-firmware/lines/lines.c:%d (test-firmware/lines/lines.h:%d)",
             line_of("lines.c", "call-of-inlined"), line_of("lines.h", "inlined"));
    assert_described(ELF, address_of("at_inlined"), expected);
}

static void of_calls_inlined_into_each_other_the_outermost_is_told(void **state)
{
    (void)state;
    char expected[256];
    snprintf(expected, sizeof expected, "stumble test-firmware/lines/lines.c:%d (test-firmware/lines/lines.h:%d)",
             line_of("lines.c", "call-of-between"), line_of("lines.h", "twice"));
    assert_described(ELF, address_of("at_twice"), expected);
}

static void assembly_has_lines_too(void **state)
{
    (void)state;
    struct source_cache cache = {0};
    char text[512], expected[64];
    source_describe(&cache, ELF, address_of("at_assembly"), text, sizeof text);
    source_cache_free(&cache);
    /* the folder before it is the assembler's affair: not every one heeds -ffile-prefix-map */
    int length = snprintf(expected, sizeof expected, "/lines/start.S:%d", line_of("start.S", "assembly"));
    assert_memory_equal(text, "reset_handler ", 14);
    assert_true(strlen(text) > 14u + (size_t)length);
    assert_string_equal(text + strlen(text) - (size_t)length, expected);
}

static void without_dwarf_the_offset_in_the_function_is_told(void **state)
{
    (void)state;
    /* one nop of 2 bytes before the label, nothing before reset_handler's first instruction */
    assert_described(STRIPPED_ELF, address_of("at_assembly"), "reset_handler+0x2");
    assert_described(STRIPPED_ELF, address_of("reset_handler"), "reset_handler");
}

static void what_is_unknown_is_a_question_mark(void **state)
{
    (void)state;
    assert_described(ELF, 0x20000000u, "?");
    assert_described(ELF, 0xfffffffeu, "?");
    assert_described("no/such/file", address_of("at_plain"), "?");
    assert_described(TEST_FIRMWARE_SOURCE_DIR "/lines/lines.c", 0x08000000u, "?");
}

static void a_text_is_cut_to_its_buffer(void **state)
{
    (void)state;
    struct source_cache cache = {0};
    char text[8];
    source_describe(&cache, ELF, address_of("at_plain"), text, sizeof text);
    assert_string_equal(text, "stumble");
    source_cache_free(&cache);
}

static void copy(const char *from, const char *to)
{
    static char bytes[1u << 20];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    assert_in_range(size, 1, sizeof bytes - 1u);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void a_file_is_read_once(void **state)
{
    (void)state;
    struct source_cache cache = {0};
    char path[] = "/tmp/test-source-line-XXXXXX", first[256], second[256], third[256];
    int descriptor = mkstemp(path);
    assert_int_not_equal(descriptor, -1);
    close(descriptor);
    copy(ELF, path);
    source_describe(&cache, path, address_of("at_plain"), first, sizeof first);
    source_describe(&cache, STRIPPED_ELF, address_of("at_plain"), second, sizeof second);
    copy(STRIPPED_ELF, path); /* as a build that runs beside would: the same file with less in it */
    assert_int_equal(unlink(path), 0);
    source_describe(&cache, path, address_of("at_inlined"), third, sizeof third);
    assert_int_equal(cache.count, 2);
    source_cache_free(&cache);
    assert_non_null(strstr(first, "lines.c:"));
    assert_null(strstr(second, "lines.c:"));
    assert_non_null(strstr(third, "lines.h:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instruction_has_its_function_and_line),
        cmocka_unit_test(an_inlined_instruction_has_the_line_of_the_call_and_its_own),
        cmocka_unit_test(of_calls_inlined_into_each_other_the_outermost_is_told),
        cmocka_unit_test(assembly_has_lines_too),
        cmocka_unit_test(without_dwarf_the_offset_in_the_function_is_told),
        cmocka_unit_test(what_is_unknown_is_a_question_mark),
        cmocka_unit_test(a_text_is_cut_to_its_buffer),
        cmocka_unit_test(a_file_is_read_once),
    };
    return cmocka_run_group_tests_name("source-line", tests, NULL, NULL);
}
