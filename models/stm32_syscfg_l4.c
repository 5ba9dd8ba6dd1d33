/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * SYSCFG of the STM32L4x6 (RM0351 chapter 9) and the boot decision (RM0351 2.6).
 *
 * Modelled: MEMRMP with bank swap and what shows at address 0, the boot pin and options sampled at
 * each system reset, EXTICR1-4 as outputs, the SRAM2 key and erase, write protection registers as storage.
 *
 * Not modelled, reported as gaps: SRAM2 write protection (SWPR), the
 * lock bits of CFGR2, BOOSTEN, the firewall (FWDIS cleared). Fast-mode-plus drive and the FPU interrupt enables of
 * CFGR1 are stored only. Erasing SRAM2 takes no time: SRAM2BSY is never seen.
 */
#include "stm32_syscfg_l4.h"

#include "model.h"

#define SYSCFG_MEMRMP  0x00u
#define SYSCFG_CFGR1   0x04u
#define SYSCFG_EXTICR1 0x08u
#define SYSCFG_EXTICR4 0x14u
#define SYSCFG_SCSR    0x18u
#define SYSCFG_CFGR2   0x1cu
#define SYSCFG_SWPR    0x20u
#define SYSCFG_SKR     0x24u
#define SYSCFG_WORDS   10u

#define SYSCFG_MEMRMP_MEM_MODE 0x00000007u
#define SYSCFG_MEMRMP_FB_MODE  0x00000100u
#define SYSCFG_CFGR1_FWDIS     0x00000001u
#define SYSCFG_CFGR1_BOOSTEN   0x00000100u
#define SYSCFG_CFGR2_LOCKS     0x0000000fu
#define SYSCFG_CFGR2_SPF       0x00000100u
#define SYSCFG_SCSR_SRAM2ER    0x00000001u

/* RM0351 9.2.1 */
enum mem_mode {
    MEM_MODE_MAIN = 0,
    MEM_MODE_SYSTEM = 1,
    MEM_MODE_FMC = 2,
    MEM_MODE_SRAM1 = 3,
    MEM_MODE_QUADSPI = 6,
};

enum syscfg_input {
    SYSCFG_IN_CLK,
    SYSCFG_IN_RST,
    SYSCFG_IN_BOOT0,
    SYSCFG_IN_NBOOT1,
    SYSCFG_IN_BFB2,
};

/* RM0351 9.2. VREFBUF and COMP, in the same 1 KiB, are devices of their own. */
static const struct reg_desc syscfg_regs[] = {
    {SYSCFG_MEMRMP, "MEMRMP", 0, 0x00000107u, 0, 0, 0},
    {SYSCFG_CFGR1, "CFGR1", 0x7c000001u, 0xfc7f0101u, 0, 0, 0},
    {SYSCFG_EXTICR1, "EXTICR1", 0, 0x00007777u, 0, 0, 0},
    {0x0cu, "EXTICR2", 0, 0x00007777u, 0, 0, 0},
    {0x10u, "EXTICR3", 0, 0x00007777u, 0, 0, 0},
    {SYSCFG_EXTICR4, "EXTICR4", 0, 0x00007777u, 0, 0, 0},
    {SYSCFG_SCSR, "SCSR", 0, 0, 0, SYSCFG_SCSR_SRAM2ER, 0x00000002u},
    {SYSCFG_CFGR2, "CFGR2", 0, 0, SYSCFG_CFGR2_SPF, SYSCFG_CFGR2_LOCKS, 0},
    {SYSCFG_SWPR, "SWPR", 0, 0, 0, 0xffffffffu, 0},
    {SYSCFG_SKR, "SKR", 0, 0, 0, 0, 0},
};

static const char *const syscfg_inputs[] = {"clk", "rst", "boot0", "nboot1", "bfb2", NULL};
static const char *const syscfg_outputs[] = {"exti0",  "exti1",  "exti2",  "exti3",  "exti4",  "exti5",
                                             "exti6",  "exti7",  "exti8",  "exti9",  "exti10", "exti11",
                                             "exti12", "exti13", "exti14", "exti15", NULL};

struct syscfg_state {
    uint32_t word[SYSCFG_WORDS];
    uint32_t boot_mode; /* enum mem_mode, as sampled: reset value of MEM_MODE */
    uint32_t boot_rom;  /* 1: started in system memory because of BFB2; MEM_MODE reads 0 */
    uint32_t key;       /* bytes of the SKR sequence seen: 0, 1, 2 (open) */
    uint32_t reserved;
};
_Static_assert(sizeof(struct syscfg_state) == 56, "state of SYSCFG");

static void map(struct device *dev)
{
    const struct syscfg_state *s = dev->state;
    const struct stm32_syscfg_l4_params *params = dev->params;
    uint32_t memrmp = s->word[SYSCFG_MEMRMP / 4u];
    bool swapped = (memrmp & SYSCFG_MEMRMP_FB_MODE) != 0;
    uint32_t alias = swapped ? SYSCFG_ALIAS_MAIN_SWAPPED : SYSCFG_ALIAS_MAIN_UNSWAPPED;

    switch (memrmp & SYSCFG_MEMRMP_MEM_MODE) {
    case MEM_MODE_MAIN:
        /* RM0351 9.2.1, footnote: with BFB2 system memory stays at 0 although MEM_MODE reads 0. */
        if (s->boot_rom != 0)
            alias = SYSCFG_ALIAS_SYSTEM_MEMORY;
        break;
    case MEM_MODE_SYSTEM:
        alias = SYSCFG_ALIAS_SYSTEM_MEMORY;
        break;
    case MEM_MODE_FMC:
        alias = SYSCFG_ALIAS_FMC;
        break;
    case MEM_MODE_SRAM1:
        alias = SYSCFG_ALIAS_SRAM1;
        break;
    case MEM_MODE_QUADSPI:
        alias = SYSCFG_ALIAS_QUADSPI;
        break;
    default:
        dev_guest_error(dev, SYSCFG_MEMRMP, "SYSCFG_MEMRMP.MEM_MODE: reserved value");
        break;
    }
    uint32_t main = swapped ? SYSCFG_MAIN_SWAPPED : SYSCFG_MAIN_UNSWAPPED;
    if (dev_window_choice(dev, params->window_main) != main)
        dev_map_window(dev, params->window_main, main);
    if (dev_window_choice(dev, params->window_alias) != alias)
        dev_map_window(dev, params->window_alias, alias);
}

static void drive_exti(struct device *dev)
{
    const struct syscfg_state *s = dev->state;
    for (uint32_t line = 0; line < 16u; line++) {
        uint32_t word = s->word[SYSCFG_EXTICR1 / 4u + line / 4u];
        dev_output(dev, line, bits(word, line % 4u * 4u, line % 4u * 4u + 2u));
    }
}

/** RM0351 2.6: BOOT0 pin, nBOOT1 and BFB2 are sampled when a system reset ends. */
static void sample_boot(struct device *dev)
{
    struct syscfg_state *s = dev->state;

    s->boot_mode = MEM_MODE_MAIN;
    s->boot_rom = 0;
    if (pin_is_high(dev_input(dev, SYSCFG_IN_BOOT0)))
        s->boot_mode = dev_input(dev, SYSCFG_IN_NBOOT1) != 0 ? MEM_MODE_SYSTEM : MEM_MODE_SRAM1;
    else if (dev_input(dev, SYSCFG_IN_BFB2) != 0)
        s->boot_rom = 1;
}

static void syscfg_reset(struct device *dev, enum reset_kind kind)
{
    struct syscfg_state *s = dev->state;

    if (kind != RESET_PERIPHERAL)
        sample_boot(dev);
    for (uint32_t i = 0; i < SYSCFG_WORDS; i++)
        s->word[i] = syscfg_regs[i].reset;
    s->word[SYSCFG_MEMRMP / 4u] = s->boot_mode;
    s->key = 0;
    map(dev);
    drive_exti(dev);
}

static uint32_t syscfg_read(struct device *dev, uint32_t offset, unsigned size)
{
    struct syscfg_state *s = dev->state;
    const struct reg_desc *reg = model_register(dev, offset);

    if (reg == NULL)
        return 0;
    return reg_lane_read(s->word[offset / 4u], offset, size);
}

/** What a new value asks for and nobody here does. */
static void report_gaps(struct device *dev, uint32_t offset, uint32_t old, uint32_t value)
{
    switch (offset) {
    case SYSCFG_CFGR1:
        if ((old & SYSCFG_CFGR1_FWDIS) != 0 && (value & SYSCFG_CFGR1_FWDIS) == 0)
            dev_gap(dev, offset, true, value, "SYSCFG_CFGR1.FWDIS: firewall");
        if ((value & ~old & SYSCFG_CFGR1_BOOSTEN) != 0)
            dev_gap(dev, offset, true, value, "SYSCFG_CFGR1.BOOSTEN");
        break;
    case SYSCFG_CFGR2:
        if ((value & SYSCFG_CFGR2_LOCKS) != 0)
            dev_gap(dev, offset, true, value, "SYSCFG_CFGR2: break inputs of the timers");
        break;
    case SYSCFG_SWPR:
        if (value != 0)
            dev_gap(dev, offset, true, value, "SYSCFG_SWPR: SRAM2 write protection");
        break;
    default:
        break;
    }
}

static void write_skr(struct device *dev, uint32_t value)
{
    struct syscfg_state *s = dev->state;
    /* RM0351 9.2.10: 0xca, then 0x53; anything else closes again. */
    if (value == 0xcau)
        s->key = 1;
    else
        s->key = s->key == 1u && value == 0x53u ? 2u : 0u;
}

static void syscfg_write(struct device *dev, uint32_t offset, unsigned size, uint32_t value)
{
    struct syscfg_state *s = dev->state;
    const struct stm32_syscfg_l4_params *params = dev->params;
    const struct reg_desc *reg = model_register(dev, offset);
    uint32_t word = reg_lane_merge(0, offset, size, value);

    if (reg == NULL)
        return;
    if (reg->offset == SYSCFG_SKR) {
        write_skr(dev, word & 0xffu);
        return;
    }
    if (reg->offset == SYSCFG_SCSR) {
        if ((word & SYSCFG_SCSR_SRAM2ER) != 0 && s->key == 2u)
            dev_ram_fill(dev, params->store_sram2, 0, dev_store_size(dev, params->store_sram2), 0);
        return; /* RM0351 9.2.7: without the key the bit cannot be set */
    }
    uint32_t old = s->word[offset / 4u];
    s->word[offset / 4u] = reg_written(reg, old, word, reg_lane_mask(offset, size));
    report_gaps(dev, reg->offset, old, s->word[offset / 4u]);
    if (reg->offset == SYSCFG_MEMRMP)
        map(dev);
    else if (reg->offset >= SYSCFG_EXTICR1 && reg->offset <= SYSCFG_EXTICR4)
        drive_exti(dev);
}

const struct device_model stm32_syscfg_l4_model = {
    .name = "stm32_syscfg_l4",
    .state_size = sizeof(struct syscfg_state),
    .regs = syscfg_regs,
    .reg_count = ARRAY_LENGTH(syscfg_regs),
    .inputs = syscfg_inputs,
    .outputs = syscfg_outputs,
    .reset = syscfg_reset,
    .read = syscfg_read,
    .write = syscfg_write,
};
