/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "bus.h"

#include <stdlib.h>
#include <string.h>

/* Bit-band regions and aliases: ARM DDI 0403E, and DDI 0439B (Cortex-M4 TRM) 3.7. */
#define BITBAND_SRAM_ALIAS   0x22000000u
#define BITBAND_PERIPH_ALIAS 0x42000000u
#define BITBAND_ALIAS_SIZE   0x02000000u

uint32_t bus_store_index(const struct bus *bus, const char *name)
{
    for (uint32_t i = 0; i < bus->chip->store_count; i++)
        if (strcmp(bus->chip->stores[i].name, name) == 0)
            return i;
    return UINT32_MAX;
}

static uint32_t *segment_store(const struct bus *bus, uint32_t window, uint32_t choice, uint32_t segment)
{
    return &bus->window_store[(bus->window_first[window] + choice) * WINDOW_SEGMENTS + segment];
}

static enum status resolve_windows(struct bus *bus, struct error *err)
{
    const struct chip *chip = bus->chip;
    uint32_t total = 0;
    bus->window_first = calloc(chip->window_count + 1u, sizeof *bus->window_first);
    for (uint32_t w = 0; bus->window_first && w < chip->window_count; w++) {
        bus->window_first[w] = total;
        total += chip->windows[w].choice_count;
    }
    bus->window_store = calloc((size_t)total * WINDOW_SEGMENTS + 1u, sizeof *bus->window_store);
    bus->window_owner = calloc(chip->window_count + 1u, sizeof *bus->window_owner);
    if (!bus->window_first || !bus->window_store || !bus->window_owner)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the bus tables");
    for (uint32_t w = 0; w < chip->window_count; w++) {
        bus->window_owner[w] = OBS_NO_DEVICE;
        for (uint32_t d = 0; chip->windows[w].owner && d < chip->device_count; d++)
            if (strcmp(chip->devices[d].name, chip->windows[w].owner) == 0)
                bus->window_owner[w] = (uint16_t)d;
        for (uint32_t c = 0; c < chip->windows[w].choice_count; c++)
            for (uint32_t s = 0; s < WINDOW_SEGMENTS; s++) {
                const char *name = chip->windows[w].choices[c].segments[s].store;
                uint32_t index = name ? bus_store_index(bus, name) : UINT32_MAX;
                if (name && index == UINT32_MAX)
                    return error_set(err, TB_ERR_INPUT, "chip %s: window %s names the unknown store %s", chip->name,
                                     chip->windows[w].name, name);
                *segment_store(bus, w, c, s) = index;
            }
    }
    return TB_OK;
}

enum status bus_init(struct bus *bus, const struct chip *chip, struct store *stores, struct error *err)
{
    memset(bus, 0, sizeof *bus);
    bus->chip = chip;
    bus->stores = stores;
    bus->choices = calloc(chip->window_count + 1u, sizeof *bus->choices);
    bus->traps = calloc(chip->store_count + 1u, sizeof *bus->traps);
    bus->pages = malloc(BUS_PAGES * sizeof *bus->pages);
    if (!bus->choices || !bus->traps || !bus->pages)
        return error_set(err, TB_ERR_MEMORY, "out of memory for the bus tables");
    for (uint32_t i = 0; i < BUS_PAGES; i++)
        bus->pages[i].page = UINT32_MAX;
    for (uint32_t s = 0; s < chip->store_count; s++) {
        bus->traps[s] = calloc(chip->stores[s].size / FRAME_SIZE + 1u, 1);
        if (!bus->traps[s])
            return error_set(err, TB_ERR_MEMORY, "out of memory for the bus tables");
    }
    enum status status = reads_init(&bus->reads, stores, chip->store_count, err);
    return status == TB_OK ? resolve_windows(bus, err) : status;
}

void bus_free(struct bus *bus)
{
    for (uint32_t s = 0; bus->traps && s < bus->chip->store_count; s++)
        free(bus->traps[s]);
    free(bus->traps);
    free(bus->choices);
    free(bus->pages);
    free(bus->window_first);
    free(bus->window_store);
    free(bus->window_owner);
    reads_free(&bus->reads);
    memset(bus, 0, sizeof *bus);
}

/* --- what an address is ------------------------------------------------------------------------------------------ */

static bool find_in_window(const struct bus *bus, uint32_t w, uint32_t address, struct bus_target *target)
{
    const struct window *window = &bus->chip->windows[w];
    uint32_t offset = address - window->base;
    if (offset >= window->size)
        return false;
    const struct window_choice *choice = &window->choices[bus->choices[w]];
    for (uint32_t s = 0; s < WINDOW_SEGMENTS; s++) {
        const struct segment *segment = &choice->segments[s];
        if (offset >= segment->length) {
            offset -= segment->length;
            continue;
        }
        if (!segment->store) {
            *target = (struct bus_target){.kind = BUS_GAP, .offset = offset, .gap_name = choice->name};
            return true;
        }
        uint32_t store = *segment_store(bus, w, bus->choices[w], s);
        offset += segment->store_offset;
        *target = (struct bus_target){.store = store, .offset = offset, .device = bus->window_owner[w]};
        target->kind = bus->stores[store].desc->kind == STORE_RAM ? BUS_RAM : BUS_FRAME;
        if (target->kind == BUS_FRAME) {
            const struct store *st = &bus->stores[store];
            target->trap = bus->traps[store][offset / FRAME_SIZE];
            if (frame_is_flagged(st->pool, st->frames[offset / FRAME_SIZE]))
                target->trap |= TRAP_READ | TRAP_FETCH;
            if (bus->reads.fine_count > 0 && reads_is_fine(&bus->reads, store, offset / FRAME_SIZE))
                target->trap |= TRAP_READ;
        }
        return true;
    }
    return true; /* inside the window, behind its last segment: unmapped */
}

static bool is_bitband(const struct bus *bus, uint32_t address)
{
    return bus->chip->bitband &&
           (address - BITBAND_SRAM_ALIAS < BITBAND_ALIAS_SIZE || address - BITBAND_PERIPH_ALIAS < BITBAND_ALIAS_SIZE);
}

static struct bus_target find_fixed(const struct bus *bus, uint32_t address)
{
    if (address - BUS_CORE_BASE < BUS_CORE_SIZE)
        return (struct bus_target){.kind = BUS_CORE, .offset = address - BUS_CORE_BASE};
    for (uint32_t d = 0; d < bus->device_count; d++)
        if (address - bus->devices[d].base < bus->devices[d].size)
            return (struct bus_target){
                .kind = BUS_DEVICE, .device = (uint16_t)d, .offset = address - bus->devices[d].base};
    for (uint32_t g = 0; g < bus->chip->gap_count; g++)
        if (address - bus->chip->gaps[g].base < bus->chip->gaps[g].size)
            return (struct bus_target){.kind = BUS_GAP,
                                       .device = (uint16_t)g,
                                       .offset = address - bus->chip->gaps[g].base,
                                       .gap_name = bus->chip->gaps[g].name};
    if (is_bitband(bus, address))
        return (struct bus_target){.kind = BUS_BITBAND};
    return (struct bus_target){.kind = BUS_NONE, .device = OBS_NO_DEVICE};
}

/** True if a page that begins like this holds nothing else: some small devices share one. */
static bool fills_page(const struct bus *bus, const struct bus_target *first)
{
    return first->kind == BUS_CORE ||
           (first->kind == BUS_DEVICE && bus->devices[first->device].size - first->offset >= FRAME_SIZE);
}

struct bus_target bus_find(const struct bus *bus, uint32_t address)
{
    struct bus_page *page = &bus->pages[address / FRAME_SIZE % BUS_PAGES];
    if (page->page == address / FRAME_SIZE) {
        struct bus_target target = page->target;
        target.offset += address % FRAME_SIZE;
        return target;
    }
    struct bus_target target = {.kind = BUS_NONE, .device = OBS_NO_DEVICE};
    for (uint32_t w = 0; w < bus->chip->window_count; w++)
        if (find_in_window(bus, w, address, &target))
            return target;
    target = find_fixed(bus, address);
    struct bus_target first = find_fixed(bus, address - address % FRAME_SIZE);
    bool whole = target.offset == first.offset + address % FRAME_SIZE && fills_page(bus, &first);
    if (whole && target.kind == first.kind) {
        page->page = address / FRAME_SIZE;
        page->target = first;
    }
    return target;
}

static uint32_t bitband_word(uint32_t address)
{
    uint32_t region = address & 0xf0000000u;
    return region | (((address & 0x01ffffffu) >> 5) & ~3u);
}

static unsigned bitband_bit(uint32_t address)
{
    return (address >> 2) & 31u;
}

/* --- accesses ---------------------------------------------------------------------------------------------------- */

static bool array_faults(const struct bus *bus, const struct bus_target *target, enum access_kind kind)
{
    struct device *owner = bus->devices[target->device].device;
    return owner->model->array_faults && owner->model->array_faults(owner, kind, target->store, target->offset);
}

bool bus_faults(const struct bus *bus, enum access_kind kind, uint32_t address, unsigned size, uint32_t value)
{
    struct bus_target target = bus_find(bus, address);
    switch (target.kind) {
    case BUS_NONE:
        return true;
    case BUS_RAM:
    case BUS_GAP:
        return false;
    case BUS_FRAME: /* ROM cannot be written; a flash interface decides itself, mostly through flags */
        return target.device == OBS_NO_DEVICE ? kind == ACCESS_WRITE : array_faults(bus, &target, kind);
    case BUS_CORE:
        return bus->core.faults && bus->core.faults(bus->core.context, kind, address, size);
    case BUS_DEVICE: {
        struct device *device = bus->devices[target.device].device;
        return device->model->faults && device->model->faults(device, kind, target.offset, size, value);
    }
    case BUS_BITBAND: {
        struct bus_target word = bus_find(bus, bitband_word(address));
        return word.kind == BUS_NONE || word.kind == BUS_BITBAND;
    }
    }
    return true;
}

static void observe_gap(struct bus *bus, const struct bus_target *target, uint32_t address, bool write, uint32_t value)
{
    struct obs obs = {
        .kind = OBS_GAP, .device = OBS_NO_DEVICE, .a = address, .b = write, .c = value, .text = target->gap_name};
    bus->observe(bus->observe_context, &obs);
}

/** True if the device's clock runs; else the access has no effect, which is a mistake of the firmware worth telling. */
static bool clocked(struct bus *bus, const struct bus_target *target, uint32_t address)
{
    const struct bus_device *entry = &bus->devices[target->device];
    if (!entry->gated || *entry->clock)
        return true;
    struct obs obs = {.kind = OBS_GUEST_ERROR,
                      .device = target->device,
                      .a = address,
                      .text = "access to a peripheral whose clock is off in RCC"};
    bus->observe(bus->observe_context, &obs);
    return false;
}

static uint32_t read_frame(struct bus *bus, const struct bus_target *target, uint32_t address, unsigned size)
{
    uint32_t value = 0;
    if (target->device != OBS_NO_DEVICE) {
        struct device *owner = bus->devices[target->device].device;
        if (owner->model->array_read) {
            (void)owner->model->array_read(owner, target->store, target->offset, address, size, &value);
            return value;
        }
    }
    store_peek(&bus->stores[target->store], target->offset, &value, size);
    return value;
}

uint32_t bus_read(struct bus *bus, uint32_t address, unsigned size)
{
    struct bus_target target = bus_find(bus, address);
    bus->accesses++;
    switch (target.kind) {
    case BUS_DEVICE: {
        struct device *device = bus->devices[target.device].device;
        return clocked(bus, &target, address) ? device->model->read(device, target.offset, size) : 0;
    }
    case BUS_CORE:
        return bus->core.read(bus->core.context, address, size);
    case BUS_GAP:
        observe_gap(bus, &target, address, false, 0);
        return 0;
    case BUS_BITBAND:
        return (bus_read(bus, bitband_word(address), 4) >> bitband_bit(address)) & 1u;
    case BUS_FRAME:
        return read_frame(bus, &target, address, size);
    case BUS_RAM: {
        uint32_t value = 0;
        memcpy(&value, bus->stores[target.store].ram + target.offset, size);
        return value;
    }
    case BUS_NONE:
        break;
    }
    return 0; /* a fault that CCR.BFHFNMIGN makes the core ignore */
}

void bus_write(struct bus *bus, uint32_t address, unsigned size, uint32_t value)
{
    struct bus_target target = bus_find(bus, address);
    bus->accesses++;
    switch (target.kind) {
    case BUS_DEVICE: {
        struct device *device = bus->devices[target.device].device;
        if (clocked(bus, &target, address))
            device->model->write(device, target.offset, size, value);
        return;
    }
    case BUS_CORE:
        bus->core.write(bus->core.context, address, size, value);
        return;
    case BUS_GAP:
        observe_gap(bus, &target, address, true, value);
        return;
    case BUS_BITBAND: {
        uint32_t word_address = bitband_word(address);
        uint32_t bit = 1u << bitband_bit(address);
        uint32_t word = bus_read(bus, word_address, 4);
        bus_write(bus, word_address, 4, value & 1u ? word | bit : word & ~bit);
        return;
    }
    case BUS_FRAME:
        if (target.device != OBS_NO_DEVICE) {
            struct device *owner = bus->devices[target.device].device;
            (void)owner->model->array_write(owner, target.store, target.offset, address, size, value);
        }
        return;
    case BUS_RAM:
        memcpy(bus->stores[target.store].ram + target.offset, &value, size);
        return;
    case BUS_NONE:
        return;
    }
}

const struct bus_device *bus_plain_device(const struct bus *bus, uint32_t address)
{
    struct bus_target first = bus_find(bus, address - address % FRAME_SIZE);
    if (first.kind != BUS_DEVICE || !fills_page(bus, &first))
        return NULL;
    const struct bus_device *entry = &bus->devices[first.device];
    const struct device_model *model = entry->device->model;
    return model->is_plain && !model->faults && first.offset == 0 ? entry : NULL;
}

static bool is_plain(const struct bus_device *entry, enum access_kind kind, uint32_t offset, unsigned size)
{
    return (!entry->gated || *entry->clock) && entry->device->model->is_plain(entry->device, kind, offset, size);
}

bool bus_plain_read(struct bus *bus, const struct bus_device *device, uint32_t offset, unsigned size, uint32_t *value)
{
    if (!is_plain(device, ACCESS_READ, offset, size))
        return false;
    bus->accesses++;
    *value = device->device->model->read(device->device, offset, size);
    return true;
}

bool bus_plain_write(struct bus *bus, const struct bus_device *device, uint32_t offset, unsigned size, uint32_t value)
{
    if (!is_plain(device, ACCESS_WRITE, offset, size))
        return false;
    bus->accesses++;
    device->device->model->write(device->device, offset, size, value);
    return true;
}

void bus_faulted_write(struct bus *bus, uint32_t address, unsigned size, uint32_t value)
{
    struct bus_target target = bus_find(bus, address);
    if (target.kind != BUS_DEVICE)
        return;
    struct device *device = bus->devices[target.device].device;
    if (device->model->faults)
        device->model->write(device, target.offset, size, value);
}

bool bus_fetch(struct bus *bus, uint32_t address, uint32_t length)
{
    struct bus_target target = bus_find(bus, address);
    if (target.kind != BUS_FRAME || !(target.trap & TRAP_FETCH) || target.device == OBS_NO_DEVICE)
        return true;
    struct device *owner = bus->devices[target.device].device;
    return !owner->model->array_fetch ||
           owner->model->array_fetch(owner, target.store, target.offset, length) == ARRAY_OK;
}

/* --- accesses by the core itself --------------------------------------------------------------------------------- */

uint8_t *bus_ram(const struct bus *bus, uint32_t address, uint32_t length)
{
    struct bus_target first = bus_find(bus, address);
    struct bus_target last = bus_find(bus, address + length - 1u);
    if (first.kind != BUS_RAM || last.kind != BUS_RAM || first.store != last.store ||
        last.offset - first.offset != length - 1u)
        return NULL;
    return bus->stores[first.store].ram + first.offset;
}

bool bus_core_read(struct bus *bus, uint32_t address, uint32_t *value)
{
    /* Vectors come over the instruction bus (ARM DDI 0439B 2.3): as code does, not as data. */
    return bus_fetch(bus, address, 4) && bus_peek(bus, address, value, 4);
}

bool bus_core_write(struct bus *bus, uint32_t address, uint32_t value)
{
    uint8_t *ram = bus_ram(bus, address, 4);
    if (ram)
        memcpy(ram, &value, 4);
    return ram;
}

bool bus_peek(struct bus *bus, uint32_t address, void *bytes, uint32_t length)
{
    uint8_t *out = bytes;
    while (length > 0) {
        struct bus_target target = bus_find(bus, address);
        if (target.kind != BUS_RAM && target.kind != BUS_FRAME)
            return false;
        uint32_t chunk = FRAME_SIZE - target.offset % FRAME_SIZE;
        if (chunk > length)
            chunk = length;
        if (target.kind == BUS_RAM)
            memcpy(out, bus->stores[target.store].ram + target.offset, chunk);
        else {
            reads_note_page(&bus->reads, target.store, target.offset / FRAME_SIZE);
            store_peek(&bus->stores[target.store], target.offset, out, chunk);
        }
        out += chunk;
        address += chunk;
        length -= chunk;
    }
    return true;
}
