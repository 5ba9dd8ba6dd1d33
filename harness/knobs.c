/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/knobs.h"

#include "harness/text.h"
#include "harness/yamldoc.h"

#include <string.h>

#define NAME_MAX_BYTES 80u

/** Appends a word behind a comma; what does not fit is left out. */
static void add_word(char *list, size_t size, const char *word)
{
    size_t used = strlen(list);
    snprintf(list + used, size - used, "%s%s", used > 0 ? ", " : "", word);
}

static enum status find_value(struct machine_knob *knob, const struct knob_desc *desc, const char *name,
                              const char *value, struct error *err)
{
    char known[160] = "";
    for (uint32_t i = 0; desc->values[i] != NULL; i++) {
        if (strcmp(desc->values[i], value) == 0) {
            knob->value = i;
            return TB_OK;
        }
        add_word(known, sizeof known, desc->values[i]);
    }
    return error_set(err, TB_ERR_INPUT, "knob %.60s has no value '%.40s'; expected one of: %s", name, value, known);
}

enum status knob_find(struct machine_knob *knob, const struct board *board, const char *name, const char *value,
                      struct error *err)
{
    const struct chip *chip = board->chip;
    char known[240] = "", nearest[NAME_MAX_BYTES] = "";
    unsigned nearest_distance = 0;
    for (uint32_t d = 0; d < chip->device_count; d++)
        for (uint32_t k = 0; k < chip->devices[d].model->knob_count; k++) {
            const struct knob_desc *desc = &chip->devices[d].model->knobs[k];
            char full[NAME_MAX_BYTES];
            snprintf(full, sizeof full, "%s.%s", chip->devices[d].name, desc->name);
            if (strcmp(full, name) == 0) {
                *knob = (struct machine_knob){.device = d, .knob = k};
                return find_value(knob, desc, name, value, err);
            }
            unsigned distance = edit_distance(name, full);
            if (nearest[0] == '\0' || distance < nearest_distance) {
                memcpy(nearest, full, sizeof nearest);
                nearest_distance = distance;
            }
            add_word(known, sizeof known, full);
        }
    return error_set(err, TB_ERR_INPUT, "%s has no knob '%.60s'%s; expected one of: %s", board->name, name,
                     did_you_mean(nearest[0] != '\0' ? nearest : NULL, nearest_distance), known);
}

enum status knob_parse(struct machine_knob *knob, const struct board *board, const char *text, struct error *err)
{
    char name[NAME_MAX_BYTES];
    const char *value = strchr(text, '=');
    if (value == NULL || (size_t)(value - text) >= sizeof name)
        return error_set(err, TB_ERR_INPUT, "'%.60s' does not fit; expected NAME=VALUE", text);
    snprintf(name, sizeof name, "%.*s", (int)(value - text), text);
    return knob_find(knob, board, name, value + 1, err);
}

enum status knobs_load(struct machine_knob *knobs, uint32_t *count, const struct board *board, struct yamldoc *doc,
                       struct error *err)
{
    yaml_node_t *list = yamldoc_find(doc, "knobs");
    if (list == NULL)
        return TB_OK;
    if (list->type != YAML_MAPPING_NODE)
        return yamldoc_error(doc, "knobs", err, "knobs is not a mapping; expected {name: value, ...}");
    for (yaml_node_pair_t *pair = list->data.mapping.pairs.start; pair < list->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&doc->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&doc->document, pair->value);
        if (key->type != YAML_SCALAR_NODE || value->type != YAML_SCALAR_NODE)
            return yamldoc_error(doc, "knobs", err,
                                 "knobs is not a list of names and values; expected {name: value, ...}");
        char path[NAME_MAX_BYTES];
        struct error why;
        const char *name = (const char *)key->data.scalar.value;
        snprintf(path, sizeof path, "knobs.%s", name);
        if (*count == KNOBS_MAX)
            return yamldoc_error(doc, path, err, "too many knobs; expected at most %u", KNOBS_MAX);
        struct machine_knob *knob = &knobs[(*count)++];
        if (knob_find(knob, board, name, (const char *)value->data.scalar.value, &why) != TB_OK)
            return yamldoc_error(doc, path, err, "%s", why.text);
        for (const struct machine_knob *other = knobs; other < knob; other++)
            if (other->device == knob->device && other->knob == knob->knob)
                return yamldoc_error(doc, path, err, "knob '%.60s' appears twice; expected it once", name);
    }
    return TB_OK;
}

void knobs_print(FILE *out, const struct chip *chip)
{
    for (uint32_t d = 0; d < chip->device_count; d++)
        for (uint32_t k = 0; k < chip->devices[d].model->knob_count; k++) {
            const struct knob_desc *desc = &chip->devices[d].model->knobs[k];
            fprintf(out, "%s  knob %s.%s=", chip->name, chip->devices[d].name, desc->name);
            for (uint32_t i = 0; desc->values[i] != NULL; i++)
                fprintf(out, "%s%s", i > 0 ? "|" : "", desc->values[i]);
            fprintf(out, ": %s\n", desc->help);
        }
}
