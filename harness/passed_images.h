/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * passed-images.json: the SHA-256 of images that a run has passed, for whoever flashes them. An image is on it if every
 * scenario that names it passed as a whole.
 */
#ifndef TWINBANK_HARNESS_PASSED_IMAGES_H
#define TWINBANK_HARNESS_PASSED_IMAGES_H

#include "harness/runner.h"

#include <jansson.h>

/** What a scenario names: a list of {file, sha256, bytes}. */
json_t *passed_images_of(const struct scenario *scenario);
/** True if the scenario passed and nothing of it was left out or failed as expected: no sample, no part of a sweep. */
bool passed_as_a_whole(const struct result *result);
/** Notes that a scenario which names these images passed, or did not. `list` is an array of this file's own making. */
void passed_images_note(json_t *list, const json_t *images, const char *scenario_name, bool passed);
/** Writes DIR/passed-images.json. */
enum status passed_images_write(const json_t *list, const char *directory, struct error *err) MUST_CHECK;
/** Removes a list that an earlier run has left there. */
enum status passed_images_forget(const char *directory, struct error *err) MUST_CHECK;

#endif
