// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/usart.h"

#define LINE_BYTES 32u
#define SILENCE_MS 100u // ends a burst

static char line[LINE_BYTES];
static uint32_t fill;
static uint32_t since_ms; // of the last byte
static bool last_was_cr;
static bool spoilt; // this line: nothing that a terminal sends as a command is in it
static bool burst;  // a line was spoilt since the last silence

static void spoil(void)
{
    spoilt = true;
    burst = true;
}

static void take(uint8_t byte)
{
    if (spoilt) {
        return;
    }
    if (byte == '\b' || byte == 0x7fu) {
        if (fill != 0) {
            fill--;
            usart_print("\b \b");
        }
    } else if (byte >= ' ' && byte < 0x7fu && fill < LINE_BYTES - 1u) {
        line[fill++] = (char)byte;
        usart_write(byte);
    } else {
        spoil();
    }
}

static const char *end_line(void)
{
    line[fill] = '\0';
    fill = 0;
    if (spoilt) {
        spoilt = false;
        return NULL;
    }
    usart_print("\r\n");
    return line;
}

const char *line_poll(uint32_t now_ms)
{
    uint8_t byte;

    while (usart_read(&byte)) {
        const bool second_half = byte == '\n' && last_was_cr; // of CR LF
        const char *whole = NULL;

        since_ms = now_ms;
        last_was_cr = byte == '\r';
        if (second_half) {
            continue;
        }
        if (byte != '\r' && byte != '\n') {
            take(byte);
        } else if ((whole = end_line()) != NULL) {
            return whole;
        }
    }
    if (!burst || now_ms - since_ms < SILENCE_MS) {
        return NULL;
    }
    // What is left of the burst is nobody's command, even if it looks like one. An empty line: a person gets a prompt.
    burst = false;
    spoilt = false;
    fill = 0;
    usart_print("\r\n");
    line[0] = '\0';
    return line;
}
