/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "cpu_decode.h"

#define PAGE_SIZE 1024u /* the engine ends a block at the end of its TLB page */

static bool is_wide(uint16_t first)
{
    return first >= 0xe800u;
}

static bool narrow_ends_run(uint16_t h)
{
    if ((h & 0xf000u) == 0xd000u || (h & 0xf800u) == 0xe000u) /* B<c>, SVC, UDF; B */
        return true;
    if ((h & 0xff00u) == 0x4700u || (h & 0xf500u) == 0xb100u) /* BX, BLX; CBZ, CBNZ */
        return true;
    if ((h & 0xff00u) == 0xbd00u || (h & 0xff00u) == 0xbe00u) /* POP {..., pc}; BKPT */
        return true;
    if ((h & 0xfd87u) == 0x4487u) /* ADD pc, MOV pc */
        return true;
    if ((h & 0xffe0u) == 0xb660u) /* CPS */
        return true;
    return h == 0xbf10u || h == 0xbf20u || h == 0xbf30u; /* YIELD, WFE, WFI */
}

static bool wide_ends_run(uint16_t h, uint16_t g)
{
    if ((h & 0xf800u) == 0xf000u && (g & 0x8000u)) { /* branches and miscellaneous control */
        if ((h & 0xffe0u) == 0xf3e0u)                /* MRS */
            return false;
        if (h == 0xf3bfu) /* barriers, CLREX: only ISB ends a block */
            return (g & 0xf0u) == 0x60u;
        if (h == 0xf3afu) /* hints: YIELD, WFE, WFI */
            return g == 0x8001u || g == 0x8002u || g == 0x8003u;
        return true;
    }
    if ((h & 0xfff0u) == 0xe8d0u && (g & 0xffe0u) == 0xf000u) /* TBB, TBH */
        return true;
    if (((h & 0xffd0u) == 0xe890u || (h & 0xffd0u) == 0xe910u) && (g & 0x8000u)) /* LDM, POP with pc */
        return true;
    return (h & 0xff70u) == 0xf850u && (g & 0xf000u) == 0xf000u; /* LDR pc */
}

bool decode_ends_run(uint16_t first, uint16_t second)
{
    return is_wide(first) ? wide_ends_run(first, second) : narrow_ends_run(first);
}

uint32_t decode_run_end(uint32_t pc, code_reader read, void *context)
{
    uint32_t page = pc & ~(PAGE_SIZE - 1u);
    for (;;) {
        uint16_t first = read(context, pc);
        uint16_t second = is_wide(first) ? read(context, pc + 2u) : 0;
        uint32_t length = is_wide(first) ? 4u : 2u;
        pc += length;
        if (decode_ends_run(first, second) || pc - page >= PAGE_SIZE)
            return pc;
        /* an instruction that straddles the page end starts a block, and so a run, of its own */
        if (pc - page == PAGE_SIZE - 2u && is_wide(read(context, pc)))
            return pc;
    }
}

uint32_t decode_property(uint16_t h, uint16_t g)
{
    if (!is_wide(h)) {
        if (h == 0xe7feu)
            return BLOCK_SELF_LOOP;
        return h == 0xbf40u ? BLOCK_SEV : (h & 0xfff1u) == 0xb671u ? BLOCK_MASKS : 0;
    }
    if (h == 0xf3afu && g == 0x8004u)
        return BLOCK_SEV;
    if ((h & 0xfff0u) == 0xf380u && (g & 0xff00u) == 0x8800u && (g & 0xffu) >= 17u && (g & 0xffu) <= 19u)
        return BLOCK_MASKS;
    if ((h & 0xec00u) == 0xec00u && (g & 0x0e00u) == 0x0a00u)
        return BLOCK_FP;
    if ((h & 0xffd0u) == 0xfb90u && (g & 0x00f0u) == 0x00f0u)
        return BLOCK_DIVIDE;
    if ((h & 0xfff0u) == 0xe850u || ((h & 0xfff0u) == 0xe8d0u && (g & 0x00e0u) == 0x0040u)) /* LDREX, LDREXB/H */
        return BLOCK_EXCLUSIVE;
    return 0;
}

/** IT; PUSH, POP, LDM, STM, LDRD, STRD, exclusive ones, table branches, those of the FPU. */
static bool is_intricate(uint16_t h)
{
    if (is_wide(h))
        return (h & 0xfe00u) == 0xe800u || (h & 0xfe00u) == 0xec00u;
    return ((h & 0xff00u) == 0xbf00u && (h & 15u)) || (h & 0xf600u) == 0xb400u || (h & 0xf000u) == 0xc000u;
}

uint32_t decode_block(uint32_t start, uint32_t end, code_reader read, void *context, uint32_t *properties)
{
    uint32_t count = 0;
    *properties = 0;
    for (uint32_t pc = start; pc < end; count++) {
        uint16_t first = read(context, pc);
        /* the second half of a straddling instruction is not needed to count, and may be unreadable */
        bool readable = !is_wide(first) || pc + 2u < (start & ~(PAGE_SIZE - 1u)) + PAGE_SIZE;
        *properties |= decode_property(first, is_wide(first) && readable ? read(context, pc + 2u) : 0);
        *properties |= is_intricate(first) ? BLOCK_INTRICATE : 0;
        pc += is_wide(first) ? 4u : 2u;
    }
    if ((*properties & BLOCK_SELF_LOOP) && count > 1) /* the loop itself is a block of its own after its first turn */
        *properties &= ~BLOCK_SELF_LOOP;
    return count;
}

static bool reads_pc(uint16_t h)
{
    if ((h & 0xff78u) == 0x4478u || (h & 0xff78u) == 0x4578u || (h & 0xff78u) == 0x4678u) /* ADD, CMP, MOV from pc */
        return true;
    if ((h & 0xf800u) == 0xa000u) /* ADR */
        return true;
    return (h & 0xfbffu) == 0xf20fu || (h & 0xfbffu) == 0xf2afu; /* ADR.W */
}

bool decode_is_relocatable(uint32_t start, uint32_t stop, code_reader read, void *context)
{
    unsigned in_it = 0;
    for (uint32_t pc = start; pc < stop;) {
        uint16_t h = read(context, pc);
        if (in_it > 0)
            in_it--;
        if ((h & 0xff00u) == 0xbf00u && (h & 15u)) /* IT: 1 to 4 instructions, by the lowest set mask bit */
            in_it = 4u - (unsigned)__builtin_ctz(h & 15u);
        if (reads_pc(h))
            return false;
        pc += is_wide(h) ? 4u : 2u;
    }
    return in_it == 0;
}
