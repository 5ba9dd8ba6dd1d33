/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * libFuzzer: whatever the journal's pages hold, no state comes out of them that is out of range, and a recovery leaves
 * a journal that says the same next time. The first byte chooses: 0, pages of arbitrary cells and of records with right
 * checksums and wrong fields; 1, the same on cells that fail; 2, a life of appends and boots with power cuts, whose
 * torn cells read as they like.
 *
 *     make_corpus_journal.py corpus && fuzz_journal -max_len=1024 corpus
 */
#include "harness/tests/fuzz/flash_cells.h"

#define RECORDS    32u
#define FREE_LEAST 8u
#define OPS_MOST   200u /* of a recovery on cells that work */

/* --- records, typed from journal.h a second time ------------------------------------------------------- */

static uint32_t crc_of(const uint32_t *words, uint32_t count)
{
    uint32_t crc = 0xffffffffu;
    for (uint32_t i = 0; i < count; i++) {
        crc ^= words[i];
        for (unsigned bit = 0; bit < 32u; bit++)
            crc = (crc & 1u) != 0 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
    }
    return ~crc;
}

static bool is_sane(const struct journal_state *state)
{
    bool sane = state->current <= 2u && state->attempts <= 6u;
    for (unsigned i = 0; i < 2u; i++)
        sane = sane && state->slot[i].mark <= 3u && state->slot[i].bytes <= 247u * 2048u - 512u;
    return sane;
}

static bool is_same(const struct journal_state *a, const struct journal_state *b)
{
    bool same = a->current == b->current && a->attempts == b->attempts && a->minimum_version == b->minimum_version;
    for (unsigned i = 0; i < 2u; i++)
        same = same && a->slot[i].mark == b->slot[i].mark && a->slot[i].header_crc == b->slot[i].header_crc &&
               a->slot[i].bytes == b->slot[i].bytes && a->slot[i].version == b->slot[i].version;
    return same;
}

/** State number n: no two are alike, and no part of one fits another. */
static struct journal_state numbered(uint32_t n)
{
    struct journal_state state = {
        .current = (uint8_t)(n % 3u),
        .attempts = (uint8_t)(fuzz_hash(n, 1) % 7u),
        .minimum_version = n,
    };
    for (uint32_t i = 0; i < 2u; i++)
        state.slot[i] = (struct journal_slot){
            .mark = (uint8_t)(fuzz_hash(n, 2u + i) % 4u),
            .header_crc = n % 5u == i ? UINT32_MAX : fuzz_hash(n, 4u + i),
            .bytes = fuzz_hash(n, 6u + i) % (247u * 2048u - 511u),
            .version = n % 7u == i ? UINT32_MAX : fuzz_hash(n, 8u + i),
        };
    return state;
}

static void put_record(unsigned bank, unsigned place, const uint32_t payload[10], bool settled)
{
    struct cell *cell = &cells.page[bank][place * 8u];
    uint32_t crc = crc_of(payload, 10);
    memset(cell[0].words, 0, 8);
    for (unsigned i = 0; i < 5u; i++)
        memcpy(cell[1 + i].words, payload + 2u * i, 8);
    cell[6].words[0] = crc;
    cell[6].words[1] = ~crc;
    if (settled)
        memset(cell[7].words, 0, 8);
}

/** Fields from the input, mostly in range or just out of it. */
static void take_record(struct fuzz_input *in)
{
    uint32_t where = fuzz_take(in, 1), odd = fuzz_take(in, 1), epoch = fuzz_take(in, 1), n = fuzz_take(in, 1);
    unsigned place = where % RECORDS;
    struct journal_state state = numbered(n);
    if ((odd & 1u) != 0)
        epoch = fuzz_take(in, 4) & 0x7fffffffu; /* it cannot get further: 2^31 times both pages */
    uint32_t tags = place | (uint32_t)state.current << 8 | (uint32_t)state.attempts << 12 |
                    (uint32_t)state.slot[0].mark << 16 | (uint32_t)state.slot[1].mark << 20;
    uint32_t payload[10] = {
        epoch,
        state.minimum_version,
        state.slot[0].header_crc,
        state.slot[0].bytes,
        state.slot[1].header_crc,
        state.slot[1].bytes,
        state.slot[0].version,
        tags,
        state.slot[1].version,
        0x314a4254u,
    };
    if ((odd & 2u) != 0)
        payload[7] ^= fuzz_take(in, 4);
    if ((odd & 4u) != 0) {
        uint32_t at = 1u + fuzz_take(in, 1) % 9u;
        payload[at] = fuzz_take(in, 4);
    }
    put_record(where / RECORDS % 2u, place, payload, (odd & 8u) == 0);
    if ((odd & 16u) != 0)
        cells.page[where / RECORDS % 2u][place * 8u + fuzz_take(in, 1) % 8u].unreadable = true;
}

static void take_records(struct fuzz_input *in)
{
    uint32_t count = 1u + fuzz_take(in, 1) % RECORDS;
    struct fuzz_input one = *in;
    uint8_t record[16];
    size_t length = fuzz_take_bytes(in, record, 4);
    for (uint32_t i = 0; i < count && length == 4u; i++) {
        one = (struct fuzz_input){record, length};
        record[1] &= 8u;
        record[3]++;
        take_record(&one);
        record[0] = (uint8_t)((record[0] & RECORDS) | (record[0] + 1u) % RECORDS);
    }
}

static void take_cell(struct fuzz_input *in)
{
    uint32_t where = fuzz_take(in, 2), bit;
    struct cell *cell = &cells.page[where >> 8 & 1u][where & 0xffu];
    switch (where >> 9 & 3u) {
    case 0:
        cell->words[0] = fuzz_take(in, 4);
        cell->words[1] = fuzz_take(in, 4);
        break;
    case 1:
        memset(cell->words, (where >> 11 & 1u) != 0 ? 0xff : 0, 8);
        break;
    case 2:
        cell->unreadable = true;
        break;
    default:
        bit = fuzz_take(in, 1);
        cell->words[bit / 32u % 2u] ^= 1u << bit % 32u;
        break;
    }
}

static void make_pages(struct fuzz_input *in, bool faults)
{
    while (in->left > 0) {
        switch (fuzz_take(in, 1) % 8u) {
        case 0:
        case 1:
        case 2:
            take_record(in);
            break;
        case 3:
            take_records(in);
            break;
        case 4:
        case 5:
            take_cell(in);
            break;
        case 6:
            if (faults)
                cells.failing = fuzz_take(in, 1) % 32u;
            else
                cells.low = fuzz_take(in, 1) % 32u;
            break;
        default:
            if (faults) {
                uint32_t where = fuzz_take(in, 2);
                cells.page[where >> 8 & 1u][where & 0xffu].stuck = true;
            }
            break;
        }
    }
}

/* --- what solid pages say, read a second time ------------------------------------------------------------ */

struct reading {
    uint32_t epoch; /* 0: there is no valid record */
    struct journal_state state;
    bool full, settled; /* the last place is taken; a valid record is settled */
};

static bool read_record(unsigned page, unsigned place, struct reading *reading)
{
    const struct cell *cell = &cells.page[page][place * 8u];
    uint32_t w[10];
    for (unsigned i = 0; i < 5u; i++)
        memcpy(w + 2u * i, cell[1 + i].words, 8);
    for (unsigned i = 1; i <= 6u; i++)
        if (cell[i].unreadable)
            return false;
    struct journal_state state = {
        .current = w[7] >> 8 & 15u,
        .attempts = w[7] >> 12 & 15u,
        .minimum_version = w[1],
        .slot = {{.mark = w[7] >> 16 & 15u, .header_crc = w[2], .bytes = w[3], .version = w[6]},
                 {.mark = w[7] >> 20 & 15u, .header_crc = w[4], .bytes = w[5], .version = w[8]}},
    };
    uint32_t crc = crc_of(w, 10);
    if (cell[6].words[0] != crc || cell[6].words[1] != ~crc || (w[7] & 0xffu) != place || w[7] >> 24 != 0 ||
        w[9] != 0x314a4254u || w[0] == 0 || w[0] == UINT32_MAX || !is_sane(&state))
        return false;
    reading->settled |= !cell[7].unreadable && (cell[7].words[0] | cell[7].words[1]) == 0;
    if (reading->epoch == 0) {
        reading->epoch = w[0];
        reading->state = state;
    }
    return true;
}

static struct reading read_page(unsigned page)
{
    struct reading reading = {0};
    for (unsigned place = RECORDS; place-- > 0;)
        (void)read_record(page, place, &reading);
    for (unsigned i = CELL_INDEXES - 8u; i < CELL_INDEXES; i++) {
        const struct cell *cell = &cells.page[page][i];
        reading.full |= cell->unreadable || (cell->words[0] & cell->words[1]) != UINT32_MAX;
    }
    return reading;
}

/** The state that rules, as boot or the app has to see it; false: none. */
static bool read_pages(bool boot, struct journal_state *state)
{
    struct reading page[2] = {read_page(0), read_page(1)};
    unsigned rules = page[1].epoch > page[0].epoch ? 1u : 0;
    if (boot && page[rules].full && !page[rules].settled) /* it only copies what the other one says */
        rules = 1u - rules;
    *state = page[rules].state;
    return page[rules].epoch != 0;
}

/* --- what must hold ------------------------------------------------------------------------------------ */

static enum journal_status open_pages(struct journal_state *state)
{
    cells_power_on(0);
    memset(state, 0xa5, sizeof *state);
    enum journal_status status = journal_open(state);
    FUZZ_CHECK(status == JOURNAL_OK || status == JOURNAL_FACTORY);
    FUZZ_CHECK(is_sane(state));
    FUZZ_CHECK(cells.ops == 0);
    for (unsigned i = 0; i < CELL_INDEXES; i++)
        FUZZ_CHECK(cells.page_reads[0][i] <= 1u && cells.page_reads[1][i] <= 1u);
    if (status == JOURNAL_FACTORY)
        FUZZ_CHECK(is_same(state, &(struct journal_state){0}));
    return status;
}

static enum journal_status recover(struct journal_state *state)
{
    cells_power_on(0);
    memset(state, 0xa5, sizeof *state);
    enum journal_status status = journal_recover(state);
    FUZZ_CHECK(status == JOURNAL_OK || status == JOURNAL_FACTORY || status == JOURNAL_FAILED);
    FUZZ_CHECK(is_sane(state));
    FUZZ_CHECK(!cells.running);
    return status;
}

/** The journal says `state`, to boot and to the app, and boot finds nothing to repair. */
static void check_clean(const struct journal_state *state)
{
    struct journal_state found;
    FUZZ_CHECK(recover(&found) == JOURNAL_OK && is_same(&found, state));
    FUZZ_CHECK(cells.ops == 0 || journal_free() >= RECORDS - 1u); /* nothing but making room */
    FUZZ_CHECK(open_pages(&found) == JOURNAL_OK && is_same(&found, state));
}

static void check_appends(uint32_t n)
{
    struct journal_state last = {0};
    uint32_t appended = 0;
    for (uint32_t i = 0; i < RECORDS + 1u; i++) {
        struct journal_state next = numbered(n + i), found;
        enum journal_status status = journal_append_now(&next);
        if (status == JOURNAL_FULL)
            break;
        FUZZ_CHECK(status == JOURNAL_OK);
        appended++;
        last = next;
        if (i % 8u == 0)
            FUZZ_CHECK(open_pages(&found) == JOURNAL_OK && is_same(&found, &next));
    }
    FUZZ_CHECK(appended >= FREE_LEAST && appended <= RECORDS);
    check_clean(&last);
}

/** A state that is out of range is not written. */
static void check_refusal(struct fuzz_input in)
{
    struct journal_state state = numbered(1);
    uint32_t ops = cells.ops;
    (void)fuzz_take_bytes(&in, &state, sizeof state);
    if (is_sane(&state))
        return;
    FUZZ_CHECK(journal_append_now(&state) == JOURNAL_FAILED);
    FUZZ_CHECK(cells.ops == ops);
}

static void run_pages(struct fuzz_input *in)
{
    struct journal_state state, opened, for_app, for_boot;
    make_pages(in, false);
    bool app = read_pages(false, &for_app), boot = read_pages(true, &for_boot);
    FUZZ_CHECK(open_pages(&opened) == (app ? JOURNAL_OK : JOURNAL_FACTORY));
    FUZZ_CHECK(!app || is_same(&opened, &for_app));
    enum journal_status status = recover(&state);
    FUZZ_CHECK(status == (boot ? JOURNAL_OK : JOURNAL_FACTORY) && cells.ops <= OPS_MOST);
    FUZZ_CHECK(!boot || is_same(&state, &for_boot));
    if (status == JOURNAL_FACTORY) {
        FUZZ_CHECK(cells_page_is_blank(1) && cells_page_is_blank(2));
        state = numbered(0);
        FUZZ_CHECK(journal_create(&state) == JOURNAL_OK);
    } else {
        FUZZ_CHECK(journal_free() >= FREE_LEAST && journal_free() <= RECORDS && journal_epoch() > 0);
    }
    check_clean(&state);
    check_refusal(*in);
    FUZZ_CHECK(open_pages(&state) == JOURNAL_OK);
    check_appends(1000);
}

static void run_failing(struct fuzz_input *in)
{
    struct journal_state state, next = numbered(7);
    make_pages(in, true);
    (void)open_pages(&state);
    enum journal_status status = recover(&state);
    FUZZ_CHECK(cells.ops <= 5u * OPS_MOST);
    if (status == JOURNAL_FACTORY && journal_create(&next) != JOURNAL_OK)
        status = JOURNAL_FAILED;
    for (uint32_t i = 0; i < RECORDS; i++) {
        enum journal_status appended = journal_append_now(&next);
        FUZZ_CHECK(appended == JOURNAL_OK || appended == JOURNAL_FULL || appended == JOURNAL_FAILED);
        FUZZ_CHECK(status == JOURNAL_OK || status == JOURNAL_FACTORY || appended == JOURNAL_FAILED);
        if (appended == JOURNAL_OK)
            FUZZ_CHECK(open_pages(&state) == JOURNAL_OK && is_same(&state, &next));
    }
    (void)open_pages(&state);
    (void)recover(&state);
}

/* --- a life with power cuts ------------------------------------------------------------------------------ */

#define NOTHING 0xffffffffu
#define PENDING 64u

static struct {
    uint32_t known;            /* number of the state that rules */
    uint32_t next;             /* number of the next one */
    uint32_t pending[PENDING]; /* numbers of those whose append was cut since */
    uint32_t pending_count;
    bool on; /* boot has handed over to the app */
} life;

static void now_known(uint32_t n)
{
    life.known = n;
    life.pending_count = 0;
}

static void may_be(uint32_t n)
{
    if (life.pending_count < PENDING)
        life.pending[life.pending_count++] = n;
}

static void check_found(const struct journal_state *found)
{
    struct journal_state expected = numbered(found->minimum_version);
    bool possible = found->minimum_version == life.known;
    for (uint32_t i = 0; i < life.pending_count; i++)
        possible = possible || found->minimum_version == life.pending[i];
    FUZZ_CHECK(possible);
    FUZZ_CHECK(is_same(found, &expected));
}

/** What setjmp() may spoil is kept in `life`. */
static void boot(uint32_t cut_at)
{
    struct journal_state found, first;
    life.on = false;
    cells_power_on(cut_at);
    if (setjmp(cells.power_lost) != 0)
        return;
    enum journal_status status = journal_recover(&found);
    FUZZ_CHECK(status == JOURNAL_OK || status == JOURNAL_FACTORY);
    if (status == JOURNAL_FACTORY) {
        FUZZ_CHECK(life.known == NOTHING);
        first = numbered(life.next);
        may_be(life.next++);
        FUZZ_CHECK(journal_create(&first) == JOURNAL_OK);
        now_known(first.minimum_version);
    } else {
        check_found(&found);
        now_known(found.minimum_version);
        FUZZ_CHECK(journal_free() >= FREE_LEAST);
    }
    life.on = true;
}

static void append(uint32_t cut_in)
{
    struct journal_state state, found;
    if (!life.on)
        return;
    cells.cut_at = cut_in == 0 ? 0 : cells.ops + cut_in;
    if (setjmp(cells.power_lost) != 0) {
        life.on = false;
        return;
    }
    state = numbered(life.next);
    may_be(life.next++);
    enum journal_status status = journal_append_now(&state);
    if (status == JOURNAL_FULL) {
        life.pending_count--;
        return;
    }
    FUZZ_CHECK(status == JOURNAL_OK);
    now_known(state.minimum_version);
    cells.cut_at = 0;
    FUZZ_CHECK(journal_open(&found) == JOURNAL_OK);
    check_found(&found);
}

static void run_life(struct fuzz_input *in)
{
    memset(&life, 0, sizeof life);
    life.known = NOTHING;
    uint32_t how = fuzz_take(in, 1);
    cells.seed = fuzz_hash(how >> 1, 0);
    cells.per_boot = (how & 1u) != 0;
    while (in->left > 0) {
        uint32_t step = fuzz_take(in, 1);
        if (step % 4u == 0)
            boot(step / 4u); /* cut in this operation */
        else if (step % 4u == 1u)
            append(step / 4u % 9u);
        else
            for (uint32_t i = 0; i < step / 4u % 32u; i++)
                append(0);
    }
    boot(0);
    boot(0);
    FUZZ_CHECK(life.on);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    uint32_t mode = fuzz_take(&in, 1);
    cells_erase_all();
    if (mode % 3u == 0)
        run_pages(&in);
    else if (mode % 3u == 1u)
        run_failing(&in);
    else
        run_life(&in);
    return 0;
}
