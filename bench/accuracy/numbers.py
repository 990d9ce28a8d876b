# SPDX-License-Identifier: Apache-2.0
"""Whether validators of numbers agree with 10,437 published vectors, and where they do not, why.

The vectors are those of python-stdnum's tests (LGPL, therefore not in the tree).  A deviation that is meant is a
line of DEVIATIONS with its reason; doc/guide/numbers.md has the same in words.
"""
import collections
import os
import re
import subprocess
import tempfile

import common

HERE = os.path.dirname(os.path.abspath(__file__))

# Of a type, or of one value of it: why we do not say what the vector says.
DEVIATIONS = {
    "at.postleitzahl": "which of the numbers are in use is a list of the post; we ask for four digits, not 0 in front",
    "do.cedula": "a list of real persons' numbers whose check digit is wrong; we have no lists of persons",
    "do.rnc": "a list of real numbers that are wrong; we have no such list",
    ("bitcoin", "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7k7grplx"):
        "BIP 350 took this back: from version 1 on only Bech32m is right",
    "kr.brn": "the check digit is wrong; the vectors do not look at it, we do, as the tax service does",
    ("be.iban", "BE83138811735115"): "which bank codes are in use is a list of the national bank; its check digits are right",
    ("ec.ruc", "1793221293001"): "the check digit is wrong by the rule that the other 176 keep",
    ("eu.nace", "62.05"): "NACE has no such class; we know the divisions, not the classes below",
    ("de.handelsregisternummer", "KXln HRB 49263"): "which courts there are is a list; we ask for a capital in front",
    ("no.fodselsnummer", "18103970861"): "born in 2039: without a clock that is a date as good as any",
}


def asked(vector):
    """The number of a vector: those of be.iban are two columns of a table, the second is a BIC."""
    return re.sub(r"\s+[A-Za-z]{3,}[-\w\s]*$", "", vector["value"]) if vector["type"] == "be.iban" else vector["value"]


def escaped(value):
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def judge(vectors):
    """What the validators say of each vector: 1, 0, or ? where there is none of the type."""
    library = os.path.join(os.path.dirname(common.TRIVIUM), "libtrivium.a")
    with tempfile.TemporaryDirectory() as scratch:
        program = os.path.join(scratch, "judge")
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-std=gnu17", "-I", os.path.join(common.ROOT, "src"),
                        "-o", program, os.path.join(HERE, "number_judge.c"), library], check=True)
        lines = "".join(f"{v['type']}\t{escaped(asked(v))}\n" for v in vectors)
        answers = subprocess.run([program], input=lines.encode(), stdout=subprocess.PIPE, check=True)
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
    explained = sum(any(k in DEVIATIONS for k in ((name, o[0]), name)) for name, r in types.items() for o in r[2])
    print(f"numbers: {agree} of {len(vectors)} vectors agree; {whole} of {len(types)} types entirely; "
          f"of the others {explained} are meant, {len(vectors) - agree - explained} are not")
