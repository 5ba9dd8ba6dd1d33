#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""The same scenarios again, with other numbers of workers and cut into pieces at pseudo-random places.

Verdicts, times, counts, digests of the final state and digests of the event trace must all be equal.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

NOT_COMPARED = {"wall_ns"}
# short pieces only where runs are short: each piece costs a stop of the engine
RUNS = [
    (["--jobs", "1"], "*.yaml"),
    (["--jobs", "3"], "*.yaml"),
    (["--jobs", "2", "--force-stops", "1:300"], "*.yaml"),
    (["--jobs", "2", "--force-stops", "2:37"], "*.yaml"),
    (["--jobs", "2", "--force-stops", "3:5"], "the-*.yaml"),
]


def run(args, options, pattern):
    with tempfile.TemporaryDirectory() as folder:
        paths = sorted(str(path) for path in args.scenarios.glob(pattern))
        subprocess.run([args.twinbank, "run", "--images", args.images, "--report", folder, *options, *paths],
                       capture_output=True, timeout=900, check=False)
        data = json.loads((pathlib.Path(folder) / "twinbank.json").read_text(encoding="utf-8"))
    return {entry["name"]: {key: value for key, value in entry.items() if key not in NOT_COMPARED}
            for entry in data["scenarios"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--scenarios", type=pathlib.Path, required=True)
    parser.add_argument("--images", required=True)
    args = parser.parse_args()
    first = run(args, ["--jobs", "2"], "*.yaml")
    wrong = 0
    compared = 0
    for options, pattern in RUNS:
        for name, entry in run(args, options, pattern).items():
            compared += 1
            differing = {key: (first[name][key], value) for key, value in entry.items() if first[name][key] != value}
            if differing:
                wrong += 1
                print(f"{' '.join(options)}: {name}: {differing}")
    print(f"{compared} runs compared, {wrong} differ")
    return 1 if wrong or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
