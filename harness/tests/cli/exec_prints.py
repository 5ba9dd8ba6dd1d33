#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""twinbank exec on the real firmware: text, pins, bank swap and JSON are what the board would show."""
import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile


# The board's USART2 (PA2, PA3: AF7) at 4 MHz / 417 = 9592 baud: sends U, then sends back what comes.
ECHO = struct.pack(
    "<22H6I",
    0x480A, 0x2101, 0x64C1,  # ldr r0, rcc; movs r1, #1; str r1, [r0, #0x4c]: RCC_AHB2ENR.GPIOAEN
    0x0449, 0x6581,  # lsls r1, r1, #17; str r1, [r0, #0x58]: RCC_APB1ENR1.USART2EN
    0x4809, 0x4909, 0x6001,  # ldr r0, gpioa; ldr r1, moder; str r1, [r0]
    0x4909, 0x6201,  # ldr r1, afrl; str r1, [r0, #0x20]
    0x4809, 0x490A, 0x60C1,  # ldr r0, usart2; ldr r1, brr; str r1, [r0, #0xc]
    0x210D, 0x6001, 0x2255,  # movs r1, #UE|TE|RE; str r1, [r0]; movs r2, #'U'
    0x6282,  # send: str r2, [r0, #0x28]: USART_TDR
    0x69C1, 0x0989, 0xD3FC,  # wait: ldr r1, [r0, #0x1c]: USART_ISR; lsrs r1, r1, #6: RXNE; bcc wait
    0x6A42, 0xE7F9,  # ldr r2, [r0, #0x24]: USART_RDR; b send
    0x40021000, 0x48000000, 0xABFFFFAF, 0x00007700, 0x40004400, 417)


# PB8 drives high; PA5, an output too, follows PC0, an input without a pull.
FOLLOW = struct.pack(
    "<20H7I",
    0x4809, 0x2107, 0x64C1,  # ldr r0, rcc; movs r1, #7; str r1, [r0, #0x4c]: RCC_AHB2ENR.GPIOAEN to GPIOCEN
    0x4A09, 0x4B09, 0x4C0A,  # ldr r2, gpioa; ldr r3, gpiob; ldr r4, gpioc
    0x480A, 0x6010,  # ldr r0, moder of A; str r0, [r2]: PA5
    0x2601, 0x0236, 0x619E,  # movs r6, #1; lsls r6, r6, #8; str r6, [r3, #0x18]: GPIOB_BSRR
    0x4809, 0x6018,  # ldr r0, moder of B; str r0, [r3]: PB8
    0x4809, 0x6020,  # ldr r0, moder of C; str r0, [r4]: PC0
    0x6920, 0x07C0, 0x0E80,  # again: ldr r0, [r4, #0x10]: GPIOC_IDR; lsls r0, r0, #31; lsrs r0, r0, #26
    0x6150, 0xE7FA,  # str r0, [r2, #0x14]: GPIOA_ODR; b again
    0x40021000, 0x48000000, 0x48000400, 0x48000800, 0xABFFF7FF, 0xFFFDFEBF, 0xFFFFFFFC)


def echo(address):
    return struct.pack("<2I", 0x20001000, address + 9) + ECHO


def execute(args, *options):
    command = [args.twinbank, "exec", "--board", "nucleo-l476rg", *options]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return result


def text_of(result, port="usart2"):
    return json.loads(result.stdout.splitlines()[-1])["uarts"][port]


def run(args, *options):
    return execute(args, "--load", str(args.images / "bank1-1.0.0.bin"), "--load",
                   f"{args.images}/bank2-2.0.0.bin@0x08080000", "--for", "90ms", *options)


def run_json(args, *options):
    """The events, and the object that sums up."""
    objects = [json.loads(line) for line in run(args, "--json", *options).stdout.splitlines()]
    if [entry["event"] for entry in objects].index("end") != len(objects) - 1:
        raise RuntimeError(f"the last object is not the only one that ends: {objects}")
    return objects[:-1], objects[-1]


def check_typing(args, expect):
    options = ["--load", str(args.images / "bank1-1.0.0.bin"), "--for", "150ms", "--json"]
    text = text_of(execute(args, *options, "--type", r"usart2=version\r@60ms"))
    expect("an answer to what is typed", text == "running 1.0.0\r\n> version\r\nversion 1.0.0\r\n> ", text)
    lines = execute(args, *options, "--type", r"usart2=version\r@60ms").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    answer = [e["time_ps"] for e in events if e["event"] == "uart" and e["text"] == "version 1.0.0\r\n"]
    # 8 bytes of 10 bits at 115200 baud come first: 0.69 ms
    expect("the answer comes after the last byte", len(answer) == 1 and answer[0] > 60_690_000_000, events)
    # three times, not in order on the command line; escapes, and an @ that is no time
    text = text_of(execute(args, *options, "--type", r"usart2=ion\x0d@80ms", "--type", r"usart2=ve@60ms", "--type",
                           "usart2=rs@70ms"))
    expect("texts are typed in the order of time", "version 1.0.0\r\n" in text, text)


def check_baud(args, expect):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "echo.bin"
        path.write_bytes(echo(0x08000000))
        options = ["--load", f"{path}@0x08000000", "--for", "60ms"]
        data = execute(args, *options, "--json", "--type", r"usart2=a\xff\0\@5\t@b\n@20ms")
        text = text_of(data)
        expect("text at 9600 baud is read and typed, each byte of it", text == "Ua\xff\0@5\t@b\n", text)
        end = json.loads(data.stdout.splitlines()[-1])
        expect("nothing is garbled at 9600 baud", end["guest_errors"] == [], end)
        lines = execute(args, *options, "--type", r"usart2=hello\n@20ms").stdout
        # 6 frames of 1.04 ms go in, the last one comes back: 7.3 ms
        expect("lines at 9600 baud", "      27.3" in lines and "usart2: Uhello\n" in lines, lines)
        text = text_of(execute(args, *options, "--json", "--baud", "usart2=115200", "--type", r"usart2=hello\n@20ms"))
        expect("a terminal that keeps to 115200 baud sees noise", text[0] == "?" and "hello" not in text, text)
        text = text_of(execute(args, *options, "--json", "--baud", "usart2=9600", "--type", r"usart2=hello\n"))
        expect("a terminal that is set from the start", text.endswith("ello\n"), text)


def check_wires(args, expect):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "follow.bin"
        path.write_bytes(struct.pack("<2I", 0x20001000, 0x08000009) + FOLLOW)

        def seen(*options):
            data = execute(args, "--load", str(path), "--for", "1ms", "--json", *options)
            end = json.loads(data.stdout.splitlines()[-1])
            return end["pin_edges"].get("PA5", 0), [e["text"] for e in end["guest_errors"]]

        expect("no wire", seen() == (0, []), seen())
        expect("a wire", seen("--wire", "PB8=PC0") == (1, []), seen("--wire", "PB8=PC0"))
        three = ["--wire", "PB8=PD2", "--wire", "PC1=PC0", "--wire", "PC1=PD2"]
        expect("wires that share pins are one net", seen(*three) == (1, []), seen(*three))
        two = ["--wire", "PB8=PB9", "--wire", "PC1=PC0"]
        expect("wires that share none are two", seen(*two) == (0, []), seen(*two))
        pushed = ["--wire", "PC0=PC1", "--pin", "PC1=1@100us", "--pin", "PC1=0@200us"]
        expect("what drives a pin from outside drives its net", seen(*pushed) == (2, []), seen(*pushed))
        fight = ["--wire", "PB8=LD2"]
        expect("outputs that drive against each other",
               seen(*fight) == (0, ["two pins that a wire connects drive against each other"]), seen(*fight))


def check_places(args, expect):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "echo.bin"
        # SRAM1, behind its beginning, SRAM2
        for address in (0x20000000, 0x20004000, 0x10000080):
            path.write_bytes(echo(address))
            data = execute(args, "--load", f"{path}@{address:#x}", "--for", "60ms", "--json", "--type",
                           r"usart2=ram\n@20ms")
            text = text_of(data)
            expect(f"a program in RAM at {address:#x} runs", text == "Uram\n", text)
            end = json.loads(data.stdout.splitlines()[-1])
            expect(f"it stays at {address:#x}", address < end["pc"] < address + 76 and not end["lockup"], end)
        # svc 0 goes through VTOR to handler 11, which waits there
        table = struct.pack("<16I", 0x20002000, 0x20000041, *[0x20000045] * 9, 0x20000043, *[0x20000045] * 4)
        path.write_bytes(table + struct.pack("<3H", 0xDF00, 0xE7FE, 0xE7FE))
        end = json.loads(execute(args, "--load", f"{path}@0x20000000", "--for", "1ms", "--json").stdout.splitlines()[-1])
        expect("exceptions of a program in RAM take its own vectors", end["pc"] == 0x20000042, end)


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
    events, data = run_json(args, "--pin", "B1=0@10ms")
    expect("JSON text", data["uarts"]["usart2"] == "running 2.0.0\r\n> ", data)
    expect("JSON bank, resets, gaps", (data["active_bank"], len(data["resets"]), data["gaps"]) == (2, 1, []), data)
    expect("JSON time", data["time_ps"] == 90_000_000_000, data)
    expect("the first event is the reset", events[0] == {"event": "reset", "time_ps": 0, "kind": "power-on"}, events[0])
    expect("an object each edge", sum(e["event"] == "pin" for e in events) == sum(data["pin_edges"].values()), events)
    edges = [e["level"] for e in events if e["event"] == "pin" and e["pin"] == "PA5"]
    expect("levels alternate from 1", edges == [(i + 1) % 2 for i in range(len(edges))] and len(edges) > 30, edges)
    expect("the bank swap is an event", [e["active_bank"] for e in events if e["event"] == "bank"] == [2], events)
    texts = "".join(e["text"] for e in events if e["event"] == "uart" and e["uart"] == "usart2")
    expect("the lines make the text", texts == "running 2.0.0\r\n> ", texts)
    times = [e["time_ps"] for e in events]
    expect("events are in the order of time", times == sorted(times), times)
    check_typing(args, expect)
    check_baud(args, expect)
    check_places(args, expect)
    check_wires(args, expect)
    print("\n".join([*wrong, f"{len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
