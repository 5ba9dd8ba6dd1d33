/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * What is in force after option words that do not fit their complements, in each reading of RM0440 3.4.2 that a knob
 * offers, and what the world is told of it.
 */
#include "flash_fixture.h"

enum {
    KNOB_OPTION_MISMATCH = 3,
    KNOB_ROM_ECC = 4,
};

enum {
    EACH_WORD,
    ALL_WORDS,
    NO_PCROP,
    BFB2_0,
};

#define OPTVERR 0x8000u

static uint32_t output(const struct fake_host *h, const char *name)
{
    for (uint32_t i = 0; h->device.model->outputs[i] != NULL; i++)
        if (strcmp(h->device.model->outputs[i], name) == 0)
            return (uint32_t)h->output[i];
    fail_msg("no output %s", name);
    return 0;
}

/** Double word `offset` of an option page is erased, which fits no complement. */
static struct fake_host *without_option(uint32_t reading, uint32_t store, uint32_t offset)
{
    struct fake_host *h = locked();
    h->knobs[KNOB_OPTION_MISMATCH] = reading;
    h->cells[STORE_FLASH_ARRAY][0] = op_program(op_erase(), 0x11);
    h->cells[STORE_FLASH_ARRAY][BANK / 8u] = op_program(op_erase(), 0x22);
    h->cells[store][offset / 8u] = op_erase();
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(fake_read(h, 0x10), OPTVERR);
    return h;
}

/** What the first double words of both banks read as: 0 under PCROP. */
static void expect(struct fake_host *h, uint32_t rdp, uint32_t bfb2, uint32_t bank1, uint32_t bank2)
{
    assert_int_equal(output(h, "rdp"), rdp);
    assert_int_equal(output(h, "bfb2"), bfb2);
    assert_int_equal(load_at(h, 0), bank1);
    assert_int_equal(load_at(h, BANK), bank2);
    fake_destroy(h);
}

static void a_pcrop_word_that_does_not_fit_closes_its_bank_alone(void **state)
{
    (void)state;
    expect(without_option(EACH_WORD, STORE_OPTION_1, 0x08), 0, 0, 0, 0x22);
    expect(without_option(EACH_WORD, STORE_OPTION_1, 0x10), 0, 0, 0, 0x22);
    expect(without_option(EACH_WORD, STORE_OPTION_2, 0x08), 0, 0, 0x11, 0);
}

static void user_options_that_do_not_fit_are_level_1_and_bfb2(void **state)
{
    (void)state;
    expect(without_option(EACH_WORD, STORE_OPTION_1, 0x00), 1, 1, 0x11, 0x22);
}

static void all_words_take_their_defaults_when_one_does_not_fit_and_the_knob_says_so(void **state)
{
    (void)state;
    expect(without_option(ALL_WORDS, STORE_OPTION_2, 0x20), 1, 1, 0, 0);
    struct fake_host *h = locked();
    h->knobs[KNOB_OPTION_MISMATCH] = ALL_WORDS;
    h->cells[STORE_FLASH_ARRAY][0] = op_program(op_erase(), 0x11);
    h->cells[STORE_FLASH_ARRAY][BANK / 8u] = op_program(op_erase(), 0x22);
    fake_reset(h, RESET_OPTION_LOAD); /* all fit */
    expect(h, 0, 0, 0x11, 0x22);
}

static void a_pcrop_word_that_does_not_fit_is_no_area_when_the_knob_says_so(void **state)
{
    (void)state;
    expect(without_option(NO_PCROP, STORE_OPTION_1, 0x08), 0, 0, 0x11, 0x22);
    expect(without_option(NO_PCROP, STORE_OPTION_2, 0x10), 0, 0, 0x11, 0x22);
    expect(without_option(NO_PCROP, STORE_OPTION_1, 0x00), 1, 1, 0x11, 0x22);
}

static void user_options_that_do_not_fit_leave_bfb2_clear_when_the_knob_says_so(void **state)
{
    (void)state;
    expect(without_option(BFB2_0, STORE_OPTION_1, 0x00), 1, 0, 0x11, 0x22);
    expect(without_option(BFB2_0, STORE_OPTION_2, 0x08), 0, 0, 0x11, 0);
}

static uint32_t told(const struct fake_host *h, const char *text)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->obs_count && i < FAKE_LOG; i++) {
        const struct obs *obs = &h->obs[i];
        bool same = text == NULL ? obs->text == NULL : obs->text != NULL && strcmp(obs->text, text) == 0;
        count += obs->kind == OBS_OPTIONS && same;
    }
    return count;
}

static void a_mismatch_is_told_at_each_load_and_its_end_once(void **state)
{
    (void)state;
    struct fake_host *h = locked();
    assert_int_equal(fake_count_obs(h, OBS_OPTIONS), 0);
    h->cells[STORE_OPTION_1][0] = op_erase();
    h->cells[STORE_OPTION_2][1] = op_erase();
    h->cells[STORE_OPTION_2][4] = op_erase();
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(told(h, "RDP level 1 and BFB2 = 1"), 1);
    assert_int_equal(told(h, "PCROP over bank 2"), 1);
    assert_int_equal(told(h, "WRP off"), 1);
    assert_int_equal(fake_count_obs(h, OBS_OPTIONS), 3);
    fake_reset(h, RESET_SOFTWARE); /* loads nothing */
    assert_int_equal(fake_count_obs(h, OBS_OPTIONS), 3);
    set_option(h, STORE_OPTION_1, 0x00, 0xffeff8aau);
    set_option(h, STORE_OPTION_2, 0x08, 0xffffffffu);
    set_option(h, STORE_OPTION_2, 0x20, 0x000000ffu);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(told(h, NULL), 1);
    fake_reset(h, RESET_OPTION_LOAD);
    assert_int_equal(fake_count_obs(h, OBS_OPTIONS), 4);
    fake_destroy(h);
}

static void what_is_told_follows_the_knob(void **state)
{
    (void)state;
    struct fake_host *h = without_option(BFB2_0, STORE_OPTION_1, 0x00);
    assert_int_equal(told(h, "RDP level 1 and BFB2 = 0"), 1);
    fake_destroy(h);
    h = without_option(NO_PCROP, STORE_OPTION_1, 0x10);
    assert_int_equal(told(h, "no PCROP in bank 1"), 1);
    assert_int_equal(fake_count_obs(h, OBS_OPTIONS), 1);
    fake_destroy(h);
}

/* Not the chip's: our boot ROM asks there how to read what is not published. */
static void the_boot_rom_learns_of_its_knob(void **state)
{
    (void)state;
    struct fake_host *h = fake_create(&stm32_flash_l4_model, &flash_fixture_params);
    fake_add_store(h, STORE_FLASH_ARRAY, 2u * BANK);
    for (uint32_t store = STORE_OTP_AREA; store <= STORE_SYSTEM_2; store++)
        fake_add_store(h, store, 28672);
    fake_power_on(h);
    assert_int_equal(load(h, STORE_SYSTEM_1, 0x6ff0), UINT32_MAX);
    h->knobs[KNOB_ROM_ECC] = 2;
    assert_int_equal(load(h, STORE_SYSTEM_1, 0x6ff0), 2);
    assert_int_equal(load(h, STORE_SYSTEM_1, 0x6ff4), UINT32_MAX);
    fake_destroy(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pcrop_word_that_does_not_fit_closes_its_bank_alone),
        cmocka_unit_test(user_options_that_do_not_fit_are_level_1_and_bfb2),
        cmocka_unit_test(all_words_take_their_defaults_when_one_does_not_fit_and_the_knob_says_so),
        cmocka_unit_test(a_pcrop_word_that_does_not_fit_is_no_area_when_the_knob_says_so),
        cmocka_unit_test(user_options_that_do_not_fit_leave_bfb2_clear_when_the_knob_says_so),
        cmocka_unit_test(a_mismatch_is_told_at_each_load_and_its_end_once),
        cmocka_unit_test(what_is_told_follows_the_knob),
        cmocka_unit_test(the_boot_rom_learns_of_its_knob),
    };
    return cmocka_run_group_tests_name("flash options that do not fit", tests, NULL, NULL);
}
