/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/report.h"

#include <jansson.h>
#include <libxml/xmlstring.h>
#include <stdlib.h>
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

static void make_result_clean(struct result *result)
{
    make_clean(result->name);
    make_clean(result->path);
    make_clean(result->reason);
    make_clean(result->last_seen);
    for (uint32_t i = 0; i < result->note_count; i++)
        make_clean(result->notes[i]);
}

void report_sweep_progress(struct report *report, const char *name, uint32_t done, uint32_t total, uint64_t cases)
{
    if (!report->is_terminal)
        return;
    fprintf(report->out, "\r\033[K%s: %u of %u chunks, %llu cases", name, done, total, (unsigned long long)cases);
    fflush(report->out);
}

/* --- what a sweep found ------------------------------------------------------------------------ */

static long long number(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

/** Rows of operations, columns of tears; only columns that hold something. */
static void print_coverage(const struct report *report, const json_t *sweep)
{
    size_t i;
    json_t *row;
    const char *key;
    json_t *value;
    json_array_foreach(json_object_get(sweep, "coverage"), i, row)
    {
        fprintf(report->out, "    %s, %s:", text(row, "phase"), text(row, "kind"));
        json_object_foreach(json_object_get(row, "tears"), key, value)
            fprintf(report->out, " %s %lld", key, (long long)json_integer_value(value));
        fputc('\n', report->out);
    }
}

static void print_failures(const struct report *report, const struct result *result)
{
    size_t i;
    json_t *failure;
    json_array_foreach(json_object_get(result->sweep, "failures"), i, failure)
    {
        bool expected = json_is_true(json_object_get(failure, "expected"));
        fprintf(report->out, "  %s  %s   %lld cases like it\n", expected ? "known" : text(failure, "verdict"),
                text(failure, "id"), number(failure, "cases"));
        fprintf(report->out, "    %s   digest %s\n", text(failure, "cause"), text(failure, "digest"));
        if (expected)
            continue;
        if (text(failure, "last_seen")[0] != '\0')
            fprintf(report->out, "    last seen: %s\n", text(failure, "last_seen"));
        fprintf(report->out, "    cut in %s, at %s\n", text(failure, "phase"), text(failure, "place"));
        fprintf(report->out, "    replay: twinbank run %s --case %s\n", result->path, text(failure, "id"));
    }
}

static void print_sweep(const struct report *report, const struct result *result)
{
    const json_t *sweep = result->sweep, *effort = json_object_get(sweep, "effort");
    const json_t *sample = json_object_get(sweep, "sample");
    double seconds = result->wall_ns > 0 ? (double)result->wall_ns / 1e9 : 1.0;
    fprintf(report->out, "  %lld operations, %lld cuts, %lld distinct states", number(sweep, "operations"),
            number(sweep, "cases"), number(sweep, "states"));
    if (number(sweep, "depth") > 1)
        fprintf(report->out, "; %lld further cuts behind them: %lld inherited, %lld judged", number(sweep, "pairs"),
                number(effort, "inherited"), number(effort, "judged"));
    double boots = (double)number(effort, "boots"), boots_s = (double)number(effort, "boots_ns") / 1e9;
    double retries_s = (double)number(effort, "retries_ns") / 1e9;
    fprintf(report->out,
            "\n  executed: %.0f boots (%.0f/s), %lld retries of the interrupted action in %.1f s; %.0f cuts/s\n", boots,
            boots_s > 0 ? boots / boots_s : 0.0, number(effort, "retries"), retries_s,
            (double)(number(sweep, "cases") + number(sweep, "pairs")) / seconds);
    size_t i;
    json_t *mismatch;
    if (number(sweep, "checked") > 0)
        fprintf(report->out, "  %lld cases executed again with nothing reused: %zu came out otherwise\n",
                number(sweep, "checked"), json_array_size(json_object_get(sweep, "mismatches")));
    json_array_foreach(json_object_get(sweep, "mismatches"), i, mismatch)
        fprintf(report->out, "    %s\n", json_string_value(mismatch));
    if (json_is_object(sample))
        fprintf(report->out, "  a sample only: %lld cases drawn with seed %lld\n", number(sample, "cases"),
                number(sample, "seed"));
    if (number(sweep, "chunks_done") < number(sweep, "chunks"))
        fprintf(report->out, "  a part only: %lld of %lld chunks\n", number(sweep, "chunks_done"),
                number(sweep, "chunks"));
    print_coverage(report, sweep);
    print_failures(report, result);
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
        if (result->last_seen[0] != '\0')
            fprintf(report->out, "  last seen: %s\n", result->last_seen);
        for (uint32_t i = 0; i < result->note_count; i++)
            fprintf(report->out, "  %s\n", result->notes[i]);
        if (result->sweep == NULL)
            fprintf(report->out, "  replay: twinbank run %s\n", result->path);
    }
    if (result->sweep != NULL)
        print_sweep(report, result);
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
