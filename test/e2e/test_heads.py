# SPDX-License-Identifier: Apache-2.0
"""Signed heads: what an auditor gets, checked by arithmetic of this file's own."""

import base64
import hashlib
import json
import os
import socket
import sqlite3
import stat
import threading

from cryptography.hazmat.primitives.serialization import load_pem_public_key

import rig


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaves):
    """RFC 9162, 2.1.1, as it is written there."""
    if not leaves:
        return digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return digest(b"\1", root_of(leaves[:k]), root_of(leaves[k:]))


def read(data, sql):
    with sqlite3.connect(f"file:{data}/trivium.db?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


def check_note(note, key):
    """The parts of a note; its signature must hold."""
    text, signatures = note.split(b"\n\n")
    origin, size, root, time = text.decode().split("\n")
    dash, name, sealed = signatures.decode().split()
    sealed = base64.b64decode(sealed)
    assert (dash, name) == ("\u2014", origin)
    assert sealed[:4] == digest(origin.encode(), b"\n\1", key.public_bytes_raw())[:4]
    key.verify(sealed[4:], text + b"\n")
    assert time.startswith("time 20")
    return origin, int(size), base64.b64decode(root)


def test_heads_are_signed_while_the_ledger_grows(provider, gateway, folder):
    data = folder + "/data"
    p = provider()
    g = gateway(rig.config({"m": rig.model(p)}, data=data, ledger={"origin": "example.org/gateway", "head_ms": 100}))
    for _ in range(3):
        assert g.chat().status == 200
    first = rig.eventually(lambda: read(data, "SELECT size FROM head WHERE size >= 3"), what="a head")
    for _ in range(2):
        assert g.chat().status == 200
    g.stop()
    key = load_pem_public_key(open(data + "/ledger.pub", "rb").read())
    leaves = [digest(b"\0", line) for (line,) in read(data, "SELECT line FROM entry ORDER BY seq")]
    heads = read(data, "SELECT size, note FROM head ORDER BY size")
    assert first and len(leaves) >= 5 and heads[-1][0] == len(leaves), "the last head says how it ended"
    for size, note in heads:
        assert check_note(note, key) == ("example.org/gateway", size, root_of(leaves[:size]))


def test_the_key_is_for_its_owner_alone_and_stays(provider, gateway, folder):
    data = folder + "/data"
    p = provider()
    settings = rig.config({"m": rig.model(p)}, data=data)
    gateway(settings).stop()
    keys = [open(f"{data}/ledger.{name}", "rb").read() for name in ("key", "pub")]
    assert stat.S_IMODE(os.stat(data + "/ledger.key").st_mode) == 0o600
    gateway(settings).stop()
    assert keys == [open(f"{data}/ledger.{name}", "rb").read() for name in ("key", "pub")]


def test_a_key_that_is_gone_is_not_replaced_in_silence(provider, gateway, folder):
    data = folder + "/data"
    p = provider()
    settings = rig.config({"m": rig.model(p)}, data=data)
    gateway(settings).stop()
    os.rename(data + "/ledger.key", folder + "/kept")
    g = gateway(settings, ready=False)
    assert g.wait() != 0
    assert b"ledger.key" in g.stderr() and b"put it back" in g.stderr()
    os.rename(folder + "/kept", data + "/ledger.key")
    gateway(settings).stop()


class Witness(threading.Thread):
    """A server that keeps what is sent to it, and answers as it is told."""

    def __init__(self):
        super().__init__(daemon=True)
        self.got, self.heads, self.status = [], [], 200
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/heads"
        self.start()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            with connection:
                data = b""
                while b"\r\n\r\n" not in data:
                    data += connection.recv(65536)
                head, body = data.split(b"\r\n\r\n", 1)
                length = int(next(x.split(b":")[1] for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")))
                while len(body) < length:
                    body += connection.recv(65536)
                self.got.append((head.split(b"\r\n")[0], body))
                self.heads.append(head.decode())
                connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % self.status)


def events(g, name):
    return [e for e in map(json.loads, g.log().splitlines()) if e.get("event") == name]


def test_heads_are_published(provider, gateway, folder):
    data, heads, witness = folder + "/data", folder + "/heads", Witness()
    settings = rig.config({"m": rig.model(provider())}, data=data, ledger={
        "head_ms": 50, "publish": {"file": heads, "url": witness.url, "every_ms": 100}})
    g = gateway(settings)
    assert g.chat().status == 200
    rig.eventually(lambda: os.path.exists(heads) and witness.got, what="a head outside")
    witness.status = 500
    assert g.chat().status == 200
    failed = rig.eventually(lambda: events(g, "publish_failed"), what="an alarm")
    assert witness.url in failed[0]["detail"]
    witness.status = 200
    rig.eventually(lambda: events(g, "publish_well"), what="its end")
    g.stop()
    key = load_pem_public_key(open(data + "/ledger.pub", "rb").read())
    leaves = [digest(b"\0", line) for (line,) in read(data, "SELECT line FROM entry ORDER BY seq")]
    assert {line for line, _ in witness.got} == {b"POST /heads HTTP/1.1"}
    for _, note in witness.got:
        _, size, root = check_note(note, key)
        assert root == root_of(leaves[:size])
    assert check_note(witness.got[-1][1], key)[1] == len(leaves), "the last head is brought at the end"
    out = rig.run("ledger", "verify", "--data", data, "--head", heads, "--json")
    assert out.returncode == 0 and json.loads(out.stdout)["published"] >= 2


def test_a_witness_is_not_told_in_clear(tmp_path):
    file = tmp_path / "t.yaml"
    file.write_text(json.dumps(rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "http://127.0.0.1:9"}}, data="d",
                                          ledger={"publish": {"url": "http://witness.example/heads"}})))
    out = rig.run("check", str(file))
    assert out.returncode != 0 and b"use https" in out.stderr
