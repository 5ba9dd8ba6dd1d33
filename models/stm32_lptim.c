/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Low-power timer of the STM32L4 (RM0351 chapter 34).
 *
 * Modelled: prescaler, continuous and single counting, start by software or by a trigger (the pin ETR, alarms and
 * tampers of the RTC, comparators), restart by the trigger (TIMOUT), counting of edges on IN1 and the external clock,
 * preload, compare and auto-reload flags with interrupts, the time that ARR and CMP take (ARROK, CMPOK), PWM, one-pulse
 * and set-once output, freezing by the debugger.
 *
 * Not modelled, reported as gaps: encoder mode.
 * Not modelled, silently: glitch filters, the clocks that a start takes to get through, the first edges
 * of an external clock that are lost, both prescaling and counting edges at once.
 */
#include "stm32_lptim.h"

#include "model.h"

#define LPTIM_ISR   0x00u
#define LPTIM_ICR   0x04u
#define LPTIM_IER   0x08u
#define LPTIM_CFGR  0x0cu
#define LPTIM_CR    0x10u
#define LPTIM_CMP   0x14u
#define LPTIM_ARR   0x18u
#define LPTIM_CNT   0x1cu
#define LPTIM_OR    0x20u
#define LPTIM_WORDS 9u

#define LPTIM_ISR_CMPM    0x00000001u
#define LPTIM_ISR_ARRM    0x00000002u
#define LPTIM_ISR_EXTTRIG 0x00000004u
#define LPTIM_ISR_CMPOK   0x00000008u
#define LPTIM_ISR_ARROK   0x00000010u

#define LPTIM_CFGR_CKSEL     0x00000001u
#define LPTIM_CFGR_TRIGEN    0x00060000u
#define LPTIM_CFGR_TIMOUT    0x00080000u
#define LPTIM_CFGR_WAVE      0x00100000u
#define LPTIM_CFGR_WAVPOL    0x00200000u
#define LPTIM_CFGR_PRELOAD   0x00400000u
#define LPTIM_CFGR_COUNTMODE 0x00800000u
#define LPTIM_CFGR_ENC       0x01000000u

#define LPTIM_CR_ENABLE  0x00000001u
#define LPTIM_CR_SNGSTRT 0x00000002u
#define LPTIM_CR_CNTSTRT 0x00000004u

#define UPDATE_CLOCKS 3u /* of ARR and CMP; RM0351 34.4.8 gives no figure: not confirmed */

enum lptim_input {
    LPTIM_IN_CLK,
    LPTIM_IN_RST,
    LPTIM_IN_KER,
    LPTIM_IN_IN1,
    LPTIM_IN_IN2,
    LPTIM_IN_ETR,
    LPTIM_IN_TRIGGERS, /* TRIGSEL 1 to 7 in their order: RM0351 34.4.5 */
    LPTIM_IN_COMP1 = LPTIM_IN_TRIGGERS + 5u,
    LPTIM_IN_COMP2,
    LPTIM_IN_FREEZE,
};

enum lptim_output {
    LPTIM_OUT_IRQ,
    LPTIM_OUT_OUT,
};

enum lptim_event {
    LPTIM_EVENT,
    LPTIM_EVENT_COUNT,
};

enum lptim_mode {
    LPTIM_STOPPED,
    LPTIM_SINGLE,
    LPTIM_CONTINUOUS,
};

/* RM0351 34.7 */
static const struct reg_desc lptim_regs[] = {
    {LPTIM_ISR, "ISR", 0, 0, 0, 0, 0x0000007fu},   {LPTIM_ICR, "ICR", 0, 0, 0, 0, 0},
    {LPTIM_IER, "IER", 0, 0x0000007fu, 0, 0, 0},   {LPTIM_CFGR, "CFGR", 0, 0x01feeedfu, 0, 0, 0},
    {LPTIM_CR, "CR", 0, LPTIM_CR_ENABLE, 0, 0, 0}, /* SNGSTRT and CNTSTRT are taken at once */
    {LPTIM_CMP, "CMP", 0, 0x0000ffffu, 0, 0, 0},   {LPTIM_ARR, "ARR", 1, 0x0000ffffu, 0, 0, 0},
    {LPTIM_CNT, "CNT", 0, 0, 0, 0, 0x0000ffffu},   {LPTIM_OR, "OR", 0, 0x00000003u, 0, 0, 0},
};

/* LPTIM2 has no encoder mode, and no bits for it (RM0351 33.3). */
static const struct reg_desc plain_regs[] = {
    {LPTIM_ISR, "ISR", 0, 0, 0, 0, 0x0000001fu},   {LPTIM_ICR, "ICR", 0, 0, 0, 0, 0},
    {LPTIM_IER, "IER", 0, 0x0000001fu, 0, 0, 0},   {LPTIM_CFGR, "CFGR", 0, 0x00feeedfu, 0, 0, 0},
    {LPTIM_CR, "CR", 0, LPTIM_CR_ENABLE, 0, 0, 0}, {LPTIM_CMP, "CMP", 0, 0x0000ffffu, 0, 0, 0},
    {LPTIM_ARR, "ARR", 1, 0x0000ffffu, 0, 0, 0},   {LPTIM_CNT, "CNT", 0, 0, 0, 0, 0x0000ffffu},
    {LPTIM_OR, "OR", 0, 0x00000003u, 0, 0, 0},
};

static const char *const lptim_inputs[] = {"clk",   "rst",   "ker",   "in1",   "in2",   "etr",    "alarm_a", "alarm_b",
                                           "tamp1", "tamp2", "tamp3", "comp1", "comp2", "freeze", NULL};
static const char *const lptim_outputs[] = {"irq", "out", NULL};

struct lptim_state {
    uint64_t anchor_ps, anchor_clocks; /* a moment, and the kernel clocks up to then */
    uint64_t base;                     /* clock up to which the counter was brought */
    uint64_t arr_due, cmp_due;         /* clock at which a write has got through; 0: none under way */
    uint32_t word[LPTIM_WORDS];        /* as written */
    uint32_t hz;                       /* kernel clock since anchor_ps */
    uint32_t count, prescale;
    uint32_t arr, cmp; /* in force */
    uint32_t mode;     /* enum lptim_mode */
    uint32_t armed;    /* the same, waiting for the trigger */
    uint32_t was_set;  /* 1: the set-once output is on */
    uint32_t levels;   /* of IN1, IN2, ETR, then of the other triggers */
    uint32_t out;      /* enum pin_level as driven last */
    uint32_t reserved;
};
_Static_assert(sizeof(struct lptim_state) == 120, "state of an LPTIM");

static struct lptim_state *lptim_state(const struct device *dev)
{
    return dev->state;
}

static uint32_t word(const struct lptim_state *s, uint32_t offset)
{
    return s->word[offset / 4u];
}

/* --- clock --------------------------------------------------------------------------------- */
static uint64_t lptim_now(const struct device *dev)
{
    const struct lptim_state *s = dev->state;
    if (s->hz == 0)
        return s->anchor_clocks;
    /* The inverse of floor(n * PS_PER_S / hz). */
    return s->anchor_clocks + mul_div_ceil(dev_now_ps(dev) - s->anchor_ps + 1u, s->hz, PS_PER_S) - 1u;
}

static bool counts_edges(const struct lptim_state *s)
{
    return (word(s, LPTIM_CFGR) & (LPTIM_CFGR_CKSEL | LPTIM_CFGR_COUNTMODE)) != 0;
}

/* --- counter ------------------------------------------------------------------------------- */
static void move(struct lptim_state *s, uint32_t to)
{
    uint32_t *isr = &s->word[LPTIM_ISR / 4u];

    if (s->count < s->cmp && s->cmp <= to)
        *isr |= LPTIM_ISR_CMPM;
    if (s->count < s->arr && s->arr <= to)
        *isr |= LPTIM_ISR_ARRM;
    if (to > s->cmp)
        s->was_set = 1;
    s->count = to;
}

static void roll_over(struct lptim_state *s)
{
    uint32_t *isr = &s->word[LPTIM_ISR / 4u];

    s->count = 0;
    if ((word(s, LPTIM_CFGR) & LPTIM_CFGR_PRELOAD) != 0) {
        s->arr = s->arr_due == 0 ? word(s, LPTIM_ARR) : s->arr;
        s->cmp = s->cmp_due == 0 ? word(s, LPTIM_CMP) : s->cmp;
    }
    if (s->cmp == 0)
        *isr |= LPTIM_ISR_CMPM;
    if (s->arr == 0)
        *isr |= LPTIM_ISR_ARRM;
    if (s->mode == LPTIM_SINGLE)
        s->mode = LPTIM_STOPPED;
}

static void step(struct lptim_state *s, uint64_t steps)
{
    uint32_t rounds = 0;

    while (steps > 0 && s->mode != LPTIM_STOPPED) {
        uint32_t top = s->count <= s->arr ? s->arr : 0xffffu;
        uint64_t left = top - s->count;
        if (steps <= left) {
            move(s, s->count + (uint32_t)steps);
            return;
        }
        move(s, top);
        steps -= left + 1u;
        roll_over(s);
        if (++rounds == 3u) /* preloads are in force, all flags set: more rounds change nothing */
            steps %= (uint64_t)s->arr + 1u;
    }
}

static void count(struct lptim_state *s, uint64_t clocks)
{
    uint32_t shift = bits(word(s, LPTIM_CFGR), 9, 11);
    uint64_t total = s->prescale + clocks;

    if (s->mode == LPTIM_STOPPED)
        return;
    s->prescale = (uint32_t)(total & ((1u << shift) - 1u));
    step(s, total >> shift);
}

static void get_through(struct lptim_state *s, uint64_t now)
{
    bool preload = (word(s, LPTIM_CFGR) & LPTIM_CFGR_PRELOAD) != 0 && s->mode != LPTIM_STOPPED;

    if (s->arr_due != 0 && s->arr_due <= now) {
        s->arr_due = 0;
        s->word[LPTIM_ISR / 4u] |= LPTIM_ISR_ARROK;
        if (!preload)
            s->arr = word(s, LPTIM_ARR);
    }
    if (s->cmp_due != 0 && s->cmp_due <= now) {
        s->cmp_due = 0;
        s->word[LPTIM_ISR / 4u] |= LPTIM_ISR_CMPOK;
        if (!preload)
            s->cmp = word(s, LPTIM_CMP);
    }
}

static void count_to(struct lptim_state *s, uint64_t clock)
{
    if (clock <= s->base)
        return;
    uint64_t clocks = clock - s->base;
    s->base = clock;
    if (!counts_edges(s))
        count(s, clocks);
}

/** Brings the counter to now, past the moments at which writes got through. */
static void sync(struct device *dev)
{
    struct lptim_state *s = lptim_state(dev);
    uint64_t now = lptim_now(dev);

    while ((s->arr_due != 0 && s->arr_due <= now) || (s->cmp_due != 0 && s->cmp_due <= now)) {
        uint64_t due = s->arr_due != 0 && (s->cmp_due == 0 || s->arr_due < s->cmp_due) ? s->arr_due : s->cmp_due;
        count_to(s, due);
        get_through(s, due);
    }
    count_to(s, now);
}

/* --- output, interrupt, event -------------------------------------------------------------- */
/** RM0351 34.4.7: set while CNT is beyond CMP, or from then on. */
static uint32_t output_level(const struct lptim_state *s)
{
    uint32_t cfgr = word(s, LPTIM_CFGR);
    bool on = (cfgr & LPTIM_CFGR_WAVE) != 0 ? s->was_set != 0 : s->count > s->cmp;

    if ((word(s, LPTIM_CR) & LPTIM_CR_ENABLE) == 0)
        on = false;
    return on != ((cfgr & LPTIM_CFGR_WAVPOL) != 0) ? PIN_HIGH : PIN_LOW;
}

static uint64_t next_clock(const struct lptim_state *s)
{
    uint64_t steps = (s->count <= s->arr ? s->arr : 0xffffu) - s->count;

    /* Where a flag may be set or the output may change: CMP, beyond it, ARR, the roll-over. */
    if (steps == 0)
        steps = 1;
    if (s->count < s->cmp && s->cmp - s->count < steps)
        steps = s->cmp - s->count;
    else if (s->count == s->cmp)
        steps = 1;
    return s->base + (steps << bits(word(s, LPTIM_CFGR), 9, 11)) - s->prescale;
}

static void schedule(struct device *dev)
{
    const struct lptim_state *s = dev->state;
    uint64_t due = UINT64_MAX;

    if (s->hz != 0 && s->mode != LPTIM_STOPPED && !counts_edges(s))
        due = next_clock(s);
    if (s->hz != 0 && s->arr_due != 0 && s->arr_due < due)
        due = s->arr_due;
    if (s->hz != 0 && s->cmp_due != 0 && s->cmp_due < due)
        due = s->cmp_due;
    if (due == UINT64_MAX)
        dev_event_cancel(dev, LPTIM_EVENT);
    else
        dev_event_at(dev, LPTIM_EVENT, s->anchor_ps + mul_div_floor(due - s->anchor_clocks, PS_PER_S, s->hz));
}

static void settle(struct device *dev)
{
    struct lptim_state *s = lptim_state(dev);
    uint32_t level = output_level(s);

    schedule(dev);
    dev_output(dev, LPTIM_OUT_IRQ, (word(s, LPTIM_ISR) & word(s, LPTIM_IER)) != 0);
    if (level != s->out) {
        s->out = level;
        dev_output(dev, LPTIM_OUT_OUT, level);
    }
}

/* --- start and trigger --------------------------------------------------------------------- */
static void start(struct device *dev, uint32_t mode)
{
    struct lptim_state *s = lptim_state(dev);

    if (s->mode == LPTIM_STOPPED) {
        s->count = 0;
        s->prescale = 0;
        s->base = lptim_now(dev);
        if ((word(s, LPTIM_CFGR) & LPTIM_CFGR_WAVE) == 0)
            s->was_set = 0;
    }
    s->mode = mode;
}

/** An edge of what TRIGSEL value `source` selects. */
static void trigger_edge(struct device *dev, uint32_t source, bool rising)
{
    struct lptim_state *s = lptim_state(dev);
    uint32_t cfgr = word(s, LPTIM_CFGR);
    uint32_t edges = bits(cfgr, 17, 18);

    if ((word(s, LPTIM_CR) & LPTIM_CR_ENABLE) == 0 || bits(cfgr, 13, 15) != source)
        return;
    if ((edges & (rising ? 1u : 2u)) == 0)
        return;
    if (s->mode == LPTIM_STOPPED && s->armed != LPTIM_STOPPED) {
        s->word[LPTIM_ISR / 4u] |= LPTIM_ISR_EXTTRIG;
        start(dev, s->armed);
    } else if (s->mode != LPTIM_STOPPED && (cfgr & LPTIM_CFGR_TIMOUT) != 0) {
        s->word[LPTIM_ISR / 4u] |= LPTIM_ISR_EXTTRIG;
        s->count = 0;
        s->prescale = 0;
    }
}

static void clock_edge(struct lptim_state *s, bool rising)
{
    uint32_t polarity = bits(word(s, LPTIM_CFGR), 1, 2); /* rising, falling, both */

    if (!counts_edges(s) || (word(s, LPTIM_CR) & LPTIM_CR_ENABLE) == 0)
        return;
    if (polarity == 2u || rising == (polarity == 0))
        count(s, 1);
}

/* --- registers ----------------------------------------------------------------------------- */
static void write_cr(struct device *dev, uint32_t value)
{
    struct lptim_state *s = lptim_state(dev);
    bool was_on = (word(s, LPTIM_CR) & LPTIM_CR_ENABLE) != 0;
    uint32_t mode = (value & LPTIM_CR_CNTSTRT) != 0   ? LPTIM_CONTINUOUS
                    : (value & LPTIM_CR_SNGSTRT) != 0 ? LPTIM_SINGLE
                                                      : LPTIM_STOPPED;

    s->word[LPTIM_CR / 4u] = value & LPTIM_CR_ENABLE;
    if ((value & LPTIM_CR_ENABLE) == 0) {
        s->mode = s->armed = LPTIM_STOPPED;
        s->count = s->prescale = s->was_set = 0;
        if (mode != LPTIM_STOPPED)
            dev_guest_error(dev, LPTIM_CR, "LPTIM started while ENABLE is 0");
        return;
    }
    if (mode == LPTIM_STOPPED)
        return;
    if (!was_on) { /* RM0351 34.7.5: the start bits are for an enabled timer */
        dev_guest_error(dev, LPTIM_CR, "LPTIM started in the write that enables it");
        return;
    }
    if ((word(s, LPTIM_CFGR) & LPTIM_CFGR_TRIGEN) == 0)
        start(dev, mode);
    else
        s->armed = mode;
}

static void write_cfgr(struct device *dev, uint32_t old, uint32_t new)
{
    struct lptim_state *s = lptim_state(dev);

    if ((word(s, LPTIM_CR) & LPTIM_CR_ENABLE) != 0) {
        dev_guest_error(dev, LPTIM_CFGR, "LPTIM_CFGR written while ENABLE is 1");
        return;
    }
    if ((new & ~old &LPTIM_CFGR_ENC) != 0)
        dev_gap(dev, LPTIM_CFGR, true, new, "LPTIM_CFGR.ENC: encoder mode");
    uint32_t comparator = LPTIM_IN_ETR + bits(new, 13, 15);
    if ((new &LPTIM_CFGR_TRIGEN) != 0 && comparator >= LPTIM_IN_COMP1 && !pin_is_driven(dev_input(dev, comparator)))
        dev_gap(dev, LPTIM_CFGR, true, new, "LPTIM_CFGR.TRIGSEL: a comparator that is not modelled");
    s->word[LPTIM_CFGR / 4u] = new;
}

/** ARR or CMP: takes effect when it has got through to the kernel clock. */
static void write_limit(struct device *dev, uint32_t offset, uint32_t new)
{
    struct lptim_state *s = lptim_state(dev);
    uint64_t now = lptim_now(dev);

    if ((word(s, LPTIM_CR) & LPTIM_CR_ENABLE) == 0)
        dev_guest_error(dev, offset, "LPTIM_ARR or LPTIM_CMP written while ENABLE is 0");
    s->word[offset / 4u] = new;
    if (offset == LPTIM_ARR)
        s->arr_due = now + UPDATE_CLOCKS;
    else
        s->cmp_due = now + UPDATE_CLOCKS;
    if (s->hz == 0) /* external clock alone: at once */
        get_through(s, now + UPDATE_CLOCKS);
}

static uint32_t lptim_read(struct device *dev, uint32_t offset, unsigned size)
{
    struct lptim_state *s = lptim_state(dev);

    if (model_register(dev, offset) == NULL)
        return 0;
    sync(dev);
    uint32_t value = (offset & ~3u) == LPTIM_CNT ? s->count : word(s, offset);
    settle(dev);
    return reg_lane_read(value, offset, size);
}

static void lptim_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct lptim_state *s = lptim_state(dev);
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return;
    uint32_t lanes = reg_lane_merge(0, offset, size, value);
    uint32_t old = word(s, offset);
    uint32_t new = reg_written(reg, old, lanes, reg_lane_mask(offset, size));
    sync(dev);
    switch (reg->offset) {
    case LPTIM_ISR:
    case LPTIM_CNT:
        return;
    case LPTIM_ICR:
        s->word[LPTIM_ISR / 4u] &= ~lanes;
        break;
    case LPTIM_CFGR:
        write_cfgr(dev, old, new);
        break;
    case LPTIM_CR:
        write_cr(dev, lanes);
        break;
    case LPTIM_CMP:
    case LPTIM_ARR:
        write_limit(dev, reg->offset, new);
        break;
    default:
        s->word[offset / 4u] = new;
        break;
    }
    settle(dev);
}

/* --- reset, wires, events ------------------------------------------------------------------ */
static uint32_t kernel_hz(const struct device *dev)
{
    return dev_input(dev, LPTIM_IN_FREEZE) != 0 ? 0 : (uint32_t)dev_input(dev, LPTIM_IN_KER);
}

static void lptim_reset(struct device *dev, enum reset_kind kind)
{
    struct lptim_state *s = lptim_state(dev);
    uint32_t levels = s->levels, out = s->out;
    (void)kind;

    *s = (struct lptim_state){.levels = levels, .out = out};
    model_reset_words(dev, s->word);
    s->arr = word(s, LPTIM_ARR);
    s->hz = kernel_hz(dev);
    s->anchor_ps = dev_now_ps(dev);
    settle(dev);
}

static void lptim_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    struct lptim_state *s = lptim_state(dev);

    if (input == LPTIM_IN_KER || input == LPTIM_IN_FREEZE) {
        sync(dev);
        s->anchor_clocks = lptim_now(dev);
        s->anchor_ps = dev_now_ps(dev);
        s->hz = kernel_hz(dev);
        settle(dev);
        return;
    }
    bool internal = input >= LPTIM_IN_TRIGGERS && input < LPTIM_IN_COMP1; /* 0 is low there */
    if (input < LPTIM_IN_IN1 || (!internal && !pin_is_driven(value)))
        return;
    uint32_t bit = 1u << (input - LPTIM_IN_IN1);
    bool high = pin_is_high(value);
    if (((s->levels & bit) != 0) == high)
        return;
    s->levels ^= bit;
    sync(dev);
    if (input == LPTIM_IN_IN1 && dev_input(dev, LPTIM_IN_FREEZE) == 0)
        clock_edge(s, high);
    else if (input >= LPTIM_IN_ETR)
        trigger_edge(dev, input - LPTIM_IN_ETR, high);
    settle(dev);
}

static void lptim_on_event(struct device *dev, uint32_t event)
{
    (void)event;
    sync(dev);
    settle(dev);
}

const struct device_model stm32_lptim_model = {
    .name = "stm32_lptim",
    .state_size = sizeof(struct lptim_state),
    .regs = lptim_regs,
    .reg_count = ARRAY_LENGTH(lptim_regs),
    .inputs = lptim_inputs,
    .outputs = lptim_outputs,
    .event_count = LPTIM_EVENT_COUNT,
    .reset = lptim_reset,
    .read = lptim_read,
    .write = lptim_write,
    .on_input = lptim_on_input,
    .on_event = lptim_on_event,
};

const struct device_model stm32_lptim_plain_model = {
    .name = "stm32_lptim_plain",
    .state_size = sizeof(struct lptim_state),
    .regs = plain_regs,
    .reg_count = ARRAY_LENGTH(plain_regs),
    .inputs = lptim_inputs,
    .outputs = lptim_outputs,
    .event_count = LPTIM_EVENT_COUNT,
    .reset = lptim_reset,
    .read = lptim_read,
    .write = lptim_write,
    .on_input = lptim_on_input,
    .on_event = lptim_on_event,
};
