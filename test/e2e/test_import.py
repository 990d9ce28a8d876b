# SPDX-License-Identifier: Apache-2.0
"""trivium import litellm: configurations of a LiteLLM proxy are imported, checked, and served."""

import json
import os

import pytest

import rig

SECRET = "sk-canary-0123456789abcdef"
ENVIRONMENT = {"LITELLM_MASTER_KEY": "sk-canary-of-the-master", "KEY_A": "sk-canary-a",
               "CHAT_KEY": SECRET, "KEY_UNUSED": "x"}

# Three deployments under two names, fallbacks in both places, aliases, prices, and much that has no equal.
COMPANY = """
model_list:
  - model_name: chat
    litellm_params:
      model: openai/first
      api_base: {first}/v1
      api_key: os.environ/KEY_A
      input_cost_per_token: 1.5e-07
      output_cost_per_token: 6e-07
      tpm: 600
      timeout: 20
    model_info:
      id: first-of-chat
      mode: chat
      max_input_tokens: 128000
      supports_function_calling: true
  - model_name: chat
    litellm_params:
      model: hosted_vllm/second
      api_base: {second}/v1
      api_key: {secret}
  - model_name: local model
    litellm_params:
      model: ollama_chat/third
      api_base: {third}
  - model_name: claude
    litellm_params:
      model: anthropic/claude-sonnet
      api_key: {secret}
  - model_name: "groq/*"
    litellm_params:
      model: groq/*
litellm_settings:
  drop_params: true
  num_retries: 2
  set_verbose: false
  callbacks: ["prometheus"]
  cache: true
  cache_params: {{type: redis, host: redis, password: {secret}}}
  fallbacks:
    - chat: ["claude", "local model"]
router_settings:
  routing_strategy: simple-shuffle
  allowed_fails: 3
  model_group_alias:
    gpt-4o: chat
    small: local model
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  database_url: "postgresql://litellm:{secret}@db/litellm"
  alerting: ["slack"]
environment_variables:
  SLACK_WEBHOOK_URL: "https://hooks.example.com/{secret}"
guardrails:
  - guardrail_name: pii
    litellm_params: {{guardrail: presidio, mode: pre_call}}
"""

LOST = {
    "model_list[0].litellm_params.tpm", "model_list[3]", "model_list[4]", "litellm_settings.drop_params",
    "litellm_settings.num_retries", "litellm_settings.callbacks", "litellm_settings.cache",
    "litellm_settings.cache_params", "litellm_settings.fallbacks[0].chat[0]",
    "general_settings.database_url", "general_settings.alerting", "guardrails"}
CHANGED = {"model_list[2].model_name", "router_settings.routing_strategy"}
MASTER = [("Authorization", f"Bearer {ENVIRONMENT['LITELLM_MASTER_KEY']}")]


@pytest.fixture
def written(folder):
    def write(text, name="config.yaml"):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path
    return write


class Imported(rig.Gateway):
    """A gateway with the result as it is, but for where it listens and logs."""

    def write(self, config):
        super().write(f'{config}\nlisten: "127.0.0.1:{self.port}"\nadmin: "127.0.0.1:{self.admin_port}"\n'
                      f'workers: 1\nlog: {{file: "{self.log_path}"}}\n')


@pytest.fixture
def serve(folder, provider):
    started = []

    def start(yaml, env=None):
        started.append(Imported(folder, yaml, env=env))
        return started[-1]
    yield start
    for g in started:
        try:
            g.stop()
        finally:
            g.kill()


def import_file(path, *arguments, env=None):
    done = rig.run("import", "litellm", *arguments, path, env=env)
    assert b"canary" not in done.stdout + done.stderr, "a secret is in what is said"
    return done


def checked(folder, yaml, env=None):
    path = os.path.join(folder, "checked.yaml")
    with open(path, "wb") as f:
        f.write(yaml)
    done = rig.run("check", path, env=env)
    assert done.returncode == 0, done.stderr.decode()
    return yaml.decode()


@pytest.fixture
def company(provider, written):
    first, second, third = provider(), provider(), provider()
    path = written(COMPANY.format(first=first.url, second=second.url, third=third.url, secret=SECRET))
    return path, first, second, third


def test_a_company_s_configuration_is_served(company, serve, folder):
    path, first, second, third = company
    done = import_file(path)
    assert done.returncode == 3, done.stderr.decode()
    g = serve(checked(folder, done.stdout, ENVIRONMENT), ENVIRONMENT)

    assert g.chat(rig.chat("chat")).status == 401, "the master key guards it"
    answer = g.chat(rig.chat("chat"), MASTER)
    assert answer.status == 200 and answer.json()["model"] == "first"
    assert b"Bearer sk-canary-a\r\n" in first.last()["head"]
    assert float(answer.field("x-trivium-cost-usd")) > 0, "its price came along"

    first.script({"default": {"status": 500}})
    answer = g.chat(rig.chat("chat"), MASTER)
    assert answer.json()["model"] == "second" and answer.field("x-trivium-attempts") == "2"
    assert f"Bearer {SECRET}\r\n".encode() in second.last()["head"], "from its new place"
    second.script({"default": {"status": 503}})
    assert g.chat(rig.chat("chat"), MASTER).json()["model"] == "third", "the fallback of the name"
    assert b"authorization" not in third.last()["head"].lower()

    assert g.chat(rig.chat("gpt-4o"), MASTER).json()["model"] == "third", "an alias has the same"
    assert g.chat(rig.chat("small"), MASTER).json()["model"] == "third"
    assert g.chat(rig.chat("local-model"), MASTER).json()["model"] == "third"
    assert g.chat(rig.chat("claude"), MASTER).status == 404
    names = {m["id"] for m in g.ask("GET", "/v1/models", fields=MASTER).json()["data"]}
    assert {"chat", "gpt-4o", "small", "local-model"} <= names


def test_what_is_lost_is_listed_with_its_place(company):
    path = company[0]
    done = import_file(path, "--json")
    assert done.returncode == 3
    report = json.loads(done.stdout)
    fates = {}
    for note in report["notes"]:
        fates.setdefault(note["fate"], set()).add(note["path"])
        if note["fate"] in ("lost", "changed", "todo"):
            assert note["text"] and note["line"] > 0 and note["column"] > 0
    assert fates["lost"] == LOST and fates["changed"] == CHANGED
    assert fates["todo"] == {"model_list[1].litellm_params.api_key"}
    assert report["environment"] == ["LITELLM_MASTER_KEY", "KEY_A", "CHAT_KEY"]
    assert (report["models"], report["groups"], report["keys"]) == (3, 3, 1)
    assert report["configuration"].encode() == import_file(path).stdout

    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    for line in import_file(path).stderr.decode().splitlines()[:-1]:
        name, number, column, fate, where, text = line.split(":", 5)
        assert name == path and fate.strip() in ("lost", "changed", "todo") and text
        if "[" not in where.rsplit(".", 1)[-1]:
            assert lines[int(number) - 1][int(column) - 1:].startswith(where.strip().rsplit(".", 1)[-1])


def test_routing_by_latency_and_context_fallbacks(provider, written, serve, folder):
    """A second shape of file: one line for each model, settings of the router only."""
    small, large = provider(), provider()
    path = written(f"""
model_list:
- {{model_name: small, litellm_params: {{model: openai/s, api_base: "{small.url}/v1"}}}}
- {{model_name: large, litellm_params: {{model: openai/l1, api_base: "{large.url}/v1"}}}}
- {{model_name: large, litellm_params: {{model: openai/l2, api_base: "{large.url}/v1"}}}}
router_settings:
  routing_strategy: latency-based-routing
  context_window_fallbacks: [{{small: [large]}}]
  default_fallbacks: [large]
""")
    done = import_file(path)
    yaml = checked(folder, done.stdout)
    assert "prefer: latency" in yaml and "keys:" not in yaml
    g = serve(yaml)
    assert g.chat(rig.chat("small")).json()["model"] == "s"
    small.script({"default": {"status": 429}})
    assert g.chat(rig.chat("small")).json()["model"] in ("l1", "l2")
    assert g.chat(rig.chat("large", stream=True)).status == 200


def test_an_address_in_the_environment(provider, written, serve, folder):
    p = provider()
    path = written("model_list: [{model_name: m, litellm_params: {model: openai/x, "
                   "api_base: os.environ/MY_BASE}}]\n")
    done = import_file(path, env={"MY_BASE": f"{p.url}/v1"})
    assert done.returncode == 0, done.stderr
    assert serve(checked(folder, done.stdout)).chat(rig.chat("m")).json()["model"] == "x"
    for done in (import_file(path), import_file(path, "--detached", env={"MY_BASE": f"{p.url}/v1"})):
        assert done.returncode == 3 and b"MY_BASE" in done.stderr
        assert b"write-the-address-here.invalid" in done.stdout


GOOD = "model_list: [{model_name: m, litellm_params: {model: ollama/x}}]\n"


def test_a_file_is_not_written_over(written, folder):
    path, out = written(GOOD), os.path.join(folder, "out.yaml")
    done = import_file(path, "--output", out)
    assert done.returncode == 0 and done.stdout == b""
    with open(out, "rb") as f:
        assert f.read() == import_file(path).stdout
    with open(out, "w", encoding="utf-8") as f:
        f.write("mine")
    done = import_file(path, "--output", out)
    assert done.returncode == 1 and b"--force" in done.stderr
    with open(out, encoding="utf-8") as f:
        assert f.read() == "mine"
    done = import_file(path, "--output", out, "--force", "--json")
    assert done.returncode == 0 and "configuration" not in json.loads(done.stdout)
    checked(folder, import_file(path).stdout)
    with open(out, "rb") as f:
        assert f.read() == import_file(path).stdout
    assert sorted(os.listdir(folder)) == ["checked.yaml", "config.yaml", "out.yaml"]


WRONG = [
    ("not YAML", "model_list: [\n", ":2:1: error: this is not YAML"),
    ("no models", "router_settings: {}\n", ":1:1: error: there is no `model_list`"),
    ("a wrong type", "model_list: [{model_name: a, litellm_params: {model: ollama/y, timeout: soon}}]\n",
     ":1:73: error: `timeout` must be a number"),
    ("an alias of YAML", "a: &x 1\nmodel_list: *x\n", ":1:4: error: anchors"),
    ("a name twice", "model_list: []\nmodel_list: []\n", ":2:1: error: `model_list` stands twice"),
    ("nothing for us", "model_list: [{model_name: a, litellm_params: {model: bedrock/y}}]\n",
     ":1:13: error: none of these models"),
    ("10 MB", "# " + 10 * 1024 * 1024 * "x", "larger than 8388608 bytes"),
]


@pytest.mark.parametrize("why, text, says", WRONG, ids=[w[0] for w in WRONG])
def test_wrong_files(why, text, says, written, folder):
    out = os.path.join(folder, "out.yaml")
    done = import_file(written(text), "--output", out)
    assert done.returncode == 1 and done.stdout == b"" and says in done.stderr.decode(), why
    assert not os.path.exists(out)
    if why != "10 MB":
        done = import_file(written(text), "--json")
        report = json.loads(done.stdout)
        assert done.returncode == 1 and not report["ok"] and report["messages"][0]["line"] > 0


@pytest.mark.parametrize("arguments", [(), ("envoy", "x"), ("litellm",), ("litellm", "a", "b"),
                                       ("litellm", "--force", "a"), ("litellm", "--output")])
def test_wrong_calls(arguments):
    done = rig.run("import", *arguments)
    assert done.returncode == 2 and b"--help" in done.stderr and done.stdout == b""


def test_no_such_file(folder):
    done = rig.run("import", "litellm", os.path.join(folder, "none.yaml"))
    assert done.returncode == 1 and b"there is no such file" in done.stderr
