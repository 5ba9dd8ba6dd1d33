/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Memory protection: registers, permissions, regions inside a page, execute-never, priorities below 0.
 *
 * Long because: one case a rule of the manual.
 */
#include "torture.h"

/* ARM DDI 0403E B3.5. */
#define MPU_TYPE    REG32(0xe000ed90u)
#define MPU_RNR     REG32(0xe000ed98u)
#define MPU_RBAR    REG32(0xe000ed9cu)
#define MPU_RASR    REG32(0xe000eda0u)
#define MPU_RBAR_A1 REG32(0xe000eda4u)
#define MPU_RASR_A1 REG32(0xe000eda8u)
#define MPU_RBAR_A2 REG32(0xe000edacu)
#define MPU_RASR_A2 REG32(0xe000edb0u)
#define MPU_RBAR_A3 REG32(0xe000edb4u)
#define MPU_RASR_A3 REG32(0xe000edb8u)
#define MPU_RASR_LO (*(volatile uint16_t *)0xe000eda0u)
#define MPU_RASR_HI (*(volatile uint16_t *)0xe000eda2u)

#define ENABLE     1u
#define PRIVDEFENA 4u
#define VALID      (1u << 4)
#define XN         (1u << 28)

#define SIZE_32    4u
#define SIZE_256   7u
#define SIZE_512   8u
#define SIZE_1K    9u
#define SIZE_128K  16u
#define SIZE_512K  18u
#define SIZE_4G    31u
#define AP_NONE    0u
#define AP_PRIV    1u
#define AP_USER_RO 2u
#define AP_FULL    3u
#define AP_PRIV_RO 5u
#define AP_RO      6u

/* RM0351 2.2.2, 3.7.5, 6.4.17, 8.4. */
#define SRAM2       0x10000000u
#define FLASH_BANK2 0x08080000u
#define FLASH_SR    REG32(0x40022010u)
#define RCC_AHB2ENR REG32(0x4002104cu)
#define GPIOA       0x48000000u
#define GPIOB       0x48000400u
#define GPIO_MODER  0x00u
#define GPIO_ODR    0x14u
#define GPIO_BSRR   0x18u
#define GPIO_AFRL   0x20u

#define MOVS_R0_BX_LR(n) (0x47702000u | (n))
#define TWO_NOPS         0xbf00bf00u

uint32_t mpu_load(uint32_t address);
uint32_t mpu_load_byte(uint32_t address);
uint32_t mpu_load_unprivileged(uint32_t address);
void mpu_store(uint32_t address, uint32_t value);
void mpu_store_byte(uint32_t address, uint32_t value);
void mpu_store_unprivileged(uint32_t address, uint32_t value);
void mpu_store_multiple(uint32_t address, uint32_t value);
void mpu_load_multiple(uint32_t address);
void mpu_store_double(uint32_t address, uint32_t value);
uint32_t mpu_flash_next(void);
uint32_t mpu_flash_code(void);
uint32_t mpu_flash_after(void);
void mpu_svc_on_psp(uint32_t psp);
void call_unprivileged(void (*run)(void *), void *argument);
extern const char probe_resume[], probe_psp_resume[], mpu_flash_data[];

/** What the regions are laid over: four pages of 1 KiB that nothing else uses. */
uint32_t mpu_area[1024] __attribute__((aligned(4096)));
/** For the host: whether the MPU is on. */
volatile uint32_t mpu_on;
static uint32_t mmfar, loaded;

#define AREA ((uint32_t)mpu_area)

static void set_region(uint32_t number, uint32_t base, uint32_t ap, uint32_t size, uint32_t more)
{
    MPU_RBAR = base | VALID | number;
    MPU_RASR = ap << 24 | size << 1 | ENABLE | more;
    barrier();
}

static void set_mpu(uint32_t ctrl)
{
    mpu_on = ctrl & ENABLE;
    barrier();
    MPU_CTRL = ctrl;
    barrier();
}

/** All regions off, the area holding its own word numbers. */
static void start(void)
{
    set_mpu(0);
    for (uint32_t number = 0; number < 8u; number++) {
        MPU_RBAR = VALID | number;
        MPU_RASR = 0;
    }
    for (uint32_t i = 0; i < 1024u; i++)
        mpu_area[i] = i;
}

static uint32_t on_mpu_fault(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    if ((CFSR & 0x80u) != 0u)
        mmfar = MMFAR;
    return on_fault(exc_return, frame, exception);
}

static void arm(hook handler)
{
    for (unsigned i = EXC_HARDFAULT; i <= EXC_USAGEFAULT; i++)
        hooks[i] = handler;
    resume_pc = (uint32_t)probe_resume;
    seen = (struct seen){0};
    mmfar = 0;
}

/** How many faults, which exception, low half of CFSR: 0 when nothing happened. */
static uint32_t verdict(void)
{
    return seen.count << 20 | seen.exception << 16 | (seen.cfsr & 0xffffu);
}

static uint32_t try_load(uint32_t address)
{
    arm(on_mpu_fault);
    loaded = mpu_load(address);
    return verdict();
}

static uint32_t try_store(uint32_t address, uint32_t value)
{
    arm(on_mpu_fault);
    mpu_store(address, value);
    return verdict();
}

static uint32_t try_call(uint32_t address)
{
    arm(on_mpu_fault);
    loaded = ((uint32_t(*)(void))(address | 1u))();
    return verdict();
}

/* --- the same without privilege ---------------------------------------------------------------------------------- */

struct attempt {
    enum {
        LOAD,
        STORE,
        CALL
    } kind;
    uint32_t address, value;
};

static void run_attempt(void *argument)
{
    const struct attempt *attempt = argument;
    if (attempt->kind == LOAD)
        loaded = mpu_load(attempt->address);
    else if (attempt->kind == STORE)
        mpu_store(attempt->address, attempt->value);
    else
        loaded = ((uint32_t(*)(void))(attempt->address | 1u))();
}

static uint32_t on_regain(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    set_control(get_control() & ~1u);
    return exc_return;
}

static uint32_t try_user(struct attempt attempt)
{
    arm(on_mpu_fault);
    hooks[EXC_SVCALL] = on_regain;
    call_unprivileged(run_attempt, &attempt);
    return verdict();
}

static uint32_t user_load(uint32_t address)
{
    return try_user((struct attempt){LOAD, address, 0});
}

static uint32_t user_store(uint32_t address, uint32_t value)
{
    return try_user((struct attempt){STORE, address, value});
}

static uint32_t user_call(uint32_t address)
{
    return try_user((struct attempt){CALL, address, 0});
}

/** What an unprivileged thread needs to run at all: code, and data with the stack. */
static void let_user_run(void)
{
    set_region(0, 0x08000000u, AP_RO, SIZE_512K, 0);
    set_region(1, 0x20000000u, AP_FULL, SIZE_128K, 0);
}

/* --- registers --------------------------------------------------------------------------------------------------- */

static void registers(void)
{
    start();
    record(MPU_TYPE);
    MPU_TYPE = 0;
    record(MPU_TYPE);
    MPU_CTRL = ENABLE | PRIVDEFENA;
    barrier();
    record(MPU_CTRL);
    MPU_CTRL = 0;
    barrier();
    record(MPU_CTRL);
    MPU_RNR = 5;
    record(MPU_RNR);
    MPU_RBAR = 0x20001003u; /* not VALID: the region number is ignored */
    record(MPU_RBAR);
    record(MPU_RNR);
    MPU_RBAR = 0x20002000u | VALID | 2u;
    record(MPU_RNR);
    record(MPU_RBAR);
    MPU_RNR = 5;
    record(MPU_RBAR);
    MPU_RASR = 0x133fa511u;
    record(MPU_RASR);
    MPU_RASR_LO = 0x5a13u;
    record(MPU_RASR);
    MPU_RASR_HI = 0x0600u;
    record(MPU_RASR);
    MPU_RNR = 2;
    record(MPU_RASR);
}

static void aliases(void)
{
    start();
    MPU_RBAR_A1 = 0x20001000u | VALID | 1u;
    MPU_RASR_A1 = 0x03000011u;
    record(MPU_RNR);
    MPU_RBAR_A2 = 0x20002000u | VALID | 2u;
    MPU_RASR_A2 = 0x06000013u;
    record(MPU_RNR);
    MPU_RBAR_A3 = 0x20003000u | VALID | 3u;
    MPU_RASR_A3 = 0x05000015u;
    record(MPU_RNR);
    for (uint32_t number = 1; number < 4u; number++) {
        MPU_RNR = number;
        record(MPU_RBAR);
        record(MPU_RASR);
    }
    /* Every alias is the register itself: the region is the one that RNR names. */
    MPU_RNR = 6;
    MPU_RBAR_A1 = 0x20006000u;
    MPU_RASR_A2 = 0x02000017u;
    record(MPU_RNR);
    record(MPU_RBAR);
    record(MPU_RASR);
    record(MPU_RBAR_A1);
    record(MPU_RASR_A1);
    record(MPU_RBAR_A3);
    record(MPU_RASR_A3);
}

/* --- data -------------------------------------------------------------------------------------------------------- */

static void read_only(void)
{
    static const uint32_t aps[2] = {AP_PRIV_RO, AP_RO};
    start();
    for (uint32_t i = 0; i < 2u; i++) {
        set_region(2, AREA, aps[i], SIZE_1K, 0);
        set_mpu(ENABLE | PRIVDEFENA);
        (void)try_store(AREA + 0x44u, 0x99u);
        record(seen.count);
        record(seen.exception);
        record(seen.cfsr);
        record(seen.hfsr);
        record(seen.pc);
        record(mmfar);
        record(seen.r1);
        record(try_load(AREA + 0x44u));
        record(loaded);
        record(try_store(AREA + 0x400u, 0x99u + i)); /* behind the region */
        record(mpu_area[256]);
        set_mpu(0);
        record(mpu_area[0x44u / 4u]);
    }
}

static void small_region(void)
{
    start();
    set_region(2, AREA + 0x80u, AP_NONE, SIZE_32, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_load(AREA + 0x7cu));
    record(loaded);
    record(try_store(AREA + 0x7cu, 0x71u));
    record(try_load(AREA + 0x80u));
    record(mmfar);
    record(try_store(AREA + 0x80u, 0x72u));
    record(mmfar);
    record(try_load(AREA + 0x9cu));
    record(mmfar);
    record(try_store(AREA + 0x9cu, 0x73u));
    record(mmfar);
    record(try_load(AREA + 0xa0u));
    record(loaded);
    record(try_store(AREA + 0xa0u, 0x74u));
    arm(on_mpu_fault);
    record(mpu_load_byte(AREA + 0x7cu)); /* its store above has arrived */
    mpu_store_byte(AREA + 0x7fu, 0x11u);
    record(verdict());
    mpu_store_byte(AREA + 0x9fu, 0x12u);
    record(verdict());
    record(mmfar);
    record(try_load(AREA + 0x7eu)); /* the second half lies inside */
    record(try_load(AREA + 0x9eu)); /* the first half does */
    set_region(3, AREA + 0x400u, AP_NONE, SIZE_32, 0);
    record(try_load(AREA + 0x3feu)); /* across pages */
    record(try_store(AREA + 0x3feu, 0));
    set_mpu(0);
    record(mpu_area[0x7cu / 4u]);
    record(mpu_area[0x80u / 4u]);
    record(mpu_area[0x9cu / 4u]);
    record(mpu_area[0xa0u / 4u]);
}

/* 256 bytes: eighths of 32; 0, 2 and 7 are off. */
static void subregions(void)
{
    start();
    set_region(2, AREA + 0x100u, AP_RO, SIZE_256, 0x8500u);
    set_mpu(ENABLE | PRIVDEFENA);
    for (uint32_t i = 0; i < 8u; i++)
        record(try_store(AREA + 0x100u + 32u * i, 0xa0u + i));
    record(try_store(AREA + 0x0fcu, 0xb0u));
    record(try_store(AREA + 0x200u, 0xb1u));
    record(try_store(AREA + 0x11cu, 0xb2u)); /* last word of eighth 0 */
    record(try_store(AREA + 0x13cu, 0xb3u)); /* of eighth 1 */
    set_mpu(0);
    for (uint32_t i = 0; i < 8u; i++)
        record(mpu_area[(0x100u + 32u * i) / 4u]);
}

/* A disabled eighth of a higher region lets the lower one show through. */
static void overlap(void)
{
    start();
    set_region(2, AREA, AP_RO, SIZE_1K, 0);
    set_region(5, AREA + 0x100u, AP_FULL, SIZE_256, 0x0200u);
    set_region(3, AREA + 0x140u, AP_NONE, SIZE_32, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_store(AREA + 0x0fcu, 1)); /* 2 alone */
    record(try_store(AREA + 0x100u, 2)); /* 5 over 2 */
    record(try_store(AREA + 0x120u, 3)); /* an eighth of 5 that is off: 2 */
    record(try_load(AREA + 0x120u));     /* which may be read */
    record(try_store(AREA + 0x140u, 4)); /* 5 over 3 over 2 */
    set_region(6, AREA + 0x140u, AP_NONE, SIZE_32, 0);
    record(try_load(AREA + 0x140u));     /* 6 over 5 */
    record(try_store(AREA + 0x160u, 5)); /* 5 again */
    set_mpu(0);
    record(mpu_area[0x0fcu / 4u]);
    record(mpu_area[0x100u / 4u]);
    record(mpu_area[0x120u / 4u]);
    record(mpu_area[0x140u / 4u]);
    record(mpu_area[0x160u / 4u]);
}

/** 0 allowed, 1 denied as it should be, anything else is wrong. */
static uint32_t denied(uint32_t outcome)
{
    return outcome == 0x00140082u ? 1u : outcome;
}

/* Privileged read 8, privileged write 4, unprivileged read 2, unprivileged write 1. */
static void permissions(void)
{
    static const uint32_t aps[7] = {0, 1, 2, 3, 5, 6, 7};
    for (uint32_t i = 0; i < 7u; i++) {
        start();
        let_user_run();
        set_region(4, AREA, aps[i], SIZE_1K, 0);
        set_mpu(ENABLE | PRIVDEFENA);
        uint32_t bits = denied(try_load(AREA + 0x10u)) << 3;
        bits |= denied(try_store(AREA + 0x20u, 0x111u)) << 2;
        bits |= denied(user_load(AREA + 0x10u)) << 1;
        bits |= denied(user_store(AREA + 0x30u, 0x222u));
        set_mpu(0);
        record(bits);
        record(mpu_area[8] << 16 | mpu_area[12]);
    }
}

static void background(void)
{
    start();
    let_user_run();
    REG32(SRAM2) = 0x2222u;
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_load(SRAM2));
    record(loaded);
    record(user_load(SRAM2)); /* the background region is for privileged accesses only */
    record(mmfar);
    record(seen.pc);
    record(user_store(SRAM2, 1));
    record(user_load(AREA));
    (void)try_load(UNMAPPED_DEVICE + 8u); /* allowed, and nothing answers */
    record(verdict());
    record(seen.bfar);
    set_mpu(ENABLE);
    record(try_load(SRAM2));
    record(mmfar);
    record(try_store(SRAM2, 2));
    record(try_load(UNMAPPED_DEVICE)); /* the MPU comes before the bus */
    record(mmfar);
    record(try_store(AREA + 4u, 0x77u));
    set_region(2, 0x08000000u, AP_RO, SIZE_512K, 0);
    set_region(0, 0, AP_NONE, SIZE_4G, 0);
    record(CPUID); /* the private peripheral bus is never governed by regions */
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_load(SRAM2)); /* region 0 covers the background */
    record(CPUID);
    set_mpu(0);
    record(REG32(SRAM2));
    record(mpu_area[1]);
}

/* --- execution --------------------------------------------------------------------------------------------------- */

static void xn(void)
{
    start();
    mpu_area[0] = MOVS_R0_BX_LR(42u);
    mpu_area[256] = MOVS_R0_BX_LR(43u);
    set_region(2, AREA, AP_FULL, SIZE_1K, XN);
    set_mpu(ENABLE | PRIVDEFENA);
    (void)try_call(AREA);
    record(seen.count);
    record(seen.exception);
    record(seen.cfsr);
    record(seen.hfsr);
    record(seen.pc);
    record(try_load(AREA)); /* data is not concerned */
    record(try_store(AREA + 4u, 5));
    record(try_call(AREA + 0x400u)); /* the next page is background */
    record(loaded);
    set_region(2, AREA, AP_FULL, SIZE_1K, 0);
    record(try_call(AREA));
    record(loaded);
    set_region(2, AREA, AP_RO, SIZE_1K, 0);
    record(try_call(AREA)); /* read-only code executes */
    record(loaded);
    set_region(2, AREA, AP_NONE, SIZE_1K, 0);
    record(try_call(AREA)); /* what cannot be read cannot be executed */
    record(seen.pc);
    set_mpu(0);
    record(try_call(AREA));
    record(loaded);
}

/* 32 bytes at 0x120 of a page whose rest executes, and then another page whose forbidden part comes first. */
static void xn_small(void)
{
    start();
    mpu_area[0x100u / 4u] = MOVS_R0_BX_LR(42u);
    mpu_area[0x11cu / 4u] = TWO_NOPS;
    mpu_area[0x120u / 4u] = MOVS_R0_BX_LR(43u);
    mpu_area[0x140u / 4u] = MOVS_R0_BX_LR(44u);
    mpu_area[0x520u / 4u] = MOVS_R0_BX_LR(45u);
    mpu_area[0x540u / 4u] = MOVS_R0_BX_LR(46u);
    set_region(2, AREA + 0x120u, AP_FULL, SIZE_32, XN);
    set_region(3, AREA + 0x520u, AP_FULL, SIZE_32, XN);
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_call(AREA + 0x100u));
    record(loaded);
    record(try_call(AREA + 0x120u));
    record(seen.pc);
    record(try_call(AREA + 0x140u));
    record(loaded);
    record(try_call(AREA + 0x11cu)); /* runs into it */
    record(seen.pc);
    record(try_call(AREA + 0x520u));
    record(seen.pc);
    record(try_call(AREA + 0x540u));
    record(loaded);
    record(try_call(AREA + 0x520u));
    record(seen.pc);
    record(try_load(AREA + 0x520u));
    record(try_store(AREA + 0x530u, 1));
    set_mpu(0);
    record(try_call(AREA + 0x11cu));
    record(loaded);
}

static void xn_thread(void)
{
    start();
    mpu_area[0] = MOVS_R0_BX_LR(42u);
    let_user_run();
    set_region(4, AREA, AP_PRIV, SIZE_1K, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_call(AREA));
    record(loaded);
    record(user_call(AREA));
    record(seen.pc);
    record(try_call(AREA));
    record(user_call(AREA));
    set_region(4, AREA, AP_USER_RO, SIZE_1K, 0);
    record(user_call(AREA));
    record(loaded);
    set_mpu(0);
}

/* --- flash and devices ------------------------------------------------------------------------------------------- */

static void flash(void)
{
    start();
    FLASH_SR = 0xc3fau;
    record(try_load(FLASH_BANK2));
    uint32_t erased = loaded;
    set_region(2, FLASH_BANK2, AP_NONE, SIZE_512K, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_load(FLASH_BANK2));
    record(mmfar);
    record(seen.pc);
    record(try_load(FLASH_BANK2 + 0x7fffcu));
    record(try_call(FLASH_BANK2));
    record(try_load(FLASH_BANK2 - 4u));
    record(mpu_flash_next());
    set_region(2, FLASH_BANK2, AP_PRIV_RO, SIZE_512K, 0);
    record(try_load(FLASH_BANK2));
    record(loaded - erased);
    record(try_store(FLASH_BANK2, 0)); /* never gets to the flash interface */
    record(mmfar);
    record(FLASH_SR & 0xc3fau);
    set_mpu(0);
    record(try_load(FLASH_BANK2));
}

/* 32 bytes of data that cannot be read, 32 of code that cannot be executed, amid the probes. */
static void flash_small(void)
{
    uint32_t data = (uint32_t)mpu_flash_data;
    start();
    set_region(2, data, AP_NONE, SIZE_32, 0);
    set_region(3, (uint32_t)mpu_flash_code & ~1u, AP_RO, SIZE_32, XN);
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_load(data));
    record(mmfar - data);
    record(try_load(data + 28u));
    record(try_load(data - 4u));
    record(try_load(data + 32u));
    record(mpu_flash_next());
    record(mpu_flash_after());
    record(try_call((uint32_t)mpu_flash_code));
    record(seen.pc);
    record(try_load((uint32_t)mpu_flash_code & ~1u));
    record(mpu_flash_after());
    set_mpu(0);
    record(try_call((uint32_t)mpu_flash_code));
    record(loaded);
    record(try_load(data));
    record(loaded);
}

static void peripheral(void)
{
    start();
    RCC_AHB2ENR |= 3u;
    barrier();
    REG32(GPIOA + GPIO_ODR) = 5u;
    set_region(2, GPIOA, AP_PRIV_RO, SIZE_1K, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_store(GPIOA + GPIO_ODR, 0xau));
    record(mmfar);
    record(seen.pc);
    record(try_load(GPIOA + GPIO_ODR));
    record(loaded);
    record(try_store(GPIOA + GPIO_BSRR, 2u));
    record(REG32(GPIOA + GPIO_ODR));
    record(try_store(GPIOB + GPIO_ODR, 3u));
    record(REG32(GPIOB + GPIO_ODR));
    set_region(2, GPIOA, AP_PRIV_RO, SIZE_32, 0);
    record(try_store(GPIOA + GPIO_ODR, 0xau));
    record(try_store(GPIOA + GPIO_AFRL, 0x11u));
    record(REG32(GPIOA + GPIO_AFRL));
    set_region(2, GPIOA, AP_NONE, SIZE_1K, 0);
    record(try_load(GPIOA + GPIO_ODR));
    record(mmfar);
    set_mpu(0);
    record(try_store(GPIOA + GPIO_ODR, 6u));
    record(REG32(GPIOA + GPIO_ODR));
    REG32(GPIOA + GPIO_ODR) = 0;
    REG32(GPIOB + GPIO_ODR) = 0;
    REG32(GPIOA + GPIO_AFRL) = 0;
    RCC_AHB2ENR &= ~3u;
}

/* --- priorities below 0 ------------------------------------------------------------------------------------------ */

static uint32_t handler_saw;

/* Handlers of priority -1 and -2 are not checked unless HFNMIENA is set: this store may fault only if it is. */
static uint32_t on_unchecked(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    handler_saw = mpu_area[0x40u / 4u];
    mpu_area[0x44u / 4u] = 0xa0u + exception;
    return exception == EXC_NMI ? exc_return : on_mpu_fault(exc_return, frame, exception);
}

static void hfnmiena(void)
{
    start();
    SHCSR = SHCSR_USGFAULTENA | SHCSR_BUSFAULTENA;
    set_region(2, AREA, AP_NONE, SIZE_1K, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    for (uint32_t i = 0; i < 2u; i++) { /* the second time the page has been used inside the handler */
        handler_saw = 0;
        arm(on_unchecked);
        mpu_store(AREA + 0x48u, 1u);
        record(verdict());
        record(seen.hfsr);
        record(mmfar);
        record(handler_saw);
    }
    SHCSR = SHCSR_USGFAULTENA | SHCSR_BUSFAULTENA | SHCSR_MEMFAULTENA;
    record(try_load(AREA + 0x44u)); /* a MemManage handler's thread is checked as before */
    handler_saw = 0;
    arm(on_mpu_fault);
    hooks[EXC_NMI] = on_unchecked;
    ICSR = ICSR_NMIPENDSET;
    barrier();
    record(verdict());
    record(handler_saw);
    record(try_load(AREA + 0x44u));
    record(try_store(AREA + 0x44u, 9u));
    set_mpu(0);
    record(mpu_area[0x44u / 4u]);
    record(mpu_area[0x48u / 4u]);
}

/* FAULTMASK raises the priority to -1. */
static void faultmask(void)
{
    start();
    set_region(2, AREA, AP_NONE, SIZE_1K, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    for (uint32_t i = 0; i < 2u; i++) {
        record(try_store(AREA + 0x48u, 1u));
        set_faultmask(1);
        record(try_store(AREA + 0x44u, 0x31u + i));
        record(try_load(AREA + 0x44u));
        record(loaded);
        set_faultmask(0);
    }
    record(try_load(AREA + 0x44u));
    set_mpu(0);
    record(mpu_area[0x44u / 4u]);
    record(mpu_area[0x48u / 4u]);
}

/* --- changes ----------------------------------------------------------------------------------------------------- */

static void rights_change(void)
{
    start();
    set_region(2, AREA, AP_FULL, SIZE_1K, 0);
    record(try_store(AREA + 4u, 0x10u)); /* not yet on */
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_store(AREA + 4u, 0x11u));
    set_region(2, AREA, AP_RO, SIZE_1K, 0);
    record(try_store(AREA + 4u, 0x12u));
    set_region(2, AREA, AP_NONE, SIZE_1K, 0);
    record(try_load(AREA + 4u));
    set_region(2, AREA + 0x400u, AP_NONE, SIZE_1K, 0); /* moved */
    record(try_store(AREA + 4u, 0x13u));
    record(try_store(AREA + 0x404u, 0x14u));
    MPU_RNR = 2;
    MPU_RASR = 0; /* off */
    barrier();
    record(try_store(AREA + 0x404u, 0x15u));
    set_region(2, AREA, AP_NONE, SIZE_1K, 0);
    record(try_store(AREA + 4u, 0x16u));
    set_mpu(0);
    record(try_load(AREA + 4u));
    record(loaded);
    record(try_store(AREA + 4u, 0x17u));
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_store(AREA + 4u, 0x18u));
    set_mpu(0);
    record(mpu_area[1]);
    record(mpu_area[257]);
}

/* The same words by turns with and without privilege. */
static void privilege_change(void)
{
    start();
    let_user_run();
    set_region(4, AREA, AP_PRIV, SIZE_1K, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    for (uint32_t i = 0; i < 2u; i++) {
        record(try_store(AREA, 0x20u + i));
        record(user_store(AREA, 0x30u + i));
        record(user_load(AREA));
        record(try_load(AREA));
        record(loaded);
    }
    set_region(4, AREA, AP_USER_RO, SIZE_1K, 0);
    record(try_store(AREA, 0x40u));
    record(user_load(AREA));
    record(loaded);
    record(user_store(AREA, 0x50u));
    record(mmfar);
    record(try_store(AREA, 0x41u));
    set_mpu(0);
    record(mpu_area[0]);
}

/* --- other accesses ---------------------------------------------------------------------------------------------- */

/* The region begins at the third word. */
static void multiple(void)
{
    start();
    set_region(2, AREA + 0x40u, AP_NONE, SIZE_32, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    arm(on_mpu_fault);
    mpu_store_multiple(AREA + 0x38u, 0x66u);
    record(verdict());
    record(mmfar);
    record(seen.pc);
    record(seen.r0);
    arm(on_mpu_fault);
    mpu_load_multiple(AREA + 0x38u);
    record(verdict());
    record(mmfar);
    record(seen.pc);
    record(seen.r0);
    arm(on_mpu_fault);
    mpu_store_double(AREA + 0x3cu, 0x67u);
    record(verdict());
    record(mmfar);
    record(seen.pc);
    arm(on_mpu_fault);
    mpu_store_multiple(AREA + 0x30u, 0x68u); /* ends right before it */
    record(verdict());
    mpu_store_multiple(AREA + 0x60u, 0x69u); /* begins right behind it */
    record(verdict());
    set_mpu(0);
    record(mpu_area[0x3cu / 4u]);
    record(mpu_area[0x40u / 4u]);
    record(mpu_area[0x44u / 4u]);
    record(mpu_area[0x60u / 4u]);
}

static uint32_t try_ldrt(uint32_t address)
{
    arm(on_mpu_fault);
    loaded = mpu_load_unprivileged(address);
    return verdict();
}

static uint32_t try_strt(uint32_t address, uint32_t value)
{
    arm(on_mpu_fault);
    mpu_store_unprivileged(address, value);
    return verdict();
}

/* Privileged code that accesses as if it were not. */
static void ldrt(void)
{
    start();
    let_user_run();
    set_region(2, AREA, AP_PRIV, SIZE_1K, 0);
    set_region(3, AREA + 0x400u, AP_USER_RO, SIZE_1K, 0);
    set_region(4, AREA + 0x800u, AP_FULL, SIZE_1K, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    record(try_ldrt(AREA + 4u));
    record(try_strt(AREA + 4u, 0x81u));
    record(try_ldrt(AREA + 0x404u));
    record(loaded);
    record(try_strt(AREA + 0x404u, 0x82u));
    record(try_strt(AREA + 0x804u, 0x83u));
    record(try_ldrt(SRAM2)); /* background */
    record(try_store(AREA + 8u, 0x84u));
    record(try_load(AREA + 8u));
    record(user_load(AREA + 12u)); /* whatever LDRT did before */
    record(user_store(SRAM2, 0));
    set_mpu(0);
    record(mpu_area[1]);
    record(mpu_area[0x404u / 4u]);
    record(mpu_area[0x804u / 4u]);
}

static uint32_t on_stack_denied(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    seen.count++;
    seen.exception = exception;
    seen.cfsr = CFSR;
    CFSR = seen.cfsr;
    mark(1);
    uint32_t *good = mpu_area + 256; /* the next page: a sound frame */
    for (unsigned i = 0; i < 8u; i++)
        good[i] = 0;
    good[6] = (uint32_t)probe_psp_resume & ~1u;
    good[7] = XPSR_T;
    set_psp((uint32_t)good);
    return exc_return;
}

static uint32_t on_svc_marks(uint32_t exc_return, struct frame *frame, uint32_t exception)
{
    (void)frame;
    (void)exception;
    mark(2);
    return exc_return;
}

/* The process stack lies in a page that cannot be written: MemManage outranks the SVCall. */
static void stacking(void)
{
    start();
    SHPR2 = 0x80000000u;
    set_region(2, AREA, AP_RO, SIZE_1K, 0);
    set_mpu(ENABLE | PRIVDEFENA);
    arm(on_stack_denied);
    hooks[EXC_SVCALL] = on_svc_marks;
    mpu_svc_on_psp(AREA + 0x200u);
    set_mpu(0);
    record(order);
    record(verdict());
}

/** Long enough that snapshots are taken inside: stores to all eighths, every second one denied, every round 16. */
static void soak(void)
{
    uint32_t faults = 0;
    uint32_t wrong = 0;
    start();
    let_user_run();
    set_region(4, AREA + 0x100u, AP_PRIV_RO, SIZE_256, 0xaa00u);
    set_mpu(ENABLE | PRIVDEFENA);
    for (uint32_t i = 0; i < 1600u; i++) {
        uint32_t address = AREA + 0x100u + 32u * (i % 8u);
        uint32_t outcome = i / 8u % 2u == 0u ? try_store(address, i) : user_store(address, i);
        faults += outcome == 0x00140082u;
        wrong += outcome != 0x00140082u && outcome != 0u;
        wrong += outcome != 0u && (mmfar != address || seen.pc != ((uint32_t)mpu_store & ~1u));
    }
    set_mpu(0);
    record(faults);
    record(wrong);
    for (uint32_t i = 0; i < 8u; i++)
        record(mpu_area[(0x100u + 32u * i) / 4u]);
}

const struct torture_step mpu_cases[] = {
    {CASE_MPU_REGISTERS, registers},
    {CASE_MPU_ALIASES, aliases},
    {CASE_MPU_READ_ONLY, read_only},
    {CASE_MPU_SMALL_REGION, small_region},
    {CASE_MPU_SUBREGIONS, subregions},
    {CASE_MPU_OVERLAP, overlap},
    {CASE_MPU_PERMISSIONS, permissions},
    {CASE_MPU_BACKGROUND, background},
    {CASE_MPU_XN, xn},
    {CASE_MPU_XN_SMALL, xn_small},
    {CASE_MPU_XN_THREAD, xn_thread},
    {CASE_MPU_FLASH, flash},
    {CASE_MPU_FLASH_SMALL, flash_small},
    {CASE_MPU_PERIPHERAL, peripheral},
    {CASE_MPU_HFNMIENA, hfnmiena},
    {CASE_MPU_FAULTMASK, faultmask},
    {CASE_MPU_RIGHTS_CHANGE, rights_change},
    {CASE_MPU_PRIVILEGE_CHANGE, privilege_change},
    {CASE_MPU_MULTIPLE, multiple},
    {CASE_MPU_LDRT, ldrt},
    {CASE_MPU_STACKING, stacking},
    {CASE_MPU_SOAK, soak},
    {CASE_COUNT, 0},
};
