/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/never_back.h"

#include <stdio.h>
#include <string.h>

void never_back_restart(struct never_back *watch)
{
    watch->armed = 0;
    watch->run = (struct never_run){0};
}

static bool ends_with(const char *text, uint32_t length, const char *wanted)
{
    size_t size = strlen(wanted);
    return length >= size && memcmp(text + length - size, wanted, size) == 0;
}

void never_back_hear(struct never_back *watch, const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < watch->count; i++) {
        if (ends_with(text, length, watch->pairs[i].after))
            watch->run.said |= 1u << i;
        if (!ends_with(text, length, watch->pairs[i].never))
            continue;
        watch->run.broken |= watch->armed & 1u << i;
        if (!watch->run.asked)
            watch->run.back |= 1u << i;
    }
}

void never_back_reset(struct never_back *watch)
{
    watch->armed = watch->run.said;
}

void never_back_ask(struct never_back *watch)
{
    watch->armed = 0;
    watch->run.said = 0;
    watch->run.asked = true;
}

const struct never_pair *never_broken(const struct never_pair *pairs, uint32_t before, const struct never_run *run)
{
    uint32_t broken = run->broken | (run->back & before);
    return broken != 0 ? &pairs[__builtin_ctz(broken)] : NULL;
}

void never_text(char *text, size_t size, const struct never_pair *pair)
{
    snprintf(text, size, "after \"%.200s\" it printed \"%.200s\" again", pair->after, pair->never);
}
