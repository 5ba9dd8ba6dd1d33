/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Flash interface of the STM32L47x/L48x/L49x: the parameters a chip table gives. */
#ifndef TWINBANK_MODELS_STM32_FLASH_L4_H
#define TWINBANK_MODELS_STM32_FLASH_L4_H

#include "sim/device.h"

/** Everything that differs between chips, and every knob for what the manual leaves open. */
struct stm32_flash_l4_params {
    uint32_t store_flash; /* both physical banks, bank 1 first */
    uint32_t store_otp;
    uint32_t store_option1; /* option page of bank 1, and of bank 2 */
    uint32_t store_option2;
    uint32_t store_system1; /* system memory beside bank 1, and beside bank 2 */
    uint32_t store_system2;
    uint32_t store_sram2;     /* erased by a regression, and by resets if the option SRAM2_RST is 0 */
    uint32_t bank_size;       /* bytes */
    uint32_t page_size;       /* bytes */
    uint64_t program_ps;      /* one double word, standard */
    uint64_t program_fast_ps; /* one double word of a fast row */
    uint64_t page_erase_ps;
    uint64_t mass_erase_ps;
    uint64_t option_erase_ps;     /* one option page */
    uint64_t option_program_ps;   /* one option double word */
    uint64_t row_gap_ps;          /* longest wait for the next double word of a row: MISERR */
    uint64_t row_limit_ps;        /* longest fast programming: FASTERR */
    uint32_t optkeyr_bus_error;   /* 1: a wrong OPTKEYR ends in a bus error as a wrong KEYR does */
    uint32_t pdkeyr_bus_error;    /* the same for PDKEYR */
    uint32_t pcrop_read_value;    /* what a data read of a PCROP area delivers */
    uint32_t option_stalls_banks; /* 1: an option operation stalls reads of the bank beside it */
};

extern const struct device_model stm32_flash_l4_model;

#endif
