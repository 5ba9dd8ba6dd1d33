// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// What may be installed, and what the journal says at each step of an image's life. No hardware here.
#ifndef TWINBANK_UPDATE_POLICY_H
#define TWINBANK_UPDATE_POLICY_H

#include "image/header.h"
#include "journal/journal.h"
#include "update/update.h"

// UPDATE_RUNNING, or UPDATE_REFUSED_TRIAL: the other bank's image has not confirmed itself yet, and what the target
// holds is its only fallback.
enum update_result policy_judge_start(const struct update_request *request);

// UPDATE_RUNNING if this image may be installed, else why not. announced_bytes: the file's size by block 0, 0 if the
// sender did not say.
enum update_result policy_judge_image(const struct update_request *request, const struct image_header *header,
                                      uint32_t announced_bytes, crc32_fn crc32);

// Each makes of *state what the journal is to say next. `bank` is 1 or 2.
void policy_void(struct journal_state *state, unsigned bank); // before its first page is erased
void policy_candidate(struct journal_state *state, unsigned bank, const struct image_header *header);
void policy_confirm(struct journal_state *state, unsigned bank, uint32_t minimum_version); // by the image that runs

// Without a journal (a debugger started the app, not boot): this bank's image is good, nothing is known of the other.
void policy_factory(struct journal_state *state, unsigned bank, const struct image_header *header);

#endif
