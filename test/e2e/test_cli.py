# SPDX-License-Identifier: Apache-2.0
"""The commands, their help, and running without a configuration."""

import json
import os
import re
import signal

import openai
import pytest

import rig


def test_each_command_is_listed_once():
    listed = re.findall(r"^  (\w+) +", rig.run("--help").stdout.decode(), re.M)
    assert "ledger" in listed and len(listed) == len(set(listed)), listed


@pytest.mark.parametrize("arguments", [("--help",), ("help",), ("-h",)])
def test_help(arguments):
    done = rig.run(*arguments)
    assert done.returncode == 0 and done.stderr == b""
    for command in (b"run", b"check", b"import", b"fake", b"version"):
        assert re.search(rb"\b%s\b" % command, done.stdout)


@pytest.mark.parametrize("command", ["run", "check", "import", "fake", "version"])
def test_help_of_each_command(command):
    done = rig.run(command, "--help")
    assert done.returncode == 0 and done.stderr == b"" and command.encode() in done.stdout


def test_no_command():
    done = rig.run()
    assert done.returncode == 2 and b"usage" in done.stderr and done.stdout == b""


def test_an_unknown_command():
    done = rig.run("rnu")
    assert done.returncode == 2 and b"'run'" in done.stderr and done.stdout == b""
    assert rig.run("nonsense").returncode == 2


@pytest.mark.parametrize("command", ["run", "check", "import", "fake"])
def test_an_unknown_option(command):
    done = rig.run(command, "--nonsense")
    assert done.returncode == 2 and b"--nonsense" in done.stderr


@pytest.mark.parametrize("arguments", [("run", "--config"), ("fake", "--listen"), ("fake", "--seed", "many"),
                                       ("fake", "--listen", "nowhere"), ("run", "leftover")])
def test_wrong_options(arguments):
    done = rig.run(*arguments)
    assert done.returncode == 2 and done.stderr


def test_version():
    done = rig.run("version")
    assert done.returncode == 0 and re.match(rb"trivium \S+", done.stdout)
    assert rig.run("--version").stdout == done.stdout


def test_check(folder):
    for name in sorted(os.listdir(os.path.join(rig.ROOT, "example"))):
        if name.endswith(".yaml"):
            done = rig.run("check", "--detached", os.path.join(rig.ROOT, "example", name))
            assert done.returncode == 0, done.stderr
    done = rig.run("check", os.path.join(folder, "none.yaml"))
    assert done.returncode != 0 and b"none.yaml" in done.stderr


def test_check_tells_every_mistake(folder):
    path = os.path.join(folder, "bad.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write("workers: 0\nmodells: {}\nzones:\n  z: {kind: edgy}\n")
    done = rig.run("check", path)
    assert done.returncode == 2
    for place in (b"bad.yaml:1:10", b"bad.yaml:2:1", b"bad.yaml:4:"):
        assert place in done.stderr, done.stderr
    assert b"edge" in done.stderr and b"models" in done.stderr, "what was meant"


def test_print_effective_is_a_configuration(folder):
    env = {"OPENAI_KEY_OF_TEST": "sk-canary-0123456789"}
    path, again = os.path.join(folder, "a.yaml"), os.path.join(folder, "b.yaml")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"zones": rig.ZONES, "models": {"m": {"vendor": "openai", "zone": "public",
                                                        "key": "env:OPENAI_KEY_OF_TEST"}}}, f)
    done = rig.run("check", "--print-effective", path, env=env)
    assert done.returncode == 0, done.stderr
    assert b"env:OPENAI_KEY_OF_TEST" in done.stdout and b"sk-canary" not in done.stdout + done.stderr
    with open(again, "wb") as f:
        f.write(done.stdout)
    twice = rig.run("check", "--print-effective", again, env=env)
    assert twice.stdout == done.stdout


@pytest.fixture
def unconfigured(folder):
    """trivium run with no configuration at all, in a network namespace of its own ports if it can be."""
    started = []

    def start(*arguments, env=None):
        started.append(rig.Process(["run", *arguments], folder, f"bare{len(started)}", env))
        return started[-1]
    yield start
    for p in started:
        if p.is_alive():
            p.signal(signal.SIGTERM)
            assert p.wait() == 0
        p.kill()


def test_the_simulated_models_of_the_example(gateway, sdk):
    """What `trivium run` serves when it finds nothing: three models, one for each sort of zone."""
    with open(os.path.join(rig.ROOT, "example/simulated.yaml"), encoding="utf-8") as f:
        text = f.read()
    ports = rig.free_port(), rig.free_port()
    g = gateway(f'listen: "127.0.0.1:{ports[0]}"\nadmin: "127.0.0.1:{ports[1]}"\n' + text, ready=False)
    g.port, g.admin_port = ports
    g.base_url = f"http://127.0.0.1:{ports[0]}/v1"
    rig.eventually(g.is_ready, 10, "the gateway")
    client = sdk(g)
    names = {m.id for m in client.models.list()}
    assert {"simulated/edge", "simulated/on-prem", "simulated/cloud", "chat", "auto"} <= names
    for name in ("simulated/edge", "simulated/on-prem", "simulated/cloud", "chat", "auto"):
        raw = client.chat.completions.with_raw_response.create(
            model=name, messages=[{"role": "user", "content": "Hello"}])
        assert raw.headers["x-trivium-model"].startswith("simulated/")
        assert "simulated" in raw.parse().choices[0].message.content
        assert "".join(c.choices[0].delta.content or "" for c in client.chat.completions.create(
            model=name, messages=[{"role": "user", "content": "Hello"}], stream=True)).endswith("Hello")
    with pytest.raises(openai.PermissionDeniedError):
        client.chat.completions.create(model="simulated/cloud", messages=[{"role": "user", "content": "x"}],
                                       extra_headers={"x-trivium-label": "confidential"})


def test_the_control_pages_of_the_simulated_models_are_not_there(gateway):
    """The built-in providers have no pages that would show what they were sent."""
    g = gateway({"zones": rig.ZONES, "models": {"s": {"vendor": "simulated", "zone": "edge"}}})
    assert g.chat(rig.chat("s", say="secret words")).status == 200
    inodes = {line.split()[9]: int(line.split()[1].split(":")[1], 16)
              for line in open("/proc/net/tcp", encoding="ascii") if line.split()[3] == "0A"}
    child = rig.children_of(g.pid)[0]
    ports = set()
    for fd in os.listdir(f"/proc/{child}/fd"):
        try:
            name = os.readlink(f"/proc/{child}/fd/{fd}")
        except OSError:
            continue
        if name.startswith("socket:[") and name[8:-1] in inodes:
            ports.add(inodes[name[8:-1]])
    assert {g.port, g.admin_port} < ports, "one more listener: the simulated models'"
    for port in ports - {g.port, g.admin_port}:
        with rig.Wire(port) as w:
            w.send(rig.request_bytes("GET", "/fake/requests"))
            assert b"secret" not in w.answer().body
