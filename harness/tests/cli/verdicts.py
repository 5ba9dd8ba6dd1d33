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

HEAD = "title: t\nboard: nucleo-l476rg\nimages: {p: p.bin}\nstart:\n  flash: [{image: p, at: bank1}]\n"


def program(*halfwords, literals=()):
    """Stack at 0x20001000, reset to 0x08000008, then the code, then literals."""
    code = struct.pack(f"<{len(halfwords)}H", *halfwords)
    return struct.pack("<2I", 0x20001000, 0x08000009) + code + struct.pack(f"<{len(literals)}I", *literals)


IDLE = program(0xE7FE)  # b .
# ldr r0, [pc, #4]; ldr r1, [r0]; b .; nop; the ETM, which is a gap of the chip table
GAP = program(0x4801, 0x6801, 0xE7FE, 0xBF00, literals=(0xE0041000,))
# ldr r0, [pc, #4]; ldr r1, [r0]; b .; nop; an address where nothing is: bus fault, hard fault, no vector: lockup
LOCKUP = program(0x4801, 0x6801, 0xE7FE, 0xBF00, literals=(0x30000000,))

NOPS = 200  # 50 us at 4 MHz


def heartbeats(last):
    """PA5 toggles every 27 instructions (6.75 us), PA6 every 54, 100 times; then `last`: an instruction, then no more."""
    literals = (0x40021000, 0xABFFD7FF, 0x40003000, 0xE000ED0C, 0x05FA0004)
    code = [
        (0, 0), 0x2101, 0x64C1,  # ldr r0, rcc; movs r1, #1; str r1, [r0, #0x4c]: RCC_AHB2ENR.GPIOAEN
        0xF04F, 0x4290,  # mov r2, #0x48000000
        (1, 1), 0x6011,  # ldr r1, moder; str r1, [r2]: PA5, PA6
        (0, 2), 0xF64C, 0x41CC, 0x6001,  # ldr r0, iwdg; movw r1, #0xcccc; str r1, [r0]: 512 ms
        0x2300,  # movs r3, #0
        0x3301, 0x0799, 0x0E49, 0x6151,  # beat: adds r3, #1; lsls r1, r3, #30; lsrs r1, r1, #25; str r1, [r2, #0x14]
        0x250A, 0x3D01, 0xD1FD,  # movs r5, #10; wait: subs r5, #1; bne wait
        0x2B64, 0xD1F6,  # cmp r3, #100; bne beat
        (0, 3), (1, 4), last, *[0xBF00] * NOPS, 0xE7FE,  # ldr r0, aircr; ldr r1, key and SYSRESETREQ; ...; b .
    ]
    code += [0xBF00] * (len(code) % 2)
    for at, halfword in enumerate(code):
        if isinstance(halfword, tuple):  # register, literal
            code[at] = 0x4800 | halfword[0] << 8 | (len(code) // 2 + halfword[1] - (at + 2) // 2)
    return program(*code, literals=literals)


HANGING = heartbeats(0xE7FE)  # b .
RESETTING = heartbeats(0x6001)  # str r1, [r0]: the reset comes at the end of the linear run, 50 us later

# Waits for 4 ms, then programs the first double word of bank 2.
PROGRAMMING = program(
    0x480A, 0x3801, 0xD1FD,  # ldr r0, count; wait: subs r0, #1; bne wait
    0x480A, 0x490A, 0x6081,  # ldr r0, flash; ldr r1, key1; str r1, [r0, #8]: FLASH_KEYR
    0x490A, 0x6081, 0x2101, 0x6141,  # ldr r1, key2; str r1, [r0, #8]; movs r1, #PG; str r1, [r0, #0x14]
    0x4809, 0x6001, 0x6041,  # ldr r0, bank 2; str r1, [r0]; str r1, [r0, #4]
    *[0xE7FE] * 9,  # b .
    literals=(8000, 0x40022000, 0x45670123, 0xCDEF89AB, 0x08080000))

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
     'line 7: no "x" on usart2 within 2 ms'),
    ("active", IDLE, "check: {active_bank: 2}\n", 1, "FAIL", "bank 1 is active; expected bank 2"),
    ("lockup", LOCKUP, "steps: [wait_time: 1 ms]\ncheck: {active_bank: 1}\n", 1, "FAIL", "locked up"),
    ("no-heartbeat", IDLE, "check: {heartbeat: {pin: PA5, max_gap: 1 ms}}\n", 1, "FAIL", "no heartbeat on PA5"),
    ("heartbeats-up-to-the-request", RESETTING, "steps: [wait_time: 5 ms]\n"
     "check: {heartbeat: [{pin: PA5, max_gap: 10 us}, {pin: PA6, max_gap: 20 us}], resets: {software: at least 4}}\n", 0, "PASS", ""),
    ("second-heartbeat-too-slow", RESETTING, "steps: [wait_time: 5 ms]\n"
     "check:\n  heartbeat: [{pin: PA5, max_gap: 10 us}, {pin: PA6, max_gap: 13 us}]\n", 1, "FAIL",
     "the heartbeat on PA6 stopped for 13.500 us, from "),
    ("hang-up-to-the-watchdog", HANGING, "steps: [wait_time: 600 ms]\ncheck: {heartbeat: {pin: PA5, max_gap: 1 ms}}\n", 1, "FAIL",
     "until the iwdg reset at 512."),
    ("heartbeat-stopped", HANGING, "steps: [wait_time: 100 ms]\ncheck: {heartbeat: {pin: PA6, max_gap: 1 ms}}\n", 1, "FAIL",
     "and still at 100.000 ms; expected at most 1 ms"),
    ("watchdog-by-option", IDLE, "  options: {IWDG_SW: 0}\nsteps: [wait_time: 600 ms]\ncheck: {resets: {watchdog: 1}}\n", 0, "PASS", ""),
    ("programmed-in-good-supply", PROGRAMMING, "steps: [wait_time: 9 ms]\ncheck: {ops: {programs: 1}, ops_in_low_supply: 0}\n", 0, "PASS", ""),
    ("programmed-in-low-supply", PROGRAMMING, "steps: [supply: {volts: 2.4}, wait_time: 9 ms]\ncheck: {ops_in_low_supply: 0}\n", 1,
     "FAIL", "1 operations begun in low supply; expected 0"),
    ("programmed-when-it-was-good-again", PROGRAMMING, "steps: [supply: {volts: 2.4}, wait_time: 2 ms, supply: {volts: 3.0}, wait_time: 9 ms]\n"
     "check: {ops_in_low_supply: 0, ops: {programs: 1}}\n", 0, "PASS", ""),
    ("dip-while-it-runs", PROGRAMMING, "steps: [supply: {volts: 2.4, after: 2 ms}, wait_time: 9 ms]\ncheck: {ops_in_low_supply: 1}\n", 0,
     "PASS", ""),
    ("dip-that-resets", PROGRAMMING, "steps: [supply: {volts: 1.2, after: 2 ms}, supply: {volts: 3.3, after: 3 ms}, wait_time: 9 ms]\n"
     "check: {ops_in_low_supply: 0, ops: {programs: 1}}\n", 0, "PASS", ""),
    ("transfer-lost-with-the-supply", IDLE, "steps:\n  - supply: {volts: 1.2, after: 50 ms}\n  - supply: {volts: 3.3, after: 80 ms}\n"
     "  - send: {uart: usart2, protocol: ymodem, image: p}\n", 1, "FAIL", "the transfer of p is lost with the supply; expected done"),
    ("held-in-reset", PROGRAMMING, "  options: {BOR_LEV: 3}\nsteps: [supply: {volts: 2.4}, wait_time: 9 ms]\ncheck: {ops: {programs: 0}}\n",
     0, "PASS", ""),
    ("nobody-to-probe", IDLE, "  options: {BOR_LEV: 3}\nsteps:\n  - supply: {volts: 2.4}\n  - probe: [{erase: mass}]\n", 1, "FAIL",
     "line 9: the probe finds no chip: the supply is below its brown-out level"),
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
