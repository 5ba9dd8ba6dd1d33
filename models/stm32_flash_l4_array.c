/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Array accesses of the STM32L47x/L48x/L49x flash interface: program writes, and the reads and
 * fetches that the bus traps. Offsets are of the store, so banks here are physical ones: this file
 * neither knows nor needs the bank swap.
 *
 * Modelled: standard and fast programming with their error flags, OTP, stalls of the busy bank,
 * PCROP reads, ECCC and ECCD.
 * Not modelled: line buffers (each read of a bad cell raises its flag again, unless the knobs give the data cache
 * lines).
 */
#include "stm32_flash_l4_private.h"

/** The physical bank (0 or 1) beside which a store's cell sits. */
static uint32_t bank_of(const struct device *dev, uint32_t store, uint32_t offset)
{
    const struct stm32_flash_l4_params *params = flash_params(dev);
    if (store == params->store_flash)
        return offset / params->bank_size;
    return store == params->store_option2 || store == params->store_system2;
}

/* --- reading ------------------------------------------------------------------------------- */
static void wait_for_bank(struct device *dev, uint32_t store, uint32_t offset)
{
    struct flash_state *s = flash_state(dev);

    if ((s->busy_banks & 1u << bank_of(dev, store, offset)) == 0)
        return;
    if (s->activity == ACTIVITY_ROW) {
        /* RM0440 3.3.7: a read of the bank ends the row without any flag; what is written stays. */
        uint64_t due = dev_event_due(dev, FLASH_EVENT_OP_END);
        if (due != TIME_NEVER)
            dev_stall_until(dev, due);
        if (s->activity == ACTIVITY_ROW)
            flash_finish(dev);
        return;
    }
    flash_wait_idle(dev);
}

static void note_ecc(struct device *dev, uint32_t store, uint32_t offset, enum ecc_result result)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);

    if (result == ECC_OK)
        return;
    /* RM0440 3.7.7: the address is that of the first error until both flags are cleared. */
    if ((s->eccr & (FLASH_ECCR_ECCC | FLASH_ECCR_ECCD)) == 0) {
        bool main = store == params->store_flash;
        s->eccr &= FLASH_ECCR_ECCIE;
        s->eccr |= main ? offset % params->bank_size & ~7u : offset & ~7u;
        if (bank_of(dev, store, offset) != 0)
            s->eccr |= FLASH_ECCR_BK_ECC; /* taken as the physical bank: an array-side signal */
        if (!main)
            s->eccr |= FLASH_ECCR_SYSF_ECC;
    }
    s->eccr |= result == ECC_CORRECTED ? FLASH_ECCR_ECCC : FLASH_ECCR_ECCD;
    flash_update_irq(dev);
}

enum ecc_result flash_read_cell(struct device *dev, uint32_t store, uint32_t offset, uint64_t *data)
{
    struct cell cell = dev_cell(dev, store, offset & ~7u);
    enum ecc_result result = cell_read(cell, data);

    note_ecc(dev, store, offset, result);
    return result;
}

static uint64_t read_dword(struct device *dev, uint32_t store, uint32_t offset, uint32_t address)
{
    uint64_t data;

    if (store == flash_params(dev)->store_flash)
        return flash_cache_read(dev, offset & ~7u, address & ~7u);
    (void)flash_read_cell(dev, store, offset, &data);
    return data;
}

bool flash_array_faults(struct device *dev, enum access_kind kind, uint32_t store, uint32_t offset)
{
    (void)kind;
    (void)store;
    (void)offset;
    /* "Must not be accessed", says vendor code, and nothing of what happens: the worst reading is a bus error. */
    return flash_is_off(dev);
}

enum array_result flash_array_read(struct device *dev, uint32_t store, uint32_t offset, uint32_t address, unsigned size,
                                   uint32_t *value)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);

    if (store == params->store_system1 && offset == FLASH_ROM_READING &&
        dev_knob(dev, FLASH_KNOB_ROM_ECC) != ROM_ECC_JUDGED) {
        *value = dev_knob(dev, FLASH_KNOB_ROM_ECC); /* no register: how our own ROM learns of the knob */
        return ARRAY_OK;
    }
    wait_for_bank(dev, store, offset);
    if (store == params->store_flash && flash_pcrop_hit(dev, offset / params->bank_size, offset % params->bank_size,
                                                        offset % params->bank_size + size - 1u)) {
        s->sr |= FLASH_SR_RDERR;
        *value = params->pcrop_read_value;
        flash_update_irq(dev);
        return ARRAY_OK;
    }
    uint32_t shift = offset % 8u * 8u;
    uint64_t data = read_dword(dev, store, offset, address) >> shift;
    /* An unaligned read can reach into the next cell. */
    if (shift > 0 && offset % 8u + size > 8u)
        data |= read_dword(dev, store, offset + 8u, address + 8u) << (64u - shift);
    *value = (uint32_t)data & (uint32_t)((1ull << (size * 8u)) - 1u);
    return ARRAY_OK;
}

enum array_result flash_array_fetch(struct device *dev, uint32_t store, uint32_t offset, uint32_t length)
{
    uint64_t data;

    if (flash_is_off(dev)) {
        dev_guest_error(dev, FLASH_ACR, "code fetched from flash in power-down");
        return ARRAY_BUS_ERROR;
    }
    wait_for_bank(dev, store, offset);
    for (uint32_t cell = offset & ~7u; cell < offset + length; cell += 8u)
        (void)flash_read_cell(dev, store, cell, &data);
    if (store == flash_params(dev)->store_flash)
        flash_cache_fetch(dev, offset, length);
    return ARRAY_OK;
}

/* --- programming --------------------------------------------------------------------------- */
static bool program_protected(struct device *dev, uint32_t store, uint32_t offset)
{
    const struct stm32_flash_l4_params *params = flash_params(dev);

    if (store == params->store_flash) {
        uint32_t bank = offset / params->bank_size;
        return flash_page_protected(dev, bank, offset % params->bank_size / params->page_size);
    }
    /* RM0440 3.3.1: an OTP double word with a bit programmed is closed, even to all zeros. */
    if (store == params->store_otp)
        return !cell_is_erased(dev_cell(dev, store, offset));
    return true; /* system memory, option pages */
}

static void launch(struct device *dev, uint32_t store, uint32_t offset, uint64_t value)
{
    struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);
    bool fast = (s->cr & FLASH_CR_FSTPG) != 0;
    uint32_t bank = bank_of(dev, store, offset);

    if (program_protected(dev, store, offset) || (fast && store != params->store_flash)) {
        flash_fail(dev, FLASH_SR_WRPERR | (fast ? FLASH_SR_FASTERR : 0u));
        return;
    }
    /* RM0440 3.7.5: PROGERR unless the double word is erased or the value is all zeros. */
    if (value != 0 && !cell_is_erased(dev_cell(dev, store, offset))) {
        flash_fail(dev, FLASH_SR_PROGERR);
        return;
    }
    flash_warn_voltage(dev);
    struct op op = {.kind = OP_PROGRAM, .store = store, .offset = offset, .length = 8u, .value = value};
    if (!fast) {
        flash_begin(dev, &op, ACTIVITY_PROGRAM, 1u << bank, params->program_ps);
        return;
    }
    if (s->activity != ACTIVITY_ROW)
        s->row_limit_ps = dev_now_ps(dev) + params->row_limit_ps;
    s->row_next = offset + 8u;
    dev_event_cancel(dev, FLASH_EVENT_ROW);
    flash_begin(dev, &op, ACTIVITY_ROW, 1u << bank, params->program_fast_ps);
}

void flash_row_next(struct device *dev)
{
    struct flash_state *s = flash_state(dev);

    /* The last double word, or an error while this one was being programmed. */
    if (s->row_next % FLASH_ROW_BYTES == 0 || (s->sr & FLASH_SR_STICKY) != 0) {
        flash_finish(dev);
        return;
    }
    uint64_t due = dev_now_ps(dev) + flash_params(dev)->row_gap_ps;
    dev_event_at(dev, FLASH_EVENT_ROW, due < s->row_limit_ps ? due : s->row_limit_ps);
}

/** PGAERR, or 0: is this word where the next one belongs? */
static uint32_t misplaced(const struct flash_state *s, uint32_t store, uint32_t offset)
{
    if (s->first_offset != FLASH_CELL_NOWHERE)
        return store == s->first_store && offset == s->first_offset + 4u ? 0 : FLASH_SR_PGAERR;
    if (offset % 8u != 0)
        return FLASH_SR_PGAERR;
    if ((s->cr & FLASH_CR_FSTPG) == 0)
        return 0;
    uint32_t due = s->activity == ACTIVITY_ROW ? s->row_next : offset & ~(FLASH_ROW_BYTES - 1u);
    return offset == due ? 0 : FLASH_SR_PGAERR;
}

/** Flags that refuse a write of this size to this place now; 0: accepted. */
static uint32_t refused(struct device *dev, uint32_t store, uint32_t offset, unsigned size)
{
    struct flash_state *s = flash_state(dev);
    uint32_t mode = s->cr & (FLASH_CR_PG | FLASH_CR_FSTPG);
    bool main = store == flash_params(dev)->store_flash;
    uint32_t flags = 0;

    /* RM0440 3.7.5, PGSERR: no mode or two, an erase selected besides, or old errors. */
    if (mode == 0)
        return FLASH_SR_PGSERR;
    if (mode == (FLASH_CR_PG | FLASH_CR_FSTPG) || (s->cr & (FLASH_CR_PER | FLASH_CR_MER1 | FLASH_CR_MER2)) != 0 ||
        (s->sr & FLASH_SR_STICKY) != 0)
        flags = FLASH_SR_PGSERR;
    /* Only a bank that was mass erased (RM0440 3.3.7); OTP and others end in WRPERR at launch. */
    if (mode == FLASH_CR_FSTPG && s->activity != ACTIVITY_ROW && main &&
        (s->fast_banks & 1u << bank_of(dev, store, offset)) == 0)
        flags = FLASH_SR_PGSERR;
    /* Size and place are judged all the same: the second word of a pair whose first one was refused is seen as a first
     * word off its place. Boards show PGSERR | PGAERR after PG with MER1 set, and 0xa8 after a second PROGERR. */
    flags |= size != 4u ? FLASH_SR_SIZERR : misplaced(s, store, offset);
    /* RM0440 3.7.5, FASTERR: with fast programming it comes with PGAERR and SIZERR. */
    if (mode == FLASH_CR_FSTPG && (flags & (FLASH_SR_PGAERR | FLASH_SR_SIZERR)) != 0)
        flags |= FLASH_SR_FASTERR;
    return flags;
}

enum array_result flash_array_write(struct device *dev, uint32_t store, uint32_t offset, uint32_t address,
                                    unsigned size, uint32_t value)
{
    struct flash_state *s = flash_state(dev);
    (void)address;

    if (s->activity == ACTIVITY_ROW && s->row_next % FLASH_ROW_BYTES != 0) {
        /* The next double word is taken in when the one before is done. */
        uint64_t due = dev_event_due(dev, FLASH_EVENT_OP_END);
        if (due != TIME_NEVER && s->first_offset != FLASH_CELL_NOWHERE)
            dev_stall_until(dev, due);
    } else {
        flash_wait_idle(dev);
    }
    uint32_t flags = refused(dev, store, offset, size);
    if (flags != 0) {
        flash_fail(dev, flags);
        return ARRAY_OK;
    }
    if (s->first_offset == FLASH_CELL_NOWHERE) {
        s->first_store = store;
        s->first_offset = offset;
        s->first_word = value;
        return ARRAY_OK;
    }
    uint32_t first_offset = s->first_offset;
    s->first_offset = FLASH_CELL_NOWHERE;
    launch(dev, store, first_offset, (uint64_t)value << 32 | s->first_word);
    return ARRAY_OK;
}
