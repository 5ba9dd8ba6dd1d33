// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// A count that lives in flash, for sweeps that execute every case of nested power cuts: a few operations, a boot of a
// few hundred instructions, and a start-up that writes flash itself. One double word a number; what cannot be read is
// repaired by writing the page anew. It forgives nothing that is unstable: some cuts make it fail.
#include <stdbool.h>
#include <stdint.h>

#include "chip/stm32l476.h"

#define NUMBERS   ((volatile uint32_t *)0x08080000u) // bank 2's first page; the code is in bank 1
#define MOST      8u
#define SCB_AIRCR (*(volatile uint32_t *)0xe000ed0cu)
#define ETM_CR    (*(volatile uint32_t *)0xe0041000u) // not modelled: a gap of the chip table

enum reading {
    BLANK,
    GOOD,
    BAD
};

extern uint32_t stack_top[];
void reset_handler(void);
void nmi_handler(void);
void default_handler(void);
static volatile bool bad_cell __attribute__((section(".noinit")));

struct vectors {
    uint32_t *stack;
    void (*handlers[6])(void);
};

// ARM DDI 0403E B1.5.2: exception n is word n.
__attribute__((section(".vectors"), used)) const struct vectors vectors = {
    stack_top,
    {reset_handler, nmi_handler, default_handler, default_handler, default_handler, default_handler},
};

void default_handler(void)
{
    for (;;) {
    }
}

// A cell with two wrong bits (RM0351 3.3.3); ECCD left set would come in again for ever.
void nmi_handler(void)
{
    FLASH->ECCR = FLASH_ECCR_ECCD | FLASH_ECCR_ECCC;
    bad_cell = true;
}

static void say(const char *text)
{
    for (; *text != '\0'; text++) {
        while ((USART2->ISR & USART_ISR_TXE) == 0) {
        }
        USART2->TDR = (uint8_t)*text;
    }
}

static void say_count(uint32_t count)
{
    char digit[3] = {(char)('0' + count), '\n', '\0'};

    say("count ");
    say(digit);
}

static enum reading look_at(uint32_t number)
{
    bad_cell = false;
    const uint32_t low = NUMBERS[2u * number], high = NUMBERS[2u * number + 1u];
    __asm volatile("dsb\n\tisb" ::: "memory");
    if (bad_cell) {
        return BAD;
    }
    if (low == UINT32_MAX && high == UINT32_MAX) {
        return BLANK;
    }
    return low == number && high == ~number ? GOOD : BAD;
}

static void unlock(void)
{
    if ((FLASH->CR & FLASH_CR_LOCK) != 0) {
        FLASH->KEYR = FLASH_KEYR_KEY1;
        FLASH->KEYR = FLASH_KEYR_KEY2;
    }
    FLASH->SR = FLASH_SR_ERRORS;
}

static void wait_for_flash(void)
{
    while ((FLASH->SR & FLASH_SR_BSY) != 0) {
    }
    FLASH->CR = 0;
}

static void start_erase(void)
{
    unlock();
    FLASH->CR = FLASH_CR_PER | FLASH_CR_BKER;
    FLASH->CR = FLASH_CR_PER | FLASH_CR_BKER | FLASH_CR_STRT;
}

static void write_number(uint32_t number)
{
    unlock();
    FLASH->CR = FLASH_CR_PG;
    NUMBERS[2u * number] = number;
    NUMBERS[2u * number + 1u] = ~number;
    wait_for_flash();
}

#ifdef RESETS_AWAITED
// Repairs nothing before so many resets by the watchdog, 250 ms each.
static uint32_t resets_seen __attribute__((section(".noinit")));

static void await_the_watchdog(void)
{
    if ((RCC->CSR & RCC_CSR_IWDGRSTF) == 0) {
        resets_seen = 0;
    }
    if (resets_seen++ >= RESETS_AWAITED) {
        return;
    }
    IWDG->KR = IWDG_KR_START;
    IWDG->KR = IWDG_KR_UNLOCK;
    IWDG->RLR = 2000u; // of 8 kHz: LSI by 4, RM0351 37.3.2
    while (IWDG->SR != 0) {
    }
    IWDG->KR = IWDG_KR_RELOAD;
    for (;;) {
    }
}
#endif

static uint32_t count_and_repair(void)
{
    uint32_t count = 0;
    enum reading reading = BLANK;

    while (count < MOST && (reading = look_at(count)) == GOOD) {
        count++;
    }
    if (reading != BAD) {
        return count;
    }
#ifdef TOUCH_A_GAP
    (void)ETM_CR;
#endif
#ifdef RESETS_AWAITED
    await_the_watchdog();
#endif
    start_erase();
    wait_for_flash();
    for (uint32_t i = 0; i < count; i++) {
        write_number(i);
    }
    return count;
}

// RM0351 6.4: MSI at 4 MHz after a reset. DS10198 table 16: USART2 is AF7 of PA2 and PA3.
static void start_console(void)
{
    RCC->AHB2ENR |= RCC_AHB2ENR_GPIOAEN;
    RCC->APB1ENR1 |= RCC_APB1ENR1_USART2EN;
    (void)RCC->APB1ENR1;
    GPIOA->MODER = (GPIOA->MODER & ~0xf0u) | 0xa0u;
    GPIOA->AFR[0] = (GPIOA->AFR[0] & ~0xff00u) | 0x7700u;
    USART2->BRR = 35u; // 4 MHz / 115200
    USART2->CR1 = USART_CR1_UE | USART_CR1_RE | USART_CR1_TE;
}

void reset_handler(void)
{
    start_console();
    uint32_t count = count_and_repair();
    say_count(count);
    for (;;) {
        while ((USART2->ISR & USART_ISR_RXNE) == 0) {
        }
        const char order = (char)USART2->RDR;
        if (order >= '1' && order <= '8') {
            while (count < (uint32_t)(order - '0')) {
                write_number(count++);
            }
            say_count(count);
        } else if (order == 'r') {
            start_erase(); // and a reset while it runs: ARM DDI 0403E B3.2.6
            SCB_AIRCR = 0x05fa0004u;
        }
    }
}
