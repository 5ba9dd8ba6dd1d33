/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Power control of the STM32L4x6 (RM0351 chapter 5).
 *
 * Modelled: voltage scaling with VOSF, DBP, low-power run with REGLPF, Stop 0, 1 and 2, Standby and Shutdown as the
 * core enters them with SLEEPDEEP, wake-up from them by pins and by the RTC, standby and wake-up flags, contents of the
 * SRAMs, PVD, PVM and the brown-out reset against a supply voltage (input vdd, 3.3 V when nothing drives it).
 *
 * Not modelled, reported as gaps: applied pulls (APC), the external SMPS, PVD_IN. Stored only: battery charging (VBE,
 * VBRS), USV, IOSV, limits of frequency in low-power run. Debugging in low-power modes (DBGMCU_CR) is ignored.
 *
 * Not modelled, silently: hysteresis of the detectors, the time that they and a reset by them take.
 *
 * Not confirmed: a wake-up flag that is set when Standby is entered ends it at once; Shutdown keeps the wake-up flags;
 * what an SRAM holds that lost its supply (here 0x6b in each byte).
 */
#include "stm32_pwr_l4.h"

#include "model.h"

#define PWR_CR1   0x00u
#define PWR_CR2   0x04u
#define PWR_CR3   0x08u
#define PWR_CR4   0x0cu
#define PWR_SR1   0x10u
#define PWR_SR2   0x14u
#define PWR_SCR   0x18u
#define PWR_PUCRA 0x20u
#define PWR_WORDS 24u

#define PWR_CR1_LPMS    0x00000007u
#define PWR_CR1_DBP     0x00000100u
#define PWR_CR1_VOS     0x00000600u
#define PWR_CR1_LPR     0x00004000u
#define PWR_CR2_PVDE    0x00000001u
#define PWR_CR2_PVME1   0x00000010u
#define PWR_CR3_RRS     0x00000100u
#define PWR_CR3_APC     0x00000400u
#define PWR_CR3_EIWUL   0x00008000u
#define PWR_CR4_SMPS    0x00002000u
#define PWR_SR1_WUF     0x0000001fu
#define PWR_SR1_SBF     0x00000100u
#define PWR_SR1_WUFI    0x00008000u
#define PWR_SR1_CLEARED 0x0000011fu
#define PWR_SR2_REGLPF  0x00000200u
#define PWR_SR2_VOSF    0x00000400u
#define PWR_SR2_PVDO    0x00000800u
#define PWR_SR2_PVMO1   0x00001000u

#define PWR_WAKEUP_PINS 5u

/* DS10198, wake-up and regulator times, typical: unconfirmed. */
#define VOS_RAISE_PS (20u * PS_PER_US) /* regulator from range 2 to range 1 */
#define LPR_END_PS   (5u * PS_PER_US)  /* low-power to main regulator */

/* RM0351 5.4.2: thresholds of PVD by PLS, and of PVM1 to PVM4 (VDDUSB, VDDIO2, VDDA, VDDA): one supply for all here. */
static const uint16_t pvd_mv[] = {2000, 2200, 2400, 2500, 2600, 2800, 2900};
static const uint16_t pvm_mv[] = {1200, 900, 1620, 2200};
/* RM0351 3.4.1: reset levels by BOR_LEV. Level 0 is always there. */
static const uint16_t bor_mv[] = {1700, 2000, 2200, 2500, 2800};

#define LOST_RAM_BYTE 0x6bu

enum pwr_input {
    PWR_IN_CLK,
    PWR_IN_RST,
    PWR_IN_SLEEPDEEP,
    PWR_IN_WKUP1, /* levels of the five wake-up pins */
    PWR_IN_RTC_ALARM = PWR_IN_WKUP1 + PWR_WAKEUP_PINS,
    PWR_IN_RTC_WKUP,
    PWR_IN_RTC_TAMP,
    PWR_IN_LSECSS,
    PWR_IN_VDD,
    PWR_IN_NRST_STOP, /* options: 0 makes entering the mode a reset */
    PWR_IN_NRST_STDBY,
    PWR_IN_NRST_SHDW,
    PWR_IN_BOR_LEV, /* options: as loaded */
};

/* What "mode" carries; RCC follows it. */
enum pwr_mode {
    PWR_MODE_RUN,
    PWR_MODE_STOP0,
    PWR_MODE_STOP1,
    PWR_MODE_STOP2,
    PWR_MODE_STANDBY,
    PWR_MODE_SHUTDOWN,
};

enum pwr_event {
    PWR_EVENT_VOS,
    PWR_EVENT_LPR,
    PWR_EVENT_COUNT,
};

enum pwr_output {
    PWR_OUT_DBP,
    PWR_OUT_VOS,
    PWR_OUT_LPMS,
    PWR_OUT_MODE,
    PWR_OUT_OFF, /* 1: the core domain has no power */
    PWR_OUT_PVD,
    PWR_OUT_PVM1,
    PWR_OUT_LOW_SUPPLY = PWR_OUT_PVM1 + 4, /* 1: nobody should program flash now */
    PWR_OUT_BROWN_OUT,                     /* 1: below the level at which the chip is held in reset */
};

/* RM0351 5.4; PUCRx and PDCRx pairs by port. SR2 reads 0x100 on a NUCLEO-L476RG after reset. */
static const struct reg_desc pwr_regs[] = {
    {PWR_CR1, "CR1", 0x00000200u, 0x00004707u, 0, 0, 0},
    {PWR_CR2, "CR2", 0, 0x000006ffu, 0, 0, 0},
    {PWR_CR3, "CR3", 0x00008000u, 0x0000851fu, 0, 0, 0},
    {PWR_CR4, "CR4", 0, 0x0000231fu, 0, 0, 0},
    {PWR_SR1, "SR1", 0, 0, 0, 0, 0x0000a11fu},
    {PWR_SR2, "SR2", 0x00000100u, 0, 0, 0, 0x0000ff00u},
    {PWR_SCR, "SCR", 0, 0, 0, 0, 0},
    {0x20u, "PUCRA", 0, 0x0000bfffu, 0, 0, 0},
    {0x24u, "PDCRA", 0, 0x00005fffu, 0, 0, 0},
    {0x28u, "PUCRB", 0, 0x0000ffffu, 0, 0, 0},
    {0x2cu, "PDCRB", 0, 0x0000ffefu, 0, 0, 0},
    {0x30u, "PUCRC", 0, 0x0000ffffu, 0, 0, 0},
    {0x34u, "PDCRC", 0, 0x0000ffffu, 0, 0, 0},
    {0x38u, "PUCRD", 0, 0x0000ffffu, 0, 0, 0},
    {0x3cu, "PDCRD", 0, 0x0000ffffu, 0, 0, 0},
    {0x40u, "PUCRE", 0, 0x0000ffffu, 0, 0, 0},
    {0x44u, "PDCRE", 0, 0x0000ffffu, 0, 0, 0},
    {0x48u, "PUCRF", 0, 0x0000ffffu, 0, 0, 0},
    {0x4cu, "PDCRF", 0, 0x0000ffffu, 0, 0, 0},
    {0x50u, "PUCRG", 0, 0x0000ffffu, 0, 0, 0},
    {0x54u, "PDCRG", 0, 0x0000ffffu, 0, 0, 0},
    {0x58u, "PUCRH", 0, 0x00000003u, 0, 0, 0},
    {0x5cu, "PDCRH", 0, 0x00000003u, 0, 0, 0},
};

static const char *const pwr_inputs[] = {"clk",   "rst",       "sleepdeep",  "wkup1",     "wkup2",    "wkup3",
                                         "wkup4", "wkup5",     "rtc_alarm",  "rtc_wkup",  "rtc_tamp", "lsecss",
                                         "vdd",   "nrst_stop", "nrst_stdby", "nrst_shdw", "bor_lev",  NULL};
static const char *const pwr_outputs[] = {"dbp",  "vos",  "lpms", "mode",       "off",       "pvd", "pvm1",
                                          "pvm2", "pvm3", "pvm4", "low_supply", "brown_out", NULL};

struct pwr_state {
    uint32_t word[PWR_WORDS];
    uint32_t mode; /* enum pwr_mode */
    uint32_t pins; /* levels of the wake-up pins, as seen last */
};
_Static_assert(sizeof(struct pwr_state) == 104, "state of PWR");

static void drive(struct device *dev)
{
    const struct pwr_state *s = dev->state;
    uint32_t cr1 = s->word[PWR_CR1 / 4u];
    dev_output(dev, PWR_OUT_DBP, (cr1 & PWR_CR1_DBP) != 0);
    dev_output(dev, PWR_OUT_VOS, bits(cr1, 9, 10));
    dev_output(dev, PWR_OUT_LPMS, cr1 & PWR_CR1_LPMS);
}

/* --- supply ---------------------------------------------------------------------------------- */
/**
 * No figure says how far down flash can be programmed while the supply falls. What the firmware has chosen for PVD is
 * taken for its claim; of one that does not use PVD, the highest level is expected.
 */
static uint32_t trusted_mv(uint32_t cr2)
{
    uint32_t pls = bits(cr2, 1, 3), highest = (uint32_t)ARRAY_LENGTH(pvd_mv) - 1u;
    return pvd_mv[(cr2 & PWR_CR2_PVDE) != 0 && pls < highest ? pls : highest];
}

static void update_detectors(struct device *dev)
{
    struct pwr_state *s = dev->state;
    uint32_t cr2 = s->word[PWR_CR2 / 4u];
    uint32_t *sr2 = &s->word[PWR_SR2 / 4u];
    uint64_t vdd = dev_input(dev, PWR_IN_VDD), level = dev_input(dev, PWR_IN_BOR_LEV);
    uint32_t mv = (pin_is_driven(vdd) ? pin_microvolts(vdd) : SUPPLY_UV) / 1000u;
    uint32_t pls = bits(cr2, 1, 3), highest_bor = (uint32_t)ARRAY_LENGTH(bor_mv) - 1u;
    bool low = (cr2 & PWR_CR2_PVDE) != 0 && pls < ARRAY_LENGTH(pvd_mv) && mv < pvd_mv[pls];

    *sr2 = low ? *sr2 | PWR_SR2_PVDO : *sr2 & ~PWR_SR2_PVDO;
    dev_output(dev, PWR_OUT_PVD, low);
    for (uint32_t i = 0; i < ARRAY_LENGTH(pvm_mv); i++) {
        low = (cr2 & PWR_CR2_PVME1 << i) != 0 && mv < pvm_mv[i];
        *sr2 = low ? *sr2 | PWR_SR2_PVMO1 << i : *sr2 & ~(PWR_SR2_PVMO1 << i);
        dev_output(dev, PWR_OUT_PVM1 + i, low);
    }
    dev_output(dev, PWR_OUT_LOW_SUPPLY, mv < trusted_mv(cr2));
    dev_output(dev, PWR_OUT_BROWN_OUT, mv < bor_mv[level < highest_bor ? level : highest_bor]);
}

/* --- low-power modes -------------------------------------------------------------------------- */
static bool is_off(const struct pwr_state *s)
{
    return s->mode >= PWR_MODE_STANDBY;
}

/** RM0351 5.4.5: WUFI is there as long as an internal source is. */
static void update_internal(struct device *dev)
{
    struct pwr_state *s = dev->state;
    bool source = dev_input(dev, PWR_IN_RTC_ALARM) != 0 || dev_input(dev, PWR_IN_RTC_WKUP) != 0 ||
                  dev_input(dev, PWR_IN_RTC_TAMP) != 0 || dev_input(dev, PWR_IN_LSECSS) != 0;
    uint32_t *sr1 = &s->word[PWR_SR1 / 4u];

    if (source && (s->word[PWR_CR3 / 4u] & PWR_CR3_EIWUL) != 0)
        *sr1 |= PWR_SR1_WUFI;
    else
        *sr1 &= ~PWR_SR1_WUFI;
}

static void wake_if_flagged(struct device *dev)
{
    const struct pwr_state *s = dev->state;
    if (is_off(s) && (s->word[PWR_SR1 / 4u] & (PWR_SR1_WUF | PWR_SR1_WUFI)) != 0)
        dev_request_reset(dev, RESET_STANDBY);
}

/** A wake-up pin at its level while enabled sets its flag: RM0351 5.4.3, a level that was there before counts, too. */
static void check_pin(struct device *dev, uint32_t pin)
{
    struct pwr_state *s = dev->state;
    uint32_t low = bits(s->word[PWR_CR4 / 4u], pin, pin);
    if (bits(s->word[PWR_CR3 / 4u], pin, pin) != 0 && bits(s->pins, pin, pin) != low)
        s->word[PWR_SR1 / 4u] |= 1u << pin;
}

static void lose_ram(struct device *dev, uint32_t store)
{
    dev_ram_fill(dev, store, 0, dev_store_size(dev, store), LOST_RAM_BYTE);
}

static void enter(struct device *dev, enum pwr_mode mode)
{
    struct pwr_state *s = dev->state;
    const struct stm32_pwr_l4_params *params = dev->params;

    /* RM0351 3.4.1: nRST_STOP, nRST_STDBY, nRST_SHDW */
    uint32_t option = mode == PWR_MODE_SHUTDOWN  ? PWR_IN_NRST_SHDW
                      : mode == PWR_MODE_STANDBY ? PWR_IN_NRST_STDBY
                                                 : PWR_IN_NRST_STOP;
    if (dev_input(dev, option) == 0) {
        dev_request_reset(dev, RESET_LOW_POWER);
        return;
    }
    if (mode == PWR_MODE_STOP2 && (s->word[PWR_CR1 / 4u] & PWR_CR1_LPR) != 0)
        dev_guest_error(dev, PWR_CR1, "Stop 2 entered from low-power run");
    s->mode = mode;
    if (mode == PWR_MODE_STANDBY)
        s->word[PWR_SR1 / 4u] |= PWR_SR1_SBF;
    dev_output(dev, PWR_OUT_OFF, is_off(s)); /* before RCC resets what has no power */
    dev_output(dev, PWR_OUT_MODE, mode);
    if (!is_off(s))
        return;
    if (params != NULL) {
        lose_ram(dev, params->store_sram1);
        if (mode == PWR_MODE_SHUTDOWN || (s->word[PWR_CR3 / 4u] & PWR_CR3_RRS) == 0)
            lose_ram(dev, params->store_sram2);
    }
    wake_if_flagged(dev);
}

static void sleep_changed(struct device *dev, bool asleep)
{
    struct pwr_state *s = dev->state;
    uint32_t lpms = s->word[PWR_CR1 / 4u] & PWR_CR1_LPMS;

    if (asleep && s->mode == PWR_MODE_RUN) {
        enter(dev, lpms >= 4u ? PWR_MODE_SHUTDOWN : (enum pwr_mode)(PWR_MODE_STOP0 + lpms));
    } else if (!asleep && is_off(s)) {
        dev_request_reset(dev, RESET_STANDBY); /* there is no way back but through reset */
    } else if (!asleep && s->mode != PWR_MODE_RUN) {
        s->mode = PWR_MODE_RUN;
        dev_output(dev, PWR_OUT_MODE, PWR_MODE_RUN);
    }
}

static void pwr_reset(struct device *dev, enum reset_kind kind)
{
    struct pwr_state *s = dev->state;
    /* RM0351 5.4: CR3, CR4 and the pull registers keep their values over Standby and over PWRRST; SR1 over every reset
     * but power-on. Any reset ends Standby. */
    bool standby = kind == RESET_STANDBY || s->mode == PWR_MODE_STANDBY;
    bool keep = (standby && s->mode != PWR_MODE_SHUTDOWN) || kind == RESET_PERIPHERAL;

    for (uint32_t i = 0; i < ARRAY_LENGTH(pwr_regs); i++) {
        uint32_t offset = pwr_regs[i].offset;
        bool kept = keep && (offset == PWR_CR3 || offset == PWR_CR4 || offset >= PWR_PUCRA);
        if (!kept && offset != PWR_SR1)
            s->word[offset / 4u] = pwr_regs[i].reset;
    }
    if (kind == RESET_STANDBY && s->mode != PWR_MODE_SHUTDOWN)
        s->word[PWR_SR1 / 4u] |= PWR_SR1_SBF;
    for (uint32_t event = 0; event < PWR_EVENT_COUNT; event++)
        dev_event_cancel(dev, event);
    if (kind != RESET_PERIPHERAL)
        s->mode = PWR_MODE_RUN;
    for (uint32_t pin = 0; pin < PWR_WAKEUP_PINS; pin++)
        s->pins = (s->pins & ~(1u << pin)) | (dev_input(dev, PWR_IN_WKUP1 + pin) != 0 ? 1u << pin : 0);
    drive(dev);
    dev_output(dev, PWR_OUT_OFF, 0);
    dev_output(dev, PWR_OUT_MODE, s->mode);
    update_detectors(dev);
    update_internal(dev);
}

static uint32_t pwr_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct pwr_state *s = dev->state;
    if (model_register(dev, offset) == NULL)
        return 0;
    return reg_lane_read(s->word[offset / 4u], offset, size);
}

static void write_cr1(struct device *dev, uint32_t old, uint32_t value)
{
    struct pwr_state *s = dev->state;
    uint32_t vos = value & PWR_CR1_VOS;

    if (vos == 0 || vos == PWR_CR1_VOS) {
        dev_guest_error(dev, PWR_CR1, "PWR_CR1.VOS: reserved value");
        value = (value & ~PWR_CR1_VOS) | (old & PWR_CR1_VOS);
    } else if (vos < (old & PWR_CR1_VOS)) {
        /* Up to range 1: VOSF until the regulator is there. Down: no flag worth waiting for. */
        s->word[PWR_SR2 / 4u] |= PWR_SR2_VOSF;
        dev_event_after(dev, PWR_EVENT_VOS, VOS_RAISE_PS);
    }
    if ((value & ~old & PWR_CR1_LPR) != 0) {
        s->word[PWR_SR2 / 4u] |= PWR_SR2_REGLPF;
        dev_event_cancel(dev, PWR_EVENT_LPR);
    } else if ((old & ~value & PWR_CR1_LPR) != 0) {
        dev_event_after(dev, PWR_EVENT_LPR, LPR_END_PS);
    }
    s->word[PWR_CR1 / 4u] = value;
    drive(dev);
}

static void pwr_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct pwr_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t old = s->word[offset / 4u];
    uint32_t new = reg_written(reg, old, word, reg_lane_mask(offset, size));

    switch (reg->offset) {
    case PWR_CR1:
        write_cr1(dev, old, new);
        return;
    case PWR_SCR:
        s->word[PWR_SR1 / 4u] &= ~(word & PWR_SR1_CLEARED);
        return;
    case PWR_CR2:
        s->word[offset / 4u] = new;
        if ((new &PWR_CR2_PVDE) != 0 && bits(new, 1, 3) >= ARRAY_LENGTH(pvd_mv))
            dev_gap(dev, offset, true, new, "PWR_CR2.PLS = 7: PVD_IN");
        update_detectors(dev);
        return;
    case PWR_CR3:
        if ((new & ~old &PWR_CR3_APC) != 0)
            dev_gap(dev, offset, true, new, "PWR_CR3.APC: applied pulls");
        break;
    case PWR_CR4:
        if ((new & ~old &PWR_CR4_SMPS) != 0)
            dev_gap(dev, offset, true, new, "PWR_CR4.EXT_SMPS_ON");
        break;
    default:
        break;
    }
    s->word[offset / 4u] = new;
    if (reg->offset != PWR_CR3)
        return;
    for (uint32_t pin = 0; pin < PWR_WAKEUP_PINS; pin++)
        if ((new & ~old & 1u << pin) != 0)
            check_pin(dev, pin);
    update_internal(dev);
}

static void pwr_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    struct pwr_state *s = dev->state;

    if (input == PWR_IN_SLEEPDEEP) {
        sleep_changed(dev, value != 0);
    } else if (input >= PWR_IN_WKUP1 && input < PWR_IN_WKUP1 + PWR_WAKEUP_PINS) {
        uint32_t pin = input - PWR_IN_WKUP1;
        if (bits(s->pins, pin, pin) == (value != 0))
            return;
        s->pins ^= 1u << pin;
        check_pin(dev, pin);
        wake_if_flagged(dev);
    } else if (input == PWR_IN_VDD || input == PWR_IN_BOR_LEV) {
        update_detectors(dev);
    } else if (input >= PWR_IN_RTC_ALARM && input < PWR_IN_VDD) {
        update_internal(dev);
        wake_if_flagged(dev);
    }
}

static void pwr_on_event(struct device *dev, uint32_t event)
{
    struct pwr_state *s = dev->state;
    s->word[PWR_SR2 / 4u] &= event == PWR_EVENT_VOS ? ~PWR_SR2_VOSF : ~PWR_SR2_REGLPF;
}

const struct device_model stm32_pwr_l4_model = {
    .name = "stm32_pwr_l4",
    .state_size = sizeof(struct pwr_state),
    .regs = pwr_regs,
    .reg_count = ARRAY_LENGTH(pwr_regs),
    .inputs = pwr_inputs,
    .outputs = pwr_outputs,
    .event_count = PWR_EVENT_COUNT,
    .reset = pwr_reset,
    .read = pwr_read,
    .write = pwr_write,
    .on_input = pwr_on_input,
    .on_event = pwr_on_event,
};
