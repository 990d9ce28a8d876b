# SPDX-License-Identifier: Apache-2.0
"""trivium run without a configuration: a new user's first minutes."""

import contextlib
import json
import os
import re
import signal
import subprocess

import openai
import pytest

import rig
from alone import alone

HOME = {"HOME": "/nonexistent"}


@contextlib.contextmanager
def bare(folder, env=None, arguments=()):
    """A gateway at the well-known ports, with what it finds."""
    g = rig.Process(["run", *arguments], folder, "bare", {**HOME, **(env or {})})
    g.port, g.admin_port, g.base_url = 8080, 9090, "http://127.0.0.1:8080/v1"
    g.is_ready = lambda: rig.Gateway.is_ready(g)
    g.admin = lambda path: rig.Gateway.admin(g, path)
    try:
        rig.eventually(g.is_ready, 10, "a gateway")
        yield g
        g.signal(signal.SIGTERM)
        assert g.wait() == 0, g.stderr()
    finally:
        g.kill()


def ask(body, fields=()):
    with rig.Wire(8080) as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(body).encode(), fields))
        return w.answer()


@alone
def test_where_nothing_is_found_three_simulated_models_stand_in(folder):
    with bare(folder) as g:
        out = g.stdout().decode()
        assert "simulated" in out and "127.0.0.1:8080" in out
        with openai.OpenAI(base_url=g.base_url, api_key="none", max_retries=0) as client:
            assert {m.id for m in client.models.list()} >= {
                "simulated/edge", "simulated/on-prem", "simulated/cloud", "auto"}
            raw = client.chat.completions.with_raw_response.create(
                model="auto", messages=[{"role": "user", "content": "Hello"}])
            assert raw.headers["x-trivium-model"].startswith("simulated/")
            text = "".join(c.choices[0].delta.content or "" for c in client.chat.completions.create(
                model="auto", messages=[{"role": "user", "content": "Hello"}], stream=True))
            assert text.endswith("Hello")
        assert ask(rig.chat("simulated/cloud"), [("x-trivium-label", "regulated")]).code == "policy_level"


@alone
def test_the_request_that_it_prints_works_as_it_stands(folder):
    with bare(folder) as g:
        status, body = curl(commands(g.stdout().decode())[0])
        assert status == 200 and json.loads(body)["choices"]


def commands(text):
    """Every curl command of a text, with its line ends and quotes, as one would paste it."""
    return re.findall(r"\bcurl (?:'[^']*'|\\\n|[^\n'])*", text)


def curl(command):
    """Runs it in a shell; the status and the body."""
    done = subprocess.run(["sh", "-c", command.replace("curl ", "curl -sS -i ", 1)], capture_output=True,
                          timeout=20 * rig.SLOW, env=rig.clean_environment())
    assert done.returncode == 0, done.stderr
    head, body = done.stdout.split(b"\r\n\r\n", 1)
    return int(head.split(b" ")[1]), body


@alone
def test_an_engine_at_its_usual_port_is_found(folder):
    engine = rig.Process(["fake", "--listen", "127.0.0.1:11434", "--script", script(folder)], folder, "engine")
    try:
        rig.eventually(engine.stdout, 5, "the engine")
        # Engines are given a moment to answer; on a busy machine it may take another try.
        rig.eventually(lambda: b"qwen" in rig.run("run", "--print-config", env=HOME).stdout, 10, "the engine found")
        with bare(folder) as g:
            with openai.OpenAI(base_url=g.base_url, api_key="none", max_retries=0) as client:
                names = [m.id for m in client.models.list()]
            assert any("qwen" in n for n in names) and not any("simulated/" in n for n in names), names
            name = next(n for n in names if "qwen" in n)
            answer = ask(rig.chat(name), [("x-trivium-label", "regulated")])
            assert answer.status == 200 and answer.json()["model"] == "qwen2.5:3b"
            assert answer.field("x-trivium-zone")
            assert "qwen2.5:3b" in g.stdout().decode() or "1 model" in g.stdout().decode()
    finally:
        engine.kill()


def script(folder):
    path = os.path.join(folder, "engine.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"models": ["qwen2.5:3b"]}, f)
    return path


@alone
def test_a_vendors_key_in_the_environment_is_found_and_not_shown(folder):
    env = {**HOME, "OPENAI_API_KEY": "sk-canary-0123456789abcdef"}
    done = rig.run("run", "--print-config", env=env)
    assert done.returncode == 0, done.stderr
    assert b"env:OPENAI_API_KEY" in done.stdout and b"canary" not in done.stdout + done.stderr
    path = os.path.join(folder, "found.yaml")
    with open(path, "wb") as f:
        f.write(done.stdout)
    assert rig.run("check", path, env=env).returncode == 0, "what it prints is a configuration"
    with bare(folder, env) as g:
        assert b"canary" not in g.stdout() + g.stderr()
        answer = ask(rig.chat("gpt-5-mini"))
        assert answer.code in ("upstream_name", "upstream_connect"), "it is asked, but this place has no network"
        assert ask(rig.chat("gpt-5-mini"), [("x-trivium-label", "confidential")]).code == "policy_level"


@alone
def test_a_second_one_says_that_the_port_is_in_use(folder):
    with bare(folder):
        done = rig.run("run", env=HOME)
        assert done.returncode == 1 and b"8080" in done.stderr
        assert ask(rig.chat("auto")).status == 200


@alone
def test_it_finds_no_engine_in_something_else(folder):
    """Another server at an engine's port is not taken for one, nor does a silent one hold up the start."""
    web = rig.Process(["fake", "--listen", "127.0.0.1:11434", "--script", page(folder)], folder, "web")
    with rig.socket.create_server(("127.0.0.1", 8000)):
        try:
            rig.eventually(web.stdout, 5, "the server")
            with bare(folder) as g:
                assert "simulated" in g.stdout().decode()
                assert ask(rig.chat("auto")).field("x-trivium-model").startswith("simulated/")
        finally:
            web.kill()


def page(folder):
    path = os.path.join(folder, "page.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"default": {"headers": {"Content-Type": "text/html"}, "body": "<h1>Welcome</h1>"}}, f)
    return path


@alone
def test_the_readmes_first_request(folder):
    readme = os.path.join(rig.ROOT, "README.md")
    with open(readme, encoding="utf-8") as f:
        text = f.read()
    here = [c for c in commands(text) if "127.0.0.1:8080" in c]
    assert here, "the README has no request"
    with bare(folder):
        for command in here:
            assert curl(command)[0] == 200, command


@pytest.mark.parametrize("arguments", [("--print-config",)])
def test_printing_opens_no_port(arguments):
    done = rig.run("run", *arguments, env=HOME)
    assert done.returncode == 0 and b"models:" in done.stdout
