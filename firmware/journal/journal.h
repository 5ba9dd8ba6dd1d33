// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The twinbank authors
//
// The journal: what the boot code goes by. Two pages, page 255 of each bank; one rules, the other is blank or older.
// A record says everything, so the last one is the state. No hardware here: cells are reached through journal/store.h.
//
// A record is 8 double words, programmed in this order and each read back before the next:
//   Z        all zero. It takes the place: a cell that an earlier cut left half programmed reads blank, but an
//            all-zero overwrite is solid whatever was there.
//   payload  5 double words, never all ones: the page's epoch, the record's position in it, the state. By words:
//            epoch (from 1), minimum version; of bank 1 header CRC, bytes; of bank 2 header CRC, bytes;
//            version of bank 1, tags; version of bank 2, 0x314a4254 ("TBJ1").
//            Tags: position (bits 7:0), current (11:8), attempts (15:12), mark of bank 1 (19:16), of bank 2 (23:20).
//   C        CRC-32 of the payload and its complement.
//   S        all zero, after all of the record was read back. With it the record is *settled*.
// A record is valid if C fits its payload, settled or not. S can be half programmed and read both ways, C too; but
// where S was begun, C and the payload are solid.
//
// The page with the highest epoch among its valid records rules, and its last valid record is the state. Before anybody
// acts on it, boot makes sure that no later boot can read the journal another way:
// - a record that is not settled, or below another one, is copied to the next place: its C, or that of what lies above
//   it, may read otherwise next time;
// - the other page, if it is not blank and has no valid record now, may have one next time, and of a higher epoch: C is
//   driven to 0 in all of its records (killed), then it is erased. The kill comes first because an erase that is cut
//   can leave a page that looks blank in one boot and not in the next.
// A page is begun only right after a complete erase of it, in the same power session, and the other page is erased only
// while this one holds a settled record.
//
// NOT the highest *settled* epoch rules, although that looks safer and was the first plan: it fails after two cuts. Cut
// 1: the S of a snapshot, which reads both ways from then on. The next boot finds no settled record there and kills it.
// Cut 2: in that kill, so that C reads both ways, too. The next boot sees C and S as they were meant, and goes by the
// page; one more, or the app itself, sees a killed C and goes by the other page. What was appended in between, and
// called settled, is lost; writing S with zeros again heals S but not C. Here a snapshot whose S was begun always reads
// as valid, so it always rules and is never killed; and what is killed never had an S.
// (harness/tests/journal, harness/tests/mutants/journal/only-settled-records-make-a-page-rule.patch)
#ifndef TWINBANK_JOURNAL_JOURNAL_H
#define TWINBANK_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#define JOURNAL_PAGE           255u // of both banks
#define JOURNAL_PAGES          2u
#define JOURNAL_RECORDS        32u // a page
#define JOURNAL_DOUBLE_WORDS   8u  // a record
#define JOURNAL_RESERVE        8u  // free records that boot leaves to the app
#define JOURNAL_TRIAL_ATTEMPTS 6u  // more than any sweep cuts power in a row

// What is known of the image in a bank's slot.
enum journal_mark {
    MARK_VOID,      // none: being written, or damaged; boot never reads it
    MARK_CANDIDATE, // whole, to be tried or on trial
    MARK_GOOD,      // it confirmed itself, or production put it there
    MARK_FAILED,    // its trial failed, or what was good no longer is: not started again until replaced
};

struct journal_slot {
    uint8_t mark;        // enum journal_mark
    uint32_t header_crc; // of the image's header, which holds the CRC of the rest: it names the image
    uint32_t bytes;      // vectors to end
    uint32_t version;
};

struct journal_state {
    uint8_t current;             // bank that boot starts when there is nothing to try: 1, 2; 0: neither
    uint8_t attempts;            // begun with the candidate
    uint32_t minimum_version;    // nothing older is installed or started
    struct journal_slot slot[2]; // of bank 1, bank 2
};

enum journal_status {
    JOURNAL_OK,
    JOURNAL_BUSY,    // call journal_poll() again
    JOURNAL_FACTORY, // there is no valid record: headers alone decide
    JOURNAL_FULL,    // no record is free; the next boot makes room
    JOURNAL_FAILED,  // cells do not take what is programmed
};

// For the boot code, once a reset: reads both pages and makes what it found solid before anybody acts on it; recycles
// the pages when fewer than JOURNAL_RESERVE records are free. Blocks for up to two page erases and 70 double
// words. JOURNAL_OK: *state is what rules. JOURNAL_FACTORY: both pages are blank now. JOURNAL_FAILED: *state rules (all
// zero if there is none), but cells do not take repairs; appends will fail, too.
enum journal_status journal_recover(struct journal_state *state);

// For the boot code after JOURNAL_FACTORY: erases a page again and writes the first record. Blocks.
enum journal_status journal_create(const struct journal_state *state);

// For the app, which boot left a clean journal to: finds the last record. Reads as little as it can.
// JOURNAL_FACTORY, with *state all zero: there is none (the app was started by a debugger, not by boot).
enum journal_status journal_open(struct journal_state *state);

// Begins a new record; journal_poll() goes on with it. Not while another one is on its way.
void journal_append(const struct journal_state *state);

// One step, a double word at most: JOURNAL_BUSY until the record is settled (JOURNAL_OK) or cannot be. A place whose
// cells do not read back is given up for the next one, twice.
enum journal_status journal_poll(void);

// journal_append() and journal_poll() to the end.
enum journal_status journal_append_now(const struct journal_state *state);

// For people who look: the ruling page's epoch, and its free records. 0 when appends cannot work.
uint32_t journal_epoch(void);
unsigned journal_free(void);

#endif
