/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * twinbank: scenario files -> machines -> observations -> verdicts -> reports.
 */
#include "harness/exec.h"
#include "harness/faults/replay.h"
#include "harness/list.h"
#include "harness/merge.h"
#include "harness/options.h"
#include "harness/passed_images.h"
#include "harness/report.h"
#include "harness/suite.h"
#include "harness/wall_clock.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_INPUT 2

static int complain(const struct error *err)
{
    fprintf(stderr, "twinbank: %s\n", err->text);
    return EXIT_INPUT;
}

/** --images, else the environment, else beside the executable in the build directory. */
static const char *find_images(const char *given)
{
    static char path[1024];
    char self[512];
    if (given != NULL)
        return given;
    const char *environment = getenv("TWINBANK_IMAGES");
    if (environment != NULL && environment[0] != '\0')
        return environment;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1u);
    if (length <= 0)
        return ".";
    self[length] = '\0';
    snprintf(path, sizeof path, "%s/../firmware/images", dirname(self));
    return path;
}

static void on_result(void *context, const struct result *result)
{
    report_add(context, result);
}

static void on_progress(void *context, uint32_t done, uint32_t total)
{
    report_progress(context, done, total);
}

static void on_sweep(void *context, const char *name, uint32_t done, uint32_t total, uint64_t cases)
{
    report_sweep_progress(context, name, done, total, cases);
}

static enum status run_suite(struct suite *suite, const struct options *options, int *exit_code, struct error *err)
{
    struct report report;
    uint64_t began_ns = wall_clock_ns();
    enum status status = report_begin(&report, stdout, suite->count, err);
    if (status != TB_OK)
        return status;
    suite->context = &report;
    suite->passed = options->report_dir != NULL ? json_array() : NULL;
    status = suite_run(suite, err);
    if (status == TB_OK)
        *exit_code = report_end(&report, wall_clock_ns() - began_ns);
    if (status == TB_OK && options->report_dir != NULL)
        status = report_write_files(&report, options->report_dir, err);
    if (status == TB_OK && suite->passed != NULL)
        status = passed_images_write(suite->passed, options->report_dir, err);
    json_decref(suite->passed);
    report_free(&report);
    return status;
}

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/** `run FILE --case ID`. */
static enum status run_case(const struct suite *suite, const char *id, int *exit_code, struct error *err)
{
    struct report report;
    struct result result;
    uint64_t began_ns = wall_clock_ns();
    if (suite->count != 1u)
        return error_set(err, TB_ERR_INPUT, "--case: %u scenarios; expected exactly one", suite->count);
    enum status status = replay_case(suite->scenarios[0], &suite->options, id, &result, err);
    if (status == TB_OK)
        status = report_begin(&report, stdout, 1, err);
    if (status != TB_OK)
        return status;
    result.wall_ns = wall_clock_ns() - began_ns;
    report_case(&report, &result, id);
    *exit_code = report_end(&report, result.wall_ns);
    report_free(&report);
    return TB_OK;
}

static enum status run_command(const struct options *options, int *exit_code, struct error *err)
{
    struct suite suite = {
        .jobs = options->jobs,
        .options = {find_images(options->images_dir), options->stop_seed, options->stop_interval, options->trace_path},
        .on_result = on_result,
        .sweep = {.jobs = options->jobs,
                  .shard = options->shard,
                  .shards = options->shards,
                  .sample = options->sample,
                  .sample_seed = options->seed,
                  .report_dir = options->report_dir,
                  .resume = options->resume,
                  .no_equivalence = options->no_equivalence},
        .on_progress = on_progress,
        .on_sweep = on_sweep,
    };
    if (options->word_count == 0)
        return error_set(err, TB_ERR_INPUT, "run: nothing to run; expected scenario files or directories");
    if (options->trace_path != NULL && (options->word_count != 1u || is_directory(options->words[0])))
        return error_set(err, TB_ERR_INPUT, "--trace: of several scenarios there is no one trace; expected one file");
    enum status status = TB_OK;
    if (options->report_dir != NULL && options->case_id == NULL)
        status = passed_images_forget(options->report_dir, err); /* whatever comes of this run */
    for (uint32_t i = 0; status == TB_OK && i < options->word_count; i++)
        status = suite_add(&suite, options->words[i], err);
    if (status == TB_OK)
        status = options->case_id != NULL ? run_case(&suite, options->case_id, exit_code, err)
                                          : run_suite(&suite, options, exit_code, err);
    suite_free(&suite);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    struct error err = {""};
    int exit_code = 0;
    enum status status = options_parse(&options, argc, argv, &err);
    if (status != TB_OK)
        return complain(&err);
    switch (options.command) {
    case COMMAND_RUN:
        status = run_command(&options, &exit_code, &err);
        break;
    case COMMAND_MERGE:
        status = merge_command(&options, &exit_code, &err);
        break;
    case COMMAND_EXEC:
        status = exec_command(&options, &exit_code, &err);
        break;
    case COMMAND_LIST:
        status = list_command(&options, &err);
        break;
    case COMMAND_HELP:
        options_print_help(stdout);
        break;
    case COMMAND_VERSION:
        puts("twinbank " TB_VERSION);
        break;
    }
    return status == TB_OK ? exit_code : complain(&err);
}
