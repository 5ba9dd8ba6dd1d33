#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Two I2Cs of one board exchange a byte over jumper wires, at the rate of TIMINGR; without wires nobody answers."""
import argparse
import sys

from step_program import EXPECT, WAIT, WRITE, run

RCC, GPIOA, GPIOB, GPIOC, I2C1, I2C3 = 0x40021000, 0x48000000, 0x48000400, 0x48000800, 0x40005400, 0x40005C00
CR1, CR2, OAR1, TIMINGR, ISR, ICR, RXDR, TXDR = 0x00, 0x04, 0x08, 0x10, 0x18, 0x1C, 0x24, 0x28

# At 4 MHz: SCLL + 1 = 20 and SCLH + 1 = 16 clocks, so that SCL's period is 9 us.
TIMING = 0x00110F13
PERIOD_PS = 9_000_000
INSTRUCTION_PS = 250_000  # an edge falls between two instructions

SETUP = [
    (WRITE, RCC + 0x4C, 7), (WRITE, RCC + 0x58, 0x00A00000),  # ports A to C, I2C1 and I2C3
    (WRITE, GPIOB + 0x04, 0x300), (WRITE, GPIOB + 0x0C, 0x00050100), (WRITE, GPIOB + 0x24, 0x44),
    (WRITE, GPIOB, 0xFFFAFEBF),  # PB8, PB9: open drain, pulled up, AF4
    (WRITE, GPIOC + 0x04, 3), (WRITE, GPIOC + 0x0C, 5), (WRITE, GPIOC + 0x20, 0x44),
    (WRITE, GPIOC, 0xFFFFFFFA),  # PC0, PC1, too
    (WRITE, GPIOA, 0xABFFF7FF),  # PA5: output
    (WRITE, I2C1 + TIMINGR, TIMING), (WRITE, I2C1 + OAR1, 0x805A), (WRITE, I2C1 + CR1, 1),
    (WRITE, I2C3 + TIMINGR, TIMING), (WRITE, I2C3 + CR1, 1),
    (WRITE, I2C3 + CR2, 0x0201205A),  # START, AUTOEND, one byte to 0x5a
]
TALK = [
    (WAIT, I2C1 + ISR, 0x8), (WRITE, I2C1 + ICR, 0x8),  # ADDR
    (WAIT, I2C3 + ISR, 0x2), (WRITE, I2C3 + TXDR, 0xA7),  # TXIS
    (WAIT, I2C1 + ISR, 0x4), (EXPECT, I2C1 + RXDR, 0xA7),  # RXNE
    (WAIT, I2C3 + ISR, 0x20), (EXPECT, I2C3 + ISR, 0x21),  # STOPF; TXE, not BUSY
]
NO_ANSWER = [(WAIT, I2C3 + ISR, 0x20), (EXPECT, I2C3 + ISR, 0x31)]  # STOPF; NACKF
DONE = [(WRITE, GPIOA + 0x14, 0x20), (EXPECT, RCC, 0)]


def falls_of(events, pin):
    return [e["time_ps"] for e in events if e["event"] == "pin" and e["pin"] == pin and e["level"] == 0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    args = parser.parse_args()
    wrong = []

    def expect(name, condition, seen):
        if not condition:
            wrong.append(f"{name}: {seen!r}")

    wires = ["--wire", "PB8=PC0", "--wire", "PB9=PC1"]
    events, end = run(args, SETUP + TALK + DONE, *wires)
    falls = falls_of(events, "PC0")
    expect("the byte arrives", end["pin_edges"].get("PA5") == 1 and end["guest_errors"] == [], end)
    expect("START and two bytes of nine bits", len(falls) == 19, falls)
    bits = [b - a for a, b in zip(falls[:9], falls[1:9])]
    expect("SCL has the period of TIMINGR", all(abs(b - PERIOD_PS) <= INSTRUCTION_PS for b in bits), bits)
    expect("both ends of the wire are one line", falls_of(events, "PB8") == falls, falls_of(events, "PB8"))
    _, end = run(args, SETUP + TALK + DONE, "--wire", "PB8=PC0")
    expect("one wire is not enough", "PA5" not in end["pin_edges"], end)
    _, end = run(args, SETUP + NO_ANSWER + DONE)
    expect("without wires the master sees no acknowledge", end["pin_edges"].get("PA5") == 1, end)
    events, end = run(args, SETUP + TALK + DONE, *wires, "--pin", "PC1=0@50us")
    expect("who holds SDA low spoils it", "PA5" not in end["pin_edges"], end)
    print("\n".join([*wrong, f"{len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
