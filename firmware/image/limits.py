#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The twinbank authors
"""Measure what was linked, print it as a table, and fail if a limit is passed.

The update library is what the object files of update/ and journal/ bring into boot or the product: code, constants
and variables, each section once if either has it, strings in full even where the linker merged them with others. The
files that they call into are counted apart, whole: boot and product use those as well.
"""
import argparse
import pathlib
import sys

import stack

LIBRARY = ("update/", "journal/")
HEAP = {"malloc", "calloc", "realloc", "free", "memalign", "aligned_alloc", "sbrk"}


def is_heap(name):
    """malloc, and what newlib calls it inside: _malloc_r, __malloc_lock."""
    return name.strip("_").removesuffix("_r") in HEAP or name.startswith("__malloc_")


def size_of(section):
    """Bytes of flash and of RAM. What starts with a value, and code that runs in RAM, needs both."""
    in_ram = section.address >= stack.RAM_BASE
    has_copy = section.name.startswith((".data", ".ramfunc"))
    return (section.full_size if not in_ram or has_copy else 0, section.full_size if in_ram else 0)


class Parts:
    """Sections of several programs, those that are the same counted once."""

    def __init__(self):
        self.sections = {}

    def add(self, sections):
        sizes = {}
        for section in sections:
            key = (stack.file_of(section.object), section.name)
            sizes[key] = [sum(pair) for pair in zip(size_of(section), sizes.get(key, (0, 0)))]
        for key, size in sizes.items():
            self.sections[key] = [max(pair) for pair in zip(size, self.sections.get(key, size))]

    def files(self):
        return sorted({file for file, _ in self.sections})

    def size(self):
        return tuple(sum(size[i] for size in self.sections.values()) for i in (0, 1))


def size_of_program(program, tools):
    text, data, bss = map(int, stack.tool(f"{tools}size", program.elf).splitlines()[1].split()[:3])
    return text + data, data + bss


def table_row(what, cells):
    """cells: (bytes, limit), limit 0: none."""
    texts = [f"{size:7,}" + (f" ({limit:,})" if limit else "") for size, limit in cells]
    return f"{what:<20}" + "".join(f"{text:<18}" for text in texts).rstrip()


def family(name):
    """Versions of one program share a row: app of app-1.0.0."""
    head, _, tail = name.rpartition("-")
    return head if head and tail[0].isdigit() else name


class Report:
    def __init__(self, args):
        self.args = args
        self.faults = []
        self.rows = {}   # family -> [flash, ram, stack], the largest of each
        self.chains = []
        self.library, self.called = Parts(), Parts()

    def limit(self, what, size, limit):
        if size > limit:
            self.faults.append(f"{what}: {size:,} bytes, {limit:,} are the limit")

    def program(self, name):
        args = self.args
        program = stack.Program(name, args.build, args.source, args.tools)
        heap = sorted(filter(is_heap, program.values))
        if heap:
            self.faults.append(f"{name}: dynamic memory, {', '.join(heap)}; expected none")
        try:
            bound = stack.Bound(program, stack.Pointers(args.pointers))
        except stack.Unbounded as error:
            self.faults.append(f"{name}: stack: {error}")
            return
        room = program.values["__stack_top"] - program.values["__bss_end"]
        self.limit(f"{name}: stack", bound.bytes, min(args.stack, room))
        self.chains.append(f"{name} {bound.bytes}")
        self.chains += [f"  {size:5} {what}: {' > '.join(f'{function} {frame}' for function, frame in chain)}"
                        for what, size, chain in bound.parts]
        sizes = (*size_of_program(program, args.tools), bound.bytes)
        self.rows[family(name)] = [max(pair) for pair in zip(sizes, self.rows.get(family(name), sizes))]
        if name == "boot":
            self.limit("boot: flash", sizes[0], args.boot_flash)
        if name in args.library:
            others = bound.reached_from(LIBRARY)
            self.library.add(part for part in program.sections if stack.file_of(part.object).startswith(LIBRARY))
            self.called.add(part for part in program.sections if part.object in others)

    def finish(self):
        flash, ram = self.library.size()
        if flash == 0 and not self.faults:
            self.faults.append(f"update library: nothing of it in {' and '.join(self.args.library)}")
        self.limit("update library: flash", flash, self.args.update_flash)
        self.limit("update library: RAM", ram, self.args.update_ram)
        self.chains.append(f"update library: {' '.join(self.library.files())}")
        self.chains.append(f"  files it calls: {' '.join(self.called.files())}")

    def table(self):
        args = self.args
        lines = [f"{'bytes (limit)':<20}{'  flash':<18}{'    RAM':<18}{'  stack at worst'}"]
        for name, (flash, ram, depth) in self.rows.items():
            lines.append(table_row(name, [(flash, args.boot_flash if name == "boot" else 0), (ram, 0), (depth, args.stack)]))
        lines.append(table_row("update library", zip(self.library.size(), (args.update_flash, args.update_ram))))
        lines.append(table_row("  files it calls", [(size, 0) for size in self.called.size()]))
        lines.append(f"update library: {' and '.join(LIBRARY)} as linked into {' and '.join(args.library)}. No dynamic memory.")
        return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", required=True, help="what the names of the compiler's tools begin with")
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--pointers", type=pathlib.Path, default=pathlib.Path(__file__).with_name("pointers.txt"))
    parser.add_argument("--library", action="append", required=True, help="a program that the update library is linked into")
    parser.add_argument("--boot-flash", type=int, required=True)
    parser.add_argument("--update-flash", type=int, required=True)
    parser.add_argument("--update-ram", type=int, required=True)
    parser.add_argument("--stack", type=int, required=True)
    parser.add_argument("programs", nargs="+")
    args = parser.parse_args()
    report = Report(args)
    try:
        for name in args.programs:
            report.program(name)
        report.finish()
        (args.build / "stack.txt").write_text("\n".join([*report.chains, ""]), encoding="utf-8")
        if not report.faults:
            (args.build / "sizes.txt").write_text("\n".join([*report.table(), ""]), encoding="utf-8")
    except (OSError, stack.Unbounded) as error:
        report.faults.append(str(error))
    for fault in report.faults:
        print(f"limits: {fault}", file=sys.stderr)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
