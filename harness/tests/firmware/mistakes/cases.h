/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What firmware and test agree on: which mistake to make, and where its traces are left. */
#ifndef TWINBANK_TESTS_MISTAKES_CASES_H
#define TWINBANK_TESTS_MISTAKES_CASES_H

enum mistake {
    MISTAKE_NONE,            /* leaves a mark and stops */
    MISTAKE_VTOR_UNSET,      /* argument 1: sets it, as it should */
    MISTAKE_BKER,            /* erases page `argument` of the bank it takes for the other one */
    MISTAKE_BKER_AVOIDED,    /* the same, with the bank inverted under FB_MODE */
    MISTAKE_PNB_TOO_LARGE,   /* erases page `argument` of bank 1, cut to the eight bits of PNB */
    MISTAKE_PNB_UNCUT,       /* the same, not cut */
    MISTAKE_STICKY_ERRORS,   /* waits for `go`, then programs and erases without clearing anything */
    MISTAKE_CLEARS_ONLY_EOP, /* goes on after an error with EOP cleared, then with all cleared */
    MISTAKE_EOP_WITHOUT_EOPIE,
    MISTAKE_PROGRAMS_ALL_ONES,
    MISTAKE_PROGRAMS_TWICE,
    MISTAKE_ECC_NMI,          /* argument: enum nmi_handling */
    MISTAKE_NVIC_RESET,       /* toggles BFB2; argument: enum restart_by; launches in the second run */
    MISTAKE_LAUNCH_RETURNS,   /* argument 1: launches with OPTLOCK set, which does return */
    MISTAKE_IRQ_BETWEEN_KEYS, /* argument: enum key_handling */
    MISTAKE_SAME_BANK,        /* erases page PAGE of its own bank; argument 1: of the other one */
    MISTAKE_SAME_BANK_IWDG,   /* the same with a watchdog of 16 ms that is fed whenever code runs */
    MISTAKE_REWRITES_OPTIONS, /* at every start; argument 1: only if they differ */
    MISTAKE_TOGGLES_ALWAYS,   /* toggles BFB2 at every start; argument 1: only for a newer version */
    MISTAKE_STALE_CACHE,      /* reads, erases, reads; argument 1: with the data cache reset between */
    MISTAKE_STALE_SWAP,       /* reads, swaps the banks by FB_MODE, reads; argument 1: likewise */
};

enum nmi_handling {
    NMI_LOOPS,
    NMI_RETURNS,
    NMI_CLEARS
};

enum restart_by {
    RESTART_BY_NVIC,
    RESTART_BY_IWDG
};

enum key_handling {
    KEYS_HANDLER_UNLOCKS, /* the interrupt between the keys unlocks the flash itself */
    KEYS_MASKED,          /* the same, but interrupts are masked between the keys */
    KEYS_HANDLER_COUNTS,  /* the interrupt between the keys leaves the flash alone */
};

#define DONE  0x600d600du
#define READY 0x600d0001u

/* Most of it happens in this page of either bank; no code is near it. */
#define PAGE           100u
#define OWN_PAGE       0x08032000u /* 0x08000000 + 100 * 2048, the bank that shows first */
#define OTHER_PAGE     0x080b2000u /* the same in the other one */
#define VALUE_COUNT    8u
#define RECORDED_BOOTS 8u

#endif
