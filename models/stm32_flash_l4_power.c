/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Power-down of the STM32L47x/L48x/L49x flash interface (RM0351 3.7.1, 3.7.2): RUN_PD with PDKEYR, SLEEP_PD.
 *
 * Modelled: the key sequence, an access (data, code, vectors, DMA) of any flash in power-down, as a bus error. A start
 * or stop of power-down takes no time. SLEEP_PD acts on what other masters read while the core sleeps.
 *
 * Not modelled: power-down during an operation, and an operation started in power-down: gaps.
 *
 * Not confirmed: vendor code says only that flash must not be accessed; a bus error is the worst reading. Every write
 * of ACR uses up the keys (vendor code gives them before setting RUN_PD and before clearing it, and says that clearing
 * loses them). A wrong key locks RUN_PD until the next reset and is a bus error, as for KEYR.
 */
#include "stm32_flash_l4_private.h"

bool flash_is_off(const struct device *dev)
{
    const struct flash_state *s = dev->state;
    return (s->acr & FLASH_ACR_RUN_PD) != 0 ||
           ((s->acr & FLASH_ACR_SLEEP_PD) != 0 && dev_input(dev, FLASH_IN_SLEEP) != 0);
}

bool flash_pdkey_is_wrong(const struct flash_state *state, unsigned size, uint32_t value)
{
    if (size != 4u || state->pdkeyr == KEYS_BLOWN)
        return true;
    return value != (state->pdkeyr == KEYS_FIRST ? 0xfafbfcfdu : 0x04152637u);
}

void flash_write_pdkey(struct device *dev, unsigned size, uint32_t value)
{
    struct flash_state *s = flash_state(dev);

    /* Taken as for KEYR and OPTKEYR (RM0440 3.3.5, 3.4.2): nothing is said of a wrong key here. */
    if (flash_pdkey_is_wrong(s, size, value)) {
        s->pdkeyr = KEYS_BLOWN;
        dev_guest_error(dev, FLASH_PDKEYR, "wrong key in FLASH_PDKEYR: RUN_PD is locked until reset");
    } else {
        s->pdkeyr = s->pdkeyr == KEYS_FIRST ? KEYS_OPEN : KEYS_FIRST;
    }
}

uint32_t flash_new_run_pd(struct device *dev, uint32_t old, uint32_t acr)
{
    struct flash_state *s = flash_state(dev);
    bool open = s->pdkeyr == KEYS_OPEN;

    if (open)
        s->pdkeyr = KEYS_NONE;
    if (((old ^ acr) & FLASH_ACR_RUN_PD) == 0)
        return acr;
    if (!open) {
        dev_guest_error(dev, FLASH_ACR, "FLASH_ACR.RUN_PD written without its keys");
        return acr ^ FLASH_ACR_RUN_PD;
    }
    if ((s->sr & FLASH_SR_BSY) != 0) {
        dev_gap(dev, FLASH_ACR, true, acr, "FLASH_ACR.RUN_PD during an operation");
        return acr ^ FLASH_ACR_RUN_PD;
    }
    return acr;
}

void flash_trap_other_stores(struct device *dev, uint32_t trap)
{
    const struct stm32_flash_l4_params *params = flash_params(dev);
    const uint32_t stores[] = {params->store_otp, params->store_option1, params->store_option2, params->store_system1,
                               params->store_system2};
    for (uint32_t i = 0; i < ARRAY_LENGTH(stores); i++)
        dev_trap(dev, stores[i], 0, dev_store_size(dev, stores[i]), trap);
}
