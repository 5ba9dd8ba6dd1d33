/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/*
 * Memory protection unit, PMSAv7: ARM DDI 0403E B3.5. Eight regions on the Cortex-M4 (DDI 0439B 5.1).
 *
 * Modelled: regions with sub-regions, access permissions, XN, PRIVDEFENA, HFNMIENA; MemManage with MMFAR.
 * Not modelled: memory types (TEX, S, C, B are stored), the check of exception stacking (MSTKERR, MUNSTKERR never
 * occur), LDRT and STRT as unprivileged accesses, XN regions smaller than a page of 1 KiB (the first fetch decides for
 * its page).
 */
#include "exception_bits.h"

#define MPU_CTRL_ENABLE     (1u << 0)
#define MPU_CTRL_HFNMIENA   (1u << 1)
#define MPU_CTRL_PRIVDEFENA (1u << 2)
#define MPU_TYPE_VALUE      0x00000800u

#define RBAR_VALID       (1u << 4)
#define RASR_ENABLE      (1u << 0)
#define RASR_XN          (1u << 28)
#define RASR_STORED      0x173fff3fu
#define SIZE_MINIMUM     4u          /* 32 bytes */
#define PRIVATE_BUS      0xe0000000u /* never governed by regions: B3.5.1 */
#define PRIVATE_BUS_SIZE 0x00100000u

/** What the default memory map lets a privileged access do (B3.1). */
static uint32_t default_rights(uint32_t address)
{
    uint32_t region = address >> 29;
    return region == 2u || region >= 5u ? MPU_READ | MPU_WRITE : MPU_READ | MPU_WRITE | MPU_EXECUTE;
}

/** Access permission field: privileged and unprivileged rights (B3.5.4, table B3-15). */
static uint32_t permission_rights(uint32_t ap, bool privileged)
{
    switch (ap) {
    case 1:
        return privileged ? MPU_READ | MPU_WRITE : 0;
    case 2:
        return privileged ? MPU_READ | MPU_WRITE : MPU_READ;
    case 3:
        return MPU_READ | MPU_WRITE;
    case 5:
        return privileged ? MPU_READ : 0;
    case 6:
    case 7:
        return MPU_READ;
    default:
        return 0;
    }
}

static bool region_holds(uint32_t rbar, uint32_t rasr, uint32_t address)
{
    uint32_t size = bits(rasr, 1, 5);
    if (!(rasr & RASR_ENABLE) || size < SIZE_MINIMUM)
        return false;
    uint64_t length = 2ull << size;
    uint64_t offset = address - (rbar & ~31u & (uint32_t) ~(length - 1u));
    if (offset >= length)
        return false;
    /* eighths of regions from 256 bytes on can be switched off */
    return length < 256u || !(bits(rasr, 8, 15) >> (offset / (length / 8u)) & 1u);
}

static uint32_t rights_at(const struct mpu *mpu, uint32_t address, bool privileged)
{
    if (address - PRIVATE_BUS < PRIVATE_BUS_SIZE)
        return MPU_READ | MPU_WRITE;
    for (uint32_t region = MPU_REGIONS; region-- > 0;) {
        uint32_t rasr = mpu->rasr[region];
        if (!region_holds(mpu->rbar[region], rasr, address))
            continue;
        uint32_t rights = permission_rights(bits(rasr, 24, 26), privileged);
        return rights & MPU_READ && !(rasr & RASR_XN) ? rights | (default_rights(address) & MPU_EXECUTE) : rights;
    }
    return privileged && (mpu->ctrl & MPU_CTRL_PRIVDEFENA) ? default_rights(address) : 0;
}

void exception_mpu_resume(struct exception_unit *unit)
{
    cpu_set_protection(unit->cpu, unit->state.mpu_live.ctrl & MPU_CTRL_ENABLE);
}

void exception_mpu_apply(struct exception_unit *unit)
{
    unit->state.mpu_live = unit->state.mpu;
    exception_mpu_resume(unit);
    (void)exception_mpu_follow(unit);
}

bool exception_mpu_follow(struct exception_unit *unit)
{
    const struct mpu *mpu = &unit->state.mpu_live;
    bool bypass =
        (mpu->ctrl & MPU_CTRL_ENABLE) && !(mpu->ctrl & MPU_CTRL_HFNMIENA) && exception_execution_priority(unit) < 0;
    bool changed = bypass != (unit->state.mpu_bypass != 0);
    unit->state.mpu_bypass = bypass;
    return changed;
}

uint32_t exception_mpu_rights(void *context, uint32_t address, uint32_t length)
{
    const struct exception_unit *unit = context;
    const struct mpu *mpu = &unit->state.mpu_live;
    if (unit->state.mpu_bypass)
        return MPU_READ | MPU_WRITE | MPU_EXECUTE;
    bool privileged = !(cpu_get(unit->cpu, CPU_CONTROL) & CONTROL_NPRIV) || (cpu_get(unit->cpu, CPU_XPSR) & XPSR_IPSR);
    uint32_t rights = rights_at(mpu, address, privileged);
    for (uint32_t offset = 32u; offset < length; offset += 32u) /* no boundary lies inside 32 bytes */
        rights &= rights_at(mpu, address + offset, privileged);
    return rights & rights_at(mpu, address + length - 1u, privileged);
}

/* --- registers: B3.5.5 to B3.5.9 --------------------------------------------------------------------------------- */

uint32_t exception_mpu_read(struct exception_unit *unit, uint32_t offset)
{
    const struct exception_state *state = &unit->state;
    if (offset == MPU_TYPE)
        return MPU_TYPE_VALUE;
    if (offset == MPU_CTRL)
        return state->mpu.ctrl;
    if (offset == MPU_RNR)
        return state->mpu_rnr;
    uint32_t region = state->mpu_rnr; /* the aliases are the same registers: B3.5.10 */
    bool is_base = (offset - MPU_RBAR) % 8u == 0;
    return is_base ? (state->mpu.rbar[region] & ~31u) | region : state->mpu.rasr[region];
}

void exception_mpu_write(struct exception_unit *unit, uint32_t offset, uint32_t value)
{
    struct exception_state *state = &unit->state;
    if (offset == MPU_TYPE)
        return;
    if (offset == MPU_CTRL) {
        state->mpu.ctrl = value & (MPU_CTRL_ENABLE | MPU_CTRL_HFNMIENA | MPU_CTRL_PRIVDEFENA);
    } else if (offset == MPU_RNR) {
        state->mpu_rnr = (value & 0xffu) % MPU_REGIONS;
        return;
    } else if ((offset - MPU_RBAR) % 8u == 0) {
        if (value & RBAR_VALID)
            state->mpu_rnr = (value & 0xfu) % MPU_REGIONS;
        uint32_t region = state->mpu_rnr;
        state->mpu.rbar[region] = value & ~31u;
    } else {
        state->mpu.rasr[state->mpu_rnr] = value & RASR_STORED;
    }
    unit->host.protection_changed(unit->host.context);
}
