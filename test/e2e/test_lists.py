# SPDX-License-Identifier: Apache-2.0
"""What an operator lists is found: words, and values of which the gateway has only hashes."""

import json
import os
import re
import signal
import time

import pytest

import rig
from test_detect import Model

KEY = "5e" * 32
NUMBERS = ["KD-2023/00017", "77001234", "AB 12 CD 34"]
SAY = "Customer kd 2023 00017 asks what Blue Heron is, customer 77001234 does not."
TOKEN = re.compile(r"Listed_[0-9A-Z]{10}")


def hashed(values, key=KEY):
    r = rig.run("hash", "--key", "env:LIST_KEY", "/dev/stdin" if values is None else values, env={"LIST_KEY": key})
    return r.returncode, r.stdout.decode(), r.stderr.decode()


def reload(g, what):
    g.signal(signal.SIGHUP)
    rig.eventually(lambda: what in g.log() + g.stderr(), what=what.decode())


@pytest.fixture
def listed(gateway, tmp_path):
    """A public model, and a workload that masks numbers of customers and refuses what opens doors."""
    m = Model()
    (tmp_path / "numbers").write_text("\n".join(NUMBERS) + "\n")
    status, out, err = hashed(str(tmp_path / "numbers"))
    assert status == 0, err
    (tmp_path / "numbers.list").write_text(out)
    lists = {
        "customer_number": {"kinds": ["pii"], "values": str(tmp_path / "numbers.list")},
        "code_name": {"level": "internal", "words": ["Blue Heron"]},
        "door": {"kinds": ["credentials"], "words": ["open sesame"]},
    }
    detect = {"enabled": True, "list_key": "env:LIST_KEY", "lists": lists}
    config = rig.config({"big": rig.model(m, zone="public")}, default_workload="tickets", detect=detect, workloads={
        "tickets": {"owner": "desk", "findings": {"customer_number": "mask", "code_name": "allow", "door": "refuse"}}})
    g = gateway(config, env={"LIST_KEY": KEY})
    g.model, g.configured, g.numbers = m, config, tmp_path / "numbers.list"
    yield g
    m.shutdown()


def test_numbers_of_customers_are_masked_by_hash_alone(listed):
    answer = listed.chat(rig.chat("big", SAY))
    assert answer.status == 200, answer.body
    said = json.loads(listed.model.bodies[-1])["messages"][-1]["content"]
    assert "00017" not in said and "77001234" not in said and "Blue Heron" in said and len(TOKEN.findall(said)) == 2
    assert answer.json()["choices"][0]["message"]["content"] == SAY
    assert listed.record()["findings"] == {"customer_number": 2, "code_name": 1}
    assert listed.metric("trivium_findings_total", type="customer_number") == 2
    listing = listed.numbers.read_text()
    assert not any(n in listing for n in NUMBERS) and listing.count("\n") == 4


def test_a_text_is_masked_by_hand_with_the_lists_of_a_policy(listed, tmp_path):
    (tmp_path / "letter").write_text(SAY + " Say open sesame.")
    out = rig.run("mask", "--policy", listed.config_path, str(tmp_path / "letter"), env={"LIST_KEY": KEY})
    assert b"00017" not in out.stdout and b"77001234" not in out.stdout and b"Blue Heron" not in out.stdout
    assert len(re.findall(rb"Listed_", out.stdout)) == 3 and b"open sesame" in out.stdout
    assert out.returncode == 1 and b"not masked: door: 1" in out.stderr, "what opens doors has no token"


def test_the_evidence_and_a_refusal_name_the_list(listed):
    found = listed.ask("POST", "/v1/classify", json.dumps({"a": SAY}).encode()).json()
    assert [(f["type"], f["kind"], f["level"]) for f in found["findings"]] == [
        ("customer_number", "pii", "confidential"), ("code_name", "none", "internal"),
        ("customer_number", "pii", "confidential")]
    answer = listed.chat(rig.chat("big", "Say open sesame."))
    assert answer.status == 403 and "door" in answer.json()["error"]["message"]


def test_a_secret_of_a_list_is_seen_in_an_answer(listed):
    listed.configured["workloads"]["tickets"]["output"] = {"watch": "mask"}
    listed.write(listed.configured)
    reload(listed, b'"reloaded"')
    listed.model.answer = lambda said: "They say open sesame there, and more than that."
    answer = listed.chat(rig.chat("big", "Hello."))
    assert answer.status == 200, answer.body
    assert "sesame" not in answer.json()["choices"][0]["message"]["content"]


def test_a_list_that_changed_is_read_at_reload(listed):
    assert listed.chat(rig.chat("big", "Customer 55501.")).status == 200 and "55501" in listed.model.bodies[-1].decode()
    more = listed.numbers.with_name("more")
    more.write_text("55501\n")
    listed.numbers.write_text(hashed(str(more))[1])
    reload(listed, b'"reloaded"')
    answer = listed.chat(rig.chat("big", "Customer 55501."))
    assert answer.status == 200 and "55501" not in listed.model.bodies[-1].decode()


def test_a_list_under_another_key_is_refused(listed, tmp_path):
    listed.numbers.write_text(hashed(str(tmp_path / "numbers"), "6f" * 32)[1])
    reload(listed, b"numbers.list:1: it was made under another key")
    assert listed.chat(rig.chat("big", SAY)).status == 200, "the old configuration stays"


def patterned(listed, patterns, **more):
    listed.configured["detect"]["lists"] = {"case_number": {"kinds": ["pii"], "patterns": patterns, **more}}
    listed.configured["workloads"]["tickets"]["findings"] = {"case_number": "mask"}
    listed.write(listed.configured)


def test_patterns_are_found_after_a_reload_and_gone_after_the_next(listed):
    said = "Please see AZ 17/26 and AZ 17/26, not az 17/26."
    patterned(listed, [r"\bAZ [0-9]{1,4}/[0-9]{2}\b"])
    reload(listed, b'"reloaded"')
    answer = listed.chat(rig.chat("big", said))
    assert answer.status == 200, answer.body
    sent = json.loads(listed.model.bodies[-1])["messages"][-1]["content"]
    assert "AZ 17/26" not in sent and sent.endswith("not az 17/26.") and len(set(TOKEN.findall(sent))) == 1
    assert answer.json()["choices"][0]["message"]["content"] == said
    assert listed.record()["findings"] == {"case_number": 2}
    del listed.configured["detect"]["lists"]
    del listed.configured["workloads"]["tickets"]["findings"]
    listed.write(listed.configured)
    listed.signal(signal.SIGHUP)
    rig.eventually(lambda: listed.log().count(b'"reloaded"') == 2, what="the second reload")
    assert listed.chat(rig.chat("big", said)).status == 200 and b"AZ 17/26" in listed.model.bodies[-1]


@pytest.mark.parametrize("pattern, why", [
    (r"\p{L}{1,200}", "at character 6"), ("(abc", "at character 1: its ) is missing"), ("a?b?", "fewer than 3 bytes"),
    (r"(abc)\1", "reference"), ("a.{3,200}b", "too large"), ("[0-9]{1001}abc", "more than 1000 times"),
])
def test_a_pattern_that_cannot_be_is_refused_where_it_stands(listed, pattern, why):
    patterned(listed, ["ABC-[0-9]{4}", pattern])
    listed.signal(signal.SIGHUP)
    rig.eventually(lambda: b"this cannot be a pattern" in listed.stderr(), what="the complaint")
    complaint = listed.stderr().decode()
    assert why in complaint and re.search(r"gateway\d+\.yaml:\d+:\d+: error: this cannot be a pattern", complaint)
    assert listed.chat(rig.chat("big", "Hello")).status == 200, "the old configuration stays"


def test_a_hundred_hostile_patterns_do_not_stop_the_gateway(listed):
    """What is slowest to compile of what is let in, while requests go on."""
    hostile = [rf"{c}{d}(x?y?z?){{{n}}}w" for c in "abcd" for d in "efgh" for n in range(40, 46)]
    patterned(listed, hostile)
    listed.signal(signal.SIGHUP)
    slowest, end = 0, time.monotonic() + 20 * rig.SLOW
    while b"reload" not in listed.log() and time.monotonic() < end:
        began = time.monotonic()
        assert listed.chat(rig.chat("big", "Hello")).status == 200
        slowest = max(slowest, time.monotonic() - began)
    assert b"reload" in listed.log() and slowest < 2 * rig.SLOW


@pytest.mark.parametrize("wait", [0, 0.02, 0.1])
def test_a_gateway_that_is_stopped_in_a_reload_ends_as_any_other(listed, wait):
    """What is read meanwhile is for nobody; the log and the gates are closed only once."""
    patterned(listed, [rf"{c}{d}(x?y?z?){{45}}w" for c in "abcdijkl" for d in "efgh"])
    listed.signal(signal.SIGHUP)
    time.sleep(wait)
    listed.signal(signal.SIGTERM)
    assert listed.wait() == 0 and b"must_failed" not in listed.log() + listed.stderr()


@pytest.mark.parametrize("lines, key, status, why", [
    ("Kowalska\n", KEY, 65, "no value"), ("12345\nab-1-c-2-d-3\n", KEY, 65, ":2: this is no value"),
    ("12345\n", "5e" * 31, 2, "64 hexadecimal digits"), ("12345\n", "", 2, "64 hexadecimal digits"),
])
def test_what_cannot_be_a_list(tmp_path, lines, key, status, why):
    (tmp_path / "v").write_text(lines)
    got, out, err = hashed(str(tmp_path / "v"), key)
    assert got == status and out == "" and why in err and lines.split("\n")[0] not in err


def test_hash_says_how_it_is_called():
    assert "without a key" in rig.run("hash", "x").stderr.decode()
    assert "env:NAME or file:PATH" in rig.run("hash", "--key", KEY, "x").stderr.decode()
    assert rig.run("hash", "--help").returncode == 0


def test_the_same_value_has_one_hash_in_any_spelling(tmp_path):
    (tmp_path / "v").write_text("KD-2023/00017\nkd 2023.00017\nKD202300017\n")
    status, out, _ = hashed(str(tmp_path / "v"))
    assert status == 0 and out.count("\n") == 2
    assert os.path.getsize(tmp_path / "v") > 0


def test_classify_looks_for_what_a_policy_lists(listed, tmp_path):
    (tmp_path / "policy").write_text(json.dumps(listed.configured))
    (tmp_path / "text").write_text(SAY)
    r = rig.run("classify", "--policy", str(tmp_path / "policy"), str(tmp_path / "text"), env={"LIST_KEY": KEY})
    assert r.returncode == 1 and ": customer_number pii confidential 100" in r.stdout.decode(), r.stderr
    r = rig.run("classify", "--policy", str(tmp_path / "policy"), str(tmp_path / "text"))
    assert r.returncode == 2 and "LIST_KEY" in r.stderr.decode()
    assert r.stderr.count(b"error") == 1, "a list is not blamed for a key that is not there"


def test_a_type_that_is_misspelt_is_told_with_what_was_meant(listed, tmp_path):
    (tmp_path / "policy").write_text(json.dumps({**listed.configured, "detect": {"types": {"emial_address": {}}}}))
    r = rig.run("check", "--detached", str(tmp_path / "policy"))
    assert r.returncode == 2 and b"`emial_address`; did you mean `email_address`?\n" in r.stderr
