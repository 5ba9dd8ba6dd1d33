// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The product: a heartbeat that must never stop, a console, and an update that runs beside them.
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/gpio.h"
#include "drivers/iwdg.h"
#include "drivers/line.h"
#include "drivers/rcc.h"
#include "drivers/systick.h"
#include "drivers/usart.h"
#include "image/slot.h"
#include "journal/journal.h"
#include "update/update.h"

#define RUNNING_VERSION VERSION_WORD(TB_VERSION_MAJOR, TB_VERSION_MINOR, TB_VERSION_PATCH)
#define HEARTBEAT_PIN   5u // PA5: LD2 of the NUCLEO
#define SLICE_BYTES     4096u

static enum {
    MODE_CONSOLE,
    MODE_BANKS,
    MODE_UPDATE,
    MODE_REBOOT, // as soon as the last character has left
} mode;

static struct journal_state journal;
static struct slot_scan scan;
static unsigned scan_bank;

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
    usart_print(bank == 1u ? "1" : "2");
}

static void prompt(void)
{
    mode = MODE_CONSOLE;
    usart_print("> ");
}

// ---- banks ------------------------------------------------------------------------------------

static void banks_start(unsigned bank)
{
    mode = MODE_BANKS;
    scan_bank = bank;
    (void)slot_scan_begin(&scan, bank);
}

static void banks_step(void)
{
    const enum slot_status status = slot_scan_step(&scan, SLICE_BYTES);

    if (status == SLOT_SCANNING) {
        return;
    }
    usart_print("bank ");
    print_bank(scan_bank);
    usart_print(": ");
    if (status == SLOT_VALID) {
        print_version(scan.header.version);
        usart_print(" ");
    }
    usart_print(slot_status_text(status));
    usart_print(scan_bank == get_active_bank() ? ", running\r\n" : "\r\n");
    if (scan_bank == 1u) {
        banks_start(2u);
    } else {
        prompt();
    }
}

// ---- update -----------------------------------------------------------------------------------

static void update_command(void)
{
    mode = MODE_UPDATE;
    usart_print("send the image by YMODEM\r\n");
    (void)update_start(&(struct update_request){
        .bank = bank_other(get_active_bank()),
        .running_version = RUNNING_VERSION,
        .journal = &journal,
        .put = usart_write,
        .now_ms = systick_now_ms(),
    });
}

static void update_step(void)
{
    const enum update_result result = update_poll(systick_now_ms());

    switch (result) {
    case UPDATE_RUNNING:
        return;
    case UPDATE_INSTALLED:
        update_report(result);
        mode = MODE_REBOOT;
        return;
    default:
        update_report(result);
        prompt();
        return;
    }
}

// ---- console ----------------------------------------------------------------------------------

static void version_command(void)
{
    usart_print("version ");
    print_version(RUNNING_VERSION);
    usart_print("\r\n");
    prompt();
}

static void banks_command(void)
{
    banks_start(1u);
}

static void reboot_command(void)
{
    mode = MODE_REBOOT;
}

static void help_command(void);

static const struct {
    const char *name;
    void (*run)(void);
    const char *help;
} commands[] = {
    {"version", version_command, "the version that is running"},
    {"banks", banks_command, "what each bank holds"},
    {"update", update_command, "install an image in the other bank, by YMODEM"},
    {"reboot", reboot_command, "reset; the newest valid image starts"},
    {"help", help_command, "this list"},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void help_command(void)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        usart_print(commands[i].name);
        usart_print(": ");
        usart_print(commands[i].help);
        usart_print("\r\n");
    }
    prompt();
}

static void console_step(void)
{
    const char *line = line_poll(systick_now_ms());

    if (line == NULL) {
        return;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(line, commands[i].name) == 0) {
            commands[i].run();
            return;
        }
    }
    if (line[0] != '\0') {
        usart_print("unknown command\r\n");
    }
    prompt();
}

static bool may_sleep(void)
{
    switch (mode) {
    case MODE_CONSOLE:
        return usart_rx_empty();
    case MODE_UPDATE:
        return update_may_sleep();
    case MODE_REBOOT:
        return true; // the transmitter and the tick end it
    case MODE_BANKS:
        break;
    }
    return false;
}

// WFI wakes for an interrupt that is pending behind PRIMASK (ARM DDI 0403E B1.5.19), so none can slip
// in between the question and the sleep.
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

static void step(void)
{
    switch (mode) {
    case MODE_CONSOLE:
        console_step();
        break;
    case MODE_BANKS:
        banks_step();
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

int main(void)
{
    const uint32_t clock_hz = rcc_run_from_pll();

    gpio_a_mode(HEARTBEAT_PIN, GPIO_OUTPUT);
    bank_init();
    systick_start(clock_hz);
    usart_init(clock_hz);
    usart_print("running ");
    print_version(RUNNING_VERSION);
    usart_print("\r\n");
    prompt();
    for (;;) {
        iwdg_feed();
        step();
        idle();
    }
}
