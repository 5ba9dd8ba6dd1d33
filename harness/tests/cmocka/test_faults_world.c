/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Cells as plain data: what is done to them comes to the same cells as on a machine, and can be taken back. */
#include "faults_fixture.h"
#include "harness/faults/record.h"

#include <stdio.h>
#include <string.h>

#define SCENARIO   TEST_DATA_DIR "/sweeps/counter.yaml"
#define LOW_SUPPLY TEST_DATA_DIR "/sweeps/low-supply.yaml"
#define NUMBERS    BANK_2_OFFSET /* where the counting firmware writes */

static void assert_same_cells(const struct world *a, const struct world *b)
{
    assert_int_equal(a->cell_count, b->cell_count);
    for (uint32_t i = 0; i < a->cell_count; i++)
        if (!cell_equal(a->cells[i], b->cells[i]))
            fail_msg("cell %u: state %u, data 0x%016llx; expected state %u, data 0x%016llx", i, a->cells[i].state,
                     (unsigned long long)a->cells[i].data, b->cells[i].state, (unsigned long long)b->cells[i].data);
    assert_true(a->hash == b->hash);
    assert_int_equal(a->unstable, b->unstable);
    assert_memory_equal(a->page_hashes, b->page_hashes, a->page_count * sizeof *a->page_hashes);
    assert_memory_equal(a->page_unstable, b->page_unstable, a->page_count * sizeof *a->page_unstable);
}

static const struct cell *cell_at(const struct world *world, uint32_t offset)
{
    return &world->cells[world_index(world, FLASH_STORE, offset)];
}

/* --- taking back ------------------------------------------------------------------------------- */

static void everything_is_as_before_after_a_rewind(void **state)
{
    (void)state;
    struct world world = new_world(), copy;
    struct error err;
    struct op one = program(NUMBERS, 0x1234), two = program(NUMBERS + 8u, 0x5678), page = erase(NUMBERS);
    world_complete(&world, &one);
    world_cut(&world, &two, TEAR_UNSTABLE_NEW, 3);
    world_settle(&world); /* stays */
    assert_int_equal(world_copy(&copy, &world, &err), TB_OK);
    assert_int_equal(world.unstable, 1);
    uint64_t random = 42;
    for (uint32_t round = 0; round < 20u; round++) {
        uint32_t mark = world_mark(&world);
        for (uint32_t i = 0; i < 50u; i++) {
            struct op op = program(NUMBERS + 8u * (uint32_t)(next_random(&random) % 600u), next_random(&random));
            if (i % 3u == 0)
                world_complete(&world, &op);
            else
                world_cut(&world, i % 7u == 0 ? &page : &op, i % 7u == 0 ? TEAR_PARTIAL : TEAR_UNSTABLE_OLD, i);
        }
        assert_true(world.hash != copy.hash);
        world_rewind(&world, mark);
        assert_same_cells(&world, &copy);
    }
    world_free(&world);
    world_free(&copy);
}

static void what_was_settled_is_not_taken_back(void **state)
{
    (void)state;
    struct world world = new_world();
    struct op op = program(NUMBERS, 0x1234);
    world_complete(&world, &op);
    world_settle(&world);
    world_rewind(&world, 0);
    assert_true(cell_at(&world, NUMBERS)->data == 0x1234u);
    world_free(&world);
}

/* --- equal cells, equal hash ------------------------------------------------------------------- */

static void equal_cells_have_an_equal_hash_whatever_led_to_them(void **state)
{
    (void)state;
    struct world here = new_world(), there = new_world();
    struct op one = program(NUMBERS, 1), two = program(NUMBERS + 8u, 2), far = program(NUMBERS + PAGE_BYTES, 3);
    struct op page = erase(NUMBERS);
    assert_same_cells(&here, &there);
    world_complete(&here, &one);
    world_complete(&here, &far);
    world_complete(&here, &two);
    world_complete(&there, &two);
    world_cut(&there, &one, TEAR_UNCORRECTABLE, 1);
    world_complete(&there, &page); /* and over again, the other way round */
    world_complete(&there, &two);
    world_complete(&there, &far);
    world_cut(&there, &one, TEAR_NEW, 1);
    assert_same_cells(&here, &there);
    world_free(&here);
    world_free(&there);
}

static void cells_that_differ_in_anything_have_another_hash(void **state)
{
    (void)state;
    struct world world = new_world();
    struct op one = program(NUMBERS, 1), other_place = program(NUMBERS + 8u, 1), other_value = program(NUMBERS, 2);
    uint64_t seen[8];
    uint32_t count = 0;
    seen[count++] = world.hash;
    world_complete(&world, &one);
    seen[count++] = world.hash;
    world_rewind(&world, 0);
    world_complete(&world, &other_place);
    seen[count++] = world.hash;
    world_rewind(&world, 0);
    world_complete(&world, &other_value);
    seen[count++] = world.hash;
    world_rewind(&world, 0);
    static const enum tear tears[] = {TEAR_UNSTABLE_OLD, TEAR_UNSTABLE_NEW, TEAR_UNSTABLE_ECCD, TEAR_MARGINAL};
    for (uint32_t i = 0; i < 4u; i++) { /* the first three differ in how they read, no bit of theirs does */
        world_cut(&world, &one, tears[i], 1);
        seen[count++] = world.hash;
        world_rewind(&world, 0);
    }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < i; k++)
            assert_true(seen[i] != seen[k]);
    world_free(&world);
}

static void a_cut_draws_how_unstable_cells_read_and_the_same_way_again(void **state)
{
    (void)state;
    enum {
        CELLS = 40
    };
    struct world world = new_world(), again = new_world();
    uint32_t modes = 0;
    for (uint32_t i = 0; i < CELLS; i++) {
        struct op op = program(NUMBERS + 8u * i, 0x1234);
        world_cut(&world, &op, TEAR_UNSTABLE_NEW, 1); /* which draws those that were there */
        world_cut(&again, &op, TEAR_UNSTABLE_NEW, 1);
        assert_int_equal(cell_at(&world, NUMBERS + 8u * i)->state, CELL_UNSTABLE_NEW);
    }
    for (uint32_t reset = 0; reset < 20u; reset++) {
        uint8_t before[CELLS];
        for (uint32_t i = 0; i < CELLS; i++)
            before[i] = cell_at(&world, NUMBERS + 8u * i)->state;
        world_cut(&world, NULL, TEAR_OLD, reset); /* the seed of a tear has no part in it */
        world_cut(&again, NULL, TEAR_OLD, 0);
        assert_int_equal(world.unstable, CELLS);
        assert_same_cells(&world, &again);
        for (uint32_t i = 0; i < CELLS; i++) {
            uint8_t mode = cell_at(&world, NUMBERS + 8u * i)->state;
            assert_int_not_equal(mode, before[i]); /* the worst reading: what a boot decided, the next does not see */
            modes |= 1u << mode;
        }
    }
    assert_int_equal(modes, 1u << CELL_UNSTABLE_OLD | 1u << CELL_UNSTABLE_NEW | 1u << CELL_UNSTABLE_ECCD |
                                1u << CELL_UNSTABLE_NEW_OLD | 1u << CELL_UNSTABLE_OLD_NEW);
    world_free(&world);
    world_free(&again);
}

/* --- as a machine does it ---------------------------------------------------------------------- */

static struct scenario *scenario;
static struct session session;
static struct result result;
static struct recorder recorder;
static struct snapshot *off;
static struct world base;
static const struct run_options options = {.images_dir = TEST_FIRMWARE_DIR};

static int open_session_of(const char *path)
{
    struct error err;
    if (scenario_load(&scenario, path, TEST_FIRMWARE_DIR, &err) != TB_OK) {
        print_error("%s\n", err.text);
        return 1;
    }
    session = (struct session){.scenario = scenario, .options = &options, .result = &result};
    memset(&recorder, 0, sizeof recorder);
    if (session_open(&session, &err) != TB_OK || machine_save(session.machine, &off, &err) != TB_OK)
        return 1;
    chip = scenario->board->chip;
    if (world_init(&base, session.machine, chip, scenario->seed_value, &err) != TB_OK)
        return 1;
    recorder_attach(&recorder, &session);
    return 0;
}

static int open_session(void **state)
{
    (void)state;
    return open_session_of(SCENARIO);
}

static int open_low_supply(void **state)
{
    (void)state;
    return open_session_of(LOW_SUPPLY);
}

static int close_session(void **state)
{
    (void)state;
    recorder_detach(&recorder);
    op_list_free(&recorder.list);
    snapshot_free(session.machine, off);
    session_close(&session);
    world_free(&base);
    scenario_free(scenario);
    return 0;
}

/** From the start, power off in the end; with a cut inside an operation if number is not 0. */
static void play(enum op_kind kind, uint32_t number, enum tear tear, uint64_t seed, struct world *seen)
{
    struct error err;
    machine_restore(session.machine, off);
    recorder_restart(&recorder);
    session_restart(&session);
    recorder.cut_kind = kind;
    recorder.cut_number = number;
    session_start(&session);
    session_steps(&session, 0, scenario->steps_count);
    machine_power_off(session.machine, tear, seed);
    assert_int_equal(world_init(seen, session.machine, chip, scenario->seed_value, &err), TB_OK);
}

static void recorded_operations_come_to_the_cells_of_the_machine(void **state)
{
    (void)state;
    struct world seen, world;
    struct error err;
    play(OP_PROGRAM, 0, TEAR_OLD, 1, &seen);
    assert_int_equal(result.verdict, VERDICT_PASS);
    /* two numbers, an erase that a reset tears, what the start-up repairs, two more numbers or all four */
    assert_int_equal(recorder.list.ops[2].event, LEG_OP_RESET);
    assert_true(recorder.list.count >= 6u);
    assert_int_equal(world_copy(&world, &base, &err), TB_OK);
    op_list_play(&recorder.list, 0, recorder.list.count, &world, NULL);
    world_cut(&world, NULL, TEAR_OLD, 1);
    assert_same_cells(&world, &seen);
    for (uint64_t i = 0; i < 4u; i++) /* number and complement: what the firmware's source says */
        assert_true(cell_at(&world, NUMBERS + 8u * (uint32_t)i)->data == (~i << 32 | i));
    world_free(&seen);
    world_free(&world);
}

/** Cells that turn unstable, a power cycle and a brown-out inside an erase on the way. */
static void operations_in_low_supply_come_to_the_cells_of_the_machine(void **state)
{
    (void)state;
    struct world seen, world;
    struct error err;
    play(OP_PROGRAM, 0, TEAR_OLD, 1, &seen);
    if (result.verdict != VERDICT_PASS)
        fail_msg("%s", result.reason);
    uint32_t unsure = 0, torn = 0, resets = 0;
    for (uint32_t i = 0; i < recorder.list.count; i++) {
        unsure += recorder.list.ops[i].op.unsure;
        torn += recorder.list.ops[i].event == LEG_OP_RESET;
        resets += recorder.list.ops[i].event == LEG_RESET;
    }
    assert_true(unsure >= 5u && torn == 2u && resets == 1u);
    assert_int_equal(world_copy(&world, &base, &err), TB_OK);
    op_list_play(&recorder.list, 0, recorder.list.count, &world, NULL);
    world_cut(&world, NULL, TEAR_OLD, 1);
    assert_same_cells(&world, &seen);
    world_free(&seen);
    world_free(&world);
}

static void a_cut_inside_any_operation_leaves_the_cells_of_the_machine(void **state)
{
    (void)state;
    struct world seen, world;
    struct error err;
    play(OP_PROGRAM, 0, TEAR_OLD, 1, &seen);
    world_free(&seen);
    struct op_list list = recorder.list;
    recorder.list = (struct op_list){0};
    uint32_t cuts = 0;
    for (uint32_t i = 0; i < list.count; i++) {
        for (uint32_t tear = 0; tear < TEAR_COUNT && list.ops[i].event != LEG_RESET; tear++) {
            const struct leg_op *op = &list.ops[i];
            if (!tear_fits((enum tear)tear, op_is_erase(&op->op)))
                continue;
            play((enum op_kind)op->op.kind, op->number, (enum tear)tear, 5u + tear, &seen);
            assert_true(recorder.cut_done);
            assert_int_equal(world_copy(&world, &base, &err), TB_OK);
            op_list_play(&list, 0, i, &world, NULL);
            world_cut(&world, &op->op, (enum tear)tear, 5u + tear);
            assert_same_cells(&world, &seen);
            world_free(&seen);
            world_free(&world);
            cuts++;
        }
    }
    op_list_free(&list);
    assert_true(cuts >= 6u * 5u);
}

static void a_machine_that_is_shown_a_world_holds_its_cells(void **state)
{
    (void)state;
    struct world seen, world;
    struct error err;
    struct op one = program(NUMBERS, 0x1234), far = program(0x70000, 5), page = erase(0);
    assert_int_equal(world_copy(&world, &base, &err), TB_OK);
    world_complete(&world, &one);
    world_cut(&world, &far, TEAR_UNSTABLE_OLD_NEW, 9);
    world_cut(&world, &page, TEAR_WEAK, 9); /* where the program was */
    machine_restore(session.machine, off);
    world_show(&world, &base, session.machine);
    assert_int_equal(world_init(&seen, session.machine, chip, scenario->seed_value, &err), TB_OK);
    assert_same_cells(&seen, &world);
    assert_true(seen.hash != base.hash);
    world_free(&seen);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest plain[] = {
        cmocka_unit_test(everything_is_as_before_after_a_rewind),
        cmocka_unit_test(what_was_settled_is_not_taken_back),
        cmocka_unit_test(equal_cells_have_an_equal_hash_whatever_led_to_them),
        cmocka_unit_test(cells_that_differ_in_anything_have_another_hash),
        cmocka_unit_test(a_cut_draws_how_unstable_cells_read_and_the_same_way_again),
    };
    const struct CMUnitTest on_a_machine[] = {
        cmocka_unit_test(recorded_operations_come_to_the_cells_of_the_machine),
        cmocka_unit_test(a_cut_inside_any_operation_leaves_the_cells_of_the_machine),
        cmocka_unit_test(a_machine_that_is_shown_a_world_holds_its_cells),
    };
    const struct CMUnitTest in_low_supply[] = {
        cmocka_unit_test(operations_in_low_supply_come_to_the_cells_of_the_machine),
        cmocka_unit_test(a_cut_inside_any_operation_leaves_the_cells_of_the_machine),
    };
    int failed = cmocka_run_group_tests_name("world", plain, NULL, NULL);
    failed += cmocka_run_group_tests_name("low supply", in_low_supply, open_low_supply, close_session);
    return failed + cmocka_run_group_tests_name("world and machine", on_a_machine, open_session, close_session);
}
