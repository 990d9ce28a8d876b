# SPDX-License-Identifier: Apache-2.0
"""The simulated providers themselves: what the other tests rely on."""

import json
import os
import signal
import time

import openai
import pytest

import rig

CHAT = "/v1/chat/completions"


def ask(p, body=None, path=CHAT, fields=()):
    with rig.Wire(p.port) as w:
        w.send(rig.request_bytes("POST", path, json.dumps(body or rig.chat()).encode(), fields))
        return w.answer()


@pytest.fixture
def direct(provider):
    """The SDK straight at a provider."""
    p = provider()
    p.client = openai.OpenAI(base_url=f"{p.url}/v1", api_key="x", max_retries=0)
    yield p
    p.client.close()


def test_the_sdk_takes_it_for_a_provider(direct):
    say = [{"role": "user", "content": "hi"}]
    assert direct.client.chat.completions.create(model="x", messages=say).choices[0].message.content.endswith("hi")
    assert [m.id for m in direct.client.models.list()] == ["simulated"]
    assert direct.client.models.retrieve("anything").id == "anything"
    assert len(direct.client.embeddings.create(model="x", input="a").data[0].embedding) == 64
    with pytest.raises(openai.BadRequestError) as e:
        direct.client.chat.completions.create(model="x", messages=say, n=1000)
    assert e.value.param == "n"


def test_the_same_seed_says_the_same(provider):
    script = {"default": {"first_token_ms": {"uniform": [0, 3]}}}
    bodies = []
    for seed in ("7", "7", "8"):
        p = provider(script, arguments=["--seed", seed])
        bodies.append([json.loads(ask(p).body)["id"] for _ in range(5)])
    assert bodies[0] == bodies[1] != bodies[2] and len(set(bodies[0])) == 5


def test_models_and_keys_of_a_script(provider):
    p = provider({"models": ["a", "b"], "strict_models": True, "key": "sk-1"})
    assert ask(p).status == 401
    key = [("Authorization", "Bearer sk-1")]
    assert ask(p, rig.chat("a"), fields=key).status == 200
    assert ask(p, rig.chat("c"), fields=key).json()["error"]["code"] == "model_not_found"
    assert ask(p, rig.chat("a"), fields=[("api-key", "sk-1")]).status == 200


def test_what_arrived_is_shown_byte_for_byte(provider):
    p = provider()
    sent = rig.request_bytes("POST", CHAT + "?a=b", b'{"model": "m", "messages": []}', [("X-Odd", "caf\xe9")])
    with rig.Wire(p.port) as w:
        w.send(sent)
        w.answer()
    r = p.last()
    assert r["head"] + r["body"] == sent and r["ended"] == "whole" and r["status"] == 200


def test_only_the_last_requests_are_kept(provider):
    p = provider()
    with rig.Wire(p.port) as w:
        for i in range(300):
            w.send(rig.request_bytes("POST", CHAT, json.dumps(rig.chat(say=str(i))).encode()))
            w.answer()
    seen = p.seen()
    assert len(seen) == 256 and seen[-1]["number"] == 300 and b'"299"' in seen[-1]["body"]
    assert p.control("POST", "/fake/reset").status == 200
    assert p.seen() == []


def test_rules(provider):
    p = provider({"rules": [{"model": "bad*", "then": {"status": 503}}, {"nth": 2, "then": {"status": 429}}]})
    assert [ask(p, rig.chat(m)).status for m in ("m", "bad-1", "m", "m", "bad")] == [200, 503, 429, 200, 503]
    assert [r["rule"] for r in p.seen()] == [0, 1, 2, 0, 1]


def test_pace(provider):
    p = provider({"default": {"first_token_ms": 200, "tokens_per_second": 100, "tokens": 20}})
    began = time.monotonic()
    assert ask(p).status == 200
    assert 0.35 < time.monotonic() - began < 2 * rig.SLOW, "200 ms and 19 times 10 ms"


def test_a_drip_and_a_cut(provider):
    p = provider({"default": {"piece_bytes": 10, "piece_ms": 5, "cut_bytes": 200}})
    with rig.Wire(p.port) as w:
        w.send(rig.request_bytes("POST", CHAT, json.dumps(rig.chat()).encode()))
        began = time.monotonic()
        while w.more():
            pass
        assert len(w.buffer) == 200 and time.monotonic() - began > 0.05
    assert p.last()["ended"] == "broken"


def test_a_reset_is_a_reset(provider):
    p = provider({"default": {"fault": {"do": "reset"}}})
    with rig.Wire(p.port) as w:
        w.send(rig.request_bytes("POST", CHAT, json.dumps(rig.chat()).encode()))
        with pytest.raises(ConnectionResetError):
            w.sock.recv(100)


def test_raw_bytes(provider):
    p = provider({"default": {"raw_base64": "SFRUUC8xLjEgMjAwIA0KDQr/AA=="}})
    with rig.Wire(p.port) as w:
        w.send(rig.request_bytes("POST", CHAT, json.dumps(rig.chat()).encode()))
        w.until(b"\xff\0")
        assert w.taken == b"HTTP/1.1 200 \r\n\r\n\xff\0"


@pytest.mark.parametrize("script", [b"{", b"[]", b'{"nonsense":1}', b'{"default":{"status":1}}'])
def test_a_bad_script_is_refused_and_the_old_one_stays(provider, script):
    p = provider({"default": {"text": "still here"}})
    answer = p.control("POST", "/fake/script", script)
    assert answer.status == 400 and answer.body
    assert b"still here" in ask(p).body


def test_a_script_from_a_file(provider, folder):
    path = os.path.join(folder, "script.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"default": {"text": "from a file"}}, f)
    assert b"from a file" in ask(provider(None, arguments=["--script", path])).body
    done = rig.run("fake", "--script", os.path.join(folder, "none.json"))
    assert done.returncode == 1 and b"none.json" in done.stderr
    with open(path, "w", encoding="utf-8") as f:
        f.write('{"defualt":{}}')
    done = rig.run("fake", "--script", path)
    assert done.returncode == 1 and b"defualt" in done.stderr


def test_every_example_script_is_one(provider):
    folder = os.path.join(rig.ROOT, "example/fake")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            provider(json.load(f))


def test_a_port_in_use(provider):
    p = provider()
    done = rig.run("fake", "--listen", f"127.0.0.1:{p.port}")
    assert done.returncode == 1 and str(p.port).encode() in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told(provider, number):
    p = provider({"default": {"fault": {"do": "stall"}}})
    with rig.Wire(p.port) as w:
        w.send(rig.request_bytes("POST", CHAT, json.dumps(rig.chat()).encode()))
        rig.eventually(p.seen, 5, "it arrived")
        p.signal(number)
        assert p.wait() == 0
