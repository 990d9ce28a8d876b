# SPDX-License-Identifier: Apache-2.0
"""The commands about a text: what is in it, without it, and with it again."""

import json
import os
import re
import stat

import pytest

import rig

LETTER = """Dear Anna Kowalska,
please pay to DE89 3704 0044 0532 0130 00 and write to anna.kowalska@acme.io.
Yours, Anna Kowalska
"""
KEY = "0123456789abcdef" * 4
SECRET = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6"


@pytest.fixture
def desk(folder):
    """Writes a text, and runs a command over it in the folder."""
    def write(name, text):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)
        return name

    def run(*arguments, env=None):
        done = rig.run(*arguments, cwd=folder, env={"K": KEY, **(env or {})})
        return done.returncode, done.stdout.decode(), done.stderr.decode()
    run.write, run.folder = write, folder
    write("letter", LETTER)
    return run


def test_classify_says_where_and_not_what(desk):
    status, out, err = desk("classify", "letter")
    assert status == 1 and err == "" and "\033" not in out
    assert [line.split(": ")[1].split()[0] for line in out.splitlines()] == [
        "person", "iban_code", "email_address", "person"]
    assert out.splitlines()[1].startswith("letter:2:15: iban_code financial regulated ")
    assert "Kowalska" not in out and "DE89" not in out


def test_classify_as_json_is_the_same(desk):
    found = json.loads(desk("classify", "--json", "letter")[1])["findings"]
    assert [LETTER[f["start"]:f["end"]] for f in found][1:3] == [
        "DE89 3704 0044 0532 0130 00", "anna.kowalska@acme.io"]
    assert "valid" in found[1]["evidence"]


def test_classify_many_texts(desk):
    desk.write("lines", '{"text": "nothing here"}\n{"text": "078-05-1120", "key": "ssn"}\n')
    status, out, _ = desk("classify", "--lines", "lines")
    assert status == 1 and [len(json.loads(line)["findings"]) for line in out.splitlines()] == [0, 1]
    desk.write("wrong", '{"text": "fine"}\n{"txt": 1}\n')
    status, _, err = desk("classify", "--lines", "wrong")
    assert status == 65 and "wrong:2:" in err


def test_classify_by_parts(desk):
    assert [json.loads(desk("classify", "--json", "--parts", parts, "letter")[1])["findings"][0]["type"]
            for parts in ("names", "structure")] == ["person", "iban_code"]


@pytest.mark.parametrize("arguments, status, says", [
    (["classify"], 2, "name one file"), (["classify", "a", "b"], 2, "name one file"),
    (["classify", "--parts", "all", "letter"], 2, "--parts takes"), (["classify", "/nonexistent"], 66, "no such file"),
    (["mask", "--vault", "v", "letter"], 2, "go together"), (["mask", "/nonexistent"], 66, "no such file"),
    (["mask", "--vault", "v", "--key", KEY, "letter"], 2, "env:NAME or file:PATH"),
    (["mask", "--vault", "v", "--key", "env:NONE", "letter"], 2, "openssl rand -hex 32"),
    (["mask", "--vault", "v", "--key", "file:none", "letter"], 66, "no such file"),
    (["restore", "letter"], 2, "name the vault"),
    (["restore", "--vault", "none", "--key", "env:K", "letter"], 66, "no such file"),
    (["restore", "--vault", "letter", "--key", "env:K", "letter"], 65, "no vault")])
def test_a_wrong_call_says_what_is_wrong(desk, arguments, status, says):
    got, out, err = desk(*arguments)
    assert (got, out) == (status, "") and says in err


def test_a_text_that_is_no_utf8(desk):
    with open(os.path.join(desk.folder, "raw"), "wb") as f:
        f.write(b"line\nA\xff\n")
    for command in ("classify", "mask"):
        status, out, err = desk(command, "raw")
        assert (status, out) == (65, "") and "raw:2: this is not UTF-8" in err


def test_mask_and_restore(desk):
    status, masked, err = desk("mask", "--vault", "v", "--key", "env:K", "letter")
    assert status == 0 and err == ""
    tokens = re.findall(r"[A-Z][a-z]+_[0-9A-Z]{10}", masked)
    assert [t.split("_")[0] for t in tokens] == ["Person", "Iban", "Email", "Person"] and tokens[0] == tokens[3]
    assert "Kowalska" not in masked and "DE89" not in masked
    assert stat.S_IMODE(os.stat(os.path.join(desk.folder, "v")).st_mode) == 0o600
    with open(os.path.join(desk.folder, "v"), "rb") as f:
        assert b"Kowalska" not in f.read()
    desk.write("masked", masked)
    assert desk("restore", "--vault", "v", "--key", "env:K", "masked") == (0, LETTER, "")
    # The same value has the same token in the next text, and the first ones are kept.
    desk.write("next", "Anna Kowalska called; so did max.mustermann@acme.io.\n")
    again = desk("mask", "--vault", "v", "--key", "env:K", "next")[1]
    assert tokens[0] in again
    assert desk("restore", "--vault", "v", "--key", "env:K", "masked")[1] == LETTER
    # What a model does to a token is understood, unless it is asked not to be.
    desk.write("answer", f"**{tokens[0].upper()}** and Person_0000000000\n")
    status, out, err = desk("restore", "--vault", "v", "--key", "env:K", "answer")
    assert status == 1 and out == "**Anna Kowalska** and Person_0000000000\n" and "none of this vault: 1\n" in err
    assert desk("restore", "--exact", "--vault", "v", "--key", "env:K", "answer")[1].startswith("**PERSON_")


def test_a_vault_of_somebody_else(desk):
    desk("mask", "--vault", "v", "--key", "env:K", "letter")
    status, out, err = desk("restore", "--vault", "v", "--key", "env:K", "letter", env={"K": "f" * 64})
    assert (status, out) == (65, "") and "another key, or was changed" in err
    with open(os.path.join(desk.folder, "v"), "r+b") as f:
        f.seek(40)
        byte = f.read(1)
        f.seek(40)
        f.write(bytes([byte[0] ^ 1]))
    assert desk("restore", "--vault", "v", "--key", "env:K", "letter")[0] == 65
    # Nor is anything put beside what cannot be read.
    assert desk("mask", "--vault", "v", "--key", "env:K", "letter")[:2] == (65, "")


def test_what_must_not_be_masked_is_told(desk):
    desk.write("note", f"Log in with {SECRET} please.\n")
    status, out, err = desk("mask", "note")
    assert status == 1 and SECRET in out and "not masked: github_token: 1\n" in err and SECRET not in err


@pytest.mark.parametrize("command", ["classify", "mask", "restore", "train"])
def test_help(command):
    done = rig.run(command, "--help")
    assert done.returncode == 0 and done.stdout.startswith(b"usage: trivium " + command.encode())
