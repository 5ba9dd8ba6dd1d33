/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Shared by the files of the timer model, and by nobody else. */
#ifndef TWINBANK_MODELS_STM32_TIM_PRIVATE_H
#define TWINBANK_MODELS_STM32_TIM_PRIVATE_H

#include "model.h"
#include "stm32_tim.h"

#define TIM_CR1   0x00u
#define TIM_CR2   0x04u
#define TIM_SMCR  0x08u
#define TIM_DIER  0x0cu
#define TIM_SR    0x10u
#define TIM_EGR   0x14u
#define TIM_CCMR1 0x18u
#define TIM_CCMR2 0x1cu
#define TIM_CCER  0x20u
#define TIM_CNT   0x24u
#define TIM_PSC   0x28u
#define TIM_ARR   0x2cu
#define TIM_RCR   0x30u
#define TIM_CCR1  0x34u
#define TIM_CCR4  0x40u
#define TIM_BDTR  0x44u
#define TIM_DCR   0x48u
#define TIM_DMAR  0x4cu
#define TIM_OR1   0x50u
#define TIM_CCMR3 0x54u
#define TIM_CCR5  0x58u
#define TIM_CCR6  0x5cu
#define TIM_OR2   0x60u
#define TIM_OR3   0x64u
#define TIM_WORDS 26u

#define TIM_CR1_CEN      0x00000001u
#define TIM_CR1_UDIS     0x00000002u
#define TIM_CR1_URS      0x00000004u
#define TIM_CR1_OPM      0x00000008u
#define TIM_CR1_DIR      0x00000010u
#define TIM_CR1_CMS      0x00000060u
#define TIM_CR1_ARPE     0x00000080u
#define TIM_CR1_UIFREMAP 0x00000800u

#define TIM_CR2_CCPC 0x00000001u
#define TIM_CR2_CCUS 0x00000004u
#define TIM_CR2_CCDS 0x00000008u
#define TIM_CR2_TI1S 0x00000080u

#define TIM_SMCR_ECE 0x00004000u
#define TIM_SMCR_ETP 0x00008000u

/* Interrupt enables of DIER sit where their flags are in SR, DMA enables 8 bits higher. */
#define TIM_SR_UIF   0x00000001u
#define TIM_SR_CC1IF 0x00000002u
#define TIM_SR_CCIF  0x0000001eu
#define TIM_SR_COMIF 0x00000020u
#define TIM_SR_TIF   0x00000040u
#define TIM_SR_BIF   0x00000080u
#define TIM_SR_B2IF  0x00000100u
#define TIM_SR_CC1OF 0x00000200u
#define TIM_SR_CC5IF 0x00010000u

#define TIM_BDTR_OSSI 0x00000400u
#define TIM_BDTR_OSSR 0x00000800u
#define TIM_BDTR_BKE  0x00001000u
#define TIM_BDTR_BKP  0x00002000u
#define TIM_BDTR_AOE  0x00004000u
#define TIM_BDTR_MOE  0x00008000u
#define TIM_BDTR_BK2E 0x01000000u
#define TIM_BDTR_BK2P 0x02000000u

#define TIM_OR2_BKINE   0x00000001u
#define TIM_OR2_BKCMP1E 0x00000002u
#define TIM_OR2_BKCMP   0x00000006u
#define TIM_OR2_BKDFBK  0x00000100u
#define TIM_OR2_BKINP   0x00000200u
#define TIM_OR2_BKCMP1P 0x00000400u

/* CCER, four bits a channel. */
#define TIM_CCER_E  1u
#define TIM_CCER_P  2u
#define TIM_CCER_NE 4u
#define TIM_CCER_NP 8u

#define TIM_CHANNELS    6u
#define TIM_PINS        4u /* channels with pins */
#define TIM_COMPLEMENTS 3u

enum tim_input {
    TIM_IN_CLK,
    TIM_IN_RST,
    TIM_IN_TI1,
    TIM_IN_ETR = TIM_IN_TI1 + TIM_PINS,
    TIM_IN_BKIN,
    TIM_IN_BKIN2,
    TIM_IN_ITR0,
    TIM_IN_CLOCK1 = TIM_IN_ITR0 + 4u, /* Hz */
    TIM_IN_RTC = TIM_IN_CLOCK1 + 3u,
    TIM_IN_COMP1,
    TIM_IN_COMP2,
    TIM_IN_FREEZE,
};

enum tim_output {
    TIM_OUT_IRQ,
    TIM_OUT_IRQ_BRK,
    TIM_OUT_IRQ_UP,
    TIM_OUT_IRQ_TRG,
    TIM_OUT_IRQ_CC,
    TIM_OUT_DMA_UP, /* then CC1 to CC4, COM, TRG: in the order of their bits in DIER */
    TIM_OUT_TRGO = TIM_OUT_DMA_UP + 7u,
    TIM_OUT_TRGO2,
    TIM_OUT_CH1,
    TIM_OUT_CH1N = TIM_OUT_CH1 + TIM_PINS,
};

enum tim_slave_mode {
    TIM_SLAVE_OFF,
    TIM_SLAVE_ENCODER1,
    TIM_SLAVE_ENCODER2,
    TIM_SLAVE_ENCODER3,
    TIM_SLAVE_RESET,
    TIM_SLAVE_GATED,
    TIM_SLAVE_TRIGGER,
    TIM_SLAVE_CLOCK,
    TIM_SLAVE_RESET_TRIGGER,
};

/* Trigger sources, SMCR.TS. */
enum tim_trigger {
    TIM_TRIGGER_ITR0,
    TIM_TRIGGER_TI1F_ED = 4,
    TIM_TRIGGER_TI1FP1,
    TIM_TRIGGER_TI2FP2,
    TIM_TRIGGER_ETRF,
};

/* Inputs with a filter: TI1 to TI4, then ETR. */
#define TIM_FILTERS    5u
#define TIM_FILTER_ETR 4u

enum tim_event {
    TIM_EVENT,
    TIM_EVENT_COUNT,
};

struct tim_state {
    uint64_t anchor_ps, anchor_cycles; /* a moment, and the timer clocks up to then */
    uint64_t base;                     /* clock up to which the counter was brought */
    uint64_t filter_due[TIM_FILTERS];  /* clock at which a level passes its filter; 0: none under way */
    uint64_t dead_until[TIM_COMPLEMENTS];
    uint64_t osc_half;        /* half-period of the oscillator at TI1 or ETR up to which its edges were dealt with */
    uint32_t word[TIM_WORDS]; /* as written: preload registers */
    uint32_t hz;              /* timer clock since anchor_ps */
    uint32_t count, prescale; /* CNT; clocks towards its next step */
    uint32_t psc, arr;        /* in force */
    uint32_t repeat;          /* over- and underflows left before the update event */
    uint32_t ccr[TIM_CHANNELS];
    uint32_t ccmr[3], ccer;          /* in force: a COM event brings preloaded bits (CCPC) */
    uint32_t ref;                    /* OCxREF as matches left it, bit 0: channel 1 */
    uint32_t seen_ref;               /* as the outputs showed it last: for the dead time */
    uint32_t raw, level;             /* TI1 to TI4, ETR: before and after the filter */
    uint32_t pins;                   /* the same, at the pins: option registers may select something else */
    uint32_t osc_hz;                 /* of the oscillator that they select, 0: none */
    uint32_t breaks;                 /* levels of BKIN, BKIN2; bits 8, 9: driven at all */
    uint32_t itr;                    /* levels of ITR0 to ITR3 */
    uint32_t captures[TIM_PINS];     /* edges towards the next capture */
    uint32_t etr_edges;              /* towards the next edge of ETRP */
    uint32_t dma, trgo, trgo2;       /* requests and pulses to be sent */
    uint32_t burst_left, burst_next; /* accesses of DMAR to come, and the next one's register */
    uint32_t burst_output;           /* DMA output held high for them */
    uint8_t out[TIM_PINS + TIM_COMPLEMENTS], out_trgo, out_trgo2; /* levels as driven last */
    uint8_t reserved[7];
};

static inline struct tim_state *tim_state(const struct device *dev)
{
    return dev->state;
}

static inline uint32_t tim_word(const struct tim_state *s, uint32_t offset)
{
    return s->word[offset / 4u];
}

static inline const struct stm32_tim_params *tim_params(const struct device *dev)
{
    return dev->params;
}

static inline uint32_t tim_mms(const struct tim_state *s)
{
    return bits(tim_word(s, TIM_CR2), 4, 6);
}

static inline uint32_t tim_slave_mode(const struct tim_state *s)
{
    uint32_t smcr = tim_word(s, TIM_SMCR);
    return (smcr & 7u) | bits(smcr, 16, 16) << 3;
}

/** The CCMR half of a channel: CCxS, OCxFE, OCxPE, OCxM... or CCxS, ICxPSC, ICxF. */
static inline uint32_t tim_ccmr(const struct tim_state *s, uint32_t channel)
{
    return s->ccmr[channel / 2u] >> (channel % 2u * 8u) & 0xffu;
}

static inline bool tim_is_output(const struct tim_state *s, uint32_t channel)
{
    return (tim_ccmr(s, channel) & 3u) == 0;
}

/** OCxM with its fourth bit. */
static inline uint32_t tim_mode(const struct tim_state *s, uint32_t channel)
{
    return bits(tim_ccmr(s, channel), 4, 6) | (s->ccmr[channel / 2u] >> (16u + channel % 2u * 8u) & 1u) << 3;
}

/** CCxE, CCxP, CCxNE, CCxNP of a channel in force. */
static inline uint32_t tim_ccer(const struct tim_state *s, uint32_t channel)
{
    return s->ccer >> (4u * channel) & 0xfu;
}

/** Offset of a channel's CCR. */
static inline uint32_t tim_ccr_offset(uint32_t channel)
{
    return channel < 4u ? TIM_CCR1 + 4u * channel : TIM_CCR5 + 4u * (channel - 4u);
}

static inline uint32_t tim_cc_flag(uint32_t channel)
{
    return channel < 4u ? TIM_SR_CC1IF << channel : TIM_SR_CC5IF << (channel - 4u);
}

/* stm32_tim_count.c */
uint64_t tim_now(const struct device *dev);
void tim_set_clock(struct device *dev, uint64_t hz);
/** Brings the counter to now, capturing on the way. Must precede every change of what it depends on. */
void tim_sync(struct device *dev);
/** Brings the counter to a timer clock that is not later than now. */
void tim_advance(struct device *dev, uint64_t clock);
/** The timer clock at a moment of the present clock frequency. */
uint64_t tim_clock_at(const struct device *dev, uint64_t ps);
/** Counts clocks at the prescaler's input: internal ones, or edges. */
void tim_count(struct device *dev, uint64_t clocks);
/** As UG does, or a trigger in reset mode. */
void tim_reinitialize(struct device *dev);
void tim_start(struct device *dev);
/** Sets the event to when something is due that anybody sees. */
void tim_schedule(struct device *dev);

/* stm32_tim_output.c */
void tim_request_dma(struct tim_state *s, uint32_t dier_bit);
/** The counter reached the channel's compare value. */
void tim_match(struct device *dev, uint32_t channel, bool flag);
bool tim_ref(const struct device *dev, uint32_t channel);
/** True if somebody outside can see the channel's OCxREF. */
bool tim_is_visible(const struct device *dev, uint32_t channel);
void tim_commutate(struct device *dev);
/** TIM_SR flags of the break inputs that are active now. */
uint32_t tim_active_breaks(const struct device *dev);
void tim_check_break(struct device *dev);
void tim_break(struct device *dev, uint32_t flag);
/** Drives all outputs as the state is now. */
void tim_flush(struct device *dev);

/* stm32_tim_input.c */
void tim_raw_input(struct device *dev, uint32_t filter, bool high);
/** How long a level must last to get through, in timer clocks. */
uint32_t tim_filter_clocks(const struct tim_state *s, uint32_t filter);
void tim_itr_input(struct device *dev, uint32_t itr, uint64_t wire);
void tim_filters_due(struct device *dev);
void tim_capture(struct device *dev, uint32_t channel);
/** A trigger event: edge of TRGI, or TG. */
void tim_trigger(struct device *dev);
/** Level of the selected trigger, for gated mode. */
bool tim_trigger_level(const struct tim_state *s);

/* stm32_tim_remap.c */
/** Passes on what the option registers select for TI1 to TI4 and ETR, if it changed. */
void tim_select_inputs(struct device *dev);
/** Reports a selected input that nothing drives. */
void tim_tell_undriven(struct device *dev, uint32_t offset);
/** Deals with the edges of a selected oscillator up to now. Part of tim_sync. */
void tim_follow_oscillator(struct device *dev);
/** When the next of them matters to anybody, TIME_NEVER if none does. */
uint64_t tim_oscillator_due_ps(const struct device *dev);

#endif
