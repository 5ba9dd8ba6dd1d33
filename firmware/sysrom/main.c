// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// A system-memory boot ROM for the emulator, written from published behaviour only (AN2606, pattern 7
// and the dual-bank flow of STM32L47x; what boards were seen to do). It has no RAM of its own but the
// stack, so that it leaves nothing behind.
//
// Unconfirmed, and decided here: the accepted stack range (an L471 took 0x20018000, one past the end of
// SRAM1); that an ECC error in the word looked at is cleared and the word judged as it was read; that
// nBOOT1 = 0 keeps the ROM from starting either bank (boards with BFB2 = 1 were seen to stay in their ROM
// then, though BOOT0 was low); that the reset flags and the clocks are left as they were; that every exception
// but the NMI ends in a system reset. The last is what an application meets that leaves VTOR at 0, where
// this ROM's table shows: on L471 and L4P5 boards the first interrupt was seen to run ROM code and to end
// in a loop of software resets (SFTRSTF set, PC in the ROM and in the application by turns). Which vector
// of the real ROM leads where is not published.
#include <stdbool.h>

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"

// How to read what is not published about an ECC error in the word looked at: the emulator's knob flash.rom-ecc. All
// ones, as nobody asks: judged as it was read.
#define ROM_READING     (*(const volatile uint32_t *)0x1fff6ff0u)
#define READING_INVALID 1u                                     // the bank is not started
#define READING_STUCK   2u                                     // the NMI never returns
#define ROM_BAD_CELL    (*(volatile uint32_t *)ROM_INITIAL_SP) // READING_INVALID only: a word of RAM behind the stack

#define ROM_INITIAL_SP    0x200030d0u // as seen in word 0 of the real ROM
#define ROM_ID_BYTE       0x92u       // bootloader V9.2 (AN2606, STM32L47x/L48x)
#define WATCHDOG_TICK     400000u     // 100 ms of the 4 MHz MSI after reset
#define SYSTEM_EXCEPTIONS 15u         // ARM DDI 0403E B1.5.2

typedef void (*handler_fn)(void);

struct rom_vectors {
    uint32_t initial_sp;
    handler_fn handler[SYSTEM_EXCEPTIONS + STM32L476_IRQS];
};

void rom_reset(void);
void rom_nmi(void);
void rom_other(void);

__extension__ __attribute__((section(".vectors"), used)) const struct rom_vectors rom_vectors = {
    .initial_sp = ROM_INITIAL_SP,
    // Exception n is handler[n - 1].
    .handler = {rom_reset, rom_nmi, [2 ... SYSTEM_EXCEPTIONS + STM32L476_IRQS - 1u] = rom_other},
};

__attribute__((section(".rom_id"), used)) const uint8_t rom_id[2] = {ROM_ID_BYTE, 0xff};

void rom_nmi(void)
{
    while (ROM_READING == READING_STUCK) {
    }
    if (ROM_READING == READING_INVALID) {
        ROM_BAD_CELL = 1;
    }
    FLASH->ECCR = (FLASH->ECCR & FLASH_ECCR_ECCIE) | FLASH_ECCR_ECCD;
    cpu_dsb();
}

void rom_other(void)
{
    cpu_system_reset();
}

static bool is_ram_address(uint32_t sp)
{
    return (sp > SRAM1_BASE && sp <= SRAM1_BASE + SRAM1_BYTES) || (sp > SRAM2_BASE && sp <= SRAM2_BASE + SRAM2_BYTES);
}

static uint32_t first_word(uint32_t bank_base)
{
    const bool asks = ROM_READING == READING_INVALID;
    uint32_t word;

    if (asks) {
        ROM_BAD_CELL = 0;
    }
    word = *(const volatile uint32_t *)bank_base;
    cpu_dsb();
    cpu_isb();
    return asks && ROM_BAD_CELL != 0 ? 0 : word;
}

// Shows the bank at 0x08000000 and enters what is there. VTOR stays 0, which is this ROM.
__attribute__((noreturn)) static void enter_bank(uint32_t fb_mode)
{
    const uint32_t apb2enr = RCC->APB2ENR;

    RCC->APB2ENR = apb2enr | RCC_APB2ENR_SYSCFGEN;
    (void)RCC->APB2ENR;
    SYSCFG->MEMRMP = (SYSCFG->MEMRMP & ~SYSCFG_MEMRMP_FB_MODE) | fb_mode;
    (void)SYSCFG->MEMRMP;
    RCC->APB2ENR = apb2enr;
    cpu_dsb();
    cpu_isb();

    // The vectors are read through the new mapping, and only the stack word was ever judged.
    const volatile uint32_t *vectors = (const volatile uint32_t *)FLASH_BASE;

    cpu_enter(vectors[0], vectors[1]);
}

// No bank to start, or BOOT0 was high: wait for a host, keeping a hardware watchdog quiet.
__attribute__((noreturn)) static void bootloader(void)
{
    SCB->VTOR = SYSTEM_MEMORY;
    IWDG->KR = IWDG_KR_UNLOCK;
    IWDG->PR = IWDG_PR_DIV256;
    IWDG->KR = IWDG_KR_RELOAD;
    // The tick only has to end the WFI, which it does with interrupts masked, too: its vector is a reset.
    cpu_irq_disable();
    SYST->RVR = WATCHDOG_TICK - 1u;
    SYST->CVR = 0;
    SYST->CSR = SYST_CSR_CLKSOURCE | SYST_CSR_TICKINT | SYST_CSR_ENABLE;
    for (;;) {
        cpu_wfi();
        IWDG->KR = IWDG_KR_RELOAD;
        SCB->ICSR = SCB_ICSR_PENDSTCLR;
    }
}

// The level of BOOT0 cannot be read by software; with BFB2 = 0 this code only runs because of it.
void rom_reset(void)
{
    if ((FLASH->OPTR & (FLASH_OPTR_BFB2 | FLASH_OPTR_nBOOT1)) == (FLASH_OPTR_BFB2 | FLASH_OPTR_nBOOT1)) {
        if (is_ram_address(first_word(FLASH_OTHER_BASE))) {
            enter_bank(SYSCFG_MEMRMP_FB_MODE);
        }
        if (is_ram_address(first_word(FLASH_BASE))) {
            enter_bank(0);
        }
    }
    bootloader();
}
