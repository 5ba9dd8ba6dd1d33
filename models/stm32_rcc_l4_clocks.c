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
    BUS_TIM1, /* timers on APB1 */
    BUS_TIM2, /* timers on APB2 */
    BUS_COUNT,
};

/* Enable and reset registers by the names in RCC_GATE_LIST. */
#define ENR_AHB1    RCC_AHB1ENR
#define ENR_AHB2    RCC_AHB2ENR
#define ENR_AHB3    RCC_AHB3ENR
#define ENR_APB1_1  RCC_APB1ENR1
#define ENR_APB1_2  RCC_APB1ENR2
#define ENR_APB2    RCC_APB2ENR
#define ENR_TO_RSTR 0x20u /* from an enable register down to its reset register */

struct gate {
    uint8_t enr;
    uint8_t bit;
    uint8_t bus;
};
#define GATE(name, reg, bit, bus) {ENR_##reg, bit, BUS_##bus},
static const struct gate gates[] = {RCC_GATE_LIST(GATE)};

/* RM0351 6.4.26: what the codes of CCIPR select. */
enum kernel_source {
    KERNEL_NONE,
    KERNEL_PCLK,
    KERNEL_SYSCLK,
    KERNEL_MSI,
    KERNEL_HSI,
    KERNEL_LSI,
    KERNEL_LSE,
    KERNEL_PLLQ,
    KERNEL_PLLSAI1Q,
    KERNEL_PLLSAI1R,
    KERNEL_PLLSAI2R,
};

struct kernel {
    uint8_t gate;
    uint8_t shift;
    uint8_t source[4];
};
#define KERNEL(name, shift, k0, k1, k2, k3)                                                                            \
    {RCC_GATE_##name, shift, {KERNEL_##k0, KERNEL_##k1, KERNEL_##k2, KERNEL_##k3}},
static const struct kernel kernels[] = {RCC_KERNEL_LIST(KERNEL)};

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
        return 0; /* the SAI PLLs have no output of this kind */
    }
}

/** Output Q, the 48 MHz one, of the main PLL or of PLLSAI1 (RM0351 6.4.4, 6.4.5). */
static uint32_t q_hz(const struct device *dev, enum rcc_clock pll)
{
    uint32_t config = word(dev, pll == CLOCK_PLL ? RCC_PLLCFGR : RCC_PLLSAI1CFGR);
    if (!rcc_clock_is_ready(dev, pll) || (config & RCC_PLLCFGR_PLLQEN) == 0)
        return 0;
    return (uint32_t)(vco_hz(dev, pll) / (2u * (bits(config, 21, 22) + 1u)));
}

/** Output R of a SAI PLL, for the ADCs (RM0351 6.4.5, 6.4.6). */
static uint32_t r_hz(const struct device *dev, enum rcc_clock pll)
{
    uint32_t config = word(dev, pll == CLOCK_PLLSAI1 ? RCC_PLLSAI1CFGR : RCC_PLLSAI2CFGR);
    if (!rcc_clock_is_ready(dev, pll) || (config & RCC_PLLCFGR_PLLREN) == 0)
        return 0;
    return (uint32_t)(vco_hz(dev, pll) / (2u * (bits(config, 25, 26) + 1u)));
}

bool rcc_clock_in_use(const struct device *dev, enum rcc_clock clock)
{
    uint32_t sysclk = rcc_state(dev)->sysclk;
    if (sysclk == (uint32_t)clock)
        return true;
    return sysclk == CLOCK_PLL && clock < CLOCK_PLL && bits(word(dev, RCC_PLLCFGR), 0, 1) == (uint32_t)clock + 1u;
}

/* --- oscillators --------------------------------------------------------------------------- */
bool rcc_clock_is_wanted(const struct device *dev, enum rcc_clock clock)
{
    uint32_t mode = rcc_state(dev)->mode;
    if (clock == CLOCK_LSI && mode == RCC_MODE_SHUTDOWN)
        return false;
    if (mode != RCC_MODE_RUN && clock < CLOCK_LSI)
        return clock == CLOCK_HSI && mode <= RCC_MODE_STOP2 && (word(dev, RCC_CR) & RCC_CR_HSIKERON) != 0;
    if (clock == CLOCK_LSI && dev_input(dev, RCC_IN_LSI_ON) != 0)
        return true; /* RM0351 6.2.6: the watchdog forces LSI on */
    if (clock == CLOCK_LSI && (word(dev, RCC_BDCR) & (RCC_BDCR_RTCEN | RCC_BDCR_RTCSEL)) == (RCC_BDCR_RTCEN | 0x200u))
        return true; /* RM0351 6.2.13: the RTC stays clocked under system reset */
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
    bool run = rcc_clock_is_wanted(dev, clock) && can_start(dev, clock);

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

/** Drives an output if it changes. */
static void drive(struct device *dev, uint32_t output, uint32_t value)
{
    struct rcc_state *s = rcc_state(dev);
    if (s->driven[output] == value)
        return;
    s->driven[output] = value;
    dev_output(dev, output, value);
}

static bool gate_is_open(const struct device *dev, const struct gate *gate)
{
    return (word(dev, gate->enr) & 1u << gate->bit) != 0;
}

/** In Stop HSI16 is switched on whenever a peripheral that can asks for it (RM0351 6.2.2): not for an LPTIM. */
static uint32_t kernel_hz(const struct device *dev, enum kernel_source source, bool requests_hsi, uint32_t pclk_hz,
                          uint32_t sysclk_hz)
{
    uint32_t mode = rcc_state(dev)->mode;
    bool stopped = requests_hsi && mode >= RCC_MODE_STOP0 && mode <= RCC_MODE_STOP2;

    switch (source) {
    case KERNEL_PCLK:
        return pclk_hz;
    case KERNEL_SYSCLK:
        return sysclk_hz;
    case KERNEL_MSI:
        return rcc_clock_hz(dev, CLOCK_MSI);
    case KERNEL_HSI:
        return stopped ? HSI_HZ : rcc_clock_hz(dev, CLOCK_HSI);
    case KERNEL_LSI:
        return rcc_clock_hz(dev, CLOCK_LSI);
    case KERNEL_LSE:
        return rcc_clock_hz(dev, CLOCK_LSE);
    case KERNEL_PLLQ:
        return q_hz(dev, CLOCK_PLL);
    case KERNEL_PLLSAI1Q:
        return q_hz(dev, CLOCK_PLLSAI1);
    case KERNEL_PLLSAI1R:
        return r_hz(dev, CLOCK_PLLSAI1);
    case KERNEL_PLLSAI2R:
        return r_hz(dev, CLOCK_PLLSAI2);
    default:
        return 0;
    }
}

static uint32_t rtc_hz(const struct device *dev)
{
    uint32_t bdcr = word(dev, RCC_BDCR);
    if ((bdcr & RCC_BDCR_RTCEN) == 0)
        return 0;
    switch (bits(bdcr, 8, 9)) {
    case 1:
        return (bdcr & RCC_BDCR_LSECSSD) != 0 ? 0 : rcc_clock_hz(dev, CLOCK_LSE);
    case 2:
        return rcc_clock_hz(dev, CLOCK_LSI);
    case 3:
        return rcc_clock_hz(dev, CLOCK_HSE) / 32u;
    default:
        return 0;
    }
}

/** RM0351 6.4.3, MCOSEL and MCOPRE. */
static uint32_t mco_hz(const struct device *dev, uint32_t sysclk_hz)
{
    static const uint8_t sources[] = {CLOCK_MSI, CLOCK_HSI, CLOCK_HSE, CLOCK_PLL, CLOCK_LSI, CLOCK_LSE};
    uint32_t select = bits(word(dev, RCC_CFGR), 24, 27);
    uint32_t prescaler = bits(word(dev, RCC_CFGR), 28, 30);
    uint32_t hz = select == 1u ? sysclk_hz : 0;

    if (select >= 2u && select - 2u < ARRAY_LENGTH(sources))
        hz = rcc_clock_hz(dev, (enum rcc_clock)sources[select - 2u]);
    return hz >> (prescaler < 4u ? prescaler : 4u);
}

static uint32_t peripheral_kernel_hz(const struct device *dev, uint32_t number, uint32_t pclk_hz, uint32_t sysclk_hz)
{
    uint32_t mode = rcc_state(dev)->mode;
    uint32_t select = bits(word(dev, RCC_CCIPR), kernels[number].shift, kernels[number].shift + 1u);
    bool lptim = number == RCC_KERNEL_lptim1 || number == RCC_KERNEL_lptim2;
    /* RM0351 5.3.6, table 21: what of them works in Stop 2 */
    bool works_in_stop2 = number == RCC_KERNEL_lptim1 || number == RCC_KERNEL_lpuart1 || number == RCC_KERNEL_i2c3;

    if (!gate_is_open(dev, &gates[kernels[number].gate]) || mode > RCC_MODE_STOP2 ||
        (mode == RCC_MODE_STOP2 && !works_in_stop2))
        return 0;
    return kernel_hz(dev, (enum kernel_source)kernels[number].source[select], !lptim, pclk_hz, sysclk_hz);
}

static void drive_clocks(struct device *dev, uint32_t sysclk_hz)
{
    struct rcc_state *s = rcc_state(dev);
    uint32_t ppre1 = bits(word(dev, RCC_CFGR), 8, 10);
    uint32_t ppre2 = bits(word(dev, RCC_CFGR), 11, 13);
    uint32_t bus_hz[BUS_COUNT];

    bus_hz[BUS_AHB] = ahb_hz(dev, sysclk_hz);
    bus_hz[BUS_APB1] = apb_hz(bus_hz[BUS_AHB], ppre1);
    bus_hz[BUS_APB2] = apb_hz(bus_hz[BUS_AHB], ppre2);
    bus_hz[BUS_TIM1] = bus_hz[BUS_APB1] * (ppre1 < 4u ? 1u : 2u);
    bus_hz[BUS_TIM2] = bus_hz[BUS_APB2] * (ppre2 < 4u ? 1u : 2u);
    if (s->mode == RCC_MODE_RUN) { /* nobody looks at HCLK while the core sleeps deeply */
        s->hclk_hz = bus_hz[BUS_AHB];
        drive(dev, RCC_OUT_HCLK, s->hclk_hz);
    }
    for (uint32_t i = 0; i < RCC_GATES; i++)
        drive(dev, RCC_OUT_GATES + 2u * i, gate_is_open(dev, &gates[i]) ? bus_hz[gates[i].bus] : 0);
    for (uint32_t i = 0; i < RCC_KERNELS; i++)
        drive(dev, RCC_OUT_KERNELS + i, peripheral_kernel_hz(dev, i, bus_hz[gates[kernels[i].gate].bus], sysclk_hz));
}

void rcc_drive_resets(struct device *dev)
{
    bool off = rcc_state(dev)->mode >= RCC_MODE_STANDBY; /* of what has no power any more; PWR has */
    for (uint32_t i = 0; i < RCC_GATES; i++) {
        uint32_t reset = bits(word(dev, gates[i].enr - ENR_TO_RSTR), gates[i].bit, gates[i].bit);
        drive(dev, RCC_OUT_GATES + 2u * i + 1u, off && i != RCC_GATE_pwr ? 1u : reset);
    }
}

static bool wakes_to_hsi(const struct device *dev)
{
    return (word(dev, RCC_CFGR) & RCC_CFGR_STOPWUCK) != 0;
}

/** SYSCLK goes on from MSI or HSI16, whatever it was: RM0351 6.2.9 and 6.3. */
static void fall_back(struct device *dev)
{
    struct rcc_state *s = rcc_state(dev);
    enum rcc_clock clock = wakes_to_hsi(dev) ? CLOCK_HSI : CLOCK_MSI;
    uint32_t *cfgr = &s->word[RCC_CFGR / 4u];

    s->word[RCC_CR / 4u] |= clocks[clock].on | clocks[clock].ready;
    dev_event_cancel(dev, clock);
    *cfgr = (*cfgr & ~RCC_CFGR_SW) | (uint32_t)clock;
    s->sysclk = clock;
}

/** A watched oscillator that is gone. */
static void watch_clocks(struct device *dev)
{
    struct rcc_state *s = rcc_state(dev);
    uint32_t *cr = &s->word[RCC_CR / 4u];
    uint32_t *bdcr = &s->word[RCC_BDCR / 4u];

    if ((*cr & RCC_CR_CSSON) != 0 && (*cr & RCC_CR_HSERDY) != 0 && !can_start(dev, CLOCK_HSE)) {
        bool used = rcc_clock_in_use(dev, CLOCK_HSE);
        s->word[RCC_CIFR / 4u] |= RCC_CIFR_CSSF;
        *cr &= ~(RCC_CR_HSEON | RCC_CR_HSERDY);
        if (used && s->sysclk == CLOCK_PLL)
            *cr &= ~(RCC_CR_PLLON | RCC_CR_PLLRDY);
        if (used)
            fall_back(dev);
    }
    if ((*bdcr & RCC_BDCR_LSECSSON) != 0 && (*bdcr & RCC_BDCR_LSERDY) != 0 && !can_start(dev, CLOCK_LSE)) {
        *bdcr |= RCC_BDCR_LSECSSD;
        *cr &= ~RCC_CR_MSIPLLEN;
        s->word[RCC_CIFR / 4u] |= RCC_CIFR_LSECSSF & s->word[RCC_CIER / 4u];
    }
}

void rcc_change_mode(struct device *dev, enum rcc_mode mode)
{
    struct rcc_state *s = rcc_state(dev);
    enum rcc_mode old = (enum rcc_mode)s->mode;

    if (mode == old)
        return;
    s->mode = mode;
    if (mode != RCC_MODE_RUN) {
        /* RM0351 6.4.1: the hardware clears these, and sets MSION or HSION on the way back. */
        s->word[RCC_CR / 4u] &=
            ~(RCC_CR_MSION | RCC_CR_HSION | RCC_CR_HSEON | RCC_CR_PLLON | RCC_CR_PLLSAI1ON | RCC_CR_PLLSAI2ON);
    } else {
        fall_back(dev);
    }
    rcc_update(dev);
    rcc_drive_resets(dev);
}

void rcc_update(struct device *dev)
{
    struct rcc_state *s = rcc_state(dev);
    uint32_t *cfgr = &s->word[RCC_CFGR / 4u];

    watch_clocks(dev);
    for (uint32_t clock = 0; clock < CLOCK_COUNT; clock++)
        update_clock(dev, (enum rcc_clock)clock);
    /* The switch happens when the clock asked for is there (RM0351 6.2.8). */
    enum rcc_clock wanted = (enum rcc_clock)(*cfgr & RCC_CFGR_SW);
    if (rcc_clock_hz(dev, wanted) != 0)
        s->sysclk = wanted;
    *cfgr = (*cfgr & ~RCC_CFGR_SWS) | s->sysclk << 2;
    drive_clocks(dev, s->mode == RCC_MODE_RUN ? rcc_clock_hz(dev, (enum rcc_clock)s->sysclk) : 0);
    drive(dev, RCC_OUT_LSI, rcc_clock_hz(dev, CLOCK_LSI));
    drive(dev, RCC_OUT_LSE, rcc_clock_hz(dev, CLOCK_LSE));
    drive(dev, RCC_OUT_MSI, rcc_clock_hz(dev, CLOCK_MSI));
    drive(dev, RCC_OUT_HSE32, rcc_clock_hz(dev, CLOCK_HSE) / 32u);
    drive(dev, RCC_OUT_MCO, mco_hz(dev, s->mode == RCC_MODE_RUN ? rcc_clock_hz(dev, (enum rcc_clock)s->sysclk) : 0));
    drive(dev, RCC_OUT_RTC, rtc_hz(dev));
    drive(dev, RCC_OUT_RTC_RST, (word(dev, RCC_BDCR) & RCC_BDCR_BDRST) != 0);
    drive(dev, RCC_OUT_IRQ, (word(dev, RCC_CIFR) & ~RCC_CIFR_CSSF) != 0);
    drive(dev, RCC_OUT_CSS_NMI, (word(dev, RCC_CIFR) & RCC_CIFR_CSSF) != 0);
    drive(dev, RCC_OUT_LSECSS, (word(dev, RCC_BDCR) & RCC_BDCR_LSECSSD) != 0);
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
