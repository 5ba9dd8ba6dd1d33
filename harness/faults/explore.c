/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/explore.h"

#include "harness/faults/prognosis.h"

#include <libxml/xmlstring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETS_MAX 4096u /* read sets that deep_sets remembers; more are only slower */

static void *must_have(void *memory)
{
    TB_ASSERT(memory != NULL); /* a sweep cannot go on without memory */
    return memory;
}

enum status explorer_open(struct explorer *explorer, struct legs *legs, struct error *err)
{
    memset(explorer, 0, sizeof *explorer);
    explorer->legs = legs;
    explorer->scenario = legs->scenario;
    enum status status = TB_OK;
    for (uint32_t r = 0; status == TB_OK && r <= REPAIRS_MAX; r++) {
        explorer->erased[r] = must_have(calloc(legs->base.page_count, 1));
        status = places_init(&explorer->touched[r], &legs->base, err);
    }
    for (uint32_t d = 0; status == TB_OK && d < CUT_DEPTH_MAX; d++) {
        explorer->deep_erased[d] = must_have(calloc(legs->base.page_count, 1));
        explorer->deep_sets[d] = must_have(calloc(SETS_MAX, sizeof *explorer->deep_sets[d]));
        status = places_init(&explorer->deep[d], &legs->base, err);
    }
    if (status != TB_OK)
        explorer_close(explorer);
    return status;
}

void explorer_close(struct explorer *explorer)
{
    for (uint32_t i = 0; i < explorer->cause_count; i++)
        free(explorer->causes[i]);
    for (uint32_t i = 0; i < explorer->verdict_count; i++)
        free(explorer->verdicts[i]);
    for (uint32_t i = 0; i < explorer->summary_count; i++) {
        free(explorer->summaries[i]->found);
        free(explorer->summaries[i]);
    }
    facts_free(&explorer->verdict_facts);
    for (uint32_t d = 0; d < CUT_DEPTH_MAX; d++) {
        facts_free(&explorer->deep_facts[d]);
        free(explorer->deep_erased[d]);
        free(explorer->deep_sets[d]);
        places_free(&explorer->deep[d]);
    }
    for (uint32_t r = 0; r <= REPAIRS_MAX; r++) {
        places_free(&explorer->touched[r]);
        free(explorer->erased[r]);
    }
    free(explorer->causes);
    free(explorer->verdicts);
    free(explorer->summaries);
    free(explorer->state_keys);
    free(explorer->state_values);
}

/* --- states ------------------------------------------------------------------------------------ */

static uint64_t apart(struct situation at)
{
    return mix64((uint64_t)at.out << 32 | (at.repairs << 24 | (at.step + 1u)));
}

static uint64_t state_key(const struct world *world, struct situation at)
{
    uint64_t key = world->hash ^ apart(at);
    return key != 0 ? key : 1u;
}

struct situation situation_next(struct situation at, const struct judgement *verdict)
{
    at.out = never_out(at.out, &verdict->never);
    at.repairs++;
    return at;
}

struct situation situation_behind(struct situation at, const struct judgement *verdict, uint32_t op)
{
    const struct op_list *ops = verdict->ops;
    at.out = op < ops->count ? leg_op_out(at.out, &ops->ops[op]) : never_out(at.out, &verdict->never);
    at.repairs = 0;
    return at;
}

static uint32_t *state_slot(struct explorer *explorer, uint64_t key)
{
    uint32_t mask = explorer->state_capacity - 1u;
    uint32_t i = (uint32_t)(key >> 7) & mask;
    while (explorer->state_keys[i] != 0 && explorer->state_keys[i] != key)
        i = (i + 1u) & mask;
    return explorer->state_keys[i] == key ? &explorer->state_values[i] : NULL;
}

static void state_put(struct explorer *explorer, uint64_t key, uint32_t value)
{
    if (2u * explorer->state_used >= explorer->state_capacity) {
        uint64_t *keys = explorer->state_keys;
        uint32_t *values = explorer->state_values;
        uint32_t capacity = explorer->state_capacity;
        explorer->state_capacity = capacity > 0 ? 2u * capacity : 1u << 16;
        explorer->state_keys = must_have(calloc(explorer->state_capacity, sizeof *keys));
        explorer->state_values = must_have(calloc(explorer->state_capacity, sizeof *values));
        explorer->state_used = 0;
        for (uint32_t i = 0; i < capacity; i++)
            if (keys[i] != 0)
                state_put(explorer, keys[i], values[i]);
        free(keys);
        free(values);
    }
    uint32_t mask = explorer->state_capacity - 1u;
    uint32_t i = (uint32_t)(key >> 7) & mask;
    while (explorer->state_keys[i] != 0)
        i = (i + 1u) & mask;
    explorer->state_keys[i] = key;
    explorer->state_values[i] = value;
    explorer->state_used++;
}

/* --- verdicts ---------------------------------------------------------------------------------- */

static uint32_t cause_number(struct explorer *explorer, const char *when, const char *what)
{
    char text[700];
    snprintf(text, sizeof text, "%s: %s", when, what);
    /* a text that was cut inside a character would be no JSON */
    for (char *c = text; xmlCheckUTF8(BAD_CAST text) == 0 && *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80u)
            *c = '?';
    for (uint32_t i = 0; i < explorer->cause_count; i++)
        if (strcmp(explorer->causes[i], text) == 0)
            return i;
    explorer->causes = must_have(realloc(explorer->causes, (explorer->cause_count + 1u) * sizeof *explorer->causes));
    explorer->causes[explorer->cause_count] = must_have(strdup(text));
    return explorer->cause_count++;
}

/** A leg passed: did it take back what was said before it? From now on what it said counts, too. */
static bool judge_texts(struct explorer *explorer, const struct outcome *leg, struct situation *at, const char *when,
                        struct judgement *verdict)
{
    char what[NEVER_TEXT_MAX];
    const struct never_pair *pair = never_broken(explorer->scenario->check->never_back, at->out, &leg->never);
    at->out = never_out(at->out, &leg->never);
    if (pair == NULL)
        return true;
    never_text(what, sizeof what, pair);
    verdict->verdict = VERDICT_FAIL;
    verdict->cause = cause_number(explorer, when, what);
    return false;
}

/** Runs a leg, notes what it depends on, and folds it into the verdict. False: the verdict is made, it is bad. */
static bool judge_leg(struct explorer *explorer, struct world *world, enum leg_kind kind, struct situation *at,
                      const char *when, struct judgement *verdict, const struct outcome **outcome)
{
    const struct read_set *set;
    *outcome = legs_run(explorer->legs, world, kind, at->step, &set);
    if (set != NULL)
        places_add(&explorer->touched[at->repairs], world, set->marks, set->count, explorer->erased[at->repairs]);
    verdict->digest = mix64(verdict->digest ^ (*outcome)->digest);
    if ((*outcome)->verdict == VERDICT_PASS)
        return judge_texts(explorer, *outcome, at, when, verdict);
    verdict->verdict = (*outcome)->verdict;
    verdict->cause = cause_number(explorer, when, (*outcome)->cause);
    verdict->last_seen = (*outcome)->last_seen;
    return false;
}

void explorer_switch_off(struct explorer *explorer, struct world *world, uint32_t repairs, const struct outcome *leg)
{
    if (explorer->legs->cut != NULL) {
        legs_switch_off(explorer->legs);
        return;
    }
    op_list_play(leg->ops, 0, leg->ops->count, world, explorer->erased[repairs]);
    world_cut(world, NULL, TEAR_OLD, 0);
}

void explorer_back_to_cut(struct explorer *explorer, struct world *world, uint32_t repairs, uint32_t mark)
{
    world_rewind(world, mark);
    memset(explorer->erased[repairs], 0, world->page_count);
    if (explorer->legs->cut != NULL)
        legs_back_to_cut(explorer->legs);
}

/** The board is switched off and on a few times: it must run the same image each time. */
static bool judge_reboots(struct explorer *explorer, struct world *world, struct situation at,
                          const struct outcome *first, struct judgement *verdict)
{
    const struct scenario_check *check = explorer->scenario->check;
    const struct outcome *boot = first;
    uint32_t mark = world_mark(world);
    bool good = true;
    for (uint32_t i = 0; good && check->reboots != NULL && i < check->reboots->count; i++) {
        bool same_cells = boot->ops->count == 0 && world->unstable == 0 && explorer->legs->cut == NULL;
        if (same_cells) { /* the same cells: the same boot again, for ever */
            verdict->digest = mix64(verdict->digest ^ boot->digest);
            good = judge_texts(explorer, boot, &at, "later boot", verdict);
            continue;
        }
        explorer_switch_off(explorer, world, at.repairs, boot);
        good = judge_leg(explorer, world, LEG_BOOT, &at, "later boot", verdict, &boot);
        if (good && boot->text != first->text) {
            char what[500 + OPTIONS_TEXT];
            snprintf(what, sizeof what, "without an event it runs another image: \"%.200s\", then \"%.200s\"%s",
                     check->each_boot->any_of[first->text].text, check->each_boot->any_of[boot->text].text,
                     boot->options);
            verdict->verdict = VERDICT_FAIL;
            verdict->cause = cause_number(explorer, "later boot", what);
            good = false;
        }
    }
    explorer_back_to_cut(explorer, world, at.repairs, mark);
    return good;
}

/** Somebody repeats what was interrupted: the board must get where it was to go, and stay there. */
static bool judge_retry(struct explorer *explorer, struct world *world, struct situation at, struct judgement *verdict)
{
    const struct outcome *retry, *after;
    if (!judge_leg(explorer, world, LEG_RETRY, &at, "retry", verdict, &retry))
        return false;
    verdict->ops = retry->ops;
    verdict->never = retry->never;
    uint32_t mark = world_mark(world);
    explorer_switch_off(explorer, world, at.repairs, retry);
    bool good = judge_leg(explorer, world, LEG_BOOT, &at, "boot after the retry", verdict, &after);
    if (good && !legs_is_final(explorer->scenario, after->text)) {
        verdict->verdict = VERDICT_FAIL;
        verdict->cause = cause_number(explorer, "boot after the retry", "another image than the retry brought");
        good = false;
    }
    explorer_back_to_cut(explorer, world, at.repairs, mark);
    return good;
}

static bool wrote(const struct op_list *ops)
{
    for (uint32_t i = 0; i < ops->count; i++)
        if (ops->ops[i].event != LEG_RESET)
            return true;
    return false;
}

/** Runs the boot once more on the machine that a cut left, and makes the cut what is left then. */
static struct snapshot *switch_off_live(struct legs *legs, struct situation at)
{
    struct snapshot *cut = legs->cut;
    struct error err;
    (void)legs_run(legs, NULL, LEG_BOOT, at.step, NULL);
    legs_switch_off(legs);
    legs->cut = NULL;
    enum status status = machine_save(legs->session.machine, &legs->cut, &err);
    TB_ASSERT(status == TB_OK); /* as many times before */
    return cut;
}

/** The boot wrote: power is switched off behind it, and all that follows is judged from there. */
static void judge_next(struct explorer *explorer, struct world *world, struct situation at, const struct outcome *boot,
                       struct judgement *verdict)
{
    struct legs *legs = explorer->legs;
    uint32_t mark = world_mark(world);
    verdict->ops = boot->ops;
    verdict->never = boot->never;
    struct snapshot *cut = NULL;
    if (legs->cut != NULL)
        cut = switch_off_live(legs, at);
    else
        explorer_switch_off(explorer, world, at.repairs, boot);
    const struct judgement *next = explorer_judge(explorer, world, situation_next(at, verdict));
    if (!legs->no_equivalence) {
        const struct read_set *places = &explorer->verdict_facts.sets[next->set];
        places_add(&explorer->touched[at.repairs], world, places->marks, places->count, explorer->erased[at.repairs]);
    }
    if (cut != NULL) {
        snapshot_free(legs->session.machine, legs->cut);
        legs->cut = cut;
    }
    explorer_back_to_cut(explorer, world, at.repairs, mark);
    verdict->next = next;
    verdict->verdict = next->verdict;
    verdict->cause = next->cause;
    verdict->last_seen = next->last_seen;
    verdict->digest = mix64(verdict->digest ^ next->digest);
}

static uint32_t make_verdict(struct explorer *explorer, struct world *world, struct situation at)
{
    struct situation booted = at;
    struct judgement *verdict = must_have(calloc(1, sizeof *verdict));
    const struct outcome *boot;
    *verdict = (struct judgement){.verdict = VERDICT_PASS, .cause = NO_CAUSE, .last_seen = ""};
    places_clear(&explorer->touched[at.repairs], world);
    if (judge_leg(explorer, world, LEG_BOOT, &booted, "boot", verdict, &boot) &&
        judge_reboots(explorer, world, booted, boot, verdict) && !legs_is_final(explorer->scenario, boot->text)) {
        if (wrote(boot->ops) && at.repairs < REPAIRS_MAX)
            judge_next(explorer, world, at, boot, verdict);
        else
            (void)judge_retry(explorer, world, at, verdict);
    }
    memset(explorer->erased[at.repairs], 0, world->page_count);
    if (verdict->verdict == VERDICT_FAIL && verdict->next == NULL && explorer->scenario->check->after_retry != NULL) {
        char comes_to[PROGNOSIS_TEXT];
        prognosis(explorer, world, at, verdict, comes_to, sizeof comes_to);
        verdict->cause = cause_number(explorer, comes_to, explorer->causes[verdict->cause]);
    }
    if (verdict->ops == NULL) {
        verdict->ops = boot->ops;
        verdict->never = boot->never;
    }
    if (explorer->verdict_count == explorer->verdict_capacity) {
        explorer->verdict_capacity = explorer->verdict_capacity > 0 ? 2u * explorer->verdict_capacity : 256u;
        explorer->verdicts =
            must_have(realloc(explorer->verdicts, explorer->verdict_capacity * sizeof(*explorer->verdicts)));
    }
    explorer->verdicts[explorer->verdict_count] = verdict;
    return explorer->verdict_count++;
}

const struct judgement *explorer_judge(struct explorer *explorer, struct world *world, struct situation at)
{
    if (explorer->legs->no_equivalence) {
        uint32_t made = make_verdict(explorer, world, at); /* which may move the list */
        return explorer->verdicts[made];
    }
    uint64_t key = state_key(world, at);
    uint32_t *known = explorer->state_used > 0 ? state_slot(explorer, key) : NULL;
    if (known != NULL)
        return explorer->verdicts[*known];
    uint32_t value, set;
    struct facts *facts = &explorer->verdict_facts;
    if (!facts_find(facts, world, apart(at), &value, &set)) {
        value = make_verdict(explorer, world, at);
        explorer->verdicts[value]->set = facts_add(facts, world, apart(at), explorer->touched[at.repairs].marks,
                                                   explorer->touched[at.repairs].count, value);
    }
    state_put(explorer, key, value);
    return explorer->verdicts[value];
}

/* --- tears ------------------------------------------------------------------------------------- */

void cut_name(char *text, size_t size, const struct op_list *list, struct cut cut)
{
    if (cut.op >= list->count) {
        snprintf(text, size, "end");
        return;
    }
    const struct leg_op *entry = &list->ops[cut.op];
    int used = snprintf(text, size, "%s#%u/%s", op_kind_name((enum op_kind)entry->op.kind), entry->number,
                        tear_name((enum tear)cut.tear));
    if (cut.tear == TEAR_PARTIAL)
        snprintf(text + used, size - (size_t)used, ":%u", cut.seed);
}

uint64_t cut_seed(const struct scenario *scenario, struct cut cut)
{
    return mix64(scenario->seed_value ^ mix64(0x7465617200u + cut.seed));
}

/** Pages that a cut tears decide most boots: let legs look at them closely. Whole banks are not worth it. */
static void note_torn(struct legs *legs, const struct op *op)
{
    for (uint32_t at = op->offset; at < op->offset + op->length && op->length <= 2u * FRAME_SIZE; at += FRAME_SIZE) {
        if (legs->torn_count == ARRAY_LENGTH(legs->torn))
            return;
        legs->torn[legs->torn_count][0] = op->store;
        legs->torn[legs->torn_count++][1] = at / FRAME_SIZE;
    }
}

uint32_t explorer_tear(struct explorer *explorer, struct world *world, const struct leg_op *op, uint32_t index,
                       explorer_on_tear on_tear, void *context)
{
    const struct power_cut *plan = explorer->scenario->power_cut;
    uint64_t seen[TEAR_COUNT + CUT_SEEDS_MAX];
    uint32_t count = 0;
    uint32_t torn_before = explorer->legs->torn_count;
    note_torn(explorer->legs, &op->op);
    for (int tear = 0; tear < TEAR_COUNT; tear++) {
        if (!tear_fits((enum tear)tear, op_is_erase(&op->op)) || (plan->tear_mask & 1u << tear) == 0)
            continue;
        uint32_t seeds = tear == TEAR_PARTIAL ? plan->seeds : 1u;
        for (uint32_t seed = 1; seed <= seeds; seed++) {
            struct cut cut = {index, (uint8_t)tear, (uint8_t)seed};
            uint32_t mark = world_mark(world);
            world_cut(world, &op->op, (enum tear)tear, cut_seed(explorer->scenario, cut));
            bool is_new = true; /* a class that this word cannot reach gives a state that was there already */
            for (uint32_t i = 0; i < count && is_new; i++)
                is_new = seen[i] != world->hash;
            if (is_new) {
                seen[count++] = world->hash;
                on_tear(context, cut);
            }
            world_rewind(world, mark);
        }
    }
    explorer->legs->torn_count = torn_before;
    return count;
}

/* --- further cuts ------------------------------------------------------------------------------ */

static void add_found(struct summary *summary, const struct found *found)
{
    for (uint32_t i = 0; i < summary->found_count; i++) {
        struct found *known = &summary->found[i];
        if (known->cause != found->cause)
            continue;
        uint64_t cases = known->cases + found->cases;
        if (found->length < known->length)
            *known = *found;
        known->cases = cases;
        return;
    }
    summary->found = must_have(realloc(summary->found, (summary->found_count + 1u) * sizeof *summary->found));
    summary->found[summary->found_count++] = *found;
}

/** All cases of another summary, behind what `name` says. */
static void add_summary(struct summary *summary, const struct summary *behind, const char *name, uint32_t cuts)
{
    summary->cases += behind->cases;
    summary->digest = mix64(summary->digest ^ behind->digest);
    for (uint32_t i = 0; i < behind->found_count; i++) {
        struct found found = behind->found[i];
        snprintf(found.id, sizeof found.id, "%.60s+%.190s", name, behind->found[i].id);
        found.length += cuts;
        add_found(summary, &found);
    }
}

struct deepening {
    struct explorer *explorer;
    struct world *world;
    struct summary *summary;
    const struct judgement *verdict; /* the cuts hit its operations */
    struct situation at;
    uint32_t cuts;
};

/** What the summary depends on: all that the verdicts behind the state depend on, but for pages erased on the way. */
static void depend(struct explorer *explorer, const struct world *world, uint32_t level, uint32_t set)
{
    if (explorer->legs->no_equivalence)
        return;
    /* What is erased only grows, so that a set's first visit adds the most. */
    if (set < SETS_MAX && explorer->deep_sets[level][set] == explorer->summary_count + 1u)
        return;
    if (set < SETS_MAX)
        explorer->deep_sets[level][set] = explorer->summary_count + 1u;
    const struct read_set *places = &explorer->verdict_facts.sets[set];
    places_add(&explorer->deep[level], world, places->marks, places->count, explorer->deep_erased[level]);
}

static void judge_behind(void *context, struct cut cut)
{
    struct deepening *deepening = context;
    struct explorer *explorer = deepening->explorer;
    struct summary *summary = deepening->summary;
    uint32_t level = deepening->cuts - 1u;
    const struct op_list *ops = deepening->verdict->ops;
    struct situation at = situation_behind(deepening->at, deepening->verdict, cut.op);
    const struct judgement *verdict = explorer_judge(explorer, deepening->world, at);
    explorer->cases_judged++;
    depend(explorer, deepening->world, level, verdict->set);
    summary->cases++;
    summary->digest = mix64(summary->digest ^ mix64(((uint64_t)cut.op << 16 | (uint64_t)cut.tear << 8 | cut.seed)) ^
                            verdict->verdict);
    if (verdict->verdict != VERDICT_PASS) {
        struct found found = {.cause = verdict->cause, .cases = 1, .length = 1, .verdict = verdict};
        cut_name(found.id, sizeof found.id, ops, cut);
        add_found(summary, &found);
    } else if (deepening->cuts > 1u) {
        char name[CASE_ID_MAX];
        cut_name(name, sizeof name, ops, cut);
        add_summary(summary, explorer_deepen(explorer, deepening->world, at, deepening->cuts - 1u, verdict), name, 1);
        /* and all that this depends on */
        const struct places *deeper = &explorer->deep[level - 1u];
        places_add(&explorer->deep[level], deepening->world, deeper->marks, deeper->count,
                   explorer->deep_erased[level]);
    }
}

/** The cases behind a boot that wrote and was switched off. What they rest on is in explorer->deep. */
static const struct summary *deepen_next(struct explorer *explorer, struct world *world, struct situation at,
                                         uint32_t cuts, const struct judgement *verdict)
{
    uint32_t mark = world_mark(world);
    op_list_play(verdict->ops, 0, verdict->ops->count, world, NULL);
    world_cut(world, NULL, TEAR_OLD, 0);
    const struct summary *behind = explorer_deepen(explorer, world, situation_next(at, verdict), cuts, verdict->next);
    world_rewind(world, mark);
    return behind;
}

const struct summary *explorer_deepen(struct explorer *explorer, struct world *world, struct situation at,
                                      uint32_t cuts, const struct judgement *verdict)
{
    uint32_t level = cuts - 1u, value, set;
    struct facts *facts = &explorer->deep_facts[level];
    if (!explorer->legs->no_equivalence && facts_find(facts, world, apart(at), &value, &set)) {
        explorer->cases_inherited += explorer->summaries[value]->cases;
        places_clear(&explorer->deep[level], world); /* for the caller: what this rests on */
        places_add(&explorer->deep[level], world, facts->sets[set].marks, facts->sets[set].count, NULL);
        return explorer->summaries[value];
    }
    struct summary *summary = must_have(calloc(1, sizeof *summary));
    struct deepening deepening = {explorer, world, summary, verdict, at, cuts};
    struct read_mark *next_places = NULL; /* copied: the lists are used anew below */
    uint32_t next_count = 0;
    if (verdict->next != NULL) {
        add_summary(summary, deepen_next(explorer, world, at, cuts, verdict), CUT_NAME_BOOT, 0);
        next_count = explorer->deep[level].count;
        next_places = must_have(malloc((next_count + 1u) * sizeof *next_places));
        memcpy(next_places, explorer->deep[level].marks, next_count * sizeof *next_places);
    }
    uint32_t mark = world_mark(world);
    places_clear(&explorer->deep[level], world);
    memset(explorer->deep_erased[level], 0, world->page_count);
    memset(explorer->deep_sets[level], 0, SETS_MAX * sizeof *explorer->deep_sets[level]);
    depend(explorer, world, level, verdict->set);
    for (uint32_t i = 0; i < verdict->ops->count; i++) {
        const struct leg_op *op = &verdict->ops->ops[i];
        if (op->event != LEG_RESET)
            (void)explorer_tear(explorer, world, op, i, judge_behind, &deepening);
        op_list_play(verdict->ops, i, i + 1u, world, explorer->deep_erased[level]);
    }
    if (verdict->next == NULL) {
        world_cut(world, NULL, TEAR_OLD, 0);
        judge_behind(&deepening, (struct cut){verdict->ops->count, TEAR_OLD, 1});
    } else {
        places_add(&explorer->deep[level], world, next_places, next_count, explorer->deep_erased[level]);
        free(next_places);
    }
    world_rewind(world, mark);
    explorer->summaries =
        must_have(realloc(explorer->summaries, (explorer->summary_count + 1u) * sizeof(*explorer->summaries)));
    explorer->summaries[explorer->summary_count] = summary;
    if (!explorer->legs->no_equivalence)
        (void)facts_add(facts, world, apart(at), explorer->deep[level].marks, explorer->deep[level].count,
                        explorer->summary_count);
    explorer->summary_count++;
    return summary;
}
