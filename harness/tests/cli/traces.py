#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""--trace FILE.vcd, read back with pyvcd: the same edges, bytes, resets and operations as the other outputs tell."""
import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

try:
    from vcd.reader import TokenKind, tokenize
except ImportError:
    sys.exit("no Python package vcd (pyvcd); expected the one that ci/setup installs into .venv")

BOARD = "nucleo_l476rg"
REFERENCE = "the-reference-swaps-by-option-byte-there-and-back"
# the probe erases bank 2 and programs the 3 double words of p.bin into it
PROBED = """title: t
board: nucleo-l476rg
images: {p: p.bin}
start: {flash: [{image: p, at: bank1}]}
steps:
  - wait_time: 3 ms
  - probe: [{erase: bank2}, {program: p, at: bank2}]
check: {ops: {programs: "3", erases: "1"}}
"""


class Dump:
    """Changes of each signal as (time, value), value None for x; events have the value 1."""

    def __init__(self, path):
        self.changes, self.types, codes = {}, {}, {}
        scopes, now, self.end, self.code_of = [], 0, 0, {}
        with open(path, "rb") as stream:
            for token in tokenize(stream):
                kind = token.kind
                if kind is TokenKind.TIMESCALE:
                    self.timescale = str(token.timescale)
                elif kind is TokenKind.SCOPE:
                    scopes.append(token.scope.ident)
                elif kind is TokenKind.UPSCOPE:
                    scopes.pop()
                elif kind is TokenKind.VAR:
                    name = ".".join([*scopes, token.var.reference]).removeprefix(BOARD + ".")
                    self.code_of[name] = token.var.id_code
                    self.types[name] = (token.var.type_.value, token.var.size)
                    codes.setdefault(token.var.id_code, [])
                elif kind is TokenKind.CHANGE_TIME:
                    if token.time_change < now:
                        raise RuntimeError(f"time goes back from {now} to {token.time_change}")
                    now = self.end = token.time_change
                elif kind is TokenKind.CHANGE_SCALAR:
                    change = token.scalar_change
                    codes[change.id_code].append((now, int(change.value) if change.value in "01" else None))
                elif kind is TokenKind.CHANGE_VECTOR:
                    change = token.vector_change
                    codes[change.id_code].append((now, change.value if isinstance(change.value, int) else None))
        self.changes = {name: codes[code] for name, code in self.code_of.items()}

    def times(self, name, value=1):
        return [time for time, seen in self.changes[name] if seen == value]

    def at(self, name, time):
        """Value at the end of this time."""
        return [seen for when, seen in self.changes[name] if when <= time][-1]

    def known(self, name):
        return [(time, seen) for time, seen in self.changes[name] if seen is not None]

    def text(self, port, way, event):
        return "".join(chr(self.at(f"{port}.{way}", time)) for time in self.times(f"{port}.{event}"))


def execute(args, vcd, *options):
    command = [args.twinbank, "exec", "--board", "nucleo-l476rg", "--json", *options]
    plain = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    traced = subprocess.run([*command, "--trace", vcd], capture_output=True, text=True, timeout=60, check=False)
    if (plain.returncode, plain.stdout) != (traced.returncode, traced.stdout):
        raise RuntimeError(f"--trace changes what exec prints: {traced.stdout}{traced.stderr}")
    return [json.loads(line) for line in traced.stdout.splitlines()], Dump(vcd)


def check_exec(args, folder, expect):
    objects, dump = execute(args, folder / "exec.vcd", "--load", args.images / "bank1-1.0.0.bin", "--load",
                            f"{args.images}/bank2-2.0.0.bin@0x08080000", "--for", "90ms", "--type",
                            r"usart2=version\r@60ms")
    end = objects[-1]
    edges = [(o["time_ps"], o["level"]) for o in objects if o["event"] == "pin" and o["pin"] == "PA5"]
    expect("time scale", dump.timescale == "1 ps", dump.timescale)
    expect("edges of PA5", dump.known("gpioa.PA5") == edges and len(edges) > 30, dump.known("gpioa.PA5"))
    expect("LD2 is PA5", dump.code_of["board.LD2"] == dump.code_of["gpioa.PA5"], dump.code_of["board.LD2"])
    # the firmware's heartbeat comes from SysTick: exception 15
    numbers = [dump.at("exception", time) for time, _ in edges]
    expect("SysTick runs at each edge of the heartbeat", set(numbers) == {15}, numbers)
    expect("it returns", dump.known("exception")[-1][1] == 0, dump.known("exception")[-4:])
    expect("text sent", dump.text("usart2", "tx", "tx_sent") == end["uarts"]["usart2"], dump.changes["usart2.tx"])
    expect("text received", dump.text("usart2", "rx", "rx_received") == "version\r", dump.changes["usart2.rx"])
    swaps = [(o["time_ps"], o["active_bank"]) for o in objects if o["event"] == "bank"]
    expect("bank 1, then the swap", dump.known("active_bank") == [(0, 1), *swaps] and len(swaps) == 1, swaps)
    expect("reset", dump.times("reset.power_on") == [r["time_ps"] for r in end["resets"]], dump.times("reset.power_on"))
    expect("power", dump.times("power") == [0], dump.changes["power"])
    expect("the end", dump.end == 90_000_000_000, dump.end)
    expect("kinds of signals", [dump.types[n] for n in ("power", "pc", "gap")] ==
           [("wire", 1), ("reg", 32), ("event", 1)], dump.types)


def program(address):
    """ldr r0, [pc, #4]; ldr r1, [r0]; b .; nop; the address that is read."""
    return struct.pack("<2I4HI", 0x20001000, 0x08000009, 0x4801, 0x6801, 0xE7FE, 0xBF00, address)


def check_notes(args, folder, expect):
    # the trace macrocell is not modelled; GPIOA has no clock; at 0x30000000 is nothing, and no vector for it: lockup
    for address, event in ((0xE0041000, "gap"), (0x48000000, "guest_error"), (0x30000000, "lockup")):
        (folder / "p.bin").write_bytes(program(address))
        objects, dump = execute(args, folder / "notes.vcd", "--load", f"{folder}/p.bin@0x08000000", "--for", "1ms")
        times = [o["time_ps"] for o in objects if o["event"] == event]
        expect(f"{event}: when", dump.times(event) == times and len(times) == 1, (dump.changes[event], objects))
        if event == "lockup":
            continue
        told = [o["address"] for o in objects if o["event"] == event]
        expect(f"{event}: address", [seen for _, seen in dump.known(f"{event}_at")] == told, dump.changes[f"{event}_at"])
        expect(f"{event}: PC", dump.at("pc", times[0]) == 0x0800000A, dump.changes["pc"])


def run(args, folder, scenario, *options):
    subprocess.run([args.twinbank, "run", "--images", options[-1], "--report", folder, scenario, *options[:-1]],
                   capture_output=True, timeout=120, check=False)
    report = json.loads((folder / "twinbank.json").read_text(encoding="utf-8"))["scenarios"][0]
    del report["wall_ns"]
    return report


def run_both(args, folder, scenario, images, expect):
    plain = run(args, folder, scenario, images)
    traced = run(args, folder, scenario, "--trace", folder / "run.vcd", images)
    expect("a trace changes no result, no digest", plain == traced and plain["verdict"] == "PASS", (plain, traced))
    return plain, Dump(folder / "run.vcd")


def check_reference(args, folder, expect):
    report, dump = run_both(args, folder, args.scenarios / f"{REFERENCE}.yaml", args.images, expect)
    expect("the end is the virtual time of all power-ons", dump.end == report["virtual_ps"], (dump.end, report))
    # what the scenario does: two power cycles, two option loads
    ons, offs = dump.times("power"), dump.times("power", 0)
    expect("three power-ons, at the end of the one before", len(ons) == 3 and offs == [0, *ons[1:]], (ons, offs))
    expect("resets at power-on", dump.times("reset.power_on") == ons, dump.changes["reset.power_on"])
    expect("two option loads", len(dump.times("reset.option_load")) == 2, dump.changes["reset.option_load"])
    expect("no other resets", dump.changes["reset.software"] + dump.changes["reset.iwdg"] == [], dump.changes["power"])
    banks = [bank for i, (_, bank) in enumerate(dump.known("active_bank")) if i == 0 or dump.known("active_bank")[i - 1][1] != bank]
    expect("there and back", banks[0] == banks[-1] == 1 and 2 in banks, banks)
    erases, programs = dump.times("flash.option_erase"), dump.times("flash.option_program")
    expect("option operations", len(erases) >= 2 and len(programs) >= 2, (erases, programs))
    expect("none of the flash itself", dump.times("flash.program") + dump.times("flash.erase") == [], dump.changes["flash.program"])
    expect("busy meanwhile", all(dump.at("flash.busy", t) == 1 for t in erases + programs), dump.changes["flash.busy"])
    expect("idle at the end", dump.at("flash.busy", dump.end) == 0 and dump.times("flash.torn") == [], dump.end)
    levels = [seen for _, seen in dump.changes["gpioa.PA5"]]
    expect("a pin is unknown after a reset", levels.count(None) == 5, levels[:8])  # at first; 2 times off, 2 option loads


def check_probe(args, folder, expect):
    (folder / "p.bin").write_bytes(struct.pack("<2I8H", 0x20001000, 0x08000009, 0xE7FE, *range(1, 8)))
    (folder / "probed.yaml").write_text(PROBED, encoding="utf-8")
    report, dump = run_both(args, folder, folder / "probed.yaml", folder, expect)
    programs, erases = dump.times("flash.program"), dump.times("flash.erase")
    expect("operations as counted", (len(programs), len(erases)) == (report["programs"], report["erases"]) == (3, 1),
           (programs, erases, report))
    offsets = [dump.at("flash.offset", time) for time in erases + programs]
    expect("where", offsets == [0x80000, 0x80000, 0x80008, 0x80010], offsets)
    expect("the pin reset of the probe", len(dump.times("reset.pin")) == 1 and dump.times("reset.pin")[0] >= 3_000_000_000,
           dump.changes["reset.pin"])


def check_refusals(args, folder, expect):
    scenario = str(args.scenarios / f"{REFERENCE}.yaml")
    load = ["--board", "nucleo-l476rg", "--load", str(args.images / "boot.elf"), "--for", "5ms"]
    for arguments, text in (
            (["run", "--trace", folder / "x.vcd", scenario, scenario], "--trace: of several scenarios"),
            (["run", "--trace", folder / "x.vcd", args.scenarios], "--trace: of several scenarios"),
            (["run", "--images", args.images, "--trace", folder / "no" / "x.vcd", scenario], "no/x.vcd: No such file"),
            (["run", "--images", args.images, "--trace", "/dev/full", scenario], "/dev/full: No space left"),
            (["exec", *load, "--trace", folder / "no" / "x.vcd"], "no/x.vcd: No such file"),
            (["exec", *load, "--trace", "/dev/full"], "/dev/full: No space left")):
        result = subprocess.run([args.twinbank, *arguments], capture_output=True, text=True, timeout=60, check=False)
        expect(f"{arguments}: exit code 2", result.returncode == 2, result.returncode)
        expect(f"{arguments}: {text}", text in result.stdout + result.stderr, result.stdout + result.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--images", type=pathlib.Path, required=True)
    parser.add_argument("--scenarios", type=pathlib.Path, required=True)
    args = parser.parse_args()
    wrong, count = [], 0

    def expect(name, condition, seen):
        nonlocal count
        count += 1
        if not condition:
            wrong.append(f"{name}: {str(seen)[:2000]}")

    with tempfile.TemporaryDirectory() as temporary:
        for check in (check_exec, check_notes, check_reference, check_probe, check_refusals):
            check(args, pathlib.Path(temporary), expect)
    print("\n".join([*wrong, f"{count} expectations, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
