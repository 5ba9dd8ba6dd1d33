#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""passed-images.json names an image only if every scenario that names it passed as a whole, in one run or in joined shards."""
import argparse
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from verdicts import GAP, IDLE

HEAD = "title: t\nboard: nucleo-l476rg\nimages: {%s}\n"
START = "start: {flash: [{image: a, at: bank1}]}\n"
PASSES = "check: {active_bank: 1}\n"
FAILS = "check: {active_bank: 2}\n"
VACUOUS = "steps: [wait_time: 1 ms]\n"
COUNT = ("start:\n  flash: [{image: a, at: bank1}]\n  until: {uart: usart2, text: 'count 0', within: 100 ms}\n"
         "steps:\n  - type: {uart: usart2, text: '2'}\n  - wait: {uart: usart2, text: 'count 2', within: 100 ms}\n"
         "power_cut: {at: [program], tears: [old, new, uncorrectable]}\n"
         "check:\n  each_boot: {uart: usart2, within: 300 ms, any_of: [{text: 'count %s'}]}\n")


class Bench:
    def __init__(self, twinbank, counter, folder):
        self.twinbank, self.folder, self.runs = twinbank, folder, 0
        self.images = folder / "images"
        self.images.mkdir()
        shutil.copy(counter, self.images / "counter.bin")
        for name, data in (("p.bin", IDLE), ("q.bin", IDLE + b"q"), ("same-as-p.bin", IDLE), ("gap.bin", GAP + b"g")):
            (self.images / name).write_bytes(data)
        self.version = subprocess.run([twinbank, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]

    def call(self, *words):
        return subprocess.run([self.twinbank, *map(str, words)], capture_output=True, text=True, timeout=300, check=False)

    def write(self, scenarios, folder="scenarios"):
        """scenarios: {name: (images of the file, the rest of it)}."""
        place = self.folder / f"{folder}-{self.runs}"
        place.mkdir()
        for name, (images, rest) in scenarios.items():
            listed = ", ".join(f"{chr(ord('a') + i)}: {image}" for i, image in enumerate(images))
            (place / f"{name}.yaml").write_text(HEAD % listed + rest, encoding="utf-8")
        return place

    def run(self, scenarios, *options, code=0, report=None):
        self.runs += 1
        place = scenarios if isinstance(scenarios, pathlib.Path) else self.write(scenarios)
        report = report or self.folder / f"report-{self.runs}"
        result = self.call("run", place, "--images", self.images, "--report", report, *options)
        if result.returncode != code:
            raise AssertionError(f"exit code {result.returncode}, expected {code}: {result.stdout}{result.stderr}")
        return report

    def expect(self, report, expected):
        """expected: {file: scenarios}."""
        seen = json.loads((report / "passed-images.json").read_text(encoding="utf-8"))
        wanted = {"twinbank": self.version, "images": []}
        for file in sorted(expected):
            data = (self.images / file).read_bytes()
            wanted["images"].append({"file": file, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data),
                                     "scenarios": sorted(expected[file])})
        if seen != wanted:
            raise AssertionError(f"it has {json.dumps(seen)}, expected {json.dumps(wanted)}")
        if list(seen) != ["twinbank", "images"] or any(list(image) != ["file", "sha256", "bytes", "scenarios"] for image in seen["images"]):
            raise AssertionError(f"other keys, or in another order: {seen}")


def images_of_passed_scenarios_are_listed(bench):
    bench.expect(bench.run({"z-first": (["q.bin", "p.bin"], PASSES), "a-second": (["p.bin"], PASSES)}),
                 {"p.bin": ["z-first", "a-second"], "q.bin": ["z-first"]})


def one_failure_is_enough(bench):
    bench.expect(bench.run({"good": (["p.bin", "q.bin"], PASSES), "bad": (["p.bin"], FAILS)}, code=1), {"q.bin": ["good"]})


def no_verdict_is_no_pass(bench):
    scenarios = {"good": (["p.bin", "q.bin"], PASSES), "vacuous": (["q.bin"], START + VACUOUS),
                 "gap": (["gap.bin"], START + VACUOUS + PASSES)}
    bench.expect(bench.run(scenarios, code=3), {"p.bin": ["good"]})


def equal_bytes_are_one_image(bench):
    scenarios = {"good": (["p.bin", "q.bin"], PASSES), "bad": (["same-as-p.bin"], FAILS)}
    bench.expect(bench.run(scenarios, code=1), {"q.bin": ["good"]})
    scenarios["bad"] = (["same-as-p.bin"], PASSES)
    bench.expect(bench.run(scenarios), {"p.bin": ["good"], "q.bin": ["good"], "same-as-p.bin": ["bad"]})


def a_sweep_passes_as_a_whole_only(bench):
    sweep = {"sweep": (["counter.bin", "p.bin"], COUNT % ""), "plain": (["p.bin", "q.bin"], PASSES)}
    bench.expect(bench.run(sweep), {"counter.bin": ["sweep"], "p.bin": ["sweep", "plain"], "q.bin": ["plain"]})
    bench.expect(bench.run(sweep, "--sample", "3"), {"q.bin": ["plain"]})
    known = {"known": (["counter.bin"], COUNT % "0" + "expected_failures: [{cause: ' ', cases: at least 1}]\n")}
    bench.expect(bench.run(known), {})  # it passes, because it fails as expected


def shards_prove_nothing_until_they_are_joined(bench):
    bench.runs += 1
    place = bench.write({"a-sweep": (["counter.bin"], COUNT % ""), "b-plain": (["p.bin"], PASSES), "c-plain": (["p.bin", "q.bin"], PASSES)})
    whole = bench.run(place)
    shards = [bench.run(place, "--shard", f"{k}/2") for k in (1, 2)]
    for shard in shards:
        bench.expect(shard, {})
    joined = bench.folder / f"joined-{bench.runs}"
    result = bench.call("merge", "--report", joined, *shards)
    if result.returncode != 0:
        raise AssertionError(f"merge: exit code {result.returncode}: {result.stdout}{result.stderr}")
    if (joined / "passed-images.json").read_bytes() != (whole / "passed-images.json").read_bytes():
        raise AssertionError("merge wrote another list than the whole run")
    bench.expect(joined, {"counter.bin": ["a-sweep"], "p.bin": ["b-plain", "c-plain"], "q.bin": ["c-plain"]})
    # a plain scenario is in one shard only: without that one nobody would miss it
    lost = [bench.run({"a-plain": (["p.bin"], PASSES), "b-plain": (["p.bin"], FAILS)}, "--shard", "1/2"), joined]
    result = bench.call("merge", "--report", lost[1], lost[0])
    if result.returncode != 2 or "merge: 1 of 2 scenarios; expected the journals of all shards" not in result.stderr:
        raise AssertionError(f"merge without a shard: exit code {result.returncode}, said {result.stderr!r}")
    if (joined / "passed-images.json").exists():
        raise AssertionError("merge left the list of another one")


def a_sweep_that_does_not_start_fails_its_images_in_a_merge_too(bench):
    bench.runs += 1
    place = bench.write({"a-sweep": (["counter.bin", "q.bin"], COUNT.replace("'count 2'", "'never'") % ""), "b-plain": (["counter.bin", "p.bin"], PASSES)})
    shards = [bench.run(place, "--shard", f"{k}/2", code=1) for k in (1, 2)]
    joined = bench.folder / f"joined-{bench.runs}"
    result = bench.call("merge", "--report", joined, *shards)
    if result.returncode != 1 or "FAIL a-sweep" not in result.stdout:
        raise AssertionError(f"merge: exit code {result.returncode}, expected 1: {result.stdout}{result.stderr}")
    bench.expect(joined, {"p.bin": ["b-plain"]})


def joined_shards_must_have_had_the_same_images(bench):
    bench.runs += 1
    place = bench.write({"a-sweep": (["counter.bin", "p.bin"], COUNT % "")})
    first = bench.run(place, "--shard", "1/2")
    (bench.images / "p.bin").write_bytes(IDLE + b"p")
    second = bench.run(place, "--shard", "2/2")
    (bench.images / "p.bin").write_bytes(IDLE)
    result = bench.call("merge", "--report", bench.folder / "mixed", first, second)
    if result.returncode != 2 or result.stderr.count("\n") != 1 or "images" not in result.stderr:
        raise AssertionError(f"merge of other images: exit code {result.returncode}, said {result.stderr!r}")


def a_run_that_is_refused_or_replays_leaves_no_list(bench):
    report = bench.run({"good": (["p.bin"], PASSES)})
    bench.expect(report, {"p.bin": ["good"]})
    bench.run({"wrong": (["missing.bin"], PASSES)}, code=2, report=report)
    if (report / "passed-images.json").exists():
        raise AssertionError("a refused run left the list of another one")
    bench.runs += 1
    place = bench.write({"sweep": (["counter.bin"], COUNT % "")})
    bench.run(place / "sweep.yaml", "--case", "program#1/new", report=report)
    if (report / "passed-images.json").exists():
        raise AssertionError("--case wrote a list")


TESTS = [images_of_passed_scenarios_are_listed, one_failure_is_enough, no_verdict_is_no_pass, equal_bytes_are_one_image,
         a_sweep_passes_as_a_whole_only, shards_prove_nothing_until_they_are_joined,
         a_sweep_that_does_not_start_fails_its_images_in_a_merge_too, joined_shards_must_have_had_the_same_images,
         a_run_that_is_refused_or_replays_leaves_no_list]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--counter", required=True, help="the image of the counting test firmware")
    args = parser.parse_args()
    failures = []
    for test in TESTS:
        with tempfile.TemporaryDirectory() as temporary:
            try:
                test(Bench(args.twinbank, args.counter, pathlib.Path(temporary)))
            except AssertionError as error:
                failures.append(f"{test.__name__}: {error}")
    print("\n".join([*failures, f"{len(TESTS)} tests, {len(failures)} wrong"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
