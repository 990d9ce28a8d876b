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
    assert short.returncode == 0 and b"no whole segment" in short.stdout, "the export does not have a segment"
    os.remove(out)
    assert ledger("export", "--data", data, "--out", str(out), "--to", "65900").returncode == 0
    proof = ledger("prove", "--data", data, "65800").stdout
    done = ledger("prune", "--data", data, "--before", "65540", "--export", f"{out}.manifest")
    assert done.returncode == 0 and b"entries 0 to 65535" in done.stdout, done.stderr
    told = json.loads(ledger("verify", "--data", data, "--json").stdout)
    assert told["good"] and told["pruned"] == 65_536 and told["heads"] == len(HEADS)
    assert ledger("prove", "--data", data, "65800").stdout == proof, "proofs of the rest are as they were"
    assert b"pruned" in ledger("prove", "--data", data, "7").stderr
    assert check(out, key)["good"], "the export needs no ledger"
    scribe.Scribe(data).sql("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 300")
    bad = json.loads(ledger("verify", "--data", data, "--json").stdout)["fault"]
    assert (bad["what"], bad["from"], bad["to"]) == ("REPLACED", 256, 499), "leaves of pruned entries are verified"


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
