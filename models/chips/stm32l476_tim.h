/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The timers of the STM32L476: parameters, and their wires to pins, interrupts, DMA and each other.
 * Included by stm32l476.c alone.
 */
#ifndef TWINBANK_MODELS_CHIPS_STM32L476_TIM_H
#define TWINBANK_MODELS_CHIPS_STM32L476_TIM_H

#include "../stm32_lptim.h"
#include "../stm32_tim.h"

/*
 * channels, complementary outputs, 32 bits, break, slave; what OR1 and OR2 select that is not there; LSE at ETR;
 * which TI OR1 selects for, by which field, from what: RM0351 30.4.27 to 30.4.31, 31.4.22, 31.4.23, 32.5.19, 32.6.18,
 * 32.6.20
 */
static const struct stm32_tim_params tim1_params = {6,      3, 0, 1, 1, 0x0fu,
                                                    0x100u, 0, 0, 4, 1, {TIM_SOURCE_PIN, TIM_SOURCE_COMP1}};
static const struct stm32_tim_params tim2_params = {
    4, 0, 1, 0, 1, 0x01u, 0, 1, 3, 2, 3, {TIM_SOURCE_PIN, TIM_SOURCE_COMP1, TIM_SOURCE_COMP2, TIM_SOURCE_COMPS}};
static const struct stm32_tim_params tim3_params = {
    4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 3, {TIM_SOURCE_PIN, TIM_SOURCE_COMP1, TIM_SOURCE_COMP2, TIM_SOURCE_COMPS}};
static const struct stm32_tim_params tim4_params = {4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, {0}};
static const struct stm32_tim_params tim5_params = {4, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, {0}};
static const struct stm32_tim_params tim6_params = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0}};
static const struct stm32_tim_params tim8_params = {6,      3, 0, 1, 1, 0x0fu,
                                                    0x100u, 0, 0, 4, 1, {TIM_SOURCE_PIN, TIM_SOURCE_COMP2}};
static const struct stm32_tim_params tim15_params = {2,      1, 0, 1, 1, 0x06u,
                                                     0x100u, 0, 0, 0, 1, {TIM_SOURCE_PIN, TIM_SOURCE_CLOCK1}};
static const struct stm32_tim_params tim16_params = {
    1, 1, 0, 1, 0, 0, 0x100u, 0, 0, 0, 3, {TIM_SOURCE_PIN, TIM_SOURCE_CLOCK1, TIM_SOURCE_CLOCK2, TIM_SOURCE_RTC}};
static const struct stm32_tim_params tim17_params = {
    1, 1, 0, 1, 0, 0, 0x100u, 0, 0, 0, 3, {TIM_SOURCE_PIN, TIM_SOURCE_CLOCK1, TIM_SOURCE_CLOCK2, TIM_SOURCE_CLOCK3}};

#define STM32L476_TIM_DEVICES                                                                                          \
    {"tim2", &stm32_tim2_model, 0x40000000u, KIB, &tim2_params},                                                       \
        {"tim3", &stm32_tim3_model, 0x40000400u, KIB, &tim3_params},                                                   \
        {"tim4", &stm32_tim4_model, 0x40000800u, KIB, &tim4_params},                                                   \
        {"tim5", &stm32_tim5_model, 0x40000c00u, KIB, &tim5_params},                                                   \
        {"tim6", &stm32_tim6_model, 0x40001000u, KIB, &tim6_params},                                                   \
        {"tim7", &stm32_tim6_model, 0x40001400u, KIB, &tim6_params},                                                   \
        {"tim1", &stm32_tim1_model, 0x40012c00u, KIB, &tim1_params},                                                   \
        {"tim8", &stm32_tim1_model, 0x40013400u, KIB, &tim8_params},                                                   \
        {"tim15", &stm32_tim15_model, 0x40014000u, KIB, &tim15_params},                                                \
        {"tim16", &stm32_tim16_model, 0x40014400u, KIB, &tim16_params},                                                \
        {"tim17", &stm32_tim16_model, 0x40014800u, KIB, &tim17_params},                                                \
        {"lptim1", &stm32_lptim_model, 0x40007c00u, KIB, NULL},                                                        \
    {                                                                                                                  \
        "lptim2", &stm32_lptim_plain_model, 0x40009400u, KIB, NULL                                                     \
    }

/* A signal on a pin, in an alternate function: DS10198 tables 17 and 18. */
#define TIM_DRIVES(signal, port, af, pin) {signal, "gpio" port ".af" af "out" pin}
#define TIM_SEES(signal, port, af, pin)   {"gpio" port ".af" af "in" pin, signal}
#define TIM_CHANNEL(timer, n, port, af, pin)                                                                           \
    TIM_DRIVES(timer ".ch" n, port, af, pin), TIM_SEES(timer ".ti" n, port, af, pin)

#define STM32L476_TIM_PIN_WIRES                                                                                        \
    TIM_SEES("tim1.bkin", "a", "1", "6"), TIM_SEES("tim1.bkin", "b", "1", "12"),                                       \
        TIM_SEES("tim1.bkin", "e", "1", "15"), TIM_SEES("tim1.bkin2", "a", "2", "11"),                                 \
        TIM_SEES("tim1.bkin2", "e", "2", "14"), TIM_CHANNEL("tim1", "1", "a", "1", "8"),                               \
        TIM_CHANNEL("tim1", "1", "e", "1", "9"), TIM_DRIVES("tim1.ch1n", "a", "1", "7"),                               \
        TIM_DRIVES("tim1.ch1n", "b", "1", "13"), TIM_DRIVES("tim1.ch1n", "e", "1", "8"),                               \
        TIM_CHANNEL("tim1", "2", "a", "1", "9"), TIM_CHANNEL("tim1", "2", "e", "1", "11"),                             \
        TIM_DRIVES("tim1.ch2n", "b", "1", "0"), TIM_DRIVES("tim1.ch2n", "b", "1", "14"),                               \
        TIM_DRIVES("tim1.ch2n", "e", "1", "10"), TIM_CHANNEL("tim1", "3", "a", "1", "10"),                             \
        TIM_CHANNEL("tim1", "3", "e", "1", "13"), TIM_DRIVES("tim1.ch3n", "b", "1", "1"),                              \
        TIM_DRIVES("tim1.ch3n", "b", "1", "15"), TIM_DRIVES("tim1.ch3n", "e", "1", "12"),                              \
        TIM_CHANNEL("tim1", "4", "a", "1", "11"), TIM_CHANNEL("tim1", "4", "e", "1", "14"),                            \
        TIM_SEES("tim1.etr", "a", "1", "12"), TIM_SEES("tim1.etr", "e", "1", "7"),                                     \
        TIM_CHANNEL("tim2", "1", "a", "1", "0"), TIM_CHANNEL("tim2", "1", "a", "1", "5"),                              \
        TIM_CHANNEL("tim2", "1", "a", "1", "15"), TIM_CHANNEL("tim2", "2", "a", "1", "1"),                             \
        TIM_CHANNEL("tim2", "2", "b", "1", "3"), TIM_CHANNEL("tim2", "3", "a", "1", "2"),                              \
        TIM_CHANNEL("tim2", "3", "b", "1", "10"), TIM_CHANNEL("tim2", "4", "a", "1", "3"),                             \
        TIM_CHANNEL("tim2", "4", "b", "1", "11"), TIM_SEES("tim2.etr", "a", "14", "0"),                                \
        TIM_SEES("tim2.etr", "a", "2", "5"), TIM_SEES("tim2.etr", "a", "2", "15"),                                     \
        TIM_CHANNEL("tim3", "1", "a", "2", "6"), TIM_CHANNEL("tim3", "1", "b", "2", "4"),                              \
        TIM_CHANNEL("tim3", "1", "c", "2", "6"), TIM_CHANNEL("tim3", "1", "e", "2", "3"),                              \
        TIM_CHANNEL("tim3", "2", "a", "2", "7"), TIM_CHANNEL("tim3", "2", "b", "2", "5"),                              \
        TIM_CHANNEL("tim3", "2", "c", "2", "7"), TIM_CHANNEL("tim3", "2", "e", "2", "4"),                              \
        TIM_CHANNEL("tim3", "3", "b", "2", "0"), TIM_CHANNEL("tim3", "3", "c", "2", "8"),                              \
        TIM_CHANNEL("tim3", "3", "e", "2", "5"), TIM_CHANNEL("tim3", "4", "b", "2", "1"),                              \
        TIM_CHANNEL("tim3", "4", "c", "2", "9"), TIM_CHANNEL("tim3", "4", "e", "2", "6"),                              \
        TIM_SEES("tim3.etr", "d", "2", "2"), TIM_SEES("tim3.etr", "e", "2", "2"),                                      \
        TIM_CHANNEL("tim4", "1", "b", "2", "6"), TIM_CHANNEL("tim4", "1", "d", "2", "12"),                             \
        TIM_CHANNEL("tim4", "2", "b", "2", "7"), TIM_CHANNEL("tim4", "2", "d", "2", "13"),                             \
        TIM_CHANNEL("tim4", "3", "b", "2", "8"), TIM_CHANNEL("tim4", "3", "d", "2", "14"),                             \
        TIM_CHANNEL("tim4", "4", "b", "2", "9"), TIM_CHANNEL("tim4", "4", "d", "2", "15"),                             \
        TIM_SEES("tim4.etr", "e", "2", "0"), TIM_CHANNEL("tim5", "1", "a", "2", "0"),                                  \
        TIM_CHANNEL("tim5", "1", "f", "2", "6"), TIM_CHANNEL("tim5", "2", "a", "2", "1"),                              \
        TIM_CHANNEL("tim5", "2", "f", "2", "7"), TIM_CHANNEL("tim5", "3", "a", "2", "2"),                              \
        TIM_CHANNEL("tim5", "3", "f", "2", "8"), TIM_CHANNEL("tim5", "4", "a", "2", "3"),                              \
        TIM_CHANNEL("tim5", "4", "f", "2", "9"), TIM_SEES("tim5.etr", "f", "1", "6"),                                  \
        TIM_SEES("tim8.bkin", "a", "3", "6"), TIM_SEES("tim8.bkin", "b", "3", "7"),                                    \
        TIM_SEES("tim8.bkin2", "b", "3", "6"), TIM_SEES("tim8.bkin2", "c", "1", "9"),                                  \
        TIM_CHANNEL("tim8", "1", "c", "3", "6"), TIM_DRIVES("tim8.ch1n", "a", "3", "5"),                               \
        TIM_DRIVES("tim8.ch1n", "a", "3", "7"), TIM_CHANNEL("tim8", "2", "c", "3", "7"),                               \
        TIM_DRIVES("tim8.ch2n", "b", "3", "0"), TIM_DRIVES("tim8.ch2n", "b", "3", "14"),                               \
        TIM_CHANNEL("tim8", "3", "c", "3", "8"), TIM_DRIVES("tim8.ch3n", "b", "3", "1"),                               \
        TIM_DRIVES("tim8.ch3n", "b", "3", "15"), TIM_CHANNEL("tim8", "4", "c", "3", "9"),                              \
        TIM_SEES("tim8.etr", "a", "3", "0"), TIM_SEES("tim15.bkin", "a", "14", "9"),                                   \
        TIM_SEES("tim15.bkin", "b", "14", "12"), TIM_CHANNEL("tim15", "1", "a", "14", "2"),                            \
        TIM_CHANNEL("tim15", "1", "b", "14", "14"), TIM_CHANNEL("tim15", "1", "f", "14", "9"),                         \
        TIM_CHANNEL("tim15", "1", "g", "14", "10"), TIM_DRIVES("tim15.ch1n", "a", "14", "1"),                          \
        TIM_DRIVES("tim15.ch1n", "b", "14", "13"), TIM_DRIVES("tim15.ch1n", "g", "14", "9"),                           \
        TIM_CHANNEL("tim15", "2", "a", "14", "3"), TIM_CHANNEL("tim15", "2", "b", "14", "15"),                         \
        TIM_CHANNEL("tim15", "2", "f", "14", "10"), TIM_CHANNEL("tim15", "2", "g", "14", "11"),                        \
        TIM_SEES("tim16.bkin", "b", "14", "5"), TIM_CHANNEL("tim16", "1", "a", "14", "6"),                             \
        TIM_CHANNEL("tim16", "1", "b", "14", "8"), TIM_CHANNEL("tim16", "1", "e", "14", "0"),                          \
        TIM_DRIVES("tim16.ch1n", "b", "14", "6"), TIM_SEES("tim17.bkin", "a", "14", "10"),                             \
        TIM_SEES("tim17.bkin", "b", "14", "4"), TIM_CHANNEL("tim17", "1", "a", "14", "7"),                             \
        TIM_CHANNEL("tim17", "1", "b", "14", "9"), TIM_CHANNEL("tim17", "1", "e", "14", "1"),                          \
        TIM_DRIVES("tim17.ch1n", "b", "14", "7")

/* RM0351 34.4.5, table 212; comparators come with their model. */
#define LPTIM_TRIGGERS(lptim)                                                                                          \
    {"rtc.alarm_a", lptim ".alarm_a"}, {"rtc.alarm_b", lptim ".alarm_b"}, {"rtc.tamp1", lptim ".tamp1"},               \
        {"rtc.tamp2", lptim ".tamp2"},                                                                                 \
    {                                                                                                                  \
        "rtc.tamp3", lptim ".tamp3"                                                                                    \
    }

#define STM32L476_LPTIM_WIRES                                                                                          \
    TIM_SEES("lptim1.etr", "b", "1", "6"), TIM_SEES("lptim1.etr", "c", "1", "3"),                                      \
        TIM_SEES("lptim1.etr", "g", "1", "12"), TIM_SEES("lptim1.in1", "b", "1", "5"),                                 \
        TIM_SEES("lptim1.in1", "c", "1", "0"), TIM_SEES("lptim1.in1", "g", "1", "10"),                                 \
        TIM_SEES("lptim1.in2", "b", "1", "7"), TIM_SEES("lptim1.in2", "c", "1", "2"),                                  \
        TIM_SEES("lptim1.in2", "g", "1", "11"), TIM_DRIVES("lptim1.out", "b", "1", "2"),                               \
        TIM_DRIVES("lptim1.out", "c", "1", "1"), TIM_DRIVES("lptim1.out", "g", "1", "15"),                             \
        TIM_SEES("lptim2.etr", "a", "14", "5"), TIM_SEES("lptim2.etr", "c", "14", "3"),                                \
        TIM_SEES("lptim2.etr", "d", "14", "11"), TIM_SEES("lptim2.in1", "b", "14", "1"),                               \
        TIM_SEES("lptim2.in1", "c", "14", "0"), TIM_SEES("lptim2.in1", "d", "14", "12"),                               \
        TIM_DRIVES("lptim2.out", "a", "14", "4"), TIM_DRIVES("lptim2.out", "a", "14", "8"),                            \
        TIM_DRIVES("lptim2.out", "d", "14", "13"), {"rcc.lptim1_ker", "lptim1.ker"}, {"rcc.lptim2_ker", "lptim2.ker"}, \
        {"lptim1.irq", "exti.lptim1"}, {"lptim2.irq", "exti.lptim2"}, {"exti.irq_lptim1", "nvic.65"},                  \
        {"exti.irq_lptim2", "nvic.66"}, LPTIM_TRIGGERS("lptim1"), LPTIM_TRIGGERS("lptim2")

/* Internal triggers: RM0351 tables 196, 206 and 211; TIM15 not confirmed. */
#define STM32L476_TIM_ITR_WIRES                                                                                        \
    {"tim15.trgo", "tim1.itr0"}, {"tim2.trgo", "tim1.itr1"}, {"tim3.trgo", "tim1.itr2"}, {"tim4.trgo", "tim1.itr3"},   \
        {"tim1.trgo", "tim8.itr0"}, {"tim2.trgo", "tim8.itr1"}, {"tim4.trgo", "tim8.itr2"},                            \
        {"tim5.trgo", "tim8.itr3"}, {"tim1.trgo", "tim2.itr0"}, {"tim8.trgo", "tim2.itr1"},                            \
        {"tim3.trgo", "tim2.itr2"}, {"tim4.trgo", "tim2.itr3"}, {"tim1.trgo", "tim3.itr0"},                            \
        {"tim2.trgo", "tim3.itr1"}, {"tim15.trgo", "tim3.itr2"}, {"tim4.trgo", "tim3.itr3"},                           \
        {"tim1.trgo", "tim4.itr0"}, {"tim2.trgo", "tim4.itr1"}, {"tim3.trgo", "tim4.itr2"},                            \
        {"tim8.trgo", "tim4.itr3"}, {"tim2.trgo", "tim5.itr0"}, {"tim3.trgo", "tim5.itr1"},                            \
        {"tim4.trgo", "tim5.itr2"}, {"tim8.trgo", "tim5.itr3"}, {"tim1.trgo", "tim15.itr0"},                           \
        {"tim3.trgo", "tim15.itr1"}, {"tim16.ch1", "tim15.itr2"},                                                      \
    {                                                                                                                  \
        "tim17.ch1", "tim15.itr3"                                                                                      \
    }

/* What OR1 selects besides pins, RM0351 31.4.22, 32.5.19, 32.6.18, 32.6.20. Comparators come with their model. */
#define STM32L476_TIM_SOURCE_WIRES                                                                                     \
    {"rcc.lse_hz", "tim2.clock1"}, {"rcc.lse_hz", "tim15.clock1"}, {"rcc.lsi_hz", "tim16.clock1"},                     \
        {"rcc.lse_hz", "tim16.clock2"}, {"rtc.wkup", "tim16.rtc"}, {"rcc.msi_hz", "tim17.clock1"},                     \
        {"rcc.hse32_hz", "tim17.clock2"},                                                                              \
    {                                                                                                                  \
        "rcc.mco_hz", "tim17.clock3"                                                                                   \
    }

/* What stands still while a debugger holds the core, RM0351 48.6.3 to 48.6.5. */
#define STM32L476_FREEZE_WIRES                                                                                         \
    {"cpu.halted", "dbgmcu.halted"}, {"dbgmcu.tim2_stop", "tim2.freeze"}, {"dbgmcu.tim3_stop", "tim3.freeze"},         \
        {"dbgmcu.tim4_stop", "tim4.freeze"}, {"dbgmcu.tim5_stop", "tim5.freeze"}, {"dbgmcu.tim6_stop", "tim6.freeze"}, \
        {"dbgmcu.tim7_stop", "tim7.freeze"}, {"dbgmcu.tim1_stop", "tim1.freeze"}, {"dbgmcu.tim8_stop", "tim8.freeze"}, \
        {"dbgmcu.tim15_stop", "tim15.freeze"}, {"dbgmcu.tim16_stop", "tim16.freeze"},                                  \
        {"dbgmcu.tim17_stop", "tim17.freeze"}, {"dbgmcu.lptim1_stop", "lptim1.freeze"},                                \
        {"dbgmcu.lptim2_stop", "lptim2.freeze"}, {"dbgmcu.wwdg_stop", "wwdg.freeze"},                                  \
    {                                                                                                                  \
        "dbgmcu.iwdg_stop", "iwdg.freeze"                                                                              \
    }

/* RM0351 table 58. */
#define STM32L476_TIM_IRQ_WIRES                                                                                        \
    {"tim1.irq_brk", "nvic.24"}, {"tim1.irq_up", "nvic.25"}, {"tim1.irq_trg", "nvic.26"}, {"tim1.irq_cc", "nvic.27"},  \
        {"tim15.irq", "nvic.24"}, {"tim16.irq", "nvic.25"}, {"tim17.irq", "nvic.26"}, {"tim2.irq", "nvic.28"},         \
        {"tim3.irq", "nvic.29"}, {"tim4.irq", "nvic.30"}, {"tim5.irq", "nvic.50"}, {"tim6.irq", "nvic.54"},            \
        {"tim7.irq", "nvic.55"}, {"tim8.irq_brk", "nvic.43"}, {"tim8.irq_up", "nvic.44"}, {"tim8.irq_trg", "nvic.45"}, \
    {                                                                                                                  \
        "tim8.irq_cc", "nvic.46"                                                                                       \
    }

/* RM0351 tables 44 and 45: DMA controller, channel, CSELR value. */
#define STM32L476_TIM_DMA_WIRES                                                                                        \
    {"tim2.dma_cc3", "dma1.c1s4"}, {"tim17.dma_cc1", "dma1.c1s5"}, {"tim17.dma_up", "dma1.c1s5"},                      \
        {"tim4.dma_cc1", "dma1.c1s6"}, {"tim2.dma_up", "dma1.c2s4"}, {"tim3.dma_cc3", "dma1.c2s5"},                    \
        {"tim1.dma_cc1", "dma1.c2s7"}, {"tim16.dma_cc1", "dma1.c3s4"}, {"tim16.dma_up", "dma1.c3s4"},                  \
        {"tim3.dma_cc4", "dma1.c3s5"}, {"tim3.dma_up", "dma1.c3s5"}, {"tim1.dma_cc2", "dma1.c3s7"},                    \
        {"tim4.dma_cc2", "dma1.c4s6"}, {"tim1.dma_cc4", "dma1.c4s7"}, {"tim1.dma_trg", "dma1.c4s7"},                   \
        {"tim1.dma_com", "dma1.c4s7"}, {"tim2.dma_cc1", "dma1.c5s4"}, {"tim4.dma_cc3", "dma1.c5s6"},                   \
        {"tim15.dma_cc1", "dma1.c5s7"}, {"tim15.dma_up", "dma1.c5s7"}, {"tim15.dma_trg", "dma1.c5s7"},                 \
        {"tim15.dma_com", "dma1.c5s7"}, {"tim16.dma_cc1", "dma1.c6s4"}, {"tim16.dma_up", "dma1.c6s4"},                 \
        {"tim3.dma_cc1", "dma1.c6s5"}, {"tim3.dma_trg", "dma1.c6s5"}, {"tim1.dma_up", "dma1.c6s7"},                    \
        {"tim2.dma_cc2", "dma1.c7s4"}, {"tim2.dma_cc4", "dma1.c7s4"}, {"tim17.dma_cc1", "dma1.c7s5"},                  \
        {"tim17.dma_up", "dma1.c7s5"}, {"tim4.dma_up", "dma1.c7s6"}, {"tim1.dma_cc3", "dma1.c7s7"},                    \
        {"tim5.dma_cc4", "dma2.c1s5"}, {"tim5.dma_trg", "dma2.c1s5"}, {"tim8.dma_cc3", "dma2.c1s7"},                   \
        {"tim8.dma_up", "dma2.c1s7"}, {"tim5.dma_cc3", "dma2.c2s5"}, {"tim5.dma_up", "dma2.c2s5"},                     \
        {"tim8.dma_cc4", "dma2.c2s7"}, {"tim8.dma_trg", "dma2.c2s7"}, {"tim8.dma_com", "dma2.c2s7"},                   \
        {"tim5.dma_cc2", "dma2.c4s5"}, {"tim5.dma_cc1", "dma2.c5s5"}, {"tim8.dma_cc1", "dma2.c6s7"},                   \
    {                                                                                                                  \
        "tim8.dma_cc2", "dma2.c7s7"                                                                                    \
    }

#endif
