/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* A few faults of the list, as a line of the journal. */
#include "harness/faults/faults.h"

#include <stdio.h>
#include <string.h>

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/** One more of a phase, a kind and a class. */
static void cover(json_t *rows, const struct fault *fault)
{
    const char *kind, *class_name;
    size_t i;
    json_t *row;
    fault_classes(fault, &kind, &class_name);
    json_array_foreach(rows, i, row)
    {
        if (json_integer_value(json_array_get(row, 0)) != (json_int_t)fault->step ||
            strcmp(json_string_value(json_array_get(row, 1)), kind) != 0 ||
            strcmp(json_string_value(json_array_get(row, 2)), class_name) != 0)
            continue;
        json_t *count = json_array_get(row, 3);
        json_integer_set(count, json_integer_value(count) + 1);
        return;
    }
    json_array_append_new(rows, json_pack("[i, s, s, i]", (int)fault->step, kind, class_name, 1));
}

static const char *place_of(const struct plan *plan, const struct fault *fault)
{
    for (uint32_t i = plan->first; i < plan->list.count; i++)
        if ((fault->kind == FAULT_RESET || fault->kind == FAULT_OP_ERROR) && plan->list.ops[i].event != LEG_RESET &&
            plan->list.ops[i].op.kind == fault->op_kind && plan->list.ops[i].number == fault->number)
            return plan_place(plan, i);
    return "";
}

static void add_found(json_t *found, const struct plan *plan, const struct fault *fault,
                      const struct fault_verdict *verdict)
{
    char id[CASE_ID_MAX], digest[20];
    size_t i;
    json_t *entry;
    json_array_foreach(found, i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "cause")), verdict->cause) != 0)
            continue;
        json_object_set_new(entry, "cases", json_integer(number(entry, "cases") + 1));
        return;
    }
    fault_name(id, sizeof id, fault);
    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)verdict->digest);
    json_array_append_new(found, json_pack("{s:s, s:i, s:s, s:i, s:i, s:s, s:s, s:i, s:s}", "cause", verdict->cause,
                                           "cases", 1, "id", id, "cuts", 1, "verdict", (int)verdict->verdict,
                                           "last_seen", verdict->last_seen, "place", place_of(plan, fault), "step",
                                           (int)fault->step, "digest", digest));
}

json_t *faults_chunk_run(struct legs *legs, struct explorer *explorer, const struct plan *plan,
                         const struct fault_list *list, uint32_t index)
{
    static struct fault_verdict verdict;
    struct error err = {""};
    json_t *found = json_array(), *coverage = json_array();
    uint64_t digest = 0, boots = legs->boots_run, retries = legs->retries_run, instructions = legs->instructions_run;
    uint64_t boots_ns = legs->boots_ns, retries_ns = legs->retries_ns;
    uint32_t cases = 0;
    char text[20];
    for (uint32_t i = index * FAULTS_PER_CHUNK; i < list->count && i < (index + 1u) * FAULTS_PER_CHUNK; i++) {
        const struct fault *fault = &list->faults[i];
        if (fault_play(legs, explorer, fault, &verdict, &err) != TB_OK) {
            fprintf(stderr, "twinbank: %s\n", err.text);
            return NULL;
        }
        cases++;
        digest = mix64(digest ^ verdict.digest ^ mix64(verdict.verdict));
        cover(coverage, fault);
        if (verdict.verdict != VERDICT_PASS)
            add_found(found, plan, fault, &verdict);
    }
    snprintf(text, sizeof text, "%016llx", (unsigned long long)digest);
    return json_pack(
        "{s:i, s:i, s:i, s:i, s:s, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I}}", "chunk", (int)index, "cases", (int)cases,
        "states", (int)cases, "pairs", 0, "digest", text, "coverage", coverage, "found", found, "effort", "boots",
        (json_int_t)(legs->boots_run - boots), "retries", (json_int_t)(legs->retries_run - retries), "instructions",
        (json_int_t)(legs->instructions_run - instructions), "boots_ns", (json_int_t)(legs->boots_ns - boots_ns),
        "retries_ns", (json_int_t)(legs->retries_ns - retries_ns));
}
