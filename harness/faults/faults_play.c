/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * One fault in one run. The scenario goes on as it would: a sender repeats, a board that was reset boots. If a step
 * fails for it, somebody repeats the action, once, without switching the board off. Then power is lost, and the boots
 * that follow are judged as those behind a power cut.
 */
#include "harness/faults/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct player {
    struct legs *legs;
    const struct fault *fault;
    bool fired;
};

/* --- injecting --------------------------------------------------------------------------------- */

/** The machine died inside the operation that was chosen: a reset, and it goes on. */
static bool on_dead(void *context)
{
    struct player *player = context;
    const struct fault *fault = player->fault;
    if (fault->kind != FAULT_RESET || player->fired)
        return false;
    player->fired = true;
    struct cut cut = {0, fault->tear, 1};
    machine_reset_dead(player->legs->session.machine, (enum reset_kind)fault->what, (enum tear)fault->tear,
                       cut_seed(player->legs->scenario, cut));
    return true;
}

static void arm_line(struct player *player)
{
    const struct fault *fault = player->fault;
    const struct scenario *scenario = player->legs->scenario;
    struct serial_line *line = &player->legs->session.ports[scenario->faults->bytes->serial].line;
    uint64_t noise = mix64(scenario->seed_value ^ mix64((uint64_t)fault->number << 1 | fault->way));
    line->fault = fault->what;
    line->way = fault->way;
    line->number = fault->number;
    line->mask = (uint8_t)(1u + noise % 255u);
}

static void pull_cable(struct player *player)
{
    const struct fault_cable *cable = player->legs->scenario->faults->cable;
    struct session *session = &player->legs->session;
    struct serial_line *line = &session->ports[cable->serial].line;
    uint64_t now_ps = session->past_ps + session_now_ps(session);
    line->out_from_ps = now_ps + (player->fault->number - 1u) * cable->every_ps;
    line->out_to_ps = line->out_from_ps + cable->out_ps;
}

static void arm(struct player *player)
{
    struct recorder *recorder = &player->legs->recorder;
    const struct fault *fault = player->fault;
    if (fault->kind == FAULT_BYTE)
        arm_line(player);
    if (fault->kind != FAULT_RESET && fault->kind != FAULT_OP_ERROR)
        return;
    recorder->cut_kind = fault->op_kind;
    recorder->cut_number = fault->number;
    recorder->cut_once = true;
    recorder->cut_answer = fault->kind == FAULT_RESET ? OP_GATE_CUT : OP_GATE_FAIL;
    player->legs->session.on_dead = on_dead;
    player->legs->session.dead_context = player;
}

/** Turns bits over if it is time for it. */
static enum status flip(struct player *player, enum flip_when when, struct error *err)
{
    const struct fault *fault = player->fault;
    const struct flash_layout *layout = &player->legs->scenario->layout;
    struct machine *machine = player->legs->session.machine;
    struct cell cell;
    if (fault->kind != FAULT_FLIP || (enum flip_when)player->legs->scenario->faults->flips->when != when)
        return TB_OK;
    player->fired = true;
    enum status status = machine_cell(machine, layout->store, fault->address - layout->base, &cell, err);
    for (uint32_t i = 0; i < ARRAY_LENGTH(fault->bits); i++) {
        if (fault->bits[i] == NO_BIT)
            continue;
        if (fault->bits[i] < 64u)
            cell.data ^= 1ull << fault->bits[i];
        else
            cell.check ^= (uint8_t)(1u << (fault->bits[i] - 64u));
    }
    return status == TB_OK ? machine_set_cell(machine, layout->store, fault->address - layout->base, cell, err)
                           : status;
}

/** Whether the run got where the fault was to hit. */
static bool did_fire(const struct player *player)
{
    const struct session *session = &player->legs->session;
    const struct faults *faults = player->legs->scenario->faults;
    switch ((enum fault_kind)player->fault->kind) {
    case FAULT_BYTE:
        return session->ports[faults->bytes->serial].line.fired;
    case FAULT_CABLE:
        return session->past_ps + session_now_ps(session) >= session->ports[faults->cable->serial].line.out_from_ps;
    case FAULT_OP_ERROR:
        return player->legs->recorder.cut_done;
    default:
        return player->fired;
    }
}

/* --- the run ----------------------------------------------------------------------------------- */

/** Somebody who saw a step fail repeats the action, unless the board gets there by itself. */
static void repeat(struct legs *legs, uint32_t failed)
{
    struct session *session = &legs->session;
    const struct scenario_check *check = legs->scenario->check;
    const struct scenario_wait *wanted = check->after_retry;
    session->result->verdict = VERDICT_PASS;
    session->result->reason[0] = '\0';
    if (wanted == NULL)
        return;
    session->watchdogs = LEG_WATCHDOGS;
    judge_await_nothing(&session->judge);
    judge_await(&session->judge, wanted->serial, wanted->text);
    bool is_there = session_wait_for_news(session, check->each_boot->within_ps);
    judge_await_nothing(&session->judge);
    if (is_there)
        return;
    for (uint32_t i = 0; i < session->port_count; i++)
        serial_peer_stop(machine_device(session->machine, session->ports[i].peer_name));
    legs_repeat(legs, legs_retry_step(legs->scenario, failed));
}

/** What must hold all the time, whatever becomes of the steps. */
static void check_run(struct session *session, const struct scenario_check *check)
{
    if (machine_is_locked_up(session->machine))
        session_fail(session, "the CPU is locked up");
    for (uint32_t i = 0; i < check->never_text_count; i++)
        if (judge_has_text(&session->judge, check->never_text[i]))
            session_fail(session, "it said \"%s\"", check->never_text[i]);
    checks_never_back(session, "");
    for (uint32_t i = 0; i < check->heartbeat_count; i++) {
        const struct check_heartbeat *wanted = &check->heartbeats[i];
        if (judge_heartbeat(&session->judge, wanted->pin_number, session_now_ps(session)).longest.ps >
            wanted->max_gap_ps)
            session_fail(session, "the heartbeat on %s stopped for more than %s", wanted->pin, wanted->max_gap);
    }
}

/** The run with its fault up to where power is lost. *step: to repeat when power was lost. */
static enum status run(struct player *player, uint32_t *step, bool *repeated, struct error *err)
{
    struct legs *legs = player->legs;
    struct session *session = &legs->session;
    machine_restore(session->machine, legs->off);
    recorder_restart(&legs->recorder);
    machine_log_reads(session->machine, false);
    session_restart(session);
    arm(player);
    enum status status = flip(player, FLIP_BEFORE, err);
    if (status != TB_OK)
        return status;
    session_start(session);
    if (player->fault->kind == FAULT_CABLE)
        pull_cable(player);
    status = flip(player, FLIP_RUNNING, err);
    if (!session_is_over(session))
        session_steps(session, 0, legs->scenario->steps_count);
    *step = session->step;
    *repeated = session->result->verdict == VERDICT_FAIL;
    if (*repeated)
        repeat(legs, *step);
    check_run(session, legs->scenario->check);
    if (session->judge.gaps.total > 0)
        session->result->verdict = VERDICT_INCONCLUSIVE;
    return status;
}

static void tell_run(struct session *session, bool repeated, struct fault_verdict *verdict)
{
    char cause[600];
    verdict->verdict = session->result->verdict;
    verdict->digest = mix64(session->past_trace ^ mix64(machine_trace_digest(session->machine)));
    verdict->digest = mix64(verdict->digest ^ (session->past_instructions + machine_instructions(session->machine)));
    if (verdict->verdict == VERDICT_PASS)
        return;
    legs_name_cause(session, cause, sizeof cause);
    describe_end(session);
    snprintf(verdict->cause, sizeof verdict->cause, "%s: %s", repeated ? "repeated, power on" : "run", cause);
    snprintf(verdict->last_seen, sizeof verdict->last_seen, "%s", session->result->last_seen);
}

/** The boots after it. */
static enum status judge_boots(struct player *player, struct explorer *explorer, uint32_t step,
                               struct fault_verdict *verdict, struct error *err)
{
    struct legs *legs = player->legs;
    struct world world = {0};
    uint32_t out = legs->session.judge.never_back.run.said; /* before the boots begin */
    machine_power_off(legs->session.machine, TEAR_OLD, legs->scenario->seed_value);
    enum status status = flip(player, FLIP_AFTER, err);
    if (status == TB_OK)
        status =
            world_init(&world, legs->session.machine, legs->scenario->board->chip, legs->scenario->seed_value, err);
    if (status == TB_OK) {
        struct situation at = {legs_retry_step(legs->scenario, step), out, 0};
        const struct judgement *judgement = explorer_judge(explorer, &world, at);
        verdict->verdict = judgement->verdict;
        verdict->digest = mix64(verdict->digest ^ judgement->digest);
        if (judgement->cause != NO_CAUSE)
            snprintf(verdict->cause, sizeof verdict->cause, "%s", explorer->causes[judgement->cause]);
        snprintf(verdict->last_seen, sizeof verdict->last_seen, "%s", judgement->last_seen);
    }
    world_free(&world);
    return status;
}

enum status fault_play(struct legs *legs, struct explorer *explorer, const struct fault *fault,
                       struct fault_verdict *verdict, struct error *err)
{
    struct player player = {legs, fault, false};
    uint32_t step = 0;
    bool repeated = false;
    memset(verdict, 0, sizeof *verdict);
    enum status status = run(&player, &step, &repeated, err);
    if (status != TB_OK)
        return status;
    const struct faults *faults = legs->scenario->faults;
    if ((fault->kind != FAULT_FLIP || faults->flips->when != FLIP_AFTER) && !did_fire(&player))
        return error_set(err, TB_ERR_INPUT,
                         "--case: the run of %s does not get there; expected a place that it reaches",
                         legs->scenario->path);
    tell_run(&legs->session, repeated, verdict);
    return verdict->verdict == VERDICT_PASS ? judge_boots(&player, explorer, step, verdict, err) : TB_OK;
}

/* --- one case ---------------------------------------------------------------------------------- */

static enum status is_configured(const struct scenario *scenario, const struct fault *fault, struct error *err)
{
    const struct faults *faults = scenario->faults;
    const void *groups[] = {[FAULT_BYTE] = faults->bytes,
                            [FAULT_CABLE] = faults->cable,
                            [FAULT_RESET] = faults->resets,
                            [FAULT_FLIP] = faults->flips,
                            [FAULT_OP_ERROR] = faults->op_errors};
    static const char *const names[] = {[FAULT_BYTE] = "bytes",
                                        [FAULT_CABLE] = "cable",
                                        [FAULT_RESET] = "resets",
                                        [FAULT_FLIP] = "flips",
                                        [FAULT_OP_ERROR] = "op_errors"};
    if (groups[fault->kind] == NULL)
        return error_set(err, TB_ERR_INPUT, "--case: %s has no faults.%s; expected a case of the scenario",
                         scenario->path, names[fault->kind]);
    if (fault->kind == FAULT_FLIP && !flash_contains(&scenario->layout, fault->address, 8u))
        return error_set(err, TB_ERR_INPUT, "--case: 0x%08x is no flash; expected 0x%08x to 0x%08x", fault->address,
                         scenario->layout.base, scenario->layout.base + scenario->layout.size - 1u);
    return TB_OK;
}

enum status fault_replay(const struct scenario *scenario, const struct run_options *options, const char *id,
                         struct result *result, struct error *err)
{
    static struct legs legs;
    struct explorer explorer;
    struct fault fault;
    static struct fault_verdict verdict;
    enum status status = fault_parse(&fault, id, err);
    if (status == TB_OK)
        status = is_configured(scenario, &fault, err);
    if (status == TB_OK)
        status = legs_open(&legs, scenario, options, err);
    if (status != TB_OK)
        return status;
    legs.no_equivalence = true;
    status = explorer_open(&explorer, &legs, err);
    if (status == TB_OK) {
        status = fault_play(&legs, &explorer, &fault, &verdict, err);
        explorer_close(&explorer);
    }
    result->verdict = verdict.verdict;
    result->digest = verdict.digest;
    snprintf(result->reason, sizeof result->reason, "%.399s", verdict.cause);
    snprintf(result->last_seen, sizeof result->last_seen, "%s", verdict.last_seen);
    result->instructions = legs.instructions_run;
    if (status == TB_OK)
        status = trace_close(legs.session.trace, session_now_ps(&legs.session), err);
    legs_close(&legs);
    return status;
}
