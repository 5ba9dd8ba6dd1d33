/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/legs.h"

#include "harness/wall_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESETS_OF_A_LOOP 10u /* in one leg: nobody resets so often on purpose */

static const struct check_each_boot *each_boot(const struct legs *legs)
{
    return legs->scenario->check->each_boot;
}

enum status legs_open(struct legs *legs, const struct scenario *scenario, const struct run_options *options,
                      struct error *err)
{
    memset(legs, 0, sizeof *legs);
    legs->scenario = scenario;
    legs->options = options;
    legs->session = (struct session){.scenario = scenario, .options = options, .result = &legs->result};
    enum status status = session_open(&legs->session, err);
    if (status == TB_OK)
        status = machine_save(legs->session.machine, &legs->off, err);
    if (status == TB_OK)
        status = world_init(&legs->base, legs->session.machine, scenario->board->chip, scenario->seed_value, err);
    legs->retries = calloc(scenario->steps_count + 1u, sizeof *legs->retries);
    legs->texts = calloc(each_boot(legs)->any_of_count, sizeof *legs->texts);
    if (status == TB_OK && (legs->retries == NULL || legs->texts == NULL))
        status = error_set(err, TB_ERR_MEMORY, "no memory for a sweep");
    if (status != TB_OK) {
        legs_close(legs);
        return status;
    }
    for (uint32_t i = 0; i < each_boot(legs)->any_of_count; i++)
        legs->texts[i] = each_boot(legs)->any_of[i].text;
    recorder_attach(&legs->recorder, &legs->session);
    return TB_OK;
}

void legs_close(struct legs *legs)
{
    if (legs->off != NULL)
        snapshot_free(legs->session.machine, legs->off);
    if (legs->cut != NULL)
        snapshot_free(legs->session.machine, legs->cut);
    session_close(&legs->session);
    world_free(&legs->base);
    op_list_free(&legs->recorder.list);
    facts_free(&legs->boots);
    for (uint32_t i = 0; legs->retries != NULL && i <= legs->scenario->steps_count; i++)
        facts_free(&legs->retries[i]);
    free(legs->retries);
    for (uint32_t i = 0; i < legs->outcome_count; i++) {
        struct outcome *outcome = legs->outcomes[i];
        bool owns = true; /* the first outcome that has a list frees it */
        for (uint32_t k = 0; k < i && owns; k++)
            owns = legs->outcomes[k]->ops != outcome->ops;
        if (!owns)
            outcome->ops = NULL;
    }
    for (uint32_t i = 0; i < legs->outcome_count; i++) {
        struct outcome *outcome = legs->outcomes[i];
        if (outcome->ops != NULL)
            free(outcome->ops->ops);
        free((void *)outcome->ops);
        free(outcome->cause);
        free(outcome->last_seen);
        free(outcome);
    }
    free(legs->outcomes);
    free(legs->texts);
}

/* --- playing ----------------------------------------------------------------------------------- */

/** The bank that runs must hold what the text says. */
static void compare(struct session *session, const struct boot_text *boot)
{
    const struct scenario_image *image = boot->slot != NULL ? boot->slot : boot->bank;
    if (image == NULL)
        return;
    uint32_t address = session->scenario->layout.base + (boot->slot != NULL ? SLOT_OFFSET_BYTES : 0);
    uint8_t bytes[FRAME_SIZE];
    for (uint32_t done = 0; done < image->size; done += (uint32_t)sizeof bytes) {
        uint32_t left = image->size - done, size = left < sizeof bytes ? left : (uint32_t)sizeof bytes;
        if (machine_peek_mapped(session->machine, address + done, bytes, size, NULL) == TB_OK &&
            memcmp(bytes, image->bytes + done, size) == 0)
            continue;
        session_fail(session, "it says \"%s\", but is not %s byte for byte", boot->text, image->name);
        return;
    }
}

/** True if the board said one of the texts. */
static bool play_boot(struct legs *legs, uint32_t *text)
{
    struct session *session = &legs->session;
    const struct check_each_boot *each = each_boot(legs);
    machine_power_on(session->machine);
    judge_await_any(&session->judge, each->serial, legs->texts, each->any_of_count);
    if (!session_wait_for_news(session, each->within_ps)) {
        session_fail(session, "nothing expected on %s within %s", each->uart, each->within);
        return false;
    }
    *text = session->judge.matched_text;
    judge_await_nothing(&session->judge);
    return true;
}

bool legs_is_final(const struct scenario *scenario, uint32_t text)
{
    const struct scenario_wait *wanted = scenario->check->after_retry;
    return wanted == NULL || strcmp(scenario->check->each_boot->any_of[text].text, wanted->text) == 0;
}

/** Nobody repeats a dip of the supply by itself. */
static bool is_action(const struct scenario_step *step)
{
    return step->wait == NULL && step->wait_time == NULL && step->expect == NULL && step->supply == NULL;
}

uint32_t legs_retry_step(const struct scenario *scenario, uint32_t step)
{
    if (step >= scenario->steps_count)
        step = scenario->steps_count > 0 ? scenario->steps_count - 1u : 0;
    while (step > 0 && !is_action(&scenario->steps[step]))
        step--;
    return step;
}

void legs_repeat(struct legs *legs, uint32_t step)
{
    struct session *session = &legs->session;
    const struct scenario *scenario = legs->scenario;
    const struct scenario_wait *wanted = scenario->check->after_retry;
    for (session->step = step; session->step < scenario->steps_count && !session_is_over(session); session->step++)
        if (scenario->steps[session->step].expect == NULL) /* those count what a rehearsal does */
            step_run(session, &scenario->steps[session->step]);
    if (!session_is_over(session) && !judge_has_text(&session->judge, wanted->text))
        step_wait(session, wanted, "after the retry");
}

/** Where it ended, without an address: "bank 1, in main", "bank 2, lockup in main", "waiting in the boot ROM". */
static void name_place(struct session *session, char *text, size_t size)
{
    const struct judge *judge = &session->judge;
    uint32_t pc = judge->locked_up ? judge->lockup_pc : machine_pc(session->machine);
    char place[160];
    if (judge->resets[RESET_SOFTWARE] + judge->resets[RESET_IWDG] >= RESETS_OF_A_LOOP) {
        snprintf(text, size, "resetting for ever");
    } else if (!judge->locked_up && describe_is_rom(session, pc)) {
        snprintf(text, size, "waiting in the boot ROM");
    } else {
        describe_pc(session, pc, place, sizeof place);
        char *name = strchr(place, ' ');
        name = name != NULL ? name + 1 : place;
        name[strcspn(name, "+ ")] = '\0';
        snprintf(text, size, "bank %u, %s %s", judge->active_bank, judge->locked_up ? "lockup in" : "in", name);
    }
}

void legs_name_cause(struct session *session, char *cause, size_t size)
{
    char place[180], options[OPTIONS_TEXT];
    name_place(session, place, sizeof place);
    describe_options(&session->judge, options, sizeof options);
    snprintf(cause, size, "%.300s; %s%s", session->result->reason, place, options);
}

void legs_play(struct legs *legs, enum leg_kind kind, uint32_t step, struct outcome *outcome)
{
    struct session *session = &legs->session;
    uint64_t began_ns = wall_clock_ns();
    memset(outcome, 0, sizeof *outcome);
    session_restart(session);
    session->watchdogs = LEG_WATCHDOGS;
    outcome->booted = play_boot(legs, &outcome->text);
    /* who tries again does not ask what runs, and the boot of the same cells was compared before */
    if (outcome->booted && kind == LEG_BOOT)
        compare(session, &each_boot(legs)->any_of[outcome->text]);
    if (outcome->booted && kind == LEG_RETRY && !legs_is_final(legs->scenario, outcome->text))
        legs_repeat(legs, step);
    if (session->judge.gaps.total > 0)
        session->result->verdict = VERDICT_INCONCLUSIVE;
    describe_options(&session->judge, outcome->options, sizeof outcome->options);
    outcome->verdict = session->result->verdict;
    outcome->never = session->judge.never_back.run;
    outcome->time_ps = session_now_ps(session);
    outcome->instructions = machine_instructions(session->machine);
    outcome->digest = mix64(machine_trace_digest(session->machine) ^ mix64(outcome->instructions ^ outcome->verdict));
    legs->instructions_run += outcome->instructions;
    legs->boots_run += kind == LEG_BOOT;
    legs->retries_run += kind == LEG_RETRY;
    *(kind == LEG_BOOT ? &legs->boots_ns : &legs->retries_ns) += wall_clock_ns() - began_ns;
    if (outcome->verdict == VERDICT_PASS)
        return;
    char cause[600];
    legs_name_cause(session, cause, sizeof cause);
    describe_end(session);
    outcome->cause = strdup(cause);
    outcome->last_seen = strdup(session->result->last_seen);
    TB_ASSERT(outcome->cause != NULL && outcome->last_seen != NULL);
}

/* --- looking up -------------------------------------------------------------------------------- */

static bool ops_equal(const struct op_list *a, const struct op_list *b)
{
    for (uint32_t i = 0; a->count == b->count && i < a->count; i++)
        if (memcmp(&a->ops[i].op, &b->ops[i].op, sizeof a->ops[i].op) != 0 || a->ops[i].event != b->ops[i].event ||
            a->ops[i].said != b->ops[i].said || a->ops[i].asked != b->ops[i].asked)
            return false;
    return a->count == b->count;
}

/** Most retries do the same operations: one copy is enough. */
static const struct op_list *keep_ops(struct legs *legs, const struct op_list *list)
{
    for (uint32_t i = legs->outcome_count; i > 0; i--)
        if (ops_equal(legs->outcomes[i - 1u]->ops, list))
            return legs->outcomes[i - 1u]->ops;
    struct op_list *kept = calloc(1, sizeof *kept);
    TB_ASSERT(kept != NULL);
    kept->ops = malloc((list->count + 1u) * sizeof *kept->ops);
    TB_ASSERT(kept->ops != NULL);
    if (list->count > 0)
        memcpy(kept->ops, list->ops, list->count * sizeof *kept->ops);
    kept->count = kept->capacity = list->count;
    return kept;
}

static uint32_t keep_outcome(struct legs *legs, struct outcome *outcome)
{
    struct outcome *kept = malloc(sizeof *kept);
    if (legs->outcome_count == legs->outcome_capacity) {
        legs->outcome_capacity = legs->outcome_capacity > 0 ? 2u * legs->outcome_capacity : 256u;
        struct outcome **grown = realloc(legs->outcomes, legs->outcome_capacity * sizeof(*grown));
        TB_ASSERT(grown != NULL);
        legs->outcomes = grown;
    }
    TB_ASSERT(kept != NULL);
    outcome->ops = keep_ops(legs, &legs->recorder.list);
    *kept = *outcome;
    legs->outcomes[legs->outcome_count] = kept;
    return legs->outcome_count++;
}

static void show(struct legs *legs, const struct world *world)
{
    machine_restore(legs->session.machine, legs->off);
    world_show(world, &legs->base, legs->session.machine);
}

void legs_switch_off(struct legs *legs)
{
    machine_power_off(legs->session.machine, TEAR_OLD, 0);
}

void legs_back_to_cut(struct legs *legs)
{
    machine_restore(legs->session.machine, legs->cut);
}

void legs_cut(struct legs *legs, const struct world *world, uint32_t step, const struct leg_op *op, enum tear tear,
              uint64_t seed)
{
    struct outcome outcome;
    show(legs, world);
    recorder_restart(&legs->recorder);
    legs->recorder.cut_kind = op->op.kind;
    legs->recorder.cut_number = op->number;
    legs_play(legs, LEG_RETRY, step, &outcome);
    free(outcome.cause);
    free(outcome.last_seen);
    TB_ASSERT(legs->recorder.cut_done); /* a run that was told to be the same has no such operation */
    machine_power_off(legs->session.machine, tear, seed);
}

/** A page that a cut tore and that was read as a whole: watched cell by cell it will decide less. */
static bool watch_torn(struct legs *legs)
{
    struct machine *machine = legs->session.machine;
    uint32_t count;
    const struct read_mark *marks = machine_reads(machine, &count);
    bool any = false;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t t = 0; t < legs->torn_count && marks[i].length == FRAME_SIZE; t++)
            if (marks[i].store == legs->torn[t][0] && marks[i].offset / FRAME_SIZE == legs->torn[t][1])
                any |= machine_watch_finely(machine, legs->torn[t][0], legs->torn[t][1]);
    return any;
}

static uint32_t execute(struct legs *legs, const struct world *world, enum leg_kind kind, uint32_t step)
{
    struct outcome outcome;
    struct machine *machine = legs->session.machine;
    for (bool again = true; again;) {
        if (legs->cut == NULL)
            show(legs, world);
        recorder_restart(&legs->recorder);
        machine_log_reads(machine, !legs->no_equivalence);
        legs_play(legs, kind, step, &outcome);
        again = !legs->no_equivalence && watch_torn(legs);
        if (again) {
            free(outcome.cause);
            free(outcome.last_seen);
        }
    }
    return keep_outcome(legs, &outcome);
}

const struct outcome *legs_run(struct legs *legs, const struct world *world, enum leg_kind kind, uint32_t step,
                               const struct read_set **set)
{
    struct facts *facts = kind == LEG_BOOT ? &legs->boots : &legs->retries[step];
    uint32_t value, index;
    if (legs->no_equivalence || !facts_find(facts, world, 0, &value, &index)) {
        value = execute(legs, world, kind, step);
        uint32_t count;
        const struct read_mark *marks = machine_reads(legs->session.machine, &count);
        index = legs->no_equivalence ? 0 : facts_add(facts, world, 0, marks, count, value);
        machine_log_reads(legs->session.machine, false);
    }
    if (set != NULL)
        *set = legs->no_equivalence ? NULL : &facts->sets[index];
    return legs->outcomes[value];
}
