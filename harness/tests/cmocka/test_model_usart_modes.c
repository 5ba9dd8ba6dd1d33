/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Modes of the STM32L476's USART besides plain bytes, by RM0351 chapter 40. */
#include "fake_host.h"
#include "models/stm32_usart_v3.h"

#define US 1000000ull
#define MS 1000000000ull

#define CR1  0x00u
#define CR2  0x04u
#define CR3  0x08u
#define BRR  0x0cu
#define RTOR 0x14u
#define RQR  0x18u
#define ISR  0x1cu
#define ICR  0x20u
#define RDR  0x24u
#define TDR  0x28u

#define ISR_PE    0x00000001u
#define ISR_FE    0x00000002u
#define ISR_ORE   0x00000008u
#define ISR_IDLE  0x00000010u
#define ISR_RXNE  0x00000020u
#define ISR_TC    0x00000040u
#define ISR_TXE   0x00000080u
#define ISR_LBDF  0x00000100u
#define ISR_CTSIF 0x00000200u
#define ISR_CTS   0x00000400u
#define ISR_RTOF  0x00000800u
#define ISR_ABRE  0x00004000u
#define ISR_ABRF  0x00008000u
#define ISR_RWU   0x00080000u
#define ISR_WUF   0x00100000u

enum {
    IN_KER = 2,
    IN_RX,
    IN_TX_AF,
    IN_RX_AF,
    IN_TX_AF2,
    IN_TX_AF3,
    IN_RX_AF2,
    IN_RX_AF3,
    IN_RX_SWAPPED,
    IN_CTS,
    IN_STOP,
};

#define IRQ(h)    ((h)->output[1])
#define DMA_TX(h) ((h)->output[2])
#define DMA_RX(h) ((h)->output[3])
#define RTS(h)    ((h)->output[5])
#define DE(h)     ((h)->output[6])

static const struct stm32_usart_v3_params af7 = {7, 7, 0};

/** 1 Mbaud: a bit is 1 us, a frame of 8 bits 10 us. Past the idle preamble. */
static struct fake_host *usart(uint32_t cr1, uint32_t cr2, uint32_t cr3)
{
    struct fake_host *h = fake_create(&stm32_usart_v3_model, &af7);
    h->input[IN_KER] = 16000000;
    fake_power_on(h);
    fake_write(h, BRR, 16);
    fake_write(h, CR2, cr2);
    fake_write(h, CR3, cr3);
    fake_write(h, CR1, cr1);
    fake_write(h, CR1, cr1 | 0xdu); /* UE, RE, TE */
    fake_run(h, 100u * US);
    return h;
}

static void receive_at(struct fake_host *h, uint32_t data, uint32_t baud)
{
    h->device.model->on_input(&h->device, IN_RX, serial_frame(data, 8, 0, baud));
}

static void receive(struct fake_host *h, uint32_t data)
{
    receive_at(h, data, 1000000);
}

static void dma_requests_follow_txe_and_rxne(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0, 0);
    assert_int_equal(DMA_TX(h), 0);
    fake_write(h, CR3, 0xc0u); /* DMAT, DMAR: allowed while UE is 1 */
    assert_int_equal(DMA_TX(h), 1);
    assert_int_equal(DMA_RX(h), 0);
    fake_write(h, TDR, 'a'); /* to the shift register */
    assert_int_equal(DMA_TX(h), 1);
    fake_write(h, TDR, 'b');
    assert_int_equal(DMA_TX(h), 0);
    fake_run(h, 10u * US);
    assert_int_equal(DMA_TX(h), 1);
    receive(h, 'c');
    assert_int_equal(DMA_RX(h), 1);
    assert_int_equal(fake_read_sized(h, RDR, 1), 'c');
    assert_int_equal(DMA_RX(h), 0);
    fake_write(h, CR3, 0);
    assert_int_equal(DMA_TX(h), 0);
    fake_write(h, CR3, 0x80u);
    fake_write(h, CR1, 0); /* nothing is asked for while the unit is off */
    assert_int_equal(DMA_TX(h), 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR) + fake_count_obs(h, OBS_GAP), 0);
    fake_destroy(h);
}

static void an_erroneous_byte_is_not_transferred_by_dma(void **state)
{
    (void)state;
    /* DDRE = 0: the byte is dropped, the next one goes. DDRE = 1: requests stop until the flag is cleared. */
    for (uint32_t ddre = 0; ddre < 2u; ddre++) {
        struct fake_host *h = usart(0, 0, 0x40u | ddre << 13);
        h->device.model->on_input(&h->device, IN_RX, serial_frame(0, 8, 0, 1000000) | SERIAL_BREAK);
        assert_int_equal(fake_read(h, ISR) & (ISR_FE | ISR_RXNE), ISR_FE | (ddre != 0 ? ISR_RXNE : 0));
        assert_int_equal(DMA_RX(h), 0);
        if (ddre == 0) {
            receive(h, 'x');
            assert_int_equal(DMA_RX(h), 1);
            assert_int_equal(fake_read(h, RDR), 'x');
        } else {
            fake_write(h, ICR, ISR_FE);
            assert_int_equal(DMA_RX(h), 1);
        }
        fake_destroy(h);
    }
}

static void auto_baud_sets_brr_from_the_first_character(void **state)
{
    (void)state;
    /* BRR = 16 MHz / baud, rounded: 139 for 115200, 1667 for 9600; with OVER8 32 MHz / 115200 = 278 = 0x116: 0x113. */
    static const struct {
        uint32_t mode, over8, data, baud, brr;
    } cases[] = {
        {0, 0, 0x01, 115200, 139},         {0, 0, 'a', 9600, 1667},   {1, 0, 0x55, 115200, 139},
        {1, 0, 0x7d, 9600, 1667},          {2, 0, 0x7f, 115200, 139}, {3, 0, 0x55, 115200, 139},
        {2, 0x8000u, 0x7f, 115200, 0x113},
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = usart(cases[i].over8, 0x100000u | cases[i].mode << 21, 0);
        assert_int_equal(fake_read(h, ISR) & ISR_ABRF, 0);
        receive_at(h, cases[i].data, cases[i].baud);
        assert_int_equal(fake_read(h, ISR) & (ISR_ABRF | ISR_ABRE | ISR_RXNE | ISR_FE), ISR_ABRF | ISR_RXNE);
        assert_int_equal(fake_read(h, BRR), cases[i].brr);
        assert_int_equal(fake_read(h, RDR), cases[i].data);
        receive_at(h, cases[i].data, 2000000); /* measured once */
        assert_int_equal(fake_read(h, BRR), cases[i].brr);
        fake_write(h, RQR, 1u); /* ABRRQ: again */
        assert_int_equal(fake_read(h, ISR) & ISR_ABRF, 0);
        receive_at(h, cases[i].data, 500000);
        assert_int_equal(fake_read(h, BRR), cases[i].over8 != 0 ? 0x40u : 32u);
        fake_destroy(h);
    }
}

static void auto_baud_fails_on_a_character_or_rate_that_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        uint32_t mode, data, baud;
    } cases[] = {
        {0, 0xfe, 115200}, {1, 0x7f, 115200}, {1, 0x02, 115200},
        {2, 0x55, 115200}, {3, 0x7f, 115200}, {0, 0x01, 2000000}, /* 16 MHz / 2 MHz = 8: below 16 */
        {0, 0x01, 200},                                           /* 80000: above 65535 */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = usart(0x20u, 0x100000u | cases[i].mode << 21, 0);
        receive_at(h, cases[i].data, cases[i].baud);
        uint32_t all = ISR_ABRF | ISR_ABRE | ISR_RXNE | ISR_FE;
        assert_int_equal(fake_read(h, ISR) & all, all);
        assert_int_equal(fake_read(h, BRR), 16);
        assert_int_equal(IRQ(h), 1);
        fake_write(h, RQR, 1u);
        assert_int_equal(fake_read(h, ISR) & (ISR_ABRF | ISR_ABRE), 0);
        fake_destroy(h);
    }
}

static void the_receiver_times_out_after_rtor_bits(void **state)
{
    (void)state;
    struct fake_host *h = usart(0x4000000u, 0x800000u, 0); /* RTOIE, RTOEN */
    fake_write(h, RTOR, 50);                               /* may be written while UE is 1 */
    fake_run(h, MS);
    assert_int_equal(fake_read(h, ISR) & ISR_RTOF, 0); /* not before a first byte */
    for (uint32_t i = 0; i < 5u; i++) {
        receive(h, 'a');
        (void)fake_read(h, RDR);
        fake_run(h, 40u * US); /* pauses of 30 bits */
    }
    assert_int_equal(fake_read(h, ISR) & ISR_RTOF, 0);
    assert_int_equal(IRQ(h), 0);
    fake_run(h, 20u * US); /* 50 bits and the frame that might have begun */
    assert_int_equal(fake_read(h, ISR) & ISR_RTOF, ISR_RTOF);
    assert_int_equal(IRQ(h), 1);
    fake_write(h, ICR, ISR_RTOF);
    assert_int_equal(IRQ(h), 0);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, ISR) & ISR_RTOF, 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_destroy(h);
}

static void without_rtoen_nothing_times_out(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0, 0);
    fake_write(h, RTOR, 5);
    receive(h, 'a');
    fake_run(h, MS);
    assert_int_equal(fake_read(h, ISR) & ISR_RTOF, 0);
    fake_destroy(h);
}

static void mute_mode_ends_with_an_idle_line(void **state)
{
    (void)state;
    struct fake_host *h = usart(0x2000u, 0, 0); /* MME */
    fake_write(h, RQR, 4u);                     /* MMRQ on a line that is idle already */
    assert_int_equal(fake_read(h, ISR) & ISR_RWU, 0);
    receive(h, 'a');
    (void)fake_read(h, RDR);
    fake_write(h, RQR, 4u);
    assert_int_equal(fake_read(h, ISR) & ISR_RWU, ISR_RWU);
    fake_run(h, 10u * US);
    receive(h, 'b');
    assert_int_equal(fake_read(h, ISR) & ISR_RXNE, 0);
    fake_run(h, 20u * US);
    assert_int_equal(fake_read(h, ISR) & (ISR_RWU | ISR_IDLE), 0);
    receive(h, 'c');
    assert_int_equal(fake_read(h, RDR), 'c');
    fake_destroy(h);
}

static void mute_mode_ends_with_our_address(void **state)
{
    (void)state;
    static const struct {
        uint32_t addm7, add, other, ours;
    } cases[] = {
        {0, 0x05, 0x86, 0xf5},     /* four bits: 6 is not 5, the rest does not matter */
        {0x10u, 0x25, 0xa6, 0xa5}, /* seven bits */
        {0x10u, 0x25, 0xb5, 0xa5}, /* equal in the lowest four */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = usart(0x2800u, cases[i].addm7 | cases[i].add << 24, 0); /* MME, WAKE */
        receive(h, cases[i].other);
        assert_int_equal(fake_read(h, ISR) & (ISR_RWU | ISR_RXNE), ISR_RWU);
        receive(h, 0x31);
        fake_run(h, MS);
        assert_int_equal(fake_read(h, ISR) & (ISR_RWU | ISR_RXNE | ISR_IDLE), ISR_RWU);
        receive(h, cases[i].ours);
        assert_int_equal(fake_read(h, ISR) & (ISR_RWU | ISR_RXNE), ISR_RXNE);
        assert_int_equal(fake_read(h, RDR), cases[i].ours);
        receive(h, 0x32);
        assert_int_equal(fake_read(h, RDR), 0x32);
        fake_write(h, RQR, 4u);
        assert_int_equal(fake_read(h, ISR) & ISR_RWU, ISR_RWU);
        fake_write(h, CR1, 0x080du); /* MME off */
        assert_int_equal(fake_read(h, ISR) & ISR_RWU, 0);
        fake_destroy(h);
    }
}

static void cts_holds_the_next_byte_back(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0, 0x600u); /* CTSE, CTSIE */
    assert_int_equal(fake_read(h, ISR) & (ISR_CTS | ISR_CTSIF), ISR_CTS);
    fake_set_input(h, IN_CTS, PIN_HIGH);
    assert_int_equal(fake_read(h, ISR) & (ISR_CTS | ISR_CTSIF), ISR_CTSIF);
    assert_int_equal(IRQ(h), 1);
    fake_write(h, ICR, ISR_CTSIF);
    assert_int_equal(IRQ(h), 0);
    fake_write(h, TDR, 'a');
    fake_run(h, MS);
    assert_int_equal(h->pulse_count, 0);
    fake_set_input(h, IN_CTS, PIN_LOW);
    fake_run(h, 10u * US);
    assert_int_equal(h->pulse_count, 1);
    fake_destroy(h);
}

static void rts_is_low_while_a_byte_can_be_taken(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0, 0x100u);
    assert_int_equal(RTS(h), PIN_LOW);
    receive(h, 'a');
    assert_int_equal(RTS(h), PIN_HIGH);
    (void)fake_read(h, RDR);
    assert_int_equal(RTS(h), PIN_LOW);
    fake_write(h, CR1, 0);
    assert_int_equal(RTS(h), PIN_HIGH);
    fake_write(h, CR3, 0);
    assert_int_equal(RTS(h), PIN_RELEASED);
    fake_destroy(h);
}

static void driver_enable_goes_before_the_start_bit(void **state)
{
    (void)state;
    for (uint32_t dep = 0; dep < 2u; dep++) {
        /* DEAT = 16 samples of 16 a bit: one bit */
        struct fake_host *h = usart(16u << 21, 0, 0x4000u | dep << 15);
        uint32_t off = dep != 0 ? PIN_HIGH : PIN_LOW;
        uint32_t on = dep != 0 ? PIN_LOW : PIN_HIGH;
        assert_int_equal(DE(h), off);
        uint64_t start_ps = h->now_ps;
        fake_write(h, TDR, 'a');
        fake_write(h, TDR, 'b');
        assert_int_equal(DE(h), on);
        fake_run(h, 21u * US - 1u);
        assert_int_equal(DE(h), on);
        fake_run(h, 1);
        assert_int_equal(DE(h), off);
        assert_int_equal(h->pulse_ps[0] - start_ps, 11u * US);
        assert_int_equal(h->pulse_ps[1] - start_ps, 21u * US);
        fake_destroy(h);
    }
}

static void half_duplex_listens_on_the_pin_of_tx_and_hears_itself(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0, 8u);
    fake_set_input(h, IN_TX_AF, 0x17);
    fake_set_input(h, IN_RX_AF, 0xff); /* the RX pin is free */
    receive(h, 'a');
    assert_int_equal(fake_read(h, RDR), 'a');
    fake_write(h, TDR, 'b');
    fake_run(h, 10u * US);
    assert_int_equal(h->pulse_count, 1);
    assert_int_equal(fake_read(h, ISR) & ISR_RXNE, ISR_RXNE);
    assert_int_equal(fake_read(h, RDR), 'b');
    fake_write(h, CR1, 9u); /* RE off: no echo */
    fake_write(h, TDR, 'c');
    fake_run(h, 10u * US);
    assert_int_equal(h->pulse_count, 2);
    assert_int_equal(fake_read(h, ISR) & ISR_RXNE, 0);
    fake_destroy(h);
}

static void swapped_lines_use_each_others_pins(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0x8000u, 0);
    fake_set_input(h, IN_TX_AF, 0xff);
    fake_set_input(h, IN_RX_AF, 0x17);
    fake_write(h, TDR, 'a');
    fake_run(h, 10u * US);
    assert_int_equal(h->output[0], 0);
    assert_int_equal(serial_data(h->output[4]), 'a'); /* tx_swapped */
    fake_set_input(h, IN_TX_AF, 0x17);
    receive(h, 'b'); /* comes on the wire of RX: nobody listens there */
    assert_int_equal(fake_read(h, ISR) & ISR_RXNE, 0);
    h->device.model->on_input(&h->device, IN_RX_SWAPPED, serial_frame('c', 8, 0, 1000000));
    assert_int_equal(fake_read(h, RDR), 'c');
    fake_destroy(h);
}

static void data_can_be_inverted_or_go_msb_first(void **state)
{
    (void)state;
    /* 0x16 = 00010110: reversed 01101000 = 0x68, inverted 11101001 = 0xe9, both 10010111 = 0x97. */
    static const struct {
        uint32_t cr2, line;
    } cases[] = {{0x80000u, 0x68}, {0x40000u, 0xe9}, {0xc0000u, 0x97}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = usart(0, cases[i].cr2, 0);
        fake_write(h, TDR, 0x16);
        fake_run(h, 10u * US);
        assert_int_equal(serial_data(h->pulse[0]), cases[i].line);
        receive(h, cases[i].line);
        assert_int_equal(fake_read(h, RDR), 0x16);
        fake_destroy(h);
    }
}

static void an_inverted_parity_bit_agrees_with_its_own_receiver(void **state)
{
    (void)state;
    /* Even parity, DATAINV. Eight data bits and a parity bit flip: the line carries odd parity. Seven: even as before.
     */
    static const struct {
        uint32_t cr1, line, parity;
    } cases[] = {{0x1400u, 0xfe, 3}, {0x0400u, 0x7e, 2}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = usart(cases[i].cr1, 0x40000u, 0);
        fake_write(h, TDR, 0x01);
        fake_run(h, 11u * US);
        assert_int_equal(serial_data(h->pulse[0]), cases[i].line);
        assert_int_equal(h->pulse[0] >> 12 & 3u, cases[i].parity);
        h->device.model->on_input(&h->device, IN_RX, h->pulse[0]);
        assert_int_equal(fake_read(h, ISR) & (ISR_PE | ISR_FE | ISR_RXNE), ISR_RXNE);
        assert_int_equal(fake_read(h, RDR) & 0x7fu, 0x01);
        fake_destroy(h);
    }
}

static void msb_first_leaves_the_parity_bit_last(void **state)
{
    (void)state;
    struct fake_host *h = usart(0x1400u, 0x80000u, 0);
    h->device.model->on_input(&h->device, IN_RX, serial_frame(0x80, 8, 2, 1000000));
    assert_int_equal(fake_read(h, ISR) & (ISR_PE | ISR_RXNE), ISR_RXNE);
    assert_int_equal(fake_read(h, RDR), 0x101);
    fake_destroy(h);
}

static void inverted_lines_are_garbage_for_a_peer_that_is_not(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0x30000u, 0); /* RXINV, TXINV */
    fake_write(h, TDR, 'a');
    fake_run(h, 10u * US);
    assert_true((h->pulse[0] & SERIAL_BREAK) != 0);
    receive(h, 'a');
    assert_int_equal(fake_read(h, ISR) & ISR_FE, ISR_FE);
    assert_int_equal(fake_read(h, RDR), 0x9e); /* ~0x61 */
    fake_destroy(h);
}

static void lin_sends_and_detects_breaks_of_thirteen_bits(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0x4040u, 0); /* LINEN, LBDIE */
    uint64_t start_ps = h->now_ps;
    fake_write(h, RQR, 2u);
    fake_run(h, MS);
    assert_int_equal(h->pulse_ps[0] - start_ps, 14u * US);
    receive(h, 0);
    assert_int_equal(fake_read(h, ISR) & ISR_LBDF, 0);
    (void)fake_read(h, RDR);
    h->device.model->on_input(&h->device, IN_RX, h->pulse[0]);
    assert_int_equal(fake_read(h, ISR) & ISR_LBDF, ISR_LBDF);
    assert_int_equal(IRQ(h), 1);
    fake_write(h, ICR, ISR_LBDF);
    assert_int_equal(IRQ(h), 0);
    fake_destroy(h);
}

static void any_pin_of_a_signal_will_do(void **state)
{
    (void)state;
    static const uint32_t tx[] = {IN_TX_AF, IN_TX_AF2, IN_TX_AF3};
    static const uint32_t rx[] = {IN_RX_AF, IN_RX_AF2, IN_RX_AF3};
    for (uint32_t i = 0; i < 3u; i++) {
        struct fake_host *h = usart(0, 0, 0);
        for (uint32_t n = 0; n < 3u; n++) {
            fake_set_input(h, tx[n], n == i ? 0x17 : 0xff);
            fake_set_input(h, rx[n], n == i ? 0x17 : 0x15);
        }
        fake_write(h, TDR, 'a');
        receive(h, 'b');
        fake_run(h, 10u * US);
        assert_int_equal(h->pulse_count, 1);
        assert_int_equal(fake_read(h, RDR), 'b');
        fake_set_input(h, rx[i], 0xff); /* now none is selected */
        fake_set_input(h, tx[i], 0xff);
        fake_write(h, TDR, 'a');
        receive(h, 'c');
        fake_run(h, 10u * US);
        assert_int_equal(h->pulse_count, 1);
        assert_int_equal(fake_read(h, ISR) & ISR_RXNE, 0);
        fake_destroy(h);
    }
}

static void in_stop_only_uesm_hears_and_wakes(void **state)
{
    (void)state;
    static const struct {
        uint32_t uesm, wus, data;
        uint32_t rxne, wuf;
    } cases[] = {
        {0, 2, 'a', 0, 0},               /* not without UESM */
        {2, 2, 'a', ISR_RXNE, ISR_WUF},  /* start bit */
        {2, 3, 'a', ISR_RXNE, ISR_WUF},  /* byte */
        {2, 1, 'a', ISR_RXNE, 0},        /* reserved */
        {2, 0, 'a', ISR_RXNE, 0},        /* not an address */
        {2, 0, 0xb0, ISR_RXNE, 0},       /* not ours */
        {2, 0, 0xa9, ISR_RXNE, ISR_WUF}, /* ours */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = usart(cases[i].uesm, 0x29000010u, 0x400000u | cases[i].wus << 20); /* WUFIE */
        fake_set_input(h, IN_STOP, 3); /* Stop 2: an LPUART at most */
        receive(h, cases[i].data);
        assert_int_equal(fake_read(h, ISR) & (ISR_RXNE | ISR_WUF), 0);
        fake_set_input(h, IN_STOP, 2);
        receive(h, cases[i].data);
        assert_int_equal(fake_read(h, ISR) & (ISR_RXNE | ISR_WUF | ISR_FE), cases[i].rxne | cases[i].wuf);
        assert_int_equal(IRQ(h), cases[i].wuf != 0);
        fake_write(h, ICR, ISR_WUF);
        assert_int_equal(IRQ(h), 0);
        fake_destroy(h);
    }
}

static void awake_wuf_is_never_set(void **state)
{
    (void)state;
    struct fake_host *h = usart(2u, 0, 0x700000u);
    receive(h, 'a');
    assert_int_equal(fake_read(h, ISR) & (ISR_RXNE | ISR_WUF), ISR_RXNE);
    fake_destroy(h);
}

static void a_byte_while_rtoen_is_off_ends_the_wait(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0x800000u, 0);
    fake_write(h, RTOR, 50);
    receive(h, 'a');
    fake_run(h, 40u * US);
    fake_write(h, CR2, 0);
    receive(h, 'b');
    fake_write(h, CR2, 0x800000u);
    fake_run(h, 30u * US); /* past what the first byte started */
    assert_int_equal(fake_read(h, ISR) & ISR_RTOF, 0);
    fake_destroy(h);
}

static void some_settings_need_only_their_part_to_be_off(void **state)
{
    (void)state;
    struct fake_host *h = usart(0, 0, 0);
    fake_write(h, CR2, 0x600000u); /* ABRMOD while ABREN is 0 */
    assert_int_equal(fake_read(h, CR2), 0x600000u);
    fake_write(h, CR2, 0x700000u); /* ABREN at any time */
    assert_int_equal(fake_read(h, CR2), 0x700000u);
    fake_write(h, CR2, 0x500000u);
    assert_int_equal(fake_read(h, CR2), 0x700000u);
    fake_write(h, CR2, 0x55700000u); /* ADD only without RE */
    assert_int_equal(fake_read(h, CR2), 0x700000u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 2);
    fake_write(h, CR1, 9u);
    fake_write(h, CR2, 0x55700000u);
    assert_int_equal(fake_read(h, CR2), 0x55700000u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 2);
    fake_destroy(h);
}

static void modes_that_are_not_modelled_are_gaps(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset, value;
    } cases[] = {
        {CR1, 0x8000000u}, /* EOBIE */
        {CR2, 0x8800u},    /* CLKEN with SWAP */
        {CR3, 0x0002u},    /* IREN */
        {CR3, 0x0020u},    /* SCEN */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = usart(0, 0, 0);
        fake_write(h, CR1, 0);
        fake_write(h, cases[i].offset, cases[i].value);
        assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
        fake_destroy(h);
    }
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(dma_requests_follow_txe_and_rxne),
        T(an_erroneous_byte_is_not_transferred_by_dma),
        T(auto_baud_sets_brr_from_the_first_character),
        T(auto_baud_fails_on_a_character_or_rate_that_does_not_fit),
        T(the_receiver_times_out_after_rtor_bits),
        T(without_rtoen_nothing_times_out),
        T(mute_mode_ends_with_an_idle_line),
        T(mute_mode_ends_with_our_address),
        T(cts_holds_the_next_byte_back),
        T(rts_is_low_while_a_byte_can_be_taken),
        T(driver_enable_goes_before_the_start_bit),
        T(half_duplex_listens_on_the_pin_of_tx_and_hears_itself),
        T(swapped_lines_use_each_others_pins),
        T(data_can_be_inverted_or_go_msb_first),
        T(an_inverted_parity_bit_agrees_with_its_own_receiver),
        T(msb_first_leaves_the_parity_bit_last),
        T(inverted_lines_are_garbage_for_a_peer_that_is_not),
        T(lin_sends_and_detects_breaks_of_thirteen_bits),
        T(any_pin_of_a_signal_will_do),
        T(in_stop_only_uesm_hears_and_wakes),
        T(awake_wuf_is_never_set),
        T(a_byte_while_rtoen_is_off_ends_the_wait),
        T(some_settings_need_only_their_part_to_be_off),
        T(modes_that_are_not_modelled_are_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
