#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Writes the seed inputs of fuzz_header: images as mkimage.py makes them, cut short where they are long.

    make_corpus_header.py FOLDER MKIMAGE [IMAGE...]
"""

import importlib.util
import pathlib
import struct
import sys

# As in fuzz_header.c.
RAW, SEAL_HEADER, SEAL_BODY, SWAPPED, BANK_2, ECC, JOURNALLED = (1 << bit for bit in range(7))
BODY_BYTES = 1024
FIELDS = ("magic", "header_version", "chip_id", "board_id", "image_bytes", "version", "image_crc", "flags", "minimum")


def load(path):
    spec = importlib.util.spec_from_file_location("mkimage", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def raw(image, flags=0, slice_code=9, other=0):
    return bytes([RAW | flags]) + bytes([slice_code, other]) + image[: 512 + BODY_BYTES]


def changed(*fields):
    changes = b"".join(struct.pack("<BI", FIELDS.index(name), value) for name, value in fields)
    return bytes([SEAL_HEADER | SEAL_BODY, 9, 0, len(fields)]) + changes


def seeds(mkimage, paths):
    vectors = struct.pack("<II", 0x20010000, 0x08004200 + 0x189)
    code = vectors + bytes(range(256)) * 2
    image = mkimage.with_header(code, "2.0.0", "1.0.0")
    yield "image", raw(image)
    yield "image-bank-2", raw(image, SWAPPED | BANK_2)
    yield "image-in-slices", raw(image, BANK_2, 3)
    yield "image-named", raw(image, JOURNALLED)
    yield "image-not-named", raw(image, JOURNALLED, 9, 1)
    yield "image-ecc", bytes([RAW | ECC, 2]) + raw(image)[1:]
    yield "image-cut", raw(image[:700])
    yield "blank", raw(b"\xff" * 512)
    yield "text", raw(b"not an image, but long enough to look at " * 40)
    yield "good", changed()
    for name, value in (("magic", 0), ("header_version", 2), ("chip_id", 0x461), ("board_id", 0x1137),
                        ("version", 0x01000000), ("flags", 1), ("minimum", 0x00020001), ("minimum", 0xFFFFFFFF)):
        yield f"{name}-{value:x}", changed((name, value))
    for size in (0, 384, 392, 1028, 0x7B600, 0x7B608, 0xFFFFFFF8):
        yield f"size-{size:x}", changed(("image_bytes", size))
    for number, (sp, entry) in enumerate(((0x20018000, 0x08004389), (0x20000000, 0x08004389), (0x20010004, 0x08004389),
                                          (0x20010000, 0x08004388), (0x20010000, 0x08004201), (0x20010000, 0x08004601))):
        yield f"vectors-{number}", changed() + struct.pack("<II", sp, entry)
    for path in paths:
        yield f"real-{path.stem}", raw(path.read_bytes(), SEAL_BODY | SEAL_HEADER)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, contents in seeds(load(sys.argv[2]), [pathlib.Path(name) for name in sys.argv[3:]]):
        (folder / name).write_bytes(contents)


if __name__ == "__main__":
    main()
