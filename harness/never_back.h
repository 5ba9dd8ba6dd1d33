/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What was acknowledged stays: once a board has sent `after`, it must not send `never` in any later boot, until
 * somebody asks it for something new. A run is watched without knowing what was sent before it; that comes in
 * afterwards, so that one run answers for all pasts.
 */
#ifndef TWINBANK_HARNESS_NEVER_BACK_H
#define TWINBANK_HARNESS_NEVER_BACK_H

#include "sim/base.h"

#define NEVER_BACK_MAX 16u
#define NEVER_TEXT_MAX 440u

struct never_pair {
    char *after;
    char *never;
};

/** What a run did to the pairs. Bits are pairs. */
struct never_run {
    uint32_t said;   /* `after` came, and nobody asked for anything since */
    uint32_t back;   /* `never` came, and nobody had asked for anything: wrong if `after` was out before the run */
    uint32_t broken; /* `never` came, and `after` in an earlier boot of this very run */
    bool asked;      /* somebody asked for something: what was out before the run does not matter any more */
};

struct never_back {
    const struct never_pair *pairs; /* NULL: none */
    uint32_t count;                 /* at most NEVER_BACK_MAX */
    uint32_t armed;                 /* `after` came in an earlier boot of this run */
    struct never_run run;
};

/** Forgets the run. */
void never_back_restart(struct never_back *watch);
/** A port sent one more character: text is all that it sent in this boot. */
void never_back_hear(struct never_back *watch, const char *text, uint32_t length);
/** A boot begins. */
void never_back_reset(struct never_back *watch);
/** Somebody asks for something: what was acknowledged may change. */
void never_back_ask(struct never_back *watch);

/** Pairs whose `after` is out behind a run, if `before` were out before it. */
static inline uint32_t never_out(uint32_t before, const struct never_run *run)
{
    return run->asked ? run->said : before | run->said;
}

/** The first pair that a run broke if `before` were out before it, or NULL. */
const struct never_pair *never_broken(const struct never_pair *pairs, uint32_t before, const struct never_run *run);
/** after "running 2.0.0" it printed "running 1.0.0" again; at most NEVER_TEXT_MAX characters. */
void never_text(char *text, size_t size, const struct never_pair *pair);

#endif
