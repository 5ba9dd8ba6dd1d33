/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Everything a peripheral model may know: this header is the only one of sim/ that models include.
 *
 * A model is a const struct of functions and tables. Its state is one pointer-free block that the
 * machine allocates, zeroes at power-up and saves in snapshots: whoever adds a field needs to do
 * nothing else. A model asks for time, events, wires, observations and operations through the dev_*
 * functions; it never sees the machine, the CPU or another model.
 */
#ifndef TWINBANK_SIM_DEVICE_H
#define TWINBANK_SIM_DEVICE_H

#include "base.h"
#include "obs.h"
#include "op.h"

/** Resets that the machine performs. Power loss is not one of them: after it, devices start with
 * RESET_POWER_ON. */
enum reset_kind {
    RESET_POWER_ON, /* state is all zero before this call */
    RESET_PIN,
    RESET_SOFTWARE, /* SYSRESETREQ */
    RESET_IWDG,
    RESET_WWDG,
    RESET_OPTION_LOAD, /* OBL_LAUNCH */
    RESET_LOW_POWER,
    RESET_FIREWALL,
    RESET_PERIPHERAL, /* this device alone, through its input "rst" (RCC_xxxRSTR) */
    RESET_STANDBY,    /* wake-up from Standby: the core domain lost power, the backup domain did not */
    RESET_KIND_COUNT
};
const char *reset_kind_name(enum reset_kind kind);

struct device;

/**
 * One register, for tables: gap names, the generic register file and docs/fidelity.md are made from
 * it. A bit in none of the masks is reserved: reads as in `reset`, writes ignored.
 */
struct reg_desc {
    uint16_t offset;  /* bytes from the peripheral's base, multiple of 4 */
    const char *name; /* the manual's: "CR1" */
    uint32_t reset;
    uint32_t rw;  /* readable and writable */
    uint32_t w1c; /* cleared by writing 1; set by the model */
    uint32_t w1s; /* set by writing 1; cleared by the model */
    uint32_t ro;  /* set and cleared by the model only */
};

/**
 * A choice that a run can make: a reading of what the manual leaves open, or an erratum to be shown. Scenarios and the
 * command line name it "device.knob".
 */
struct knob_desc {
    const char *name;
    const char *const *values; /* NULL-terminated; the first one is what holds when nobody asks */
    const char *help;
};

enum access_kind {
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_FETCH
};

/** How an access to a flash window (or another array a model owns) ends. */
enum array_result {
    ARRAY_OK,
    ARRAY_BUS_ERROR,
};

/*
 * Two input names have a meaning of their own, the machine acts on them:
 *  "clk": frequency of the bus clock in Hz. While it is connected and 0, register reads give 0 and
 * writes are lost, with an OBS_GUEST_ERROR (the enable bit in RCC is off). Must be input 0. "rst":
 * while 1 the device is held in reset: reset(dev, RESET_PERIPHERAL) is called when it rises. Must
 * be input 1.
 */
struct device_model {
    const char *name;  /* "usart" */
    size_t state_size; /* bytes; asserted by the model with _Static_assert */
    const struct reg_desc *regs;
    uint32_t reg_count;
    const char *const *inputs;  /* wire names, NULL-terminated; the index is what on_input gets */
    const char *const *outputs; /* wire names, NULL-terminated */
    uint32_t event_count;       /* events are numbered 0..event_count-1 */
    const struct knob_desc *knobs;
    uint32_t knob_count;

    /** Brings the state to its value after a reset of this kind. State is zeroed before
     * RESET_POWER_ON only. Inputs may be sampled. Outputs are to be driven to their reset values.
     */
    void (*reset)(struct device *dev, enum reset_kind kind);
    /** size is 1, 2 or 4; offset is aligned to size. The value is right-aligned. Registers wider
     * than the access: use reg_lane_*. */
    uint32_t (*read)(struct device *dev, uint32_t offset, unsigned size);
    void (*write)(struct device *dev, uint32_t offset, unsigned size, uint32_t value);
    /** Optional. True if this access ends in a bus error. Pure: called before the access, must
     * change nothing. */
    bool (*faults)(struct device *dev, enum access_kind kind, uint32_t offset, unsigned size, uint32_t value);
    /** Optional. True if this access depends on nothing but the device's own state and changes nothing else: no time,
     * no event, no wire, no observation, no fault. The engine may then carry it out without looking which instruction
     * makes it. Pure. */
    bool (*is_plain)(const struct device *dev, enum access_kind kind, uint32_t offset, unsigned size);
    /** Optional. An input wire changed (or, for pulses, was driven again with the same value: see
     * wires). */
    void (*on_input)(struct device *dev, uint32_t input, uint64_t value);
    /** Optional. A timed event is due. dev_now_ps() is its due time or, when it was delayed to a
     * sync point, later. */
    void (*on_event)(struct device *dev, uint32_t event);

    /* Owners of arrays only (flash interfaces): accesses that the bus traps. `store` and `offset`
     * name the cell, `address` what the CPU asked for. Reads and fetches arrive only for pages
     * trapped by dev_trap or holding bad cells. */
    enum array_result (*array_write)(struct device *dev, uint32_t store, uint32_t offset, uint32_t address,
                                     unsigned size, uint32_t value);
    enum array_result (*array_read)(struct device *dev, uint32_t store, uint32_t offset, uint32_t address,
                                    unsigned size, uint32_t *value);
    /** Before code is run from [offset, offset + length): stall, flags. The bytes themselves come
     * from the frames. */
    enum array_result (*array_fetch)(struct device *dev, uint32_t store, uint32_t offset, uint32_t length);
    /** Optional. True if a read or write of a cell ends in a bus error. Pure, as `faults`; asked for writes, and for
     * reads that are trapped. */
    bool (*array_faults)(struct device *dev, enum access_kind kind, uint32_t store, uint32_t offset);
};

/** What the machine offers a device; filled in by the machine, called through dev_* below. */
struct device_host;

struct device {
    const struct device_model *model;
    const char *name;      /* instance name: "usart2" */
    const void *params;    /* const table data of the chip or board, NULL if the model takes none */
    void *state;           /* model->state_size bytes */
    const uint32_t *knobs; /* what was chosen for each knob of the model: an index of its values */
    uint32_t base;         /* address of the register block, 0 for board parts */
    uint16_t index;        /* in the machine's device table */
    uint16_t first_slot;   /* scheduler slot of event 0 */
    const struct device_host *host;
    void *host_context;
};

/** The value of a knob: an index of its values. */
static inline uint32_t dev_knob(const struct device *dev, uint32_t knob)
{
    return dev->knobs[knob];
}

/* --- time and events
 * --------------------------------------------------------------------------------------------- */
/** Virtual time since power-up, exact inside register accesses. */
uint64_t dev_now_ps(const struct device *dev);
/** HCLK cycles since power-up (one an instruction, plus stalls and sleep). */
uint64_t dev_now_cycles(const struct device *dev);
void dev_event_at(struct device *dev, uint32_t event, uint64_t due_ps);
void dev_event_after(struct device *dev, uint32_t event, uint64_t delay_ps);
void dev_event_cancel(struct device *dev, uint32_t event);
/** TIME_NEVER when the event is not scheduled. */
uint64_t dev_event_due(const struct device *dev, uint32_t event);
/** Inside read/write/array_*: the access takes until due_ps. Device events up to then run before
 * this returns. */
void dev_stall_until(struct device *dev, uint64_t due_ps);

/* --- wires
 * -------------------------------------------------------------------------------------------------------
 */
/** Drives an output. Connected inputs see it at once when the value changed. */
void dev_output(struct device *dev, uint32_t output, uint64_t value);
/** Drives an output whose every drive is an event of its own, equal values included: serial frames.
 */
void dev_pulse(struct device *dev, uint32_t output, uint64_t value);
/** Last value driven on an input; 0, or the chip table's pull value, when nothing drives it. */
uint64_t dev_input(const struct device *dev, uint32_t input);

/* --- observations
 * ------------------------------------------------------------------------------------------------
 */
void dev_observe(struct device *dev, enum obs_kind kind, uint32_t a, uint32_t b, uint64_t c, const char *text);
/** The firmware broke a rule of this peripheral; text is constant. */
void dev_guest_error(struct device *dev, uint32_t offset, const char *text);
/** The firmware used something of this peripheral that is not modelled: verdicts become
 * INCONCLUSIVE. text is constant. */
void dev_gap(struct device *dev, uint32_t offset, bool written, uint32_t value, const char *text);

/* --- requests to the machine
 * -------------------------------------------------------------------------------------- */
/** Performed at the next sync point. */
void dev_request_reset(struct device *dev, enum reset_kind kind);
/** Retargets a window of the chip table; visible at the next sync point. */
void dev_map_window(struct device *dev, uint32_t window, uint32_t choice);
/** The choice that a window shows (or will show at the next sync point). */
uint32_t dev_window_choice(const struct device *dev, uint32_t window);

/* --- operations on cells (flash interfaces)
 * ----------------------------------------------------------------------- */
/** Cell contents, recorded as a host-side read. */
struct cell dev_cell(struct device *dev, uint32_t store, uint32_t offset);
/** Announces an operation: from now until commit, a power loss or reset tears it. One at a time for
 * a machine, which counts them: op->ordinal is ignored. */
void dev_op_begin(struct device *dev, const struct op *op);
/** How an operation ends: the cells change, or a fault that a test injects keeps them as they are. */
enum op_end {
    OP_END_DONE,
    OP_END_FAILED
};
/** The operation in flight is over. */
enum op_end dev_op_commit(struct device *dev);
bool dev_op_in_flight(const struct device *dev);
/**
 * Accesses of a bus master (DMA): as the CPU would do them at addresses as mapped now, side effects included. False:
 * bus error, nothing happened. size is 1, 2 or 4; address is aligned.
 */
bool dev_bus_read(struct device *dev, uint32_t address, unsigned size, uint32_t *value);
bool dev_bus_write(struct device *dev, uint32_t address, unsigned size, uint32_t value);
/** Fills RAM that hardware erases by itself (SRAM2 on reset, on read-out protection regression). */
void dev_ram_fill(struct device *dev, uint32_t store, uint32_t offset, uint32_t length, uint8_t value);
/** Size in bytes and bank size of a store of the chip table. */
uint32_t dev_store_size(const struct device *dev, uint32_t store);
/** Reads (and/or fetches) of these bytes go through array_read / array_fetch from the next sync
 * point on. */
#define TRAP_NONE  0u
#define TRAP_READ  1u
#define TRAP_FETCH 2u
void dev_trap(struct device *dev, uint32_t store, uint32_t offset, uint32_t length, uint32_t trap);

/* --- registers
 * -----------------------------------------------------------------------------------------------------
 */
/** The part of a 32-bit register that an access of size bytes at offset reads, right-aligned. */
static inline uint32_t reg_lane_read(uint32_t word, uint32_t offset, unsigned size)
{
    return size == 4u ? word : (word >> ((offset & 3u) * 8u)) & ((1u << (size * 8u)) - 1u);
}
/** The 32-bit value that a register would hold if an access of size bytes at offset replaced its
 * lane in `word`. */
static inline uint32_t reg_lane_merge(uint32_t word, uint32_t offset, unsigned size, uint32_t value)
{
    if (size == 4u)
        return value;
    uint32_t mask = ((1u << (size * 8u)) - 1u) << ((offset & 3u) * 8u);
    return (word & ~mask) | ((value << ((offset & 3u) * 8u)) & mask);
}
/** Descriptor of the register at offset (rounded down to a word), or NULL if the table has none
 * there. */
const struct reg_desc *reg_find(const struct device_model *model, uint32_t offset);
/**
 * New value of a plain register after a write: rw bits taken from value, w1c bits cleared where
 * value has 1, w1s bits set where value has 1, all others kept. For sub-word writes pass the
 * written lane's mask (reg_lane_mask): bits outside are kept.
 */
static inline uint32_t reg_lane_mask(uint32_t offset, unsigned size)
{
    return size == 4u ? UINT32_MAX : ((1u << (size * 8u)) - 1u) << ((offset & 3u) * 8u);
}
static inline uint32_t reg_written(const struct reg_desc *reg, uint32_t old, uint32_t value, uint32_t lanes)
{
    uint32_t rw = reg->rw & lanes;
    uint32_t result = (old & ~rw) | (value & rw);
    result &= ~(value & reg->w1c & lanes);
    return result | (value & reg->w1s & lanes);
}

/* --- levels on pin wires (gpioX.inN, gpioX.outN) ------------------------------------------------------------------ */
/*
 * 0 is what a wire carries that nothing drives, so a driven low needs a code of its own; 1 is accepted as high from
 * parts that know only 0 and 1. Other values count as released, but for voltages.
 */
enum pin_level {
    PIN_RELEASED = 0,
    PIN_HIGH_PLAIN = 1,
    PIN_LOW = 2,
    PIN_HIGH = 3,
};

/*
 * What a pin puts on a net of jumper wires (gpioX.netN, jumper.pN), the stronger the higher: a pull, somebody outside,
 * an output of the chip. 0 is what a wire carries that nobody drives.
 */
enum net_level {
    NET_FLOATING,
    NET_PULLED_DOWN,
    NET_PULLED_UP,
    NET_OUTSIDE_LOW,
    NET_OUTSIDE_HIGH,
    NET_LOW,
    NET_HIGH,
};

static inline bool net_is_high(enum net_level level)
{
    return level == NET_PULLED_UP || level == NET_OUTSIDE_HIGH || level == NET_HIGH;
}

/** Both on one net: the stronger one wins, of equal ones the low one (against each other, the level is not defined). */
static inline enum net_level net_join(enum net_level a, enum net_level b)
{
    uint32_t strength_a = ((uint32_t)a + 1u) / 2u, strength_b = ((uint32_t)b + 1u) / 2u;
    if (strength_a != strength_b)
        return strength_a > strength_b ? a : b;
    return net_is_high(a) ? b : a;
}
/* In place of a level such a wire may carry a voltage: microvolts in bits 0 to 31, in bits 60 to 63 this, which is no
 * synchronous frame. */
#define PIN_VOLTAGE (4ull << 60)
static inline bool pin_is_voltage(uint64_t wire)
{
    return wire >> 60 == PIN_VOLTAGE >> 60;
}
static inline uint64_t pin_voltage(uint32_t microvolts)
{
    return PIN_VOLTAGE | microvolts;
}

/* Analog nets (gpioX.analogN, outputs of converters): microvolts in bits 0 to 31, and for a pin this flag while the
 * switch between it and the ADC is closed (GPIOx_ASCR). */
#define ANALOG_TO_ADC (1ull << 32)

/* --- serial frames on wires: one value a frame, sent at the end of its stop bit
 * ------------------------------------ */
/** bits 0-8 data, 9 break, 10-11 stop bits code (0: 1, 2: 2), 12-13 parity (0 none, 2 even, 3 odd),
 * 14-15 data bits - 7, 32-63 baud. */
#define SERIAL_BREAK (1u << 9)
static inline uint64_t serial_frame(uint32_t data, uint32_t data_bits, uint32_t parity, uint32_t baud)
{
    return (data & 0x1ffu) | (uint64_t)(parity & 3u) << 12 | (uint64_t)((data_bits - 7u) & 3u) << 14 |
           (uint64_t)baud << 32;
}
static inline uint32_t serial_data(uint64_t frame)
{
    return (uint32_t)frame & 0x1ffu;
}
static inline uint32_t serial_baud(uint64_t frame)
{
    return (uint32_t)(frame >> 32);
}

/* --- synchronous frames on pin wires: SPI, USART with a clock ----------------------------------------------------- */
/*
 * A clock is not told edge by edge: the master tells the start and the end of a burst of cycles on the pin of its
 * clock, and between the two a data pin carries all bits of the burst as one value. The order within a burst:
 *  1. The master pulses sync_start() on its clock: each slave that is selected pulses sync_bits() on its data output.
 *  2. The master pulses sync_bits() on its data output.
 *  3. When the last cycle is over the master reads its data input, then pulses sync_end() on its clock: the slaves read
 *     their data inputs, then drive a level on their data outputs.
 *  4. The master drives a level on its data output, and on its clock unless the next burst follows at once.
 * A data input that carries no sync_bits() holds one level for the whole burst (sync_line_bits). A master that gives up
 * drives a level on its clock without sync_end(). Bits are in the order of the line: bit 0 is the first. None of these
 * values is a level (enum pin_level); ports pass them on, both ways, for pins in the alternate function.
 */
#define SYNC_START    (1ull << 60)
#define SYNC_END      (2ull << 60)
#define SYNC_BITS     (3ull << 60)
#define SYNC_KIND     (0xfull << 60)
#define SYNC_MAX_BITS 32u
#define SYNC_CPOL     1u /* mode: the clock idles high */
#define SYNC_CPHA     2u /* mode: bits are sampled at second edges */

static inline bool sync_is_frame(uint64_t wire)
{
    return (wire & SYNC_KIND) >= SYNC_START && (wire & SYNC_KIND) <= SYNC_BITS;
}
/** bits 0-5 cycles, 6-7 mode, 8-39 frequency in Hz. */
static inline uint64_t sync_start(uint32_t cycles, uint32_t mode, uint32_t hz)
{
    return SYNC_START | (cycles & 0x3fu) | (uint64_t)(mode & 3u) << 6 | (uint64_t)hz << 8;
}
static inline uint64_t sync_end(uint32_t cycles)
{
    return SYNC_END | (cycles & 0x3fu);
}
/** bits 0-31 the levels of the line, bits 32-37 how many. */
static inline uint64_t sync_bits(uint32_t line, uint32_t count)
{
    return SYNC_BITS | (uint64_t)(count & 0x3fu) << 32 | line;
}
static inline uint32_t sync_cycles(uint64_t clock)
{
    return (uint32_t)clock & 0x3fu;
}
static inline uint32_t sync_mode(uint64_t clock)
{
    return (uint32_t)(clock >> 6) & 3u;
}
static inline uint32_t sync_hz(uint64_t clock)
{
    return (uint32_t)(clock >> 8);
}
/** What a data input that carries `wire` shows in `count` cycles: beyond its bits, and where nothing drives it, zeros.
 */
static inline uint32_t sync_line_bits(uint64_t wire, uint32_t count)
{
    uint32_t mask = count >= SYNC_MAX_BITS ? UINT32_MAX : (1u << count) - 1u;
    if ((wire & SYNC_KIND) == SYNC_BITS)
        return (uint32_t)wire & mask;
    return wire == PIN_HIGH || wire == PIN_HIGH_PLAIN ? mask : 0;
}

/** The machine's side of dev_*: same meaning, same order of arguments. Only machine.c and test
 * doubles fill it in. */
struct device_host {
    uint64_t (*now_ps)(void *context);
    uint64_t (*now_cycles)(void *context);
    void (*event_set)(void *context, uint32_t slot, uint64_t due_ps); /* TIME_NEVER cancels */
    uint64_t (*event_due)(void *context, uint32_t slot);
    void (*stall_until)(void *context, uint64_t due_ps);
    void (*output)(void *context, uint16_t device, uint32_t output, uint64_t value, bool pulse);
    uint64_t (*input)(void *context, uint16_t device, uint32_t input);
    void (*observe)(void *context, const struct obs *obs); /* time, instructions and pc are filled in by the host */
    void (*request_reset)(void *context, enum reset_kind kind);
    void (*map_window)(void *context, uint32_t window, uint32_t choice);
    uint32_t (*window_choice)(void *context, uint32_t window);
    struct cell (*cell)(void *context, uint32_t store, uint32_t offset);
    void (*op_begin)(void *context, uint16_t device, const struct op *op);
    enum op_end (*op_commit)(void *context);
    bool (*op_in_flight)(void *context);
    uint32_t (*store_size)(void *context, uint32_t store);
    bool (*bus_read)(void *context, uint32_t address, unsigned size, uint32_t *value);
    bool (*bus_write)(void *context, uint32_t address, unsigned size, uint32_t value);
    void (*ram_fill)(void *context, uint32_t store, uint32_t offset, uint32_t length, uint8_t value);
    void (*trap)(void *context, uint32_t store, uint32_t offset, uint32_t length, uint32_t trap);
};

#endif
