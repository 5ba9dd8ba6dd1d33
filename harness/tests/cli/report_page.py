#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The twinbank authors
"""What people and CI servers see of a sweep: report.html, JUnit and the terminal, from journals that are written here."""
import argparse
import html.parser
import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from verdicts import HEAD, IDLE

TITLE = 'Power <b>cuts</b> & "quotes" \'harm\' nothing'
CAUSE = 'boot: no "<running>" & nothing else; bank 2, lockup in select<bank>'
CONTROL = "boot: bell \x07 and escape \x1b[2J"  # what no XML can hold and no terminal should get
KNOWN = "later boot: without an event it runs another image"
# verdicts as numbers, as in enum verdict: 1 FAIL, 3 INCONCLUSIVE
FOUND = [
    {"cause": KNOWN, "cases": 2, "id": "program#3/new", "cuts": 1, "verdict": 1, "last_seen": "", "place": "0x08001000 f a.c:1",
     "step": 0, "digest": "1"},
    {"cause": CONTROL, "cases": 1, "id": "erase#1/weak", "cuts": 1, "verdict": 3, "last_seen": "", "place": "", "step": 0,
     "digest": "2"},
    {"cause": CAUSE, "cases": 1234567, "id": "erase#1/partial:1+program#2/old", "cuts": 2, "verdict": 1,
     "last_seen": 'lockup at <0x08000a12> & "more"', "place": "0x08001004 g <b.c>:2", "step": 0, "digest": "3"},
    {"cause": "boot: at the end", "cases": 1, "id": "end", "cuts": 1, "verdict": 1, "last_seen": "", "place": "", "step": -1,
     "digest": "4"},
]
# phase, kind (0 program, 1 erase), tear (0 old, 1 new, 14 weak, 15 fading), cases; of enum op_kind and enum tear
COVERAGE = [[0, 0, 0, 4000], [0, 0, 1, 300], [0, 1, 0, 50], [0, 1, 14, 6]]
CASES = 4357  # one more than the coverage: the end
PATH = "scenarios/cut&.yaml"
REPLAYS = {entry["id"]: f"twinbank run {PATH} --case {entry['id']}" for entry in FOUND}


def write_journal(folder, name, title, found):
    result = {"name": name, "path": PATH, "title": title, "verdict": "PASS", "reason": "", "last_seen": "", "notes": [],
              "virtual_ps": 12_000_000_000_000, "instructions": 16518866, "wall_ns": 5}
    header = {"journal": 1, "name": name, "plan": name, "result": result, "chunks": 1, "operations": 4356, "depth": 2,
              "seeds": 1, "cuts_at_least": 1, "phases": ['line 9: send <v2> & "all"', "end"],
              "expected": [{"cause": KNOWN, "cases": "2"}], "sample": None}
    effort = {"boots": 74, "retries": 64, "instructions": 9, "inherited": 2000, "judged": 345, "boots_ns": 2_000_000_000,
              "retries_ns": 1_000_000_000}
    chunk = {"chunk": 0, "cases": CASES, "states": CASES, "pairs": 2345, "digest": "0", "coverage": COVERAGE, "found": found,
             "effort": effort, "checked": 1000, "mismatches": []}
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.cases.jsonl").write_text(f"{json.dumps(header)}\n{json.dumps(chunk)}\n", encoding="utf-8")


class Page(html.parser.HTMLParser):
    """The page as a browser reads it: closed elements, texts of some of them, links."""

    VOID = ("meta", "link", "br", "hr", "img", "input")

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.rows, self.hrefs, self.ids, self.wrong = [], [], [], [], [], []
        self.feed(text)
        self.close()
        if self.open:
            self.wrong.append(f"never closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in ("script", "link", "img", "iframe") or "src" in attributes or "style" in attributes:
            self.wrong.append(f"<{tag}> with {attributes}: expected nothing from outside")
        self.hrefs += [attributes["href"]] if "href" in attributes else []
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.texts.append((tag, attributes.get("class") or "", []))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in self.VOID:
            self.open.append((tag, len(self.texts) - 1))

    def handle_endtag(self, tag):
        if tag not in self.VOID and (not self.open or self.open.pop()[0] != tag):
            self.wrong.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        for _, index in self.open:
            self.texts[index][2].append(data)
        if any(tag in ("td", "th") for tag, _ in self.open):
            self.rows[-1][-1] += data

    def all(self, tag, classes=""):
        return ["".join(text) for name, of, text in self.texts if name == tag and classes in of]


def check_page(page, names):
    failures = list(page.wrong)
    wanted = {"h2": names, "p": [TITLE], "span": [CAUSE]}
    for tag, texts in wanted.items():
        failures += [f"no <{tag}> with {text!r}" for text in texts if text not in page.all(tag)]
    failures += [f"no code with {line!r}" for line in REPLAYS.values() if line not in page.all("code", "replay")]
    if page.all("span", "cause") != [CAUSE, "boot: at the end", "boot: bell ? and escape ?[2J", KNOWN, KNOWN]:
        failures.append(f"causes are {page.all('span', 'cause')}; expected failures, what has no verdict, what is known")
    if page.all("span", "badge").count("known") != 2:  # one in each scenario
        failures.append("the known failure is not marked, or others are")
    if sorted(page.hrefs) != sorted(f"#{name}" for name in page.ids):
        failures.append(f"links {page.hrefs} do not lead to {page.ids}")
    # phase, operation, total, old, new, 11 classes of programs, partial, weak, fading
    phase, none = 'line 9: send <v2> & "all"', ["n/a"]
    for row in ([phase, "program", "4,300", "4,000", "300"] + ["0"] * 11 + none * 3,
                [phase, "erase", "56", "50", "0"] + none * 11 + ["0", "6", "0"],
                ["total", "", "4,357", "4,050", "300"] + ["0"] * 12 + ["6", "0"]):
        if row not in page.rows:
            failures.append(f"no row {row} in the table of coverage")
    return failures


def check_junit(path):
    case = xml.etree.ElementTree.parse(path).getroot()[0]
    failure, output = case.find("failure").text, case.find("system-out").text
    known = REPLAYS["program#3/new"]
    failures = [f"JUnit's failure lacks {text!r}" for text in [CAUSE, *REPLAYS.values()] if text != known and text not in failure]
    if known in failure or known not in output:
        failures.append("JUnit shows the known failure as one, or nowhere")
    return failures


def check_terminal(text):
    lines = text.splitlines()
    failures = [f"the terminal lacks {line!r}" for line in (
        "  4,356 operations, 4,357 cuts, 4,357 distinct states; 2,345 further cuts behind them: 2,000 inherited, 345 judged",
        "  executed: 74 boots (37/s), 64 retries of the interrupted action in 1.0 s",
        "  1,000 cases executed again with nothing reused: 0 came out otherwise",
        "  FAIL  erase#1/partial:1+program#2/old   1,234,567 cases like it", "  FAIL  end   1 case like it",
        f"    replay: {REPLAYS['end']}", "    cut behind the last operation") if line not in lines]
    table = [line for line in lines if line.startswith("    cuts in") or ", program  " in line or ", erase  " in line]
    if [line.split()[2 if "cuts in" in line else -4:] for line in table] != [
            ["total", "old", "new", "weak"], ["4,300", "4,000", "300", "-"], ["56", "50", "0", "6"]]:
        failures.append(f"the table is {table}")
    if len({len(line) for line in table}) != 1 or len(table[0]) > 120:
        failures.append(f"the table is not aligned, or too wide: {table}")
    if "\x07" in text or "\x1b" in text:
        failures.append("control characters reach the terminal")
    return failures


def check_wide_table(twinbank, folder):
    """Each class of tear hit by a million cases, in three kinds of operations: the table folds."""
    name = "wide"
    write_journal(folder / name, name, "t", [])
    path = folder / name / f"{name}.cases.jsonl"
    header, chunk = path.read_text(encoding="utf-8").splitlines()
    chunk = json.loads(chunk)
    chunk["coverage"] = [[0, kind, tear, 1000000 + tear] for kind in (0, 1, 3) for tear in range(16)
                         if tear < 2 or (kind == 1) == (tear >= 13)]
    chunk["cases"] = sum(row[3] for row in chunk["coverage"])
    path.write_text(f"{header}\n{json.dumps(chunk)}\n", encoding="utf-8")
    text = subprocess.run([twinbank, "merge", "--report", folder / "out-wide", folder / name], capture_output=True, text=True,
                          timeout=60, check=False).stdout
    table = [line for line in text.splitlines() if "cuts in " in line or "send <v2>" in line or line.split()[-1:] == ["fade"]]
    numbers = [int(word.replace(",", "")) for line in table for word in line.split('"')[-1].split() if word[0].isdigit()]
    failures = [f"{len(line)} columns: {line}" for line in table if len(line) > 120]
    if sum(numbers) != 2 * chunk["cases"]:  # once in the totals
        failures.append(f"the folded table has {sum(numbers)}, expected {2 * chunk['cases']}: {text}")
    return failures


def check_run(twinbank, folder):
    """A scenario without cuts, and what a run writes."""
    (folder / "p.bin").write_bytes(IDLE)
    path = folder / "plain.yaml"
    path.write_text(HEAD.replace("title: t", f"title: {json.dumps(TITLE)}") + "check: {active_bank: 2}\n", encoding="utf-8")
    command = [twinbank, "run", "--images", folder, "--report", folder / "out-run", path]
    pages = []
    for _ in range(2):
        subprocess.run(command, capture_output=True, timeout=60, check=False)
        pages.append(Page((folder / "out-run" / "report.html").read_text(encoding="utf-8")))
    page = pages[0]
    failures = list(page.wrong)
    if TITLE not in page.all("p") or "check: bank 1 is active; expected bank 2" not in page.all("p", "reason"):
        failures.append(f"title or reason are missing: {page.all('p')}")
    if page.all("code", "replay") != [f"twinbank run {path}"] or page.all("h2") != ["plain"]:
        failures.append(f"replay {page.all('code', 'replay')} of {page.all('h2')}")
    rest = [[text for text in one.all("dd") if "of the host" not in text] for one in pages]
    if rest[0] != rest[1]:
        failures.append("two runs differ in more than the host's time")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--twinbank", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        write_journal(folder / "cuts", "cuts", TITLE, FOUND)
        write_journal(folder / "cuts", "good", "Nothing <unknown> fails", FOUND[:1])
        outputs = []
        for out in ("first", "second"):
            result = subprocess.run([args.twinbank, "merge", "--report", folder / out, folder / "cuts"], capture_output=True,
                                    text=True, timeout=60, check=False)
            outputs.append((folder / out / "report.html").read_bytes())
        failures = [] if result.returncode == 1 else [f"exit code {result.returncode}, expected 1: {result.stderr}"]
        failures += [] if outputs[0] == outputs[1] else ["the same journals give different pages"]
        xml.etree.ElementTree.fromstring(outputs[0])  # well-formed, too
        failures += check_page(Page(outputs[0].decode("utf-8")), ["cuts", "good"])
        failures += check_junit(folder / "first" / "twinbank.xml")
        failures += check_terminal(result.stdout.split("PASS good")[0])
        failures += check_wide_table(args.twinbank, folder)
        failures += check_run(args.twinbank, folder)
    print("\n".join([*failures, f"{len(failures)} wrong"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
