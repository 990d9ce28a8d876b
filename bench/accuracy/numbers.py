# SPDX-License-Identifier: Apache-2.0
"""Whether validators of numbers agree with 10,437 published vectors, and where they do not, why.

The vectors are those of python-stdnum's tests (LGPL, therefore not in the tree).  A deviation that is meant is a
line of DEVIATIONS with its reason; doc/guide/numbers.md has the same in words.
"""
import collections
import os
import subprocess
import tempfile

import common

HERE = os.path.dirname(os.path.abspath(__file__))

# type: (what is different, why)
DEVIATIONS = {}


def escaped(value):
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def judge(vectors):
    """"1", "0" or "?" for each vector."""
    library = os.path.join(os.path.dirname(common.TRIVIUM), "libtrivium.a")
    with tempfile.TemporaryDirectory() as scratch:
        program = os.path.join(scratch, "judge")
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-std=gnu17", "-I", os.path.join(common.ROOT, "src"),
                        "-o", program, os.path.join(HERE, "number_judge.c"), library], check=True)
        asked = "".join(f"{v['type']}\t{escaped(v['value'])}\n" for v in vectors)
        answers = subprocess.run([program], input=asked.encode(), stdout=subprocess.PIPE, check=True)
    return answers.stdout.decode().split()


def measure():
    vectors = common.rows("stdnum", "stdnum_vectors.jsonl")
    answers = judge(vectors)
    if len(answers) != len(vectors):
        raise SystemExit(f"numbers: {len(answers)} answers to {len(vectors)} vectors")
    types = collections.defaultdict(lambda: [0, 0, []])
    for v, answer in zip(vectors, answers):
        row = types[v["type"]]
        row[0] += 1
        row[1] += answer == str(int(v["valid"]))
        if answer != str(int(v["valid"])):
            row[2].append((v["value"], v["valid"], answer))
    for name, (count, same, other) in sorted(types.items()):
        for value, valid, answer in sorted(set(other)):
            why = DEVIATIONS.get((name, value)) or DEVIATIONS.get(name) or "NOT EXPLAINED"
            print(f"  {name:<24} {value!r}: theirs {valid}, ours {answer}: {why}")
    agree = sum(r[1] for r in types.values())
    whole = sum(r[0] == r[1] for r in types.values())
    print(f"numbers: {agree} of {len(vectors)} vectors agree; {whole} of {len(types)} types entirely")
