# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""A guest program made of steps on registers, for tests of peripherals on a whole board."""
import json
import pathlib
import struct
import subprocess
import tempfile

WRITE, WAIT, EXPECT = 0, 1, 2

# The program: a list of (what, address, value). WRITE stores, WAIT waits for any of the bits, EXPECT goes on if the
# word has this value.
INTERPRETER = struct.pack(
    "<16H",
    0xA007,  # adr r0, list
    0xC80E,  # next: ldmia r0!, {r1, r2, r3}
    0x2901, 0xD002, 0xD805,  # cmp r1, #1; beq wait; bhi expect
    0x6013, 0xE7F9,  # str r3, [r2]; b next
    0x6814, 0x421C, 0xD0FC, 0xE7F5,  # wait: ldr r4, [r2]; tst r4, r3; beq wait; b next
    0x6814, 0x429C, 0xD0F2, 0xE7FE,  # expect: ldr r4, [r2]; cmp r4, r3; beq next; b .
    0xBF00)


def run(args, steps, *options):
    """What `twinbank exec --json` tells of the steps: its events, and the last of them."""
    program = struct.pack("<2I", 0x20001000, 0x08000009) + INTERPRETER
    for step in steps:
        program += struct.pack("<3I", *step)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "steps.bin"
        path.write_bytes(program)
        command = [args.twinbank, "exec", "--board", "nucleo-l476rg", "--load", str(path), "--for", "2ms", "--json",
                   *options]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    return events[:-1], events[-1]
