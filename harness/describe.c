/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Where a run ended and what was odd on the way, in words. */
#include "harness/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COMPARED_BYTES 64u

const char *time_text(uint64_t ps, char text[32])
{
    if (ps < PS_PER_MS)
        snprintf(text, 32, "%.3f us", (double)ps / (double)PS_PER_US);
    else if (ps < PS_PER_S)
        snprintf(text, 32, "%.3f ms", (double)ps / (double)PS_PER_MS);
    else
        snprintf(text, 32, "%.3f s", (double)ps / (double)PS_PER_S);
    return text;
}

static size_t append(char *text, size_t size, size_t used, const char *format, ...) PRINTF_LIKE(4, 5);
static size_t append(char *text, size_t size, size_t used, const char *format, ...)
{
    va_list args;
    if (used >= size)
        return used;
    va_start(args, format);
    int length = vsnprintf(text + used, size - used, format, args);
    va_end(args);
    return used + (size_t)(length > 0 ? length : 0);
}

/** Where an image's own bytes are seen when its bank is active: whole banks begin with boot code. */
static bool is_running(struct session *session, const struct scenario_image *image, bool is_app)
{
    uint8_t seen[COMPARED_BYTES];
    uint32_t base = session->scenario->layout.base;
    /* not the first double word: what a cut made of it does not change whose code it is */
    uint32_t skip = is_app ? 0 : image->size > SLOT_OFFSET_BYTES + COMPARED_BYTES ? SLOT_OFFSET_BYTES : 8u;
    uint32_t address = base + (is_app ? SLOT_OFFSET_BYTES : skip);
    if (image->size < skip + COMPARED_BYTES ||
        machine_peek_mapped(session->machine, address, seen, sizeof seen, NULL) != TB_OK)
        return false;
    return memcmp(seen, image->bytes + skip, sizeof seen) == 0;
}

/** The ELF beside an image: bank1-1.0.0.bin and app-1.0.0.bin both come from app-1.0.0.elf. */
static bool elf_of_image(struct session *session, const struct scenario_image *image, char *path, size_t size)
{
    const char *slash = strrchr(image->path, '/');
    const char *file = slash != NULL ? slash + 1 : image->path;
    bool is_bank = strncmp(file, "bank1-", 6) == 0 || strncmp(file, "bank2-", 6) == 0;
    bool is_app = strncmp(file, "app-", 4) == 0;
    const char *rest = is_bank ? file + 6 : file;
    const char *dot = strrchr(rest, '.');
    int stem = (int)(dot != NULL ? (size_t)(dot - rest) : strlen(rest));
    snprintf(path, size, "%.*s%s%.*s.elf", (int)(file - image->path), image->path, is_bank ? "app-" : "", stem, rest);
    return access(path, R_OK) == 0 && is_running(session, image, is_app);
}

bool describe_is_rom(const struct session *session, uint32_t pc)
{
    const struct chip *chip = session->scenario->board->chip;
    for (uint32_t w = 0; w < chip->window_count; w++) {
        const struct window *window = &chip->windows[w];
        const char *store = window->choice_count == 1u ? window->choices[0].segments[0].store : NULL;
        if (store == NULL || pc < window->base || pc - window->base >= window->size)
            continue;
        for (uint32_t i = 0; i < chip->store_count; i++)
            if (strcmp(chip->stores[i].name, store) == 0)
                return chip->stores[i].kind == STORE_ROM;
    }
    return false;
}

void describe_options(const struct judge *judge, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < judge->option_default_count; i++)
        used = append(text, size, used, "%s%s", i == 0 ? "; option mismatch: " : ", ", judge->option_defaults[i]);
}

void describe_pc(struct session *session, uint32_t pc, char *text, size_t size)
{
    const struct scenario *scenario = session->scenario;
    const struct flash_layout *layout = &scenario->layout;
    uint32_t offset = pc >= layout->base ? pc - layout->base : pc;
    char path[512], symbol[160] = "?";
    for (uint32_t i = 0; i < scenario->image_count && symbol[0] == '?'; i++)
        if (elf_of_image(session, &scenario->images[i], path, sizeof path))
            source_describe(&session->sources, path, pc, symbol, sizeof symbol);
    /* boot code is in no image of its own */
    if (symbol[0] == '?' && offset < SLOT_OFFSET_BYTES && session->options->images_dir != NULL) {
        snprintf(path, sizeof path, "%s/boot.elf", session->options->images_dir);
        if (access(path, R_OK) == 0)
            source_describe(&session->sources, path, layout->base + offset, symbol, sizeof symbol);
    }
    if (symbol[0] == '?' && describe_is_rom(session, pc))
        snprintf(symbol, sizeof symbol, "boot ROM");
    snprintf(text, size, "0x%08x%s%s", pc, symbol[0] != '?' ? " " : "", symbol[0] != '?' ? symbol : "");
}

void describe_end(struct session *session)
{
    const struct judge *judge = &session->judge;
    const struct board *board = session->scenario->board;
    char *text = session->result->last_seen;
    size_t size = sizeof session->result->last_seen, used = 0;
    char line[120], time[32], pc[200];
    for (uint32_t i = 0; i < judge->stream_count; i++) {
        judge_last_line(&judge->streams[i], line, sizeof line);
        if (line[0] != '\0')
            used = append(text, size, used, "\"%s\" on %s, ", line, board->serials[i].name);
    }
    if (judge->last_reset < RESET_KIND_COUNT)
        used = append(text, size, used, "%s reset at %s, ", reset_kind_name(judge->last_reset),
                      time_text(judge->last_reset_ps, time));
    used = append(text, size, used, "bank %u active, ", judge->active_bank);
    if (!machine_is_powered(session->machine)) {
        used = append(text, size, used, "held in reset: the supply is below the brown-out level");
    } else if (judge->locked_up) {
        describe_pc(session, judge->lockup_pc, pc, sizeof pc);
        used = append(text, size, used, "lockup at %s (CFSR 0x%08x, HFSR 0x%08x)", pc, judge->lockup_cfsr,
                      judge->lockup_hfsr);
    } else {
        describe_pc(session, machine_pc(session->machine), pc, sizeof pc);
        used = append(text, size, used, "PC %s", pc);
    }
    describe_options(judge, line, sizeof line);
    append(text, size, used, ", time %s%s", time_text(session_now_ps(session), time), line);
}

static void add_notes(struct session *session, const struct judge_notes *notes, const char *kind)
{
    struct result *result = session->result;
    for (uint32_t i = 0; i < notes->count && result->note_count < RESULT_NOTES; i++) {
        const struct judge_note *note = &notes->entries[i];
        const struct device *device =
            note->device != OBS_NO_DEVICE ? machine_device_at(session->machine, note->device) : NULL;
        char pc[140];
        describe_pc(session, note->pc, pc, sizeof pc);
        snprintf(result->notes[result->note_count++], sizeof result->notes[0],
                 "%s: %.20s%s%.60s, 0x%08x%s, PC %s, %llu times", kind, device != NULL ? device->name : "",
                 device != NULL ? ": " : "", note->text, note->address, note->written ? " written" : "", pc,
                 (unsigned long long)note->count);
    }
}

void describe_notes(struct session *session)
{
    add_notes(session, &session->judge.gaps, "not modelled");
    add_notes(session, &session->judge.guest_errors, "guest error");
}
