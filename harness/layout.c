/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/layout.h"

#include "harness/text.h"

#include <string.h>

static const struct store_desc *store_named(const struct chip *chip, const char *name)
{
    for (uint32_t i = 0; name != NULL && i < chip->store_count; i++)
        if (strcmp(chip->stores[i].name, name) == 0)
            return &chip->stores[i];
    return NULL;
}

enum status flash_layout_find(struct flash_layout *layout, const struct chip *chip, struct error *err)
{
    for (uint32_t i = 0; i < chip->window_count; i++) {
        const struct window *window = &chip->windows[i];
        /* the alias at address 0 shows the same store, but nobody programs through it */
        if (window->base == 0 || window->choice_count == 0)
            continue;
        const struct store_desc *store = store_named(chip, window->choices[0].segments[0].store);
        if (store == NULL || store->kind != STORE_FLASH || store->bank_size == 0 || store->size < 2u * store->bank_size)
            continue;
        *layout = (struct flash_layout){
            .store = store->name,
            .window = i,
            .base = window->base,
            .size = store->size,
            .bank_size = store->bank_size,
            .erase_size = store->erase_size,
        };
        return TB_OK;
    }
    return error_set(err, TB_ERR_UNSUPPORTED, "%s has no program flash with two banks", chip->name);
}

enum status board_pin_number(const struct board *board, const char *name, uint32_t *number)
{
    for (uint32_t i = 0; i < board->pin_count; i++)
        if (strcmp(board->pins[i].name, name) == 0)
            name = board->pins[i].pin;
    if (name[0] != 'P' || name[1] < 'A' || name[1] > 'K')
        return TB_ERR_INPUT;
    uint32_t port = (uint32_t)(name[1] - 'A'), pin;
    if (strlen(name) > 4u || parse_number(name + 2, &pin) != TB_OK || pin > 15u)
        return TB_ERR_INPUT;
    *number = port * 16u + pin;
    return TB_OK;
}

uint32_t flash_bank_address(const struct flash_layout *layout, unsigned bank)
{
    return layout->base + (bank - 1u) * layout->bank_size;
}

unsigned flash_bank_shown(const struct flash_layout *layout, const struct chip *chip, uint32_t choice)
{
    const struct window *window = &chip->windows[layout->window];
    if (choice >= window->choice_count)
        return 0;
    const struct segment *first = &window->choices[choice].segments[0];
    if (first->store == NULL || strcmp(first->store, layout->store) != 0)
        return 0;
    return first->store_offset / layout->bank_size + 1u;
}

bool flash_contains(const struct flash_layout *layout, uint32_t address, uint32_t size)
{
    uint32_t offset = address - layout->base;
    return address >= layout->base && offset <= layout->size && size <= layout->size - offset;
}
