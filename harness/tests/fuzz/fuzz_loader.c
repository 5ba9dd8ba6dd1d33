/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * libFuzzer: no input may crash the image loader, and what it accepts keeps loader.h's promises.
 * The first byte chooses the name, so that all formats are reached:
 *
 *     make_corpus_loader.py corpus && fuzz_loader -max_len=4096 corpus
 */
#include "sim/loader.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_image(const struct image *image)
{
    uint64_t end = 0, total_bytes = 0;
    TB_ASSERT(image->part_count > 0);
    for (uint32_t i = 0; i < image->part_count; i++) {
        const struct image_part *part = &image->parts[i];
        TB_ASSERT(part->size > 0);
        TB_ASSERT(i == 0 || part->address >= end);
        end = (uint64_t)part->address + part->size;
        TB_ASSERT(end <= 1ull << 32);
        total_bytes += part->size;
        /* Reads all of it, for AddressSanitizer. */
        for (uint32_t j = 0; j < part->size; j++)
            end += part->bytes[j] & 0u;
    }
    TB_ASSERT(total_bytes <= IMAGE_MAX_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"a.elf", "a.hex", "a.bin"};
    struct image image;
    struct error err = {""};
    if (size == 0)
        return 0;
    const char *name = names[bytes[0] % ARRAY_LENGTH(names)];
    enum status status = image_parse(&image, name, bytes + 1, size - 1u, 0xfffff800u, &err);
    if (status == TB_OK) {
        check_image(&image);
        image_free(&image);
    } else {
        TB_ASSERT(status == TB_ERR_INPUT || status == TB_ERR_UNSUPPORTED);
        TB_ASSERT(strncmp(err.text, name, strlen(name)) == 0);
        TB_ASSERT(image.parts == NULL && image.part_count == 0);
    }
    return 0;
}
