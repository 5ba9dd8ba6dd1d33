/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file EXTI of the STM32L476, by RM0351 chapter 14. */
#include "fake_host.h"
#include "models/stm32_exti.h"

#define IMR1   0x00u
#define EMR1   0x04u
#define RTSR1  0x08u
#define FTSR1  0x0cu
#define SWIER1 0x10u
#define PR1    0x14u
#define IMR2   0x20u
#define RTSR2  0x28u
#define PR2    0x34u

static uint32_t wire(const char *const *names, const char *name)
{
    for (uint32_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    fail_msg("no wire %s", name);
    return 0;
}

static void set(struct fake_host *h, const char *name, uint64_t value)
{
    fake_set_input(h, wire(h->device.model->inputs, name), value);
}

static uint64_t output(const struct fake_host *h, const char *name)
{
    return h->output[wire(h->device.model->outputs, name)];
}

static struct fake_host *exti(void)
{
    struct fake_host *h = fake_create(&stm32_exti_model, NULL);
    fake_power_on(h);
    return h;
}

static void registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    /* A software trigger pends nothing on its own here: PR stays 0. */
    static const struct reg_expect expected[] = {
        {"IMR1", 0x00, 0xff820000u, 0xffffffffu, 0},
        {"EMR1", 0x04, 0, 0xffffffffu, 0},
        {"RTSR1", 0x08, 0, 0x007dffffu, 0},
        {"FTSR1", 0x0c, 0, 0x007dffffu, 0},
        {"SWIER1", 0x10, 0, 0x007dffffu, 0x007dffffu},
        {"PR1", 0x14, 0, 0, 0},
        {"IMR2", 0x20, 0x00000087u, 0x000000ffu, 0},
        {"EMR2", 0x24, 0, 0x000000ffu, 0},
        {"RTSR2", 0x28, 0, 0x00000078u, 0},
        {"FTSR2", 0x2c, 0, 0x00000078u, 0},
        {"SWIER2", 0x30, 0, 0x00000078u, 0x00000078u},
        {"PR2", 0x34, 0, 0, 0},
    };
    check_registers(exti, expected, ARRAY_LENGTH(expected));
}

static void a_falling_edge_of_pc13_pends_line_13_until_it_is_cleared(void **state)
{
    (void)state;
    struct fake_host *h = exti();
    set(h, "sel13", 2);
    set(h, "pc13", 1);
    fake_write(h, IMR1, 1u << 13);
    fake_write(h, FTSR1, 1u << 13);
    set(h, "pc13", 0);
    assert_int_equal(fake_read(h, PR1), 1u << 13);
    assert_int_equal(output(h, "irq15_10"), 1);
    assert_int_equal(output(h, "irq9_5"), 0);
    set(h, "pc13", 1); /* rising: not selected */
    fake_write(h, PR1, 1u << 13);
    assert_int_equal(fake_read(h, PR1), 0);
    assert_int_equal(output(h, "irq15_10"), 0);
    fake_destroy(h);
}

static void only_the_selected_port_counts(void **state)
{
    (void)state;
    struct fake_host *h = exti();
    set(h, "sel0", 1);
    fake_write(h, IMR1, 1u);
    fake_write(h, RTSR1, 1u);
    set(h, "pa0", 1);
    set(h, "pb1", 1);
    assert_int_equal(fake_read(h, PR1), 0);
    set(h, "pb0", 1);
    assert_int_equal(fake_read(h, PR1), 1u);
    assert_int_equal(output(h, "irq0"), 1);
    fake_destroy(h);
}

static void each_line_has_its_interrupt(void **state)
{
    (void)state;
    static const char *const names[] = {"irq0",     "irq1",     "irq2",     "irq3",     "irq4",     "irq9_5",
                                        "irq9_5",   "irq9_5",   "irq9_5",   "irq9_5",   "irq15_10", "irq15_10",
                                        "irq15_10", "irq15_10", "irq15_10", "irq15_10", "irq_pvd"};
    for (uint32_t line = 0; line < ARRAY_LENGTH(names); line++) {
        struct fake_host *h = exti();
        fake_write(h, IMR1, 1u << line);
        fake_write(h, SWIER1, 1u << line);
        assert_int_equal(fake_read(h, SWIER1), 1u << line);
        for (uint32_t i = 0; i < 12u; i++)
            assert_int_equal(h->output[i], strcmp(h->device.model->outputs[i], names[line]) == 0);
        fake_write(h, PR1, 1u << line);
        assert_int_equal(fake_read(h, SWIER1), 0);
        assert_int_equal(output(h, names[line]), 0);
        fake_destroy(h);
    }
}

static void the_rtc_has_lines_18_to_20(void **state)
{
    (void)state;
    struct fake_host *h = exti();
    fake_write(h, IMR1, 7u << 18);
    fake_write(h, RTSR1, 7u << 18);
    set(h, "rtc_alarm", 1);
    assert_int_equal(fake_read(h, PR1), 1u << 18);
    assert_int_equal(output(h, "irq_alarm"), 1);
    set(h, "rtc_tamp", 1);
    set(h, "rtc_wkup", 1);
    assert_int_equal(fake_read(h, PR1), 7u << 18);
    assert_int_equal(output(h, "irq_tamp"), 1);
    assert_int_equal(output(h, "irq_wkup"), 1);
    fake_write(h, PR1, 1u << 19);
    set(h, "lsecss", 1); /* the line was high already */
    assert_int_equal(fake_read(h, PR1), 5u << 18);
    fake_destroy(h);
}

static void lines_above_31_live_in_the_second_registers(void **state)
{
    (void)state;
    struct fake_host *h = exti();
    fake_write(h, IMR2, 1u << 3);
    fake_write(h, RTSR2, 1u << 3);
    set(h, "pvm1", 1);
    assert_int_equal(fake_read(h, PR2), 1u << 3);
    assert_int_equal(output(h, "irq_pvd"), 1);
    fake_destroy(h);
}

static void a_masked_line_pends_nothing_and_an_event_line_pulses(void **state)
{
    (void)state;
    struct fake_host *h = exti();
    fake_write(h, EMR1, 1u);
    fake_write(h, RTSR1, 1u);
    set(h, "pa0", 1);
    assert_int_equal(fake_read(h, PR1), 0);
    assert_int_equal(h->pulse_count, 1);
    set(h, "pa0", 0);
    assert_int_equal(h->pulse_count, 1);
    fake_destroy(h);
}

static void without_power_edges_are_lost(void **state)
{
    (void)state;
    struct fake_host *h = exti();
    fake_write(h, IMR1, 1u);
    fake_write(h, RTSR1, 1u);
    fake_write(h, SWIER1, 1u);
    set(h, "off", 1);
    assert_int_equal(output(h, "irq0"), 0);
    fake_write(h, PR1, 1u);
    set(h, "pa0", 1);
    assert_int_equal(fake_read(h, PR1), 0);
    fake_destroy(h);
}

static void a_level_that_was_there_at_reset_is_no_edge(void **state)
{
    (void)state;
    struct fake_host *h = exti();
    h->input[wire(h->device.model->inputs, "pa0")] = 1;
    fake_reset(h, RESET_SOFTWARE);
    fake_write(h, IMR1, 1u);
    fake_write(h, RTSR1, 1u);
    set(h, "pa0", 1);
    assert_int_equal(fake_read(h, PR1), 0);
    fake_destroy(h);
}

static void in_stop_a_masked_low_power_timer_does_not_reach_the_core(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"lptim1", "irq_lptim1"}, {"lptim2", "irq_lptim2"}};
    for (uint32_t i = 0; i < 2u; i++) {
        struct fake_host *h = exti();
        set(h, names[i][0], 1); /* lines 32 and 33 are unmasked after reset */
        assert_int_equal(output(h, names[i][1]), 1);
        fake_write(h, IMR2, 0x87u & ~(1u << i));
        assert_int_equal(output(h, names[i][1]), 1); /* in run mode masks have no part in it */
        set(h, names[i][0], 0);
        set(h, "mode", 3);
        set(h, names[i][0], 1);
        assert_int_equal(output(h, names[i][1]), 0);
        fake_write(h, IMR2, 0x87u);
        assert_int_equal(output(h, names[i][1]), 1);
        fake_write(h, IMR2, 0);
        assert_int_equal(output(h, names[i][1]), 0);
        set(h, "mode", 0);
        assert_int_equal(output(h, names[i][1]), 1);
        fake_destroy(h);
    }
}

static void an_event_line_of_a_low_power_timer_pulses(void **state)
{
    (void)state;
    struct fake_host *h = exti();
    set(h, "lptim2", 1);
    set(h, "lptim2", 0);
    assert_int_equal(h->pulse_count, 0);
    fake_write(h, 0x24u, 2u); /* EMR2, line 33 */
    set(h, "lptim1", 1);
    assert_int_equal(h->pulse_count, 0);
    set(h, "lptim2", 1);
    assert_int_equal(h->pulse_count, 1);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(registers_have_their_reset_values_and_bits),
        T(a_falling_edge_of_pc13_pends_line_13_until_it_is_cleared),
        T(only_the_selected_port_counts),
        T(each_line_has_its_interrupt),
        T(the_rtc_has_lines_18_to_20),
        T(lines_above_31_live_in_the_second_registers),
        T(a_masked_line_pends_nothing_and_an_event_line_pulses),
        T(without_power_edges_are_lost),
        T(a_level_that_was_there_at_reset_is_no_edge),
        T(in_stop_a_masked_low_power_timer_does_not_reach_the_core),
        T(an_event_line_of_a_low_power_timer_pulses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
