/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/* What a sweep cuts, and what its cases are judged by. */
#include "harness/scenario_loader.h"

#include <stdio.h>
#include <string.h>

static enum status resolve_boot_text(struct loader *loader, uint32_t index, struct boot_text *boot)
{
    char key[64];
    snprintf(key, sizeof key, "each_boot.any_of[%u].%s", index,
             boot->slot_name != NULL ? "slot_equals" : "bank_equals");
    if (boot->slot_name != NULL && boot->bank_name != NULL)
        return loader_refuse(loader, key, "both a slot and a bank; expected one of them");
    const char *name = boot->slot_name != NULL ? boot->slot_name : boot->bank_name;
    const struct scenario_image **image = boot->slot_name != NULL ? &boot->slot : &boot->bank;
    return name != NULL ? loader_image(loader, key, name, image) : TB_OK;
}

static enum status check_never_back(struct loader *loader, uint32_t index, const struct never_pair *pair)
{
    char key[40];
    snprintf(key, sizeof key, "never_back[%u].never", index);
    return strcmp(pair->after, pair->never) != 0
               ? TB_OK
               : loader_refuse(loader, key, "'%.40s' as in after; expected another text", pair->never);
}

enum status loader_case_checks(struct loader *loader, struct scenario_check *check, bool allowed)
{
    bool boots = check->reboots != NULL || check->never_back != NULL || check->after_retry != NULL;
    bool any = check->each_boot != NULL || boots || check->cuts_at_least > 0 || check->faults_at_least > 0;
    if (any && !allowed)
        return loader_refuse(loader, "",
                             "each_boot, reboots, never_back, after_retry, cuts_at_least and faults_at_least judge "
                             "cases of a sweep; expected them under check, with power_cut or faults");
    if (check->each_boot == NULL && boots)
        return loader_refuse(loader, "",
                             "reboots, never_back and after_retry go by the texts of each_boot; expected that, too");
    if (check->each_boot == NULL)
        return TB_OK;
    struct check_each_boot *each = check->each_boot;
    WHERE(loader, "check.each_boot");
    enum status status = loader_serial(loader, each->uart, &each->serial);
    if (status == TB_OK)
        status = loader_duration(loader, "within", each->within, &each->within_ps);
    WHERE(loader, "check");
    for (uint32_t i = 0; status == TB_OK && i < each->any_of_count; i++)
        status = resolve_boot_text(loader, i, &each->any_of[i]);
    if (status == TB_OK && check->reboots != NULL && !check->reboots->same_image)
        return loader_refuse(loader, "reboots.same_image",
                             "false; expected true: without an event the same image runs again");
    for (uint32_t i = 0; status == TB_OK && check->never_back != NULL && i < check->never_back_count; i++)
        status = check_never_back(loader, i, &check->never_back[i]);
    if (status == TB_OK && check->after_retry != NULL) {
        WHERE(loader, "check.after_retry");
        status = loader_wait(loader, check->after_retry);
        if (status == TB_OK && check->after_retry->serial != each->serial)
            return loader_refuse(loader, "uart", "another port than each_boot's; expected %s", each->uart);
    }
    WHERE(loader, "check");
    return status;
}

/** A sweep knows the cells by the operations of the rehearsal: what changes them in another way would be lost. */
static enum status only_operations(struct loader *loader)
{
    for (uint32_t i = 0; i < loader->scenario->steps_count; i++) {
        const struct scenario_step *step = &loader->scenario->steps[i];
        WHERE(loader, "steps[%u]", i);
        if (step->corrupt != NULL)
            return loader_refuse(loader, "corrupt",
                                 "'corrupt' with power_cut; expected steps whose changes to flash are operations");
    }
    WHERE(loader, "power_cut");
    return TB_OK;
}

enum status loader_power_cut(struct loader *loader, struct power_cut *cut)
{
    enum status status = TB_OK;
    WHERE(loader, "power_cut");
    for (uint32_t i = 0; i < cut->at_count; i++)
        cut->at_mask |= (uint32_t)cut->at[i];
    for (uint32_t i = 0; i < cut->tears_count; i++)
        cut->tear_mask |= 1u << cut->tears[i];
    if (cut->tears_count == 0)
        cut->tear_mask = UINT32_MAX;
    cut->seeds = cut->seeds > 0 ? cut->seeds : 1u;
    cut->depth = cut->depth > 0 ? cut->depth : 1u;
    if (cut->at_mask == 0 && cut->every == NULL && cut->instructions == WINDOW_NONE)
        return loader_refuse(loader, "", "nowhere to cut; expected at, every or instructions");
    if (cut->depth > CUT_DEPTH_MAX)
        return loader_refuse(loader, "depth", "%u cuts in a row; expected 1 to %u", cut->depth, CUT_DEPTH_MAX);
    if (cut->ram == RAM_RETAINED && (cut->depth > 1u || cut->every != NULL || cut->instructions != WINDOW_NONE))
        return loader_refuse(loader, "ram",
                             "retained with depth, every or instructions; expected cuts at operations, one "
                             "a case: what RAM holds is another state each time");
    if (cut->seeds > CUT_SEEDS_MAX)
        return loader_refuse(loader, "seeds", "%u seeds; expected 1 to %u", cut->seeds, CUT_SEEDS_MAX);
    if (cut->every != NULL)
        status = loader_duration(loader, "every", cut->every, &cut->every_ps);
    if (status == TB_OK && cut->every != NULL && cut->every_ps == 0)
        return loader_refuse(loader, "every", "no time between cuts; expected more than 0");
    struct scenario_check *check = loader->scenario->check;
    if (status == TB_OK && (check == NULL || check->each_boot == NULL))
        return loader_refuse(loader, "", "nothing to judge a boot by; expected check.each_boot");
    return status == TB_OK ? only_operations(loader) : status;
}

enum status loader_expected(struct loader *loader)
{
    struct scenario *scenario = loader->scenario;
    enum status status = TB_OK;
    for (uint32_t i = 0; status == TB_OK && i < scenario->expected_failures_count; i++) {
        WHERE(loader, "expected_failures[%u]", i);
        status = loader_count(loader, "cases", &scenario->expected_failures[i].cases);
    }
    WHERE(loader, "%s", "");
    if (status == TB_OK && scenario->expected_failures_count > 0 && !scenario_is_swept(scenario))
        return loader_refuse(loader, "expected_failures",
                             "without cases that could fail; expected power_cut or faults");
    return status;
}
