/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/tests/journal/explore.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct explore_figures explore_figures;

/* --- what led here --------------------------------------------------------------------------------- */

#define TRAIL_LINES 4096u
#define TRAIL_TEXT  120u
static char trail[TRAIL_LINES][TRAIL_TEXT];
static unsigned trail_count;

unsigned trail_mark(void)
{
    return trail_count;
}

void trail_back(unsigned mark)
{
    trail_count = mark;
}

void trail_add(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(trail[trail_count % TRAIL_LINES], TRAIL_TEXT, format, arguments);
    va_end(arguments);
    trail_count++;
}

void trail_cut(const struct cells_op *op, enum tear tear)
{
    static const char *const parts[JOURNAL_DOUBLE_WORDS] = {"Z",         "payload 1", "payload 2", "payload 3",
                                                            "payload 4", "payload 5", "C",         "S"};
    unsigned index = op->op.offset / 8u;
    if (op_is_erase(&op->op))
        trail_add("cut: erase of bank %" PRIu32 "'s page, %s", op->op.store, tear_name(tear));
    else
        trail_add("cut: %s of record %u in bank %" PRIu32 "%s, %s", parts[index % JOURNAL_DOUBLE_WORDS],
                  index / JOURNAL_DOUBLE_WORDS, op->op.store,
                  op->op.value == 0 && index % JOURNAL_DOUBLE_WORDS == 6u ? " (killed)" : "", tear_name(tear));
}

static void print_state(const char *label, const struct journal_state *state)
{
    printf("  %s: current %u, attempts %u, minimum %08" PRIx32, label, state->current, state->attempts,
           state->minimum_version);
    for (unsigned i = 0; i < 2u; i++)
        printf(", slot %u: mark %u version %08" PRIx32, i + 1u, state->slot[i].mark, state->slot[i].version);
    printf("\n");
}

static bool fail(const char *what, const struct journal_state *is, const struct belief *belief)
{
    printf("FAIL: %s\n", what);
    for (unsigned i = trail_count > TRAIL_LINES ? trail_count - TRAIL_LINES : 0; i < trail_count; i++)
        printf("  %s\n", trail[i % TRAIL_LINES]);
    if (is != NULL)
        print_state("found", is);
    for (unsigned i = 0; i < belief->count; i++)
        print_state(i == 0 ? "expected" : "or", &belief->state[i]);
    return false;
}

/* --- one action ------------------------------------------------------------------------------------ */

static bool same_state(const struct journal_state *a, const struct journal_state *b)
{
    bool same = a->current == b->current && a->attempts == b->attempts && a->minimum_version == b->minimum_version;
    for (unsigned i = 0; i < 2u; i++)
        same = same && a->slot[i].mark == b->slot[i].mark && a->slot[i].header_crc == b->slot[i].header_crc &&
               a->slot[i].bytes == b->slot[i].bytes && a->slot[i].version == b->slot[i].version;
    return same;
}

/** Looks for what a boot said in what it may say, and forgets the rest. */
static bool decide(struct belief *belief, const struct journal_state *said)
{
    for (unsigned i = 0; i < belief->count; i++) {
        if (same_state(&belief->state[i], said)) {
            *belief = (struct belief){.count = 1, .state = {belief->state[i]}};
            return true;
        }
    }
    return false;
}

static bool boot(struct belief *belief)
{
    struct journal_state said;
    explore_figures.boots++;
    enum journal_status status = journal_recover(&said);
    if (status == JOURNAL_FACTORY && belief->factory) {
        said = belief->state[0];
        status = journal_create(&said);
    }
    if (status != JOURNAL_OK)
        return fail(status == JOURNAL_FACTORY ? "a boot finds no record" : "a boot cannot repair the journal", NULL,
                    belief);
    if (!decide(belief, &said))
        return fail("a boot finds another state", &said, belief);
    return true;
}

static bool start_app(const struct belief *belief)
{
    struct journal_state said;
    if (journal_open(&said) != JOURNAL_OK)
        return fail("the app finds no record", NULL, belief);
    if (!same_state(&said, &belief->state[0]))
        return fail("the app finds another state than the boot before it", &said, belief);
    return true;
}

bool run_action(const struct action *action, const struct belief *before, struct run *run)
{
    run->before = run->decided = *before;
    cells_log(&run->ops);
    bool good = action->boot ? boot(&run->decided) : start_app(&run->decided);
    run->first_append = run->ops.count;
    run->after = run->decided;
    if (good && action->appends) {
        explore_figures.appends++;
        run->append = action->append;
        run->after.state[0] = action->append;
        good = journal_append_now(&action->append) == JOURNAL_OK || fail("an append fails", NULL, &run->decided);
    }
    cells_log(NULL);
    return good;
}

struct belief run_belief(const struct run *run, unsigned index)
{
    if (index < run->first_append)
        return run->before;
    return (struct belief){.count = 2, .state = {run->decided.state[0], run->append}};
}

/* --- everything that may follow -------------------------------------------------------------------- */

/** What a case may still do. */
struct budget {
    unsigned cuts, boots, appends;
};

static const struct explore_options *options;
static bool visit(const struct belief *belief, struct budget left);

/** Keys of the cases below the present action that were looked at. */
static struct {
    uint64_t *key; /* 0: free */
    size_t count, capacity;
} seen;

static void forget_seen(void)
{
    if (seen.count > 0)
        memset(seen.key, 0, seen.capacity * sizeof *seen.key);
    seen.count = 0;
}

static bool insert(uint64_t key)
{
    size_t at = key & (seen.capacity - 1u);
    while (seen.key[at] != 0 && seen.key[at] != key)
        at = (at + 1u) & (seen.capacity - 1u);
    if (seen.key[at] == key)
        return false;
    seen.key[at] = key;
    seen.count++;
    return true;
}

static void grow_seen(void)
{
    uint64_t *old = seen.key;
    size_t capacity = seen.capacity;
    seen.capacity = capacity > 0 ? 2u * capacity : 1024u;
    seen.key = calloc(seen.capacity, sizeof *seen.key);
    TB_ASSERT(seen.key != NULL);
    seen.count = 0;
    for (size_t i = 0; i < capacity; i++)
        if (old[i] != 0)
            (void)insert(old[i]);
    free(old);
}

static bool is_new(const struct belief *belief, struct budget left)
{
    const struct {
        uint64_t cells;
        struct budget left;
        uint32_t factory;
    } rest = {cells_hash(), left, belief->factory};
    if (2u * seen.count >= seen.capacity)
        grow_seen();
    uint64_t key =
        XXH3_64bits_withSeed(&rest, sizeof rest, XXH3_64bits(belief->state, belief->count * sizeof belief->state[0]));
    bool fresh = insert(key != 0 ? key : 1u);
    *(fresh ? &explore_figures.states : &explore_figures.known) += 1u;
    return fresh;
}

static bool reboot(const struct belief *belief, struct budget left)
{
    unsigned trail_start = trail_mark();
    uint32_t mark = cells_mark();
    unsigned draws = cells_draw_count(options->all_draws, options->draws);
    bool good = true;
    for (unsigned draw = 0; good && draw < draws; draw++) {
        trail_add("reset");
        cells_draw(options->all_draws, draw, options->seed);
        good = visit(belief, left);
        cells_rewind(mark);
        trail_back(trail_start);
    }
    return good;
}

static bool cut(const struct cells_op *op, const struct belief *belief, struct budget left)
{
    unsigned trail_start = trail_mark();
    cells_rewind(op->mark);
    unsigned draws = cells_draw_count(options->all_draws, 1u);
    bool good = true;
    for (enum tear tear = 0; good && tear < TEAR_COUNT; tear++) {
        for (unsigned draw = 0; good && tear_fits(tear, op_is_erase(&op->op)) && draw < draws; draw++) {
            uint64_t seed = options->seed ^ op->op.ordinal;
            trail_cut(op, tear);
            explore_figures.cuts++;
            cells_draw(options->all_draws, draw, seed);
            cells_tear(op, tear, seed);
            good = visit(belief, left);
            cells_rewind(op->mark);
            trail_back(trail_start);
        }
    }
    return good;
}

static bool cut_each(const struct run *run, struct budget left)
{
    bool good = true;
    left.cuts--;
    left.boots = options->boots;
    for (unsigned i = run->ops.count; good && i-- > 0;) {
        struct belief belief = run_belief(run, i);
        good = cut(&run->ops.op[i], &belief, left);
    }
    return good;
}

/** The app appends something new, and may be cut. */
static bool append(const struct belief *belief, struct budget left)
{
    struct action action = {.appends = true, .append = belief->state[0]};
    struct run run;
    unsigned trail_start = trail_mark();
    uint32_t mark = cells_mark();
    action.append.minimum_version++;
    left.appends--;
    left.boots = options->boots;
    trail_add("the app appends minimum %08" PRIx32, action.append.minimum_version);
    bool good =
        run_action(&action, belief, &run) && reboot(&run.after, left) && (left.cuts == 0 || cut_each(&run, left));
    cells_rewind(mark);
    trail_back(trail_start);
    return good;
}

/** A boot, with the cells as they read now, and all that may follow it. */
static bool visit(const struct belief *belief, struct budget left)
{
    static const struct action action = {.boot = true};
    struct run run;
    if (!is_new(belief, left))
        return true;
    unsigned trail_start = trail_mark();
    uint32_t mark = cells_mark();
    trail_add("boot");
    bool good = run_action(&action, belief, &run);
    bool changes = run.ops.count > 0 || cells_unstable() > 0;
    if (good && left.appends > 0)
        good = append(&run.decided, left);
    if (good && left.boots > 0 && changes) /* else the next boot is this one again */
        good = reboot(&run.decided, (struct budget){left.cuts, left.boots - 1u, left.appends});
    if (good && left.cuts > 0)
        good = cut_each(&run, left);
    cells_rewind(mark);
    trail_back(trail_start);
    return good;
}

bool explore_cuts(const struct run *run, const struct explore_options *with)
{
    options = with;
    forget_seen();
    return cut_each(run, (struct budget){with->depth, with->boots, with->appends});
}

bool explore_boot(const struct belief *belief, const struct explore_options *with)
{
    options = with;
    forget_seen();
    return visit(belief, (struct budget){with->depth, with->boots, with->appends});
}
