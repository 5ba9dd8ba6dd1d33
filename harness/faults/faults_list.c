/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What can be hit, and how it is called. */
#include "harness/faults/faults.h"
#include "harness/faults/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA_BITS 64u
#define CELL_BITS 72u

static const char *const line_names[LINE_FAULTS] = {"good", "lost", "doubled", "corrupted"};
static const char *const way_names[LINE_WAYS] = {"byte", "answer"};

static const char *reset_name(uint32_t kind)
{
    return kind == RESET_PIN ? "pin-reset" : "watchdog-reset";
}

/* --- making the list --------------------------------------------------------------------------- */

static void append(struct fault_list *list, struct fault fault)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? 2u * list->capacity : 1024u;
        struct fault *grown = realloc(list->faults, list->capacity * sizeof *grown);
        TB_ASSERT(grown != NULL); /* a sweep cannot go on without memory */
        list->faults = grown;
    }
    list->faults[list->count++] = fault;
}

static uint64_t lot(const struct fault *fault, uint64_t seed)
{
    uint64_t key = mix64((uint64_t)fault->kind << 32 | (uint32_t)fault->what << 24 | (uint32_t)fault->way << 16 |
                         (uint32_t)fault->op_kind << 8 | fault->tear);
    key = mix64(key ^ ((uint64_t)fault->bits[0] << 8 | fault->bits[1]));
    return mix64(seed ^ mix64(key ^ ((uint64_t)fault->number << 32 | fault->address)));
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/** Keeps `sample` (0: all) of the faults from `from` on, in their order. */
static void draw(struct fault_list *list, uint32_t from, uint64_t sample, uint64_t seed)
{
    uint32_t count = list->count - from, kept = from;
    if (sample == 0 || sample >= count)
        return;
    uint64_t *lots = malloc(count * sizeof *lots);
    TB_ASSERT(lots != NULL);
    for (uint32_t i = 0; i < count; i++)
        lots[i] = lot(&list->faults[from + i], seed);
    qsort(lots, count, sizeof *lots, by_value);
    for (uint32_t i = from; i < list->count; i++)
        if (lot(&list->faults[i], seed) <= lots[sample - 1u])
            list->faults[kept++] = list->faults[i];
    list->count = kept;
    free(lots);
}

static void add_bytes(struct fault_list *list, const struct plan *plan, const struct fault_bytes *bytes, uint8_t way)
{
    for (uint32_t step = 0; step < plan->scenario->steps_count; step++)
        for (uint64_t n = plan->marks[step].bytes[way] + 1u; n <= plan->marks[step + 1u].bytes[way]; n++)
            for (uint32_t what = LINE_LOST; what < (uint32_t)LINE_FAULTS; what++)
                if ((bytes->kind_mask & 1u << what) != 0)
                    append(list, (struct fault){.kind = FAULT_BYTE,
                                                .what = (uint8_t)what,
                                                .way = way,
                                                .number = (uint32_t)n,
                                                .step = step});
}

static void add_cable(struct fault_list *list, const struct plan *plan, const struct fault_cable *cable)
{
    uint32_t number = 1, step = 0;
    for (uint64_t at_ps = plan->first_ps; at_ps < plan->end_ps; at_ps += cable->every_ps, number++) {
        while (step + 1u < plan->scenario->steps_count && at_ps >= plan->marks[step + 1u].time_ps)
            step++;
        append(list, (struct fault){.kind = FAULT_CABLE, .number = number, .step = step});
    }
}

static bool is_asked_for(const struct leg_op *op, uint32_t at_mask)
{
    static const uint32_t kinds[] = {
        [OP_PROGRAM] = CUT_AT_PROGRAM,
        [OP_ERASE] = CUT_AT_ERASE,
        [OP_OPTION_ERASE] = CUT_AT_OPTION,
        [OP_OPTION_PROGRAM] = CUT_AT_OPTION,
    };
    return op->event != LEG_RESET && (at_mask & kinds[op->op.kind]) != 0;
}

static void add_resets(struct fault_list *list, const struct plan *plan, const struct fault_resets *resets,
                       uint32_t at_mask)
{
    for (uint32_t i = plan->first; i < plan->list.count; i++) {
        const struct leg_op *op = &plan->list.ops[i];
        for (int tear = 0; tear < TEAR_COUNT && is_asked_for(op, at_mask); tear++)
            for (uint32_t k = 0; k < resets->kinds_count; k++)
                if (tear_fits((enum tear)tear, op_is_erase(&op->op)) && (resets->tear_mask & 1u << tear) != 0)
                    append(list, (struct fault){.kind = FAULT_RESET,
                                                .what = (uint8_t)resets->kinds[k],
                                                .op_kind = (uint8_t)op->op.kind,
                                                .tear = (uint8_t)tear,
                                                .number = op->number,
                                                .step = op->step});
    }
}

static void add_op_errors(struct fault_list *list, const struct plan *plan, uint32_t at_mask)
{
    for (uint32_t i = plan->first; i < plan->list.count; i++) {
        const struct leg_op *op = &plan->list.ops[i];
        if (is_asked_for(op, at_mask))
            append(list, (struct fault){.kind = FAULT_OP_ERROR,
                                        .op_kind = (uint8_t)op->op.kind,
                                        .number = op->number,
                                        .step = op->step});
    }
}

static void add_flips(struct fault_list *list, const struct plan *plan, const struct fault_flips *flips)
{
    uint64_t seed = mix64(plan->scenario->seed_value ^ 0x666c6970u);
    for (uint32_t address = flips->address; address < flips->address + flips->size; address += 8u) {
        for (uint8_t bit = 0; bit < CELL_BITS; bit++) {
            struct fault fault = {.kind = FAULT_FLIP,
                                  .bits = {bit, NO_BIT},
                                  .address = address,
                                  .step = flips->when == FLIP_AFTER ? plan->scenario->steps_count : 0};
            if ((flips->bits_mask & (bit < DATA_BITS ? FLIP_DATA : FLIP_CHECK)) != 0)
                append(list, fault);
            if ((flips->bits_mask & FLIP_DOUBLE) == 0)
                continue;
            uint64_t other = mix64(seed ^ ((uint64_t)address << 8 | bit)) % (CELL_BITS - 1u);
            fault.bits[1] = (uint8_t)((bit + 1u + other) % CELL_BITS);
            append(list, fault);
        }
    }
}

void faults_list_make(struct fault_list *list, const struct plan *plan, uint64_t sample, uint64_t seed)
{
    const struct faults *faults = plan->scenario->faults;
    uint64_t own = plan->scenario->seed_value;
    memset(list, 0, sizeof *list);
    uint32_t from = 0;
    for (uint8_t way = 0; faults->bytes != NULL && way < LINE_WAYS; way++) {
        if ((faults->bytes->way_mask & 1u << way) != 0)
            add_bytes(list, plan, faults->bytes, way);
        draw(list, from, faults->bytes->sample, own);
        from = list->count;
    }
    if (faults->cable != NULL) {
        add_cable(list, plan, faults->cable);
        draw(list, from, faults->cable->sample, own);
        from = list->count;
    }
    if (faults->flips != NULL) {
        add_flips(list, plan, faults->flips);
        draw(list, from, faults->flips->sample, own);
        from = list->count;
    }
    for (uint32_t at = CUT_AT_PROGRAM; at <= CUT_AT_OPTION; at <<= 1) { /* else programs would leave no room */
        if (faults->resets != NULL && (faults->resets->at_mask & at) != 0) {
            add_resets(list, plan, faults->resets, at);
            draw(list, from, faults->resets->sample, own);
            from = list->count;
        }
        if (faults->op_errors != NULL && (faults->op_errors->at_mask & at) != 0) {
            add_op_errors(list, plan, at);
            draw(list, from, faults->op_errors->sample, own);
            from = list->count;
        }
    }
    draw(list, 0, sample, seed);
}

void faults_list_free(struct fault_list *list)
{
    free(list->faults);
    memset(list, 0, sizeof *list);
}

uint32_t faults_chunk_count(const struct fault_list *list)
{
    return (list->count + FAULTS_PER_CHUNK - 1u) / FAULTS_PER_CHUNK;
}

/* --- names ------------------------------------------------------------------------------------- */

static const char *bit_text(uint8_t bit, char text[12])
{
    snprintf(text, 12, "%s%u", bit < DATA_BITS ? "bit" : "check", bit < DATA_BITS ? bit : bit - DATA_BITS);
    return text;
}

void fault_name(char *text, size_t size, const struct fault *fault)
{
    char first[12], second[12];
    switch ((enum fault_kind)fault->kind) {
    case FAULT_BYTE:
        snprintf(text, size, "%s#%u/%s", way_names[fault->way], fault->number, line_names[fault->what]);
        break;
    case FAULT_CABLE:
        snprintf(text, size, "cable#%u", fault->number);
        break;
    case FAULT_RESET:
        snprintf(text, size, "%s@%s#%u/%s%s", reset_name(fault->what), op_kind_name((enum op_kind)fault->op_kind),
                 fault->number, tear_name((enum tear)fault->tear), fault->tear == TEAR_PARTIAL ? ":1" : "");
        break;
    case FAULT_FLIP:
        snprintf(text, size, "flip@0x%08x/%s%s%s", fault->address, bit_text(fault->bits[0], first),
                 fault->bits[1] != NO_BIT ? "+" : "", fault->bits[1] != NO_BIT ? bit_text(fault->bits[1], second) : "");
        break;
    case FAULT_OP_ERROR:
        snprintf(text, size, "op-error@%s#%u", op_kind_name((enum op_kind)fault->op_kind), fault->number);
        break;
    }
}

void fault_classes(const struct fault *fault, const char **kind, const char **class_name)
{
    switch ((enum fault_kind)fault->kind) {
    case FAULT_BYTE:
        *kind = fault->way == LINE_TO_BOARD ? "byte to the board" : "byte from the board";
        *class_name = line_names[fault->what];
        break;
    case FAULT_CABLE:
        *kind = "cable";
        *class_name = "out";
        break;
    case FAULT_RESET:
        *kind = reset_name(fault->what);
        *class_name = tear_name((enum tear)fault->tear);
        break;
    case FAULT_FLIP:
        *kind = "flip";
        *class_name = fault->bits[1] != NO_BIT ? "double" : fault->bits[0] < DATA_BITS ? "data" : "check";
        break;
    case FAULT_OP_ERROR:
        *kind = "op-error";
        *class_name = op_kind_name((enum op_kind)fault->op_kind);
        break;
    }
}

/* --- parsing ----------------------------------------------------------------------------------- */

/** What follows `start` in text; NULL if text does not begin so. */
static const char *behind(const char *text, const char *start)
{
    size_t length = strlen(start);
    return strncmp(text, start, length) == 0 ? text + length : NULL;
}

static bool parse_byte(struct fault *fault, const char *text)
{
    char number[16];
    const char *slash = strchr(text, '/');
    fault->kind = FAULT_BYTE;
    snprintf(number, sizeof number, "%.*s", (int)strcspn(text, "/"), text);
    for (uint8_t what = LINE_LOST; slash != NULL && what < LINE_FAULTS; what++)
        if (strcmp(slash + 1, line_names[what]) == 0)
            fault->what = what;
    return fault->what != LINE_GOOD && parse_number(number, &fault->number) == TB_OK && fault->number > 0;
}

static bool parse_bit(const char *text, uint8_t *bit)
{
    uint32_t number, first = 0, limit = DATA_BITS;
    const char *digits = behind(text, "bit");
    if (digits == NULL) {
        digits = behind(text, "check");
        first = DATA_BITS;
        limit = CELL_BITS - DATA_BITS;
    }
    if (digits == NULL || parse_number(digits, &number) != TB_OK || number >= limit)
        return false;
    *bit = (uint8_t)(first + number);
    return true;
}

static bool parse_flip(struct fault *fault, const char *text)
{
    char address[16], bit[16];
    const char *slash = strchr(text, '/'), *plus = strchr(text, '+');
    fault->kind = FAULT_FLIP;
    fault->bits[1] = NO_BIT;
    if (slash == NULL || (plus != NULL && plus < slash))
        return false;
    snprintf(address, sizeof address, "%.*s", (int)(slash - text), text);
    snprintf(bit, sizeof bit, "%.*s", (int)strcspn(slash + 1, "+"), slash + 1);
    return parse_number(address, &fault->address) == TB_OK && fault->address % 8u == 0 &&
           parse_bit(bit, &fault->bits[0]) && (plus == NULL || parse_bit(plus + 1, &fault->bits[1])) &&
           fault->bits[0] != fault->bits[1];
}

static bool parse_reset(struct fault *fault, const char *text, enum reset_kind kind)
{
    struct named_cut cut;
    if (!cut_parse(text, &cut) || cut.at_end || cut.cut.seed != 1u)
        return false;
    fault->kind = FAULT_RESET;
    fault->what = (uint8_t)kind;
    fault->op_kind = (uint8_t)cut.kind;
    fault->number = cut.number;
    fault->tear = cut.cut.tear;
    return true;
}

static bool parse_op_error(struct fault *fault, const char *text)
{
    const char *program = behind(text, "program#"), *erase = behind(text, "erase#");
    fault->kind = FAULT_OP_ERROR;
    fault->op_kind = program != NULL ? OP_PROGRAM : OP_ERASE;
    const char *number = program != NULL ? program : erase;
    return number != NULL && parse_number(number, &fault->number) == TB_OK && fault->number > 0;
}

enum status fault_parse(struct fault *fault, const char *id, struct error *err)
{
    const char *rest;
    bool good = false;
    memset(fault, 0, sizeof *fault);
    if ((rest = behind(id, "byte#")) != NULL) {
        good = parse_byte(fault, rest);
    } else if ((rest = behind(id, "answer#")) != NULL) {
        fault->way = LINE_FROM_BOARD;
        good = parse_byte(fault, rest);
    } else if ((rest = behind(id, "cable#")) != NULL) {
        fault->kind = FAULT_CABLE;
        good = parse_number(rest, &fault->number) == TB_OK && fault->number > 0;
    } else if ((rest = behind(id, "pin-reset@")) != NULL) {
        good = parse_reset(fault, rest, RESET_PIN);
    } else if ((rest = behind(id, "watchdog-reset@")) != NULL) {
        good = parse_reset(fault, rest, RESET_IWDG);
    } else if ((rest = behind(id, "flip@")) != NULL) {
        good = parse_flip(fault, rest);
    } else if ((rest = behind(id, "op-error@")) != NULL) {
        good = parse_op_error(fault, rest);
    }
    return good ? TB_OK
                : error_set(err, TB_ERR_INPUT,
                            "--case: '%.80s' is no case; expected a fault as in byte#12/lost, answer#3/doubled, "
                            "cable#4, pin-reset@erase#37/partial:1, flip@0x08004010/bit5 or op-error@program#12",
                            id);
}
