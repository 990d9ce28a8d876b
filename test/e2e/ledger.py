# SPDX-License-Identifier: Apache-2.0
"""ledger - a data folder read from outside of the program, with nothing of its code."""

import hashlib
import json
import os
import sqlite3


class Ledger:
    """What a data folder holds, as it was committed."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "trivium.db")

    def rows(self, sql, *values):
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def lines(self):
        return [bytes(line) for _, line in self.rows("SELECT seq, line FROM entry ORDER BY seq")]

    def entries(self):
        """Of requests; what operators change has entries of its own, the first with the first start."""
        return [e for e in map(json.loads, self.lines()) if e.get("entry") != "change"]

    def opened(self):
        return [row[0] for row in self.rows("SELECT id FROM opened")]

    def frontier(self):
        found = self.rows("SELECT value FROM value WHERE name = 'tree'")
        return bytes(found[0][0]) if found else bytes(8)


def leaf(line):
    return hashlib.sha256(b"\0" + line).digest()


def root(leaves):
    """The Merkle tree hash of RFC 9162, 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def frontier(lines):
    """What the store must have as its frontier: size, then roots of the complete subtrees, largest first."""
    leaves, out, at = [leaf(x) for x in lines], len(lines).to_bytes(8, "little"), 0
    for level in reversed(range(64)):
        if len(leaves) >> level & 1:
            out += root(leaves[at:at + (1 << level)])
            at += 1 << level
    return out
