/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Shared by the two files of the RCC model, and by nobody else. */
#ifndef TWINBANK_MODELS_STM32_RCC_L4_PRIVATE_H
#define TWINBANK_MODELS_STM32_RCC_L4_PRIVATE_H

#include "model.h"
#include "stm32_rcc_l4.h"

#define RCC_CR          0x00u
#define RCC_ICSCR       0x04u
#define RCC_CFGR        0x08u
#define RCC_PLLCFGR     0x0cu
#define RCC_PLLSAI1CFGR 0x10u
#define RCC_PLLSAI2CFGR 0x14u
#define RCC_CIER        0x18u
#define RCC_CIFR        0x1cu
#define RCC_CICR        0x20u
#define RCC_AHB1RSTR    0x28u
#define RCC_AHB2RSTR    0x2cu
#define RCC_AHB3RSTR    0x30u
#define RCC_APB1RSTR1   0x38u
#define RCC_APB1RSTR2   0x3cu
#define RCC_APB2RSTR    0x40u
#define RCC_AHB1ENR     0x48u
#define RCC_AHB2ENR     0x4cu
#define RCC_AHB3ENR     0x50u
#define RCC_APB1ENR1    0x58u
#define RCC_APB1ENR2    0x5cu
#define RCC_APB2ENR     0x60u
#define RCC_CCIPR       0x88u
#define RCC_BDCR        0x90u
#define RCC_CSR         0x94u
#define RCC_WORDS       38u

#define RCC_CR_MSION     0x00000001u
#define RCC_CR_MSIRDY    0x00000002u
#define RCC_CR_MSIRGSEL  0x00000008u
#define RCC_CR_MSIRANGE  0x000000f0u
#define RCC_CR_HSION     0x00000100u
#define RCC_CR_HSIRDY    0x00000400u
#define RCC_CR_HSEON     0x00010000u
#define RCC_CR_HSERDY    0x00020000u
#define RCC_CR_CSSON     0x00080000u
#define RCC_CR_PLLON     0x01000000u
#define RCC_CR_PLLRDY    0x02000000u
#define RCC_CR_PLLSAI1ON 0x04000000u
#define RCC_CR_PLLSAI2ON 0x10000000u

#define RCC_CFGR_MCOSEL       0x07000000u
#define RCC_PLLCFGR_PLLREN    0x01000000u
#define RCC_AHB1RSTR_FLASHRST 0x00000100u
#define RCC_AHB1ENR_FLASHEN   0x00000100u
#define RCC_BDCR_LSEON        0x00000001u
#define RCC_BDCR_LSERDY       0x00000002u
#define RCC_BDCR_LSECSSON     0x00000020u
#define RCC_BDCR_RTCSEL       0x00000300u
#define RCC_BDCR_BDRST        0x00010000u
#define RCC_CSR_LSION         0x00000001u
#define RCC_CSR_LSIRDY        0x00000002u
#define RCC_CSR_MSISRANGE     0x00000f00u
#define RCC_CSR_RMVF          0x00800000u
#define RCC_CSR_FLAGS         0xff000000u

enum rcc_input {
    RCC_IN_HSE_HZ, /* of the crystal or clock on OSC_IN; 0: none fitted */
    RCC_IN_LSE_HZ,
    RCC_IN_LATENCY, /* FLASH_ACR.LATENCY */
    RCC_IN_VOS,     /* PWR_CR1.VOS; 0 when not connected: range 1 */
    RCC_IN_DBP,     /* PWR_CR1.DBP */
    RCC_IN_LSI_ON,  /* the watchdog asks for LSI */
};

/* SYSCLK sources in the order of SW, then the other oscillators: numbers of their events, too. */
enum rcc_clock {
    CLOCK_MSI,
    CLOCK_HSI,
    CLOCK_HSE,
    CLOCK_PLL,
    CLOCK_PLLSAI1,
    CLOCK_PLLSAI2,
    CLOCK_LSI,
    CLOCK_LSE,
    CLOCK_COUNT,
};

#define RCC_EVENT_CHECK CLOCK_COUNT /* wait states against HCLK, once all changes have settled */
#define RCC_EVENT_COUNT (CLOCK_COUNT + 1u)

/* Outputs: three of their own, then a clock and a reset for each gated peripheral, then kernel
 * clocks of the USARTs. */
enum rcc_output {
    RCC_OUT_HCLK,
    RCC_OUT_IRQ,
    RCC_OUT_LSI, /* Hz, 0 while off */
    RCC_OUT_GATES,
};
#define RCC_GATES       17u
#define RCC_OUT_KERNELS (RCC_OUT_GATES + 2u * RCC_GATES)

struct rcc_state {
    uint32_t word[RCC_WORDS];
    uint32_t sysclk;     /* enum rcc_clock in force: SWS */
    uint32_t too_fast;   /* 1: HCLK beyond what the wait states allow, already told */
    uint32_t hclk_hz;    /* as driven last */
    uint32_t rtc_locked; /* 1: RTCSEL was chosen; BDRST opens it again */
    uint32_t alive;      /* 1 from the first reset on: inputs may come earlier */
};

static inline struct rcc_state *rcc_state(const struct device *dev)
{
    return dev->state;
}

/* stm32_rcc_l4_clocks.c */
/** Starts and stops oscillators as the registers ask; follows with SYSCLK and all outputs. */
void rcc_update(struct device *dev);
void rcc_clock_ready(struct device *dev, enum rcc_clock clock);
bool rcc_clock_is_ready(const struct device *dev, enum rcc_clock clock);
/** True if SYSCLK runs from this clock, directly or through the PLL: it cannot be switched off. */
bool rcc_clock_in_use(const struct device *dev, enum rcc_clock clock);
/** Hz, 0 while the clock is not ready. */
uint32_t rcc_clock_hz(const struct device *dev, enum rcc_clock clock);
void rcc_drive_resets(struct device *dev);
void rcc_check_latency(struct device *dev);

#endif
