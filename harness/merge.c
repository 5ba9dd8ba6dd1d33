/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/merge.h"

#include "harness/faults/sweep.h"
#include "harness/passed_images.h"
#include "harness/report.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENDING ".cases.jsonl"

struct names {
    char (*list)[80];
    uint32_t count;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static enum status add_names(struct names *names, const char *directory, struct error *err)
{
    DIR *dir = opendir(directory);
    if (dir == NULL)
        return error_set(err, TB_ERR_INPUT, "%s: %s; expected a directory that run --report wrote", directory,
                         strerror(errno));
    uint32_t before = names->count;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t length = strlen(entry->d_name), ending = strlen(ENDING);
        if (length <= ending || length - ending >= sizeof names->list[0] ||
            strcmp(entry->d_name + length - ending, ENDING) != 0)
            continue;
        char(*grown)[80] = realloc(names->list, (names->count + 1u) * sizeof *grown);
        TB_ASSERT(grown != NULL);
        names->list = grown;
        snprintf(names->list[names->count++], sizeof names->list[0], "%.*s", (int)(length - ending), entry->d_name);
    }
    closedir(dir);
    return names->count > before
               ? TB_OK
               : error_set(err, TB_ERR_INPUT, "%s: no journal there; expected what run --report wrote", directory);
}

/** Each name once, in the order in which run takes the files of a directory. */
static void sort_names(struct names *names)
{
    uint32_t kept = 0;
    qsort(names->list, names->count, sizeof names->list[0], by_text);
    for (uint32_t i = 0; i < names->count; i++)
        if (kept == 0 || strcmp(names->list[kept - 1u], names->list[i]) != 0)
            memmove(names->list[kept++], names->list[i], sizeof names->list[0]);
    names->count = kept;
}

/** What is joined, and what it must be. */
struct merged {
    struct report report;
    json_t *runs;   /* {run: {"scenarios": how many it has, "names": {name: true}}} */
    json_t *passed; /* see passed_images_note */
};

/** Notes which scenario of which run a journal is of. */
static void note_run(json_t *runs, const char *path, const char *name)
{
    json_t *header = journal_header(path);
    const char *id = json_string_value(json_object_get(header, "run"));
    json_t *run = id != NULL ? json_object_get(runs, id) : NULL;
    if (id != NULL && run == NULL) {
        run = json_pack("{s:O?, s:{}}", "scenarios", json_object_get(header, "scenarios"), "names");
        int failed = json_object_set_new(runs, id, run);
        TB_ASSERT(failed == 0);
    }
    if (run != NULL)
        json_object_set_new(json_object_get(run, "names"), name, json_true());
    json_decref(header);
}

/** A scenario that only a missing shard has run would not be missed otherwise. */
static enum status check_runs(json_t *runs, struct error *err)
{
    const char *id;
    json_t *run;
    json_object_foreach(runs, id, run)
    {
        json_int_t wanted = json_integer_value(json_object_get(run, "scenarios"));
        size_t found = json_object_size(json_object_get(run, "names"));
        if ((json_int_t)found != wanted)
            return error_set(err, TB_ERR_INPUT, "merge: %zu of %lld scenarios; expected the journals of all shards",
                             found, (long long)wanted);
    }
    return TB_OK;
}

static enum status merge_one(const struct options *options, const char *name, struct merged *merged, struct error *err)
{
    char path[600];
    json_t *header = NULL, *chunks = NULL;
    enum status status = TB_OK;
    for (uint32_t i = 0; status == TB_OK && i < options->word_count; i++) {
        journal_path(path, sizeof path, options->words[i], name);
        if (access(path, R_OK) != 0)
            continue;
        status = journal_join(&header, &chunks, path, err);
        note_run(merged->runs, path, name);
    }
    json_int_t wanted = json_integer_value(json_object_get(header, "chunks"));
    if (status == TB_OK && (json_int_t)json_array_size(chunks) != wanted)
        status = error_set(err, TB_ERR_INPUT, "%s: %zu of %lld chunks; expected the journals of all shards", name,
                           json_array_size(chunks), (long long)wanted);
    if (status == TB_OK) {
        struct result result;
        report_result_from_json(&result, json_object_get(header, "result"));
        if (wanted > 0) {
            result.sweep = sweep_conclude(header, chunks, &result);
            result.wall_ns = 0; /* the shards' own, and nobody noted those */
        }
        report_add(&merged->report, &result);
        passed_images_note(merged->passed, json_object_get(header, "images"), name, passed_as_a_whole(&result));
        json_decref(result.sweep);
    }
    json_decref(header);
    json_decref(chunks);
    return status;
}

enum status merge_command(const struct options *options, int *exit_code, struct error *err)
{
    struct names names = {0};
    struct merged merged = {.runs = json_object(), .passed = json_array()};
    enum status status = TB_OK;
    TB_ASSERT(merged.runs != NULL && merged.passed != NULL);
    if (options->word_count == 0 || options->report_dir == NULL)
        status =
            error_set(err, TB_ERR_INPUT, "merge: nothing to join; expected --report DIR and the directories of shards");
    if (status == TB_OK)
        status = passed_images_forget(options->report_dir, err);
    for (uint32_t i = 0; status == TB_OK && i < options->word_count; i++)
        status = add_names(&names, options->words[i], err);
    if (status == TB_OK) {
        sort_names(&names);
        status = report_begin(&merged.report, stdout, names.count, err);
    }
    for (uint32_t i = 0; status == TB_OK && i < names.count; i++)
        status = merge_one(options, names.list[i], &merged, err);
    if (status == TB_OK)
        status = check_runs(merged.runs, err);
    if (status == TB_OK)
        *exit_code = report_end(&merged.report, 0);
    if (status == TB_OK)
        status = report_write_files(&merged.report, options->report_dir, err);
    if (status == TB_OK)
        status = passed_images_write(merged.passed, options->report_dir, err);
    if (merged.report.results != NULL)
        report_free(&merged.report);
    json_decref(merged.runs);
    json_decref(merged.passed);
    free(names.list);
    return status;
}
