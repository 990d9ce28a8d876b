# SPDX-License-Identifier: Apache-2.0
"""Secrets: the examples of 1,651 published rules, and labelled lines of source (CredData).

Examples: a rule counts as one with a literal beginning where its pattern's token begins with three signs that are the
same in every token.  A hit is an example of which something is found as a secret, or, because some rules find resources
and buckets, as infrastructure; an alarm is a counterexample of which
something is found that is of the type in which most of the rule's examples are found.

CredData: a line is one (repository, file, number).  It is true where any of its labels is T, false where all are F or X
(X is a template or stand-in); lines without text are left out.  Found is a line with any finding of kind credentials.
Half a was used to tune, of half b the totals were watched; halves are by hash of the repository.
"secrets" leaves lines out whose only true
labels are names and not secrets: UUIDs (request and object ids) and buckets.
"""
import collections
import hashlib
import re

try:
    import re._parser as sre
except ImportError:
    import sre_parse as sre

import common

FLAGS = {"i": re.I, "x": re.X, "s": re.S, "m": re.M}


def parsed(pattern):
    """The pattern of another dialect of expressions, as a tree."""
    flags = 0

    def global_flag(m):
        nonlocal flags
        for c in m.group(1):
            flags |= FLAGS.get(c, 0)
        return ""
    p = re.sub(r"\(\?([ixsm]+)\)", global_flag, pattern.replace(r"\z", r"\Z"))
    for name, chars in (("alnum", "A-Za-z0-9"), ("alpha", "A-Za-z"), ("xdigit", "0-9a-fA-F")):
        p = p.replace(f"[[:{name}:]]", f"[{chars}]").replace(f"[:{name}:]", chars)
    p = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: f"\\x{int(m.group(1), 16):02x}", p)
    p = re.sub(r"\(\?P?<[A-Za-z_0-9]+>", "(", p)
    try:
        return sre.parse(p, flags)
    except re.error:
        return sre.parse(re.sub(r"\(\?-?[ixsm]+:", "(?:", p), flags)


def groups(tree):
    for op, arg in tree:
        name = str(op)
        if name == "SUBPATTERN":
            if arg[0]:
                yield arg[3]
            yield from groups(arg[3])
        elif name.endswith("REPEAT"):
            yield from groups(arg[2])
        elif name == "BRANCH":
            for branch in arg[1]:
                yield from groups(branch)


def beginnings(tree):
    """The texts with which what the tree matches begins, and whether they are all of it."""
    texts = [""]
    for op, arg in tree:
        name = str(op)
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue
        if name == "LITERAL":
            texts = [t + chr(arg) for t in texts]
            continue
        if name == "SUBPATTERN":
            more, whole = beginnings(arg[3])
        elif name == "BRANCH":
            parts = [beginnings(b) for b in arg[1]]
            more, whole = [t for p in parts for t in p[0]], all(p[1] for p in parts)
        else:
            return texts, False
        if len(more) * len(texts) > 16:
            return texts, False
        texts = [t + m for t in texts for m in more]
        if not whole:
            return texts, False
    return texts, True


def has_beginning(rule):
    """Does the token of this rule begin with three signs of its own?"""
    tree = parsed(rule["pattern"])
    tokens = sorted(groups(tree), key=lambda t: -len(str(t))) or [tree]
    texts, _ = beginnings(tokens[0])
    # A word of letters alone is a name near a token, not a beginning.
    return all(len(t) >= 3 and not t.strip().isalpha() or len(t) >= 4 and not t.islower() for t in texts)


def examples():
    rules = {r["rule_id"]: r for r in common.rows("secrets", "secret_rules.jsonl") if r["pattern"]}
    rows = common.rows("secrets", "secret_rule_examples.jsonl")
    beginning = {i: has_beginning(r) for i, r in rules.items()}
    found = [[f for f in one if f.kind in ("credentials", "infrastructure")]
             for one in common.look([r["text"] for r in rows], parts="secrets")]
    types = collections.defaultdict(collections.Counter)
    for r, one in zip(rows, found):
        if r["expected"]:
            types[r["rule_id"]].update({f.type for f in one})
    prefixed, every, missed, false = common.Score(), common.Score(), [], []
    for r, one in zip(rows, found):
        usual = types[r["rule_id"]].most_common(1)
        hit = r["expected"] and bool(one)
        alarm = not r["expected"] and any(not usual or f.type == usual[0][0] for f in one)
        miss = r["expected"] and not one
        for score in [every] + ([prefixed] if beginning.get(r["rule_id"]) else []):
            score.add(hit, alarm, miss)
        if miss:
            missed.append((bool(beginning.get(r["rule_id"])), r["rule_id"], r["text"]))
        if alarm:
            false.append((bool(beginning.get(r["rule_id"])), r["rule_id"], r["text"], one))
    return prefixed, every, missed, false


def half(repo):
    return "ab"[hashlib.sha256(repo.encode()).digest()[0] & 1]


NAMES = {"UUID", "AWS S3 Bucket"}


def lines():
    """For each line: half, text, true, only a name, findings."""
    at = {}
    for r in common.rows("secrets", "creddata_lines.jsonl"):
        if r["line"] is not None:
            at.setdefault((r["repo"], r["file"], r["line_start"]), []).append(r)
    keys = list(at)
    found = common.look([at[k][0]["line"] for k in keys], parts="secrets")
    for k, one in zip(keys, found):
        true = [r for r in at[k] if r["label"] == "T"]
        yield (half(k[0]), at[k], bool(true), bool(true) and all(set(r["category"]) <= NAMES for r in true),
               [f for f in one if f.kind == "credentials"])


def measure():
    prefixed, every, _, _ = examples()
    common.row("examples, literal beginning", prefixed, "R >= 0.95, P >= 0.90")
    common.row("examples, all rules", every)
    rows = list(lines())
    for name, wanted in (("CredData a (tuned on)", "a"), ("CredData b (not tuned on)", "b"), ("CredData", "ab")):
        for kind in ("", ", secrets"):
            s = common.Score()
            for h, _, true, is_name, found in rows:
                if h in wanted and not (kind and is_name):
                    s.add(true and bool(found), not true and bool(found), true and not found)
            common.row(name + kind, s, "F1 >= 0.75, P >= 0.85" if wanted == "ab" else "")
