/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/chunk.h"

#include "harness/faults/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
    struct chunk_worker *worker;
    const struct leg_op *op; /* that is torn; NULL: none */
    uint32_t op_index;
    uint64_t weight; /* places that lead to the same state */
    struct situation at;
    uint64_t cases, states, pairs, digest;
    uint64_t *coverage; /* [step][kind][tear] */
    json_t *found;
};

uint32_t chunk_count(const struct plan *plan)
{
    uint32_t ops = plan->list.count - plan->first;
    return ops / CHUNK_OPS + 1u; /* the last one holds the end */
}

enum status chunk_worker_open(struct chunk_worker *worker, const struct plan *plan, const struct run_options *options,
                              bool no_equivalence, struct error *err)
{
    memset(worker, 0, sizeof *worker);
    worker->plan = plan;
    worker->sample_limit = UINT64_MAX;
    enum status status = legs_open(&worker->legs, plan->scenario, options, err);
    if (status != TB_OK)
        return status;
    worker->legs.no_equivalence = no_equivalence;
    status = explorer_open(&worker->explorer, &worker->legs, err);
    if (status == TB_OK)
        status = world_copy(&worker->world, &worker->legs.base, err);
    return status;
}

void chunk_go_to(struct chunk_worker *worker, uint32_t op)
{
    if (op < worker->at) {
        struct error err;
        world_free(&worker->world);
        enum status status = world_copy(&worker->world, &worker->legs.base, &err);
        TB_ASSERT(status == TB_OK);
        worker->at = 0;
    }
    op_list_play(&worker->plan->list, worker->at, op, &worker->world, NULL);
    world_settle(&worker->world);
    worker->at = op;
}

struct explorer *chunk_raw(struct chunk_worker *worker)
{
    if (worker->raw_legs.off == NULL) {
        struct error err = {""};
        enum status status = legs_open(&worker->raw_legs, worker->plan->scenario, worker->legs.options, &err);
        if (status == TB_OK)
            status = explorer_open(&worker->raw_explorer, &worker->raw_legs, &err);
        TB_ASSERT(status == TB_OK);
        worker->raw_legs.no_equivalence = true;
    }
    return &worker->raw_explorer;
}

/* --- samples ----------------------------------------------------------------------------------- */

uint64_t case_lot(uint64_t seed, struct cut cut)
{
    return mix64(seed ^ mix64((uint64_t)cut.op << 16 | (uint64_t)cut.tear << 8 | cut.seed));
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

uint64_t sample_limit(const struct plan *plan, uint64_t sample, uint64_t seed)
{
    const struct power_cut *cut = plan->scenario->power_cut;
    size_t capacity = (size_t)(plan->list.count - plan->first) * (TEAR_COUNT + cut->seeds) + 1u, count = 0;
    uint64_t *lots = malloc(capacity * sizeof *lots);
    TB_ASSERT(lots != NULL);
    for (uint32_t op = plan->first; op < plan->list.count; op++) {
        for (int tear = 0; tear < TEAR_COUNT && plan_cuts_inside(plan, op); tear++) {
            if (!tear_fits((enum tear)tear, op_is_erase(&plan->list.ops[op].op)) || (cut->tear_mask & 1u << tear) == 0)
                continue;
            for (uint32_t s = 1; s <= (tear == TEAR_PARTIAL ? cut->seeds : 1u); s++)
                lots[count++] = case_lot(seed, (struct cut){op, (uint8_t)tear, (uint8_t)s});
        }
    }
    qsort(lots, count, sizeof *lots, by_value);
    uint64_t limit = sample == 0 || sample > count ? UINT64_MAX : lots[sample - 1u];
    free(lots);
    return limit;
}

/* --- one chunk --------------------------------------------------------------------------------- */

static void add_found(struct tally *tally, const struct found *found, struct cut first, uint64_t weight)
{
    const struct plan *plan = tally->worker->plan;
    const struct chunk_worker *worker = tally->worker;
    const struct explorer *explorer =
        plan->scenario->power_cut->ram == RAM_RETAINED ? &worker->raw_explorer : &worker->explorer;
    const char *cause = explorer->causes[found->cause];
    size_t i;
    json_t *entry, *known = NULL;
    json_array_foreach(tally->found, i,
                       entry) if (strcmp(json_string_value(json_object_get(entry, "cause")), cause) == 0) known = entry;
    json_int_t cases = json_integer_value(json_object_get(known, "cases")) + (json_int_t)(found->cases * weight);
    /* the case with the fewest cuts stands for the cause; the first of them */
    if (known == NULL || (json_int_t)found->length < json_integer_value(json_object_get(known, "cuts"))) {
        char id[2u * CASE_ID_MAX], digest[20];
        cut_name(id, sizeof id, &plan->list, first);
        if (found->length > 1u)
            snprintf(id + strlen(id), sizeof id - strlen(id), "+%s", found->id);
        snprintf(digest, sizeof digest, "%016llx", (unsigned long long)found->verdict->digest);
        int step = tally->op_index < plan->list.count ? (int)plan->list.ops[tally->op_index].step : -1;
        json_t *made =
            json_pack("{s:s, s:s, s:i, s:i, s:s, s:s, s:i, s:s}", "cause", cause, "id", id, "cuts", (int)found->length,
                      "verdict", (int)found->verdict->verdict, "last_seen", found->verdict->last_seen, "place",
                      plan_place(plan, tally->op_index), "step", step, "digest", digest);
        TB_ASSERT(made != NULL);
        if (known == NULL)
            json_array_append(tally->found, made);
        else
            json_object_update(known, made);
        known = known == NULL ? json_array_get(tally->found, json_array_size(tally->found) - 1u) : known;
        json_decref(made);
    }
    json_object_set_new(known, "cases", json_integer(cases));
}

/** One state that a first cut leaves: the world is in it. */
static void judge_state(struct tally *tally, struct cut cut)
{
    struct chunk_worker *worker = tally->worker;
    struct explorer *explorer = &worker->explorer;
    bool live = worker->plan->scenario->power_cut->ram == RAM_RETAINED; /* cells are not all that is left */
    if (live)
        explorer = chunk_raw(worker);
    const struct judgement *verdict = live ? replay_judge(&worker->raw_legs, explorer, &worker->plan->list, cut)
                                           : explorer_judge(explorer, &worker->world, tally->at);
    tally->cases += tally->weight;
    tally->states++;
    tally->digest = mix64(tally->digest ^ case_lot(0, cut) ^ mix64(verdict->verdict));
    if (verdict->verdict != VERDICT_PASS) {
        struct found found = {.cause = verdict->cause, .cases = 1, .length = 1, .verdict = verdict};
        add_found(tally, &found, cut, tally->weight);
        return;
    }
    uint32_t depth = worker->plan->scenario->power_cut->depth;
    if (depth < 2u)
        return;
    const struct summary *behind = explorer_deepen(explorer, &worker->world, tally->at, depth - 1u, verdict);
    tally->pairs += behind->cases;
    tally->digest = mix64(tally->digest ^ behind->digest);
    for (uint32_t i = 0; i < behind->found_count; i++) {
        struct found found = behind->found[i];
        found.length++;
        add_found(tally, &found, cut, 1u);
    }
}

static void on_tear(void *context, struct cut cut)
{
    struct tally *tally = context;
    struct chunk_worker *worker = tally->worker;
    if (case_lot(worker->sample_seed, cut) > worker->sample_limit)
        return;
    tally->coverage[((size_t)tally->op->step * OP_KIND_COUNT + tally->op->op.kind) * TEAR_COUNT + cut.tear] +=
        tally->weight;
    judge_state(tally, cut);
}

/** Power is lost while no operation is under way. */
static void cut_between(struct tally *tally, uint32_t op, uint64_t weight)
{
    struct world *world = &tally->worker->world;
    struct cut cut = {op, TEAR_OLD, 0};
    uint32_t mark = world_mark(world);
    tally->op_index = op;
    tally->weight = weight;
    tally->at = plan_situation(tally->worker->plan, op);
    /* the same cells as at the begin of the next operation: it has a name that needs no time */
    world_cut(world, NULL, TEAR_OLD, 0);
    judge_state(tally, cut);
    world_rewind(world, mark);
}

static void cut_inside(struct tally *tally, uint32_t op)
{
    const struct plan *plan = tally->worker->plan;
    tally->op_index = op;
    tally->op = &plan->list.ops[op];
    tally->weight = plan_instants_inside(plan, op) + plan_cuts_inside(plan, op);
    tally->at = plan_situation(plan, op);
    if (tally->weight > 0)
        (void)explorer_tear(&tally->worker->explorer, &tally->worker->world, tally->op, op, on_tear, tally);
}

static json_t *coverage_rows(const struct tally *tally)
{
    json_t *rows = json_array();
    size_t steps = (size_t)tally->worker->plan->scenario->steps_count + 1u;
    for (size_t row = 0; row < steps * OP_KIND_COUNT; row++)
        for (uint32_t tear = 0; tear < TEAR_COUNT; tear++)
            if (tally->coverage[row * TEAR_COUNT + tear] > 0)
                json_array_append_new(rows,
                                      json_pack("[i, i, i, I]", (int)(row / OP_KIND_COUNT), (int)(row % OP_KIND_COUNT),
                                                (int)tear, (json_int_t)tally->coverage[row * TEAR_COUNT + tear]));
    return rows;
}

json_t *chunk_run(struct chunk_worker *worker, uint32_t index)
{
    const struct plan *plan = worker->plan;
    struct tally tally = {.worker = worker, .found = json_array()};
    size_t rows = ((size_t)plan->scenario->steps_count + 1u) * OP_KIND_COUNT;
    tally.coverage = calloc(rows * TEAR_COUNT, sizeof *tally.coverage);
    TB_ASSERT(tally.coverage != NULL && tally.found != NULL);
    uint64_t boots = (worker->legs.boots_run + worker->raw_legs.boots_run),
             retries = (worker->legs.retries_run + worker->raw_legs.retries_run);
    uint64_t instructions = (worker->legs.instructions_run + worker->raw_legs.instructions_run);
    uint64_t boots_ns = (worker->legs.boots_ns + worker->raw_legs.boots_ns),
             retries_ns = (worker->legs.retries_ns + worker->raw_legs.retries_ns);
    uint64_t inherited = worker->explorer.cases_inherited, judged = worker->explorer.cases_judged;
    uint32_t from = plan->first + index * CHUNK_OPS, to = from + CHUNK_OPS;
    bool is_last = to > plan->list.count;
    for (uint32_t op = from; op < (is_last ? plan->list.count : to); op++) {
        uint64_t before = plan_instants_before(plan, op);
        chunk_go_to(worker, op);
        if (before > 0)
            cut_between(&tally, op, before);
        cut_inside(&tally, op);
    }
    if (is_last) { /* behind the last operation */
        chunk_go_to(worker, plan->list.count);
        tally.op = NULL;
        cut_between(&tally, plan->list.count, 1u + plan_instants_before(plan, plan->list.count));
    }
    char digest[20];
    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)tally.digest);
    json_t *result = json_pack(
        "{s:i, s:I, s:I, s:I, s:s, s:o, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}}", "chunk", (int)index, "cases",
        (json_int_t)tally.cases, "states", (json_int_t)tally.states, "pairs", (json_int_t)tally.pairs, "digest", digest,
        "coverage", coverage_rows(&tally), "found", tally.found, "effort", "boots",
        (json_int_t)((worker->legs.boots_run + worker->raw_legs.boots_run) - boots), "retries",
        (json_int_t)((worker->legs.retries_run + worker->raw_legs.retries_run) - retries), "instructions",
        (json_int_t)((worker->legs.instructions_run + worker->raw_legs.instructions_run) - instructions), "inherited",
        (json_int_t)(worker->explorer.cases_inherited - inherited), "judged",
        (json_int_t)(worker->explorer.cases_judged - judged), "boots_ns",
        (json_int_t)((worker->legs.boots_ns + worker->raw_legs.boots_ns) - boots_ns), "retries_ns",
        (json_int_t)((worker->legs.retries_ns + worker->raw_legs.retries_ns) - retries_ns));
    free(tally.coverage);
    TB_ASSERT(result != NULL);
    return result;
}
