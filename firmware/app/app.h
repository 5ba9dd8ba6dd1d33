// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// What the app's parts share.
#ifndef TWINBANK_APP_APP_H
#define TWINBANK_APP_APP_H

#include "image/header.h"

#define RUNNING_VERSION VERSION_WORD(TB_VERSION_MAJOR, TB_VERSION_MINOR, TB_VERSION_PATCH)

void print_version(uint32_t version);
void print_number(uint32_t number);

#endif
