/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * STM32L476 with 1 MiB of flash: the whole chip as a table.
 *
 * Sources: RM0351 2.2 (memory map), 3 (flash), 13.3 (interrupts); DS10198 (figures, unconfirmed
 * where said); RM0440 3 for the wording of the flash sequences.
 */
#include "stm32l476.h"

#include "../arm_dwt.h"
#include "../stm32_crc.h"
#include "../stm32_dbgmcu.h"
#include "../stm32_dma.h"
#include "../stm32_exti.h"
#include "../stm32_flash_l4.h"
#include "../stm32_gpio.h"
#include "../stm32_iwdg.h"
#include "../stm32_pwr_l4.h"
#include "../stm32_rcc_l4.h"
#include "../stm32_rng.h"
#include "../stm32_rtc.h"
#include "../stm32_syscfg_l4.h"
#include "../stm32_usart_v3.h"
#include "../stm32_wwdg.h"
#include "stm32l476_analog.h"
#include "stm32l476_i2c.h"
#include "stm32l476_spi.h"
#include "stm32l476_tim.h"
#include "stm32l476_usart.h"

#define KIB           1024u
#define FLASH_BYTES   0x00100000u
#define BANK_BYTES    0x00080000u
#define PAGE_BYTES    2048u
#define SYSTEM_BYTES  0x00007000u /* 28 KiB beside each bank: RM0440 table 7, same layout */
#define SRAM1_BYTES   0x00018000u
#define SRAM2_BYTES   0x00008000u
#define PAGE_1K_BYTES 0x00000400u

/* --- contents ------------------------------------------------------------------------------ */
extern const uint8_t stm32l476_sysrom[];
extern const uint32_t stm32l476_sysrom_size;

#define LE32(v)                                                                                                        \
    (uint8_t)((v) & 0xffu), (uint8_t)((v) >> 8 & 0xffu), (uint8_t)((v) >> 16 & 0xffu), (uint8_t)((v) >> 24 & 0xffu)
/* RM0440 3.4.1: an option double word is a word and its complement. */
#define OPTION(v) LE32(v), LE32(~(v))

/* Factory options: OPTR as read back from boards, the others as debuggers' tables list them. */
static const uint8_t option1_factory[] = {
    OPTION(0xffeff8aau), /* OPTR: RDP level 0, BFB2 = 0 */
    OPTION(0xffffffffu), /* PCROP1SR: start behind the end, no area */
    OPTION(0x00000000u), /* PCROP1ER */
    OPTION(0x000000ffu), /* WRP1AR: no area */
    OPTION(0x000000ffu), /* WRP1BR */
};
static const uint32_t option1_size = sizeof(option1_factory);

static const uint8_t option2_factory[] = {
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,
    0xff,                /* not used */
    OPTION(0xffffffffu), /* PCROP2SR */
    OPTION(0x00000000u), /* PCROP2ER */
    OPTION(0x000000ffu), /* WRP2AR */
    OPTION(0x000000ffu), /* WRP2BR */
};
static const uint32_t option2_size = sizeof(option2_factory);

/* Fields of the option bytes: RM0351 3.4.1, places as in RM0440 table 12. */
#define WRP_FIELDS(name, address)                                                                                      \
    {name "_STRT", address, 0, 8},                                                                                     \
    {                                                                                                                  \
        name "_END", address, 16, 8                                                                                    \
    }
static const struct chip_option options[] = {
    {"BOR_LEV", 0x1fff7800u, 8, 3},   {"IWDG_SW", 0x1fff7800u, 16, 1},  {"BFB2", 0x1fff7800u, 20, 1},
    WRP_FIELDS("WRP1A", 0x1fff7818u), WRP_FIELDS("WRP1B", 0x1fff7820u), WRP_FIELDS("WRP2A", 0x1ffff818u),
    WRP_FIELDS("WRP2B", 0x1ffff820u),
};

/* RM0351 49: electronic signature. The identifier is made up in the shape of a real one. */
static const uint8_t engineering_bytes[PAGE_1K_BYTES] = {
    [0x100] = 0x00, /* package data: LQFP64 */
    [0x190] = 0x32,
    [0x191] = 0x00,
    [0x192] = 0x2b, /* UID: wafer position */
    [0x193] = 0x00,
    [0x194] = 0x0d,
    [0x195] = 0x51, /* wafer number, then lot in ASCII */
    [0x196] = 0x4b,
    [0x197] = 0x35,
    [0x198] = 0x32,
    [0x199] = 0x35,
    [0x19a] = 0x37,
    [0x19b] = 0x20,
    [0x1e0] = 0x00, /* flash size: 0x0400 KiB */
    [0x1e1] = 0x04,
    /* DS10198 tables 8 and 9, measured at 3.0 V: the typical 0.76 V at 30 C, 2.5 mV more each C, 1.212 V. */
    [0x1a8] = 0x0e,
    [0x1a9] = 0x04, /* TS_CAL1 at 30 C: 1038 */
    [0x1ca] = 0x1f,
    [0x1cb] = 0x05, /* TS_CAL2 at 110 C: 1311 */
    [0x1aa] = 0x77,
    [0x1ab] = 0x06, /* VREFINT_CAL: 1655 */
};
static const uint32_t engineering_size = sizeof(engineering_bytes);

/* --- stores -------------------------------------------------------------------------------- */
static const struct store_desc stores[STM32L476_STORE_COUNT] = {
    [STM32L476_STORE_FLASH] = {"flash", STORE_FLASH, FLASH_BYTES, PAGE_BYTES, BANK_BYTES, NULL, NULL},
    [STM32L476_STORE_SYSTEM1] = {"sysrom", STORE_ROM, SYSTEM_BYTES, 0, 0, stm32l476_sysrom, &stm32l476_sysrom_size},
    [STM32L476_STORE_OTP] = {"otp", STORE_FLASH, PAGE_1K_BYTES, PAGE_1K_BYTES, 0, NULL, NULL},
    [STM32L476_STORE_ENGINEERING] = {"engineering", STORE_ROM, PAGE_1K_BYTES, 0, 0, engineering_bytes,
                                     &engineering_size},
    [STM32L476_STORE_OPTION1] = {"option1", STORE_FLASH, PAGE_1K_BYTES, PAGE_1K_BYTES, 0, option1_factory,
                                 &option1_size},
    [STM32L476_STORE_SYSTEM2] = {"sysrom2", STORE_ROM, SYSTEM_BYTES, 0, 0, NULL, NULL},
    [STM32L476_STORE_OPTION2] = {"option2", STORE_FLASH, PAGE_1K_BYTES, PAGE_1K_BYTES, 0, option2_factory,
                                 &option2_size},
    [STM32L476_STORE_SRAM1] = {"sram1", STORE_RAM, SRAM1_BYTES, 0, 0, NULL, NULL},
    [STM32L476_STORE_SRAM2] = {"sram2", STORE_RAM, SRAM2_BYTES, 0, 0, NULL, NULL},
};

/* --- windows ------------------------------------------------------------------------------- */
/* One store, always the same part of it. */
#define FIXED(variable, store, bytes) static const struct window_choice variable[] = {{store, {{store, 0, bytes}}}}

FIXED(show_sram2, "sram2", SRAM2_BYTES);
FIXED(show_system1, "sysrom", SYSTEM_BYTES);
FIXED(show_otp, "otp", PAGE_1K_BYTES);
FIXED(show_engineering, "engineering", PAGE_1K_BYTES);
FIXED(show_option1, "option1", PAGE_1K_BYTES);
FIXED(show_system2, "sysrom2", SYSTEM_BYTES);
FIXED(show_option2, "option2", PAGE_1K_BYTES);
FIXED(show_sram1, "sram1", SRAM1_BYTES);

#define MAIN_UNSWAPPED                                                                                                 \
    {                                                                                                                  \
        "main flash",                                                                                                  \
        {                                                                                                              \
            {                                                                                                          \
                "flash", 0, FLASH_BYTES                                                                                \
            }                                                                                                          \
        }                                                                                                              \
    }
#define MAIN_SWAPPED                                                                                                   \
    {                                                                                                                  \
        "main flash, banks swapped",                                                                                   \
        {                                                                                                              \
            {"flash", BANK_BYTES, BANK_BYTES},                                                                         \
            {                                                                                                          \
                "flash", 0, BANK_BYTES                                                                                 \
            }                                                                                                          \
        }                                                                                                              \
    }

static const struct window_choice show_main[] = {
    [SYSCFG_MAIN_UNSWAPPED] = MAIN_UNSWAPPED,
    [SYSCFG_MAIN_SWAPPED] = MAIN_SWAPPED,
};

static const struct window_choice show_alias[] = {
    [SYSCFG_ALIAS_MAIN_UNSWAPPED] = MAIN_UNSWAPPED,
    [SYSCFG_ALIAS_MAIN_SWAPPED] = MAIN_SWAPPED,
    [SYSCFG_ALIAS_SYSTEM_MEMORY] = {"system memory", {{"sysrom", 0, SYSTEM_BYTES}}},
    [SYSCFG_ALIAS_SRAM1] = {"SRAM1", {{"sram1", 0, SRAM1_BYTES}}},
    [SYSCFG_ALIAS_FMC] = {"FMC bank 1 at 0", {{NULL, 0, FLASH_BYTES}}},
    [SYSCFG_ALIAS_QUADSPI] = {"QUADSPI at 0", {{NULL, 0, FLASH_BYTES}}},
};

#define SHOWS(choices) choices, ARRAY_LENGTH(choices)

/* The flash interface owns what it can program or answer with flags; system memory, too, so that a
 * write there ends in WRPERR and not in a bus fault. */
static const struct window windows[STM32L476_WINDOW_COUNT] = {
    [STM32L476_WINDOW_ALIAS] = {"alias", 0x00000000u, FLASH_BYTES, "flash", SHOWS(show_alias)},
    [STM32L476_WINDOW_MAIN] = {"main", 0x08000000u, FLASH_BYTES, "flash", SHOWS(show_main)},
    [STM32L476_WINDOW_SRAM2] = {"sram2", 0x10000000u, SRAM2_BYTES, NULL, SHOWS(show_sram2)},
    [STM32L476_WINDOW_SYSTEM1] = {"sysrom", 0x1fff0000u, SYSTEM_BYTES, "flash", SHOWS(show_system1)},
    [STM32L476_WINDOW_OTP] = {"otp", 0x1fff7000u, PAGE_1K_BYTES, "flash", SHOWS(show_otp)},
    [STM32L476_WINDOW_ENGINEERING] = {"engineering", 0x1fff7400u, PAGE_1K_BYTES, NULL, SHOWS(show_engineering)},
    [STM32L476_WINDOW_OPTION1] = {"option1", 0x1fff7800u, PAGE_1K_BYTES, "flash", SHOWS(show_option1)},
    [STM32L476_WINDOW_SYSTEM2] = {"sysrom2", 0x1fff8000u, SYSTEM_BYTES, "flash", SHOWS(show_system2)},
    [STM32L476_WINDOW_OPTION2] = {"option2", 0x1ffff800u, PAGE_1K_BYTES, "flash", SHOWS(show_option2)},
    [STM32L476_WINDOW_SRAM1] = {"sram1", 0x20000000u, SRAM1_BYTES, NULL, SHOWS(show_sram1)},
};

/* --- parameters ---------------------------------------------------------------------------- */
/* Times: typical values commonly quoted from DS10198 rev 8, not confirmed. An option write is then
 * 2 x 22.02 ms + 9 x 81.69 us = 44.8 ms: no figure is published. */
static const struct stm32_flash_l4_params flash_table = {
    .store_flash = STM32L476_STORE_FLASH,
    .store_otp = STM32L476_STORE_OTP,
    .store_option1 = STM32L476_STORE_OPTION1,
    .store_option2 = STM32L476_STORE_OPTION2,
    .store_system1 = STM32L476_STORE_SYSTEM1,
    .store_system2 = STM32L476_STORE_SYSTEM2,
    .store_sram2 = STM32L476_STORE_SRAM2,
    .bank_size = BANK_BYTES,
    .page_size = PAGE_BYTES,
    .program_ps = 81690000ull,
    .program_fast_ps = 59690000ull, /* 1.91 ms a row of 32 */
    .page_erase_ps = 22020000000ull,
    .mass_erase_ps = 22130000000ull,
    .option_erase_ps = 22020000000ull,
    .option_program_ps = 81690000ull,
    .row_gap_ps = 50000000ull,     /* twice 25 us */
    .row_limit_ps = 7000000000ull, /* 7 ms: RM0440 3.3.7 */
    .optkeyr_bus_error = 1,
    .pdkeyr_bus_error = 1,
    .pcrop_read_value = 0,
    .option_stalls_banks = 1,
};

static const struct stm32_pwr_l4_params pwr_table = {STM32L476_STORE_SRAM1, STM32L476_STORE_SRAM2};
static const struct stm32_rng_params rng_table = {0x726e67u};         /* any: the numbers are the same in every run */
static const struct stm32_dbgmcu_params dbgmcu_table = {0x10076415u}; /* as read back from revision 4 */
static const struct stm32_syscfg_l4_params syscfg_table = {STM32L476_WINDOW_MAIN, STM32L476_WINDOW_ALIAS,
                                                           STM32L476_STORE_SRAM2};

/* RM0351 8.4.1 to 8.4.4: the debug pins differ from the rest. */
static const struct stm32_gpio_params gpio_tables[] = {
    {0, 0xffffu, 0xabffffffu, 0x0c000000u, 0x64000000u, 1},
    {1, 0xffffu, 0xfffffebfu, 0, 0x00000100u, 1},
    {2, 0xffffu, 0xffffffffu, 0, 0, 1},
    {3, 0xffffu, 0xffffffffu, 0, 0, 1},
    {4, 0xffffu, 0xffffffffu, 0, 0, 1},
    {5, 0xffffu, 0xffffffffu, 0, 0, 1},
    {6, 0xffffu, 0xffffffffu, 0, 0, 1},
    {7, 0x0003u, 0x0000000fu, 0, 0, 1},
};

/* DS10198 tables 17 and 18: every pin of a USART has it in the same alternate function. */
static const struct stm32_usart_v3_params usart_af7 = {7, 7, 0};
static const struct stm32_usart_v3_params uart_af8 = {8, 8, 0};
static const struct stm32_usart_v3_params lpuart_af8 = {8, 8, 1};

/* RM0351 tables 44 and 45: the CSELR values that have a request, channel by channel. */
static const struct stm32_dma_params dma1_table = {{0x71u, 0xbfu, 0xffu, 0xefu, 0xffu, 0xbfu, 0xffu}};
static const struct stm32_dma_params dma2_table = {{0xbeu, 0xbeu, 0x17u, 0xbbu, 0xadu, 0xb6u, 0xbeu}};

/* --- devices ------------------------------------------------------------------------------- */
/* Reset in this order: options first, because boot mode and watchdog depend on them. */
static const struct chip_device devices[] = {
    {"flash", &stm32_flash_l4_model, 0x40022000u, KIB, &flash_table},
    {"rcc", &stm32_rcc_l4_model, 0x40021000u, KIB, NULL},
    {"pwr", &stm32_pwr_l4_model, 0x40007000u, KIB, &pwr_table},
    {"syscfg", &stm32_syscfg_l4_model, 0x40010000u, 0x30u, &syscfg_table},
    {"exti", &stm32_exti_model, 0x40010400u, KIB, NULL}, /* before the ports, whose resets move pins */
    {"gpioa", &stm32_gpio_model, 0x48000000u, KIB, &gpio_tables[0]},
    {"gpiob", &stm32_gpio_model, 0x48000400u, KIB, &gpio_tables[1]},
    {"gpioc", &stm32_gpio_model, 0x48000800u, KIB, &gpio_tables[2]},
    {"gpiod", &stm32_gpio_model, 0x48000c00u, KIB, &gpio_tables[3]},
    {"gpioe", &stm32_gpio_model, 0x48001000u, KIB, &gpio_tables[4]},
    {"gpiof", &stm32_gpio_model, 0x48001400u, KIB, &gpio_tables[5]},
    {"gpiog", &stm32_gpio_model, 0x48001800u, KIB, &gpio_tables[6]},
    {"gpioh", &stm32_gpio_model, 0x48001c00u, KIB, &gpio_tables[7]},
    {"usart1", &stm32_usart_v3_model, 0x40013800u, KIB, &usart_af7},
    {"usart2", &stm32_usart_v3_model, 0x40004400u, KIB, &usart_af7},
    {"usart3", &stm32_usart_v3_model, 0x40004800u, KIB, &usart_af7},
    {"uart4", &stm32_uart_v3_model, 0x40004c00u, KIB, &uart_af8},
    {"uart5", &stm32_uart_v3_model, 0x40005000u, KIB, &uart_af8},
    {"lpuart1", &stm32_lpuart_v3_model, 0x40008000u, KIB, &lpuart_af8},
    {"iwdg", &stm32_iwdg_model, 0x40003000u, KIB, NULL},
    {"crc", &stm32_crc_model, 0x40023000u, KIB, NULL},
    {"rng", &stm32_rng_model, 0x50060800u, KIB, &rng_table},
    {"wwdg", &stm32_wwdg_model, 0x40002c00u, KIB, NULL},
    {"rtc", &stm32_rtc_model, 0x40002800u, KIB, NULL},
    {"dbgmcu", &stm32_dbgmcu_model, 0xe0042000u, KIB, &dbgmcu_table},
    {"dma1", &stm32_dma_model, 0x40020000u, KIB, &dma1_table},
    {"dma2", &stm32_dma_model, 0x40020400u, KIB, &dma2_table},
    {"dwt", &arm_dwt_model, 0xe0001000u, 4u * KIB, NULL},
    STM32L476_TIM_DEVICES,
    STM32L476_SPI_DEVICES,
    STM32L476_ANALOG_DEVICES,
    STM32L476_I2C_DEVICES,
};

#define GATED(name)                                                                                                    \
    {"rcc." name "_clk", name ".clk"},                                                                                 \
    {                                                                                                                  \
        "rcc." name "_rst", name ".rst"                                                                                \
    }
#define USART(name, irq)                                                                                               \
    GATED(name), {"rcc." name "_ker", name ".ker"}, {"pwr.mode", name ".stop"},                                        \
    {                                                                                                                  \
        name ".irq", "nvic." irq                                                                                       \
    }

/* EXTI sees the levels of all pins, and which port SYSCFG selects for each line. */
#define PIN_TO_EXTI(port, pin) {"gpio" port ".level" pin, "exti.p" port pin}
#define PORT_TO_EXTI(port)                                                                                             \
    PIN_TO_EXTI(port, "0"), PIN_TO_EXTI(port, "1"), PIN_TO_EXTI(port, "2"), PIN_TO_EXTI(port, "3"),                    \
        PIN_TO_EXTI(port, "4"), PIN_TO_EXTI(port, "5"), PIN_TO_EXTI(port, "6"), PIN_TO_EXTI(port, "7"),                \
        PIN_TO_EXTI(port, "8"), PIN_TO_EXTI(port, "9"), PIN_TO_EXTI(port, "10"), PIN_TO_EXTI(port, "11"),              \
        PIN_TO_EXTI(port, "12"), PIN_TO_EXTI(port, "13"), PIN_TO_EXTI(port, "14"), PIN_TO_EXTI(port, "15")
#define EXTI_SELECT(line) {"syscfg.exti" line, "exti.sel" line}

static const struct chip_wire wires[] = {
    PORT_TO_EXTI("a"),
    PORT_TO_EXTI("b"),
    PORT_TO_EXTI("c"),
    PORT_TO_EXTI("d"),
    PORT_TO_EXTI("e"),
    PORT_TO_EXTI("f"),
    PORT_TO_EXTI("g"),
    PIN_TO_EXTI("h", "0"),
    PIN_TO_EXTI("h", "1"),
    EXTI_SELECT("0"),
    EXTI_SELECT("1"),
    EXTI_SELECT("2"),
    EXTI_SELECT("3"),
    EXTI_SELECT("4"),
    EXTI_SELECT("5"),
    EXTI_SELECT("6"),
    EXTI_SELECT("7"),
    EXTI_SELECT("8"),
    EXTI_SELECT("9"),
    EXTI_SELECT("10"),
    EXTI_SELECT("11"),
    EXTI_SELECT("12"),
    EXTI_SELECT("13"),
    EXTI_SELECT("14"),
    EXTI_SELECT("15"),
    {"exti.irq0", "nvic.6"},
    {"exti.irq1", "nvic.7"},
    {"exti.irq2", "nvic.8"},
    {"exti.irq3", "nvic.9"},
    {"exti.irq4", "nvic.10"},
    {"exti.irq9_5", "nvic.23"},
    {"exti.irq15_10", "nvic.40"},
    {"exti.irq_pvd", "nvic.1"},
    {"exti.irq_tamp", "nvic.2"},
    {"exti.irq_wkup", "nvic.3"},
    {"exti.irq_alarm", "nvic.41"},
    {"exti.irq_comp", "nvic.64"},
    {"rcc.lsecss", "exti.lsecss"},
    {"rcc.lsecss", "pwr.lsecss"},
    {"cpu.sleepdeep", "pwr.sleepdeep"},
    {"cpu.sleep", "flash.sleep"},
    {"cpu.trcena", "dwt.trcena"},
    {"exti.event", "cpu.event"},
    {"pwr.mode", "rcc.mode"},
    {"pwr.mode", "exti.mode"},
    {"pwr.off", "exti.off"},
    {"pwr.pvd", "exti.pvd"},
    {"pwr.pvm1", "exti.pvm1"},
    {"pwr.pvm2", "exti.pvm2"},
    {"pwr.pvm3", "exti.pvm3"},
    {"pwr.pvm4", "exti.pvm4"},
    {"pwr.low_supply", "flash.low_supply"},
    {"pwr.brown_out", "cpu.brown_out"},
    {"flash.bor_lev", "pwr.bor_lev"},
    {"gpioa.pad0", "pwr.wkup1"},
    {"gpioc.pad13", "pwr.wkup2"},
    {"gpioe.pad6", "pwr.wkup3"},
    {"gpioa.pad2", "pwr.wkup4"},
    {"gpioc.pad5", "pwr.wkup5"},
    {"rcc.css_nmi", "nvic.nmi"},
    {"flash.nrst_stop", "pwr.nrst_stop"},
    {"flash.nrst_stdby", "pwr.nrst_stdby"},
    {"flash.nrst_shdw", "pwr.nrst_shdw"},
    {"flash.wwdg_sw", "rcc.wwdg_sw"},
    {"flash.erase_backup", "rtc.erase"},
    {"rcc.rtc_hz", "rtc.hz"},
    {"rcc.rtc_rst", "rtc.rst"},
    {"pwr.dbp", "rtc.dbp"},
    {"gpioc.pad13", "rtc.tamp1"},
    {"gpioa.pad0", "rtc.tamp2"},
    {"gpioe.pad6", "rtc.tamp3"},
    {"rtc.alarm", "exti.rtc_alarm"},
    {"rtc.tamp", "exti.rtc_tamp"},
    {"rtc.wkup", "exti.rtc_wkup"},
    {"rtc.alarm", "pwr.rtc_alarm"},
    {"rtc.tamp", "pwr.rtc_tamp"},
    {"rtc.wkup", "pwr.rtc_wkup"},
    GATED("rng"),
    {"rcc.rng_ker", "rng.ker"},
    {"rng.irq", "nvic.80"},
    GATED("wwdg"),
    {"flash.wwdg_sw", "wwdg.wwdg_sw"},
    {"wwdg.irq", "nvic.0"},
    {"rcc.hclk", "cpu.hclk"},
    {"rcc.hclk", "flash.hclk"},
    {"rcc.irq", "nvic.5"},
    {"rcc.lsi_hz", "iwdg.lsi_hz"},
    {"iwdg.lsi_on", "rcc.lsi_on"},
    {"flash.latency", "rcc.latency"},
    {"flash.irq", "nvic.4"},
    {"flash.nmi", "nvic.nmi"},
    {"flash.iwdg_sw", "iwdg.iwdg_sw"},
    {"flash.iwdg_stop", "iwdg.iwdg_stop"},
    {"flash.iwdg_stdby", "iwdg.iwdg_stdby"},
    {"pwr.mode", "iwdg.mode"},
    {"flash.nboot1", "syscfg.nboot1"},
    {"flash.bfb2", "syscfg.bfb2"},
    {"pwr.vos", "rcc.vos"},
    {"pwr.vos", "flash.vos"},
    {"pwr.dbp", "rcc.dbp"},
    GATED("pwr"),
    GATED("syscfg"),
    GATED("crc"),
    GATED("gpioa"),
    GATED("gpiob"),
    GATED("gpioc"),
    GATED("gpiod"),
    GATED("gpioe"),
    GATED("gpiof"),
    GATED("gpiog"),
    GATED("gpioh"),
    STM32L476_ADC_WIRES,
    GATED("adc"),
    STM32L476_DAC_WIRES,
    GATED("dac1"),
    STM32L476_COMP_WIRES,
    STM32L476_OPAMP_WIRES,
    GATED("opamp"),
    STM32L476_TIM_PIN_WIRES,
    STM32L476_TIM_ITR_WIRES,
    STM32L476_TIM_SOURCE_WIRES,
    STM32L476_USART_PIN_WIRES,
    STM32L476_FREEZE_WIRES,
    STM32L476_TIM_IRQ_WIRES,
    STM32L476_LPTIM_WIRES,
    STM32L476_TIM_DMA_WIRES,
    GATED("tim1"),
    GATED("tim2"),
    GATED("tim3"),
    GATED("tim4"),
    GATED("tim5"),
    GATED("tim6"),
    GATED("tim7"),
    GATED("tim8"),
    GATED("tim15"),
    GATED("tim16"),
    GATED("tim17"),
    GATED("lptim1"),
    GATED("lptim2"),
    STM32L476_I2C_WIRES,
    GATED("i2c1"),
    GATED("i2c2"),
    GATED("i2c3"),
    USART("usart1", "37"),
    USART("usart2", "38"),
    USART("usart3", "39"),
    USART("uart4", "52"),
    USART("uart5", "53"),
    USART("lpuart1", "70"),
    GATED("spi1"),
    GATED("spi2"),
    GATED("spi3"),
    STM32L476_SPI_PIN_WIRES,
    STM32L476_SPI_WIRES,
    GATED("dma1"),
    {"dma1.irq1", "nvic.11"},
    {"dma1.irq2", "nvic.12"},
    {"dma1.irq3", "nvic.13"},
    {"dma1.irq4", "nvic.14"},
    {"dma1.irq5", "nvic.15"},
    {"dma1.irq6", "nvic.16"},
    {"dma1.irq7", "nvic.17"},
    GATED("dma2"),
    {"dma2.irq1", "nvic.56"},
    {"dma2.irq2", "nvic.57"},
    {"dma2.irq3", "nvic.58"},
    {"dma2.irq4", "nvic.59"},
    {"dma2.irq5", "nvic.60"},
    {"dma2.irq6", "nvic.68"},
    {"dma2.irq7", "nvic.69"},
    /* RM0351 tables 44 and 45: a request is at one or two places, as channel and CSELR value. */
    {"usart1.dma_tx", "dma1.c4s2"},
    {"usart1.dma_tx", "dma2.c6s2"},
    {"usart1.dma_rx", "dma1.c5s2"},
    {"usart1.dma_rx", "dma2.c7s2"},
    {"usart2.dma_tx", "dma1.c7s2"},
    {"usart2.dma_rx", "dma1.c6s2"},
    {"usart3.dma_tx", "dma1.c2s2"},
    {"usart3.dma_rx", "dma1.c3s2"},
    {"uart4.dma_tx", "dma2.c3s2"},
    {"uart4.dma_rx", "dma2.c5s2"},
    {"uart5.dma_tx", "dma2.c1s2"},
    {"uart5.dma_rx", "dma2.c2s2"},
    {"lpuart1.dma_tx", "dma2.c6s4"},
    {"lpuart1.dma_rx", "dma2.c7s4"},
};

/* --- what is not modelled ------------------------------------------------------------------- */
static const struct chip_gap gaps[] = {
    {"LCD", 0x40002400u, KIB},
    {"CAN1", 0x40006400u, KIB},
    {"SWPMI1", 0x40008800u, KIB},
    {"FIREWALL", 0x40011c00u, KIB},
    {"SDMMC1", 0x40012800u, KIB},
    {"SAI1", 0x40015400u, KIB},
    {"SAI2", 0x40015800u, KIB},
    {"DFSDM1", 0x40016000u, KIB},
    {"TSC", 0x40024000u, KIB},
    {"OTG_FS", 0x50000000u, 256u * KIB},
    {"FMC bank 1", 0x60000000u, 0x10000000u},
    {"FMC bank 3", 0x80000000u, 0x10000000u},
    {"QUADSPI memory", 0x90000000u, 0x10000000u},
    {"FMC", 0xa0000000u, KIB},
    {"QUADSPI", 0xa0001000u, KIB},
    {"ITM", 0xe0000000u, 4u * KIB},
    {"FPB", 0xe0002000u, 4u * KIB},
    {"TPIU", 0xe0040000u, 4u * KIB},
    {"ETM", 0xe0041000u, 4u * KIB},
    {"ROM table", 0xe00ff000u, 4u * KIB},
};

const struct chip stm32l476 = {
    .name = "stm32l476",
    .cpu = CPU_CORTEX_M4F,
    .irq_count = 82,    /* RM0351 table 58: positions 0 to 81 */
    .priority_bits = 4, /* __NVIC_PRIO_BITS */
    .reset_hclk_hz = 4000000u,
    .bitband = 1,
    .stores = stores,
    .store_count = ARRAY_LENGTH(stores),
    .windows = windows,
    .window_count = ARRAY_LENGTH(windows),
    .devices = devices,
    .device_count = ARRAY_LENGTH(devices),
    .wires = wires,
    .wire_count = ARRAY_LENGTH(wires),
    .gaps = gaps,
    .gap_count = ARRAY_LENGTH(gaps),
    .options = options,
    .option_count = ARRAY_LENGTH(options),
};
