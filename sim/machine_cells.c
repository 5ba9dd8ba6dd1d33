/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Non-volatile cells as fault injection sees them: one by one, page by page, and which of them a run has read. */
#include "machine_state.h"

static enum status find_cell(struct machine *machine, const char *name, uint32_t offset, struct store **store,
                             struct error *err)
{
    uint32_t index = bus_store_index(&machine->bus, name);
    if (index == UINT32_MAX || machine->chip->stores[index].kind == STORE_RAM)
        return error_set(err, TB_ERR_INPUT, "%s has no cells called '%s'", machine->chip->name, name);
    if (offset % 8u || offset >= machine->chip->stores[index].size)
        return error_set(err, TB_ERR_INPUT, "offset 0x%x is not a double word of '%s' (0x%x bytes)", offset, name,
                         machine->chip->stores[index].size);
    *store = &machine->stores[index];
    return TB_OK;
}

enum status machine_cell(struct machine *machine, const char *name, uint32_t offset, struct cell *cell,
                         struct error *err)
{
    struct store *store = NULL;
    enum status status = find_cell(machine, name, offset, &store, err);
    if (status == TB_OK)
        *cell = store_cell(store, offset);
    return status;
}

enum status machine_set_cell(struct machine *machine, const char *name, uint32_t offset, struct cell cell,
                             struct error *err)
{
    struct store *store = NULL;
    enum status status = find_cell(machine, name, offset, &store, err);
    if (status != TB_OK)
        return status;
    uint64_t before = frame_pool_written_bytes(machine->pool);
    store_set_cell(store, offset, cell);
    machine_account_written(machine, before);
    return TB_OK;
}

void machine_log_reads(struct machine *machine, bool on)
{
    if (on)
        reads_begin(&machine->bus.reads, machine->stores);
    machine->bus.reads.on = on;
    machine->flush_wanted = true; /* first touches are what the engine reports */
}

const struct read_mark *machine_reads(const struct machine *machine, uint32_t *count)
{
    *count = machine->bus.reads.count;
    return machine->bus.reads.marks;
}

bool machine_watch_finely(struct machine *machine, uint32_t store, uint32_t page)
{
    if (reads_is_fine(&machine->bus.reads, store, page))
        return false;
    reads_watch_finely(&machine->bus.reads, store, page);
    machine->flush_wanted = true;
    return true;
}

struct cell machine_cell_at(const struct machine *machine, uint32_t store, uint32_t offset)
{
    return store_cell(&machine->stores[store], offset);
}

void machine_set_page(struct machine *machine, uint32_t store, uint32_t page, const struct cell cells[FRAME_CELLS])
{
    uint64_t before = frame_pool_written_bytes(machine->pool);
    store_set_page(&machine->stores[store], page, cells);
    machine_account_written(machine, before);
}
