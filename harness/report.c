/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/report_sweep.h"

#include <jansson.h>
#include <libxml/xmlstring.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum status report_begin(struct report *report, FILE *out, uint32_t expected, struct error *err)
{
    *report = (struct report){.out = out, .is_terminal = isatty(fileno(out)) == 1};
    report->results = calloc(expected + 1u, sizeof *report->results);
    return report->results != NULL ? TB_OK : error_set(err, TB_ERR_MEMORY, "no memory for %u results", expected);
}

void report_free(struct report *report)
{
    for (uint32_t i = 0; i < report->count; i++)
        json_decref(report->results[i].sweep);
    free(report->results);
    report->results = NULL;
}

static void erase_progress(const struct report *report)
{
    if (report->is_terminal)
        fputs("\r\033[K", report->out);
}

void report_progress(struct report *report, uint32_t done, uint32_t total)
{
    if (!report->is_terminal || done == total)
        return;
    fprintf(report->out, "\r\033[K%u of %u done", done, total);
    fflush(report->out);
}

/** Reports are UTF-8 without control characters, whatever a path or a cut-off text holds. */
static void make_clean(char *text)
{
    bool is_utf8 = xmlCheckUTF8(BAD_CAST text) != 0;
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20u || *c == 0x7f || (!is_utf8 && (unsigned char)*c >= 0x80u))
            *c = '?';
}

/** All texts in an object or a list, whatever lies in between. */
static void make_json_clean(json_t *json)
{
    size_t i;
    const char *key;
    json_t *member;
    json_object_foreach(json, key, member) make_json_clean(member);
    json_array_foreach(json, i, member) make_json_clean(member);
    if (!json_is_string(json))
        return;
    char *text = strdup(json_string_value(json));
    TB_ASSERT(text != NULL);
    make_clean(text);
    (void)json_string_set(json, text);
    free(text);
}

static void make_result_clean(struct result *result)
{
    make_clean(result->name);
    make_clean(result->title);
    make_clean(result->path);
    make_clean(result->reason);
    make_clean(result->last_seen);
    for (uint32_t i = 0; i < result->note_count; i++)
        make_clean(result->notes[i]);
    make_json_clean(result->sweep);
}

void report_sweep_progress(struct report *report, const char *name, uint32_t done, uint32_t total, uint64_t cases)
{
    if (!report->is_terminal)
        return;
    fprintf(report->out, "\r\033[K%s: %u of %u chunks, %llu cases", name, done, total, (unsigned long long)cases);
    fflush(report->out);
}

void report_add(struct report *report, const struct result *added)
{
    struct result *result = &report->results[report->count++];
    *result = *added;
    json_incref(result->sweep);
    make_result_clean(result);
    report->verdicts[result->verdict]++;
    erase_progress(report);
    fprintf(report->out, "%s %s   %.1f s virtual, %.1f M instructions, %.1f s\n",
            verdict_name((enum verdict)result->verdict), result->name, (double)result->virtual_ps / (double)PS_PER_S,
            (double)result->instructions / 1e6, (double)result->wall_ns / 1e9);
    if (result->verdict != VERDICT_PASS) {
        fprintf(report->out, "  %s\n", result->reason);
        if (result->last_seen[0] != '\0' && result->sweep == NULL) /* else it is told with its case */
            fprintf(report->out, "  last seen: %s\n", result->last_seen);
        for (uint32_t i = 0; i < result->note_count; i++)
            fprintf(report->out, "  %s\n", result->notes[i]);
        if (result->sweep == NULL)
            fprintf(report->out, "  replay: twinbank run %s\n", result->path);
    }
    if (result->sweep != NULL)
        report_print_sweep(report, result);
    fflush(report->out);
}

void report_case(struct report *report, const struct result *added, const char *id)
{
    struct result *result = &report->results[report->count++];
    *result = *added;
    make_result_clean(result);
    report->verdicts[result->verdict]++;
    fprintf(report->out, "%s %s  %s   digest %016llx\n", verdict_name((enum verdict)result->verdict), result->name, id,
            (unsigned long long)result->digest);
    if (result->reason[0] != '\0')
        fprintf(report->out, "  %s\n", result->reason);
    if (result->last_seen[0] != '\0')
        fprintf(report->out, "  last seen: %s\n", result->last_seen);
}

int report_end(struct report *report, uint64_t wall_ns)
{
    const uint32_t *n = report->verdicts;
    erase_progress(report);
    fprintf(report->out, "%u scenarios: %u passed, %u failed", report->count, n[VERDICT_PASS], n[VERDICT_FAIL]);
    if (n[VERDICT_INCONCLUSIVE] > 0)
        fprintf(report->out, ", %u inconclusive", n[VERDICT_INCONCLUSIVE]);
    if (n[VERDICT_VACUOUS] > 0)
        fprintf(report->out, ", %u vacuous", n[VERDICT_VACUOUS]);
    if (n[VERDICT_ERROR] > 0)
        fprintf(report->out, ", %u could not be run", n[VERDICT_ERROR]);
    fprintf(report->out, "; %.1f s\n", (double)wall_ns / 1e9);
    if (n[VERDICT_ERROR] > 0)
        return 2;
    if (n[VERDICT_FAIL] > 0)
        return 1;
    return n[VERDICT_INCONCLUSIVE] > 0 || n[VERDICT_VACUOUS] > 0 ? 3 : 0;
}
