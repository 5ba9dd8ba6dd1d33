/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/nets.h"

#include "harness/judge.h"
#include "harness/text.h"

#include <stdio.h>
#include <string.h>

#define PORT_PINS 16u

static bool has_port(const struct board *board, uint32_t port)
{
    char name[16];
    (void)snprintf(name, sizeof name, "gpio%c", 'a' + (char)port);
    for (uint32_t i = 0; i < board->chip->device_count; i++)
        if (strcmp(board->chip->devices[i].name, name) == 0)
            return true;
    return false;
}

static enum status parse_pin(const struct board *board, const char *begin, size_t length, uint32_t *pin,
                             struct error *err)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1u), begin);
    if (length < sizeof name && board_pin_number(board, name, pin) == TB_OK && has_port(board, *pin / PORT_PINS))
        return TB_OK;
    return error_set(err, TB_ERR_INPUT, "%s has no pin '%s'; expected " NET_EXPECTED, board->name, name);
}

/** The net that a pin is on; nets->count if it is on none. */
static uint32_t find_net(const struct nets *nets, uint32_t pin)
{
    for (uint32_t n = 0; n < nets->count; n++)
        for (uint32_t i = 0; i < nets->list[n].pin_count; i++)
            if (nets->list[n].pins[i] == pin)
                return n;
    return nets->count;
}

static enum status add_pins(struct net *net, const uint32_t *pins, uint32_t count, struct error *err)
{
    if (net->pin_count + count > JUMPER_PINS)
        return error_set(err, TB_ERR_INPUT, "too many pins on one net; expected at most %u", JUMPER_PINS);
    memcpy(&net->pins[net->pin_count], pins, count * sizeof pins[0]);
    net->pin_count += count;
    return TB_OK;
}

static enum status merge(struct nets *nets, uint32_t to, uint32_t from, struct error *err)
{
    enum status status = add_pins(&nets->list[to], nets->list[from].pins, nets->list[from].pin_count, err);
    if (status == TB_OK)
        nets->list[from] = nets->list[--nets->count];
    return status;
}

static enum status connect_pins(struct nets *nets, uint32_t a, uint32_t b, struct error *err)
{
    uint32_t net_a = find_net(nets, a), net_b = find_net(nets, b), both[] = {a, b};
    if (net_a < nets->count && net_a == net_b)
        return TB_OK;
    if (net_a < nets->count && net_b < nets->count)
        return merge(nets, net_a < net_b ? net_a : net_b, net_a < net_b ? net_b : net_a, err);
    if (net_a < nets->count)
        return add_pins(&nets->list[net_a], &b, 1, err);
    if (net_b < nets->count)
        return add_pins(&nets->list[net_b], &a, 1, err);
    if (nets->count == NETS_MAX)
        return error_set(err, TB_ERR_INPUT, "too many nets; expected at most %u", NETS_MAX);
    struct net *net = &nets->list[nets->count++];
    net->pin_count = 0;
    return add_pins(net, both, 2, err);
}

enum status nets_add(struct nets *nets, const struct board *board, const char *text, struct error *err)
{
    uint32_t a = 0, b = 0;
    const char *equal = strchr(text, '=');
    if (equal == NULL)
        return error_set(err, TB_ERR_INPUT, "'%.60s' does not fit; expected " NET_EXPECTED, text);
    enum status status = parse_pin(board, text, (size_t)(equal - text), &a, err);
    if (status == TB_OK)
        status = parse_pin(board, equal + 1, strlen(equal + 1), &b, err);
    if (status == TB_OK && a == b)
        status = error_set(err, TB_ERR_INPUT, "'%.60s' connects a pin with itself; expected " NET_EXPECTED, text);
    return status == TB_OK ? connect_pins(nets, a, b, err) : status;
}

static void make_wires(struct net *net)
{
    char name[sizeof net->name]; /* a copy: it stands in the same object as what is written */
    memcpy(name, net->name, sizeof name);
    for (uint32_t i = 0; i < net->pin_count; i++) {
        char *port = net->wire_names[2u * i], *part = net->wire_names[2u * i + 1u];
        (void)snprintf(port, sizeof net->wire_names[0], "gpio%c.net%u", 'a' + (char)(net->pins[i] / PORT_PINS),
                       net->pins[i] % PORT_PINS);
        (void)snprintf(part, sizeof net->wire_names[0], "%.9s.p%u", name, i % JUMPER_PINS);
        net->wires[2u * i] = (struct chip_wire){port, part};
        net->wires[2u * i + 1u] = (struct chip_wire){part, port};
    }
}

void nets_make_parts(struct nets *nets, struct machine_part *parts)
{
    for (uint32_t n = 0; n < nets->count; n++) {
        struct net *net = &nets->list[n];
        (void)snprintf(net->name, sizeof net->name, "wires%u", (n + 1u) % 100u);
        make_wires(net);
        parts[n] = (struct machine_part){
            .device = {.name = net->name, .model = &jumper_model},
            .wires = net->wires,
            .wire_count = 2u * net->pin_count,
        };
    }
}
