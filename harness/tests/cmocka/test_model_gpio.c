/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file GPIO port of the STM32L476, by RM0351 chapter 8. */
#include "fake_host.h"
#include "models/stm32_gpio.h"

#define MODER  0x00u
#define OTYPER 0x04u
#define PUPDR  0x0cu
#define IDR    0x10u
#define ODR    0x14u
#define BSRR   0x18u
#define LCKR   0x1cu
#define AFRL   0x20u
#define AFRH   0x24u
#define BRR    0x28u

#define IN(pin)  (2u + (pin))
#define OUT(pin) (pin)
#define AF(pin)  (16u + (pin))

#define LEVEL(pin)   (32u + (pin))
#define AF1_OUT(pin) (18u + (pin)) /* inputs: what the peripheral in AF1, AF2 drives */
#define AF2_OUT(pin) (34u + (pin))
#define AF5_OUT(pin) (98u + (pin))
#define AF5_IN(pin)  (128u + (pin))
#define PAD(pin)     (192u + (pin))
#define AF1_IN(pin)  (48u + (pin)) /* outputs: what it sees */
#define AF14_IN(pin) (96u + (pin))
#define NET(pin)     (208u + (pin)) /* what the pin puts on its net */
#define NET_IN(pin)  (162u + (pin)) /* what the others put there */

static const struct stm32_gpio_params port_a = {0, 0xffffu, 0xabffffffu, 0x0c000000u, 0x64000000u, 1};
static const struct stm32_gpio_params port_c = {2, 0xffffu, 0xffffffffu, 0, 0, 1};

static struct fake_host *create_a(void)
{
    struct fake_host *h = fake_create(&stm32_gpio_model, &port_a);
    fake_power_on(h);
    return h;
}

/** Pin 5 of port C as an output, everything else as after reset. */
static struct fake_host *create_c5(void)
{
    struct fake_host *h = fake_create(&stm32_gpio_model, &port_c);
    fake_power_on(h);
    fake_write(h, MODER, 0xfffff7ffu);
    return h;
}

static void registers_have_the_reset_values_and_bits_of_port_a(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"MODER", 0x00, 0xabffffffu, 0xffffffffu, 0},
        {"OTYPER", 0x04, 0, 0xffffu, 0},
        {"OSPEEDR", 0x08, 0x0c000000u, 0xffffffffu, 0},
        {"PUPDR", 0x0c, 0x64000000u, 0xffffffffu, 0},
        {"IDR", 0x10, 0xa000u, 0xa000u, 0xa000u}, /* PA15 and PA13: debug pins pulled up */
        {"ODR", 0x14, 0, 0xffffu, 0},
        {"BSRR", 0x18, 0, 0, 0},
        {"LCKR", 0x1c, 0, 0xffffu, 0},
        {"AFRL", 0x20, 0, 0xffffffffu, 0},
        {"AFRH", 0x24, 0, 0xffffffffu, 0},
        {"BRR", 0x28, 0, 0, 0},
        {"ASCR", 0x2c, 0, 0xffffu, 0},
    };
    check_registers(create_a, expected, ARRAY_LENGTH(expected));
}

static void bsrr_sets_and_resets_and_set_wins(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    fake_write(h, BSRR, 0x0000000fu);
    assert_int_equal(fake_read(h, ODR), 0xfu);
    fake_write(h, BSRR, 0x00030001u);
    assert_int_equal(fake_read(h, ODR), 0xdu);
    fake_write(h, BRR, 0x4u);
    assert_int_equal(fake_read(h, ODR), 0x9u);
    fake_write_sized(h, BSRR + 2u, 2, 0x8u); /* the upper half-word alone */
    assert_int_equal(fake_read(h, ODR), 0x1u);
    fake_destroy(h);
}

static void each_change_of_an_output_pin_is_observed_once(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    assert_int_equal(fake_count_obs(h, OBS_PIN), 0); /* low from the start is no edge */
    fake_write(h, BSRR, 0x20u);
    fake_write(h, BSRR, 0x20u);
    assert_int_equal(fake_count_obs(h, OBS_PIN), 1);
    assert_int_equal(h->obs[0].a, 2u * 16u + 5u);
    assert_int_equal(h->obs[0].b, 1);
    fake_write(h, ODR, 0);
    assert_int_equal(fake_count_obs(h, OBS_PIN), 2);
    assert_int_equal(h->obs[0].b, 0);
    assert_int_equal(h->output[OUT(5)], PIN_LOW);
    fake_destroy(h);
}

static void a_pin_that_becomes_an_output_while_odr_is_high_is_an_edge(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    fake_write(h, MODER, 0xffffffffu);
    fake_write(h, ODR, 0x20u);
    assert_int_equal(fake_count_obs(h, OBS_PIN), 0);
    fake_write(h, MODER, 0xfffff7ffu);
    assert_int_equal(fake_count_obs(h, OBS_PIN), 1);
    fake_destroy(h);
}

static void an_input_reads_what_is_driven_or_else_its_pull(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    fake_write(h, MODER, 0xf3ffffffu); /* PC13 input */
    assert_int_equal(fake_read(h, IDR) & 0x2000u, 0);
    fake_write(h, PUPDR, 1u << 26);
    assert_int_equal(fake_read(h, IDR) & 0x2000u, 0x2000u);
    fake_set_input(h, IN(13), PIN_LOW);
    assert_int_equal(fake_read(h, IDR) & 0x2000u, 0);
    fake_set_input(h, IN(13), PIN_HIGH);
    fake_write(h, PUPDR, 2u << 26);
    assert_int_equal(fake_read(h, IDR) & 0x2000u, 0x2000u);
    fake_set_input(h, IN(13), PIN_RELEASED);
    assert_int_equal(fake_read(h, IDR) & 0x2000u, 0);
    fake_set_input(h, IN(13), PIN_HIGH);
    fake_write(h, MODER, 0xffffffffu); /* analog: the input stage is off */
    assert_int_equal(fake_read(h, IDR), 0);
    fake_destroy(h);
}

static void an_open_drain_output_releases_the_pin_when_high(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    fake_write(h, OTYPER, 0x20u);
    fake_write(h, ODR, 0x20u);
    assert_int_equal(h->output[OUT(5)], PIN_RELEASED);
    assert_int_equal(fake_read(h, IDR), 0);
    fake_set_input(h, IN(5), PIN_HIGH);
    assert_int_equal(fake_read(h, IDR), 0x20u);
    assert_int_equal(h->obs[0].b, 1); /* the pin rose although nobody here drove it */
    fake_write(h, ODR, 0);
    assert_int_equal(h->output[OUT(5)], PIN_LOW);
    fake_destroy(h);
}

static void the_alternate_function_shows_only_in_alternate_mode(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    fake_write(h, AFRL, 7u << 8);
    fake_write(h, AFRH, 8u << 4);
    assert_int_equal(h->output[AF(2)], 0xff);
    fake_write(h, MODER, 0xffffffefu);
    assert_int_equal(h->output[AF(2)], 0x17);
    fake_write(h, MODER, 0xfffbffefu);
    assert_int_equal(h->output[AF(9)], 0x18);
    fake_reset(h, RESET_PERIPHERAL);
    assert_int_equal(h->output[AF(2)], 0xff);
    fake_destroy(h);
}

static void the_lock_sequence_freezes_the_configuration_until_reset(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    fake_write(h, LCKR, 0x10020u);
    fake_write(h, LCKR, 0x00020u);
    fake_write(h, LCKR, 0x10020u);
    assert_int_equal(fake_read(h, LCKR), 0x10020u);
    fake_write(h, MODER, 0xffffffffu);
    assert_int_equal(fake_read(h, MODER), 0xfffff7ffu);
    fake_write(h, OTYPER, 0xffffu);
    assert_int_equal(fake_read(h, OTYPER), 0xffdfu);
    fake_write(h, AFRL, 0xffffffffu);
    assert_int_equal(fake_read(h, AFRL), 0xff0fffffu);
    fake_write(h, ODR, 0x20u); /* data is free */
    assert_int_equal(fake_read(h, ODR), 0x20u);
    fake_write(h, LCKR, 0x0u);
    assert_int_equal(fake_read(h, LCKR), 0x10020u);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, LCKR), 0);
    fake_destroy(h);
}

static void a_lock_sequence_with_another_pin_in_between_locks_nothing(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    fake_write(h, LCKR, 0x10020u);
    fake_write(h, LCKR, 0x00021u);
    fake_write(h, LCKR, 0x10020u);
    assert_int_equal(fake_read(h, LCKR) & 0x10000u, 0);
    fake_write(h, MODER, 0);
    assert_int_equal(fake_read(h, MODER), 0);
    fake_destroy(h);
}

static void pins_that_the_port_lacks_do_nothing(void **state)
{
    (void)state;
    static const struct stm32_gpio_params port_h = {7, 0x3u, 0xfu, 0, 0, 1};
    struct fake_host *h = fake_create(&stm32_gpio_model, &port_h);
    fake_power_on(h);
    assert_int_equal(fake_read(h, MODER), 0xfu);
    h->input[IN(5)] = PIN_HIGH;
    assert_int_equal(fake_read(h, IDR), 0);
    fake_write(h, MODER, 0x405u);
    fake_write(h, ODR, 0x23u);
    assert_int_equal(fake_count_obs(h, OBS_PIN), 2);
    fake_destroy(h);
}

static void a_port_without_analog_switches_has_no_ascr(void **state)
{
    (void)state;
    static const struct stm32_gpio_params port = {0, 0xffffu, 0xffffffffu, 0, 0, 0};
    struct fake_host *h = fake_create(&stm32_gpio_model, &port);
    fake_power_on(h);
    fake_write(h, 0x2cu, 0xffffu);
    assert_int_equal(fake_read(h, 0x2cu), 0);
    fake_destroy(h);
}

static void the_first_pin_follows_its_input_as_the_others_do(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    fake_write(h, OTYPER, 0x1u);
    fake_write(h, ODR, 0x1u);
    fake_write(h, MODER, 0xfffffffdu);
    fake_set_input(h, IN(0), PIN_HIGH);
    assert_int_equal(fake_count_obs(h, OBS_PIN), 1);
    fake_destroy(h);
}

/** PC5 in alternate mode with this function. */
static struct fake_host *create_c5_in(uint32_t function)
{
    struct fake_host *h = create_c5();
    fake_write(h, AFRL, function << 20);
    fake_write(h, MODER, 0xfffffbffu);
    return h;
}

static void a_peripheral_drives_the_pin_that_is_in_its_function(void **state)
{
    (void)state;
    struct fake_host *h = create_c5_in(1);
    fake_set_input(h, AF2_OUT(5), PIN_HIGH); /* another function */
    assert_int_equal(h->output[OUT(5)], PIN_RELEASED);
    assert_int_equal(fake_count_obs(h, OBS_PIN), 0);
    fake_set_input(h, AF1_OUT(5), PIN_HIGH);
    assert_int_equal(h->output[OUT(5)], PIN_HIGH);
    assert_int_equal(fake_read(h, IDR), 0x20u);
    assert_int_equal(fake_count_obs(h, OBS_PIN), 1);
    assert_int_equal(h->obs[0].a, 2u * 16u + 5u);
    assert_int_equal(h->obs[0].b, 1);
    fake_set_input(h, AF1_OUT(5), PIN_LOW);
    assert_int_equal(fake_count_obs(h, OBS_PIN), 2);
    assert_int_equal(h->obs[0].b, 0);
    fake_set_input(h, AF1_OUT(5), PIN_HIGH);
    fake_write(h, MODER, 0xffffffffu); /* analog: the peripheral has lost the pin */
    assert_int_equal(h->output[OUT(5)], PIN_RELEASED);
    fake_destroy(h);
}

static void an_open_drain_pin_of_a_peripheral_is_released_when_high(void **state)
{
    (void)state;
    struct fake_host *h = create_c5_in(1);
    fake_write(h, OTYPER, 0x20u);
    fake_set_input(h, AF1_OUT(5), PIN_HIGH);
    assert_int_equal(h->output[OUT(5)], PIN_RELEASED);
    fake_set_input(h, AF1_OUT(5), PIN_LOW);
    assert_int_equal(h->output[OUT(5)], PIN_LOW);
    fake_destroy(h);
}

static void a_peripheral_sees_the_pin_only_while_it_is_in_its_function(void **state)
{
    (void)state;
    struct fake_host *h = create_c5_in(14);
    assert_int_equal(h->output[AF14_IN(5)], PIN_LOW);
    assert_int_equal(h->output[AF1_IN(5)], PIN_RELEASED);
    fake_set_input(h, IN(5), PIN_HIGH);
    assert_int_equal(h->output[AF14_IN(5)], PIN_HIGH);
    fake_write(h, AFRL, 1u << 20);
    assert_int_equal(h->output[AF14_IN(5)], PIN_RELEASED);
    assert_int_equal(h->output[AF1_IN(5)], PIN_HIGH);
    fake_write(h, MODER, 0xfffff3ffu); /* input */
    assert_int_equal(h->output[AF1_IN(5)], PIN_RELEASED);
    fake_destroy(h);
}

static void the_level_of_each_pin_is_an_output_of_the_port(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    assert_int_equal(h->output[LEVEL(5)], 0);
    fake_write(h, BSRR, 0x20u); /* driven by the port */
    assert_int_equal(h->output[LEVEL(5)], 1);
    fake_write(h, BSRR, 0x200000u);
    assert_int_equal(h->output[LEVEL(5)], 0);
    fake_write(h, MODER, 0xf3fff7ffu); /* PC13 input */
    fake_set_input(h, IN(13), PIN_HIGH);
    assert_int_equal(h->output[LEVEL(13)], 1);
    fake_set_input(h, IN(13), PIN_LOW);
    assert_int_equal(h->output[LEVEL(13)], 0);
    fake_set_input(h, IN(13), PIN_RELEASED);
    fake_write(h, PUPDR, 1u << 26); /* pulled up */
    assert_int_equal(h->output[LEVEL(13)], 1);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(h->output[LEVEL(13)], 0);
    fake_destroy(h);
}

static void a_pad_tells_what_drives_it_even_in_analog_mode(void **state)
{
    (void)state;
    struct fake_host *h = create_a(); /* pin 0 is analog after reset */
    fake_set_input(h, IN(0), PIN_HIGH);
    assert_int_equal(h->output[PAD(0)], 1);
    assert_int_equal(h->output[32], 0);
    fake_set_input(h, IN(0), PIN_LOW);
    assert_int_equal(h->output[PAD(0)], 0);
    fake_destroy(h);
}

static void a_synchronous_frame_passes_out_of_the_pin_and_leaves_its_level_alone(void **state)
{
    (void)state;
    struct fake_host *h = create_c5_in(5);
    uint64_t frame = sync_bits(0xa5u, 8);
    fake_set_input(h, AF5_OUT(5), PIN_HIGH);
    uint32_t told = fake_count_obs(h, OBS_PIN);
    fake_set_input(h, AF5_OUT(5), frame);
    assert_true(h->output[OUT(5)] == frame);
    assert_int_equal(fake_read(h, IDR), 0x20u);
    fake_write(h, AFRL, 5u << 20); /* a write that changes nothing does not wipe it out */
    assert_true(h->output[OUT(5)] == frame);
    assert_true(h->output[NET(5)] == frame);
    assert_int_equal(h->pulse_count, 2);                      /* to the outside and to the net */
    h->device.model->on_input(&h->device, AF5_OUT(5), frame); /* an equal one is one more */
    assert_int_equal(h->pulse_count, 4);
    fake_set_input(h, AF5_OUT(5), PIN_HIGH);
    assert_int_equal(h->output[NET(5)], NET_HIGH);
    assert_int_equal(h->output[OUT(5)], PIN_HIGH);
    assert_int_equal(fake_count_obs(h, OBS_PIN), told);
    fake_write(h, AFRL, 6u << 20);
    fake_set_input(h, AF5_OUT(5), frame); /* the pin is in another function */
    assert_int_equal(h->output[OUT(5)], PIN_RELEASED);
    fake_destroy(h);
}

static void a_synchronous_frame_reaches_the_peripheral_whose_function_the_pin_is_in(void **state)
{
    (void)state;
    struct fake_host *h = create_c5_in(5);
    uint64_t frame = sync_bits(0x5au, 8);
    fake_set_input(h, IN(5), PIN_HIGH);
    fake_set_input(h, IN(5), frame);
    assert_true(h->output[AF5_IN(5)] == frame);
    assert_int_equal(h->pulse_count, 1);
    assert_int_equal(fake_read(h, IDR), 0x20u);
    fake_write(h, AFRL, 5u << 20);
    assert_true(h->output[AF5_IN(5)] == frame);
    fake_set_input(h, IN(5), PIN_HIGH);
    assert_int_equal(h->output[AF5_IN(5)], PIN_HIGH);
    fake_set_input(h, NET_IN(5), frame); /* over a wire, while nobody else drives the pin */
    assert_true(h->output[AF5_IN(5)] == frame);
    assert_int_equal(fake_read(h, IDR), 0x20u);
    fake_set_input(h, NET_IN(5), NET_PULLED_DOWN);
    assert_int_equal(h->output[AF5_IN(5)], PIN_HIGH);
    fake_write(h, AFRL, 1u << 20);
    fake_set_input(h, IN(5), frame);
    assert_int_equal(h->output[AF5_IN(5)], PIN_RELEASED);
    fake_destroy(h);
}

static void a_pin_puts_on_its_net_what_is_strongest_there(void **state)
{
    (void)state;
    struct fake_host *h = create_c5();
    assert_int_equal(h->output[NET(5)], NET_LOW);
    fake_write(h, BSRR, 1u << 5);
    assert_int_equal(h->output[NET(5)], NET_HIGH);
    fake_write(h, OTYPER, 1u << 5); /* open drain: released */
    assert_int_equal(h->output[NET(5)], NET_FLOATING);
    fake_write(h, PUPDR, 1u << 10);
    assert_int_equal(h->output[NET(5)], NET_PULLED_UP);
    fake_write(h, PUPDR, 2u << 10);
    assert_int_equal(h->output[NET(5)], NET_PULLED_DOWN);
    fake_set_input(h, IN(5), PIN_HIGH);
    assert_int_equal(h->output[NET(5)], NET_OUTSIDE_HIGH);
    fake_write(h, BRR, 1u << 5);
    assert_int_equal(h->output[NET(5)], NET_LOW);
    fake_set_input(h, IN(5), PIN_RELEASED);
    fake_write(h, MODER, 0xffffffffu); /* analog: the pull is off, too */
    assert_int_equal(h->output[NET(5)], NET_FLOATING);
    fake_destroy(h);
}

static void a_pin_sees_its_net_as_far_as_it_is_stronger(void **state)
{
    (void)state;
    struct fake_host *h = fake_create(&stm32_gpio_model, &port_c);
    fake_power_on(h);
    fake_write(h, MODER, 0xfffff3ffu); /* an input without a pull */
    fake_set_input(h, NET_IN(5), NET_PULLED_UP);
    assert_int_equal(fake_read(h, IDR), 1u << 5);
    assert_int_equal(h->output[LEVEL(5)], 1);
    assert_int_equal(h->output[PAD(5)], 1);
    assert_int_equal(h->output[NET(5)], NET_FLOATING); /* it does not give back what it sees */
    fake_write(h, PUPDR, 2u << 10);                    /* pulled both ways: not defined, low here */
    assert_int_equal(fake_read(h, IDR), 0);
    fake_set_input(h, NET_IN(5), NET_OUTSIDE_HIGH);
    assert_int_equal(fake_read(h, IDR), 1u << 5);
    fake_set_input(h, IN(5), PIN_LOW); /* two outside: low */
    assert_int_equal(fake_read(h, IDR), 0);
    fake_set_input(h, NET_IN(5), NET_HIGH);
    assert_int_equal(fake_read(h, IDR), 1u << 5);
    fake_write(h, MODER, 0xfffff7ffu); /* drives low itself */
    assert_int_equal(fake_read(h, IDR), 0);
    fake_destroy(h);
}

/* Outputs "analogN", inputs "anaN", RM0351 8.3.12 and 8.4.12. */
#define ANALOG(pin) (224u + (pin))
#define ANA(pin)    (178u + (pin))
#define ASCR        0x2cu
#define TO_ADC      (1ull << 32)

static void a_pin_carries_the_voltage_that_the_outside_drives(void **state)
{
    (void)state;
    struct fake_host *h = create_a(); /* pin 0 is analog after reset, its switch open */
    assert_int_equal(h->output[ANALOG(0)], 0);
    fake_set_input(h, IN(0), pin_voltage(1650000u));
    assert_int_equal(h->output[ANALOG(0)], 1650000u);
    fake_write(h, ASCR, 1u);
    assert_int_equal(h->output[ANALOG(0)], TO_ADC | 1650000u);
    fake_set_input(h, IN(0), PIN_HIGH);
    assert_int_equal(h->output[ANALOG(0)], TO_ADC | 3300000u);
    fake_set_input(h, IN(0), PIN_LOW);
    assert_int_equal(h->output[ANALOG(0)], TO_ADC);
    fake_destroy(h);
}

static void a_digital_input_takes_a_voltage_as_a_level(void **state)
{
    (void)state;
    struct fake_host *h = create_a();
    fake_write(h, MODER, 0xabfffffcu);
    fake_set_input(h, IN(0), pin_voltage(2310000u)); /* 0.7 of 3.3 V */
    assert_int_equal(fake_read(h, IDR) & 1u, 1u);
    fake_set_input(h, IN(0), pin_voltage(2309999u));
    assert_int_equal(fake_read(h, IDR) & 1u, 0);
    fake_write(h, PUPDR, 1u); /* what drives the pin is stronger */
    assert_int_equal(h->output[ANALOG(0)], 2309999u);
    fake_set_input(h, IN(0), PIN_RELEASED);
    assert_int_equal(h->output[ANALOG(0)], 3300000u);
    fake_destroy(h);
}

static void a_converter_drives_its_pin_in_analog_mode_and_is_observed(void **state)
{
    (void)state;
    struct fake_host *h = create_a();
    fake_set_input(h, ANA(4), pin_voltage(800000u));
    assert_int_equal(h->output[ANALOG(4)], 800000u);
    assert_int_equal(fake_count_obs(h, OBS_VOLTAGE), 1);
    assert_int_equal(h->obs[0].a, 4);
    assert_int_equal(h->obs[0].b, 800000u);
    fake_write(h, MODER, 0xabfffcffu); /* an input */
    assert_int_equal(h->output[ANALOG(4)], 0);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_pin_puts_on_its_net_what_is_strongest_there),
        T(a_pin_sees_its_net_as_far_as_it_is_stronger),
        T(a_pin_carries_the_voltage_that_the_outside_drives),
        T(a_digital_input_takes_a_voltage_as_a_level),
        T(a_converter_drives_its_pin_in_analog_mode_and_is_observed),
        T(a_pad_tells_what_drives_it_even_in_analog_mode),
        T(a_synchronous_frame_passes_out_of_the_pin_and_leaves_its_level_alone),
        T(a_synchronous_frame_reaches_the_peripheral_whose_function_the_pin_is_in),
        T(registers_have_the_reset_values_and_bits_of_port_a),
        T(bsrr_sets_and_resets_and_set_wins),
        T(each_change_of_an_output_pin_is_observed_once),
        T(a_pin_that_becomes_an_output_while_odr_is_high_is_an_edge),
        T(an_input_reads_what_is_driven_or_else_its_pull),
        T(an_open_drain_output_releases_the_pin_when_high),
        T(the_alternate_function_shows_only_in_alternate_mode),
        T(the_lock_sequence_freezes_the_configuration_until_reset),
        T(a_lock_sequence_with_another_pin_in_between_locks_nothing),
        T(pins_that_the_port_lacks_do_nothing),
        T(a_port_without_analog_switches_has_no_ascr),
        T(the_first_pin_follows_its_input_as_the_others_do),
        T(a_peripheral_drives_the_pin_that_is_in_its_function),
        T(an_open_drain_pin_of_a_peripheral_is_released_when_high),
        T(a_peripheral_sees_the_pin_only_while_it_is_in_its_function),
        T(the_level_of_each_pin_is_an_output_of_the_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
