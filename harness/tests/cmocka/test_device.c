/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What a model asks for reaches the host with the device's own numbers. The host is a double that
 * writes each request down as text.
 */
#include "cmocka_tests.h"
#include "sim/device.h"

#include <stdio.h>
#include <string.h>

struct double_host {
    char last[256];
    uint64_t now_ps;
};

#define NOTE(...) snprintf(((struct double_host *)context)->last, 256, __VA_ARGS__)

static uint64_t host_now_ps(void *context)
{
    return ((struct double_host *)context)->now_ps;
}

static uint64_t host_now_cycles(void *context)
{
    (void)context;
    return 4711;
}

static void host_event_set(void *context, uint32_t slot, uint64_t due_ps)
{
    NOTE("event_set %u %llu", slot, (unsigned long long)due_ps);
}

static uint64_t host_event_due(void *context, uint32_t slot)
{
    (void)context;
    return 1000u + slot;
}

static void host_stall_until(void *context, uint64_t due_ps)
{
    NOTE("stall_until %llu", (unsigned long long)due_ps);
}

static void host_output(void *context, uint16_t device, uint32_t output, uint64_t value, bool pulse)
{
    NOTE("output %u.%u %llu %s", device, output, (unsigned long long)value, pulse ? "pulse" : "level");
}

static uint64_t host_input(void *context, uint16_t device, uint32_t input)
{
    (void)context;
    return device * 100u + input;
}

static void host_observe(void *context, const struct obs *obs)
{
    NOTE("observe %s device %u a 0x%x b %u c %llu %s", obs_kind_name(obs->kind), obs->device, obs->a, obs->b,
         (unsigned long long)obs->c, obs->text);
}

static void host_request_reset(void *context, enum reset_kind kind)
{
    NOTE("request_reset %s", reset_kind_name(kind));
}

static void host_map_window(void *context, uint32_t window, uint32_t choice)
{
    NOTE("map_window %u %u", window, choice);
}

static uint32_t host_window_choice(void *context, uint32_t window)
{
    (void)context;
    return window + 10u;
}

static struct cell host_cell(void *context, uint32_t store, uint32_t offset)
{
    (void)context;
    return cell_make(store, (uint8_t)offset, CELL_WEAK);
}

static void host_op_begin(void *context, uint16_t device, const struct op *op)
{
    NOTE("op_begin %u kind %u store %u offset %u length %u value %llu ordinal %llu", device, op->kind, op->store,
         op->offset, op->length, (unsigned long long)op->value, (unsigned long long)op->ordinal);
}

static enum op_end host_op_commit(void *context)
{
    NOTE("op_commit");
    return OP_END_FAILED;
}

static bool host_op_in_flight(void *context)
{
    (void)context;
    return true;
}

static uint32_t host_store_size(void *context, uint32_t store)
{
    (void)context;
    return store * 1024u;
}

static void host_trap(void *context, uint32_t store, uint32_t offset, uint32_t length, uint32_t trap)
{
    NOTE("trap %u %u %u %u", store, offset, length, trap);
}

static const struct device_host host = {
    .now_ps = host_now_ps,
    .now_cycles = host_now_cycles,
    .event_set = host_event_set,
    .event_due = host_event_due,
    .stall_until = host_stall_until,
    .output = host_output,
    .input = host_input,
    .observe = host_observe,
    .request_reset = host_request_reset,
    .map_window = host_map_window,
    .window_choice = host_window_choice,
    .cell = host_cell,
    .op_begin = host_op_begin,
    .op_commit = host_op_commit,
    .op_in_flight = host_op_in_flight,
    .store_size = host_store_size,
    .trap = host_trap,
};

static const struct reg_desc regs[] = {
    {.offset = 0, .name = "CR", .reset = 0x11},
    {.offset = 8, .name = "SR", .rw = 0x0000ff00, .w1c = 0x000000f0, .w1s = 0x0000000f},
};
static const struct device_model model = {.name = "double", .regs = regs, .reg_count = 2, .event_count = 3};

static struct double_host context;
static struct device dev = {
    .model = &model,
    .name = "double1",
    .base = 0x40022000,
    .index = 7,
    .first_slot = 20,
    .host = &host,
    .host_context = &context,
};

static void an_event_goes_to_the_slot_of_its_device(void **state)
{
    (void)state;
    context.now_ps = 500;
    dev_event_at(&dev, 2, 123);
    assert_string_equal(context.last, "event_set 22 123");
    dev_event_after(&dev, 0, 100);
    assert_string_equal(context.last, "event_set 20 600");
    dev_event_cancel(&dev, 1);
    assert_string_equal(context.last, "event_set 21 18446744073709551615");
    assert_int_equal(dev_event_due(&dev, 1), 1021);
    assert_int_equal(dev_now_ps(&dev), 500);
    assert_int_equal(dev_now_cycles(&dev), 4711);
    dev_stall_until(&dev, 900);
    assert_string_equal(context.last, "stall_until 900");
}

static void an_event_beyond_the_end_of_time_never_comes(void **state)
{
    (void)state;
    context.now_ps = 500;
    dev_event_after(&dev, 0, UINT64_MAX - 499u); /* 2^64 */
    assert_string_equal(context.last, "event_set 20 18446744073709551615");
    dev_event_after(&dev, 0, TIME_NEVER);
    assert_string_equal(context.last, "event_set 20 18446744073709551615");
}

static void wires_carry_the_device_index(void **state)
{
    (void)state;
    dev_output(&dev, 3, 1);
    assert_string_equal(context.last, "output 7.3 1 level");
    dev_pulse(&dev, 4, 1ull << 40);
    assert_string_equal(context.last, "output 7.4 1099511627776 pulse");
    assert_int_equal(dev_input(&dev, 5), 705);
}

static void observations_name_the_device_and_the_address(void **state)
{
    (void)state;
    dev_observe(&dev, OBS_PIN, 5, 1, 9, "text");
    assert_string_equal(context.last, "observe pin device 7 a 0x5 b 1 c 9 text");
    dev_guest_error(&dev, 0x14, "locked");
    assert_string_equal(context.last, "observe guest-error device 7 a 0x40022014 b 0 c 0 locked");
    dev_gap(&dev, 0x20, true, 0xabu, "FLASH_X");
    assert_string_equal(context.last, "observe gap device 7 a 0x40022020 b 1 c 171 FLASH_X");
    dev_gap(&dev, 0x24, false, 0, "FLASH_Y");
    assert_string_equal(context.last, "observe gap device 7 a 0x40022024 b 0 c 0 FLASH_Y");
}

static void requests_reach_the_host_unchanged(void **state)
{
    (void)state;
    dev_request_reset(&dev, RESET_OPTION_LOAD);
    assert_string_equal(context.last, "request_reset option-load");
    dev_map_window(&dev, 1, 2);
    assert_string_equal(context.last, "map_window 1 2");
    assert_int_equal(dev_window_choice(&dev, 4), 14);
    dev_op_begin(&dev, &(struct op){.kind = OP_PROGRAM, .store = 2, .offset = 64, .length = 8, .value = 0x55});
    assert_string_equal(context.last, "op_begin 7 kind 0 store 2 offset 64 length 8 value 85 ordinal 0");
    assert_int_equal(dev_op_commit(&dev), OP_END_FAILED);
    assert_string_equal(context.last, "op_commit");
    assert_true(dev_op_in_flight(&dev));
    assert_int_equal(dev_store_size(&dev, 3), 3072);
    dev_trap(&dev, 1, 2048, 1024, TRAP_READ | TRAP_FETCH);
    assert_string_equal(context.last, "trap 1 2048 1024 3");
    struct cell cell = dev_cell(&dev, 6, 16);
    assert_int_equal(cell.data, 6);
    assert_int_equal(cell.check, 16);
    assert_int_equal(cell.state, CELL_WEAK);
}

static void a_register_is_found_by_any_of_its_bytes(void **state)
{
    (void)state;
    assert_ptr_equal(reg_find(&model, 0), &regs[0]);
    assert_ptr_equal(reg_find(&model, 3), &regs[0]);
    assert_null(reg_find(&model, 4));
    assert_ptr_equal(reg_find(&model, 11), &regs[1]);
    assert_null(reg_find(&model, 12));
    assert_null(reg_find(&model, UINT32_MAX));
}

static void a_register_write_keeps_reserved_bits_and_lanes_not_written(void **state)
{
    (void)state;
    /* rw ff00, w1c f0, w1s 0f. Bits 16 to 31 are reserved. */
    assert_int_equal(reg_written(&regs[1], 0x001234f0u, 0xffffab31u, UINT32_MAX), 0x0012abc1u);
    /* Only the second byte is written. */
    assert_int_equal(reg_lane_mask(9, 1), 0x0000ff00u);
    assert_int_equal(reg_written(&regs[1], 0x001234f0u, 0xffffabffu, reg_lane_mask(9, 1)), 0x0012abf0u);
    assert_int_equal(reg_lane_read(0x44332211u, 2, 2), 0x4433);
    assert_int_equal(reg_lane_read(0x44332211u, 1, 1), 0x22);
    assert_int_equal(reg_lane_merge(0x44332211u, 1, 1, 0xaau), 0x4433aa11u);
    assert_int_equal(reg_lane_merge(0x44332211u, 2, 2, 0xbbccu), 0xbbcc2211u);
}

static void every_reset_has_a_name_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(reset_kind_name(RESET_SOFTWARE), "software");
    for (int a = 0; a < RESET_KIND_COUNT; a++) {
        for (int b = 0; b < a; b++)
            assert_string_not_equal(reset_kind_name(a), reset_kind_name(b));
    }
}

static void a_serial_frame_carries_data_and_rate(void **state)
{
    (void)state;
    /* 'A' in 8 data bits (code 1), even parity (2), 115200 baud */
    uint64_t frame = serial_frame('A', 8, 2, 115200);
    assert_true(frame == (115200ull << 32 | 0x6041u));
    assert_int_equal(serial_data(frame), 'A');
    assert_int_equal(serial_baud(frame), 115200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_goes_to_the_slot_of_its_device),
        cmocka_unit_test(an_event_beyond_the_end_of_time_never_comes),
        cmocka_unit_test(wires_carry_the_device_index),
        cmocka_unit_test(observations_name_the_device_and_the_address),
        cmocka_unit_test(requests_reach_the_host_unchanged),
        cmocka_unit_test(a_register_is_found_by_any_of_its_bytes),
        cmocka_unit_test(a_register_write_keeps_reserved_bits_and_lanes_not_written),
        cmocka_unit_test(every_reset_has_a_name_of_its_own),
        cmocka_unit_test(a_serial_frame_carries_data_and_rate),
    };
    return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
