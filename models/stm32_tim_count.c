/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Time base of the timers (RM0351 30.3.1 to 30.3.3, 31.3.1, 31.3.2): prescaler, counter, update
 * event. Nothing happens at a tick: the counter is computed when somebody looks, and an event is
 * scheduled only for what somebody will see.
 */
#include "stm32_tim_private.h"

/* --- clock --------------------------------------------------------------------------------- */
uint64_t tim_clock_at(const struct device *dev, uint64_t ps)
{
    const struct tim_state *s = dev->state;
    if (s->hz == 0)
        return s->anchor_cycles;
    /* Clock n begins at floor(n * PS_PER_S / hz), as the cycles of the core do: this is its inverse. */
    return s->anchor_cycles + mul_div_ceil(ps - s->anchor_ps + 1u, s->hz, PS_PER_S) - 1u;
}

uint64_t tim_now(const struct device *dev)
{
    return tim_clock_at(dev, dev_now_ps(dev));
}

static uint64_t clock_start_ps(const struct tim_state *s, uint64_t clock)
{
    uint64_t after_ps = mul_div_floor(clock - s->anchor_cycles, PS_PER_S, s->hz);
    return after_ps > TIME_NEVER - s->anchor_ps ? TIME_NEVER : s->anchor_ps + after_ps;
}

void tim_set_clock(struct device *dev, uint64_t hz)
{
    struct tim_state *s = tim_state(dev);
    tim_sync(dev);
    s->anchor_cycles = tim_now(dev);
    s->anchor_ps = dev_now_ps(dev);
    s->hz = (uint32_t)hz;
}

/* --- counter ------------------------------------------------------------------------------- */
static bool is_centred(const struct tim_state *s)
{
    return (tim_word(s, TIM_CR1) & TIM_CR1_CMS) != 0;
}

static bool is_down(const struct tim_state *s)
{
    return (tim_word(s, TIM_CR1) & TIM_CR1_DIR) != 0;
}

static void set_direction(struct tim_state *s, bool down)
{
    uint32_t *cr1 = &s->word[TIM_CR1 / 4u];
    *cr1 = down ? *cr1 | TIM_CR1_DIR : *cr1 & ~TIM_CR1_DIR;
}

static uint32_t counter_max(const struct device *dev)
{
    return tim_params(dev)->wide != 0 ? UINT32_MAX : 0xffffu;
}

/** True if the internal clock steps the prescaler. */
static bool is_running(const struct tim_state *s)
{
    if ((tim_word(s, TIM_CR1) & TIM_CR1_CEN) == 0 || (tim_word(s, TIM_SMCR) & TIM_SMCR_ECE) != 0)
        return false;
    switch (tim_slave_mode(s)) {
    case TIM_SLAVE_ENCODER1:
    case TIM_SLAVE_ENCODER2:
    case TIM_SLAVE_ENCODER3:
    case TIM_SLAVE_CLOCK:
        return false;
    case TIM_SLAVE_GATED:
        return tim_trigger_level(s);
    default:
        return true;
    }
}

/** Steps of the counter until it over- or underflows, that step included. */
static uint64_t steps_to_boundary(const struct device *dev)
{
    const struct tim_state *s = dev->state;
    if (is_centred(s)) {
        if (is_down(s))
            return s->count > 0 ? s->count : 1u;
        return s->count < s->arr ? s->arr - s->count : 1u;
    }
    if (is_down(s))
        return (uint64_t)s->count + 1u;
    /* A counter beyond ARR runs to its end: the comparison is for equality. */
    return s->count <= s->arr ? (uint64_t)s->arr - s->count + 1u : (uint64_t)counter_max(dev) - s->count + 1u;
}

/** RM0351 31.4.1, CMS: in which half of a centred period matches set their flags. */
static bool sets_flag(const struct tim_state *s, bool down)
{
    uint32_t cms = bits(tim_word(s, TIM_CR1), 5, 6);
    return cms == 0 || cms == 3u || (cms == 1u) == down;
}

/** Matches of a move within a period; the value moved from was dealt with before. */
static void move(struct device *dev, uint32_t to)
{
    struct tim_state *s = tim_state(dev);
    uint32_t from = s->count;
    bool down = is_down(s);

    s->count = to;
    for (uint32_t i = 0; i < tim_params(dev)->channels; i++) {
        uint32_t ccr = s->ccr[i];
        if (tim_is_output(s, i) && (down ? ccr < from && ccr >= to : ccr > from && ccr <= to))
            tim_match(dev, i, sets_flag(s, down));
    }
}

/** RM0351 31.4.10: a compare value beyond ARR matches at the over- or underflow. */
static void match_boundary(struct device *dev, bool overflow)
{
    struct tim_state *s = tim_state(dev);
    for (uint32_t i = 0; i < tim_params(dev)->channels; i++) {
        bool beyond = s->ccr[i] > s->arr && (overflow || !is_centred(s));
        if (tim_is_output(s, i) && (s->ccr[i] == s->count || beyond))
            tim_match(dev, i, beyond || sets_flag(s, is_down(s)));
    }
}

/* --- update event -------------------------------------------------------------------------- */
/** Registers take their preload values; `counted`: by the counter, not by UG or a trigger. */
static void update(struct device *dev, bool counted)
{
    struct tim_state *s = tim_state(dev);
    uint32_t cr1 = tim_word(s, TIM_CR1);

    if ((cr1 & TIM_CR1_UDIS) != 0)
        return;
    s->arr = tim_word(s, TIM_ARR);
    s->psc = tim_word(s, TIM_PSC);
    s->repeat = tim_word(s, TIM_RCR);
    for (uint32_t i = 0; i < tim_params(dev)->channels; i++)
        if (tim_is_output(s, i))
            s->ccr[i] = tim_word(s, tim_ccr_offset(i)) & (i == 4u ? 0xffffu : UINT32_MAX);
    if (tim_mms(s) == 2u)
        s->trgo++;
    if (bits(tim_word(s, TIM_CR2), 20, 23) == 2u)
        s->trgo2++;
    /* RM0351 30.4.20: only while no break input is active */
    if (counted && (tim_word(s, TIM_BDTR) & TIM_BDTR_AOE) != 0 && tim_active_breaks(dev) == 0)
        s->word[TIM_BDTR / 4u] |= TIM_BDTR_MOE;
    if (!counted && (cr1 & TIM_CR1_URS) != 0)
        return;
    s->word[TIM_SR / 4u] |= TIM_SR_UIF;
    tim_request_dma(s, 0);
    if ((tim_word(s, TIM_CR2) & TIM_CR2_CCDS) != 0)
        for (uint32_t i = 0; i < TIM_PINS; i++)
            tim_request_dma(s, 1u + i);
}

/** The counter makes the step over its boundary. */
static void cross(struct device *dev)
{
    struct tim_state *s = tim_state(dev);
    bool overflow = !is_down(s);

    if (!is_centred(s) && overflow && s->count > s->arr) {
        s->count = 0; /* wrapped, no update event */
        return;
    }
    /* What lies between here and the boundary is passed first. */
    if (is_centred(s)) {
        if (overflow ? s->count + 1u < s->arr : s->count > 1u)
            move(dev, overflow ? s->arr - 1u : 1u);
    } else {
        move(dev, overflow ? s->arr : 0u);
    }
    bool updates = s->repeat == 0;
    if (updates)
        update(dev, true);
    else
        s->repeat--;
    if (is_centred(s)) {
        s->count = overflow ? s->arr : 0;
        set_direction(s, overflow);
    } else {
        s->count = overflow ? 0 : s->arr;
    }
    match_boundary(dev, overflow);
    if (updates && (tim_word(s, TIM_CR1) & (TIM_CR1_OPM | TIM_CR1_UDIS)) == TIM_CR1_OPM)
        s->word[TIM_CR1 / 4u] &= ~TIM_CR1_CEN;
}

/* --- counting ------------------------------------------------------------------------------ */
/** True if each update or match is more than a flag that stays set. */
static bool counts_events(const struct tim_state *s)
{
    return s->trgo != 0 || s->trgo2 != 0;
}

void tim_count(struct device *dev, uint64_t clocks)
{
    struct tim_state *s = tim_state(dev);
    uint64_t crossed = 0;

    while (clocks > 0 && s->arr != 0) { /* RM0351 31.3.1: with ARR = 0 the counter is blocked */
        uint64_t step = (uint64_t)s->psc + 1u;
        uint64_t steps = steps_to_boundary(dev);
        uint64_t needed = steps * step - s->prescale;
        if (clocks < needed) {
            uint64_t total = s->prescale + clocks;
            uint32_t moved = (uint32_t)(total / step);
            s->prescale = (uint32_t)(total % step);
            if (moved != 0)
                move(dev, is_down(s) ? s->count - moved : s->count + moved);
            return;
        }
        clocks -= needed;
        s->prescale = 0;
        cross(dev);
        if ((tim_word(s, TIM_CR1) & TIM_CR1_CEN) == 0)
            return;
        /*
         * After two repetitions of whole periods all preload values are in force and all flags are
         * set; two more leave everything as it is, toggled outputs too: leave them out.
         */
        uint64_t round = 4u * ((uint64_t)tim_word(s, TIM_RCR) + 1u);
        if (++crossed >= round && s->repeat <= tim_word(s, TIM_RCR) && !counts_events(s)) {
            uint64_t period = is_centred(s) ? s->arr : (uint64_t)s->arr + 1u;
            uint64_t round_clocks = period * ((uint64_t)s->psc + 1u) * round;
            clocks %= round_clocks;
        }
    }
}

void tim_advance(struct device *dev, uint64_t clock)
{
    struct tim_state *s = tim_state(dev);

    if (!is_running(s)) {
        s->base = clock;
    } else if (clock > s->base) {
        uint64_t clocks = clock - s->base;
        s->base = clock;
        tim_count(dev, clocks);
    }
}

void tim_sync(struct device *dev)
{
    tim_follow_oscillator(dev);
    tim_advance(dev, tim_now(dev));
}

void tim_reinitialize(struct device *dev)
{
    struct tim_state *s = tim_state(dev);

    update(dev, false);
    s->prescale = 0;
    if (is_centred(s))
        set_direction(s, false);
    s->count = is_down(s) ? s->arr : 0;
    if (tim_mms(s) == 0)
        s->trgo++;
    if (bits(tim_word(s, TIM_CR2), 20, 23) == 0)
        s->trgo2++;
}

void tim_start(struct device *dev)
{
    struct tim_state *s = tim_state(dev);
    if ((tim_word(s, TIM_CR1) & TIM_CR1_CEN) != 0)
        return;
    s->word[TIM_CR1 / 4u] |= TIM_CR1_CEN;
    s->base = tim_now(dev) + 1u; /* RM0351 31.3.1: counting begins one clock after CEN */
}

/* --- events -------------------------------------------------------------------------------- */
static bool needs_update(const struct device *dev)
{
    const struct tim_state *s = dev->state;
    uint32_t dier = tim_word(s, TIM_DIER);
    uint32_t cr1 = tim_word(s, TIM_CR1);
    uint32_t cr2 = tim_word(s, TIM_CR2);

    if ((dier & ~tim_word(s, TIM_SR) & TIM_SR_UIF) != 0 || (dier & 0x100u) != 0)
        return true;
    if (tim_mms(s) == 2u || bits(cr2, 20, 23) == 2u)
        return true;
    if ((cr1 & TIM_CR1_OPM) != 0 && tim_mms(s) == 1u)
        return true;
    if ((cr2 & TIM_CR2_CCDS) != 0 && (dier & 0x1e00u) != 0)
        return true;
    return (tim_word(s, TIM_BDTR) & (TIM_BDTR_AOE | TIM_BDTR_MOE)) == TIM_BDTR_AOE;
}

static bool needs_match(const struct device *dev, uint32_t channel)
{
    const struct tim_state *s = dev->state;
    uint32_t dier = tim_word(s, TIM_DIER);

    if (!tim_is_output(s, channel))
        return false;
    if (channel < TIM_PINS) {
        if ((dier & ~tim_word(s, TIM_SR) & TIM_SR_CC1IF << channel) != 0)
            return true;
        if ((dier & 0x200u << channel) != 0 && (tim_word(s, TIM_CR2) & TIM_CR2_CCDS) == 0)
            return true;
    }
    if (channel == 0 && (tim_mms(s) == 3u || bits(tim_word(s, TIM_CR2), 20, 23) == 3u))
        return true;
    uint32_t mode = tim_mode(s, channel);
    return mode != 0 && mode != 4u && mode != 5u && tim_is_visible(dev, channel);
}

/** Steps to the next over- or underflow or match that somebody sees, UINT64_MAX if there is none. */
static uint64_t steps_to_event(const struct device *dev)
{
    const struct tim_state *s = dev->state;
    uint64_t boundary = steps_to_boundary(dev);
    uint64_t next = needs_update(dev) ? boundary : UINT64_MAX;

    for (uint32_t i = 0; i < tim_params(dev)->channels; i++) {
        if (!needs_match(dev, i))
            continue;
        /* A match in a later period: look again at the boundary, values may change there. */
        uint64_t steps = boundary;
        if (!is_down(s) && s->ccr[i] > s->count)
            steps = s->ccr[i] - s->count;
        else if (is_down(s) && s->ccr[i] < s->count)
            steps = s->count - s->ccr[i];
        if (steps > boundary)
            steps = boundary;
        if (steps < next)
            next = steps;
    }
    return next;
}

void tim_schedule(struct device *dev)
{
    const struct tim_state *s = dev->state;
    uint64_t due = UINT64_MAX;

    if (s->hz == 0) {
        dev_event_cancel(dev, TIM_EVENT);
        return;
    }
    if (is_running(s) && s->arr != 0) {
        uint64_t steps = steps_to_event(dev);
        if (steps != UINT64_MAX)
            due = s->base + steps * ((uint64_t)s->psc + 1u) - s->prescale;
    }
    for (uint32_t i = 0; i < TIM_FILTERS; i++)
        if (s->filter_due[i] != 0 && s->filter_due[i] < due)
            due = s->filter_due[i];
    for (uint32_t i = 0; i < TIM_COMPLEMENTS; i++)
        if (s->dead_until[i] != 0 && s->dead_until[i] < due)
            due = s->dead_until[i];
    uint64_t due_ps = due == UINT64_MAX ? TIME_NEVER : clock_start_ps(s, due);
    uint64_t edge_ps = tim_oscillator_due_ps(dev);
    if (edge_ps < due_ps)
        due_ps = edge_ps;
    if (due_ps == TIME_NEVER)
        dev_event_cancel(dev, TIM_EVENT);
    else
        dev_event_at(dev, TIM_EVENT, due_ps);
}
