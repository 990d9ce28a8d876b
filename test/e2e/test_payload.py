# SPDX-License-Identifier: Apache-2.0
"""Content that a workload asks to keep: sealed, as the model saw it, where the store is cleared for it."""

import json
import os

import pytest

import rig

MAIL = "anna.kowalska@acme.io"
WORK = {"owner": "desk"}


@pytest.fixture
def keeping(folder, provider, gateway):
    """A gateway that keeps content up to confidential of the workload `kept`."""
    g = gateway(rig.config(
        {"m": rig.model(provider(), zone="site")}, data=os.path.join(folder, "data"), default_workload="plain",
        payloads={"clearance": {"level": "confidential", "kinds": "all"}, "keep_days": 7},
        workloads={"plain": WORK, "kept": {**WORK, "keep_content": True},
                   "masked": {**WORK, "keep_content": True, "findings": {"email_address": "mask"}},
                   "silent": {**WORK, "duties": ["durable_record"]}}))
    g.data = os.path.join(folder, "data")
    return g


def ask(g, workload, say="hello", *more, **body):
    answer = g.chat(rig.chat(say=say, **body), [("x-trivium-workload", workload), *more])
    assert answer.status == 200, answer.body
    rig.eventually(lambda: any(r["id"] == answer.field("x-trivium-id") for r in g.records()), 5, "the record")
    return answer, next(r for r in g.records() if r["id"] == answer.field("x-trivium-id"))


def show(g, record):
    done = rig.run("payload", "show", "--data", g.data, record["id"])
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr.decode()


def raw(g):
    return b"".join(open(os.path.join(g.data, f), "rb").read() for f in os.listdir(g.data) if "trivium.db" in f)


def test_what_is_asked_for_is_kept_and_sealed(keeping):
    answer, record = ask(keeping, "kept", "a sentence of its own")
    assert record["content"] == "kept"
    code, kept = show(keeping, record)
    assert code == 0 and kept["request"]["messages"][0]["content"] == "a sentence of its own"
    assert kept["answer"] == answer.json()
    assert b"a sentence of its own" not in raw(keeping) and b"a sentence of its own" not in keeping.log()


def test_nothing_else_is(keeping):
    _, record = ask(keeping, "plain", "said in passing")
    assert "content" not in record
    code, why = show(keeping, record)
    assert code == 1 and "nothing is kept" in why


def test_a_stream_is_kept_event_by_event(keeping):
    answer, record = ask(keeping, "kept", stream=True)
    code, kept = show(keeping, record)
    assert code == 0 and rig.events_of(kept["answer"].encode()) == rig.events_of(answer.body)


def test_masked_content_is_kept_as_the_model_saw_it(keeping):
    _, record = ask(keeping, "masked", f"write to {MAIL}")
    code, kept = show(keeping, record)
    assert code == 0 and MAIL not in json.dumps(kept) and "Email_" in kept["request"]["messages"][-1]["content"]


def test_what_the_store_may_not_have_does_not_reach_it(folder, provider, gateway):
    g = gateway(rig.config(
        {"m": rig.model(provider())}, data=os.path.join(folder, "data"), default_workload="kept",
        payloads={"clearance": {"level": "internal"}}, workloads={"kept": {**WORK, "keep_content": True}}))
    g.data = os.path.join(folder, "data")
    _, record = ask(g, "kept", "hello", ("x-trivium-label", "confidential"))
    assert record["content"] == "not_cleared" and show(g, record)[0] == 1
    assert ask(g, "kept")[1]["content"] == "kept"


def test_long_content_is_cut_and_says_so(keeping):
    _, record = ask(keeping, "kept", "x" * 1500000)
    code, kept = show(keeping, record)
    assert code == 0 and kept["request_cut"] is True and len(kept["request"]) == 1 << 20


def test_a_tenant_is_shredded_by_its_key(keeping, folder):
    _, record = ask(keeping, "kept", "soon gone")
    busy = rig.run("payload", "shred", "--data", keeping.data, "default")
    assert busy.returncode == 66 and b"in use by another gateway" in busy.stderr
    keeping.stop()
    done = rig.run("payload", "shred", "--data", keeping.data, "default")
    assert done.returncode == 0 and b": 1 payloads" in done.stdout
    assert show(keeping, record)[0] == 1
    export = raw(keeping)
    assert b"payloads_shredded" in export, "the ledger tells of it"


@pytest.mark.parametrize("more, says", [
    ({"workloads": {"w": {**WORK, "keep_content": True}}}, "say `payloads` with what it may receive"),
    ({"payloads": {"clearance": {"level": "internal"}}}, "cannot be kept without a folder"),
    ({"data": "d", "payloads": {"clearance": {"level": "internal"}},
      "workloads": {"w": {**WORK, "keep_content": True, "duties": ["no_content_log"]}}}, "forbids to keep content"),
])
def test_a_wish_that_cannot_be_met_is_refused_at_load(folder, more, says):
    path = os.path.join(folder, "c.yaml")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"zones": rig.ZONES, "models": {"m": {"vendor": "simulated", "zone": "edge"}}, **more}, f)
    done = rig.run("check", path)
    assert done.returncode != 0 and says in done.stderr.decode() + done.stdout.decode()
