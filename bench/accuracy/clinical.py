# SPDX-License-Identifier: Apache-2.0
"""Spanish clinical cases (MEDDOCAN dev): everything that identifies a patient, all types together.

A labelled span is hit if findings cover at least half of it, or all its digits (the 53 of "53 años"); a finding is a false
alarm if less than half of it lies in labelled spans.  Only types of identity.tbl are counted: of markings, health and injection no label speaks.
"""
import os
import re

import common

with open(os.path.join(common.ROOT, "src", "find", "identity.tbl"), encoding="utf-8") as table:
    COUNTED = set(re.findall(r"^TYPE\((\w+)", table.read(), re.M))


def covered(start, end, spans):
    """How many of these characters lie in the spans, which do not overlap."""
    return sum(max(0, min(end, e) - max(start, s)) for s, e in spans)


def merged(spans):
    out = []
    for s, e in sorted(spans):
        if out and s <= out[-1][1]:
            out[-1] = (out[-1][0], max(e, out[-1][1]))
        else:
            out.append((s, e))
    return out


def is_hit(text, start, end, spans):
    if 2 * covered(start, end, spans) >= end - start:
        return True
    digits = [i for i in range(start, end) if text[i].isdigit()]
    return bool(digits) and all(covered(i, i + 1, spans) for i in digits)


def is_counted(f):
    return f.type in COUNTED


def score(found, rows, least=0):
    by, both = {}, common.Score()
    for have, row in zip(found, rows):
        have = [f for f in have if is_counted(f) and f.score >= least]
        there = merged((f.start, f.end) for f in have)
        labelled = merged((s, e) for _, s, e in row["spans"])
        for kind, s, e in row["spans"]:
            hit = is_hit(row["text"], s, e, there)
            both.add(hits=hit, misses=not hit)
            by.setdefault(kind, common.Score()).add(hits=hit, misses=not hit)
        both.add(alarms=sum(2 * covered(f.start, f.end, labelled) < f.end - f.start for f in have))
    return both, by


def measure():
    rows = common.rows("clinical", "meddocan.dev.jsonl")
    found = common.look([r["text"] for r in rows])
    both, by = score(found, rows)
    for kind, s in sorted(by.items()):
        print(f"{kind.lower():<34} {s.hits + s.misses:>6} {'':>6} {s.recall:>6.3f}")
    common.row("meddocan.dev, all types", both, "R 0.90 at P 0.60")
    common.row("meddocan.dev, score at least 50", score(found, rows, 50)[0])
