# SPDX-License-Identifier: Apache-2.0
"""Bytes that the gateway need not change reach the other side as they were."""

import json
import time

import pytest

import rig

STRANGE = (b'{\r\n\t"zzz_unknown" : {"b":1,"a":[9007199254740993, 1E400, -0.0, 1.10]} ,'
           b'"model":"m",  "messages":[ {"content":"caf\\u00e9 \\ud83d\\ude00 \\/ \xe2\x82\xac \xf0\x9f\x98\x80",'
           b'"role":"user"} ],\n "temperature":0.70000000000000000001,"seed":9007199254740993,\n'
           b'"metadata":{"":"","k\\"ey":null},"vendor_extension":[[],{},"",true,false,null]}   \n')

UPSTREAM = b'"upstream-m"'


def changed(body):
    """What arrives upstream: only the model's name is another."""
    return body.replace(b'"m"', UPSTREAM, 1)


def test_a_request_is_forwarded_byte_for_byte(one):
    assert one.chat(STRANGE).status == 200
    assert one.provider.last()["body"] == changed(STRANGE)


def test_a_request_for_the_same_name_is_not_touched_at_all(provider, gateway):
    p = provider()
    g = gateway(rig.config({"m": rig.model(p)}))
    assert g.chat(STRANGE).status == 200
    assert p.last()["body"] == STRANGE


@pytest.mark.parametrize("name", [b'"\\u006d"', b'"\\u006D"'])
def test_an_escaped_model_name_is_understood(one, name):
    body = STRANGE.replace(b'"m"', name, 1)
    assert one.chat(body).status == 200
    assert one.provider.last()["body"] == body.replace(name, UPSTREAM, 1)


def test_a_model_id_that_needs_escapes(provider, gateway):
    p = provider()
    g = gateway(rig.config({"m": rig.model(p, id='a "quoted"\\id')}))
    assert g.chat(STRANGE).status == 200
    assert p.last()["body"] == STRANGE.replace(b'"m"', b'"a \\"quoted\\"\\\\id"', 1)


def test_only_the_outermost_model_counts(one):
    body = b'{"messages":[{"role":"user","content":"x","model":"inner"}],"tools":[{"type":"function","model":"t"}],"model":"m"}'
    assert one.chat(body).status == 200
    assert one.provider.last()["body"] == body.replace(b'"model":"m"', b'"model":"upstream-m"')


STREAM = b'{"messages":[{"role":"user","content":"x"}],"stream" : true,"model":"m"%s}'
ASK = b'"stream_options":{"include_usage":true},'


@pytest.mark.parametrize("said, sent", [
    (b"", None),
    (b',"stream_options":null', b',"stream_options":{"include_usage":true}'),
    (b',"stream_options": {}', b',"stream_options": {"include_usage":true}'),
    (b',"stream_options":{ "include_usage" : false }', b',"stream_options":{ "include_usage" : true }'),
    (b',"stream_options":{"include_usage":null}', b',"stream_options":{"include_usage":true}'),
    (b',"stream_options":{"other":1}', b',"stream_options":{"include_usage":true,"other":1}'),
    (b',"stream_options":{"include_usage":true}', b',"stream_options":{"include_usage":true}'),
])
def test_usage_is_asked_for_by_splicing(one, said, sent):
    assert one.chat(STREAM % said).status == 200
    body = changed(STREAM % (said if sent is None else sent))
    if sent is None:
        body = body.replace(b"{", b"{" + ASK, 1)
    assert one.provider.last()["body"] == body


def test_an_answer_comes_back_byte_for_byte(one):
    body = (b'  {"id":"x", "n":9007199254740993,\r\n"choices" : [],"\\u0065scaped":"\\/",\t"f":1.10,'
            b'"text":"\xe2\x82\xac","nested":{"a":[{}]},"usage":{"prompt_tokens":3,"completion_tokens":4}} \n')
    one.provider.script({"default": {"body": body.decode()}})
    answer = one.chat()
    assert answer.body == body
    assert answer.field("content-type") == "application/json"
    assert (one.record()["input_tokens"], one.record()["output_tokens"]) == (3, 4)


EVENTS = [
    'data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}],'
    '"n":9007199254740993}\n\n',
    ": a comment\n\n",
    'data:{"choices" : [ {"delta":{"content":"\\u00e9 €"}}], "usage":null}\n\n',
    'id: 7\nevent: message\ndata: {"choices":[{"delta":{}}]}\nretry: 10\n\n',
    'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
]
USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}}\n\n'
DONE = "data: [DONE]\n\n"


def test_a_stream_comes_back_byte_for_byte_without_the_usage_chunk(one):
    one.provider.script({"default": {"events": [*EVENTS, USAGE, DONE]}})
    answer = one.chat(rig.chat(stream=True))
    assert answer.body.decode() == "".join([*EVENTS, DONE])
    assert answer.field("content-type").startswith("text/event-stream")
    record = one.record()
    assert (record["input_tokens"], record["output_tokens"], record["events"]) == (5, 6, 4)


def test_a_stream_that_asked_for_usage_comes_back_whole(one):
    one.provider.script({"default": {"events": [*EVENTS, USAGE, DONE]}})
    answer = one.chat(rig.chat(stream=True, stream_options={"include_usage": True}))
    assert answer.body.decode() == "".join([*EVENTS, USAGE, DONE])
    assert one.record()["output_tokens"] == 6


def test_usage_inside_a_chunk_with_choices_stays(one):
    """Some vendors put usage into the last content chunk, asked or not."""
    last = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,' \
           '"completion_tokens":2}}\n\n'
    one.provider.script({"default": {"events": [EVENTS[0], last, DONE]}})
    assert one.chat(rig.chat(stream=True)).body.decode() == EVENTS[0] + last + DONE
    assert one.record()["output_tokens"] == 2


def test_two_usage_chunks_are_counted_once(one):
    one.provider.script({"default": {"usage": "twice"}})
    answer = one.chat(rig.chat(stream=True))
    assert b'"choices":[]' not in answer.body
    assert one.record()["output_tokens"] == len(rig.events_of(answer.body)) - 3


def test_usage_that_is_absent_is_estimated_and_not_zero(one):
    one.provider.script({"default": {"usage": "absent"}})
    assert float(one.chat().field("x-trivium-cost-usd")) > 0
    one.chat(rig.chat(stream=True))
    for record in one.records(2):
        assert record["usage_estimated"] is True and record["err"] == "ok"
        assert record["input_tokens"] > 0 and record["output_tokens"] > 0 and record["cost_usd"] is not None


def test_heads_are_rebuilt_and_never_copied(one):
    one.chat(fields=[("X-Forwarded-For", "1.2.3.4"), ("Cookie", "a=b"), 
                     ("x-trivium-label", "public"), ("Authorization", "Bearer tv-callers-own-key"),
                     ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                     ("OpenAI-Organization", "org"), ("Accept-Encoding", "gzip, br"),
                     ("TE", "trailers"), ("User-Agent", "test")])
    head = one.provider.last()["head"].decode().lower()
    for gone in ("x-forwarded-for", "cookie", "x-trivium", "tv-callers-own-key", "openai-organization",
                 "gzip", "trailers", "te:"):
        assert gone not in head, head
    assert "accept-encoding: identity\r\n" in head
    assert "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n" in head
    assert head.startswith("post /v1/chat/completions http/1.1\r\n")
    assert f"host: 127.0.0.1:{one.provider.port}\r\n" in head
    lines = [line.split(":")[0] for line in head.split("\r\n")[1:-2]]
    assert len(lines) == len(set(lines)), "a field stands twice"


def test_answers_heads_are_rebuilt_too(one):
    one.provider.script({"default": {"headers": {
        "Set-Cookie": "a=b", "Server": "secret/1.0", "X-Trivium-Model": "a lie", "Keep-Alive": "timeout=5",
        "openai-organization": "org", "Location": "http://elsewhere/"}}})
    answer = one.chat()
    names = [n for n, _ in answer.fields]
    for gone in ("set-cookie", "server", "keep-alive", "openai-organization", "location"):
        assert gone not in names
    assert answer.field("x-trivium-model") == "m"
    assert answer.field("x-upstream-request-id").startswith("req_")
    assert len(names) == len(set(names)), "a field stands twice"


def test_the_vendors_key_is_sent_to_the_vendor_and_the_callers_is_not(provider, gateway):
    p = provider({"key": "sk-vendor-0123456789"})
    g = gateway(rig.config({"m": rig.model(p, key="env:VENDOR_KEY")},
                           keys=[{"id": "k", "secret": "env:CALLER_KEY"}]),
                env={"VENDOR_KEY": "sk-vendor-0123456789", "CALLER_KEY": "tv-caller-0123456789"})
    assert g.chat(fields=[("Authorization", "Bearer tv-caller-0123456789")]).status == 200
    head = p.last()["head"]
    assert head.count(b"sk-vendor-0123456789") == 1 and b"tv-caller" not in head + p.last()["body"]


def test_azure_paths_and_key_header(provider, gateway):
    p = provider()
    g = gateway(rig.config({"m": {"vendor": "azure", "zone": "edge", "id": "my-deployment",
                                  "url": p.url, "key": "env:VENDOR_KEY", "api_version": "2024-10-21"}}),
                env={"VENDOR_KEY": "azure-0123456789"})
    answer = g.chat()
    assert answer.status == 200, answer.body
    head = p.last()["head"].decode()
    assert head.startswith("POST /openai/deployments/my-deployment/chat/completions"
                           "?api-version=2024-10-21 HTTP/1.1\r\n")
    assert "api-key: azure-0123456789\r\n" in head and "authorization" not in head.lower()


@pytest.mark.parametrize("size", [1, 1000, 31_000, 33_000, 65_536, 200_000, 5_000_000])
def test_bodies_of_every_size(one, size):
    body = json.dumps(rig.chat(say="x" * size)).encode()
    assert one.chat(body).status == 200
    assert one.provider.last()["body"] == changed(body)


@pytest.mark.parametrize("size", [1, 31_000, 33_000, 65_536, 140_000, 3_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_answers_of_every_size(one, size, chunked):
    text = "x" * size
    behaviour = {"body": {"choices": [], "text": text}, "chunked": chunked}
    one.provider.script({"default": behaviour})
    assert one.chat().json()["text"] == text


def test_a_very_long_event(one):
    long = 'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % ("y" * 900_000)
    one.provider.script({"default": {"events": [EVENTS[0], long, DONE]}})
    assert one.chat(rig.chat(stream=True)).body.decode() == EVENTS[0] + long + DONE


JSON_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SSE_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


@pytest.mark.parametrize("why, raw", [
    ("a body until the connection ends", JSON_HEAD + "\r\n{}"),
    ("HTTP/1.0", JSON_HEAD.replace("1.1", "1.0") + "\r\n{}"),
    ("100 before it", "HTTP/1.1 100 Continue\r\n\r\n" + JSON_HEAD + "Content-Length: 2\r\n\r\n{}"),
    ("103 before it", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + JSON_HEAD + "Content-Length: 2\r\n\r\n{}"),
    ("no reason phrase", JSON_HEAD.replace(" OK", " ") + "Content-Length: 2\r\n\r\n{}"),
    ("field names in any case", JSON_HEAD + "cOnTeNt-LeNgTh:2\r\n\r\n{}"),
    ("chunks with extensions and trailers",
     JSON_HEAD + "Transfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX-T: y\r\n\r\n"),
    ("a charset", JSON_HEAD.replace("json", "json; charset=utf-8") + "Content-Length: 2\r\n\r\n{}"),
    ("no content type", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
])
def test_answers_in_every_form_that_http_allows(one, why, raw):
    one.provider.script({"default": {"raw": raw, "close": True}})
    for _ in range(3):
        answer = one.chat()
        assert (answer.status, answer.body) == (200, b"{}"), why
        rig.notice(one)


@pytest.mark.parametrize("raw", [
    SSE_HEAD + "\r\n%s", SSE_HEAD.replace("1.1", "1.0") + "\r\n%s",
    "HTTP/1.1 103 Early Hints\r\n\r\n" + SSE_HEAD.replace("stream", "stream;charset=utf-8") + "Connection: close\r\n\r\n%s",
    SSE_HEAD + "Content-Length: %d\r\n\r\n%%s" % len((EVENTS[0] + DONE).encode()),
])
def test_streams_in_every_form_that_http_allows(one, raw):
    one.provider.script({"default": {"raw": raw % (EVENTS[0] + DONE), "close": True}})
    for _ in range(3):
        assert one.chat(rig.chat(stream=True)).body.decode() == EVENTS[0] + DONE
        rig.notice(one)


def test_a_byte_order_mark_before_the_first_event(one):
    one.provider.script({"default": {"events": ["\ufeff" + EVENTS[0], DONE]}})
    answer = one.chat(rig.chat(stream=True))
    assert answer.status == 200 and answer.body.decode() == "\ufeff" + EVENTS[0] + DONE
