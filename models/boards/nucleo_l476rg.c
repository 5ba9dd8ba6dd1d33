/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * NUCLEO-L476RG (UM1724): STM32L476RG in LQFP64, LD2, B1, ST-LINK's serial port; as delivered, and fed with a clock.
 *
 * X3, the HSE crystal, is not fitted: as delivered, HSERDY never comes. The ST-LINK's MCO supplies 8 MHz to OSC_IN once
 * solder bridges are closed (SB16, SB50): nucleo-l476rg-mco. X2, 32.768 kHz, is fitted. BOOT0 is low unless a jumper
 * on CN7 or a scenario pulls it up.
 */
#include "../chips/stm32l476.h"
#include "../crystal.h"
#include "boards.h"

static const struct board_pin pins[] = {
    {"LD2", "PA5", -1},
    {"B1", "PC13", 1},            /* pulled up on the board, low while pushed */
    {"BOOT0", "syscfg.boot0", 0}, /* CN7 pin 7; pulled down on the board */
    {"VDD", "pwr.vdd", -1},       /* JP6; 3.3 V from the board's regulator unless somebody feeds it */
};

static const struct board_serial serials[] = {
    {"usart2", "usart2"},   /* PA2, PA3 to the ST-LINK */
    {"usart1", "usart1"},   /* PA9, PA10: Arduino D8, D2; or PB6, PB7 */
    {"usart3", "usart3"},   /* PC10, PC11: the boot ROM's pins; or others */
    {"uart4", "uart4"},     /* PA0, PA1: Arduino A0, A1; or PC10, PC11 */
    {"uart5", "uart5"},     /* PC12, PD2 */
    {"lpuart1", "lpuart1"}, /* PC1, PC0: Arduino A4, A5; or PB11, PB10 */
};

static const struct crystal_params x2 = {32768u};
static const struct crystal_params mco = {8000000u};

/* Here and in wires[] the last one is there only if the solder bridges are closed. */
static const struct chip_device parts[] = {
    {"x2", &crystal_model, 0, 0, &x2},
    {"mco", &crystal_model, 0, 0, &mco},
};

/* Pins of each USART that LQFP64 has (DS10198 tables 16 to 18). */
static const struct chip_wire wires[] = {
    {"x2.hz", "rcc.lse_hz"},        {"gpioa.af9", "usart1.tx_af"},    {"gpiob.af6", "usart1.tx_af2"},
    {"gpioa.af10", "usart1.rx_af"}, {"gpiob.af7", "usart1.rx_af2"},   {"gpioa.af2", "usart2.tx_af"},
    {"gpioa.af3", "usart2.rx_af"},  {"gpioc.af10", "usart3.tx_af"},   {"gpiob.af10", "usart3.tx_af2"},
    {"gpioc.af4", "usart3.tx_af3"}, {"gpioc.af11", "usart3.rx_af"},   {"gpiob.af11", "usart3.rx_af2"},
    {"gpioc.af5", "usart3.rx_af3"}, {"gpioa.af0", "uart4.tx_af"},     {"gpioc.af10", "uart4.tx_af2"},
    {"gpioa.af1", "uart4.rx_af"},   {"gpioc.af11", "uart4.rx_af2"},   {"gpioc.af12", "uart5.tx_af"},
    {"gpiod.af2", "uart5.rx_af"},   {"gpioc.af1", "lpuart1.tx_af"},   {"gpiob.af11", "lpuart1.tx_af2"},
    {"gpioc.af0", "lpuart1.rx_af"}, {"gpiob.af10", "lpuart1.rx_af2"}, {"mco.hz", "rcc.hse_hz"},
};

const struct board board_nucleo_l476rg = {
    .name = "nucleo-l476rg",
    .chip = &stm32l476,
    .pins = pins,
    .pin_count = ARRAY_LENGTH(pins),
    .serials = serials,
    .serial_count = ARRAY_LENGTH(serials),
    .parts = parts,
    .part_count = ARRAY_LENGTH(parts) - 1u,
    .wires = wires,
    .wire_count = ARRAY_LENGTH(wires) - 1u,
};

const struct board board_nucleo_l476rg_mco = {
    .name = "nucleo-l476rg-mco",
    .chip = &stm32l476,
    .pins = pins,
    .pin_count = ARRAY_LENGTH(pins),
    .serials = serials,
    .serial_count = ARRAY_LENGTH(serials),
    .parts = parts,
    .part_count = ARRAY_LENGTH(parts),
    .wires = wires,
    .wire_count = ARRAY_LENGTH(wires),
};
