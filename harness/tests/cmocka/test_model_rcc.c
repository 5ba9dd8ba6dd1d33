/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Long because: one case a clock, gate and flag. */
/** @file Clocks, gates and reset flags of the STM32L476, by RM0351 chapter 6. */
#include "fake_host.h"
#include "models/stm32_rcc_l4.h"

#define US 1000000ull
#define MS 1000000000ull

#define CR      0x00u
#define CFGR    0x08u
#define PLLCFGR 0x0cu
#define CIER    0x18u
#define CIFR    0x1cu
#define CICR    0x20u
#define CCIPR   0x88u
#define BDCR    0x90u
#define CSR     0x94u

enum {
    IN_HSE,
    IN_LSE,
    IN_LATENCY,
    IN_VOS,
    IN_DBP,
    IN_LSI_ON,
    IN_MODE,
    IN_WWDG_SW,
};

static struct fake_host *powered(void)
{
    struct fake_host *h = fake_create(&stm32_rcc_l4_model, NULL);
    h->input[IN_LSE] = 32768;
    h->input[IN_VOS] = 1;
    h->input[IN_WWDG_SW] = 1;
    fake_power_on(h);
    return h;
}

static uint64_t output(const struct fake_host *h, const char *name)
{
    for (uint32_t i = 0; h->device.model->outputs[i] != NULL; i++)
        if (strcmp(h->device.model->outputs[i], name) == 0)
            return h->output[i];
    fail_msg("no output %s", name);
    return 0;
}

/** MSI 4 MHz / 1 * 40 / 2 = 80 MHz, with the wait states it needs. */
static struct fake_host *at_80_mhz(void)
{
    struct fake_host *h = powered();
    fake_set_input(h, IN_LATENCY, 4);
    fake_write(h, PLLCFGR, 0x01002801u);
    fake_write(h, CR, 0x01000063u);
    fake_run(h, MS);
    fake_write(h, CFGR, 3u);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, CFGR), 0xfu);
    return h;
}

static void every_register_has_its_reset_value_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        /* All oscillators on, none ready yet; MSI range f is refused, and MSIPLLEN without LSE. Then MSI is
         * SYSCLK and stays on, and so do MSIRGSEL and CSSON. */
        {"CR", 0x00, 0x00000063u, 0x150d0b6bu, 0x0008000bu},
        {"ICSCR", 0x04, 0x10000000u, 0x1f00ff00u, 0},
        {"CFGR", 0x08, 0, 0x7700bff3u, 0},
        {"PLLCFGR", 0x0c, 0x00001000u, 0x07737f73u, 0},
        {"PLLSAI1CFGR", 0x10, 0x00001000u, 0x07737f00u, 0},
        {"PLLSAI2CFGR", 0x14, 0x00001000u, 0x07037f00u, 0},
        {"CIER", 0x18, 0, 0x2ffu, 0},
        {"CIFR", 0x1c, 0, 0, 0},
        {"CICR", 0x20, 0, 0, 0},
        {"AHB1RSTR", 0x28, 0, 0x00011103u, 0},
        {"AHB2RSTR", 0x2c, 0, 0x000430ffu, 0},
        {"AHB3RSTR", 0x30, 0, 0x00000101u, 0},
        {"APB1RSTR1", 0x38, 0, 0xf2fec23fu, 0},
        {"APB1RSTR2", 0x3c, 0, 0x00000025u, 0},
        {"APB2RSTR", 0x40, 0, 0x01677c01u, 0},
        {"AHB1ENR", 0x48, 0x00000100u, 0x00011103u, 0},
        {"AHB2ENR", 0x4c, 0, 0x000430ffu, 0},
        {"AHB3ENR", 0x50, 0, 0x00000101u, 0},
        {"APB1ENR1", 0x58, 0, 0xf2feca3fu, 0x00000800u}, /* WWDGEN: set only */
        {"APB1ENR2", 0x5c, 0, 0x00000025u, 0},
        {"APB2ENR", 0x60, 0, 0x01677c81u, 0x00000080u}, /* FWEN: set only */
        {"AHB1SMENR", 0x68, 0x00011303u, 0x00011303u, 0},
        {"AHB2SMENR", 0x6c, 0x000532ffu, 0x000532ffu, 0x00010000u},
        {"AHB3SMENR", 0x70, 0x00000101u, 0x00000101u, 0},
        {"APB1SMENR1", 0x78, 0xf2feca3fu, 0xf2feca3fu, 0},
        {"APB1SMENR2", 0x7c, 0x00000025u, 0x00000025u, 0},
        {"APB2SMENR", 0x80, 0x01677c01u, 0x01677c01u, 0},
        {"CCIPR", 0x88, 0, 0xffffffffu, 0},
        {"BDCR", 0x90, 0, 0, 0},                              /* DBP = 0 */
        {"CSR", 0x94, 0x0c000600u, 0x00000601u, 0x00000600u}, /* RMVF cleared the flags */
    };
    check_registers(powered, expected, ARRAY_LENGTH(expected));
}

static void hclk_after_reset_is_4_mhz_from_msi(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    assert_int_equal(output(h, "hclk"), 4000000);
    assert_int_equal(output(h, "gpioa_clk"), 0);
    fake_destroy(h);
}

static void the_pll_makes_80_mhz_of_msi(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    assert_int_equal(output(h, "hclk"), 80000000);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_destroy(h);
}

static void msi_follows_msirange_once_msirgsel_is_set(void **state)
{
    (void)state;
    static const uint32_t hz[] = {100000,  200000,  400000,   800000,   1000000,  2000000,
                                  4000000, 8000000, 16000000, 24000000, 32000000, 48000000};
    for (uint32_t range = 0; range < ARRAY_LENGTH(hz); range++) {
        struct fake_host *h = powered();
        fake_set_input(h, IN_LATENCY, 2);
        fake_write(h, CR, 0x3u | range << 4);
        assert_int_equal(output(h, "hclk"), 4000000); /* MSISRANGE rules */
        fake_write(h, CR, 0xbu | range << 4);
        assert_int_equal(output(h, "hclk"), hz[range]);
        fake_destroy(h);
    }
}

static void hse_without_a_crystal_never_gets_ready(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, CR, 0x00010063u);
    fake_run(h, 100u * MS);
    assert_int_equal(fake_read(h, CR), 0x00010063u); /* as read back on a NUCLEO-L476RG */
    fake_destroy(h);
}

static void hse_with_a_crystal_gets_ready(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_set_input(h, IN_HSE, 8000000);
    fake_write(h, CR, 0x00010063u);
    assert_int_equal(fake_read(h, CR), 0x00010063u);
    fake_run(h, 10u * MS);
    assert_int_equal(fake_read(h, CR), 0x00030063u);
    fake_write(h, CFGR, 2u);
    assert_int_equal(output(h, "hclk"), 8000000);
    fake_destroy(h);
}

static void a_pll_without_a_source_never_locks(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, CR, 0x01000063u);
    fake_run(h, 100u * MS);
    assert_int_equal(fake_read(h, CR), 0x01000063u); /* as read back on a NUCLEO-L476RG */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void a_vco_out_of_range_never_locks_and_is_told(void **state)
{
    (void)state;
    static const uint32_t factors[] = {15u, 87u}; /* 60 and 348 MHz from 4 MHz */
    for (uint32_t i = 0; i < ARRAY_LENGTH(factors); i++) {
        struct fake_host *h = powered();
        fake_write(h, PLLCFGR, 0x01000001u | factors[i] << 8);
        fake_write(h, CR, 0x01000063u);
        fake_run(h, 100u * MS);
        assert_int_equal(fake_read(h, CR) & 0x02000000u, 0);
        assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
        fake_destroy(h);
    }
}

static void sysclk_switches_only_when_the_new_source_is_ready(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, CR, 0x00000163u);
    fake_write(h, CFGR, 1u);
    assert_int_equal(fake_read(h, CFGR), 1u); /* SWS still MSI */
    assert_int_equal(output(h, "hclk"), 4000000);
    fake_run(h, 100u * US);
    assert_int_equal(fake_read(h, CFGR), 5u);
    assert_int_equal(output(h, "hclk"), 16000000);
    fake_destroy(h);
}

static void the_clock_that_sysclk_runs_from_cannot_be_switched_off(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    fake_write(h, CR, 0);
    assert_int_equal(fake_read(h, CR) & 0x03000003u, 0x03000003u); /* PLL, and MSI behind it */
    assert_int_equal(output(h, "hclk"), 80000000);
    fake_destroy(h);
}

static void the_pll_cannot_be_reconfigured_while_it_is_on(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    fake_write(h, PLLCFGR, 0x01001401u);
    assert_int_equal(fake_read(h, PLLCFGR), 0x01002801u);
    fake_destroy(h);
}

static void bus_prescalers_divide_and_gates_open_the_clock(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    fake_write(h, CFGR, 0x3u | 8u << 4 | 5u << 8 | 4u << 11); /* HPRE /2, PPRE1 /4, PPRE2 /2 */
    fake_write(h, 0x58, 0x00020000u);
    fake_write(h, 0x60, 0x00004000u);
    fake_write(h, 0x4c, 0x00000001u);
    assert_int_equal(output(h, "hclk"), 40000000);
    assert_int_equal(output(h, "gpioa_clk"), 40000000);
    assert_int_equal(output(h, "gpiob_clk"), 0);
    assert_int_equal(output(h, "usart2_clk"), 10000000);
    assert_int_equal(output(h, "usart1_clk"), 20000000);
    assert_int_equal(output(h, "usart3_clk"), 0);
    fake_destroy(h);
}

static void ccipr_selects_the_kernel_clock_of_a_usart(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    fake_set_input(h, IN_DBP, 1);
    fake_write(h, BDCR, 1u);
    fake_write(h, CR, fake_read(h, CR) | 0x100u);
    fake_write(h, CFGR, 0x3u | 5u << 8);
    fake_write(h, 0x58, 0x00020000u);
    fake_run(h, 3000u * MS);
    static const uint32_t hz[] = {20000000, 80000000, 16000000, 32768};
    for (uint32_t select = 0; select < 4u; select++) {
        fake_write(h, CCIPR, select << 2);
        assert_int_equal(output(h, "usart2_ker"), hz[select]);
    }
    fake_destroy(h);
}

static void reset_bits_reach_their_peripheral_alone(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, 0x40, 0x00000001u);
    assert_int_equal(output(h, "syscfg_rst"), 1);
    assert_int_equal(output(h, "usart1_rst"), 0);
    fake_write(h, 0x40, 0);
    assert_int_equal(output(h, "syscfg_rst"), 0);
    fake_destroy(h);
}

static void a_ready_interrupt_is_flagged_only_when_enabled_and_cleared_by_cicr(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, CSR, 1u); /* LSI, not enabled in CIER */
    fake_run(h, MS);
    assert_int_equal(fake_read(h, CSR) & 3u, 3u);
    assert_int_equal(fake_read(h, CIFR), 0);
    fake_write(h, CIER, 0x8u);
    fake_write(h, CR, 0x163u);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, CIFR), 0x8u);
    assert_int_equal(output(h, "irq"), 1);
    fake_write(h, CICR, 0x8u);
    assert_int_equal(fake_read(h, CIFR), 0);
    assert_int_equal(output(h, "irq"), 0);
    fake_destroy(h);
}

static void reset_flags_accumulate_until_rmvf(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    assert_int_equal(fake_read(h, CSR), 0x0c000600u);
    fake_write(h, CSR, 0x00800600u);
    assert_int_equal(fake_read(h, CSR), 0x00000600u);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, CSR), 0x14000600u);
    fake_reset(h, RESET_IWDG);
    assert_int_equal(fake_read(h, CSR), 0x34000600u);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(fake_read(h, CSR), 0x36000600u);
    fake_reset(h, RESET_WWDG);
    assert_int_equal(fake_read(h, CSR), 0x76000600u);
    fake_reset(h, RESET_LOW_POWER);
    fake_reset(h, RESET_FIREWALL);
    assert_int_equal(fake_read(h, CSR), 0xf7000600u);
    fake_write(h, CSR, 0x00800600u);
    fake_reset(h, RESET_PIN);
    assert_int_equal(fake_read(h, CSR), 0x04000600u);
    fake_destroy(h);
}

static void a_system_reset_brings_back_the_4_mhz_clock(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    fake_write(h, 0x4c, 1u);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(output(h, "hclk"), 4000000);
    assert_int_equal(output(h, "gpioa_clk"), 0);
    assert_int_equal(fake_read(h, CR), 0x63u);
    assert_int_equal(fake_read(h, CFGR), 0);
    fake_destroy(h);
}

static void the_backup_domain_is_write_protected_and_outlives_resets(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, BDCR, 0x8101u);
    assert_int_equal(fake_read(h, BDCR), 0);
    fake_set_input(h, IN_DBP, 1);
    fake_write(h, BDCR, 0x8101u);
    fake_run(h, 3000u * MS);
    assert_int_equal(fake_read(h, BDCR), 0x8103u);
    fake_write(h, BDCR, 0x8201u); /* RTCSEL is chosen once */
    assert_int_equal(fake_read(h, BDCR), 0x8103u);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, BDCR), 0x8103u);
    fake_write(h, BDCR, 0x10000u);
    assert_int_equal(fake_read(h, BDCR), 0x10000u);
    fake_write(h, BDCR, 0x0200u);
    assert_int_equal(fake_read(h, BDCR), 0x0200u);
    fake_destroy(h);
}

static void a_clock_too_fast_for_the_wait_states_is_told_once(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    fake_set_input(h, IN_LATENCY, 3);
    fake_run(h, US);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_write(h, 0x4c, 1u);
    fake_run(h, US);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void range_2_allows_26_mhz_at_three_wait_states(void **state)
{
    (void)state;
    static const struct {
        uint32_t range; /* MSI */
        uint32_t latency, told;
    } cases[] = {{6, 0, 0}, {7, 0, 1}, {9, 2, 1}, {9, 3, 0}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = powered();
        fake_set_input(h, IN_VOS, 2);
        fake_set_input(h, IN_LATENCY, cases[i].latency);
        fake_write(h, CR, 0xbu | cases[i].range << 4);
        fake_run(h, US);
        assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), cases[i].told);
        fake_destroy(h);
    }
}

static void the_watchdog_forces_lsi_on(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_set_input(h, IN_LSI_ON, 1);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, CSR) & 3u, 2u);
    assert_int_equal(output(h, "lsi_hz"), 32000);
    fake_destroy(h);
}

/* --- 48 MHz, timers, RTC ------------------------------------------------------------------- */
static void the_48_mhz_clock_is_what_clk48sel_selects(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, 0x4c, 0x00040000u); /* RNGEN */
    assert_int_equal(output(h, "rng_ker"), 0);
    fake_write(h, CCIPR, 0x0c000000u); /* MSI */
    assert_int_equal(output(h, "rng_ker"), 4000000);
    /* MSI 4 MHz * 24: PLLSAI1 / 2 = 48 MHz; PLL 4 MHz * 40 / 4 = 40 MHz */
    fake_write(h, PLLCFGR, 0x00302801u);
    fake_write(h, 0x10, 0x00101800u);
    fake_write(h, CR, 0x05000063u);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, CR), 0x0f000063u);
    fake_write(h, CCIPR, 0x04000000u);
    assert_int_equal(output(h, "rng_ker"), 48000000);
    fake_write(h, CCIPR, 0x08000000u);
    assert_int_equal(output(h, "rng_ker"), 40000000);
    fake_write(h, 0x4c, 0);
    assert_int_equal(output(h, "rng_ker"), 0);
    fake_destroy(h);
}

static void the_option_of_the_window_watchdog_opens_its_gate(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    assert_int_equal(output(h, "wwdg_clk"), 0);
    h->input[IN_WWDG_SW] = 0;
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, 0x58), 0x800u);
    assert_int_equal(output(h, "wwdg_clk"), 4000000);
    fake_destroy(h);
}

static void timers_run_at_twice_a_divided_pclk(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, 0x58, 0x00000011u); /* TIM2, TIM6 */
    fake_write(h, 0x60, 0x00010000u); /* TIM15 */
    assert_int_equal(output(h, "tim2_clk"), 4000000);
    fake_write(h, CFGR, 0x00000400u); /* APB1 / 2 */
    assert_int_equal(output(h, "tim2_clk"), 4000000);
    assert_int_equal(output(h, "tim15_clk"), 4000000);
    fake_write(h, CFGR, 0x00003f00u); /* APB1 / 16, APB2 / 16 */
    assert_int_equal(output(h, "tim6_clk"), 500000);
    assert_int_equal(output(h, "tim15_clk"), 500000);
    assert_int_equal(output(h, "tim7_clk"), 0);
    fake_destroy(h);
}

static void the_rtc_gets_the_clock_of_rtcsel(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    h->input[IN_DBP] = 1;
    fake_write(h, CSR, 1u);
    fake_write(h, BDCR, 0x00008201u);
    fake_run(h, MS);
    assert_int_equal(output(h, "rtc_hz"), 32000);
    fake_write(h, BDCR, 0x00010000u);
    assert_int_equal(output(h, "rtc_rst"), 1);
    assert_int_equal(output(h, "rtc_hz"), 0);
    fake_write(h, BDCR, 0);
    assert_int_equal(output(h, "rtc_rst"), 0);
    fake_write(h, BDCR, 0x00008101u);
    fake_run(h, 3000u * MS);
    assert_int_equal(output(h, "rtc_hz"), 32768);
    fake_destroy(h);
}

static void lsi_keeps_the_rtc_going_through_a_reset(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    h->input[IN_DBP] = 1;
    fake_write(h, CSR, 1u);
    fake_write(h, BDCR, 0x00008200u);
    fake_run(h, MS);
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, CSR) & 3u, 2u);
    assert_int_equal(output(h, "rtc_hz"), 32000);
    fake_destroy(h);
}

/* --- low-power modes ----------------------------------------------------------------------- */
static void after_stop_sysclk_is_msi_and_the_pll_is_off(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    fake_write(h, 0x58, 0x00000001u); /* TIM2 */
    fake_set_input(h, IN_MODE, 3);
    assert_int_equal(output(h, "tim2_clk"), 0);
    fake_set_input(h, IN_MODE, 0);
    assert_int_equal(fake_read(h, CFGR) & 0xfu, 0);
    assert_int_equal(fake_read(h, CR), 0x00000063u);
    assert_int_equal(output(h, "hclk"), 4000000);
    assert_int_equal(output(h, "tim2_clk"), 4000000);
    fake_destroy(h);
}

static void stopwuck_makes_it_hsi16(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, CFGR, 0x00008000u);
    fake_set_input(h, IN_MODE, 1);
    fake_set_input(h, IN_MODE, 0);
    assert_int_equal(fake_read(h, CFGR), 0x00008005u);
    assert_int_equal(output(h, "hclk"), 16000000);
    assert_int_equal(fake_read(h, CR) & 0x503u, 0x500u);
    fake_destroy(h);
}

static void lsi_and_lse_run_on_in_stop_and_serve_kernel_clocks(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, CSR, 1u);
    fake_write(h, 0x58, 0x80020000u);  /* LPTIM1, USART2 */
    fake_write(h, CCIPR, 0x00040008u); /* from LSI; from HSI16 */
    fake_run(h, MS);
    fake_set_input(h, IN_MODE, 2);
    assert_int_equal(output(h, "lptim1_ker"), 32000);
    assert_int_equal(output(h, "usart2_ker"), 16000000);
    assert_int_equal(output(h, "usart2_clk"), 0);
    fake_destroy(h);
}

static void standby_holds_all_but_pwr_in_reset(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_set_input(h, IN_MODE, 4);
    assert_int_equal(output(h, "gpioa_rst"), 1);
    assert_int_equal(output(h, "tim2_rst"), 1);
    assert_int_equal(output(h, "pwr_rst"), 0);
    fake_reset(h, RESET_STANDBY);
    assert_int_equal(output(h, "gpioa_rst"), 0);
    assert_int_equal(fake_read(h, CSR), 0x0c000600u);
    assert_int_equal(output(h, "hclk"), 4000000);
    fake_destroy(h);
}

static void leaving_shutdown_sets_the_brown_out_flag(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, CSR, 0x00800000u);
    fake_write(h, CSR, 0);
    assert_int_equal(fake_read(h, CSR), 0x00000600u);
    fake_set_input(h, IN_MODE, 4);
    fake_reset(h, RESET_STANDBY);
    assert_int_equal(fake_read(h, CSR), 0x00000600u);
    fake_set_input(h, IN_MODE, 0);
    fake_set_input(h, IN_MODE, 5);
    fake_reset(h, RESET_STANDBY);
    assert_int_equal(fake_read(h, CSR), 0x0c000600u);
    fake_destroy(h);
}

/* --- clock security ------------------------------------------------------------------------ */
static void a_failing_hse_raises_an_nmi_and_falls_back_to_msi(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_set_input(h, IN_HSE, 8000000);
    fake_write(h, CR, 0x00090063u);
    fake_run(h, 3u * MS);
    fake_write(h, CFGR, 2u);
    assert_int_equal(fake_read(h, CFGR) & 0xfu, 0xau);
    assert_int_equal(output(h, "css_nmi"), 0);
    fake_set_input(h, IN_HSE, 0);
    assert_int_equal(output(h, "css_nmi"), 1);
    assert_int_equal(output(h, "irq"), 0);
    assert_int_equal(fake_read(h, CIFR), 0x100u);
    assert_int_equal(fake_read(h, CFGR) & 0xfu, 0);
    assert_int_equal(fake_read(h, CR) & 0x00030000u, 0);
    fake_write(h, CICR, 0x100u);
    assert_int_equal(output(h, "css_nmi"), 0);
    fake_destroy(h);
}

static void a_failing_lse_is_flagged_and_leaves_the_rtc_without_clock(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    h->input[IN_DBP] = 1;
    fake_write(h, BDCR, 0x00008101u);
    fake_run(h, 3000u * MS);
    fake_write(h, BDCR, 0x00008121u);
    fake_write(h, CIER, 0x200u);
    fake_set_input(h, IN_LSE, 0);
    assert_int_equal(fake_read(h, BDCR) & 0x40u, 0x40u);
    assert_int_equal(fake_read(h, CIFR), 0x200u);
    assert_int_equal(output(h, "irq"), 1);
    assert_int_equal(output(h, "lsecss"), 1);
    assert_int_equal(output(h, "rtc_hz"), 0);
    fake_write(h, CICR, 0x200u);
    assert_int_equal(output(h, "irq"), 0);
    fake_destroy(h);
}

static void closing_the_flash_gate_is_a_mistake_and_mco_is_not(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, CFGR, 0x01000000u); /* MCO */
    assert_int_equal(fake_count_obs(h, OBS_GAP) + fake_count_obs(h, OBS_GUEST_ERROR), 0);
    fake_write(h, 0x48, 0); /* FLASHEN */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void the_pll_output_that_sysclk_needs_cannot_be_closed(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    fake_write(h, PLLCFGR, 0x00002801u);
    assert_int_equal(fake_read(h, PLLCFGR), 0x01002801u);
    assert_int_equal(output(h, "hclk"), 80000000);
    fake_write(h, CFGR, 0); /* back to MSI: now it can */
    fake_write(h, PLLCFGR, 0x00002801u);
    assert_int_equal(fake_read(h, PLLCFGR), 0x00002801u);
    fake_destroy(h);
}

static void msisrange_needs_msirgsel_and_outlives_standby_only(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, CSR, 0x00000400u);
    assert_int_equal(fake_read(h, CSR) & 0xf00u, 0x600u);
    fake_write(h, CR, 0x6bu); /* MSIRGSEL */
    fake_write(h, CSR, 0x00000300u);
    assert_int_equal(fake_read(h, CSR) & 0xf00u, 0x600u); /* 4 to 7 only */
    fake_write(h, CSR, 0x00000400u);
    assert_int_equal(fake_read(h, CSR) & 0xf00u, 0x400u);
    fake_reset(h, RESET_STANDBY);
    assert_int_equal(output(h, "hclk"), 1000000);
    fake_reset(h, RESET_PIN);
    assert_int_equal(output(h, "hclk"), 4000000);
    fake_destroy(h);
}

static void the_vco_locks_at_both_ends_of_its_range(void **state)
{
    (void)state;
    static const uint32_t factors[] = {16u, 86u}; /* 64 and 344 MHz from 4 MHz */
    for (uint32_t i = 0; i < ARRAY_LENGTH(factors); i++) {
        struct fake_host *h = powered();
        fake_write(h, PLLCFGR, 0x01000001u | factors[i] << 8);
        fake_write(h, CR, 0x01000063u);
        fake_run(h, MS);
        assert_int_equal(fake_read(h, CR) & 0x02000000u, 0x02000000u);
        fake_destroy(h);
    }
}

static void each_pll_freezes_its_own_factors(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, PLLCFGR, 0x00002801u);
    fake_write(h, CR, 0x04000063u); /* PLLSAI1 on */
    fake_write(h, 0x10, 0x00002000u);
    assert_int_equal(fake_read(h, 0x10), 0x00001000u);
    fake_write(h, 0x14, 0x00002000u);
    assert_int_equal(fake_read(h, 0x14), 0x00002000u);
    fake_write(h, PLLCFGR, 0x00001402u); /* its own factor moves, the common source does not */
    assert_int_equal(fake_read(h, PLLCFGR), 0x00001401u);
    fake_destroy(h);
}

static void clocks_to_be_measured_have_outputs(void **state)
{
    (void)state;
    struct fake_host *h = at_80_mhz();
    assert_int_equal(output(h, "msi_hz"), 4000000u);
    assert_int_equal(output(h, "lse_hz"), 0);
    assert_int_equal(output(h, "hse32_hz"), 0);
    assert_int_equal(output(h, "mco_hz"), 0);
    fake_set_input(h, IN_HSE, 8000000u);
    fake_write(h, CR, 0x01010063u);
    fake_run(h, 10u * MS);
    assert_int_equal(output(h, "hse32_hz"), 250000u);
    /* RM0351 6.4.3: MCOSEL 1 SYSCLK, 2 MSI, 4 HSE, 5 PLL; MCOPRE 2: by 4, 4: by 16 */
    fake_write(h, CFGR, 0x01000003u);
    assert_int_equal(output(h, "mco_hz"), 80000000u);
    fake_write(h, CFGR, 0x22000003u);
    assert_int_equal(output(h, "mco_hz"), 1000000u);
    fake_write(h, CFGR, 0x44000003u);
    assert_int_equal(output(h, "mco_hz"), 500000u);
    fake_write(h, CFGR, 0x05000003u);
    assert_int_equal(output(h, "mco_hz"), 80000000u);
    fake_set_input(h, IN_DBP, 1);
    fake_write(h, BDCR, 1u);
    fake_run(h, 3000u * MS);
    assert_int_equal(output(h, "lse_hz"), 32768u);
    fake_destroy(h);
}

static void lptim2_stops_in_stop_2_and_hsi16_is_not_started_for_lptim1(void **state)
{
    (void)state;
    struct fake_host *h = powered();
    fake_write(h, 0x94u, 1u);          /* CSR: LSION */
    fake_write(h, 0x58u, 0x80000000u); /* APB1ENR1: LPTIM1 */
    fake_write(h, 0x5cu, 0x20u);       /* APB1ENR2: LPTIM2 */
    fake_write(h, 0x88u, 0x00140000u); /* CCIPR: LSI for both */
    fake_run(h, MS);
    for (uint32_t mode = 1; mode <= 3u; mode++) {
        fake_set_input(h, IN_MODE, mode);
        assert_int_equal(output(h, "lptim1_ker"), 32000u);
        assert_int_equal(output(h, "lptim2_ker"), mode == 3u ? 0 : 32000u); /* RM0351 table 21 */
        fake_set_input(h, IN_MODE, 0);
        assert_int_equal(output(h, "lptim2_ker"), 32000u);
    }
    fake_write(h, 0x88u, 0x00080000u); /* LPTIM1: HSI16 */
    fake_set_input(h, IN_MODE, 2);
    assert_int_equal(output(h, "lptim1_ker"), 0);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_register_has_its_reset_value_and_bits),
        T(hclk_after_reset_is_4_mhz_from_msi),
        T(the_pll_makes_80_mhz_of_msi),
        T(msi_follows_msirange_once_msirgsel_is_set),
        T(hse_without_a_crystal_never_gets_ready),
        T(hse_with_a_crystal_gets_ready),
        T(a_pll_without_a_source_never_locks),
        T(a_vco_out_of_range_never_locks_and_is_told),
        T(sysclk_switches_only_when_the_new_source_is_ready),
        T(the_clock_that_sysclk_runs_from_cannot_be_switched_off),
        T(the_pll_cannot_be_reconfigured_while_it_is_on),
        T(bus_prescalers_divide_and_gates_open_the_clock),
        T(ccipr_selects_the_kernel_clock_of_a_usart),
        T(reset_bits_reach_their_peripheral_alone),
        T(a_ready_interrupt_is_flagged_only_when_enabled_and_cleared_by_cicr),
        T(reset_flags_accumulate_until_rmvf),
        T(a_system_reset_brings_back_the_4_mhz_clock),
        T(the_backup_domain_is_write_protected_and_outlives_resets),
        T(a_clock_too_fast_for_the_wait_states_is_told_once),
        T(range_2_allows_26_mhz_at_three_wait_states),
        T(the_watchdog_forces_lsi_on),
        T(the_48_mhz_clock_is_what_clk48sel_selects),
        T(timers_run_at_twice_a_divided_pclk),
        T(the_option_of_the_window_watchdog_opens_its_gate),
        T(the_rtc_gets_the_clock_of_rtcsel),
        T(lsi_keeps_the_rtc_going_through_a_reset),
        T(after_stop_sysclk_is_msi_and_the_pll_is_off),
        T(stopwuck_makes_it_hsi16),
        T(lsi_and_lse_run_on_in_stop_and_serve_kernel_clocks),
        T(clocks_to_be_measured_have_outputs),
        T(lptim2_stops_in_stop_2_and_hsi16_is_not_started_for_lptim1),
        T(standby_holds_all_but_pwr_in_reset),
        T(leaving_shutdown_sets_the_brown_out_flag),
        T(a_failing_hse_raises_an_nmi_and_falls_back_to_msi),
        T(a_failing_lse_is_flagged_and_leaves_the_rtc_without_clock),
        T(closing_the_flash_gate_is_a_mistake_and_mco_is_not),
        T(the_pll_output_that_sysclk_needs_cannot_be_closed),
        T(msisrange_needs_msirgsel_and_outlives_standby_only),
        T(the_vco_locks_at_both_ends_of_its_range),
        T(each_pll_freezes_its_own_factors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
