/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Independent watchdog and CRC unit of the STM32L476, by RM0351 chapters 36 and 15. */
#include "fake_host.h"
#include "models/stm32_crc.h"
#include "models/stm32_iwdg.h"

#define US 1000000ull
#define MS 1000000000ull

/* --- IWDG ---------------------------------------------------------------------------------- */
#define KR   0x00u
#define PR   0x04u
#define RLR  0x08u
#define SR   0x0cu
#define WINR 0x10u

static struct fake_host *iwdg(void)
{
    struct fake_host *h = fake_create(&stm32_iwdg_model, NULL);
    h->input[0] = 1; /* option IWDG_SW */
    fake_power_on(h);
    return h;
}

static struct fake_host *iwdg_open(void)
{
    struct fake_host *h = iwdg();
    fake_write(h, KR, 0x5555u);
    return h;
}

static void watchdog_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect while_locked[] = {
        {"KR", 0x00, 0, 0, 0},
        {"PR", 0x04, 0, 0, 0},
        {"RLR", 0x08, 0xfff, 0xfff, 0xfff},
        {"SR", 0x0c, 0, 0, 0},
        {"WINR", 0x10, 0xfff, 0xfff, 0xfff},
    };
    /* LSI is off: the first update never ends, so the zeros are refused. */
    static const struct reg_expect while_open[] = {
        {"PR", 0x04, 0, 7, 7},
        {"RLR", 0x08, 0xfff, 0xfff, 0xfff},
    };
    check_registers(iwdg, while_locked, ARRAY_LENGTH(while_locked));
    check_registers(iwdg_open, while_open, ARRAY_LENGTH(while_open));
}

static void the_watchdog_resets_512_ms_after_its_start(void **state)
{
    (void)state;
    struct fake_host *h = iwdg();
    fake_run(h, 10000u * MS);
    assert_int_equal(h->reset_count, 0); /* not started */
    fake_write(h, KR, 0xccccu);
    assert_int_equal(h->output[0], 1); /* LSI */
    fake_run(h, 512u * MS - 1u);
    assert_int_equal(h->reset_count, 0);
    fake_run(h, 1);
    assert_int_equal(h->reset_count, 1);
    assert_int_equal(h->reset_kind[0], RESET_IWDG);
    fake_destroy(h);
}

static void a_reload_in_time_keeps_the_watchdog_quiet(void **state)
{
    (void)state;
    struct fake_host *h = iwdg();
    fake_write(h, KR, 0xccccu);
    for (uint32_t i = 0; i < 10u; i++) {
        fake_run(h, 500u * MS);
        fake_write(h, KR, 0xaaaau);
    }
    assert_int_equal(h->reset_count, 0);
    fake_destroy(h);
}

static void prescaler_and_reload_take_effect_after_their_update(void **state)
{
    (void)state;
    struct fake_host *h = iwdg();
    fake_write(h, KR, 0xccccu);
    fake_write(h, KR, 0x5555u);
    fake_write(h, PR, 6u);    /* /256: 8 ms a tick */
    fake_write(h, RLR, 124u); /* 125 ticks: one second */
    assert_int_equal(fake_read(h, SR), 3u);
    fake_run(h, 156249999ull);
    assert_int_equal(fake_read(h, SR), 3u);
    fake_run(h, 1);
    assert_int_equal(fake_read(h, SR), 0);
    fake_write(h, KR, 0xaaaau);
    fake_run(h, 1000u * MS - 1u);
    assert_int_equal(h->reset_count, 0);
    fake_run(h, 1);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

static void the_longest_time_out_is_32_8_s(void **state)
{
    (void)state;
    struct fake_host *h = iwdg();
    fake_write(h, KR, 0xccccu);
    fake_write(h, KR, 0x5555u);
    fake_write(h, PR, 7u);
    fake_run(h, MS);
    fake_write(h, KR, 0xaaaau);
    fake_run(h, 32768u * MS - 1u);
    assert_int_equal(h->reset_count, 0);
    fake_run(h, 1);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

static void without_the_unlock_key_nothing_can_be_written(void **state)
{
    (void)state;
    struct fake_host *h = iwdg_open();
    fake_write(h, KR, 0xaaaau); /* closes again */
    fake_write(h, PR, 3u);
    assert_int_equal(fake_read(h, PR), 0);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void a_reload_before_the_window_opens_is_a_reset(void **state)
{
    (void)state;
    struct fake_host *h = iwdg();
    fake_write(h, KR, 0xccccu);
    fake_write(h, KR, 0x5555u);
    fake_write(h, WINR, 2000u);
    assert_int_equal(fake_read(h, SR), 4u);
    fake_run(h, 157u * US); /* the update reloads the counter: 4095 */
    fake_run(h, 2000u * 125u * US);
    assert_int_equal(h->reset_count, 0);
    fake_write(h, KR, 0xaaaau); /* at 2095: too early */
    assert_int_equal(h->reset_count, 1);
    fake_reset(h, RESET_IWDG);
    fake_write(h, KR, 0xccccu);
    fake_write(h, KR, 0x5555u);
    fake_write(h, WINR, 2000u);
    fake_run(h, 157u * US);
    fake_run(h, 2100u * 125u * US);
    fake_write(h, KR, 0xaaaau); /* at 1995: in the window */
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

static void the_option_starts_the_watchdog_by_itself(void **state)
{
    (void)state;
    struct fake_host *h = iwdg();
    h->input[0] = 0;
    fake_reset(h, RESET_SOFTWARE);
    fake_run(h, 512u * MS);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

static void an_update_waits_for_lsi(void **state)
{
    (void)state;
    struct fake_host *h = iwdg_open();
    fake_write(h, PR, 1u);
    fake_run(h, 1000u * MS);
    assert_int_equal(fake_read(h, SR), 1u);
    fake_set_input(h, 1, 32000);
    fake_run(h, 157u * US);
    assert_int_equal(fake_read(h, SR), 0);
    fake_destroy(h);
}

/* Inputs: mode of PWR (0 run, 1 to 3 Stop, 4 Standby, 5 Shutdown), options IWDG_STOP and IWDG_STDBY, debugger. */
enum {
    IN_MODE = 2,
    IN_STOP,
    IN_STDBY,
    IN_FREEZE,
};

static void options_stop_the_watchdog_in_stop_and_in_standby(void **state)
{
    (void)state;
    static const struct {
        uint32_t stop, stdby, mode;
        bool runs;
    } cases[] = {{0, 1, 1, false}, {0, 1, 3, false}, {1, 0, 1, true},  {1, 0, 2, true}, {1, 0, 3, true},
                 {0, 1, 4, true},  {1, 0, 4, false}, {1, 1, 5, false}, {0, 0, 0, true}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = iwdg();
        h->input[IN_STOP] = cases[i].stop;
        h->input[IN_STDBY] = cases[i].stdby;
        fake_write(h, KR, 0xccccu); /* 512 ms */
        fake_run(h, 100u * MS);
        fake_set_input(h, IN_MODE, cases[i].mode);
        fake_run(h, 412u * MS - 1u);
        assert_int_equal(h->reset_count, 0);
        fake_run(h, cases[i].runs ? 1u : 10000u * MS);
        assert_int_equal(h->reset_count, cases[i].runs ? 1u : 0u);
        if (!cases[i].runs) { /* it goes on with what was left */
            fake_set_input(h, IN_MODE, 0);
            fake_run(h, 412u * MS - 1u);
            assert_int_equal(h->reset_count, 0);
            fake_run(h, 1);
            assert_int_equal(h->reset_count, 1);
        }
        fake_destroy(h);
    }
}

static void the_debugger_freezes_the_watchdog_and_may_reload_it(void **state)
{
    (void)state;
    struct fake_host *h = iwdg();
    fake_write(h, KR, 0xccccu);
    fake_run(h, 500u * MS);
    fake_set_input(h, IN_FREEZE, 1);
    fake_run(h, 60000u * MS);
    fake_write(h, KR, 0xaaaau);
    fake_run(h, 60000u * MS);
    assert_int_equal(h->reset_count, 0);
    fake_set_input(h, IN_FREEZE, 0);
    fake_run(h, 512u * MS - 1u);
    assert_int_equal(h->reset_count, 0);
    fake_run(h, 1);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

/* --- CRC ----------------------------------------------------------------------------------- */
static struct fake_host *crc(void)
{
    struct fake_host *h = fake_create(&stm32_crc_model, NULL);
    fake_power_on(h);
    return h;
}

/** The check input of every catalogue: the nine digits "123456789", byte by byte. */
static uint32_t check_value(uint32_t cr, uint32_t pol, uint32_t init)
{
    struct fake_host *h = crc();
    fake_write(h, 0x14, pol);
    fake_write(h, 0x10, init);
    fake_write(h, 0x08, cr | 1u);
    for (const char *c = "123456789"; *c != '\0'; c++)
        fake_write_sized(h, 0x00, 1, (uint8_t)*c);
    uint32_t value = fake_read(h, 0x00);
    fake_destroy(h);
    return value;
}

static void crc_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"IDR", 0x04, 0, 0xffu, 0},
        {"CR", 0x08, 0, 0xf8u, 0},
        {"INIT", 0x10, 0xffffffffu, 0xffffffffu, 0},
        {"POL", 0x14, 0x04c11db7u, 0xffffffffu, 0},
    };
    check_registers(crc, expected, ARRAY_LENGTH(expected));
}

static void the_published_check_values_come_out(void **state)
{
    (void)state;
    const uint32_t in_byte = 0x20u, out = 0x80u;
    const uint32_t p16 = 0x08u, p8 = 0x10u, p7 = 0x18u;
    assert_int_equal(check_value(0, 0x04c11db7u, UINT32_MAX), 0x0376e6e7u); /* CRC-32/MPEG-2 */
    assert_int_equal(~check_value(in_byte | out, 0x04c11db7u, UINT32_MAX), 0xcbf43926u);
    assert_int_equal(~check_value(0, 0x04c11db7u, UINT32_MAX), 0xfc891918u); /* CRC-32/BZIP2 */
    assert_int_equal(check_value(p16, 0x1021u, 0xffffu), 0x29b1u);           /* CRC-16/IBM-3740 */
    assert_int_equal(check_value(p16, 0x1021u, 0), 0x31c3u);                 /* CRC-16/XMODEM */
    assert_int_equal(check_value(p16 | in_byte | out, 0x8005u, 0), 0xbb3du); /* CRC-16/ARC */
    assert_int_equal(check_value(p8, 0x07u, 0), 0xf4u);                      /* CRC-8/SMBUS */
    assert_int_equal(check_value(p7, 0x09u, 0), 0x75u);                      /* CRC-7/MMC */
}

static void words_half_words_and_bytes_give_the_same_crc(void **state)
{
    (void)state;
    /* "12345678", most significant byte first in each wider write. */
    struct fake_host *h = crc();
    for (const char *c = "12345678"; *c != '\0'; c++)
        fake_write_sized(h, 0x00, 1, (uint8_t)*c);
    uint32_t bytes = fake_read(h, 0x00);
    fake_write(h, 0x08, 1u);
    assert_int_equal(fake_read(h, 0x00), 0xffffffffu);
    fake_write(h, 0x00, 0x31323334u);
    fake_write(h, 0x00, 0x35363738u);
    assert_int_equal(fake_read(h, 0x00), bytes);
    fake_write(h, 0x08, 1u);
    static const uint16_t halves[] = {0x3132, 0x3334, 0x3536, 0x3738};
    for (uint32_t i = 0; i < 4u; i++)
        fake_write_sized(h, 0x00, 2, halves[i]);
    assert_int_equal(fake_read(h, 0x00), bytes);
    fake_destroy(h);
}

static void a_word_reversed_whole_is_its_bytes_reversed_in_memory_order(void **state)
{
    (void)state;
    /* What firmware does to get the CRC-32 of a file: words as loaded, REV_IN by word, REV_OUT. */
    struct fake_host *h = crc();
    fake_write(h, 0x08, 0xe1u);
    fake_write(h, 0x00, 0x34333231u); /* "1234" */
    fake_write(h, 0x00, 0x38373635u); /* "5678" */
    fake_write_sized(h, 0x00, 1, '9');
    assert_int_equal(~fake_read(h, 0x00), 0xcbf43926u);
    fake_destroy(h);
}

static void a_write_to_init_loads_the_data_register(void **state)
{
    (void)state;
    struct fake_host *h = crc();
    fake_write(h, 0x00, 0x12345678u);
    fake_write(h, 0x04, 0x5au);
    fake_write(h, 0x10, 0x0badf00du);
    assert_int_equal(fake_read(h, 0x00), 0x0badf00du);
    fake_write(h, 0x08, 1u);
    assert_int_equal(fake_read(h, 0x08), 0);
    assert_int_equal(fake_read(h, 0x04), 0x5au); /* RESET spares IDR */
    fake_destroy(h);
}

static void an_even_polynomial_is_a_mistake(void **state)
{
    (void)state;
    struct fake_host *h = crc();
    fake_write(h, 0x14, 0x1022u);
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 1);
    fake_destroy(h);
}

static void reversal_by_byte_and_half_word_turns_each_unit_of_a_word(void **state)
{
    (void)state;
    /* Byte units: words most significant byte first are the bytes one by one. Half-word units: the
     * two bytes of each half change places as well. */
    static const struct {
        uint32_t cr, first, second;
    } cases[] = {{0xa1u, 0x31323334u, 0x35363738u}, {0xc1u, 0x32313433u, 0x36353837u}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = crc();
        fake_write(h, 0x08, cases[i].cr);
        fake_write(h, 0x00, cases[i].first);
        fake_write(h, 0x00, cases[i].second);
        fake_write_sized(h, 0x00, 1, '9');
        assert_int_equal(~fake_read(h, 0x00), 0xcbf43926u);
        fake_destroy(h);
    }
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(watchdog_registers_have_their_reset_values_and_bits),
        T(the_watchdog_resets_512_ms_after_its_start),
        T(a_reload_in_time_keeps_the_watchdog_quiet),
        T(prescaler_and_reload_take_effect_after_their_update),
        T(the_longest_time_out_is_32_8_s),
        T(without_the_unlock_key_nothing_can_be_written),
        T(a_reload_before_the_window_opens_is_a_reset),
        T(the_option_starts_the_watchdog_by_itself),
        T(an_update_waits_for_lsi),
        T(options_stop_the_watchdog_in_stop_and_in_standby),
        T(the_debugger_freezes_the_watchdog_and_may_reload_it),
        T(crc_registers_have_their_reset_values_and_bits),
        T(the_published_check_values_come_out),
        T(words_half_words_and_bytes_give_the_same_crc),
        T(a_word_reversed_whole_is_its_bytes_reversed_in_memory_order),
        T(a_write_to_init_loads_the_data_register),
        T(an_even_polynomial_is_a_mistake),
        T(reversal_by_byte_and_half_word_turns_each_unit_of_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
