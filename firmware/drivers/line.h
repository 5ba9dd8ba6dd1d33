// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// One line of input from USART2, echoed, with backspace. A line that holds anything but printable characters, or more
// than 31, is dropped; and what follows it without its own end is forgotten after 100 ms of silence: the blocks of a
// YMODEM sender that talks on after a reset must not spoil the next command.
#ifndef TWINBANK_DRIVERS_LINE_H
#define TWINBANK_DRIVERS_LINE_H

#include <stdint.h>

// The line without its end once CR or LF has come, else NULL. Valid until the next call. Empty, too, when a burst with
// a dropped line is over.
const char *line_poll(uint32_t now_ms);

#endif
