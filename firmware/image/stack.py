# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The twinbank authors
"""Bound the stack of a linked program: the deepest chain of calls from reset, and all exceptions on top of it.

Frames and calls are gcc's own (-fcallgraph-info=su), those of library functions are read from the disassembly.
What a function pointer may hold is written in pointers.txt, and checked: a function whose address is taken
anywhere must be in it. Not seen: assembly in C code that moves the stack pointer.

Every handler of the vector table is counted once, as if each had interrupted the one before. Nothing depends on
priorities then, and no exception can interrupt itself.
"""
import bisect
import collections
import re
import subprocess

# ARM DDI 0403E B1.5.7: 8 words, 26 with the floating-point registers, and one to align the stack to 8 bytes. The long
# frame comes only after a floating-point instruction.
FRAME_BYTES = 8 * 4 + 4
FRAME_BYTES_FP = 26 * 4 + 4
NO_CODE = (".rodata", ".data", ".vectors", ".image_info", ".assets")
NMI, HARD_FAULT = 2, 3
LOWEST_ADDRESS = 0x08000000  # of what is loaded; debug sections lie below
RAM_BASE = 0x20000000

Section = collections.namedtuple("Section", "name address size object full_size")
Symbol = collections.namedtuple("Symbol", "name address is_global")


class Unbounded(Exception):
    """The stack has no bound, or none that can be known."""


def tool(program, *arguments):
    result = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise OSError(f"{program}: {result.stderr.strip()}")
    return result.stdout


def file_of(name):
    """update/update.c of CMakeFiles/app-1.0.0.dir/update/update.c.obj; memcpy.o of a library."""
    inside = re.search(r"\((?:lib_a-|libc_a-)?([^)]+)\)$", name)
    return inside.group(1) if inside else re.sub(r"^.*?\.dir/|\.obj$", "", name)


def read_map(path):
    """What was linked, in the order of addresses. full_size: before equal strings were merged."""
    _, _, text = path.read_text(encoding="utf-8").partition("Linker script and memory map")
    pattern = re.compile(r"^ (\S+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)(?:\n\s+0x([0-9a-f]+) \(size before relaxing\))?",
                         re.MULTILINE)
    sections = []
    for name, address, size, obj, before in pattern.findall(text):
        if int(address, 16) >= LOWEST_ADDRESS and int(size, 16) + int(before or "0", 16) > 0:
            sections.append(Section(name, int(address, 16), int(size, 16), obj, int(before or size, 16)))
    return sorted(sections, key=lambda section: section.address)


class Function:
    def __init__(self, name, frame):
        self.name = name
        self.frame = frame
        self.calls = set()     # addresses
        self.pointers = set()  # (file, line, column) of calls through pointers


class Program:
    """Functions are known by their address: one that has several names is one function."""

    def __init__(self, name, build, source, tools):
        self.name, self.build, self.source, self.tools = name, build, source, tools
        self.elf = build / "images" / f"{name}.elf"
        self.sections = read_map(build / f"{name}.map")
        self.starts = [section.address for section in self.sections]
        self.objects = sorted({section.object for section in self.sections if section.object.endswith(".obj")})
        self.symbols = self._read_symbols()
        self.functions = {}
        for obj in self.objects:
            if not obj.endswith(".S.obj"):  # assembly has no graph
                self._read_graph(obj, (build / re.sub(r"\.obj$", ".ci", obj)).read_text(encoding="utf-8"))
        self.code = self._read_code()
        has_fp = any(instruction.startswith("v") for _, instruction, _ in self.code)
        self.exception_bytes = FRAME_BYTES_FP if has_fp else FRAME_BYTES

    def _read_symbols(self):
        self.values = {}
        symbols = []
        for line in tool(f"{self.tools}readelf", "-sW", self.elf).splitlines():
            words = line.split()
            if len(words) == 8 and re.fullmatch(r"\d+:", words[0]) and words[6] != "UND":
                self.values[words[7]] = int(words[1], 16)
                if words[3] == "FUNC":
                    symbols.append(Symbol(words[7], int(words[1], 16) & ~1, words[4] != "LOCAL"))
        return symbols

    def section_at(self, address):
        index = bisect.bisect_right(self.starts, address) - 1
        if index < 0 or address >= self.sections[index].address + self.sections[index].size:
            return None
        return self.sections[index]

    def address_of(self, obj, name):
        """Of a function as this object file means it; None: it is not linked."""
        mine = [symbol.address for symbol in self.symbols
                if symbol.name == name and not symbol.is_global and self.section_at(symbol.address).object == obj]
        return (mine or [symbol.address for symbol in self.symbols if symbol.name == name and symbol.is_global] or [None])[0]

    def named(self, name):
        return {symbol.address for symbol in self.symbols if symbol.name == name}

    # ---- what gcc says -------------------------------------------------------------------------------
    def _read_graph(self, obj, text):
        def address(title):
            return self.address_of(obj, title.rpartition(":")[2])

        for title, size, kind in re.findall(r'^node: { title: "([^"]+)" label: ".*\\n(\d+) bytes \(([^)]+)\)" }', text,
                                            re.MULTILINE):
            at = address(title)
            if at is not None:
                name = title.rpartition(":")[2]
                self.functions[at] = Function(f"{name} ({file_of(obj)})", int(size) if kind == "static" else None)
        for source, target, where in re.findall(
                r'^edge: { sourcename: "([^"]+)" targetname: "([^"]+)"(?: label: "([^"]+)")? }', text, re.MULTILINE):
            at = address(source)
            if at is None:
                continue
            if target == "__indirect_call":
                path, line, column = where.rsplit(":", 2)
                self.functions[at].pointers.add((path, int(line), int(column)))
            elif address(target) is None:
                raise Unbounded(f"{source} calls {target}, which is not in the program")
            else:
                self.functions[at].calls.add(address(target))

    # ---- what only the disassembly says ----------------------------------------------------------------
    def _read_code(self):
        code = []
        for line in tool(f"{self.tools}objdump", "-d", "--no-show-raw-insn", self.elf).splitlines():
            found = re.match(r"\s*([0-9a-f]+):\s+(\S+)\s*([^;@]*)", line)
            if found:
                section = self.section_at(int(found.group(1), 16))
                if section is not None and not section.name.startswith(NO_CODE):
                    code.append((int(found.group(1), 16), found.group(2), found.group(3).strip()))
        return code

    def _read_library(self, address):
        """A whole section of a library's object file: what lowers the stack pointer, each once, and what it calls."""
        section = self.section_at(address)
        function = Function(file_of(section.object), 0)
        for at, instruction, operands in self.code:
            if section.address <= at < section.address + section.size:
                function.frame += lowered_by(section, instruction, operands)
                target = re.match(r"(?:\w+, )?([0-9a-f]+) <", operands)
                if target and instruction.startswith(("b", "cb")):
                    target = int(target.group(1), 16)
                    if not section.address <= target < section.address + section.size:
                        function.calls.add(target)
        return function

    def function_at(self, address):
        if address not in self.functions:
            self.functions[address] = self._read_library(address)
        return self.functions[address]

    # ---- addresses of functions ------------------------------------------------------------------------
    def addresses_taken(self):
        """(section, object, address, offset): something linked holds, at this offset of a section, a function's address."""
        linked = {(section.name, section.object) for section in self.sections}
        section = obj = None
        for line in tool(f"{self.tools}readelf", "-rW", *[self.build / name for name in self.objects]).splitlines():
            if line.startswith("File: "):
                obj = line[len("File: "):].removeprefix(f"{self.build}/")
            elif line.startswith("Relocation section"):
                section = line.split("'")[1].removeprefix(".rel")
            words = line.split()
            if len(words) != 5 or not words[2].startswith("R_ARM_") or (section, obj) not in linked:
                continue
            called = words[2] in ("R_ARM_THM_CALL", "R_ARM_THM_JUMP24", "R_ARM_THM_JUMP19", "R_ARM_PREL31", "R_ARM_NONE")
            address = self.address_of(obj, words[4])
            if not called and address is not None:
                yield section, obj, address, int(words[0], 16)

    def is_far_call(self, obj, address):
        """A function in RAM is called by its address; that it was, gcc's graph says."""
        return address >= RAM_BASE and any(
            address in function.calls for at, function in self.functions.items() if self.section_at(at).object == obj)


def registers(operands):
    """Bytes of a register list: {r4, r5-r7, d8-d9}."""
    count = 0
    for part in re.search(r"{(.*)}", operands).group(1).split(","):
        first, _, last = part.strip().partition("-")
        count += (int(last[1:]) - int(first[1:]) + 1 if last else 1) * (8 if first.startswith("d") else 4)
    return count


def lowered_by(section, instruction, operands):
    """By how many bytes an instruction lowers the stack pointer."""
    where = f"{file_of(section.object)}: {instruction} {operands}"
    if instruction.startswith(("push", "vpush")) or re.match(r"v?stmdb", instruction) and operands.startswith("sp!"):
        return registers(operands)
    moved = re.search(r"\[sp, #-(\d+)\]!", operands)
    if moved:
        return int(moved.group(1))
    if instruction.startswith("sub") and operands.startswith("sp"):
        moved = re.search(r"#(\d+)$", operands)
        if not moved:
            raise Unbounded(f"{where}: moves the stack pointer by what is not constant")
        return int(moved.group(1))
    if re.match(r"(mov|and|bic|msr)", instruction) and re.match(r"(sp|msp|psp)\b", operands, re.IGNORECASE):
        raise Unbounded(f"{where}: sets the stack pointer")
    if instruction.startswith(("blx", "bx")) and operands != "lr" or instruction.startswith("mov") and operands.startswith("pc,"):
        raise Unbounded(f"{where}: nobody knows what this calls")
    return 0


# ---- pointers.txt -----------------------------------------------------------------------------------------
class Pointers:
    """What each function pointer may hold: (file, name) -> names of functions."""

    def __init__(self, path):
        self.path = path
        self.targets = {}
        self.handlers = set()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            if len(words) < 3:
                raise Unbounded(f"{path}:{number}: {len(words)} words; expected a file, a pointer, and functions")
            if words[1] == "exception":
                self.handlers.update(words[2:])
            else:
                self.targets.setdefault((words[0], words[1]), []).extend(words[2:])

    def listed(self):
        return self.handlers.union(*self.targets.values())


def pointer_name(path, line, column):
    """The last name of `a[i]->name(...)`, which starts there."""
    with open(path, encoding="utf-8") as source:
        text = "".join(source.readlines()[line - 1:line + 4])[column - 1:]
    found = re.match(r"[(*\s]*(?:\w+\s*(?:->|\.)\s*)*(\w+)\s*\)?\s*\(", re.sub(r"\[[^\]]*\]", "", text))
    return found.group(1) if found else text.partition("\n")[0]


# ---- the bound --------------------------------------------------------------------------------------------
class Bound:
    """bytes: of the whole program; parts: [(what, bytes, chain of functions)]."""

    def __init__(self, program, pointers):
        self.program, self.pointers = program, pointers
        self.depths = {}
        self.parts = []
        vectors = self._vectors_and_pointers()
        self._add("reset", 0, vectors.pop(1))
        counts = collections.Counter(vectors.values())
        for number, address in sorted(vectors.items()):
            # A handler of many vectors is the default one: what nobody enabled does not come, faults do.
            if counts[address] == 1 or number in (NMI, HARD_FAULT):
                self._add(f"exception {number}", program.exception_bytes, address)
        for name in sorted(pointers.handlers):
            for address in program.named(name):
                self._add("exception, installed", program.exception_bytes, address)
        self.bytes = sum(size for _, size, _ in self.parts)

    def _add(self, what, frame, address):
        depth, chain = self.depth(address, ())
        self.parts.append((what, frame + depth, chain))

    def _vectors_and_pointers(self):
        program = self.program
        vectors = {}
        listed = set().union(*(program.named(name) for name in self.pointers.listed()))
        for section, obj, address, offset in program.addresses_taken():
            if section == ".vectors":
                vectors[offset // 4] = address
            elif address not in listed and not program.is_far_call(obj, address):
                raise Unbounded(f"the address of {program.function_at(address).name} is taken in {file_of(obj)}; "
                                f"expected the function in {self.pointers.path.name}, with the pointer that holds it")
        if 1 not in vectors:
            raise Unbounded("no vector table; expected one in section .vectors")
        return vectors

    def callees(self, function):
        for path, line, column in sorted(function.pointers):
            file = path.removeprefix(f"{self.program.source}/")
            name = pointer_name(path, line, column)
            targets = self.pointers.targets.get((file, name))
            if targets is None:
                raise Unbounded(f"{file}:{line}: a call through a pointer, {name}; "
                                f"expected a line '{file} {name} FUNCTION...' in {self.pointers.path.name}")
            linked = set().union(*(self.program.named(target) for target in targets))
            if not linked:
                raise Unbounded(f"{file}:{line}: none of the functions that {name} may hold is in the program; "
                                f"expected {self.pointers.path.name} to name one that is")
            yield from linked
        yield from function.calls

    def depth(self, address, above):
        """Bytes from the entry of a function on, and the chain that takes them."""
        if address in self.depths:
            return self.depths[address]
        function = self.program.function_at(address)
        if address in above:
            names = [self.program.function_at(at).name for at in above[above.index(address):]]
            raise Unbounded(f"recursion: {' > '.join([*names, function.name])}")
        if function.frame is None:
            raise Unbounded(f"{function.name}: a frame of variable size")
        deepest = max((self.depth(callee, (*above, address)) for callee in self.callees(function)), default=(0, ()))
        self.depths[address] = function.frame + deepest[0], ((function.name, function.frame), *deepest[1])
        return self.depths[address]

    def reached_from(self, files):
        """Object files that functions of these files call into, they themselves left out."""
        todo = [at for at in self.program.functions if file_of(self.program.section_at(at).object).startswith(files)]
        seen = set()
        while todo:
            address = todo.pop()
            if address not in seen:
                seen.add(address)
                todo += self.callees(self.program.function_at(address))
        objects = {self.program.section_at(address).object for address in seen}
        return {obj for obj in objects if not file_of(obj).startswith(files)}
