/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Jumper wires between pins of a board, as somebody asks for them ("PB8=PC0"), and the nets that they make: wires that
 * share a pin are one net, a part of the machine.
 */
#ifndef TWINBANK_HARNESS_NETS_H
#define TWINBANK_HARNESS_NETS_H

#include "harness/peers/jumper.h"
#include "sim/machine.h"

#define NETS_MAX     32u
#define NET_EXPECTED "PIN=PIN, pins of the board, as in PB8=PC0"

struct net {
    uint32_t pins[JUMPER_PINS]; /* port * 16 + number */
    uint32_t pin_count;
    char name[16];
    char wire_names[2u * JUMPER_PINS][16];
    struct chip_wire wires[2u * JUMPER_PINS];
};

struct nets {
    struct net list[NETS_MAX];
    uint32_t count;
};

/** Connects two pins. An error has no prefix: it says what does not fit, and what is expected. */
enum status nets_add(struct nets *nets, const struct board *board, const char *text, struct error *err) MUST_CHECK;
/** Writes nets->count parts; they point into nets. */
void nets_make_parts(struct nets *nets, struct machine_part *parts);

#endif
