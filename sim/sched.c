/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * An indexed binary heap. The order of `heap` depends on how it came about, the order in which
 * events fire does not: it is (due_ps, slot). So a digest of a schedule covers due_ps[] alone.
 */
#include "sched.h"

static bool earlier(const struct sched *sched, uint32_t a, uint32_t b)
{
    if (sched->due_ps[a] != sched->due_ps[b])
        return sched->due_ps[a] < sched->due_ps[b];
    return a < b;
}

static void place(struct sched *sched, uint32_t position, uint32_t slot)
{
    sched->heap[position] = (uint16_t)slot;
    sched->position[slot] = (uint16_t)position;
}

static void sift_up(struct sched *sched, uint32_t position)
{
    uint32_t slot = sched->heap[position];
    while (position > 0) {
        uint32_t parent = (position - 1u) / 2u;
        if (!earlier(sched, slot, sched->heap[parent]))
            break;
        place(sched, position, sched->heap[parent]);
        position = parent;
    }
    place(sched, position, slot);
}

static void sift_down(struct sched *sched, uint32_t position)
{
    uint32_t slot = sched->heap[position];
    for (;;) {
        uint32_t child = 2u * position + 1u;
        if (child >= sched->count)
            break;
        if (child + 1u < sched->count && earlier(sched, sched->heap[child + 1u], sched->heap[child]))
            child++;
        if (!earlier(sched, sched->heap[child], slot))
            break;
        place(sched, position, sched->heap[child]);
        position = child;
    }
    place(sched, position, slot);
}

static void remove_slot(struct sched *sched, uint32_t slot)
{
    uint32_t position = sched->position[slot];
    uint32_t last = sched->heap[--sched->count];
    sched->due_ps[slot] = TIME_NEVER;
    sched->position[slot] = 0;
    sched->heap[sched->count] = 0;
    if (last != slot) {
        place(sched, position, last);
        sift_up(sched, position);
        sift_down(sched, sched->position[last]);
    }
    sched->changes++;
}

void sched_init(struct sched *sched)
{
    *sched = (struct sched){0};
    for (uint32_t slot = 0; slot < SCHED_SLOTS; slot++)
        sched->due_ps[slot] = TIME_NEVER;
}

void sched_set(struct sched *sched, uint32_t slot, uint64_t due_ps)
{
    TB_ASSERT(slot < SCHED_SLOTS);
    if (sched->due_ps[slot] == due_ps)
        return;
    if (due_ps == TIME_NEVER) {
        remove_slot(sched, slot);
        return;
    }
    if (sched->due_ps[slot] == TIME_NEVER)
        place(sched, sched->count++, slot);
    sched->due_ps[slot] = due_ps;
    sift_up(sched, sched->position[slot]);
    sift_down(sched, sched->position[slot]);
    sched->changes++;
}

void sched_cancel(struct sched *sched, uint32_t slot)
{
    sched_set(sched, slot, TIME_NEVER);
}

uint64_t sched_next_due(const struct sched *sched)
{
    return sched->count ? sched->due_ps[sched->heap[0]] : TIME_NEVER;
}

uint32_t sched_pop(struct sched *sched, uint64_t now_ps)
{
    if (sched->count == 0 || sched->due_ps[sched->heap[0]] > now_ps)
        return SCHED_SLOTS;
    uint32_t slot = sched->heap[0];
    remove_slot(sched, slot);
    return slot;
}
