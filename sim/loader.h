/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Reading program images: ELF, Intel HEX, raw binary. A library: all trouble is reported, nothing
 * is trusted.
 */
#ifndef TWINBANK_SIM_LOADER_H
#define TWINBANK_SIM_LOADER_H

#include "base.h"

struct image_part {
    uint32_t address; /* physical load address */
    uint32_t size;    /* bytes, > 0 */
    uint8_t *bytes;
};

/** Parts in ascending order, not overlapping. */
struct image {
    struct image_part *parts;
    uint32_t part_count;
    uint32_t entry; /* of ELF, or the start address of Intel HEX, or 0 */
};

#define IMAGE_MAX_BYTES (64u << 20) /* of all parts together: larger input is refused */

/**
 * Reads a file. The kind is told by its contents (ELF magic) or name (.hex, .ihex); all else is raw
 * and is placed at raw_address. Errors name the file and the line, offset or segment, and what was
 * expected.
 */
enum status image_load(struct image *image, const char *path, uint32_t raw_address, struct error *err) MUST_CHECK;
/** The same for bytes in memory; `name` is used in messages and to tell the kind. */
enum status image_parse(struct image *image, const char *name, const uint8_t *bytes, size_t size, uint32_t raw_address,
                        struct error *err) MUST_CHECK;
void image_free(struct image *image);

/** Address (of functions, without the Thumb bit) and size of a symbol of an ELF file; TB_ERR_INPUT
 * if there is none. A global one is preferred. */
enum status elf_symbol(const char *path, const char *symbol, uint32_t *address, uint32_t *size,
                       struct error *err) MUST_CHECK;
/** The symbols of an ELF file, kept in memory for many questions. */
struct elf_names;
enum status elf_names_open(struct elf_names **out, const char *path, struct error *err) MUST_CHECK;
/** The symbol that contains address, NULL when unknown; how far behind its beginning address is. The text lives as long
 * as names. */
const char *elf_names_find(const struct elf_names *names, uint32_t address, uint32_t *offset);
/** names may be NULL. */
void elf_names_close(struct elf_names *names);

#endif
