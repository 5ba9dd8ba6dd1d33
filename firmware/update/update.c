// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "update/update.h"

#include <stddef.h>
#include <string.h>

#include "chip/stm32l476.h"
#include "drivers/bank.h"
#include "drivers/ecc.h"
#include "drivers/flash.h"
#include "drivers/pwr.h"
#include "drivers/usart.h"
#include "image/header.h"
#include "image/slot.h"
#include "update/policy.h"
#include "update/report.h"
#include "update/ymodem.h"

#define ERASE_AHEAD    4u    // pages a block: 4 * 24.5 ms (DS10198) before its ACK
#define SLICE_BYTES    4096u // of CRC a call
#define SUPPLY_WAIT_MS 2000u
#define QUIET_MS       300u // silence on the line that ends a cancelled transfer
#define QUIET_MAX_MS   3000u

enum update_state {
    STATE_IDLE,
    STATE_RECEIVE, // bytes from the sender
    STATE_RECORD,  // what the journal is to say next, then `after_record`
    STATE_ERASE,   // pages up to erase_end, then `after_erase`
    STATE_BODY,    // the block in hand, then its ACK
    STATE_HEADER,
    STATE_CHECK, // the slot, as boot checks it
    STATE_QUIET, // over, but the sender may still be talking
};

static struct {
    struct update_request request;
    enum update_state state;
    enum update_state after_record; // STATE_RECEIVE: the image is installed, and the file acknowledged
    enum update_state after_erase;
    enum update_result result;
    uint32_t quiet_since_ms;
    uint32_t over_since_ms;
    uint32_t low_since_ms;
    bool supply_low;
    bool record_begun;
    bool flash_started; // an operation runs, or has just ended
    bool installed;     // nothing the sender does from here on takes it back
    uint32_t erase_next;
    uint32_t erase_end;
    uint32_t received_bytes; // of the file
    uint32_t file_bytes;     // by the header, once it is here
    const uint8_t *body;     // what is left of the block in hand
    uint32_t body_bytes;
    uint32_t offset; // in the bank: where the next double word goes
    uint32_t low, high;
    struct journal_state next; // what is being journalled
    struct image_header header;
    struct slot_scan scan;
    struct ymodem ymodem;
} up;

enum update_result update_start(const struct update_request *request)
{
    memset(&up, 0, sizeof up);
    up.request = *request;
    up.erase_next = SLOT_FIRST_PAGE;
    up.offset = IMAGE_OFFSET;
    up.result = policy_judge_start(request);
    if (up.result == UPDATE_RUNNING) {
        up.state = STATE_RECEIVE;
        usart_print("send the image by YMODEM\r\n"); // before the first 'C'
        ymodem_start(&up.ymodem, request->put, request->now_ms);
    }
    return up.result;
}

void update_report(enum update_result result)
{
    report_result(&up.request, result, up.header.version);
}

static void end_with(enum update_result result, uint32_t now_ms)
{
    if (up.file_bytes != 0) {
        flash_lock();
    }
    up.result = up.installed ? UPDATE_INSTALLED : result;
    up.state = STATE_QUIET;
    up.quiet_since_ms = now_ms;
    up.over_since_ms = now_ms;
}

static void cancel_with(enum update_result result, uint32_t now_ms)
{
    ymodem_cancel(&up.ymodem);
    end_with(result, now_ms);
}

// What arrived meanwhile repeats the block in hand: a second ACK for it would confuse the sender.
static void drop_received(void)
{
    uint8_t byte;

    while (usart_read(&byte)) {
    }
}

static void accept(uint32_t now_ms)
{
    drop_received();
    up.state = STATE_RECEIVE;
    ymodem_accept(&up.ymodem, now_ms);
}

// True if an operation may begin. The sender waits with us, but not for ever.
static bool supply_ok(uint32_t now_ms)
{
    if (pwr_supply_ok()) {
        up.supply_low = false;
        return true;
    }
    if (!up.supply_low) {
        up.supply_low = true;
        up.low_since_ms = now_ms;
    } else if (now_ms - up.low_since_ms >= SUPPLY_WAIT_MS) {
        cancel_with(UPDATE_FAILED_SUPPLY, now_ms);
    }
    return false;
}

// ---- The journal ------------------------------------------------------------------------------

static void record_then(enum update_state next)
{
    up.record_begun = false;
    up.after_record = next;
    up.state = STATE_RECORD;
}

static void on_record_settled(uint32_t now_ms)
{
    *up.request.journal = up.next;
    if (up.after_record == STATE_RECEIVE) {
        up.installed = true;
        accept(now_ms);
    } else {
        up.state = up.after_record;
    }
}

static void on_record_failed(uint32_t now_ms)
{
    // Its cells may still be taken for a record by the next boot: say void again before the slot is touched.
    up.request.journal->slot[up.request.bank - 1u].mark = MARK_FAILED;
    cancel_with(UPDATE_FAILED_JOURNAL, now_ms);
}

// Once begun, a record is waited for however low the supply is: half of one is nothing to go on from.
static void record(uint32_t now_ms)
{
    if (!up.record_begun) {
        if (supply_ok(now_ms)) {
            journal_append(&up.next);
            up.record_begun = true;
        }
        return;
    }
    switch (journal_poll()) {
    case JOURNAL_BUSY:
        break;
    case JOURNAL_OK:
        on_record_settled(now_ms);
        break;
    case JOURNAL_FULL:
        cancel_with(UPDATE_FAILED_JOURNAL_FULL, now_ms);
        break;
    default:
        on_record_failed(now_ms);
        break;
    }
}

// ---- Blocks -----------------------------------------------------------------------------------

static void on_header_complete(uint32_t now_ms)
{
    const enum update_result verdict = policy_judge_image(&up.request, &up.header, up.ymodem.file_bytes, slot_crc32);

    if (verdict != UPDATE_RUNNING) {
        cancel_with(verdict, now_ms);
        return;
    }
    up.file_bytes = HEADER_BYTES + up.header.image_bytes;
    up.ymodem.file_bytes = up.file_bytes; // where the file ends, if block 0 did not say
    if (flash_unlock() != FLASH_OK) {
        cancel_with(UPDATE_FAILED_UNLOCK, now_ms);
    }
}

// Pages from where the last call ended. Nothing to do if end_page lies behind that.
static void erase_then(uint32_t end_page, enum update_state next)
{
    const uint32_t end = end_page > SLOT_LAST_PAGE + 1u ? SLOT_LAST_PAGE + 1u : end_page;

    up.erase_end = end > up.erase_next ? end : up.erase_next;
    up.after_erase = next;
    up.state = STATE_ERASE;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void on_block(uint32_t now_ms)
{
    const uint8_t *data = up.ymodem.data;
    uint32_t bytes = up.ymodem.data_bytes;

    if (up.received_bytes < HEADER_BYTES) {
        const uint32_t part = smaller(bytes, HEADER_BYTES - up.received_bytes);

        memcpy((uint8_t *)&up.header + up.received_bytes, data, part);
        up.received_bytes += part;
        data += part;
        bytes -= part;
        if (up.received_bytes == HEADER_BYTES) {
            on_header_complete(now_ms);
            if (up.state != STATE_RECEIVE) {
                return;
            }
        }
    }
    if (up.file_bytes == 0) {
        accept(now_ms); // more of the header to come
        return;
    }
    // The last block is filled up by the sender: keep what belongs to the file.
    up.body = data;
    up.body_bytes = smaller(bytes, up.file_bytes - up.received_bytes);
    up.received_bytes += up.body_bytes;

    const uint32_t end_page = (up.offset + up.body_bytes) / FLASH_PAGE_BYTES + 1u;
    const uint32_t ahead = up.erase_next + ERASE_AHEAD;

    erase_then(end_page > ahead ? end_page : ahead, STATE_BODY);
    if (up.request.journal->slot[up.request.bank - 1u].mark != MARK_VOID) {
        up.next = *up.request.journal;
        policy_void(&up.next, up.request.bank);
        record_then(STATE_ERASE);
    }
}

static void on_end_of_file(uint32_t now_ms)
{
    if (up.file_bytes == 0 || up.received_bytes != up.file_bytes) {
        cancel_with(UPDATE_FAILED_SHORT, now_ms);
        return;
    }
    erase_then(SLOT_LAST_PAGE + 1u, STATE_HEADER);
}

static void receive(uint32_t now_ms)
{
    enum ymodem_event event = YMODEM_NONE;
    uint8_t byte;

    while (event == YMODEM_NONE && usart_read(&byte)) {
        event = ymodem_byte(&up.ymodem, byte, now_ms);
    }
    if (event == YMODEM_NONE) {
        event = ymodem_tick(&up.ymodem, now_ms);
    }
    switch (event) {
    case YMODEM_NONE:
        break;
    case YMODEM_FILE:
        accept(now_ms); // the file's size is judged together with its header
        break;
    case YMODEM_DATA:
        on_block(now_ms);
        break;
    case YMODEM_END:
        on_end_of_file(now_ms);
        break;
    case YMODEM_DONE:
        end_with(UPDATE_FAILED_SHORT, now_ms); // unless the image is installed, as it should be
        break;
    case YMODEM_CANCELLED:
        end_with(UPDATE_FAILED_CANCELLED, now_ms);
        break;
    case YMODEM_TIMEOUT:
        end_with(UPDATE_FAILED_TIMEOUT, now_ms);
        break;
    case YMODEM_BROKEN:
        end_with(UPDATE_FAILED_TRANSFER, now_ms);
        break;
    case YMODEM_TOO_LONG:
        end_with(up.file_bytes == 0 ? UPDATE_REFUSED_SIZE : UPDATE_FAILED_LONG, now_ms);
        break;
    case YMODEM_NOT_YMODEM:
        end_with(UPDATE_FAILED_PROTOCOL, now_ms);
        break;
    }
}

// ---- Flash ------------------------------------------------------------------------------------

// True if the operation that was started has ended well; false while it runs or after a failure.
static bool flash_ended(enum update_result failure, uint32_t now_ms)
{
    const enum flash_status status = flash_poll();

    if (status == FLASH_BUSY) {
        return false;
    }
    up.flash_started = false;
    if (status != FLASH_OK) {
        cancel_with(status == FLASH_WRITE_PROTECTED ? UPDATE_FAILED_PROTECTED : failure, now_ms);
        return false;
    }
    return true;
}

static void erase(uint32_t now_ms)
{
    if (up.flash_started) {
        if (!flash_ended(UPDATE_FAILED_ERASE, now_ms)) {
            return;
        }
        up.erase_next++;
    }
    if (up.erase_next == up.erase_end) {
        up.state = up.after_erase;
        if (up.state == STATE_HEADER) {
            up.offset = SLOT_OFFSET;
        }
    } else if (supply_ok(now_ms)) {
        flash_erase_start(up.request.bank, up.erase_next);
        up.flash_started = true;
    }
}

static bool reads_back(void)
{
    const volatile uint32_t *word = (volatile uint32_t *)(bank_address(up.request.bank) + up.offset);
    uint32_t low, high;

    ecc_guard_begin();
    low = word[0];
    high = word[1];
    return !ecc_guard_end() && low == up.low && high == up.high;
}

// Starts a double word, once the supply allows it. All ones are left erased: programmed, they could never
// be changed again, not even to what they already are.
static void program(const uint8_t *data, uint32_t now_ms)
{
    if (!supply_ok(now_ms)) {
        return;
    }
    memcpy(&up.low, data, 4u);
    memcpy(&up.high, data + 4, 4u);
    if (up.low != 0xffffffffu || up.high != 0xffffffffu) {
        flash_program_start(bank_address(up.request.bank) + up.offset, up.low, up.high);
    }
    up.flash_started = true;
}

// True if the double word in hand has been programmed and reads back.
static bool programmed(uint32_t now_ms)
{
    if (!flash_ended(UPDATE_FAILED_PROGRAM, now_ms)) {
        return false;
    }
    if (!reads_back()) {
        cancel_with(UPDATE_FAILED_VERIFY, now_ms);
        return false;
    }
    return true;
}

static void body(uint32_t now_ms)
{
    if (up.flash_started) {
        if (!programmed(now_ms)) {
            return;
        }
        up.offset += 8u;
        up.body += 8;
        up.body_bytes -= 8u;
    }
    if (up.body_bytes != 0) {
        program(up.body, now_ms);
    } else {
        accept(now_ms);
    }
}

static void header(uint32_t now_ms)
{
    if (up.flash_started) {
        if (!programmed(now_ms)) {
            return;
        }
        up.offset += 8u;
    }
    if (up.offset != SLOT_OFFSET + HEADER_BYTES) {
        program((const uint8_t *)&up.header + (up.offset - SLOT_OFFSET), now_ms);
        return;
    }
    up.next = *up.request.journal;
    policy_candidate(&up.next, up.request.bank, &up.header);
    up.state = STATE_CHECK;
    (void)slot_scan_begin_as(&up.scan, up.request.bank, &up.next.slot[up.request.bank - 1u]);
}

static void check(uint32_t now_ms)
{
    const enum slot_status status = slot_scan_step(&up.scan, SLICE_BYTES);

    if (status == SLOT_VALID) {
        record_then(STATE_RECEIVE);
    } else if (status != SLOT_SCANNING) {
        cancel_with(status == SLOT_BAD_CRC ? UPDATE_FAILED_CRC : UPDATE_FAILED_VERIFY, now_ms);
    }
}

// ---- The steps --------------------------------------------------------------------------------

static enum update_result quiet(uint32_t now_ms)
{
    if (!usart_rx_empty()) {
        drop_received();
        up.quiet_since_ms = now_ms;
    }
    if (now_ms - up.quiet_since_ms < QUIET_MS && now_ms - up.over_since_ms < QUIET_MAX_MS) {
        return UPDATE_RUNNING;
    }
    up.state = STATE_IDLE;
    return up.result;
}

enum update_result update_poll(uint32_t now_ms)
{
    switch (up.state) {
    case STATE_IDLE:
        return up.result;
    case STATE_RECEIVE:
        receive(now_ms);
        break;
    case STATE_RECORD:
        record(now_ms);
        break;
    case STATE_ERASE:
        erase(now_ms);
        break;
    case STATE_BODY:
        body(now_ms);
        break;
    case STATE_HEADER:
        header(now_ms);
        break;
    case STATE_CHECK:
        check(now_ms);
        break;
    case STATE_QUIET:
        return quiet(now_ms);
    }
    return UPDATE_RUNNING;
}

bool update_may_sleep(void)
{
    switch (up.state) {
    case STATE_RECEIVE:
    case STATE_QUIET:
        return usart_rx_empty();
    case STATE_RECORD:
        return up.record_begun ? flash_is_busy() || !pwr_supply_ok() : up.supply_low;
    case STATE_ERASE:
    case STATE_BODY:
    case STATE_HEADER:
        return up.flash_started ? flash_is_busy() : up.supply_low;
    case STATE_IDLE:
    case STATE_CHECK:
        break;
    }
    return false;
}
