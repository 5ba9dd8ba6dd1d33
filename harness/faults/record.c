/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/faults/record.h"

#include <stdlib.h>
#include <string.h>

static struct leg_op *append(struct op_list *list)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? 2u * list->capacity : 1024u;
        struct leg_op *grown = realloc(list->ops, list->capacity * sizeof *grown);
        TB_ASSERT(grown != NULL); /* a record with holes would make wrong verdicts */
        list->ops = grown;
    }
    struct leg_op *op = &list->ops[list->count++];
    memset(op, 0, sizeof *op);
    return op;
}

static enum op_gate_answer on_op(void *context, const struct op *op)
{
    struct recorder *recorder = context;
    struct leg_op *entry = append(&recorder->list);
    entry->op = *op;
    const struct session *session = recorder->session;
    entry->time_ps = session->past_ps + machine_time_ps(session->machine);
    entry->instructions = session->past_instructions + machine_instructions(session->machine);
    entry->end_ps = entry->end_instructions = UINT64_MAX;
    entry->pc = machine_pc(session->machine);
    entry->number = ++recorder->counts[op->kind];
    entry->step = (uint16_t)session->step;
    entry->asked = session->judge.never_back.run.asked;
    entry->said = session->judge.never_back.run.said;
    entry->event = LEG_OP_OPEN;
    bool is_hit = recorder->cut_kind == op->kind && recorder->cut_number == entry->number;
    recorder->cut_done |= is_hit;
    if (recorder->cut_once)
        return is_hit ? recorder->cut_answer : OP_GATE_CONTINUE;
    return recorder->cut_done ? OP_GATE_CUT : OP_GATE_CONTINUE;
}

static void on_event(void *context, const struct obs *obs)
{
    struct recorder *recorder = context;
    const struct session *session = recorder->session;
    struct op_list *list = &recorder->list;
    if (list->count > 0 && (obs->kind == OBS_OP_COMMIT || obs->kind == OBS_OP_ABORT)) {
        list->ops[list->count - 1u].end_ps = session->past_ps + obs->time_ps;
        list->ops[list->count - 1u].end_instructions = session->past_instructions + obs->instructions;
    }
    if (obs->kind == OBS_OP_COMMIT && list->count > 0) {
        list->ops[list->count - 1u].event = LEG_OP_DONE;
    } else if (obs->kind == OBS_OP_ABORT && list->count > 0) {
        list->ops[list->count - 1u].event = LEG_OP_RESET;
        recorder->reset_noted = true;
    } else if (obs->kind == OBS_RESET) {
        /* the first power-on begins the run; one in the middle of it draws modes as a reset does */
        if (!recorder->reset_noted && (obs->a != RESET_POWER_ON || recorder->power_ons > 0))
            append(list)->event = LEG_RESET;
        recorder->reset_noted = false;
        recorder->power_ons += obs->a == RESET_POWER_ON;
    }
}

void recorder_restart(struct recorder *recorder)
{
    recorder->list.count = 0;
    memset(recorder->counts, 0, sizeof recorder->counts);
    recorder->reset_noted = false;
    recorder->power_ons = 0;
    recorder->cut_number = 0;
    recorder->cut_done = recorder->cut_once = false;
}

void recorder_attach(struct recorder *recorder, const struct session *session)
{
    recorder->session = session;
    recorder_restart(recorder);
    machine_set_op_gate(session->machine, on_op, recorder);
    machine_add_observer(session->machine, OBS_BIT(OBS_OP_COMMIT) | OBS_BIT(OBS_OP_ABORT) | OBS_BIT(OBS_RESET),
                         on_event, recorder);
}

void recorder_detach(struct recorder *recorder)
{
    machine_set_op_gate(recorder->session->machine, NULL, NULL);
    machine_remove_observer(recorder->session->machine, on_event, recorder);
}

void op_list_free(struct op_list *list)
{
    free(list->ops);
    memset(list, 0, sizeof *list);
}

void op_list_play(const struct op_list *list, uint32_t first, uint32_t last, struct world *world, uint8_t *erased)
{
    for (uint32_t i = first; i < last; i++) {
        const struct leg_op *entry = &list->ops[i];
        if (entry->event == LEG_OP_DONE) {
            world_complete(world, &entry->op);
            uint32_t page = world_index(world, entry->op.store, entry->op.offset) / FRAME_CELLS;
            for (uint32_t k = 0; erased != NULL && op_is_erase(&entry->op) && k < entry->op.length / FRAME_SIZE; k++)
                erased[page + k] = 1;
        } else if (entry->event == LEG_OP_RESET) {
            world_cut(world, &entry->op, op_reset_tear(&entry->op), op_reset_seed(&entry->op, world->seed));
        } else if (entry->event == LEG_RESET) {
            world_cut(world, NULL, TEAR_OLD, 0);
        }
    }
}

const char *op_kind_name(enum op_kind kind)
{
    static const char *const names[] = {"program", "erase", "option-erase", "option-program"};
    return names[kind];
}
