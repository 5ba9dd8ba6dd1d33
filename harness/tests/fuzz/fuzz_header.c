/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * libFuzzer: nothing but an image whose every field is in range passes header_check(), the slot scan and the policy,
 * and none of them reads outside the slot. The real address of flash is mapped, so that slot.c runs as it is.
 *
 * An input is a byte of flags and then either a header and a body as they are, or changes to a good header; checksums
 * are put right if the flags say so, or no change would ever get past them:
 *
 *     make_corpus_header.py corpus [IMAGE...] && fuzz_header -max_len=4096 corpus
 */
#include "firmware/drivers/bank.h"
#include "firmware/drivers/crc.h"
#include "firmware/drivers/ecc.h"
#include "firmware/image/header.h"
#include "firmware/image/slot.h"
#include "firmware/update/policy.h"
#include "harness/tests/fuzz/fuzz.h"

#include <sys/mman.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define POISON 1
#endif
#ifdef POISON
#include <sanitizer/asan_interface.h>
#endif

#define FLASH_AT   0x08000000u
#define FLASH_SIZE 0x00100000u
#define BANK_SIZE  0x00080000u
#define SLOT_AT    0x4000u
#define SLOT_END   0x7f800u /* page 255, the journal, begins */

#define FLAG_RAW         0x01u /* the header's 512 bytes come from the input */
#define FLAG_SEAL_HEADER 0x02u
#define FLAG_SEAL_BODY   0x04u
#define FLAG_SWAPPED     0x08u /* bank 2 shows at 0x08000000 */
#define FLAG_BANK_2      0x10u /* the slot is bank 2's */
#define FLAG_ECC         0x20u /* a double error in the guarded read whose number comes next */
#define FLAG_JOURNALLED  0x40u /* the journal names another image, perhaps */

/* --- the hardware that slot.c asks --------------------------------------------------------------------- */

static bool swapped, guarded;
static uint32_t guards, bad_guard; /* bad_guard 0: none */
static uint32_t crc;

uint32_t bank_address(unsigned bank)
{
    FUZZ_CHECK(bank == 1u || bank == 2u);
    return FLASH_AT + ((bank == 2u) == swapped ? 0 : BANK_SIZE);
}

void ecc_guard_begin(void)
{
    FUZZ_CHECK(!guarded);
    guarded = true;
}

bool ecc_guard_end(void)
{
    FUZZ_CHECK(guarded);
    guarded = false;
    return ++guards == bad_guard;
}

static uint32_t crc_on(uint32_t value, const void *bytes, size_t count)
{
    static uint32_t table[256];
    if (table[1] == 0) {
        for (uint32_t i = 0; i < 256u; i++) {
            table[i] = i;
            for (unsigned bit = 0; bit < 8u; bit++)
                table[i] = (table[i] & 1u) != 0 ? (table[i] >> 1) ^ 0xedb88320u : table[i] >> 1;
        }
    }
    for (size_t i = 0; i < count; i++)
        value = (value >> 8) ^ table[(value ^ ((const uint8_t *)bytes)[i]) & 0xffu];
    return value;
}

static uint32_t crc_of(const void *bytes, size_t count)
{
    return ~crc_on(0xffffffffu, bytes, count);
}

void crc_begin(void)
{
    crc = 0xffffffffu;
}

void crc_feed(const uint32_t *words, uint32_t count)
{
    /* Flash is read under guard only; the header's copy is in RAM. */
    bool in_flash = (uintptr_t)words >= FLASH_AT && (uintptr_t)words < FLASH_AT + FLASH_SIZE;
    FUZZ_CHECK(!in_flash || guarded);
    crc = crc_on(crc, words, 4u * (size_t)count);
}

uint32_t crc_value(void)
{
    return ~crc;
}

/* --- flash -------------------------------------------------------------------------------------------- */

static uint8_t *flash;

static uint8_t *slot_of(unsigned bank)
{
    return flash + (bank_address(bank) - FLASH_AT) + SLOT_AT;
}

static void map_flash(void)
{
    void *at = (void *)(uintptr_t)FLASH_AT;
    void *got = mmap(at, FLASH_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    FUZZ_CHECK(got == at);
    flash = got;
    memset(flash, 0xff, FLASH_SIZE);
#ifdef POISON
    for (uint32_t bank = 0; bank < FLASH_SIZE; bank += BANK_SIZE) {
        ASAN_POISON_MEMORY_REGION(flash + bank, SLOT_AT);
        ASAN_POISON_MEMORY_REGION(flash + bank + SLOT_END, BANK_SIZE - SLOT_END);
    }
#endif
}

/* --- an input ----------------------------------------------------------------------------------------- */

#define BODY_BYTES 1024u /* of the input; the rest is blank */

static struct image_header good_header(void)
{
    struct image_header header;
    memset(&header, 0xff, sizeof header);
    header.magic = 0x4d494254u;
    header.header_version = 1;
    header.chip_id = 0x415u;
    header.board_id = 0x1136u;
    header.image_bytes = 1024u;
    header.version = 0x00020000u;
    header.flags = 0;
    header.minimum_version = 0;
    return header;
}

/** Fields by index and new value. */
static void change(struct image_header *header, struct fuzz_input *in)
{
    for (uint32_t count = fuzz_take(in, 1) % 8u; count > 0; count--) {
        uint32_t at = fuzz_take(in, 1) % 128u, value = fuzz_take(in, 4);
        memcpy((uint8_t *)header + 4u * at, &value, sizeof value);
    }
}

/** Puts header and body into the bank's slot; what it was before is blank again. */
static struct image_header make_slot(unsigned bank, uint32_t flags, struct fuzz_input *in)
{
    uint8_t *slot = slot_of(bank);
    struct image_header header = good_header();
    memset(slot, 0xff, HEADER_BYTES + BODY_BYTES);
    if ((flags & FLAG_RAW) != 0)
        (void)fuzz_take_bytes(in, &header, sizeof header);
    else
        change(&header, in);
    uint32_t vectors[2] = {0x20018000u - 8u, FLASH_AT + SLOT_AT + 512u + 0x201u};
    memcpy(slot + 512, vectors, sizeof vectors);
    if (in->left > 0) {
        uint8_t body[BODY_BYTES];
        size_t count = fuzz_take_bytes(in, body, sizeof body);
        memcpy(slot + 512, body, count);
    }
    if ((flags & FLAG_SEAL_BODY) != 0 && header.image_bytes <= SLOT_END - SLOT_AT - 512u)
        header.image_crc = crc_of(slot + 512, header.image_bytes);
    if ((flags & FLAG_SEAL_HEADER) != 0)
        header.header_crc = crc_of(&header, sizeof header - 4u);
    memcpy(slot, &header, sizeof header);
    return header;
}

/* --- what must hold ----------------------------------------------------------------------------------- */

/** The fields as header.h describes them, asked a second time. */
static bool in_range(const struct image_header *header)
{
    return memcmp(header, "TBIM", 4) == 0 && header->header_version == 1u && header->chip_id == 0x415u &&
           header->board_id == 0x1136u && header->image_bytes >= 98u * 4u && header->image_bytes % 8u == 0 &&
           header->image_bytes <= 247u * 2048u - 512u && header->version <= 0x00ffffffu && header->flags == 0 &&
           header->minimum_version <= header->version && header->header_crc == crc_of(header, 508);
}

static bool vectors_in_range(const struct image_header *header, const uint8_t *body)
{
    uint32_t sp, entry;
    memcpy(&sp, body, 4);
    memcpy(&entry, body + 4, 4);
    return sp > 0x20000000u && sp < 0x20018000u && sp % 8u == 0 && entry % 2u == 1u &&
           entry - 1u >= FLASH_AT + SLOT_AT + 512u && entry - 1u < FLASH_AT + SLOT_AT + 512u + header->image_bytes;
}

static void check_header(const struct image_header *header)
{
    enum header_status status = header_check(header, slot_crc32);
    FUZZ_CHECK((status == HEADER_OK) == in_range(header));
    if (status == HEADER_BLANK)
        FUZZ_CHECK(header->magic == 0xffffffffu && header->header_crc == 0xffffffffu);

    char text[VERSION_TEXT_BYTES], expected[32];
    snprintf(expected, sizeof expected, "%u.%u.%u", header->version >> 16 & 0xffu, header->version >> 8 & 0xffu,
             header->version & 0xffu);
    FUZZ_CHECK(strcmp(version_text(header->version, text), expected) == 0);
}

static void check_slot(unsigned bank, const struct image_header *header, const struct journal_slot *named,
                       uint32_t slice)
{
    struct slot_scan scan;
    guards = 0;
    enum slot_status status = named == NULL ? slot_scan_begin(&scan, bank) : slot_scan_begin_as(&scan, bank, named);
    for (uint32_t steps = 0; status == SLOT_SCANNING; steps++) {
        FUZZ_CHECK(steps <= header->image_bytes / slice + 1u);
        status = slot_scan_step(&scan, slice);
    }
    FUZZ_CHECK(!guarded);
    FUZZ_CHECK(slot_scan_step(&scan, slice) == status); /* it stays so */
    const uint8_t *body = slot_of(bank) + 512;
    bool same = named == NULL || (named->header_crc == header->header_crc && named->bytes == header->image_bytes &&
                                  named->version == header->version);
    bool met_error = bad_guard != 0 && guards >= bad_guard;
    bool valid = in_range(header) && same && !met_error && crc_of(body, header->image_bytes) == header->image_crc &&
                 vectors_in_range(header, body);
    FUZZ_CHECK((status == SLOT_VALID) == valid);
    FUZZ_CHECK((status == SLOT_BAD_ECC) == met_error);
    FUZZ_CHECK(strlen(slot_status_text(status)) > 0);
}

static void check_policy(const struct image_header *header, struct fuzz_input *in)
{
    struct journal_state state = {.current = 1, .minimum_version = fuzz_take(in, 3)};
    struct update_request request = {.bank = 2, .running_version = fuzz_take(in, 3), .journal = &state};
    uint32_t announced = fuzz_take(in, 3);
    request.allow_older = (announced & 1u) != 0;
    announced = announced % 8u < 6u ? announced % 8u < 4u ? 512u + header->image_bytes : 0 : announced;
    if (policy_judge_image(&request, header, announced, slot_crc32) != UPDATE_RUNNING)
        return;
    FUZZ_CHECK(in_range(header));
    FUZZ_CHECK(announced == 0 || announced == 512u + header->image_bytes);
    FUZZ_CHECK(header->version >= state.minimum_version);
    FUZZ_CHECK(request.running_version == 0 || header->version > request.running_version ||
               (request.allow_older && header->version < request.running_version));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_input in = {bytes, size};
    uint32_t flags = fuzz_take(&in, 1);
    unsigned bank = (flags & FLAG_BANK_2) != 0 ? 2u : 1u;
    if (flash == NULL)
        map_flash();
    swapped = (flags & FLAG_SWAPPED) != 0;
    bad_guard = (flags & FLAG_ECC) != 0 ? fuzz_take(&in, 1) : 0;
    uint32_t slice = 8u << fuzz_take(&in, 1) % 17u;
    uint32_t other = fuzz_take(&in, 1);
    struct fuzz_input policy_in = in;
    struct image_header header = make_slot(bank, flags, &in);
    if (slice < header.image_bytes / 256u)
        slice = 4096u; /* a large image in small slices shows nothing new */
    struct journal_slot named = {
        .header_crc = header.header_crc ^ (other & 1u),
        .bytes = header.image_bytes ^ (other & 8u),
        .version = header.version ^ (other & 2u),
    };
    check_header(&header);
    check_slot(bank, &header, (flags & FLAG_JOURNALLED) != 0 ? &named : NULL, slice);
    check_policy(&header, &policy_in);
    return 0;
}
