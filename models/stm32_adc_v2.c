/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The ADCs of the STM32L47x/L48x with their common registers (RM0351 chapter 18): registers, control bits, triggers,
 * requests. Conversions are in stm32_adc_v2_convert.c.
 *
 * Modelled: deep power-down and regulator with its start-up time, calibration (116 cycles), enable and disable,
 * regular and injected sequences, single, continuous, discontinuous and automatic injected conversions, software and
 * hardware triggers, sampling and conversion times in half cycles of the ADC clock, resolutions, alignment, offsets,
 * oversampling, every flag but JQOVF, overrun, auto-delay, three analog watchdogs, DMA one-shot and circular, dual
 * mode of ADC1 and ADC2 (simultaneous, interleaved, MDMA), differential inputs, internal channels.
 *
 * Not modelled, reported as gaps: the queue of injected contexts (JQDIS = 0), alternate trigger mode. Silently: the
 * time from a trigger to the sampling, errors of the analog part (conversions are ideal, calibrated or not), watchdog
 * outputs to timers, too short sampling times, start-up of the internal channels.
 *
 * Not confirmed: a field written while its group converts, or ADSTART before ADRDY, is ignored; a one-shot DMA that is
 * over leaves ADSTART set; ADRDY comes 15 cycles after ADEN, ADDIS, ADSTP and JADSTP take 2; timers' channels
 * trigger as their outputs on pins do.
 */
#include "stm32_adc_v2_private.h"

#define REGULATOR_PS     (20u * PS_PER_US) /* DS10198, tADCVREG_STUP */
#define CALIBRATE_CYCLES 116u              /* DS10198, tCAL */
#define ENABLE_CYCLES    15u               /* DS10198, tSTAB: one conversion */
#define STOP_CYCLES      2u
#define RECOVER_CYCLES   4u /* RM0351 18.4.8: from ADCAL to ADEN */

/* RM0351 18.7 */
#define UNIT(n, at)                                                                                                    \
    {(at) + ADC_ISR, "ADC" #n "_ISR", 0, 0, 0x000007ffu, 0, 0},                                                        \
        {(at) + ADC_IER, "ADC" #n "_IER", 0, 0x000007ffu, 0, 0, 0},                                                    \
        {(at) + ADC_CR, "ADC" #n "_CR", ADC_CR_DEEPPWD, 0x70000000u, 0, 0x8000003fu, 0},                               \
        {(at) + ADC_CFGR, "ADC" #n "_CFGR", ADC_CFGR_JQDIS, 0xffff7ffbu, 0, 0, 0},                                     \
        {(at) + ADC_CFGR2, "ADC" #n "_CFGR2", 0, 0x000007ffu, 0, 0, 0},                                                \
        {(at) + ADC_SMPR1, "ADC" #n "_SMPR1", 0, 0x3fffffffu, 0, 0, 0},                                                \
        {(at) + ADC_SMPR1 + 4u, "ADC" #n "_SMPR2", 0, 0x07ffffffu, 0, 0, 0},                                           \
        {(at) + ADC_TR1, "ADC" #n "_TR1", 0x0fff0000u, 0x0fff0fffu, 0, 0, 0},                                          \
        {(at) + ADC_TR2, "ADC" #n "_TR2", 0x00ff0000u, 0x00ff00ffu, 0, 0, 0},                                          \
        {(at) + ADC_TR3, "ADC" #n "_TR3", 0x00ff0000u, 0x00ff00ffu, 0, 0, 0},                                          \
        {(at) + ADC_SQR1, "ADC" #n "_SQR1", 0, 0x1f7df7cfu, 0, 0, 0},                                                  \
        {(at) + ADC_SQR1 + 4u, "ADC" #n "_SQR2", 0, 0x1f7df7dfu, 0, 0, 0},                                             \
        {(at) + ADC_SQR1 + 8u, "ADC" #n "_SQR3", 0, 0x1f7df7dfu, 0, 0, 0},                                             \
        {(at) + ADC_SQR4, "ADC" #n "_SQR4", 0, 0x000007dfu, 0, 0, 0},                                                  \
        {(at) + ADC_DR, "ADC" #n "_DR", 0, 0, 0, 0, 0x0000ffffu},                                                      \
        {(at) + ADC_JSQR, "ADC" #n "_JSQR", 0, 0x7df7dfffu, 0, 0, 0},                                                  \
        {(at) + ADC_OFR1, "ADC" #n "_OFR1", 0, 0xfc000fffu, 0, 0, 0},                                                  \
        {(at) + ADC_OFR1 + 4u, "ADC" #n "_OFR2", 0, 0xfc000fffu, 0, 0, 0},                                             \
        {(at) + ADC_OFR1 + 8u, "ADC" #n "_OFR3", 0, 0xfc000fffu, 0, 0, 0},                                             \
        {(at) + ADC_OFR4, "ADC" #n "_OFR4", 0, 0xfc000fffu, 0, 0, 0},                                                  \
        {(at) + ADC_JDR1, "ADC" #n "_JDR1", 0, 0, 0, 0, 0x0000ffffu},                                                  \
        {(at) + ADC_JDR1 + 4u, "ADC" #n "_JDR2", 0, 0, 0, 0, 0x0000ffffu},                                             \
        {(at) + ADC_JDR1 + 8u, "ADC" #n "_JDR3", 0, 0, 0, 0, 0x0000ffffu},                                             \
        {(at) + ADC_JDR4, "ADC" #n "_JDR4", 0, 0, 0, 0, 0x0000ffffu},                                                  \
        {(at) + ADC_AWD2CR, "ADC" #n "_AWD2CR", 0, 0x0007ffffu, 0, 0, 0},                                              \
        {(at) + ADC_AWD3CR, "ADC" #n "_AWD3CR", 0, 0x0007ffffu, 0, 0, 0},                                              \
        {(at) + ADC_DIFSEL, "ADC" #n "_DIFSEL", 0, 0x0000fffeu, 0, 0, 0},                                              \
    {                                                                                                                  \
        (at) + ADC_CALFACT, "ADC" #n "_CALFACT", 0, 0x007f007fu, 0, 0, 0                                               \
    }

static const struct reg_desc adc_regs[] = {
    UNIT(1, 0x000u),
    UNIT(2, 0x100u),
    UNIT(3, 0x200u),
    {ADC_CSR, "ADC_CSR", 0, 0, 0, 0, 0x07ff07ffu},
    {ADC_CCR, "ADC_CCR", 0, 0x01ffef1fu, 0, 0, 0},
    {ADC_CDR, "ADC_CDR", 0, 0, 0, 0, 0xffffffffu},
};

#define SIXTEEN(p)                                                                                                     \
    p "0", p "1", p "2", p "3", p "4", p "5", p "6", p "7", p "8", p "9", p "10", p "11", p "12", p "13", p "14", p "15"
#define CHANNELS(p)                                                                                                    \
    p "1", p "2", p "3", p "4", p "5", p "6", p "7", p "8", p "9", p "10", p "11", p "12", p "13", p "14", p "15",     \
        p "16"
/* doneUa and doneUb: ADC U has a place at each DMA controller. */
static const char *const adc_inputs[] = {
    "clk",    "rst",    "ker",    "vref",         "dac1",          "dac2",         "done1a",         "done1b", "done2a",
    "done2b", "done3a", "done3b", SIXTEEN("trg"), SIXTEEN("jtrg"), CHANNELS("in"), CHANNELS("in3_"), NULL};
static const char *const adc_outputs[] = {"irq12", "irq3", "dma1", "dma2", "dma3", NULL};
_Static_assert(ARRAY_LENGTH(adc_inputs) == ADC_IN_COUNT + 1u, "inputs of the ADCs");
_Static_assert(ARRAY_LENGTH(adc_outputs) == ADC_OUT_COUNT + 1u, "outputs of the ADCs");

/* --- clock, interrupts, requests ------------------------------------------------------------- */
/** The clock's source in Hz, and what divides it: RM0351 18.8.2, CKMODE and PRESC. */
static uint64_t clock_source(const struct device *dev, uint32_t *divider)
{
    static const uint16_t prescalers[] = {1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256, 256, 256, 256, 256};
    uint32_t ccr = adc_state(dev)->ccr;
    uint32_t ckmode = bits(ccr, 16, 17);

    *divider = ckmode != 0 ? 1u << (ckmode - 1u) : prescalers[bits(ccr, 18, 21)];
    /* without its bus clock the ADC does nothing */
    return dev_input(dev, ADC_IN_CLK) == 0 ? 0 : dev_input(dev, ckmode != 0 ? ADC_IN_CLK : ADC_IN_KER);
}

bool adc_has_clock(const struct device *dev)
{
    uint32_t divider;
    return clock_source(dev, &divider) != 0;
}

uint64_t adc_halves_ps(const struct device *dev, uint64_t halves)
{
    uint32_t divider;
    uint64_t hz = clock_source(dev, &divider);
    return hz == 0 ? 0 : mul_div_ceil(halves * divider, PS_PER_S, 2u * hz);
}

static uint32_t mdma(const struct device *dev)
{
    return adc_dual(dev) == ADC_DUAL_OFF ? 0 : bits(adc_state(dev)->ccr, 14, 15);
}

static bool wants_dma(const struct device *dev, uint32_t unit)
{
    const struct adc_unit *u = adc_unit(dev, unit);
    const struct adc_unit *slave = adc_unit(dev, 1);
    bool request = u->requested != 0 && (adc_word(u, ADC_ISR) & ADC_ISR_OVR) == 0 && u->dma_over == 0;

    if (unit == 2u || mdma(dev) == 0)
        return request && (adc_word(u, ADC_CFGR) & ADC_CFGR_DMAEN) != 0;
    /* RM0351 18.4.30: one request when both have converted */
    return unit == 0 && request && slave->requested != 0 && (adc_word(slave, ADC_ISR) & ADC_ISR_OVR) == 0;
}

void adc_update(struct device *dev)
{
    struct adc_state *s = adc_state(dev);
    uint32_t pending[ADC_UNITS];

    for (uint32_t unit = 0; unit < ADC_UNITS; unit++)
        pending[unit] = adc_word(&s->unit[unit], ADC_ISR) & adc_word(&s->unit[unit], ADC_IER);
    uint32_t irq[2] = {(pending[0] | pending[1]) != 0, pending[2] != 0};
    for (uint32_t i = 0; i < 2u; i++)
        if (irq[i] != s->irq[i]) {
            s->irq[i] = irq[i];
            dev_output(dev, ADC_OUT_IRQ12 + i, irq[i]);
        }
    for (uint32_t unit = 0; unit < ADC_UNITS; unit++) {
        uint32_t level = wants_dma(dev, unit);
        if (level == s->unit[unit].driven)
            continue;
        s->unit[unit].driven = level;
        dev_output(dev, ADC_OUT_DMA1 + unit, level);
    }
}

/* --- control ------------------------------------------------------------------------------- */
static void schedule_control(struct device *dev, uint32_t unit, uint32_t cycles)
{
    if (adc_has_clock(dev))
        dev_event_after(dev, ADC_EVENT_CONTROL + unit, adc_halves_ps(dev, 2u * cycles));
    else
        dev_guest_error(dev, unit * ADC_BLOCK + ADC_CR, "ADC_CR: the ADC has no clock (CKMODE, RCC_CCIPR.ADCSEL)");
}

/** ADC2's start and stop bits of a group follow ADC1's while it is the slave. */
static void copy_to_slave(struct device *dev, uint32_t unit, bool injected)
{
    uint32_t bit = injected ? ADC_CR_JADSTART : ADC_CR_ADSTART;
    struct adc_unit *slave = adc_unit(dev, 1);

    if (unit != 0 || !adc_is_slave(dev, 1, injected))
        return;
    if ((adc_word(adc_unit(dev, 0), ADC_CR) & bit) == 0) {
        slave->word[ADC_CR / 4u] &= ~bit;
        adc_stop(dev, 1, injected);
    } else if (slave->ready != 0) {
        slave->word[ADC_CR / 4u] |= bit;
        slave->dma_over = 0;
    }
}

static void start_group(struct device *dev, uint32_t unit, bool injected)
{
    struct adc_unit *u = adc_unit(dev, unit);
    bool hardware =
        injected ? (adc_word(u, ADC_JSQR) & ADC_JSQR_JEXTEN) != 0 : (adc_word(u, ADC_CFGR) & ADC_CFGR_EXTEN) != 0;

    if (u->ready == 0 || (adc_word(u, ADC_CR) & ADC_CR_ADDIS) != 0) {
        dev_guest_error(dev, unit * ADC_BLOCK + ADC_CR, "ADC started before it is ready (ADRDY)");
        return;
    }
    if (adc_is_slave(dev, unit, injected))
        return;
    u->word[ADC_CR / 4u] |= injected ? ADC_CR_JADSTART : ADC_CR_ADSTART;
    if (!injected)
        u->dma_over = 0;
    copy_to_slave(dev, unit, injected);
    if (hardware)
        return;
    if (injected)
        adc_trigger_injected(dev, unit, dev_now_ps(dev));
    else
        adc_trigger_regular(dev, unit, dev_now_ps(dev));
}

static void calibrate(struct device *dev, uint32_t unit)
{
    struct adc_unit *u = adc_unit(dev, unit);
    uint32_t *cr = &u->word[ADC_CR / 4u];

    if ((*cr & (ADC_CR_ADVREGEN | ADC_CR_ADEN | ADC_CR_ADCAL)) != ADC_CR_ADVREGEN) {
        dev_guest_error(dev, unit * ADC_BLOCK + ADC_CR, "ADC_CR.ADCAL while the ADC is enabled or has no regulator");
        return;
    }
    if (dev_now_ps(dev) < u->powered_ps)
        dev_guest_error(dev, unit * ADC_BLOCK + ADC_CR, "ADC used before its regulator is up (20 us)");
    *cr |= ADC_CR_ADCAL;
    schedule_control(dev, unit, CALIBRATE_CYCLES);
}

static void enable(struct device *dev, uint32_t unit)
{
    struct adc_unit *u = adc_unit(dev, unit);
    uint32_t *cr = &u->word[ADC_CR / 4u];

    if ((*cr & (ADC_CR_ADVREGEN | ADC_CR_ADCAL)) != ADC_CR_ADVREGEN) {
        dev_guest_error(dev, unit * ADC_BLOCK + ADC_CR, "ADC_CR.ADEN without the regulator or during a calibration");
        return;
    }
    if ((*cr & ADC_CR_ADEN) != 0 || dev_now_ps(dev) < u->enable_ps)
        return; /* RM0351 18.4.8: not within four cycles of a calibration */
    if (dev_now_ps(dev) < u->powered_ps)
        dev_guest_error(dev, unit * ADC_BLOCK + ADC_CR, "ADC used before its regulator is up (20 us)");
    *cr |= ADC_CR_ADEN;
    schedule_control(dev, unit, ENABLE_CYCLES);
}

static void write_power(struct device *dev, uint32_t unit, uint32_t power)
{
    struct adc_unit *u = adc_unit(dev, unit);
    uint32_t *cr = &u->word[ADC_CR / 4u];
    uint32_t old = *cr & 0x70000000u;

    if ((power & ADC_CR_DEEPPWD) != 0)
        power &= ~ADC_CR_ADVREGEN;
    if (power == old)
        return;
    if ((*cr & ~0x70000000u) != 0) { /* RM0351 18.7.3: only while all others are 0 */
        dev_guest_error(dev, unit * ADC_BLOCK + ADC_CR, "ADC_CR.ADVREGEN, DEEPPWD or ADCALDIF written while it works");
        return;
    }
    if ((power & ~old & ADC_CR_ADVREGEN) != 0)
        u->powered_ps = dev_now_ps(dev) + REGULATOR_PS;
    *cr = (*cr & ~0x70000000u) | power;
}

/** RM0351 18.7.3: most bits are set by software and cleared by hardware. */
static void write_cr(struct device *dev, uint32_t unit, uint32_t value, uint32_t lanes)
{
    struct adc_unit *u = adc_unit(dev, unit);
    uint32_t *cr = &u->word[ADC_CR / 4u];
    uint32_t set = value & lanes;

    write_power(dev, unit, ((*cr & ~lanes) | set) & 0x70000000u);
    if ((set & ADC_CR_ADCAL) != 0)
        calibrate(dev, unit);
    if ((set & ADC_CR_ADEN) != 0)
        enable(dev, unit);
    if ((set & ADC_CR_ADDIS) != 0 && (*cr & (ADC_CR_ADEN | ADC_CR_ADSTART | ADC_CR_JADSTART)) == ADC_CR_ADEN) {
        *cr |= ADC_CR_ADDIS;
        schedule_control(dev, unit, STOP_CYCLES);
    }
    if ((set & ADC_CR_ADSTP) != 0 && (*cr & ADC_CR_ADSTART) != 0 && !adc_is_slave(dev, unit, false)) {
        *cr |= ADC_CR_ADSTP;
        schedule_control(dev, unit, STOP_CYCLES);
    }
    if ((set & ADC_CR_JADSTP) != 0 && (*cr & ADC_CR_JADSTART) != 0 && !adc_is_slave(dev, unit, true)) {
        *cr |= ADC_CR_JADSTP;
        schedule_control(dev, unit, STOP_CYCLES);
    }
    if ((set & ADC_CR_ADSTART & ~*cr) != 0)
        start_group(dev, unit, false);
    if ((set & ADC_CR_JADSTART & ~*cr) != 0)
        start_group(dev, unit, true);
}

static void stop_group(struct device *dev, uint32_t unit, bool injected)
{
    struct adc_unit *u = adc_unit(dev, unit);
    u->word[ADC_CR / 4u] &= injected ? ~(ADC_CR_JADSTART | ADC_CR_JADSTP) : ~(ADC_CR_ADSTART | ADC_CR_ADSTP);
    adc_stop(dev, unit, injected);
    copy_to_slave(dev, unit, injected);
}

/** What control bits began is done. */
static void finish_control(struct device *dev, uint32_t unit)
{
    struct adc_unit *u = adc_unit(dev, unit);
    const struct stm32_adc_v2_params *params = dev->params;
    uint32_t *cr = &u->word[ADC_CR / 4u];

    if ((*cr & ADC_CR_ADCAL) != 0) {
        *cr &= ~ADC_CR_ADCAL;
        uint32_t shift = (*cr & ADC_CR_ADCALDIF) != 0 ? 16u : 0;
        uint32_t *calfact = &u->word[ADC_CALFACT / 4u];
        *calfact = (*calfact & ~(0x7fu << shift)) | params->calfact << shift;
        u->enable_ps = dev_now_ps(dev) + adc_halves_ps(dev, 2u * RECOVER_CYCLES);
    }
    if ((*cr & ADC_CR_ADEN) != 0 && u->ready == 0) {
        u->ready = 1;
        u->word[ADC_ISR / 4u] |= ADC_ISR_ADRDY;
    }
    if ((*cr & ADC_CR_ADSTP) != 0) {
        stop_group(dev, unit, false);
        if ((adc_word(u, ADC_CFGR) & ADC_CFGR_JAUTO) != 0)
            adc_stop(dev, unit, true);
    }
    if ((*cr & ADC_CR_JADSTP) != 0)
        stop_group(dev, unit, true);
    if ((*cr & ADC_CR_ADDIS) != 0) {
        *cr &= ~(ADC_CR_ADEN | ADC_CR_ADDIS);
        u->ready = 0;
    }
    adc_advance(dev, unit, dev_now_ps(dev));
}

/* --- registers ----------------------------------------------------------------------------- */
/** RM0351 18.7: what may be written only while the groups that use it stand still. */
static bool is_locked(const struct adc_unit *u, uint32_t offset)
{
    uint32_t cr = adc_word(u, ADC_CR);

    if (offset >= ADC_SQR1 && offset <= ADC_SQR4)
        return (cr & ADC_CR_ADSTART) != 0;
    if (offset == ADC_JSQR)
        return (cr & ADC_CR_JADSTART) != 0 && (adc_word(u, ADC_CFGR) & ADC_CFGR_JQDIS) != 0;
    if (offset == ADC_DIFSEL)
        return (cr & ADC_CR_ADEN) != 0;
    return offset != ADC_IER && (cr & (ADC_CR_ADSTART | ADC_CR_JADSTART)) != 0;
}

static void write_config(struct device *dev, uint32_t unit, const struct reg_desc *reg, uint32_t word, uint32_t lanes)
{
    struct adc_unit *u = adc_unit(dev, unit);
    uint32_t offset = reg->offset % ADC_BLOCK;
    uint32_t old = adc_word(u, offset);
    uint32_t new = reg_written(reg, old, word, lanes);

    if (new != old && is_locked(u, offset)) {
        dev_guest_error(dev, reg->offset, "ADC register written while the ADC converts or is enabled");
        return;
    }
    u->word[offset / 4u] = new;
    if (offset != ADC_CFGR)
        return;
    if ((old & ~new &ADC_CFGR_JQDIS) != 0)
        dev_gap(dev, reg->offset, true, new, "ADC_CFGR.JQDIS = 0: queue of injected contexts");
    if ((new & ~old &ADC_CFGR_DMAEN) != 0)
        u->requested = 0; /* for data that come from now on */
}

static void write_isr(struct device *dev, uint32_t unit, uint32_t cleared)
{
    struct adc_unit *u = adc_unit(dev, unit);
    u->word[ADC_ISR / 4u] &= ~cleared;
    if ((cleared & ADC_ISR_EOC) != 0)
        u->requested = 0;
    adc_advance(dev, unit, dev_now_ps(dev));
}

static void write_ccr(struct device *dev, const struct reg_desc *reg, uint32_t word, uint32_t lanes)
{
    struct adc_state *s = adc_state(dev);
    uint32_t new = reg_written(reg, s->ccr, word, lanes);
    uint32_t enabled = 0;

    for (uint32_t unit = 0; unit < ADC_UNITS; unit++)
        enabled |= adc_word(&s->unit[unit], ADC_CR) & (ADC_CR_ADEN | ADC_CR_ADCAL);
    if (enabled != 0 && ((new ^ s->ccr) & 0x003f001fu) != 0) { /* RM0351 18.8.2 */
        dev_guest_error(dev, ADC_CCR, "ADC_CCR.DUAL, CKMODE or PRESC written while an ADC is enabled");
        new = (new & ~0x003f001fu) | (s->ccr & 0x003f001fu);
    }
    uint32_t dual = new & 0x1fu;
    if (dual != (s->ccr & 0x1fu) && (dual == ADC_DUAL_REGULAR_ALTERNATE || dual == ADC_DUAL_ALTERNATE))
        dev_gap(dev, ADC_CCR, true, new, "ADC_CCR.DUAL: alternate trigger mode");
    s->ccr = new;
}

static uint32_t take_data(struct device *dev, uint32_t unit)
{
    struct adc_unit *u = adc_unit(dev, unit);
    u->word[ADC_ISR / 4u] &= ~ADC_ISR_EOC;
    u->requested = 0;
    u->read_ps = dev_now_ps(dev);
    return adc_word(u, ADC_DR);
}

static uint32_t read_register(struct device *dev, uint32_t offset)
{
    struct adc_state *s = adc_state(dev);
    uint32_t unit = offset / ADC_BLOCK;
    uint32_t in_block = offset % ADC_BLOCK;

    switch (offset) {
    case ADC_CSR:
        return adc_word(&s->unit[0], ADC_ISR) | adc_word(&s->unit[1], ADC_ISR) << 16;
    case ADC_CCR:
        return s->ccr;
    case ADC_CDR: {
        if (adc_dual(dev) == ADC_DUAL_OFF)
            return 0;
        uint32_t master = take_data(dev, 0);
        uint32_t slave = take_data(dev, 1);
        return mdma(dev) == 3u ? (slave & 0xffu) << 8 | (master & 0xffu) : slave << 16 | master;
    }
    default:
        break;
    }
    if (in_block == ADC_DR)
        return take_data(dev, unit);
    if (in_block >= ADC_JDR1 && in_block <= ADC_JDR4)
        s->unit[unit].word[ADC_ISR / 4u] &= ~ADC_ISR_JEOC;
    return adc_word(&s->unit[unit], in_block);
}

static uint32_t adc_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return 0;
    uint32_t value = reg_lane_read(read_register(dev, reg->offset), offset, size);
    uint32_t in_block = reg->offset % ADC_BLOCK;
    if (in_block == ADC_DR || in_block >= ADC_JDR1 || reg->offset == ADC_CDR) {
        for (uint32_t unit = 0; unit < ADC_UNITS; unit++)
            adc_advance(dev, unit, dev_now_ps(dev));
        adc_update(dev);
    }
    return value;
}

static void adc_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    const struct reg_desc *reg = model_register(dev, offset);
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t lanes = reg_lane_mask(offset, size);

    if (reg == NULL)
        return;
    uint32_t unit = reg->offset / ADC_BLOCK;
    uint32_t in_block = reg->offset % ADC_BLOCK;
    if (reg->offset == ADC_CCR)
        write_ccr(dev, reg, word, lanes);
    else if (unit == ADC_UNITS)
        return; /* CSR, CDR */
    else if (in_block == ADC_ISR)
        write_isr(dev, unit, word & lanes & reg->w1c);
    else if (in_block == ADC_CR)
        write_cr(dev, unit, word, lanes);
    else
        write_config(dev, unit, reg, word, lanes);
    adc_update(dev);
}

/* --- reset, wires, events ------------------------------------------------------------------ */
static void adc_reset(struct device *dev, enum reset_kind kind)
{
    struct adc_state *s = adc_state(dev);
    struct adc_state old = *s;
    (void)kind;

    *s = (struct adc_state){.levels = old.levels, .irq = {old.irq[0], old.irq[1]}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(adc_regs); i++)
        if (adc_regs[i].offset < ADC_UNITS * ADC_BLOCK)
            s->unit[adc_regs[i].offset / ADC_BLOCK].word[adc_regs[i].offset % ADC_BLOCK / 4u] = adc_regs[i].reset;
    for (uint32_t unit = 0; unit < ADC_UNITS; unit++)
        s->unit[unit].driven = old.unit[unit].driven;
    for (uint32_t event = 0; event < ADC_EVENT_COUNT; event++)
        dev_event_cancel(dev, event);
    adc_update(dev);
}

static void trigger_input(struct device *dev, uint32_t index, uint64_t value)
{
    struct adc_state *s = adc_state(dev);
    uint32_t bit = 1u << index;
    bool pulse = value == TRIGGER_PULSE;
    bool was = (s->levels & bit) != 0;
    bool high = pin_is_high(value);
    bool injected = index >= ADC_TRIGGERS;

    s->levels = (s->levels & ~bit) | (high ? bit : 0);
    for (uint32_t unit = 0; unit < ADC_UNITS; unit++) {
        const struct adc_unit *u = &s->unit[unit];
        uint32_t select = injected ? bits(adc_word(u, ADC_JSQR), 2, 5) : bits(adc_word(u, ADC_CFGR), 6, 9);
        uint32_t edges = injected ? bits(adc_word(u, ADC_JSQR), 6, 7) : bits(adc_word(u, ADC_CFGR), 10, 11);
        bool hit = ((edges & 1u) != 0 && (pulse || (high && !was))) || ((edges & 2u) != 0 && (pulse || (!high && was)));
        if (!hit || select != index % ADC_TRIGGERS || adc_is_slave(dev, unit, injected))
            continue;
        if (injected)
            adc_trigger_injected(dev, unit, dev_now_ps(dev));
        else
            adc_trigger_regular(dev, unit, dev_now_ps(dev));
    }
}

/** RM0351 18.4.27: a one-shot DMA whose last transfer was just made. */
static void dma_done(struct device *dev, uint32_t unit)
{
    struct adc_unit *u = adc_unit(dev, unit);
    bool common = unit < 2u && mdma(dev) != 0;
    bool on = common || (adc_word(u, ADC_CFGR) & ADC_CFGR_DMAEN) != 0;
    bool circular =
        common ? (adc_state(dev)->ccr & ADC_CCR_DMACFG) != 0 : (adc_word(u, ADC_CFGR) & ADC_CFGR_DMACFG) != 0;

    if (!on || circular || u->read_ps != dev_now_ps(dev) || (adc_word(u, ADC_CR) & ADC_CR_ADSTART) == 0)
        return;
    u->dma_over = 1;
    adc_stop(dev, unit, false);
    if (common)
        adc_stop(dev, 1, false);
}

/** Phases stand still without a clock; what control bits wait for begins when there is one. */
static void clock_input(struct device *dev)
{
    bool runs = adc_has_clock(dev);
    const uint32_t waits = ADC_CR_ADCAL | ADC_CR_ADDIS | ADC_CR_ADSTP | ADC_CR_JADSTP;

    for (uint32_t unit = 0; unit < ADC_UNITS; unit++) {
        struct adc_unit *u = adc_unit(dev, unit);
        uint64_t due_ps = dev_event_due(dev, ADC_EVENT_STEP + unit);
        uint32_t cr = adc_word(u, ADC_CR);
        if (!runs && due_ps != TIME_NEVER) {
            u->left_ps = due_ps - dev_now_ps(dev);
            dev_event_cancel(dev, ADC_EVENT_STEP + unit);
        } else if (runs && due_ps == TIME_NEVER && u->phase != ADC_IDLE) {
            u->step_ps = dev_now_ps(dev) + u->left_ps;
            dev_event_at(dev, ADC_EVENT_STEP + unit, u->step_ps);
        }
        if (!runs)
            dev_event_cancel(dev, ADC_EVENT_CONTROL + unit);
        else if (((cr & waits) != 0 || ((cr & ADC_CR_ADEN) != 0 && u->ready == 0)) &&
                 dev_event_due(dev, ADC_EVENT_CONTROL + unit) == TIME_NEVER)
            schedule_control(dev, unit, CALIBRATE_CYCLES);
    }
}

static void adc_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    if (input == ADC_IN_CLK || input == ADC_IN_KER)
        clock_input(dev);
    else if (input >= ADC_IN_DONE && input < ADC_IN_TRIGGERS && value != 0)
        dma_done(dev, (input - ADC_IN_DONE) / 2u);
    else if (input >= ADC_IN_TRIGGERS && input < ADC_IN_PINS)
        trigger_input(dev, input - ADC_IN_TRIGGERS, value);
    else
        return;
    adc_update(dev);
}

static void adc_on_event(struct device *dev, uint32_t event)
{
    if (event >= ADC_EVENT_CONTROL)
        finish_control(dev, event - ADC_EVENT_CONTROL);
    else
        adc_step(dev, event - ADC_EVENT_STEP);
    adc_update(dev);
}

const struct device_model stm32_adc_v2_model = {
    .name = "stm32_adc_v2",
    .state_size = sizeof(struct adc_state),
    .regs = adc_regs,
    .reg_count = ARRAY_LENGTH(adc_regs),
    .inputs = adc_inputs,
    .outputs = adc_outputs,
    .event_count = ADC_EVENT_COUNT,
    .reset = adc_reset,
    .read = adc_read,
    .write = adc_write,
    .on_input = adc_on_input,
    .on_event = adc_on_event,
};
