/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/merge.h"

#include "harness/faults/sweep.h"
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

static enum status merge_one(const struct options *options, const char *name, struct report *report, struct error *err)
{
    char path[600];
    json_t *header = NULL, *chunks = NULL;
    enum status status = TB_OK;
    for (uint32_t i = 0; status == TB_OK && i < options->word_count; i++) {
        journal_path(path, sizeof path, options->words[i], name);
        if (access(path, R_OK) == 0)
            status = journal_join(&header, &chunks, path, err);
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
        report_add(report, &result);
        json_decref(result.sweep);
    }
    json_decref(header);
    json_decref(chunks);
    return status;
}

enum status merge_command(const struct options *options, int *exit_code, struct error *err)
{
    struct names names = {0};
    struct report report = {0};
    enum status status = TB_OK;
    if (options->word_count == 0 || options->report_dir == NULL)
        return error_set(err, TB_ERR_INPUT,
                         "merge: nothing to join; expected --report DIR and the directories of shards");
    for (uint32_t i = 0; status == TB_OK && i < options->word_count; i++)
        status = add_names(&names, options->words[i], err);
    if (status == TB_OK) {
        sort_names(&names);
        status = report_begin(&report, stdout, names.count, err);
    }
    for (uint32_t i = 0; status == TB_OK && i < names.count; i++)
        status = merge_one(options, names.list[i], &report, err);
    if (status == TB_OK)
        *exit_code = report_end(&report, 0);
    if (status == TB_OK)
        status = report_write_files(&report, options->report_dir, err);
    if (report.results != NULL)
        report_free(&report);
    free(names.list);
    return status;
}
