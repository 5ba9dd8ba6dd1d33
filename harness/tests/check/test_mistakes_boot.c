/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The mistakes that firmware, or who flashes it, makes with booting and option bytes, each seen as the silicon shows
 * it: the wrong vectors, the wrong bank, loops of resets. Those with flash operations are in test_mistakes.c.
 *
 * What is expected is typed from RM0440 3.4 (option bytes of the same generation), AN2606 (pattern 7 and the dual-bank
 * flow of STM32L47x) and from what users of L4 boards reported; docs/fidelity.md names what nobody confirmed.
 */
#include "mistakes.h"

#define ROM_BASE 0x1fff0000u /* DS10198: system memory of bank 1, 28 KiB */
#define ROM_END  0x1fff7000u
#define ROM_SP   0x200030d0u /* word 0 of the ROM, as read on L475 and L476 boards */

/* RM0351 6.4.29 */
#define CSR_OBLRSTF  0x02000000u
#define CSR_PINRSTF  0x04000000u
#define CSR_SFTRSTF  0x10000000u
#define CSR_IWDGRSTF 0x20000000u

/* RM0351 3.7.3 to 3.7.6; base address DS10198 */
#define FLASH_KEYR 0x40022008u
#define FLASH_SR   0x40022010u
#define FLASH_CR   0x40022014u
#define CR_PG      0x00000001u
#define CR_PER     0x00000002u
#define CR_STRT    0x00010000u
#define SR_PROGERR 0x00000008u
#define SR_BSY     0x00010000u
#define BKER_Pos   11u
#define PNB_Pos    3u
#define PAGE_BYTES 2048u
#define B_SELF     0xe7fee7feu /* b . twice: ARM DDI 0403E A7.7.12 */
#define MARK       0x1111111111111111ull
#define DOWNLOADED 0x5555555544444444ull

static bool in_rom(uint32_t pc)
{
    return pc >= ROM_BASE && pc < ROM_END;
}

static uint64_t resets(struct machine *machine, enum reset_kind kind)
{
    struct machine_counters counters;
    machine_get_counters(machine, &counters);
    return counters.resets[kind];
}

static uint64_t ops(struct machine *machine, enum op_kind kind)
{
    struct machine_counters counters;
    machine_get_counters(machine, &counters);
    return counters.ops[kind];
}

/** The same mistake in both banks. */
static struct machine *both_banks(uint32_t optr, enum mistake mistake, uint32_t argument)
{
    struct machine *machine = mistakes_board(optr);
    mistakes_load(machine, 1, mistake, argument);
    mistakes_load(machine, 2, mistake, argument);
    return machine;
}

static struct machine *run_both_banks(uint32_t optr, enum mistake mistake, uint32_t argument, uint64_t duration_ms)
{
    struct machine *machine = both_banks(optr, mistake, argument);
    machine_power_on(machine);
    mistakes_run_ms(machine, duration_ms);
    return machine;
}

/* --- VTOR -----------------------------------------------------------------------------------------------------------
 */
static uint32_t rom_handlers, image_handlers;

static void on_entry(void *context, const struct obs *obs)
{
    struct machine *machine = *(struct machine **)context;
    uint32_t vector = whole_word(machine, obs->a * 4u); /* VTOR 0: the table at address 0 */
    if (obs->a == 15u && in_rom(vector))
        rom_handlers++;
    else
        image_handlers++;
}

/** How often PC goes from the ROM to the image and back, looked at between all of so many instructions. */
static unsigned alternations(struct machine *machine, unsigned instructions)
{
    unsigned count = 0;
    bool was_in_rom = in_rom(machine_pc(machine));
    for (unsigned i = 0; i < instructions; i++) {
        whole_run_to(machine, machine_instructions(machine) + 1u);
        uint32_t pc = machine_pc(machine);
        ck_assert_msg(in_rom(pc) || pc >> 16 == 0x0800u, "PC 0x%08x is neither in the ROM nor in the image", pc);
        count += in_rom(pc) != was_in_rom;
        was_in_rom = in_rom(pc);
    }
    return count;
}

/* RM0351 9.2.1, footnote: with BFB2 set, system memory stays at 0. The first tick comes after 1 ms = 4000 cycles. */
START_TEST(the_first_interrupt_with_vtor_unset_runs_the_rom_and_ends_in_a_loop_of_resets)
{
    static struct machine *machine;
    machine = both_banks(OPTR_FACTORY | OPTR_BFB2, MISTAKE_VTOR_UNSET, 0);
    machine_add_observer(machine, OBS_BIT(OBS_EXC_ENTRY), on_entry, (void *)&machine);
    machine_power_on(machine);
    ck_assert_uint_ge(alternations(machine, 20000), 8u);
    mistakes_run_ms(machine, 50);
    ck_assert_uint_ge(rom_handlers, 40u);
    ck_assert_uint_eq(image_handlers, 0);
    ck_assert_uint_eq(whole_variable(machine, MISTAKES, "ticks"), 0);
    ck_assert_uint_ge(resets(machine, RESET_SOFTWARE), 40u);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 0), 2);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 5), 2);
    ck_assert_uint_eq(mistakes_boot_csr(machine, 5) & CSR_SFTRSTF, CSR_SFTRSTF);
    ck_assert_uint_ne(whole_variable(machine, MISTAKES, "done"), DONE);
    machine_destroy(machine);
}
END_TEST

START_TEST(with_vtor_set_interrupts_are_the_images_own)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY | OPTR_BFB2, MISTAKE_VTOR_UNSET, 1, 50);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_boots(machine), 1);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 0), 2);
    machine_destroy(machine);
}
END_TEST

/* Why it is found late: with BFB2 = 0 address 0 shows the image, and the mistake does not show. */
START_TEST(vtor_unset_does_no_harm_while_bfb2_is_0)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_VTOR_UNSET, 0, 50);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_boots(machine), 1);
    machine_destroy(machine);
}
END_TEST

/* --- where an image is linked
 * ----------------------------------------------------------------------------------------- */
#define AT_BANK_2 FIRMWARE("mistakes-at-bank-2")

static struct machine *linked_at_bank_2(void)
{
    struct machine *machine = mistakes_board(OPTR_FACTORY | OPTR_BFB2);
    mistakes_load_elf(machine, AT_BANK_2, 0, MISTAKE_NONE, 0, 2);
    return machine;
}

/* Once swapped, 0x0808xxxx is bank 1: the reset vector leads into what lies there. */
START_TEST(an_image_linked_at_bank_2_starts_what_bank_1_holds)
{
    struct machine *machine = linked_at_bank_2();
    for (uint32_t offset = 0; offset < 8192u; offset += 8u)
        mistakes_mark(machine, BANK_1_BASE + offset, (uint64_t)B_SELF << 32 | B_SELF);
    machine_power_on(machine);
    mistakes_run_ms(machine, 50);
    uint32_t entry = whole_symbol(AT_BANK_2, "reset_handler") & ~1u;
    ck_assert_uint_eq(machine_pc(machine), entry);
    ck_assert_uint_eq(whole_word(machine, entry & ~3u), B_SELF);
    ck_assert_uint_eq(whole_word(machine, BANK_1_BASE), (uint32_t)mistakes_cell(machine, BANK_2_BASE));
    machine_destroy(machine);
}
END_TEST

/* All ones are no instruction: the fault's vector is the ROM's. */
START_TEST(an_image_linked_at_bank_2_loops_in_the_rom_while_bank_1_is_erased)
{
    struct machine *machine = linked_at_bank_2();
    machine_power_on(machine);
    mistakes_run_ms(machine, 50);
    ck_assert_uint_ge(resets(machine, RESET_SOFTWARE), 100u);
    ck_assert_uint_ne(whole_variable(machine, AT_BANK_2, "done"), DONE);
    machine_destroy(machine);
}
END_TEST

START_TEST(an_image_linked_at_bank_1_runs_from_bank_2)
{
    struct machine *machine = mistakes_board(OPTR_FACTORY | OPTR_BFB2);
    mistakes_load(machine, 2, MISTAKE_NONE, 0);
    machine_power_on(machine);
    mistakes_run_ms(machine, 50);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 0), 2);
    ck_assert_uint_eq(resets(machine, RESET_SOFTWARE), 0);
    machine_destroy(machine);
}
END_TEST

/* --- what the ROM accepts
 * --------------------------------------------------------------------------------------------- */
static void set_stack_top(struct machine *machine, uint32_t bank_base, uint32_t stack_top)
{
    mistakes_mark(machine, bank_base, (mistakes_cell(machine, bank_base) & ~0xffffffffull) | stack_top);
}

/* Behind SRAM1; what an L4P5 accepted; SRAM3 of larger chips; CCM of an F4. None is RAM of this chip. */
static const uint32_t unknown_stacks[] = {0x20018008u, 0x20050000u, 0x20040000u, 0x10010000u};

START_TEST(the_rom_passes_over_a_bank_whose_stack_top_it_does_not_know)
{
    struct machine *machine = both_banks(OPTR_FACTORY | OPTR_BFB2, MISTAKE_NONE, 0);
    set_stack_top(machine, BANK_2_BASE, unknown_stacks[_i]);
    machine_power_on(machine);
    mistakes_run_ms(machine, 50);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 0), 1);
    machine_destroy(machine);
}
END_TEST

/* The watchdog that an option starts is fed there (AN2606). */
START_TEST(the_rom_keeps_a_board_whose_banks_both_have_an_unknown_stack_top)
{
    struct machine *machine = both_banks((OPTR_FACTORY | OPTR_BFB2) & ~0x00010000u, MISTAKE_NONE, 0); /* IWDG_SW = 0 */
    set_stack_top(machine, BANK_1_BASE, unknown_stacks[_i]);
    set_stack_top(machine, BANK_2_BASE, unknown_stacks[_i]);
    machine_power_on(machine);
    mistakes_run_ms(machine, 60000);
    ck_assert(in_rom(machine_pc(machine)));
    ck_assert_uint_eq(resets(machine, RESET_IWDG), 0);
    ck_assert_uint_ne(whole_variable(machine, MISTAKES, "done"), DONE);
    machine_destroy(machine);
}
END_TEST

/* An L471 took the first; SRAM2 is known to V9. */
static const uint32_t known_stacks[] = {0x20018000u, 0x20017ff8u, 0x10008000u};

START_TEST(the_rom_starts_a_bank_whose_stack_top_it_knows)
{
    struct machine *machine = both_banks(OPTR_FACTORY | OPTR_BFB2, MISTAKE_NONE, 0);
    set_stack_top(machine, BANK_2_BASE, known_stacks[_i]);
    machine_power_on(machine);
    mistakes_run_ms(machine, 50);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 0), 2);
    machine_destroy(machine);
}
END_TEST

/* RM0351 2.6: with BOOT0 high nBOOT1 chooses between system memory and SRAM1. */
static struct machine *boot0_high(uint32_t optr)
{
    struct machine *machine = both_banks(optr, MISTAKE_NONE, 0);
    struct error err;
    ck_assert(machine_drive_pin(machine, "BOOT0", 1, &err) == TB_OK);
    machine_power_on(machine);
    return machine;
}

START_TEST(boot0_leads_to_sram_and_not_to_the_bootloader_while_nboot1_is_0)
{
    struct machine *machine = boot0_high(OPTR_FACTORY & ~OPTR_nBOOT1);
    for (uint32_t offset = 0; offset < 64u; offset += 4u)
        ck_assert_uint_eq(whole_word(machine, offset), whole_word(machine, 0x20000000u + offset));
    ck_assert_uint_ne(whole_word(machine, 0), ROM_SP);
    ck_assert(!in_rom(machine_pc(machine)));
    machine_destroy(machine);
}
END_TEST

START_TEST(boot0_leads_to_the_bootloader_while_nboot1_is_1)
{
    struct machine *machine = boot0_high(OPTR_FACTORY);
    ck_assert_uint_eq(whole_word(machine, 0), ROM_SP);
    mistakes_run_ms(machine, 50);
    ck_assert(in_rom(machine_pc(machine)));
    machine_destroy(machine);
}
END_TEST

/* Boards with BFB2 = 1 and nBOOT1 = 0 were seen to stay in their ROM although BOOT0 was low. Unconfirmed by ST. */
START_TEST(no_bank_starts_while_bfb2_is_1_and_nboot1_is_0)
{
    struct machine *machine = run_both_banks((OPTR_FACTORY | OPTR_BFB2) & ~OPTR_nBOOT1, MISTAKE_NONE, 0, 1000);
    ck_assert(in_rom(machine_pc(machine)));
    ck_assert_uint_ne(whole_variable(machine, MISTAKES, "done"), DONE);
    machine_destroy(machine);
}
END_TEST

START_TEST(nboot1_plays_no_part_while_boot0_is_low_and_bfb2_is_0)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY & ~OPTR_nBOOT1, MISTAKE_NONE, 0, 50);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 0), 1);
    machine_destroy(machine);
}
END_TEST

/* --- applying options
 * --------------------------------------------------------------------------------------------------- */
/** Third start: after OBL_LAUNCH. Until then bank 1 runs, and FLASH_OPTR shows what was loaded. */
static void assert_only_the_launch_applied(struct machine *machine, uint32_t second_start_flag)
{
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_boots(machine), 3);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 0), 1);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 1), 1);
    ck_assert_uint_eq(mistakes_boot_csr(machine, 1) & second_start_flag, second_start_flag);
    ck_assert_uint_eq(mistakes_boot_csr(machine, 1) & CSR_OBLRSTF, 0);
    ck_assert_uint_eq(mistakes_value(machine, 0), OPTR_FACTORY);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 2), 2);
    ck_assert_uint_eq(mistakes_boot_csr(machine, 2) & CSR_OBLRSTF, CSR_OBLRSTF);
    ck_assert_uint_eq(mistakes_value(machine, 1), OPTR_FACTORY | OPTR_BFB2);
}

START_TEST(an_nvic_reset_does_not_apply_options)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_NVIC_RESET, RESTART_BY_NVIC, 200);
    assert_only_the_launch_applied(machine, CSR_SFTRSTF);
    machine_destroy(machine);
}
END_TEST

START_TEST(a_watchdog_reset_does_not_apply_options)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_NVIC_RESET, RESTART_BY_IWDG, 1000);
    assert_only_the_launch_applied(machine, CSR_IWDGRSTF);
    machine_destroy(machine);
}
END_TEST

START_TEST(a_reset_by_the_pin_does_not_apply_options)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_NVIC_RESET, RESTART_BY_IWDG, 100);
    machine_reset(machine, RESET_PIN);
    mistakes_run_ms(machine, 100);
    assert_only_the_launch_applied(machine, CSR_PINRSTF);
    ck_assert_uint_eq(mistakes_boot_csr(machine, 1) & CSR_IWDGRSTF, 0);
    machine_destroy(machine);
}
END_TEST

START_TEST(power_applies_options)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_NVIC_RESET, RESTART_BY_IWDG, 100);
    machine_power_off(machine, TEAR_OLD, 0);
    machine_power_on(machine);
    mistakes_run_ms(machine, 1);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 0), 2);
    machine_destroy(machine);
}
END_TEST

START_TEST(obl_launch_never_returns)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_LAUNCH_RETURNS, 0, 200);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_value(machine, 0), 0);
    ck_assert_uint_eq(mistakes_boots(machine), 2);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 1), 2);
    ck_assert_uint_eq(mistakes_boot_csr(machine, 1) & CSR_OBLRSTF, CSR_OBLRSTF);
    machine_destroy(machine);
}
END_TEST

/* RM0440 3.7.6: OBL_LAUNCH cannot be written while OPTLOCK is set. */
START_TEST(obl_launch_does_nothing_while_optlock_is_set)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_LAUNCH_RETURNS, 1, 200);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_value(machine, 0), 1);
    ck_assert_uint_eq(mistakes_boots(machine), 1);
    ck_assert_uint_eq(resets(machine, RESET_OPTION_LOAD), 0);
    machine_destroy(machine);
}
END_TEST

/* --- options at every start
 * ---------------------------------------------------------------------------------------------- */
/* Two erases and nine programs, 44.8 ms: 22 times a second, 10,000 cycles of endurance in eight minutes. */
START_TEST(writing_options_at_every_start_loops_and_wears_them_out)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_REWRITES_OPTIONS, 0, 1000);
    ck_assert_uint_eq(resets(machine, RESET_OPTION_LOAD), 22);
    ck_assert_uint_ge(ops(machine, OP_OPTION_ERASE), 2u * 22u);
    ck_assert_uint_eq(mistakes_boot_csr(machine, 5) & CSR_OBLRSTF, CSR_OBLRSTF);
    ck_assert_uint_ne(whole_variable(machine, MISTAKES, "done"), DONE);
    machine_destroy(machine);
}
END_TEST

START_TEST(comparing_options_first_writes_nothing)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_REWRITES_OPTIONS, 1, 1000);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(resets(machine, RESET_OPTION_LOAD), 0);
    ck_assert_uint_eq(ops(machine, OP_OPTION_ERASE), 0);
    machine_destroy(machine);
}
END_TEST

START_TEST(toggling_bfb2_in_both_images_goes_to_and_fro)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_TOGGLES_ALWAYS, 0, 1000);
    ck_assert_uint_ge(mistakes_boots(machine), 20u);
    for (unsigned boot = 0; boot < RECORDED_BOOTS; boot++)
        ck_assert_uint_eq(mistakes_boot_bank(machine, boot), boot % 2u + 1u);
    ck_assert_uint_ne(whole_variable(machine, MISTAKES, "done"), DONE);
    machine_destroy(machine);
}
END_TEST

START_TEST(toggling_bfb2_for_a_newer_version_only_comes_to_rest)
{
    struct machine *machine = run_both_banks(OPTR_FACTORY, MISTAKE_TOGGLES_ALWAYS, 1, 1000);
    mistakes_assert_done(machine);
    ck_assert_uint_eq(mistakes_boots(machine), 2);
    ck_assert_uint_eq(mistakes_boot_bank(machine, 1), 2);
    ck_assert_uint_eq(resets(machine, RESET_OPTION_LOAD), 1);
    machine_destroy(machine);
}
END_TEST

/* --- a debugger
 * ---------------------------------------------------------------------------------------------------------- */
/* What OpenOCD's driver does for an address: bank and page follow from it, whatever FB_MODE is. Returns FLASH_SR. */
static uint32_t debugger_wait(struct machine *machine)
{
    for (unsigned i = 0; i < 10u && (mistakes_peek(machine, FLASH_SR) & SR_BSY) != 0; i++)
        mistakes_run_ms(machine, 10);
    mistakes_poke(machine, FLASH_CR, 4, 0);
    return mistakes_peek(machine, FLASH_SR);
}

static uint32_t debugger_erase(struct machine *machine, uint32_t address)
{
    uint32_t page = (address - BANK_1_BASE) / PAGE_BYTES;
    mistakes_poke(machine, FLASH_CR, 4, CR_PER | page % 256u << PNB_Pos | page / 256u << BKER_Pos | CR_STRT);
    return debugger_wait(machine);
}

static uint32_t debugger_program(struct machine *machine, uint32_t address, uint64_t value)
{
    mistakes_poke(machine, FLASH_CR, 4, CR_PG);
    mistakes_poke(machine, address, 4, (uint32_t)value);
    mistakes_poke(machine, address + 4u, 4, (uint32_t)(value >> 32));
    return debugger_wait(machine);
}

static void debugger_unlock(struct machine *machine)
{
    mistakes_poke(machine, FLASH_KEYR, 4, 0x45670123u);
    mistakes_poke(machine, FLASH_KEYR, 4, 0xcdef89abu);
}

static struct machine *marked_banks(uint32_t optr)
{
    struct machine *machine = both_banks(optr, MISTAKE_NONE, 0);
    mistakes_mark(machine, OWN_PAGE, MARK);
    mistakes_mark(machine, OTHER_PAGE, MARK + 1u);
    machine_power_on(machine);
    return machine;
}

/* "Load to 0x08000000" while bank 2 shows there: bank 1 is erased, and bank 2 is not empty. */
START_TEST(a_debugger_that_downloads_under_fb_mode_erases_the_other_bank)
{
    struct machine *machine = marked_banks(OPTR_FACTORY | OPTR_BFB2);
    mistakes_run_ms(machine, 50);
    mistakes_assert_done(machine);
    machine_halt(machine, true);
    debugger_unlock(machine);
    ck_assert_uint_eq(debugger_erase(machine, OWN_PAGE), 0);
    ck_assert_uint_eq(mistakes_cell(machine, OWN_PAGE), ~0ull);       /* bank 1: not what shows there */
    ck_assert_uint_eq(mistakes_cell(machine, OTHER_PAGE), MARK + 1u); /* bank 2: what shows there */
    ck_assert_uint_eq(debugger_program(machine, OWN_PAGE, DOWNLOADED), SR_PROGERR);
    ck_assert_uint_eq(mistakes_cell(machine, OWN_PAGE), ~0ull);
    ck_assert_uint_eq(mistakes_cell(machine, OTHER_PAGE), MARK + 1u);
    machine_destroy(machine);
}
END_TEST

/* Halted at the reset vector, before the ROM sets FB_MODE, addresses and banks agree. */
START_TEST(a_debugger_that_downloads_after_a_reset_reaches_the_bank_it_means)
{
    struct machine *machine = marked_banks(OPTR_FACTORY | OPTR_BFB2);
    machine_halt(machine, true);
    debugger_unlock(machine);
    ck_assert_uint_eq(debugger_erase(machine, OWN_PAGE), 0);
    ck_assert_uint_eq(debugger_program(machine, OWN_PAGE, DOWNLOADED), 0);
    ck_assert_uint_eq(mistakes_cell(machine, OWN_PAGE), DOWNLOADED);
    ck_assert_uint_eq(mistakes_cell(machine, OTHER_PAGE), MARK + 1u);
    machine_destroy(machine);
}
END_TEST

static void add_rom_tests(TCase *tcase)
{
    tcase_add_test(tcase, the_first_interrupt_with_vtor_unset_runs_the_rom_and_ends_in_a_loop_of_resets);
    tcase_add_test(tcase, with_vtor_set_interrupts_are_the_images_own);
    tcase_add_test(tcase, vtor_unset_does_no_harm_while_bfb2_is_0);
    tcase_add_test(tcase, an_image_linked_at_bank_2_starts_what_bank_1_holds);
    tcase_add_test(tcase, an_image_linked_at_bank_2_loops_in_the_rom_while_bank_1_is_erased);
    tcase_add_test(tcase, an_image_linked_at_bank_1_runs_from_bank_2);
    tcase_add_loop_test(tcase, the_rom_passes_over_a_bank_whose_stack_top_it_does_not_know, 0,
                        ARRAY_LENGTH(unknown_stacks));
    tcase_add_loop_test(tcase, the_rom_keeps_a_board_whose_banks_both_have_an_unknown_stack_top, 0,
                        ARRAY_LENGTH(unknown_stacks));
    tcase_add_loop_test(tcase, the_rom_starts_a_bank_whose_stack_top_it_knows, 0, ARRAY_LENGTH(known_stacks));
    tcase_add_test(tcase, boot0_leads_to_sram_and_not_to_the_bootloader_while_nboot1_is_0);
    tcase_add_test(tcase, boot0_leads_to_the_bootloader_while_nboot1_is_1);
    tcase_add_test(tcase, no_bank_starts_while_bfb2_is_1_and_nboot1_is_0);
    tcase_add_test(tcase, nboot1_plays_no_part_while_boot0_is_low_and_bfb2_is_0);
}

static void add_option_tests(TCase *tcase)
{
    tcase_add_test(tcase, an_nvic_reset_does_not_apply_options);
    tcase_add_test(tcase, a_watchdog_reset_does_not_apply_options);
    tcase_add_test(tcase, a_reset_by_the_pin_does_not_apply_options);
    tcase_add_test(tcase, power_applies_options);
    tcase_add_test(tcase, obl_launch_never_returns);
    tcase_add_test(tcase, obl_launch_does_nothing_while_optlock_is_set);
    tcase_add_test(tcase, writing_options_at_every_start_loops_and_wears_them_out);
    tcase_add_test(tcase, comparing_options_first_writes_nothing);
    tcase_add_test(tcase, toggling_bfb2_in_both_images_goes_to_and_fro);
    tcase_add_test(tcase, toggling_bfb2_for_a_newer_version_only_comes_to_rest);
    tcase_add_test(tcase, a_debugger_that_downloads_under_fb_mode_erases_the_other_bank);
    tcase_add_test(tcase, a_debugger_that_downloads_after_a_reset_reaches_the_bank_it_means);
}

int main(void)
{
    Suite *suite = suite_create("mistakes with booting");
    TCase *rom = tcase_create("rom");
    TCase *options = tcase_create("options");
    add_rom_tests(rom);
    add_option_tests(options);
    suite_add_tcase(suite, rom);
    suite_add_tcase(suite, options);
    return whole_main(suite);
}
