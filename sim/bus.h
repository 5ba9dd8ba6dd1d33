/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * The bus: which store, device, alias or hole an address is, now. It answers the CPU's translation requests and carries
 * out the accesses that are trapped. Retargeting a window changes one number here; nothing is copied.
 */
#ifndef TWINBANK_SIM_BUS_H
#define TWINBANK_SIM_BUS_H

#include "chip.h"
#include "reads.h"

enum bus_kind {
    BUS_NONE,    /* unmapped: bus fault */
    BUS_RAM,     /* store memory, direct */
    BUS_FRAME,   /* store frame: reads and fetches direct unless trapped, writes trapped */
    BUS_DEVICE,  /* register block */
    BUS_GAP,     /* the chip has it, we do not model it */
    BUS_BITBAND, /* one bit of RAM or of a device, as a word */
    BUS_CORE,    /* private peripheral bus handled by the exception model */
};

/** What an address is. */
struct bus_target {
    enum bus_kind kind;
    uint32_t store;       /* RAM, FRAME */
    uint32_t offset;      /* in the store, or in the device or gap */
    uint32_t trap;        /* FRAME: TRAP_* of the page, flagged cells included */
    uint16_t device;      /* DEVICE: index; FRAME: owner or OBS_NO_DEVICE; GAP: index in the gap table */
    const char *gap_name; /* GAP */
};

/** The system control space, provided by exception.c (which the bus must not know). */
struct bus_core {
    uint32_t (*read)(void *context, uint32_t address, unsigned size);
    void (*write)(void *context, uint32_t address, unsigned size, uint32_t value);
    bool (*faults)(void *context, enum access_kind kind, uint32_t address, unsigned size);
    void *context;
};
#define BUS_CORE_BASE 0xe000e000u
#define BUS_CORE_SIZE 0x1000u

/** Device-table facts the bus needs to route accesses; filled in by the machine. */
struct bus_device {
    struct device *device;
    uint32_t base, size;
    bool gated;            /* input 0 is a connected "clk" */
    const uint64_t *clock; /* its value */
};

/** What a page of addresses is for ever: devices, gaps, the core. Windows are not cached. */
struct bus_page {
    uint32_t page;            /* address / FRAME_SIZE; UINT32_MAX: empty */
    struct bus_target target; /* of the page's first byte */
};
#define BUS_PAGES 64u

struct bus {
    const struct chip *chip;
    struct store *stores; /* chip->store_count */
    struct bus_device *devices;
    uint32_t device_count;
    struct bus_core core;
    uint32_t *choices;      /* what each window shows: machine state, saved in snapshots */
    uint8_t **traps;        /* for each store a byte a FRAME_SIZE page: TRAP_*; machine state */
    uint32_t *window_first; /* for each window the number of its first choice, of all */
    uint32_t *window_store; /* for each window and choice and segment: store index, resolved once */
    uint16_t *window_owner;
    void (*observe)(void *context, const struct obs *obs);
    void *observe_context;
    struct bus_page *pages; /* BUS_PAGES: a cache */
    struct reads reads;     /* what runs read; on while a sweep asks for it */
    uint64_t accesses;      /* trapped accesses, for the benchmark */
};

enum status bus_init(struct bus *bus, const struct chip *chip, struct store *stores, struct error *err) MUST_CHECK;
void bus_free(struct bus *bus);
uint32_t bus_store_index(const struct bus *bus, const char *name);

struct bus_target bus_find(const struct bus *bus, uint32_t address);

/** True if this trapped access ends in a bus fault. Changes nothing. */
bool bus_faults(const struct bus *bus, enum access_kind kind, uint32_t address, unsigned size, uint32_t value);
/**
 * A write ended in a bus fault. A device that raised it itself still gets it, for its own state: a wrong flash key
 * locks the interface besides faulting (RM0440 3.3.5).
 */
void bus_faulted_write(struct bus *bus, uint32_t address, unsigned size, uint32_t value);
/** Trapped accesses; the caller has asked bus_faults first. */
uint32_t bus_read(struct bus *bus, uint32_t address, unsigned size);
void bus_write(struct bus *bus, uint32_t address, unsigned size, uint32_t value);
/** The device whose registers fill the page of this address, if it has plain accesses; else NULL. */
const struct bus_device *bus_plain_device(const struct bus *bus, uint32_t address);
/** An access to such a device. False: it is not plain now, and nothing happened. */
bool bus_plain_read(struct bus *bus, const struct bus_device *device, uint32_t offset, unsigned size, uint32_t *value);
bool bus_plain_write(struct bus *bus, const struct bus_device *device, uint32_t offset, unsigned size, uint32_t value);
/** Before code of [address, address + length) runs from trapped pages. False: bus fault. */
bool bus_fetch(struct bus *bus, uint32_t address, uint32_t length);

/** Accesses the core makes itself (stacking, vectors): false if nothing readable or writable is there. Only memory, no
 * devices. */
bool bus_core_read(struct bus *bus, uint32_t address, uint32_t *value);
bool bus_core_write(struct bus *bus, uint32_t address, uint32_t value);
/** The memory behind [address, address + length) if all of it is in one RAM store and one window, else NULL. */
uint8_t *bus_ram(const struct bus *bus, uint32_t address, uint32_t length);
/** What a read would give, without side effects; false if that is not memory. */
bool bus_peek(struct bus *bus, uint32_t address, void *bytes, uint32_t length);

#endif
