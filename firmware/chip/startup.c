// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// Vector table and reset handler, the same for the boot code, the app and the reference.
#include "chip/cortex_m4.h"
#include "chip/stm32l476.h"

typedef void (*handler_fn)(void);

struct vector_table {
    void *initial_sp;
    handler_fn system[15];
    handler_fn irq[STM32L476_IRQS];
};

extern uint8_t __stack_top[];
extern uint32_t __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];

int main(void);
void Reset_Handler(void);
void Default_Handler(void);

#define DEFAULTED __attribute__((weak, alias("Default_Handler")))
void NMI_Handler(void) DEFAULTED;
void SysTick_Handler(void) DEFAULTED;
void FLASH_IRQHandler(void) DEFAULTED;
void USART2_IRQHandler(void) DEFAULTED;

#define UP_TO_NEXT(first, last) [first... last] = Default_Handler

__extension__ __attribute__((section(".vectors"), used)) const struct vector_table vectors = {
    .initial_sp = __stack_top,
    // Exception n is system[n - 1] (ARM DDI 0403E B1.5.2).
    .system =
        {
            [0] = Reset_Handler,
            [1] = NMI_Handler,
            UP_TO_NEXT(2, 13),
            [14] = SysTick_Handler,
        },
    .irq =
        {
            UP_TO_NEXT(0, FLASH_IRQn - 1u),
            [FLASH_IRQn] = FLASH_IRQHandler,
            UP_TO_NEXT(FLASH_IRQn + 1u, USART2_IRQn - 1u),
            [USART2_IRQn] = USART2_IRQHandler,
            UP_TO_NEXT(USART2_IRQn + 1u, STM32L476_IRQS - 1u),
        },
};

// A fault or an interrupt nobody asked for: nothing here can be trusted, start over.
void Default_Handler(void)
{
    cpu_system_reset();
}

__attribute__((noreturn)) void Reset_Handler(void)
{
#ifndef LEAVE_VTOR_UNSET // a mistake on purpose, for the images reference-no-vtor-*
    // First of all: address 0 may show the ROM (BFB2 = 1) or another bank's table.
    SCB->VTOR = (uint32_t)&vectors;
#endif
    SCB->CPACR |= SCB_CPACR_CP10_CP11;
    cpu_dsb();
    cpu_isb();

    const uint32_t *from = __data_load;
    for (uint32_t *to = __data_start; to < __data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = __bss_start; to < __bss_end;) {
        *to++ = 0;
    }
    (void)main();
    cpu_system_reset();
}
