# SPDX-License-Identifier: Apache-2.0
"""Secrets of every slot, looked for wherever they must not be: logs, metrics, pages, the ledger, exports, memory."""

import os
import time

import pytest

import rig
from test_keys import Admin, bearer

VENDOR = "sk-canary-of-the-vendor-0123456789"
FILE_KEY = "canary-of-the-file-0123456789abcdef"
TEXT = "canary words of a request 7f3a"


@pytest.fixture
def fed(folder, provider, gateway):
    """A gateway that has met each secret, right and wrong, and is idle now."""
    p = provider()
    g = gateway(rig.config({"m": rig.model(p, key="env:VENDOR")}, data=os.path.join(folder, "data"),
                           keys=[{"id": "file", "secret": "env:FILE_KEY"}]),
                env={"VENDOR": VENDOR, "FILE_KEY": FILE_KEY})
    g.root = Admin(g)
    key = g.root.make()["key"]
    wrong = key[:30] + "00000000" + key[38:]
    for k in (key, wrong, FILE_KEY):
        for _ in range(5):
            g.chat(rig.chat(say=TEXT), fields=bearer(k))
    g.root.ask("POST", f"/api/keys/{key[:19]}/revoke")
    with open(os.path.join(folder, "data", "pepper"), "rb") as f:
        pepper = f.read()
    # What stands behind the public id.
    g.secrets = {"key": key[20:].encode(), "wrong key": wrong[20:].encode(), "admin": g.root.key[21:].encode(),
                 "file": FILE_KEY.encode(), "vendor": VENDOR.encode(), "text": TEXT.encode(), "pepper": pepper,
                 "pepper in hexadecimal": pepper.hex().encode()}
    return g


def found(secrets, data):
    return [name for name, secret in secrets.items() if secret in data]


def test_no_secret_comes_out(fed):
    g = fed
    pages = b"".join(g.admin(x).body for x in ("/metrics", "/debug/requests", "/debug/fibers"))
    api = b"".join(g.root.ask("GET", x).raw for x in ("/api/keys", "/api/operators", "/api/tenants"))
    data = os.path.join(g.folder, "data")
    export = rig.run("ledger", "export", "--data", data)
    g.stop()
    assert found(g.secrets, pages + api + g.log() + g.stderr() + g.stdout() + export.stdout) == []
    for folder, _, names in os.walk(data):
        for name in set(names) - {"admin.key", "pepper"}:
            with open(os.path.join(folder, name), "rb") as f:
                assert found(g.secrets, f.read()) == [], name


@pytest.mark.skipif(bool(os.environ.get("TRIVIUM_SAN")), reason="sanitizers keep what was freed")
def test_keys_of_callers_are_not_kept_in_memory(fed):
    """What a core dump would hold; keys of vendors and the pepper are needed and are in it, texts may be."""
    time.sleep(0.2)
    keys = {name: fed.secrets[name] for name in ("key", "wrong key", "admin")}
    for pid in [fed.pid, *rig.children_of(fed.pid)]:
        with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for row in maps:
                span, mode, *_ = row.split()
                low, high = (int(x, 16) for x in span.split("-"))
                try:
                    memory.seek(low)
                    held = memory.read(high - low) if "r" in mode and low < 1 << 63 else b""
                except (OSError, OverflowError):
                    continue
                assert found(keys, held) == [], row
