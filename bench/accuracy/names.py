# SPDX-License-Identifier: Apache-2.0
"""Persons, places and organisations in texts of the net (WNUT 2017 dev): the same span and the same class."""
import common

CLASS = {"person": "person", "location": "location", "group": "organization", "corporation": "organization",
         "PER": "person", "LOC": "location", "ORG": "organization", "GPE": "location"}


def texts(*path):
    """(text, {(start, end, type)}) for each text of a corpus of tokens, joined with spaces."""
    with open(common.path(*path), encoding="utf-8") as f:
        blocks = f.read().split("\n\n")
    for block in blocks:
        text, spans, open_span = "", [], None
        for line in block.splitlines():
            if "\t" not in line:
                continue
            token, label = line.rsplit("\t", 1)
            start = len(text) + (1 if text else 0)
            text += (" " if text else "") + token
            kind = CLASS.get(label[2:]) if label != "O" else None
            if label.startswith("I-") and open_span and open_span[2] == kind:
                open_span[1] = len(text)
            elif kind:
                open_span = [start, len(text), kind]
                spans.append(open_span)
            else:
                open_span = None
        if text:
            yield text, {tuple(s) for s in spans}


def score(found, wanted, least=0, kinds=("person", "location", "organization")):
    by = {k: common.Score() for k in kinds}
    for have, want in zip(found, wanted):
        have = {(f.start, f.end, f.type) for f in have if f.type in kinds and f.score >= least}
        for k in kinds:
            h, w = {x for x in have if x[2] == k}, {x for x in want if x[2] == k}
            by[k].add(len(h & w), len(h - w), len(w - h))
    both = common.Score()
    for s in by.values():
        both.add(s.hits, s.alarms, s.misses)
    return by, both


def measure_one(name, path, goal="", least=0):
    pairs = list(texts(*path))
    found = common.look([t for t, _ in pairs], parts="names")
    by, both = score(found, [s for _, s in pairs], least)
    for k, s in by.items():
        common.row(f"{name} {k}", s)
    common.row(f"{name}", both, goal)
    return found, [s for _, s in pairs]


def measure():
    found, wanted = measure_one("wnut17.dev", ("ner", "wnut17.dev.bio"), "F1 0.45")
    for least in range(30, 100, 10):
        common.row(f"wnut17.dev, score at least {least}", score(found, wanted, least)[1])
    measure_one("uner_ewt.dev", ("ner", "uner_ewt.dev.bio"))
    measure_one("germeval2014.dev", ("ner", "germeval2014.dev.bio"))
