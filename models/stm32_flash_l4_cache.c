/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Caches of the STM32L47x/L48x/L49x flash interface, as far as software can see them. Both knobs off (as nobody asks):
 * the caches always agree with the array, and cost nothing.
 *
 * Modelled: the data cache, 8 lines of 4 double words (RM0440 3.3.4), filled by data reads of main flash while DCEN is
 * set, emptied by DCRST and by resets. A program with DCEN set updates its line. stale-cache: an erase, and any
 * operation with DCEN clear, leave lines as they were, and lines are found by the address the CPU uses, so that they
 * outlive a bank swap. A stale line stays until the cache is reset; others make room, least recently used first; with
 * stale ones only, reads pass by. rww-corrupts-cache (ES0250 2.2.3): the double word of the other bank that was read
 * last during an operation with DCEN set holds what the operation wrote. A read answered by a wrong line is a guest
 * error. Modelled of the instruction cache: with stale-cache, running code of a page changed since ICRST while ICEN is
 * set is a guest error; the new code runs.
 *
 * Not confirmed: which lines silicon keeps, their tags, that an erase corrupts as a program does. Reads by DMA and by a
 * debugger go through the data cache like the CPU's.
 */
#include "stm32_flash_l4_private.h"

#include <string.h>

static bool stale_cache(const struct device *dev)
{
    return dev_knob(dev, FLASH_KNOB_STALE_CACHE) != 0;
}

static bool rww_corrupts(const struct device *dev)
{
    return dev_knob(dev, FLASH_KNOB_RWW_CORRUPTS_CACHE) != 0;
}

static bool data_cache_on(const struct device *dev)
{
    const struct flash_state *s = dev->state;
    return (s->acr & FLASH_ACR_DCEN) != 0 && (stale_cache(dev) || rww_corrupts(dev));
}

uint32_t flash_cache_trap(const struct device *dev)
{
    return data_cache_on(dev) ? TRAP_READ : TRAP_NONE;
}

/* --- data --------------------------------------------------------------------------------------- */
static uint32_t tag_of(const struct device *dev, uint32_t address)
{
    return address & (FLASH_BANKS * flash_params(dev)->bank_size - 1u) & ~(FLASH_LINE_BYTES - 1u);
}

static struct flash_line *find_line(struct flash_state *s, uint32_t tag)
{
    for (uint32_t i = 0; i < FLASH_LINES; i++)
        if (s->lines[i].valid != 0 && s->lines[i].tag == tag)
            return &s->lines[i];
    return NULL;
}

/** A line to fill: an empty one, else the least recently used one that is not stale; NULL if there is none. */
static struct flash_line *free_line(struct flash_state *s)
{
    struct flash_line *best = NULL;
    for (uint32_t i = 0; i < FLASH_LINES; i++) {
        struct flash_line *line = &s->lines[i];
        if (line->valid == 0)
            return line;
        if (line->stale == 0 && (best == NULL || line->used < best->used))
            best = line;
    }
    return best;
}

/** Reads the double word at offset, and quietly what belongs to its line. */
static uint64_t fill(struct device *dev, struct flash_line *line, uint32_t offset, uint32_t tag)
{
    uint32_t store = flash_params(dev)->store_flash;
    uint32_t first = offset & ~(FLASH_LINE_BYTES - 1u);
    uint32_t wanted = offset % FLASH_LINE_BYTES / 8u;

    *line = (struct flash_line){.tag = tag, .offset = first};
    for (uint32_t i = 0; i < FLASH_LINE_DWORDS; i++) {
        enum ecc_result result;
        if (i == wanted) {
            result = flash_read_cell(dev, store, offset, &line->data[i]);
        } else {
            struct cell cell = dev_cell(dev, store, first + 8u * i);
            result = cell_read(cell, &line->data[i]);
        }
        if (result != ECC_UNCORRECTABLE)
            line->valid |= (uint16_t)(1u << i);
    }
    return line->data[wanted];
}

uint64_t flash_cache_read(struct device *dev, uint32_t offset, uint32_t address)
{
    struct flash_state *s = flash_state(dev);
    uint32_t bank = offset / flash_params(dev)->bank_size;
    uint32_t tag = tag_of(dev, address);
    uint32_t dword = offset % FLASH_LINE_BYTES / 8u;
    uint64_t data;

    if (!data_cache_on(dev)) {
        (void)flash_read_cell(dev, flash_params(dev)->store_flash, offset, &data);
        return data;
    }
    if (s->busy_banks != 0 && (s->busy_banks & 1u << bank) == 0)
        s->rww_tag = tag + 8u * dword;
    struct flash_line *line = find_line(s, tag);
    bool moved = line != NULL && line->offset != (offset & ~(FLASH_LINE_BYTES - 1u));
    if (moved && !stale_cache(dev)) {
        line->valid = line->stale = 0;
        line = NULL;
    }
    if (line != NULL && (line->valid & 1u << dword) != 0) {
        if (moved || (line->stale & 1u << dword) != 0)
            dev_guest_error(dev, FLASH_ACR, "a wrong line of the data cache answers a read: DCRST was due");
        line->used = ++s->cache_clock;
        return line->data[dword];
    }
    if (line == NULL)
        line = free_line(s);
    else if (line->stale != 0 || moved)
        line = NULL;
    if (line == NULL) {
        (void)flash_read_cell(dev, flash_params(dev)->store_flash, offset, &data);
        return data;
    }
    data = fill(dev, line, offset, tag);
    line->used = ++s->cache_clock;
    return data;
}

/** The array under a line's double word has changed. */
static void touch(struct device *dev, struct flash_line *line, uint32_t dword)
{
    struct flash_state *s = flash_state(dev);
    uint16_t bit = (uint16_t)(1u << dword);
    bool program = s->op_length == 8u;

    if (program && (s->acr & FLASH_ACR_DCEN) != 0)
        line->data[dword] = s->op_value; /* RM0440 3.3.4: the line is updated */
    else if (!stale_cache(dev))
        line->valid &= (uint16_t)~bit;
    else if (line->data[dword] != s->op_value)
        line->stale |= bit;
}

static void corrupt(struct flash_state *s)
{
    struct flash_line *line = find_line(s, s->rww_tag & ~(FLASH_LINE_BYTES - 1u));
    uint32_t dword = s->rww_tag % FLASH_LINE_BYTES / 8u;
    if (line == NULL || (line->valid & 1u << dword) == 0 || line->data[dword] == s->op_value)
        return;
    line->data[dword] = s->op_value;
    line->stale |= (uint16_t)(1u << dword);
}

/* --- code --------------------------------------------------------------------------------------- */
static bool is_stale_code(const struct flash_state *s, uint32_t page)
{
    return (s->stale_code[page / 32u] & 1u << page % 32u) != 0;
}

void flash_cache_trap_pages(struct device *dev, uint32_t bank, uint32_t trap)
{
    const struct flash_state *s = flash_state(dev);
    const struct stm32_flash_l4_params *params = flash_params(dev);
    uint32_t pages = params->bank_size / params->page_size;

    if (!stale_cache(dev) || (s->acr & FLASH_ACR_ICEN) == 0)
        return;
    for (uint32_t page = bank * pages; page < (bank + 1u) * pages; page++)
        if (is_stale_code(s, page))
            dev_trap(dev, params->store_flash, page * params->page_size, params->page_size, trap | TRAP_FETCH);
}

void flash_cache_fetch(struct device *dev, uint32_t offset, uint32_t length)
{
    struct flash_state *s = flash_state(dev);
    uint32_t page_size = flash_params(dev)->page_size;

    if (!stale_cache(dev) || (s->acr & FLASH_ACR_ICEN) == 0)
        return;
    for (uint32_t page = offset / page_size; page <= (offset + length - 1u) / page_size; page++) {
        if (!is_stale_code(s, page))
            continue;
        s->stale_code[page / 32u] &= ~(1u << page % 32u); /* told once */
        s->stale_code_moved = 1;
        dev_guest_error(dev, FLASH_ACR, "code runs that changed since the instruction cache was reset: ICRST was due");
    }
    flash_update_traps(dev);
}

/* --- both --------------------------------------------------------------------------------------- */
void flash_cache_written(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    uint32_t page_size = flash_params(dev)->page_size;
    uint32_t end = s->op_offset + s->op_length;

    if (s->op_length == 0 || (!stale_cache(dev) && !rww_corrupts(dev)))
        return;
    for (uint32_t i = 0; i < FLASH_LINES * FLASH_LINE_DWORDS; i++) {
        struct flash_line *line = &s->lines[i / FLASH_LINE_DWORDS];
        uint32_t dword = i % FLASH_LINE_DWORDS, at = line->offset + 8u * dword;
        if ((line->valid & 1u << dword) != 0 && at >= s->op_offset && at < end)
            touch(dev, line, dword);
    }
    if (rww_corrupts(dev) && s->rww_tag != FLASH_CELL_NOWHERE && (s->acr & FLASH_ACR_DCEN) != 0)
        corrupt(s);
    s->rww_tag = FLASH_CELL_NOWHERE;
    if (!stale_cache(dev))
        return;
    TB_ASSERT(end <= FLASH_PAGES_MAX * page_size);
    for (uint32_t page = s->op_offset / page_size; page <= (end - 1u) / page_size; page++)
        s->stale_code[page / 32u] |= 1u << page % 32u;
    s->stale_code_moved = 1;
}

void flash_cache_control(struct device *dev, uint32_t changed)
{
    struct flash_state *s = flash_state(dev);

    if ((s->acr & FLASH_ACR_DCRST) != 0)
        memset(s->lines, 0, sizeof s->lines);
    if ((s->acr & FLASH_ACR_ICRST) != 0)
        memset(s->stale_code, 0, sizeof s->stale_code);
    if (stale_cache(dev) && (changed & (FLASH_ACR_ICEN | FLASH_ACR_ICRST)) != 0)
        s->stale_code_moved = 1;
}

void flash_cache_empty(struct device *dev)
{
    struct flash_state *s = flash_state(dev);
    memset(s->lines, 0, sizeof s->lines);
    memset(s->stale_code, 0, sizeof s->stale_code);
}
