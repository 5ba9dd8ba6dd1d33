/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Register bits of the system control space (ARM DDI 0403E B3.2, B3.3) and what exception.c and exception_regs.c share.
 */
#ifndef TWINBANK_SIM_EXCEPTION_BITS_H
#define TWINBANK_SIM_EXCEPTION_BITS_H

#include "exception.h"

/* MPU registers: offsets from 0xe000e000; RBAR and RASR have three aliases behind them */
#define MPU_TYPE 0xd90u
#define MPU_CTRL 0xd94u
#define MPU_RNR  0xd98u
#define MPU_RBAR 0xd9cu
#define MPU_END  0xdbcu

/* SysTick registers: offsets from 0xe000e000 */
#define SYST_CSR   0x010u
#define SYST_RVR   0x014u
#define SYST_CVR   0x018u
#define SYST_CALIB 0x01cu

#define XPSR_IPSR        0x000001ffu
#define XPSR_STACK_ALIGN 0x00000200u
#define XPSR_T_BIT       0x01000000u
#define XPSR_KEPT        0xf80f0000u /* flags that a handler starts with; IT/ICI bits are cleared */

#define CONTROL_NPRIV 1u
#define CONTROL_SPSEL 2u
#define CONTROL_FPCA  4u

#define EXC_RETURN_NO_FP 0x10u

#define SCR_OFFSET 0xd10u

#define SCR_SLEEPONEXIT (1u << 1)
#define SCR_SLEEPDEEP   (1u << 2)
#define SCR_SEVONPEND   (1u << 4)

#define CCR_NONBASETHRDENA (1u << 0)
#define CCR_USERSETMPEND   (1u << 1)
#define CCR_UNALIGN_TRP    (1u << 3)
#define CCR_DIV_0_TRP      (1u << 4)
#define CCR_BFHFNMIGN      (1u << 8)
#define CCR_STKALIGN       (1u << 9)

#define SHCSR_MEMFAULTENA (1u << 16)
#define SHCSR_BUSFAULTENA (1u << 17)
#define SHCSR_USGFAULTENA (1u << 18)

#define CFSR_IACCVIOL   (1u << 0)
#define CFSR_DACCVIOL   (1u << 1)
#define CFSR_MMARVALID  (1u << 7)
#define CFSR_IBUSERR    (1u << 8)
#define CFSR_PRECISERR  (1u << 9)
#define CFSR_UNSTKERR   (1u << 11)
#define CFSR_STKERR     (1u << 12)
#define CFSR_BFARVALID  (1u << 15)
#define CFSR_UNDEFINSTR (1u << 16)
#define CFSR_INVSTATE   (1u << 17)
#define CFSR_INVPC      (1u << 18)
#define CFSR_NOCP       (1u << 19)
#define CFSR_DIVBYZERO  (1u << 25)

#define HFSR_VECTTBL  (1u << 1)
#define HFSR_FORCED   (1u << 30)
#define HFSR_DEBUGEVT (1u << 31)

#define DFSR_BKPT (1u << 1)

#define DEMCR_MON_EN (1u << 16)
#define DEMCR_TRCENA (1u << 24)

#define FPCCR_LSPEN (1u << 30)
#define FPCCR_ASPEN (1u << 31)

#define SLEEP_WFI 1u
#define SLEEP_WFE 2u

/* Exceptions as bits of word arrays. */
static inline bool get_bit(const uint32_t *words, uint32_t number)
{
    return words[number / 32u] >> (number % 32u) & 1u;
}

static inline void put_bit(uint32_t *words, uint32_t number, bool value)
{
    uint32_t mask = 1u << (number % 32u);
    words[number / 32u] = value ? words[number / 32u] | mask : words[number / 32u] & ~mask;
}

/** Lower is more urgent: -2 for NMI, -1 for HardFault, 256 for nothing. */
int exception_raw_priority(const struct exception_unit *unit, uint32_t number);
/** The part of a priority that decides preemption. */
int exception_group_priority(const struct exception_unit *unit, int priority);
struct exception_masks exception_masks_now(const struct exception_unit *unit);
/** The priority that the processor executes at, with these masks; and with the masks as they are. */
int exception_masked_priority(const struct exception_unit *unit, struct exception_masks masks);
int exception_execution_priority(const struct exception_unit *unit);
/** Makes it pending; the event register sees it with SEVONPEND. */
void exception_pend(struct exception_unit *unit, uint32_t number);
/** Pends an interrupt by its IRQ number, if the chip has it. */
void exception_pend_irq(struct exception_unit *unit, uint32_t irq);
/** The pending, enabled exception with the highest priority, or 0. */
uint32_t exception_highest_pending(const struct exception_unit *unit);
/** The firmware used something of the core that is not modelled; offset from 0xe000e000, text is constant. */
void exception_gap(struct exception_unit *unit, uint32_t offset, bool write, uint32_t value, const char *text);
/** Tells the CPU whether the rules in force need it to ask. */
void exception_mpu_resume(struct exception_unit *unit);
uint32_t exception_mpu_read(struct exception_unit *unit, uint32_t offset);
void exception_mpu_write(struct exception_unit *unit, uint32_t offset, uint32_t value);
uint32_t exception_systick_read(struct exception_unit *unit, uint32_t offset);
void exception_systick_write(struct exception_unit *unit, uint32_t offset, uint32_t value);
/** HCLK stops or runs again. */
void exception_systick_freeze(struct exception_unit *unit, bool frozen);
/** Tells the CPU what CPACR and CCR ask it to trap. */
void exception_apply_traps(struct exception_unit *unit);

#endif
