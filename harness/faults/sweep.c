/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/sweep.h"

#include "harness/faults/check.h"
#include "harness/faults/faults.h"
#include "harness/passed_images.h"
#include "harness/report.h"
#include "harness/wall_clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#define JOBS_MAX     64u
#define NO_CHUNK     UINT32_MAX
#define ANSWER_BYTES (64u << 20) /* more than any chunk's */

/* --- the header -------------------------------------------------------------------------------- */

static const char *step_label(const struct scenario *scenario, uint32_t step, char *text, size_t size)
{
    if (step >= scenario->steps_count) {
        snprintf(text, size, "end");
        return text;
    }
    const struct scenario_step *s = &scenario->steps[step];
    if (s->send != NULL)
        snprintf(text, size, "line %u: send %s", s->line, s->send->image_name);
    else if (s->wait != NULL)
        snprintf(text, size, "line %u: wait for \"%s\"", s->line, s->wait->text);
    else
        snprintf(text, size, "line %u", s->line);
    return text;
}

/** All that decides the cases and their verdicts: this program, the file, the rehearsal, the images, the sample. */
static uint64_t plan_digest(const struct plan *plan, const struct sweep_options *sweep)
{
    uint64_t digest = plan->rehearsal.digest ^ mix64(plan->rehearsal.trace_digest);
    digest = XXH3_64bits_withSeed(TB_VERSION, sizeof TB_VERSION, digest);
    for (uint32_t i = 0; i < plan->scenario->image_count; i++) /* some are only compared with */
        digest = XXH3_64bits_withSeed(plan->scenario->images[i].bytes, plan->scenario->images[i].size, digest);
    FILE *file = fopen(plan->scenario->path, "rb");
    char bytes[4096];
    size_t count;
    while (file != NULL && (count = fread(bytes, 1, sizeof bytes, file)) > 0)
        digest = XXH3_64bits_withSeed(bytes, count, digest);
    if (file != NULL)
        fclose(file);
    return mix64(digest ^ mix64(sweep->sample) ^ mix64(mix64(sweep->sample_seed)));
}

static json_t *json_hex64(uint64_t value)
{
    char text[20];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)value);
    return json_string(text);
}

/** Chunks and, behind them, batches of checks. */
static uint32_t piece_count(const struct plan *plan, const struct fault_list *faults,
                            const struct sweep_options *options)
{
    if (plan->scenario->faults != NULL)
        return faults_chunk_count(faults); /* each of them is run anyhow */
    bool checked = options->sample == 0 && !options->no_equivalence;
    return chunk_count(plan) + (checked ? check_count(plan) : 0);
}

/** What the run tests, and what it consists of. */
static json_t *add_run(json_t *header, const struct scenario *scenario, const struct sweep_options *options)
{
    json_object_set_new(header, "images", passed_images_of(scenario));
    json_object_set_new(header, "run", json_hex64(options->run));
    json_object_set_new(header, "scenarios", json_integer(options->scenarios));
    return header;
}

static json_t *make_header(const struct plan *plan, const struct fault_list *faults, const struct sweep_options *sweep)
{
    const struct scenario *scenario = plan->scenario;
    const struct power_cut *cut = scenario->power_cut;
    json_t *phases = json_array(), *expected = json_array(), *sample = json_null();
    char text[300];
    for (uint32_t i = 0; i <= scenario->steps_count; i++)
        json_array_append_new(phases, json_string(step_label(scenario, i, text, sizeof text)));
    for (uint32_t i = 0; i < scenario->expected_failures_count; i++) {
        const struct expected_failure *e = &scenario->expected_failures[i];
        json_array_append_new(expected, json_pack("{s:s, s:s}", "cause", e->cause, "cases", e->cases.text));
    }
    if (sweep->sample > 0)
        sample = json_pack("{s:I, s:I}", "cases", (json_int_t)sweep->sample, "seed", (json_int_t)sweep->sample_seed);
    const struct scenario_check *check = scenario->check;
    json_t *header =
        json_pack("{s:i, s:s, s:s, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "journal", 1, "what",
                  cut != NULL ? "cuts" : "faults", "name", scenario->name, "plan", json_hex64(plan_digest(plan, sweep)),
                  "result", report_result_json(&plan->rehearsal), "chunks", (int)piece_count(plan, faults, sweep),
                  "operations", (int)(plan->list.count - plan->first), "depth", (int)(cut != NULL ? cut->depth : 1u),
                  "seeds", (int)(cut != NULL ? cut->seeds : 1u), "cuts_at_least",
                  (int)(cut != NULL ? check->cuts_at_least : check->faults_at_least), "phases", phases, "expected",
                  expected, "sample", sample);
    return header != NULL ? add_run(header, scenario, sweep) : NULL;
}

/* --- the journal ------------------------------------------------------------------------------- */

void journal_path(char *path, size_t size, const char *directory, const char *name)
{
    snprintf(path, size, "%s/%s.cases.jsonl", directory, name);
}

enum status journal_write_plain(const struct scenario *scenario, const struct result *result,
                                const struct sweep_options *options, struct error *err)
{
    const char *directory = options->report_dir;
    char path[600];
    if (directory == NULL)
        return TB_OK;
    enum status status = report_make_directory(directory, err);
    if (status != TB_OK)
        return status;
    journal_path(path, sizeof path, directory, result->name);
    json_t *header = json_pack("{s:i, s:s, s:o, s:o, s:i}", "journal", 1, "name", result->name, "plan",
                               json_hex64(result->digest ^ mix64(result->trace_digest)), "result",
                               report_result_json(result), "chunks", 0);
    FILE *file = fopen(path, "wb");
    bool good = header != NULL && add_run(header, scenario, options) != NULL && file != NULL &&
                json_dumpf(header, file, JSON_COMPACT) == 0 && fputc('\n', file) != EOF;
    if (file != NULL && fclose(file) != 0)
        good = false;
    json_decref(header);
    return good ? TB_OK : error_set(err, TB_ERR_IO, "%s: %s", path, strerror(errno));
}

/** A line that was cut short by a kill ends the journal: what is behind it was never finished. */
static json_t *next_line(FILE *file)
{
    static char *line;
    static size_t capacity;
    ssize_t length = getline(&line, &capacity, file);
    return length > 0 && line[length - 1] == '\n' ? json_loadb(line, (size_t)length, 0, NULL) : NULL;
}

json_t *journal_header(const char *path)
{
    FILE *file = fopen(path, "rb");
    json_t *header = file != NULL ? next_line(file) : NULL;
    if (file != NULL)
        fclose(file);
    return header;
}

static bool has_chunk(const json_t *chunks, json_int_t index)
{
    size_t i;
    json_t *chunk;
    json_array_foreach((json_t *)chunks, i,
                       chunk) if (json_integer_value(json_object_get(chunk, "chunk")) == index) return true;
    return false;
}

enum status journal_join(json_t **header, json_t **chunks, const char *path, struct error *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_set(err, TB_ERR_INPUT, "%s: %s", path, strerror(errno));
    json_t *own = next_line(file);
    const json_t *plan = json_object_get(own, "plan");
    enum status status = TB_OK;
    if (json_integer_value(json_object_get(own, "journal")) != 1 || !json_is_string(plan))
        status =
            error_set(err, TB_ERR_INPUT, "%s:1: no journal of a sweep; expected one that run --report wrote", path);
    else if (*header != NULL && !json_equal(json_object_get(*header, "plan"), plan))
        status = error_set(
            err, TB_ERR_INPUT,
            "%s:1: of another plan; expected the same scenario, images, sample and version in all of them", path);
    if (status == TB_OK && *header != NULL &&
        !json_equal(json_object_get(*header, "images"), json_object_get(own, "images")))
        status = error_set(err, TB_ERR_INPUT, "%s:1: of other images; expected the same in all of them", path);
    if (status == TB_OK && *header == NULL) {
        *header = json_incref(own);
        *chunks = json_array();
    }
    for (json_t *line; status == TB_OK && (line = next_line(file)) != NULL;) {
        if (!has_chunk(*chunks, json_integer_value(json_object_get(line, "chunk"))))
            json_array_append(*chunks, line);
        json_decref(line);
    }
    json_decref(own);
    fclose(file);
    return status;
}

/* --- workers ----------------------------------------------------------------------------------- */

struct sweep_worker {
    pid_t pid;
    int socket; /* -1: none */
    uint32_t chunk;
    char *answer;
    size_t received;
    uint32_t length; /* of the answer; 0: not known yet */
};

struct sweep {
    const struct plan *plan;
    struct fault_list faults;
    const struct run_options *run;
    const struct sweep_options *options;
    struct sweep_worker workers[JOBS_MAX];
    uint32_t jobs;
    json_t *header, *chunks;
    FILE *journal;
    uint32_t next, total, done;
    uint64_t cases;
    sweep_on_progress on_progress;
    void *context;
};

static bool transfer(int file, void *bytes, size_t size, bool out)
{
    for (char *at = bytes; size > 0;) {
        ssize_t count = out ? write(file, at, size) : read(file, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        size -= (size_t)count;
    }
    return true;
}

static json_t *do_piece(const struct sweep *sweep, struct chunk_worker *worker, uint32_t piece)
{
    if (sweep->plan->scenario->faults != NULL)
        return faults_chunk_run(&worker->legs, &worker->explorer, sweep->plan, &sweep->faults, piece);
    uint32_t chunks = chunk_count(sweep->plan);
    return piece < chunks ? chunk_run(worker, piece) : check_run(worker, piece - chunks);
}

/** A worker process: chunk numbers in, JSON out. */
static void work(const struct sweep *sweep, int socket)
{
    static struct chunk_worker worker;
    struct error err = {""};
    uint32_t chunk;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (chunk_worker_open(&worker, sweep->plan, sweep->run, sweep->options->no_equivalence, &err) != TB_OK)
        _exit(1);
    worker.sample_seed = sweep->options->sample_seed;
    if (sweep->options->sample > 0 && sweep->plan->scenario->power_cut != NULL)
        worker.sample_limit = sample_limit(sweep->plan, sweep->options->sample, sweep->options->sample_seed);
    while (transfer(socket, &chunk, sizeof chunk, false)) {
        json_t *result = do_piece(sweep, &worker, chunk);
        char *text = json_dumps(result, JSON_COMPACT);
        uint32_t length = text != NULL ? (uint32_t)strlen(text) : 0;
        if (text == NULL || !transfer(socket, &length, sizeof length, true) || !transfer(socket, text, length, true))
            _exit(1);
        free(text);
        json_decref(result);
    }
    _exit(0);
}

static enum status start_worker(struct sweep *sweep, struct sweep_worker *worker, struct error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return error_set(err, TB_ERR_IO, "no socket for a worker: %s", strerror(errno));
    worker->pid = fork();
    if (worker->pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return error_set(err, TB_ERR_IO, "no process for a worker: %s", strerror(errno));
    }
    if (worker->pid == 0) {
        close(ends[0]);
        for (uint32_t i = 0; i < JOBS_MAX; i++)
            if (&sweep->workers[i] != worker && sweep->workers[i].socket >= 0)
                close(sweep->workers[i].socket);
        work(sweep, ends[1]);
    }
    close(ends[1]);
    worker->socket = ends[0];
    worker->chunk = NO_CHUNK;
    return TB_OK;
}

/** The next chunk that is ours and not done; NO_CHUNK: none. */
static uint32_t next_chunk(struct sweep *sweep)
{
    const struct sweep_options *options = sweep->options;
    uint32_t count = piece_count(sweep->plan, &sweep->faults, options);
    while (sweep->next < count) {
        uint32_t chunk = sweep->next++;
        if (options->shards > 0 && chunk % options->shards != options->shard - 1u)
            continue;
        if (!has_chunk(sweep->chunks, chunk))
            return chunk;
    }
    return NO_CHUNK;
}

static enum status assign(struct sweep *sweep, struct sweep_worker *worker, struct error *err)
{
    worker->chunk = next_chunk(sweep);
    worker->length = 0;
    worker->received = 0;
    if (worker->chunk == NO_CHUNK) {
        close(worker->socket); /* ends the worker */
        worker->socket = -1;
        return TB_OK;
    }
    if (!transfer(worker->socket, &worker->chunk, sizeof worker->chunk, true))
        return error_set(err, TB_ERR_IO, "a worker of the sweep does not listen: %s", strerror(errno));
    return TB_OK;
}

static enum status take_chunk(struct sweep *sweep, const char *text, size_t length, struct error *err)
{
    json_t *chunk = json_loadb(text, length, 0, NULL);
    if (chunk == NULL)
        return error_set(err, TB_ERR_IO, "a worker of the sweep answered nonsense: a bug of twinbank");
    if (sweep->journal != NULL) {
        int failed = fprintf(sweep->journal, "%.*s\n", (int)length, text) < 0 || fflush(sweep->journal) != 0;
        if (failed) {
            json_decref(chunk);
            return error_set(err, TB_ERR_IO, "the journal of the sweep: %s", strerror(errno));
        }
    }
    sweep->cases += (uint64_t)json_integer_value(json_object_get(chunk, "cases"));
    json_array_append_new(sweep->chunks, chunk);
    sweep->done++;
    if (sweep->on_progress != NULL)
        sweep->on_progress(sweep->context, sweep->plan->scenario->name, sweep->done, sweep->total, sweep->cases);
    return TB_OK;
}

static enum status worker_died(struct sweep_worker *worker, struct error *err)
{
    int status = 0;
    (void)waitpid(worker->pid, &status, 0);
    worker->pid = 0;
    if (WIFSIGNALED(status))
        return error_set(err, TB_ERR_IO, "the worker of chunk %u ended by signal %d (%s): a bug of twinbank",
                         worker->chunk, WTERMSIG(status), strsignal(WTERMSIG(status)));
    return error_set(err, TB_ERR_IO, "the worker of chunk %u ended with status %d: a bug of twinbank", worker->chunk,
                     WEXITSTATUS(status));
}

static enum status hear(struct sweep *sweep, struct sweep_worker *worker, struct error *err)
{
    bool in_text = worker->length > 0;
    char *to = in_text ? worker->answer : (char *)&worker->length;
    size_t wanted = in_text ? worker->length : sizeof worker->length;
    static uint32_t length_bytes[JOBS_MAX];
    uint32_t number = (uint32_t)(worker - sweep->workers);
    if (!in_text)
        to = (char *)&length_bytes[number];
    ssize_t count = read(worker->socket, to + worker->received, wanted - worker->received);
    if (count < 0 && errno == EINTR)
        return TB_OK;
    if (count <= 0)
        return worker_died(worker, err);
    worker->received += (size_t)count;
    if (worker->received < wanted)
        return TB_OK;
    worker->received = 0;
    if (!in_text) {
        worker->length = length_bytes[number];
        char *grown = worker->length < ANSWER_BYTES ? realloc(worker->answer, worker->length + 1u) : NULL;
        if (grown == NULL)
            return error_set(err, TB_ERR_MEMORY, "no memory for what a worker found");
        worker->answer = grown;
        return TB_OK;
    }
    enum status status = take_chunk(sweep, worker->answer, worker->length, err);
    return status == TB_OK ? assign(sweep, worker, err) : status;
}

static enum status run_workers(struct sweep *sweep, struct error *err)
{
    enum status status = TB_OK;
    uint32_t jobs = sweep->total < sweep->jobs ? sweep->total : sweep->jobs;
    for (uint32_t i = 0; status == TB_OK && i < jobs; i++) {
        status = start_worker(sweep, &sweep->workers[i], err);
        if (status == TB_OK)
            status = assign(sweep, &sweep->workers[i], err);
    }
    while (status == TB_OK) {
        struct pollfd polled[JOBS_MAX];
        uint32_t live = 0;
        for (uint32_t i = 0; i < jobs; i++) {
            polled[i] = (struct pollfd){.fd = sweep->workers[i].socket, .events = POLLIN};
            live += sweep->workers[i].socket >= 0;
        }
        if (live == 0)
            break;
        if (poll(polled, jobs, -1) < 0 && errno != EINTR)
            status = error_set(err, TB_ERR_IO, "waiting for workers: %s", strerror(errno));
        for (uint32_t i = 0; status == TB_OK && i < jobs; i++)
            if (polled[i].revents != 0)
                status = hear(sweep, &sweep->workers[i], err);
    }
    for (uint32_t i = 0; i < jobs; i++) {
        struct sweep_worker *worker = &sweep->workers[i];
        if (worker->socket >= 0)
            close(worker->socket);
        if (worker->pid > 0) {
            if (status != TB_OK)
                kill(worker->pid, SIGKILL);
            (void)waitpid(worker->pid, NULL, 0);
        }
        free(worker->answer);
    }
    return status;
}

/* --- all --------------------------------------------------------------------------------------- */

static enum status open_journal(struct sweep *sweep, struct error *err)
{
    char path[600], fresh[620];
    if (sweep->options->report_dir == NULL)
        return TB_OK;
    enum status status = report_make_directory(sweep->options->report_dir, err);
    if (status != TB_OK)
        return status;
    journal_path(path, sizeof path, sweep->options->report_dir, sweep->plan->scenario->name);
    bool continued = sweep->options->resume && access(path, R_OK) == 0;
    if (continued) {
        json_t *header = json_incref(sweep->header), *chunks = sweep->chunks;
        status = journal_join(&header, &chunks, path, err);
        json_decref(header);
        if (status != TB_OK)
            return status;
    }
    /* Written anew, because the last line may be half of one; beside it, so that a kill here loses nothing either. */
    snprintf(fresh, sizeof fresh, "%s.new", path);
    sweep->journal = fopen(fresh, "wb");
    if (sweep->journal == NULL)
        return error_set(err, TB_ERR_IO, "%s: %s", fresh, strerror(errno));
    bool good = json_dumpf(sweep->header, sweep->journal, JSON_COMPACT) == 0 && fputc('\n', sweep->journal) != EOF;
    size_t i;
    json_t *chunk;
    json_array_foreach(sweep->chunks, i, chunk) good =
        good && json_dumpf(chunk, sweep->journal, JSON_COMPACT) == 0 && fputc('\n', sweep->journal) != EOF;
    good = good && fflush(sweep->journal) == 0 && rename(fresh, path) == 0;
    return good ? TB_OK : error_set(err, TB_ERR_IO, "%s: %s", path, strerror(errno));
}

static void count_work(struct sweep *sweep)
{
    size_t i;
    json_t *chunk;
    while (next_chunk(sweep) != NO_CHUNK)
        sweep->total++;
    sweep->next = 0;
    sweep->done = (uint32_t)json_array_size(sweep->chunks);
    sweep->total += sweep->done;
    json_array_foreach(sweep->chunks, i, chunk) sweep->cases +=
        (uint64_t)json_integer_value(json_object_get(chunk, "cases"));
}

enum status sweep_run(const struct scenario *scenario, const struct run_options *options,
                      const struct sweep_options *sweep_options, sweep_on_progress on_progress, void *context,
                      struct result *result, json_t **out, struct error *err)
{
    struct plan plan;
    struct sweep sweep = {.plan = &plan,
                          .run = options,
                          .options = sweep_options,
                          .jobs = sweep_options->jobs < JOBS_MAX ? sweep_options->jobs : JOBS_MAX,
                          .on_progress = on_progress,
                          .context = context};
    uint64_t began_ns = wall_clock_ns();
    for (uint32_t i = 0; i < JOBS_MAX; i++)
        sweep.workers[i].socket = -1;
    *out = NULL;
    enum status status = plan_make(&plan, scenario, options, err);
    *result = plan.rehearsal;
    if (status != TB_OK || plan.rehearsal.verdict != VERDICT_PASS) {
        plan_free(&plan);
        return status;
    }
    if (scenario->faults != NULL)
        faults_list_make(&sweep.faults, &plan, sweep_options->sample, sweep_options->sample_seed);
    sweep.header = make_header(&plan, &sweep.faults, sweep_options);
    sweep.chunks = json_array();
    if (sweep.header == NULL || sweep.chunks == NULL)
        status = error_set(err, TB_ERR_MEMORY, "no memory for a sweep");
    if (status == TB_OK)
        status = open_journal(&sweep, err);
    if (status == TB_OK) {
        count_work(&sweep);
        fflush(NULL); /* else workers would write the parent's text again */
        status = run_workers(&sweep, err);
    }
    if (sweep.journal != NULL)
        fclose(sweep.journal);
    if (status == TB_OK)
        *out = sweep_conclude(sweep.header, sweep.chunks, result);
    result->wall_ns = wall_clock_ns() - began_ns;
    json_decref(sweep.header);
    json_decref(sweep.chunks);
    faults_list_free(&sweep.faults);
    plan_free(&plan);
    return status;
}
