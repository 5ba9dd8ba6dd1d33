// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/flash.h"

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"

static uint32_t holders; // calls of flash_unlock() that flash_lock() has not answered
static uint32_t caches;  // ICEN and DCEN as they were before the first one

void FLASH_IRQHandler(void);

// End of operation: it only has to end the main loop's WFI.
void FLASH_IRQHandler(void)
{
    FLASH->SR = FLASH_SR_EOP;
    cpu_dsb();
}

static void flash_clear_errors(void)
{
    // Write-1-to-clear. One flag left over (from a debugger, say) fails the next operation.
    FLASH->SR = FLASH_SR_ERRORS | FLASH_SR_EOP;
}

static void flash_caches_reset(void)
{
    // RM0440 3.3.4: an erase leaves stale lines; ICRST and DCRST take effect only while disabled.
    FLASH->ACR &= ~(FLASH_ACR_ICEN | FLASH_ACR_DCEN);
    FLASH->ACR |= FLASH_ACR_ICRST | FLASH_ACR_DCRST;
    FLASH->ACR &= ~(FLASH_ACR_ICRST | FLASH_ACR_DCRST);
    FLASH->ACR |= caches;
}

enum flash_status flash_unlock(void)
{
    if (holders++ == 0) {
        caches = FLASH->ACR & (FLASH_ACR_ICEN | FLASH_ACR_DCEN);
        // ES0250 2.2.3: a read while the other bank is written may corrupt the data cache.
        FLASH->ACR &= ~FLASH_ACR_DCEN;
        nvic_enable(FLASH_IRQn);
    }
    // The keys once more while unlocked would count as a wrong sequence and lock until reset.
    if ((FLASH->CR & FLASH_CR_LOCK) != 0) {
        cpu_irq_disable();
        FLASH->KEYR = FLASH_KEYR_KEY1;
        FLASH->KEYR = FLASH_KEYR_KEY2;
        cpu_irq_enable();
    }
    return (FLASH->CR & FLASH_CR_LOCK) != 0 ? FLASH_LOCKED : FLASH_OK;
}

void flash_lock(void)
{
    if (--holders != 0) {
        return;
    }
    // A write to CR waits for a running operation by itself; do not let it: see flash_poll().
    FLASH->CR = FLASH_CR_LOCK;
    flash_caches_reset();
}

void flash_erase_start(unsigned bank, unsigned page)
{
    const uint32_t bker = bank == 2u ? FLASH_CR_BKER : 0u;
    const uint32_t what = FLASH_CR_PER | bker | ((page & 0xffu) << FLASH_CR_PNB_Pos);

    flash_clear_errors();
    FLASH->CR = what | FLASH_CR_EOPIE;
    FLASH->CR = what | FLASH_CR_EOPIE | FLASH_CR_STRT;
}

void flash_erase_bank_start(unsigned bank)
{
    const uint32_t what = bank == 2u ? FLASH_CR_MER2 : FLASH_CR_MER1;

    flash_clear_errors();
    FLASH->CR = what | FLASH_CR_EOPIE;
    FLASH->CR = what | FLASH_CR_EOPIE | FLASH_CR_STRT;
}

void flash_program_start(uint32_t address, uint32_t low, uint32_t high)
{
    volatile uint32_t *word = (volatile uint32_t *)address;

    flash_clear_errors();
    FLASH->CR = FLASH_CR_PG | FLASH_CR_EOPIE;
    // The second word launches the operation: keep them in order (RM0440 3.3.7).
    word[0] = low;
    cpu_isb();
    word[1] = high;
    cpu_dsb();
}

bool flash_is_busy(void)
{
    return (FLASH->SR & FLASH_SR_BSY) != 0;
}

static enum flash_status flash_status_of(uint32_t sr)
{
    if ((sr & FLASH_SR_WRPERR) != 0) {
        return FLASH_WRITE_PROTECTED;
    }
    if ((sr & FLASH_SR_PROGERR) != 0) {
        return FLASH_NOT_ERASED;
    }
    if ((sr & (FLASH_SR_PGSERR | FLASH_SR_PGAERR | FLASH_SR_SIZERR)) != 0) {
        return FLASH_SEQUENCE_ERROR;
    }
    // OPTVERR and RDERR are about the option bytes and PCROP, not about this operation.
    if ((sr & FLASH_SR_ERRORS & ~(FLASH_SR_OPTVERR | FLASH_SR_RDERR)) != 0) {
        return FLASH_OTHER_ERROR;
    }
    return FLASH_OK;
}

enum flash_status flash_poll(void)
{
    const uint32_t sr = FLASH->SR;

    // A write to CR while BSY is set would stall the bus until the end of an erase.
    if ((sr & FLASH_SR_BSY) != 0) {
        return FLASH_BUSY;
    }
    FLASH->CR = 0; // PG or PER left set would spoil the next operation
    return flash_status_of(sr);
}

enum flash_status flash_write_optr(uint32_t optr)
{
    if ((FLASH->CR & FLASH_CR_OPTLOCK) != 0) {
        cpu_irq_disable();
        FLASH->OPTKEYR = FLASH_OPTKEYR_KEY1;
        FLASH->OPTKEYR = FLASH_OPTKEYR_KEY2;
        cpu_irq_enable();
    }
    if ((FLASH->CR & FLASH_CR_OPTLOCK) != 0) {
        return FLASH_LOCKED;
    }
    flash_clear_errors();
    FLASH->OPTR = optr;
    FLASH->CR = FLASH_CR_OPTSTRT;
    while (flash_is_busy()) {
    }
    return flash_status_of(FLASH->SR);
}

void flash_launch_options(void)
{
    FLASH->CR = FLASH_CR_OBL_LAUNCH;
    // The launch is a system reset: nothing below runs on silicon.
    for (;;) {
    }
}
