/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The inside of `twinbank exec`: exec.c reads the command line and runs, exec_orders.c knows what the outside does to
 * the board and when, exec_print.c and exec_json.c tell what was observed.
 */
#ifndef TWINBANK_HARNESS_EXEC_PRIVATE_H
#define TWINBANK_HARNESS_EXEC_PRIVATE_H

#include "harness/exec.h"
#include "harness/judge.h"
#include "harness/knobs.h"
#include "harness/nets.h"
#include "harness/peers/serial_peer.h"
#include "harness/source_line.h"
#include "harness/trace.h"
#include "sim/loader.h"
#include "sim/machine.h"

#define EXEC_PINS_MAX   176u /* ports A to K */
#define EXEC_RESETS_MAX 64u
#define ORDER_VOLTAGE   2

enum order_kind {
    ORDER_PIN,
    ORDER_TYPE,
};

/** What somebody outside does at a time. */
struct order {
    enum order_kind kind;
    uint32_t number; /* as on the command line, for orders of the same time */
    uint64_t at_ps;
    /* ORDER_PIN */
    char pin[32];
    int level; /* 0, 1, -1: released, ORDER_VOLTAGE: microvolts */
    uint32_t microvolts;
    /* ORDER_TYPE */
    uint32_t port;
    uint32_t length;
    char bytes[PEER_TEXT_MAX];
};

/** The terminal at a port, and where its text goes. */
struct exec_port {
    const char *name;
    uint32_t fixed_baud; /* 0: the terminal is set to what the board sends with */
    bool is_raw;         /* text goes to stdout as it is */
    const char *file;    /* or to a file at the end */
    uint32_t printed;    /* characters of the stream that were printed */
    char peer_name[40];
    char wire_names[4][80];
    struct chip_wire wires[2];
    struct serial_peer_params params;
};

struct exec {
    const struct options *options;
    const struct board *board;
    struct machine *machine;
    FILE *log; /* stderr while a port's raw text has stdout */
    struct judge judge;
    struct exec_port ports[JUDGE_SERIALS];
    struct nets nets;
    struct machine_part parts[JUDGE_SERIALS + NETS_MAX];
    uint32_t port_count;
    struct machine_knob knobs[OPTIONS_LIST_MAX];
    struct order *orders; /* by time */
    uint32_t order_count;
    struct image images[OPTIONS_LIST_MAX];
    char image_paths[OPTIONS_LIST_MAX][512];
    uint32_t image_count;
    struct source_cache sources;
    struct trace *trace; /* NULL: none is asked for */
    uint32_t edges[EXEC_PINS_MAX];
    uint32_t voltages[EXEC_PINS_MAX]; /* changes of analog outputs */
    uint32_t reset_count;
    struct {
        uint32_t kind;
        uint64_t at_ps;
    } resets[EXEC_RESETS_MAX];
};

/** The port whose name stands in front of '='; port_count if there is none. */
uint32_t exec_find_port(const struct exec *exec, const char *text);

/* exec_orders.c */
enum status exec_parse_pin(struct order *order, const char *text, struct error *err) MUST_CHECK;
/** PORT=TEXT[@TIME]; what stands behind the last '@' is a time or belongs to the text. */
enum status exec_parse_type(const struct exec *exec, struct order *order, const char *text,
                            struct error *err) MUST_CHECK;
void exec_sort_orders(struct exec *exec);
enum status exec_do_order(struct exec *exec, const struct order *order, struct error *err) MUST_CHECK;

/* exec_print.c: lines for people */
void exec_print_event(struct exec *exec, const struct obs *obs);
void exec_print_end(struct exec *exec);

/* exec_json.c: JSON lines for scripts */
void exec_json_event(struct exec *exec, const struct obs *obs);
void exec_json_end(struct exec *exec);

#endif
