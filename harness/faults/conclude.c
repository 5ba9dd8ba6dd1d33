/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* From chunks to a verdict. Nothing here depends on who did which chunk, or when. */
#include "harness/faults/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

static int by_number(const void *a, const void *b)
{
    json_int_t x = number(*(json_t *const *)a, "chunk"), y = number(*(json_t *const *)b, "chunk");
    return (x > y) - (x < y);
}

static void add(json_t *object, const char *key, json_int_t value)
{
    json_object_set_new(object, key, json_integer(number(object, key) + value));
}

/* --- coverage ---------------------------------------------------------------------------------- */

static void add_coverage(json_t *table, const json_t *header, const json_t *rows)
{
    size_t i, k;
    json_t *row, *known;
    json_array_foreach((json_t *)rows, i, row)
    {
        const char *phase = json_string_value(
            json_array_get(json_object_get(header, "phases"), (size_t)json_integer_value(json_array_get(row, 0))));
        const char *kind = json_string_value(json_array_get(row, 1)); /* faults; cuts have numbers */
        const char *tear = json_string_value(json_array_get(row, 2));
        if (kind == NULL)
            kind = op_kind_name((enum op_kind)json_integer_value(json_array_get(row, 1)));
        if (tear == NULL)
            tear = tear_name((enum tear)json_integer_value(json_array_get(row, 2)));
        json_t *entry = NULL;
        json_array_foreach(table, k, known) if (phase != NULL && strcmp(text(known, "phase"), phase) == 0 &&
                                                strcmp(text(known, "kind"), kind) == 0) entry = known;
        if (entry == NULL) {
            entry = json_pack("{s:s, s:s, s:{}}", "phase", phase != NULL ? phase : "", "kind", kind, "tears");
            json_array_append_new(table, entry);
        }
        add(json_object_get(entry, "tears"), tear, json_integer_value(json_array_get(row, 3)));
    }
}

/* --- failures ---------------------------------------------------------------------------------- */

/** Causes come together; the case with the fewest cuts stands for it, the first of them. */
static void add_failures(json_t *failures, const json_t *header, const json_t *found)
{
    size_t i, k;
    json_t *one, *known;
    json_array_foreach((json_t *)found, i, one)
    {
        json_t *entry = NULL;
        json_array_foreach(failures, k, known) if (strcmp(text(known, "cause"), text(one, "cause")) == 0) entry = known;
        json_int_t cases = number(one, "cases");
        if (entry == NULL) {
            entry = json_object();
            json_object_update(entry, one);
            json_array_append_new(failures, entry);
        } else {
            cases += number(entry, "cases");
            if (number(one, "cuts") < number(entry, "cuts"))
                json_object_update(entry, one);
        }
        json_object_set_new(entry, "cases", json_integer(cases));
        const char *phase = json_string_value(json_array_get(
            json_object_get(header, "phases"), (size_t)(number(entry, "step") >= 0 ? number(entry, "step") : 0)));
        json_object_set_new(entry, "phase", json_string(number(entry, "step") >= 0 && phase != NULL ? phase : "end"));
    }
}

/** The entry of expected_failures that a cause belongs to, or -1. */
static int expected_index(const json_t *header, const char *cause)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(header, "expected"), i,
                       entry) if (strstr(cause, text(entry, "cause")) != NULL) return (int)i;
    return -1;
}

struct verdicts {
    json_int_t failing, unexpected, inconclusive;
};

static struct verdicts weigh(const json_t *header, json_t *failures)
{
    struct verdicts verdicts = {0};
    size_t i;
    json_t *entry;
    json_array_foreach(failures, i, entry)
    {
        bool expected = expected_index(header, text(entry, "cause")) >= 0;
        json_object_set_new(entry, "expected", json_boolean(expected));
        if (number(entry, "verdict") == VERDICT_INCONCLUSIVE) {
            verdicts.inconclusive += number(entry, "cases");
        } else {
            verdicts.failing += number(entry, "cases");
            verdicts.unexpected += expected ? 0 : number(entry, "cases");
        }
        json_object_set_new(entry, "verdict", json_string(verdict_name((enum verdict)number(entry, "verdict"))));
    }
    return verdicts;
}

static void refuse(struct result *result, enum verdict verdict, const char *reason)
{
    size_t used = strlen(result->reason);
    snprintf(result->reason + used, sizeof result->reason - used, "%s%s", used > 0 ? "; " : "", reason);
    if (result->verdict == VERDICT_PASS)
        result->verdict = verdict;
}

/** Known failures must be there, as often as the scenario says: a cause that went away is news, too. */
static void compare_expected(const json_t *header, const json_t *failures, struct result *result)
{
    size_t i, k;
    json_t *wanted, *entry;
    char reason[400];
    json_array_foreach(json_object_get(header, "expected"), i, wanted)
    {
        json_int_t cases = 0;
        struct count_range range = {0, 0};
        json_array_foreach((json_t *)failures, k, entry) if (expected_index(header, text(entry, "cause")) == (int)i)
            cases += number(entry, "cases");
        bool parsed = parse_count(text(wanted, "cases"), &range) == TB_OK;
        if (parsed && (uint64_t)cases >= range.least && (uint64_t)cases <= range.most)
            continue;
        snprintf(reason, sizeof reason, "%lld cases fail with \"%.200s\"; expected %s", (long long)cases,
                 text(wanted, "cause"), text(wanted, "cases"));
        refuse(result, VERDICT_FAIL, reason);
    }
}

static void decide(const json_t *header, const json_t *report, struct verdicts verdicts, struct result *result)
{
    char reason[200];
    bool whole =
        number(report, "chunks_done") == number(header, "chunks") && json_is_null(json_object_get(header, "sample"));
    json_int_t cases = number(report, "cases");
    if (json_array_size(json_object_get(report, "mismatches")) > 0) {
        snprintf(reason, sizeof reason, "%zu of %lld cases came out otherwise when executed again: a bug of twinbank",
                 json_array_size(json_object_get(report, "mismatches")), (long long)number(report, "checked"));
        refuse(result, VERDICT_ERROR, reason);
    }
    if (verdicts.unexpected > 0) {
        snprintf(reason, sizeof reason, "%lld of %lld cases fail", (long long)verdicts.unexpected,
                 (long long)(cases + number(report, "pairs")));
        refuse(result, VERDICT_FAIL, reason);
    }
    if (whole)
        compare_expected(header, json_object_get(report, "failures"), result);
    if (verdicts.inconclusive > 0) {
        snprintf(reason, sizeof reason, "%lld cases used what is not modelled", (long long)verdicts.inconclusive);
        refuse(result, VERDICT_INCONCLUSIVE, reason);
    }
    bool is_cuts = strcmp(text(header, "what"), "faults") != 0;
    if (!is_cuts && cases == 0 && number(report, "chunks_done") == number(header, "chunks"))
        refuse(result, VERDICT_VACUOUS, "there was no fault where faults asks for it");
    /* the cut behind the last operation is always there: alone it is none of those that were asked for */
    if (is_cuts && cases <= 1 && number(report, "chunks_done") == number(header, "chunks"))
        refuse(result, VERDICT_VACUOUS, "power was never cut where power_cut asks for it");
    if (whole && cases < number(header, "cuts_at_least")) {
        snprintf(reason, sizeof reason, "only %lld %s; expected at least %lld", (long long)cases,
                 is_cuts ? "cuts" : "faults", (long long)number(header, "cuts_at_least"));
        refuse(result, VERDICT_VACUOUS, reason);
    }
}

/** What was seen last is that of the first failure that nobody expects; without one, of the rehearsal. */
static void tell_last_seen(const json_t *failures, struct result *result)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)failures, i, entry)
    {
        if (json_is_true(json_object_get(entry, "expected")))
            continue;
        snprintf(result->last_seen, sizeof result->last_seen, "%s", text(entry, "last_seen"));
        return;
    }
}

json_t *sweep_conclude(const json_t *header, const json_t *chunks, struct result *result)
{
    static const char *const effort_keys[] = {"boots",  "retries",  "instructions", "inherited",
                                              "judged", "boots_ns", "retries_ns"};
    size_t count = json_array_size(chunks);
    json_t **sorted = calloc(count + 1u, sizeof(*sorted));
    TB_ASSERT(sorted != NULL);
    for (size_t i = 0; i < count; i++)
        sorted[i] = json_array_get(chunks, i);
    qsort(sorted, count, sizeof(*sorted), by_number);
    json_t *coverage = json_array(), *failures = json_array(), *effort = json_object();
    json_t *mismatches = json_array();
    json_t *report = json_pack("{s:s, s:O, s:O, s:O, s:O, s:i, s:O}", "what",
                               strcmp(text(header, "what"), "faults") == 0 ? "faults" : "cuts", "operations",
                               json_object_get(header, "operations"), "depth", json_object_get(header, "depth"),
                               "seeds", json_object_get(header, "seeds"), "chunks", json_object_get(header, "chunks"),
                               "chunks_done", (int)count, "sample", json_object_get(header, "sample"));
    uint64_t digest = 0;
    for (size_t i = 0; i < count; i++) {
        add(report, "cases", number(sorted[i], "cases"));
        add(report, "states", number(sorted[i], "states"));
        add(report, "pairs", number(sorted[i], "pairs"));
        add(report, "checked", number(sorted[i], "checked"));
        json_array_extend(mismatches, json_object_get(sorted[i], "mismatches"));
        if (json_object_get(sorted[i], "digest") == NULL)
            continue;
        digest = mix64(digest ^ strtoull(text(sorted[i], "digest"), NULL, 16));
        add_coverage(coverage, header, json_object_get(sorted[i], "coverage"));
        add_failures(failures, header, json_object_get(sorted[i], "found"));
        for (size_t k = 0; k < ARRAY_LENGTH(effort_keys); k++)
            add(effort, effort_keys[k], number(json_object_get(sorted[i], "effort"), effort_keys[k]));
    }
    free(sorted);
    char hex[20];
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)digest);
    json_object_set_new(report, "digest", json_string(hex));
    struct verdicts verdicts = weigh(header, failures);
    json_object_set_new(report, "failing", json_integer(verdicts.failing));
    json_object_set_new(report, "unexpected", json_integer(verdicts.unexpected));
    json_object_set_new(report, "coverage", coverage);
    json_object_set_new(report, "failures", failures);
    json_object_set_new(report, "mismatches", mismatches);
    json_object_set_new(report, "effort", effort); /* depends on who did what: not compared */
    decide(header, report, verdicts, result);
    tell_last_seen(failures, result);
    return report;
}
