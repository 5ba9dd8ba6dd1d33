/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Long because: the pool, stores and digests share their fixtures. */
#include "cmocka_tests.h"
#include "sim/store.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FLASH_SIZE (16u * FRAME_SIZE)

static const struct store_desc flash = {
    .name = "flash",
    .kind = STORE_FLASH,
    .size = FLASH_SIZE,
    .erase_size = 2u * FRAME_SIZE,
    .bank_size = FLASH_SIZE / 2u,
};

static struct frame_pool *new_pool(uint32_t frames)
{
    struct frame_pool *pool;
    struct error err;
    assert_int_equal(frame_pool_create(&pool, frames, &err), TB_OK);
    return pool;
}

static struct store new_store(const struct store_desc *desc, struct frame_pool *pool)
{
    struct store store;
    struct error err;
    assert_int_equal(store_create(&store, desc, pool, &err), TB_OK);
    return store;
}

static struct cell word(uint64_t data)
{
    return cell_make(data, ecc_check(data), CELL_SOLID);
}

static void assert_cell(const struct store *store, uint32_t offset, struct cell expected)
{
    struct cell cell = store_cell(store, offset);
    assert_true(cell.data == expected.data);
    assert_int_equal(cell.check, expected.check);
    assert_int_equal(cell.state, expected.state);
}

static void assert_reads(const struct store *store, uint32_t offset, uint64_t expected)
{
    uint64_t data;
    store_peek(store, offset, &data, 8);
    assert_true(data == expected);
}

static void a_new_flash_is_erased_and_costs_one_frame(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    for (uint32_t offset = 0; offset < FLASH_SIZE; offset += 8u)
        assert_cell(&store, offset, cell_make(UINT64_MAX, 0xff, CELL_SOLID));
    assert_int_equal(frame_pool_used(pool), 1);
    assert_false(frame_is_flagged(pool, store.frames[0]));
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void both_mappings_show_the_same_bytes(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    store_load(&store, FRAME_SIZE + 8u, "twinbank", 8);
    assert_ptr_not_equal(frame_pool_data(pool), frame_pool_twin(pool));
    size_t at = (size_t)store.frames[1] * FRAME_SIZE + 8u;
    assert_memory_equal(frame_pool_data(pool) + at, "twinbank", 8);
    assert_memory_equal(frame_pool_twin(pool) + at, "twinbank", 8);
    assert_int_equal(frame_pool_size(pool), 64u * FRAME_SIZE);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_private_page_is_edited_in_place(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    store_set_cell(&store, 0, word(1));
    frame_id frame = store.frames[0];
    uint32_t changes = store.changes;
    store_set_cell(&store, 8, word(2));
    assert_int_equal(store.frames[0], frame);
    assert_int_equal(store.changes, changes);
    assert_cell(&store, 0, word(1));
    assert_cell(&store, 8, word(2));
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void programming_a_sealed_page_copies_it_and_leaves_the_snapshot_alone(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    store_set_cell(&store, 0, word(1));
    store_seal(&store);
    frame_id snapshot = store.frames[0];
    frame_ref(pool, snapshot);
    uint32_t changes = store.changes;
    store_set_cell(&store, 8, word(2));
    assert_int_not_equal(store.frames[0], snapshot);
    assert_int_not_equal(store.changes, changes);
    store_show(&store, 0, snapshot);
    assert_cell(&store, 0, word(1));
    assert_cell(&store, 8, op_erase());
    frame_unref(pool, snapshot);
    store_destroy(&store);
    assert_int_equal(frame_pool_used(pool), 1);
    frame_pool_destroy(pool);
}

static void programming_a_page_that_somebody_else_holds_copies_it(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    store_set_cell(&store, 0, word(1));
    frame_id held = store.frames[0];
    frame_ref(pool, held);
    store_set_cell(&store, 0, word(0));
    assert_int_not_equal(store.frames[0], held);
    store_show(&store, 0, held);
    assert_cell(&store, 0, word(1));
    frame_unref(pool, held);
    store_destroy(&store);
    assert_int_equal(frame_pool_used(pool), 1);
    frame_pool_destroy(pool);
}

static void sealing_counts_as_a_change_only_where_a_page_gets_another_frame(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    store_set_cell(&store, 0, word(1));
    uint32_t changes = store.changes;
    store_seal(&store);
    assert_int_equal(store.changes, changes);
    store_set_cell(&store, FRAME_SIZE, word(1));
    changes = store.changes;
    store_seal(&store);
    assert_int_equal(store.changes, changes + 1u);
    assert_int_equal(store.frames[0], store.frames[1]);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void programming_an_executed_page_copies_it(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    store_set_cell(&store, 0, word(1));
    frame_id executed = store.frames[0];
    assert_false(frame_was_executed(pool, executed));
    frame_mark_executed(pool, executed);
    assert_true(frame_was_executed(pool, executed));
    store_set_cell(&store, 0, word(0));
    assert_int_not_equal(store.frames[0], executed);
    assert_false(frame_was_executed(pool, store.frames[0]));
    /* The dead frame's bytes are still what was translated. */
    uint64_t data;
    memcpy(&data, frame_pool_data(pool) + (size_t)executed * FRAME_SIZE, 8);
    assert_int_equal(data, 1);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void writing_an_equal_cell_changes_nothing(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    uint32_t changes = store.changes;
    store_set_cell(&store, 40, op_erase());
    store_erase(&store, 0, FLASH_SIZE);
    assert_int_equal(store.changes, changes);
    assert_int_equal(frame_pool_used(pool), 1);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void sealing_gives_equal_ids_for_equal_cells_in_two_stores(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store a = new_store(&flash, pool), b = new_store(&flash, pool);
    /* The same cells on another page, in another order. */
    store_set_cell(&a, 0, word(1));
    store_set_cell(&a, 1016, word(2));
    store_set_cell(&b, 3u * FRAME_SIZE + 1016u, word(2));
    store_set_cell(&b, 3u * FRAME_SIZE, word(7));
    store_set_cell(&b, 3u * FRAME_SIZE, word(1));
    assert_int_equal(frame_pool_used(pool), 3);
    store_seal(&a);
    store_seal(&b);
    assert_int_equal(a.frames[0], b.frames[3]);
    assert_int_equal(frame_pool_used(pool), 2);
    /* One check bit more makes another frame. */
    store_set_cell(&b, 3u * FRAME_SIZE, cell_make(1, ecc_check(1) ^ 1u, CELL_SOLID));
    store_seal(&b);
    assert_int_not_equal(a.frames[0], b.frames[3]);
    /* So does a state. */
    store_set_cell(&b, 3u * FRAME_SIZE, cell_make(1, ecc_check(1), CELL_UNSTABLE_NEW));
    store_seal(&b);
    assert_int_not_equal(a.frames[0], b.frames[3]);
    store_set_cell(&b, 3u * FRAME_SIZE, word(1));
    store_seal(&b);
    assert_int_equal(a.frames[0], b.frames[3]);
    store_destroy(&a);
    store_destroy(&b);
    assert_int_equal(frame_pool_used(pool), 1);
    frame_pool_destroy(pool);
}

static void a_page_programmed_back_to_ones_seals_to_the_erased_frame(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    frame_id erased = store.frames[5];
    store_set_cell(&store, 0, word(1));
    store_erase(&store, 0, 8); /* inside one frame */
    assert_int_not_equal(store.frames[0], erased);
    store_seal(&store);
    assert_int_equal(store.frames[0], erased);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void an_erase_touches_its_pages_and_no_others(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    for (uint32_t offset = 0; offset < FLASH_SIZE; offset += 8u)
        store_set_cell(&store, offset, word(offset));
    store_erase(&store, 2u * FRAME_SIZE, 2u * FRAME_SIZE);
    for (uint32_t offset = 0; offset < FLASH_SIZE; offset += 8u) {
        bool inside = offset >= 2u * FRAME_SIZE && offset < 4u * FRAME_SIZE;
        assert_cell(&store, offset, inside ? op_erase() : word(offset));
    }
    assert_int_equal(frame_pool_used(pool), 1u + 14u);
    store_erase(&store, 0, FLASH_SIZE);
    assert_int_equal(frame_pool_used(pool), 1);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_bad_cell_flags_its_page_and_keeps_its_raw_bits(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    store_set_cell(&store, 0, word(0xabcd));
    store_set_cell(&store, 16, word(0x1234));
    uint32_t changes = store.changes;
    struct cell one_off = cell_make(0xabcc, ecc_check(0xabcd), CELL_SOLID);
    store_set_cell(&store, 8, one_off);
    assert_true(frame_is_flagged(pool, store.frames[0]));
    assert_int_not_equal(store.changes, changes);
    assert_cell(&store, 8, one_off);
    assert_reads(&store, 8, 0xabcd); /* corrected */
    struct cell two_off = cell_make(0xabcd ^ 0x11, ecc_check(0xabcd), CELL_SOLID);
    store_set_cell(&store, 24, two_off);
    assert_cell(&store, 24, two_off);
    assert_reads(&store, 24, 0xabcd ^ 0x11); /* as stored */
    assert_cell(&store, 0, word(0xabcd));
    assert_cell(&store, 16, word(0x1234));
    /* A clean cell beside bad ones, changed while the page is flagged. */
    store_set_cell(&store, 16, word(0x4321));
    assert_cell(&store, 16, word(0x4321));
    assert_reads(&store, 16, 0x4321);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_page_is_flagged_until_its_last_bad_cell_is_gone(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    store_set_cell(&store, 8, cell_make(UINT64_MAX, 0xff, CELL_WEAK));
    store_set_cell(&store, 16, cell_make(UINT64_MAX - 1u, 0xff, CELL_SOLID));
    assert_true(frame_is_flagged(pool, store.frames[0]));
    store_set_cell(&store, 8, word(0));
    assert_true(frame_is_flagged(pool, store.frames[0]));
    uint32_t changes = store.changes;
    store_set_cell(&store, 16, word(0));
    assert_false(frame_is_flagged(pool, store.frames[0]));
    assert_int_not_equal(store.changes, changes);
    /* The next bad cell finds no old states in the page. */
    store_set_cell(&store, 24, cell_make(5, ecc_check(5), CELL_UNSTABLE_OLD));
    assert_cell(&store, 8, word(0));
    assert_cell(&store, 16, word(0));
    assert_cell(&store, 24, cell_make(5, ecc_check(5), CELL_UNSTABLE_OLD));
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_copy_of_a_flagged_page_is_flagged_and_equal(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    struct cell bad = cell_make(0x77, 0x55, CELL_UNSTABLE_NEW);
    store_set_cell(&store, 0, bad);
    store_seal(&store);
    frame_id sealed = store.frames[0];
    store_set_cell(&store, 8, word(3));
    assert_int_not_equal(store.frames[0], sealed);
    assert_true(frame_is_flagged(pool, store.frames[0]));
    assert_cell(&store, 0, bad);
    assert_cell(&store, 8, word(3));
    store_destroy(&store);
    frame_pool_destroy(pool);
}

struct recycled {
    struct frame_pool *pool;
    size_t calls, count;
    frame_id frames[256];
};

static void note_recycled(void *context, const frame_id *frames, size_t count)
{
    struct recycled *recycled = context;
    recycled->calls++;
    for (size_t i = 0; i < count; i++) {
        assert_true(frame_was_executed(recycled->pool, frames[i]));
        recycled->frames[recycled->count++] = frames[i];
    }
}

/** Shows, executes and gives up a page with these cells; returns its frame. */
static frame_id execute_and_leave(struct store *store, uint64_t value)
{
    store_set_cell(store, 0, word(value));
    store_seal(store);
    frame_id frame = store->frames[0];
    frame_mark_executed(store->pool, frame);
    store_erase(store, 0, FRAME_SIZE);
    return frame;
}

static void an_executed_frame_is_not_reused_before_the_recycler_ran(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(1024);
    struct store store = new_store(&flash, pool);
    struct recycled recycled = {.pool = pool};
    frame_id dead[100];
    frame_pool_set_recycler(pool, note_recycled, &recycled);
    for (unsigned i = 0; i < 100; i++) {
        dead[i] = execute_and_leave(&store, 1000u + i);
        for (unsigned j = 0; j < i; j++)
            assert_int_not_equal(dead[i], dead[j]);
    }
    assert_int_equal(recycled.calls, 0);
    frame_pool_reclaim(pool);
    /* Whole batches, the oldest first. */
    assert_int_equal(recycled.calls, 1);
    assert_int_equal(recycled.count, 64);
    assert_memory_equal(recycled.frames, dead, 64u * sizeof(dead[0]));
    assert_int_equal(frame_pool_used(pool), 1u + 36u);
    frame_pool_reclaim(pool);
    assert_int_equal(recycled.calls, 1);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_frame_that_never_executed_needs_no_recycler(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(8);
    struct store store = new_store(&flash, pool);
    for (unsigned i = 0; i < 1000; i++) {
        store_set_cell(&store, 0, word(i));
        store_seal(&store);
        store_erase(&store, 0, FRAME_SIZE);
    }
    assert_int_equal(frame_pool_used(pool), 1);
    assert_int_equal(frame_pool_peak(pool), 2); /* the erased frame and the one in use */
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_freed_frame_keeps_its_bytes_until_the_next_reclaim(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    store_set_cell(&store, 0, word(0x5a));
    frame_id freed = store.frames[0];
    store_erase(&store, 0, FRAME_SIZE);
    for (uint32_t page = 0; page < 16; page++)
        store_set_cell(&store, page * FRAME_SIZE, word(page));
    uint64_t data;
    memcpy(&data, frame_pool_data(pool) + (size_t)freed * FRAME_SIZE, 8);
    assert_int_equal(data, 0x5a);
    store_erase(&store, 0, FLASH_SIZE);
    frame_pool_reclaim(pool);
    bool used_again = false;
    for (uint32_t page = 0; page < 16; page++) {
        store_set_cell(&store, page * FRAME_SIZE, word(page));
        used_again |= store.frames[page] == freed;
    }
    assert_true(used_again);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void contents_that_come_back_get_their_old_executed_frame(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(1024);
    struct store store = new_store(&flash, pool);
    struct recycled recycled = {.pool = pool};
    frame_pool_set_recycler(pool, note_recycled, &recycled);
    frame_id frame = execute_and_leave(&store, 42);
    for (unsigned i = 0; i < 70; i++)
        (void)execute_and_leave(&store, 1000u + i);
    store_set_cell(&store, 0, word(42));
    store_seal(&store);
    assert_int_equal(store.frames[0], frame);
    assert_true(frame_was_executed(pool, frame));
    frame_pool_reclaim(pool);
    for (size_t i = 0; i < recycled.count; i++)
        assert_int_not_equal(recycled.frames[i], frame);
    assert_cell(&store, 0, word(42));
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_scarce_pool_recycles_all_dead_frames(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(16);
    struct store store = new_store(&flash, pool);
    struct recycled recycled = {.pool = pool};
    frame_pool_set_recycler(pool, note_recycled, &recycled);
    for (unsigned i = 0; i < 13; i++)
        (void)execute_and_leave(&store, i);
    frame_pool_reclaim(pool);
    assert_int_equal(recycled.count, 13);
    assert_int_equal(frame_pool_used(pool), 1);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_recycled_number_is_no_longer_executed(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(8);
    struct store store = new_store(&flash, pool);
    frame_id frame = execute_and_leave(&store, 1);
    for (unsigned i = 2; i <= 6; i++)
        (void)execute_and_leave(&store, i);
    frame_pool_reclaim(pool); /* one frame of eight was left: scarce */
    bool used_again = false;
    for (uint32_t page = 0; page < 7; page++) {
        store_set_cell(&store, page * FRAME_SIZE, word(10u + page));
        used_again |= store.frames[page] == frame;
        assert_false(frame_was_executed(pool, store.frames[page]));
    }
    assert_true(used_again);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void loaded_bytes_keep_their_neighbours_and_read_back_clean(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    uint8_t bytes[3000], back[3000];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7u + 1u);
    store_load(&store, 1021, bytes, sizeof(bytes));
    store_peek(&store, 1021, back, sizeof(back));
    assert_memory_equal(back, bytes, sizeof(bytes));
    /* 1021 = 127 * 8 + 5: the first word keeps five erased bytes, then 1, 8, 15. */
    assert_cell(&store, 1016, word(0x0f0801ffffffffffull));
    for (uint32_t offset = 0; offset < FLASH_SIZE; offset += FRAME_SIZE)
        assert_false(frame_is_flagged(pool, store.frames[offset / FRAME_SIZE]));
    /* Over a cell of bad bits: they are gone. */
    store_set_cell(&store, 2048, cell_make(1, 0xee, CELL_UNSTABLE_NEW));
    store_load(&store, 2048, "ABCDEFGH", 8);
    assert_cell(&store, 2048, word(0x4847464544434241ull));
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_loaded_double_word_of_ones_stays_programmable(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&flash, pool);
    uint8_t bytes[24];
    memset(bytes, 0xff, sizeof(bytes));
    bytes[0] = 0;
    store_load(&store, 0, bytes, sizeof(bytes));
    assert_false(cell_is_erased(store_cell(&store, 0)));
    assert_true(cell_is_erased(store_cell(&store, 8)));
    assert_true(cell_is_erased(store_cell(&store, 16)));
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void a_rom_shows_its_contents_then_ones(void **state)
{
    (void)state;
    static const uint8_t contents[] = {1, 2, 3, 4, 5};
    static const uint32_t size = sizeof(contents);
    static const struct store_desc rom = {
        .name = "rom",
        .kind = STORE_ROM,
        .size = 2u * FRAME_SIZE,
        .contents = contents,
        .contents_size = &size,
    };
    struct frame_pool *pool = new_pool(64);
    struct store store = new_store(&rom, pool);
    assert_reads(&store, 0, 0xffffff0504030201ull);
    assert_reads(&store, 8, UINT64_MAX);
    assert_reads(&store, 2040, UINT64_MAX);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void contents_larger_than_their_store_are_refused(void **state)
{
    (void)state;
    static const uint8_t contents[FRAME_SIZE + 1u] = {0};
    static const uint32_t size = sizeof(contents);
    struct store_desc rom = {
        .name = "rom",
        .kind = STORE_ROM,
        .size = FRAME_SIZE,
        .contents = contents,
        .contents_size = &size,
    };
    struct frame_pool *pool = new_pool(64);
    struct store store;
    struct error err;
    assert_int_equal(store_create(&store, &rom, pool, &err), TB_ERR_INPUT);
    assert_non_null(strstr(err.text, "store rom: its contents have 1025 bytes; at most 1024"));
    assert_int_equal(frame_pool_used(pool), 1);
    frame_pool_destroy(pool);
}

static void ram_is_plain_memory_on_a_host_page(void **state)
{
    (void)state;
    static const struct store_desc ram = {.name = "sram1", .kind = STORE_RAM, .size = 0x18000};
    struct store store = new_store(&ram, NULL);
    assert_int_equal((uintptr_t)store.ram % 4096u, 0);
    uint64_t before = store_digest(&store);
    store_load(&store, 0x17ffe, "ok", 2);
    assert_memory_equal(store.ram + 0x17ffe, "ok", 2);
    char back[2];
    store_peek(&store, 0x17ffe, back, 2);
    assert_memory_equal(back, "ok", 2);
    assert_true(store_digest(&store) != before);
    store_destroy(&store);
}

static void a_digest_depends_on_cells_only(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64), *other_pool = new_pool(128);
    struct store a = new_store(&flash, pool), b = new_store(&flash, other_pool);
    uint64_t erased = store_digest(&a);
    assert_true(store_digest(&b) == erased);
    /* Other frame numbers, sealed here and private there. */
    store_set_cell(&b, 5u * FRAME_SIZE, word(9));
    store_set_cell(&b, 5u * FRAME_SIZE, op_erase());
    store_set_cell(&a, 64, word(1));
    store_set_cell(&b, 64, word(1));
    store_seal(&a);
    assert_true(store_digest(&a) == store_digest(&b));
    assert_true(store_digest(&a) != erased);
    store_set_cell(&a, 64, cell_make(1, ecc_check(1), CELL_UNSTABLE_OLD));
    store_set_cell(&b, 64, cell_make(1, ecc_check(1), CELL_WEAK));
    assert_true(store_digest(&a) != store_digest(&b));
    store_set_cell(&b, 64, cell_make(1, ecc_check(1), CELL_UNSTABLE_OLD));
    assert_true(store_digest(&a) == store_digest(&b));
    store_destroy(&a);
    store_destroy(&b);
    frame_pool_destroy(pool);
    frame_pool_destroy(other_pool);
}

static void a_digest_tells_pages_apart_that_changed_places(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(64);
    struct store a = new_store(&flash, pool), b = new_store(&flash, pool);
    store_set_cell(&a, 0, word(1));
    store_set_cell(&b, FRAME_SIZE, word(1));
    assert_true(store_digest(&a) != store_digest(&b));
    store_destroy(&a);
    store_destroy(&b);
    frame_pool_destroy(pool);
}

static struct cell random_cell(uint64_t random)
{
    struct cell cell = word(random & 0x300000003ull);
    switch (random >> 40 & 7u) {
    case 0:
        return op_erase();
    case 1:
        cell.data ^= 1u << 20;
        return cell;
    case 2:
        cell.state = (uint8_t)(random >> 44 & 3u);
        return cell;
    default:
        return cell;
    }
}

/** Edits, seals, snapshots, restores, executions and reclaims in random order: the cells are always
 * those of a plain array, and in the end every frame is accounted for. */
static void random_histories_agree_with_a_plain_array(void **state)
{
    (void)state;
    enum {
        PAGES = 16,
        CELLS = FLASH_SIZE / 8u
    };
    struct frame_pool *pool = new_pool(512);
    struct store store = new_store(&flash, pool);
    struct recycled recycled = {.pool = pool};
    static struct cell cells[CELLS], saved_cells[CELLS];
    frame_id saved[PAGES];
    bool have_saved = false;
    uint64_t seed = 20261122;
    for (unsigned i = 0; i < CELLS; i++)
        cells[i] = op_erase();
    frame_pool_set_recycler(pool, note_recycled, &recycled);
    for (unsigned step = 0; step < 60000; step++) {
        uint64_t random = next_random(&seed);
        uint32_t index = random >> 8 & (CELLS - 1u), page = index / FRAME_CELLS;
        unsigned action = random % 64u;
        if (action < 50) {
            cells[index] = random_cell(random >> 16);
            store_set_cell(&store, index * 8u, cells[index]);
        } else if (action < 54) {
            for (unsigned i = 0; i < FRAME_CELLS; i++)
                cells[page * FRAME_CELLS + i] = op_erase();
            store_erase(&store, page * FRAME_SIZE, FRAME_SIZE);
        } else if (action < 58) {
            frame_mark_executed(pool, store.frames[page]);
        } else if (action < 60) {
            recycled.count = 0;
            frame_pool_reclaim(pool);
        } else if (action < 62) {
            store_seal(&store);
            for (unsigned p = 0; p < PAGES; p++) {
                frame_ref(pool, store.frames[p]);
                if (have_saved)
                    frame_unref(pool, saved[p]);
                saved[p] = store.frames[p];
            }
            memcpy(saved_cells, cells, sizeof(cells));
            have_saved = true;
        } else if (have_saved) {
            for (unsigned p = 0; p < PAGES; p++)
                store_show(&store, p, saved[p]);
            memcpy(cells, saved_cells, sizeof(cells));
        }
        if (step % 16u == 0) {
            for (unsigned i = 0; i < CELLS; i += 1u + (unsigned)(random & 7u))
                assert_cell(&store, i * 8u, cells[i]);
        }
    }
    assert_true(recycled.calls > 10);
    for (unsigned p = 0; have_saved && p < PAGES; p++)
        frame_unref(pool, saved[p]);
    store_destroy(&store);
    frame_pool_set_recycler(pool, NULL, NULL);
    frame_pool_destroy(pool);
}

static void a_full_pool_without_a_recycler_takes_its_dead_frames_back(void **state)
{
    (void)state;
    struct frame_pool *pool = new_pool(8);
    struct store store = new_store(&flash, pool);
    for (unsigned i = 0; i < 100; i++)
        (void)execute_and_leave(&store, i);
    assert_true(frame_pool_peak(pool) <= 8);
    store_destroy(&store);
    frame_pool_destroy(pool);
}

static void keep_frames(void *context, const frame_id *frames, size_t count)
{
    (void)context, (void)frames, (void)count;
}

static void a_full_pool_stops_the_process_saying_what_to_raise(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        struct frame_pool *pool = new_pool(8);
        struct store store = new_store(&flash, pool);
        /* In the middle of a run the recycler must not be called. */
        frame_pool_set_recycler(pool, keep_frames, NULL);
        for (unsigned i = 0; i < 8; i++)
            (void)execute_and_leave(&store, i);
        _exit(0);
    }
    close(ends[1]);
    char text[512] = "";
    size_t size = 0;
    ssize_t got;
    while (size < sizeof(text) - 1u && (got = read(ends[0], text + size, sizeof(text) - 1u - size)) > 0)
        size += (size_t)got;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(text, "raise machine_config.pool_frames or free snapshots"));
}

static void a_pool_without_frames_is_refused(void **state)
{
    (void)state;
    struct frame_pool *pool;
    struct error err;
    assert_int_equal(frame_pool_create(&pool, 0, &err), TB_ERR_INPUT);
    assert_non_null(strstr(err.text, "frame pool: 0 frames"));
    assert_null(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_flash_is_erased_and_costs_one_frame),
        cmocka_unit_test(both_mappings_show_the_same_bytes),
        cmocka_unit_test(a_private_page_is_edited_in_place),
        cmocka_unit_test(programming_a_sealed_page_copies_it_and_leaves_the_snapshot_alone),
        cmocka_unit_test(programming_a_page_that_somebody_else_holds_copies_it),
        cmocka_unit_test(sealing_counts_as_a_change_only_where_a_page_gets_another_frame),
        cmocka_unit_test(programming_an_executed_page_copies_it),
        cmocka_unit_test(writing_an_equal_cell_changes_nothing),
        cmocka_unit_test(sealing_gives_equal_ids_for_equal_cells_in_two_stores),
        cmocka_unit_test(a_page_programmed_back_to_ones_seals_to_the_erased_frame),
        cmocka_unit_test(an_erase_touches_its_pages_and_no_others),
        cmocka_unit_test(a_bad_cell_flags_its_page_and_keeps_its_raw_bits),
        cmocka_unit_test(a_page_is_flagged_until_its_last_bad_cell_is_gone),
        cmocka_unit_test(a_copy_of_a_flagged_page_is_flagged_and_equal),
        cmocka_unit_test(an_executed_frame_is_not_reused_before_the_recycler_ran),
        cmocka_unit_test(a_frame_that_never_executed_needs_no_recycler),
        cmocka_unit_test(a_freed_frame_keeps_its_bytes_until_the_next_reclaim),
        cmocka_unit_test(contents_that_come_back_get_their_old_executed_frame),
        cmocka_unit_test(a_scarce_pool_recycles_all_dead_frames),
        cmocka_unit_test(a_recycled_number_is_no_longer_executed),
        cmocka_unit_test(loaded_bytes_keep_their_neighbours_and_read_back_clean),
        cmocka_unit_test(a_loaded_double_word_of_ones_stays_programmable),
        cmocka_unit_test(a_rom_shows_its_contents_then_ones),
        cmocka_unit_test(contents_larger_than_their_store_are_refused),
        cmocka_unit_test(ram_is_plain_memory_on_a_host_page),
        cmocka_unit_test(a_digest_depends_on_cells_only),
        cmocka_unit_test(a_digest_tells_pages_apart_that_changed_places),
        cmocka_unit_test(random_histories_agree_with_a_plain_array),
        cmocka_unit_test(a_full_pool_without_a_recycler_takes_its_dead_frames_back),
        cmocka_unit_test(a_full_pool_stops_the_process_saying_what_to_raise),
        cmocka_unit_test(a_pool_without_frames_is_refused),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
