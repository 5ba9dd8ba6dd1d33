/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Inside the ADC model: stm32_adc_v2.c has the registers, stm32_adc_v2_convert.c the conversions.
 */
#ifndef TWINBANK_MODELS_STM32_ADC_V2_PRIVATE_H
#define TWINBANK_MODELS_STM32_ADC_V2_PRIVATE_H

#include "model.h"
#include "stm32_adc_v2.h"

#define ADC_UNITS 3u
#define ADC_BLOCK 0x100u /* from the registers of one ADC to those of the next */

/* RM0351 18.7, of each ADC */
#define ADC_ISR     0x00u
#define ADC_IER     0x04u
#define ADC_CR      0x08u
#define ADC_CFGR    0x0cu
#define ADC_CFGR2   0x10u
#define ADC_SMPR1   0x14u
#define ADC_TR1     0x20u
#define ADC_TR2     0x24u
#define ADC_TR3     0x28u
#define ADC_SQR1    0x30u
#define ADC_SQR4    0x3cu
#define ADC_DR      0x40u
#define ADC_JSQR    0x4cu
#define ADC_OFR1    0x60u
#define ADC_OFR4    0x6cu
#define ADC_JDR1    0x80u
#define ADC_JDR4    0x8cu
#define ADC_AWD2CR  0xa0u
#define ADC_AWD3CR  0xa4u
#define ADC_DIFSEL  0xb0u
#define ADC_CALFACT 0xb4u
#define ADC_WORDS   46u
/* common: RM0351 18.8 */
#define ADC_CSR 0x300u
#define ADC_CCR 0x308u
#define ADC_CDR 0x30cu

#define ADC_ISR_ADRDY 0x00000001u
#define ADC_ISR_EOSMP 0x00000002u
#define ADC_ISR_EOC   0x00000004u
#define ADC_ISR_EOS   0x00000008u
#define ADC_ISR_OVR   0x00000010u
#define ADC_ISR_JEOC  0x00000020u
#define ADC_ISR_JEOS  0x00000040u
#define ADC_ISR_AWD1  0x00000080u

#define ADC_CR_ADEN     0x00000001u
#define ADC_CR_ADDIS    0x00000002u
#define ADC_CR_ADSTART  0x00000004u
#define ADC_CR_JADSTART 0x00000008u
#define ADC_CR_ADSTP    0x00000010u
#define ADC_CR_JADSTP   0x00000020u
#define ADC_CR_ADVREGEN 0x10000000u
#define ADC_CR_DEEPPWD  0x20000000u
#define ADC_CR_ADCALDIF 0x40000000u
#define ADC_CR_ADCAL    0x80000000u

#define ADC_CFGR_DMAEN   0x00000001u
#define ADC_CFGR_DMACFG  0x00000002u
#define ADC_CFGR_ALIGN   0x00000020u
#define ADC_CFGR_EXTEN   0x00000c00u
#define ADC_CFGR_OVRMOD  0x00001000u
#define ADC_CFGR_CONT    0x00002000u
#define ADC_CFGR_AUTDLY  0x00004000u
#define ADC_CFGR_DISCEN  0x00010000u
#define ADC_CFGR_JDISCEN 0x00100000u
#define ADC_CFGR_AWD1SGL 0x00400000u
#define ADC_CFGR_AWD1EN  0x00800000u
#define ADC_CFGR_JAWD1EN 0x01000000u
#define ADC_CFGR_JAUTO   0x02000000u
#define ADC_CFGR_JQDIS   0x80000000u

#define ADC_CFGR2_ROVSE 0x00000001u
#define ADC_CFGR2_JOVSE 0x00000002u
#define ADC_CFGR2_TROVS 0x00000200u
#define ADC_CFGR2_ROVSM 0x00000400u

#define ADC_JSQR_JEXTEN 0x000000c0u

#define ADC_CCR_DMACFG 0x00002000u
#define ADC_CCR_VREFEN 0x00400000u
#define ADC_CCR_TSEN   0x00800000u
#define ADC_CCR_VBATEN 0x01000000u

/* CCR.DUAL, RM0351 18.8.2 */
enum adc_dual {
    ADC_DUAL_OFF = 0,
    ADC_DUAL_REGULAR_INJECTED = 1,
    ADC_DUAL_REGULAR_ALTERNATE = 2,
    ADC_DUAL_INTERLEAVED_INJECTED = 3,
    ADC_DUAL_INJECTED = 5,
    ADC_DUAL_REGULAR = 6,
    ADC_DUAL_INTERLEAVED = 7,
    ADC_DUAL_ALTERNATE = 9,
};

#define ADC_TRIGGERS 16u
#define ADC_PINS     16u

enum adc_input {
    ADC_IN_CLK,
    ADC_IN_RST,
    ADC_IN_KER,                              /* Hz of the clock that RCC_CCIPR.ADCSEL selects */
    ADC_IN_VREF,                             /* microvolts on VREF+; 0 when not connected: VDDA */
    ADC_IN_DAC1,                             /* microvolts */
    ADC_IN_DAC2,                             /* microvolts */
    ADC_IN_DONE,                             /* for each ADC two: its DMA channel has made the last transfer */
    ADC_IN_TRIGGERS = ADC_IN_DONE + 6u,      /* by EXTSEL */
    ADC_IN_JTRIGGERS = ADC_IN_TRIGGERS + 16, /* by JEXTSEL */
    ADC_IN_PINS = ADC_IN_JTRIGGERS + 16,     /* channels 1 to 16 of ADC1 and ADC2 */
    ADC_IN_PINS3 = ADC_IN_PINS + 16,         /* channels 1 to 16 of ADC3 */
    ADC_IN_COUNT = ADC_IN_PINS3 + 16,
};

enum adc_output {
    ADC_OUT_IRQ12,
    ADC_OUT_IRQ3,
    ADC_OUT_DMA1, /* one for each ADC */
    ADC_OUT_COUNT = ADC_OUT_DMA1 + ADC_UNITS,
};

/* For each ADC: the end of a phase of a conversion, and of what a control bit began. */
enum adc_event {
    ADC_EVENT_STEP,
    ADC_EVENT_CONTROL = ADC_EVENT_STEP + ADC_UNITS,
    ADC_EVENT_COUNT = ADC_EVENT_CONTROL + ADC_UNITS,
};

enum adc_phase {
    ADC_IDLE,
    ADC_DELAY, /* interleaved: after the sampling of the master */
    ADC_SAMPLING,
    ADC_CONVERTING,
};

struct adc_unit {
    uint64_t step_ps;    /* the phase under way ends then */
    uint64_t left_ps;    /* what was left of it when the clock stopped */
    uint64_t powered_ps; /* the regulator is up from then on */
    uint64_t enable_ps;  /* ADEN is taken from then on */
    uint64_t follow_ps;  /* interleaved slave that converts: its next turn; 0: none */
    uint64_t read_ps;    /* DR was read last then */
    uint32_t word[ADC_WORDS];
    uint32_t phase;        /* enum adc_phase */
    uint32_t injected;     /* 1: the conversion under way is of the injected group */
    uint32_t rank, jrank;  /* of the next conversion of each group, from 0 */
    uint32_t armed;        /* conversions of the regular group that the trigger still asks for */
    uint32_t jarmed;       /* of the injected group */
    uint32_t sum, samples; /* oversampling: conversions so far */
    uint32_t jsum, jsamples;
    uint32_t raw;       /* what was sampled, 12 bits */
    uint32_t requested; /* DMA request: data wait to be read */
    uint32_t dma_over;  /* one-shot: the DMA channel has made its last transfer */
    uint32_t driven;    /* level of the DMA output */
    uint32_t ready;     /* 1: enabled, and ADRDY has come */
    uint32_t reserved;
};

struct adc_state {
    struct adc_unit unit[ADC_UNITS];
    uint32_t ccr;
    uint32_t levels; /* of the triggers, by input */
    uint32_t irq[2]; /* as driven */
};
_Static_assert(sizeof(struct adc_state) == 3 * (48 + 4 * ADC_WORDS + 4 * 16) + 16, "state of the ADCs");

static inline struct adc_state *adc_state(const struct device *dev)
{
    return dev->state;
}

static inline struct adc_unit *adc_unit(const struct device *dev, uint32_t unit)
{
    return &adc_state(dev)->unit[unit];
}

static inline uint32_t adc_word(const struct adc_unit *u, uint32_t offset)
{
    return u->word[offset / 4u];
}

static inline enum adc_dual adc_dual(const struct device *dev)
{
    return (enum adc_dual)(adc_state(dev)->ccr & 0x1fu);
}

/** The regular groups of ADC1 and ADC2 are started and stopped together. */
static inline bool adc_dual_regular(const struct device *dev)
{
    enum adc_dual dual = adc_dual(dev);
    return dual != ADC_DUAL_OFF && dual != ADC_DUAL_INJECTED && dual != ADC_DUAL_ALTERNATE;
}

static inline bool adc_interleaved(const struct device *dev)
{
    return adc_dual(dev) == ADC_DUAL_INTERLEAVED || adc_dual(dev) == ADC_DUAL_INTERLEAVED_INJECTED;
}

/** The injected groups are. */
static inline bool adc_dual_injected(const struct device *dev)
{
    enum adc_dual dual = adc_dual(dev);
    return dual == ADC_DUAL_INJECTED || dual == ADC_DUAL_REGULAR_INJECTED || dual == ADC_DUAL_INTERLEAVED_INJECTED;
}

/** True if ADC2 has no regular (or injected) control of its own now. */
static inline bool adc_is_slave(const struct device *dev, uint32_t unit, bool injected)
{
    return unit == 1u && (injected ? adc_dual_injected(dev) : adc_dual_regular(dev));
}

/* stm32_adc_v2.c */
/** Drives interrupts and DMA requests. */
void adc_update(struct device *dev);
/** Duration of half cycles of the ADC clock; 0 without a clock. */
uint64_t adc_halves_ps(const struct device *dev, uint64_t halves);
bool adc_has_clock(const struct device *dev);

/* stm32_adc_v2_convert.c */
void adc_trigger_regular(struct device *dev, uint32_t unit, uint64_t at_ps);
void adc_trigger_injected(struct device *dev, uint32_t unit, uint64_t at_ps);
/** Starts the next conversion, if one is asked for and nothing is under way. */
void adc_advance(struct device *dev, uint32_t unit, uint64_t at_ps);
/** A phase has ended. */
void adc_step(struct device *dev, uint32_t unit);
/** Drops what the group does; its sequence starts anew. */
void adc_stop(struct device *dev, uint32_t unit, bool injected);

#endif
