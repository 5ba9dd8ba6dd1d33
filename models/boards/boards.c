/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "boards.h"

#include <string.h>

const struct board *const all_boards[] = {
    &board_nucleo_l476rg,
    &board_nucleo_l476rg_mco,
    NULL,
};

const struct board *board_find(const char *name)
{
    for (uint32_t i = 0; all_boards[i] != NULL; i++)
        if (strcmp(all_boards[i]->name, name) == 0)
            return all_boards[i];
    return NULL;
}
