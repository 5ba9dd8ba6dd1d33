/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file I2C of the STM32L476, by RM0351 chapter 39: what others do to the lines, interrupts, requests, Stop. */
#include "i2c_fixture.h"

static void somebody_who_holds_scl_delays_the_master(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | NBYTES(1) | AUTOEND | START);
    while (bus.fall_count < 3u)
        bus_run(50000u);
    uint64_t fell_ps = bus.fell_ps[2];
    bus_pull(0, true);
    bus_run_until(fell_ps + 20u * PERIOD_PS);
    assert_int_equal(bus.fall_count, 3);
    bus_pull(0, false);
    bus_run(HIGH_PS - 1000u);
    assert_int_equal(bus.fall_count, 3);
    bus_run(2000u); /* SCLH counts from the edge on */
    assert_int_equal(bus.fall_count, 4);
    slave_takes_address(OWN, false);
    send(bus.master, 0x99);
    check_received(bus.slave, 0x99);
    check_stopped();
    bus_destroy();
}

static void start_waits_until_the_bus_is_free(void **state)
{
    (void)state;
    bus_create();
    bus_pull(1, true); /* somebody's START */
    assert_int_equal(fake_read(bus.master, ISR) & BUSY, BUSY);
    fake_write(bus.master, CR2, OWN | NBYTES(1) | AUTOEND | START);
    bus_run(50u * PERIOD_PS);
    assert_int_equal(bus.fall_count, 0);
    assert_int_equal(fake_read(bus.master, CR2) & START, START);
    bus_pull(1, false);                                               /* STOP */
    assert_int_equal(fake_read(bus.master, ISR) & (BUSY | STOPF), 0); /* not ours */
    bus_run(LOW_PS - 1000u);
    assert_int_equal(bus.level[1], 1);
    bus_run(2000u);
    assert_int_equal(bus.level[1], 0);
    slave_takes_address(OWN, false);
    bus_destroy();
}

static void start_waits_until_the_lines_are_high(void **state)
{
    (void)state;
    bus_create();
    bus_pull(0, true); /* a line without its pull-up */
    fake_write(bus.master, CR2, OWN | NBYTES(1) | AUTOEND | START);
    bus_run(50u * PERIOD_PS);
    assert_int_equal(bus.starts, 0);
    bus_pull(0, false);
    slave_takes_address(OWN, false);
    bus_destroy();
}

static void a_master_that_is_outvoted_loses_arbitration(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | NBYTES(2) | AUTOEND | START); /* 01011010 */
    while (bus.fall_count < 2u)
        bus_run(50000u);
    bus_run(500000u);
    bus_pull(1, true); /* the second bit, a 1 */
    bus_wait(bus.master, ARLO);
    assert_int_equal(fake_read(bus.master, CR2) & START, 0);
    bus_pull(0, true); /* the winner goes on alone */
    bus_run(50u * PERIOD_PS);
    assert_int_equal(bus.fall_count, 3);
    assert_int_equal(bus.master->output[0], PIN_HIGH);
    assert_int_equal(bus.master->output[1], PIN_HIGH);
    assert_int_equal(fake_read(bus.master, ISR) & (NACKF | STOPF), 0);
    bus_destroy();
}

/** One clock of somebody else with a bit on SDA. */
static void clock_bit(bool bit)
{
    bus_pull(1, !bit);
    bus_run(LOW_PS);
    bus_pull(0, false);
    bus_run(HIGH_PS);
    bus_pull(0, true);
    bus_run(LOW_PS);
}

static void clock_byte(uint32_t byte)
{
    for (uint32_t i = 0; i < 8u; i++)
        clock_bit((byte >> (7u - i) & 1u) != 0);
    clock_bit(true);
}

static void begin(void)
{
    bus_pull(1, true);
    bus_run(HIGH_PS);
    bus_pull(0, true);
    bus_run(LOW_PS);
}

static void a_stop_inside_a_byte_is_a_bus_error(void **state)
{
    (void)state;
    bus_create_with(0, NOSTRETCH);
    fake_write(bus.slave, CR1, 0);
    fake_write(bus.slave, CR1, NOSTRETCH);
    fake_write(bus.slave, CR1, NOSTRETCH | PE);
    begin();
    clock_byte(OWN);
    assert_int_equal(fake_read(bus.slave, ISR) & ADDR, ADDR);
    clock_bit(true);
    clock_bit(true);
    bus_pull(1, true);
    bus_run(LOW_PS);
    bus_pull(0, false);
    bus_run(HIGH_PS);
    assert_int_equal(fake_read(bus.slave, ISR) & BERR, 0);
    bus_pull(1, false);
    assert_int_equal(fake_read(bus.slave, ISR) & (BERR | STOPF | BUSY), BERR | STOPF);
    assert_int_equal(fake_read(bus.master, ISR) & (BERR | STOPF), 0); /* has no part in it */
    fake_write(bus.slave, ICR, BERR);
    assert_int_equal(fake_read(bus.slave, ISR) & BERR, 0);
    bus_destroy();
}

static void switching_off_lets_the_lines_go_and_clears_flags(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | NBYTES(3) | START);
    slave_takes_address(OWN, false);
    bus_wait(bus.master, TXIS);
    fake_write(bus.master, CR2, STOP | NACK);
    fake_write(bus.master, CR1, 0);
    assert_int_equal(fake_read(bus.master, ISR), TXE);
    assert_int_equal(fake_read(bus.master, CR2) & (START | STOP | NACK), 0);
    assert_int_equal(bus.master->output[0], PIN_RELEASED);
    assert_int_equal(bus.master->output[1], PIN_RELEASED);
    bus_run(50u * PERIOD_PS);
    assert_int_equal(bus.level[0], 1);
    bus_destroy();
}

static void each_flag_has_its_interrupt_enable(void **state)
{
    (void)state;
    bus_create_with(0x02u | 0x10u, 0x08u | 0x04u); /* TXIE, NACKIE; ADDRIE, RXIE */
    fake_write(bus.master, CR2, OWN | NBYTES(1) | START);
    bus_wait(bus.slave, ADDR);
    assert_int_equal(bus.slave->output[OUT_IRQ_EV], 1);
    fake_write(bus.slave, ICR, ADDR);
    assert_int_equal(bus.slave->output[OUT_IRQ_EV], 0);
    bus_wait(bus.master, TXIS);
    assert_int_equal(bus.master->output[OUT_IRQ_EV], 1);
    fake_write(bus.master, TXDR, 0x42);
    assert_int_equal(bus.master->output[OUT_IRQ_EV], 0);
    bus_wait(bus.slave, RXNE);
    assert_int_equal(bus.slave->output[OUT_IRQ_EV], 1);
    (void)fake_read(bus.slave, RXDR);
    assert_int_equal(bus.slave->output[OUT_IRQ_EV], 0);
    bus_wait(bus.master, TC);
    assert_int_equal(bus.master->output[OUT_IRQ_EV], 0);
    fake_write(bus.master, CR1, PE | 0x40u); /* TCIE */
    assert_int_equal(bus.master->output[OUT_IRQ_EV], 1);
    fake_write(bus.master, CR1, PE | 0x20u); /* STOPIE */
    assert_int_equal(bus.master->output[OUT_IRQ_EV], 0);
    fake_write(bus.master, CR2, OWN | STOP);
    bus_wait(bus.master, STOPF);
    assert_int_equal(bus.master->output[OUT_IRQ_EV], 1);
    assert_int_equal(bus.master->output[OUT_IRQ_ER], 0);
    bus_destroy();
}

static void errors_have_an_interrupt_of_their_own(void **state)
{
    (void)state;
    bus_create_with(0x80u, 0); /* ERRIE */
    fake_write(bus.master, CR2, OWN | NBYTES(2) | AUTOEND | START);
    while (bus.fall_count < 2u)
        bus_run(50000u);
    bus_run(500000u);
    bus_pull(1, true);
    bus_wait(bus.master, ARLO);
    assert_int_equal(bus.master->output[OUT_IRQ_ER], 1);
    assert_int_equal(bus.master->output[OUT_IRQ_EV], 0);
    fake_write(bus.master, ICR, ARLO);
    assert_int_equal(bus.master->output[OUT_IRQ_ER], 0);
    bus_destroy();
}

static void dma_requests_follow_txis_and_rxne(void **state)
{
    (void)state;
    bus_create_with(0x4000u, 0x8000u); /* TXDMAEN; RXDMAEN */
    fake_write(bus.master, CR2, OWN | NBYTES(2) | AUTOEND | START);
    assert_int_equal(bus.master->output[OUT_DMA_TX], 0);
    slave_takes_address(OWN, false);
    bus_wait(bus.master, TXIS);
    assert_int_equal(bus.master->output[OUT_DMA_TX], 1);
    fake_write(bus.master, TXDR, 0x10); /* goes out at once: the next one is wanted */
    assert_int_equal(bus.master->output[OUT_DMA_TX], 1);
    fake_write(bus.master, TXDR, 0x20);
    assert_int_equal(bus.master->output[OUT_DMA_TX], 0);
    bus_wait(bus.slave, RXNE);
    assert_int_equal(bus.slave->output[OUT_DMA_RX], 1);
    (void)fake_read(bus.slave, RXDR);
    assert_int_equal(bus.slave->output[OUT_DMA_RX], 0);
    check_received(bus.slave, 0x20);
    check_stopped();
    assert_int_equal(bus.master->output[OUT_DMA_TX], 0);
    bus_destroy();
}

static void scl_that_is_low_for_too_long_is_a_timeout(void **state)
{
    (void)state;
    bus_create();
    /* TIMEOUTA 1: 2 * 2048 clocks of 62.5 ns */
    fake_write(bus.master, TIMEOUTR, 0x8001u);
    fake_write(bus.master, CR2, OWN | NBYTES(1) | START);
    bus_wait(bus.slave, ADDR); /* and the slave holds SCL */
    uint64_t fell_ps = bus.fell_ps[bus.fall_count - 1u];
    bus_run_until(fell_ps + 256000000ull - 1000u);
    assert_int_equal(fake_read(bus.master, ISR) & TIMEOUT, 0);
    bus_run(2000u);
    assert_int_equal(fake_read(bus.master, ISR) & TIMEOUT, TIMEOUT);
    fake_write(bus.slave, ICR, ADDR);
    check_stopped(); /* the master ends it as soon as it can */
    bus_destroy();
}

static void a_bus_that_is_idle_for_long_is_a_timeout_with_tidle(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.slave, TIMEOUTR, 0x1003u);
    fake_write(bus.slave, TIMEOUTR, 0x9003u); /* 4 * 4 clocks: 1 us */
    bus_run(999000u);
    assert_int_equal(fake_read(bus.slave, ISR) & TIMEOUT, 0);
    bus_run(2000u);
    assert_int_equal(fake_read(bus.slave, ISR) & TIMEOUT, TIMEOUT);
    bus_destroy();
}

static void an_address_is_heard_in_stop_only_with_wupen(void **state)
{
    (void)state;
    bus_create_with(0, 0x08u); /* ADDRIE */
    fake_set_input(bus.slave, IN_STOP, 3);
    fake_write(bus.master, CR2, OWN | AUTOEND | START);
    check_stopped();
    assert_int_equal(fake_read(bus.master, ISR) & NACKF, NACKF);
    fake_set_input(bus.slave, IN_STOP, 0);
    fake_write(bus.slave, CR1, PE | WUPEN | 0x08u);
    fake_set_input(bus.slave, IN_STOP, 3);
    bus_run(10u * PERIOD_PS);
    fake_write(bus.master, CR2, OWN | AUTOEND | START);
    bus_wait(bus.slave, ADDR);
    assert_int_equal(bus.slave->output[OUT_IRQ_EV], 1); /* wakes the core */
    bus_run(50u * PERIOD_PS);
    assert_int_equal(bus.level[0], 0); /* the master waits for it */
    fake_set_input(bus.slave, IN_STOP, 0);
    fake_write(bus.slave, ICR, ADDR);
    check_stopped();
    bus_destroy();
}

static void a_unit_that_cannot_wake_from_stop_2_is_deaf_there(void **state)
{
    (void)state;
    static const struct stm32_i2c_v2_params params = {0};
    bus_create_with(0, WUPEN);
    bus.slave->device.params = &params;
    fake_set_input(bus.slave, IN_STOP, 3);
    fake_write(bus.master, CR2, OWN | AUTOEND | START);
    check_stopped();
    assert_int_equal(fake_read(bus.master, ISR) & NACKF, NACKF);
    fake_write(bus.master, ICR, NACKF);
    fake_set_input(bus.slave, IN_STOP, 2); /* Stop 1 */
    bus_run(10u * PERIOD_PS);
    fake_write(bus.master, CR2, OWN | AUTOEND | START);
    bus_wait(bus.slave, ADDR);
    bus_destroy();
}

static void a_master_without_its_kernel_clock_stands_still(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | NBYTES(1) | AUTOEND | START);
    while (bus.fall_count < 4u)
        bus_run(50000u);
    fake_set_input(bus.master, IN_KER, 0);
    bus_run(50u * PERIOD_PS);
    assert_int_equal(bus.fall_count, 4);
    fake_set_input(bus.master, IN_KER, KER_HZ);
    slave_takes_address(OWN, false);
    send(bus.master, 0x31);
    check_received(bus.slave, 0x31);
    check_stopped();
    bus_destroy();
}

static void what_is_in_use_cannot_be_changed(void **state)
{
    (void)state;
    bus_create();
    uint32_t told = fake_count_obs(bus.slave, OBS_GUEST_ERROR);
    fake_write(bus.slave, TIMINGR, 0);
    assert_int_equal(fake_read(bus.slave, TIMINGR), TIMING);
    fake_write(bus.slave, OAR1, OAEN | 0x10u);
    assert_int_equal(fake_read(bus.slave, OAR1), OAEN | OWN);
    fake_write(bus.slave, CR1, PE | 0x1100u);
    assert_int_equal(fake_read(bus.slave, CR1), PE);
    assert_int_equal(fake_count_obs(bus.slave, OBS_GUEST_ERROR), told + 3u);
    bus_pull(1, true);
    fake_write(bus.master, CR2, OWN | NBYTES(1) | START);
    fake_write(bus.master, CR2, 0x10u | NBYTES(1) | START);
    assert_int_equal(fake_count_obs(bus.master, OBS_GUEST_ERROR), 1);
    assert_int_equal(fake_count_obs(bus.master, OBS_GAP), 0);
    bus_destroy();
}

static void smbus_alert_and_extended_timeouts_are_named_gaps(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.slave, CR1, PE | 0x00400000u);
    assert_int_equal(fake_count_obs(bus.slave, OBS_GAP), 1);
    fake_write(bus.slave, TIMEOUTR, 0x80000000u);
    assert_int_equal(fake_count_obs(bus.slave, OBS_GAP), 2);
    bus_destroy();
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(somebody_who_holds_scl_delays_the_master),
        T(start_waits_until_the_bus_is_free),
        T(start_waits_until_the_lines_are_high),
        T(a_master_that_is_outvoted_loses_arbitration),
        T(a_stop_inside_a_byte_is_a_bus_error),
        T(switching_off_lets_the_lines_go_and_clears_flags),
        T(each_flag_has_its_interrupt_enable),
        T(errors_have_an_interrupt_of_their_own),
        T(dma_requests_follow_txis_and_rxne),
        T(scl_that_is_low_for_too_long_is_a_timeout),
        T(a_bus_that_is_idle_for_long_is_a_timeout_with_tidle),
        T(an_address_is_heard_in_stop_only_with_wupen),
        T(a_unit_that_cannot_wake_from_stop_2_is_deaf_there),
        T(a_master_without_its_kernel_clock_stands_still),
        T(what_is_in_use_cannot_be_changed),
        T(smbus_alert_and_extended_timeouts_are_named_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
