#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Each malformed scenario of a directory must be refused in one line: the one its first comment asks for.

The comment reads `# expect LINE: TEXT`. After that, every file is cut short and has bytes changed at
places that a fixed generator picks: whatever comes of it, the answer is an exit code, never a crash.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

MUTATIONS_A_FILE = 6


def run(twinbank, images, path):
    return subprocess.run([twinbank, "run", "--images", images, path], capture_output=True, timeout=60, check=False)


def check(twinbank, images, path):
    text = path.read_text(encoding="utf-8")
    wanted = re.search(r"^# expect (\d+): (.*)$", text, re.MULTILINE)
    if wanted is None:
        return f"{path.name}: has no `# expect LINE: TEXT`"
    result = run(twinbank, images, path)
    said = result.stderr.decode(errors="replace")
    place = f"twinbank: {path}:{wanted[1]}: "
    if result.returncode != 2:
        return f"{path.name}: exit code {result.returncode}, expected 2: {said}"
    if said.count("\n") != 1 or not said.startswith(place) or wanted[2] not in said:
        return f"{path.name}: said {said!r}, expected one line {place!r} with {wanted[2]!r}"
    return None


def mutants(data):
    state = 0x9E3779B9
    for _ in range(MUTATIONS_A_FILE):
        changed = bytearray(data)
        for _ in range(3):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            at = state % len(changed)
            changed[at] = (state >> 12) & 0xFF
        yield bytes(changed)
        yield data[:state % len(data)]


def check_mutants(twinbank, images, path, scratch):
    for number, data in enumerate(mutants(path.read_bytes())):
        scratch.write_bytes(data)
        result = run(twinbank, images, scratch)
        # 0, 1, 3: the change made a scenario of it that can be run
        if result.returncode not in (0, 1, 2, 3):
            return f"{path.name}, mutation {number}: exit code {result.returncode}\n{result.stderr.decode(errors='replace')}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    args = parser.parse_args()
    failures = []
    paths = sorted(args.data.glob("*.yaml"))
    with tempfile.TemporaryDirectory() as images:
        folder = pathlib.Path(images)
        (folder / "v1.bin").write_bytes(bytes(range(256)) * 4)
        (folder / "empty.bin").write_bytes(b"")
        (folder / "directory").mkdir()
        for path in paths:
            failures += [check(args.twinbank, images, path),
                         check_mutants(args.twinbank, images, path, folder / "mutant.yaml")]
    failures = [failure for failure in failures if failure]
    print("\n".join(failures + [f"{len(paths)} malformed scenarios, {len(failures)} wrong answers"]))
    return 1 if failures or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
