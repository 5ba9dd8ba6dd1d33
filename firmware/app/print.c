// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "app/app.h"
#include "drivers/usart.h"

void print_version(uint32_t version)
{
    char text[VERSION_TEXT_BYTES];

    usart_print(version_text(version, text));
}

void print_number(uint32_t number)
{
    char text[11]; // 4294967295
    char *at = text + sizeof text - 1u;

    *at = '\0';
    do {
        *--at = (char)('0' + number % 10u);
        number /= 10u;
    } while (number != 0);
    usart_print(at);
}
