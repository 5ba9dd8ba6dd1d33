/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What whole-machine tests share: a board with a test firmware in it, and reading its variables.
 */
#ifndef TWINBANK_TESTS_WHOLE_H
#define TWINBANK_TESTS_WHOLE_H

#include "sim/machine.h"

#include <check.h>

/** A test firmware image: an ELF file of harness/tests/firmware. */
#define FIRMWARE(name) TEST_FIRMWARE_DIR "/" name ".elf"

/** A powered-on NUCLEO-L476RG with the ELF's parts at their addresses plus offset. */
struct machine *whole_start(const char *elf);
/** The same, still without power, so that more can be loaded. */
struct machine *whole_create(void);
/** With one of the chip's knobs turned; NULL: none. */
struct machine *whole_create_with(const struct machine_knob *knob);
void whole_load(struct machine *machine, const char *elf, uint32_t offset);

uint32_t whole_symbol(const char *elf, const char *symbol);
uint32_t whole_word(struct machine *machine, uint32_t address);
void whole_read(struct machine *machine, uint32_t address, void *bytes, uint32_t size);
uint32_t whole_variable(struct machine *machine, const char *elf, const char *symbol);

/** Runs to this count of instructions, nothing else ends it. */
void whole_run_to(struct machine *machine, uint64_t instructions);
/** Runs until the variable has this value, looking every 100,000 instructions; false: never. */
bool whole_run_until(struct machine *machine, const char *elf, const char *symbol, uint32_t value,
                     uint64_t most_instructions);

/** Runs a suite as main() of a test program. */
int whole_main(Suite *suite);

#endif
