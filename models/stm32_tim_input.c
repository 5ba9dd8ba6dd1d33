/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What comes into the timers (RM0351 30.3.4 to 30.3.7, 31.3.3 to 31.3.6, 31.3.15 to 31.3.18):
 * filters, edges, captures, the trigger controller and its slave modes, the encoder interface.
 */
#include "stm32_tim_private.h"

/* --- trigger controller -------------------------------------------------------------------- */
static uint32_t trigger_select(const struct tim_state *s)
{
    return bits(tim_word(s, TIM_SMCR), 4, 6);
}

/** TIxFPx of channel 1 or 2 as the trigger controller sees it. */
static bool polarized(const struct tim_state *s, uint32_t channel)
{
    bool inverted = (tim_ccer(s, channel) & (TIM_CCER_P | TIM_CCER_NP)) == TIM_CCER_P;
    return ((s->level & 1u << channel) != 0) != inverted;
}

bool tim_trigger_level(const struct tim_state *s)
{
    uint32_t select = trigger_select(s);
    switch (select) {
    case TIM_TRIGGER_TI1F_ED:
        return false; /* pulses only: RM0351 31.4.3 forbids it in gated mode */
    case TIM_TRIGGER_TI1FP1:
        return polarized(s, 0);
    case TIM_TRIGGER_TI2FP2:
        return polarized(s, 1);
    case TIM_TRIGGER_ETRF:
        return (s->level & 1u << TIM_FILTER_ETR) != 0;
    default:
        return (s->itr & 1u << select) != 0;
    }
}

void tim_trigger(struct device *dev)
{
    struct tim_state *s = tim_state(dev);

    s->word[TIM_SR / 4u] |= TIM_SR_TIF;
    tim_request_dma(s, 6);
}

/** An edge of TRGI; the counter is up to date. */
static void trgi(struct device *dev, bool rising)
{
    struct tim_state *s = tim_state(dev);
    uint32_t mode = tim_slave_mode(s);

    if (rising && (tim_word(s, TIM_CR2) & (TIM_CR2_CCPC | TIM_CR2_CCUS)) == (TIM_CR2_CCPC | TIM_CR2_CCUS))
        tim_commutate(dev);
    if (mode == TIM_SLAVE_GATED)
        tim_trigger(dev); /* both edges: RM0351 31.4.5, TIF */
    if (mode < TIM_SLAVE_RESET || mode == TIM_SLAVE_GATED || !rising)
        return;
    tim_trigger(dev);
    if (mode == TIM_SLAVE_RESET || mode == TIM_SLAVE_RESET_TRIGGER)
        tim_reinitialize(dev);
    if (mode == TIM_SLAVE_TRIGGER || mode == TIM_SLAVE_RESET_TRIGGER)
        tim_start(dev);
    if (mode == TIM_SLAVE_CLOCK && (tim_word(s, TIM_CR1) & TIM_CR1_CEN) != 0)
        tim_count(dev, 1);
}

/* --- captures ------------------------------------------------------------------------------ */
void tim_capture(struct device *dev, uint32_t channel)
{
    struct tim_state *s = tim_state(dev);
    uint32_t *sr = &s->word[TIM_SR / 4u];

    s->word[tim_ccr_offset(channel) / 4u] = s->ccr[channel] = s->count;
    if ((*sr & TIM_SR_CC1IF << channel) != 0)
        *sr |= TIM_SR_CC1OF << channel;
    *sr |= TIM_SR_CC1IF << channel;
    if ((tim_word(s, TIM_CR2) & TIM_CR2_CCDS) == 0)
        tim_request_dma(s, 1u + channel);
    if (channel == 0 && tim_mms(s) == 3u)
        s->trgo++;
}

/** CCxP and CCxNP: rising, falling, or both edges. */
static bool wants_edge(const struct tim_state *s, uint32_t channel, bool rising)
{
    uint32_t polarity = tim_ccer(s, channel) & (TIM_CCER_P | TIM_CCER_NP);
    if (polarity == (TIM_CCER_P | TIM_CCER_NP))
        return true;
    return rising == (polarity == 0);
}

/** An edge at the input stage of a channel, which counts those that its prescaler passes on. */
static void capture_edge(struct device *dev, uint32_t channel, bool rising)
{
    struct tim_state *s = tim_state(dev);

    if ((tim_ccer(s, channel) & TIM_CCER_E) == 0 || !wants_edge(s, channel, rising))
        return;
    if (++s->captures[channel] < 1u << bits(tim_ccmr(s, channel), 2, 3))
        return;
    s->captures[channel] = 0;
    tim_capture(dev, channel);
}

/** Captures of the channels that TRC feeds (CCxS = 11). */
static void trc_edge(struct device *dev)
{
    for (uint32_t i = 0; i < TIM_PINS && i < tim_params(dev)->channels; i++)
        if ((tim_ccmr(tim_state(dev), i) & 3u) == 3u)
            capture_edge(dev, i, (tim_ccer(tim_state(dev), i) & TIM_CCER_P) == 0);
}

/* --- encoder ------------------------------------------------------------------------------- */
/** RM0351 31.3.15: an edge of one input counts by the level of the other. */
static void encoder_edge(struct device *dev, uint32_t channel)
{
    struct tim_state *s = tim_state(dev);
    uint32_t mode = tim_slave_mode(s);
    uint32_t *cr1 = &s->word[TIM_CR1 / 4u];

    if (mode < TIM_SLAVE_ENCODER1 || mode > TIM_SLAVE_ENCODER3 || (*cr1 & TIM_CR1_CEN) == 0)
        return;
    if (mode != TIM_SLAVE_ENCODER3 && channel != mode - TIM_SLAVE_ENCODER1)
        return;
    bool same = polarized(s, 0) == polarized(s, 1);
    bool down = channel == 0 ? same : !same;
    *cr1 = down ? *cr1 | TIM_CR1_DIR : *cr1 & ~TIM_CR1_DIR;
    tim_count(dev, 1);
}

/* --- levels behind the filters ------------------------------------------------------------- */
static void ti_edge(struct device *dev, uint32_t channel, bool rising)
{
    struct tim_state *s = tim_state(dev);
    uint32_t other = channel ^ 1u;
    uint32_t select = trigger_select(s);

    if (channel < tim_params(dev)->channels && (tim_ccmr(s, channel) & 3u) == 1u)
        capture_edge(dev, channel, rising);
    if (other < tim_params(dev)->channels && (tim_ccmr(s, other) & 3u) == 2u)
        capture_edge(dev, other, rising);
    if (channel > 1u)
        return;
    encoder_edge(dev, channel);
    if (channel == 0 && select == TIM_TRIGGER_TI1F_ED) {
        trc_edge(dev);
        trgi(dev, true);
    }
    if (select == TIM_TRIGGER_TI1FP1 + channel) {
        bool both = (tim_ccer(s, channel) & (TIM_CCER_P | TIM_CCER_NP)) == (TIM_CCER_P | TIM_CCER_NP);
        trgi(dev, both || polarized(s, channel));
    }
}

static void etr_edge(struct device *dev, bool rising)
{
    struct tim_state *s = tim_state(dev);
    uint32_t smcr = tim_word(s, TIM_SMCR);

    if ((smcr & TIM_SMCR_ECE) != 0 && rising && (tim_word(s, TIM_CR1) & TIM_CR1_CEN) != 0)
        tim_count(dev, 1);
    if (trigger_select(s) == TIM_TRIGGER_ETRF)
        trgi(dev, rising);
}

static void pass_level(struct device *dev, uint32_t filter, bool high)
{
    struct tim_state *s = tim_state(dev);

    if (((s->level & 1u << filter) != 0) == high)
        return;
    s->level ^= 1u << filter;
    if (filter == TIM_FILTER_ETR)
        etr_edge(dev, high);
    else
        ti_edge(dev, filter, high);
}

/** RM0351 31.4.7, IC1F, and 31.4.3, ETF: samples that must agree, and how far apart; in clocks. */
uint32_t tim_filter_clocks(const struct tim_state *s, uint32_t filter)
{
    static const uint8_t samples[] = {0, 2, 4, 8, 6, 8, 6, 8, 6, 8, 5, 6, 8, 5, 6, 8};
    static const uint8_t dividers[] = {0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 16, 32, 32, 32};
    uint32_t code = filter == TIM_FILTER_ETR   ? bits(tim_word(s, TIM_SMCR), 8, 11)
                    : tim_is_output(s, filter) ? 0
                                               : bits(tim_ccmr(s, filter), 4, 7);
    uint32_t dts = code < 4u ? 1u : 1u << bits(tim_word(s, TIM_CR1), 8, 9);
    return samples[code] * dividers[code] * dts;
}

static void filter_level(struct device *dev, uint32_t filter, bool high)
{
    struct tim_state *s = tim_state(dev);
    uint32_t clocks = tim_filter_clocks(s, filter);

    if (((s->level & 1u << filter) != 0) == high)
        s->filter_due[filter] = 0; /* back before it passed */
    else if (clocks == 0 || s->hz == 0)
        pass_level(dev, filter, high);
    else if (s->filter_due[filter] == 0)
        s->filter_due[filter] = tim_now(dev) + clocks;
}

void tim_filters_due(struct device *dev)
{
    struct tim_state *s = tim_state(dev);

    for (uint32_t i = 0; i < TIM_FILTERS; i++) {
        if (s->filter_due[i] == 0 || s->filter_due[i] > tim_now(dev))
            continue;
        s->filter_due[i] = 0;
        pass_level(dev, i, (s->level & 1u << i) == 0);
    }
}

/* --- wires --------------------------------------------------------------------------------- */
void tim_raw_input(struct device *dev, uint32_t filter, bool high)
{
    struct tim_state *s = tim_state(dev);
    uint32_t smcr = tim_word(s, TIM_SMCR);

    s->raw = (s->raw & ~(1u << filter)) | (high ? 1u << filter : 0);
    if (filter == TIM_FILTER_ETR) {
        bool level = high != ((smcr & TIM_SMCR_ETP) != 0);
        uint32_t prescaler = bits(smcr, 12, 13);
        if (prescaler != 0) {
            /* ETRP: one short pulse for 2, 4 or 8 rising edges. */
            if (!level || ++s->etr_edges < 1u << prescaler)
                return;
            s->etr_edges = 0;
            pass_level(dev, filter, true);
            pass_level(dev, filter, false);
            return;
        }
        filter_level(dev, filter, level);
    } else if (filter < 3u && (tim_word(s, TIM_CR2) & TIM_CR2_TI1S) != 0) {
        uint32_t pins = s->raw & 7u;
        filter_level(dev, 0, ((pins ^ pins >> 1 ^ pins >> 2) & 1u) != 0);
        if (filter != 0)
            filter_level(dev, filter, high);
    } else {
        filter_level(dev, filter, high);
    }
}

void tim_itr_input(struct device *dev, uint32_t itr, uint64_t wire)
{
    struct tim_state *s = tim_state(dev);
    bool was = (s->itr & 1u << itr) != 0;
    bool high = pin_is_high(wire);
    bool rising = wire == TIM_TRGO_PULSE || (high && !was);
    bool selected = trigger_select(s) == itr;

    s->itr = (s->itr & ~(1u << itr)) | (high ? 1u << itr : 0);
    if (!selected || (!rising && high == was))
        return;
    if (rising)
        trc_edge(dev);
    trgi(dev, rising);
}
