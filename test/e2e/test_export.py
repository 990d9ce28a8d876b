# SPDX-License-Identifier: Apache-2.0
"""Entries taken out of a ledger: exports that prove themselves, pruning, tail and query."""

import csv
import json
import os
import shutil
import subprocess
import time

import pytest
import rig
import scribe

SIZE = 66_000
HEADS = (500, 65_536, 65_900, SIZE)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("export"))
    settings = rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "http://127.0.0.1:9"}}, data=folder + "/data")
    rig.Gateway(folder, settings).stop()
    scribe.Scribe(folder + "/data").write([scribe.line_of(n, "a" if n % 2 else "b") for n in range(SIZE)], HEADS)
    return folder + "/data"


@pytest.fixture
def data(made, tmp_path):
    return shutil.copytree(made, tmp_path / "data", ignore=shutil.ignore_patterns("*-wal", "*-shm")).as_posix()


def ledger(*words):
    return rig.run("ledger", *words, seconds=60)


def check(export, key):
    out = ledger("verify", "--export", f"{export}.manifest", "--key", key, "--json")
    assert out.returncode in (0, 1), out.stderr
    return json.loads(out.stdout)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_proves_itself(made, tmp_path, form):
    key = shutil.copy(made + "/ledger.pub", tmp_path / "key")
    out = tmp_path / "out"
    assert ledger("export", "--data", made, "--out", str(out), "--from", "490", "--to", "700",
                  "--format", form).returncode == 0
    assert check(out, key) == {"good": True, "from": 490, "to": 699}
    lines = out.read_bytes().splitlines(keepends=True)
    if form == "csv":
        rows = list(csv.DictReader(out.open()))
        assert [r["seq"] for r in rows] == [str(n) for n in range(490, 700)]
        assert rows[0]["tenant"] == "b" and json.loads(rows[0]["entry"])["n"] == 490
        spoiled = [lines[:1] + [lines[1].replace(b'"b"', b'"c"', 1)] + lines[2:]]
    else:
        assert [json.loads(x)["n"] for x in lines] == list(range(490, 700))
        spoiled = [lines[:1] + lines[2:] + lines[1:2]]
    spoiled += [lines[:-1], lines + lines[-1:], lines[:7] + lines[8:], [x.replace(b"200", b"201", 1) for x in lines]]
    for bad in spoiled:
        out.write_bytes(b"".join(bad))
        assert not check(out, key)["good"]


def test_an_export_of_another_key_proves_nothing(made, tmp_path):
    folder = str(tmp_path)
    settings = rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "http://127.0.0.1:9"}}, data=folder + "/other")
    rig.Gateway(folder, settings).stop()
    out = tmp_path / "out"
    assert ledger("export", "--data", made, "--out", str(out), "--to", "10").returncode == 0
    assert "not signed by this key" in check(out, folder + "/other/ledger.pub")["why"]


def test_pruning_leaves_a_whole_tree(data, tmp_path):
    key, out = data + "/ledger.pub", tmp_path / "out"
    assert ledger("prune", "--data", data, "--before", "65540").returncode == 2, "neither exported nor given up"
    assert ledger("export", "--data", data, "--out", str(out), "--to", "600").returncode == 0
    short = ledger("prune", "--data", data, "--before", "65540", "--export", f"{out}.manifest")
    assert short.returncode == 0 and b"entries 0 to 599" in short.stdout, "what the export does not have stays"
    os.remove(out)
    assert ledger("export", "--data", data, "--out", str(out), "--to", "65900").returncode == 1, "some are pruned"
    os.remove(out)
    assert ledger("export", "--data", data, "--out", str(out), "--from", "601", "--to", "65900").returncode == 0
    assert b"begins behind" in ledger("prune", "--data", data, "--before", "65540", "--export", f"{out}.manifest").stderr
    os.remove(out)
    assert ledger("export", "--data", data, "--out", str(out), "--from", "600", "--to", "65900").returncode == 0
    proof = ledger("prove", "--data", data, "65800").stdout
    done = ledger("prune", "--data", data, "--before", "65540", "--export", f"{out}.manifest")
    assert done.returncode == 0 and b"entries 600 to 65539" in done.stdout, done.stderr
    told = json.loads(ledger("verify", "--data", data, "--json").stdout)
    assert told["good"] and told["pruned"] == 65_540 and told["heads"] == len(HEADS)
    entries = [json.loads(x) for x in ledger("tail", "--data", data, "--limit", "17").stdout.splitlines()]
    assert {(e["change"], e["by"]) for e in entries} == {("entries_pruned", "command")}
    assert [(e["from"], e["to"]) for e in entries][-1] == (65_540 - (65_540 - 600) % 4096, 65_539), "and all before it"
    assert entries[0]["to"] + 1 == entries[1]["from"] == 600 + 4096 or entries[0]["from"] == 0
    assert ledger("prove", "--data", data, "65800").stdout == proof, "proofs of the rest are as they were"
    assert b"pruned" in ledger("prove", "--data", data, "7").stderr
    assert check(out, key)["good"], "the export needs no ledger"
    scribe.Scribe(data).sql("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 300")
    bad = json.loads(ledger("verify", "--data", data, "--json").stdout)["fault"]
    assert (bad["what"], bad["from"], bad["to"]) == ("REPLACED", 256, 499), "leaves of pruned entries are verified"


DAY = 86_400 * 10**9


def age(data, days):
    """Heads as they would be of that many days ago; the last one is of now."""
    s = scribe.Scribe(data)
    for size in HEADS:
        s.redate(size, time.time_ns() - (days * DAY if size < SIZE else 0))


def running(data, **more):
    g = rig.Gateway(os.path.dirname(data), rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "http://127.0.0.1:9"}},
                                                      data=data, ledger=more))
    g.data = data
    return g


def test_a_gateway_prunes_what_is_older_than_it_keeps(data):
    age(data, 31)
    g = running(data, retain_days=32)
    time.sleep(1.5)
    assert json.loads(ledger("verify", "--data", data, "--json").stdout)["pruned"] == 0
    g.stop()
    g = running(data, retain_days=30)
    try:
        rig.eventually(lambda: json.loads(ledger("verify", "--data", data, "--json").stdout)["pruned"] == 65_900, 15,
                       "all of which an old head speaks")
        told = json.loads(ledger("verify", "--data", data, "--json").stdout)
        assert told["good"]
        entries = [json.loads(x) for x in ledger("tail", "--data", data, "--limit", "100").stdout.splitlines()]
        steps = [(e["from"], e["to"]) for e in entries if e.get("change") == "entries_pruned"]
        assert {e["by"] for e in entries if "change" in e and e["change"] == "entries_pruned"} == {"ledger.retain_days"}
        assert steps[0][0] == 0 and steps[-1][1] == 65_899
        assert all(a[1] + 1 == b[0] for a, b in zip(steps, steps[1:])), "every entry is told of once"
    finally:
        g.stop()


def test_a_running_gateway_prunes_for_the_command(data):
    g = running(data)
    try:
        done = ledger("prune", "--data", data, "--before", "5000", "--force")
        assert done.returncode == 0 and b"entries 0 to 4999" in done.stdout, done.stderr
        told = json.loads(ledger("verify", "--data", data, "--json").stdout)
        assert told["good"] and told["pruned"] == 5000
        tail = [json.loads(x) for x in ledger("tail", "--data", data, "--limit", "2").stdout.splitlines()]
        assert [(e["from"], e["to"]) for e in tail] == [(0, 4095), (4096, 4999)] and tail[0]["by"].startswith("tva_")
    finally:
        g.stop()


def test_a_copy_without_its_key_is_not_pruned_where_it_came_from(data, tmp_path):
    g = running(data)
    try:
        copy = shutil.copytree(data, tmp_path / "copy", ignore=shutil.ignore_patterns("*-wal", "*-shm")).as_posix()
        os.remove(copy + "/ledger.key")
        done = ledger("prune", "--data", copy, "--before", "5000", "--force")
        assert done.returncode == 66 and b"the key that signs" in done.stderr, done.stderr
        assert json.loads(ledger("verify", "--data", data, "--json").stdout)["pruned"] == 0, "the gateway was not asked"
    finally:
        g.stop()


def test_heads_are_thinned_and_what_was_published_still_holds(data, tmp_path):
    s = scribe.Scribe(data)
    kept = tmp_path / "kept"
    kept.write_bytes(b"".join(row[0] + b"\n" for row in s.db.execute("SELECT note FROM head ORDER BY size")))
    now = time.time_ns() // DAY * DAY + DAY // 2 + DAY // 48
    for size, days in zip(HEADS, (40.1, 40, 2.0001, 2)):
        s.redate(size, int(now - days * DAY))
    g = running(data)
    try:
        def sizes():
            return [r[0] for r in s.db.execute("SELECT size FROM head WHERE size <= ? ORDER BY size", (SIZE,))]
        rig.eventually(lambda: sizes() == [HEADS[1], HEADS[3]], 10, "one a day, and one an hour")
    finally:
        g.stop()
    out = ledger("verify", "--data", data, "--head", str(kept), "--json")
    assert out.returncode == 0 and json.loads(out.stdout)["published"] == len(HEADS)


def test_a_head_on_demand(data):
    g = running(data, head_ms=3_600_000)
    try:
        before = json.loads(ledger("head", "--data", data, "--json").stdout)["size"]
        g.chat()
        assert json.loads(ledger("head", "--data", data, "--json").stdout)["size"] == before
        assert rig.run("key", "create", "--data", data).returncode == 0
        signed = ledger("head", "--now", "--data", data, "--json")
        assert signed.returncode == 0, signed.stderr
        head = json.loads(signed.stdout)
        assert head["size"] > before and head["head"].split("\n")[1] == str(head["size"])
        assert ledger("head", "--data", data).stdout.decode() == head["head"]
        assert ledger("head", "--now", "--data", data).stdout.decode() == head["head"], "nothing has come since"
    finally:
        g.stop()
    assert ledger("head", "--now", "--data", data).returncode == 66


def test_a_spoiled_export_prunes_nothing(data, tmp_path):
    out = tmp_path / "out"
    assert ledger("export", "--data", data, "--out", str(out)).returncode == 0
    out.write_bytes(out.read_bytes().replace(b'"n":77}', b'"n":78}'))
    assert ledger("prune", "--data", data, "--before", "65540", "--export", f"{out}.manifest").returncode == 1
    assert json.loads(ledger("verify", "--data", data, "--json").stdout)["pruned"] == 0


def test_query_and_tail(made):
    got = [json.loads(x) for x in ledger("query", "--data", made, "--tenant", "a", "--model", "m1", "--limit", "3")
           .stdout.splitlines()]
    assert [g["n"] for g in got] == [1, 7, 13]
    assert ledger("query", "--data", made, "--status", "500").stdout == b""
    last = [json.loads(x)["n"] for x in ledger("tail", "--data", made, "--limit", "2").stdout.splitlines()]
    assert last == [SIZE - 2, SIZE - 1]
    assert ledger("query", "--data", made, "--from", "yesterday").returncode == 2


def test_tail_follows_a_gateway(provider, gateway, folder):
    data = folder + "/data"
    g = gateway(rig.config({"m": rig.model(provider())}, data=data))
    tail = subprocess.Popen([rig.BINARY, "ledger", "tail", "--data", data, "-f"], stdout=subprocess.PIPE)
    try:
        time.sleep(0.3)
        answer = g.chat()
        # The first line is of the first start.
        assert json.loads(tail.stdout.readline())["entry"] == "change"
        assert json.loads(tail.stdout.readline())["id"] == answer.field("x-trivium-id")
    finally:
        tail.kill()
        tail.wait()
    id_of = answer.field("x-trivium-id")
    receipt = rig.eventually(lambda: ledger("prove", "--data", data, id_of).stdout, what="a head that speaks of it")
    assert json.loads(json.loads(receipt)["entry"])["id"] == id_of
    told = json.loads(ledger("verify", "--data", data, "--json").stdout)
    assert told["good"] and told["heads"] >= 1, "beside a gateway that runs"
