/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Flash interface of the STM32L47x/L48x/L49x (dual bank): registers, keys, operations.
 *
 * Sources: RM0351 chapter 3 for the register map; RM0440 chapter 3 (same IP generation) for the
 * wording of sequences and flags.
 *
 * Modelled: ACR, KEYR/OPTKEYR/PDKEYR with lock-out, every SR flag, standard and fast programming,
 * page, bank and mass erase by physical bank, WRP and PCROP, stalls of the busy bank, read while
 * write of the other one, ECC flags with NMI, option bytes (stm32_flash_l4_options.c), RDP
 * regression to level 0, power-down (stm32_flash_l4_power.c), caches as knobs ask for them
 * (stm32_flash_l4_cache.c).
 *
 * Not modelled: the prefetch buffer, what RDP level 1 forbids to a debugger or to code started in
 * RAM or system memory, HSI16 being forced on during operations, wait states as time, the time that
 * waking from power-down takes.
 */
#include "stm32_flash_l4_private.h"

#define FLASH_CR_RW                                                                                                    \
    (FLASH_CR_PG | FLASH_CR_PER | FLASH_CR_MER1 | 0x000007f8u | FLASH_CR_BKER | FLASH_CR_MER2 | FLASH_CR_FSTPG |       \
     FLASH_CR_EOPIE | FLASH_CR_ERRIE | FLASH_CR_RDERRIE)
#define FLASH_CR_SET_ONLY (FLASH_CR_STRT | FLASH_CR_OPTSTRT | FLASH_CR_OBL_LAUNCH | FLASH_CR_OPTLOCK | FLASH_CR_LOCK)
#define FLASH_SR_FLAGS    (FLASH_SR_STICKY | FLASH_SR_EOP | FLASH_SR_OPERR | FLASH_SR_RDERR | FLASH_SR_OPTVERR)

/* RM0440 3.3.7: fast programming needs HCLK of at least 8 MHz. */
#define FLASH_FAST_MIN_HCLK_HZ 8000000u

/* RM0351 3.7. Reset values of the option registers are those of factory options, whose reserved
 * bits read 1 where a NUCLEO-L476RG shows it. */
static const struct reg_desc flash_regs[] = {
    {FLASH_ACR, "ACR", 0x00000600u, 0x00007f07u, 0, 0, 0},
    {FLASH_PDKEYR, "PDKEYR", 0, 0, 0, 0, 0},
    {FLASH_KEYR, "KEYR", 0, 0, 0, 0, 0},
    {FLASH_OPTKEYR, "OPTKEYR", 0, 0, 0, 0, 0},
    {FLASH_SR, "SR", 0, 0, FLASH_SR_FLAGS, 0, FLASH_SR_BSY},
    {FLASH_CR, "CR", 0xc0000000u, FLASH_CR_RW, 0, FLASH_CR_SET_ONLY, 0},
    {FLASH_ECCR, "ECCR", 0, FLASH_ECCR_ECCIE, FLASH_ECCR_ECCC | FLASH_ECCR_ECCD, 0, 0x001fffffu},
    {FLASH_OPTR, "OPTR", 0xffeff8aau, 0x03bf77ffu, 0, 0, 0},
    {FLASH_PCROP1SR, "PCROP1SR", 0xffffffffu, 0x0000ffffu, 0, 0, 0},
    {FLASH_PCROP1ER, "PCROP1ER", 0x0fff0000u, 0x0000ffffu, 0, FLASH_PCROP1ER_PCROP_RDP, 0},
    {FLASH_WRP1AR, "WRP1AR", 0xff00ffffu, 0x00ff00ffu, 0, 0, 0},
    {FLASH_WRP1BR, "WRP1BR", 0xff00ffffu, 0x00ff00ffu, 0, 0, 0},
    {FLASH_PCROP2SR, "PCROP2SR", 0xffffffffu, 0x0000ffffu, 0, 0, 0},
    {FLASH_PCROP2ER, "PCROP2ER", 0xffff0000u, 0x0000ffffu, 0, 0, 0},
    {FLASH_WRP2AR, "WRP2AR", 0xff00ffffu, 0x00ff00ffu, 0, 0, 0},
    {FLASH_WRP2BR, "WRP2BR", 0xff00ffffu, 0x00ff00ffu, 0, 0, 0},
};

static const char *const flash_inputs[] = {"clk", "rst", "hclk", "vos", "sleep", "low_supply", NULL};
static const char *const flash_outputs[] = {"irq",        "nmi",       "latency",      "bfb2",       "nboot1",
                                            "dualbank",   "iwdg_sw",   "iwdg_stop",    "iwdg_stdby", "wwdg_sw",
                                            "sram2_rst",  "sram2_pe",  "rdp",          "bor_lev",    "nrst_stop",
                                            "nrst_stdby", "nrst_shdw", "erase_backup", NULL};

static const char *const off_on[] = {"off", "on", NULL};
static const char *const low_supply[] = {
    [LOW_SUPPLY_UNSTABLE] = "unstable", [LOW_SUPPLY_SOLID] = "solid", [LOW_SUPPLY_SOLID + 1] = NULL};
static const char *const mismatches[] = {"each-word", "all-words", "no-pcrop", "bfb2-0", NULL};
static const char *const rom_eccs[] = {"judged", "invalid", "stuck", NULL};
static const struct knob_desc flash_knobs[] = {
    [FLASH_KNOB_STALE_CACHE] = {"stale-cache", off_on, "lines of the caches outlive an erase, and a bank swap"},
    [FLASH_KNOB_RWW_CORRUPTS_CACHE] = {"rww-corrupts-cache", off_on, "erratum 2.2.3 of ES0250"},
    [FLASH_KNOB_LOW_SUPPLY] = {"low-supply", low_supply, "cells programmed or erased while VDD is low"},
    [FLASH_KNOB_OPTION_MISMATCH] = {"option-mismatch", mismatches,
                                    "what is in force after an option word did not fit its complement"},
    [FLASH_KNOB_ROM_ECC] = {"rom-ecc", rom_eccs, "the boot ROM and an uncorrectable first word of a bank"},
};

/* Pointer-free and packed without holes: snapshots copy it as bytes. */
_Static_assert(sizeof(struct flash_state) == 672, "state of the flash interface");

void flash_update_irq(struct device *dev)
{
    const struct flash_state *s = flash_state(dev);
    bool irq = ((s->sr & FLASH_SR_EOP) != 0 && (s->cr & FLASH_CR_EOPIE) != 0) ||
               ((s->sr & FLASH_SR_OPERR) != 0 && (s->cr & FLASH_CR_ERRIE) != 0) ||
               ((s->sr & FLASH_SR_RDERR) != 0 && (s->cr & FLASH_CR_RDERRIE) != 0) ||
               ((s->eccr & FLASH_ECCR_ECCC) != 0 && (s->eccr & FLASH_ECCR_ECCIE) != 0);
    dev_output(dev, FLASH_OUT_IRQ, irq);
    /* RM0440 3.3.3: the NMI stays requested until ECCD is cleared. */
    dev_output(dev, FLASH_OUT_NMI, (s->eccr & FLASH_ECCR_ECCD) != 0);
}

void flash_update_traps(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);

    for (uint32_t bank = 0; bank < FLASH_BANKS; bank++) {
        uint32_t trap = TRAP_NONE;
        if ((s->busy_banks & 1u << bank) != 0)
            trap = TRAP_READ | TRAP_FETCH;
        /* A read right behind the launching write comes before the next sync point: be ready. */
        if ((s->cr & (FLASH_CR_PG | FLASH_CR_FSTPG)) != 0 || flash_bank_has_pcrop(dev, bank))
            trap |= TRAP_READ;
        trap |= flash_cache_trap(dev);
        if ((s->acr & FLASH_ACR_RUN_PD) != 0)
            trap = TRAP_READ | TRAP_FETCH;
        if (trap != s->trap[bank] || s->stale_code_moved != 0) {
            s->trap[bank] = trap;
            dev_trap(dev, params->store_flash, bank * params->bank_size, params->bank_size, trap);
            flash_cache_trap_pages(dev, bank, trap);
        }
    }
    s->stale_code_moved = 0;
}

void flash_fail(struct device *dev, uint32_t flags)
{
    struct flash_state *s = flash_state(dev);

    s->first_offset = FLASH_CELL_NOWHERE;
    if (s->activity == ACTIVITY_ROW) {
        flags |= FLASH_SR_FASTERR; /* RM0440 3.7.5: fast programming stopped by another error */
        if (!dev_op_in_flight(dev)) {
            s->sr |= flags;
            if ((s->cr & FLASH_CR_ERRIE) != 0)
                s->sr |= FLASH_SR_OPERR;
            flash_finish(dev);
            return;
        }
    }
    s->sr |= flags;
    if ((s->cr & FLASH_CR_ERRIE) != 0)
        s->sr |= FLASH_SR_OPERR;
    flash_update_irq(dev);
}

void flash_wait_idle(struct device *dev)
{
    struct flash_state *s = flash_state(dev);

    /* An option write is a chain of operations: all pages one by one, 2 option pages, OPTION_WORDS. */
    for (uint32_t chain = 0; chain < 2u * FLASH_PAGES_MAX && (s->sr & FLASH_SR_BSY) != 0; chain++) {
        uint64_t due = dev_event_due(dev, FLASH_EVENT_OP_END);
        uint64_t row = dev_event_due(dev, FLASH_EVENT_ROW);
        if (row < due)
            due = row;
        if (due == TIME_NEVER)
            return;
        dev_stall_until(dev, due);
    }
}

void flash_begin(struct device *dev, const struct op *op, enum flash_activity activity, uint32_t banks,
                 uint64_t duration_ps)
{
    struct flash_state *s = flash_state(dev);

    if (dev_op_in_flight(dev))
        return; /* power was lost inside it: what this access still does did not happen */
    bool main = op->store == flash_params(dev)->store_flash;
    s->activity = activity;
    s->busy_banks = banks;
    s->sr |= FLASH_SR_BSY;
    s->op_offset = op->offset;
    s->op_length = main ? op->length : 0u;
    s->op_value = op->kind == OP_PROGRAM ? op->value : UINT64_MAX;
    s->rww_tag = FLASH_CELL_NOWHERE;
    flash_update_traps(dev);
    dev_event_after(dev, FLASH_EVENT_OP_END, duration_ps);
    struct op begun = *op;
    begun.low_supply = dev_input(dev, FLASH_IN_LOW_SUPPLY) != 0;
    begun.unsure = begun.low_supply != 0 && dev_knob(dev, FLASH_KNOB_LOW_SUPPLY) == LOW_SUPPLY_UNSTABLE;
    dev_op_begin(dev, &begun);
}

void flash_finish(struct device *dev)
{
    struct flash_state *s = flash_state(dev);

    dev_event_cancel(dev, FLASH_EVENT_ROW);
    s->activity = ACTIVITY_NONE;
    s->busy_banks = 0;
    s->cr &= ~(FLASH_CR_STRT | FLASH_CR_OPTSTRT);
    s->sr &= ~FLASH_SR_BSY;
    /* RM0440 3.7.5: EOP is set only if EOPIE is. */
    if ((s->cr & FLASH_CR_EOPIE) != 0 && (s->sr & FLASH_SR_STICKY) == 0)
        s->sr |= FLASH_SR_EOP;
    flash_update_traps(dev);
    flash_update_irq(dev);
}

void flash_warn_voltage(struct device *dev)
{
    uint64_t vos = dev_input(dev, FLASH_IN_VOS);
    if (vos > 1u)
        dev_guest_error(dev, FLASH_CR, "flash operation outside voltage range 1");
}

/* --- erase --------------------------------------------------------------------------------- */
static void erase_page(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);
    /* BKER and PNB name a physical page whatever FB_MODE shows (RM0440 3.3.6 and vendor examples,
     * which invert the bank under FB_MODE). */
    uint32_t bank = (s->cr & FLASH_CR_BKER) != 0;
    uint32_t page = bits(s->cr, 3, 10);

    if (flash_page_protected(dev, bank, page)) {
        s->cr &= ~FLASH_CR_STRT;
        flash_fail(dev, FLASH_SR_WRPERR);
        return;
    }
    struct op op = {.kind = OP_ERASE,
                    .store = params->store_flash,
                    .offset = bank * params->bank_size + page * params->page_size,
                    .length = params->page_size};
    flash_begin(dev, &op, ACTIVITY_ERASE, 1u << bank, params->page_erase_ps);
}

static void erase_banks(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);
    uint32_t banks = ((s->cr & FLASH_CR_MER1) != 0 ? 1u : 0u) | ((s->cr & FLASH_CR_MER2) != 0 ? 2u : 0u);

    /* RM0440 3.7.5, WRPERR: one protected page spares every bank that was asked for. */
    for (uint32_t bank = 0; bank < FLASH_BANKS; bank++) {
        if ((banks & 1u << bank) != 0 && flash_bank_protected(dev, bank)) {
            s->cr &= ~FLASH_CR_STRT;
            flash_fail(dev, FLASH_SR_WRPERR);
            return;
        }
    }
    struct op op = {.kind = OP_ERASE,
                    .store = params->store_flash,
                    .offset = banks == 2u ? params->bank_size : 0u,
                    .length = banks == 3u ? 2u * params->bank_size : params->bank_size};
    flash_begin(dev, &op, ACTIVITY_ERASE, banks, params->mass_erase_ps);
}

static void start_erase(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    bool page = (s->cr & FLASH_CR_PER) != 0;
    bool mass = (s->cr & (FLASH_CR_MER1 | FLASH_CR_MER2)) != 0;
    bool program = (s->cr & (FLASH_CR_PG | FLASH_CR_FSTPG)) != 0;

    if (flash_is_off(dev)) {
        s->cr &= ~FLASH_CR_STRT;
        dev_gap(dev, FLASH_CR, true, s->cr, "an operation while the flash is in power-down");
        return;
    }
    /* RM0440 3.7.6, STRT: unpredictable, and no flag. Worst for the firmware: nothing happens. */
    if (!page && !mass) {
        s->cr &= ~FLASH_CR_STRT;
        dev_guest_error(dev, FLASH_CR, "FLASH_CR.STRT with neither PER nor MERx");
        return;
    }
    /* RM0440 3.7.5, PGSERR: old errors, or more than one kind of operation selected. */
    if ((s->sr & FLASH_SR_STICKY) != 0 || program || (page && mass)) {
        s->cr &= ~FLASH_CR_STRT;
        flash_fail(dev, FLASH_SR_PGSERR);
        return;
    }
    flash_warn_voltage(dev);
    if (page)
        erase_page(dev);
    else
        erase_banks(dev);
}

/* --- registers ----------------------------------------------------------------------------- */
static bool key_is_wrong(const struct flash_state *s, uint32_t offset, unsigned size, uint32_t value)
{
    bool option = offset == FLASH_OPTKEYR;
    uint32_t keys = option ? s->optkeyr : s->keyr;
    bool open = (s->cr & (option ? FLASH_CR_OPTLOCK : FLASH_CR_LOCK)) == 0;

    /* RM0440 3.3.5 and 3.4.2: the right keys once more after unlocking are a wrong sequence, too,
     * and OPTKEYR comes after KEYR. */
    if (size != 4u || open || keys == KEYS_BLOWN || (option && (s->cr & FLASH_CR_LOCK) != 0))
        return true;
    if (keys == KEYS_FIRST)
        return value != (option ? 0x4c5d6e7fu : 0xcdef89abu);
    return value != (option ? 0x08192a3bu : 0x45670123u);
}

static bool flash_faults(struct device *dev, enum access_kind kind, uint32_t offset, unsigned size, uint32_t value)
{
    if (kind != ACCESS_WRITE)
        return false;
    if (offset == FLASH_KEYR)
        return key_is_wrong(flash_state(dev), offset, size, value);
    if (offset == FLASH_OPTKEYR && flash_params(dev)->optkeyr_bus_error != 0)
        return key_is_wrong(flash_state(dev), offset, size, value);
    if (offset == FLASH_PDKEYR && flash_params(dev)->pdkeyr_bus_error != 0)
        return flash_pdkey_is_wrong(flash_state(dev), size, value);
    return false;
}

static void write_key(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct flash_state *s = flash_state(dev);
    bool option = offset == FLASH_OPTKEYR;
    uint32_t *keys = option ? &s->optkeyr : &s->keyr;
    uint32_t lock = option ? FLASH_CR_OPTLOCK : FLASH_CR_LOCK | FLASH_CR_OPTLOCK;

    if (key_is_wrong(s, offset, size, value)) {
        *keys = KEYS_BLOWN;
        s->cr |= lock;
        dev_guest_error(dev, offset,
                        option ? "wrong key in FLASH_OPTKEYR: locked until reset"
                               : "wrong key in FLASH_KEYR: locked until reset");
        return;
    }
    if (*keys == KEYS_NONE) {
        *keys = KEYS_FIRST;
        return;
    }
    *keys = KEYS_NONE;
    s->cr &= ~(option ? FLASH_CR_OPTLOCK : FLASH_CR_LOCK);
}

static void write_acr(struct device *dev, uint32_t value, uint32_t lanes)
{
    struct flash_state *s = flash_state(dev);
    uint32_t old = s->acr;
    uint32_t acr = reg_written(reg_find(dev->model, FLASH_ACR), old, value, lanes);

    /* RM0440 3.7.1: a cache can be reset only while it is disabled; RUN_PD needs its keys. */
    if ((old & FLASH_ACR_ICEN) != 0)
        acr = (acr & ~FLASH_ACR_ICRST) | (old & FLASH_ACR_ICRST);
    if ((old & FLASH_ACR_DCEN) != 0)
        acr = (acr & ~FLASH_ACR_DCRST) | (old & FLASH_ACR_DCRST);
    if ((lanes & FLASH_ACR_RUN_PD) != 0)
        acr = flash_new_run_pd(dev, old, acr);
    s->acr = acr;
    flash_cache_control(dev, old ^ acr);
    if (((old ^ acr) & FLASH_ACR_RUN_PD) != 0)
        flash_trap_other_stores(dev, (acr & FLASH_ACR_RUN_PD) != 0 ? TRAP_READ | TRAP_FETCH : TRAP_NONE);
    flash_update_traps(dev);
    dev_output(dev, FLASH_OUT_LATENCY, acr & FLASH_ACR_LATENCY);
}

static void launch_options(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    s->cr |= FLASH_CR_OBL_LAUNCH;
    dev_request_reset(dev, RESET_OPTION_LOAD);
}

static void write_cr(struct device *dev, uint32_t value)
{
    struct flash_state *s = flash_state(dev);

    /* RM0440 3.7.6: the access waits while BSY is set. */
    flash_wait_idle(dev);
    if ((s->cr & FLASH_CR_LOCK) != 0) {
        if ((value & FLASH_CR_LOCK) == 0)
            dev_guest_error(dev, FLASH_CR, "FLASH_CR written while LOCK is set");
        return;
    }
    bool options_open = (s->cr & FLASH_CR_OPTLOCK) == 0;
    s->cr = (s->cr & ~FLASH_CR_RW) | (value & FLASH_CR_RW);
    if ((s->cr & (FLASH_CR_PG | FLASH_CR_FSTPG)) == 0)
        s->first_offset = FLASH_CELL_NOWHERE;
    if ((s->cr & FLASH_CR_FSTPG) != 0) {
        uint64_t hclk = dev_input(dev, FLASH_IN_HCLK);
        if (hclk != 0 && hclk < FLASH_FAST_MIN_HCLK_HZ)
            dev_guest_error(dev, FLASH_CR, "fast programming with HCLK below 8 MHz");
    }
    if ((value & FLASH_CR_STRT) != 0) {
        s->cr |= FLASH_CR_STRT;
        start_erase(dev);
    }
    if ((value & (FLASH_CR_OPTSTRT | FLASH_CR_OBL_LAUNCH)) != 0 && !options_open)
        dev_guest_error(dev, FLASH_CR, "FLASH_CR.OPTSTRT or OBL_LAUNCH while OPTLOCK is set");
    else if ((value & FLASH_CR_OPTSTRT) != 0)
        flash_options_start(dev);
    if ((value & FLASH_CR_OBL_LAUNCH) != 0 && options_open)
        launch_options(dev);
    if ((value & FLASH_CR_LOCK) != 0)
        s->cr |= FLASH_CR_LOCK | FLASH_CR_OPTLOCK; /* RM0440 3.4.2 */
    s->cr |= value & FLASH_CR_OPTLOCK;
    flash_update_traps(dev);
    flash_update_irq(dev);
}

static uint32_t flash_read(struct device *dev, uint32_t offset, unsigned size)
{
    struct flash_state *s = flash_state(dev);
    uint32_t value = 0;

    if (model_register(dev, offset) == NULL)
        return 0;
    switch (offset & ~3u) {
    case FLASH_ACR:
        value = s->acr;
        break;
    case FLASH_SR:
        value = s->sr;
        break;
    case FLASH_CR:
        value = s->cr;
        break;
    case FLASH_ECCR:
        value = s->eccr;
        break;
    case FLASH_PDKEYR:
    case FLASH_KEYR:
    case FLASH_OPTKEYR:
        break; /* write only */
    default:
        value = flash_option_read(dev, offset & ~3u);
        break;
    }
    return reg_lane_read(value, offset, size);
}

static void flash_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct flash_state *s = flash_state(dev);
    uint32_t lanes = reg_lane_mask(offset, size);
    uint32_t word = reg_lane_merge(0, offset, size, value);

    if (model_register(dev, offset) == NULL)
        return;
    switch (offset & ~3u) {
    case FLASH_ACR:
        write_acr(dev, word, lanes);
        break;
    case FLASH_PDKEYR:
        flash_write_pdkey(dev, size, word);
        break;
    case FLASH_KEYR:
    case FLASH_OPTKEYR:
        write_key(dev, offset, size, value);
        break;
    case FLASH_SR:
        s->sr &= ~(word & FLASH_SR_FLAGS);
        flash_update_irq(dev);
        break;
    case FLASH_CR:
        write_cr(dev, (s->cr & ~lanes & FLASH_CR_RW) | word);
        break;
    case FLASH_ECCR:
        s->eccr = reg_written(reg_find(dev->model, FLASH_ECCR), s->eccr, word, lanes);
        flash_update_irq(dev);
        break;
    default:
        flash_wait_idle(dev); /* RM0440 3.7.8: waits for an operation in progress */
        flash_option_write(dev, offset & ~3u, word, lanes);
        break;
    }
}

/**
 * The array refused: a double word that the pulse found not blank (PROGERR), else the protection that stands for all
 * that keeps an erase from happening (WRPERR). RM0440 3.7.5; RM0351 3.7.5 has OPERR for it only where ERRIE is set,
 * which flash_fail adds.
 */
static void op_failed(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    bool is_program = s->activity == ACTIVITY_PROGRAM || s->activity == ACTIVITY_ROW;

    flash_fail(dev, is_program ? FLASH_SR_PROGERR : FLASH_SR_WRPERR);
    if (s->activity != ACTIVITY_NONE)
        flash_finish(dev);
}

static void flash_on_event(struct device *dev, uint32_t event)
{
    struct flash_state *s = flash_state(dev);

    if (event == FLASH_EVENT_ROW) {
        bool late = dev_now_ps(dev) < s->row_limit_ps;
        flash_fail(dev, late ? FLASH_SR_MISERR : FLASH_SR_FASTERR);
        return;
    }
    enum op_end end = dev_op_commit(dev);
    if (dev_op_in_flight(dev))
        return; /* power was lost: nothing was committed, nothing follows */
    if (end == OP_END_FAILED) {
        op_failed(dev);
        return;
    }
    flash_cache_written(dev);
    switch ((enum flash_activity)s->activity) {
    case ACTIVITY_OPTION:
        flash_options_next(dev);
        break;
    case ACTIVITY_ROW:
        flash_row_next(dev);
        break;
    case ACTIVITY_ERASE:
        if ((s->cr & FLASH_CR_PER) == 0)
            s->fast_banks |= s->busy_banks;
        flash_finish(dev);
        break;
    case ACTIVITY_PROGRAM:
        s->fast_banks &= ~s->busy_banks;
        flash_finish(dev);
        break;
    case ACTIVITY_NONE:
        break;
    }
}

static void flash_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    const struct flash_state *s = flash_state(dev);

    /* The header of vendor code: the flash must not be put in power-down during an operation. */
    if (input == FLASH_IN_SLEEP && value != 0 && (s->acr & FLASH_ACR_SLEEP_PD) != 0 && (s->sr & FLASH_SR_BSY) != 0)
        dev_gap(dev, FLASH_ACR, false, s->acr, "FLASH_ACR.SLEEP_PD: sleep during an operation");
}

static void flash_reset(struct device *dev, enum reset_kind kind)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);
    bool load = kind == RESET_POWER_ON || kind == RESET_OPTION_LOAD || kind == RESET_STANDBY;

    /* An operation in flight was torn by whoever performs the reset. */
    dev_event_cancel(dev, FLASH_EVENT_OP_END);
    dev_event_cancel(dev, FLASH_EVENT_ROW);
    if ((s->acr & FLASH_ACR_RUN_PD) != 0)
        flash_trap_other_stores(dev, TRAP_NONE);
    s->acr = 0x00000600u;
    flash_cache_empty(dev);
    s->sr = 0;
    s->cr = FLASH_CR_LOCK | FLASH_CR_OPTLOCK;
    s->eccr = 0;
    s->keyr = s->optkeyr = s->pdkeyr = KEYS_NONE;
    s->first_offset = FLASH_CELL_NOWHERE;
    s->activity = ACTIVITY_NONE;
    s->busy_banks = 0;
    s->fast_banks = 0; /* what was erased before a reset is not known to the sequencer */
    flash_options_reset(dev, load);
    /* RM0351 3.4.1, SRAM2_RST: erased by a system reset; Standby and power-on are none. */
    if (kind != RESET_POWER_ON && kind != RESET_STANDBY && kind != RESET_PERIPHERAL &&
        bits(s->loaded[OPTION_OPTR], 25, 25) == 0)
        flash_erase_sram2(dev);
    for (uint32_t bank = 0; bank < FLASH_BANKS; bank++) {
        s->trap[bank] = TRAP_NONE;
        dev_trap(dev, params->store_flash, bank * params->bank_size, params->bank_size, TRAP_NONE);
    }
    flash_update_traps(dev);
    if (dev_knob(dev, FLASH_KNOB_ROM_ECC) != ROM_ECC_JUDGED)
        dev_trap(dev, params->store_system1, FLASH_ROM_READING, 4u, TRAP_READ);
    dev_output(dev, FLASH_OUT_LATENCY, 0);
    flash_update_irq(dev);
}

const struct device_model stm32_flash_l4_model = {
    .name = "stm32_flash_l4",
    .state_size = sizeof(struct flash_state),
    .regs = flash_regs,
    .reg_count = ARRAY_LENGTH(flash_regs),
    .inputs = flash_inputs,
    .outputs = flash_outputs,
    .event_count = FLASH_EVENT_COUNT,
    .knobs = flash_knobs,
    .knob_count = ARRAY_LENGTH(flash_knobs),
    .reset = flash_reset,
    .read = flash_read,
    .write = flash_write,
    .faults = flash_faults,
    .on_input = flash_on_input,
    .on_event = flash_on_event,
    .array_write = flash_array_write,
    .array_read = flash_array_read,
    .array_fetch = flash_array_fetch,
    .array_faults = flash_array_faults,
};
