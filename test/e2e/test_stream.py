# SPDX-License-Identifier: Apache-2.0
"""Streams: as they come, whole, and ended exactly once."""

import json
import time

import pytest

import rig

ASK = rig.chat(stream=True)
TEXT = "This is a simulated answer from upstream-m. You said: hello"


def text_of(body):
    events = rig.events_of(body)
    assert events.count(b"[DONE]") == 1 and events[-1] == b"[DONE]"
    chunks = [json.loads(e) for e in events[:-1]]
    return "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks)


def error_of(body):
    """The error of the stream's terminal event, which must be the only one."""
    events = rig.events_of(body)
    errors = [e for e in events if b'"error"' in e[:10]]
    assert len(errors) == 1 and events[-1] == errors[0], events
    assert b"[DONE]" not in events
    return json.loads(errors[0])["error"]


@pytest.mark.parametrize("why, behaviour", [
    ("one byte a write", {"piece_bytes": 1}),
    ("two bytes a write", {"piece_bytes": 2}),
    ("seven bytes a write", {"piece_bytes": 7}),
    ("pieces of random size", {"piece_bytes": 300, "piece_random": True}),
    ("CRLF lines", {"line": "crlf"}),
    ("CRLF lines, one byte a write", {"line": "crlf", "piece_bytes": 1}),
    ("comments between events", {"comment_every": 2}),
    ("head first, then a pause", {"head_first": True, "first_token_ms": 200}),
    ("tokens with pauses", {"token_ms": 10}),
    ("closed afterwards", {"close": True}),
])
def test_a_stream_survives(one, why, behaviour):
    one.provider.script({"default": behaviour})
    with one.wire() as w:
        for _ in range(2):
            w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(ASK).encode()))
            answer = w.answer()
            assert answer.status == 200 and text_of(answer.body) == TEXT, why
    assert [r["err"] for r in one.records(2)] == ["ok", "ok"]


def test_torn_streams_are_forwarded_byte_for_byte(one):
    whole = None
    for behaviour in ({}, {"piece_bytes": 1}, {"piece_bytes": 5}, {"piece_bytes": 64, "piece_random": True}):
        one.provider.script({"default": {**behaviour, "events": [
            'data: {"choices":[{"delta":{"content":"%d €"}}]}\n\n' % i for i in range(20)] +
            ["data: [DONE]\n\n"]}})
        body = one.chat(ASK).body
        whole = whole or body
        assert body == whole


def test_a_slow_drip_arrives_as_it_drips(one):
    """The first event is with the client long before the stream's end."""
    one.provider.script({"default": {"piece_bytes": 100, "piece_ms": 10, "tokens": 30}})
    with one.wire() as w:
        began = time.monotonic()
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(ASK).encode()))
        assert w.head().status == 200
        w.chunk()
        first = time.monotonic() - began
        while w.chunk():
            pass
        assert first < (time.monotonic() - began) / 3


def test_events_are_not_held_back(one):
    """Each event leaves in the moment in which it came: no gap is bridged, nothing is gathered."""
    one.provider.script({"default": {"token_ms": 50, "tokens": 10}})
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(ASK).encode()))
        w.head()
        times = []
        while w.chunk():
            times.append(time.monotonic())
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert sum(1 for g in gaps if g > 0.03) >= 6, gaps


def test_lines_that_end_in_cr(one):
    """The standard allows them (WHATWG HTML, 9.2.6): each event leaves when it has come, and so does the last."""
    events = ['data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\r\r'] * 3 + ["data: [DONE]\r\r"]
    one.provider.script({"default": {"events": events, "token_ms": 100}})
    before_the_end = []
    with one.wire() as w:
        for _ in range(3):
            w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(ASK).encode()))
            w.head()
            body, came = b"", []
            while piece := w.chunk():
                body += piece
                came.append(time.monotonic())
            assert body == "".join(events).encode()
            before_the_end.append(came[-1] - came[0])
    assert max(before_the_end) > 0.25, "the first of four comes three pauses before the last"
    assert [(r["status"], r["err"]) for r in one.records(3)] == [(200, "ok")] * 3


@pytest.mark.parametrize("why, behaviour, code", [
    ("closed between two events", {"fault": {"do": "close", "at": 4}}, "stream_broken"),
    ("reset between two events", {"fault": {"do": "reset", "at": 4}}, "stream_broken"),
    ("cut inside of an event", {"cut_bytes": 1500}, "stream_broken"),
    ("no last chunk", {"malformed": "no_last_chunk", "events": [
        'data: {"choices":[{"delta":{"content":"x"}}]}\n\n']}, "stream_broken"),
    ("a chunk size that is none", {"malformed": "chunk_size", "token_ms": 20}, "stream_broken"),
    ("a chunk without its end", {"malformed": "chunk_end", "token_ms": 20}, "stream_broken"),
    ("a chunk size of 2^64 and more", {"malformed": "chunk_huge", "token_ms": 20}, "stream_broken"),
    ("an error event", {"error_at": 4}, "stream_broken"),
    ("no [DONE]", {"malformed": "no_done"}, "stream_broken"),
    ("no finish_reason and no [DONE]", {"malformed": "no_finish"}, "stream_broken"),
    ("an event that is no JSON, later", {"events": [
        'data: {"choices":[{"delta":{"content":"x"}}]}\n\n', "data: nonsense\n\n"]}, "stream_broken"),
    ("NUL in an event", {"events": [
        'data: {"choices":[{"delta":{"content":"x"}}]}\n\n', "da\0ta: {}\n\n"]}, "stream_broken"),
])
def test_a_broken_stream_ends_in_exactly_one_error_event(one, why, behaviour, code):
    one.provider.script({"default": {"head_first": True, **behaviour}})
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(ASK).encode()))
        answer = w.answer()
        assert answer.status == 200, (why, answer.body)
        assert error_of(answer.body)["code"] == code, why
        assert w.ended(), "the connection ends with the failed stream"
    record = one.record()
    assert (record["status"], record["err"], len(record["attempts"])) == (200, code, 1)


def test_a_stream_that_falls_silent(provider, gateway):
    p = provider({"default": {"fault": {"do": "stall", "at": 4}}})
    g = gateway(rig.config({"m": rig.model(p, stall_ms=200)}))
    began = time.monotonic()
    answer = g.chat(ASK)
    assert error_of(answer.body)["code"] == "stream_stalled"
    assert 0.2 <= time.monotonic() - began < 1 * rig.SLOW
    assert g.record()["err"] == "stream_stalled"
    rig.eventually(lambda: p.last()["ended"] == "gone", 1, "the upstream connection ended")


def test_a_deadline_ends_a_stream(one):
    one.provider.script({"default": {"token_ms": 50, "tokens": 1000}})
    answer = one.chat(ASK, fields=[("x-trivium-deadline-ms", "300")])
    assert error_of(answer.body)["code"] == "deadline"
    assert one.record()["err"] == "deadline"


def test_a_deadline_before_the_first_byte(one):
    one.provider.script({"default": {"fault": {"do": "stall"}}})
    for body in (rig.chat(), ASK):
        answer = one.chat(body, fields=[("x-trivium-deadline-ms", "200")])
        assert (answer.status, answer.code) == (504, "deadline")
    assert [r["err"] for r in one.records(2)] == ["deadline", "deadline"]


@pytest.mark.parametrize("error, status, code", [
    ({"error": {"message": "x", "code": 429}}, 429, "upstream_limited"),
    ({"error": {"message": "x", "code": "503"}}, 502, "upstream_failed"),
    ({"error": {"message": "x", "code": 503}}, 503, "upstream_busy"),
    ({"error": {"message": "x"}}, 502, "upstream_failed"),
    ({"error": "just a text"}, 502, "upstream_failed"),
])
def test_an_error_as_first_event_becomes_a_status(one, error, status, code):
    """Vendors say 200 and then an error; a caller gets the right status, for nothing was said yet."""
    one.provider.script({"default": {"events": [f"data: {json.dumps(error)}\n\n"]}})
    answer = one.chat(ASK)
    assert (answer.status, answer.code) == (status, code)
    assert answer.field("content-type") == "application/json"
    assert one.record()["err"] == code


@pytest.mark.parametrize("why, behaviour, code", [
    ("an empty stream", {"malformed": "empty"}, "upstream_closed"),
    ("garbage", {"events": ["nonsense"]}, "upstream_closed"),
    ("only a comment", {"events": [": hi\n\n"]}, None),
    ("data that is no JSON", {"events": ["data: {nonsense\n\n"]}, "upstream_malformed"),
    ("a NUL", {"events": ["data: \0\n\n"]}, "upstream_malformed"),
])
def test_a_stream_that_never_begins(one, why, behaviour, code):
    one.provider.script({"default": behaviour})
    answer = one.chat(ASK)
    if code is None:                         # the comment was forwarded: an error event must follow
        assert answer.status == 200 and error_of(answer.body), why
    else:
        assert (answer.status, answer.code) == (502, code), why
    one.record()


def test_a_whole_answer_to_a_question_for_a_stream(one):
    one.provider.script({"default": {"malformed": "whole_for_stream"}})
    answer = one.chat(ASK)
    assert answer.status == 200 and answer.field("content-type") == "application/json"
    assert answer.json()["choices"][0]["message"]["content"] == TEXT


def test_a_stream_to_a_question_for_a_whole_answer(one):
    one.provider.script({"default": {"events": ["data: {}\n\n"]}})
    answer = one.chat()
    assert (answer.status, answer.code) == (502, "upstream_malformed")


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_client_that_goes_away_cancels_upstream(one, at):
    one.provider.script({"default": {"token_ms": 20, "tokens": 10000, "first_token_ms": 100}})
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(ASK).encode()))
        if at == 0:
            rig.eventually(lambda: one.provider.seen(), 5, "the request arrived")
        else:
            w.head()
            for _ in range(at):
                w.chunk()
    began = time.monotonic()
    rig.eventually(lambda: one.provider.last()["ended"] == "gone", 1, "the provider noticed")
    assert time.monotonic() - began < rig.SLOW
    record = one.record()
    assert record["err"] == "client_gone" and len(record["attempts"]) == 1


def test_a_whole_answers_client_that_goes_away(one):
    one.provider.script({"default": {"first_token_ms": 5000}})
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat()).encode()))
        rig.eventually(lambda: one.provider.seen(), 5, "the request arrived")
    rig.eventually(lambda: one.provider.last()["ended"] == "gone", 1, "the provider noticed")
    assert one.record()["err"] == "client_gone"


def test_a_client_that_reads_slowly_gets_everything(one):
    one.provider.script({"default": {"tokens": 20000}})
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(ASK).encode()))
        time.sleep(0.5)
        assert len(rig.events_of(w.answer().body)) == 20003


def test_http_1_0_gets_a_stream_that_ends_with_the_connection(one):
    body = json.dumps(ASK).encode()
    with one.wire() as w:
        w.send(b"POST /v1/chat/completions HTTP/1.0\r\nHost: x\r\nContent-Type: application/json\r\n"
               b"Content-Length: %d\r\n\r\n" % len(body) + body)
        answer = w.answer()
        assert answer.field("transfer-encoding") is None and text_of(answer.body) == TEXT
        assert w.ended()


def test_many_streams_at_once(one):
    one.provider.script({"default": {"token_ms": 5, "tokens": 40}})
    wires = [one.wire() for _ in range(100)]
    try:
        for i, w in enumerate(wires):
            body = json.dumps(rig.chat(say=f"number {i}", stream=True)).encode()
            w.send(rig.request_bytes("POST", "/v1/chat/completions", body))
        answers = [w.answer() for w in wires]
    finally:
        for w in wires:
            w.close()
    assert all(a.status == 200 and len(rig.events_of(a.body)) == 43 for a in answers)
    assert len({a.field("x-trivium-id") for a in answers}) == 100
    assert len(one.records(100)) == 100
