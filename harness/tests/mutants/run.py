#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Break the firmware on purpose: each mutant must make the scenarios that it names fail.

A mutant is a .patch file against firmware/ whose first lines say what it breaks and, as `Kills: NAME`, which
scenarios must notice. The firmware is copied once and built; then each patch is applied, built, run and taken
back. The unchanged copy must pass everything, and every scenario must be killed by some mutant.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TIMEOUT_S = 600


def command(arguments, **options):
    result = subprocess.run([str(word) for word in arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False, **options)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: exit code {result.returncode}\n{result.stdout}")


def verdicts(args, images, names, report):
    """Verdict of each named scenario, and the exit code."""
    shutil.rmtree(report, ignore_errors=True)
    paths = [str(args.scenarios / f"{name}.yaml") for name in names]
    result = subprocess.run([args.twinbank, "run", "--jobs", "2", "--images", str(images), "--report", str(report), *paths],
                            capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if not (report / "twinbank.json").exists():
        raise RuntimeError(f"twinbank run: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    data = json.loads((report / "twinbank.json").read_text(encoding="utf-8"))
    return {entry["name"]: entry["verdict"] for entry in data["scenarios"]}, result.returncode


def killed_by(patch):
    return re.findall(r"^Kills: (\S+)$", patch.read_text(encoding="utf-8"), re.MULTILINE)


def check_mutant(args, patch, folder):
    source, build = folder / "firmware", folder / "build"
    names = killed_by(patch)
    command(["patch", "-p1", "--no-backup-if-mismatch", "-i", patch], cwd=source)
    try:
        command(["cmake", "--build", build])
        seen, code = verdicts(args, build / "images", names, folder / "report")
    except subprocess.TimeoutExpired:
        return [f"{patch.stem}: no answer within {TIMEOUT_S} s"]
    finally:
        command(["patch", "-R", "-p1", "--no-backup-if-mismatch", "-i", patch], cwd=source)
    wrong = [f"{patch.stem}: {name} says {verdict}, expected FAIL" for name, verdict in seen.items() if verdict != "FAIL"]
    if code != 1:
        wrong.append(f"{patch.stem}: exit code {code}, expected 1")
    if not names:
        wrong.append(f"{patch.stem}: names no scenario; expected `Kills: NAME`")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--firmware", type=pathlib.Path, required=True)
    parser.add_argument("--scenarios", type=pathlib.Path, required=True)
    parser.add_argument("--toolchain", type=pathlib.Path, required=True)
    parser.add_argument("mutants", type=pathlib.Path, nargs="*", help="patches; default: all beside this script")
    args = parser.parse_args()
    patches = args.mutants or sorted(pathlib.Path(__file__).parent.glob("*.patch"))
    scenarios = sorted(path.stem for path in args.scenarios.glob("*.yaml"))
    wrong = []
    if not args.mutants:
        killed = {name for patch in patches for name in killed_by(patch)}
        wrong += [f"{name}: no mutant kills it" for name in scenarios if name not in killed]
        wrong += [f"{name}: no such scenario, but a mutant names it" for name in sorted(killed - set(scenarios))]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        shutil.copytree(args.firmware, folder / "firmware")
        command(["cmake", "-S", folder / "firmware", "-B", folder / "build", f"-DCMAKE_TOOLCHAIN_FILE={args.toolchain}"])
        command(["cmake", "--build", folder / "build"])
        seen, _ = verdicts(args, folder / "build" / "images", scenarios, folder / "report")
        wrong += [f"unchanged firmware: {name} says {verdict}" for name, verdict in seen.items() if verdict != "PASS"]
        for patch in patches:
            result = check_mutant(args, patch.resolve(), folder)
            print(f"{'survived' if result else 'killed'}: {patch.stem}", flush=True)
            wrong += result
    print("\n".join([*wrong, f"{len(patches)} mutants, {len(wrong)} wrong answers"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
