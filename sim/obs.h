/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The observation stream: all that the outside world may know of a run. Judges, traces and digests
 * are its only readers.
 */
#ifndef TWINBANK_SIM_OBS_H
#define TWINBANK_SIM_OBS_H

#include "base.h"

enum obs_kind {
    OBS_POWER,       /* a: 1 on, 0 lost */
    OBS_RESET,       /* a: enum reset_kind, c: when it was asked for, in ps; after the machine performed it */
    OBS_BOOT,        /* first instruction after a reset: a: PC, b: address space shown at 0 (window choice)
                      */
    OBS_REMAP,       /* a window was retargeted: a: window index, b: choice */
    OBS_PIN,         /* a: port * 16 + pin, b: level 0 or 1; device: the GPIO port */
    OBS_UART_TX,     /* device sent a frame: a: data bits, b: baud */
    OBS_UART_RX,     /* device received a frame: a: data bits */
    OBS_OP_BEGIN,    /* a: enum op_kind, b: offset in the store, c: op ordinal since power-up */
    OBS_OP_COMMIT,   /* same */
    OBS_OP_ABORT,    /* same */
    OBS_EXC_ENTRY,   /* a: exception number, b: return address */
    OBS_EXC_RETURN,  /* a: exception number left, b: address returned to */
    OBS_LOCKUP,      /* a: CFSR, b: HFSR */
    OBS_GUEST_ERROR, /* the firmware broke a rule: text says which; a: address or offset */
    OBS_GAP,         /* not modelled: text names peripheral and register; a: address, b: 1 if written, c:
                        value */
    OBS_PEER,        /* something an outside party (terminal, YMODEM sender) has to say: text */
    OBS_VOLTAGE,     /* an analog output changed: a: port * 16 + pin, b: microvolts; device: the GPIO port */
    OBS_OPTIONS,     /* options were loaded, and a word did not fit its complement: text says what is in force instead
                        (NULL: they fit again); a: 0 for the first of a load, b: bits of the words */
    OBS_KIND_COUNT
};

struct obs {
    uint64_t time_ps;      /* virtual time since power-up */
    uint64_t instructions; /* instructions executed since power-up */
    uint64_t c;
    uint32_t pc; /* of the instruction that caused it, where known, else 0 */
    uint32_t a, b;
    uint16_t kind;    /* enum obs_kind */
    uint16_t device;  /* index in the machine's device table; 0xffff: none */
    const char *text; /* constant string or NULL; not part of the digest */
};

#define OBS_NO_DEVICE 0xffffu

/** Set of kinds, as bits. OBS_EXC_* are frequent: ask for them only when tracing. */
typedef uint32_t obs_mask;
#define OBS_BIT(kind) (1u << (kind))
#define OBS_ALL       ((1u << OBS_KIND_COUNT) - 1u)

typedef void (*obs_sink)(void *context, const struct obs *obs);

/** The kind's name in lower case, as reports print it ("uart-tx"). */
const char *obs_kind_name(enum obs_kind kind);

#endif
