/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/runner.h"

#include "harness/option_bytes.h"
#include "harness/session.h"
#include "harness/wall_clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"PASS", "FAIL", "VACUOUS", "INCONCLUSIVE", "ERROR"};
    return names[verdict];
}

static void add_reason(struct session *session, enum verdict verdict, const char *format, va_list args)
{
    struct result *result = session->result;
    size_t used = strlen(result->reason);
    if (used > 0 && used + 3u < sizeof result->reason)
        used += (size_t)snprintf(result->reason + used, sizeof result->reason - used, "; ");
    vsnprintf(result->reason + used, sizeof result->reason - used, format, args);
    if (result->verdict != VERDICT_ERROR)
        result->verdict = verdict;
}

void session_fail(struct session *session, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_reason(session, VERDICT_FAIL, format, args);
    va_end(args);
}

void session_error(struct session *session, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_reason(session, VERDICT_ERROR, format, args);
    va_end(args);
}

bool session_is_over(const struct session *session)
{
    return session->result->verdict != VERDICT_PASS || session->was_cut;
}

/* --- running ----------------------------------------------------------------------------------- */

static uint64_t next_stop(struct session *session)
{
    const struct run_options *options = session->options;
    if (options->stop_interval == 0)
        return UINT64_MAX;
    uint64_t piece = 1u + mix64(options->stop_seed ^ mix64(session->stops++)) % (2u * options->stop_interval);
    return machine_instructions(session->machine) + piece;
}

uint64_t session_now_ps(const struct session *session)
{
    uint64_t now = machine_time_ps(session->machine);
    return now > session->idle_until_ps ? now : session->idle_until_ps;
}

static bool has_news(const struct session *session)
{
    return session->judge.matched || session->judge.peer_ended;
}

static void add_up(struct session *session)
{
    trace_advance(session->trace, session_now_ps(session));
    session->past_ps += session_now_ps(session);
    session->past_instructions += machine_instructions(session->machine);
    session->past_trace = mix64(session->past_trace ^ machine_trace_digest(session->machine));
}

void session_power_cycle(struct session *session)
{
    add_up(session);
    machine_power_off(session->machine, TEAR_OLD, session->scenario->seed_value);
    session->idle_until_ps = 0;
    machine_power_on(session->machine);
}

void session_set_supply(struct session *session, uint32_t microvolts)
{
    struct error err;
    bool was_powered = machine_is_powered(session->machine);
    if (machine_drive_voltage(session->machine, SUPPLY_PIN, microvolts, &err) != TB_OK) {
        session_error(session, "%s", err.text);
        return;
    }
    if (was_powered)
        return;
    add_up(session);
    session->idle_until_ps = 0;
    machine_power_on(session->machine);
    session->judge.peer_ended = session->judge.await_peer; /* a terminal begins anew, too: its transfer is lost */
}

void session_set_supply_later(struct session *session, uint32_t microvolts, uint64_t after_ps)
{
    struct session_supply added = {session->past_ps + session_now_ps(session) + after_ps, microvolts};
    if (session->supply_count == SESSION_SUPPLIES) {
        session_error(session, "too many changes of the supply wait; expected at most %u", SESSION_SUPPLIES);
        return;
    }
    uint32_t at = session->supply_count++;
    for (; at > 0 && session->supplies[at - 1u].due_ps > added.due_ps; at--)
        session->supplies[at] = session->supplies[at - 1u];
    session->supplies[at] = added;
}

/** When the next change of the supply is due, if it is before the end; all power-ons together, as `end_ps`. */
static uint64_t next_supply(const struct session *session, uint64_t end_ps)
{
    if (session->supply_count == 0 || session->supplies[0].due_ps >= end_ps)
        return end_ps;
    uint64_t due_ps = session->supplies[0].due_ps;
    return due_ps > session->past_ps ? due_ps : session->past_ps;
}

static void take_supply(struct session *session)
{
    uint32_t microvolts = session->supplies[0].microvolts;
    memmove(&session->supplies[0], &session->supplies[1], --session->supply_count * sizeof session->supplies[0]);
    session_set_supply(session, microvolts);
}

/** Power was cut inside an operation. True if it is back already. */
static bool is_revived(struct session *session)
{
    session->was_cut = session->on_dead == NULL || !session->on_dead(session->dead_context);
    return !session->was_cut;
}

bool session_run_until_news(struct session *session, uint64_t deadline_ps)
{
    uint64_t end_ps = session->past_ps + deadline_ps; /* virtual time starts anew when power comes back on the way */
    while (!has_news(session)) {
        uint64_t stop_ps = next_supply(session, end_ps);
        struct run_limit limit = {stop_ps - session->past_ps, next_stop(session)};
        switch (machine_run(session->machine, limit)) {
        case RUN_DEAD:
            if (machine_is_powered(session->machine)) {
                if (!is_revived(session))
                    return false;
                break;
            }
            /* held in reset while the supply is low: time passes as it does for an idle chip */
            /* fall through */
        case RUN_IDLE:
            session->idle_until_ps = limit.time_ps;
            /* fall through */
        case RUN_TIME:
            if (stop_ps == end_ps || has_news(session))
                return has_news(session);
            take_supply(session);
            break;
        case RUN_INSTRUCTIONS:
        case RUN_REQUESTED:
            break;
        }
    }
    return true;
}

bool session_wait_for_news(struct session *session, uint64_t within_ps)
{
    const struct judge *judge = &session->judge;
    uint64_t from_ps = session_now_ps(session), first = judge->resets[RESET_IWDG];
    for (;;) {
        uint64_t seen = judge->resets[RESET_IWDG];
        if (session_run_until_news(session, from_ps + within_ps))
            return true;
        if (judge->resets[RESET_IWDG] == seen || judge->resets[RESET_IWDG] - first > session->watchdogs)
            return false;
        from_ps = judge->last_watchdog_ps;
    }
}

/* --- setting up -------------------------------------------------------------------------------- */

static void on_news(void *context)
{
    machine_request_stop(context);
}

static enum status make_parts(struct session *session, struct error *err)
{
    const struct scenario *scenario = session->scenario;
    const struct board *board = scenario->board;
    session->peer_images = calloc(scenario->image_count + 1u, sizeof *session->peer_images);
    if (session->peer_images == NULL)
        return error_set(err, TB_ERR_MEMORY, "no memory for the image table");
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        const char *slash = strrchr(scenario->images[i].path, '/');
        session->peer_images[i] = (struct peer_image){
            .name = slash != NULL ? slash + 1 : scenario->images[i].path,
            .bytes = scenario->images[i].bytes,
            .size = scenario->images[i].size,
        };
    }
    if (board->serial_count > JUDGE_SERIALS)
        return error_set(err, TB_ERR_UNSUPPORTED, "%s has more than %u serial ports", board->name, JUDGE_SERIALS);
    for (uint32_t i = 0; i < board->serial_count; i++) {
        struct session_port *port = &session->ports[i];
        const char *device = board->serials[i].device;
        snprintf(port->peer_name, sizeof port->peer_name, "terminal_%.24s", board->serials[i].name);
        snprintf(port->wire_names[0], sizeof port->wire_names[0], "%.40s.tx", device);
        snprintf(port->wire_names[1], sizeof port->wire_names[1], "terminal_%.24s.rx", board->serials[i].name);
        snprintf(port->wire_names[2], sizeof port->wire_names[2], "terminal_%.24s.tx", board->serials[i].name);
        snprintf(port->wire_names[3], sizeof port->wire_names[3], "%.40s.rx", device);
        port->wires[0] = (struct chip_wire){port->wire_names[0], port->wire_names[1]};
        port->wires[1] = (struct chip_wire){port->wire_names[2], port->wire_names[3]};
        port->params =
            (struct serial_peer_params){TERMINAL_BAUD, session->peer_images, scenario->image_count, false, &port->line};
        port->line.past_ps = &session->past_ps;
        session->parts[i] = (struct machine_part){
            .device = {.name = port->peer_name, .model = &serial_peer_model, .params = &port->params},
            .wires = port->wires,
            .wire_count = 2,
        };
    }
    session->port_count = board->serial_count;
    session->nets = scenario->nets;
    nets_make_parts(&session->nets, &session->parts[session->port_count]);
    return TB_OK;
}

static enum status make_machine(struct session *session, struct error *err)
{
    const struct scenario *scenario = session->scenario;
    enum status status = make_parts(session, err);
    if (status != TB_OK)
        return status;
    struct machine_config config = {
        .seed = scenario->seed_value,
        .ram_policy = scenario->power_cut != NULL ? (enum ram_policy)scenario->power_cut->ram : RAM_NOISE,
        .parts = session->parts,
        .part_count = session->port_count + session->nets.count,
        .knobs = scenario->knobs,
        .knob_count = scenario->knob_count,
    };
    status = machine_create(&session->machine, scenario->board, &config, err);
    for (uint32_t i = 0; status == TB_OK && i < session->port_count; i++) {
        const struct device *device = machine_device(session->machine, scenario->board->serials[i].device);
        TB_ASSERT(device != NULL);
        status = judge_add_stream(&session->judge, device->index, 0, err); /* as the terminals, which follow it */
    }
    return status;
}

static enum status fill_flash(struct session *session, struct error *err)
{
    const struct scenario_start *start = session->scenario->start;
    enum status status = TB_OK;
    if (start == NULL)
        return TB_OK;
    for (uint32_t i = 0; status == TB_OK && i < start->flash_count; i++)
        status = machine_load(session->machine, start->flash[i].address, start->flash[i].image->bytes,
                              start->flash[i].image->size, err);
    if (status == TB_OK && start->options != NULL)
        status = option_bytes_load(session->machine, session->scenario->board->chip, start->options, err);
    return status;
}

enum status session_open(struct session *session, struct error *err)
{
    const struct scenario *scenario = session->scenario;
    judge_init(&session->judge, scenario->board->chip, &scenario->layout);
    enum status status = make_machine(session, err);
    if (status == TB_OK)
        status = fill_flash(session, err);
    if (status == TB_OK && session->options->trace_path != NULL)
        status = trace_open(&session->trace, session->options->trace_path, scenario->board, session->machine, err);
    if (status != TB_OK)
        return status;
    for (uint32_t i = 0; i < scenario->heartbeat_pin_count; i++)
        judge_watch_heartbeat(&session->judge, scenario->heartbeat_pins[i]);
    if (scenario->check != NULL) {
        session->judge.never_back.pairs = scenario->check->never_back;
        session->judge.never_back.count = scenario->check->never_back_count;
    }
    session->judge.on_news = on_news;
    session->judge.news_context = session->machine;
    machine_add_observer(session->machine, judge_mask(), judge_observe, &session->judge);
    return TB_OK;
}

void session_close(struct session *session)
{
    if (session->machine != NULL)
        machine_destroy(session->machine);
    judge_free(&session->judge);
    free(session->peer_images);
    source_cache_free(&session->sources);
}

void session_restart(struct session *session)
{
    judge_restart(&session->judge);
    memset(session->result, 0, sizeof *session->result);
    session->stops = session->past_ps = session->past_instructions = session->past_trace = 0;
    session->idle_until_ps = 0;
    session->checks_made = session->step = 0;
    session->watchdogs = 0;
    session->was_cut = false;
    session->supply_count = 0;
    session->on_dead = NULL;
    if (session->scenario->drives_supply && machine_drive_pin(session->machine, SUPPLY_PIN, -1, NULL) != TB_OK)
        TB_ASSERT(!"the loader has looked for the pin");
    for (uint32_t i = 0; i < session->port_count; i++)
        session->ports[i].line = (struct serial_line){.past_ps = &session->past_ps};
}

/* --- the run ----------------------------------------------------------------------------------- */

void session_start(struct session *session)
{
    const struct scenario *scenario = session->scenario;
    machine_power_on(session->machine);
    if (scenario->start != NULL && scenario->start->until != NULL)
        step_wait(session, scenario->start->until, "start");
    machine_get_counters(session->machine, &session->before);
    session->remaps_before = session->judge.remaps;
    session->guest_errors_before = session->judge.guest_errors.total;
}

void session_steps(struct session *session, uint32_t first, uint32_t last)
{
    for (session->step = first; session->step < last && !session_is_over(session); session->step++)
        step_run(session, &session->scenario->steps[session->step]);
}

static void conclude(struct session *session)
{
    struct result *result = session->result;
    if (result->verdict == VERDICT_PASS && session->checks_made == 0) {
        result->verdict = VERDICT_VACUOUS;
        snprintf(result->reason, sizeof result->reason, "nothing was checked; expected a wait, an expect or a check");
    }
    if (session->judge.gaps.total > 0 && result->verdict != VERDICT_ERROR) {
        char failure[200];
        snprintf(failure, sizeof failure, "%.190s", result->reason);
        snprintf(result->reason, sizeof result->reason, "the firmware used what is not modelled%s%s",
                 failure[0] != '\0' ? "; " : "", failure);
        result->verdict = VERDICT_INCONCLUSIVE;
    }
    add_up(session);
    result->virtual_ps = session->past_ps;
    result->instructions = session->past_instructions;
    result->digest = machine_digest(session->machine);
    result->trace_digest = session->past_trace;
    struct machine_counters counters;
    machine_get_counters(session->machine, &counters);
    result->programs = counters.ops[OP_PROGRAM];
    result->erases = counters.ops[OP_ERASE];
    result->remaps = counters.remaps;
    result->flash_copied_bytes = counters.flash_copied_bytes;
    describe_end(session);
    describe_notes(session);
}

void session_finish(struct session *session)
{
    const struct scenario *scenario = session->scenario;
    if (scenario->check != NULL && !session_is_over(session))
        checks_run(session, scenario->check, "check");
    if (machine_is_locked_up(session->machine))
        session_fail(session, "the CPU is locked up");
    conclude(session);
}

void scenario_run(const struct scenario *scenario, const struct run_options *options, struct result *result)
{
    struct session session = {.scenario = scenario, .options = options, .result = result};
    struct error err = {""};
    uint64_t began_ns = wall_clock_ns();
    memset(result, 0, sizeof *result);
    snprintf(result->name, sizeof result->name, "%s", scenario->name);
    snprintf(result->path, sizeof result->path, "%s", scenario->path);
    snprintf(result->title, sizeof result->title, "%s", scenario->title);
    if (session_open(&session, &err) == TB_OK) {
        session_start(&session);
        session_steps(&session, 0, scenario->steps_count);
        session_finish(&session);
        if (trace_close(session.trace, session_now_ps(&session), &err) != TB_OK)
            session_error(&session, "%s", err.text);
    } else {
        session_error(&session, "%s", err.text);
    }
    session_close(&session);
    result->wall_ns = wall_clock_ns() - began_ns;
}
