/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Timed events: a heap of slots, one slot for each (device, event) pair. Plain data: copying the
 * struct copies the schedule.
 */
#ifndef TWINBANK_SIM_SCHED_H
#define TWINBANK_SIM_SCHED_H

#include "base.h"

#define SCHED_SLOTS 256u

struct sched {
    uint64_t due_ps[SCHED_SLOTS];   /* TIME_NEVER: not in the heap */
    uint16_t heap[SCHED_SLOTS];     /* slots, earliest first */
    uint16_t position[SCHED_SLOTS]; /* of a slot in the heap */
    uint32_t count;
    uint32_t changes; /* counts every change; wraps */
};

void sched_init(struct sched *sched);
/** Sets or moves an event. Two events at the same time fire in the order of their slot numbers. */
void sched_set(struct sched *sched, uint32_t slot, uint64_t due_ps);
void sched_cancel(struct sched *sched, uint32_t slot);
/** TIME_NEVER when nothing is scheduled. */
uint64_t sched_next_due(const struct sched *sched);
/** Removes and returns the first slot due at or before now, or SCHED_SLOTS when there is none. */
uint32_t sched_pop(struct sched *sched, uint64_t now_ps);

#endif
