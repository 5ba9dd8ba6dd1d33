// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The product: a heartbeat that must never stop, a console, and an update that runs beside them.
#include "app/console.h"
#include "app/trial.h"
#include "chip/cortex_m4.h"
#include "drivers/bank.h"
#include "drivers/gpio.h"
#include "drivers/iwdg.h"
#include "drivers/rcc.h"
#include "drivers/systick.h"
#include "drivers/usart.h"

#define HEARTBEAT_PIN 5u // PA5, LD2 of the NUCLEO: each tick of 1 ms
#define MAIN_LOOP_PIN 6u // PA6, D12: each turn of the main loop

static struct journal_state journal;

void systick_on_tick(void)
{
    gpio_a_toggle(HEARTBEAT_PIN);
}

// WFI wakes for an interrupt that is pending behind PRIMASK (ARM DDI 0403E B1.5.19), so none can slip
// in between the question and the sleep.
static void idle(void)
{
    cpu_irq_disable();
    if (console_may_sleep()) {
        cpu_dsb();
        cpu_wfi();
    }
    cpu_irq_enable();
    cpu_isb();
}

int main(void)
{
    const uint32_t clock_hz = rcc_run_from_pll();

    gpio_a_mode(HEARTBEAT_PIN, GPIO_OUTPUT);
    gpio_a_mode(MAIN_LOOP_PIN, GPIO_OUTPUT);
    bank_init();
    systick_start(clock_hz);
    usart_init(clock_hz);
    console_start(&journal);
    if (trial_start(&journal)) {
        console_prompt();
    }
    for (;;) {
        const uint32_t now_ms = systick_now_ms();

        iwdg_feed();
        gpio_a_toggle(MAIN_LOOP_PIN);
        console_step(now_ms);
        if (trial_step(now_ms)) {
            console_prompt();
        }
        idle();
    }
}
