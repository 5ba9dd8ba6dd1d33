/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What exec observes, as lines for people. */
#include "harness/exec_private.h"

#include <stdio.h>

#define EDGES_PRINTED 4u /* of each pin, unless --verbose */

/** A program counter, and what it is in the ELF files that were loaded. */
static const char *pc_text(struct exec *exec, uint32_t pc, char text[200])
{
    char place[180] = "?";
    for (uint32_t i = 0; i < exec->image_count && place[0] == '?'; i++)
        source_describe(&exec->sources, exec->image_paths[i], pc, place, sizeof place);
    snprintf(text, 200, "0x%08x%s%s", pc, place[0] != '?' ? " " : "", place[0] != '?' ? place : "");
    return text;
}

static void print_time(struct exec *exec, uint64_t ps)
{
    fprintf(exec->log, "%12.3f ms  ", (double)ps / (double)PS_PER_MS);
}

/** Prints a stream's text up to its last complete line, or all of it at the end. */
static void print_lines(struct exec *exec, uint32_t i, uint64_t now_ps, bool all)
{
    const struct judge_stream *stream = &exec->judge.streams[i];
    uint32_t start = exec->ports[i].printed;
    for (uint32_t at = start; at < stream->length || (all && at == stream->length && start < at); at++) {
        bool is_end = at == stream->length || stream->text[at] == '\n';
        if (!is_end)
            continue;
        print_time(exec, now_ps);
        fprintf(exec->log, "%s: ", exec->ports[i].name);
        for (uint32_t c = start; c < at; c++)
            if (stream->text[c] != '\r')
                fputc(stream->text[c] >= ' ' && stream->text[c] <= '~' ? stream->text[c] : '.', exec->log);
        fputc('\n', exec->log);
        start = at + 1u;
    }
    exec->ports[i].printed = start;
}

static void print_uart(struct exec *exec, const struct obs *obs)
{
    for (uint32_t i = 0; i < exec->judge.stream_count; i++)
        if (exec->judge.streams[i].device == obs->device && exec->ports[i].file == NULL && !exec->ports[i].is_raw &&
            obs->a == '\n')
            print_lines(exec, i, obs->time_ps, false);
}

static void print_pin(struct exec *exec, const struct obs *obs)
{
    uint32_t count = obs->a < EXEC_PINS_MAX ? exec->edges[obs->a] : 1u;
    if (count > EDGES_PRINTED && !exec->options->verbose)
        return;
    print_time(exec, obs->time_ps);
    fprintf(exec->log, "P%c%u: %u%s\n", (char)('A' + obs->a / 16u), obs->a % 16u, obs->b,
            count == EDGES_PRINTED && !exec->options->verbose ? " (further edges are counted)" : "");
}

static void print_voltage(struct exec *exec, const struct obs *obs)
{
    uint32_t count = obs->a < EXEC_PINS_MAX ? exec->voltages[obs->a] : 1u;
    if (count > EDGES_PRINTED && !exec->options->verbose)
        return;
    print_time(exec, obs->time_ps);
    fprintf(exec->log, "P%c%u: %.3f V%s\n", (char)('A' + obs->a / 16u), obs->a % 16u, obs->b / 1e6,
            count == EDGES_PRINTED && !exec->options->verbose ? " (further voltages are counted)" : "");
}

void exec_print_event(struct exec *exec, const struct obs *obs)
{
    switch (obs->kind) {
    case OBS_UART_TX:
        print_uart(exec, obs);
        break;
    case OBS_PIN:
        print_pin(exec, obs);
        break;
    case OBS_VOLTAGE:
        print_voltage(exec, obs);
        break;
    case OBS_RESET:
        print_time(exec, obs->time_ps);
        fprintf(exec->log, "reset: %s\n", reset_kind_name((enum reset_kind)obs->a));
        break;
    case OBS_REMAP:
        if (obs->a != exec->judge.layout.window)
            break;
        print_time(exec, obs->time_ps);
        fprintf(exec->log, "bank %u active\n", exec->judge.active_bank);
        break;
    case OBS_LOCKUP:
        print_time(exec, obs->time_ps);
        fprintf(exec->log, "lockup: PC 0x%08x, CFSR 0x%08x, HFSR 0x%08x\n", obs->pc, obs->a, obs->b);
        break;
    default:
        break;
    }
}

static void print_notes(struct exec *exec, const struct judge_notes *notes, const char *kind)
{
    char pc[200];
    for (uint32_t i = 0; i < notes->count; i++) {
        const struct judge_note *note = &notes->entries[i];
        const struct device *device =
            note->device != OBS_NO_DEVICE ? machine_device_at(exec->machine, note->device) : NULL;
        fprintf(exec->log, "%s: %s%s%s, 0x%08x%s, PC %s, %llu times\n", kind, device != NULL ? device->name : "",
                device != NULL ? ": " : "", note->text, note->address, note->written ? " written" : "",
                pc_text(exec, note->pc, pc), (unsigned long long)note->count);
    }
}

void exec_print_end(struct exec *exec)
{
    char pc[200];
    for (uint32_t i = 0; i < exec->judge.stream_count; i++)
        if (!exec->ports[i].is_raw && exec->ports[i].file == NULL)
            print_lines(exec, i, machine_time_ps(exec->machine), true);
    for (uint32_t pin = 0; pin < EXEC_PINS_MAX; pin++)
        if (exec->edges[pin] > 0)
            fprintf(exec->log, "P%c%u: %u edges\n", (char)('A' + pin / 16u), pin % 16u, exec->edges[pin]);
    for (uint32_t pin = 0; pin < EXEC_PINS_MAX; pin++)
        if (exec->voltages[pin] > 0)
            fprintf(exec->log, "P%c%u: %u voltages\n", (char)('A' + pin / 16u), pin % 16u, exec->voltages[pin]);
    fprintf(exec->log, "bank %u active, PC %s%s, %.3f ms, %llu instructions\n", exec->judge.active_bank,
            pc_text(exec, machine_pc(exec->machine), pc), machine_is_locked_up(exec->machine) ? " (lockup)" : "",
            (double)machine_time_ps(exec->machine) / (double)PS_PER_MS,
            (unsigned long long)machine_instructions(exec->machine));
    print_notes(exec, &exec->judge.gaps, "not modelled");
    print_notes(exec, &exec->judge.guest_errors, "guest error");
}
