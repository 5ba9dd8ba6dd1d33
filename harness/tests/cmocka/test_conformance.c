/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Registers behave as harness/tests/data/registers_*.csv says, which was typed from the manual and not from the
 * models: reset values, reserved bits, and what software can do with each bit. A whole board is used through its bus,
 * the core halted; each probe starts from a snapshot in which only the peripheral's clock was switched on.
 */
#include "cmocka_tests.h"
#include "conformance_sheet.h"

#include "sim/machine.h"

#include <inttypes.h>

#define PS_PER_US 1000000ull

#define BOARD "nucleo-l476rg"

static struct machine *machine;
static struct snapshot *ready;

static struct {
    unsigned registers, bits, reset_bits, reserved_bits, not_written, not_raised, failures;
} count;

/** Where a probe is, for its message. */
struct probe {
    const struct sheet *sheet;
    const struct sheet_instance *instance;
    const struct sheet_row *row;
};

static uint32_t bits_of(uint32_t mask)
{
    uint32_t bits = 0;
    for (; mask; mask &= mask - 1u)
        bits++;
    return bits;
}

static uint32_t lowest_bit(uint32_t mask)
{
    uint32_t bit = 0;
    while (!(mask >> bit & 1u))
        bit++;
    return bit;
}

/* --- the bus ------------------------------------------------------------------------------------------------------ */

static uint32_t word_read(uint32_t address)
{
    struct error err;
    uint32_t value = 0;
    if (machine_debug_read(machine, address, 4, &value, &err) != TB_OK)
        fail_msg("%s", err.text);
    return value;
}

/** A bus error is an answer, too: what it leaves is what is checked. */
static void word_write(uint32_t address, uint32_t value)
{
    struct error err;
    enum status status = machine_debug_write(machine, address, 4, value, &err);
    (void)status;
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

static bool register_address(const struct sheet *sheet, const struct sheet_instance *instance, const char *name,
                             uint32_t *address)
{
    for (unsigned i = 0; i < sheet->row_count; i++)
        if (strcmp(sheet->rows[i].reg, name) == 0 && sheet_applies(&sheet->rows[i], instance)) {
            *address = instance->base + sheet->rows[i].offset;
            return true;
        }
    return false;
}

/** "CR1" of this instance, or "rcc.AHB2ENR" of any, or "[0x08000000]". */
static uint32_t step_address(const struct sheet *sheet, unsigned line, const struct sheet_instance *instance,
                             const char *name)
{
    uint32_t address = 0;
    char *dot = strchr(name, '.');
    if (sscanf(name, "[%" SCNx32 "]", &address) == 1)
        return address;
    if (dot == NULL) {
        if (register_address(sheet, instance, name, &address))
            return address;
        sheet_die(sheet, line, "a register of this file in a step", name);
    }
    for (unsigned i = 0; i < sheet_count; i++)
        for (unsigned j = 0; j < sheets[i]->instance_count; j++) {
            const struct sheet_instance *other = &sheets[i]->instances[j];
            if (strlen(other->name) == (size_t)(dot - name) && strncmp(other->name, name, (size_t)(dot - name)) == 0 &&
                register_address(sheets[i], other, dot + 1, &address))
                return address;
        }
    sheet_die(sheet, line, "instance.REGISTER of some file in a step", name);
    return 0;
}

static void wait_us(uint32_t us)
{
    struct run_limit limit = {.time_ps = machine_time_ps(machine) + us * PS_PER_US, .instructions = UINT64_MAX};
    machine_run(machine, limit);
}

static void do_step(const struct sheet *sheet, unsigned line, const struct sheet_instance *instance, char *step)
{
    char *value = strchr(step, '=');
    if (value == NULL) { /* a read for its side effect */
        (void)word_read(step_address(sheet, line, instance, step));
        return;
    }
    *value++ = '\0';
    uint32_t address = 0;
    struct error err;
    if (strcmp(step, "wait_us") == 0)
        wait_us(sheet_number(sheet, line, value));
    else if (sscanf(step, "byte[%" SCNx32 "]", &address) == 1)
        assert_int_equal(machine_debug_write(machine, address, 1, sheet_number(sheet, line, value), &err), TB_OK);
    else
        word_write(step_address(sheet, line, instance, step), sheet_number(sheet, line, value));
}

static void do_steps(const struct sheet *sheet, unsigned line, const struct sheet_instance *instance, const char *steps)
{
    char text[512];
    if ((size_t)snprintf(text, sizeof text, "%s", steps) >= sizeof text)
        sheet_die(sheet, line, "shorter steps", steps);
    char *save = NULL;
    for (char *step = strtok_r(text, " ", &save); step != NULL && strcmp(step, "then") != 0;
         step = strtok_r(NULL, " ", &save))
        if (strcmp(step, "needs") != 0)
            do_step(sheet, line, instance, step);
}

/** The steps before a probe, and those behind the word "then" after each of its writes. */
static const char *then_of(const char *steps)
{
    const char *then = strstr(steps, "then ");
    return then ? then + 5 : steps + strlen(steps);
}

static void fresh(const struct probe *probe)
{
    machine_restore(machine, ready);
    do_steps(probe->sheet, probe->row->line, probe->instance, probe->row->before);
}

static uint32_t probe_read(const struct probe *probe)
{
    return word_read(probe->instance->base + probe->row->offset);
}

static void probe_write(const struct probe *probe, uint32_t value)
{
    word_write(probe->instance->base + probe->row->offset, value);
    do_steps(probe->sheet, probe->row->line, probe->instance, then_of(probe->row->before));
}

/* --- what is expected --------------------------------------------------------------------------------------------- */

static const struct sheet_row *row_of_bit(const struct probe *probe, uint32_t bit)
{
    for (unsigned i = 0; i < probe->sheet->row_count; i++) {
        const struct sheet_row *row = &probe->sheet->rows[i];
        if (row->offset == probe->row->offset && row->mask >> bit & 1u && sheet_applies(row, probe->instance))
            return row;
    }
    return NULL;
}

/** One line for each wrong bit of `mask`. */
static void want_bits(const struct probe *probe, uint32_t mask, uint32_t expected, uint32_t seen, const char *when)
{
    for (uint32_t wrong = (expected ^ seen) & mask; wrong; wrong &= wrong - 1u) {
        uint32_t bit = lowest_bit(wrong);
        const struct sheet_row *row = row_of_bit(probe, bit);
        count.failures++;
        fprintf(stderr,
                "%s:%u: %s %s bit %" PRIu32 " (%s%s%s): expected %" PRIu32 " %s; the register reads 0x%08" PRIx32 "\n",
                probe->sheet->file, probe->row->line, probe->instance->name, probe->row->reg, bit,
                row ? sheet_access_names[row->access] : "reserved", row && *row->field ? " " : "",
                row ? row->field : "", expected >> bit & 1u, when, seen);
    }
}

/** The bits of this register that some row gives this access. */
static uint32_t register_mask(const struct probe *probe, enum sheet_access access)
{
    uint32_t mask = 0;
    for (unsigned i = 0; i < probe->sheet->row_count; i++) {
        const struct sheet_row *row = &probe->sheet->rows[i];
        if (row->offset == probe->row->offset && row->access == access && sheet_applies(row, probe->instance))
            mask |= row->mask;
    }
    return mask;
}

static uint32_t reserved_mask(const struct probe *probe)
{
    uint32_t named = 0;
    for (unsigned access = 0; access < SHEET_RES; access++)
        named |= register_mask(probe, (enum sheet_access)access);
    return ~named;
}

static uint32_t reserved_reset(const struct probe *probe)
{
    uint32_t reset = 0;
    for (unsigned i = 0; i < probe->sheet->row_count; i++) {
        const struct sheet_row *row = &probe->sheet->rows[i];
        if (row->offset == probe->row->offset && row->access == SHEET_RES && sheet_applies(row, probe->instance))
            reset |= row->reset;
    }
    return reset;
}

/** What to write so that flags stay as they are. */
static uint32_t harmless(const struct probe *probe, uint32_t current)
{
    uint32_t value = current & ~register_mask(probe, SHEET_RC_W1) & ~register_mask(probe, SHEET_RS);
    return value | register_mask(probe, SHEET_RC_W0);
}

static void check_reset(const struct probe *probe)
{
    machine_restore(machine, ready);
    uint32_t seen = probe_read(probe);
    if (probe->row->reset_known) {
        want_bits(probe, probe->row->mask, probe->row->reset, seen, "after reset");
        count.reset_bits += bits_of(probe->row->mask);
    }
}

/** Reserved bits keep their value whatever is written to them, with this row's register unlocked. */
static void check_reserved(const struct probe *probe)
{
    uint32_t reserved = reserved_mask(probe);
    uint32_t reset = reserved_reset(probe);
    fresh(probe);
    uint32_t value = harmless(probe, probe_read(probe));
    want_bits(probe, reserved, reset, probe_read(probe), "in a reserved bit");
    probe_write(probe, value | reserved);
    want_bits(probe, reserved, reset, probe_read(probe), "in a reserved bit after writing 1");
    probe_write(probe, value & ~reserved);
    want_bits(probe, reserved, reset, probe_read(probe), "in a reserved bit after writing 0");
}

/** The field takes `to` and goes back; no other rw bit follows. */
static void check_takes(const struct probe *probe, uint32_t to)
{
    uint32_t mask = probe->row->mask;
    uint32_t others = register_mask(probe, SHEET_RW) & ~mask;
    fresh(probe);
    uint32_t before = probe_read(probe);
    uint32_t base = harmless(probe, before) & ~mask;
    probe_write(probe, base | to);
    want_bits(probe, mask, to, probe_read(probe), "after writing it");
    want_bits(probe, others, before, probe_read(probe), "as before in a bit beside the written one");
    probe_write(probe, base | (before & mask));
    want_bits(probe, mask, before, probe_read(probe), "after writing the old value back");
}

/** Without its steps the field is read-only. */
static void check_needs(const struct probe *probe)
{
    uint32_t mask = probe->row->mask;
    machine_restore(machine, ready);
    uint32_t before = probe_read(probe);
    probe_write(probe, harmless(probe, before) ^ mask);
    want_bits(probe, mask, before, probe_read(probe), "because the steps before were not done");
}

static void check_rw(const struct probe *probe)
{
    const struct sheet_row *row = probe->row;
    if (strncmp(row->before, "needs ", 6) == 0)
        check_needs(probe);
    if (*row->values == '\0') {
        fresh(probe);
        uint32_t before = probe_read(probe);
        for (uint32_t left = row->mask; left; left &= left - 1u)
            check_takes(probe, (before & row->mask) ^ (left & (0u - left)));
        return;
    }
    char text[256];
    snprintf(text, sizeof text, "%s", row->values);
    char *save = NULL;
    for (char *value = strtok_r(text, " ", &save); value != NULL; value = strtok_r(NULL, " ", &save))
        check_takes(probe, sheet_number(probe->sheet, row->line, value) << row->low & row->mask);
}

/** Read only: neither ones nor zeros change it. Write only: it reads as after reset before and after. */
static void check_inert(const struct probe *probe)
{
    uint32_t mask = probe->row->mask;
    fresh(probe);
    uint32_t before = probe->row->access == SHEET_W ? probe->row->reset : probe_read(probe);
    if (probe->row->access == SHEET_R && *probe->row->before != '\0' && (before & mask) == probe->row->reset)
        want_bits(probe, mask, ~before, before, "because the steps before change it");
    uint32_t base = harmless(probe, probe_read(probe)) & ~mask;
    probe_write(probe, base | mask);
    want_bits(probe, mask, before, probe_read(probe), "after writing 1");
    fresh(probe);
    probe_write(probe, base);
    want_bits(probe, mask, before, probe_read(probe), "after writing 0");
    fresh(probe);
    for (uint32_t left = mask; left; left &= left - 1u) {
        probe_write(probe, base | (left & (0u - left)));
        want_bits(probe, mask, before, probe_read(probe), "after writing 1 to a bit of it");
    }
}

/** A flag: cannot be set; when `before` has raised it, only `clearing` clears it. */
static void check_flag(const struct probe *probe, bool clearing)
{
    for (uint32_t left = probe->row->mask; left; left &= left - 1u) {
        uint32_t bit = left & (0u - left);
        uint32_t keeps = clearing ? 0 : bit;
        uint32_t clears = clearing ? bit : 0;
        machine_restore(machine, ready);
        uint32_t base = harmless(probe, probe_read(probe)) & ~bit;
        uint32_t idle = probe_read(probe) & bit;
        if (!idle) {
            probe_write(probe, base | bit);
            want_bits(probe, bit, 0, probe_read(probe), "because writing 1 does not set it");
        }
        if (*probe->row->before == '\0' && !idle) {
            count.not_raised++;
            continue;
        }
        fresh(probe);
        want_bits(probe, bit, bit, probe_read(probe), "because the steps before raise it");
        base = harmless(probe, probe_read(probe)) & ~bit;
        probe_write(probe, base | keeps);
        want_bits(probe, bit, bit, probe_read(probe), "because this write does not clear it");
        probe_write(probe, base | clears);
        want_bits(probe, bit, 0, probe_read(probe), "because this write clears it");
    }
}

static void check_set_only(const struct probe *probe)
{
    for (uint32_t left = probe->row->mask; left; left &= left - 1u) {
        uint32_t bit = left & (0u - left);
        fresh(probe);
        uint32_t before = probe_read(probe);
        uint32_t base = harmless(probe, before) & ~bit;
        probe_write(probe, base);
        want_bits(probe, bit, before, probe_read(probe), "after writing 0");
        probe_write(probe, base | bit);
        want_bits(probe, bit, bit, probe_read(probe), "after writing 1");
        probe_write(probe, base);
        want_bits(probe, bit, bit, probe_read(probe), "because writing 0 does not clear it");
    }
}

/** Another row of this register was tested after the same steps. */
static bool reserved_was_checked(const struct probe *probe)
{
    for (const struct sheet_row *row = probe->sheet->rows; row < probe->row; row++)
        if (row->offset == probe->row->offset && *row->values != '-' && row->access != SHEET_W &&
            sheet_applies(row, probe->instance) && strcmp(row->before, probe->row->before) == 0)
            return true;
    return false;
}

static void check_row(const struct probe *probe)
{
    const struct sheet_row *row = probe->row;
    check_reset(probe);
    count.bits += bits_of(row->mask);
    if (*row->values == '-') {
        count.not_written += bits_of(row->mask);
        return;
    }
    if (row->access != SHEET_W && !reserved_was_checked(probe))
        check_reserved(probe);
    switch (row->access) {
    case SHEET_RW:
        check_rw(probe);
        break;
    case SHEET_R:
    case SHEET_W:
        check_inert(probe);
        break;
    case SHEET_RC_W1:
        check_flag(probe, true);
        break;
    case SHEET_RC_W0:
        check_flag(probe, false);
        break;
    case SHEET_RS:
        check_set_only(probe);
        break;
    case SHEET_RES:
    case SHEET_ACCESS_COUNT:
        break;
    }
}

/* --- the same registers ------------------------------------------------------------------------------------------- */

static const struct sheet_row *row_at(const struct sheet *sheet, const struct sheet_instance *instance, uint32_t offset)
{
    for (unsigned i = 0; i < sheet->row_count; i++)
        if (sheet->rows[i].offset == offset && sheet_applies(&sheet->rows[i], instance))
            return &sheet->rows[i];
    return NULL;
}

/** The model's table and the sheet have the same registers under the same names. */
static void check_table(const struct sheet *sheet, const struct sheet_instance *instance)
{
    const struct device *device = machine_device(machine, instance->name);
    if (device == NULL) { /* part of the core: no table */
        if (instance->base >> 28u == 0xeu)
            return;
        count.failures++;
        fprintf(stderr, "%s:%u: %s: expected a device of the chip\n", sheet->file, instance->line, instance->name);
        return;
    }
    if (device->base != instance->base) {
        count.failures++;
        fprintf(stderr, "%s:%u: %s: expected at 0x%08" PRIx32 ", the chip has it at 0x%08" PRIx32 "\n", sheet->file,
                instance->line, instance->name, instance->base, device->base);
    }
    for (uint32_t i = 0; i < device->model->reg_count; i++) {
        const struct reg_desc *reg = &device->model->regs[i];
        const struct sheet_row *row = row_at(sheet, instance, reg->offset);
        if (row == NULL || strcmp(row->reg, reg->name) != 0) {
            count.failures++;
            fprintf(stderr, "%s:%u: %s: the model has %s at 0x%x; expected %s\n", sheet->file, row ? row->line : 0,
                    instance->name, reg->name, reg->offset, row ? row->reg : "no register");
        }
    }
    for (unsigned i = 0; i < sheet->row_count; i++) {
        const struct sheet_row *row = &sheet->rows[i];
        if (sheet_applies(row, instance) && reg_find(device->model, row->offset) == NULL) {
            count.failures++;
            fprintf(stderr, "%s:%u: %s: expected a register %s in the model\n", sheet->file, row->line, instance->name,
                    row->reg);
        }
    }
}

static void check_instance(const struct sheet *sheet, const struct sheet_instance *instance, struct snapshot *cold)
{
    struct error err;
    machine_restore(machine, cold);
    do_steps(sheet, instance->line, instance, instance->enable);
    assert_int_equal(machine_save(machine, &ready, &err), TB_OK);
    check_table(sheet, instance);
    uint32_t last = UINT32_MAX;
    for (unsigned i = 0; i < sheet->row_count; i++) {
        struct probe probe = {sheet, instance, &sheet->rows[i]};
        if (!sheet_applies(probe.row, instance))
            continue;
        if (probe.row->offset != last) {
            count.registers++;
            count.reserved_bits += bits_of(reserved_mask(&probe));
            last = probe.row->offset;
        }
        const struct device *device = machine_device(machine, instance->name);
        if (device == NULL || reg_find(device->model, probe.row->offset) != NULL)
            check_row(&probe);
    }
    snapshot_free(machine, ready);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static struct snapshot *cold;

static void registers_behave_as_the_sheet_says(void **state)
{
    const struct sheet *sheet = *state;
    unsigned failures = count.failures;
    for (unsigned i = 0; i < sheet->instance_count; i++)
        check_instance(sheet, &sheet->instances[i], cold);
    if (count.failures != failures)
        fail_msg("%s: %u findings, see above", sheet->file, count.failures - failures);
}

static bool has_sheet(const char *device)
{
    for (unsigned i = 0; i < sheet_count; i++)
        for (unsigned j = 0; j < sheets[i]->instance_count; j++)
            if (strcmp(sheets[i]->instances[j].name, device) == 0)
                return true;
    return false;
}

static void every_device_of_the_chip_has_a_sheet(void **state)
{
    (void)state;
    const struct chip *chip = board_find(BOARD)->chip;
    for (uint32_t i = 0; i < chip->device_count; i++)
        if (!has_sheet(chip->devices[i].name))
            fail_msg("%s: no registers_*.csv in harness/tests/data has it as an instance", chip->devices[i].name);
}

static int start_board(void **state)
{
    (void)state;
    static const uint8_t program[] = {
        0x00, 0x80, 0x01, 0x20, /* SP */
        0x09, 0x00, 0x00, 0x08, /* PC */
        0xfe, 0xe7, 0xfe, 0xe7, /* b . */
        0xff, 0xff, 0xff, 0xff,
    };
    struct machine_config config = {.seed = 1, .ram_policy = RAM_ZERO};
    struct error err;
    if (machine_create(&machine, board_find(BOARD), &config, &err) != TB_OK ||
        machine_load(machine, 0x08000000u, program, sizeof program, &err) != TB_OK) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    machine_power_on(machine);
    machine_halt(machine, true);
    return machine_save(machine, &cold, &err) == TB_OK ? 0 : -1;
}

static int stop_board(void **state)
{
    (void)state;
    snapshot_free(machine, cold);
    machine_destroy(machine);
    printf("%u registers: %u bits, reset value of %u checked; %u reserved bits; %u bits not written, %u flags not "
           "raised\n",
           count.registers, count.bits, count.reset_bits, count.reserved_bits, count.not_written, count.not_raised);
    return 0;
}

int main(void)
{
    static struct CMUnitTest tests[SHEETS + 1u] = {cmocka_unit_test(every_device_of_the_chip_has_a_sheet)};
    sheets_load(TEST_DATA_DIR);
    for (unsigned i = 0; i < sheet_count; i++)
        tests[i + 1u] = (struct CMUnitTest){
            .name = sheets[i]->file, .test_func = registers_behave_as_the_sheet_says, .initial_state = sheets[i]};
    int failed =
        _cmocka_run_group_tests("registers behave as the sheets say", tests, sheet_count + 1u, start_board, stop_board);
    sheets_free();
    return failed;
}
