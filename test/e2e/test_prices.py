# SPDX-License-Identifier: Apache-2.0
"""What a request costs: where its price is from, and what is charged when the vendor does not say what it used."""

import json
import re
from decimal import Decimal

import pytest

import rig

BUILT_IN = re.compile(r"genai-prices \d+\.\d+\.\d+ of 20\d\d-\d\d-\d\d")
TEXT = "Good morning, and thank you for asking."


def vendor(provider, **more):
    """A model of a real vendor, whose place a simulated one takes."""
    return {"vendor": "openai", "zone": "edge", "url": provider.url, "id": "gpt-4o-mini", **more}


def whole(usage):
    """An answer that says this usage, whatever it is."""
    return json.dumps({"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}], "usage": "USAGE"}
    ).replace('"USAGE"', usage)


def test_a_model_without_a_price_has_the_built_in_one(provider, gateway):
    p = provider({"default": {"usage": {"input": 1000, "cached": 400, "output": 100}}})
    one = gateway(rig.config({"m": vendor(p)}))
    one.chat()
    r = one.record()
    assert BUILT_IN.fullmatch(r["price"])
    assert Decimal(r["cost_usd"]) == Decimal("0.15") * 600 / 10**6 + Decimal("0.075") * 400 / 10**6 + \
        Decimal("0.6") * 100 / 10**6


def test_unknown_switches_the_built_in_price_off(provider, gateway):
    one = gateway(rig.config({"m": vendor(provider(), price="unknown")}))
    one.chat()
    r = one.record()
    assert r["price"] is None and r["cost_usd"] is None and r["input_tokens"] > 0


def test_a_price_of_the_model_goes_before_all_others(provider, gateway, tmp_path):
    (tmp_path / "prices.yaml").write_text("openai: {'*': {per_request_usd: 1}}\n")
    one = gateway(rig.config({"m": vendor(provider(), price={"per_request_usd": "0.5"}),
                              "n": vendor(provider()), "o": vendor(provider(), price={
                                  "per_request_usd": "0.25", "source": "contract 17"})},
                             prices=str(tmp_path / "prices.yaml")))
    said = {}
    for name in "mno":
        one.chat(rig.chat(model=name))
    for r in one.records(3):
        said[r["model"]] = (r["cost_usd"], r["price"])
    assert said == {"m": ("0.5", "configuration"), "n": ("1", str(tmp_path / "prices.yaml")),
                    "o": ("0.25", "contract 17")}


def test_check_lists_models_without_a_price(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(json.dumps({"zones": {"z": {"kind": "edge"}}, "models": {
        "priced": {"vendor": "openai", "zone": "z", "id": "gpt-4o", "key": "env:K"},
        "off": {"vendor": "openai", "zone": "z", "id": "gpt-4o", "key": "env:K", "price": "unknown"},
        "own": {"vendor": "vllm", "zone": "z", "url": "http://localhost:1"}}}))
    done = rig.run("check", str(path), env={"K": "x" * 20})
    assert done.returncode == 0 and done.stdout.decode().splitlines()[-1] == "without a price: off, own"
    done = rig.run("check", "--print-effective", str(path), env={"K": "x" * 20})
    assert BUILT_IN.search(done.stdout.decode())


@pytest.mark.parametrize("prices, message", [
    ("openai: 3", "the prices of a vendor are a map"),
    ("- openai", "a file of prices is a map of vendors"),
    ("opnai: {}", "there is no vendor `opnai`"),
    ("openai: {gpt-4o: {input_usd_per_million: 1}}", "1:18: `output_usd_per_million` is missing"),
    ("openai: {gpt-4o: {input_usd_per_milion: 1, output_usd_per_million: 1}}", "did you mean `input_usd_per_million`"),
    ("openai: [", "has 1 mistakes"),
])
def test_mistakes_of_a_file_of_prices_are_told(tmp_path, prices, message):
    (tmp_path / "prices.yaml").write_text(prices)
    path = tmp_path / "c.yaml"
    path.write_text("zones: {z: {kind: edge}}\nprices: %s\nmodels: {m: {vendor: simulated, zone: z}}\n"
                    % (tmp_path / "prices.yaml"))
    done = rig.run("check", str(path))
    assert done.returncode == 2 and message in done.stderr.decode() and "c.yaml:2:9" in done.stderr.decode()


def test_a_file_of_prices_that_is_not_there_is_told(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("zones: {z: {kind: edge}}\nprices: /no/such/file\nmodels: {m: {vendor: simulated, zone: z}}\n")
    done = rig.run("check", str(path))
    assert done.returncode == 2 and "/no/such/file" in done.stderr.decode()
    assert rig.run("check", "--detached", str(path)).returncode == 0, "no other file is read"


@pytest.mark.parametrize("usage", [
    '{"prompt_tokens":-5,"completion_tokens":5}', '{"prompt_tokens":5,"completion_tokens":99999999999999999999}',
    '{"prompt_tokens":5,"completion_tokens":18446744073709551615}', '{"prompt_tokens":1.5,"completion_tokens":5}',
    '{"prompt_tokens":5,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":-1}}', '"much"',
])
def test_usage_that_cannot_be_is_refused_and_flagged(one, usage):
    one.provider.script({"default": {"body": whole(usage)}})
    assert one.chat().status == 200
    r = one.record()
    assert r["usage_refused"] is True and r["usage_estimated"] is True
    assert r["input_tokens"] == -(-r["request_bytes"] // 3), "three bytes are a token"
    assert len(TEXT) // 3 <= r["output_tokens"] <= len(TEXT) // 3 + 10
    assert 0 < Decimal(r["cost_usd"]) < 1


def test_usage_that_cannot_be_in_a_stream(one):
    event = 'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n'
    usage = 'data: {"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":1}}\n\n'
    one.provider.script({"default": {"events": [event, event, usage, "data: [DONE]\n\n"]}})
    one.chat(rig.chat(stream=True))
    r = one.record()
    assert r["usage_refused"] is True and r["usage_estimated"] is True and r["output_tokens"] == 4


def test_kinds_of_tokens_are_in_the_record(one):
    one.provider.script({"default": {"body": whole(
        '{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":10,"audio_tokens":3},'
        '"cache_creation_input_tokens":20,"completion_tokens_details":{"reasoning_tokens":40}}')}})
    one.chat()
    r = one.record()
    assert [r[k] for k in ("input_tokens", "cached_tokens", "cache_write_tokens", "audio_input_tokens",
                           "output_tokens", "reasoning_tokens")] == [100, 10, 20, 3, 50, 40]
    assert "usage_estimated" not in r


def test_a_stream_that_is_cut_is_charged_for_what_passed(one):
    one.provider.script({"default": {"text": "word " * 300, "tokens": 300, "fault": {"do": "close", "at": 101}}})
    one.chat(rig.chat(stream=True))
    r = one.record()
    assert r["err"] == "stream_broken" and r["usage_estimated"] is True
    assert 120 <= r["output_tokens"] <= 200, "a hundred words of five bytes, by three"
    assert r["input_tokens"] == -(-r["request_bytes"] // 3) and r["cost_usd"] is not None


def test_a_stream_that_its_client_left_is_charged(one):
    one.provider.script({"default": {"tokens": 1000, "token_ms": 10}})
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat(stream=True)).encode()))
        w.until(b"data: ")
    r = one.record()
    assert r["err"] == "client_gone" and r["usage_estimated"] is True and Decimal(r["cost_usd"]) > 0


def test_an_answer_that_nobody_waited_for_is_charged(one):
    one.provider.script({"default": {"fault": {"do": "stall"}}})
    with one.wire() as w:
        w.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat()).encode()))
        rig.eventually(lambda: one.provider.seen(), what="the request at the provider")
    r = one.record()
    assert r["err"] == "client_gone" and Decimal(r["cost_lost_usd"]) == Decimal(r["cost_usd"]) > 0


def test_an_attempt_that_may_be_billed_is_charged_beside_the_answer(provider, gateway):
    bad, good = provider({"default": {"fault": {"do": "close", "at": 1}}}), provider()
    refused = provider({"default": {"status": 500}})
    one = gateway(rig.config({"bad": rig.model(bad, price={"per_request_usd": 1}),
                              "refused": rig.model(refused, price={"per_request_usd": 5}),
                              "good": rig.model(good, price={"per_request_usd": 2})},
                             groups={"all": ["bad", "refused", "good"]}))
    one.chat(rig.chat(model="all"))
    r = one.record()
    assert (r["model"], r["cost_usd"], r["cost_lost_usd"]) == ("good", "3", "1"), "a refusal costs nothing"


def test_a_connection_that_was_refused_costs_nothing(provider, gateway):
    one = gateway(rig.config({"m": {"vendor": "openai_compatible", "zone": "edge", "price": {"per_request_usd": 1},
                                    "url": f"http://127.0.0.1:{rig.free_port()}"}}))
    one.chat()
    assert one.record()["cost_usd"] is None


def test_time_on_a_machine_of_ones_own_is_charged(provider, gateway):
    p = provider({"default": {"first_token_ms": 200}})
    one = gateway(rig.config({"m": rig.model(p, price={"per_second_usd": "0.01", "parallel": 2})}))
    answer = one.chat(rig.chat(max_tokens=10))
    assert Decimal("0.001") <= Decimal(answer.field("x-trivium-cost-usd")) < Decimal("0.01")
    assert Decimal(answer.field("x-trivium-cost-usd-max")) == 3, "600 seconds, shared by two"


def test_images_have_no_bound_but_the_context(provider, gateway):
    p = provider()
    price = {"input_usd_per_million": 1, "output_usd_per_million": 1}
    one = gateway(rig.config({"m": rig.model(p, price=price), "n": rig.model(p, price=price, context=100000)}))
    image = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}]}
    most = {}
    for name in "mn":
        most[name] = one.chat({"model": name, "max_tokens": 10, "messages": [image]}).field("x-trivium-cost-usd-max")
    assert most == {"m": None, "n": "0.10001"}


def test_a_hosted_tool_or_priority_without_a_price_has_no_bound(provider, gateway):
    price = {"input_usd_per_million": 1, "output_usd_per_million": 1}
    p = provider()
    more = {"hosted_tool_usd": "0.01", "hosted_tool_calls": 3, "priority_percent": 200}
    one = gateway(rig.config({"m": rig.model(p, price=price), "n": rig.model(p, price={**price, **more})},
                             tools={"web_search": {"clearance": {"level": "regulated", "kinds": "all"}}}))
    for extra, least in (({"web_search_options": {}}, "0.03"), ({"service_tier": "priority"}, "0.0002")):
        most = {name: one.chat(rig.chat(model=name, max_tokens=100, **extra)).field("x-trivium-cost-usd-max")
                for name in "mn"}
        assert most["m"] is None and Decimal(most["n"]) >= Decimal(least), extra
