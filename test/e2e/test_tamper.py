# SPDX-License-Identifier: Apache-2.0
"""Tampering with a ledger by SQL: verify finds each, and says where."""

import json
import shutil

import pytest
import rig
import scribe

SIZE = 1000
HEADS = (1, 100, 300, 555, 900, SIZE)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A data folder that a gateway made, with a ledger of a thousand entries."""
    folder = str(tmp_path_factory.mktemp("tamper"))
    settings = rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "http://127.0.0.1:9"}}, data=folder + "/data")
    rig.Gateway(folder, settings).stop()
    scribe.Scribe(folder + "/data").write([scribe.line_of(n) for n in range(SIZE)], HEADS)
    return folder + "/data"


@pytest.fixture
def data(made, tmp_path):
    return shutil.copytree(made, tmp_path / "data", ignore=shutil.ignore_patterns("*-wal", "*-shm")).as_posix()


def verify(data, *more):
    out = rig.run("ledger", "verify", "--data", data, "--json", *more)
    assert out.returncode in (0, 1), out.stderr
    return json.loads(out.stdout)


def fault_of(data, *more):
    told = verify(data, *more)
    assert not told["good"], told
    f = told["fault"]
    return f["what"].lower(), f["from"], f["to"], f["id"]


def test_an_honest_ledger_is_good(data):
    told = verify(data)
    assert told["good"] and (told["entries"], told["heads"], told["pruned"]) == (SIZE, len(HEADS), 0)
    plain = rig.run("ledger", "verify", "--data", data)
    assert plain.returncode == 0 and plain.stdout.startswith(b"good: 1000 entries, 6 signed heads")


ID = "01M8" + "0" * 19 + "421"

CASES = [
    ("a byte flipped", ["UPDATE entry SET line = replace(line, '\"status\":200', '\"status\":201') WHERE seq = 421"],
     ("changed", 421, 421, ID)),
    ("a line and its leaf replaced",
     [("UPDATE entry SET line = ?, leaf = ? WHERE seq = 421",
       (b"{}", scribe.digest(b"\0{}")))], ("replaced", 300, 511, None)),
    ("deleted", ["DELETE FROM entry WHERE seq = 421"], ("missing", 421, 421, None)),
    ("the first deleted", ["DELETE FROM entry WHERE seq = 0"], ("missing", 0, 0, None)),
    ("deleted, and the rest moved up",
     ["DELETE FROM entry WHERE seq = 421",
      "UPDATE entry SET seq = -seq - 1 WHERE seq > 421", "UPDATE entry SET seq = -seq - 2 WHERE seq < 0"],
     ("missing", 999, 999, None)),
    ("inserted, and the rest moved down",
     ["UPDATE entry SET seq = -seq - 2 WHERE seq >= 421", "UPDATE entry SET seq = -seq - 1 WHERE seq < 0",
      ("INSERT INTO entry VALUES (421, ?, ?)", (scribe.digest(b"\0{}"), b"{}"))],
     ("replaced", 300, 511, None)),
    ("appended behind the end", [("INSERT INTO entry VALUES (1000, ?, ?)", (scribe.digest(b"\0{}"), b"{}"))],
     ("beyond", 1000, 1000, None)),
    ("two lines changed places",
     ["UPDATE entry SET line = (SELECT line FROM entry WHERE seq = 430) WHERE seq = 421"], ("changed", 421, 421,
                                                                                           "01M8" + "0" * 19 + "430")),
    ("two rows changed places", ["UPDATE entry SET seq = -1 WHERE seq = 421", "UPDATE entry SET seq = 421 WHERE seq = 430",
                                 "UPDATE entry SET seq = 430 WHERE seq = -1"], ("replaced", 300, 511, None)),
    ("the tail cut off", ["DELETE FROM entry WHERE seq >= 950"], ("missing", 950, 999, None)),
    ("a node forged", ["UPDATE node SET hash = zeroblob(32) WHERE level = 8 AND idx = 1"], ("node", 256, 511, None)),
    ("a node deleted", ["DELETE FROM node WHERE level = 8 AND idx = 2"], ("node", 512, 767, None)),
    ("a node before its time", ["INSERT INTO node VALUES (8, 3, zeroblob(32))"], ("node_beyond", 768, 1023, None)),
    ("a leaf that is none", ["UPDATE entry SET leaf = x'00' WHERE seq = 7"], ("malformed", 7, 7, "01M8" + "0" * 21 + "7")),
    ("a head whose size was changed", ["UPDATE head SET size = 556 WHERE size = 555"], ("head_note", 0, 555, None)),
    ("a head that another key signed", ["UPDATE head SET note = replace(note, '555', '554'), size = 554 WHERE size = 555"],
     ("head_forged", 0, 553, None)),
    ("a head that says another time", ["UPDATE head SET wall = wall - 86400000000000 WHERE size = 555"],
     ("head_note", 0, 554, None)),
]


@pytest.mark.parametrize("why,statements,want", CASES, ids=[c[0] for c in CASES])
def test_what_was_tampered_with_is_found(data, why, statements, want):
    scribe.Scribe(data).sql(*statements)
    assert fault_of(data) == want


def test_a_forged_frontier(data):
    s = scribe.Scribe(data)
    bad = bytearray(s.db.execute("SELECT value FROM value WHERE name = 'tree'").fetchone()[0])
    bad[-1] ^= 1
    s.sql(("UPDATE value SET value = ? WHERE name = 'tree'", (bytes(bad),)))
    assert fault_of(data)[0] == "frontier"
    s.sql("UPDATE value SET value = x'00' WHERE name = 'tree'")
    assert fault_of(data)[0] == "frontier"


def test_a_tail_cut_off_with_its_frontier_is_told_by_a_head(data):
    """Who has no key cannot sign a shorter ledger; older heads stay, the newest speaks of more."""
    s = scribe.Scribe(data)
    tree = scribe.Tree()
    for n in range(950):
        tree.append(scribe.digest(b"\0", scribe.line_of(n)))
    s.sql("DELETE FROM entry WHERE seq >= 950", ("UPDATE value SET value = ? WHERE name = 'tree'", (tree.frontier(),)))
    assert fault_of(data) == ("head_beyond", 0, 949, None)


@pytest.mark.parametrize("size", [SIZE, SIZE - 60, SIZE + 200], ids=["as long", "shorter", "longer"])
def test_a_rewritten_tail_signed_with_the_key_is_found_by_a_published_head(data, tmp_path, size):
    published = tmp_path / "heads"
    s = scribe.Scribe(data)
    with open(published, "wb") as f:
        for (note,) in s.db.execute("SELECT note FROM head WHERE size >= 300"):
            f.write(note + b"\n")
    assert verify(data, "--head", str(published))["published"] == 4
    s.write([scribe.line_of(n, tenant="other") for n in range(940, size)], (1, 100, 300, 555, 900, size), keep=940)
    assert verify(data)["good"], "the thief has the key: the ledger itself is whole"
    assert fault_of(data, "--head", str(published)) == \
        (("head_other", 900, 999, None) if size >= SIZE else ("head_beyond", 0, size - 1, None))


def test_a_head_of_another_key_is_no_evidence(data, tmp_path):
    published = tmp_path / "heads"
    published.write_bytes(b"example.org/gateway\n7\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n"
                          b"\xe2\x80\x94 example.org/gateway AAAA\n")
    out = rig.run("ledger", "verify", "--data", data, "--head", str(published))
    assert out.returncode == 65 and b"is not signed by this key" in out.stderr


def test_a_receipt_is_checked_with_nothing_but_the_key(data, tmp_path):
    out = rig.run("ledger", "prove", "--data", data, ID)
    assert out.returncode == 0, out.stderr
    receipt = json.loads(out.stdout)
    assert receipt["seq"] == 421 and json.loads(receipt["entry"])["id"] == ID
    file, key = tmp_path / "receipt", data + "/ledger.pub"
    file.write_bytes(out.stdout)
    check = ["ledger", "verify", "--proof", str(file), "--key", key]
    assert rig.run(*check).returncode == 0
    for bad in ({"entry": receipt["entry"].replace("200", "201")}, {"seq": 420}, {"path": receipt["path"][1:]},
                {"head": receipt["head"].replace("\n555\n", "\n554\n")}):
        file.write_text(json.dumps({**receipt, **bad}))
        out = rig.run(*check, "--json")
        assert out.returncode == 1 and not json.loads(out.stdout)["good"], bad
    file.write_text("{}")
    assert rig.run(*check).returncode == 65


def test_a_receipt_is_made_for_a_head_that_an_auditor_keeps(data, tmp_path):
    kept, file = tmp_path / "kept", tmp_path / "receipt"
    kept.write_bytes(rig.run("ledger", "head", "--data", data).stdout)
    check = ["ledger", "verify", "--proof", str(file), "--key", data + "/ledger.pub", "--head", str(kept)]
    file.write_bytes(rig.run("ledger", "prove", "--data", data, ID).stdout)
    out = rig.run(*check)
    assert out.returncode == 1 and b"not one of those" in out.stdout and b"trivium ledger prove --head" in out.stdout
    file.write_bytes(rig.run("ledger", "prove", "--data", data, "--head", str(kept), ID).stdout)
    out = rig.run(*check)
    assert out.returncode == 0, out.stdout + out.stderr
    assert json.loads(file.read_bytes())["head"].encode() == kept.read_bytes()


def test_no_receipt_is_made_for_a_head_that_does_not_speak_of_the_entry(data, tmp_path):
    kept = tmp_path / "kept"
    note = rig.run("ledger", "head", "--data", data).stdout
    for text, status, why in ((note.replace(b"\n1000\n", b"\n421\n"), 1, b"speaks of this entry"),
                              (note.replace(b"\n1000\n", b"\n1001\n"), 1, b"speaks of this entry"),
                              (note.replace(b"\n1000\n", b"\n999\n"), 1, b"not how its head"),
                              (b"\n\n", 1, b"speaks of this entry"), (b"nothing\n", 65, b"cannot be read")):
        kept.write_bytes(text)
        out = rig.run("ledger", "prove", "--data", data, "--head", str(kept), ID)
        assert (out.returncode, out.stdout) == (status, b"") and why in out.stderr, (text, out)


def test_a_number_names_an_entry_too(data):
    assert json.loads(rig.run("ledger", "prove", "--data", data, "0").stdout)["seq"] == 0
    assert rig.run("ledger", "prove", "--data", data, "1000").returncode == 1
    assert rig.run("ledger", "prove", "--data", data, "nobody").returncode == 1
    head = rig.run("ledger", "head", "--data", data)
    assert head.stdout.splitlines()[1] == b"1000"


def test_a_large_ledger(made, tmp_path):
    """Past the first node of 65,536: a block of the second segment, and the node above the first."""
    data = shutil.copytree(made, tmp_path / "data").as_posix()
    s = scribe.Scribe(data)
    s.write([b'{"n":%d}' % n for n in range(66_000)], (500, 65_536, 65_900, 66_000))
    assert verify(data)["good"]
    s.sql("DELETE FROM entry WHERE seq = 65800")
    assert fault_of(data) == ("missing", 65_800, 65_800, None)
    s.sql("UPDATE node SET hash = zeroblob(32) WHERE level = 16")
    assert fault_of(data) == ("node", 0, 65_535, None)
