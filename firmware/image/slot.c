// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "image/slot.h"

#include <stdbool.h>
#include <string.h>

#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/crc.h"
#include "drivers/ecc.h"

uint32_t slot_crc32(const uint32_t *words, uint32_t count)
{
    crc_begin();
    crc_feed(words, count);
    return crc_value();
}

static enum slot_status status_of_header(enum header_status status)
{
    switch (status) {
    case HEADER_OK:
        return SLOT_SCANNING;
    case HEADER_BLANK:
        return SLOT_EMPTY;
    case HEADER_WRONG_CHIP:
    case HEADER_WRONG_BOARD:
        return SLOT_BAD_BOARD;
    case HEADER_WRONG_SIZE:
        return SLOT_BAD_SIZE;
    case HEADER_WRONG_MAGIC:
    case HEADER_DAMAGED:
    case HEADER_WRONG_FORMAT:
    case HEADER_WRONG_MINIMUM:
        break;
    }
    return SLOT_BAD_HEADER;
}

static void scan_image(struct slot_scan *scan, unsigned bank)
{
    scan->bank = bank;
    scan->next = (const uint32_t *)(bank_address(bank) + IMAGE_OFFSET);
    scan->left_bytes = scan->header.image_bytes;
    scan->status = SLOT_SCANNING;
    crc_begin();
}

enum slot_status slot_scan_begin(struct slot_scan *scan, unsigned bank)
{
    ecc_guard_begin();
    memcpy(&scan->header, (const void *)(bank_address(bank) + SLOT_OFFSET), HEADER_BYTES);
    if (ecc_guard_end()) {
        scan->status = SLOT_BAD_ECC;
        return scan->status;
    }
    scan->status = status_of_header(header_check(&scan->header, slot_crc32));
    if (scan->status == SLOT_SCANNING) {
        scan_image(scan, bank);
    }
    return scan->status;
}

enum slot_status slot_scan_begin_as(struct slot_scan *scan, unsigned bank, const struct journal_slot *journalled)
{
    const struct image_header *header = &scan->header;

    if (slot_scan_begin(scan, bank) == SLOT_SCANNING &&
        (header->header_crc != journalled->header_crc || header->image_bytes != journalled->bytes ||
         header->version != journalled->version)) {
        scan->status = SLOT_BAD_JOURNAL;
    }
    return scan->status;
}

enum slot_status slot_scan_body(struct slot_scan *scan, unsigned bank, const struct image_header *header)
{
    scan->header = *header;
    scan_image(scan, bank);
    return scan->status;
}

// The stack strictly inside SRAM1, the entry a Thumb address inside the image.
static bool vectors_ok(const struct slot_scan *scan)
{
    const uint32_t first = FLASH_BASE + IMAGE_OFFSET;

    return scan->initial_sp > SRAM1_BASE && scan->initial_sp < SRAM1_BASE + SRAM1_BYTES && scan->initial_sp % 8u == 0 &&
           (scan->entry & 1u) != 0 && scan->entry > first && scan->entry < first + scan->header.image_bytes;
}

enum slot_status slot_scan_step(struct slot_scan *scan, uint32_t max_bytes)
{
    const uint32_t bytes = scan->left_bytes < max_bytes ? scan->left_bytes : max_bytes;

    if (scan->status != SLOT_SCANNING) {
        return scan->status;
    }
    ecc_guard_begin();
    if (scan->left_bytes == scan->header.image_bytes) {
        scan->initial_sp = scan->next[0];
        scan->entry = scan->next[1];
    }
    crc_feed(scan->next, bytes / 4u);
    if (ecc_guard_end()) {
        scan->status = SLOT_BAD_ECC;
        return scan->status;
    }
    scan->next += bytes / 4u;
    scan->left_bytes -= bytes;
    if (scan->left_bytes == 0) {
        if (crc_value() != scan->header.image_crc) {
            scan->status = SLOT_BAD_CRC;
        } else {
            scan->status = vectors_ok(scan) ? SLOT_VALID : SLOT_BAD_VECTORS;
        }
    }
    return scan->status;
}

const char *slot_status_text(enum slot_status status)
{
    switch (status) {
    case SLOT_VALID:
        return "valid";
    case SLOT_SCANNING:
        return "being read";
    case SLOT_EMPTY:
        return "empty";
    case SLOT_BAD_HEADER:
        return "invalid (header)";
    case SLOT_BAD_BOARD:
        return "invalid (board)";
    case SLOT_BAD_SIZE:
        return "invalid (size)";
    case SLOT_BAD_CRC:
        return "invalid (crc)";
    case SLOT_BAD_VECTORS:
        return "invalid (vectors)";
    case SLOT_BAD_ECC:
        return "invalid (ecc)";
    case SLOT_BAD_JOURNAL:
        return "invalid (not the image of the journal)";
    }
    return "invalid";
}
