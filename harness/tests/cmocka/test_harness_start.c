/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What a scenario's `start` makes of the board, as firmware reads it. */
#include "cmocka_tests.h"
#include "harness/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* RM0351 3.7: registers of the flash interface at 0x40022000. */
#define FLASH_SR_ADDRESS     0x40022010u
#define FLASH_OPTR_ADDRESS   0x40022020u
#define FLASH_WRP1AR_ADDRESS 0x4002202cu
#define FLASH_WRP1BR_ADDRESS 0x40022030u
#define FLASH_WRP2AR_ADDRESS 0x4002204cu
#define FLASH_WRP2BR_ADDRESS 0x40022050u
#define FLASH_SR_OPTVERR     0x00008000u
#define WRP_BITS             0x00ff00ffu /* END above STRT */

struct board_started {
    struct scenario *scenario;
    struct session session;
    struct result result;
    struct run_options options;
};

/** The board of a scenario text, with power on. */
static struct board_started *start(const char *text)
{
    static char path[] = "/tmp/twinbank-start-XXXXXX";
    struct board_started *board = calloc(1, sizeof *board);
    struct error err = {""};
    assert_non_null(board);
    memcpy(path + strlen(path) - 6u, "XXXXXX", 6);
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    enum status status = scenario_load(&board->scenario, path, "/tmp", &err);
    remove(path);
    if (status != TB_OK)
        fail_msg("%s", err.text);
    board->session =
        (struct session){.scenario = board->scenario, .options = &board->options, .result = &board->result};
    if (session_open(&board->session, &err) != TB_OK)
        fail_msg("%s", err.text);
    session_start(&board->session);
    return board;
}

static void stop(struct board_started *board)
{
    session_close(&board->session);
    scenario_free(board->scenario);
    free(board);
}

static uint32_t reg(struct board_started *board, uint32_t address)
{
    uint32_t value = 0;
    assert_int_equal(machine_debug_read(board->session.machine, address, 4, &value, NULL), TB_OK);
    return value;
}

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
