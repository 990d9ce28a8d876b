# SPDX-License-Identifier: Apache-2.0
"""The record: exactly one line for each request, and headers that say the same."""

import json
import re

import rig

FIELDS = {"time", "id", "caller", "tenant", "dialect", "operation", "model_asked", "model", "zone", "label",
          "stream", "status", "err", "attempts", "input_tokens", "output_tokens", "cached_tokens", "cost_usd",
          "request_bytes", "answer_bytes", "duration_us", "upstream_us", "overhead_us", "first_byte_us",
          "policy", "client"}


def test_a_record_has_every_field(one):
    body = json.dumps(rig.chat()).encode()
    answer = one.chat(body)
    r = one.record()
    assert FIELDS <= set(r), FIELDS - set(r)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", r["time"])
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", r["id"]) and r["id"] == answer.field("x-trivium-id")
    assert (r["dialect"], r["operation"], r["stream"], r["status"], r["err"]) == ("openai", "chat", False, 200, "ok")
    assert (r["model_asked"], r["model"], r["zone"], r["label"]) == ("m", "m", "edge", "public")
    assert (r["caller"], r["client"]) == ("anonymous", "127.0.0.1")
    assert r["request_bytes"] == len(body) and r["answer_bytes"] == len(answer.raw)
    assert re.fullmatch(r"[0-9a-f]{64}", r["policy"])
    assert 0 < r["upstream_us"] <= r["duration_us"] and 0 < r["first_byte_us"] <= r["duration_us"]
    assert r["overhead_us"] == r["duration_us"] - r["upstream_us"] or \
        abs(r["overhead_us"] - r["duration_us"] + r["upstream_us"]) <= 1
    assert r["attempts"][0].items() >= {"model": "m", "err": "ok", "status": 200}.items()


def test_headers_of_a_whole_answer(one):
    answer = one.chat()
    assert answer.field("x-trivium-model") == "m"
    assert answer.field("x-trivium-zone") == "edge"
    assert answer.field("x-trivium-label") == "public"
    assert answer.field("x-trivium-attempts") == "1"
    assert answer.field("x-trivium-cache") == "none"
    assert answer.field("x-trivium-masked") == "0"
    assert answer.field("x-trivium-cost-usd") is not None
    ids = {one.chat().field("x-trivium-id") for _ in range(20)}
    assert len(ids) == 20


def test_headers_of_a_stream(one):
    answer = one.chat(rig.chat(stream=True, max_tokens=100))
    for name in ("id", "model", "zone", "label", "attempts", "cache", "masked", "cost-usd-max"):
        assert answer.field(f"x-trivium-{name}") is not None, name
    assert answer.field("x-trivium-cost-usd") is None, "what it cost is not known when its head leaves"


def test_costs_are_exact(one):
    """1,000,000 tokens cost $1 in, $10 out and $0.1 cached: 7 tokens, 2 of them cached, and 3 out."""
    one.provider.script({"default": {"usage": {"input": 7, "cached": 2, "output": 3}}})
    answer = one.chat(rig.chat(max_tokens=50))
    assert answer.field("x-trivium-cost-usd") == "0.0000352"
    body = len(json.dumps(rig.chat(max_tokens=50)))
    assert float(answer.field("x-trivium-cost-usd-max")) >= (body + 50 * 10) / 1e6 * 0.999
    one.chat(rig.chat(stream=True))
    for r in one.records(2):
        assert (r["cost_usd"], r["input_tokens"], r["cached_tokens"], r["output_tokens"]) == ("0.0000352", 7, 2, 3)


def test_a_model_without_a_price_costs_what_nobody_knows(provider, gateway):
    g = gateway(rig.config({"m": rig.model(provider())}))
    assert g.chat().field("x-trivium-cost-usd") is None
    assert g.record()["cost_usd"] is None and g.record()["input_tokens"] > 0


def test_cost_max_is_of_all_choices(one):
    one_choice = float(one.chat(rig.chat(max_tokens=100)).field("x-trivium-cost-usd-max"))
    three = float(one.chat(rig.chat(max_tokens=100, n=3)).field("x-trivium-cost-usd-max"))
    assert abs(three - one_choice - 2 * 100 * 10 / 1e6) < 1e-4


def test_a_cancelled_stream_is_settled(one):
    one.provider.script({"default": {"tokens": 1000, "token_ms": 10}})
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat(stream=True)).encode()))
        w.head()
        for _ in range(5):
            w.chunk()
    r = one.record()
    assert (r["err"], r["model"], r["stream"]) == ("client_gone", "m", True)
    assert r["events"] >= 5 and r["answer_bytes"] > 0


def test_every_outcome_has_one_record(one):
    """A mix of everything: as many records as requests, each id once."""
    one.provider.script({"rules": [
        {"marker": "fail", "then": {"status": 500}}, {"marker": "cut", "then": {"fault": {"do": "close", "at": 3}}}]})
    asked = 0
    for i in range(10):
        for say in ("well", "fail", "cut"):
            for stream in (False, True):
                one.chat(rig.chat(say=say, stream=stream))
                asked += 1
        one.chat(b"nonsense")
        one.ask("GET", "/nothing")
        one.ask("GET", "/v1/models")
        one.ask("PUT", "/v1/models")
        with one.wire() as w:
            w.send(b"nonsense\r\n\r\n")
            w.answer()
        asked += 5
    records = one.records(asked)
    assert len({r["id"] for r in records}) == asked


def test_the_log_may_be_stderr(provider, gateway):
    g = gateway(rig.config({"m": rig.model(provider())}, log={"file": "stderr"}))
    g.chat()
    rig.eventually(lambda: b'"operation":"chat"' in g.stderr(), 3, "the record")


def test_the_log_may_be_none(provider, gateway):
    g = gateway(rig.config({"m": rig.model(provider())}, log={"file": "none"}))
    assert g.chat().status == 200
    g.stop()
    assert b"operation" not in g.stderr() + g.stdout()


def test_every_line_of_the_log_is_json(one):
    for say in ('quote " and backslash \\', "line\nbreak", "\u2028", "é"):
        one.chat(rig.chat(model=say))
    for line in one.log().splitlines():
        json.loads(line)
    assert [r["model_asked"] for r in one.records(4)][0] == 'quote " and backslash \\'


def test_records_of_stopped_gateways_are_complete(provider, gateway):
    g = gateway(rig.config({"m": rig.model(provider())}))
    for _ in range(50):
        g.chat()
    g.stop()
    assert len(g.records()) == 50, "what was not written yet is written at the end"
