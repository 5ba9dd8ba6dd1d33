/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Writes value change dumps: IEEE 1364-2001, 18.2, four-state form. It knows signals, no machine.
 *
 * First scopes and declarations, then vcd_begin_values, then times in ascending order with the changes at each. Times
 * are in picoseconds. Nothing fails on the way: vcd_close tells.
 */
#ifndef TWINBANK_HARNESS_VCD_H
#define TWINBANK_HARNESS_VCD_H

#include "sim/base.h"

#include <stdio.h>

#define VCD_NAME_MAX 48u

/** Belongs to the caller and must outlive the dump. */
struct vcd_signal {
    struct vcd_signal *next;
    uint32_t number;
    uint32_t width; /* bits, at most 32; 0: an event, which happens and has no value */
    uint32_t value;
    bool known; /* else x */
};

struct vcd {
    FILE *file;
    struct vcd_signal *first;
    uint32_t count;
    uint64_t time_ps;
};

enum status vcd_open(struct vcd *vcd, const char *path, struct error *err) MUST_CHECK;
void vcd_comment(struct vcd *vcd, const char *format, ...) PRINTF_LIKE(2, 3);
/** What a simple identifier cannot hold becomes '_' in names. */
void vcd_scope(struct vcd *vcd, const char *name);
void vcd_end_scope(struct vcd *vcd);
/** A wire (width 1), a reg (more) or an event (0); its value is unknown at first. */
void vcd_declare(struct vcd *vcd, struct vcd_signal *signal, const char *name, uint32_t width);
/** A second name of a signal, in the scope that is open now. */
void vcd_alias(struct vcd *vcd, const struct vcd_signal *signal, const char *name);
/** All values at time 0, as they were set so far. */
void vcd_begin_values(struct vcd *vcd);

/** What follows happens then; never back. */
void vcd_time(struct vcd *vcd, uint64_t time_ps);
/** Written if it is a change. */
void vcd_set(struct vcd *vcd, struct vcd_signal *signal, uint32_t value);
void vcd_set_unknown(struct vcd *vcd, struct vcd_signal *signal);
void vcd_event(struct vcd *vcd, const struct vcd_signal *signal);

enum status vcd_close(struct vcd *vcd, const char *path, struct error *err) MUST_CHECK;

#endif
