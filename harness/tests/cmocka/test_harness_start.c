/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What a scenario's `start` makes of the board, as firmware reads it. */
#include "session_fixture.h"

/* RM0351 3.7: registers of the flash interface at 0x40022000. */
#define FLASH_SR_ADDRESS     0x40022010u
#define FLASH_OPTR_ADDRESS   0x40022020u
#define FLASH_WRP1AR_ADDRESS 0x4002202cu
#define FLASH_WRP1BR_ADDRESS 0x40022030u
#define FLASH_WRP2AR_ADDRESS 0x4002204cu
#define FLASH_WRP2BR_ADDRESS 0x40022050u
#define FLASH_SR_OPTVERR     0x00008000u
#define WRP_BITS             0x00ff00ffu /* END above STRT */

static void options_that_are_left_out_are_the_factorys(void **state)
{
    (void)state;
    struct board_started *board = start("title: t\nboard: nucleo-l476rg\nstart: {options: {IWDG_SW: 1}}\n");
    assert_int_equal(reg(board, FLASH_OPTR_ADDRESS), 0xffeff8aa); /* as read back from boards */
    assert_int_equal(reg(board, FLASH_WRP1AR_ADDRESS) & WRP_BITS, 0x000000ff);
    assert_int_equal(reg(board, FLASH_WRP2BR_ADDRESS) & WRP_BITS, 0x000000ff);
    stop(board);
}

static void options_reach_the_registers_as_loaded(void **state)
{
    (void)state;
    struct board_started *board = start("title: t\nboard: nucleo-l476rg\nstart:\n  options:\n    BFB2: 1\n"
                                        "    BOR_LEV: 4\n    IWDG_SW: 0\n    WRP1A: {first: 0, last: 7}\n"
                                        "    WRP1B: {first: 250, last: 254}\n    WRP2A: {first: 1, last: 0x10}\n"
                                        "    WRP2B: {first: 255, last: 255}\n");
    assert_int_equal(reg(board, FLASH_OPTR_ADDRESS), 0xfffefcaa);
    assert_int_equal(reg(board, FLASH_WRP1AR_ADDRESS) & WRP_BITS, 0x00070000);
    assert_int_equal(reg(board, FLASH_WRP1BR_ADDRESS) & WRP_BITS, 0x00fe00fa);
    assert_int_equal(reg(board, FLASH_WRP2AR_ADDRESS) & WRP_BITS, 0x00100001);
    assert_int_equal(reg(board, FLASH_WRP2BR_ADDRESS) & WRP_BITS, 0x00ff00ff);
    assert_int_equal(reg(board, FLASH_SR_ADDRESS) & FLASH_SR_OPTVERR, 0);
    stop(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_that_are_left_out_are_the_factorys),
        cmocka_unit_test(options_reach_the_registers_as_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
