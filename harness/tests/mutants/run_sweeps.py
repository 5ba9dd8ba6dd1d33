#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Break what makes the firmware survive power cuts: each mutant must be found by the sweep that it names.

A mutant is a .patch file against firmware/ in sweeps/, or one of the journal's in journal/ that names a sweep, too. Its
first lines say what it breaks, which sweep in sweeps/ must notice (`Sweep: NAME`), and how (`Cause: TEXT`, part of a
failing group's cause). A mutant is killed if the sweep fails with such a group, a group that is not expected; and if the
group's case, run alone as its replay line says, ends with the same cause and the same digest. Images are as small as
they get: what a cut does depends on the place of a double word, not on their number. The unchanged copy must pass all
sweeps.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from run import command

SWEEPS = pathlib.Path(__file__).parent / "sweeps"
JOURNAL = pathlib.Path(__file__).parent / "journal"
TIMEOUT_S = 900


def twinbank(args, folder, *arguments):
    return subprocess.run([args.twinbank, "run", "--images", str(folder / "build" / "images"), *map(str, arguments)],
                          capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def build(folder):
    """Builds, and makes the image that only a checksum can tell, one byte of the body being another; and journal pages:
    one that is recycled before its candidate is tried, and an older one."""
    command(["cmake", "--build", folder / "build", "--parallel", "2"])
    images = folder / "build" / "images"
    image = bytearray((images / "app-2.0.0.bin").read_bytes())
    image[-3] ^= 0x5a
    (images / "damaged-2.0.0.bin").write_bytes(image)
    mkimage = [sys.executable, folder / "firmware" / "image" / "mkimage.py", "journal"]
    old, new = images / "app-small-1.0.0.bin", images / "app-small-2.0.0.bin"
    for name, records, epoch, bank2 in (("nearly-full", 25, 2, f"candidate:{new}"), ("old", 32, 1, f"good:{old}")):
        command([*mkimage, "--records", records, "--epoch", epoch, "--current", 1, "--bank1", f"good:{old}",
                 "--bank2", bank2, "--output", images / f"journal-{name}.bin"])


def sweep(args, folder, path):
    """Verdict and failing groups."""
    report = folder / "report"
    shutil.rmtree(report, ignore_errors=True)
    result = twinbank(args, folder, path, "--jobs", args.jobs, "--report", report)
    if not (report / "twinbank.json").exists():
        raise RuntimeError(f"twinbank run: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    entry = json.loads((report / "twinbank.json").read_text(encoding="utf-8"))["scenarios"][0]
    if "sweep" not in entry or entry["sweep"] is None:
        raise RuntimeError(f"{path.stem}: the rehearsal failed\n{result.stdout}")
    return entry["verdict"], entry["sweep"]


def replay(args, folder, path, group):
    """What is wrong with the replay line of a group; nothing if it shows the same failure."""
    result = twinbank(args, folder, path, "--case", group["id"])
    wanted = [group["cause"], f"digest {group['digest']}"]
    missing = [text for text in wanted if text not in result.stdout]
    if result.returncode == 1 and not missing:
        return []
    return [f"{group['id']} alone: exit code {result.returncode}, without {missing}\n{result.stdout}{result.stderr}"]


def said(patch, key):
    found = re.search(rf"^{key}: (.+)$", patch.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{patch.stem}: no line `{key}: ...`")
    return found.group(1)


def check_mutant(args, patch, folder):
    path, cause = SWEEPS / f"{said(patch, 'Sweep')}.yaml", said(patch, "Cause")
    command(["patch", "-p1", "--no-backup-if-mismatch", "-i", patch], cwd=folder / "firmware")
    try:
        build(folder)
        verdict, found = sweep(args, folder, path)
        groups = [group for group in found["failures"] if not group["expected"]]
        for group in groups:
            print(f"  {group['cases']} of {found['cases']}  {group['id']}  {group['cause']}  ({group['place']})")
        wrong = [text for group in groups for text in replay(args, folder, path, group)]
    except (subprocess.TimeoutExpired, RuntimeError) as error:
        return [f"{patch.stem}: {error}"]
    finally:
        command(["patch", "-R", "-p1", "--no-backup-if-mismatch", "-i", patch], cwd=folder / "firmware")
    if verdict != "FAIL":
        wrong.append(f"{path.stem} says {verdict}, expected FAIL")
    if not any(cause in group["cause"] for group in groups):
        wrong.append(f"no unexpected group with the cause {cause!r}")
    return [f"{patch.stem}: {text}" for text in wrong]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--firmware", type=pathlib.Path, required=True)
    parser.add_argument("--toolchain", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", default="2")
    parser.add_argument("mutants", type=pathlib.Path, nargs="*", help="patches; default: all of them")
    args = parser.parse_args()
    patches = args.mutants or sorted(SWEEPS.glob("*.patch")) + [
        patch for patch in sorted(JOURNAL.glob("*.patch")) if "\nSweep: " in patch.read_text(encoding="utf-8")]
    wrong = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        shutil.copytree(args.firmware, folder / "firmware")
        command(["cmake", "-S", folder / "firmware", "-B", folder / "build", f"-DCMAKE_TOOLCHAIN_FILE={args.toolchain}",
                 "-DPAD_TO=0", "-DASSETS_BYTES=64", "-DREFERENCE_RELEASES=1.0.0;2.0.0", "-DTRIAL_VERSION="])
        build(folder)
        if not args.mutants:
            named = {said(patch, "Sweep") for patch in patches}
            for path in sorted(SWEEPS.glob("*.yaml")):
                verdict, _ = sweep(args, folder, path)
                print(f"{verdict}: {path.stem}, unchanged firmware", flush=True)
                wrong += [] if verdict == "PASS" else [f"unchanged firmware: {path.stem} says {verdict}"]
                wrong += [] if path.stem in named else [f"{path.stem}: no mutant is for it"]
        for patch in patches:
            result = check_mutant(args, patch.resolve(), folder)
            print(f"{'survived' if result else 'killed'}: {patch.stem}", flush=True)
            wrong += result
    print("\n".join([*wrong, f"{len(patches)} mutants, {len(wrong)} wrong answers"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
