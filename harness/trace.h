/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * `--trace FILE.vcd`: the observations of a run as signals over time, for a wave viewer. It only listens: digests and
 * verdicts are the same with and without it.
 *
 * Virtual time restarts at zero when power comes; the trace goes on from where it was. Pins are those that the chip
 * drives: unknown (x) from a reset until their first edge. What somebody outside drives, and analog levels, are not in
 * the trace.
 */
#ifndef TWINBANK_HARNESS_TRACE_H
#define TWINBANK_HARNESS_TRACE_H

#include "sim/machine.h"

struct trace;

/** Writes the signals that the board has, and listens from now on: power is off still. */
enum status trace_open(struct trace **out, const char *path, const struct board *board, struct machine *machine,
                       struct error *err) MUST_CHECK;
/** It is now_ps since power-up, though nothing was observed: a chip that sleeps makes no time of its own. trace may be
 * NULL. */
void trace_advance(struct trace *trace, uint64_t now_ps);
/** Ends at now_ps since the last power-up. The machine is there still. TB_ERR_IO if not all could be written. trace may
 * be NULL. */
enum status trace_close(struct trace *trace, uint64_t now_ps, struct error *err) MUST_CHECK;

#endif
