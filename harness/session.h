/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What running a scenario needs while it runs; shared by runner.c, steps.c, checks.c, describe.c.
 */
#ifndef TWINBANK_HARNESS_SESSION_H
#define TWINBANK_HARNESS_SESSION_H

#include "harness/judge.h"
#include "harness/nets.h"
#include "harness/peers/serial_peer.h"
#include "harness/runner.h"
#include "harness/source_line.h"
#include "harness/trace.h"
#include "sim/machine.h"

#define TERMINAL_BAUD 115200u

struct session_port {
    char peer_name[40];
    char wire_names[4][80];
    struct chip_wire wires[2];
    struct serial_peer_params params;
    struct serial_line line;
};

/** A change of VDD that is still to come. */
struct session_supply {
    uint64_t due_ps; /* all power-ons together */
    uint32_t microvolts;
};

#define SESSION_SUPPLIES 16u

struct session {
    const struct scenario *scenario;
    const struct run_options *options;
    struct result *result;
    struct machine *machine;
    struct judge judge;
    struct session_port ports[JUDGE_SERIALS];
    struct nets nets;
    struct machine_part parts[JUDGE_SERIALS + NETS_MAX];
    uint32_t port_count;
    struct peer_image *peer_images;
    struct machine_counters before; /* when start.until was reached */
    uint64_t guest_errors_before, remaps_before;
    uint64_t stops;   /* forced so far */
    uint64_t past_ps; /* virtual time before the last power-on */
    uint64_t past_instructions;
    uint64_t past_trace;    /* event trace up to the last power-on, one digest of all */
    uint64_t idle_until_ps; /* the chip sleeps, nothing is scheduled: time is here all the same */
    struct session_supply supplies[SESSION_SUPPLIES]; /* in the order in which they are due */
    uint32_t supply_count;
    bool was_cut; /* power was lost inside an operation, as the op gate asked: nothing happens any more */
    uint32_t checks_made;
    uint32_t step;      /* that is being played */
    uint32_t watchdogs; /* resets by the independent watchdog that a wait may outlast: see session_wait_for_news */
    struct source_cache sources;
    struct trace *trace; /* NULL: none is asked for */
    /* The machine died at the op gate; returns true if it is alive again. NULL: it stays dead. */
    bool (*on_dead)(void *context);
    void *dead_context;
};

/** Makes machine and judge; the flash is filled, power is off. */
enum status session_open(struct session *session, struct error *err) MUST_CHECK;
void session_close(struct session *session);
/** Forgets what was seen and judged so far, as at the first power-on: for one more run on the same machine, whose
 * power is off. The supply is good again. */
void session_restart(struct session *session);
/** From power-on to start.until. */
void session_start(struct session *session);
/** Steps first..last-1, until one fails. */
void session_steps(struct session *session, uint32_t first, uint32_t last);
/** The checks at the end; then the result is complete. */
void session_finish(struct session *session);

/** Runs until a text or the end of a transfer was seen (true), or until the deadline (false). */
bool session_run_until_news(struct session *session, uint64_t deadline_ps);
/** The same for so much time from now on; it begins anew at resets by the independent watchdog, as often as
 * session->watchdogs allows. */
bool session_wait_for_news(struct session *session, uint64_t within_ps);
/** Virtual time since power-up. */
uint64_t session_now_ps(const struct session *session);
void session_power_cycle(struct session *session);
/** VDD from now on. Below the brown-out level the chip has no power until a call with a voltage above it. */
void session_set_supply(struct session *session, uint32_t microvolts);
/** The same, this time from now, while what follows is played. */
void session_set_supply_later(struct session *session, uint32_t microvolts, uint64_t after_ps);

/** Adds a reason to the result and makes the verdict FAIL. */
void session_fail(struct session *session, const char *format, ...) PRINTF_LIKE(2, 3);
/** The same for VERDICT_ERROR. */
void session_error(struct session *session, const char *format, ...) PRINTF_LIKE(2, 3);
/** It failed, or power was cut: no step is to follow. */
bool session_is_over(const struct session *session);

/* steps.c */
void step_wait(struct session *session, const struct scenario_wait *wait, const char *where);
void step_run(struct session *session, const struct scenario_step *step);
/* checks.c */
void checks_run(struct session *session, const struct scenario_check *check, const char *where);
/** What the run itself did against check.never_back; where may be empty. */
void checks_never_back(struct session *session, const char *where);
/* describe.c */
void describe_pc(struct session *session, uint32_t pc, char *text, size_t size);
/** True if this address is in a ROM of the chip. */
bool describe_is_rom(const struct session *session, uint32_t pc);
/** "; option mismatch: PCROP over bank 1" or nothing: what is in force for option words that did not fit. */
void describe_options(const struct judge *judge, char *text, size_t size);
void describe_end(struct session *session);
void describe_notes(struct session *session);
/** "500 ms" or "1.234 s", whichever reads better. */
const char *time_text(uint64_t ps, char text[32]);

#endif
