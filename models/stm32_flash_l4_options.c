/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Option bytes of the STM32L47x/L48x/L49x flash interface: loading, the option registers, writing.
 *
 * Modelled: value and complement of each word, ECC of the option double words, forced defaults on a
 * mismatch (as the knob option-mismatch reads the manual) with OPTVERR, the registers as shadows, OPTSTRT as two erases
 * and nine programs, mass erase on the way from RDP level 1 to 0, with SRAM2 and the backup registers, page by page
 * around PCROP areas with PCROP_RDP = 0, erase of SRAM2 by resets (SRAM2_RST), WRP, PCROP, whose areas can only grow.
 *
 * Not modelled: an ECC error during the load raises no flag: the word counts as mismatched. Erasing SRAM2 takes no
 * time.
 */
#include "stm32_flash_l4_private.h"

#include <string.h>

#define OPTR_RDP       0x000000ffu
#define RDP_LEVEL_0    0xaau
#define RDP_LEVEL_2    0xccu
#define OPTR_DELIVERED 0xffeff800u /* but RDP: BFB2 = 0 */
#define OPTION_STEPS   (3u + OPTION_WORDS)

/* Steps of an option write; RM0440 3.4.2: both option pages are erased, then all is programmed. */
enum option_step {
    STEP_REGRESSION, /* mass erase in one or more operations, only from RDP level 1 to level 0 */
    STEP_ERASE_1,
    STEP_ERASE_2,
    STEP_PROGRAM_FIRST,
};

struct option_desc {
    uint32_t reg;      /* offset of the register */
    uint32_t bank;     /* whose option page holds it */
    uint32_t offset;   /* in that page; RM0440 3.4.1, table 12 */
    uint32_t mask;     /* bits that mean something */
    uint32_t reserved; /* what the other bits read in the register */
    uint32_t mismatch; /* value forced by a mismatch, RM0440 3.4.2 */
};

/*
 * Forced values: USER all ones but BOR_LEV = 0, RDP neither AA nor CC, PCROP from the first to the
 * last double word, no WRP (start behind end).
 */
static const struct option_desc options[OPTION_WORDS] = {
    [OPTION_OPTR] = {FLASH_OPTR, 0, 0x00, 0x03bf77ffu, 0xfc408800u, 0xfffff8ffu},
    [OPTION_PCROP1SR] = {FLASH_PCROP1SR, 0, 0x08, 0x0000ffffu, 0xffff0000u, 0xffff0000u},
    [OPTION_PCROP1ER] = {FLASH_PCROP1ER, 0, 0x10, 0x8000ffffu, 0x0fff0000u, 0xffffffffu},
    [OPTION_WRP1AR] = {FLASH_WRP1AR, 0, 0x18, 0x00ff00ffu, 0xff00ff00u, 0xff00ffffu},
    [OPTION_WRP1BR] = {FLASH_WRP1BR, 0, 0x20, 0x00ff00ffu, 0xff00ff00u, 0xff00ffffu},
    [OPTION_PCROP2SR] = {FLASH_PCROP2SR, 1, 0x08, 0x0000ffffu, 0xffff0000u, 0xffff0000u},
    [OPTION_PCROP2ER] = {FLASH_PCROP2ER, 1, 0x10, 0x0000ffffu, 0xffff0000u, 0xffffffffu},
    [OPTION_WRP2AR] = {FLASH_WRP2AR, 1, 0x18, 0x00ff00ffu, 0xff00ff00u, 0xff00ffffu},
    [OPTION_WRP2BR] = {FLASH_WRP2BR, 1, 0x20, 0x00ff00ffu, 0xff00ff00u, 0xff00ffffu},
};

static uint32_t option_store(const struct device *dev, uint32_t bank)
{
    const struct stm32_flash_l4_params *params = flash_params(dev);
    return bank == 0 ? params->store_option1 : params->store_option2;
}

uint32_t flash_rdp_level(const struct flash_state *state)
{
    uint32_t rdp = state->loaded[OPTION_OPTR] & OPTR_RDP;
    return rdp == RDP_LEVEL_0 ? 0u : rdp == RDP_LEVEL_2 ? 2u : 1u;
}

/* --- loading ------------------------------------------------------------------------------- */
/** True if the word and its complement match; *value is what is stored. */
static bool option_cell(struct device *dev, const struct option_desc *option, uint32_t *value)
{
    struct cell cell = dev_cell(dev, option_store(dev, option->bank), option->offset);
    uint64_t data;

    if (cell_read(cell, &data) == ECC_UNCORRECTABLE)
        return false;
    *value = (uint32_t)data;
    return (uint32_t)data == ~(uint32_t)(data >> 32);
}

/** What the word's default is, as the knob reads the manual. */
static uint32_t mismatch_value(const struct device *dev, uint32_t i)
{
    uint32_t reading = dev_knob(dev, FLASH_KNOB_OPTION_MISMATCH);
    bool pcrop_start = i == OPTION_PCROP1SR || i == OPTION_PCROP2SR;

    if (reading == MISMATCH_BFB2_0 && i == OPTION_OPTR)
        return OPTR_DELIVERED | OPTR_RDP;
    if (reading == MISMATCH_NO_PCROP && pcrop_start)
        return options[i].mismatch | 0xffffu;
    if (reading == MISMATCH_NO_PCROP && (i == OPTION_PCROP1ER || i == OPTION_PCROP2ER))
        return options[i].reserved;
    return options[i].mismatch;
}

/** Says what the defaults mean; `before`: those of an earlier load were in force until now. */
static void tell_mismatch(struct device *dev, const bool bad[OPTION_WORDS], bool before)
{
    bool area = dev_knob(dev, FLASH_KNOB_OPTION_MISMATCH) != MISMATCH_NO_PCROP;
    bool bfb2 = bits(mismatch_value(dev, OPTION_OPTR), 20, 20) != 0;
    const struct {
        bool is_so;
        const char *text;
    } meanings[] = {
        {bad[OPTION_OPTR], bfb2 ? "RDP level 1 and BFB2 = 1" : "RDP level 1 and BFB2 = 0"},
        {bad[OPTION_PCROP1SR], area ? "PCROP over bank 1" : "no PCROP in bank 1"},
        {bad[OPTION_PCROP2SR], area ? "PCROP over bank 2" : "no PCROP in bank 2"},
        {bad[OPTION_WRP1AR] || bad[OPTION_WRP1BR] || bad[OPTION_WRP2AR] || bad[OPTION_WRP2BR], "WRP off"},
    };
    uint32_t words = 0, told = 0;

    for (uint32_t i = 0; i < OPTION_WORDS; i++)
        words |= (uint32_t)bad[i] << i;
    for (uint32_t i = 0; i < ARRAY_LENGTH(meanings); i++)
        if (meanings[i].is_so)
            dev_observe(dev, OBS_OPTIONS, told++, words, 0, meanings[i].text);
    if (told == 0 && before)
        dev_observe(dev, OBS_OPTIONS, 0, 0, 0, NULL);
}

static void load_options(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    bool bad[OPTION_WORDS];
    bool before = s->option_mismatch != 0;

    s->option_mismatch = 0;
    for (uint32_t i = 0; i < OPTION_WORDS; i++) {
        uint32_t value = 0;
        bad[i] = !option_cell(dev, &options[i], &value);
        s->loaded[i] = value;
        if (bad[i])
            s->option_mismatch = 1;
    }
    if (dev_knob(dev, FLASH_KNOB_OPTION_MISMATCH) == MISMATCH_ALL_WORDS && s->option_mismatch != 0)
        memset(bad, true, sizeof bad);
    /* "All memory": a PCROP area with one bad end is all of its bank. */
    bad[OPTION_PCROP1SR] = bad[OPTION_PCROP1ER] = bad[OPTION_PCROP1SR] || bad[OPTION_PCROP1ER];
    bad[OPTION_PCROP2SR] = bad[OPTION_PCROP2ER] = bad[OPTION_PCROP2SR] || bad[OPTION_PCROP2ER];
    for (uint32_t i = 0; i < OPTION_WORDS; i++)
        if (bad[i])
            s->loaded[i] = mismatch_value(dev, i);
    tell_mismatch(dev, bad, before);
}

static void drive_options(struct device *dev)
{
    const struct flash_state *s = flash_state(dev);
    uint32_t optr = s->loaded[OPTION_OPTR];

    dev_output(dev, FLASH_OUT_RDP, flash_rdp_level(s));
    dev_output(dev, FLASH_OUT_BOR_LEV, bits(optr, 8, 10));
    dev_output(dev, FLASH_OUT_NRST_STOP, bits(optr, 12, 12));
    dev_output(dev, FLASH_OUT_NRST_STDBY, bits(optr, 13, 13));
    dev_output(dev, FLASH_OUT_NRST_SHDW, bits(optr, 14, 14));
    dev_output(dev, FLASH_OUT_IWDG_SW, bits(optr, 16, 16));
    dev_output(dev, FLASH_OUT_IWDG_STOP, bits(optr, 17, 17));
    dev_output(dev, FLASH_OUT_IWDG_STDBY, bits(optr, 18, 18));
    dev_output(dev, FLASH_OUT_WWDG_SW, bits(optr, 19, 19));
    dev_output(dev, FLASH_OUT_BFB2, bits(optr, 20, 20));
    dev_output(dev, FLASH_OUT_DUALBANK, bits(optr, 21, 21));
    dev_output(dev, FLASH_OUT_NBOOT1, bits(optr, 23, 23));
    dev_output(dev, FLASH_OUT_SRAM2_PE, bits(optr, 24, 24));
    dev_output(dev, FLASH_OUT_SRAM2_RST, bits(optr, 25, 25));
}

void flash_erase_sram2(struct device *dev)
{
    const struct stm32_flash_l4_params *params = flash_params(dev);
    dev_ram_fill(dev, params->store_sram2, 0, dev_store_size(dev, params->store_sram2), 0);
}

void flash_options_reset(struct device *dev, bool load)
{
    struct flash_state *s = flash_state(dev);

    if (load)
        load_options(dev);
    for (uint32_t i = 0; i < OPTION_WORDS; i++)
        s->shadow[i] = (s->loaded[i] & options[i].mask) | options[i].reserved;
    /* Set again by every system reset while the mismatch is in force. */
    if (s->option_mismatch != 0)
        s->sr |= FLASH_SR_OPTVERR;
    drive_options(dev);
}

/* --- registers ----------------------------------------------------------------------------- */
static uint32_t option_index(uint32_t offset)
{
    uint32_t i = 0;
    while (i < OPTION_WORDS && options[i].reg != offset)
        i++;
    TB_ASSERT(i < OPTION_WORDS);
    return i;
}

uint32_t flash_option_read(struct device *dev, uint32_t offset)
{
    return flash_state(dev)->shadow[option_index(offset)];
}

void flash_option_write(struct device *dev, uint32_t offset, uint32_t value, uint32_t lanes)
{
    struct flash_state *s = flash_state(dev);
    uint32_t i = option_index(offset);

    if ((s->cr & (FLASH_CR_LOCK | FLASH_CR_OPTLOCK)) != 0) {
        dev_guest_error(dev, offset, "option register written while OPTLOCK is set");
        return;
    }
    s->shadow[i] = reg_written(reg_find(dev->model, offset), s->shadow[i], value, lanes);
}

/* --- protection ---------------------------------------------------------------------------- */
/* Areas are of the physical bank (RM0440 3.5.2, 3.5.3). */
bool flash_pcrop_hit(const struct device *dev, uint32_t bank, uint32_t first, uint32_t last)
{
    const struct flash_state *s = dev->state;
    uint32_t start = s->loaded[bank == 0 ? OPTION_PCROP1SR : OPTION_PCROP2SR] & 0xffffu;
    uint32_t end = s->loaded[bank == 0 ? OPTION_PCROP1ER : OPTION_PCROP2ER] & 0xffffu;
    return start <= end && first / 8u <= end && last / 8u >= start;
}

bool flash_bank_has_pcrop(const struct device *dev, uint32_t bank)
{
    return flash_pcrop_hit(dev, bank, 0, flash_params(dev)->bank_size - 1u);
}

static bool wrp_hit(uint32_t wrp, uint32_t first, uint32_t last)
{
    uint32_t start = bits(wrp, 0, 7);
    uint32_t end = bits(wrp, 16, 23);
    return start <= end && first <= end && last >= start;
}

bool flash_page_protected(const struct device *dev, uint32_t bank, uint32_t page)
{
    const struct flash_state *s = dev->state;
    uint32_t page_size = flash_params(dev)->page_size;
    return wrp_hit(s->loaded[bank == 0 ? OPTION_WRP1AR : OPTION_WRP2AR], page, page) ||
           wrp_hit(s->loaded[bank == 0 ? OPTION_WRP1BR : OPTION_WRP2BR], page, page) ||
           flash_pcrop_hit(dev, bank, page * page_size, (page + 1u) * page_size - 1u);
}

bool flash_bank_protected(const struct device *dev, uint32_t bank)
{
    const struct stm32_flash_l4_params *params = flash_params(dev);
    for (uint32_t page = 0; page < params->bank_size / params->page_size; page++)
        if (flash_page_protected(dev, bank, page))
            return true;
    return false;
}

/* --- writing ------------------------------------------------------------------------------- */
/** The next erase of a regression that spares PCROP areas (RM0440 3.5.1: page by page in a bank that has one). */
static bool next_erase(struct device *dev, struct op *op, uint32_t *bank, uint64_t *duration_ps)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);
    uint32_t pages = params->bank_size / params->page_size;

    for (; s->regress_page < FLASH_BANKS * pages; s->regress_page++) {
        uint32_t offset = s->regress_page % pages * params->page_size;
        *bank = s->regress_page / pages;
        *op = (struct op){.kind = OP_ERASE, .store = params->store_flash, .offset = *bank * params->bank_size + offset};
        if (!flash_bank_has_pcrop(dev, *bank)) {
            op->length = params->bank_size;
            *duration_ps = params->mass_erase_ps;
            s->regress_page += pages;
            return true;
        }
        if (!flash_pcrop_hit(dev, *bank, offset, offset + params->page_size - 1u)) {
            op->length = params->page_size;
            *duration_ps = params->page_erase_ps;
            s->regress_page++;
            return true;
        }
    }
    return false;
}

/** False if there is nothing (more) to erase. */
static bool begin_regression(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);
    uint64_t duration_ps = params->mass_erase_ps;
    uint32_t bank = 0;
    struct op op = {.kind = OP_ERASE, .store = params->store_flash, .length = FLASH_BANKS * params->bank_size};

    if (s->regress_page == FLASH_CELL_NOWHERE) {
        flash_begin(dev, &op, ACTIVITY_OPTION, 3u, duration_ps);
        return true;
    }
    if (!next_erase(dev, &op, &bank, &duration_ps))
        return false;
    flash_begin(dev, &op, ACTIVITY_OPTION, 1u << bank, duration_ps);
    return true;
}

static void begin_step(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);
    struct op op = {0};
    uint32_t banks;
    uint64_t duration_ps = params->option_erase_ps;

    if (s->option_step == STEP_REGRESSION) {
        if (begin_regression(dev))
            return;
        s->option_step = STEP_ERASE_1; /* PCROP areas are all there is */
    }
    uint32_t step = s->option_step;
    if (step < STEP_PROGRAM_FIRST) {
        uint32_t bank = step - STEP_ERASE_1;
        op.kind = OP_OPTION_ERASE;
        op.store = option_store(dev, bank);
        op.length = dev_store_size(dev, op.store);
        banks = 1u << bank;
    } else {
        const struct option_desc *option = &options[step - STEP_PROGRAM_FIRST];
        uint32_t value = s->target[step - STEP_PROGRAM_FIRST];
        op.kind = OP_OPTION_PROGRAM;
        op.store = option_store(dev, option->bank);
        op.offset = option->offset;
        op.length = 8u;
        op.value = (uint64_t)~value << 32 | value;
        banks = 1u << option->bank;
        duration_ps = params->option_program_ps;
    }
    if (params->option_stalls_banks == 0)
        banks = 0;
    flash_begin(dev, &op, ACTIVITY_OPTION, banks, duration_ps);
}

/** What an option write programs: the registers, but a PCROP area only grows (RM0440 3.5.3) or goes altogether. */
static void choose_values(struct flash_state *s, bool pcrop_goes)
{
    memcpy(s->target, s->shadow, sizeof s->target);
    for (uint32_t bank = 0; bank < FLASH_BANKS; bank++) {
        uint32_t sr = bank == 0 ? OPTION_PCROP1SR : OPTION_PCROP2SR;
        uint32_t er = bank == 0 ? OPTION_PCROP1ER : OPTION_PCROP2ER;
        uint32_t start = s->loaded[sr] & 0xffffu, end = s->loaded[er] & 0xffffu;
        if (pcrop_goes) {
            s->target[sr] = options[sr].reserved | 0xffffu;
            s->target[er] = options[er].reserved; /* PCROP_RDP goes, too: RM0440 3.7.10 */
        } else if (start <= end && ((s->shadow[sr] & 0xffffu) > start || (s->shadow[er] & 0xffffu) < end)) {
            s->target[sr] = options[sr].reserved | start;
            s->target[er] = (s->shadow[er] & ~0xffffu) | end;
        }
    }
}

/** RM0440 3.5.1: on the way to level 0 main flash, SRAM2 and the backup registers are erased. */
static void begin_level_0(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    bool spares = (s->loaded[OPTION_PCROP1ER] & FLASH_PCROP1ER_PCROP_RDP) == 0 &&
                  (flash_bank_has_pcrop(dev, 0) || flash_bank_has_pcrop(dev, 1));

    s->option_step = STEP_REGRESSION;
    s->regress_page = spares ? 0 : FLASH_CELL_NOWHERE;
    choose_values(s, !spares);
    flash_erase_sram2(dev);
    dev_pulse(dev, FLASH_OUT_ERASE_BACKUP, 1);
}

void flash_options_start(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    uint32_t level = flash_rdp_level(s);
    uint32_t rdp = s->shadow[OPTION_OPTR] & OPTR_RDP;

    if (flash_is_off(dev)) {
        dev_gap(dev, FLASH_CR, true, s->cr, "an option write while the flash is in power-down");
        return;
    }
    if ((s->sr & FLASH_SR_STICKY) != 0) {
        flash_fail(dev, FLASH_SR_PGSERR);
        return;
    }
    /* RM0440 3.5.1: level 2 is for ever. */
    if (level == 2u) {
        flash_fail(dev, FLASH_SR_WRPERR);
        return;
    }
    flash_warn_voltage(dev);
    s->cr |= FLASH_CR_OPTSTRT;
    s->option_step = STEP_ERASE_1;
    choose_values(s, false);
    if (level == 1u && rdp == RDP_LEVEL_0)
        begin_level_0(dev);
    begin_step(dev);
}

void flash_options_next(struct device *dev)
{
    struct flash_state *s = flash_state(dev);

    if (s->option_step == STEP_REGRESSION && s->regress_page != FLASH_CELL_NOWHERE && begin_regression(dev))
        return;
    s->option_step++;
    if (s->option_step == OPTION_STEPS)
        flash_finish(dev);
    else
        begin_step(dev);
}
