/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/exec_private.h"

#include "harness/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TERMINAL_BAUD 115200u /* until the board has sent something */
#define BAUD_LEAST    50u
#define BAUD_MOST     20000000u
#define VTOR_ALIGN    128u /* TBLOFF is bits 31 to 7, same place */

/* --- while it runs ----------------------------------------------------------------------------- */

static void keep(struct exec *exec, const struct obs *obs)
{
    if (obs->kind == OBS_PIN && obs->a < EXEC_PINS_MAX)
        exec->edges[obs->a]++;
    if (obs->kind == OBS_VOLTAGE && obs->a < EXEC_PINS_MAX)
        exec->voltages[obs->a]++;
    if (obs->kind == OBS_RESET && exec->reset_count < EXEC_RESETS_MAX) {
        exec->resets[exec->reset_count].kind = obs->a;
        exec->resets[exec->reset_count].at_ps = obs->time_ps;
        exec->reset_count++;
    }
    for (uint32_t i = 0; obs->kind == OBS_UART_TX && i < exec->judge.stream_count; i++)
        if (exec->judge.streams[i].device == obs->device && exec->ports[i].is_raw)
            putchar((int)(obs->a & 0xffu));
}

static void observe(void *context, const struct obs *obs)
{
    struct exec *exec = context;
    judge_observe(&exec->judge, obs);
    keep(exec, obs);
    if (exec->options->json)
        exec_json_event(exec, obs);
    else
        exec_print_event(exec, obs);
}

/* --- the command line -------------------------------------------------------------------------- */

static enum status find_board(struct exec *exec, struct error *err)
{
    const char *name = exec->options->board, *best = NULL;
    unsigned distance = 0;
    if (name == NULL)
        return error_set(err, TB_ERR_INPUT, "exec: no board; expected --board BOARD");
    for (const struct board *const *board = all_boards; *board != NULL; board++)
        nearest_word(name, (*board)->name, &best, &distance);
    exec->board = board_find(name);
    if (exec->board == NULL)
        return error_set(err, TB_ERR_INPUT,
                         "--board: no board '%.60s'%s; expected one that `twinbank list boards` names", name,
                         did_you_mean(best, distance));
    for (uint32_t i = 0; i < exec->board->serial_count && i < JUDGE_SERIALS; i++)
        exec->ports[exec->port_count++].name = exec->board->serials[i].name;
    return TB_OK;
}

uint32_t exec_find_port(const struct exec *exec, const char *text)
{
    size_t length = strcspn(text, "=");
    uint32_t i = 0;
    while (i < exec->port_count &&
           (strlen(exec->ports[i].name) != length || strncmp(exec->ports[i].name, text, length) != 0))
        i++;
    return i;
}

static enum status parse_uart(struct exec *exec, const char *text, struct error *err)
{
    uint32_t i = exec_find_port(exec, text);
    const char *value = text + strcspn(text, "=");
    if (i < exec->port_count && strcmp(value, "=stdio") == 0) {
        exec->ports[i].is_raw = true;
        exec->log = stderr;
        return TB_OK;
    }
    if (i < exec->port_count && strncmp(value, "=file:", 6) == 0 && value[6] != '\0') {
        exec->ports[i].file = value + 6;
        return TB_OK;
    }
    return error_set(err, TB_ERR_INPUT,
                     "--uart: '%.60s' does not fit; expected PORT=stdio or PORT=file:F, PORT as in %s", text,
                     exec->port_count > 0 ? exec->ports[0].name : "none");
}

static enum status parse_baud(struct exec *exec, const char *text, struct error *err)
{
    uint32_t i = exec_find_port(exec, text), baud = 0;
    const char *value = strchr(text, '=');
    if (i == exec->port_count || value == NULL || parse_number(value + 1, &baud) != TB_OK || baud < BAUD_LEAST ||
        baud > BAUD_MOST)
        return error_set(err, TB_ERR_INPUT,
                         "--baud: '%.60s' does not fit; expected PORT=N, N from %u to %u, as in %s=9600", text,
                         BAUD_LEAST, BAUD_MOST, exec->port_count > 0 ? exec->ports[0].name : "none");
    exec->ports[i].fixed_baud = baud;
    return TB_OK;
}

static enum status parse_wire(struct exec *exec, const char *text, struct error *err)
{
    struct error why = {""};
    if (nets_add(&exec->nets, exec->board, text, &why) != TB_OK)
        return error_set(err, TB_ERR_INPUT, "--wire: %.200s", why.text);
    return TB_OK;
}

static enum status parse_knobs(struct exec *exec, struct error *err)
{
    const struct options_list *texts = &exec->options->knobs;
    enum status status = TB_OK;
    for (uint32_t i = 0; status == TB_OK && i < texts->count; i++) {
        struct error why;
        status = knob_parse(&exec->knobs[i], exec->board, texts->values[i], &why);
        if (status != TB_OK)
            return error_set(err, status, "--knob: %.400s", why.text);
    }
    return status;
}

static enum status parse_orders(struct exec *exec, struct error *err)
{
    const struct options *options = exec->options;
    enum status status = TB_OK;
    exec->orders = calloc(options->pins.count + options->types.count + 1u, sizeof *exec->orders);
    if (exec->orders == NULL)
        return error_set(err, TB_ERR_MEMORY, "exec: out of memory");
    for (uint32_t i = 0; status == TB_OK && i < options->pins.count; i++)
        status = exec_parse_pin(&exec->orders[exec->order_count++], options->pins.values[i], err);
    for (uint32_t i = 0; status == TB_OK && i < options->types.count; i++)
        status = exec_parse_type(exec, &exec->orders[exec->order_count++], options->types.values[i], err);
    exec_sort_orders(exec);
    return status;
}

static enum status parse_details(struct exec *exec, struct error *err)
{
    const struct options *options = exec->options;
    enum status status = TB_OK;
    if (options->word_count > 0)
        return error_set(err, TB_ERR_INPUT, "exec: '%.60s' is not asked for; expected options only, as in --load FILE",
                         options->words[0]);
    if (options->loads.count == 0)
        return error_set(err, TB_ERR_INPUT, "exec: nothing to run; expected --load FILE[@ADDR]");
    for (uint32_t i = 0; status == TB_OK && i < options->uarts.count; i++)
        status = parse_uart(exec, options->uarts.values[i], err);
    for (uint32_t i = 0; status == TB_OK && i < options->bauds.count; i++)
        status = parse_baud(exec, options->bauds.values[i], err);
    for (uint32_t i = 0; status == TB_OK && i < options->wires.count; i++)
        status = parse_wire(exec, options->wires.values[i], err);
    if (status == TB_OK)
        status = parse_knobs(exec, err);
    return status == TB_OK ? parse_orders(exec, err) : status;
}

/* --- images ------------------------------------------------------------------------------------ */

static enum status read_image(struct exec *exec, const char *text, struct error *err)
{
    char *path = exec->image_paths[exec->image_count];
    size_t path_size = sizeof exec->image_paths[0];
    uint32_t address = exec->judge.layout.base;
    const char *at = strrchr(text, '@');
    bool has_address = at != NULL && parse_number(at + 1, &address) == TB_OK;
    if (at != NULL && !has_address && strchr(at, '/') == NULL && at[1] >= '0' && at[1] <= '9')
        return error_set(err, TB_ERR_INPUT, "--load: '%.60s' is no address; expected " NUMBER_EXPECTED, at + 1);
    int length = has_address ? (int)(at - text) : (int)strlen(text);
    if (snprintf(path, path_size, "%.*s", length, text) >= (int)path_size)
        return error_set(err, TB_ERR_INPUT, "--load: too long a file name");
    enum status status = image_load(&exec->images[exec->image_count], path, address, err);
    if (status == TB_OK)
        exec->image_count++;
    return status;
}

static bool is_ram(const struct chip *chip, uint32_t address)
{
    for (uint32_t w = 0; w < chip->window_count; w++) {
        const struct window *window = &chip->windows[w];
        if (address < window->base || address - window->base >= window->size)
            continue;
        const char *store = window->choices[0].segments[0].store;
        for (uint32_t s = 0; store != NULL && s < chip->store_count; s++)
            if (strcmp(chip->stores[s].name, store) == 0)
                return chip->stores[s].kind == STORE_RAM;
    }
    return false;
}

/** Flash is programmed before power comes; RAM, which power-up fills with noise, is written by a debugger behind it. */
static enum status load_parts(struct exec *exec, bool in_ram, struct error *err)
{
    enum status status = TB_OK;
    for (uint32_t i = 0; i < exec->image_count; i++)
        for (uint32_t p = 0; status == TB_OK && p < exec->images[i].part_count; p++) {
            const struct image_part *part = &exec->images[i].parts[p];
            if (is_ram(exec->board->chip, part->address) == in_ram)
                status = machine_load(exec->machine, part->address, part->bytes, part->size, err);
        }
    return status;
}

/**
 * The part whose vector table starts the program, if all that is loaded is in RAM: that with the first image's entry,
 * else the first one. NULL: the board starts from flash as it always does.
 */
static const struct image_part *find_ram_program(const struct exec *exec)
{
    for (uint32_t i = 0; i < exec->image_count; i++)
        for (uint32_t p = 0; p < exec->images[i].part_count; p++)
            if (!is_ram(exec->board->chip, exec->images[i].parts[p].address))
                return NULL;
    const struct image *image = &exec->images[0];
    for (uint32_t p = 0; p < image->part_count; p++)
        if (image->entry >= image->parts[p].address && image->entry - image->parts[p].address < image->parts[p].size)
            return &image->parts[p];
    return image->part_count > 0 ? &image->parts[0] : NULL;
}

static enum status check_ram_program(const struct image_part *part, struct error *err)
{
    if (part->size < 8u || part->address % VTOR_ALIGN != 0)
        return error_set(
            err, TB_ERR_INPUT,
            "--load: a program in RAM starts with its vector table, at a multiple of 0x%x; got %u bytes at "
            "0x%08x",
            VTOR_ALIGN, part->size, part->address);
    return TB_OK;
}

/** Starts a program in RAM as a debugger would: later resets start from flash. */
static enum status power_on_in_ram(struct exec *exec, const struct image_part *part, struct error *err)
{
    machine_power_on(exec->machine);
    enum status status = load_parts(exec, true, err);
    return status == TB_OK ? machine_start_program(exec->machine, part->address, err) : status;
}

static enum status power_on(struct exec *exec, struct error *err)
{
    enum status status = load_parts(exec, false, err);
    const struct image_part *program = find_ram_program(exec);
    if (status == TB_OK && program != NULL)
        status = check_ram_program(program, err);
    if (status != TB_OK)
        return status;
    if (program != NULL)
        return power_on_in_ram(exec, program, err);
    machine_power_on(exec->machine);
    return load_parts(exec, true, err);
}

/* --- the run ----------------------------------------------------------------------------------- */

static void make_terminal(struct exec *exec, uint32_t i)
{
    struct exec_port *port = &exec->ports[i];
    const char *device = exec->board->serials[i].device;
    snprintf(port->peer_name, sizeof port->peer_name, "terminal_%.24s", port->name);
    snprintf(port->wire_names[0], sizeof port->wire_names[0], "%.40s.tx", device);
    snprintf(port->wire_names[1], sizeof port->wire_names[1], "terminal_%.24s.rx", port->name);
    snprintf(port->wire_names[2], sizeof port->wire_names[2], "terminal_%.24s.tx", port->name);
    snprintf(port->wire_names[3], sizeof port->wire_names[3], "%.40s.rx", device);
    port->wires[0] = (struct chip_wire){port->wire_names[0], port->wire_names[1]};
    port->wires[1] = (struct chip_wire){port->wire_names[2], port->wire_names[3]};
    port->params = (struct serial_peer_params){
        .baud = port->fixed_baud != 0 ? port->fixed_baud : TERMINAL_BAUD,
        .fixed_baud = port->fixed_baud != 0,
    };
    exec->parts[i] = (struct machine_part){
        .device = {.name = port->peer_name, .model = &serial_peer_model, .params = &port->params},
        .wires = port->wires,
        .wire_count = 2,
    };
}

static enum status set_up(struct exec *exec, struct error *err)
{
    struct machine_config config = {.seed = 1,
                                    .parts = exec->parts,
                                    .part_count = exec->port_count + exec->nets.count,
                                    .knobs = exec->knobs,
                                    .knob_count = exec->options->knobs.count};
    struct flash_layout layout;
    enum status status = flash_layout_find(&layout, exec->board->chip, err);
    if (status != TB_OK)
        return status;
    judge_init(&exec->judge, exec->board->chip, &layout);
    for (uint32_t i = 0; i < exec->port_count; i++)
        make_terminal(exec, i);
    nets_make_parts(&exec->nets, &exec->parts[exec->port_count]);
    status = machine_create(&exec->machine, exec->board, &config, err);
    for (uint32_t i = 0; status == TB_OK && i < exec->port_count; i++) {
        const struct device *device = machine_device(exec->machine, exec->board->serials[i].device);
        TB_ASSERT(device != NULL);
        status = judge_add_stream(&exec->judge, device->index, exec->ports[i].fixed_baud, err);
    }
    for (uint32_t i = 0; status == TB_OK && i < exec->options->loads.count; i++)
        status = read_image(exec, exec->options->loads.values[i], err);
    if (status == TB_OK && exec->options->trace_path != NULL)
        status = trace_open(&exec->trace, exec->options->trace_path, exec->board, exec->machine, err);
    if (status == TB_OK)
        machine_add_observer(exec->machine, judge_mask(), observe, exec);
    return status;
}

static void run_to(struct exec *exec, uint64_t time_ps)
{
    struct run_limit limit = {time_ps, UINT64_MAX};
    while (machine_run(exec->machine, limit) == RUN_REQUESTED)
        continue;
}

static enum status run(struct exec *exec, struct error *err)
{
    enum status status = power_on(exec, err);
    for (uint32_t i = 0; status == TB_OK && i < exec->order_count; i++) {
        if (exec->orders[i].at_ps > exec->options->for_ps)
            break;
        run_to(exec, exec->orders[i].at_ps);
        status = exec_do_order(exec, &exec->orders[i], err);
    }
    if (status == TB_OK)
        run_to(exec, exec->options->for_ps);
    return status;
}

/* --- the end ----------------------------------------------------------------------------------- */

static enum status write_files(const struct exec *exec, struct error *err)
{
    for (uint32_t i = 0; i < exec->judge.stream_count; i++) {
        if (exec->ports[i].file == NULL)
            continue;
        FILE *file = fopen(exec->ports[i].file, "wb");
        if (file == NULL)
            return error_set(err, TB_ERR_IO, "%s: %s", exec->ports[i].file, strerror(errno));
        bool written = fwrite(exec->judge.streams[i].text, 1, exec->judge.streams[i].length, file) ==
                       exec->judge.streams[i].length;
        if (fclose(file) != 0 || !written)
            return error_set(err, TB_ERR_IO, "%s: %s", exec->ports[i].file, strerror(errno));
    }
    return TB_OK;
}

/** What was observed up to an error is a trace, too. */
static enum status close_trace(struct exec *exec, enum status status, struct error *err)
{
    struct error ignored;
    enum status closed = trace_close(exec->trace, exec->options->for_ps, status == TB_OK ? err : &ignored);
    return status == TB_OK ? closed : status;
}

static void tear_down(struct exec *exec)
{
    if (exec->machine != NULL)
        machine_destroy(exec->machine);
    for (uint32_t i = 0; i < exec->image_count; i++)
        image_free(&exec->images[i]);
    judge_free(&exec->judge);
    source_cache_free(&exec->sources);
    free(exec->orders);
    free(exec);
}

enum status exec_command(const struct options *options, int *exit_code, struct error *err)
{
    struct exec *exec = calloc(1, sizeof *exec);
    if (exec == NULL)
        return error_set(err, TB_ERR_MEMORY, "exec: out of memory");
    exec->options = options;
    exec->log = stdout;
    if (options->json)
        (void)setvbuf(stdout, NULL, _IOLBF, 0); /* who reads along gets each event when it happens */
    enum status status = find_board(exec, err);
    if (status == TB_OK)
        status = parse_details(exec, err);
    if (status == TB_OK)
        status = set_up(exec, err);
    if (status == TB_OK)
        status = run(exec, err);
    if (status == TB_OK) {
        if (options->json)
            exec_json_end(exec);
        else
            exec_print_end(exec);
        status = write_files(exec, err);
        *exit_code = exec->judge.gaps.total > 0 ? 3 : 0;
    }
    status = close_trace(exec, status, err);
    tear_down(exec);
    return status;
}
