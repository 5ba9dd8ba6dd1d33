// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The supply. What is programmed or erased in a brown-out cannot be relied on, even if it reads back, so ask before
// each operation. The threshold, 2.8 V falling, leaves an operation that has just begun (up to 24.5 ms for a page) the
// way down to the highest brown-out reset that production may set, level 3 at 2.5 V.
#ifndef TWINBANK_DRIVERS_PWR_H
#define TWINBANK_DRIVERS_PWR_H

#include <stdbool.h>

// False while the supply is below the threshold. The first call after a reset switches the detector on and answers
// false: nothing was compared yet. Ask again.
bool pwr_supply_ok(void);

#endif
