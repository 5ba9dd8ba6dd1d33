#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Each verdict and its exit code, with programs of a few instructions that are written here by hand."""
import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from exec_prints import echo

HEAD = "title: t\nboard: nucleo-l476rg\nimages: {p: p.bin}\nstart: {flash: [{image: p, at: bank1}]}\n"


def program(*halfwords, literals=()):
    """Stack at 0x20001000, reset to 0x08000008, then the code, then literals."""
    code = struct.pack(f"<{len(halfwords)}H", *halfwords)
    return struct.pack("<2I", 0x20001000, 0x08000009) + code + struct.pack(f"<{len(literals)}I", *literals)


IDLE = program(0xE7FE)  # b .
# ldr r0, [pc, #4]; ldr r1, [r0]; b .; nop; the ETM, which is a gap of the chip table
GAP = program(0x4801, 0x6801, 0xE7FE, 0xBF00, literals=(0xE0041000,))
# ldr r0, [pc, #4]; ldr r1, [r0]; b .; nop; an address where nothing is: bus fault, hard fault, no vector: lockup
LOCKUP = program(0x4801, 0x6801, 0xE7FE, 0xBF00, literals=(0x30000000,))

# name, program, steps and check, exit code, verdict, text in the reason or the notes
CASES = [
    ("pass", IDLE, "check: {active_bank: 1}\n", 0, "PASS", ""),
    ("vacuous", IDLE, "steps: [wait_time: 1 ms]\n", 3, "VACUOUS", "nothing was checked"),
    ("inconclusive", GAP, "steps: [wait_time: 1 ms]\ncheck: {active_bank: 1}\n", 3, "INCONCLUSIVE", "ETM"),
    ("inconclusive-failure", GAP, "steps: [wait_time: 1 ms]\ncheck: {active_bank: 2}\n", 3, "INCONCLUSIVE",
     "bank 1 is active; expected bank 2"),
    ("a-board-at-9600-baud", echo(0x08000000),
     "steps:\n  - wait: {uart: usart2, text: U, within: 4 ms}\n  - type: {uart: usart2, text: hello}\n"
     "  - wait: {uart: usart2, text: hello, within: 8 ms}\n", 0, "PASS", ""),
    ("wait", IDLE, "steps:\n  - wait: {uart: usart2, text: x, within: 2 ms}\n", 1, "FAIL",
     'line 6: no "x" on usart2 within 2 ms'),
    ("active", IDLE, "check: {active_bank: 2}\n", 1, "FAIL", "bank 1 is active; expected bank 2"),
    ("lockup", LOCKUP, "steps: [wait_time: 1 ms]\ncheck: {active_bank: 1}\n", 1, "FAIL", "locked up"),
    ("no-heartbeat", IDLE, "check: {heartbeat: {pin: PA5, max_gap: 1 ms}}\n", 1, "FAIL", "no heartbeat on PA5"),
    ("no-swap", IDLE, "check: {no_flash_copied: true}\n", 1, "FAIL", "no bank swap took place"),
    ("count", IDLE, "check: {ops: {erases: at least 1}}\n", 1, "FAIL", "0 erases; expected at least 1"),
    ("other-bytes", IDLE, "check: {bank_equals: [{bank: bank2, image: p}]}\n", 1, "FAIL", "0x08080000 is 0xff, expected 0x00"),
    ("never", IDLE, "check: {text: [x], never_text: [y]}\n", 1, "FAIL", 'never saw "x"'),
    ("no-receiver", IDLE, "steps:\n  - send: {uart: usart2, protocol: ymodem, image: p}\n", 1, "FAIL", "is given up; expected done"),
    ("blank", IDLE, "steps:\n  - probe: [{blank: bank1, size: 8}]\n", 1, "FAIL", "0x08000000 holds 0x20001000, expected 0xffffffff"),
    ("not-erased", IDLE, "steps:\n  - probe: [{program: p, at: 0x08000000}]\n", 1, "FAIL", "tells of an error"),
    ("no-effect", IDLE, "steps:\n  - corrupt: {at: bank2, offset: 0, kind: ecc}\n", 2, "ERROR", "is erased"),
]


def check_case(twinbank, folder, case):
    name, image, rest, code, verdict, text = case
    (folder / "p.bin").write_bytes(image)
    path = folder / f"{name}.yaml"
    path.write_text(HEAD + rest, encoding="utf-8")
    result = subprocess.run([twinbank, "run", "--images", folder, "--report", folder / "report", path], capture_output=True,
                            text=True, timeout=120, check=False)
    if result.returncode != code:
        return f"{name}: exit code {result.returncode}, expected {code}: {result.stdout}{result.stderr}"
    entry = json.loads((folder / "report" / "twinbank.json").read_text(encoding="utf-8"))["scenarios"][0]
    if entry["verdict"] != verdict or text not in " ".join([entry["reason"], *entry["notes"]]):
        return f"{name}: {entry}, expected {verdict} with {text!r}"
    if not result.stdout.startswith(f"{verdict} {name} ") or (verdict != "PASS") != ("  replay: " in result.stdout):
        return f"{name}: printed {result.stdout!r}"
    suite = xml.etree.ElementTree.parse(folder / "report" / "twinbank.xml").getroot()
    kinds = {"PASS": [], "FAIL": ["failure"], "ERROR": ["error"]}.get(verdict, ["skipped"])
    if [child.tag for child in suite[0] if child.tag != "system-out"] != kinds or suite.get("tests") != "1":
        return f"{name}: JUnit says {xml.etree.ElementTree.tostring(suite)!r}"
    return None


def check_exec(twinbank, folder):
    (folder / "gap.bin").write_bytes(GAP)
    result = subprocess.run([twinbank, "exec", "--board", "nucleo-l476rg", "--load", f"{folder}/gap.bin@0x08000000", "--for",
                             "1ms"], capture_output=True, text=True, timeout=60, check=False)
    if result.returncode != 3 or "not modelled: " not in result.stdout or "0xe0041000" not in result.stdout:
        return f"exec: exit code {result.returncode}, expected 3, printed {result.stdout!r}"
    result = subprocess.run([*result.args, "--json"], capture_output=True, text=True, timeout=60, check=False)
    objects = [json.loads(line) for line in result.stdout.splitlines()]
    gaps = [(entry["address"], entry["written"], entry["pc"]) for entry in objects if entry["event"] == "gap"]
    if result.returncode != 3 or gaps != [(0xE0041000, False, 0x0800000A)] or objects[-1]["gaps"][0]["count"] != 1:
        return f"exec --json: exit code {result.returncode}, expected 3 and a gap, printed {result.stdout!r}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        failures = [check_case(args.twinbank, folder, case) for case in CASES] + [check_exec(args.twinbank, folder)]
    failures = [failure for failure in failures if failure]
    print("\n".join([*failures, f"{len(CASES) + 1} verdicts, {len(failures)} wrong"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
