/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What the engine wrapper must know of Thumb-2 encodings: lengths, what ends a linear run, and what needs attention
 * before it executes. Encodings: ARM DDI 0403E, A5 and A7.
 */
#ifndef TWINBANK_SIM_CPU_DECODE_H
#define TWINBANK_SIM_CPU_DECODE_H

#include "base.h"

/** Reads the half-word of code at an address. */
typedef uint16_t (*code_reader)(void *context, uint32_t address);

/**
 * True if the instruction ends a linear run: control flow, MSR, CPS, ISB, SVC, WFI, WFE. Every such instruction also
 * ends a translated block, so that a run never ends inside one.
 */
bool decode_ends_run(uint16_t first, uint16_t second);

/** Address behind the linear run that contains the instruction at pc: behind the instruction that ends it, or at the
 * end of the 1 KiB page. */
uint32_t decode_run_end(uint32_t pc, code_reader read, void *context);

/* Properties of a block that make the block hook look twice. */
#define BLOCK_SELF_LOOP (1u << 31) /* b . */
#define BLOCK_FP        (1u << 30) /* uses coprocessor 10 or 11 */
#define BLOCK_DIVIDE    (1u << 29) /* SDIV or UDIV */
#define BLOCK_EXCLUSIVE (1u << 28) /* LDREX family: the monitor may be open afterwards */
#define BLOCK_SEV       (1u << 27) /* sets the event register */
#define BLOCK_MASKS     (1u << 26) /* MSR to BASEPRI or FAULTMASK, CPSID f: the engine knows the rules only in part */

#define BLOCK_INTRICATE (1u << 15) /* an IT block, or an instruction that accesses memory more than once */

/** Instructions in [start, end), and the union of their BLOCK_* properties. */
uint32_t decode_block(uint32_t start, uint32_t end, code_reader read, void *context, uint32_t *properties);

/** BLOCK_* property of one instruction (BLOCK_SELF_LOOP only for the 16-bit form). */
uint32_t decode_property(uint16_t first, uint16_t second);

/**
 * True if executing [start, stop) from another virtual address gives the same result: no instruction reads the PC as
 * data, and the stop is not inside an IT block.
 */
bool decode_is_relocatable(uint32_t start, uint32_t stop, code_reader read, void *context);

#endif
