/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/prognosis.h"

#include <stdio.h>
#include <string.h>

/** A leg that decides nothing: it is only to be known how it ends. */
static const struct outcome *follow(struct explorer *explorer, struct world *world, enum leg_kind kind,
                                    struct situation at, struct judgement *verdict)
{
    const struct read_set *set;
    const struct outcome *outcome = legs_run(explorer->legs, world, kind, at.step, &set);
    if (set != NULL)
        places_add(&explorer->touched[at.repairs], world, set->marks, set->count, explorer->erased[at.repairs]);
    verdict->digest = mix64(verdict->digest ^ outcome->digest);
    return outcome;
}

/** True if the board, switched on so often, runs each time what the retry was to bring. Power is off then. */
static bool stays(struct explorer *explorer, struct world *world, const struct outcome *retry, uint32_t boots,
                  struct situation at, struct judgement *verdict)
{
    const struct outcome *leg = retry;
    bool good = retry->verdict == VERDICT_PASS;
    for (uint32_t i = 0; good && i < boots; i++) {
        explorer_switch_off(explorer, world, at.repairs, leg);
        leg = follow(explorer, world, LEG_BOOT, at, verdict);
        good = leg->verdict == VERDICT_PASS && legs_is_final(explorer->scenario, leg->text);
    }
    explorer_switch_off(explorer, world, at.repairs, leg);
    return good;
}

/** True if a cut left this bank's first double word as nobody wrote it: not blank, not zero, of no image. */
static bool first_word_is_torn(struct explorer *explorer, const struct world *world, struct situation at, uint32_t bank)
{
    const struct scenario *scenario = explorer->scenario;
    const struct chip *chip = scenario->board->chip;
    uint64_t data;
    uint32_t store = 0;
    while (store < chip->store_count && strcmp(chip->stores[store].name, scenario->layout.store) != 0)
        store++;
    struct read_mark mark = {.store = store, .offset = bank * scenario->layout.bank_size, .length = sizeof data};
    places_add(&explorer->touched[at.repairs], world, &mark, 1, NULL);
    struct cell cell = world->cells[world_index(world, mark.store, mark.offset)];
    if (cell_is_unstable(cell) || cell_read(cell, &data) == ECC_UNCORRECTABLE)
        return true;
    bool known = data == 0 || data == CELL_ERASED_DATA;
    for (uint32_t i = 0; i < scenario->image_count && !known; i++)
        known = scenario->images[i].size >= sizeof data && memcmp(scenario->images[i].bytes, &data, sizeof data) == 0;
    return !known;
}

void prognosis(struct explorer *explorer, struct world *world, struct situation at, struct judgement *verdict,
               char *text, size_t size)
{
    const struct scenario_check *check = explorer->scenario->check;
    uint32_t tries = 1u + (check->reboots != NULL ? check->reboots->count : 0), mark = world_mark(world);
    bool ran = false, mended = false;
    explorer_back_to_cut(explorer, world, at.repairs, mark); /* the machine: the leg that failed left it switched on */
    for (uint32_t i = 0; !mended && i < tries; i++) {
        const struct outcome *retry = follow(explorer, world, LEG_RETRY, at, verdict);
        ran = ran || retry->booted;
        mended = stays(explorer, world, retry, tries, at, verdict);
    }
    explorer_back_to_cut(explorer, world, at.repairs, mark);
    snprintf(text, size, "%s%s%s",
             mended ? "a retry mends it"
             : ran  ? "no retry mends it"
                    : "bricked",
             first_word_is_torn(explorer, world, at, 0) ? ", first double word of bank 1 torn" : "",
             first_word_is_torn(explorer, world, at, 1) ? ", first double word of bank 2 torn" : "");
}
