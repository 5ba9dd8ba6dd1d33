/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file What the tests of the timers share. The timer clock is 80 MHz: 12.5 ns a clock. */
#ifndef TWINBANK_TIM_FIXTURE_H
#define TWINBANK_TIM_FIXTURE_H

#include "fake_host.h"
#include "models/stm32_tim.h"

#define CLOCK 12500ull /* ps */

#define CR1   0x00u
#define CR2   0x04u
#define SMCR  0x08u
#define DIER  0x0cu
#define SR    0x10u
#define EGR   0x14u
#define CCMR1 0x18u
#define CCER  0x20u
#define CNT   0x24u
#define PSC   0x28u
#define ARR   0x2cu
#define RCR   0x30u
#define CCR1  0x34u
#define CCR2  0x38u
#define BDTR  0x44u
#define DCR   0x48u
#define DMAR  0x4cu
#define OR1   0x50u
#define OR2   0x60u

#define IN_TI1    2u
#define IN_TI2    3u
#define IN_ETR    6u
#define IN_BKIN   7u
#define IN_ITR0   9u
#define IN_CLOCK1 13u
#define IN_CLOCK2 14u
#define IN_RTC    16u
#define IN_COMP1  17u
#define IN_COMP2  18u
#define IN_FREEZE 19u

#define OUT_IRQ     0u
#define OUT_IRQ_BRK 1u
#define OUT_IRQ_UP  2u
#define OUT_DMA_UP  5u
#define OUT_TRGO    12u
#define OUT_CH1     14u
#define OUT_CH1N    18u

#define PULSE 4u

static const struct stm32_tim_params advanced = {6,      3, 0, 1, 1, 0x0fu,
                                                 0x100u, 0, 0, 4, 1, {TIM_SOURCE_PIN, TIM_SOURCE_COMP1}};
static const struct stm32_tim_params wide = {
    4, 0, 1, 0, 1, 0x01u, 0, 1, 3, 2, 3, {TIM_SOURCE_PIN, TIM_SOURCE_COMP1, TIM_SOURCE_COMP2, TIM_SOURCE_COMPS}};
static const struct stm32_tim_params general = {
    4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 3, {TIM_SOURCE_PIN, TIM_SOURCE_COMP1, TIM_SOURCE_COMP2, TIM_SOURCE_COMPS}};
static const struct stm32_tim_params basic = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0}};
static const struct stm32_tim_params two_channels = {2,      1, 0, 1, 1, 0x06u,
                                                     0x100u, 0, 0, 0, 1, {TIM_SOURCE_PIN, TIM_SOURCE_CLOCK1}};
static const struct stm32_tim_params one_channel = {
    1, 1, 0, 1, 0, 0, 0x100u, 0, 0, 0, 3, {TIM_SOURCE_PIN, TIM_SOURCE_CLOCK1, TIM_SOURCE_CLOCK2, TIM_SOURCE_RTC}};

static inline struct fake_host *create(const struct device_model *model, const struct stm32_tim_params *params)
{
    struct fake_host *h = fake_create(model, params);
    h->input[0] = 80000000u;
    fake_power_on(h);
    return h;
}

static inline struct fake_host *tim1(void)
{
    return create(&stm32_tim1_model, &advanced);
}

static inline struct fake_host *tim2(void)
{
    return create(&stm32_tim2_model, &wide);
}

static inline struct fake_host *tim3(void)
{
    return create(&stm32_tim3_model, &general);
}

static inline struct fake_host *tim15(void)
{
    return create(&stm32_tim15_model, &two_channels);
}

static inline struct fake_host *tim16(void)
{
    return create(&stm32_tim16_model, &one_channel);
}

static inline struct fake_host *tim6(void)
{
    return create(&stm32_tim6_model, &basic);
}

/** Lets n timer clocks pass. */
static inline void clocks(struct fake_host *h, uint64_t n)
{
    fake_run(h, n * CLOCK);
}

/** Writes CEN (and more), and passes the clock that RM0351 31.3.1 lets pass before counting begins. */
static inline void enable(struct fake_host *h, uint32_t cr1)
{
    fake_write(h, CR1, cr1 | 1u);
    clocks(h, 1);
}

static inline bool scheduled(const struct fake_host *h)
{
    return h->due_ps[0] != TIME_NEVER;
}

/** Channel 1 of TIM3 in a mode, period 10, compare at 4, output on, counting from the next clock. */
static inline struct fake_host *compare(uint32_t mode)
{
    struct fake_host *h = tim3();
    fake_write(h, ARR, 9);
    fake_write(h, CCR1, 4);
    fake_write(h, CCMR1, mode << 4);
    fake_write(h, CCER, 1);
    return h;
}

#endif
