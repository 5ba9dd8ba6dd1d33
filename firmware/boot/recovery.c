// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "boot/recovery.h"

#include "chip/cortex_m4.h"
#include "drivers/iwdg.h"
#include "drivers/systick.h"
#include "drivers/usart.h"
#include "update/update.h"

// Bank 1 keeps what it has: it is where a board with BFB2 = 0 runs from, and one slot is all that is needed. With
// BFB2 = 1 this code itself runs from bank 2, outside of the pages that are written: it stands still during each
// operation, and nothing comes meanwhile, because the sender waits for its ACK.
#define RECOVERY_BANK 2u

void systick_on_tick(void)
{
}

static void drop_received(void)
{
    uint8_t byte;

    while (usart_read(&byte)) {
    }
}

static enum update_result receive(struct journal_state *state)
{
    enum update_result result = update_start(&(struct update_request){
        .bank = RECOVERY_BANK,
        .running_version = 0,
        .journal = state,
        .put = usart_write,
        .now_ms = systick_now_ms(),
    });

    while (result == UPDATE_RUNNING) {
        iwdg_feed(); // an option may have started it
        result = update_poll(systick_now_ms());
        cpu_irq_disable(); // no interrupt between the question and the sleep: it stays pending, and ends WFI
        if (update_may_sleep()) {
            cpu_dsb();
            cpu_wfi();
        }
        cpu_irq_enable();
        cpu_isb();
    }
    return result;
}

void recovery_run(uint32_t clock_hz, struct journal_state *state)
{
    enum update_result result;

    systick_start(clock_hz);
    usart_init(clock_hz);
    do {
        // Said again before each attempt: somebody who connects later sees it, too.
        usart_print("boot: no valid image\r\n");
        drop_received();
        result = receive(state);
        update_report(result);
    } while (result != UPDATE_INSTALLED);
    while (!usart_tx_done()) {
        iwdg_feed();
    }
    cpu_system_reset();
}
