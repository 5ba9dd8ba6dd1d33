// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "drivers/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/usart.h"

#define LINE_BYTES 32u

static char line[LINE_BYTES];
static uint32_t fill;
static bool last_was_cr;

static void take(uint8_t byte)
{
    if (byte == '\b' || byte == 0x7fu) {
        if (fill != 0) {
            fill--;
            usart_print("\b \b");
        }
    } else if (byte >= ' ' && byte < 0x7fu && fill < LINE_BYTES - 1u) {
        line[fill++] = (char)byte;
        usart_write(byte);
    }
}

const char *line_poll(void)
{
    uint8_t byte;

    while (usart_read(&byte)) {
        const bool second_half = byte == '\n' && last_was_cr; // of CR LF

        last_was_cr = byte == '\r';
        if (second_half) {
            continue;
        }
        if (byte == '\r' || byte == '\n') {
            usart_print("\r\n");
            line[fill] = '\0';
            fill = 0;
            return line;
        }
        take(byte);
    }
    return NULL;
}
