/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "cmocka_tests.h"
#include "harness/judge.h"

#include <string.h>

#define USART   7u /* device index of the double */
#define BANK    0x80000u
#define MS(n)   ((n) * PS_PER_MS)
#define PIN_PA5 5u
#define PIN_PA6 6u

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

/** The longest gap of a pin up to now. */
static uint64_t gap_of(const struct judge *judge, uint32_t pin, uint64_t now_ps)
{
    return judge_heartbeat(judge, pin, now_ps).longest.ps;
}

static void toggle(struct judge *judge, uint32_t pin, uint64_t time_ps, uint32_t level)
{
    struct obs obs = {.kind = OBS_PIN, .time_ps = time_ps, .a = pin, .b = level, .pc = 0x08001234u};
    judge_observe(judge, &obs);
}

/** A reset that was asked for at one time and performed at another. */
static void reset(struct judge *judge, enum reset_kind kind, uint64_t asked_ps, uint64_t done_ps)
{
    struct obs obs = {.kind = OBS_RESET, .time_ps = done_ps, .a = kind, .c = asked_ps, .pc = 0x08004321u};
    judge_observe(judge, &obs);
}

static void the_heartbeat_counts_from_its_first_rising_edge(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    toggle(judge, PIN_PA5, MS(50u), 0); /* no edge: it was low */
    toggle(judge, PIN_PA6, MS(90u), 1); /* another pin */
    assert_true(gap_of(judge, PIN_PA5, MS(100u)) == 0);
    toggle(judge, PIN_PA5, MS(100u), 1);
    toggle(judge, PIN_PA5, MS(101u), 0);
    toggle(judge, PIN_PA5, MS(104u), 1);
    toggle(judge, PIN_PA5, MS(105u), 0);
    struct judge_heartbeat heartbeat = judge_heartbeat(judge, PIN_PA5, MS(105u));
    assert_true(heartbeat.longest.ps == MS(3u) && heartbeat.longest.end_ps == MS(104u));
    assert_int_equal(heartbeat.longest.ended_by, GAP_EDGE);
    assert_int_equal(heartbeat.longest.pc, 0x08001234);
    assert_int_equal(heartbeat.edges, 4);
}

static void each_heartbeat_pin_has_its_own_gap(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    judge_watch_heartbeat(judge, PIN_PA6);
    judge_watch_heartbeat(judge, PIN_PA5); /* again: still two pins */
    assert_int_equal(judge->heartbeat_count, 2);
    for (uint32_t ms = 1; ms <= 9u; ms++)
        toggle(judge, PIN_PA5, MS((uint64_t)ms), ms % 2u);
    toggle(judge, PIN_PA6, MS(2u), 1);
    toggle(judge, PIN_PA6, MS(6u), 0);
    assert_true(gap_of(judge, PIN_PA5, MS(9u)) == MS(1u));
    assert_true(gap_of(judge, PIN_PA6, MS(9u)) == MS(4u));
    judge_restart(judge);
    assert_int_equal(judge->heartbeat_count, 2);
    assert_true(gap_of(judge, PIN_PA6, MS(99u)) == 0);
}

static void a_heartbeat_that_stopped_for_good_has_an_open_gap(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    toggle(judge, PIN_PA5, MS(1u), 1);
    toggle(judge, PIN_PA5, MS(2u), 0);
    assert_true(gap_of(judge, PIN_PA5, MS(9u)) == MS(7u));
    assert_int_equal(judge_heartbeat(judge, PIN_PA5, MS(9u)).longest.ended_by, GAP_OPEN);
}

static void the_heartbeat_ends_when_a_reset_is_asked_for_and_the_boot_is_no_gap(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    toggle(judge, PIN_PA5, MS(1u), 1);
    reset(judge, RESET_SOFTWARE, MS(3u), MS(6u));
    toggle(judge, PIN_PA5, MS(6u), 0); /* the pin's own reset */
    toggle(judge, PIN_PA5, MS(500u), 1);
    toggle(judge, PIN_PA5, MS(501u), 0);
    assert_true(gap_of(judge, PIN_PA5, MS(501u)) == MS(2u));
}

static void an_edge_behind_the_request_of_a_reset_leaves_no_gap(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    toggle(judge, PIN_PA5, MS(1u), 1);
    toggle(judge, PIN_PA5, MS(2u), 0);
    reset(judge, RESET_SOFTWARE, MS(1u), MS(3u));
    assert_true(gap_of(judge, PIN_PA5, MS(50u)) == MS(1u));
}

static void a_hang_up_to_the_watchdogs_reset_is_a_gap(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    toggle(judge, PIN_PA5, MS(1u), 1);
    toggle(judge, PIN_PA5, MS(2u), 0);
    reset(judge, RESET_IWDG, MS(514u), MS(514u));
    toggle(judge, PIN_PA5, MS(520u), 1);
    toggle(judge, PIN_PA5, MS(521u), 0);
    struct judge_gap gap = judge_heartbeat(judge, PIN_PA5, MS(521u)).longest;
    assert_true(gap.ps == MS(512u) && gap.end_ps == MS(514u));
    assert_int_equal(gap.ended_by, GAP_RESET);
    assert_int_equal(gap.reset, RESET_IWDG);
    assert_int_equal(gap.pc, 0x08004321);
}

static void lost_power_ends_the_heartbeat(void **state)
{
    struct judge *judge = *state;
    judge_watch_heartbeat(judge, PIN_PA5);
    toggle(judge, PIN_PA5, MS(1u), 1);
    see(judge, OBS_POWER, MS(4u), 0, 0);
    see(judge, OBS_POWER, 0, 1, 0);
    toggle(judge, PIN_PA5, MS(100u), 1);
    toggle(judge, PIN_PA5, MS(101u), 0);
    assert_true(gap_of(judge, PIN_PA5, MS(101u)) == MS(3u));
    assert_int_equal(judge_heartbeat(judge, PIN_PA5, MS(101u)).longest.ended_by, GAP_POWER);
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

static void see_option(struct judge *judge, uint32_t number, const char *text)
{
    struct obs obs = {.kind = OBS_OPTIONS, .a = number, .text = text, .device = USART};
    judge_observe(judge, &obs);
}

static void defaults_of_options_are_those_of_the_last_load(void **state)
{
    struct judge *judge = *state;
    see_option(judge, 0, "level 1");
    see_option(judge, 1, "no bank 1");
    assert_int_equal(judge->option_default_count, 2);
    see_option(judge, 0, "no bank 2");
    assert_int_equal(judge->option_default_count, 1);
    assert_string_equal(judge->option_defaults[0], "no bank 2");
    see_option(judge, 0, NULL); /* all fit */
    assert_int_equal(judge->option_default_count, 0);
    see_option(judge, 0, "level 1");
    see(judge, OBS_POWER, MS(5u), 0, 0);
    assert_int_equal(judge->option_default_count, 0);
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
        TEST(the_heartbeat_ends_when_a_reset_is_asked_for_and_the_boot_is_no_gap),
        TEST(an_edge_behind_the_request_of_a_reset_leaves_no_gap),
        TEST(a_hang_up_to_the_watchdogs_reset_is_a_gap),
        TEST(lost_power_ends_the_heartbeat),
        TEST(each_heartbeat_pin_has_its_own_gap),
        TEST(the_active_bank_follows_the_flash_window_only),
        TEST(equal_gaps_are_one_note_with_a_count),
        TEST(defaults_of_options_are_those_of_the_last_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
