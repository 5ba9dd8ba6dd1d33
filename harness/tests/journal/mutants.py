#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Leave pieces of the journal's protocol out: the sweep of the journal alone must notice each.

A mutant is a .patch file against firmware/ whose first lines say what is missing. journal.c is copied, patched, built
with the sweep, and run; the first failing case is printed. The unchanged copy must pass.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

SWEEP = ["--updates", "30", "--thorough", "3", "--deep", "2", "--walk", "200000"]
TIMEOUT_S = 300


def command(arguments, **options):
    return subprocess.run([str(word) for word in arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)


def sweep(args, patch, folder):
    """Exit code and output of the sweep of a copy with this patch."""
    shutil.rmtree(folder / "firmware", ignore_errors=True)
    for part in ("journal", "image"):
        shutil.copytree(args.firmware / part, folder / "firmware" / part)
    if patch is not None:
        applied = command(["patch", "-p1", "--no-backup-if-mismatch", "-i", patch], cwd=folder / "firmware")
        if applied.returncode != 0:
            return None, applied.stdout
    built = command([args.compiler, "-std=c11", "-o", folder / "sweep", f"-I{folder / 'firmware'}",
                     folder / "firmware" / "journal" / "journal.c", *args.link])
    if built.returncode != 0:
        return None, built.stdout
    run = command([folder / "sweep", *SWEEP], timeout=TIMEOUT_S)
    return run.returncode, run.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--firmware", type=pathlib.Path, required=True)
    parser.add_argument("--patches", type=pathlib.Path, required=True, help="a patch, or a folder of them")
    parser.add_argument("link", nargs="*", help="flags and libraries of the sweep")
    args = parser.parse_args()
    patches = [args.patches] if args.patches.is_file() else sorted(args.patches.glob("*.patch"))
    wrong = [] if patches else [f"{args.patches}: no patches"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        code, text = sweep(args, None, folder)
        if code != 0:
            wrong.append(f"unchanged journal: exit code {code}, expected 0\n{text}")
        for patch in patches:
            code, text = sweep(args, patch.resolve(), folder)
            if code != 1 or "\nFAIL: " not in text:
                wrong.append(f"{patch.stem}: exit code {code}, expected 1 and a failing case\n{text}")
                continue
            case = text[text.index("\nFAIL: ") + 1:].splitlines()
            case = case[:next(i for i, line in enumerate(case) if line.startswith("  expected"))]
            print(f"killed: {patch.stem}", *([*case[:20], "  ..."] if len(case) > 20 else case), sep="\n  ", flush=True)
    print("\n".join([*wrong, f"{len(patches)} mutants, {len(wrong)} wrong answers"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
