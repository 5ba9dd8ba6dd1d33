/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/report_sweep.h"

#include "harness/faults/record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS   120 /* of a terminal or of a CI server's log */
#define LABEL_MAX 40  /* of a row */
#define INDENT    4

long long report_number(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

const char *report_text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

struct count_text count_text(uint64_t count)
{
    struct count_text result;
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count), used = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            result.text[used++] = ',';
        result.text[used++] = digits[i];
    }
    result.text[used] = '\0';
    return result;
}

static struct count_text count_of(const json_t *object, const char *key)
{
    return count_text((uint64_t)report_number(object, key));
}

struct count_text cases_text(const json_t *failure)
{
    struct count_text cases = count_of(failure, "cases");
    size_t used = strlen(cases.text);
    snprintf(cases.text + used, sizeof cases.text - used, report_number(failure, "cases") == 1 ? " case" : " cases");
    return cases;
}

/* --- reading ----------------------------------------------------------------------------------- */

static void read_row(const json_t *json, struct coverage_row *row)
{
    const json_t *tears = json_object_get(json, "tears");
    row->phase = report_text(json, "phase");
    row->kind = report_text(json, "kind");
    bool is_erase =
        strcmp(row->kind, op_kind_name(OP_ERASE)) == 0 || strcmp(row->kind, op_kind_name(OP_OPTION_ERASE)) == 0;
    for (int tear = 0; tear < TEAR_COUNT; tear++) {
        row->counts[tear] = (uint64_t)report_number(tears, tear_name((enum tear)tear));
        row->fits[tear] = tear_fits((enum tear)tear, is_erase) || row->counts[tear] > 0;
        row->total += row->counts[tear];
    }
}

bool sweep_is_faults(const json_t *sweep)
{
    return strcmp(report_text(sweep, "what"), "faults") == 0;
}

struct coverage_row *coverage_rows(const json_t *sweep, uint32_t *count)
{
    const json_t *coverage = json_object_get(sweep, "coverage");
    *count = (uint32_t)json_array_size(coverage);
    struct coverage_row *rows = *count > 0 ? calloc(*count, sizeof *rows) : NULL;
    TB_ASSERT(rows != NULL || *count == 0);
    for (uint32_t i = 0; i < *count; i++)
        read_row(json_array_get(coverage, i), &rows[i]);
    return rows;
}

bool failure_is_known(const json_t *failure)
{
    return json_is_true(json_object_get(failure, "expected"));
}

/** 0: nobody expected it, 1: no verdict, 2: known. */
static int rank(const json_t *failure)
{
    if (failure_is_known(failure))
        return 2;
    return strcmp(report_text(failure, "verdict"), verdict_name(VERDICT_INCONCLUSIVE)) == 0 ? 1 : 0;
}

json_t **failures_in_order(const json_t *sweep, uint32_t *count)
{
    const json_t *failures = json_object_get(sweep, "failures");
    size_t size = json_array_size(failures);
    json_t **ordered = calloc(size + 1u, sizeof(*ordered));
    TB_ASSERT(ordered != NULL);
    *count = 0;
    for (int wanted = 0; wanted <= 2; wanted++)
        for (size_t i = 0; i < size; i++)
            if (rank(json_array_get(failures, i)) == wanted)
                ordered[(*count)++] = json_array_get(failures, i);
    return ordered;
}

void failure_place(const json_t *failure, char *text, size_t size)
{
    const char *place = report_text(failure, "place"), *first = report_number(failure, "cuts") > 1 ? "first " : "";
    if (report_number(failure, "step") < 0)
        snprintf(text, size, "%scut behind the last operation", first);
    else
        snprintf(text, size, "%scut in %s%s%s", first, report_text(failure, "phase"), place[0] != '\0' ? ", at " : "",
                 place);
}

double sweep_rate(const struct result *result)
{
    double cuts = (double)report_number(result->sweep, "cases") + (double)report_number(result->sweep, "pairs");
    return result->wall_ns > 0 ? cuts * 1e9 / (double)result->wall_ns : 0.0;
}

/* --- coverage on the terminal ------------------------------------------------------------------ */

/** Short names of tears, at most 5 characters; the legend explains them. */
static const char *const short_names[TEAR_COUNT] = {
    [TEAR_OLD] = "old",
    [TEAR_NEW] = "new",
    [TEAR_CORRECTED] = "corr",
    [TEAR_UNCORRECTABLE] = "unco",
    [TEAR_MISCORRECTED] = "misc",
    [TEAR_LOW_HALF] = "low",
    [TEAR_HIGH_HALF] = "high",
    [TEAR_UNSTABLE_OLD] = "u-o",
    [TEAR_UNSTABLE_NEW] = "u-n",
    [TEAR_UNSTABLE_ECCD] = "u-e",
    [TEAR_UNSTABLE_NEW_OLD] = "u-n-o",
    [TEAR_UNSTABLE_OLD_NEW] = "u-o-n",
    [TEAR_MARGINAL] = "marg",
    [TEAR_PARTIAL] = "part",
    [TEAR_WEAK] = "weak",
    [TEAR_FADING] = "fade",
};

/** A column of the table: the total of the row, or a tear. */
struct column {
    int tear; /* -1: the total */
    int width;
};

static uint64_t value_of(const struct coverage_row *row, const struct column *column)
{
    return column->tear < 0 ? row->total : row->counts[column->tear];
}

static const char *name_of(const struct column *column)
{
    return column->tear < 0 ? "total" : short_names[column->tear];
}

/** Columns in which no row has anything are left out. */
static int make_columns(const struct coverage_row *rows, uint32_t count, struct column columns[TEAR_COUNT + 1])
{
    int used = 0;
    for (int tear = -1; tear < TEAR_COUNT; tear++) {
        struct column column = {tear, 0};
        bool any = false;
        for (uint32_t i = 0; i < count; i++) {
            int width = (int)strlen(count_text(value_of(&rows[i], &column)).text);
            any |= value_of(&rows[i], &column) > 0;
            column.width = width > column.width ? width : column.width;
        }
        int least = (int)strlen(name_of(&column));
        column.width = column.width > least ? column.width : least;
        if (any)
            columns[used++] = column;
    }
    return used;
}

static int label_of(const struct coverage_row *row, char text[LABEL_MAX + 1])
{
    int kind = (int)strlen(row->kind), phase = (int)strlen(row->phase), room = LABEL_MAX - kind - 2;
    bool whole = phase <= room;
    return snprintf(text, LABEL_MAX + 1u, "%.*s%s, %s", whole ? phase : room - 3, row->phase, whole ? "" : "...",
                    row->kind);
}

static void print_cell(FILE *out, const struct coverage_row *row, const struct column *column)
{
    bool fits = column->tear < 0 || row->fits[column->tear];
    fprintf(out, "  %*s", column->width, fits ? count_text(value_of(row, column)).text : "-");
}

/** The first of `used` columns that is not beside `first` any more: at most `most` of them in `left` characters. */
static int end_of_band(const struct column *columns, int used, int first, int most, int left)
{
    int last = first;
    for (; last < used && last - first < most && left >= columns[last].width + 2; last++)
        left -= columns[last].width + 2;
    return last;
}

/** Rows of operations, columns of tears; what does not fit beside each other is folded. */
static void print_table(FILE *out, const struct coverage_row *rows, uint32_t count)
{
    struct column columns[TEAR_COUNT + 1];
    char label[LABEL_MAX + 1];
    int used = make_columns(rows, count, columns), labels = (int)strlen("cuts in");
    for (uint32_t i = 0; i < count; i++) {
        int width = label_of(&rows[i], label);
        labels = width > labels ? width : labels;
    }
    int bands = 0;
    for (int first = 0; first < used; bands++)
        first = end_of_band(columns, used, first, used, COLUMNS - INDENT - labels);
    for (int first = 0, last; first < used; first = last) {
        last = end_of_band(columns, used, first, (used + bands - 1) / bands, COLUMNS - INDENT - labels);
        fprintf(out, "%*s%-*s", INDENT, "", labels, first == 0 ? "cuts in" : "");
        for (int c = first; c < last; c++)
            fprintf(out, "  %*s", columns[c].width, name_of(&columns[c]));
        for (uint32_t i = 0; i < count; i++) {
            label_of(&rows[i], label);
            fprintf(out, "\n%*s%-*s", INDENT, "", labels, label);
            for (int c = first; c < last; c++)
                print_cell(out, &rows[i], &columns[c]);
        }
        fputc('\n', out);
    }
}

/** Where, what and how: few enough to be listed. */
static void print_faults(const struct report *report, const json_t *sweep)
{
    size_t i;
    json_t *row;
    const char *key;
    json_t *value;
    json_array_foreach(json_object_get(sweep, "coverage"), i, row)
    {
        fprintf(report->out, "    %s, %s:", report_text(row, "phase"), report_text(row, "kind"));
        json_object_foreach(json_object_get(row, "tears"), key, value)
            fprintf(report->out, " %s %lld", key, (long long)json_integer_value(value));
        fputc('\n', report->out);
    }
}

static void print_coverage(struct report *report, const json_t *sweep)
{
    uint32_t count;
    struct coverage_row *rows = coverage_rows(sweep, &count);
    if (count == 0)
        return;
    if (!report->legend_printed)
        fputs("    left in the cells: corr(ected), unco(rrectable), misc(orrected), low and high half, u(nstable) and\n"
              "    reading o(ld), n(ew), e(ccd), n-o or o-n in turn, marg(inal), part(ial), weak, fad(ing)\n",
              report->out);
    report->legend_printed = true;
    print_table(report->out, rows, count);
    uint64_t between = (uint64_t)report_number(sweep, "cases");
    for (uint32_t i = 0; i < count; i++)
        between -= rows[i].total;
    fprintf(report->out, "    and %s between operations or behind the last one\n", count_text(between).text);
    free(rows);
}

/* --- the rest of it ---------------------------------------------------------------------------- */

static void print_failure(const struct report *report, const struct result *result, const json_t *failure)
{
    bool known = failure_is_known(failure);
    fprintf(report->out, "  %s  %s   %s like it\n", known ? "known" : report_text(failure, "verdict"),
            report_text(failure, "id"), cases_text(failure).text);
    fprintf(report->out, "    %s   digest %s\n", report_text(failure, "cause"), report_text(failure, "digest"));
    if (known)
        return;
    if (report_text(failure, "last_seen")[0] != '\0')
        fprintf(report->out, "    last seen: %s\n", report_text(failure, "last_seen"));
    char where[400];
    failure_place(failure, where, sizeof where);
    fprintf(report->out, "    %s\n", where);
    fprintf(report->out, "    replay: twinbank run %s --case %s\n", result->path, report_text(failure, "id"));
}

static void print_effort(const struct report *report, const struct result *result)
{
    const json_t *effort = json_object_get(result->sweep, "effort");
    double boots = (double)report_number(effort, "boots");
    double boots_s = (double)report_number(effort, "boots_ns") / 1e9;
    fprintf(report->out, "  executed: %s boots", count_of(effort, "boots").text);
    if (boots_s > 0)
        fprintf(report->out, " (%s/s)", count_text((uint64_t)(boots / boots_s + 0.5)).text);
    fprintf(report->out, ", %s retries of the interrupted action in %.1f s", count_of(effort, "retries").text,
            (double)report_number(effort, "retries_ns") / 1e9);
    if (sweep_rate(result) > 0)
        fprintf(report->out, "; %s %s/s", count_text((uint64_t)(sweep_rate(result) + 0.5)).text,
                sweep_is_faults(result->sweep) ? "faults" : "cuts");
    fputc('\n', report->out);
}

/** What was executed although it was known: it must not come out otherwise. */
static void print_checked(const struct report *report, const json_t *sweep)
{
    const json_t *mismatches = json_object_get(sweep, "mismatches");
    size_t i;
    json_t *mismatch;
    if (report_number(sweep, "checked") > 0)
        fprintf(report->out, "  %s cases executed again with nothing reused: %zu came out otherwise\n",
                count_of(sweep, "checked").text, json_array_size(mismatches));
    json_array_foreach(mismatches, i, mismatch) fprintf(report->out, "    %s\n", json_string_value(mismatch));
}

void report_print_sweep(struct report *report, const struct result *result)
{
    const json_t *sweep = result->sweep, *effort = json_object_get(sweep, "effort");
    const json_t *sample = json_object_get(sweep, "sample");
    if (sweep_is_faults(sweep))
        fprintf(report->out, "  %s faults, each run from power-on", count_of(sweep, "cases").text);
    else
        fprintf(report->out, "  %s operations, %s cuts, %s distinct states", count_of(sweep, "operations").text,
                count_of(sweep, "cases").text, count_of(sweep, "states").text);
    if (report_number(sweep, "depth") > 1)
        fprintf(report->out, "; %s further cuts behind them: %s inherited, %s judged", count_of(sweep, "pairs").text,
                count_of(effort, "inherited").text, count_of(effort, "judged").text);
    fputc('\n', report->out);
    print_effort(report, result);
    print_checked(report, sweep);
    if (json_is_object(sample))
        fprintf(report->out, "  a sample only: %s cases drawn with seed %lld\n", count_of(sample, "cases").text,
                report_number(sample, "seed"));
    if (report_number(sweep, "chunks_done") < report_number(sweep, "chunks"))
        fprintf(report->out, "  a part only: %lld of %lld chunks\n", report_number(sweep, "chunks_done"),
                report_number(sweep, "chunks"));
    if (sweep_is_faults(sweep))
        print_faults(report, sweep);
    else
        print_coverage(report, sweep);
    uint32_t count;
    json_t **failures = failures_in_order(sweep, &count);
    for (uint32_t i = 0; i < count; i++)
        print_failure(report, result, failures[i]);
    free(failures);
}
