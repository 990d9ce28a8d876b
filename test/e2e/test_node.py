# SPDX-License-Identifier: Apache-2.0
"""The official OpenAI SDK for Node, unmodified but for base URL and key."""

import json
import os
import subprocess
import time

import pytest

import rig

TEXT = "This is a simulated answer from upstream-m. You said: hello there"


@pytest.fixture
def ask(node):
    """ask(gateway, case, VARIABLE=value…) runs one case of node/sdk.mjs."""
    def run(gateway, case, **env):
        done = subprocess.run(
            ["node", os.path.join(node, "sdk.mjs"), case], capture_output=True, timeout=60 * rig.SLOW,
            env=rig.clean_environment({"BASE_URL": gateway.base_url, **env}))
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)
    return run


def test_chat(one, ask):
    a = ask(one, "chat")
    assert (a["text"], a["model"]) == (TEXT, "m") and a["usage"]["total_tokens"] > 0


def test_stream(one, ask):
    a = ask(one, "stream")
    assert (a["text"], a["finish"], a["usage"]) == (TEXT, "stop", None)
    a = ask(one, "usage")
    assert a["text"] == TEXT and a["usage"]["completion_tokens"] == 11
    assert ask(one, "helper")["text"] == TEXT


def test_tools(one, ask):
    a = ask(one, "tools")
    assert a["name"] == "weather" and json.loads(a["arguments"])["city"] and a["text"].endswith("sunny")
    a = ask(one, "streamed_tools")
    assert a["name"] == "weather" and json.loads(a["arguments"])["city"]


def test_structured_output(one, ask):
    a = ask(one, "structured")
    assert isinstance(a["name"], str) and isinstance(a["age"], int)


def test_embeddings(one, ask):
    a = ask(one, "embeddings")
    assert len(a["base64"]) == 3 and a["base64"][0] == a["base64"][2] != a["base64"][1]
    assert a["float"] == pytest.approx(a["base64"][0], abs=1e-6)


def test_models_and_completions(one, ask):
    a = ask(one, "models")
    assert set(a["ids"]) == {"m", "auto"} and a["one"] == "m"
    assert ask(one, "completions")["text"].endswith("You said: once")


def test_models_with_a_slash(provider, gateway, ask):
    g = gateway(rig.config({"maker/m": rig.model(provider())}))
    assert ask(g, "models", MODEL="maker/m")["one"] == "maker/m"


def test_typed_errors(one, ask):
    a = ask(one, "error", MODEL="n")
    assert (a["error"], a["status"], a["code"], a["param"]) == ("NotFoundError", 404, "model_unknown", "model")
    assert a["id"]
    a = ask(one, "bad")
    assert (a["error"], a["code"], a["param"]) == ("BadRequestError", "field_type", "messages")
    for status, name in ((429, "RateLimitError"), (500, "InternalServerError"), (503, "InternalServerError"),
                         (422, "UnprocessableEntityError")):
        one.provider.script({"default": {"status": status, "headers": {"Retry-After": "7"}}})
        a = ask(one, "error")
        assert a["error"] == name, a
        if status == 429:
            assert a["retryAfter"] == "7"


def test_keys_and_policy(provider, gateway, ask):
    g = gateway(rig.config({"m": rig.model(provider(), zone="public")}, keys=[{"id": "k", "secret": "env:K"}]),
                env={"K": "tv-0123456789abcdef"})
    assert ask(g, "error", KEY="tv-wrong")["error"] == "AuthenticationError"
    assert ask(g, "error", KEY="tv-0123456789abcdef")["error"] is None
    a = ask(g, "labelled", KEY="tv-0123456789abcdef")
    assert (a["error"], a["code"]) == ("PermissionDeniedError", "policy_level")


def test_it_retries_by_itself(one, ask):
    one.provider.script({"rules": [{"times": 2, "then": {"status": 503, "headers": {"Retry-After": "0"}}}]})
    assert ask(one, "error", RETRIES="2")["error"] is None
    assert [r["status"] for r in one.records(3)] == [503, 503, 200]


def test_a_broken_stream_raises(one, ask):
    one.provider.script({"default": {"fault": {"do": "close", "at": 3}, "token_ms": 20}})
    a = ask(one, "broken_stream")
    assert a["error"] in ("APIError", "InternalServerError") and a["code"] == "stream_broken"


def test_a_timeout(one, ask):
    one.provider.script({"default": {"fault": {"do": "stall"}}})
    assert ask(one, "error", TIMEOUT_MS="300")["error"] == "APIConnectionTimeoutError"
    assert one.record()["err"] == "client_gone"


def test_a_cancelled_stream(one, ask):
    one.provider.script({"default": {"tokens": 10000, "token_ms": 20}})
    began = time.monotonic()
    assert 4 <= ask(one, "cancel")["chunks"] < 100
    rig.eventually(lambda: one.provider.last()["ended"] == "gone", 1, "the provider noticed")
    assert time.monotonic() - began < 10 * rig.SLOW
    assert one.record()["err"] == "client_gone"


def test_many_at_once(one, ask):
    assert ask(one, "many")["right"]
    assert len(one.records(50)) == 50
