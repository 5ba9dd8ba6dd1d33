/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What the parts of the torture firmware share: core registers, the exception hooks, recording.
 */
#ifndef TORTURE_H
#define TORTURE_H

#include "cases.h"

#include <stdbool.h>
#include <stdint.h>

#define REG32(address) (*(volatile uint32_t *)(address))

/* ARM DDI 0403E B3.2, B3.3, B3.4. */
#define ACTLR      REG32(0xe000e008u)
#define SYST_CSR   REG32(0xe000e010u)
#define SYST_RVR   REG32(0xe000e014u)
#define SYST_CVR   REG32(0xe000e018u)
#define NVIC_ISER0 REG32(0xe000e100u)
#define NVIC_ICER0 REG32(0xe000e180u)
#define NVIC_ISPR0 REG32(0xe000e200u)
#define NVIC_ICPR0 REG32(0xe000e280u)
#define NVIC_IABR0 REG32(0xe000e300u)
#define NVIC_IPR   ((volatile uint8_t *)0xe000e400u)
#define NVIC_IPR0  REG32(0xe000e400u)
#define CPUID      REG32(0xe000ed00u)
#define ICSR       REG32(0xe000ed04u)
#define VTOR       REG32(0xe000ed08u)
#define AIRCR      REG32(0xe000ed0cu)
#define SCR        REG32(0xe000ed10u)
#define CCR        REG32(0xe000ed14u)
#define SHPR1      REG32(0xe000ed18u)
#define SHPR2      REG32(0xe000ed1cu)
#define SHPR3      REG32(0xe000ed20u)
#define SHCSR      REG32(0xe000ed24u)
#define CFSR       REG32(0xe000ed28u)
#define HFSR       REG32(0xe000ed2cu)
#define MMFAR      REG32(0xe000ed34u)
#define BFAR       REG32(0xe000ed38u)
#define CPACR      REG32(0xe000ed88u)
#define MPU_CTRL   REG32(0xe000ed94u)
#define STIR       REG32(0xe000ef00u)
#define FPCCR      REG32(0xe000ef34u)
#define FPCAR      REG32(0xe000ef38u)
#define FPDSCR     REG32(0xe000ef3cu)

#define ICSR_NMIPENDSET   (1u << 31)
#define ICSR_PENDSVSET    (1u << 28)
#define ICSR_PENDSVCLR    (1u << 27)
#define ICSR_PENDSTSET    (1u << 26)
#define ICSR_PENDSTCLR    (1u << 25)
#define CCR_USERSETMPEND  (1u << 1)
#define CCR_UNALIGN_TRP   (1u << 3)
#define CCR_DIV_0_TRP     (1u << 4)
#define CCR_BFHFNMIGN     (1u << 8)
#define CCR_STKALIGN      (1u << 9)
#define SCR_SLEEPONEXIT   (1u << 1)
#define SCR_SEVONPEND     (1u << 4)
#define SHCSR_MEMFAULTENA (1u << 16)
#define SHCSR_BUSFAULTENA (1u << 17)
#define SHCSR_USGFAULTENA (1u << 18)
#define FPCCR_ASPEN       (1u << 31)
#define FPCCR_LSPEN       (1u << 30)
#define XPSR_T            (1u << 24)
#define XPSR_IT           0x0600fc00u

#define EXC_NMI        2u
#define EXC_HARDFAULT  3u
#define EXC_MEMMANAGE  4u
#define EXC_BUSFAULT   5u
#define EXC_USAGEFAULT 6u
#define EXC_SVCALL     11u
#define EXC_PENDSV     14u
#define EXC_SYSTICK    15u
#define EXC_IRQ(n)     (16u + (n))

/** Where nothing answers on any STM32L4: above SRAM1, and in the external device region. */
#define UNMAPPED_SRAM   0x20040000u
#define UNMAPPED_DEVICE 0xc0000000u

struct frame {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
    uint32_t s[16], fpscr, reserved; /* extended frames only */
};

/** Called by the common entry of every exception; returns the EXC_RETURN to leave with. */
typedef uint32_t (*hook)(uint32_t exc_return, struct frame *frame, uint32_t exception);
extern hook hooks[64];

/** What the last exception found on entry. */
struct seen {
    uint32_t count, exception, exc_return, frame_address, control;
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
    uint32_t cfsr, hfsr, bfar, shcsr;
};
extern struct seen seen;
/** One hexadecimal digit a mark, the last one lowest. */
extern volatile uint32_t order;
extern volatile uint32_t resume_pc;

void record(uint32_t value);
void record_fault(void);
void mark(uint32_t digit);
uint32_t note(uint32_t exc_return, struct frame *frame, uint32_t exception);
uint32_t on_fault(uint32_t exc_return, struct frame *frame, uint32_t exception);
uint32_t on_mark(uint32_t exc_return, struct frame *frame, uint32_t exception);
void irq_setup(uint32_t irq, uint32_t priority, hook handler);
void irq_pend(uint32_t irq);
void barrier(void);
void systick_start(uint32_t reload, uint32_t csr);
void systick_stop(void);
/** Runs a probe that faults once; execution resumes after it. */
void provoke(void (*probe)(void));

uint32_t get_control(void);
uint32_t get_primask(void);
uint32_t get_basepri(void);
uint32_t get_faultmask(void);
void set_control(uint32_t value);
void set_primask(uint32_t value);
void set_basepri(uint32_t value);
void set_basepri_max(uint32_t value);
void set_faultmask(uint32_t value);
void set_psp(uint32_t value);
uint32_t get_psp(void);

struct torture_step {
    enum torture_case id;
    void (*run)(void);
};
extern const struct torture_step stacking_cases[], priority_cases[], mask_cases[], timer_cases[], fault_cases[],
    bus_cases[], sleep_cases[], mpu_cases[];

#endif
