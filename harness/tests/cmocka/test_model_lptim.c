/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Low-power timer of the STM32L476, by RM0351 chapter 34. Kernel clock: LSI, 32 kHz. */
#include "fake_host.h"
#include "models/stm32_lptim.h"

#define ISR  0x00u
#define ICR  0x04u
#define IER  0x08u
#define CFGR 0x0cu
#define CR   0x10u
#define CMP  0x14u
#define ARR  0x18u
#define CNT  0x1cu

#define IN_KER 2u
#define IN_IN1 3u
#define IN_ETR 5u

#define OUT_IRQ 0u
#define OUT_OUT 1u

#define CLOCK 31250000ull /* ps */

static struct fake_host *lptim(void)
{
    struct fake_host *h = fake_create(&stm32_lptim_model, NULL);
    h->input[0] = 4000000u;
    h->input[IN_KER] = 32000u;
    fake_power_on(h);
    return h;
}

static void clocks(struct fake_host *h, uint64_t n)
{
    fake_run(h, n * CLOCK);
}

/** Configured and enabled, with ARR and CMP loaded, as the HAL does it. */
static struct fake_host *loaded(uint32_t cfgr, uint32_t arr, uint32_t cmp)
{
    struct fake_host *h = lptim();
    fake_write(h, CFGR, cfgr);
    fake_write(h, IER, 3u);
    fake_write(h, CR, 1u);
    fake_write(h, ARR, arr);
    fake_write(h, CMP, cmp);
    clocks(h, 10);
    assert_int_equal(fake_read(h, ISR), 0x18u);
    fake_write(h, ICR, 0x18u);
    assert_int_equal(fake_read(h, ISR), 0);
    return h;
}

static void registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"ISR", 0x00, 0, 0, 0},       {"ICR", 0x04, 0, 0, 0},
        {"IER", 0x08, 0, 0x7fu, 0},   {"CFGR", 0x0c, 0, 0x01feeedfu, 0},
        {"CR", 0x10, 0, 1u, 0},       {"CMP", 0x14, 0, 0xffffu, 0},
        {"ARR", 0x18, 1, 0xffffu, 0}, {"CNT", 0x1c, 0, 0, 0},
        {"OR", 0x20, 0, 3u, 0},
    };
    check_registers(lptim, expected, ARRAY_LENGTH(expected));
}

static void continuous_counting_matches_at_arr_and_goes_on(void **state)
{
    (void)state;
    struct fake_host *h = loaded(0, 99, 50);
    fake_write(h, IER, 2u);
    fake_write(h, CR, 5u);
    clocks(h, 98);
    assert_int_equal(fake_read(h, CNT), 98);
    assert_int_equal(h->output[OUT_IRQ], 0);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_IRQ], 1);
    assert_int_equal(fake_read(h, ISR), 3u);
    fake_write(h, ICR, 3u);
    assert_int_equal(h->output[OUT_IRQ], 0);
    clocks(h, 99);
    assert_int_equal(h->output[OUT_IRQ], 0);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_IRQ], 1);
    fake_destroy(h);
}

static void single_counting_ends_after_one_period(void **state)
{
    (void)state;
    struct fake_host *h = loaded(0, 9, 4);
    fake_write(h, CR, 3u);
    clocks(h, 9);
    assert_int_equal(fake_read(h, CNT), 9);
    clocks(h, 100);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_write(h, ICR, 3u);
    clocks(h, 100);
    assert_int_equal(fake_read(h, ISR), 0);
    fake_write(h, CR, 3u);
    clocks(h, 5);
    assert_int_equal(fake_read(h, CNT), 5);
    fake_destroy(h);
}

static void the_prescaler_divides_the_kernel_clock(void **state)
{
    (void)state;
    struct fake_host *h = loaded(3u << 9, 1000, 2000); /* by 8 */
    fake_write(h, CR, 5u);
    clocks(h, 79);
    assert_int_equal(fake_read(h, CNT), 9);
    clocks(h, 1);
    assert_int_equal(fake_read(h, CNT), 10);
    fake_destroy(h);
}

static void the_output_is_high_beyond_the_compare_value(void **state)
{
    (void)state;
    struct fake_host *h = loaded(0, 99, 49); /* half of the time */
    fake_write(h, CR, 5u);
    for (uint32_t i = 0; i < 300u; i++) {
        assert_int_equal(h->output[OUT_OUT], i % 100u >= 50u ? PIN_HIGH : PIN_LOW);
        clocks(h, 1);
    }
    fake_destroy(h);
}

static void polarity_and_set_once_shape_the_output(void **state)
{
    (void)state;
    struct fake_host *h = loaded(0x00300000u, 9, 4); /* WAVE, WAVPOL */
    assert_int_equal(h->output[OUT_OUT], PIN_HIGH);
    fake_write(h, CR, 3u);
    clocks(h, 4);
    assert_int_equal(h->output[OUT_OUT], PIN_HIGH);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_OUT], PIN_LOW);
    clocks(h, 100);
    assert_int_equal(h->output[OUT_OUT], PIN_LOW);
    fake_write(h, CR, 0);
    assert_int_equal(h->output[OUT_OUT], PIN_HIGH);
    fake_destroy(h);
}

static void pulses_on_in1_are_counted(void **state)
{
    (void)state;
    struct fake_host *h = loaded(0x00800000u, 5, 100); /* COUNTMODE, rising edges */
    fake_write(h, CR, 5u);
    for (uint32_t i = 0; i < 5u; i++) {
        clocks(h, 3);
        assert_int_equal(h->output[OUT_IRQ], 0);
        fake_set_input(h, IN_IN1, PIN_HIGH);
        fake_set_input(h, IN_IN1, PIN_LOW);
    }
    assert_int_equal(fake_read(h, CNT), 5);
    assert_int_equal(h->output[OUT_IRQ], 1);
    fake_set_input(h, IN_IN1, PIN_HIGH);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_destroy(h);
}

static void the_pin_starts_the_counter_and_restarts_it_with_timout(void **state)
{
    (void)state;
    struct fake_host *h = loaded(0x000a0000u, 50, 40); /* TIMOUT, rising edge of ETR */
    fake_write(h, CR, 5u);
    clocks(h, 20);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_set_input(h, IN_ETR, PIN_HIGH);
    clocks(h, 20);
    assert_int_equal(fake_read(h, CNT), 20);
    assert_int_equal(fake_read(h, ISR), 4u);
    fake_set_input(h, IN_ETR, PIN_LOW);
    fake_set_input(h, IN_ETR, PIN_HIGH);
    clocks(h, 39);
    assert_int_equal(h->output[OUT_IRQ], 0);
    clocks(h, 1);
    assert_int_equal(h->output[OUT_IRQ], 1); /* nothing came for 40 clocks */
    fake_destroy(h);
}

static void a_preloaded_period_waits_for_the_end_of_the_one_before(void **state)
{
    (void)state;
    struct fake_host *h = loaded(0x00400000u, 19, 100);
    fake_write(h, CR, 5u);
    fake_write(h, ARR, 9);
    clocks(h, 19);
    assert_int_equal(fake_read(h, CNT), 19);
    clocks(h, 10);
    assert_int_equal(fake_read(h, CNT), 9);
    clocks(h, 1);
    assert_int_equal(fake_read(h, CNT), 0);
    fake_destroy(h);
}

static void the_counter_stands_still_without_its_clock(void **state)
{
    (void)state;
    struct fake_host *h = loaded(0, 1000, 2000);
    fake_write(h, CR, 5u);
    clocks(h, 7);
    fake_set_input(h, IN_KER, 0);
    clocks(h, 100);
    assert_int_equal(fake_read(h, CNT), 7);
    fake_set_input(h, IN_KER, 32000u);
    clocks(h, 2);
    assert_int_equal(fake_read(h, CNT), 9);
    fake_destroy(h);
}

static void mistakes_and_gaps_are_told(void **state)
{
    (void)state;
    struct fake_host *h = lptim();
    fake_write(h, CR, 4u); /* start while disabled */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_write(h, CFGR, 0x01000000u); /* encoder */
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
    fake_write(h, CR, 1u);
    fake_write(h, CFGR, 0); /* refused while enabled */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 2);
    assert_int_equal(fake_read(h, CFGR), 0x01000000u);
    fake_destroy(h);
}

/* Inputs 6 to 10: alarms A and B, tampers 1 to 3; 11, 12: comparators; 13: the debugger. */
#define IN_TRIGGER 6u
#define IN_COMP1   11u
#define IN_FREEZE  13u

static void each_trigsel_value_has_its_trigger(void **state)
{
    (void)state;
    for (uint32_t select = 1; select <= 7u; select++) {
        struct fake_host *h = lptim();
        bool comparator = select >= 6u;
        uint64_t high = comparator ? PIN_HIGH : 1u, low = comparator ? PIN_LOW : 0;
        fake_set_input(h, IN_COMP1, PIN_LOW);
        fake_set_input(h, IN_COMP1 + 1u, PIN_LOW);
        fake_write(h, CFGR, 0x20000u | select << 13); /* rising edge */
        fake_write(h, CR, 1u);
        fake_write(h, ARR, 99);
        clocks(h, 10);
        fake_write(h, CR, 5u);
        fake_write(h, ICR, 0x1fu);
        for (uint32_t other = 1; other <= 7u; other++)
            if (other != select)
                fake_set_input(h, IN_TRIGGER + other - 1u, other >= 6u ? PIN_HIGH : 1u);
        clocks(h, 5);
        assert_int_equal(fake_read(h, ISR), 0);
        assert_int_equal(fake_read(h, CNT), 0);
        fake_set_input(h, IN_TRIGGER + select - 1u, high);
        assert_int_equal(fake_read(h, ISR), 4u); /* EXTTRIG */
        clocks(h, 5);
        fake_set_input(h, IN_TRIGGER + select - 1u, low);
        assert_int_equal(fake_read(h, CNT), 5u);
        assert_int_equal(fake_count_obs(h, OBS_GAP), 0);
        fake_destroy(h);
    }
}

static void a_comparator_that_nothing_drives_is_a_gap(void **state)
{
    (void)state;
    struct fake_host *h = lptim();
    fake_write(h, CFGR, 0x20000u | 6u << 13);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
    fake_destroy(h);
}

static void the_debugger_freezes_the_counter(void **state)
{
    (void)state;
    struct fake_host *h = loaded(0, 99, 50);
    fake_write(h, CR, 5u);
    clocks(h, 7);
    fake_set_input(h, IN_FREEZE, 1);
    clocks(h, 1000);
    assert_int_equal(fake_read(h, CNT), 7u);
    fake_set_input(h, IN_FREEZE, 0);
    clocks(h, 3);
    assert_int_equal(fake_read(h, CNT), 10u);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(registers_have_their_reset_values_and_bits),
        T(continuous_counting_matches_at_arr_and_goes_on),
        T(single_counting_ends_after_one_period),
        T(the_prescaler_divides_the_kernel_clock),
        T(the_output_is_high_beyond_the_compare_value),
        T(polarity_and_set_once_shape_the_output),
        T(pulses_on_in1_are_counted),
        T(the_pin_starts_the_counter_and_restarts_it_with_timout),
        T(a_preloaded_period_waits_for_the_end_of_the_one_before),
        T(the_counter_stands_still_without_its_clock),
        T(mistakes_and_gaps_are_told),
        T(each_trigsel_value_has_its_trigger),
        T(a_comparator_that_nothing_drives_is_a_gap),
        T(the_debugger_freezes_the_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
