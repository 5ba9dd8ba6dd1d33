/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
/**
 * @file
 * Reads harness/tests/data/registers_*.csv; its README.md tells the format. Header only, because each test is one
 * source file.
 */
#ifndef TWINBANK_CONFORMANCE_SHEET_H
#define TWINBANK_CONFORMANCE_SHEET_H

#include "sim/base.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What software can do with a bit, in the words of RM0351 1.2. */
enum sheet_access {
    SHEET_RW,
    SHEET_R,
    SHEET_W,
    SHEET_RC_W1,
    SHEET_RC_W0,
    SHEET_RS,
    SHEET_RES,
    SHEET_ACCESS_COUNT
};
static const char *const sheet_access_names[SHEET_ACCESS_COUNT] = {"rw", "r", "w", "rc_w1", "rc_w0", "rs", "res"};

struct sheet_row {
    unsigned line;
    const char *reg;
    uint32_t offset;
    unsigned low;
    uint32_t mask; /* in place */
    const char *field;
    enum sheet_access access;
    bool reset_known;
    uint32_t reset;     /* in place */
    const char *on;     /* names of instances; empty: all */
    const char *before; /* steps */
    const char *values; /* "-": not written; empty: bit by bit */
    const char *note;
};

struct sheet_instance {
    unsigned line;
    const char *name;
    uint32_t base;
    const char *enable; /* steps */
};

#define SHEET_ROWS      900u
#define SHEET_INSTANCES 16u
#define SHEET_COLUMNS   10u
#define SHEETS          64u

struct sheet {
    char path[512];
    const char *file; /* the path's last part */
    char *text;
    struct sheet_row rows[SHEET_ROWS];
    unsigned row_count;
    struct sheet_instance instances[SHEET_INSTANCES];
    unsigned instance_count;
};

static struct sheet *sheets[SHEETS];
static unsigned sheet_count;

static void sheet_die(const struct sheet *sheet, unsigned line, const char *expected, const char *seen)
{
    fprintf(stderr, "%s:%u: expected %s, not '%s'\n", sheet->file, line, expected, seen);
    exit(EXIT_FAILURE);
}

static uint32_t sheet_number(const struct sheet *sheet, unsigned line, const char *text)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 0);
    if (*text == '\0' || *end != '\0' || value > UINT32_MAX)
        sheet_die(sheet, line, "a number of 32 bits", text);
    return (uint32_t)value;
}

/** True if the list, separated by spaces, has the word. */
static bool sheet_lists(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

static bool sheet_applies(const struct sheet_row *row, const struct sheet_instance *instance)
{
    return *row->on == '\0' || sheet_lists(row->on, instance->name);
}

/** Replaces commas with ends of strings; columns at the end may be missing, the last one may have commas. */
static unsigned sheet_split(char *line, const char *columns[SHEET_COLUMNS])
{
    unsigned count = 0;
    for (char *at = line;; at++) {
        columns[count++] = at;
        at += strcspn(at, ",");
        if (*at == '\0' || count == SHEET_COLUMNS)
            break;
        *at = '\0';
    }
    for (unsigned i = count; i < SHEET_COLUMNS; i++)
        columns[i] = "";
    return count;
}

static void sheet_add_instance(struct sheet *sheet, unsigned line, const char *const columns[SHEET_COLUMNS])
{
    if (sheet->instance_count == SHEET_INSTANCES)
        sheet_die(sheet, line, "fewer instances", columns[1]);
    sheet->instances[sheet->instance_count++] =
        (struct sheet_instance){line, columns[1], sheet_number(sheet, line, columns[2]), columns[3]};
}

static enum sheet_access sheet_access_of(const struct sheet *sheet, unsigned line, const char *name)
{
    for (unsigned i = 0; i < SHEET_ACCESS_COUNT; i++)
        if (strcmp(sheet_access_names[i], name) == 0)
            return (enum sheet_access)i;
    sheet_die(sheet, line, "rw, r, w, rc_w1, rc_w0, rs or res", name);
    return SHEET_RES;
}

/** What is left out of the test needs a reason. */
static void sheet_want_reason(const struct sheet *sheet, const struct sheet_row *row)
{
    bool flag = row->access == SHEET_RC_W1 || row->access == SHEET_RC_W0;
    bool left_out = !row->reset_known || *row->values == '-' || (flag && *row->before == '\0');
    if (left_out && *row->note == '\0')
        sheet_die(sheet, row->line, "a note that says why this is left out", row->field);
}

static void sheet_add_row(struct sheet *sheet, unsigned line, const char *const columns[SHEET_COLUMNS])
{
    if (sheet->row_count == SHEET_ROWS)
        sheet_die(sheet, line, "fewer rows", columns[0]);
    struct sheet_row *row = &sheet->rows[sheet->row_count++];
    unsigned high = 0;
    unsigned low = 0;
    char rest = '\0';
    if (sscanf(columns[2], "%u:%u%c", &high, &low, &rest) != 2) {
        high = sheet_number(sheet, line, columns[2]);
        low = high;
    }
    if (high > 31u || low > high)
        sheet_die(sheet, line, "a bit or high:low", columns[2]);
    *row = (struct sheet_row){.line = line,
                              .reg = columns[0],
                              .offset = sheet_number(sheet, line, columns[1]),
                              .low = low,
                              .mask = UINT32_MAX >> (31u - (high - low)) << low,
                              .field = columns[3],
                              .access = sheet_access_of(sheet, line, columns[4]),
                              .reset_known = strcmp(columns[5], "x") != 0,
                              .on = columns[6],
                              .before = columns[7],
                              .values = columns[8],
                              .note = columns[9]};
    if (row->reset_known)
        row->reset = sheet_number(sheet, line, columns[5]) << low;
    if (row->reset & ~row->mask)
        sheet_die(sheet, line, "a reset value that fits the bits", columns[5]);
    sheet_want_reason(sheet, row);
}

static void sheet_want_no_overlap(const struct sheet *sheet, const struct sheet_row *row)
{
    for (unsigned i = 0; i < sheet->instance_count; i++) {
        const struct sheet_instance *instance = &sheet->instances[i];
        for (const struct sheet_row *other = sheet->rows; other < row; other++)
            if (other->offset == row->offset && (other->mask & row->mask) && sheet_applies(row, instance) &&
                sheet_applies(other, instance))
                sheet_die(sheet, row->line, "bits that no other row has", row->field);
    }
}

static void sheet_parse(struct sheet *sheet)
{
    unsigned line = 0;
    char *next = NULL;
    for (char *at = sheet->text; at != NULL; at = next) {
        line++;
        next = strchr(at, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (*at == '\0' || *at == '#' || strncmp(at, "register,", 9) == 0)
            continue;
        const char *columns[SHEET_COLUMNS];
        if (sheet_split(at, columns) < 6u && strcmp(columns[0], "instance") != 0)
            sheet_die(sheet, line, "six columns or more", columns[0]);
        if (strcmp(columns[0], "instance") == 0)
            sheet_add_instance(sheet, line, columns);
        else
            sheet_add_row(sheet, line, columns);
    }
    for (unsigned i = 0; i < sheet->row_count; i++)
        sheet_want_no_overlap(sheet, &sheet->rows[i]);
    if (sheet->row_count == 0 || sheet->instance_count == 0)
        sheet_die(sheet, line, "an instance and a row", "none");
}

static void sheet_load(const char *path)
{
    struct sheet *sheet = calloc(1, sizeof *sheet);
    TB_ASSERT(sheet != NULL && sheet_count < SHEETS);
    snprintf(sheet->path, sizeof sheet->path, "%s", path);
    sheet->file = strrchr(sheet->path, '/') ? strrchr(sheet->path, '/') + 1 : sheet->path;
    FILE *file = fopen(path, "rb");
    size_t size = 1u << 20u;
    sheet->text = calloc(1, size);
    TB_ASSERT(sheet->text != NULL);
    if (file == NULL || fread(sheet->text, 1, size - 1u, file) == 0)
        sheet_die(sheet, 0, "a file to read", path);
    fclose(file);
    sheet_parse(sheet);
    sheets[sheet_count++] = sheet;
}

/** All sheets of the folder, in the order of their names. */
static void sheets_load(const char *folder)
{
    char pattern[512];
    snprintf(pattern, sizeof pattern, "%s/registers_*.csv", folder);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0) {
        fprintf(stderr, "no %s\n", pattern);
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        sheet_load(found.gl_pathv[i]);
    globfree(&found);
}

static void sheets_free(void)
{
    for (unsigned i = 0; i < sheet_count; i++) {
        free(sheets[i]->text);
        free(sheets[i]);
    }
    sheet_count = 0;
}

#endif
