/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWAP_MARGIN 500u /* instructions on each side of a bank swap */

/* --- the rehearsal ----------------------------------------------------------------------------- */

struct windows {
    struct plan *plan;
    struct session *session;
    uint64_t boot_from; /* UINT64_MAX: not in a boot */
};

static void add_range(struct plan *plan, uint64_t from, uint64_t to)
{
    struct cut_range *grown = realloc(plan->ranges, (plan->range_count + 1u) * sizeof *grown);
    TB_ASSERT(grown != NULL);
    plan->ranges = grown;
    if (plan->range_count > 0 && from < plan->ranges[plan->range_count - 1u].to) /* they come in order */
        from = plan->ranges[plan->range_count - 1u].to;
    if (from < to)
        plan->ranges[plan->range_count++] = (struct cut_range){from, to};
}

static void on_event(void *context, const struct obs *obs)
{
    struct windows *windows = context;
    const struct power_cut *cut = windows->plan->scenario->power_cut;
    int wanted = cut != NULL ? cut->instructions : WINDOW_NONE;
    uint64_t now = windows->session->past_instructions + obs->instructions;
    if (obs->kind == OBS_REMAP && wanted == WINDOW_SWAP && obs->a == windows->session->judge.layout.window) {
        add_range(windows->plan, now > SWAP_MARGIN ? now - SWAP_MARGIN : 0, now + SWAP_MARGIN);
    } else if (obs->kind == OBS_RESET && wanted == WINDOW_BOOT) {
        windows->boot_from = now;
    } else if (obs->kind == OBS_UART_TX && windows->boot_from != UINT64_MAX) {
        add_range(windows->plan, windows->boot_from, now);
        windows->boot_from = UINT64_MAX;
    }
}

/** The few places that begin operations are named while the program that they belong to is still there. */
static void on_operation(void *context, const struct obs *obs)
{
    struct windows *windows = context;
    struct plan *plan = windows->plan;
    for (uint32_t i = 0; i < plan->place_count; i++)
        if (plan->places[i].pc == obs->pc)
            return;
    struct plan_place *grown = realloc(plan->places, (plan->place_count + 1u) * sizeof *grown);
    TB_ASSERT(grown != NULL);
    plan->places = grown;
    plan->places[plan->place_count].pc = obs->pc;
    describe_pc(windows->session, obs->pc, plan->places[plan->place_count].text, sizeof plan->places[0].text);
    plan->place_count++;
}

const char *plan_place(const struct plan *plan, uint32_t op)
{
    for (uint32_t i = 0; op < plan->list.count && i < plan->place_count; i++)
        if (plan->places[i].pc == plan->list.ops[op].pc)
            return plan->places[i].text;
    return "";
}

struct situation plan_situation(const struct plan *plan, uint32_t op)
{
    const struct scenario *scenario = plan->scenario;
    if (op >= plan->list.count)
        return (struct situation){legs_retry_step(scenario, UINT32_MAX), plan->out_at_end, 0};
    const struct leg_op *entry = &plan->list.ops[op];
    return (struct situation){legs_retry_step(scenario, entry->step), leg_op_out(0, entry), 0};
}

static uint64_t now_ps(const struct session *session)
{
    return session->past_ps + session_now_ps(session);
}

static uint64_t now_instructions(const struct session *session)
{
    return session->past_instructions + machine_instructions(session->machine);
}

static void play_steps(struct plan *plan, struct session *session)
{
    const struct scenario *scenario = plan->scenario;
    const struct faults *faults = scenario->faults;
    plan->marks = calloc(scenario->steps_count + 1u, sizeof *plan->marks);
    TB_ASSERT(plan->marks != NULL);
    for (uint32_t i = 0; i <= scenario->steps_count; i++) {
        plan->marks[i].time_ps = now_ps(session);
        if (faults != NULL && faults->bytes != NULL)
            memcpy(plan->marks[i].bytes, session->ports[faults->bytes->serial].line.bytes, sizeof plan->marks[i].bytes);
        if (i < scenario->steps_count && !session_is_over(session))
            session_steps(session, i, i + 1u);
    }
}

enum status plan_make(struct plan *plan, const struct scenario *scenario, const struct run_options *options,
                      struct error *err)
{
    memset(plan, 0, sizeof *plan);
    plan->scenario = scenario;
    snprintf(plan->rehearsal.name, sizeof plan->rehearsal.name, "%s", scenario->name);
    snprintf(plan->rehearsal.path, sizeof plan->rehearsal.path, "%s", scenario->path);
    snprintf(plan->rehearsal.title, sizeof plan->rehearsal.title, "%s", scenario->title);
    struct session session = {.scenario = scenario, .options = options, .result = &plan->rehearsal};
    struct recorder recorder = {0};
    struct windows windows = {plan, &session, UINT64_MAX};
    enum status status = session_open(&session, err);
    if (status == TB_OK) {
        recorder_attach(&recorder, &session);
        machine_add_observer(session.machine, OBS_BIT(OBS_REMAP) | OBS_BIT(OBS_RESET) | OBS_BIT(OBS_UART_TX), on_event,
                             &windows);
        machine_add_observer(session.machine, OBS_BIT(OBS_OP_BEGIN), on_operation, &windows);
        session_start(&session);
        plan->first = recorder.list.count;
        plan->first_ps = now_ps(&session);
        plan->first_instructions = now_instructions(&session);
        play_steps(plan, &session);
        plan->end_ps = now_ps(&session);
        plan->end_instructions = now_instructions(&session);
        plan->out_at_end = session.judge.never_back.run.said;
        session_finish(&session);
        plan->list = recorder.list;
    }
    session_close(&session);
    return status;
}

void plan_free(struct plan *plan)
{
    op_list_free(&plan->list);
    free(plan->ranges);
    free(plan->places);
    free(plan->marks);
    plan->ranges = NULL;
    plan->places = NULL;
}

/* --- places to cut ----------------------------------------------------------------------------- */

bool plan_cuts_inside(const struct plan *plan, uint32_t op)
{
    static const uint32_t kinds[] = {
        [OP_PROGRAM] = CUT_AT_PROGRAM,
        [OP_ERASE] = CUT_AT_ERASE,
        [OP_OPTION_ERASE] = CUT_AT_OPTION,
        [OP_OPTION_PROGRAM] = CUT_AT_OPTION,
    };
    const struct leg_op *entry = &plan->list.ops[op];
    return entry->event != LEG_RESET && (plan->scenario->power_cut->at_mask & kinds[entry->op.kind]) != 0;
}

static uint64_t multiples(uint64_t from, uint64_t to, uint64_t step)
{
    return from < to ? (to - 1u) / step - (from > 0 ? (from - 1u) / step : UINT64_MAX) : 0;
}

/** Instants of [from_ps, to_ps) and of instructions [from, to). */
static uint64_t instants(const struct plan *plan, uint64_t from_ps, uint64_t to_ps, uint64_t from, uint64_t to)
{
    const struct power_cut *cut = plan->scenario->power_cut;
    uint64_t count = 0;
    from_ps = from_ps > plan->first_ps ? from_ps : plan->first_ps;
    to_ps = to_ps < plan->end_ps ? to_ps : plan->end_ps;
    if (cut->every_ps > 0)
        count += multiples(from_ps, to_ps, cut->every_ps);
    from = from > plan->first_instructions ? from : plan->first_instructions;
    to = to < plan->end_instructions ? to : plan->end_instructions;
    for (uint32_t i = 0; i < plan->range_count; i++) {
        uint64_t low = plan->ranges[i].from > from ? plan->ranges[i].from : from;
        uint64_t high = plan->ranges[i].to < to ? plan->ranges[i].to : to;
        count += low < high ? high - low : 0;
    }
    return count;
}

uint64_t plan_instants_before(const struct plan *plan, uint32_t op)
{
    const struct leg_op *ops = plan->list.ops;
    uint32_t before = op; /* the operation before, resets are none */
    while (before > 0 && ops[before - 1u].event == LEG_RESET)
        before--;
    uint64_t from_ps = before > 0 ? ops[before - 1u].end_ps : 0;
    uint64_t from = before > 0 ? ops[before - 1u].end_instructions : 0;
    if (op == plan->list.count)
        return instants(plan, from_ps, UINT64_MAX, from, UINT64_MAX);
    return ops[op].event == LEG_RESET ? 0 : instants(plan, from_ps, ops[op].time_ps, from, ops[op].instructions);
}

uint64_t plan_instants_inside(const struct plan *plan, uint32_t op)
{
    const struct leg_op *entry = &plan->list.ops[op];
    if (entry->event == LEG_RESET)
        return 0;
    return instants(plan, entry->time_ps, entry->end_ps, entry->instructions, entry->end_instructions);
}
