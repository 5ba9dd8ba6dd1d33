/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/probe.h"

#include <stdio.h>
#include <string.h>

/* FLASH interface of the STM32L4: RM0351 3.7, base address of the memory map 2.2.2. */
#define FLASH_BASE      0x40022000u
#define FLASH_KEYR      (FLASH_BASE + 0x08u)
#define FLASH_SR        (FLASH_BASE + 0x10u)
#define FLASH_CR        (FLASH_BASE + 0x14u)
#define FLASH_KEY1      0x45670123u
#define FLASH_KEY2      0xcdef89abu
#define FLASH_SR_ERRORS 0x0000c3fau /* OPERR to FASTERR, RDERR, OPTVERR */
#define FLASH_SR_EOP    (1u << 0)
#define FLASH_SR_BSY    (1u << 16)
#define FLASH_CR_PG     (1u << 0)
#define FLASH_CR_MER1   (1u << 2)
#define FLASH_CR_MER2   (1u << 15)
#define FLASH_CR_STRT   (1u << 16)
#define FLASH_CR_LOCK   (1u << 31)
/* SR.OPTVERR tells about the option bytes, not about what the probe does. */
#define FLASH_SR_OPTVERR (1u << 15)

#define POLL_PS    (20u * PS_PER_US) /* a poll over SWD takes about this long */
#define TIMEOUT_PS (2u * PS_PER_S)

static enum status write_register(struct machine *machine, uint32_t address, uint32_t value, struct error *err)
{
    return machine_debug_write(machine, address, 4, value, err);
}

/** Lets virtual time pass with the CPU halted. */
static void pass(struct machine *machine, uint64_t ps)
{
    struct run_limit limit = {machine_time_ps(machine) + ps, UINT64_MAX};
    while (machine_is_powered(machine) && machine_run(machine, limit) == RUN_REQUESTED)
        continue;
}

static enum status wait_ready(struct machine *machine, const char *what, struct error *err)
{
    uint32_t sr = 0;
    for (uint64_t waited = 0; waited < TIMEOUT_PS; waited += POLL_PS) {
        enum status status = machine_debug_read(machine, FLASH_SR, 4, &sr, err);
        if (status != TB_OK)
            return status;
        if ((sr & FLASH_SR_BSY) == 0) {
            if ((sr & FLASH_SR_ERRORS & ~FLASH_SR_OPTVERR) != 0)
                return error_set(err, TB_ERR_INPUT, "probe: %s: FLASH_SR 0x%08x tells of an error", what, sr);
            return TB_OK;
        }
        pass(machine, POLL_PS);
    }
    return error_set(err, TB_ERR_INPUT, "probe: %s: still busy after 2 s, FLASH_SR 0x%08x", what, sr);
}

static enum status unlock(struct machine *machine, struct error *err)
{
    uint32_t cr;
    enum status status = machine_debug_read(machine, FLASH_CR, 4, &cr, err);
    if (status != TB_OK || (cr & FLASH_CR_LOCK) == 0)
        return status;
    status = write_register(machine, FLASH_KEYR, FLASH_KEY1, err);
    if (status == TB_OK)
        status = write_register(machine, FLASH_KEYR, FLASH_KEY2, err);
    if (status == TB_OK)
        status = machine_debug_read(machine, FLASH_CR, 4, &cr, err);
    if (status == TB_OK && (cr & FLASH_CR_LOCK) != 0)
        status = error_set(err, TB_ERR_INPUT, "probe: FLASH_CR stays locked");
    return status;
}

/** Errors of whoever was here before would make every operation fail. */
static enum status clear_errors(struct machine *machine, struct error *err)
{
    return write_register(machine, FLASH_SR, FLASH_SR_ERRORS | FLASH_SR_EOP, err);
}

enum status probe_attach(struct machine *machine, struct error *err)
{
    machine_halt(machine, true);
    machine_reset(machine, RESET_PIN);
    pass(machine, PS_PER_US);
    enum status status = wait_ready(machine, "attach", err);
    if (status == TB_OK)
        status = unlock(machine, err);
    return status == TB_OK ? clear_errors(machine, err) : status;
}

enum status probe_detach(struct machine *machine, struct error *err)
{
    enum status status = write_register(machine, FLASH_CR, FLASH_CR_LOCK, err);
    machine_halt(machine, false);
    return status;
}

enum status probe_mass_erase(struct machine *machine, enum probe_mass_erase banks, struct error *err)
{
    uint32_t cr = ((banks & PROBE_BANK1) != 0 ? FLASH_CR_MER1 : 0u) | ((banks & PROBE_BANK2) != 0 ? FLASH_CR_MER2 : 0u);
    enum status status = unlock(machine, err);
    if (status == TB_OK)
        status = clear_errors(machine, err);
    if (status == TB_OK)
        status = write_register(machine, FLASH_CR, cr, err);
    if (status == TB_OK)
        status = write_register(machine, FLASH_CR, cr | FLASH_CR_STRT, err);
    if (status == TB_OK)
        status = wait_ready(machine, "mass erase", err);
    return status == TB_OK ? write_register(machine, FLASH_CR, 0, err) : status;
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/** A double word of the image; behind its end there are ones. */
static bool take_double_word(const uint8_t *bytes, uint32_t left, uint32_t words[2])
{
    uint8_t padded[8];
    memset(padded, 0xff, sizeof padded);
    memcpy(padded, bytes, left < 8u ? left : 8u);
    words[0] = word_at(padded);
    words[1] = word_at(padded + 4);
    return words[0] != UINT32_MAX || words[1] != UINT32_MAX;
}

enum status probe_program(struct machine *machine, uint32_t address, const uint8_t *bytes, uint32_t size,
                          struct error *err)
{
    enum status status = unlock(machine, err);
    if (status == TB_OK)
        status = clear_errors(machine, err);
    if (status == TB_OK)
        status = write_register(machine, FLASH_CR, FLASH_CR_PG, err);
    for (uint32_t at = 0; status == TB_OK && at < size; at += 8u) {
        uint32_t words[2];
        char what[48];
        if (!take_double_word(bytes + at, size - at, words))
            continue;
        status = machine_debug_write(machine, address + at, 4, words[0], err);
        if (status == TB_OK)
            status = machine_debug_write(machine, address + at + 4u, 4, words[1], err);
        snprintf(what, sizeof what, "program at 0x%08x", address + at);
        if (status == TB_OK)
            status = wait_ready(machine, what, err);
    }
    return status == TB_OK ? write_register(machine, FLASH_CR, 0, err) : status;
}

/** Compares `size` bytes of the chip with bytes, or with ones where bytes is NULL. */
static enum status compare(struct machine *machine, uint32_t address, const uint8_t *bytes, uint32_t size,
                           const char *what, struct error *err)
{
    for (uint32_t at = 0; at < size; at += 4u) {
        uint32_t is, left = size - at < 4u ? size - at : 4u;
        uint8_t padded[4] = {0xff, 0xff, 0xff, 0xff};
        if (bytes != NULL)
            memcpy(padded, bytes + at, left);
        enum status status = machine_debug_read(machine, address + at, 4, &is, err);
        if (status != TB_OK)
            return status;
        uint32_t mask = left == 4u ? UINT32_MAX : (1u << (left * 8u)) - 1u;
        if (((is ^ word_at(padded)) & mask) != 0)
            return error_set(err, TB_ERR_INPUT, "probe: %s: 0x%08x holds 0x%08x, expected 0x%08x", what, address + at,
                             is, word_at(padded));
    }
    return TB_OK;
}

enum status probe_verify(struct machine *machine, uint32_t address, const uint8_t *bytes, uint32_t size,
                         struct error *err)
{
    return compare(machine, address, bytes, size, "verify", err);
}

enum status probe_check_blank(struct machine *machine, uint32_t address, uint32_t size, struct error *err)
{
    return compare(machine, address, NULL, size, "blank check", err);
}
