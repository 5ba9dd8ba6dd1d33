/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Registers of the system control space: NVIC, system control block, FPU control. ARM DDI 0403E B3.2 to B3.5.
 */
#include "exception_bits.h"

#include <string.h>

/* Offsets from 0xe000e000 */
#define ICTR      0x004u
#define ACTLR     0x008u
#define ISER      0x100u
#define ICER      0x180u
#define ISPR      0x200u
#define ICPR      0x280u
#define IABR      0x300u
#define IPR       0x400u
#define IPR_END   0x4f0u
#define CPUID     0xd00u
#define ICSR      0xd04u
#define VTOR      0xd08u
#define AIRCR     0xd0cu
#define SCR       0xd10u
#define CCR       0xd14u
#define SHPR1     0xd18u
#define SHPR3_END 0xd24u
#define SHCSR     0xd24u
#define CFSR      0xd28u
#define HFSR      0xd2cu
#define DFSR      0xd30u
#define MMFAR     0xd34u
#define BFAR      0xd38u
#define AFSR      0xd3cu
#define ID_PFR0   0xd40u
#define ID_END    0xd74u
#define CPACR     0xd88u
#define DHCSR     0xdf0u
#define DEMCR     0xdfcu
#define STIR      0xf00u
#define FPCCR     0xf34u
#define FPCAR     0xf38u
#define FPDSCR    0xf3cu
#define MVFR0     0xf40u
#define MVFR1     0xf44u

#define AIRCR_KEY           0x05fau
#define AIRCR_KEY_READ      0xfa05u
#define AIRCR_SYSRESETREQ   (1u << 2)
#define CPUID_CORTEX_M4     0x410fc241u /* r0p1: DDI 0439B 4.2 */
#define CPUID_CORTEX_M0PLUS 0x410cc601u

#define ACTLR_WRITABLE  0x00000307u /* of the Cortex-M4: DDI 0439B 4.2; without effect here */
#define CCR_WRITABLE    0x0000031bu
#define SHCSR_ENABLES   0x00070000u
#define ICSR_NMIPENDSET (1u << 31)
#define ICSR_PENDSVSET  (1u << 28)
#define ICSR_PENDSVCLR  (1u << 27)
#define ICSR_PENDSTSET  (1u << 26)
#define ICSR_PENDSTCLR  (1u << 25)

/** Something of the core that is not modelled: never silent. */
void exception_gap(struct exception_unit *unit, uint32_t offset, bool write, uint32_t value, const char *text)
{
    struct obs obs = {
        .kind = OBS_GAP, .device = OBS_NO_DEVICE, .a = BUS_CORE_BASE + offset, .b = write, .c = value, .text = text};
    unit->host.observe(unit->host.context, &obs);
}

/* --- NVIC: B3.4 -------------------------------------------------------------------------------------------------- */

/** The bits of a 32-interrupt register that exist on this chip. */
static uint32_t implemented_irqs(const struct exception_unit *unit, uint32_t index)
{
    uint32_t count = unit->chip->irq_count;
    if (index * 32u >= count)
        return 0;
    uint32_t left = count - index * 32u;
    return left >= 32u ? UINT32_MAX : (1u << left) - 1u;
}

/** Exceptions 16+32*index.. in a bit array that starts with exception 0. */
static uint32_t irq_word(const uint32_t *words, uint32_t index)
{
    return words[index] >> 16 | (index + 1u < EXCEPTION_MAX / 32u ? words[index + 1u] << 16 : 0);
}

static void change_irq_word(uint32_t *words, uint32_t index, uint32_t mask, bool set)
{
    uint32_t low = mask << 16, high = mask >> 16;
    words[index] = set ? words[index] | low : words[index] & ~low;
    if (index + 1u < EXCEPTION_MAX / 32u)
        words[index + 1u] = set ? words[index + 1u] | high : words[index + 1u] & ~high;
}

static uint32_t read_nvic(struct exception_unit *unit, uint32_t offset)
{
    uint32_t index = (offset & 0x7fu) / 4u;
    if (index >= EXCEPTION_MAX / 32u)
        return 0;
    if (offset < ISPR)
        return irq_word(unit->state.enabled, index);
    if (offset < IABR)
        return irq_word(unit->state.pending, index);
    return irq_word(unit->state.active, index);
}

static void write_nvic(struct exception_unit *unit, uint32_t offset, uint32_t value)
{
    struct exception_state *state = &unit->state;
    uint32_t index = (offset & 0x7fu) / 4u;
    if (index >= EXCEPTION_MAX / 32u)
        return;
    value &= implemented_irqs(unit, index);
    if (offset < ICER) {
        change_irq_word(state->enabled, index, value, true);
    } else if (offset < ISPR) {
        change_irq_word(state->enabled, index, value, false);
    } else if (offset < ICPR) {
        for (uint32_t left = value; left; left &= left - 1u)
            exception_pend(unit, EXC_IRQ0 + index * 32u + (uint32_t)__builtin_ctz(left));
    } else if (offset < IABR) { /* a line that is still high pends again at once */
        change_irq_word(state->pending, index, value & ~irq_word(state->level, index), false);
    }
    unit->host.changed(unit->host.context);
}

static uint8_t implemented_priority(const struct exception_unit *unit, uint32_t value)
{
    return (uint8_t)(value & (0xff00u >> unit->chip->priority_bits) & 0xffu);
}

/** Priority registers are byte-accessible: IPR and SHPR alike, through the exception number of their first byte. */
static uint32_t read_priorities(const struct exception_unit *unit, uint32_t first, unsigned size)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        if (first + i < EXC_IRQ0 + unit->chip->irq_count)
            value |= (uint32_t)unit->state.priority[first + i] << (8u * i);
    return value;
}

static void write_priorities(struct exception_unit *unit, uint32_t first, unsigned size, uint32_t value)
{
    static const uint32_t fixed = 1u << 7 | 1u << 8 | 1u << 9 | 1u << 10 | 1u << 13; /* reserved handlers */
    for (unsigned i = 0; i < size; i++) {
        uint32_t number = first + i;
        if (number >= EXC_IRQ0 + unit->chip->irq_count || (number < 32u && fixed >> number & 1u))
            continue;
        unit->state.priority[number] = implemented_priority(unit, value >> (8u * i));
    }
    unit->host.changed(unit->host.context);
}

/* --- system control block: B3.2 ---------------------------------------------------------------------------------- */

static uint32_t read_icsr(const struct exception_unit *unit)
{
    const struct exception_state *state = &unit->state;
    uint32_t active = cpu_get(unit->cpu, CPU_XPSR) & XPSR_IPSR;
    uint32_t value = active;
    uint32_t others = 0;
    for (uint32_t n = 1; n < EXCEPTION_MAX; n++) {
        others += n != active && get_bit(state->active, n);
        if (n >= EXC_IRQ0 && get_bit(state->pending, n))
            value |= 1u << 22; /* ISRPENDING */
    }
    if (others == 0)
        value |= 1u << 11;                          /* RETTOBASE */
    value |= exception_highest_pending(unit) << 12; /* VECTPENDING */
    value |= get_bit(state->pending, EXC_SYSTICK) ? ICSR_PENDSTSET : 0;
    value |= get_bit(state->pending, EXC_PENDSV) ? ICSR_PENDSVSET : 0;
    value |= get_bit(state->pending, EXC_NMI) ? ICSR_NMIPENDSET : 0;
    return value;
}

static void write_icsr(struct exception_unit *unit, uint32_t value)
{
    if (value & ICSR_NMIPENDSET)
        exception_pend(unit, EXC_NMI);
    if (value & ICSR_PENDSVSET)
        exception_pend(unit, EXC_PENDSV);
    else if (value & ICSR_PENDSVCLR)
        put_bit(unit->state.pending, EXC_PENDSV, false);
    if (value & ICSR_PENDSTSET)
        exception_pend(unit, EXC_SYSTICK);
    else if (value & ICSR_PENDSTCLR)
        put_bit(unit->state.pending, EXC_SYSTICK, false);
    unit->host.changed(unit->host.context);
}

static void write_aircr(struct exception_unit *unit, uint32_t value)
{
    if (value >> 16 != AIRCR_KEY)
        return;
    unit->state.aircr_prigroup = bits(value, 8, 10);
    if (value & AIRCR_SYSRESETREQ)
        unit->host.request_system_reset(unit->host.context);
    unit->host.changed(unit->host.context);
}

/* SHCSR: bit of each system handler's active, pending and enable flags (B3.2.13) */
static const struct {
    uint8_t bit, number;
    bool pending;
} shcsr_bits[] = {
    {0, EXC_MEM_MANAGE, false},    {1, EXC_BUS_FAULT, false}, {3, EXC_USAGE_FAULT, false}, {7, EXC_SVCALL, false},
    {8, EXC_DEBUG_MONITOR, false}, {10, EXC_PENDSV, false},   {11, EXC_SYSTICK, false},    {12, EXC_USAGE_FAULT, true},
    {13, EXC_MEM_MANAGE, true},    {14, EXC_BUS_FAULT, true}, {15, EXC_SVCALL, true},
};

static uint32_t read_shcsr(const struct exception_unit *unit)
{
    uint32_t value = unit->state.shcsr & SHCSR_ENABLES;
    for (size_t i = 0; i < ARRAY_LENGTH(shcsr_bits); i++) {
        const uint32_t *words = shcsr_bits[i].pending ? unit->state.pending : unit->state.active;
        value |= (uint32_t)get_bit(words, shcsr_bits[i].number) << shcsr_bits[i].bit;
    }
    return value;
}

static void write_shcsr(struct exception_unit *unit, uint32_t value)
{
    unit->state.shcsr = value & SHCSR_ENABLES;
    for (size_t i = 0; i < ARRAY_LENGTH(shcsr_bits); i++) {
        uint32_t *words = shcsr_bits[i].pending ? unit->state.pending : unit->state.active;
        uint32_t mask = 1u << shcsr_bits[i].number;
        words[0] = value >> shcsr_bits[i].bit & 1u ? words[0] | mask : words[0] & ~mask;
    }
    unit->host.changed(unit->host.context);
}

void exception_apply_traps(struct exception_unit *unit)
{
    bool fpu = unit->chip->cpu == CPU_CORTEX_M4F && bits(unit->state.cpacr, 20, 23) != 0;
    cpu_set_traps(unit->cpu, fpu, unit->state.ccr & CCR_DIV_0_TRP);
}

/* Feature registers of the Cortex-M4 from ID_PFR0 on: DDI 0439B 4.1 */
static const uint32_t id_registers[] = {0x00000030u, 0x00000200u, 0x00100000u, 0x00000000u, 0x00000030u,
                                        0x00000000u, 0x00000000u, 0x00000000u, 0x01101110u, 0x02112000u,
                                        0x21232231u, 0x01111131u, 0x01310132u};

static bool read_scb(struct exception_unit *unit, uint32_t offset, uint32_t *value)
{
    const struct exception_state *state = &unit->state;
    if (offset >= ID_PFR0 && offset < ID_END) {
        *value = id_registers[(offset - ID_PFR0) / 4u];
        return true;
    }
    switch (offset) {
    case ICTR:
        *value = (unit->chip->irq_count - 1u) / 32u;
        return true;
    case ACTLR:
        *value = state->actlr;
        return true;
    case CPUID:
        *value = unit->chip->cpu == CPU_CORTEX_M4F ? CPUID_CORTEX_M4 : CPUID_CORTEX_M0PLUS;
        return true;
    case ICSR:
        *value = read_icsr(unit);
        return true;
    case VTOR:
        *value = state->vtor;
        return true;
    case AIRCR:
        *value = AIRCR_KEY_READ << 16 | state->aircr_prigroup << 8;
        return true;
    case SCR:
        *value = state->scr;
        return true;
    case CCR:
        *value = state->ccr;
        return true;
    case SHCSR:
        *value = read_shcsr(unit);
        return true;
    case CFSR:
        *value = state->cfsr;
        return true;
    case HFSR:
        *value = state->hfsr;
        return true;
    case DFSR:
        *value = state->dfsr;
        return true;
    case MMFAR:
        *value = state->mmfar;
        return true;
    case BFAR:
        *value = state->bfar;
        return true;
    case AFSR:
        *value = 0;
        return true;
    case CPACR:
        *value = state->cpacr;
        return true;
    case DHCSR:
        *value = 0;
        return true; /* no debugger: C_DEBUGEN clear */
    case DEMCR:
        *value = state->demcr;
        return true;
    case STIR:
        *value = 0;
        return true;
    case FPCCR:
        *value = state->fpccr;
        return true;
    case FPCAR:
        *value = state->fpcar;
        return true;
    case FPDSCR:
        *value = state->fpdscr;
        return true;
    case MVFR0:
        *value = 0x10110021u;
        return true; /* single precision: DDI 0439B 7.2 */
    case MVFR1:
        *value = 0x11000011u;
        return true;
    default:
        return false;
    }
}

static bool write_scb(struct exception_unit *unit, uint32_t offset, unsigned size, uint32_t value)
{
    struct exception_state *state = &unit->state;
    uint32_t word = offset & ~3u;
    uint32_t lanes = reg_lane_merge(0, offset, size, value); /* for write-1-to-clear registers */
    if (word >= ID_PFR0 && word < ID_END)
        return true; /* read-only */
    switch (word) {
    case ICTR:
    case CPUID:
    case AFSR:
    case DHCSR:
    case MVFR0:
    case MVFR1:
        break;
    case ACTLR:
        state->actlr = value & ACTLR_WRITABLE;
        break;
    case ICSR:
        write_icsr(unit, value);
        break;
    case VTOR:
        state->vtor = value & 0xffffff80u;
        break;
    case AIRCR:
        write_aircr(unit, value);
        break;
    case SCR:
        state->scr = value & (SCR_SLEEPONEXIT | SCR_SLEEPDEEP | SCR_SEVONPEND);
        break;
    case CCR:
        state->ccr = value & CCR_WRITABLE;
        if (value & CCR_UNALIGN_TRP)
            exception_gap(unit, CCR, true, value, "CCR.UNALIGN_TRP");
        exception_apply_traps(unit);
        break;
    case SHCSR:
        write_shcsr(unit, value);
        break;
    case CFSR:
        state->cfsr &= ~lanes;
        break;
    case HFSR:
        state->hfsr &= ~lanes;
        break;
    case DFSR:
        state->dfsr &= ~lanes;
        break;
    case MMFAR:
        state->mmfar = value;
        break;
    case BFAR:
        state->bfar = value;
        break;
    case CPACR:
        state->cpacr = value & 0x00f00000u;
        exception_apply_traps(unit);
        break;
    case DEMCR:
        state->demcr = value & 0x010f07f1u;
        unit->host.trace_enabled(unit->host.context, state->demcr & DEMCR_TRCENA);
        break;
    case STIR:
        exception_pend_irq(unit, value & 0x1ffu);
        break;
    case FPCCR:
        state->fpccr = value & (FPCCR_ASPEN | FPCCR_LSPEN);
        if (!(value & FPCCR_ASPEN))
            exception_gap(unit, FPCCR, true, value, "FPCCR.ASPEN = 0");
        break;
    case FPCAR:
        state->fpcar = value & ~7u;
        break;
    case FPDSCR:
        state->fpdscr = value & 0x07c00000u;
        if (state->fpdscr)
            exception_gap(unit, FPDSCR, true, value, "FPDSCR other than 0");
        break;
    default:
        return false;
    }
    return true;
}

/* --- routing ----------------------------------------------------------------------------------------------------- */

uint32_t exception_read(void *context, uint32_t address, unsigned size)
{
    struct exception_unit *unit = context;
    uint32_t offset = address - BUS_CORE_BASE;
    uint32_t word = offset & ~3u;
    uint32_t value = 0;
    if (offset >= IPR && offset < IPR_END)
        return read_priorities(unit, EXC_IRQ0 + offset - IPR, size);
    if (offset >= SHPR1 && offset < SHPR3_END)
        return read_priorities(unit, 4u + offset - SHPR1, size);
    if (word >= SYST_CSR && word <= SYST_CALIB)
        return reg_lane_read(exception_systick_read(unit, word), offset, size);
    if (word >= ISER && word < IPR)
        return reg_lane_read(read_nvic(unit, word), offset, size);
    if (word >= MPU_TYPE && word < MPU_END)
        return reg_lane_read(exception_mpu_read(unit, word), offset, size);
    if (!read_scb(unit, word, &value))
        exception_gap(unit, word, false, 0, "system control space");
    return reg_lane_read(value, offset, size);
}

void exception_write(void *context, uint32_t address, unsigned size, uint32_t value)
{
    struct exception_unit *unit = context;
    uint32_t offset = address - BUS_CORE_BASE;
    uint32_t word = offset & ~3u;
    if (offset >= IPR && offset < IPR_END)
        write_priorities(unit, EXC_IRQ0 + offset - IPR, size, value);
    else if (offset >= SHPR1 && offset < SHPR3_END)
        write_priorities(unit, 4u + offset - SHPR1, size, value);
    else if (word >= SYST_CSR && word <= SYST_CALIB)
        exception_systick_write(unit, word, value);
    else if (word >= ISER && word < IPR)
        write_nvic(unit, word, reg_lane_merge(0, offset, size, value));
    else if (word >= MPU_TYPE && word < MPU_END)
        exception_mpu_write(unit, word, reg_lane_merge(exception_mpu_read(unit, word), offset, size, value));
    else if (!write_scb(unit, offset, size, value))
        exception_gap(unit, word, true, value, "system control space");
}

/** The system control space is privileged, except STIR when CCR.USERSETMPEND allows it (B3.1.1, B3.4.8). */
bool exception_faults(void *context, enum access_kind kind, uint32_t address, unsigned size)
{
    (void)size;
    const struct exception_unit *unit = context;
    bool unprivileged =
        (cpu_get(unit->cpu, CPU_CONTROL) & CONTROL_NPRIV) && !(cpu_get(unit->cpu, CPU_XPSR) & XPSR_IPSR);
    if (!unprivileged)
        return false;
    return !(kind == ACCESS_WRITE && address - BUS_CORE_BASE == STIR && (unit->state.ccr & CCR_USERSETMPEND));
}
