#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The twinbank authors
"""The build fails, and says why, where a limit is passed or the stack has no bound."""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# ARM DDI 0403E B1.5.7: 8 words and one to align, or 26 and one once the program used the FPU. Exception 3 is HardFault,
# whose handler calls nothing.
SHORT_FRAME, LONG_FRAME = (rf"(?m)^boot \d+\n(?:  .*\n)*? +{size} exception 3: Default_Handler" for size in (36, 108))

# name, limits, code that Reset_Handler calls as extra(), a pattern of what must be said
GOOD_CASES = [
    ("as it is", {}, "", SHORT_FRAME),
    ("floating point", {}, """
static volatile float number;
static void extra(void) { number *= 2.0f; }
""", LONG_FRAME),
]
BAD_CASES = [
    ("boot flash", {"BOOT_FLASH_LIMIT": "1000"}, "", r"limits: boot: flash: [\d,]+ bytes, 1,000 are the limit"),
    ("library flash", {"UPDATE_FLASH_LIMIT": "1000"}, "", r"limits: update library: flash: [\d,]+ bytes, 1,000 are"),
    ("library RAM", {"UPDATE_RAM_LIMIT": "1000"}, "", r"limits: update library: RAM: [\d,]+ bytes, 1,000 are"),
    ("stack", {"STACK_LIMIT": "200"}, "", r"limits: app-1\.0\.0: stack: [\d,]+ bytes, 200 are the limit"),
    ("a large frame", {}, """
static void extra(void) { volatile char room[4000]; room[0] = 1; (void)room[0]; }
""", r"limits: boot: stack: [\d,]+ bytes, 4,096 are the limit"),
    ("recursion", {}, """
static volatile int depth;
__attribute__((noinline)) static void again(void);
__attribute__((noinline)) static void extra(void) { if (depth-- > 0) { again(); depth++; } }
static void again(void) { extra(); depth++; }
""", r"limits: boot: stack: recursion: extra .*> again .*> extra"),
    ("an unknown pointer", {}, """
static void (*volatile unknown)(void);
static void extra(void) { unknown(); }
""", r"limits: boot: stack: chip/startup\.c:\d+: a call through a pointer, unknown; expected a line"),
    ("an unknown address", {}, """
static volatile int count;
static void callback(void) { count++; }
static void (*volatile unknown)(void);
static void extra(void) { unknown = callback; }
""", r"limits: boot: stack: the address of callback .* is taken in chip/startup\.c; expected"),
    ("an array of variable size", {}, """
static volatile unsigned count;
static void extra(void) { volatile char room[count]; room[0] = 1; (void)room[0]; }
""", r"chip/startup\.c:\d+:\d+: error: .*variable.length array"),
    ("the same, unseen by the compiler", {}, """
static volatile unsigned count;
#pragma GCC diagnostic ignored "-Wvla"
static void extra(void) { volatile char room[count]; room[0] = 1; (void)room[0]; }
""", r"limits: boot: stack: \w+ \(chip/startup\.c\): a frame of variable size"),
    ("a heap", {}, """
#include <stdlib.h>
static void *volatile block;
static void extra(void) { block = malloc(8); }
""", r"undefined reference to `_sbrk'"),
    ("a heap that has memory", {}, """
#include <stdlib.h>
static char heap[64];
static void *volatile block;
void *_sbrk(int bytes);
void *_sbrk(int bytes) { (void)bytes; return heap; }
static void extra(void) { block = malloc(8); }
""", r"limits: boot: dynamic memory, .*malloc"),
    ("the time of the build", {}, """
static const char *volatile when;
static void extra(void) { when = __TIME__; }
""", r"error: .*__TIME__.* might prevent reproducible builds"),
]


def run(args, *words):
    return subprocess.run([args.cmake, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)


def check(args, folder, case):
    name, limits, code, expected = case
    good = case in GOOD_CASES
    source = folder / "firmware"
    startup = source / "chip" / "startup.c"
    original = startup.read_text(encoding="utf-8")
    settings = {"BOOT_FLASH_LIMIT": "16384", "UPDATE_FLASH_LIMIT": "12288", "UPDATE_RAM_LIMIT": "4096",
                "STACK_LIMIT": "4096", **limits}
    if code:
        reset, call = "__attribute__((noreturn)) void Reset_Handler(void)\n", "    (void)main();\n"
        if reset not in original or call not in original:
            return f"{name}: chip/startup.c does not look as expected"
        startup.write_text(original.replace(reset, code + reset).replace(call, "    extra();\n" + call), encoding="utf-8")
    result = run(args, "-S", source, "-B", folder / "out", "-G", args.generator,
                 f"-DCMAKE_TOOLCHAIN_FILE={source}/toolchain-arm-none-eabi.cmake",
                 *(f"-D{key}={value}" for key, value in settings.items()))
    if result.returncode == 0:
        result = run(args, "--build", folder / "out")
    startup.write_text(original, encoding="utf-8")
    said = result.stdout
    if good and result.returncode == 0:
        said += (folder / "out" / "stack.txt").read_text(encoding="utf-8")
    if (result.returncode == 0) == good and re.search(expected, said):
        return None
    return f"{name}: exit code {result.returncode}; expected {'0' if good else 'another'}, and {expected}\n{said}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--generator", required=True)
    parser.add_argument("--firmware", type=pathlib.Path, required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        shutil.copytree(args.firmware, folder / "firmware", ignore=shutil.ignore_patterns("tests"))
        wrong = [text for text in (check(args, folder, case) for case in GOOD_CASES + BAD_CASES) if text]
    print("\n".join([*wrong, f"{len(GOOD_CASES + BAD_CASES)} builds, {len(wrong)} wrong answers"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
