/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Intel HEX (Intel, Hexadecimal Object File Format Specification, revision A, 1988): one record a
 * line, ':' count address16 type data checksum, all bytes of a record adding up to 0 mod 256.
 */
#include "loader_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum hex_type {
    HEX_DATA = 0,
    HEX_END = 1,
    HEX_SEGMENT_BASE = 2,  /* bits 4-19 of the address */
    HEX_SEGMENT_START = 3, /* CS:IP */
    HEX_LINEAR_BASE = 4,   /* bits 16-31 of the address */
    HEX_LINEAR_START = 5,
    HEX_TYPE_COUNT
};

#define RECORD_HEADER    4u /* count, two address bytes, type */
#define RECORD_MAX_BYTES (RECORD_HEADER + 255u + 1u)

struct hex_reader {
    const char *name;
    struct error *err;
    struct pieces pieces;
    uint8_t *decoded; /* the records' data; pieces point into it */
    size_t decoded_size;
    uint32_t line;
    uint32_t base;
    bool segmented;    /* the base came from HEX_SEGMENT_BASE */
    uint32_t end_line; /* of the end record; 0: not seen */
    uint32_t entry;
};

static enum status complain(struct hex_reader *reader, const char *format, ...) PRINTF_LIKE(2, 3);

static enum status complain(struct hex_reader *reader, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return error_set(reader->err, TB_ERR_INPUT, "%s:%u: %s", reader->name, reader->line, text);
}

static int digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/** Decodes a line without its line end to record bytes, and checks count and checksum. */
static enum status decode_record(struct hex_reader *reader, const uint8_t *text, size_t length,
                                 uint8_t record[RECORD_MAX_BYTES])
{
    if (text[0] != ':')
        return complain(reader, "begins with byte 0x%02x; expected ':'", text[0]);
    for (size_t i = 1; i < length; i++) {
        if (digit_value(text[i]) < 0)
            return complain(reader, "column %zu is byte 0x%02x; expected a hex digit", i + 1u, text[i]);
    }
    if (length % 2u == 0)
        return complain(reader, "has an odd number of hex digits");
    size_t count = (length - 1u) / 2u;
    if (count < RECORD_HEADER + 1u || count > RECORD_MAX_BYTES)
        return complain(reader, "record of %zu bytes; expected %u to %u", count, RECORD_HEADER + 1u, RECORD_MAX_BYTES);
    uint8_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        record[i] = (uint8_t)(digit_value(text[1u + 2u * i]) << 4 | digit_value(text[2u + 2u * i]));
        sum = (uint8_t)(sum + record[i]);
    }
    if (record[0] != count - RECORD_HEADER - 1u)
        return complain(reader, "record announces %u data bytes but has %zu", record[0], count - RECORD_HEADER - 1u);
    if (sum != 0)
        return complain(reader, "checksum is 0x%02x, expected 0x%02x", record[count - 1u],
                        (uint8_t)(record[count - 1u] - sum));
    return TB_OK;
}

static enum status add_data(struct hex_reader *reader, const uint8_t *record)
{
    uint32_t size = record[0];
    uint32_t offset = (uint32_t)record[1] << 8 | record[2];
    if (size == 0)
        return TB_OK;
    if (reader->segmented && offset + size > 0x10000u)
        return complain(reader, "%u bytes at offset 0x%04x go beyond the 64 KiB segment", size, offset);
    if ((uint64_t)reader->base + offset + size > 1ull << 32)
        return complain(reader, "%u bytes at 0x%08x + 0x%04x go beyond the end of the address space", size,
                        reader->base, offset);
    uint8_t *to = reader->decoded + reader->decoded_size;
    for (uint32_t i = 0; i < size; i++)
        to[i] = record[RECORD_HEADER + i];
    reader->decoded_size += size;
    struct piece piece = {reader->base + offset, size, reader->line, to};
    return pieces_add(&reader->pieces, reader->name, piece, reader->err);
}

static uint32_t big_endian(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static enum status apply_record(struct hex_reader *reader, const uint8_t *record)
{
    /* Data bytes that each type must have; -1: any number. */
    static const int sizes[HEX_TYPE_COUNT] = {-1, 0, 2, 4, 2, 4};
    const uint8_t *data = record + RECORD_HEADER;
    uint8_t type = record[3];
    if (type >= HEX_TYPE_COUNT)
        return complain(reader, "record type is 0x%02x; expected 0x00 to 0x05", type);
    if (sizes[type] >= 0 && record[0] != sizes[type])
        return complain(reader, "record of type 0x%02x has %u data bytes, expected %d", type, record[0], sizes[type]);
    switch ((enum hex_type)type) {
    case HEX_DATA:
        return add_data(reader, record);
    case HEX_END:
        reader->end_line = reader->line;
        break;
    case HEX_SEGMENT_BASE:
    case HEX_LINEAR_BASE:
        reader->segmented = type == HEX_SEGMENT_BASE;
        reader->base = big_endian(data, 2) << (reader->segmented ? 4 : 16);
        break;
    case HEX_SEGMENT_START:
        reader->entry = (big_endian(data, 2) << 4) + big_endian(data + 2, 2);
        break;
    case HEX_LINEAR_START:
        reader->entry = big_endian(data, 4);
        break;
    case HEX_TYPE_COUNT:
        break;
    }
    return TB_OK;
}

static enum status read_line(struct hex_reader *reader, const uint8_t *text, size_t length)
{
    uint8_t record[RECORD_MAX_BYTES] = {0};
    while (length > 0 && (text[length - 1u] == '\r' || text[length - 1u] == ' ' || text[length - 1u] == '\t'))
        length--;
    if (length == 0)
        return TB_OK;
    if (reader->end_line)
        return complain(reader, "follows the end record of line %u", reader->end_line);
    enum status status = decode_record(reader, text, length, record);
    return status == TB_OK ? apply_record(reader, record) : status;
}

static enum status read_lines(struct hex_reader *reader, const uint8_t *bytes, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t start = at;
        while (at < size && bytes[at] != '\n')
            at++;
        reader->line++;
        enum status status = read_line(reader, bytes + start, at - start);
        if (status != TB_OK)
            return status;
        at++;
    }
    if (!reader->end_line)
        return error_set(reader->err, TB_ERR_INPUT, "%s:%u: the file ends without an end record (:00000001FF)",
                         reader->name, reader->line);
    return TB_OK;
}

enum status hex_parse(struct image *image, const char *name, const uint8_t *bytes, size_t size, struct error *err)
{
    struct hex_reader reader = {.name = name, .err = err};
    reader.decoded = malloc(size / 2u + 1u); /* a data byte takes two digits */
    if (!reader.decoded)
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", name);
    enum status status = read_lines(&reader, bytes, size);
    if (status == TB_OK)
        status = pieces_to_image(&reader.pieces, name, "line", image, err);
    if (status == TB_OK)
        image->entry = reader.entry;
    pieces_free(&reader.pieces);
    free(reader.decoded);
    return status;
}
