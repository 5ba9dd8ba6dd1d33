// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Cortex-M4 system registers and the few instructions C has no words for (ARM DDI 0403E).
#ifndef TWINBANK_CHIP_CORTEX_M4_H
#define TWINBANK_CHIP_CORTEX_M4_H

#include <stddef.h>
#include <stdint.h>

// ARM DDI 0403E B3.3
struct systick_registers {
    volatile uint32_t CSR;
    volatile uint32_t RVR;
    volatile uint32_t CVR;
    volatile uint32_t CALIB;
};
#define SYST ((struct systick_registers *)0xe000e010u)

#define SYST_CSR_ENABLE    0x00000001u
#define SYST_CSR_TICKINT   0x00000002u
#define SYST_CSR_CLKSOURCE 0x00000004u // the processor clock

// ARM DDI 0403E B3.4
#define NVIC_ISER ((volatile uint32_t *)0xe000e100u)
#define NVIC_ICER ((volatile uint32_t *)0xe000e180u)
#define NVIC_ICPR ((volatile uint32_t *)0xe000e280u)

// ARM DDI 0403E B3.2
struct scb_registers {
    volatile uint32_t CPUID; // 0x00
    volatile uint32_t ICSR;  // 0x04
    volatile uint32_t VTOR;  // 0x08
    volatile uint32_t AIRCR; // 0x0c
    volatile uint32_t SCR;   // 0x10
    volatile uint32_t CCR;   // 0x14
    volatile uint32_t SHPR[3];
    volatile uint32_t SHCSR; // 0x24
    volatile uint32_t CFSR;  // 0x28
    volatile uint32_t HFSR;  // 0x2c
    volatile uint32_t DFSR;  // 0x30
    volatile uint32_t MMFAR; // 0x34
    volatile uint32_t BFAR;  // 0x38
    volatile uint32_t AFSR;  // 0x3c
    uint32_t reserved_40[18];
    volatile uint32_t CPACR; // 0x88
};
_Static_assert(offsetof(struct scb_registers, CPACR) == 0x88, "SCB layout");
#define SCB ((struct scb_registers *)0xe000ed00u)

#define SCB_ICSR_PENDSTCLR    0x02000000u
#define SCB_AIRCR_VECTKEY     0x05fa0000u
#define SCB_AIRCR_SYSRESETREQ 0x00000004u
#define SCB_CPACR_CP10_CP11   0x00f00000u // full access to the FPU

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE void cpu_dsb(void)
{
    __asm volatile("dsb 0xf" ::: "memory");
}

ALWAYS_INLINE void cpu_isb(void)
{
    __asm volatile("isb 0xf" ::: "memory");
}

ALWAYS_INLINE void cpu_wfi(void)
{
    __asm volatile("wfi" ::: "memory");
}

ALWAYS_INLINE void cpu_irq_disable(void)
{
    __asm volatile("cpsid i" ::: "memory");
}

ALWAYS_INLINE void cpu_irq_enable(void)
{
    __asm volatile("cpsie i" ::: "memory");
}

// Leave C for good: what a reset does with a vector table (ARM DDI 0403E B1.5.5).
__attribute__((noreturn)) ALWAYS_INLINE void cpu_enter(uint32_t initial_sp, uint32_t entry)
{
    __asm volatile("msr msp, %0\n"
                   "mov lr, %2\n"
                   "cpsie i\n"
                   "isb 0xf\n"
                   "bx %1\n"
                   :
                   : "r"(initial_sp), "r"(entry), "r"(0xffffffffu)
                   : "memory");
    __builtin_unreachable();
}

__attribute__((noreturn)) ALWAYS_INLINE void cpu_system_reset(void)
{
    cpu_dsb();
    SCB->AIRCR = SCB_AIRCR_VECTKEY | SCB_AIRCR_SYSRESETREQ;
    cpu_dsb();
    for (;;) {
    }
}

ALWAYS_INLINE void nvic_enable(uint32_t irq)
{
    NVIC_ISER[irq / 32u] = 1u << (irq % 32u);
}

// Disable an interrupt and forget that it was pending.
ALWAYS_INLINE void nvic_disable(uint32_t irq)
{
    NVIC_ICER[irq / 32u] = 1u << (irq % 32u);
    cpu_dsb();
    cpu_isb();
    NVIC_ICPR[irq / 32u] = 1u << (irq % 32u);
}

#endif
