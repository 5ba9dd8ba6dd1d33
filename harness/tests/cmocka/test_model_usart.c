/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file USART and LPUART of the STM32L476, by RM0351 chapters 40 and 41. */
#include "fake_host.h"
#include "models/stm32_usart_v3.h"

#define US 1000000ull
#define MS 1000000000ull

#define CR1 0x00u
#define CR2 0x04u
#define CR3 0x08u
#define BRR 0x0cu
#define RQR 0x18u
#define ISR 0x1cu
#define ICR 0x20u
#define RDR 0x24u
#define TDR 0x28u

enum {
    IN_KER = 2,
    IN_RX,
    IN_TX_AF,
    IN_RX_AF,
};

#define IRQ(h) ((h)->output[1])

static const struct stm32_usart_v3_params af7 = {7, 7, 0};
static const struct stm32_usart_v3_params low_power = {8, 8, 1};

static struct fake_host *usart(void)
{
    struct fake_host *h = fake_create(&stm32_usart_v3_model, &af7);
    h->input[IN_KER] = 16000000;
    fake_power_on(h);
    return h;
}

static struct fake_host *lpuart(void)
{
    struct fake_host *h = fake_create(&stm32_lpuart_v3_model, &low_power);
    h->input[IN_KER] = 32768;
    fake_power_on(h);
    return h;
}

/** 1 Mbaud: a bit is 1 us, a frame of 8 bits 10 us. Past the idle preamble. */
static struct fake_host *at_1_mbaud(uint32_t cr1)
{
    struct fake_host *h = usart();
    fake_write(h, BRR, 16);
    fake_write(h, CR1, cr1 | 0xdu); /* UE, RE, TE */
    fake_run(h, 100u * US);
    assert_int_equal(fake_read(h, ISR) & 0x006000c0u, 0x006000c0u);
    return h;
}

static void receive(struct fake_host *h, uint64_t frame)
{
    h->device.model->on_input(&h->device, IN_RX, frame);
}

static void usart_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        /* After the ones UE is set and the format bits are frozen: the zeros leave M1, OVER8, PCE,
         * PS, M0, WAKE, DEAT and DEDT. */
        {"CR1", 0x00, 0, 0x1fffffffu, 0x13ff9e00u},
        {"CR2", 0x04, 0, 0xffffff70u, 0},
        {"CR3", 0x08, 0, 0x00feffffu, 0},
        {"BRR", 0x0c, 0, 0xffffu, 0},
        {"GTPR", 0x10, 0, 0xffffu, 0},
        {"RTOR", 0x14, 0, 0xffffffffu, 0},
        {"RQR", 0x18, 0, 0, 0},
        {"ISR", 0x1c, 0xc0u, 0xc0u, 0xc0u},
        {"ICR", 0x20, 0, 0, 0},
        {"RDR", 0x24, 0, 0, 0},
        {"TDR", 0x28, 0, 0x1ffu, 0},
    };
    check_registers(usart, expected, ARRAY_LENGTH(expected));
}

static void lpuart_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"CR1", 0x00, 0, 0x13ff7fffu, 0x13ff1e00u},
        {"CR2", 0x04, 0, 0xff0fb010u, 0},
        {"CR3", 0x08, 0, 0x00f0f7c9u, 0},
        {"BRR", 0x0c, 0, 0xfffffu, 0},
        {"ISR", 0x1c, 0xc0u, 0xc0u, 0xc0u},
        {"RDR", 0x24, 0, 0, 0},
        {"TDR", 0x28, 0, 0x1ffu, 0},
    };
    check_registers(lpuart, expected, ARRAY_LENGTH(expected));
}

static void a_byte_takes_ten_bits_and_ends_in_a_frame_on_the_wire(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    uint64_t start_ps = h->now_ps;
    fake_write(h, TDR, 0xa5);
    assert_int_equal(fake_read(h, ISR) & 0xc0u, 0x80u); /* moved on to the shift register */
    fake_run(h, 10u * US - 1u);
    assert_int_equal(h->pulse_count, 0);
    fake_run(h, 1);
    assert_int_equal(h->pulse_count, 1);
    assert_int_equal(h->pulse_ps[0] - start_ps, 10u * US);
    assert_true(h->pulse[0] == serial_frame(0xa5, 8, 0, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0xc0u, 0xc0u);
    assert_int_equal(fake_count_obs(h, OBS_UART_TX), 1);
    fake_destroy(h);
}

static void two_bytes_follow_each_other_without_a_gap(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    fake_write(h, TDR, 'a');
    fake_write(h, TDR, 'b');
    assert_int_equal(fake_read(h, ISR) & 0xc0u, 0);
    fake_run(h, 10u * US);
    assert_int_equal(fake_read(h, ISR) & 0xc0u, 0x80u);
    fake_run(h, 10u * US);
    assert_int_equal(fake_read(h, ISR) & 0xc0u, 0xc0u);
    assert_int_equal(h->pulse_count, 2);
    assert_int_equal(h->pulse_ps[1] - h->pulse_ps[0], 10u * US);
    assert_int_equal(serial_data(h->pulse[1]), 'b');
    fake_destroy(h);
}

static void bit_times_follow_brr_over8_and_the_frame_format(void **state)
{
    (void)state;
    static const struct {
        uint32_t cr1, cr2, brr;
        uint64_t frame_ps;
        uint32_t data_bits, parity;
    } cases[] = {
        {0, 0, 139, 86875000ull, 8, 0}, /* 115107 baud: 10 bits of 8.6875 us */
        /* OVER8: BRR = 0x14 is USARTDIV = 0x18, 2 * 16 MHz / 24 = 1.333 Mbaud */
        {0x8000u, 0, 0x14, 7500000ull, 8, 0},
        {0, 0x2000u, 16, 11000000ull, 8, 0},    /* 2 stop bits */
        {0, 0x1000u, 16, 9500000ull, 8, 0},     /* half a stop bit */
        {0x1000u, 0, 16, 11000000ull, 9, 0},    /* 9 bits */
        {0x1400u, 0, 16, 11000000ull, 8, 2},    /* 8E1: 9 bits with the parity */
        {0x1600u, 0, 16, 11000000ull, 8, 3},    /* 8O1 */
        {0x10000000u, 0, 16, 9000000ull, 7, 0}, /* 7 bits */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = usart();
        fake_write(h, CR2, cases[i].cr2);
        fake_write(h, BRR, cases[i].brr);
        fake_write(h, CR1, cases[i].cr1 | 9u);
        fake_run(h, MS);
        uint64_t start_ps = h->now_ps;
        fake_write(h, TDR, 0x55);
        fake_run(h, MS);
        assert_int_equal(h->pulse_count, 1);
        assert_int_equal(h->pulse_ps[0] - start_ps, cases[i].frame_ps);
        assert_int_equal((h->pulse[0] >> 14 & 3u) + 7u, cases[i].data_bits);
        assert_int_equal(h->pulse[0] >> 12 & 3u, cases[i].parity);
        fake_destroy(h);
    }
}

static void te_sends_an_idle_frame_before_the_first_byte(void **state)
{
    (void)state;
    struct fake_host *h = usart();
    fake_write(h, BRR, 16);
    fake_write(h, CR1, 9u);
    fake_write(h, TDR, 'x');
    assert_int_equal(fake_read(h, ISR) & 0xc0u, 0);
    fake_run(h, 20u * US - 1u);
    assert_int_equal(h->pulse_count, 0);
    fake_run(h, 1);
    assert_int_equal(h->pulse_count, 1);
    fake_destroy(h);
}

static void a_byte_too_many_is_lost_and_told(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    fake_write(h, TDR, 'a');
    fake_write(h, TDR, 'b');
    fake_write(h, TDR, 'c');
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 2);
    assert_int_equal(serial_data(h->pulse[1]), 'c');
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void a_break_request_sends_a_break(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    fake_write(h, RQR, 2u);
    assert_int_equal(fake_read(h, ISR) & 0x40000u, 0x40000u);
    fake_run(h, 10u * US);
    assert_int_equal(fake_read(h, ISR) & 0x40000u, 0);
    assert_int_equal(h->pulse_count, 1);
    assert_true((h->pulse[0] & SERIAL_BREAK) != 0);
    fake_destroy(h);
}

static void a_pin_in_another_function_sends_nothing_and_is_told_once(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    fake_set_input(h, IN_TX_AF, 0xff); /* not an alternate function */
    fake_write(h, TDR, 'a');
    fake_run(h, MS);
    fake_set_input(h, IN_TX_AF, 0x10); /* alternate function 0: AFRL forgotten */
    fake_write(h, TDR, 'b');
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 0);
    assert_int_equal(fake_count_obs(h, OBS_UART_TX), 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_set_input(h, IN_TX_AF, 0x17);
    fake_write(h, TDR, 'c');
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 1);
    fake_destroy(h);
}

static void a_received_byte_sets_rxne_until_it_is_read(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0x20u); /* RXNEIE */
    receive(h, serial_frame(0x5a, 8, 0, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0x2fu, 0x20u);
    assert_int_equal(IRQ(h), 1);
    assert_int_equal(fake_count_obs(h, OBS_UART_RX), 1);
    assert_int_equal(fake_read(h, RDR), 0x5a);
    assert_int_equal(fake_read(h, ISR) & 0x20u, 0);
    assert_int_equal(IRQ(h), 0);
    fake_destroy(h);
}

static void a_frame_while_rxne_is_set_is_an_overrun_that_keeps_the_first(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0x20u);
    receive(h, serial_frame('a', 8, 0, 1000000));
    receive(h, serial_frame('b', 8, 0, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0x2fu, 0x28u);
    assert_int_equal(fake_read(h, RDR), 'a');
    assert_int_equal(IRQ(h), 1); /* ORE interrupts through RXNEIE */
    fake_write(h, ICR, 8u);
    assert_int_equal(IRQ(h), 0);
    fake_destroy(h);
}

static void with_ovrdis_the_newer_byte_wins_without_a_flag(void **state)
{
    (void)state;
    struct fake_host *h = usart();
    fake_write(h, BRR, 16);
    fake_write(h, CR3, 0x1000u);
    fake_write(h, CR1, 5u);
    receive(h, serial_frame('a', 8, 0, 1000000));
    receive(h, serial_frame('b', 8, 0, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0x2fu, 0x20u);
    assert_int_equal(fake_read(h, RDR), 'b');
    fake_destroy(h);
}

static void two_percent_off_is_fine_and_four_garbles_with_fe(void **state)
{
    (void)state;
    for (uint32_t value = 0; value < 256u; value++) {
        struct fake_host *h = at_1_mbaud(0);
        receive(h, serial_frame(value, 8, 0, 1020000));
        assert_int_equal(fake_read(h, ISR) & 0x2fu, 0x20u);
        assert_int_equal(fake_read(h, RDR), value);
        receive(h, serial_frame(value, 8, 0, 1040000));
        assert_int_equal(fake_read(h, ISR) & 0x22u, 0x22u);
        assert_int_not_equal(fake_read(h, RDR), value);
        fake_destroy(h);
    }
}

static void half_the_baud_rate_is_read_as_doubled_bits(void **state)
{
    (void)state;
    /* 0x0f at half the rate: start bit twice, then each bit twice: 0 then 1111111 -> 0xfe. */
    struct fake_host *h = at_1_mbaud(0);
    receive(h, serial_frame(0x0f, 8, 0, 500000));
    assert_int_equal(fake_read(h, RDR), 0xfe);
    assert_int_equal(fake_read(h, ISR) & 2u, 2u);
    fake_destroy(h);
}

static void parity_is_checked_and_delivered_as_the_top_bit(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0x1400u | 0x100u); /* 8E1, PEIE */
    receive(h, serial_frame(0x01, 8, 2, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0x2fu, 0x20u);
    assert_int_equal(fake_read(h, RDR), 0x101);
    receive(h, serial_frame(0x01, 8, 3, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0x2fu, 0x21u);
    assert_int_equal(IRQ(h), 1);
    fake_write(h, ICR, 1u);
    assert_int_equal(IRQ(h), 0);
    fake_destroy(h);
}

static void a_break_is_a_zero_with_fe(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    receive(h, serial_frame(0, 8, 0, 1000000) | SERIAL_BREAK);
    assert_int_equal(fake_read(h, ISR) & 0x2fu, 0x22u);
    assert_int_equal(fake_read(h, RDR), 0);
    fake_destroy(h);
}

static void idle_is_set_after_a_quiet_frame_and_not_again(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0x10u); /* IDLEIE */
    receive(h, serial_frame('a', 8, 0, 1000000));
    fake_run(h, 10u * US);
    receive(h, serial_frame('b', 8, 0, 1000000)); /* back to back */
    assert_int_equal(fake_read(h, ISR) & 0x10u, 0);
    fake_run(h, 20u * US);
    assert_int_equal(fake_read(h, ISR) & 0x10u, 0x10u);
    assert_int_equal(IRQ(h), 1);
    fake_write(h, ICR, 0x10u);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, ISR) & 0x10u, 0);
    fake_destroy(h);
}

static void a_disabled_receiver_or_an_unselected_pin_hears_nothing(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    fake_set_input(h, IN_RX_AF, 0xff);
    receive(h, serial_frame('a', 8, 0, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0x20u, 0);
    fake_set_input(h, IN_RX_AF, 0x17);
    fake_write(h, CR1, 9u); /* RE off */
    receive(h, serial_frame('a', 8, 0, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0x20u, 0);
    fake_destroy(h);
}

static void a_matching_character_sets_cmf(void **state)
{
    (void)state;
    struct fake_host *h = usart();
    fake_write(h, BRR, 16);
    fake_write(h, CR2, 0x0d000000u);
    fake_write(h, CR1, 0x4005u); /* CMIE */
    receive(h, serial_frame(0x0a, 8, 0, 1000000));
    assert_int_equal(IRQ(h), 0);
    (void)fake_read(h, RDR);
    receive(h, serial_frame(0x0d, 8, 0, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0x20000u, 0x20000u);
    assert_int_equal(IRQ(h), 1);
    fake_destroy(h);
}

static void txe_and_tc_interrupt_when_enabled(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    assert_int_equal(IRQ(h), 0);
    fake_write(h, CR1, 0x8du);
    assert_int_equal(IRQ(h), 1);
    fake_write(h, CR1, 0x4du);
    assert_int_equal(IRQ(h), 1);
    fake_write(h, TDR, 'a');
    assert_int_equal(IRQ(h), 0);
    fake_run(h, 10u * US);
    assert_int_equal(IRQ(h), 1);
    fake_write(h, ICR, 0x40u);
    assert_int_equal(IRQ(h), 0);
    fake_destroy(h);
}

static void the_format_is_frozen_while_ue_is_set(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    fake_write(h, CR1, 0x100du);
    assert_int_equal(fake_read(h, CR1), 0xdu);
    fake_write(h, BRR, 32);
    assert_int_equal(fake_read(h, BRR), 16);
    fake_write(h, CR2, 0x2000u);
    assert_int_equal(fake_read(h, CR2), 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 3);
    fake_destroy(h);
}

static void switching_off_drops_what_is_under_way(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    receive(h, serial_frame('a', 8, 0, 1000000));
    fake_write(h, TDR, 'a');
    fake_write(h, TDR, 'b');
    fake_write(h, CR1, 0);
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 0);
    assert_int_equal(fake_read(h, ISR), 0xc0u);
    fake_destroy(h);
}

static void without_a_clock_or_divider_nothing_is_sent(void **state)
{
    (void)state;
    struct fake_host *h = usart();
    fake_write(h, CR1, 9u); /* BRR = 0 */
    fake_write(h, TDR, 'a');
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void an_lpuart_divides_256_times_its_clock(void **state)
{
    (void)state;
    /* RM0351 41.4.5: 9600 baud from 32768 Hz is BRR = 0x369 (873.8). */
    struct fake_host *h = lpuart();
    fake_write(h, BRR, 0x369u);
    fake_write(h, CR1, 9u);
    fake_run(h, 10u * MS);
    uint64_t start_ps = h->now_ps;
    fake_write(h, TDR, 'a');
    fake_run(h, 10u * MS);
    assert_int_equal(h->pulse_count, 1);
    assert_in_range(serial_baud(h->pulse[0]), 9608, 9610); /* 256 * 32768 / 873 = 9608.9 */
    /* 10 bits of 873 / (256 * 32768) s */
    assert_in_range(h->pulse_ps[0] - start_ps, 1040697000ull, 1040698000ull);
    fake_destroy(h);
}

static void errors_interrupt_only_with_eie(void **state)
{
    (void)state;
    for (uint32_t eie = 0; eie < 2u; eie++) {
        struct fake_host *h = usart();
        fake_write(h, BRR, 16);
        fake_write(h, CR3, eie);
        fake_write(h, CR1, 5u);
        assert_int_equal(IRQ(h), 0);
        receive(h, serial_frame(0, 8, 0, 1000000) | SERIAL_BREAK);
        assert_int_equal(IRQ(h), eie);
        fake_write(h, ICR, 2u);
        assert_int_equal(IRQ(h), 0);
        fake_destroy(h);
    }
}

static void without_te_a_byte_waits_for_the_transmitter(void **state)
{
    (void)state;
    struct fake_host *h = usart();
    fake_write(h, BRR, 16);
    fake_write(h, CR1, 1u);
    fake_write(h, TDR, 'a');
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 0);
    fake_write(h, CR1, 9u);
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 1);
    fake_destroy(h);
}

static void flush_requests_drop_the_byte_that_waits(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    fake_write(h, TDR, 'a');
    fake_write(h, TDR, 'b');
    fake_write(h, RQR, 8u); /* RXFRQ is of the receiver */
    assert_int_equal(fake_read(h, ISR) & 0x80u, 0);
    fake_write(h, RQR, 0x10u); /* TXFRQ */
    assert_int_equal(fake_read(h, ISR) & 0x80u, 0x80u);
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 1);
    receive(h, serial_frame('c', 8, 0, 1000000));
    fake_write(h, RQR, 8u);
    assert_int_equal(fake_read(h, ISR) & 0x20u, 0);
    fake_destroy(h);
}

static void what_is_observed_of_a_frame_has_no_parity_bit(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0x1400u); /* 8E1 */
    receive(h, serial_frame(0x01, 8, 2, 1000000));
    assert_int_equal(h->obs[0].kind, OBS_UART_RX);
    assert_int_equal(h->obs[0].a, 0x01);
    fake_write(h, TDR, 0x1fe);
    fake_run(h, MS);
    assert_int_equal(h->obs[0].kind, OBS_UART_TX);
    assert_int_equal(h->obs[0].a, 0xfe);
    fake_destroy(h);
}

static void a_break_with_parity_is_zero_to_its_stop_bit(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0x1400u);
    receive(h, serial_frame(0, 8, 2, 1000000) | SERIAL_BREAK);
    assert_int_equal(fake_read(h, ISR) & 0x2fu, 0x22u);
    assert_int_equal(fake_read(h, RDR), 0);
    fake_destroy(h);
}

static void a_gap_before_a_frame_sets_idle_and_keeps_other_flags(void **state)
{
    (void)state;
    struct fake_host *h = at_1_mbaud(0);
    receive(h, serial_frame('a', 8, 0, 1000000));
    fake_run(h, 15u * US); /* the next one began half a frame later: no idle */
    receive(h, serial_frame('b', 8, 0, 1000000));
    assert_int_equal(fake_read(h, ISR) & 0x18u, 0x08u);
    fake_run(h, 25u * US);
    assert_int_equal(fake_read(h, ISR) & 0x2000f8u, 0x2000f8u); /* RXNE, TEACK, ... and IDLE */
    fake_destroy(h);
}

static void a_byte_that_waits_for_the_kernel_clock_goes_when_it_comes(void **state)
{
    (void)state;
    struct fake_host *h = usart();
    fake_set_input(h, IN_KER, 0);
    fake_write(h, BRR, 16);
    fake_write(h, CR1, 9u);
    fake_write(h, TDR, 'a');
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 0);
    fake_set_input(h, IN_KER, 16000000);
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 1);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(usart_registers_have_their_reset_values_and_bits),
        T(lpuart_registers_have_their_reset_values_and_bits),
        T(a_byte_takes_ten_bits_and_ends_in_a_frame_on_the_wire),
        T(two_bytes_follow_each_other_without_a_gap),
        T(bit_times_follow_brr_over8_and_the_frame_format),
        T(te_sends_an_idle_frame_before_the_first_byte),
        T(a_byte_too_many_is_lost_and_told),
        T(a_break_request_sends_a_break),
        T(a_pin_in_another_function_sends_nothing_and_is_told_once),
        T(a_received_byte_sets_rxne_until_it_is_read),
        T(a_frame_while_rxne_is_set_is_an_overrun_that_keeps_the_first),
        T(with_ovrdis_the_newer_byte_wins_without_a_flag),
        T(two_percent_off_is_fine_and_four_garbles_with_fe),
        T(half_the_baud_rate_is_read_as_doubled_bits),
        T(parity_is_checked_and_delivered_as_the_top_bit),
        T(a_break_is_a_zero_with_fe),
        T(idle_is_set_after_a_quiet_frame_and_not_again),
        T(a_disabled_receiver_or_an_unselected_pin_hears_nothing),
        T(a_matching_character_sets_cmf),
        T(txe_and_tc_interrupt_when_enabled),
        T(the_format_is_frozen_while_ue_is_set),
        T(switching_off_drops_what_is_under_way),
        T(without_a_clock_or_divider_nothing_is_sent),
        T(an_lpuart_divides_256_times_its_clock),
        T(errors_interrupt_only_with_eie),
        T(without_te_a_byte_waits_for_the_transmitter),
        T(flush_requests_drop_the_byte_that_waits),
        T(what_is_observed_of_a_frame_has_no_parity_bit),
        T(a_break_with_parity_is_zero_to_its_stop_bit),
        T(a_gap_before_a_frame_sets_idle_and_keeps_other_flags),
        T(a_byte_that_waits_for_the_kernel_clock_goes_when_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
