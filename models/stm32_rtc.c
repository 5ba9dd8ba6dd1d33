/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Real-time clock of the STM32L4x6 (RM0351 chapter 38): registers, flags, protection. Its time is in stm32_rtc_time.c.
 *
 * Modelled: calendar with leap years and both hour formats, initialization mode, prescalers, sub-seconds, shadow
 * registers and their locks, shift, alarms A and B with masks and sub-seconds, wake-up timer, time stamp and tamper
 * detection on their pins, erase of the backup registers, write protection, 32 backup registers; the delays of the
 * synchronization flags in cycles of RTCCLK. All but INIT, INITF and RSF survives a system reset.
 *
 * Not modelled, reported as gaps: reference clock (REFCKON), outputs on a pin (COE, OSEL). Stored only: calibration
 * (CALR: time stays exact), filter, sampling rate and precharge of the tamper inputs (a level is seen at once),
 * internal time stamp (ITSE: there is no switch to VBAT), OR. The wake-up timer begins a full period of its clock when
 * enabled.
 */
#include "stm32_rtc_private.h"

#define SYNC_CYCLES 2u /* RM0351 38.3.9: a flag takes two cycles of RTCCLK */

#define BACKUP(n) {RTC_BKP0R + 4u * (n), "BKP" #n "R", 0, 0xffffffffu, 0, 0, 0}

/* RM0351 38.6. The flags of ISR are cleared by writing 0, which no mask of the table says; ADD1H and SUB1H read 0. */
static const struct reg_desc rtc_regs[] = {
    {RTC_TR, "TR", 0, 0x007f7f7fu, 0, 0, 0},
    {RTC_DR, "DR", 0x00002101u, 0x00ffff3fu, 0, 0, 0},
    {RTC_CR, "CR", 0, 0x01fcff7fu, 0, 0, 0},
    {RTC_ISR, "ISR", 0x00000007u, RTC_ISR_INIT, 0, 0, 0x0003ff7fu},
    {RTC_PRER, "PRER", 0x007f00ffu, 0x007f7fffu, 0, 0, 0},
    {RTC_WUTR, "WUTR", 0x0000ffffu, 0x0000ffffu, 0, 0, 0},
    {RTC_ALRMAR, "ALRMAR", 0, 0xffffffffu, 0, 0, 0},
    {RTC_ALRMBR, "ALRMBR", 0, 0xffffffffu, 0, 0, 0},
    {RTC_WPR, "WPR", 0, 0, 0, 0, 0},
    {RTC_SSR, "SSR", 0, 0, 0, 0, 0x0000ffffu},
    {RTC_SHIFTR, "SHIFTR", 0, 0, 0, 0, 0},
    {RTC_TSTR, "TSTR", 0, 0, 0, 0, 0x007f7f7fu},
    {RTC_TSDR, "TSDR", 0, 0, 0, 0, 0x0000ff3fu},
    {RTC_TSSSR, "TSSSR", 0, 0, 0, 0, 0x0000ffffu},
    {RTC_CALR, "CALR", 0, 0x0000e1ffu, 0, 0, 0},
    {RTC_TAMPCR, "TAMPCR", 0, 0x01ffffffu, 0, 0, 0},
    {RTC_ALRMASSR, "ALRMASSR", 0, 0x0f007fffu, 0, 0, 0},
    {RTC_ALRMBSSR, "ALRMBSSR", 0, 0x0f007fffu, 0, 0, 0},
    {RTC_OR, "OR", 0, 0x00000003u, 0, 0, 0},
    BACKUP(0),
    BACKUP(1),
    BACKUP(2),
    BACKUP(3),
    BACKUP(4),
    BACKUP(5),
    BACKUP(6),
    BACKUP(7),
    BACKUP(8),
    BACKUP(9),
    BACKUP(10),
    BACKUP(11),
    BACKUP(12),
    BACKUP(13),
    BACKUP(14),
    BACKUP(15),
    BACKUP(16),
    BACKUP(17),
    BACKUP(18),
    BACKUP(19),
    BACKUP(20),
    BACKUP(21),
    BACKUP(22),
    BACKUP(23),
    BACKUP(24),
    BACKUP(25),
    BACKUP(26),
    BACKUP(27),
    BACKUP(28),
    BACKUP(29),
    BACKUP(30),
    BACKUP(31),
};

static const char *const rtc_inputs[] = {"hz", "rst", "dbp", "erase", "tamp1", "tamp2", "tamp3", NULL};
static const char *const rtc_outputs[] = {"alarm", "wkup",  "tamp",  "alarm_a", "alarm_b",
                                          "tamp1", "tamp2", "tamp3", NULL};

_Static_assert(sizeof(struct rtc_state) == 24 + 56 + 8 + 16 + 24 + 208 + 16, "state of the RTC");

/* --- flags ----------------------------------------------------------------------------------- */
static bool synchronized(const struct device *dev, enum rtc_sync sync)
{
    return rtc_clock(dev) >= rtc_state(dev)->sync[sync];
}

static void begin_sync(struct device *dev, enum rtc_sync sync, uint32_t cycles)
{
    rtc_state(dev)->sync[sync] = rtc_clock(dev) + cycles;
}

static uint32_t read_isr(const struct device *dev)
{
    const struct rtc_state *s = rtc_state(dev);
    uint32_t cr = s->word[RTC_CR / 4u];
    uint32_t isr = s->word[RTC_ISR / 4u] & (RTC_ISR_FLAGS | RTC_ISR_INIT);
    bool init = (isr & RTC_ISR_INIT) != 0 && synchronized(dev, RTC_SYNC_INITF);

    for (uint32_t i = 0; i < RTC_ALARMS; i++)
        if (init || ((cr & RTC_CR_ALRAE << i) == 0 && synchronized(dev, (enum rtc_sync)(RTC_SYNC_ALRAWF + i))))
            isr |= RTC_ISR_ALRAWF << i;
    if ((cr & RTC_CR_WUTE) == 0 && synchronized(dev, RTC_SYNC_WUTWF))
        isr |= RTC_ISR_WUTWF;
    if (!synchronized(dev, RTC_SYNC_SHPF))
        isr |= RTC_ISR_SHPF;
    if (!synchronized(dev, RTC_SYNC_RECALPF))
        isr |= RTC_ISR_RECALPF;
    if (init)
        isr |= RTC_ISR_INITF;
    else if (synchronized(dev, RTC_SYNC_RSF) && s->hz != 0)
        isr |= RTC_ISR_RSF;
    if (bits(rtc_calendar(dev).dr, 16, 23) != 0)
        isr |= RTC_ISR_INITS; /* RM0351 38.6.4: the year is not 0 */
    return isr;
}

static bool initializing(const struct device *dev)
{
    return (read_isr(dev) & RTC_ISR_INITF) != 0;
}

static void drive(struct device *dev)
{
    const struct rtc_state *s = rtc_state(dev);
    uint32_t cr = s->word[RTC_CR / 4u], isr = s->word[RTC_ISR / 4u], tampcr = s->word[RTC_TAMPCR / 4u];
    bool alarm = false, tamp = (isr & RTC_ISR_TSF) != 0 && (cr & RTC_CR_TSIE) != 0;

    for (uint32_t i = 0; i < RTC_ALARMS; i++)
        alarm = alarm || ((isr & RTC_ISR_ALRAF << i) != 0 && (cr & RTC_CR_ALRAIE << i) != 0);
    for (uint32_t i = 0; i < RTC_TAMPERS; i++) {
        bool enabled = bits(tampcr, 2, 2) != 0 || bits(tampcr, 16u + 3u * i, 16u + 3u * i) != 0;
        tamp = tamp || ((isr & RTC_ISR_TAMP1F << i) != 0 && enabled);
    }
    /* Triggers of the LPTIMs. That they are the flags' levels is not confirmed. */
    for (uint32_t i = 0; i < RTC_ALARMS; i++)
        dev_output(dev, RTC_OUT_ALARM_A + i, (isr & RTC_ISR_ALRAF << i) != 0);
    for (uint32_t i = 0; i < RTC_TAMPERS; i++)
        dev_output(dev, RTC_OUT_TAMP1 + i, (isr & RTC_ISR_TAMP1F << i) != 0);
    dev_output(dev, RTC_OUT_ALARM, alarm);
    dev_output(dev, RTC_OUT_WKUP, (isr & RTC_ISR_WUTF) != 0 && (cr & RTC_CR_WUTIE) != 0);
    dev_output(dev, RTC_OUT_TAMP, tamp);
}

/* --- time stamp and tampers ------------------------------------------------------------------ */
static void take_time_stamp(struct device *dev)
{
    struct rtc_state *s = rtc_state(dev);
    struct rtc_calendar now = rtc_calendar(dev);

    if ((s->word[RTC_ISR / 4u] & RTC_ISR_TSF) != 0) {
        s->word[RTC_ISR / 4u] |= RTC_ISR_TSOVF;
        return;
    }
    s->word[RTC_ISR / 4u] |= RTC_ISR_TSF;
    s->word[RTC_TSTR / 4u] = now.tr;
    s->word[RTC_TSDR / 4u] = now.dr & 0x0000ff3fu;
    s->word[RTC_TSSSR / 4u] = now.ssr;
}

static void erase_backups(struct rtc_state *s)
{
    for (uint32_t i = 0; i < RTC_BACKUPS; i++)
        s->word[RTC_BKP0R / 4u + i] = 0;
}

/** A tamper pin at the level that the edge ends with, or that is the tamper: RM0351 38.6.16. */
static void check_tamper(struct device *dev, uint32_t pin)
{
    /* TAMPxE and TAMPxTRG of the three inputs */
    static const uint8_t enable_bits[RTC_TAMPERS] = {0, 3, 5};
    struct rtc_state *s = rtc_state(dev);
    uint32_t tampcr = s->word[RTC_TAMPCR / 4u];
    uint32_t trigger = bits(tampcr, enable_bits[pin] + 1u, enable_bits[pin] + 1u);
    bool by_level = bits(tampcr, 11, 12) != 0;
    uint32_t active = by_level ? trigger : !trigger;
    uint32_t options = bits(tampcr, 16u + 3u * pin, 18u + 3u * pin); /* IE, NOERASE, MF */

    if (bits(tampcr, enable_bits[pin], enable_bits[pin]) == 0 || bits(s->pins, pin, pin) != active)
        return;
    if ((options & 4u) != 0) { /* RM0351 38.6.16, TAMPxMF: a trigger for LPTIM only */
        dev_output(dev, RTC_OUT_TAMP1 + pin, 1);
        dev_output(dev, RTC_OUT_TAMP1 + pin, 0);
        return;
    }
    s->word[RTC_ISR / 4u] |= RTC_ISR_TAMP1F << pin;
    if ((options & 2u) == 0)
        erase_backups(s);
    if (bits(tampcr, 7, 7) != 0)
        take_time_stamp(dev);
    drive(dev);
}

static void pin_changed(struct device *dev, uint32_t pin, bool high)
{
    struct rtc_state *s = rtc_state(dev);
    uint32_t cr = s->word[RTC_CR / 4u];

    if (bits(s->pins, pin, pin) == high)
        return;
    s->pins ^= 1u << pin;
    if (pin == 0 && (cr & RTC_CR_TSE) != 0 && high == ((cr & RTC_CR_TSEDGE) == 0)) {
        take_time_stamp(dev);
        drive(dev);
    }
    check_tamper(dev, pin);
}

/* --- reset ----------------------------------------------------------------------------------- */
static void domain_reset(struct device *dev)
{
    struct rtc_state *s = rtc_state(dev);

    s->since_ps = dev_now_ps(dev);
    s->clock = 0;
    s->hz = dev_input(dev, RTC_IN_HZ);
    for (uint32_t i = 0; i < RTC_SYNC_COUNT; i++)
        s->sync[i] = 0;
    model_reset_words(dev, s->word);
    s->unlocked = 0;
    for (uint32_t pin = 0; pin < RTC_TAMPERS; pin++)
        s->pins = (s->pins & ~(1u << pin)) | (dev_input(dev, RTC_IN_TAMP1 + pin) != 0 ? 1u << pin : 0);
}

static void rtc_reset(struct device *dev, enum reset_kind kind)
{
    struct rtc_state *s = rtc_state(dev);
    bool whole = kind == RESET_POWER_ON || kind == RESET_PERIPHERAL;

    if (whole)
        domain_reset(dev);
    else
        rtc_settle(dev);
    s->lock = 0;
    s->word[RTC_ISR / 4u] &= ~RTC_ISR_INIT;
    begin_sync(dev, RTC_SYNC_RSF, SYNC_CYCLES);
    if (whole || s->stopped != 0)
        rtc_start_calendar(dev);
    rtc_plan(dev); /* a reset of the machine cancels all events */
    drive(dev);
}

/* --- reads ----------------------------------------------------------------------------------- */
/** RM0351 38.3.8: a read of SSR or TR locks what is above it in the shadow registers until DR is read. */
static uint32_t read_calendar(struct device *dev, uint32_t offset)
{
    struct rtc_state *s = rtc_state(dev);
    struct rtc_calendar now = rtc_calendar(dev);
    bool shadow = (s->word[RTC_CR / 4u] & RTC_CR_BYPSHAD) == 0 && s->stopped == 0;

    if (offset == RTC_SSR) {
        if (shadow && s->lock < 2u) {
            s->word[RTC_TR / 4u] = now.tr;
            if (s->lock == 0)
                s->word[RTC_DR / 4u] = now.dr;
            s->lock = 2u;
        }
        return now.ssr;
    }
    if (offset == RTC_TR) {
        if (!shadow)
            return now.tr;
        if (s->lock == 2u)
            return s->word[RTC_TR / 4u];
        if (s->lock == 0) {
            s->word[RTC_DR / 4u] = now.dr;
            s->lock = 1u;
        }
        return now.tr;
    }
    bool locked = shadow && s->lock != 0;
    s->lock = 0;
    return locked ? s->word[RTC_DR / 4u] : now.dr;
}

static uint32_t rtc_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct rtc_state *s = rtc_state(dev);
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return 0;
    switch (reg->offset) {
    case RTC_TR:
    case RTC_DR:
    case RTC_SSR:
        return reg_lane_read(read_calendar(dev, reg->offset), offset, size);
    case RTC_ISR:
        return reg_lane_read(read_isr(dev), offset, size);
    default:
        return reg_lane_read(s->word[offset / 4u], offset, size);
    }
}

/* --- writes ---------------------------------------------------------------------------------- */
static void write_isr(struct device *dev, uint32_t value, uint32_t lanes)
{
    struct rtc_state *s = rtc_state(dev);
    uint32_t *isr = &s->word[RTC_ISR / 4u];
    bool open = s->unlocked == 2u;

    if ((*isr & ~value & lanes & RTC_ISR_TSF) != 0)
        s->word[RTC_TSTR / 4u] = s->word[RTC_TSDR / 4u] = s->word[RTC_TSSSR / 4u] = 0;
    *isr &= value | ~(lanes & RTC_ISR_FLAGS);
    drive(dev);
    if (!open)
        return; /* RM0351 38.3.7: only the flags are not protected */
    if ((value & RTC_ISR_RSF) == 0 && (lanes & RTC_ISR_RSF) != 0)
        begin_sync(dev, RTC_SYNC_RSF, SYNC_CYCLES);
    if ((lanes & RTC_ISR_INIT) == 0 || ((*isr ^ value) & RTC_ISR_INIT) == 0)
        return;
    *isr ^= RTC_ISR_INIT;
    if ((*isr & RTC_ISR_INIT) != 0) {
        struct rtc_calendar now = rtc_calendar(dev);
        s->word[RTC_TR / 4u] = now.tr;
        s->word[RTC_DR / 4u] = now.dr;
        s->word[RTC_SSR / 4u] = now.ssr;
        s->stopped = 1;
        s->lock = 0;
        begin_sync(dev, RTC_SYNC_INITF, SYNC_CYCLES);
        rtc_plan(dev);
    } else {
        begin_sync(dev, RTC_SYNC_RSF, SYNC_CYCLES);
        rtc_start_calendar(dev);
    }
}

static void write_cr(struct device *dev, uint32_t old, uint32_t new, uint32_t value)
{
    struct rtc_state *s = rtc_state(dev);
    uint32_t frozen = 0;

    if (!initializing(dev))
        frozen |= RTC_CR_FMT | RTC_CR_REFCKON;
    if ((read_isr(dev) & RTC_ISR_WUTWF) == 0)
        frozen |= RTC_CR_WUCKSEL;
    if (((old ^ new) & frozen) != 0)
        dev_guest_error(dev, RTC_CR, "RTC_CR: FMT or REFCKON outside initialization, or WUCKSEL while WUTWF is 0");
    new = (new & ~frozen) | (old & frozen);
    if ((new & ~old &(RTC_CR_REFCKON | RTC_CR_OUTPUTS)) != 0)
        dev_gap(dev, RTC_CR, true, new, "RTC_CR: reference clock (REFCKON), output on a pin (OSEL, COE)");
    s->word[RTC_CR / 4u] = new;
    for (uint32_t i = 0; i < RTC_ALARMS; i++)
        if ((old & ~new &RTC_CR_ALRAE << i) != 0)
            begin_sync(dev, (enum rtc_sync)(RTC_SYNC_ALRAWF + i), SYNC_CYCLES);
    if ((old & ~new &RTC_CR_WUTE) != 0)
        begin_sync(dev, RTC_SYNC_WUTWF, SYNC_CYCLES);
    if ((new & ~old &RTC_CR_WUTE) != 0)
        rtc_start_wake_up(dev);
    if ((value & (RTC_CR_ADD1H | RTC_CR_SUB1H)) != 0 && s->stopped == 0)
        rtc_add_hours(dev, (value & RTC_CR_ADD1H) != 0 ? 1 : -1);
    rtc_plan(dev);
    drive(dev);
}

/** What has to be true of ISR for a register to take a value. */
static uint32_t needed_flags(uint32_t offset)
{
    switch (offset) {
    case RTC_TR:
    case RTC_DR:
    case RTC_PRER:
        return RTC_ISR_INITF;
    case RTC_WUTR:
        return RTC_ISR_WUTWF;
    case RTC_ALRMAR:
    case RTC_ALRMASSR:
        return RTC_ISR_ALRAWF;
    case RTC_ALRMBR:
    case RTC_ALRMBSSR:
        return RTC_ISR_ALRAWF << 1;
    default:
        return 0;
    }
}

/** Registers behind the keys of WPR. */
static void write_protected(struct device *dev, const struct reg_desc *reg, uint32_t value, uint32_t lanes)
{
    struct rtc_state *s = rtc_state(dev);
    uint32_t *word = &s->word[reg->offset / 4u];
    uint32_t new = reg_written(reg, *word, value, lanes);
    uint32_t needed = needed_flags(reg->offset);

    if (s->unlocked != 2u) {
        dev_guest_error(dev, reg->offset, "RTC register written while write protected");
        return;
    }
    if ((read_isr(dev) & needed) != needed) {
        dev_guest_error(dev, reg->offset, "RTC register written while INITF, WUTWF or ALRxWF is 0");
        return;
    }
    switch (reg->offset) {
    case RTC_CR:
        write_cr(dev, *word, new, value);
        break;
    case RTC_SHIFTR:
        if (s->stopped == 0)
            rtc_shift(dev, (value & 0x80000000u) != 0, value & 0x7fffu);
        begin_sync(dev, RTC_SYNC_SHPF, SYNC_CYCLES);
        begin_sync(dev, RTC_SYNC_RSF, SYNC_CYCLES);
        break;
    case RTC_CALR:
        *word = new;
        begin_sync(dev, RTC_SYNC_RECALPF, 3u * (bits(s->word[RTC_PRER / 4u], 16, 22) + 1u)); /* three ck_apre */
        break;
    default:
        *word = new;
        break;
    }
}

static void write_key(struct rtc_state *s, uint32_t key)
{
    /* RM0351 38.3.7: 0xca, then 0x53; anything else closes again. */
    if (key == 0xcau)
        s->unlocked = 1;
    else
        s->unlocked = s->unlocked == 1u && key == 0x53u ? 2u : 0u;
}

static void write_tampcr(struct device *dev, uint32_t value)
{
    rtc_state(dev)->word[RTC_TAMPCR / 4u] = value;
    for (uint32_t pin = 0; pin < RTC_TAMPERS; pin++)
        check_tamper(dev, pin);
    drive(dev);
}

static void rtc_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct rtc_state *s = rtc_state(dev);
    const struct reg_desc *reg = model_register(dev, offset);
    uint32_t lanes = reg_lane_mask(offset, size);
    uint32_t word = reg_lane_merge(0, offset, size, value);

    if (reg == NULL || dev_input(dev, RTC_IN_RST) != 0)
        return;
    if (dev_input(dev, RTC_IN_DBP) == 0) {
        dev_guest_error(dev, offset, "RTC register written while PWR_CR1.DBP is 0");
        return;
    }
    rtc_settle(dev);
    if (reg->offset == RTC_WPR) {
        write_key(s, word & 0xffu);
    } else if (reg->offset == RTC_ISR) {
        write_isr(dev, word, lanes);
    } else if (reg->offset == RTC_TAMPCR) {
        write_tampcr(dev, reg_written(reg, s->word[offset / 4u], word, lanes));
    } else if (reg->offset >= RTC_BKP0R) {
        /* RM0351 38.3.15: held at 0 while a tamper flag is set */
        if ((s->word[RTC_ISR / 4u] & RTC_ISR_TAMP1F * 7u) == 0)
            s->word[offset / 4u] = reg_written(reg, s->word[offset / 4u], word, lanes);
    } else if (reg->offset == RTC_OR) {
        s->word[offset / 4u] = reg_written(reg, s->word[offset / 4u], word, lanes);
    } else {
        write_protected(dev, reg, word, lanes);
    }
}

/* --- wires and events ------------------------------------------------------------------------ */
static void rtc_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    if (input == RTC_IN_HZ) {
        rtc_settle(dev);
        rtc_clock_changed(dev);
        rtc_plan(dev);
    } else if (input == RTC_IN_ERASE && value != 0) {
        erase_backups(rtc_state(dev));
    } else if (input >= RTC_IN_TAMP1) {
        pin_changed(dev, input - RTC_IN_TAMP1, value != 0);
    }
}

static void rtc_on_event(struct device *dev, uint32_t event)
{
    (void)event;
    rtc_settle(dev);
    rtc_plan(dev);
    drive(dev);
}

const struct device_model stm32_rtc_model = {
    .name = "stm32_rtc",
    .state_size = sizeof(struct rtc_state),
    .regs = rtc_regs,
    .reg_count = ARRAY_LENGTH(rtc_regs),
    .inputs = rtc_inputs,
    .outputs = rtc_outputs,
    .event_count = RTC_EVENT_COUNT,
    .reset = rtc_reset,
    .read = rtc_read,
    .write = rtc_write,
    .on_input = rtc_on_input,
    .on_event = rtc_on_event,
};
