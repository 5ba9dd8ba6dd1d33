/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/** @file Shared by the five files of the flash interface, and by nobody else. */
#ifndef TWINBANK_MODELS_STM32_FLASH_L4_PRIVATE_H
#define TWINBANK_MODELS_STM32_FLASH_L4_PRIVATE_H

#include "model.h"
#include "stm32_flash_l4.h"

/* RM0351 3.7 (register names and bits as in the header of the device). */
#define FLASH_ACR      0x00u
#define FLASH_PDKEYR   0x04u
#define FLASH_KEYR     0x08u
#define FLASH_OPTKEYR  0x0cu
#define FLASH_SR       0x10u
#define FLASH_CR       0x14u
#define FLASH_ECCR     0x18u
#define FLASH_OPTR     0x20u
#define FLASH_PCROP1SR 0x24u
#define FLASH_PCROP1ER 0x28u
#define FLASH_WRP1AR   0x2cu
#define FLASH_WRP1BR   0x30u
#define FLASH_PCROP2SR 0x44u
#define FLASH_PCROP2ER 0x48u
#define FLASH_WRP2AR   0x4cu
#define FLASH_WRP2BR   0x50u

#define FLASH_ACR_LATENCY  0x00000007u
#define FLASH_ACR_ICEN     0x00000200u
#define FLASH_ACR_DCEN     0x00000400u
#define FLASH_ACR_ICRST    0x00000800u
#define FLASH_ACR_DCRST    0x00001000u
#define FLASH_ACR_RUN_PD   0x00002000u
#define FLASH_ACR_SLEEP_PD 0x00004000u

#define FLASH_SR_EOP     0x00000001u
#define FLASH_SR_OPERR   0x00000002u
#define FLASH_SR_PROGERR 0x00000008u
#define FLASH_SR_WRPERR  0x00000010u
#define FLASH_SR_PGAERR  0x00000020u
#define FLASH_SR_SIZERR  0x00000040u
#define FLASH_SR_PGSERR  0x00000080u
#define FLASH_SR_MISERR  0x00000100u
#define FLASH_SR_FASTERR 0x00000200u
#define FLASH_SR_RDERR   0x00004000u
#define FLASH_SR_OPTVERR 0x00008000u
#define FLASH_SR_BSY     0x00010000u
/* RM0440 3.7.5, PGSERR: each of these left set refuses the next operation. */
#define FLASH_SR_STICKY                                                                                                \
    (FLASH_SR_PROGERR | FLASH_SR_WRPERR | FLASH_SR_PGAERR | FLASH_SR_SIZERR | FLASH_SR_PGSERR | FLASH_SR_MISERR |      \
     FLASH_SR_FASTERR)

#define FLASH_CR_PG         0x00000001u
#define FLASH_CR_PER        0x00000002u
#define FLASH_CR_MER1       0x00000004u
#define FLASH_CR_BKER       0x00000800u
#define FLASH_CR_MER2       0x00008000u
#define FLASH_CR_STRT       0x00010000u
#define FLASH_CR_OPTSTRT    0x00020000u
#define FLASH_CR_FSTPG      0x00040000u
#define FLASH_CR_EOPIE      0x01000000u
#define FLASH_CR_ERRIE      0x02000000u
#define FLASH_CR_RDERRIE    0x04000000u
#define FLASH_CR_OBL_LAUNCH 0x08000000u
#define FLASH_CR_OPTLOCK    0x40000000u
#define FLASH_CR_LOCK       0x80000000u

#define FLASH_ECCR_BK_ECC   0x00080000u
#define FLASH_ECCR_SYSF_ECC 0x00100000u
#define FLASH_ECCR_ECCIE    0x01000000u
#define FLASH_ECCR_ECCC     0x40000000u
#define FLASH_ECCR_ECCD     0x80000000u

#define FLASH_PCROP1ER_PCROP_RDP 0x80000000u

enum flash_input {
    FLASH_IN_CLK,
    FLASH_IN_RST,
    FLASH_IN_HCLK,  /* Hz; fast programming needs 8 MHz */
    FLASH_IN_VOS,   /* PWR_CR1_VOS; 0 when not connected: not checked */
    FLASH_IN_SLEEP, /* 1 while the core sleeps */
    FLASH_IN_LOW_SUPPLY,
};

enum flash_output {
    FLASH_OUT_IRQ,
    FLASH_OUT_NMI,
    FLASH_OUT_LATENCY,
    FLASH_OUT_BFB2, /* loaded option bits from here on */
    FLASH_OUT_NBOOT1,
    FLASH_OUT_DUALBANK,
    FLASH_OUT_IWDG_SW,
    FLASH_OUT_IWDG_STOP,
    FLASH_OUT_IWDG_STDBY,
    FLASH_OUT_WWDG_SW,
    FLASH_OUT_SRAM2_RST,
    FLASH_OUT_SRAM2_PE,
    FLASH_OUT_RDP, /* level 0, 1, 2 */
    FLASH_OUT_BOR_LEV,
    FLASH_OUT_NRST_STOP,
    FLASH_OUT_NRST_STDBY,
    FLASH_OUT_NRST_SHDW,
    FLASH_OUT_ERASE_BACKUP, /* a pulse: the backup registers are to be erased */
};

enum flash_event {
    FLASH_EVENT_OP_END,
    FLASH_EVENT_ROW, /* the next double word of a row did not come, or the row took too long */
    FLASH_EVENT_COUNT,
};

/* What stands in for an option word that does not fit its complement (RM0440 3.4.2, and readings of it). */
enum option_mismatch {
    MISMATCH_EACH_WORD, /* the default of this word */
    MISMATCH_ALL_WORDS, /* the defaults of all words */
    MISMATCH_NO_PCROP,  /* of this word; but that of a PCROP word is no area */
    MISMATCH_BFB2_0,    /* of this word; but USER as delivered, and so BFB2 = 0 */
};

/* What the boot ROM does about an uncorrectable first double word of a bank; the ROM asks for it at FLASH_ROM_READING.
 */
enum rom_ecc {
    ROM_ECC_JUDGED,  /* judges the word as it was read */
    ROM_ECC_INVALID, /* does not start the bank */
    ROM_ECC_STUCK,   /* never comes back from its NMI */
};
#define FLASH_ROM_READING 0x6ff0u /* in system memory of bank 1: erased, so all ones, on a board */

enum flash_knob {
    FLASH_KNOB_STALE_CACHE,
    FLASH_KNOB_RWW_CORRUPTS_CACHE,
    FLASH_KNOB_LOW_SUPPLY,
    FLASH_KNOB_OPTION_MISMATCH, /* enum option_mismatch */
    FLASH_KNOB_ROM_ECC,         /* enum rom_ecc */
};

enum flash_low_supply {
    LOW_SUPPLY_UNSTABLE,
    LOW_SUPPLY_SOLID,
};

/* A sequence of two keys; a wrong one ends it until the next system reset. */
enum flash_keys {
    KEYS_NONE,
    KEYS_FIRST,
    KEYS_BLOWN,
    KEYS_OPEN, /* PDKEYR only: no lock bit shows it */
};

enum flash_activity {
    ACTIVITY_NONE,
    ACTIVITY_PROGRAM,
    ACTIVITY_ROW,
    ACTIVITY_ERASE,
    ACTIVITY_OPTION,
};

enum option_word {
    OPTION_OPTR,
    OPTION_PCROP1SR,
    OPTION_PCROP1ER,
    OPTION_WRP1AR,
    OPTION_WRP1BR,
    OPTION_PCROP2SR,
    OPTION_PCROP2ER,
    OPTION_WRP2AR,
    OPTION_WRP2BR,
    OPTION_WORDS,
};

#define FLASH_BANKS        2u
#define FLASH_ROW_BYTES    256u
#define FLASH_CELL_NOWHERE UINT32_MAX
#define FLASH_PAGES_MAX    512u

/* RM0440 3.3.4: the data cache holds 8 lines of 4 double words. */
#define FLASH_LINES       8u
#define FLASH_LINE_DWORDS 4u
#define FLASH_LINE_BYTES  (8u * FLASH_LINE_DWORDS)

struct flash_line {
    uint64_t data[FLASH_LINE_DWORDS];
    uint32_t tag;    /* where the CPU sees it: offset in the mapped array */
    uint32_t offset; /* where it came from: offset in the store */
    uint32_t used;   /* when it was used last, in accesses of the cache */
    uint16_t valid;  /* bit d: double word d is there */
    uint16_t stale;  /* bit d: and is not what the array holds */
};

struct flash_state {
    uint64_t row_limit_ps; /* when the row in progress has lasted too long */
    uint64_t op_value;     /* of the operation in flight: what its double words become */
    struct flash_line lines[FLASH_LINES];
    uint32_t acr, sr, cr, eccr;
    uint32_t shadow[OPTION_WORDS];  /* option registers as software reads and writes them */
    uint32_t loaded[OPTION_WORDS];  /* in force since the last option load */
    uint32_t keyr, optkeyr, pdkeyr; /* enum flash_keys */
    uint32_t option_mismatch;       /* 1: the last load found a word unlike its complement */
    uint32_t first_store;           /* where the first word of a double word went */
    uint32_t first_offset;          /* FLASH_CELL_NOWHERE: none given */
    uint32_t first_word;
    uint32_t activity;    /* enum flash_activity */
    uint32_t option_step; /* of an option write: what is in flight */
    uint32_t busy_banks;  /* bit b: physical bank b + 1 cannot be read */
    uint32_t fast_banks;  /* bit b: mass erased, and not programmed in standard mode since */
    uint32_t row_next;    /* offset of the row's next double word */
    uint32_t trap[FLASH_BANKS];
    uint32_t target[OPTION_WORDS]; /* of an option write: what is programmed */
    uint32_t regress_page;         /* of a regression that spares PCROP areas: the next page; else FLASH_CELL_NOWHERE */
    uint32_t op_offset, op_length; /* of the operation in flight, in main flash */
    uint32_t cache_clock;          /* accesses of the data cache */
    uint32_t rww_tag;              /* double word of the other bank read last during the operation in flight */
    uint32_t stale_code[FLASH_PAGES_MAX / 32u]; /* pages changed since the instruction cache was reset */
    uint32_t stale_code_moved;                  /* their traps are to be set */
    uint32_t reserved;
};

static inline struct flash_state *flash_state(struct device *dev)
{
    return dev->state;
}
static inline const struct stm32_flash_l4_params *flash_params(const struct device *dev)
{
    return dev->params;
}

/* stm32_flash_l4.c */
void flash_update_irq(struct device *dev);
void flash_update_traps(struct device *dev);
/** Raises error flags (and OPERR with ERRIE); ends a fast row with FASTERR. */
void flash_fail(struct device *dev, uint32_t flags);
/** Stalls the access until BSY is 0. */
void flash_wait_idle(struct device *dev);
void flash_begin(struct device *dev, const struct op *op, enum flash_activity activity, uint32_t banks,
                 uint64_t duration_ps);
/** BSY falls; EOP with EOPIE. */
void flash_finish(struct device *dev);
void flash_warn_voltage(struct device *dev);

/* stm32_flash_l4_power.c */
/** RUN_PD, or SLEEP_PD and the core sleeps. */
bool flash_is_off(const struct device *dev);
bool flash_pdkey_is_wrong(const struct flash_state *state, unsigned size, uint32_t value);
void flash_write_pdkey(struct device *dev, unsigned size, uint32_t value);
/** ACR as it becomes by a write of RUN_PD: its keys, and what is forbidden. */
uint32_t flash_new_run_pd(struct device *dev, uint32_t old, uint32_t acr);
/** OTP, options, system memory: what is not main flash. */
void flash_trap_other_stores(struct device *dev, uint32_t trap);

/* stm32_flash_l4_options.c */
void flash_options_reset(struct device *dev, bool load);
void flash_erase_sram2(struct device *dev);
uint32_t flash_option_read(struct device *dev, uint32_t offset);
void flash_option_write(struct device *dev, uint32_t offset, uint32_t value, uint32_t lanes);
void flash_options_start(struct device *dev);
/** The operation in flight has ended: begins the next one of the sequence. */
void flash_options_next(struct device *dev);
uint32_t flash_rdp_level(const struct flash_state *state);
bool flash_pcrop_hit(const struct device *dev, uint32_t bank, uint32_t first, uint32_t last);
bool flash_page_protected(const struct device *dev, uint32_t bank, uint32_t page);
bool flash_bank_protected(const struct device *dev, uint32_t bank);
bool flash_bank_has_pcrop(const struct device *dev, uint32_t bank);

/* stm32_flash_l4_array.c */
enum array_result flash_array_write(struct device *dev, uint32_t store, uint32_t offset, uint32_t address,
                                    unsigned size, uint32_t value);
enum array_result flash_array_read(struct device *dev, uint32_t store, uint32_t offset, uint32_t address, unsigned size,
                                   uint32_t *value);
enum array_result flash_array_fetch(struct device *dev, uint32_t store, uint32_t offset, uint32_t length);
bool flash_array_faults(struct device *dev, enum access_kind kind, uint32_t store, uint32_t offset);
/** A double word of the array, corrected; raises ECCC or ECCD. */
enum ecc_result flash_read_cell(struct device *dev, uint32_t store, uint32_t offset, uint64_t *data);
/** After the operation of a row's double word has ended. */
void flash_row_next(struct device *dev);

/* stm32_flash_l4_cache.c */
/** What the data cache needs trapped of every bank. */
uint32_t flash_cache_trap(const struct device *dev);
/** Traps the pages whose code the instruction cache may hold in its old state; `trap`: what their bank is trapped for.
 */
void flash_cache_trap_pages(struct device *dev, uint32_t bank, uint32_t trap);
/** The double word at this offset of main flash as the CPU sees it at address. */
uint64_t flash_cache_read(struct device *dev, uint32_t offset, uint32_t address);
void flash_cache_fetch(struct device *dev, uint32_t offset, uint32_t length);
/** The operation in flight has changed main flash. */
void flash_cache_written(struct device *dev);
/** ACR was written: its reset bits, and what has changed. */
void flash_cache_control(struct device *dev, uint32_t changed);
void flash_cache_empty(struct device *dev);

#endif
