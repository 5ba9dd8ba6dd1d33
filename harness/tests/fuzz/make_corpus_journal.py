#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Writes the seed inputs of fuzz_journal: pages (0), pages of cells that fail (1), lives with power cuts (2)."""

import pathlib
import struct
import sys

# As in fuzz_journal.c: what make_pages() takes.
RECORD, RECORDS, CELL, FAIL, STUCK = 0, 3, 4, 6, 7
EPOCH, TAGS, WORD, UNSETTLED, UNREADABLE = 1, 2, 4, 8, 16
VALUE, BLANK_OR_ZERO, DOUBLE_ERROR, BIT = range(4)


def record(page, place, epoch, number, odd=0, more=b""):
    return bytes([RECORD, page * 32 + place, odd, epoch, number]) + more


def records(page, place, count, epoch, number):
    return bytes([RECORDS, count - 1, page * 32 + place, 0, epoch, number])


def cell(page, place, double_word, what, more=b""):
    return bytes([CELL]) + struct.pack("<H", page << 8 | place * 8 + double_word | what << 9) + more


def pages():
    yield "blank", b""
    yield "new", record(0, 0, 1, 0)
    yield "some", records(0, 0, 10, 1, 0)
    yield "full", records(0, 0, 32, 1, 0)
    yield "nearly-full", records(1, 0, 25, 3, 0)
    yield "two-pages", records(0, 0, 30, 1, 0) + record(1, 0, 2, 77)
    yield "unsettled-first", records(0, 0, 30, 1, 0) + record(1, 0, 2, 77, UNSETTLED)
    yield "unsettled-last", records(0, 0, 5, 1, 0) + record(0, 5, 1, 9, UNSETTLED)
    yield "full-without-s", records(0, 0, 30, 1, 0) + bytes([RECORDS, 31, 32, UNSETTLED, 2, 9])
    yield "same-epoch", record(0, 3, 2, 1) + record(1, 4, 2, 2)
    yield "wrong-place", record(0, 3, 2, 1, TAGS, struct.pack("<I", 1))
    yield "epoch-0", record(0, 0, 0, 1)
    for bit in (8, 10, 12, 15, 16, 18, 20, 22, 24, 31):
        yield f"tag-bit-{bit}", record(0, 0, 1, 0) + record(0, 1, 1, 2, TAGS, struct.pack("<I", 1 << bit))
    for word, value in ((3, 0x7B601), (5, 0xFFFFFFFF), (9, 0)):
        yield f"word-{word}", record(0, 0, 1, 0) + record(0, 1, 1, 2, WORD, struct.pack("<BI", word - 1, value))
    for double_word in range(8):
        broken = record(0, 0, 1, 0) + record(0, 1, 1, 2)
        yield f"double-error-{double_word}", broken + cell(0, 1, double_word, DOUBLE_ERROR)
        for bit in (7, 40):
            yield f"bit-{double_word}-{bit}", broken + cell(0, 1, double_word, BIT, bytes([bit]))
    yield "cell-alone", cell(1, 20, 0, VALUE, b"twinbank") + cell(0, 31, 7, BLANK_OR_ZERO)
    yield "low-supply", records(0, 0, 28, 1, 0) + bytes([FAIL, 20])


def lives():
    def boot(cut=0):
        return bytes([4 * cut])

    def append(cut=0):
        return bytes([4 * cut + 1])

    def appends(count):
        return bytes([4 * count + 2])

    for how in range(4):
        yield f"long-{how}", bytes([how]) + (boot() + appends(20)) * 12
        yield f"cut-appends-{how}", bytes([how]) + boot() + b"".join(append(cut) + boot() for cut in range(1, 9))
        yield f"cut-boots-{how}", bytes([how]) + b"".join(boot(cut) for cut in range(1, 30)) + boot()
        yield f"cut-recycling-{how}", bytes([how]) + b"".join(boot() + appends(20) + boot(cut) for cut in range(1, 20))
        twice = b"".join(append(cut) + boot(1 + cut % 5) for cut in range(1, 9)) + boot() + appends(25)
        yield f"cut-twice-{how}", bytes([how]) + boot() + twice * 4


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, contents in pages():
        (folder / f"pages-{name}").write_bytes(b"\0" + contents)
        (folder / f"failing-{name}").write_bytes(b"\1" + contents + bytes([FAIL, 5]))
        (folder / f"stuck-{name}").write_bytes(b"\1" + contents + bytes([STUCK, 8, 0, STUCK, 0x37, 1]))
    for name, contents in lives():
        (folder / f"life-{name}").write_bytes(b"\2" + contents)


if __name__ == "__main__":
    main()
