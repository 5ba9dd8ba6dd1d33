// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "app/console.h"

#include <stddef.h>
#include <string.h>

#include "app/app.h"
#include "chip/cortex_m4.h"
#include "drivers/bank.h"
#include "drivers/line.h"
#include "drivers/systick.h"
#include "drivers/usart.h"
#include "image/slot.h"
#include "update/update.h"

#define SLICE_BYTES 4096u

static enum {
    MODE_CONSOLE,
    MODE_BANKS,
    MODE_UPDATE,
    MODE_REBOOT, // as soon as the last character has left
} mode;

static struct journal_state *journal;
static struct slot_scan scan;
static unsigned scan_bank;

static void prompt(void)
{
    mode = MODE_CONSOLE;
    usart_print("> ");
}

// ---- banks, journal ---------------------------------------------------------------------------

static const char *mark_text(uint8_t mark)
{
    switch (mark) {
    case MARK_VOID:
        return "void";
    case MARK_CANDIDATE:
        return "candidate";
    case MARK_GOOD:
        return "good";
    case MARK_FAILED:
        return "failed";
    default:
        return "unknown";
    }
}

static void banks_start(unsigned bank)
{
    mode = MODE_BANKS;
    scan_bank = bank;
    (void)slot_scan_begin(&scan, bank);
}

// The journal's word where the cells alone would tell another story.
static void print_mark_if_it_differs(enum slot_status status)
{
    const uint8_t mark = journal->slot[scan_bank - 1u].mark;

    if (mark != (status == SLOT_VALID ? MARK_GOOD : MARK_VOID)) {
        usart_print(", ");
        usart_print(mark_text(mark));
    }
}

static void banks_step(void)
{
    const enum slot_status status = slot_scan_step(&scan, SLICE_BYTES);

    if (status == SLOT_SCANNING) {
        return;
    }
    usart_print("bank ");
    print_number(scan_bank);
    usart_print(": ");
    if (status == SLOT_VALID) {
        print_version(scan.header.version);
        usart_print(" ");
    }
    usart_print(slot_status_text(status));
    print_mark_if_it_differs(status);
    usart_print(scan_bank == get_active_bank() ? ", running\r\n" : "\r\n");
    if (scan_bank == 1u) {
        banks_start(2u);
    } else {
        prompt();
    }
}

static void banks_command(void)
{
    banks_start(1u);
}

static void journal_command(void)
{
    if (journal_epoch() == 0) {
        usart_print("journal: none\r\n");
        prompt();
        return;
    }
    usart_print("journal: current ");
    print_number(journal->current);
    for (unsigned bank = 1u; bank <= 2u; bank++) {
        const struct journal_slot *slot = &journal->slot[bank - 1u];

        usart_print(", bank ");
        print_number(bank);
        usart_print(" ");
        usart_print(mark_text(slot->mark));
        if (slot->mark != MARK_VOID) {
            usart_print(" ");
            print_version(slot->version);
        }
    }
    usart_print(", attempts ");
    print_number(journal->attempts);
    usart_print(", minimum ");
    print_version(journal->minimum_version);
    usart_print(", epoch ");
    print_number(journal_epoch());
    usart_print(", free ");
    print_number(journal_free());
    usart_print("\r\n");
    prompt();
}

// ---- update -----------------------------------------------------------------------------------

static void update_begin(bool allow_older)
{
    const enum update_result result = update_start(&(struct update_request){
        .bank = bank_other(get_active_bank()),
        .running_version = RUNNING_VERSION,
        .allow_older = allow_older,
        .journal = journal,
        .put = usart_write,
        .now_ms = systick_now_ms(),
    });

    if (result != UPDATE_RUNNING) {
        update_report(result);
        prompt();
        return;
    }
    mode = MODE_UPDATE;
}

static void update_command(void)
{
    update_begin(false);
}

static void downgrade_command(void)
{
    update_begin(true);
}

static void update_step(uint32_t now_ms)
{
    const enum update_result result = update_poll(now_ms);

    if (result == UPDATE_RUNNING) {
        return;
    }
    update_report(result);
    if (result == UPDATE_INSTALLED) {
        mode = MODE_REBOOT;
    } else {
        prompt();
    }
}

// ---- the line ---------------------------------------------------------------------------------

static void version_command(void)
{
    usart_print("version ");
    print_version(RUNNING_VERSION);
    usart_print("\r\n");
    prompt();
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
    {"journal", journal_command, "what boot goes by"},
    {"update", update_command, "install a newer image in the other bank, by YMODEM"},
    {"downgrade", downgrade_command, "the same, and it may be older"},
    {"reboot", reboot_command, "reset"},
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

static void line_step(uint32_t now_ms)
{
    const char *line = line_poll(now_ms);

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

// ---- the steps --------------------------------------------------------------------------------

void console_start(struct journal_state *state)
{
    journal = state;
    mode = MODE_CONSOLE;
}

void console_prompt(void)
{
    if (mode == MODE_CONSOLE) {
        prompt();
    }
}

void console_step(uint32_t now_ms)
{
    switch (mode) {
    case MODE_CONSOLE:
        line_step(now_ms);
        break;
    case MODE_BANKS:
        banks_step();
        break;
    case MODE_UPDATE:
        update_step(now_ms);
        break;
    case MODE_REBOOT:
        if (usart_tx_done()) {
            cpu_system_reset();
        }
        break;
    }
}

bool console_may_sleep(void)
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
