/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Two I2C units on one bus with pull-ups, each with its own clock input, and somebody else who can pull the lines low.
 */
#ifndef TWINBANK_I2C_FIXTURE_H
#define TWINBANK_I2C_FIXTURE_H

#include "fake_host.h"
#include "models/stm32_i2c_v2.h"

#define CR1      0x00u
#define CR2      0x04u
#define OAR1     0x08u
#define OAR2     0x0cu
#define TIMINGR  0x10u
#define TIMEOUTR 0x14u
#define ISR      0x18u
#define ICR      0x1cu
#define PECR     0x20u
#define RXDR     0x24u
#define TXDR     0x28u

#define IN_KER  2u
#define IN_SCL  3u
#define IN_SDA  4u
#define IN_STOP 5u

#define OUT_IRQ_EV 2u
#define OUT_IRQ_ER 3u
#define OUT_DMA_TX 4u
#define OUT_DMA_RX 5u

#define PE        0x00000001u
#define SBC       0x00010000u
#define NOSTRETCH 0x00020000u
#define WUPEN     0x00040000u
#define GCEN      0x00080000u
#define PECEN     0x00800000u

#define RD_WRN    0x00000400u
#define ADD10     0x00000800u
#define HEAD10R   0x00001000u
#define START     0x00002000u
#define STOP      0x00004000u
#define NACK      0x00008000u
#define NBYTES(n) ((uint32_t)(n) << 16)
#define RELOAD    0x01000000u
#define AUTOEND   0x02000000u
#define PECBYTE   0x04000000u
#define OAEN      0x00008000u
#define OA1MODE   0x00000400u

#define TXE     0x00000001u
#define TXIS    0x00000002u
#define RXNE    0x00000004u
#define ADDR    0x00000008u
#define NACKF   0x00000010u
#define STOPF   0x00000020u
#define TC      0x00000040u
#define TCR     0x00000080u
#define BERR    0x00000100u
#define ARLO    0x00000200u
#define OVR     0x00000400u
#define PECERR  0x00000800u
#define TIMEOUT 0x00001000u
#define BUSY    0x00008000u
#define DIR     0x00010000u

/*
 * At 16 MHz: PRESC 1, so 125 ns a step; SCLL + 1 = 20 steps, SCLH + 1 = 16 steps: SCL's period is 4.5 us. SDADEL 2,
 * SCLDEL + 1 = 4 steps.
 */
#define KER_HZ    16000000u
#define TIMING    0x10320f13u
#define PERIOD_PS 4500000ull
#define LOW_PS    2500000ull
#define HIGH_PS   2000000ull
#define OWN       0x5au /* address of the slave, as the first byte of a write */
#define EDGES     512u

struct bus {
    struct fake_host *master, *slave;
    bool low[2]; /* somebody else pulls SCL, SDA low */
    uint8_t level[2];
    uint64_t fell_ps[EDGES]; /* of SCL */
    uint32_t fall_count;
    uint32_t starts, stops;
};

static struct bus bus;

static inline void bus_watch(uint32_t line, uint8_t level)
{
    if (line == 0 && level == 0 && bus.fall_count < EDGES)
        bus.fell_ps[bus.fall_count++] = bus.master->now_ps;
    if (line == 1 && bus.level[0] != 0) {
        bus.starts += level == 0;
        bus.stops += level != 0;
    }
}

static inline void bus_settle(void)
{
    struct fake_host *units[] = {bus.master, bus.slave};
    for (uint32_t line = 0; line < 2u; line++) {
        uint8_t level = !bus.low[line] && units[0]->output[line] != PIN_LOW && units[1]->output[line] != PIN_LOW;
        if (level == bus.level[line])
            continue;
        bus_watch(line, level);
        bus.level[line] = level;
        for (uint32_t unit = 0; unit < 2u; unit++)
            fake_set_input(units[unit], IN_SCL + line, level != 0 ? PIN_HIGH : PIN_LOW);
    }
}

static inline void bus_output(void *context, uint16_t device, uint32_t output, uint64_t value, bool pulse)
{
    fake_output(context, device, output, value, pulse);
    if (output < 2u)
        bus_settle();
}

/** Somebody else pulls a line low, or lets it go. */
static inline void bus_pull(uint32_t line, bool low)
{
    bus.low[line] = low;
    bus_settle();
}

static inline uint64_t bus_next_due(const struct fake_host *host)
{
    uint64_t due = TIME_NEVER;
    for (uint32_t i = 0; i < FAKE_EVENTS; i++)
        due = host->due_ps[i] < due ? host->due_ps[i] : due;
    return due;
}

static inline void bus_run_until(uint64_t ps)
{
    for (;;) {
        uint64_t a = bus_next_due(bus.master), b = bus_next_due(bus.slave), due = a < b ? a : b;
        if (due > ps)
            break;
        due = due > bus.master->now_ps ? due : bus.master->now_ps;
        bus.master->now_ps = due;
        bus.slave->now_ps = due;
        fake_run_until(a <= b ? bus.master : bus.slave, due);
    }
    bus.master->now_ps = ps;
    bus.slave->now_ps = ps;
}

static inline void bus_run(uint64_t ps)
{
    bus_run_until(bus.master->now_ps + ps);
}

/** Lets time pass until a unit shows one of these flags; a failure if it does not within 2 ms. */
static inline void bus_wait(struct fake_host *unit, uint32_t flags)
{
    uint64_t end_ps = unit->now_ps + 2000000000ull;
    while ((fake_read(unit, ISR) & flags) == 0) {
        if (unit->now_ps >= end_ps)
            fail_msg("none of the flags 0x%x: ISR is 0x%x", flags, fake_read(unit, ISR));
        bus_run(50000u);
    }
}

static inline struct fake_host *bus_unit(struct device_host *host)
{
    static const struct stm32_i2c_v2_params params = {1};
    struct fake_host *unit = fake_create(&stm32_i2c_v2_model, &params);
    *host = fake_device_host;
    host->output = bus_output;
    unit->device.host = host;
    unit->input[IN_KER] = KER_HZ;
    unit->input[IN_SCL] = PIN_HIGH;
    unit->input[IN_SDA] = PIN_HIGH;
    return unit;
}

/** Both units on, the slave with its address; more bits of CR1. */
static inline void bus_create_with(uint32_t master_cr1, uint32_t slave_cr1)
{
    static struct device_host hosts[2];
    memset(&bus, 0, sizeof bus);
    bus.level[0] = bus.level[1] = 1;
    bus.master = bus_unit(&hosts[0]);
    bus.slave = bus_unit(&hosts[1]);
    fake_power_on(bus.master);
    fake_power_on(bus.slave);
    fake_write(bus.master, TIMINGR, TIMING);
    fake_write(bus.slave, TIMINGR, TIMING);
    fake_write(bus.slave, OAR1, OAEN | OWN);
    fake_write(bus.slave, CR1, slave_cr1 | (slave_cr1 & NOSTRETCH));
    fake_write(bus.slave, CR1, slave_cr1 | PE);
    fake_write(bus.master, CR1, master_cr1 | PE);
}

static inline void bus_create(void)
{
    bus_create_with(0, 0);
}

static inline void bus_destroy(void)
{
    fake_destroy(bus.master);
    fake_destroy(bus.slave);
}

/** Waits for the slave's address, checks it, and lets the transfer go on. */
static inline void slave_takes_address(uint32_t address, bool reads)
{
    bus_wait(bus.slave, ADDR);
    assert_int_equal(fake_read(bus.slave, ISR) >> 17 & 0x7fu, address >> 1);
    assert_int_equal((fake_read(bus.slave, ISR) & DIR) != 0, reads);
    fake_write(bus.slave, ICR, ADDR);
    assert_int_equal(fake_read(bus.slave, ISR) & ADDR, 0);
}

static inline void check_received(struct fake_host *unit, uint8_t byte)
{
    bus_wait(unit, RXNE);
    assert_int_equal(fake_read(unit, RXDR), byte);
    assert_int_equal(fake_read(unit, ISR) & RXNE, 0);
}

static inline void send(struct fake_host *unit, uint8_t byte)
{
    bus_wait(unit, TXIS);
    fake_write(unit, TXDR, byte);
}

/** STOP is over: both know, nobody holds a line. */
static inline void check_stopped(void)
{
    bus_wait(bus.master, STOPF);
    assert_int_equal(fake_read(bus.master, ISR) & (BUSY | TC | TCR | TXIS), 0);
    assert_int_equal(bus.level[0], 1);
    assert_int_equal(bus.level[1], 1);
    fake_write(bus.master, ICR, STOPF);
    assert_int_equal(fake_read(bus.master, ISR) & STOPF, 0);
}

#endif
