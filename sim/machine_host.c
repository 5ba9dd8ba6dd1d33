/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What the machine does for devices and for the exception model: the answers behind dev_*. */
#include "machine_state.h"

#include <stdlib.h>
#include <string.h>

uint64_t machine_cycles(const struct machine *machine)
{
    return cpu_count(machine->cpu) + machine->core.clock.extra_cycles;
}

static uint64_t now_cycles(void *context)
{
    return machine_cycles(context);
}

static uint64_t now_ps(void *context)
{
    struct machine *machine = context;
    return clock_ps(&machine->core.clock, machine_cycles(machine));
}

void machine_observe(void *context, const struct obs *obs)
{
    struct machine *machine = context;
    if (cpu_is_dead(machine->cpu)) /* what a dead machine still does did not happen */
        return;
    struct obs full = *obs;
    full.time_ps = now_ps(machine);
    full.instructions = cpu_count(machine->cpu);
    if (full.pc == 0)
        full.pc = machine->exceptions.state.locked_up ? 0xfffffffeu : cpu_get(machine->cpu, CPU_PC);
    uint64_t digest = machine->core.trace_digest;
    digest = mix64(digest ^ full.time_ps);
    digest = mix64(digest ^ full.instructions);
    digest = mix64(digest ^ ((uint64_t)full.a << 32 | full.b));
    digest = mix64(digest ^ full.c);
    digest = mix64(digest ^ ((uint64_t)full.pc << 32 | (uint32_t)full.kind << 16 | full.device));
    machine->core.trace_digest = digest;
    for (uint32_t i = 0; i < machine->observer_count; i++)
        if (machine->observers[i].mask & OBS_BIT(full.kind))
            machine->observers[i].sink(machine->observers[i].context, &full);
}

/** Something visible to the CPU was caused: by an access it shows at the sync point, otherwise at once. */
static void want_sync(struct machine *machine)
{
    cpu_request_sync(machine->cpu);
    machine->core.sync_wanted = 1;
}

/* --- time -------------------------------------------------------------------------------------------------------- */

static void event_set(void *context, uint32_t slot, uint64_t due_ps)
{
    struct machine *machine = context;
    if (due_ps == TIME_NEVER)
        sched_cancel(&machine->core.sched, slot);
    else
        sched_set(&machine->core.sched, slot, due_ps);
    machine->core.deadline_stale = 1;
    cpu_request_sync(machine->cpu);
}

static uint64_t event_due(void *context, uint32_t slot)
{
    struct machine *machine = context;
    return machine->core.sched.due_ps[slot];
}

static uint32_t slot_owner(const struct machine *machine, uint32_t slot)
{
    uint32_t device = 0;
    while (device + 1u < machine->device_count && machine->devices[device + 1u].first_slot <= slot)
        device++;
    return device;
}

uint64_t machine_next_event_cycle(const struct machine *machine)
{
    uint64_t systick = exception_systick_due(&machine->exceptions);
    uint64_t event = clock_cycles(&machine->core.clock, sched_next_due(&machine->core.sched));
    return systick < event ? systick : event;
}

void machine_fire_due(struct machine *machine)
{
    uint64_t cycles = machine_cycles(machine);
    if (exception_systick_due(&machine->exceptions) <= cycles) {
        exception_systick_expire(&machine->exceptions);
        machine->counters.timed_events++;
    }
    /* the time of the cycle is rounded down: an event that is due inside it is due */
    uint64_t time_ps = clock_ps(&machine->core.clock, cycles);
    uint32_t slot;
    while ((slot = sched_pop(&machine->core.sched, time_ps)) < SCHED_SLOTS) {
        struct device *device = &machine->devices[slot_owner(machine, slot)];
        machine->counters.timed_events++;
        device->model->on_event(device, slot - device->first_slot);
    }
    machine->core.deadline_stale = 1;
}

void machine_advance(struct machine *machine, uint64_t target_cycle)
{
    while (machine->core.reset_requested == NO_RESET) {
        uint64_t now = machine_cycles(machine);
        uint64_t next = machine_next_event_cycle(machine);
        if (next > target_cycle)
            break;
        if (next > now)
            machine->core.clock.extra_cycles += next - now;
        machine_fire_due(machine);
    }
    uint64_t now = machine_cycles(machine);
    if (target_cycle > now && machine->core.reset_requested == NO_RESET)
        machine->core.clock.extra_cycles += target_cycle - now;
}

/** Inside an access time jumped or changed its rate: no event shows before the sync point. */
static void defer_events(struct machine *machine)
{
    machine->core.deadline_stale = 1;
    if (!cpu_in_access(machine->cpu))
        return;
    cpu_request_sync(machine->cpu);
    cpu_defer_events(machine->cpu);
    machine->core.deadline_cycle = TIME_NEVER;
}

/** A reset that an event on the way asks for (a watchdog's) ends the stall: what it waited for never comes. */
static void stall_until(void *context, uint64_t due_ps)
{
    struct machine *machine = context;
    TB_ASSERT(due_ps != TIME_NEVER);
    machine_advance(machine, clock_cycles(&machine->core.clock, due_ps));
    defer_events(machine);
}

/* --- wires ------------------------------------------------------------------------------------------------------- */

static void set_hclk(struct machine *machine, uint64_t hz)
{
    if (hz == 0 || hz == machine->core.clock.hz)
        return;
    clock_set_hz(&machine->core.clock, machine_cycles(machine), hz);
    defer_events(machine);
}

static void drive_input(struct machine *machine, const struct wire *wire, uint64_t value, bool pulse)
{
    uint64_t *input = &machine->wires.values[machine->wires.input_base[wire->to_device] + wire->to_input];
    if (*input == value && !pulse)
        return;
    *input = value;
    struct device *device = &machine->devices[wire->to_device];
    if (wire->to_input == 1u && value && strcmp(device->model->inputs[1], "rst") == 0)
        device->model->reset(device, RESET_PERIPHERAL);
    if (device->model->on_input)
        device->model->on_input(device, wire->to_input, value);
}

static void output(void *context, uint16_t device, uint32_t number, uint64_t value, bool pulse)
{
    struct machine *machine = context;
    struct wires *wires = &machine->wires;
    for (uint32_t i = wires_first(wires, device, number); i < wires_end(wires, device, number); i++) {
        const struct wire *wire = &wires->list[i];
        switch ((enum wire_sink)wire->sink) {
        case WIRE_TO_DEVICE:
            drive_input(machine, wire, value, pulse);
            break;
        case WIRE_TO_IRQ:
            exception_set_irq(&machine->exceptions, wire->to_input, wires_interrupt_level(wires, wire, value));
            break;
        case WIRE_TO_NMI:
            exception_set_nmi(&machine->exceptions, wires_interrupt_level(wires, wire, value));
            break;
        case WIRE_TO_EVENT:
            if (value)
                exception_send_event(&machine->exceptions);
            break;
        case WIRE_TO_HCLK:
            set_hclk(machine, value);
            break;
        case WIRE_TO_BROWN_OUT:
            machine->core.brown_out = value != 0;
            break;
        }
    }
}

static uint64_t input(void *context, uint16_t device, uint32_t number)
{
    struct machine *machine = context;
    return machine->wires.values[machine->wires.input_base[device] + number];
}

/* --- requests ---------------------------------------------------------------------------------------------------- */

static void request_reset(void *context, enum reset_kind kind)
{
    struct machine *machine = context;
    if (machine->core.reset_requested == NO_RESET) {
        machine->core.reset_requested = (uint8_t)kind;
        machine->core.reset_asked_ps = now_ps(machine);
    }
    want_sync(machine);
}

static void map_window(void *context, uint32_t window, uint32_t choice)
{
    struct machine *machine = context;
    TB_ASSERT(window < machine->chip->window_count && choice < machine->chip->windows[window].choice_count);
    if (machine->next_choices[window] == choice)
        return;
    machine->next_choices[window] = choice;
    want_sync(machine);
}

static uint32_t window_choice(void *context, uint32_t window)
{
    struct machine *machine = context;
    return machine->next_choices[window];
}

static void trap(void *context, uint32_t store, uint32_t offset, uint32_t length, uint32_t traps)
{
    struct machine *machine = context;
    TB_ASSERT(offset + length <= machine->stores[store].desc->size);
    if (length == 0)
        return;
    uint32_t first = offset / FRAME_SIZE, last = (offset + length - 1u) / FRAME_SIZE;
    memset(machine->next_traps[store] + first, (int)traps, last - first + 1u);
    machine->core.traps_changed = 1;
    want_sync(machine);
}

/* --- cells and operations ---------------------------------------------------------------------------------------- */

static struct cell read_cell(void *context, uint32_t store, uint32_t offset)
{
    struct machine *machine = context;
    reads_note_cell(&machine->bus.reads, store, offset);
    struct cell cell = store_cell(&machine->stores[store], offset);
    if (cell_is_unstable(cell))
        store_set_cell(&machine->stores[store], offset, cell_after_read(cell));
    return cell;
}

static void observe_op(struct machine *machine, enum obs_kind kind)
{
    const struct op *op = &machine->core.op;
    struct obs obs = {
        .kind = (uint16_t)kind, .device = OBS_NO_DEVICE, .a = op->kind, .b = op->offset, .c = op->ordinal};
    machine_observe(machine, &obs);
}

static void op_begin(void *context, uint16_t device, const struct op *op)
{
    (void)device;
    struct machine *machine = context;
    TB_ASSERT(!machine->core.op_in_flight);
    TB_ASSERT(op->store < machine->chip->store_count &&
              op->offset + op->length <= machine->stores[op->store].desc->size);
    machine->core.op = *op;
    machine->core.op.ordinal = ++machine->core.op_ordinal;
    machine->core.op_in_flight = 1;
    machine->core.op_fails = 0;
    machine->counters.ops_in_low_supply += op->low_supply;
    observe_op(machine, OBS_OP_BEGIN);
    enum op_gate_answer answer =
        machine->gate ? machine->gate(machine->gate_context, &machine->core.op) : OP_GATE_CONTINUE;
    machine->core.op_fails = answer == OP_GATE_FAIL;
    if (answer == OP_GATE_CUT)
        cpu_kill(machine->cpu);
}

void machine_account_written(struct machine *machine, uint64_t before)
{
    machine->accounted_bytes += frame_pool_written_bytes(machine->pool) - before;
}

static enum op_end op_commit(void *context)
{
    struct machine *machine = context;
    const struct op *op = &machine->core.op;
    TB_ASSERT(machine->core.op_in_flight);
    if (cpu_is_dead(machine->cpu))
        return OP_END_DONE;
    if (machine->core.op_fails) {
        machine->core.op_in_flight = machine->core.op_fails = 0;
        observe_op(machine, OBS_OP_ABORT);
        return OP_END_FAILED;
    }
    struct store *store = &machine->stores[op->store];
    uint64_t before = frame_pool_written_bytes(machine->pool);
    if (op_is_erase(op) && !op->unsure)
        store_erase(store, op->offset, op->length);
    else
        for (uint32_t at = op->offset; at < op->offset + op->length; at += 8u)
            store_set_cell(store, at, op_complete_cell(op, store_cell(store, at)));
    if (op_is_erase(op))
        reads_note_erase(&machine->bus.reads, op->store, op->offset, op->length);
    machine_account_written(machine, before);
    machine->core.op_in_flight = 0;
    machine->counters.ops[op->kind]++;
    want_sync(machine); /* another frame may show now */
    observe_op(machine, OBS_OP_COMMIT);
    return OP_END_DONE;
}

void machine_abort_op(struct machine *machine, enum tear tear, uint64_t seed)
{
    if (!machine->core.op_in_flight)
        return;
    const struct op *op = &machine->core.op;
    struct store *store = &machine->stores[op->store];
    uint64_t before = frame_pool_written_bytes(machine->pool);
    for (uint32_t offset = op->offset; offset < op->offset + op->length; offset += 8u) {
        reads_note_cell(&machine->bus.reads, op->store, offset);
        store_set_cell(store, offset, op_tear_cell(op, offset, store_cell(store, offset), tear, seed));
    }
    machine_account_written(machine, before);
    machine->core.op_in_flight = 0;
    observe_op(machine, OBS_OP_ABORT);
}

static bool op_in_flight(void *context)
{
    struct machine *machine = context;
    return machine->core.op_in_flight;
}

static uint32_t store_size(void *context, uint32_t store)
{
    struct machine *machine = context;
    return machine->stores[store].desc->size;
}

static bool master_read(void *context, uint32_t address, unsigned size, uint32_t *value)
{
    struct machine *machine = context;
    if (bus_faults(&machine->bus, ACCESS_READ, address, size, 0))
        return false;
    *value = bus_read(&machine->bus, address, size);
    return true;
}

static bool master_write(void *context, uint32_t address, unsigned size, uint32_t value)
{
    struct machine *machine = context;
    if (bus_faults(&machine->bus, ACCESS_WRITE, address, size, value))
        return false;
    struct bus_target target = bus_find(&machine->bus, address);
    if (target.kind == BUS_RAM)
        cpu_write_ram(machine->cpu, target.store, target.offset, &value, size);
    else
        bus_write(&machine->bus, address, size, value);
    return true;
}

static void ram_fill(void *context, uint32_t store, uint32_t offset, uint32_t length, uint8_t value)
{
    struct machine *machine = context;
    TB_ASSERT(machine->chip->stores[store].kind == STORE_RAM);
    TB_ASSERT(offset + length <= machine->chip->stores[store].size);
    uint8_t chunk[256];
    memset(chunk, value, sizeof chunk);
    for (uint32_t done = 0; done < length; done += (uint32_t)sizeof chunk) {
        uint32_t left = length - done;
        cpu_write_ram(machine->cpu, store, offset + done, chunk, left < sizeof chunk ? left : (uint32_t)sizeof chunk);
    }
}

enum status machine_create_knobs(struct machine *machine, struct error *err)
{
    const struct machine_config *config = &machine->config;
    uint32_t count = 0;
    for (uint32_t i = 0; i < machine->device_count; i++)
        count += machine->devices[i].model->knob_count;
    machine->knobs = calloc(count + 1u, sizeof *machine->knobs);
    if (!machine->knobs)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the knobs");
    uint32_t *knobs = machine->knobs;
    for (uint32_t i = 0; i < machine->device_count; i++) {
        machine->devices[i].knobs = knobs;
        for (uint32_t k = 0; k < config->knob_count; k++)
            if (config->knobs[k].device == i) {
                TB_ASSERT(config->knobs[k].knob < machine->devices[i].model->knob_count);
                knobs[config->knobs[k].knob] = config->knobs[k].value;
            }
        knobs += machine->devices[i].model->knob_count;
    }
    return TB_OK;
}

const struct device_host machine_device_host = {
    .now_ps = now_ps,
    .now_cycles = now_cycles,
    .event_set = event_set,
    .event_due = event_due,
    .stall_until = stall_until,
    .output = output,
    .input = input,
    .observe = machine_observe,
    .request_reset = request_reset,
    .map_window = map_window,
    .window_choice = window_choice,
    .cell = read_cell,
    .op_begin = op_begin,
    .op_commit = op_commit,
    .op_in_flight = op_in_flight,
    .store_size = store_size,
    .bus_read = master_read,
    .bus_write = master_write,
    .ram_fill = ram_fill,
    .trap = trap,
};

/* --- the exception model ----------------------------------------------------------------------------------------- */

static void exceptions_changed(void *context)
{
    struct machine *machine = context;
    cpu_request_sync(machine->cpu);
}

static void systick_moved(void *context)
{
    struct machine *machine = context;
    machine->core.deadline_stale = 1;
    cpu_request_sync(machine->cpu);
}

static void request_system_reset(void *context)
{
    request_reset(context, RESET_SOFTWARE);
}

static bool deep_sleep(void *context, bool asleep)
{
    struct machine *machine = context;
    const struct wires *wires = &machine->wires;
    uint32_t cpu = wires->device_count;
    output(machine, (uint16_t)cpu, WIRE_CPU_SLEEPDEEP, asleep ? 1u : 0u, false);
    return wires_first(wires, cpu, WIRE_CPU_SLEEPDEEP) < wires_end(wires, cpu, WIRE_CPU_SLEEPDEEP);
}

static void asleep(void *context, bool sleeping)
{
    struct machine *machine = context;
    output(machine, (uint16_t)machine->wires.device_count, WIRE_CPU_SLEEP, sleeping ? 1u : 0u, false);
}

static void trace_enabled(void *context, bool enabled)
{
    struct machine *machine = context;
    output(machine, (uint16_t)machine->wires.device_count, WIRE_CPU_TRCENA, enabled ? 1u : 0u, false);
}

void machine_drive_halted(struct machine *machine)
{
    output(machine, (uint16_t)machine->wires.device_count, WIRE_CPU_HALTED, machine->core.halted, false);
}

static void protection_changed(void *context)
{
    struct machine *machine = context;
    machine->core.protection_changed = 1;
    want_sync(machine);
}

const struct exception_host machine_exception_host = {
    .now_cycles = now_cycles,
    .changed = exceptions_changed,
    .systick_moved = systick_moved,
    .request_system_reset = request_system_reset,
    .deep_sleep = deep_sleep,
    .asleep = asleep,
    .protection_changed = protection_changed,
    .trace_enabled = trace_enabled,
    .observe = machine_observe,
};
