// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// One line of input from USART2, echoed, with backspace.
#ifndef TWINBANK_DRIVERS_LINE_H
#define TWINBANK_DRIVERS_LINE_H

// The line without its end once CR or LF has come, else NULL. Valid until the next call.
const char *line_poll(void);

#endif
