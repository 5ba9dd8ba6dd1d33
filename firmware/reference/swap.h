// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The swap, in one of two ways: the file that is linked decides, swap_by_option.c or swap_by_first_word.c.
#ifndef TWINBANK_REFERENCE_SWAP_H
#define TWINBANK_REFERENCE_SWAP_H

#include <stdbool.h>

// True if the first double word of a bank is what makes the ROM start it: a received image gets it last, once its
// version is known to be newer.
extern const bool swap_first_double_word_last;

// What goes wrong in toggle_bank_and_reset().
extern const char swap_error_text[];

// The other bank, which holds a whole image, starts from now on. Comes back only if flash took nothing.
void toggle_bank_and_reset(void);

#endif
