/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Typed from ARM DDI 0403E by hand. Included in test_exceptions.c only. */
/* clang-format off */

/* 3 HardFault, 4 MemManage, 5 BusFault, 6 UsageFault: B1.5.2. Status bits: CFSR is MMFSR in bits
 * 7:0, BFSR in 15:8, UFSR in 31:16 (B3.2.15). */
FAULT(UNDEFINSTR, 0u, 6u, 0x00010000u, 0u, "probe_udf_at", 0u, 0u, "B1.5.14"),
VALUE(UNDEFINSTR, 6u, 0x01000000u, "stacked xPSR: T set, no IT bits, no exception", "B1.5.6"),
VALUE(UNDEFINSTR, 7u, 0xfffffff9u, "EXC_RETURN: thread, main stack, basic frame", "B1.5.8"),
VALUE(UNDEFINSTR, 8u, 0x00000008u, "SHCSR.USGFAULTACT alone inside its handler", "B3.2.13"),
VALUE(UNDEFINSTR, 9u, 0u, "CFSR is cleared by writing ones", "B3.2.15"),

/* BX to an even address clears EPSR.T; the instruction at the target faults. */
FAULT(INVSTATE, 0u, 6u, 0x00020000u, 0u, "probe_invstate_target", 0u, 0u, "B1.5.14"),
VALUE(INVSTATE, 6u, 0u, "the stacked T bit is clear", "B1.4.2"),

/* EXC_RETURN 0xfffffff3 is none of the legal ones: the returning exception is deactivated, the
 * fault is entered by tail-chaining with the bad value in LR. */
VALUE(INVPC_VALUE, 0u, 0u, "the returning interrupt is not active in the fault", "B1.5.8"),
VALUE(INVPC_VALUE, 1u, 0x12u, "interrupt, then usage fault, then thread", "B1.5.8"),
VALUE(INVPC_VALUE, 2u, 6u, "the fault is a UsageFault", "B1.5.8"),
VALUE(INVPC_VALUE, 3u, 0x00040000u, "CFSR.INVPC", "B3.2.15"),
VALUE(INVPC_VALUE, 4u, 0u, "HFSR", "B3.2.16"),
VALUE(INVPC_VALUE, 5u, 0xfffffff3u, "LR in the fault handler is the bad EXC_RETURN", "B1.5.8"),
VALUE(INVPC_VALUE, 6u, 0u, "nothing active at the end", "B3.4.8"),

/* To Thread mode while another exception is active and CCR.NONBASETHRDENA is 0. */
VALUE(INVPC_NESTING, 0u, 0x10u, "only the outer interrupt (4) is still active", "B1.5.8"),
VALUE(INVPC_NESTING, 1u, 0x123u, "inner, usage fault, rest of the outer", "B1.5.8"),
VALUE(INVPC_NESTING, 2u, 6u, "the fault is a UsageFault", "B1.5.8"),
VALUE(INVPC_NESTING, 3u, 0x00040000u, "CFSR.INVPC", "B3.2.15"),
VALUE(INVPC_NESTING, 4u, 0u, "HFSR", "B3.2.16"),
VALUE(INVPC_NESTING, 5u, 0xfffffff9u, "LR in the fault handler", "B1.5.8"),
VALUE(INVPC_NESTING, 6u, 0u, "nothing active at the end", "B3.4.8"),

/* Return to Thread mode with a stacked exception number that is not 0. */
VALUE(INVPC_IPSR, 0u, 0u, "the returning interrupt is not active in the fault", "B1.5.8"),
VALUE(INVPC_IPSR, 1u, 0x12u, "interrupt, then usage fault", "B1.5.8"),
VALUE(INVPC_IPSR, 2u, 6u, "the fault is a UsageFault", "B1.5.8"),
VALUE(INVPC_IPSR, 3u, 0x00040000u, "CFSR.INVPC", "B3.2.15"),
VALUE(INVPC_IPSR, 4u, 0u, "HFSR", "B3.2.16"),
VALUE(INVPC_IPSR, 5u, 0xfffffff9u, "LR in the fault handler", "B1.5.8"),
VALUE(DIVIDE_NO_TRAP, 0u, 0u, "SDIV by zero gives 0 without DIV_0_TRP", "A7.7.127"),
VALUE(DIVIDE_NO_TRAP, 1u, 0u, "and no fault", "A7.7.127"),
VALUE(UNALIGNED_ALLOWED, 0u, 0x55443322u, "LDR from an odd address", "A3.2.1"),
VALUE(UNALIGNED_ALLOWED, 1u, 0u, "and no fault without UNALIGN_TRP", "A3.2.1"),
FAULT(PRECISE_LOAD, 0u, 5u, 0x00008200u, 0u, "probe_load_device_at", 0u, 0xc0000000u, "B1.5.14"),
FAULT(PRECISE_LOAD, 6u, 5u, 0x00008200u, 0u, "probe_load_sram_at", 0u, 0x20040006u, "B1.5.14"),
FAULT(PRECISE_STORE, 0u, 5u, 0x00008200u, 0u, "probe_store_at", 0u, 0xc0000010u, "B1.5.14"),
FAULT(IBUSERR, 0u, 5u, 0x00000100u, 0u, NULL, 0x20040000u, 0u, "B1.5.14"),
/* Execute-never by the default memory map, B3.1 table B3-1; no MMARVALID for IACCVIOL. */
FAULT(IACCVIOL_PERIPHERAL, 0u, 4u, 0x00000001u, 0u, NULL, 0x40000000u, 0u, "B1.5.14"),
FAULT(IACCVIOL_SYSTEM, 0u, 4u, 0x00000001u, 0u, NULL, 0xe0000000u, 0u, "B1.5.14"),

/* Derived on entry: of higher priority than SVCall, so it is taken first and SVCall follows. */
VALUE(STKERR, 0u, 0x12u, "BusFault, then the SVCall whose stacking failed", "B1.5.11"),
VALUE(STKERR, 1u, 1u, "one BusFault", "B1.5.11"),
VALUE(STKERR, 2u, 5u, "its exception number", "B1.5.11"),
VALUE(STKERR, 3u, 0x00001000u, "CFSR.STKERR, no BFARVALID", "B3.2.15"),
VALUE(STKERR, 4u, 0u, "HFSR", "B3.2.16"),
VALUE(STKERR, 5u, 0xfffffffdu, "EXC_RETURN: thread, process stack", "B1.5.8"),
VALUE(UNSTKERR, 0u, 0x21u, "SVCall, then BusFault on its return", "B1.5.12"),
VALUE(UNSTKERR, 1u, 1u, "one BusFault", "B1.5.12"),
VALUE(UNSTKERR, 2u, 5u, "its exception number", "B1.5.12"),
VALUE(UNSTKERR, 3u, 0x00000800u, "CFSR.UNSTKERR, no BFARVALID", "B3.2.15"),
VALUE(UNSTKERR, 4u, 0u, "HFSR", "B3.2.16"),
VALUE(UNSTKERR, 5u, 0xfffffffdu, "EXC_RETURN of the failed return", "B1.5.12"),
VALUE(UNSTKERR, 6u, 0u, "no active bit is left in SHCSR", "B3.2.13"),
FAULT(ESCALATE_DISABLED, 0u, 3u, 0x00008200u, 0x40000000u, "probe_load_device_at", 0u, 0xc0000000u, "B1.5.14"),
FAULT(ESCALATE_PRIORITY, 0u, 3u, 0x00008200u, 0x40000000u, "probe_load_device_at", 0u, 0xc0000000u, "B1.5.14"),
VALUE(ESCALATE_PRIORITY, 6u, 0xfffffff1u, "EXC_RETURN: from a handler", "B1.5.8"),
VALUE(VECTTBL, 0u, 1u, "one HardFault for an unreadable vector", "B1.5.14"),
VALUE(VECTTBL, 1u, 3u, "its exception number", "B1.5.14"),
VALUE(VECTTBL, 2u, 0x00000002u, "HFSR.VECTTBL, not FORCED", "B3.2.16"),
VALUE(VECTTBL, 3u, 0u, "CFSR", "B3.2.15"),
VALUE(VECTTBL, 4u, 0u, "the interrupt's handler did not run", "B1.5.14"),

/* No debugger, DEMCR.MON_EN 0: C1.5.2. */
FAULT(BKPT, 0u, 3u, 0u, 0x80000000u, "probe_bkpt_at", 0u, 0u, "C1.5.2"),
VALUE(BFHFNMIGN, 0u, 1u, "a load that fails at priority -1 is ignored", "B3.2.8"),
VALUE(BFHFNMIGN, 1u, 0u, "and no fault is taken", "B3.2.8"),
FAULT(IT_FAULT, 0u, 5u, 0x00008200u, 0u, "probe_it_fault_at", 0u, 0xc0000000u, "B1.5.14"),
/* ITTE EQ: 0x06, at the second instruction 0x0c: bits 7:2 in xPSR 15:10, 1:0 in 26:25. */
VALUE(IT_FAULT, 6u, 0x00000c00u, "stacked IT bits are the faulting instruction's", "A7.3.3"),
VALUE(IT_SVC, 0u, 1u, "the rest of the IT block is conditional after SVC", "A7.3.3"),
/* Advanced once more: 0x18. */
VALUE(IT_SVC, 1u, 0x00001800u, "stacked IT bits are the next instruction's", "A7.3.3"),
VALUE(IT_SVC, 2u, 1u, "one SVCall", "B1.5.6"),
FAULT(UNPRIVILEGED_SCB, 0u, 5u, 0x00008200u, 0u, "probe_load_icsr_at", 0u, 0xe000ed04u, "B3.1.1"),
VALUE(UNPRIVILEGED_SCB, 6u, 1u, "CONTROL.nPRIV is unchanged on entry", "B1.5.6"),
VALUE(UNPRIVILEGED_MSR, 0u, 0u, "MSR PRIMASK is ignored, MRS reads 0", "B5.2.3"),
VALUE(UNPRIVILEGED_MSR, 1u, 0u, "MSR BASEPRI is ignored, MRS reads 0", "B5.2.3"),
VALUE(UNPRIVILEGED_MSR, 2u, 1u, "MSR CONTROL is ignored, MRS reads nPRIV", "B5.2.2"),
VALUE(UNPRIVILEGED_MSR, 3u, 0u, "CPSID is ignored", "B5.2.1"),
VALUE(UNPRIVILEGED_MSR, 4u, 0u, "PRIMASK really did not change", "B5.2.3"),
VALUE(UNPRIVILEGED_MSR, 5u, 0u, "BASEPRI really did not change", "B5.2.3"),
FAULT(UNPRIVILEGED_STIR, 0u, 5u, 0x00008200u, 0u, "probe_store_stir_at", 0u, 0xe000ef00u, "B3.2.26"),
VALUE(UNPRIVILEGED_STIR, 6u, 0u, "nothing was pended", "B3.2.26"),
VALUE(UNPRIVILEGED_STIR, 7u, 9u, "with CCR.USERSETMPEND it pends interrupt 9", "B3.2.8"),

/* UDIV by zero with CCR.DIV_0_TRP. */
FAULT(DIVBYZERO, 0u, 6u, 0x02000000u, 0u, "probe_divide_at", 0u, 0u, "A7.7.195"),
/* A floating-point instruction with CPACR denying access. */
FAULT(NOCP, 0u, 6u, 0x00080000u, 0u, "probe_fp_disabled_at", 0u, 0u, "B3.2.20"),
