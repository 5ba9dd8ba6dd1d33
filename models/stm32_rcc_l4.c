/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Reset and clock control of the STM32L4x6 (RM0351 chapter 6): registers and reset flags. The clock
 * tree is in stm32_rcc_l4_clocks.c.
 *
 * Modelled: MSI with ranges, HSI16, HSE and LSE if the board has them, LSI, PLL, PLLSAI1 and PLLSAI2, start-up times,
 * ready flags and interrupts, SYSCLK switching, bus clocks, kernel clocks of USARTs, I2Cs, LPTIMs, ADCs and the 48 MHz
 * clock, RTC clock, clock gates and peripheral resets, clocks in and after Stop, Standby and Shutdown, clock security
 * on HSE and LSE, reset flags, write protection of the backup domain, wait states checked against HCLK.
 *
 * Stored only: calibration and trimming, MSI auto-calibration (MSIPLLEN), clocks in Sleep (SMENR), outputs on pins
 * (MCO, LSCO: no clock shows there), SAI, SWPMI and DFSDM clock selection, reset and gate of the flash interface
 * (the manual allows them only while the flash is in power-down). MSI and HSI16 are there at once after Stop.
 */
#include "stm32_rcc_l4_private.h"

/* RM0351 6.4. AHB2SMENR resets with bit 16 set, which only chips with AES define. */
static const struct reg_desc rcc_regs[] = {
    {RCC_CR, "CR", 0x00000063u, 0x15050bf5u, 0, RCC_CR_CSSON | RCC_CR_MSIRGSEL, 0x2a020402u},
    {RCC_ICSCR, "ICSCR", 0x10000000u, 0x1f00ff00u, 0, 0, 0x00ff00ffu},
    {RCC_CFGR, "CFGR", 0, 0x7700bff3u, 0, 0, 0x0000000cu},
    {RCC_PLLCFGR, "PLLCFGR", 0x00001000u, 0x07737f73u, 0, 0, 0},
    {RCC_PLLSAI1CFGR, "PLLSAI1CFGR", 0x00001000u, 0x07737f00u, 0, 0, 0},
    {RCC_PLLSAI2CFGR, "PLLSAI2CFGR", 0x00001000u, 0x07037f00u, 0, 0, 0},
    {RCC_CIER, "CIER", 0, 0x000002ffu, 0, 0, 0},
    {RCC_CIFR, "CIFR", 0, 0, 0, 0, 0x000003ffu},
    {RCC_CICR, "CICR", 0, 0, 0, 0, 0},
    {RCC_AHB1RSTR, "AHB1RSTR", 0, 0x00011103u, 0, 0, 0},
    {RCC_AHB2RSTR, "AHB2RSTR", 0, 0x000430ffu, 0, 0, 0},
    {RCC_AHB3RSTR, "AHB3RSTR", 0, 0x00000101u, 0, 0, 0},
    {RCC_APB1RSTR1, "APB1RSTR1", 0, 0xf2fec23fu, 0, 0, 0},
    {RCC_APB1RSTR2, "APB1RSTR2", 0, 0x00000025u, 0, 0, 0},
    {RCC_APB2RSTR, "APB2RSTR", 0, 0x01677c01u, 0, 0, 0},
    {RCC_AHB1ENR, "AHB1ENR", 0x00000100u, 0x00011103u, 0, 0, 0},
    {RCC_AHB2ENR, "AHB2ENR", 0, 0x000430ffu, 0, 0, 0},
    {RCC_AHB3ENR, "AHB3ENR", 0, 0x00000101u, 0, 0, 0},
    {RCC_APB1ENR1, "APB1ENR1", 0, 0xf2fec23fu, 0, 0x00000800u, 0},
    {RCC_APB1ENR2, "APB1ENR2", 0, 0x00000025u, 0, 0, 0},
    {RCC_APB2ENR, "APB2ENR", 0, 0x01677c01u, 0, 0x00000080u, 0},
    {0x68u, "AHB1SMENR", 0x00011303u, 0x00011303u, 0, 0, 0},
    {0x6cu, "AHB2SMENR", 0x000532ffu, 0x000432ffu, 0, 0, 0},
    {0x70u, "AHB3SMENR", 0x00000101u, 0x00000101u, 0, 0, 0},
    {0x78u, "APB1SMENR1", 0xf2feca3fu, 0xf2feca3fu, 0, 0, 0},
    {0x7cu, "APB1SMENR2", 0x00000025u, 0x00000025u, 0, 0, 0},
    {0x80u, "APB2SMENR", 0x01677c01u, 0x01677c01u, 0, 0, 0},
    {RCC_CCIPR, "CCIPR", 0, 0xffffffffu, 0, 0, 0},
    {RCC_BDCR, "BDCR", 0, 0x0301833du, 0, 0, 0x00000042u},
    {RCC_CSR, "CSR", 0x0c000600u, 0x00000f01u, 0, RCC_CSR_RMVF, 0xff000002u},
};

static const char *const rcc_inputs[] = {"hse_hz", "lse_hz", "latency", "vos", "dbp",
                                         "lsi_on", "mode",   "wwdg_sw", NULL};
#define GATE_OUTPUTS(name, reg, bit, bus)          #name "_clk", #name "_rst",
#define KERNEL_OUTPUT(name, shift, k0, k1, k2, k3) #name "_ker",
static const char *const rcc_outputs[] = {
    "hclk",    "irq",      "lsi_hz", "rtc_hz",
    "rtc_rst", "css_nmi",  "lsecss", RCC_GATE_LIST(GATE_OUTPUTS) RCC_KERNEL_LIST(KERNEL_OUTPUT) "lse_hz",
    "msi_hz",  "hse32_hz", "mco_hz", NULL};
_Static_assert(ARRAY_LENGTH(rcc_outputs) == RCC_OUT_COUNT + 1u, "outputs of RCC");
_Static_assert(sizeof(struct rcc_state) == 176 + 4 * RCC_OUT_COUNT, "state of RCC");

static uint32_t reset_flag(enum reset_kind kind)
{
    /* RM0351 6.4.29. Every internal reset pulls NRST, so PINRSTF comes along: not confirmed. */
    switch (kind) {
    case RESET_PIN:
        return 0x04000000u;
    case RESET_SOFTWARE:
        return 0x14000000u;
    case RESET_IWDG:
        return 0x24000000u;
    case RESET_WWDG:
        return 0x44000000u;
    case RESET_OPTION_LOAD:
        return 0x06000000u;
    case RESET_LOW_POWER:
        return 0x84000000u;
    case RESET_FIREWALL:
        return 0x05000000u;
    default:
        return 0;
    }
}

static void rcc_reset(struct device *dev, enum reset_kind kind)
{
    struct rcc_state *s = rcc_state(dev);
    uint32_t bdcr = s->word[RCC_BDCR / 4u];
    uint32_t csr = s->word[RCC_CSR / 4u];
    /* RM0351 6.1.1: leaving Shutdown is a brown-out reset, which spares the backup domain. */
    bool from_shutdown = kind == RESET_STANDBY && s->mode == RCC_MODE_SHUTDOWN;

    for (uint32_t event = 0; event < RCC_EVENT_COUNT; event++)
        if (event != CLOCK_LSE)
            dev_event_cancel(dev, event);
    model_reset_words(dev, s->word);
    if (kind != RESET_POWER_ON) {
        /* RM0351 6.1.2, 6.4.29: the backup domain and the flags outlive a system reset; the MSI
         * range of Standby outlives Standby. */
        s->word[RCC_BDCR / 4u] = bdcr;
        if (!from_shutdown)
            s->word[RCC_CSR / 4u] = (csr & RCC_CSR_FLAGS) | reset_flag(kind) |
                                    (kind == RESET_STANDBY ? csr & RCC_CSR_MSISRANGE : 0x00000600u);
        if (rcc_clock_is_wanted(dev, CLOCK_LSI))
            s->word[RCC_CSR / 4u] |= csr & RCC_CSR_LSIRDY;
    } else {
        s->rtc_locked = 0;
    }
    if (dev_input(dev, RCC_IN_WWDG_SW) == 0)
        s->word[RCC_APB1ENR1 / 4u] |= RCC_APB1ENR1_WWDGEN; /* RM0351 6.4.19 */
    s->alive = 1;
    s->mode = RCC_MODE_RUN;
    s->sysclk = CLOCK_MSI;
    s->too_fast = 0;
    rcc_drive_resets(dev);
    rcc_update(dev);
}

static uint32_t rcc_read(struct device *dev, uint32_t offset, unsigned size)
{
    if (model_register(dev, offset) == NULL)
        return 0;
    return reg_lane_read(rcc_state(dev)->word[offset / 4u], offset, size);
}

static uint32_t checked_cr(struct device *dev, uint32_t old, uint32_t new)
{
    static const struct {
        enum rcc_clock clock;
        uint32_t on;
    } sources[] = {
        {CLOCK_MSI, RCC_CR_MSION}, {CLOCK_HSI, RCC_CR_HSION}, {CLOCK_HSE, RCC_CR_HSEON}, {CLOCK_PLL, RCC_CR_PLLON}};

    /* RM0351 6.4.1: the hardware keeps a clock on that SYSCLK runs from. */
    for (uint32_t i = 0; i < ARRAY_LENGTH(sources); i++) {
        if ((old & ~new &sources[i].on) != 0 && rcc_clock_in_use(dev, sources[i].clock)) {
            dev_guest_error(dev, RCC_CR, "clock switched off while SYSCLK runs from it");
            new |= sources[i].on;
        }
    }
    if (((old ^ new) & RCC_CR_MSIRANGE) != 0) {
        bool starting = (old & (RCC_CR_MSION | RCC_CR_MSIRDY)) == RCC_CR_MSION;
        if (starting || bits(new, 4, 7) > 11u) {
            dev_guest_error(dev, RCC_CR, "RCC_CR.MSIRANGE: reserved, or MSI is on but not ready");
            new = (new & ~RCC_CR_MSIRANGE) | (old & RCC_CR_MSIRANGE);
        }
    }
    /* RM0351 6.4.1: the hardware does not let it be set before LSE is ready. */
    if ((new & ~old &RCC_CR_MSIPLLEN) != 0 && !rcc_clock_is_ready(dev, CLOCK_LSE)) {
        dev_guest_error(dev, RCC_CR, "RCC_CR.MSIPLLEN: set while LSE is not ready");
        new &= ~RCC_CR_MSIPLLEN;
    }
    return new;
}

static uint32_t checked_pllcfgr(struct device *dev, uint32_t offset, uint32_t old, uint32_t new)
{
    uint32_t cr = rcc_state(dev)->word[RCC_CR / 4u];
    uint32_t on = offset == RCC_PLLCFGR       ? RCC_CR_PLLON
                  : offset == RCC_PLLSAI1CFGR ? RCC_CR_PLLSAI1ON
                                              : RCC_CR_PLLSAI2ON;
    /* RM0351 6.4.4: factors only while that PLL is off, source and M while all are; the output
     * enables at any time. */
    uint32_t frozen = (cr & on) != 0 ? 0x06627f00u : 0;
    if ((cr & (RCC_CR_PLLON | RCC_CR_PLLSAI1ON | RCC_CR_PLLSAI2ON)) != 0)
        frozen |= 0x00000073u;
    if (((old ^ new) & frozen) != 0)
        dev_guest_error(dev, offset, "PLL reconfigured while it is on");
    if ((old & ~new &RCC_PLLCFGR_PLLREN) != 0 && offset == RCC_PLLCFGR && rcc_clock_in_use(dev, CLOCK_PLL)) {
        dev_guest_error(dev, offset, "PLLREN cleared while SYSCLK runs from the PLL");
        frozen |= RCC_PLLCFGR_PLLREN;
    }
    return (new & ~frozen) | (old & frozen);
}

/** A PLL that is switched on with a VCO out of range never locks: say why. */
static void tell_vco(struct device *dev, uint32_t old, uint32_t new)
{
    if ((new & ~old &RCC_CR_PLLON) == 0)
        return;
    if (dev_event_due(dev, CLOCK_PLL) == TIME_NEVER && !rcc_clock_is_ready(dev, CLOCK_PLL))
        dev_guest_error(dev, RCC_PLLCFGR, "PLL switched on without a ready source or with its VCO out of range");
}

static void write_bdcr(struct device *dev, uint32_t old, uint32_t new)
{
    struct rcc_state *s = rcc_state(dev);

    if (dev_input(dev, RCC_IN_DBP) == 0) {
        dev_guest_error(dev, RCC_BDCR, "RCC_BDCR written while PWR_CR1.DBP is 0");
        return;
    }
    if ((new &RCC_BDCR_BDRST) != 0) {
        new = RCC_BDCR_BDRST; /* RM0351 6.4.28: the domain is held in reset */
        s->rtc_locked = 0;
    }
    if (s->rtc_locked != 0)
        new = (new & ~RCC_BDCR_RTCSEL) | (old & RCC_BDCR_RTCSEL);
    else
        s->rtc_locked = (new &RCC_BDCR_RTCSEL) != 0;
    /* RM0351 6.2.10: LSECSSON is for good until a failure was found, and so is LSE then. */
    if ((old & RCC_BDCR_LSECSSON) != 0 && (old & RCC_BDCR_LSECSSD) == 0 && (new &RCC_BDCR_BDRST) == 0)
        new |= RCC_BDCR_LSECSSON | RCC_BDCR_LSEON;
    if ((new &RCC_BDCR_LSEON) == 0) /* RM0351 6.4.1 */
        s->word[RCC_CR / 4u] &= ~RCC_CR_MSIPLLEN;
    s->word[RCC_BDCR / 4u] = new;
}

static uint32_t checked_csr(struct device *dev, uint32_t old, uint32_t new)
{
    uint32_t range = bits(new, 8, 11);

    if (((old ^ new) & RCC_CSR_MSISRANGE) != 0 &&
        ((rcc_state(dev)->word[RCC_CR / 4u] & RCC_CR_MSIRGSEL) == 0 || range < 4u || range > 7u)) {
        dev_guest_error(dev, RCC_CSR, "RCC_CSR.MSISRANGE: needs MSIRGSEL = 1 and a range 4 to 7");
        new = (new & ~RCC_CSR_MSISRANGE) | (old & RCC_CSR_MSISRANGE);
    }
    if ((new &RCC_CSR_RMVF) != 0)
        new &= ~(RCC_CSR_FLAGS | RCC_CSR_RMVF);
    return new;
}

static void rcc_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct rcc_state *s = rcc_state(dev);
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t old = s->word[offset / 4u];
    uint32_t new = reg_written(reg, old, word, reg_lane_mask(offset, size));

    switch (reg->offset) {
    case RCC_CR:
        new = checked_cr(dev, old, new);
        break;
    case RCC_PLLCFGR:
    case RCC_PLLSAI1CFGR:
    case RCC_PLLSAI2CFGR:
        new = checked_pllcfgr(dev, reg->offset, old, new);
        break;
    case RCC_CICR:
        s->word[RCC_CIFR / 4u] &= ~word;
        break;
    case RCC_AHB1ENR:
        if ((old & ~new &RCC_AHB1ENR_FLASHEN) != 0)
            dev_guest_error(dev, offset, "RCC_AHB1ENR.FLASHEN cleared while the flash is not in power-down");
        break;
    case RCC_BDCR:
        write_bdcr(dev, old, new);
        new = s->word[offset / 4u];
        break;
    case RCC_CSR:
        new = checked_csr(dev, old, new);
        break;
    default:
        break;
    }
    s->word[offset / 4u] = new;
    rcc_update(dev);
    if (reg->offset == RCC_CR)
        tell_vco(dev, old, new);
    if (reg->offset >= RCC_AHB1RSTR && reg->offset <= RCC_APB2RSTR)
        rcc_drive_resets(dev);
}

static void rcc_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    if (rcc_state(dev)->alive == 0)
        return;
    if (input == RCC_IN_LATENCY || input == RCC_IN_VOS)
        dev_event_after(dev, RCC_EVENT_CHECK, 0); /* a reset changes both before RCC is reset */
    else if (input == RCC_IN_MODE)
        rcc_change_mode(dev, (enum rcc_mode)value);
    else if (input != RCC_IN_DBP)
        rcc_update(dev);
}

static void rcc_on_event(struct device *dev, uint32_t event)
{
    if (event == RCC_EVENT_CHECK)
        rcc_check_latency(dev);
    else
        rcc_clock_ready(dev, (enum rcc_clock)event);
}

const struct device_model stm32_rcc_l4_model = {
    .name = "stm32_rcc_l4",
    .state_size = sizeof(struct rcc_state),
    .regs = rcc_regs,
    .reg_count = ARRAY_LENGTH(rcc_regs),
    .inputs = rcc_inputs,
    .outputs = rcc_outputs,
    .event_count = RCC_EVENT_COUNT,
    .reset = rcc_reset,
    .read = rcc_read,
    .write = rcc_write,
    .on_input = rcc_on_input,
    .on_event = rcc_on_event,
};
