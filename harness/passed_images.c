/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/passed_images.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

/** Without memory there is no list, and half a list would be a lie. */
static void append(json_t *list, json_t *entry)
{
    int failed = json_array_append_new(list, entry);
    TB_ASSERT(failed == 0);
}

static json_t *json_sha256(const uint8_t *bytes, size_t size)
{
    struct sha256_ctx sha;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char hex[2u * SHA256_DIGEST_SIZE + 1u];
    sha256_init(&sha);
    sha256_update(&sha, size, bytes);
    sha256_digest(&sha, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2u * i, 3, "%02x", digest[i]);
    return json_string(hex);
}

json_t *passed_images_of(const struct scenario *scenario)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        const struct scenario_image *image = &scenario->images[i];
        json_t *entry = json_pack("{s:s, s:o, s:i}", "file", image->file, "sha256",
                                  json_sha256(image->bytes, image->size), "bytes", (int)image->size);
        append(list, entry);
    }
    return list;
}

bool passed_as_a_whole(const struct result *result)
{
    const json_t *sweep = result->sweep;
    if (result->verdict != VERDICT_PASS || sweep == NULL)
        return result->verdict == VERDICT_PASS;
    return json_is_null(json_object_get(sweep, "sample")) &&
           json_equal(json_object_get(sweep, "chunks_done"), json_object_get(sweep, "chunks")) &&
           json_integer_value(json_object_get(sweep, "failing")) == 0;
}

static json_t *find(const json_t *list, const json_t *image)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)list, i,
                       entry) if (strcmp(text(entry, "sha256"), text(image, "sha256")) == 0 &&
                                  strcmp(text(entry, "file"), text(image, "file")) == 0) return entry;
    return NULL;
}

static void add_name(json_t *names, const char *name)
{
    size_t i;
    json_t *known;
    json_array_foreach(names, i, known) if (strcmp(json_string_value(known), name) == 0) return;
    append(names, json_string(name));
}

void passed_images_note(json_t *list, const json_t *images, const char *scenario_name, bool passed)
{
    size_t i;
    json_t *image;
    json_array_foreach((json_t *)images, i, image)
    {
        json_t *entry = find(list, image);
        if (entry == NULL) {
            entry =
                json_pack("{s:s, s:s, s:O, s:[], s:b}", "file", text(image, "file"), "sha256", text(image, "sha256"),
                          "bytes", json_object_get(image, "bytes"), "scenarios", "passed", 1);
            append(list, entry);
        }
        add_name(json_object_get(entry, "scenarios"), scenario_name);
        if (!passed)
            json_object_set_new(entry, "passed", json_false());
    }
}

/** Equal bytes are one image, whatever the files are called. */
static bool has_passed(const json_t *list, const json_t *image)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)list, i, entry) if (strcmp(text(entry, "sha256"), text(image, "sha256")) == 0 &&
                                                     !json_is_true(json_object_get(entry, "passed"))) return false;
    return true;
}

static int by_file(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    int order = strcmp(text(x, "file"), text(y, "file"));
    return order != 0 ? order : strcmp(text(x, "sha256"), text(y, "sha256"));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(json_string_value(*(json_t *const *)a), json_string_value(*(json_t *const *)b));
}

static json_t *sorted(const json_t *list, int (*order)(const void *, const void *))
{
    size_t count = json_array_size(list);
    json_t **entries = calloc(count + 1u, sizeof(*entries)), *result = json_array();
    TB_ASSERT(entries != NULL && result != NULL);
    for (size_t i = 0; i < count; i++)
        entries[i] = json_array_get(list, i);
    qsort(entries, count, sizeof(*entries), order);
    for (size_t i = 0; i < count; i++)
        json_array_append(result, entries[i]);
    free(entries);
    return result;
}

static json_t *passed_only(const json_t *list)
{
    json_t *files = sorted(list, by_file), *images = json_array(), *entry;
    size_t i;
    json_array_foreach(files, i, entry)
    {
        if (!has_passed(list, entry))
            continue;
        json_t *image = json_pack("{s:O, s:O, s:O, s:o}", "file", json_object_get(entry, "file"), "sha256",
                                  json_object_get(entry, "sha256"), "bytes", json_object_get(entry, "bytes"),
                                  "scenarios", sorted(json_object_get(entry, "scenarios"), by_text));
        append(images, image);
    }
    json_decref(files);
    return images;
}

static enum status list_path(char *path, size_t size, const char *directory, struct error *err)
{
    if (snprintf(path, size, "%s/passed-images.json", directory) >= (int)size)
        return error_set(err, TB_ERR_INPUT, "%.100s...: too long a name", directory);
    return TB_OK;
}

enum status passed_images_write(const json_t *list, const char *directory, struct error *err)
{
    char path[512];
    enum status status = list_path(path, sizeof path, directory, err);
    if (status != TB_OK)
        return status;
    json_t *root = json_pack("{s:s, s:o}", "twinbank", TB_VERSION, "images", passed_only(list));
    FILE *file = fopen(path, "wb");
    bool good = root != NULL && file != NULL && json_dumpf(root, file, JSON_INDENT(2)) == 0 && fputc('\n', file) != EOF;
    int reason = errno;
    if (file != NULL && fclose(file) != 0)
        good = false;
    json_decref(root);
    if (good)
        return TB_OK;
    (void)unlink(path); /* half a list is none */
    return error_set(err, TB_ERR_IO, "%s: %s", path, strerror(reason));
}

enum status passed_images_forget(const char *directory, struct error *err)
{
    char path[512];
    enum status status = list_path(path, sizeof path, directory, err);
    if (status == TB_OK && unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
        return error_set(err, TB_ERR_IO, "%s: %s", path, strerror(errno));
    return status;
}
