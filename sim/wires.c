/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "wires.h"

#include <stdlib.h>
#include <string.h>

static uint32_t name_index(const char *const *names, const char *name)
{
    for (uint32_t i = 0; names && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return UINT32_MAX;
}

static uint32_t name_count(const char *const *names)
{
    uint32_t count = 0;
    while (names && names[count])
        count++;
    return count;
}

static uint32_t find_device(const struct wires *wires, const char *name, size_t length)
{
    for (uint32_t i = 0; i < wires->device_count; i++)
        if (strlen(wires->devices[i].name) == length && strncmp(wires->devices[i].name, name, length) == 0)
            return i;
    return UINT32_MAX;
}

enum status wires_init(struct wires *wires, const struct device *devices, uint32_t device_count, struct error *err)
{
    memset(wires, 0, sizeof *wires);
    wires->devices = devices;
    wires->device_count = device_count;
    wires->input_base = calloc(device_count + 1u, sizeof *wires->input_base);
    wires->output_of = calloc(device_count + 2u, sizeof *wires->output_of);
    if (!wires->input_base || !wires->output_of)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the wires");
    for (uint32_t i = 0; i < device_count; i++) {
        wires->input_base[i + 1u] = wires->input_base[i] + name_count(devices[i].model->inputs);
        wires->output_of[i + 1u] = wires->output_of[i] + name_count(devices[i].model->outputs);
    }
    wires->output_of[device_count + 1u] = wires->output_of[device_count] + WIRE_CPU_OUTPUTS;
    wires->first_of = calloc(wires->output_of[device_count + 1u] + 1u, sizeof *wires->first_of);
    if (!wires->first_of)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the wires");
    wires->value_count = wires->input_base[device_count];
    wires->values = calloc(wires->value_count + 1u, sizeof *wires->values);
    return wires->values ? TB_OK : error_set(err, TB_ERR_MEMORY, "out of memory for the wires");
}

/** Number of an output of the core, UINT32_MAX if it has none of that name. */
static uint32_t core_output(const char *from)
{
    if (strcmp(from, "cpu.sleepdeep") == 0)
        return WIRE_CPU_SLEEPDEEP;
    if (strcmp(from, "cpu.trcena") == 0)
        return WIRE_CPU_TRCENA;
    if (strcmp(from, "cpu.sleep") == 0)
        return WIRE_CPU_SLEEP;
    return strcmp(from, "cpu.halted") == 0 ? WIRE_CPU_HALTED : UINT32_MAX;
}

/** "nvic.38", "nvic.nmi", "cpu.hclk". */
static bool resolve_core_sink(struct wire *wire, const char *to, uint32_t irq_count)
{
    if (strcmp(to, "cpu.hclk") == 0) {
        wire->sink = WIRE_TO_HCLK;
        return true;
    }
    if (strcmp(to, "cpu.event") == 0) {
        wire->sink = WIRE_TO_EVENT;
        return true;
    }
    if (strcmp(to, "cpu.brown_out") == 0) {
        wire->sink = WIRE_TO_BROWN_OUT;
        return true;
    }
    if (strcmp(to, "nvic.nmi") == 0) {
        wire->sink = WIRE_TO_NMI;
        return true;
    }
    if (strncmp(to, "nvic.", 5) != 0)
        return false;
    char *end;
    unsigned long irq = strtoul(to + 5, &end, 10);
    if (*end || end == to + 5 || irq >= irq_count)
        return false;
    wire->sink = WIRE_TO_IRQ;
    wire->to_input = (uint16_t)irq;
    return true;
}

static enum status resolve(const struct wires *wires, const struct chip_wire *entry, uint32_t irq_count,
                           struct wire *wire, struct error *err)
{
    const char *dot = strchr(entry->from, '.');
    uint32_t device = dot ? find_device(wires, entry->from, (size_t)(dot - entry->from)) : UINT32_MAX;
    uint32_t output = device == UINT32_MAX ? UINT32_MAX : name_index(wires->devices[device].model->outputs, dot + 1);
    if (core_output(entry->from) != UINT32_MAX) {
        device = wires->device_count;
        output = core_output(entry->from);
    }
    if (output == UINT32_MAX)
        return error_set(err, TB_ERR_INPUT, "wire from %s: no device has that output", entry->from);
    *wire = (struct wire){.from_device = (uint16_t)device, .from_output = (uint16_t)output};
    if (resolve_core_sink(wire, entry->to, irq_count))
        return TB_OK;
    dot = strchr(entry->to, '.');
    device = dot ? find_device(wires, entry->to, (size_t)(dot - entry->to)) : UINT32_MAX;
    uint32_t input = device == UINT32_MAX ? UINT32_MAX : name_index(wires->devices[device].model->inputs, dot + 1);
    if (input == UINT32_MAX)
        return error_set(err, TB_ERR_INPUT, "wire from %s to %s: no device has that input", entry->from, entry->to);
    wire->to_device = (uint16_t)device;
    wire->to_input = (uint16_t)input;
    return TB_OK;
}

enum status wires_add(struct wires *wires, const struct chip_wire *table, uint32_t count, uint32_t irq_count,
                      struct error *err)
{
    if (count == 0)
        return TB_OK;
    struct wire *list = realloc(wires->list, (wires->count + count) * sizeof *list);
    if (!list)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the wires");
    wires->list = list;
    for (uint32_t i = 0; i < count; i++) {
        enum status status = resolve(wires, &table[i], irq_count, &list[wires->count], err);
        if (status != TB_OK)
            return status;
        wires->count++;
    }
    return TB_OK;
}

static int by_source(const void *a, const void *b)
{
    const struct wire *x = a, *y = b;
    if (x->from_device != y->from_device)
        return x->from_device < y->from_device ? -1 : 1;
    if (x->from_output != y->from_output)
        return x->from_output < y->from_output ? -1 : 1;
    if (x->to_device != y->to_device) /* a total order: qsort is not stable */
        return x->to_device < y->to_device ? -1 : 1;
    return x->to_input < y->to_input ? -1 : x->to_input > y->to_input;
}

static bool is_interrupt(const struct wire *wire)
{
    return wire->sink == WIRE_TO_IRQ || wire->sink == WIRE_TO_NMI;
}

static bool same_interrupt(const struct wire *a, const struct wire *b)
{
    return a->sink == b->sink && a->to_input == b->to_input;
}

enum status wires_finish(struct wires *wires, struct error *err)
{
    if (wires->count)
        qsort(wires->list, wires->count, sizeof *wires->list, by_source);
    uint32_t next = 0;
    for (uint32_t device = 0; device <= wires->device_count; device++) {
        for (uint32_t at = wires->output_of[device]; at < wires->output_of[device + 1u]; at++) {
            uint32_t output = at - wires->output_of[device];
            wires->first_of[at] = next;
            while (next < wires->count && wires->list[next].from_device == device &&
                   wires->list[next].from_output == output)
                next++;
        }
    }
    wires->first_of[wires->output_of[wires->device_count + 1u]] = next;
    for (uint32_t i = 0; i < wires->count; i++) {
        if (!is_interrupt(&wires->list[i]))
            continue;
        wires->list[i].level = wires->value_count++;
        uint32_t other = (i + 1u) % wires->count;
        while (!same_interrupt(&wires->list[i], &wires->list[other]))
            other = (other + 1u) % wires->count;
        wires->list[i].next = other;
    }
    uint64_t *values = realloc(wires->values, (wires->value_count + 1u) * sizeof *values);
    if (!values)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the wires");
    wires->values = values;
    memset(values, 0, wires->value_count * sizeof *values);
    return TB_OK;
}

bool wires_interrupt_level(struct wires *wires, const struct wire *wire, uint64_t value)
{
    wires->values[wire->level] = value;
    bool level = value != 0;
    for (const struct wire *other = &wires->list[wire->next]; other != wire && !level;
         other = &wires->list[other->next])
        level = wires->values[other->level] != 0;
    return level;
}

void wires_free(struct wires *wires)
{
    free(wires->list);
    free(wires->first_of);
    free(wires->output_of);
    free(wires->input_base);
    free(wires->values);
    memset(wires, 0, sizeof *wires);
}

uint32_t wires_find_input(const struct wires *wires, const char *device, const char *input)
{
    uint32_t index = find_device(wires, device, strlen(device));
    uint32_t number = index == UINT32_MAX ? UINT32_MAX : name_index(wires->devices[index].model->inputs, input);
    return number == UINT32_MAX ? UINT32_MAX : wires->input_base[index] + number;
}

bool wires_is_connected(const struct wires *wires, uint16_t device, uint32_t input)
{
    for (uint32_t i = 0; i < wires->count; i++)
        if (wires->list[i].sink == WIRE_TO_DEVICE && wires->list[i].to_device == device &&
            wires->list[i].to_input == input)
            return true;
    return false;
}
