/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Where the emulator is known to differ from the manual: the value DDI 0403E gives, and what happens here instead.
 * docs/fidelity.md lists them for users; whoever removes one moves its row to the rules. Included in test_exceptions.c
 * only.
 */
/* clang-format off */

/* LDRD and LDM never support unaligned addresses (A3.2.1); the engine executes them: no fault is taken. */
LIMIT(UNALIGNED_LDRD, 0u, 1u, 0u, "an unaligned LDRD faults", "A3.2.1"),
LIMIT(UNALIGNED_LDRD, 2u, 0x01000000u, 0u, "with CFSR.UNALIGNED", "B3.2.15"),
LIMIT(UNALIGNED_LDM, 0u, 1u, 0u, "an unaligned LDM faults", "A3.2.1"),
LIMIT(UNALIGNED_LDM, 2u, 0x01000000u, 0u, "with CFSR.UNALIGNED", "B3.2.15"),
/* CCR.UNALIGN_TRP has no effect: setting it is reported as a model gap. */
LIMIT(UNALIGN_TRAP, 0u, 1u, 0u, "a word load from an odd address faults", "A3.2.1"),
LIMIT(UNALIGN_TRAP, 2u, 0x01000000u, 0u, "with CFSR.UNALIGNED", "B3.2.15"),
/* Lazy state preservation: the registers are written on entry, so nothing is ever left to be preserved. */
LIMIT(FP_LAZY, 0u, 9u, 0u, "FPCCR.LSPACT and THREAD on entry from a thread", "B1.5.7"),
LIMIT(FP_NEW_CONTEXT, 0u, 9u, 0u, "FPCCR.LSPACT and THREAD on entry from a thread", "B1.5.7"),
/* The engine sets CONTROL.FPCA whatever FPCCR.ASPEN says; the frame is basic all the same. Clearing ASPEN is a gap. */
LIMIT(FP_OFF, 0u, 0u, 4u, "without ASPEN an FP instruction leaves FPCA clear", "B3.2.21"),
/* The engine starts every new FP context with FPSCR 0. Another FPDSCR is a gap. */
LIMIT(FP_NEW_CONTEXT, 2u, 0x02000000u, 0u, "the handler starts with FPDSCR.DN", "B3.2.23"),
/* Exception stacking is not checked against the MPU. */
LIMIT(MPU_STACKING, 0u, 0x12u, 0x2u, "MemManage first, then the SVCall whose stacking was denied", "B1.5.11"),
LIMIT(MPU_STACKING, 1u, 0x00140010u, 0u, "with CFSR.MSTKERR", "B3.2.15"),

/* XN regions smaller than a page of 1 KiB: the first fetch decides for its page. */
LIMIT(MPU_XN_SMALL, 2u, MPU_NO_FETCH, 0u, "code inside", "B3.5.9"),
LIMIT(MPU_XN_SMALL, 6u, MPU_NO_FETCH, 0u, "code that runs into it", "B3.5.9"),
LIMIT(MPU_XN_SMALL, 8u, MPU_NO_FETCH, 0u, "another page: inside first", "B3.5.9"),
LIMIT(MPU_XN_SMALL, 12u, MPU_NO_FETCH, 0u, "inside again", "B3.5.9"),
LIMIT(MPU_FLASH_SMALL, 7u, MPU_NO_FETCH, 0u, "code with XN", "B3.5.9"),

/* LDRT and STRT are judged by the mode they are executed in, and leave its rights to unprivileged threads. */
LIMIT(MPU_LDRT, 0u, MPU_DENIED, 0u, "AP=1: LDRT", "A4.6"),
LIMIT(MPU_LDRT, 1u, MPU_DENIED, 0u, "STRT", "A4.6"),
LIMIT(MPU_LDRT, 4u, MPU_DENIED, 0u, "STRT", "A4.6"),
LIMIT(MPU_LDRT, 6u, MPU_DENIED, 0u, "no background for LDRT", "B3.5.6"),
LIMIT(MPU_LDRT, 9u, MPU_DENIED, 0u, "a thread without privilege, same page", "B3.5.9"),
LIMIT(MPU_LDRT, 11u, 1u, 0x81u, "unchanged", "B1.5.14"),
LIMIT(MPU_LDRT, 12u, 0x101u, 0x82u, "unchanged", "B1.5.14"),
