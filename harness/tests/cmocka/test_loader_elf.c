/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "cmocka_tests.h"
#include "sim/loader.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** A small executable, laid out by hand: two load segments, one without file contents, symbols. */
struct small_elf {
    Elf32_Ehdr header;
    Elf32_Phdr segments[3];
    uint8_t text[16]; /* segment 0 */
    uint8_t data[8];  /* segment 1 */
    Elf32_Sym symbols[8];
    char strings[72];
    Elf32_Shdr sections[4];
};

#define AT(member) ((Elf32_Off)offsetof(struct small_elf, member))

static Elf32_Sym symbol(Elf32_Word name, Elf32_Addr value, Elf32_Word size, unsigned char info)
{
    return (Elf32_Sym){.st_name = name, .st_value = value, .st_size = size, .st_info = info, .st_shndx = 1};
}

static struct small_elf small_elf(void)
{
    /* Names at: 1 Reset_Handler, 15 $t, 18 main, 23 label, 29 table, 35 missing, 43 main */
    struct small_elf elf = {
        .header =
            {
                .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
                .e_type = ET_EXEC,
                .e_machine = EM_ARM,
                .e_version = EV_CURRENT,
                .e_entry = 0x08000001,
                .e_phoff = AT(segments),
                .e_shoff = AT(sections),
                .e_ehsize = sizeof(Elf32_Ehdr),
                .e_phentsize = sizeof(Elf32_Phdr),
                .e_phnum = 3,
                .e_shentsize = sizeof(Elf32_Shdr),
                .e_shnum = 4,
            },
        .segments =
            {
                {PT_LOAD, AT(text), 0x08000000, 0x08000000, 16, 16, PF_R | PF_X, 4},
                /* .data runs at 0x20000000 and is stored after .text */
                {PT_LOAD, AT(data), 0x20000000, 0x08000010, 8, 8, PF_R | PF_W, 4},
                {PT_LOAD, 0, 0x20000008, 0x20000008, 0, 64, PF_R | PF_W, 4}, /* .bss */
            },
        .text = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        .data = {0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7},
        .symbols =
            {
                {0},
                symbol(1, 0x08000001, 6, ELF32_ST_INFO(STB_GLOBAL, STT_FUNC)),
                symbol(15, 0x08000009, 0, ELF32_ST_INFO(STB_LOCAL, STT_NOTYPE)),
                symbol(43, 0x0800000d, 2, ELF32_ST_INFO(STB_LOCAL, STT_FUNC)),
                symbol(18, 0x08000007, 2, ELF32_ST_INFO(STB_GLOBAL, STT_FUNC)),
                symbol(23, 0x08000008, 0, ELF32_ST_INFO(STB_LOCAL, STT_NOTYPE)),
                symbol(29, 0x08000011, 4, ELF32_ST_INFO(STB_GLOBAL, STT_OBJECT)),
                symbol(35, 0, 0, ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE)),
            },
        .strings = "\0Reset_Handler\0$t\0main\0label\0table\0missing\0main",
        .sections =
            {
                {0},
                {.sh_type = SHT_PROGBITS,
                 .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                 .sh_addr = 0x08000000,
                 .sh_offset = AT(text),
                 .sh_size = 16},
                {.sh_type = SHT_SYMTAB,
                 .sh_offset = AT(symbols),
                 .sh_size = 8u * sizeof(Elf32_Sym),
                 .sh_link = 3,
                 .sh_entsize = sizeof(Elf32_Sym)},
                {.sh_type = SHT_STRTAB, .sh_offset = AT(strings), .sh_size = 72},
            },
    };
    elf.symbols[7].st_shndx = SHN_UNDEF;
    return elf;
}

static enum status parse_size(struct image *image, const struct small_elf *elf, size_t size, struct error *err)
{
    return image_parse(image, "a.elf", (const uint8_t *)elf, size, 0x12345678, err);
}

static void segments_load_at_their_physical_addresses(void **state)
{
    (void)state;
    struct small_elf elf = small_elf();
    struct image image;
    struct error err;
    assert_int_equal(parse_size(&image, &elf, sizeof(elf), &err), TB_OK);
    assert_int_equal(image.part_count, 1); /* .text and .data touch; .bss loads nothing */
    assert_int_equal(image.parts[0].address, 0x08000000);
    assert_int_equal(image.parts[0].size, 24);
    assert_memory_equal(image.parts[0].bytes, elf.text, 16);
    assert_memory_equal(image.parts[0].bytes + 16, elf.data, 8);
    assert_int_equal(image.entry, 0x08000001);
    image_free(&image);
}

static void segments_are_sorted_and_gaps_stay_gaps(void **state)
{
    (void)state;
    struct small_elf elf = small_elf();
    struct image image;
    struct error err;
    elf.segments[1].p_paddr = 0x07fffff0;
    assert_int_equal(parse_size(&image, &elf, sizeof(elf), &err), TB_OK);
    assert_int_equal(image.part_count, 2);
    assert_int_equal(image.parts[0].address, 0x07fffff0);
    assert_int_equal(image.parts[0].size, 8);
    assert_int_equal(image.parts[1].address, 0x08000000);
    assert_int_equal(image.parts[1].size, 16);
    image_free(&image);
}

static void an_elf_file_is_told_by_its_contents_whatever_its_name(void **state)
{
    (void)state;
    struct small_elf elf = small_elf();
    struct image image;
    assert_int_equal(image_parse(&image, "a.hex", (const uint8_t *)&elf, sizeof(elf), 0, NULL), TB_OK);
    image_free(&image);
}

static void an_elf_file_without_sections_loads(void **state)
{
    (void)state;
    struct small_elf elf = small_elf();
    struct image image;
    elf.header.e_shoff = 0;
    elf.header.e_shnum = 0;
    assert_int_equal(parse_size(&image, &elf, AT(symbols), NULL), TB_OK);
    image_free(&image);
}

static void an_elf_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct small_elf elf = small_elf();
    for (size_t size = 0; size < sizeof(elf); size++) {
        struct image image;
        struct error err = {""};
        assert_int_equal(parse_size(&image, &elf, size, &err), TB_ERR_INPUT);
        const char *expected = size == 0                   ? "a.elf: is empty"
                               : size < 4                  ? "a.elf: is no ELF file: expected it to begin with"
                               : size < sizeof(Elf32_Ehdr) ? "an ELF header alone has 52"
                               : size < AT(text)           ? "header table ends at byte"
                                                           : "the section header table ends at byte";
        if (!strstr(err.text, expected))
            fail_msg("%zu bytes: got \"%s\", expected \"%s\"", size, err.text, expected);
        assert_null(image.parts);
    }
}

static void any_single_byte_can_be_anything(void **state)
{
    (void)state;
    unsigned loaded = 0, refused = 0;
    for (size_t at = 0; at < sizeof(struct small_elf); at++) {
        for (unsigned byte = 0; byte < 256u; byte += 5u) {
            struct small_elf elf = small_elf();
            struct image image;
            struct error err = {""};
            ((uint8_t *)&elf)[at] = (uint8_t)byte;
            if (parse_size(&image, &elf, sizeof(elf), &err) == TB_OK) {
                for (uint32_t i = 1; i < image.part_count; i++)
                    assert_true(image.parts[i].address - image.parts[i - 1u].address > image.parts[i - 1u].size);
                image_free(&image);
                loaded++;
            } else {
                assert_string_not_equal(err.text, "");
                refused++;
            }
        }
    }
    assert_true(loaded > 0 && refused > 0);
}

/** Changes one field of a good file; the message must say which, and what was expected. */
struct bad_elf {
    size_t offset;
    unsigned size;
    uint32_t value;
    const char *message;
};

#define FIELD(member) offsetof(struct small_elf, member), sizeof(((struct small_elf *)0)->member)

static const struct bad_elf bad_files[] = {
    {FIELD(header.e_ident[1]), 'F', "a.elf: is no ELF file: expected it to begin with 7f 45 4c 46"},
    {FIELD(header.e_ident[EI_CLASS]), ELFCLASS64, "a.elf: ELF class is 2, expected 1 (32 bits)"},
    {FIELD(header.e_ident[EI_CLASS]), 0, "a.elf: ELF class is 0, expected 1"},
    {FIELD(header.e_ident[EI_DATA]), ELFDATA2MSB, "a.elf: ELF byte order is 2, expected 1 (little-endian)"},
    {FIELD(header.e_ident[EI_VERSION]), 7, "a.elf: ELF version is 7, expected 1"},
    {FIELD(header.e_machine), EM_386, "a.elf: ELF machine is 3, expected 40 (ARM)"},
    {FIELD(header.e_type), ET_REL, "a.elf: ELF type is 1, expected 2 (executable)"},
    {FIELD(header.e_type), ET_CORE, "a.elf: ELF type is 4, expected 2"},
    {FIELD(header.e_phnum), 0, "a.elf: has no program headers, nothing to load"},
    {FIELD(header.e_phnum), 100, "a.elf: the program header table ends at byte 3252"},
    {FIELD(header.e_phoff), 0xfffffff0, "a.elf: the program header table ends at byte 4294967376"},
    {FIELD(header.e_phentsize), 31, "a.elf: an entry of the program header table has 31 bytes, expected 32"},
    {FIELD(header.e_phentsize), 0, "a.elf: an entry of the program header table has 0 bytes, expected 32"},
    {FIELD(header.e_shoff), 0xffffffff, "a.elf: the section header table ends at byte 4294967455"},
    {FIELD(header.e_shnum), 5, "a.elf: the section header table ends at byte"},
    {FIELD(header.e_shentsize), 64, "a.elf: an entry of the section header table has 64 bytes, expected 40"},
    {FIELD(segments[0].p_offset), 0xfffffff8,
     "a.elf: segment 0 at 0x08000000 is larger than the "
     "file: it has 16 bytes from byte 4294967288 on"},
    {FIELD(segments[1].p_filesz), 0x10000,
     "a.elf: segment 1 at 0x08000010 is larger than the file: it has 65536 bytes"},
    {FIELD(segments[1].p_filesz), 0xffffffff, "a.elf: segment 1 at 0x08000010 is larger than the file"},
    {FIELD(segments[1].p_memsz), 7, "a.elf: segment 1 at 0x08000010 has 8 bytes in the file but only 7 in memory"},
    {FIELD(segments[1].p_paddr), 0xfffffff9,
     "a.elf: segment 1: 8 bytes at 0xfffffff9 go beyond the end of the address space"},
    {FIELD(segments[1].p_paddr), 0x0800000f, "a.elf: segment 0 and segment 1 overlap at 0x0800000f"},
    {FIELD(segments[1].p_paddr), 0x08000000, "a.elf: segment 0 and segment 1 overlap at 0x08000000"},
    {FIELD(segments[1].p_paddr), 0x07fffffc, "a.elf: segment 1 and segment 0 overlap at 0x08000000"},
};

static void every_malformed_field_is_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad_files); i++) {
        struct small_elf elf = small_elf();
        struct image image;
        struct error err = {""};
        memcpy((uint8_t *)&elf + bad_files[i].offset, &bad_files[i].value, bad_files[i].size);
        assert_int_equal(parse_size(&image, &elf, sizeof(elf), &err), TB_ERR_INPUT);
        if (strncmp(err.text, bad_files[i].message, strlen(bad_files[i].message)) != 0)
            fail_msg("got \"%s\", expected \"%s\"", err.text, bad_files[i].message);
        assert_null(image.parts);
    }
}

static void an_elf_file_without_loadable_contents_is_refused(void **state)
{
    (void)state;
    struct small_elf elf = small_elf();
    struct image image;
    struct error err;
    elf.segments[0].p_type = PT_NOTE;
    elf.segments[1].p_filesz = 0;
    assert_int_equal(parse_size(&image, &elf, sizeof(elf), &err), TB_ERR_INPUT);
    assert_string_equal(err.text, "a.elf: holds no data to load");
}

static void an_elf_file_with_too_many_segments_is_unsupported(void **state)
{
    (void)state;
    struct small_elf elf = small_elf();
    struct image image;
    struct error err;
    elf.header.e_phnum = PN_XNUM;
    assert_int_equal(parse_size(&image, &elf, sizeof(elf), &err), TB_ERR_UNSUPPORTED);
    assert_string_equal(err.text, "a.elf: has 65535 or more segments");
}

/* --- symbols ---------------------------------------------------------------------------------- */

static char elf_path[] = "test_loader_elf_XXXXXX";

static int write_elf(void **state)
{
    (void)state;
    struct small_elf elf = small_elf();
    int fd = mkstemp(elf_path);
    if (fd < 0 || write(fd, &elf, sizeof(elf)) != (ssize_t)sizeof(elf))
        return -1;
    return close(fd);
}

static int remove_elf(void **state)
{
    (void)state;
    return unlink(elf_path);
}

static void assert_symbol(const char *name, uint32_t address, uint32_t size)
{
    uint32_t got_address = 1, got_size = 1;
    struct error err;
    assert_int_equal(elf_symbol(elf_path, name, &got_address, &got_size, &err), TB_OK);
    assert_int_equal(got_address, address);
    assert_int_equal(got_size, size);
}

static void a_symbol_is_found_with_its_size_and_without_the_thumb_bit(void **state)
{
    (void)state;
    assert_symbol("Reset_Handler", 0x08000000, 6);
    assert_symbol("label", 0x08000008, 0);
    assert_symbol("table", 0x08000011, 4); /* data may be at an odd address */
}

static void a_global_symbol_wins_over_a_local_one_of_its_name(void **state)
{
    (void)state;
    assert_symbol("main", 0x08000006, 2);
}

static void an_undefined_or_unknown_symbol_is_an_input_error(void **state)
{
    (void)state;
    uint32_t address, size;
    struct error err;
    assert_int_equal(elf_symbol(elf_path, "missing", &address, &size, &err), TB_ERR_INPUT);
    assert_non_null(strstr(err.text, "has no symbol \"missing\""));
    assert_int_equal(elf_symbol(elf_path, "nobody", &address, &size, &err), TB_ERR_INPUT);
    assert_non_null(strstr(err.text, "has no symbol \"nobody\""));
    assert_int_equal(elf_symbol("no/such/file", "main", &address, &size, &err), TB_ERR_IO);
}

static void an_address_is_named_by_the_symbol_that_contains_it(void **state)
{
    (void)state;
    static const struct {
        uint32_t address;
        const char *name; /* NULL: unknown */
        uint32_t offset;
    } cases[] = {
        {0x08000000, "Reset_Handler", 0},
        {0x08000005, "Reset_Handler", 5},
        {0x08000007, "main", 1},
        {0x0800000a, "label", 2},
        {0x0800000c, "main", 0}, /* the local one */
        {0x0800000f, "label", 7},
        {0x08000010, NULL, 0}, /* beyond label's section */
        {0x08000013, "table", 2},
        {0x07ffffff, NULL, 0},
        {0x20000000, NULL, 0},
    };
    struct elf_names *names;
    struct error err;
    assert_int_equal(elf_names_open(&names, elf_path, &err), TB_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        uint32_t offset = 0;
        const char *name = elf_names_find(names, cases[i].address, &offset);
        if (cases[i].name == NULL) {
            assert_null(name);
            continue;
        }
        assert_non_null(name);
        assert_string_equal(name, cases[i].name);
        assert_int_equal(offset, cases[i].offset);
    }
    elf_names_close(names);
}

static void names_of_a_missing_file_are_an_error_that_names_it(void **state)
{
    (void)state;
    struct elf_names *names;
    struct error err;
    assert_int_equal(elf_names_open(&names, "no/such/file", &err), TB_ERR_IO);
    assert_non_null(strstr(err.text, "no/such/file"));
    assert_null(names);
    elf_names_close(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_load_at_their_physical_addresses),
        cmocka_unit_test(segments_are_sorted_and_gaps_stay_gaps),
        cmocka_unit_test(an_elf_file_is_told_by_its_contents_whatever_its_name),
        cmocka_unit_test(an_elf_file_without_sections_loads),
        cmocka_unit_test(an_elf_file_cut_anywhere_is_refused),
        cmocka_unit_test(any_single_byte_can_be_anything),
        cmocka_unit_test(every_malformed_field_is_refused_by_name),
        cmocka_unit_test(an_elf_file_without_loadable_contents_is_refused),
        cmocka_unit_test(an_elf_file_with_too_many_segments_is_unsupported),
        cmocka_unit_test(a_symbol_is_found_with_its_size_and_without_the_thumb_bit),
        cmocka_unit_test(a_global_symbol_wins_over_a_local_one_of_its_name),
        cmocka_unit_test(an_undefined_or_unknown_symbol_is_an_input_error),
        cmocka_unit_test(an_address_is_named_by_the_symbol_that_contains_it),
        cmocka_unit_test(names_of_a_missing_file_are_an_error_that_names_it),
    };
    return cmocka_run_group_tests_name("loader-elf", tests, write_elf, remove_elf);
}
