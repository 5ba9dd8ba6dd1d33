/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What the timers send out (RM0351 30.3.8 to 30.3.18, 31.3.7 to 31.3.10): OCxREF, channel outputs
 * with dead time and break, TRGO, interrupts and DMA requests.
 */
#include "stm32_tim_private.h"

/* --- compare ------------------------------------------------------------------------------- */
void tim_request_dma(struct tim_state *s, uint32_t dier_bit)
{
    if ((tim_word(s, TIM_DIER) & 0x100u << dier_bit) != 0)
        s->dma |= 1u << dier_bit;
}

void tim_match(struct device *dev, uint32_t channel, bool flag)
{
    struct tim_state *s = tim_state(dev);
    uint32_t bit = 1u << channel;

    if (flag) {
        s->word[TIM_SR / 4u] |= tim_cc_flag(channel);
        if (channel < TIM_PINS && (tim_word(s, TIM_CR2) & TIM_CR2_CCDS) == 0)
            tim_request_dma(s, 1u + channel);
        if (channel == 0 && tim_mms(s) == 3u)
            s->trgo++;
        if (channel == 0 && bits(tim_word(s, TIM_CR2), 20, 23) == 3u)
            s->trgo2++;
    }
    switch (tim_mode(s, channel)) {
    case 1:
        s->ref |= bit;
        break;
    case 2:
        s->ref &= ~bit;
        break;
    case 3:
        s->ref ^= bit;
        break;
    default:
        break;
    }
}

/** RM0351 31.4.7, OC1M = 110: active while CNT < CCR going up, while CNT <= CCR going down. */
static bool pwm(const struct tim_state *s, uint32_t channel)
{
    bool down = (tim_word(s, TIM_CR1) & TIM_CR1_DIR) != 0;
    return down ? s->count <= s->ccr[channel] : s->count < s->ccr[channel];
}

bool tim_ref(const struct device *dev, uint32_t channel)
{
    const struct tim_state *s = dev->state;
    bool runs = (tim_word(s, TIM_CR1) & TIM_CR1_CEN) != 0;

    switch (tim_mode(s, channel)) {
    case 4:
        return false;
    case 5:
        return true;
    case 6:
    case 12: /* combined and asymmetric modes are gaps; as their plain relatives */
    case 14:
        return pwm(s, channel);
    case 7:
    case 13:
    case 15:
        return !pwm(s, channel);
    case 8: /* retriggerable one-pulse modes: active, or inactive, until the trigger starts the counter */
        return !runs || pwm(s, channel);
    case 9:
        return runs && !pwm(s, channel);
    default:
        return (s->ref & 1u << channel) != 0;
    }
}

static bool has_moe(const struct device *dev)
{
    /* RM0351 30.3.29: while the debugger stops the timer its outputs are as with MOE = 0. */
    if (tim_params(dev)->has_break != 0 && dev_input(dev, TIM_IN_FREEZE) != 0)
        return false;
    return tim_params(dev)->has_break == 0 || (tim_word(dev->state, TIM_BDTR) & TIM_BDTR_MOE) != 0;
}

bool tim_is_visible(const struct device *dev, uint32_t channel)
{
    const struct tim_state *s = dev->state;
    uint32_t mms2 = bits(tim_word(s, TIM_CR2), 20, 23);

    if (tim_mms(s) == 4u + channel || mms2 == 4u + channel)
        return true;
    return channel < TIM_PINS && has_moe(dev) && (tim_ccer(s, channel) & (TIM_CCER_E | TIM_CCER_NE)) != 0;
}

/* --- break and COM ------------------------------------------------------------------------- */
/** RM0351 30.3.16: outputs go to their idle state at once. */
void tim_break(struct device *dev, uint32_t flag)
{
    struct tim_state *s = tim_state(dev);
    s->word[TIM_SR / 4u] |= flag;
    s->word[TIM_BDTR / 4u] &= ~TIM_BDTR_MOE;
}

/** BKCMPxE and BKCMPxP of OR2 or OR3. Each source by itself is compared with BKP: not confirmed. */
static bool comparator_breaks(const struct device *dev, uint32_t option, bool polarity)
{
    for (uint32_t i = 0; i < 2u; i++) {
        uint64_t wire = dev_input(dev, TIM_IN_COMP1 + i);
        bool high = pin_is_high(wire) != ((option & TIM_OR2_BKCMP1P << i) != 0);
        if ((option & TIM_OR2_BKCMP1E << i) != 0 && pin_is_driven(wire) && high == polarity)
            return true;
    }
    return false;
}

uint32_t tim_active_breaks(const struct device *dev)
{
    const struct tim_state *s = dev->state;
    uint32_t bdtr = tim_word(s, TIM_BDTR);
    static const struct {
        uint32_t enable, polarity, option, flag;
    } breaks[] = {
        {TIM_BDTR_BKE, TIM_BDTR_BKP, TIM_OR2, TIM_SR_BIF},
        {TIM_BDTR_BK2E, TIM_BDTR_BK2P, TIM_OR3, TIM_SR_B2IF},
    };

    uint32_t active = 0;
    for (uint32_t i = 0; i < ARRAY_LENGTH(breaks); i++) {
        uint32_t option = tim_word(s, breaks[i].option);
        bool polarity = (bdtr & breaks[i].polarity) != 0;
        bool wired = (s->breaks & 0x100u << i) != 0 && (option & TIM_OR2_BKINE) != 0;
        bool high = ((s->breaks >> i & 1u) != 0) != ((option & TIM_OR2_BKINP) != 0);
        if ((bdtr & breaks[i].enable) != 0 && ((wired && high == polarity) || comparator_breaks(dev, option, polarity)))
            active |= breaks[i].flag;
    }
    return active;
}

void tim_check_break(struct device *dev)
{
    uint32_t active = tim_active_breaks(dev);
    if (active != 0)
        tim_break(dev, active);
}

/** COM event: preloaded CCxE, CCxNE and OCxM take effect (RM0351 30.3.19). */
void tim_commutate(struct device *dev)
{
    struct tim_state *s = tim_state(dev);

    for (uint32_t i = 0; i < TIM_CHANNELS; i++)
        s->ref = (s->ref & ~(1u << i)) | (tim_ref(dev, i) ? 1u << i : 0);
    s->ccer = tim_word(s, TIM_CCER);
    s->ccmr[0] = tim_word(s, TIM_CCMR1);
    s->ccmr[1] = tim_word(s, TIM_CCMR2);
    s->ccmr[2] = tim_word(s, TIM_CCMR3);
    s->word[TIM_SR / 4u] |= TIM_SR_COMIF;
    tim_request_dma(s, 5);
}

/* --- dead time ----------------------------------------------------------------------------- */
/** RM0351 30.4.18, DTG; in timer clocks. */
static uint32_t dead_time(const struct tim_state *s)
{
    uint32_t dtg = tim_word(s, TIM_BDTR) & 0xffu;
    uint32_t dts = 1u << bits(tim_word(s, TIM_CR1), 8, 9);

    if (dtg < 0x80u)
        return dtg * dts;
    if (dtg < 0xc0u)
        return (64u + (dtg & 0x3fu)) * 2u * dts;
    return (32u + (dtg & 0x1fu)) * (dtg < 0xe0u ? 8u : 16u) * dts;
}

static void follow_dead_time(struct device *dev)
{
    struct tim_state *s = tim_state(dev);
    uint64_t now = tim_now(dev);
    uint32_t clocks = dead_time(s);

    for (uint32_t i = 0; i < tim_params(dev)->complementary; i++) {
        uint32_t ref = tim_ref(dev, i) ? 1u : 0u;
        if (s->dead_until[i] <= now)
            s->dead_until[i] = 0;
        if (ref == (s->seen_ref >> i & 1u))
            continue;
        s->seen_ref ^= 1u << i;
        s->dead_until[i] = clocks != 0 ? now + clocks : 0;
    }
}

/* --- channel outputs ----------------------------------------------------------------------- */
static uint8_t pin_level(bool high)
{
    return high ? PIN_HIGH : PIN_LOW;
}

/** RM0351 30.4.9, output control bits, with MOE = 0: idle levels, or nothing. */
static uint8_t idle_level(const struct tim_state *s, uint32_t channel, bool complement)
{
    if ((tim_word(s, TIM_BDTR) & TIM_BDTR_OSSI) == 0 || (tim_ccer(s, channel) & (TIM_CCER_E | TIM_CCER_NE)) == 0)
        return PIN_RELEASED;
    return pin_level((tim_word(s, TIM_CR2) & 0x100u << (2u * channel + (complement ? 1u : 0u))) != 0);
}

static uint8_t main_level(const struct device *dev, uint32_t channel)
{
    const struct tim_state *s = dev->state;
    uint32_t ccer = tim_ccer(s, channel);
    bool inverted = (ccer & TIM_CCER_P) != 0;
    bool both = channel < tim_params(dev)->complementary && (ccer & 5u) == 5u;

    if (!tim_is_output(s, channel))
        return PIN_RELEASED;
    if (!has_moe(dev))
        return idle_level(s, channel, false);
    if ((ccer & TIM_CCER_E) == 0) {
        bool held = (ccer & TIM_CCER_NE) != 0 && (tim_word(s, TIM_BDTR) & TIM_BDTR_OSSR) != 0;
        return held && channel < tim_params(dev)->complementary ? pin_level(inverted) : PIN_RELEASED;
    }
    bool active = tim_ref(dev, channel) && !(both && s->dead_until[channel] != 0);
    return pin_level(active != inverted);
}

static uint8_t complement_level(const struct device *dev, uint32_t channel)
{
    const struct tim_state *s = dev->state;
    uint32_t ccer = tim_ccer(s, channel);
    bool inverted = (ccer & TIM_CCER_NP) != 0;
    bool ref = tim_ref(dev, channel);

    if (channel >= tim_params(dev)->complementary || !tim_is_output(s, channel))
        return PIN_RELEASED;
    if (!has_moe(dev))
        return idle_level(s, channel, true);
    if ((ccer & TIM_CCER_NE) == 0) {
        bool held = (ccer & TIM_CCER_E) != 0 && (tim_word(s, TIM_BDTR) & TIM_BDTR_OSSR) != 0;
        return held ? pin_level(inverted) : PIN_RELEASED;
    }
    if ((ccer & TIM_CCER_E) == 0)
        return pin_level(ref != inverted);
    return pin_level((!ref && s->dead_until[channel] == 0) != inverted);
}

static void flush_channels(struct device *dev)
{
    struct tim_state *s = tim_state(dev);

    if (tim_params(dev)->channels == 0)
        return;
    follow_dead_time(dev);
    for (uint32_t i = 0; i < TIM_PINS + TIM_COMPLEMENTS; i++) {
        uint8_t level = i < TIM_PINS ? main_level(dev, i) : complement_level(dev, i - TIM_PINS);
        if (level == s->out[i])
            continue;
        s->out[i] = level;
        dev_output(dev, TIM_OUT_CH1 + i, level);
    }
}

/* --- trigger outputs ----------------------------------------------------------------------- */
_Static_assert(TIM_TRGO_PULSE == TRIGGER_PULSE, "pulses mean the same to converters");

static uint8_t trgo_level(const struct device *dev, uint32_t select)
{
    const struct tim_state *s = dev->state;
    if (select == 1u)
        return pin_level((tim_word(s, TIM_CR1) & TIM_CR1_CEN) != 0 &&
                         (tim_slave_mode(s) != TIM_SLAVE_GATED || tim_trigger_level(s)));
    return pin_level(select >= 4u && select < 4u + tim_params(dev)->channels && tim_ref(dev, select - 4u));
}

static void flush_triggers(struct device *dev)
{
    struct tim_state *s = tim_state(dev);
    uint32_t mms2 = bits(tim_word(s, TIM_CR2), 20, 23);
    uint8_t level = trgo_level(dev, tim_mms(s));

    if (level != s->out_trgo) {
        s->out_trgo = level;
        dev_output(dev, TIM_OUT_TRGO, level);
    }
    for (; s->trgo != 0; s->trgo--)
        dev_pulse(dev, TIM_OUT_TRGO, TIM_TRGO_PULSE);
    level = mms2 < 10u ? trgo_level(dev, mms2) : PIN_LOW;
    if (level != s->out_trgo2) {
        s->out_trgo2 = level;
        dev_output(dev, TIM_OUT_TRGO2, level);
    }
    for (; s->trgo2 != 0; s->trgo2--)
        dev_pulse(dev, TIM_OUT_TRGO2, TIM_TRGO_PULSE);
}

/* --- interrupts and DMA -------------------------------------------------------------------- */
static void flush_irqs(struct device *dev)
{
    const struct tim_state *s = dev->state;
    uint32_t active = tim_word(s, TIM_SR) & tim_word(s, TIM_DIER);
    /* RM0351 30.4.4: BIE stands for both breaks. */
    bool brk = (tim_word(s, TIM_DIER) & TIM_SR_BIF) != 0 && (tim_word(s, TIM_SR) & (TIM_SR_BIF | TIM_SR_B2IF)) != 0;
    bool up = (active & TIM_SR_UIF) != 0;
    bool trg = (active & (TIM_SR_TIF | TIM_SR_COMIF)) != 0;
    bool cc = (active & TIM_SR_CCIF) != 0;

    dev_output(dev, TIM_OUT_IRQ_BRK, brk);
    dev_output(dev, TIM_OUT_IRQ_UP, up);
    dev_output(dev, TIM_OUT_IRQ_TRG, trg);
    dev_output(dev, TIM_OUT_IRQ_CC, cc);
    dev_output(dev, TIM_OUT_IRQ, brk || up || trg || cc);
}

/** A request lasts until DMA took it. One that is not a burst is only an edge: DMA takes it at once. */
static void flush_dma(struct device *dev)
{
    struct tim_state *s = tim_state(dev);

    for (uint32_t i = 0; i < 7u; i++) {
        if ((s->dma & 1u << i) == 0)
            continue;
        s->dma &= ~(1u << i);
        uint32_t length = bits(tim_word(s, TIM_DCR), 8, 12);
        if (length != 0 && s->burst_left == 0) {
            s->burst_left = length + 1u;
            s->burst_next = bits(tim_word(s, TIM_DCR), 0, 4);
            s->burst_output = TIM_OUT_DMA_UP + i;
            dev_output(dev, TIM_OUT_DMA_UP + i, 1);
        } else if (length == 0) {
            dev_output(dev, TIM_OUT_DMA_UP + i, 1);
            dev_output(dev, TIM_OUT_DMA_UP + i, 0);
        }
    }
}

void tim_flush(struct device *dev)
{
    flush_channels(dev);
    flush_triggers(dev);
    flush_irqs(dev);
    flush_dma(dev);
}
