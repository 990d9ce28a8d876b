# SPDX-License-Identifier: Apache-2.0
"""The commands about policies: explain, test, matrix, diff, replay."""

import json
import os
import re
import stat

import pytest

import issuer
import rig

ZONES = {
    "laptop": {"kind": "edge", "operator": "self", "clearance": {"level": "regulated", "kinds": "all"}},
    "site": {"kind": "on_prem", "operator": "self", "clearance": {"level": "confidential", "kinds": "all"}},
    "public": {"kind": "public_api", "clearance": {"level": "internal"}, "holds": ["soc2"]},
}
POLICY = {
    "kinds": {"phi": {"level": "regulated", "requires": ["baa"], "duties": ["no_cache"]}},
    "zones": ZONES,
    "models": {
        "small": {"vendor": "simulated", "zone": "laptop", "capability": "basic"},
        "middle": {"vendor": "simulated", "zone": "site", "capability": "mid"},
        "frontier": {"vendor": "simulated", "zone": "public", "capability": "frontier"},
    },
    "groups": {"best": ["frontier", "middle", "small"]},
    "workloads": {
        "triage": {"owner": "service desk", "why": "high volume, short answers", "label": {"level": "internal"},
                   "match": {"header": {"x-app": "triage"}}, "duties": ["no_content_log"],
                   "volume": "200k/month", "review_by": "2090-02-01"},
        "contracts": {"owner": "legal <b>&\"", "label": {"level": "confidential", "kinds": ["legal"]},
                      "needs": {"capability": "mid"}},
    },
    "default_workload": "triage",
}
KEYS = {"keys": [{"id": "desk", "secret": "env:DESK", "workloads": ["triage"], "ceiling": "internal"},
                 {"id": "law", "secret": "env:LAW", "models": ["middle", "frontier"]}]}


def but(policy, **more):
    """The policy, with top-level parts replaced or put in."""
    return {**policy, **more}


@pytest.fixture
def written(folder):
    def write(name, content):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(content if isinstance(content, str) else json.dumps(content, indent=1))
        return path
    return write


@pytest.fixture
def jwks():
    servers = []

    def start(keys):
        servers.append(issuer.Jwks(keys))
        start.keys = keys
        return servers[-1]
    yield start
    for s in servers:
        s.stop()


@pytest.fixture
def policy(written):
    return written("policy.yaml", POLICY)


def command(*arguments, status=0):
    done = rig.run(*arguments)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    assert not rig.PROGRAM_WRONG.search(done.stderr), done.stderr
    return done.stdout.decode(), done.stderr.decode()


def ask_json(*arguments, status=0):
    return json.loads(command(*arguments, "--json", status=status)[0])


@pytest.mark.parametrize("name", ["explain", "test", "matrix", "diff", "replay"])
def test_help_says_how_it_is_called_and_how_it_ends(name):
    out, err = command(name, "--help")
    assert out.startswith(f"usage: trivium {name} ") and "exit status: 0" in out and err == ""
    out, err = command(name, "--no-such-option", status=2)
    assert out == "" and f"try: trivium {name} --help" in err


# ---- explain ----------------------------------------------------------------

def test_a_request_of_options(policy):
    told = ask_json("explain", "--policy", policy, "--model", "best", "--label", "phi")
    assert told["decision"]["plan"] == ["small"] and told["status"] == 200 and told["error"] is None
    assert told["decision"]["refused"] == {"level": ["frontier", "middle"]}
    parts = {(p["part"], p["is"]): p["from"] for p in told["label_from"]}
    assert parts == {("level", "regulated"): ["brought by kind phi"], ("kind", "phi"): ["said by the request"],
                     ("requires", "baa"): ["brought by kind phi"]}
    assert told["models"][1]["lacks"] == "regulated is above internal"
    assert told["decision"]["duties"] == ["no_cache", "no_content_log"]


def test_a_request_in_words(policy):
    out, err = command("explain", "--policy", policy, "--model", "frontier", "--label", "confidential")
    assert "403 policy_level" in out and "zone public (public_api)" in out and err == ""
    assert "\033" not in out, "there are no colours but on a terminal"


@pytest.mark.parametrize("form", ["json", "http"])
def test_a_request_of_a_file_is_read_as_the_gate_reads_it(policy, written, form):
    body = {"model": "best", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}
    if form == "json":
        path = written("r.json", {"headers": {"X-App": "triage"}, "body": body})
    else:
        path = written("r.http", "POST /v1/chat/completions HTTP/1.1\nx-app: triage\nContent-Length: 5\n\n"
                       + json.dumps(body))
    told = ask_json("explain", "--policy", policy, path)
    assert told["decision"]["workload"] == "triage"
    assert told["decision"]["facts"]["label"]["kinds"] == ["opaque"]
    assert told["decision"]["refused"]["kind"] == ["frontier"]
    assert {"part": "kind", "is": "opaque", "from": ["a part that cannot be read"]} in told["label_from"]


@pytest.mark.parametrize("more, code", [
    (["--label", "secret"], "header_value"),
    (["--model", "frontir"], "model_unknown"),
    (["--workload", "nothing"], "policy_workload"),
    (["--path", "/v1/nothing"], "path_unknown"),
    (["--workload", "contracts", "--down", "middle"], "no_candidate"),
])
def test_what_the_gate_would_answer(policy, more, code):
    arguments = ["explain", "--policy", policy, *more]
    if "--down" in more:
        arguments += ["--model", "middle"]
    assert ask_json(*arguments)["error"]["code"] == code


def test_health_is_told_by_options(policy):
    told = ask_json("explain", "--policy", policy, "--model", "best", "--down", "frontier", "--full", "middle")
    assert told["decision"]["refused"] == {"breaker": ["frontier"], "concurrency": ["middle"]}
    assert told["decision"]["plan"] == ["small"]


def test_whose_request_it_is(written):
    path = written("policy.yaml", but(POLICY, **KEYS))
    assert ask_json("explain", "--policy", path)["error"]["code"] == "key_missing"
    assert ask_json("explain", "--policy", path, "--key", "who")["error"]["code"] == "key_unknown"
    assert ask_json("explain", "--policy", path, "--key", "law", "--model", "small")["error"]["code"] == "model_unknown"
    told = ask_json("explain", "--policy", path, "--key", "desk", "--label", "confidential")
    assert told["error"]["code"] == "policy_role" and told["key"] == "desk"


@pytest.mark.parametrize("content, where", [
    ('{"headers": {},\n "bodi": {}}', ":2: a request has no `bodi`; did you mean `body`?"),
    ('{"headers": {},\n "key": 3}', ":2: `key` must be a text"),
    ('{"headers": {},\n "body": ', ":2: this is not JSON"),
    ("POST /v1/chat/completions\nnonsense\n\n{}", ":2: a header field must be NAME: VALUE"),
    ("nonsense", ":1: the first line must be a method and a path"),
])
def test_a_request_file_that_is_wrong_says_where(policy, written, content, where):
    out, err = command("explain", "--policy", policy, written("r.json", content), status=65)
    assert where in err and out == ""


@pytest.mark.parametrize("arguments, status", [
    (["--features", "flying"], 65), (["--tools", "web_search"], 65), (["--down", "nobody"], 65),
    (["--tokens", "many"], 65), (["--at", "yesterday"], 65), (["/no/such/file"], 66),
    (["--log", "x"], 2), (["--record", "x", "--log", "y", "z"], 2), (["--archive", "x"], 2),
    (["--record", "x", "--label", "phi"], 2), (["r.json", "--label", "phi"], 2),
])
def test_calls_that_are_wrong(policy, arguments, status):
    out, err = command("explain", "--policy", policy, *arguments, status=status)
    assert out == "" and err.startswith("trivium explain: ")


@pytest.fixture
def past(gateway, folder):
    """A gateway that archives, with some records, and the names of its files."""
    archive = os.path.join(folder, "archive")
    g = gateway(but(POLICY, archive=archive, **KEYS, auto={"prefer": "latency"}),
                env={"DESK": "tv-desk-0123456789abcdef", "LAW": "tv-law-0123456789abcdef"})
    desk, law = ([("Authorization", f"Bearer tv-{k}-0123456789abcdef")] for k in ("desk", "law"))
    g.chat(rig.chat("best"), desk)
    g.chat(rig.chat("best"), [*law, ("x-trivium-label", "confidential")])
    g.chat(rig.chat("frontier"), [*law, ("x-trivium-label", "phi")])
    g.chat(rig.chat("auto"), [*law, ("x-trivium-workload", "contracts")])
    g.chat(rig.chat("auto"), [*law, ("x-trivium-workload", "contracts")])
    g.chat(rig.chat("auto", tools=[{"type": "web_search"}]), law)
    g.chat(rig.chat("nobody"), law)
    g.past = g.records(7)
    g.archive = archive
    return g


def test_every_record_of_a_gateway_is_reproduced(past):
    decided = [r for r in past.past if "decision" in r]
    assert len(decided) == 6
    for r in decided:
        told = ask_json("explain", "--archive", past.archive, "--log", past.log_path, r["id"])
        assert told["reproduced"] is True and told["id"] == r["id"]
        assert told["explanation"]["decision"] == r["decision"]
        out, _ = command("explain", "--policy", past.config_path, "--log", past.log_path, r["id"])
        assert "reproduced: " in out, "the file itself is the same policy"


@pytest.fixture
def strangers(gateway, folder, jwks):
    """Records of callers that are in no file: stored keys and bearers of tokens."""
    archive, data = os.path.join(folder, "archive"), os.path.join(folder, "data")
    issuers = {"corp": {"issuer": issuer.ISS, "audience": [issuer.AUDIENCE], "jwks": jwks([issuer.Key("EdDSA", "ed")]).url,
                        "claims": {"role": "groups", "ceiling": "label", "workloads": "scp"}, "ceiling": "confidential",
                        "workloads": ["triage", "contracts"], "roles": {"all": "clerk", "lead": "chief"}}}
    c = but(POLICY, archive=archive, data=data, issuers=issuers, tenants={"law": {}},
            roles={"clerk": {"ceiling": "internal"}, "chief": {}}, auto={"prefer": "latency"})
    g = gateway(c)
    g.archive, g.written, g.key_ids = archive, c, []

    def stored(*options):
        made = command("key", "create", "--data", data, "--json", *options)[0]
        g.key_ids.append(json.loads(made)["id"])
        return [("Authorization", f"Bearer {json.loads(made)['key']}")]

    def token(**claims):
        return [("Authorization", f"Bearer {issuer.token(g.signer, **claims)}")]
    g.signer = jwks.keys[0]
    g.chat(rig.chat("best"), stored())
    g.chat(rig.chat("best"), stored("--role", "clerk"))
    g.chat(rig.chat("auto"), stored("--models", "best", "--zones", "laptop,site"))
    g.chat(rig.chat("best"), [*stored("--level", "regulated", "--kinds", "phi"), ("x-trivium-label", "phi")])
    g.chat(rig.chat("best"), [*stored("--level", "internal"), ("x-trivium-label", "confidential")])
    g.chat(rig.chat("middle"), stored("--workloads", "contracts", "--tenant", "law"))
    g.chat(rig.chat("best"), token(groups="all", label="internal", scp="triage"))
    g.chat(rig.chat("best"), [*token(groups="lead", label="internal"), ("x-trivium-label", "confidential")])
    g.chat(rig.chat("auto"), token(groups=["lead"], scp="contracts", label="confidential"))
    g.chat(rig.chat("best"), [*token(groups="lead", label="confidential"), ("x-trivium-label", "confidential")])
    g.strangers = g.records(10)
    return g


def test_records_of_callers_that_are_in_no_file_are_reproduced(strangers):
    assert all("decision" in r for r in strangers.strangers)
    for id in strangers.key_ids:
        command("key", "revoke", id, "--data", strangers.written["data"])
    strangers.stop()
    for r in strangers.strangers:
        assert "grant" in r or r["passport"]["iss"] == issuer.ISS
        told = ask_json("explain", "--archive", strangers.archive, "--log", strangers.log_path, r["id"])
        assert told["reproduced"] is True and told["explanation"]["decision"] == r["decision"]
        assert told["explanation"]["key"] == r["caller"]
    told = ask_json("replay", "--policy", strangers.config_path, "--log", strangers.log_path,
                    "--archive", strangers.archive)
    assert told["counts"]["same"] == told["counts"]["reproduced"] == 10 and told["changes"] == []


def test_what_another_policy_would_have_told_strangers(strangers, written):
    other = {k: v for k, v in strangers.written.items() if k != "issuers"}
    path = written("other.yaml", {**other, "roles": {"chief": {"ceiling": "internal"}}})
    told = ask_json("replay", "--policy", path, "--log", strangers.log_path, status=1)
    answers = {c["id"]: c["answer"] for c in told["changes"]}
    records = strangers.strangers
    assert answers[records[1]["id"]] == "key_stale", "its role is gone"
    assert {answers[r["id"]] for r in records if "passport" in r and r["decision"]["plan"]} == {"token_refused"}
    record = {**records[0], "grant": {"models": ["small"]}}
    told = ask_json("explain", "--archive", strangers.archive, "--record", written("r.json", record), status=1)
    assert told["reproduced"] is False


def test_a_record_without_a_decision(past):
    last = past.past[-1]
    _, err = command("explain", "--archive", past.archive, "--log", past.log_path, last["id"], status=65)
    assert "has no decision: it ended as model_unknown" in err


def test_a_record_that_was_changed_is_found_out(past, written):
    record = past.past[0]
    record["decision"]["plan"].reverse()
    told = ask_json("explain", "--archive", past.archive, "--record", written("r.json", record), status=1)
    assert told["reproduced"] is False and "plan" in told["differences"] and "refused" not in told["differences"]


def test_another_policy_is_refused_with_what_to_do(past, policy):
    _, err = command("explain", "--policy", policy, "--log", past.log_path, past.past[0]["id"], status=65)
    assert past.past[0]["policy"] in err and "--archive" in err and "replay" in err


def test_a_log_that_does_not_help(past, written):
    _, err = command("explain", "--archive", past.archive, "--log", past.log_path, "01NOSUCH", status=65)
    assert "there is no record 01NOSUCH" in err
    line = past.log().splitlines()[0].decode()
    cut = written("cut.log", '{"time":"x"}\n' + line[:200])
    _, err = command("explain", "--archive", past.archive, "--log", cut, past.past[0]["id"], status=65)
    assert f"{cut}:2: this is no whole line of a log" in err
    evil = written("evil.json", {**past.past[0], "policy": "../../etc/passwd"})
    _, err = command("explain", "--archive", past.archive, "--record", evil, status=65)
    assert "is no hash" in err


def test_the_archive_keeps_every_configuration_once(past):
    names = os.listdir(past.archive)
    assert names == [past.past[0]["policy"] + ".yaml"]
    path = os.path.join(past.archive, names[0])
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with open(path, encoding="utf-8") as f:
        text = f.read()
    assert "env:DESK" in text and "0123456789abcdef" not in text
    assert f"hash {names[0][:64]}" in command("check", "--detached", path)[0], "it is the same policy still"


def test_an_archive_that_cannot_be_written_is_a_warning(gateway, folder, written):
    written("taken", "a file")
    g = gateway(but(POLICY, archive=os.path.join(folder, "taken")))
    assert b"warning: the configuration is not archived" in g.stderr()
    assert g.chat(rig.chat("auto")).status == 200


# ---- test -------------------------------------------------------------------

GOOD = [
    {"name": "health data stays at home", "model": "best", "label": "phi",
     "expect": {"plan": ["small"], "refused": {"frontier": "level", "middle": "level"}, "label": "regulated, phi",
                "duties": ["no_content_log", "no_cache"], "workload": "triage", "error": None, "exception": None}},
    {"name": "a contract is for able models", "workload": "contracts",
     "expect": {"first": "middle", "refused": {"small": "capability", "frontier": "level"}}},
    {"name": "nobody", "model": "nobody", "expect": {"error": "model_unknown", "first": None}},
    {"name": "an image", "body": {"model": "frontier", "messages": [{"content": [{"type": "image_url"}]}]},
     "expect": {"error": "policy_kind", "plan": []}},
    {"name": "the usual one is down", "model": "best", "down": ["frontier"],
     "expect": {"plan": ["middle", "small"], "refused": {"frontier": "breaker"}}},
]


def test_cases_that_are_as_expected(policy, written):
    for i, case in enumerate(GOOD):
        written(f"cases/{i}.json", case)
    folder = os.path.dirname(written("cases/more.json", GOOD[:2]))
    written("cases/readme.txt", "not a case")
    out, err = command("test", "--policy", policy, folder)
    lines = out.splitlines()
    assert lines[0] == "TAP version 13" and lines[1] == "ok 1 - health data stays at home"
    assert lines[-2:] == ["1..7", "# 7 of 7 as expected"] and err == ""


@pytest.mark.parametrize("expect, line", [
    ({"first": "middle"}, "first: wanted middle, got small"),
    ({"plan": ["small", "middle"]}, 'plan: wanted ["small", "middle"], got ["small"]'),
    ({"plan": []}, 'plan: wanted [], got ["small"]'),
    ({"refused": {"frontier": "kind"}}, "refused frontier: wanted kind, got level"),
    ({"refused": {"small": "level"}}, "refused small: wanted level, got in the plan"),
    ({"refused": {"large": "level"}}, "refused large: wanted level, got no such model"),
    ({"label": "regulated"}, "label: wanted regulated, got regulated, phi"),
    ({"duties": []}, "duties: wanted none, got no_cache, no_content_log"),
    ({"workload": "contracts"}, "workload: wanted contracts, got triage"),
    ({"error": "policy_level"}, "error: wanted policy_level, got none"),
    ({"exception": "inc"}, "exception: wanted inc, got none"),
])
def test_a_difference_is_told(policy, written, expect, line):
    path = written("case.json", {**GOOD[0], "expect": expect})
    out, _ = command("test", "--policy", policy, path, status=1)
    assert "not ok 1 - health data stays at home" in out and f"#    {line}\n" in out
    assert "0 of 1 as expected" in out
    told = ask_json("test", "--policy", policy, path, status=1)
    assert told["failed"] == 1 and line in told["cases"][0]["differences"]


@pytest.mark.parametrize("content, where", [
    ('[\n{"name": "x", "model": "best"}]', ":2: a case without `expect` tests nothing"),
    ('{"expect":\n {"frist": "a"}}', ":2: nothing can be expected of frist"),
    ('{"expect": {"refused":\n {"small": "mood"}}}', ":2: there is no reason mood"),
    ('{"expect": {"duties": ["sleep"]}}', ':1: there is no duty "sleep"'),
    ('{"expect": {}}', "must be an object with something in it"),
    ('{"features": ["flying"], "expect": {"first": null}}', "there is no feature `flying`"),
    ('{"expect": ', ":1: "),
])
def test_a_case_that_cannot_be_used_says_where(policy, written, content, where):
    out, err = command("test", "--policy", policy, written("case.json", content), status=65)
    assert where in err and out.endswith("Bail out! a case cannot be used\n")


def test_a_folder_without_cases_is_no_success(policy, written):
    folder = os.path.dirname(written("empty/readme.txt", ""))
    assert "there is no case" in command("test", "--policy", policy, folder, status=65)[1]
    command("test", "--policy", policy, os.path.join(folder, "none.json"), status=66)
    command("test", folder, status=2)
    command("test", "--policy", policy, status=2)


# ---- matrix -----------------------------------------------------------------

def rows_of(told, workload):
    found = [w for w in told["workloads"] if w["workload"] == workload]
    return {tuple(r["levels"] + r["kinds"]): [m["model"] for m in r["serves"]] for r in found[0]["rows"]}


def test_the_matrix_says_who_may_serve(policy):
    told = ask_json("matrix", policy)
    rows = rows_of(told, "triage")
    assert rows[("internal",)] == ["small", "middle", "frontier"]
    assert rows[("confidential",)] == ["small", "middle"]
    assert rows[("regulated",)] == ["small"] and rows[("phi",)] == ["small"] and rows[("credentials",)] == []
    assert rows_of(told, "contracts")[("confidential",)] == ["middle"], "the small one is not able enough"
    contracts = told["workloads"][1]
    assert contracts["owner"] == "legal <b>&\"" and contracts["needs"]["capability"] == "mid"


def test_the_matrix_and_the_gate_agree(policy):
    """Each cell, asked as a request."""
    told = ask_json("matrix", policy)
    for workload in told["workloads"]:
        for row in workload["rows"]:
            for word in row["levels"] + row["kinds"]:
                plan = ask_json("explain", "--policy", policy, "--workload", workload["workload"],
                                "--label", word, "--model", "auto")["decision"]["plan"]
                assert sorted(plan) == sorted(m["model"] for m in row["serves"]), (workload["workload"], word)


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_matrix_for_people(policy, form):
    out, err = command("matrix", "--format", form, policy)
    assert err == "" and "high volume, short answers" in out and "200k/month" in out and "2090-02-01" in out
    if form == "html":
        assert "legal &lt;b&gt;&amp;&quot;" in out and "<b>&\"" not in out
        assert "http" not in out and "<script" not in out, "it needs nothing from elsewhere"
        assert "<b>edge</b>: small" in out and out.endswith("</html>\n")
    elif form == "markdown":
        assert "| up to internal | **edge**: small | **on_prem**: middle | **public_api**: frontier |\n" in out
    else:
        assert "    mid       on_prem: middle\n" in out


def test_an_exception_is_marked_while_it_holds(written):
    path = written("policy.yaml", but(POLICY, exceptions={"inc": {
        "workload": "contracts", "to": "public", "level": "confidential", "kinds": ["legal"],
        "until": "2080-01-01", "approved_by": "ciso", "why": "a trial"}}))
    out, _ = command("matrix", path)
    assert "public_api: frontier*" in out and "inc to public until 2080-01-01, approved by ciso: a trial" in out
    assert "frontier*" not in command("matrix", "--at", "2080-01-01", path)[0]


def test_a_policy_without_workloads_has_a_matrix(written):
    path = written("policy.yaml", {"zones": ZONES, "models": POLICY["models"]})
    assert "every request" in command("matrix", path)[0]
    assert rows_of(ask_json("matrix", path), None)[("public",)] == ["small", "middle", "frontier"]


def test_a_matrix_of_a_policy_with_mistakes(written):
    _, err = command("matrix", written("bad.yaml", "models: 3\n"), status=2)
    assert "bad.yaml:1:" in err
    command("matrix", "--format", "pdf", "x", status=2)
    command("matrix", "/no/such/file", status=66)


# ---- diff -------------------------------------------------------------------

def changed(workload, told):
    return [w for w in told["workloads"] if w["workload"] == workload][0]


def test_a_policy_is_the_same_as_itself(policy):
    assert command("diff", policy, policy)[0] == "the same may serve the same\n"
    told = ask_json("diff", policy, policy)
    assert told["same"] is True and told["workloads"] == [] and told["old"] == told["new"]


def test_comments_and_order_are_no_difference(policy, written):
    other = written("other.yaml", json.dumps(dict(reversed(POLICY.items()))) + "\n# the same\n")
    assert ask_json("diff", policy, other)["same"] is True


def test_a_wider_zone_is_a_difference(policy, written):
    zones = {**ZONES, "public": {**ZONES["public"], "clearance": {"level": "confidential"}}}
    other = written("other.yaml", but(POLICY, zones=zones))
    told = ask_json("diff", policy, other, status=1)
    assert told["same"] is False and len(told["workloads"]) == 1, "contracts are of a kind that it is not cleared for"
    assert changed("triage", told)["cells"] == [{"levels": ["confidential"], "kinds": [], "gained": ["frontier"]}]
    out, _ = command("diff", other, policy, status=1)
    assert re.search(r"^triage\n  confidential\n    lost +frontier$", out, re.M), out


def test_who_is_first_and_duties_are_a_difference(policy, written):
    workloads = {**POLICY["workloads"], "triage": {**POLICY["workloads"]["triage"], "prefer": "quality"}}
    kinds = {"phi": {**POLICY["kinds"]["phi"], "duties": ["deterministic"]}}
    told = ask_json("diff", policy, written("other.yaml", but(POLICY, workloads=workloads, kinds=kinds)), status=1)
    cells = {tuple(c["levels"] + c["kinds"]): c for c in changed("triage", told)["cells"]}
    assert cells[("public", "internal")]["first"] == ["small", "frontier"]
    assert cells[("phi",)]["duties_gained"] == ["deterministic"] and cells[("phi",)]["duties_lost"] == ["no_cache"]
    assert "first" not in cells[("phi",)]


def test_names_that_come_and_go(policy, written):
    workloads = {"papers": POLICY["workloads"]["contracts"], "triage": POLICY["workloads"]["triage"]}
    models = {**POLICY["models"], "large": {"vendor": "simulated", "zone": "site", "capability": "frontier"}}
    other = written("other.yaml", but(POLICY, workloads=workloads, models=models, kinds={}, levels=[
        "public", "internal", "confidential", "secret", "regulated"]))
    told = ask_json("diff", policy, other, status=1)
    assert told["models_added"] == ["large"] and told["levels_added"] == ["secret"] and told["kinds_added"] == []
    assert changed("papers", told)["change"] == "added" and changed("contracts", told)["change"] == "removed"
    assert "models removed: large\n" in command("diff", other, policy, status=1)[0]
    command("diff", policy, status=2)
    command("diff", policy, "/no/such/file", status=66)


# ---- replay -----------------------------------------------------------------

def test_the_same_policy_does_the_same(past):
    told = ask_json("replay", "--policy", past.config_path, "--log", past.log_path, "--archive", past.archive)
    assert told["changes"] == []
    assert told["counts"]["decisions"] == told["counts"]["same"] == told["counts"]["reproduced"] == 6
    assert told["counts"]["without_decision"] == 1 and told["counts"]["wrong_lines"] == 0


def test_what_a_stricter_policy_would_have_done(past, written):
    zones = {**ZONES, "public": {**ZONES["public"], "clearance": {"level": "public"}}}
    path = written("strict.yaml", but(POLICY, zones=zones, **KEYS, auto={"prefer": "latency"}))
    told = ask_json("replay", "--policy", path, "--log", past.log_path, status=1)
    fates = {c["id"]: c["change"] for c in told["changes"]}
    assert fates == {past.past[0]["id"]: "other_first"}, "the others did not lean on the public zone"
    first = told["changes"][0]
    assert first["was"] == past.past[0]["decision"] and first["would_be"]["plan"] == ["middle", "small"]
    assert told["counts"]["same"] == 5 and told["counts"]["other_first"] == 1
    out, _ = command("replay", "--policy", path, "--log", past.log_path, status=1)
    assert re.search(rf"^other model +\S+ {first['id']} desk triage best: frontier -> middle$", out, re.M), out
    out, _ = command("replay", "--policy", path, "--log", past.log_path, "--list", "0", status=1)
    assert "frontier -> middle" not in out and re.search(r"other model +1\n", out) and "... and more" in out


def test_refused_and_allowed(past, written):
    zones = {**ZONES, "public": {**ZONES["public"], "clearance": {"level": "regulated", "kinds": "all"},
                                 "holds": ["baa"]}}
    keys = [{**KEYS["keys"][0], "workloads": ["contracts"]}, {**KEYS["keys"][1], "id": "lawyers"}]
    both = but(POLICY, zones=zones, auto={"prefer": "latency"})
    told = ask_json("replay", "--policy", written("wide.yaml", {**both, **KEYS}), "--log", past.log_path, status=1)
    fates = {c["id"]: c["change"] for c in told["changes"]}
    assert fates[past.past[2]["id"]] == "now_allowed", "health data may go to the public zone now"
    told = ask_json("replay", "--policy", written("other.yaml", {**both, "keys": keys}), "--log", past.log_path,
                    status=1)
    answers = {c["id"]: (c["change"], c["answer"]) for c in told["changes"]}
    assert answers[past.past[0]["id"]] == ("now_refused", "policy_workload")
    assert answers[past.past[1]["id"]] == ("now_refused", "key_unknown")


def test_names_that_another_policy_does_not_know(past, written):
    path = written("other.yaml", but(POLICY, **KEYS, levels=["public", "internal", "secret", "regulated"], zones={
        **ZONES, "site": {**ZONES["site"], "clearance": {"level": "secret"}}}, workloads={
        "triage": POLICY["workloads"]["triage"], "contracts": {"owner": "legal"}}))
    told = ask_json("replay", "--policy", path, "--log", past.log_path, status=1)
    undecided = [c for c in told["changes"] if c["change"] == "undecided"]
    assert [c["id"] for c in undecided] == [past.past[1]["id"]]
    assert undecided[0]["why"] == "the record's level `confidential` is not in this policy"


def test_a_log_with_a_line_that_is_cut_off(past, written):
    path = written("cut.log", past.log().decode() + past.log().decode()[:150])
    out, err = command("replay", "--policy", past.config_path, "--log", path, status=65)
    number = past.log().count(b"\n") + 1
    assert f"{path}:{number}: this is no whole line of a log" in err
    assert re.search(r"lines that cannot be read +1\n", out) and re.search(r"decisions +6\n", out)


def test_calls_of_replay_that_are_wrong(policy, folder):
    command("replay", "--policy", policy, status=2)
    command("replay", "--policy", policy, "--log", "x", "--list", "many", status=2)
    command("replay", "--policy", policy, "--log", "/no/such/file", status=66)
    command("replay", "--policy", "/no/such/file", "--log", "x", status=66)


def test_a_request_whose_record_was_opened_first_counts_once(gateway, folder):
    archive = os.path.join(folder, "archive")
    g = gateway(but(POLICY, archive=archive, duties=["durable_record"]))
    assert g.chat(rig.chat("best")).status == 200
    rig.eventually(lambda: g.log().count(b"\"id\"") == 2, 5, "two lines of one request")
    told = ask_json("replay", "--policy", g.config_path, "--log", g.log_path)
    assert told["counts"]["decisions"] == 1 and told["counts"]["other_lines"] >= 1
    told = ask_json("explain", "--archive", archive, "--log", g.log_path, g.records()[0]["id"])
    assert told["reproduced"] is True


# ---- colours ----------------------------------------------------------------

@pytest.mark.parametrize("env, colours", [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False),
                                          ({"TERM": "dumb"}, False)])
def test_colours_are_for_terminals_that_want_them(policy, env, colours):
    primary, secondary = os.openpty()
    rig.subprocess.run([rig.BINARY, "explain", "--policy", policy], stdin=secondary, stdout=secondary,
                       stderr=secondary, env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **env},
                       check=True)
    os.close(secondary)
    assert (b"\033[1m" in os.read(primary, 65536)) is colours
    os.close(primary)
