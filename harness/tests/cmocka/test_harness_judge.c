/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "cmocka_tests.h"
#include "harness/judge.h"

#include <string.h>

#define USART   7u /* device index of the double */
#define BANK    0x80000u
#define MS(n)   ((n) * PS_PER_MS)
#define PIN_PA5 5u

static const struct store_desc stores[] = {
    {.name = "flash", .kind = STORE_FLASH, .size = 2u * BANK, .erase_size = 2048, .bank_size = BANK}};
static const struct window_choice choices[] = {
    {"straight", {{"flash", 0, 2u * BANK}}},
    {"swapped", {{"flash", BANK, BANK}, {"flash", 0, BANK}}},
};
static const struct window windows[] = {
    {"alias", 0, 2u * BANK, "flash", choices, 2},
    {"flash", 0x08000000u, 2u * BANK, "flash", choices, 2},
};
static const struct chip chip = {
    .name = "double", .stores = stores, .store_count = 1, .windows = windows, .window_count = 2};

static int make_judge(void **state)
{
    static struct judge judge;
    struct flash_layout layout;
    assert_int_equal(flash_layout_find(&layout, &chip, NULL), TB_OK);
    judge_init(&judge, &chip, &layout);
    assert_int_equal(judge_add_stream(&judge, USART, 115200, NULL), TB_OK);
    *state = &judge;
    return 0;
}

static int free_judge(void **state)
{
    judge_free(*state);
    return 0;
}

static void see(struct judge *judge, uint16_t kind, uint64_t time_ps, uint32_t a, uint32_t b)
{
    struct obs obs = {.kind = kind, .time_ps = time_ps, .a = a, .b = b, .device = USART};
    judge_observe(judge, &obs);
}

static void hear_at(struct judge *judge, const char *text, uint32_t baud)
{
    for (; *text != '\0'; text++)
        see(judge, OBS_UART_TX, 0, (uint8_t)*text, baud);
}

static void hear(struct judge *judge, const char *text)
{
    hear_at(judge, text, 115200);
}

static void the_layout_is_that_of_the_window_above_the_alias(void **state)
{
    struct judge *judge = *state;
    assert_int_equal(judge->layout.window, 1);
    assert_int_equal(judge->layout.base, 0x08000000);
    assert_int_equal(flash_bank_address(&judge->layout, 2), 0x08080000);
    assert_true(flash_contains(&judge->layout, 0x08000000u, 2u * BANK));
    assert_false(flash_contains(&judge->layout, 0x08000008u, 2u * BANK));
    assert_false(flash_contains(&judge->layout, 0x07fffff8u, 8));
    assert_false(flash_contains(&judge->layout, 0xfffffff8u, 0x10u));
}

static void text_matches_when_its_last_character_came(void **state)
{
    struct judge *judge = *state;
    judge_await(judge, 0, "running 2.0.0");
    hear(judge, "runnrunning 2.0.");
    assert_false(judge->matched);
    hear(judge, "0");
    assert_true(judge->matched);
}

static void text_from_before_the_action_does_not_match(void **state)
{
    struct judge *judge = *state;
    hear(judge, "running 2.0.0\r\nrunn");
    judge_mark(judge);
    judge_await(judge, 0, "running");
    hear(judge, "ing"); /* half of it is from before */
    assert_false(judge->matched);
    hear(judge, " running");
    assert_true(judge->matched);
}

static void text_that_came_after_the_action_matches_at_once(void **state)
{
    struct judge *judge = *state;
    judge_mark(judge);
    hear(judge, "a running b");
    judge_await(judge, 0, "running");
    assert_true(judge->matched);
}

static void a_match_is_used_up(void **state)
{
    struct judge *judge = *state;
    hear(judge, "running");
    judge_await(judge, 0, "running");
    assert_true(judge->matched);
    judge_await(judge, 0, "running");
    assert_false(judge->matched);
    hear(judge, "running");
    assert_true(judge->matched);
}

static void frames_of_another_baud_rate_are_noise(void **state)
{
    struct judge *judge = *state;
    hear_at(judge, "abc", 57600);
    assert_false(judge_has_text(judge, "abc"));
    hear_at(judge, "abc", 117000); /* 1.6 % off: receivers cope */
    assert_true(judge_has_text(judge, "abc"));
}

static void the_last_line_is_printable_and_not_empty(void **state)
{
    struct judge *judge = *state;
    char line[32];
    hear(judge, "first\r\nsec\x01nd\r\n\r\n");
    judge_last_line(&judge->streams[0], line, sizeof line);
    assert_string_equal(line, "sec.nd");
}

static void the_heartbeat_counts_from_its_first_rising_edge(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    see(judge, OBS_PIN, MS(50u), PIN_PA5, 0);      /* no edge: it was low */
    see(judge, OBS_PIN, MS(90u), PIN_PA5 + 1u, 1); /* another pin */
    assert_true(judge_heartbeat_gap(judge, MS(100u)) == 0);
    see(judge, OBS_PIN, MS(100u), PIN_PA5, 1);
    see(judge, OBS_PIN, MS(101u), PIN_PA5, 0);
    see(judge, OBS_PIN, MS(104u), PIN_PA5, 1);
    see(judge, OBS_PIN, MS(105u), PIN_PA5, 0);
    assert_true(judge_heartbeat_gap(judge, MS(105u)) == MS(3u));
}

static void a_heartbeat_that_stopped_for_good_has_an_open_gap(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    see(judge, OBS_PIN, MS(1u), PIN_PA5, 1);
    see(judge, OBS_PIN, MS(2u), PIN_PA5, 0);
    assert_true(judge_heartbeat_gap(judge, MS(9u)) == MS(7u));
}

static void a_reset_ends_the_heartbeat_and_the_boot_is_no_gap(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    see(judge, OBS_PIN, MS(1u), PIN_PA5, 1);
    see(judge, OBS_RESET, MS(3u), RESET_SOFTWARE, 0);
    see(judge, OBS_PIN, MS(3u), PIN_PA5, 0); /* the pin's own reset */
    see(judge, OBS_PIN, MS(500u), PIN_PA5, 1);
    see(judge, OBS_PIN, MS(501u), PIN_PA5, 0);
    assert_true(judge_heartbeat_gap(judge, MS(501u)) == MS(2u));
}

static void the_active_bank_follows_the_flash_window_only(void **state)
{
    struct judge *judge = *state;
    assert_int_equal(judge->active_bank, 1);
    see(judge, OBS_REMAP, 0, 0, 1); /* the alias */
    assert_int_equal(judge->active_bank, 1);
    see(judge, OBS_REMAP, 0, 1, 1);
    assert_int_equal(judge->active_bank, 2);
    see(judge, OBS_POWER, 0, 1, 0);
    assert_int_equal(judge->active_bank, 1);
}

static void equal_gaps_are_one_note_with_a_count(void **state)
{
    struct judge *judge = *state;
    static const char spi[] = "SPI1_CR1", i2c[] = "I2C1_CR1";
    struct obs obs = {.kind = OBS_GAP, .a = 0x40013000u, .pc = 0x08004321u, .text = spi};
    judge_observe(judge, &obs);
    judge_observe(judge, &obs);
    obs.text = i2c;
    judge_observe(judge, &obs);
    assert_int_equal(judge->gaps.count, 2);
    assert_int_equal(judge->gaps.total, 3);
    assert_int_equal(judge->gaps.entries[0].count, 2);
    assert_string_equal(judge->gaps.entries[0].text, "SPI1_CR1");
    assert_int_equal(judge->gaps.entries[0].pc, 0x08004321);
    assert_int_equal(judge->guest_errors.total, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_judge, free_judge)
    const struct CMUnitTest tests[] = {
        TEST(the_layout_is_that_of_the_window_above_the_alias),
        TEST(text_matches_when_its_last_character_came),
        TEST(text_from_before_the_action_does_not_match),
        TEST(text_that_came_after_the_action_matches_at_once),
        TEST(a_match_is_used_up),
        TEST(frames_of_another_baud_rate_are_noise),
        TEST(the_last_line_is_printable_and_not_empty),
        TEST(the_heartbeat_counts_from_its_first_rising_edge),
        TEST(a_heartbeat_that_stopped_for_good_has_an_open_gap),
        TEST(a_reset_ends_the_heartbeat_and_the_boot_is_no_gap),
        TEST(the_active_bank_follows_the_flash_window_only),
        TEST(equal_gaps_are_one_note_with_a_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
