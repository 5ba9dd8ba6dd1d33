#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Writes the seed inputs of fuzz_ymodem: scripts (0) and honest senders on a line with noise (1)."""

import pathlib
import struct
import sys

# As in fuzz_ymodem.c, enum op.
(RAW, PAUSE, WAIT, ACCEPT, CANCEL, BLOCK, REPEAT, EOT, CAN, NAME, NO_NAME, BLOCKS, CUT, START) = range(14)
LONG, CRC, COMPLEMENT, FAR = 4, 8, 16, 32
# As in ymodem_sender.h, enum line_kind.
CHANGE, LOSE, DOUBLE, ADD, OUT = range(5)


def script(*operations):
    out = bytearray([0])
    for operation in operations:
        for part in operation if isinstance(operation, tuple) else (operation,):
            out += part if isinstance(part, bytes) else bytes([part])
    return bytes(out)


def name(fields, called=b"app\0"):
    text = called + fields
    return (NAME, len(text), text)


def honest(size, *events, how=0, seed=0):
    return struct.pack("<BBBH", 1, how, seed, size) + b"".join(struct.pack("<HBB", *event) for event in events)


def seeds():
    at_once = (ACCEPT, 1)
    start = (name(b"66048"), at_once)
    yield "whole", script(*start, (BLOCKS, 20), (BLOCK, 1 | LONG, 7), EOT, EOT, NO_NAME)
    yield "held", script(name(b"66048"), (WAIT, 255), (ACCEPT, 0), (BLOCK, 1, 7), EOT, (ACCEPT, 0), (BLOCK, 1, 8), (CANCEL,))
    yield "wraps", script(*start, (BLOCKS, 255), (BLOCKS, 3), EOT, EOT, NO_NAME)
    yield "behind-the-end", script(name(b"300"), at_once, (BLOCKS, 4))
    yield "no-size", script(name(b""), at_once, (BLOCKS, 3), EOT, EOT, (BLOCK, 1 | FAR, 0))
    for number, size in enumerate((b"-1", b"0x100", b"4294967295", b"4294967296", b" 12 34 56", b"12k", b"0")):
        yield f"size-{number}", script(name(size), at_once, (BLOCKS, 2), EOT, EOT, NO_NAME)
    yield "long-name", script((NAME, 200, b"n" * 199 + b"\0"), at_once, (BLOCKS, 2))
    yield "endless-name", script((NAME, 128, b"n" * 128))
    yield "full-name-block", script((NAME, 255, b"n" * 1000 + b"\0" + b"66048" + bytes(18)))
    yield "empty-batch", script(NO_NAME)
    yield "xmodem", script((BLOCK, 2, 7))
    yield "bad-blocks", script(*start, *[(BLOCK, 1 | CRC, 7), (PAUSE, 30)] * 11)
    yield "bad-complement", script(*start, (BLOCK, 1 | COMPLEMENT | LONG, 7), (PAUSE, 30), (BLOCK, 1 | LONG, 7))
    yield "repeats", script(*start, (BLOCKS, 2), *[(BLOCK, 0, 1)] * 11)
    yield "jumps", script(*start, (BLOCK, 2, 7))
    yield "far", script(*start, (BLOCK, 1 | FAR, 200))
    yield "cut", script(*start, (CUT, 100), (WAIT, 5), (BLOCK, 1, 7), (CUT, 255), (WAIT, 5))
    yield "stopped", script(*start, (CUT, 100), (CAN, 0xA8), (WAIT, 5))
    yield "cancelled", script(*start, (BLOCKS, 2), (CAN, 2))
    yield "one-cancel", script(*start, (CAN, 1), (WAIT, 21), (CAN, 1), (BLOCKS, 2))
    yield "noise", script((RAW, 9, b"update\r\n\xff"), *start, (RAW, 2, b"\xff\x55"), (PAUSE, 30), (BLOCKS, 2))
    for byte in (0x01, 0x02, 0x04, 0x18, 0x55):
        yield f"endless-{byte:02x}", script(*start, (BLOCKS, 1), *[(REPEAT, byte, 255)] * 6)
        yield f"endless-start-{byte:02x}", script(*[(REPEAT, byte, 255)] * 6)
        yield f"endless-end-{byte:02x}", script(*start, EOT, EOT, *[(REPEAT, byte, 255)] * 6)
    yield "silence", script(*start, (WAIT, 255), (WAIT, 255))
    yield "again", script(*start, (BLOCKS, 3), (CUT, 20), START, *start, (BLOCKS, 3))
    yield "second-file", script(*start, EOT, EOT, (BLOCK, 33 | FAR, 0), name(b"1"))

    yield "honest", honest(5000)
    yield "honest-short", honest(100, how=3)
    yield "honest-empty", honest(0)
    yield "honest-slow", honest(5000, how=0xFF)
    for kind in (CHANGE, LOSE, DOUBLE, ADD, OUT):
        for at in (0, 1, 60, 138, 139, 145, 700, 1170, 1171, 5500):
            yield f"honest-{kind}-{at}", honest(5000, (at, kind, 0x10))
    for at in (136, 137, 1166, 1169):
        yield f"honest-blocks-in-file-{at}", honest(5000, (at, LOSE, 0), seed=3)
        yield f"honest-blocks-in-file-changed-{at}", honest(5000, (at, CHANGE, 0x40), seed=3)
    yield "honest-noise", honest(5000, *[(400, kind % 4, 0x18) for kind in range(12)])


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name_of, contents in seeds():
        (folder / name_of).write_bytes(contents)


if __name__ == "__main__":
    main()
