/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file A board's cells without any program, for tests of harness/faults. */
#ifndef TWINBANK_TESTS_FAULTS_FIXTURE_H
#define TWINBANK_TESTS_FAULTS_FIXTURE_H

#include "cmocka_tests.h"
#include "harness/faults/world.h"

#define BOARD_SEED    7u
#define FLASH_STORE   0u /* the first store of the chip table */
#define BANK_2_OFFSET 0x80000u
#define PAGE_BYTES    2048u /* that an erase takes, RM0351 3.3.1 */

static const struct chip *chip;

static inline struct world new_world(void)
{
    const struct board *board = board_find("nucleo-l476rg");
    struct machine_config config = {.seed = BOARD_SEED, .ram_policy = RAM_NOISE};
    struct machine *machine = NULL;
    struct world world;
    struct error err;
    assert_non_null(board);
    chip = board->chip;
    assert_int_equal(machine_create(&machine, board, &config, &err), TB_OK);
    assert_int_equal(chip->stores[FLASH_STORE].kind, STORE_FLASH);
    assert_int_equal(world_init(&world, machine, chip, BOARD_SEED, &err), TB_OK);
    machine_destroy(machine);
    return world;
}

static inline struct op program(uint32_t offset, uint64_t value)
{
    return (struct op){
        .kind = OP_PROGRAM, .store = FLASH_STORE, .offset = offset, .length = 8, .value = value, .ordinal = 1};
}

static inline struct op erase(uint32_t offset)
{
    return (struct op){.kind = OP_ERASE, .store = FLASH_STORE, .offset = offset, .length = PAGE_BYTES, .ordinal = 1};
}

#endif
