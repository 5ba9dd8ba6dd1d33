/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file The tables of the STM32L476 and of its board: complete, consistent, and by the manual. */
#include "cmocka_tests.h"
#include "models/chips/stm32l476.h"
#include "sim/machine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct chip_device *find_device(const struct board *board, const char *name, size_t length)
{
    const struct chip *chip = board->chip;
    for (uint32_t i = 0; i < chip->device_count; i++)
        if (strlen(chip->devices[i].name) == length && strncmp(chip->devices[i].name, name, length) == 0)
            return &chip->devices[i];
    for (uint32_t i = 0; i < board->part_count; i++)
        if (strlen(board->parts[i].name) == length && strncmp(board->parts[i].name, name, length) == 0)
            return &board->parts[i];
    return NULL;
}

static bool has_name(const char *const *names, const char *name)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static void check_wires(const struct board *board, const struct chip_wire *wires, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *dot = strchr(wires[i].from, '.');
        const struct chip_device *from = find_device(board, wires[i].from, (size_t)(dot - wires[i].from));
        bool from_core = strcmp(wires[i].from, "cpu.sleepdeep") == 0 || strcmp(wires[i].from, "cpu.trcena") == 0 ||
                         strcmp(wires[i].from, "cpu.halted") == 0 || strcmp(wires[i].from, "cpu.sleep") == 0;
        if (!from_core && (from == NULL || !has_name(from->model->outputs, dot + 1)))
            fail_msg("wire from %s", wires[i].from);
        if (strcmp(wires[i].to, "cpu.hclk") == 0 || strcmp(wires[i].to, "cpu.event") == 0 ||
            strcmp(wires[i].to, "cpu.brown_out") == 0 || strcmp(wires[i].to, "nvic.nmi") == 0)
            continue;
        if (strncmp(wires[i].to, "nvic.", 5) == 0) {
            assert_in_range(strtoul(wires[i].to + 5, NULL, 10), 0, board->chip->irq_count - 1u);
            continue;
        }
        dot = strchr(wires[i].to, '.');
        const struct chip_device *to = find_device(board, wires[i].to, (size_t)(dot - wires[i].to));
        if (to == NULL || !has_name(to->model->inputs, dot + 1))
            fail_msg("wire to %s", wires[i].to);
    }
}

static void every_wire_joins_an_output_and_an_input(void **state)
{
    (void)state;
    for (uint32_t i = 0; all_boards[i] != NULL; i++) {
        const struct board *board = all_boards[i];
        assert_true(board->chip->wire_count > 40u);
        check_wires(board, board->chip->wires, board->chip->wire_count);
        check_wires(board, board->wires, board->wire_count);
    }
}

/** A pin in an alternate function, which is PIN_RELEASED otherwise, or a timer's DMA request, an edge, or what
 * a DMA channel that is on tells. */
static bool shares_input(const struct chip_wire *wire)
{
    const char *function = strstr(wire->from, ".af");
    bool pin = strncmp(wire->from, "gpio", 4) == 0 && function != NULL && strstr(function, "in") != NULL;
    bool left = strncmp(wire->from, "dma", 3) == 0 && strstr(wire->from, "_left") != NULL;
    return pin || left || (strncmp(wire->from, "tim", 3) == 0 && strstr(wire->from, ".dma_") != NULL);
}

static void no_input_has_two_drivers(void **state)
{
    (void)state;
    const struct board *board = board_find("nucleo-l476rg");
    const struct chip *chip = board->chip;
    for (uint32_t i = 0; i < chip->wire_count + board->wire_count; i++) {
        const struct chip_wire *a = i < chip->wire_count ? &chip->wires[i] : &board->wires[i - chip->wire_count];
        for (uint32_t j = 0; j < i; j++) {
            const struct chip_wire *b = j < chip->wire_count ? &chip->wires[j] : &board->wires[j - chip->wire_count];
            /* interrupts are ORed by the NVIC's wires; of the pins of a peripheral's input, and of the
             * requests of a timer, one is in use, and the others say nothing */
            if (strcmp(a->to, b->to) == 0 && strncmp(a->to, "nvic.", 5) != 0 && !(shares_input(a) && shares_input(b)))
                fail_msg("%s and %s both drive %s", a->from, b->from, a->to);
        }
    }
}

static void interrupts_are_at_their_positions_of_the_vector_table(void **state)
{
    (void)state;
    /* RM0351 table 58, typed again. */
    static const struct chip_wire expected[] = {
        {"flash.irq", "nvic.4"},     {"rcc.irq", "nvic.5"},          {"usart1.irq", "nvic.37"},
        {"usart2.irq", "nvic.38"},   {"spi1.irq", "nvic.35"},        {"spi2.irq", "nvic.36"},
        {"spi3.irq", "nvic.51"},     {"usart3.irq", "nvic.39"},      {"uart4.irq", "nvic.52"},
        {"uart5.irq", "nvic.53"},    {"lpuart1.irq", "nvic.70"},     {"flash.nmi", "nvic.nmi"},
        {"dma1.irq1", "nvic.11"},    {"dma1.irq2", "nvic.12"},       {"dma1.irq3", "nvic.13"},
        {"dma1.irq4", "nvic.14"},    {"dma1.irq5", "nvic.15"},       {"dma1.irq6", "nvic.16"},
        {"dma1.irq7", "nvic.17"},    {"dma2.irq1", "nvic.56"},       {"dma2.irq2", "nvic.57"},
        {"dma2.irq3", "nvic.58"},    {"dma2.irq4", "nvic.59"},       {"dma2.irq5", "nvic.60"},
        {"dma2.irq6", "nvic.68"},    {"dma2.irq7", "nvic.69"},       {"tim1.irq_brk", "nvic.24"},
        {"tim1.irq_up", "nvic.25"},  {"tim1.irq_trg", "nvic.26"},    {"tim1.irq_cc", "nvic.27"},
        {"tim15.irq", "nvic.24"},    {"tim16.irq", "nvic.25"},       {"tim17.irq", "nvic.26"},
        {"tim2.irq", "nvic.28"},     {"tim3.irq", "nvic.29"},        {"tim4.irq", "nvic.30"},
        {"tim5.irq", "nvic.50"},     {"tim6.irq", "nvic.54"},        {"tim7.irq", "nvic.55"},
        {"tim8.irq_brk", "nvic.43"}, {"tim8.irq_up", "nvic.44"},     {"tim8.irq_trg", "nvic.45"},
        {"tim8.irq_cc", "nvic.46"},  {"exti.irq_lptim1", "nvic.65"}, {"exti.irq_lptim2", "nvic.66"},
        {"adc.irq12", "nvic.18"},    {"adc.irq3", "nvic.47"},        {"dac1.irq", "nvic.54"},
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        bool found = false;
        for (uint32_t j = 0; j < stm32l476.wire_count; j++)
            if (strcmp(stm32l476.wires[j].from, expected[i].from) == 0 &&
                strcmp(stm32l476.wires[j].to, expected[i].to) == 0)
                found = true;
        if (!found)
            fail_msg("%s is not at %s", expected[i].from, expected[i].to);
    }
    assert_int_equal(stm32l476.irq_count, 82);
    assert_int_equal(stm32l476.priority_bits, 4);
}

static void dma_requests_are_at_their_channels_and_selections(void **state)
{
    (void)state;
    /* RM0351 tables 44 and 45, typed again. */
    static const struct chip_wire expected[] = {
        {"usart1.dma_tx", "dma1.c4s2"},  {"usart1.dma_rx", "dma1.c5s2"},
        {"usart1.dma_tx", "dma2.c6s2"},  {"usart1.dma_rx", "dma2.c7s2"},
        {"usart2.dma_rx", "dma1.c6s2"},  {"usart2.dma_tx", "dma1.c7s2"},
        {"usart3.dma_tx", "dma1.c2s2"},  {"usart3.dma_rx", "dma1.c3s2"},
        {"uart4.dma_tx", "dma2.c3s2"},   {"uart4.dma_rx", "dma2.c5s2"},
        {"uart5.dma_tx", "dma2.c1s2"},   {"uart5.dma_rx", "dma2.c2s2"},
        {"lpuart1.dma_tx", "dma2.c6s4"}, {"lpuart1.dma_rx", "dma2.c7s4"},
        {"tim2.dma_up", "dma1.c2s4"},    {"tim2.dma_cc1", "dma1.c5s4"},
        {"tim6.dma_up", "dac1.also1"},   {"tim7.dma_up", "dac1.also2"}, /* one line with DAC1 */
        {"dac1.dma1", "dma1.c3s6"},      {"dac1.dma1", "dma2.c4s3"},
        {"dac1.dma2", "dma1.c4s5"},      {"dac1.dma2", "dma2.c5s3"},
        {"adc.dma1", "dma1.c1s0"},       {"adc.dma1", "dma2.c3s0"},
        {"adc.dma2", "dma1.c2s0"},       {"adc.dma2", "dma2.c4s0"},
        {"adc.dma3", "dma1.c3s0"},       {"adc.dma3", "dma2.c5s0"},
        {"tim3.dma_cc1", "dma1.c6s5"},   {"tim1.dma_up", "dma1.c6s7"},
        {"tim1.dma_cc3", "dma1.c7s7"},   {"tim15.dma_up", "dma1.c5s7"},
        {"tim8.dma_cc1", "dma2.c6s7"},
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        bool found = false;
        for (uint32_t j = 0; j < stm32l476.wire_count; j++)
            if (strcmp(stm32l476.wires[j].from, expected[i].from) == 0 &&
                strcmp(stm32l476.wires[j].to, expected[i].to) == 0)
                found = true;
        if (!found)
            fail_msg("%s is not at %s", expected[i].from, expected[i].to);
    }
}

static void clk_and_rst_are_inputs_0_and_1(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < stm32l476.device_count; i++) {
        const char *const *inputs = stm32l476.devices[i].model->inputs;
        for (uint32_t n = 0; inputs != NULL && inputs[n] != NULL; n++) {
            assert_true((strcmp(inputs[n], "clk") == 0) ? n == 0 : true);
            assert_true((strcmp(inputs[n], "rst") == 0) ? n == 1u : true);
        }
    }
}

/** Names who answers at an address; NULL: nobody. */
static const char *owner_of(uint32_t address, uint32_t *owners)
{
    const char *name = NULL;
    *owners = 0;
    for (uint32_t i = 0; i < stm32l476.device_count; i++)
        if (address - stm32l476.devices[i].base < stm32l476.devices[i].size) {
            name = stm32l476.devices[i].name;
            (*owners)++;
        }
    for (uint32_t i = 0; i < stm32l476.gap_count; i++)
        if (address - stm32l476.gaps[i].base < stm32l476.gaps[i].size) {
            name = stm32l476.gaps[i].name;
            (*owners)++;
        }
    for (uint32_t i = 0; i < stm32l476.window_count; i++)
        if (address - stm32l476.windows[i].base < stm32l476.windows[i].size) {
            name = stm32l476.windows[i].name;
            (*owners)++;
        }
    return name;
}

static void every_peripheral_of_the_memory_map_answers_by_its_name(void **state)
{
    (void)state;
    /* RM0351 2.2.2, typed again. */
    static const struct {
        const char *name;
        uint32_t base;
    } map[] = {
        {"tim2", 0x40000000u},    {"tim3", 0x40000400u},     {"tim4", 0x40000800u},        {"tim5", 0x40000c00u},
        {"tim6", 0x40001000u},    {"tim7", 0x40001400u},     {"LCD", 0x40002400u},         {"RTC", 0x40002800u},
        {"WWDG", 0x40002c00u},    {"iwdg", 0x40003000u},     {"SPI2", 0x40003800u},        {"SPI3", 0x40003c00u},
        {"usart2", 0x40004400u},  {"usart3", 0x40004800u},   {"uart4", 0x40004c00u},       {"uart5", 0x40005000u},
        {"I2C1", 0x40005400u},    {"I2C2", 0x40005800u},     {"I2C3", 0x40005c00u},        {"CAN1", 0x40006400u},
        {"pwr", 0x40007000u},     {"DAC1", 0x40007400u},     {"OPAMP", 0x40007800u},       {"lptim1", 0x40007c00u},
        {"lpuart1", 0x40008000u}, {"SWPMI1", 0x40008800u},   {"lptim2", 0x40009400u},      {"syscfg", 0x40010000u},
        {"EXTI", 0x40010400u},    {"FIREWALL", 0x40011c00u}, {"SDMMC1", 0x40012800u},      {"tim1", 0x40012c00u},
        {"SPI1", 0x40013000u},    {"tim8", 0x40013400u},     {"usart1", 0x40013800u},      {"tim15", 0x40014000u},
        {"tim16", 0x40014400u},   {"tim17", 0x40014800u},    {"SAI1", 0x40015400u},        {"SAI2", 0x40015800u},
        {"DFSDM1", 0x40016000u},  {"dma1", 0x40020000u},     {"dma2", 0x40020400u},        {"rcc", 0x40021000u},
        {"flash", 0x40022000u},   {"crc", 0x40023000u},      {"TSC", 0x40024000u},         {"gpioa", 0x48000000u},
        {"gpiob", 0x48000400u},   {"gpioc", 0x48000800u},    {"gpiod", 0x48000c00u},       {"gpioe", 0x48001000u},
        {"gpiof", 0x48001400u},   {"gpiog", 0x48001800u},    {"gpioh", 0x48001c00u},       {"OTG_FS", 0x50000000u},
        {"ADC", 0x50040000u},     {"RNG", 0x50060800u},      {"FMC", 0xa0000000u},         {"QUADSPI", 0xa0001000u},
        {"DBGMCU", 0xe0042000u},  {"main", 0x08000000u},     {"main", 0x080fffffu},        {"alias", 0x00000000u},
        {"sram1", 0x20000000u},   {"sram1", 0x20017fffu},    {"sram2", 0x10000000u},       {"sysrom", 0x1fff0000u},
        {"sysrom", 0x1fff6fffu},  {"otp", 0x1fff7000u},      {"engineering", 0x1fff7590u}, {"option1", 0x1fff7800u},
        {"option2", 0x1ffff808u},
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(map); i++) {
        uint32_t owners;
        const char *name = owner_of(map[i].base, &owners);
        /* gaps are in capitals, devices are not */
        if (owners != 1u || strcasecmp(name, map[i].name) != 0)
            fail_msg("0x%08x: %u owners, the last %s, expected %s", map[i].base, owners, owners != 0 ? name : "nobody",
                     map[i].name);
    }
}

static void what_the_chip_lacks_answers_nobody(void **state)
{
    (void)state;
    static const uint32_t holes[] = {0x20018000u, 0x10008000u, 0x08100000u, 0x1fff7c00u, 0x40009800u, 0x50061000u};
    for (uint32_t i = 0; i < ARRAY_LENGTH(holes); i++) {
        uint32_t owners;
        (void)owner_of(holes[i], &owners);
        assert_int_equal(owners, 0);
    }
}

static const struct store_desc *store_named(const char *name)
{
    for (uint32_t i = 0; i < stm32l476.store_count; i++)
        if (strcmp(stm32l476.stores[i].name, name) == 0)
            return &stm32l476.stores[i];
    fail_msg("no store %s", name);
    return NULL;
}

static void every_choice_of_a_window_fits_the_window_and_its_stores(void **state)
{
    (void)state;
    for (uint32_t w = 0; w < stm32l476.window_count; w++) {
        const struct window *window = &stm32l476.windows[w];
        assert_true(window->choice_count > 0);
        for (uint32_t c = 0; c < window->choice_count; c++) {
            uint32_t shown = 0;
            for (uint32_t s = 0; s < WINDOW_SEGMENTS; s++) {
                const struct segment *segment = &window->choices[c].segments[s];
                shown += segment->length;
                if (segment->store != NULL)
                    assert_true(segment->store_offset + segment->length <= store_named(segment->store)->size);
            }
            assert_in_range(shown, 1, window->size);
        }
    }
    const struct window_choice *swapped = &stm32l476.windows[STM32L476_WINDOW_MAIN].choices[1];
    assert_int_equal(swapped->segments[0].store_offset, 0x80000);
    assert_int_equal(swapped->segments[1].store_offset, 0);
}

static uint32_t word_at(const uint8_t *bytes, uint32_t offset)
{
    return (uint32_t)bytes[offset] | (uint32_t)bytes[offset + 1u] << 8 | (uint32_t)bytes[offset + 2u] << 16 |
           (uint32_t)bytes[offset + 3u] << 24;
}

static void the_factory_options_are_pairs_of_word_and_complement(void **state)
{
    (void)state;
    static const uint32_t words1[] = {0xffeff8aau, 0xffffffffu, 0, 0xffu, 0xffu};
    static const uint32_t words2[] = {0xffffffffu, 0, 0xffu, 0xffu};
    const struct store_desc *option1 = store_named("option1");
    const struct store_desc *option2 = store_named("option2");
    assert_int_equal(*option1->contents_size, 40);
    assert_int_equal(*option2->contents_size, 40);
    for (uint32_t i = 0; i < ARRAY_LENGTH(words1); i++) {
        assert_int_equal(word_at(option1->contents, 8u * i), words1[i]);
        assert_int_equal(word_at(option1->contents, 8u * i + 4u), ~words1[i]);
    }
    for (uint32_t i = 0; i < ARRAY_LENGTH(words2); i++) {
        assert_int_equal(word_at(option2->contents, 8u * i + 8u), words2[i]);
        assert_int_equal(word_at(option2->contents, 8u * i + 12u), ~words2[i]);
    }
    /* 0x00100755 stands beside OPTR on real parts. */
    assert_int_equal(word_at(option1->contents, 4), 0x00100755);
}

static void stores_have_the_sizes_of_the_data_sheet(void **state)
{
    (void)state;
    assert_int_equal(store_named("flash")->size, 1024 * 1024);
    assert_int_equal(store_named("flash")->bank_size, 512 * 1024);
    assert_int_equal(store_named("flash")->erase_size, 2048);
    assert_int_equal(store_named("sram1")->size, 96 * 1024);
    assert_int_equal(store_named("sram2")->size, 32 * 1024);
    assert_int_equal(store_named("sysrom")->size, 28 * 1024);
    assert_true(*store_named("sysrom")->contents_size <= 28u * 1024u);
    const uint8_t *engineering = store_named("engineering")->contents;
    assert_int_equal(word_at(engineering, 0x1e0) & 0xffffu, 1024); /* flash size in KiB */
    for (uint32_t i = 0; i < stm32l476.store_count; i++)
        assert_int_equal(stm32l476.stores[i].size % FRAME_SIZE, 0);
}

static void an_unknown_board_is_not_found(void **state)
{
    (void)state;
    assert_null(board_find("nucleo-l476"));
    assert_string_equal(board_find("nucleo-l476rg")->chip->name, "stm32l476");
}

/** HSERDY (RM0351 6.4.1), a long time after HSEON and HSEBYP were set. */
static bool hse_gets_ready(const char *board)
{
    const uint32_t rcc_cr = 0x40021000u;
    struct machine_config config = {.seed = 1, .ram_policy = RAM_ZERO};
    struct run_limit limit = {.time_ps = 100 * PS_PER_MS, .instructions = UINT64_MAX};
    struct machine *machine = NULL;
    struct error err;
    uint32_t value = 0;
    assert_int_equal(machine_create(&machine, board_find(board), &config, &err), TB_OK);
    machine_power_on(machine);
    machine_halt(machine, true);
    assert_int_equal(machine_debug_write(machine, rcc_cr, 4, 0x00050063u, &err), TB_OK);
    (void)machine_run(machine, limit);
    assert_int_equal(machine_debug_read(machine, rcc_cr, 4, &value, &err), TB_OK);
    machine_destroy(machine);
    return (value & 0x00020000u) != 0;
}

static void the_board_has_an_hse_only_with_the_solder_bridges_closed(void **state)
{
    (void)state;
    assert_false(hse_gets_ready("nucleo-l476rg"));
    assert_true(hse_gets_ready("nucleo-l476rg-mco"));
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_wire_joins_an_output_and_an_input),
        T(no_input_has_two_drivers),
        T(interrupts_are_at_their_positions_of_the_vector_table),
        T(dma_requests_are_at_their_channels_and_selections),
        T(clk_and_rst_are_inputs_0_and_1),
        T(every_peripheral_of_the_memory_map_answers_by_its_name),
        T(what_the_chip_lacks_answers_nobody),
        T(every_choice_of_a_window_fits_the_window_and_its_stores),
        T(the_factory_options_are_pairs_of_word_and_complement),
        T(stores_have_the_sizes_of_the_data_sheet),
        T(an_unknown_board_is_not_found),
        T(the_board_has_an_hse_only_with_the_solder_bridges_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
