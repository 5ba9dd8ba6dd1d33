/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Where a board's program flash is, read from its chip table: the harness speaks of banks, the
 * simulator of stores and windows.
 */
#ifndef TWINBANK_HARNESS_LAYOUT_H
#define TWINBANK_HARNESS_LAYOUT_H

#include "sim/chip.h"

/* The product's app slot begins here in each bank, behind the boot pages. */
#define SLOT_OFFSET_BYTES 0x4000u

struct flash_layout {
    const char *store;
    uint32_t window; /* index of the window through which programs see it */
    uint32_t base;   /* of that window */
    uint32_t size;
    uint32_t bank_size;
    uint32_t erase_size;
};

/** TB_ERR_UNSUPPORTED if the chip has no flash with two banks. */
enum status flash_layout_find(struct flash_layout *layout, const struct chip *chip, struct error *err) MUST_CHECK;
/** "PA5", or the board's name for it, as port * 16 + pin. TB_ERR_INPUT if there is none. */
enum status board_pin_number(const struct board *board, const char *name, uint32_t *number) MUST_CHECK;
/** Address of bank 1 or 2 in the unswapped map. */
uint32_t flash_bank_address(const struct flash_layout *layout, unsigned bank);
/** The bank that the window shows first with this choice: 1 or 2, 0 if it shows none. */
unsigned flash_bank_shown(const struct flash_layout *layout, const struct chip *chip, uint32_t choice);
/** True if all of [address, address + size) is program flash. */
bool flash_contains(const struct flash_layout *layout, uint32_t address, uint32_t size);

#endif
