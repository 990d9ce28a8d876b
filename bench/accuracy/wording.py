# SPDX-License-Identifier: Apache-2.0
"""Words: findings per megabyte of ordinary text by type, and how much they mean.

Only what has a level of its own can raise a label alone: those columns should be near zero outside of documents
that say so. The others count when combinations make something of them.
"""
import collections
import glob
import json
import os

import common


def bio(name):
    words, out = [], []
    with open(common.path("ner", name), encoding="utf-8") as f:
        for line in f:
            if line.strip():
                words.append(line.split("\t")[0])
            elif words:
                out.append(" ".join(words))
                words = []
    return ["\n".join(out[i:i + 25]) for i in range(0, len(out), 25)]


def files(*patterns):
    out = []
    for pattern in patterns:
        for name in sorted(glob.glob(os.path.join(common.ROOT, pattern), recursive=True)):
            with open(name, encoding="utf-8", errors="replace") as f:
                out.append(f.read())
    return out


def logs():
    """JSON logs as services write them."""
    line = {"ts": "2026-01-01T00:00:00Z", "level": "info", "logger": "internal.http", "msg": "request done",
            "status": 200, "path": "/api/private/items", "visibility": "internal", "user_agent": "curl/8"}
    return ["\n".join(json.dumps({**line, "n": i * 100 + k, "path": f"/api/private/items/{k}"}) for k in range(100))
            for i in range(40)]


SETS = {
    "prose: wikigold": lambda: bio("wikigold.bio"), "tweets: WNUT 2017": lambda: bio("wnut17.train.bio"),
    "contracts: SEC": lambda: bio("secfilings.train.bio"), "news, German": lambda: bio("germeval2014.dev.bio"),
    "code: this tree": lambda: files("src/**/*.c", "src/**/*.h", "test/**/*.py"),
    "documents: this tree": lambda: files("doc/**/*.md"), "logs: JSON": logs,
}


def measure():
    print(f"{'set':<34} {'MB':>6} {'all/MB':>8} {'raising/MB':>10}  types")
    for name, make in SETS.items():
        texts = make()
        count = collections.Counter()
        for findings in common.look(texts, parts="terms"):
            for f in findings:
                count[f.type, f.level] += 1
        size = sum(len(t.encode()) for t in texts) / 1e6
        raising = sum(n for (_, level), n in count.items() if level != "public")
        types = ", ".join(f"{t} {n}" for (t, _), n in count.most_common(6))
        print(f"{name:<34} {size:>6.2f} {sum(count.values()) / size:>8.1f} {raising / size:>10.1f}  {types}")
