/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file DAC of the STM32L476, by RM0351 chapter 19. APB1 runs at 80 MHz: a cycle takes 12.5 ns. */
#include "fake_host.h"
#include "models/stm32_dac_v2.h"

#define NS 1000ull
#define US 1000000ull

#define CR      0x00u
#define SWTRIGR 0x04u
#define DHR12R1 0x08u
#define DHR12L1 0x0cu
#define DHR8R1  0x10u
#define DHR12R2 0x14u
#define DHR12RD 0x20u
#define DHR12LD 0x24u
#define DHR8RD  0x28u
#define DOR1    0x2cu
#define DOR2    0x30u
#define SR      0x34u
#define CCR     0x38u
#define MCR     0x3cu
#define SHSR1   0x40u

#define EN       0x0001u
#define TEN      0x0004u
#define DMAEN    0x1000u
#define DMAUDRIE 0x2000u
#define CEN      0x4000u

#define CLK    0u
#define LSI    3u
#define ALSO1  4u
#define TRG(n) (6u + (n))
#define PULSE  4u
#define IRQ    0u
#define DMA1   1u
#define PIN1   3u
#define OUT1   5u
#define OUT2   6u

static const struct stm32_dac_v2_params params = {0x12u};

static struct fake_host *create(void)
{
    struct fake_host *h = fake_create(&stm32_dac_v2_model, &params);
    h->input[CLK] = 80000000u;
    h->input[LSI] = 32000u;
    fake_power_on(h);
    return h;
}

static void trigger(struct fake_host *h, uint32_t n)
{
    h->device.model->on_input(&h->device, TRG(n), PULSE);
}

static void registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"CR", 0x00, 0, 0x7ffd7ffdu, 0},
        {"SWTRIGR", 0x04, 0, 0, 0},
        {"DHR12R1", 0x08, 0, 0xfffu, 0},
        {"DHR12L1", 0x0c, 0, 0xfff0u, 0},
        {"DHR8R1", 0x10, 0, 0xffu, 0},
        {"DHR12R2", 0x14, 0, 0xfffu, 0},
        {"DHR12L2", 0x18, 0, 0xfff0u, 0},
        {"DHR8R2", 0x1c, 0, 0xffu, 0},
        {"DHR12RD", 0x20, 0, 0x0fff0fffu, 0},
        {"DHR12LD", 0x24, 0, 0xfff0fff0u, 0},
        {"DHR8RD", 0x28, 0, 0xffffu, 0},
        {"DOR1", 0x2c, 0, 0, 0},
        {"DOR2", 0x30, 0, 0, 0},
        {"SR", 0x34, 0, 0, 0},
        {"CCR", 0x38, 0x120012u, 0x1f001fu, 0},
        {"MCR", 0x3c, 0, 0x70007u, 0},
        {"SHSR1", 0x40, 0, 0x3ffu, 0},
        {"SHSR2", 0x44, 0, 0x3ffu, 0},
        {"SHHR", 0x48, 0x10001u, 0x3ff03ffu, 0},
        {"SHRR", 0x4c, 0x10001u, 0xff00ffu, 0},
    };
    check_registers(create, expected, ARRAY_LENGTH(expected));
}

static void without_trigger_data_are_out_after_one_apb_cycle(void **state)
{
    (void)state;
    struct fake_host *h = create();
    fake_write(h, CR, EN);
    fake_write(h, DHR12R1, 2048u);
    fake_run(h, 12499u);
    assert_int_equal(fake_read(h, DOR1), 0);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, DOR1), 2048u);
    assert_true(h->output[PIN1] == pin_voltage(1650000u)); /* VREF+ * DOR / 4096 */
    fake_write(h, CR, 0);
    assert_true(h->output[PIN1] == 0);
    fake_destroy(h);
}

static void data_come_in_six_formats(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset, value, dor1, dor2;
    } cases[] = {{DHR12R1, 0xabcu, 0xabcu, 0},
                 {DHR12L1, 0xabcfu, 0xabcu, 0},
                 {DHR8R1, 0xabu, 0xab0u, 0},
                 {DHR12R2, 0x123u, 0, 0x123u},
                 {DHR12RD, 0x01230abcu, 0xabcu, 0x123u},
                 {DHR12LD, 0x1230abc0u, 0xabcu, 0x123u},
                 {DHR8RD, 0x12abu, 0xab0u, 0x120u}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = create();
        fake_write(h, CR, EN | EN << 16);
        fake_write(h, cases[i].offset, cases[i].value);
        fake_run(h, US);
        assert_int_equal(fake_read(h, DOR1), cases[i].dor1);
        assert_int_equal(fake_read(h, DOR2), cases[i].dor2);
        fake_destroy(h);
    }
}

static void a_trigger_takes_the_data_after_its_cycles(void **state)
{
    (void)state;
    struct fake_host *h = create();
    fake_write(h, CR, EN | TEN | 7u << 3); /* software */
    fake_write(h, DHR12R1, 100u);
    fake_run(h, US);
    assert_int_equal(fake_read(h, DOR1), 0);
    fake_write(h, SWTRIGR, 1u);
    assert_int_equal(fake_read(h, SWTRIGR), 1u);
    fake_run(h, 12500u);
    assert_int_equal(fake_read(h, SWTRIGR), 0);
    assert_int_equal(fake_read(h, DOR1), 100u);
    fake_write(h, CR, EN | TEN); /* TIM6 */
    fake_write(h, DHR12R1, 200u);
    trigger(h, 1);
    fake_run(h, US);
    assert_int_equal(fake_read(h, DOR1), 100u);
    trigger(h, 0);
    fake_run(h, 37499u); /* three cycles */
    assert_int_equal(fake_read(h, DOR1), 100u);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, DOR1), 200u);
    fake_destroy(h);
}

static void a_triangle_goes_up_to_its_amplitude_and_down(void **state)
{
    (void)state;
    static const uint32_t expected[] = {101, 102, 103, 102, 101, 100, 101};
    struct fake_host *h = create();
    fake_write(h, DHR12R1, 100u);
    fake_write(h, CR, EN | TEN | 2u << 6 | 1u << 8); /* amplitude 3 */
    for (uint32_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        trigger(h, 0);
        fake_run(h, US);
        assert_int_equal(fake_read(h, DOR1), expected[i]);
    }
    fake_destroy(h);
}

static void noise_is_the_shift_register_under_its_mask(void **state)
{
    (void)state;
    /* 0xaaa: bits 0, 1, 4, 6 are 0, 1, 0, 0: in comes 1: 0xd55; then 1, 0, 1, 1: 1: 0xeaa; then 0, 1, 0, 0: 1: 0xf55 */
    static const uint32_t expected[] = {0xd55u, 0xeaau, 0xf55u};
    for (uint32_t masked = 0; masked < 2u; masked++) {
        struct fake_host *h = create();
        fake_write(h, CR, EN | TEN | 1u << 6 | (masked != 0 ? 3u : 11u) << 8);
        for (uint32_t i = 0; i < ARRAY_LENGTH(expected); i++) {
            trigger(h, 0);
            fake_run(h, US);
            assert_int_equal(fake_read(h, DOR1), masked != 0 ? expected[i] & 0xfu : expected[i]);
        }
        fake_destroy(h);
    }
}

static void a_trigger_before_dma_delivered_is_an_underrun(void **state)
{
    (void)state;
    struct fake_host *h = create();
    fake_write(h, CR, EN | TEN | DMAEN | DMAUDRIE);
    trigger(h, 0);
    assert_int_equal(h->output[DMA1], 1);
    fake_write(h, DHR12R1, 5u);
    assert_int_equal(h->output[DMA1], 0);
    trigger(h, 0);
    assert_int_equal(fake_read(h, SR), 0);
    trigger(h, 0);
    assert_int_equal(fake_read(h, SR), 0x2000u);
    assert_int_equal(h->output[IRQ], 1);
    fake_write(h, DHR12R1, 6u);
    trigger(h, 0); /* no more requests */
    assert_int_equal(h->output[DMA1], 0);
    fake_write(h, SR, 0x2000u);
    assert_int_equal(fake_read(h, SR), 0);
    assert_int_equal(h->output[IRQ], 0);
    trigger(h, 0);
    assert_int_equal(h->output[DMA1], 1);
    fake_destroy(h);
}

static void the_timer_on_the_same_line_asks_for_dma_too(void **state)
{
    (void)state;
    struct fake_host *h = create();
    fake_set_input(h, ALSO1, 1);
    assert_int_equal(h->output[DMA1], 1);
    fake_set_input(h, ALSO1, 0);
    assert_int_equal(h->output[DMA1], 0);
    fake_write(h, CR, EN | TEN | DMAEN);
    trigger(h, 0);
    fake_set_input(h, ALSO1, 1);
    fake_set_input(h, ALSO1, 0); /* the DAC still waits */
    assert_int_equal(h->output[DMA1], 1);
    fake_destroy(h);
}

static void the_mode_says_where_the_voltage_goes(void **state)
{
    (void)state;
    static const struct {
        bool pin, inside;
    } modes[] = {{true, false}, {true, true}, {true, false}, {false, true},
                 {true, false}, {true, true}, {true, true},  {false, true}};
    for (uint32_t mode = 0; mode < 8u; mode++) {
        struct fake_host *h = create();
        fake_write(h, MCR, mode);
        fake_write(h, CR, EN);
        fake_write(h, DHR12R1, 1024u);
        fake_run(h, US);
        assert_true(h->output[PIN1] == (modes[mode].pin ? pin_voltage(825000u) : 0));
        assert_int_equal(h->output[OUT1], modes[mode].inside ? 825000u : 0);
        assert_int_equal(h->output[OUT2], 0);
        fake_write(h, MCR, mode ^ 1u); /* not while it is on */
        assert_int_equal(fake_read(h, MCR), mode);
        fake_destroy(h);
    }
}

static void the_calibration_flag_comes_at_the_trimming_value(void **state)
{
    (void)state;
    struct fake_host *h = create();
    fake_write(h, CR, CEN);
    fake_write(h, CCR, 0x11u);
    assert_int_equal(fake_read(h, SR), 0);
    fake_write(h, CCR, 0x12u);
    assert_int_equal(fake_read(h, SR), 0x4000u);
    fake_write(h, CR, 0);
    assert_int_equal(fake_read(h, SR), 0);
    fake_destroy(h);
}

static void a_sampling_time_is_taken_over_by_lsi(void **state)
{
    (void)state;
    struct fake_host *h = create();
    fake_write(h, MCR, 4u);
    fake_write(h, SHSR1, 100u);
    assert_int_equal(fake_read(h, SR), 0x8000u);
    fake_run(h, 93750u * NS); /* 3 / 32 kHz */
    assert_int_equal(fake_read(h, SR), 0);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(registers_have_their_reset_values_and_bits),
        T(without_trigger_data_are_out_after_one_apb_cycle),
        T(data_come_in_six_formats),
        T(a_trigger_takes_the_data_after_its_cycles),
        T(a_triangle_goes_up_to_its_amplitude_and_down),
        T(noise_is_the_shift_register_under_its_mask),
        T(a_trigger_before_dma_delivered_is_an_underrun),
        T(the_timer_on_the_same_line_asks_for_dma_too),
        T(the_mode_says_where_the_voltage_goes),
        T(the_calibration_flag_comes_at_the_trimming_value),
        T(a_sampling_time_is_taken_over_by_lsi),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
