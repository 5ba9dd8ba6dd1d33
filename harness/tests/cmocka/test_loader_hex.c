/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Intel HEX and raw images. Checksums were computed by hand: the two's complement of the sum of the
 * record's bytes.
 */
#include "cmocka_tests.h"
#include "sim/loader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define END ":00000001FF\n"

static enum status parse(struct image *image, const char *text, struct error *err)
{
    return image_parse(image, "a.hex", (const uint8_t *)text, strlen(text), 0, err);
}

static void records_that_touch_become_one_part(void **state)
{
    (void)state;
    struct image image;
    struct error err;
    /* Out of order, upper and lower case digits, CR LF, a blank line, an empty data record. */
    static const char text[] = ":020000040800F2\r\n"
                               ":04000400aabbccddea\r\n"
                               "\r\n"
                               ":0400000001020304F2\r\n"
                               ":00123400BA\n"
                               ":01000A005a9b\n"
                               ":0400000508000101ED\n" END;
    assert_int_equal(parse(&image, text, &err), TB_OK);
    assert_int_equal(image.part_count, 2);
    assert_int_equal(image.parts[0].address, 0x08000000);
    assert_int_equal(image.parts[0].size, 8);
    assert_memory_equal(image.parts[0].bytes, "\x01\x02\x03\x04\xaa\xbb\xcc\xdd", 8);
    assert_int_equal(image.parts[1].address, 0x0800000a);
    assert_int_equal(image.parts[1].size, 1);
    assert_int_equal(image.parts[1].bytes[0], 0x5a);
    assert_int_equal(image.entry, 0x08000101);
    image_free(&image);
    assert_int_equal(image.part_count, 0);
}

static void a_segment_base_counts_in_units_of_16_bytes(void **state)
{
    (void)state;
    struct image image;
    struct error err;
    /* 0x1234 << 4 = 0x12340, + 0x0010; the start CS:IP = 0x1000:0x0020 is 0x10020. */
    static const char text[] = ":020000021234B6\n"
                               ":0100100077"
                               "78\n"
                               ":0400000310000020C9\n" END;
    assert_int_equal(parse(&image, text, &err), TB_OK);
    assert_int_equal(image.part_count, 1);
    assert_int_equal(image.parts[0].address, 0x12350);
    assert_int_equal(image.entry, 0x10020);
    image_free(&image);
}

static void a_file_needs_no_newline_after_its_end_record(void **state)
{
    (void)state;
    struct image image;
    struct error err;
    assert_int_equal(parse(&image, ":0100000000FF\n:00000001FF", &err), TB_OK);
    image_free(&image);
}

static void the_last_byte_of_the_address_space_can_be_loaded(void **state)
{
    (void)state;
    struct image image;
    struct error err;
    assert_int_equal(parse(&image, ":02000004FFFFFC\n:01FFFF004DB4\n" END, &err), TB_OK);
    assert_int_equal(image.parts[0].address, 0xffffffffu);
    assert_int_equal(image.parts[0].bytes[0], 0x4d);
    image_free(&image);
}

struct bad_hex {
    const char *text;
    const char *message;
};

static const struct bad_hex bad_files[] = {
    {":0400000001020304F3\n" END, "a.hex:1: checksum is 0xf3, expected 0xf2"},
    {":0400000001020304F2\n:0400040001020304FF\n" END, "a.hex:2: checksum is 0xff, expected 0xee"},
    {":00000001FE\n", "a.hex:1: checksum is 0xfe, expected 0xff"},
    {"0400000001020304F2\n" END, "a.hex:1: begins with byte 0x30; expected ':'"},
    {" :0400000001020304F2\n" END, "a.hex:1: begins with byte 0x20; expected ':'"},
    {"\x01\x02garbage", "a.hex:1: begins with byte 0x01; expected ':'"},
    {":0400000001020G04F2\n" END, "a.hex:1: column 15 is byte 0x47; expected a hex digit"},
    {":04000000 01020304F2\n" END, "a.hex:1: column 10 is byte 0x20; expected a hex digit"},
    {":0400000001020304F\n" END, "a.hex:1: has an odd number of hex digits"},
    {":\n" END, "a.hex:1: record of 0 bytes; expected 5 to 260"},
    {":00000001\n", "a.hex:1: record of 4 bytes; expected 5 to 260"},
    {":0500000001020304F1\n" END, "a.hex:1: record announces 5 data bytes but has 4"},
    {":0300000001020304F3\n" END, "a.hex:1: record announces 3 data bytes but has 4"},
    {":00000006FA\n" END, "a.hex:1: record type is 0x06; expected 0x00 to 0x05"},
    {":000000FF01\n" END, "a.hex:1: record type is 0xff; expected 0x00 to 0x05"},
    {":0100000100FE\n", "a.hex:1: record of type 0x01 has 1 data bytes, expected 0"},
    {":0100000208F5\n" END, "a.hex:1: record of type 0x02 has 1 data bytes, expected 2"},
    {":00000003FD\n" END, "a.hex:1: record of type 0x03 has 0 data bytes, expected 4"},
    {":03000004080000F1\n" END, "a.hex:1: record of type 0x04 has 3 data bytes, expected 2"},
    {":020000050800F1\n" END, "a.hex:1: record of type 0x05 has 2 data bytes, expected 4"},
    {":02000004FFFFFC\n:02FFFF000102FD\n" END,
     "a.hex:2: 2 bytes at 0xffff0000 + 0xffff go beyond the end of the address space"},
    {":020000021000EC\n:02FFFF000102FD\n" END, "a.hex:2: 2 bytes at offset 0xffff go beyond the 64 KiB segment"},
    {":0400000001020304F2\n", "a.hex:1: the file ends without an end record"},
    {":0400000001020304F2\n:0000", "a.hex:2: record of 2 bytes; expected 5 to 260"},
    {":0400000001020304F2\n" END ":0400040001020304EE\n", "a.hex:3: follows the end record of line 2"},
    {":0400000001020304F2\n:0400030001020304EF\n" END, "a.hex: line 1 and line 2 overlap at 0x00000003"},
    {":0400030001020304EF\n:0400000001020304F2\n" END, "a.hex: line 2 and line 1 overlap at 0x00000003"},
    {":0400000001020304F2\n:0400000001020304F2\n" END, "a.hex: line 1 and line 2 overlap at 0x00000000"},
    {END, "a.hex: holds no data to load"},
    {"\n\n", "a.hex:2: the file ends without an end record"},
    {"", "a.hex: is empty"},
};

static void every_malformed_file_is_refused_with_its_place_and_what_was_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad_files); i++) {
        struct image image;
        struct error err;
        assert_int_equal(parse(&image, bad_files[i].text, &err), TB_ERR_INPUT);
        if (strncmp(err.text, bad_files[i].message, strlen(bad_files[i].message)) != 0)
            fail_msg("got \"%s\", expected \"%s\"", err.text, bad_files[i].message);
        assert_null(image.parts);
    }
}

static void a_file_cut_anywhere_before_its_end_record_is_complete_is_refused(void **state)
{
    (void)state;
    static const char text[] = ":020000040800F2\n:0400000001020304F2\n:00000001FF";
    for (size_t size = 0; size < sizeof(text) - 1u; size++) {
        struct image image;
        struct error err;
        assert_int_equal(image_parse(&image, "a.hex", (const uint8_t *)text, size, 0, &err), TB_ERR_INPUT);
    }
}

static void a_byte_changed_anywhere_never_loads_other_data(void **state)
{
    (void)state;
    /* The checksum finds every changed digit; line ends and blanks carry no data. */
    static const char text[] = ":020000040800F2\n:0400000001020304F2\n:00000001FF\n";
    for (size_t at = 0; at < sizeof(text) - 1u; at++) {
        for (unsigned byte = 0; byte < 256u; byte++) {
            char changed[sizeof(text)];
            struct image image;
            struct error err;
            memcpy(changed, text, sizeof(text));
            changed[at] = (char)byte;
            if (image_parse(&image, "a.hex", (const uint8_t *)changed, sizeof(text) - 1u, 0, &err))
                continue;
            assert_int_equal(image.part_count, 1);
            assert_int_equal(image.parts[0].address, 0x08000000);
            assert_memory_equal(image.parts[0].bytes, "\x01\x02\x03\x04", 4);
            image_free(&image);
        }
    }
}

static void a_raw_file_goes_where_it_is_told(void **state)
{
    (void)state;
    struct image image;
    struct error err;
    assert_int_equal(image_parse(&image, "app.bin", (const uint8_t *)":hex?", 5, 0x08004000, &err), TB_OK);
    assert_int_equal(image.part_count, 1);
    assert_int_equal(image.parts[0].address, 0x08004000);
    assert_memory_equal(image.parts[0].bytes, ":hex?", 5);
    image_free(&image);
}

static void a_raw_file_must_fit_below_4_gib_and_not_be_empty(void **state)
{
    (void)state;
    struct image image;
    struct error err;
    const uint8_t bytes[4] = {0};
    assert_int_equal(image_parse(&image, "a.bin", bytes, 4, 0xfffffffcu, &err), TB_OK);
    image_free(&image);
    assert_int_equal(image_parse(&image, "a.bin", bytes, 4, 0xfffffffdu, &err), TB_ERR_INPUT);
    assert_string_equal(err.text, "a.bin: 4 bytes at 0xfffffffd go beyond the end of the address space");
    assert_int_equal(image_parse(&image, "a.bin", bytes, 0, 0, &err), TB_ERR_INPUT);
    assert_string_equal(err.text, "a.bin: is empty");
}

static void a_raw_file_of_more_than_64_mib_is_refused(void **state)
{
    (void)state;
    size_t size = (64u << 20) + 1u;
    uint8_t *bytes = calloc(size, 1);
    struct image image;
    struct error err;
    assert_int_equal(image_parse(&image, "a.bin", bytes, size, 0, &err), TB_ERR_INPUT);
    assert_string_equal(err.text, "a.bin: is larger than 67108864 bytes, the most accepted");
    free(bytes);
}

static void a_file_is_read_from_disk(void **state)
{
    (void)state;
    struct image image;
    struct error err;
    char path[] = "test_loader_XXXXXX.hex";
    int fd = mkstemps(path, 4);
    assert_true(fd >= 0);
    static const char text[] = ":0400000001020304F2\n" END;
    assert_int_equal(write(fd, text, sizeof(text) - 1u), sizeof(text) - 1u);
    close(fd);
    assert_int_equal(image_load(&image, path, 0, &err), TB_OK);
    assert_memory_equal(image.parts[0].bytes, "\x01\x02\x03\x04", 4);
    image_free(&image);
    unlink(path);
    assert_int_equal(image_load(&image, path, 0, &err), TB_ERR_IO);
    assert_non_null(strstr(err.text, ".hex: cannot open: No such file or directory"));
    assert_int_equal(image_load(&image, "/", 0, &err), TB_ERR_IO);
    assert_non_null(strstr(err.text, "/: cannot read: Is a directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_that_touch_become_one_part),
        cmocka_unit_test(a_segment_base_counts_in_units_of_16_bytes),
        cmocka_unit_test(a_file_needs_no_newline_after_its_end_record),
        cmocka_unit_test(the_last_byte_of_the_address_space_can_be_loaded),
        cmocka_unit_test(every_malformed_file_is_refused_with_its_place_and_what_was_expected),
        cmocka_unit_test(a_file_cut_anywhere_before_its_end_record_is_complete_is_refused),
        cmocka_unit_test(a_byte_changed_anywhere_never_loads_other_data),
        cmocka_unit_test(a_raw_file_goes_where_it_is_told),
        cmocka_unit_test(a_raw_file_must_fit_below_4_gib_and_not_be_empty),
        cmocka_unit_test(a_raw_file_of_more_than_64_mib_is_refused),
        cmocka_unit_test(a_file_is_read_from_disk),
    };
    return cmocka_run_group_tests_name("loader-hex", tests, NULL, NULL);
}
