/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What a run read of cells before it rewrote them: noted once, in order, by page or by cell. */
#include "cmocka_tests.h"
#include "sim/reads.h"

#include <string.h>

static const struct store_desc descs[] = {
    {.name = "flash", .kind = STORE_FLASH, .size = 16u * FRAME_SIZE, .erase_size = 2u * FRAME_SIZE},
    {.name = "sram", .kind = STORE_RAM, .size = 4u * FRAME_SIZE},
    {.name = "options", .kind = STORE_FLASH, .size = 2u * FRAME_SIZE, .erase_size = FRAME_SIZE},
};
#define STORES  3u
#define FLASH   0u
#define SRAM    1u
#define OPTIONS 2u

static struct frame_pool *pool;
static struct store stores[STORES];
static struct reads reads;

static int set_up(void **state)
{
    (void)state;
    struct error err;
    if (frame_pool_create(&pool, 64, &err) != TB_OK)
        return 1;
    for (uint32_t i = 0; i < STORES; i++)
        if (store_create(&stores[i], &descs[i], pool, &err) != TB_OK)
            return 1;
    if (reads_init(&reads, stores, STORES, &err) != TB_OK)
        return 1;
    reads_begin(&reads, stores);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    reads_free(&reads);
    for (uint32_t i = 0; i < STORES; i++)
        store_destroy(&stores[i]);
    frame_pool_destroy(pool);
    return 0;
}

static void assert_marks(const struct read_mark *expected, uint32_t count)
{
    assert_int_equal(reads.count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(reads.marks[i].store, expected[i].store);
        assert_int_equal(reads.marks[i].offset, expected[i].offset);
        assert_int_equal(reads.marks[i].length, expected[i].length);
    }
}

static void the_first_read_of_a_page_is_noted_and_no_later_one(void **state)
{
    (void)state;
    reads_note_page(&reads, FLASH, 5);
    reads_note_page(&reads, OPTIONS, 1);
    reads_note_page(&reads, FLASH, 5);
    reads_note_cell(&reads, FLASH, 5u * FRAME_SIZE + 8u);
    reads_note_cell(&reads, FLASH, 3u * FRAME_SIZE + 16u); /* not watched finely: the whole page */
    reads_note_cell(&reads, FLASH, 3u * FRAME_SIZE + 24u);
    assert_marks((const struct read_mark[]){{FLASH, 5u * FRAME_SIZE, FRAME_SIZE},
                                            {OPTIONS, FRAME_SIZE, FRAME_SIZE},
                                            {FLASH, 3u * FRAME_SIZE, FRAME_SIZE}},
                 3);
}

static void ram_is_not_noted(void **state)
{
    (void)state;
    reads_note_page(&reads, SRAM, 1);
    assert_int_equal(reads.count, 0);
}

static void what_is_read_of_an_erased_page_is_not_noted(void **state)
{
    (void)state;
    reads_note_erase(&reads, FLASH, 4u * FRAME_SIZE, 2u * FRAME_SIZE);
    reads_note_page(&reads, FLASH, 3);
    reads_note_page(&reads, FLASH, 4);
    reads_note_cell(&reads, FLASH, 5u * FRAME_SIZE);
    reads_note_page(&reads, FLASH, 6);
    assert_marks((const struct read_mark[]){{FLASH, 3u * FRAME_SIZE, FRAME_SIZE}, {FLASH, 6u * FRAME_SIZE, FRAME_SIZE}},
                 2);
}

static void what_was_read_before_the_erase_stays_noted(void **state)
{
    (void)state;
    reads_note_page(&reads, FLASH, 4);
    reads_note_erase(&reads, FLASH, 4u * FRAME_SIZE, 2u * FRAME_SIZE);
    reads_note_page(&reads, FLASH, 4);
    assert_marks((const struct read_mark[]){{FLASH, 4u * FRAME_SIZE, FRAME_SIZE}}, 1);
}

static void a_page_watched_finely_is_noted_cell_by_cell(void **state)
{
    (void)state;
    assert_false(reads_is_fine(&reads, FLASH, 2));
    reads_watch_finely(&reads, FLASH, 2);
    reads_watch_finely(&reads, FLASH, 2);
    assert_true(reads_is_fine(&reads, FLASH, 2));
    assert_false(reads_is_fine(&reads, FLASH, 3));
    assert_int_equal(reads.fine_count, 1);
    reads_note_cell(&reads, FLASH, 2u * FRAME_SIZE + 20u); /* inside the cell at 16 */
    reads_note_cell(&reads, FLASH, 2u * FRAME_SIZE + 16u);
    reads_note_cell(&reads, FLASH, 2u * FRAME_SIZE + 8u);
    assert_marks((const struct read_mark[]){{FLASH, 2u * FRAME_SIZE + 16u, 8u}, {FLASH, 2u * FRAME_SIZE + 8u, 8u}}, 2);
    reads_note_page(&reads, FLASH, 2); /* hardware reads all of it after all */
    reads_note_cell(&reads, FLASH, 2u * FRAME_SIZE + 32u);
    assert_int_equal(reads.count, 3);
    assert_int_equal(reads.marks[2].length, FRAME_SIZE);
    reads_note_erase(&reads, FLASH, 2u * FRAME_SIZE, 2u * FRAME_SIZE);
    assert_int_equal(reads.count, 3);
}

static void a_new_log_is_empty_and_watches_the_same_pages_finely(void **state)
{
    (void)state;
    reads_watch_finely(&reads, FLASH, 2);
    reads_note_cell(&reads, FLASH, 2u * FRAME_SIZE);
    reads_note_page(&reads, FLASH, 3);
    reads_note_erase(&reads, FLASH, 4u * FRAME_SIZE, 2u * FRAME_SIZE);
    reads_begin(&reads, stores);
    assert_int_equal(reads.count, 0);
    reads_note_cell(&reads, FLASH, 2u * FRAME_SIZE);
    reads_note_page(&reads, FLASH, 3);
    reads_note_page(&reads, FLASH, 4); /* not erased since the new log began */
    assert_marks((const struct read_mark[]){{FLASH, 2u * FRAME_SIZE, 8u},
                                            {FLASH, 3u * FRAME_SIZE, FRAME_SIZE},
                                            {FLASH, 4u * FRAME_SIZE, FRAME_SIZE}},
                 3);
}

static void nothing_is_noted_while_the_log_is_off(void **state)
{
    (void)state;
    reads.on = false;
    reads_note_page(&reads, FLASH, 1);
    reads_note_cell(&reads, FLASH, 3u * FRAME_SIZE);
    reads_note_erase(&reads, FLASH, 4u * FRAME_SIZE, 2u * FRAME_SIZE);
    assert_int_equal(reads.count, 0);
    reads.on = true;
    reads_note_page(&reads, FLASH, 1);
    reads_note_page(&reads, FLASH, 4);
    assert_int_equal(reads.count, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_read_of_a_page_is_noted_and_no_later_one),
        TEST(ram_is_not_noted),
        TEST(what_is_read_of_an_erased_page_is_not_noted),
        TEST(what_was_read_before_the_erase_stays_noted),
        TEST(a_page_watched_finely_is_noted_cell_by_cell),
        TEST(a_new_log_is_empty_and_watches_the_same_pages_finely),
        TEST(nothing_is_noted_while_the_log_is_off),
    };
    return cmocka_run_group_tests_name("reads", tests, NULL, NULL);
}
