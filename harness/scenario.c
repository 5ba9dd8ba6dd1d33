/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/scenario.h"

#include "harness/option_bytes.h"
#include "harness/scenario_loader.h"
#include "harness/scenario_schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEND_WITHIN_PS (120u * PS_PER_S)
#define IMAGE_MAX      (16u << 20)
#define IMAGES_MAX     32u
#define SUPPLY_MOST_UV 3600000u /* DS10198 table 22: VDD is 1.71 to 3.6 V */

/* --- libcyaml --------------------------------------------------------------------------------- */

/** Keeps the first error that libcyaml logs: the later ones are its backtrace. */
static void keep_first_log(cyaml_log_t level, void *context, const char *format, va_list args)
{
    struct error *log = context;
    if (level == CYAML_LOG_ERROR && log->text[0] == '\0')
        vsnprintf(log->text, sizeof log->text, format, args);
}

static cyaml_config_t cyaml_config(struct error *log)
{
    return (cyaml_config_t){
        .log_fn = keep_first_log,
        .log_ctx = log,
        .log_level = CYAML_LOG_ERROR,
        .mem_fn = cyaml_mem,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

static enum status load_structs(struct loader *loader)
{
    struct error log = {""};
    cyaml_config_t config = cyaml_config(&log);
    cyaml_err_t result = cyaml_load_data((const uint8_t *)loader->doc.text, loader->doc.size, &config, &scenario_schema,
                                         (cyaml_data_t **)&loader->scenario, NULL);
    if (result != CYAML_OK || loader->scenario == NULL) {
        log.text[strcspn(log.text, "\n")] = '\0';
        return error_set(loader->err, TB_ERR_INPUT, "%s:1: %s: %s", loader->doc.path, cyaml_strerror(result), log.text);
    }
    return TB_OK;
}

/* --- names and values ------------------------------------------------------------------------- */

enum status loader_refuse(struct loader *loader, const char *key, const char *format, ...)
{
    char path[220], what[400];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(path, sizeof path, "%s%s%s", loader->at, loader->at[0] != '\0' ? "." : "", key);
    return yamldoc_error(&loader->doc, path, loader->err, "%s", what);
}

enum status loader_duration(struct loader *loader, const char *key, const char *text, uint64_t *ps)
{
    if (parse_duration(text, ps) == TB_OK)
        return TB_OK;
    return loader_refuse(loader, key, "'%.40s' is no duration; expected " DURATION_EXPECTED, text);
}

enum status loader_count(struct loader *loader, const char *key, struct check_count *count)
{
    if (count->text == NULL || parse_count(count->text, &count->range) == TB_OK)
        return TB_OK;
    return loader_refuse(loader, key, "'%.40s' is no count; expected " COUNT_EXPECTED, count->text);
}

enum status loader_serial(struct loader *loader, const char *name, uint32_t *serial)
{
    const struct board *board = loader->scenario->board;
    const char *best = NULL;
    unsigned distance = 0;
    for (uint32_t i = 0; i < board->serial_count; i++) {
        nearest_word(name, board->serials[i].name, &best, &distance);
        if (strcmp(board->serials[i].name, name) == 0) {
            *serial = i;
            return TB_OK;
        }
    }
    return loader_refuse(loader, "uart", "%s has no serial port '%.40s'%s; expected one of its ports%s%s", board->name,
                         name, did_you_mean(best, distance), best != NULL ? ", as in " : "", best != NULL ? best : "");
}

enum status loader_image(struct loader *loader, const char *key, const char *name, const struct scenario_image **image)
{
    const struct scenario *scenario = loader->scenario;
    const char *best = NULL;
    unsigned distance = 0;
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        nearest_word(name, scenario->images[i].name, &best, &distance);
        if (strcmp(scenario->images[i].name, name) == 0) {
            *image = &scenario->images[i];
            return TB_OK;
        }
    }
    return loader_refuse(loader, key, "no image '%.40s'%s; expected a name listed under images", name,
                         did_you_mean(best, distance));
}

enum status loader_address(struct loader *loader, const char *key, const char *text, uint32_t size, uint32_t *address)
{
    const struct flash_layout *layout = &loader->scenario->layout;
    if (strcmp(text, "bank1") == 0)
        *address = flash_bank_address(layout, 1);
    else if (strcmp(text, "bank2") == 0)
        *address = flash_bank_address(layout, 2);
    else if (parse_number(text, address) != TB_OK)
        return loader_refuse(loader, key, "'%.40s' is no place; expected bank1, bank2 or an address", text);
    if (!flash_contains(layout, *address, size))
        return loader_refuse(loader, key, "%u bytes at 0x%08x leave the flash; expected 0x%08x to 0x%08x", size,
                             *address, layout->base, layout->base + layout->size - 1u);
    return TB_OK;
}

/* --- images ----------------------------------------------------------------------------------- */

static enum status read_image(struct loader *loader, struct scenario_image *image)
{
    FILE *file = fopen(image->path, "rb");
    if (file == NULL)
        return loader_refuse(loader, image->name, "image file %s: %s; expected a file in --images DIR", image->path,
                             strerror(errno));
    image->bytes = malloc(IMAGE_MAX);
    size_t size = image->bytes != NULL ? fread(image->bytes, 1, IMAGE_MAX, file) : 0;
    bool failed = ferror(file) != 0;
    fclose(file);
    if (image->bytes == NULL)
        return error_set(loader->err, TB_ERR_MEMORY, "%s: out of memory", image->path);
    if (failed || size == 0 || size == IMAGE_MAX)
        return loader_refuse(loader, image->name, "image file %s is %s; expected a raw binary", image->path,
                             failed      ? "unreadable"
                             : size == 0 ? "empty"
                                         : "too large");
    uint8_t *fitted = realloc(image->bytes, size);
    image->bytes = fitted != NULL ? fitted : image->bytes;
    image->size = (uint32_t)size;
    return TB_OK;
}

static enum status load_image(struct loader *loader, const yaml_node_t *key, const yaml_node_t *file)
{
    struct scenario *scenario = loader->scenario;
    if (key->type != YAML_SCALAR_NODE || file->type != YAML_SCALAR_NODE || file->data.scalar.length == 0)
        return yamldoc_error(&loader->doc, "images", loader->err,
                             "images is not a list of names and files; expected {name: file, ...}");
    const char *name = (const char *)key->data.scalar.value;
    const char *file_name = (const char *)file->data.scalar.value;
    for (uint32_t i = 0; i < scenario->image_count; i++)
        if (strcmp(scenario->images[i].name, name) == 0)
            return loader_refuse(loader, name, "image '%.40s' appears twice; expected it once", name);
    struct scenario_image *image = &scenario->images[scenario->image_count++];
    image->name = strdup(name);
    bool is_absolute = file_name[0] == '/';
    const char *slash = is_absolute ? strrchr(file_name, '/') : NULL;
    image->file = strdup(slash != NULL ? slash + 1 : file_name);
    if (image->name == NULL || image->file == NULL ||
        asprintf(&image->path, "%s%s%s", is_absolute ? "" : loader->images_dir, is_absolute ? "" : "/", file_name) < 0)
        return error_set(loader->err, TB_ERR_MEMORY, "%s: out of memory", loader->doc.path);
    return read_image(loader, image);
}

static enum status load_images(struct loader *loader)
{
    struct scenario *scenario = loader->scenario;
    yaml_node_t *images = yamldoc_find(&loader->doc, "images");
    if (images == NULL)
        return TB_OK;
    WHERE(loader, "images");
    if (images->type != YAML_MAPPING_NODE)
        return yamldoc_error(&loader->doc, "images", loader->err,
                             "images is not a mapping; expected {name: file, ...}");
    size_t count = (size_t)(images->data.mapping.pairs.top - images->data.mapping.pairs.start);
    if (count > IMAGES_MAX)
        return yamldoc_error(&loader->doc, "images", loader->err, "%zu images; expected at most %u", count, IMAGES_MAX);
    scenario->images = calloc(count + 1u, sizeof *scenario->images);
    if (scenario->images == NULL)
        return error_set(loader->err, TB_ERR_MEMORY, "%s: out of memory", loader->doc.path);
    for (size_t i = 0; i < count; i++) {
        const yaml_node_pair_t *pair = &images->data.mapping.pairs.start[i];
        enum status status = load_image(loader, yaml_document_get_node(&loader->doc.document, pair->key),
                                        yaml_document_get_node(&loader->doc.document, pair->value));
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

/* --- groups ----------------------------------------------------------------------------------- */

enum status loader_wait(struct loader *loader, struct scenario_wait *wait)
{
    enum status status = loader_serial(loader, wait->uart, &wait->serial);
    return status == TB_OK ? loader_duration(loader, "within", wait->within, &wait->within_ps) : status;
}

static enum status resolve_send(struct loader *loader, struct scenario_send *send)
{
    const struct scenario_image *image;
    enum status status = loader_serial(loader, send->uart, &send->serial);
    if (status == TB_OK)
        status = loader_image(loader, "image", send->image_name, &image);
    if (status != TB_OK)
        return status;
    send->image = (uint32_t)(image - loader->scenario->images);
    send->within_ps = SEND_WITHIN_PS;
    return send->within != NULL ? loader_duration(loader, "within", send->within, &send->within_ps) : TB_OK;
}

static enum status resolve_corrupt(struct loader *loader, struct scenario_corrupt *corrupt)
{
    uint32_t address;
    enum status status = loader_address(loader, "at", corrupt->at, 8, &address);
    if (status != TB_OK)
        return status;
    if (corrupt->offset % 8u != 0)
        return loader_refuse(loader, "offset", "0x%x is inside a double word; expected a multiple of 8",
                             corrupt->offset);
    if (corrupt->offset >= loader->scenario->layout.size ||
        !flash_contains(&loader->scenario->layout, address + corrupt->offset, 8))
        return loader_refuse(loader, "offset", "0x%x leaves the flash; expected a smaller offset", corrupt->offset);
    corrupt->address = address + corrupt->offset;
    return TB_OK;
}

static enum status resolve_probe(struct loader *loader, struct scenario_probe *probe)
{
    const char *image = probe->program != NULL ? probe->program : probe->verify;
    const char *key = probe->program != NULL ? "program" : "verify";
    int actions = (probe->erase != PROBE_ERASE_NONE) + (probe->program != NULL) + (probe->verify != NULL) +
                  (probe->blank != NULL) + (probe->reset != RESTART_NONE);
    if (actions != 1)
        return loader_refuse(loader, "",
                             "%d actions in one entry; expected exactly one of: erase, "
                             "program, verify, blank, reset",
                             actions);
    if ((probe->at != NULL) != (image != NULL))
        return loader_refuse(loader, "", "'at' %s; expected it with program and verify only",
                             probe->at != NULL ? "without an image" : "is missing");
    if ((probe->size != 0) != (probe->blank != NULL))
        return loader_refuse(loader, "", "'size' %s; expected it with blank, and larger than 0",
                             probe->size != 0 ? "without blank" : "is missing");
    if (probe->blank != NULL) {
        enum status status = loader_address(loader, "blank", probe->blank, probe->size, &probe->address);
        if (status == TB_OK && (probe->address % 4u != 0 || probe->size % 4u != 0))
            return loader_refuse(loader, "blank", "not whole words; expected multiples of 4");
        return status;
    }
    if (image == NULL)
        return TB_OK;
    enum status status = loader_image(loader, key, image, &probe->image);
    if (status == TB_OK)
        status = loader_address(loader, "at", probe->at, probe->image->size, &probe->address);
    if (status == TB_OK && probe->address % 8u != 0)
        return loader_refuse(loader, "at", "0x%08x is inside a double word; expected a multiple of 8", probe->address);
    return status;
}

static enum status resolve_bytes(struct loader *loader, const char *list, uint32_t index, struct check_bytes *bytes,
                                 uint32_t limit)
{
    char key[64];
    snprintf(key, sizeof key, "%s[%u].image", list, index);
    enum status status = loader_image(loader, key, bytes->image_name, &bytes->image);
    if (status == TB_OK && bytes->image->size > limit)
        return loader_refuse(loader, key, "image '%.40s' has %u bytes; expected at most %u there", bytes->image_name,
                             bytes->image->size, limit);
    return status;
}

static enum status resolve_counts(struct loader *loader, struct scenario_check *check)
{
    struct {
        const char *key;
        struct check_count *count;
    } counts[] = {
        {"guest_errors", &check->guest_errors},
        {"remaps", &check->remaps},
        {"ops_in_low_supply", &check->ops_in_low_supply},
        {"ops.programs", check->ops != NULL ? &check->ops->programs : NULL},
        {"ops.erases", check->ops != NULL ? &check->ops->erases : NULL},
        {"ops.option_erases", check->ops != NULL ? &check->ops->option_erases : NULL},
        {"ops.option_programs", check->ops != NULL ? &check->ops->option_programs : NULL},
        {"resets.software", check->resets != NULL ? &check->resets->software : NULL},
        {"resets.pin", check->resets != NULL ? &check->resets->pin : NULL},
        {"resets.watchdog", check->resets != NULL ? &check->resets->watchdog : NULL},
        {"resets.option_load", check->resets != NULL ? &check->resets->option_load : NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        if (counts[i].count == NULL)
            continue;
        enum status status = loader_count(loader, counts[i].key, counts[i].count);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

static enum status resolve_check(struct loader *loader, struct scenario_check *check)
{
    const struct flash_layout *layout = &loader->scenario->layout;
    enum status status = resolve_counts(loader, check);
    if (status == TB_OK)
        status = loader_heartbeats(loader, check);
    for (uint32_t i = 0; status == TB_OK && i < check->slot_equals_count; i++)
        status = resolve_bytes(loader, "slot_equals", i, &check->slot_equals[i], layout->bank_size - SLOT_OFFSET_BYTES);
    for (uint32_t i = 0; status == TB_OK && i < check->bank_equals_count; i++)
        status = resolve_bytes(loader, "bank_equals", i, &check->bank_equals[i], layout->bank_size);
    return status;
}

static enum status resolve_supply(struct loader *loader, struct scenario_supply *supply)
{
    struct scenario *scenario = loader->scenario;
    char text[40];
    int length = snprintf(text, sizeof text, "%sV", supply->volts);
    scenario->drives_supply = true;
    if (length >= (int)sizeof text || parse_voltage(text, (size_t)length, &supply->microvolts) != TB_OK ||
        supply->microvolts > SUPPLY_MOST_UV)
        return loader_refuse(loader, "volts", "'%.40s' is no supply voltage; expected 0 to 3.6, as in 2.4",
                             supply->volts);
    bool has_pin = false;
    for (uint32_t i = 0; i < scenario->board->pin_count; i++)
        has_pin = has_pin || strcmp(scenario->board->pins[i].name, SUPPLY_PIN) == 0;
    if (!has_pin)
        return loader_refuse(loader, "", "%s has no pin " SUPPLY_PIN "; expected a board that has one",
                             scenario->board->name);
    return supply->after != NULL ? loader_duration(loader, "after", supply->after, &supply->after_ps) : TB_OK;
}

static enum status resolve_step(struct loader *loader, uint32_t index)
{
    struct scenario_step *step = &loader->scenario->steps[index];
    int actions = (step->send != NULL) + (step->type != NULL) + (step->wait != NULL) + (step->wait_time != NULL) +
                  (step->power != 0) + (step->reset != 0) + (step->pin != NULL) + (step->supply != NULL) +
                  (step->probe != NULL) + (step->corrupt != NULL) + (step->expect != NULL);
    WHERE(loader, "steps[%u]", index);
    step->line = yamldoc_line(&loader->doc, loader->at);
    if (actions != 1)
        return loader_refuse(loader, "", "%d actions in one step; expected exactly one", actions);
    if (step->wait_time != NULL)
        return loader_duration(loader, "wait_time", step->wait_time, &step->wait_time_ps);
    for (uint32_t i = 0; step->probe != NULL && i < step->probe_count; i++) {
        WHERE(loader, "steps[%u].probe[%u]", index, i);
        enum status status = resolve_probe(loader, &step->probe[i]);
        if (status != TB_OK)
            return status;
    }
    if (step->send != NULL) {
        WHERE(loader, "steps[%u].send", index);
        return resolve_send(loader, step->send);
    }
    if (step->type != NULL) {
        WHERE(loader, "steps[%u].type", index);
        return loader_serial(loader, step->type->uart, &step->type->serial);
    }
    if (step->wait != NULL) {
        WHERE(loader, "steps[%u].wait", index);
        return loader_wait(loader, step->wait);
    }
    if (step->supply != NULL) {
        WHERE(loader, "steps[%u].supply", index);
        return resolve_supply(loader, step->supply);
    }
    if (step->corrupt != NULL) {
        WHERE(loader, "steps[%u].corrupt", index);
        return resolve_corrupt(loader, step->corrupt);
    }
    if (step->expect != NULL) {
        WHERE(loader, "steps[%u].expect", index);
        enum status status = resolve_check(loader, step->expect);
        return status == TB_OK ? loader_case_checks(loader, step->expect, false) : status;
    }
    return TB_OK;
}

static enum status resolve_start(struct loader *loader, struct scenario_start *start)
{
    enum status status = TB_OK;
    for (uint32_t i = 0; status == TB_OK && i < start->flash_count; i++) {
        struct scenario_place *place = &start->flash[i];
        WHERE(loader, "start.flash[%u]", i);
        status = loader_image(loader, "image", place->image_name, &place->image);
        if (status == TB_OK)
            status = loader_address(loader, "at", place->at, place->image->size, &place->address);
    }
    if (status == TB_OK && start->options != NULL)
        status = option_bytes_check(loader, start->options);
    if (status == TB_OK && start->until != NULL) {
        WHERE(loader, "start.until");
        status = loader_wait(loader, start->until);
    }
    return status;
}

static enum status resolve_board(struct loader *loader)
{
    struct scenario *scenario = loader->scenario;
    const char *best = NULL;
    unsigned distance = 0;
    WHERE(loader, "%s", "");
    scenario->board = board_find(scenario->board_name);
    for (const struct board *const *board = all_boards; *board != NULL; board++)
        nearest_word(scenario->board_name, (*board)->name, &best, &distance);
    if (scenario->board == NULL)
        return loader_refuse(loader, "board",
                             "no board '%.40s'%s; expected one that `twinbank list "
                             "boards` names",
                             scenario->board_name, did_you_mean(best, distance));
    struct error why;
    if (flash_layout_find(&scenario->layout, scenario->board->chip, &why) != TB_OK)
        return loader_refuse(loader, "board", "%.200s; expected a dual-bank board", why.text);
    return TB_OK;
}

static enum status resolve_wires(struct loader *loader)
{
    struct scenario *scenario = loader->scenario;
    for (uint32_t i = 0; i < scenario->wires_count; i++) {
        char key[32];
        struct error why = {""};
        (void)snprintf(key, sizeof key, "wires[%u]", i);
        if (nets_add(&scenario->nets, scenario->board, scenario->wires[i], &why) != TB_OK)
            return loader_refuse(loader, key, "%.200s", why.text);
    }
    return TB_OK;
}

static enum status resolve(struct loader *loader)
{
    struct scenario *scenario = loader->scenario;
    scenario->seed_value = 1;
    enum status status = resolve_board(loader);
    if (status == TB_OK && scenario->seed != NULL && parse_number(scenario->seed, &scenario->seed_value) != TB_OK)
        status = loader_refuse(loader, "seed", "'%.40s' is no seed; expected " NUMBER_EXPECTED, scenario->seed);
    if (status == TB_OK)
        status = resolve_wires(loader);
    if (status == TB_OK)
        status = knobs_load(scenario->knobs, &scenario->knob_count, scenario->board, &loader->doc, loader->err);
    if (status == TB_OK)
        status = load_images(loader);
    if (status == TB_OK && scenario->start != NULL)
        status = resolve_start(loader, scenario->start);
    for (uint32_t i = 0; status == TB_OK && i < scenario->steps_count; i++)
        status = resolve_step(loader, i);
    if (status == TB_OK && scenario->check != NULL) {
        WHERE(loader, "check");
        status = resolve_check(loader, scenario->check);
        if (status == TB_OK)
            status = loader_case_checks(loader, scenario->check, scenario_is_swept(scenario));
    }
    if (status == TB_OK && scenario->power_cut != NULL)
        status = loader_power_cut(loader, scenario->power_cut);
    if (status == TB_OK && scenario->faults != NULL)
        status = loader_faults(loader, scenario->faults);
    if (status == TB_OK)
        status = loader_expected(loader);
    return status;
}

static void name_after_file(struct scenario *scenario, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *file = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(file, '.');
    int length = (int)(dot != NULL && dot != file ? (size_t)(dot - file) : strlen(file));
    scenario->path = path;
    snprintf(scenario->name, sizeof scenario->name, "%.*s", length, file);
}

enum status scenario_load(struct scenario **out, const char *path, const char *images_dir, struct error *err)
{
    struct loader loader = {.images_dir = images_dir, .err = err};
    enum status status = yamldoc_load(&loader.doc, path, err);
    if (status != TB_OK)
        return status;
    status = yamldoc_check(&loader.doc, &scenario_schema, err);
    if (status == TB_OK)
        status = load_structs(&loader);
    if (status == TB_OK) {
        name_after_file(loader.scenario, path);
        status = resolve(&loader);
    }
    yamldoc_free(&loader.doc);
    if (status != TB_OK) {
        scenario_free(loader.scenario);
        return status;
    }
    *out = loader.scenario;
    return TB_OK;
}

void scenario_free(struct scenario *scenario)
{
    struct error log = {""};
    cyaml_config_t config = cyaml_config(&log);
    if (scenario == NULL)
        return;
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        free(scenario->images[i].name);
        free(scenario->images[i].file);
        free(scenario->images[i].path);
        free(scenario->images[i].bytes);
    }
    free(scenario->images);
    if (cyaml_free(&config, &scenario_schema, scenario, 0) != CYAML_OK)
        TB_ASSERT(!"libcyaml refuses its own data");
}
