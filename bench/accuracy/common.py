# SPDX-License-Identifier: Apache-2.0
"""What all measurements of detection share: the data, the program, the sums."""
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.environ.get("TRIVIUM_DATA", os.path.join(os.path.dirname(ROOT), "shared", "data", "pii"))
TRIVIUM = os.environ.get("TRIVIUM", os.path.join(ROOT, "build", "trivium"))


class Missing(Exception):
    """A set of data, or the program, is not there."""


def path(*parts):
    found = os.path.join(DATA, *parts)
    if not os.path.exists(found):
        raise Missing(f"there is no {found}; TRIVIUM_DATA names the folder of the data")
    return found


def rows(*parts):
    """The objects of a file of JSON lines."""
    with open(path(*parts), encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


class Finding:
    """One finding; start and end are characters of the text."""

    def __init__(self, raw, start, end):
        self.type, self.kind, self.level = raw["type"], raw["kind"], raw["level"]
        self.score, self.evidence = raw["score"], raw["evidence"]
        self.start, self.end = start, end

    def overlaps(self, start, end):
        return self.start < end and start < self.end

    def __repr__(self):
        return f"{self.type}[{self.start}:{self.end}]@{self.score}"


def characters(text):
    """From an offset in bytes to one in characters."""
    if text.isascii():
        return lambda at: at
    table, at = {}, 0
    for i, c in enumerate(text):
        table[at] = i
        at += len(c.encode())
    table[at] = len(text)
    return lambda at: table[at]


def look(texts, keys=None, parts=None):
    """A list of Finding for each text; one run of the program for all of them."""
    keys = keys or [""] * len(texts)
    asked = "".join(json.dumps({"text": t, "key": k}) + "\n" for t, k in zip(texts, keys))
    call = [TRIVIUM, "classify", "--lines", "-"] + (["--parts", parts] if parts else [])
    if not os.access(TRIVIUM, os.X_OK):
        raise Missing(f"there is no program {TRIVIUM}; run make first")
    done = subprocess.run(call, input=asked.encode(), stdout=subprocess.PIPE, check=False)
    answers = done.stdout.splitlines()
    if done.returncode not in (0, 1) or len(answers) != len(texts):
        raise SystemExit(f"{call}: status {done.returncode}, {len(answers)} answers to {len(texts)} texts")
    found = []
    for text, answer in zip(texts, answers):
        at = characters(text)
        found.append([Finding(f, at(f["start"]), at(f["end"])) for f in json.loads(answer)["findings"]])
    return found


class Score:
    """Hits, false alarms and misses."""

    def __init__(self):
        self.hits = self.alarms = self.misses = 0

    def add(self, hits=0, alarms=0, misses=0):
        self.hits += hits
        self.alarms += alarms
        self.misses += misses

    @property
    def precision(self):
        return self.hits / (self.hits + self.alarms) if self.hits + self.alarms else 1.0

    @property
    def recall(self):
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else 1.0

    def f(self, beta=1.0):
        p, r, b = self.precision, self.recall, beta * beta
        return (1 + b) * p * r / (b * p + r) if p + r else 0.0


HEAD = f"{'set':<34} {'n':>6} {'P':>6} {'R':>6} {'F1':>6} {'F2':>6}  goal"


def row(name, s, goal=""):
    print(f"{name:<34} {s.hits + s.misses:>6} {s.precision:>6.3f} {s.recall:>6.3f} "
          f"{s.f():>6.3f} {s.f(2):>6.3f}  {goal}")
    sys.stdout.flush()
