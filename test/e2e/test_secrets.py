# SPDX-License-Identifier: Apache-2.0
"""Canaries in every place where a secret can be; they are searched for in everything that leaves."""

import json
import os
import signal

import pytest

import rig

CALLER = "tv-canary-caller-0123456789abcdef"
VENDOR = "sk-canary-vendor-0123456789abcdef"
FILED = "sk-canary-file-0123456789abcdef"
PROMPT = "canary-prompt-words"
ANSWER = "canary-answer-words"
ALL = [CALLER, VENDOR, FILED, PROMPT, ANSWER]


@pytest.fixture
def canaries(provider, gateway, folder):
    path = os.path.join(folder, "vendor.key")
    with open(path, "w", encoding="ascii") as f:
        f.write(FILED + "\n")
    os.chmod(path, 0o600)
    p = provider()
    g = gateway(rig.config({"m": rig.model(p, key="env:VENDOR"), "f": rig.model(p, key=f"file:{path}")},
                           groups={"both": ["m", "f"]}, keys=[{"id": "k", "secret": "env:CALLER"}]),
                env={"VENDOR": VENDOR, "CALLER": CALLER})
    g.provider = p
    return g


KEY = [("Authorization", f"Bearer {CALLER}")]



def echo(key):
    """An error that quotes what it was sent."""
    return json.dumps({"error": {"message": f"Incorrect API key provided: {key}. {PROMPT}", "type": "x",
                                 "code": "y"}})



BEHAVIOURS = {
    "well": lambda key: {"text": ANSWER},
    "401 that quotes the key": lambda key: {"status": 401, "body": echo(key)},
    "400 that quotes the key": lambda key: {"status": 400, "body": echo(key)},
    "500 that quotes everything": lambda key: {"status": 500, "body": echo(key) + ANSWER},
    "429 with the key in headers": lambda key: {"status": 429, "headers": {"Retry-After": key, "X-Key": key}},
    "the key as request id": lambda key: {"headers": {"x-request-id": key}},
    "a malformed answer": lambda key: {"body": key + ANSWER},
    "a malformed head": lambda key: {"raw": f"HTTP/1.1 2x0 {key}\r\n\r\n"},
    "a stream with an error": lambda key: {"events": [f"data: {echo(key)}\n\n"]},
    "a stream with a late error": lambda key: {"events": ['data: {"choices":[]}\n\n', f"data: {echo(key)}\n\n"]},
    "a stream with an event that is none": lambda key: {
        "events": ['data: {"choices":[]}\n\n', f"data: {key}\n\n"]},
}


@pytest.mark.parametrize("why", BEHAVIOURS)
@pytest.mark.parametrize("stream", [False, True])
def test_secrets_stay_where_they_are(canaries, why, stream):
    told = b""
    for model, key in (("m", VENDOR), ("f", FILED), ("both", VENDOR)):
        canaries.provider.script({"default": BEHAVIOURS[why](key)})
        answer = canaries.chat(rig.chat(model, say=PROMPT, stream=stream), KEY)
        told += answer.raw
    for path in ("/metrics", "/debug/requests", "/debug/fibers", "/healthz"):
        told += canaries.admin(path).raw
    for secret in (CALLER, VENDOR, FILED):
        assert secret.encode() not in told, (why, secret)
    canaries.stop()
    kept = canaries.log() + canaries.stderr() + canaries.stdout()
    for secret in ALL:
        assert secret.encode() not in kept, (why, secret)


def test_wrong_keys_are_not_written_down(canaries):
    wrong = "tv-canary-wrong-0123456789"
    answer = canaries.chat(fields=[("Authorization", f"Bearer {wrong}")])
    assert answer.status == 401 and wrong.encode() not in answer.raw
    canaries.stop()
    assert wrong.encode() not in canaries.log() + canaries.stderr()


def test_a_vendors_key_goes_to_its_vendor_only(provider, gateway):
    """Two models with two keys at two places, and a fallback between them."""
    a, b = provider({"default": {"status": 500}}), provider()
    g = gateway(rig.config({"a": rig.model(a, key="env:KEY_A"), "b": rig.model(b, key="env:KEY_B")},
                           groups={"both": ["a", "b"]}), env={"KEY_A": "sk-for-a-0123456789", "KEY_B": "sk-for-b-0123456789"})
    assert g.chat(rig.chat("both")).status == 200
    assert b"sk-for-a" in a.last()["head"] and b"sk-for-b" not in a.last()["head"]
    assert b"sk-for-b" in b.last()["head"] and b"sk-for-a" not in b.last()["head"]


@pytest.mark.parametrize("field", ["api_base", "base_url", "api_key", "api_version", "extra_headers", "proxy"])
def test_no_destination_and_no_key_comes_from_a_request(canaries, provider, field):
    stranger = provider()
    body = {**rig.chat(), field: stranger.url}
    assert canaries.chat(body, [*KEY, ("x-portkey-custom-host", stranger.url), ("x-forwarded-host", "x")]).status == 200
    assert stranger.seen() == [] and canaries.provider.seen() != []


def test_redirects_are_not_followed(canaries, provider):
    stranger = provider()
    canaries.provider.script({"default": {"status": 307, "headers": {"Location": stranger.url + "/v1/chat/completions"},
                                          "body": ""}})
    assert canaries.chat(rig.chat(), KEY).status == 502
    assert stranger.seen() == []


def test_secrets_are_not_in_the_command_line_or_the_core(canaries):
    for pid in (canaries.pid, *rig.children_of(canaries.pid)):
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            line = f.read()
        assert not any(s.encode() in line for s in ALL)


def test_a_reload_with_a_missing_secret_does_not_tell_the_others(canaries):
    canaries.write(rig.config({"m": rig.model(canaries.provider, key="env:VENDOR"),
                               "n": rig.model(canaries.provider, key="env:MISSING")}))
    canaries.signal(signal.SIGHUP)
    rig.eventually(lambda: b"MISSING" in canaries.stderr(), 5, "the complaint")
    assert VENDOR.encode() not in canaries.stderr()
