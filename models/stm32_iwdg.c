/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Independent watchdog of the STM32L4/L0 (RM0351 chapter 36).
 *
 * Modelled: keys, prescaler, reload and window with their update delays, reset by time-out or by a
 * reload outside the window, LSI forced on, start by option (input iwdg_sw = 0), standing still in Stop and Standby by
 * option (iwdg_stop, iwdg_stdby = 0), in Shutdown, and while the debugger freezes it.
 *
 * Not modelled: the spread of LSI (32 kHz exactly), its start-up time (counting begins with the key:
 * the earliest time-out). Not confirmed: leaving Standby stops the watchdog, as any reset does.
 */
#include "stm32_iwdg.h"

#include "model.h"

#define IWDG_KR    0x00u
#define IWDG_PR    0x04u
#define IWDG_RLR   0x08u
#define IWDG_SR    0x0cu
#define IWDG_WINR  0x10u
#define IWDG_WORDS 5u

#define IWDG_SR_PVU 0x00000001u
#define IWDG_SR_RVU 0x00000002u
#define IWDG_SR_WVU 0x00000004u

#define IWDG_KEY_RELOAD 0xaaaau
#define IWDG_KEY_UNLOCK 0x5555u
#define IWDG_KEY_START  0xccccu
#define IWDG_MAX        0x00000fffu

#define LSI_PS    31250000ull   /* 32 kHz: DS10198, typical */
#define UPDATE_PS (5u * LSI_PS) /* RM0351 36.4.4: up to five LSI cycles */

enum iwdg_input {
    IWDG_IN_IWDG_SW,   /* option: 1 started by software, 0 started by hardware */
    IWDG_IN_LSI_HZ,    /* 0 while LSI is off */
    IWDG_IN_MODE,      /* of PWR: 0 run, 1 to 3 Stop, 4 Standby, 5 Shutdown */
    IWDG_IN_IWDG_STOP, /* options: 0 stands still in Stop, in Standby */
    IWDG_IN_IWDG_STDBY,
    IWDG_IN_FREEZE, /* 1: the debugger stopped it */
};

enum iwdg_power {
    IWDG_RUN = 0,
    IWDG_STOP2 = 3,
    IWDG_STANDBY = 4,
};

enum iwdg_output {
    IWDG_OUT_LSI_ON,
};

enum iwdg_event {
    IWDG_EVENT_TIMEOUT,
    IWDG_EVENT_PVU,
    IWDG_EVENT_RVU,
    IWDG_EVENT_WVU,
    IWDG_EVENT_COUNT,
};

/* RM0351 36.4 */
static const struct reg_desc iwdg_regs[] = {
    {IWDG_KR, "KR", 0, 0, 0, 0, 0},
    {IWDG_PR, "PR", 0, 0x00000007u, 0, 0, 0},
    {IWDG_RLR, "RLR", 0x00000fffu, 0x00000fffu, 0, 0, 0},
    {IWDG_SR, "SR", 0, 0, 0, 0, 0x00000007u},
    {IWDG_WINR, "WINR", 0x00000fffu, 0x00000fffu, 0, 0, 0},
};

static const char *const iwdg_inputs[] = {"iwdg_sw", "lsi_hz", "mode", "iwdg_stop", "iwdg_stdby", "freeze", NULL};
static const char *const iwdg_outputs[] = {"lsi_on", NULL};

struct iwdg_state {
    uint64_t reloaded_ps;      /* when the counter was at `from` */
    uint64_t frozen_ps;        /* when it stopped, while it stands still */
    uint32_t word[IWDG_WORDS]; /* as software sees them */
    uint32_t prescaler;        /* in force: PR, RLR and WINR after their update delay */
    uint32_t reload, window;
    uint32_t from;              /* counter value at reloaded_ps */
    uint32_t started, unlocked; /* 0 or 1 */
    uint32_t frozen;            /* 1: stands still */
};
_Static_assert(sizeof(struct iwdg_state) == 64, "state of the IWDG");

static uint64_t tick_ps(const struct iwdg_state *s)
{
    /* RM0351 36.4.2: /4 to /256, the last two codes alike. */
    uint32_t code = s->prescaler < 6u ? s->prescaler : 6u;
    return LSI_PS * (4u << code);
}

static uint32_t counter(const struct device *dev)
{
    const struct iwdg_state *s = dev->state;
    uint64_t until_ps = s->frozen != 0 ? s->frozen_ps : dev_now_ps(dev);
    uint64_t ticks = (until_ps - s->reloaded_ps) / tick_ps(s);
    return ticks >= s->from ? 0 : s->from - (uint32_t)ticks;
}

/** The time-out is from + 1 ticks away: RM0351 36.3.1. */
static void schedule_timeout(struct device *dev)
{
    const struct iwdg_state *s = dev->state;
    if (s->started != 0 && s->frozen == 0)
        dev_event_at(dev, IWDG_EVENT_TIMEOUT, s->reloaded_ps + (s->from + 1u) * tick_ps(s));
    else
        dev_event_cancel(dev, IWDG_EVENT_TIMEOUT);
}

/** Counts down from `from`, beginning now. */
static void count_from(struct device *dev, uint32_t from)
{
    struct iwdg_state *s = dev->state;
    s->from = from;
    s->reloaded_ps = s->frozen_ps = dev_now_ps(dev);
    schedule_timeout(dev);
}

/** RM0351 36.3.4 and 36.3.5; in Shutdown there is no LSI. */
static bool stands_still(const struct device *dev)
{
    uint64_t mode = dev_input(dev, IWDG_IN_MODE);
    if (dev_input(dev, IWDG_IN_FREEZE) != 0 || mode > IWDG_STANDBY)
        return true;
    if (mode == IWDG_RUN)
        return false;
    return dev_input(dev, mode <= IWDG_STOP2 ? IWDG_IN_IWDG_STOP : IWDG_IN_IWDG_STDBY) == 0;
}

static void follow_mode(struct device *dev)
{
    struct iwdg_state *s = dev->state;
    bool still = stands_still(dev);

    if (still == (s->frozen != 0))
        return;
    if (still)
        s->frozen_ps = dev_now_ps(dev);
    else
        s->reloaded_ps += dev_now_ps(dev) - s->frozen_ps;
    s->frozen = still;
    schedule_timeout(dev);
}

/** Updates move on only while LSI runs. */
static void schedule_updates(struct device *dev)
{
    const struct iwdg_state *s = dev->state;
    bool running = s->started != 0 || dev_input(dev, IWDG_IN_LSI_HZ) != 0;

    for (uint32_t bit = 0; bit < 3u; bit++) {
        uint32_t event = IWDG_EVENT_PVU + bit;
        bool pending = (s->word[IWDG_SR / 4u] & 1u << bit) != 0;
        if (!pending || !running)
            dev_event_cancel(dev, event);
        else if (dev_event_due(dev, event) == TIME_NEVER)
            dev_event_after(dev, event, UPDATE_PS);
    }
}

static void start(struct device *dev)
{
    struct iwdg_state *s = dev->state;
    if (s->started != 0)
        return;
    s->started = 1;
    dev_output(dev, IWDG_OUT_LSI_ON, 1);
    count_from(dev, s->reload);
    schedule_updates(dev);
}

static void refresh(struct device *dev)
{
    struct iwdg_state *s = dev->state;
    if (s->started == 0)
        return;
    /* RM0351 36.3.2: a reload while the counter is above the window is a reset. */
    if (counter(dev) > s->window) {
        dev_guest_error(dev, IWDG_KR, "watchdog reloaded before its window");
        dev_request_reset(dev, RESET_IWDG);
        return;
    }
    count_from(dev, s->reload);
}

static void iwdg_reset(struct device *dev, enum reset_kind kind)
{
    struct iwdg_state *s = dev->state;
    (void)kind;

    for (uint32_t event = 0; event < IWDG_EVENT_COUNT; event++)
        dev_event_cancel(dev, event);
    model_reset_words(dev, s->word);
    s->prescaler = 0;
    s->reload = s->window = s->from = IWDG_MAX;
    s->reloaded_ps = s->frozen_ps = dev_now_ps(dev);
    s->frozen = stands_still(dev);
    s->started = 0;
    s->unlocked = 0;
    if (dev_input(dev, IWDG_IN_IWDG_SW) == 0)
        start(dev);
    else
        dev_output(dev, IWDG_OUT_LSI_ON, 0);
}

static uint32_t iwdg_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct iwdg_state *s = dev->state;
    if (model_register(dev, offset) == NULL)
        return 0;
    return reg_lane_read(s->word[offset / 4u], offset, size);
}

static void write_key(struct device *dev, uint32_t key)
{
    struct iwdg_state *s = dev->state;

    s->unlocked = key == IWDG_KEY_UNLOCK;
    if (key == IWDG_KEY_RELOAD)
        refresh(dev);
    else if (key == IWDG_KEY_START)
        start(dev);
}

static void iwdg_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct iwdg_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL || reg->offset == IWDG_SR)
        return;
    if (reg->offset == IWDG_KR) {
        write_key(dev, reg_lane_merge(0, offset, size, value) & 0xffffu);
        return;
    }
    uint32_t busy = reg->offset == IWDG_PR ? IWDG_SR_PVU : reg->offset == IWDG_RLR ? IWDG_SR_RVU : IWDG_SR_WVU;
    if (s->unlocked == 0) {
        dev_guest_error(dev, offset, "watchdog register written without the unlock key");
        return;
    }
    if ((s->word[IWDG_SR / 4u] & busy) != 0) {
        dev_guest_error(dev, offset, "watchdog register written during its update");
        return;
    }
    s->word[offset / 4u] = reg_lane_merge(s->word[offset / 4u], offset, size, value) & reg->rw;
    s->word[IWDG_SR / 4u] |= busy;
    schedule_updates(dev);
}

static void iwdg_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    (void)value;
    if (input == IWDG_IN_LSI_HZ)
        schedule_updates(dev);
    else if (input != IWDG_IN_IWDG_SW)
        follow_mode(dev);
}

static void iwdg_on_event(struct device *dev, uint32_t event)
{
    struct iwdg_state *s = dev->state;

    if (event == IWDG_EVENT_TIMEOUT) {
        dev_request_reset(dev, RESET_IWDG);
        return;
    }
    if (event == IWDG_EVENT_PVU) {
        uint32_t left = counter(dev);
        s->prescaler = s->word[IWDG_PR / 4u];
        count_from(dev, left); /* what is left counts on at the new pace */
        s->word[IWDG_SR / 4u] &= ~IWDG_SR_PVU;
    } else if (event == IWDG_EVENT_RVU) {
        s->reload = s->word[IWDG_RLR / 4u]; /* taken at the next reload */
        s->word[IWDG_SR / 4u] &= ~IWDG_SR_RVU;
    } else {
        s->window = s->word[IWDG_WINR / 4u];
        s->word[IWDG_SR / 4u] &= ~IWDG_SR_WVU;
        count_from(dev, s->reload); /* RM0351 36.3.2: a new window reloads the counter */
    }
}

const struct device_model stm32_iwdg_model = {
    .name = "stm32_iwdg",
    .state_size = sizeof(struct iwdg_state),
    .regs = iwdg_regs,
    .reg_count = ARRAY_LENGTH(iwdg_regs),
    .inputs = iwdg_inputs,
    .outputs = iwdg_outputs,
    .event_count = IWDG_EVENT_COUNT,
    .reset = iwdg_reset,
    .read = iwdg_read,
    .write = iwdg_write,
    .on_input = iwdg_on_input,
    .on_event = iwdg_on_event,
};
