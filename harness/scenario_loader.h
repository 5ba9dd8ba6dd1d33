/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Inside of the scenario loader, shared by scenario*.c only. */
#ifndef TWINBANK_HARNESS_SCENARIO_LOADER_H
#define TWINBANK_HARNESS_SCENARIO_LOADER_H

#include "harness/scenario.h"
#include "harness/yamldoc.h"

struct loader {
    struct yamldoc doc;
    struct scenario *scenario;
    const char *images_dir;
    struct error *err;
    char at[160]; /* path of the node that is being resolved */
};

/** Names the node that is being resolved. */
#define WHERE(loader, ...) snprintf((loader)->at, sizeof(loader)->at, __VA_ARGS__)

/** Refuses the value of key in the node that is being resolved. */
enum status loader_refuse(struct loader *loader, const char *key, const char *format, ...) PRINTF_LIKE(3, 4);
enum status loader_duration(struct loader *loader, const char *key, const char *text, uint64_t *ps);
enum status loader_count(struct loader *loader, const char *key, struct check_count *count);
enum status loader_serial(struct loader *loader, const char *name, uint32_t *serial);
enum status loader_image(struct loader *loader, const char *key, const char *name, const struct scenario_image **image);
enum status loader_wait(struct loader *loader, struct scenario_wait *wait);

/* scenario_heartbeat.c */
/** The key `heartbeat` of the check that is being resolved: one mapping or a list of them. */
enum status loader_heartbeats(struct loader *loader, struct scenario_check *check);

/* scenario_sweep.c */
/** What each case of a sweep is judged by: in `check` only, and only with power_cut. */
enum status loader_case_checks(struct loader *loader, struct scenario_check *check, bool allowed);
enum status loader_power_cut(struct loader *loader, struct power_cut *cut);
/** "bank1", "bank2" or an address; size bytes from there must be program flash. */
enum status loader_address(struct loader *loader, const char *key, const char *text, uint32_t size, uint32_t *address);
/* scenario_faults.c */
enum status loader_faults(struct loader *loader, struct faults *faults);
enum status loader_expected(struct loader *loader);

#endif
