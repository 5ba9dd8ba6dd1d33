#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Function and line in what run and exec report are those that binutils' addr2line finds in the same ELF file."""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

PLACE = re.compile(r"PC (0x[0-9a-f]{8}) (\w+) ([\w./-]+:\d+)(?: \(([\w./-]+:\d+)\))?")
SCENARIO = """title: t
board: nucleo-l476rg
images: {p: bank1-1.0.0.bin}
start: {flash: [{image: p, at: bank1}], until: {uart: usart2, text: running, within: 50 ms}}
check: {active_bank: 2}
"""


def addr2line(elf, address):
    """(function, file:line), the innermost first."""
    lines = subprocess.run(["arm-none-eabi-addr2line", "-i", "-f", "-e", elf, address], capture_output=True, text=True,
                           check=True).stdout.split("\n")
    # "build/" is the directory of the compilation, by the map that makes builds reproducible
    return [(lines[i], lines[i + 1].removeprefix("build/").split(" ")[0]) for i in range(0, len(lines) - 1, 2)]


def judge(name, elf, text):
    found = PLACE.search(text)
    if not found:
        return f"{name}: no function and line in {text!r}"
    expected = addr2line(elf, found.group(1))
    inner = expected[0][1] if len(expected) > 1 else None
    if (found.group(2), found.group(3), found.group(4)) != (*expected[-1], inner):
        return f"{name}: {found.group(0)!r}; expected {expected}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--images", type=pathlib.Path, required=True)
    args = parser.parse_args()
    wrong = []
    for milliseconds in (1, 3, 5, 30, 60):  # reading the journal, waiting for an image
        result = subprocess.run([args.twinbank, "exec", "--board", "nucleo-l476rg", "--load", args.images / "boot.elf",
                                 "--for", f"{milliseconds}ms"], capture_output=True, text=True, timeout=60, check=True)
        wrong.append(judge(f"exec for {milliseconds} ms", args.images / "boot.elf", result.stdout))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "fails.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        subprocess.run([args.twinbank, "run", "--images", args.images, "--report", folder, path], capture_output=True,
                       timeout=60, check=False)
        report = json.loads((pathlib.Path(folder) / "twinbank.json").read_text(encoding="utf-8"))["scenarios"][0]
    wrong.append(judge("run", args.images / "app-1.0.0.elf", report["last_seen"]))
    wrong = [text for text in wrong if text]
    print("\n".join([*wrong, f"6 places, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
