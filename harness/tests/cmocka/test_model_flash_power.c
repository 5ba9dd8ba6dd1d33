/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Power-down of the STM32L476's flash: RUN_PD with PDKEYR, SLEEP_PD. Bits and keys by RM0351 3.7.1, 3.7.2; what vendor
 * code says of them: only from RAM, no access meanwhile, not during an operation, keys before setting and clearing.
 */
#include "flash_fixture.h"

#define RUN_PD   0x2000u
#define SLEEP_PD 0x4000u
#define IN_SLEEP 4u

static void pdkeys(struct fake_host *h)
{
    fake_write(h, 0x04, 0x04152637u);
    fake_write(h, 0x04, 0xfafbfcfdu);
}

static struct fake_host *powered_down(void)
{
    struct fake_host *h = unlocked();
    pdkeys(h);
    fake_write(h, 0x00, 0x600u | RUN_PD);
    assert_int_equal(fake_read(h, 0x00), 0x600u | RUN_PD);
    return h;
}

static bool faults(struct fake_host *h, enum access_kind kind, uint32_t store)
{
    return h->device.model->array_faults(&h->device, kind, store, 0);
}

static void run_pd_is_set_and_cleared_with_its_keys_as_vendor_code_does(void **state)
{
    (void)state;
    struct fake_host *h = powered_down();
    pdkeys(h);
    fake_write(h, 0x00, 0x600u);
    assert_int_equal(fake_read(h, 0x00), 0x600u);
    assert_int_equal(fake_read(h, 0x04), 0);
    assert_int_equal(h->faults, 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_destroy(h);
}

static void run_pd_cannot_be_set_without_its_keys(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    fake_write(h, 0x00, 0x604u | RUN_PD);
    assert_int_equal(fake_read(h, 0x00), 0x604u); /* the other bits are taken */
    fake_write(h, 0x04, 0x04152637u);             /* one key is not enough */
    fake_write(h, 0x00, 0x604u | RUN_PD);
    assert_int_equal(fake_read(h, 0x00), 0x604u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 2);
    fake_destroy(h);
}

static void each_write_of_acr_uses_the_keys_up(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    pdkeys(h);
    fake_write(h, 0x00, 0x601u);
    fake_write(h, 0x00, 0x601u | RUN_PD);
    assert_int_equal(fake_read(h, 0x00), 0x601u);
    fake_destroy(h);

    h = powered_down();
    fake_write(h, 0x00, 0x600u); /* clearing wants them again */
    assert_int_equal(fake_read(h, 0x00), 0x600u | RUN_PD);
    fake_destroy(h);
}

static void a_wrong_pdkey_is_a_bus_error_and_locks_run_pd_until_the_next_reset(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    fake_write(h, 0x04, 0xfafbfcfdu); /* the second key first */
    assert_int_equal(h->faults, 1);
    pdkeys(h);
    assert_int_equal(h->faults, 3);
    fake_write(h, 0x00, 0x600u | RUN_PD);
    assert_int_equal(fake_read(h, 0x00), 0x600u);
    fake_reset(h, RESET_SOFTWARE);
    pdkeys(h);
    fake_write(h, 0x00, 0x600u | RUN_PD);
    assert_int_equal(fake_read(h, 0x00), 0x600u | RUN_PD);
    assert_int_equal(h->faults, 3);
    fake_destroy(h);
}

static void a_narrow_pdkey_is_a_wrong_one(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    fake_write_sized(h, 0x04, 2, 0x2637u);
    assert_int_equal(h->faults, 1);
    fake_destroy(h);
}

static void flash_in_power_down_answers_with_bus_errors(void **state)
{
    (void)state;
    struct fake_host *h = powered_down();
    for (uint32_t store = STORE_FLASH_ARRAY; store <= STORE_SYSTEM_2; store++) {
        assert_true(faults(h, ACCESS_READ, store));
        assert_true(faults(h, ACCESS_WRITE, store));
        assert_int_equal(h->trap[store][0], TRAP_READ | TRAP_FETCH);
    }
    assert_int_equal(h->trap[0][1023], TRAP_READ | TRAP_FETCH);
    assert_int_equal(h->device.model->array_fetch(&h->device, STORE_FLASH_ARRAY, 0, 8), ARRAY_BUS_ERROR);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    pdkeys(h);
    fake_write(h, 0x00, 0x600u);
    for (uint32_t store = STORE_FLASH_ARRAY; store <= STORE_SYSTEM_2; store++) {
        assert_false(faults(h, ACCESS_READ, store));
        assert_int_equal(h->trap[store][0], TRAP_NONE);
    }
    fake_destroy(h);
}

static void a_reset_ends_the_power_down(void **state)
{
    (void)state;
    struct fake_host *h = powered_down();
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, 0x00), 0x600u);
    assert_false(faults(h, ACCESS_READ, STORE_FLASH_ARRAY));
    assert_int_equal(h->trap[STORE_FLASH_ARRAY][0], TRAP_NONE);
    assert_int_equal(h->trap[STORE_OTP_AREA][0], TRAP_NONE);
    fake_destroy(h);
}

static void power_down_and_operations_exclude_each_other(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x10002u);
    pdkeys(h);
    fake_write(h, 0x00, 0x600u | RUN_PD);
    assert_int_equal(fake_read(h, 0x00), 0x600u);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
    fake_destroy(h);

    h = powered_down();
    fake_write(h, 0x14, 0x10002u);
    assert_false(h->op_in_flight);
    assert_int_equal(fake_read(h, 0x14), 0x40000002u);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
    fake_write(h, 0x0c, 0x08192a3bu);
    fake_write(h, 0x0c, 0x4c5d6e7fu);
    fake_write(h, 0x14, 0x20000u);
    assert_false(h->op_in_flight);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 2);
    fake_destroy(h);
}

static void sleep_pd_needs_no_keys_and_keeps_other_masters_out_while_the_core_sleeps(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    fake_set_input(h, IN_SLEEP, 1);
    assert_false(faults(h, ACCESS_READ, STORE_FLASH_ARRAY));
    fake_set_input(h, IN_SLEEP, 0);
    fake_write(h, 0x00, 0x600u | SLEEP_PD);
    assert_int_equal(fake_read(h, 0x00), 0x600u | SLEEP_PD);
    assert_false(faults(h, ACCESS_READ, STORE_FLASH_ARRAY));
    fake_set_input(h, IN_SLEEP, 1);
    assert_true(faults(h, ACCESS_READ, STORE_FLASH_ARRAY));
    fake_set_input(h, IN_SLEEP, 0); /* awake: there at once */
    assert_false(faults(h, ACCESS_READ, STORE_FLASH_ARRAY));
    assert_int_equal(fake_count_obs(h, OBS_GAP), 0);
    fake_destroy(h);
}

static void sleep_with_sleep_pd_during_an_operation_is_a_gap(void **state)
{
    (void)state;
    struct fake_host *h = unlocked();
    fake_write(h, 0x14, 0x10002u);
    fake_set_input(h, IN_SLEEP, 1);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 0);
    fake_set_input(h, IN_SLEEP, 0);
    fake_write(h, 0x00, 0x600u | SLEEP_PD);
    fake_set_input(h, IN_SLEEP, 1);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(run_pd_is_set_and_cleared_with_its_keys_as_vendor_code_does),
        T(run_pd_cannot_be_set_without_its_keys),
        T(each_write_of_acr_uses_the_keys_up),
        T(a_wrong_pdkey_is_a_bus_error_and_locks_run_pd_until_the_next_reset),
        T(a_narrow_pdkey_is_a_wrong_one),
        T(flash_in_power_down_answers_with_bus_errors),
        T(a_reset_ends_the_power_down),
        T(power_down_and_operations_exclude_each_other),
        T(sleep_pd_needs_no_keys_and_keeps_other_masters_out_while_the_core_sleeps),
        T(sleep_with_sleep_pd_during_an_operation_is_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
