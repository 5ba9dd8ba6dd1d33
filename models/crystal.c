/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * A crystal or oscillator on a board: tells the clock controller that there is one, and which.
 *
 * Modelled: its frequency. Not modelled: tolerance, start-up (the clock controller's), failure.
 */
#include "crystal.h"

static const char *const crystal_inputs[] = {NULL};
static const char *const crystal_outputs[] = {"hz", NULL};

struct crystal_state {
    uint32_t reserved;
};
_Static_assert(sizeof(struct crystal_state) == 4, "state of a crystal");

static void crystal_reset(struct device *dev, enum reset_kind kind)
{
    const struct crystal_params *params = dev->params;
    (void)kind;
    dev_output(dev, 0, params->frequency_hz);
}

const struct device_model crystal_model = {
    .name = "crystal",
    .state_size = sizeof(struct crystal_state),
    .inputs = crystal_inputs,
    .outputs = crystal_outputs,
    .reset = crystal_reset,
};
