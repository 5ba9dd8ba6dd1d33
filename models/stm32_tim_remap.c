/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What the option registers of the timers put on TI1, TI4 and ETR (RM0351 30.4.27 to 30.4.31, 31.4.22 to 31.4.25,
 * 32.5.19, 32.5.20, 32.6.18 to 32.6.21): comparators, the RTC's wake-up interrupt, oscillators.
 *
 * An oscillator is a frequency, and its edges are computed: half-period h begins at floor(h * PS_PER_S / (2 * Hz)) of
 * virtual time, with a rising edge when h is even. Captures of edges that nobody is told of are made up when somebody
 * looks. A phase of their own, jitter, and the delay by a filter are not modelled; a filter that is longer than a
 * half-period lets nothing through.
 */
#include "stm32_tim_private.h"

/* --- selection ----------------------------------------------------------------------------- */
static uint32_t source_of(const struct device *dev, uint32_t filter)
{
    const struct tim_state *s = dev->state;
    const struct stm32_tim_params *params = dev->params;
    uint32_t or1 = tim_word(s, TIM_OR1);

    if (filter == TIM_FILTER_ETR) {
        uint32_t etrsel = bits(tim_word(s, TIM_OR2), 14, 16);
        if (etrsel != 0)
            return etrsel == 1u ? TIM_SOURCE_COMP1 : TIM_SOURCE_COMP2;
        return params->etr_clock != 0 && bits(or1, 1, 1) != 0 ? TIM_SOURCE_CLOCK1 : TIM_SOURCE_PIN;
    }
    if (params->remap_mask == 0 || filter != params->remap_input)
        return TIM_SOURCE_PIN;
    return params->remap[or1 >> params->remap_shift & params->remap_mask];
}

static uint32_t clock_hz(const struct device *dev, uint32_t filter)
{
    uint32_t source = source_of(dev, filter);
    if (source < TIM_SOURCE_CLOCK1 || source > TIM_SOURCE_CLOCK3)
        return 0;
    return (uint32_t)dev_input(dev, TIM_IN_CLOCK1 + source - TIM_SOURCE_CLOCK1);
}

static bool source_level(const struct device *dev, uint32_t filter)
{
    const struct tim_state *s = dev->state;
    switch (source_of(dev, filter)) {
    case TIM_SOURCE_PIN:
        return (s->pins & 1u << filter) != 0;
    case TIM_SOURCE_RTC:
        return dev_input(dev, TIM_IN_RTC) != 0;
    case TIM_SOURCE_COMP1:
        return pin_is_high(dev_input(dev, TIM_IN_COMP1));
    case TIM_SOURCE_COMP2:
        return pin_is_high(dev_input(dev, TIM_IN_COMP2));
    case TIM_SOURCE_COMPS:
        return pin_is_high(dev_input(dev, TIM_IN_COMP1)) || pin_is_high(dev_input(dev, TIM_IN_COMP2));
    default:
        return (s->raw & 1u << filter) != 0; /* an oscillator: see below */
    }
}

/* --- edges of an oscillator ---------------------------------------------------------------- */
/** The half-period that the moment lies in. */
static uint64_t half_at(uint32_t hz, uint64_t ps)
{
    return hz == 0 ? 0 : mul_div_ceil(ps + 1u, 2ull * hz, PS_PER_S) - 1u;
}

static uint64_t half_start_ps(const struct tim_state *s, uint64_t half)
{
    return mul_div_floor(half, PS_PER_S, 2ull * s->osc_hz);
}

/** TI1 or ETR: no timer has an oscillator at both. */
static uint32_t osc_filter(const struct device *dev)
{
    return tim_params(dev)->etr_clock != 0 ? TIM_FILTER_ETR : 0;
}

/** True if the slave controller has a use for each edge of what goes into this filter. */
static bool follows_each_edge(const struct device *dev)
{
    const struct tim_state *s = dev->state;
    uint32_t select = bits(tim_word(s, TIM_SMCR), 4, 6);
    uint32_t mode = tim_slave_mode(s);
    bool used = mode >= TIM_SLAVE_RESET || (tim_word(s, TIM_CR2) & TIM_CR2_CCUS) != 0;

    for (uint32_t i = 0; i < TIM_PINS; i++)
        used = used || ((tim_ccmr(s, i) & 3u) == 3u && (tim_ccer(s, i) & TIM_CCER_E) != 0);
    if (osc_filter(dev) == TIM_FILTER_ETR)
        return (tim_word(s, TIM_SMCR) & TIM_SMCR_ECE) != 0 || (used && select == TIM_TRIGGER_ETRF);
    if (mode >= TIM_SLAVE_ENCODER1 && mode <= TIM_SLAVE_ENCODER3)
        return true;
    return used && (select == TIM_TRIGGER_TI1F_ED || select == TIM_TRIGGER_TI1FP1);
}

/** True if the channel captures edges of TI1 one by one. */
static bool captures_osc(const struct device *dev, uint32_t channel)
{
    const struct tim_state *s = dev->state;
    if (channel >= tim_params(dev)->channels || osc_filter(dev) != 0)
        return false;
    return (tim_ccmr(s, channel) & 3u) == 1u + channel && (tim_ccer(s, channel) & TIM_CCER_E) != 0 &&
           tim_filter_clocks(s, 0) * 2ull * s->osc_hz <= s->hz;
}

/** Edges up to half-period `half` that a channel counts: rising ones (even), falling ones, or both. */
static uint64_t edges_up_to(const struct tim_state *s, uint32_t channel, uint64_t half)
{
    uint32_t polarity = tim_ccer(s, channel) & (TIM_CCER_P | TIM_CCER_NP);
    if (polarity == (TIM_CCER_P | TIM_CCER_NP))
        return half;
    return polarity == 0 ? half / 2u : (half + 1u) / 2u;
}

/** The half-period that begins with edge n of those. */
static uint64_t edge_half(const struct tim_state *s, uint32_t channel, uint64_t n)
{
    uint32_t polarity = tim_ccer(s, channel) & (TIM_CCER_P | TIM_CCER_NP);
    if (polarity == (TIM_CCER_P | TIM_CCER_NP))
        return n;
    return polarity == 0 ? 2u * n : 2u * n - 1u;
}

/** The half-period with the k-th capture from now on, k from 1. */
static uint64_t capture_half(const struct tim_state *s, uint32_t channel, uint64_t k)
{
    uint32_t shift = bits(tim_ccmr(s, channel), 2, 3);
    uint64_t edges = (k << shift) - (s->captures[channel] & ((1u << shift) - 1u));
    return edge_half(s, channel, edges_up_to(s, channel, s->osc_half) + edges);
}

struct due_capture {
    uint64_t half;
    uint32_t channel;
};

/** The captures of a channel up to `half` that leave something behind: the last two (value, CCxIF, CCxOF). */
static uint32_t list_captures(struct tim_state *s, uint32_t channel, uint64_t half, struct due_capture *list)
{
    uint32_t shift = bits(tim_ccmr(s, channel), 2, 3), count = 0;
    uint32_t mask = (1u << shift) - 1u;
    uint64_t edges =
        edges_up_to(s, channel, half) - edges_up_to(s, channel, s->osc_half) + (s->captures[channel] & mask);
    uint64_t total = edges >> shift;

    for (uint64_t k = total > 2u ? total - 1u : 1u; k <= total; k++)
        list[count++] = (struct due_capture){capture_half(s, channel, k), channel};
    s->captures[channel] = (uint32_t)edges & mask;
    return count;
}

static void capture_up_to(struct device *dev, uint64_t half)
{
    struct tim_state *s = tim_state(dev);
    struct due_capture list[4];
    uint32_t count = 0;

    for (uint32_t channel = 0; channel < 2u; channel++)
        if (captures_osc(dev, channel))
            count += list_captures(s, channel, half, &list[count]);
    for (uint32_t done = 0; done < count; done++) {
        uint32_t next = done;
        for (uint32_t i = done + 1u; i < count; i++)
            if (list[i].half < list[next].half)
                next = i;
        struct due_capture capture = list[next];
        list[next] = list[done];
        tim_advance(dev, tim_clock_at(dev, half_start_ps(s, capture.half)));
        tim_capture(dev, capture.channel);
    }
}

/* --- what the other files call ------------------------------------------------------------- */
void tim_follow_oscillator(struct device *dev)
{
    struct tim_state *s = tim_state(dev);
    uint32_t filter = osc_filter(dev);

    if (s->osc_hz == 0)
        return;
    uint64_t half = half_at(s->osc_hz, dev_now_ps(dev));
    if (half == s->osc_half)
        return;
    if (s->hz != 0 && follows_each_edge(dev)) {
        while (s->osc_half < half) {
            s->osc_half++;
            tim_advance(dev, tim_clock_at(dev, half_start_ps(s, s->osc_half)));
            tim_raw_input(dev, filter, s->osc_half % 2u == 0);
        }
        return;
    }
    if (s->hz != 0)
        capture_up_to(dev, half);
    s->osc_half = half;
    uint32_t bit = 1u << filter;
    s->raw = (s->raw & ~bit) | (half % 2u == 0 ? bit : 0);
    if (filter == 0) /* ETR has a polarity and a prescaler in front of its level */
        s->level = (s->level & ~bit) | (s->raw & bit);
}

uint64_t tim_oscillator_due_ps(const struct device *dev)
{
    const struct tim_state *s = dev->state;
    uint32_t dier = tim_word(s, TIM_DIER);
    uint64_t half = UINT64_MAX;

    if (s->osc_hz == 0 || s->hz == 0)
        return TIME_NEVER;
    if (follows_each_edge(dev))
        return half_start_ps(s, s->osc_half + 1u);
    for (uint32_t channel = 0; channel < 2u; channel++) {
        bool told = (dier & ~tim_word(s, TIM_SR) & TIM_SR_CC1IF << channel) != 0 ||
                    ((dier & 0x200u << channel) != 0 && (tim_word(s, TIM_CR2) & TIM_CR2_CCDS) == 0) ||
                    (channel == 0 && tim_mms(s) == 3u);
        if (!told || !captures_osc(dev, channel))
            continue;
        uint64_t next = capture_half(s, channel, 1);
        if (next < half)
            half = next;
    }
    return half == UINT64_MAX ? TIME_NEVER : half_start_ps(s, half);
}

void tim_select_inputs(struct device *dev)
{
    struct tim_state *s = tim_state(dev);
    uint32_t hz = clock_hz(dev, osc_filter(dev));

    if (hz != s->osc_hz) {
        s->osc_hz = hz;
        s->osc_half = half_at(hz, dev_now_ps(dev));
    }
    for (uint32_t filter = 0; filter < TIM_FILTERS; filter++) {
        bool high = source_level(dev, filter);
        if (((s->raw & 1u << filter) != 0) != high)
            tim_raw_input(dev, filter, high);
    }
}

void tim_tell_undriven(struct device *dev, uint32_t offset)
{
    struct tim_state *s = tim_state(dev);

    for (uint32_t filter = 0; filter < TIM_FILTERS; filter++) {
        uint32_t source = source_of(dev, filter);
        bool comp1 = source == TIM_SOURCE_COMP1 || source == TIM_SOURCE_COMPS;
        bool comp2 = source == TIM_SOURCE_COMP2 || source == TIM_SOURCE_COMPS;
        if ((comp1 && !pin_is_driven(dev_input(dev, TIM_IN_COMP1))) ||
            (comp2 && !pin_is_driven(dev_input(dev, TIM_IN_COMP2))))
            dev_gap(dev, offset, true, tim_word(s, offset), "TIM_OR: input from a comparator that is not modelled");
    }
}
