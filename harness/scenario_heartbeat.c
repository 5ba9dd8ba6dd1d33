/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Heartbeats that a check asks for. Written as one mapping or as a list of them, which libcyaml has no kind for. */
#include "harness/judge.h"
#include "harness/scenario_loader.h"
#include "harness/scenario_schema.h"

#include <string.h>

_Static_assert(HEARTBEATS_MAX <= JUDGE_HEARTBEATS, "the judge can watch all pins of a scenario");

static enum status copy_text(struct loader *loader, const char *key, char *to, size_t size)
{
    char path[220];
    snprintf(path, sizeof path, "%s.%s", loader->at, key);
    const yaml_node_t *node = yamldoc_find(&loader->doc, path);
    TB_ASSERT(node != NULL && node->type == YAML_SCALAR_NODE); /* the schema has it */
    if (snprintf(to, size, "%s", (const char *)node->data.scalar.value) >= (int)size)
        return loader_refuse(loader, key, "'%s...' is too long; expected at most %zu characters", to, size - 1u);
    return TB_OK;
}

/** The judge follows each pin once, whichever checks ask for it. */
static enum status watch(struct loader *loader, uint32_t pin, const char *name)
{
    struct scenario *scenario = loader->scenario;
    for (uint32_t i = 0; i < scenario->heartbeat_pin_count; i++)
        if (scenario->heartbeat_pins[i] == pin)
            return TB_OK;
    if (scenario->heartbeat_pin_count == HEARTBEATS_MAX)
        return loader_refuse(loader, "pin", "one heartbeat pin more, '%s'; expected at most %u in a scenario", name,
                             HEARTBEATS_MAX);
    scenario->heartbeat_pins[scenario->heartbeat_pin_count++] = pin;
    return TB_OK;
}

static enum status load_one(struct loader *loader, struct scenario_check *check, const char *path)
{
    const struct board *board = loader->scenario->board;
    struct check_heartbeat *heartbeat = &check->heartbeats[check->heartbeat_count];
    char at[sizeof loader->at];
    memcpy(at, loader->at, sizeof at);
    WHERE(loader, "%s", path);
    enum status status = copy_text(loader, "pin", heartbeat->pin, sizeof heartbeat->pin);
    if (status == TB_OK)
        status = copy_text(loader, "max_gap", heartbeat->max_gap, sizeof heartbeat->max_gap);
    if (status != TB_OK)
        return status;
    if (board_pin_number(board, heartbeat->pin, &heartbeat->pin_number) != TB_OK)
        return loader_refuse(loader, "pin", "%s has no pin '%s'; expected a name as in PA5", board->name,
                             heartbeat->pin);
    for (uint32_t i = 0; i < check->heartbeat_count; i++)
        if (check->heartbeats[i].pin_number == heartbeat->pin_number)
            return loader_refuse(loader, "pin", "pin %s twice; expected it once in a check", heartbeat->pin);
    status = loader_duration(loader, "max_gap", heartbeat->max_gap, &heartbeat->max_gap_ps);
    if (status == TB_OK)
        status = watch(loader, heartbeat->pin_number, heartbeat->pin);
    check->heartbeat_count++;
    memcpy(loader->at, at, sizeof at);
    return status;
}

enum status loader_heartbeats(struct loader *loader, struct scenario_check *check)
{
    char path[180], entry[210];
    snprintf(path, sizeof path, "%s.heartbeat", loader->at);
    yaml_node_t *node = yamldoc_find(&loader->doc, path);
    if (node == NULL)
        return TB_OK;
    bool is_list = node->type == YAML_SEQUENCE_NODE;
    enum status status = yamldoc_check_node(&loader->doc, node, "heartbeat",
                                            is_list ? &heartbeats_schema : &heartbeat_schema, loader->err);
    if (status != TB_OK || !is_list)
        return status == TB_OK ? load_one(loader, check, path) : status;
    size_t count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    for (size_t i = 0; status == TB_OK && i < count; i++) {
        snprintf(entry, sizeof entry, "%s[%zu]", path, i);
        status = load_one(loader, check, entry);
    }
    return status;
}
