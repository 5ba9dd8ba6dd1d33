/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Long because: one case a flag, mode and rule of the manual. */
/** @file DMA controller of the STM32L476, by RM0351 chapter 11. */
#include "fake_host.h"
#include "models/stm32_dma.h"

#define ISR      0x00u
#define IFCR     0x04u
#define CCR(n)   (0x08u + 0x14u * ((n) - 1u))
#define CNDTR(n) (CCR(n) + 4u)
#define CPAR(n)  (CCR(n) + 8u)
#define CMAR(n)  (CCR(n) + 12u)
#define CSELR    0xa8u

/* CCR */
#define EN      0x0001u
#define TCIE    0x0002u
#define HTIE    0x0004u
#define TEIE    0x0008u
#define DIR     0x0010u
#define CIRC    0x0020u
#define PINC    0x0040u
#define MINC    0x0080u
#define P16     0x0100u
#define P32     0x0200u
#define M16     0x0400u
#define M32     0x0800u
#define PL(n)   ((n) << 12)
#define MEM2MEM 0x4000u

#define RAM          0x20000000u
#define PORT         0x40004428u
#define CYCLE        62500ull /* 16 MHz, in ps */
#define ONE          (5u * CYCLE)
#define IRQ(h, n)    ((h)->output[(n) - 1u])
#define IN_REQ(c, s) (2u + 8u * ((c) - 1u) + (s))
#define LEFT(c, s)   (14u + 8u * ((c) - 1u) + (s)) /* output */

/* A RAM and a port: its request falls once `wanted` items were moved. */
static uint8_t ram[8192];
static uint32_t port_value, port_log[64], port_count, port_size, wanted;
static uint64_t port_ps[64];
static struct fake_host *current;
static uint32_t port_input;

static void port_used(uint32_t value, unsigned size)
{
    port_ps[port_count % 64u] = current->now_ps;
    port_log[port_count++ % 64u] = value;
    port_size = size;
    if (wanted != 0 && --wanted == 0)
        fake_set_input(current, port_input, 0);
}

/** What the core keeps to itself must not even be asked for. */
static void check_reachable(uint32_t address)
{
    assert_true(address < 0xe0000000u);
    assert_true((address & 0x9e000000u) != 0x02000000u);
}

static bool bus_read(void *context, uint32_t address, unsigned size, uint32_t *value)
{
    (void)context;
    assert_int_equal(address % size, 0);
    check_reachable(address);
    *value = 0;
    if (address - RAM < sizeof ram) {
        memcpy(value, &ram[address - RAM], size);
        return true;
    }
    if (address != PORT)
        return false;
    *value = port_value++;
    port_used(*value, size);
    return true;
}

static bool bus_write(void *context, uint32_t address, unsigned size, uint32_t value)
{
    (void)context;
    assert_int_equal(address % size, 0);
    assert_true(size == 4u || value >> (8u * size) == 0);
    check_reachable(address);
    if (address - RAM < sizeof ram) {
        memcpy(&ram[address - RAM], &value, size);
        return true;
    }
    if (address != PORT)
        return false;
    port_used(value, size);
    return true;
}

static struct device_host host_with_bus;
static const struct stm32_dma_params all_requests = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}};

static struct fake_host *dma(void)
{
    struct fake_host *h = fake_create(&stm32_dma_model, &all_requests);
    host_with_bus = fake_device_host;
    host_with_bus.bus_read = bus_read;
    host_with_bus.bus_write = bus_write;
    h->device.host = &host_with_bus;
    h->input[0] = 16000000;
    memset(ram, 0, sizeof ram);
    port_value = port_count = wanted = 0;
    current = h;
    fake_power_on(h);
    return h;
}

static void ask(struct fake_host *h, uint32_t input, uint32_t items)
{
    port_input = input;
    wanted = items;
    fake_set_input(h, input, 1);
}

static void set_up(struct fake_host *h, uint32_t channel, uint32_t peripheral, uint32_t memory, uint32_t count,
                   uint32_t ccr)
{
    fake_write(h, CPAR(channel), peripheral);
    fake_write(h, CMAR(channel), memory);
    fake_write(h, CNDTR(channel), count);
    fake_write(h, CCR(channel), ccr);
    fake_write(h, CCR(channel), ccr | EN);
}

static uint32_t word_of(uint32_t offset)
{
    uint32_t value;
    memcpy(&value, &ram[offset], 4);
    return value;
}

static void registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"ISR", 0x00, 0, 0, 0},
        {"IFCR", 0x04, 0, 0, 0},
        /* After the ones EN is set: the zeros leave DIR, PINC, MINC, PSIZE, MSIZE, PL and MEM2MEM. */
        {"CCR1", 0x08, 0, 0x7fffu, 0x7fd0u},
        {"CNDTR1", 0x0c, 0, 0xffffu, 0},
        {"CPAR1", 0x10, 0, 0xffffffffu, 0},
        {"CMAR1", 0x14, 0, 0xffffffffu, 0},
        {"CCR2", 0x1c, 0, 0x7fffu, 0x7fd0u},
        {"CCR4", 0x44, 0, 0x7fffu, 0x7fd0u},
        {"CNDTR5", 0x5c, 0, 0xffffu, 0},
        {"CPAR6", 0x74, 0, 0xffffffffu, 0},
        {"CCR7", 0x80, 0, 0x7fffu, 0x7fd0u},
        {"CMAR7", 0x8c, 0, 0xffffffffu, 0},
        {"CSELR", 0xa8, 0, 0x0fffffffu, 0},
    };
    check_registers(dma, expected, ARRAY_LENGTH(expected));
}

static void there_is_nothing_between_the_channels(void **state)
{
    (void)state;
    static const uint32_t holes[] = {0x18, 0x2c, 0x40, 0x54, 0x68, 0x7c, 0x90, 0xa4, 0xac};
    struct fake_host *h = dma();
    for (uint32_t i = 0; i < ARRAY_LENGTH(holes); i++)
        assert_null(reg_find(&stm32_dma_model, holes[i]));
    assert_int_equal(fake_read(h, 0x18), 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void memory_is_copied_to_memory_and_takes_time(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    for (uint32_t i = 0; i < 100u; i++)
        ram[i] = (uint8_t)(i + 1u);
    set_up(h, 3, RAM, RAM + 0x100u, 25, MEM2MEM | PINC | MINC | P32 | M32 | TCIE);
    fake_run(h, 25u * ONE - 1u);
    assert_int_equal(IRQ(h, 3), 0);
    fake_run(h, 1);
    assert_int_equal(IRQ(h, 3), 1);
    assert_memory_equal(ram, ram + 0x100, 100);
    assert_int_equal(ram[0x100 + 100], 0);
    assert_int_equal(fake_read(h, ISR), 0x700u); /* GIF3, TCIF3, HTIF3 */
    assert_int_equal(fake_read(h, CNDTR(3)), 0);
    assert_int_equal(fake_read(h, CCR(3)) & EN, EN);
    fake_destroy(h);
}

static void cndtr_counts_down_exactly_inside_a_batch(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    set_up(h, 1, RAM, RAM + 0x1000u, 2000, MEM2MEM | PINC | MINC);
    fake_run(h, 10u * ONE - 1u);
    assert_int_equal(fake_read(h, CNDTR(1)), 1991);
    fake_run(h, 1);
    assert_int_equal(fake_read(h, CNDTR(1)), 1990);
    fake_run(h, 989u * ONE);
    assert_int_equal(fake_read(h, ISR), 0); /* 999 of 2000 */
    fake_run(h, ONE);
    assert_int_equal(fake_read(h, ISR), 0x5u); /* half */
    fake_run(h, 1000u * ONE);
    assert_int_equal(fake_read(h, ISR), 0x7u);
    fake_destroy(h);
}

static void dir_turns_a_copy_round(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    ram[0x80] = 0x5a;
    set_up(h, 1, RAM, RAM + 0x80u, 1, MEM2MEM | DIR);
    fake_run(h, ONE);
    assert_int_equal(ram[0], 0x5a);
    fake_destroy(h);
}

static void a_request_moves_one_item_each(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    memcpy(ram, "hello", 5);
    fake_write(h, CSELR, 0x2000000u); /* channel 7: request 2 */
    set_up(h, 7, PORT, RAM, 5, DIR | MINC | TCIE | HTIE);
    fake_run(h, 100u * ONE);
    assert_int_equal(port_count, 0);
    ask(h, IN_REQ(7, 1), 0); /* not the request selected */
    fake_run(h, 100u * ONE);
    assert_int_equal(port_count, 0);
    uint64_t start_ps = h->now_ps;
    ask(h, IN_REQ(7, 2), 1);
    fake_run(h, 100u * ONE);
    assert_int_equal(port_count, 1);
    assert_int_equal(port_ps[0] - start_ps, ONE);
    assert_int_equal(port_log[0], 'h');
    assert_int_equal(port_size, 1);
    assert_int_equal(fake_read(h, CNDTR(7)), 4);
    ask(h, IN_REQ(7, 2), 2);
    fake_run(h, 100u * ONE);
    assert_int_equal(port_count, 3);
    assert_int_equal(fake_read(h, ISR), 0x5000000u); /* 2 left of 5: half */
    assert_int_equal(IRQ(h, 7), 1);
    fake_write(h, IFCR, 0x4000000u);
    assert_int_equal(IRQ(h, 7), 0);
    ask(h, IN_REQ(7, 2), 0); /* for ever */
    fake_run(h, 100u * ONE);
    assert_int_equal(port_count, 5);
    assert_int_equal(port_log[4], 'o');
    assert_int_equal(fake_read(h, ISR), 0x3000000u);
    assert_int_equal(IRQ(h, 7), 1);
    fake_destroy(h);
}

static void a_channel_tells_its_peripheral_of_the_last_transfer(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    fake_write(h, CSELR, 0x2000000u); /* channel 7: request 2 */
    set_up(h, 7, PORT, RAM, 3, DIR | MINC);
    assert_int_equal(h->output[LEFT(7, 2)], 0);
    ask(h, IN_REQ(7, 2), 1);
    fake_run(h, 100u * ONE);
    assert_int_equal(h->output[LEFT(7, 2)], 0);
    ask(h, IN_REQ(7, 2), 1);
    fake_run(h, 100u * ONE);
    assert_int_equal(h->output[LEFT(7, 2)], 1);
    ask(h, IN_REQ(7, 2), 1);
    fake_run(h, 100u * ONE);
    assert_int_equal(h->output[LEFT(7, 2)], 2);
    fake_write(h, CCR(7), 0);
    assert_int_equal(h->output[LEFT(7, 2)], 0);
    set_up(h, 7, PORT, RAM, 1, DIR | MINC);
    assert_int_equal(h->output[LEFT(7, 2)], 1);
    fake_destroy(h);
}

static void each_channel_listens_to_its_own_lines(void **state)
{
    (void)state;
    for (uint32_t channel = 1; channel <= 7u; channel++)
        for (uint32_t select = 0; select < 8u; select++) {
            if (channel == 7u && select == 0)
                continue; /* no such request in all_requests */
            struct fake_host *h = dma();
            fake_write(h, CSELR, select << (4u * (channel - 1u)));
            for (uint32_t n = 1; n <= 7u; n++)
                set_up(h, n, PORT, RAM + 16u * n, 4, MINC);
            for (uint32_t n = 1; n <= 7u; n++)
                if (n != channel)
                    fake_write(h, CCR(n), 0);
            ask(h, IN_REQ(channel, select), 1);
            fake_run(h, 100u * ONE);
            assert_int_equal(port_count, 1);
            for (uint32_t n = 1; n <= 7u; n++)
                assert_int_equal(fake_read(h, CNDTR(n)), n == channel ? 3 : 4);
            fake_destroy(h);
        }
}

static void circular_mode_reloads_count_and_addresses(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    port_value = 1;
    set_up(h, 5, PORT, RAM, 4, CIRC | MINC | TCIE);
    ask(h, IN_REQ(5, 0), 6);
    fake_run(h, 4u * ONE);
    assert_int_equal(fake_read(h, CNDTR(5)), 4);
    assert_int_equal(IRQ(h, 5), 1);
    fake_write(h, IFCR, 0x10000u); /* CGIF5: all of the channel */
    assert_int_equal(fake_read(h, ISR), 0);
    assert_int_equal(IRQ(h, 5), 0);
    fake_run(h, 100u * ONE);
    assert_int_equal(word_of(0), 0x04030605u); /* 5 and 6 over 1 and 2 */
    assert_int_equal(word_of(4), 0);
    assert_int_equal(fake_read(h, CNDTR(5)), 2);
    assert_int_equal(fake_read(h, ISR), 0x50000u);
    fake_destroy(h);
}

static void circular_mode_reloads_the_peripheral_address_too(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    memcpy(ram, "abcd", 4);
    set_up(h, 1, RAM, PORT, 2, CIRC | PINC);
    ask(h, IN_REQ(1, 0), 4);
    fake_run(h, 100u * ONE);
    assert_int_equal(port_count, 4);
    assert_int_equal(port_log[1], 'b');
    assert_int_equal(port_log[2], 'a');
    assert_int_equal(port_log[3], 'b');
    fake_destroy(h);
}

static void a_disabled_copy_stops_at_once(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    memset(ram, 0x5a, 16);
    set_up(h, 1, RAM, RAM + 0x100u, 10, MEM2MEM | PINC | MINC | TCIE);
    fake_run(h, 3u * ONE);
    fake_write(h, CCR(1), MEM2MEM | PINC | MINC | TCIE);
    fake_run(h, 100u * ONE);
    assert_int_equal(fake_read(h, CNDTR(1)), 7);
    assert_int_equal(ram[0x102], 0x5a);
    assert_int_equal(ram[0x103], 0);
    assert_int_equal(IRQ(h, 1), 0);
    fake_destroy(h);
}

static void memory_is_at_most_a_batch_behind(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    memset(ram, 0x5a, 0x1000);
    set_up(h, 1, RAM, RAM + 0x1000u, 4000, MEM2MEM | PINC | MINC);
    fake_run(h, 256u * ONE); /* without a look at a register */
    assert_int_equal(ram[0x10ff], 0x5a);
    assert_int_equal(ram[0x1100], 0);
    fake_destroy(h);
}

static void a_reserved_selection_hears_no_request(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    for (uint32_t i = 0; i < 56u; i++)
        h->input[2u + i] = 1;
    for (uint32_t select = 8; select < 16u; select++) {
        fake_write(h, CCR(3), 0);
        fake_write(h, CSELR, select << 8);
        set_up(h, 3, PORT, RAM, 4, MINC);
        fake_run(h, 100u * ONE);
        assert_int_equal(port_count, 0);
    }
    fake_destroy(h);
}

static void widths_that_differ_cut_or_extend(void **state)
{
    (void)state;
    /* RM0351 table 43, two items from memory 0x44332211 0x88776655 to memory. */
    static const struct {
        uint32_t ccr, low, high;
    } cases[] = {
        {0, 0x00002211u, 0},   {M16, 0x00220011u, 0},       {M32, 0x00000011u, 0x00000022u},
        {P16, 0x00003311u, 0}, {P16 | M16, 0x44332211u, 0}, {P16 | M32, 0x00002211u, 0x00004433u},
        {P32, 0x00005511u, 0}, {P32 | M16, 0x66552211u, 0}, {P32 | M32, 0x44332211u, 0x88776655u},
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = dma();
        static const uint8_t source[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88};
        memcpy(ram, source, 8);
        set_up(h, 1, RAM, RAM + 0x40u, 2, MEM2MEM | PINC | MINC | cases[i].ccr);
        fake_run(h, 2u * ONE);
        assert_int_equal(word_of(0x40), cases[i].low);
        assert_int_equal(word_of(0x44), cases[i].high);
        fake_destroy(h);
    }
}

static void addresses_lose_the_bits_below_the_width(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    memcpy(ram, "\1\2\3\4", 4);
    set_up(h, 1, RAM + 3u, RAM + 0x41u, 1, MEM2MEM | P32 | M32);
    fake_run(h, ONE);
    assert_int_equal(word_of(0x40), 0x04030201u);
    assert_int_equal(fake_read(h, CPAR(1)), RAM + 3u);
    fake_destroy(h);
}

static void a_bus_error_sets_teif_and_clears_en(void **state)
{
    (void)state;
    /* nothing there, the core's private bus, a bit-band alias: as destination, then as source */
    static const uint32_t nowhere[] = {0x30000000u, 0xe000ed08u, 0x22000000u, 0x42000000u};
    for (uint32_t i = 0; i < 2u * ARRAY_LENGTH(nowhere); i++) {
        struct fake_host *h = dma();
        uint32_t bad = nowhere[i / 2u];
        set_up(h, 2, i % 2u ? bad : RAM, i % 2u ? RAM : bad, 4, MEM2MEM | TEIE | P32 | M32);
        fake_run(h, 10u * ONE);
        assert_int_equal(fake_read(h, ISR), 0x90u); /* GIF2, TEIF2 */
        assert_int_equal(IRQ(h, 2), 1);
        assert_int_equal(fake_read(h, CCR(2)) & EN, 0);
        assert_int_equal(fake_read(h, CNDTR(2)), 4);
        fake_write(h, CCR(2), MEM2MEM | TEIE | EN); /* not while TEIF is set */
        assert_int_equal(fake_read(h, CCR(2)) & EN, 0);
        fake_write(h, IFCR, 0x80u);
        assert_int_equal(IRQ(h, 2), 0);
        fake_write(h, CCR(2), MEM2MEM | TEIE | EN);
        assert_int_equal(fake_read(h, CCR(2)) & EN, EN);
        fake_destroy(h);
    }
}

static void priority_then_number_decides(void **state)
{
    (void)state;
    static const struct {
        uint32_t pl2, pl5, first;
    } cases[] = {{0, 0, 2}, {0, 1, 5}, {1, 1, 2}, {2, 3, 5}, {3, 2, 2}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = dma();
        set_up(h, 2, PORT, RAM, 2, PL(cases[i].pl2) | MINC);
        set_up(h, 5, PORT, RAM + 16u, 2, PL(cases[i].pl5) | MINC);
        h->input[IN_REQ(2, 0)] = 1; /* both at once */
        fake_set_input(h, IN_REQ(5, 0), 1);
        fake_run(h, ONE);
        assert_int_equal(fake_read(h, CNDTR(cases[i].first)), 1);
        assert_int_equal(fake_read(h, CNDTR(7u - cases[i].first)), 2);
        fake_run(h, 3u * ONE);
        assert_int_equal(fake_read(h, CNDTR(2)), 0);
        assert_int_equal(fake_read(h, CNDTR(5)), 0);
        fake_destroy(h);
    }
}

/* Timers only pulse their requests: nothing acknowledges them. */
static void a_pulse_waits_for_the_controller_and_a_withdrawn_request_does_not(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    set_up(h, 2, PORT, RAM, 2, MINC);
    set_up(h, 5, PORT, RAM + 16u, 2, MINC);
    for (uint32_t channel = 2; channel <= 5; channel += 3) { /* at the same time */
        fake_set_input(h, IN_REQ(channel, 0), 1);
        fake_set_input(h, IN_REQ(channel, 0), 0);
    }
    fake_run(h, 10u * ONE);
    assert_int_equal(fake_read(h, CNDTR(2)), 1);
    assert_int_equal(fake_read(h, CNDTR(5)), 1);
    fake_set_input(h, IN_REQ(2, 0), 1);
    fake_set_input(h, IN_REQ(5, 0), 1);
    fake_run(h, ONE / 2u);
    fake_set_input(h, IN_REQ(5, 0), 0); /* software served it before its turn */
    fake_set_input(h, IN_REQ(2, 0), 0);
    fake_run(h, 10u * ONE);
    assert_int_equal(fake_read(h, CNDTR(2)), 0);
    assert_int_equal(fake_read(h, CNDTR(5)), 1);
    fake_destroy(h);
}

static void an_urgent_request_goes_between_the_items_of_a_copy(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    set_up(h, 1, RAM, RAM + 0x1000u, 1000, MEM2MEM | PINC | MINC);
    set_up(h, 4, PORT, RAM + 0x800u, 1, PL(1u));
    uint64_t start_ps = h->now_ps;
    fake_run(h, 10u * ONE + 1u);
    ask(h, IN_REQ(4, 0), 1);
    fake_run(h, 2000u * ONE);
    assert_int_equal(port_ps[0] - start_ps, 12u * ONE); /* after the item under way, then its own */
    assert_int_equal(fake_read(h, CNDTR(1)), 0);
    fake_destroy(h);
}

static void a_disabled_channel_keeps_its_count_and_starts_from_its_addresses(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    port_value = 1;
    set_up(h, 6, PORT, RAM, 10, MINC);
    ask(h, IN_REQ(6, 0), 3);
    fake_run(h, 100u * ONE);
    fake_write(h, CCR(6), MINC);
    assert_int_equal(fake_read(h, CNDTR(6)), 7);
    ask(h, IN_REQ(6, 0), 0);
    fake_run(h, 100u * ONE);
    assert_int_equal(port_count, 3);
    fake_write(h, CNDTR(6), 1);
    fake_write(h, CMAR(6), RAM + 8u);
    fake_write(h, CCR(6), MINC | EN); /* the request still stands */
    fake_run(h, 100u * ONE);
    assert_int_equal(port_count, 4);
    assert_int_equal(ram[8], 4);
    fake_destroy(h);
}

static void registers_are_frozen_while_enabled(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    set_up(h, 1, PORT, RAM, 10, MINC | HTIE);
    fake_write(h, CNDTR(1), 5);
    fake_write(h, CPAR(1), 1);
    fake_write(h, CMAR(1), 2);
    fake_write(h, CCR(1), MINC | PINC | HTIE | EN);
    assert_int_equal(fake_read(h, CNDTR(1)), 10);
    assert_int_equal(fake_read(h, CPAR(1)), PORT);
    assert_int_equal(fake_read(h, CMAR(1)), RAM);
    assert_int_equal(fake_read(h, CCR(1)), MINC | HTIE | EN);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 4);
    fake_write(h, CCR(1), MINC | TCIE | EN); /* the interrupt enables are not */
    assert_int_equal(fake_read(h, CCR(1)), MINC | TCIE | EN);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 4);
    fake_destroy(h);
}

static void a_flag_interrupts_when_it_is_enabled_later(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    set_up(h, 1, RAM, RAM + 16u, 1, MEM2MEM);
    fake_run(h, ONE);
    assert_int_equal(IRQ(h, 1), 0);
    fake_write(h, CCR(1), MEM2MEM | TCIE | EN);
    assert_int_equal(IRQ(h, 1), 1);
    fake_write(h, IFCR, 0x2u); /* CTCIF alone: HTIF and with it GIF stay */
    assert_int_equal(IRQ(h, 1), 0);
    assert_int_equal(fake_read(h, ISR), 0x5u);
    fake_destroy(h);
}

static void what_cannot_work_is_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t cselr, count, ccr;
    } cases[] = {
        {0x8000000u, 1, 0},        /* reserved CSELR value */
        {0, 1, 0},                 /* channel 7 has no request 0 here */
        {0x1000000u, 0, 0},        /* nothing to move */
        {0, 1, MEM2MEM | CIRC},    /* not together */
        {0, 1, MEM2MEM | 0x0300u}, /* width code 3 */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = dma();
        fake_write(h, CSELR, cases[i].cselr);
        set_up(h, 7, RAM, RAM + 64u, cases[i].count, cases[i].ccr);
        assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
        fake_destroy(h);
    }
}

static void without_a_clock_a_copy_waits(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    set_up(h, 1, RAM, RAM + 0x1000u, 100, MEM2MEM | PINC | MINC);
    fake_run(h, 10u * ONE);
    fake_set_input(h, 0, 0);
    fake_run(h, 1000u * ONE);
    assert_int_equal(fake_read(h, CNDTR(1)), 90);
    fake_set_input(h, 0, 8000000); /* half as fast */
    fake_run(h, 10u * ONE);
    assert_int_equal(fake_read(h, CNDTR(1)), 85);
    fake_destroy(h);
}

static void a_reset_stops_everything(void **state)
{
    (void)state;
    struct fake_host *h = dma();
    set_up(h, 1, RAM, RAM + 0x1000u, 100, MEM2MEM | PINC | MINC | HTIE);
    fake_run(h, 50u * ONE);
    assert_int_equal(IRQ(h, 1), 1);
    fake_reset(h, RESET_PERIPHERAL);
    assert_int_equal(IRQ(h, 1), 0);
    fake_run(h, 1000u * ONE);
    for (uint32_t offset = 0; offset <= CSELR; offset += 4u)
        if (reg_find(&stm32_dma_model, offset) != NULL)
            assert_int_equal(fake_read(h, offset), 0);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(registers_have_their_reset_values_and_bits),
        T(there_is_nothing_between_the_channels),
        T(memory_is_copied_to_memory_and_takes_time),
        T(cndtr_counts_down_exactly_inside_a_batch),
        T(dir_turns_a_copy_round),
        T(a_request_moves_one_item_each),
        T(a_channel_tells_its_peripheral_of_the_last_transfer),
        T(each_channel_listens_to_its_own_lines),
        T(circular_mode_reloads_count_and_addresses),
        T(circular_mode_reloads_the_peripheral_address_too),
        T(a_disabled_copy_stops_at_once),
        T(memory_is_at_most_a_batch_behind),
        T(a_reserved_selection_hears_no_request),
        T(widths_that_differ_cut_or_extend),
        T(addresses_lose_the_bits_below_the_width),
        T(a_bus_error_sets_teif_and_clears_en),
        T(priority_then_number_decides),
        T(a_pulse_waits_for_the_controller_and_a_withdrawn_request_does_not),
        T(an_urgent_request_goes_between_the_items_of_a_copy),
        T(a_disabled_channel_keeps_its_count_and_starts_from_its_addresses),
        T(registers_are_frozen_while_enabled),
        T(a_flag_interrupts_when_it_is_enabled_later),
        T(what_cannot_work_is_told),
        T(without_a_clock_a_copy_waits),
        T(a_reset_stops_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
