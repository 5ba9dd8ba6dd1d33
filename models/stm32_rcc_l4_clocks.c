/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Clock tree of the STM32L4x6 (RM0351 6.2): oscillators, PLL, SYSCLK, bus and kernel clocks, gates.
 */
#include "stm32_rcc_l4_private.h"

struct clock_desc {
    uint16_t on_reg;
    uint16_t cifr_bit; /* number of its bit in CIER, CIFR and CICR (RM0351 6.4.7) */
    uint32_t on;
    uint32_t ready; /* in the same register */
    uint64_t startup_ps;
};

/* Start-up times: typical values commonly quoted from DS10198, not confirmed. */
static const struct clock_desc clocks[CLOCK_COUNT] = {
    [CLOCK_MSI] = {RCC_CR, 2, RCC_CR_MSION, RCC_CR_MSIRDY, 5u * PS_PER_US},
    [CLOCK_HSI] = {RCC_CR, 3, RCC_CR_HSION, RCC_CR_HSIRDY, 4u * PS_PER_US},
    [CLOCK_HSE] = {RCC_CR, 4, RCC_CR_HSEON, RCC_CR_HSERDY, 2u * PS_PER_MS},
    [CLOCK_PLL] = {RCC_CR, 5, RCC_CR_PLLON, RCC_CR_PLLRDY, 15u * PS_PER_US},
    [CLOCK_PLLSAI1] = {RCC_CR, 6, RCC_CR_PLLSAI1ON, RCC_CR_PLLSAI1ON << 1, 15u * PS_PER_US},
    [CLOCK_PLLSAI2] = {RCC_CR, 7, RCC_CR_PLLSAI2ON, RCC_CR_PLLSAI2ON << 1, 15u * PS_PER_US},
    [CLOCK_LSI] = {RCC_CSR, 0, RCC_CSR_LSION, RCC_CSR_LSIRDY, 80u * PS_PER_US},
    [CLOCK_LSE] = {RCC_BDCR, 1, RCC_BDCR_LSEON, RCC_BDCR_LSERDY, 2u * PS_PER_S},
};

/* RM0351 6.4.1, MSIRANGE. */
static const uint32_t msi_hz[] = {100000u,  200000u,  400000u,   800000u,   1000000u,  2000000u,
                                  4000000u, 8000000u, 16000000u, 24000000u, 32000000u, 48000000u};

#define HSI_HZ     16000000u
#define LSI_HZ     32000u
#define VCO_MIN_HZ 64000000u /* RM0351 6.4.4 */
#define VCO_MAX_HZ 344000000u

enum bus {
    BUS_AHB,
    BUS_APB1,
    BUS_APB2,
};

struct gate {
    uint16_t enr;
    uint16_t rstr;
    uint8_t bit;
    uint8_t bus;
};

/* In the order of the output names in stm32_rcc_l4.c. */
static const struct gate gates[RCC_GATES] = {
    {RCC_AHB2ENR, RCC_AHB2RSTR, 0, BUS_AHB},     {RCC_AHB2ENR, RCC_AHB2RSTR, 1, BUS_AHB},
    {RCC_AHB2ENR, RCC_AHB2RSTR, 2, BUS_AHB},     {RCC_AHB2ENR, RCC_AHB2RSTR, 3, BUS_AHB},
    {RCC_AHB2ENR, RCC_AHB2RSTR, 4, BUS_AHB},     {RCC_AHB2ENR, RCC_AHB2RSTR, 5, BUS_AHB},
    {RCC_AHB2ENR, RCC_AHB2RSTR, 6, BUS_AHB},     {RCC_AHB2ENR, RCC_AHB2RSTR, 7, BUS_AHB},
    {RCC_AHB1ENR, RCC_AHB1RSTR, 12, BUS_AHB},    {RCC_APB2ENR, RCC_APB2RSTR, 0, BUS_APB2},
    {RCC_APB1ENR1, RCC_APB1RSTR1, 28, BUS_APB1}, {RCC_APB2ENR, RCC_APB2RSTR, 14, BUS_APB2},
    {RCC_APB1ENR1, RCC_APB1RSTR1, 17, BUS_APB1}, {RCC_APB1ENR1, RCC_APB1RSTR1, 18, BUS_APB1},
    {RCC_APB1ENR1, RCC_APB1RSTR1, 19, BUS_APB1}, {RCC_APB1ENR1, RCC_APB1RSTR1, 20, BUS_APB1},
    {RCC_APB1ENR2, RCC_APB1RSTR2, 0, BUS_APB1},
};

/* Kernel clocks follow USART1, 2, 3, UART4, 5, LPUART1: two bits each from bit 0 of CCIPR. */
#define KERNELS      6u
#define FIRST_KERNEL 11u /* gate of USART1 */

static uint32_t word(const struct device *dev, uint32_t offset)
{
    return rcc_state(dev)->word[offset / 4u];
}

bool rcc_clock_is_ready(const struct device *dev, enum rcc_clock clock)
{
    return (word(dev, clocks[clock].on_reg) & clocks[clock].ready) != 0;
}

static uint32_t msi_frequency(const struct device *dev)
{
    uint32_t cr = word(dev, RCC_CR);
    uint32_t range = (cr & RCC_CR_MSIRGSEL) != 0 ? bits(cr, 4, 7) : bits(word(dev, RCC_CSR), 8, 11);
    return range < ARRAY_LENGTH(msi_hz) ? msi_hz[range] : 0;
}

static uint32_t pll_source_hz(const struct device *dev)
{
    switch (bits(word(dev, RCC_PLLCFGR), 0, 1)) {
    case 1:
        return rcc_clock_hz(dev, CLOCK_MSI);
    case 2:
        return rcc_clock_hz(dev, CLOCK_HSI);
    case 3:
        return rcc_clock_hz(dev, CLOCK_HSE);
    default:
        return 0;
    }
}

static uint64_t vco_hz(const struct device *dev, enum rcc_clock pll)
{
    static const uint32_t configs[] = {RCC_PLLCFGR, RCC_PLLSAI1CFGR, RCC_PLLSAI2CFGR};
    uint32_t m = bits(word(dev, RCC_PLLCFGR), 4, 6) + 1u;
    uint32_t n = bits(word(dev, configs[pll - CLOCK_PLL]), 8, 14);
    return (uint64_t)pll_source_hz(dev) * n / m;
}

uint32_t rcc_clock_hz(const struct device *dev, enum rcc_clock clock)
{
    if (!rcc_clock_is_ready(dev, clock))
        return 0;
    switch (clock) {
    case CLOCK_MSI:
        return msi_frequency(dev);
    case CLOCK_HSI:
        return HSI_HZ;
    case CLOCK_HSE:
        return (uint32_t)dev_input(dev, RCC_IN_HSE_HZ);
    case CLOCK_PLL: {
        uint32_t config = word(dev, RCC_PLLCFGR);
        if ((config & RCC_PLLCFGR_PLLREN) == 0)
            return 0;
        return (uint32_t)(vco_hz(dev, CLOCK_PLL) / (2u * (bits(config, 25, 26) + 1u)));
    }
    case CLOCK_LSI:
        return LSI_HZ;
    case CLOCK_LSE:
        return (uint32_t)dev_input(dev, RCC_IN_LSE_HZ);
    default:
        return 0; /* the SAI PLLs feed nothing that is modelled */
    }
}

bool rcc_clock_in_use(const struct device *dev, enum rcc_clock clock)
{
    uint32_t sysclk = rcc_state(dev)->sysclk;
    if (sysclk == (uint32_t)clock)
        return true;
    return sysclk == CLOCK_PLL && clock < CLOCK_PLL && bits(word(dev, RCC_PLLCFGR), 0, 1) == (uint32_t)clock + 1u;
}

/* --- oscillators --------------------------------------------------------------------------- */
static bool is_wanted(const struct device *dev, enum rcc_clock clock)
{
    if (clock == CLOCK_LSI && dev_input(dev, RCC_IN_LSI_ON) != 0)
        return true; /* RM0351 6.2.6: the watchdog forces LSI on */
    return (word(dev, clocks[clock].on_reg) & clocks[clock].on) != 0;
}

/** True if there is something for the clock to start from. */
static bool can_start(const struct device *dev, enum rcc_clock clock)
{
    switch (clock) {
    case CLOCK_HSE:
        return dev_input(dev, RCC_IN_HSE_HZ) != 0;
    case CLOCK_LSE:
        return dev_input(dev, RCC_IN_LSE_HZ) != 0;
    case CLOCK_PLL:
    case CLOCK_PLLSAI1:
    case CLOCK_PLLSAI2: {
        uint64_t vco = vco_hz(dev, clock);
        return vco >= VCO_MIN_HZ && vco <= VCO_MAX_HZ;
    }
    default:
        return true;
    }
}

static void update_clock(struct device *dev, enum rcc_clock clock)
{
    struct rcc_state *s = rcc_state(dev);
    uint32_t *reg = &s->word[clocks[clock].on_reg / 4u];
    bool pending = dev_event_due(dev, clock) != TIME_NEVER;
    bool run = is_wanted(dev, clock) && can_start(dev, clock);

    if (!run) {
        *reg &= ~clocks[clock].ready;
        if (pending)
            dev_event_cancel(dev, clock);
    } else if ((*reg & clocks[clock].ready) == 0 && !pending) {
        dev_event_after(dev, clock, clocks[clock].startup_ps);
    }
}

void rcc_clock_ready(struct device *dev, enum rcc_clock clock)
{
    struct rcc_state *s = rcc_state(dev);
    uint32_t flag = 1u << clocks[clock].cifr_bit;

    s->word[clocks[clock].on_reg / 4u] |= clocks[clock].ready;
    s->word[RCC_CIFR / 4u] |= flag & s->word[RCC_CIER / 4u];
    rcc_update(dev);
}

/* --- buses --------------------------------------------------------------------------------- */
static uint32_t ahb_hz(const struct device *dev, uint32_t sysclk_hz)
{
    /* RM0351 6.4.3, HPRE: 0xxx /1, then /2 /4 /8 /16 /64 /128 /256 /512. */
    static const uint16_t dividers[] = {2, 4, 8, 16, 64, 128, 256, 512};
    uint32_t hpre = bits(word(dev, RCC_CFGR), 4, 7);
    return hpre < 8u ? sysclk_hz : sysclk_hz / dividers[hpre - 8u];
}

static uint32_t apb_hz(uint32_t hclk_hz, uint32_t ppre)
{
    return ppre < 4u ? hclk_hz : hclk_hz >> (ppre - 3u);
}

static void drive_clocks(struct device *dev, uint32_t sysclk_hz)
{
    struct rcc_state *s = rcc_state(dev);
    uint32_t cfgr = word(dev, RCC_CFGR);
    uint32_t bus_hz[3];

    bus_hz[BUS_AHB] = ahb_hz(dev, sysclk_hz);
    bus_hz[BUS_APB1] = apb_hz(bus_hz[BUS_AHB], bits(cfgr, 8, 10));
    bus_hz[BUS_APB2] = apb_hz(bus_hz[BUS_AHB], bits(cfgr, 11, 13));
    s->hclk_hz = bus_hz[BUS_AHB];
    dev_output(dev, RCC_OUT_HCLK, s->hclk_hz);
    for (uint32_t i = 0; i < RCC_GATES; i++) {
        bool on = (word(dev, gates[i].enr) & 1u << gates[i].bit) != 0;
        dev_output(dev, RCC_OUT_GATES + 2u * i, on ? bus_hz[gates[i].bus] : 0);
    }
    for (uint32_t i = 0; i < KERNELS; i++) {
        const struct gate *gate = &gates[FIRST_KERNEL + i];
        const uint32_t source_hz[] = {bus_hz[gate->bus], sysclk_hz, rcc_clock_hz(dev, CLOCK_HSI),
                                      rcc_clock_hz(dev, CLOCK_LSE)};
        bool on = (word(dev, gate->enr) & 1u << gate->bit) != 0;
        uint32_t select = bits(word(dev, RCC_CCIPR), 2u * i, 2u * i + 1u);
        dev_output(dev, RCC_OUT_KERNELS + i, on ? source_hz[select] : 0);
    }
}

void rcc_drive_resets(struct device *dev)
{
    for (uint32_t i = 0; i < RCC_GATES; i++)
        dev_output(dev, RCC_OUT_GATES + 2u * i + 1u, bits(word(dev, gates[i].rstr), gates[i].bit, gates[i].bit));
}

void rcc_update(struct device *dev)
{
    struct rcc_state *s = rcc_state(dev);
    uint32_t *cfgr = &s->word[RCC_CFGR / 4u];
    enum rcc_clock wanted = (enum rcc_clock)(*cfgr & 3u);

    for (uint32_t clock = 0; clock < CLOCK_COUNT; clock++)
        update_clock(dev, (enum rcc_clock)clock);
    /* The switch happens when the clock asked for is there (RM0351 6.2.8). */
    if (rcc_clock_hz(dev, wanted) != 0)
        s->sysclk = wanted;
    *cfgr = (*cfgr & ~0xcu) | s->sysclk << 2;
    drive_clocks(dev, rcc_clock_hz(dev, (enum rcc_clock)s->sysclk));
    dev_output(dev, RCC_OUT_LSI, rcc_clock_hz(dev, CLOCK_LSI));
    dev_output(dev, RCC_OUT_IRQ, word(dev, RCC_CIFR) != 0);
    dev_event_after(dev, RCC_EVENT_CHECK, 0);
}

void rcc_check_latency(struct device *dev)
{
    /* RM0351 3.3.3: HCLK in MHz that wait states 0, 1, ... allow, in voltage range 1 and 2. */
    static const uint8_t range1_mhz[] = {16, 32, 48, 64, 80};
    static const uint8_t range2_mhz[] = {6, 12, 18, 26};
    struct rcc_state *s = rcc_state(dev);
    uint32_t latency = (uint32_t)dev_input(dev, RCC_IN_LATENCY);
    bool range2 = dev_input(dev, RCC_IN_VOS) == 2u;
    uint32_t steps = range2 ? ARRAY_LENGTH(range2_mhz) : ARRAY_LENGTH(range1_mhz);
    uint32_t step = latency < steps ? latency : steps - 1u;
    uint32_t limit_hz = (range2 ? range2_mhz[step] : range1_mhz[step]) * 1000000u;
    bool too_fast = s->hclk_hz > limit_hz;

    if (too_fast && s->too_fast == 0)
        dev_guest_error(dev, RCC_CFGR, "HCLK is higher than the flash wait states and voltage range allow");
    s->too_fast = too_fast;
}
