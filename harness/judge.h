/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Reads the observation stream and keeps what verdicts are made of: text on serial ports, the
 * heartbeat, resets, the bank that is shown, model gaps, guest errors. It knows no scenario.
 */
#ifndef TWINBANK_HARNESS_JUDGE_H
#define TWINBANK_HARNESS_JUDGE_H

#include "harness/layout.h"
#include "harness/never_back.h"
#include "sim/device.h"

#define JUDGE_SERIALS      8u
#define JUDGE_NOTES        32u
#define JUDGE_HEARTBEATS   4u         /* pins that are watched */
#define JUDGE_STREAM_BYTES (1u << 20) /* of text kept for each port; what comes later is not */

/** What a port sent since the machine exists. */
struct judge_stream {
    uint16_t device;
    uint32_t baud; /* the terminal's: frames of another one are noise to it; 0: it is set to what the board sends */
    char *text;
    uint32_t length;
    uint32_t cursor; /* text before it belongs to earlier steps */
    uint32_t boot;   /* text before it belongs to earlier boots */
};

/** A distinct gap or guest error and how often it came. */
struct judge_note {
    const char *text;
    uint64_t count;
    uint32_t address;
    uint32_t value;
    uint32_t pc; /* of the first */
    uint16_t device;
    bool written;
};

struct judge_notes {
    struct judge_note entries[JUDGE_NOTES];
    uint32_t count;
    uint64_t total;
};

/** What ended a time without edges. */
enum gap_end {
    GAP_EDGE,
    GAP_RESET,
    GAP_POWER, /* lost */
    GAP_OPEN,  /* nothing, up to now */
};

struct judge_gap {
    uint64_t ps; /* how long */
    uint64_t end_ps;
    uint32_t ended_by; /* enum gap_end */
    uint32_t reset;    /* GAP_RESET: enum reset_kind */
    uint32_t pc;       /* of what ended it; of a reset, where the firmware was */
};

/** A pin that a running program toggles. It counts from its first rising edge after a reset up to the time at which
 * the next reset is asked for. */
struct judge_heartbeat {
    uint32_t pin; /* port * 16 + pin */
    uint32_t level;
    bool running; /* an edge came since the last reset */
    uint64_t last_edge_ps;
    uint64_t edges;
    struct judge_gap longest;
};

struct judge {
    const struct chip *chip;
    struct flash_layout layout;
    struct judge_stream streams[JUDGE_SERIALS];
    uint32_t stream_count;
    struct judge_notes gaps, guest_errors;
    struct never_back never_back;

    struct judge_heartbeat heartbeats[JUDGE_HEARTBEATS];
    uint32_t heartbeat_count;

    unsigned active_bank; /* that the flash window shows first */
    uint64_t remaps;
    uint64_t resets[RESET_KIND_COUNT];
    uint32_t last_reset;                      /* RESET_KIND_COUNT: none yet */
    uint64_t last_reset_ps, last_watchdog_ps; /* the independent watchdog's */
    const char *option_defaults[4];           /* what is in force for option words that did not fit */
    uint32_t option_default_count;
    bool locked_up;
    uint32_t lockup_cfsr, lockup_hfsr, lockup_pc;

    /* the wait that is going on */
    const char *const *awaited; /* any of these */
    uint32_t awaited_count;     /* 0: none */
    uint32_t awaited_stream;
    const char *awaited_one;
    bool matched;
    uint32_t matched_text; /* index in awaited */
    bool await_peer;       /* the end of a transfer is waited for */
    bool peer_ended;
    void (*on_news)(void *context); /* called when matched or peer_ended becomes true */
    void *news_context;
};

/** Zeroes; bank 1 is shown and no port is known. */
void judge_init(struct judge *judge, const struct chip *chip, const struct flash_layout *layout);
/** Forgets all that was seen, keeps the ports and the pins that are watched. */
void judge_restart(struct judge *judge);
void judge_free(struct judge *judge);
/** Listens to a device's TX; the order of adding numbers the streams. */
enum status judge_add_stream(struct judge *judge, uint16_t device, uint32_t baud, struct error *err) MUST_CHECK;
/** Watches one more pin, unless it is watched already; at most JUDGE_HEARTBEATS. */
void judge_watch_heartbeat(struct judge *judge, uint32_t pin);

/** The sink for machine_add_observer; context is the judge. */
void judge_observe(void *context, const struct obs *obs);
obs_mask judge_mask(void);

/** Waits for text in a stream from its cursor on; `matched` tells if it is there already. */
void judge_await(struct judge *judge, uint32_t stream, const char *text);
/** Any of several texts, the first that is complete; `matched_text` tells which. The list must outlive the wait. */
void judge_await_any(struct judge *judge, uint32_t stream, const char *const *texts, uint32_t count);
/** Waits for the end of a transfer that a peer reports: `peer_ended` then. */
void judge_await_peer(struct judge *judge);
void judge_await_nothing(struct judge *judge);
/** A new action begins: what was sent before it is no answer to it. */
void judge_mark(struct judge *judge);
/** Somebody asks the board for something: see never_back.h. */
void judge_ask(struct judge *judge);
/** True if text is anywhere in any stream. */
bool judge_has_text(const struct judge *judge, const char *text);
/** The heartbeat of a pin that is watched, with its longest gap up to now, the one that is open included. */
struct judge_heartbeat judge_heartbeat(const struct judge *judge, uint32_t pin, uint64_t now_ps);
/** The last line of a stream that is not empty, without control characters. */
void judge_last_line(const struct judge_stream *stream, char *text, size_t size);

#endif
