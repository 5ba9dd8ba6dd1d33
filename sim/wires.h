/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Named wires between devices, resolved once from the chip and board tables. The values on the inputs are plain data.
 */
#ifndef TWINBANK_SIM_WIRES_H
#define TWINBANK_SIM_WIRES_H

#include "chip.h"

/** "cpu.sleepdeep" as a source: 1 while the core sleeps with SCR.SLEEPDEEP set. Its device number is
 * wires.device_count. */
#define WIRE_CPU_SLEEPDEEP 0u
/** "cpu.trcena" as a source: DEMCR.TRCENA. */
#define WIRE_CPU_TRCENA 1u
/** "cpu.halted" as a source: 1 while a debugger holds the core. */
#define WIRE_CPU_HALTED 2u
/** "cpu.sleep" as a source: 1 while the core sleeps, however deep. */
#define WIRE_CPU_SLEEP   3u
#define WIRE_CPU_OUTPUTS 4u

/** Destinations besides device inputs. */
enum wire_sink {
    WIRE_TO_DEVICE,
    WIRE_TO_IRQ, /* input: IRQ number */
    WIRE_TO_NMI,
    WIRE_TO_HCLK,
    WIRE_TO_EVENT,     /* the core's event register: wakes WFE */
    WIRE_TO_BROWN_OUT, /* the supply is too low for the chip */
};

struct wire {
    uint16_t from_device, from_output;
    uint16_t to_device;
    uint16_t to_input; /* or IRQ number */
    uint8_t sink;      /* enum wire_sink */
    uint32_t level;    /* interrupts: index in values of what this wire carries */
    uint32_t next;     /* interrupts: the next wire to the same one, in a ring; its level is the OR of them all */
};

struct wires {
    struct wire *list; /* sorted by source */
    uint32_t count;
    uint32_t *first_of;   /* for each output of each device, then of the CPU, its first wire in list; and the end */
    uint32_t *output_of;  /* for each device, then the CPU, the index of its output 0 in first_of */
    uint32_t *input_base; /* for each device the index of its input 0 in values; one more entry than devices */
    uint64_t *values;     /* what each input sees; behind the inputs, what each interrupt wire carries */
    uint32_t value_count;
    const struct device *devices;
    uint32_t device_count;
};

/** Devices must have their models and names; wires_add follows, then wires_finish. */
enum status wires_init(struct wires *wires, const struct device *devices, uint32_t device_count,
                       struct error *err) MUST_CHECK;
/** Adds table entries; an unknown name is an error that names it. */
enum status wires_add(struct wires *wires, const struct chip_wire *table, uint32_t count, uint32_t irq_count,
                      struct error *err) MUST_CHECK;
enum status wires_finish(struct wires *wires, struct error *err) MUST_CHECK;
/** The wires of an output are [first, end) of list. */
static inline uint32_t wires_first(const struct wires *wires, uint32_t device, uint32_t output)
{
    return wires->first_of[wires->output_of[device] + output];
}
static inline uint32_t wires_end(const struct wires *wires, uint32_t device, uint32_t output)
{
    return wires->first_of[wires->output_of[device] + output + 1u];
}
/** An interrupt wire carries value now: the level of the interrupt. */
bool wires_interrupt_level(struct wires *wires, const struct wire *wire, uint64_t value);
void wires_free(struct wires *wires);

/** Index of the input in values, or UINT32_MAX. */
uint32_t wires_find_input(const struct wires *wires, const char *device, const char *input);
/** True if some wire ends at this input. */
bool wires_is_connected(const struct wires *wires, uint16_t device, uint32_t input);

#endif
