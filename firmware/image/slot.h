// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// What is in a bank's app slot: the check that boot, the console and the updater share. It reads in
// slices, so that nobody's main loop waits for a whole slot.
#ifndef TWINBANK_IMAGE_SLOT_H
#define TWINBANK_IMAGE_SLOT_H

#include "image/header.h"
#include "journal/journal.h"

enum slot_status {
    SLOT_VALID,
    SLOT_SCANNING,
    SLOT_EMPTY,
    SLOT_BAD_HEADER, // torn, or of an unknown format
    SLOT_BAD_BOARD,  // made for another chip or board
    SLOT_BAD_SIZE,
    SLOT_BAD_CRC,
    SLOT_BAD_VECTORS,
    SLOT_BAD_ECC,     // a double word with two wrong bits
    SLOT_BAD_JOURNAL, // whole, perhaps, but not the image that the journal names
};

struct slot_scan {
    struct image_header header; // read once; only this copy is ever looked at
    const uint32_t *next;
    uint32_t left_bytes;
    uint32_t initial_sp;
    uint32_t entry;
    unsigned bank;
    enum slot_status status;
};

// Reads the header of a physical bank's slot. SLOT_SCANNING if it is good and the image is left to
// read; anything else is final.
enum slot_status slot_scan_begin(struct slot_scan *scan, unsigned bank);

// The same, but only for the image that the journal names by header_crc, bytes and version.
enum slot_status slot_scan_begin_as(struct slot_scan *scan, unsigned bank, const struct journal_slot *journalled);

// For a slot whose header is not there yet: the body behind it, against this header.
enum slot_status slot_scan_body(struct slot_scan *scan, unsigned bank, const struct image_header *header);

// Reads up to max_bytes (a multiple of 8) more; SLOT_SCANNING until the end. The CRC unit belongs to
// the scan until then.
enum slot_status slot_scan_step(struct slot_scan *scan, uint32_t max_bytes);

// CRC-32 of memory that is known to be good, by the CRC unit.
uint32_t slot_crc32(const uint32_t *words, uint32_t count);

const char *slot_status_text(enum slot_status status);

#endif
