/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "obs.h"

const char *obs_kind_name(enum obs_kind kind)
{
    static const char *const names[] = {
        [OBS_POWER] = "power",
        [OBS_RESET] = "reset",
        [OBS_BOOT] = "boot",
        [OBS_REMAP] = "remap",
        [OBS_PIN] = "pin",
        [OBS_UART_TX] = "uart-tx",
        [OBS_UART_RX] = "uart-rx",
        [OBS_OP_BEGIN] = "op-begin",
        [OBS_OP_COMMIT] = "op-commit",
        [OBS_OP_ABORT] = "op-abort",
        [OBS_EXC_ENTRY] = "exc-entry",
        [OBS_EXC_RETURN] = "exc-return",
        [OBS_LOCKUP] = "lockup",
        [OBS_GUEST_ERROR] = "guest-error",
        [OBS_GAP] = "gap",
        [OBS_PEER] = "peer",
        [OBS_VOLTAGE] = "voltage",
        [OBS_OPTIONS] = "options",
    };
    _Static_assert(ARRAY_LENGTH(names) == OBS_KIND_COUNT, "a kind has no name");
    TB_ASSERT((unsigned)kind < OBS_KIND_COUNT);
    return names[kind];
}
