/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
#ifndef TWINBANK_TESTS_MISTAKES_H
#define TWINBANK_TESTS_MISTAKES_H

#include <stdbool.h>

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"

#include "cases.h"

#define NOINIT __attribute__((section(".noinit")))

/* RM0351 6.4.29, and 3.7.5: every flag of FLASH_SR that is cleared by writing 1. */
#define RCC_CSR_RMVF 0x00800000u
#define FLASH_SR_ALL (FLASH_SR_ERRORS | FLASH_SR_EOP)
#define PENDSV_SET   0x10000000u /* SCB_ICSR, ARM DDI 0403E B3.2.4 */

extern const uint32_t vectors[];
extern const volatile uint32_t selector[4];
extern volatile uint32_t boots, value[VALUE_COUNT], done, go, ticks, pendsvs;

__attribute__((noreturn)) void reset_handler(void);
void nmi_handler(void);
__attribute__((noinline, noreturn)) void default_handler(void);
void hard_fault_handler(void);
void systick_handler(void);
void pendsv_handler(void);
void start_systick(void);

/* flash.c: nothing clears a flag that is not asked to. */
void unlock(void);
uint32_t program(uint32_t address, uint32_t low, uint32_t high, uint32_t cr);
uint32_t erase(uint32_t cr);
void erase_wrong_page(enum mistake mistake, uint32_t page);
void keep_sticky_errors(void);
void clear_only_eop(void);
void poll_eop_without_eopie(void);
void program_all_ones(void);
void program_twice(void);
void unlock_with_an_interrupt(enum key_handling handling);
void touch_a_bank(bool watched, bool other);
void read_after_erase(bool flush);
void read_after_swap(bool flush);

/* options.c */
void reset_to_apply_options(enum restart_by restart_by);
void go_on_after_launch(bool locked);
void rewrite_options(bool compare);
void toggle_bank(bool compare);

#endif
