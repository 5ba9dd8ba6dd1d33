// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "reference/receive.h"

#include <string.h>

#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/ecc.h"
#include "drivers/flash.h"
#include "drivers/usart.h"
#include "reference/swap.h"
#include "update/ymodem.h"

#define QUIET_MS     300u // silence on the line that ends a cancelled transfer
#define QUIET_MAX_MS 3000u

enum receive_state {
    STATE_IDLE,
    STATE_RECEIVE, // bytes from the sender
    STATE_ERASE,   // the whole bank, then the ACK of the file's name
    STATE_WRITE,   // the block in hand, then its ACK
    STATE_QUIET,   // over, but the sender may still be talking
};

static struct {
    enum receive_state state;
    enum receive_result result;
    uint32_t quiet_since_ms;
    uint32_t over_since_ms;
    bool flash_started;  // an operation runs, or has just ended
    bool complete;       // nothing the sender does from here on takes it back
    uint32_t file_bytes; // 0: the sender did not say
    uint32_t offset;     // in the bank: where the next double word goes
    const uint8_t *block;
    uint32_t block_bytes; // of it, still to be programmed
    uint32_t low, high;   // the double word in hand
    bool held_back;
    uint32_t held_low, held_high;
    struct ymodem ymodem;
} rx;

void receive_start(void (*put)(uint8_t byte), uint32_t now_ms)
{
    memset(&rx, 0, sizeof rx);
    rx.state = STATE_RECEIVE;
    ymodem_start(&rx.ymodem, put, now_ms);
}

static void end_with(enum receive_result result, uint32_t now_ms)
{
    if (rx.file_bytes != 0) {
        flash_lock();
    }
    rx.result = rx.complete ? RECEIVE_DONE : result;
    rx.held_back = rx.held_back && rx.complete;
    rx.state = STATE_QUIET;
    rx.quiet_since_ms = now_ms;
    rx.over_since_ms = now_ms;
}

static void cancel_with(enum receive_result result, uint32_t now_ms)
{
    ymodem_cancel(&rx.ymodem);
    end_with(result, now_ms);
}

// What arrived meanwhile repeats the block in hand: a second ACK for it would confuse the sender.
static void accept(uint32_t now_ms)
{
    uint8_t byte;

    while (usart_read(&byte)) {
    }
    rx.state = STATE_RECEIVE;
    ymodem_accept(&rx.ymodem, now_ms);
}

// ---- Events of the transfer -------------------------------------------------------------------

static void on_file(uint32_t now_ms)
{
    if (rx.ymodem.file_bytes == 0 || rx.ymodem.file_bytes > FLASH_BANK_BYTES) {
        cancel_with(RECEIVE_SIZE, now_ms);
        return;
    }
    rx.file_bytes = rx.ymodem.file_bytes;
    if (flash_unlock() != FLASH_OK) {
        cancel_with(RECEIVE_UNLOCK, now_ms);
        return;
    }
    flash_erase_bank_start(bank_other(get_active_bank()));
    rx.flash_started = true;
    rx.state = STATE_ERASE;
}

static void on_block(void)
{
    const uint32_t left = rx.offset < rx.file_bytes ? rx.file_bytes - rx.offset : 0;

    // The last block is filled up by the sender: keep what belongs to the file.
    rx.block = rx.ymodem.data;
    rx.block_bytes = rx.ymodem.data_bytes < left ? rx.ymodem.data_bytes : left;
    rx.state = STATE_WRITE;
}

static void on_end_of_file(uint32_t now_ms)
{
    if (rx.file_bytes == 0 || rx.offset < rx.file_bytes) {
        cancel_with(RECEIVE_SHORT, now_ms);
        return;
    }
    rx.complete = true;
    accept(now_ms);
}

static void receive(uint32_t now_ms)
{
    enum ymodem_event event = YMODEM_NONE;
    uint8_t byte;

    while (event == YMODEM_NONE && usart_read(&byte)) {
        event = ymodem_byte(&rx.ymodem, byte, now_ms);
    }
    if (event == YMODEM_NONE) {
        event = ymodem_tick(&rx.ymodem, now_ms);
    }
    switch (event) {
    case YMODEM_NONE:
        break;
    case YMODEM_FILE:
        on_file(now_ms);
        break;
    case YMODEM_DATA:
        on_block();
        break;
    case YMODEM_END:
        on_end_of_file(now_ms);
        break;
    case YMODEM_DONE:
        end_with(RECEIVE_SHORT, now_ms); // unless the file is complete, as it should be
        break;
    case YMODEM_CANCELLED:
        end_with(RECEIVE_CANCELLED, now_ms);
        break;
    case YMODEM_TIMEOUT:
        end_with(RECEIVE_TIMEOUT, now_ms);
        break;
    case YMODEM_BROKEN:
    case YMODEM_TOO_LONG:
    case YMODEM_NOT_YMODEM:
        end_with(RECEIVE_BROKEN, now_ms);
        break;
    }
}

// ---- Flash ------------------------------------------------------------------------------------

// True if the operation that was started has ended well; false while it runs or after a failure.
static bool flash_ended(enum receive_result failure, uint32_t now_ms)
{
    const enum flash_status status = flash_poll();

    if (status == FLASH_BUSY) {
        return false;
    }
    rx.flash_started = false;
    if (status != FLASH_OK) {
        cancel_with(status == FLASH_WRITE_PROTECTED ? RECEIVE_PROTECTED : failure, now_ms);
        return false;
    }
    return true;
}

static void erase(uint32_t now_ms)
{
    if (flash_ended(RECEIVE_ERASE, now_ms)) {
        accept(now_ms);
    }
}

static bool reads_back(uint32_t address, uint32_t low, uint32_t high)
{
    const volatile uint32_t *word = (volatile uint32_t *)address;
    uint32_t seen_low, seen_high;

    ecc_guard_begin();
    seen_low = word[0];
    seen_high = word[1];
    return !ecc_guard_end() && seen_low == low && seen_high == high;
}

// Starts the next double word of the block. The end of an image that is no multiple of 8 is filled with ones.
static void program(void)
{
    uint32_t words[2] = {0xffffffffu, 0xffffffffu};

    memcpy(words, rx.block, rx.block_bytes < 8u ? rx.block_bytes : 8u);
    rx.low = words[0];
    rx.high = words[1];
    if (rx.offset == 0 && swap_first_double_word_last) {
        rx.held_back = true;
        rx.held_low = rx.low;
        rx.held_high = rx.high;
    } else if (rx.low != 0xffffffffu || rx.high != 0xffffffffu) { // ones are there already
        flash_program_start(FLASH_OTHER_BASE + rx.offset, rx.low, rx.high);
    }
    rx.flash_started = true;
}

// True if the double word in hand is where it belongs.
static bool programmed(uint32_t now_ms)
{
    if (!flash_ended(RECEIVE_PROGRAM, now_ms)) {
        return false;
    }
    if (!(rx.offset == 0 && rx.held_back) && !reads_back(FLASH_OTHER_BASE + rx.offset, rx.low, rx.high)) {
        cancel_with(RECEIVE_VERIFY, now_ms);
        return false;
    }
    return true;
}

static void write(uint32_t now_ms)
{
    if (rx.flash_started) {
        if (!programmed(now_ms)) {
            return;
        }
        rx.offset += 8u;
        rx.block += 8;
        rx.block_bytes -= rx.block_bytes < 8u ? rx.block_bytes : 8u;
    }
    if (rx.block_bytes != 0) {
        program();
    } else {
        accept(now_ms);
    }
}

bool receive_held_back(uint32_t *low, uint32_t *high)
{
    *low = rx.held_low;
    *high = rx.held_high;
    return rx.held_back;
}

bool receive_write_held_back(void)
{
    bool written = true;

    if (rx.held_back) {
        written = flash_unlock() == FLASH_OK;
        if (written) {
            enum flash_status status;

            flash_program_start(FLASH_OTHER_BASE, rx.held_low, rx.held_high);
            do {
                status = flash_poll();
            } while (status == FLASH_BUSY);
            written = status == FLASH_OK && reads_back(FLASH_OTHER_BASE, rx.held_low, rx.held_high);
        }
        flash_lock();
        rx.held_back = false;
    }
    return written;
}

// ---- The steps --------------------------------------------------------------------------------

static enum receive_result quiet(uint32_t now_ms)
{
    uint8_t byte;

    while (usart_read(&byte)) {
        rx.quiet_since_ms = now_ms;
    }
    if (now_ms - rx.quiet_since_ms < QUIET_MS && now_ms - rx.over_since_ms < QUIET_MAX_MS) {
        return RECEIVE_RUNNING;
    }
    rx.state = STATE_IDLE;
    return rx.result;
}

enum receive_result receive_poll(uint32_t now_ms)
{
    switch (rx.state) {
    case STATE_IDLE:
        return rx.result;
    case STATE_RECEIVE:
        receive(now_ms);
        break;
    case STATE_ERASE:
        erase(now_ms);
        break;
    case STATE_WRITE:
        write(now_ms);
        break;
    case STATE_QUIET:
        return quiet(now_ms);
    }
    return RECEIVE_RUNNING;
}

bool receive_may_sleep(void)
{
    switch (rx.state) {
    case STATE_RECEIVE:
    case STATE_QUIET:
        return usart_rx_empty();
    case STATE_ERASE:
    case STATE_WRITE:
        return rx.flash_started && flash_is_busy();
    case STATE_IDLE:
        break;
    }
    return false;
}

const char *receive_error_text(enum receive_result result)
{
    switch (result) {
    case RECEIVE_CANCELLED:
        return "cancelled by the sender";
    case RECEIVE_TIMEOUT:
        return "timeout";
    case RECEIVE_BROKEN:
        return "transfer error";
    case RECEIVE_SHORT:
        return "the file ended early";
    case RECEIVE_SIZE:
        return "wrong size";
    case RECEIVE_UNLOCK:
        return "flash stays locked";
    case RECEIVE_ERASE:
        return "erase error";
    case RECEIVE_PROGRAM:
        return "program error";
    case RECEIVE_PROTECTED:
        return "write protected";
    case RECEIVE_VERIFY:
        return "verify error";
    default:
        return "unknown error";
    }
}
