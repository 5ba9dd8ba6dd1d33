/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Conversions of the STM32L4 ADC: sequences, sampling, results, oversampling, watchdogs.
 */
#include "stm32_adc_v2_private.h"

#define ADC_FULL_SCALE 4096u /* steps of VREF+ at 12 bits */
#define ADC_CODE_MAX   4095u

/* RM0351 18.7.6, SMP: half cycles of the ADC clock. */
static const uint16_t sampling_halves[] = {5, 13, 25, 49, 95, 185, 495, 1281};

/* --- what is asked for --------------------------------------------------------------------- */
static uint32_t regular_length(const struct adc_unit *u)
{
    return (adc_word(u, ADC_SQR1) & 0xfu) + 1u;
}

static uint32_t injected_length(const struct adc_unit *u)
{
    return (adc_word(u, ADC_JSQR) & 3u) + 1u;
}

/** RM0351 18.7.11: SQ1 is the second field of five in SQR1, six bits each. */
static uint32_t regular_channel(const struct adc_unit *u, uint32_t rank)
{
    uint32_t field = rank + 1u;
    return adc_word(u, ADC_SQR1 + field / 5u * 4u) >> (field % 5u * 6u) & 0x1fu;
}

static uint32_t injected_channel(const struct adc_unit *u, uint32_t rank)
{
    return adc_word(u, ADC_JSQR) >> (8u + 6u * rank) & 0x1fu;
}

static uint32_t current_channel(const struct adc_unit *u)
{
    return u->injected != 0 ? injected_channel(u, u->jrank) : regular_channel(u, u->rank);
}

static uint32_t resolution(const struct adc_unit *u)
{
    return bits(adc_word(u, ADC_CFGR), 3, 4);
}

static bool is_oversampled(const struct adc_unit *u, bool injected)
{
    return (adc_word(u, ADC_CFGR2) & (injected ? ADC_CFGR2_JOVSE : ADC_CFGR2_ROVSE)) != 0;
}

/** RM0351 18.4.29: 2 to 256 conversions a result. */
static uint32_t oversampling_ratio(const struct adc_unit *u, bool injected)
{
    return is_oversampled(u, injected) ? 2u << bits(adc_word(u, ADC_CFGR2), 2, 4) : 1u;
}

static uint32_t sampling_of(const struct adc_unit *u, uint32_t channel)
{
    uint32_t reg = adc_word(u, ADC_SMPR1 + channel / 10u * 4u);
    return sampling_halves[reg >> (channel % 10u * 3u) & 7u];
}

/* --- voltages ------------------------------------------------------------------------------ */
static uint32_t internal_uv(struct device *dev, uint32_t enable, uint32_t microvolts)
{
    if ((adc_state(dev)->ccr & enable) != 0)
        return microvolts;
    dev_guest_error(dev, ADC_CCR, "ADC converts an internal channel that ADC_CCR does not switch on");
    return 0;
}

/** RM0351 18.4.11, figures of the ADCs' connectivity. */
static uint32_t channel_uv(struct device *dev, uint32_t unit, uint32_t channel)
{
    const struct stm32_adc_v2_params *params = dev->params;

    if (channel == 0 && unit == 0)
        return internal_uv(dev, ADC_CCR_VREFEN, params->vrefint_uv);
    if (channel >= 17u && unit != 1u)
        return channel == 17u ? internal_uv(dev, ADC_CCR_TSEN, params->temperature_uv)
                              : internal_uv(dev, ADC_CCR_VBATEN, params->vbat_uv / 3u);
    if ((unit == 1u && channel == 17u) || (unit == 2u && channel == 14u))
        return (uint32_t)dev_input(dev, ADC_IN_DAC1);
    if ((unit == 1u && channel == 18u) || (unit == 2u && channel == 15u))
        return (uint32_t)dev_input(dev, ADC_IN_DAC2);
    if (channel == 0 || channel > ADC_PINS) {
        dev_guest_error(dev, unit * ADC_BLOCK + ADC_SQR1, "ADC converts a channel that is connected to nothing");
        return 0;
    }
    uint64_t wire = dev_input(dev, (unit == 2u ? ADC_IN_PINS3 : ADC_IN_PINS) + channel - 1u);
    return (wire & ANALOG_TO_ADC) != 0 ? (uint32_t)wire : 0;
}

/** DS10198, ADC accuracy: the ideal curve has its first step at half an LSB of VREF+ / 4096. */
static uint32_t convert(struct device *dev, uint32_t unit, uint32_t channel)
{
    const struct adc_unit *u = adc_unit(dev, unit);
    uint64_t vref = dev_input(dev, ADC_IN_VREF);
    uint64_t uv = channel_uv(dev, unit, channel);

    if (vref == 0)
        vref = SUPPLY_UV;
    if ((adc_word(u, ADC_DIFSEL) >> channel & 1u) != 0) {
        /* RM0351 18.4.7: VREF+ / 2 in the middle, the next channel is the negative input */
        uint64_t negative = channel_uv(dev, unit, channel + 1u);
        uv = uv + vref > negative ? (uv + vref - negative) / 2u : 0;
    }
    uint64_t code = (uv * ADC_FULL_SCALE + vref / 2u) / vref;
    return code > ADC_CODE_MAX ? ADC_CODE_MAX : (uint32_t)code;
}

/* --- results ------------------------------------------------------------------------------- */
/** RM0351 18.4.26: offset, then alignment; `value` has the bits of the resolution. */
static uint32_t format(const struct adc_unit *u, uint32_t channel, uint32_t value)
{
    /* by resolution: shifts of left-aligned data, unsigned and signed */
    static const uint8_t left_unsigned[] = {4, 6, 8, 2};
    static const uint8_t left_signed[] = {3, 5, 7, 1};
    uint32_t res = resolution(u);
    bool left = (adc_word(u, ADC_CFGR) & ADC_CFGR_ALIGN) != 0;

    for (uint32_t i = 0; i < 4u; i++) {
        uint32_t ofr = adc_word(u, ADC_OFR1 + 4u * i);
        if (ofr >> 31 == 0 || bits(ofr, 26, 30) != channel)
            continue;
        value -= (ofr & 0xfffu) >> (2u * res); /* bits 11 down, as the data are */
        return (left ? value << left_signed[res] : value) & 0xffffu;
    }
    return left ? value << left_unsigned[res] : value;
}

static void check_watchdogs(struct adc_unit *u, uint32_t channel, uint32_t value12)
{
    uint32_t cfgr = adc_word(u, ADC_CFGR);
    uint32_t tr1 = adc_word(u, ADC_TR1);
    bool on = (cfgr & (u->injected != 0 ? ADC_CFGR_JAWD1EN : ADC_CFGR_AWD1EN)) != 0;

    if (on && ((cfgr & ADC_CFGR_AWD1SGL) == 0 || bits(cfgr, 26, 30) == channel) &&
        (value12 < (tr1 & 0xfffu) || value12 > bits(tr1, 16, 27)))
        u->word[ADC_ISR / 4u] |= ADC_ISR_AWD1;
    for (uint32_t i = 0; i < 2u; i++) {
        uint32_t tr = adc_word(u, ADC_TR2 + 4u * i);
        uint32_t value8 = value12 >> 4;
        if ((adc_word(u, ADC_AWD2CR + 4u * i) >> channel & 1u) != 0 &&
            (value8 < (tr & 0xffu) || value8 > bits(tr, 16, 23)))
            u->word[ADC_ISR / 4u] |= ADC_ISR_AWD1 << (1u + i);
    }
}

/** The result of the conversions so far; oversampled ones are summed, rounded and shifted (RM0351 18.4.29). */
static uint32_t result_of(struct adc_unit *u, uint32_t channel)
{
    bool injected = u->injected != 0;
    uint32_t value = u->raw >> (2u * resolution(u));

    if (!is_oversampled(u, injected)) {
        check_watchdogs(u, channel, value << (2u * resolution(u)));
        return format(u, channel, value);
    }
    uint32_t sum = injected ? u->jsum : u->sum;
    uint32_t shift = bits(adc_word(u, ADC_CFGR2), 5, 8);
    if (shift != 0)
        sum = (sum + (1u << (shift - 1u))) >> shift;
    sum &= 0xffffu;
    check_watchdogs(u, channel, sum >> 4); /* its upper 12 of 16 bits */
    return sum;
}

static void store_regular(struct device *dev, uint32_t unit, uint32_t value)
{
    struct adc_unit *u = adc_unit(dev, unit);
    uint32_t *isr = &u->word[ADC_ISR / 4u];

    if ((*isr & ADC_ISR_EOC) != 0) {
        *isr |= ADC_ISR_OVR;
        if ((adc_word(u, ADC_CFGR) & ADC_CFGR_OVRMOD) != 0)
            u->word[ADC_DR / 4u] = value;
        return;
    }
    u->word[ADC_DR / 4u] = value;
    *isr |= ADC_ISR_EOC;
    u->requested = 1;
}

/* --- sequences ----------------------------------------------------------------------------- */
/** RM0351 18.7.3: the hardware clears ADSTART (JADSTART) of a software start that is over; a slave's with its master's.
 */
static void end_start(struct device *dev, uint32_t unit, uint32_t bit, bool injected)
{
    struct adc_unit *master = adc_unit(dev, 0);
    struct adc_unit *slave = adc_unit(dev, 1);

    if (!adc_is_slave(dev, unit, injected))
        adc_unit(dev, unit)->word[ADC_CR / 4u] &= ~bit;
    if (unit < 2u && adc_is_slave(dev, 1, injected) && (adc_word(master, ADC_CR) & bit) == 0 &&
        slave->phase == ADC_IDLE)
        slave->word[ADC_CR / 4u] &= ~bit;
}

static void end_regular(struct device *dev, uint32_t unit, uint32_t channel)
{
    struct adc_unit *u = adc_unit(dev, unit);
    bool slave = adc_is_slave(dev, unit, false);
    uint32_t cfgr = adc_word(slave ? adc_unit(dev, 0) : u, ADC_CFGR);

    store_regular(dev, unit, result_of(u, channel));
    u->sum = 0;
    u->samples = 0;
    u->rank++;
    if (u->armed > 0)
        u->armed--;
    if (u->rank == regular_length(u)) {
        u->rank = 0;
        u->armed = 0;
        u->word[ADC_ISR / 4u] |= ADC_ISR_EOS;
        if ((cfgr & ADC_CFGR_JAUTO) != 0)
            u->jarmed = injected_length(u);
        /* an interleaved slave waits for the next sampling of its master */
        if ((cfgr & (ADC_CFGR_CONT | ADC_CFGR_DISCEN)) == ADC_CFGR_CONT && !(slave && adc_interleaved(dev)))
            u->armed = regular_length(u);
    }
    if (u->armed == 0 && (cfgr & (ADC_CFGR_CONT | ADC_CFGR_EXTEN)) == 0)
        end_start(dev, unit, ADC_CR_ADSTART, false);
}

static void end_injected(struct device *dev, uint32_t unit, uint32_t channel)
{
    struct adc_unit *u = adc_unit(dev, unit);

    u->word[(ADC_JDR1 + 4u * u->jrank) / 4u] = result_of(u, channel);
    u->word[ADC_ISR / 4u] |= ADC_ISR_JEOC;
    u->jsum = 0;
    u->jsamples = 0;
    u->jrank++;
    if (u->jarmed > 0)
        u->jarmed--;
    if (u->jrank == injected_length(u)) {
        u->jrank = 0;
        u->jarmed = 0;
        u->word[ADC_ISR / 4u] |= ADC_ISR_JEOS;
    }
    const struct adc_unit *control = adc_unit(dev, adc_is_slave(dev, unit, true) ? 0 : unit);
    if (u->jarmed == 0 && (adc_word(control, ADC_JSQR) & ADC_JSQR_JEXTEN) == 0)
        end_start(dev, unit, ADC_CR_JADSTART, true);
}

/** One conversion is over; with oversampling it may be one of several. */
static void end_conversion(struct device *dev, uint32_t unit)
{
    struct adc_unit *u = adc_unit(dev, unit);
    bool injected = u->injected != 0;
    uint32_t channel = current_channel(u);

    *(injected ? &u->jsum : &u->sum) += u->raw >> (2u * resolution(u));
    if (++*(injected ? &u->jsamples : &u->samples) < oversampling_ratio(u, injected)) {
        /* RM0351 18.4.29: with TROVS each conversion of a regular channel waits for a trigger */
        if (!injected && (adc_word(u, ADC_CFGR2) & ADC_CFGR2_TROVS) != 0)
            u->armed = 0;
        return;
    }
    if (injected)
        end_injected(dev, unit, channel);
    else
        end_regular(dev, unit, channel);
}

static void begin_phase(struct device *dev, uint32_t unit, enum adc_phase phase, uint64_t at_ps, uint64_t halves)
{
    struct adc_unit *u = adc_unit(dev, unit);
    u->phase = phase;
    u->step_ps = at_ps + adc_halves_ps(dev, halves);
    dev_event_at(dev, ADC_EVENT_STEP + unit, u->step_ps);
}

/** The slave of an interleaved pair samples when its delay is over. */
static void begin_delay(struct device *dev, uint32_t unit)
{
    struct adc_unit *u = adc_unit(dev, unit);
    u->phase = ADC_DELAY;
    u->step_ps = u->follow_ps;
    u->follow_ps = 0;
    dev_event_at(dev, ADC_EVENT_STEP + unit, u->step_ps);
}

/** RM0351 18.4.30: the slave's turn comes DELAY + 1 cycles after the master's sampling; it is lost if it converts then.
 */
static void follow(struct device *dev, uint64_t sampled_ps)
{
    struct adc_unit *slave = adc_unit(dev, 1);
    if ((adc_word(slave, ADC_CR) & ADC_CR_ADSTART) == 0)
        return;
    slave->follow_ps = sampled_ps + adc_halves_ps(dev, 2u * (bits(adc_state(dev)->ccr, 8, 11) + 1u));
    if (slave->phase == ADC_IDLE)
        begin_delay(dev, 1);
}

void adc_advance(struct device *dev, uint32_t unit, uint64_t at_ps)
{
    struct adc_unit *u = adc_unit(dev, unit);
    uint32_t isr = adc_word(u, ADC_ISR);
    bool delayed = (adc_word(u, ADC_CFGR) & ADC_CFGR_AUTDLY) != 0;

    if (u->phase != ADC_IDLE || (u->armed == 0 && u->jarmed == 0) || !adc_has_clock(dev))
        return;
    /* RM0351 18.4.28: until the data of the group before are read, or their flag is cleared */
    if (u->jarmed != 0 && !(delayed && u->jrank == 0 && (isr & ADC_ISR_JEOS) != 0))
        u->injected = 1;
    else if (u->jarmed == 0 && !(delayed && (isr & (ADC_ISR_EOC | ADC_ISR_JEOS)) != 0))
        u->injected = 0;
    else
        return;
    begin_phase(dev, unit, ADC_SAMPLING, at_ps, sampling_of(u, current_channel(u)));
}

void adc_step(struct device *dev, uint32_t unit)
{
    struct adc_unit *u = adc_unit(dev, unit);
    uint64_t ended_ps = u->step_ps;

    switch ((enum adc_phase)u->phase) {
    case ADC_DELAY:
        u->phase = ADC_IDLE;
        u->armed = 1;
        break;
    case ADC_SAMPLING:
        u->raw = convert(dev, unit, current_channel(u));
        u->word[ADC_ISR / 4u] |= ADC_ISR_EOSMP;
        /* RM0351 18.7.4: 12.5 cycles at 12 bits, one less for each bit less */
        begin_phase(dev, unit, ADC_CONVERTING, ended_ps, 25u - 4u * resolution(u));
        if (unit == 0 && u->injected == 0 && adc_interleaved(dev))
            follow(dev, ended_ps);
        return;
    case ADC_CONVERTING:
        u->phase = ADC_IDLE;
        end_conversion(dev, unit);
        if (u->follow_ps >= ended_ps)
            begin_delay(dev, unit);
        break;
    case ADC_IDLE:
        return;
    }
    adc_advance(dev, unit, ended_ps);
}

void adc_trigger_regular(struct device *dev, uint32_t unit, uint64_t at_ps)
{
    struct adc_unit *u = adc_unit(dev, unit);
    uint32_t cfgr = adc_word(u, ADC_CFGR);

    if ((adc_word(u, ADC_CR) & ADC_CR_ADSTART) == 0 || u->armed != 0 || u->dma_over != 0)
        return; /* RM0351 18.4.18: a trigger during a sequence is ignored */
    uint32_t left = regular_length(u) - u->rank;
    uint32_t group = (cfgr & ADC_CFGR_DISCEN) != 0 ? bits(cfgr, 17, 19) + 1u : left;
    u->armed = group < left ? group : left;
    adc_advance(dev, unit, at_ps);
    if (unit == 0 && adc_dual_regular(dev) && !adc_interleaved(dev))
        adc_trigger_regular(dev, 1, at_ps);
}

void adc_trigger_injected(struct device *dev, uint32_t unit, uint64_t at_ps)
{
    struct adc_unit *u = adc_unit(dev, unit);

    if ((adc_word(u, ADC_CR) & ADC_CR_JADSTART) == 0 || u->jarmed != 0)
        return;
    u->jarmed = (adc_word(u, ADC_CFGR) & ADC_CFGR_JDISCEN) != 0 ? 1u : injected_length(u);
    if (u->phase > ADC_DELAY && u->injected == 0) {
        /* RM0351 18.4.17: the regular conversion is dropped and made again after the sequence */
        dev_event_cancel(dev, ADC_EVENT_STEP + unit);
        u->phase = ADC_IDLE;
        if (u->armed == 0)
            u->armed = 1;
        if ((adc_word(u, ADC_CFGR2) & ADC_CFGR2_ROVSM) != 0) {
            u->sum = 0;
            u->samples = 0;
        }
    }
    adc_advance(dev, unit, at_ps);
    if (unit == 0 && adc_dual_injected(dev))
        adc_trigger_injected(dev, 1, at_ps);
}

void adc_stop(struct device *dev, uint32_t unit, bool injected)
{
    struct adc_unit *u = adc_unit(dev, unit);

    if (u->phase != ADC_IDLE && (u->injected != 0) == injected) {
        dev_event_cancel(dev, ADC_EVENT_STEP + unit);
        u->phase = ADC_IDLE;
    }
    if (injected) {
        u->jarmed = 0;
        u->jrank = 0;
        u->jsum = 0;
        u->jsamples = 0;
    } else {
        u->armed = 0;
        u->follow_ps = 0;
        u->rank = 0;
        u->sum = 0;
        u->samples = 0;
        u->requested = 0;
    }
}
