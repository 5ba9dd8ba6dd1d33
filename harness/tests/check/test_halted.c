/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file A core that a debugger holds, and the watchdog: RM0351 36.3.5, 48.6.3. The flash is empty. */
#include "whole.h"

#define IWDG_KR        0x40003000u
#define RCC_CSR        0x40021094u
#define DBGMCU_FZR1    0xe0042008u
#define CSR_IWDGRSTF   0x20000000u
#define FZR1_IWDG_STOP 0x00001000u

static void debug_write(struct machine *machine, uint32_t address, uint32_t value)
{
    struct error err;
    ck_assert_msg(machine_debug_write(machine, address, 4, value, &err) == TB_OK, "%s", err.text);
}

static bool was_reset_by_watchdog(struct machine *machine)
{
    struct error err;
    uint32_t csr = 0;
    ck_assert_msg(machine_debug_read(machine, RCC_CSR, 4, &csr, &err) == TB_OK, "%s", err.text);
    return (csr & CSR_IWDGRSTF) != 0;
}

static void pass_ms(struct machine *machine, uint64_t ms)
{
    struct run_limit limit = {machine_time_ps(machine) + ms * PS_PER_MS, UINT64_MAX};
    while (machine_run(machine, limit) == RUN_REQUESTED)
        continue;
}

static struct machine *held(uint32_t freeze)
{
    struct machine *machine = whole_create();
    machine_power_on(machine);
    machine_halt(machine, true);
    debug_write(machine, DBGMCU_FZR1, freeze);
    debug_write(machine, IWDG_KR, 0xccccu); /* 512 ms */
    return machine;
}

START_TEST(a_watchdog_bites_while_the_core_is_held)
{
    struct machine *machine = held(0);
    pass_ms(machine, 500);
    ck_assert(!was_reset_by_watchdog(machine));
    pass_ms(machine, 20);
    ck_assert(was_reset_by_watchdog(machine));
    machine_destroy(machine);
}
END_TEST

START_TEST(a_frozen_watchdog_waits_until_the_core_goes_on)
{
    struct machine *machine = held(FZR1_IWDG_STOP);
    pass_ms(machine, 5000);
    ck_assert(!was_reset_by_watchdog(machine));
    machine_halt(machine, false);
    pass_ms(machine, 500);
    ck_assert(!was_reset_by_watchdog(machine));
    pass_ms(machine, 20);
    ck_assert(was_reset_by_watchdog(machine));
    machine_destroy(machine);
}
END_TEST

/** DBGMCU loses its bits with the power (RM0351 48.6.2); that a debugger holds the core it learns anew. */
START_TEST(a_core_that_is_held_stays_so_over_a_power_cycle)
{
    struct machine *machine = held(FZR1_IWDG_STOP);
    machine_power_off(machine, TEAR_OLD, 0);
    machine_power_on(machine);
    debug_write(machine, DBGMCU_FZR1, FZR1_IWDG_STOP);
    debug_write(machine, IWDG_KR, 0xccccu);
    pass_ms(machine, 5000);
    ck_assert(!was_reset_by_watchdog(machine));
    machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("halted");
    TCase *tcase = tcase_create("halted");
    tcase_add_test(tcase, a_watchdog_bites_while_the_core_is_held);
    tcase_add_test(tcase, a_frozen_watchdog_waits_until_the_core_goes_on);
    tcase_add_test(tcase, a_core_that_is_held_stays_so_over_a_power_cycle);
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
