# SPDX-License-Identifier: Apache-2.0
"""The ledger: one entry for each request, on disk when it was promised, whatever happens to disk and process."""

import json
import os
import re
import resource
import signal
import sys
import threading
import time

import pytest

import ledger
import rig

sys.path.insert(0, os.path.join(rig.ROOT, "test", "crash"))

import crash                                                             # noqa: E402


def kept(folder):
    return os.path.join(folder, "data")


@pytest.fixture
def book(folder, provider, gateway):
    """A gateway with one model and a data folder; more(duties=…) makes others."""
    def start(**more):
        p = provider()
        g = gateway(rig.config({"m": rig.model(p, price=rig.PRICE)}, data=kept(folder), **more))
        g.provider, g.ledger = p, ledger.Ledger(kept(folder))
        return g
    return start


def entries(g, count):
    """The entries, when there are so many; and no more of them come."""
    rig.eventually(lambda: len(g.ledger.entries()) >= count, 5, f"entry {count}")
    time.sleep(0.1)
    found = g.ledger.entries()
    assert len(found) == count, found
    return found


def test_an_entry_is_the_record_byte_for_byte(book):
    g = book()
    for _ in range(3):
        assert g.chat().status == 200
    assert g.chat(rig.chat(model="nobody")).status == 404
    entries(g, 4)
    assert g.ledger.lines()[1:] == g.log().splitlines()


def test_without_a_log_there_is_the_entry(book):
    g = book(log={"file": "none"})
    ids = [g.chat().field("x-trivium-id") for _ in range(3)]
    assert [e["id"] for e in entries(g, 3)] == ids


def test_a_cancelled_request_has_an_entry(book):
    g = book()
    g.provider.script({"default": {"tokens": 1000, "token_ms": 10}})
    with g.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat(stream=True)).encode()))
        w.head()
        w.chunk()
    assert entries(g, 1)[0]["err"] == "client_gone"


def test_who_is_not_known_is_not_entered(folder, provider, gateway):
    env = {"KEY": "a-key-of-sixteen-and-more"}
    g = gateway(rig.config({"m": rig.model(provider())}, data=kept(folder),
                           keys=[{"id": "k", "secret": "env:KEY"}]), env=env)
    g.ledger = ledger.Ledger(kept(folder))
    for _ in range(3):
        assert g.chat(fields=[("Authorization", "Bearer nobody")]).status == 401
    assert g.chat().status == 401
    assert g.chat(fields=[("Authorization", "Bearer " + env["KEY"])]).status == 200
    assert entries(g, 1)[0]["caller"] == "k"


def test_the_tree_is_over_the_entries(book):
    g = book()
    with g.wire() as w:
        for _ in range(300):
            w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat()).encode()))
            assert w.answer().status == 200
    entries(g, 300)
    lines = g.ledger.lines()
    assert g.ledger.frontier() == ledger.frontier(lines)
    nodes = g.ledger.rows("SELECT level, idx, hash FROM node")
    assert nodes == [(8, 0, ledger.root([ledger.leaf(x) for x in lines[:256]]))]
    g.stop()
    assert [s for s, in g.ledger.rows("SELECT seq FROM entry ORDER BY seq")] == list(range(301))


def test_durable_work_is_opened_before_and_closed_before_its_end(book):
    g = book(duties=["durable_record"])
    answer = g.chat()
    assert answer.status == 200
    # No waiting: both were on disk before the last byte came.
    opened, closed = g.ledger.entries()
    assert opened["opened"] is True and "cost_max_usd" in opened
    assert opened["id"] == closed["id"] == answer.field("x-trivium-id")
    assert closed["status"] == 200 and g.ledger.opened() == []


def test_work_left_open_is_closed_at_worst_case(book, folder):
    g = book(duties=["durable_record"])
    g.provider.script({"default": {"first_token_ms": 60000}})
    body = json.dumps(rig.chat(max_tokens=10)).encode()
    w = g.wire()
    w.send(rig.request_bytes("POST", "/v1/chat/completions", body))
    rig.eventually(g.ledger.opened, 5, "an opened entry")
    child = rig.children_of(g.pid)[0]
    os.kill(child, signal.SIGKILL)
    rig.eventually(lambda: g.is_ready() and rig.children_of(g.pid)[0] != child, 5, "another child")
    opened, recovered = g.ledger.entries()
    assert recovered["entry"] == "recovered" and recovered["id"] == opened["id"]
    assert recovered["cost_usd"] == opened["cost_max_usd"] and recovered["opened"] == 1
    assert float(recovered["cost_usd"]) >= (len(body) + 10 * 10) / 1e6
    assert g.ledger.opened() == []
    w.close()


def limit_files(g, size):
    """No file of the gateway may grow beyond so many bytes: a disk that is full, for this process alone."""
    for pid in rig.children_of(g.pid):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def wal_bytes(folder):
    return os.path.getsize(os.path.join(kept(folder), "trivium.db-wal"))


@pytest.mark.parametrize("ends", ["well", "killed"])
def test_a_full_disk_refuses_durable_work_and_spools_the_rest(folder, provider, gateway, ends):
    p = provider()
    work = {"owner": "o", "why": "w"}
    g = gateway(rig.config({"m": rig.model(p)}, data=kept(folder), log={"file": "none"}, default_workload="plain",
                           workloads={"plain": work, "strict": {**work, "duties": ["durable_record"]}}))
    book = g.ledger = ledger.Ledger(kept(folder))
    strict = [("x-trivium-workload", "strict")]
    ids = [g.chat().field("x-trivium-id")]
    entries(g, 1)
    limit_files(g, wal_bytes(folder))
    ids += [g.chat().field("x-trivium-id") for _ in range(5)]
    rig.eventually(lambda: os.path.getsize(os.path.join(kept(folder), "spool")) > 16, 5, "a spool")
    refused = g.chat(fields=strict)
    assert (refused.status, refused.code) == (503, "record_failed")
    ids.append(refused.field("x-trivium-id"))
    before = len(p.seen())
    assert g.chat(fields=strict).status == 503 and len(p.seen()) == before, "nothing is sent without it"
    assert len(book.entries()) == 1
    rig.eventually(lambda: g.metric("trivium_ledger_failing") == 1, 3, "the metric")
    assert g.metric("trivium_ledger_spooled_bytes") > 1000 and g.metric("trivium_ledger_lost_total") == 0
    if ends == "killed":
        time.sleep(0.2)
        os.kill(rig.children_of(g.pid)[0], signal.SIGKILL)
    else:
        limit_files(g, resource.RLIM_INFINITY)
    rig.eventually(lambda: len(book.entries()) >= 8, 5, "what was spooled")
    assert [e["id"] for e in book.entries()][:7] == ids
    assert book.frontier() == ledger.frontier(book.lines())
    rig.eventually(lambda: g.is_ready() and g.chat(fields=strict).status == 200, 5, "durable work again")


def test_a_ledger_that_fails_is_told_in_the_log(book, folder):
    g = book()
    g.chat()
    entries(g, 1)
    limit_files(g, max(wal_bytes(folder), 65536))
    told = lambda event: any(json.loads(x).get("event") == event for x in g.log().splitlines())
    rig.eventually(lambda: g.chat().status == 200 and told("ledger_failing"), 10, "an alarm")
    limit_files(g, resource.RLIM_INFINITY)
    rig.eventually(lambda: g.chat().status == 200 and told("ledger_well"), 5, "its end")


def test_two_gateways_do_not_share_a_folder(book, folder, gateway):
    g = book()
    other = gateway(rig.config({"m": rig.model(g.provider)}, data=kept(folder)), ready=False)
    assert other.wait() != 0
    assert b"is in use by another gateway" in other.stderr()
    assert b" serves http" in g.stdout() and b" serves http" not in other.stdout()
    assert g.chat().status == 200


@pytest.mark.parametrize("at", [0, 8192])
def test_a_damaged_database_is_not_served_with(book, folder, gateway, at):
    g = book()
    for _ in range(20):
        g.chat()
    entries(g, 20)
    g.stop()
    with open(os.path.join(kept(folder), "trivium.db"), "r+b") as f:
        f.seek(at)
        f.write(os.urandom(64))
    other = gateway(rig.config({"m": rig.model(g.provider)}, data=kept(folder)), ready=False)
    assert other.wait() != 0
    assert re.search(rb"damaged|differ at the end", other.stderr()), other.stderr()


def test_entries_cut_off_by_hand_are_noticed_at_the_start(book, folder, gateway):
    import sqlite3
    g = book()
    for _ in range(5):
        g.chat()
    entries(g, 5)
    g.stop()
    with sqlite3.connect(g.ledger.path) as db:
        db.execute("DELETE FROM entry WHERE seq = 5")
    db.close()
    other = gateway(rig.config({"m": rig.model(g.provider)}, data=kept(folder)), ready=False)
    assert other.wait() != 0
    assert b"trivium ledger verify" in other.stderr()


def test_a_reload_does_not_move_the_ledger(book, folder):
    g = book()
    g.write(rig.config({"m": rig.model(g.provider)}, data=kept(folder) + "2"))
    g.signal(signal.SIGHUP)
    rig.eventually(lambda: b"data cannot be changed by a reload" in g.stderr(), 5, "the reason")
    g.chat()
    entries(g, 1)


def test_an_orderly_stop_writes_what_waits(book):
    g = book(workers=2)
    threads = [threading.Thread(target=lambda: [g.chat() for _ in range(20)]) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    g.stop()
    assert len(g.ledger.entries()) == 80


@pytest.mark.skipif(bool(os.environ.get("TRIVIUM_SAN")), reason="a sanitizer wants to be loaded first")
@pytest.mark.parametrize("lose", [False, True])
def test_nothing_that_was_promised_is_lost(folder, lose):
    """Some of test/crash/crash.py, which does a thousand loops where it is asked to."""
    wrong, told = crash.crash(folder, 12, lose=lose, seed=int(time.time()))
    assert not wrong, wrong[:5]
    assert told["answered"] > 20 and told["recovered"] > 0


@pytest.mark.skipif(bool(os.environ.get("TRIVIUM_SAN")), reason="a sanitizer wants to be loaded first")
@pytest.mark.parametrize("lasting", [False, True])
def test_a_disk_that_refuses_a_call_loses_nothing_that_was_promised(folder, lasting):
    """Some of the calls that `test/crash/crash.py --refuse` refuses in turn."""
    mattered = 0
    for at in range(1 + int(time.time()) % 17, 140, 17):
        wrong, hit = crash.refuse(os.path.join(folder, str(at)), at, lasting)
        assert not wrong, (at, wrong[:3])
        mattered += hit
    assert mattered > 0
