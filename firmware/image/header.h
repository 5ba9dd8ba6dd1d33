// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The image header: the first 512 bytes of an app slot and of app-X.Y.Z.bin. No hardware here.
#ifndef TWINBANK_IMAGE_HEADER_H
#define TWINBANK_IMAGE_HEADER_H

#include <stdint.h>

// The layout of each bank, frozen: 2 KiB pages 0-7 boot, 8-254 app slot, 255 journal.
#define SLOT_FIRST_PAGE 8u
#define SLOT_LAST_PAGE  254u
#define SLOT_OFFSET     0x4000u
#define SLOT_BYTES      0x7b800u // 247 pages
#define HEADER_BYTES    512u     // the vector table behind it stays aligned to 512
#define IMAGE_OFFSET    (SLOT_OFFSET + HEADER_BYTES)
#define IMAGE_MAX_BYTES (SLOT_BYTES - HEADER_BYTES)
#define IMAGE_MIN_BYTES 0x188u // one vector table

#define HEADER_MAGIC   0x4d494254u // "TBIM"
#define HEADER_VERSION 1u
#define HEADER_CHIP_ID 0x415u      // STM32L476
#define HEADER_BOARD   0x00001136u // NUCLEO-L476RG, board MB1136

// 0x00MMmmpp: compares as a number.
#define VERSION_MAX                       0x00ffffffu
#define VERSION_WORD(major, minor, patch) (((uint32_t)(major) << 16) | ((uint32_t)(minor) << 8) | (uint32_t)(patch))

struct image_header {
    uint32_t magic;
    uint32_t header_version;
    uint32_t chip_id;
    uint32_t board_id;
    uint32_t image_bytes; // vectors to end, a multiple of 8
    uint32_t version;
    uint32_t image_crc;       // CRC-32 of vectors to end
    uint32_t flags;           // 0
    uint32_t minimum_version; // once this image has confirmed itself nothing older is installed or started
    uint32_t reserved[118];   // all ones
    uint32_t header_crc;      // CRC-32 of everything above
};
_Static_assert(sizeof(struct image_header) == HEADER_BYTES, "the header is 512 bytes");

enum header_status {
    HEADER_OK,
    HEADER_BLANK,
    HEADER_WRONG_MAGIC,
    HEADER_DAMAGED,
    HEADER_WRONG_FORMAT,
    HEADER_WRONG_CHIP,
    HEADER_WRONG_BOARD,
    HEADER_WRONG_SIZE,
    HEADER_WRONG_MINIMUM, // newer than the image itself: confirmed, it would lock itself out
};

typedef uint32_t (*crc32_fn)(const uint32_t *words, uint32_t count);

// Nothing in a header means anything until this says HEADER_OK.
enum header_status header_check(const struct image_header *header, crc32_fn crc32);

#define VERSION_TEXT_BYTES 12u // "255.255.255"
char *version_text(uint32_t version, char text[VERSION_TEXT_BYTES]);

#endif
