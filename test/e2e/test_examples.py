# SPDX-License-Identifier: Apache-2.0
"""The examples do what their comments say: each is served with simulated models in the place of its own."""

import functools
import json
import os
import re

import pytest

import rig

ROOT = os.path.dirname(os.path.dirname(rig.HERE))
# What says where a model is and how to reach it; a simulated one has none of that.
PLACED = {"url", "key", "api_version", "ca", "client_certificate", "client_key", "proxy", "version"}


def scalar(text):
    if text.startswith("["):
        return [scalar(word) for word in re.findall(r'"(?:[^"\\]|\\.)*"|[^\[\], ]+', text)]
    if text.startswith('"'):
        return json.loads(text)
    if text in ("true", "false") or re.fullmatch(r"\d+(\.\d+)?", text):
        return json.loads(text)
    return text


def block(lines, indent=0):
    """The map, or the list of maps, at this indent of a configuration as the program prints it."""
    if lines and lines[0].startswith(" " * indent + "- "):
        rows = []
        while lines and lines[0].startswith(" " * indent + "- "):
            lines[0] = " " * (indent + 2) + lines[0][indent + 2:]
            rows.append(block(lines, indent + 2))
        return rows
    out = {}
    while lines and len(lines[0]) - len(lines[0].lstrip()) == indent:
        key, value = re.fullmatch(r' *("(?:[^"\\]|\\.)*"|[^:]+):(?: (.*))?', lines.pop(0)).groups()
        out[scalar(key)] = scalar(value) if value else block(lines, len(lines[0]) - len(lines[0].lstrip()))
    return out


@functools.lru_cache
def effective(name):
    path = os.path.join(ROOT, "example", name + ".yaml")
    done = rig.run("check", "--detached", "--print-effective", path)
    assert done.returncode == 0 and done.stderr == b"", done.stderr.decode()
    return done.stdout.decode()


def served(name):
    """The example as a configuration, and the secrets of its keys."""
    config = block(effective(name).splitlines())
    for name in ("listen", "admin", "log", "workers"):
        del config[name]
    for row in config["models"].values():
        for key in PLACED & set(row):
            del row[key]
        row["vendor"] = "simulated"
    secrets = {}
    for row in config["keys"]:
        variable = "KEY_OF_" + row["id"].upper()
        secrets[variable] = f"tv-{row['id']}-0123456789abcdef"
        row["secret"] = f"env:{variable}"
    return config, secrets


CASES = {
    "productivity": [
        ("search", {}, "cloud", "the ablest model that may see confidential passages"),
        ("search", {"x-trivium-label": "legal"}, "site", "privilege stays at home"),
        ("meetings", {}, "site", "personal data, the cheapest model that may"),
        ("helpdesk", {}, "site", "customers' names, and at once"),
        ("ci", {}, "cloud", "source code for a frontier model without retention"),
        ("ci", {"x-trivium-label": "pii"}, "cloud", "the exception opens nothing for people"),
        ("ci", {"x-trivium-label": "credentials"}, "policy_here", "`all` has no credentials, this machine's neither"),
        ("onboarding", {"x-trivium-label": "confidential"}, "policy_role", "the ceiling of the key"),
        ("lab", {}, "site", "the cheapest"),
        ("lab", {"x-trivium-label": "confidential"}, "policy_role", "the lab sees no secrets"),
        ("lab", {"x-trivium-workload": "knowledge-search"}, "policy_workload", "a key has its workloads"),
    ],
    "hospital": [
        ("ehr", {"x-trivium-workload": "discharge-letters"}, "cloud", "under the agreement, the ablest"),
        ("ehr", {"x-trivium-workload": "discharge-letters", "x-trivium-label": "financial"}, "cloud", "the pilot"),
        ("ehr", {"x-trivium-workload": "therapy-notes"}, "campus", "psychotherapy notes stay"),
        ("wards", {}, "campus", "at once"),
        ("research", {}, "campus", "the cheapest that may"),
        ("research", {"x-trivium-label": "sealed"}, "policy_role", "research sees nothing that is sealed"),
        ("office", {}, "public", "no patient, and not before a ward's requests"),
        ("office", {"x-trivium-label": "phi"}, "policy_role", "the office sees no patient"),
    ],
    "bank": [
        ("loans", {}, "datacentre", "the validated model"),
        ("loans", {"x-trivium-label": "pci"}, "policy_role", "no card numbers in a memo"),
        ("cards", {}, "cards", "the assessed environment alone, though the data centre is cleared for `all`"),
        ("ledger", {}, "datacentre", "inside information stays in one place"),
        ("operators", {}, "cloud", "the terms of DORA are in the contract"),
        ("operators", {"x-trivium-label": "inside"}, "policy_role", "operators are no insiders"),
        ("engineers", {}, "cloud", "source code under the contract"),
        ("desk", {}, "cards", "public words go to the cheapest, wherever it is"),
    ],
    "eu-company": [
        ("people", {}, "datacentre", "special categories stay at home"),
        ("support", {"x-trivium-workload": "support"}, "datacentre", "the cheapest in the area"),
        ("support", {"x-trivium-workload": "typeahead"}, "datacentre", "at once"),
        ("invoices", {}, "processor", "scans, to the processor or home"),
        ("website", {}, "processor", "the ablest, and the cheaper of two"),
        ("website", {"x-trivium-label": "pii"}, "policy_role", "the website is about nobody"),
    ],
    "edge-fleet": [
        ("controller", {"x-trivium-workload": "fault-codes"}, "machine", "offline, always"),
        ("terminal", {"x-trivium-workload": "operator-help"}, "depot", "an abler model while the link is up"),
        ("terminal", {"x-trivium-workload": "shift-report"}, "depot", "the cheaper"),
        ("terminal", {"x-trivium-workload": "shift-report", "x-trivium-label": "opaque"}, "depot", "no pictures abroad"),
        ("controller", {"x-trivium-workload": "fault-codes", "x-trivium-label": "credentials"}, "policy_here",
         "keys go nowhere"),
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_an_example_serves_what_it_says(gateway, name):
    config, secrets = served(name)
    g = gateway(config, env=secrets)
    wrong = []
    for key, fields, want, why in CASES[name]:
        bearer = ("Authorization", f"Bearer tv-{key}-0123456789abcdef")
        answer = g.chat(rig.chat("auto"), [bearer, *fields.items()])
        got = answer.field("x-trivium-zone") if answer.status == 200 else answer.code
        if got != want:
            wrong.append(f"{why}: {key} {fields} went to {got}, not {want}")
    assert wrong == []


def test_every_policy_example_is_here():
    names = {f[:-5] for f in os.listdir(os.path.join(ROOT, "example")) if f.endswith(".yaml")}
    assert names == set(CASES) | {"hybrid", "minimal", "simulated"}


def test_realistic_prompts_end_where_the_matrix_says():
    """What is found in a text, not what a header says, decides; and what may be masked is."""
    done = rig.run("test", "--policy", os.path.join(ROOT, "example/productivity.yaml"),
                   os.path.join(ROOT, "example/productivity"))
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert done.stdout.count(b"\nok ") == 9
