/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* The steps of a scenario, one function each. */
#include "harness/probe.h"
#include "harness/session.h"

#include <stdio.h>
#include <string.h>

void step_wait(struct session *session, const struct scenario_wait *wait, const char *where)
{
    session->checks_made++;
    judge_await_nothing(&session->judge);
    judge_await(&session->judge, wait->serial, wait->text);
    if (!session_wait_for_news(session, wait->within_ps))
        session_fail(session, "%s: no \"%s\" on %s within %s", where, wait->text, wait->uart, wait->within);
    judge_await_nothing(&session->judge);
}

static void wait_time(struct session *session, uint64_t ps)
{
    judge_await_nothing(&session->judge);
    (void)session_run_until_news(session, session_now_ps(session) + ps);
}

static struct device *peer_of(struct session *session, uint32_t serial)
{
    return machine_device(session->machine, session->ports[serial].peer_name);
}

static void type_text(struct session *session, uint32_t serial, const char *text, const char *where)
{
    if (serial_peer_type(peer_of(session, serial), text) != TB_OK)
        session_error(session, "%s: too much text at once; expected at most %u characters", where, PEER_TEXT_MAX);
}

static bool is_expected(enum send_outcome expected, enum peer_outcome outcome)
{
    switch (expected) {
    case SEND_DONE:
        return outcome == PEER_DONE;
    case SEND_CANCELLED:
        return outcome == PEER_CANCELLED;
    case SEND_GAVE_UP:
        return outcome == PEER_GAVE_UP || outcome == PEER_NONE;
    default:
        return true;
    }
}

static void step_send(struct session *session, const struct scenario_send *send, const char *where)
{
    static const char *const outcomes[] = {"lost with the supply", "still going on", "done",
                                           "cancelled by the receiver", "given up"};
    static const char *const expectations[] = {"done", "cancelled", "given up", "anything"};
    session->checks_made++;
    if (send->command != NULL)
        type_text(session, send->serial, send->command, where);
    struct device *peer = peer_of(session, send->serial);
    judge_await_peer(&session->judge);
    serial_peer_send(peer, send->image);
    (void)session_run_until_news(session, session_now_ps(session) + send->within_ps);
    judge_await_nothing(&session->judge);
    enum peer_outcome outcome = serial_peer_outcome(peer);
    if (!is_expected((enum send_outcome)send->outcome, outcome))
        session_fail(session, "%s: the transfer of %s is %s; expected %s", where, send->image_name, outcomes[outcome],
                     expectations[send->outcome]);
}

static void step_supply(struct session *session, const struct scenario_supply *supply)
{
    if (supply->after_ps == 0)
        session_set_supply(session, supply->microvolts);
    else
        session_set_supply_later(session, supply->microvolts, supply->after_ps);
}

static void step_pin(struct session *session, const struct scenario_pin *pin, const char *where)
{
    struct error err;
    if (machine_drive_pin(session->machine, pin->name, pin->level, &err) != TB_OK)
        session_error(session, "%s: %s", where, err.text);
}

static void step_corrupt(struct session *session, const struct scenario_corrupt *corrupt, const char *where)
{
    const struct flash_layout *layout = &session->scenario->layout;
    uint32_t offset = corrupt->address - layout->base;
    struct cell cell;
    struct error err;
    if (machine_cell(session->machine, layout->store, offset, &cell, &err) != TB_OK) {
        session_error(session, "%s: %s", where, err.text);
        return;
    }
    uint64_t delivered;
    if (corrupt->kind == CORRUPT_DATA) {
        cell.data ^= 0x5au;
        cell.check = ecc_check(cell.data);
    } else {
        cell.data ^= 0x3u;
        /* two errors in the erased word are not detected (RM0440 3.3.3): that would corrupt nothing */
        if (ecc_read(cell.data, cell.check, &delivered) != ECC_UNCORRECTABLE) {
            session_error(session,
                          "%s: 0x%08x is erased, two wrong bits read back there; expected a programmed double word",
                          where, corrupt->address);
            return;
        }
    }
    if (machine_set_cell(session->machine, layout->store, offset, cell, &err) != TB_OK)
        session_error(session, "%s: %s", where, err.text);
}

/* --- the probe --------------------------------------------------------------------------------- */

static enum status probe_restart(struct session *session, enum restart restart, struct error *err)
{
    enum status status = probe_detach(session->machine, err);
    if (restart == RESTART_POWER)
        session_power_cycle(session);
    else
        machine_reset(session->machine, RESET_PIN);
    judge_mark(&session->judge);
    return status;
}

static enum status probe_action(struct session *session, const struct scenario_probe *action, bool *attached,
                                struct error *err)
{
    static const enum probe_mass_erase banks[] = {
        [PROBE_ERASE_MASS] = PROBE_BOTH, [PROBE_ERASE_BANK1] = PROBE_BANK1, [PROBE_ERASE_BANK2] = PROBE_BANK2};
    const struct scenario_image *image = action->image;
    struct machine *machine = session->machine;
    enum status status = *attached ? TB_OK : probe_attach(machine, err);
    *attached = action->reset == RESTART_NONE;
    if (status != TB_OK)
        return status;
    if (action->erase != PROBE_ERASE_NONE)
        return probe_mass_erase(machine, banks[action->erase], err);
    if (action->program != NULL)
        return probe_program(machine, action->address, image->bytes, image->size, err);
    session->checks_made += action->verify != NULL || action->blank != NULL;
    if (action->verify != NULL)
        return probe_verify(machine, action->address, image->bytes, image->size, err);
    if (action->blank != NULL)
        return probe_check_blank(machine, action->address, action->size, err);
    return probe_restart(session, (enum restart)action->reset, err);
}

static void step_probe(struct session *session, const struct scenario_step *step, const char *where)
{
    struct error err = {""};
    bool attached = false;
    if (!machine_is_powered(session->machine)) {
        session_fail(session, "%s: the probe finds no chip: the supply is below its brown-out level", where);
        return;
    }
    for (uint32_t i = 0; i < step->probe_count; i++) {
        if (probe_action(session, &step->probe[i], &attached, &err) != TB_OK) {
            session_fail(session, "%s: %s", where, err.text);
            break;
        }
    }
    if (attached && probe_detach(session->machine, &err) != TB_OK && !session_is_over(session))
        session_fail(session, "%s: %s", where, err.text);
}

/* --- all --------------------------------------------------------------------------------------- */

static void step_act(struct session *session, const struct scenario_step *step, const char *where)
{
    judge_mark(&session->judge);
    if (step->power == RESTART_NONE && step->reset == RESTART_NONE && step->supply == NULL) /* those ask for nothing */
        judge_ask(&session->judge);
    if (step->send != NULL)
        step_send(session, step->send, where);
    else if (step->type != NULL)
        type_text(session, step->type->serial, step->type->text, where);
    else if (step->power != RESTART_NONE)
        session_power_cycle(session);
    else if (step->reset != RESTART_NONE)
        machine_reset(session->machine, RESET_PIN);
    else if (step->supply != NULL)
        step_supply(session, step->supply);
    else if (step->pin != NULL)
        step_pin(session, step->pin, where);
    else if (step->corrupt != NULL)
        step_corrupt(session, step->corrupt, where);
    else
        step_probe(session, step, where);
}

void step_run(struct session *session, const struct scenario_step *step)
{
    char where[32];
    snprintf(where, sizeof where, "line %u", step->line);
    if (step->wait != NULL)
        step_wait(session, step->wait, where);
    else if (step->wait_time != NULL)
        wait_time(session, step->wait_time_ps);
    else if (step->expect != NULL)
        checks_run(session, step->expect, where);
    else
        step_act(session, step, where);
}
