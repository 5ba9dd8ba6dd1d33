/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What must hold: the check and expect groups of a scenario. */
#include "harness/session.h"

#include <stdlib.h>
#include <string.h>

static void check_text(struct session *session, const struct scenario_check *check, const char *where)
{
    for (uint32_t i = 0; i < check->text_count; i++)
        if (!judge_has_text(&session->judge, check->text[i]))
            session_fail(session, "%s: never saw \"%s\"", where, check->text[i]);
    for (uint32_t i = 0; i < check->never_text_count; i++)
        if (judge_has_text(&session->judge, check->never_text[i]))
            session_fail(session, "%s: saw \"%s\"", where, check->never_text[i]);
}

/** "until the watchdog reset at 1.200 s, PC 0x08004321 hang app.c:12". */
static void describe_gap_end(struct session *session, const struct judge_gap *gap, char *text, size_t size)
{
    static const char *const ends[] = {[GAP_EDGE] = "until", [GAP_POWER] = "until power was lost at"};
    char at[32], pc[200];
    time_text(gap->end_ps, at);
    if (gap->ended_by == GAP_OPEN) {
        snprintf(text, size, "and still at %s", at);
        return;
    }
    describe_pc(session, gap->pc, pc, sizeof pc);
    if (gap->ended_by == GAP_RESET)
        snprintf(text, size, "until the %s reset at %s, PC %s", reset_kind_name(gap->reset), at, pc);
    else
        snprintf(text, size, "%s %s, PC %s", ends[gap->ended_by], at, pc);
}

static void check_heartbeat(struct session *session, const struct check_heartbeat *check, const char *where)
{
    struct judge_heartbeat heartbeat = judge_heartbeat(&session->judge, check->pin_number, session_now_ps(session));
    const struct judge_gap *gap = &heartbeat.longest;
    char longest[32], from[32], end[260];
    if (heartbeat.edges < 2) {
        session_fail(session, "%s: no heartbeat on %s", where, check->pin);
        return;
    }
    if (gap->ps <= check->max_gap_ps)
        return;
    describe_gap_end(session, gap, end, sizeof end);
    session_fail(session, "%s: the heartbeat on %s stopped for %s, from %s %s; expected at most %s", where, check->pin,
                 time_text(gap->ps, longest), time_text(gap->end_ps - gap->ps, from), end, check->max_gap);
}

static void check_bytes(struct session *session, const struct check_bytes *check, uint32_t offset, const char *where)
{
    const struct scenario_image *image = check->image;
    uint32_t address = flash_bank_address(&session->scenario->layout, (unsigned)check->bank) + offset;
    struct error err;
    uint8_t *bytes = malloc(image->size);
    if (bytes == NULL) {
        session_error(session, "%s: no memory for %u bytes", where, image->size);
        return;
    }
    if (machine_peek(session->machine, address, bytes, image->size, &err) != TB_OK) {
        session_error(session, "%s: %s", where, err.text);
        free(bytes);
        return;
    }
    uint32_t at = 0;
    while (at < image->size && bytes[at] == image->bytes[at])
        at++;
    if (at < image->size)
        session_fail(session, "%s: bank %d does not hold %s: 0x%08x is 0x%02x, expected 0x%02x", where, check->bank,
                     image->name, address + at, bytes[at], image->bytes[at]);
    free(bytes);
}

static void check_count(struct session *session, const struct check_count *check, uint64_t count, const char *what,
                        const char *where)
{
    if (check->text == NULL)
        return;
    if (count < check->range.least || count > check->range.most)
        session_fail(session, "%s: %llu %s; expected %s", where, (unsigned long long)count, what, check->text);
}

static void check_counters(struct session *session, const struct scenario_check *check, const char *where)
{
    struct machine_counters now;
    const struct machine_counters *before = &session->before;
    machine_get_counters(session->machine, &now);
    check_count(session, &check->remaps, session->judge.remaps - session->remaps_before, "bank swaps", where);
    check_count(session, &check->ops_in_low_supply, now.ops_in_low_supply - before->ops_in_low_supply,
                "operations begun in low supply", where);
    check_count(session, &check->guest_errors, session->judge.guest_errors.total - session->guest_errors_before,
                "rules of the hardware broken", where);
    if (check->ops != NULL) {
        const struct check_ops *ops = check->ops;
        const uint64_t *n = now.ops, *b = before->ops;
        check_count(session, &ops->programs, n[OP_PROGRAM] - b[OP_PROGRAM], "double words programmed", where);
        check_count(session, &ops->erases, n[OP_ERASE] - b[OP_ERASE], "erases", where);
        check_count(session, &ops->option_erases, n[OP_OPTION_ERASE] - b[OP_OPTION_ERASE], "option erases", where);
        check_count(session, &ops->option_programs, n[OP_OPTION_PROGRAM] - b[OP_OPTION_PROGRAM],
                    "option words programmed", where);
    }
    if (check->resets != NULL) {
        const struct check_resets *resets = check->resets;
        const uint64_t *n = now.resets, *b = before->resets;
        check_count(session, &resets->software, n[RESET_SOFTWARE] - b[RESET_SOFTWARE], "software resets", where);
        check_count(session, &resets->pin, n[RESET_PIN] - b[RESET_PIN], "pin resets", where);
        check_count(session, &resets->watchdog, n[RESET_IWDG] - b[RESET_IWDG] + n[RESET_WWDG] - b[RESET_WWDG],
                    "watchdog resets", where);
        check_count(session, &resets->option_load, n[RESET_OPTION_LOAD] - b[RESET_OPTION_LOAD],
                    "resets by option loading", where);
    }
    if (check->no_flash_copied && now.flash_copied_bytes != 0)
        session_fail(session, "%s: %llu bytes of flash were copied to swap banks; expected 0", where,
                     (unsigned long long)now.flash_copied_bytes);
    if (check->no_flash_copied && session->judge.remaps == 0)
        session_fail(session, "%s: no bank swap took place; expected one that copies nothing", where);
}

void checks_never_back(struct session *session, const char *where)
{
    const struct never_back *watch = &session->judge.never_back;
    const struct never_pair *pair = never_broken(watch->pairs, 0, &watch->run);
    char what[NEVER_TEXT_MAX];
    if (pair == NULL)
        return;
    never_text(what, sizeof what, pair);
    session_fail(session, "%s%s%s", where, where[0] != '\0' ? ": " : "", what);
}

void checks_run(struct session *session, const struct scenario_check *check, const char *where)
{
    session->checks_made++;
    check_text(session, check, where);
    if (check->never_back_count > 0)
        checks_never_back(session, where);
    for (uint32_t i = 0; i < check->heartbeat_count; i++)
        check_heartbeat(session, &check->heartbeats[i], where);
    for (uint32_t i = 0; i < check->slot_equals_count; i++)
        check_bytes(session, &check->slot_equals[i], SLOT_OFFSET_BYTES, where);
    for (uint32_t i = 0; i < check->bank_equals_count; i++)
        check_bytes(session, &check->bank_equals[i], 0, where);
    if (check->active_bank != 0 && (unsigned)check->active_bank != session->judge.active_bank)
        session_fail(session, "%s: bank %u is active; expected bank %d", where, session->judge.active_bank,
                     check->active_bank);
    check_counters(session, check, where);
}
