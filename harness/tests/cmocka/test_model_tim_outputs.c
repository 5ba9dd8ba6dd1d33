/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Timers of the STM32L476: compare and outputs, by RM0351 chapters 30 to 33. */
#include "tim_fixture.h"

/* --- output compare ------------------------------------------------------------------------ */
static void pwm_is_high_up_to_the_compare_value(void **state)
{
    (void)state;
    for (uint32_t mode = 6; mode <= 7u; mode++) {
        struct fake_host *h = compare(mode);
        uint64_t first = mode == 6u ? PIN_HIGH : PIN_LOW, second = mode == 6u ? PIN_LOW : PIN_HIGH;
        enable(h, 0);
        for (uint32_t period = 0; period < 3u; period++) {
            assert_int_equal(h->output[OUT_CH1], first);
            clocks(h, 3);
            assert_int_equal(h->output[OUT_CH1], first);
            clocks(h, 1);
            assert_int_equal(h->output[OUT_CH1], second);
            clocks(h, 5);
            assert_int_equal(h->output[OUT_CH1], second);
            clocks(h, 1);
        }
        fake_destroy(h);
    }
}

static void pwm_of_zero_and_of_more_than_the_period_never_changes(void **state)
{
    (void)state;
    struct fake_host *h = compare(6);
    fake_write(h, CCR1, 0);
    enable(h, 0);
    for (uint32_t i = 0; i < 25u; i++, clocks(h, 1))
        assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    fake_write(h, CCR1, 10);
    for (uint32_t i = 0; i < 25u; i++, clocks(h, 1))
        assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    fake_destroy(h);
}

static void centred_pwm_is_symmetric(void **state)
{
    (void)state;
    /* RM0351 31.3.10: ARR 8, CCR 4: high at 0..3 going up, at 4..1 going down. */
    struct fake_host *h = compare(6);
    fake_write(h, ARR, 8);
    enable(h, 0x60u);
    for (uint32_t i = 0; i < 32u; i++) {
        uint32_t at = i % 16u;
        assert_int_equal(h->output[OUT_CH1], at < 4u || at >= 12u ? PIN_HIGH : PIN_LOW);
        clocks(h, 1);
    }
    fake_destroy(h);
}

static void a_match_makes_the_output_active_inactive_or_the_other(void **state)
{
    (void)state;
    struct fake_host *h = compare(1);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    enable(h, 0);
    clocks(h, 3);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    fake_write(h, CCMR1, 0x20u);
    clocks(h, 9);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    fake_write(h, CCMR1, 0x30u);
    clocks(h, 10);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    clocks(h, 10);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    fake_write(h, CCMR1, 0x50u);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    fake_write(h, CCMR1, 0);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH); /* frozen */
    fake_write(h, CCMR1, 0x40u);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    fake_write(h, CCER, 3u);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH); /* inverted */
    fake_write(h, CCER, 0);
    assert_int_equal(h->output[OUT_CH1], PIN_RELEASED);
    fake_destroy(h);
}

static void a_compare_interrupt_comes_at_its_clock_again_and_again(void **state)
{
    (void)state;
    struct fake_host *h = compare(0);
    fake_write(h, CCER, 0);
    fake_write(h, DIER, 2u);
    enable(h, 0);
    clocks(h, 3);
    assert_int_equal(h->output[OUT_IRQ], 0);
    for (uint32_t i = 0; i < 3u; i++) {
        clocks(h, 1);
        assert_int_equal(h->output[OUT_IRQ], 1);
        fake_write(h, SR, ~2u);
        clocks(h, 9);
        assert_int_equal(h->output[OUT_IRQ], 0);
    }
    fake_destroy(h);
}

static void a_preloaded_compare_value_waits_for_the_update(void **state)
{
    (void)state;
    struct fake_host *h = compare(6);
    fake_write(h, CCMR1, 0x68u);
    fake_write(h, EGR, 1);
    enable(h, 0);
    fake_write(h, CCR1, 8);
    assert_int_equal(fake_read(h, CCR1), 8);
    clocks(h, 4);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    clocks(h, 6 + 7);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    fake_destroy(h);
}

/* --- advanced outputs ---------------------------------------------------------------------- */
static void outputs_of_an_advanced_timer_need_moe(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_write(h, CCMR1, 0x50u);
    fake_write(h, CCER, 5u);
    assert_int_equal(h->output[OUT_CH1], PIN_RELEASED);
    fake_write(h, BDTR, 0x8000u);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    assert_int_equal(h->output[OUT_CH1N], PIN_LOW);
    fake_write(h, BDTR, 0x0400u); /* OSSI: idle levels */
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    fake_write(h, CR2, 0x100u); /* OIS1 */
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    fake_destroy(h);
}

static void dead_time_delays_the_rising_edges_of_both_outputs(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_write(h, ARR, 99);
    fake_write(h, CCR1, 50);
    fake_write(h, CCMR1, 0x60u);
    fake_write(h, CCER, 5u);
    fake_write(h, BDTR, 0x8000u | 10u);
    enable(h, 0);
    clocks(h, 49);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    clocks(h, 1); /* OC1REF falls */
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    assert_int_equal(h->output[OUT_CH1N], PIN_LOW);
    clocks(h, 9);
    assert_int_equal(h->output[OUT_CH1N], PIN_LOW);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_CH1N], PIN_HIGH);
    clocks(h, 40); /* OC1REF rises */
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    assert_int_equal(h->output[OUT_CH1N], PIN_LOW);
    clocks(h, 10);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    fake_destroy(h);
}

static void a_break_switches_the_outputs_off_until_moe_is_set_again(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_write(h, CCMR1, 0x50u);
    fake_write(h, CCER, 1u);
    fake_write(h, DIER, 0x80u);
    fake_write(h, BDTR, 0xb000u); /* MOE, BKE, active high */
    fake_set_input(h, IN_BKIN, PIN_HIGH);
    assert_int_equal(h->output[OUT_CH1], PIN_RELEASED);
    assert_int_equal(h->output[OUT_IRQ_BRK], 1);
    assert_int_equal(fake_read(h, BDTR), 0x3000u);
    fake_write(h, SR, 0); /* comes back while the input is active */
    assert_int_equal(fake_read(h, SR), 0x80u);
    fake_set_input(h, IN_BKIN, PIN_LOW);
    fake_write(h, SR, 0);
    fake_write(h, BDTR, 0xb000u);
    assert_int_equal(fake_read(h, SR), 0);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    fake_destroy(h);
}

/* RM0351 30.4.20: AOE sets MOE at the next update event only if no break input is active. */
static void aoe_waits_until_the_break_input_is_inactive(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_write(h, ARR, 9u);
    fake_write(h, BDTR, 0xf000u); /* MOE, AOE, BKE, active high */
    fake_write(h, CR1, 1u);
    fake_set_input(h, IN_BKIN, PIN_HIGH);
    fake_run(h, 100000000u); /* many periods */
    assert_int_equal(fake_read(h, BDTR), 0x7000u);
    fake_set_input(h, IN_BKIN, PIN_LOW);
    fake_run(h, 100000000u);
    assert_int_equal(fake_read(h, BDTR), 0xf000u);
    fake_destroy(h);
}

static void lock_level_1_freezes_break_and_dead_time(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_write(h, BDTR, 0x0155u);
    fake_write(h, BDTR, 0xffffffffu);
    assert_int_equal(fake_read(h, BDTR), 0x8d55u); /* MOE, OSSR, OSSI alone */
    fake_write(h, CR2, 0xffffffffu);
    assert_int_equal(fake_read(h, CR2), 0x00f000fdu);
    fake_destroy(h);
}

static void a_com_event_brings_preloaded_channel_modes(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_write(h, CR2, 1u); /* CCPC */
    fake_write(h, BDTR, 0x8000u);
    fake_write(h, CCMR1, 0x50u);
    fake_write(h, CCER, 1u);
    assert_int_equal(h->output[OUT_CH1], PIN_RELEASED);
    fake_write(h, EGR, 0x20u);
    assert_int_equal(fake_read(h, SR), 0x20u);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(pwm_is_high_up_to_the_compare_value),
        T(pwm_of_zero_and_of_more_than_the_period_never_changes),
        T(centred_pwm_is_symmetric),
        T(a_match_makes_the_output_active_inactive_or_the_other),
        T(a_compare_interrupt_comes_at_its_clock_again_and_again),
        T(a_preloaded_compare_value_waits_for_the_update),
        T(outputs_of_an_advanced_timer_need_moe),
        T(dead_time_delays_the_rising_edges_of_both_outputs),
        T(a_break_switches_the_outputs_off_until_moe_is_set_again),
        T(aoe_waits_until_the_break_input_is_inactive),
        T(lock_level_1_freezes_break_and_dead_time),
        T(a_com_event_brings_preloaded_channel_modes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
