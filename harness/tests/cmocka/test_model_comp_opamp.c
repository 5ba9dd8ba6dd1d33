/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Comparators, amplifiers and VREFBUF of the STM32L476, by RM0351 chapters 21, 22 and 23. */
#include "fake_host.h"
#include "models/stm32_comp.h"
#include "models/stm32_opamp.h"
#include "models/stm32_vrefbuf.h"

#define US 1000000ull

/* --- comparators --------------------------------------------------------------------------- */
#define CSR1   0x00u
#define CSR2   0x04u
#define EN     0x00000001u
#define VALUE  0x40000000u
#define INM(n) ((n) << 4)
#define SCALE  0x00c00000u /* SCALEN, BRGEN */
#define DAC1   2u
#define PLUS1  4u
#define PLUS1B 5u
#define PLUS2  6u
#define MINUS1 8u
#define OUT1   0u
#define EXTI1  2u

static const struct stm32_comp_params comp_params = {1212000u};

static struct fake_host *comp(uint32_t csr)
{
    struct fake_host *h = fake_create(&stm32_comp_model, &comp_params);
    fake_power_on(h);
    fake_write(h, CSR1, csr);
    fake_run(h, 100u * US);
    return h;
}

static bool is_high(struct fake_host *h, uint32_t plus_uv)
{
    fake_set_input(h, PLUS1, plus_uv);
    assert_int_equal(h->output[EXTI1], (fake_read(h, CSR1) & VALUE) != 0);
    assert_int_equal(h->output[OUT1], h->output[EXTI1] != 0 ? PIN_HIGH : PIN_LOW);
    return h->output[EXTI1] != 0;
}

static void thresholds_are_quarters_of_vrefint(void **state)
{
    (void)state;
    static const uint32_t thresholds[] = {303000u, 606000u, 909000u, 1212000u};
    for (uint32_t i = 0; i < 4u; i++) {
        struct fake_host *h = comp(EN | SCALE | INM(i));
        assert_false(is_high(h, thresholds[i] - 1u));
        assert_true(is_high(h, thresholds[i] + 1u));
        assert_false(is_high(h, thresholds[i] - 1u));
        fake_destroy(h);
    }
}

static void other_negative_inputs_are_dac_channels_and_pins(void **state)
{
    (void)state;
    struct fake_host *h = comp(EN | INM(4u));
    fake_set_input(h, DAC1, 500000u);
    assert_false(is_high(h, 499999u));
    assert_true(is_high(h, 500001u));
    fake_write(h, CSR1, EN | INM(6u));
    fake_set_input(h, MINUS1, 700000u);
    assert_false(is_high(h, 699999u));
    assert_true(is_high(h, 700001u));
    fake_write(h, CSR1, EN | INM(6u) | 0x80u); /* the other positive input */
    assert_false(is_high(h, 3300000u));
    fake_set_input(h, PLUS1B, 800000u);
    assert_int_equal(h->output[EXTI1], 1);
    fake_destroy(h);
}

static void hysteresis_keeps_the_output_between_two_thresholds(void **state)
{
    (void)state;
    struct fake_host *h = comp(EN | INM(6u) | 3u << 16); /* 27 mV: 13.5 mV each way */
    fake_set_input(h, MINUS1, 1000000u);
    assert_false(is_high(h, 1013500u));
    assert_true(is_high(h, 1013501u));
    assert_true(is_high(h, 986500u));
    assert_false(is_high(h, 986499u));
    fake_destroy(h);
}

static void the_output_comes_after_the_start_up_and_may_be_inverted(void **state)
{
    (void)state;
    struct fake_host *h = fake_create(&stm32_comp_model, &comp_params);
    fake_power_on(h);
    fake_set_input(h, PLUS1, 2000000u);
    fake_write(h, CSR1, EN | INM(6u) | 3u << 2); /* ultra-low power: 80 us */
    fake_run(h, 80u * US - 1u);
    assert_int_equal(fake_read(h, CSR1) & VALUE, 0);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, CSR1) & VALUE, VALUE);
    fake_write(h, CSR1, EN | INM(6u) | 0x8000u);
    assert_int_equal(fake_read(h, CSR1) & VALUE, 0);
    fake_destroy(h);
}

static void in_window_mode_both_see_the_first_positive_input(void **state)
{
    (void)state;
    struct fake_host *h = comp(EN | SCALE | INM(3u));
    fake_write(h, CSR2, EN | SCALE | INM(1u) | 0x200u);
    fake_run(h, 100u * US);
    fake_set_input(h, PLUS2, 3300000u);
    fake_set_input(h, PLUS1, 900000u); /* between 0.606 and 1.212 V */
    assert_int_equal(fake_read(h, CSR1) & VALUE, 0);
    assert_int_equal(fake_read(h, CSR2) & VALUE, VALUE);
    fake_set_input(h, PLUS1, 300000u);
    assert_int_equal(fake_read(h, CSR2) & VALUE, 0);
    fake_destroy(h);
}

static void a_locked_comparator_keeps_its_configuration(void **state)
{
    (void)state;
    struct fake_host *h = comp(EN | INM(6u) | 0x80000000u);
    fake_write(h, CSR1, 0);
    assert_int_equal(fake_read(h, CSR1), EN | INM(6u) | 0x80000000u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_write(h, CSR2, 1u << 18); /* blanking */
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
    fake_destroy(h);
}

/* --- amplifiers ---------------------------------------------------------------------------- */
#define OTR1         0x04u
#define LPOTR1       0x08u
#define FOLLOW       (3u << 2)
#define PGA(n)       (2u << 2 | (n) << 4)
#define CALON        0x1000u
#define CALSEL       0x2000u
#define USER         0x4000u
#define CALOUT       0x8000u
#define OPAMP_DAC1   2u
#define OPAMP_PLUS1  4u
#define OPAMP_MINUS1 6u

static const struct stm32_opamp_params opamp_params = {{0x110eu, 0x0f12u}, {0x120du, 0x1010u}};

static struct fake_host *opamp(uint32_t csr)
{
    struct fake_host *h = fake_create(&stm32_opamp_model, &opamp_params);
    fake_power_on(h);
    fake_write(h, CSR1, csr);
    return h;
}

static void the_gain_multiplies_up_to_vdda(void **state)
{
    (void)state;
    static const struct {
        uint32_t csr, out_uv;
    } cases[] = {{FOLLOW, 300000u},   {PGA(0u), 600000u},  {PGA(1u), 1200000u},
                 {PGA(2u), 2400000u}, {PGA(3u), 3300000u}, {0, 3300000u}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = opamp(cases[i].csr);
        fake_set_input(h, OPAMP_PLUS1, 300000u);
        assert_true(h->output[0] == 0); /* not enabled */
        fake_write(h, CSR1, cases[i].csr | EN);
        assert_true(h->output[0] == pin_voltage(cases[i].out_uv));
        fake_destroy(h);
    }
    struct fake_host *h = opamp(EN | FOLLOW | 0x400u); /* VP_SEL: the DAC */
    fake_set_input(h, OPAMP_DAC1, 1000000u);
    assert_true(h->output[0] == pin_voltage(1000000u));
    fake_write(h, CSR1, EN); /* without feedback: at one end */
    fake_set_input(h, OPAMP_MINUS1, 1u);
    assert_true(h->output[0] == pin_voltage(0));
    fake_destroy(h);
}

static void calibration_finds_the_factory_values(void **state)
{
    (void)state;
    struct fake_host *h = opamp(EN | CALON | USER);
    fake_write(h, OTR1, 0x0du);
    assert_int_equal(fake_read(h, CSR1) & CALOUT, 0);
    fake_write(h, OTR1, 0x0eu); /* 14: the N pair is right */
    assert_int_equal(fake_read(h, CSR1) & CALOUT, CALOUT);
    fake_write(h, CSR1, EN | CALON | CALSEL | USER);
    fake_write(h, OTR1, 0x100eu);
    assert_int_equal(fake_read(h, CSR1) & CALOUT, CALOUT);
    fake_write(h, OTR1, 0x110eu); /* 17: the P pair is right */
    assert_int_equal(fake_read(h, CSR1) & CALOUT, 0);
    fake_write(h, OTR1, 0);
    fake_write(h, CSR1, 0); /* factory trimming again */
    assert_int_equal(fake_read(h, OTR1), 0x110eu);
    assert_int_equal(fake_read(h, LPOTR1), 0x120du);
    fake_destroy(h);
}

/* --- VREFBUF ------------------------------------------------------------------------------- */
static void the_reference_is_ready_after_its_start_up(void **state)
{
    (void)state;
    static const struct stm32_vrefbuf_params params = {0x20u};
    struct fake_host *h = fake_create(&stm32_vrefbuf_model, &params);
    fake_power_on(h);
    assert_int_equal(fake_read(h, 0), 2u);
    fake_write(h, 0, 1u);
    assert_int_equal(fake_read(h, 0), 1u);
    assert_int_equal(h->output[0], 0);
    fake_run(h, 300u * US);
    assert_int_equal(fake_read(h, 0), 9u);
    assert_int_equal(h->output[0], 2048000u);
    fake_write(h, 0, 5u);
    fake_run(h, 300u * US);
    assert_int_equal(h->output[0], 2500000u);
    fake_write(h, 0, 7u); /* high impedance */
    assert_int_equal(h->output[0], 0);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(thresholds_are_quarters_of_vrefint),
        T(other_negative_inputs_are_dac_channels_and_pins),
        T(hysteresis_keeps_the_output_between_two_thresholds),
        T(the_output_comes_after_the_start_up_and_may_be_inverted),
        T(in_window_mode_both_see_the_first_positive_input),
        T(a_locked_comparator_keeps_its_configuration),
        T(the_gain_multiplies_up_to_vdda),
        T(calibration_finds_the_factory_values),
        T(the_reference_is_ready_after_its_start_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
