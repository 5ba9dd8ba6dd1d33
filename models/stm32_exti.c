/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Extended interrupts and events controller of the STM32L4x6 (RM0351 chapter 14).
 *
 * Modelled: lines 0 to 15 from the pin that SYSCFG_EXTICR selects, the configurable internal lines (PVD, RTC, COMP,
 * PVM), edges, masks, software triggers, pending bits, interrupts, events as pulses on the wire "event"; the direct
 * lines of LPTIM1 and LPTIM2 (32, 33): in Stop their interrupts reach the NVIC only if they are unmasked.
 *
 * Not modelled: the other direct lines (17, 23 to 31, 34, 39) only keep their mask bits. Their peripherals' interrupts
 * reach the NVIC, and wake the core, by themselves, masked here or not.
 *
 * Not confirmed: lines 9, 11 and 15 trigger converters as events, unmasked by EMR; an edge on a line that IMR masks
 * leaves no pending bit (RM0351 14.5.5 says so of SWIER only).
 */
#include "stm32_exti.h"

#include "model.h"

#define EXTI_IMR1   0x00u
#define EXTI_BANK   0x20u /* from a register of lines 0-31 to that of lines 32-39 */
#define EXTI_IMR    0x00u
#define EXTI_EMR    0x04u
#define EXTI_RTSR   0x08u
#define EXTI_FTSR   0x0cu
#define EXTI_SWIER  0x10u
#define EXTI_PR     0x14u
#define EXTI_WORDS  14u
#define EXTI_PINS   16u
#define EXTI_PORTS  8u
#define EXTI_EDGES1 0x007dffffu /* configurable lines: 0-16, 18-22 */
#define EXTI_EDGES2 0x00000078u /* 35-38 */

/* RM0351 14.5: direct lines are unmasked after reset. */
static const struct reg_desc exti_regs[] = {
    {EXTI_IMR1, "IMR1", 0xff820000u, 0xffffffffu, 0, 0, 0},
    {0x04u, "EMR1", 0, 0xffffffffu, 0, 0, 0},
    {0x08u, "RTSR1", 0, EXTI_EDGES1, 0, 0, 0},
    {0x0cu, "FTSR1", 0, EXTI_EDGES1, 0, 0, 0},
    {0x10u, "SWIER1", 0, 0, 0, EXTI_EDGES1, 0},
    {0x14u, "PR1", 0, 0, EXTI_EDGES1, 0, 0},
    {0x20u, "IMR2", 0x00000087u, 0x000000ffu, 0, 0, 0},
    {0x24u, "EMR2", 0, 0x000000ffu, 0, 0, 0},
    {0x28u, "RTSR2", 0, EXTI_EDGES2, 0, 0, 0},
    {0x2cu, "FTSR2", 0, EXTI_EDGES2, 0, 0, 0},
    {0x30u, "SWIER2", 0, 0, 0, EXTI_EDGES2, 0},
    {0x34u, "PR2", 0, 0, EXTI_EDGES2, 0, 0},
};

/* --- wires ---------------------------------------------------------------------------------- */
#define PORT_INPUTS(p)                                                                                                 \
    "p" p "0", "p" p "1", "p" p "2", "p" p "3", "p" p "4", "p" p "5", "p" p "6", "p" p "7", "p" p "8", "p" p "9",      \
        "p" p "10", "p" p "11", "p" p "12", "p" p "13", "p" p "14", "p" p "15"

enum exti_input {
    EXTI_IN_OFF,  /* 1: without power, in Standby and Shutdown */
    EXTI_IN_SEL0, /* port of each of lines 0 to 15 */
    EXTI_IN_INTERNAL = EXTI_IN_SEL0 + EXTI_PINS,
    EXTI_IN_PA0 = EXTI_IN_INTERNAL + 11u, /* levels of all pins, port by port */
    EXTI_IN_DIRECT = EXTI_IN_PA0 + EXTI_PORTS * EXTI_PINS,
    EXTI_IN_MODE = EXTI_IN_DIRECT + 2u, /* of PWR: 1 to 3 in Stop */
};

/* In the order of `internal_lines`. */
static const char *const exti_inputs[] = {"off",
                                          "sel0",
                                          "sel1",
                                          "sel2",
                                          "sel3",
                                          "sel4",
                                          "sel5",
                                          "sel6",
                                          "sel7",
                                          "sel8",
                                          "sel9",
                                          "sel10",
                                          "sel11",
                                          "sel12",
                                          "sel13",
                                          "sel14",
                                          "sel15",
                                          "pvd",
                                          "rtc_alarm",
                                          "rtc_tamp",
                                          "rtc_wkup",
                                          "comp1",
                                          "comp2",
                                          "pvm1",
                                          "pvm2",
                                          "pvm3",
                                          "pvm4",
                                          "lsecss",
                                          PORT_INPUTS("a"),
                                          PORT_INPUTS("b"),
                                          PORT_INPUTS("c"),
                                          PORT_INPUTS("d"),
                                          PORT_INPUTS("e"),
                                          PORT_INPUTS("f"),
                                          PORT_INPUTS("g"),
                                          PORT_INPUTS("h"),
                                          "lptim1",
                                          "lptim2",
                                          "mode",
                                          NULL};
_Static_assert(ARRAY_LENGTH(exti_inputs) == EXTI_IN_MODE + 2u, "inputs of EXTI");

/* RM0351 14.4, lines above 15. LSE clock security shares line 19 with tamper and time stamp. */
#define LINE_TAMP 19u
static const uint8_t internal_lines[] = {16, 18, LINE_TAMP, 20, 21, 22, 35, 36, 37, 38, LINE_TAMP};
_Static_assert(ARRAY_LENGTH(internal_lines) == EXTI_IN_PA0 - EXTI_IN_INTERNAL, "internal lines of EXTI");
#define INPUT_TAMP   (EXTI_IN_INTERNAL + 2u)
#define INPUT_LSECSS (EXTI_IN_INTERNAL + 10u)

static const char *const exti_outputs[] = {
    "irq0",      "irq1",     "irq2",  "irq3",  "irq4",   "irq9_5", "irq15_10",   "irq_pvd",    "irq_tamp", "irq_wkup",
    "irq_alarm", "irq_comp", "event", "line9", "line11", "line15", "irq_lptim1", "irq_lptim2", NULL};
#define EXTI_OUT_EVENT  12u
#define EXTI_OUT_LINE   13u
#define EXTI_OUT_DIRECT 16u

/* Direct lines that are modelled: LPTIM1, LPTIM2 (RM0351 14.4). */
#define DIRECT_LINES 2u
#define DIRECT_LINE0 32u

/* Lines of each interrupt, in the order of the outputs (RM0351 13.3). */
static const uint64_t irq_lines[] = {
    1ull << 0,         1ull << 1,  1ull << 2,  1ull << 3,
    1ull << 4,         0x03e0ull,  0xfc00ull,  1ull << 16 | 0x7800000000ull,
    1ull << LINE_TAMP, 1ull << 20, 1ull << 18, 3ull << 21,
};
_Static_assert(ARRAY_LENGTH(irq_lines) == EXTI_OUT_EVENT, "interrupts of EXTI");

struct exti_state {
    uint64_t levels; /* of all lines, as seen last */
    uint32_t word[EXTI_WORDS];
};
_Static_assert(sizeof(struct exti_state) == 64, "state of EXTI");

/* Lines that trigger converters: RM0351 tables 106, 107 and 128. */
static const uint8_t trigger_lines[] = {9, 11, 15};

/** The register of this kind for a line. */
static uint32_t *line_word(struct exti_state *s, uint32_t kind, uint32_t line)
{
    return &s->word[(kind + (line < 32u ? 0 : EXTI_BANK)) / 4u];
}

static void drive(struct device *dev)
{
    const struct exti_state *s = dev->state;
    uint64_t pending = (uint64_t)(s->word[(EXTI_BANK + EXTI_PR) / 4u] & s->word[(EXTI_BANK + EXTI_IMR) / 4u]) << 32;
    pending |= s->word[EXTI_PR / 4u] & s->word[EXTI_IMR / 4u];
    if (dev_input(dev, EXTI_IN_OFF) != 0)
        pending = 0;
    for (uint32_t irq = 0; irq < ARRAY_LENGTH(irq_lines); irq++)
        dev_output(dev, irq, (pending & irq_lines[irq]) != 0);
}

/** Without HCLK a direct line is the way to the NVIC: RM0351 14.3.2. */
static void drive_direct(struct device *dev)
{
    struct exti_state *s = dev->state;
    bool stopped = dev_input(dev, EXTI_IN_MODE) != 0;

    for (uint32_t i = 0; i < DIRECT_LINES; i++) {
        bool passes = !stopped || (*line_word(s, EXTI_IMR, DIRECT_LINE0 + i) & 1u << (DIRECT_LINE0 + i) % 32u) != 0;
        dev_output(dev, EXTI_OUT_DIRECT + i, passes && dev_input(dev, EXTI_IN_DIRECT + i) != 0);
    }
}

static void direct_changed(struct device *dev, uint32_t line, bool high)
{
    if (high && (*line_word(dev->state, EXTI_EMR, line) & 1u << line % 32u) != 0)
        dev_pulse(dev, EXTI_OUT_EVENT, 1);
    drive_direct(dev);
}

/** What an edge or a software trigger leads to. */
static void trigger(struct device *dev, uint32_t line)
{
    struct exti_state *s = dev->state;
    uint32_t bit = 1u << line % 32u;

    if ((*line_word(s, EXTI_IMR, line) & bit) != 0) {
        *line_word(s, EXTI_PR, line) |= bit;
        drive(dev);
    }
    if ((*line_word(s, EXTI_EMR, line) & bit) == 0)
        return;
    dev_pulse(dev, EXTI_OUT_EVENT, 1);
    for (uint32_t i = 0; i < ARRAY_LENGTH(trigger_lines); i++)
        if (trigger_lines[i] == line)
            dev_pulse(dev, EXTI_OUT_LINE + i, TRIGGER_PULSE);
}

static bool pin_level(const struct device *dev, uint32_t line)
{
    uint32_t port = (uint32_t)dev_input(dev, EXTI_IN_SEL0 + line);
    return port < EXTI_PORTS && dev_input(dev, EXTI_IN_PA0 + port * EXTI_PINS + line) != 0;
}

static bool line_level(const struct device *dev, uint32_t input)
{
    if (input == INPUT_TAMP || input == INPUT_LSECSS)
        return dev_input(dev, INPUT_TAMP) != 0 || dev_input(dev, INPUT_LSECSS) != 0;
    return dev_input(dev, input) != 0;
}

static void set_level(struct device *dev, uint32_t line, bool high)
{
    struct exti_state *s = dev->state;
    uint64_t bit = 1ull << line;

    if (((s->levels & bit) != 0) == high)
        return;
    s->levels ^= bit;
    if ((*line_word(s, high ? EXTI_RTSR : EXTI_FTSR, line) & 1u << line % 32u) != 0 && dev_input(dev, EXTI_IN_OFF) == 0)
        trigger(dev, line);
}

static void exti_reset(struct device *dev, enum reset_kind kind)
{
    struct exti_state *s = dev->state;
    (void)kind;

    model_reset_words(dev, s->word);
    s->levels = 0;
    for (uint32_t line = 0; line < EXTI_PINS; line++)
        s->levels |= (uint64_t)pin_level(dev, line) << line;
    for (uint32_t i = 0; i < ARRAY_LENGTH(internal_lines); i++)
        s->levels |= (uint64_t)line_level(dev, EXTI_IN_INTERNAL + i) << internal_lines[i];
    drive(dev);
    drive_direct(dev);
}

static uint32_t exti_read(struct device *dev, uint32_t offset, unsigned size)
{
    const struct exti_state *s = dev->state;
    if (model_register(dev, offset) == NULL)
        return 0;
    return reg_lane_read(s->word[offset / 4u], offset, size);
}

static void exti_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct exti_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t bank = reg->offset & EXTI_BANK;
    uint32_t old = s->word[offset / 4u];
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t new = reg_written(reg, old, word, reg_lane_mask(offset, size));

    s->word[offset / 4u] = new;
    switch (reg->offset - bank) {
    case EXTI_SWIER:
        for (uint32_t i = 0; i < 32u; i++)
            if ((new & ~old & 1u << i) != 0)
                trigger(dev, bank + i);
        break;
    case EXTI_PR:
        /* RM0351 14.5.5: clearing the pending bit clears the software trigger. */
        s->word[(bank + EXTI_SWIER) / 4u] &= ~word;
        drive(dev);
        break;
    case EXTI_IMR:
        drive(dev);
        drive_direct(dev);
        break;
    default:
        break;
    }
}

static void exti_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    if (input == EXTI_IN_OFF)
        drive(dev);
    else if (input == EXTI_IN_MODE)
        drive_direct(dev);
    else if (input >= EXTI_IN_DIRECT)
        direct_changed(dev, DIRECT_LINE0 + input - EXTI_IN_DIRECT, value != 0);
    else if (input < EXTI_IN_INTERNAL)
        set_level(dev, input - EXTI_IN_SEL0, pin_level(dev, input - EXTI_IN_SEL0));
    else if (input < EXTI_IN_PA0)
        set_level(dev, internal_lines[input - EXTI_IN_INTERNAL], line_level(dev, input));
    else
        set_level(dev, (input - EXTI_IN_PA0) % EXTI_PINS, pin_level(dev, (input - EXTI_IN_PA0) % EXTI_PINS));
}

const struct device_model stm32_exti_model = {
    .name = "stm32_exti",
    .state_size = sizeof(struct exti_state),
    .regs = exti_regs,
    .reg_count = ARRAY_LENGTH(exti_regs),
    .inputs = exti_inputs,
    .outputs = exti_outputs,
    .reset = exti_reset,
    .read = exti_read,
    .write = exti_write,
    .on_input = exti_on_input,
};
