/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* VDD as a scenario's steps set it: what PVD, the brown-out reset and operations on flash make of it. */
#include "session_fixture.h"

#define MV(n) ((n) * 1000u) /* in microvolts */
#define MS(n) ((n) * PS_PER_MS)

/* RM0351: 6.4.19, 6.4.29; 5.4; 3.7. */
#define RCC_APB1ENR1_ADDRESS  0x40021058u
#define RCC_APB1ENR1_PWREN    0x10000000u
#define RCC_CSR_ADDRESS       0x40021094u
#define RCC_CSR_RMVF          0x00800000u
#define RCC_CSR_FLAGS         0xff000000u
#define RCC_CSR_BORRSTF       0x08000000u
#define RCC_CSR_PINRSTF       0x04000000u
#define PWR_CR2_ADDRESS       0x40007004u
#define PWR_SR2_ADDRESS       0x40007014u
#define PWR_SR2_PVDO          0x00000800u
#define FLASH_KEYR_ADDRESS    0x40022008u
#define FLASH_OPTKEYR_ADDRESS 0x4002200cu
#define FLASH_CR_ADDRESS      0x40022014u
#define FLASH_CR_PG           0x00000001u
#define FLASH_CR_PER          0x00000002u
#define FLASH_CR_STRT         0x00010000u
#define FLASH_CR_OPTSTRT      0x00020000u
#define FLASH_CR_OBL_LAUNCH   0x08000000u
#define FLASH_OPTR_ADDRESS    0x40022020u
#define FLASH_WRP1AR_ADDRESS  0x4002202cu
#define OPTION_WRP1A_ADDRESS  0x1fff7818u

/* There must be a step that drives the supply, for what session_restart does; the tests drive it themselves. */
#define BOARD "title: t\nboard: nucleo-l476rg\nsteps: [supply: {volts: 3.3}]\n"

static void pass(struct board_started *board, uint64_t ps)
{
    struct machine *machine = board->session.machine;
    (void)machine_run(machine, (struct run_limit){machine_time_ps(machine) + ps, UINT64_MAX});
}

/** A debugger holds the core, so that it may work on the registers. */
static struct board_started *start_halted(const char *text)
{
    struct board_started *board = start(text);
    machine_halt(board->session.machine, true);
    return board;
}

static void enable_pvd(struct board_started *board, uint32_t pls)
{
    set_reg(board, RCC_APB1ENR1_ADDRESS, reg(board, RCC_APB1ENR1_ADDRESS) | RCC_APB1ENR1_PWREN);
    set_reg(board, PWR_CR2_ADDRESS, pls << 1 | 1u);
}

static void unlock_flash(struct board_started *board)
{
    set_reg(board, FLASH_KEYR_ADDRESS, 0x45670123u);
    set_reg(board, FLASH_KEYR_ADDRESS, 0xcdef89abu);
}

static void program(struct board_started *board, uint32_t address, uint32_t low, uint32_t high)
{
    set_reg(board, FLASH_CR_ADDRESS, FLASH_CR_PG);
    set_reg(board, address, low);
    set_reg(board, address + 4u, high);
    pass(board, MS(1u));
    set_reg(board, FLASH_CR_ADDRESS, 0);
}

static void erase_page(struct board_started *board, uint32_t page)
{
    set_reg(board, FLASH_CR_ADDRESS, FLASH_CR_PER | page << 3);
    set_reg(board, FLASH_CR_ADDRESS, FLASH_CR_PER | page << 3 | FLASH_CR_STRT);
    pass(board, MS(30u));
    set_reg(board, FLASH_CR_ADDRESS, 0);
}

static struct cell flash_cell(struct board_started *board, uint32_t offset)
{
    struct cell cell;
    assert_int_equal(machine_cell(board->session.machine, "flash", offset, &cell, NULL), TB_OK);
    return cell;
}

static uint64_t low_ops(struct board_started *board)
{
    struct machine_counters counters;
    machine_get_counters(board->session.machine, &counters);
    return counters.ops_in_low_supply;
}

static bool is_powered(struct board_started *board)
{
    return machine_is_powered(board->session.machine);
}

/* --- PVD and BOR ------------------------------------------------------------------------------- */

static void pvdo_follows_vdd_by_the_level_that_pls_chooses(void **state)
{
    (void)state;
    static const uint32_t levels_mv[] = {2000, 2200, 2400, 2500, 2600, 2800, 2900}; /* RM0351 5.4.2 */
    for (uint32_t pls = 0; pls < ARRAY_LENGTH(levels_mv); pls++) {
        struct board_started *board = start_halted(BOARD);
        enable_pvd(board, pls);
        assert_int_equal(reg(board, PWR_SR2_ADDRESS) & PWR_SR2_PVDO, 0);
        session_set_supply(&board->session, MV(levels_mv[pls]) - 1000u);
        assert_int_equal(reg(board, PWR_SR2_ADDRESS) & PWR_SR2_PVDO, PWR_SR2_PVDO);
        session_set_supply(&board->session, MV(levels_mv[pls]));
        assert_int_equal(reg(board, PWR_SR2_ADDRESS) & PWR_SR2_PVDO, 0);
        assert_true(is_powered(board));
        stop(board);
    }
}

static void below_its_level_bor_holds_the_chip_in_reset(void **state)
{
    (void)state;
    static const uint32_t levels_mv[] = {1700, 2000, 2200, 2500, 2800}; /* RM0351 3.4.1 */
    for (uint32_t level = 0; level < ARRAY_LENGTH(levels_mv); level++) {
        char text[200];
        snprintf(text, sizeof text, "%sstart: {options: {BOR_LEV: %u}}\n", BOARD, level);
        struct board_started *board = start_halted(text);
        session_set_supply(&board->session, MV(levels_mv[level]));
        assert_true(is_powered(board));
        session_set_supply(&board->session, MV(levels_mv[level]) - 1000u);
        assert_false(is_powered(board));
        session_set_supply(&board->session, MV(levels_mv[level]) - 1000u);
        assert_false(is_powered(board));
        session_power_cycle(&board->session); /* comes back to the same VDD */
        assert_false(is_powered(board));
        session_set_supply(&board->session, MV(levels_mv[level]));
        assert_true(is_powered(board));
        stop(board);
    }
}

static void time_passes_while_the_chip_is_held_in_reset(void **state)
{
    (void)state;
    struct board_started *board = start(BOARD);
    session_set_supply(&board->session, 0);
    assert_false(is_powered(board));
    assert_false(session_run_until_news(&board->session, MS(50u)));
    assert_true(session_now_ps(&board->session) == MS(50u));
    session_set_supply(&board->session, MV(3300u));
    assert_true(board->session.past_ps == MS(50u));
    assert_true(session_now_ps(&board->session) == 0);
    stop(board);
}

static void changes_of_the_supply_come_in_their_time(void **state)
{
    (void)state;
    struct board_started *board = start_halted(BOARD);
    enable_pvd(board, 3); /* 2.5 V */
    uint64_t began_ps = session_now_ps(&board->session);
    session_set_supply_later(&board->session, MV(3300u), MS(6u));
    session_set_supply_later(&board->session, MV(2400u), MS(3u));
    assert_false(session_run_until_news(&board->session, began_ps + MS(2u)));
    assert_int_equal(reg(board, PWR_SR2_ADDRESS) & PWR_SR2_PVDO, 0);
    assert_false(session_run_until_news(&board->session, began_ps + MS(5u)));
    assert_int_equal(reg(board, PWR_SR2_ADDRESS) & PWR_SR2_PVDO, PWR_SR2_PVDO);
    assert_false(session_run_until_news(&board->session, began_ps + MS(7u)));
    assert_int_equal(reg(board, PWR_SR2_ADDRESS) & PWR_SR2_PVDO, 0);
    stop(board);
}

static void a_dip_below_bor_starts_the_board_anew_while_a_step_waits(void **state)
{
    (void)state;
    struct board_started *board = start(BOARD);
    session_set_supply_later(&board->session, MV(1200u), MS(3u));
    session_set_supply_later(&board->session, MV(3300u), MS(5u));
    assert_false(session_run_until_news(&board->session, MS(12u)));
    assert_true(is_powered(board));
    assert_true(board->session.past_ps == MS(5u));
    assert_true(session_now_ps(&board->session) == MS(7u)); /* 12 ms since the first power-on */
    stop(board);
}

static void bor_is_a_power_on_reset_and_reloads_the_options(void **state)
{
    (void)state;
    struct board_started *board = start_halted(BOARD);
    uint32_t written[] = {0x00070000u, ~0x00070000u}; /* WRP of pages 0 to 7 */
    set_reg(board, RCC_CSR_ADDRESS, RCC_CSR_RMVF);
    assert_int_equal(reg(board, RCC_CSR_ADDRESS) & RCC_CSR_FLAGS, 0);
    assert_int_equal(machine_load(board->session.machine, OPTION_WRP1A_ADDRESS, written, sizeof written, NULL), TB_OK);
    assert_int_equal(reg(board, FLASH_WRP1AR_ADDRESS) & 0x00ff00ffu, 0x000000ff);
    session_set_supply(&board->session, MV(1600u));
    session_set_supply(&board->session, MV(1800u));
    assert_int_equal(reg(board, FLASH_WRP1AR_ADDRESS) & 0x00ff00ffu, 0x00070000);
    assert_int_equal(reg(board, RCC_CSR_ADDRESS) & RCC_CSR_FLAGS, RCC_CSR_BORRSTF | RCC_CSR_PINRSTF);
    stop(board);
}

static void a_level_that_an_option_load_raises_above_vdd_takes_power_away(void **state)
{
    (void)state;
    struct board_started *board = start_halted(BOARD);
    unlock_flash(board);
    set_reg(board, FLASH_OPTKEYR_ADDRESS, 0x08192a3bu);
    set_reg(board, FLASH_OPTKEYR_ADDRESS, 0x4c5d6e7fu);
    set_reg(board, FLASH_OPTR_ADDRESS, 0xffeffcaau); /* BOR_LEV 4: 2.8 V */
    set_reg(board, FLASH_CR_ADDRESS, FLASH_CR_OPTSTRT);
    pass(board, MS(60u));
    session_set_supply(&board->session, MV(2400u));
    assert_true(is_powered(board)); /* not loaded yet */
    set_reg(board, FLASH_CR_ADDRESS, FLASH_CR_OBL_LAUNCH);
    pass(board, MS(1u));
    assert_false(is_powered(board));
    session_set_supply(&board->session, MV(2800u));
    assert_true(is_powered(board));
    stop(board);
}

/* --- operations -------------------------------------------------------------------------------- */

static void an_operation_in_low_supply_counts_and_leaves_cells_that_turn_unstable(void **state)
{
    (void)state;
    struct board_started *board = start_halted(BOARD);
    unlock_flash(board);
    erase_page(board, 4);
    program(board, 0x08002000u, 1, 2);
    assert_true(low_ops(board) == 0);
    assert_int_equal(flash_cell(board, 0x2000).state, CELL_SOLID);
    assert_int_equal(flash_cell(board, 0x2008).state, CELL_SOLID);
    session_set_supply(&board->session, MV(2400u));
    erase_page(board, 5);
    program(board, 0x08003000u, 3, 4);
    assert_true(low_ops(board) == 2);
    assert_int_equal(flash_cell(board, 0x2800).state, CELL_WEAK);
    /* it reads back what was programmed, and is unstable for all that */
    uint32_t words[2];
    assert_int_equal(machine_peek(board->session.machine, 0x08003000u, words, sizeof words, NULL), TB_OK);
    assert_true(words[0] == 3 && words[1] == 4);
    assert_int_equal(flash_cell(board, 0x3000).state, CELL_UNSTABLE_NEW);
    /* nor is an overwrite with zeros solid */
    program(board, 0x08002000u, 0, 0);
    assert_int_equal(flash_cell(board, 0x2000).state, CELL_UNSTABLE_NEW);
    stop(board);
}

static void with_pvd_its_own_level_says_what_low_is(void **state)
{
    (void)state;
    struct board_started *board = start_halted(BOARD);
    unlock_flash(board);
    session_set_supply(&board->session, MV(2400u));
    enable_pvd(board, 2); /* 2.4 V */
    program(board, 0x08003000u, 3, 4);
    assert_true(low_ops(board) == 0);
    assert_int_equal(flash_cell(board, 0x3000).state, CELL_SOLID);
    enable_pvd(board, 3); /* 2.5 V */
    program(board, 0x08003008u, 3, 4);
    assert_true(low_ops(board) == 1);
    set_reg(board, PWR_CR2_ADDRESS, 0); /* PVD off: 2.9 V are expected */
    session_set_supply(&board->session, MV(2899u));
    program(board, 0x08003010u, 3, 4);
    assert_true(low_ops(board) == 2);
    session_set_supply(&board->session, MV(2900u));
    program(board, 0x08003018u, 3, 4);
    assert_true(low_ops(board) == 2);
    stop(board);
}

static void a_knob_makes_cells_of_low_supply_solid(void **state)
{
    (void)state;
    struct board_started *board = start_halted(BOARD "knobs: {flash.low-supply: solid}\n");
    unlock_flash(board);
    session_set_supply(&board->session, MV(2400u));
    program(board, 0x08003000u, 3, 4);
    assert_true(low_ops(board) == 1);
    assert_int_equal(flash_cell(board, 0x3000).state, CELL_SOLID);
    stop(board);
}

static void bor_tears_the_operation_in_flight_as_a_reset_does(void **state)
{
    (void)state;
    struct board_started *board = start_halted(BOARD);
    unlock_flash(board);
    set_reg(board, FLASH_CR_ADDRESS, FLASH_CR_PG);
    set_reg(board, 0x08003000u, 0x12345678u);
    set_reg(board, 0x08003004u, 0x9abcdef0u);
    session_set_supply(&board->session, MV(1000u));
    uint64_t delivered;
    assert_int_equal(cell_read(flash_cell(board, 0x3000), &delivered), ECC_UNCORRECTABLE);
    stop(board);
}

static void a_restart_finds_the_supply_good_again(void **state)
{
    (void)state;
    struct board_started *board = start(BOARD);
    session_set_supply(&board->session, MV(1000u));
    assert_false(is_powered(board));
    session_restart(&board->session);
    session_start(&board->session);
    assert_true(is_powered(board));
    stop(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pvdo_follows_vdd_by_the_level_that_pls_chooses),
        cmocka_unit_test(below_its_level_bor_holds_the_chip_in_reset),
        cmocka_unit_test(time_passes_while_the_chip_is_held_in_reset),
        cmocka_unit_test(changes_of_the_supply_come_in_their_time),
        cmocka_unit_test(a_dip_below_bor_starts_the_board_anew_while_a_step_waits),
        cmocka_unit_test(bor_is_a_power_on_reset_and_reloads_the_options),
        cmocka_unit_test(a_level_that_an_option_load_raises_above_vdd_takes_power_away),
        cmocka_unit_test(an_operation_in_low_supply_counts_and_leaves_cells_that_turn_unstable),
        cmocka_unit_test(with_pvd_its_own_level_says_what_low_is),
        cmocka_unit_test(a_knob_makes_cells_of_low_supply_solid),
        cmocka_unit_test(bor_tears_the_operation_in_flight_as_a_reset_does),
        cmocka_unit_test(a_restart_finds_the_supply_good_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
