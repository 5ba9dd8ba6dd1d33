/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Power control and system configuration of the STM32L476, by RM0351 chapters 5, 9 and 2.6. */
#include "fake_host.h"
#include "models/stm32_pwr_l4.h"
#include "models/stm32_syscfg_l4.h"

#define US 1000000ull

/* --- PWR ----------------------------------------------------------------------------------- */
static struct fake_host *pwr(void)
{
    struct fake_host *h = fake_create(&stm32_pwr_l4_model, NULL);
    h->input[13] = h->input[14] = h->input[15] = 1; /* options nRST_STOP, nRST_STDBY, nRST_SHDW */
    fake_power_on(h);
    return h;
}

static void pwr_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"CR1", 0x00, 0x200u, 0x4307u, 0x0200u}, /* VOS 3 and 0 are refused */
        {"CR2", 0x04, 0, 0x6ffu, 0},
        {"CR3", 0x08, 0x8000u, 0x851fu, 0},
        {"CR4", 0x0c, 0, 0x231fu, 0},
        {"SR1", 0x10, 0, 0, 0},
        {"SR2", 0x14, 0x100u, 0x100u, 0x100u},
        {"SCR", 0x18, 0, 0, 0},
        {"PUCRA", 0x20, 0, 0xbfffu, 0},
        {"PDCRA", 0x24, 0, 0x5fffu, 0},
        {"PUCRB", 0x28, 0, 0xffffu, 0},
        {"PDCRB", 0x2c, 0, 0xffefu, 0},
        {"PUCRC", 0x30, 0, 0xffffu, 0},
        {"PDCRC", 0x34, 0, 0xffffu, 0},
        {"PUCRD", 0x38, 0, 0xffffu, 0},
        {"PDCRD", 0x3c, 0, 0xffffu, 0},
        {"PUCRE", 0x40, 0, 0xffffu, 0},
        {"PDCRE", 0x44, 0, 0xffffu, 0},
        {"PUCRF", 0x48, 0, 0xffffu, 0},
        {"PDCRF", 0x4c, 0, 0xffffu, 0},
        {"PUCRG", 0x50, 0, 0xffffu, 0},
        {"PDCRG", 0x54, 0, 0xffffu, 0},
        {"PUCRH", 0x58, 0, 0x3u, 0},
        {"PDCRH", 0x5c, 0, 0x3u, 0},
    };
    check_registers(pwr, expected, ARRAY_LENGTH(expected));
}

static void vosf_stays_until_the_regulator_is_back_in_range_1(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    assert_int_equal(h->output[1], 1);
    fake_write(h, 0x00, 0x400u);
    assert_int_equal(fake_read(h, 0x14) & 0x400u, 0);
    assert_int_equal(h->output[1], 2);
    fake_write(h, 0x00, 0x400u); /* the same range again: nothing to wait for */
    assert_int_equal(fake_read(h, 0x14) & 0x400u, 0);
    fake_write(h, 0x00, 0x200u);
    assert_int_equal(fake_read(h, 0x14), 0x500u);
    fake_run(h, 20u * US);
    assert_int_equal(fake_read(h, 0x14) & 0x400u, 0);
    fake_destroy(h);
}

static void dbp_and_lpms_are_told_to_others(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    fake_write(h, 0x00, 0x303u);
    assert_int_equal(h->output[0], 1);
    assert_int_equal(h->output[2], 3);
    fake_destroy(h);
}

static void standby_sets_its_flag_and_spares_the_wakeup_registers(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    fake_write(h, 0x08, 0x0011u);
    fake_write(h, 0x20, 0x0001u);
    fake_write(h, 0x00, 0x0304u);
    fake_reset(h, RESET_STANDBY);
    assert_int_equal(fake_read(h, 0x00), 0x200u);
    assert_int_equal(fake_read(h, 0x08), 0x0011u);
    assert_int_equal(fake_read(h, 0x20), 0x0001u);
    assert_int_equal(fake_read(h, 0x10), 0x100u);
    fake_write(h, 0x18, 0x100u);
    assert_int_equal(fake_read(h, 0x10), 0);
    fake_reset(h, RESET_PIN);
    assert_int_equal(fake_read(h, 0x08), 0x8000u);
    fake_destroy(h);
}

static void applied_pulls_and_the_smps_are_gaps(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    fake_write(h, 0x04, 0x000eu);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 0);
    fake_write(h, 0x04, 0x000fu); /* PVD_IN */
    fake_write(h, 0x08, 0x8400u);
    fake_write(h, 0x0c, 0x0100u); /* battery charging: nothing to see */
    fake_write(h, 0x0c, 0x2000u);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 3);
    fake_destroy(h);
}

static uint32_t pwr_wire(const char *const *names, const char *name)
{
    for (uint32_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    fail_msg("no wire %s", name);
    return 0;
}

static void pwr_set(struct fake_host *h, const char *name, uint64_t value)
{
    fake_set_input(h, pwr_wire(h->device.model->inputs, name), value);
}

static uint64_t pwr_out(const struct fake_host *h, const char *name)
{
    return h->output[pwr_wire(h->device.model->outputs, name)];
}

static void low_power_run_shows_in_reglpf(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    fake_write(h, 0x00, 0x4200u);
    assert_int_equal(fake_read(h, 0x14), 0x300u);
    fake_write(h, 0x00, 0x0200u);
    assert_int_equal(fake_read(h, 0x14), 0x300u);
    fake_run(h, 5u * US);
    assert_int_equal(fake_read(h, 0x14), 0x100u);
    fake_destroy(h);
}

static void deep_sleep_is_what_lpms_says(void **state)
{
    (void)state;
    static const uint32_t mode_of_lpms[] = {1, 2, 3, 4, 5, 5, 5, 5};
    for (uint32_t lpms = 0; lpms < 8u; lpms++) {
        struct fake_host *h = pwr();
        fake_write(h, 0x00, 0x200u | lpms);
        assert_int_equal(pwr_out(h, "mode"), 0);
        pwr_set(h, "sleepdeep", 1);
        assert_int_equal(pwr_out(h, "mode"), mode_of_lpms[lpms]);
        assert_int_equal(pwr_out(h, "off"), lpms >= 3u);
        assert_int_equal(fake_read(h, 0x10), lpms == 3u ? 0x100u : 0);
        if (lpms < 3u) {
            pwr_set(h, "sleepdeep", 0);
            assert_int_equal(pwr_out(h, "mode"), 0);
            assert_int_equal(h->reset_count, 0);
        }
        fake_destroy(h);
    }
}

static void a_wake_up_pin_ends_standby(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    pwr_set(h, "wkup2", 1);
    fake_write(h, 0x0c, 0x02u); /* WP2: low */
    fake_write(h, 0x08, 0x8002u);
    fake_write(h, 0x00, 0x203u);
    pwr_set(h, "sleepdeep", 1);
    pwr_set(h, "wkup1", 1); /* not enabled */
    assert_int_equal(h->reset_count, 0);
    pwr_set(h, "wkup2", 0);
    assert_int_equal(h->reset_count, 1);
    assert_int_equal(h->reset_kind[0], RESET_STANDBY);
    fake_reset(h, RESET_STANDBY);
    assert_int_equal(fake_read(h, 0x10), 0x102u);
    assert_int_equal(fake_read(h, 0x08), 0x8002u);
    assert_int_equal(pwr_out(h, "mode"), 0);
    assert_int_equal(pwr_out(h, "off"), 0);
    fake_write(h, 0x18, 0x102u);
    assert_int_equal(fake_read(h, 0x10), 0);
    fake_destroy(h);
}

static void a_flag_left_set_ends_standby_at_once(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    pwr_set(h, "wkup1", 1);
    fake_write(h, 0x08, 0x8001u); /* the level is there already */
    assert_int_equal(fake_read(h, 0x10), 1u);
    fake_write(h, 0x00, 0x203u);
    pwr_set(h, "sleepdeep", 1);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

static void the_rtc_ends_standby_through_the_internal_line(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    fake_write(h, 0x00, 0x203u);
    pwr_set(h, "sleepdeep", 1);
    pwr_set(h, "rtc_wkup", 1);
    assert_int_equal(h->reset_count, 1);
    fake_reset(h, RESET_STANDBY);
    assert_int_equal(fake_read(h, 0x10), 0x8100u);
    pwr_set(h, "rtc_wkup", 0);
    assert_int_equal(fake_read(h, 0x10), 0x0100u);
    fake_write(h, 0x08, 0); /* EIWUL off */
    fake_write(h, 0x00, 0x203u);
    pwr_set(h, "sleepdeep", 0);
    pwr_set(h, "sleepdeep", 1);
    pwr_set(h, "rtc_alarm", 1);
    assert_int_equal(h->reset_count, 1);
    fake_destroy(h);
}

static void shutdown_sets_no_standby_flag_and_forgets_the_wakeup_registers(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    fake_write(h, 0x08, 0x8002u);
    fake_write(h, 0x00, 0x204u);
    fake_write(h, 0x18, 0x11fu);
    pwr_set(h, "sleepdeep", 1);
    pwr_set(h, "wkup2", 1);
    assert_int_equal(h->reset_kind[0], RESET_STANDBY);
    fake_reset(h, RESET_STANDBY);
    assert_int_equal(fake_read(h, 0x10), 0x002u);
    assert_int_equal(fake_read(h, 0x08), 0x8000u);
    fake_destroy(h);
}

static void an_option_makes_a_reset_of_each_mode(void **state)
{
    (void)state;
    static const struct {
        uint32_t lpms;
        const char *option;
    } cases[] = {{0, "nrst_stop"}, {1, "nrst_stop"}, {2, "nrst_stop"}, {3, "nrst_stdby"}, {4, "nrst_shdw"}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = pwr();
        pwr_set(h, cases[i].option, 0);
        fake_write(h, 0x00, 0x200u | cases[i].lpms);
        pwr_set(h, "sleepdeep", 1);
        assert_int_equal(h->reset_count, 1);
        assert_int_equal(h->reset_kind[0], RESET_LOW_POWER);
        assert_int_equal(pwr_out(h, "mode"), 0);
        fake_destroy(h);
    }
}

static void standby_loses_the_srams_but_for_what_rrs_keeps(void **state)
{
    (void)state;
    static const struct stm32_pwr_l4_params srams = {3, 4};
    for (uint32_t lpms = 2; lpms <= 4u; lpms++) {
        for (uint32_t rrs = 0; rrs < 2u; rrs++) {
            struct fake_host *h = fake_create(&stm32_pwr_l4_model, &srams);
            h->input[13] = h->input[14] = h->input[15] = 1;
            fake_power_on(h);
            fake_write(h, 0x08, 0x8000u | rrs << 8);
            fake_write(h, 0x00, 0x200u | lpms);
            pwr_set(h, "sleepdeep", 1);
            assert_int_equal(h->ram_fills, lpms == 2u ? 0 : lpms == 3u && rrs != 0 ? 1 : 2);
            if (h->ram_fills != 0)
                assert_int_equal(h->ram_fill.store, h->ram_fills == 1u ? 3 : 4);
            fake_destroy(h);
        }
    }
}

static void pvdo_follows_the_supply(void **state)
{
    (void)state;
    struct fake_host *h = pwr();
    fake_write(h, 0x04, 0x00bu); /* PLS 5: 2.8 V */
    assert_int_equal(pwr_out(h, "pvd"), 0);
    pwr_set(h, "vdd", pin_voltage(2799000));
    assert_int_equal(pwr_out(h, "pvd"), 1);
    assert_int_equal(fake_read(h, 0x14), 0x900u);
    pwr_set(h, "vdd", pin_voltage(2800000));
    assert_int_equal(pwr_out(h, "pvd"), 0);
    fake_write(h, 0x04, 0x040u); /* PVM3 */
    pwr_set(h, "vdd", pin_voltage(1619000));
    assert_int_equal(pwr_out(h, "pvm3"), 1);
    assert_int_equal(fake_read(h, 0x14), 0x4100u);
    fake_destroy(h);
}

/* --- SYSCFG -------------------------------------------------------------------------------- */
enum {
    WINDOW_MAIN,
    WINDOW_ALIAS,
};
enum {
    IN_BOOT0 = 2,
    IN_NBOOT1,
    IN_BFB2,
};

static const struct stm32_syscfg_l4_params windows = {WINDOW_MAIN, WINDOW_ALIAS, 5};

static struct fake_host *syscfg(void)
{
    struct fake_host *h = fake_create(&stm32_syscfg_l4_model, &windows);
    h->input[IN_NBOOT1] = 1;
    fake_power_on(h);
    return h;
}

static void syscfg_registers_have_their_reset_values_and_bits(void **state)
{
    (void)state;
    static const struct reg_expect expected[] = {
        {"MEMRMP", 0x00, 0, 0x107u, 0},   {"CFGR1", 0x04, 0x7c000001u, 0xfc7f0101u, 0},
        {"EXTICR1", 0x08, 0, 0x7777u, 0}, {"EXTICR2", 0x0c, 0, 0x7777u, 0},
        {"EXTICR3", 0x10, 0, 0x7777u, 0}, {"EXTICR4", 0x14, 0, 0x7777u, 0},
        {"SCSR", 0x18, 0, 0, 0}, /* SRAM2ER needs its key */
        {"CFGR2", 0x1c, 0, 0xfu, 0xfu},   {"SWPR", 0x20, 0, 0xffffffffu, 0xffffffffu},
        {"SKR", 0x24, 0, 0, 0},
    };
    check_registers(syscfg, expected, ARRAY_LENGTH(expected));
}

static void fb_mode_swaps_the_banks_in_the_main_window_and_at_0(void **state)
{
    (void)state;
    struct fake_host *h = syscfg();
    assert_int_equal(h->window[WINDOW_MAIN], SYSCFG_MAIN_UNSWAPPED);
    assert_int_equal(h->window[WINDOW_ALIAS], SYSCFG_ALIAS_MAIN_UNSWAPPED);
    fake_write(h, 0x00, 0x100u);
    assert_int_equal(h->window[WINDOW_MAIN], SYSCFG_MAIN_SWAPPED);
    assert_int_equal(h->window[WINDOW_ALIAS], SYSCFG_ALIAS_MAIN_SWAPPED);
    fake_write(h, 0x00, 0);
    assert_int_equal(h->window[WINDOW_MAIN], SYSCFG_MAIN_UNSWAPPED);
    fake_destroy(h);
}

static void a_rewrite_of_the_same_mapping_retargets_nothing(void **state)
{
    (void)state;
    struct fake_host *h = syscfg();
    fake_write(h, 0x00, 0x100u);
    uint32_t count = h->remap_count;
    fake_write(h, 0x00, 0x100u);
    assert_int_equal(h->remap_count, count);
    fake_destroy(h);
}

static void every_reset_of_syscfg_swaps_the_banks_back(void **state)
{
    (void)state;
    static const enum reset_kind kinds[] = {RESET_PIN, RESET_SOFTWARE, RESET_IWDG, RESET_OPTION_LOAD, RESET_PERIPHERAL};
    for (uint32_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        struct fake_host *h = syscfg();
        fake_write(h, 0x00, 0x100u);
        fake_reset(h, kinds[i]);
        assert_int_equal(fake_read(h, 0x00), 0);
        assert_int_equal(h->window[WINDOW_MAIN], SYSCFG_MAIN_UNSWAPPED);
        assert_int_equal(h->window[WINDOW_ALIAS], SYSCFG_ALIAS_MAIN_UNSWAPPED);
        fake_destroy(h);
    }
}

static void mem_mode_chooses_what_shows_at_0(void **state)
{
    (void)state;
    static const struct {
        uint32_t mem_mode, alias;
    } cases[] = {{1, SYSCFG_ALIAS_SYSTEM_MEMORY},
                 {2, SYSCFG_ALIAS_FMC},
                 {3, SYSCFG_ALIAS_SRAM1},
                 {6, SYSCFG_ALIAS_QUADSPI},
                 {0, SYSCFG_ALIAS_MAIN_UNSWAPPED}};
    struct fake_host *h = syscfg();
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        fake_write(h, 0x00, cases[i].mem_mode);
        assert_int_equal(h->window[WINDOW_ALIAS], cases[i].alias);
        assert_int_equal(h->window[WINDOW_MAIN], SYSCFG_MAIN_UNSWAPPED);
    }
    fake_destroy(h);
}

static void the_boot_pin_and_options_decide_at_reset(void **state)
{
    (void)state;
    static const struct {
        uint64_t boot0, nboot1, bfb2;
        uint32_t mem_mode, alias;
    } cases[] = {
        {PIN_RELEASED, 1, 0, 0, SYSCFG_ALIAS_MAIN_UNSWAPPED},
        {PIN_LOW, 0, 0, 0, SYSCFG_ALIAS_MAIN_UNSWAPPED},
        {PIN_HIGH, 1, 0, 1, SYSCFG_ALIAS_SYSTEM_MEMORY},
        {PIN_HIGH, 1, 1, 1, SYSCFG_ALIAS_SYSTEM_MEMORY},
        {PIN_HIGH, 0, 0, 3, SYSCFG_ALIAS_SRAM1},
        {PIN_LOW, 1, 1, 0, SYSCFG_ALIAS_SYSTEM_MEMORY}, /* MEM_MODE reads 0 all the same */
    };
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = syscfg();
        h->input[IN_BOOT0] = cases[i].boot0;
        h->input[IN_NBOOT1] = cases[i].nboot1;
        h->input[IN_BFB2] = cases[i].bfb2;
        fake_reset(h, RESET_PIN);
        assert_int_equal(fake_read(h, 0x00), cases[i].mem_mode);
        assert_int_equal(h->window[WINDOW_ALIAS], cases[i].alias);
        fake_destroy(h);
    }
}

static void with_bfb2_system_memory_stays_at_0_while_mem_mode_is_0(void **state)
{
    (void)state;
    struct fake_host *h = syscfg();
    h->input[IN_BFB2] = 1;
    fake_reset(h, RESET_OPTION_LOAD);
    fake_write(h, 0x00, 0x100u); /* what the boot ROM does for bank 2 */
    assert_int_equal(h->window[WINDOW_MAIN], SYSCFG_MAIN_SWAPPED);
    assert_int_equal(h->window[WINDOW_ALIAS], SYSCFG_ALIAS_SYSTEM_MEMORY);
    fake_write(h, 0x00, 0x103u);
    assert_int_equal(h->window[WINDOW_ALIAS], SYSCFG_ALIAS_SRAM1);
    fake_write(h, 0x00, 0x100u);
    assert_int_equal(h->window[WINDOW_ALIAS], SYSCFG_ALIAS_SYSTEM_MEMORY);
    fake_destroy(h);
}

static void exticr_fields_come_out_line_by_line(void **state)
{
    (void)state;
    struct fake_host *h = syscfg();
    fake_write(h, 0x14, 0x0020u); /* line 13: port C */
    assert_int_equal(h->output[13], 2);
    fake_write_sized(h, 0x09, 1, 0x07u); /* line 2: port H, by a byte write */
    assert_int_equal(h->output[2], 7);
    assert_int_equal(fake_read(h, 0x08), 0x0700u);
    fake_destroy(h);
}

static void sram2_is_erased_only_after_its_key(void **state)
{
    (void)state;
    struct fake_host *h = syscfg();
    fake_write(h, 0x18, 1u);
    fake_write(h, 0x24, 0x53u);
    fake_write(h, 0x18, 1u);
    assert_int_equal(h->ram_fills, 0);
    fake_write(h, 0x24, 0xcau);
    fake_write(h, 0x24, 0x53u);
    fake_write(h, 0x18, 1u);
    assert_int_equal(h->ram_fills, 1);
    assert_int_equal(h->ram_fill.store, 5);
    assert_int_equal(h->ram_fill.value, 0);
    assert_int_equal(fake_read(h, 0x18), 0);
    fake_destroy(h);
}

static void what_shares_the_block_of_syscfg_is_another_device(void **state)
{
    (void)state;
    struct fake_host *h = syscfg();
    (void)fake_read(h, 0x30); /* VREFBUF */
    fake_write(h, 0x200, 1u); /* COMP1 */
    assert_int_equal(fake_count_obs(h, OBS_GUEST_ERROR), 2);
    assert_int_equal(fake_count_obs(h, OBS_GAP), 0);
    fake_destroy(h);
}

static void what_syscfg_cannot_do_is_a_gap(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset, value;
    } cases[] = {{0x1c, 0x1u}, {0x20, 0x1u}, {0x04, 0x7c000000u}, {0x04, 0x7c000101u}};
    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fake_host *h = syscfg();
        fake_write(h, cases[i].offset, cases[i].value);
        assert_int_equal(fake_count_obs(h, OBS_GAP), 1);
        fake_destroy(h);
    }
    struct fake_host *h = syscfg();
    fake_write(h, 0x1c, 0x100u); /* SPF alone locks nothing */
    assert_int_equal(fake_count_obs(h, OBS_GAP), 0);
    fake_destroy(h);
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(pwr_registers_have_their_reset_values_and_bits),
        T(vosf_stays_until_the_regulator_is_back_in_range_1),
        T(dbp_and_lpms_are_told_to_others),
        T(standby_sets_its_flag_and_spares_the_wakeup_registers),
        T(applied_pulls_and_the_smps_are_gaps),
        T(low_power_run_shows_in_reglpf),
        T(deep_sleep_is_what_lpms_says),
        T(a_wake_up_pin_ends_standby),
        T(a_flag_left_set_ends_standby_at_once),
        T(the_rtc_ends_standby_through_the_internal_line),
        T(shutdown_sets_no_standby_flag_and_forgets_the_wakeup_registers),
        T(an_option_makes_a_reset_of_each_mode),
        T(standby_loses_the_srams_but_for_what_rrs_keeps),
        T(pvdo_follows_the_supply),
        T(syscfg_registers_have_their_reset_values_and_bits),
        T(fb_mode_swaps_the_banks_in_the_main_window_and_at_0),
        T(a_rewrite_of_the_same_mapping_retargets_nothing),
        T(every_reset_of_syscfg_swaps_the_banks_back),
        T(mem_mode_chooses_what_shows_at_0),
        T(the_boot_pin_and_options_decide_at_reset),
        T(with_bfb2_system_memory_stays_at_0_while_mem_mode_is_0),
        T(exticr_fields_come_out_line_by_line),
        T(sram2_is_erased_only_after_its_key),
        T(what_shares_the_block_of_syscfg_is_another_device),
        T(what_syscfg_cannot_do_is_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
