/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file RNG, WWDG and DBGMCU of the STM32L476, by RM0351 chapters 24, 37 and 48.6. */
#include "fake_host.h"
#include "models/stm32_dbgmcu.h"
#include "models/stm32_rng.h"
#include "models/stm32_wwdg.h"

#define US 1000000ull
#define MS 1000000000ull

#define CR  0x00u
#define SR  0x04u
#define CFR 0x04u
#define DR  0x08u
#define WSR 0x08u
#define CLK 0
#define KER 2

/* --- RNG ----------------------------------------------------------------------------------- */
static const struct stm32_rng_params seed_1 = {1};
static const struct stm32_rng_params seed_2 = {2};

static struct fake_host *rng_seeded(const struct stm32_rng_params *params)
{
    struct fake_host *h = fake_create(&stm32_rng_model, params);
    h->input[CLK] = 80000000;
    h->input[KER] = 48000000;
    fake_power_on(h);
    return h;
}

static struct fake_host *rng(void)
{
    return rng_seeded(&seed_1);
}

static uint32_t next_number(struct fake_host *h)
{
    fake_run(h, US);
    assert_int_equal(fake_read(h, SR), 1u);
    return fake_read(h, DR);
}

static void rng_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"CR", 0x00, 0, 0xcu, 0},
        {"SR", 0x04, 0, 0, 0},
        {"DR", 0x08, 0, 0, 0},
    };
    check_registers(rng, expected, ARRAY_LENGTH(expected));
}

static void a_number_takes_40_cycles_of_48_mhz(void **state)
{
    (void)state;
    struct fake_host *h = rng();
    fake_run(h, MS);
    assert_int_equal(fake_read(h, SR), 0);
    fake_write(h, CR, 4u);
    fake_run(h, 833332u); /* 40 / 48 MHz = 833.333 ns */
    assert_int_equal(fake_read(h, SR), 0);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, SR), 1u);
    (void)fake_read(h, DR);
    assert_int_equal(fake_read(h, SR), 0);
    assert_int_equal(fake_read(h, DR), 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void numbers_depend_on_the_seed_and_on_nothing_else(void **state)
{
    (void)state;
    struct fake_host *a = rng(), *b = rng(), *c = rng_seeded(&seed_2);
    fake_write(a, CR, 4u);
    fake_write(b, CR, 4u);
    fake_write(c, CR, 4u);
    fake_run(b, 77u * US);
    uint32_t last = 0, ones = 0;
    for (uint32_t i = 0; i < 1000u; i++) {
        uint32_t number = next_number(a);
        assert_int_equal(number, next_number(b));
        assert_int_not_equal(number, next_number(c));
        assert_int_not_equal(number, last);
        last = number;
        for (; number != 0; number &= number - 1u)
            ones++;
    }
    assert_in_range(ones, 15600, 16400); /* 16000 of 32000 bits, four sigma */
    fake_destroy(a);
    fake_destroy(b);
    fake_destroy(c);
}

static void a_reset_goes_on_in_the_sequence_and_power_on_begins_it_anew(void **state)
{
    (void)state;
    struct fake_host *h = rng();
    fake_write(h, CR, 4u);
    uint32_t first = next_number(h);
    fake_reset(h, RESET_SOFTWARE);
    fake_write(h, CR, 4u);
    assert_int_not_equal(next_number(h), first);
    fake_destroy(h);
    h = rng();
    fake_write(h, CR, 4u);
    assert_int_equal(next_number(h), first);
    fake_destroy(h);
}

static void without_its_clock_there_is_a_clock_error_and_no_number(void **state)
{
    (void)state;
    struct fake_host *h = rng();
    fake_set_input(h, KER, 0);
    fake_write(h, CR, 0xcu);
    assert_int_equal(fake_read(h, SR), 0x22u);
    assert_int_equal(h->output[0], 1);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, SR), 0x22u);
    fake_set_input(h, KER, 48000000);
    assert_int_equal(fake_read(h, SR), 0x20u);
    fake_write(h, SR, 0);
    assert_int_equal(fake_read(h, SR), 0);
    assert_int_equal(h->output[0], 0);
    fake_run(h, US);
    assert_int_equal(fake_read(h, SR), 1u);
    assert_int_equal(h->output[0], 1);
    (void)fake_read(h, DR);
    assert_int_equal(h->output[0], 0);
    fake_destroy(h);
}

static void a_seed_error_stays_until_the_rng_was_off(void **state)
{
    (void)state;
    struct fake_host *h = rng();
    fake_write(h, CR, 4u);
    fake_set_input(h, 3, 1);
    assert_int_equal(fake_read(h, SR), 0x44u);
    fake_set_input(h, 3, 0);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, SR), 0x44u);
    fake_write(h, SR, 0);
    assert_int_equal(fake_read(h, SR), 4u);
    fake_write(h, CR, 0);
    fake_write(h, CR, 4u);
    fake_run(h, US);
    assert_int_equal(fake_read(h, SR), 1u);
    fake_destroy(h);
}

/* --- WWDG ---------------------------------------------------------------------------------- */
/** PCLK 4 MHz: 4096 cycles are 1.024 ms. */
#define TICK 1024000000ull

static struct fake_host *wwdg(void)
{
    struct fake_host *h = fake_create(&stm32_wwdg_model, NULL);
    h->input[CLK] = 4000000;
    h->input[2] = 1; /* option WWDG_SW */
    fake_power_on(h);
    return h;
}

static void wwdg_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"CR", 0x00, 0x7fu, 0xffu, 0x80u},
        {"CFR", 0x04, 0x7fu, 0x3ffu, 0x200u},
        {"SR", 0x08, 0, 0, 0},
    };
    check_registers(wwdg, expected, ARRAY_LENGTH(expected));
}

static void the_counter_resets_when_t6_falls(void **state)
{
    (void)state;
    struct fake_host *h = wwdg();
    fake_run(h, 1000u * TICK);
    assert_int_equal(fake_read(h, CR), 0x7fu);
    fake_write(h, CR, 0xffu);
    fake_run(h, TICK - 1u);
    assert_int_equal(fake_read(h, CR), 0xffu);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, CR), 0xfeu);
    fake_run(h, 63u * TICK - 1u);
    assert_int_equal(h->reset_count, 0);
    fake_run(h, 1u); /* 64 ticks: 0x3f */
    assert_int_equal(h->reset_count, 1);
    assert_int_equal(h->reset_kind[0], RESET_WWDG);
    fake_destroy(h);
}

static void the_prescaler_stretches_a_tick(void **state)
{
    (void)state;
    struct fake_host *h = wwdg();
    fake_write(h, CFR, 0x1ffu); /* / 8 */
    fake_write(h, CR, 0xc1u);
    fake_run(h, 16u * TICK - 1u);
    assert_int_equal(h->reset_count, 0);
    fake_run(h, 1u);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

static void the_early_wake_up_comes_one_tick_before_the_reset(void **state)
{
    (void)state;
    struct fake_host *h = wwdg();
    fake_write(h, CFR, 0x27fu);
    fake_write(h, CR, 0xc5u);
    fake_run(h, 5u * TICK - 1u);
    assert_int_equal(h->output[0], 0);
    for (uint32_t i = 0; i < 100u; i++) /* reading does not disturb the count */
        (void)fake_read(h, CR);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, WSR), 1u);
    assert_int_equal(h->output[0], 1);
    fake_write(h, WSR, 1u); /* 1 does nothing */
    assert_int_equal(h->output[0], 1);
    fake_write(h, WSR, 0);
    assert_int_equal(h->output[0], 0);
    fake_write(h, CR, 0xffu);
    fake_run(h, 63u * TICK);
    assert_int_equal(h->reset_count, 0);
    assert_int_equal(fake_read(h, WSR), 1u);
    fake_destroy(h);
}

static void a_refresh_above_the_window_is_a_reset(void **state)
{
    (void)state;
    struct fake_host *h = wwdg();
    fake_write(h, CR, 0xffu);
    fake_write(h, CFR, 0x60u);
    fake_run(h, 31u * TICK); /* 0x60 */
    fake_write(h, CR, 0xffu);
    assert_int_equal(h->reset_count, 0);
    fake_run(h, 31u * TICK - 1u); /* 0x61 */
    fake_write(h, CR, 0xffu);
    assert_int_equal(h->reset_count, 1);
    assert_int_equal(h->reset_kind[0], RESET_WWDG);
    fake_destroy(h);
}

static void a_value_without_t6_is_a_reset(void **state)
{
    (void)state;
    struct fake_host *h = wwdg();
    fake_write(h, CR, 0xbfu);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

static void the_counter_stands_still_without_its_clock(void **state)
{
    (void)state;
    struct fake_host *h = wwdg();
    fake_write(h, CR, 0xc2u);
    fake_run(h, TICK / 2u);
    fake_set_input(h, CLK, 0);
    fake_run(h, 100u * TICK);
    assert_int_equal(h->reset_count, 0);
    fake_set_input(h, CLK, 8000000); /* twice as fast from here */
    fake_run(h, TICK + TICK / 4u - 1u);
    assert_int_equal(h->reset_count, 0);
    fake_run(h, 1u);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

static void the_option_starts_the_watchdog(void **state)
{
    (void)state;
    struct fake_host *h = wwdg();
    h->input[2] = 0;
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, CR), 0xffu);
    fake_run(h, 64u * TICK);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

/* --- DBGMCU -------------------------------------------------------------------------------- */
static struct fake_host *dbgmcu(void)
{
    static const struct stm32_dbgmcu_params params = {0x10076415u};
    struct fake_host *h = fake_create(&stm32_dbgmcu_model, &params);
    fake_power_on(h);
    return h;
}

static void dbgmcu_registers_have_their_values_and_outlive_resets(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"IDCODE", 0x00, 0x10076415u, 0x10076415u, 0x10076415u},
        {"CR", 0x04, 0, 0xe7u, 0},
        {"APB1FZR1", 0x08, 0, 0x82e01c3fu, 0},
        {"APB1FZR2", 0x0c, 0, 0x20u, 0},
        {"APB2FZ", 0x10, 0, 0x00072800u, 0},
    };
    check_registers(dbgmcu, expected, ARRAY_LENGTH(expected));
    struct fake_host *h = dbgmcu();
    fake_write(h, 0x04, 7u);
    fake_reset(h, RESET_PIN);
    assert_int_equal(fake_read(h, 0x04), 7u);
    fake_destroy(h);
}

static void dbgmcu_stops_what_it_is_told_while_the_core_is_held(void **state)
{
    (void)state;
    /* RM0351 48.6.3 to 48.6.5: TIM2 to TIM7, WWDG, IWDG, LPTIM1; LPTIM2; TIM1, TIM8, TIM15 to TIM17 */
    static const struct {
        const char *output;
        uint32_t offset, mask;
    } expected[] = {
        {"tim2_stop", 0x08, 0x1u},      {"tim3_stop", 0x08, 0x2u},      {"tim4_stop", 0x08, 0x4u},
        {"tim5_stop", 0x08, 0x8u},      {"tim6_stop", 0x08, 0x10u},     {"tim7_stop", 0x08, 0x20u},
        {"wwdg_stop", 0x08, 0x800u},    {"iwdg_stop", 0x08, 0x1000u},   {"lptim1_stop", 0x08, 0x80000000u},
        {"lptim2_stop", 0x0c, 0x20u},   {"tim1_stop", 0x10, 0x800u},    {"tim8_stop", 0x10, 0x2000u},
        {"tim15_stop", 0x10, 0x10000u}, {"tim16_stop", 0x10, 0x20000u}, {"tim17_stop", 0x10, 0x40000u},
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        struct fake_host *h = dbgmcu();
        uint32_t number = 0, on = 0;
        while (strcmp(h->device.model->outputs[number], expected[i].output) != 0)
            number++;
        fake_write(h, expected[i].offset, expected[i].mask);
        assert_int_equal(h->output[number], 0);
        fake_set_input(h, 0, 1);
        assert_int_equal(h->output[number], 1);
        for (uint32_t j = 0; h->device.model->outputs[j] != NULL; j++)
            on += h->output[j] != 0;
        assert_int_equal(on, 1);
        fake_set_input(h, 0, 0);
        assert_int_equal(h->output[number], 0);
        fake_destroy(h);
    }
}

static void the_debugger_freezes_the_window_watchdog(void **state)
{
    (void)state;
    struct fake_host *h = wwdg();
    fake_write(h, 0, 0xffu);
    fake_run(h, 10u * TICK);
    fake_set_input(h, 3, 1);
    fake_run(h, 1000u * TICK);
    assert_int_equal(fake_read(h, 0), 0xf5u);
    assert_int_equal(h->reset_count, 0);
    fake_set_input(h, 3, 0);
    fake_run(h, 54u * TICK - 1u);
    assert_int_equal(h->reset_count, 0);
    fake_run(h, 1);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rng_registers_have_their_reset_values_and_bits),
        T(a_number_takes_40_cycles_of_48_mhz),
        T(numbers_depend_on_the_seed_and_on_nothing_else),
        T(a_reset_goes_on_in_the_sequence_and_power_on_begins_it_anew),
        T(without_its_clock_there_is_a_clock_error_and_no_number),
        T(a_seed_error_stays_until_the_rng_was_off),
        T(wwdg_registers_have_their_reset_values_and_bits),
        T(the_counter_resets_when_t6_falls),
        T(the_prescaler_stretches_a_tick),
        T(the_early_wake_up_comes_one_tick_before_the_reset),
        T(a_refresh_above_the_window_is_a_reset),
        T(a_value_without_t6_is_a_reset),
        T(the_counter_stands_still_without_its_clock),
        T(the_option_starts_the_watchdog),
        T(dbgmcu_registers_have_their_values_and_outlive_resets),
        T(dbgmcu_stops_what_it_is_told_while_the_core_is_held),
        T(the_debugger_freezes_the_window_watchdog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
