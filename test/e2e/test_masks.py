# SPDX-License-Identifier: Apache-2.0
"""Masks under pressure: many at once, answers that are torn, models that fail, callers who guess."""

import concurrent.futures
import json
import os
import signal
import time

import pytest

import rig
from said import (CARD, DONE, KEYS, MAIL, OTHER, SECRET, TOKEN, WORKLOADS, event, masking, post, said, talk, texts,
                  whole, work)

__all__ = ["said"]


def test_many_requests_of_one_conversation_at_once(gateway, said):
    """Every one is answered with what its own caller said, and all agree about the tokens."""
    m = said()
    g = masking(gateway, m, workers=4)

    def one(i):
        answer = g.chat(rig.chat("big", f"{MAIL} met person{i}@example.org", stream=i % 2 == 0), talk("c"), timeout=30)
        return i, answer.status, texts(answer).get(0) if answer.status == 200 else answer.body
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        for i, status, text in pool.map(one, range(192)):
            assert (status, text) == (200, f"{MAIL} met person{i}@example.org")
    sent = [json.loads(b)["messages"][-1]["content"] for b in m.bodies]
    assert len({TOKEN.findall(s)[0] for s in sent}) == 1 and not any("@" in s for s in sent)
    # What each of them hid is known to the next one.
    m.answer = lambda _: (200, whole(" ".join(TOKEN.findall(s)[1] for s in sent)))
    later = texts(g.chat(rig.chat("big", f"Who is {MAIL}?"), talk("c")))[0].split()
    assert sorted(later) == sorted(f"person{i}@example.org" for i in range(192))


def test_the_same_id_of_others_is_another_conversation(gateway, said):
    m = said()
    g = masking(gateway, m, keys=[{"id": "a", "secret": "env:A", "tenant": "x"},
                                  {"id": "b", "secret": "env:B", "tenant": "x"}])

    def ask(who, say):
        fields = talk("c") + [("Authorization", "Bearer " + KEYS[who])]
        return texts(g.chat(rig.chat("big", say), fields))[0], TOKEN.findall(m.last()["messages"][-1]["content"])
    first = ask("A", f"I am {MAIL}")[1][0]
    assert ask("B", f"I am {MAIL}")[1][0] != first
    m.answer = lambda _: (200, whole(first))
    assert ask("B", f"Who is {first}? Not {OTHER}")[0] == first
    assert ask("A", f"Who is {first}? Not {OTHER}")[0] == MAIL


def test_what_is_always_masked_does_not_hinder_the_rest(gateway, said):
    """A workload may always mask addresses, and mask all else where it must."""
    m = said()
    g = masking(gateway, m)
    say = f"Write to {MAIL} about card {CARD} today."
    for stream in (False, True):
        answer = g.chat(rig.chat("big", say, stream=stream), work("both"))
        assert answer.status == 200, answer.body
        assert texts(answer)[0] == say
        assert MAIL not in m.bodies[-1].decode() and CARD not in m.bodies[-1].decode()
        assert len(m.last()["messages"]) == 2, "one note, not two"
    record = g.records(2)[-1]
    assert (record["masked"], record["label_before"]) == (2, "regulated") and record["restored"] == 2


@pytest.mark.parametrize("status", [500, 429, 401])
def test_the_second_model_is_sent_the_masked_body_too(gateway, said, status):
    bad, good = said(lambda _: (status, b'{"error":{"message":"no"}}')), said()
    g = gateway(rig.config({"one": rig.model(bad, zone="public"), "two": rig.model(good, zone="public")},
                           groups={"g": {"models": ["one", "two"]}}, default_workload="tickets", workloads=WORKLOADS))
    answer = g.chat(rig.chat("g", f"Write to {MAIL}"))
    assert answer.status == 200 and texts(answer)[0] == f"Write to {MAIL}"
    assert len(bad.bodies) >= 1 and MAIL not in (b"".join(bad.bodies) + good.bodies[-1]).decode()
    record = g.record()
    assert (record["label"], record["label_before"], record["restored"]) == ("public", "confidential", 1)
    assert [a["model"] for a in record["attempts"]][-1] == "two"


def test_choices_that_are_interleaved_do_not_mix(gateway, said):
    def answer(body):
        t = TOKEN.findall(body["messages"][-1]["content"])
        say = [f"<{t[0]}>", f"({t[1]})", f"{t[0]}{t[1]}", "Email_" + t[0][6:12]]
        events = [event({"content": s[i]}, index=n) for i in range(40) for n, s in enumerate(say) if i < len(s)]
        if not body.get("stream"):
            return 200, whole(*say)
        return 200, events + [event({}, "stop", index=n) for n in (2, 0, 3, 1)] + [DONE]
    g = masking(gateway, said(answer))
    for stream in (False, True):
        got = texts(g.chat(rig.chat("big", f"{MAIL} and {OTHER}", stream=stream, n=4)))
        assert (got[0], got[1], got[2]) == (f"<{MAIL}>", f"({OTHER})", MAIL + OTHER)
        assert got[3].startswith("Email_") and "@" not in got[3]


@pytest.mark.parametrize("cut", range(1, 17))
def test_a_stream_that_is_torn_inside_a_token(gateway, said, cut):
    """Whatever was held back comes out as the model wrote it, and then one error."""
    def answer(body):
        token = TOKEN.findall(body["messages"][-1]["content"])[0]
        return 200, [event({"content": "It is "}), event({"content": token[:cut]}), None]
    m = said(answer)
    g = masking(gateway, m)
    answer = g.chat(rig.chat("big", f"Write to {MAIL}", stream=True))
    events = rig.events_of(answer.body)
    assert json.loads(events[-1])["error"]["code"] == "stream_broken"
    token = TOKEN.findall(m.last()["messages"][-1]["content"])[0]
    assert "".join(json.loads(e)["choices"][0]["delta"]["content"] for e in events[:-1]) == (
        "It is " + (MAIL if cut == len(token) else token[:cut]))
    assert g.record()["err"] == "stream_broken"


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content", "both", "parts"])
def test_reasoning_is_restored_wherever_a_vendor_puts_it(gateway, said, name):
    def delta(piece):
        if name == "parts":
            return {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": piece}]},
                                {"type": "text", "text": piece}]}
        return {n: piece for n in ("reasoning", "reasoning_content") if name in (n, "both")}

    def answer(body):
        token = TOKEN.findall(body["messages"][-1]["content"])[0]
        if body.get("stream"):
            return 200, [event(delta(c)) for c in f"<{token}> {token}"] + [event({}, "stop"), DONE]
        message = {"role": "assistant", "content": "", **delta(f"<{token}> {token}")}
        return 200, json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
    g = masking(gateway, said(answer))
    for stream in (False, True):
        answer = g.chat(rig.chat("big", f"Write to {MAIL}", stream=stream))
        heard = {}

        def hear(value, path):
            if isinstance(value, str):
                heard[path] = heard.get(path, "") + value
            for key, inner in value.items() if isinstance(value, dict) else []:
                hear(inner, key if key != "text" else path)
            for inner in value if isinstance(value, list) else []:
                hear(inner, path)
        for e in rig.events_of(answer.body)[:-1] if stream else [answer.body]:
            for choice in json.loads(e)["choices"]:
                hear({k: v for k, v in choice.get("delta", choice.get("message")).items() if k != "role"}, "")
        assert {v for k, v in heard.items() if v and k != "type"} == {f"<{MAIL}> {MAIL}"}, heard


def test_a_client_of_http_1_0_gets_its_values(gateway, said):
    g = masking(gateway, said())
    for stream in (False, True):
        with g.wire() as w:
            w.send(post(rig.chat("big", f"Write to {MAIL}", stream=stream))
                   .replace(b"HTTP/1.1", b"HTTP/1.0"))
            answer = w.answer()
            assert answer.status == 200 and texts(answer)[0] == f"Write to {MAIL}"


def test_a_reload_in_the_middle_of_a_masked_stream(gateway, said):
    m = said()
    m.wait = 0.02
    g = masking(gateway, m)
    say = f"Write to {MAIL} and to {OTHER} now, please."
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(g.chat, rig.chat("big", say, stream=True), talk("c"), timeout=30) for _ in range(8)]
        time.sleep(0.2)
        g.write(rig.config({"big": rig.model(m, zone="public")}, default_workload="w",
                           workloads={"w": {"owner": "desk", "findings": {"pii": "refuse"}}}))
        g.signal(signal.SIGHUP)
        for a in asked:
            assert texts(a.result())[0] == say
    assert g.chat(rig.chat("big", say), talk("c")).code == "content_refused"


def test_clients_that_leave_a_masked_stream(gateway, said):
    m = said(lambda _: (200, (event({"content": "Email_"}) for _ in range(10_000))))
    m.wait = 0.01
    g = masking(gateway, m)
    for _ in range(20):
        with g.wire() as w:
            w.send(post(rig.chat("big", f"Hi {MAIL}", stream=True)))
            w.head()
    rig.eventually(lambda: g.metric("trivium_requests_in_flight") == 0, 5, "all of them have gone")
    assert {r["err"] for r in g.records(20)} == {"client_gone"}


@pytest.mark.parametrize("stream", [False, True])
def test_stopped_answers_and_durable_records(gateway, said, folder, stream):
    def answer(body):
        say = "Here: " + SECRET + " and more " * 200
        if not body.get("stream"):
            return 200, whole(say)
        return 200, [event({"content": say[i:i + 3]}) for i in range(0, len(say), 3)] + [event({}, "stop"), DONE]
    g = gateway(rig.config({"big": rig.model(said(answer), zone="edge")}, data=os.path.join(folder, "data"),
                           default_workload="w", workloads={"w": {
                               "owner": "desk", "duties": ["durable_record"], "output": {"watch": "stop"}}}))
    answer = g.chat(rig.chat("big", "Hello", stream=stream))
    assert SECRET.encode() not in answer.body and b"[DONE]" not in answer.body
    if answer.status == 200:
        assert json.loads(rig.events_of(answer.body)[-1])["error"]["code"] == "output_stopped"
    else:
        assert (answer.status, answer.code) == (403, "output_stopped")
    record = g.records(2)[-1]
    assert (record["err"], record["watched_first"]) == ("output_stopped", "github_token")
    assert SECRET.encode() not in g.log()


@pytest.mark.parametrize("mode", ["mask", "stop"])
@pytest.mark.parametrize("stream", [False, True])
def test_what_must_not_come_out_does_not_in_logprobs_either(gateway, said, mode, stream):
    say = "Here: " + SECRET + " and more " * 200
    logprobs = {"content": [{"token": SECRET, "logprob": -0.1, "bytes": list(SECRET.encode()), "top_logprobs": []}]}

    def answer(body):
        if not body.get("stream"):
            return 200, whole(say, logprobs=logprobs)
        return 200, [event({"content": say}, logprobs=logprobs), event({}, "stop"), DONE]
    g = masking(gateway, said(answer))
    answer = g.chat(rig.chat("big", "Hello", stream=stream, logprobs=True), work(mode))
    assert SECRET not in answer.body.decode() and str(list(SECRET.encode()))[1:40] not in answer.body.decode()


def test_a_token_that_a_caller_types(gateway, said):
    """Whatever looks like a token, the caller reads what he wrote."""
    m = said()
    g = masking(gateway, m)
    g.chat(rig.chat("big", f"Write to {MAIL}"), talk("one"))
    token = TOKEN.findall(m.last()["messages"][-1]["content"])[0]
    for fields in (talk("one"), talk("two"), []):
        for say in (f"{token} and {OTHER}", f"{OTHER} {token.lower()}", token):
            for stream in (False, True):
                answer = g.chat(rig.chat("big", say, stream=stream), fields)
                want = say
                if fields == talk("one") and TOKEN.findall(m.last()["messages"][-1]["content"]) == [token]:
                    want = MAIL
                assert texts(answer)[0] in (say, want), (say, fields)
                if fields != talk("one"):
                    assert MAIL not in answer.body.decode()


SLOTS = {
    "system": {"messages": [{"role": "system", "content": "@"}, {"role": "user", "content": "Hi there"}]},
    "developer": {"messages": [{"role": "developer", "content": "@"}, {"role": "user", "content": "Hi there"}]},
    "user part": {"messages": [{"role": "user", "content": [{"type": "text", "text": "@"}]}]},
    "user name": {"messages": [{"role": "user", "name": "@", "content": "Hi there"}]},
    "arguments": {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"to": "@"}'}}]},
        {"role": "tool", "tool_call_id": "c", "content": "ok"}]},
    "call id": {"messages": [{"role": "user", "content": "Hi"}, {"role": "tool", "tool_call_id": "@", "content": "ok"}]},
    "tool result": {"messages": [{"role": "user", "content": "Hi"}, {"role": "tool", "tool_call_id": "c", "content": "@"}]},
    "refusal": {"messages": [{"role": "assistant", "refusal": "@"}, {"role": "user", "content": "Hi there"}]},
    "metadata": {"messages": [{"role": "user", "content": "Hi there"}], "metadata": {"customer": "@"}},
    "metadata name": {"messages": [{"role": "user", "content": "Hi there"}], "metadata": {"@": "customer"}},
    "user": {"messages": [{"role": "user", "content": "Hi there"}], "user": "@"},
    "safety": {"messages": [{"role": "user", "content": "Hi there"}], "safety_identifier": "@"},
    "stop": {"messages": [{"role": "user", "content": "Hi there"}], "stop": ["@"]},
    "prediction": {"messages": [{"role": "user", "content": "Hi"}], "prediction": {"type": "content", "content": "@"}},
    "image": {"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "https://x.example/?q=@"}}]}]},
    "file": {"messages": [{"role": "user", "content": [
        {"type": "file", "file": {"filename": "@", "file_data": "data:text/plain;base64,aGk="}}]}]},
    "schema": {"messages": [{"role": "user", "content": "Hi there"}], "response_format": {
        "type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "enum": ["@"]}}}},
    "property": {"messages": [{"role": "user", "content": "Hi there"}], "response_format": {
        "type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": {"@": {}}}}}},
    "tool": {"messages": [{"role": "user", "content": "Hi there"}], "tools": [
        {"type": "function", "function": {"name": "f", "description": "@", "parameters": {"type": "object"}}}]},
    "tool name": {"messages": [{"role": "user", "content": "Hi there"}], "tools": [
        {"type": "function", "function": {"name": "@", "parameters": {"type": "object"}}}]},
    "unknown": {"messages": [{"role": "user", "content": "Hi there"}], "x_future": {"deep": [["@"]]}},
}
FIXED = {"user name", "call id", "metadata name", "image", "schema", "property", "tool name"}


def fill(slot, value):
    """The slot's request, with the value in it; as an escape where the value stands in JSON in JSON."""
    return json.dumps({"model": "big", **SLOTS[slot]}).replace("@", value).encode()


@pytest.mark.parametrize("slot", SLOTS)
def test_no_slot_lets_a_value_out(gateway, said, slot):
    m = said()
    m.answer = lambda _: (200, whole("Fine."))
    g = masking(gateway, m)
    answer = g.chat(fill(slot, MAIL))
    if slot in FIXED or answer.status != 200:
        assert (answer.status, m.bodies) == (403, []), slot
    else:
        assert MAIL not in m.bodies[-1].decode()
    assert (answer.status == 200) == (slot not in FIXED | {"file"}), slot
    for page in ("/metrics", "/debug/requests"):
        assert MAIL not in g.admin(page).body.decode()
    assert MAIL.encode() not in g.log() + g.stderr() and MAIL not in answer.body.decode()


@pytest.mark.parametrize("slot", SLOTS)
def test_no_slot_lets_a_secret_out(gateway, said, slot):
    m = said()
    m.answer = lambda _: (200, whole("Fine."))
    g = masking(gateway, m)
    for workload in ("tickets", "both", "stop"):
        answer = g.chat(fill(slot, SECRET), work(workload))
        assert (answer.status, m.bodies) == (403, []), slot
        assert SECRET not in answer.body.decode() + str(answer.fields)
    for path in ("/v1/classify", "/v1/route"):
        assert SECRET not in g.ask("POST", path, fill(slot, SECRET)).body.decode()
    for page in ("/metrics", "/debug/requests"):
        assert SECRET not in g.admin(page).body.decode()
    assert SECRET.encode() not in g.log() + g.stderr()
