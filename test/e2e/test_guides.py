# SPDX-License-Identifier: Apache-2.0
"""The guides are true: their commands are run, and print what stands there; their configurations load."""

import os
import re
import subprocess

import pytest

import rig

GUIDE = os.path.join(os.path.dirname(os.path.dirname(rig.HERE)), "doc", "guide")
MARK = "-- the next command --"


def blocks(name):
    """The fenced blocks of a guide, in order: (language, text)."""
    with open(os.path.join(GUIDE, name), encoding="utf-8") as f:
        return re.findall(r"^```(\w+)\n(.*?)^```$", f.read(), re.S | re.M)


def commands(text):
    """Of a console block: each command, and what is printed below it."""
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in re.split(r"^\$ ", text, flags=re.M)[1:]]


def test_the_rows_of_an_identity_provider_load(folder):
    yaml = [text for language, text in blocks("identity-provider.md") if language == "yaml"]
    assert len(yaml) == 1
    path = os.path.join(folder, "gateway.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write("zones: {z: {kind: edge, operator: self}}\n"
                "models: {m: {vendor: vllm, zone: z, url: 'http://127.0.0.1:8000'}}\n" + yaml[0])
    done = subprocess.run([rig.BINARY, "check", path], capture_output=True, check=False,
                          env=rig.clean_environment())
    assert done.returncode == 0 and b"error" not in done.stderr, done.stderr


def same_for_everyone(text):
    """A hash has the number of processors in it, and a proof its time."""
    return re.sub(r"[0-9.]+ ms$", "ms", re.sub(r"hash [0-9a-f]{64}", "hash", text), flags=re.M)


def test_the_first_policy(folder):
    ports = {"127.0.0.1:8080": f"127.0.0.1:{rig.free_port()}"}
    ports["127.0.0.1:9090"] = f"127.0.0.1:{rig.free_port(but=int(ports['127.0.0.1:8080'][10:]))}"

    def moved(text):
        for usual, ours in ports.items():
            text = text.replace(usual, ours)
        return text

    os.mkdir(os.path.join(folder, "build"))
    os.symlink(rig.BINARY, os.path.join(folder, "build", "trivium"))
    script, wanted = ["set -m", "trap 'kill %1' EXIT"], []
    for language, text in blocks("first-policy.md"):
        if language == "yaml":
            script.append(f"cat >> pharmacy.yaml <<'END'\n{moved(text)}\nEND")
        elif language == "console":
            for command, output in commands(text):
                script += [moved(command), f"echo '{MARK}'"]
                wanted.append((command, same_for_everyone(moved(output))))
    done = subprocess.run(["bash", "-c", "\n".join(script)], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=rig.clean_environment(), timeout=60 * rig.SLOW, check=False)
    printed = same_for_everyone(done.stdout.decode()).split(MARK + "\n")
    for (command, output), got in zip(wanted, printed):
        assert got == output, command
    assert len(wanted) > 15 and len(printed) == len(wanted) + 1


REST = {
    "regions": "regions: {eu: [de, ie], us: [us-east]}\n",
    "zones": "zones:\n  site: {kind: on_prem, operator: self, regions: [de], clearance: {level: regulated, kinds: all}}\n"
             "  public: {kind: public_api, regions: [us-east], clearance: {level: internal}}\n",
    "models": "models:\n  house: {vendor: simulated, zone: site, capability: mid}\n"
              "  gpt: {vendor: simulated, zone: public, capability: frontier}\n",
    "log": "log: {file: records.jsonl}\n",
    "workloads": "workloads:\n  triage: {owner: service-desk}\n  summaries: {owner: workplace}\n",
}


@pytest.mark.parametrize("number", range(len([1 for language, _ in blocks("policy-language.md") if language == "yaml"])))
def test_a_configuration_of_the_language(folder, number):
    """What a block does not say is filled in, so that it is a file."""
    text = [text for language, text in blocks("policy-language.md") if language == "yaml"][number]
    said = set(re.findall(r"^(\w+):", text, re.M))
    path = os.path.join(folder, "c.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text + "".join(rest for key, rest in REST.items() if key not in said))
    done = rig.run("check", "--detached", path)
    assert done.returncode == 0 and done.stderr == b"", done.stderr.decode()
