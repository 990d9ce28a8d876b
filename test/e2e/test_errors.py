# SPDX-License-Identifier: Apache-2.0
"""Bad requests of the API: the right status, the dialect's error shape, one record, nobody disturbed."""

import json
import statistics
import time

import pytest

import rig

CHAT = "/v1/chat/completions"
MESSAGES = b'"messages":[{"role":"user","content":"x"}]'


def check_shape(answer, status, code):
    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (status, code), answer.body
    assert set(error) == {"message", "type", "param", "code"} and error["message"]
    assert answer.field("content-type") == "application/json"
    for name in ("x-trivium-id", "x-trivium-label", "x-trivium-attempts", "x-trivium-cache", "x-trivium-masked"):
        assert answer.field(name) is not None, name
    return error


BODIES = [
    ("an empty body", b"", "json_malformed"),
    ("no JSON", b"hello", "json_malformed"),
    ("an open object", b'{"model":"m",' + MESSAGES, "json_malformed"),
    ("two values", b'{"model":"m",' + MESSAGES + b"}{}", "json_malformed"),
    ("a trailing comma", b'{"model":"m",' + MESSAGES + b",}", "json_malformed"),
    ("a comment", b'{"model":"m",/* x */' + MESSAGES + b"}", "json_malformed"),
    ("single quotes", b"{'model':'m'}", "json_malformed"),
    ("NaN", b'{"model":"m","temperature":NaN,' + MESSAGES + b"}", "json_malformed"),
    ("a number with a leading zero", b'{"model":"m","n":01,' + MESSAGES + b"}", "json_malformed"),
    ("a raw line break in a string", b'{"model":"m\n",' + MESSAGES + b"}", "json_malformed"),
    ("a lone surrogate escape", b'{"model":"\\ud800",' + MESSAGES + b"}", "json_malformed"),
    ("bytes that are no UTF-8", b'{"model":"\xff\xfe",' + MESSAGES + b"}", "json_malformed"),
    ("an overlong slash", b'{"model":"\xc0\xaf",' + MESSAGES + b"}", "json_malformed"),
    ("a NUL", b'{"model":"m\0",' + MESSAGES + b"}", "json_malformed"),
    ("a byte order mark", b'\xef\xbb\xbf{"model":"m",' + MESSAGES + b"}", "json_malformed"),
    ("the model twice", b'{"model":"m",' + MESSAGES + b',"model":"other"}', "json_duplicate_key"),
    ("the model twice, once escaped", b'{"model":"m",' + MESSAGES + b',"mod\\u0065l":"o"}', "json_duplicate_key"),
    ("a key twice, deep inside", b'{"model":"m","x":[{"a":1,"a":2}],' + MESSAGES + b"}", "json_duplicate_key"),
    ("depth 65", b'{"model":"m",' + MESSAGES + b',"x":' + b"[" * 65 + b"]" * 65 + b"}", "json_too_deep"),
    ("depth 100,000", b'{"model":"m",' + MESSAGES + b',"x":' + b"[" * 100000 + b"]" * 100000 + b"}", "json_too_deep"),
    ("an array", b"[]", "field_type"),
    ("a text", b'"model"', "field_type"),
    ("null", b"null", "field_type"),
    ("no model", b"{" + MESSAGES + b"}", "field_missing"),
    ("model null", b'{"model":null,' + MESSAGES + b"}", "field_missing"),
    ("model a number", b'{"model":7,' + MESSAGES + b"}", "field_type"),
    ("no messages", b'{"model":"m"}', "field_missing"),
    ("messages a text", b'{"model":"m","messages":"x"}', "field_type"),
    ("messages empty", b'{"model":"m","messages":[]}', "field_type"),
    ("a message that is a text", b'{"model":"m","messages":["x"]}', "field_type"),
    ("stream a text", b'{"model":"m","stream":"true",' + MESSAGES + b"}", "field_type"),
    ("stream_options a list", b'{"model":"m","stream":true,"stream_options":[],' + MESSAGES + b"}", "field_type"),
    ("max_tokens a text", b'{"model":"m","max_tokens":"9",' + MESSAGES + b"}", "field_type"),
    ("n a fraction", b'{"model":"m","n":1.5,' + MESSAGES + b"}", "field_type"),
    ("n and max_tokens overflow", b'{"model":"m","n":9000000000,"max_tokens":9000000000000000000,' + MESSAGES + b"}",
     "field_type"),
]


@pytest.mark.parametrize("why, body, code", BODIES, ids=[b[0] for b in BODIES])
def test_bodies(one, why, body, code):
    with one.wire() as w:
        w.send(rig.request_bytes("POST", CHAT, body))
        error = check_shape(w.answer(), 400, code)
        assert error["type"] == "invalid_request_error"
        w.send(rig.request_bytes("POST", CHAT, json.dumps(rig.chat()).encode()))
        assert w.answer().status == 200, "the connection goes on"
    assert one.provider.last()["number"] == 1
    assert one.records(2)[0]["err"] == code


def test_wrong_fields_are_named(one):
    for body, param in (({"messages": []}, "model"), ({"model": "m"}, "messages"), ({"model": 1}, "model")):
        assert one.chat(body).json()["error"]["param"] == param
    assert one.ask("POST", "/v1/embeddings", {"model": "m"}).json()["error"]["param"] == "input"
    assert one.ask("POST", "/v1/completions", {"model": "m"}).json()["error"]["param"] == "prompt"


def test_depth_64_is_served(one):
    body = b'{"model":"m",' + MESSAGES + b',"x":' + b"[" * 62 + b"]" * 62 + b"}"
    assert one.chat(body).status == 200


def test_errors_hold_no_content(one):
    secret = "4711-my-secret-words"
    for body in (f'{{"model":"m","messages":"{secret}"}}', f'{{"{secret}":1,"{secret}":2}}', f'{{"model":{secret}}}'):
        assert secret.encode() not in one.chat(body.encode()).body
    one.provider.script({"default": {"status": 500, "body": secret}})
    assert secret.encode() not in one.chat().body
    assert secret.encode() not in one.log()


@pytest.mark.parametrize("fields", [
    ["Content-Type: text/plain"], ["Content-Type: application/x-www-form-urlencoded"],
    ["Content-Type: application/jsonx"], ["Content-Type: "], ["Content-Type: multipart/form-data; boundary=x"],
    ["Content-Type: application/json", "Content-Encoding: gzip"],
])
def test_media_types(one, fields):
    check_shape(one.chat(fields=fields), 415, "media_type")
    assert one.provider.seen() == []


def test_no_media_type(one):
    with one.wire() as w:
        w.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        check_shape(w.answer(), 415, "media_type")


def test_unknown_paths(one):
    for path in ("/", "/v1", "/v1/", "/v2/chat/completions", "/v1/chat", "/v1/chat/completions/", "/favicon.ico",
                 "/v1//chat/completions", "/v1/./chat/completions", "/v1/x/../chat/completions",
                 "/v1/chat%2fcompletions", "/V1/chat/completions", "/metrics", "/healthz", "/debug/requests"):
        for method in ("GET", "POST"):
            check_shape(one.ask(method, path, b"{}" if method == "POST" else None), 404, "path_unknown")
    assert one.provider.seen() == []


@pytest.mark.parametrize("path, methods, allow", [
    ("/v1/chat/completions", ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "get", "BREW"), "POST"),
    ("/v1/completions", ("GET", "DELETE"), "POST"),
    ("/v1/embeddings", ("GET", "PUT"), "POST"),
    ("/v1/models", ("POST", "DELETE"), "GET, HEAD"),
    ("/v1/models/m", ("POST", "DELETE"), "GET, HEAD"),
])
def test_wrong_methods(one, path, methods, allow):
    for method in methods:
        answer = one.ask(method, path)
        check_shape(answer, 405, "method_unknown")
        assert answer.field("allow") == allow
    assert one.provider.seen() == []


@pytest.mark.parametrize("method, path", [
    ("POST", "/v1/responses"), ("GET", "/v1/responses/resp_1"), ("POST", "/v1/moderations"),
    ("POST", "/v1/audio/transcriptions"), ("POST", "/v1/audio/speech"), ("POST", "/v1/images/generations"),
    ("POST", "/v1/rerank"), ("POST", "/v1/messages"), ("POST", "/v1/messages/count_tokens"),
    ("POST", "/v1beta/models/gemini-2.5-pro:generateContent"),
    ("POST", "/v1beta/models/gemini-2.5-pro:streamGenerateContent"), ("GET", "/v1beta/models"),
    ("POST", "/model/anthropic.claude/converse"), ("POST", "/model/anthropic.claude/converse-stream"),
    ("POST", "/model/x/invoke"), ("POST", "/api/chat"), ("POST", "/api/generate"), ("POST", "/api/embed"),
    ("GET", "/api/tags"), 
    ("POST", "/v1/feedback"),
])
def test_paths_of_later(one, method, path):
    answer = one.ask(method, path, b"{}" if method == "POST" else None)
    check_shape(answer, 501, "not_built")


def test_too_large(provider, gateway):
    p = provider()
    g = gateway(rig.config({"m": rig.model(p)}, limits={"request_bytes": 5000}))
    check_shape(g.chat(rig.chat(say="x" * 6000)), 413, "too_large")
    with g.wire() as w:
        w.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
               b"Transfer-Encoding: chunked\r\n\r\n" + b"1000\r\n" + b" " * 4096 + b"\r\n" + b"1000\r\n" +
               b" " * 4096 + b"\r\n0\r\n\r\n")
        check_shape(w.answer(), 413, "too_large")
        assert w.ended()
    exact = json.dumps(rig.chat()).encode()
    assert g.chat(exact + b" " * (5000 - len(exact))).status == 200
    check_shape(g.chat(exact + b" " * (5001 - len(exact))), 413, "too_large")
    assert len(p.seen()) == 1


def test_a_client_that_is_still_sending_reads_why_it_was_refused(provider, gateway):
    """The refusal of a large body must not be lost in a reset while the client is writing."""
    p = provider()
    g = gateway(rig.config({"m": rig.model(p)}, limits={"request_bytes": 5000}))
    body = b" " * 8_000_000
    for _ in range(5):
        with g.wire() as w:
            try:
                w.send(rig.request_bytes("POST", CHAT, body))
            except OSError:
                pass
            check_shape(w.answer(), 413, "too_large")


# ---- keys ---------------------------------------------------------------------

SECRET = "tv-0123456789abcdef0123456789abcdef"


@pytest.fixture
def locked(provider, gateway):
    p = provider()
    g = gateway(rig.config({"m": rig.model(p)}, limits={"failed_logins_per_minute": 1000000}, keys=[
        {"id": "helpdesk", "secret": "env:HELPDESK", "tenant": "it"}]), env={"HELPDESK": SECRET})
    g.provider = p
    return g


@pytest.mark.parametrize("fields", [
    [f"Authorization: Bearer {SECRET}"], [f"authorization: bearer {SECRET}"], [f"x-api-key: {SECRET}"],
    [f"api-key: {SECRET}"], [f"x-goog-api-key: {SECRET}"]])
def test_a_key_wherever_an_sdk_puts_it(locked, fields):
    assert locked.chat(fields=fields).status == 200
    record = locked.record()
    assert (record["caller"], record["tenant"]) == ("helpdesk", "it")
    assert SECRET.encode() not in locked.provider.last()["head"]


@pytest.mark.parametrize("why, fields, code", [
    ("none", [], "key_missing"),
    ("an empty one", ["Authorization: Bearer "], "key_missing"),
    ("another scheme", ["Authorization: Basic dHY6eA=="], "key_missing"),
    ("a wrong one", ["Authorization: Bearer tv-wrong"], "key_unknown"),
    ("its beginning", [f"Authorization: Bearer {SECRET[:-1]}"], "key_unknown"),
    ("its end missing in case", [f"Authorization: Bearer {SECRET.upper()}"], "key_unknown"),
    ("a very long one", [f"Authorization: Bearer {SECRET * 300}"], "key_unknown"),
    ("in the query only", [], "key_missing"),
])
def test_refused_keys(locked, why, fields, code):
    path = CHAT + (f"?api_key={SECRET}" if "query" in why else "")
    answer = locked.ask("POST", path, rig.chat(), fields)
    error = check_shape(answer, 401, code)
    assert error["type"] == "authentication_error" and SECRET not in str(error)
    assert locked.provider.seen() == []
    assert locked.record()["caller"] == "anonymous"


def test_without_a_key_no_path_is_told(locked):
    """Who has no key does not learn which paths there are."""
    for method, path in (("GET", "/v1/models"), ("GET", "/nothing"), ("POST", "/v1/responses"), ("PUT", CHAT)):
        check_shape(locked.ask(method, path), 401, "key_missing")


def test_a_refused_caller_does_not_make_the_gateway_read_a_body(locked):
    with locked.wire() as w:
        w.send(rig.request_bytes("POST", CHAT, None, ["Content-Type: application/json", "Content-Length: 30000000"]))
        assert w.head().status == 401, "before any of the body has come"


def test_a_wrong_key_takes_as_long_as_a_right_one(locked):
    """The answer to a key that shares all but its last byte comes no later than to one that shares nothing."""
    def measure(key):
        times = []
        with locked.wire() as w:
            for _ in range(300):
                began = time.perf_counter_ns()
                w.send(rig.request_bytes("GET", "/v1/models", fields=[f"Authorization: Bearer {key}"]))
                assert w.answer().status == 401
                times.append(time.perf_counter_ns() - began)
        return statistics.median(times)
    near, far = measure(SECRET[:-1] + "0"), measure("x" * len(SECRET))
    assert 0.5 < near / far < 2, (near, far)


# ---- deadlines ----------------------------------------------------------------

@pytest.mark.parametrize("value", ["0", "-1", "soon", "1.5", "", "99999999999999999999"])
def test_bad_deadlines(one, value):
    error = check_shape(one.chat(fields=[("x-trivium-deadline-ms", value)]), 400, "header_value")
    assert error["param"] == "x-trivium-deadline-ms"
    assert one.provider.seen() == []
