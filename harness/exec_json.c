/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What exec observes, as JSON lines: an object an event when it happens, and a last one that sums up. */
#include "harness/exec_private.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static void put(struct exec *exec, json_t *object)
{
    json_dumpf(object, exec->log, JSON_COMPACT | JSON_ENSURE_ASCII);
    fputc('\n', exec->log);
    json_decref(object);
}

static json_t *new_event(const char *event, const struct obs *obs)
{
    return json_pack("{s:s, s:I}", "event", event, "time_ps", (json_int_t)obs->time_ps);
}

/** Bytes as text: each one is the character of its number, so that none is lost. */
static json_t *json_bytes(const char *bytes, uint32_t count)
{
    char *text = malloc(2u * (size_t)count + 1u);
    size_t length = 0;
    if (text == NULL)
        return json_null();
    for (uint32_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= 0x80u)
            text[length++] = (char)(0xc0u | byte >> 6);
        text[length++] = (char)(byte >= 0x80u ? 0x80u | (byte & 0x3fu) : byte);
    }
    json_t *value = json_stringn(text, length);
    free(text);
    return value;
}

/* --- events ------------------------------------------------------------------------------------ */

/** What a port sent since the last time, if it is any. */
static void put_text(struct exec *exec, uint32_t i, uint64_t now_ps)
{
    const struct judge_stream *stream = &exec->judge.streams[i];
    struct exec_port *port = &exec->ports[i];
    if (port->printed == stream->length || port->file != NULL || port->is_raw)
        return;
    put(exec, json_pack("{s:s, s:I, s:s, s:o}", "event", "uart", "time_ps", (json_int_t)now_ps, "uart", port->name,
                        "text", json_bytes(stream->text + port->printed, stream->length - port->printed)));
    port->printed = stream->length;
}

static void put_line(struct exec *exec, const struct obs *obs)
{
    for (uint32_t i = 0; i < exec->judge.stream_count; i++)
        if (exec->judge.streams[i].device == obs->device && obs->a == '\n')
            put_text(exec, i, obs->time_ps);
}

static const char *device_name(const struct exec *exec, uint16_t index)
{
    return index != OBS_NO_DEVICE ? machine_device_at(exec->machine, index)->name : "";
}

static json_t *note_object(const struct exec *exec, const struct judge_note *note)
{
    return json_pack("{s:s, s:s, s:I, s:b, s:I, s:I}", "device", device_name(exec, note->device), "text", note->text,
                     "address", (json_int_t)note->address, "written", (int)note->written, "pc", (json_int_t)note->pc,
                     "count", (json_int_t)note->count);
}

/** The first of its kind only: a loop would fill the disk. The judge has just taken the observation. */
static void put_note(struct exec *exec, const struct obs *obs, const char *event, const struct judge_notes *notes)
{
    for (uint32_t i = 0; i < notes->count; i++) {
        const struct judge_note *note = &notes->entries[i];
        if (note->count != 1u || note->address != obs->a || note->device != obs->device ||
            (obs->text != NULL && note->text != obs->text))
            continue;
        json_t *object = new_event(event, obs), *fields = note_object(exec, note);
        json_object_del(fields, "count");
        json_object_update(object, fields);
        json_decref(fields);
        put(exec, object);
        return;
    }
}

static void put_pin(struct exec *exec, const struct obs *obs)
{
    char name[8];
    snprintf(name, sizeof name, "P%c%u", (char)('A' + obs->a / 16u), obs->a % 16u);
    put(exec, json_pack("{s:s, s:I, s:s, s:i}", "event", "pin", "time_ps", (json_int_t)obs->time_ps, "pin", name,
                        "level", (int)obs->b));
}

static void put_voltage(struct exec *exec, const struct obs *obs)
{
    char name[8];
    snprintf(name, sizeof name, "P%c%u", (char)('A' + obs->a / 16u), obs->a % 16u);
    put(exec, json_pack("{s:s, s:I, s:s, s:I}", "event", "voltage", "time_ps", (json_int_t)obs->time_ps, "pin", name,
                        "microvolts", (json_int_t)obs->b));
}

void exec_json_event(struct exec *exec, const struct obs *obs)
{
    json_t *object;
    switch (obs->kind) {
    case OBS_UART_TX:
        put_line(exec, obs);
        break;
    case OBS_PIN:
        put_pin(exec, obs);
        break;
    case OBS_VOLTAGE:
        put_voltage(exec, obs);
        break;
    case OBS_RESET:
        object = new_event("reset", obs);
        json_object_set_new(object, "kind", json_string(reset_kind_name((enum reset_kind)obs->a)));
        put(exec, object);
        break;
    case OBS_REMAP:
        if (obs->a != exec->judge.layout.window)
            break;
        object = new_event("bank", obs);
        json_object_set_new(object, "active_bank", json_integer(exec->judge.active_bank));
        put(exec, object);
        break;
    case OBS_LOCKUP:
        put(exec, json_pack("{s:s, s:I, s:I, s:I, s:I}", "event", "lockup", "time_ps", (json_int_t)obs->time_ps, "pc",
                            (json_int_t)obs->pc, "cfsr", (json_int_t)obs->a, "hfsr", (json_int_t)obs->b));
        break;
    case OBS_GAP:
        put_note(exec, obs, "gap", &exec->judge.gaps);
        break;
    case OBS_GUEST_ERROR:
        put_note(exec, obs, "guest_error", &exec->judge.guest_errors);
        break;
    default:
        break;
    }
}

/* --- the end ----------------------------------------------------------------------------------- */

static json_t *json_notes(const struct exec *exec, const struct judge_notes *notes)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < notes->count; i++)
        json_array_append_new(list, note_object(exec, &notes->entries[i]));
    return list;
}

void exec_json_end(struct exec *exec)
{
    json_t *uarts = json_object(), *pins = json_object(), *resets = json_array();
    char name[8];
    for (uint32_t i = 0; i < exec->judge.stream_count; i++) {
        put_text(exec, i, machine_time_ps(exec->machine));
        json_object_set_new(uarts, exec->ports[i].name,
                            json_bytes(exec->judge.streams[i].text, exec->judge.streams[i].length));
    }
    for (uint32_t pin = 0; pin < EXEC_PINS_MAX; pin++) {
        snprintf(name, sizeof name, "P%c%u", (char)('A' + pin / 16u), pin % 16u);
        if (exec->edges[pin] > 0)
            json_object_set_new(pins, name, json_integer(exec->edges[pin]));
    }
    for (uint32_t i = 0; i < exec->reset_count; i++)
        json_array_append_new(resets,
                              json_pack("{s:s, s:I}", "kind", reset_kind_name((enum reset_kind)exec->resets[i].kind),
                                        "time_ps", (json_int_t)exec->resets[i].at_ps));
    put(exec,
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:b, s:i, s:o, s:o, s:o, s:o, s:o}", "event", "end", "board",
                  exec->board->name, "time_ps", (json_int_t)machine_time_ps(exec->machine), "instructions",
                  (json_int_t)machine_instructions(exec->machine), "pc", (json_int_t)machine_pc(exec->machine),
                  "lockup", (int)machine_is_locked_up(exec->machine), "active_bank", (int)exec->judge.active_bank,
                  "uarts", uarts, "pin_edges", pins, "resets", resets, "gaps", json_notes(exec, &exec->judge.gaps),
                  "guest_errors", json_notes(exec, &exec->judge.guest_errors)));
}
