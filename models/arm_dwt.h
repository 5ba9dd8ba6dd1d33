/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Data watchpoint and trace unit of the Cortex-M3 and M4: the cycle counter. */
#ifndef TWINBANK_MODELS_ARM_DWT_H
#define TWINBANK_MODELS_ARM_DWT_H

#include "sim/device.h"

extern const struct device_model arm_dwt_model;

#endif
