/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Typed from ARM DDI 0403E by hand. Included in test_exceptions.c only. */
/* clang-format off */

/* LDRD and LDM never support unaligned addresses: A3.2.1, whatever CCR.UNALIGN_TRP says. */
FAULT(UNALIGNED_LDRD, 0u, 6u, 0x01000000u, 0u, "probe_unaligned_ldrd_at", 0u, 0u, "A3.2.1"),
FAULT(UNALIGNED_LDM, 0u, 6u, 0x01000000u, 0u, "probe_unaligned_ldm_at", 0u, 0u, "A3.2.1"),
/* UDIV by zero with CCR.DIV_0_TRP. */
FAULT(DIVBYZERO, 0u, 6u, 0x02000000u, 0u, "probe_divide_at", 0u, 0u, "A7.7.195"),
/* A floating-point instruction with CPACR denying access. */
FAULT(NOCP, 0u, 6u, 0x00080000u, 0u, "probe_fp_disabled_at", 0u, 0u, "B3.2.20"),
/* A word load from an odd address with CCR.UNALIGN_TRP. */
FAULT(UNALIGN_TRAP, 0u, 6u, 0x01000000u, 0u, "probe_unaligned_ldr_at", 0u, 0u, "A3.2.1"),
/* Lazy state preservation: space is reserved on entry, filled at the first FP instruction. */
VALUE(FP_LAZY, 0u, 9u, "FPCCR.LSPACT and THREAD on entry from a thread", "B1.5.7"),
VALUE(FP_LAZY, 3u, 0u, "FPCCR.LSPACT after the handler's first FP instruction", "B1.5.7"),
VALUE(FP_NEW_CONTEXT, 0u, 9u, "FPCCR.LSPACT and THREAD on entry from a thread", "B1.5.7"),
