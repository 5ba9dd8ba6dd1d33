#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Two SPIs of one board swap data over jumper wires; a wire from MOSI to MISO returns them; without, the pull-up shows."""
import argparse
import sys

from step_program import EXPECT, WAIT, WRITE, run

RCC, GPIOA, GPIOB, GPIOC, SPI1, SPI3 = 0x40021000, 0x48000000, 0x48000400, 0x48000800, 0x40013000, 0x40003C00
CR1, CR2, SR, DR = 0x00, 0x04, 0x08, 0x0C
SCK, MISO, MOSI = ("PB3", "PC10"), ("PB4", "PC11"), ("PB5", "PC12")  # SPI1 in AF5, SPI3 in AF6

SETUP = [
    (WRITE, RCC + 0x4C, 7), (WRITE, RCC + 0x58, 0x8000), (WRITE, RCC + 0x60, 0x1000),  # ports A to C, SPI3, SPI1
    (WRITE, GPIOB + 0x20, 0x00555000), (WRITE, GPIOB, 0xFFFFFABF),  # PB4 has its pull-up from reset
    (WRITE, GPIOC + 0x24, 0x00066600), (WRITE, GPIOC, 0xFEAFFFFF),
    (WRITE, GPIOA, 0xABFFF7FF),  # PA5: output
    (WRITE, SPI3 + CR1, 0x240), (WRITE, SPI3 + DR, 0x3C5A),  # slave, selected by software; two frames
    (WRITE, SPI1 + CR1, 0x344), (WRITE, SPI1 + DR, 0x1234),  # master
    (WAIT, SPI1 + SR, 0x1),  # RXNE: 16 bits
]
DONE = [(WRITE, GPIOA + 0x14, 0x20), (EXPECT, RCC, 0)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    args = parser.parse_args()
    wrong = []

    def expect(name, steps, wires):
        options = [option for wire in wires for option in ("--wire", "=".join(wire))]
        _, end = run(args, SETUP + steps + DONE, *options)
        if end["pin_edges"].get("PA5") != 1 or end["guest_errors"]:
            wrong.append(f"{name}: {end!r}")

    expect("both ends have the data of the other", [(EXPECT, SPI3 + DR, 0x1234), (EXPECT, SPI1 + DR, 0x3C5A)],
           [SCK, MISO, MOSI])
    expect("without SCK the slave does nothing", [(EXPECT, SPI3 + SR, 0x1002), (EXPECT, SPI1 + DR, 0)], [MISO, MOSI])
    expect("without MISO the slave hears, and is not heard", [(EXPECT, SPI3 + DR, 0x1234), (EXPECT, SPI1 + DR, 0xFFFF)],
           [SCK, MOSI])
    expect("MOSI on MISO returns what was sent", [(EXPECT, SPI1 + DR, 0x1234)], [("PB4", "PB5")])
    expect("without wires the master reads its pull-up", [(EXPECT, SPI1 + DR, 0xFFFF)], [])
    print("\n".join([*wrong, f"{len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
