/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Shared by the two files of the RTC model, and by nobody else. */
#ifndef TWINBANK_MODELS_STM32_RTC_PRIVATE_H
#define TWINBANK_MODELS_STM32_RTC_PRIVATE_H

#include "model.h"
#include "stm32_rtc.h"

#define RTC_TR       0x00u
#define RTC_DR       0x04u
#define RTC_CR       0x08u
#define RTC_ISR      0x0cu
#define RTC_PRER     0x10u
#define RTC_WUTR     0x14u
#define RTC_ALRMAR   0x1cu
#define RTC_ALRMBR   0x20u
#define RTC_WPR      0x24u
#define RTC_SSR      0x28u
#define RTC_SHIFTR   0x2cu
#define RTC_TSTR     0x30u
#define RTC_TSDR     0x34u
#define RTC_TSSSR    0x38u
#define RTC_CALR     0x3cu
#define RTC_TAMPCR   0x40u
#define RTC_ALRMASSR 0x44u
#define RTC_ALRMBSSR 0x48u
#define RTC_OR       0x4cu
#define RTC_BKP0R    0x50u
#define RTC_BACKUPS  32u
#define RTC_WORDS    52u

#define RTC_CR_WUCKSEL 0x00000007u
#define RTC_CR_TSEDGE  0x00000008u
#define RTC_CR_REFCKON 0x00000010u
#define RTC_CR_BYPSHAD 0x00000020u
#define RTC_CR_FMT     0x00000040u
#define RTC_CR_ALRAE   0x00000100u
#define RTC_CR_WUTE    0x00000400u
#define RTC_CR_TSE     0x00000800u
#define RTC_CR_ALRAIE  0x00001000u
#define RTC_CR_WUTIE   0x00004000u
#define RTC_CR_TSIE    0x00008000u
#define RTC_CR_ADD1H   0x00010000u
#define RTC_CR_SUB1H   0x00020000u
#define RTC_CR_OUTPUTS 0x00e00000u /* OSEL, COE */

#define RTC_ISR_ALRAWF  0x00000001u
#define RTC_ISR_WUTWF   0x00000004u
#define RTC_ISR_SHPF    0x00000008u
#define RTC_ISR_INITS   0x00000010u
#define RTC_ISR_RSF     0x00000020u
#define RTC_ISR_INITF   0x00000040u
#define RTC_ISR_INIT    0x00000080u
#define RTC_ISR_ALRAF   0x00000100u
#define RTC_ISR_WUTF    0x00000400u
#define RTC_ISR_TSF     0x00000800u
#define RTC_ISR_TSOVF   0x00001000u
#define RTC_ISR_TAMP1F  0x00002000u
#define RTC_ISR_RECALPF 0x00010000u
#define RTC_ISR_ITSF    0x00020000u
#define RTC_ISR_FLAGS   0x0002ff00u /* cleared by writing 0 */

#define RTC_ALARMS  2u
#define RTC_TAMPERS 3u

enum rtc_input {
    RTC_IN_HZ,    /* RTCCLK, 0 while off */
    RTC_IN_RST,   /* RCC_BDCR.BDRST */
    RTC_IN_DBP,   /* PWR_CR1.DBP */
    RTC_IN_ERASE, /* 1: erase the backup registers */
    RTC_IN_TAMP1, /* levels of the tamper pins; the first is the time-stamp pin, too */
};

enum rtc_output {
    RTC_OUT_ALARM,
    RTC_OUT_WKUP,
    RTC_OUT_TAMP,    /* tampers and time stamp */
    RTC_OUT_ALARM_A, /* flags as triggers: alarms, then the three tampers */
    RTC_OUT_TAMP1 = RTC_OUT_ALARM_A + RTC_ALARMS,
};

enum rtc_event {
    RTC_EVENT_ALARM_A,
    RTC_EVENT_ALARM_B,
    RTC_EVENT_WAKE_UP,
    RTC_EVENT_COUNT,
};

/* Moments in cycles of RTCCLK from which on a flag of ISR is at its final value. */
enum rtc_sync {
    RTC_SYNC_ALRAWF,
    RTC_SYNC_ALRBWF,
    RTC_SYNC_WUTWF,
    RTC_SYNC_SHPF,
    RTC_SYNC_RSF,
    RTC_SYNC_INITF,
    RTC_SYNC_RECALPF,
    RTC_SYNC_COUNT,
};

struct rtc_state {
    uint64_t since_ps; /* when `clock` was right */
    uint64_t clock;    /* cycles of RTCCLK since the reset of the backup domain */
    uint64_t hz;
    uint64_t sync[RTC_SYNC_COUNT];
    int64_t base_clock; /* when the calendar showed the base_ values, at the beginning of the second */
    uint32_t base_day;  /* since 1 January of year 0 */
    uint32_t base_weekday;
    uint32_t base_second;            /* of the day */
    uint32_t stopped;                /* 1: initialization mode; TR and DR are what is in word[] */
    uint64_t alarm_tick[RTC_ALARMS]; /* the next that an alarm looks at */
    uint64_t wake_up_clock;          /* of the next WUTF */
    uint32_t word[RTC_WORDS];        /* TR, DR and SSR: shadows while locked */
    uint32_t lock;                   /* shadows that wait for a read of DR: 1 DR, 2 TR as well */
    uint32_t unlocked;               /* keys of WPR seen: 0, 1, 2 (open) */
    uint32_t pins;                   /* levels of the tamper pins, as seen last */
    uint32_t reserved;
};

struct rtc_calendar {
    uint32_t tr, dr, ssr;
};

static inline struct rtc_state *rtc_state(const struct device *dev)
{
    return dev->state;
}

/* stm32_rtc_time.c */
/** Cycles of RTCCLK by now. */
uint64_t rtc_clock(const struct device *dev);
/** After RTCCLK changed its frequency, before anything else. */
void rtc_clock_changed(struct device *dev);
/** What the calendar shows now. */
struct rtc_calendar rtc_calendar(const struct device *dev);
/** Lets the calendar go on from TR and DR. */
void rtc_start_calendar(struct device *dev);
void rtc_shift(struct device *dev, bool add_second, uint32_t subtract_ticks);
void rtc_add_hours(struct device *dev, int hours);
/** Does what is due by now, if an event is late or comes at the same time. To be called before a change. */
void rtc_settle(struct device *dev);
/** Plans all events anew from now on. */
void rtc_plan(struct device *dev);
/** Begins a period of the wake-up timer; its event is planned by rtc_plan. */
void rtc_start_wake_up(struct device *dev);

#endif
