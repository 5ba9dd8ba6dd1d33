// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "update/policy.h"

#include <string.h>

static struct journal_slot *slot_of(struct journal_state *state, unsigned bank)
{
    return &state->slot[bank - 1u];
}

enum update_result policy_judge_start(const struct update_request *request)
{
    const struct journal_slot *other = &request->journal->slot[2u - request->bank];

    return other->mark == MARK_CANDIDATE ? UPDATE_REFUSED_TRIAL : UPDATE_RUNNING;
}

static enum update_result judge_version(const struct update_request *request, uint32_t version)
{
    if (version < request->journal->minimum_version) {
        return UPDATE_REFUSED_MINIMUM;
    }
    if (request->running_version == 0 || version > request->running_version) {
        return UPDATE_RUNNING;
    }
    if (version == request->running_version) {
        return UPDATE_REFUSED_SAME;
    }
    return request->allow_older ? UPDATE_RUNNING : UPDATE_REFUSED_OLDER;
}

enum update_result policy_judge_image(const struct update_request *request, const struct image_header *header,
                                      uint32_t announced_bytes, crc32_fn crc32)
{
    const enum header_status status = header_check(header, crc32);

    if (status == HEADER_WRONG_SIZE) {
        return UPDATE_REFUSED_SIZE;
    }
    if (status != HEADER_OK) {
        return UPDATE_REFUSED_BOARD;
    }
    if (announced_bytes != 0 && announced_bytes != HEADER_BYTES + header->image_bytes) {
        return UPDATE_REFUSED_SIZE;
    }
    return judge_version(request, header->version);
}

void policy_void(struct journal_state *state, unsigned bank)
{
    struct journal_slot *slot = slot_of(state, bank);

    if (slot->mark == MARK_CANDIDATE) {
        state->attempts = 0;
    }
    if (state->current == bank) { // nobody's doing but a debugger's
        state->current = slot_of(state, 3u - bank)->mark == MARK_GOOD ? (uint8_t)(3u - bank) : 0u;
    }
    memset(slot, 0, sizeof *slot);
    slot->mark = MARK_VOID;
}

void policy_candidate(struct journal_state *state, unsigned bank, const struct image_header *header)
{
    struct journal_slot *slot = slot_of(state, bank);

    slot->mark = MARK_CANDIDATE;
    slot->header_crc = header->header_crc;
    slot->bytes = header->image_bytes;
    slot->version = header->version;
    state->attempts = 0;
}

void policy_confirm(struct journal_state *state, unsigned bank, uint32_t minimum_version)
{
    struct journal_slot *other = slot_of(state, 3u - bank);

    state->current = (uint8_t)bank;
    state->attempts = 0;
    slot_of(state, bank)->mark = MARK_GOOD;
    if (minimum_version > state->minimum_version) {
        state->minimum_version = minimum_version;
    }
    if (other->mark != MARK_VOID && other->version < state->minimum_version) {
        other->mark = MARK_FAILED;
    }
}

void policy_factory(struct journal_state *state, unsigned bank, const struct image_header *header)
{
    memset(state, 0, sizeof *state);
    policy_candidate(state, bank, header);
    policy_confirm(state, bank, header->minimum_version);
    // Not void: what is there was never declared so, and has to be before it is overwritten.
    slot_of(state, 3u - bank)->mark = MARK_FAILED;
}
