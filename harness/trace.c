/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/trace.h"

#include "harness/layout.h"
#include "harness/vcd.h"

#include <stdlib.h>
#include <string.h>

#define TRACE_PORTS    11u /* A to K */
#define TRACE_SERIALS  8u
#define TRACE_WINDOWS  16u
#define PINS_OF_PORT   16u
#define EXCEPTION_BITS 9u /* IPSR: ARM DDI 0403E B1.4.2 */
#define XPSR           16 /* place in machine_registers */
#define XPSR_IPSR      0x1ffu

/* Words of outside parties and voltages have no signal here. */
#define TRACED (OBS_ALL & ~(OBS_BIT(OBS_PEER) | OBS_BIT(OBS_VOLTAGE) | OBS_BIT(OBS_OPTIONS)))

struct trace_serial {
    uint16_t device;
    struct vcd_signal tx, tx_bit8, tx_sent, rx, rx_bit8, rx_received;
};

struct trace {
    char *path;
    const struct board *board;
    struct machine *machine;
    struct flash_layout layout;
    bool has_banks;
    struct vcd vcd;
    uint64_t past_ps; /* of the power-ups before; time of the trace = past_ps + virtual time */

    struct vcd_signal power, pc, exception, lockup, active_bank, guest_error, guest_error_at, gap, gap_at;
    struct vcd_signal resets[RESET_KIND_COUNT];
    struct vcd_signal windows[TRACE_WINDOWS];
    struct vcd_signal busy, ops[OP_KIND_COUNT], op_offset, op_torn;
    struct trace_serial serials[TRACE_SERIALS];
    uint32_t serial_count;
    struct vcd_signal pins[TRACE_PORTS][PINS_OF_PORT];
    bool has_port[TRACE_PORTS];
};

static const char *const op_names[] = {"program", "erase", "option_erase", "option_program"};
_Static_assert(ARRAY_LENGTH(op_names) == OP_KIND_COUNT, "an operation has no name");

/* --- the header -------------------------------------------------------------------------------- */

/** Windows that can show one thing only are not worth a signal. */
static bool is_traced(const struct trace *trace, uint32_t window)
{
    const struct chip *chip = trace->board->chip;
    return window < chip->window_count && window < TRACE_WINDOWS && chip->windows[window].choice_count > 1u;
}

static void declare_core(struct trace *trace)
{
    struct vcd *vcd = &trace->vcd;
    vcd_declare(vcd, &trace->power, "power", 1);
    vcd_comment(vcd, "pc: of the last event");
    vcd_declare(vcd, &trace->pc, "pc", 32);
    vcd_comment(vcd, "exception: number of the one that runs, 0: thread mode");
    vcd_declare(vcd, &trace->exception, "exception", EXCEPTION_BITS);
    vcd_declare(vcd, &trace->lockup, "lockup", 1);
    if (trace->has_banks)
        vcd_declare(vcd, &trace->active_bank, "active_bank", 2);
    vcd_comment(vcd, "the firmware broke a rule of the hardware, used what is not modelled: with the address");
    vcd_declare(vcd, &trace->guest_error, "guest_error", 0);
    vcd_declare(vcd, &trace->guest_error_at, "guest_error_at", 32);
    vcd_declare(vcd, &trace->gap, "gap", 0);
    vcd_declare(vcd, &trace->gap_at, "gap_at", 32);
    vcd_scope(vcd, "reset");
    for (int kind = 0; kind < RESET_KIND_COUNT; kind++)
        if (kind != RESET_PERIPHERAL) /* a device's own, no observation */
            vcd_declare(vcd, &trace->resets[kind], reset_kind_name((enum reset_kind)kind), 0);
    vcd_end_scope(vcd);
}

static void declare_memory(struct trace *trace)
{
    struct vcd *vcd = &trace->vcd;
    const struct chip *chip = trace->board->chip;
    vcd_scope(vcd, "window");
    for (uint32_t w = 0; w < chip->window_count; w++) {
        if (!is_traced(trace, w))
            continue;
        for (uint32_t c = 0; c < chip->windows[w].choice_count; c++)
            vcd_comment(vcd, "%s = %u: %s", chip->windows[w].name, c, chip->windows[w].choices[c].name);
        vcd_declare(vcd, &trace->windows[w], chip->windows[w].name, 8);
    }
    vcd_end_scope(vcd);
    vcd_scope(vcd, "flash");
    vcd_comment(vcd, "busy: an operation on cells is under way; which; at which offset in its array; cut short");
    vcd_declare(vcd, &trace->busy, "busy", 1);
    for (int kind = 0; kind < OP_KIND_COUNT; kind++)
        vcd_declare(vcd, &trace->ops[kind], op_names[kind], 1);
    vcd_declare(vcd, &trace->op_offset, "offset", 32);
    vcd_declare(vcd, &trace->op_torn, "torn", 0);
    vcd_end_scope(vcd);
}

static void declare_serials(struct trace *trace)
{
    struct vcd *vcd = &trace->vcd;
    for (uint32_t i = 0; i < trace->board->serial_count && i < TRACE_SERIALS; i++) {
        const struct board_serial *serial = &trace->board->serials[i];
        struct trace_serial *own = &trace->serials[trace->serial_count++];
        const struct device *device = machine_device(trace->machine, serial->device);
        TB_ASSERT(device != NULL);
        own->device = device->index;
        vcd_scope(vcd, serial->name);
        vcd_declare(vcd, &own->tx, "tx", 8);
        vcd_declare(vcd, &own->tx_bit8, "tx_bit8", 1); /* the ninth data bit */
        vcd_declare(vcd, &own->tx_sent, "tx_sent", 0);
        vcd_declare(vcd, &own->rx, "rx", 8);
        vcd_declare(vcd, &own->rx_bit8, "rx_bit8", 1);
        vcd_declare(vcd, &own->rx_received, "rx_received", 0);
        vcd_end_scope(vcd);
    }
}

static void declare_pins(struct trace *trace)
{
    struct vcd *vcd = &trace->vcd;
    const struct chip *chip = trace->board->chip;
    char name[8];
    for (uint32_t d = 0; d < chip->device_count; d++) {
        const char *device = chip->devices[d].name;
        uint32_t port = strncmp(device, "gpio", 4) == 0 ? (uint32_t)(device[4] - 'a') : TRACE_PORTS;
        if (port >= TRACE_PORTS || device[5] != '\0')
            continue;
        trace->has_port[port] = true;
        vcd_scope(vcd, device);
        for (uint32_t pin = 0; pin < PINS_OF_PORT; pin++) {
            snprintf(name, sizeof name, "P%c%u", (char)('A' + port), pin % PINS_OF_PORT);
            vcd_declare(vcd, &trace->pins[port][pin], name, 1);
        }
        vcd_end_scope(vcd);
    }
    vcd_scope(vcd, "board"); /* the same pins by the board's names */
    for (uint32_t i = 0; i < trace->board->pin_count; i++) {
        uint32_t number = 0;
        if (board_pin_number(trace->board, trace->board->pins[i].name, &number) == TB_OK &&
            trace->has_port[number / PINS_OF_PORT])
            vcd_alias(vcd, &trace->pins[number / PINS_OF_PORT][number % PINS_OF_PORT], trace->board->pins[i].name);
    }
    vcd_end_scope(vcd);
}

static void write_header(struct trace *trace)
{
    struct vcd *vcd = &trace->vcd;
    vcd_scope(vcd, trace->board->name);
    declare_core(trace);
    declare_memory(trace);
    declare_serials(trace);
    declare_pins(trace);
    vcd_end_scope(vcd);
    trace->power.known = trace->busy.known = true; /* both are 0 */
    for (int kind = 0; kind < OP_KIND_COUNT; kind++)
        trace->ops[kind].known = true;
    vcd_begin_values(vcd);
}

/* --- observations ------------------------------------------------------------------------------ */

static void set_time(struct trace *trace, uint64_t virtual_ps)
{
    /* it goes back with power-up, and when somebody puts an earlier state back */
    if (trace->past_ps + virtual_ps < trace->vcd.time_ps)
        trace->past_ps = trace->vcd.time_ps - virtual_ps;
    vcd_time(&trace->vcd, trace->past_ps + virtual_ps);
}

static void forget_pins(struct trace *trace)
{
    for (uint32_t port = 0; port < TRACE_PORTS; port++)
        for (uint32_t pin = 0; trace->has_port[port] && pin < PINS_OF_PORT; pin++)
            vcd_set_unknown(&trace->vcd, &trace->pins[port][pin]);
}

static void show_choice(struct trace *trace, uint32_t window, uint32_t choice)
{
    if (is_traced(trace, window))
        vcd_set(&trace->vcd, &trace->windows[window], choice);
    if (trace->has_banks && window == trace->layout.window)
        vcd_set(&trace->vcd, &trace->active_bank, flash_bank_shown(&trace->layout, trace->board->chip, choice));
}

static void on_power(struct trace *trace, bool on)
{
    struct vcd *vcd = &trace->vcd;
    vcd_set(vcd, &trace->power, on ? 1u : 0u);
    forget_pins(trace);
    for (uint32_t w = 0; w < trace->board->chip->window_count; w++)
        if (on)
            show_choice(trace, w, 0); /* as power-up leaves them, before options are loaded */
        else if (is_traced(trace, w))
            vcd_set_unknown(vcd, &trace->windows[w]);
    if (on)
        return;
    vcd_set_unknown(vcd, &trace->active_bank);
    vcd_set_unknown(vcd, &trace->exception);
    vcd_set_unknown(vcd, &trace->lockup);
    vcd_set_unknown(vcd, &trace->pc);
}

static void on_reset(struct trace *trace, uint32_t kind)
{
    forget_pins(trace); /* inputs until the firmware sets them up again */
    vcd_set(&trace->vcd, &trace->exception, 0);
    vcd_set(&trace->vcd, &trace->lockup, 0);
    if (kind < RESET_KIND_COUNT && kind != RESET_PERIPHERAL)
        vcd_event(&trace->vcd, &trace->resets[kind]);
}

static void on_uart(struct trace *trace, const struct obs *obs)
{
    for (uint32_t i = 0; i < trace->serial_count; i++) {
        struct trace_serial *serial = &trace->serials[i];
        bool tx = obs->kind == OBS_UART_TX;
        if (serial->device != obs->device)
            continue;
        vcd_set(&trace->vcd, tx ? &serial->tx : &serial->rx, obs->a);
        vcd_set(&trace->vcd, tx ? &serial->tx_bit8 : &serial->rx_bit8, obs->a >> 8);
        vcd_event(&trace->vcd, tx ? &serial->tx_sent : &serial->rx_received);
    }
}

static void on_op(struct trace *trace, const struct obs *obs)
{
    bool begins = obs->kind == OBS_OP_BEGIN;
    TB_ASSERT(obs->a < OP_KIND_COUNT);
    vcd_set(&trace->vcd, &trace->busy, begins);
    vcd_set(&trace->vcd, &trace->ops[obs->a], begins);
    vcd_set(&trace->vcd, &trace->op_offset, obs->b);
    if (obs->kind == OBS_OP_ABORT)
        vcd_event(&trace->vcd, &trace->op_torn);
}

static void on_exception(struct trace *trace, const struct obs *obs)
{
    uint32_t registers[17], number = obs->a;
    vcd_set(&trace->vcd, &trace->lockup, 0); /* an NMI leaves it */
    if (obs->kind == OBS_EXC_RETURN) {
        machine_registers(trace->machine, registers);
        number = registers[XPSR] & XPSR_IPSR;
    }
    vcd_set(&trace->vcd, &trace->exception, number);
}

static void on_note(struct trace *trace, const struct obs *obs)
{
    bool is_gap = obs->kind == OBS_GAP;
    vcd_set(&trace->vcd, is_gap ? &trace->gap_at : &trace->guest_error_at, obs->a);
    vcd_event(&trace->vcd, is_gap ? &trace->gap : &trace->guest_error);
}

static void observe(void *context, const struct obs *obs)
{
    struct trace *trace = context;
    set_time(trace, obs->time_ps);
    vcd_set(&trace->vcd, &trace->pc, obs->pc);
    switch (obs->kind) {
    case OBS_POWER:
        on_power(trace, obs->a != 0);
        break;
    case OBS_RESET:
        on_reset(trace, obs->a);
        break;
    case OBS_REMAP:
        show_choice(trace, obs->a, obs->b);
        break;
    case OBS_PIN:
        if (obs->a / PINS_OF_PORT < TRACE_PORTS && trace->has_port[obs->a / PINS_OF_PORT])
            vcd_set(&trace->vcd, &trace->pins[obs->a / PINS_OF_PORT][obs->a % PINS_OF_PORT], obs->b);
        break;
    case OBS_UART_TX:
    case OBS_UART_RX:
        on_uart(trace, obs);
        break;
    case OBS_OP_BEGIN:
    case OBS_OP_COMMIT:
    case OBS_OP_ABORT:
        on_op(trace, obs);
        break;
    case OBS_EXC_ENTRY:
    case OBS_EXC_RETURN:
        on_exception(trace, obs);
        break;
    case OBS_LOCKUP:
        vcd_set(&trace->vcd, &trace->lockup, 1);
        break;
    case OBS_GUEST_ERROR:
    case OBS_GAP:
        on_note(trace, obs);
        break;
    default: /* OBS_BOOT: its PC is all there is to show */
        break;
    }
}

/* --- opening and closing ----------------------------------------------------------------------- */

enum status trace_open(struct trace **out, const char *path, const struct board *board, struct machine *machine,
                       struct error *err)
{
    struct trace *trace = calloc(1, sizeof *trace);
    char *own_path = strdup(path);
    struct error ignored;
    *out = NULL;
    enum status status = trace == NULL || own_path == NULL ? error_set(err, TB_ERR_MEMORY, "%s: out of memory", path)
                                                           : vcd_open(&trace->vcd, path, err);
    if (status != TB_OK) {
        free(own_path);
        free(trace);
        return status;
    }
    trace->path = own_path;
    trace->board = board;
    trace->machine = machine;
    trace->has_banks = flash_layout_find(&trace->layout, board->chip, &ignored) == TB_OK;
    write_header(trace);
    machine_add_observer(machine, TRACED, observe, trace);
    *out = trace;
    return TB_OK;
}

void trace_advance(struct trace *trace, uint64_t now_ps)
{
    if (trace != NULL && trace->past_ps + now_ps > trace->vcd.time_ps)
        set_time(trace, now_ps);
}

enum status trace_close(struct trace *trace, uint64_t now_ps, struct error *err)
{
    if (trace == NULL)
        return TB_OK;
    trace_advance(trace, now_ps);
    machine_remove_observer(trace->machine, observe, trace);
    enum status status = vcd_close(&trace->vcd, trace->path, err);
    free(trace->path);
    free(trace);
    return status;
}
