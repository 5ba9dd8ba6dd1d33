/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* JUnit XML for CI servers, JSON for programs, and the page of report_html.c for people. No wall-clock date in either:
 * equal runs, equal files, but for times. */
#include "harness/report_sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- JSON -------------------------------------------------------------------------------------- */

static json_t *json_hex(uint64_t value)
{
    char text[20];
    snprintf(text, sizeof text, "%016" PRIx64, value);
    return json_string(text);
}

json_t *report_result_json(const struct result *result)
{
    json_t *notes = json_array();
    for (uint32_t i = 0; i < result->note_count; i++)
        json_array_append_new(notes, json_string(result->notes[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "name",
                     result->name, "path", result->path, "title", result->title, "verdict",
                     verdict_name((enum verdict)result->verdict), "reason", result->reason, "last_seen",
                     result->last_seen, "notes", notes, "virtual_ps", (json_int_t)result->virtual_ps, "instructions",
                     (json_int_t)result->instructions, "wall_ns", (json_int_t)result->wall_ns, "programs",
                     (json_int_t)result->programs, "erases", (json_int_t)result->erases, "remaps",
                     (json_int_t)result->remaps, "flash_copied_bytes", (json_int_t)result->flash_copied_bytes, "digest",
                     json_hex(result->digest), "trace_digest", json_hex(result->trace_digest));
}

static void copy_text(char *to, size_t size, const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    snprintf(to, size, "%s", text != NULL ? text : "");
}

static uint64_t number_of(const json_t *json, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(json, key));
}

static uint64_t hex_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text != NULL ? strtoull(text, NULL, 16) : 0;
}

void report_result_from_json(struct result *result, const json_t *json)
{
    char verdict[20];
    memset(result, 0, sizeof *result);
    copy_text(result->name, sizeof result->name, json, "name");
    copy_text(result->path, sizeof result->path, json, "path");
    copy_text(result->title, sizeof result->title, json, "title");
    copy_text(result->reason, sizeof result->reason, json, "reason");
    copy_text(result->last_seen, sizeof result->last_seen, json, "last_seen");
    copy_text(verdict, sizeof verdict, json, "verdict");
    result->verdict = VERDICT_ERROR;
    for (uint32_t v = VERDICT_PASS; v <= VERDICT_ERROR; v++)
        if (strcmp(verdict, verdict_name((enum verdict)v)) == 0)
            result->verdict = v;
    size_t i;
    json_t *note;
    json_array_foreach(json_object_get(json, "notes"), i, note) if (i < RESULT_NOTES && json_is_string(note))
        snprintf(result->notes[result->note_count++], sizeof result->notes[0], "%s", json_string_value(note));
    result->virtual_ps = number_of(json, "virtual_ps");
    result->instructions = number_of(json, "instructions");
    result->wall_ns = number_of(json, "wall_ns");
    result->programs = number_of(json, "programs");
    result->erases = number_of(json, "erases");
    result->remaps = number_of(json, "remaps");
    result->flash_copied_bytes = number_of(json, "flash_copied_bytes");
    result->digest = hex_of(json, "digest");
    result->trace_digest = hex_of(json, "trace_digest");
}

static json_t *json_result(const struct result *result)
{
    json_t *json = report_result_json(result);
    if (json != NULL && result->sweep != NULL)
        json_object_set(json, "sweep", result->sweep);
    return json;
}

static enum status write_json(const struct report *report, const char *path, struct error *err)
{
    json_t *scenarios = json_array();
    bool complete = scenarios != NULL;
    for (uint32_t i = 0; complete && i < report->count; i++)
        complete = json_array_append_new(scenarios, json_result(&report->results[i])) == 0;
    json_t *root = json_pack("{s:i, s:o}", "format", 1, "scenarios", scenarios);
    if (!complete || root == NULL) {
        json_decref(root);
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", path);
    }
    int failed = json_dump_file(root, path, JSON_INDENT(2));
    int reason = errno;
    json_decref(root);
    return failed == 0 ? TB_OK : error_set(err, TB_ERR_IO, "%s: %s", path, strerror(reason));
}

/* --- JUnit XML --------------------------------------------------------------------------------- */

static void attribute(xmlTextWriterPtr xml, const char *name, const char *value)
{
    xmlTextWriterWriteAttribute(xml, BAD_CAST name, BAD_CAST value);
}

static void number_attribute(xmlTextWriterPtr xml, const char *name, uint32_t value)
{
    xmlTextWriterWriteFormatAttribute(xml, BAD_CAST name, "%u", value);
}

/** What a sweep found: each cause, known or not, with the line that replays its smallest case. */
static void write_failures(xmlTextWriterPtr xml, const struct result *result, bool known)
{
    uint32_t count;
    char where[400];
    json_t **failures = failures_in_order(result->sweep, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (failure_is_known(failures[i]) != known)
            continue;
        const char *id = report_text(failures[i], "id"), *last_seen = report_text(failures[i], "last_seen");
        xmlTextWriterWriteFormatString(xml, "%s %s, %s like it: %s\n",
                                       known ? "known" : report_text(failures[i], "verdict"), id,
                                       cases_text(failures[i]).text, report_text(failures[i], "cause"));
        if (last_seen[0] != '\0')
            xmlTextWriterWriteFormatString(xml, "  last seen: %s\n", last_seen);
        failure_place(failures[i], where, sizeof where);
        xmlTextWriterWriteFormatString(xml, "  %s\n  replay: twinbank run %s --case %s\n", where, result->path, id);
    }
    free(failures);
}

static bool has_failures(const struct result *result, bool known)
{
    size_t i;
    json_t *failure;
    json_array_foreach(json_object_get(result->sweep, "failures"), i,
                       failure) if (failure_is_known(failure) == known) return true;
    return false;
}

static void write_case(xmlTextWriterPtr xml, const struct result *result)
{
    static const char *const elements[] = {NULL, "failure", "skipped", "skipped", "error"};
    const char *element = elements[result->verdict];
    xmlTextWriterStartElement(xml, BAD_CAST "testcase");
    attribute(xml, "classname", "scenarios");
    attribute(xml, "name", result->name);
    attribute(xml, "file", result->path);
    xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "time", "%.3f", (double)result->wall_ns / 1e9);
    if (element != NULL) {
        xmlTextWriterStartElement(xml, BAD_CAST element);
        attribute(xml, "message", result->reason);
        attribute(xml, "type", verdict_name((enum verdict)result->verdict));
        write_failures(xml, result, false);
        if (!has_failures(result, false))
            xmlTextWriterWriteFormatString(xml, "last seen: %s\nreplay: twinbank run %s\n", result->last_seen,
                                           result->path);
        xmlTextWriterEndElement(xml);
    }
    if (result->note_count > 0 || has_failures(result, true)) {
        xmlTextWriterStartElement(xml, BAD_CAST "system-out");
        for (uint32_t i = 0; i < result->note_count; i++)
            xmlTextWriterWriteFormatString(xml, "%s\n", result->notes[i]);
        write_failures(xml, result, true);
        xmlTextWriterEndElement(xml);
    }
    xmlTextWriterEndElement(xml);
}

static void write_suite(xmlTextWriterPtr xml, const struct report *report)
{
    const uint32_t *n = report->verdicts;
    xmlTextWriterSetIndent(xml, 1);
    xmlTextWriterStartDocument(xml, NULL, "UTF-8", NULL);
    xmlTextWriterStartElement(xml, BAD_CAST "testsuite");
    attribute(xml, "name", "twinbank");
    number_attribute(xml, "tests", report->count);
    number_attribute(xml, "failures", n[VERDICT_FAIL]);
    number_attribute(xml, "errors", n[VERDICT_ERROR]);
    number_attribute(xml, "skipped", n[VERDICT_INCONCLUSIVE] + n[VERDICT_VACUOUS]);
    for (uint32_t i = 0; i < report->count; i++)
        write_case(xml, &report->results[i]);
    xmlTextWriterEndElement(xml);
}

static enum status write_junit(const struct report *report, const char *path, struct error *err)
{
    xmlTextWriterPtr xml = xmlNewTextWriterFilename(path, 0);
    if (xml == NULL)
        return error_set(err, TB_ERR_IO, "%s: cannot be written", path);
    write_suite(xml, report);
    int end = xmlTextWriterEndDocument(xml);
    xmlFreeTextWriter(xml);
    return end >= 0 ? TB_OK : error_set(err, TB_ERR_IO, "%s: cannot be written", path);
}

enum status report_make_directory(const char *directory, struct error *err)
{
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return error_set(err, TB_ERR_IO, "%s: %s", directory, strerror(errno));
    return TB_OK;
}

enum status report_write_files(const struct report *report, const char *directory, struct error *err)
{
    char path[512];
    enum status status = report_make_directory(directory, err);
    if (status != TB_OK)
        return status;
    if (snprintf(path, sizeof path, "%s/twinbank.json", directory) >= (int)sizeof path)
        return error_set(err, TB_ERR_INPUT, "%.100s...: too long a name", directory);
    status = write_json(report, path, err);
    if (status != TB_OK)
        return status;
    snprintf(path, sizeof path, "%s/twinbank.xml", directory);
    status = write_junit(report, path, err);
    if (status != TB_OK)
        return status;
    snprintf(path, sizeof path, "%s/report.html", directory);
    return report_write_html(report, path, err);
}
