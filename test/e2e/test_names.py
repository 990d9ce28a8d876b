# SPDX-License-Identifier: Apache-2.0
"""`trivium train`: a tiny corpus and a tiny list become the files of the tagger and of the gazetteer."""
import os
import struct
import subprocess

import rig

CORPUS = "Mira\tB-PER\nsaw\tO\nGdansk\tB-LOC\n.\tO\n\nOlaf\tB-PER\nVinter\tI-PER\nleft\tO\nAcme\tB-ORG\n\n" * 5
BUCKETS = 1 << 15


def train(*args):
    return subprocess.run([rig.BINARY, "train", *map(str, args)], capture_output=True, timeout=60)


def test_names_are_learned_from_a_corpus(tmp_path):
    corpus = tmp_path / "tiny.bio"
    corpus.write_text(CORPUS)
    done = train("names", "--epochs", 5, corpus)
    assert done.returncode == 0, done.stderr
    assert done.stdout[:8] == b"TVMTAG1\n" and len(done.stdout) == 8 + 65536 * 13 + 8
    assert any(done.stdout[8:]), "something was learned"
    assert done.stderr.splitlines()[-1].startswith(b"epoch 5: 0 of "), "and well"
    assert train("names", "--epochs", 5, corpus).stdout == done.stdout, "the same again"


def test_a_corpus_that_does_not_read_says_where(tmp_path):
    corpus = tmp_path / "bad.bio"
    corpus.write_text("Mira\tB-PER\nsaw O\n")
    done = train("names", corpus)
    assert done.returncode == 65 and b"bad.bio: line 2 " in done.stderr and done.stdout == b""


def entries(gazetteer):
    assert gazetteer[:8] == b"TVMGAZ2\n"
    first = struct.unpack_from(f"<{BUCKETS + 1}I", gazetteer, 8)
    assert list(first) == sorted(first) and len(gazetteer) == 8 + 4 * (BUCKETS + 1) + 4 * first[-1] + 16
    return first[-1]


def test_lists_become_a_gazetteer(tmp_path):
    (tmp_path / "first").write_text("Mira\nOlaf\n")
    (tmp_path / "place").write_text("Gdansk\tPL\nNew York\n")
    (tmp_path / "lexicon").write_text("# roles\nSTREET: calle, rue\n")
    done = train("lists", f"first={tmp_path}/first", f"place={tmp_path}/place", f"lexicon={tmp_path}/lexicon")
    assert done.returncode == 0, done.stderr
    assert entries(done.stdout) == 7, "two names, two places and the first word of one, two roles"
    kept = tmp_path / "kept.bin"
    kept.write_bytes(done.stdout)
    (tmp_path / "lexicon").write_text("STREET: calle\n")
    again = train("lists", "--keep", kept, f"lexicon={tmp_path}/lexicon")
    assert again.returncode == 0 and entries(again.stdout) == 6, "what is given anew replaces what was kept"


def test_calls_that_are_wrong(tmp_path):
    for args in ([], ["names"], ["poems", "x"], ["lists", "x"], ["names", "--epochs", "many", "x"]):
        assert train(*args).returncode == 2, args
    assert train("names", tmp_path / "none").returncode == 66
    assert b"usage: trivium train" in train("--help").stdout


def test_the_lexicon_of_the_tree_is_that_of_the_program():
    done = train("lists", "--keep", os.path.join(rig.ROOT, "src/name/gazetteer.bin"),
                 "lexicon=" + os.path.join(rig.ROOT, "src/name/lexicon.txt"))
    with open(os.path.join(rig.ROOT, "src/name/gazetteer.bin"), "rb") as f:
        assert entries(done.stdout) == entries(f.read())
