/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/text.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 48u /* longer words are compared by their beginning */

/** Reads decimal digits; false if there is none or the number leaves 64 bits. */
static bool take_digits(const char **text, uint64_t *value)
{
    const char *c = *text;
    if (*c < '0' || *c > '9')
        return false;
    for (*value = 0; *c >= '0' && *c <= '9'; c++) {
        uint64_t digit = (uint64_t)(*c - '0');
        if (*value > (UINT64_MAX - digit) / 10u)
            return false;
        *value = *value * 10u + digit;
    }
    *text = c;
    return true;
}

enum status parse_duration(const char *text, uint64_t *ps)
{
    static const struct {
        const char *name;
        uint64_t ps;
    } units[] = {{"ns", 1000u}, {"us", PS_PER_US}, {"ms", PS_PER_MS}, {"s", PS_PER_S}};
    uint64_t number;
    if (!take_digits(&text, &number))
        return TB_ERR_INPUT;
    while (*text == ' ')
        text++;
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        if (strcmp(text, units[i].name) != 0)
            continue;
        /* a quarter of the range is kept free, so that sums of times cannot wrap */
        if (number > UINT64_MAX / 4u / units[i].ps)
            return TB_ERR_INPUT;
        *ps = number * units[i].ps;
        return TB_OK;
    }
    return TB_ERR_INPUT;
}

enum status parse_voltage(const char *text, size_t length, uint32_t *microvolts)
{
    const char *end = text + length;
    uint64_t whole = 0, fraction = 0, scale = 1;
    if (text == end || *text < '0' || *text > '9')
        return TB_ERR_INPUT;
    for (; text < end && *text >= '0' && *text <= '9' && whole <= VOLTAGE_MOST_UV; text++)
        whole = whole * 10u + (uint64_t)(*text - '0');
    if (text < end && *text == '.')
        for (text++; text < end && *text >= '0' && *text <= '9' && scale < 1000000u; text++, scale *= 10u)
            fraction = fraction * 10u + (uint64_t)(*text - '0');
    uint64_t unit = end - text == 1 && *text == 'V' ? 1000000u : 0;
    if (end - text == 2 && text[0] == 'm' && text[1] == 'V')
        unit = 1000u;
    uint64_t value = whole * unit + fraction * unit / scale;
    if (unit == 0 || value > VOLTAGE_MOST_UV)
        return TB_ERR_INPUT;
    *microvolts = (uint32_t)value;
    return TB_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum status parse_number(const char *text, uint32_t *value)
{
    uint64_t number = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        text += 2;
        if (hex_digit(*text) < 0)
            return TB_ERR_INPUT;
        for (; hex_digit(*text) >= 0 && number <= UINT32_MAX; text++)
            number = number * 16u + (unsigned)hex_digit(*text);
    } else if (text[0] == '0' && text[1] != '\0') {
        return TB_ERR_INPUT; /* 010: some readers would take it as octal */
    } else if (!take_digits(&text, &number)) {
        return TB_ERR_INPUT;
    }
    if (*text != '\0' || number > UINT32_MAX)
        return TB_ERR_INPUT;
    *value = (uint32_t)number;
    return TB_OK;
}

enum status parse_count(const char *text, struct count_range *range)
{
    static const char at_least[] = "at least ";
    static const char at_most[] = "at most ";
    uint64_t number;
    bool open_end = strncmp(text, at_least, strlen(at_least)) == 0;
    bool open_start = strncmp(text, at_most, strlen(at_most)) == 0;
    if (open_end)
        text += strlen(at_least);
    if (open_start)
        text += strlen(at_most);
    if (!take_digits(&text, &number) || *text != '\0')
        return TB_ERR_INPUT;
    range->least = open_start ? 0 : number;
    range->most = open_end ? UINT64_MAX : number;
    return TB_OK;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

unsigned edit_distance(const char *a, const char *b)
{
    size_t rows = strnlen(a, WORD_MAX), columns = strnlen(b, WORD_MAX);
    unsigned table[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= rows; i++)
        table[i][0] = (unsigned)i;
    for (size_t j = 0; j <= columns; j++)
        table[0][j] = (unsigned)j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            unsigned replaced = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            table[i][j] = min3(table[i - 1][j] + 1, table[i][j - 1] + 1, replaced);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && table[i - 2][j - 2] + 1 < table[i][j])
                table[i][j] = table[i - 2][j - 2] + 1;
        }
    }
    return table[rows][columns];
}

void nearest_word(const char *word, const char *candidate, const char **best, unsigned *distance)
{
    unsigned d = edit_distance(word, candidate);
    if (*best == NULL || d < *distance) {
        *best = candidate;
        *distance = d;
    }
}

const char *did_you_mean(const char *best, unsigned distance)
{
    static char text[96];
    /* half of the letters wrong is another word, not a slip */
    if (best == NULL || distance * 2u > strlen(best))
        return "";
    snprintf(text, sizeof text, "; did you mean '%s'?", best);
    return text;
}
