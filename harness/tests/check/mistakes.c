/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "mistakes.h"

#include <string.h>

#define OPTR_ADDRESS 0x1fff7800u /* RM0440 3.4.1, table 12 */
#define MS_PS        1000000000ull

struct mistakes_log mistakes_log;

static void on_observation(void *context, const struct obs *obs)
{
    (void)context;
    if (obs->kind == OBS_GUEST_ERROR) {
        mistakes_log.guest_errors++;
        return;
    }
    if (obs->a != OP_ERASE)
        return;
    if (obs->kind == OBS_OP_BEGIN) {
        mistakes_log.erase_offset = obs->b;
        mistakes_log.erase_begin_ps = obs->time_ps;
        mistakes_log.erase_begin_instructions = obs->instructions;
        return;
    }
    mistakes_log.erase_end_ps = obs->time_ps;
    mistakes_log.erase_end_instructions = obs->instructions;
    if (obs->kind == OBS_OP_COMMIT)
        mistakes_log.erases++;
    else
        mistakes_log.aborted++;
}

static void must(enum status status, const struct error *err)
{
    ck_assert_msg(status == TB_OK, "%s", err->text);
}

void mistakes_mark(struct machine *machine, uint32_t address, uint64_t value)
{
    struct error err;
    must(machine_load(machine, address, &value, sizeof value, &err), &err);
}

uint64_t mistakes_cell(struct machine *machine, uint32_t address)
{
    struct error err;
    uint64_t value = 0;
    must(machine_peek(machine, address, &value, sizeof value, &err), &err);
    return value;
}

struct machine *mistakes_board(uint32_t optr)
{
    return mistakes_board_with(optr, NULL);
}

struct machine *mistakes_board_with(uint32_t optr, const struct machine_knob *knob)
{
    struct machine *machine = whole_create_with(knob);
    memset(&mistakes_log, 0, sizeof mistakes_log);
    machine_add_observer(
        machine, OBS_BIT(OBS_GUEST_ERROR) | OBS_BIT(OBS_OP_BEGIN) | OBS_BIT(OBS_OP_COMMIT) | OBS_BIT(OBS_OP_ABORT),
        on_observation, NULL);
    mistakes_mark(machine, OPTR_ADDRESS, (uint64_t)~optr << 32 | optr); /* the complement is stored beside it */
    return machine;
}

void mistakes_load_elf(struct machine *machine, const char *elf, uint32_t offset, enum mistake mistake,
                       uint32_t argument, uint32_t version)
{
    const uint32_t selector[4] = {mistake, argument, version, 0};
    struct error err;
    whole_load(machine, elf, offset);
    must(machine_load(machine, whole_symbol(elf, "selector") + offset, selector, sizeof selector, &err), &err);
}

void mistakes_load(struct machine *machine, unsigned bank, enum mistake mistake, uint32_t argument)
{
    mistakes_load_elf(machine, MISTAKES, (bank - 1u) * BANK_BYTES, mistake, argument, bank);
}

void mistakes_run_ms(struct machine *machine, uint64_t duration_ms)
{
    struct run_limit limit = {.time_ps = machine_time_ps(machine) + duration_ms * MS_PS, .instructions = UINT64_MAX};
    enum run_end end = machine_run(machine, limit);
    ck_assert_msg(end == RUN_TIME || end == RUN_IDLE, "the run ended by %d", (int)end);
}

void mistakes_poke(struct machine *machine, uint32_t address, unsigned size, uint32_t value)
{
    struct error err;
    must(machine_debug_write(machine, address, size, value, &err), &err);
}

uint32_t mistakes_peek(struct machine *machine, uint32_t address)
{
    struct error err;
    uint32_t value = 0;
    must(machine_debug_read(machine, address, 4, &value, &err), &err);
    return value;
}

static uint32_t entry(struct machine *machine, const char *table, unsigned index)
{
    return whole_word(machine, whole_symbol(MISTAKES, table) + index * 4u);
}

void mistakes_assert_done(struct machine *machine)
{
    uint32_t done = whole_variable(machine, MISTAKES, "done");
    ck_assert_msg(done == DONE, "the firmware did not come to its end; PC 0x%08x", machine_pc(machine));
}

uint32_t mistakes_value(struct machine *machine, unsigned index)
{
    ck_assert_uint_lt(index, VALUE_COUNT);
    return entry(machine, "value", index);
}

uint32_t mistakes_boots(struct machine *machine)
{
    return whole_variable(machine, MISTAKES, "boots");
}

uint32_t mistakes_boot_bank(struct machine *machine, unsigned boot)
{
    ck_assert_uint_lt(boot, RECORDED_BOOTS);
    return entry(machine, "boot_bank", boot);
}

uint32_t mistakes_boot_csr(struct machine *machine, unsigned boot)
{
    ck_assert_uint_lt(boot, RECORDED_BOOTS);
    return entry(machine, "boot_csr", boot);
}
