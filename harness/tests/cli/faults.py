#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Faults other than power cuts are found, divided, joined and replayed as cuts are; each kind can be run alone."""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

UPDATE = """\
title: t
board: nucleo-l476rg
images: {v1: bank1-1.0.0.bin, v1_app: app-1.0.0.bin, v1b2: bank2-1.0.0.bin, v2: app-2.0.0.bin}
start:
  flash: [{image: v1, at: bank1}, {image: v1b2, at: bank2}]
  until: {uart: usart2, text: "running 1.0.0", within: 500 ms}
steps:
  - send: {uart: usart2, protocol: ymodem, image: v2, command: "\\rupdate\\r", within: 30 s}
  - wait: {uart: usart2, text: "running 2.0.0", within: 5 s}
faults:
  bytes: {uart: usart2}
  cable: {uart: usart2, out: 500 ms, every: 1 s}
  resets: {kinds: [pin, watchdog], at: [program, erase, option]}
  op_errors: {at: [program, erase]}
check:
  each_boot: {uart: usart2, within: 2 s, any_of: [{text: "running 1.0.0", slot_equals: v1_app},
              {text: "running 2.0.0", slot_equals: v2}]}
  after_retry: {uart: usart2, text: "running 2.0.0", within: 60 s}
"""
# The image in bank 2 is newer. Two wrong bits in a word of it start the older one, which this file does not allow.
FLIPS = """\
title: t
board: nucleo-l476rg
images: {v1: bank1-1.0.0.bin, v11: bank2-1.1.0.bin}
start:
  flash: [{image: v1, at: bank1}, {image: v11, at: bank2}]
  until: {uart: usart2, text: "running 1.1.0", within: 500 ms}
steps: [wait_time: 1 ms]
faults:
  flips: {at: 0x08084000, size: 64, bits: [data, double], when: after, sample: 30}
check:
  each_boot: {uart: usart2, within: 2 s, any_of: [{text: "running 1.1.0"}]}
"""
CAUSE = "nothing expected on usart2 within 2 s"
# one of each kind; the board has some 8000 programs and 60000 bytes to go wrong
PASSING = ["byte#3000/lost", "answer#60/doubled", "cable#3", "pin-reset@program#600/uncorrectable",
           "watchdog-reset@program#4000/miscorrected", "op-error@program#9"]
REFUSED = [("byte#0/lost", "is no case"), ("byte#7/good", "is no case"), ("answer#x/lost", "is no case"),
           ("flip@0x08084001/bit3", "is no case"), ("flip@0x08084000/bit64", "is no case"),
           ("flip@0x08084000/check8", "is no case"), ("flip@0x08084000/bit1+bit1", "is no case"),
           ("pin-reset@program#1/partial:1", "is no case"), ("op-error@option-erase#1", "is no case"),
           ("erase#1/old", "is no case"), ("flip@0x08084000/bit3", "has no faults.flips"),
           ("byte#99999999/lost", "does not get there")]


class Wrong(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Wrong(text)


def run(args, *words, code):
    command = [args.twinbank, *words, "--images", args.images] if words[0] == "run" else [args.twinbank, *words]
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, check=False)
    expect(result.returncode == code,
           f"{words}: exit code {result.returncode}, expected {code}\n{result.stdout}{result.stderr}")
    return result


def sweep_of(directory):
    report = json.loads((directory / "twinbank.json").read_text(encoding="utf-8"))
    sweep = report["scenarios"][0]["sweep"]
    sweep.pop("effort")  # who did what
    return sweep


def check_sweeps(args, scratch):
    """All ways to divide the work find the same, and each failure replays to its digest."""
    path = scratch / "flips.yaml"
    path.write_text(FLIPS, encoding="utf-8")
    one, two, joined = scratch / "one", scratch / "two", scratch / "joined"
    said = run(args, "run", path, "--jobs", 1, "--report", one, code=1).stdout
    run(args, "run", path, "--jobs", 2, "--report", two, code=1)
    run(args, "run", path, "--no-equivalence", "--report", scratch / "plain", code=1)
    shards = [scratch / f"shard{k}" for k in (1, 2)]
    for number, directory in enumerate(shards, 1):
        # a shard may hold no failing case
        subprocess.run([args.twinbank, "run", path, "--images", args.images, "--shard", f"{number}/2", "--report",
                        directory], capture_output=True, timeout=300, check=False)
    run(args, "merge", *shards, "--report", joined, code=1)
    whole = sweep_of(one)
    for directory in (two, scratch / "plain", joined):
        expect(sweep_of(directory) == whole, f"{directory.name}: another report than with --jobs 1")
    expect(whole["cases"] == 30 and whole["what"] == "faults", f"{whole['cases']} cases of {whole['what']}")
    expect(0 < whole["failing"] < 30, f"{whole['failing']} cases fail")
    expect("30 faults, each run from power-on" in said, f"the terminal does not tell what ran:\n{said}")
    for failure in whole["failures"]:
        expect(CAUSE in failure["cause"], f"unexpected cause {failure['cause']}")
        expect(re.fullmatch(r"flip@0x080840[0-3][08]/(bit|check)\d+\+(bit|check)\d+", failure["id"]),
               f"{failure['id']}: one wrong bit is corrected")
        expect(f"--case {failure['id']}" in said, f"no replay line for {failure['id']}")
        replayed = run(args, "run", path, "--case", failure["id"], code=1).stdout
        expect(failure["digest"] in replayed and failure["cause"][:60] in replayed,
               f"{failure['id']} replays to something else, expected {failure['digest']}:\n{replayed}")


def check_kinds(args, scratch):
    path = scratch / "update.yaml"
    path.write_text(UPDATE, encoding="utf-8")
    digests = set()
    for case in PASSING:
        said = run(args, "run", path, "--case", case, code=0).stdout
        digests.add(re.search(r"digest ([0-9a-f]{16})", said)[1])
    expect(len(digests) == len(PASSING), "different faults, but the same run")
    for case, text in REFUSED:
        said = run(args, "run", path, "--case", case, code=2).stderr
        expect(said.count("\n") == 1 and text in said, f"--case {case} said {said!r}, expected one line with {text!r}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--images", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        try:
            check_sweeps(args, pathlib.Path(directory))
            check_kinds(args, pathlib.Path(directory))
        except Wrong as wrong:
            sys.exit(str(wrong))


main()
