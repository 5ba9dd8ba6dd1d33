/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What the tests of mistakes share: a board with the mistaken firmware in one bank or both, and what it left.
 */
#ifndef TWINBANK_TESTS_MISTAKES_BOARD_H
#define TWINBANK_TESTS_MISTAKES_BOARD_H

#include "mistakes/cases.h"
#include "whole.h"

#define MISTAKES FIRMWARE("mistakes")

#define BANK_1_BASE  0x08000000u
#define BANK_2_BASE  0x08080000u
#define BANK_BYTES   0x00080000u
#define OPTR_FACTORY 0xffeff8aau /* as read back from a NUCLEO-L476RG: BFB2 = 0, nBOOT1 = 1 */
#define OPTR_BFB2    0x00100000u /* RM0351 3.7.8 */
#define OPTR_nBOOT1  0x00800000u

/** What was observed since mistakes_board(); of erases the last one. */
struct mistakes_log {
    unsigned erases, aborted, guest_errors;
    uint32_t erase_offset;
    uint64_t erase_begin_ps, erase_end_ps;
    uint64_t erase_begin_instructions, erase_end_instructions;
};
extern struct mistakes_log mistakes_log;

/** A board without power whose option word OPTR is `optr`. */
struct machine *mistakes_board(uint32_t optr);
/** The same with one of the chip's knobs turned. */
struct machine *mistakes_board_with(uint32_t optr, const struct machine_knob *knob);
/** The firmware, about to make this mistake, in bank 1 or 2; its version is the bank's number. */
void mistakes_load(struct machine *machine, unsigned bank, enum mistake mistake, uint32_t argument);
/** The same of another ELF file, whose addresses are moved by `offset`. */
void mistakes_load_elf(struct machine *machine, const char *elf, uint32_t offset, enum mistake mistake,
                       uint32_t argument, uint32_t version);
/** Factory programming of one double word, at an address of the unswapped map; and what it reads. */
void mistakes_mark(struct machine *machine, uint32_t address, uint64_t value);
uint64_t mistakes_cell(struct machine *machine, uint32_t address);

void mistakes_run_ms(struct machine *machine, uint64_t duration_ms);
/** A debugger's accesses; the machine is halted. */
void mistakes_poke(struct machine *machine, uint32_t address, unsigned size, uint32_t value);
uint32_t mistakes_peek(struct machine *machine, uint32_t address);

/** Traces of the firmware: mistakes/main.c. */
void mistakes_assert_done(struct machine *machine);
uint32_t mistakes_value(struct machine *machine, unsigned index);
uint32_t mistakes_boots(struct machine *machine);
uint32_t mistakes_boot_bank(struct machine *machine, unsigned boot);
uint32_t mistakes_boot_csr(struct machine *machine, unsigned boot);

#endif
