/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Program counters in words: the function from an ELF file's symbols, file and line from its DWARF.
 */
#ifndef TWINBANK_HARNESS_SOURCE_LINE_H
#define TWINBANK_HARNESS_SOURCE_LINE_H

#include "sim/base.h"

struct source_file;

/** The ELF files that were asked so far, read once. All zero: none yet. */
struct source_cache {
    struct source_file *files;
    uint32_t count;
};

/**
 * "select_bank boot/select.c:88"; without line information "select_bank+0x12"; "?" when address is in no function of
 * the file at path. Where functions were inlined: the function that the symbols name and the line in it, then where
 * the instruction itself was written: "select_bank boot/select.c:88 (chip/core.h:67)".
 */
void source_describe(struct source_cache *cache, const char *path, uint32_t address, char *text, size_t text_size);
void source_cache_free(struct source_cache *cache);

#endif
