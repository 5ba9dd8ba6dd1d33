// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The reference: the swap as the vendor's examples do it. A bare app at 0x08000000 in each bank; what the boot ROM
// finds decides which one starts (swap.h). It updates itself: the other bank is erased and written, the versions are
// compared, then it swaps. No journal, no trial, no way back. Kept to show what a power cut does to it.
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/ecc.h"
#include "drivers/gpio.h"
#include "drivers/line.h"
#include "drivers/rcc.h"
#include "drivers/systick.h"
#include "drivers/usart.h"
#include "image/header.h"
#include "reference/receive.h"
#include "reference/swap.h"

#define RUNNING_VERSION VERSION_WORD(TB_VERSION_MAJOR, TB_VERSION_MINOR, TB_VERSION_PATCH)
#define HEARTBEAT_PIN   5u // PA5: LD2 of the NUCLEO

// Right behind the vector table: 16 + 82 words. The other bank's copy is found by this address.
#define VERSION_OFFSET 0x188u
__attribute__((section(".image_info"), used)) const uint32_t image_version[2] = {RUNNING_VERSION, ~RUNNING_VERSION};

static enum {
    MODE_CONSOLE,
    MODE_UPDATE,
    MODE_REBOOT, // as soon as the last character has left
} mode;

void systick_on_tick(void)
{
    gpio_a_toggle(HEARTBEAT_PIN);
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

// ---- The swap ---------------------------------------------------------------------------------

// As the ROM judges a bank, by its first word; and a version must be there to compare.
static bool other_bank_valid(uint32_t *version)
{
    const volatile uint32_t *words = (const volatile uint32_t *)FLASH_OTHER_BASE;
    uint32_t initial_sp, reset_vector, complement;
    const bool held_back = receive_held_back(&initial_sp, &reset_vector);

    ecc_guard_begin();
    if (!held_back) {
        initial_sp = words[0];
    }
    *version = words[VERSION_OFFSET / 4u];
    complement = words[VERSION_OFFSET / 4u + 1u];
    return !ecc_guard_end() && initial_sp > SRAM1_BASE && initial_sp <= SRAM1_BASE + SRAM1_BYTES &&
           complement == ~*version;
}

static bool may_swap(const char *command, bool forced)
{
    uint32_t version;

    if (!other_bank_valid(&version)) {
        usart_print(command);
        usart_print(" refused: ");
        print_bank(bank_other(get_active_bank()));
        usart_print(" holds no image\r\n");
        return false;
    }
    if (!forced && version <= RUNNING_VERSION) {
        usart_print(command);
        usart_print(" refused: ");
        print_version(version);
        usart_print(" is not newer than ");
        print_version(RUNNING_VERSION);
        usart_print("\r\n");
        return false;
    }
    return true;
}

// Versions are compared first: once toggled, the other image runs whatever it is.
static void swap(const char *command, bool forced)
{
    if (!may_swap(command, forced)) {
        return;
    }
    usart_print("swapping to ");
    print_bank(bank_other(get_active_bank()));
    usart_print("\r\n");
    while (!usart_tx_done()) {
        cpu_wfi();
    }
    if (receive_write_held_back()) {
        toggle_bank_and_reset();
    }
    usart_print(command);
    usart_print(" failed: ");
    usart_print(swap_error_text);
    usart_print("\r\n");
}

// ---- Console ----------------------------------------------------------------------------------

static void prompt(void)
{
    mode = MODE_CONSOLE;
    usart_print("> ");
}

static void update_step(void)
{
    const enum receive_result result = receive_poll(systick_now_ms());

    if (result == RECEIVE_RUNNING) {
        return;
    }
    if (result == RECEIVE_DONE) {
        swap("update", false);
    } else {
        usart_print("update failed: ");
        usart_print(receive_error_text(result));
        usart_print("\r\n");
    }
    prompt();
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
        swap("swap", false);
    } else if (strcmp(line, "swap!") == 0) {
        swap("swap", true);
    } else if (strcmp(line, "update") == 0) {
        usart_print("send the image by YMODEM\r\n");
        mode = MODE_UPDATE;
        receive_start(usart_write, systick_now_ms());
        return;
    } else if (strcmp(line, "reboot") == 0) {
        mode = MODE_REBOOT;
        return;
    } else if (line[0] != '\0') {
        usart_print("unknown command\r\n");
    }
    prompt();
}

static void step(void)
{
    const char *line;

    switch (mode) {
    case MODE_CONSOLE:
        line = line_poll(systick_now_ms());
        if (line != NULL) {
            command(line);
        }
        break;
    case MODE_UPDATE:
        update_step();
        break;
    case MODE_REBOOT:
        if (usart_tx_done()) {
            cpu_system_reset();
        }
        break;
    }
}

static bool may_sleep(void)
{
    switch (mode) {
    case MODE_CONSOLE:
        return usart_rx_empty();
    case MODE_UPDATE:
        return receive_may_sleep();
    case MODE_REBOOT:
        break;
    }
    return true; // the transmitter and the tick end it
}

static void idle(void)
{
    cpu_irq_disable();
    if (may_sleep()) {
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
    usart_print("\r\n");
    prompt();
    for (;;) {
        step();
        idle();
    }
}
