# SPDX-License-Identifier: Apache-2.0
"""scribe - a ledger written by arithmetic of this file's own, to be tampered with.

The tables are those that the program made; entries, leaves, nodes, frontier and
heads are made here from RFC 9162 and C2SP's texts.  What a thief with the signing
key could do to a ledger can be done here too.
"""

import base64
import datetime
import hashlib
import json
import sqlite3

from cryptography.hazmat.primitives.serialization import load_pem_private_key


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def line_of(number, tenant="default"):
    ulid = f"01M8{number:022d}"
    return json.dumps({"time": "2026-11-20T11:12:13.456Z", "id": ulid, "caller": "k", "tenant": tenant,
                       "model": f"m{number % 3}", "status": 200, "err": "ok",
                       "n": number}, separators=(",", ":")).encode()


class Tree:
    def __init__(self):
        self.size, self.node, self.kept = 0, {}, []

    def append(self, leaf):
        level = 0
        while self.size >> level & 1:
            leaf = digest(b"\1", self.node[level], leaf)
            level += 1
            if level % 8 == 0:
                self.kept.append((level, self.size >> level, leaf))
        self.node[level] = leaf
        self.size += 1

    def root(self):
        root = None
        for level in range(64):
            if self.size >> level & 1:
                root = self.node[level] if root is None else digest(b"\1", self.node[level], root)
        return root if root is not None else digest()

    def frontier(self):
        return self.size.to_bytes(8, "little") + b"".join(
            self.node[level] for level in range(63, -1, -1) if self.size >> level & 1)


class Scribe:
    """Writes into the data folder of a gateway that is not running."""

    def __init__(self, data, origin="example.org/gateway"):
        self.data, self.origin = data, origin
        self.key = load_pem_private_key(open(data + "/ledger.key", "rb").read(), None)
        self.db = sqlite3.connect(data + "/trivium.db", isolation_level=None)

    def note(self, tree, wall=1_800_000_000_123_000_000):
        when = datetime.datetime.fromtimestamp(wall // 10**9, datetime.timezone.utc)
        text = (f"{self.origin}\n{tree.size}\n{base64.b64encode(tree.root()).decode()}\n"
                f"time {when:%Y-%m-%dT%H:%M:%S}.{wall // 10**6 % 1000:03}Z\n").encode()
        return wall, self.sign(text)

    def sign(self, text):
        public = self.key.public_key().public_bytes_raw()
        sealed = digest(self.origin.encode(), b"\n\1", public)[:4] + self.key.sign(text)
        line = f"\u2014 {self.origin} {base64.b64encode(sealed).decode()}\n".encode()
        return text + b"\n" + line

    def redate(self, size, wall):
        """The head of that size as if it had been signed then."""
        (note,) = self.db.execute("SELECT note FROM head WHERE size = ?", (size,)).fetchone()
        origin, count, root = note.split(b"\n")[:3]
        when = datetime.datetime.fromtimestamp(wall // 10**9, datetime.timezone.utc)
        text = b"\n".join([origin, count, root, f"time {when:%Y-%m-%dT%H:%M:%S}.000Z\n".encode()])
        self.db.execute("UPDATE head SET wall = ?, note = ? WHERE size = ?", (wall // 10**9 * 10**9, self.sign(text), size))

    def write(self, lines, heads=(), keep=0):
        """The ledger anew: its first `keep` lines are as they were."""
        db, tree = self.db, Tree()
        db.execute("BEGIN IMMEDIATE")
        lines = [row[0] for row in db.execute("SELECT line FROM entry WHERE seq < ? ORDER BY seq", (keep,))] + lines
        for table in ("entry", "node", "head", "opened"):
            db.execute(f"DELETE FROM {table}")
        rows = []
        for seq, line in enumerate(lines):
            leaf = digest(b"\0", line)
            rows.append((seq, leaf, line))
            tree.append(leaf)
            if tree.size in heads:
                db.execute("INSERT INTO head VALUES (?, ?, ?)", (tree.size, *self.note(tree)))
        db.executemany("INSERT INTO entry (seq, leaf, line) VALUES (?, ?, ?)", rows)
        db.executemany("INSERT INTO node VALUES (?, ?, ?)", tree.kept)
        db.execute("INSERT OR REPLACE INTO value VALUES ('tree', ?)", (tree.frontier(),))
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return tree

    def sql(self, *statements):
        for one in statements:
            self.db.execute(*one) if isinstance(one, tuple) else self.db.execute(one)
