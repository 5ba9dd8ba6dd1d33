/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Mistakes with flash operations. */
#include "mistakes.h"

void unlock(void)
{
    FLASH->KEYR = FLASH_KEYR_KEY1;
    FLASH->KEYR = FLASH_KEYR_KEY2;
}

static void wait(void)
{
    while ((FLASH->SR & FLASH_SR_BSY) != 0) {
    }
}

/* Returns FLASH_SR at the end. */
uint32_t program(uint32_t address, uint32_t low, uint32_t high, uint32_t cr)
{
    volatile uint32_t *word = (volatile uint32_t *)address;
    FLASH->CR = FLASH_CR_PG | cr;
    word[0] = low;
    cpu_isb();
    word[1] = high;
    cpu_dsb();
    wait();
    FLASH->CR = 0;
    return FLASH->SR;
}

uint32_t erase(uint32_t cr)
{
    FLASH->CR = FLASH_CR_PER | cr;
    FLASH->CR = FLASH_CR_PER | cr | FLASH_CR_STRT;
    wait();
    FLASH->CR = 0;
    return FLASH->SR;
}

static uint32_t pnb(uint32_t page)
{
    return page << FLASH_CR_PNB_Pos;
}

void erase_wrong_page(enum mistake mistake, uint32_t page)
{
    bool swapped = (SYSCFG->MEMRMP & SYSCFG_MEMRMP_FB_MODE) != 0;
    unlock();
    if (mistake == MISTAKE_BKER)
        value[0] = erase(FLASH_CR_BKER | pnb(page)); /* "the other bank is bank 2" */
    else if (mistake == MISTAKE_BKER_AVOIDED)
        value[0] = erase((swapped ? 0 : FLASH_CR_BKER) | pnb(page));
    else
        value[0] = erase(pnb(mistake == MISTAKE_PNB_TOO_LARGE ? page & 0xffu : page));
}

void keep_sticky_errors(void)
{
    done = READY;
    while (go == 0) {
    }
    value[0] = FLASH->SR;
    unlock();
    value[1] = program(OTHER_PAGE, 0x11111111u, 0x22222222u, 0);
    value[2] = erase(FLASH_CR_BKER | pnb(PAGE + 1u));
    FLASH->SR = FLASH_SR_ALL;
    value[3] = program(OTHER_PAGE + 8u, 0x33333333u, 0x44444444u, 0);
    value[4] = erase(FLASH_CR_BKER | pnb(PAGE + 2u));
}

void clear_only_eop(void)
{
    unlock();
    (void)program(OTHER_PAGE, 0x11111111u, 0x22222222u, FLASH_CR_EOPIE);
    value[0] = program(OTHER_PAGE, 0x33333333u, 0x44444444u, FLASH_CR_EOPIE);
    FLASH->SR = FLASH_SR_EOP;
    value[1] = FLASH->SR;
    value[2] = program(OTHER_PAGE + 8u, 0x55555555u, 0x66666666u, FLASH_CR_EOPIE);
    FLASH->SR = FLASH_SR_EOP;
    value[3] = program(OTHER_PAGE + 16u, 0x55555555u, 0x66666666u, FLASH_CR_EOPIE);
    FLASH->SR = FLASH_SR_ALL;
    value[4] = program(OTHER_PAGE + 24u, 0x77777777u, 0x88888888u, FLASH_CR_EOPIE);
}

void poll_eop_without_eopie(void)
{
    unlock();
    value[0] = program(OTHER_PAGE, 0x11111111u, 0x22222222u, 0);
    for (unsigned i = 0; i < 100000u; i++)
        value[1] |= FLASH->SR;
    value[2] = program(OTHER_PAGE + 8u, 0x33333333u, 0x44444444u, FLASH_CR_EOPIE);
}

void program_all_ones(void)
{
    unlock();
    value[0] = program(OTHER_PAGE, ~0u, ~0u, 0);
    value[1] = program(OTHER_PAGE, 0x11111111u, 0x22222222u, 0);
    FLASH->SR = FLASH_SR_ALL;
    /* The next one was left alone, as it should be. */
    value[2] = program(OTHER_PAGE + 8u, 0x11111111u, 0x22222222u, 0);
}

void program_twice(void)
{
    unlock();
    value[0] = program(OTHER_PAGE, 0xffff1111u, 0xffffffffu, 0);
    value[1] = program(OTHER_PAGE, 0x00001111u, 0xffffffffu, 0); /* clears bits only, and yet */
    FLASH->SR = FLASH_SR_ALL;
    value[2] = program(OTHER_PAGE, 0xffff1111u, 0xffffffffu, 0); /* not even the same value */
    FLASH->SR = FLASH_SR_ALL;
    value[3] = program(OTHER_PAGE + 8u, 0x33333333u, 0x44444444u, 0);
    value[4] = program(OTHER_PAGE + 8u, 0, 0, 0); /* the one overwrite that is allowed */
}

void unlock_with_an_interrupt(enum key_handling handling)
{
    /* The second run, after the fault, does it right. */
    if (boots == 2u) {
        unlock();
        value[2] = FLASH->CR;
        return;
    }
    if (handling == KEYS_MASKED)
        cpu_irq_disable();
    FLASH->KEYR = FLASH_KEYR_KEY1;
    SCB->ICSR = PENDSV_SET;
    cpu_dsb();
    cpu_isb();
    FLASH->KEYR = FLASH_KEYR_KEY2;
    if (handling == KEYS_MASKED)
        cpu_irq_enable();
    cpu_isb();
    value[3] = FLASH->CR;
}

/* LSI / 4, 128 ticks: 16 ms. PR and RLR take effect once their update is done (RM0351 36.4.4). */
static void start_watchdog(void)
{
    IWDG->KR = IWDG_KR_START;
    IWDG->KR = IWDG_KR_UNLOCK;
    IWDG->PR = 0;
    IWDG->RLR = 128u - 1u;
    while ((IWDG->SR & (IWDG_SR_PVU | IWDG_SR_RVU)) != 0) {
    }
    IWDG->KR = IWDG_KR_RELOAD;
}

void touch_a_bank(bool watched, bool other)
{
    if (boots > 1u)
        return;
    unlock();
    if (watched)
        start_watchdog();
    else
        start_systick();
    FLASH->CR = FLASH_CR_PER | (other ? FLASH_CR_BKER : 0) | pnb(PAGE);
    FLASH->CR = FLASH_CR_PER | (other ? FLASH_CR_BKER : 0) | pnb(PAGE) | FLASH_CR_STRT;
    while ((FLASH->SR & FLASH_SR_BSY) != 0) {
        if (watched)
            IWDG->KR = IWDG_KR_RELOAD;
    }
    value[0] = ticks;
}

static void reset_data_cache(void)
{
    FLASH->ACR &= ~FLASH_ACR_DCEN;
    FLASH->ACR |= FLASH_ACR_DCRST;
    FLASH->ACR &= ~FLASH_ACR_DCRST;
    FLASH->ACR |= FLASH_ACR_DCEN;
}

void read_after_erase(bool flush)
{
    volatile uint32_t *word = (volatile uint32_t *)OTHER_PAGE;
    unlock();
    value[0] = word[0];
    value[1] = erase(FLASH_CR_BKER | pnb(PAGE));
    if (flush)
        reset_data_cache();
    value[2] = word[0];
}

/* From flash, which works because the same image lies in both banks. */
void read_after_swap(bool flush)
{
    volatile uint32_t *word = (volatile uint32_t *)OTHER_PAGE;
    value[0] = word[0];
    SYSCFG->MEMRMP ^= SYSCFG_MEMRMP_FB_MODE;
    cpu_dsb();
    cpu_isb();
    if (flush)
        reset_data_cache();
    value[1] = SYSCFG->MEMRMP;
    value[2] = word[0];
}
