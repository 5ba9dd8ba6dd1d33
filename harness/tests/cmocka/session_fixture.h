/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file A board as a scenario's text starts it, looked at and worked on by a debugger. */
#ifndef TWINBANK_TESTS_SESSION_FIXTURE_H
#define TWINBANK_TESTS_SESSION_FIXTURE_H

#include "cmocka_tests.h"
#include "harness/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct board_started {
    struct scenario *scenario;
    struct session session;
    struct result result;
    struct run_options options;
};

/** The board of a scenario text, with power on. */
static inline struct board_started *start(const char *text)
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

static inline void stop(struct board_started *board)
{
    session_close(&board->session);
    scenario_free(board->scenario);
    free(board);
}

static inline uint32_t reg(struct board_started *board, uint32_t address)
{
    uint32_t value = 0;
    assert_int_equal(machine_debug_read(board->session.machine, address, 4, &value, NULL), TB_OK);
    return value;
}

static inline void set_reg(struct board_started *board, uint32_t address, uint32_t value)
{
    assert_int_equal(machine_debug_write(board->session.machine, address, 4, value, NULL), TB_OK);
}

#endif
