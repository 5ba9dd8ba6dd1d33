// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "image/header.h"

#include <stdbool.h>

static bool header_blank(const struct image_header *header)
{
    const uint32_t *words = (const uint32_t *)header;

    for (uint32_t i = 0; i < HEADER_BYTES / 4u; i++) {
        if (words[i] != 0xffffffffu) {
            return false;
        }
    }
    return true;
}

enum header_status header_check(const struct image_header *header, crc32_fn crc32)
{
    if (header_blank(header)) {
        return HEADER_BLANK;
    }
    if (header->magic != HEADER_MAGIC) {
        return HEADER_WRONG_MAGIC;
    }
    if (crc32((const uint32_t *)header, HEADER_BYTES / 4u - 1u) != header->header_crc) {
        return HEADER_DAMAGED;
    }
    // A flag is something that one must understand; a version beyond three bytes would print as another one.
    if (header->header_version != HEADER_VERSION || header->flags != 0 || header->version > VERSION_MAX) {
        return HEADER_WRONG_FORMAT;
    }
    if (header->chip_id != HEADER_CHIP_ID) {
        return HEADER_WRONG_CHIP;
    }
    if (header->board_id != HEADER_BOARD) {
        return HEADER_WRONG_BOARD;
    }
    if (header->image_bytes < IMAGE_MIN_BYTES || header->image_bytes > IMAGE_MAX_BYTES ||
        header->image_bytes % 8u != 0) {
        return HEADER_WRONG_SIZE;
    }
    if (header->minimum_version > header->version) {
        return HEADER_WRONG_MINIMUM;
    }
    return HEADER_OK;
}

static char *put_decimal(char *at, uint32_t byte)
{
    if (byte >= 100u) {
        *at++ = (char)('0' + byte / 100u);
    }
    if (byte >= 10u) {
        *at++ = (char)('0' + byte / 10u % 10u);
    }
    *at++ = (char)('0' + byte % 10u);
    return at;
}

char *version_text(uint32_t version, char text[VERSION_TEXT_BYTES])
{
    char *at = put_decimal(text, (version >> 16) & 0xffu);

    *at++ = '.';
    at = put_decimal(at, (version >> 8) & 0xffu);
    *at++ = '.';
    at = put_decimal(at, version & 0xffu);
    *at = '\0';
    return text;
}
