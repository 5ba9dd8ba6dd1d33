// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The reference: the swap as the vendor's examples do it, by option byte. A bare app at 0x08000000 in
// each bank; BFB2 tells the boot ROM which bank to start. Kept to show what a power cut does to it.
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/ecc.h"
#include "drivers/flash.h"
#include "drivers/gpio.h"
#include "drivers/line.h"
#include "drivers/rcc.h"
#include "drivers/systick.h"
#include "drivers/usart.h"
#include "image/header.h"

#define RUNNING_VERSION VERSION_WORD(TB_VERSION_MAJOR, TB_VERSION_MINOR, TB_VERSION_PATCH)
#define HEARTBEAT_PIN   5u // PA5: LD2 of the NUCLEO

// Right behind the vector table: 16 + 82 words. The other bank's copy is found by this address.
#define VERSION_OFFSET 0x188u
__attribute__((section(".image_info"), used)) const uint32_t image_version[2] = {RUNNING_VERSION, ~RUNNING_VERSION};

static bool rebooting;

void toggle_bank_and_reset(void);

void systick_on_tick(void)
{
    gpio_a_toggle(HEARTBEAT_PIN);
}

// Comes back only if the option bytes could not be written.
void toggle_bank_and_reset(void)
{
    if (flash_unlock() != FLASH_OK) {
        return;
    }
    if (flash_write_optr(FLASH->OPTR ^ FLASH_OPTR_BFB2) != FLASH_OK) {
        flash_lock();
        return;
    }
    flash_launch_options();
}

static void print_version(uint32_t version)
{
    char text[VERSION_TEXT_BYTES];

    usart_print(version_text(version, text));
}

static void print_bank(unsigned bank)
{
    usart_print(bank == 1u ? "bank 1" : "bank 2");
}

// As the ROM judges a bank: by its first word alone.
static bool other_bank_valid(uint32_t *version)
{
    uint32_t initial_sp;

    ecc_guard_begin();
    initial_sp = *(const volatile uint32_t *)FLASH_OTHER_BASE;
    *version = *(const volatile uint32_t *)(FLASH_OTHER_BASE + VERSION_OFFSET);
    return !ecc_guard_end() && initial_sp > SRAM1_BASE && initial_sp <= SRAM1_BASE + SRAM1_BYTES;
}

static void swap(bool forced)
{
    const unsigned other = bank_other(get_active_bank());
    uint32_t version;

    if (!other_bank_valid(&version)) {
        usart_print("swap refused: ");
        print_bank(other);
        usart_print(" holds no image\r\n");
        return;
    }
    if (!forced && version <= RUNNING_VERSION) {
        usart_print("swap refused: ");
        print_version(version);
        usart_print(" is not newer than ");
        print_version(RUNNING_VERSION);
        usart_print("\r\n");
        return;
    }
    usart_print("swapping to ");
    print_bank(other);
    usart_print("\r\n");
    while (!usart_tx_done()) {
        cpu_wfi();
    }
    toggle_bank_and_reset();
    usart_print("swap failed: option bytes not written\r\n");
}

static void command(const char *line)
{
    if (strcmp(line, "version") == 0) {
        usart_print("version ");
        print_version(RUNNING_VERSION);
        usart_print("\r\n");
    } else if (strcmp(line, "bank") == 0) {
        print_bank(get_active_bank());
        usart_print("\r\n");
    } else if (strcmp(line, "swap") == 0) {
        swap(false);
    } else if (strcmp(line, "swap!") == 0) {
        swap(true);
    } else if (strcmp(line, "reboot") == 0) {
        rebooting = true;
        return;
    } else if (line[0] != '\0') {
        usart_print("unknown command\r\n");
    }
    usart_print("> ");
}

static void idle(void)
{
    cpu_irq_disable();
    if (usart_rx_empty()) {
        cpu_dsb();
        cpu_wfi();
    }
    cpu_irq_enable();
    cpu_isb();
}

int main(void)
{
    const uint32_t clock_hz = rcc_run_from_pll();

    gpio_a_mode(HEARTBEAT_PIN, GPIO_OUTPUT);
    bank_init();
    systick_start(clock_hz);
    usart_init(clock_hz);
    usart_print("reference ");
    print_version(RUNNING_VERSION);
    usart_print(" ");
    print_bank(get_active_bank());
    usart_print("\r\n> ");
    for (;;) {
        const char *line = rebooting ? NULL : line_poll(systick_now_ms());

        if (line != NULL) {
            command(line);
        }
        if (rebooting && usart_tx_done()) {
            cpu_system_reset();
        }
        idle();
    }
}
