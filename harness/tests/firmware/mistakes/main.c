/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Firmware that makes one mistake. The test writes into `selector` which one, loads the image into one bank or both,
 * and looks at what is left: registers seen in `value`, one entry of `boot_*` for each start since power-up.
 */
#include "mistakes.h"

/* All ones in the image: the test fills it in. {enum mistake, argument, version, unused} */
__attribute__((section(".selector"), used)) const volatile uint32_t selector[4] = {~0u, ~0u, ~0u, ~0u};

NOINIT static uint32_t magic;
NOINIT volatile uint32_t boots;
NOINIT volatile uint32_t boot_bank[RECORDED_BOOTS]; /* that FB_MODE shows first */
NOINIT volatile uint32_t boot_csr[RECORDED_BOOTS];  /* RCC_CSR, its flags cleared each time */
NOINIT volatile uint32_t value[VALUE_COUNT];
NOINIT volatile uint32_t done, go, ticks, nmis, pendsvs;

/* RAM at power-up is noise; after any other reset it is as it was. */
static void record_boot(void)
{
    RCC->APB2ENR |= RCC_APB2ENR_SYSCFGEN;
    (void)RCC->APB2ENR;
    if (magic != 0x50574f4eu) {
        magic = 0x50574f4eu;
        boots = done = go = ticks = nmis = pendsvs = 0;
        for (unsigned i = 0; i < VALUE_COUNT; i++)
            value[i] = 0;
    }
    if (boots < RECORDED_BOOTS) {
        boot_bank[boots] = (SYSCFG->MEMRMP & SYSCFG_MEMRMP_FB_MODE) != 0 ? 2u : 1u;
        boot_csr[boots] = RCC->CSR;
    }
    boots++;
    RCC->CSR |= RCC_CSR_RMVF;
}

void nmi_handler(void)
{
    nmis++;
    if (selector[1] == NMI_LOOPS)
        default_handler();
    if (selector[1] == NMI_CLEARS)
        FLASH->ECCR = FLASH_ECCR_ECCD;
    cpu_dsb();
}

void default_handler(void)
{
    for (;;) {
    }
}

void hard_fault_handler(void)
{
    value[0] = SCB->HFSR;
    value[1] = FLASH->CR;
    done = DONE;
    if (boots == 1u)
        cpu_system_reset();
    default_handler();
}

void systick_handler(void)
{
    ticks++;
}

void pendsv_handler(void)
{
    pendsvs++;
    if (selector[1] != KEYS_HANDLER_COUNTS && (FLASH->CR & FLASH_CR_LOCK) != 0) {
        FLASH->KEYR = FLASH_KEYR_KEY1;
        FLASH->KEYR = FLASH_KEYR_KEY2;
    }
}

/* 4 MHz of the MSI after reset: one tick a millisecond. */
void start_systick(void)
{
    SYST->RVR = 4000u - 1u;
    SYST->CVR = 0;
    SYST->CSR = SYST_CSR_CLKSOURCE | SYST_CSR_TICKINT | SYST_CSR_ENABLE;
}

static void leave_vtor_unset(void)
{
    start_systick();
    while (ticks < 5u) {
    }
}

static void run(enum mistake mistake)
{
    switch (mistake) {
    case MISTAKE_VTOR_UNSET:
        leave_vtor_unset();
        break;
    case MISTAKE_BKER:
    case MISTAKE_BKER_AVOIDED:
    case MISTAKE_PNB_TOO_LARGE:
    case MISTAKE_PNB_UNCUT:
        erase_wrong_page(mistake, selector[1]);
        break;
    case MISTAKE_STICKY_ERRORS:
        keep_sticky_errors();
        break;
    case MISTAKE_CLEARS_ONLY_EOP:
        clear_only_eop();
        break;
    case MISTAKE_EOP_WITHOUT_EOPIE:
        poll_eop_without_eopie();
        break;
    case MISTAKE_PROGRAMS_ALL_ONES:
        program_all_ones();
        break;
    case MISTAKE_PROGRAMS_TWICE:
        program_twice();
        break;
    case MISTAKE_ECC_NMI:
        value[0] = *(volatile uint32_t *)OTHER_PAGE;
        cpu_dsb();
        break;
    case MISTAKE_NVIC_RESET:
        reset_to_apply_options(selector[1]);
        break;
    case MISTAKE_LAUNCH_RETURNS:
        go_on_after_launch(selector[1]);
        break;
    case MISTAKE_IRQ_BETWEEN_KEYS:
        unlock_with_an_interrupt(selector[1]);
        break;
    case MISTAKE_SAME_BANK:
    case MISTAKE_SAME_BANK_IWDG:
        touch_a_bank(mistake == MISTAKE_SAME_BANK_IWDG, selector[1]);
        break;
    case MISTAKE_REWRITES_OPTIONS:
        rewrite_options(selector[1]);
        break;
    case MISTAKE_TOGGLES_ALWAYS:
        toggle_bank(selector[1]);
        break;
    case MISTAKE_STALE_CACHE:
        read_after_erase(selector[1]);
        break;
    case MISTAKE_STALE_SWAP:
        read_after_swap(selector[1]);
        break;
    default:
        break;
    }
}

__attribute__((noreturn)) void reset_handler(void)
{
    if (selector[0] != MISTAKE_VTOR_UNSET || selector[1] != 0) {
        SCB->VTOR = (uint32_t)vectors;
        cpu_dsb();
        cpu_isb();
    }
    record_boot();
    run((enum mistake)selector[0]);
    done = DONE;
    for (;;) {
    }
}
