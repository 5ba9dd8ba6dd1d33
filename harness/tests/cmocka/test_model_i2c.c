/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file I2C of the STM32L476, by RM0351 chapter 39: bytes between a master and a slave. */
#include "i2c_fixture.h"

static struct fake_host *create_alone(void)
{
    struct fake_host *h = fake_create(&stm32_i2c_v2_model, &(const struct stm32_i2c_v2_params){0});
    fake_power_on(h);
    return h;
}

static void registers_have_the_reset_values_and_bits_of_the_manual(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"CR1", 0x00, 0, 0x00ffdfffu, 0},
        {"CR2", 0x04, 0, 0x03ff1fffu, 0}, /* START and the like: PE is 0 */
        {"OAR1", 0x08, 0, 0x000087ffu, 0},
        {"OAR2", 0x0c, 0, 0x000087feu, 0},
        {"TIMINGR", 0x10, 0, 0xf0ffffffu, 0},
        {"TIMEOUTR", 0x14, 0, 0x8fff9fffu, 0},
        {"ISR", 0x18, 1, 1, 1},
        {"ICR", 0x1c, 0, 0, 0},
        {"PECR", 0x20, 0, 0, 0},
        {"RXDR", 0x24, 0, 0, 0},
        {"TXDR", 0x28, 0, 0xffu, 0},
    };
    check_registers(create_alone, expected, ARRAY_LENGTH(expected));
}

static void a_master_writes_and_a_slave_reads(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | NBYTES(3) | AUTOEND | START);
    bus_run(PERIOD_PS);
    assert_int_equal(fake_read(bus.slave, ISR) & BUSY, BUSY);
    slave_takes_address(OWN, false);
    for (uint8_t byte = 0xa1; byte <= 0xa3; byte++) {
        send(bus.master, byte);
        check_received(bus.slave, byte);
    }
    check_stopped();
    assert_int_equal(fake_read(bus.slave, ISR) & (STOPF | NACKF | BUSY), STOPF);
    assert_int_equal(fake_read(bus.master, CR2) & START, 0);
    assert_int_equal(bus.fall_count, 1u + 4u * 9u);
    assert_int_equal(bus.starts, 1);
    assert_int_equal(bus.stops, 1);
    bus_destroy();
}

static void a_byte_takes_nine_periods_of_scl(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.slave, CR1, 0);
    fake_write(bus.slave, CR1, NOSTRETCH);
    fake_write(bus.slave, CR1, NOSTRETCH | PE);
    fake_write(bus.master, TXDR, 0x12);
    fake_write(bus.master, CR2, OWN | NBYTES(2) | AUTOEND | START);
    send(bus.master, 0x34);
    check_received(bus.slave, 0x12);
    check_received(bus.slave, 0x34);
    check_stopped();
    assert_int_equal(bus.fall_count, 1u + 3u * 9u);
    for (uint32_t fall = 0; fall < 27u; fall++)
        assert_int_equal(bus.fell_ps[fall + 1u] - bus.fell_ps[fall], PERIOD_PS);
    bus_destroy();
}

static void a_master_reads_and_refuses_the_last_byte(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | RD_WRN | NBYTES(2) | AUTOEND | START);
    slave_takes_address(OWN, true);
    send(bus.slave, 0x5c);
    send(bus.slave, 0xc5);
    check_received(bus.master, 0x5c);
    check_received(bus.master, 0xc5);
    check_stopped();
    /* the slave does not know that this was the last one: it asks for more */
    assert_int_equal(fake_read(bus.slave, ISR) & (STOPF | NACKF | TXE), STOPF | NACKF | TXE);
    bus_destroy();
}

static void without_an_answer_the_master_sees_nack_and_stops(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, 0x66u | NBYTES(3) | START);
    bus_wait(bus.master, NACKF);
    assert_int_equal(fake_read(bus.master, ISR) & TXIS, 0);
    check_stopped();
    assert_int_equal(bus.fall_count, 1u + 9u);
    assert_int_equal(fake_read(bus.slave, ISR) & (ADDR | STOPF | BUSY), 0);
    bus_destroy();
}

static void tc_holds_scl_until_a_repeated_start(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | NBYTES(1) | START);
    slave_takes_address(OWN, false);
    send(bus.master, 0x77);
    check_received(bus.slave, 0x77);
    bus_wait(bus.master, TC);
    uint32_t falls = bus.fall_count;
    bus_run(100u * PERIOD_PS);
    assert_int_equal(bus.fall_count, falls);
    assert_int_equal(bus.level[0], 0);
    fake_write(bus.master, CR2, OWN | RD_WRN | NBYTES(1) | AUTOEND | START);
    assert_int_equal(fake_read(bus.master, ISR) & TC, 0);
    slave_takes_address(OWN, true);
    assert_int_equal(bus.starts, 2);
    assert_int_equal(bus.stops, 0);
    send(bus.slave, 0x88);
    check_received(bus.master, 0x88);
    check_stopped();
    bus_destroy();
}

static void stop_ends_a_transfer_that_waits_with_tc(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | START); /* no byte: the address alone */
    slave_takes_address(OWN, false);
    bus_wait(bus.master, TC);
    fake_write(bus.master, CR2, OWN | STOP);
    check_stopped();
    assert_int_equal(fake_read(bus.master, CR2) & STOP, 0);
    bus_destroy();
}

static void reload_asks_for_the_next_count(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | NBYTES(1) | RELOAD | START);
    slave_takes_address(OWN, false);
    send(bus.master, 0x01);
    check_received(bus.slave, 0x01);
    bus_wait(bus.master, TCR);
    assert_int_equal(fake_read(bus.master, ISR) & (TXIS | TC), 0);
    bus_run(50u * PERIOD_PS);
    assert_int_equal(bus.level[0], 0);
    fake_write(bus.master, CR2, OWN | NBYTES(2) | AUTOEND);
    assert_int_equal(fake_read(bus.master, ISR) & (TXIS | TCR), TXIS);
    fake_write(bus.master, TXDR, 0x02);
    check_received(bus.slave, 0x02);
    send(bus.master, 0x03);
    check_received(bus.slave, 0x03);
    check_stopped();
    bus_destroy();
}

static void ten_bit_addresses_are_written_to_and_read_from(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.slave, OAR1, 0);
    fake_write(bus.slave, OAR1, OAEN | OA1MODE | 0x2c5u);
    fake_write(bus.master, CR2, 0x2c5u | ADD10 | NBYTES(1) | START);
    slave_takes_address(0xf4u, false); /* 11110, then the upper two bits of the address */
    send(bus.master, 0x21);
    check_received(bus.slave, 0x21);
    bus_wait(bus.master, TC);
    fake_write(bus.master, CR2, 0x2c5u | ADD10 | HEAD10R | RD_WRN | NBYTES(1) | AUTOEND | START);
    slave_takes_address(0xf4u, true);
    send(bus.slave, 0x43);
    check_received(bus.master, 0x43);
    check_stopped();
    assert_int_equal(bus.fall_count, 1u + 3u * 9u + 1u + 2u * 9u + 0u);
    bus_run(10u * PERIOD_PS);
    /* without HEAD10R: write address, repeated START, read address */
    fake_write(bus.slave, ICR, STOPF | NACKF);
    fake_write(bus.slave, ISR, TXE);
    fake_write(bus.master, CR2, 0x2c5u | ADD10 | RD_WRN | NBYTES(1) | AUTOEND | START);
    slave_takes_address(0xf4u, false);
    slave_takes_address(0xf4u, true);
    send(bus.slave, 0x65);
    check_received(bus.master, 0x65);
    check_stopped();
    /* another low byte is not answered */
    fake_write(bus.master, CR2, 0x2c4u | ADD10 | NBYTES(1) | AUTOEND | START);
    bus_wait(bus.master, NACKF);
    check_stopped();
    bus_destroy();
}

static bool answers(uint32_t address)
{
    fake_write(bus.slave, ICR, 0x3f38u);
    fake_write(bus.master, ICR, 0x3f38u);
    fake_write(bus.master, CR2, address | AUTOEND | START);
    while ((fake_read(bus.slave, ISR) & ADDR) == 0 && (fake_read(bus.master, ISR) & STOPF) == 0)
        bus_run(50000u);
    bool answer = (fake_read(bus.slave, ISR) & ADDR) != 0;
    if (answer)
        fake_write(bus.slave, ICR, ADDR);
    bus_wait(bus.master, STOPF);
    assert_int_equal((fake_read(bus.master, ISR) & NACKF) == 0, answer);
    bus_run(10u * PERIOD_PS);
    return answer;
}

static void the_second_address_has_a_mask(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.slave, OAR2, OAEN | 0x42u);
    assert_true(answers(0x42));
    assert_false(answers(0x44));
    assert_true(answers(OWN));
    fake_write(bus.slave, OAR2, 0);
    fake_write(bus.slave, OAR2, OAEN | 2u << 8 | 0x42u); /* bits 2 and 1 do not count */
    assert_true(answers(0x44));
    assert_true(answers(0x46));
    assert_false(answers(0x48));
    fake_write(bus.slave, OAR2, 0);
    fake_write(bus.slave, OAR2, OAEN | 7u << 8); /* any address but the reserved ones */
    assert_true(answers(0x10));
    assert_true(answers(0xee));
    assert_false(answers(0x0e));
    assert_false(answers(0xf0));
    assert_false(answers(0x00));
    bus_destroy();
}

static void the_general_call_and_smbus_addresses_are_answered_when_enabled(void **state)
{
    (void)state;
    bus_create();
    assert_false(answers(0x00));
    assert_false(answers(0x10));
    assert_false(answers(0xc2));
    fake_write(bus.slave, CR1, PE | GCEN);
    assert_true(answers(0x00));
    assert_false(answers(0x10));
    fake_write(bus.slave, CR1, PE | 0x00100000u); /* SMBHEN */
    assert_true(answers(0x10));
    assert_false(answers(0xc2));
    fake_write(bus.slave, CR1, PE | 0x00200000u); /* SMBDEN */
    assert_true(answers(0xc2));
    assert_false(answers(0x00));
    bus_destroy();
}

static void a_slave_holds_scl_while_its_receiver_is_full(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.master, CR2, OWN | NBYTES(2) | AUTOEND | START);
    slave_takes_address(OWN, false);
    send(bus.master, 0x11);
    send(bus.master, 0x22);
    bus_run(100u * PERIOD_PS);
    assert_int_equal(bus.level[0], 0);
    assert_int_equal(bus.fall_count, 1u + 18u + 8u); /* before the acknowledge */
    assert_int_equal(fake_read(bus.slave, RXDR), 0x11);
    assert_int_equal(fake_read(bus.slave, ISR) & RXNE, RXNE); /* the one that waited */
    check_received(bus.slave, 0x22);
    check_stopped();
    bus_destroy();
}

static void a_slave_that_never_stretches_overruns_and_underruns(void **state)
{
    (void)state;
    bus_create();
    fake_write(bus.slave, CR1, 0);
    fake_write(bus.slave, CR1, NOSTRETCH);
    fake_write(bus.slave, CR1, NOSTRETCH | PE);
    fake_write(bus.master, CR2, OWN | NBYTES(2) | AUTOEND | START);
    send(bus.master, 0x11);
    send(bus.master, 0x22);
    check_stopped();
    assert_int_equal(fake_read(bus.master, ISR) & NACKF, NACKF);
    assert_int_equal(fake_read(bus.slave, ISR) & (OVR | RXNE), OVR | RXNE);
    assert_int_equal(fake_read(bus.slave, RXDR), 0x11);
    fake_write(bus.slave, ICR, 0x3f38u);
    bus_run(10u * PERIOD_PS);
    fake_write(bus.slave, ISR, TXE | TXIS); /* asks for the first byte itself, and does not write it */
    assert_int_equal(fake_read(bus.slave, ISR) & TXIS, TXIS);
    fake_write(bus.master, CR2, OWN | RD_WRN | NBYTES(1) | AUTOEND | START);
    check_received(bus.master, 0xff);
    check_stopped();
    assert_int_equal(fake_read(bus.slave, ISR) & OVR, OVR);
    bus_destroy();
}

static void with_sbc_software_decides_on_each_acknowledge(void **state)
{
    (void)state;
    bus_create_with(0, SBC);
    fake_write(bus.master, CR2, OWN | NBYTES(3) | AUTOEND | START);
    bus_wait(bus.slave, ADDR);
    fake_write(bus.slave, CR2, RELOAD | NBYTES(1));
    fake_write(bus.slave, ICR, ADDR);
    send(bus.master, 0x11);
    send(bus.master, 0x22);
    bus_wait(bus.slave, TCR);
    assert_int_equal(bus.fall_count, 1u + 9u + 8u);
    check_received(bus.slave, 0x11);
    fake_write(bus.slave, CR2, RELOAD | NBYTES(1));
    assert_int_equal(fake_read(bus.slave, ISR) & TCR, 0);
    bus_wait(bus.slave, TCR);
    assert_int_equal(fake_read(bus.master, ISR) & NACKF, 0);
    check_received(bus.slave, 0x22);
    fake_write(bus.slave, CR2, RELOAD | NBYTES(1) | NACK);
    check_stopped();
    assert_int_equal(fake_read(bus.master, ISR) & NACKF, NACKF);
    assert_int_equal(fake_read(bus.slave, CR2) & NACK, 0);
    bus_destroy();
}

/** The check value of this CRC over "123456789" is 0xf4: '1' is the address 0x30 to read from. */
static void read_nine_bytes(uint8_t last)
{
    bus_create_with(PECEN, 0);
    fake_write(bus.slave, OAR1, 0);
    fake_write(bus.slave, OAR1, OAEN | 0x30u);
    fake_write(bus.master, CR2, 0x30u | RD_WRN | PECBYTE | NBYTES(9) | AUTOEND | START);
    slave_takes_address(0x30, true);
    for (int byte = '2'; byte <= '9'; byte++) {
        send(bus.slave, (uint8_t)byte);
        check_received(bus.master, (uint8_t)byte);
    }
    assert_int_equal(fake_read(bus.master, PECR), 0xf4);
    send(bus.slave, last);
    check_received(bus.master, last);
    check_stopped();
    assert_int_equal(fake_read(bus.master, CR2) & PECBYTE, 0);
}

static void a_received_pec_is_compared(void **state)
{
    (void)state;
    read_nine_bytes(0xf4);
    assert_int_equal(fake_read(bus.master, ISR) & PECERR, 0);
    bus_destroy();
    read_nine_bytes(0xf5);
    assert_int_equal(fake_read(bus.master, ISR) & PECERR, PECERR);
    bus_destroy();
}

static void a_master_sends_the_pec_by_itself(void **state)
{
    (void)state;
    bus_create_with(PECEN, PECEN);
    /* 0x5a << 8 modulo 0x107 is 0x81 */
    fake_write(bus.master, CR2, OWN | PECBYTE | NBYTES(1) | AUTOEND | START);
    slave_takes_address(OWN, false);
    check_received(bus.slave, 0x81);
    check_stopped();
    assert_int_equal(fake_read(bus.master, ISR) & TXE, TXE);
    bus_destroy();
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(registers_have_the_reset_values_and_bits_of_the_manual),
        T(a_master_writes_and_a_slave_reads),
        T(a_byte_takes_nine_periods_of_scl),
        T(a_master_reads_and_refuses_the_last_byte),
        T(without_an_answer_the_master_sees_nack_and_stops),
        T(tc_holds_scl_until_a_repeated_start),
        T(stop_ends_a_transfer_that_waits_with_tc),
        T(reload_asks_for_the_next_count),
        T(ten_bit_addresses_are_written_to_and_read_from),
        T(the_second_address_has_a_mask),
        T(the_general_call_and_smbus_addresses_are_answered_when_enabled),
        T(a_slave_holds_scl_while_its_receiver_is_full),
        T(a_slave_that_never_stretches_overruns_and_underruns),
        T(with_sbc_software_decides_on_each_acknowledge),
        T(a_received_pec_is_compared),
        T(a_master_sends_the_pec_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
