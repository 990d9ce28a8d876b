# SPDX-License-Identifier: Apache-2.0
"""Budgets: what is held, what is charged, what is refused and how; and what is left after restarts."""

import base64
import hashlib
import hmac
import json
import os
import random
import sys
import time

import openai
import pytest

import ledger
import rig
from test_heads import Witness, events

sys.path.insert(0, os.path.join(rig.ROOT, "test", "crash"))

import spend                                                             # noqa: E402

EACH = {"per_request_usd": "0.001"}


def budget(usd, per="total", **more):
    return [{"usd": usd, "per": per, **more}]


@pytest.fixture
def shop(folder, provider, gateway):
    """A gateway with one model; a request costs a tenth of a cent."""
    def start(script=None, price=None, env=None, **more):
        p = provider(script) if script else provider()
        g = gateway(rig.config({"m": rig.model(p, price=price or EACH, context=1000)}, **more), env=env)
        g.provider = p
        return g
    return start


def of_all(rows):
    return {"default": {"budget": rows}}


def test_what_is_held_is_charged_and_told(shop, folder):
    data = os.path.join(folder, "data")
    g = shop(data=data, tenants=of_all(budget("1") + budget("0.5", "month", time_zone="Europe/Berlin")))
    assert g.chat().status == 200
    record = g.record()
    assert record["budgets"] == ["tenant default total UTC", "tenant default month Europe/Berlin"]
    assert record["held_usd"] == record["settled_usd"] == "0.001"
    g.stop()
    book = ledger.Ledger(data)
    assert spend.charged(book) == {row: 1000000 for row in record["rows"]}
    assert [a[1:] for a in spend.accounts(book).values()] == [(1000000, 1000000)] * 2


@pytest.mark.parametrize("stream", [False, True])
def test_an_estimate_charges_no_more_than_was_held(shop, stream):
    """A vendor that says no usage is estimated from the bytes of its words, which may be too much."""
    g = shop({"default": {"usage": "absent"}}, price={"input_usd_per_million": 0, "output_usd_per_million": 100},
             tenants=of_all(budget("1")))
    assert g.chat(rig.chat(max_tokens=1, stream=stream)).status == 200
    record = g.record()
    assert record["usage_estimated"] is True and record["output_tokens"] > 1, "more came than was asked for"
    assert float(record["cost_usd"]) > float(record["held_usd"]) == float(record["settled_usd"])


def test_a_spent_budget_is_insufficient_quota(shop):
    g = shop(tenants=of_all(budget("0.002")))
    assert [g.chat().status for _ in range(2)] == [200, 200]
    answer = g.chat()
    error = answer.json()["error"]
    assert (answer.status, error["type"], error["code"]) == (429, "insufficient_quota", "insufficient_quota")
    assert answer.field("x-should-retry") == "false"
    assert "tenant default total UTC" in error["message"] and "$0.001" in error["message"]
    assert len(g.provider.seen()) == 2
    refused = g.records(3)[2]
    assert refused["err"] == "insufficient_quota" and "held_usd" not in refused


def test_the_sdk_raises_it_and_does_not_ask_again(shop):
    g = shop(tenants=of_all(budget("0")))
    client = openai.OpenAI(base_url=g.base_url, api_key="any", max_retries=5)
    with pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hello"}])
    assert raised.value.code == "insufficient_quota"
    assert len(g.records(1)) == 1


def test_every_level_must_have_room_and_none_is_charged_otherwise(shop, folder):
    os.environ["BUDGET_KEY_A"], os.environ["BUDGET_KEY_B"] = "a" * 32, "b" * 32
    g = shop(tenants={"acme": {"budget": budget("0.003"),
                               "teams": {"ml": {"budget": budget("0.002")}, "web": {}}}},
             keys=[{"id": "a", "secret": "env:BUDGET_KEY_A", "tenant": "acme", "team": "ml",
                    "budget": budget("0.001")},
                   {"id": "b", "secret": "env:BUDGET_KEY_B", "tenant": "acme", "team": "ml"}])

    def ask(key):
        answer = g.chat(fields=[("Authorization", f"Bearer {key * 32}")])
        return "ok" if answer.status == 200 else answer.json()["error"]["message"]
    assert ask("a") == "ok"
    assert "key a total UTC" in ask("a")
    assert ask("b") == "ok"
    assert "team acme ml total UTC" in ask("b")
    assert [r.get("settled_usd") for r in g.records(4)] == ["0.001", None, "0.001", None]


def test_others_that_hold_it_are_told_apart_from_spent(shop):
    g = shop(script={"default": {"first_token_ms": 700}}, tenants=of_all(budget("0.001")))
    with g.wire() as first:
        first.send(rig.request_bytes("POST", "/v1/chat/completions", json.dumps(rig.chat()).encode()))
        rig.eventually(g.provider.seen, 5, "the first is under way")
        answer = g.chat()
        assert (answer.status, answer.code, answer.field("retry-after")) == (429, "budget_busy", "1")
        assert first.answer().status == 200
    assert g.chat().code == "insufficient_quota"


def test_without_a_price_nothing_is_sent(shop):
    g = shop(price="unknown", tenants=of_all(budget("100")))
    answer = g.chat()
    assert (answer.status, answer.code) == (403, "budget_unpriced")
    assert g.provider.seen() == []


def test_a_cheaper_candidate_is_taken_where_the_dearest_does_not_fit(folder, provider, gateway):
    p = provider()
    models = {"dear": rig.model(p, context=1000, price={"per_request_usd": "1"}),
              "cheap": rig.model(p, context=1000, price=EACH)}
    g = gateway(rig.config(models, groups={"both": ["dear", "cheap"]}, tenants=of_all(budget("0.5"))))
    answer = g.chat(rig.chat(model="both"))
    assert (answer.status, answer.field("x-trivium-model")) == (200, "cheap")
    assert answer.field("x-trivium-degraded") == "1"
    record = g.record()
    assert record["over_budget"] == ["dear"] and record["held_usd"] == "0.001"


def test_a_refused_attempt_is_released_and_a_cut_one_is_charged(folder, provider, gateway):
    refusing = provider({"default": {"status": 500}})
    g = gateway(rig.config({"m": rig.model(refusing, price=EACH, context=1000)}, tenants=of_all(budget("1"))))
    assert g.chat().status == 502
    assert g.record()["settled_usd"] == "0"
    silent = provider({"default": {"fault": {"do": "reset", "at": "before_head"}}})
    h = gateway(rig.config({"m": rig.model(silent, price=EACH, context=1000)}, tenants=of_all(budget("1"))))
    assert h.chat().status == 502
    assert h.record()["settled_usd"] == h.record()["held_usd"] == "0.001"


def test_alerts_are_told_once(shop, folder):
    g = shop(tenants=of_all(budget("0.004", alerts_percent=[50, 100])))
    for _ in range(5):
        g.chat()

    def told():
        return [json.loads(x) for x in g.log().splitlines() if b"budget_alert" in x]
    rig.eventually(lambda: len(told()) == 2, 5, "two alerts")
    time.sleep(0.2)
    assert len(told()) == 2 and "50 %" in json.dumps(told()[0]) and "100 %" in json.dumps(told()[1])


def test_alerts_are_usual_and_can_be_switched_off(shop):
    g = shop(tenants=of_all(budget("0.005") + budget("0.005", "month", alerts_percent=[])))
    for n in (0, 0, 1, 2, 3):
        assert g.chat().status == 200
        rig.eventually(lambda n=n: len(events(g, "budget_alert")) == n, 5, f"{n} alerts")
    assert [e["detail"].split(" has reached ")[1][:4] for e in events(g, "budget_alert")] == ["50 %", "80 %", "100 "]
    assert all("total UTC" in e["detail"] for e in events(g, "budget_alert"))


SECRET = b"a-secret-of-more-than-sixteen-bytes"


def signed(head, body, secret=SECRET):
    """The fields of a message, whose signature must be right: https://www.standardwebhooks.com."""
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    text = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + body
    code = base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
    assert fields["webhook-signature"] == "v1," + code and fields["Content-Type"] == "application/json"
    assert abs(int(fields["webhook-timestamp"]) - time.time()) < 60
    return fields


def test_alerts_are_sent_signed_and_again_until_they_are_taken(shop):
    hook = Witness()
    hook.status = 500
    g = shop(tenants=of_all(budget("0.004", "month", alerts_percent=[50, 100])), env={"HOOK": SECRET.decode()},
             alerts={"url": hook.url + "/services/whoever-knows-this", "secret": "env:HOOK"})
    for _ in range(4):
        assert g.chat().status == 200
    rig.eventually(lambda: len(hook.got) >= 2, 10, "a second try")
    assert [e["level"] for e in events(g, "alerts_failed")] == ["error"], "told once"
    assert g.metric("trivium_alerts_waiting") == 2 and g.metric("trivium_alert_sends_failed_total") >= 2
    hook.status = 204
    rig.eventually(lambda: g.metric("trivium_alerts_sent_total") == 2, 15, "both")
    rig.eventually(lambda: events(g, "alerts_well"), 5, "that it is well")
    assert g.metric("trivium_alerts_waiting") == 0
    time.sleep(0.3)
    ids = [signed(head, body)["webhook-id"] for head, (_, body) in zip(hook.heads, hook.got)]
    assert len(set(ids)) == 2 and ids.count(ids[0]) == len(ids) - 1, "who gets one twice knows it by its id"
    first, last = json.loads(hook.got[0][1]), json.loads(hook.got[-1][1])
    assert first["type"] == "budget.alert" and first["data"] == {
        "account": "tenant default month UTC", "percent": 50, "spent_usd": "0.002", "limit_usd": "0.004",
        "period_began": first["data"]["period_began"], "period_ends": first["data"]["period_ends"]}
    assert last["data"]["percent"] == 100 and last["data"]["period_ends"] > last["timestamp"]
    assert b"whoever-knows-this" not in g.log() and SECRET not in g.log() and SECRET not in b"".join(body for _, body in hook.got)


def test_an_alert_that_nobody_took_is_sent_after_a_restart(shop, folder, monkeypatch):
    hook = Witness()
    hook.status = 503
    key = b"\x07" * 24
    g = shop(data=os.path.join(folder, "data"), tenants=of_all(budget("0.002", alerts_percent=[50])),
             alerts={"url": hook.url, "secret": "env:HOOK"}, env={"HOOK": "whsec_" + base64.b64encode(key).decode()})
    assert g.chat().status == 200
    rig.eventually(lambda: hook.got and events(g, "budget_alert"), 5, "a first try, and its line")
    spend.crash.kill(g)
    hook.status = 200
    monkeypatch.setenv("HOOK", "whsec_" + base64.b64encode(key).decode())
    h = spend.restart(g, folder)
    try:
        rig.eventually(lambda: h.metric("trivium_alerts_sent_total") == 1, 5, "the alert")
        assert h.log().count(b"budget_alert") == 1, "it is not raised again"
        ids = {signed(head, body, key)["webhook-id"] for head, (_, body) in zip(hook.heads, hook.got)}
        assert len(ids) == 1
    finally:
        h.stop()
    again = spend.restart(g, folder)
    sent = len(hook.got)
    time.sleep(0.3)
    again.stop()
    assert len(hook.got) == sent, "who has taken it gets it no more"


def test_metrics_tell_of_budgets(shop):
    g = shop(tenants={"acme": {"budget": budget("1", "month"), "teams": {"ml": {"budget": budget("0.5")}}},
                      **of_all(budget("0.25"))})
    assert g.chat().status == 200
    told = {name: g.metric(f"trivium_budget_{name}_usd", budget="tenant default total UTC")
            for name in ("limit", "spent", "held")}
    assert told == {"limit": 0.25, "spent": 0.001, "held": 0}
    assert g.metric("trivium_budget_limit_usd", budget="team acme ml total UTC") == 0.5
    assert g.admin("/metrics").body.count(b"\ntrivium_budget_spent_usd{") == 3


def test_metrics_tell_of_some_of_very_many_budgets(shop):
    of_each = budget("1") + budget("1", "day") + budget("1", "month")
    teams = {f"t{n}": {"budget": budget("1")} for n in range(1000)}
    g = shop(tenants={f"tenant-{n}": {"budget": of_each, "teams": teams} for n in range(60)})
    page = g.admin("/metrics")
    assert page.status == 200 and page.body.count(b"\ntrivium_budget_spent_usd{") == 1000


def test_corrections_are_entries_with_a_reason(shop, folder):
    data = os.path.join(folder, "data")
    g = shop(data=data, tenants=of_all(budget("0.005", "month", time_zone="Europe/Berlin")))
    account = "tenant default month Europe/Berlin"

    def trivium(*words):
        return rig.run("budget", *words, "--data", data)
    for _ in range(4):
        assert g.chat().status == 200
    assert trivium("list").stdout.decode().splitlines()[1].split("\t")[:5] == [account, "0.004", "0", "0.001", "0.005"]
    done = trivium("adjust", account, "--usd", "-0.003", "--reason", "the vendor gave it back")
    assert done.returncode == 0, done.stderr
    assert trivium("show", account).stdout == done.stdout and b"\t0.001\t0\t0.004\t" in done.stdout
    more = trivium("adjust", account, "--usd", "0.0025", "--reason", "a call beside the gateway", "--json")
    assert json.loads(more.stdout)["spent_usd"] == "0.0035", more.stderr
    for usd, status in (("1", 1), ("-0.5", 1), ("0", 1), ("many", 1), ("0.0015000001", 1)):
        refused = trivium("adjust", account, "--usd", usd, "--reason", "wrong")
        assert refused.returncode == status and refused.stderr.startswith(b"trivium budget: usd: "), refused.stderr
    assert trivium("adjust", "tenant none total UTC", "--usd", "1", "--reason", "x").returncode == 1
    assert trivium("adjust", account, "--usd", "1").returncode == 2
    assert g.chat().status == 200 and g.chat().code == "insufficient_quota"
    g.stop()
    book = ledger.Ledger(data)
    changes = [e for e in map(json.loads, book.lines()) if e.get("change") == "budget_adjusted"]
    assert [(e["settled_usd"], e["reason"]) for e in changes] == [
        ("-0.003", "the vendor gave it back"), ("0.0025", "a call beside the gateway")]
    assert {e["account"] for e in changes} == {account} and changes[0]["by"].startswith("tva_")
    assert [a[1:] for a in spend.accounts(book).values()] == [(4500000, 4500000)]
    assert sum(spend.charged(book).values()) == 5000000, "and the rest is what was corrected"
    h = spend.restart(g, folder)
    try:
        assert h.chat().code == "insufficient_quota", "what was spent is what is left of both"
    finally:
        h.stop()
    assert trivium("list").returncode == 66


def test_a_restart_knows_what_was_spent(shop, folder):
    data = os.path.join(folder, "data")
    g = shop(data=data, tenants=of_all(budget("0.002", alerts_percent=[50])))
    assert g.chat().status == 200
    g.stop()
    h = spend.restart(g, folder)
    try:
        assert h.chat().status == 200
        assert h.chat().code == "insufficient_quota"
        assert h.log().count(b"budget_alert") == 1
    finally:
        h.stop()


# The Shows of a budget for 1,000 requests are these, with fewer; test/crash/spend.py has them whole.

def test_64_callers_spend_it_to_the_last_request(folder):
    wrong, figures = spend.spend(folder, random.Random(1), restarts=1, requests=200)
    assert not wrong and figures["served"] == 200


def test_a_killed_gateway_never_serves_more(folder):
    wrong, _ = spend.spend(folder, random.Random(2), restarts=0, kills=2, requests=200)
    assert not wrong


def test_larger_holds_never_pass_it_and_all_of_it_can_be_spent(folder):
    wrong, _ = spend.spend(folder, random.Random(3), restarts=1, larger=True, requests=100)
    assert not wrong


def test_the_api_tells_what_is_left(shop, folder):
    rows = {"acme": {"budget": budget("1.00", "month", time_zone="Europe/Berlin"),
                     "teams": {"ml": {"budget": budget("0.50", "day")}}}, **of_all(budget("0.10"))}
    g = shop(data=os.path.join(folder, "data"), tenants=rows, keys=[
        {"id": "k", "secret": "env:KEY", "tenant": "acme", "team": "ml", "budget": budget("0.25")}],
        env={"KEY": "a-key-of-sixteen-and-more"})
    for _ in range(3):
        assert g.chat(fields=[("Authorization", "Bearer a-key-of-sixteen-and-more")]).status == 200
    with open(os.path.join(folder, "data", "admin.key"), encoding="ascii") as f:
        admin = f.read().strip()

    def ask(query="", key=admin):
        with rig.Wire(g.admin_port) as w:
            w.send(rig.request_bytes("GET", "/api/budgets" + query, fields=[("Authorization", "Bearer " + key)]))
            return w.answer()

    assert ask(key="wrong").status == 401
    found = {row["account"]: row for row in ask().json()["data"]}
    assert set(found) == {"tenant acme month Europe/Berlin", "team acme ml day UTC", "key k total UTC",
                          "tenant default total UTC"}
    assert found.pop("tenant default total UTC")["spent_usd"] == "0"
    assert {row["spent_usd"] for row in found.values()} == {"0.003"}
    assert found["key k total UTC"]["left_usd"] == "0.247" and found["key k total UTC"]["ends"] is None
    assert [row["account"] for row in ask("?tenant=other").json()["data"]] == ["tenant other total UTC"]
    assert [row["per"] for row in ask("?tenant=acme&team=ml&key=k").json()["data"]] == ["month", "day", "total"]
