/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* The machine's life: built from tables, loaded, powered, looked at. The run loop is in machine_run.c. */
#include "machine_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_POOL_FRAMES (64u * 1024u)
#define STATE_ALIGN         16u

/* --- building ---------------------------------------------------------------------------------------------------- */

static uint32_t count_devices(const struct machine_config *config, const struct board *board)
{
    return board->chip->device_count + board->part_count + config->part_count;
}

static enum status create_devices(struct machine *machine, struct error *err)
{
    const struct machine_config *config = &machine->config;
    machine->chip_devices = machine->chip->device_count;
    machine->device_count = count_devices(config, machine->board);
    machine->devices = calloc(machine->device_count + 1u, sizeof *machine->devices);
    if (!machine->devices)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the devices");
    uint32_t slot = 0;
    for (uint32_t i = 0; i < machine->device_count; i++) {
        uint32_t part = i - machine->chip_devices;
        const struct chip_device *desc = i < machine->chip_devices ? &machine->chip->devices[i]
                                         : part < machine->board->part_count
                                             ? &machine->board->parts[part]
                                             : &config->parts[part - machine->board->part_count].device;
        machine->devices[i] = (struct device){.model = desc->model,
                                              .name = desc->name,
                                              .params = desc->params,
                                              .base = desc->base,
                                              .index = (uint16_t)i,
                                              .first_slot = (uint16_t)slot,
                                              .host = &machine_device_host,
                                              .host_context = machine};
        slot += desc->model->event_count;
        machine->states_size += (desc->model->state_size + STATE_ALIGN - 1u) / STATE_ALIGN * STATE_ALIGN;
    }
    if (slot > SCHED_SLOTS)
        return error_set(err, TB_ERR_UNSUPPORTED, "the devices need %u event slots, there are %u", slot, SCHED_SLOTS);
    machine->states = calloc(1, machine->states_size + 1u);
    if (!machine->states)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the devices");
    size_t offset = 0;
    for (uint32_t i = 0; i < machine->device_count; i++) {
        machine->devices[i].state = machine->states + offset;
        offset += (machine->devices[i].model->state_size + STATE_ALIGN - 1u) / STATE_ALIGN * STATE_ALIGN;
    }
    return TB_OK;
}

static enum status create_wires(struct machine *machine, struct error *err)
{
    uint32_t irqs = machine->chip->irq_count;
    enum status status = wires_init(&machine->wires, machine->devices, machine->device_count, err);
    if (status == TB_OK)
        status = wires_add(&machine->wires, machine->chip->wires, machine->chip->wire_count, irqs, err);
    if (status == TB_OK)
        status = wires_add(&machine->wires, machine->board->wires, machine->board->wire_count, irqs, err);
    for (uint32_t p = 0; status == TB_OK && p < machine->config.part_count; p++)
        status =
            wires_add(&machine->wires, machine->config.parts[p].wires, machine->config.parts[p].wire_count, irqs, err);
    if (status == TB_OK)
        status = wires_finish(&machine->wires, err);
    machine->driven = calloc(machine->wires.value_count + 1u, sizeof *machine->driven);
    if (status == TB_OK && !machine->driven)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the wires");
    return status;
}

static enum status create_stores(struct machine *machine, struct error *err)
{
    const struct chip *chip = machine->chip;
    uint32_t frames = machine->config.pool_frames ? machine->config.pool_frames : DEFAULT_POOL_FRAMES;
    enum status status = frame_pool_create(&machine->pool, frames, err);
    if (status != TB_OK)
        return status;
    machine->stores = calloc(chip->store_count + 1u, sizeof *machine->stores);
    machine->store_changes = calloc(chip->store_count + 1u, sizeof *machine->store_changes);
    machine->next_traps = calloc(chip->store_count + 1u, sizeof *machine->next_traps);
    machine->fetch_traps = calloc(chip->store_count + 1u, sizeof *machine->fetch_traps);
    machine->next_choices = calloc(chip->window_count + 1u, sizeof *machine->next_choices);
    if (!machine->stores || !machine->store_changes || !machine->next_traps || !machine->fetch_traps ||
        !machine->next_choices)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the stores");
    for (uint32_t s = 0; s < chip->store_count; s++) {
        status = store_create(&machine->stores[s], &chip->stores[s], machine->pool, err);
        if (status != TB_OK)
            return status;
        machine->next_traps[s] = calloc(chip->stores[s].size / FRAME_SIZE + 1u, 1);
        if (!machine->next_traps[s])
            return error_set(err, TB_ERR_MEMORY, "out of memory for the stores");
    }
    return TB_OK;
}

/** What RAM holds at power-up, made once: many power-ups follow each other. */
static enum status create_noise(struct machine *machine, struct error *err)
{
    const struct chip *chip = machine->chip;
    machine->noise = calloc(chip->store_count + 1u, sizeof *machine->noise);
    for (uint32_t s = 0; machine->noise && s < chip->store_count; s++) {
        if (chip->stores[s].kind != STORE_RAM || machine->config.ram_policy != RAM_NOISE)
            continue;
        machine->noise[s] = malloc(chip->stores[s].size);
        if (!machine->noise[s])
            return error_set(err, TB_ERR_MEMORY, "out of memory for the RAM's noise");
        for (uint32_t offset = 0; offset < chip->stores[s].size; offset += 8u) {
            uint64_t noise = mix64(machine->config.seed ^ mix64((uint64_t)s << 32 | offset));
            memcpy(machine->noise[s] + offset, &noise, sizeof noise);
        }
    }
    return machine->noise ? TB_OK : error_set(err, TB_ERR_MEMORY, "out of memory for the RAM's noise");
}

static enum status create_bus(struct machine *machine, struct error *err)
{
    enum status status = bus_init(&machine->bus, machine->chip, machine->stores, err);
    if (status != TB_OK)
        return status;
    machine->bus.devices = calloc(machine->chip_devices + 1u, sizeof *machine->bus.devices);
    if (!machine->bus.devices)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the bus");
    machine->bus.device_count = machine->chip_devices;
    for (uint32_t d = 0; d < machine->chip_devices; d++) {
        const struct device *device = &machine->devices[d];
        bool has_clock = device->model->inputs && device->model->inputs[0] &&
                         strcmp(device->model->inputs[0], "clk") == 0 &&
                         wires_is_connected(&machine->wires, (uint16_t)d, 0);
        machine->bus.devices[d] = (struct bus_device){.device = &machine->devices[d],
                                                      .base = machine->chip->devices[d].base,
                                                      .size = machine->chip->devices[d].size,
                                                      .gated = has_clock,
                                                      .clock = &machine->wires.values[machine->wires.input_base[d]]};
    }
    machine->bus.core = (struct bus_core){
        .read = exception_read, .write = exception_write, .faults = exception_faults, .context = &machine->exceptions};
    machine->bus.observe = machine_observe;
    machine->bus.observe_context = machine;
    return TB_OK;
}

/* --- pins ----------------------------------------------------------------------------------------------------------
 */

/** "PA5", or the board's name of a pin, as the input it is: device and input name. A board may name any input:
 * "syscfg.boot0". */
static bool find_pin(const struct machine *machine, const char *name, char device[32], char input[32])
{
    for (uint32_t i = 0; i < machine->board->pin_count; i++)
        if (strcmp(machine->board->pins[i].name, name) == 0)
            name = machine->board->pins[i].pin;
    const char *dot = strchr(name, '.');
    if (dot && dot - name < 32) {
        (void)snprintf(device, 32, "%.*s", (int)(dot - name), name);
        (void)snprintf(input, 32, "%s", dot + 1);
        return true;
    }
    if (name[0] != 'P' || name[1] < 'A' || name[1] > 'K')
        return false;
    char *end;
    unsigned long number = strtoul(name + 2, &end, 10);
    if (end == name + 2 || *end || number > 15)
        return false;
    (void)snprintf(device, 32, "gpio%c", name[1] - 'A' + 'a');
    (void)snprintf(input, 32, "in%lu", number);
    return true;
}

static enum status drive_wire(struct machine *machine, const char *name, uint64_t value, struct error *err)
{
    char device_name[32], input[32];
    uint32_t index = UINT32_MAX;
    if (find_pin(machine, name, device_name, input))
        index = wires_find_input(&machine->wires, device_name, input);
    if (index == UINT32_MAX)
        return error_set(err, TB_ERR_INPUT, "%s has no pin '%s': expected P<port><0-15> or a name of the board",
                         machine->board->name, name);
    machine->driven[index] = value;
    if (machine->wires.values[index] == value)
        return TB_OK;
    machine->wires.values[index] = value;
    struct device *device = machine_device(machine, device_name);
    uint32_t number = index - machine->wires.input_base[device->index];
    if (machine->core.powered && device->model->on_input)
        device->model->on_input(device, number, value);
    (void)machine_brown_out(machine);
    return TB_OK;
}

enum status machine_drive_pin(struct machine *machine, const char *name, int level, struct error *err)
{
    return drive_wire(machine, name, level < 0 ? PIN_RELEASED : level ? PIN_HIGH : PIN_LOW, err);
}

enum status machine_drive_voltage(struct machine *machine, const char *name, uint32_t microvolts, struct error *err)
{
    return drive_wire(machine, name, pin_voltage(microvolts), err);
}

static void drive_idle_levels(struct machine *machine)
{
    for (uint32_t i = 0; i < machine->board->pin_count; i++) {
        const struct board_pin *pin = &machine->board->pins[i];
        enum status status = pin->idle_level < 0 ? TB_OK : machine_drive_pin(machine, pin->name, pin->idle_level, NULL);
        TB_ASSERT(status == TB_OK);
    }
}

/* --- questions of the CPU -------------------------------------------------------------------------------------------
 */

static bool takeable(void *context)
{
    const struct machine *machine = context;
    return cpu_hold(machine->cpu) == UINT64_MAX && exception_takeable(&machine->exceptions) != 0;
}

static bool ignores_data_fault(void *context)
{
    struct machine *machine = context;
    return exception_ignores_data_fault(&machine->exceptions);
}

static void send_event(void *context)
{
    struct machine *machine = context;
    exception_send_event(&machine->exceptions);
}

static bool correct_masks(void *context)
{
    struct machine *machine = context;
    return exception_correct_masks(&machine->exceptions);
}

static uint32_t rights(void *context, uint32_t address, uint32_t length)
{
    struct machine *machine = context;
    return exception_mpu_rights(&machine->exceptions, address, length);
}

enum status machine_create(struct machine **out, const struct board *board, const struct machine_config *config,
                           struct error *err)
{
    struct machine *machine = calloc(1, sizeof *machine);
    if (!machine)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the machine");
    machine->board = board;
    machine->chip = board->chip;
    machine->config = *config;
    machine->core.reset_requested = NO_RESET;
    machine->core.clock.hz = board->chip->reset_hclk_hz;
    sched_init(&machine->core.sched);
    enum status status = create_stores(machine, err);
    if (status == TB_OK)
        status = create_noise(machine, err);
    if (status == TB_OK)
        status = create_devices(machine, err);
    if (status == TB_OK)
        status = machine_create_knobs(machine, err);
    if (status == TB_OK)
        status = create_wires(machine, err);
    if (status == TB_OK)
        status = create_bus(machine, err);
    const struct cpu_client client = {.takeable = takeable,
                                      .ignores_data_fault = ignores_data_fault,
                                      .send_event = send_event,
                                      .correct_masks = correct_masks,
                                      .rights = rights,
                                      .context = machine};
    if (status == TB_OK)
        status = cpu_create(&machine->cpu, &machine->bus, machine->pool, &client, err);
    if (status != TB_OK) {
        machine_destroy(machine);
        return status;
    }
    struct exception_host host = machine_exception_host;
    host.context = machine;
    exception_init(&machine->exceptions, machine->cpu, &machine->bus, machine->chip, &host);
    drive_idle_levels(machine);
    machine->accounted_bytes = frame_pool_written_bytes(machine->pool); /* the stores' initial contents */
    *out = machine;
    return TB_OK;
}

void machine_destroy(struct machine *machine)
{
    if (!machine)
        return;
    cpu_destroy(machine->cpu);
    for (uint32_t s = 0; machine->stores && s < machine->chip->store_count; s++) {
        if (machine->stores[s].desc)
            store_destroy(&machine->stores[s]);
        free(machine->next_traps ? machine->next_traps[s] : NULL);
    }
    for (uint32_t s = 0; machine->noise && s < machine->chip->store_count; s++)
        free(machine->noise[s]);
    free(machine->noise);
    free(machine->bus.devices);
    if (machine->bus.chip)
        bus_free(&machine->bus);
    wires_free(&machine->wires);
    free(machine->driven);
    free(machine->devices);
    free(machine->states);
    free(machine->knobs);
    free(machine->stores);
    free(machine->store_changes);
    free(machine->next_traps);
    free(machine->fetch_traps);
    free(machine->next_choices);
    if (machine->pool)
        frame_pool_destroy(machine->pool);
    free(machine);
}

/* --- contents ---------------------------------------------------------------------------------------------------- */

/** Calls with the windows as after power-up with nothing swapped. */
static struct bus_target find_unswapped(struct machine *machine, uint32_t address)
{
    uint32_t *choices = machine->bus.choices;
    machine->bus.choices = calloc(machine->chip->window_count + 1u, sizeof *choices);
    TB_ASSERT(machine->bus.choices);
    struct bus_target target = bus_find(&machine->bus, address);
    free(machine->bus.choices);
    machine->bus.choices = choices;
    return target;
}

/** Copies between host bytes and memory at addresses of the unswapped map: to `load_from`'s target, or from there to
 * `peek_to`. */
static enum status copy_unswapped(struct machine *machine, uint32_t address, uint8_t *peek_to, const uint8_t *load_from,
                                  uint32_t size, struct error *err)
{
    for (uint32_t done = 0; done < size;) {
        struct bus_target target = find_unswapped(machine, address + done);
        if (target.kind != BUS_FRAME && target.kind != BUS_RAM)
            return error_set(err, TB_ERR_INPUT, "there is no memory at 0x%08x on %s", address + done,
                             machine->chip->name);
        uint32_t chunk = FRAME_SIZE - target.offset % FRAME_SIZE;
        if (chunk > size - done)
            chunk = size - done;
        struct store *store = &machine->stores[target.store];
        if (load_from && target.kind == BUS_RAM)
            cpu_write_ram(machine->cpu, target.store, target.offset, load_from + done, chunk);
        else if (load_from)
            store_load(store, target.offset, load_from + done, chunk);
        else if (target.kind == BUS_RAM)
            memcpy(peek_to + done, store->ram + target.offset, chunk);
        else {
            reads_note_page(&machine->bus.reads, target.store, target.offset / FRAME_SIZE);
            store_peek(store, target.offset, peek_to + done, chunk);
        }
        done += chunk;
    }
    return TB_OK;
}

enum status machine_load(struct machine *machine, uint32_t address, const void *bytes, uint32_t size, struct error *err)
{
    uint64_t before = frame_pool_written_bytes(machine->pool);
    enum status status = copy_unswapped(machine, address, NULL, bytes, size, err);
    machine_account_written(machine, before);
    return status;
}

enum status machine_peek(struct machine *machine, uint32_t address, void *bytes, uint32_t size, struct error *err)
{
    return copy_unswapped(machine, address, bytes, NULL, size, err);
}

enum status machine_peek_mapped(struct machine *machine, uint32_t address, void *bytes, uint32_t size,
                                struct error *err)
{
    if (!bus_peek(&machine->bus, address, bytes, size))
        return error_set(err, TB_ERR_INPUT, "there is no memory at 0x%08x on %s", address, machine->chip->name);
    return TB_OK;
}

/* --- power ------------------------------------------------------------------------------------------------------- */

static void fill_ram(struct machine *machine)
{
    for (uint32_t s = 0; s < machine->chip->store_count; s++)
        if (machine->chip->stores[s].kind == STORE_RAM && machine->config.ram_policy != RAM_RETAINED)
            cpu_replace_ram(machine->cpu, s, machine->noise[s]);
}

void machine_power_on(struct machine *machine)
{
    struct machine_core *core = &machine->core;
    TB_ASSERT(!core->powered);
    cpu_revive(machine->cpu);
    cpu_clear_hold(machine->cpu);
    cpu_set_count(machine->cpu, 0);
    cpu_set(machine->cpu, CPU_PC, 0); /* no trace of what ran before: a power-up is like any other */
    core->clock = (struct clock){.hz = machine->chip->reset_hclk_hz};
    sched_init(&core->sched);
    core->deadline_cycle = TIME_NEVER;
    core->powered = 1;
    core->op_ordinal = core->trace_digest = core->reset_asked_ps = 0;
    core->sync_wanted = core->stop_requested = core->traps_changed = core->brown_out = 0;
    machine->counters.power_ons++;
    memset(machine->states, 0, machine->states_size);
    memcpy(machine->wires.values, machine->driven, machine->wires.value_count * sizeof *machine->wires.values);
    /* Windows begin as the chip's do, whatever they showed when power was lost: nothing is swapped by power-up. */
    memset(machine->next_choices, 0, machine->chip->window_count * sizeof *machine->next_choices);
    memset(machine->bus.choices, 0, machine->chip->window_count * sizeof *machine->bus.choices);
    for (uint32_t s = 0; s < machine->chip->store_count; s++)
        memset(machine->next_traps[s], 0, machine->chip->stores[s].size / FRAME_SIZE);
    core->traps_changed = 1;
    memset(&machine->exceptions.state, 0, sizeof machine->exceptions.state);
    fill_ram(machine);
    struct obs obs = {.kind = OBS_POWER, .device = OBS_NO_DEVICE, .a = 1};
    machine_observe(machine, &obs);
    for (uint32_t d = machine->chip_devices; d < machine->device_count; d++)
        machine->devices[d].model->reset(&machine->devices[d], RESET_POWER_ON);
    machine_drive_halted(machine);
    machine->flush_wanted = true;
    machine_perform_reset(machine, RESET_POWER_ON);
    (void)machine_brown_out(machine);
}

void machine_power_off(struct machine *machine, enum tear tear, uint64_t seed)
{
    if (!machine->core.powered)
        return;
    cpu_revive(machine->cpu);
    machine_draw_modes(machine);
    machine_abort_op(machine, tear, seed);
    struct obs obs = {.kind = OBS_POWER, .device = OBS_NO_DEVICE, .a = 0};
    machine_observe(machine, &obs);
    machine->core.powered = 0;
    machine->core.reset_requested = NO_RESET;
}

bool machine_brown_out(struct machine *machine)
{
    const struct op *op = &machine->core.op;
    if (!machine->core.powered || !machine->core.brown_out)
        return false;
    machine_power_off(machine, op_reset_tear(op), op_reset_seed(op, machine->config.seed));
    return true;
}

bool machine_is_powered(const struct machine *machine)
{
    return machine->core.powered;
}

void machine_reset(struct machine *machine, enum reset_kind kind)
{
    machine->core.reset_requested = (uint8_t)kind;
    machine->core.reset_asked_ps = machine_time_ps(machine);
    machine->core.sync_wanted = 1;
}

struct device *machine_device(struct machine *machine, const char *name)
{
    for (uint32_t i = 0; i < machine->device_count; i++)
        if (strcmp(machine->devices[i].name, name) == 0)
            return &machine->devices[i];
    return NULL;
}

const struct device *machine_device_at(const struct machine *machine, uint16_t index)
{
    return index < machine->device_count ? &machine->devices[index] : NULL;
}

void machine_halt(struct machine *machine, bool halted)
{
    machine->core.halted = halted;
    if (machine->core.powered)
        machine_drive_halted(machine);
}

void machine_request_stop(struct machine *machine)
{
    machine->core.stop_requested = 1;
    machine->core.sync_wanted = 1;
    cpu_request_sync(machine->cpu);
}

/* --- looking ----------------------------------------------------------------------------------------------------- */

uint64_t machine_time_ps(const struct machine *machine)
{
    return clock_ps(&machine->core.clock, machine_cycles(machine));
}

uint64_t machine_instructions(const struct machine *machine)
{
    return cpu_count(machine->cpu);
}

uint32_t machine_pc(const struct machine *machine)
{
    return machine->exceptions.state.locked_up ? 0xfffffffeu : cpu_get(machine->cpu, CPU_PC);
}

bool machine_is_locked_up(const struct machine *machine)
{
    return machine->exceptions.state.locked_up;
}

void machine_registers(const struct machine *machine, uint32_t registers[17])
{
    for (int i = 0; i <= (int)CPU_XPSR; i++)
        registers[i] = cpu_get(machine->cpu, (enum cpu_reg)i);
}

static enum status check_debug_access(struct machine *machine, enum access_kind kind, uint32_t address, unsigned size,
                                      uint32_t value, struct error *err)
{
    if ((size != 1u && size != 2u && size != 4u) || address % size)
        return error_set(err, TB_ERR_INPUT, "debug access of %u bytes at 0x%08x: expected 1, 2 or 4, aligned", size,
                         address);
    if (bus_faults(&machine->bus, kind, address, size, value))
        return error_set(err, TB_ERR_INPUT, "debug access at 0x%08x: bus fault", address);
    return TB_OK;
}

enum status machine_debug_read(struct machine *machine, uint32_t address, unsigned size, uint32_t *value,
                               struct error *err)
{
    enum status status = check_debug_access(machine, ACCESS_READ, address, size, 0, err);
    if (status == TB_OK)
        *value = bus_read(&machine->bus, address, size);
    return status;
}

enum status machine_debug_write(struct machine *machine, uint32_t address, unsigned size, uint32_t value,
                                struct error *err)
{
    enum status status = check_debug_access(machine, ACCESS_WRITE, address, size, value, err);
    if (status == TB_OK)
        bus_write(&machine->bus, address, size, value);
    else if (address % size == 0)
        bus_faulted_write(&machine->bus, address, size, value);
    if (machine->core.sync_wanted)
        machine_sync(machine);
    return status;
}

void machine_add_observer(struct machine *machine, obs_mask mask, obs_sink sink, void *context)
{
    TB_ASSERT(machine->observer_count < MAX_OBSERVERS);
    machine->observers[machine->observer_count++] = (struct observer){mask, sink, context};
}

void machine_remove_observer(struct machine *machine, obs_sink sink, void *context)
{
    for (uint32_t i = 0; i < machine->observer_count; i++)
        if (machine->observers[i].sink == sink && machine->observers[i].context == context) {
            memmove(&machine->observers[i], &machine->observers[i + 1u],
                    (machine->observer_count - i - 1u) * sizeof machine->observers[0]);
            machine->observer_count--;
            return;
        }
}

void machine_set_op_gate(struct machine *machine, op_gate gate, void *context)
{
    machine->gate = gate;
    machine->gate_context = context;
}

void machine_get_counters(const struct machine *machine, struct machine_counters *counters)
{
    *counters = machine->counters;
    counters->exceptions = machine->exceptions.taken;
    counters->mmio_accesses = machine->bus.accesses;
    counters->tlb_flushes = cpu_flushes(machine->cpu);
    counters->plain_spans = cpu_plain_spans(machine->cpu);
    counters->flash_copied_bytes = frame_pool_written_bytes(machine->pool) - machine->accounted_bytes;
    counters->frames_used = frame_pool_used(machine->pool);
    counters->frames_peak = frame_pool_peak(machine->pool);
}

uint64_t machine_trace_digest(const struct machine *machine)
{
    return machine->core.trace_digest;
}
