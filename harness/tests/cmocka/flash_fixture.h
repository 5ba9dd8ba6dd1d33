/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file A flash interface of 2 x 512 KiB with factory options, locked or unlocked. */
#ifndef TWINBANK_FLASH_FIXTURE_H
#define TWINBANK_FLASH_FIXTURE_H

#include "fake_host.h"
#include "models/stm32_flash_l4.h"

enum {
    STORE_FLASH_ARRAY,
    STORE_OTP_AREA,
    STORE_OPTION_1,
    STORE_OPTION_2,
    STORE_SYSTEM_1,
    STORE_SYSTEM_2,
};

#define BANK  0x80000u
#define US    1000000ull
#define MS    1000000000ull
#define BSY   0x10000u
#define ERASE 22020000000ull

static const struct stm32_flash_l4_params flash_fixture_params = {
    .store_flash = STORE_FLASH_ARRAY,
    .store_otp = STORE_OTP_AREA,
    .store_option1 = STORE_OPTION_1,
    .store_option2 = STORE_OPTION_2,
    .store_system1 = STORE_SYSTEM_1,
    .store_system2 = STORE_SYSTEM_2,
    .bank_size = BANK,
    .page_size = 2048,
    .program_ps = 81690000ull,
    .program_fast_ps = 59690000ull,
    .page_erase_ps = ERASE,
    .mass_erase_ps = 22130000000ull,
    .option_erase_ps = ERASE,
    .option_program_ps = 81690000ull,
    .row_gap_ps = 50u * US,
    .row_limit_ps = 7u * MS,
    .optkeyr_bus_error = 1,
    .pdkeyr_bus_error = 1,
    .option_stalls_banks = 1,
};

static inline void set_option(struct fake_host *h, uint32_t store, uint32_t offset, uint32_t value)
{
    h->cells[store][offset / 8u] = op_program(op_erase(), (uint64_t)~value << 32 | value);
}

/** Factory options, powered, locked. */
static inline struct fake_host *locked(void)
{
    struct fake_host *h = fake_create(&stm32_flash_l4_model, &flash_fixture_params);
    fake_add_store(h, STORE_FLASH_ARRAY, 2u * BANK);
    fake_add_store(h, STORE_OTP_AREA, 1024);
    fake_add_store(h, STORE_OPTION_1, 1024);
    fake_add_store(h, STORE_OPTION_2, 1024);
    fake_add_store(h, STORE_SYSTEM_1, 1024);
    fake_add_store(h, STORE_SYSTEM_2, 1024);
    set_option(h, STORE_OPTION_1, 0x00, 0xffeff8aau);
    for (uint32_t store = STORE_OPTION_1; store <= STORE_OPTION_2; store++) {
        set_option(h, store, 0x08, 0xffffffffu);
        set_option(h, store, 0x10, 0x00000000u);
        set_option(h, store, 0x18, 0x000000ffu);
        set_option(h, store, 0x20, 0x000000ffu);
    }
    fake_power_on(h);
    return h;
}

static inline struct fake_host *unlocked(void)
{
    struct fake_host *h = locked();
    fake_write(h, 0x08, 0x45670123u);
    fake_write(h, 0x08, 0xcdef89abu);
    assert_int_equal(fake_read(h, 0x14), 0x40000000u);
    return h;
}

static inline struct fake_host *options_unlocked(void)
{
    struct fake_host *h = unlocked();
    fake_write(h, 0x0c, 0x08192a3bu);
    fake_write(h, 0x0c, 0x4c5d6e7fu);
    assert_int_equal(fake_read(h, 0x14), 0);
    return h;
}

static inline void store_word(struct fake_host *h, uint32_t store, uint32_t offset, uint32_t value)
{
    assert_int_equal(h->device.model->array_write(&h->device, store, offset, 0x08000000u + offset, 4, value), ARRAY_OK);
}

static inline void program(struct fake_host *h, uint32_t offset, uint64_t value)
{
    store_word(h, STORE_FLASH_ARRAY, offset, (uint32_t)value);
    store_word(h, STORE_FLASH_ARRAY, offset + 4u, (uint32_t)(value >> 32));
}

static inline uint32_t load(struct fake_host *h, uint32_t store, uint32_t offset)
{
    uint32_t value = 0;
    assert_int_equal(h->device.model->array_read(&h->device, store, offset, 0, 4, &value), ARRAY_OK);
    return value;
}

static inline uint64_t cell_at(struct fake_host *h, uint32_t offset)
{
    return h->cells[STORE_FLASH_ARRAY][offset / 8u].data;
}

/** What the CPU reads at an address of the unswapped map. */
static inline uint32_t load_at(struct fake_host *h, uint32_t offset)
{
    uint32_t value = 0;
    assert_int_equal(
        h->device.model->array_read(&h->device, STORE_FLASH_ARRAY, offset, 0x08000000u + offset, 4, &value), ARRAY_OK);
    return value;
}

static inline void fetch(struct fake_host *h, uint32_t offset)
{
    assert_int_equal(h->device.model->array_fetch(&h->device, STORE_FLASH_ARRAY, offset, 8), ARRAY_OK);
}

/** Erases a page by its number from the start of bank 1. */
static inline void erase_page(struct fake_host *h, uint32_t page)
{
    fake_write(h, 0x14, 0x10002u | (page & 0xffu) << 3 | (page >> 8) << 11);
    fake_run(h, 30u * MS);
    assert_int_equal(fake_read(h, 0x10) & BSY, 0);
    fake_write(h, 0x14, 0);
}

#endif
