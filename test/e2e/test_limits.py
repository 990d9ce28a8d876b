# SPDX-License-Identifier: Apache-2.0
"""Limits: requests and tokens a minute, requests at a time, turns between tenants, failed logins."""

import json
import os
import re
import threading
import time

import openai
import pytest

import rig

SAY = [{"role": "user", "content": "hello there"}]
KEYS = {f"KEY_{n.upper()}": f"tv-key-of-{n}-0123456789abcdef" for n in "abcde"}


def key(name, **more):
    return {"id": name, "secret": f"env:KEY_{name.upper()}", **more}


def as_key(name):
    return [("Authorization", "Bearer " + KEYS["KEY_" + name.upper()])]


@pytest.fixture
def limited(provider, gateway):
    """limited(keys, models={}, script=…, …) is a gateway with one model `m`, and callers."""
    def start(keys, script=None, models=None, **more):
        p = provider(script)
        g = gateway(rig.config({"m": rig.model(p, id="upstream-m"), **(models(p) if models else {})},
                               keys=keys, **more), env=KEYS)
        g.provider = p
        return g
    return start


def test_the_configuration_of_the_guide_loads(folder):
    with open(os.path.join(rig.ROOT, "doc", "guide", "limits.md"), encoding="utf-8") as f:
        text = re.search(r"^```yaml\n(.*?)^```$", f.read(), re.S | re.M)[1]
    path = os.path.join(folder, "limits.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    done = rig.run("check", path, env={"OPENAI_API_KEY": "sk-x", "NOTEBOOK_KEY": "tv-0123456789abcdef"})
    assert done.returncode == 0 and b"warning" not in done.stderr, done.stderr


# ---- rates ----

def test_requests_a_minute_of_a_key(limited):
    g = limited([key("a", limits={"requests_per_minute": 3}), key("b")])
    left = []
    for _ in range(3):
        answer = g.chat(fields=as_key("a"))
        assert answer.status == 200
        assert answer.field("x-ratelimit-limit-requests") == "3"
        left.append(answer.field("x-ratelimit-remaining-requests"))
    assert left == ["2", "1", "0"]
    answer = g.chat(fields=as_key("a"))
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert answer.json()["error"]["type"] == "rate_limit_error"
    assert answer.json()["error"]["message"] == "the limit of this key is 3 requests a minute"
    assert answer.field("x-ratelimit-remaining-requests") == "0"
    assert 0 < int(answer.field("retry-after")) <= 20
    assert 0 < int(answer.field("retry-after-ms")) <= 20_000
    assert answer.field("x-ratelimit-reset-requests").endswith("s")
    assert g.chat(fields=as_key("b")).field("x-ratelimit-limit-requests") is None, "another key has none"
    record = g.records(5)[3]
    assert record["limit"] == {"of": "key", "what": "requests"}
    assert record["err"] == "rate_limited" and record["step"] == "reserve"
    assert "limit" not in g.records(5)[0]
    assert g.metric("trivium_limited_total", of="key", what="requests") == 1
    assert len(g.provider.seen()) == 4


def test_what_is_used_up_comes_back(limited):
    g = limited([key("a", limits={"requests_per_minute": 60})])
    for _ in range(60):
        assert g.chat(fields=as_key("a")).status == 200
    refused = g.chat(fields=as_key("a"))
    if refused.status == 429:                # on a slow machine a second may have passed
        time.sleep(int(refused.field("retry-after-ms")) / 1000)
    assert g.chat(fields=as_key("a")).status == 200


def test_the_sdk_raises_and_retries(limited, sdk):
    g = limited([key("a", limits={"requests_per_minute": 60})])
    client = sdk(g, api_key=KEYS["KEY_A"])
    with pytest.raises(openai.RateLimitError) as refused:
        for _ in range(70):
            client.chat.completions.create(model="m", messages=SAY)
    assert refused.value.status_code == 429
    assert refused.value.body["code"] == "rate_limited"
    assert refused.value.response.headers["x-ratelimit-limit-requests"] == "60"
    patient = sdk(g, api_key=KEYS["KEY_A"], max_retries=4)
    assert patient.chat.completions.create(model="m", messages=SAY).choices


def test_tokens_are_estimated_and_corrected(limited):
    g = limited([key("a", limits={"output_tokens_per_minute": 1000})])
    body = rig.chat(max_tokens=900)
    answer = g.chat(body, fields=as_key("a"))
    assert answer.status == 200
    used = answer.json()["usage"]["completion_tokens"]
    assert used < 100
    left = int(answer.field("x-ratelimit-remaining-tokens"))
    assert 100 <= left <= 100 + 10 * rig.SLOW, "what was asked for is held, and comes back by the minute"
    again = g.chat(body, fields=as_key("a"))
    assert again.status == 200, "the rest came back when the answer was there"
    assert int(again.field("x-ratelimit-remaining-tokens")) <= left - used + 1 + 10 * rig.SLOW


def test_more_than_was_held_is_owed(limited):
    script = {"default": {"usage": {"input": 5000, "cached": 0, "output": 10}}}
    g = limited([key("a", limits={"input_tokens_per_minute": 1000})], script)
    assert g.chat(fields=as_key("a")).status == 200
    answer = g.chat(fields=as_key("a"))
    assert answer.status == 429
    assert 200 < int(answer.field("retry-after")) <= 242, "four minutes' worth is owed"


def test_a_request_that_can_never_pass_is_not_tried_again(limited, sdk):
    g = limited([key("a", limits={"input_tokens_per_minute": 100})])
    answer = g.chat(rig.chat(say="x" * 4000), fields=as_key("a"))
    assert answer.status == 429
    assert answer.field("x-should-retry") == "false" and answer.field("retry-after") is None
    assert "it can never pass" in answer.json()["error"]["message"]
    began = time.monotonic()
    with pytest.raises(openai.RateLimitError):
        sdk(g, api_key=KEYS["KEY_A"], max_retries=5).chat.completions.create(
            model="m", messages=[{"role": "user", "content": "x" * 4000}])
    assert time.monotonic() - began < 2
    assert g.chat(fields=as_key("a")).status == 200, "and took nothing"


def test_keys_of_a_tenant_share_and_others_have_their_own(limited):
    g = limited([key("a", tenant="acme"), key("b", tenant="acme"), key("c", tenant="other"),
                 key("d", tenant="third"), key("e", tenant="free")],
                tenants={"acme": {"limits": {"requests_per_minute": 2}}, "free": {},
                         "default": {"limits": {"requests_per_minute": 1}}})
    got = {n: [g.chat(fields=as_key(n)).status for _ in range(2)] for n in "abcde"}
    assert got == {"a": [200, 200], "b": [429, 429], "c": [200, 429], "d": [200, 429], "e": [200, 200]}
    assert g.records(10)[2]["limit"] == {"of": "tenant", "what": "requests"}


def test_a_refusal_takes_nothing_of_the_others(limited):
    """The tenant lets it pass, the workload does not: the tenant has all it had."""
    g = limited([key("a", tenant="acme")], tenants={"acme": {"limits": {"requests_per_minute": 10}}},
                workloads={"w": {"owner": "me", "limits": {"requests_per_minute": 1}}, "v": {"owner": "me"}},
                default_workload="w")
    assert [g.chat(fields=as_key("a")).status for _ in range(4)] == [200, 429, 429, 429]
    answer = g.chat(fields=as_key("a") + [("x-trivium-workload", "v")])
    assert answer.status == 200 and answer.field("x-ratelimit-remaining-requests") == "8"


def test_a_model_that_got_enough_is_passed_over(limited):
    g = limited([key("a")], models=lambda p: {"n": rig.model(p, id="upstream-n", limits={
        "requests_per_minute": 1})}, groups={"both": ["n", "m"]})
    served = [g.chat(rig.chat("both"), fields=as_key("a")).field("x-trivium-model") for _ in range(3)]
    assert served == ["n", "m", "m"]
    answer = g.chat(rig.chat("n"), fields=as_key("a"))
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert 0 < int(answer.field("retry-after")) <= 60
    record = g.records(4)[3]
    assert record["limit"] == {"of": "model", "what": "requests"}
    assert record["decision"]["refused"] == {"rate": ["n"]}
    assert g.records(4)[1]["decision"]["refused"] == {"rate": ["n"]}


def test_state_outlives_a_reload(limited):
    keys = [key("a", limits={"requests_per_minute": 2})]
    g = limited(keys)
    assert [g.chat(fields=as_key("a")).status for _ in range(3)] == [200, 200, 429]
    config = json.load(open(g.config_path, encoding="utf-8"))
    config["models"]["later"] = config["models"]["m"]
    g.write(config)
    g.signal(rig.signal.SIGHUP)
    rig.eventually(lambda: b'"reloaded"' in g.log(), 5, "the reload")
    assert g.chat(fields=as_key("a")).status == 429


def test_a_limit_is_of_the_process_and_not_of_a_worker(limited):
    g = limited([key("a", limits={"requests_per_minute": 40})], workers=4)
    assert sum(g.chat(fields=as_key("a")).status == 200 for _ in range(60)) in (40, 41, 42, 43)


def test_a_stream_has_the_fields_and_is_settled(limited, sdk):
    g = limited([key("a", limits={"output_tokens_per_minute": 2000})])
    client = sdk(g, api_key=KEYS["KEY_A"])
    for _ in range(3):
        raw = client.chat.completions.with_raw_response.create(model="m", messages=SAY, stream=True,
                                                               max_tokens=1500)
        assert raw.headers["x-ratelimit-limit-tokens"] == "2000"
        list(raw.parse())


# ---- at a time ----

SLOW = {"default": {"first_token_ms": 600 if rig.SLOW == 1 else 1800}}


def in_parallel(count, ask):
    got = [None] * count

    def run(i):
        got[i] = ask(i)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return got


@pytest.mark.parametrize("workers", [1, 4])
def test_requests_at_a_time_of_a_key(limited, workers):
    g = limited([key("a", limits={"concurrency": 2})], SLOW, workers=workers)
    statuses = sorted(a.status for a in in_parallel(6, lambda i: g.chat(fields=as_key("a"))))
    assert statuses == [200, 200, 429, 429, 429, 429]
    assert g.chat(fields=as_key("a")).status == 200, "all are given back"
    limits = [r["limit"] for r in g.records(7) if "limit" in r]
    assert limits == [{"of": "key", "what": "concurrent"}] * 4


@pytest.mark.parametrize("workers", [1, 4])
def test_a_model_is_never_asked_more_at_a_time_and_all_are_served(limited, workers):
    g = limited([key("a")], {"default": {"first_token_ms": 100}}, workers=workers,
                models=lambda p: {"n": rig.model(p, limits={"concurrency": 2})})
    began = time.monotonic()
    answers = in_parallel(8, lambda i: g.chat(rig.chat("n"), fields=as_key("a")))
    assert [a.status for a in answers] == [200] * 8
    assert time.monotonic() - began >= 0.4, "two at a time"
    assert g.metric("trivium_turns_waiting") == 0


def test_who_waits_is_let_go_when_its_client_goes(limited):
    g = limited([key("a")], SLOW, models=lambda p: {"n": rig.model(p, concurrency=1)})
    body = json.dumps(rig.chat("n")).encode()
    with g.wire() as first:
        first.send(rig.request_bytes("POST", "/v1/chat/completions", body, as_key("a")))
        rig.eventually(lambda: len(g.provider.seen()) == 1, 5, "the first is there")
        with g.wire() as second:
            second.send(rig.request_bytes("POST", "/v1/chat/completions", body, as_key("a")))
            rig.eventually(lambda: g.metric("trivium_turns_waiting") == 1, 5, "the second waits")
        rig.eventually(lambda: g.metric("trivium_turns_waiting") == 0, 5, "and went")
        assert first.answer().status == 200
    assert g.chat(rig.chat("n"), fields=as_key("a")).status == 200
    assert sorted(r["err"] for r in g.records(3)) == ["client_gone", "ok", "ok"]


def test_who_waits_has_a_deadline(limited):
    g = limited([key("a")], {"default": {"first_token_ms": 1500}},
                models=lambda p: {"n": rig.model(p, concurrency=1)})
    body = json.dumps(rig.chat("n")).encode()
    with g.wire() as first:
        first.send(rig.request_bytes("POST", "/v1/chat/completions", body, as_key("a")))
        rig.eventually(lambda: len(g.provider.seen()) == 1, 5, "the first is there")
        answer = g.chat(rig.chat("n"), fields=as_key("a") + [("x-trivium-deadline-ms", "200")])
        assert (answer.status, answer.code) == (504, "deadline")
        assert first.answer().status == 200
    assert g.chat(rig.chat("n"), fields=as_key("a")).status == 200


def test_a_tenant_with_one_request_waits_about_one_turn(limited):
    """Thirty of one tenant wait, then one of another comes: it is next but one."""
    g = limited([key("a", tenant="many"), key("b", tenant="few")], {"default": {"first_token_ms": 50}},
                models=lambda p: {"n": rig.model(p, concurrency=1)})
    body = json.dumps(rig.chat("n")).encode()
    wires = [g.wire(timeout=30) for _ in range(30)]
    for w in wires:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", body, as_key("a")))
    rig.eventually(lambda: g.metric("trivium_turns_waiting") >= 20, 5, "the queue")
    before = len(g.provider.seen())
    assert g.chat(rig.chat("n"), fields=as_key("b")).status == 200
    assert len(g.provider.seen()) - before <= 4, "it did not wait for the thirty"
    for w in wires:
        assert w.answer().status == 200
        w.close()


# ---- failed logins ----

def test_wrong_keys_of_an_address_are_limited_and_right_ones_pass(limited, sdk):
    g = limited([key("a")], limits={"failed_logins_per_minute": 5})
    wrong = [g.chat(fields=[("Authorization", "Bearer tv-wrong")]) for _ in range(7)]
    assert [a.status for a in wrong] == [401] * 5 + [429] * 2
    assert wrong[6].code == "login_limited" and 0 < int(wrong[6].field("retry-after")) <= 12
    assert g.chat().code == "login_limited", "no key is no right key"
    assert g.chat(fields=as_key("a")).status == 200
    assert g.metric("trivium_logins_failed_total") == 8
    assert g.metric("trivium_logins_limited_total") == 3


def test_where_everybody_may_call_nobody_fails(one):
    assert [one.chat(fields=[("Authorization", "Bearer x")]).status for _ in range(70)] == [200] * 70


# ---- keys that are made at run time ----

def test_a_key_of_the_api_has_limits(provider, gateway, folder):
    data = os.path.join(folder, "data")
    g = gateway(rig.config({"m": rig.model(provider())}, data=data))
    with open(os.path.join(data, "admin.key"), encoding="utf-8") as f:
        admin = [("Authorization", f"Bearer {f.read().strip()}")]

    def api(method, path, body=None):
        with rig.Wire(g.admin_port) as w:
            w.send(rig.request_bytes(method, path, json.dumps(body).encode() if body else None, admin))
            return w.answer()
    made = api("POST", "/api/keys", {"name": "a", "limits": {"requests_per_minute": 2, "concurrency": 5}})
    assert made.status == 201 and made.json()["limits"] == {"requests_per_minute": 2, "concurrency": 5}
    caller = [("Authorization", f"Bearer {made.json()['key']}")]
    assert [g.chat(fields=caller).status for _ in range(3)] == [200, 200, 429]
    path = f"/api/keys/{made.json()['id']}"
    assert api("PATCH", path, {"limits": {"requests_per_minute": 100}}).json()["limits"] == {"requests_per_minute": 100}
    rig.eventually(lambda: g.chat(fields=caller).status == 200, 5, "what is used comes back as the new limit says")
    answer = g.chat(fields=caller)
    assert answer.field("x-ratelimit-limit-requests") == "100"
    assert "limits" not in api("PATCH", path, {"limits": None}).json()
    assert g.chat(fields=caller).field("x-ratelimit-limit-requests") is None
    for limits in ({"requests": 1}, {"requests_per_minute": 0}, {"concurrency": 1.5}, {"concurrency": 1000001}, [1], "x"):
        assert api("PATCH", path, {"limits": limits}).status == 400, limits
