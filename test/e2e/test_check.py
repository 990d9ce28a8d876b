# SPDX-License-Identifier: Apache-2.0
"""trivium check: what it says to people, to programs and to the shell."""

import json
import os
import pty
import subprocess

import pytest

import rig

GOOD = "zones: {z: {kind: edge}}\nmodels: {m: {vendor: simulated, zone: z}}\n"


@pytest.fixture
def written(folder):
    def write(text, name="c.yaml"):
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path
    return write


def on_a_terminal(*arguments):
    """What a person sees: both outputs on one terminal."""
    primary, secondary = pty.openpty()
    child = subprocess.Popen([rig.BINARY, *arguments], stdin=secondary, stdout=secondary,
                             stderr=secondary, close_fds=True)
    os.close(secondary)
    seen = b""
    while True:
        try:
            piece = os.read(primary, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(primary)
    return child.wait(), seen.replace(b"\r\n", b"\n").decode()


def test_a_good_file(written):
    done = rig.run("check", written(GOOD))
    assert done.returncode == 0 and done.stderr == b"" and b": ok; models 1, zones 1" in done.stdout


def test_a_caret_below_the_mistake(written):
    path = written(GOOD + "workers: two\n")
    status, seen = on_a_terminal("check", path)
    assert status == 2
    assert seen == (f"{path}:3:10: error: `workers` must be a whole number from 1 to 256, not `two`\n"
                    "    workers: two\n"
                    "             ^\n")
    assert b"^" not in rig.run("check", path).stderr, "a file or a pipe gets the messages alone"


@pytest.mark.parametrize("wrong", [
    "keys: [{id: a, secret: tv-canary-1234567890}]\n",
    "keys: [{id: a, secrt: tv-canary-1234567890}]\n",
    "keys:\n  - tv-canary-1234567890\n",
    "keys: [{id: a, secret: tv-canary-1234567890\n",
    "keys: [{id: a, secret: &x tv-canary-1234567890}]\n",
    "keys: [{id: a, secret: !x tv-canary-1234567890}]\n",
    "keys: [{id: a, secret: env:tv-canary-1234567890}]\n",
    "keys: [{id: a, secret: file:tv-canary-1234567890}]\n",
    "keys: [{id: a, secret: [tv-canary-1234567890]}]\n",
    "keys: [{id: a, secret: \"tv-canary-1234567890\\n\"}]\n",
    "keys:\n  - id: a\n    secret: |\n      tv-canary-1234567890\n",
    "key: tv-canary-1234567890\n",
    "api_key: tv-canary-1234567890\n",
    "log: {file: none, token: tv-canary-1234567890}\n",
])
def test_a_secret_is_not_shown_on_a_terminal_either(written, wrong):
    path = written(GOOD + wrong)
    status, seen = on_a_terminal("check", path)
    assert status == 2 and "error" in seen and "canary" not in seen
    done = rig.run("check", "--json", path)
    assert b"canary" not in done.stdout + done.stderr


def test_json_for_programs(written):
    path = written(GOOD + "workers: two\nlisten: \":80\"\n")
    done = rig.run("check", "--json", path)
    said = json.loads(done.stdout)
    assert done.returncode == 2 and done.stderr == b""
    assert said["file"] == path and said["ok"] is False and "hash" not in said
    assert [(m["severity"], m["line"], m["column"]) for m in said["messages"]] == [("error", 3, 10),
                                                                                    ("error", 4, 9)]
    said = json.loads(rig.run("check", "--json", written(GOOD)).stdout)
    assert said["ok"] is True and len(said["hash"]) == 64 and said["messages"] == []


def test_the_hash_is_of_what_is_meant(written):
    def hash_of(text):
        return json.loads(rig.run("check", "--json", written(text)).stdout)["hash"]
    assert hash_of(GOOD) == hash_of("# a comment\n" + GOOD + "auto: {prefer: order}\n")
    assert hash_of(GOOD) != hash_of(GOOD + "auto: {prefer: cost}\n")


def test_a_warning_is_no_mistake(written):
    done = rig.run("check", written("zones: {z: {kind: public_api}}\nmodels: {m: {vendor: openai, zone: z}}\n"))
    assert done.returncode == 0 and b"warning: no `key`" in done.stderr


@pytest.mark.parametrize("arguments, status", [
    (["/nonexistent/c.yaml"], 66), (["/"], 66), ([], 2), (["a", "b"], 2), (["--jason", "a"], 2),
    (["--json", "--print-effective", "a"], 2), (["--help"], 0),
])
def test_exit_status(arguments, status):
    assert rig.run("check", *arguments).returncode == status


def test_detached_looks_for_nothing(written):
    path = written(GOOD.replace("simulated", "openai").replace("zone: z}", "zone: z, key: env:NOT_THERE_1}"))
    assert rig.run("check", path).returncode == 2
    assert rig.run("check", "--detached", path).returncode == 0


def test_the_reference_is_the_documentation():
    with open(os.path.join(rig.ROOT, "doc/reference/configuration.md"), "rb") as f:
        assert rig.run("check", "--print-reference").stdout == f.read()


def test_what_is_found_is_a_configuration(written):
    done = rig.run("run", "--print-config", env={"GROQ_API_KEY": "gsk-canary-1234567890"})
    assert done.returncode == 0 and b"found GROQ_API_KEY in the environment" in done.stderr
    assert b"canary" not in done.stdout + done.stderr
    again = rig.run("check", "--print-effective", written(done.stdout),
                    env={"GROQ_API_KEY": "gsk-canary-1234567890"})
    assert again.returncode == 0 and b"https://api.groq.com/openai/v1" in again.stdout
