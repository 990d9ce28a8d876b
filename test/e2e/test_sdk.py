# SPDX-License-Identifier: Apache-2.0
"""The official OpenAI SDK for Python, unmodified but for base URL and key."""

import json
import threading
import time

import openai
import pytest
from pydantic import BaseModel

import rig

SAY = [{"role": "user", "content": "hello there"}]
TOOLS = [{"type": "function", "function": {
    "name": "weather", "description": "The weather somewhere",
    "parameters": {"type": "object", "required": ["city"], "additionalProperties": False,
                   "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]}}}}}]


def test_chat(one, sdk):
    answer = sdk(one).chat.completions.create(model="m", messages=SAY, temperature=0.2)
    assert answer.choices[0].message.content == \
        "This is a simulated answer from upstream-m. You said: hello there"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    record = one.record()
    assert record["input_tokens"] == answer.usage.prompt_tokens
    assert record["output_tokens"] == answer.usage.completion_tokens


def test_headers_reach_the_sdk(one, sdk):
    raw = sdk(one).chat.completions.with_raw_response.create(model="m", messages=SAY)
    assert raw.headers["x-trivium-model"] == "m"
    assert raw.headers["x-trivium-zone"] == "edge"
    assert raw.headers["x-trivium-attempts"] == "1"
    assert raw.parse().choices[0].message.content


def test_several_choices_and_a_limit(one, sdk):
    answer = sdk(one).chat.completions.create(model="m", messages=SAY, n=3, max_completion_tokens=4)
    assert [c.message.content for c in answer.choices] == ["This is a simulated"] * 3
    assert {c.finish_reason for c in answer.choices} == {"length"}


def test_stream(one, sdk):
    text, finish = "", None
    for chunk in sdk(one).chat.completions.create(model="m", messages=SAY, stream=True):
        assert chunk.usage is None
        assert len(chunk.choices) == 1, "a usage chunk that was not asked for"
        text += chunk.choices[0].delta.content or ""
        finish = chunk.choices[0].finish_reason or finish
    assert text == "This is a simulated answer from upstream-m. You said: hello there"
    assert finish == "stop"
    record = one.record()
    assert record["stream"] and record["status"] == 200 and record["err"] == "ok"
    assert record["output_tokens"] == 11, "usage was asked for upstream"


def test_stream_with_usage(one, sdk):
    chunks = list(sdk(one).chat.completions.create(
        model="m", messages=SAY, stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 11
    assert all(c.usage is None for c in chunks[:-1])
    assert one.record()["output_tokens"] == chunks[-1].usage.completion_tokens


def test_stream_helper_accumulates(one, sdk):
    with sdk(one).chat.completions.stream(model="m", messages=SAY) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert final.choices[0].message.content.endswith("hello there")


def test_tools(one, sdk):
    client = sdk(one)
    answer = client.chat.completions.create(model="m", messages=SAY, tools=TOOLS,
                                            tool_choice="required")
    call = answer.choices[0].message.tool_calls[0]
    assert answer.choices[0].finish_reason == "tool_calls"
    assert call.function.name == "weather" and json.loads(call.function.arguments)["city"]
    answer = client.chat.completions.create(model="m", tools=TOOLS, messages=[
        *SAY, answer.choices[0].message,
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"}])
    assert answer.choices[0].message.content.endswith("The tool said: sunny")


def test_streamed_tools(one, sdk):
    name, arguments = "", ""
    for chunk in sdk(one).chat.completions.create(model="m", messages=SAY, tools=TOOLS,
                                                  tool_choice="required", stream=True):
        for call in chunk.choices[0].delta.tool_calls or []:
            name += call.function.name or ""
            arguments += call.function.arguments or ""
    assert name == "weather" and json.loads(arguments)["city"]


class Address(BaseModel):
    street: str
    number: int


class Person(BaseModel):
    name: str
    age: int
    tags: list[str]
    home: Address
    nick: str | None


def test_structured_output(one, sdk):
    answer = sdk(one).chat.completions.parse(model="m", messages=SAY, response_format=Person)
    person = answer.choices[0].message.parsed
    assert isinstance(person, Person) and isinstance(person.home.number, int)


def test_json_mode(one, sdk):
    answer = sdk(one).chat.completions.create(model="m", messages=SAY,
                                              response_format={"type": "json_object"})
    assert isinstance(json.loads(answer.choices[0].message.content), dict)


def test_image_parts_pass(one, sdk):
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    answer = sdk(one).chat.completions.create(model="m", messages=[
        {"role": "user", "content": [part, {"type": "text", "text": "what is this?"}]}])
    assert answer.choices[0].message.content.endswith("what is this?")
    assert b'"iVBORw0KGgo="' not in one.provider.last()["body"]
    assert b"data:image/png;base64,iVBORw0KGgo=" in one.provider.last()["body"]


def test_completions(one, sdk):
    client = sdk(one)
    assert client.completions.create(model="m", prompt="once").choices[0].text.endswith("once")
    text = "".join(c.choices[0].text for c in client.completions.create(
        model="m", prompt="once", stream=True))
    assert text.endswith("You said: once")
    assert {r["operation"] for r in one.records(2)} == {"text_completion"}


def test_embeddings(one, sdk):
    client = sdk(one)
    answer = client.embeddings.create(model="m", input=["a", "b", "a"], dimensions=8)
    assert b'"encoding_format":"base64"' in one.provider.last()["body"].replace(b": ", b":")
    vectors = [d.embedding for d in answer.data]
    assert len(vectors) == 3 and len(vectors[0]) == 8 and vectors[0] == vectors[2] != vectors[1]
    floats = client.embeddings.create(model="m", input="a", dimensions=8, encoding_format="float")
    assert floats.data[0].embedding == pytest.approx(vectors[0], abs=1e-6)
    assert all(r["operation"] == "embeddings" and r["input_tokens"] for r in one.records(2))


def test_models(provider, gateway, sdk):
    p = provider()
    client = sdk(gateway(rig.config(
        {"m": rig.model(p), "maker/m-2": rig.model(p, zone="public")}, groups={"pair": ["m"]})))
    assert {m.id for m in client.models.list()} == {"m", "maker/m-2", "pair", "auto"}
    assert client.models.retrieve("m").id == "m"
    assert client.models.retrieve("maker/m-2").id == "maker/m-2", "a name with a slash"
    with pytest.raises(openai.NotFoundError) as e:
        client.models.retrieve("n")
    assert e.value.code == "model_unknown"


# ---- typed errors -------------------------------------------------------------

KEYS = {"K_ONE": "tv-one-0123456789abcdef", "K_TWO": "tv-two-0123456789abcdef"}


@pytest.fixture
def guarded(provider, gateway):
    """Two models, two keys; the second key may use only the first model."""
    p = provider()
    g = gateway(rig.config(
        {"small-model": rig.model(p), "large-model": rig.model(p, zone="public")},
        keys=[{"id": "one", "secret": "env:K_ONE", "tenant": "t1"},
              {"id": "two", "secret": "env:K_TWO", "tenant": "t2", "models": ["small-model"]}]),
        env=KEYS)
    g.provider = p
    return g


def test_not_found_with_near_names(guarded, sdk):
    with pytest.raises(openai.NotFoundError) as e:
        sdk(guarded, KEYS["K_ONE"]).chat.completions.create(model="smal-model", messages=SAY)
    assert e.value.code == "model_unknown" and e.value.param == "model"
    assert "small-model" in e.value.message and "large" not in e.value.message
    assert guarded.record()["err"] == "model_unknown"


def test_near_names_only_of_what_the_key_may_see(guarded, sdk):
    for name in ("large-mode", "large-model"):
        with pytest.raises(openai.NotFoundError) as e:
            sdk(guarded, KEYS["K_TWO"]).chat.completions.create(model=name, messages=SAY)
        assert "'large-model'" not in e.value.message.replace(f"no model '{name}'", "")
    assert {m.id for m in sdk(guarded, KEYS["K_TWO"]).models.list()} == {"small-model", "auto"}


def test_authentication(guarded, sdk):
    for key, code in (("tv-wrong-0123456789abcdef", "key_unknown"), (KEYS["K_ONE"][:-1], "key_unknown"),
                      (KEYS["K_ONE"] + "x", "key_unknown")):
        with pytest.raises(openai.AuthenticationError) as e:
            sdk(guarded, key).chat.completions.create(model="small-model", messages=SAY)
        assert e.value.code == code
    assert all(r["status"] == 401 and r["caller"] == "anonymous" for r in guarded.records(3))
    assert guarded.provider.seen() == []


def test_bad_request(guarded, sdk):
    client = sdk(guarded, KEYS["K_ONE"])
    with pytest.raises(openai.BadRequestError) as e:
        client.chat.completions.create(model="small-model", messages="hello")
    assert e.value.param == "messages" and e.value.code == "field_type"
    with pytest.raises(openai.BadRequestError) as e:
        client.chat.completions.create(model="small-model", messages=SAY,
                                       extra_headers={"x-trivium-label": "no-such-level"})
    assert e.value.code == "header_value"


def test_a_rejection_passes_as_the_provider_said_it(one, sdk):
    body = b'{"error": {"message": "too long", "type": "invalid_request_error", "param": "messages",' \
           b' "code": "context_length_exceeded", "extra": 9007199254740993}}'
    one.provider.script({"default": {"status": 400, "body": body.decode()}})
    with pytest.raises(openai.BadRequestError) as e:
        sdk(one).chat.completions.create(model="m", messages=SAY)
    assert e.value.code == "context_length_exceeded"
    assert e.value.response.content == body
    assert one.record()["err"] == "upstream_rejected"


@pytest.mark.parametrize("status", [409, 422])
def test_other_rejections_keep_their_status(one, sdk, status):
    one.provider.script({"default": {"status": status}})
    with pytest.raises(openai.APIStatusError) as e:
        sdk(one).chat.completions.create(model="m", messages=SAY)
    assert e.value.status_code == status
    assert isinstance(e.value, (openai.ConflictError, openai.UnprocessableEntityError))


def test_permission_denied(one, sdk, provider, gateway):
    p = provider()
    g = gateway(rig.config({"far": rig.model(p, zone="public")}))
    with pytest.raises(openai.PermissionDeniedError) as e:
        sdk(g).chat.completions.create(model="far", messages=SAY,
                                       extra_headers={"x-trivium-label": "confidential"})
    assert e.value.code == "policy_level"
    assert p.seen() == []


def test_rate_limit_keeps_retry_after(one, sdk):
    one.provider.script({"default": {"status": 429, "headers": {"Retry-After": "7"}}})
    with pytest.raises(openai.RateLimitError) as e:
        sdk(one).chat.completions.create(model="m", messages=SAY)
    assert e.value.response.headers["retry-after"] == "7"
    assert e.value.code == "upstream_limited"


@pytest.mark.parametrize("said, status, code", [
    ({"status": 500}, 502, "upstream_failed"),
    ({"status": 502}, 502, "upstream_failed"),
    ({"status": 503}, 503, "upstream_busy"),
    ({"status": 529}, 503, "upstream_busy"),
    ({"status": 504}, 504, "upstream_timeout"),
    ({"status": 401}, 502, "upstream_key"),
    ({"status": 403}, 502, "upstream_key"),
    ({"status": 404}, 502, "upstream_unknown"),
    ({"fault": {"do": "close"}}, 502, "upstream_closed"),
])
def test_provider_failures_are_status_errors(one, sdk, said, status, code):
    one.provider.script({"default": said})
    with pytest.raises(openai.InternalServerError) as e:
        sdk(one).chat.completions.create(model="m", messages=SAY)
    assert (e.value.status_code, e.value.code) == (status, code)
    assert "Incorrect API key" not in e.value.message
    record = one.record()
    assert (record["status"], record["err"]) == (status, code)


def test_the_sdk_retries_by_itself(one, sdk):
    one.provider.script({"rules": [{"times": 2, "then": {"status": 503, "headers": {"Retry-After": "0"}}}]})
    answer = sdk(one, max_retries=2).chat.completions.create(model="m", messages=SAY)
    assert answer.choices[0].message.content
    assert [r["status"] for r in one.records(3)] == [503, 503, 200]


def test_an_error_inside_a_stream_is_raised(one, sdk):
    one.provider.script({"default": {"error_at": 4}})
    with pytest.raises(openai.APIError):
        for _ in sdk(one).chat.completions.create(model="m", messages=SAY, stream=True):
            pass
    assert one.record()["err"] == "stream_broken"


def test_a_timeout_of_the_sdk(one, sdk):
    one.provider.script({"default": {"fault": {"do": "stall"}}})
    with pytest.raises(openai.APITimeoutError):
        sdk(one).with_options(timeout=0.3).chat.completions.create(model="m", messages=SAY)
    assert one.record()["err"] == "client_gone"


def test_a_cancelled_stream_ends_upstream(one, sdk):
    one.provider.script({"default": {"tokens": 10000, "token_ms": 20}})
    stream = sdk(one).chat.completions.create(model="m", messages=SAY, stream=True)
    for i, _ in enumerate(stream):
        if i == 3:
            break
    assert one.provider.last()["ended"] == "open"
    began = time.monotonic()
    stream.close()
    rig.eventually(lambda: one.provider.last()["ended"] == "gone", 1, "the provider's connection ended")
    assert time.monotonic() - began < rig.SLOW
    record = one.record()
    assert record["err"] == "client_gone" and record["stream"] and record["events"] >= 3


def test_many_threads_get_their_own_answers(one, sdk):
    client, wrong = sdk(one), []

    def work(n):
        for i in range(5):
            want = f"caller {n} question {i}"
            got = client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": want}], stream=bool(i % 2))
            if i % 2:
                got = "".join(c.choices[0].delta.content or "" for c in got)
            else:
                got = got.choices[0].message.content
            if not got.endswith(want):
                wrong.append((want, got))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong
    assert len(one.records(80)) == 80


def test_async_client(one):
    import asyncio

    async def go():
        async with openai.AsyncOpenAI(base_url=one.base_url, api_key="tv-none", max_retries=0) as c:
            answers = await asyncio.gather(*[
                c.chat.completions.create(model="m", messages=[{"role": "user", "content": f"q{i}"}])
                for i in range(20)])
            return [a.choices[0].message.content for a in answers]
    assert [a.rsplit(" ", 1)[1] for a in asyncio.run(go())] == [f"q{i}" for i in range(20)]
