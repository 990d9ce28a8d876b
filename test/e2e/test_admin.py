# SPDX-License-Identifier: Apache-2.0
"""The admin port: health, metrics, and what is in flight."""

import json
import re

import rig


def test_health(one):
    for path in ("/healthz", "/readyz"):
        answer = one.admin(path)
        assert answer.status == 200 and answer.body
        assert one.admin(path, "HEAD").status == 200


def test_only_its_own_pages_and_methods(one):
    assert one.admin("/v1/models").status == 404
    assert one.admin("/").status == 404
    answer = one.admin("/metrics", "POST")
    assert answer.status == 405 and answer.field("allow") == "GET, HEAD"
    assert one.records() == [], "pages for operators are no requests"


LINE = re.compile(r'[a-zA-Z_:][\w:]*(\{\}|\{\w+="(?:[^"\\\n]|\\.)*"(,\w+="(?:[^"\\\n]|\\.)*")*\})? '
                  r'([-+]?\d+(\.\d+)?([eE][-+]?\d+)?|NaN|[-+]Inf)')


def test_metrics_are_prometheus_text(one):
    one.chat()
    answer = one.admin("/metrics")
    assert answer.field("content-type").startswith("text/plain; version=0.0.4")
    kinds, helped, names = {}, set(), set()
    text = answer.body.decode()
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds, f"{name} is told twice"
            kinds[name] = kind
        elif line.startswith("# HELP "):
            helped.add(line.split(" ")[2])
        else:
            assert LINE.fullmatch(line), line
            names.add(re.match(r"[\w:]+", line)[0])
    for name in names:
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        assert name in kinds or kinds.get(base) == "histogram", name
    assert set(kinds) == helped


def test_metrics_count_what_happened(one):
    one.provider.script({"rules": [{"marker": "fail", "then": {"status": 500}}],
                         "default": {"usage": {"input": 10, "cached": 0, "output": 5}}})
    for say in ("well", "well", "fail"):
        one.chat(rig.chat(say=say))
    one.chat(rig.chat(stream=True))
    one.chat(b"nonsense")
    assert one.metric("trivium_requests_total") == 5
    assert one.metric("trivium_requests_total", err="ok", model="m") == 3
    assert one.metric("trivium_requests_total", err="upstream_failed", model="m") == 1
    assert one.metric("trivium_requests_total", err="json_malformed") == 1
    assert one.metric("trivium_attempts_total", model="m") == 4
    assert one.metric("trivium_attempts_failed_total", model="m") == 1
    assert one.metric("gen_ai_client_token_usage_input_total", model="m") == 30
    assert one.metric("gen_ai_client_token_usage_output_total", model="m") == 15
    assert one.metric("trivium_cost_nano_usd_total", model="m") == 3 * (10 * 1000 + 5 * 10000)
    assert one.metric("trivium_stream_events_total") >= 10
    assert one.metric("trivium_requests_in_flight") == 0
    assert one.metric("trivium_log_lines_total") >= 5 and one.metric("trivium_log_lines_dropped_total") == 0


def test_histograms_add_up(one):
    for _ in range(10):
        one.chat()
    for name in ("gen_ai_server_request_duration_seconds", "trivium_overhead_seconds"):
        assert one.metric(f"{name}_count") == 10
        assert one.metric(f"{name}_bucket", le="+Inf") == 10
        assert 0 < one.metric(f"{name}_sum") < 60


def test_overhead_is_small(one):
    """The live figure: what the gateway itself took, on a machine that does other things too."""
    for _ in range(200):
        one.chat()
    overheads = sorted(r["overhead_us"] for r in one.records(200))
    assert overheads[100] < 1000 * rig.SLOW, overheads[100]


def test_debug_requests_and_fibers(one):
    one.provider.script({"default": {"token_ms": 50, "tokens": 1000}})
    assert one.admin("/debug/requests").json() == []
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat(
            stream=True, say="secret words")).encode()))
        head = w.head()
        w.chunk()
        page = one.admin("/debug/requests")
        assert page.field("content-type").startswith("application/json")
        (r,) = page.json()
        assert r["id"] == head.field("x-trivium-id") and r["step"] == "relay" and r["model"] == "m"
        fibers = one.admin("/debug/fibers")
        assert any(f["name"] == "stream" for f in fibers.json())
        assert b"secret words" not in page.body + fibers.body
        assert one.metric("trivium_requests_in_flight") == 1
    rig.eventually(lambda: one.admin("/debug/requests").json() == [], 3, "it is gone")
    rig.eventually(lambda: one.metric("trivium_requests_in_flight") == 0, 3, "the gauge")


def test_many_requests_in_flight_are_shown(one):
    one.provider.script({"default": {"first_token_ms": 3000}})
    wires = [one.wire() for _ in range(100)]
    for w in wires:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat()).encode()))
    rig.eventually(lambda: len(one.admin("/debug/requests").json()) == 100, 5, "all of them")
    for w in wires:
        w.close()
    rig.eventually(lambda: one.admin("/debug/requests").json() == [], 5, "none of them")
    assert {r["err"] for r in one.records(100)} == {"client_gone"}
