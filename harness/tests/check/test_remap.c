/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Swapping the banks by SYSCFG_MEMRMP.FB_MODE changes what is seen and run, and moves no byte.
 *
 * RM0351, SYSCFG memory remap register: FB_MODE is bit 8; set, bank 2 shows at 0x08000000 (and at 0
 * while flash is mapped there) and bank 1 at 0x08080000.
 */
#include "whole.h"

#include <string.h>

#define BANK_1 FIRMWARE("remap-a")
#define BANK_2 FIRMWARE("remap-b")

#define BANK_BYTES 0x80000u
#define MARK_1     0xaaaa1111u
#define MARK_2     0xbbbb2222u

/* What one look of the firmware leaves: its mark as linked, in the other bank's place, at the alias
 * at 0; which bank's code ran; which bank's vector was taken. */
static const uint32_t bank_1_shows[5] = {MARK_1, MARK_2, MARK_1, 1, 1};
static const uint32_t bank_2_shows[5] = {MARK_2, MARK_1, MARK_2, 2, 2};

static struct machine *machine;
static uint32_t remap_observations;

static void on_remap(void *context, const struct obs *obs)
{
    (void)context;
    (void)obs;
    remap_observations++;
}

static void start(void)
{
    machine = whole_create();
    whole_load(machine, BANK_1, 0);
    whole_load(machine, BANK_2, BANK_BYTES);
    machine_power_on(machine);
}

static void finish(void)
{
    ck_assert(whole_run_until(machine, BANK_1, "done", 0x600d600du, 1000000u));
}

static void assert_shows(const uint32_t *seen, const uint32_t expected[5], const char *when)
{
    for (unsigned i = 0; i < 5u; i++)
        ck_assert_msg(seen[i] == expected[i], "%s, value %u: expected 0x%08x, got 0x%08x", when, i, expected[i],
                      seen[i]);
}

static void read_seen(uint32_t seen[23])
{
    whole_read(machine, whole_symbol(BANK_1, "seen"), seen, 23u * 4u);
}

START_TEST(a_store_to_fb_mode_shows_the_other_bank)
{
    uint32_t seen[23];
    start();
    finish();
    read_seen(seen);
    assert_shows(seen, bank_1_shows, "after reset");
    assert_shows(seen + 5, bank_2_shows, "after setting FB_MODE");
    machine_destroy(machine);
}
END_TEST

/* 0x42200020 = 0x42000000 + (0x40010000 - 0x40000000) * 32 + 8 * 4: DDI 0403E B3.1 (bit-band). */
START_TEST(the_bit_band_alias_of_fb_mode_swaps_as_well)
{
    uint32_t seen[23];
    start();
    finish();
    read_seen(seen);
    assert_shows(seen + 16, bank_1_shows, "after clearing FB_MODE by its alias");
    ck_assert_uint_eq(seen[21], 1);
    ck_assert_uint_eq(seen[22], 0x100u);
    machine_destroy(machine);
}
END_TEST

START_TEST(a_swap_copies_nothing_and_is_no_flash_operation)
{
    struct machine_counters before, after;
    start();
    machine_add_observer(machine, OBS_BIT(OBS_REMAP), on_remap, NULL);
    machine_get_counters(machine, &before);
    finish();
    machine_get_counters(machine, &after);
    ck_assert_uint_ge(after.remaps, before.remaps + 3u); /* set, clear, set */
    ck_assert_uint_ge(remap_observations, 3u);
    ck_assert_uint_eq(after.flash_copied_bytes, 0);
    ck_assert_uint_eq(after.frames_used, before.frames_used);
    for (unsigned kind = 0; kind < OP_KIND_COUNT; kind++)
        ck_assert_uint_eq(after.ops[kind], 0);
    machine_destroy(machine);
}
END_TEST

/* The unswapped map, by which images are loaded, does not follow FB_MODE. */
START_TEST(the_cells_stay_where_they_were)
{
    static uint8_t before[2u * BANK_BYTES], after[2u * BANK_BYTES];
    struct error err;
    start();
    ck_assert_msg(machine_peek(machine, 0x08000000u, before, sizeof before, &err) == TB_OK, "%s", err.text);
    finish();
    ck_assert_msg(machine_peek(machine, 0x08000000u, after, sizeof after, &err) == TB_OK, "%s", err.text);
    ck_assert(memcmp(before, after, sizeof before) == 0);
    ck_assert_uint_eq(whole_word(machine, whole_symbol(BANK_1, "bank_mark")), MARK_2);
    machine_destroy(machine);
}
END_TEST

START_TEST(one_image_runs_from_either_bank)
{
    uint32_t seen[23];
    machine = whole_create();
    whole_load(machine, BANK_1, 0);
    whole_load(machine, BANK_1, BANK_BYTES);
    machine_power_on(machine);
    finish();
    read_seen(seen);
    static const uint32_t same[5] = {MARK_1, MARK_1, MARK_1, 1, 1};
    assert_shows(seen, same, "before the swap");
    assert_shows(seen + 5, same, "after the swap");
    machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("remap");
    TCase *tcase = tcase_create("remap");
    tcase_add_test(tcase, a_store_to_fb_mode_shows_the_other_bank);
    tcase_add_test(tcase, the_bit_band_alias_of_fb_mode_swaps_as_well);
    tcase_add_test(tcase, a_swap_copies_nothing_and_is_no_flash_operation);
    tcase_add_test(tcase, the_cells_stay_where_they_were);
    tcase_add_test(tcase, one_image_runs_from_either_bank);
    suite_add_tcase(suite, tcase);
    return whole_main(suite);
}
