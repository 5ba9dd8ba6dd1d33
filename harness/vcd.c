/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The twinbank authors */
#include "harness/vcd.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* Identifier codes are made of the printable characters '!' to '~' (18.2.1). */
#define CODE_FIRST 33u
#define CODE_COUNT 94u
#define CODE_MAX   8u

/* --- declarations ------------------------------------------------------------------------------ */

static const char *code_of(const struct vcd_signal *signal, char code[CODE_MAX])
{
    uint32_t number = signal->number, length = 0;
    do {
        code[length++] = (char)(CODE_FIRST + number % CODE_COUNT);
        number /= CODE_COUNT;
    } while (number > 0);
    code[length] = '\0';
    return code;
}

static const char *identifier(const char *name, char text[VCD_NAME_MAX])
{
    uint32_t length = 0;
    while (name[length] != '\0' && length + 1u < VCD_NAME_MAX) {
        text[length] = isalnum((unsigned char)name[length]) ? name[length] : '_';
        length++;
    }
    text[length] = '\0';
    return text;
}

enum status vcd_open(struct vcd *vcd, const char *path, struct error *err)
{
    *vcd = (struct vcd){.file = fopen(path, "w")};
    if (vcd->file == NULL)
        return error_set(err, TB_ERR_IO, "%s: %s", path, strerror(errno));
    /* no $date: the same run gives the same file */
    fputs("$version twinbank $end\n$timescale 1 ps $end\n", vcd->file);
    return TB_OK;
}

void vcd_comment(struct vcd *vcd, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("$comment ", vcd->file);
    vfprintf(vcd->file, format, args);
    fputs(" $end\n", vcd->file);
    va_end(args);
}

void vcd_scope(struct vcd *vcd, const char *name)
{
    char text[VCD_NAME_MAX];
    fprintf(vcd->file, "$scope module %s $end\n", identifier(name, text));
}

void vcd_end_scope(struct vcd *vcd)
{
    fputs("$upscope $end\n", vcd->file);
}

void vcd_alias(struct vcd *vcd, const struct vcd_signal *signal, const char *name)
{
    char code[CODE_MAX], text[VCD_NAME_MAX];
    const char *type = signal->width == 0 ? "event" : signal->width == 1u ? "wire" : "reg";
    fprintf(vcd->file, "$var %s %u %s %s", type, signal->width > 0 ? signal->width : 1u, code_of(signal, code),
            identifier(name, text));
    if (signal->width > 1u)
        fprintf(vcd->file, " [%u:0]", signal->width - 1u);
    fputs(" $end\n", vcd->file);
}

void vcd_declare(struct vcd *vcd, struct vcd_signal *signal, const char *name, uint32_t width)
{
    TB_ASSERT(width <= 32u);
    *signal = (struct vcd_signal){.next = vcd->first, .number = vcd->count++, .width = width};
    vcd->first = signal;
    vcd_alias(vcd, signal, name);
}

/* --- values ------------------------------------------------------------------------------------ */

static void put_value(struct vcd *vcd, const struct vcd_signal *signal)
{
    char digits[33], code[CODE_MAX];
    uint32_t length = 0, left = signal->width;
    code_of(signal, code);
    if (signal->width == 1u) {
        fprintf(vcd->file, "%c%s\n", signal->known ? (char)('0' + signal->value) : 'x', code);
        return;
    }
    /* shortened: digits that a reader extends are left out (18.2.1, table 18-3) */
    while (signal->known && left > 1u && bits(signal->value, left - 1u, left - 1u) == 0)
        left--;
    for (; signal->known && left > 0; left--)
        digits[length++] = (char)('0' + bits(signal->value, left - 1u, left - 1u));
    digits[length] = '\0';
    fprintf(vcd->file, "b%s %s\n", signal->known ? digits : "x", code);
}

void vcd_begin_values(struct vcd *vcd)
{
    fputs("$enddefinitions $end\n#0\n$dumpvars\n", vcd->file);
    for (const struct vcd_signal *signal = vcd->first; signal != NULL; signal = signal->next)
        if (signal->width > 0)
            put_value(vcd, signal);
    fputs("$end\n", vcd->file);
}

void vcd_time(struct vcd *vcd, uint64_t time_ps)
{
    TB_ASSERT(time_ps >= vcd->time_ps);
    if (time_ps == vcd->time_ps)
        return;
    vcd->time_ps = time_ps;
    fprintf(vcd->file, "#%llu\n", (unsigned long long)time_ps);
}

void vcd_set(struct vcd *vcd, struct vcd_signal *signal, uint32_t value)
{
    value &= (uint32_t)((1ull << signal->width) - 1u);
    if (signal->known && signal->value == value)
        return;
    signal->known = true;
    signal->value = value;
    put_value(vcd, signal);
}

void vcd_set_unknown(struct vcd *vcd, struct vcd_signal *signal)
{
    if (!signal->known)
        return;
    signal->known = false;
    put_value(vcd, signal);
}

void vcd_event(struct vcd *vcd, const struct vcd_signal *signal)
{
    char code[CODE_MAX];
    TB_ASSERT(signal->width == 0);
    fprintf(vcd->file, "1%s\n", code_of(signal, code));
}

enum status vcd_close(struct vcd *vcd, const char *path, struct error *err)
{
    bool failed = ferror(vcd->file) != 0;
    int reason = errno;
    if (fclose(vcd->file) != 0) {
        failed = true;
        reason = errno;
    }
    vcd->file = NULL;
    return failed ? error_set(err, TB_ERR_IO, "%s: %s", path, strerror(reason)) : TB_OK;
}
