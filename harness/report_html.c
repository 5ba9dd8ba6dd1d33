/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* One page for people: no script, nothing from outside, no date. Written as XML that browsers read as HTML: elements
 * are closed in full, and the style sheet has none of XML's special characters. */
#include "harness/report_sweep.h"

#include <errno.h>
#include <jansson.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#5b6470;--line:#dde1e6;"
    "--well:#f0f2f5;--PASS:#1a7f37;--FAIL:#c62828;--VACUOUS:#9a6700;--INCONCLUSIVE:#7a3fb0;--ERROR:#ad1a72;"
    "--known:#5b6470;--on:#fff}\n"
    "@media(prefers-color-scheme:dark){:root{--page:#111418;--card:#1a1f25;--ink:#e4e8ed;--soft:#98a2ae;"
    "--line:#2e353d;--well:#242a31;--PASS:#4cc06c;--FAIL:#ff7b72;--VACUOUS:#e0ac38;--INCONCLUSIVE:#c79bf2;"
    "--ERROR:#f57fc0;--known:#98a2ae;--on:#111418}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);"
    "font:15px/1.5 system-ui,sans-serif}\n"
    "main{max-width:84rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}h1{font-size:1.5rem;margin:0}"
    "h2{font-size:1.1rem;margin:0;display:inline;overflow-wrap:anywhere}"
    "h3{font-size:.95rem;margin:1.5rem 0 .5rem}p{margin:.35rem 0}a{color:inherit}\n"
    ".soft{color:var(--soft)}.lead{font-size:1.05rem}code,.mono{font:.9em/1.5 ui-monospace,monospace;"
    "overflow-wrap:anywhere}\n"
    ".badge{display:inline-block;border-radius:4px;padding:.05rem .5rem;margin-right:.6rem;color:var(--on);"
    "font-size:.75rem;font-weight:700;white-space:nowrap;vertical-align:.1em;background:var(--v)}"
    ".PASS{--v:var(--PASS)}.FAIL{--v:var(--FAIL)}.VACUOUS{--v:var(--VACUOUS)}"
    ".INCONCLUSIVE{--v:var(--INCONCLUSIVE)}.ERROR{--v:var(--ERROR)}.known{--v:var(--known)}\n"
    ".tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0 0;padding:0;list-style:none}"
    ".tiles li{background:var(--well);border-radius:6px;padding:.5rem .9rem;min-width:7rem}"
    ".tiles b{display:block;font-size:1.25rem;line-height:1.3;font-variant-numeric:tabular-nums}"
    ".tiles span{display:block;color:var(--soft);font-size:.8rem}.top li{background:var(--card);"
    "border:1px solid var(--line);border-top:3px solid var(--v)}\n"
    ".card{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--v);border-radius:6px;"
    "margin:1rem 0;padding:.9rem 1.1rem}.failure{margin:.7rem 0;padding:.6rem .9rem}summary{cursor:pointer}"
    ".rest{margin:.3rem 0;padding:.3rem 1.1rem}.rest h2{font-size:.95rem;font-weight:500}"
    ".reason{color:var(--v);font-weight:600;overflow-wrap:anywhere}.cause{overflow-wrap:anywhere;font-weight:600}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}"
    "th,td{padding:.3rem .55rem;text-align:right;border-bottom:1px solid var(--line)}"
    "th{font-weight:600;vertical-align:bottom;line-height:1.25}th[scope=row],.left{text-align:left}"
    "tfoot td,tfoot th,.total{font-weight:700;background:var(--well)}.none{color:var(--soft);opacity:.7}"
    ".cuts th,.cuts td{padding:.3rem .45rem}.cuts th[scope=row]{min-width:9rem}"
    ".cuts th[scope=col]{padding-left:0}.cuts th[scope=col] span{writing-mode:vertical-rl;transform:rotate(180deg);"
    "white-space:nowrap}"
    "table.list{width:100%;background:var(--card);border:1px solid var(--line);margin-top:1rem}"
    "table.list td.left{overflow-wrap:anywhere}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}dt{color:var(--soft)}"
    "dd{margin:0;overflow-wrap:anywhere}"
    ".replay{display:block;background:var(--well);border-radius:4px;padding:.35rem .6rem;margin-top:.4rem;"
    "user-select:all}ul.notes{margin:.4rem 0;padding-left:1.2rem}\n"
    "@media print{body{background:none}.card{break-inside:avoid}}\n";

static const char *const tear_meanings[TEAR_COUNT] = {
    [TEAR_OLD] = "nothing moved: as before",
    [TEAR_NEW] = "all moved: as after",
    [TEAR_CORRECTED] = "one bit short of the new word; it reads right and raises ECCC",
    [TEAR_UNCORRECTABLE] = "two bits short of it; it raises ECCD, an NMI",
    [TEAR_MISCORRECTED] = "reads as neither the old nor the new word, and nothing tells",
    [TEAR_LOW_HALF] = "likewise: the low 32 bits are new, the high ones are not",
    [TEAR_HIGH_HALF] = "likewise: the high 32 bits are new, the low ones are not",
    [TEAR_UNSTABLE_OLD] = "between both words: reads old until the next reset, then otherwise",
    [TEAR_UNSTABLE_NEW] = "between both words: reads new until the next reset, then otherwise",
    [TEAR_UNSTABLE_ECCD] = "between both words: raises ECCD until the next reset, then otherwise",
    [TEAR_UNSTABLE_NEW_OLD] = "between both words: reads new once, then old",
    [TEAR_UNSTABLE_OLD_NEW] = "between both words: reads old once, then new",
    [TEAR_MARGINAL] = "reads blank; unstable once it is programmed",
    [TEAR_PARTIAL] = "a seeded mixture of old and erased bits, cell by cell",
    [TEAR_WEAK] = "reads erased; unstable once it is programmed",
    [TEAR_FADING] = "reads old until the next reset, then otherwise",
};

/* --- writing ----------------------------------------------------------------------------------- */

static void attribute(xmlTextWriterPtr xml, const char *name, const char *value)
{
    xmlTextWriterWriteAttribute(xml, BAD_CAST name, BAD_CAST value);
}

static void open_element(xmlTextWriterPtr xml, const char *name, const char *classes)
{
    xmlTextWriterStartElement(xml, BAD_CAST name);
    if (classes != NULL)
        attribute(xml, "class", classes);
}

static void close_element(xmlTextWriterPtr xml)
{
    xmlTextWriterFullEndElement(xml);
}

/** Behind what is a block: somebody may read the source. */
static void close_block(xmlTextWriterPtr xml)
{
    xmlTextWriterFullEndElement(xml);
    xmlTextWriterWriteString(xml, BAD_CAST "\n");
}

static void write_text(xmlTextWriterPtr xml, const char *text)
{
    xmlTextWriterWriteString(xml, BAD_CAST text);
}

static void element(xmlTextWriterPtr xml, const char *name, const char *classes, const char *text)
{
    open_element(xml, name, classes);
    write_text(xml, text);
    close_element(xml);
}

__attribute__((format(printf, 4, 5))) static void format(xmlTextWriterPtr xml, const char *name, const char *classes,
                                                         const char *text, ...)
{
    va_list args;
    open_element(xml, name, classes);
    va_start(args, text);
    xmlTextWriterWriteVFormatString(xml, text, args);
    va_end(args);
    close_element(xml);
}

static void fact(xmlTextWriterPtr xml, const char *name, const char *classes, const char *value)
{
    if (value[0] == '\0')
        return;
    element(xml, "dt", NULL, name);
    element(xml, "dd", classes, value);
}

static void tile(xmlTextWriterPtr xml, const char *classes, uint64_t value, const char *what, const char *more)
{
    open_element(xml, "li", classes);
    element(xml, "b", NULL, count_text(value).text);
    element(xml, "span", NULL, what);
    if (more[0] != '\0')
        element(xml, "span", NULL, more);
    close_element(xml);
}

static const char *verdict_of(const struct result *result)
{
    return verdict_name((enum verdict)result->verdict);
}

/* --- a sweep ----------------------------------------------------------------------------------- */

static uint64_t count_of(const json_t *object, const char *key)
{
    return (uint64_t)report_number(object, key);
}

static void write_tiles(xmlTextWriterPtr xml, const struct result *result)
{
    const json_t *sweep = result->sweep, *effort = json_object_get(sweep, "effort");
    double boots_s = (double)report_number(effort, "boots_ns") / 1e9;
    double retries_s = (double)report_number(effort, "retries_ns") / 1e9;
    uint64_t failing = count_of(sweep, "failing"), known = failing - count_of(sweep, "unexpected");
    char more[120] = "";
    open_element(xml, "ul", "tiles");
    tile(xml, NULL, count_of(sweep, "operations"), "operations", "");
    tile(xml, NULL, count_of(sweep, "cases"), sweep_is_faults(sweep) ? "faults" : "cuts", "");
    if (!sweep_is_faults(sweep))
        tile(xml, NULL, count_of(sweep, "states"), "distinct states", "");
    if (report_number(sweep, "depth") > 1) {
        snprintf(more, sizeof more, "%s inherited, %s judged", count_text(count_of(effort, "inherited")).text,
                 count_text(count_of(effort, "judged")).text);
        tile(xml, NULL, count_of(sweep, "pairs"), "further cuts", more);
    }
    snprintf(more, sizeof more, "%s known", count_text(known).text);
    tile(xml, NULL, failing, "failing cases", known > 0 ? more : "");
    snprintf(more, sizeof more, "in %.1f s of workers", boots_s);
    tile(xml, NULL, count_of(effort, "boots"), "boots executed", boots_s > 0 ? more : "");
    snprintf(more, sizeof more, "in %.1f s of workers", retries_s);
    tile(xml, NULL, count_of(effort, "retries"), "retries executed", retries_s > 0 ? more : "");
    snprintf(more, sizeof more, "%zu came out otherwise", json_array_size(json_object_get(sweep, "mismatches")));
    if (report_number(sweep, "checked") > 0)
        tile(xml, NULL, count_of(sweep, "checked"), "executed again to check", more);
    if (sweep_rate(result) > 0)
        tile(xml, NULL, (uint64_t)(sweep_rate(result) + 0.5), sweep_is_faults(sweep) ? "faults/s" : "cuts/s", "");
    close_block(xml);
}

/** Said before any number is believed. */
static void write_extent(xmlTextWriterPtr xml, const json_t *sweep)
{
    const json_t *sample = json_object_get(sweep, "sample");
    bool part = report_number(sweep, "chunks_done") < report_number(sweep, "chunks");
    if (json_is_object(sample))
        format(xml, "p", "reason", "A sample only: %s cases drawn with seed %lld.",
               count_text(count_of(sample, "cases")).text, report_number(sample, "seed"));
    if (part)
        format(xml, "p", "reason", "A part only: %lld of %lld chunks.", report_number(sweep, "chunks_done"),
               report_number(sweep, "chunks"));
    if (!part && !json_is_object(sample))
        format(xml, "p", "soft", "All that the scenario asks for; %lld seed%s for mixtures.",
               report_number(sweep, "seeds"), report_number(sweep, "seeds") == 1 ? "" : "s");
}

static void write_head(xmlTextWriterPtr xml, const bool used[TEAR_COUNT])
{
    open_element(xml, "thead", NULL);
    open_element(xml, "tr", NULL);
    element(xml, "th", "left", "Phase");
    element(xml, "th", "left", "Operation");
    element(xml, "th", "total", "total");
    for (int tear = 0; tear < TEAR_COUNT; tear++) {
        if (!used[tear])
            continue;
        open_element(xml, "th", NULL);
        attribute(xml, "scope", "col");
        attribute(xml, "title", tear_meanings[tear]);
        element(xml, "span", NULL, tear_name((enum tear)tear));
        close_element(xml);
    }
    close_element(xml);
    close_block(xml);
}

static void write_row(xmlTextWriterPtr xml, const struct coverage_row *row, const bool used[TEAR_COUNT])
{
    open_element(xml, "tr", NULL);
    open_element(xml, "th", NULL);
    attribute(xml, "scope", "row");
    write_text(xml, row->phase);
    close_element(xml);
    element(xml, "td", "left", row->kind);
    element(xml, "td", "total", count_text(row->total).text);
    for (int tear = 0; tear < TEAR_COUNT; tear++) {
        bool some = row->counts[tear] > 0;
        if (used[tear])
            element(xml, "td", some ? NULL : "none", row->fits[tear] ? count_text(row->counts[tear]).text : "n/a");
    }
    close_block(xml);
}

/** Power was lost while no operation was under way: no class of tear. */
static void write_row_between(xmlTextWriterPtr xml, uint64_t count, const bool used[TEAR_COUNT])
{
    const struct coverage_row row = {.phase = "between operations, and at the end", .kind = "", .total = count};
    write_row(xml, &row, used);
}

/** Columns of classes that no operation here can have are left out; one that was not hit is a 0. */
static void write_coverage(xmlTextWriterPtr xml, const json_t *sweep)
{
    uint32_t count;
    struct coverage_row *rows = coverage_rows(sweep, &count), sums = {.phase = "total", .kind = ""};
    bool used[TEAR_COUNT] = {false};
    for (uint32_t i = 0; i < count; i++) {
        for (int tear = 0; tear < TEAR_COUNT; tear++) {
            used[tear] |= rows[i].fits[tear];
            sums.fits[tear] = true;
            sums.counts[tear] += rows[i].counts[tear];
        }
        sums.total += rows[i].total;
    }
    if (count > 0) {
        element(xml, "h3", NULL, "First cuts, by what they left in the cells");
        open_element(xml, "div", "scroll");
        open_element(xml, "table", "cuts");
        write_head(xml, used);
        open_element(xml, "tbody", NULL);
        for (uint32_t i = 0; i < count; i++)
            write_row(xml, &rows[i], used);
        uint64_t between = count_of(sweep, "cases") - sums.total;
        write_row_between(xml, between, used);
        sums.total += between;
        close_element(xml);
        open_element(xml, "tfoot", NULL);
        write_row(xml, &sums, used);
        close_element(xml);
        close_element(xml);
        close_block(xml);
    }
    free(rows);
}

static void write_faults(xmlTextWriterPtr xml, const json_t *sweep)
{
    size_t i;
    json_t *row;
    const char *key;
    json_t *value;
    open_element(xml, "ul", "notes");
    json_array_foreach(json_object_get(sweep, "coverage"), i, row)
        json_object_foreach(json_object_get(row, "tears"), key, value)
            format(xml, "li", NULL, "%s, %s: %s %s", report_text(row, "phase"), report_text(row, "kind"), key,
                   count_text((uint64_t)json_integer_value(value)).text);
    close_block(xml);
}

static void write_failure(xmlTextWriterPtr xml, const struct result *result, const json_t *failure)
{
    bool known = failure_is_known(failure);
    char classes[60], where[400];
    snprintf(classes, sizeof classes, "card failure %s", known ? "known" : report_text(failure, "verdict"));
    open_element(xml, "div", classes);
    open_element(xml, "div", NULL);
    element(xml, "span", "badge", known ? "known" : report_text(failure, "verdict"));
    element(xml, "span", "cause", report_text(failure, "cause"));
    close_element(xml);
    open_element(xml, "dl", NULL);
    fact(xml, "cases", NULL, count_text(count_of(failure, "cases")).text);
    fact(xml, "smallest case", "mono", report_text(failure, "id"));
    failure_place(failure, where, sizeof where);
    fact(xml, "where", NULL, where);
    fact(xml, "last seen", NULL, report_text(failure, "last_seen"));
    fact(xml, "digest", "mono", report_text(failure, "digest"));
    close_element(xml);
    format(xml, "code", "replay", "twinbank run %s --case %s", result->path, report_text(failure, "id"));
    close_block(xml);
}

/** Our own bugs. */
static void write_mismatches(xmlTextWriterPtr xml, const json_t *sweep)
{
    size_t i;
    json_t *mismatch;
    open_element(xml, "ul", "notes");
    json_array_foreach(json_object_get(sweep, "mismatches"), i, mismatch)
        element(xml, "li", "reason", json_string_value(mismatch));
    close_block(xml);
}

static void write_sweep(xmlTextWriterPtr xml, const struct result *result)
{
    uint32_t count;
    json_t **failures = failures_in_order(result->sweep, &count);
    element(xml, "h3", NULL, sweep_is_faults(result->sweep) ? "Faults" : "Power cuts");
    write_extent(xml, result->sweep);
    write_tiles(xml, result);
    if (json_array_size(json_object_get(result->sweep, "mismatches")) > 0)
        write_mismatches(xml, result->sweep);
    if (sweep_is_faults(result->sweep))
        write_faults(xml, result->sweep);
    else
        write_coverage(xml, result->sweep);
    if (count > 0)
        element(xml, "h3", NULL, "Failures by cause");
    for (uint32_t i = 0; i < count; i++)
        write_failure(xml, result, failures[i]);
    free(failures);
}

/* --- a scenario -------------------------------------------------------------------------------- */

static void write_facts(xmlTextWriterPtr xml, const struct result *result)
{
    char text[200];
    open_element(xml, "dl", NULL);
    fact(xml, "file", "mono", result->path);
    int used = snprintf(text, sizeof text, "%.3f s virtual, %s instructions",
                        (double)result->virtual_ps / (double)PS_PER_S, count_text(result->instructions).text);
    if (result->wall_ns > 0)
        snprintf(text + used, sizeof text - (size_t)used, "; %s%.1f s of the host",
                 result->sweep != NULL ? "with the sweep " : "", (double)result->wall_ns / 1e9);
    fact(xml, result->sweep != NULL ? "rehearsal" : "run", NULL, text);
    snprintf(text, sizeof text, "%s programs, %s erases, %s bank swaps", count_text(result->programs).text,
             count_text(result->erases).text, count_text(result->remaps).text);
    fact(xml, "flash", NULL, text);
    snprintf(text, sizeof text, "%016llx, of the trace %016llx", (unsigned long long)result->digest,
             (unsigned long long)result->trace_digest);
    fact(xml, "digest", "mono", text);
    close_block(xml);
}

/** The order on the page: what does not pass, sweeps, and the rest, of which only the first line shows. */
enum place {
    PLACE_FIRST,
    PLACE_SWEEP,
    PLACE_REST
};

static enum place place_of(const struct result *result)
{
    if (result->verdict != VERDICT_PASS)
        return PLACE_FIRST;
    return result->sweep != NULL ? PLACE_SWEEP : PLACE_REST;
}

static void write_scenario(xmlTextWriterPtr xml, const struct result *result, uint32_t number)
{
    bool rest = place_of(result) == PLACE_REST;
    char classes[40];
    snprintf(classes, sizeof classes, "card %s%s", verdict_of(result), rest ? " rest" : "");
    open_element(xml, "details", classes);
    xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "id", "scenario-%u", number);
    if (!rest)
        attribute(xml, "open", "open");
    open_element(xml, "summary", NULL);
    element(xml, "span", "badge", verdict_of(result));
    element(xml, "h2", NULL, result->name);
    close_block(xml);
    element(xml, "p", "lead", result->title);
    if (result->reason[0] != '\0')
        element(xml, "p", "reason", result->reason);
    if (result->verdict != VERDICT_PASS && result->last_seen[0] != '\0' && result->sweep == NULL)
        format(xml, "p", NULL, "last seen: %s", result->last_seen);
    if (result->note_count > 0) {
        open_element(xml, "ul", "notes");
        for (uint32_t i = 0; i < result->note_count; i++)
            element(xml, "li", NULL, result->notes[i]);
        close_block(xml);
    }
    if (result->sweep != NULL)
        write_sweep(xml, result);
    write_facts(xml, result);
    if (result->verdict != VERDICT_PASS && result->sweep == NULL)
        format(xml, "code", "replay", "twinbank run %s", result->path);
    close_block(xml);
}

/* --- the page ---------------------------------------------------------------------------------- */

static void write_summary(xmlTextWriterPtr xml, const struct report *report)
{
    static const char *const words[] = {"passed", "failed", "vacuous", "inconclusive", "could not be run"};
    uint64_t cuts = 0;
    element(xml, "h1", NULL, "twinbank");
    format(xml, "p", "soft", "version %s", TB_VERSION);
    open_element(xml, "ul", "tiles top");
    for (uint32_t verdict = VERDICT_PASS; verdict <= VERDICT_ERROR; verdict++)
        if (report->verdicts[verdict] > 0 || verdict <= VERDICT_FAIL)
            tile(xml, verdict_name((enum verdict)verdict), report->verdicts[verdict], words[verdict], "");
    for (uint32_t i = 0; i < report->count; i++)
        cuts += count_of(report->results[i].sweep, "cases") + count_of(report->results[i].sweep, "pairs");
    if (cuts > 0)
        tile(xml, NULL, cuts, "power cuts", "");
    close_block(xml);
}

static void write_line(xmlTextWriterPtr xml, const struct result *result, uint32_t number)
{
    const json_t *sweep = result->sweep;
    uint64_t cuts = count_of(sweep, "cases") + count_of(sweep, "pairs");
    char classes[40];
    snprintf(classes, sizeof classes, "left %s", verdict_of(result));
    open_element(xml, "tr", NULL);
    open_element(xml, "td", classes);
    element(xml, "span", "badge", verdict_of(result));
    close_element(xml);
    open_element(xml, "td", "left");
    open_element(xml, "a", NULL);
    xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "href", "#scenario-%u", number);
    write_text(xml, result->name);
    close_element(xml);
    close_element(xml);
    element(xml, "td", NULL, sweep != NULL ? count_text(cuts).text : "");
    element(xml, "td", NULL, sweep != NULL ? count_text(count_of(sweep, "failing")).text : "");
    format(xml, "td", NULL, "%.1f s", (double)result->virtual_ps / (double)PS_PER_S);
    close_block(xml);
}

static void write_list(xmlTextWriterPtr xml, const struct report *report)
{
    static const char *const heads[] = {"verdict", "scenario", "cuts", "failing", "virtual time"};
    open_element(xml, "table", "list");
    open_element(xml, "thead", NULL);
    open_element(xml, "tr", NULL);
    for (uint32_t i = 0; i < ARRAY_LENGTH(heads); i++)
        element(xml, "th", i < 2u ? "left" : NULL, heads[i]);
    close_element(xml);
    close_element(xml);
    open_element(xml, "tbody", NULL);
    for (int place = PLACE_FIRST; place <= PLACE_REST; place++)
        for (uint32_t i = 0; i < report->count; i++)
            if ((int)place_of(&report->results[i]) == place)
                write_line(xml, &report->results[i], i + 1u);
    close_element(xml);
    close_block(xml);
}

static void write_legend(xmlTextWriterPtr xml)
{
    open_element(xml, "details", "card");
    element(xml, "summary", NULL, "What a cut can leave in the cells");
    open_element(xml, "dl", NULL);
    for (int tear = 0; tear < TEAR_COUNT; tear++)
        fact(xml, tear_name((enum tear)tear), NULL, tear_meanings[tear]);
    close_element(xml);
    close_block(xml);
}

static void write_page(xmlTextWriterPtr xml, const struct report *report)
{
    bool any_sweep = false;
    xmlTextWriterWriteDTD(xml, BAD_CAST "html", NULL, NULL, NULL);
    open_element(xml, "html", NULL);
    attribute(xml, "lang", "en");
    open_element(xml, "head", NULL);
    xmlTextWriterStartElement(xml, BAD_CAST "meta");
    attribute(xml, "charset", "utf-8");
    xmlTextWriterEndElement(xml);
    xmlTextWriterStartElement(xml, BAD_CAST "meta");
    attribute(xml, "name", "viewport");
    attribute(xml, "content", "width=device-width, initial-scale=1");
    xmlTextWriterEndElement(xml);
    format(xml, "title", NULL, "twinbank: %u of %u scenarios pass", report->verdicts[VERDICT_PASS], report->count);
    element(xml, "style", NULL, style);
    close_block(xml);
    open_element(xml, "body", NULL);
    open_element(xml, "main", NULL);
    write_summary(xml, report);
    write_list(xml, report);
    for (int place = PLACE_FIRST; place <= PLACE_REST; place++)
        for (uint32_t i = 0; i < report->count; i++)
            if ((int)place_of(&report->results[i]) == place)
                write_scenario(xml, &report->results[i], i + 1u);
    for (uint32_t i = 0; i < report->count; i++)
        any_sweep |= report->results[i].sweep != NULL;
    if (any_sweep)
        write_legend(xml);
    close_element(xml);
    close_element(xml);
    close_block(xml);
}

enum status report_write_html(const struct report *report, const char *path, struct error *err)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr xml = buffer != NULL ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    if (xml == NULL) {
        xmlBufferFree(buffer);
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", path);
    }
    write_page(xml, report);
    bool good = xmlTextWriterEndDocument(xml) >= 0;
    xmlFreeTextWriter(xml); /* what is left goes to the buffer here */
    FILE *file = good ? fopen(path, "wb") : NULL;
    size_t size = (size_t)xmlBufferLength(buffer);
    good = file != NULL && fwrite(xmlBufferContent(buffer), 1, size, file) == size;
    int reason = errno;
    if (file != NULL && fclose(file) != 0) {
        good = false;
        reason = errno;
    }
    xmlBufferFree(buffer);
    return good ? TB_OK : error_set(err, TB_ERR_IO, "%s: %s", path, strerror(reason));
}
