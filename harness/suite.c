/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/suite.h"

#include "harness/passed_images.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#define JOBS_MAX 64u

/* --- collecting -------------------------------------------------------------------------------- */

static enum status add_file(struct suite *suite, const char *path, struct error *err)
{
    if (suite->count == SUITE_MAX_SCENARIOS)
        return error_set(err, TB_ERR_INPUT, "%s: more than %u scenarios", path, SUITE_MAX_SCENARIOS);
    struct scenario **grown = realloc(suite->scenarios, (suite->count + 1u) * sizeof *grown);
    char *own_path = strdup(path);
    if (grown == NULL || own_path == NULL) {
        free(own_path);
        suite->scenarios = grown != NULL ? grown : suite->scenarios;
        return error_set(err, TB_ERR_MEMORY, "%s: out of memory", path);
    }
    suite->scenarios = grown;
    enum status status = scenario_load(&suite->scenarios[suite->count], own_path, suite->options.images_dir, err);
    if (status != TB_OK)
        free(own_path);
    else
        suite->count++; /* the scenario keeps the path: NOLINT(clang-analyzer-unix.Malloc) */
    return status;
}

static int is_scenario(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5u && strcmp(entry->d_name + length - 5u, ".yaml") == 0;
}

/* Not alphasort: the order must not depend on the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum status add_directory(struct suite *suite, const char *path, struct error *err)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_scenario, by_name);
    if (count < 0)
        return error_set(err, TB_ERR_IO, "%s: %s", path, strerror(errno));
    enum status status = TB_OK;
    if (count == 0)
        status = error_set(err, TB_ERR_INPUT, "%s: no scenario there; expected .yaml files", path);
    size_t length = strlen(path);
    while (length > 1u && path[length - 1u] == '/')
        length--;
    for (int i = 0; i < count; i++) {
        char *file = NULL;
        if (status == TB_OK && asprintf(&file, "%.*s/%s", (int)length, path, entries[i]->d_name) < 0)
            status = error_set(err, TB_ERR_MEMORY, "%s: out of memory", path);
        if (status == TB_OK)
            status = add_file(suite, file, err);
        free(file);
        free(entries[i]);
    }
    free(entries);
    return status;
}

enum status suite_add(struct suite *suite, const char *path, struct error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return error_set(err, TB_ERR_INPUT, "%s: %s; expected a scenario or a directory of them", path,
                         strerror(errno));
    return S_ISDIR(info.st_mode) ? add_directory(suite, path, err) : add_file(suite, path, err);
}

void suite_free(struct suite *suite)
{
    for (uint32_t i = 0; i < suite->count; i++) {
        char *path = (char *)suite->scenarios[i]->path; /* the copy that add_file made */
        scenario_free(suite->scenarios[i]);
        free(path);
    }
    free(suite->scenarios);
    suite->scenarios = NULL;
    suite->count = 0;
}

/* --- workers ----------------------------------------------------------------------------------- */

struct worker {
    pid_t pid;
    int pipe;          /* -1: this place is free */
    uint32_t scenario; /* index */
    size_t received;
    struct result result;
};

struct crew {
    struct suite *suite;
    struct worker workers[JOBS_MAX];
    uint32_t size;
    struct result *results;
    bool *is_done;
    uint32_t started, done, reported;
    uint32_t end; /* scenarios before it are this crew's; those behind it wait for a sweep */
};

static bool write_all(int file, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        at += written;
        size -= (size_t)written;
    }
    return true;
}

static void work(const struct suite *suite, uint32_t index, int pipe)
{
    static struct result result;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* whoever stops the suite stops its workers */
    scenario_run(suite->scenarios[index], &suite->options, &result);
    bool sent = write_all(pipe, &result, sizeof result);
    /* not exit: buffers of the parent's streams must not be written twice */
    _exit(sent ? 0 : 1);
}

static enum status start_worker(struct crew *crew, struct worker *worker, struct error *err)
{
    int ends[2];
    if (pipe(ends) != 0)
        return error_set(err, TB_ERR_IO, "no pipe for a worker: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return error_set(err, TB_ERR_IO, "no process for a worker: %s", strerror(errno));
    }
    if (pid == 0) {
        close(ends[0]);
        work(crew->suite, crew->started, ends[1]);
    }
    close(ends[1]);
    worker->pid = pid;
    worker->pipe = ends[0];
    worker->scenario = crew->started++;
    worker->received = 0;
    return TB_OK;
}

/** The worker ended without a whole result: that is our bug, and must not look like the firmware's. */
static void make_crash_result(struct worker *worker, const struct scenario *scenario, int wait_status)
{
    struct result *result = &worker->result;
    memset(result, 0, sizeof *result);
    snprintf(result->name, sizeof result->name, "%s", scenario->name);
    snprintf(result->path, sizeof result->path, "%s", scenario->path);
    snprintf(result->title, sizeof result->title, "%s", scenario->title);
    result->verdict = VERDICT_ERROR;
    if (WIFSIGNALED(wait_status))
        snprintf(result->reason, sizeof result->reason, "the worker ended by signal %d (%s): a bug of twinbank",
                 WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
    else
        snprintf(result->reason, sizeof result->reason, "the worker ended with status %d: a bug of twinbank",
                 WEXITSTATUS(wait_status));
}

static void report_in_order(struct crew *crew)
{
    while (crew->reported < crew->end && crew->is_done[crew->reported]) {
        crew->suite->on_result(crew->suite->context, &crew->results[crew->reported]);
        crew->reported++;
    }
}

static void finish_worker(struct crew *crew, struct worker *worker)
{
    int wait_status = 0;
    close(worker->pipe);
    worker->pipe = -1;
    while (waitpid(worker->pid, &wait_status, 0) < 0 && errno == EINTR)
        continue;
    if (worker->received != sizeof worker->result)
        make_crash_result(worker, crew->suite->scenarios[worker->scenario], wait_status);
    crew->results[worker->scenario] = worker->result;
    crew->is_done[worker->scenario] = true;
    crew->done++;
    report_in_order(crew);
    if (crew->suite->on_progress != NULL)
        crew->suite->on_progress(crew->suite->context, crew->done, crew->suite->count);
}

static void listen_to(struct crew *crew, struct worker *worker)
{
    char *at = (char *)&worker->result + worker->received;
    ssize_t count = read(worker->pipe, at, sizeof worker->result - worker->received);
    if (count < 0 && errno == EINTR)
        return;
    if (count > 0)
        worker->received += (size_t)count;
    if (count <= 0 || worker->received == sizeof worker->result)
        finish_worker(crew, worker);
}

static enum status run_crew(struct crew *crew, struct error *err)
{
    struct pollfd polled[JOBS_MAX];
    while (crew->done < crew->end) {
        for (uint32_t i = 0; i < crew->size; i++) {
            if (crew->workers[i].pipe < 0 && crew->started < crew->end) {
                enum status status = start_worker(crew, &crew->workers[i], err);
                if (status != TB_OK)
                    return status;
            }
            polled[i] = (struct pollfd){.fd = crew->workers[i].pipe, .events = POLLIN};
        }
        if (poll(polled, crew->size, -1) < 0 && errno != EINTR)
            return error_set(err, TB_ERR_IO, "waiting for workers: %s", strerror(errno));
        for (uint32_t i = 0; i < crew->size; i++)
            if (polled[i].revents != 0)
                listen_to(crew, &crew->workers[i]);
    }
    return TB_OK;
}

/** Whether another shard runs this scenario. Sweeps are divided case by case, the others as a whole. */
static bool is_elsewhere(const struct suite *suite, uint32_t index)
{
    return suite->sweep.shards > 0 && !scenario_is_swept(suite->scenarios[index]) &&
           index % suite->sweep.shards != suite->sweep.shard - 1u;
}

/** A journal is there that somebody still wants to go on with, once the rehearsal passes again. */
static bool may_go_on(const struct suite *suite, const struct result *result)
{
    char path[600];
    if (!suite->sweep.resume || suite->sweep.report_dir == NULL)
        return false;
    journal_path(path, sizeof path, suite->sweep.report_dir, result->name);
    return access(path, F_OK) == 0;
}

static enum status run_sweep(struct crew *crew, uint32_t index, struct error *err)
{
    struct suite *suite = crew->suite;
    struct result *result = &crew->results[index];
    enum status status = sweep_run(suite->scenarios[index], &suite->options, &suite->sweep, suite->on_sweep,
                                   suite->context, result, &result->sweep, err);
    if (status == TB_OK && result->sweep == NULL && !may_go_on(suite, result)) /* it did not get that far */
        status = journal_write_plain(suite->scenarios[index], result, &suite->sweep, err);
    if (status != TB_OK)
        return status;
    suite->on_result(suite->context, result);
    crew->started = crew->done = crew->reported = index + 1u;
    return TB_OK;
}

static enum status skip(struct crew *crew)
{
    crew->started = crew->done = ++crew->reported;
    return TB_OK;
}

/** In the order of the scenarios: those without cuts side by side, sweeps one by one with all workers. */
static enum status run_all(struct crew *crew, struct error *err)
{
    struct suite *suite = crew->suite;
    enum status status = TB_OK;
    while (status == TB_OK && crew->reported < suite->count) {
        uint32_t at = crew->reported;
        if (is_elsewhere(suite, at)) {
            status = skip(crew);
        } else if (scenario_is_swept(suite->scenarios[at])) {
            status = run_sweep(crew, at, err);
        } else {
            crew->end = at + 1u;
            while (crew->end < suite->count && !scenario_is_swept(suite->scenarios[crew->end]) &&
                   !is_elsewhere(suite, crew->end))
                crew->end++;
            status = run_crew(crew, err);
            for (uint32_t i = at; status == TB_OK && i < crew->end; i++)
                status = journal_write_plain(suite->scenarios[i], &crew->results[i], &suite->sweep, err);
        }
    }
    return status;
}

/** Parts of a run prove nothing of an image: whoever joins them says what passed. */
static void note_images(const struct suite *suite, const struct result *results)
{
    for (uint32_t i = 0; suite->passed != NULL && i < suite->count; i++) {
        json_t *images = passed_images_of(suite->scenarios[i]);
        bool passed = suite->sweep.shards == 0 && passed_as_a_whole(&results[i]);
        passed_images_note(suite->passed, images, suite->scenarios[i]->name, passed);
        json_decref(images);
    }
}

/** The same for all shards of a run. */
static uint64_t digest_of_names(const struct suite *suite)
{
    uint64_t digest = suite->count;
    for (uint32_t i = 0; i < suite->count; i++)
        digest = XXH3_64bits_withSeed(suite->scenarios[i]->name, strlen(suite->scenarios[i]->name), mix64(digest));
    return digest;
}

enum status suite_run(struct suite *suite, struct error *err)
{
    suite->sweep.run = digest_of_names(suite);
    suite->sweep.scenarios = suite->count;
    struct crew *crew = calloc(1, sizeof *crew);
    enum status status = TB_ERR_MEMORY;
    if (crew != NULL) {
        crew->suite = suite;
        crew->size = suite->jobs < 1u ? 1u : suite->jobs > JOBS_MAX ? JOBS_MAX : suite->jobs;
        for (uint32_t i = 0; i < crew->size; i++)
            crew->workers[i].pipe = -1;
        crew->results = calloc(suite->count, sizeof *crew->results);
        crew->is_done = calloc(suite->count, sizeof *crew->is_done);
    }
    fflush(NULL);
    if (crew != NULL && crew->results != NULL && crew->is_done != NULL)
        status = run_all(crew, err);
    else
        (void)error_set(err, status, "no memory for %u results", suite->count);
    if (status == TB_OK)
        note_images(suite, crew->results);
    if (crew != NULL) {
        for (uint32_t i = 0; crew->results != NULL && i < suite->count; i++)
            json_decref(crew->results[i].sweep);
        free(crew->results);
        free(crew->is_done);
    }
    free(crew);
    return status;
}
