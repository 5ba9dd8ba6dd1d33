/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "whole.h"

#include "sim/loader.h"

#include <stdlib.h>

static void must(enum status status, const struct error *err)
{
    ck_assert_msg(status == TB_OK, "%s", err->text);
}

struct machine *whole_create(void)
{
    return whole_create_with(NULL);
}

struct machine *whole_create_with(const struct machine_knob *knob)
{
    const struct board *board = board_find("nucleo-l476rg");
    ck_assert_msg(board != NULL, "this build has no board nucleo-l476rg");
    struct machine_config config = {
        .seed = 1, .ram_policy = RAM_NOISE, .knobs = knob, .knob_count = knob != NULL ? 1u : 0u};
    struct error err;
    struct machine *machine = NULL;
    must(machine_create(&machine, board, &config, &err), &err);
    return machine;
}

void whole_load(struct machine *machine, const char *elf, uint32_t offset)
{
    struct image image;
    struct error err;
    must(image_load(&image, elf, 0, &err), &err);
    for (uint32_t i = 0; i < image.part_count; i++) {
        const struct image_part *part = &image.parts[i];
        must(machine_load(machine, part->address + offset, part->bytes, part->size, &err), &err);
    }
    image_free(&image);
}

struct machine *whole_start(const char *elf)
{
    struct machine *machine = whole_create();
    whole_load(machine, elf, 0);
    machine_power_on(machine);
    return machine;
}

uint32_t whole_symbol(const char *elf, const char *symbol)
{
    struct error err;
    uint32_t address = 0;
    uint32_t size = 0;
    must(elf_symbol(elf, symbol, &address, &size, &err), &err);
    return address;
}

void whole_read(struct machine *machine, uint32_t address, void *bytes, uint32_t size)
{
    struct error err;
    must(machine_peek_mapped(machine, address, bytes, size, &err), &err);
}

uint32_t whole_word(struct machine *machine, uint32_t address)
{
    uint32_t word = 0;
    whole_read(machine, address, &word, sizeof word);
    return word;
}

uint32_t whole_variable(struct machine *machine, const char *elf, const char *symbol)
{
    return whole_word(machine, whole_symbol(elf, symbol));
}

void whole_run_to(struct machine *machine, uint64_t instructions)
{
    struct run_limit limit = {.time_ps = TIME_NEVER, .instructions = instructions};
    enum run_end end = machine_run(machine, limit);
    ck_assert_msg(end == RUN_INSTRUCTIONS, "the run ended by %d, not by its instruction limit", (int)end);
    ck_assert_uint_eq(machine_instructions(machine), instructions);
}

bool whole_run_until(struct machine *machine, const char *elf, const char *symbol, uint32_t value,
                     uint64_t most_instructions)
{
    uint32_t address = whole_symbol(elf, symbol);
    uint64_t last = machine_instructions(machine) + most_instructions;
    while (machine_instructions(machine) < last) {
        struct run_limit limit = {.time_ps = TIME_NEVER, .instructions = machine_instructions(machine) + 100000u};
        enum run_end end = machine_run(machine, limit);
        if (whole_word(machine, address) == value)
            return true;
        if (end != RUN_INSTRUCTIONS)
            return false;
    }
    return false;
}

int whole_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
