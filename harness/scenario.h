/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * A scenario file as data: what docs/scenarios.md describes, loaded and checked. Members marked
 * "written" hold the text of the file; the member behind each holds what it means.
 */
#ifndef TWINBANK_HARNESS_SCENARIO_H
#define TWINBANK_HARNESS_SCENARIO_H

#include "harness/knobs.h"
#include "harness/layout.h"
#include "harness/nets.h"
#include "harness/never_back.h"
#include "harness/text.h"
#include "sim/machine.h"

enum bank_name {
    BANK_1 = 1,
    BANK_2 = 2
};

struct scenario_image {
    char *name; /* as the scenario calls it */
    char *file; /* as the scenario calls that; of an absolute path the last part */
    char *path; /* the file it was read from */
    uint8_t *bytes;
    uint32_t size;
};

struct scenario_place {
    char *image_name; /* written */
    char *at;         /* written: bank1, bank2 or an address */
    const struct scenario_image *image;
    uint32_t address; /* of the unswapped map */
};

struct scenario_wait {
    char *uart; /* written */
    char *text;
    char *within; /* written */
    uint32_t serial;
    uint64_t within_ps;
};

struct scenario_send {
    char *uart; /* written */
    int protocol;
    char *image_name; /* written */
    char *command;    /* typed first; NULL: none */
    int outcome;      /* enum send_outcome */
    char *within;     /* written; NULL: 120 s */
    uint32_t serial;
    uint32_t image; /* index */
    uint64_t within_ps;
};

enum send_outcome {
    SEND_DONE,
    SEND_CANCELLED,
    SEND_GAVE_UP,
    SEND_ANY
};

struct scenario_type {
    char *uart; /* written */
    char *text;
    uint32_t serial;
};

struct scenario_pin {
    char *name;
    int level; /* 0, 1, -1 released */
};

enum corrupt_kind {
    CORRUPT_DATA, /* other bytes, check bits that fit: only a checksum can tell */
    CORRUPT_ECC,  /* two wrong bits: the read raises ECCD */
};

struct scenario_corrupt {
    char *at; /* written */
    uint32_t offset;
    int kind;
    uint32_t address;
};

enum probe_erase {
    PROBE_ERASE_NONE,
    PROBE_ERASE_MASS,
    PROBE_ERASE_BANK1,
    PROBE_ERASE_BANK2
};

/** One of erase, program, verify, blank, reset. */
struct scenario_probe {
    int erase;     /* enum probe_erase */
    char *program; /* image name */
    char *verify;  /* image name */
    char *blank;   /* written: where */
    char *at;      /* written: where for program and verify */
    uint32_t size; /* for blank */
    int reset;     /* enum restart */
    const struct scenario_image *image;
    uint32_t address;
};

enum restart {
    RESTART_NONE,
    RESTART_POWER,
    RESTART_PIN
};

#define HEARTBEATS_MAX 4u /* in one check, and pins in one scenario */

struct check_heartbeat {
    char pin[16];
    char max_gap[24]; /* written */
    uint64_t max_gap_ps;
    uint32_t pin_number; /* port * 16 + pin */
};

struct check_bytes {
    int bank; /* enum bank_name */
    char *image_name;
    const struct scenario_image *image;
};

struct check_count {
    char *text; /* written; NULL: not checked */
    struct count_range range;
};

struct check_ops {
    struct check_count programs, erases, option_erases, option_programs;
};

struct check_resets {
    struct check_count software, pin, watchdog, option_load;
};

/** What a board may be after a cut: the text that it prints, and what must then be in the bank it runs from. */
struct boot_text {
    char *text;
    char *slot_name; /* written; NULL: not compared */
    char *bank_name;
    const struct scenario_image *slot, *bank;
};

struct check_each_boot {
    char *uart;   /* written */
    char *within; /* written */
    struct boot_text *any_of;
    uint32_t any_of_count;
    uint32_t serial;
    uint64_t within_ps;
};

struct check_reboots {
    uint32_t count; /* power cycles after which the same text must come again */
    bool same_image;
};

struct scenario_check {
    char **text;
    uint32_t text_count;
    char **never_text;
    uint32_t never_text_count;
    struct check_heartbeat heartbeats[HEARTBEATS_MAX]; /* read from the tree: one mapping or a list */
    uint32_t heartbeat_count;
    struct check_bytes *slot_equals;
    uint32_t slot_equals_count;
    struct check_bytes *bank_equals;
    uint32_t bank_equals_count;
    int active_bank; /* enum bank_name, 0: not checked */
    struct check_ops *ops;
    struct check_resets *resets;
    struct check_count guest_errors;
    struct check_count remaps;
    struct check_count ops_in_low_supply;
    bool no_flash_copied;

    /* of each case of a sweep */
    struct check_each_boot *each_boot;
    struct check_reboots *reboots;
    struct never_pair *never_back;
    uint32_t never_back_count;
    struct scenario_wait *after_retry;
    uint32_t cuts_at_least;
    uint32_t faults_at_least;
};

/** Where power is cut; bits, so that a set is a sum. */
enum cut_at {
    CUT_AT_PROGRAM = 1,
    CUT_AT_ERASE = 2,
    CUT_AT_OPTION = 4
};

/** Parts of a run in which power is cut at every instruction. */
enum cut_window {
    WINDOW_NONE,
    WINDOW_BOOT, /* from each reset to the first byte on a serial port */
    WINDOW_SWAP, /* around each bank swap */
};

#define CUT_DEPTH_MAX 3u
#define CUT_SEEDS_MAX 64u

struct power_cut {
    int *at; /* enum cut_at */
    uint32_t at_count;
    char *every; /* written; NULL: not at times */
    int instructions;
    int *tears; /* enum tear; none: all */
    uint32_t tears_count;
    uint32_t seeds; /* of tears that are mixtures; 0: 1 */
    uint32_t depth; /* 0: 1 */
    int ram;        /* enum ram_policy */

    uint64_t every_ps;
    uint32_t at_mask;
    uint32_t tear_mask;
};

/* Faults other than lost power. Of each group, each direction of bytes and each kind of operation, `sample` places are
 * drawn by the scenario's seed; 0: all. */

/** One byte on a serial line. */
struct fault_bytes {
    char *uart;      /* written */
    int *directions; /* enum line_way; none: both */
    uint32_t directions_count;
    int *kinds; /* enum line_fault; none: all */
    uint32_t kinds_count;
    uint32_t sample;
    uint32_t serial;
    uint32_t way_mask, kind_mask;
};

/** A serial cable is out for a time. */
struct fault_cable {
    char *uart;  /* written */
    char *out;   /* written: how long */
    char *every; /* written: when */
    uint32_t sample;
    uint32_t serial;
    uint64_t out_ps, every_ps;
};

/** A reset that keeps power, inside an operation. */
struct fault_resets {
    int *kinds; /* enum reset_kind */
    uint32_t kinds_count;
    int *at; /* enum cut_at */
    uint32_t at_count;
    int *tears; /* enum tear; none: all */
    uint32_t tears_count;
    uint32_t sample;
    uint32_t at_mask, tear_mask;
};

/** Bits of a double word that turn over. */
enum flip_bits {
    FLIP_DATA = 1,   /* one of 64: ECCC */
    FLIP_CHECK = 2,  /* one of 8: ECCC */
    FLIP_DOUBLE = 4, /* two of 72: ECCD */
};

enum flip_when {
    FLIP_BEFORE,  /* before the first power-on */
    FLIP_RUNNING, /* when start.until is reached */
    FLIP_AFTER,   /* after the steps, before the boots that judge */
};

struct fault_flips {
    char *at; /* written */
    uint32_t size;
    int *bits; /* enum flip_bits */
    uint32_t bits_count;
    int when; /* enum flip_when */
    uint32_t sample;
    uint32_t address;
    uint32_t bits_mask;
};

/** An operation that ends with an error. */
struct fault_op_errors {
    int *at; /* enum cut_at */
    uint32_t at_count;
    uint32_t sample;
    uint32_t at_mask;
};

struct faults {
    struct fault_bytes *bytes;
    struct fault_cable *cable;
    struct fault_resets *resets;
    struct fault_flips *flips;
    struct fault_op_errors *op_errors;
};

/** A cause of failure that is known, and the number of cases that have it. */
struct expected_failure {
    char *cause; /* part of the reason that is printed */
    struct check_count cases;
};

#define SUPPLY_PIN "VDD" /* as boards call it */

struct scenario_supply {
    char *volts; /* written */
    char *after; /* written; NULL: at once */
    uint32_t microvolts;
    uint64_t after_ps;
};

struct scenario_step {
    /* exactly one of these is there */
    struct scenario_send *send;
    struct scenario_type *type;
    struct scenario_wait *wait;
    char *wait_time; /* written */
    int power;       /* enum restart */
    int reset;       /* enum restart */
    struct scenario_pin *pin;
    struct scenario_supply *supply;
    struct scenario_probe *probe;
    uint32_t probe_count;
    struct scenario_corrupt *corrupt;
    struct scenario_check *expect;

    unsigned line;
    uint64_t wait_time_ps;
};

struct scenario_start {
    struct start_options *options;
    struct scenario_place *flash;
    uint32_t flash_count;
    struct scenario_wait *until;
};

/** A choice that may be left out. */
enum option_value {
    OPTION_AS_FACTORY,
    OPTION_IS_0, /* the value n is OPTION_IS_0 + n */
};

/** A write-protected area of a bank: pages first to last. */
struct start_wrp {
    uint32_t first, last;
};

/** User options to start with; what is left out stays as the factory has it. */
struct start_options {
    int bfb2, bor_lev, iwdg_sw; /* enum option_value */
    struct start_wrp *wrp[4];   /* WRP1A, WRP1B, WRP2A, WRP2B; NULL: left out */
};

struct scenario {
    /* loaded by libcyaml */
    char *title;
    char *board_name; /* written */
    struct scenario_start *start;
    struct scenario_step *steps;
    uint32_t steps_count;
    struct power_cut *power_cut; /* at most one of these two */
    struct faults *faults;
    struct expected_failure *expected_failures;
    uint32_t expected_failures_count;
    struct scenario_check *check;
    char *seed; /* written; NULL: 1 */
    char **wires;
    uint32_t wires_count;

    /* resolved */
    const char *path;
    char name[80]; /* the file's name without directory and ending */
    const struct board *board;
    struct flash_layout layout;
    struct nets nets;
    struct scenario_image *images;
    uint32_t image_count;
    uint32_t seed_value;
    struct machine_knob knobs[KNOBS_MAX];
    uint32_t knob_count;
    uint32_t heartbeat_pins[HEARTBEATS_MAX]; /* that are watched, whichever check asks for them */
    uint32_t heartbeat_pin_count;
    bool drives_supply; /* some step does */
};

/** True if it has cases, each of which is judged. */
static inline bool scenario_is_swept(const struct scenario *scenario)
{
    return scenario->power_cut != NULL || scenario->faults != NULL;
}

/** Loads, checks and resolves a scenario with all its images. images_dir: where image files are. */
enum status scenario_load(struct scenario **out, const char *path, const char *images_dir,
                          struct error *err) MUST_CHECK;
void scenario_free(struct scenario *scenario);

#endif
