# SPDX-License-Identifier: Apache-2.0
"""Fallback: to the next candidate for errors whose row says so, before the first byte, and never after."""

import json
import threading

import pytest

import rig

FAILURES = [
    ("a closed port", "dead", "upstream_connect"),
    ("a name that nobody has", "nowhere", "upstream_name"),
    ("closed before the head", {"fault": {"do": "close"}}, "upstream_closed"),
    ("reset before the head", {"fault": {"do": "reset"}}, "upstream_closed"),
    ("closed inside of the head", {"cut_bytes": 20}, "upstream_closed"),
    ("silent before the head", {"fault": {"do": "stall"}}, "upstream_timeout"),
    ("closed inside of the body", {"fault": {"do": "close", "at": 1}}, "upstream_closed"),
    ("reset inside of the body", {"fault": {"do": "reset", "at": 1}}, "upstream_closed"),
    ("silent inside of the body", {"fault": {"do": "stall", "at": 1}}, "upstream_timeout"),
    ("429", {"status": 429, "headers": {"Retry-After": "60"}}, "upstream_limited"),
    ("500", {"status": 500}, "upstream_failed"),
    ("502", {"status": 502}, "upstream_failed"),
    ("503", {"status": 503}, "upstream_busy"),
    ("504", {"status": 504}, "upstream_timeout"),
    ("529", {"status": 529}, "upstream_busy"),
    ("401", {"status": 401}, "upstream_key"),
    ("403", {"status": 403}, "upstream_key"),
    ("404", {"status": 404}, "upstream_unknown"),
    ("a redirect", {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}, "body": ""},
     "upstream_malformed"),
    ("an answer that is compressed", {"headers": {"Content-Encoding": "gzip"}, "body": "x"},
     "upstream_malformed"),
    ("HTML", {"headers": {"Content-Type": "text/html"}, "body": "<h1>Welcome</h1>"}, "upstream_malformed"),
    ("JSON that is cut", {"malformed": "bad_json"}, "upstream_malformed"),
    ("text that is no UTF-8", {"malformed": "bad_utf8"}, "upstream_malformed"),
    ("a NUL in the text", {"malformed": "nul"}, "upstream_malformed"),
    ("an empty body", {"malformed": "empty"}, "upstream_malformed"),
    ("a status that is none", {"malformed": "status_line"}, "upstream_malformed"),
    ("lines that end in LF", {"malformed": "head_lf"}, None),
    ("a bad field name", {"malformed": "head_name"}, "upstream_malformed"),
    ("a control byte", {"malformed": "head_control"}, "upstream_malformed"),
    ("a huge field", {"malformed": "head_huge"}, "upstream_malformed"),
    ("too many fields", {"malformed": "head_many"}, "upstream_malformed"),
    ("two lengths", {"malformed": "two_lengths"}, "upstream_malformed"),
    ("a length and chunked", {"malformed": "length_and_chunked"}, "upstream_malformed"),
    ("a length that is too long", {"malformed": "length_long"}, "upstream_closed"),
    ("a chunk size that is none", {"malformed": "chunk_size"}, "upstream_malformed"),
    ("a chunk without its end", {"malformed": "chunk_end"}, "upstream_malformed"),
    ("a chunk of 2^64 bytes", {"malformed": "chunk_huge"}, "upstream_malformed"),
    ("no last chunk", {"malformed": "no_last_chunk"}, "upstream_closed"),
    ("no HTTP at all", {"raw": "SSH-2.0-OpenSSH_9.2p1\r\n\r\n"}, "upstream_malformed"),
    ("HTTP/2 to a question in HTTP/1.1", {"raw": "HTTP/2 200\r\n\r\n"}, "upstream_malformed"),
    ("101", {"raw": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"}, "upstream_malformed"),
]


@pytest.fixture
def pair(provider, gateway):
    """A group of two: what fails, and what answers."""
    bad, good = provider(), provider()
    g = gateway(rig.config({
        "bad": rig.model(bad, first_byte_ms=300, stall_ms=300),
        "dead": {"vendor": "vllm", "zone": "edge", "url": f"http://127.0.0.1:{rig.free_port()}"},
        "nowhere": {"vendor": "vllm", "zone": "edge", "url": "http://nowhere.invalid"},
        "good": rig.model(good, zone="site", id="good-id")},
        groups={"pair": ["bad", "good"], "dead-pair": ["dead", "good"],
                "nowhere-pair": ["nowhere", "good"]}))
    g.bad, g.good = bad, good
    return g


@pytest.mark.parametrize("why, behaviour, code", FAILURES, ids=[f[0] for f in FAILURES])
def test_falls_back_on(pair, why, behaviour, code):
    group, first = "pair", "bad"
    if isinstance(behaviour, str):
        group, first = f"{behaviour}-pair", behaviour
    else:
        pair.bad.script({"default": behaviour})
    answer = pair.chat(rig.chat(group))
    assert answer.status == 200 and answer.json()["model"] == "good-id", (why, answer.body)
    assert answer.field("x-trivium-model") == "good" and answer.field("x-trivium-zone") == "site"
    assert answer.field("x-trivium-attempts") == "2"
    record = pair.record()
    attempts = [(a["model"], a["err"]) for a in record["attempts"]]
    assert [m for m, _ in attempts] == [first, "good"] and attempts[1][1] == "ok"
    if code is not None:
        assert attempts[0][1] == code, why
    assert (record["model"], record["err"], record["model_asked"]) == ("good", "ok", group)


STREAM_FAILURES = [f for f in FAILURES if f[0] in (
    "a closed port", "closed before the head", "silent before the head", "429", "500", "503", "401",
    "a status that is none", "two lengths", "HTML")] + [
    ("an error as first event", {"error_at": 1}, "upstream_failed"),
    ("429 as first event", {"events": ['data: {"error":{"code":429}}\n\n']}, "upstream_limited"),
    ("head, then closed", {"head_first": True, "fault": {"do": "close", "at": "after_head"}},
     "upstream_closed"),
    ("head, then silent", {"head_first": True, "fault": {"do": "stall", "at": "after_head"}},
     "upstream_timeout"),
    ("an empty stream", {"malformed": "empty"}, "upstream_closed"),
    ("a first event that is none", {"events": ["data: nonsense\n\n"]}, "upstream_malformed"),
    ("cut inside of the first event", {"events": ['data: {"cho']}, "upstream_closed"),
]


@pytest.mark.parametrize("why, behaviour, code", STREAM_FAILURES, ids=[f[0] for f in STREAM_FAILURES])
def test_a_stream_falls_back_on(pair, why, behaviour, code):
    group = "pair"
    if isinstance(behaviour, str):
        group = f"{behaviour}-pair"
    else:
        pair.bad.script({"default": behaviour})
    answer = pair.chat(rig.chat(group, stream=True))
    events = rig.events_of(answer.body)
    assert answer.status == 200 and events[-1] == b"[DONE]", (why, answer.body)
    assert {json.loads(e)["model"] for e in events[:-1]} == {"good-id"}
    record = pair.record()
    assert [a["err"] for a in record["attempts"]] == [code, "ok"]


NOT_RETRIED = [
    ("400", {"status": 400}, 400, "upstream_rejected"),
    ("413", {"status": 413}, 413, "upstream_rejected"),
    ("422", {"status": 422}, 422, "upstream_rejected"),
]


@pytest.mark.parametrize("why, behaviour, status, code", NOT_RETRIED, ids=[f[0] for f in NOT_RETRIED])
def test_does_not_fall_back_on(pair, why, behaviour, status, code):
    pair.bad.script({"default": behaviour})
    answer = pair.chat(rig.chat("pair"))
    assert answer.status == status
    assert pair.good.seen() == []
    assert pair.record()["err"] == code


@pytest.mark.parametrize("behaviour", [
    {"fault": {"do": "close", "at": 3}}, {"fault": {"do": "reset", "at": 3}},
    {"fault": {"do": "stall", "at": 3}}, {"error_at": 3}, {"malformed": "chunk_size"}, {"cut_bytes": 1500},
    {"malformed": "no_done", "tokens": 2},
])
def test_nothing_falls_back_after_the_first_byte(pair, behaviour):
    pair.bad.script({"default": {"token_ms": 20, **behaviour}})
    answer = pair.chat(rig.chat("pair", stream=True))
    events = rig.events_of(answer.body)
    assert answer.status == 200 and b'"error"' in events[-1] and b"[DONE]" not in events
    assert pair.good.seen() == []
    assert len(pair.record()["attempts"]) == 1


def test_when_all_fail_the_last_error_is_told(pair):
    pair.bad.script({"default": {"status": 500}})
    pair.good.script({"default": {"status": 429, "headers": {"Retry-After": "3"}}})
    answer = pair.chat(rig.chat("pair"))
    assert (answer.status, answer.code, answer.field("retry-after")) == (429, "upstream_limited", "3")
    assert answer.field("x-trivium-attempts") == "2"
    assert [a["err"] for a in pair.record()["attempts"]] == ["upstream_failed", "upstream_limited"]


def test_retry_after_of_an_earlier_candidate_is_not_told(pair):
    pair.bad.script({"default": {"status": 429, "headers": {"Retry-After": "60"}}})
    answer = pair.chat(rig.chat("pair"))
    assert answer.status == 200 and answer.field("retry-after") is None


def test_a_model_that_keeps_failing_is_left_alone_and_comes_back(pair):
    """The breaker opens, further requests go straight to the other one, and a probe closes it."""
    pair.bad.script({"default": {"status": 500}})
    for _ in range(40):
        assert pair.chat(rig.chat("pair")).status == 200
    asked = len(pair.bad.seen())
    assert asked < 30, "a model that fails every time is asked every time"
    pair.bad.script({})
    rig.eventually(lambda: pair.chat(rig.chat("pair")).field("x-trivium-model") == "bad", 15,
                   "the model is asked again")


def test_an_open_breaker_of_the_only_model_is_503_and_not_a_wait(one):
    one.provider.script({"default": {"status": 500}})
    codes = [one.chat().code for _ in range(40)]
    assert codes[0] == "upstream_failed" and "no_candidate" in codes
    refused = one.records(40)[codes.index("no_candidate")]
    assert refused["status"] == 503 and refused["attempts"] == []


def test_a_caller_error_never_opens_the_breaker(one):
    one.provider.script({"default": {"status": 400}})
    assert {one.chat().status for _ in range(40)} == {400}


def test_a_stale_pooled_connection_is_no_failure(one):
    """The provider closes idle connections; the next request takes a new one without an error."""
    one.provider.script({"default": {"close": True}})
    assert {one.chat().status for _ in range(20)} == {200}
    assert all(len(r["attempts"]) == 1 for r in one.records(20))


def test_bytes_behind_an_answer_poison_the_connection(one):
    one.provider.script({"rules": [{"nth": 1, "then": {"raw":
                        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
                        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"poison!"'}}]})
    assert one.chat().body == b"{}"
    for _ in range(5):
        answer = one.chat()
        assert answer.status == 200 and b"poison" not in answer.body


def test_connections_upstream_are_kept(one):
    for _ in range(20):
        assert one.chat().status == 200
    assert one.metric("trivium_upstream_connections_opened_total") == 1
    assert one.metric("trivium_upstream_connections_reused_total") == 19


def test_streams_keep_their_connection_too(one):
    for _ in range(20):
        assert one.chat(rig.chat(stream=True)).status == 200
    assert one.metric("trivium_upstream_connections_opened_total") <= 3


def test_a_cancelled_request_never_gives_its_connection_back(one):
    one.provider.script({"rules": [{"marker": "slow", "then": {"first_token_ms": 300}}]})
    for i in range(5):
        with one.wire() as w:
            w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat(say="slow")).encode()))
            rig.eventually(lambda i=i: len(one.provider.seen()) == 2 * i + 1, 5, "it arrived")
        answer = one.chat(rig.chat(say=f"quick {i}"))
        assert answer.json()["choices"][0]["message"]["content"].endswith(f"quick {i}")


def test_auto_prefers_what_is_cheap(provider, gateway):
    p = provider()
    dear, cheap = rig.model(p, id="dear", price=rig.PRICE), rig.model(p, id="cheap", price={
        "input_usd_per_million": 0.1, "output_usd_per_million": 0.2})
    g = gateway(rig.config({"a": dear, "b": cheap}, auto={"prefer": "cost"}))
    assert g.chat(rig.chat("auto")).field("x-trivium-model") == "b"


def test_concurrency_of_a_model_moves_on(pair, provider, gateway):
    slow, other = provider({"default": {"first_token_ms": 1000}}), provider()
    g = gateway(rig.config({"a": rig.model(slow, concurrency=1), "b": rig.model(other)},
                           groups={"both": ["a", "b"]}))
    with g.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat("both")).encode()))
        rig.eventually(lambda: slow.seen(), 5, "the first is there")
        assert g.chat(rig.chat("both")).field("x-trivium-model") == "b"
        assert g.chat(rig.chat("a")).field("x-trivium-model") == "a", "it waits for its turn"
        assert w.answer().field("x-trivium-model") == "a"


RUDE = {"default": {"close": True, "raw":
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"}}


def test_a_provider_that_closes_after_each_answer_without_a_word(one):
    """No Connection: close is said; an end that has come is noticed before the connection is used again."""
    one.provider.script(RUDE)
    with one.wire() as w:
        for _ in range(20):
            w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat()).encode()))
            assert w.answer().body == b"{}"
            rig.notice(one)


def test_a_provider_that_closes_while_the_next_request_is_sent(one):
    """Nobody can know whether that one was processed: it is answered well, or with an error, never wrongly."""
    one.provider.script(RUDE)
    with one.wire() as w:
        for _ in range(20):
            w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat()).encode()))
            answer = w.answer()
            assert answer.body == b"{}" or answer.code in ("upstream_closed", "no_candidate")


def test_a_provider_that_answers_before_it_has_read(gateway):
    """It says no to a large body and closes, while the gateway is still sending."""
    refusal = (b"HTTP/1.1 413 Too Large\r\nContent-Type: application/json\r\nConnection: close\r\n"
               b'Content-Length: 40\r\n\r\n{"error":{"message":"x","code":"large"}}')
    server = rig.socket.create_server(("127.0.0.1", 0))

    def serve():
        for _ in range(3):
            client, _ = server.accept()
            client.recv(1000)
            client.sendall(refusal)
            client.shutdown(rig.socket.SHUT_WR)
            while client.recv(65536):
                pass
            client.close()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    g = gateway(rig.config({"m": {"vendor": "vllm", "zone": "edge",
                                  "url": f"http://127.0.0.1:{server.getsockname()[1]}"}}))
    for _ in range(3):
        answer = g.chat(rig.chat(say="x" * 5_000_000))
        assert (answer.status, answer.code) == (413, "large")
    server.close()
