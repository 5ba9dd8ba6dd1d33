/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* Faults other than lost power: what the key `faults` asks for. */
#include "harness/peers/serial_peer.h"
#include "harness/scenario_loader.h"

static uint32_t bits_of(const int *list, uint32_t count)
{
    uint32_t mask = count > 0 ? 0 : UINT32_MAX;
    for (uint32_t i = 0; i < count; i++)
        mask |= 1u << list[i];
    return mask;
}

static uint32_t sum_of(const int *list, uint32_t count)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < count; i++)
        mask |= (uint32_t)list[i];
    return mask;
}

static enum status resolve_bytes(struct loader *loader, struct fault_bytes *bytes)
{
    WHERE(loader, "faults.bytes");
    bytes->way_mask = bits_of(bytes->directions, bytes->directions_count);
    bytes->kind_mask = bits_of(bytes->kinds, bytes->kinds_count);
    return loader_serial(loader, bytes->uart, &bytes->serial);
}

static enum status resolve_cable(struct loader *loader, struct fault_cable *cable)
{
    WHERE(loader, "faults.cable");
    enum status status = loader_serial(loader, cable->uart, &cable->serial);
    if (status == TB_OK)
        status = loader_duration(loader, "out", cable->out, &cable->out_ps);
    if (status == TB_OK)
        status = loader_duration(loader, "every", cable->every, &cable->every_ps);
    if (status == TB_OK && cable->out_ps == 0)
        return loader_refuse(loader, "out", "no time at all; expected more than 0");
    if (status == TB_OK && cable->every_ps == 0)
        return loader_refuse(loader, "every", "no time between cases; expected more than 0");
    return status;
}

static enum status resolve_flips(struct loader *loader, struct fault_flips *flips)
{
    WHERE(loader, "faults.flips");
    flips->bits_mask = sum_of(flips->bits, flips->bits_count);
    if (flips->size == 0 || flips->size % 8u != 0)
        return loader_refuse(loader, "size", "%u is no number of double words; expected a multiple of 8", flips->size);
    enum status status = loader_address(loader, "at", flips->at, flips->size, &flips->address);
    if (status == TB_OK && flips->address % 8u != 0)
        return loader_refuse(loader, "at", "%s is inside a double word; expected a multiple of 8", flips->at);
    return status;
}

enum status loader_faults(struct loader *loader, struct faults *faults)
{
    const struct scenario *scenario = loader->scenario;
    enum status status = TB_OK;
    WHERE(loader, "faults");
    if (scenario->power_cut != NULL)
        return loader_refuse(loader, "", "beside power_cut; expected one of them in a scenario");
    if (faults->bytes == NULL && faults->cable == NULL && faults->resets == NULL && faults->flips == NULL &&
        faults->op_errors == NULL)
        return loader_refuse(loader, "", "no fault; expected bytes, cable, resets, flips or op_errors");
    if (scenario->check == NULL || scenario->check->each_boot == NULL)
        return loader_refuse(loader, "", "nothing to judge a boot by; expected check.each_boot");
    if (faults->bytes != NULL)
        status = resolve_bytes(loader, faults->bytes);
    if (status == TB_OK && faults->cable != NULL)
        status = resolve_cable(loader, faults->cable);
    if (status == TB_OK && faults->flips != NULL)
        status = resolve_flips(loader, faults->flips);
    if (status == TB_OK && faults->resets != NULL) {
        struct fault_resets *resets = faults->resets;
        resets->at_mask = sum_of(resets->at, resets->at_count);
        resets->tear_mask = bits_of(resets->tears, resets->tears_count);
    }
    if (status == TB_OK && faults->op_errors != NULL) {
        struct fault_op_errors *errors = faults->op_errors;
        WHERE(loader, "faults.op_errors");
        errors->at_mask = sum_of(errors->at, errors->at_count);
        if ((errors->at_mask & CUT_AT_OPTION) != 0)
            return loader_refuse(loader, "at", "option operations report no error; expected program or erase");
    }
    return status;
}
