// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
#include "journal/journal.h"

#include <stddef.h>

#include "image/crc32.h"
#include "image/header.h"
#include "journal/store.h"

#define TRIES 3u // a place and two more; the same for repairs

// Double words of a record.
#define RECORD_Z       0u
#define RECORD_PAYLOAD 1u
#define RECORD_C       6u
#define RECORD_S       7u

// The payload: five double words, of each of which one word is never all ones.
enum {
    WORD_EPOCH,
    WORD_MINIMUM,
    WORD_HEADER_CRC_1,
    WORD_BYTES_1,
    WORD_HEADER_CRC_2,
    WORD_BYTES_2,
    WORD_VERSION_1,
    WORD_TAGS,
    WORD_VERSION_2,
    WORD_FORMAT,
    PAYLOAD_WORDS,
};
#define FORMAT 0x314a4254u // "TBJ1"

// WORD_TAGS: position, current, attempts, the two marks; 0 above.
#define TAG_CURRENT_SHIFT  8u
#define TAG_ATTEMPTS_SHIFT 12u
#define TAG_MARK_SHIFT(i)  (16u + 4u * (i))
#define TAGS_UNUSED        0xff000000u

#define BLANK 0xffffffffu

// A place's cells, each read once.
struct record {
    uint32_t words[JOURNAL_DOUBLE_WORDS][2];
    uint32_t unreadable; // bit per double word: double ECC error
    bool used;           // not blank
    bool whole;          // all of it was read, and C is one; else nothing but `used` means anything
};

// What a page says. Places are 0 to 31.
struct page {
    unsigned bank;
    uint32_t used; // bit per place that is not blank, down to `last` or to the bottom
    int top;       // highest such place; -1: the page is blank
    int last;      // highest valid record; -1: none
    bool settled;  // it is
    uint32_t epoch;
    struct journal_state state;
};

// The record on its way, and where the next one goes.
static struct {
    enum journal_status status;
    unsigned bank; // 0: nowhere
    uint32_t epoch;
    unsigned place; // 32: none is left
    unsigned step;  // the double word that is next or being programmed
    unsigned tries; // places that may be used
    bool programming;
    struct journal_state state;
    uint32_t words[JOURNAL_DOUBLE_WORDS][2];
} writer;

// ---- records ------------------------------------------------------------------------------------

static bool state_is_sane(const struct journal_state *state)
{
    if (state->current > JOURNAL_PAGES || state->attempts > JOURNAL_TRIAL_ATTEMPTS) {
        return false;
    }
    for (unsigned i = 0; i < JOURNAL_PAGES; i++) {
        if (state->slot[i].mark > MARK_FAILED || state->slot[i].bytes > IMAGE_MAX_BYTES) {
            return false;
        }
    }
    return true;
}

static void encode(const struct journal_state *state, uint32_t epoch, unsigned place,
                   uint32_t words[JOURNAL_DOUBLE_WORDS][2])
{
    uint32_t payload[PAYLOAD_WORDS] = {
        [WORD_EPOCH] = epoch,
        [WORD_MINIMUM] = state->minimum_version,
        [WORD_HEADER_CRC_1] = state->slot[0].header_crc,
        [WORD_BYTES_1] = state->slot[0].bytes,
        [WORD_HEADER_CRC_2] = state->slot[1].header_crc,
        [WORD_BYTES_2] = state->slot[1].bytes,
        [WORD_VERSION_1] = state->slot[0].version,
        [WORD_TAGS] =
            place | (uint32_t)state->current << TAG_CURRENT_SHIFT | (uint32_t)state->attempts << TAG_ATTEMPTS_SHIFT |
            (uint32_t)state->slot[0].mark << TAG_MARK_SHIFT(0u) | (uint32_t)state->slot[1].mark << TAG_MARK_SHIFT(1u),
        [WORD_VERSION_2] = state->slot[1].version,
        [WORD_FORMAT] = FORMAT,
    };
    uint32_t crc = crc32_by_table(payload, PAYLOAD_WORDS);

    for (unsigned i = 0; i < PAYLOAD_WORDS; i++) {
        words[RECORD_PAYLOAD + i / 2u][i % 2u] = payload[i];
    }
    words[RECORD_C][0] = crc;
    words[RECORD_C][1] = ~crc;
    words[RECORD_Z][0] = words[RECORD_Z][1] = 0;
    words[RECORD_S][0] = words[RECORD_S][1] = 0;
}

static void read_double_word(struct record *record, unsigned bank, unsigned place, unsigned i)
{
    if (!journal_store_read(bank, place * JOURNAL_DOUBLE_WORDS + i, record->words[i])) {
        record->unreadable |= 1u << i;
    }
    if ((record->unreadable & 1u << i) != 0 || record->words[i][0] != BLANK || record->words[i][1] != BLANK) {
        record->used = true;
    }
}

// Reads no more than it takes to know what this is: Z tells that the place is used, C that the record never became
// whole. So boot goes past a torn record in the same way whatever its payload is.
static struct record read_record(unsigned bank, unsigned place)
{
    struct record record = {.unreadable = 0};

    read_double_word(&record, bank, place, RECORD_Z);
    read_double_word(&record, bank, place, RECORD_C);
    record.whole = (record.unreadable & 1u << RECORD_C) == 0 && record.words[RECORD_C][0] == ~record.words[RECORD_C][1];
    for (unsigned i = RECORD_PAYLOAD; i < JOURNAL_DOUBLE_WORDS && (record.whole || !record.used); i++) {
        if (i != RECORD_C) {
            read_double_word(&record, bank, place, i);
        }
    }
    return record;
}

static bool is_settled(const struct record *record)
{
    return (record->unreadable & 1u << RECORD_S) == 0 && record->words[RECORD_S][0] == 0 &&
           record->words[RECORD_S][1] == 0;
}

// True if the record is whole and belongs to this place; then what it says.
static bool decode(const struct record *record, unsigned place, uint32_t *epoch, struct journal_state *state)
{
    uint32_t payload[PAYLOAD_WORDS];

    if (!record->whole || (record->unreadable & ~(1u << RECORD_Z | 1u << RECORD_S)) != 0) {
        return false;
    }
    for (unsigned i = 0; i < PAYLOAD_WORDS; i++) {
        payload[i] = record->words[RECORD_PAYLOAD + i / 2u][i % 2u];
    }
    uint32_t crc = crc32_by_table(payload, PAYLOAD_WORDS);
    uint32_t tags = payload[WORD_TAGS];
    if (record->words[RECORD_C][0] != crc || record->words[RECORD_C][1] != ~crc || payload[WORD_FORMAT] != FORMAT ||
        (tags & 0xffu) != place || (tags & TAGS_UNUSED) != 0) {
        return false;
    }
    *epoch = payload[WORD_EPOCH];
    *state = (struct journal_state){
        .current = tags >> TAG_CURRENT_SHIFT & 0xfu,
        .attempts = tags >> TAG_ATTEMPTS_SHIFT & 0xfu,
        .minimum_version = payload[WORD_MINIMUM],
        .slot = {{.mark = tags >> TAG_MARK_SHIFT(0u) & 0xfu,
                  .header_crc = payload[WORD_HEADER_CRC_1],
                  .bytes = payload[WORD_BYTES_1],
                  .version = payload[WORD_VERSION_1]},
                 {.mark = tags >> TAG_MARK_SHIFT(1u) & 0xfu,
                  .header_crc = payload[WORD_HEADER_CRC_2],
                  .bytes = payload[WORD_BYTES_2],
                  .version = payload[WORD_VERSION_2]}},
    };
    return *epoch != 0 && *epoch != BLANK && state_is_sane(state);
}

// Reads a page from the top down to its last valid record, and nothing below it.
static void scan(unsigned bank, struct page *page)
{
    *page = (struct page){.bank = bank, .top = -1, .last = -1};
    for (int place = (int)JOURNAL_RECORDS - 1; place >= 0 && page->last < 0; place--) {
        struct record record = read_record(bank, (unsigned)place);

        if (!record.used) {
            continue;
        }
        page->used |= 1u << place;
        page->top = place > page->top ? place : page->top;
        if (decode(&record, (unsigned)place, &page->epoch, &page->state)) {
            page->last = place;
            page->settled = is_settled(&record);
        }
    }
}

// The page that rules: the one with the highest epoch among its valid records. NULL: neither has one.
static struct page *ruler(struct page pages[JOURNAL_PAGES])
{
    struct page *rules = NULL;

    for (unsigned i = 0; i < JOURNAL_PAGES; i++) {
        if (pages[i].last >= 0 && (rules == NULL || pages[i].epoch > rules->epoch)) {
            rules = &pages[i];
        }
    }
    return rules;
}

// ---- appending ----------------------------------------------------------------------------------

static void write_from(unsigned bank, uint32_t epoch, unsigned place)
{
    writer.bank = bank;
    writer.epoch = epoch;
    writer.place = place;
    writer.programming = false;
    writer.status = JOURNAL_OK;
}

static void write_nowhere(void)
{
    write_from(0, 0, JOURNAL_RECORDS);
}

static enum journal_status begin_place(void)
{
    writer.step = 0;
    if (writer.bank == 0 || writer.tries == 0 || !state_is_sane(&writer.state)) {
        writer.status = JOURNAL_FAILED;
    } else if (writer.place >= JOURNAL_RECORDS) {
        writer.status = JOURNAL_FULL;
    } else {
        encode(&writer.state, writer.epoch, writer.place, writer.words);
        writer.status = JOURNAL_BUSY;
    }
    return writer.status;
}

static void begin(const struct journal_state *state, unsigned tries)
{
    writer.state = *state;
    writer.tries = tries;
    begin_place();
}

void journal_append(const struct journal_state *state)
{
    begin(state, TRIES);
}

// The place's cells do not take the record: it goes to the next one.
static enum journal_status give_up_place(void)
{
    writer.place++;
    writer.tries--;
    return begin_place();
}

static bool reads_back(void)
{
    uint32_t words[2];

    return journal_store_read(writer.bank, writer.place * JOURNAL_DOUBLE_WORDS + writer.step, words) &&
           words[0] == writer.words[writer.step][0] && words[1] == writer.words[writer.step][1];
}

enum journal_status journal_poll(void)
{
    if (writer.status != JOURNAL_BUSY) {
        return writer.status;
    }
    if (!writer.programming) {
        if (journal_store_ready()) {
            journal_store_program(writer.bank, writer.place * JOURNAL_DOUBLE_WORDS + writer.step,
                                  writer.words[writer.step]);
            writer.programming = true;
        }
        return JOURNAL_BUSY;
    }
    enum journal_store_status stored = journal_store_poll();
    if (stored == STORE_BUSY) {
        return JOURNAL_BUSY;
    }
    writer.programming = false;
    if (stored != STORE_DONE || !reads_back()) {
        return give_up_place();
    }
    if (++writer.step < JOURNAL_DOUBLE_WORDS) {
        return JOURNAL_BUSY;
    }
    writer.place++;
    return writer.status = JOURNAL_OK;
}

static enum journal_status finish(void)
{
    enum journal_status status;

    do {
        status = journal_poll();
    } while (status == JOURNAL_BUSY);
    return status;
}

enum journal_status journal_append_now(const struct journal_state *state)
{
    journal_append(state);
    return finish();
}

// ---- repairs, by boot only ----------------------------------------------------------------------

static bool wait_for_store(void)
{
    enum journal_store_status stored;

    do {
        stored = journal_store_poll();
    } while (stored == STORE_BUSY);
    return stored == STORE_DONE;
}

static void wait_for_supply(void)
{
    while (!journal_store_ready()) {
    }
}

static bool erase(unsigned bank)
{
    for (unsigned i = 0; i < TRIES; i++) {
        wait_for_supply();
        journal_store_erase(bank);
        if (wait_for_store()) {
            return true;
        }
    }
    return false;
}

static bool kill_record(unsigned bank, unsigned place)
{
    static const uint32_t zeros[2] = {0, 0};

    for (unsigned i = 0; i < TRIES; i++) {
        wait_for_supply();
        journal_store_program(bank, place * JOURNAL_DOUBLE_WORDS + RECORD_C, zeros);
        if (wait_for_store()) {
            return true;
        }
    }
    return false;
}

// A page that is to be forgotten, although a C in it may be half programmed and read as valid another time. An erase
// cut short may leave that as it is behind a page that looks blank now; so first C is driven to 0 where anything is.
static bool condemn(const struct page *page)
{
    for (unsigned place = 0; place < JOURNAL_RECORDS; place++) {
        if ((page->used & 1u << place) != 0 && !kill_record(page->bank, place)) {
            return false;
        }
    }
    return erase(page->bank);
}

// The first record of a freshly erased page: what was erased before this reset may be weak. Only place 0 will do, so
// that a failure costs another erase, not a place.
static enum journal_status write_first(unsigned bank, uint32_t epoch, const struct journal_state *state)
{
    enum journal_status status = JOURNAL_FAILED;

    for (unsigned i = 0; i < TRIES && status != JOURNAL_OK; i++) {
        if (!erase(bank)) {
            break;
        }
        write_from(bank, epoch, 0);
        begin(state, 1u);
        status = finish();
    }
    return status;
}

// True if a record below the last valid one is settled: boots went by this page.
static bool was_gone_by(const struct page *page)
{
    for (int place = page->last - 1; place >= 0; place--) {
        struct record record = read_record(page->bank, (unsigned)place);
        uint32_t epoch;
        struct journal_state state;

        if (decode(&record, (unsigned)place, &epoch, &state) && is_settled(&record)) {
            return true;
        }
    }
    return page->settled;
}

// Makes what a page says solid, and room for the app.
static enum journal_status take_over(const struct page *page)
{
    bool solid = page->settled && page->last == page->top;

    write_from(page->bank, page->epoch, (unsigned)page->top + 1u);
    if (!solid && page->top < (int)JOURNAL_RECORDS - 1) {
        enum journal_status status = journal_append_now(&page->state);
        if (status != JOURNAL_OK) {
            return status;
        }
    }
    if (JOURNAL_RECORDS - writer.place >= JOURNAL_RESERVE) {
        return JOURNAL_OK;
    }
    return write_first(JOURNAL_PAGES + 1u - page->bank, page->epoch + 1u, &page->state);
}

enum journal_status journal_recover(struct journal_state *state)
{
    struct page pages[JOURNAL_PAGES];
    struct page *rules;
    bool repaired = true;

    *state = (struct journal_state){0};
    write_nowhere();
    for (unsigned i = 0; i < JOURNAL_PAGES; i++) {
        scan(i + 1u, &pages[i]);
    }
    rules = ruler(pages);
    // Nobody ever went by a full page without a settled record: it only copies what the other one says.
    if (rules != NULL && rules->top == (int)JOURNAL_RECORDS - 1 && !was_gone_by(rules)) {
        rules->last = -1;
        rules->used = UINT32_MAX;
        rules = ruler(pages);
    }
    for (unsigned i = 0; i < JOURNAL_PAGES; i++) {
        if (pages[i].top >= 0 && pages[i].last < 0) {
            repaired = condemn(&pages[i]) && repaired;
        }
    }
    if (rules == NULL) {
        return repaired ? JOURNAL_FACTORY : JOURNAL_FAILED;
    }
    *state = rules->state;
    if (!repaired || take_over(rules) != JOURNAL_OK) {
        write_nowhere();
        return JOURNAL_FAILED;
    }
    return JOURNAL_OK;
}

enum journal_status journal_create(const struct journal_state *state)
{
    enum journal_status status = write_first(1u, 1u, state);

    if (status != JOURNAL_OK) {
        write_nowhere();
    }
    return status;
}

enum journal_status journal_open(struct journal_state *state)
{
    struct page pages[JOURNAL_PAGES];
    struct page *rules;

    *state = (struct journal_state){0};
    write_nowhere();
    for (unsigned i = 0; i < JOURNAL_PAGES; i++) {
        scan(i + 1u, &pages[i]);
    }
    rules = ruler(pages);
    if (rules == NULL) {
        return JOURNAL_FACTORY;
    }
    *state = rules->state;
    write_from(rules->bank, rules->epoch, (unsigned)rules->top + 1u);
    return JOURNAL_OK;
}

uint32_t journal_epoch(void)
{
    return writer.epoch;
}

unsigned journal_free(void)
{
    return JOURNAL_RECORDS - writer.place;
}
