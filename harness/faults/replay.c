/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/replay.h"

#include "harness/faults/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum status not_a_case(const char *id, struct error *err)
{
    return error_set(err, TB_ERR_INPUT,
                     "--case: '%.80s' is no case; expected cuts as in erase#37/partial:1 or "
                     "program#3/new+boot+erase#2/weak, or end",
                     id);
}

static bool parse_tear(const char *text, struct named_cut *cut)
{
    char name[40];
    const char *colon = strchr(text, ':');
    uint32_t seed = 1;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, ":"), text);
    if (colon != NULL && (parse_number(colon + 1, &seed) != TB_OK || seed < 1u || seed > CUT_SEEDS_MAX))
        return false;
    for (int tear = 0; tear < TEAR_COUNT; tear++) {
        if (strcmp(name, tear_name((enum tear)tear)) != 0)
            continue;
        cut->cut.tear = (uint8_t)tear;
        cut->cut.seed = (uint8_t)seed;
        return tear_fits((enum tear)tear, cut->kind == OP_ERASE || cut->kind == OP_OPTION_ERASE);
    }
    return false;
}

bool cut_parse(const char *text, struct named_cut *cut)
{
    char kind[24], number[16];
    memset(cut, 0, sizeof *cut);
    cut->at_end = strcmp(text, "end") == 0;
    cut->behind_boot = strcmp(text, CUT_NAME_BOOT) == 0;
    if (cut->at_end || cut->behind_boot)
        return true;
    const char *hash = strchr(text, '#'), *slash = strchr(text, '/');
    if (hash == NULL || slash == NULL || slash < hash)
        return false;
    snprintf(kind, sizeof kind, "%.*s", (int)(hash - text), text);
    snprintf(number, sizeof number, "%.*s", (int)(slash - hash - 1), hash + 1);
    cut->kind = OP_KIND_COUNT;
    for (uint32_t k = 0; k < OP_KIND_COUNT; k++)
        if (strcmp(kind, op_kind_name((enum op_kind)k)) == 0)
            cut->kind = k;
    return cut->kind < OP_KIND_COUNT && parse_number(number, &cut->number) == TB_OK && cut->number > 0 &&
           parse_tear(slash + 1, cut);
}

#define PARTS_MAX (CUT_DEPTH_MAX * (1u + REPAIRS_MAX))
static enum status parse_case(const char *id, struct named_cut cuts[PARTS_MAX], uint32_t *count, struct error *err)
{
    char part[80];
    *count = 0;
    for (const char *at = id; *count < PARTS_MAX; at++) {
        size_t length = strcspn(at, "+");
        snprintf(part, sizeof part, "%.*s", (int)length, at);
        if (length >= sizeof part || !cut_parse(part, &cuts[*count]))
            return not_a_case(id, err);
        if (cuts[0].behind_boot)
            return not_a_case(id, err);
        ++*count;
        at += length;
        if (*at == '\0')
            return cuts[*count - 1u].behind_boot ? not_a_case(id, err) : TB_OK;
    }
    return not_a_case(id, err);
}

/** Mixtures beyond the scenario's are none of its cases. */
static enum status check_seeds(const struct scenario *scenario, const struct named_cut *cuts, uint32_t count,
                               struct error *err)
{
    for (uint32_t i = 0; i < count; i++)
        if (!cuts[i].at_end && cuts[i].cut.seed > scenario->power_cut->seeds)
            return error_set(
                err, TB_ERR_INPUT,
                "--case: cut %u: %s:%u is no case; the scenario's seeds are %u; expected a number up to that", i + 1u,
                tear_name((enum tear)cuts[i].cut.tear), cuts[i].cut.seed, scenario->power_cut->seeds);
    return TB_OK;
}

/** Power is lost where the run stands: in the operation that was chosen, or between two. */
static void lose_power(struct legs *legs, const struct named_cut *cut)
{
    machine_power_off(legs->session.machine, (enum tear)cut->cut.tear, cut_seed(legs->scenario, cut->cut));
}

static void choose(struct legs *legs, const struct named_cut *cut)
{
    recorder_restart(&legs->recorder);
    legs->recorder.cut_kind = cut->kind;
    legs->recorder.cut_number = cut->at_end || cut->behind_boot ? 0 : cut->number;
}

static enum status never_came(const struct legs *legs, const struct named_cut *cut, uint32_t place, struct error *err)
{
    return error_set(err, TB_ERR_INPUT, "--case: cut %u: the run has only %u of %s; expected a number up to that",
                     place + 1u, legs->recorder.counts[cut->kind], op_kind_name((enum op_kind)cut->kind));
}

static enum status play_cuts(struct legs *legs, const struct named_cut *cuts, uint32_t count, struct situation *at,
                             struct error *err)
{
    struct session *session = &legs->session;
    choose(legs, &cuts[0]);
    session_start(session);
    session_steps(session, 0, legs->scenario->steps_count);
    if (!cuts[0].at_end && !legs->recorder.cut_done)
        return never_came(legs, &cuts[0], 0, err);
    /* the session itself has gone past the step that the cut ended */
    const struct op_list *ops = &legs->recorder.list;
    at->step = legs_retry_step(legs->scenario, cuts[0].at_end ? UINT32_MAX : ops->ops[ops->count - 1u].step);
    at->out = never_out(0, &session->judge.never_back.run);
    lose_power(legs, &cuts[0]);
    for (uint32_t i = 1; i < count; i++) {
        struct outcome outcome;
        choose(legs, &cuts[i]);
        legs_play(legs, cuts[i].behind_boot ? LEG_BOOT : LEG_RETRY, at->step, &outcome);
        free(outcome.cause);
        free(outcome.last_seen);
        if (!cuts[i].at_end && !cuts[i].behind_boot && !legs->recorder.cut_done)
            return never_came(legs, &cuts[i], i, err);
        at->out = never_out(at->out, &session->judge.never_back.run);
        lose_power(legs, &cuts[i]);
    }
    return TB_OK;
}

/** Judges what the machine is, now that its power was cut. */
static enum status judge_machine(struct legs *legs, struct explorer *explorer, struct situation at,
                                 const struct judgement **judgement, struct error *err)
{
    struct world world = {0};
    if (legs->cut != NULL)
        snapshot_free(legs->session.machine, legs->cut);
    enum status status = machine_save(legs->session.machine, &legs->cut, err);
    if (status == TB_OK)
        status =
            world_init(&world, legs->session.machine, legs->scenario->board->chip, legs->scenario->seed_value, err);
    if (status == TB_OK)
        *judgement = explorer_judge(explorer, &world, at);
    world_free(&world);
    return status;
}

const struct judgement *replay_judge(struct legs *legs, struct explorer *explorer, const struct op_list *list,
                                     struct cut cut)
{
    struct named_cut named = {.at_end = cut.op >= list->count, .cut = cut};
    const struct judgement *judgement = NULL;
    struct situation at = {0};
    struct error err;
    if (!named.at_end) {
        named.kind = list->ops[cut.op].op.kind;
        named.number = list->ops[cut.op].number;
    }
    machine_restore(legs->session.machine, legs->off);
    session_restart(&legs->session);
    enum status status = play_cuts(legs, &named, 1, &at, &err);
    if (status == TB_OK)
        status = judge_machine(legs, explorer, at, &judgement, &err);
    TB_ASSERT(status == TB_OK); /* the rehearsal had this operation */
    return judgement;
}

static void tell(const struct explorer *explorer, const struct judgement *judgement, struct result *result)
{
    result->verdict = judgement->verdict;
    result->digest = judgement->digest;
    if (judgement->cause != NO_CAUSE)
        snprintf(result->reason, sizeof result->reason, "%s", explorer->causes[judgement->cause]);
    snprintf(result->last_seen, sizeof result->last_seen, "%s", judgement->last_seen);
}

enum status replay_case(const struct scenario *scenario, const struct run_options *options, const char *id,
                        struct result *result, struct error *err)
{
    static struct legs legs;
    struct explorer explorer;
    struct named_cut cuts[PARTS_MAX];
    struct situation at = {0};
    uint32_t count;
    memset(result, 0, sizeof *result);
    snprintf(result->name, sizeof result->name, "%s", scenario->name);
    snprintf(result->path, sizeof result->path, "%s", scenario->path);
    snprintf(result->title, sizeof result->title, "%s", scenario->title);
    if (scenario->faults != NULL)
        return fault_replay(scenario, options, id, result, err);
    if (scenario->power_cut == NULL)
        return error_set(err, TB_ERR_INPUT, "--case: %s has no cases; expected a scenario with power_cut or faults",
                         scenario->path);
    enum status status = parse_case(id, cuts, &count, err);
    if (status == TB_OK)
        status = check_seeds(scenario, cuts, count, err);
    if (status == TB_OK)
        status = legs_open(&legs, scenario, options, err);
    if (status != TB_OK)
        return status;
    legs.no_equivalence = true;
    status = explorer_open(&explorer, &legs, err);
    if (status == TB_OK)
        status = play_cuts(&legs, cuts, count, &at, err);
    const struct judgement *judgement = NULL;
    if (status == TB_OK)
        status = judge_machine(&legs, &explorer, at, &judgement, err);
    if (status == TB_OK)
        tell(&explorer, judgement, result);
    result->instructions = legs.instructions_run;
    struct trace *trace = legs.session.trace;
    if (status == TB_OK)
        status = trace_close(trace, session_now_ps(&legs.session), err);
    explorer_close(&explorer);
    legs_close(&legs);
    return status;
}
