/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The exception model of ARMv7-M as software sees it: NVIC, SysTick, the system control block, entry and return,
 * faults, lockup. References are to ARM DDI 0403E (ARMv7-M Architecture Reference Manual).
 *
 * Modelled: priorities with PRIGROUP, tail-chaining and late arrival as far as software can tell,
 * PRIMASK/BASEPRI/FAULTMASK, faults with their status registers, escalation, lockup, FP frames,
 * WFI/WFE/SEVONPEND/SLEEPONEXIT, SysTick exact to the cycle. Not modelled: lazy FP stacking (the registers are written
 * at entry), imprecise bus faults, debug halting, the alignment faults of LDM, STM, LDRD and STRD,
 * CCR.UNALIGN_TRP.
 */
#ifndef TWINBANK_SIM_EXCEPTION_H
#define TWINBANK_SIM_EXCEPTION_H

#include "cpu.h"

#define EXCEPTION_MAX (16u + 240u)
#define MPU_REGIONS   8u

enum exception_number {
    EXC_RESET = 1,
    EXC_NMI = 2,
    EXC_HARD_FAULT = 3,
    EXC_MEM_MANAGE = 4,
    EXC_BUS_FAULT = 5,
    EXC_USAGE_FAULT = 6,
    EXC_SVCALL = 11,
    EXC_DEBUG_MONITOR = 12,
    EXC_PENDSV = 14,
    EXC_SYSTICK = 15,
    EXC_IRQ0 = 16,
};

struct mpu {
    uint32_t ctrl, rbar[MPU_REGIONS], rasr[MPU_REGIONS];
};

/** All of it is saved in snapshots and covered by digests: plain data. */
struct exception_state {
    uint32_t pending[EXCEPTION_MAX / 32u];
    uint32_t active[EXCEPTION_MAX / 32u];
    uint32_t enabled[EXCEPTION_MAX / 32u];
    uint32_t level[EXCEPTION_MAX / 32u]; /* input lines */
    uint8_t priority[EXCEPTION_MAX];
    uint32_t vtor, aircr_prigroup, scr, ccr, shcsr, cfsr, hfsr, dfsr, mmfar, bfar, cpacr, actlr;
    uint32_t fpccr, fpcar, fpdscr, demcr;
    /* SysTick: while enabled the counter reaches 0 at zero_cycle; while disabled it holds `stopped` */
    uint32_t systick_ctrl, systick_load, systick_stopped;
    uint64_t systick_zero_cycle;
    struct mpu mpu, mpu_live; /* as written; as it governs accesses since the last sync point */
    uint32_t mpu_rnr;
    uint8_t event_register;
    uint8_t locked_up;
    uint8_t sleeping;       /* 0 awake, 1 WFI, 2 WFE */
    uint8_t deep;           /* sleeping with SLEEPDEEP: SysTick stands still */
    uint8_t mpu_bypass;     /* priority -1 or -2 without HFNMIENA: the MPU does not apply */
    uint8_t faultmask_kept; /* FAULTMASK as it was when priority -1 or -2 was entered */
    uint8_t reserved[2];
};

/** What the machine does for the exception model. */
struct exception_host {
    uint64_t (*now_cycles)(void *context);
    /** Interrupt state changed by an access or a wire: be asked again at the sync point. */
    void (*changed)(void *context);
    /** SysTick's next zero moved. */
    void (*systick_moved)(void *context);
    void (*request_system_reset)(void *context);
    /** The core enters or leaves a sleep with SLEEPDEEP set. False if nothing on the chip models what follows. */
    bool (*deep_sleep)(void *context, bool asleep);
    /** The core enters or leaves any sleep. */
    void (*asleep)(void *context, bool asleep);
    void (*trace_enabled)(void *context, bool enabled); /* DEMCR.TRCENA */
    /** The MPU was changed: addresses may have other rights from the sync point on. */
    void (*protection_changed)(void *context);
    void (*observe)(void *context, const struct obs *obs);
    void *context;
};

struct exception_masks {
    uint32_t primask, faultmask, basepri;
};

struct exception_unit {
    struct exception_state state;
    struct cpu *cpu;
    struct bus *bus;
    const struct chip *chip;
    struct exception_host host;
    struct exception_masks unprivileged_masks; /* as they were when privilege was last dropped by a return */
    uint64_t taken;                            /* for benchmarks */
};

void exception_init(struct exception_unit *unit, struct cpu *cpu, struct bus *bus, const struct chip *chip,
                    const struct exception_host *host);
/** Core reset: registers of the core and of the control space, then MSP and PC from the vector table at address 0. */
void exception_reset(struct exception_unit *unit);

/** After a reset, by a debugger: stack pointer, first instruction and VTOR are set, a lockup is left. */
void exception_start(struct exception_unit *unit, uint32_t vtor, uint32_t sp, uint32_t pc);
/** The state was replaced by a saved one: tell the CPU what it depends on. */
void exception_restored(struct exception_unit *unit);

/** Interrupt input line; a rising edge or a high level pends. */
void exception_set_irq(struct exception_unit *unit, uint32_t irq, bool level);
void exception_set_nmi(struct exception_unit *unit, bool level);

/** The exception that can be taken now, or 0. */
uint32_t exception_takeable(const struct exception_unit *unit);
/** True if anything is pending and enabled, whatever its priority: keep asking. */
bool exception_any_pending(const struct exception_unit *unit);
/** Takes every exception that can be taken now, late arrivals included. */
void exception_take(struct exception_unit *unit);
/** What the CPU stopped for, if the exception model is concerned; others are ignored. */
void exception_on_stop(struct exception_unit *unit, struct cpu_result result);
void exception_send_event(struct exception_unit *unit);
/** Keeps of BASEPRI and FAULTMASK what the chip would have taken of an MSR or CPS. True: flush, rights changed. */
bool exception_correct_masks(struct exception_unit *unit);
/** Asleep: has something come that wakes the core? Clears sleeping if so. */
bool exception_wakes(struct exception_unit *unit);

/** HCLK cycle at which SysTick next reaches zero; TIME_NEVER when it does not run. */
uint64_t exception_systick_due(const struct exception_unit *unit);
/** SysTick reached zero. */
void exception_systick_expire(struct exception_unit *unit);

/** Accesses to 0xe000e000-0xe000efff, for struct bus_core. */
uint32_t exception_read(void *unit, uint32_t address, unsigned size);
void exception_write(void *unit, uint32_t address, unsigned size, uint32_t value);
bool exception_faults(void *unit, enum access_kind kind, uint32_t address, unsigned size);
bool exception_ignores_data_fault(void *unit);
/** Whether the MPU applies may have changed with the priority; true if it did: flush. */
bool exception_mpu_follow(struct exception_unit *unit);
/** At a sync point: what was written to the MPU governs accesses from now on. */
void exception_mpu_apply(struct exception_unit *unit);
/** MPU_* rights that an access has now on all of [address, address + length). */
uint32_t exception_mpu_rights(void *unit, uint32_t address, uint32_t length);

#endif
