/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * One device alone: a host that keeps time, inputs, outputs, cells and observations where a test can
 * see them. Header only, because each test is one source file.
 */
#ifndef TWINBANK_FAKE_HOST_H
#define TWINBANK_FAKE_HOST_H

#include "cmocka_tests.h"
#include "sim/device.h"

#include <stdlib.h>
#include <string.h>

#define FAKE_EVENTS  16u
#define FAKE_INPUTS  256u
#define FAKE_OUTPUTS 256u
#define FAKE_LOG     256u
#define FAKE_STORES  8u
#define FAKE_WINDOWS 4u
#define FAKE_PAGE    1024u

struct fake_host {
    struct device device;
    uint32_t knobs[8]; /* 0: as nobody asked */
    uint64_t now_ps;
    uint64_t stalled_ps; /* in accesses, in all */
    uint64_t due_ps[FAKE_EVENTS];
    uint64_t input[FAKE_INPUTS];
    uint64_t output[FAKE_OUTPUTS];
    uint64_t pulse[FAKE_LOG]; /* serial frames and the like, in order, with their times */
    uint64_t pulse_ps[FAKE_LOG];
    uint32_t pulse_count;
    struct obs obs[FAKE_LOG]; /* the latest ones from index 0 on */
    uint32_t obs_count;
    uint32_t reset_kind[FAKE_LOG];
    uint32_t reset_count;
    uint32_t window[FAKE_WINDOWS];
    uint32_t remap_count;
    struct cell *cells[FAKE_STORES];
    uint32_t store_bytes[FAKE_STORES];
    uint8_t trap[FAKE_STORES][1024]; /* by pages of 1 KiB */
    struct op op;                    /* in flight */
    bool op_in_flight;
    bool op_fails;           /* operations end with an error */
    struct op ops[FAKE_LOG]; /* committed */
    uint32_t op_count;
    uint32_t faults; /* accesses that ended in a bus error */
    uint32_t ram_fills;
    struct {
        uint32_t store, offset, length;
        uint8_t value;
    } ram_fill; /* the last one */
};

static inline uint64_t fake_now(void *context)
{
    return ((struct fake_host *)context)->now_ps;
}

static inline uint64_t fake_cycles(void *context)
{
    return ((struct fake_host *)context)->now_ps / 250000u;
}

static inline void fake_event_set(void *context, uint32_t slot, uint64_t due_ps)
{
    ((struct fake_host *)context)->due_ps[slot] = due_ps;
}

static inline uint64_t fake_event_due(void *context, uint32_t slot)
{
    return ((struct fake_host *)context)->due_ps[slot];
}

/** Lets time pass to `ps`, running what is due on the way, ties by event number. */
static inline void fake_run_until(struct fake_host *host, uint64_t ps)
{
    for (;;) {
        uint32_t next = 0;
        for (uint32_t i = 1; i < FAKE_EVENTS; i++)
            if (host->due_ps[i] < host->due_ps[next])
                next = i;
        if (host->due_ps[next] > ps)
            break;
        if (host->due_ps[next] > host->now_ps)
            host->now_ps = host->due_ps[next];
        host->due_ps[next] = TIME_NEVER;
        host->device.model->on_event(&host->device, next);
    }
    if (ps > host->now_ps)
        host->now_ps = ps;
}

static inline void fake_run(struct fake_host *host, uint64_t ps)
{
    fake_run_until(host, host->now_ps + ps);
}

static inline void fake_stall_until(void *context, uint64_t due_ps)
{
    struct fake_host *host = context;
    uint64_t start_ps = host->now_ps;
    fake_run_until(host, due_ps);
    host->stalled_ps += host->now_ps - start_ps;
}

static inline void fake_output(void *context, uint16_t device, uint32_t output, uint64_t value, bool pulse)
{
    struct fake_host *host = context;
    (void)device;
    host->output[output] = value;
    if (pulse && host->pulse_count < FAKE_LOG) {
        host->pulse_ps[host->pulse_count] = host->now_ps;
        host->pulse[host->pulse_count++] = value;
    }
}

static inline uint64_t fake_get_input(void *context, uint16_t device, uint32_t input)
{
    (void)device;
    return ((struct fake_host *)context)->input[input];
}

static inline void fake_observe(void *context, const struct obs *obs)
{
    struct fake_host *host = context;
    memmove(&host->obs[1], &host->obs[0], (FAKE_LOG - 1u) * sizeof host->obs[0]);
    host->obs[0] = *obs;
    host->obs_count++;
}

static inline void fake_request_reset(void *context, enum reset_kind kind)
{
    struct fake_host *host = context;
    host->reset_kind[host->reset_count++ % FAKE_LOG] = kind;
}

static inline void fake_ram_fill(void *context, uint32_t store, uint32_t offset, uint32_t length, uint8_t value)
{
    struct fake_host *host = context;
    host->ram_fills++;
    host->ram_fill.store = store;
    host->ram_fill.offset = offset;
    host->ram_fill.length = length;
    host->ram_fill.value = value;
}

static inline void fake_map_window(void *context, uint32_t window, uint32_t choice)
{
    struct fake_host *host = context;
    host->window[window] = choice;
    host->remap_count++;
}

static inline uint32_t fake_window_choice(void *context, uint32_t window)
{
    return ((struct fake_host *)context)->window[window];
}

static inline struct cell fake_cell(void *context, uint32_t store, uint32_t offset)
{
    return ((struct fake_host *)context)->cells[store][offset / 8u];
}

static inline void fake_op_begin(void *context, uint16_t device, const struct op *op)
{
    struct fake_host *host = context;
    (void)device;
    assert_false(host->op_in_flight);
    assert_int_equal(op->offset % 8u, 0);
    assert_true(op->offset + op->length <= host->store_bytes[op->store]);
    host->op = *op;
    host->op_in_flight = true;
}

static inline enum op_end fake_op_commit(void *context)
{
    struct fake_host *host = context;
    const struct op *op = &host->op;
    assert_true(host->op_in_flight);
    host->op_in_flight = false;
    host->ops[host->op_count++ % FAKE_LOG] = *op;
    for (uint32_t offset = op->offset; offset < op->offset + op->length; offset += 8u) {
        struct cell *cell = &host->cells[op->store][offset / 8u];
        bool erase = op->kind == OP_ERASE || op->kind == OP_OPTION_ERASE;
        if (!host->op_fails)
            *cell = erase ? op_erase() : op_program(*cell, op->value);
    }
    return host->op_fails ? OP_END_FAILED : OP_END_DONE;
}

static inline bool fake_op_in_flight(void *context)
{
    return ((struct fake_host *)context)->op_in_flight;
}

static inline uint32_t fake_store_size(void *context, uint32_t store)
{
    return ((struct fake_host *)context)->store_bytes[store];
}

static inline void fake_trap(void *context, uint32_t store, uint32_t offset, uint32_t length, uint32_t trap)
{
    struct fake_host *host = context;
    memset(&host->trap[store][offset / FAKE_PAGE], (int)trap, length / FAKE_PAGE);
}

static const struct device_host fake_device_host = {
    .now_ps = fake_now,
    .now_cycles = fake_cycles,
    .event_set = fake_event_set,
    .event_due = fake_event_due,
    .stall_until = fake_stall_until,
    .output = fake_output,
    .input = fake_get_input,
    .observe = fake_observe,
    .request_reset = fake_request_reset,
    .map_window = fake_map_window,
    .window_choice = fake_window_choice,
    .cell = fake_cell,
    .op_begin = fake_op_begin,
    .op_commit = fake_op_commit,
    .op_in_flight = fake_op_in_flight,
    .ram_fill = fake_ram_fill,
    .store_size = fake_store_size,
    .trap = fake_trap,
};

/** A store of erased cells. */
static inline void fake_add_store(struct fake_host *host, uint32_t store, uint32_t bytes)
{
    host->store_bytes[store] = bytes;
    host->cells[store] = calloc(bytes / 8u, sizeof(struct cell));
    assert_non_null(host->cells[store]);
    for (uint32_t i = 0; i < bytes / 8u; i++)
        host->cells[store][i] = op_erase();
}

/** The device, not yet reset: inputs and stores can be set up first. */
static inline struct fake_host *fake_create(const struct device_model *model, const void *params)
{
    struct fake_host *host = calloc(1, sizeof *host);
    assert_non_null(host);
    assert_true(model->event_count <= FAKE_EVENTS);
    for (uint32_t i = 0; i < FAKE_EVENTS; i++)
        host->due_ps[i] = TIME_NEVER;
    host->device.model = model;
    host->device.name = model->name;
    host->device.params = params;
    host->device.state = calloc(1, model->state_size);
    host->device.knobs = host->knobs;
    host->device.host = &fake_device_host;
    host->device.host_context = host;
    assert_non_null(host->device.state);
    return host;
}

static inline void fake_destroy(struct fake_host *host)
{
    for (uint32_t i = 0; i < FAKE_STORES; i++)
        free(host->cells[i]);
    free(host->device.state);
    free(host);
}

static inline void fake_reset(struct fake_host *host, enum reset_kind kind)
{
    host->op_in_flight = false;
    host->device.model->reset(&host->device, kind);
}

static inline void fake_power_on(struct fake_host *host)
{
    memset(host->device.state, 0, host->device.model->state_size);
    fake_reset(host, RESET_POWER_ON);
}

static inline void fake_set_input(struct fake_host *host, uint32_t input, uint64_t value)
{
    if (host->input[input] == value)
        return;
    host->input[input] = value;
    if (host->device.model->on_input != NULL)
        host->device.model->on_input(&host->device, input, value);
}

static inline uint32_t fake_read_sized(struct fake_host *host, uint32_t offset, unsigned size)
{
    return host->device.model->read(&host->device, offset, size);
}

static inline uint32_t fake_read(struct fake_host *host, uint32_t offset)
{
    return fake_read_sized(host, offset, 4);
}

static inline void fake_write_sized(struct fake_host *host, uint32_t offset, unsigned size, uint32_t value)
{
    const struct device_model *model = host->device.model;
    /* The bus tells the model of a write that it answers with an error, too. */
    if (model->faults != NULL && model->faults(&host->device, ACCESS_WRITE, offset, size, value))
        host->faults++;
    model->write(&host->device, offset, size, value);
}

static inline void fake_write(struct fake_host *host, uint32_t offset, uint32_t value)
{
    fake_write_sized(host, offset, 4, value);
}

/** How many observations of this kind there were (of the last FAKE_LOG). */
static inline uint32_t fake_count_obs(const struct fake_host *host, enum obs_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < host->obs_count && i < FAKE_LOG; i++)
        count += host->obs[i].kind == (uint16_t)kind;
    return count;
}

/**
 * One register as the manual describes it, typed a second time: its value after reset, and what it
 * reads after all ones, then after all zeros were written.
 */
struct reg_expect {
    const char *name;
    uint32_t offset, reset, ones, zeros;
};

/** Checks each register on a device of its own; `prepare` brings a device to where it is writable. */
static inline void check_registers(struct fake_host *(*prepare)(void), const struct reg_expect *expected,
                                   uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct reg_expect *reg = &expected[i];
        struct fake_host *host = prepare();
        const struct reg_desc *desc = reg_find(host->device.model, reg->offset);
        if (desc == NULL) {
            fail_msg("%s is not in the table", reg->name);
            return; /* not reached */
        }
        assert_string_equal(desc->name, reg->name);
        if (fake_read(host, reg->offset) != reg->reset)
            fail_msg("%s is 0x%08x after reset, not 0x%08x", reg->name, fake_read(host, reg->offset), reg->reset);
        fake_write(host, reg->offset, 0xffffffffu);
        if (fake_read(host, reg->offset) != reg->ones)
            fail_msg("%s is 0x%08x after ones, not 0x%08x", reg->name, fake_read(host, reg->offset), reg->ones);
        fake_write(host, reg->offset, 0);
        if (fake_read(host, reg->offset) != reg->zeros)
            fail_msg("%s is 0x%08x after zeros, not 0x%08x", reg->name, fake_read(host, reg->offset), reg->zeros);
        fake_destroy(host);
    }
}

#endif
