/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Long because: one case a rule of the manual, and three devices on the wires. */
/** @file SPI of the STM32L476, by RM0351 chapter 42: alone, with itself, and two of them on one bus. */
#include "fake_host.h"
#include "models/stm32_spi_v2.h"

#define US 1000000ull

#define CR1    0x00u
#define CR2    0x04u
#define SR     0x08u
#define DR     0x0cu
#define CRCPR  0x10u
#define RXCRCR 0x14u
#define TXCRCR 0x18u

#define CPHA     0x0001u
#define CPOL     0x0002u
#define MSTR     0x0004u
#define SPE      0x0040u
#define LSBFIRST 0x0080u
#define SOFT     0x0300u /* SSM and SSI: a master that looks at no pin */
#define SSM      0x0200u /* a slave that is always selected */
#define RXONLY   0x0400u
#define CRCL     0x0800u
#define CRCNEXT  0x1000u
#define CRCEN    0x2000u
#define BIDIOE   0x4000u
#define BIDIMODE 0x8000u

#define SSOE  0x0004u
#define NSSP  0x0008u
#define BITS8 0x1700u /* with FRXTH: RXNE at one byte */

#define RXNE   0x0001u
#define TXE    0x0002u
#define CRCERR 0x0010u
#define MODF   0x0020u
#define OVR    0x0040u
#define BSY    0x0080u

enum {
    IN_CLK,
    IN_RST,
    IN_SCK,
    IN_MISO,
    IN_MOSI,
    IN_NSS,
    IN_TX_LEFT, /* of DMA: 1: one transfer, 2: none */
    IN_RX_LEFT,
};

enum {
    OUT_SCK,
    OUT_MISO,
    OUT_MOSI,
    OUT_NSS,
    OUT_IRQ,
    OUT_DMA_TX,
    OUT_DMA_RX,
};

/* --- wires between devices ----------------------------------------------------------------- */
#define WIRES 16u

static struct test_wire {
    struct fake_host *from, *to;
    uint32_t output, input;
} wires[WIRES];
static uint32_t wire_count;
static struct device_host linked_host;

static void linked_output(void *context, uint16_t device, uint32_t output, uint64_t value, bool pulse)
{
    fake_output(context, device, output, value, pulse);
    for (uint32_t i = 0; i < wire_count; i++) {
        struct test_wire *wire = &wires[i];
        if (wire->from != context || wire->output != output)
            continue;
        if (wire->to->input[wire->input] == value && !pulse)
            continue;
        wire->to->input[wire->input] = value;
        wire->to->device.model->on_input(&wire->to->device, wire->input, value);
    }
}

static void connect(struct fake_host *from, uint32_t output, struct fake_host *to, uint32_t input)
{
    assert_true(wire_count < WIRES);
    wires[wire_count++] = (struct test_wire){from, to, output, input};
}

static int no_wires(void **state)
{
    (void)state;
    wire_count = 0;
    linked_host = fake_device_host;
    linked_host.output = linked_output;
    return 0;
}

/** At 16 MHz: with BR = 0 a bit takes 125 ns, a frame of 8 bits 1 us. */
static struct fake_host *spi(void)
{
    struct fake_host *h = fake_create(&stm32_spi_v2_model, NULL);
    h->device.host = &linked_host;
    h->input[IN_CLK] = 16000000;
    fake_power_on(h);
    return h;
}

static struct fake_host *configured(uint32_t cr1, uint32_t cr2)
{
    struct fake_host *h = spi();
    fake_write(h, CR2, cr2);
    fake_write(h, CR1, cr1);
    return h;
}

static void join(struct fake_host *master, struct fake_host *slave)
{
    connect(master, OUT_SCK, slave, IN_SCK);
    connect(master, OUT_MOSI, slave, IN_MOSI);
    connect(master, OUT_NSS, slave, IN_NSS);
    connect(slave, OUT_MISO, master, IN_MISO);
}

/** One line: MOSI of the master, MISO of the slave. */
static void join_half(struct fake_host *master, struct fake_host *slave)
{
    connect(master, OUT_SCK, slave, IN_SCK);
    connect(master, OUT_MOSI, slave, IN_MISO);
    connect(slave, OUT_MISO, master, IN_MOSI);
}

static void on(struct fake_host *h)
{
    fake_write(h, CR1, fake_read(h, CR1) | SPE);
}

static void put8(struct fake_host *h, uint32_t value)
{
    fake_write_sized(h, DR, 1, value);
}

static uint32_t get8(struct fake_host *h)
{
    return fake_read_sized(h, DR, 1);
}

static void put16(struct fake_host *h, uint32_t value)
{
    fake_write_sized(h, DR, 2, value);
}

static uint32_t get16(struct fake_host *h)
{
    return fake_read_sized(h, DR, 2);
}

/** What a slave in `slave_cr1` receives when a master in `master_cr1` sends one frame. */
static uint32_t received(uint32_t master_cr1, uint32_t master_cr2, uint32_t slave_cr1, uint32_t slave_cr2,
                         uint32_t value)
{
    struct fake_host *m = configured(MSTR | SOFT | master_cr1, master_cr2);
    struct fake_host *s = configured(SSM | slave_cr1, slave_cr2);
    join(m, s);
    on(s);
    on(m);
    put16(m, value);
    fake_run(m, 4u * US);
    uint32_t result = get16(s);
    fake_destroy(m);
    fake_destroy(s);
    wire_count = 0;
    return result;
}

/* --- registers and flags ------------------------------------------------------------------- */
static void spi_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    /* RM0351 42.6: a data size below 4 bits is taken as 8. */
    static const struct reg_expect expected[] = {
        {"CR1", CR1, 0, 0xffffu, 0}, {"CR2", CR2, 0x0700u, 0x7fffu, 0x0700u}, {"SR", SR, 0x0002u, 0x0002u, 0x2u},
        {"DR", DR, 0, 0, 0},         {"CRCPR", CRCPR, 0x0007u, 0xffffu, 0},   {"RXCRCR", RXCRCR, 0, 0, 0},
        {"TXCRCR", TXCRCR, 0, 0, 0},
    };
    check_registers(spi, expected, ARRAY_LENGTH(expected));
}

static void the_transmit_fifo_tells_its_level_and_whether_there_is_room(void **state)
{
    (void)state;
    /* RM0351 42.6.3: FTLVL in quarters, TXE up to half full; 3 of 4 count as full */
    static const uint32_t levels[] = {0x0002u, 0x0802u, 0x1002u, 0x1800u, 0x1800u};
    struct fake_host *h = configured(MSTR | SOFT, BITS8);
    for (uint32_t i = 0; i <= 4u; i++) {
        assert_int_equal(fake_read(h, SR), levels[i]);
        put8(h, i);
    }
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1); /* the fifth did not fit */
    fake_destroy(h);
}

static void the_receive_fifo_raises_rxne_at_its_threshold(void **state)
{
    (void)state;
    /* RM0351 42.6.3: FRLVL in quarters */
    static const uint32_t by_8[] = {0x0000u, 0x0201u, 0x0401u, 0x0601u};
    static const uint32_t by_16[] = {0x0000u, 0x0200u, 0x0401u, 0x0601u};
    struct fake_host *h = configured(MSTR | SOFT, BITS8);
    on(h);
    for (uint32_t i = 0; i < 4u; i++) {
        fake_write(h, CR2, BITS8);
        assert_int_equal(fake_read(h, SR), by_8[i] | TXE);
        fake_write(h, CR2, 0x0700u);
        assert_int_equal(fake_read(h, SR), by_16[i] | TXE);
        put8(h, 0x11u * i);
        fake_run(h, 1u * US);
    }
    fake_destroy(h);
}

static void busy_is_set_while_a_frame_is_sent(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT, BITS8);
    on(h);
    assert_int_equal(fake_read(h, SR) & BSY, 0);
    put8(h, 0x55);
    assert_int_equal(fake_read(h, SR) & BSY, BSY);
    fake_run(h, 1u * US - 1u);
    assert_int_equal(fake_read(h, SR) & (BSY | RXNE), BSY);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, SR) & (BSY | RXNE), RXNE);
    fake_destroy(h);
}

static void an_overrun_keeps_what_was_received_and_is_cleared_by_dr_then_sr(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT, BITS8);
    connect(h, OUT_MOSI, h, IN_MISO);
    on(h);
    for (uint32_t i = 1; i <= 5u; i++) {
        put8(h, i);
        fake_run(h, 1u * US);
    }
    assert_int_equal(fake_read(h, SR) & OVR, OVR);
    assert_int_equal(fake_read(h, SR) & OVR, OVR);
    for (uint32_t i = 1; i <= 4u; i++)
        assert_int_equal(get8(h), i);
    (void)fake_read(h, SR);
    assert_int_equal(fake_read(h, SR), TXE);
    fake_destroy(h);
}

static void a_master_whose_nss_goes_low_becomes_a_slave_until_the_clear_sequence(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT, BITS8 | 0x20u); /* ERRIE */
    on(h);
    assert_int_equal(h->output[OUT_IRQ], 0);
    fake_write(h, CR1, MSTR | SSM | SPE);
    assert_int_equal(fake_read(h, CR1), SSM);
    assert_int_equal(h->output[OUT_IRQ], 1);
    fake_write(h, CR1, MSTR | SOFT | SPE); /* SR was not read: MODF stays, and keeps both bits at 0 */
    assert_int_equal(fake_read(h, CR1), SOFT);
    assert_int_equal(fake_read(h, SR) & MODF, MODF);
    fake_write(h, CR1, SOFT);
    assert_int_equal(fake_read(h, SR) & MODF, 0);
    assert_int_equal(h->output[OUT_IRQ], 0);
    fake_write(h, CR1, MSTR | SOFT | SPE);
    assert_int_equal(fake_read(h, CR1), MSTR | SOFT | SPE);
    fake_destroy(h);
}

static void the_pin_of_nss_causes_a_mode_fault_only_in_a_master_that_does_not_drive_it(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR, BITS8);
    fake_set_input(h, IN_NSS, PIN_HIGH);
    on(h);
    assert_int_equal(fake_read(h, SR) & MODF, 0);
    fake_set_input(h, IN_NSS, PIN_LOW);
    assert_int_equal(fake_read(h, SR) & MODF, MODF);
    assert_int_equal(fake_read(h, CR1), 0);
    fake_destroy(h);
    h = configured(MSTR, BITS8 | SSOE);
    fake_set_input(h, IN_NSS, PIN_LOW);
    on(h);
    assert_int_equal(fake_read(h, SR) & MODF, 0);
    fake_destroy(h);
    h = configured(MSTR, BITS8); /* no pin at all */
    on(h);
    assert_int_equal(fake_read(h, SR) & MODF, MODF);
    fake_destroy(h);
}

static void each_interrupt_has_its_enable(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT, BITS8);
    on(h);
    put8(h, 0);
    fake_run(h, 1u * US);
    assert_int_equal(h->output[OUT_IRQ], 0);
    fake_write(h, CR2, BITS8 | 0x40u); /* RXNEIE */
    assert_int_equal(h->output[OUT_IRQ], 1);
    (void)get8(h);
    assert_int_equal(h->output[OUT_IRQ], 0);
    fake_write(h, CR2, BITS8 | 0x80u); /* TXEIE */
    assert_int_equal(h->output[OUT_IRQ], 1);
    for (uint32_t i = 0; i < 4u; i++) /* one is on its way */
        put8(h, i);
    assert_int_equal(h->output[OUT_IRQ], 0);
    fake_destroy(h);
}

static void the_requests_of_dma_follow_the_fifos(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT, BITS8);
    assert_int_equal(h->output[OUT_DMA_TX], 0);
    fake_write(h, CR2, BITS8 | 3u);
    assert_int_equal(h->output[OUT_DMA_TX], 1);
    assert_int_equal(h->output[OUT_DMA_RX], 0);
    for (uint32_t i = 0; i < 3u; i++)
        put8(h, i);
    assert_int_equal(h->output[OUT_DMA_TX], 0);
    on(h);
    assert_int_equal(h->output[OUT_DMA_TX], 1);
    fake_run(h, 1u * US);
    assert_int_equal(h->output[OUT_DMA_RX], 1);
    (void)get8(h);
    assert_int_equal(h->output[OUT_DMA_RX], 0);
    fake_destroy(h);
}

static void the_last_of_an_odd_number_of_packed_data_comes_alone(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT, 0x6703u); /* LDMATX, LDMARX, both DMA enables, RXNE at 16 bits */
    connect(h, OUT_MOSI, h, IN_MISO);
    on(h);
    put16(h, 0x2211u);
    fake_run(h, 2u * US);
    assert_int_equal(get16(h), 0x2211u);
    fake_set_input(h, IN_TX_LEFT, 1);
    put16(h, 0x4433u);
    fake_run(h, 2u * US);
    assert_int_equal(fake_read(h, SR), TXE | 0x0200u); /* one frame, not two */
    assert_int_equal(h->output[OUT_DMA_RX], 0);
    fake_set_input(h, IN_RX_LEFT, 1);
    assert_int_equal(h->output[OUT_DMA_RX], 1);
    assert_int_equal(get16(h), 0x33u);
    assert_int_equal(h->output[OUT_DMA_RX], 0);
    fake_destroy(h);
}

/* --- two on a bus -------------------------------------------------------------------------- */
static void master_and_slave_swap_a_frame(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT, BITS8);
    struct fake_host *s = configured(SSM, BITS8);
    join(m, s);
    on(s);
    put8(s, 0x3c);
    on(m);
    put8(m, 0xa5);
    assert_int_equal(fake_read(s, SR) & BSY, BSY);
    fake_run(m, 1u * US);
    assert_int_equal(fake_read(s, SR), TXE | RXNE | 0x0200u);
    assert_int_equal(get8(s), 0xa5);
    assert_int_equal(get8(m), 0x3c);
    fake_destroy(m);
    fake_destroy(s);
}

static void frames_follow_each_other_without_a_gap(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT, BITS8);
    struct fake_host *s = configured(SSM, BITS8);
    join(m, s);
    on(s);
    put16(s, 0x2211u);
    put16(s, 0x4433u);
    put16(m, 0xbbaau);
    put16(m, 0xddccu);
    on(m);
    fake_run(m, 4u * US);
    assert_int_equal(get16(s), 0xbbaau);
    assert_int_equal(get16(s), 0xddccu);
    assert_int_equal(get16(m), 0x2211u);
    assert_int_equal(get16(m), 0x4433u);
    assert_int_equal(fake_read(m, SR), TXE);
    fake_destroy(m);
    fake_destroy(s);
}

static void a_slave_without_clock_or_not_selected_does_nothing(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT, BITS8);
    struct fake_host *s = configured(SOFT, BITS8); /* SSI = 1: not selected */
    join(m, s);
    on(s);
    put8(s, 0x3c);
    fake_run(s, 10u * US);
    assert_int_equal(fake_read(s, SR), TXE | 0x0800u);
    assert_int_equal(s->output[OUT_MISO], PIN_RELEASED);
    on(m);
    put8(m, 0xa5);
    fake_run(m, 1u * US);
    assert_int_equal(fake_read(s, SR), TXE | 0x0800u);
    fake_destroy(m);
    fake_destroy(s);
}

static void a_slave_without_data_repeats_its_last_frame(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT, BITS8);
    struct fake_host *s = configured(SSM, BITS8);
    join(m, s);
    on(s);
    put8(s, 0x3c);
    on(m);
    put16(m, 0);
    fake_run(m, 2u * US);
    assert_int_equal(get16(m), 0x3c3cu);
    fake_destroy(m);
    fake_destroy(s);
}

static void data_sizes_of_4_to_16_bits_arrive(void **state)
{
    (void)state;
    assert_int_equal(received(0, 0x1300u, 0, 0x1300u, 0x00f9u), 0x0009u); /* packed: the second frame is 0 */
    assert_int_equal(received(0, 0x0c00u, 0, 0x0c00u, 0xf234u), 0x1234u); /* 13 bits */
    assert_int_equal(received(0, 0x0f00u, 0, 0x0f00u, 0x8001u), 0x8001u);
    assert_int_equal(received(CPOL | CPHA, 0x0f00u, CPOL | CPHA, 0x0f00u, 0x8001u), 0x8001u);
    assert_int_equal(received(LSBFIRST, 0x0f00u, LSBFIRST, 0x0f00u, 0x8002u), 0x8002u);
}

static void what_two_ends_do_not_agree_on_garbles_the_data(void **state)
{
    (void)state;
    /* bit order: 0x8002 backwards */
    assert_int_equal(received(0, 0x0f00u, LSBFIRST, 0x0f00u, 0x8002u), 0x4001u);
    /* a frame of 16 bits for a slave of 8: the high byte comes first */
    assert_int_equal(received(0, 0x0f00u, 0, BITS8, 0x1234u), 0x3412u);
    /* the wrong edge: one bit late */
    assert_int_equal(received(0, 0x0f00u, CPHA, 0x0f00u, 0xa5a5u), 0x52d2u);
    assert_int_equal(received(CPOL, 0x0f00u, 0, 0x0f00u, 0xa5a5u), 0x52d2u);
    /* the other polarity and the other phase: the same edges */
    assert_int_equal(received(CPOL | CPHA, 0x0f00u, 0, 0x0f00u, 0xa5a5u), 0xa5a5u);
}

static void a_slave_in_another_mode_answers_one_bit_late(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT, BITS8);
    struct fake_host *s = configured(SSM | CPOL | CPHA, BITS8);
    join(m, s);
    on(s);
    put8(s, 0xa5);
    on(m);
    put8(m, 0);
    fake_run(m, 1u * US);
    assert_int_equal(get8(m), 0x52);
    fake_destroy(m);
    fake_destroy(s);
}

static void a_jumper_from_mosi_to_miso_returns_what_is_sent(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT, BITS8);
    connect(h, OUT_MOSI, h, IN_MISO);
    on(h);
    put16(h, 0x96c3u);
    fake_run(h, 2u * US);
    assert_int_equal(get16(h), 0x96c3u);
    fake_destroy(h);
}

static void a_master_without_a_slave_reads_the_level_of_the_line(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT, BITS8);
    on(h);
    put8(h, 0x5a);
    fake_run(h, 1u * US);
    assert_int_equal(get8(h), 0);
    fake_set_input(h, IN_MISO, PIN_HIGH);
    put8(h, 0x5a);
    fake_run(h, 1u * US);
    assert_int_equal(get8(h), 0xff);
    fake_destroy(h);
}

static void one_line_carries_data_from_the_master(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT | BIDIMODE | BIDIOE, BITS8);
    struct fake_host *s = configured(SSM | BIDIMODE, BITS8);
    join_half(m, s);
    on(s);
    on(m);
    put16(m, 0x96c3u);
    fake_run(m, 2u * US);
    assert_int_equal(get16(s), 0x96c3u);
    assert_int_equal(fake_read(m, SR), TXE); /* it did not hear itself */
    fake_destroy(m);
    fake_destroy(s);
}

static void one_line_carries_data_from_the_slave_until_the_master_stops(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT | BIDIMODE, BITS8);
    struct fake_host *s = configured(SSM | BIDIMODE | BIDIOE, BITS8);
    join_half(m, s);
    on(s);
    put16(s, 0x96c3u);
    on(m); /* a master that only receives needs no data to go on */
    fake_run(m, 1u * US + 1u);
    fake_write(m, CR1, MSTR | SOFT | BIDIMODE); /* in the second frame: the last */
    fake_run(m, 10u * US);
    assert_int_equal(fake_read(m, SR), TXE | RXNE | 0x0400u);
    assert_int_equal(get16(m), 0x96c3u);
    assert_int_equal(fake_read(s, SR), TXE);
    assert_int_equal(fake_count_obs(m, OBS_GUEST_ERROR), 0);
    fake_destroy(m);
    fake_destroy(s);
}

static void a_simplex_receiver_leaves_its_output_alone(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT, BITS8);
    struct fake_host *s = configured(SSM | RXONLY, BITS8);
    join(m, s);
    on(s);
    on(m);
    put8(m, 0xa5);
    assert_int_equal(s->output[OUT_MISO], PIN_RELEASED);
    fake_run(m, 1u * US);
    assert_int_equal(get8(s), 0xa5);
    assert_int_equal(s->output[OUT_MISO], PIN_RELEASED);
    fake_destroy(m);
    fake_destroy(s);
}

static void a_frame_that_is_cut_off_does_not_arrive(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT, BITS8);
    struct fake_host *s = configured(SSM, BITS8);
    join(m, s);
    on(s);
    on(m);
    put8(m, 0xa5);
    fake_run(m, US / 2u);
    fake_write(m, CR1, MSTR | SOFT);
    assert_int_equal(fake_count_obs(m, OBS_GUEST_ERROR), 1);
    assert_int_equal(m->output[OUT_SCK], PIN_RELEASED);
    fake_run(m, 10u * US);
    assert_int_equal(fake_read(s, SR), TXE);
    assert_int_equal(fake_read(m, SR), TXE);
    fake_destroy(m);
    fake_destroy(s);
}

/* --- pins ---------------------------------------------------------------------------------- */
static void the_clock_idles_as_cpol_says_while_the_master_is_on(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT | CPOL, BITS8);
    assert_int_equal(h->output[OUT_SCK], PIN_RELEASED);
    on(h);
    assert_int_equal(h->output[OUT_SCK], PIN_HIGH);
    put8(h, 1);
    assert_true(sync_is_frame(h->output[OUT_SCK]));
    fake_run(h, 1u * US);
    assert_int_equal(h->output[OUT_SCK], PIN_HIGH);
    fake_write(h, CR1, MSTR | SOFT);
    assert_int_equal(h->output[OUT_SCK], PIN_RELEASED);
    fake_destroy(h);
}

static void the_baud_rate_comes_from_the_bus_clock(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT | 7u << 3, BITS8); /* 16 MHz / 256 */
    on(h);
    put8(h, 0xa5);
    assert_int_equal(h->pulse_count, 2);
    assert_true(h->pulse[0] == sync_start(8, 0, 62500));
    assert_true(h->pulse[1] == sync_bits(0xa5u, 8)); /* a palindrome */
    fake_run(h, 128u * US - 1u);
    assert_int_equal(h->pulse_count, 2);
    fake_run(h, 1u);
    assert_true(h->pulse[2] == sync_end(8));
    fake_destroy(h);
}

static void nss_is_low_while_a_master_drives_it(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR, BITS8 | SSOE);
    struct fake_host *s = configured(0, BITS8); /* selected by its pin */
    join(m, s);
    on(s);
    assert_int_equal(m->output[OUT_NSS], PIN_RELEASED);
    on(m);
    assert_int_equal(m->output[OUT_NSS], PIN_LOW);
    assert_int_equal(s->output[OUT_MISO], PIN_LOW);
    put8(m, 0xa5);
    fake_run(m, 1u * US);
    assert_int_equal(m->output[OUT_NSS], PIN_LOW);
    assert_int_equal(get8(s), 0xa5);
    fake_write(m, CR1, MSTR);
    assert_int_equal(m->output[OUT_NSS], PIN_RELEASED);
    assert_int_equal(s->output[OUT_MISO], PIN_RELEASED);
    fake_destroy(m);
    fake_destroy(s);
}

static void nss_pulses_between_frames_for_one_clock(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR, BITS8 | SSOE | NSSP);
    on(h);
    assert_int_equal(h->output[OUT_NSS], PIN_HIGH);
    put16(h, 0);
    assert_int_equal(h->output[OUT_NSS], PIN_LOW);
    fake_run(h, 1u * US);
    assert_int_equal(h->output[OUT_NSS], PIN_HIGH);
    assert_int_equal(fake_read(h, SR) & BSY, BSY);
    fake_run(h, US / 8u);
    assert_int_equal(h->output[OUT_NSS], PIN_LOW);
    fake_run(h, 1u * US);
    assert_int_equal(h->output[OUT_NSS], PIN_HIGH);
    fake_run(h, US / 8u);
    assert_int_equal(h->output[OUT_NSS], PIN_HIGH);
    assert_int_equal(fake_read(h, SR) & BSY, 0);
    fake_destroy(h);
}

/* --- CRC: check values of the catalogue of CRCs, for "123456789" ------------------------------- */
/** Sends the nine digits and the CRC; data of 8 bits. */
static void send_digits(struct fake_host *m, struct fake_host *s)
{
    for (uint32_t i = 0; i < 9u; i++) {
        put8(m, '1' + i);
        if (i == 8u)
            fake_write(m, CR1, fake_read(m, CR1) | CRCNEXT);
        if (i == 8u)
            fake_write(s, CR1, fake_read(s, CR1) | CRCNEXT);
        fake_run(m, i == 8u ? 10u * US : 1u * US);
        assert_int_equal(get8(s), '1' + i);
        if (i < 8u)
            (void)get8(m);
    }
}

static void a_crc_of_8_bits_follows_the_data_and_is_checked(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT | CRCEN, BITS8);
    struct fake_host *s = configured(SSM | CRCEN, BITS8);
    join(m, s);
    on(s);
    on(m);
    send_digits(m, s);
    assert_int_equal(fake_read(m, TXCRCR), 0xf4); /* polynomial 0x07, which is the reset value */
    assert_int_equal(fake_read(s, RXCRCR), 0xf4);
    assert_int_equal(get8(s), 0xf4); /* the CRC is in the FIFO, too */
    assert_int_equal(fake_read(s, SR), TXE);
    assert_int_equal(fake_read(m, CR1) & CRCNEXT, 0);
    /* The next data start a new CRC. */
    put8(m, 0);
    fake_run(m, 1u * US);
    assert_int_equal(fake_read(m, TXCRCR), 0);
    assert_int_equal(fake_read(s, RXCRCR), 0);
    fake_destroy(m);
    fake_destroy(s);
}

static void a_crc_of_16_bits_takes_two_frames_of_8(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT | CRCL, BITS8);
    struct fake_host *s = configured(SSM | CRCL, BITS8);
    join(m, s);
    fake_write(m, CRCPR, 0x1021u);
    fake_write(s, CRCPR, 0x1021u);
    fake_write(m, CR1, MSTR | SOFT | CRCL | CRCEN | SPE);
    fake_write(s, CR1, SSM | CRCL | CRCEN | SPE);
    send_digits(m, s);
    assert_int_equal(fake_read(s, RXCRCR), 0x31c3u);
    assert_int_equal(get8(s), 0x31);
    assert_int_equal(get8(s), 0xc3);
    assert_int_equal(fake_read(s, SR), TXE);
    fake_destroy(m);
    fake_destroy(s);
}

static void a_wrong_crc_is_told_and_cleared_by_writing_0(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT | CRCEN, BITS8);
    struct fake_host *s = configured(SSM | CRCEN, BITS8 | 0x20u); /* ERRIE */
    join(m, s);
    fake_write(s, CRCPR, 0x31u);
    on(s);
    on(m);
    send_digits(m, s);
    assert_int_equal(fake_read(s, SR) & CRCERR, CRCERR);
    assert_int_equal(s->output[OUT_IRQ], 1);
    fake_write(s, SR, CRCERR);
    assert_int_equal(fake_read(s, SR) & CRCERR, CRCERR);
    fake_write(s, SR, 0);
    assert_int_equal(fake_read(s, SR) & CRCERR, 0);
    assert_int_equal(s->output[OUT_IRQ], 0);
    fake_destroy(m);
    fake_destroy(s);
}

static void a_receiver_of_one_line_takes_the_frame_after_crcnext_as_crc(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT | BIDIMODE | BIDIOE | CRCEN, BITS8);
    struct fake_host *s = configured(SSM | BIDIMODE | CRCEN, BITS8);
    join_half(m, s);
    on(s);
    on(m);
    send_digits(m, s);
    assert_int_equal(fake_read(s, RXCRCR), 0xf4);
    assert_int_equal(get8(s), 0xf4);
    assert_int_equal(fake_read(s, SR), TXE);
    fake_destroy(m);
    fake_destroy(s);
}

static void the_end_of_a_dma_transfer_asks_for_the_crc(void **state)
{
    (void)state;
    struct fake_host *m = configured(MSTR | SOFT | CRCEN, BITS8 | 2u);  /* TXDMAEN */
    struct fake_host *s = configured(SSM | RXONLY | CRCEN, BITS8 | 1u); /* RXDMAEN */
    join(m, s);
    on(s);
    on(m);
    for (uint32_t i = 0; i < 9u; i++) {
        fake_set_input(s, IN_RX_LEFT, i == 8u); /* RM0351 42.4.14: one that only receives counts its own transfers */
        fake_set_input(m, IN_TX_LEFT, i == 8u);
        put8(m, '1' + i);
        if (i == 8u)
            fake_set_input(m, IN_TX_LEFT, 2);
        fake_run(m, i == 8u ? 10u * US : 1u * US);
        assert_int_equal(get8(s), '1' + i);
    }
    assert_int_equal(fake_read(m, TXCRCR), 0xf4);
    assert_int_equal(get8(s), 0xf4);
    assert_int_equal(fake_read(s, RXCRCR), 0xf4);
    assert_int_equal(fake_read(s, SR), TXE); /* one frame of CRC, and no error */
    fake_destroy(m);
    fake_destroy(s);
}

/* --- what firmware does wrong, what is not modelled --------------------------------------------- */
static void a_format_changed_while_the_unit_is_on_is_told(void **state)
{
    (void)state;
    struct fake_host *h = configured(MSTR | SOFT, BITS8);
    on(h);
    fake_write(h, CR1, MSTR | SOFT | SPE | BIDIMODE);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_write(h, CR1, MSTR | SOFT | SPE | CPOL);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_write(h, CR2, 0x1f00u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 2);
    put8(h, 1); /* 16 bits are expected now */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 3);
    fake_write_sized(h, CR1, 1, MSTR);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 5); /* with the frame that this cuts off */
    fake_destroy(h);
}

static void what_is_not_modelled_is_a_gap_once_it_is_used(void **state)
{
    (void)state;
    static const uint32_t gaps[][2] = {
        {MSTR | SOFT, BITS8 | 0x10u}, /* FRF */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(gaps); i++) {
        struct fake_host *h = configured(gaps[i][0], gaps[i][1]);
        assert_int_equal(fake_count_obs(h, OBS_GAP), 0);
        on(h);
        assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
        fake_destroy(h);
    }
}

#define T(name) cmocka_unit_test_setup(name, no_wires)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(spi_registers_have_their_reset_values_and_bits),
        T(the_transmit_fifo_tells_its_level_and_whether_there_is_room),
        T(the_receive_fifo_raises_rxne_at_its_threshold),
        T(busy_is_set_while_a_frame_is_sent),
        T(an_overrun_keeps_what_was_received_and_is_cleared_by_dr_then_sr),
        T(a_master_whose_nss_goes_low_becomes_a_slave_until_the_clear_sequence),
        T(the_pin_of_nss_causes_a_mode_fault_only_in_a_master_that_does_not_drive_it),
        T(each_interrupt_has_its_enable),
        T(the_requests_of_dma_follow_the_fifos),
        T(the_last_of_an_odd_number_of_packed_data_comes_alone),
        T(master_and_slave_swap_a_frame),
        T(frames_follow_each_other_without_a_gap),
        T(a_slave_without_clock_or_not_selected_does_nothing),
        T(a_slave_without_data_repeats_its_last_frame),
        T(data_sizes_of_4_to_16_bits_arrive),
        T(what_two_ends_do_not_agree_on_garbles_the_data),
        T(a_slave_in_another_mode_answers_one_bit_late),
        T(a_jumper_from_mosi_to_miso_returns_what_is_sent),
        T(a_master_without_a_slave_reads_the_level_of_the_line),
        T(one_line_carries_data_from_the_master),
        T(one_line_carries_data_from_the_slave_until_the_master_stops),
        T(a_simplex_receiver_leaves_its_output_alone),
        T(a_frame_that_is_cut_off_does_not_arrive),
        T(the_clock_idles_as_cpol_says_while_the_master_is_on),
        T(the_baud_rate_comes_from_the_bus_clock),
        T(nss_is_low_while_a_master_drives_it),
        T(nss_pulses_between_frames_for_one_clock),
        T(a_crc_of_8_bits_follows_the_data_and_is_checked),
        T(a_crc_of_16_bits_takes_two_frames_of_8),
        T(a_wrong_crc_is_told_and_cleared_by_writing_0),
        T(a_receiver_of_one_line_takes_the_frame_after_crcnext_as_crc),
        T(the_end_of_a_dma_transfer_asks_for_the_crc),
        T(a_format_changed_while_the_unit_is_on_is_told),
        T(what_is_not_modelled_is_a_gap_once_it_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
