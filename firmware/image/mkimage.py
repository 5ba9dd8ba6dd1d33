#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The twinbank authors
"""Turn linked binaries into the images that are flashed and sent. See header.h for the layout."""
import argparse
import hashlib
import json
import pathlib
import struct
import sys
import zlib

MAGIC = 0x4D494254
HEADER_VERSION = 1
CHIP_ID = 0x415
BOARD_ID = 0x1136
PAGE_BYTES = 2048
HEADER_BYTES = 512
SLOT_OFFSET = 0x4000
SLOT_BYTES = 247 * 2048
CHIP = "stm32l476"
MARKS = ("void", "candidate", "good", "failed")


def version_word(text):
    major, minor, patch = (int(part) for part in text.split("."))
    if max(major, minor, patch) > 255:
        raise ValueError(f"{text}: each part of a version is at most 255")
    return major << 16 | minor << 8 | patch


def pad(data, multiple):
    return data + b"\xff" * (-len(data) % multiple)


def with_header(code, version, minimum):
    code = pad(code, 8)
    if version_word(minimum) > version_word(version):
        raise ValueError(f"minimum version {minimum}: newer than the image, {version}, which would lock itself out")
    if HEADER_BYTES + len(code) > SLOT_BYTES:
        raise ValueError(f"{len(code)} bytes do not fit the app slot")
    fields = struct.pack("<9I", MAGIC, HEADER_VERSION, CHIP_ID, BOARD_ID, len(code),
                         version_word(version), zlib.crc32(code), 0, version_word(minimum))
    header = fields + b"\xff" * (HEADER_BYTES - 4 - len(fields))
    return header + struct.pack("<I", zlib.crc32(header)) + code


def noise(count, seed):
    """xorshift32: bytes that differ everywhere between two versions, and never repeat nearby."""
    out = bytearray()
    state = (seed * 2654435761 + 1) & 0xFFFFFFFF
    while len(out) < count:
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        out += struct.pack("<I", state)
    return bytes(out[:count])


def cmd_assets(args):
    args.output.write_bytes(noise(args.bytes, version_word(args.version)))


def cmd_app(args):
    app = with_header(args.code.read_bytes(), args.version, args.minimum)
    boot = args.boot.read_bytes()
    if len(boot) > SLOT_OFFSET:
        raise ValueError(f"boot is {len(boot)} bytes, {SLOT_OFFSET} are its limit")
    bank = boot + b"\xff" * (SLOT_OFFSET - len(boot)) + app
    (args.output / f"app{args.label}-{args.version}.bin").write_bytes(app)
    for number in (1, 2):
        (args.output / f"bank{number}{args.label}-{args.version}.bin").write_bytes(bank)


def journal_slot(text):
    """MARK or MARK:APP -> mark, header CRC, bytes and version of the app image's header."""
    mark, colon, path = text.partition(":")
    if mark not in MARKS or bool(colon) == (mark == "void"):
        raise ValueError(f"{text}: expected void, or {', '.join(MARKS[1:])} with an app image: good:app-1.0.0.bin")
    if not colon:
        return MARKS.index(mark), 0, 0, 0
    header = pathlib.Path(path).read_bytes()[:HEADER_BYTES]
    if len(header) < HEADER_BYTES or header[:4] != struct.pack("<I", MAGIC):
        raise ValueError(f"{path}: not an app image")
    size, version = struct.unpack_from("<2I", header, 16)
    return MARKS.index(mark), struct.unpack_from("<I", header, HEADER_BYTES - 4)[0], size, version


def journal_record(place, args):
    """See journal.h: Z, the payload, its CRC-32 and the complement, S."""
    (mark1, crc1, bytes1, version1), (mark2, crc2, bytes2, version2) = map(journal_slot, (args.bank1, args.bank2))
    tags = place | args.current << 8 | args.attempts << 12 | mark1 << 16 | mark2 << 20
    payload = struct.pack("<9I4s", args.epoch, version_word(args.minimum), crc1, bytes1, crc2, bytes2,
                          version1, tags, version2, b"TBJ1")
    crc = zlib.crc32(payload)
    return bytes(8) + payload + struct.pack("<2I", crc, crc ^ 0xFFFFFFFF) + bytes(8)


def cmd_journal(args):
    if not 1 <= args.records <= PAGE_BYTES // 64:
        raise ValueError(f"{args.records} records; a page takes 1 to {PAGE_BYTES // 64}")
    page = b"".join(journal_record(place, args) for place in range(args.records))
    args.output.write_bytes(pad(page, PAGE_BYTES))


def cmd_pad(args):
    data = args.input.read_bytes()
    if args.bytes and len(data) > args.bytes:
        raise ValueError(f"{args.input.name}: {len(data)} bytes, {args.bytes} are its limit")
    args.output.write_bytes(pad(data, args.bytes or 8))


def cmd_manifest(args):
    files = []
    for path in sorted(args.files, key=lambda path: path.name):
        data = path.read_bytes()
        name, dash, version = path.stem.rpartition("-")
        files.append({
            "file": path.name,
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "version": version if dash and name != "sysrom" else None,
        })
    text = json.dumps({"chip": CHIP, "board": f"0x{BOARD_ID:08x}", "compiler": args.compiler, "files": files}, indent=2)
    args.output.write_text(text + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)

    assets = sub.add_parser("assets", help="the filler that makes an app as large as a real one")
    assets.add_argument("--version", required=True)
    assets.add_argument("--bytes", type=int, required=True)
    assets.add_argument("--output", type=pathlib.Path, required=True)
    assets.set_defaults(run=cmd_assets)

    app = sub.add_parser("app", help="app-X.Y.Z.bin, bank1-X.Y.Z.bin and bank2-X.Y.Z.bin")
    app.add_argument("--version", required=True)
    app.add_argument("--minimum", default="0.0.0", help="nothing older is installed once this one is confirmed")
    app.add_argument("--label", default="", help="comes before the version in the names")
    app.add_argument("--code", type=pathlib.Path, required=True, help="vectors to end")
    app.add_argument("--boot", type=pathlib.Path, required=True)
    app.add_argument("--output", type=pathlib.Path, required=True, help="a directory")
    app.set_defaults(run=cmd_app)

    journal = sub.add_parser("journal", help="a journal page of settled records that all say the same")
    journal.add_argument("--records", type=int, required=True, help="how many")
    journal.add_argument("--epoch", type=int, default=1)
    journal.add_argument("--current", type=int, choices=(0, 1, 2), required=True, help="bank that boot starts; 0: none")
    journal.add_argument("--attempts", type=int, choices=range(7), default=0)
    journal.add_argument("--minimum", default="0.0.0")
    for number in (1, 2):
        journal.add_argument(f"--bank{number}", required=True, metavar="MARK[:APP]",
                             help="void, or candidate, good or failed with the app image that is there")
    journal.add_argument("--output", type=pathlib.Path, required=True)
    journal.set_defaults(run=cmd_journal)

    padded = sub.add_parser("pad", help="pad with 0xff: to 8, or to exactly --bytes")
    padded.add_argument("--bytes", type=int)
    padded.add_argument("--input", type=pathlib.Path, required=True)
    padded.add_argument("--output", type=pathlib.Path, required=True)
    padded.set_defaults(run=cmd_pad)

    manifest = sub.add_parser("manifest", help="the compiler; file, size, SHA-256 and version of every image")
    manifest.add_argument("--compiler", required=True, help="the first line that it says about its version")
    manifest.add_argument("--output", type=pathlib.Path, required=True)
    manifest.add_argument("files", type=pathlib.Path, nargs="+")
    manifest.set_defaults(run=cmd_manifest)

    args = parser.parse_args()
    try:
        args.run(args)
    except (OSError, ValueError) as error:
        print(f"mkimage: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
