/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/list.h"

#include "harness/knobs.h"
#include "harness/text.h"
#include "sim/chip.h"
#include "sim/device.h"

#include <string.h>

static void list_boards(void)
{
    for (const struct board *const *board = all_boards; *board != NULL; board++) {
        printf("%s  chip %s, serial ports:", (*board)->name, (*board)->chip->name);
        for (uint32_t i = 0; i < (*board)->serial_count; i++)
            printf(" %s", (*board)->serials[i].name);
        printf(", pins:");
        for (uint32_t i = 0; i < (*board)->pin_count; i++)
            printf(" %s=%s", (*board)->pins[i].name, (*board)->pins[i].pin);
        putchar('\n');
    }
}

static bool chip_came_before(const struct board *const *board)
{
    for (const struct board *const *earlier = all_boards; earlier != board; earlier++)
        if ((*earlier)->chip == (*board)->chip)
            return true;
    return false;
}

static void list_chips(void)
{
    for (const struct board *const *board = all_boards; *board != NULL; board++) {
        const struct chip *chip = (*board)->chip;
        if (chip_came_before(board))
            continue;
        printf("%s  %s, %u peripherals modelled, %u named as not modelled\n", chip->name,
               chip->cpu == CPU_CORTEX_M4F ? "Cortex-M4F" : "Cortex-M0+", chip->device_count, chip->gap_count);
    }
}

static void list_models(void)
{
    for (const struct board *const *board = all_boards; *board != NULL; board++) {
        const struct chip *chip = (*board)->chip;
        if (chip_came_before(board))
            continue;
        for (uint32_t i = 0; i < chip->device_count; i++)
            printf("%s  %s at 0x%08x, %u registers, model %s\n", chip->name, chip->devices[i].name,
                   chip->devices[i].base, chip->devices[i].model->reg_count, chip->devices[i].model->name);
        for (uint32_t i = 0; i < chip->gap_count; i++)
            printf("%s  %s at 0x%08x, not modelled\n", chip->name, chip->gaps[i].name, chip->gaps[i].base);
    }
}

static void list_knobs(void)
{
    for (const struct board *const *board = all_boards; *board != NULL; board++)
        if (!chip_came_before(board))
            knobs_print(stdout, (*board)->chip);
}

enum status list_command(const struct options *options, struct error *err)
{
    static const struct {
        const char *name;
        void (*list)(void);
    } lists[] = {{"boards", list_boards}, {"chips", list_chips}, {"models", list_models}, {"knobs", list_knobs}};
    const char *best = NULL;
    unsigned distance = 0;
    if (options->word_count != 1)
        return error_set(err, TB_ERR_INPUT, "list: %u words; expected one of: boards, chips, models, knobs",
                         options->word_count);
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        nearest_word(options->words[0], lists[i].name, &best, &distance);
        if (strcmp(options->words[0], lists[i].name) == 0) {
            lists[i].list();
            return TB_OK;
        }
    }
    return error_set(err, TB_ERR_INPUT, "list: no list of '%.60s'%s; expected one of: boards, chips, models, knobs",
                     options->words[0], did_you_mean(best, distance));
}
