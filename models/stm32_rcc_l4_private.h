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
#define RCC_CR_MSIPLLEN  0x00000004u
#define RCC_CR_MSIRGSEL  0x00000008u
#define RCC_CR_MSIRANGE  0x000000f0u
#define RCC_CR_HSION     0x00000100u
#define RCC_CR_HSIKERON  0x00000200u
#define RCC_CR_HSIRDY    0x00000400u
#define RCC_CR_HSEON     0x00010000u
#define RCC_CR_HSERDY    0x00020000u
#define RCC_CR_CSSON     0x00080000u
#define RCC_CR_PLLON     0x01000000u
#define RCC_CR_PLLRDY    0x02000000u
#define RCC_CR_PLLSAI1ON 0x04000000u
#define RCC_CR_PLLSAI2ON 0x10000000u

#define RCC_CFGR_SW         0x00000003u
#define RCC_CFGR_SWS        0x0000000cu
#define RCC_CFGR_STOPWUCK   0x00008000u
#define RCC_PLLCFGR_PLLREN  0x01000000u
#define RCC_PLLCFGR_PLLQEN  0x00100000u
#define RCC_CIFR_CSSF       0x00000100u
#define RCC_CIFR_LSECSSF    0x00000200u
#define RCC_AHB1ENR_FLASHEN 0x00000100u
#define RCC_APB1ENR1_WWDGEN 0x00000800u
#define RCC_BDCR_LSEON      0x00000001u
#define RCC_BDCR_LSERDY     0x00000002u
#define RCC_BDCR_LSECSSON   0x00000020u
#define RCC_BDCR_LSECSSD    0x00000040u
#define RCC_BDCR_RTCSEL     0x00000300u
#define RCC_BDCR_RTCEN      0x00008000u
#define RCC_BDCR_BDRST      0x00010000u
#define RCC_CSR_LSION       0x00000001u
#define RCC_CSR_LSIRDY      0x00000002u
#define RCC_CSR_MSISRANGE   0x00000f00u
#define RCC_CSR_RMVF        0x00800000u
#define RCC_CSR_FLAGS       0xff000000u

enum rcc_input {
    RCC_IN_HSE_HZ, /* of the crystal or clock on OSC_IN; 0: none fitted */
    RCC_IN_LSE_HZ,
    RCC_IN_LATENCY, /* FLASH_ACR.LATENCY */
    RCC_IN_VOS,     /* PWR_CR1.VOS; 0 when not connected: range 1 */
    RCC_IN_DBP,     /* PWR_CR1.DBP */
    RCC_IN_LSI_ON,  /* the watchdog asks for LSI */
    RCC_IN_MODE,    /* enum rcc_mode, from PWR */
    RCC_IN_WWDG_SW, /* option: 0 starts the window watchdog by hardware */
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

/* What the clocks do in the low-power modes of PWR (RM0351 6.3): its output "mode". */
enum rcc_mode {
    RCC_MODE_RUN,
    RCC_MODE_STOP0,
    RCC_MODE_STOP1,
    RCC_MODE_STOP2,
    RCC_MODE_STANDBY,
    RCC_MODE_SHUTDOWN,
};

/*
 * Peripherals with an enable bit: name, enable and reset register (RM0351 6.4.10 to 6.4.21: the same bit in both), bit,
 * clock. Timers get twice PCLK unless the APB prescaler is 1 (RM0351 6.2.14).
 */
#define RCC_GATE_LIST(GATE)                                                                                            \
    GATE(gpioa, AHB2, 0, AHB)                                                                                          \
    GATE(gpiob, AHB2, 1, AHB)                                                                                          \
    GATE(gpioc, AHB2, 2, AHB)                                                                                          \
    GATE(gpiod, AHB2, 3, AHB)                                                                                          \
    GATE(gpioe, AHB2, 4, AHB)                                                                                          \
    GATE(gpiof, AHB2, 5, AHB)                                                                                          \
    GATE(gpiog, AHB2, 6, AHB)                                                                                          \
    GATE(gpioh, AHB2, 7, AHB)                                                                                          \
    GATE(otg_fs, AHB2, 12, AHB)                                                                                        \
    GATE(adc, AHB2, 13, AHB)                                                                                           \
    GATE(rng, AHB2, 18, AHB)                                                                                           \
    GATE(dma1, AHB1, 0, AHB)                                                                                           \
    GATE(dma2, AHB1, 1, AHB)                                                                                           \
    GATE(crc, AHB1, 12, AHB)                                                                                           \
    GATE(tsc, AHB1, 16, AHB)                                                                                           \
    GATE(fmc, AHB3, 0, AHB)                                                                                            \
    GATE(quadspi, AHB3, 8, AHB)                                                                                        \
    GATE(tim2, APB1_1, 0, TIM1)                                                                                        \
    GATE(tim3, APB1_1, 1, TIM1)                                                                                        \
    GATE(tim4, APB1_1, 2, TIM1)                                                                                        \
    GATE(tim5, APB1_1, 3, TIM1)                                                                                        \
    GATE(tim6, APB1_1, 4, TIM1)                                                                                        \
    GATE(tim7, APB1_1, 5, TIM1)                                                                                        \
    GATE(lcd, APB1_1, 9, APB1)                                                                                         \
    GATE(wwdg, APB1_1, 11, APB1)                                                                                       \
    GATE(spi2, APB1_1, 14, APB1)                                                                                       \
    GATE(spi3, APB1_1, 15, APB1)                                                                                       \
    GATE(usart2, APB1_1, 17, APB1)                                                                                     \
    GATE(usart3, APB1_1, 18, APB1)                                                                                     \
    GATE(uart4, APB1_1, 19, APB1)                                                                                      \
    GATE(uart5, APB1_1, 20, APB1)                                                                                      \
    GATE(i2c1, APB1_1, 21, APB1)                                                                                       \
    GATE(i2c2, APB1_1, 22, APB1)                                                                                       \
    GATE(i2c3, APB1_1, 23, APB1)                                                                                       \
    GATE(can1, APB1_1, 25, APB1)                                                                                       \
    GATE(pwr, APB1_1, 28, APB1)                                                                                        \
    GATE(dac1, APB1_1, 29, APB1)                                                                                       \
    GATE(opamp, APB1_1, 30, APB1)                                                                                      \
    GATE(lptim1, APB1_1, 31, APB1)                                                                                     \
    GATE(lpuart1, APB1_2, 0, APB1)                                                                                     \
    GATE(swpmi1, APB1_2, 2, APB1)                                                                                      \
    GATE(lptim2, APB1_2, 5, APB1)                                                                                      \
    GATE(syscfg, APB2, 0, APB2)                                                                                        \
    GATE(sdmmc1, APB2, 10, APB2)                                                                                       \
    GATE(tim1, APB2, 11, TIM2)                                                                                         \
    GATE(spi1, APB2, 12, APB2)                                                                                         \
    GATE(tim8, APB2, 13, TIM2)                                                                                         \
    GATE(usart1, APB2, 14, APB2)                                                                                       \
    GATE(tim15, APB2, 16, TIM2)                                                                                        \
    GATE(tim16, APB2, 17, TIM2)                                                                                        \
    GATE(tim17, APB2, 18, TIM2)                                                                                        \
    GATE(sai1, APB2, 21, APB2)                                                                                         \
    GATE(sai2, APB2, 22, APB2)                                                                                         \
    GATE(dfsdm1, APB2, 24, APB2)

/* Peripherals with a kernel clock of their own: name, first bit of its field in CCIPR, the clocks of its four codes. */
#define RCC_KERNEL_LIST(KERNEL)                                                                                        \
    KERNEL(usart1, 0, PCLK, SYSCLK, HSI, LSE)                                                                          \
    KERNEL(usart2, 2, PCLK, SYSCLK, HSI, LSE)                                                                          \
    KERNEL(usart3, 4, PCLK, SYSCLK, HSI, LSE)                                                                          \
    KERNEL(uart4, 6, PCLK, SYSCLK, HSI, LSE)                                                                           \
    KERNEL(uart5, 8, PCLK, SYSCLK, HSI, LSE)                                                                           \
    KERNEL(lpuart1, 10, PCLK, SYSCLK, HSI, LSE)                                                                        \
    KERNEL(i2c1, 12, PCLK, SYSCLK, HSI, NONE)                                                                          \
    KERNEL(i2c2, 14, PCLK, SYSCLK, HSI, NONE)                                                                          \
    KERNEL(i2c3, 16, PCLK, SYSCLK, HSI, NONE)                                                                          \
    KERNEL(lptim1, 18, PCLK, LSI, HSI, LSE)                                                                            \
    KERNEL(lptim2, 20, PCLK, LSI, HSI, LSE)                                                                            \
    KERNEL(rng, 26, NONE, PLLSAI1Q, PLLQ, MSI)                                                                         \
    KERNEL(adc, 28, NONE, PLLSAI1R, PLLSAI2R, SYSCLK)

#define RCC_GATE_NUMBER(name, reg, bit, bus)           RCC_GATE_##name,
#define RCC_KERNEL_NUMBER(name, shift, k0, k1, k2, k3) RCC_KERNEL_##name,
enum rcc_gate_number {
    RCC_GATE_LIST(RCC_GATE_NUMBER) RCC_GATES
};
enum rcc_kernel_number {
    RCC_KERNEL_LIST(RCC_KERNEL_NUMBER) RCC_KERNELS
};

/* Outputs: some of their own, then a clock and a reset for each gated peripheral, then kernel clocks. */
enum rcc_output {
    RCC_OUT_HCLK,
    RCC_OUT_IRQ,
    RCC_OUT_LSI, /* Hz, 0 while off */
    RCC_OUT_RTC, /* Hz of RTCCLK, 0 while off */
    RCC_OUT_RTC_RST,
    RCC_OUT_CSS_NMI,
    RCC_OUT_LSECSS, /* 1: LSE failed */
    RCC_OUT_GATES,
    RCC_OUT_KERNELS = RCC_OUT_GATES + 2 * RCC_GATES,
    RCC_OUT_LSE = RCC_OUT_KERNELS + RCC_KERNELS, /* Hz, for what measures clocks; 0 while off */
    RCC_OUT_MSI,
    RCC_OUT_HSE32,
    RCC_OUT_MCO,
    RCC_OUT_COUNT,
};

struct rcc_state {
    uint32_t word[RCC_WORDS];
    uint32_t sysclk;                /* enum rcc_clock in force: SWS */
    uint32_t too_fast;              /* 1: HCLK beyond what the wait states allow, already told */
    uint32_t hclk_hz;               /* as driven last */
    uint32_t rtc_locked;            /* 1: RTCSEL was chosen; BDRST opens it again */
    uint32_t alive;                 /* 1 from the first reset on: inputs may come earlier */
    uint32_t mode;                  /* enum rcc_mode */
    uint32_t driven[RCC_OUT_COUNT]; /* what each output carries: most do not change */
};

static inline struct rcc_state *rcc_state(const struct device *dev)
{
    return dev->state;
}

/* stm32_rcc_l4_clocks.c */
/** Starts and stops oscillators as the registers ask; follows with SYSCLK and all outputs. */
void rcc_update(struct device *dev);
void rcc_clock_ready(struct device *dev, enum rcc_clock clock);
/** True if a register or another peripheral asks for the clock. */
bool rcc_clock_is_wanted(const struct device *dev, enum rcc_clock clock);
bool rcc_clock_is_ready(const struct device *dev, enum rcc_clock clock);
/** True if SYSCLK runs from this clock, directly or through the PLL: it cannot be switched off. */
bool rcc_clock_in_use(const struct device *dev, enum rcc_clock clock);
/** Hz, 0 while the clock is not ready. */
uint32_t rcc_clock_hz(const struct device *dev, enum rcc_clock clock);
void rcc_drive_resets(struct device *dev);
/** Follows PWR into a low-power mode and out of it. */
void rcc_change_mode(struct device *dev, enum rcc_mode mode);
void rcc_check_latency(struct device *dev);

#endif
