/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file RTC of the STM32L476, by RM0351 chapter 38. */
#include "fake_host.h"
#include "models/stm32_rtc.h"

#define MS 1000000000ull
#define S  1000000000000ull

#define TR       0x00u
#define DR       0x04u
#define CR       0x08u
#define ISR      0x0cu
#define PRER     0x10u
#define WUTR     0x14u
#define ALRMAR   0x1cu
#define ALRMBR   0x20u
#define WPR      0x24u
#define SSR      0x28u
#define SHIFTR   0x2cu
#define TSTR     0x30u
#define CALR     0x3cu
#define TAMPCR   0x40u
#define ALRMASSR 0x44u
#define BKP0R    0x50u

enum {
    IN_HZ,
    IN_RST,
    IN_DBP,
    IN_ERASE,
    IN_TAMP1,
};
enum {
    OUT_ALARM,
    OUT_WKUP,
    OUT_TAMP,
};

static struct fake_host *rtc(void)
{
    struct fake_host *h = fake_create(&stm32_rtc_model, NULL);
    h->input[IN_HZ] = 32768;
    h->input[IN_DBP] = 1;
    fake_power_on(h);
    return h;
}

static struct fake_host *rtc_open(void)
{
    struct fake_host *h = rtc();
    fake_write(h, WPR, 0xcau);
    fake_write(h, WPR, 0x53u);
    return h;
}

static struct fake_host *rtc_in_init(void)
{
    struct fake_host *h = rtc_open();
    fake_write(h, ISR, 0xffffffffu);
    fake_run(h, 244140625ull); /* eight cycles, so that seconds begin on a round number */
    assert_int_equal(fake_read(h, ISR) & 0xc0u, 0xc0u);
    return h;
}

/** Sets date and time and lets them go; the first read of DR unlocks the shadows. */
static struct fake_host *rtc_at(uint32_t cr, uint32_t dr, uint32_t tr)
{
    struct fake_host *h = rtc_in_init();
    fake_write(h, CR, cr);
    fake_write(h, TR, tr);
    fake_write(h, DR, dr);
    fake_write(h, ISR, 0xffffff7fu);
    return h;
}

static void registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect locked[] = {
        {"TR", TR, 0, 0, 0},
        {"DR", DR, 0x2101u, 0x2101u, 0x2101u},
        {"CR", CR, 0, 0, 0},
        {"PRER", PRER, 0x007f00ffu, 0x007f00ffu, 0x007f00ffu},
        {"WPR", WPR, 0, 0, 0},
        {"ALRMAR", ALRMAR, 0, 0, 0},
        {"TSTR", TSTR, 0, 0, 0},
        {"OR", 0x4cu, 0, 3u, 0},
        {"BKP0R", 0x50u, 0, 0xffffffffu, 0},
        {"BKP31R", 0xccu, 0, 0xffffffffu, 0},
    };
    static const struct reg_expect open[] = {
        {"WUTR", WUTR, 0xffffu, 0xffffu, 0},
        {"ALRMAR", ALRMAR, 0, 0xffffffffu, 0},
        {"ALRMBR", ALRMBR, 0, 0xffffffffu, 0},
        {"ALRMASSR", ALRMASSR, 0, 0x0f007fffu, 0},
        {"ALRMBSSR", 0x48u, 0, 0x0f007fffu, 0},
        {"CALR", CALR, 0, 0xe1ffu, 0},
        {"PRER", PRER, 0x007f00ffu, 0x007f00ffu, 0x007f00ffu}, /* not in initialization mode */
    };
    static const struct reg_expect in_init[] = {
        {"TR", TR, 0, 0x007f7f7fu, 0},
        {"DR", DR, 0x2101u, 0x00ffff3fu, 0},
        {"PRER", PRER, 0x007f00ffu, 0x007f7fffu, 0},
    };
    check_registers(rtc, locked, ARRAY_LENGTH(locked));
    check_registers(rtc_open, open, ARRAY_LENGTH(open));
    check_registers(rtc_in_init, in_init, ARRAY_LENGTH(in_init));
    struct fake_host *h = rtc();
    assert_int_equal(fake_read(h, ISR), 7u);
    fake_destroy(h);
}

static void time_goes_on_from_what_was_set(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0, 0x00164231u, 0x00235958u); /* Tuesday ("2"), 31 February: February has 29 */
    assert_int_equal(fake_read(h, SSR), 255);
    assert_int_equal(fake_read(h, TR), 0x00235958u);
    assert_int_equal(fake_read(h, DR), 0x00164229u);
    fake_run(h, 2u * S);
    assert_int_equal(fake_read(h, TR), 0);
    assert_int_equal(fake_read(h, DR), 0x00166301u); /* 1 March of a leap year, weekday 3 */
    fake_destroy(h);
}

static void months_and_years_end_as_in_the_calendar(void **state)
{
    (void)state;
    static const struct {
        uint32_t day, next;
    } cases[] = {
        {0x00152228u, 0x00154301u},                             /* 28 February 15 */
        {0x00262228u, 0x00264301u}, {0x00283228u, 0x00285229u}, /* a leap year */
        {0x00248430u, 0x0024a501u},                             /* 30 April */
        {0x0025f231u, 0x00262101u},                             /* 31 December, Sunday: weekday 7 wraps to 1 */
        {0x00997231u, 0x00008101u},                             /* the century ends */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = rtc_at(0, cases[i].day, 0x00235959u);
        fake_run(h, S);
        (void)fake_read(h, TR);
        if (fake_read(h, DR) != cases[i].next)
            fail_msg("after 0x%08x", cases[i].day);
        fake_destroy(h);
    }
}

static void twelve_hours_have_am_and_pm(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0x40u, 0x00262101u, 0x00115959u); /* 11:59:59 AM */
    fake_run(h, S);
    assert_int_equal(fake_read(h, TR), 0x00520000u); /* 12 PM */
    fake_run(h, 3600u * S);
    (void)fake_read(h, DR);
    assert_int_equal(fake_read(h, TR), 0x00410000u); /* 1 PM */
    fake_run(h, 11u * 3600u * S);
    (void)fake_read(h, DR);
    assert_int_equal(fake_read(h, TR), 0x00120000u); /* 12 AM */
    fake_destroy(h);
}

static void sub_seconds_count_down(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0x20u, 0x00262101u, 0); /* BYPSHAD */
    fake_run(h, S / 256u - 1u);
    assert_int_equal(fake_read(h, SSR), 255);
    fake_run(h, 1u);
    assert_int_equal(fake_read(h, SSR), 254);
    fake_run(h, S / 2u);
    assert_int_equal(fake_read(h, SSR), 126);
    fake_destroy(h);
}

static void reading_the_time_locks_the_date_until_it_is_read(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0, 0x00262101u, 0x00235959u);
    (void)fake_read(h, SSR);
    fake_run(h, 2u * S);
    assert_int_equal(fake_read(h, TR), 0x00235959u);
    assert_int_equal(fake_read(h, DR), 0x00262101u);
    assert_int_equal(fake_read(h, TR), 0x00000001u);
    assert_int_equal(fake_read(h, DR), 0x00264102u);
    fake_destroy(h);
}

static void initialization_takes_two_cycles_and_stops_the_calendar(void **state)
{
    (void)state;
    struct fake_host *h = rtc_open();
    fake_run(h, S);
    fake_write(h, ISR, 0xa0u);
    fake_run(h, 2u * S / 32768u - 1u);
    assert_int_equal(fake_read(h, ISR) & 0xe0u, 0x80u | 0x20u);
    fake_run(h, 2u);
    assert_int_equal(fake_read(h, ISR) & 0xe0u, 0xc0u);
    fake_run(h, 10u * S);
    assert_int_equal(fake_read(h, TR), 1u);
    fake_write(h, ISR, 0);
    assert_int_equal(fake_read(h, ISR) & 0xe0u, 0);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, ISR) & 0xe0u, 0x20u); /* RSF */
    fake_destroy(h);
}

static void without_a_clock_no_flag_comes(void **state)
{
    (void)state;
    struct fake_host *h = rtc_open();
    fake_set_input(h, IN_HZ, 0);
    fake_write(h, ISR, 0x80u);
    fake_run(h, 100u * S);
    assert_int_equal(fake_read(h, ISR) & 0x60u, 0);
    fake_destroy(h);
}

static void keys_and_dbp_protect(void **state)
{
    (void)state;
    struct fake_host *h = rtc_open();
    fake_write(h, ALRMAR, 1u);
    fake_write(h, WPR, 0xffu);
    fake_write(h, ALRMAR, 2u);
    assert_int_equal(fake_read(h, ALRMAR), 1u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_set_input(h, IN_DBP, 0);
    fake_write(h, BKP0R, 5u);
    assert_int_equal(fake_read(h, BKP0R), 0);
    fake_destroy(h);
}

static void an_alarm_at_a_time_of_day_rings_once_a_day(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0, 0x00262101u, 0x00120000u);
    fake_write(h, ALRMAR, 0x80120030u); /* MSK4; 12:00:30 */
    fake_write(h, CR, 0x1100u);
    assert_int_equal(fake_read(h, ISR) & 1u, 0);
    fake_run(h, 29u * S);
    assert_int_equal(h->output[OUT_ALARM], 0);
    fake_run(h, S);
    assert_int_equal(h->output[OUT_ALARM], 1);
    assert_int_equal(fake_read(h, ISR) & 0x300u, 0x100u);
    fake_write(h, ISR, ~0x100u & 0xffffff7fu);
    assert_int_equal(h->output[OUT_ALARM], 0);
    fake_run(h, 86399u * S);
    assert_int_equal(h->output[OUT_ALARM], 0);
    fake_run(h, S);
    assert_int_equal(h->output[OUT_ALARM], 1);
    fake_destroy(h);
}

static void masks_and_weekdays_select(void **state)
{
    (void)state;
    /* Weekday 1 at 23:59:58. Alarm A each minute at second 0; alarm B on weekday 2 at 0:01:00. */
    struct fake_host *h = rtc_at(0, 0x00262101u, 0x00235958u);
    fake_write(h, ALRMAR, 0x80808000u);
    fake_write(h, ALRMBR, 0x42000100u);
    fake_write(h, CR, 0x0300u);
    fake_run(h, 2u * S);
    assert_int_equal(fake_read(h, ISR) & 0x300u, 0x100u);
    fake_write(h, ISR, 0);
    fake_run(h, 60u * S); /* both at the same time */
    assert_int_equal(fake_read(h, ISR) & 0x300u, 0x300u);
    assert_int_equal(h->output[OUT_ALARM], 0); /* no interrupt enabled */
    fake_destroy(h);
}

static void sub_seconds_refine_an_alarm(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0, 0x00262101u, 0);
    fake_write(h, ALRMAR, 0x80808080u);
    fake_write(h, ALRMASSR, 0x0f000000u | 100u); /* all 15 bits: SSR = 100 */
    fake_write(h, CR, 0x1100u);
    fake_run(h, 155u * (S / 256u) - 1u); /* 255 - 155 = 100 */
    assert_int_equal(h->output[OUT_ALARM], 0);
    fake_run(h, 1u);
    assert_int_equal(h->output[OUT_ALARM], 1);
    fake_write(h, CR, 0);
    fake_run(h, MS);
    fake_write(h, ALRMASSR, 0x05000000u); /* five bits: each 1/8 s at SSR = 0 mod 32 */
    fake_write(h, ISR, 0);
    fake_write(h, CR, 0x1100u);
    for (uint32_t i = 0; i < 16u; i++) {
        fake_run(h, S / 8u);
        assert_int_equal(h->output[OUT_ALARM], 1);
        fake_write(h, ISR, 0);
    }
    fake_destroy(h);
}

static void the_wake_up_timer_counts_its_clock(void **state)
{
    (void)state;
    static const struct {
        uint32_t select, reload;
        uint64_t cycles;
    } cases[] = {
        {0, 9, 160}, {1, 9, 80}, {2, 9, 40}, {3, 9, 20}, {4, 0, 32768u}, {4, 3, 4u * 32768u}, {6, 0, 65537ull * 32768u},
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = rtc_open();
        fake_write(h, WUTR, cases[i].reload);
        fake_write(h, CR, cases[i].select);
        fake_write(h, CR, 0x4400u | cases[i].select);
        assert_int_equal(fake_read(h, ISR) & 4u, 0);
        /* 1 / 32768 s is 30517578.125 ps */
        uint64_t ps = cases[i].cycles / 8u * 244140625ull + cases[i].cycles % 8u * 244140625ull / 8u;
        fake_run(h, ps - 1u);
        assert_int_equal(h->output[OUT_WKUP], 0);
        fake_run(h, 2u);
        assert_int_equal(h->output[OUT_WKUP], 1);
        fake_write(h, ISR, 0);
        assert_int_equal(h->output[OUT_WKUP], 0);
        fake_run(h, ps);
        assert_int_equal(h->output[OUT_WKUP], 1);
        fake_destroy(h);
    }
}

static void the_wake_up_timer_cannot_change_while_it_runs(void **state)
{
    (void)state;
    struct fake_host *h = rtc_open();
    fake_write(h, CR, 0x0400u);
    fake_write(h, WUTR, 5u);
    assert_int_equal(fake_read(h, WUTR), 0xffffu);
    fake_write(h, CR, 0);
    assert_int_equal(fake_read(h, ISR) & 4u, 0);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, ISR) & 4u, 4u);
    fake_write(h, WUTR, 5u);
    assert_int_equal(fake_read(h, WUTR), 5u);
    fake_destroy(h);
}

static void a_system_reset_leaves_all_but_the_initialization_bits(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0, 0x00262101u, 0);
    fake_write(h, BKP0R, 0x32f2u);
    fake_write(h, CR, 0x4404u);
    fake_run(h, 5u * S);
    for (uint32_t i = 0; i < FAKE_EVENTS; i++)
        h->due_ps[i] = TIME_NEVER; /* as the machine does */
    fake_reset(h, RESET_SOFTWARE);
    assert_int_equal(fake_read(h, BKP0R), 0x32f2u);
    assert_int_equal(fake_read(h, TR), 5u);
    assert_int_equal(fake_read(h, ISR) & 0x20u, 0);
    fake_write(h, ISR, 0);
    fake_run(h, 65536u * S);
    assert_int_equal(h->output[OUT_WKUP], 1);
    fake_reset(h, RESET_PERIPHERAL); /* BDRST */
    assert_int_equal(fake_read(h, BKP0R), 0);
    assert_int_equal(fake_read(h, DR), 0x2101u);
    fake_destroy(h);
}

static void a_shift_moves_the_time(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0x20u, 0x00262101u, 0x00000010u);
    fake_run(h, S / 2u);
    fake_write(h, SHIFTR, 0x80000040u); /* one second less 64/256 */
    assert_int_equal(fake_read(h, ISR) & 8u, 8u);
    fake_run(h, MS);
    assert_int_equal(fake_read(h, ISR) & 8u, 0);
    assert_int_equal(fake_read(h, TR), 0x00000011u);
    assert_int_equal(fake_read(h, SSR), 255u - 64u);
    fake_write(h, SHIFTR, 0x00000080u); /* half a second back, into the second before */
    assert_int_equal(fake_read(h, TR), 0x00000010u);
    assert_int_equal(fake_read(h, SSR), 255u - 192u);
    fake_destroy(h);
}

static void summer_time_is_one_bit(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0x20u, 0x00262101u, 0x00233000u);
    fake_write(h, CR, 0x00010020u);
    assert_int_equal(fake_read(h, TR), 0x00003000u);
    assert_int_equal(fake_read(h, DR), 0x00264102u);
    fake_write(h, CR, 0x00020020u);
    assert_int_equal(fake_read(h, TR), 0x00233000u);
    assert_int_equal(fake_read(h, DR), 0x00262101u);
    assert_int_equal(fake_read(h, CR), 0x20u);
    fake_destroy(h);
}

static void the_time_stamp_takes_the_time_of_an_edge(void **state)
{
    (void)state;
    struct fake_host *h = rtc_at(0, 0x00262101u, 0x00123456u);
    fake_write(h, CR, 0x8800u); /* TSE, TSIE, rising */
    fake_set_input(h, IN_TAMP1, 1);
    assert_int_equal(h->output[OUT_TAMP], 1);
    assert_int_equal(fake_read(h, TSTR), 0x00123456u);
    assert_int_equal(fake_read(h, 0x34u), 0x2101u);
    assert_int_equal(fake_read(h, ISR) & 0x1800u, 0x0800u);
    fake_set_input(h, IN_TAMP1, 0);
    fake_set_input(h, IN_TAMP1, 1);
    assert_int_equal(fake_read(h, ISR) & 0x1800u, 0x1800u);
    fake_write(h, ISR, 0);
    assert_int_equal(fake_read(h, TSTR), 0);
    assert_int_equal(h->output[OUT_TAMP], 0);
    fake_destroy(h);
}

static void a_tamper_erases_the_backup_registers(void **state)
{
    (void)state;
    struct fake_host *h = rtc();
    fake_set_input(h, IN_TAMP1, 1);
    fake_write(h, BKP0R, 7u);
    fake_write(h, TAMPCR, 0x7u); /* falling edge of tamper 1, TAMPIE; the level is high */
    assert_int_equal(fake_read(h, BKP0R), 7u);
    fake_set_input(h, IN_TAMP1, 0);
    assert_int_equal(fake_read(h, ISR) & 0xe000u, 0x2000u);
    assert_int_equal(h->output[OUT_TAMP], 1);
    assert_int_equal(fake_read(h, BKP0R), 0);
    fake_write(h, BKP0R, 7u); /* held while the flag is set */
    assert_int_equal(fake_read(h, BKP0R), 0);
    fake_write(h, ISR, 0);
    fake_write(h, TAMPCR, 0x00020007u); /* NOERASE, and the level is low already */
    fake_write(h, ISR, 0);
    fake_write(h, BKP0R, 7u);
    fake_set_input(h, IN_TAMP1, 1);
    fake_set_input(h, IN_TAMP1, 0);
    assert_int_equal(fake_read(h, ISR) & 0xe000u, 0x2000u);
    assert_int_equal(fake_read(h, BKP0R), 7u);
    fake_destroy(h);
}

static void the_erase_wire_clears_the_backup_registers(void **state)
{
    (void)state;
    struct fake_host *h = rtc();
    fake_write(h, 0xccu, 7u);
    fake_set_input(h, IN_ERASE, 1);
    assert_int_equal(fake_read(h, 0xccu), 0);
    fake_destroy(h);
}

static void outputs_and_the_reference_clock_are_gaps(void **state)
{
    (void)state;
    struct fake_host *h = rtc_open();
    fake_write(h, CR, 0x00200000u);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
    fake_destroy(h);
}

static void alarms_and_tampers_are_triggers_without_interrupts(void **state)
{
    (void)state;
    static const char *const names[] = {"alarm_a", "alarm_b", "tamp1", "tamp2", "tamp3"};
    uint32_t first = 3;
    struct fake_host *h = rtc_open();
    for (uint32_t i = 0; i < ARRAY_LENGTH(names); i++)
        assert_string_equal(h->device.model->outputs[first + i], names[i]);
    h->input[IN_TAMP1 + 1u] = 1;
    fake_write(h, ALRMBR, 0x80808080u); /* each second */
    fake_write(h, CR, 0x00000200u);     /* ALRBE, no interrupt */
    assert_int_equal(h->output[first + 1u], 0);
    fake_run(h, 2u * S);
    assert_int_equal(h->output[first], 0);
    assert_int_equal(h->output[first + 1u], 1);
    assert_int_equal(h->output[OUT_ALARM], 0);
    fake_write(h, ISR, 0);
    assert_int_equal(h->output[first + 1u], 0);
    fake_write(h, TAMPCR, 0x08u); /* TAMP2E, rising edge */
    fake_set_input(h, IN_TAMP1 + 1u, 0);
    fake_set_input(h, IN_TAMP1 + 1u, 1);
    assert_int_equal(h->output[first + 3u], 1);
    fake_write(h, ISR, 0);
    assert_int_equal(h->output[first + 3u], 0);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(registers_have_their_reset_values_and_bits),
        T(time_goes_on_from_what_was_set),
        T(months_and_years_end_as_in_the_calendar),
        T(twelve_hours_have_am_and_pm),
        T(sub_seconds_count_down),
        T(reading_the_time_locks_the_date_until_it_is_read),
        T(initialization_takes_two_cycles_and_stops_the_calendar),
        T(without_a_clock_no_flag_comes),
        T(keys_and_dbp_protect),
        T(an_alarm_at_a_time_of_day_rings_once_a_day),
        T(masks_and_weekdays_select),
        T(sub_seconds_refine_an_alarm),
        T(the_wake_up_timer_counts_its_clock),
        T(the_wake_up_timer_cannot_change_while_it_runs),
        T(a_system_reset_leaves_all_but_the_initialization_bits),
        T(a_shift_moves_the_time),
        T(summer_time_is_one_bit),
        T(the_time_stamp_takes_the_time_of_an_edge),
        T(a_tamper_erases_the_backup_registers),
        T(alarms_and_tampers_are_triggers_without_interrupts),
        T(the_erase_wire_clears_the_backup_registers),
        T(outputs_and_the_reference_clock_are_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
