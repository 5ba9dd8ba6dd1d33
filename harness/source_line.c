/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/source_line.h"

#include "sim/loader.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct source_file {
    char *path;
    struct elf_names *names; /* NULL: no ELF file that can be read */
    Elf *elf;
    Dwarf *dwarf; /* NULL: no line information */
};

/* Read as a whole, not mapped: a build may write the file anew while it is used. */
static void open_dwarf(struct source_file *file)
{
    int descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    (void)elf_version(EV_CURRENT);
    file->elf = elf_begin(descriptor, ELF_C_READ, NULL);
    if (file->elf != NULL && elf_cntl(file->elf, ELF_C_FDREAD) == 0)
        file->dwarf = dwarf_begin_elf(file->elf, DWARF_C_READ, NULL);
    close(descriptor);
}

static struct source_file *open_file(struct source_cache *cache, const char *path)
{
    struct error ignored;
    for (uint32_t i = 0; i < cache->count; i++)
        if (strcmp(cache->files[i].path, path) == 0)
            return &cache->files[i];
    struct source_file *grown = realloc(cache->files, (cache->count + 1u) * sizeof *grown);
    if (grown == NULL)
        return NULL;
    cache->files = grown;
    struct source_file *file = &grown[cache->count];
    *file = (struct source_file){.path = strdup(path)};
    if (file->path == NULL)
        return NULL;
    cache->count++;
    /* it checks the file's headers, too: libdw sees well-formed ones only */
    if (elf_names_open(&file->names, path, &ignored) == TB_OK)
        open_dwarf(file);
    return file;
}

/** A place in the source; file NULL: unknown. The text belongs to the DWARF. */
struct place {
    const char *file;
    int line;
};

/** A file's name as the build saw it: libdw puts the directory of the compilation before relative names. */
static const char *relative_to_build(const char *path, Dwarf_Die *unit)
{
    Dwarf_Attribute attribute;
    const char *build = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    size_t length = build != NULL ? strlen(build) : 0;
    if (length > 0 && strncmp(path, build, length) == 0 && path[length] == '/')
        path += length + 1u;
    return strncmp(path, "./", 2) == 0 ? path + 2 : path;
}

/** Where an instruction was written. A line of 0 is code that no line stands for (DWARF 5, 6.2.2). */
static struct place find_written(Dwarf_Die *unit, uint32_t address)
{
    Dwarf_Line *found = dwarf_getsrc_die(unit, address);
    const char *path = found != NULL ? dwarf_linesrc(found, NULL, NULL) : NULL;
    int line = 0;
    if (path == NULL || dwarf_lineno(found, &line) != 0 || line <= 0)
        return (struct place){NULL, 0};
    return (struct place){relative_to_build(path, unit), line};
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    return dwarf_formudata(dwarf_attr(die, name, &attribute), &value) == 0 ? value : 0;
}

/** Where an inlined function is called, DW_AT_call_file and DW_AT_call_line (DWARF 5, 3.3.8.2). */
static struct place find_call(Dwarf_Die *unit, Dwarf_Die *inlined)
{
    Dwarf_Files *files;
    size_t count = 0;
    Dwarf_Word file = number_of(inlined, DW_AT_call_file), line = number_of(inlined, DW_AT_call_line);
    if (line == 0 || line > INT32_MAX || dwarf_getsrcfiles(unit, &files, &count) != 0 || file >= count)
        return (struct place){NULL, 0};
    const char *path = dwarf_filesrc(files, file, NULL, NULL);
    return (struct place){path != NULL ? relative_to_build(path, unit) : NULL, (int)line};
}

/** The call in the function that the symbols name, if the instruction comes from functions inlined into it. */
static struct place find_outermost_call(Dwarf_Die *unit, uint32_t address)
{
    Dwarf_Die *scopes = NULL, *chain = NULL;
    struct place place = {NULL, 0};
    if (dwarf_getscopes(unit, address, &scopes) > 0) {
        int count = dwarf_getscopes_die(&scopes[0], &chain); /* from the innermost outwards */
        for (int i = 0; i < count; i++)
            if (dwarf_tag(&chain[i]) == DW_TAG_inlined_subroutine)
                place = find_call(unit, &chain[i]);
    }
    free(scopes);
    free(chain);
    return place;
}

/** Unit by unit instead of through .debug_aranges, which not every compiler writes. */
static bool find_unit(Dwarf *dwarf, uint32_t address, Dwarf_Die *die)
{
    Dwarf_CU *unit = NULL;
    while (dwarf != NULL && dwarf_get_units(dwarf, unit, &unit, NULL, NULL, die, NULL) == 0)
        if (dwarf_haspc(die, address) > 0)
            return true;
    return false;
}

static void describe_line(Dwarf_Die *unit, const char *function, struct place written, uint32_t address, char *text,
                          size_t text_size)
{
    struct place call = find_outermost_call(unit, address);
    if (call.file != NULL)
        snprintf(text, text_size, "%s %s:%d (%s:%d)", function, call.file, call.line, written.file, written.line);
    else
        snprintf(text, text_size, "%s %s:%d", function, written.file, written.line);
}

void source_describe(struct source_cache *cache, const char *path, uint32_t address, char *text, size_t text_size)
{
    struct source_file *file = open_file(cache, path);
    uint32_t offset = 0;
    Dwarf_Die unit;
    struct place written = {NULL, 0};
    snprintf(text, text_size, "?");
    const char *function = file != NULL && file->names != NULL ? elf_names_find(file->names, address, &offset) : NULL;
    if (function == NULL)
        return;
    if (find_unit(file->dwarf, address, &unit))
        written = find_written(&unit, address);
    if (written.file != NULL)
        describe_line(&unit, function, written, address, text, text_size);
    else if (offset > 0)
        snprintf(text, text_size, "%s+0x%x", function, offset);
    else
        snprintf(text, text_size, "%s", function);
}

void source_cache_free(struct source_cache *cache)
{
    for (uint32_t i = 0; i < cache->count; i++) {
        struct source_file *file = &cache->files[i];
        if (file->dwarf != NULL)
            dwarf_end(file->dwarf);
        if (file->elf != NULL)
            elf_end(file->elf);
        elf_names_close(file->names);
        free(file->path);
    }
    free(cache->files);
    *cache = (struct source_cache){0};
}
