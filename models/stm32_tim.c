/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Timers of the STM32L4 (RM0351 chapters 30 to 33): registers. The time base is in
 * stm32_tim_count.c, inputs are in stm32_tim_input.c and stm32_tim_remap.c, outputs in stm32_tim_output.c.
 *
 * Modelled: prescaler, up, down and centre-aligned counting, preload of all registers, update events
 * with UDIS, URS and repetition, one-pulse mode, all flags, interrupts and DMA requests, DMA bursts,
 * output compare (frozen, active, inactive, toggle, forced, PWM 1 and 2, retriggerable one-pulse)
 * with complementary outputs, dead time, break, lock levels and commutation, capture with filter,
 * prescaler and both polarities, XOR of the inputs, all slave modes, encoder, external clocks, ITR
 * and TRGO; oscillators, comparators and the RTC at TI1, TI4, ETR and as breaks (OR1, OR2, OR3); freezing by the
 * debugger. Counting starts one clock after CEN.
 *
 * Not modelled, reported as gaps: OCxREF clear (OCxCE), combined and asymmetric PWM, channel 5
 * grouping (GC5Cx), TRGO2 by pairs of edges, ETR from the analog watchdogs of the ADCs, breaks by DFSDM, TIM15's
 * inputs from other timers (ENCODER_MODE), TIM2's ITR1 from USB.
 * Not modelled, silently: clocks that synchronizers take, MSM and OCxFE (nothing is delayed), OCxREF of a stopped
 * counter that software moves over a match, the dead time in front of idle levels, replication of sub-word writes.
 */
#include "stm32_tim_private.h"

#define TIM_BDTR_LOCK 0x00000300u

/* --- register tables, RM0351 30.4, 31.4, 32.5, 32.6, 33.4 ----------------------------------- */
#define REG(name, reset, rw) {TIM_##name, #name, reset, rw, 0, 0, 0}
/* SR is cleared by writing 0. */
#define SR_EGR(flags)                                                                                                  \
    {TIM_SR, "SR", 0, 0, 0, 0, flags},                                                                                 \
    {                                                                                                                  \
        TIM_EGR, "EGR", 0, 0, 0, 0, 0                                                                                  \
    }
#define COUNTER16                                                                                                      \
    {TIM_CNT, "CNT", 0, 0x0000ffffu, 0, 0, 0x80000000u}, REG(PSC, 0, 0x0000ffffu), REG(ARR, 0x0000ffffu, 0x0000ffffu)
#define COUNTER32      REG(CNT, 0, 0xffffffffu), REG(PSC, 0, 0x0000ffffu), REG(ARR, 0xffffffffu, 0xffffffffu)
#define CCR(n, mask)   {0x30u + 4u * (n), "CCR" #n, 0, mask, 0, 0, 0}
#define FOUR_CCR(mask) CCR(1, mask), CCR(2, mask), CCR(3, mask), CCR(4, mask)
#define DMA_BURST      REG(DCR, 0, 0x00001f1fu), REG(DMAR, 0, 0)
#define GENERAL_PURPOSE                                                                                                \
    REG(CR1, 0, 0x00000bffu), REG(CR2, 0, 0x000000f8u), REG(SMCR, 0, 0x0001ffffu), REG(DIER, 0, 0x00005f5fu),          \
        SR_EGR(0x00001e5fu), REG(CCMR1, 0, 0x0101ffffu), REG(CCMR2, 0, 0x0101ffffu), REG(CCER, 0, 0x0000bbbbu)

static const struct reg_desc tim1_regs[] = {
    REG(CR1, 0, 0x00000bffu),
    REG(CR2, 0, 0x00f57ffdu),
    REG(SMCR, 0, 0x0001ffffu),
    REG(DIER, 0, 0x00007fffu),
    SR_EGR(0x00031fffu),
    REG(CCMR1, 0, 0x0101ffffu),
    REG(CCMR2, 0, 0x0101ffffu),
    REG(CCER, 0, 0x0033bfffu),
    COUNTER16,
    REG(RCR, 0, 0x0000ffffu),
    FOUR_CCR(0x0000ffffu),
    REG(BDTR, 0, 0x03ffffffu),
    DMA_BURST,
    REG(OR1, 0, 0x0000001fu),
    REG(CCMR3, 0, 0x0101fcfcu),
    REG(CCR5, 0, 0xe000ffffu),
    REG(CCR6, 0, 0x0000ffffu),
    REG(OR2, 1, 0x0001cf07u),
    REG(OR3, 1, 0x00000f07u),
};
static const struct reg_desc tim2_regs[] = {
    GENERAL_PURPOSE, COUNTER32, FOUR_CCR(0xffffffffu), DMA_BURST, REG(OR1, 0, 0x0000000fu), REG(OR2, 0, 0x0001c000u)};
static const struct reg_desc tim3_regs[] = {
    GENERAL_PURPOSE, COUNTER16, FOUR_CCR(0x0000ffffu), DMA_BURST, REG(OR1, 0, 0x00000003u), REG(OR2, 0, 0x0001c000u)};
static const struct reg_desc tim4_regs[] = {GENERAL_PURPOSE, COUNTER16, FOUR_CCR(0x0000ffffu), DMA_BURST};
static const struct reg_desc tim5_regs[] = {GENERAL_PURPOSE, COUNTER32, FOUR_CCR(0xffffffffu), DMA_BURST};
static const struct reg_desc tim6_regs[] = {REG(CR1, 0, 0x0000088fu), REG(CR2, 0, 0x00000070u),
                                            REG(DIER, 0, 0x00000101u), SR_EGR(0x00000001u), COUNTER16};
static const struct reg_desc tim15_regs[] = {
    REG(CR1, 0, 0x00000b8fu),
    REG(CR2, 0, 0x000007fdu),
    REG(SMCR, 0, 0x000100f7u),
    REG(DIER, 0, 0x000067e7u),
    SR_EGR(0x000006e7u),
    REG(CCMR1, 0, 0x0101ffffu),
    REG(CCER, 0, 0x000000bfu),
    COUNTER16,
    REG(RCR, 0, 0x000000ffu),
    CCR(1, 0x0000ffffu),
    CCR(2, 0x0000ffffu),
    REG(BDTR, 0, 0x000fffffu),
    DMA_BURST,
    REG(OR1, 0, 0x00000007u),
    REG(OR2, 1, 0x00000f07u),
};
static const struct reg_desc tim16_regs[] = {
    REG(CR1, 0, 0x00000b8fu),
    REG(CR2, 0, 0x0000030du),
    REG(DIER, 0, 0x000023a3u),
    SR_EGR(0x000002a3u),
    REG(CCMR1, 0, 0x000100ffu),
    REG(CCER, 0, 0x0000000fu),
    COUNTER16,
    REG(RCR, 0, 0x000000ffu),
    CCR(1, 0x0000ffffu),
    REG(BDTR, 0, 0x000fffffu),
    DMA_BURST,
    REG(OR1, 0, 0x00000003u),
    REG(OR2, 1, 0x00000f07u),
};

static const char *const tim_inputs[] = {"clk",    "rst",    "ti1",  "ti2",   "ti3",   "ti4",    "etr",
                                         "bkin",   "bkin2",  "itr0", "itr1",  "itr2",  "itr3",   "clock1",
                                         "clock2", "clock3", "rtc",  "comp1", "comp2", "freeze", NULL};
static const char *const tim_outputs[] = {"irq",     "irq_brk", "irq_up",  "irq_trg", "irq_cc",  "dma_up",
                                          "dma_cc1", "dma_cc2", "dma_cc3", "dma_cc4", "dma_com", "dma_trg",
                                          "trgo",    "trgo2",   "ch1",     "ch2",     "ch3",     "ch4",
                                          "ch1n",    "ch2n",    "ch3n",    NULL};
_Static_assert(ARRAY_LENGTH(tim_outputs) == TIM_OUT_CH1N + TIM_COMPLEMENTS + 1u, "outputs of a timer");
_Static_assert(ARRAY_LENGTH(tim_inputs) == TIM_IN_FREEZE + 2u, "inputs of a timer");
_Static_assert(sizeof(struct tim_state) == 360, "state of a timer");

/* --- what the lock level freezes, RM0351 30.4.18 ------------------------------------------- */
/** Bits of CCMRx of channels in output mode: `each` for every channel, at bit 0 of its half. */
static uint32_t output_bits(uint32_t ccmr, uint32_t each, uint32_t each_high)
{
    uint32_t mask = 0;
    for (uint32_t half = 0; half < 2u; half++)
        if ((ccmr >> (8u * half) & 3u) == 0)
            mask |= each << (8u * half) | each_high << (16u + 8u * half);
    return mask;
}

static uint32_t locked_bits(const struct tim_state *s, uint32_t offset)
{
    uint32_t level = bits(tim_word(s, TIM_BDTR), 8, 9);
    switch (offset) {
    case TIM_BDTR:
        return (level >= 1u ? 0x03ff73ffu : 0) | (level >= 2u ? TIM_BDTR_OSSI | TIM_BDTR_OSSR : 0);
    case TIM_CR2:
        return level >= 1u ? 0x00057f00u : 0;
    case TIM_CCER:
        return level >= 2u ? 0x0022aaaau : 0;
    case TIM_CCMR1:
    case TIM_CCMR2:
    case TIM_CCMR3:
        return level >= 3u ? output_bits(tim_word(s, offset), 0x78u, 1u) : 0;
    default:
        return 0;
    }
}

/* --- writes -------------------------------------------------------------------------------- */
static void write_cr1(struct device *dev, uint32_t new)
{
    struct tim_state *s = tim_state(dev);
    uint32_t *cr1 = &s->word[TIM_CR1 / 4u];
    uint32_t mode = tim_slave_mode(s);
    bool encoder = mode >= TIM_SLAVE_ENCODER1 && mode <= TIM_SLAVE_ENCODER3;

    /* RM0351 31.4.1: DIR belongs to the timer in centre-aligned and encoder mode. */
    if ((*cr1 & new &TIM_CR1_CMS) != 0 || encoder)
        new = (new & ~TIM_CR1_DIR) | (*cr1 & TIM_CR1_DIR);
    else if ((new &TIM_CR1_CMS) != 0)
        new &= ~TIM_CR1_DIR;
    bool start = (new & ~*cr1 &TIM_CR1_CEN) != 0;
    *cr1 = new & ~(start ? TIM_CR1_CEN : 0u);
    if ((new &TIM_CR1_ARPE) == 0)
        s->arr = tim_word(s, TIM_ARR);
    if (start)
        tim_start(dev);
}

/** Brings CCMR and CCER in force, except for what waits for a COM event, and CCRs without preload. */
static void take_channels(struct device *dev)
{
    struct tim_state *s = tim_state(dev);
    static const uint16_t offsets[] = {TIM_CCMR1, TIM_CCMR2, TIM_CCMR3};
    bool waits = (tim_word(s, TIM_CR2) & TIM_CR2_CCPC) != 0;
    uint32_t ref = 0;

    /* A mode that does not compare keeps the level it finds. */
    for (uint32_t i = 0; i < tim_params(dev)->channels; i++)
        ref |= tim_ref(dev, i) ? 1u << i : 0;
    s->ref = ref;
    for (uint32_t i = 0; i < 3u; i++) {
        uint32_t new = tim_word(s, offsets[i]);
        uint32_t kept = waits ? output_bits(new, 0x70u, 1u) : 0;
        s->ccmr[i] = (new & ~kept) | (s->ccmr[i] & kept);
    }
    uint32_t kept = waits ? 0x00005555u : 0; /* CCxE, CCxNE */
    s->ccer = (tim_word(s, TIM_CCER) & ~kept) | (s->ccer & kept);
    for (uint32_t i = 0; i < tim_params(dev)->channels; i++) {
        if (tim_is_output(s, i) && (tim_ccmr(s, i) & 0x08u) == 0)
            s->ccr[i] = tim_word(s, tim_ccr_offset(i)) & (i == 4u ? 0xffffu : UINT32_MAX);
        if (i < TIM_PINS && (tim_ccer(s, i) & TIM_CCER_E) == 0)
            s->captures[i] = 0; /* RM0351 31.4.7: the prescaler restarts when CCxE is 0 */
    }
}

static void tell_ccmr_gaps(struct device *dev, const struct reg_desc *reg, uint32_t old, uint32_t new)
{
    for (uint32_t half = 0; half < 2u; half++) {
        uint32_t shift = 8u * half;
        if ((new >> shift & 3u) != 0)
            continue;
        if ((new & ~old & 0x80u << shift) != 0)
            dev_gap(dev, reg->offset, true, new, "TIM_CCMR.OCxCE: OCxREF clear");
        uint32_t mode = (new >> (shift + 4u) & 7u) | (new >> (shift + 16u) & 1u) << 3;
        if (mode >= 10u && ((new ^ old) & (0x70u << shift | 0x10000u << shift)) != 0)
            dev_gap(dev, reg->offset, true, new, "TIM_CCMR.OCxM: combined or asymmetric PWM");
    }
}

/** A comparator that nothing models cannot break. */
static void tell_comparator_gap(struct device *dev, uint32_t offset, uint32_t old, uint32_t new)
{
    for (uint32_t i = 0; i < 2u; i++)
        if ((new & ~old &TIM_OR2_BKCMP1E << i) != 0 && !pin_is_driven(dev_input(dev, TIM_IN_COMP1 + i)))
            dev_gap(dev, offset, true, new, "TIM_OR: break by a comparator that is not modelled");
}

static void tell_gaps(struct device *dev, const struct reg_desc *reg, uint32_t old, uint32_t new)
{
    const struct stm32_tim_params *params = dev->params;
    switch (reg->offset) {
    case TIM_CR2:
        if (bits(new, 20, 23) >= 10u && bits(new, 20, 23) != bits(old, 20, 23))
            dev_gap(dev, reg->offset, true, new, "TIM_CR2.MMS2: pairs of edges");
        break;
    case TIM_CCMR1:
    case TIM_CCMR2:
    case TIM_CCMR3:
        tell_ccmr_gaps(dev, reg, old, new);
        break;
    case TIM_CCR5:
        if ((new & ~old & 0xe0000000u) != 0)
            dev_gap(dev, reg->offset, true, new, "TIM_CCR5.GC5Cx");
        break;
    case TIM_OR1:
        if ((new & ~old & params->gap_or1) != 0)
            dev_gap(dev, reg->offset, true, new, "TIM_OR1: ADC watchdog, another timer or USB as input");
        break;
    case TIM_OR2:
        if ((new & ~old & params->gap_or2) != 0)
            dev_gap(dev, reg->offset, true, new, "TIM_OR2: break by DFSDM");
        tell_comparator_gap(dev, reg->offset, old, new);
        break;
    case TIM_OR3:
        if ((new & ~old &TIM_OR2_BKDFBK) != 0)
            dev_gap(dev, reg->offset, true, new, "TIM_OR3: break by DFSDM");
        tell_comparator_gap(dev, reg->offset, old, new);
        break;
    default:
        break;
    }
}

static void write_egr(struct device *dev, uint32_t value)
{
    struct tim_state *s = tim_state(dev);
    const struct stm32_tim_params *params = dev->params;

    if ((value & TIM_SR_UIF) != 0) /* UG */
        tim_reinitialize(dev);
    for (uint32_t i = 0; i < TIM_PINS && i < params->channels; i++) {
        if ((value & TIM_SR_CC1IF << i) == 0)
            continue;
        if (!tim_is_output(s, i)) {
            tim_capture(dev, i);
        } else {
            s->word[TIM_SR / 4u] |= TIM_SR_CC1IF << i;
            tim_request_dma(s, 1u + i);
        }
    }
    if ((value & TIM_SR_COMIF) != 0 && params->has_break != 0)
        tim_commutate(dev);
    if ((value & TIM_SR_TIF) != 0 && params->has_slave != 0)
        tim_trigger(dev);
    if ((value & TIM_SR_BIF) != 0 && params->has_break != 0)
        tim_break(dev, TIM_SR_BIF);
    if ((value & TIM_SR_B2IF) != 0 && params->channels == TIM_CHANNELS)
        tim_break(dev, TIM_SR_B2IF);
}

static void write_plain(struct device *dev, const struct reg_desc *reg, uint32_t word, uint32_t lanes)
{
    struct tim_state *s = tim_state(dev);
    uint32_t old = tim_word(s, reg->offset);
    uint32_t new = reg_written(reg, old, word, lanes & ~locked_bits(s, reg->offset));

    tell_gaps(dev, reg, old, new);
    if (reg->offset == TIM_CR1) {
        write_cr1(dev, new);
        return;
    }
    s->word[reg->offset / 4u] = new;
    switch (reg->offset) {
    case TIM_SMCR:
        if (((old ^ new) & TIM_SMCR_ETP) != 0)
            tim_raw_input(dev, TIM_FILTER_ETR, (s->raw & 1u << TIM_FILTER_ETR) != 0);
        break;
    case TIM_ARR:
        if ((tim_word(s, TIM_CR1) & TIM_CR1_ARPE) == 0)
            s->arr = new;
        break;
    case TIM_CR2:
        if (((old ^ new) & TIM_CR2_TI1S) != 0)
            tim_raw_input(dev, 0, (s->raw & 1u) != 0);
        take_channels(dev);
        break;
    case TIM_OR1:
    case TIM_OR2:
        if (old != new)
            tim_tell_undriven(dev, reg->offset);
        tim_select_inputs(dev);
        tim_check_break(dev);
        break;
    case TIM_BDTR:
    case TIM_OR3:
        tim_check_break(dev);
        break;
    case TIM_PSC:
    case TIM_RCR:
    case TIM_DIER:
    case TIM_DCR:
        break;
    default: /* CCMR, CCER, CCR */
        take_channels(dev);
        break;
    }
}

static void write_register(struct device *dev, const struct reg_desc *reg, uint32_t word, uint32_t lanes)
{
    struct tim_state *s = tim_state(dev);

    switch (reg->offset) {
    case TIM_SR:
        s->word[TIM_SR / 4u] &= word | ~lanes;
        if (tim_params(dev)->has_break != 0)
            tim_check_break(dev);
        break;
    case TIM_EGR:
        write_egr(dev, word & lanes);
        break;
    case TIM_CNT:
        s->count = reg_written(reg, s->count, word, lanes);
        break;
    default:
        write_plain(dev, reg, word, lanes);
        break;
    }
}

/* --- reads --------------------------------------------------------------------------------- */
static uint32_t read_register(struct device *dev, uint32_t offset)
{
    struct tim_state *s = tim_state(dev);

    if (offset == TIM_CNT) {
        if ((tim_word(s, TIM_CR1) & TIM_CR1_UIFREMAP) == 0)
            return s->count;
        return (s->count & 0x7fffffffu) | ((tim_word(s, TIM_SR) & TIM_SR_UIF) != 0 ? 0x80000000u : 0);
    }
    if (offset >= TIM_CCR1 && offset <= TIM_CCR4) {
        uint32_t channel = (offset - TIM_CCR1) / 4u;
        if (!tim_is_output(s, channel)) /* RM0351 31.4.5: reading a capture clears its flag */
            s->word[TIM_SR / 4u] &= ~(TIM_SR_CC1IF << channel);
    }
    return tim_word(s, offset);
}

/* --- DMA bursts, RM0351 31.3.19 ------------------------------------------------------------ */
/** The register that an access of DMAR goes to; NULL if there is none. */
static const struct reg_desc *burst_register(struct device *dev)
{
    struct tim_state *s = tim_state(dev);
    uint32_t index = s->burst_left != 0 ? s->burst_next : bits(tim_word(s, TIM_DCR), 0, 4);
    /* A burst may lead over a register that this timer lacks. */
    return index * 4u == TIM_DMAR ? NULL : reg_find(dev->model, index * 4u);
}

/** The access is over: the next one of the burst is asked for by leaving the request high. */
static void burst_step(struct device *dev)
{
    struct tim_state *s = tim_state(dev);

    if (s->burst_left == 0)
        return;
    s->burst_next++;
    if (--s->burst_left == 0)
        dev_output(dev, s->burst_output, 0);
}

static uint32_t tim_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return 0;
    tim_sync(dev);
    bool burst = reg->offset == TIM_DMAR;
    if (burst)
        reg = burst_register(dev);
    uint32_t value = reg != NULL ? reg_lane_read(read_register(dev, reg->offset), offset, size) : 0;
    if (burst)
        burst_step(dev);
    tim_flush(dev);
    tim_schedule(dev);
    return value;
}

static void tim_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    const struct reg_desc *reg = model_register(dev, offset);
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t lanes = reg_lane_mask(offset, size);

    if (reg == NULL)
        return;
    tim_sync(dev);
    bool burst = reg->offset == TIM_DMAR;
    if (burst)
        reg = burst_register(dev);
    if (reg != NULL)
        write_register(dev, reg, word, lanes);
    if (burst)
        burst_step(dev);
    tim_flush(dev);
    tim_schedule(dev);
}

/* --- reset, wires, events ------------------------------------------------------------------ */
static uint32_t timer_hz(const struct device *dev)
{
    return dev_input(dev, TIM_IN_FREEZE) != 0 ? 0 : (uint32_t)dev_input(dev, TIM_IN_CLK);
}

static void tim_reset(struct device *dev, enum reset_kind kind)
{
    struct tim_state *s = tim_state(dev);
    struct tim_state old = *s;
    (void)kind;

    /* Wires keep their levels: what they carry, and what was driven last. */
    *s = (struct tim_state){.raw = old.pins, .pins = old.pins, .itr = old.itr, .breaks = old.breaks};
    for (uint32_t i = 0; i < ARRAY_LENGTH(s->out); i++)
        s->out[i] = old.out[i];
    s->out_trgo = old.out_trgo;
    s->out_trgo2 = old.out_trgo2;
    s->level = old.pins;
    model_reset_words(dev, s->word);
    s->arr = tim_word(s, TIM_ARR);
    s->hz = timer_hz(dev);
    s->anchor_ps = dev_now_ps(dev);
    if (old.burst_left != 0)
        dev_output(dev, old.burst_output, 0);
    tim_flush(dev);
    tim_schedule(dev);
}

static void tim_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    struct tim_state *s = tim_state(dev);

    if (input == TIM_IN_RST)
        return;
    if (input == TIM_IN_CLK || input == TIM_IN_FREEZE) {
        tim_set_clock(dev, timer_hz(dev));
    } else if (input >= TIM_IN_CLOCK1) {
        tim_sync(dev);
        tim_select_inputs(dev);
        tim_check_break(dev);
    } else if (input >= TIM_IN_ITR0) {
        tim_sync(dev);
        tim_itr_input(dev, input - TIM_IN_ITR0, value);
    } else if (!pin_is_driven(value)) {
        return; /* the pin went to another function */
    } else if (input >= TIM_IN_BKIN) {
        uint32_t bit = 1u << (input - TIM_IN_BKIN);
        tim_sync(dev);
        s->breaks = (s->breaks & ~bit) | bit << 8 | (pin_is_high(value) ? bit : 0);
        tim_check_break(dev);
    } else {
        uint32_t bit = 1u << (input - TIM_IN_TI1);
        tim_sync(dev);
        s->pins = (s->pins & ~bit) | (pin_is_high(value) ? bit : 0);
        tim_select_inputs(dev);
    }
    tim_flush(dev);
    tim_schedule(dev);
}

static void tim_on_event(struct device *dev, uint32_t event)
{
    (void)event;
    tim_sync(dev);
    tim_filters_due(dev);
    tim_flush(dev);
    tim_schedule(dev);
}

#define TIM_MODEL(number)                                                                                              \
    const struct device_model stm32_tim##number##_model = {                                                            \
        .name = "stm32_tim" #number,                                                                                   \
        .state_size = sizeof(struct tim_state),                                                                        \
        .regs = tim##number##_regs,                                                                                    \
        .reg_count = ARRAY_LENGTH(tim##number##_regs),                                                                 \
        .inputs = tim_inputs,                                                                                          \
        .outputs = tim_outputs,                                                                                        \
        .event_count = TIM_EVENT_COUNT,                                                                                \
        .reset = tim_reset,                                                                                            \
        .read = tim_read,                                                                                              \
        .write = tim_write,                                                                                            \
        .on_input = tim_on_input,                                                                                      \
        .on_event = tim_on_event,                                                                                      \
    }

TIM_MODEL(1);
TIM_MODEL(2);
TIM_MODEL(3);
TIM_MODEL(4);
TIM_MODEL(5);
TIM_MODEL(6);
TIM_MODEL(15);
TIM_MODEL(16);
