/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What is known of one world is known of all that agree in the places that decide, and of no other. */
#include "faults_fixture.h"
#include "harness/faults/facts.h"

#include <string.h>

#define A (BANK_2_OFFSET + 0u)
#define B (BANK_2_OFFSET + 8u * FRAME_SIZE)

static struct world world;
static struct facts facts;

static int set_up(void **state)
{
    (void)state;
    world = new_world();
    memset(&facts, 0, sizeof facts);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    facts_free(&facts);
    world_free(&world);
    return 0;
}

static void write(uint32_t offset, uint64_t value)
{
    struct op op = program(offset, value);
    world_complete(&world, &op);
}

static void assert_known(uint32_t expected)
{
    uint32_t value, set;
    assert_true(facts_find(&facts, &world, 0, &value, &set));
    assert_int_equal(value, expected);
}

static void assert_unknown(void)
{
    uint32_t value, set;
    assert_false(facts_find(&facts, &world, 0, &value, &set));
}

static const struct read_mark page_a = {FLASH_STORE, A, FRAME_SIZE}, page_b = {FLASH_STORE, B, FRAME_SIZE};
static const struct read_mark cell_a = {FLASH_STORE, A + 16u, 8};

static void a_fact_is_found_only_when_all_places_agree(void **state)
{
    (void)state;
    const struct read_mark marks[] = {page_b, page_a};
    assert_unknown();
    (void)facts_add(&facts, &world, 0, marks, 2, 11);
    assert_known(11);
    uint32_t mark = world_mark(&world);
    write(A, 1);
    assert_unknown();
    world_rewind(&world, mark);
    assert_known(11);
    write(B + FRAME_SIZE - 8u, 1);
    assert_unknown();
    world_rewind(&world, mark);
    write(A + FRAME_SIZE, 1); /* behind the page, and before the other one */
    write(B - 8u, 1);
    assert_known(11);
}

static void a_page_that_holds_a_thing_elsewhere_does_not_agree(void **state)
{
    (void)state;
    const struct read_mark marks[] = {page_a, page_b};
    write(A, 1);
    (void)facts_add(&facts, &world, 0, marks, 2, 1);
    world_rewind(&world, 0);
    write(A + 8u, 1); /* the same double word, one cell further */
    assert_unknown();
    world_rewind(&world, 0);
    write(B, 1); /* in the other page */
    assert_unknown();
    world_rewind(&world, 0);
    write(A, 1);
    assert_known(1);
}

static void a_cell_decides_alone(void **state)
{
    (void)state;
    (void)facts_add(&facts, &world, 0, &cell_a, 1, 3);
    write(A + 8u, 1);
    write(A + 24u, 1);
    assert_known(3);
    write(A + 16u, 1);
    assert_unknown();
}

static void cells_that_read_alike_but_are_not_alike_do_not_agree(void **state)
{
    (void)state;
    struct op op = program(A + 16u, 5);
    (void)facts_add(&facts, &world, 0, &cell_a, 1, 3);
    world_cut(&world, &op, TEAR_MARGINAL, 1); /* reads blank */
    assert_unknown();
}

static void values_of_one_set_of_places_are_kept_apart(void **state)
{
    (void)state;
    enum {
        MANY = 500 /* more than a set holds at first */
    };
    uint32_t first = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        write(A + 16u, i);
        uint32_t set = facts_add(&facts, &world, 0, &cell_a, 1, i);
        if (i == 0)
            first = set;
        assert_int_equal(set, first);
        world_rewind(&world, 0);
    }
    assert_int_equal(facts.set_count, 1);
    for (uint32_t i = 0; i < MANY; i++) {
        write(A + 16u, i);
        assert_known(i);
        world_rewind(&world, 0);
    }
    assert_unknown();
}

static void the_order_of_places_makes_no_other_set(void **state)
{
    (void)state;
    const struct read_mark one[] = {page_a, page_b, cell_a}, other[] = {cell_a, page_b, page_a};
    uint32_t first = facts_add(&facts, &world, 0, one, 3, 1);
    write(B, 1);
    assert_int_equal(facts_add(&facts, &world, 0, other, 3, 2), first);
    assert_known(2);
    world_rewind(&world, 0);
    assert_known(1);
}

static void a_set_without_places_holds_always(void **state)
{
    (void)state;
    (void)facts_add(&facts, &world, 0, NULL, 0, 9);
    write(A, 1);
    assert_known(9);
}

/* --- places ------------------------------------------------------------------------------------ */

static void places_come_once_and_not_from_erased_pages(void **state)
{
    (void)state;
    struct places places;
    struct error err;
    assert_int_equal(places_init(&places, &world, &err), TB_OK);
    uint8_t *erased = test_calloc(world.page_count, 1);
    const struct read_mark marks[] = {cell_a, page_b, cell_a, page_b};
    erased[world_index(&world, FLASH_STORE, B) / FRAME_CELLS] = 1;
    places_add(&places, &world, marks, 4, erased);
    assert_int_equal(places.count, 1);
    assert_int_equal(places.marks[0].offset, cell_a.offset);
    places_add(&places, &world, marks, 4, NULL);
    assert_int_equal(places.count, 2);
    places_add(&places, &world, &page_a, 1, NULL); /* the page: more than the cell of it */
    assert_int_equal(places.count, 3);
    const struct read_mark inside = {FLASH_STORE, A + 32u, 8};
    places_add(&places, &world, &inside, 1, NULL);
    assert_int_equal(places.count, 3);
    places_clear(&places, &world);
    assert_int_equal(places.count, 0);
    erased[world_index(&world, FLASH_STORE, A) / FRAME_CELLS] = 1;
    places_add(&places, &world, marks, 4, erased);
    assert_int_equal(places.count, 0);
    places_add(&places, &world, marks, 4, NULL); /* nothing is left of what was there before it was cleared */
    assert_int_equal(places.count, 2);
    places_free(&places);
    test_free(erased);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fact_is_found_only_when_all_places_agree),
        TEST(a_page_that_holds_a_thing_elsewhere_does_not_agree),
        TEST(a_cell_decides_alone),
        TEST(cells_that_read_alike_but_are_not_alike_do_not_agree),
        TEST(values_of_one_set_of_places_are_kept_apart),
        TEST(the_order_of_places_makes_no_other_set),
        TEST(a_set_without_places_holds_always),
        TEST(places_come_once_and_not_from_erased_pages),
    };
    return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
