#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""twinbank exec on the real firmware: text, pins, bank swap and JSON are what the board would show."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile


def run(args, *options):
    command = [args.twinbank, "exec", "--board", "nucleo-l476rg", "--load", str(args.images / "bank1-1.0.0.bin"), "--load",
               f"{args.images}/bank2-2.0.0.bin@0x08080000", "--for", "50ms", *options]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--images", type=pathlib.Path, required=True)
    args = parser.parse_args()
    wrong = []

    def expect(name, condition, seen):
        if not condition:
            wrong.append(f"{name}: {seen!r}")

    lines = run(args).stdout
    for text in ("reset: power-on", "usart2: running 2.0.0", "bank 2 active", "PA5: 1", "(further edges are counted)"):
        expect(text, text in lines, lines)
    expect("edges are condensed", lines.count("PA5: ") == 5, lines)
    verbose = run(args, "--verbose").stdout
    expect("every edge with --verbose", verbose.count("PA5: ") > 30, verbose)
    raw = run(args, "--uart", "usart2=stdio")
    expect("raw text alone on stdout", raw.stdout == "running 2.0.0\r\n> ".replace("\r\n", "\n"), raw.stdout)
    expect("events on stderr", "bank 2 active" in raw.stderr, raw.stderr)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "text"
        run(args, "--uart", f"usart2=file:{path}")
        expect("text in a file", path.read_bytes() == b"running 2.0.0\r\n> ", path.read_bytes())
    data = json.loads(run(args, "--json", "--pin", "B1=0@10ms").stdout)
    expect("JSON text", data["uarts"]["usart2"] == "running 2.0.0\r\n> ", data)
    expect("JSON bank, resets, gaps", (data["active_bank"], len(data["resets"]), data["gaps"]) == (2, 1, []), data)
    expect("JSON time", data["time_ps"] == 50_000_000_000, data)
    print("\n".join([*wrong, f"{len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
