/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/check.h"

#include <stdio.h>
#include <string.h>

#define PAIRS     1000u /* of sweeps that cut twice */
#define SINGLES   20u   /* of those that cut once */
#define BATCH     25u
#define EARLY_OPS 300u /* of a retry, where it still rests on what the first cut left */

uint32_t check_count(const struct plan *plan)
{
    if (plan->list.count <= plan->first)
        return 0;
    if (plan->scenario->power_cut->ram == RAM_RETAINED) /* everything is executed as it is */
        return 0;
    return plan->scenario->power_cut->depth > 1u ? PAIRS / BATCH : SINGLES;
}

struct check {
    struct chunk_worker *worker;
    uint64_t seed;
    uint32_t draws;
    uint32_t wanted, seen; /* the state of an operation that is drawn */
    uint32_t op;
    const struct judgement *behind; /* the second cut hits its operations */
    struct situation at;            /* before that */
    uint32_t boots;                 /* that were switched off on the way there */
    struct cut second;              /* that the drawn state is left by */
    const struct judgement *first;
    struct cut first_cut;
    uint64_t expected_hash;
    const struct judgement *expected;
    json_int_t checked;
    json_t *mismatches;
};

static uint32_t draw(struct check *check, uint32_t below)
{
    return (uint32_t)(mix64(check->seed ^ mix64(check->draws++)) % below);
}

static void note(struct check *check, const struct cut *second, const char *what)
{
    const struct op_list *list = &check->worker->plan->list;
    char id[2u * CASE_ID_MAX];
    cut_name(id, CASE_ID_MAX, list, check->first_cut);
    if (second != NULL) {
        size_t used = strlen(id);
        for (uint32_t i = 0; i < check->boots; i++)
            used += (size_t)snprintf(id + used, sizeof id - used, "+" CUT_NAME_BOOT);
        id[used++] = '+';
        cut_name(id + used, sizeof id - used, check->behind->ops, *second);
    }
    size_t used = strlen(id);
    snprintf(id + used, sizeof id - used, ": %s", what);
    json_array_append_new(check->mismatches, json_string(id));
}

/** Judged with nothing looked up, it must be what was said. */
static void compare(struct check *check, struct world *world, struct situation at, const struct judgement *said,
                    const struct cut *second)
{
    struct explorer *raw = chunk_raw(check->worker);
    const struct judgement *seen = explorer_judge(raw, world, at);
    const char *said_cause = said->cause != NO_CAUSE ? check->worker->explorer.causes[said->cause] : "";
    const char *seen_cause = seen->cause != NO_CAUSE ? raw->causes[seen->cause] : "";
    check->checked++;
    if (said->verdict != seen->verdict || strcmp(said_cause, seen_cause) != 0)
        note(check, second, "another verdict when it is executed");
    else if (said->digest != seen->digest)
        note(check, second, "another event trace when it is executed");
}

static void on_second(void *context, struct cut cut)
{
    struct check *check = context;
    if (check->seen++ != check->wanted)
        return;
    struct world *world = &check->worker->world;
    check->second = cut;
    check->expected_hash = world->hash;
    check->expected =
        explorer_judge(&check->worker->explorer, world, situation_behind(check->at, check->behind, cut.op));
}

/** A cut behind the first: the retry is really run up to it, on the machine. */
static void check_second(struct check *check)
{
    struct chunk_worker *worker = check->worker;
    struct world *world = &worker->world, real;
    const struct op_list *ops = check->behind->ops;
    uint32_t range = draw(check, 2) == 0 && ops->count > EARLY_OPS ? EARLY_OPS : ops->count;
    uint32_t op = draw(check, range > 0 ? range : 1u);
    if (ops->count == 0 || ops->ops[op].event == LEG_RESET)
        return;
    uint32_t mark = world_mark(world);
    op_list_play(ops, 0, op, world, NULL);
    check->wanted = UINT32_MAX;
    uint32_t states = explorer_tear(&worker->explorer, world, &ops->ops[op], op, on_second, check);
    if (states > 0) {
        check->wanted = draw(check, states);
        check->seen = 0;
        (void)explorer_tear(&worker->explorer, world, &ops->ops[op], op, on_second, check);
    }
    world_rewind(world, mark);
    if (states == 0) /* the scenario has no tears of this kind of operation */
        return;

    struct legs *raw = chunk_raw(worker)->legs;
    struct error err;
    legs_cut(raw, world, check->at.step, &ops->ops[op], (enum tear)check->second.tear,
             cut_seed(worker->plan->scenario, check->second));
    struct situation at = check->at;
    at.repairs = 0;
    at.out = never_out(at.out, &raw->session.judge.never_back.run);
    enum status status =
        world_init(&real, raw->session.machine, worker->plan->scenario->board->chip, world->seed, &err);
    TB_ASSERT(status == TB_OK);
    if (real.hash != check->expected_hash)
        note(check, &check->second, "other cells when it is executed");
    compare(check, &real, at, check->expected, &check->second);
    world_free(&real);
}

/** Most of what follows a boot that wrote lies behind its end. */
static void go_behind_boots(struct check *check, struct situation at)
{
    struct world *world = &check->worker->world;
    check->behind = check->first;
    check->at = at;
    check->boots = 0;
    while (check->behind->next != NULL && draw(check, 4) != 0) {
        op_list_play(check->behind->ops, 0, check->behind->ops->count, world, NULL);
        world_cut(world, NULL, TEAR_OLD, 0);
        check->at = situation_next(check->at, check->behind);
        check->behind = check->behind->next;
        check->boots++;
    }
}

static void on_first(void *context, struct cut cut)
{
    struct check *check = context;
    struct chunk_worker *worker = check->worker;
    if (check->seen++ != check->wanted)
        return;
    struct situation at = plan_situation(worker->plan, check->op);
    check->first_cut = cut;
    check->first = explorer_judge(&worker->explorer, &worker->world, at);
    bool alone = worker->plan->scenario->power_cut->depth < 2u || check->first->verdict != VERDICT_PASS ||
                 check->first->ops->count == 0;
    if (alone) {
        compare(check, &worker->world, at, check->first, NULL);
        return;
    }
    for (uint32_t i = 0; i < BATCH; i++) {
        uint32_t mark = world_mark(&worker->world);
        go_behind_boots(check, at);
        check_second(check);
        world_rewind(&worker->world, mark);
    }
}

json_t *check_run(struct chunk_worker *worker, uint32_t batch)
{
    const struct plan *plan = worker->plan;
    struct check check = {.worker = worker, .mismatches = json_array()};
    check.seed = mix64(plan->scenario->seed_value ^ mix64(0x636865636b00u + batch));
    check.op = plan->first + draw(&check, plan->list.count - plan->first);
    while (check.op > plan->first && !plan_cuts_inside(plan, check.op))
        check.op--;
    uint32_t states = 0;
    if (plan_cuts_inside(plan, check.op)) {
        chunk_go_to(worker, check.op);
        check.wanted = UINT32_MAX;
        states =
            explorer_tear(&worker->explorer, &worker->world, &plan->list.ops[check.op], check.op, on_first, &check);
    }
    if (states > 0) {
        check.wanted = draw(&check, states);
        check.seen = 0;
        (void)explorer_tear(&worker->explorer, &worker->world, &plan->list.ops[check.op], check.op, on_first, &check);
    }
    return json_pack("{s:i, s:I, s:o}", "chunk", (int)(chunk_count(plan) + batch), "checked", check.checked,
                     "mismatches", check.mismatches);
}
