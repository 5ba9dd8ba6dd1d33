/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * GPIO port of the STM32L4/L0 (RM0351 chapter 8).
 *
 * Modelled: modes, open drain, pulls, IDR from the driven or pulled pin, ODR/BSRR/BRR, the lock
 * sequence, alternate-function selection, OBS_PIN for pins that the port or a peripheral drives, nets of
 * jumper wires.
 *
 * Voltages: a pin that the chip drives carries 0 V or VDDA (3.3 V); else what the outside drives, a level or a voltage;
 * else, in analog mode, what a DAC or an amplifier puts on it (OBS_VOLTAGE); else VDDA through a pull-up; else 0 V.
 * The ADC sees a pin only while its switch is closed (ASCR, RM0351 8.4.12). Not confirmed: a converter's output
 * reaches the pin in analog mode only.
 *
 * Not modelled: output speed is stored only; analog pins read 0; peripherals in other alternate
 * functions than 1 to 7, 12 and 14 do not drive their pins.
 *
 * Wires, N being a pin: inN what the outside drives; outN what the port drives (enum pin_level);
 * afN the pin's alternate function (AF_WIRE); levelN 0 or 1, what IDR shows. For the functions of
 * timers, serial interfaces and comparators, F being 1 to 7, 12 or 14: afFoutN what the peripheral drives while the pin
 * is in function F, afFinN the pin's level for the peripheral, PIN_RELEASED while the pin is in another function. So
 * the inputs of a channel that has several pins can share one wire. padN is 1 while the outside drives the pin high,
 * whatever the port does with it: for wake-up and tamper pins. netN out is what the pin puts on a net of jumper wires,
 * netN in what the net's other pins put there (enum net_level). analogN is the pin's voltage with ANALOG_TO_ADC, anaN
 * what analog peripherals drive (PIN_VOLTAGE; 0: nothing).
 *
 * A synchronous frame (sync_start() and the like) passes from afFoutN to outN and netN, and from inN and netN
 * to afFinN; for IDR the pin keeps the level it had before.
 */
#include "stm32_gpio.h"

#include "model.h"

#define GPIO_MODER   0x00u
#define GPIO_OTYPER  0x04u
#define GPIO_OSPEEDR 0x08u
#define GPIO_PUPDR   0x0cu
#define GPIO_IDR     0x10u
#define GPIO_ODR     0x14u
#define GPIO_BSRR    0x18u
#define GPIO_LCKR    0x1cu
#define GPIO_AFRL    0x20u
#define GPIO_AFRH    0x24u
#define GPIO_BRR     0x28u
#define GPIO_ASCR    0x2cu
#define GPIO_WORDS   12u
#define GPIO_PINS    16u

#define GPIO_LCKR_LCKK 0x00010000u

enum gpio_mode {
    GPIO_MODE_INPUT,
    GPIO_MODE_OUTPUT,
    GPIO_MODE_ALTERNATE,
    GPIO_MODE_ANALOG,
};

#define GPIO_IN_PIN0    2u /* behind "clk" and "rst" */
#define GPIO_IN_AFOUT   18u
#define GPIO_OUT_PIN0   0u
#define GPIO_OUT_AF0    16u
#define GPIO_OUT_LEVEL0 32u
#define GPIO_OUT_AFIN   48u
/* behind these: */
#define GPIO_IN_NET0     (GPIO_IN_AFOUT + GPIO_FUNCTIONS * GPIO_PINS)
#define GPIO_OUT_PAD0    (GPIO_OUT_AFIN + GPIO_FUNCTIONS * GPIO_PINS)
#define GPIO_OUT_NET0    (GPIO_OUT_PAD0 + GPIO_PINS)
#define GPIO_IN_ANA0     (GPIO_IN_NET0 + GPIO_PINS)
#define GPIO_OUT_ANALOG0 (GPIO_OUT_NET0 + GPIO_PINS)

/* Functions with wires of their own, in the order of these: DS10198 tables 17 and 18, timers, I2C, SPI, USART,
 * comparators. */
static const uint8_t wired_functions[] = {1, 2, 3, 14, 4, 5, 6, 7, 12};
#define GPIO_FUNCTIONS 9u
_Static_assert(ARRAY_LENGTH(wired_functions) == GPIO_FUNCTIONS, "functions with wires");

/* What a pin is told to drive, besides enum pin_level and enum net_level: a synchronous frame. */
#define GPIO_DRIVES_FRAME 7u

/* RM0351 8.4. MODER, OSPEEDR and PUPDR reset to what the port's parameters say: most ports to the
 * values here. */
static const struct reg_desc gpio_regs[] = {
    {GPIO_MODER, "MODER", 0xffffffffu, 0xffffffffu, 0, 0, 0},
    {GPIO_OTYPER, "OTYPER", 0, 0x0000ffffu, 0, 0, 0},
    {GPIO_OSPEEDR, "OSPEEDR", 0, 0xffffffffu, 0, 0, 0},
    {GPIO_PUPDR, "PUPDR", 0, 0xffffffffu, 0, 0, 0},
    {GPIO_IDR, "IDR", 0, 0, 0, 0, 0x0000ffffu},
    {GPIO_ODR, "ODR", 0, 0x0000ffffu, 0, 0, 0},
    {GPIO_BSRR, "BSRR", 0, 0, 0, 0, 0},
    {GPIO_LCKR, "LCKR", 0, 0x0001ffffu, 0, 0, 0},
    {GPIO_AFRL, "AFRL", 0, 0xffffffffu, 0, 0, 0},
    {GPIO_AFRH, "AFRH", 0, 0xffffffffu, 0, 0, 0},
    {GPIO_BRR, "BRR", 0, 0, 0, 0, 0},
    {GPIO_ASCR, "ASCR", 0, 0x0000ffffu, 0, 0, 0},
};

#define PINS(prefix)                                                                                                   \
    prefix "0", prefix "1", prefix "2", prefix "3", prefix "4", prefix "5", prefix "6", prefix "7", prefix "8",        \
        prefix "9", prefix "10", prefix "11", prefix "12", prefix "13", prefix "14", prefix "15"

static const char *const gpio_inputs[] = {
    "clk",          "rst",           PINS("in"),     PINS("af1out"), PINS("af2out"),
    PINS("af3out"), PINS("af14out"), PINS("af4out"), PINS("af5out"), PINS("af6out"),
    PINS("af7out"), PINS("af12out"), PINS("net"),    PINS("ana"),    NULL};
static const char *const gpio_outputs[] = {PINS("out"),   PINS("af"),    PINS("level"),  PINS("af1in"),
                                           PINS("af2in"), PINS("af3in"), PINS("af14in"), PINS("af4in"),
                                           PINS("af5in"), PINS("af6in"), PINS("af7in"),  PINS("af12in"),
                                           PINS("pad"),   PINS("net"),   PINS("analog"), NULL};
_Static_assert(ARRAY_LENGTH(gpio_inputs) == GPIO_IN_ANA0 + GPIO_PINS + 1u, "inputs of a port");
_Static_assert(ARRAY_LENGTH(gpio_outputs) == GPIO_OUT_ANALOG0 + GPIO_PINS + 1u, "outputs of a port");

struct gpio_state {
    uint32_t word[GPIO_WORDS];
    uint32_t lock_step;          /* writes of the lock sequence seen, 0-2; 3: its read is due */
    uint32_t lock_pins;          /* LCK bits of the sequence */
    uint32_t seen_levels;        /* last level of each pin told by OBS_PIN; 0 after reset */
    uint32_t levels;             /* as driven on the wires, to drive only what changed */
    uint32_t framed;             /* pins whose afFinN carries a frame */
    uint32_t told_uv[GPIO_PINS]; /* last voltage told by OBS_VOLTAGE */
    uint32_t reserved;
    uint64_t analog[GPIO_PINS]; /* as driven on the wires */
    uint8_t out[GPIO_PINS];
    uint8_t net[GPIO_PINS]; /* enum net_level, as driven */
    uint8_t af[GPIO_PINS];
    uint8_t selected[GPIO_PINS]; /* index in wired_functions of the pin's function, or GPIO_FUNCTIONS */
};
_Static_assert(sizeof(struct gpio_state) == 328, "state of a GPIO port");

static uint32_t pin_mode(const struct gpio_state *s, uint32_t pin)
{
    return bits(s->word[GPIO_MODER / 4u], 2u * pin, 2u * pin + 1u);
}

static uint32_t pin_function(const struct gpio_state *s, uint32_t pin)
{
    return bits(s->word[GPIO_AFRL / 4u + pin / 8u], pin % 8u * 4u, pin % 8u * 4u + 3u);
}

/** Index in wired_functions of what a pin is switched to, or GPIO_FUNCTIONS. */
static uint32_t selected_function(const struct gpio_state *s, uint32_t pin)
{
    uint32_t i = 0;
    if (pin_mode(s, pin) != GPIO_MODE_ALTERNATE)
        return GPIO_FUNCTIONS;
    while (i < GPIO_FUNCTIONS && wired_functions[i] != pin_function(s, pin))
        i++;
    return i;
}

/** What a peripheral drives on a pin, if the pin is in its function. */
static uint64_t function_drives(const struct device *dev, uint32_t pin)
{
    uint32_t function = selected_function(dev->state, pin);
    return function < GPIO_FUNCTIONS ? dev_input(dev, GPIO_IN_AFOUT + function * GPIO_PINS + pin) : PIN_RELEASED;
}

/** What the chip drives on a pin, itself or through a peripheral: an open-drain one is released. */
static uint32_t driven_level(const struct device *dev, uint32_t pin)
{
    const struct gpio_state *s = dev->state;
    uint32_t mode = pin_mode(s, pin);
    bool high;

    if (mode == GPIO_MODE_OUTPUT) {
        high = bits(s->word[GPIO_ODR / 4u], pin, pin) != 0;
    } else {
        uint64_t wire = function_drives(dev, pin);
        if (sync_is_frame(wire))
            return GPIO_DRIVES_FRAME;
        if (!pin_is_driven(wire))
            return PIN_RELEASED;
        high = pin_is_high(wire);
    }
    if (!high)
        return PIN_LOW;
    return bits(s->word[GPIO_OTYPER / 4u], pin, pin) != 0 ? PIN_RELEASED : PIN_HIGH;
}

/** What somebody outside drives, on a net. */
static enum net_level net_outside(uint64_t wire)
{
    if (!pin_is_driven(wire))
        return NET_FLOATING;
    return pin_is_high(wire) ? NET_OUTSIDE_HIGH : NET_OUTSIDE_LOW;
}

/** What the pin puts on the net it may be on: whatever it sees there. */
static uint32_t own_level(const struct device *dev, uint32_t pin)
{
    const struct gpio_state *s = dev->state;
    uint32_t driven = driven_level(dev, pin);
    uint32_t pull = bits(s->word[GPIO_PUPDR / 4u], 2u * pin, 2u * pin + 1u);
    enum net_level outside = net_outside(dev_input(dev, GPIO_IN_PIN0 + pin));

    if (driven == GPIO_DRIVES_FRAME)
        return driven;
    if (driven != PIN_RELEASED)
        return driven == PIN_HIGH ? NET_HIGH : NET_LOW;
    if (outside != NET_FLOATING || pin_mode(s, pin) == GPIO_MODE_ANALOG) /* RM0351 8.3.12: no pulls */
        return outside;
    return pull == 1u ? NET_PULLED_UP : pull == 2u ? NET_PULLED_DOWN : NET_FLOATING;
}

static enum net_level net_level(const struct device *dev, uint32_t pin)
{
    uint64_t wire = dev_input(dev, GPIO_IN_NET0 + pin);
    return sync_is_frame(wire) ? NET_FLOATING : (enum net_level)wire;
}

/** A synchronous frame that comes from outside or over a wire; else PIN_RELEASED. */
static uint64_t incoming_frame(const struct device *dev, uint32_t pin)
{
    uint64_t outside = dev_input(dev, GPIO_IN_PIN0 + pin), wire = dev_input(dev, GPIO_IN_NET0 + pin);
    return sync_is_frame(outside) ? outside : sync_is_frame(wire) ? wire : PIN_RELEASED;
}

/** Level of the pin as its input stage sees it. */
static uint32_t pin_value(const struct device *dev, uint32_t pin)
{
    const struct gpio_state *s = dev->state;
    uint32_t driven = driven_level(dev, pin);

    if (pin_mode(s, pin) == GPIO_MODE_ANALOG)
        return 0; /* RM0351 8.3.12: the Schmitt trigger is off */
    if (driven == GPIO_DRIVES_FRAME || (driven == PIN_RELEASED && incoming_frame(dev, pin) != PIN_RELEASED))
        return bits(s->levels, pin, pin);
    return net_is_high(net_join((enum net_level)own_level(dev, pin), net_level(dev, pin)));
}

/** For wake-up and tamper pins: the level from outside, by a wire too. */
static void drive_pad(struct device *dev, uint32_t pin)
{
    enum net_level outside = net_outside(dev_input(dev, GPIO_IN_PIN0 + pin));
    dev_output(dev, GPIO_OUT_PAD0 + pin, net_is_high(net_join(outside, net_level(dev, pin))));
}

/** The pin's voltage, and whether the ADC is connected to it. */
static uint64_t pin_analog(const struct device *dev, uint32_t pin)
{
    const struct gpio_state *s = dev->state;
    const struct stm32_gpio_params *params = dev->params;
    bool analog = pin_mode(s, pin) == GPIO_MODE_ANALOG;
    uint64_t wire = driven_level(dev, pin);

    if (!pin_is_driven(wire))
        wire = dev_input(dev, GPIO_IN_PIN0 + pin);
    if (!pin_is_driven(wire) && net_level(dev, pin) != NET_FLOATING)
        wire = net_is_high(net_level(dev, pin)) ? PIN_HIGH : PIN_LOW;
    if (!pin_is_driven(wire) && analog)
        wire = dev_input(dev, GPIO_IN_ANA0 + pin);
    if (!pin_is_driven(wire) && !analog && bits(s->word[GPIO_PUPDR / 4u], 2u * pin, 2u * pin + 1u) == 1u)
        wire = PIN_HIGH;
    bool closed = analog && (params->has_ascr == 0 || bits(s->word[GPIO_ASCR / 4u], pin, pin) != 0);
    return pin_microvolts(wire) | (closed ? ANALOG_TO_ADC : 0);
}

static uint32_t read_idr(const struct device *dev)
{
    const struct stm32_gpio_params *params = dev->params;
    uint32_t value = 0;
    for (uint32_t pin = 0; pin < GPIO_PINS; pin++)
        value |= pin_value(dev, pin) << pin;
    return value & params->pins;
}

/** What the input of the peripheral in one of the wired functions sees. */
static uint64_t function_level(const struct device *dev, uint32_t function, uint32_t pin)
{
    const struct gpio_state *s = dev->state;
    if (s->selected[pin] != function)
        return PIN_RELEASED;
    if (bits(s->framed, pin, pin) != 0)
        return incoming_frame(dev, pin);
    return bits(s->levels, pin, pin) != 0 ? PIN_HIGH : PIN_LOW;
}

static void tell_pin(struct device *dev, uint32_t pin)
{
    struct gpio_state *s = dev->state;
    const struct stm32_gpio_params *params = dev->params;

    if (pin_mode(s, pin) != GPIO_MODE_OUTPUT && !pin_is_driven(function_drives(dev, pin)))
        return;
    uint32_t level = pin_value(dev, pin);
    if (level == bits(s->seen_levels, pin, pin))
        return;
    s->seen_levels ^= 1u << pin;
    dev_observe(dev, OBS_PIN, params->port * GPIO_PINS + pin, level, 0, NULL);
}

static void drive_analog(struct device *dev, uint32_t pin, bool force)
{
    struct gpio_state *s = dev->state;
    const struct stm32_gpio_params *params = dev->params;
    uint64_t analog = pin_analog(dev, pin);
    bool driven = pin_mode(s, pin) == GPIO_MODE_ANALOG && pin_is_driven(dev_input(dev, GPIO_IN_ANA0 + pin));

    if (driven && (uint32_t)analog != s->told_uv[pin]) {
        s->told_uv[pin] = (uint32_t)analog;
        dev_observe(dev, OBS_VOLTAGE, params->port * GPIO_PINS + pin, (uint32_t)analog, 0, NULL);
    }
    if (!force && analog == s->analog[pin])
        return;
    s->analog[pin] = analog;
    dev_output(dev, GPIO_OUT_ANALOG0 + pin, analog);
}

/**
 * Drives the wires of one pin that changed, all if `force`. Whoever listens may drive the pin in
 * turn and come back here: so the state is brought up to date first, and is what is driven.
 */
static void drive_pin(struct device *dev, uint32_t pin, bool force)
{
    struct gpio_state *s = dev->state;
    uint8_t out = (uint8_t)driven_level(dev, pin);
    uint8_t af =
        (uint8_t)(pin_mode(s, pin) == GPIO_MODE_ALTERNATE ? AF_WIRE(pin_function(s, pin)) : (uint32_t)AF_WIRE_NONE);
    uint8_t net = (uint8_t)own_level(dev, pin);
    uint8_t before = s->selected[pin];
    uint8_t selected = (uint8_t)selected_function(s, pin);
    uint32_t level = pin_value(dev, pin);
    uint32_t framed = out == PIN_RELEASED && incoming_frame(dev, pin) != PIN_RELEASED;
    bool new_out = force || out != s->out[pin];
    bool new_af = force || af != s->af[pin];
    bool new_level = force || level != bits(s->levels, pin, pin);
    bool new_input = new_level || framed != bits(s->framed, pin, pin);
    bool new_function = force || selected != before;
    bool new_net = force || net != s->net[pin];

    s->framed = (s->framed & ~(1u << pin)) | framed << pin;
    s->out[pin] = out;
    s->af[pin] = af;
    s->net[pin] = net;
    s->selected[pin] = selected;
    s->levels = (s->levels & ~(1u << pin)) | level << pin;
    tell_pin(dev, pin);
    if (new_out)
        dev_output(dev, GPIO_OUT_PIN0 + pin,
                   s->out[pin] == GPIO_DRIVES_FRAME ? function_drives(dev, pin) : s->out[pin]);
    if (new_af)
        dev_output(dev, GPIO_OUT_AF0 + pin, s->af[pin]);
    if (new_level)
        dev_output(dev, GPIO_OUT_LEVEL0 + pin, bits(s->levels, pin, pin));
    for (uint32_t i = 0; i < GPIO_FUNCTIONS; i++) {
        bool mine = i == selected || (new_function && i == before);
        if (force || (mine && (new_input || new_function)))
            dev_output(dev, GPIO_OUT_AFIN + i * GPIO_PINS + pin, function_level(dev, i, pin));
    }
    drive_analog(dev, pin, force);
    if (new_net) /* last: who is on the pin sees its level before the others of the net answer */
        dev_output(dev, GPIO_OUT_NET0 + pin,
                   s->net[pin] == GPIO_DRIVES_FRAME ? function_drives(dev, pin) : s->net[pin]);
}

static void drive(struct device *dev, uint32_t pins, bool force)
{
    const struct stm32_gpio_params *params = dev->params;

    for (uint32_t pin = 0; pin < GPIO_PINS; pin++)
        if ((params->pins & pins & 1u << pin) != 0)
            drive_pin(dev, pin, force);
}

static void gpio_reset(struct device *dev, enum reset_kind kind)
{
    struct gpio_state *s = dev->state;
    const struct stm32_gpio_params *params = dev->params;
    (void)kind;

    model_reset_words(dev, s->word);
    s->word[GPIO_MODER / 4u] = params->moder;
    s->word[GPIO_OSPEEDR / 4u] = params->ospeedr;
    s->word[GPIO_PUPDR / 4u] = params->pupdr;
    s->lock_step = 0;
    s->lock_pins = 0;
    s->seen_levels = 0;
    for (uint32_t pin = 0; pin < GPIO_PINS; pin++)
        s->told_uv[pin] = 0;
    drive(dev, UINT32_MAX, true);
    for (uint32_t pin = 0; pin < GPIO_PINS; pin++)
        drive_pad(dev, pin);
}

static uint32_t gpio_read(struct device *dev, uint32_t offset, unsigned size)
{
    struct gpio_state *s = dev->state;
    const struct stm32_gpio_params *params = dev->params;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL || (reg->offset == GPIO_ASCR && params->has_ascr == 0))
        return 0;
    if (reg->offset == GPIO_IDR)
        return reg_lane_read(read_idr(dev), offset, size);
    if (reg->offset == GPIO_LCKR && s->lock_step == 3u) {
        s->lock_step = 0;
        s->word[GPIO_LCKR / 4u] = s->lock_pins | GPIO_LCKR_LCKK;
    }
    return reg_lane_read(s->word[offset / 4u], offset, size);
}

/** RM0351 8.4.8: LCKK = 1, 0, 1 with the same LCK bits, each a word write, then a read. */
static void write_lckr(struct gpio_state *s, unsigned size, uint32_t value)
{
    uint32_t key = value & GPIO_LCKR_LCKK;
    uint32_t pins = value & 0xffffu;

    if ((s->word[GPIO_LCKR / 4u] & GPIO_LCKR_LCKK) != 0)
        return; /* until the next reset */
    bool expected = size == 4u && (s->lock_step == 0 || pins == s->lock_pins) && (s->lock_step == 1u) == (key == 0) &&
                    s->lock_step < 3u;
    if (expected) {
        s->lock_pins = pins;
        s->lock_step++;
    } else {
        s->lock_step = size == 4u && key != 0 ? 1u : 0u;
        s->lock_pins = pins;
    }
    s->word[GPIO_LCKR / 4u] = pins;
}

/** The bits of a register that belong to these pins. */
static uint32_t pin_bits(uint32_t offset, uint32_t pins)
{
    uint32_t first_pin = offset == GPIO_AFRH ? 8u : 0;
    uint32_t width;
    uint32_t mask = 0;

    switch (offset) {
    case GPIO_MODER:
    case GPIO_OSPEEDR:
    case GPIO_PUPDR:
        width = 2u;
        break;
    case GPIO_AFRL:
    case GPIO_AFRH:
        width = 4u;
        break;
    default:
        return pins;
    }
    for (uint32_t i = 0; i < 32u / width && first_pin + i < GPIO_PINS; i++)
        if ((pins & 1u << (first_pin + i)) != 0)
            mask |= ((1u << width) - 1u) << (i * width);
    return mask;
}

/** Bits of a configuration register that the lock freezes. */
static uint32_t frozen(const struct gpio_state *s, uint32_t offset)
{
    uint32_t lckr = s->word[GPIO_LCKR / 4u];

    if ((lckr & GPIO_LCKR_LCKK) == 0 || offset == GPIO_ODR || offset == GPIO_ASCR)
        return 0;
    return pin_bits(offset, lckr & 0xffffu);
}

static void gpio_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct gpio_state *s = dev->state;
    const struct stm32_gpio_params *params = dev->params;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL || (reg->offset == GPIO_ASCR && params->has_ascr == 0))
        return;
    uint32_t word = reg_lane_merge(0, offset, size, value);
    uint32_t *odr = &s->word[GPIO_ODR / 4u];
    uint32_t lanes = reg_lane_mask(offset, size);
    uint32_t old_odr = *odr;
    uint32_t pins = UINT32_MAX;

    switch (reg->offset) {
    case GPIO_IDR:
        return;
    case GPIO_BSRR:
        /* RM0351 8.4.7: BS wins over BR. */
        *odr = (*odr & ~(word >> 16)) | (word & params->pins);
        pins = *odr ^ old_odr;
        break;
    case GPIO_BRR:
        *odr &= ~(word & 0xffffu);
        pins = *odr ^ old_odr;
        break;
    case GPIO_LCKR:
        write_lckr(s, size, word & (params->pins | GPIO_LCKR_LCKK));
        return;
    default:
        if (reg->offset != GPIO_LCKR)
            s->lock_step = 0;
        lanes &= pin_bits(reg->offset, params->pins) & ~frozen(s, reg->offset);
        s->word[offset / 4u] = reg_written(reg, s->word[offset / 4u], word, lanes);
        break;
    }
    drive(dev, pins, false);
}

/** A frame is an event of its own, even if it equals the one before. */
static void pass_frame(struct device *dev, uint32_t input, uint32_t pin, uint64_t frame)
{
    struct gpio_state *s = dev->state;
    bool from_outside = input < GPIO_IN_AFOUT || input >= GPIO_IN_NET0;
    uint32_t function = selected_function(s, pin);

    if (function == GPIO_FUNCTIONS)
        return;
    if (from_outside && driven_level(dev, pin) == PIN_RELEASED) {
        s->framed |= 1u << pin;
        dev_pulse(dev, GPIO_OUT_AFIN + function * GPIO_PINS + pin, frame);
    } else if (input == GPIO_IN_AFOUT + function * GPIO_PINS + pin) {
        s->out[pin] = GPIO_DRIVES_FRAME;
        s->net[pin] = GPIO_DRIVES_FRAME;
        dev_pulse(dev, GPIO_OUT_PIN0 + pin, frame);
        dev_pulse(dev, GPIO_OUT_NET0 + pin, frame);
    }
}

static void gpio_on_input(struct device *dev, uint32_t input, uint64_t value)
{
    if (input < GPIO_IN_PIN0)
        return;
    uint32_t pin = (input - GPIO_IN_PIN0) % GPIO_PINS; /* each kind of input has one for each pin */
    if (sync_is_frame(value)) {
        pass_frame(dev, input, pin, value);
        return;
    }
    if (input >= GPIO_IN_ANA0) {
        drive_analog(dev, pin, false);
        return;
    }
    if (input < GPIO_IN_AFOUT || input >= GPIO_IN_NET0)
        drive_pad(dev, pin);
    /* A released open-drain output follows what others drive. */
    drive(dev, 1u << pin, false);
}

const struct device_model stm32_gpio_model = {
    .name = "stm32_gpio",
    .state_size = sizeof(struct gpio_state),
    .regs = gpio_regs,
    .reg_count = ARRAY_LENGTH(gpio_regs),
    .inputs = gpio_inputs,
    .outputs = gpio_outputs,
    .reset = gpio_reset,
    .read = gpio_read,
    .write = gpio_write,
    .on_input = gpio_on_input,
};
