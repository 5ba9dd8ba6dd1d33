#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The twinbank authors
"""Build the firmware twice, from two directories, with different numbers of jobs: the same bytes must come out."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# Different lengths, depths, jobs, time zones, and orders of Python's sets.
BUILDS = (("a", 1, {"TZ": "UTC-12", "PYTHONHASHSEED": "1"}),
          ("another/place of-some_length", 3, {"TZ": "UTC+12", "PYTHONHASHSEED": "2"}))


def build(args, folder, jobs, settings):
    """Every file of the build's images/, by name."""
    shutil.copytree(args.firmware, folder / "firmware", ignore=shutil.ignore_patterns("tests"))
    environment = {**os.environ, **settings}
    for command in (["-S", folder / "firmware", "-B", folder / "out", "-G", args.generator,
                     f"-DCMAKE_TOOLCHAIN_FILE={folder}/firmware/toolchain-arm-none-eabi.cmake"],
                    ["--build", folder / "out", "--parallel", jobs]):
        result = subprocess.run([args.cmake, *map(str, command)], env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, check=False)
        if result.returncode != 0:
            sys.exit(f"the build in {folder} failed:\n{result.stdout}")
    return {path.name: path.read_bytes() for path in (folder / "out" / "images").iterdir()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--generator", required=True)
    parser.add_argument("--firmware", type=pathlib.Path, required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        first, second = (build(args, pathlib.Path(temporary) / name, jobs, settings) for name, jobs, settings in BUILDS)
    wrong = [f"{name}: only one build made it" for name in sorted(first.keys() ^ second.keys())]
    wrong += [f"{name}: not the same bytes" for name in sorted(first.keys() & second.keys()) if first[name] != second[name]]
    wrong += [f"{name}: not there" for name in ("manifest.json", "boot.bin", "boot.elf") if name not in first]
    print("\n".join([*wrong, f"{len(first)} files, {len(wrong)} of them wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
