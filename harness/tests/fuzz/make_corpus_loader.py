#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Writes the seed inputs of fuzz_loader: its first byte chooses the file name (0 ELF, 1 HEX, 2 raw)."""

import pathlib
import struct
import sys


def record(kind, address, data=b""):
    body = bytes([len(data), address >> 8, address & 0xFF, kind]) + data
    return b":%s%02X\n" % (body.hex().upper().encode(), -sum(body) & 0xFF)


def small_elf(sections):
    segment_bytes = bytes(range(16))
    ident = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
    data_at = 52 + 2 * 32
    table_at = data_at + len(segment_bytes) if sections else 0
    header = ident + struct.pack(
        "<HHIIIIIHHHHHH", 2, 40, 1, 0x08000001, 52, table_at, 0x05000200, 52, 32, 2, 40, sections, 0
    )
    load = struct.pack("<8I", 1, data_at, 0x08000000, 0x08000000, 16, 16, 5, 4)
    bss = struct.pack("<8I", 1, 0, 0x20000000, 0x20000000, 0, 64, 6, 4)
    return header + load + bss + segment_bytes + bytes(40 * sections)


def seeds():
    data = record(0, 0, bytes(range(16))) + record(0, 16, b"\xff" * 4)
    end = record(1, 0)
    yield "elf", b"\0" + small_elf(0)
    yield "elf-sections", b"\0" + small_elf(1)
    yield "hex-linear", b"\1" + record(4, 0, b"\x08\x00") + data + record(5, 0, b"\x08\0\1\1") + end
    yield "hex-segment", b"\1" + record(2, 0, b"\x10\x00") + data + record(3, 0, b"\x10\0\0\0") + end
    yield "hex-no-end", b"\1" + data
    yield "raw", b"\2" + b"twinbank"


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, contents in seeds():
        (folder / name).write_bytes(contents)


if __name__ == "__main__":
    main()
