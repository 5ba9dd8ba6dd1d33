// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Boot code: find the newest valid app, show its bank at 0x08000000, enter it.
// The same bytes sit in pages 0-7 of both banks and run from either, whatever BFB2 and FB_MODE say.
#include <stdbool.h>
#include <stddef.h>

#include "boot/remap.h"
#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/iwdg.h"
#include "drivers/rcc.h"
#include "drivers/usart.h"
#include "image/slot.h"

#ifndef BOOT_IWDG_MS
#define BOOT_IWDG_MS 0u // 0: the watchdog is not started here
#endif

static void caches_off(void)
{
    // A cached repeat of a bad double word would not raise ECCD again. Reset while disabled.
    FLASH->ACR &= ~(FLASH_ACR_ICEN | FLASH_ACR_DCEN | FLASH_ACR_PRFTEN);
    FLASH->ACR |= FLASH_ACR_ICRST | FLASH_ACR_DCRST;
    FLASH->ACR &= ~(FLASH_ACR_ICRST | FLASH_ACR_DCRST);
}

// The newest valid image, NULL if there is none. The newer one is read first: if its CRC is right the
// other one's does not matter.
static const struct slot_scan *select_image(void)
{
    static struct slot_scan scan[2];
    enum slot_status status[2];

    for (unsigned i = 0; i < 2u; i++) {
        status[i] = slot_scan_begin(&scan[i], i + 1u);
    }
    // On a tie bank 1: the choice must not depend on where this copy runs.
    const bool second_first =
        status[1] == SLOT_SCANNING && (status[0] != SLOT_SCANNING || scan[1].header.version > scan[0].header.version);

    for (unsigned turn = 0; turn < 2u; turn++) {
        const unsigned i = second_first ? 1u - turn : turn;

        if (status[i] != SLOT_SCANNING) {
            continue;
        }
        (void)slot_scan_body(&scan[i], i + 1u, &scan[i].header);
        if (slot_scan_step(&scan[i], IMAGE_MAX_BYTES) == SLOT_VALID) {
            return &scan[i];
        }
    }
    return NULL;
}

__attribute__((noreturn)) static void nothing_to_boot(uint32_t clock_hz)
{
    usart_init(clock_hz);
    usart_print("boot: no valid image\r\n");
    for (;;) {
        cpu_wfi();
    }
}

int main(void)
{
    bank_init();
    caches_off();
    const uint32_t clock_hz = rcc_run_from_hsi();
    const struct slot_scan *image = select_image();

    if (image == NULL) {
        nothing_to_boot(clock_hz);
    }
    rcc_back_to_reset_clock();
    if (BOOT_IWDG_MS != 0u) {
        iwdg_start(BOOT_IWDG_MS);
    }
    // What was checked is what is used: the vectors are not read again.
    remap_and_enter(image->bank, FLASH_BASE + IMAGE_OFFSET, image->initial_sp, image->entry);
}
