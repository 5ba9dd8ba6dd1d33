/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/exec.h"

#include "harness/judge.h"
#include "harness/text.h"
#include "sim/loader.h"
#include "sim/machine.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define PINS_MAX      176u /* ports A to K */
#define EDGES_PRINTED 4u   /* of each pin, unless --verbose */
#define RESETS_MAX    64u
#define TERMINAL_BAUD 115200u

struct pin_order {
    const char *name;
    char name_text[32];
    int level;
    uint64_t at_ps;
};

struct exec {
    const struct options *options;
    const struct board *board;
    struct machine *machine;
    FILE *log; /* stderr while a port's raw text has stdout */
    struct judge judge;
    bool is_raw[JUDGE_SERIALS];      /* text goes to stdout as it is */
    const char *file[JUDGE_SERIALS]; /* or to a file at the end */
    uint32_t printed[JUDGE_SERIALS]; /* characters of the stream that were printed */
    struct pin_order pins[OPTIONS_LIST_MAX];
    uint32_t edges[PINS_MAX];
    uint32_t reset_count;
    struct {
        uint32_t kind;
        uint64_t at_ps;
    } resets[RESETS_MAX];
};

/* --- printing while it runs -------------------------------------------------------------------- */

static void print_time(struct exec *exec, uint64_t ps)
{
    fprintf(exec->log, "%12.3f ms  ", (double)ps / (double)PS_PER_MS);
}

/** Prints a stream's text up to its last complete line, or all of it at the end. */
static void print_lines(struct exec *exec, uint32_t i, uint64_t now_ps, bool all)
{
    const struct judge_stream *stream = &exec->judge.streams[i];
    uint32_t start = exec->printed[i];
    for (uint32_t at = start; at < stream->length || (all && at == stream->length && start < at); at++) {
        bool is_end = at == stream->length || stream->text[at] == '\n';
        if (!is_end)
            continue;
        print_time(exec, now_ps);
        fprintf(exec->log, "%s: ", exec->board->serials[i].name);
        for (uint32_t c = start; c < at; c++)
            if (stream->text[c] != '\r')
                fputc(stream->text[c] >= ' ' && stream->text[c] <= '~' ? stream->text[c] : '.', exec->log);
        fputc('\n', exec->log);
        start = at + 1u;
    }
    exec->printed[i] = start;
}

static void print_uart(struct exec *exec, const struct obs *obs)
{
    for (uint32_t i = 0; i < exec->judge.stream_count; i++) {
        if (exec->judge.streams[i].device != obs->device || exec->file[i] != NULL)
            continue;
        if (exec->is_raw[i])
            putchar((int)(obs->a & 0xffu));
        else if (obs->a == '\n')
            print_lines(exec, i, obs->time_ps, false);
    }
}

static void print_pin(struct exec *exec, const struct obs *obs)
{
    uint32_t count = obs->a < PINS_MAX ? ++exec->edges[obs->a] : 1u;
    if (exec->options->json || (count > EDGES_PRINTED && !exec->options->verbose))
        return;
    print_time(exec, obs->time_ps);
    fprintf(exec->log, "P%c%u: %u%s\n", (char)('A' + obs->a / 16u), obs->a % 16u, obs->b,
            count == EDGES_PRINTED && !exec->options->verbose ? " (further edges are counted)" : "");
}

static void keep_reset(struct exec *exec, const struct obs *obs)
{
    if (exec->reset_count < RESETS_MAX) {
        exec->resets[exec->reset_count].kind = obs->a;
        exec->resets[exec->reset_count].at_ps = obs->time_ps;
        exec->reset_count++;
    }
    if (exec->options->json)
        return;
    print_time(exec, obs->time_ps);
    fprintf(exec->log, "reset: %s\n", reset_kind_name((enum reset_kind)obs->a));
}

static void observe(void *context, const struct obs *obs)
{
    struct exec *exec = context;
    judge_observe(&exec->judge, obs);
    switch (obs->kind) {
    case OBS_UART_TX:
        if (!exec->options->json)
            print_uart(exec, obs);
        break;
    case OBS_PIN:
        print_pin(exec, obs);
        break;
    case OBS_RESET:
        keep_reset(exec, obs);
        break;
    case OBS_REMAP:
        if (!exec->options->json && obs->a == exec->judge.layout.window) {
            print_time(exec, obs->time_ps);
            fprintf(exec->log, "bank %u active\n", exec->judge.active_bank);
        }
        break;
    case OBS_LOCKUP:
        if (!exec->options->json) {
            print_time(exec, obs->time_ps);
            fprintf(exec->log, "lockup: PC 0x%08x, CFSR 0x%08x, HFSR 0x%08x\n", obs->pc, obs->a, obs->b);
        }
        break;
    default:
        break;
    }
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
    return TB_OK;
}

static enum status parse_uart(struct exec *exec, const char *text, struct error *err)
{
    size_t name_length = strcspn(text, "=");
    for (uint32_t i = 0; i < exec->board->serial_count && i < JUDGE_SERIALS; i++) {
        const char *name = exec->board->serials[i].name;
        if (strlen(name) != name_length || strncmp(name, text, name_length) != 0)
            continue;
        if (strcmp(text + name_length, "=stdio") == 0) {
            exec->is_raw[i] = true;
            exec->log = stderr;
        } else if (strncmp(text + name_length, "=file:", 6) == 0 && text[name_length + 6u] != '\0')
            exec->file[i] = text + name_length + 6u;
        else
            break;
        return TB_OK;
    }
    return error_set(err, TB_ERR_INPUT,
                     "--uart: '%.60s' does not fit; expected PORT=stdio or PORT=file:F, PORT as in %s", text,
                     exec->board->serial_count > 0 ? exec->board->serials[0].name : "none");
}

static enum status parse_pin(struct pin_order *pin, const char *text, struct error *err)
{
    static const struct {
        const char *word;
        int level;
    } levels[] = {{"0", 0}, {"1", 1}, {"released", -1}};
    size_t name_length = strcspn(text, "=");
    const char *level = text[name_length] == '=' ? text + name_length + 1u : "";
    size_t level_length = strcspn(level, "@");
    snprintf(pin->name_text, sizeof pin->name_text, "%.*s", (int)(name_length < 31u ? name_length : 31u), text);
    pin->at_ps = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(levels); i++) {
        if (strlen(levels[i].word) != level_length || strncmp(level, levels[i].word, level_length) != 0)
            continue;
        pin->level = levels[i].level;
        if (level[level_length] == '@' && parse_duration(level + level_length + 1u, &pin->at_ps) != TB_OK)
            break;
        return TB_OK;
    }
    return error_set(err, TB_ERR_INPUT,
                     "--pin: '%.60s' does not fit; expected PIN=0, 1 or released, and @TIME, as in PC13=0@100ms", text);
}

static int by_time(const void *a, const void *b)
{
    const struct pin_order *x = a, *y = b;
    return x->at_ps < y->at_ps ? -1 : x->at_ps > y->at_ps;
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
    for (uint32_t i = 0; status == TB_OK && i < options->pins.count; i++)
        status = parse_pin(&exec->pins[i], options->pins.values[i], err);
    qsort(exec->pins, options->pins.count, sizeof exec->pins[0], by_time);
    return status;
}

static enum status load_file(struct exec *exec, const char *text, struct error *err)
{
    char path[512];
    uint32_t address = exec->judge.layout.base;
    const char *at = strrchr(text, '@');
    bool has_address = at != NULL && parse_number(at + 1, &address) == TB_OK;
    if (at != NULL && !has_address && strchr(at, '/') == NULL && at[1] >= '0' && at[1] <= '9')
        return error_set(err, TB_ERR_INPUT, "--load: '%.60s' is no address; expected " NUMBER_EXPECTED, at + 1);
    int length = has_address ? (int)(at - text) : (int)strlen(text);
    if (snprintf(path, sizeof path, "%.*s", length, text) >= (int)sizeof path)
        return error_set(err, TB_ERR_INPUT, "--load: too long a file name");
    struct image image;
    enum status status = image_load(&image, path, address, err);
    if (status != TB_OK)
        return status;
    for (uint32_t i = 0; status == TB_OK && i < image.part_count; i++)
        status = machine_load(exec->machine, image.parts[i].address, image.parts[i].bytes, image.parts[i].size, err);
    image_free(&image);
    return status;
}

/* --- the run ----------------------------------------------------------------------------------- */

static enum status set_up(struct exec *exec, struct error *err)
{
    struct machine_config config = {.seed = 1};
    struct flash_layout layout;
    enum status status = flash_layout_find(&layout, exec->board->chip, err);
    if (status != TB_OK)
        return status;
    judge_init(&exec->judge, exec->board->chip, &layout);
    status = machine_create(&exec->machine, exec->board, &config, err);
    for (uint32_t i = 0; status == TB_OK && i < exec->board->serial_count && i < JUDGE_SERIALS; i++) {
        const struct device *device = machine_device(exec->machine, exec->board->serials[i].device);
        TB_ASSERT(device != NULL);
        status = judge_add_stream(&exec->judge, device->index, TERMINAL_BAUD, err);
    }
    for (uint32_t i = 0; status == TB_OK && i < exec->options->loads.count; i++)
        status = load_file(exec, exec->options->loads.values[i], err);
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
    machine_power_on(exec->machine);
    for (uint32_t i = 0; i < exec->options->pins.count; i++) {
        if (exec->pins[i].at_ps > exec->options->for_ps)
            break;
        run_to(exec, exec->pins[i].at_ps);
        enum status status = machine_drive_pin(exec->machine, exec->pins[i].name_text, exec->pins[i].level, err);
        if (status != TB_OK)
            return status;
    }
    run_to(exec, exec->options->for_ps);
    return TB_OK;
}

/* --- the end ----------------------------------------------------------------------------------- */

static void print_notes(const struct exec *exec, const struct judge_notes *notes, const char *kind)
{
    for (uint32_t i = 0; i < notes->count; i++) {
        const struct judge_note *note = &notes->entries[i];
        const struct device *device =
            note->device != OBS_NO_DEVICE ? machine_device_at(exec->machine, note->device) : NULL;
        fprintf(exec->log, "%s: %s%s%s, 0x%08x%s, PC 0x%08x, %llu times\n", kind, device != NULL ? device->name : "",
                device != NULL ? ": " : "", note->text, note->address, note->written ? " written" : "", note->pc,
                (unsigned long long)note->count);
    }
}

static void print_end(struct exec *exec)
{
    for (uint32_t i = 0; i < exec->judge.stream_count; i++)
        if (!exec->is_raw[i] && exec->file[i] == NULL)
            print_lines(exec, i, machine_time_ps(exec->machine), true);
    for (uint32_t pin = 0; pin < PINS_MAX; pin++)
        if (exec->edges[pin] > 0)
            fprintf(exec->log, "P%c%u: %u edges\n", (char)('A' + pin / 16u), pin % 16u, exec->edges[pin]);
    fprintf(exec->log, "bank %u active, PC 0x%08x%s, %.3f ms, %llu instructions\n", exec->judge.active_bank,
            machine_pc(exec->machine), machine_is_locked_up(exec->machine) ? " (lockup)" : "",
            (double)machine_time_ps(exec->machine) / (double)PS_PER_MS,
            (unsigned long long)machine_instructions(exec->machine));
    print_notes(exec, &exec->judge.gaps, "not modelled");
    print_notes(exec, &exec->judge.guest_errors, "guest error");
}

static json_t *json_notes(const struct exec *exec, const struct judge_notes *notes)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < notes->count; i++) {
        const struct judge_note *note = &notes->entries[i];
        const struct device *device =
            note->device != OBS_NO_DEVICE ? machine_device_at(exec->machine, note->device) : NULL;
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:b, s:I, s:I}", "device",
                                              device != NULL ? device->name : "", "text", note->text, "address",
                                              (json_int_t)note->address, "written", (int)note->written, "pc",
                                              (json_int_t)note->pc, "count", (json_int_t)note->count));
    }
    return list;
}

static json_t *json_text(const struct judge_stream *stream)
{
    char *text = malloc(stream->length + 1u);
    if (text == NULL)
        return json_null();
    for (uint32_t i = 0; i < stream->length; i++)
        text[i] = (unsigned char)stream->text[i] < 0x80u && stream->text[i] != '\0' ? stream->text[i] : '?';
    json_t *value = json_stringn(text, stream->length);
    free(text);
    return value;
}

static void print_json(struct exec *exec)
{
    json_t *uarts = json_object(), *pins = json_object(), *resets = json_array();
    char name[8];
    for (uint32_t i = 0; i < exec->judge.stream_count; i++)
        json_object_set_new(uarts, exec->board->serials[i].name, json_text(&exec->judge.streams[i]));
    for (uint32_t pin = 0; pin < PINS_MAX; pin++) {
        snprintf(name, sizeof name, "P%c%u", (char)('A' + pin / 16u), pin % 16u);
        if (exec->edges[pin] > 0)
            json_object_set_new(pins, name, json_integer(exec->edges[pin]));
    }
    for (uint32_t i = 0; i < exec->reset_count; i++)
        json_array_append_new(resets,
                              json_pack("{s:s, s:I}", "kind", reset_kind_name((enum reset_kind)exec->resets[i].kind),
                                        "time_ps", (json_int_t)exec->resets[i].at_ps));
    json_t *root = json_pack(
        "{s:s, s:I, s:I, s:I, s:b, s:i, s:o, s:o, s:o, s:o, s:o}", "board", exec->board->name, "time_ps",
        (json_int_t)machine_time_ps(exec->machine), "instructions", (json_int_t)machine_instructions(exec->machine),
        "pc", (json_int_t)machine_pc(exec->machine), "lockup", (int)machine_is_locked_up(exec->machine), "active_bank",
        (int)exec->judge.active_bank, "uarts", uarts, "pin_edges", pins, "resets", resets, "gaps",
        json_notes(exec, &exec->judge.gaps), "guest_errors", json_notes(exec, &exec->judge.guest_errors));
    json_dumpf(root, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(root);
}

static enum status write_files(const struct exec *exec, struct error *err)
{
    for (uint32_t i = 0; i < exec->judge.stream_count; i++) {
        if (exec->file[i] == NULL)
            continue;
        FILE *file = fopen(exec->file[i], "wb");
        if (file == NULL)
            return error_set(err, TB_ERR_IO, "%s: %s", exec->file[i], strerror(errno));
        bool written = fwrite(exec->judge.streams[i].text, 1, exec->judge.streams[i].length, file) ==
                       exec->judge.streams[i].length;
        if (fclose(file) != 0 || !written)
            return error_set(err, TB_ERR_IO, "%s: %s", exec->file[i], strerror(errno));
    }
    return TB_OK;
}

enum status exec_command(const struct options *options, int *exit_code, struct error *err)
{
    struct exec *exec = calloc(1, sizeof *exec);
    if (exec == NULL)
        return error_set(err, TB_ERR_MEMORY, "exec: out of memory");
    exec->options = options;
    exec->log = stdout;
    enum status status = find_board(exec, err);
    if (status == TB_OK)
        status = parse_details(exec, err);
    if (status == TB_OK)
        status = set_up(exec, err);
    if (status == TB_OK)
        status = run(exec, err);
    if (status == TB_OK) {
        if (options->json)
            print_json(exec);
        else
            print_end(exec);
        status = write_files(exec, err);
        *exit_code = exec->judge.gaps.total > 0 ? 3 : 0;
    }
    if (exec->machine != NULL)
        machine_destroy(exec->machine);
    judge_free(&exec->judge);
    free(exec);
    return status;
}
