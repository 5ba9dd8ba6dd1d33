/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Jumper wires that connect pins of a board: one net.
 *
 * Modelled: each pin sees what all others put on the net (enum net_level); two outputs that drive against each other
 * are a guest error each time they begin to. Not modelled: currents, slopes, delays.
 *
 * Wires: pN in is what pin N itself puts on the net, whatever it sees there; pN out is what the others do. So nothing a
 * pin puts on the net comes back to it, and there is no loop. A synchronous frame (sync_start() and the like) passes to
 * the others as it is.
 */
#include "harness/peers/jumper.h"

#define PINS "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13", "p14", "p15", NULL

static const char *const jumper_inputs[] = {PINS};
static const char *const jumper_outputs[] = {PINS};
_Static_assert(ARRAY_LENGTH(jumper_inputs) == JUMPER_PINS + 1u, "inputs of a net");

struct jumper_state {
    uint32_t fights; /* 1 while two outputs drive against each other */
};
_Static_assert(sizeof(struct jumper_state) == 4, "state of a net");

static uint64_t others(const struct device *dev, uint32_t pin)
{
    enum net_level level = NET_FLOATING;
    for (uint32_t other = 0; other < JUMPER_PINS; other++) {
        uint64_t value = dev_input(dev, other);
        if (other != pin && sync_is_frame(value))
            return value;
        if (other != pin)
            level = net_join(level, (enum net_level)value);
    }
    return level;
}

static void watch(struct device *dev)
{
    struct jumper_state *s = dev->state;
    bool low = false, high = false;

    for (uint32_t pin = 0; pin < JUMPER_PINS; pin++) {
        low |= dev_input(dev, pin) == NET_LOW;
        high |= dev_input(dev, pin) == NET_HIGH;
    }
    if (low && high && s->fights == 0)
        dev_guest_error(dev, 0, "two pins that a wire connects drive against each other");
    s->fights = low && high;
}

/** Whoever listens may drive its pin in turn and come back here: what is driven is computed at the last moment. */
static void drive(struct device *dev)
{
    watch(dev);
    for (uint32_t pin = 0; pin < JUMPER_PINS; pin++)
        dev_output(dev, pin, others(dev, pin));
}

static void jumper_reset(struct device *dev, enum reset_kind kind)
{
    (void)kind;
    drive(dev);
}

static void jumper_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    if (!sync_is_frame(value)) {
        drive(dev);
        return;
    }
    for (uint32_t pin = 0; pin < JUMPER_PINS; pin++)
        if (pin != input)
            dev_pulse(dev, pin, value);
}

const struct device_model jumper_model = {
    .name = "jumper",
    .state_size = sizeof(struct jumper_state),
    .inputs = jumper_inputs,
    .outputs = jumper_outputs,
    .reset = jumper_reset,
    .on_input = jumper_on_input,
};
