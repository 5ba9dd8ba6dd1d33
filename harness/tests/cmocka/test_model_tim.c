/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Timers of the STM32L476: registers, time base and inputs, by RM0351 chapters 30 to 33. */
#include "tim_fixture.h"

/* --- registers ----------------------------------------------------------------------------- */
static void advanced_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"CR2", 0x04, 0, 0x00f57ffdu, 0},
        {"SMCR", 0x08, 0, 0x0001ffffu, 0},
        {"DIER", 0x0c, 0, 0x7fffu, 0},
        {"SR", 0x10, 0, 0, 0},
        {"EGR", 0x14, 0, 0, 0},
        {"CCMR1", 0x18, 0, 0x0101ffffu, 0},
        {"CCMR2", 0x1c, 0, 0x0101ffffu, 0},
        {"CCER", 0x20, 0, 0x0033bfffu, 0},
        {"CNT", 0x24, 0, 0xffffu, 0},
        {"PSC", 0x28, 0, 0xffffu, 0},
        {"ARR", 0x2c, 0xffffu, 0xffffu, 0},
        {"RCR", 0x30, 0, 0xffffu, 0},
        {"CCR1", 0x34, 0, 0xffffu, 0},
        {"CCR4", 0x40, 0, 0xffffu, 0},
        {"DCR", 0x48, 0, 0x1f1fu, 0},
        {"OR1", 0x50, 0, 0x1fu, 0},
        {"CCMR3", 0x54, 0, 0x0101fcfcu, 0},
        {"CCR5", 0x58, 0, 0xe000ffffu, 0},
        {"CCR6", 0x5c, 0, 0xffffu, 0},
        {"OR2", 0x60, 1, 0x0001cf07u, 0},
        {"OR3", 0x64, 1, 0xf07u, 0},
    };
    check_registers(tim1, expected, ARRAY_LENGTH(expected));
}

static void wide_and_basic_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect of_tim2[] = {
        {"CR2", 0x04, 0, 0xf8u, 0},       {"DIER", 0x0c, 0, 0x5f5fu, 0},     {"CCER", 0x20, 0, 0xbbbbu, 0},
        {"CNT", 0x24, 0, 0xffffffffu, 0}, {"CCR2", 0x38, 0, 0xffffffffu, 0}, {"ARR", 0x2c, 0xffffffffu, 0xffffffffu, 0},
    };
    static const struct reg_expect of_tim6[] = {
        {"CR2", 0x04, 0, 0x70u, 0},
        {"DIER", 0x0c, 0, 0x101u, 0},
        {"ARR", 0x2c, 0xffffu, 0xffffu, 0},
    };
    check_registers(tim2, of_tim2, ARRAY_LENGTH(of_tim2));
    check_registers(tim6, of_tim6, ARRAY_LENGTH(of_tim6));
}

static void an_address_that_a_basic_timer_lacks_is_a_mistake(void **state)
{
    (void)state;
    struct fake_host *h = tim6();
    fake_write(h, CCR1, 5);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

/* --- time base ----------------------------------------------------------------------------- */
static void the_counter_steps_each_clock_and_needs_no_event(void **state)
{
    (void)state;
    struct fake_host *h = tim2();
    fake_write(h, CR1, 1u);
    assert_false(scheduled(h));
    clocks(h, 1);
    assert_int_equal(fake_read(h, CNT), 0);
    clocks(h, 1);
    assert_int_equal(fake_read(h, CNT), 1);
    clocks(h, 80000000u);
    assert_int_equal(fake_read(h, CNT), 80000001u);
    fake_run(h, CLOCK - 1u);
    assert_int_equal(fake_read(h, CNT), 80000001u);
    fake_run(h, 1);
    assert_int_equal(fake_read(h, CNT), 80000002u);
    assert_false(scheduled(h));
    fake_write(h, CR1, 0);
    clocks(h, 1000);
    assert_int_equal(fake_read(h, CNT), 80000002u);
    fake_destroy(h);
}

static void a_frequency_that_does_not_divide_a_second_keeps_exact_count(void **state)
{
    (void)state;
    /* 48 MHz: clock n begins at floor(n * 20833.33 ps). */
    struct fake_host *h = fake_create(&stm32_tim2_model, &wide);
    h->input[0] = 48000000u;
    fake_power_on(h);
    fake_write(h, CR1, 1u);
    fake_run_until(h, 20833u); /* the clock after CEN */
    for (uint64_t n = 1; n < 300u; n++) {
        fake_run_until(h, (n + 1u) * 1000000u / 48u - 1u);
        assert_int_equal(fake_read(h, CNT), n - 1u);
        fake_run_until(h, (n + 1u) * 1000000u / 48u);
        assert_int_equal(fake_read(h, CNT), n);
    }
    fake_destroy(h);
}

static void the_update_interrupt_comes_at_its_exact_clock(void **state)
{
    (void)state;
    struct fake_host *h = tim6();
    fake_write(h, PSC, 79);
    fake_write(h, ARR, 999);
    fake_write(h, EGR, 1);
    assert_int_equal(fake_read(h, SR), 1); /* UG sets UIF */
    fake_write(h, SR, 0);
    fake_write(h, DIER, 1);
    enable(h, 0);
    clocks(h, 80000u - 1u); /* 1 ms */
    assert_int_equal(h->output[OUT_IRQ], 0);
    assert_int_equal(fake_read(h, CNT), 999);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_IRQ], 1);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_write(h, SR, 0);
    assert_int_equal(h->output[OUT_IRQ], 0);
    clocks(h, 80000u - 1u);
    assert_int_equal(h->output[OUT_IRQ], 0);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_IRQ], 1);
    fake_destroy(h);
}

static void prescaler_is_taken_at_the_update_and_arr_at_once_without_arpe(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, ARR, 9);
    enable(h, 0);
    fake_write(h, PSC, 1); /* from the next update event on */
    clocks(h, 9);
    assert_int_equal(fake_read(h, CNT), 9);
    clocks(h, 1);
    assert_int_equal(fake_read(h, CNT), 0);
    clocks(h, 2);
    assert_int_equal(fake_read(h, CNT), 1);
    fake_write(h, ARR, 1);
    clocks(h, 2);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_destroy(h);
}

static void with_arpe_a_new_period_begins_at_the_update(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, CR1, 0x80u);
    fake_write(h, ARR, 9);
    fake_write(h, EGR, 1);
    enable(h, 0x80u);
    fake_write(h, ARR, 4);
    clocks(h, 9);
    assert_int_equal(fake_read(h, CNT), 9);
    clocks(h, 5);
    assert_int_equal(fake_read(h, CNT), 4);
    clocks(h, 1);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_destroy(h);
}

static void a_counter_beyond_arr_runs_to_its_end_without_an_update(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, ARR, 100);
    fake_write(h, CNT, 0xfff0u);
    enable(h, 0);
    clocks(h, 15);
    assert_int_equal(fake_read(h, CNT), 0xffffu);
    clocks(h, 1);
    assert_int_equal(fake_read(h, CNT), 0);
    assert_int_equal(fake_read(h, SR) & 1u, 0);
    clocks(h, 101);
    assert_int_equal(fake_read(h, SR) & 1u, 1);
    fake_destroy(h);
}

static void counting_down_ends_at_zero_and_reloads(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, ARR, 9);
    fake_write(h, CR1, 0x10u);
    fake_write(h, EGR, 1);
    fake_write(h, SR, 0);
    assert_int_equal(fake_read(h, CNT), 9);
    enable(h, 0x10u);
    clocks(h, 9);
    assert_int_equal(fake_read(h, CNT), 0);
    assert_int_equal(fake_read(h, SR) & 1u, 0);
    clocks(h, 1);
    assert_int_equal(fake_read(h, CNT), 9);
    assert_int_equal(fake_read(h, SR) & 1u, 1);
    fake_destroy(h);
}

static void centred_counting_turns_at_arr_and_at_zero(void **state)
{
    (void)state;
    static const uint8_t values[] = {1, 2, 3, 4, 3, 2, 1, 0, 1, 2};
    struct fake_host *h = tim3();
    fake_write(h, ARR, 4);
    enable(h, 0x60u);
    for (uint32_t i = 0; i < ARRAY_LENGTH(values); i++) {
        clocks(h, 1);
        assert_int_equal(fake_read(h, CNT), values[i]);
        assert_int_equal(fake_read(h, CR1) >> 4 & 1u, i >= 3u && i < 7u);
        assert_int_equal(fake_read(h, SR) & 1u, i == 3u || i == 7u);
        fake_write(h, SR, 0);
    }
    fake_destroy(h);
}

static void long_times_are_computed_and_not_counted(void **state)
{
    (void)state;
    /* 1000 s at 80 MHz, a period of 7 x 3 clocks: 8e10 = 21 * 3809523809 + 11, 11 / 3 = 3 whole steps. */
    struct fake_host *h = tim3();
    fake_write(h, PSC, 2);
    fake_write(h, ARR, 6);
    fake_write(h, EGR, 1);
    fake_write(h, SR, 0);
    enable(h, 0);
    clocks(h, 80000000000ull);
    assert_int_equal(fake_read(h, CNT), 3);
    assert_int_equal(fake_read(h, SR) & 1u, 1);
    fake_destroy(h);
}

static void one_pulse_mode_stops_at_the_update(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, ARR, 9);
    enable(h, 8u);
    clocks(h, 9);
    assert_int_equal(fake_read(h, CR1), 9u);
    clocks(h, 1);
    assert_int_equal(fake_read(h, CR1), 8u);
    clocks(h, 100);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_destroy(h);
}

static void udis_and_urs_hold_the_update_back(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, CR1, 4u); /* URS */
    fake_write(h, EGR, 1);
    assert_int_equal(fake_read(h, SR), 0);
    fake_write(h, CR1, 2u); /* UDIS */
    fake_write(h, PSC, 7);
    fake_write(h, CNT, 5);
    fake_write(h, EGR, 1);
    assert_int_equal(fake_read(h, SR), 0);
    assert_int_equal(fake_read(h, CNT), 0); /* the counter restarts all the same */
    enable(h, 2u);
    clocks(h, 3);
    assert_int_equal(fake_read(h, CNT), 3); /* PSC not taken */
    fake_destroy(h);
}

static void the_repetition_counter_lets_every_third_overflow_through(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_write(h, ARR, 9);
    fake_write(h, RCR, 2);
    fake_write(h, EGR, 1);
    fake_write(h, SR, 0);
    fake_write(h, DIER, 1);
    enable(h, 0);
    clocks(h, 29);
    assert_int_equal(h->output[OUT_IRQ_UP], 0);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_IRQ_UP], 1);
    fake_destroy(h);
}

static void uifremap_copies_the_flag_into_the_counter(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, CR1, 0x800u);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_write(h, EGR, 1);
    assert_int_equal(fake_read(h, CNT), 0x80000000u);
    fake_destroy(h);
}

static void a_status_flag_is_cleared_by_zero_and_kept_by_one(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, EGR, 0x5fu);
    assert_int_equal(fake_read(h, SR), 0x5fu);
    fake_write(h, SR, ~0x02u);
    assert_int_equal(fake_read(h, SR), 0x5du);
    fake_write(h, SR, 0xffffffffu);
    assert_int_equal(fake_read(h, SR), 0x5du);
    fake_write(h, SR, 0);
    assert_int_equal(fake_read(h, SR), 0);
    fake_destroy(h);
}

static void a_new_timer_clock_counts_on_at_its_own_pace(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    enable(h, 0);
    clocks(h, 10);
    fake_set_input(h, 0, 40000000u);
    clocks(h, 10);
    assert_int_equal(fake_read(h, CNT), 15);
    fake_set_input(h, 0, 0);
    clocks(h, 10);
    fake_set_input(h, 0, 80000000u);
    clocks(h, 1);
    assert_int_equal(fake_read(h, CNT), 16);
    fake_destroy(h);
}

/* --- capture ------------------------------------------------------------------------------- */
static struct fake_host *capture(uint32_t ccmr1, uint32_t ccer)
{
    struct fake_host *h = tim3();
    fake_write(h, CCMR1, ccmr1);
    fake_write(h, CCER, ccer);
    fake_set_input(h, IN_TI1, PIN_LOW);
    enable(h, 0);
    return h;
}

static void a_rising_edge_captures_the_counter(void **state)
{
    (void)state;
    struct fake_host *h = capture(1u, 1u);
    fake_write(h, DIER, 2u);
    clocks(h, 123);
    fake_set_input(h, IN_TI1, PIN_HIGH);
    assert_int_equal(h->output[OUT_IRQ], 1);
    clocks(h, 10);
    fake_set_input(h, IN_TI1, PIN_LOW);
    assert_int_equal(fake_read(h, CCR1), 123);
    assert_int_equal(fake_read(h, SR), 0); /* reading clears CC1IF */
    assert_int_equal(h->output[OUT_IRQ], 0);
    fake_set_input(h, IN_TI1, PIN_HIGH);
    fake_set_input(h, IN_TI1, PIN_LOW);
    fake_set_input(h, IN_TI1, PIN_HIGH);
    assert_int_equal(fake_read(h, SR), 0x202u); /* overcapture */
    assert_int_equal(fake_read(h, CCR1), 133);
    fake_destroy(h);
}

static void polarity_and_prescaler_choose_the_edges(void **state)
{
    (void)state;
    static const struct {
        uint32_t ccer, ccmr, expected;
    } cases[] = {
        {0x1u, 0x1u, 1}, {0x3u, 0x1u, 3}, {0xbu, 0x1u, 7}, {0x1u, 0x5u, 5}, {0xbu, 0x9u, 7},
    };
    /* edges at 1 (up), 3 (down), 5 (up), 7 (down); all before the last one wanted are read away */
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = capture(cases[i].ccmr, cases[i].ccer);
        uint32_t first = 0;
        clocks(h, 1);
        for (uint32_t edge = 0; edge < 4u; edge++) {
            fake_set_input(h, IN_TI1, edge % 2u == 0 ? PIN_HIGH : PIN_LOW);
            if (cases[i].ccer != 0xbu && first == 0 && (fake_read(h, SR) & 2u) != 0)
                first = fake_read(h, CCR1);
            clocks(h, 2);
        }
        assert_int_equal(cases[i].ccer == 0xbu ? fake_read(h, CCR1) : first, cases[i].expected);
        fake_destroy(h);
    }
}

static void the_filter_swallows_short_pulses_and_delays_long_ones(void **state)
{
    (void)state;
    struct fake_host *h = capture(0x31u, 1u); /* 8 samples */
    clocks(h, 10);
    fake_set_input(h, IN_TI1, PIN_HIGH);
    clocks(h, 7);
    fake_set_input(h, IN_TI1, PIN_LOW);
    clocks(h, 20);
    assert_int_equal(fake_read(h, SR), 0);
    fake_set_input(h, IN_TI1, PIN_HIGH); /* at 37 */
    clocks(h, 20);
    assert_int_equal(fake_read(h, SR), 2u);
    assert_int_equal(fake_read(h, CCR1), 45);
    fake_destroy(h);
}

static void pwm_input_measures_period_and_width(void **state)
{
    (void)state;
    /* RM0351 31.3.7: channel 1 on rising, channel 2 on falling edges of TI1, reset by TI1FP1. */
    struct fake_host *h = capture(0x0201u, 0x31u);
    fake_write(h, SMCR, 0x54u);
    for (uint32_t i = 0; i < 3u; i++) {
        fake_set_input(h, IN_TI1, PIN_HIGH);
        clocks(h, 30);
        fake_set_input(h, IN_TI1, PIN_LOW);
        clocks(h, 70);
    }
    fake_set_input(h, IN_TI1, PIN_HIGH);
    assert_int_equal(fake_read(h, CCR1), 100);
    assert_int_equal(fake_read(h, CCR2), 30);
    fake_destroy(h);
}

/* --- slave modes --------------------------------------------------------------------------- */
static void gated_mode_counts_while_the_trigger_is_high(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, SMCR, 0x05u); /* ITR0 */
    enable(h, 0);
    clocks(h, 10);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_set_input(h, IN_ITR0, PIN_HIGH);
    clocks(h, 10);
    fake_set_input(h, IN_ITR0, PIN_LOW);
    clocks(h, 10);
    assert_int_equal(fake_read(h, CNT), 10);
    assert_int_equal(fake_read(h, SR), 0x40u);
    fake_destroy(h);
}

static void a_trigger_starts_a_single_pulse(void **state)
{
    (void)state;
    struct fake_host *h = compare(7); /* low for 4 clocks, high for 6 */
    fake_write(h, CR1, 8u);
    fake_write(h, SMCR, 0x66u); /* TI2FP2, trigger mode */
    fake_write(h, CCMR1, 0x170u);
    fake_set_input(h, IN_TI2, PIN_HIGH);
    assert_int_equal(fake_read(h, CR1), 9u);
    clocks(h, 1 + 3);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    clocks(h, 5);
    assert_int_equal(h->output[OUT_CH1], PIN_HIGH);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_CH1], PIN_LOW);
    assert_int_equal(fake_read(h, CR1), 8u);
    fake_destroy(h);
}

static void external_clocks_count_edges_and_pulses(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, SMCR, 0x07u); /* ITR0, external clock mode 1 */
    enable(h, 0);
    for (uint32_t i = 0; i < 5u; i++) {
        h->input[IN_ITR0] = PULSE;
        h->device.model->on_input(&h->device, IN_ITR0, PULSE);
    }
    clocks(h, 100);
    assert_int_equal(fake_read(h, CNT), 5);
    fake_write(h, SMCR, 0x4000u | 1u << 12); /* ECE, ETR divided by 2 */
    for (uint32_t i = 0; i < 6u; i++) {
        fake_set_input(h, IN_ETR, PIN_HIGH);
        fake_set_input(h, IN_ETR, PIN_LOW);
    }
    assert_int_equal(fake_read(h, CNT), 8);
    fake_destroy(h);
}

static void the_encoder_counts_up_and_down(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, CCMR1, 0x0101u);
    fake_write(h, SMCR, 3u);
    enable(h, 0);
    for (uint32_t turn = 0; turn < 2u; turn++) { /* TI1 leads */
        fake_set_input(h, IN_TI1, PIN_HIGH);
        fake_set_input(h, IN_TI2, PIN_HIGH);
        fake_set_input(h, IN_TI1, PIN_LOW);
        fake_set_input(h, IN_TI2, PIN_LOW);
    }
    assert_int_equal(fake_read(h, CNT), 8);
    assert_int_equal(fake_read(h, CR1) & 0x10u, 0);
    fake_set_input(h, IN_TI2, PIN_HIGH); /* and back */
    fake_set_input(h, IN_TI1, PIN_HIGH);
    fake_set_input(h, IN_TI2, PIN_LOW);
    assert_int_equal(fake_read(h, CNT), 5);
    assert_int_equal(fake_read(h, CR1) & 0x10u, 0x10u);
    fake_destroy(h);
}

/* --- trigger output and DMA ---------------------------------------------------------------- */
static void each_update_is_a_pulse_on_trgo(void **state)
{
    (void)state;
    struct fake_host *h = tim6();
    fake_write(h, ARR, 99);
    fake_write(h, CR2, 0x20u);
    enable(h, 0);
    clocks(h, 99);
    assert_int_equal(h->pulse_count, 0);
    clocks(h, 1 + 200);
    assert_int_equal(h->pulse_count, 3);
    assert_int_equal(h->pulse[0], PULSE);
    assert_int_equal(h->pulse_ps[1] - h->pulse_ps[0], 100u * CLOCK);
    fake_write(h, CR2, 0x10u); /* enable */
    assert_int_equal(h->output[OUT_TRGO], PIN_HIGH);
    fake_write(h, CR1, 0);
    assert_int_equal(h->output[OUT_TRGO], PIN_LOW);
    fake_destroy(h);
}

static void a_dma_burst_writes_registers_in_turn(void **state)
{
    (void)state;
    struct fake_host *h = tim3();
    fake_write(h, ARR, 9);
    fake_write(h, DIER, 0x100u);
    fake_write(h, DCR, 2u << 8 | ARR / 4u); /* ARR, (RCR), CCR1 */
    enable(h, 0x80u);
    clocks(h, 10);
    assert_int_equal(h->output[OUT_DMA_UP], 1);
    fake_write(h, DMAR, 0x0fffu);
    fake_write(h, DMAR, 0);
    assert_int_equal(h->output[OUT_DMA_UP], 1);
    fake_write(h, DMAR, 0x0555u);
    assert_int_equal(h->output[OUT_DMA_UP], 0);
    assert_int_equal(fake_read(h, ARR), 0x0fffu);
    assert_int_equal(fake_read(h, CCR1), 0x0555u);
    fake_destroy(h);
}

static void what_is_not_modelled_is_a_named_gap(void **state)
{
    (void)state;
    struct fake_host *h = tim1();
    fake_write(h, CCMR1, 0x80u); /* OC1CE */
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
    fake_write(h, CCMR1, 0x00010040u); /* combined PWM 1 */
    assert_int_equal(fake_count_obs(h, OBS_GAP), 2);
    fake_write(h, 0x60u, 0x3u); /* OR2: comparator as break */
    assert_int_equal(fake_count_obs(h, OBS_GAP), 3);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(advanced_registers_have_their_reset_values_and_bits),
        T(wide_and_basic_registers_have_their_reset_values_and_bits),
        T(an_address_that_a_basic_timer_lacks_is_a_mistake),
        T(the_counter_steps_each_clock_and_needs_no_event),
        T(a_frequency_that_does_not_divide_a_second_keeps_exact_count),
        T(the_update_interrupt_comes_at_its_exact_clock),
        T(prescaler_is_taken_at_the_update_and_arr_at_once_without_arpe),
        T(with_arpe_a_new_period_begins_at_the_update),
        T(a_counter_beyond_arr_runs_to_its_end_without_an_update),
        T(counting_down_ends_at_zero_and_reloads),
        T(centred_counting_turns_at_arr_and_at_zero),
        T(long_times_are_computed_and_not_counted),
        T(one_pulse_mode_stops_at_the_update),
        T(udis_and_urs_hold_the_update_back),
        T(the_repetition_counter_lets_every_third_overflow_through),
        T(uifremap_copies_the_flag_into_the_counter),
        T(a_status_flag_is_cleared_by_zero_and_kept_by_one),
        T(a_new_timer_clock_counts_on_at_its_own_pace),
        T(a_rising_edge_captures_the_counter),
        T(polarity_and_prescaler_choose_the_edges),
        T(the_filter_swallows_short_pulses_and_delays_long_ones),
        T(pwm_input_measures_period_and_width),
        T(gated_mode_counts_while_the_trigger_is_high),
        T(a_trigger_starts_a_single_pulse),
        T(external_clocks_count_edges_and_pulses),
        T(the_encoder_counts_up_and_down),
        T(each_update_is_a_pulse_on_trgo),
        T(a_dma_burst_writes_registers_in_turn),
        T(what_is_not_modelled_is_a_named_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
