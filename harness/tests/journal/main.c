/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The firmware's journal alone, through many updates, with power cut in each of its operations; then a walk of cuts at
 * any depth. Says what it did, or the first thing that went wrong and what led to it.
 */
#include "harness/tests/journal/explore.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SEED 1u

static const struct option long_options[] = {
    {"updates", required_argument, NULL, 'u'},  /* of the life; power is cut in each of their operations */
    {"twice", required_argument, NULL, 't'},    /* up to this one, in each operation that follows a cut as well */
    {"thorough", required_argument, NULL, 'x'}, /* so many sessions that erase: with every reading of what was cut, */
    {"deep", required_argument, NULL, 'd'},     /* and this many cuts in a row */
    {"walk", required_argument, NULL, 'w'},     /* cuts of the walk */
    {"seed", required_argument, NULL, 's'},     {NULL, 0, NULL, 0},
};

static struct {
    unsigned long updates, twice, deep, thorough, walk, seed;
} asked = {.updates = 50, .twice = 0, .deep = 3, .thorough = 0, .walk = 0, .seed = DEFAULT_SEED};

/* --- the life of a board --------------------------------------------------------------------------- */

static struct {
    struct journal_state state;
    unsigned long update;
    uint64_t erases, operations;
} life;

static struct journal_slot image(enum journal_mark mark, unsigned long n)
{
    return (struct journal_slot){.mark = (uint8_t)mark,
                                 .header_crc = (uint32_t)mix64(n),
                                 .bytes = 4096u + 8u * (uint32_t)(n % 1000u),
                                 .version = (uint32_t)n};
}

static struct explore_options depth_of(unsigned long update, uint64_t erases)
{
    struct explore_options options = {
        .depth = 1, .boots = 3, .appends = 1, .draws = 1, .seed = mix64(asked.seed + update)};
    if (update < asked.twice)
        options.depth = 2;
    if (erases > 0 && life.erases < asked.thorough) {
        options.depth = (unsigned)asked.deep;
        options.boots = 2;
        options.all_draws = true;
        options.draws = 4;
    }
    return options;
}

/** Does it, then looks at all that could have come of it. */
static bool live(const struct action *action, bool factory)
{
    struct belief before = {.factory = factory, .count = 1, .state = {life.state}};
    struct run run;
    unsigned trail_start = trail_mark();
    uint64_t erases = cells_erases();
    trail_add("update %lu: %s", life.update, action->name);
    if (!run_action(action, &before, &run))
        return false;
    erases = cells_erases() - erases;
    struct explore_options options = depth_of(life.update, erases);
    life.erases += erases;
    life.operations += run.ops.count;
    struct cells_image *image = cells_save();
    bool good = explore_cuts(&run, &options);
    cells_restore(image);
    trail_back(trail_start);
    life.state = run.after.state[0];
    return good;
}

static bool boot(void)
{
    return live(&(struct action){.name = "boot", .boot = true}, false);
}

static bool app_appends(const char *name, struct journal_state next)
{
    return live(&(struct action){.name = name, .appends = true, .append = next}, false);
}

static bool boot_appends(const char *name, struct journal_state next)
{
    return live(&(struct action){.name = name, .boot = true, .appends = true, .append = next}, false);
}

/** One update: most confirm themselves, some after a second attempt, some never. */
static bool update(unsigned long n)
{
    unsigned target = life.state.current == 1u ? 2u : 1u;
    bool fails = n % 7u == 0, twice = n % 5u == 0 || fails;
    struct journal_state next = life.state;
    life.update = n;
    next.slot[target - 1u] = image(MARK_VOID, 0);
    if (!app_appends("the app voids the other slot", next))
        return false;
    next.slot[target - 1u] = image(MARK_CANDIDATE, n);
    next.attempts = 0;
    if (!app_appends("the app names a candidate", next))
        return false;
    for (unsigned attempt = 1; attempt <= (twice ? 2u : 1u); attempt++) {
        next.attempts = (uint8_t)attempt;
        if (!boot_appends("boot begins an attempt", next))
            return false;
    }
    next.attempts = 0;
    next.slot[target - 1u].mark = fails ? MARK_FAILED : MARK_GOOD;
    next.current = (uint8_t)(fails ? next.current : target);
    next.minimum_version = fails || n % 3u != 0 ? next.minimum_version : (uint32_t)n;
    return fails ? boot_appends("boot gives the candidate up", next) && boot()
                 : app_appends("the app confirms", next) && boot();
}

static bool lead_life(void)
{
    cells_reset();
    life.state = (struct journal_state){.current = 1, .slot = {image(MARK_GOOD, 0), image(MARK_VOID, 0)}};
    bool good = live(&(struct action){.name = "the first boot", .boot = true}, true);
    for (unsigned long n = 1; good && n <= asked.updates; n++)
        good = update(n);
    return good;
}

/* --- a walk: cuts at any depth ---------------------------------------------------------------------- */

static uint64_t drawn;
static uint64_t draw(uint64_t below)
{
    return mix64(asked.seed ^ mix64(++drawn)) % below;
}

static void redraw(void)
{
    bool all = draw(2) == 0;
    cells_draw(all, (unsigned)draw(cells_draw_count(all, 1)), draw(UINT64_MAX));
}

/** Power is lost in one of the operations, or somewhere after them. */
static struct belief interrupt(const struct run *run, unsigned index)
{
    enum tear tear;
    if (index == run->ops.count) {
        trail_add("reset");
        redraw();
        return run->after;
    }
    const struct cells_op *op = &run->ops.op[index];
    do {
        tear = (enum tear)draw(TEAR_COUNT);
    } while (!tear_fits(tear, op_is_erase(&op->op)));
    cells_rewind(op->mark);
    trail_cut(op, tear);
    explore_figures.cuts++;
    redraw();
    cells_tear(op, tear, draw(UINT64_MAX));
    return run_belief(run, index);
}

/** Sessions of a board from its first boot on; in rough ones hardly a boot comes through. */
static bool walk_one(unsigned sessions, unsigned roughness)
{
    struct belief belief = {.factory = true, .count = 1, .state = {{.current = 1}}};
    struct run run = {.first_append = 0};
    unsigned trail_start = trail_mark();
    bool after_boot = false;
    cells_reset();
    for (unsigned i = 0; i < sessions; i++) {
        struct action action = {
            .boot = !after_boot, .appends = draw(2) == 0 && !belief.factory, .append = belief.state[0]};
        action.append.minimum_version = (uint32_t)++drawn;
        trail_add("%s%s %08" PRIx32, action.boot ? "boot" : "the app starts", action.appends ? ", appends" : "",
                  action.appends ? action.append.minimum_version : 0);
        if (!run_action(&action, &belief, &run))
            return false;
        unsigned index = run.ops.count;
        if (index > 0 && draw(16) < roughness)
            index = (unsigned)draw(run.ops.count);
        after_boot = action.boot && index == run.ops.count && !action.appends && draw(2) == 0;
        belief = after_boot ? run.after : interrupt(&run, index);
    }
    trail_back(trail_start);
    return true;
}

static bool walk(void)
{
    uint64_t start = explore_figures.cuts;
    for (unsigned n = 0; explore_figures.cuts - start < asked.walk; n++)
        if (!walk_one(200, 1u + n % 16u))
            return false;
    return true;
}

/* --- a page of nothing but cut copies ---------------------------------------------------------------- */

/** All unstable cells read as the operation that was cut would have left them. */
static void draw_new(void)
{
    unsigned draw = 0;
    for (unsigned i = cells_draw_count(true, 0); i > 1u; i /= CELL_UNSTABLE_MODES)
        draw = draw * CELL_UNSTABLE_MODES + (CELL_UNSTABLE_NEW - CELL_UNSTABLE_OLD);
    cells_draw(true, draw, 0);
}

/** Cuts the C of the first record that the session wrote to this bank, and says its place; JOURNAL_RECORDS: none. */
static unsigned cut_a_c(const struct run *run, uint32_t bank)
{
    for (unsigned i = 0; i < run->ops.count; i++) {
        const struct cells_op *op = &run->ops.op[i];
        unsigned index = op->op.offset / 8u;
        if (op->op.store != bank || op->op.value == 0 || index % JOURNAL_DOUBLE_WORDS != 6u)
            continue;
        cells_rewind(op->mark);
        trail_cut(op, TEAR_UNSTABLE_NEW);
        draw_new();
        cells_tear(op, TEAR_UNSTABLE_NEW, 0);
        return index / JOURNAL_DOUBLE_WORDS;
    }
    return JOURNAL_RECORDS;
}

/** A new page, every record of which was cut in its C and copied by the next boot, up to the last place. */
static bool cut_all_copies(void)
{
    struct belief belief = {.factory = true, .count = 1, .state = {{.current = 1}}};
    struct action boots = {.boot = true}, appends = {.appends = true};
    const struct explore_options thorough = {
        .depth = 1, .boots = 2, .appends = 1, .draws = 1, .all_draws = true, .seed = asked.seed};
    struct run run = {.first_append = 0};
    unsigned trail_start = trail_mark();
    cells_reset();
    trail_add("records up to the first recycling, the C of which is cut, then those of its copies");
    for (uint64_t erases = cells_erases() + 2u; cells_erases() < erases;) {
        if (!run_action(&boots, &belief, &run))
            return false;
        belief = run.after;
        appends.append = belief.state[0];
        appends.append.minimum_version++;
        if (cells_erases() < erases && !run_action(&appends, &belief, &run))
            return false;
        belief = run.after;
    }
    while (cut_a_c(&run, 2) < JOURNAL_RECORDS - 1u)
        if (!run_action(&boots, &belief, &run))
            return false;
    bool good = explore_boot(&belief, &thorough);
    trail_back(trail_start);
    return good;
}

/* --- main ------------------------------------------------------------------------------------------- */

static bool arguments(int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        char *end;
        if (option == '?')
            return false;
        unsigned long value = strtoul(optarg, &end, 10);
        if (*end != '\0' || end == optarg) {
            (void)fprintf(stderr, "%s: no number: %s\n", argv[0], optarg);
            return false;
        }
        *(option == 'u'   ? &asked.updates
          : option == 't' ? &asked.twice
          : option == 'd' ? &asked.deep
          : option == 'x' ? &asked.thorough
          : option == 'w' ? &asked.walk
                          : &asked.seed) = value;
    }
    return optind == argc;
}

int main(int argc, char **argv)
{
    if (!arguments(argc, argv))
        return 2;
    printf("seed %lu\n", asked.seed);
    bool good = lead_life();
    printf("%lu updates, %" PRIu64 " erases, %" PRIu64 " operations; %" PRIu64 " cuts, %" PRIu64 " cases (%" PRIu64
           " more were equal), %" PRIu64 " boots, %" PRIu64 " appends\n",
           life.update, life.erases, life.operations, explore_figures.cuts, explore_figures.states,
           explore_figures.known, explore_figures.boots, explore_figures.appends);
    if (good) {
        uint64_t boots = explore_figures.boots, cuts = explore_figures.cuts;
        good = cut_all_copies();
        printf("a page of cut copies: %" PRIu64 " cuts, %" PRIu64 " boots\n", explore_figures.cuts - cuts,
               explore_figures.boots - boots);
    }
    if (good && asked.walk > 0) {
        uint64_t boots = explore_figures.boots, cuts = explore_figures.cuts;
        good = walk();
        printf("walk: %" PRIu64 " cuts, %" PRIu64 " boots\n", explore_figures.cuts - cuts,
               explore_figures.boots - boots);
    }
    printf("%" PRIu64 " programs of double words that were not erased\n", cells_programs_refused());
    return good ? 0 : 1;
}
