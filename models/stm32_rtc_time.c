/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Calendar, alarms and wake-up timer of the RTC (RM0351 38.3), counted in cycles of RTCCLK.
 */
#include "stm32_rtc_private.h"

#define DAY_S        86400u
#define CENTURY_DAYS 36525u

/* --- RTCCLK ---------------------------------------------------------------------------------- */
uint64_t rtc_clock(const struct device *dev)
{
    const struct rtc_state *s = rtc_state(dev);
    uint64_t elapsed_ps = dev_now_ps(dev) - s->since_ps;
    return s->clock + elapsed_ps / PS_PER_S * s->hz + elapsed_ps % PS_PER_S * s->hz / PS_PER_S;
}

/** When so many cycles will have passed, rounded up; TIME_NEVER without a clock. */
static uint64_t clock_ps(const struct device *dev, uint64_t clock)
{
    const struct rtc_state *s = rtc_state(dev);
    if (s->hz == 0)
        return TIME_NEVER;
    uint64_t cycles = clock > s->clock ? clock - s->clock : 0;
    return s->since_ps + cycles / s->hz * PS_PER_S + (cycles % s->hz * PS_PER_S + s->hz - 1u) / s->hz;
}

void rtc_clock_changed(struct device *dev)
{
    struct rtc_state *s = rtc_state(dev);
    s->clock = rtc_clock(dev);
    s->since_ps = dev_now_ps(dev);
    s->hz = dev_input(dev, RTC_IN_HZ);
}

static uint32_t async_divider(const struct rtc_state *s)
{
    return bits(s->word[RTC_PRER / 4u], 16, 22) + 1u;
}

static uint32_t ticks_a_second(const struct rtc_state *s)
{
    return bits(s->word[RTC_PRER / 4u], 0, 14) + 1u;
}

/** Ticks of ck_apre since the calendar's base. */
static uint64_t tick_now(const struct device *dev)
{
    const struct rtc_state *s = rtc_state(dev);
    return (uint64_t)((int64_t)rtc_clock(dev) - s->base_clock) / async_divider(s);
}

static uint64_t tick_ps(const struct device *dev, uint64_t tick)
{
    const struct rtc_state *s = rtc_state(dev);
    return clock_ps(dev, (uint64_t)(s->base_clock + (int64_t)(tick * async_divider(s))));
}

/* --- calendar -------------------------------------------------------------------------------- */
static uint32_t to_bcd(uint32_t value)
{
    return value / 10u << 4 | value % 10u;
}

static uint32_t from_bcd(uint32_t value)
{
    return (value >> 4) * 10u + (value & 0xfu);
}

static uint32_t month_days(uint32_t month, uint32_t year)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2u && year % 4u == 0 ? 29u : days[month - 1u];
}

static uint32_t time_register(const struct rtc_state *s, uint32_t second)
{
    uint32_t hour = second / 3600u;
    uint32_t pm = 0;
    if ((s->word[RTC_CR / 4u] & RTC_CR_FMT) != 0) {
        pm = hour >= 12u;
        hour = (hour + 11u) % 12u + 1u;
    }
    return pm << 22 | to_bcd(hour) << 16 | to_bcd(second / 60u % 60u) << 8 | to_bcd(second % 60u);
}

static uint32_t date_register(uint32_t day, uint32_t weekday)
{
    uint32_t year = 0, month = 1;
    day %= CENTURY_DAYS;
    while (day >= (year % 4u == 0 ? 366u : 365u))
        day -= year++ % 4u == 0 ? 366u : 365u;
    while (day >= month_days(month, year))
        day -= month_days(month++, year);
    return to_bcd(year) << 16 | weekday << 13 | to_bcd(month) << 8 | to_bcd(day + 1u);
}

/** Calendar at a tick since the base. */
static struct rtc_calendar calendar_at(const struct rtc_state *s, uint64_t tick)
{
    uint64_t seconds = s->base_second + tick / ticks_a_second(s);
    uint64_t days = seconds / DAY_S;
    uint32_t weekday = (uint32_t)((s->base_weekday + 6u + days) % 7u) + 1u;
    return (struct rtc_calendar){
        .tr = time_register(s, (uint32_t)(seconds % DAY_S)),
        .dr = date_register((uint32_t)((s->base_day + days) % CENTURY_DAYS), weekday),
        .ssr = ticks_a_second(s) - 1u - (uint32_t)(tick % ticks_a_second(s)),
    };
}

struct rtc_calendar rtc_calendar(const struct device *dev)
{
    const struct rtc_state *s = rtc_state(dev);
    if (s->stopped != 0)
        return (struct rtc_calendar){s->word[RTC_TR / 4u], s->word[RTC_DR / 4u], s->word[RTC_SSR / 4u]};
    return calendar_at(s, tick_now(dev));
}

static uint32_t at_least_1(uint32_t value, uint32_t maximum)
{
    return value == 0 ? 1u : value > maximum ? maximum : value;
}

void rtc_start_calendar(struct device *dev)
{
    struct rtc_state *s = rtc_state(dev);
    uint32_t tr = s->word[RTC_TR / 4u], dr = s->word[RTC_DR / 4u];
    uint32_t hour = from_bcd(bits(tr, 16, 21));
    uint32_t year = from_bcd(bits(dr, 16, 23)) % 100u;
    uint32_t month = at_least_1(from_bcd(bits(dr, 8, 12)), 12u);

    if ((s->word[RTC_CR / 4u] & RTC_CR_FMT) != 0)
        hour = hour % 12u + (bits(tr, 22, 22) != 0 ? 12u : 0);
    s->base_second = (hour * 3600u + from_bcd(bits(tr, 8, 14)) * 60u + from_bcd(bits(tr, 0, 6))) % DAY_S;
    s->base_day = at_least_1(from_bcd(bits(dr, 0, 5)), month_days(month, year)) - 1u;
    while (--month != 0)
        s->base_day += month_days(month, year);
    while (year-- != 0)
        s->base_day += year % 4u == 0 ? 366u : 365u;
    s->base_weekday = at_least_1(bits(dr, 13, 15), 7u);
    s->base_clock = (int64_t)rtc_clock(dev);
    s->stopped = 0;
    rtc_plan(dev);
}

/** Brings the base to the second that runs, so that it can be moved. */
static void rebase(struct device *dev)
{
    struct rtc_state *s = rtc_state(dev);
    uint64_t seconds = tick_now(dev) / ticks_a_second(s);
    uint64_t total = s->base_second + seconds;

    s->base_clock += (int64_t)(seconds * ticks_a_second(s) * async_divider(s));
    s->base_second = (uint32_t)(total % DAY_S);
    s->base_day = (uint32_t)((s->base_day + total / DAY_S) % CENTURY_DAYS);
    s->base_weekday = (uint32_t)((s->base_weekday + 6u + total / DAY_S) % 7u) + 1u;
}

static void move_base(struct rtc_state *s, int32_t seconds)
{
    int32_t second = (int32_t)s->base_second + seconds;
    int32_t days = second < 0 ? -1 : second >= (int32_t)DAY_S ? 1 : 0;

    s->base_second = (uint32_t)(second - days * (int32_t)DAY_S);
    s->base_day = (uint32_t)((int32_t)(s->base_day + CENTURY_DAYS) + days) % CENTURY_DAYS;
    s->base_weekday = (uint32_t)((int32_t)s->base_weekday + 6 + days) % 7u + 1u;
}

void rtc_shift(struct device *dev, bool add_second, uint32_t subtract_ticks)
{
    struct rtc_state *s = rtc_state(dev);

    rebase(dev);
    move_base(s, add_second ? 1 : 0);
    s->base_clock += (int64_t)subtract_ticks * async_divider(s);
    if (s->base_clock > (int64_t)rtc_clock(dev)) {
        s->base_clock -= (int64_t)ticks_a_second(s) * async_divider(s);
        move_base(s, -1);
    }
    rtc_plan(dev);
}

void rtc_add_hours(struct device *dev, int hours)
{
    rebase(dev);
    move_base(rtc_state(dev), hours * 3600);
    rtc_plan(dev);
}

/* --- alarms ---------------------------------------------------------------------------------- */
/**
 * The next tick after `tick` at which the sub-seconds of an alarm match, TIME_NEVER if they never do. Without
 * sub-seconds (MASKSS = 0) it is the beginning of a second. SSR counts down.
 */
static uint64_t next_alarm_tick(const struct rtc_state *s, uint32_t alarm, uint64_t tick)
{
    uint32_t assr = s->word[RTC_ALRMASSR / 4u + alarm];
    uint32_t mask_bits = bits(assr, 24, 27);
    uint32_t top = ticks_a_second(s) - 1u;
    uint32_t mask = (1u << mask_bits) - 1u;
    uint32_t wanted = bits(assr, 0, 14) & mask;
    uint64_t second = tick - tick % ticks_a_second(s);
    uint32_t ssr = top - (uint32_t)(tick - second);

    if (mask_bits == 0)
        return second + ticks_a_second(s);
    if (wanted > top)
        return TIME_NEVER;
    if (ssr > wanted) {
        uint32_t next = ((ssr - 1u - wanted) & ~mask) + wanted;
        return second + (top - next);
    }
    return second + ticks_a_second(s) + (top - (((top - wanted) & ~mask) + wanted));
}

/** True if an alarm matches the calendar at its tick. */
static bool alarm_matches(const struct rtc_state *s, uint32_t alarm)
{
    struct rtc_calendar now = calendar_at(s, s->alarm_tick[alarm]);
    uint32_t alrm = s->word[RTC_ALRMAR / 4u + alarm];
    bool by_weekday = bits(alrm, 30, 30) != 0;
    uint32_t day = by_weekday ? bits(now.dr, 13, 15) : bits(now.dr, 0, 5);

    return (bits(alrm, 7, 7) != 0 || bits(alrm, 0, 6) == bits(now.tr, 0, 6)) &&
           (bits(alrm, 15, 15) != 0 || bits(alrm, 8, 14) == bits(now.tr, 8, 14)) &&
           (bits(alrm, 23, 23) != 0 || bits(alrm, 16, 22) == bits(now.tr, 16, 22)) &&
           (bits(alrm, 31, 31) != 0 || bits(alrm, 24, by_weekday ? 27 : 29) == day);
}

/* --- wake-up timer --------------------------------------------------------------------------- */
static uint64_t wake_up_period(const struct rtc_state *s)
{
    uint32_t select = s->word[RTC_CR / 4u] & RTC_CR_WUCKSEL;
    uint64_t counts = bits(s->word[RTC_WUTR / 4u], 0, 15) + 1u;

    /* RM0351 38.6.3: RTCCLK / 16, / 8, / 4, / 2, then ck_spre, then ck_spre with 2^16 more counts. */
    if (select < 4u)
        return counts * (16u >> select);
    return (counts + (select >= 6u ? 0x10000u : 0)) * async_divider(s) * ticks_a_second(s);
}

void rtc_start_wake_up(struct device *dev)
{
    rtc_state(dev)->wake_up_clock = rtc_clock(dev) + wake_up_period(rtc_state(dev));
}

void rtc_settle(struct device *dev)
{
    struct rtc_state *s = rtc_state(dev);
    uint32_t cr = s->word[RTC_CR / 4u];
    uint32_t *isr = &s->word[RTC_ISR / 4u];

    for (uint32_t alarm = 0; alarm < RTC_ALARMS; alarm++) {
        while (s->alarm_tick[alarm] != TIME_NEVER && s->alarm_tick[alarm] <= tick_now(dev)) {
            if (alarm_matches(s, alarm))
                *isr |= RTC_ISR_ALRAF << alarm;
            s->alarm_tick[alarm] = next_alarm_tick(s, alarm, s->alarm_tick[alarm]);
        }
    }
    while ((cr & RTC_CR_WUTE) != 0 && s->wake_up_clock <= rtc_clock(dev)) {
        *isr |= RTC_ISR_WUTF;
        s->wake_up_clock += wake_up_period(s);
    }
}

void rtc_plan(struct device *dev)
{
    struct rtc_state *s = rtc_state(dev);
    uint32_t cr = s->word[RTC_CR / 4u];

    for (uint32_t alarm = 0; alarm < RTC_ALARMS; alarm++) {
        dev_event_cancel(dev, RTC_EVENT_ALARM_A + alarm);
        s->alarm_tick[alarm] = TIME_NEVER;
        if ((cr & RTC_CR_ALRAE << alarm) == 0 || s->stopped != 0 || s->hz == 0)
            continue;
        s->alarm_tick[alarm] = next_alarm_tick(s, alarm, tick_now(dev));
        if (s->alarm_tick[alarm] != TIME_NEVER)
            dev_event_at(dev, RTC_EVENT_ALARM_A + alarm, tick_ps(dev, s->alarm_tick[alarm]));
    }
    dev_event_cancel(dev, RTC_EVENT_WAKE_UP);
    if ((cr & RTC_CR_WUTE) != 0 && s->hz != 0)
        dev_event_at(dev, RTC_EVENT_WAKE_UP, clock_ps(dev, s->wake_up_clock));
}
