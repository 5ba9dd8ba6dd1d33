/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What models call: each request goes to the host (the machine, or a test double) with the device's
 * own numbers filled in.
 */
#include "device.h"

const char *reset_kind_name(enum reset_kind kind)
{
    static const char *const names[] = {
        [RESET_POWER_ON] = "power-on",   [RESET_PIN] = "pin",           [RESET_SOFTWARE] = "software",
        [RESET_IWDG] = "iwdg",           [RESET_WWDG] = "wwdg",         [RESET_OPTION_LOAD] = "option-load",
        [RESET_LOW_POWER] = "low-power", [RESET_FIREWALL] = "firewall", [RESET_PERIPHERAL] = "peripheral",
        [RESET_STANDBY] = "standby",
    };
    _Static_assert(ARRAY_LENGTH(names) == RESET_KIND_COUNT, "a reset has no name");
    TB_ASSERT((unsigned)kind < RESET_KIND_COUNT);
    return names[kind];
}

const struct reg_desc *reg_find(const struct device_model *model, uint32_t offset)
{
    offset &= ~3u;
    for (uint32_t i = 0; i < model->reg_count; i++) {
        if (model->regs[i].offset == offset)
            return &model->regs[i];
    }
    return NULL;
}

uint64_t dev_now_ps(const struct device *dev)
{
    return dev->host->now_ps(dev->host_context);
}

uint64_t dev_now_cycles(const struct device *dev)
{
    return dev->host->now_cycles(dev->host_context);
}

static uint32_t event_slot(const struct device *dev, uint32_t event)
{
    TB_ASSERT(event < dev->model->event_count);
    return dev->first_slot + event;
}

void dev_event_at(struct device *dev, uint32_t event, uint64_t due_ps)
{
    dev->host->event_set(dev->host_context, event_slot(dev, event), due_ps);
}

void dev_event_after(struct device *dev, uint32_t event, uint64_t delay_ps)
{
    uint64_t now_ps = dev_now_ps(dev);
    dev_event_at(dev, event, delay_ps > TIME_NEVER - now_ps ? TIME_NEVER : now_ps + delay_ps);
}

void dev_event_cancel(struct device *dev, uint32_t event)
{
    dev_event_at(dev, event, TIME_NEVER);
}

uint64_t dev_event_due(const struct device *dev, uint32_t event)
{
    return dev->host->event_due(dev->host_context, event_slot(dev, event));
}

void dev_stall_until(struct device *dev, uint64_t due_ps)
{
    dev->host->stall_until(dev->host_context, due_ps);
}

void dev_output(struct device *dev, uint32_t output, uint64_t value)
{
    dev->host->output(dev->host_context, dev->index, output, value, false);
}

void dev_pulse(struct device *dev, uint32_t output, uint64_t value)
{
    dev->host->output(dev->host_context, dev->index, output, value, true);
}

uint64_t dev_input(const struct device *dev, uint32_t input)
{
    return dev->host->input(dev->host_context, dev->index, input);
}

void dev_observe(struct device *dev, enum obs_kind kind, uint32_t a, uint32_t b, uint64_t c, const char *text)
{
    struct obs obs = {
        .kind = (uint16_t)kind,
        .device = dev->index,
        .a = a,
        .b = b,
        .c = c,
        .text = text,
    };
    dev->host->observe(dev->host_context, &obs);
}

void dev_guest_error(struct device *dev, uint32_t offset, const char *text)
{
    dev_observe(dev, OBS_GUEST_ERROR, dev->base + offset, 0, 0, text);
}

void dev_gap(struct device *dev, uint32_t offset, bool written, uint32_t value, const char *text)
{
    dev_observe(dev, OBS_GAP, dev->base + offset, written ? 1u : 0u, value, text);
}

void dev_request_reset(struct device *dev, enum reset_kind kind)
{
    dev->host->request_reset(dev->host_context, kind);
}

void dev_map_window(struct device *dev, uint32_t window, uint32_t choice)
{
    dev->host->map_window(dev->host_context, window, choice);
}

uint32_t dev_window_choice(const struct device *dev, uint32_t window)
{
    return dev->host->window_choice(dev->host_context, window);
}

struct cell dev_cell(struct device *dev, uint32_t store, uint32_t offset)
{
    return dev->host->cell(dev->host_context, store, offset);
}

void dev_op_begin(struct device *dev, const struct op *op)
{
    dev->host->op_begin(dev->host_context, dev->index, op);
}

enum op_end dev_op_commit(struct device *dev)
{
    return dev->host->op_commit(dev->host_context);
}

bool dev_op_in_flight(const struct device *dev)
{
    return dev->host->op_in_flight(dev->host_context);
}

uint32_t dev_store_size(const struct device *dev, uint32_t store)
{
    return dev->host->store_size(dev->host_context, store);
}

void dev_trap(struct device *dev, uint32_t store, uint32_t offset, uint32_t length, uint32_t trap)
{
    dev->host->trap(dev->host_context, store, offset, length, trap);
}

bool dev_bus_read(struct device *dev, uint32_t address, unsigned size, uint32_t *value)
{
    return dev->host->bus_read(dev->host_context, address, size, value);
}

bool dev_bus_write(struct device *dev, uint32_t address, unsigned size, uint32_t value)
{
    return dev->host->bus_write(dev->host_context, address, size, value);
}

void dev_ram_fill(struct device *dev, uint32_t store, uint32_t offset, uint32_t length, uint8_t value)
{
    dev->host->ram_fill(dev->host_context, store, offset, length, value);
}
