# SPDX-License-Identifier: Apache-2.0
"""What was used: over the API of operators and from the data folder, the same figures as the records."""

import json
import os
import sqlite3
from decimal import Decimal

import pytest

import rig


@pytest.fixture
def kept(folder, provider, gateway):
    """A gateway with two models and a data folder; its operator's key is in `key`."""
    p = provider({"default": {"usage": {"input": 7, "cached": 2, "output": 3}}})
    data = os.path.join(folder, "data")
    g = gateway(rig.config({"m": rig.model(p, price=rig.PRICE), "n": rig.model(p)}, data=data))
    g.provider, g.data = p, data
    with open(os.path.join(data, "admin.key"), encoding="ascii") as f:
        g.key = f.read().strip()
    return g


def ask(g, question, key=None):
    fields = [("Authorization", f"Bearer {key or g.key}")]
    with rig.Wire(g.admin_port) as w:
        w.send(rig.request_bytes("GET", f"/api/usage?{question}", None, fields))
        return w.answer()


def rows(g, question):
    answer = ask(g, question)
    assert answer.status == 200, answer.body
    return answer.json()["rows"]


def counted(g, count):
    rig.eventually(lambda: sum(r["requests"] for r in rows(g, "")) == count, what=f"{count} requests")


def test_usage_is_the_sum_of_the_records(kept):
    for name in "mmmn":
        assert kept.chat(rig.chat(model=name)).status == 200
    assert kept.chat(rig.chat(model="nobody")).status == 404
    counted(kept, 5)
    m, n, none = rows(kept, "by=model")[1], rows(kept, "by=model")[2], rows(kept, "by=model")[0]
    assert (m["model"], n["model"], none["model"]) == ("m", "n", "")
    assert m.items() >= {"requests": 3, "errors": 0, "input_tokens": 21, "output_tokens": 9, "cached_tokens": 6,
                         "unpriced": 0}.items()
    assert Decimal(m["cost_usd"]) == sum(Decimal(r["cost_usd"]) for r in kept.records(5) if r["model"] == "m")
    assert n["unpriced"] == 1 and none["refused"] == 1 and none["errors"] == 0
    assert 0 <= m["p50_ms"] <= m["p95_ms"] <= 5000


def test_workloads_are_told_apart(provider, gateway, folder):
    data = os.path.join(folder, "data")
    workloads = {w: {"owner": "support", "match": {"header": {"x-team": w}}} for w in ("triage", "other")}
    g = gateway(rig.config({"m": rig.model(provider())}, data=data, workloads=workloads))
    with open(os.path.join(data, "admin.key"), encoding="ascii") as f:
        g.key = f.read().strip()
    for team in ("triage", "triage", "other"):
        assert g.chat(fields=[("x-team", team)]).status == 200
    counted(g, 3)
    assert {r["workload"]: r["requests"] for r in rows(g, "by=workload")} == {"other": 1, "triage": 2}


def test_the_command_says_what_the_api_says(kept):
    for _ in range(3):
        kept.chat()
    counted(kept, 3)
    done = rig.run("usage", "--data", kept.data, "by=tenant,model", "model=m")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["rows"]
    assert row["requests"] == 3 and [row] == rows(kept, "by=tenant,model&model=m")
    assert json.loads(rig.run("usage", "--data", kept.data, "tenant=x").stdout)["rows"] == []


def test_usage_is_of_the_time_that_is_asked_for(kept):
    kept.chat()
    counted(kept, 1)
    assert rows(kept, "from=2020-01-01&to=2021-01-01&by=tenant,day") == [], "nothing is known of that year"
    (hour,) = rows(kept, "by=hour")
    assert hour["hour"].endswith(":00:00.000Z") and hour["hour"][:13] == kept.record()["time"][:13]
    assert sum(r["requests"] for r in rows(kept, f"from={hour['hour'][:13]}:00Z")) == 1
    assert rows(kept, f"to={hour['hour'][:13]}:00Z") == []
    for by, begin in (("day", hour["hour"][:10]), ("month", hour["hour"][:7] + "-01")):
        for since in ("", "&from=2026-11-02T03:00Z"):
            (row,) = rows(kept, f"by={by}{since}")
            assert row[by] == begin + "T00:00:00.000Z" and row["requests"] == 1


def test_usage_outlives_the_process(kept, gateway):
    for _ in range(5):
        kept.chat()
    assert kept.stop() is not False
    done = rig.run("usage", "--data", kept.data)
    assert json.loads(done.stdout)["rows"][0]["requests"] == 5, "what waited was written at the end"
    again = sqlite3.connect(os.path.join(kept.data, "trivium.db"))
    spans = again.execute("SELECT span, SUM(requests) FROM rollup GROUP BY span").fetchall()
    again.close()
    assert spans == [(0, 5), (1, 5), (2, 5)], "an hour, its day and its month"


def test_an_estimate_is_counted_as_one(kept):
    kept.provider.script({"default": {"usage": "absent"}})
    kept.chat()
    counted(kept, 1)
    assert rows(kept, "")[0]["estimated"] == 1


@pytest.mark.parametrize("question, word", [
    ("by=colour", "colour"), ("colour=red", "colour"), ("from=yesterday", "yesterday"), ("by=hour,day", "not both"),
    ("from=2027-01-01&to=2026-01-01", "after"), ("tenant=%zz", "%zz"),
])
def test_a_wrong_question_is_told(kept, question, word):
    answer = ask(kept, question)
    assert answer.status == 400 and word in answer.json()["error"]["message"]
    done = rig.run("usage", "--data", kept.data, *question.split("&"))
    assert done.returncode == 2 and word in done.stderr.decode()


def test_usage_is_for_operators(kept):
    assert ask(kept, "", "tva_0000").status == 401


def test_without_a_data_folder_the_command_tells(tmp_path):
    done = rig.run("usage", "--data", str(tmp_path / "none"))
    assert done.returncode == 66 and done.stderr
    assert rig.run("usage").returncode == 2
    assert b"usage: trivium usage" in rig.run("usage", "--help").stdout
