/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/option_bytes.h"

#include <stdio.h>
#include <string.h>

static const char *const wrp_names[] = {"WRP1A", "WRP1B", "WRP2A", "WRP2B"};
_Static_assert(ARRAY_LENGTH(wrp_names) == ARRAY_LENGTH(((struct start_options *)0)->wrp), "an area has no name");

/** A field of the option words and what it shall be. */
struct choice {
    char name[16];
    uint32_t value;
};

#define CHOICES_MAX (3u + 2u * ARRAY_LENGTH(wrp_names))

static void add_value(struct choice *choices, uint32_t *count, const char *name, int written)
{
    if (written == OPTION_AS_FACTORY)
        return;
    choices[*count].value = (uint32_t)(written - OPTION_IS_0);
    snprintf(choices[(*count)++].name, sizeof choices->name, "%s", name);
}

static uint32_t list_choices(const struct start_options *options, struct choice choices[CHOICES_MAX])
{
    uint32_t count = 0;
    add_value(choices, &count, "BFB2", options->bfb2);
    add_value(choices, &count, "BOR_LEV", options->bor_lev);
    add_value(choices, &count, "IWDG_SW", options->iwdg_sw);
    for (uint32_t i = 0; i < ARRAY_LENGTH(wrp_names); i++) {
        if (options->wrp[i] == NULL)
            continue;
        choices[count].value = options->wrp[i]->first;
        snprintf(choices[count++].name, sizeof choices->name, "%s_STRT", wrp_names[i]);
        choices[count].value = options->wrp[i]->last;
        snprintf(choices[count++].name, sizeof choices->name, "%s_END", wrp_names[i]);
    }
    return count;
}

static const struct chip_option *find_field(const struct chip *chip, const char *name)
{
    for (uint32_t i = 0; i < chip->option_count; i++)
        if (strcmp(chip->options[i].name, name) == 0)
            return &chip->options[i];
    return NULL;
}

static enum status check_area(struct loader *loader, const char *name, const struct start_wrp *area)
{
    const struct flash_layout *layout = &loader->scenario->layout;
    uint32_t last_page = layout->bank_size / layout->erase_size - 1u;
    char key[16];
    snprintf(key, sizeof key, "%s.last", name);
    if (area->last > last_page)
        return loader_refuse(loader, key, "page %u is in no bank; expected 0 to %u", area->last, last_page);
    if (area->first <= area->last)
        return TB_OK;
    snprintf(key, sizeof key, "%s.first", name);
    return loader_refuse(loader, key, "first page %u behind the last one; expected 0 to %u", area->first, area->last);
}

enum status option_bytes_check(struct loader *loader, const struct start_options *options)
{
    const struct chip *chip = loader->scenario->board->chip;
    struct choice choices[CHOICES_MAX];
    enum status status = TB_OK;
    WHERE(loader, "start.options");
    for (uint32_t i = 0; status == TB_OK && i < ARRAY_LENGTH(wrp_names); i++)
        if (options->wrp[i] != NULL)
            status = check_area(loader, wrp_names[i], options->wrp[i]);
    for (uint32_t i = 0, count = list_choices(options, choices); status == TB_OK && i < count; i++)
        if (find_field(chip, choices[i].name) == NULL)
            status = loader_refuse(loader, "", "%s has no option %s; expected options of this chip", chip->name,
                                   choices[i].name);
    return status;
}

enum status option_bytes_load(struct machine *machine, const struct chip *chip, const struct start_options *options,
                              struct error *err)
{
    struct choice choices[CHOICES_MAX];
    enum status status = TB_OK;
    for (uint32_t i = 0, count = list_choices(options, choices); status == TB_OK && i < count; i++) {
        const struct chip_option *field = find_field(chip, choices[i].name);
        TB_ASSERT(field != NULL); /* the loader has refused others */
        uint32_t words[2], mask = ((1u << field->width) - 1u) << field->bit;
        status = machine_peek(machine, field->address, words, sizeof words, err);
        words[0] = (words[0] & ~mask) | (choices[i].value << field->bit & mask);
        words[1] = ~words[0];
        if (status == TB_OK)
            status = machine_load(machine, field->address, words, sizeof words, err);
    }
    return status;
}
