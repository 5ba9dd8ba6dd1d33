/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The analog peripherals of the STM32L476: parameters, and their wires to pins, triggers, interrupts, DMA and each
 * other. Included by stm32l476.c alone.
 */
#ifndef TWINBANK_MODELS_CHIPS_STM32L476_ANALOG_H
#define TWINBANK_MODELS_CHIPS_STM32L476_ANALOG_H

#include "../stm32_adc_v2.h"
#include "../stm32_comp.h"
#include "../stm32_dac_v2.h"
#include "../stm32_opamp.h"
#include "../stm32_vrefbuf.h"

/* DS10198 tables 8, 9 and 24, typical values: VREFINT, the sensor at 25 C (0.76 V at 30 C, 2.5 mV less for each C
 * less), VBAT on VDD. The calibration factor is any. */
static const struct stm32_adc_v2_params adc_table = {1212000u, 747500u, 3300000u, 0x3au};

static const struct stm32_dac_v2_params dac_table = {0x12u}; /* any trimming value */

static const struct stm32_comp_params comp_table = {1212000u};
static const struct stm32_vrefbuf_params vrefbuf_table = {0x20u};                              /* any */
static const struct stm32_opamp_params opamp_table = {{0x110eu, 0x0f12u}, {0x120du, 0x1010u}}; /* any */

/* VREFBUF and the comparators share the 1 KiB of SYSCFG, its clock and its reset (RM0351 2.2.2). */
#define STM32L476_ANALOG_DEVICES                                                                                       \
    {"adc", &stm32_adc_v2_model, 0x50040000u, KIB, &adc_table},                                                        \
        {"dac1", &stm32_dac_v2_model, 0x40007400u, KIB, &dac_table},                                                   \
        {"opamp", &stm32_opamp_model, 0x40007800u, KIB, &opamp_table},                                                 \
        {"vrefbuf", &stm32_vrefbuf_model, 0x40010030u, 0x1d0u, &vrefbuf_table},                                        \
    {                                                                                                                  \
        "comp", &stm32_comp_model, 0x40010200u, 0x200u, &comp_table                                                    \
    }

/* RM0351 tables 106 and 107 (triggers), 44 and 45 (DMA), 58 (interrupts); DS10198 table 16 (pins). */
#define STM32L476_ADC_WIRES                                                                                            \
    {"tim1.ch1", "adc.trg0"}, {"tim1.ch2", "adc.trg1"}, {"tim1.ch3", "adc.trg2"}, {"tim2.ch2", "adc.trg3"},            \
        {"tim3.trgo", "adc.trg4"}, {"tim4.ch4", "adc.trg5"}, {"exti.line11", "adc.trg6"}, {"tim8.trgo", "adc.trg7"},   \
        {"tim8.trgo2", "adc.trg8"}, {"tim1.trgo", "adc.trg9"}, {"tim1.trgo2", "adc.trg10"},                            \
        {"tim2.trgo", "adc.trg11"}, {"tim4.trgo", "adc.trg12"}, {"tim6.trgo", "adc.trg13"},                            \
        {"tim15.trgo", "adc.trg14"}, {"tim3.ch4", "adc.trg15"}, {"tim1.trgo", "adc.jtrg0"}, {"tim1.ch4", "adc.jtrg1"}, \
        {"tim2.trgo", "adc.jtrg2"}, {"tim2.ch1", "adc.jtrg3"}, {"tim3.ch4", "adc.jtrg4"}, {"tim4.trgo", "adc.jtrg5"},  \
        {"exti.line15", "adc.jtrg6"}, {"tim8.ch4", "adc.jtrg7"}, {"tim1.trgo2", "adc.jtrg8"},                          \
        {"tim8.trgo", "adc.jtrg9"}, {"tim8.trgo2", "adc.jtrg10"}, {"tim3.ch3", "adc.jtrg11"},                          \
        {"tim3.trgo", "adc.jtrg12"}, {"tim3.ch1", "adc.jtrg13"}, {"tim6.trgo", "adc.jtrg14"},                          \
        {"tim15.trgo", "adc.jtrg15"}, {"gpioc.analog0", "adc.in1"}, {"gpioc.analog1", "adc.in2"},                      \
        {"gpioc.analog2", "adc.in3"}, {"gpioc.analog3", "adc.in4"}, {"gpioa.analog0", "adc.in5"},                      \
        {"gpioa.analog1", "adc.in6"}, {"gpioa.analog2", "adc.in7"}, {"gpioa.analog3", "adc.in8"},                      \
        {"gpioa.analog4", "adc.in9"}, {"gpioa.analog5", "adc.in10"}, {"gpioa.analog6", "adc.in11"},                    \
        {"gpioa.analog7", "adc.in12"}, {"gpioc.analog4", "adc.in13"}, {"gpioc.analog5", "adc.in14"},                   \
        {"gpiob.analog0", "adc.in15"}, {"gpiob.analog1", "adc.in16"}, {"gpioc.analog0", "adc.in3_1"},                  \
        {"gpioc.analog1", "adc.in3_2"}, {"gpioc.analog2", "adc.in3_3"}, {"gpioc.analog3", "adc.in3_4"},                \
        {"gpiof.analog3", "adc.in3_6"}, {"gpiof.analog4", "adc.in3_7"}, {"gpiof.analog5", "adc.in3_8"},                \
        {"gpiof.analog6", "adc.in3_9"}, {"gpiof.analog7", "adc.in3_10"}, {"gpiof.analog8", "adc.in3_11"},              \
        {"gpiof.analog9", "adc.in3_12"}, {"gpiof.analog10", "adc.in3_13"}, {"rcc.adc_ker", "adc.ker"},                 \
        {"adc.dma1", "dma1.c1s0"}, {"dma1.done1", "adc.done1a"}, {"adc.dma1", "dma2.c3s0"},                            \
        {"dma2.done3", "adc.done1b"}, {"adc.dma2", "dma1.c2s0"}, {"dma1.done2", "adc.done2a"},                         \
        {"adc.dma2", "dma2.c4s0"}, {"dma2.done4", "adc.done2b"}, {"adc.dma3", "dma1.c3s0"},                            \
        {"dma1.done3", "adc.done3a"}, {"adc.dma3", "dma2.c5s0"}, {"dma2.done5", "adc.done3b"},                         \
        {"adc.irq12", "nvic.18"},                                                                                      \
    {                                                                                                                  \
        "adc.irq3", "nvic.47"                                                                                          \
    }

/* RM0351 tables 128 (triggers), 44 and 45 (DMA, at the places of TIM6_UP and TIM7_UP), 58; DS10198 table 16. */
#define STM32L476_DAC_WIRES                                                                                            \
    {"tim6.trgo", "dac1.trg0"}, {"tim8.trgo", "dac1.trg1"}, {"tim7.trgo", "dac1.trg2"}, {"tim5.trgo", "dac1.trg3"},    \
        {"tim2.trgo", "dac1.trg4"}, {"tim4.trgo", "dac1.trg5"}, {"exti.line9", "dac1.trg6"},                           \
        {"dac1.pin1", "gpioa.ana4"}, {"dac1.pin2", "gpioa.ana5"}, {"dac1.out1", "adc.dac1"},                           \
        {"dac1.out2", "adc.dac2"}, {"rcc.lsi_hz", "dac1.lsi"}, {"tim6.dma_up", "dac1.also1"},                          \
        {"tim7.dma_up", "dac1.also2"}, {"dac1.dma1", "dma1.c3s6"}, {"dac1.dma1", "dma2.c4s3"},                         \
        {"dac1.dma2", "dma1.c4s5"}, {"dac1.dma2", "dma2.c5s3"},                                                        \
    {                                                                                                                  \
        "dac1.irq", "nvic.54"                                                                                          \
    }

/* RM0351 22.3 (inputs), DS10198 table 16 and 17 (outputs in AF12). */
#define STM32L476_COMP_WIRES                                                                                           \
    {"rcc.syscfg_clk", "vrefbuf.clk"}, {"rcc.syscfg_rst", "vrefbuf.rst"}, {"rcc.syscfg_clk", "comp.clk"},              \
        {"rcc.syscfg_rst", "comp.rst"}, {"vrefbuf.vref", "adc.vref"}, {"vrefbuf.vref", "dac1.vref"},                   \
        {"dac1.out1", "comp.dac1"}, {"dac1.out2", "comp.dac2"}, {"gpioc.analog5", "comp.c1plus0"},                     \
        {"gpiob.analog2", "comp.c1plus1"}, {"gpiob.analog4", "comp.c2plus0"}, {"gpiob.analog6", "comp.c2plus1"},       \
        {"gpiob.analog1", "comp.c1minus0"}, {"gpioc.analog4", "comp.c1minus1"}, {"gpiob.analog3", "comp.c2minus0"},    \
        {"gpiob.analog7", "comp.c2minus1"}, {"comp.out1", "gpiob.af12out0"}, {"comp.out1", "gpiob.af12out10"},         \
        {"comp.out2", "gpiob.af12out5"}, {"comp.out2", "gpiob.af12out11"}, {"comp.exti1", "exti.comp1"},               \
        {"comp.exti2", "exti.comp2"}, {"comp.out1", "tim1.comp1"}, {"comp.out2", "tim1.comp2"},                        \
        {"comp.out1", "tim2.comp1"}, {"comp.out2", "tim2.comp2"}, {"comp.out1", "tim3.comp1"},                         \
        {"comp.out2", "tim3.comp2"}, {"comp.out1", "tim8.comp1"}, {"comp.out2", "tim8.comp2"},                         \
        {"comp.out1", "tim15.comp1"}, {"comp.out2", "tim15.comp2"}, {"comp.out1", "tim16.comp1"},                      \
        {"comp.out2", "tim16.comp2"}, {"comp.out1", "tim17.comp1"}, {"comp.out2", "tim17.comp2"},                      \
        {"comp.out1", "lptim1.comp1"}, {"comp.out2", "lptim1.comp2"}, {"comp.out1", "lptim2.comp1"},                   \
    {                                                                                                                  \
        "comp.out2", "lptim2.comp2"                                                                                    \
    }

/* RM0351 23.3.2 and 23.3.3. */
#define STM32L476_OPAMP_WIRES                                                                                          \
    {"dac1.out1", "opamp.dac1"}, {"dac1.out2", "opamp.dac2"}, {"gpioa.analog0", "opamp.plus1"},                        \
        {"gpioa.analog1", "opamp.minus1"}, {"gpioa.analog6", "opamp.plus2"}, {"gpioa.analog7", "opamp.minus2"},        \
        {"opamp.out1", "gpioa.ana3"},                                                                                  \
    {                                                                                                                  \
        "opamp.out2", "gpiob.ana0"                                                                                     \
    }

#endif
