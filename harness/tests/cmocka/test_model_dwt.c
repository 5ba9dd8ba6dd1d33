/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file The cycle counter, by ARM DDI 0403E C1.8. A cycle of the fake host is 250 ns (4 MHz). */
#include "fake_host.h"
#include "models/arm_dwt.h"

#define CTRL   0x00u
#define CYCCNT 0x04u

static struct fake_host *dwt(void)
{
    struct fake_host *h = fake_create(&arm_dwt_model, NULL);
    fake_power_on(h);
    fake_set_input(h, 0, 1); /* DEMCR.TRCENA */
    return h;
}

static void the_counter_stands_still_without_trcena(void **state)
{
    (void)state;
    struct fake_host *h = dwt();
    fake_write(h, CTRL, 1);
    fake_run(h, 5000000u);
    fake_set_input(h, 0, 0);
    uint32_t stopped = fake_read(h, CYCCNT);
    assert_int_equal(stopped, 20); /* 5 us at 4 MHz */
    fake_run(h, 5000000u);
    assert_int_equal(fake_read(h, CYCCNT), stopped);
    fake_destroy(h);
}

static void the_counter_stands_still_until_it_is_enabled(void **state)
{
    (void)state;
    struct fake_host *h = dwt();
    assert_int_equal(fake_read(h, CTRL), 0x40000000u); /* NUMCOMP 4, CYCCNTENA 0 */
    uint64_t before = fake_cycles(h);
    fake_run(h, 1000000u);
    assert_true(fake_cycles(h) > before);
    assert_int_equal(fake_read(h, CYCCNT), 0);
    fake_destroy(h);
}

static void the_counter_counts_cycles_and_can_be_set_and_stopped(void **state)
{
    (void)state;
    struct fake_host *h = dwt();
    fake_write(h, CTRL, 1);
    uint64_t start = fake_cycles(h);
    fake_run(h, 5000000u);
    assert_int_equal(fake_read(h, CYCCNT), (uint32_t)(fake_cycles(h) - start));
    fake_write(h, CYCCNT, 0xfffffff0u);
    start = fake_cycles(h);
    fake_run(h, 5000000u);
    assert_int_equal(fake_read(h, CYCCNT), (uint32_t)(0xfffffff0u + (fake_cycles(h) - start))); /* wraps */
    fake_write(h, CTRL, 0);
    uint32_t stopped = fake_read(h, CYCCNT);
    fake_run(h, 5000000u);
    assert_int_equal(fake_read(h, CYCCNT), stopped);
    fake_destroy(h);
}

static void a_system_reset_leaves_the_counter_alone(void **state)
{
    (void)state;
    struct fake_host *h = dwt();
    fake_write(h, CTRL, 1);
    fake_run(h, 5000000u);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, CTRL), 0x40000001u);
    assert_true(fake_read(h, CYCCNT) > 0);
    fake_destroy(h);
}

static void comparators_and_trace_are_named_gaps(void **state)
{
    (void)state;
    struct fake_host *h = dwt();
    fake_write(h, CTRL, 1u | 1u << 12); /* PCSAMPLENA */
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
    (void)fake_read(h, 0x20u); /* COMP0 */
    assert_int_equal(fake_count_obs(h, OBS_GAP), 2);
    fake_destroy(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_stands_still_until_it_is_enabled),
        cmocka_unit_test(the_counter_stands_still_without_trcena),
        cmocka_unit_test(the_counter_counts_cycles_and_can_be_set_and_stopped),
        cmocka_unit_test(a_system_reset_leaves_the_counter_alone),
        cmocka_unit_test(comparators_and_trace_are_named_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
