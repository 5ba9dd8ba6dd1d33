// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// STM32L476: the registers this firmware uses, under the reference manual's names.
// Sources: RM0351 (register maps by chapter), RM0440 for the same flash IP, DS10198 (memory map).
#ifndef TWINBANK_CHIP_STM32L476_H
#define TWINBANK_CHIP_STM32L476_H

#include <stddef.h>
#include <stdint.h>

// ---- Memory map (DS10198, memory mapping) ------------------------------------------------------
#define FLASH_BASE       0x08000000u // the bank that FB_MODE shows first
#define FLASH_OTHER_BASE 0x08080000u // the other bank
#define FLASH_BANK_BYTES 0x00080000u
#define FLASH_PAGE_BYTES 2048u
#define FLASH_BANK_PAGES 256u
#define SRAM1_BASE       0x20000000u
#define SRAM1_BYTES      0x00018000u
#define SRAM2_BASE       0x10000000u
#define SRAM2_BYTES      0x00008000u
#define SYSTEM_MEMORY    0x1fff0000u
#define STM32L476_DEV_ID 0x415u // DBGMCU_IDCODE.DEV_ID, RM0351 48.6.1

// ---- FLASH (RM0351 3.7; RM0440 3.7 for wording) ------------------------------------------------
struct flash_registers {
    volatile uint32_t ACR;      // 0x00
    volatile uint32_t PDKEYR;   // 0x04
    volatile uint32_t KEYR;     // 0x08
    volatile uint32_t OPTKEYR;  // 0x0c
    volatile uint32_t SR;       // 0x10
    volatile uint32_t CR;       // 0x14
    volatile uint32_t ECCR;     // 0x18
    uint32_t reserved_1c;       // 0x1c
    volatile uint32_t OPTR;     // 0x20
    volatile uint32_t PCROP1SR; // 0x24
    volatile uint32_t PCROP1ER; // 0x28
    volatile uint32_t WRP1AR;   // 0x2c
    volatile uint32_t WRP1BR;   // 0x30
    uint32_t reserved_34[4];    // 0x34
    volatile uint32_t PCROP2SR; // 0x44
    volatile uint32_t PCROP2ER; // 0x48
    volatile uint32_t WRP2AR;   // 0x4c
    volatile uint32_t WRP2BR;   // 0x50
};
_Static_assert(offsetof(struct flash_registers, WRP2BR) == 0x50, "FLASH layout");
#define FLASH ((struct flash_registers *)0x40022000u)

#define FLASH_ACR_LATENCY_Msk 0x00000007u
#define FLASH_ACR_LATENCY_4WS 0x00000004u
#define FLASH_ACR_PRFTEN      0x00000100u
#define FLASH_ACR_ICEN        0x00000200u
#define FLASH_ACR_DCEN        0x00000400u
#define FLASH_ACR_ICRST       0x00000800u // writable only while ICEN = 0
#define FLASH_ACR_DCRST       0x00001000u // writable only while DCEN = 0

#define FLASH_KEYR_KEY1    0x45670123u
#define FLASH_KEYR_KEY2    0xcdef89abu
#define FLASH_OPTKEYR_KEY1 0x08192a3bu
#define FLASH_OPTKEYR_KEY2 0x4c5d6e7fu

#define FLASH_SR_EOP     0x00000001u
#define FLASH_SR_OPERR   0x00000002u
#define FLASH_SR_PROGERR 0x00000008u
#define FLASH_SR_WRPERR  0x00000010u
#define FLASH_SR_PGAERR  0x00000020u
#define FLASH_SR_SIZERR  0x00000040u
#define FLASH_SR_PGSERR  0x00000080u
#define FLASH_SR_MISERR  0x00000100u
#define FLASH_SR_FASTERR 0x00000200u
#define FLASH_SR_RDERR   0x00004000u
#define FLASH_SR_OPTVERR 0x00008000u
#define FLASH_SR_BSY     0x00010000u
// Every sticky flag: any one of them left set makes the next operation fail with PGSERR.
#define FLASH_SR_ERRORS 0x0000c3fau

#define FLASH_CR_PG         0x00000001u
#define FLASH_CR_PER        0x00000002u
#define FLASH_CR_MER1       0x00000004u
#define FLASH_CR_PNB_Pos    3u
#define FLASH_CR_BKER       0x00000800u
#define FLASH_CR_MER2       0x00008000u
#define FLASH_CR_STRT       0x00010000u
#define FLASH_CR_OPTSTRT    0x00020000u
#define FLASH_CR_EOPIE      0x01000000u
#define FLASH_CR_OBL_LAUNCH 0x08000000u
#define FLASH_CR_OPTLOCK    0x40000000u
#define FLASH_CR_LOCK       0x80000000u

#define FLASH_ECCR_ECCIE 0x01000000u
#define FLASH_ECCR_ECCC  0x40000000u
#define FLASH_ECCR_ECCD  0x80000000u

#define FLASH_OPTR_BFB2   0x00100000u
#define FLASH_OPTR_nBOOT1 0x00800000u

// ---- RCC (RM0351 6.4) --------------------------------------------------------------------------
struct rcc_registers {
    volatile uint32_t CR;          // 0x00
    volatile uint32_t ICSCR;       // 0x04
    volatile uint32_t CFGR;        // 0x08
    volatile uint32_t PLLCFGR;     // 0x0c
    volatile uint32_t PLLSAI1CFGR; // 0x10
    volatile uint32_t PLLSAI2CFGR; // 0x14
    volatile uint32_t CIER;        // 0x18
    volatile uint32_t CIFR;        // 0x1c
    volatile uint32_t CICR;        // 0x20
    uint32_t reserved_24;
    volatile uint32_t AHB1RSTR; // 0x28
    volatile uint32_t AHB2RSTR; // 0x2c
    volatile uint32_t AHB3RSTR; // 0x30
    uint32_t reserved_34;
    volatile uint32_t APB1RSTR1; // 0x38
    volatile uint32_t APB1RSTR2; // 0x3c
    volatile uint32_t APB2RSTR;  // 0x40
    uint32_t reserved_44;
    volatile uint32_t AHB1ENR; // 0x48
    volatile uint32_t AHB2ENR; // 0x4c
    volatile uint32_t AHB3ENR; // 0x50
    uint32_t reserved_54;
    volatile uint32_t APB1ENR1; // 0x58
    volatile uint32_t APB1ENR2; // 0x5c
    volatile uint32_t APB2ENR;  // 0x60
    uint32_t reserved_64[9];
    volatile uint32_t CCIPR; // 0x88
    uint32_t reserved_8c;
    volatile uint32_t BDCR; // 0x90
    volatile uint32_t CSR;  // 0x94
};
_Static_assert(offsetof(struct rcc_registers, CSR) == 0x94, "RCC layout");
#define RCC ((struct rcc_registers *)0x40021000u)

#define RCC_CR_MSION  0x00000001u
#define RCC_CR_MSIRDY 0x00000002u
#define RCC_CR_HSION  0x00000100u
#define RCC_CR_HSIRDY 0x00000400u
#define RCC_CR_PLLON  0x01000000u
#define RCC_CR_PLLRDY 0x02000000u

#define RCC_CFGR_SW_Msk  0x00000003u
#define RCC_CFGR_SW_MSI  0x00000000u
#define RCC_CFGR_SW_HSI  0x00000001u
#define RCC_CFGR_SW_PLL  0x00000003u
#define RCC_CFGR_SWS_Pos 2u

#define RCC_PLLCFGR_PLLSRC_MSI 0x00000001u
#define RCC_PLLCFGR_PLLM_Pos   4u // divider - 1
#define RCC_PLLCFGR_PLLN_Pos   8u
#define RCC_PLLCFGR_PLLREN     0x01000000u
#define RCC_PLLCFGR_PLLR_Pos   25u // 0: /2

#define RCC_AHB1ENR_CRCEN     0x00001000u
#define RCC_AHB2ENR_GPIOAEN   0x00000001u
#define RCC_APB1ENR1_USART2EN 0x00020000u
#define RCC_APB1ENR1_PWREN    0x10000000u
#define RCC_APB2ENR_SYSCFGEN  0x00000001u
#define RCC_CSR_RMVF          0x00800000u // clears the reset flags
#define RCC_CSR_IWDGRSTF      0x20000000u

// ---- PWR (RM0351 5.4) --------------------------------------------------------------------------
struct pwr_registers {
    volatile uint32_t CR1; // 0x00
    volatile uint32_t CR2; // 0x04
    volatile uint32_t CR3; // 0x08
    volatile uint32_t CR4; // 0x0c
    volatile uint32_t SR1; // 0x10
    volatile uint32_t SR2; // 0x14
    volatile uint32_t SCR; // 0x18
};
#define PWR ((struct pwr_registers *)0x40007000u)

#define PWR_CR1_VOS_Msk    0x00000600u
#define PWR_CR1_VOS_RANGE1 0x00000200u
#define PWR_CR2_PVDE       0x00000001u
#define PWR_CR2_PLS_2V8    0x0000000au // PLS = 5
#define PWR_SR2_VOSF       0x00000400u
#define PWR_SR2_PVDO       0x00000800u

// ---- SYSCFG (RM0351 9.2) -----------------------------------------------------------------------
struct syscfg_registers {
    volatile uint32_t MEMRMP; // 0x00
    volatile uint32_t CFGR1;  // 0x04
    volatile uint32_t EXTICR[4];
    volatile uint32_t SCSR;  // 0x18
    volatile uint32_t CFGR2; // 0x1c
    volatile uint32_t SWPR;  // 0x20
    volatile uint32_t SKR;   // 0x24
};
#define SYSCFG ((struct syscfg_registers *)0x40010000u)

#define SYSCFG_MEMRMP_FB_MODE 0x00000100u

// ---- CRC (RM0351 15.4) -------------------------------------------------------------------------
struct crc_registers {
    volatile uint32_t DR;  // 0x00
    volatile uint32_t IDR; // 0x04
    volatile uint32_t CR;  // 0x08
    uint32_t reserved_0c;
    volatile uint32_t INIT; // 0x10
    volatile uint32_t POL;  // 0x14
};
#define CRC ((struct crc_registers *)0x40023000u)

#define CRC_CR_RESET       0x00000001u
#define CRC_CR_REV_IN_WORD 0x00000060u
#define CRC_CR_REV_OUT     0x00000080u

// ---- GPIO (RM0351 8.4) -------------------------------------------------------------------------
struct gpio_registers {
    volatile uint32_t MODER;   // 0x00
    volatile uint32_t OTYPER;  // 0x04
    volatile uint32_t OSPEEDR; // 0x08
    volatile uint32_t PUPDR;   // 0x0c
    volatile uint32_t IDR;     // 0x10
    volatile uint32_t ODR;     // 0x14
    volatile uint32_t BSRR;    // 0x18
    volatile uint32_t LCKR;    // 0x1c
    volatile uint32_t AFR[2];  // 0x20
    volatile uint32_t BRR;     // 0x28
    volatile uint32_t ASCR;    // 0x2c
};
#define GPIOA ((struct gpio_registers *)0x48000000u)

// ---- USART (RM0351 40.8) -----------------------------------------------------------------------
struct usart_registers {
    volatile uint32_t CR1;  // 0x00
    volatile uint32_t CR2;  // 0x04
    volatile uint32_t CR3;  // 0x08
    volatile uint32_t BRR;  // 0x0c
    volatile uint32_t GTPR; // 0x10
    volatile uint32_t RTOR; // 0x14
    volatile uint32_t RQR;  // 0x18
    volatile uint32_t ISR;  // 0x1c
    volatile uint32_t ICR;  // 0x20
    volatile uint32_t RDR;  // 0x24
    volatile uint32_t TDR;  // 0x28
};
#define USART2 ((struct usart_registers *)0x40004400u)

#define USART_CR1_UE     0x00000001u
#define USART_CR1_RE     0x00000004u
#define USART_CR1_TE     0x00000008u
#define USART_CR1_RXNEIE 0x00000020u
#define USART_CR1_TXEIE  0x00000080u
#define USART_ISR_RXNE   0x00000020u
#define USART_ISR_TC     0x00000040u
#define USART_ISR_TXE    0x00000080u
#define USART_ICR_PECF   0x00000001u
#define USART_ICR_FECF   0x00000002u
#define USART_ICR_NCF    0x00000004u
#define USART_ICR_ORECF  0x00000008u

// ---- IWDG (RM0351 37.4) ------------------------------------------------------------------------
struct iwdg_registers {
    volatile uint32_t KR;   // 0x00
    volatile uint32_t PR;   // 0x04
    volatile uint32_t RLR;  // 0x08
    volatile uint32_t SR;   // 0x0c
    volatile uint32_t WINR; // 0x10
};
#define IWDG ((struct iwdg_registers *)0x40003000u)

#define IWDG_KR_UNLOCK 0x00005555u
#define IWDG_KR_RELOAD 0x0000aaaau
#define IWDG_KR_START  0x0000ccccu
#define IWDG_PR_DIV256 0x00000006u
#define IWDG_SR_PVU    0x00000001u
#define IWDG_SR_RVU    0x00000002u

// ---- DBGMCU (RM0351 48.16) ----------------------------------------------------------------------
struct dbgmcu_registers {
    volatile uint32_t IDCODE;   // 0x00
    volatile uint32_t CR;       // 0x04
    volatile uint32_t APB1FZR1; // 0x08
    volatile uint32_t APB1FZR2; // 0x0c
    volatile uint32_t APB2FZR;  // 0x10
};
#define DBGMCU ((struct dbgmcu_registers *)0xe0042000u)

#define DBGMCU_APB1FZR1_DBG_IWDG_STOP 0x00001000u

// ---- Interrupts (RM0351 13.3, table 58) --------------------------------------------------------
#define FLASH_IRQn     4u
#define USART2_IRQn    38u
#define STM32L476_IRQS 82u

#endif
