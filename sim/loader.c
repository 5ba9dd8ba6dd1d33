/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "loader.h"

#include "loader_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- files ------------------------------------------------------------------------------------ */

static enum status read_stream(FILE *file, const char *path, size_t limit, uint8_t **bytes, size_t *size,
                               struct error *err)
{
    size_t capacity = 0;
    *bytes = NULL;
    *size = 0;
    for (;;) {
        if (*size == capacity) {
            capacity = capacity ? capacity * 2u : 64u * 1024u;
            uint8_t *larger = realloc(*bytes, capacity);
            if (!larger)
                return error_set(err, TB_ERR_MEMORY, "%s: out of memory at %zu bytes", path, capacity);
            *bytes = larger;
        }
        size_t got = fread(*bytes + *size, 1, capacity - *size, file);
        *size += got;
        if (*size > limit)
            return error_set(err, TB_ERR_INPUT, "%s: is larger than %zu bytes, the most accepted", path, limit);
        if (got == 0 && ferror(file))
            return error_set(err, TB_ERR_IO, "%s: cannot read: %s", path, strerror(errno));
        if (got == 0)
            return TB_OK;
    }
}

enum status read_whole_file(const char *path, size_t limit, uint8_t **bytes, size_t *size, struct error *err)
{
    *bytes = NULL;
    *size = 0;
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(err, TB_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
    enum status status = read_stream(file, path, limit, bytes, size, err);
    fclose(file);
    if (status != TB_OK) {
        free(*bytes);
        *bytes = NULL;
        *size = 0;
    }
    return status;
}

/* --- pieces and parts ------------------------------------------------------------------------- */

enum status pieces_add(struct pieces *pieces, const char *where, struct piece piece, struct error *err)
{
    if ((uint64_t)piece.address + piece.size > 1ull << 32)
        return error_set(err, TB_ERR_INPUT, "%s: %u bytes at 0x%08x go beyond the end of the address space", where,
                         piece.size, piece.address);
    pieces->total_bytes += piece.size;
    if (pieces->total_bytes > IMAGE_MAX_BYTES)
        return error_set(err, TB_ERR_INPUT, "%s: the image is larger than %u bytes", where, IMAGE_MAX_BYTES);
    if (pieces->count == pieces->capacity) {
        size_t capacity = pieces->capacity ? pieces->capacity * 2u : 16u;
        struct piece *larger = realloc(pieces->list, capacity * sizeof(*larger));
        if (!larger)
            return error_set(err, TB_ERR_MEMORY, "%s: out of memory", where);
        pieces->list = larger;
        pieces->capacity = capacity;
    }
    pieces->list[pieces->count++] = piece;
    return TB_OK;
}

void pieces_free(struct pieces *pieces)
{
    free(pieces->list);
    *pieces = (struct pieces){0};
}

static int compare_pieces(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return (a->origin > b->origin) - (a->origin < b->origin);
}

static uint64_t end_of(const struct piece *piece)
{
    return (uint64_t)piece->address + piece->size;
}

static enum status check_overlaps(const struct pieces *pieces, const char *name, const char *origin_word,
                                  struct error *err)
{
    for (size_t i = 1; i < pieces->count; i++) {
        const struct piece *a = &pieces->list[i - 1u], *b = &pieces->list[i];
        if (b->address < end_of(a))
            return error_set(err, TB_ERR_INPUT, "%s: %s %u and %s %u overlap at 0x%08x", name, origin_word, a->origin,
                             origin_word, b->origin, b->address);
    }
    return TB_OK;
}

/** Fills one part from the pieces [first, last), which touch. */
static bool fill_part(struct image_part *part, const struct piece *first, const struct piece *last)
{
    uint32_t size = (uint32_t)(end_of(last - 1) - first->address);
    uint8_t *bytes = malloc(size);
    if (!bytes)
        return false;
    *part = (struct image_part){.address = first->address, .size = size, .bytes = bytes};
    for (const struct piece *piece = first; piece < last; piece++)
        memcpy(bytes + (piece->address - first->address), piece->bytes, piece->size);
    return true;
}

enum status pieces_to_image(struct pieces *pieces, const char *name, const char *origin_word, struct image *image,
                            struct error *err)
{
    if (pieces->count == 0)
        return error_set(err, TB_ERR_INPUT, "%s: holds no data to load", name);
    qsort(pieces->list, pieces->count, sizeof(*pieces->list), compare_pieces);
    enum status status = check_overlaps(pieces, name, origin_word, err);
    if (status != TB_OK)
        return status;
    const struct piece *piece = pieces->list, *end = piece + pieces->count;
    size_t part_count = 1;
    for (const struct piece *p = piece + 1; p < end; p++)
        part_count += p->address != end_of(p - 1);
    image->parts = calloc(part_count, sizeof(*image->parts));
    if (!image->parts)
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", name);
    while (piece < end) {
        const struct piece *last = piece + 1;
        while (last < end && last->address == end_of(last - 1))
            last++;
        if (!fill_part(&image->parts[image->part_count], piece, last))
            return error_set(err, TB_ERR_MEMORY, "%s: out of memory", name);
        image->part_count++;
        piece = last;
    }
    return TB_OK;
}

/* --- telling the kind ------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), ending_length = strlen(ending);
    return length >= ending_length && strcasecmp(name + length - ending_length, ending) == 0;
}

static enum status raw_parse(struct image *image, const char *name, const uint8_t *bytes, size_t size, uint32_t address,
                             struct error *err)
{
    if (size > IMAGE_MAX_BYTES)
        return error_set(err, TB_ERR_INPUT, "%s: is larger than %u bytes, the most accepted", name, IMAGE_MAX_BYTES);
    struct pieces pieces = {0};
    struct piece piece = {address, (uint32_t)size, 1, bytes};
    enum status status = pieces_add(&pieces, name, piece, err);
    if (status == TB_OK)
        status = pieces_to_image(&pieces, name, "part", image, err);
    pieces_free(&pieces);
    return status;
}

enum status image_parse(struct image *image, const char *name, const uint8_t *bytes, size_t size, uint32_t raw_address,
                        struct error *err)
{
    *image = (struct image){0};
    if (size == 0)
        return error_set(err, TB_ERR_INPUT, "%s: is empty", name);
    enum status status;
    if (size >= 4 && memcmp(bytes, "\177ELF", 4) == 0)
        status = elf_parse(image, name, bytes, size, err);
    else if (ends_with(name, ".elf"))
        status = error_set(err, TB_ERR_INPUT, "%s: is no ELF file: expected it to begin with 7f 45 4c 46", name);
    else if (ends_with(name, ".hex") || ends_with(name, ".ihex"))
        status = hex_parse(image, name, bytes, size, err);
    else
        status = raw_parse(image, name, bytes, size, raw_address, err);
    if (status != TB_OK)
        image_free(image);
    return status;
}

enum status image_load(struct image *image, const char *path, uint32_t raw_address, struct error *err)
{
    *image = (struct image){0};
    uint8_t *bytes;
    size_t size;
    enum status status = read_whole_file(path, IMAGE_FILE_MAX_BYTES, &bytes, &size, err);
    if (status == TB_OK)
        status = image_parse(image, path, bytes, size, raw_address, err);
    free(bytes);
    return status;
}

void image_free(struct image *image)
{
    for (uint32_t i = 0; i < image->part_count; i++)
        free(image->parts[i].bytes);
    free(image->parts);
    *image = (struct image){0};
}
