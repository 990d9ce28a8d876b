# SPDX-License-Identifier: Apache-2.0
"""Workloads, roles, hosted tools, duties, exceptions: what the configuration says is what happens on the wire."""

import json
import signal
import threading
import time

import pytest

import rig

KEYS = {"HELPDESK": "tv-helpdesk-secret-0123456789", "OFFICER": "tv-officer-secret-0123456789"}


def law(models, **more):
    """A configuration with two callers and two workloads; `more` replaces parts of it."""
    c = rig.config(models, keys=[
        {"id": "helpdesk", "secret": "env:HELPDESK", "role": "service", "workloads": ["triage", "drafts"]},
        {"id": "officer", "secret": "env:OFFICER", "role": "officer"}])
    c["roles"] = {"service": {"ceiling": "confidential"}, "officer": {"explain": True}}
    c["workloads"] = {
        "triage": {"owner": "service desk", "match": {"header": {"X-Team": "desk"}},
                   "label": {"level": "internal", "kinds": ["pii"]}},
        "drafts": {"owner": "everyone", "match": {"metadata": {"kind": "draft"}}},
        "secret": {"owner": "board"},
    }
    c.update(more)
    return c


def start(gateway, *args, **more):
    g = gateway(law(*args, **more), env=KEYS, ready=True)
    return g


def code_of(answer):
    return None if answer.status == 200 else answer.code


def ask(g, body=None, who="HELPDESK", fields=()):
    return g.chat(body if body is not None else rig.chat("auto"),
                  [("Authorization", "Bearer " + KEYS[who]), *fields])


@pytest.fixture
def two(provider, gateway):
    providers = {name: provider() for name in ("edge", "public")}
    models = {name: rig.model(p, zone=name, id=name) for name, p in providers.items()}
    g = start(gateway, models)
    g.providers = providers
    return g


# why, header fields, extra members of the body, who, the workload of the record or the error's code
CHOICES = [
    ("by a header", [("x-team", "desk")], {}, "HELPDESK", "triage"),
    ("the value counts", [("x-team", "Desk")], {}, "HELPDESK", None),
    ("a header that is there twice leads nowhere", [("x-team", "desk"), ("x-team", "desk")], {}, "HELPDESK", None),
    ("by metadata", [], {"metadata": {"kind": "draft"}}, "HELPDESK", "drafts"),
    ("the first of two that fit", [("x-team", "desk")], {"metadata": {"kind": "draft"}}, "HELPDESK", "triage"),
    ("by name", [("x-trivium-workload", "drafts")], {}, "HELPDESK", "drafts"),
    ("a name comes before a match", [("x-trivium-workload", "drafts"), ("x-team", "desk")], {}, "HELPDESK", "drafts"),
    ("by the model's name", [], {"model": "workload/drafts"}, "HELPDESK", "drafts"),
    ("outside of the key's bound", [("x-trivium-workload", "secret")], {}, "HELPDESK", None),
    ("outside of the key's bound, by model", [], {"model": "workload/secret"}, "HELPDESK", None),
    ("a key without a bound may", [("x-trivium-workload", "secret")], {}, "OFFICER", "secret"),
    ("a name that is not there", [("x-trivium-workload", "triaje")], {}, "OFFICER", None),
    ("nothing fits", [], {}, "OFFICER", None),
    ("metadata that is no text", [], {"metadata": {"kind": 7}}, "HELPDESK", None),
]


@pytest.mark.parametrize("why, fields, more, who, workload", CHOICES, ids=[c[0] for c in CHOICES])
def test_which_workload(two, why, fields, more, who, workload):
    body = rig.chat("auto")
    body.update(more)
    answer = ask(two, json.dumps(body).encode(), who, fields)
    if workload is None:
        assert (answer.status, answer.code) == (403, "policy_workload")
        assert all(p.seen() == [] for p in two.providers.values())
    else:
        assert answer.status == 200
        assert two.record()["decision"]["workload"] == workload


def test_a_floor_cannot_be_talked_down(two):
    answer = ask(two, fields=[("x-team", "desk"), ("x-trivium-label", "public")])
    assert answer.field("x-trivium-label") == "internal" and answer.field("x-trivium-zone") == "edge"
    decision = two.record()["decision"]
    assert decision["label"] == {"level": "internal", "kinds": ["pii"]}
    assert decision["refused"] == {"kind": ["public"]}


def test_answers_have_a_ceiling(two):
    answer = ask(two, fields=[("x-team", "desk"), ("x-trivium-label", "regulated")])
    assert (answer.status, answer.code) == (403, "policy_role")
    assert ask(two, who="OFFICER", fields=[("x-team", "desk"), ("x-trivium-label", "regulated")]).status == 200
    answer = ask(two, fields=[("x-team", "desk"), ("x-trivium-label", "credentials")])
    assert (answer.status, answer.code) == (403, "policy_role"), "a level alone has all kinds but credentials"


OPAQUE = [
    {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]}]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "input_audio"}]}]},
    {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
    {"messages": [{"role": "user", "content": [{"type": "something_new", "text": "a"}]}]},
    {"messages": [{"role": "user", "content": [{"text": "no type"}]}]},
    {"messages": [{"role": "assistant", "audio": {"id": "a"}}, {"role": "user", "content": "a"}]},
    {"messages": [{"role": "user", "content": {"type": "text"}}]},
]


@pytest.mark.parametrize("body", OPAQUE, ids=range(len(OPAQUE)))
def test_what_cannot_be_read_stays_home(provider, gateway, body):
    p = {name: provider() for name in ("edge", "public")}
    g = gateway(rig.config({n: rig.model(p[n], zone=n) for n in p}, groups={"both": ["public", "edge"]}))
    body["model"] = "both"
    raw = json.dumps(body).encode()
    answer = g.chat(raw.replace(b'"messages"', b'"m\\u0065ssages"'))
    assert answer.field("x-trivium-zone") == "edge", "escapes in a name hide nothing"
    assert g.chat(raw).field("x-trivium-zone") == "edge"
    assert p["public"].seen() == []


def test_tokens_cannot_be_read_either(provider, gateway):
    p = {name: provider() for name in ("edge", "public")}
    g = gateway(rig.config({n: rig.model(p[n], zone=n) for n in p}, groups={"both": ["public", "edge"]}))

    def zone(value):
        body = json.dumps({"model": "both", "input": value}).encode()
        return g.ask("POST", "/v1/embeddings", body, [("Content-Type", "application/json")]).field("x-trivium-zone")
    assert [zone(v) for v in ("a", ["a", "b"], [1, 2], [[1], [2]], ["a", 1])] == \
        ["public", "public", "edge", "edge", "edge"]


def test_hosted_tools_are_places(provider, gateway):
    p = provider()
    g = gateway({**rig.config({"m": rig.model(p, zone="edge")}), "tools": {
        "web_search": {"clearance": {"level": "internal"}}}})

    def code(tools, label="internal", **more):
        body = {**rig.chat("m"), "tools": tools, **more}
        return code_of(g.chat(json.dumps(body).encode(), [("x-trivium-label", label)]))
    function = {"type": "function", "function": {"name": "f"}}
    assert code([function], "regulated") is None
    assert code([{"type": "web_search"}]) is None
    assert code([function, {"type": "web_search"}], "confidential") == "policy_tool"
    assert code([{"type": "code_interpreter"}]) == "policy_tool", "a tool that is not told is refused"
    assert code([{}]) == "policy_tool"
    assert code([function], "confidential", web_search_options={}) == "policy_tool"
    assert code([{"type": "web_s\\u0065arch"}], "public") == "policy_tool"


def test_this_host_is_a_place(provider, gateway):
    p = provider()
    g = gateway({**rig.config({"m": rig.model(p, zone="edge")}), "here": {"clearance": {"level": "internal"}}})
    answer = g.chat(rig.chat("m"), [("x-trivium-label", "confidential")])
    assert (answer.status, answer.code) == (403, "policy_here") and p.seen() == []


NEEDS = [
    ("capability", {"capability": "frontier"}, {}, ["big"], {"capability": ["small"]}),
    ("a feature of the workload", {"features": ["vision"]}, {}, ["big"], {"feature": ["small"]}),
    ("a feature of the request", {}, {"logprobs": True}, ["big"], {"feature": ["small"]}),
    ("context", {}, {"max_tokens": 5000}, ["big"], {"context": ["small"]}),
    ("latency", {"latency_ms": 100}, {}, ["small"], {"latency": ["big"]}),
    ("offline", {"offline": True}, {}, ["small"], {"offline": ["big"]}),
    ("nothing", {}, {}, ["small", "big"], None),
]


@pytest.mark.parametrize("why, needs, more, plan, refused", NEEDS, ids=[n[0] for n in NEEDS])
def test_needs(provider, gateway, why, needs, more, plan, refused):
    p = provider()
    config = rig.config({
        "small": rig.model(p, zone="edge", capability="basic", features=["tools", "chat"], context=1000,
                           latency_ms=50),
        "big": rig.model(p, zone="site", capability="frontier", latency_ms=900,
                         features=["tools", "chat", "vision", "logprobs"])})
    config["zones"]["edge"]["offline"] = True
    config["workloads"] = {"w": {"owner": "x", "needs": needs}}
    config["default_workload"] = "w"
    g = gateway(config)
    body = {**rig.chat("auto"), **more}
    assert g.chat(json.dumps(body).encode()).status == 200
    decision = g.record()["decision"]
    assert decision["plan"] == plan and decision.get("refused") == refused


def test_degrading_is_a_choice(provider, gateway):
    edge, public = provider(), provider({"default": {"status": 503}})
    config = rig.config({"small": rig.model(edge, zone="edge", capability="basic"),
                         "big": rig.model(public, zone="public", capability="frontier")})
    needs = {"owner": "x", "needs": {"capability": "frontier"}}
    config["workloads"] = {"strict": needs, "lenient": {**needs, "when_refused": ["degrade"]}}
    g = gateway(config)
    label = ("x-trivium-label", "regulated")
    answer = g.chat(rig.chat("auto"), [label, ("x-trivium-workload", "strict")])
    assert (answer.status, answer.code) == (403, "policy_level")
    answer = g.chat(rig.chat("auto"), [label, ("x-trivium-workload", "lenient")])
    assert answer.status == 200 and answer.field("x-trivium-degraded") == "1"
    assert g.records(2)[-1]["decision"]["degraded"] is True
    assert public.seen() == []


def test_reroute_is_a_choice(provider, gateway):
    p = {name: provider() for name in ("edge", "public")}
    config = rig.config({n: rig.model(p[n], zone=n) for n in p})
    config["workloads"] = {"strict": {"owner": "x"}, "lenient": {"owner": "x", "reroute": True}}
    g = gateway(config)
    label = ("x-trivium-label", "regulated")
    assert g.chat(rig.chat("public"), [label, ("x-trivium-workload", "strict")]).code == "policy_level"
    answer = g.chat(rig.chat("public"), [label, ("x-trivium-workload", "lenient")])
    assert answer.field("x-trivium-model") == "edge" and p["public"].seen() == []


def test_an_exception_has_an_end(provider, gateway):
    p = {name: provider() for name in ("edge", "public")}
    config = rig.config({n: rig.model(p[n], zone=n) for n in p})
    config["workloads"] = {"w": {"owner": "x"}, "v": {"owner": "x"}}
    ends = time.time() + 3
    config["exceptions"] = {"incident": {
        "workload": "w", "to": "public", "level": "confidential", "approved_by": "ciso", "why": "incident 42",
        "until": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends))}}
    g = gateway(config)

    def code(workload, level="confidential"):
        return code_of(g.chat(rig.chat("public"), [("x-trivium-label", level), ("x-trivium-workload", workload)]))
    assert code("w") is None
    assert g.record()["decision"]["exception"] == "incident"
    assert code("v") == "policy_level", "it is for one workload"
    assert code("w", "regulated") == "policy_level", "and for one level"
    rig.eventually(lambda: time.time() > ends + 1.1, 10, "its end")
    assert code("w") == "policy_exception_expired"


def duty(provider, gateway, duties, script=None, **more):
    p = provider(script)
    config = rig.config({"m": rig.model(p, id="gpt-x", **more)})
    config["workloads"] = {"w": {"owner": "x", "duties": duties, "output": {"max_tokens": 50}}}
    config["default_workload"] = "w"
    g = gateway(config)
    g.provider = p
    return g


DETERMINISTIC = [
    ({}, {"temperature": 0, "seed": 42, "max_tokens": 50}),
    ({"temperature": 0, "seed": 7, "max_tokens": 20}, {"temperature": 0, "seed": 7, "max_tokens": 20}),
    ({"max_tokens": 500, "n": 2}, {"temperature": 0, "seed": 42, "max_tokens": 50, "n": 2}),
    ({"max_completion_tokens": 51}, {"temperature": 0, "seed": 42, "max_completion_tokens": 50}),
    ({"temperature": 0.5}, "temperature"),
    ({"top_p": 0.9}, "top_p"),
    ({"temperature": 0.0, "top_p": 1}, {"temperature": 0.0, "top_p": 1, "seed": 42, "max_tokens": 50}),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("said, sent", DETERMINISTIC, ids=range(len(DETERMINISTIC)))
def test_deterministic(provider, gateway, said, sent, stream):
    g = duty(provider, gateway, ["deterministic"])
    body = {**rig.chat("m", stream=stream), **said}
    answer = g.chat(json.dumps(body).encode())
    if isinstance(sent, str):
        assert (answer.status, answer.code, answer.json()["error"]["param"]) == (403, "duty_refused", sent)
        assert g.provider.seen() == []
        return
    got = json.loads(g.provider.last()["body"])
    for key in ("model", "messages", "stream", "stream_options"):
        got.pop(key, None)
    assert answer.status == 200 and got == sent


def test_no_content_log_forbids_a_store(provider, gateway):
    g = duty(provider, gateway, ["no_content_log"])
    body = {**rig.chat("m"), "store": True}
    answer = g.chat(json.dumps(body).encode())
    assert (answer.status, answer.code, answer.json()["error"]["param"]) == (403, "duty_refused", "store")
    body["store"] = False
    assert g.chat(json.dumps(body).encode()).status == 200


@pytest.mark.parametrize("stream", [False, True])
def test_a_pinned_version(provider, gateway, stream):
    body = rig.chat("m", stream=stream)
    assert duty(provider, gateway, ["pinned_version"]).chat(body).status == 200
    g = duty(provider, gateway, ["pinned_version"], version="gpt-x-2026-01-01")
    answer = g.chat(body)
    assert (answer.status, answer.code) == (502, "upstream_version")
    g = duty(provider, gateway, ["pinned_version"], version="gpt-x-2026-01-01", version_mismatch="flag")
    answer = g.chat(body)
    assert answer.status == 200 and answer.field("x-trivium-version") == "mismatch"


@pytest.mark.parametrize("stream", [False, True])
def test_a_durable_record(provider, gateway, tmp_path, stream):
    p = provider()
    config = rig.config({"m": rig.model(p)})
    config["duties"] = ["durable_record"]
    config["log"] = {"file": str(tmp_path / "records.jsonl")}
    g = gateway(config)
    answer = g.chat(rig.chat("m", stream=stream))
    lines = [json.loads(x) for x in (tmp_path / "records.jsonl").read_text().splitlines()]
    assert answer.status == 200
    assert [x["id"] for x in lines] == [answer.field("x-trivium-id")] * 2, "both are there when the answer ends"
    assert lines[0]["opened"] is True and lines[0]["decision"]["plan"] == ["m"]
    assert lines[1]["status"] == 200 and lines[1]["output_tokens"] > 0
    assert 0 < lines[1]["attempts"][0]["us"] <= lines[1]["duration_us"], "the attempt's time, though it goes on"
    assert 0 < lines[1]["upstream_us"] <= lines[1]["duration_us"]
    time.sleep(0.2)
    assert len((tmp_path / "records.jsonl").read_text().splitlines()) == 2, "and no third"


def test_without_a_disk_there_is_no_durable_work(provider, gateway):
    p = provider()
    config = rig.config({"m": rig.model(p)})
    config["duties"] = ["durable_record"]
    config["log"] = {"file": "/dev/full"}
    g = gateway(config)
    answer = g.chat()
    assert (answer.status, answer.code) == (503, "record_failed") and p.seen() == []


def test_asking_why(two):
    fields = [("x-team", "desk"), ("x-trivium-explain", "1")]
    answer = ask(two, who="OFFICER", fields=fields)
    told = json.loads(answer.field("x-trivium-explain"))
    assert told == two.record()["decision"] and told["refused"] == {"kind": ["public"]}
    assert ask(two, fields=fields).field("x-trivium-explain") is None, "not every role may hear names"


def route(g, who, body=None, fields=()):
    return g.ask("POST", "/v1/route", body or rig.chat("auto"),
                 [("Content-Type", "application/json"), ("Authorization", "Bearer " + KEYS[who]), *fields])


def test_deciding_without_sending(two):
    answer = route(two, "OFFICER", fields=[("x-team", "desk")])
    assert answer.status == 200 and answer.json()["decision"]["plan"] == ["edge"]
    answer = route(two, "OFFICER", rig.chat("public", stream=True), [("x-team", "desk")])
    assert answer.json()["decision"]["plan"] == [] and answer.json()["decision"]["refused"] == {"kind": ["public"]}
    assert route(two, "HELPDESK").code == "explain_forbidden"
    assert route(two, "OFFICER", fields=[("x-team", "none")]).code == "policy_workload"
    assert all(p.seen() == [] for p in two.providers.values())
    assert [r["operation"] for r in two.records(4)] == ["route", "route", None, "route"]


CHANGES = {
    "a zone that is made stricter": lambda c: c["zones"]["site"]["clearance"].update(level="internal"),
    "a model that is drained": lambda c: c["models"]["second"].update(drain=True),
    "a model that is gone": lambda c: c["models"].pop("second"),
    "a key that is revoked": lambda c: c["keys"].pop(0),
    "a workload that the key may no longer choose": lambda c: c["keys"][0].update(workloads=["drafts"]),
    "a requirement that is new": lambda c: c.update(kinds={"pii": {"requires": ["baa"]}}),
    "nothing that matters": None,
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_newest_configuration_is_asked_before_a_fallback(provider, gateway, change):
    """The first model keeps the request waiting and fails; meanwhile the configuration changes."""
    first, second = provider({"default": {"first_token_ms": 1500, "status": 500}}), provider()
    config = law({"first": rig.model(first, zone="edge"), "second": rig.model(second, zone="site")})
    config["zones"]["site"]["operator"] = "other"
    config["zones"]["site"]["clearance"] = {"level": "confidential", "kinds": ["pii"]}
    g = gateway(config, env=KEYS)
    got = []
    asking = threading.Thread(target=lambda: got.append(ask(g, fields=[
        ("x-team", "desk"), ("x-trivium-label", "confidential")])))
    asking.start()
    rig.eventually(lambda: len(first.seen()) == 1, 5, "the first attempt")
    if CHANGES[change] is not None:
        CHANGES[change](config)
    config["models"]["new"] = rig.model(second, zone="edge")
    g.write(config)
    g.signal(signal.SIGHUP)
    rig.eventually(lambda: b"\"reloaded\"" in g.log() + g.stderr(), 5, "the reload")
    asking.join(10)
    answer = got[0]
    if CHANGES[change] is None:
        assert answer.status == 200 and answer.field("x-trivium-model") == "second"
    else:
        assert (answer.status, answer.code) == (403, "policy_changed")
        assert second.seen() == []
