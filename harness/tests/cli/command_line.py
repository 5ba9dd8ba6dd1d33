#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Command lines, right and wrong: exit code and what is said."""
import argparse
import subprocess
import sys

BOARD = ["--board", "nucleo-l476rg"]
# (arguments, exit code, text that must be in the answer)
CASES = [
    ([], 2, "no command; expected run, merge, exec, list"),
    (["--help"], 0, "--jobs N"),
    (["--help"], 0, "--trace FILE.vcd"),
    (["-h"], 0, "--load FILE[@ADDR]"),
    (["--version"], 0, "twinbank 0."),
    (["rnu", "x"], 2, "unknown command 'rnu'; did you mean 'run'?"),
    (["run"], 2, "nothing to run; expected scenario files or directories"),
    (["run", "nowhere.yaml"], 2, "nowhere.yaml: No such file or directory"),
    (["run", "/"], 2, "no scenario there; expected .yaml files"),
    (["run", "--job", "0", "x"], 2, "--jobs: '0' does not fit; expected a number from 1 to 64"),
    (["run", "--jobs", "many", "x"], 2, "--jobs: 'many' does not fit"),
    (["run", "x", "--repotr", "d"], 2, "unknown option '--repotr'; did you mean 'report'?"),
    (["run", "--trace", "x.vcd", "a", "b"], 2, "--trace: of several scenarios there is no one trace; expected one file"),
    (["run", "--trace", "x.vcd", "/"], 2, "--trace: of several scenarios"),
    (["run", "x", "-q"], 2, "unknown option '-q'"),
    (["run", "x", "--report"], 2, "option '--report' wants a value"),
    (["run", "--board", "b", "x"], 2, "unknown option '--board'"),
    (["list"], 2, "expected one of: boards, chips, models"),
    (["list", "board"], 2, "no list of 'board'; did you mean 'boards'?"),
    (["list", "boards"], 0, "nucleo-l476rg"),
    (["list", "chips"], 0, "stm32l476"),
    (["list", "models"], 0, "usart2"),
    (["list", "knobs"], 0, "stm32l476  knob flash.stale-cache=off|on: "),
    (["list", "boards", "--jobs", "2"], 2, "unknown option '--jobs'"),
    (["exec"], 2, "no board; expected --board BOARD"),
    (["exec", "--board", "nucleo"], 2, "no board 'nucleo'"),
    (["exec", *BOARD], 2, "nothing to run; expected --load FILE[@ADDR]"),
    (["exec", *BOARD, "--load", "nowhere.bin"], 2, "nowhere.bin"),
    (["exec", *BOARD, "--load", "/dev/null@0x08000000"], 2, "/dev/null"),
    (["exec", *BOARD, "--load", "x.bin@0xfffffffff"], 2, "'0xfffffffff' is no address"),
    (["exec", *BOARD, "--load", "x", "--for", "2"], 2, "--for: '2' does not fit; expected a number and a unit"),
    (["exec", *BOARD, "--load", "x", "--uart", "usart9=stdio"], 2, "expected PORT=stdio or PORT=file:F"),
    (["exec", *BOARD, "--load", "x", "--pin", "PC13=2"], 2, "expected PIN=0, 1, released or a voltage"),
    (["exec", *BOARD, "--load", "x", "--pin", "PA0=6V"], 2, "expected PIN=0, 1, released or a voltage"),
    (["exec", *BOARD, "--load", "x", "--pin", "PC13=0@soon"], 2, "expected PIN=0, 1, released or a voltage"),
    (["exec", *BOARD, "--load", "x", "--type", "usart2"], 2, "--type: 'usart2' has no '='; expected PORT=TEXT[@TIME]"),
    (["exec", *BOARD, "--load", "x", "--type", "usart9=x"], 2, "--type: 'usart9' is no port of nucleo-l476rg"),
    (["exec", *BOARD, "--load", "x", "--type", "usart2=@5ms"], 2, "--type: nothing to type in 'usart2=@5ms'"),
    (["exec", *BOARD, "--load", "x", "--type", r"usart2=a\qb"], 2, r"--type: '\q' is no escape; expected \r, \n"),
    (["exec", *BOARD, "--load", "x", "--type", r"usart2=a\x4g"], 2, r"--type: '\x4g' is no escape"),
    (["exec", *BOARD, "--load", "x", "--type", "usart2=a@5"], 2, "--type: '5' is no time; expected a number and a unit"),
    (["exec", *BOARD, "--load", "x", "--type", "usart2=" + "a" * 1025], 2, "too long a text; expected at most 1024 bytes"),
    (["exec", *BOARD, "--load", "x", "--baud", "usart2=fast"], 2, "--baud: 'usart2=fast' does not fit; expected PORT=N"),
    (["exec", *BOARD, "--load", "x", "--baud", "usart2=49"], 2, "N from 50 to 20000000"),
    (["exec", *BOARD, "--load", "x", "--knob", "flash.stale-cache"], 2, "--knob: 'flash.stale-cache' does not fit"),
    (["exec", *BOARD, "--load", "x", "--knob", "flash.stale-cash=on"], 2,
     "--knob: nucleo-l476rg has no knob 'flash.stale-cash'; did you mean 'flash.stale-cache'?; expected one of: "
     "flash.stale-cache, flash.rww-corrupts-cache"),
    (["exec", *BOARD, "--load", "x", "--knob", "flash.stale-cache=1"], 2,
     "--knob: knob flash.stale-cache has no value '1'; expected one of: off, on"),
    (["exec", *BOARD, "--load", "/bin/true@0x20000000"], 2, "/bin/true"),
    (["exec", *BOARD, "--load", "x", "--wire", "PB8"], 2, "--wire: 'PB8' does not fit; expected PIN=PIN"),
    (["exec", *BOARD, "--load", "x", "--wire", "PB8=PC16"], 2, "--wire: nucleo-l476rg has no pin 'PC16'; expected PIN=PIN"),
    (["exec", *BOARD, "--load", "x", "--wire", "PK0=PC1"], 2, "--wire: nucleo-l476rg has no pin 'PK0'"),
    (["exec", *BOARD, "--load", "x", "--wire", "LD2=PA5"], 2, "--wire: 'LD2=PA5' connects a pin with itself"),
    (["exec", *BOARD, "x.elf"], 2, "'x.elf' is not asked for"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    args = parser.parse_args()
    failures = 0
    for arguments, code, text in CASES:
        result = subprocess.run([args.twinbank, *arguments], capture_output=True, text=True, timeout=60, check=False)
        said = result.stderr if code == 2 else result.stdout
        if result.returncode != code or text not in said:
            failures += 1
            print(f"twinbank {' '.join(arguments)}: exit code {result.returncode} (expected {code}), said {said!r}, "
                  f"expected {text!r}")
    print(f"{len(CASES)} command lines, {failures} wrong answers")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
