# SPDX-License-Identifier: Apache-2.0
"""Every text of an answer: values come back in it, and what must not come out does not, whoever cut it how."""

import gzip
import json
import os

import pytest

import rig
from said import DONE, MAIL, OTHER, SECRET, TOKEN, event, masking, said, texts, whole, work

__all__ = ["said"]


def tool(kind, field):
    return (lambda s: {"tool_calls": [{"index": 0, kind: {field: s}}]},
            lambda m: m["tool_calls"][0][kind][field])


def detail(field):
    return (lambda s: {"reasoning_details": [{"index": 0, "type": "reasoning." + field, field: s}]},
            lambda m: m["reasoning_details"][0][field])


# How a vendor says each text, and where it is then.
PARTS = {
    **{name: (lambda s, n=name: {n: s}, lambda m, n=name: m[n])
       for name in ("content", "refusal", "reasoning", "reasoning_content")},
    "details": detail("text"),
    "summary": detail("summary"),
    "arguments": tool("function", "arguments"),
    "input": tool("custom", "input"),
    "call": (lambda s: {"function_call": {"arguments": s}}, lambda m: m["function_call"]["arguments"]),
    "transcript": (lambda s: {"audio": {"transcript": s}}, lambda m: m["audio"]["transcript"]),
}
# Texts that no stream cuts.
ALONE = {
    "url": (lambda s: {"content": "", "annotations": [{"type": "url_citation", "url_citation": {"url": s}}]},
            lambda m: m["annotations"][0]["url_citation"]["url"]),
    "title": (lambda s: {"content": "", "annotations": [{"type": "url_citation", "url_citation": {"title": s}}]},
              lambda m: m["annotations"][0]["url_citation"]["title"]),
    "tool name": (lambda s: {"tool_calls": [{"index": 0, "function": {"name": s, "arguments": "{}"}}]},
                  lambda m: m["tool_calls"][0]["function"]["name"]),
    "tomorrow": (lambda s: {"x": {"y": [s]}}, lambda m: m["x"]["y"][0]),
}


def join(pieces):
    """Deltas become a message, as the SDKs do it."""
    out = {}
    for delta in pieces:
        for key, value in delta.items():
            if isinstance(value, dict) and isinstance(out.get(key), dict):
                out[key] = join([out[key], value])
            elif isinstance(value, list) and isinstance(out.get(key), list):
                out[key] = [join([out[key][0], value[0]])]
            elif isinstance(value, str) and isinstance(out.get(key), str):
                out[key] += value
            elif value is not None:
                out[key] = value
    return out


def messages(answer):
    if "event-stream" not in answer.field("content-type"):
        return {c["index"]: c["message"] for c in answer.json()["choices"]}
    deltas = {}
    for data in rig.events_of(answer.body):
        for choice in json.loads(data).get("choices", []) if data not in ("[DONE]", b"[DONE]") else []:
            deltas.setdefault(choice["index"], []).append(choice["delta"])
    return {index: join(pieces) for index, pieces in deltas.items()}


def saying(part, say):
    """A model that says so in that part, each of its choices, in pieces of a character where it streams."""
    put = {**PARTS, **ALONE}[part][0]

    def answer(body):
        text = say(body)
        pieces = [text] if part in ALONE else text
        if body.get("stream"):
            events = [event(put(p), index=i) for p in pieces for i in range(body.get("n", 1))]
            return 200, events + [event({}, "stop", index=i) for i in range(body.get("n", 1))] + [DONE]
        return 200, json.dumps({"choices": [{"index": i, "message": put(text), "finish_reason": "stop"}
                                            for i in range(body.get("n", 1))]}).encode()
    return answer


def token_of(body):
    return TOKEN.findall(body["messages"][-1]["content"])[0]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("part", {**PARTS, **ALONE})
def test_values_come_back_in_every_text(gateway, said, part, stream):
    m = said(saying(part, lambda body: f'{{"to": "{token_of(body)}"}}'))
    g = masking(gateway, m)
    answer = g.chat(rig.chat("big", f"Write to {MAIL}", stream=stream, n=2))
    assert MAIL not in m.bodies[-1].decode()
    heard = messages(answer)
    assert [{**PARTS, **ALONE}[part][1](heard[i]) for i in (0, 1)] == [f'{{"to": "{MAIL}"}}'] * 2
    assert g.record()["restored"] == 2


@pytest.mark.parametrize("mode", ["observe", "mask", "stop"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("part", {**PARTS, **ALONE})
def test_secrets_do_not_come_out_of_any_text(gateway, said, part, stream, mode):
    g = masking(gateway, said(saying(part, lambda _: f"It is {SECRET}, they say.")))
    answer = g.chat(rig.chat("big", "Hello there", stream=stream), work(mode))
    record = g.record()
    assert record["watched"] == 1 and record["watched_first"] == "github_token"
    if mode == "observe":
        assert {**PARTS, **ALONE}[part][1](messages(answer)[0]) == f"It is {SECRET}, they say."
        return
    assert SECRET[:12] not in answer.body.decode()
    if mode == "mask":
        assert {**PARTS, **ALONE}[part][1](messages(answer)[0]) == "It is , they say."
    else:
        assert record["err"] == "output_stopped"


@pytest.mark.parametrize("say", ["No such customer: @", "See https://evil.example/?q=@"])
def test_a_model_that_rejects_is_told_in_the_callers_words(gateway, said, say):
    """The error of a vendor may quote the request; the caller never saw a token."""
    g = masking(gateway, said(lambda body: (400, json.dumps(
        {"error": {"message": say.replace("@", token_of(body)), "type": "x"}}).encode())))
    answer = g.chat(rig.chat("big", f"Write to {MAIL}"))
    assert answer.status == 400 and answer.json()["error"]["message"] == say.replace("@", MAIL)
    answer = g.chat(rig.chat("big", f"Write to {MAIL}"), work("stop"))
    assert answer.status == 400 and ("evil" not in say or "evil" not in answer.body.decode())


def test_a_model_that_rejects_says_no_secret(gateway, said):
    g = masking(gateway, said(lambda _: (400, json.dumps({"error": {"message": f"Bad: {SECRET}"}}).encode())))
    for mode in ("mask", "stop"):
        answer = g.chat(rig.chat("big", "Hello there"), work(mode))
        assert answer.status == 400 and SECRET not in answer.body.decode()


class Cut:
    """A stream's bytes again, in chunks of so many, wherever that cuts."""

    def __init__(self, inner, step):
        self.inner, self.step = inner, step

    def __call__(self, body):
        status, events = self.inner(body)
        data = b"".join(events)
        return status, [data[i:i + self.step] for i in range(0, len(data), self.step)]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100])
def test_chunks_that_end_anywhere(gateway, said, step):
    g = masking(gateway, said(Cut(saying("arguments", lambda body: f'{{"to": "{token_of(body)}"}}'), step)))
    heard = messages(g.chat(rig.chat("big", f"Write to {MAIL}", stream=True, n=2)))
    for i in (0, 1):
        assert json.loads(heard[i]["tool_calls"][0]["function"]["arguments"]) == {"to": MAIL}


def escaped(text, every):
    return "".join(f"\\u{ord(c):04x}" if i % every == 0 else c for i, c in enumerate(text))


@pytest.mark.parametrize("every", [1, 2, 5])
@pytest.mark.parametrize("stream", [False, True])
def test_tokens_that_are_written_with_escapes(gateway, said, stream, every):
    """\\u0045mail_… in the answer's own JSON means the token; one more level deep it is other text."""
    def answer(body):
        said = event({"content": "@"}) + event({}, "stop") + DONE if body.get("stream") else whole("@")
        said = said.replace(b"@", escaped(token_of(body), every).encode())
        return 200, [said] if body.get("stream") else said
    g = masking(gateway, said(answer))
    assert texts(g.chat(rig.chat("big", f"Write to {MAIL}", stream=stream)))[0] == MAIL


@pytest.mark.parametrize("kind, body", [
    ("text/plain", b"Email me"), ("text/html", b"<p>@</p>"), ("application/xml", b"<a>@</a>"),
    ("application/json", b"@"), ("application/json", b'{"choices":[{"message":{"content":"@'),
    ("application/x-ndjson", b'{"a":"@"}\n{"a":"@"}'), ("text/plain", b'{"choices":[],"a":"@"}')])
def test_answers_of_other_types(gateway, said, kind, body):
    """What is no JSON is no answer; what is, is looked into, whatever it is called."""
    m = said(lambda asked: (200, body.replace(b"@", token_of(asked).encode())))
    m.fields = [("Content-Type", kind)]
    g = masking(gateway, m)
    answer = g.chat(rig.chat("big", f"Write to {MAIL}"))
    assert not TOKEN.search(answer.body.decode())
    assert answer.field("content-type").startswith("application/json")
    assert answer.status == (200 if body.endswith(b"}") and kind == "text/plain" else 502)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("coding", ["gzip", "br", "identity"])
def test_answers_that_are_compressed_although_nobody_asked(gateway, said, coding, stream):
    def answer(body):
        data = event({"content": SECRET}) + DONE if stream else whole(SECRET)
        return 200, [gzip.compress(data)] if stream else gzip.compress(data)
    m = said(answer)
    m.fields = [("Content-Encoding", coding), ("Content-Type", "text/event-stream" if stream else "application/json")]
    g = masking(gateway, m)
    answer = g.chat(rig.chat("big", "Hello there", stream=stream), work("stop"))
    assert answer.status == 502 and g.record()["err"] == "upstream_malformed"


@pytest.mark.parametrize("mode", ["mask", "stop"])
def test_audio_is_not_told_where_its_words_are_watched(gateway, said, mode):
    g = masking(gateway, said(lambda _: (200, json.dumps({"choices": [{"index": 0, "message": {"audio": {
        "id": "a", "data": "QUJD", "transcript": f"It is {SECRET}"}}, "finish_reason": "stop"}]}).encode())))
    answer = g.chat(rig.chat("big", "Hello there"), work(mode))
    assert SECRET not in answer.body.decode() and "QUJD" not in answer.body.decode()


@pytest.mark.parametrize("mode", ["observe", "mask"])
@pytest.mark.parametrize("stream", [False, True])
def test_watched_answers_and_durable_records(gateway, said, folder, stream, mode):
    """The record that is on disk before the end counts what was left out of that end."""
    def answer(body):
        say = f"{token_of(body)} has " + SECRET
        if not body.get("stream"):
            return 200, whole(say)
        return 200, [event({"content": c}) for c in say] + [event({}, "stop"), DONE]
    g = gateway(rig.config({"big": rig.model(said(answer), zone="public")}, data=os.path.join(folder, "data"),
                           default_workload="w", workloads={"w": {
                               "owner": "desk", "when_refused": ["mask"], "duties": ["durable_record"],
                               "output": {"watch": mode}}}))
    answer = g.chat(rig.chat("big", f"Write to {MAIL}", stream=stream))
    assert texts(answer)[0] == f"{MAIL} has " + (SECRET if mode == "observe" else "")
    record = g.records(2)[-1]
    assert (record["watched"], record["watched_first"], record["restored"]) == (1, "github_token", 1)


def test_tool_calls_that_all_have_one_number(gateway, said):
    """As one vendor numbers them: the ids tell them apart, and what was held of one stays in it."""
    def answer(body):
        token = token_of(body)
        calls = [{"index": 0, "id": f"call_{i}", "type": "function",
                  "function": {"name": "f", "arguments": f'{{"n": {i}, "to": "{token}"}}'}} for i in range(3)]
        return 200, [event({"tool_calls": [c]}) for c in calls] + [event({}, "tool_calls"), DONE]
    g = masking(gateway, said(answer))
    for mode in ("tickets", "mask", "stop"):
        answer = g.chat(rig.chat("big", f"Write to {MAIL} or {OTHER}", stream=True), work(mode))
        calls, last = {}, None
        for data in rig.events_of(answer.body):
            for choice in json.loads(data)["choices"] if data not in ("[DONE]", b"[DONE]") else []:
                for call in choice["delta"].get("tool_calls", []):
                    last = call.get("id") or last
                    calls[last] = calls.get(last, "") + call["function"]["arguments"]
        assert {k: json.loads(v) for k, v in calls.items()} == {
            f"call_{i}": {"n": i, "to": MAIL} for i in range(3)}, mode
