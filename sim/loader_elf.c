/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * ELF executables for 32-bit ARM (System V gABI, chapters 4 and 5; ELF for the Arm Architecture,
 * IHI 0044). Headers are checked against the file's size before libelf follows them.
 */
#include "loader_parts.h"

#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct elf_file {
    uint8_t *bytes; /* a copy of its own: libelf takes writable memory */
    size_t size;
    Elf *elf;
    Elf32_Ehdr *header;
};

static void elf_close(struct elf_file *file)
{
    if (file->elf)
        elf_end(file->elf);
    free(file->bytes);
    *file = (struct elf_file){0};
}

static enum status check_ident(const char *name, const uint8_t *bytes, size_t size, struct error *err)
{
    if (size < sizeof(Elf32_Ehdr))
        return error_set(err, TB_ERR_INPUT, "%s: has %zu bytes; an ELF header alone has %zu", name, size,
                         sizeof(Elf32_Ehdr));
    if (memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return error_set(err, TB_ERR_INPUT, "%s: is no ELF file: expected it to begin with 7f 45 4c 46", name);
    if (bytes[EI_CLASS] != ELFCLASS32)
        return error_set(err, TB_ERR_INPUT, "%s: ELF class is %u, expected %u (32 bits)", name, bytes[EI_CLASS],
                         ELFCLASS32);
    if (bytes[EI_DATA] != ELFDATA2LSB)
        return error_set(err, TB_ERR_INPUT, "%s: ELF byte order is %u, expected %u (little-endian)", name,
                         bytes[EI_DATA], ELFDATA2LSB);
    if (bytes[EI_VERSION] != EV_CURRENT)
        return error_set(err, TB_ERR_INPUT, "%s: ELF version is %u, expected %u", name, bytes[EI_VERSION], EV_CURRENT);
    return TB_OK;
}

static enum status check_table(const char *name, const char *what, size_t size, uint32_t offset, uint32_t count,
                               uint32_t entry_size, size_t expected_entry_size, struct error *err)
{
    if (count == 0)
        return TB_OK;
    if (entry_size != expected_entry_size)
        return error_set(err, TB_ERR_INPUT,
                         "%s: an entry of the %s header table has %u bytes, "
                         "expected %zu",
                         name, what, entry_size, expected_entry_size);
    uint64_t end = (uint64_t)offset + (uint64_t)count * entry_size;
    if (end > size)
        return error_set(err, TB_ERR_INPUT, "%s: the %s header table ends at byte %llu, but the file has %zu", name,
                         what, (unsigned long long)end, size);
    return TB_OK;
}

static enum status check_header(const char *name, const struct elf_file *file, struct error *err)
{
    const Elf32_Ehdr *header = file->header;
    if (header->e_machine != EM_ARM)
        return error_set(err, TB_ERR_INPUT, "%s: ELF machine is %u, expected %u (ARM)", name, header->e_machine,
                         EM_ARM);
    if (header->e_type != ET_EXEC)
        return error_set(err, TB_ERR_INPUT, "%s: ELF type is %u, expected %u (executable)", name, header->e_type,
                         ET_EXEC);
    if (header->e_phnum == PN_XNUM)
        return error_set(err, TB_ERR_UNSUPPORTED, "%s: has 65535 or more segments", name);
    enum status status = check_table(name, "program", file->size, header->e_phoff, header->e_phnum, header->e_phentsize,
                                     sizeof(Elf32_Phdr), err);
    /* Section count 0 with a table: the count is in the table's first entry. */
    uint32_t sections = header->e_shoff && header->e_shnum == 0 ? 1u : header->e_shnum;
    if (status == TB_OK)
        status = check_table(name, "section", file->size, header->e_shoff, sections, header->e_shentsize,
                             sizeof(Elf32_Shdr), err);
    return status;
}

static enum status elf_open(struct elf_file *file, const char *name, const uint8_t *bytes, size_t size,
                            struct error *err)
{
    *file = (struct elf_file){.size = size};
    enum status status = check_ident(name, bytes, size, err);
    if (status != TB_OK)
        return status;
    if (elf_version(EV_CURRENT) == EV_NONE)
        return error_set(err, TB_ERR_UNSUPPORTED, "libelf: %s", elf_errmsg(-1));
    file->bytes = malloc(size);
    if (!file->bytes)
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", name);
    memcpy(file->bytes, bytes, size);
    file->elf = elf_memory((char *)file->bytes, size);
    file->header = file->elf ? elf32_getehdr(file->elf) : NULL;
    if (file->header)
        status = check_header(name, file, err);
    else
        status = error_set(err, TB_ERR_INPUT, "%s: %s", name, elf_errmsg(-1));
    if (status != TB_OK)
        elf_close(file);
    return status;
}

/* --- segments --------------------------------------------------------------------------------- */

static enum status add_segment(struct pieces *pieces, const char *name, unsigned number, const GElf_Phdr *segment,
                               const struct elf_file *file, struct error *err)
{
    char where[sizeof(err->text)];
    uint32_t address = (uint32_t)segment->p_paddr, size = (uint32_t)segment->p_filesz;
    uint32_t offset = (uint32_t)segment->p_offset, memory_size = (uint32_t)segment->p_memsz;
    snprintf(where, sizeof(where), "%s: segment %u", name, number);
    if ((uint64_t)offset + size > file->size)
        return error_set(err, TB_ERR_INPUT,
                         "%s at 0x%08x is larger than the file: it has %u bytes from byte %u on, "
                         "the file has %zu",
                         where, address, size, offset, file->size);
    if (size > memory_size)
        return error_set(err, TB_ERR_INPUT, "%s at 0x%08x has %u bytes in the file but only %u in memory", where,
                         address, size, memory_size);
    struct piece piece = {address, size, number, file->bytes + offset};
    return pieces_add(pieces, where, piece, err);
}

static enum status add_segments(struct pieces *pieces, const char *name, const struct elf_file *file, struct error *err)
{
    if (file->header->e_phnum == 0)
        return error_set(err, TB_ERR_INPUT, "%s: has no program headers, nothing to load", name);
    for (unsigned i = 0; i < file->header->e_phnum; i++) {
        GElf_Phdr segment; /* a copy: in a malformed file the table may be misaligned */
        if (!gelf_getphdr(file->elf, (int)i, &segment))
            return error_set(err, TB_ERR_INPUT, "%s: program header %u: %s", name, i, elf_errmsg(-1));
        if (segment.p_type != PT_LOAD || segment.p_filesz == 0)
            continue;
        enum status status = add_segment(pieces, name, i, &segment, file, err);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

enum status elf_parse(struct image *image, const char *name, const uint8_t *bytes, size_t size, struct error *err)
{
    struct elf_file file;
    struct pieces pieces = {0};
    enum status status = elf_open(&file, name, bytes, size, err);
    if (status != TB_OK)
        return status;
    status = add_segments(&pieces, name, &file, err);
    if (status == TB_OK)
        status = pieces_to_image(&pieces, name, "segment", image, err);
    if (status == TB_OK)
        image->entry = file.header->e_entry;
    pieces_free(&pieces);
    elf_close(&file);
    return status;
}

/* --- symbols ---------------------------------------------------------------------------------- */

static enum status elf_open_path(struct elf_file *file, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t size;
    enum status status = read_whole_file(path, IMAGE_FILE_MAX_BYTES, &bytes, &size, err);
    if (status != TB_OK)
        return status;
    status = elf_open(file, path, bytes, size, err);
    free(bytes);
    return status;
}

struct elf_name {
    const char *text;
    uint32_t address; /* of functions, without the Thumb bit */
    uint32_t size;
    uint32_t section;
    bool global;
};

/** Return true to stop. */
typedef bool (*name_visitor)(void *context, const struct elf_name *name);

/** Visits the defined symbols that name an address, mapping symbols ("$t") excepted. */
static bool visit_table(const struct elf_file *file, Elf_Scn *section, const GElf_Shdr *header, name_visitor visitor,
                        void *context)
{
    Elf_Data *data = elf_getdata(section, NULL);
    if (!data || header->sh_entsize != sizeof(Elf32_Sym))
        return false;
    size_t count = data->d_size / sizeof(Elf32_Sym);
    for (size_t i = 0; i < count && i <= INT32_MAX; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF)
            continue;
        unsigned type = GELF_ST_TYPE(symbol.st_info);
        if (type != STT_NOTYPE && type != STT_OBJECT && type != STT_FUNC)
            continue;
        const char *text = elf_strptr(file->elf, header->sh_link, symbol.st_name);
        if (!text || text[0] == '\0' || text[0] == '$')
            continue;
        uint32_t value = (uint32_t)symbol.st_value;
        struct elf_name name = {
            .text = text,
            .address = type == STT_FUNC ? value & ~1u : value,
            .size = (uint32_t)symbol.st_size,
            .section = symbol.st_shndx,
            .global = GELF_ST_BIND(symbol.st_info) != STB_LOCAL,
        };
        if (visitor(context, &name))
            return true;
    }
    return false;
}

static void visit_names(const struct elf_file *file, name_visitor visitor, void *context)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(file->elf, section))) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB &&
            visit_table(file, section, &header, visitor, context))
            return;
    }
}

struct symbol_search {
    const char *wanted;
    bool found;
    struct elf_name name;
};

/** The first global of that name, else the first local. */
static bool match_symbol(void *context, const struct elf_name *name)
{
    struct symbol_search *search = context;
    if (strcmp(name->text, search->wanted) != 0 || (search->found && !name->global))
        return false;
    search->found = true;
    search->name = *name;
    return name->global;
}

enum status elf_symbol(const char *path, const char *symbol, uint32_t *address, uint32_t *size, struct error *err)
{
    struct elf_file file;
    enum status status = elf_open_path(&file, path, err);
    if (status != TB_OK)
        return status;
    struct symbol_search search = {.wanted = symbol};
    visit_names(&file, match_symbol, &search);
    if (search.found) {
        *address = search.name.address;
        *size = search.name.size;
    } else {
        status = error_set(err, TB_ERR_INPUT, "%s: has no symbol \"%s\"", path, symbol);
    }
    elf_close(&file);
    return status;
}

struct address_search {
    uint32_t address;
    bool found;
    struct elf_name name;
};

/** Sized symbols that contain the address win; among labels without a size, the nearest before. */
static bool match_address(void *context, const struct elf_name *name)
{
    struct address_search *search = context;
    uint32_t address = search->address;
    if (name->address > address)
        return false;
    if (name->size > 0) {
        if (address - name->address >= name->size)
            return false;
        search->found = true;
        search->name = *name;
        return true;
    }
    if (!search->found || name->address > search->name.address) {
        search->found = true;
        search->name = *name;
    }
    return false;
}

/** True if the section with this index holds the address: a label says nothing beyond its own. */
static bool section_contains(const struct elf_file *file, uint32_t index, uint32_t address)
{
    Elf_Scn *section = index < SHN_LORESERVE ? elf_getscn(file->elf, index) : NULL;
    GElf_Shdr header;
    return section && gelf_getshdr(section, &header) && (header.sh_flags & SHF_ALLOC) && address >= header.sh_addr &&
           address - header.sh_addr < header.sh_size;
}

struct elf_names {
    struct elf_file file;
};

enum status elf_names_open(struct elf_names **out, const char *path, struct error *err)
{
    struct elf_names *names = calloc(1, sizeof(*names));
    *out = NULL;
    if (!names)
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", path);
    enum status status = elf_open_path(&names->file, path, err);
    if (status == TB_OK)
        *out = names;
    else
        free(names);
    return status;
}

const char *elf_names_find(const struct elf_names *names, uint32_t address, uint32_t *offset)
{
    struct address_search search = {.address = address};
    visit_names(&names->file, match_address, &search);
    if (!search.found || (search.name.size == 0 && !section_contains(&names->file, search.name.section, address)))
        return NULL;
    *offset = address - search.name.address;
    return search.name.text;
}

void elf_names_close(struct elf_names *names)
{
    if (!names)
        return;
    elf_close(&names->file);
    free(names);
}
