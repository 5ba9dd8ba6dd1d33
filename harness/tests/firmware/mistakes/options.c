/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Mistakes with option bytes. */
#include "mistakes.h"

static void unlock_options(void)
{
    unlock();
    FLASH->OPTKEYR = FLASH_OPTKEYR_KEY1;
    FLASH->OPTKEYR = FLASH_OPTKEYR_KEY2;
}

static void write_options(uint32_t optr)
{
    FLASH->SR = FLASH_SR_ALL;
    FLASH->OPTR = optr;
    FLASH->CR = FLASH_CR_OPTSTRT;
    while ((FLASH->SR & FLASH_SR_BSY) != 0) {
    }
}

/* A function of its own: what follows a launch runs only if it returns. */
__attribute__((noinline)) static void launch(void)
{
    FLASH->CR = FLASH_CR_OBL_LAUNCH;
    cpu_dsb();
}

void reset_to_apply_options(enum restart_by restart_by)
{
    if (boots == 1u) {
        unlock_options();
        write_options(FLASH->OPTR ^ FLASH_OPTR_BFB2);
        if (restart_by == RESTART_BY_NVIC)
            cpu_system_reset();
        IWDG->KR = IWDG_KR_START; /* 512 ms as it stands after reset */
        for (;;) {
        }
    }
    if (boots == 2u) {
        value[0] = FLASH->OPTR;
        unlock_options();
        launch();
    }
    value[1] = FLASH->OPTR;
}

void go_on_after_launch(bool locked)
{
    if (boots == 1u) {
        unlock_options();
        write_options(FLASH->OPTR ^ FLASH_OPTR_BFB2);
        if (locked)
            FLASH->CR = FLASH_CR_OPTLOCK;
        launch();
        value[0] = 1;
    }
}

void rewrite_options(bool compare)
{
    const uint32_t wanted = 0xffeff8aau; /* what it holds already */
    if (compare && FLASH->OPTR == wanted)
        return;
    unlock_options();
    write_options(wanted);
    launch();
}

void toggle_bank(bool compare)
{
    const uint32_t other_version = *(&selector[2] + FLASH_BANK_BYTES / 4u);
    if (compare && other_version <= selector[2])
        return;
    unlock_options();
    write_options(FLASH->OPTR ^ FLASH_OPTR_BFB2);
    launch();
}
