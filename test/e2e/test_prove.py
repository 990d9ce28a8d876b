# SPDX-License-Identifier: Apache-2.0
"""What must never happen: a file that would let it happen is refused, and would indeed.

One configuration with regulated and public work holds all its invariants.  Each
edit breaks one.  The edited file is refused with a request; the same file in a
build that skips the proof, and that very request, and the provider that must
never see it has it.
"""

import copy
import json
import os
import shlex
import signal

import pytest

import rig

KEYS = {"CLINIC": "tv-clinic-0123456789abcdef", "HELPER": "tv-helper-0123456789abcdef",
        "SHOP": "tv-shop-0123456789abcdef01"}
UNTIL = {"until": "2099-01-01", "approved_by": "ciso", "why": "a test"}

BASE = {
    "here": {"regions": ["de"], "clearance": {"level": "regulated", "kinds": ["all", "credentials"]}},
    "regions": {"eu": ["de", "ie"], "us": ["us-east", "us-west"]},
    "kinds": {
        "phi": {"level": "regulated", "requires": ["baa"]},
        "pii": {"level": "confidential"},
        "personal_eu": {"level": "confidential", "regions": ["eu"]},
    },
    "zones": {
        "laptop": {"kind": "edge", "operator": "self", "regions": ["de"],
                   "clearance": {"level": "regulated", "kinds": ["all", "credentials"]}},
        "centre": {"kind": "on_prem", "operator": "self", "regions": ["de"], "holds": ["zero_retention"],
                   "clearance": {"level": "regulated", "kinds": "all"}},
        "colo": {"kind": "on_prem", "regions": ["de"], "holds": ["no_training"],
                 "clearance": {"level": "regulated", "kinds": "all"}},
        "partner": {"kind": "private_cloud", "regions": ["de"], "holds": ["baa", "no_training"],
                    "clearance": {"level": "regulated", "kinds": ["pii", "phi"]}},
        "vpc": {"kind": "private_cloud", "regions": ["ie"], "holds": ["dpa", "no_training"],
                "clearance": {"level": "confidential", "kinds": ["pii", "financial", "personal_eu"]}},
        "overseas": {"kind": "private_cloud", "regions": ["us-east"], "holds": ["no_training"],
                     "clearance": {"level": "confidential", "kinds": ["financial", "personal_eu"]}},
        "public": {"kind": "public_api", "regions": ["us"], "holds": ["soc2"],
                   "clearance": {"level": "internal"}},
    },
    "tools": {"web_search": {"regions": ["us"], "clearance": {"level": "internal", "kinds": ["pii"]}}},
    "roles": {"contractor": {"ceiling": "internal"}, "clinician": {}},
    "workloads": {
        "triage": {"owner": "clinic", "label": {"level": "internal"},
                   "models": ["laptop", "centre", "colo", "partner", "vpc", "public"]},
        "charts": {"owner": "clinic", "label": {"kinds": ["phi"]}},
        "marketing": {"owner": "shop"},
    },
    "keys": [
        {"id": "clinic", "secret": "env:CLINIC", "role": "clinician"},
        {"id": "helper", "secret": "env:HELPER", "role": "contractor"},
        {"id": "shop", "secret": "env:SHOP", "workloads": ["marketing"], "models": ["public", "overseas"]},
    ],
    "never": [
        {"name": "phi-needs-baa", "origin.kinds": ["phi"], "without": ["baa"], "unless_operator": "self"},
        {"name": "regulated-stays", "origin.level": ">= regulated", "zone.kind": "public_api"},
        {"name": "eu-stays", "kinds": ["personal_eu"], "outside": ["eu"]},
        {"name": "no-training", "level": ">= confidential", "without": ["no_training"], "unless_operator": "self"},
        {"name": "blind-tools", "kinds": ["pii", "phi", "personal_eu"], "tools": ["all"]},
        {"name": "contractors", "level": "confidential", "roles": ["contractor"]},
        {"name": "charts-at-home", "workloads": ["charts"], "zones": ["vpc", "overseas", "public"]},
        {"name": "no-secrets", "kinds": ["credentials"], "unless_operator": "self"},
        {"name": "triage-in-eu", "workloads": ["triage"], "level": "confidential", "outside": ["eu"]},
    ],
}

WIDE = {"level": "regulated", "kinds": "all"}

# Why; the invariant that breaks; where the edit is; what it puts there (None: it takes away).
EDITS = [
    ("a clearance widened by levels", "regulated-stays", "zones public clearance level", "regulated"),
    ("a clearance widened by one level", "no-training", "zones public clearance level", "confidential"),
    ("a requirement dropped", "phi-needs-baa", "kinds phi requires", []),
    ("a kind with nothing that it brings", "phi-needs-baa", "kinds phi", None),
    ("an exception too broad", "regulated-stays", "exceptions",
     {"x": {"workload": "marketing", "to": "public", "level": "regulated", **UNTIL}}),
    ("an exception that waives an agreement", "phi-needs-baa", "exceptions",
     {"x": {"workload": "charts", "to": "colo", "waives": ["baa"], **UNTIL}}),
    ("an exception for a kind", "no-secrets", "exceptions",
     {"x": {"workload": "triage", "to": "vpc", "kinds": ["credentials"], **UNTIL}}),
    ("a kind's level lowered", "blind-tools", "kinds pii level", "internal"),
    ("a region added to a zone", "triage-in-eu", "zones vpc regions", ["ie", "us-east"]),
    ("a zone that no longer says where it is", "triage-in-eu", "zones colo regions", None),
    ("a kind's regions widened", "eu-stays", "kinds personal_eu regions", ["eu", "us"]),
    ("a workload's models no longer named", "triage-in-eu", "workloads triage models", None),
    ("a hosted tool's level raised", "blind-tools", "tools web_search clearance level", "confidential"),
    ("a hosted tool added", "blind-tools", "tools code_interpreter", {"clearance": WIDE, "holds": ["baa"]}),
    ("a ceiling raised", "contractors", "roles contractor ceiling", "confidential"),
    ("a ceiling gone", "contractors", "roles contractor", {}),
    ("a zone that others operate now", "no-secrets", "zones laptop operator", None),
    ("a zone that others operate, without that promise", "no-training", "zones centre operator", "hoster"),
    ("a property that a zone no longer holds", "no-training", "zones vpc holds", ["dpa"]),
    ("credentials named in a clearance", "no-secrets", "zones vpc clearance kinds", ["pii", "credentials"]),
    ("a floor taken away", "charts-at-home", "workloads charts label", None),
    ("a zone that may have a kind now", "charts-at-home", "zones vpc",
     {"kind": "private_cloud", "regions": ["ie"], "holds": ["baa", "no_training"], "clearance": WIDE}),
    ("a zone of another kind", "regulated-stays", "zones colo kind", "public_api"),
    ("another order of levels", "regulated-stays", "levels", ["public", "confidential", "regulated", "internal"]),
]


def edited(where, what):
    c = copy.deepcopy(BASE)
    *path, last = where.split()
    at = c
    for name in path:
        at = at[name]
    if what is None:
        del at[last]
    else:
        at[last] = what
    return c


@pytest.fixture
def complete(provider):
    """complete(config) gives it a model in each zone, each at a provider of its own."""
    def fill(config):
        providers = {name: provider() for name in BASE["zones"]}
        models = {name: rig.model(p, zone=name, id=name) for name, p in providers.items()}
        return {"models": models, **config}, providers
    return fill


def prove(folder, config, name="c.yaml"):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(config, f, indent=1)
    return path, rig.run("prove", "--json", path, env=KEYS)


def sent(line, g):
    """Sends what a message told, as a shell would; what stands for the key is filled in."""
    words = shlex.split(line)
    assert words[0] == "curl"
    fields, body, path = [], None, None
    for option, value in zip(words, words[1:]):
        if option == "-H":
            fields.append(tuple(value.split(": ", 1)))
        elif option == "-d":
            body = value.encode()
        elif "://" in value:
            path = "/" + value.split("/", 3)[3]
    return g.ask("POST", path, body, fields)


def test_the_example_holds(complete, folder):
    config, _ = complete(BASE)
    path, done = prove(folder, config)
    said = json.loads(done.stdout)
    assert done.returncode == 0 and said["ok"] and all(i["holds"] for i in said["invariants"])
    assert len(said["invariants"]) == len(BASE["never"])
    assert {w["name"]: w["models"] for w in said["workloads"]} == {"triage": 6, "charts": 3, "marketing": 7}
    assert rig.run("check", path, env=KEYS).stderr == b""


@pytest.mark.parametrize("why, breaks, where, what", EDITS, ids=[e[0].replace(" ", "-") for e in EDITS])
def test_an_edit_is_refused_and_would_have_done_harm(complete, gateway, folder, why, breaks, where, what):
    config, providers = complete(edited(where, what))
    path, done = prove(folder, config)
    assert done.returncode == 1, done.stderr
    broken = {i["name"]: i["counterexample"] for i in json.loads(done.stdout)["invariants"] if not i["holds"]}
    assert breaks in broken
    line = next(i + 1 for i, row in enumerate(open(path, encoding="utf-8")) if f'"name": "{breaks}"' in row) - 1

    refused = rig.run("check", path, env=KEYS)
    assert refused.returncode == 2
    told = next(x for x in refused.stderr.decode().splitlines() if f"the invariant `{breaks}`" in x)
    assert told.startswith(f"{path}:{line}:") and ": error: " in told
    request = told.split("; to see it: ")[1]
    assert request == broken[breaks]["request"]
    assert rig.run("run", "--config", path, env=KEYS).returncode == 78

    case = broken[breaks]
    g = gateway(config, env=KEYS, binary=rig.UNPROVEN)
    answer = sent(request.replace("$KEY", KEYS[case["key"].upper()]), g)
    assert answer.status == 200, answer.body
    for name, p in providers.items():
        assert len(p.seen()) == (name == case["model"])
    body = json.loads(providers[case["model"]].last()["body"])
    if "tool" in case:
        assert body["tools"] == [{"type": case["tool"]}]
    else:
        assert case["zone"] == case["model"]
    assert g.record()["label"] == case["label"].split(",")[0]


def test_a_reload_that_breaks_one_keeps_what_runs(complete, gateway):
    config, providers = complete(BASE)
    g = gateway(config, env=KEYS)
    g.write({**config, **edited("zones public clearance level", "regulated")})
    g.signal(signal.SIGHUP)
    rig.eventually(lambda: b"the invariant `regulated-stays` does not hold" in g.stderr(), what="a refusal")
    fields = [("Authorization", f"Bearer {KEYS['CLINIC']}"), ("x-trivium-workload", "triage"),
              ("x-trivium-label", "regulated")]
    assert g.chat(rig.chat("public"), fields).code == "policy_level"
    assert g.chat(rig.chat("centre"), fields).status == 200
    assert providers["public"].seen() == []


def test_what_a_pack_forbids_is_proven_too(complete, folder):
    config, _ = complete({**BASE, "packs": ["hipaa"], "log": {"file": os.path.join(folder, "log")}})
    path, done = prove(folder, config)
    said = {i["name"]: i for i in json.loads(done.stdout)["invariants"]}
    assert done.returncode == 0 and said["hipaa-business-associate"]["pack"] == "hipaa"
    assert "pack" not in said["phi-needs-baa"]
    config["exceptions"] = {"x": {"workload": "charts", "to": "colo", "waives": ["baa"], **UNTIL}}
    del config["never"]
    path, done = prove(folder, config)
    assert done.returncode == 1
    refused = rig.run("check", path, env=KEYS)
    assert refused.returncode == 2
    assert b"the invariant `hipaa-business-associate` of the pack `hipaa` does not hold" in refused.stderr
    line = next(i for i, row in enumerate(open(path, encoding="utf-8"), 1) if '"hipaa"' in row)
    assert f"{path}:{line}:".encode() in refused.stderr, "it stands where the file names the pack"


def test_what_is_printed_breaks_nothing_either(complete, folder):
    config, _ = complete({**BASE, "packs": ["hipaa"], "log": {"file": os.path.join(folder, "log")}})
    path, done = prove(folder, config)
    printed = rig.run("check", "--print-effective", path, env=KEYS).stdout
    again = os.path.join(folder, "printed.yaml")
    with open(again, "wb") as f:
        f.write(printed)
    a, b = json.loads(done.stdout), json.loads(rig.run("prove", "--json", again, env=KEYS).stdout)
    assert a["hash"] == b["hash"]
    assert [i["name"] for i in a["invariants"]] == [i["name"] for i in b["invariants"]]


def test_a_build_without_the_proof_says_so(folder, complete, gateway):
    assert b"unproven" in rig.subprocess.run([rig.UNPROVEN, "version"], capture_output=True, check=True).stdout
    assert b"unproven" not in rig.run("version").stdout
    g = gateway(complete(BASE)[0], env=KEYS, binary=rig.UNPROVEN)
    assert b"WARNING: THIS BUILD IS UNPROVEN" in g.stderr()


# ---- trivium prove ----------------------------------------------------------

def test_exceptions_are_named_where_they_open_something(complete, folder):
    config, _ = complete(edited("exceptions", {
        "old": {"workload": "triage", "to": "public", "level": "regulated", **UNTIL, "until": "2020-01-01"},
        "new": {"workload": "triage", "to": "vpc", "kinds": ["source_code"], **UNTIL}}))
    _, done = prove(folder, config)
    said = json.loads(done.stdout)
    assert done.returncode == 0, "an exception that has ended opens nothing"
    assert [x["name"] for x in said["exceptions"]] == ["new"]
    leans = {i["name"]: i["leans_on"] for i in said["invariants"]}
    assert leans["phi-needs-baa"] == ["new"] and leans["charts-at-home"] == []
    assert all("old" not in x for x in leans.values())


def test_an_exception_that_breaks_one_is_blamed(complete, folder):
    config, _ = complete(edited("exceptions", {
        "x": {"workload": "marketing", "to": "public", "level": "regulated", **UNTIL}}))
    _, done = prove(folder, config)
    broken = [i for i in json.loads(done.stdout)["invariants"] if not i["holds"]]
    assert broken and all(i["counterexample"]["exception"] == "x" for i in broken)


def test_what_a_model_cannot_do_is_no_protection(complete, folder):
    config, _ = complete(edited("zones public clearance level", "regulated"))
    for name in config["models"]:
        config["models"][name]["capability"] = "basic"
    for w in config["workloads"].values():
        w["needs"] = {"capability": "frontier"}
    _, done = prove(folder, config)
    said = json.loads(done.stdout)
    case = next(i["counterexample"] for i in said["invariants"] if i["name"] == "regulated-stays")
    assert case["today"] == "capability" and "which is no protection" in case["text"]
    assert all(w["models"] == 0 for w in said["workloads"])


def test_for_people(complete, folder):
    config, _ = complete(edited("zones public clearance level", "regulated"))
    path, _ = prove(folder, config)
    done = rig.run("prove", path, env=KEYS)
    text = done.stdout.decode()
    assert done.returncode == 1 and "\033" not in text
    assert "holds   eu-stays" in text and "broken  regulated-stays" in text
    assert "detection finds what there is to find, by: structure, secrets, terms, names" in text and "vpc                private_cloud" in text


def test_what_detection_is_told_to_ignore_is_said(folder):
    config = rig.config({"m": {"vendor": "vllm", "zone": "edge", "url": "http://127.0.0.1:9/v1"}},
                        detect={"parts": ["structure"], "types": {"email_address": {"enabled": False}},
                                "combinations": {"hr_document": {"enabled": False}}},
                        workloads={"w": {"owner": "o", "findings": {"url": "allow"}}})
    path = os.path.join(folder, "c.yaml")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(config, f)
    said = json.loads(rig.run("prove", "--detached", "--json", path).stdout)["rests_on"]["detection"]
    assert said == {"enabled": True, "parts": ["structure"], "off": ["email_address"],
                    "combinations_off": ["hr_document"], "allowed": {"w": ["url"]}}
    text = rig.run("prove", "--detached", path).stdout.decode()
    assert "nobody looks for: email_address" in text and "workload w takes as harmless: url" in text


@pytest.mark.parametrize("arguments, status", [
    (["/nonexistent/c.yaml"], 66), ([], 2), (["a", "b"], 2), (["--jason", "a"], 2), (["--help"], 0)])
def test_exit_status(arguments, status):
    assert rig.run("prove", *arguments).returncode == status


def test_other_mistakes_come_first(folder):
    path, done = prove(folder, {"zones": {"z": {"kind": "edge"}}, "models": {"m": {"vendor": "simulated", "zone": "y"}},
                                "never": [{"level": "internal"}]})
    assert done.returncode == 2 and json.loads(done.stdout)["ok"] is False
    assert b"does not hold" not in rig.run("check", path).stderr


# ---- trivium check ----------------------------------------------------------

SMALL = {"zones": {"z": {"kind": "public_api", "clearance": {"level": "internal"}}},
         "models": {"m": {"vendor": "simulated", "zone": "z"}}}


@pytest.mark.parametrize("never, says", [
    ({"kinds": ["pij"]}, "error: there is no kind `pij`; did you mean `pii`?"),
    ({"level": ">= regulatd"}, "error: there is no level `regulatd`; did you mean `regulated`?"),
    ({"level": "< regulated"}, "error: an invariant speaks of a level and all above it"),
    ({"zones": ["y"]}, "error: there is no zone `y`"),
    ({"tools": ["web"]}, "error: there is no tool `web`"),
    ({"roles": ["clerk"]}, "error: there is no role `clerk`"),
    ({"workloads": ["w"]}, "error: there is no workload `w`"),
    ({"outside": ["eu"]}, "error: there is no region `eu`"),
    ({"zone.kind": "publik_api"}, "error: `zone.kind` cannot be `publik_api`; did you mean `public_api`?"),
    ({"zone.knd": "public_api"}, "did you mean `zone.kind`?"),
    ({"kinds": []}, "warning: the invariant `never-1` never applies: this list is empty"),
    ({"tools": ["all"], "zones": ["z"]}, "warning: the invariant `never-1` never applies: a tool is no zone"),
    ({"zone.kind": "edge", "zones": ["z"]}, "warning: the invariant `never-1` never applies: none of its zones"),
    ({"requires": ["baa"]}, "warning: the invariant `never-1` never applies: no kind and no workload"),
])
def test_rows_that_say_nothing_or_nonsense(folder, never, says):
    path, _ = prove(folder, {**SMALL, "never": [never]})
    done = rig.run("check", path)
    assert says in done.stderr.decode() and done.returncode == (2 if "error" in done.stderr.decode() else 0)


def test_nothing_ever_goes_there(folder):
    path, done = prove(folder, {**SMALL, "never": [{"zones": ["z"]}]})
    assert done.returncode == 1, "a rule without a condition on content is about all of it"


def test_a_workload_that_nobody_can_serve(folder):
    work = {"a": {"owner": "x"}, "b": {"owner": "x", "label": {"level": "regulated"}}}
    path, _ = prove(folder, {**SMALL, "workloads": work})
    assert b"warning: no model can serve the workload `b`" in rig.run("check", path).stderr
    path, _ = prove(folder, {**SMALL, "workloads": {"b": work["b"]}})
    assert b"warning: this policy admits nothing" in rig.run("check", path).stderr
