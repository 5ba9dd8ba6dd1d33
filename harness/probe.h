/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * An emulated debug probe that flashes a board as production does: through the flash registers of
 * the chip, with the CPU halted. Nothing here knows the inside of the simulator.
 */
#ifndef TWINBANK_HARNESS_PROBE_H
#define TWINBANK_HARNESS_PROBE_H

#include "sim/machine.h"

enum probe_mass_erase {
    PROBE_BANK1 = 1,
    PROBE_BANK2 = 2,
    PROBE_BOTH = 3
};

/** Takes the chip: halts the CPU under reset, so that no program's settings are left. */
enum status probe_attach(struct machine *machine, struct error *err) MUST_CHECK;
/** Locks the flash again and lets the CPU go on. */
enum status probe_detach(struct machine *machine, struct error *err) MUST_CHECK;

/* What follows needs an attached probe. TB_ERR_INPUT: the chip refused, or holds something else. */
enum status probe_mass_erase(struct machine *machine, enum probe_mass_erase banks, struct error *err) MUST_CHECK;
/** Programs double words; those of all ones are left out: they would never be blank again. */
enum status probe_program(struct machine *machine, uint32_t address, const uint8_t *bytes, uint32_t size,
                          struct error *err) MUST_CHECK;
enum status probe_verify(struct machine *machine, uint32_t address, const uint8_t *bytes, uint32_t size,
                         struct error *err) MUST_CHECK;
enum status probe_check_blank(struct machine *machine, uint32_t address, uint32_t size, struct error *err) MUST_CHECK;

#endif
