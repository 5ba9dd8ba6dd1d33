#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""Sweeps find the same whoever does the work, in whatever order, and whether or not results are reused.

Two scenarios of harness/tests/data/sweeps: the product with a small image, and a count in flash whose start-up writes
flash itself, cut twice in a row. Variants of them are made here by changing lines.
"""
import argparse
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

MASK = (1 << 64) - 1
# In the order of their codes: what a double word, and what a page can be left with.
PROGRAM_TEARS = {"old": 0, "new": 1, "corrected": 2, "uncorrectable": 3, "miscorrected": 4, "low-half": 5, "high-half": 6,
                 "unstable-old": 7, "unstable-new": 8, "unstable-eccd": 9, "unstable-new-old": 10, "unstable-old-new": 11,
                 "marginal": 12}
WRONG_IDS = ["", "nonsense", "+", "end+", "+end", "end/new", "program", "program#", "program#1", "program#1/", "program#/new",
             "program#0/new", "program#-1/new", "program#1x/new", "program#1/newer", "program#1/weak", "erase#1/marginal",
             "erase#1/partial:", "erase#1/partial:0", "erase#1/partial:3", "erase#1/partial:99999", "erase#1/partial:x",
             "move#1/new", "program#1/new+erase#1/partial:3",
             "program#1/new+", "program#1/new+program#1", "program#1/new++end", "program#99999/new",
             "program#1/new+program#99999/new", "+".join(["end"] * 99), "program#" + "9" * 400 + "/new", "program#1/new " * 40]


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


class Bench:
    def __init__(self, twinbank, data, folder):
        self.twinbank, self.folder = twinbank, folder
        self.texts = {name: (data / f"{name}.yaml").read_text(encoding="utf-8") for name in ("small", "counter", "toggle", "first-word")}
        self.made = 0

    def scenario(self, name, *changes):
        """The path of a scenario with changes (pattern, replacement), each of which must fit once."""
        text = self.texts[name]
        for pattern, replacement in changes:
            text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
            check(count == 1, f"{name}: {pattern!r} fits {count} times")
        self.made += 1
        path = self.folder / f"variant-{self.made}" / f"{name}.yaml"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        return path

    def command(self, path, *options):
        return [self.twinbank, "run", "--images", self.folder / "images", path, *options]

    def run(self, path, *options):
        result = subprocess.run(self.command(path, *options), capture_output=True, text=True, timeout=1200, check=False)
        check(result.returncode in (0, 1, 2, 3), f"{options}: exit code {result.returncode}: {result.stderr}")
        return result

    def report(self, path, *options, directory=None):
        """Exit code, what the sweep found, what was printed."""
        if directory is None:
            self.made += 1
            directory = self.folder / f"report-{self.made}"
        result = self.run(path, "--report", directory, *options)
        check(result.returncode != 2, f"{path} {options}: {result.stderr}")
        return result.returncode, load(directory), result.stdout

    def refused(self, path, *options):
        """The one line that refuses a command line."""
        result = self.run(path, *options)
        check(result.returncode == 2 and result.stderr.count("\n") == 1 and result.stderr.startswith("twinbank: "),
              f"{options}: exit code {result.returncode}, said {result.stderr[:300]!r}; expected 2 and one line")
        return result.stderr


def load(directory):
    return json.loads((directory / "twinbank.json").read_text(encoding="utf-8"))["scenarios"]


def found(scenarios, but=()):
    """All of a report but who did what, and how fast."""
    return [{**s, "wall_ns": 0, "sweep": {k: v for k, v in s["sweep"].items() if k not in ("effort", *but)}}
            for s in scenarios]


def same(got, wanted, what, but=()):
    if found(got, but) != found(wanted, but):
        for g, w in zip(found(got, but), found(wanted, but)):
            for key in w["sweep"]:
                check(g["sweep"].get(key) == w["sweep"][key],
                      f"{what}: {key} differs: {g['sweep'].get(key)}, expected {w['sweep'][key]}")
        raise Failure(f"{what}: the reports differ: {found(got)}, expected {found(wanted)}")


# What the check of the reuse adds, where there is any.
CHECKS = ("chunks", "chunks_done", "checked")
NO_RETRY = (r"^  after_retry: .*\n", "")
ONE_CUT = (r"^  depth: 2 *.*\n", "")


# --- nothing reused: the same ---------------------------------------------------------------------


def nothing_reused_gives_the_same_verdicts(bench):
    """Every case of an update, without the retry, which costs most; of the retry a sample; every pair of two cuts."""
    counts = []
    for path, options, least in [(bench.scenario("small", NO_RETRY), [], 2000),
                                 (bench.scenario("small"), ["--sample", "150", "--seed", "5"], 100),
                                 (bench.scenario("counter"), [], 2000)]:
        _, reused, _ = bench.report(path, *options)
        _, executed, _ = bench.report(path, *options, "--no-equivalence", "--jobs", "2")
        same(executed, reused, "--no-equivalence", CHECKS)
        sweep, effort = reused[0]["sweep"], executed[0]["sweep"]["effort"]
        cases = sweep["cases"] + sweep["pairs"]
        check(cases >= least, f"{path.name}: {cases} cases; expected at least {least}")
        check(effort["boots"] + effort["retries"] >= cases, f"--no-equivalence executed less than a run a case: {effort}")
        check(effort["inherited"] == 0, f"--no-equivalence inherited: {effort}")
        reused_runs = sweep["effort"]["boots"] + sweep["effort"]["retries"]
        check(reused_runs * 2 < effort["boots"] + effort["retries"], f"nothing was reused: {sweep['effort']}")
        counts.append(cases)
    return f"{counts} cases"


def mix(value):
    """The finaliser of splitmix64, as sim/device.h has it."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & MASK
    return value ^ value >> 31


def digest_of(cases):
    """cases: of each chunk, (operation, tear, seed, verdict) in order."""
    total = 0
    for chunk in cases:
        digest = 0
        for op, tear, seed, verdict in chunk:
            digest = mix(digest ^ mix(mix(op << 16 | tear << 8 | seed)) ^ mix(verdict))
        total = mix(total ^ digest)
    return f"{total:016x}"


def the_digest_covers_the_verdict_of_each_case_played_alone(bench):
    """Six programs and the end of a count that is written once: each case replayed from power-on, the digest made of that."""
    path = bench.scenario("counter", ONE_CUT, (r"^  - type: .*\"r\"}\n.*\n", ""), (r'text: "2"', 'text: "4"'), (r'"count 2", ', '"count 4", '))
    _, report, _ = bench.report(path)
    sweep = report[0]["sweep"]
    check((sweep["operations"], sweep["cases"], sweep["states"]) == (4, 53, 53), f"other cases: {sweep}")
    verdicts = {"PASS": 0, "FAIL": 1}
    chunks, failing = [[], []], 0
    for op in range(4):
        for tear, code in PROGRAM_TEARS.items():
            result = bench.run(path, "--case", f"program#{op + 1}/{tear}")
            chunks[0].append((op, code, 1, verdicts[result.stdout.split(" ")[0]]))
    chunks[1].append((4, 0, 0, verdicts[bench.run(path, "--case", "end").stdout.split(" ")[0]]))
    failing = sum(case[3] for chunk in chunks for case in chunk)
    check(failing == sweep["failing"] and 0 < failing < 53, f"{failing} cases fail alone, in the sweep {sweep['failing']}")
    check(digest_of(chunks) == sweep["digest"], f"the digest is {sweep['digest']}, of the cases alone {digest_of(chunks)}")
    first = chunks[0][0]
    chunks[0][0] = (*first[:3], 1 - first[3])
    check(digest_of(chunks) != sweep["digest"], "the digest does not tell verdicts apart")
    return f"53 cases, {failing} of them failing"


# --- divided, stopped, joined ---------------------------------------------------------------------


def jobs_and_shards_change_nothing(bench):
    small, counter = bench.scenario("small"), bench.scenario("counter")
    for path in (small, counter):
        _, alone, _ = bench.report(path, "--jobs", "1")
        _, two, _ = bench.report(path, "--jobs", "2")
        same(two, alone, "--jobs 2")
    both = bench.folder / "both"
    both.mkdir()
    (both / "small.yaml").write_bytes(bench.scenario("small", NO_RETRY).read_bytes())
    (both / "counter.yaml").write_bytes(counter.read_bytes())
    code, whole, printed = bench.report(both)
    check(len(whole) == 2, f"{len(whole)} scenarios")
    shards = [bench.folder / f"shard-{k}" for k in (1, 2, 3)]
    for k, directory in enumerate(shards):
        _, part, _ = bench.report(both, "--shard", f"{k + 1}/3", directory=directory)
        for a, b in zip(part, whole):
            check(0 < a["sweep"]["chunks_done"] < b["sweep"]["chunks_done"], f"shard {k + 1} did all or nothing")
    joined = bench.folder / "joined"
    command = [bench.twinbank, "merge", "--report", joined, *reversed(shards)]
    merged = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    check(merged.returncode == code, f"merge: exit code {merged.returncode}, expected {code}: {merged.stderr}")
    same(load(joined), whole, "merge")

    def plain(text):
        """Without speeds and times."""
        return re.sub(r"executed: .*|, [0-9.]+ s$|; [0-9.]+ s$|: [0-9,]+ inherited.*", "", text, flags=re.MULTILINE)

    wanted = plain(printed)
    check(plain(merged.stdout) == wanted, f"merge printed {plain(merged.stdout)!r}, expected {wanted!r}")
    missing = subprocess.run([*command[:4], *shards[:2]], capture_output=True, text=True, timeout=60, check=False)
    check(missing.returncode == 2 and missing.stderr.count("\n") == 1 and "chunks" in missing.stderr,
          f"merge without a shard: exit code {missing.returncode}, said {missing.stderr!r}")
    return ""


def lines_of(journal):
    return journal.read_bytes().splitlines(keepends=True)


def numbers(lines):
    return sorted(json.loads(line)["chunk"] for line in lines[1:])


def kill_at(bench, path, directory, chunks, *options):
    """Starts a sweep and kills it when its journal has so many chunks; the whole lines it left."""
    journal = directory / f"{path.stem}.cases.jsonl"
    with subprocess.Popen([str(word) for word in bench.command(path, "--report", directory, *options)],
                          stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 300
        while not journal.exists() or len(lines_of(journal)) < chunks + 1:
            check(process.poll() is None and time.monotonic() < deadline, "the sweep ended before it could be killed")
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        check(process.wait() == -signal.SIGKILL, "the sweep was not killed")
    return [line for line in lines_of(journal) if line.endswith(b"\n")]


def a_killed_sweep_goes_on_where_it_was(bench):
    path = bench.scenario("small", (r"^  at: .*\n", "  at: [program]\n  tears: [uncorrectable, unstable-new]\n"))
    code, whole, _ = bench.report(path)
    directory = bench.folder / "killed"
    journal = directory / "small.cases.jsonl"
    for round_, chunks in enumerate((5, 60)):
        left = kill_at(bench, path, directory, chunks, "--jobs", "2", *(["--resume"] if round_ else []))
    check(len(left) - 1 < whole[0]["sweep"]["chunks"], f"killed too late: {len(left)} lines")
    resumed = bench.report(path, "--resume", directory=directory)
    same(resumed[1], whole, "--resume")
    check(resumed[0] == code, f"--resume: exit code {resumed[0]}, expected {code}")
    # the times in a line are of the host: a chunk that was done again would have others
    check(not set(left) - set(lines_of(journal)), "--resume did chunks again that the journal had")
    # half a last line, as a kill in the middle of a write leaves it
    lines = lines_of(journal)
    journal.write_bytes(b"".join(lines[:41]) + lines[41][:len(lines[41]) // 2])
    same(bench.report(path, "--resume", directory=directory)[1], whole, "--resume behind half a line")
    again = lines_of(journal)
    check(again[:41] == lines[:41], "--resume behind half a line did whole ones again")
    check(numbers(again) == numbers(lines) == list(range(len(lines) - 1)), f"chunks {numbers(again)}, expected each once")
    # a finished one: nothing is left to do
    lines = lines_of(journal)
    same(bench.report(path, "--resume", directory=directory)[1], whole, "--resume of a finished sweep")
    check(lines_of(journal) == lines, "--resume of a finished sweep did something again")
    return f"killed at {len(left) - 1} of {whole[0]['sweep']['chunks']} chunks"


def a_journal_of_another_plan_is_refused(bench):
    path = bench.scenario("counter", ONE_CUT)
    directory = bench.folder / "other-plan"
    bench.report(path, directory=directory)
    journal = directory / "counter.cases.jsonl"
    before = journal.read_bytes()
    other = bench.scenario("counter", ONE_CUT, (r"^  seeds: 2", "  seeds: 1"))
    named = (r"^images: .*\n", "images: {counter: counter.bin, other: counter-gap.bin}\n")
    compared = bench.scenario("counter", ONE_CUT, named)
    bench.report(compared, directory=directory) # nothing is loaded from the other image, and its file changes
    before = journal.read_bytes()
    image = bench.folder / "images" / "counter-gap.bin"
    text = image.read_bytes()
    image.unlink()
    image.write_bytes(text + b"x")
    for changed in ([other], [path], [path, "--sample", "5"], [compared]):
        said = bench.refused(*changed, "--report", directory, "--resume")
        check(f"{journal}:1: " in said and "another plan" in said, f"said {said!r}")
        check(journal.read_bytes() == before, "the journal that was refused has changed")
    journal.write_text("no journal\n", encoding="utf-8")
    said = bench.refused(path, "--report", directory, "--resume")
    check(f"{journal}:1: " in said, f"said {said!r}")
    return ""


# --- samples and single cases ---------------------------------------------------------------------


def samples_are_drawn_by_seed(bench):
    path = bench.scenario("counter")
    digests = {}
    for seed in ("1", "2"):
        runs = [bench.report(path, "--sample", "30", "--seed", seed, "--jobs", jobs) for jobs in ("1", "2")]
        same(runs[1][1], runs[0][1], "the same sample again")
        sweep = runs[0][1][0]["sweep"]
        check(sweep["sample"] == {"cases": 30, "seed": int(seed)} and sweep["cases"] == 31, f"{sweep['sample']}, {sweep['cases']}")
        check(f"a sample only: 30 cases drawn with seed {seed}\n" in runs[0][2], f"printed {runs[0][2]!r}")
        digests[seed] = sweep["digest"]
        check(sweep["failures"], "no case of the sample fails")
        for failure in sweep["failures"]:
            replays(bench, path, failure)
    check(digests["1"] != digests["2"], "another seed draws the same cases")
    check(digests["1"] != bench.report(path)[1][0]["sweep"]["digest"], "the sample is all")
    return ""


def replays(bench, path, failure):
    result = bench.run(path, "--case", failure["id"])
    wanted = f"{failure['verdict']} {path.stem}  {failure['id']}   digest {failure['digest']}\n  {failure['cause']}\n"
    check(result.stdout.startswith(wanted), f"--case {failure['id']} printed {result.stdout!r}, expected {wanted!r}")


def failures_replay_alone(bench):
    count = 0
    for path in (bench.scenario("counter"), bench.scenario("toggle")):
        code, report, printed = bench.report(path)
        check(code == 1 and report[0]["sweep"]["failures"], f"{path.stem}: nothing fails")
        for failure in report[0]["sweep"]["failures"]:
            check(f"replay: twinbank run {path} --case {failure['id']}\n" in printed, f"no replay line for {failure['id']}")
            replays(bench, path, failure)
            count += 1
    return f"{count} groups"


def failures_say_what_they_come_to(bench):
    """Behind each whole operation of an option write, in the order of RM0440 3.4.2: bank 1's words, then bank 2's."""
    code, report, _ = bench.report(bench.scenario("toggle"))
    rom = "boot: nothing expected on usart2 within 250 ms; waiting in the boot ROM; option mismatch: "
    both = "PCROP over bank 1, PCROP over bank 2, WRP off"
    wanted = {f"bricked: {rom}RDP level 1 and BFB2 = 1, {both}": ("option-erase#2/new", 1),
              f"bricked: {rom}{both}": ("option-program#1/new", 2), # one end of bank 1's area is not enough
              # 2.0.0 is behind an area; the words of WRP change nothing
              'no retry mends it: retry: line 7: no "reference 2.0.0 bank 2" on usart2 within 1 s; bank 1, in main; '
              "option mismatch: PCROP over bank 2, WRP off": ("option-program#3/new", 4)}
    seen = {failure["cause"]: (failure["id"], failure["cases"]) for failure in report[0]["sweep"]["failures"]}
    check(code == 1 and seen == wanted and report[0]["sweep"]["cases"] == 12, f"exit code {code}: {seen}")

    code, report, _ = bench.report(bench.scenario("first-word"))
    failures = report[0]["sweep"]["failures"]
    check(code == 1 and len(failures) == 1 and failures[0]["cases"] == 1, f"exit code {code}: {failures}")
    check(failures[0]["cause"] == "bricked, first double word of bank 2 torn: boot: nothing expected on usart2 within 250 ms; "
          "resetting for ever", f"{failures[0]['cause']}")

    code, report, _ = bench.report(bench.scenario("first-word", (r"tears: .low-half.", "tears: [unstable-new]")))
    failures = report[0]["sweep"]["failures"]
    check(code == 1 and len(failures) == 1 and failures[0]["cases"] == 1, f"exit code {code}: {failures}")
    check(failures[0]["cause"] == "a retry mends it, first double word of bank 2 torn: later boot: without an event it runs another image: "
          '"reference 2.0.0 bank 2", then "reference 1.0.0 bank 1"', f"{failures[0]['cause']}")
    for failure in [*failures, *bench.report(bench.scenario("toggle"))[1][0]["sweep"]["failures"]]:
        replays(bench, bench.scenario("toggle" if "option" in failure["id"] else "first-word"), failure)
    return ""


def wrong_ids_get_one_line(bench):
    path = bench.scenario("counter")
    for wrong in WRONG_IDS:
        said = bench.refused(path, "--case", wrong)
        check("--case" in said and "expected" in said and len(said) < 400, f"{wrong[:60]!r}: said {said!r}")
    plain = bench.scenario("counter", (r"^power_cut:\n(  .*\n)+", ""), (r"^check:\n(  .*\n)+", "check: {active_bank: 1}\n"))
    check("power_cut" in bench.refused(plain, "--case", "end"), "a scenario without cuts has cases")
    return f"{len(WRONG_IDS) + 1} ids"


# --- texts that must not come back, and watchdogs -------------------------------------------------


def what_was_acknowledged_counts_in_later_boots(bench):
    """Two orders in one action: when the third number is written "count 2" is not out yet, at the fourth and fifth it is."""
    pairs = '{after: "count 2", never: "count 3"}, {after: "count 2", never: "count 1"}'
    changes = [(r"^steps:\n(  .*\n)+", 'steps:\n  - type: {uart: usart2, text: "25"}\n'
                '  - wait: {uart: usart2, text: "count 5", within: 100 ms}\n'),
               (r'\{text: "count 4"\}', '{text: "count 4"}, {text: "count 5"}'), (r'text: "count 4", within: 500', 'text: "count 5", within: 500'),
               (r"^  at: .*\n", "  at: [program]\n  tears: [old, new, uncorrectable, unstable-old]\n"),
               (r"^  reboots: .*\n", f"  never_back: [{pairs}]\n"), (r"cuts_at_least: 50", "cuts_at_least: 10")]
    path = bench.scenario("counter", *changes)
    back = 'after "count 2" it printed "{}" again'
    for case, when, text in [("program#3/new", None, ""), ("program#4/old", "boot", "count 3"),
                             ("program#5/uncorrectable", None, ""),
                             # the start-up erases and writes anew: power lost on the way
                             ("program#5/uncorrectable+program#1/new", "boot", "count 1"),
                             ("program#3/uncorrectable+program#1/new", None, "")]:
        result = bench.run(path, "--case", case)
        wanted = f"FAIL counter  {case} " if when else f"PASS counter  {case} "
        check(result.stdout.startswith(wanted) and (not when or f": {when}: {back.format(text)}\n" in result.stdout),
              f"--case {case} printed {result.stdout!r}, expected {wanted!r} {text!r}")
    code, report, _ = bench.report(path)
    sweep = report[0]["sweep"]
    causes = {failure["cause"]: failure for failure in sweep["failures"]}
    for text in ("count 3", "count 1"):
        check(code == 1 and any(cause.endswith(f": boot: {back.format(text)}") for cause in causes), f"causes: {causes.keys()}")
    check(report[0]["last_seen"] == sweep["failures"][0]["last_seen"], f"last seen {report[0]['last_seen']!r}, of the first {sweep['failures'][0]}")
    for failure in sweep["failures"]:
        replays(bench, path, failure)
    same(bench.report(path, "--no-equivalence", "--jobs", "2")[1], report, "--no-equivalence", CHECKS)
    same(bench.report(path, "--jobs", "2")[1], report, "--jobs 2")
    one = bench.scenario("counter", ONE_CUT, *changes)
    _, single, _ = bench.report(one)
    failing = sum(bench.run(one, "--case", f"program#{op}/{tear}").returncode for op in range(1, 6) for tear in ("old", "new", "uncorrectable", "unstable-old"))
    check(failing == single[0]["sweep"]["failing"] > 0, f"{failing} cases fail alone, in the sweep {single[0]['sweep']['failing']}")
    return f"{sweep['failing']} of {sweep['cases'] + sweep['pairs']} cases"


def resets_by_the_watchdog_are_waited_for(bench):
    """8 of 250 ms each within 260 ms, but not 9."""
    changes = [ONE_CUT, (r"^  at: .*\n", "  at: [program]\n  tears: [uncorrectable]\n"), (r"within: 300 ms, any", "within: 260 ms, any"),
               (r"^  - type: .*\"r\"}\n.*\n", ""), (r"cuts_at_least: 50", "cuts_at_least: 5")]
    code, report, _ = bench.report(bench.scenario("counter", *changes, (r"counter\.bin", "counter-waits.bin")))
    check(code == 0 and report[0]["sweep"]["cases"] == 5, f"exit code {code}: {report}")
    path = bench.scenario("counter", *changes, (r"counter\.bin", "counter-hangs.bin"))
    code, report, _ = bench.report(path)
    failures = report[0]["sweep"]["failures"]
    check(code == 1 and len(failures) == 1 and failures[0]["cases"] == 4, f"exit code {code}: {failures}")
    check(": boot: nothing expected on usart2 within 260 ms;" in failures[0]["cause"], f"{failures[0]}")
    check(report[0]["last_seen"] == failures[0]["last_seen"] and "iwdg reset at 2.2" in report[0]["last_seen"], f"{report[0]['last_seen']!r}")
    replays(bench, path, failures[0])
    return ""


# --- verdicts -------------------------------------------------------------------------------------


def verdicts_are_honest(bench):
    unstable = (r"^  at: .*\n", "  at: [program]\n  tears: [unstable-new]\n")
    good = (r"^  at: .*\n", "  at: [program]\n  tears: [new]\n")
    few, many = (r"cuts_at_least: 50", "cuts_at_least: 5"), (r"cuts_at_least: 50", "cuts_at_least: 1000")
    none = (r"  cuts_at_least: 2000\n", "")

    def known(*entries):
        return r"\Z", "expected_failures: [" + ", ".join(f'{{cause: "{c}", cases: "{n}"}}' for c, n in entries) + "]\n"

    alternates = "without an event it runs another image"
    gap = (r"counter\.bin", "counter-gap.bin")
    one = (r"^  at: .*\n", "  at: [program]\n  tears: [uncorrectable]\n")
    unread = (r"^  at: .*\n", "  at: [program]\n  tears: [new]\n")
    no_reset = (r"^  - type: .*\"r\"}\n.*\n", "")
    few_counts = (r"cuts_at_least: 50", "cuts_at_least: 5")
    for what, name, first, changes, code, verdict, text in [
            ("nothing to cut", "small", NO_RETRY, [(r"^  at: .*\n", "  at: [option]\n"), none], 3, "VACUOUS", ""),
            ("too few cuts", "counter", ONE_CUT, [good, many], 3, "VACUOUS", "expected at least 1000"),
            ("enough cuts", "counter", ONE_CUT, [good, few], 0, "PASS", ""),
            ("an unknown failure", "counter", ONE_CUT, [unstable, few], 1, "FAIL", "cases fail"),
            ("a known failure", "counter", ONE_CUT, [unstable, few, known((alternates, "at least 1"))], 0, "PASS", ""),
            ("one more failure than known", "counter", ONE_CUT, [unstable, few, known((alternates, "0"))], 1, "FAIL",
             "cases fail with"),
            ("fewer failures than known", "counter", ONE_CUT, [unstable, few, known((alternates, "500"))], 1, "FAIL",
             "expected 500"),
            ("a known failure that went away", "counter", ONE_CUT, [good, few, known((alternates, "1"))], 1, "FAIL",
             f'0 cases fail with "{alternates}"; expected 1'),
            ("a second known failure that is not there", "counter", ONE_CUT,
             [unstable, few, known((alternates, "at least 1"), ("no such end", "at least 1"))], 1, "FAIL",
             "0 cases fail with"),
            ("a gap in a case", "counter", ONE_CUT, [gap, one, no_reset, few_counts], 3, "INCONCLUSIVE",
             "cases used what is not modelled"),
            ("a gap that no case comes to", "counter", ONE_CUT, [gap, unread, no_reset, few_counts], 0, "PASS", "")]:
        path = bench.scenario(name, first, *changes)
        got, report, _ = bench.report(path)
        check((got, report[0]["verdict"]) == (code, verdict) and text in report[0]["reason"],
              f"{what}: exit code {got}, {report[0]['verdict']} {report[0]['reason']!r}; expected {code}, {verdict} {text!r}")
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--images", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--only", default="", help="tests whose names hold this")
    args = parser.parse_args()
    tests = [nothing_reused_gives_the_same_verdicts, the_digest_covers_the_verdict_of_each_case_played_alone,
             jobs_and_shards_change_nothing, a_killed_sweep_goes_on_where_it_was, a_journal_of_another_plan_is_refused,
             samples_are_drawn_by_seed, failures_replay_alone, failures_say_what_they_come_to, wrong_ids_get_one_line,
             what_was_acknowledged_counts_in_later_boots, resets_by_the_watchdog_are_waited_for, verdicts_are_honest]
    wrong = 0
    for test in [test for test in tests if args.only in test.__name__]:
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            (folder / "images").mkdir()
            for image in [image for directory in args.images for image in directory.iterdir() if image.is_file()]:
                (folder / "images" / image.name).symlink_to(image)
            began = time.monotonic()
            try:
                note = test(Bench(args.twinbank, args.data, folder))
                print(f"ok {test.__name__}: {note} {time.monotonic() - began:.0f} s", flush=True)
            except Failure as failure:
                wrong += 1
                print(f"WRONG {test.__name__}: {failure}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
