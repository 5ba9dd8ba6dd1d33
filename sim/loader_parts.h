/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What the image formats share; all others use loader.h.
 */
#ifndef TWINBANK_SIM_LOADER_PARTS_H
#define TWINBANK_SIM_LOADER_PARTS_H

#include "loader.h"

/** Bytes of the input that go to one place. */
struct piece {
    uint32_t address;
    uint32_t size;   /* > 0 */
    uint32_t origin; /* line or segment number, for messages */
    const uint8_t *bytes;
};

struct pieces {
    struct piece *list;
    size_t count, capacity;
    uint64_t total_bytes;
};

/** Adds a piece after checking the limits. where ("FILE:12", "FILE: segment 2") begins the message. */
enum status pieces_add(struct pieces *pieces, const char *where, struct piece piece, struct error *err) MUST_CHECK;
/**
 * Sorts the pieces, refuses overlaps and copies them into the image's parts, pieces that touch into
 * one. `origin_word` ("line", "segment") names what the origins count.
 */
enum status pieces_to_image(struct pieces *pieces, const char *name, const char *origin_word, struct image *image,
                            struct error *err) MUST_CHECK;
void pieces_free(struct pieces *pieces);

enum status hex_parse(struct image *image, const char *name, const uint8_t *bytes, size_t size,
                      struct error *err) MUST_CHECK;
enum status elf_parse(struct image *image, const char *name, const uint8_t *bytes, size_t size,
                      struct error *err) MUST_CHECK;

/** Reads a whole file of at most limit bytes; the caller frees *bytes. */
enum status read_whole_file(const char *path, size_t limit, uint8_t **bytes, size_t *size,
                            struct error *err) MUST_CHECK;
/** An image file may be larger than the image: text, debug information. */
#define IMAGE_FILE_MAX_BYTES ((size_t)IMAGE_MAX_BYTES * 4u)

#endif
