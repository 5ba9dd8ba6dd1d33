// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "boot/remap.h"

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"

#define RAMFUNC __attribute__((section(".ramfunc"), noinline, long_call))

// While no bank can be relied on, exceptions are taken from here. VTOR needs a table of 16 words
// aligned to 128 bytes (ARM DDI 0403E B3.2.5).
static struct {
    uint32_t initial_sp;
    void (*handler[15])(void);
} ram_vectors __attribute__((aligned(128)));

// The bank to be entered answered with an ECC error or a fault: no way forward but a reset.
RAMFUNC static void ram_fault(void)
{
    cpu_system_reset();
}

__attribute__((noreturn)) RAMFUNC static void remap_from_ram(uint32_t fb_mode, uint32_t vectors, uint32_t initial_sp,
                                                             uint32_t entry)
{
    SCB->VTOR = (uint32_t)&ram_vectors;
    FLASH->ACR &= ~(FLASH_ACR_ICEN | FLASH_ACR_DCEN | FLASH_ACR_PRFTEN);
    FLASH->ACR |= FLASH_ACR_ICRST | FLASH_ACR_DCRST;
    FLASH->ACR &= ~(FLASH_ACR_ICRST | FLASH_ACR_DCRST);
    // Only this bit, and never a reset of SYSCFG: that would swap the banks under the app.
    SYSCFG->MEMRMP = (SYSCFG->MEMRMP & ~SYSCFG_MEMRMP_FB_MODE) | fb_mode;
    (void)SYSCFG->MEMRMP;
    cpu_dsb();
    cpu_isb();
    FLASH->ACR |= FLASH_ACR_ICEN | FLASH_ACR_DCEN;

    SCB->VTOR = vectors;
    cpu_dsb();
    cpu_isb();
    cpu_enter(initial_sp, entry);
}

void remap_and_enter(unsigned bank, uint32_t vectors, uint32_t initial_sp, uint32_t entry)
{
    cpu_irq_disable();
    ram_vectors.initial_sp = SRAM1_BASE + SRAM1_BYTES - 8u;
    for (unsigned i = 0; i < 15u; i++) {
        ram_vectors.handler[i] = ram_fault;
    }
    remap_from_ram(bank == 2u ? SYSCFG_MEMRMP_FB_MODE : 0u, vectors, initial_sp, entry);
}
