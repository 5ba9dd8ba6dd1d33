/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Timers of the STM32L476: what the option registers select, by RM0351 30.4.27, 31.4.22, 32.5.19, 32.6.18, and
 * freezing.
 *
 * LSI is 32 kHz: a period is 2500 timer clocks, with its first falling edge at clock 1250. Counting begins one clock
 * after CEN, so at clock n the counter is n - 1.
 */
#include "tim_fixture.h"

#define LSI 1u /* TIM16_OR1.TI1_RMP */
#define RTC 3u

/** TIM16 with LSI at TI1, capturing and counting from time 0. */
static struct fake_host *measuring(uint32_t ccmr1, uint32_t ccer, uint32_t dier)
{
    struct fake_host *h = tim16();
    fake_set_input(h, IN_CLOCK1, 32000u);
    fake_write(h, OR1, LSI);
    fake_write(h, CCMR1, ccmr1);
    fake_write(h, CCER, ccer);
    fake_write(h, DIER, dier);
    enable(h, 0);
    return h;
}

static void lsi_is_captured_at_each_rising_edge(void **state)
{
    (void)state;
    struct fake_host *h = measuring(1u, 1u, 2u);
    clocks(h, 2498);
    assert_int_equal(h->output[OUT_IRQ], 0);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_IRQ], 1);
    assert_int_equal(fake_read(h, CCR1), 2499u);
    assert_int_equal(h->output[OUT_IRQ], 0); /* reading it cleared the flag */
    clocks(h, 2500);
    assert_int_equal(h->output[OUT_IRQ], 1);
    assert_int_equal(fake_read(h, CCR1), 4999u);
    fake_destroy(h);
}

static void polarity_and_prescaler_apply_to_an_oscillator(void **state)
{
    (void)state;
    static const struct {
        uint32_t ccmr1, ccer, first, second;
    } cases[] = {
        {0x01u, 0x3u, 1249u, 3749u},   /* falling */
        {0x01u, 0xbu, 1249u, 2499u},   /* both */
        {0x05u, 0x1u, 4999u, 9999u},   /* each second */
        {0x0du, 0x1u, 19999u, 39999u}, /* each eighth */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = measuring(cases[i].ccmr1, cases[i].ccer, 2u);
        clocks(h, cases[i].first - 1u);
        assert_int_equal(h->output[OUT_IRQ], 0);
        clocks(h, 1);
        assert_int_equal(h->output[OUT_IRQ], 1);
        assert_int_equal(fake_read(h, CCR1), cases[i].first);
        clocks(h, cases[i].second - cases[i].first);
        assert_int_equal(h->output[OUT_IRQ], 1);
        assert_int_equal(fake_read(h, CCR1), cases[i].second);
        fake_destroy(h);
    }
}

static void captures_that_nobody_waits_for_need_no_event(void **state)
{
    (void)state;
    struct fake_host *h = measuring(1u, 1u, 0);
    assert_false(scheduled(h));
    clocks(h, 79999); /* 1 ms: the 32nd edge is now, 79999 steps after 0 */
    assert_int_equal(fake_read(h, SR), 0x203u);
    assert_int_equal(fake_read(h, CCR1), 79999u - 65536u);
    assert_false(scheduled(h));
    fake_destroy(h);
}

static void a_set_flag_is_not_waited_for_and_a_dma_request_is(void **state)
{
    (void)state;
    struct fake_host *h = measuring(1u, 1u, 2u);
    clocks(h, 2500);
    assert_int_equal(h->output[OUT_IRQ], 1);
    assert_false(scheduled(h));
    fake_write(h, DIER, 0x200u);
    assert_true(scheduled(h));
    assert_int_equal(h->due_ps[0], 5000u * CLOCK);
    fake_write(h, CCER, 0);
    assert_false(scheduled(h));
    fake_destroy(h);
}

static void one_capture_of_two_reads_sets_no_overcapture(void **state)
{
    (void)state;
    struct fake_host *h = measuring(1u, 1u, 0);
    clocks(h, 2600);
    assert_int_equal(fake_read(h, SR), 0x002u);
    clocks(h, 2500);
    assert_int_equal(fake_read(h, SR), 0x202u);
    assert_int_equal(fake_read(h, CCR1), 4999u);
    fake_destroy(h);
}

static void an_oscillator_that_stops_gives_no_edges(void **state)
{
    (void)state;
    struct fake_host *h = measuring(1u, 1u, 2u);
    fake_set_input(h, IN_CLOCK1, 0);
    assert_false(scheduled(h));
    clocks(h, 10000);
    assert_int_equal(fake_read(h, SR), 0);
    fake_set_input(h, IN_CLOCK1, 32000u); /* 10001 clocks: the next edge is at 12500 */
    assert_int_equal(h->due_ps[0], 12500u * CLOCK);
    fake_destroy(h);
}

static void edges_are_lost_while_the_timer_has_no_clock(void **state)
{
    (void)state;
    struct fake_host *h = measuring(1u, 1u, 2u);
    fake_set_input(h, 0, 0);
    fake_run(h, 10000u * CLOCK);
    fake_set_input(h, 0, 80000000u);
    assert_int_equal(fake_read(h, SR), 0);
    assert_int_equal(h->due_ps[0], 12500u * CLOCK);
    fake_destroy(h);
}

static void a_filter_longer_than_a_half_period_passes_nothing(void **state)
{
    (void)state;
    /* IC1F = 15: 8 samples, 32 clocks each: 256 clocks are less than 1250. At 200 kHz a half-period has 200. */
    struct fake_host *h = measuring(0xf1u, 1u, 0);
    clocks(h, 3000);
    assert_int_equal(fake_read(h, SR), 0x002u);
    assert_int_equal(fake_read(h, CCR1), 2499u);
    fake_set_input(h, IN_CLOCK1, 200000u);
    clocks(h, 3000);
    assert_int_equal(fake_read(h, SR), 0);
    fake_destroy(h);
}

static void a_rtc_wake_up_is_captured(void **state)
{
    (void)state;
    struct fake_host *h = tim16();
    fake_write(h, OR1, RTC);
    fake_write(h, CCMR1, 1u);
    fake_write(h, CCER, 1u);
    enable(h, 0);
    clocks(h, 100);
    fake_set_input(h, IN_RTC, 1);
    assert_int_equal(fake_read(h, SR), 2u);
    assert_int_equal(fake_read(h, CCR1), 100u);
    fake_destroy(h);
}

static void the_pin_is_cut_off_while_something_else_is_selected(void **state)
{
    (void)state;
    struct fake_host *h = tim16();
    fake_write(h, CCMR1, 1u);
    fake_write(h, CCER, 1u);
    fake_write(h, OR1, RTC);
    enable(h, 0);
    fake_set_input(h, IN_TI1, PIN_HIGH);
    assert_int_equal(fake_read(h, SR), 0);
    fake_write(h, OR1, 0); /* back to the pin, which is high */
    assert_int_equal(fake_read(h, SR), 2u);
    fake_destroy(h);
}

static void lse_counts_at_etr_of_tim2(void **state)
{
    (void)state;
    for (uint32_t prescaler = 0; prescaler <= 3u; prescaler += 3u) {
        struct fake_host *h = tim2();
        fake_set_input(h, IN_CLOCK1, 32768u);
        fake_write(h, OR1, 2u);
        fake_write(h, SMCR, 0x4000u | prescaler << 12);
        enable(h, 0);
        fake_run_until(h, PS_PER_S - 1u);
        assert_int_equal(fake_read(h, CNT), (32768u >> prescaler) - 1u);
        fake_run_until(h, PS_PER_S);
        assert_int_equal(fake_read(h, CNT), 32768u >> prescaler);
        fake_destroy(h);
    }
}

static void lse_resets_tim15_and_its_period_is_captured(void **state)
{
    (void)state;
    struct fake_host *h = tim15();
    fake_set_input(h, IN_CLOCK1, 32768u);
    fake_write(h, OR1, 1u);
    fake_write(h, CCMR1, 1u);
    fake_write(h, CCER, 1u);
    fake_write(h, SMCR, 0x54u); /* TI1FP1, reset mode */
    enable(h, 0);
    fake_run_until(h, 62u * PS_PER_US); /* rising edges at clocks 2441.4 and 4882.8 */
    assert_int_equal(fake_read(h, CCR1), 2441u);
    assert_int_equal(fake_read(h, CNT), 4960u - 4882u);
    fake_destroy(h);
}

static void comparators_replace_ti1_and_etr(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, OR1, 1u);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1); /* nothing drives it */
    fake_destroy(h);

    h = tim3();
    fake_set_input(h, IN_COMP1, PIN_LOW);
    fake_set_input(h, IN_COMP2, PIN_LOW);
    fake_write(h, OR1, 3u); /* either */
    fake_write(h, CCMR1, 1u);
    fake_write(h, CCER, 1u);
    enable(h, 0);
    clocks(h, 7);
    fake_set_input(h, IN_COMP2, PIN_HIGH);
    assert_int_equal(fake_read(h, CCR1), 7u);
    fake_set_input(h, IN_COMP1, PIN_HIGH); /* no edge: the other is high */
    fake_set_input(h, IN_COMP2, PIN_LOW);
    assert_int_equal(fake_read(h, SR), 0);
    fake_write(h, OR2, 1u << 14); /* ETR: COMP1 */
    fake_write(h, SMCR, 0x4000u);
    fake_set_input(h, IN_COMP1, PIN_LOW);
    uint32_t count = fake_read(h, CNT);
    fake_set_input(h, IN_COMP1, PIN_HIGH);
    assert_int_equal(fake_read(h, CNT), count + 1u);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 0);
    fake_destroy(h);
}

static void a_comparator_breaks_by_its_polarity(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_set_input(h, IN_COMP1, PIN_LOW);
    fake_write(h, OR2, 2u);       /* BKCMP1E */
    fake_write(h, BDTR, 0xb000u); /* MOE, BKP, BKE */
    assert_int_equal(fake_read(h, SR), 0);
    fake_set_input(h, IN_COMP1, PIN_HIGH);
    assert_int_equal(fake_read(h, SR), 0x80u);
    assert_int_equal(fake_read(h, BDTR), 0x3000u);
    fake_set_input(h, IN_COMP1, PIN_LOW);
    fake_write(h, SR, 0);
    fake_write(h, BDTR, 0xb000u);
    assert_int_equal(fake_read(h, SR), 0);
    fake_write(h, OR2, 0x402u); /* BKCMP1P: inverted */
    assert_int_equal(fake_read(h, SR), 0x80u);
    fake_destroy(h);
}

static void a_frozen_timer_stands_still_and_switches_its_outputs_off(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_write(h, ARR, 9);
    fake_write(h, CCR1, 4);
    fake_write(h, CCMR1, 0x60u);
    fake_write(h, CCER, 1);
    fake_write(h, BDTR, 0x8000u);
    enable(h, 0);
    clocks(h, 2);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    fake_set_input(h, IN_FREEZE, 1);
    assert_int_equal(h->output[OUT_CH1], PIN_RELEASED); /* OSSI = 0 */
    clocks(h, 1000);
    assert_int_equal(fake_read(h, CNT), 2u);
    fake_set_input(h, IN_FREEZE, 0);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    clocks(h, 3);
    assert_int_equal(fake_read(h, CNT), 5u);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(lsi_is_captured_at_each_rising_edge),
        T(polarity_and_prescaler_apply_to_an_oscillator),
        T(captures_that_nobody_waits_for_need_no_event),
        T(a_set_flag_is_not_waited_for_and_a_dma_request_is),
        T(one_capture_of_two_reads_sets_no_overcapture),
        T(an_oscillator_that_stops_gives_no_edges),
        T(edges_are_lost_while_the_timer_has_no_clock),
        T(a_filter_longer_than_a_half_period_passes_nothing),
        T(a_rtc_wake_up_is_captured),
        T(the_pin_is_cut_off_while_something_else_is_selected),
        T(lse_counts_at_etr_of_tim2),
        T(lse_resets_tim15_and_its_period_is_captured),
        T(comparators_replace_ti1_and_etr),
        T(a_comparator_breaks_by_its_polarity),
        T(a_frozen_timer_stands_still_and_switches_its_outputs_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
