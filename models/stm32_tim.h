/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Timers of the STM32L4: one model for each set of registers, one implementation for all.
 *
 * Input clk is the timer clock, not PCLK: twice PCLK when the APB prescaler divides (RM0351 6.2.15).
 */
#ifndef TWINBANK_MODELS_STM32_TIM_H
#define TWINBANK_MODELS_STM32_TIM_H

#include "sim/device.h"

/** On the wires trgo and trgo2 besides PIN_LOW and PIN_HIGH: a pulse of one clock, then low. */
#define TIM_TRGO_PULSE 4u

struct stm32_tim_params {
    uint32_t channels;      /* compare/capture channels with flags: 0, 1, 2, 4, 6 */
    uint32_t complementary; /* how many of them have an OCxN output */
    uint32_t wide;          /* 1: 32-bit counter */
    uint32_t has_break;     /* 1: BDTR, repetition counter, COM event */
    uint32_t has_slave;     /* 1: SMCR */
    uint32_t gap_or1;       /* bits of OR1 and OR2 that select something that is not modelled */
    uint32_t gap_or2;
    uint8_t etr_clock;   /* 1: OR1 bit 1 puts the oscillator on `clock1` on ETR */
    uint8_t remap_input; /* of the TI that OR1 selects a source for: 0 is TI1 */
    uint8_t remap_shift; /* of the field in OR1 that does */
    uint8_t remap_mask;  /* 0: there is none */
    uint8_t remap[4];    /* enum tim_source, by the field's value */
};

/** What can be at TIx instead of its pin. */
enum tim_source {
    TIM_SOURCE_PIN,
    TIM_SOURCE_CLOCK1, /* the oscillators whose frequencies are on clock1 to clock3 */
    TIM_SOURCE_CLOCK2,
    TIM_SOURCE_CLOCK3,
    TIM_SOURCE_RTC,
    TIM_SOURCE_COMP1,
    TIM_SOURCE_COMP2,
    TIM_SOURCE_COMPS, /* either is high */
};

/*
 * Inputs besides clk and rst: ti1 to ti4, etr, bkin, bkin2 (enum pin_level; PIN_RELEASED is ignored,
 * so that pins can share a wire), itr0 to itr3 (levels, or TIM_TRGO_PULSE), clock1 to clock3 (oscillators that OR1 can
 * select, in Hz), rtc (wake-up interrupt, 0 or 1), comp1, comp2 (enum pin_level; nothing driven: a gap when selected),
 * freeze (1: the debugger stopped the timer).
 * Outputs: irq (all interrupts), irq_brk, irq_up, irq_trg, irq_cc (the same by vector), dma_up,
 * dma_cc1 to dma_cc4, dma_trg, dma_com (1 and at once 0 for one request; 1 until DMAR was accessed
 * DBL + 1 times when DBL > 0), trgo, trgo2, ch1 to ch4, ch1n to ch3n (enum pin_level).
 */
extern const struct device_model stm32_tim1_model;  /* TIM1, TIM8 */
extern const struct device_model stm32_tim2_model;  /* 32 bits, OR1, OR2 */
extern const struct device_model stm32_tim3_model;  /* OR1, OR2 */
extern const struct device_model stm32_tim4_model;  /* no option registers */
extern const struct device_model stm32_tim5_model;  /* 32 bits, no option registers */
extern const struct device_model stm32_tim6_model;  /* TIM6, TIM7 */
extern const struct device_model stm32_tim15_model; /* two channels, break */
extern const struct device_model stm32_tim16_model; /* TIM16, TIM17 */

#endif
