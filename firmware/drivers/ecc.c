// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/ecc.h"

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"

static volatile bool ecc_guarded;
static volatile bool ecc_double_error;
static uint32_t data_cache; // DCEN as it was before

void NMI_Handler(void);

static void ecc_clear(void)
{
    // ECCD and ECCC are cleared by writing 1; ECCIE keeps its value. Left set, ECCD re-enters the
    // NMI for ever (RM0440 3.3.3).
    FLASH->ECCR = (FLASH->ECCR & FLASH_ECCR_ECCIE) | FLASH_ECCR_ECCD | FLASH_ECCR_ECCC;
    cpu_dsb();
}

void NMI_Handler(void)
{
    if (!ecc_guarded) {
        cpu_system_reset();
    }
    ecc_double_error = true;
    ecc_clear();
}

void ecc_guard_begin(void)
{
    // A line in the cache may differ from the cells, and repeats a bad double word without raising ECCD again.
    data_cache = FLASH->ACR & FLASH_ACR_DCEN;
    FLASH->ACR &= ~FLASH_ACR_DCEN;
    cpu_dsb();
    ecc_double_error = false;
    ecc_guarded = true;
    cpu_dsb();
    cpu_isb();
}

bool ecc_guard_end(void)
{
    // Let an NMI caused by the last read come in while it still means "bad cell".
    cpu_dsb();
    cpu_isb();
    if ((FLASH->ECCR & FLASH_ECCR_ECCD) != 0) {
        ecc_double_error = true;
        ecc_clear();
    }
    ecc_guarded = false;
    FLASH->ACR |= data_cache;
    return ecc_double_error;
}
