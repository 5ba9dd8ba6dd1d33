/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * The two lines of an I2C, bit by bit (RM0351 39.4). Whatever drives a line may come back here before the call returns,
 * because the unit sees its own pins: so state is brought up to date first, and a line is driven last.
 */
#include "stm32_i2c_v2_private.h"

#define I2C_STOP_2 3u /* on the wire "stop" */

/* --- times --------------------------------------------------------------------------------- */
static uint64_t clocks_ps(const struct device *dev, uint64_t clocks)
{
    uint64_t hz = dev_input(dev, I2C_IN_KER);
    return hz == 0 ? TIME_NEVER : mul_div_floor(clocks, PS_PER_S, hz);
}

static uint64_t prescaled(const struct device *dev, uint64_t count)
{
    return count * (bits(i2c_state(dev)->word[I2C_TIMINGR / 4u], 28, 31) + 1u);
}

/* RM0351 39.7.5 */
static uint64_t low_ps(const struct device *dev)
{
    return clocks_ps(dev, prescaled(dev, bits(i2c_state(dev)->word[I2C_TIMINGR / 4u], 0, 7) + 1u));
}

static uint64_t high_ps(const struct device *dev)
{
    return clocks_ps(dev, prescaled(dev, bits(i2c_state(dev)->word[I2C_TIMINGR / 4u], 8, 15) + 1u));
}

/** From SCL's fall to SDA's change: SDADEL, and one clock at least, in which all on the bus have seen SCL fall. */
static uint64_t hold_ps(const struct device *dev)
{
    return clocks_ps(dev, prescaled(dev, bits(i2c_state(dev)->word[I2C_TIMINGR / 4u], 16, 19)) + 1u);
}

/** From SDA's change to SCL's rise: SCLDEL. */
static uint64_t setup_ps(const struct device *dev)
{
    return clocks_ps(dev, prescaled(dev, bits(i2c_state(dev)->word[I2C_TIMINGR / 4u], 20, 23) + 1u));
}

static void event_in(struct device *dev, enum i2c_event event, uint64_t delay_ps)
{
    if (delay_ps == TIME_NEVER)
        i2c_state(dev)->frozen |= (uint8_t)(1u << event);
    else
        dev_event_after(dev, event, delay_ps);
}

bool i2c_is_awake(const struct device *dev)
{
    const struct i2c_state *s = i2c_state(dev);
    const struct stm32_i2c_v2_params *params = dev->params;
    uint64_t stop = dev_input(dev, I2C_IN_STOP);

    if ((i2c_cr1(s) & I2C_CR1_PE) == 0 || dev_input(dev, I2C_IN_KER) == 0)
        return false;
    if (stop == 0)
        return true;
    return (i2c_cr1(s) & I2C_CR1_WUPEN) != 0 && (stop < I2C_STOP_2 || params->wakes_from_stop2 != 0);
}

void i2c_clock_changed(struct device *dev, bool running)
{
    struct i2c_state *s = dev->state;
    uint8_t waiting = s->frozen;

    for (uint32_t event = 0; event < I2C_EVENT_COUNT; event++) {
        if (!running && dev_event_due(dev, event) != TIME_NEVER) {
            s->frozen |= (uint8_t)(1u << event);
            dev_event_cancel(dev, event);
        }
    }
    if (!running)
        return;
    s->frozen = 0;
    for (uint32_t event = 0; event < I2C_EVENT_COUNT; event++)
        if ((waiting & 1u << event) != 0)
            dev_event_after(dev, event, event == I2C_EVENT_DATA ? hold_ps(dev) : low_ps(dev));
}

/* --- driving ------------------------------------------------------------------------------- */
void i2c_drive_scl(struct device *dev, bool released)
{
    i2c_state(dev)->scl_out = released;
    dev_output(dev, I2C_OUT_SCL, released ? PIN_HIGH : PIN_LOW);
}

void i2c_drive_sda(struct device *dev, bool released)
{
    i2c_state(dev)->sda_out = released;
    dev_output(dev, I2C_OUT_SDA, released ? PIN_HIGH : PIN_LOW);
}

void i2c_release(struct device *dev)
{
    struct i2c_state *s = dev->state;

    dev_event_cancel(dev, I2C_EVENT_CLOCK);
    dev_event_cancel(dev, I2C_EVENT_DATA);
    s->frozen &= 1u << I2C_EVENT_TIMEOUT;
    s->role = I2C_IDLE;
    s->phase = I2C_PHASE_NONE;
    s->next = I2C_NEXT_BIT;
    s->held = 0;
    s->sending = 0;
    s->counted = 0;
    s->bit = I2C_BIT_NONE;
    i2c_drive_sda(dev, true);
    i2c_drive_scl(dev, true);
}

/** What SDA must be in the bit that comes: 1 is released. */
static bool wanted_sda(const struct i2c_state *s)
{
    if (s->role == I2C_MASTER && s->next != I2C_NEXT_BIT)
        return s->next == I2C_NEXT_RESTART;
    if (s->bit < I2C_BIT_ACK)
        return s->sending == 0 || (s->byte >> (7u - s->bit) & 1u) != 0;
    return s->sending != 0 || s->ack == 0;
}

/** SCL has fallen: SDA follows a little later. A slave that changes it holds SCL until it is stable. */
static void present_later(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (wanted_sda(s) == (s->sda_out != 0))
        return;
    event_in(dev, I2C_EVENT_DATA, hold_ps(dev));
    if (s->role != I2C_MASTER && !i2c_never_stretches(s))
        i2c_drive_scl(dev, false);
}

static void present(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->scl != 0)
        return; /* cannot change any more */
    i2c_drive_sda(dev, wanted_sda(s));
    if (s->role != I2C_MASTER && s->scl_out == 0 && s->held == 0)
        event_in(dev, I2C_EVENT_CLOCK, setup_ps(dev));
}

void i2c_hold(struct device *dev, uint32_t why)
{
    struct i2c_state *s = dev->state;

    s->held |= (uint8_t)why;
    if (s->role != I2C_MASTER)
        i2c_drive_scl(dev, false);
}

void i2c_resume(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->held != 0)
        return;
    dev_event_cancel(dev, I2C_EVENT_DATA);
    if (s->role == I2C_MASTER && s->phase == I2C_PHASE_HELD) {
        s->phase = I2C_PHASE_LOW;
        event_in(dev, I2C_EVENT_CLOCK, setup_ps(dev));
    }
    present(dev);
}

/* --- START and STOP ------------------------------------------------------------------------ */
void i2c_want_start(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->role != I2C_IDLE || i2c_is_set(s, I2C_ISR_BUSY) || s->phase == I2C_PHASE_FREE || s->scl == 0 || s->sda == 0)
        return;
    s->phase = I2C_PHASE_FREE;
    event_in(dev, I2C_EVENT_CLOCK, clocks_ps(dev, 1));
}

/** Nobody talks now; whoever was told to start may. Between STOP and START a low phase passes (tBUF). */
static void bus_is_free(struct device *dev)
{
    struct i2c_state *s = dev->state;

    *i2c_isr(s) &= ~I2C_ISR_BUSY;
    s->involved = 0;
    s->addressed_10 = 0;
    i2c_release(dev);
    if ((*i2c_cr2(s) & I2C_CR2_START) != 0) {
        s->phase = I2C_PHASE_FREE;
        event_in(dev, I2C_EVENT_CLOCK, low_ps(dev));
    }
}

/** RM0351 39.4.16: in the middle of a byte that this unit takes part in, but not of an address that it only hears. */
static bool is_misplaced(const struct i2c_state *s)
{
    return (s->role == I2C_MASTER || s->role == I2C_SLAVE) && s->bit != I2C_BIT_NONE && s->bit != 0;
}

static void start_seen(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (is_misplaced(s))
        *i2c_isr(s) |= I2C_ISR_BERR;
    if (!i2c_is_set(s, I2C_ISR_BUSY))
        s->word[I2C_PECR / 4u] = 0;
    *i2c_isr(s) |= I2C_ISR_BUSY;
    if (s->role == I2C_MASTER && s->phase == I2C_PHASE_START)
        return; /* our own */
    i2c_release(dev);
    s->role = I2C_LISTENER;
    s->kind = I2C_BYTE_ADDRESS;
}

static void stop_seen(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (is_misplaced(s))
        *i2c_isr(s) |= I2C_ISR_BERR;
    if (s->involved != 0) {
        *i2c_isr(s) |= I2C_ISR_STOPF;
        *i2c_isr(s) &= ~(I2C_ISR_TC | I2C_ISR_TCR | I2C_ISR_TXIS);
    }
    *i2c_cr2(s) &= ~(I2C_CR2_STOP | I2C_CR2_NACK | I2C_CR2_PECBYTE);
    bus_is_free(dev);
}

static void begin(struct device *dev)
{
    struct i2c_state *s = dev->state;

    s->role = I2C_MASTER;
    s->phase = I2C_PHASE_START;
    s->next = I2C_NEXT_BIT;
    s->bit = I2C_BIT_NONE;
    s->involved = 1;
    i2c_first_byte(dev);
    event_in(dev, I2C_EVENT_CLOCK, high_ps(dev));
    i2c_drive_sda(dev, false);
}

/* --- edges --------------------------------------------------------------------------------- */
/** RM0351 39.4.16: somebody else pulls SDA low where this unit lets it be high. A master goes on as a slave would. */
static void lose_arbitration(struct device *dev)
{
    struct i2c_state *s = dev->state;
    bool address = s->role == I2C_MASTER && s->kind == I2C_BYTE_ADDRESS;
    uint8_t bit = s->bit, shift = s->shift;

    *i2c_isr(s) |= I2C_ISR_ARLO;
    *i2c_isr(s) &= ~(I2C_ISR_TXIS | I2C_ISR_TC | I2C_ISR_TCR);
    *i2c_cr2(s) &= ~(I2C_CR2_START | I2C_CR2_STOP);
    s->involved = 0;
    i2c_release(dev);
    if (address) { /* it may be our own address */
        s->role = I2C_LISTENER;
        s->bit = bit;
        s->shift = shift;
    }
}

static void sample(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->bit == I2C_BIT_ACK) {
        if (s->sending != 0)
            s->ack = s->sda == 0;
        return;
    }
    if (s->bit == I2C_BIT_NONE)
        return;
    s->shift = (uint8_t)(s->shift << 1 | s->sda);
    if (s->sending != 0 && s->sda_out != 0 && s->sda == 0)
        lose_arbitration(dev);
}

static void scl_rose(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->role == I2C_MASTER && s->phase == I2C_PHASE_RISE) {
        static const uint8_t phases[] = {I2C_PHASE_HIGH, I2C_PHASE_STOP, I2C_PHASE_SETUP};
        s->phase = phases[s->next];
        event_in(dev, I2C_EVENT_CLOCK, high_ps(dev));
        if (s->next != I2C_NEXT_BIT)
            return;
    }
    if (s->role != I2C_IDLE)
        sample(dev);
}

/** Another master may be faster: the low phase begins with the first of them (RM0351 39.4.9). */
static void scl_fell(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->role == I2C_IDLE)
        return;
    if (s->role == I2C_MASTER && (s->phase == I2C_PHASE_HIGH || s->phase == I2C_PHASE_START)) {
        s->phase = I2C_PHASE_LOW;
        event_in(dev, I2C_EVENT_CLOCK, low_ps(dev));
        i2c_drive_scl(dev, false);
    }
    s->bit++; /* I2C_BIT_NONE + 1 is 0 */
    if (s->bit == I2C_BIT_ACK) {
        i2c_before_ack(dev);
    } else if (s->bit > I2C_BIT_ACK) {
        s->bit = 0;
        i2c_after_ack(dev);
    }
    if (s->held == 0)
        present_later(dev);
}

void i2c_line_changed(struct device *dev, enum i2c_input line)
{
    struct i2c_state *s = dev->state;
    /* a line whose pin is in another function is seen high */
    uint8_t level = dev_input(dev, line) != PIN_LOW;
    uint8_t *seen = line == I2C_IN_SCL ? &s->scl : &s->sda;

    if (*seen == level)
        return;
    *seen = level;
    if (!i2c_is_awake(dev))
        return;
    if (line == I2C_IN_SCL && level != 0)
        scl_rose(dev);
    else if (line == I2C_IN_SCL)
        scl_fell(dev);
    else if (s->scl != 0 && level == 0)
        start_seen(dev);
    else if (s->scl != 0)
        stop_seen(dev);
    i2c_watch_timeout(dev);
    if (s->role == I2C_IDLE && (*i2c_cr2(s) & I2C_CR2_START) != 0)
        i2c_want_start(dev);
    i2c_update(dev);
}

/* --- events -------------------------------------------------------------------------------- */
static void clock_event(struct device *dev)
{
    struct i2c_state *s = dev->state;

    if (s->role != I2C_MASTER && s->phase != I2C_PHASE_FREE) { /* a slave's SDA is stable */
        if (s->held == 0)
            i2c_drive_scl(dev, true);
        return;
    }
    switch ((enum i2c_phase)s->phase) {
    case I2C_PHASE_FREE:
        s->phase = I2C_PHASE_NONE;
        if (s->role == I2C_IDLE && !i2c_is_set(s, I2C_ISR_BUSY) && s->scl != 0 && s->sda != 0)
            begin(dev);
        break;
    case I2C_PHASE_SETUP:
        begin(dev);
        break;
    case I2C_PHASE_START:
    case I2C_PHASE_HIGH:
        i2c_drive_scl(dev, false); /* scl_fell() does the rest */
        break;
    case I2C_PHASE_LOW:
        if (s->held != 0) {
            s->phase = I2C_PHASE_HELD;
            break;
        }
        s->phase = I2C_PHASE_RISE;
        i2c_drive_scl(dev, true);
        break;
    case I2C_PHASE_STOP:
        i2c_drive_sda(dev, true);
        break;
    case I2C_PHASE_NONE:
    case I2C_PHASE_HELD:
    case I2C_PHASE_RISE:
        break;
    }
}

/** RM0351 39.4.14: a master ends the transfer, a slave lets the lines go. */
static void timeout_event(struct device *dev)
{
    struct i2c_state *s = dev->state;

    *i2c_isr(s) |= I2C_ISR_TIMEOUT;
    if ((s->word[I2C_TIMEOUTR / 4u] & I2C_TIMEOUTR_TIDLE) != 0)
        return;
    if (s->role == I2C_MASTER)
        i2c_give_up(dev);
    else
        i2c_release(dev);
}

void i2c_watch_timeout(struct device *dev)
{
    const struct i2c_state *s = i2c_state(dev);
    uint32_t timeoutr = s->word[I2C_TIMEOUTR / 4u];
    bool idle = (timeoutr & I2C_TIMEOUTR_TIDLE) != 0;
    bool counts = idle ? s->scl != 0 && s->sda != 0 : s->scl == 0;

    if ((timeoutr & I2C_TIMEOUTR_TIMOUTEN) == 0 || !counts || !i2c_is_awake(dev))
        dev_event_cancel(dev, I2C_EVENT_TIMEOUT);
    else if (dev_event_due(dev, I2C_EVENT_TIMEOUT) == TIME_NEVER) /* RM0351 39.7.6 */
        event_in(dev, I2C_EVENT_TIMEOUT, clocks_ps(dev, (bits(timeoutr, 0, 11) + 1ull) * (idle ? 4u : 2048u)));
}

void i2c_line_event(struct device *dev, enum i2c_event event)
{
    if (event == I2C_EVENT_CLOCK)
        clock_event(dev);
    else if (event == I2C_EVENT_DATA)
        present(dev);
    else
        timeout_event(dev);
    i2c_update(dev);
}
