/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Synchronous mode of the STM32L476's USART, by RM0351 40.5.11 and 40.8.2. The kernel clock is 16 MHz and BRR 16: a bit
 * takes 1 us, a frame of 8 bits 10 us, and the idle frame after TE as long.
 */
#include "fake_host.h"
#include "models/stm32_usart_v3.h"

#define CR1 0x00u
#define CR2 0x04u
#define BRR 0x0cu
#define ISR 0x1cu
#define RDR 0x24u
#define TDR 0x28u

#define US 1000000ull /* ps */

#define LBCL  0x100u
#define CPHA  0x200u
#define CPOL  0x400u
#define CLKEN 0x800u

static uint32_t wire(const char *const *names, const char *name)
{
    for (uint32_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    fail_msg("no wire %s", name);
    return 0;
}

static uint64_t output(const struct fake_host *h, const char *name)
{
    return h->output[wire(h->device.model->outputs, name)];
}

/** Ready to send, its idle frame over. */
static struct fake_host *usart(uint32_t cr1, uint32_t cr2)
{
    static const struct stm32_usart_v3_params af7 = {7, 7, 0};
    struct fake_host *h = fake_create(&stm32_usart_v3_model, &af7);
    h->input[0] = 16000000u;
    h->input[2] = 16000000u; /* kernel clock */
    fake_power_on(h);
    fake_write(h, BRR, 16u);
    fake_write(h, CR2, cr2);
    fake_write(h, CR1, cr1 | 0xdu); /* UE, RE, TE */
    fake_run(h, 20u * US);
    assert_int_equal(h->pulse_count, 0);
    return h;
}

static void set_rx(struct fake_host *h, uint64_t value)
{
    fake_set_input(h, wire(h->device.model->inputs, "rx_pin"), value);
}

static void the_clock_covers_the_data_bits_and_both_ways_carry_a_byte(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, CLKEN | LBCL);
    assert_int_equal(output(h, "ck"), PIN_LOW);
    assert_int_equal(output(h, "tx_pin"), PIN_HIGH);
    uint64_t start_ps = h->now_ps;
    fake_write(h, TDR, 0x1d);
    fake_run(h, US - 1u);
    assert_int_equal(h->pulse_count, 0); /* the start bit has no clock */
    fake_run(h, 1);
    assert_int_equal(h->pulse_count, 2);
    assert_true(h->pulse[0] == sync_start(8, 0, 1000000u));
    assert_true(h->pulse[1] == sync_bits(0x1d, 8)); /* the first bit is bit 0 */
    set_rx(h, sync_bits(0xa7, 8));
    fake_run(h, 8u * US);
    assert_true(h->pulse[2] == sync_end(8));
    assert_true(h->pulse_ps[2] == start_ps + 9u * US);
    assert_int_equal(fake_read(h, ISR) & 0x20u, 0x20u);
    assert_int_equal(fake_read(h, RDR), 0xa7u);
    assert_int_equal(output(h, "ck"), PIN_LOW);
    assert_int_equal(output(h, "tx_pin"), PIN_HIGH);
    fake_destroy(h);
}

static void polarity_and_phase_are_told(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4u; i++) {
        uint32_t cr2 = CLKEN | LBCL | ((i & 1u) != 0 ? CPOL : 0) | ((i & 2u) != 0 ? CPHA : 0);
        struct fake_host *h = usart(0, cr2);
        assert_int_equal(output(h, "ck"), (i & 1u) != 0 ? PIN_HIGH : PIN_LOW);
        fake_write(h, TDR, 0);
        fake_run(h, US);
        assert_int_equal(sync_mode(h->pulse[0]), i); /* SYNC_CPOL is 1, SYNC_CPHA 2 */
        fake_destroy(h);
    }
}

static void without_lbcl_the_last_bit_has_no_clock(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, CLKEN);
    fake_write(h, TDR, 0xff);
    fake_run(h, US);
    assert_true(h->pulse[0] == sync_start(7, 0, 1000000u));
    assert_true(h->pulse[1] == sync_bits(0x7f, 7));
    fake_run(h, 7u * US);
    assert_true(h->pulse[2] == sync_end(7));
    fake_destroy(h);
}

static void msbfirst_and_parity_shape_the_burst(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, CLKEN | LBCL | 0x80000u); /* MSBFIRST */
    fake_write(h, TDR, 0x01);
    fake_run(h, US);
    assert_true(h->pulse[1] == sync_bits(0x80, 8));
    set_rx(h, sync_bits(0x03, 8));
    fake_run(h, 9u * US);
    assert_int_equal(fake_read(h, RDR), 0xc0u);
    fake_destroy(h);

    h = usart(0x1400u, CLKEN | LBCL); /* 9 bits, even parity */
    fake_write(h, TDR, 0x07);
    fake_run(h, US);
    assert_true(h->pulse[0] == sync_start(9, 0, 1000000u));
    assert_true(h->pulse[1] == sync_bits(0x107, 9));
    set_rx(h, sync_bits(0x007, 9)); /* odd: wrong */
    fake_run(h, 9u * US);
    assert_int_equal(fake_read(h, ISR) & 0x21u, 0x21u);
    fake_destroy(h);
}

static void a_byte_not_read_is_an_overrun(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, CLKEN | LBCL);
    set_rx(h, PIN_HIGH);
    fake_write(h, TDR, 1);
    fake_run(h, 10u * US);
    set_rx(h, PIN_LOW);
    fake_write(h, TDR, 2);
    fake_run(h, 10u * US);
    assert_int_equal(fake_read(h, ISR) & 0x28u, 0x28u);
    assert_int_equal(fake_read(h, RDR), 0xffu);
    fake_destroy(h);
}

static void switching_off_in_a_burst_gives_it_up(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, CLKEN | LBCL | CPOL);
    fake_write(h, TDR, 0);
    fake_run(h, 3u * US);
    fake_write(h, CR1, 0);
    assert_int_equal(output(h, "ck"), PIN_RELEASED);
    assert_int_equal(output(h, "tx_pin"), PIN_RELEASED);
    fake_run(h, 100u * US);
    assert_int_equal(h->pulse_count, 2); /* no end */
    fake_destroy(h);
}

static void asynchronous_mode_leaves_the_pins_alone(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0);
    fake_write(h, TDR, 0x55);
    fake_run(h, 10u * US);
    assert_int_equal(h->pulse_count, 1); /* the serial frame */
    assert_false(sync_is_frame(h->pulse[0]));
    assert_int_equal(output(h, "ck"), PIN_RELEASED);
    assert_int_equal(output(h, "tx_pin"), PIN_RELEASED);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_clock_covers_the_data_bits_and_both_ways_carry_a_byte),
        T(polarity_and_phase_are_told),
        T(without_lbcl_the_last_bit_has_no_clock),
        T(msbfirst_and_parity_shape_the_burst),
        T(a_byte_not_read_is_an_overrun),
        T(switching_off_in_a_burst_gives_it_up),
        T(asynchronous_mode_leaves_the_pins_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
