/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * A chip is one const table: stores, windows, devices, wires, and the peripherals it has that are
 * not modelled. A board adds parts and names around a chip. Adding one means writing a table, never
 * code in sim/.
 */
#ifndef TWINBANK_SIM_CHIP_H
#define TWINBANK_SIM_CHIP_H

#include "device.h"
#include "store.h"

enum cpu_kind {
    CPU_CORTEX_M4F,
    CPU_CORTEX_M0PLUS,
};

/** Part of a window that shows part of a store. */
struct segment {
    const char *store; /* NULL: reads of this part are a model gap named after the window's choice */
    uint32_t store_offset;
    uint32_t length;
};

#define WINDOW_SEGMENTS 2u

/** One thing that a window can show. */
struct window_choice {
    const char *name;                         /* "main flash, banks swapped" */
    struct segment segments[WINDOW_SEGMENTS]; /* back to back from the window's base; unused ones
                                                 have length 0 */
};

/** An address range of the CPU that shows stores. What is in no window and no device is unmapped: a
 * bus fault. */
struct window {
    const char *name;
    uint32_t base;
    uint32_t size;     /* bytes; what the choice's segments do not cover is unmapped */
    const char *owner; /* device that gets trapped accesses (flash interface), NULL for RAM and ROM;
                          writes to an unowned non-RAM window are a bus fault */
    const struct window_choice *choices;
    uint32_t choice_count;
};

struct chip_device {
    const char *name;
    const struct device_model *model;
    uint32_t base;
    uint32_t size; /* bytes of the register block; the blocks of one 1 KiB page cover all of it */
    const void *params;
};

/** "device.output" to "device.input". Pseudo-devices: "nvic.N" (IRQ N, level), "nvic.nmi",
 * "cpu.hclk" (Hz), "cpu.event" (wakes WFE), "cpu.brown_out" (1: the machine loses power), and as a source "cpu.sleep"
 * (1 while the core sleeps), "cpu.sleepdeep" (1 while it does so with SCR.SLEEPDEEP), "cpu.trcena" (DEMCR.TRCENA) and
 * "cpu.halted" (1 while a debugger holds the core). */
struct chip_wire {
    const char *from;
    const char *to;
};

/** A peripheral of the chip that is not modelled: accesses are OBS_GAP, never silently zero. */
struct chip_gap {
    const char *name; /* the manual's: "SPI1" */
    uint32_t base;
    uint32_t size;
};

/** A field of the option bytes. Each option word is stored in a double word, below its complement. */
struct chip_option {
    const char *name; /* the manual's: "BFB2", "WRP1A_STRT" */
    uint32_t address; /* of the double word, in the unswapped map */
    uint32_t bit;     /* its lowest one in the word */
    uint32_t width;
};

struct chip {
    const char *name; /* "stm32l476" */
    enum cpu_kind cpu;
    uint32_t irq_count;     /* external interrupts of the NVIC */
    uint32_t priority_bits; /* implemented bits of a priority byte */
    uint32_t reset_hclk_hz;
    uint32_t bitband; /* 1 if the SRAM and peripheral bit-band aliases exist */
    const struct store_desc *stores;
    uint32_t store_count;
    const struct window *windows;
    uint32_t window_count;
    const struct chip_device *devices; /* reset is done in this order */
    uint32_t device_count;
    const struct chip_wire *wires;
    uint32_t wire_count;
    const struct chip_gap *gaps;
    uint32_t gap_count;
    const struct chip_option *options; /* that production chooses */
    uint32_t option_count;
};

/** A named pin of a board: what people call it, and the wire it is. */
struct board_pin {
    const char *name; /* "LD2", "B1" */
    const char *pin;  /* "PA5", or an input by its wire: "syscfg.boot0" */
    int idle_level;   /* level that the board drives when nobody pushes: 0 or 1; -1: nothing drives it
                       */
};

struct board_serial {
    const char *name;   /* as scenarios and the command line call it: "usart2" */
    const char *device; /* chip device whose "tx" output and "rx" input are on the connector */
};

struct board {
    const char *name; /* "nucleo-l476rg" */
    const struct chip *chip;
    const struct board_pin *pins;
    uint32_t pin_count;
    const struct board_serial *serials;
    uint32_t serial_count;
    const struct chip_device *parts; /* outside devices soldered to the board; base and size are 0 */
    uint32_t part_count;
    const struct chip_wire *wires;
    uint32_t wire_count;
};

/** All chips and boards of this build, NULL-terminated (models/boards/boards.c). */
extern const struct board *const all_boards[];
const struct board *board_find(const char *name);

#endif
