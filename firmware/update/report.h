// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The lines that tell a human how an update ended, on the console. Boot's recovery and the app say the same.
#ifndef TWINBANK_UPDATE_REPORT_H
#define TWINBANK_UPDATE_REPORT_H

#include "update/update.h"

// version: of the image that was sent.
void report_result(const struct update_request *request, enum update_result result, uint32_t version);

#endif
