/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/judge.h"

#include <stdlib.h>
#include <string.h>

#define BAUD_PERCENT 4u

void judge_init(struct judge *judge, const struct chip *chip, const struct flash_layout *layout)
{
    memset(judge, 0, sizeof *judge);
    judge->chip = chip;
    judge->layout = *layout;
    judge->active_bank = 1;
    judge->last_reset = RESET_KIND_COUNT;
}

void judge_restart(struct judge *judge)
{
    struct judge fresh;
    judge_init(&fresh, judge->chip, &judge->layout);
    memcpy(fresh.streams, judge->streams, sizeof fresh.streams);
    fresh.stream_count = judge->stream_count;
    for (uint32_t i = 0; i < fresh.stream_count; i++)
        fresh.streams[i].length = fresh.streams[i].cursor = fresh.streams[i].boot = 0;
    for (uint32_t i = 0; i < judge->heartbeat_count; i++)
        judge_watch_heartbeat(&fresh, judge->heartbeats[i].pin);
    fresh.never_back = judge->never_back;
    never_back_restart(&fresh.never_back);
    fresh.on_news = judge->on_news;
    fresh.news_context = judge->news_context;
    *judge = fresh;
}

void judge_free(struct judge *judge)
{
    for (uint32_t i = 0; i < judge->stream_count; i++)
        free(judge->streams[i].text);
    judge->stream_count = 0;
}

enum status judge_add_stream(struct judge *judge, uint16_t device, uint32_t baud, struct error *err)
{
    if (judge->stream_count == JUDGE_SERIALS)
        return error_set(err, TB_ERR_UNSUPPORTED, "more than %u serial ports", JUDGE_SERIALS);
    char *text = malloc(JUDGE_STREAM_BYTES);
    if (text == NULL)
        return error_set(err, TB_ERR_MEMORY, "no memory for a serial port's text");
    judge->streams[judge->stream_count++] = (struct judge_stream){.device = device, .baud = baud, .text = text};
    return TB_OK;
}

void judge_watch_heartbeat(struct judge *judge, uint32_t pin)
{
    for (uint32_t i = 0; i < judge->heartbeat_count; i++)
        if (judge->heartbeats[i].pin == pin)
            return;
    TB_ASSERT(judge->heartbeat_count < JUDGE_HEARTBEATS);
    judge->heartbeats[judge->heartbeat_count++] = (struct judge_heartbeat){.pin = pin};
}

/* --- text ------------------------------------------------------------------------------------- */

static bool ends_with(const struct judge_stream *stream, const char *text)
{
    uint32_t length = (uint32_t)strlen(text);
    return stream->length >= stream->cursor + length &&
           memcmp(stream->text + stream->length - length, text, length) == 0;
}

static void news(struct judge *judge)
{
    if (judge->on_news != NULL)
        judge->on_news(judge->news_context);
}

static void match(struct judge *judge, struct judge_stream *stream, uint32_t end, uint32_t text)
{
    judge->matched = true;
    judge->matched_text = text;
    judge->awaited_count = 0;
    stream->cursor = end;
    news(judge);
}

static void on_uart(struct judge *judge, const struct obs *obs)
{
    for (uint32_t i = 0; i < judge->stream_count; i++) {
        struct judge_stream *stream = &judge->streams[i];
        if (stream->device != obs->device || stream->length == JUDGE_STREAM_BYTES)
            continue;
        uint32_t difference = obs->b > stream->baud ? obs->b - stream->baud : stream->baud - obs->b;
        bool readable = stream->baud == 0 || (uint64_t)difference * 100u <= (uint64_t)stream->baud * BAUD_PERCENT;
        stream->text[stream->length++] = readable ? (char)obs->a : '?';
        never_back_hear(&judge->never_back, stream->text + stream->boot, stream->length - stream->boot);
        for (uint32_t t = 0; t < judge->awaited_count && judge->awaited_stream == i; t++)
            if (ends_with(stream, judge->awaited[t]))
                match(judge, stream, stream->length, t);
    }
}

void judge_await_any(struct judge *judge, uint32_t stream, const char *const *texts, uint32_t count)
{
    struct judge_stream *s = &judge->streams[stream];
    uint32_t best_end = UINT32_MAX, best = 0;
    judge->matched = false;
    judge->awaited = texts;
    judge->awaited_count = count;
    judge->awaited_stream = stream;
    for (uint32_t t = 0; t < count; t++) {
        const char *found = memmem(s->text + s->cursor, s->length - s->cursor, texts[t], strlen(texts[t]));
        if (found == NULL || (uint32_t)(found - s->text) + (uint32_t)strlen(texts[t]) >= best_end)
            continue;
        best_end = (uint32_t)(found - s->text) + (uint32_t)strlen(texts[t]);
        best = t;
    }
    if (best_end != UINT32_MAX)
        match(judge, s, best_end, best);
}

void judge_await(struct judge *judge, uint32_t stream, const char *text)
{
    judge->awaited_one = text;
    judge_await_any(judge, stream, &judge->awaited_one, 1);
}

void judge_await_peer(struct judge *judge)
{
    judge_await_nothing(judge);
    judge->await_peer = true;
}

void judge_await_nothing(struct judge *judge)
{
    judge->await_peer = false;
    judge->awaited_count = 0;
    judge->matched = false;
    judge->peer_ended = false;
}

void judge_mark(struct judge *judge)
{
    for (uint32_t i = 0; i < judge->stream_count; i++)
        judge->streams[i].cursor = judge->streams[i].length;
}

void judge_ask(struct judge *judge)
{
    never_back_ask(&judge->never_back);
}

bool judge_has_text(const struct judge *judge, const char *text)
{
    for (uint32_t i = 0; i < judge->stream_count; i++)
        if (memmem(judge->streams[i].text, judge->streams[i].length, text, strlen(text)) != NULL)
            return true;
    return false;
}

static bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

void judge_last_line(const struct judge_stream *stream, char *text, size_t size)
{
    uint32_t end = stream->length;
    while (end > 0 && !is_printable(stream->text[end - 1u]))
        end--;
    uint32_t start = end;
    while (start > 0 && stream->text[start - 1u] != '\n' && stream->text[start - 1u] != '\r')
        start--;
    size_t length = 0;
    for (; start < end && length + 1u < size; start++)
        text[length++] = is_printable(stream->text[start]) ? stream->text[start] : '.';
    text[length] = '\0';
}

/* --- heartbeat --------------------------------------------------------------------------------- */

/** The time since the last edge is over; what it was asked for before that edge is no gap. */
static void close_gap(struct judge_heartbeat *heartbeat, struct judge_gap gap)
{
    if (!heartbeat->running || gap.end_ps <= heartbeat->last_edge_ps)
        return;
    gap.ps = gap.end_ps - heartbeat->last_edge_ps;
    if (gap.ps > heartbeat->longest.ps)
        heartbeat->longest = gap;
}

static void on_pin(struct judge *judge, const struct obs *obs)
{
    for (uint32_t i = 0; i < judge->heartbeat_count; i++) {
        struct judge_heartbeat *heartbeat = &judge->heartbeats[i];
        if (obs->a != heartbeat->pin || obs->b == heartbeat->level)
            continue;
        heartbeat->level = obs->b;
        /* a falling edge alone may be the pin's own reset: a heartbeat begins with a rising one */
        if (!heartbeat->running && obs->b == 0)
            continue;
        close_gap(heartbeat, (struct judge_gap){.end_ps = obs->time_ps, .ended_by = GAP_EDGE, .pc = obs->pc});
        heartbeat->running = true;
        heartbeat->last_edge_ps = obs->time_ps;
        heartbeat->edges++;
    }
}

static void end_heartbeats(struct judge *judge, struct judge_gap gap)
{
    for (uint32_t i = 0; i < judge->heartbeat_count; i++) {
        close_gap(&judge->heartbeats[i], gap);
        judge->heartbeats[i].running = false;
    }
}

struct judge_heartbeat judge_heartbeat(const struct judge *judge, uint32_t pin, uint64_t now_ps)
{
    struct judge_heartbeat copy = {0};
    for (uint32_t i = 0; i < judge->heartbeat_count; i++)
        if (judge->heartbeats[i].pin == pin)
            copy = judge->heartbeats[i];
    close_gap(&copy, (struct judge_gap){.end_ps = now_ps, .ended_by = GAP_OPEN});
    return copy;
}

/* --- everything else --------------------------------------------------------------------------- */

static void add_note(struct judge_notes *notes, const struct obs *obs)
{
    notes->total++;
    for (uint32_t i = 0; i < notes->count; i++) {
        struct judge_note *note = &notes->entries[i];
        if (note->text == obs->text && note->address == obs->a && note->device == obs->device) {
            note->count++;
            return;
        }
    }
    if (notes->count == JUDGE_NOTES)
        return;
    notes->entries[notes->count++] = (struct judge_note){
        .text = obs->text != NULL ? obs->text : "",
        .count = 1,
        .address = obs->a,
        .value = (uint32_t)obs->c,
        .pc = obs->pc,
        .device = obs->device,
        .written = obs->b != 0,
    };
}

static void on_reset(struct judge *judge, const struct obs *obs)
{
    end_heartbeats(judge, (struct judge_gap){.end_ps = obs->c, .ended_by = GAP_RESET, .reset = obs->a, .pc = obs->pc});
    never_back_reset(&judge->never_back);
    for (uint32_t i = 0; i < judge->stream_count; i++)
        judge->streams[i].boot = judge->streams[i].length;
    if (obs->a < RESET_KIND_COUNT)
        judge->resets[obs->a]++;
    judge->last_reset = obs->a;
    judge->last_reset_ps = obs->time_ps;
    if (obs->a == RESET_IWDG)
        judge->last_watchdog_ps = obs->time_ps;
    judge->locked_up = false;
}

static void on_power(struct judge *judge, const struct obs *obs)
{
    if (obs->a == 0) {
        end_heartbeats(judge, (struct judge_gap){.end_ps = obs->time_ps, .ended_by = GAP_POWER, .pc = obs->pc});
        judge->option_default_count = 0;
        return;
    }
    judge->active_bank = flash_bank_shown(&judge->layout, judge->chip, 0);
    for (uint32_t i = 0; i < judge->heartbeat_count; i++)
        judge->heartbeats[i].level = 0;
    judge->locked_up = false;
}

static void on_options(struct judge *judge, const struct obs *obs)
{
    if (obs->a == 0)
        judge->option_default_count = 0;
    if (obs->text != NULL && judge->option_default_count < ARRAY_LENGTH(judge->option_defaults))
        judge->option_defaults[judge->option_default_count++] = obs->text;
}

static void on_remap(struct judge *judge, const struct obs *obs)
{
    if (obs->a != judge->layout.window)
        return;
    judge->remaps++;
    judge->active_bank = flash_bank_shown(&judge->layout, judge->chip, obs->b);
}

obs_mask judge_mask(void)
{
    return OBS_BIT(OBS_POWER) | OBS_BIT(OBS_RESET) | OBS_BIT(OBS_REMAP) | OBS_BIT(OBS_PIN) | OBS_BIT(OBS_UART_TX) |
           OBS_BIT(OBS_LOCKUP) | OBS_BIT(OBS_GUEST_ERROR) | OBS_BIT(OBS_GAP) | OBS_BIT(OBS_PEER) |
           OBS_BIT(OBS_VOLTAGE) | OBS_BIT(OBS_OPTIONS);
}

void judge_observe(void *context, const struct obs *obs)
{
    struct judge *judge = context;
    switch (obs->kind) {
    case OBS_POWER:
        on_power(judge, obs);
        break;
    case OBS_RESET:
        on_reset(judge, obs);
        break;
    case OBS_REMAP:
        on_remap(judge, obs);
        break;
    case OBS_PIN:
        on_pin(judge, obs);
        break;
    case OBS_UART_TX:
        on_uart(judge, obs);
        break;
    case OBS_OPTIONS:
        on_options(judge, obs);
        break;
    case OBS_LOCKUP:
        judge->locked_up = true;
        judge->lockup_cfsr = obs->a;
        judge->lockup_hfsr = obs->b;
        judge->lockup_pc = obs->pc;
        break;
    case OBS_GUEST_ERROR:
        add_note(&judge->guest_errors, obs);
        break;
    case OBS_GAP:
        add_note(&judge->gaps, obs);
        break;
    case OBS_PEER:
        if (obs->a != 0 && judge->await_peer) {
            judge->peer_ended = true;
            news(judge);
        }
        break;
    default:
        break;
    }
}
