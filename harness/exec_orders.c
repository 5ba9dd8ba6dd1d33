/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What somebody outside does to the board: pins that are driven, text that is typed. */
#include "harness/exec_private.h"

#include "harness/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status exec_parse_pin(struct order *order, const char *text, struct error *err)
{
    static const struct {
        const char *word;
        int level;
    } levels[] = {{"0", 0}, {"1", 1}, {"released", -1}};
    size_t name_length = strcspn(text, "=");
    const char *level = text[name_length] == '=' ? text + name_length + 1u : "";
    size_t level_length = strcspn(level, "@");
    order->kind = ORDER_PIN;
    snprintf(order->pin, sizeof order->pin, "%.*s", (int)(name_length < 31u ? name_length : 31u), text);
    order->at_ps = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(levels); i++) {
        if (strlen(levels[i].word) != level_length || strncmp(level, levels[i].word, level_length) != 0)
            continue;
        order->level = levels[i].level;
        if (level[level_length] == '@' && parse_duration(level + level_length + 1u, &order->at_ps) != TB_OK)
            break;
        return TB_OK;
    }
    if (parse_voltage(level, level_length, &order->microvolts) == TB_OK) {
        order->level = ORDER_VOLTAGE;
        if (level[level_length] != '@' || parse_duration(level + level_length + 1u, &order->at_ps) == TB_OK)
            return TB_OK;
    }
    return error_set(err, TB_ERR_INPUT,
                     "--pin: '%.60s' does not fit; expected PIN=0, 1, released or a voltage as in 1.65V, and @TIME, as "
                     "in PC13=0@100ms",
                     text);
}

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

/** Reads what stands behind a backslash; false if it is no escape. */
static bool take_escape(const char **text, const char *end, char *byte)
{
    static const char letters[] = "rnt0\\@", meanings[] = "\r\n\t\0\\@";
    const char *c = *text;
    if (c == end)
        return false;
    if (*c == 'x') {
        int high = end - c > 1 ? hex_value(c[1]) : -1, low = end - c > 2 ? hex_value(c[2]) : -1;
        if (high < 0 || low < 0)
            return false;
        *byte = (char)(high * 16 + low);
        *text = c + 3;
        return true;
    }
    const char *found = memchr(letters, *c, sizeof letters - 1u);
    if (found == NULL)
        return false;
    *byte = meanings[found - letters];
    *text = c + 1;
    return true;
}

static enum status take_text(struct order *order, const char *text, const char *end, struct error *err)
{
    while (text < end) {
        const char *begin = text;
        char byte = *text++;
        if (byte == '\\' && !take_escape(&text, end, &byte)) {
            int most = text < end && *text == 'x' ? 4 : 2, shown = end - begin < most ? (int)(end - begin) : most;
            return error_set(err, TB_ERR_INPUT,
                             "--type: '%.*s' is no escape; expected \\r, \\n, \\t, \\0, \\\\, \\@ or \\xNN", shown,
                             begin);
        }
        if (order->length == PEER_TEXT_MAX)
            return error_set(err, TB_ERR_INPUT, "--type: too long a text; expected at most %u bytes", PEER_TEXT_MAX);
        order->bytes[order->length++] = byte;
    }
    return TB_OK;
}

/** True if an odd number of backslashes stands in front of c. */
static bool is_escaped(const char *begin, const char *c)
{
    const char *first = c;
    while (first > begin && first[-1] == '\\')
        first--;
    return (c - first) % 2 != 0;
}

enum status exec_parse_type(const struct exec *exec, struct order *order, const char *text, struct error *err)
{
    order->kind = ORDER_TYPE;
    order->at_ps = 0;
    order->length = 0;
    order->port = exec_find_port(exec, text);
    const char *begin = strchr(text, '=');
    if (begin == NULL)
        return error_set(err, TB_ERR_INPUT, "--type: '%.60s' has no '='; expected PORT=TEXT[@TIME]", text);
    if (order->port == exec->port_count)
        return error_set(err, TB_ERR_INPUT, "--type: '%.*s' is no port of %s; expected PORT=TEXT[@TIME], PORT as in %s",
                         begin - text < 60 ? (int)(begin - text) : 60, text, exec->board->name,
                         exec->port_count > 0 ? exec->ports[0].name : "none");
    begin++;
    const char *end = begin + strlen(begin), *at = strrchr(begin, '@');
    if (at != NULL && !is_escaped(begin, at)) {
        if (parse_duration(at + 1, &order->at_ps) == TB_OK)
            end = at;
        else if (at[1] >= '0' && at[1] <= '9')
            return error_set(err, TB_ERR_INPUT,
                             "--type: '%.60s' is no time; expected " DURATION_EXPECTED ", or \\@ for an @ of the text",
                             at + 1);
    }
    if (begin == end)
        return error_set(err, TB_ERR_INPUT, "--type: nothing to type in '%.60s'; expected PORT=TEXT[@TIME]", text);
    return take_text(order, begin, end, err);
}

static int by_time(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    if (x->at_ps != y->at_ps)
        return x->at_ps < y->at_ps ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

void exec_sort_orders(struct exec *exec)
{
    for (uint32_t i = 0; i < exec->order_count; i++)
        exec->orders[i].number = i;
    if (exec->order_count > 0)
        qsort(exec->orders, exec->order_count, sizeof exec->orders[0], by_time);
}

enum status exec_do_order(struct exec *exec, const struct order *order, struct error *err)
{
    if (order->kind == ORDER_PIN && order->level == ORDER_VOLTAGE)
        return machine_drive_voltage(exec->machine, order->pin, order->microvolts, err);
    if (order->kind == ORDER_PIN)
        return machine_drive_pin(exec->machine, order->pin, order->level, err);
    struct device *peer = machine_device(exec->machine, exec->ports[order->port].peer_name);
    TB_ASSERT(peer != NULL);
    if (serial_peer_type_bytes(peer, order->bytes, order->length) != TB_OK)
        return error_set(err, TB_ERR_INPUT,
                         "--type: the text for %s at %.3f ms does not fit; expected at most %u bytes that wait for "
                         "their turn: type later",
                         exec->ports[order->port].name, (double)order->at_ps / (double)PS_PER_MS, PEER_TEXT_MAX);
    return TB_OK;
}
